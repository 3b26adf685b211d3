/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Advanced indexing, NumPy's and PyTorch's rules. Indices stand for the leading dimensions of self,
 * NULL takes all of one. A boolean index of k dimensions stands for k dimensions and counts as k
 * integer ones, the positions of what is true. All are broadcast to one index shape. It takes the
 * place of the indexed dimensions where these are neighbours, and comes first where they are not.
 */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

/* -- the plan ---------------------------------------------------------------------------------- */

typedef struct
{
  GtenTensor *self;   /* indexed dimensions first; new reference */
  GPtrArray *indices; /* int64, expanded to the index shape */
  guint n_index_dims;
  guint place;  /* where the index dimensions stand in the result */
  guint n_dims; /* of the result */
  gint64 sizes[2 * GTEN_MAX_DIMS];
} Plan;

static void
plan_clear (Plan *plan)
{
  g_clear_object (&plan->self);
  g_clear_pointer (&plan->indices, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

/* One entry per dimension of self, NULL for all of it: masks become positions. */
static GPtrArray *
expand_masks (GtenTensor *self, GtenTensor **indices, guint n_indices, GError **error)
{
  g_autoptr (GPtrArray) expanded = g_ptr_array_new_with_free_func (gten_unref_any);

  for (guint i = 0; i < n_indices; i++)
    {
      GtenTensor *index = indices[i];
      g_autoptr (GtenTensor) positions = NULL, moved = NULL;

      if (index != NULL && index->storage->device != self->storage->device)
        {
          if (index->storage->device != gten_device_get_cpu ())
            {
              gten_call_fail (error, GTEN_ERROR_DEVICE,
                              "indices should be either on cpu or on the same device as the indexed tensor (%s)",
                              gten_device_get_name (self->storage->device));
              return NULL;
            }
          index = moved = gten_apply_to (index, self->storage->device, GTEN_DTYPE_NONE, FALSE, FALSE, error);
          if (moved == NULL)
            return NULL;
        }
      if (index == NULL)
        g_ptr_array_add (expanded, NULL);
      else if (index->dtype == GTEN_DTYPE_INT64)
        g_ptr_array_add (expanded, g_object_ref (index));
      else if (index->dtype == GTEN_DTYPE_INT32)
        {
          positions = gten_cast (index, GTEN_DTYPE_INT64, error);
          if (positions == NULL)
            return NULL;
          g_ptr_array_add (expanded, g_steal_pointer (&positions));
        }
      else if (index->dtype == GTEN_DTYPE_BOOL || index->dtype == GTEN_DTYPE_UINT8)
        {
          guint first = expanded->len;

          for (guint d = 0; d < index->n_dims; d++)
            if (first + d >= self->n_dims || gten_size (index, d) != gten_size (self, first + d))
              {
                g_autofree char *a = gten_shape_to_string (index->n_dims, gten_sizes (index));
                g_autofree char *b = gten_shape_to_string (self->n_dims, gten_sizes (self));

                if (first + d >= self->n_dims)
                  gten_call_fail (error, GTEN_ERROR_INDEX,
                                  "too many indices for tensor of dimension %u", self->n_dims);
                else
                  gten_call_fail (error, GTEN_ERROR_INDEX,
                                  "The shape of the mask %s at index %u does not match the shape "
                                  "of the indexed tensor %s at index %u",
                                  a, d, b, first + d);
                return NULL;
              }
          positions = gten_tensor_nonzero (index, error);
          if (positions == NULL)
            return NULL;
          for (guint d = 0; d < index->n_dims; d++)
            g_ptr_array_add (expanded, gten_geometry_select (positions, 1, d));
        }
      else
        {
          gten_call_fail (error, GTEN_ERROR_INDEX,
                          "tensors used as indices must be long, int, byte or bool tensors");
          return NULL;
        }
    }
  if (expanded->len > self->n_dims)
    {
      gten_call_fail (error, GTEN_ERROR_INDEX,
                      "too many indices for tensor of dimension %u (got %u)", self->n_dims,
                      expanded->len);
      return NULL;
    }
  while (expanded->len < self->n_dims)
    g_ptr_array_add (expanded, NULL);
  return g_steal_pointer (&expanded);
}

/* The common shape of the indices. */
static gboolean
broadcast_indices (GPtrArray *expanded, guint *n_dims, gint64 *sizes, GError **error)
{
  *n_dims = 0;
  for (guint i = 0; i < expanded->len; i++)
    {
      GtenTensor *index = g_ptr_array_index (expanded, i);
      gint64 common[GTEN_MAX_DIMS];
      GString *shapes;

      if (index == NULL)
        continue;
      if (gten_shape_broadcast (*n_dims, sizes, index->n_dims, gten_sizes (index), n_dims, common,
                                NULL))
        {
          memcpy (sizes, common, *n_dims * sizeof *sizes);
          continue;
        }
      shapes = g_string_new (NULL);
      for (guint j = 0; j < expanded->len; j++)
        if ((index = g_ptr_array_index (expanded, j)) != NULL)
          {
            g_autofree char *text = gten_shape_to_string (index->n_dims, gten_sizes (index));

            g_string_append_printf (shapes, "%s%s", shapes->len > 0 ? ", " : "", text);
          }
      gten_call_fail (
          error, GTEN_ERROR_INDEX,
          "shape mismatch: indexing tensors could not be broadcast together with shapes %s",
          shapes->str);
      g_string_free (shapes, TRUE);
      return FALSE;
    }
  return TRUE;
}

static gboolean
plan_init (Plan *plan, GtenTensor *self, GtenTensor **indices, guint n_indices, GError **error)
{
  g_autoptr (GPtrArray) expanded = expand_masks (self, indices, n_indices, error);
  gint64 index_sizes[GTEN_MAX_DIMS], sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  guint n_index_dims, n_indexed = 0, n = 0;
  int first = -1, last = -1;

  memset (plan, 0, sizeof *plan);
  if (expanded == NULL || !broadcast_indices (expanded, &n_index_dims, index_sizes, error))
    return FALSE;
  plan->indices = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < expanded->len; i++)
    {
      GtenTensor *index = g_ptr_array_index (expanded, i);

      if (index == NULL)
        continue;
      first = first < 0 ? (int) i : first;
      last = (int) i;
      sizes[n_indexed] = gten_size (self, i);
      strides[n_indexed++] = gten_stride (self, i);
      g_ptr_array_add (plan->indices, gten_geometry_expand (index, n_index_dims, index_sizes));
    }
  if (n_indexed == 0)
    return gten_call_fail (error, GTEN_ERROR_INDEX, "at least one index must be provided");
  for (guint i = 0, next = n_indexed; i < expanded->len; i++)
    if (g_ptr_array_index (expanded, i) == NULL)
      {
        sizes[next] = gten_size (self, i);
        strides[next++] = gten_stride (self, i);
      }
  plan->place = last - first + 1 == (int) n_indexed ? (guint) first : 0;
  plan->n_index_dims = n_index_dims;
  plan->n_dims = n_index_dims + self->n_dims - n_indexed;
  if (plan->n_dims > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "index: a tensor has at most %d dimensions, but got %u", GTEN_MAX_DIMS,
                           plan->n_dims);
  for (guint i = 0, next = n_indexed; i < plan->n_dims; i++)
    if (i >= plan->place && i < plan->place + n_index_dims)
      plan->sizes[i] = index_sizes[n++];
    else
      plan->sizes[i] = sizes[next++];
  plan->self = gten_geometry (self, self->n_dims, sizes, strides, self->offset);
  return TRUE;
}

/* A tensor in the shape of the result, seen with the index dimensions first. */
static GtenTensor *
index_dims_first (const Plan *plan, GtenTensor *value)
{
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  guint n = plan->n_index_dims;

  for (guint i = 0; i < plan->n_dims; i++)
    {
      guint to = i < plan->place ? n + i : i < plan->place + n ? i - plan->place : i;

      sizes[to] = gten_size (value, i);
      strides[to] = gten_stride (value, i);
    }
  return gten_geometry (value, plan->n_dims, sizes, strides, value->offset);
}

/* Reads into `value` or, with `put`, writes it. */
static gboolean
plan_run (const Plan *plan, const char *op, GtenTensor *value, gboolean put, gboolean accumulate,
          GError **error)
{
  g_autoptr (GtenTensor) seen = index_dims_first (plan, value);
  GtenKArray indices[GTEN_MAX_DIMS];
  GtenKFault fault = { 0 };

  if (value->numel == 0)
    return TRUE;
  if (plan->self->numel == 0)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "index is out of bounds for dimension with size 0");
  for (guint i = 0; i < plan->indices->len; i++)
    indices[i] = gten_array (g_ptr_array_index (plan->indices, i));

  const GtenKIndexing indexing = { gten_array (plan->self), gten_array (seen),
                                   (int) plan->indices->len, (int) plan->n_index_dims, indices };

  return gten_device_check (value->storage->device, op,
                            gten_run_indexing (value->storage->device, op, &indexing, put, accumulate, &fault), &fault,
                            error);
}

