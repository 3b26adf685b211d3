/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sizes and strides without a tensor. Strides count elements. */
#pragma once

#include "core/gten-types.h"
#include "gten-kernels.h"

G_BEGIN_DECLS

#define GTEN_MAX_DIMS GTEN_K_MAX_DIMS

/* FALSE with an error if a size is negative, the dimensions are too many, or the product
 * overflows. */
gboolean gten_shape_check         (const char *op, guint n_dims, const gint64 *sizes, GtenDtype dtype, gint64 *numel,
                                   GError **error);
/* Fills `strides` row-major. */
void     gten_shape_strides       (guint n_dims, const gint64 *sizes, gint64 *strides);
gboolean gten_shape_is_contiguous (guint n_dims, const gint64 *sizes, const gint64 *strides);
/* `out` may be `a`. */
gboolean gten_shape_broadcast     (guint n_a, const gint64 *a, guint n_b, const gint64 *b, guint *n_out, gint64 *out,
                                   GError **error);
/* -n_dims <= dim < n_dims, 0-d counts as one: the non-negative dim, or -1 and PyTorch's "Dimension
 * out of range" error. */
int      gten_wrap_dim            (gint64 dim, guint n_dims, GError **error);
char    *gten_shape_to_string     (guint n_dims, const gint64 *sizes); /* "[2, 3]" */

G_END_DECLS
