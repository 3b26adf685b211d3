/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reductions over all dimensions or some. */
#include "core/gten-warning-private.h"
#include "ops/gten-call-private.h"

#include "ops/gten-run-private.h"

#include <math.h>

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
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "dim %d appears multiple times in the list of dims", dim);
      *mask |= (guint64) 1 << dim;
    }
  return TRUE;
}

static gboolean
call_dims (const GtenCall *call, const GtenOpInfo *op, guint64 *mask, GError **error)
{
  const GtenArg *dim = op->dim_arg >= 0 ? &call->args[op->dim_arg] : NULL;
  const guint n_dims = call->tensors[0]->n_dims;

  if (dim == NULL || !dim->given)
    return reduced_dims (n_dims, NULL, 0, mask, error);
  if (op->dim_is_list)
    return reduced_dims (n_dims, dim->ints, dim->n, mask, error);
  return reduced_dims (n_dims, &dim->i, 1, mask, error);
}

static gboolean
result_dtype (const GtenCall *call, const GtenOpInfo *op, GtenDtype *dtype, GError **error)
{
  const GtenArg *asked = op->dtype_arg >= 0 && call->args[op->dtype_arg].given ? &call->args[op->dtype_arg] : NULL;

  *dtype = asked != NULL ? (GtenDtype) asked->i : (GtenDtype) call->tensors[0]->dtype;
  if (op->promote == GTEN_PROMOTE_LOGICAL)
    *dtype = *dtype == GTEN_DTYPE_UINT8 ? GTEN_DTYPE_UINT8 : GTEN_DTYPE_BOOL;
  else if (op->promote == GTEN_PROMOTE_SUM && asked == NULL
           && !gten_dtype_is_floating_point (*dtype))
    *dtype = GTEN_DTYPE_INT64;
  else if (op->promote == GTEN_PROMOTE_FLOATING && !gten_dtype_is_floating_point (*dtype))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
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
      return gten_call_fail (error, GTEN_ERROR_INDEX,
                             "%s(): Expected reduction dim %u to have non-zero size.", op->name, i);
  return TRUE;
}

/* Runs the reduction `op` with the arguments of the call. `centre`, if not NULL, has size one in
 * each reduced dimension and is subtracted first, in the same pass. */
static gboolean
run_reduction (GtenCall *call, const GtenOpInfo *op, GtenTensor *centre, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const gboolean keepdim = op->keepdim_arg >= 0 && call->args[op->keepdim_arg].i;
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS], centre_strides[GTEN_MAX_DIMS];
  guint n_dims = 0;
  guint64 mask;
  GtenDtype dtype;

  if (!result_dtype (call, op, &dtype, error) || !call_dims (call, op, &mask, error)
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
    .compute = gten_compute_type (op->promote == GTEN_PROMOTE_LOGICAL ? (GtenDtype) self->dtype : dtype),
    .input = gten_array (self),
    .out = gten_data (result),
    .out_dtype = (GtenKDtype) result->dtype,
    .out_strides = strides,
  };
  const GtenKInstruction subtract = { .kernel = GTEN_K_SUB, .args = { 0, 1 },
                                      .params = { { .f = 1 } } };
  GtenKProgram prologue;

  if (centre != NULL)
    {
      for (guint i = 0; i < self->n_dims; i++)
        centre_strides[i] = mask >> i & 1 ? 0 : gten_stride (centre, i);
      prologue = (GtenKProgram) {
        .compute = reduction.compute,
        .n_dims = self->n_dims,
        .sizes = gten_sizes (self),
        .n_inputs = 2,
        .n_instructions = 1,
        .inputs = { { .data = gten_data (self), .dtype = (GtenKDtype) self->dtype, .strides = gten_strides (self) },
                    { .data = gten_data (centre), .dtype = (GtenKDtype) centre->dtype, .strides = centre_strides } },
        .instructions = &subtract,
      };
      reduction.prologue = &prologue;
    }
  for (guint i = 0; i < op->n_params; i++)
    {
      const GtenScalar *value = &call->args[op->params[i]].scalar;

      if (reduction.compute == GTEN_K_COMPUTE_INT64)
        reduction.params[i].i = gten_scalar_to_int (value);
      else
        reduction.params[i].f = gten_scalar_to_double (value);
    }
  return GTEN_KERNEL (result, op->name, error, NULL, reduce, &reduction);
}

gboolean
gten_run_reduce (GtenCall *call, GError **error)
{
  return run_reduction (call, call->op, NULL, error);
}

