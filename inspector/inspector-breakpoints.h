/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a program is to stop. Node numbers differ from pass to pass: a breakpoint on a node is
 * remembered by place and name, and set anew in each pass. */
#pragma once

#include "gten-gtk-graph.h"
#include "inspector-dbus.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_BREAKPOINTS (inspector_breakpoints_get_type ())
G_DECLARE_FINAL_TYPE (InspectorBreakpoints, inspector_breakpoints, INSPECTOR, BREAKPOINTS, GObject)

/* signals: "failed" (const GError *error) */

InspectorBreakpoints *inspector_breakpoints_new         (void);
/* The program that they are for now, or NULL; nothing is set in it yet. */
void                  inspector_breakpoints_set_service (InspectorBreakpoints *self,
                                                         InspectorDBusInspect1 *service);
/* The pass that is stopped now. */
void                  inspector_breakpoints_set_graph   (InspectorBreakpoints *self,
                                                         GtenGtkGraph *graph);
void                  inspector_breakpoints_set_node    (InspectorBreakpoints *self,
                                                         GtenGtkNode *node, gboolean breakpoint);
/* Whether passes stop where they begin and end. */
void                  inspector_breakpoints_set_passes  (InspectorBreakpoints *self,
                                                         gboolean stop_at_passes);
gboolean              inspector_breakpoints_get_passes  (InspectorBreakpoints *self);
void                  inspector_breakpoints_clear       (InspectorBreakpoints *self);

G_END_DECLS
