/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-graph.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_GRAPH_VIEW (gten_gtk_graph_view_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkGraphView, gten_gtk_graph_view, GTEN_GTK, GRAPH_VIEW, GtkWidget)

/* signals: "activated" (guint node)
 * properties: graph, selected, follow */

GTEN_API GtkWidget    *gten_gtk_graph_view_new          (void);

GTEN_API GtenGtkGraph *gten_gtk_graph_view_get_graph    (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_set_graph    (GtenGtkGraphView *self,
                                                         GtenGtkGraph *graph);
GTEN_API guint         gten_gtk_graph_view_get_selected (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_set_selected (GtenGtkGraphView *self, guint node);
GTEN_API gboolean      gten_gtk_graph_view_get_follow   (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_set_follow   (GtenGtkGraphView *self, gboolean follow);

GTEN_API void          gten_gtk_graph_view_fit          (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_zoom         (GtenGtkGraphView *self, double factor);
GTEN_API void          gten_gtk_graph_view_show_node    (GtenGtkGraphView *self, guint node);

G_END_DECLS
