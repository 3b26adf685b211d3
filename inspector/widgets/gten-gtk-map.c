/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-map-private.h"

#include <math.h>

#define MAP_SIZE     150.0
#define MAP_MARGIN   12.0
#define MAP_LEAST    18.0
#define MAP_FRAME    4.0

static gboolean
is_all_visible (const GtenGtkLayout *layout, const GtenGtkView *view)
{
  return view->x < layout->left + 1 && view->y < layout->top + 1
         && view->x + view->width / view->zoom > layout->left + layout->width - 1
         && view->y + view->height / view->zoom > layout->top + layout->height - 1;
}

static void
draw_surface (GtenGtkMap *self, cairo_t *cr, GtenGtkGraph *graph, const GtenGtkLayout *layout,
              const GtenGtkView *view)
{
  GtenGtkView map = *view;
  cairo_t *map_cr;

  map.zoom = self->zoom;
  map.x = self->left;
  map.y = self->top;
  map.width = self->width;
  map.height = self->height;
  map.hovered = map.selected = GTEN_GTK_NO_NODE;
  self->surface = cairo_surface_create_similar (cairo_get_target (cr), CAIRO_CONTENT_COLOR, ceil (self->width), ceil (self->height));
  self->palette = view->palette;
  self->drawn_zoom = self->zoom;
  map_cr = cairo_create (self->surface);
  gten_gtk_paint_graph (map_cr, graph, layout, &map);
  cairo_destroy (map_cr);
}

gboolean
gten_gtk_map_place (GtenGtkMap *self, const GtenGtkLayout *layout, const GtenGtkView *view, graphene_rect_t *bounds)
{
  self->width = 0;
  if (is_all_visible (layout, view) || view->width < 3 * MAP_SIZE || view->height < 2 * MAP_SIZE)
    return FALSE;
  self->zoom = MIN (MAP_SIZE / layout->width, MAP_SIZE / layout->height);
  self->width = MAX (layout->width * self->zoom, MAP_LEAST);
  self->height = MAX (layout->height * self->zoom, MAP_LEAST);
  self->x = view->width - self->width - MAP_MARGIN;
  self->y = view->height - self->height - MAP_MARGIN;
  self->left = layout->left + (layout->width - self->width / self->zoom) / 2;
  self->top = layout->top + (layout->height - self->height / self->zoom) / 2;
  *bounds = GRAPHENE_RECT_INIT (floor (self->x - MAP_FRAME - 1), floor (self->y - MAP_FRAME - 1),
                                ceil (self->width + 2 * MAP_FRAME + 3), ceil (self->height + 2 * MAP_FRAME + 3));
  return TRUE;
}

void
gten_gtk_map_paint (GtenGtkMap *self, cairo_t *cr, GtenGtkGraph *graph,
                    const GtenGtkLayout *layout, const GtenGtkView *view)
{
  if (self->surface != NULL && (self->palette != view->palette || self->drawn_zoom != self->zoom))
    gten_gtk_map_clear (self);
  if (self->surface == NULL)
    draw_surface (self, cr, graph, layout, view);

  cairo_save (cr);
  cairo_translate (cr, self->x, self->y);
  cairo_rectangle (cr, -MAP_FRAME, -MAP_FRAME, self->width + 2 * MAP_FRAME, self->height + 2 * MAP_FRAME);
  gten_gtk_set_color (cr, view->palette->canvas, 1);
  cairo_fill_preserve (cr);
  gten_gtk_set_color (cr, view->palette->border, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_rectangle (cr, 0, 0, self->width, self->height);
  cairo_clip (cr);
  cairo_set_source_surface (cr, self->surface, 0, 0);
  cairo_paint (cr);
  cairo_rectangle (cr, (view->x - self->left) * self->zoom, (view->y - self->top) * self->zoom,
                   view->width / view->zoom * self->zoom, view->height / view->zoom * self->zoom);
  gten_gtk_set_color (cr, view->palette->selection, 0.12);
  cairo_fill_preserve (cr);
  gten_gtk_set_color (cr, view->palette->selection, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
gten_gtk_map_clear (GtenGtkMap *self)
{
  g_clear_pointer (&self->surface, cairo_surface_destroy);
}

gboolean
gten_gtk_map_pick (const GtenGtkMap *self, double x, double y, double *layout_x, double *layout_y)
{
  if (self->width == 0 || x < self->x || y < self->y || x >= self->x + self->width || y >= self->y + self->height)
    return FALSE;
  *layout_x = self->left + (x - self->x) / self->zoom;
  *layout_y = self->top + (y - self->y) / self->zoom;
  return TRUE;
}
