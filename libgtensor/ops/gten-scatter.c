/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* gather and scatter: the index has as many dimensions as the tensor, and replaces the position
 * along one. take and put are the same on flattened tensors. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

static gboolean
check_status (GtenTensor *tensor, const char *op, GtenKStatus status, const GtenKFault *fault,
              int dim, GError **error)
{
  if (status == GTEN_K_BAD_INDEX)
    return gten_index_fail (error, "", fault, dim);
  return gten_device_check (tensor->storage->device, op, status, fault, error);
}

/* `self` as the index's dimensionality wants it: a number is a vector of one. */
static GtenTensor *
as_dims (GtenTensor *self, guint n_dims)
{
  if (self->n_dims == n_dims)
    return g_object_ref (self);
  return gten_geometry (self, n_dims, (const gint64[]){ 1 }, (const gint64[]){ 1 }, self->offset);
}

gboolean
gten_run_gather (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const GtenBackend *backend = gten_device_get_backend (self->storage->device);
  g_autoptr (GtenTensor) index = NULL, from = NULL;
  GtenKFault fault = { 0 };
  GtenKArray arrays[3];
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  /* An empty index may be of any dtype. */
  index = call->tensors[1]->numel == 0
              ? g_object_ref (call->tensors[1])
              : gten_index_tensor (call->tensors[1],
                                   "gather(): Expected dtype int32/int64 for index", error);
  if (index == NULL)
    return FALSE;
  if (index->numel > 0)
    {
      if (MAX (index->n_dims, 1) != MAX (self->n_dims, 1))
        return gten_call_fail (
            error, GTEN_ERROR_SHAPE,
            "Index tensor must have the same number of dimensions as input tensor");
      for (int i = 0; i < self->n_dims && i < index->n_dims; i++)
        if (i != dim && gten_size (index, i) > gten_size (self, i))
          {
            g_autofree char *a = gten_shape_to_string (index->n_dims, gten_sizes (index));
            g_autofree char *b = gten_shape_to_string (self->n_dims, gten_sizes (self));

            return gten_call_fail (error, GTEN_ERROR_SHAPE,
                                   "Size does not match at dimension %d expected index %s to be no "
                                   "larger than self %s apart from dimension %d",
                                   i, a, b, dim);
          }
    }
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, index->n_dims, gten_sizes (index),
                             error);
  if (result == NULL || index->numel == 0)
    return result != NULL;
  from = as_dims (self, index->n_dims);
  arrays[0] = gten_array (from);
  arrays[1] = gten_array (index);
  arrays[2] = gten_array (result);
  if (backend->gather == NULL)
    return check_status (self, "gather", GTEN_K_UNSUPPORTED, NULL, dim, error);
  return check_status (self, "gather",
                       gten_device_begin (self->storage->device, "gather")->gather (gten_device_get_index (self->storage->device), &arrays[0],
                                        dim, &arrays[1], &arrays[2], &fault),
                       &fault, dim, error);
}

static gboolean
check_scatter (GtenTensor *self, GtenTensor *index, GtenTensor *src, int dim, GError **error)
{
  gboolean fits = TRUE;

  if (index->numel == 0)
    return TRUE;
  if (MAX (index->n_dims, 1) != MAX (self->n_dims, 1))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Index tensor must have the same number of dimensions as self tensor");
  if (src != NULL && MAX (index->n_dims, 1) != MAX (src->n_dims, 1))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Index tensor must have the same number of dimensions as src tensor");
  for (int i = 0; i < index->n_dims; i++)
    {
      fits &= i == dim || i >= self->n_dims || gten_size (index, i) <= gten_size (self, i);
      fits &= src == NULL || gten_size (index, i) <= (src->n_dims == 0 ? 1 : gten_size (src, i));
    }
  if (!fits)
    {
      g_autofree char *a = gten_shape_to_string (index->n_dims, gten_sizes (index));
      g_autofree char *b = gten_shape_to_string (self->n_dims, gten_sizes (self));
      g_autofree char *c
          = src == NULL ? NULL : gten_shape_to_string (src->n_dims, gten_sizes (src));

      if (src == NULL)
        return gten_call_fail (
            error, GTEN_ERROR_SHAPE,
            "Expected index %s to be no larger than self %s apart from dimension %d", a, b, dim);
      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Expected index %s to be no larger than self %s apart from dimension "
                             "%d and to be no larger size than src %s",
                             a, b, dim, c);
    }
  return TRUE;
}

