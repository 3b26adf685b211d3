/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Scans: each element is the reduction of those up to it. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

static gboolean
scan_into (GtenTensor *self, GtenKScan kind, const char *op, int dim, GtenTensor *result,
           GtenTensor *indices, GError **error)
{
  GtenKArray input, out, places;

  if (self->numel == 0)
    return TRUE;
  if (self->n_dims == 0)
    return gten_copy_elements (result, self, error)
           && (indices == NULL || gten_fill_elements (indices, gten_scalar_int (0), error));
  input = gten_array (self);
  out = gten_array (result);
  if (indices != NULL)
    places = gten_array (indices);
  return GTEN_KERNEL (self, op, error, NULL, scan, kind, &input, dim, &out,
                      indices == NULL ? NULL : &places);
}

/* cumsum and cumprod: integers accumulate in int64 unless a dtype is asked for; in place, in self's
 * dtype. */
static gboolean
run_accumulate (GtenCall *call, GtenKScan kind, const char *op, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  GtenDtype dtype = call->args[1].given                         ? (GtenDtype) call->args[1].i
                    : call->in_place || gten_is_floating (self) ? (GtenDtype) self->dtype
                                                                : GTEN_DTYPE_INT64;
  g_autoptr (GtenTensor) input = NULL;
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  if (call->in_place && dtype != (GtenDtype) self->dtype)
    return gten_call_fail (
        error, GTEN_ERROR_DTYPE,
        "Bad in-place call: input tensor dtype %s and output tensor dtype %s should match",
        gten_dtype_get_name ((GtenDtype) self->dtype), gten_dtype_get_name (dtype));
  input = gten_cast (self, dtype, error);
  result = input == NULL
               ? NULL
               : gten_call_result (call, 0, dtype, self->n_dims, gten_sizes (self), error);
  return result != NULL && scan_into (input, kind, op, dim, result, NULL, error);
}

gboolean
gten_run_cumsum (GtenCall *call, GError **error)
{
  return run_accumulate (call, GTEN_K_SCAN_SUM, "cumsum", error);
}

gboolean
gten_run_cumprod (GtenCall *call, GError **error)
{
  return run_accumulate (call, GTEN_K_SCAN_PROD, "cumprod", error);
}

/* The sum over what follows of grad * output, divided by the element. Where there is a zero, each
 * element's products are made anew without it. */
gboolean
gten_run_cumprod_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *input = call->tensors[1], *output = call->tensors[2];
  int dim = gten_wrap_dim (call->args[0].i, input->n_dims, error);
  const gint64 along = dim;
  g_autoptr (GtenTensor) all = gten_tensor_all (input, error);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 without_zero = 0, size;

  if (dim < 0 || all == NULL || !gten_read_int (all, &without_zero, error))
    return FALSE;
  if (without_zero || input->n_dims == 0)
    {
      g_autoptr (GtenTensor) product
          = input->n_dims == 0 ? g_object_ref (grad) : gten_tensor_mul (grad, output, error);
      g_autoptr (GtenTensor) turned = NULL, sums = NULL, back = NULL;

      if (input->n_dims == 0)
        return gten_call_give (call, 0, g_steal_pointer (&product), error);
      turned = gten_tensor_flip (product, &along, 1, error);
      sums = gten_apply_cumsum (turned, dim, GTEN_DTYPE_NONE, error);
      back = gten_tensor_flip (sums, &along, 1, error);
      return gten_call_give (call, 0, gten_tensor_div (back, input, error), error);
    }
  size = gten_size (input, dim);
  for (gint64 k = 0; k < size; k++)
    {
      g_autoptr (GtenTensor) first = gten_apply_slice (input, dim, k, k + 1, 1, error);
      g_autoptr (GtenTensor) one
          = gten_apply_full_like (first, gten_scalar_int (1), GTEN_DTYPE_NONE, NULL, error);
      g_autoptr (GtenTensor) after = gten_apply_slice (input, dim, k + 1, size, 1, error);
      g_autoptr (GtenTensor) products = gten_apply_cumprod (after, dim, GTEN_DTYPE_NONE, error);
      g_autoptr (GtenTensor) before
          = k == 0 ? gten_ref_or_null (one) : gten_apply_slice (output, dim, k - 1, k, 1, error);
      g_autoptr (GtenTensor) rest
          = gten_apply_cat ((GtenTensor *[]){ one, products }, 2, dim, error);
      g_autoptr (GtenTensor) slopes = gten_tensor_mul (before, rest, error);
      g_autoptr (GtenTensor) own = gten_apply_slice (grad, dim, k, size, 1, error);
      g_autoptr (GtenTensor) terms = gten_tensor_mul (own, slopes, error);
      GtenTensor *line = gten_apply_sum (terms, &along, 1, TRUE, GTEN_DTYPE_NONE, error);

      if (line == NULL)
        return FALSE;
      g_ptr_array_add (lines, line);
    }
  return gten_call_give (
      call, 0, gten_apply_cat ((GtenTensor **) lines->pdata, lines->len, dim, error), error);
}