/* -- index and index_put ----------------------------------------------------------------------- */

gboolean
gten_run_index (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  g_auto (Plan) plan = { 0 };

  if (!plan_init (&plan, self, call->tensors + 1, call->n_tensors - 1, error))
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, plan.n_dims, plan.sizes, error);
  return result != NULL && plan_run (&plan, "index", result, FALSE, FALSE, error);
}

/* The indices, which are the inputs from `first` on. */
static GPtrArray *
saved_indices (GtenNode *node, guint first, GError **error)
{
  g_autoptr (GPtrArray) indices = g_ptr_array_new_with_free_func (gten_unref_any);

  for (guint i = first; i < gten_node_n_tensors (node); i++)
    {
      g_autoptr (GError) failure = NULL;

      g_ptr_array_add (indices, gten_node_saved_input (node, i, &failure));
      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
    }
  return g_steal_pointer (&indices);
}

gboolean
gten_gradient_index (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)
{
  guint n_dims;
  const gint64 *sizes = gten_node_input_sizes (node, 0, &n_dims);
  g_autoptr (GPtrArray) indices = NULL;
  g_autoptr (GtenTensor) zeros = NULL;

  if (grads[0] == NULL || !gten_node_needs_input (node, 0))
    return TRUE;
  indices = saved_indices (node, 1, error);
  if (indices == NULL)
    return FALSE;
  zeros = gten_zeros (sizes, n_dims, (GtenDtype) grads[0]->dtype, grads[0]->storage->device, error);
  grad_inputs[0]
      = gten_apply_index_put (zeros, (GtenTensor **) indices->pdata, indices->len, grads[0], TRUE,
                              error);
  return grad_inputs[0] != NULL;
}

