/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What of a graph is drawn: items, each a node or a group of nodes that is folded into one box, and
 * lines between them. A group is a run of nodes in the engine's order, so that lines still lead
 * from an item to a later one. Repeats are found by the names of nodes, scopes by the functions
 * that recorded them. */
#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-graph-private.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean   fold;              /* repeats and scopes */
  gboolean   hide_not_needed;
  GtkBitset *only;              /* nodes that are drawn, or NULL for all */
  GtkBitset *open;              /* first nodes of groups that are not folded, or NULL */
} GtenGtkArrangementOptions;

typedef struct
{
  guint          n_items;
  guint32       *node;          /* per item: its first node */
  guint32       *n_nodes;       /* per item; more than 1 for a group */
  guint32       *n_repeats;     /* per item: how often the same nodes follow each other, or 1 */
  guint32       *item;          /* per node: the item that it is part of, or GTEN_GTK_NO_NODE */
  guint8        *is_leaf;       /* per item */
  guint          n_edges;
  guint32       *user, *input;  /* per line: items */
  guint32       *edge;          /* per line: an edge of the graph that it stands for */
  GtenGtkLayout *layout;        /* NULL until it is there */
} GtenGtkArrangement;

/* Whether there is anything to arrange. */
gboolean            gten_gtk_arrangement_is_needed (const GtenGtkArrangementOptions *options);
/* Without a layout. */
GtenGtkArrangement *gten_gtk_arrangement_new       (GtenGtkGraph *graph,
                                                    const GtenGtkArrangementOptions *options);
/* May be called in any thread. */
GtenGtkLayout      *gten_gtk_arrangement_lay_out   (const GtenGtkArrangement *self,
                                                    GCancellable *cancellable);
void                gten_gtk_arrangement_free      (GtenGtkArrangement *self);

/* Nodes that at most `distance` edges lie between and a node. */
GtkBitset          *gten_gtk_find_neighbourhood    (GtenGtkGraph *graph, guint node, guint distance);
/* Nodes on the ways from one node to another, either way round; empty if there is none. */
GtkBitset          *gten_gtk_find_paths            (GtenGtkGraph *graph, guint from, guint to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GtenGtkArrangement, gten_gtk_arrangement_free)

G_END_DECLS
