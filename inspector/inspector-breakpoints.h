/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a program is to stop, as a list model. Node numbers differ from pass to pass: a breakpoint
 * on a node is remembered by place and name, and set anew in each pass. */
#pragma once

#include "gten-gtk-graph.h"
#include "inspector-dbus.h"

G_BEGIN_DECLS

typedef enum
{
  INSPECTOR_STOP_NODE,          /* one node, by its place in the order */
  INSPECTOR_STOP_NAME,          /* nodes whose name matches a pattern */
  INSPECTOR_STOP_OP,            /* nodes of an operation */
  INSPECTOR_STOP_LINE,          /* nodes that a line of source recorded: "train.py:30" */
  INSPECTOR_STOP_CONDITION,     /* nodes whose gradient fulfils a condition, and nothing else is asked of */
  INSPECTOR_STOP_NONFINITE,     /* nodes that make what is not finite of what is */
} InspectorStop;

#define INSPECTOR_TYPE_BREAKPOINT (inspector_breakpoint_get_type ())
G_DECLARE_FINAL_TYPE (InspectorBreakpoint, inspector_breakpoint, INSPECTOR, BREAKPOINT, GObject)

/* properties: condition (string), hit (uint: from the n-th time on), enabled, n-hits, error (string or NULL) */

InspectorStop inspector_breakpoint_get_stop (InspectorBreakpoint *self);
const char   *inspector_breakpoint_get_text (InspectorBreakpoint *self);
/* In words, without its condition. A new string. */
char         *inspector_breakpoint_describe (InspectorBreakpoint *self);

#define INSPECTOR_TYPE_BREAKPOINTS (inspector_breakpoints_get_type ())
G_DECLARE_FINAL_TYPE (InspectorBreakpoints, inspector_breakpoints, INSPECTOR, BREAKPOINTS, GObject)

/* signals: "failed" (const GError *error), GListModel's */

InspectorBreakpoints *inspector_breakpoints_new         (void);
/* NULL with an error if the pattern or the condition is not one. */
InspectorBreakpoint  *inspector_breakpoints_add         (InspectorBreakpoints *self, InspectorStop stop,
                                                         const char *text, const char *condition,
                                                         guint hit, GError **error);
void                  inspector_breakpoints_remove      (InspectorBreakpoints *self,
                                                         InspectorBreakpoint *breakpoint);
/* The program that they are for now, or NULL; nothing is set in it yet. */
void                  inspector_breakpoints_set_service (InspectorBreakpoints *self,
                                                         InspectorDBusInspect1 *service);
/* The pass that is stopped now. */
void                  inspector_breakpoints_set_graph   (InspectorBreakpoints *self,
                                                         GtenGtkGraph *graph);
void                  inspector_breakpoints_set_node    (InspectorBreakpoints *self,
                                                         GtenGtkNode *node, gboolean breakpoint);
/* Asks how often each was hit. */
void                  inspector_breakpoints_count       (InspectorBreakpoints *self);
/* Whether passes stop where they begin and end. */
void                  inspector_breakpoints_set_passes  (InspectorBreakpoints *self,
                                                         gboolean stop_at_passes);
gboolean              inspector_breakpoints_get_passes  (InspectorBreakpoints *self);
void                  inspector_breakpoints_clear       (InspectorBreakpoints *self);

G_END_DECLS
