/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor as colours: exactly the visible device pixels are computed, so that nothing is smoothed
 * and cost does not grow with the tensor. Where several elements fall on a pixel, the one of the
 * largest magnitude is shown, what is not finite before all. */
#include "gten-gtk-heatmap.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "gten-gtk-color-scale-private.h"
#include "gten-gtk-tensor-private.h"
#include "gten-gtk-theme-private.h"

#define MAX_CELL     96       /* a 1x1 tensor is no poster */
#define NUMBER_WIDTH 44       /* from this width on a cell shows its value */
#define MAX_READ     64       /* elements looked at per pixel */
#define LEGEND       26       /* height of the bar of colours with its numbers */
#define LEGEND_WIDTH 260

struct _GtenGtkHeatmap
{
  GtenGtkTensorWidget parent_instance;

  GtenGtkTensor *tensor;
  GtenGtkTensor *reference;             /* whose range the colours have; NULL for the tensor's */
  GtenGtkColormap colormap;
  GtenGtkRange   range;
  GtenGtkColorScale scale;
  GdkTexture    *texture;
  GtenGtkQuestion *asked, *answered;    /* for a picture of all elements where a sample is here */
  guint          age;                   /* of the tensor that they are about */
  double         x, y, width, height;   /* where the picture is in the widget */
  const GtenGtkPalette *palette;        /* of the texture */
};

G_DEFINE_FINAL_TYPE (GtenGtkHeatmap, gten_gtk_heatmap, GTEN_GTK_TYPE_TENSOR_WIDGET)

enum { PROP_REFERENCE = 1, PROP_COLORMAP, PROP_RANGE, N_PROPS };

static GParamSpec *properties[N_PROPS];

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GtenGtkHeatmap *self = GTEN_GTK_HEATMAP (widget);

  if (self->tensor != tensor || (tensor != NULL && self->age != tensor->age))
    {
      g_clear_object (&self->asked);
      g_clear_object (&self->answered);
    }
  self->tensor = tensor;
  self->age = tensor != NULL ? tensor->age : 0;
  g_clear_object (&self->texture);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static gboolean
has_picture (GtenGtkHeatmap *self)
{
  return self->tensor != NULL && gten_gtk_tensor_get_values (self->tensor) != NULL && gten_gtk_tensor_get_n_rows (self->tensor) > 0
         && gten_gtk_tensor_get_n_columns (self->tensor) > 0;
}

static void
place (GtenGtkHeatmap *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self)) - LEGEND;
  double columns = self->tensor->n_dims > 0 ? self->tensor->shape[self->tensor->n_dims - 1] : 1;
  double rows = gten_gtk_tensor_count (self->tensor) / columns;
  double cell = MIN (MIN (width / columns, height / rows), MAX_CELL);

  /* Long and thin tensors fill the view in the other direction as far as cells stay cells. */
  if (cell >= 1)
    cell = floor (cell);
  self->width = MAX (cell * columns, MIN (width, 1));
  self->height = MAX (cell * rows, MIN (height, 1));
  if (rows == 1)
    self->height = MIN (height, MAX (self->height, 28));
  if (columns == 1)
    self->width = MIN (width, MAX (self->width, 28));
  if (cell < 1)
    {
      self->width = MAX (self->width, MIN (width, 16));
      self->height = MAX (self->height, MIN (height, 16));
    }
  self->x = floor ((width - self->width) / 2);
  self->y = floor ((height - self->height) / 2);
}

/* How many rows and columns are drawn: those of a picture of all elements, or those that are here. */
static const float *
find_picture (GtenGtkHeatmap *self, gint64 *n_rows, gint64 *n_columns)
{
  guint width, height;
  const float *pixels = self->answered != NULL ? gten_gtk_question_get_pixels (self->answered, &width, &height) : NULL;

  *n_rows = pixels != NULL ? height : gten_gtk_tensor_get_n_rows (self->tensor);
  *n_columns = pixels != NULL ? width : gten_gtk_tensor_get_n_columns (self->tensor);
  return pixels;
}

/* One question at a time, however often the size changes. */
static void
ask (GtenGtkHeatmap *self, guint width, guint height)
{
  if (self->asked == NULL || gten_gtk_question_is_answered (self->asked))
    g_set_object (&self->asked, gten_gtk_tensor_ask_picture (self->tensor, width, height, "absmax"));
  if (self->asked != NULL && gten_gtk_question_get_answer (self->asked) != NULL)
    g_set_object (&self->answered, self->asked);
}

/* The element to show for a range of rows and columns. */
static double
pick_value (GtenGtkTensor *tensor, gint64 row, gint64 end_row, gint64 column, gint64 end_column)
{
  gint64 n_columns = gten_gtk_tensor_get_n_columns (tensor);
  gint64 row_step = MAX (1, (end_row - row) * (end_column - column) / MAX_READ / MAX (1, end_column - column));
  gint64 column_step = MAX (1,
                            (end_column - column) / (MAX_READ / MAX (1, MIN (end_row - row, 8))));
  double best = gten_gtk_tensor_get_value (tensor, row * n_columns + column);

  for (gint64 r = row; r < end_row; r += row_step)
    for (gint64 c = column; c < end_column; c += column_step)
      {
        double value = gten_gtk_tensor_get_value (tensor, r * n_columns + c);

        if (!isfinite (value))
          return value;
        if (fabs (value) > fabs (best))
          best = value;
      }
  return best;
}