static gboolean
scatter_into (GtenTensor *result, GtenKScatter kind, int dim, GtenTensor *index, GtenTensor *src,
              GtenKScalar value, GError **error)
{
  GtenDevice *device = result->storage->device;
  const GtenBackend *backend = gten_device_get_backend (device);
  g_autoptr (GtenTensor) out = NULL, from = NULL;
  GtenKArray arrays[3];
  GtenKFault fault = { 0 };

  if (index->numel == 0)
    return TRUE;
  out = as_dims (result, index->n_dims);
  arrays[0] = gten_array (out);
  arrays[1] = gten_array (index);
  if (src != NULL)
    {
      from = as_dims (src, index->n_dims);
      arrays[2] = gten_array (from);
      arrays[2].sizes = arrays[1].sizes;
    }
  if (backend->scatter == NULL)
    return check_status (result, "scatter", GTEN_K_UNSUPPORTED, NULL, dim, error);
  return check_status (
      result, "scatter",
      gten_device_begin (device, "scatter")->scatter (gten_device_get_index (device), kind, &arrays[0], dim, &arrays[1],
                        src == NULL ? NULL : &arrays[2], value, &fault),
      &fault, dim, error);
}

/* An empty index may be of any dtype. */
static GtenTensor *
scatter_index (GtenTensor *index, GError **error)
{
  return index->numel == 0 ? gten_cast (index, GTEN_DTYPE_INT64, error)
                           : gten_index_tensor (index, "scatter(): Expected dtype int32/int64 for index", error);
}

static gboolean
run_scatter (GtenCall *call, GtenKScatter kind, GtenTensor *src, const GtenScalar *value,
             GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  g_autoptr (GtenTensor) index = NULL;
  GtenKScalar number = { 0 };
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  index = scatter_index (call->tensors[1], error);
  if (index == NULL)
    return FALSE;
  if (src != NULL && src->dtype != self->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "scatter(): Expected self.dtype to be equal to src.dtype");
  if (!check_scatter (self, index, src, dim, error))
    return FALSE;
  result = gten_call_copy_self (call, error);
  if (result == NULL)
    return FALSE;
  if (value != NULL && gten_is_floating (self))
    number.f = gten_scalar_to_double (value);
  else if (value != NULL)
    number.i = gten_scalar_to_int (value);
  return scatter_into (result, kind, dim, index, src, number, error);
}

gboolean
gten_run_scatter (GtenCall *call, GError **error)
{
  return run_scatter (call, GTEN_K_SCATTER_ASSIGN, call->tensors[2], NULL, error);
}

gboolean
gten_run_scatter_value (GtenCall *call, GError **error)
{
  return gten_check_fits (&call->args[1].scalar, (GtenDtype) call->tensors[0]->dtype, error)
         && run_scatter (call, GTEN_K_SCATTER_ASSIGN, NULL, &call->args[1].scalar, error);
}

gboolean
gten_run_scatter_add (GtenCall *call, GError **error)
{
  return run_scatter (call, GTEN_K_SCATTER_ADD, call->tensors[2], NULL, error);
}

gboolean
gten_run_gather_to (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *index = call->tensors[1];
  const GtenArg *sizes = &call->args[1];
  g_autoptr (GtenTensor) gathered = gten_apply_gather (grad, call->args[0].i, index, FALSE, error),
                         current = NULL;

  if (gathered == NULL)
    return FALSE;
  /* Where src was larger than the index, its rest took no part. */
  for (guint i = 0; i < gathered->n_dims && i < sizes->n; i++)
    if (gten_size (gathered, i) < sizes->ints[i])
      {
        gint64 rest[GTEN_MAX_DIMS];
        g_autoptr (GtenTensor) zeros = NULL;
        GtenTensor *joined;

        memcpy (rest, gten_sizes (gathered), gathered->n_dims * sizeof *rest);
        rest[i] = sizes->ints[i] - gten_size (gathered, i);
        zeros = gten_apply_new_zeros (grad, rest, gathered->n_dims, GTEN_DTYPE_NONE, NULL, error);
        joined = gten_apply_cat ((GtenTensor *[]){ gathered, zeros }, 2, i, error);
        if (joined == NULL)
          return FALSE;
        g_object_unref (gathered);
        gathered = joined;
      }
  return gten_call_give (call, 0, g_steal_pointer (&gathered), error);
}

