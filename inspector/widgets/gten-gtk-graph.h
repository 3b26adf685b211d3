/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-node.h"

G_BEGIN_DECLS

/**
 * GTEN_GTK_NO_NODE:
 *
 * Stands for no node where the index of one is expected.
 */
#define GTEN_GTK_NO_NODE G_MAXUINT

#define GTEN_GTK_TYPE_GRAPH (gten_gtk_graph_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkGraph, gten_gtk_graph, GTEN_GTK, GRAPH, GObject)

/* signals: "changed" (), "node-wanted" (node), "tensor-wanted" (node, tensor), "asked" (node, question), GListModel's
 * properties: current, n-done, sentence */

GTEN_API GtenGtkGraph *gten_gtk_graph_new_from_variant (GVariant *variant, GError **error);

GTEN_API GtenGtkGraph *gten_gtk_graph_new_from_backward (GtenBackward *backward);

GTEN_API guint         gten_gtk_graph_get_n_nodes      (GtenGtkGraph *self);
GTEN_API GtenGtkNode  *gten_gtk_graph_get_node         (GtenGtkGraph *self, guint index);
GTEN_API GtenGtkNode  *gten_gtk_graph_find_node        (GtenGtkGraph *self, guint64 id);
GTEN_API guint         gten_gtk_graph_get_n_edges      (GtenGtkGraph *self);
GTEN_API void          gten_gtk_graph_get_edge         (GtenGtkGraph *self, guint edge, guint *user, guint *user_input,
                                                        guint *input, guint *input_output);
GTEN_API const guint32 *gten_gtk_graph_get_user_edges  (GtenGtkGraph *self, guint node, guint *n_edges);
GTEN_API GListModel   *gten_gtk_graph_get_inputs       (GtenGtkGraph *self, guint node);
GTEN_API GListModel   *gten_gtk_graph_get_users        (GtenGtkGraph *self, guint node);

GTEN_API guint         gten_gtk_graph_get_current      (GtenGtkGraph *self);
GTEN_API void          gten_gtk_graph_set_current      (GtenGtkGraph *self, guint node);
GTEN_API guint         gten_gtk_graph_get_n_done       (GtenGtkGraph *self);
GTEN_API char         *gten_gtk_graph_describe_step    (GtenGtkGraph *self);
GTEN_API void          gten_gtk_graph_apply            (GtenGtkGraph *self, GVariant *nodes);

GTEN_API GtkBitset    *gten_gtk_graph_find_matches     (GtenGtkGraph *self, GtenCondition *condition);

G_END_DECLS
