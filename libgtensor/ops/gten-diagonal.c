/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Diagonals and triangles of matrices, writing into a copy, and counting. */
#include "ops/gten-run-private.h"

#include <string.h>

/* -- diagonals --------------------------------------------------------------------------------- */

gboolean
gten_run_diag (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims == 1)
    return gten_call_give (call, 0, gten_apply_diag_embed (self, call->args[0].i, 0, 1, error),
                           error);
  if (self->n_dims == 2)
    return gten_call_give (call, 0, gten_apply_diagonal_copy (self, call->args[0].i, 0, 1, error),
                           error);
  return gten_call_fail (error, GTEN_ERROR_SHAPE, "diag(): Supports 1D or 2D tensors. Got %uD",
                         self->n_dims);
}

gboolean
gten_run_diagonal_copy (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  GtenCall viewing = { .op = call->op, .tensors = &self, .n_tensors = 1, .args = call->args };
  g_autoptr (GtenTensor) view = NULL;

  if (!gten_view_diagonal (&viewing, error))
    return FALSE;
  view = viewing.results[0];
  result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, view->n_dims, gten_sizes (view), error);
  return result != NULL && gten_copy_elements (result, view, error);
}

gboolean
gten_run_diag_embed (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  gint64 offset = call->args[0].i, length, sizes[GTEN_MAX_DIMS + 1];
  int dim1 = gten_wrap_dim (call->args[1].i, self->n_dims + 1, error), dim2;
  const GtenArg place[] = { call->args[0], call->args[1], call->args[2] };
  GtenCall viewing = { .op = call->op, .n_tensors = 1, .args = place };
  g_autoptr (GtenTensor) view = NULL;

  if (dim1 < 0)
    return FALSE;
  dim2 = gten_wrap_dim (call->args[2].i, self->n_dims + 1, error);
  if (dim2 < 0)
    return FALSE;
  if (dim1 == dim2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "diagonal dimensions cannot be identical %" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT,
                           call->args[1].i, call->args[2].i);
  if (self->n_dims == 0 || self->n_dims == GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "diag_embed: expected a tensor of 1 to %d dimensions, but got %u",
                           GTEN_MAX_DIMS - 1, self->n_dims);
  if (__builtin_add_overflow (gten_size (self, self->n_dims - 1), ABS (offset), &length))
    return gten_call_fail (error, GTEN_ERROR_MEMORY,
                           "diag_embed: the result has too many elements");
  for (int i = 0, source = 0; i <= self->n_dims; i++)
    sizes[i] = i == dim1 || i == dim2 ? length : gten_size (self, source++);
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims + 1, sizes, error);
  viewing.tensors = &result;
  if (result == NULL || !gten_fill_elements (result, gten_scalar_int (0), error)
      || !gten_view_diagonal (&viewing, error))
    return FALSE;
  view = viewing.results[0];
  return gten_copy_elements (view, self, error);
}

static gboolean
run_triangle (GtenCall *call, gboolean upper, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  GtenKArray input, out;

  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "%s: input tensor must have at least 2 dimensions",
                           upper ? "triu" : "tril");
  result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  if (result == NULL || self->numel == 0)
    return result != NULL;
  input = gten_array (self);
  out = gten_array (result);
  return GTEN_KERNEL (self, upper ? "triu" : "tril", error, NULL, triangle, upper, call->args[0].i,
                      &input, &out);
}

gboolean
gten_run_tril (GtenCall *call, GError **error)
{
  return run_triangle (call, FALSE, error);
}

gboolean
gten_run_triu (GtenCall *call, GError **error)
{
  return run_triangle (call, TRUE, error);
}

gboolean
gten_run_trace (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) diagonal = NULL;

  if (self->dtype == GTEN_DTYPE_BOOL)
    return gten_call_lacks (call, GTEN_DTYPE_BOOL, error);
  if (self->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "trace: expected a matrix, but got tensor with dim %u", self->n_dims);
  diagonal = gten_tensor_diagonal (self, error);
  return gten_call_give (call, 0, gten_tensor_sum (diagonal, error), error);
}

gboolean
gten_run_trace_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0];
  const GtenArg *sizes = &call->args[0];
  gint64 length = MIN (sizes->ints[0], sizes->ints[1]);
  g_autoptr (GtenTensor) line = gten_tensor_expand (grad, &length, 1, error);

  return gten_call_give (
      call, 0, gten_apply_diagonal_backward (line, sizes->ints, sizes->n, 0, 0, 1, error), error);
}

/* -- writing into a copy ----------------------------------------------------------------------- */

