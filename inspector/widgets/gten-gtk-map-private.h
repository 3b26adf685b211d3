/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The whole graph, small, in a corner of a view that shows a part of it. */
#pragma once

#include <graphene.h>

#include "gten-gtk-paint-private.h"

G_BEGIN_DECLS

typedef struct
{
  double           x, y, width, height;   /* in the widget; width is 0 while there is no map */
  double           zoom, left, top;       /* of the picture in the map */
  cairo_surface_t *surface;               /* NULL when it is to be drawn anew */
  double           drawn_zoom;
  const GtenGtkPalette *palette;
} GtenGtkMap;

/* FALSE where there is no map: all is seen, or there is no room. */
gboolean gten_gtk_map_place (GtenGtkMap *self, const GtenGtkLayout *layout, const GtenGtkView *view, graphene_rect_t *bounds);
/* Where it was placed. */
void     gten_gtk_map_paint (GtenGtkMap *self, cairo_t *cr, GtenGtkGraph *graph,
                             const GtenGtkLayout *layout, const GtenGtkView *view);
/* The graph has changed. */
void     gten_gtk_map_clear (GtenGtkMap *self);
/* The point of the layout under a point of the widget, if the map is there. */
gboolean gten_gtk_map_pick  (const GtenGtkMap *self, double x, double y, double *layout_x, double *layout_y);

G_END_DECLS
