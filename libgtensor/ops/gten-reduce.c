/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reductions over all dimensions or some. */
#include "ops/gten-call-private.h"

#include "ops/gten-run-private.h"

#include <string.h>

/* The dimensions that a call reduces, as bits; none given means all. */
static gboolean
reduced_dims (guint n_dims, const gint64 *dims, gsize n, guint64 *mask, GError **error)
{
  *mask = 0;
  if (n == 0)
    {
      *mask = n_dims == 64 ? ~(guint64) 0 : ((guint64) 1 << n_dims) - 1;
      return TRUE;
    }
  for (gsize i = 0; i < n; i++)
    {
      int dim = gten_wrap_dim (dims[i], n_dims, error);

      if (dim < 0)
        return FALSE;
      if (*mask >> dim & 1)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "dim %d appears multiple times in the list of dims", dim);
      *mask |= (guint64) 1 << dim;
    }
  return TRUE;
}

static gboolean
call_dims (const GtenCall *call, guint64 *mask, GError **error)
{
  const GtenOpInfo *op = call->op;
  const GtenArg *dim = op->dim_arg >= 0 ? &call->args[op->dim_arg] : NULL;
  const guint n_dims = call->tensors[0]->n_dims;

  if (dim == NULL || !dim->given)
    return reduced_dims (n_dims, NULL, 0, mask, error);
  if (op->dim_is_list)
    return reduced_dims (n_dims, dim->ints, dim->n, mask, error);
  return reduced_dims (n_dims, &dim->i, 1, mask, error);
}

static gboolean
result_dtype (const GtenCall *call, GtenDtype *dtype, GError **error)
{
  const GtenOpInfo *op = call->op;
  const GtenArg *asked = op->dtype_arg >= 0 && call->args[op->dtype_arg].given ? &call->args[op->dtype_arg] : NULL;

  *dtype = asked != NULL ? (GtenDtype) asked->i : (GtenDtype) call->tensors[0]->dtype;
  if (op->promote == GTEN_PROMOTE_LOGICAL)
    *dtype = *dtype == GTEN_DTYPE_UINT8 ? GTEN_DTYPE_UINT8 : GTEN_DTYPE_BOOL;
  else if (op->promote == GTEN_PROMOTE_SUM && asked == NULL && !gten_dtype_is_floating_point (*dtype))
    *dtype = GTEN_DTYPE_INT64;
  else if (op->promote == GTEN_PROMOTE_FLOATING && !gten_dtype_is_floating_point (*dtype))
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "%s(): could not infer output dtype. %s dtype must be either a floating point or complex dtype. Got: %s",
                           op->name, asked != NULL ? "Optional" : "Input", gten_dtype_title (*dtype));
  return TRUE;
}

static gboolean
check_not_empty (const GtenCall *call, guint64 mask, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenOpInfo *op = call->op;
  const gboolean all = op->dim_arg < 0 || !call->args[op->dim_arg].given || (op->dim_is_list && call->args[op->dim_arg].n == 0);

  if (all && self->numel == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "%s(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
                           "'dim' argument.", op->name);
  for (guint i = 0; i < self->n_dims; i++)
    if (mask >> i & 1 && gten_size (self, i) == 0)
      return gten_call_fail (error, GTEN_ERROR_INDEX, "%s(): Expected reduction dim %u to have non-zero size.", op->name, i);
  return TRUE;
}

static GtenKCompute
compute_type (GtenDtype dtype)
{
  if (dtype == GTEN_DTYPE_FLOAT64)
    return GTEN_K_COMPUTE_FLOAT64;
  return gten_dtype_is_floating_point (dtype) ? GTEN_K_COMPUTE_FLOAT32 : GTEN_K_COMPUTE_INT64;
}

gboolean
gten_run_reduce (GtenCall *call, GError **error)
{
  const GtenOpInfo *op = call->op;
  GtenTensor *self = call->tensors[0], *result;
  const gboolean keepdim = op->keepdim_arg >= 0 && call->args[op->keepdim_arg].i;
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  guint n_dims = 0;
  guint64 mask;
  GtenDtype dtype;

  if (!call_dims (call, &mask, error) || !result_dtype (call, &dtype, error)
      || (op->nonempty && !check_not_empty (call, mask, error)))
    return FALSE;
  for (guint i = 0; i < self->n_dims; i++)
    if (!(mask >> i & 1))
      sizes[n_dims++] = gten_size (self, i);
    else if (keepdim)
      sizes[n_dims++] = 1;
  result = gten_call_result (call, 0, dtype, n_dims, sizes, error);
  if (result == NULL)
    return FALSE;
  if (result->numel == 0)
    return TRUE;
  for (guint i = 0, k = 0; i < self->n_dims; i++)
    if (mask >> i & 1)
      {
        strides[i] = 0;
        k += keepdim;
      }
    else
      strides[i] = gten_stride (result, k++);

  GtenKReduction reduction = {
    .kernel = op->kernel,
    .compute = compute_type (op->promote == GTEN_PROMOTE_LOGICAL ? (GtenDtype) self->dtype : dtype),
    .input = gten_array (self),
    .out = gten_data (result),
    .out_dtype = (GtenKDtype) result->dtype,
    .out_strides = strides,
  };

  for (guint i = 0; i < op->n_params; i++)
    {
      const GtenArg *arg = &call->args[op->params[i]];
      const double value = op->param_types[i] == GTEN_PARAM_SCALAR ? gten_scalar_to_double (&arg->scalar)
                           : op->param_types[i] == GTEN_PARAM_INT  ? (double) arg->i
                                                                   : arg->f;

      if (reduction.compute == GTEN_K_COMPUTE_INT64)
        reduction.params[i].i = (gint64) value;
      else
        reduction.params[i].f = value;
    }
  return GTEN_KERNEL (result, op->name, error, NULL, reduce, &reduction);
}

/* A reduced tensor seen in the shape from before: the reduced dimensions repeat it. */
gboolean
gten_view_expand_reduced (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *sizes = &call->args[0], *dim = &call->args[1];
  const gboolean keepdim = call->args[2].i;
  gint64 strides[GTEN_MAX_DIMS];
  guint64 mask;

  if (!reduced_dims (sizes->n, dim->ints, dim->given ? dim->n : 0, &mask, error))
    return FALSE;
  for (guint i = 0, k = 0; i < sizes->n; i++)
    {
      const gboolean reduced = mask >> i & 1;

      strides[i] = reduced ? 0 : gten_stride (self, k);
      k += keepdim || !reduced;
    }
  call->results[0] = gten_tensor_new_strided (self->storage, (GtenDtype) self->dtype, sizes->n, sizes->ints, strides, self->offset);
  return TRUE;
}