static gboolean
write_view (GtenCall *call, GtenRun view, GError **error)
{
  GtenTensor *src = call->tensors[1], *result = gten_call_copy_self (call, error);
  GtenCall viewing = { .op = call->op, .tensors = &result, .n_tensors = 1, .args = call->args };
  g_autoptr (GtenTensor) place = NULL;

  if (result == NULL || !view (&viewing, error))
    return FALSE;
  place = viewing.results[0];
  if (place->n_dims != src->n_dims
      || memcmp (gten_sizes (place), gten_sizes (src), src->n_dims * sizeof (gint64)) != 0)
    {
      g_autofree char *a = gten_shape_to_string (src->n_dims, gten_sizes (src));
      g_autofree char *b = gten_shape_to_string (place->n_dims, gten_sizes (place));

      return gten_call_fail (
          error, GTEN_ERROR_SHAPE,
          "expected src to have a size equal to the slice of self. src size = %s, slice size = %s",
          a, b);
    }
  return gten_copy_elements (place, src, error);
}

gboolean
gten_run_select_scatter (GtenCall *call, GError **error)
{
  return write_view (call, gten_view_select, error);
}

gboolean
gten_run_slice_scatter (GtenCall *call, GError **error)
{
  return write_view (call, gten_view_slice, error);
}

gboolean
gten_run_diagonal_scatter (GtenCall *call, GError **error)
{
  return write_view (call, gten_view_diagonal, error);
}

/* -- counting ---------------------------------------------------------------------------------- */

gboolean
gten_run_one_hot (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  gint64 n_classes = call->args[0].i, least = 0, largest = -1, sizes[GTEN_MAX_DIMS + 1];
  g_autoptr (GtenTensor) columns = NULL;

  if (self->dtype != GTEN_DTYPE_INT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "one_hot is only applicable to index tensor of type LongTensor.");
  if (self->numel == 0 && n_classes <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Can not infer total number of classes from empty tensor.");
  if (!gten_read_range (self, &least, &largest, error))
    return FALSE;
  if (least < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Class values must be non-negative.");
  if (n_classes == -1)
    n_classes = largest + 1;
  else if (n_classes < 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "num_classes should be positive");
  else if (largest >= n_classes)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Class values must be smaller than num_classes.");
  if (self->n_dims == GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "one_hot: a tensor has at most %d dimensions",
                           GTEN_MAX_DIMS);
  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  sizes[self->n_dims] = n_classes;
  result = gten_call_result (call, 0, GTEN_DTYPE_INT64, self->n_dims + 1, sizes, error);
  columns = gten_tensor_unsqueeze (self, -1, error);
  if (result == NULL || columns == NULL || !gten_fill_elements (result, gten_scalar_int (0), error))
    return FALSE;
  if (columns->numel == 0)
    return TRUE;

  const GtenKArray out = gten_array (result), index = gten_array (columns);
  GtenKFault fault = { 0 };

  return GTEN_KERNEL (result, "one_hot", error, &fault, scatter, GTEN_K_SCATTER_ASSIGN, &out,
                      self->n_dims, &index, NULL, (GtenKScalar){ .i = 1 }, &fault);
}

gboolean
gten_run_bincount (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *weights = call->tensors[1], *result;
  gint64 least = 0, largest = -1, size = call->args[0].i;
  g_autoptr (GtenTensor) index = NULL, values = NULL;

  if (size < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "minlength should be >= 0");
  if (gten_is_floating (self) || self->dtype == GTEN_DTYPE_BOOL)
    return gten_call_lacks (call, (GtenDtype) self->dtype, error);
  if (self->n_dims == 1 && !gten_read_range (self, &least, &largest, error))
    return FALSE;
  if (self->n_dims != 1 || least < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "bincount only supports 1-d non-negative integral inputs.");
  if (weights != NULL && (weights->n_dims != 1 || weights->numel != self->numel))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "weights should be 1-d and have the same length as input");
  size = MAX (size, largest + 1);
  index = gten_cast (self, GTEN_DTYPE_INT64, error);
  if (weights == NULL)
    values = gten_apply_new_ones (self, &self->numel, 1, GTEN_DTYPE_INT64, NULL, error);
  else
    values = gten_cast (
        weights, weights->dtype == GTEN_DTYPE_FLOAT32 ? GTEN_DTYPE_FLOAT32 : GTEN_DTYPE_FLOAT64,
        error);
  if (index == NULL || values == NULL)
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) values->dtype, 1, &size, error);
  if (result == NULL || !gten_fill_elements (result, gten_scalar_int (0), error))
    return FALSE;
  if (self->numel == 0)
    return TRUE;

  const GtenKArray out = gten_array (result), positions = gten_array (index),
                   src = gten_array (values);
  GtenKFault fault = { 0 };

  return GTEN_KERNEL (result, "bincount", error, &fault, scatter, GTEN_K_SCATTER_ADD, &out, 0,
                      &positions, &src, (GtenKScalar){ 0 }, &fault);
}