gboolean
gten_run_index_put (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *values = call->tensors[1], *result;
  g_auto (Plan) plan = { 0 };
  g_autoptr (GtenTensor) wide = NULL, moved = NULL;
  gint64 sizes[GTEN_MAX_DIMS];
  guint n_dims;

  if (values->storage->device != self->storage->device)
    {
      if (values->n_dims > 0)
        return gten_devices_fail (self->storage->device, values->storage->device, error);
      values = moved = gten_apply_to (values, self->storage->device, GTEN_DTYPE_NONE, FALSE, FALSE, error);
      if (values == NULL)
        return FALSE;
    }
  if (values->dtype != self->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "Index put requires the source and destination dtypes match, got %s for "
                           "the destination and %s for the source.",
                           gten_dtype_title ((GtenDtype) self->dtype),
                           gten_dtype_title ((GtenDtype) values->dtype));
  result = gten_call_copy_self (call, error);
  if (result == NULL || !plan_init (&plan, result, call->tensors + 2, call->n_tensors - 2, error))
    return FALSE;
  if (!gten_shape_broadcast (plan.n_dims, plan.sizes, values->n_dims, gten_sizes (values), &n_dims,
                             sizes, NULL)
      || n_dims != plan.n_dims || memcmp (sizes, plan.sizes, n_dims * sizeof *sizes) != 0)
    {
      g_autofree char *a = gten_shape_to_string (values->n_dims, gten_sizes (values));
      g_autofree char *b = gten_shape_to_string (plan.n_dims, plan.sizes);

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "shape mismatch: value tensor of shape %s cannot be broadcast to "
                             "indexing result of shape %s",
                             a, b);
    }
  wide = gten_geometry_expand (values, plan.n_dims, plan.sizes);
  return plan_run (&plan, "index_put_", wide, TRUE, call->args[0].i != 0, error);
}

