/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Norms of matrices and condition numbers, composed of other operations. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

/* -- norms --------------------------------------------------------------------------------------- */

static GtenTensor *
in_dtype (GtenTensor *self, const GtenArg *dtype, GError **error)
{
  if (!dtype->given || dtype->i == self->dtype)
    return g_object_ref (self);
  return gten_apply_to_copy (self, (GtenDtype) dtype->i, NULL, FALSE, error);
}

/* The singular values of the matrices in two dimensions. */
static GtenTensor *
singular_values (GtenTensor *self, const int dims[2], GError **error)
{
  g_autoptr (GtenTensor) moved
      = gten_tensor_movedim (self, (const gint64[]) { dims[0], dims[1] }, 2,
                             (const gint64[]) { -2, -1 }, 2, error);

  return gten_apply_linalg_svdvals (moved, NULL, error);
}

static GtenTensor *
keep_dims (GtenTensor *reduced, const int dims[2], gboolean keepdim, GError **error)
{
  g_autoptr (GtenTensor) one = NULL;

  if (!keepdim)
    return gten_ref_or_null (reduced);
  one = gten_tensor_unsqueeze (reduced, MIN (dims[0], dims[1]), error);
  return gten_tensor_unsqueeze (one, MAX (dims[0], dims[1]), error);
}

static gboolean
matrix_dims (GtenTensor *self, const gint64 *dims, gsize n, int wrapped[2], GError **error)
{
  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "linalg.matrix_norm: The input tensor A must have at least 2 dimensions.");
  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "linalg.matrix_norm: Expected a floating point or complex tensor as input. Got %s",
                           gten_dtype_title ((GtenDtype) self->dtype));
  if (n != 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "linalg.matrix_norm: dim must be a 2-tuple. Got %" G_GINT64_FORMAT,
                           n > 0 ? dims[0] : 0);
  for (guint i = 0; i < 2; i++)
    {
      wrapped[i] = gten_wrap_dim (dims[i], self->n_dims, error);
      if (wrapped[i] < 0)
        return FALSE;
    }
  if (wrapped[0] == wrapped[1])
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "linalg.matrix_norm: dims must be different. Got (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")", dims[0], dims[1]);
  return TRUE;
}

static GtenTensor *
matrix_norm (GtenTensor *given, double order, const gint64 *dim, gsize n_dim, gboolean keepdim,
             const GtenArg *dtype, GError **error)
{
  g_autoptr (GtenTensor) self = in_dtype (given, dtype, error), sizes = NULL, values = NULL, sums = NULL;
  const gboolean smallest = order < 0;
  gint64 first, second;
  int dims[2];

  if (self == NULL || !matrix_dims (self, dim, n_dim, dims, error))
    return NULL;
  if (fabs (order) == 2)
    {
      sizes = singular_values (self, dims, error);
      values = smallest ? gten_apply_amin (sizes, (const gint64[]) { -1 }, 1, FALSE, error)
                        : gten_apply_amax (sizes, (const gint64[]) { -1 }, 1, FALSE, error);
      return keep_dims (values, dims, keepdim, error);
    }
  if (fabs (order) != 1 && !isinf (order))
    {
      gten_call_fail (error, GTEN_ERROR_VALUE, "linalg.matrix_norm: Order %g not supported.",
                      order);
      return NULL;
    }
  first = dims[isinf (order) ? 1 : 0];
  second = dims[isinf (order) ? 0 : 1];
  if (first < second && !keepdim)
    second--;
  sums = gten_apply_linalg_vector_norm (self, gten_scalar_int (1), &first, 1, keepdim,
                                        GTEN_DTYPE_NONE, error);
  return smallest ? gten_apply_amin (sums, &second, 1, keepdim, error) : gten_apply_amax (sums, &second, 1, keepdim, error);
}

