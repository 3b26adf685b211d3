/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the parts of the canvas share: the object, how the graph is arranged on it, what is seen of it, and what pointer and
 * keys do to it. */
#pragma once

#include "gten-gtk-arrangement-private.h"
#include "gten-gtk-camera-private.h"
#include "gten-gtk-graph-view.h"
#include "gten-gtk-map-private.h"
#include "gten-gtk-tiles-private.h"

G_BEGIN_DECLS

struct _GtenGtkGraphView
{
  GtkWidget           parent_instance;

  GtenGtkGraph       *graph;
  guint               selected;            /* nodes */
  guint               hovered;
  guint               producer;
  GtkBitset          *marked, *dimmed;
  gboolean            follow;
  gboolean            fitted;              /* follows the size of the view until someone zooms or pans */
  GtenGtkCamera       camera;
  GtenGtkMap          map;
  GtenGtkTiles       *tiles;
  GtenGtkArrangementOptions options;
  GtenGtkArrangement *arrangement;         /* NULL while each node is a box */
  GCancellable       *arranging;
  double              pointer_x, pointer_y;
  double              drag_x, drag_y;
  gboolean            drags_map;
  double              pinch_zoom;
};

/* Opens a group, or tells that a node was activated. */
void                 gten_gtk_graph_view_activate      (GtenGtkGraphView *self, guint node);

/* How it is arranged. The layout of what is drawn; NULL while it is being made. */
const GtenGtkLayout *gten_gtk_graph_view_get_layout    (GtenGtkGraphView *self);
/* The box that a node is drawn in, or GTEN_GTK_NO_NODE; and the first node of a box. */
guint                gten_gtk_graph_view_find_box      (GtenGtkGraphView *self, guint node);
guint                gten_gtk_graph_view_get_first     (GtenGtkGraphView *self, guint box);
/* Arranges what the options ask for. */
void                 gten_gtk_graph_view_arrange       (GtenGtkGraphView *self);
/* Lets the picture grow to that of a graph about to be shown; FALSE if that has not grown from the one that is shown. */
gboolean             gten_gtk_graph_view_grow          (GtenGtkGraphView *self, GtenGtkGraph *graph);

/* What is seen of it. */
void                 gten_gtk_graph_view_fit_now       (GtenGtkGraphView *self);
void                 gten_gtk_graph_view_show_first    (GtenGtkGraphView *self);
void                 gten_gtk_graph_view_size_allocate (GtkWidget *widget, int width, int height, int baseline);
void                 gten_gtk_graph_view_snapshot      (GtkWidget *widget, GtkSnapshot *snapshot);
gboolean             gten_gtk_graph_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip);
/* Whether what was shown last is the picture as it is, whole. */
gboolean             gten_gtk_graph_view_is_ready      (GtenGtkGraphView *self);

void                 gten_gtk_graph_view_add_input     (GtenGtkGraphView *self);

G_END_DECLS
