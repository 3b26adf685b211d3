/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Copies that only move elements: repeated, flipped, rolled, rotated; and the gradients of views,
 * which put elements back among zeros. */
#include "ops/gten-run-private.h"

#include <string.h>

/* -- gradients of views ------------------------------------------------------------------------ */

/* Zeros of the sizes in argument 0, with tensor 0 in the place that `view` takes with the other
 * arguments. */
static gboolean
embed (GtenCall *call, GtenRun view, GError **error)
{
  GtenTensor *grad = call->tensors[0];
  const GtenArg *size = &call->args[0];
  GtenTensor *result
      = gten_call_result (call, 0, (GtenDtype) grad->dtype, size->n, size->ints, error);
  GtenCall viewing = { .op = call->op, .tensors = &result, .n_tensors = 1, .args = call->args + 1 };
  g_autoptr (GtenTensor) place = NULL;

  if (result == NULL || !gten_fill_elements (result, gten_scalar_int (0), error)
      || !view (&viewing, error))
    return FALSE;
  place = viewing.results[0];
  return gten_copy_elements (place, grad, error);
}

gboolean
gten_run_select_backward (GtenCall *call, GError **error)
{
  return embed (call, gten_view_select, error);
}

gboolean
gten_run_slice_backward (GtenCall *call, GError **error)
{
  return embed (call, gten_view_slice, error);
}

gboolean
gten_run_diagonal_backward (GtenCall *call, GError **error)
{
  return embed (call, gten_view_diagonal, error);
}

