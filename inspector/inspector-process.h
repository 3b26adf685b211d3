/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program under inspection, started here or attached to, and the connection to its debug service.
 * Everything is asynchronous. */
#pragma once

#include "inspector-dbus.h"

#include <sys/types.h>

G_BEGIN_DECLS

typedef enum
{
  INSPECTOR_PROCESS_DEFAULT = 0,
  INSPECTOR_PROCESS_INHERIT_OUTPUT = 1 << 0,      /* it prints where this process does, instead of into "output" */
  INSPECTOR_PROCESS_IGNORE_INTERRUPTS = 1 << 1,   /* Ctrl-C is this process's */
} InspectorProcessFlags;

#define INSPECTOR_TYPE_PROCESS (inspector_process_get_type ())
G_DECLARE_FINAL_TYPE (InspectorProcess, inspector_process, INSPECTOR, PROCESS, GObject)

/* signals: "output" (const char *line), "connected" (InspectorDBusInspect1 *service),
 *          "failed" (const GError *error), "exited" (): it is gone, and all that it said has been told */

InspectorProcess *inspector_process_new             (const char *const *command,
                                                     InspectorProcessFlags flags, GError **error);
/* One that runs already and listens at `socket`. */
InspectorProcess *inspector_process_attach          (const char *socket);
/* Ends it if it was started here, lets it go if it was attached to, and says nothing more of it. */
void              inspector_process_kill            (InspectorProcess *self);

gboolean          inspector_process_is_attached     (InspectorProcess *self);
gboolean          inspector_process_is_alive        (InspectorProcess *self);
pid_t             inspector_process_get_pid         (InspectorProcess *self);   /* of a program that is connected */
int               inspector_process_get_exit_status (InspectorProcess *self);   /* 128 and more: a signal */

G_END_DECLS
