/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-graph.h"
#include "gten-gtk-layout-private.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 *begin;         /* per node, and more */
  guint32 *edges;         /* NULL until someone asks */
} GtenGtkEdgeGroups;

struct _GtenGtkGraph
{
  GObject        parent_instance;

  GPtrArray     *nodes;
  GHashTable    *by_id;
  guint          n_edges;
  guint32       *user;
  guint32       *user_input;
  guint32       *input;
  guint32       *input_output;
  guint8        *is_leaf;
  guint8        *states;         /* of the nodes, side by side for who draws them all */
  guint32       *changed_at;     /* per node: the clock when something of it changed that is drawn */
  guint32        clock;
  guint32       *n_expected;     /* edges that lead to each node */
  GtenGtkEdgeGroups by_user;
  GtenGtkEdgeGroups by_input;
  guint          current;
  guint          n_done;
  GtenGtkLayout *layout;
  GCancellable  *layout_running;
};

/* A new graph gets its edges (user, which of its inputs, input, which of its outputs), then its
 * nodes in the order in which they run. */
void gten_gtk_graph_set_edges    (GtenGtkGraph *self, guint n_nodes, const guint32 (*edges)[4],
                                  guint n_edges);
void gten_gtk_graph_take_node    (GtenGtkGraph *self, GtenGtkNode *node, GtenGtkState state,
                                  guint n_arrived);
/* States of nodes have changed. */
void gten_gtk_graph_progressed   (GtenGtkGraph *self);

/* What nodes tell their graph: one call in place of a signal handler per node and tensor. The picture of a node is out of
 * date, and, by the second, someone is to look at it. */
void gten_gtk_graph_touch        (GtenGtkGraph *self, guint node, GtenGtkState state);
void gten_gtk_graph_node_changed (GtenGtkGraph *self);
void gten_gtk_graph_want         (GtenGtkGraph *self, GtenGtkNode *node, GtenGtkTensor *tensor);
void gten_gtk_graph_ask          (GtenGtkGraph *self, GtenGtkNode *node, GtenGtkQuestion *question);
void gten_gtk_node_set_graph     (GtenGtkNode *self, GtenGtkGraph *graph);
char *gten_gtk_node_format_state  (GtenGtkNode *self);   /* the same in every language */
const guint64 *gten_gtk_node_peek_id (GtenGtkNode *self);

#define GTEN_GTK_SMALL_GRAPH 4000     /* nodes up to which a layout takes no noticeable time */

/* Edges over which a node's gradients leave it. */
const guint32       *gten_gtk_graph_get_input_edges (GtenGtkGraph *self, guint node, guint *n_edges);
/* What a layout is made from. */
GtenGtkLayoutInput   gten_gtk_graph_describe_layout (const GtenGtkGraph *self);
/* The layout, made on first need; in a thread for a large graph, and NULL until "changed" tells
 * that it is there. */
const GtenGtkLayout *gten_gtk_graph_get_layout    (GtenGtkGraph *self);
/* Takes the layout of a graph whose edges are the same; tells whether they are. */
gboolean             gten_gtk_graph_take_layout   (GtenGtkGraph *self, GtenGtkGraph *other);
/* The same, waiting for it. */
const GtenGtkLayout *gten_gtk_graph_ensure_layout (GtenGtkGraph *self);

G_END_DECLS
