/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pass as the inspector knows it. All of it is guarded by the control's lock, but for what only the
 * thread that runs the pass looks at. */
#pragma once

#include "inspect/gten-inspect-private.h"

#include <sys/types.h>

G_BEGIN_DECLS

typedef enum { GTEN_HOW_RUN, GTEN_HOW_STEP, GTEN_HOW_OVER, GTEN_HOW_RUN_TO, GTEN_HOW_FINISH } GtenHow;

typedef struct
{
  GtenBackward   *backward;      /* borrowed: it is under way */
  guint64         id, parent;
  guint           depth;
  pid_t           thread;
  guint64         next_node;
  GtenHow           how;         /* atomic: the inspector may go at any time */
  guint64         target;        /* of RUN_TO */
  gboolean        begun;         /* a node has come up, so that stops at a pass's begin are over */
  gboolean        stopped;
  gboolean        announced;
  gboolean        equipped;      /* atomic, as above: for the inspector that is attached, */
  GtenInspectOptions options;    /* which wants this; of the thread that runs the pass */
  gint64          sent_at;       /* monotonic time of the last portion, or of the begin */
  GHashTable     *nonfinite;     /* nodes that were given NaN or infinities; NULL for none */
  gboolean        made_nonfinite; /* the node that ran last, from finite gradients */
  GtenMeasures    current;       /* of the gradient of the node that runs */
  GHashTable     *measured;      /* nodes that wait for nothing more -> their gradient's measures */
  guint           oldest_kept, n_freed;
  guint           n_done;        /* as, like the next two, the thread that runs the pass last told */
  gsize           keep_bytes, kept_bytes;
  GArray         *states, *arrivals;   /* records to be sent */
  GtenJournal    *journal;       /* NULL: none is kept */
  GPtrArray      *flow_nodes;    /* and the logarithms of their gradients, in the order in which they ran; NULL: not wanted */
  GArray         *flow_logs;
} GtenInspectPass;

GtenInspectPass *gten_inspect_pass_new      (GtenBackward *backward, guint64 id);
void      gten_inspect_pass_free            (GtenInspectPass *self);
/* What is recorded is sent in portions. */
void      gten_inspect_pass_record_arrival  (GtenInspectPass *self, GtenNode *from, GtenNode *to, guint output_nr,
                                             const GtenMeasures *measures);
void      gten_inspect_pass_record_state    (GtenInspectPass *self, GtenNode *node, GtenGradState state, guint n_arrived,
                                             guint n_expected, const GtenMeasures *measures);
/* How far the pass is. */
void      gten_inspect_pass_note_progress   (GtenInspectPass *self);
/* Gradients that the budget has driven out since the last node. */
void      gten_inspect_pass_note_freed      (GtenInspectPass *self);
void      gten_inspect_pass_note_flow       (GtenInspectPass *self, GtenNode *node);
/* Sends what is recorded, and first that the pass began. */
void      gten_inspect_pass_send_progress   (GtenInspectPass *self);
GVariant *gten_inspect_pass_describe        (GtenInspectPass *self);

/* -- Ctrl-C while the program waits -------------------------------------------------------------- */

void      gten_interrupts_watch             (void);
/* What came meanwhile is the program's, which may end then; the lock is given up for that moment. */
void      gten_interrupts_unwatch           (GMutex *lock);
gboolean  gten_interrupts_came              (void);

G_END_DECLS