static GdkTexture *
make_texture (GtenGtkHeatmap *self)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  guint width = MAX (1, self->width * factor), height = MAX (1, self->height * factor);
  gint64 n_rows, n_columns;
  const float *picture;
  guint32 *pixels = g_new (guint32, (gsize) width * height);
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, (gsize) width * height * sizeof *pixels);
  gint64 last_row = -1;

  ask (self, width, height);
  picture = find_picture (self, &n_rows, &n_columns);
  for (guint y = 0; y < height; y++)
    {
      gint64 row = y * n_rows / height, end_row = MAX (row + 1, (y + 1) * n_rows / height), last_column = -1;

      if (n_rows <= height && row == last_row)
        {
          memcpy (pixels + (gsize) y * width, pixels + (gsize) (y - 1) * width,
                  width * sizeof *pixels);
          continue;
        }
      last_row = row;
      for (guint x = 0; x < width; x++)
        {
          gint64 column = x * n_columns / width, end_column = MAX (column + 1, (x + 1) * n_columns / width);

          pixels[(gsize) y * width + x] = n_columns <= width && column == last_column ? pixels[(gsize) y * width + x - 1]
            : 0xff000000u | gten_gtk_color_scale_map (&self->scale, picture != NULL ? picture[row * n_columns + column]
                                                                    : pick_value (self->tensor, row, end_row, column, end_column));
          last_column = column;
        }
    }
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes,
                                 (gsize) width * sizeof *pixels);
}

static void
snapshot_numbers (GtenGtkHeatmap *self, GtkSnapshot *snapshot)
{
  gint64 n_rows = gten_gtk_tensor_get_n_rows (self->tensor), n_columns = gten_gtk_tensor_get_n_columns (self->tensor);
  double cell_width = self->width / n_columns, cell_height = self->height / n_rows;
  g_autoptr (PangoLayout) layout = NULL;

  if (cell_width < NUMBER_WIDTH || cell_height < 18)
    return;
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
  for (gint64 i = 0; i < n_rows * n_columns; i++)
    {
      g_autofree char *text = gten_gtk_tensor_format_value (self->tensor, i);
      GtenGtkColor color = gten_gtk_color_scale_map (&self->scale,
                                                     gten_gtk_tensor_get_value (self->tensor, i));
      gboolean is_light = (color >> 16 & 255) * 0.3 + (color >> 8 & 255) * 0.59 + (color & 255) * 0.11 > 140;
      GdkRGBA ink = is_light ? (GdkRGBA) { 0.1f, 0.1f, 0.1f, 1 } : (GdkRGBA) { 1, 1, 1, 1 };
      int width, height;

      pango_layout_set_text (layout, text, -1);
      pango_layout_get_pixel_size (layout, &width, &height);
      if (width > cell_width - 4)
        continue;
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (self->x + (i % n_columns + 0.5) * cell_width - width / 2.0,
                                                              self->y + (i / n_columns + 0.5) * cell_height - height / 2.0));
      gtk_snapshot_append_layout (snapshot, layout, &ink);
      gtk_snapshot_restore (snapshot);
    }
}