/* -- scatter_reduce ---------------------------------------------------------------------------- */

static int
find_reduction (const char *name)
{
  static const char *const names[] = { "sum", "prod", "mean", "amax", "amin" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (name, names[i]) == 0)
      return (int) i;
  return -1;
}

enum
{
  REDUCE_SUM,
  REDUCE_PROD,
  REDUCE_MEAN,
  REDUCE_MAX,
  REDUCE_MIN
};

/* How many numbers meet in each place, at least one. */
static GtenTensor *
count_meeting (GtenTensor *like, int dim, GtenTensor *index, GtenTensor *src, gboolean include_self,
               GError **error)
{
  g_autoptr (GtenTensor) start = include_self
                                     ? gten_apply_new_ones (like, gten_sizes (like), like->n_dims,
                                                            GTEN_DTYPE_NONE, NULL, error)
                                     : gten_apply_new_zeros (like, gten_sizes (like), like->n_dims,
                                                             GTEN_DTYPE_NONE, NULL, error);
  g_autoptr (GtenTensor) ones
      = gten_apply_new_ones (src, gten_sizes (src), src->n_dims, GTEN_DTYPE_NONE, NULL, error);
  g_autoptr (GtenTensor) counts = gten_apply_scatter_add (start, dim, index, ones, error);

  return gten_tensor_clamp_min_scalar (counts, GTEN_VALUE (1), error);
}

gboolean
gten_run_scatter_reduce (GtenCall *call, GError **error)
{
  static const GtenKScatter kinds[] = { GTEN_K_SCATTER_ADD, GTEN_K_SCATTER_PROD, GTEN_K_SCATTER_ADD,
                                        GTEN_K_SCATTER_MAX, GTEN_K_SCATTER_MIN };
  GtenTensor *self = call->tensors[0], *src = call->tensors[2], *result;
  int reduction = find_reduction (call->args[1].s), dim;
  gboolean include_self = call->args[2].i != 0;
  g_autoptr (GtenTensor) index = NULL, counts = NULL, mean = NULL;

  if (reduction < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "reduce argument must be either sum, prod, mean, amax or amin, got %s",
                           call->args[1].s == NULL ? "None" : call->args[1].s);
  dim = gten_call_dim (call, 0, error);
  if (dim < 0)
    return FALSE;
  index = scatter_index (call->tensors[1], error);
  if (index == NULL)
    return FALSE;
  if (src->dtype != self->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "scatter(): Expected self.dtype to be equal to src.dtype");
  if (!check_scatter (self, index, src, dim, error))
    return FALSE;
  result = gten_call_copy_self (call, error);
  if (result == NULL)
    return FALSE;
  if (!include_self)
    {
      /* What is written to begins with the neutral element. */
      GtenKScalar neutral = { 0 };
      gboolean floating = gten_is_floating (self);

      if (reduction == REDUCE_PROD)
        neutral = floating ? (GtenKScalar){ .f = 1 } : (GtenKScalar){ .i = 1 };
      else if (reduction == REDUCE_MAX || reduction == REDUCE_MIN)
        {
          const gint64 lowest[] = { [GTEN_DTYPE_INT8] = G_MININT8,
                                    [GTEN_DTYPE_INT16] = G_MININT16,
                                    [GTEN_DTYPE_INT32] = G_MININT32,
                                    [GTEN_DTYPE_INT64] = G_MININT64,
                                    [GTEN_DTYPE_BOOL] = 0 };
          const gint64 highest[]
              = { [GTEN_DTYPE_UINT8] = G_MAXUINT8, [GTEN_DTYPE_INT8] = G_MAXINT8,
                  [GTEN_DTYPE_INT16] = G_MAXINT16, [GTEN_DTYPE_INT32] = G_MAXINT32,
                  [GTEN_DTYPE_INT64] = G_MAXINT64, [GTEN_DTYPE_BOOL] = 1 };

          if (floating)
            neutral.f = reduction == REDUCE_MAX ? -INFINITY : INFINITY;
          else
            neutral.i = reduction == REDUCE_MAX ? lowest[self->dtype] : highest[self->dtype];
        }
      if (!scatter_into (result, GTEN_K_SCATTER_ASSIGN, dim, index, NULL, neutral, error))
        return FALSE;
    }
  if (!scatter_into (result, kinds[reduction], dim, index, src, (GtenKScalar){ 0 }, error))
    return FALSE;
  if (reduction != REDUCE_MEAN)
    return TRUE;
  counts = count_meeting (result, dim, index, src, include_self, error);
  mean = counts == NULL ? NULL
                        : gten_apply_div_mode (result, counts,
                                               gten_is_floating (self) ? NULL : "floor", error);
  return mean != NULL && gten_copy_elements (result, mean, error);
}

