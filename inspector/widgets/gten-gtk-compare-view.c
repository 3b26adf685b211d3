/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor beside another that was pinned: both in the same colours, their differences as colours,
 * and the elements that differ most. */
#include "gten-gtk-compare-view.h"

#include "gten-gtk-differences.h"
#include "gten-gtk-heatmap.h"
#include "gten-gtk-question.h"
#include "gten-gtk-tensor-private.h"

#include <glib/gi18n-lib.h>

#define N_WORST 8

struct _GtenGtkCompareView
{
  GtenGtkTensorWidget parent_instance;

  GtenGtkTensor *tensor;
  GtenGtkTensor *other;
  GtkWidget     *name;
  GtkWidget     *heatmaps[2];
  GtkWidget     *measure;
  GtkWidget     *summary;
  GtkWidget     *differences;
  GtkWidget     *worst;
};

G_DEFINE_FINAL_TYPE (GtenGtkCompareView, gten_gtk_compare_view, GTEN_GTK_TYPE_TENSOR_WIDGET)

static const char *const measures[] = { N_ ("Absolute difference"), N_ ("Relative difference"), N_ ("Difference in units in the last place"), NULL };

static void
add_cell (GtenGtkCompareView *self, int column, int row, const char *text, gboolean is_heading)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_label_set_selectable (GTK_LABEL (label), !is_heading);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, is_heading ? "dim-label" : "numeric");
  gtk_widget_add_css_class (label, "caption");
  gtk_grid_attach (GTK_GRID (self->worst), label, column, row, 1, 1);
}

static void
add_headings (GtenGtkCompareView *self)
{
  static const char *const headings[] = { N_ ("Worst at"), N_ ("Pinned"), N_ ("Here"), N_ ("Difference") };

  for (guint column = 0; column < G_N_ELEMENTS (headings); column++)
    add_cell (self, column, 0, _ (headings[column]), TRUE);
}

static void
list_worst (GtenGtkCompareView *self, GtenGtkTensor *differences)
{
  g_autofree guint64 *worst = NULL;
  guint n;

  worst = gten_gtk_tensor_find_worst (differences, N_WORST, &n);
  if (n > 0)
    add_headings (self);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *place = gten_gtk_tensor_format_index (differences, worst[i]);
      g_autofree char *pinned = gten_gtk_tensor_format_value (self->other, worst[i]);
      g_autofree char *here = gten_gtk_tensor_format_value (self->tensor, worst[i]);
      g_autofree char *difference = gten_gtk_tensor_format_value (differences, worst[i]);

      add_cell (self, 0, i + 1, place, FALSE);
      add_cell (self, 1, i + 1, pinned, FALSE);
      add_cell (self, 2, i + 1, here, FALSE);
      add_cell (self, 3, i + 1, difference, FALSE);
    }
}

/* What the program that has all elements says of them. */
static gboolean
read_answer (GVariant *answer, guint64 n_values, GtenGtkDifferences *d)
{
  *d = (GtenGtkDifferences) { .n_values = n_values };
  return g_variant_lookup (answer, "n-different", "t", &d->n_different) && g_variant_lookup (answer, "n-nonfinite", "t", &d->n_not_finite)
         && g_variant_lookup (answer, "mean-absolute", "d", &d->mean)
         && g_variant_lookup (answer, "max-absolute", "d", &d->greatest[GTEN_GTK_MEASURE_ABSOLUTE])
         && g_variant_lookup (answer, "max-relative", "d", &d->greatest[GTEN_GTK_MEASURE_RELATIVE])
         && g_variant_lookup (answer, "max-ulp", "d", &d->greatest[GTEN_GTK_MEASURE_ULP]);
}

/* Of all elements those whose absolute difference is greatest. */
static void
list_answer (GtenGtkCompareView *self, GVariant *answer)
{
  g_autoptr (GVariant) worst = g_variant_lookup_value (answer, "worst", G_VARIANT_TYPE ("a(axddd)"));
  gsize n = worst != NULL ? MIN (g_variant_n_children (worst), N_WORST) : 0;

  if (n > 0)
    add_headings (self);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) index = NULL;
      g_autofree char *place = NULL;
      double numbers[3];         /* here, pinned, their difference */

      g_variant_get_child (worst, i, "(@axddd)", &index, &numbers[0], &numbers[1], &numbers[2]);
      place = g_variant_print (index, FALSE);
      add_cell (self, 0, i + 1, place, FALSE);
      for (guint column = 1; column <= 3; column++)
        {
          g_autofree char *text = gten_gtk_format_number (numbers[column == 3 ? 2 : 2 - column]);
          add_cell (self, column, i + 1, text, FALSE);
        }
    }
}

/* The comparison of all elements where only samples are here, or NULL. */
static GVariant *
find_answer (GtenGtkCompareView *self)
{
  GtenGtkQuestion *question = gten_gtk_tensor_ask (self->tensor, GTEN_GTK_QUESTION_COMPARISON, g_variant_new_uint32 (N_WORST), self->other);

  return question != NULL ? gten_gtk_question_get_answer (question) : NULL;
}

