/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the nodes and edges of a backward graph are drawn. Plain C on index arrays, so that it runs
 * in any thread.
 *
 * A node's index is its place in the engine's order: the loss is node 0, and an edge leads from a
 * node to one of its inputs, which has the higher index. In the picture an input lies above its
 * user. Positions are in pixels at zoom 1; a new picture begins at 0, 0.
 *
 * When a graph grows, its picture does so as well: nodes that were there stay where they are, to the
 * last bit, and new ones are placed around them, in rows above and below or where a row has room. So
 * an input may come to lie beside or below its user; the line between them then leads around. */
#pragma once

#include <gio/gio.h>

#include "gten-gtk-index-private.h"

G_BEGIN_DECLS

#define GTEN_GTK_NODE_WIDTH  212
#define GTEN_GTK_NODE_HEIGHT 92
#define GTEN_GTK_CHIP_WIDTH  148
#define GTEN_GTK_CHIP_HEIGHT 42

typedef struct
{
  guint          n_nodes;
  const guint8  *is_leaf;   /* per node: accumulates into a leaf, so it may be a chip beside its user */
  guint          n_edges;
  const guint32 *user;      /* per edge */
  const guint32 *input;     /* per edge; edges that do not lead to a higher index are not drawn */
} GtenGtkLayoutInput;

typedef struct
{
  float x, y, width, height;
} GtenGtkBox;

#define GTEN_GTK_NEW_NODE (-1u)

typedef enum
{
  GTEN_GTK_ROUTE_NONE,      /* not drawn: it repeats another edge between the same nodes */
  GTEN_GTK_ROUTE_CHIP,      /* from a chip sideways into its user */
  GTEN_GTK_ROUTE_SHORT,     /* down, across, down */
  GTEN_GTK_ROUTE_LONG,      /* down, across, down a lane (or, in a picture that grew, up), across, down */
} GtenGtkRouteKind;

/* A right-angled line from an input's bottom to the user's top; a chip's from its side to the
 * user's side. */
typedef struct
{
  float  x0, y0, x1, y1;
  float  y_upper;           /* height of the first run across */
  float  lane;              /* x of the run down between the two runs across */
  float  y_lower;           /* height of the second run across */
  guint8 kind;              /* a GtenGtkRouteKind */
  guint8 n_merged;          /* edges drawn as this one */
} GtenGtkRoute;

typedef struct
{
  guint         n_nodes;
  guint         n_edges;
  guint         n_rows;
  GtenGtkBox   *boxes;      /* per node */
  guint8       *is_chip;    /* per node */
  guint32      *row;        /* per node that is no chip */
  float        *row_y, *row_height;
  GtenGtkRoute *routes;     /* per edge */
  float         left, top;  /* 0, 0 unless the picture grew */
  float         width, height;
  GtenGtkIndex *box_index;
  GtenGtkIndex *route_index;
} GtenGtkLayout;

/* NULL only when cancelled. */
GtenGtkLayout *gten_gtk_layout_new    (const GtenGtkLayoutInput *input, GCancellable *cancellable);
/* The layout of a graph that grew. Nodes are told by their indices in the graph before, or GTEN_GTK_NEW_NODE; a chip must
 * still have its user, and no other. */
GtenGtkLayout *gten_gtk_layout_grow   (const GtenGtkLayoutInput *input, const GtenGtkLayout *before, const guint32 *node_before,
                                       GCancellable *cancellable);
void           gten_gtk_layout_free   (GtenGtkLayout *self);
/* Appends the boxes and, unless routes is NULL, the routes that touch an area. */
void           gten_gtk_layout_find   (const GtenGtkLayout *self, const GtenGtkExtent *area, GArray *boxes, GArray *routes);
/* Fills points with the corners of a route, at most six; returns how many. */
guint          gten_gtk_route_corners (const GtenGtkRoute *route, float points[6][2]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GtenGtkLayout, gten_gtk_layout_free)

G_END_DECLS