/* sum and mean: the gradient as it is or divided; amax and amin: shared by those that are the
 * result; prod: the product of the others, by division, with zeros looked after. */
gboolean
gten_gradient_scatter_reduce (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs,
                              GError **error)
{
  const GtenArg *args = gten_node_args (node);
  int reduction = find_reduction (args[1].s), dim = (int) args[0].i;
  gboolean include_self = args[2].i != 0;
  g_autoptr (GtenTensor) self = NULL, index = NULL, src = NULL, result = NULL, for_self = NULL,
                         for_src = NULL, grad = NULL;

  if (grads[0] == NULL)
    return TRUE;
  self = gten_node_saved_input (node, 0, error);
  index = gten_node_saved_input (node, 1, error);
  src = gten_node_saved_input (node, 2, error);
  result = gten_node_saved_result (node, 0, error);
  grad = g_object_ref (grads[0]);
  if (self == NULL || index == NULL || src == NULL || result == NULL)
    return FALSE;
  if (reduction == REDUCE_MEAN)
    {
      g_autoptr (GtenTensor) counts = count_meeting (grad, dim, index, src, include_self, error);
      GtenTensor *mean = gten_tensor_div (grad, counts, error);

      g_object_unref (grad);
      grad = mean;
    }
  if (reduction == REDUCE_SUM || reduction == REDUCE_MEAN)
    {
      for_self = gten_ref_or_null (grad);
      for_src = gten_apply_gather_to (grad, dim, index, gten_sizes (src), src->n_dims, error);
    }
  else if (reduction == REDUCE_PROD)
    {
      /* result = self * product of src: for src, redone with zeros as ones and counted. */
      g_autoptr (GtenTensor) src_zero = gten_tensor_eq_scalar (src, GTEN_VALUE (0), error);
      g_autoptr (GtenTensor) src_filled
          = gten_tensor_masked_fill_scalar (src, src_zero, GTEN_VALUE (1), error);
      g_autoptr (GtenTensor) start
          = include_self ? g_object_ref (self)
                         : gten_apply_scatter_value (self, dim, index, gten_scalar_int (1), error);
      g_autoptr (GtenTensor) self_zero = gten_tensor_eq_scalar (start, GTEN_VALUE (0), error);
      g_autoptr (GtenTensor) self_filled
          = gten_tensor_masked_fill_scalar (start, self_zero, GTEN_VALUE (1), error);
      g_autoptr (GtenTensor) product
          = gten_apply_scatter_reduce (self_filled, dim, index, src_filled, "prod", TRUE, error);
      g_autoptr (GtenTensor) zeros_self = gten_tensor_type_as (self_zero, src, error);
      g_autoptr (GtenTensor) zeros_src = gten_tensor_type_as (src_zero, src, error);
      g_autoptr (GtenTensor) zeros
          = gten_apply_scatter_add (zeros_self, dim, index, zeros_src, error);
      g_autoptr (GtenTensor) at_src
          = gten_apply_gather_to (zeros, dim, index, gten_sizes (src), src->n_dims, error);
      g_autoptr (GtenTensor) product_at_src
          = gten_apply_gather_to (product, dim, index, gten_sizes (src), src->n_dims, error);
      g_autoptr (GtenTensor) others_src = gten_tensor_div (product_at_src, src_filled, error);
      g_autoptr (GtenTensor) other_zeros_src = gten_tensor_sub (at_src, zeros_src, error);
      g_autoptr (GtenTensor) none_src
          = gten_tensor_ne_scalar (other_zeros_src, GTEN_VALUE (0), error);
      g_autoptr (GtenTensor) factor_src
          = gten_tensor_masked_fill_scalar (others_src, none_src, GTEN_VALUE (0), error);
      g_autoptr (GtenTensor) grad_src
          = gten_apply_gather_to (grad, dim, index, gten_sizes (src), src->n_dims, error);
      g_autoptr (GtenTensor) others_self = gten_tensor_div (product, self_filled, error);
      g_autoptr (GtenTensor) other_zeros_self = gten_tensor_sub (zeros, zeros_self, error);
      g_autoptr (GtenTensor) none_self
          = gten_tensor_ne_scalar (other_zeros_self, GTEN_VALUE (0), error);
      g_autoptr (GtenTensor) factor_self
          = gten_tensor_masked_fill_scalar (others_self, none_self, GTEN_VALUE (0), error);

      for_src = gten_tensor_mul (grad_src, factor_src, error);
      for_self = gten_tensor_mul (grad, factor_self, error);
    }
  else
    {
      g_autoptr (GtenTensor) value
          = gten_apply_gather_to (result, dim, index, gten_sizes (src), src->n_dims, error);
      g_autoptr (GtenTensor) self_is = gten_tensor_eq (self, result, error);
      g_autoptr (GtenTensor) src_is = gten_tensor_eq (src, value, error);
      g_autoptr (GtenTensor) self_count = gten_tensor_type_as (self_is, grad, error);
      g_autoptr (GtenTensor) src_count = gten_tensor_type_as (src_is, grad, error);
      g_autoptr (GtenTensor) start
          = include_self
                ? gten_ref_or_null (self_count)
                : gten_apply_scatter_value (self_count, dim, index, gten_scalar_int (0), error);
      g_autoptr (GtenTensor) counts = gten_apply_scatter_add (start, dim, index, src_count, error);
      g_autoptr (GtenTensor) share = gten_tensor_div (grad, counts, error);
      g_autoptr (GtenTensor) share_src
          = gten_apply_gather_to (share, dim, index, gten_sizes (src), src->n_dims, error);

      for_self = gten_tensor_mul (share, self_count, error);
      for_src = gten_tensor_mul (share_src, src_count, error);
    }
  if (for_self == NULL || for_src == NULL)
    return FALSE;
  if (!include_self)
    {
      GtenTensor *rest
          = gten_apply_scatter_value (for_self, dim, index, gten_scalar_int (0), error);

      g_object_unref (for_self);
      for_self = rest;
      if (rest == NULL)
        return FALSE;
    }
  if (gten_node_needs_input (node, 0))
    grad_inputs[0] = g_steal_pointer (&for_self);
  if (gten_node_needs_input (node, 2))
    grad_inputs[2] = g_steal_pointer (&for_src);
  return TRUE;
}