static GtenTensor *
matrix_norm_named (GtenTensor *given, const char *order, const gint64 *dim, gsize n_dim, gboolean keepdim, const GtenArg *dtype,
                   GError **error)
{
  g_autoptr (GtenTensor) self = in_dtype (given, dtype, error), sizes = NULL, values = NULL;
  int dims[2];

  if (self == NULL || !matrix_dims (self, dim, n_dim, dims, error))
    return NULL;
  if (g_strcmp0 (order, "fro") == 0)
    return gten_apply_linalg_vector_norm (self, gten_scalar_int (2), dim, n_dim, keepdim,
                                          GTEN_DTYPE_NONE, error);
  if (g_strcmp0 (order, "nuc") != 0)
    {
      gten_call_fail (error, GTEN_ERROR_VALUE, "linalg.matrix_norm: Order %s not supported.",
                      order);
      return NULL;
    }
  sizes = singular_values (self, dims, error);
  values = gten_apply_sum (sizes, (const gint64[]) { -1 }, 1, FALSE, GTEN_DTYPE_NONE, error);
  return keep_dims (values, dims, keepdim, error);
}

gboolean
gten_run_matrix_norm (GtenCall *call, GError **error)
{
  const GtenArg *args = call->args;

  return gten_call_give (call, 0, matrix_norm (call->tensors[0], gten_scalar_to_double (&args[0].scalar), args[1].ints, args[1].n,
                                               args[2].i != 0, &args[3], error), error);
}

gboolean
gten_run_matrix_norm_named (GtenCall *call, GError **error)
{
  const GtenArg *args = call->args;

  return gten_call_give (call, 0, matrix_norm_named (call->tensors[0], args[0].s, args[1].ints, args[1].n, args[2].i != 0, &args[3],
                                                     error), error);
}

static gboolean
check_norm_dims (const GtenCall *call, gboolean ordered, GError **error)
{
  const GtenArg *dim = &call->args[1];
  g_autofree char *text = NULL;

  if (dim->given && dim->n != 1 && dim->n != 2)
    {
      text = gten_shape_to_string (dim->n, dim->ints);
      return gten_call_fail (error, GTEN_ERROR_VALUE, "linalg.norm: If dim is specified, it must be of length 1 or 2. Got %s", text);
    }
  if (!dim->given && ordered && call->tensors[0]->n_dims != 1 && call->tensors[0]->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got %uD.",
                           call->tensors[0]->n_dims);
  return TRUE;
}

gboolean
gten_run_linalg_norm (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *order = &call->args[0], *dim = &call->args[1];
  const gboolean keepdim = call->args[2].i != 0;

  if (!check_norm_dims (call, order->given, error))
    return FALSE;
  if (order->given && (dim->given ? dim->n == 2 : self->n_dims == 2))
    return gten_call_give (call, 0, matrix_norm (self, gten_scalar_to_double (&order->scalar),
                                                 dim->given ? dim->ints : (const gint64[]) { 0, 1 }, 2, keepdim, &call->args[3], error),
                           error);
  return gten_call_give (call, 0,
                         gten_apply_linalg_vector_norm (self, order->given ? order->scalar : gten_scalar_int (2),
                                                        dim->given ? dim->ints : NULL, dim->given ? dim->n : 0, keepdim,
                                                        call->args[3].given ? (GtenDtype) call->args[3].i : GTEN_DTYPE_NONE, error), error);
}

gboolean
gten_run_linalg_norm_named (GtenCall *call, GError **error)
{
  const GtenArg *dim = &call->args[1];

  if (!check_norm_dims (call, TRUE, error))
    return FALSE;
  return gten_call_give (call, 0, matrix_norm_named (call->tensors[0], call->args[0].s, dim->given ? dim->ints : (const gint64[]) { 0, 1 },
                                                     dim->given ? dim->n : 2, call->args[2].i != 0, &call->args[3], error), error);
}

/* -- condition numbers --------------------------------------------------------------------------- */

static gboolean
check_cond (GtenTensor *self, const char *order, gboolean square, GError **error)
{
  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "linalg.cond: The input tensor must have at least 2 dimensions.");
  if (square && gten_size (self, self->n_dims - 1) != gten_size (self, self->n_dims - 2))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "linalg.cond(ord=%s): A must be batches of square matrices, but they are %" G_GINT64_FORMAT " by %"
                           G_GINT64_FORMAT " matrices", order, gten_size (self, self->n_dims - 2), gten_size (self, self->n_dims - 1));
  return TRUE;
}