gboolean
gten_gradient_index_put (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs,
                         GError **error)
{
  guint n_dims;
  const gint64 *sizes = gten_node_input_sizes (node, 1, &n_dims);
  gboolean accumulate = gten_node_args (node)[0].i != 0;
  g_autoptr (GPtrArray) indices = NULL;

  if (grads[0] == NULL)
    return TRUE;
  indices = saved_indices (node, 2, error);
  if (indices == NULL)
    return FALSE;
  if (gten_node_needs_input (node, 0))
    {
      if (accumulate)
        grad_inputs[0] = g_object_ref (grads[0]);
      else
        {
          g_autoptr (GtenTensor) zeros = gten_zeros (sizes, n_dims, (GtenDtype) grads[0]->dtype,
                                                     grads[0]->storage->device, error);

          grad_inputs[0]
              = gten_tensor_index_put (grads[0], (GtenTensor **) indices->pdata, indices->len,
                                       zeros, error);
        }
      if (grad_inputs[0] == NULL)
        return FALSE;
    }
  if (gten_node_needs_input (node, 1))
    {
      grad_inputs[1] = gten_tensor_index (grads[0], (GtenTensor **) indices->pdata, indices->len,
                                          error);
      if (grad_inputs[1] == NULL)
        return FALSE;
    }
  return TRUE;
}

/* -- along one dimension ----------------------------------------------------------------------- */

/* Reads or writes the slices of `self` along `dim` that `index`, a vector or a number, names. These operations know no negative
 * index. */
static gboolean
move_slices (GtenTensor *self, int dim, GtenTensor *index, GtenTensor *value, gboolean put,
             gboolean accumulate, const char *op, GtenKFault *fault, gboolean *bad_index,
             GError **error)
{
  g_autoptr (GtenTensor) from
      = self->n_dims == 0
            ? gten_geometry (self, 1, (const gint64[]){ 1 }, (const gint64[]){ 1 }, self->offset)
            : gten_geometry_move (self, dim, 0);
  g_autoptr (GtenTensor) to
      = value->n_dims == 0
            ? gten_geometry (value, 1, (const gint64[]){ 1 }, (const gint64[]){ 1 }, value->offset)
            : gten_geometry_move (value, dim, 0);
  const gint64 one = 1, stride = index->n_dims == 0 ? 1 : gten_stride (index, 0);
  const GtenKArray line = { gten_data (index), GTEN_K_INT64, 1,
                            index->n_dims == 0 ? &one : gten_sizes (index), &stride };
  const GtenKIndexing indexing = { gten_array (from), gten_array (to), 1, 1, &line, .no_negatives = true };
  GtenDevice *device = self->storage->device;
  GtenKStatus status;

  *bad_index = FALSE;
  if (value->numel == 0)
    return TRUE;
  status = gten_run_indexing (device, op, &indexing, put, accumulate, fault);
  *bad_index = status == GTEN_K_BAD_INDEX;
  return *bad_index ? FALSE : gten_device_check (device, op, status, fault, error);
}

gboolean
gten_run_index_select (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  g_autoptr (GtenTensor) index = NULL;
  gint64 sizes[GTEN_MAX_DIMS];
  GtenKFault fault = { 0 };
  gboolean bad;
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  index = gten_index_tensor (call->tensors[1],
                             "index_select(): Expected dtype int32 or int64 for index", error);
  if (index == NULL)
    return FALSE;
  if (index->n_dims > 1)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "index_select(): Index is supposed to be a vector");
  if (self->n_dims == 0 && index->numel != 1)
    return gten_call_fail (
        error, GTEN_ERROR_INDEX,
        "index_select(): Index to scalar can have only 1 value, got %" G_GINT64_FORMAT " value(s)",
        index->numel);
  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  sizes[dim] = index->numel;
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, sizes, error);
  if (result == NULL)
    return FALSE;
  if (!move_slices (self, dim, index, result, FALSE, FALSE, "index_select", &fault, &bad, error))
    return bad ? gten_call_fail (error, GTEN_ERROR_INDEX, "index out of range in self") : FALSE;
  return TRUE;
}

/* The shape of the slices of `source`, in order, must be that of self's. */
static gboolean
check_slices (GtenTensor *self, GtenTensor *source, int dim)
{
  if (MAX (self->n_dims, 1) != MAX (source->n_dims, 1))
    return FALSE;
  for (int i = 0; i < self->n_dims && source->n_dims > 0; i++)
    if (i != dim && gten_size (self, i) != gten_size (source, i))
      return FALSE;
  return TRUE;
}