/* -- take and put ------------------------------------------------------------------------------ */

static gboolean
fail_flat (GError **error, const GtenKFault *fault)
{
  return gten_call_fail (error, GTEN_ERROR_INDEX,
                         "out of range: tried to access index %" G_GINT64_FORMAT
                         " on a tensor of %" G_GINT64_FORMAT " elements.",
                         fault->value, fault->bound);
}

/* Reads or writes the flattened `self`, which is contiguous, at `index`. */
static gboolean
move_flat (GtenTensor *self, GtenTensor *index, GtenTensor *value, gboolean put,
           gboolean accumulate, const char *op, GError **error)
{
  GtenDevice *device = self->storage->device;
  g_autoptr (GtenTensor) flat
      = gten_geometry (self, 1, &self->numel, (const gint64[]){ 1 }, self->offset);
  const GtenKArray positions = gten_array (index);
  const GtenKIndexing indexing
      = { gten_array (flat), gten_array (value), 1, index->n_dims, &positions };
  GtenKFault fault = { 0 };
  GtenKStatus status;

  if (index->numel == 0)
    return TRUE;
  if (self->numel == 0)
    return gten_call_fail (error, GTEN_ERROR_INDEX, "%s(): cannot take or put from an empty tensor",
                           op);
  status = gten_run_indexing (device, op, &indexing, put, accumulate, &fault);
  return status == GTEN_K_BAD_INDEX ? fail_flat (error, &fault)
                                    : gten_device_check (device, op, status, &fault, error);
}

gboolean
gten_run_take (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *index = call->tensors[1], *result;
  g_autoptr (GtenTensor) packed = NULL;

  if (index->dtype != GTEN_DTYPE_INT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "take(): Expected a long tensor for index, but got %s",
                           gten_dtype_title ((GtenDtype) index->dtype));
  packed = gten_contiguous (self, error);
  result = packed == NULL ? NULL
                          : gten_call_result (call, 0, (GtenDtype) self->dtype, index->n_dims,
                                              gten_sizes (index), error);
  return result != NULL && move_flat (packed, index, result, FALSE, FALSE, "take", error);
}

