/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pass of a program, as far as the inspector knows it: its thread, where it is, and, once it has been
 * looked at, its graph. Passes of several threads may be stopped at once. */
#pragma once

#include "inspector-source.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_PASS (inspector_pass_get_type ())
G_DECLARE_FINAL_TYPE (InspectorPass, inspector_pass, INSPECTOR, PASS, GObject)

/* properties: title */

struct _InspectorPass
{
  GObject          parent_instance;

  guint64          id;
  guint64          next_node;       /* 0: all have run */
  guint            thread;          /* 0: not known yet */
  char            *thread_name;
  char            *reason;          /* why it is stopped */
  guint            depth;           /* 0, or more for a pass inside a pass of its thread */
  gboolean         stopped;
  gboolean         goes_on;         /* from its end, by itself */
  gboolean         leaving;         /* it does so as soon as what is wanted has been fetched */
  GtenGtkGraph    *graph;           /* NULL: nobody has looked at it */
  InspectorSource *source;
  GPtrArray       *early;           /* progress that came before the graph */
  gsize            n_early;         /* nodes in it */
};

InspectorPass *inspector_pass_new           (guint64 id);
guint64        inspector_pass_get_id        (InspectorPass *self);
/* "Pass 3, python3 (thread 4711)"; a new string */
char          *inspector_pass_get_title     (InspectorPass *self);
void           inspector_pass_set_thread    (InspectorPass *self, guint thread, const char *name);
/* Takes over the graph, to which what came before is applied, and fetches from a service what is wanted of it. */
void           inspector_pass_set_graph     (InspectorPass *self, GtenGtkGraph *graph, InspectorDBusInspect1 *service,
                                             const char *folder);
/* Nodes as they are now. */
void           inspector_pass_apply         (InspectorPass *self, GVariant *nodes);
void           inspector_pass_set_stopped   (InspectorPass *self, gboolean stopped);
/* All of its nodes have run. */
gboolean       inspector_pass_is_at_end     (InspectorPass *self);
/* Nothing that was asked for is on its way. */
gboolean       inspector_pass_is_settled    (InspectorPass *self);

G_END_DECLS
