/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A field for conditions such as `op:mul shape:64 norm>1`, how many nodes fulfil what is in it, and
 * ways to the next and the previous. */
#pragma once

#include "gten-gtk-graph.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_SEARCH (inspector_search_get_type ())
G_DECLARE_FINAL_TYPE (InspectorSearch, inspector_search, INSPECTOR, SEARCH, GtkWidget)

/* signals: "changed" (): other nodes match, "node-chosen" (guint node), "stopped" (): Escape was pressed */

void       inspector_search_set_graph    (InspectorSearch *self, GtenGtkGraph *graph);
void       inspector_search_set_selected (InspectorSearch *self, guint node);
/* NULL while nothing is searched for. */
GtkBitset *inspector_search_get_matches  (InspectorSearch *self);
void       inspector_search_begin        (InspectorSearch *self);
void       inspector_search_clear        (InspectorSearch *self);
/* Chooses the next match after the selected node, or the one before it. */
void       inspector_search_go           (InspectorSearch *self, gboolean backwards);

G_END_DECLS
