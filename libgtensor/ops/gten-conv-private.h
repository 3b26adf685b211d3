/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What convolutions, pooling and resampling share: options of one value or one per dimension, and
 * tensors in the types that the kernels compute in. */
#pragma once

#include "ops/gten-run-private.h"

G_BEGIN_DECLS

/* The option, spread over the last n of three values. */
gboolean    gten_windows_option (const GtenArg *option, guint n, const char *name, gint64 *values,
                                 GError **error);
/* New references: `self`, contiguous, in the type that computes its dtype; and a place to compute
 * `result` in the dtype of `like`, which is `result` itself where that will do. */
GtenTensor *gten_compute_tensor (GtenTensor *self, GError **error);
GtenTensor *gten_compute_result (GtenTensor *result, GtenTensor *like, GError **error);

/* The number in a name such as max_pool2d. */
guint       gten_named_dims     (const char *name);

typedef struct
{
  gint64 kernel[3], stride[3], padding[3], dilation[3];
  gint64 count[3];              /* windows along each of the n dimensions */
} GtenPoolOptions;

/* Of images `input`, which are checked too, or else of images of the given sizes. */
gboolean    gten_pool_options   (const GtenArg *kernel, const GtenArg *stride, const GtenArg *padding, const GtenArg *dilation,
                                 gboolean ceil_mode, const char *op, guint n, GtenTensor *input, const gint64 *sizes,
                                 GtenPoolOptions *self, GError **error);
/* The n sizes that adaptive pooling is asked for, and where each of its windows begins and ends. */
/* What is kept for each element of an output size is kept within bounds. */
gboolean    gten_check_output_size (const char *op, gint64 size, GError **error);
gboolean    gten_adaptive_sizes (const GtenCall *call, guint n, gint64 *out, GError **error);
gint64      gten_adaptive_begin (gint64 i, gint64 n_in, gint64 n_out);
gint64      gten_adaptive_end   (gint64 i, gint64 n_in, gint64 n_out);

G_END_DECLS
