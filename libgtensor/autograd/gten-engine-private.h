/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "autograd/gten-backward-private.h"

G_BEGIN_DECLS

/* Runs one node whose gradients are all there. */
gboolean gten_engine_run_task   (GtenBackward *self, GtenTask *task, GError **error);
/* A contribution from `from`, or, if that is NULL, from outside; grad: transfer full, NULL for none. */
gboolean gten_engine_contribute (GtenBackward *self, GtenNode *from, GtenEdge edge, GtenTensor *grad, GError **error);

/* Tells those who watch. */
void     gten_backward_notify_contribution (GtenBackward *self, GtenNode *from, GtenNode *to, guint output_nr,
                                            GtenTensor *grad);

G_END_DECLS
