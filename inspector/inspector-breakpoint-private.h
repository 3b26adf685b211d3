/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "inspector-breakpoints.h"

G_BEGIN_DECLS

/* One that the service has been asked for. Its number comes with the answer; it may be unwanted
 * by then. */
typedef struct
{
  grefcount references;
  guint     id;
  gboolean  removed;
} InspectorRequest;

struct _InspectorBreakpoint
{
  GObject           parent_instance;

  InspectorStop     stop;
  char             *text;          /* pattern, or the name of the node */
  guint             place;         /* of the node */
  char             *condition;     /* or "" */
  guint             hit;
  gboolean          enabled;
  guint             n_hits;
  char             *error;
  InspectorRequest *request;       /* NULL while it is not set */
};

/* signals: "changed" (): it is to be set anew */

InspectorBreakpoint *inspector_breakpoint_new        (InspectorStop stop, const char *text);
/* What it stops at besides a node or a name, as one condition; NULL for none. A new string. */
char                *inspector_breakpoint_condition  (InspectorBreakpoint *self);
void                 inspector_breakpoint_set_error  (InspectorBreakpoint *self, const char *error);
void                 inspector_breakpoint_set_n_hits (InspectorBreakpoint *self, guint n_hits);

G_END_DECLS