gboolean
gten_run_vector_norm (GtenCall *call, GError **error)
{
  const double order = gten_scalar_to_double (&call->args[0].scalar);
  const GtenDtype dtype = call->args[3].given ? (GtenDtype) call->args[3].i : (GtenDtype) call->tensors[0]->dtype;
  const GtenOpInfo *op = order == 0           ? &gten_info_norm_0
                         : order == 1         ? &gten_info_norm_1
                         : order == 2         ? &gten_info_norm_2
                         : order == INFINITY  ? &gten_info_norm_largest
                         : order == -INFINITY ? &gten_info_norm_smallest
                                              : &gten_info_norm_p;

  if (!gten_dtype_is_floating_point (dtype))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "linalg.vector_norm: Expected a floating point or complex tensor as input. Got %s", gten_dtype_title (dtype));
  if ((isinf (order) || order < 0) && call->tensors[0]->numel == 0)
    {
      guint64 mask;
      gint64 n_reduced = 1;

      if (!call_dims (call, op, &mask, error))
        return FALSE;
      for (guint i = 0; i < call->tensors[0]->n_dims; i++)
        n_reduced *= mask >> i & 1 ? gten_size (call->tensors[0], i) : 1;
      if (n_reduced == 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "linalg.vector_norm cannot compute the %g norm on an empty tensor because the operation does not have "
                               "an identity", order);
    }
  return run_reduction (call, op, NULL, error);
}

/* A dimension that is out of range is left to the reduction. */
static gboolean
warn_of_no_freedom (const GtenCall *call, double correction, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *dim = &call->args[0];
  double n = 1;

  if (!dim->given || dim->n == 0)
    n = (double) self->numel;
  for (gsize i = 0; dim->given && i < dim->n && self->n_dims > 0; i++)
    {
      const gint64 d = dim->ints[i] < 0 ? dim->ints[i] + self->n_dims : dim->ints[i];

      n *= d >= 0 && d < self->n_dims ? (double) gten_size (self, (guint) d) : 1;
    }
  return correction < n
         || gten_warn (error,
                       "%s(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel "
                       "divided by output numel).", call->op->name);
}

/* In two passes: the mean, then the squares of the distances from it. */
static gboolean
run_spread (GtenCall *call, const GtenOpInfo *op, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *dim = &call->args[0], *correction = &call->args[1], *keepdim = &call->args[2];
  const GtenArg args[] = {
    *dim, { .scalar = correction->given ? correction->scalar : gten_scalar_int (1), .given = TRUE }, *keepdim,
  };
  const GtenDtype dtype = self->dtype == GTEN_DTYPE_FLOAT64 ? GTEN_DTYPE_FLOAT64 : GTEN_DTYPE_FLOAT32;
  const GtenArg *given = call->args;
  g_autoptr (GtenTensor) mean = NULL;
  gboolean ok;

  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "%s only support floating point and complex dtypes",
                           call->op->n_results == 2 ? call->op->name : "std and var");
  if (!warn_of_no_freedom (call, gten_scalar_to_double (&args[1].scalar), error))
    return FALSE;
  mean = gten_apply_mean (self, dim->ints, dim->n, TRUE, dtype, error);
  if (mean == NULL)
    return FALSE;
  call->args = args;
  ok = run_reduction (call, op, mean, error);
  call->args = given;
  return ok;
}

gboolean
gten_run_var (GtenCall *call, GError **error)
{
  return run_spread (call, &gten_info_variance, error);
}

gboolean
gten_run_std (GtenCall *call, GError **error)
{
  return run_spread (call, &gten_info_deviation, error);
}

static gboolean
run_spread_and_mean (GtenCall *call, const GtenOpInfo *op, GError **error)
{
  const GtenArg *dim = &call->args[0];

  return run_spread (call, op, error)
         && gten_call_give (call, 1, gten_apply_mean (call->tensors[0], dim->ints, dim->n, call->args[2].i, GTEN_DTYPE_NONE, error), error);
}

gboolean
gten_run_var_mean (GtenCall *call, GError **error)
{
  return run_spread_and_mean (call, &gten_info_variance, error);
}

gboolean
gten_run_std_mean (GtenCall *call, GError **error)
{
  return run_spread_and_mean (call, &gten_info_deviation, error);
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
  call->results[0] = gten_tensor_new_strided (self->storage, (GtenDtype) self->dtype, sizes->n,
                                              sizes->ints, strides, self->offset);
  return TRUE;
}
