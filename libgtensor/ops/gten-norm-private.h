/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Normalisation in one pass, where the backend has it.
 *
 * `shape` says what the groups are and whether mean and variance are given; its dtype and pointers are filled in
 * here. `is_done` tells whether there was such a pass; else the caller composes the normalisation. */
#pragma once

#include "ops/gten-run-private.h"

G_BEGIN_DECLS

/* Of tensor 0 into result 0. Mean and variance are read if the shape says that they are given, else set if not
 * NULL: new references, of the type that computes. */
gboolean gten_normalize          (GtenCall *call, const GtenKNorm *shape, GtenTensor *weight, GtenTensor *bias, GtenTensor **mean,
                                  GtenTensor **variance, gboolean *is_done, GError **error);
/* The gradients of tensors 0, `weight_at` and the one behind it that the node needs, where they are not to be
 * differentiated themselves. Given: mean and variance, or NULL. */
gboolean gten_normalize_backward (GtenNode *node, GtenTensor *grad, const GtenKNorm *shape, GtenTensor *mean, GtenTensor *variance,
                                  guint weight_at, GtenTensor **grad_inputs, gboolean *is_done, GError **error);

G_END_DECLS
