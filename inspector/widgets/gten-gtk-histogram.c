/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the finite elements of a tensor are distributed between the least and the greatest; what is
 * not finite is counted apart. Of a tensor of which a sample is here the sample is shown until all elements have been
 * counted where they are. */
#include "gten-gtk-histogram.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "gten-gtk-question.h"
#include "gten-gtk-theme-private.h"

#define N_BINS   48
#define MAX_READ 1000000      /* elements; of more, every n-th is counted */
#define CAPTION  18

struct _GtenGtkHistogram
{
  GtenGtkTensorWidget parent_instance;

  GtenGtkTensor *tensor;
  gboolean       counted;
  guint64        counts[N_BINS];
};

G_DEFINE_FINAL_TYPE (GtenGtkHistogram, gten_gtk_histogram, GTEN_GTK_TYPE_TENSOR_WIDGET)

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GtenGtkHistogram *self = GTEN_GTK_HISTOGRAM (widget);

  self->tensor = tensor;
  self->counted = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
count (GtenGtkHistogram *self, const GtenGtkStatistics *s)
{
  guint64 n = (guint64) gten_gtk_tensor_get_n_rows (self->tensor) * gten_gtk_tensor_get_n_columns (self->tensor);
  guint64 step = n / MAX_READ + 1;
  double range = s->maximum - s->minimum;
  GtenGtkQuestion *question = gten_gtk_tensor_ask (self->tensor, GTEN_GTK_QUESTION_HISTOGRAM, g_variant_new_uint32 (N_BINS), NULL);
  GVariant *answer = question != NULL ? gten_gtk_question_get_answer (question) : NULL;
  gsize n_bins;

  self->counted = TRUE;
  if (answer != NULL)
    {
      memcpy (self->counts, g_variant_get_fixed_array (answer, &n_bins, sizeof (guint64)), sizeof self->counts);
      return;
    }
  memset (self->counts, 0, sizeof self->counts);
  for (guint64 i = 0; i < n; i += step)
    {
      double value = gten_gtk_tensor_get_value (self->tensor, i);

      if (isfinite (value))
        self->counts[range > 0 ? (guint) CLAMP ((value - s->minimum) / range * N_BINS, 0, N_BINS - 1) : N_BINS / 2]++;
    }
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkHistogram *self = GTEN_GTK_HISTOGRAM (widget);
  const GtenGtkPalette *palette = gten_gtk_widget_palette (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget) - CAPTION, scale;
  g_autofree char *minimum = NULL;
  g_autofree char *maximum = NULL;
  g_autofree char *others = NULL;
  GtenGtkStatistics s;
  guint64 highest = 1;
  cairo_t *cr;

  if (self->tensor == NULL || gten_gtk_tensor_get_values (self->tensor) == NULL
      || !gten_gtk_tensor_get_statistics (self->tensor, &s))
    return;
  if (!self->counted)
    count (self, &s);
  for (guint i = 0; i < N_BINS; i++)
    highest = MAX (highest, self->counts[i]);
  scale = gten_gtk_palette_scale (self->tensor);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  for (guint i = 0; i < N_BINS; i++)
    {
      double bar = self->counts[i] > 0 ? MAX (2, (height - 4) * self->counts[i] / highest) : 0;
      double value = s.minimum + (s.maximum - s.minimum) * (i + 0.5) / N_BINS;

      cairo_rectangle (cr, i * width / N_BINS + 0.5, height - bar, width / N_BINS - 1, bar);
      gten_gtk_set_color (cr, fabs (value) < scale / 4 ? palette->dim : gten_gtk_palette_map (palette, value, 2 * scale), 1);
      cairo_fill (cr);
    }
  gten_gtk_set_color (cr, palette->border, 1);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, 0, height - 0.5);
  cairo_line_to (cr, width, height - 0.5);
  if (s.minimum < 0 && s.maximum > 0)
    {
      double zero = floor (-s.minimum / (s.maximum - s.minimum) * width) + 0.5;

      cairo_move_to (cr, zero, 0);
      cairo_line_to (cr, zero, height);
    }
  cairo_stroke (cr);
  cairo_destroy (cr);

  minimum = gten_gtk_format_number (s.minimum);
  maximum = gten_gtk_format_number (s.maximum);
  gten_gtk_append_text (widget, snapshot, minimum, 0, height + 1, 0, 1);
  gten_gtk_append_text (widget, snapshot, maximum, width, height + 1, 1, 1);
  if (s.n_nan + s.n_infinite > 0)
    others = g_strdup_printf (_ ("%lu NaN, %lu infinite"), (gulong) s.n_nan, (gulong) s.n_infinite);
  else
    {
      g_autofree char *mean = gten_gtk_format_number (s.mean);
      others = g_strdup_printf (_ ("mean %s"), mean);
    }
  gten_gtk_append_text (widget, snapshot, others, width / 2, height + 1, 0.5, 1);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : 140;
}

static void
gten_gtk_histogram_class_init (GtenGtkHistogramClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GtenGtkTensorWidgetClass *tensor_class = GTEN_GTK_TENSOR_WIDGET_CLASS (klass);

  tensor_class->tensor_changed = tensor_changed;
  widget_class->snapshot = snapshot;
  widget_class->measure = measure;
  gtk_widget_class_set_css_name (widget_class, "histogram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gten_gtk_histogram_init (GtenGtkHistogram *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Histogram"),
                                  -1);
}

/**
 * gten_gtk_histogram_new:
 *
 * Returns: (transfer full): a histogram without a tensor
 */
GtkWidget *
gten_gtk_histogram_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_HISTOGRAM, NULL);
}