static char *
describe (const GtenGtkDifferences *d, gboolean is_sample)
{
  g_autofree char *absolute = gten_gtk_format_number (d->greatest[GTEN_GTK_MEASURE_ABSOLUTE]);
  g_autofree char *relative = gten_gtk_format_number (d->greatest[GTEN_GTK_MEASURE_RELATIVE]);
  g_autofree char *ulp = gten_gtk_format_number (d->greatest[GTEN_GTK_MEASURE_ULP]);
  g_autofree char *mean = gten_gtk_format_number (d->mean);
  GString *text = g_string_new (NULL);

  if (d->n_different == 0)
    g_string_append (text, _ ("All elements are equal."));
  else
    g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "%lu of %lu elements differs.", "%lu of %lu elements differ.", d->n_different),
                            (gulong) d->n_different, (gulong) d->n_values);
  if (d->n_different > d->n_not_finite)
    {
      g_string_append_c (text, ' ');
      g_string_append_printf (text, _ ("At most %s absolute, %s relative, %s units in the last place; %s in the mean."), absolute, relative, ulp,
                              mean);
    }
  if (d->n_not_finite > 0)
    {
      g_string_append_c (text, ' ');
      g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "%lu is NaN or infinite on one side only.", "%lu are NaN or infinite on one side only.",
                                              d->n_not_finite), (gulong) d->n_not_finite);
    }
  if (d->n_same_nan > 0)
    {
      g_string_append_c (text, ' ');
      g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "%lu is NaN on both sides, which counts as equal.",
                                              "%lu are NaN on both sides, which counts as equal.", d->n_same_nan), (gulong) d->n_same_nan);
    }
  if (is_sample)
    {
      g_string_append_c (text, ' ');
      g_string_append (text, _ ("Only a sample of the elements was compared."));
    }
  return g_string_free (text, FALSE);
}

static void
update (GtenGtkCompareView *self)
{
  GtenGtkDifferences d, all;
  GVariant *answer;
  g_autoptr (GtenGtkTensor) differences = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->worst)) != NULL)
    gtk_grid_remove (GTK_GRID (self->worst), child);
  if (self->tensor == NULL || self->other == NULL)
    return;
  gtk_label_set_text (GTK_LABEL (self->name), gten_gtk_tensor_get_name (self->other));
  gten_gtk_tensor_widget_set_tensor (GTEN_GTK_TENSOR_WIDGET (self->heatmaps[0]), self->other);
  gten_gtk_tensor_widget_set_tensor (GTEN_GTK_TENSOR_WIDGET (self->heatmaps[1]), self->tensor);
  g_object_set (self->heatmaps[1], "reference", self->other, NULL);
  differences = gten_gtk_tensor_compare (self->tensor, self->other, gtk_drop_down_get_selected (GTK_DROP_DOWN (self->measure)), &d, &error);
  gtk_widget_set_visible (self->differences, differences != NULL && d.n_different > 0);
  gtk_widget_set_visible (self->measure, differences != NULL && d.n_different > 0);
  gten_gtk_tensor_widget_set_tensor (GTEN_GTK_TENSOR_WIDGET (self->differences), differences);
  answer = find_answer (self);
  if (answer != NULL && read_answer (answer, gten_gtk_tensor_count (self->tensor), &all))
    {
      text = describe (&all, FALSE);
      gtk_label_set_text (GTK_LABEL (self->summary), text);
      list_answer (self, answer);
      return;
    }
  if (differences == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->summary), error->message);
      return;
    }
  text = describe (&d, gten_gtk_tensor_is_sample (self->tensor));
  gtk_label_set_text (GTK_LABEL (self->summary), text);
  list_worst (self, differences);
}

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GtenGtkCompareView *self = GTEN_GTK_COMPARE_VIEW (widget);

  self->tensor = tensor;
  update (self);
}

static void
dispose (GObject *object)
{
  GtenGtkCompareView *self = GTEN_GTK_COMPARE_VIEW (object);
  GtkWidget *child;

  g_clear_object (&self->other);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (gten_gtk_compare_view_parent_class)->dispose (object);
}

static void
gten_gtk_compare_view_class_init (GtenGtkCompareViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  GTEN_GTK_TENSOR_WIDGET_CLASS (klass)->tensor_changed = tensor_changed;
  g_type_ensure (GTEN_GTK_TYPE_HEATMAP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gtensor/Gtk/gten-gtk-compare-view.ui");
  gtk_widget_class_bind_template_child (widget_class, GtenGtkCompareView, name);
  gtk_widget_class_bind_template_child_full (widget_class, "pinned", FALSE, G_STRUCT_OFFSET (GtenGtkCompareView, heatmaps[0]));
  gtk_widget_class_bind_template_child_full (widget_class, "here", FALSE, G_STRUCT_OFFSET (GtenGtkCompareView, heatmaps[1]));
  gtk_widget_class_bind_template_child (widget_class, GtenGtkCompareView, measure);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkCompareView, summary);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkCompareView, differences);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkCompareView, worst);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_set_css_name (widget_class, "compareview");
}

static void
gten_gtk_compare_view_init (GtenGtkCompareView *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; measures[i] != NULL; i++)
    gtk_string_list_append (names, _ (measures[i]));
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->measure), G_LIST_MODEL (names));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

/**
 * gten_gtk_compare_view_new:
 *
 * Returns: (transfer full): a view without tensors; it is hidden until there is another to compare with
 */
GtkWidget *
gten_gtk_compare_view_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_COMPARE_VIEW, NULL);
}

/**
 * gten_gtk_compare_view_get_other:
 * @self: a view
 *
 * Returns: (transfer none) (nullable): what the tensor is compared with
 */
GtenGtkTensor *
gten_gtk_compare_view_get_other (GtenGtkCompareView *self)
{
  return self->other;
}

/**
 * gten_gtk_compare_view_set_other:
 * @self: a view
 * @other: (nullable): what to compare the tensor with
 *
 * Pins a tensor, or none.
 */
void
gten_gtk_compare_view_set_other (GtenGtkCompareView *self, GtenGtkTensor *other)
{
  if (!g_set_object (&self->other, other))
    return;
  gtk_widget_set_visible (GTK_WIDGET (self), other != NULL);
  update (self);
}
