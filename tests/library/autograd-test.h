/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the autograd tests share: tensors in one line, and values compared in one line. */
#pragma once

#include "gtensor.h"

static inline G_GNUC_UNUSED GtenTensor *
tensor (const double *values, const gint64 *sizes, gsize n_dims)
{
  g_autoptr (GError) error = NULL;
  gsize numel = 1;

  for (gsize i = 0; i < n_dims; i++)
    numel *= sizes[i];
  GtenTensor *result = gten_tensor_new_from_doubles (values, numel, GTEN_DTYPE_FLOAT32, sizes,
                                                     n_dims, &error);
  g_assert_no_error (error);
  return result;
}

static inline G_GNUC_UNUSED GtenTensor *
leaf (const double *values, const gint64 *sizes, gsize n_dims)
{
  GtenTensor *result = tensor (values, sizes, n_dims);

  gten_tensor_set_requires_grad (result, TRUE);
  return result;
}

#define VALUES(...) ((const double[]) { __VA_ARGS__ })

/* [[1, 2], [3, 4]], requiring a gradient */
static inline G_GNUC_UNUSED GtenTensor *
square (void)
{
  return leaf (VALUES (1, 2, 3, 4), GTEN_SIZES (2, 2));
}

#define assert_values(tensor, ...)                                                                                     \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    const double expected_[] = { __VA_ARGS__ };                                                                        \
    g_autoptr (GError) error_ = NULL;                                                                                  \
    gsize n_ = 0;                                                                                                      \
    GtenTensor *tensor_ = (tensor);                                                                                    \
    g_assert_nonnull (tensor_);                                                                                        \
    g_autofree double *values_ = gten_tensor_get_doubles (tensor_, &n_, &error_);                                      \
    g_assert_no_error (error_);                                                                                        \
    g_assert_cmpuint (n_, ==, G_N_ELEMENTS (expected_));                                                               \
    for (gsize i_ = 0; i_ < n_; i_++)                                                                                  \
      g_assert_cmpfloat_with_epsilon (values_[i_], expected_[i_], 1e-4 * MAX (1, ABS (expected_[i_])));                \
  }                                                                                                                    \
  G_STMT_END

#define assert_fails(error, text)                                                                                      \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_assert_nonnull (error);                                                                                          \
    if (strstr ((error)->message, (text)) == NULL)                                                                     \
      g_error ("expected \"%s\", got \"%s\"", (text), (error)->message);                                               \
    g_clear_error (&(error));                                                                                          \
  }                                                                                                                    \
  G_STMT_END
