/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The signs within a node: a small heatmap of a tensor, and the state of a gradient. */
#include "gten-gtk-paint-private.h"

#define THUMB_CELLS 12

/* A box with diagonals, as one path: a large graph has thousands of them. */
static void
hatch (cairo_t *cr, double x, double y, double width, double height, GtenGtkColor color)
{
  const double spacing = 8;

  cairo_rectangle (cr, x, y, width, height);
  for (double d = spacing; d < width + height; d += spacing)
    {
      cairo_move_to (cr, x + MIN (d, width), y + MAX (0, d - width));
      cairo_line_to (cr, x + MAX (0, d - height), y + MIN (d, height));
    }
  gten_gtk_set_color (cr, color, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

/* One image, with cells of several pixels each: viewers of PDF smooth images when they enlarge
 * them, and so do some of SVG, which can say that they shall not. */
static void
draw_cells (cairo_t *cr, GtenGtkTensor *tensor, guint down, guint across, double x, double y, double width, double height,
            const GtenGtkPalette *palette)
{
  guint64 n_rows = gten_gtk_tensor_get_n_rows (tensor), n_columns = gten_gtk_tensor_get_n_columns (tensor);
  gboolean is_svg = cairo_surface_get_type (cairo_get_target (cr)) == CAIRO_SURFACE_TYPE_SVG;
  guint cell = (is_svg ? 2 : 4) * THUMB_CELLS / MAX (down, across);
  double scale = gten_gtk_palette_scale (tensor);
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_RGB24, across * cell,
                                                       down * cell);
  guint32 *pixels = (guint32 *) cairo_image_surface_get_data (image);
  guint stride = cairo_image_surface_get_stride (image) / sizeof *pixels;

  for (guint r = 0; r < down; r++)
    for (guint c = 0; c < across; c++)
      {
        double value = gten_gtk_tensor_get_value (tensor, r * n_rows / down * n_columns + c * n_columns / across);
        GtenGtkColor color = gten_gtk_palette_map (palette, value, scale);

        for (guint i = 0; i < cell * cell; i++)
          pixels[(r * cell + i / cell) * stride + c * cell + i % cell] = color;
      }
  cairo_surface_mark_dirty (image);
  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, width / (across * cell), height / (down * cell));
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (image);
}

void
gten_gtk_paint_thumb (cairo_t *cr, GtenGtkTensor *tensor, gboolean is_known, double x, double y, double size,
                      const GtenGtkPalette *palette)
{
  gint64 n_rows = gten_gtk_tensor_get_n_rows (tensor), n_columns = gten_gtk_tensor_get_n_columns (tensor);
  gint64 down = MIN (n_rows, THUMB_CELLS), across = MIN (n_columns, THUMB_CELLS);
  double height = n_rows == 1 && n_columns > 1 ? size / 3 : size, width = n_columns == 1 && n_rows > 1 ? size / 3 : size;

  x += (size - width) / 2;
  y += (size - height) / 2;
  if (!is_known || gten_gtk_tensor_get_values (tensor) == NULL || n_rows <= 0 || n_columns <= 0)
    {
      hatch (cr, x, y, width, height, palette->hatch);
      return;
    }
  draw_cells (cr, tensor, down, across, x, y, width, height, palette);
  gten_gtk_set_color (cr, palette->text, 0.25);
  cairo_set_line_width (cr, 0.75);
  cairo_rectangle (cr, x, y, width, height);
  cairo_stroke (cr);
}

void
gten_gtk_paint_state (cairo_t *cr, GtenGtkState state, double part, double x, double y, double radius,
                      const GtenGtkPalette *palette)
{
  GtenGtkColor color = palette->states[state];

  cairo_save (cr);
  gten_gtk_set_color (cr, color, 1);
  cairo_set_line_width (cr, radius / 3.5);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_new_path (cr);
  switch (state)
    {
    case GTEN_GTK_STATE_NOT_NEEDED:
      cairo_move_to (cr, x - radius * 0.6, y);
      cairo_line_to (cr, x + radius * 0.6, y);
      cairo_stroke (cr);
      break;
    case GTEN_GTK_STATE_PENDING:
      cairo_arc (cr, x, y, radius * 0.8, 0, 2 * G_PI);
      cairo_stroke (cr);
      break;
    case GTEN_GTK_STATE_PARTIAL:
      cairo_move_to (cr, x, y);
      cairo_arc (cr, x, y, radius * 0.8, -G_PI / 2, -G_PI / 2 + 2 * G_PI * CLAMP (part, 0.1, 0.9));
      cairo_close_path (cr);
      cairo_fill (cr);
      cairo_arc (cr, x, y, radius * 0.8, 0, 2 * G_PI);
      cairo_stroke (cr);
      break;
    case GTEN_GTK_STATE_READY:
      cairo_arc (cr, x, y, radius * 0.8, 0, 2 * G_PI);
      cairo_stroke (cr);
      cairo_arc (cr, x, y, radius * 0.4, 0, 2 * G_PI);
      cairo_fill (cr);
      break;
    case GTEN_GTK_STATE_RUNNING:
      cairo_move_to (cr, x - radius * 0.5, y - radius * 0.8);
      cairo_line_to (cr, x + radius * 0.8, y);
      cairo_line_to (cr, x - radius * 0.5, y + radius * 0.8);
      cairo_close_path (cr);
      cairo_fill_preserve (cr);
      cairo_stroke (cr);
      break;
    default:
      cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
      cairo_fill (cr);
      gten_gtk_set_color (cr, palette->card, 1);
      cairo_move_to (cr, x - radius * 0.45, y);
      cairo_line_to (cr, x - radius * 0.1, y + radius * 0.4);
      cairo_line_to (cr, x + radius * 0.5, y - radius * 0.4);
      cairo_stroke (cr);
      break;
    }
  cairo_restore (cr);
}
