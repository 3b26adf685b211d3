/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The terminal in three parts: how it talks, what it can be told, and what it asks the program for by itself. */
#pragma once

#include "inspector-program.h"
#include "inspector-terminal.h"

G_BEGIN_DECLS

typedef struct
{
  InspectorProgram *program;
  const InspectorTerminalOptions *options;
  gboolean          quit;
} Terminal;

void     inspector_terminal_say_where (Terminal *self);
gboolean inspector_terminal_write     (GtenGtkGraph *graph, const char *path, GtenGtkExportFlags flags);
/* words: a command and its arguments, at least one. */
void     inspector_terminal_obey      (Terminal *self, char **words);

/* By number, or by the begin of a name; says so if there is none. */
GtenGtkNode *inspector_terminal_find_node (Terminal *self, const char *word);

/* Commands that ask the service and wait for the answer. */
void     inspector_terminal_added     (Terminal *self, char **words);
void     inspector_terminal_compare   (Terminal *self, char **words);
void     inspector_terminal_flow      (Terminal *self, char **words);
void     inspector_terminal_nan       (Terminal *self, char **words);
void     inspector_terminal_memory    (Terminal *self, char **words);

G_END_DECLS
