/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows of a tensor as lines over their columns. What is not finite leaves a gap and a mark at
 * the edge. Of many elements on a pixel the least and the greatest are drawn. */
#include "gten-gtk-line.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "gten-gtk-theme-private.h"

#define MAX_LINES 8
#define CAPTION   18
#define HEIGHT    180

struct _GtenGtkLine
{
  GtenGtkTensorWidget parent_instance;

  GtenGtkTensor *tensor;
  gint64         column;        /* under the pointer, or -1 */
};

G_DEFINE_FINAL_TYPE (GtenGtkLine, gten_gtk_line, GTEN_GTK_TYPE_TENSOR_WIDGET)

/* Lines that are told apart by lightness as well as by hue, after Okabe and Ito. */
static const GtenGtkColor light_lines[MAX_LINES] = { 0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x77767b, 0x241f31 };
static const GtenGtkColor dark_lines[MAX_LINES] = { 0x56b4e9, 0xff8c42, 0x2ec997, 0xe79ac6, 0xf0e442, 0x3f8fd2, 0x9a96a0, 0xf6f5f4 };

static gboolean
has_lines (GtenGtkLine *self)
{
  return self->tensor != NULL && gten_gtk_tensor_get_values (self->tensor) != NULL && gten_gtk_tensor_get_n_rows (self->tensor) > 0
         && gten_gtk_tensor_get_n_columns (self->tensor) > 0;
}

static void
draw_line (GtenGtkLine *self, cairo_t *cr, gint64 row, double low, double high, double width, double height)
{
  gint64 n = gten_gtk_tensor_get_n_columns (self->tensor);
  gint64 step = MAX (1, n / MAX (1, (gint64) width));
  gboolean drawing = FALSE;

  for (gint64 c = 0; c < n; c += step)
    {
      double least = INFINITY, greatest = -INFINITY, x = n > 1 ? c * (width - 2) / (n - 1) + 1 : width / 2;

      for (gint64 k = c; k < MIN (c + step, n); k++)
        {
          double value = gten_gtk_tensor_get_value (self->tensor, row * n + k);

          if (isfinite (value))
            {
              least = MIN (least, value);
              greatest = MAX (greatest, value);
            }
        }
      if (least > greatest)
        {
          drawing = FALSE;
          continue;
        }
      for (guint end = 0; end < (least < greatest ? 2 : 1); end++)
        {
          double y = height - 2 - ((end == 0 ? least : greatest) - low) / (high - low) * (height - 4);

          (drawing ? cairo_line_to : cairo_move_to) (cr, x, y);
          drawing = TRUE;
        }
      if (n == 1 || (c + step < n && !isfinite (gten_gtk_tensor_get_value (self->tensor, row * n + c + step))))
        cairo_rel_line_to (cr, 0.5, 0);
    }
  cairo_stroke (cr);
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkLine *self = GTEN_GTK_LINE (widget);
  const GtenGtkPalette *palette = gten_gtk_widget_palette (widget);
  const GtenGtkColor *colors = palette == &gten_gtk_palette_dark ? dark_lines : light_lines;
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget) - CAPTION, low, high;
  g_autofree char *least = NULL;
  g_autofree char *greatest = NULL;
  GtenGtkStatistics s;
  gint64 n_rows;
  cairo_t *cr;

  if (!has_lines (self) || !gten_gtk_tensor_get_statistics (self->tensor, &s))
    return;
  low = isfinite (s.minimum) ? s.minimum : 0;
  high = isfinite (s.maximum) && s.maximum > low ? s.maximum : low + 1;
  n_rows = gten_gtk_tensor_get_n_rows (self->tensor);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_set_line_width (cr, 1);
  gten_gtk_set_color (cr, palette->border, 1);
  if (low < 0 && high > 0)
    {
      double zero = floor (height - 2 + low / (high - low) * (height - 4)) + 0.5;

      cairo_move_to (cr, 0, zero);
      cairo_line_to (cr, width, zero);
    }
  cairo_rectangle (cr, 0.5, 0.5, width - 1, height - 1);
  cairo_stroke (cr);
  if (self->column >= 0)
    {
      gint64 n = gten_gtk_tensor_get_n_columns (self->tensor);
      double x = n > 1 ? self->column * (width - 2) / (n - 1) + 1 : width / 2;

      gten_gtk_set_color (cr, palette->selection, 1);
      cairo_move_to (cr, x, 0);
      cairo_line_to (cr, x, height);
      cairo_stroke (cr);
    }
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (gint64 r = 0; r < MIN (n_rows, MAX_LINES); r++)
    {
      gten_gtk_set_color (cr, colors[r], 1);
      draw_line (self, cr, r, low, high, width, height);
    }
  cairo_destroy (cr);
  least = gten_gtk_format_number (s.minimum);
  greatest = gten_gtk_format_number (s.maximum);
  gten_gtk_append_text (widget, snapshot, greatest, 4, 2, 0, 0.7);
  gten_gtk_append_text (widget, snapshot, least, 4, height - 18, 0, 0.7);
  if (n_rows > MAX_LINES)
    {
      g_autofree char *more = g_strdup_printf ("%d of %" G_GINT64_FORMAT " rows", MAX_LINES, n_rows);
      gten_gtk_append_text (widget, snapshot, more, width, height + 1, 1, 0.7);
    }
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : HEIGHT + CAPTION;
}

static gint64
find_column (GtenGtkLine *self, double x)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - 2;
  gint64 n = gten_gtk_tensor_get_n_columns (self->tensor);

  return width > 0 ? CLAMP ((gint64) floor ((x - 1) / width * (n - 1) + 0.5), 0, n - 1) : 0;
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, GtenGtkLine *self)
{
  self->column = has_lines (self) ? find_column (self, x) : -1;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (GtkEventControllerMotion *controller, GtenGtkLine *self)
{
  self->column = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  GtenGtkLine *self = GTEN_GTK_LINE (widget);
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 n, column;

  if (keyboard || !has_lines (self))
    return FALSE;
  n = gten_gtk_tensor_get_n_columns (self->tensor);
  column = find_column (self, x);
  for (gint64 r = 0; r < MIN (gten_gtk_tensor_get_n_rows (self->tensor), MAX_LINES); r++)
    {
      g_autofree char *place = gten_gtk_tensor_format_index (self->tensor, r * n + column);
      g_autofree char *value = gten_gtk_tensor_format_value (self->tensor, r * n + column);

      g_string_append_printf (text, "%s%s  %s", r > 0 ? "\n" : "", place, value);
    }
  gtk_tooltip_set_text (tooltip, text->str);
  return TRUE;
}

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GTEN_GTK_LINE (widget)->tensor = tensor;
  gtk_widget_queue_draw (GTK_WIDGET (widget));
}

static void
gten_gtk_line_class_init (GtenGtkLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  GTEN_GTK_TENSOR_WIDGET_CLASS (klass)->tensor_changed = tensor_changed;
  widget_class->snapshot = snapshot;
  widget_class->measure = measure;
  widget_class->query_tooltip = query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "tensorline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gten_gtk_line_init (GtenGtkLine *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->column = -1;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Line plot"), -1);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
}

/**
 * gten_gtk_line_new:
 *
 * Returns: (transfer full): a plot without a tensor
 */
GtkWidget *
gten_gtk_line_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_LINE, NULL);
}
