/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Joining tensors, and what turns a list of tensors into a list. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

static GtenDtype
common_dtype (GtenTensor **tensors, guint n_tensors)
{
  GtenDtype dtype = (GtenDtype) tensors[0]->dtype;

  for (guint i = 1; i < n_tensors; i++)
    dtype = gten_promote_types (dtype, (GtenDtype) tensors[i]->dtype);
  return dtype;
}

/* An empty vector joins with anything, as it always did. */
static gboolean
is_skipped (guint n_dims, const gint64 *sizes)
{
  return n_dims == 1 && sizes[0] == 0;
}

gboolean
gten_run_cat (GtenCall *call, GError **error)
{
  GtenTensor **tensors = call->tensors, *model = NULL, *result;
  gint64 sizes[GTEN_MAX_DIMS], start = 0, length = 0;
  guint model_index = 0;
  int dim;

  if (call->n_tensors == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "torch.cat(): expected a non-empty list of Tensors");
  for (guint i = 0; i < call->n_tensors; i++)
    {
      if (tensors[i]->n_dims == 0)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "zero-dimensional tensor (at position %u) cannot be concatenated",
                               i);
      if (model == NULL && !is_skipped (tensors[i]->n_dims, gten_sizes (tensors[i])))
        {
          model = tensors[i];
          model_index = i;
        }
    }
  if (model == NULL)
    model = tensors[0];
  dim = gten_wrap_dim (call->args[0].i, model->n_dims, error);
  if (dim < 0)
    return FALSE;
  for (guint i = 0; i < call->n_tensors; i++)
    {
      if (is_skipped (tensors[i]->n_dims, gten_sizes (tensors[i])))
        continue;
      if (tensors[i]->n_dims != model->n_dims)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "Tensors must have same number of dimensions: got %u and %u",
                               model->n_dims, tensors[i]->n_dims);
      for (int d = 0; d < model->n_dims; d++)
        if (d != dim && gten_size (tensors[i], d) != gten_size (model, d))
          return gten_call_fail (
              error, GTEN_ERROR_SHAPE,
              "Sizes of tensors must match except in dimension %d. Expected size %" G_GINT64_FORMAT
              " but got size %" G_GINT64_FORMAT " for tensor number %u in the list.",
              dim, gten_size (model, d), gten_size (tensors[i], d), i);
      if (i >= model_index && __builtin_add_overflow (length, gten_size (tensors[i], dim), &length))
        return gten_call_fail (error, GTEN_ERROR_MEMORY, "cat: the result has too many elements");
    }
  memcpy (sizes, gten_sizes (model), model->n_dims * sizeof *sizes);
  sizes[dim] = length;
  result = gten_call_result (call, 0, common_dtype (tensors, call->n_tensors), model->n_dims, sizes,
                             error);
  if (result == NULL)
    return FALSE;
  for (guint i = 0; i < call->n_tensors; i++)
    {
      g_autoptr (GtenTensor) place = NULL;

      if (is_skipped (tensors[i]->n_dims, gten_sizes (tensors[i])))
        continue;
      place = gten_geometry_slice (result, dim, start, gten_size (tensors[i], dim), 1);
      if (!gten_copy_elements (place, tensors[i], error))
        return FALSE;
      start += gten_size (tensors[i], dim);
    }
  return TRUE;
}

gboolean
gten_gradient_cat (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)
{
  GtenTensor *grad = grads[0];
  int dim = grad == NULL ? 0 : gten_wrap_dim (gten_node_args (node)[0].i, grad->n_dims, error);
  gint64 start = 0;

  for (guint i = 0; grad != NULL && i < gten_node_n_tensors (node); i++)
    {
      guint n_dims;
      const gint64 *sizes = gten_node_input_sizes (node, i, &n_dims);
      gint64 length = is_skipped (n_dims, sizes) ? 0 : sizes[dim];

      if (gten_node_needs_input (node, i))
        {
          if (is_skipped (n_dims, sizes))
            grad_inputs[i]
                = gten_zeros (sizes, 1, (GtenDtype) grad->dtype, grad->storage->device, error);
          else
            grad_inputs[i] = gten_apply_slice (grad, dim, start, start + length, 1, error);
          if (grad_inputs[i] == NULL)
            return FALSE;
        }
      start += length;
    }
  return TRUE;
}