gboolean
gten_run_index_add (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *source = call->tensors[2], *result;
  const GtenScalar alpha = call->args[1].scalar;
  g_autoptr (GtenTensor) index = NULL, scaled = NULL, factor = NULL;
  g_autofree char *own = gten_shape_to_string (self->n_dims, gten_sizes (self)),
                  *other = gten_shape_to_string (source->n_dims, gten_sizes (source));
  GtenKFault fault = { 0 };
  gboolean bad;
  int dim = gten_call_dim (call, 0, error);
  gint64 length;

  if (dim < 0)
    return FALSE;
  if (call->tensors[1]->n_dims > 1)
    {
      g_autofree char *text
          = gten_shape_to_string (call->tensors[1]->n_dims, gten_sizes (call->tensors[1]));

      return gten_call_fail (error, GTEN_ERROR_INDEX,
                             "index_add_(): Index is supposed to be a vector, but got dim: %u with "
                             "type: %s and size: %s",
                             call->tensors[1]->n_dims,
                             gten_dtype_title ((GtenDtype) call->tensors[1]->dtype), text);
    }
  if (call->tensors[1]->dtype != GTEN_DTYPE_INT64 && call->tensors[1]->dtype != GTEN_DTYPE_INT32)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "index_add_(): Expected dtype int32/int64 for index but got: %s",
                           gten_dtype_title ((GtenDtype) call->tensors[1]->dtype));
  if (self->dtype != source->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "index_add_(): self (%s) and source (%s) must have the same scalar type",
                           gten_dtype_title ((GtenDtype) self->dtype),
                           gten_dtype_title ((GtenDtype) source->dtype));
  index = gten_cast (call->tensors[1], GTEN_DTYPE_INT64, error);
  if (index == NULL)
    return FALSE;
  length = source->n_dims == 0 ? 1 : (guint) dim < source->n_dims ? gten_size (source, dim) : -1;
  if (length != index->numel)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "index_add_(): Number of indices (%" G_GINT64_FORMAT
                           ") should be equal to source.size(dim): (%" G_GINT64_FORMAT
                           "), for dim: %d",
                           index->numel, length, dim);
  if (!check_slices (self, source, dim))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "source tensor shape must match self tensor shape, excluding the "
                           "specified dimension. Got self.shape = %s source.shape = %s",
                           own, other);
  if (gten_scalar_to_double (&alpha) != 1)
    {
      factor = gten_tensor_new_wrapped (&alpha);
      scaled = factor == NULL ? NULL : gten_tensor_mul (source, factor, error);
      if (scaled == NULL)
        return FALSE;
      source = scaled;
    }
  result = gten_call_copy_self (call, error);
  if (result == NULL)
    return FALSE;
  if (!move_slices (result, dim, index, source, TRUE, TRUE, "index_add_", &fault, &bad, error))
    return bad ? gten_index_fail (error, "", &fault, dim) : FALSE;
  return TRUE;
}

gboolean
gten_run_index_copy (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *source = call->tensors[2], *result;
  g_autoptr (GtenTensor) index = NULL;
  g_autofree char *own = NULL, *other = NULL;
  GtenKFault fault = { 0 };
  gboolean bad;
  int dim = gten_call_dim (call, 0, error);
  gint64 length;

  if (dim < 0)
    return FALSE;
  if (call->tensors[1]->n_dims > 1)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "index_copy_(): Index should have dimension 1 or 0 (got %u)",
                           call->tensors[1]->n_dims);
  index = gten_index_tensor (call->tensors[1], "index_copy_(): Expected a long tensor for index",
                             error);
  if (index == NULL)
    return FALSE;
  if (self->dtype != source->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "index_copy_(): self and source expected to have the same dtype, but "
                           "got (self) %s and (source) %s",
                           gten_dtype_title ((GtenDtype) self->dtype),
                           gten_dtype_title ((GtenDtype) source->dtype));
  length = source->n_dims == 0 ? 1 : (guint) dim < source->n_dims ? gten_size (source, dim) : -1;
  if (!check_slices (self, source, dim))
    {
      own = gten_shape_to_string (self->n_dims, gten_sizes (self));
      other = gten_shape_to_string (source->n_dims, gten_sizes (source));
      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "index_copy_(): Source/destination tensor must have same slice "
                             "shapes. Destination shape: %s and source shape: %s at "
                             "dimension %d.",
                             own, other, dim);
    }
  if (length != index->numel)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "index_copy_(): Number of indices (%" G_GINT64_FORMAT
                           ") should be equal to source.size(dim) (%" G_GINT64_FORMAT ")",
                           index->numel, length);
  result = gten_call_copy_self (call, error);
  if (result == NULL)
    return FALSE;
  if (!move_slices (result, dim, index, source, TRUE, FALSE, "index_copy_", &fault, &bad, error))
    return bad ? gten_index_fail (error, "index_copy_(): ", &fault, dim) : FALSE;
  return TRUE;
}