gboolean
gten_run_put (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *index = call->tensors[1], *source = call->tensors[2],
             *result;
  g_autoptr (GtenTensor) packed = NULL, values = NULL, seen = NULL;

  if (index->dtype != GTEN_DTYPE_INT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "put_(): Expected a long tensor for index, but got %s",
                           gten_dtype_title ((GtenDtype) index->dtype));
  if (self->dtype != source->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "put_(): self and source expected to have the same dtype, but got "
                           "self.dtype = %s and source.dtype = %s",
                           gten_dtype_title ((GtenDtype) self->dtype),
                           gten_dtype_title ((GtenDtype) source->dtype));
  if (index->numel != source->numel)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "put_(): Expected source and index to have the same number of elements, "
                           "but got source.numel() = %" G_GINT64_FORMAT
                           ", index.numel() = %" G_GINT64_FORMAT,
                           source->numel, index->numel);
  result = gten_call_copy_self (call, error);
  packed = result == NULL ? NULL : gten_contiguous (result, error);
  values = packed == NULL ? NULL : gten_contiguous (source, error);
  if (values == NULL)
    return FALSE;
  gint64 strides[GTEN_MAX_DIMS];
  gten_shape_strides (index->n_dims, gten_sizes (index), strides);
  seen = gten_geometry (values, index->n_dims, gten_sizes (index), strides, values->offset);
  if (!move_flat (packed, index, seen, TRUE, call->args[0].i != 0, "put_", error))
    return FALSE;
  return packed == result || gten_copy_elements (result, packed, error);
}

/* Indices below zero count from the end of `size` elements. */
static GtenTensor *
count_from_end (GtenTensor *indices, gint64 size, GError **error)
{
  g_autoptr (GtenTensor) negative = gten_tensor_lt_scalar (indices, GTEN_VALUE (0), error);
  g_autoptr (GtenTensor) shift = gten_tensor_mul_scalar (negative, GTEN_VALUE (size), error);

  return gten_tensor_add (indices, shift, error);
}

gboolean
gten_run_take_along_dim (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *indices;
  g_autoptr (GtenTensor) a = NULL, b = NULL, wrapped = NULL;
  gint64 a_sizes[GTEN_MAX_DIMS], b_sizes[GTEN_MAX_DIMS], sizes[GTEN_MAX_DIMS];
  guint n_dims;
  int dim;

  if (!call->args[0].given)
    {
      indices = wrapped = count_from_end (call->tensors[1], self->numel, error);
      a = gten_tensor_reshape (self, (const gint64[]){ -1 }, 1, error);
      b = gten_tensor_reshape (indices, (const gint64[]){ -1 }, 1, error);
      return gten_call_give (call, 0, gten_apply_gather (a, 0, b, FALSE, error), error);
    }
  if (self->n_dims != call->tensors[1]->n_dims)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.take_along_dim(): input and indices should have the same number "
                           "of dimensions, but got %u dimensions for input, "
                           "and %u dimensions for indices",
                           self->n_dims, call->tensors[1]->n_dims);
  dim = gten_call_dim (call, 0, error);
  if (dim < 0)
    return FALSE;
  indices = wrapped = count_from_end (call->tensors[1], self->n_dims > 0 ? gten_size (self, dim) : 1, error);
  if (indices == NULL)
    return FALSE;
  memcpy (a_sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  memcpy (b_sizes, gten_sizes (indices), self->n_dims * sizeof *sizes);
  if (self->n_dims > 0)
    a_sizes[dim] = b_sizes[dim] = 1;
  if (!gten_shape_broadcast (self->n_dims, a_sizes, self->n_dims, b_sizes, &n_dims, sizes, error))
    return FALSE;
  if (n_dims > 0)
    sizes[dim] = gten_size (self, dim);
  a = gten_tensor_expand (self, sizes, n_dims, error);
  if (n_dims > 0)
    sizes[dim] = gten_size (indices, dim);
  b = gten_tensor_expand (indices, sizes, n_dims, error);
  return gten_call_give (call, 0, gten_apply_gather (a, dim, b, FALSE, error), error);
}
