/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program in two parts: its process and what is shown of it, and the passes that its service tells of. */
#pragma once

#include "inspector-lines.h"
#include "inspector-pass.h"
#include "inspector-process.h"
#include "inspector-program.h"

G_BEGIN_DECLS

struct _InspectorProgram
{
  GObject                parent_instance;

  InspectorProcessFlags  flags;
  char                 **command;
  InspectorOffer        *offer;            /* what is attached to, instead of a command */
  char                  *title;
  char                  *status;
  InspectorState         state;
  InspectorProcess      *process;
  gboolean               failed;           /* the connection could not be had, or what came over it could not be read */
  guint                  patience;         /* seconds in which the program must offer itself; 0: as long as it takes */
  guint                  patience_timer;
  InspectorDBusInspect1 *service;
  InspectorBreakpoints  *breakpoints;
  GtenGtkGraph          *graph;            /* of the pass that is looked at, which may be over */
  char                  *folder;           /* where the program was started */
  InspectorLines        *lines;            /* of a program that is connected */
  GListStore            *devices;

  GPtrArray             *passes;           /* under way, as far as they were told of */
  GListStore            *stops;            /* those that are stopped, in the order in which they stopped */
  InspectorPass         *pass;             /* that is looked at, or NULL */
  guint                  n_passes;
  guint                  step;             /* of the pass that is looked at, or GTEN_GTK_NO_NODE for the last */
  guint                  n_live;           /* nodes that have run, whichever step is looked at */
  gboolean               goes_on;          /* passes that begin go on from their end by themselves */
  guint                  turn_timer;       /* the pass that was let go on is to stop again before another has its turn */
};

void inspector_program_set_state    (InspectorProgram *self, InspectorState state, const char *format, ...)
  G_GNUC_PRINTF (3, 4);
/* Tells of an error, unless it is only that the program is gone. */
void inspector_program_report       (InspectorProgram *self, const GError *error);
/* The same, and lets the program go: nothing more will come of it. */
void inspector_program_fail         (InspectorProgram *self, const GError *error);
void inspector_program_set_graph    (InspectorProgram *self, GtenGtkGraph *graph);
void inspector_program_set_step     (InspectorProgram *self, guint step);

/* -- passes ------------------------------------------------------------------------------------ */

void inspector_program_watch_passes (InspectorProgram *self);    /* of the service */
void inspector_program_drop_passes  (InspectorProgram *self);
/* Lets the pass that is looked at go on. */
void inspector_program_go_on        (InspectorProgram *self, const char *how, guint64 node);
void inspector_program_fetch_states (InspectorProgram *self, guint step);

G_END_DECLS
