/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-graph.h"
#include "inspector-breakpoints.h"
#include "inspector-offers.h"
#include "inspector-pass.h"

G_BEGIN_DECLS

typedef enum
{
  INSPECTOR_STATE_IDLE,        /* nothing was started */
  INSPECTOR_STATE_STARTING,    /* not connected yet */
  INSPECTOR_STATE_RUNNING,
  INSPECTOR_STATE_STOPPED,     /* a pass waits to be told to go on */
  INSPECTOR_STATE_ENDED,
} InspectorState;

#define INSPECTOR_TYPE_PROGRAM (inspector_program_get_type ())
G_DECLARE_FINAL_TYPE (InspectorProgram, inspector_program, INSPECTOR, PROGRAM, GObject)

/* signals: "output" (const char *text), "failed" (const char *message), "not-finite" (GVariant *producer)
 * properties: graph, state, status, title, stop-at-passes, step */

/* in_terminal: the program prints where this process does. */
InspectorProgram *inspector_program_new              (gboolean in_terminal);
/* How long a program may take to offer itself, after which it is given up; as long as it takes unless this is called. */
void              inspector_program_set_patience     (InspectorProgram *self, guint seconds);
/* Ctrl-C goes to this process, not to the program that it starts. */
void              inspector_program_keep_interrupts  (InspectorProgram *self);

gboolean          inspector_program_start            (InspectorProgram *self,
                                                      const char *const *command, GError **error);
/* Watches a program that runs already; quitting lets it run on. Restarting connects anew. */
void              inspector_program_attach           (InspectorProgram *self, InspectorOffer *offer);
gboolean          inspector_program_is_attached      (InspectorProgram *self);
gboolean          inspector_program_restart          (InspectorProgram *self, GError **error);
void              inspector_program_quit             (InspectorProgram *self);   /* ends what was started */

void              inspector_program_resume           (InspectorProgram *self, const char *how,
                                                      GtenGtkNode *to);
void              inspector_program_pause            (InspectorProgram *self);
void              inspector_program_set_breakpoint   (InspectorProgram *self, GtenGtkNode *node,
                                                      gboolean breakpoint);

/* Looks at the stopped pass as it was when `step` nodes had run. */
void              inspector_program_go_to            (InspectorProgram *self, guint step);
guint             inspector_program_get_step         (InspectorProgram *self);
guint             inspector_program_get_n_live       (InspectorProgram *self);   /* the last step */
/* What was added to the gradient of this node is fetched. */
void              inspector_program_show             (InspectorProgram *self, GtenGtkNode *node);

InspectorBreakpoints  *inspector_program_get_breakpoints (InspectorProgram *self);
InspectorDBusInspect1 *inspector_program_get_service     (InspectorProgram *self);   /* or NULL */
guint64           inspector_program_get_pass         (InspectorProgram *self);   /* that is stopped, or 0 */
/* Passes that are stopped, in the order in which they stopped: of several threads there may be several. Commands go to the
 * one that is looked at, which is the first until another is chosen. */
GListModel       *inspector_program_get_stops        (InspectorProgram *self);
InspectorPass    *inspector_program_get_stop         (InspectorProgram *self);   /* that is looked at, or NULL */
void              inspector_program_choose           (InspectorProgram *self, InspectorPass *stop);
InspectorState    inspector_program_get_state        (InspectorProgram *self);
GtenGtkGraph     *inspector_program_get_graph        (InspectorProgram *self);
/* A creation site with the line that its return address stands for, where it has one. */
const char       *inspector_program_find_line        (InspectorProgram *self, const char *site);
GListModel       *inspector_program_get_devices      (InspectorProgram *self);
const char       *inspector_program_get_title        (InspectorProgram *self);
const char       *inspector_program_get_status       (InspectorProgram *self);
int               inspector_program_get_exit_status  (InspectorProgram *self);   /* 1: it could not be inspected */
/* Iterates until the program is stopped or has ended and all that was asked for has come, or until somebody no longer waits,
 * which let_be, or NULL, tells. */
InspectorState    inspector_program_wait             (InspectorProgram *self, const gboolean *let_be);

G_END_DECLS
