/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What convolutions, pooling and resampling share: options of one value or one per dimension, and tensors in the types that
 * the kernels compute in. */
#pragma once

#include "ops/gten-run-private.h"

G_BEGIN_DECLS

/* The option, spread over the last n of three values. */
gboolean    gten_windows_option (const GtenArg *option, guint n, const char *name, gint64 *values, GError **error);
/* New references: `self`, contiguous, in the type that computes its dtype; and a place to compute `result` in the dtype of
 * `like`, which is `result` itself where that will do. */
GtenTensor *gten_compute_tensor (GtenTensor *self, GError **error);
GtenTensor *gten_compute_result (GtenTensor *result, GtenTensor *like, GError **error);

G_END_DECLS