/* Windows may overlap: the k-th elements of all windows never do. */
gboolean
gten_run_unfold_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0];
  const GtenArg *size = &call->args[0];
  gint64 window = call->args[2].i, step = call->args[3].i;
  GtenTensor *result;
  int dim;

  if (size->n == 0 || window <= step)
    return embed (call, gten_view_unfold, error);
  dim = gten_wrap_dim (call->args[1].i, size->n, error);
  result = gten_call_result (call, 0, (GtenDtype) grad->dtype, size->n, size->ints, error);
  if (dim < 0 || result == NULL || !gten_fill_elements (result, gten_scalar_int (0), error))
    return FALSE;
  for (gint64 k = 0; k < window; k++)
    {
      g_autoptr (GtenTensor) place
          = gten_geometry_slice (result, dim, k, gten_size (grad, dim), step);
      g_autoptr (GtenTensor) part = gten_geometry_select (grad, grad->n_dims - 1, k);

      if (gten_tensor_add_ (place, part, error) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gint64
reach (const gint64 *sizes, const gint64 *strides, gsize n, gint64 offset)
{
  gint64 last = offset;

  for (gsize i = 0; i < n; i++)
    if (sizes[i] == 0)
      return 0;
    else
      last += (sizes[i] - 1) * strides[i];
  return last + 1;
}

/* The positions in storage of the elements of a geometry, in one dimension. */
static GtenTensor *
positions_of (GtenTensor *all, const gint64 *sizes, const gint64 *strides, gsize n, gint64 offset,
              GError **error)
{
  g_autoptr (GtenTensor) seen = gten_geometry (all, n, sizes, strides, offset);

  return gten_tensor_reshape (seen, (const gint64[]){ -1 }, 1, error);
}

/* Sums into storage, then looks at it with the input's own geometry. Where elements of the input
 * share memory, each gets its share. */
gboolean
gten_run_as_strided_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *input = call->tensors[1];
  const GtenArg *size = &call->args[0], *stride = &call->args[1];
  gint64 offset = call->args[2].given ? call->args[2].i : input->offset;
  gint64 n_elements
      = MAX (reach (size->ints, stride->ints, size->n, offset),
             reach (gten_sizes (input), gten_strides (input), input->n_dims, input->offset));
  GtenDevice *device = input->storage->device;
  g_autoptr (GtenTensor) all = NULL, taken = NULL, zeros = NULL, flat = NULL, sum = NULL,
                         back = NULL, own = NULL, ones = NULL, counts = NULL;
  g_autoptr (GtenTensor) shares = NULL;
  gboolean overlaps = FALSE;

  for (guint i = 0; i < input->n_dims; i++)
    overlaps |= gten_size (input, i) > 1 && gten_stride (input, i) == 0;
  if (grad->numel == 0 || input->numel == 0)
    return gten_call_give (
        call, 0,
        gten_zeros (gten_sizes (input), input->n_dims, (GtenDtype) grad->dtype, device, error),
        error);
  all = gten_arange (GTEN_VALUE (n_elements), GTEN_DTYPE_INT64, device, error);
  if (all == NULL)
    return FALSE;
  taken = positions_of (all, size->ints, stride->ints, size->n, offset, error);
  zeros = gten_zeros (&n_elements, 1, (GtenDtype) grad->dtype, device, error);
  flat = gten_tensor_reshape (grad, (const gint64[]){ -1 }, 1, error);
  sum = gten_tensor_index_add (zeros, 0, taken, flat, error);
  back = gten_apply_as_strided (sum, gten_sizes (input), input->n_dims, gten_strides (input),
                                input->n_dims, input->offset, error);
  if (back == NULL || !overlaps)
    return gten_call_give (call, 0, g_steal_pointer (&back), error);
  own = positions_of (all, gten_sizes (input), gten_strides (input), input->n_dims, input->offset,
                      error);
  ones = gten_ones (&input->numel, 1, (GtenDtype) grad->dtype, device, error);
  counts = gten_tensor_index_add (zeros, 0, own, ones, error);
  shares = gten_apply_as_strided (counts, gten_sizes (input), input->n_dims, gten_strides (input),
                                  input->n_dims, input->offset, error);
  return gten_call_give (call, 0, gten_tensor_div (back, shares, error), error);
}

/* -- repeating --------------------------------------------------------------------------------- */

gboolean
gten_run_repeat (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const GtenArg *repeats = &call->args[0];
  gint64 sizes[GTEN_MAX_DIMS], tiled[2 * GTEN_MAX_DIMS], tiled_strides[2 * GTEN_MAX_DIMS],
      source_strides[2 * GTEN_MAX_DIMS];
  guint n = 0, lead;
  g_autoptr (GtenTensor) tiles = NULL, source = NULL;

  if (repeats->n < self->n_dims)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Number of dimensions of repeat dims can not be smaller than number of "
                           "dimensions of tensor");
  if (repeats->n > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "repeat: a tensor has at most %d dimensions, but got %" G_GSIZE_FORMAT,
                           GTEN_MAX_DIMS, repeats->n);
  lead = repeats->n - self->n_dims;
  for (guint i = 0; i < repeats->n; i++)
    {
      if (repeats->ints[i] < 0)
        {
          g_autofree char *text = gten_shape_to_string (repeats->n, repeats->ints);

          return gten_call_fail (error, GTEN_ERROR_VALUE,
                                 "Repeats must be non-negative, but got %s", text);
        }
      if (__builtin_mul_overflow (repeats->ints[i], i < lead ? 1 : gten_size (self, i - lead),
                                  &sizes[i]))
        return gten_call_fail (error, GTEN_ERROR_MEMORY,
                               "repeat: the result has too many elements");
    }
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, repeats->n, sizes, error);
  if (result == NULL)
    return FALSE;
  if (result->numel == 0)
    return TRUE;
  /* The result seen as [repeats[0], size[0], repeats[1], size[1], ...]: the input broadcasts to it.
   */
  for (guint i = 0; i < repeats->n; i++)
    {
      gint64 size = i < lead ? 1 : gten_size (self, i - lead);

      if (repeats->ints[i] > 1)
        {
          tiled[n] = repeats->ints[i];
          tiled_strides[n] = size * gten_stride (result, i);
          source_strides[n++] = 0;
        }
      if (size > 1)
        {
          tiled[n] = size;
          tiled_strides[n] = gten_stride (result, i);
          source_strides[n++] = gten_stride (self, i - lead);
        }
    }
  if (n > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "repeat: too many dimensions are repeated at once");
  tiles = gten_geometry (result, n, tiled, tiled_strides, result->offset);
  source = gten_geometry (self, n, tiled, source_strides, self->offset);
  return gten_copy_elements (tiles, source, error);
}

