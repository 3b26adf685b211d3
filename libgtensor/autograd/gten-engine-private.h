/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "autograd/gten-backward-private.h"

G_BEGIN_DECLS

/* Runs one node whose gradients are all there. */
gboolean gten_engine_run_task   (GtenBackward *self, GtenTask *task, GError **error);
/* A contribution from `from`, or, if that is NULL, from outside; grad: transfer full, NULL for none. */
gboolean gten_engine_contribute (GtenBackward *self, GtenNode *from, GtenEdge edge, GtenTensor *grad, GError **error);

/* Makes a pass that nobody else holds. */
GtenBackward *gten_backward_make (GtenTensor **roots, gsize n_roots, GtenTensor **gradients, gsize n_gradients,
                                  GtenTensor **inputs, gsize n_inputs, GtenBackwardFlags flags, GError **error);
/* Whether the inputs are in the graph, or, if finished, have got their gradients. */
gboolean gten_backward_check_used         (GtenBackward *self, gboolean finished, GError **error);
/* Of a task that has run, and of all of them. */
void     gten_backward_keep_or_drop       (GtenBackward *self, GtenTask *task);
void     gten_backward_keep_within_budget (GtenBackward *self);

/* -- telling those who watch ----------------------------------------------------------------------- */

enum { GTEN_BACKWARD_CONTRIBUTION, GTEN_BACKWARD_STEPPED, GTEN_BACKWARD_FINISHED, GTEN_BACKWARD_N_SIGNALS };
enum { GTEN_BACKWARD_PROP_NODE = 1, GTEN_BACKWARD_PROP_N_READY, GTEN_BACKWARD_PROP_N_DONE, GTEN_BACKWARD_PROP_N_NODES,
       GTEN_BACKWARD_PROP_IS_FINISHED, GTEN_BACKWARD_N_PROPERTIES };

extern guint gten_backward_signals[GTEN_BACKWARD_N_SIGNALS];
extern GParamSpec *gten_backward_properties[GTEN_BACKWARD_N_PROPERTIES];

void     gten_backward_watch_roots         (GtenBackward *self, GtenTensor **roots);
void     gten_backward_begin_node          (GtenBackward *self, GtenNode *node);
void     gten_backward_notify_contribution (GtenBackward *self, GtenNode *from, GtenNode *to, guint output_nr,
                                            GtenTensor *grad);
void     gten_backward_end_node            (GtenBackward *self, GtenNode *node);
void     gten_backward_notify_finished     (GtenBackward *self);
void     gten_backward_end                 (GtenBackward *self); /* finished, failed or abandoned */

G_END_DECLS