/* The colours and the numbers that they run between. */
static void
snapshot_legend (GtenGtkHeatmap *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), left;
  g_autofree char *low = gten_gtk_format_number (self->scale.low);
  g_autofree char *high = gten_gtk_format_number (self->scale.high);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, low);
  int low_width, high_width, text_height;
  GdkRGBA ink;
  cairo_t *cr;

  if (self->scale.high <= self->scale.low)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  ink.alpha *= 0.7;
  pango_layout_get_pixel_size (layout, &low_width, &text_height);
  width = MIN (width, LEGEND_WIDTH);
  left = floor ((gtk_widget_get_width (widget) - width) / 2);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (left, height - LEGEND / 2.0 - text_height / 2.0 + 3));
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  pango_layout_set_text (layout, high, -1);
  pango_layout_get_pixel_size (layout, &high_width, NULL);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (width - high_width, 0));
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  gtk_snapshot_restore (snapshot);

  left += low_width + 8;
  width -= low_width + high_width + 16;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (left, height - LEGEND, MAX (width, 0), LEGEND));
  for (int x = 0; x < width; x++)
    {
      gten_gtk_set_color (cr, gten_gtk_color_scale_at (&self->scale, x / width), 1);
      cairo_rectangle (cr, left + x, height - LEGEND / 2.0 - 1, 1, 8);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkHeatmap *self = GTEN_GTK_HEATMAP (widget);
  const GtenGtkPalette *palette = gten_gtk_widget_palette (widget);

  if (!has_picture (self))
    return;
  if (self->texture == NULL || self->palette != palette)
    {
      g_clear_object (&self->texture);
      place (self);
      gten_gtk_color_scale_init (&self->scale, palette, self->colormap, self->range,
                                 self->reference != NULL ? self->reference : self->tensor);
      self->texture = make_texture (self);
      self->palette = palette;
    }
  gtk_snapshot_append_texture (snapshot, self->texture,
                               &GRAPHENE_RECT_INIT (self->x, self->y, self->width, self->height));
  snapshot_numbers (self, snapshot);
  snapshot_legend (self, snapshot);
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  g_clear_object (&GTEN_GTK_HEATMAP (widget)->texture);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  GtenGtkHeatmap *self = GTEN_GTK_HEATMAP (widget);
  gint64 n = !has_picture (self) ? 1
             : orientation == GTK_ORIENTATION_HORIZONTAL ? gten_gtk_tensor_get_n_columns (self->tensor)
                                                         : gten_gtk_tensor_get_n_rows (self->tensor);

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : 60;
  *natural = CLAMP (n * 64, *minimum, 280) + (orientation == GTK_ORIENTATION_VERTICAL ? LEGEND : 0);
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? *minimum : *natural;
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  GtenGtkHeatmap *self = GTEN_GTK_HEATMAP (widget);
  g_autofree char *value = NULL;
  g_autofree char *place = NULL;
  g_autofree char *text = NULL;
  gint64 n_rows, n_columns, row, column, index;
  const float *picture;

  if (keyboard || !has_picture (self) || x < self->x || y < self->y || x >= self->x + self->width
      || y >= self->y + self->height)
    return FALSE;
  picture = find_picture (self, &n_rows, &n_columns);
  row = (y - self->y) * n_rows / self->height;
  column = (x - self->x) * n_columns / self->width;
  index = row * n_columns + column;
  value = picture != NULL ? gten_gtk_format_number (picture[index]) : gten_gtk_tensor_format_value (self->tensor, index);
  place = picture != NULL ? gten_gtk_tensor_format_part (self->tensor, row, n_rows, column, n_columns)
                          : gten_gtk_tensor_format_index (self->tensor, index);
  text = g_strdup_printf ("%s  %s", place, value);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkHeatmap *self = GTEN_GTK_HEATMAP (object);

  switch (id)
    {
    case PROP_REFERENCE:
      g_value_set_object (value, self->reference);
      break;
    case PROP_COLORMAP:
      g_value_set_enum (value, self->colormap);
      break;
    case PROP_RANGE:
      g_value_set_enum (value, self->range);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GtenGtkHeatmap *self = GTEN_GTK_HEATMAP (object);

  switch (id)
    {
    case PROP_REFERENCE:
      g_set_object (&self->reference, g_value_get_object (value));
      break;
    case PROP_COLORMAP:
      self->colormap = g_value_get_enum (value);
      break;
    case PROP_RANGE:
      self->range = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  g_clear_object (&self->texture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
dispose (GObject *object)
{
  GtenGtkHeatmap *self = GTEN_GTK_HEATMAP (object);

  g_clear_object (&self->reference);
  g_clear_object (&self->asked);
  g_clear_object (&self->answered);
  g_clear_object (&self->texture);
  G_OBJECT_CLASS (gten_gtk_heatmap_parent_class)->dispose (object);
}

static void
gten_gtk_heatmap_class_init (GtenGtkHeatmapClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  GtenGtkTensorWidgetClass *tensor_class = GTEN_GTK_TENSOR_WIDGET_CLASS (klass);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  tensor_class->tensor_changed = tensor_changed;
  widget_class->snapshot = snapshot;
  widget_class->size_allocate = size_allocate;
  widget_class->measure = measure;
  widget_class->query_tooltip = query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "heatmap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  /**
   * GtenGtkHeatmap:reference:
   *
   * The tensor whose range the colours have, so that several heatmaps can be compared; %NULL for the
   * one that is shown.
   */
  properties[PROP_REFERENCE] = g_param_spec_object ("reference", NULL, NULL, GTEN_GTK_TYPE_TENSOR, flags);
  /**
   * GtenGtkHeatmap:colormap:
   *
   * The colours.
   */
  properties[PROP_COLORMAP] = g_param_spec_enum ("colormap", NULL, NULL, GTEN_GTK_TYPE_COLORMAP,
                                                 GTEN_GTK_COLORMAP_DIVERGING, flags);
  /**
   * GtenGtkHeatmap:range:
   *
   * The numbers that they run between.
   */
  properties[PROP_RANGE] = g_param_spec_enum ("range", NULL, NULL, GTEN_GTK_TYPE_RANGE,
                                              GTEN_GTK_RANGE_SYMMETRIC, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
gten_gtk_heatmap_init (GtenGtkHeatmap *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Heatmap"),
                                  -1);
}

/**
 * gten_gtk_heatmap_new:
 *
 * Returns: (transfer full): a heatmap without a tensor
 */
GtkWidget *
gten_gtk_heatmap_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_HEATMAP, NULL);
}