gboolean
gten_run_repeat_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0];
  const GtenArg *repeats = &call->args[0], *shape = &call->args[1];
  gint64 tiled[2 * GTEN_MAX_DIMS] = { 0 }, dims[GTEN_MAX_DIMS];
  guint n = 0, n_reduced = 0, lead = repeats->n - shape->n;
  g_autoptr (GtenTensor) tiles = NULL, sum = NULL;

  if (grad->numel == 0)
    return gten_call_give (
        call, 0,
        gten_zeros (shape->ints, shape->n, (GtenDtype) grad->dtype, grad->storage->device, error),
        error);
  for (guint i = 0; i < repeats->n; i++)
    {
      if (repeats->ints[i] > 1)
        {
          dims[n_reduced++] = n;
          tiled[n++] = repeats->ints[i];
        }
      if (i >= lead)
        tiled[n++] = shape->ints[i - lead];
    }
  tiles = gten_tensor_reshape (grad, tiled, n, error);
  sum = n_reduced == 0 ? g_steal_pointer (&tiles)
                       : gten_apply_sum (tiles, dims, n_reduced, FALSE, GTEN_DTYPE_NONE, error);
  return gten_call_give (call, 0, g_steal_pointer (&sum), error);
}

gboolean
gten_run_tile (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *dims = &call->args[0];
  gint64 repeats[GTEN_MAX_DIMS];
  gsize n = MAX (dims->n, self->n_dims), lead = n - dims->n;

  if (n > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "tile: a tensor has at most %d dimensions, but got %" G_GSIZE_FORMAT,
                           GTEN_MAX_DIMS, n);
  for (gsize i = 0; i < n; i++)
    repeats[i] = i < lead ? 1 : dims->ints[i - lead];
  return gten_call_give (call, 0, gten_tensor_repeat (self, repeats, n, error), error);
}

gboolean
gten_run_repeat_interleave (GtenCall *call, GError **error)
{
  gint64 repeats = call->args[0].i, sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) self = NULL, column = NULL, wide = NULL, copy = NULL;
  int dim = 0;

  if (repeats < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Repeats must be non-negative");
  if (call->args[1].given)
    {
      dim = gten_call_dim (call, 1, error);
      if (dim < 0)
        return FALSE;
      if (call->tensors[0]->n_dims == 0)
        return gten_call_fail (error, GTEN_ERROR_INDEX, "Dimension out of range (expected to be in range of [-1, 0], but got 1)");
    }
  if (call->args[1].given)
    self = g_object_ref (call->tensors[0]);
  else
    self = gten_tensor_flatten (call->tensors[0], error);
  column = gten_tensor_unsqueeze (self, dim + 1, error);
  if (column == NULL)
    return FALSE;
  memcpy (sizes, gten_sizes (column), column->n_dims * sizeof *sizes);
  sizes[dim + 1] = repeats;
  wide = gten_tensor_expand (column, sizes, column->n_dims, error);
  copy = gten_apply_clone_contiguous (wide, error);
  if (copy == NULL)
    return FALSE;
  sizes[dim] *= repeats;
  memmove (sizes + dim + 1, sizes + dim + 2, (column->n_dims - dim - 2) * sizeof *sizes);
  return gten_call_give (call, 0, gten_tensor_view (copy, sizes, self->n_dims, error), error);
}

gboolean
gten_run_repeat_interleave_tensor (GtenCall *call, GError **error)
{
  GtenTensor *repeats = call->tensors[1];
  g_autoptr (GtenTensor) self = NULL, counts = NULL, ends = NULL, last = NULL, zeros = NULL,
                         ones = NULL, marks = NULL, sums = NULL;
  g_autoptr (GtenTensor) index = NULL, least = NULL;
  gint64 total = 0, smallest = 0, n_marks;
  int dim = 0;

  if (call->args[0].given)
    {
      dim = gten_call_dim (call, 0, error);
      if (dim < 0)
        return FALSE;
    }
  self = call->args[0].given && call->tensors[0]->n_dims > 0
             ? g_object_ref (call->tensors[0])
             : gten_tensor_flatten (call->tensors[0], error);
  if (self == NULL)
    return FALSE;
  if (repeats->dtype != GTEN_DTYPE_INT64 && repeats->dtype != GTEN_DTYPE_INT32)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "repeats has to be Long or Int tensor");
  if (repeats->n_dims > 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "repeats must be 0-dim or 1-dim tensor");
  if (repeats->n_dims == 1 && gten_size (repeats, 0) != 1
      && gten_size (repeats, 0) != gten_size (self, dim))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "repeats must have the same size as input along dim, but got "
                           "repeats.size(0) = %" G_GINT64_FORMAT
                           " and input.size(%d) = %" G_GINT64_FORMAT,
                           gten_size (repeats, 0), dim, gten_size (self, dim));
  counts = gten_tensor_expand (repeats, &gten_sizes (self)[dim], 1, error);
  if (counts != NULL && counts->numel > 0)
    {
      least = gten_tensor_min (counts, error);
      ends = gten_apply_cumsum (counts, 0, GTEN_DTYPE_INT64, error);
      last = gten_tensor_select (ends, 0, -1, error);
      if (last == NULL || !gten_read_int (least, &smallest, error)
          || !gten_read_int (last, &total, error))
        return FALSE;
      if (smallest < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "repeats can not be negative");
    }
  else
    ends = gten_tensor_to_dtype (counts, GTEN_DTYPE_INT64, error);
  /* How many runs have ended before each position is which element stands there. */
  n_marks = total + 1;
  zeros = gten_zeros (&n_marks, 1, GTEN_DTYPE_INT64, self->storage->device, error);
  ones = gten_ones (&gten_sizes (self)[dim], 1, GTEN_DTYPE_INT64, self->storage->device, error);
  marks = gten_tensor_scatter_add (zeros, 0, ends, ones, error);
  sums = gten_tensor_cumsum (marks, 0, error);
  index = gten_tensor_narrow (sums, 0, 0, total, error);
  return gten_call_give (call, 0, gten_tensor_index_select (self, dim, index, error), error);
}

