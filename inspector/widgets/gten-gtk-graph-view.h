/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-graph.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_GRAPH_VIEW (gten_gtk_graph_view_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkGraphView, gten_gtk_graph_view, GTEN_GTK, GRAPH_VIEW, GtkWidget)

/* signals: "activated" (guint node)
 * properties: graph, selected, follow, fold, hide-not-needed */

GTEN_API GtkWidget    *gten_gtk_graph_view_new          (void);

GTEN_API GtenGtkGraph *gten_gtk_graph_view_get_graph    (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_set_graph    (GtenGtkGraphView *self,
                                                         GtenGtkGraph *graph);
GTEN_API guint         gten_gtk_graph_view_get_selected (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_set_selected (GtenGtkGraphView *self, guint node);
GTEN_API gboolean      gten_gtk_graph_view_get_follow   (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_set_follow   (GtenGtkGraphView *self, gboolean follow);

GTEN_API void          gten_gtk_graph_view_fit          (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_arrange_anew (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_zoom         (GtenGtkGraphView *self, double factor);
GTEN_API void          gten_gtk_graph_view_show_node    (GtenGtkGraphView *self, guint node);

GTEN_API gboolean      gten_gtk_graph_view_get_fold     (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_set_fold     (GtenGtkGraphView *self, gboolean fold);
GTEN_API gboolean      gten_gtk_graph_view_get_hide_not_needed (GtenGtkGraphView *self);
GTEN_API void          gten_gtk_graph_view_set_hide_not_needed (GtenGtkGraphView *self, gboolean hide);
GTEN_API void          gten_gtk_graph_view_show_neighbourhood (GtenGtkGraphView *self, guint node,
                                                               guint distance);
GTEN_API gboolean      gten_gtk_graph_view_show_paths   (GtenGtkGraphView *self, guint from, guint to);
GTEN_API void          gten_gtk_graph_view_show_whole   (GtenGtkGraphView *self);
GTEN_API gboolean      gten_gtk_graph_view_shows_part   (GtenGtkGraphView *self);

GTEN_API void          gten_gtk_graph_view_set_marked   (GtenGtkGraphView *self, GtkBitset *nodes);
GTEN_API void          gten_gtk_graph_view_set_not_finite (GtenGtkGraphView *self, guint producer,
                                                           GtkBitset *passed_on);

G_END_DECLS