gboolean
gten_run_stack (GtenCall *call, GError **error)
{
  GtenTensor **tensors = call->tensors, *result;
  gint64 sizes[GTEN_MAX_DIMS + 1];
  int dim;

  if (call->n_tensors == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "stack expects a non-empty TensorList");
  dim = gten_wrap_dim (call->args[0].i, tensors[0]->n_dims + 1, error);
  if (dim < 0)
    return FALSE;
  if (tensors[0]->n_dims == GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "stack: a tensor has at most %d dimensions",
                           GTEN_MAX_DIMS);
  for (guint i = 1; i < call->n_tensors; i++)
    if (tensors[i]->n_dims != tensors[0]->n_dims
        || memcmp (gten_sizes (tensors[i]), gten_sizes (tensors[0]),
                   tensors[0]->n_dims * sizeof (gint64))
               != 0)
      {
        g_autofree char *a = gten_shape_to_string (tensors[0]->n_dims, gten_sizes (tensors[0]));
        g_autofree char *b = gten_shape_to_string (tensors[i]->n_dims, gten_sizes (tensors[i]));

        return gten_call_fail (
            error, GTEN_ERROR_SHAPE,
            "stack expects each tensor to be equal size, but got %s at entry 0 and %s at entry %u",
            a, b, i);
      }
  for (guint i = 0, source = 0; i <= tensors[0]->n_dims; i++)
    sizes[i] = i == (guint) dim ? call->n_tensors : gten_size (tensors[0], source++);
  result = gten_call_result (call, 0, common_dtype (tensors, call->n_tensors),
                             tensors[0]->n_dims + 1, sizes, error);
  if (result == NULL)
    return FALSE;
  for (guint i = 0; i < call->n_tensors; i++)
    {
      g_autoptr (GtenTensor) place = gten_geometry_select (result, dim, i);

      if (!gten_copy_elements (place, tensors[i], error))
        return FALSE;
    }
  return TRUE;
}

/* -- composed ---------------------------------------------------------------------------------- */

typedef GtenTensor *(*Widen) (GtenTensor *self, GError **error);

static gboolean
cat_widened (GtenCall *call, Widen widen, int dim, GError **error)
{
  g_autoptr (GPtrArray) wide = g_ptr_array_new_with_free_func (g_object_unref);

  if (call->n_tensors == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%s expects a non-empty TensorList",
                           call->op->name);
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = widen (call->tensors[i], error);

      if (tensor == NULL)
        return FALSE;
      g_ptr_array_add (wide, tensor);
    }
  return gten_call_give (
      call, 0, gten_apply_cat ((GtenTensor **) wide->pdata, wide->len, dim, error), error);
}

gboolean
gten_run_hstack (GtenCall *call, GError **error)
{
  return cat_widened (call, gten_tensor_atleast_1d,
                      call->n_tensors > 0 && call->tensors[0]->n_dims > 1 ? 1 : 0, error);
}

gboolean
gten_run_vstack (GtenCall *call, GError **error)
{
  return cat_widened (call, gten_tensor_atleast_2d, 0, error);
}

gboolean
gten_run_dstack (GtenCall *call, GError **error)
{
  return cat_widened (call, gten_tensor_atleast_3d, 2, error);
}

static GtenTensor *
column (GtenTensor *self, GError **error)
{
  return self->n_dims <= 1
             ? gten_tensor_reshape (self, (const gint64[]){ self->numel, 1 }, 2, error)
             : g_object_ref (self);
}

gboolean
gten_run_column_stack (GtenCall *call, GError **error)
{
  return cat_widened (call, column, 1, error);
}