/* -- flipping, rolling, rotating --------------------------------------------------------------- */

gboolean
gten_run_flip (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const GtenArg *dims = &call->args[0];
  g_autoptr (GtenTensor) reversed = NULL;
  gint64 strides[GTEN_MAX_DIMS], offset = self->offset;
  guint64 flipped = 0;

  memcpy (strides, gten_strides (self), self->n_dims * sizeof *strides);
  for (guint i = 0; i < dims->n; i++)
    {
      int dim = gten_wrap_dim (dims->ints[i], self->n_dims, error);

      if (dim < 0)
        return FALSE;
      if (flipped & (G_GUINT64_CONSTANT (1) << dim))
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "dim %d appears multiple times in the list of dims", dim);
      flipped |= G_GUINT64_CONSTANT (1) << dim;
      if (dim < self->n_dims && self->numel > 0)
        {
          offset += (gten_size (self, dim) - 1) * strides[dim];
          strides[dim] = -strides[dim];
        }
    }
  if (call->results[0] == NULL)
    call->results[0] = gten_empty_as (self, (GtenDtype) self->dtype, self->storage->device, error);
  result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  if (result == NULL)
    return FALSE;
  reversed = gten_geometry (self, self->n_dims, gten_sizes (self), strides, offset);
  return gten_copy_elements (result, reversed, error);
}

gboolean
gten_run_fliplr (GtenCall *call, GError **error)
{
  if (call->tensors[0]->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "Input must be >= 2-d.");
  return gten_call_give (
      call, 0, gten_tensor_flip (call->tensors[0], (const gint64[]){ 1 }, 1, error), error);
}

gboolean
gten_run_flipud (GtenCall *call, GError **error)
{
  if (call->tensors[0]->n_dims < 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "Input must be >= 1-d.");
  return gten_call_give (
      call, 0, gten_tensor_flip (call->tensors[0], (const gint64[]){ 0 }, 1, error), error);
}

static gboolean
roll_dim (GtenTensor *dst, GtenTensor *src, guint dim, gint64 shift, GError **error)
{
  gint64 size = gten_size (src, dim);
  gint64 head = size == 0 ? 0 : ((shift % size) + size) % size;
  g_autoptr (GtenTensor) wrapped = gten_geometry_slice (src, dim, size - head, head, 1);
  g_autoptr (GtenTensor) begin = gten_geometry_slice (dst, dim, 0, head, 1);
  g_autoptr (GtenTensor) rest = gten_geometry_slice (src, dim, 0, size - head, 1);
  g_autoptr (GtenTensor) end = gten_geometry_slice (dst, dim, head, size - head, 1);

  return gten_copy_elements (begin, wrapped, error) && gten_copy_elements (end, rest, error);
}

