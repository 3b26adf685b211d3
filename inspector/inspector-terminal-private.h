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
  gboolean          waiting;        /* for the program, not for a person */
  gboolean          paused;         /* Ctrl-C was pressed */
  gboolean          let_be;         /* the person does not wait any longer */
  GString          *typed;          /* and not yet read */
  gboolean          hung_up;        /* nobody types any more */
} Terminal;

/* A program for the ways without a window, which tells of its failures. */
InspectorProgram *inspector_terminal_program (const InspectorTerminalOptions *options);
/* Of each graph that comes, for the pictures. */
void              inspector_terminal_want_values (InspectorProgram *program, gboolean want);
/* Starts it or attaches to it. FALSE, with a word, if it cannot be started. */
gboolean          inspector_terminal_start   (InspectorProgram *program, const InspectorTerminalOptions *options);
/* Until the program is stopped or has ended and all that was asked for has come, or Ctrl-C was pressed twice: the first
 * time the program is to pause. */
void     inspector_terminal_wait      (Terminal *self);

void     inspector_terminal_say_where (Terminal *self);
gboolean inspector_terminal_write     (GtenGtkGraph *graph, const char *path, GtenGtkExportFlags flags);
/* All that is to be written of a pass; FALSE, with a word, if something cannot be. */
gboolean inspector_terminal_write_all (GtenGtkGraph *graph, const InspectorTerminalOptions *options);
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
