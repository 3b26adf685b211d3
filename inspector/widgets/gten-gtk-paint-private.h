/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The picture of a graph, as a function of model, view and palette and nothing else: the widget on
 * the screen and the export to a file draw the same. */
#pragma once

#include "gten-gtk-arrangement-private.h"
#include "gten-gtk-graph-private.h"
#include "gten-gtk-label-private.h"
#include "gten-gtk-palette-private.h"

G_BEGIN_DECLS

typedef struct
{
  double  x, y;                    /* of the layout, at the top left corner of the view */
  double  zoom;                    /* device-independent pixels per pixel of the layout */
  double  width, height;           /* of the view */
  guint   selected;                /* index of a box of the layout, or GTEN_GTK_NO_NODE */
  guint   hovered;
  const GtenGtkArrangement *arrangement;   /* NULL: each box is the node of its index */
  GtkBitset *marked;               /* nodes that stand out, or NULL */
  GtkBitset *dimmed;               /* nodes that stand back, or NULL */
  guint   producer;                /* node that first made what is not finite, or GTEN_GTK_NO_NODE */
  const GtenGtkPalette *palette;
  GArray *labels;                  /* takes texts that are not to be drawn yet, or NULL */
} GtenGtkView;

/* Does nothing while there is no layout. */
void  gten_gtk_paint_graph   (cairo_t *cr, GtenGtkGraph *graph, const GtenGtkLayout *layout,
                              const GtenGtkView *view);
/* The sign of a state in a circle of the given radius. */
void  gten_gtk_paint_state   (cairo_t *cr, GtenGtkState state, double part, double x, double y, double radius,
                              const GtenGtkPalette *palette);
/* A small heatmap, in at most 12 x 12 cells; hatching where values are not known. */
void  gten_gtk_paint_thumb   (cairo_t *cr, GtenGtkTensor *tensor, gboolean is_known, double x, double y, double size,
                              const GtenGtkPalette *palette);
/* The box at a point of the layout, or GTEN_GTK_NO_NODE. */
guint gten_gtk_pick_node     (const GtenGtkLayout *layout, double x, double y);
/* Where a node's picture is large enough to show values. */
gboolean gten_gtk_shows_values (double zoom);
/* Where it is so small that only density is drawn. */
gboolean gten_gtk_shows_density (double zoom);
/* Appends the boxes and, unless edges is NULL, the routes that a view may show. */
void  gten_gtk_find_visible  (const GtenGtkLayout *layout, const GtenGtkView *view, GArray *nodes, GArray *edges);

G_END_DECLS