gboolean
gten_run_roll (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const GtenArg *shifts = &call->args[0], *dims = &call->args[1];
  g_autoptr (GtenTensor) source = g_object_ref (self);

  if (shifts->n == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "`shifts` required");
  if (dims->n == 0 ? shifts->n != 1 : dims->n != shifts->n)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "shifts and dimensions must align. shifts: %" G_GSIZE_FORMAT
                           ", dims:%" G_GSIZE_FORMAT,
                           shifts->n, dims->n);
  result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  if (result == NULL)
    return FALSE;
  if (dims->n == 0)
    {
      g_autoptr (GtenTensor) packed = gten_contiguous (self, error), flat = NULL,
                             flat_result = NULL;

      if (packed == NULL)
        return FALSE;
      flat = gten_geometry (packed, 1, &self->numel, (const gint64[]){ 1 }, packed->offset);
      flat_result = gten_geometry (result, 1, &self->numel, (const gint64[]){ 1 }, result->offset);
      return roll_dim (flat_result, flat, 0, shifts->ints[0], error);
    }
  for (guint i = 0; i < dims->n; i++)
    {
      int dim = gten_wrap_dim (dims->ints[i], self->n_dims, error);
      g_autoptr (GtenTensor) next = NULL;

      if (dim < 0)
        return FALSE;
      if (self->n_dims == 0)
        return gten_call_fail (error, GTEN_ERROR_INDEX,
                               "Dimension specified as %" G_GINT64_FORMAT
                               " but tensor has no dimensions",
                               dims->ints[i]);
      if (i + 1 == dims->n)
        next = g_object_ref (result);
      else
        next = gten_tensor_alloc ((GtenDtype) self->dtype, self->n_dims, gten_sizes (self),
                                  self->storage->device, error);
      if (next == NULL || !roll_dim (next, source, dim, shifts->ints[i], error))
        return FALSE;
      g_set_object (&source, next);
    }
  return TRUE;
}

gboolean
gten_run_roll_backward (GtenCall *call, GError **error)
{
  gint64 shifts[GTEN_MAX_DIMS];
  gsize n = MIN (call->args[0].n, GTEN_MAX_DIMS);

  for (gsize i = 0; i < n; i++)
    shifts[i] = -call->args[0].ints[i];
  return gten_call_give (
      call, 0,
      gten_apply_roll (call->tensors[0], shifts, n, call->args[1].ints, call->args[1].n, error),
      error);
}

gboolean
gten_run_rot90 (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *dims = &call->args[1];
  gint64 k = ((call->args[0].i % 4) + 4) % 4;
  g_autoptr (GtenTensor) flipped = NULL;
  int a, b;

  if (dims->n != 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "expected total rotation dims == 2, but got dims = %" G_GSIZE_FORMAT,
                           dims->n);
  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "expected total dims >= 2, but got total dims = %u", self->n_dims);
  if (dims->ints[0] == dims->ints[1] || ABS (dims->ints[0] - dims->ints[1]) == self->n_dims)
    return gten_call_fail (
        error, GTEN_ERROR_VALUE,
        "expected rotation dims to be different, but got dim0 = %" G_GINT64_FORMAT
        " and dim1 = %" G_GINT64_FORMAT,
        dims->ints[0], dims->ints[1]);
  for (guint i = 0; i < 2; i++)
    if (dims->ints[i] < -self->n_dims || dims->ints[i] >= self->n_dims)
      return gten_call_fail (error, GTEN_ERROR_INDEX,
                             "Rotation dim%u out of range, dim%u = %" G_GINT64_FORMAT, i, i,
                             dims->ints[i]);
  a = gten_wrap_dim (dims->ints[0], self->n_dims, error);
  b = gten_wrap_dim (dims->ints[1], self->n_dims, error);
  if (k == 0)
    return gten_call_give (call, 0, gten_apply_clone_contiguous (self, error), error);
  if (k == 2)
    return gten_call_give (call, 0, gten_tensor_flip (self, dims->ints, 2, error), error);
  flipped = gten_tensor_flip (self, (const gint64[]){ k == 1 ? b : a }, 1, error);
  if (flipped == NULL)
    return FALSE;
  if (gten_tensor_transpose_ (flipped, a, b, error) == NULL)
    return FALSE;
  return gten_call_give (call, 0, g_steal_pointer (&flipped), error);
}

gboolean
gten_run_rot90_backward (GtenCall *call, GError **error)
{
  return gten_call_give (call, 0,
                         gten_apply_rot90 (call->tensors[0], -call->args[0].i, call->args[1].ints,
                                           call->args[1].n, error),
                         error);
}
