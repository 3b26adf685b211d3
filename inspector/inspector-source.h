/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fills a graph with what is looked at: descriptions of nodes and the elements of tensors, when
 * someone wants them and the pass is stopped, which is when they can be had. */
#pragma once

#include "gten-gtk-graph.h"
#include "inspector-dbus.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_SOURCE (inspector_source_get_type ())
G_DECLARE_FINAL_TYPE (InspectorSource, inspector_source, INSPECTOR, SOURCE, GObject)

/* signals: "settled" (): all that was asked for has been answered */

/* `folder`: where the program was started, or NULL. */
InspectorSource *inspector_source_new         (InspectorDBusInspect1 *service, guint64 pass,
                                               GtenGtkGraph *graph, const char *folder);
/* Gradients are those after a step; GTEN_GTK_NO_NODE for the last. */
void             inspector_source_set_step    (InspectorSource *self, guint step);
/* What was added to the gradient of this node is of interest. */
void             inspector_source_show        (InspectorSource *self, GtenGtkNode *node);
/* The pass is stopped: whatever is wanted and can be had now is fetched. */
void             inspector_source_fetch       (InspectorSource *self);
void             inspector_source_set_stopped (InspectorSource *self, gboolean stopped);
guint            inspector_source_get_n_calls (InspectorSource *self);   /* under way */

/* Maps a memfd of another process, which must be sealed, so that it can neither change nor shrink
 * below us. */
GBytes          *inspector_map_sealed         (GUnixFDList *fds, GVariant *handle, GError **error);

G_END_DECLS