/* The inverse, infinite where there is none. */
static GtenTensor *
inverse_or_infinity (GtenTensor *self, GError **error)
{
  g_autoptr (GtenTensor) info = NULL, failed = NULL, column = NULL, wide = NULL;
  g_autoptr (GtenTensor) inverse = gten_apply_linalg_inv_ex (self, FALSE, &info, error);

  failed = gten_tensor_gt_scalar (info, GTEN_VALUE (0), error);
  column = gten_tensor_unsqueeze (failed, -1, error);
  wide = gten_tensor_unsqueeze (column, -1, error);
  return gten_tensor_masked_fill_scalar (inverse, wide, GTEN_VALUE (INFINITY), error);
}

/* A tensor without elements has condition number 0. */
static GtenTensor *
empty_cond (GtenTensor *self, GError **error)
{
  return gten_apply_new_zeros (self, gten_sizes (self), self->n_dims - 2, GTEN_DTYPE_NONE, NULL,
                               error);
}

gboolean
gten_run_cond (GtenCall *call, GError **error)
{
  static const GtenArg none = { 0 };
  static const gint64 last[] = { -2, -1 };
  GtenTensor *self = call->tensors[0];
  const double order = call->args[0].given ? gten_scalar_to_double (&call->args[0].scalar) : 2;
  g_autofree char *text = g_strdup_printf ("%g", order);
  g_autoptr (GtenTensor) a = NULL, b = NULL, inverse = NULL;

  if (!check_cond (self, text, fabs (order) != 2, error))
    return FALSE;
  if (fabs (order) != 1 && fabs (order) != 2 && !isinf (order))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "linalg.cond got an invalid norm type: %g",
                           order);
  if (self->numel == 0)
    return gten_call_give (call, 0, empty_cond (self, error), error);
  if (fabs (order) == 2)
    {
      g_autoptr (GtenTensor) sizes = gten_apply_linalg_svdvals (self, NULL, error);

      a = gten_tensor_select (sizes, -1, order > 0 ? 0 : -1, error);
      b = gten_tensor_select (sizes, -1, order > 0 ? -1 : 0, error);
      return gten_call_give (call, 0, gten_tensor_div (a, b, error), error);
    }
  inverse = inverse_or_infinity (self, error);
  a = matrix_norm (self, order, last, 2, FALSE, &none, error);
  b = inverse == NULL ? NULL : matrix_norm (inverse, order, last, 2, FALSE, &none, error);
  return gten_call_give (call, 0, gten_tensor_mul (a, b, error), error);
}

gboolean
gten_run_cond_named (GtenCall *call, GError **error)
{
  static const GtenArg none = { 0 };
  static const gint64 last[] = { -2, -1 };
  GtenTensor *self = call->tensors[0];
  const char *order = call->args[0].s;
  const gboolean nuclear = g_strcmp0 (order, "nuc") == 0;
  g_autoptr (GtenTensor) a = NULL, b = NULL, inverse = NULL;

  if (!nuclear && g_strcmp0 (order, "fro") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "linalg.cond got an invalid norm type: %s",
                           order);
  if (!check_cond (self, order, TRUE, error))
    return FALSE;
  if (self->numel == 0)
    return gten_call_give (call, 0, empty_cond (self, error), error);
  if (nuclear)
    {
      g_autoptr (GtenTensor) sizes = gten_apply_linalg_svdvals (self, NULL, error);
      g_autoptr (GtenTensor) inverses = gten_tensor_reciprocal (sizes, error);

      a = gten_apply_sum (sizes, (const gint64[]) { -1 }, 1, FALSE, GTEN_DTYPE_NONE, error);
      b = gten_apply_sum (inverses, (const gint64[]) { -1 }, 1, FALSE, GTEN_DTYPE_NONE, error);
    }
  else
    {
      inverse = inverse_or_infinity (self, error);
      a = matrix_norm_named (self, order, last, 2, FALSE, &none, error);
      b = inverse == NULL ? NULL : matrix_norm_named (inverse, order, last, 2, FALSE, &none, error);
    }
  return gten_call_give (call, 0, gten_tensor_mul (a, b, error), error);
}
