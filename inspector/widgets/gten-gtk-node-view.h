/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-graph.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_NODE_VIEW (gten_gtk_node_view_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkNodeView, gten_gtk_node_view, GTEN_GTK, NODE_VIEW, GtkWidget)

/* signals: "node-chosen" (guint node) */

GTEN_API GtkWidget *gten_gtk_node_view_new      (void);
GTEN_API void       gten_gtk_node_view_set_node (GtenGtkNodeView *self, GtenGtkGraph *graph,
                                                 guint node);

GTEN_API GtkWidget *gten_gtk_node_view_get_tensor_view (GtenGtkNodeView *self);

G_END_DECLS
