/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-graph.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_OUTLINE (inspector_outline_get_type ())
G_DECLARE_FINAL_TYPE (InspectorOutline, inspector_outline, INSPECTOR, OUTLINE, GtkWidget)

/* signals: "node-chosen" (guint node), "activated" (guint node) */

void inspector_outline_set_graph    (InspectorOutline *self, GtenGtkGraph *graph);
void inspector_outline_set_selected (InspectorOutline *self, guint node);
void inspector_outline_show_node    (InspectorOutline *self, guint node);
/* Lists these nodes; NULL for all. */
void inspector_outline_set_matches  (InspectorOutline *self, GtkBitset *nodes);

G_END_DECLS