gboolean
gten_run_block_diag (GtenCall *call, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 width = 0, before = 0;
  GtenDtype dtype;

  if (call->n_tensors == 0)
    return gten_call_result (call, 0, gten_get_default_dtype (), 2, (const gint64[]) { 1, 0 }, error) != NULL;
  dtype = common_dtype (call->tensors, call->n_tensors);
  for (guint i = 0; i < call->n_tensors; i++)
    {
      if (call->tensors[i]->n_dims > 2)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "torch.block_diag: Input tensors must have 2 or fewer dimensions. "
                               "Input %u has %u dimensions",
                               i, call->tensors[i]->n_dims);
      width += call->tensors[i]->n_dims == 0
                   ? 1
                   : gten_size (call->tensors[i], call->tensors[i]->n_dims - 1);
    }
  for (guint i = 0; i < call->n_tensors; i++)
    {
      g_autoptr (GtenTensor) block = gten_tensor_atleast_2d (call->tensors[i], error), left = NULL,
                             right = NULL;
      GtenTensor *row;

      if (block == NULL)
        return FALSE;
      left = gten_zeros ((const gint64[]){ gten_size (block, 0), before }, 2, dtype,
                         block->storage->device, error);
      before += gten_size (block, 1);
      right = gten_zeros ((const gint64[]){ gten_size (block, 0), width - before }, 2, dtype,
                          block->storage->device, error);
      row = gten_apply_cat ((GtenTensor *[]){ left, block, right }, 3, 1, error);
      if (row == NULL)
        return FALSE;
      g_ptr_array_add (rows, row);
    }
  return gten_call_give (call, 0, gten_apply_cat ((GtenTensor **) rows->pdata, rows->len, 0, error),
                         error);
}

gboolean
gten_run_broadcast_tensors (GtenCall *call, GError **error)
{
  gint64 sizes[GTEN_MAX_DIMS];
  guint n_dims = 0;

  for (guint i = 0; i < call->n_tensors; i++)
    {
      gint64 common[GTEN_MAX_DIMS];

      if (!gten_shape_broadcast (n_dims, sizes, call->tensors[i]->n_dims,
                                 gten_sizes (call->tensors[i]), &n_dims, common, error))
        return FALSE;
      memcpy (sizes, common, n_dims * sizeof *sizes);
    }
  call->list = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *view = gten_tensor_expand (call->tensors[i], sizes, n_dims, error);

      if (view == NULL)
        return FALSE;
      g_ptr_array_add (call->list, view);
    }
  return TRUE;
}

gboolean
gten_run_meshgrid (GtenCall *call, GError **error)
{
  const char *indexing = call->args[0].s;
  gboolean swapped = g_strcmp0 (indexing, "xy") == 0 && call->n_tensors >= 2;
  gint64 sizes[GTEN_MAX_DIMS];

  if (call->n_tensors == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "meshgrid expects a non-empty TensorList");
  if (call->n_tensors > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "meshgrid: a tensor has at most %d dimensions",
                           GTEN_MAX_DIMS);
  if (g_strcmp0 (indexing, "ij") != 0 && g_strcmp0 (indexing, "xy") != 0)
    return gten_call_fail (
        error, GTEN_ERROR_VALUE,
        "torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: %s",
        indexing == NULL ? "None" : indexing);
  for (guint i = 0; i < call->n_tensors; i++)
    {
      if (call->tensors[i]->n_dims > 1)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but "
                               "got a tensor of %u dimensions",
                               call->tensors[i]->n_dims);
      if (call->tensors[i]->dtype != call->tensors[0]->dtype)
        return gten_call_fail (error, GTEN_ERROR_DTYPE,
                               "meshgrid expects all tensors to have the same dtype");
      sizes[swapped && i < 2 ? 1 - i : i] = call->tensors[i]->numel;
    }
  call->list = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < call->n_tensors; i++)
    {
      gint64 shape[GTEN_MAX_DIMS];
      g_autoptr (GtenTensor) axis = NULL;
      GtenTensor *grid;

      for (guint d = 0; d < call->n_tensors; d++)
        shape[d] = 1;
      shape[swapped && i < 2 ? 1 - i : i] = -1;
      axis = gten_tensor_view (call->tensors[i], shape, call->n_tensors, error);
      grid = gten_tensor_expand (axis, sizes, call->n_tensors, error);
      if (grid == NULL)
        return FALSE;
      g_ptr_array_add (call->list, grid);
    }
  return TRUE;
}