gboolean
gten_run_index_fill (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *value = call->tensors[2], *result;
  g_autoptr (GtenTensor) index = NULL, converted = NULL, wide = NULL, seen = NULL;
  GtenTensor *indices[GTEN_MAX_DIMS] = { NULL };
  g_auto (Plan) plan = { 0 };
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  if (value->n_dims != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "index_fill_ only supports a 0-dimensional value tensor, but got tensor "
                           "with %u dimension(s).",
                           value->n_dims);
  if (call->tensors[1]->dtype != GTEN_DTYPE_INT64)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "index_fill_(): Expected dtype int64 for index.");
  if (call->tensors[1]->n_dims > 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "Index has to be a vector/scalar");
  if (call->tensors[1]->storage->device != self->storage->device)
    return gten_devices_fail (self->storage->device, call->tensors[1]->storage->device, error);
  if (!gten_check_number_fits (value, (GtenDtype) self->dtype, error))
    return FALSE;
  converted = gten_apply_to (value, self->storage->device, (GtenDtype) self->dtype, FALSE, FALSE, error);
  result = converted == NULL ? NULL : gten_call_copy_self (call, error);
  if (result == NULL)
    return FALSE;
  seen = result->n_dims > 0 ? g_object_ref (result)
                            : gten_geometry (result, 1, (const gint64[]){ 1 },
                                             (const gint64[]){ 1 }, result->offset);
  index = g_object_ref (call->tensors[1]);
  indices[dim] = index;
  if (!plan_init (&plan, seen, indices, dim + 1, error))
    return FALSE;
  wide = gten_geometry_expand (converted, plan.n_dims, plan.sizes);
  return plan_run (&plan, "index_fill_", wide, TRUE, FALSE, error);
}

/* -- masks ------------------------------------------------------------------------------------- */

gboolean
gten_run_masked_select (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *mask = call->tensors[1], *result;
  g_autoptr (GtenTensor) wide = NULL, wide_mask = NULL;
  g_auto (Plan) plan = { 0 };
  gint64 sizes[GTEN_MAX_DIMS];
  guint n_dims;

  if (mask->dtype != GTEN_DTYPE_BOOL && mask->dtype != GTEN_DTYPE_UINT8)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "masked_select: expected BoolTensor for mask");
  if (!gten_shape_broadcast (mask->n_dims, gten_sizes (mask), self->n_dims, gten_sizes (self),
                             &n_dims, sizes, error))
    return FALSE;
  if (n_dims == 0)
    sizes[n_dims++] = 1;
  wide = gten_geometry_expand (self, n_dims, sizes);
  wide_mask = gten_geometry_expand (mask, n_dims, sizes);
  if (!plan_init (&plan, wide, &wide_mask, 1, error))
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, plan.n_dims, plan.sizes, error);
  return result != NULL && plan_run (&plan, "masked_select", result, FALSE, FALSE, error);
}

gboolean
gten_run_masked_select_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *input = call->tensors[1], *mask = call->tensors[2];
  gint64 sizes[GTEN_MAX_DIMS];
  guint n_dims;
  g_autoptr (GtenTensor) zeros = NULL;

  if (!gten_shape_broadcast (mask->n_dims, gten_sizes (mask), input->n_dims, gten_sizes (input),
                             &n_dims, sizes, error))
    return FALSE;
  zeros = gten_zeros (sizes, n_dims, (GtenDtype) grad->dtype, grad->storage->device, error);
  return gten_call_give (call, 0, gten_tensor_masked_scatter (zeros, mask, grad, error), error);
}