static gboolean
run_extreme (GtenCall *call, GtenKScan kind, const char *op, GError **error)
{
  GtenTensor *self = call->tensors[0], *values, *indices;
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  values
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  indices = values == NULL ? NULL
                           : gten_call_result (call, 1, GTEN_DTYPE_INT64, self->n_dims,
                                               gten_sizes (self), error);
  return indices != NULL && scan_into (self, kind, op, dim, values, indices, error);
}

gboolean
gten_run_cummax (GtenCall *call, GError **error)
{
  return run_extreme (call, GTEN_K_SCAN_MAX, "cummax", error);
}

gboolean
gten_run_cummin (GtenCall *call, GError **error)
{
  return run_extreme (call, GTEN_K_SCAN_MIN, "cummin", error);
}

gboolean
gten_run_logcumsumexp (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  if (!gten_is_floating (self))
    return gten_call_lacks (call, (GtenDtype) self->dtype, error);
  result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  return result != NULL
         && scan_into (self, GTEN_K_SCAN_LOGSUMEXP, "logcumsumexp", dim, result, NULL, error);
}

gboolean
gten_run_diff (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *prepend = call->tensors[1], *append = call->tensors[2];
  g_autoptr (GtenTensor) line = NULL;
  gint64 n = call->args[0].i;
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "diff expects input to be at least one-dimensional");
  if (n < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "order must be non-negative but got %" G_GINT64_FORMAT, n);
  dim = gten_call_dim (call, 1, error);
  if (dim < 0)
    return FALSE;
  if (n == 0)
    return gten_call_give (call, 0, gten_tensor_clone (self, error), error);
  if (prepend != NULL || append != NULL)
    {
      GtenTensor *parts[3];
      guint n_parts = 0;

      if (prepend != NULL)
        parts[n_parts++] = prepend;
      parts[n_parts++] = self;
      if (append != NULL)
        parts[n_parts++] = append;
      line = gten_apply_cat (parts, n_parts, dim, error);
    }
  else
    line = g_object_ref (self);
  if (line == NULL)
    return FALSE;
  n = MIN (n, gten_size (line, dim));
  for (gint64 i = 0; i < n; i++)
    {
      gint64 size = gten_size (line, dim), length = MAX (size - 1, 0);
      g_autoptr (GtenTensor) after = gten_apply_slice (line, dim, size - length, size, 1, error);
      g_autoptr (GtenTensor) before = gten_apply_slice (line, dim, 0, length, 1, error);
      GtenTensor *difference = line->dtype == GTEN_DTYPE_BOOL
                                   ? gten_tensor_logical_xor (after, before, error)
                                   : gten_tensor_sub (after, before, error);

      if (difference == NULL)
        return FALSE;
      g_object_unref (line);
      line = difference;
    }
  return gten_call_give (call, 0, g_steal_pointer (&line), error);
}

/* -- products of all but one -------------------------------------------------------------------- */

/* For each element, the product of those before it. */
static GtenTensor *
products_before (GtenTensor *self, int dim, GError **error)
{
  g_autoptr (GtenTensor) first = gten_tensor_narrow (self, dim, 0, 1, error), one = NULL, joined = NULL;
  g_autoptr (GtenTensor) rest = gten_tensor_narrow (self, dim, 0, gten_size (self, dim) - 1, error);

  one = gten_tensor_ones_like (first, GTEN_DTYPE_NONE, NULL, error);
  joined = gten_apply_cat ((GtenTensor *[]){ one, rest }, 2, dim, error);
  return gten_apply_cumprod (joined, dim, GTEN_DTYPE_NONE, error);
}

/* Where this is itself differentiated it is made of products alone, which have derivatives also at 0. */
gboolean
gten_run_prod_of_others (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *dims = &call->args[0];
  const gboolean all = !dims->given || dims->n == 0;
  g_autoptr (GtenTensor) line = NULL, reversed = NULL, before = NULL, backwards = NULL, after = NULL, product = NULL;
  gint64 dim = 0;

  if (gten_grad_mode_off || !gten_tensor_needs_grad (self) || self->numel == 0 || (!all && dims->n > 1))
    return gten_call_give (call, 0, gten_apply_prod_of_others_quotient (self, dims->ints, dims->n, error), error);
  if (!all && self->n_dims > 0)
    dim = gten_wrap_dim (dims->ints[0], self->n_dims, error);
  line = all || self->n_dims == 0 ? gten_tensor_reshape (self, (const gint64[]){ -1 }, 1, error) : g_object_ref (self);
  reversed = gten_tensor_flip (line, &dim, 1, error);
  if (reversed == NULL)
    return FALSE;
  before = products_before (line, (int) dim, error);
  backwards = products_before (reversed, (int) dim, error);
  after = gten_tensor_flip (backwards, &dim, 1, error);
  product = gten_tensor_mul (before, after, error);
  return gten_call_give (call, 0, gten_tensor_reshape (product, gten_sizes (self), self->n_dims, error), error);
}