gboolean
gten_run_masked_scatter (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *mask = call->tensors[1], *source = call->tensors[2],
             *result;
  g_autoptr (GtenTensor) wide = NULL, wide_mask = NULL, packed = NULL, head = NULL;
  g_auto (Plan) plan = { 0 };
  gint64 sizes[GTEN_MAX_DIMS];
  guint n_dims;

  if (mask->dtype != GTEN_DTYPE_BOOL)
    return gten_call_fail (
        error, GTEN_ERROR_DTYPE,
        "masked_scatter_ only supports boolean masks, but got mask with dtype %s",
        gten_dtype_title ((GtenDtype) mask->dtype));
  if (self->dtype != source->dtype)
    return gten_call_fail (
        error, GTEN_ERROR_DTYPE,
        "masked_scatter: expected self and source to have same dtypes but got%s and %s",
        gten_dtype_title ((GtenDtype) self->dtype), gten_dtype_title ((GtenDtype) source->dtype));
  if (!gten_shape_broadcast (self->n_dims, gten_sizes (self), mask->n_dims, gten_sizes (mask),
                             &n_dims, sizes, error))
    return FALSE;
  if (call->in_place
      && (n_dims != self->n_dims || memcmp (sizes, gten_sizes (self), n_dims * sizeof *sizes) != 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "masked_scatter_: the mask is larger than the tensor");
  wide = gten_geometry_expand (self, n_dims, sizes);
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, n_dims, sizes, error);
  if (result == NULL || (!call->in_place && !gten_copy_elements (result, wide, error)))
    return FALSE;
  g_clear_object (&wide);
  if (n_dims == 0)
    sizes[n_dims++] = 1;
  wide = gten_geometry_expand (result, n_dims, sizes);
  wide_mask = gten_geometry_expand (mask, n_dims, sizes);
  packed = gten_contiguous (source, error);
  if (packed == NULL || !plan_init (&plan, wide, &wide_mask, 1, error))
    return FALSE;
  if (packed->numel < plan.sizes[0])
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Number of elements of source < number of ones in mask");
  head = gten_geometry (packed, 1, plan.sizes, (const gint64[]){ 1 }, packed->offset);
  return plan_run (&plan, "masked_scatter_", head, TRUE, FALSE, error);
}

gboolean
gten_run_masked_scatter_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *mask = call->tensors[1];
  const GtenArg *sizes = &call->args[0];
  g_autoptr (GtenTensor) taken = gten_tensor_masked_select (grad, mask, error), rest = NULL,
                         all = NULL;
  gint64 numel = 1, missing;

  for (guint i = 0; i < sizes->n; i++)
    numel *= sizes->ints[i];
  if (taken == NULL)
    return FALSE;
  missing = numel - taken->numel;
  rest = gten_zeros (&missing, 1, (GtenDtype) grad->dtype, grad->storage->device, error);
  all = gten_apply_cat ((GtenTensor *[]){ taken, rest }, 2, 0, error);
  return gten_call_give (call, 0, gten_tensor_view (all, sizes->ints, sizes->n, error), error);
}

gboolean
gten_run_nonzero (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const GtenKArray input = gten_array (self);
  gint64 sizes[2] = { 0, self->n_dims };
  GtenKArray out;

  if (self->numel > 0
      && !GTEN_KERNEL (self, "nonzero", error, NULL, nonzero, &input, &sizes[0], NULL))
    return FALSE;
  result = gten_call_result (call, 0, GTEN_DTYPE_INT64, 2, sizes, error);
  if (result == NULL)
    return FALSE;
  /* Each dimension's positions lie together: that is how they are used. */
  if (!call->out)
    gten_tensor_set_geometry (result, 2, sizes, (const gint64[]){ 1, MAX (sizes[0], 1) }, 0);
  if (result->numel == 0)
    return TRUE;
  out = gten_array (result);
  return GTEN_KERNEL (self, "nonzero", error, NULL, nonzero, &input, &sizes[0], &out);
}

gboolean
gten_run_where_nonzero (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) condition = gten_tensor_atleast_1d (call->tensors[0], error),
                         positions = NULL;

  positions = gten_tensor_nonzero (condition, error);
  call->list = gten_apply_unbind (positions, 1, error);
  return call->list != NULL;
}
