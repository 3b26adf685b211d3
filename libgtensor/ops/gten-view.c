/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The views: each function checks its arguments and computes sizes, strides and offset; nothing is
 * copied. In place, it is the tensor itself that comes to view its storage differently. */
#include "ops/gten-run-private.h"

#include <string.h>

static gboolean
give_geometry (GtenCall *call, guint n_dims, const gint64 *sizes, const gint64 *strides,
               gint64 offset, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 numel = 1;

  if (n_dims > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "only tensors with up to %d dims are supported", GTEN_MAX_DIMS);
  for (guint i = 0; i < n_dims; i++)
    if (__builtin_mul_overflow (numel, MAX (sizes[i], 1), &numel))
      return gten_call_fail (error, GTEN_ERROR_SHAPE, "numel: integer multiplication overflow");
  if (call->in_place)
    gten_tensor_set_geometry (self, n_dims, sizes, strides, offset);
  else
    call->results[0] = gten_geometry (self, n_dims, sizes, strides, offset);
  return TRUE;
}

/* A dimension of the result of an op that adds one. */
static int
wrap_new_dim (GtenCall *call, guint arg, GError **error)
{
  return gten_wrap_dim (call->args[arg].i, call->tensors[0]->n_dims + 1, error);
}

gboolean
gten_view_alias (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  return give_geometry (call, self->n_dims, gten_sizes (self), gten_strides (self), self->offset,
                        error);
}

gboolean
gten_view_view (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *size = &call->args[0];
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];

  if (!gten_infer_size (size->n, size->ints, self->numel, sizes, error))
    return FALSE;
  if (!gten_view_strides (self, size->n, sizes, strides))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "view size is not compatible with input tensor's size and stride (at "
                           "least one dimension spans across two "
                           "contiguous subspaces). Use .reshape(...) instead.");
  return give_geometry (call, size->n, sizes, strides, self->offset, error);
}

gboolean
gten_view_view_dtype (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenDtype dtype = call->args[0].given ? (GtenDtype) call->args[0].i : (GtenDtype) self->dtype;
  const gint64 old = (gint64) gten_itemsize (self), size = (gint64) gten_dtype_get_size (dtype);
  const gboolean grows = size > old;
  const gint64 ratio = grows ? size / old : old / size;
  const guint last = self->n_dims - 1u;
  g_autofree char *what = g_strdup_printf ("view %s as %s (different element sizes)", gten_dtype_title ((GtenDtype) self->dtype),
                                           gten_dtype_title (dtype));
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];

  if (size != old && self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "self.dim() cannot be 0 to %s", what);
  if (size != old && gten_stride (self, last) != 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "self.stride(-1) must be 1 to %s, but got %" G_GINT64_FORMAT, what,
                           gten_stride (self, last));
  if (grows && gten_size (self, last) % ratio != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "self.size(-1) must be divisible by %" G_GINT64_FORMAT " to %s, but got %" G_GINT64_FORMAT, ratio, what,
                           gten_size (self, last));
  if (grows && self->offset % ratio != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "self.storage_offset() must be divisible by %" G_GINT64_FORMAT " to %s, but got %" G_GINT64_FORMAT, ratio,
                           what, self->offset);
  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  memcpy (strides, gten_strides (self), self->n_dims * sizeof *strides);
  for (guint i = 0; size != old && i < last; i++)
    {
      if (grows && strides[i] % ratio != 0)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "self.stride(%u) must be divisible by %" G_GINT64_FORMAT " to %s, but got %" G_GINT64_FORMAT, i, ratio,
                               what, strides[i]);
      strides[i] = grows ? strides[i] / ratio : strides[i] * ratio;
    }
  if (size != old)
    sizes[last] = grows ? sizes[last] / ratio : sizes[last] * ratio;
  call->results[0] = gten_tensor_new_strided (self->storage, dtype, self->n_dims, sizes, strides,
                                              grows ? self->offset / ratio : self->offset * ratio);
  return TRUE;
}

gboolean
gten_view_expand (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *size = &call->args[0];
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  g_autofree char *target = gten_shape_to_string (size->n, size->ints);
  g_autofree char *own = gten_shape_to_string (self->n_dims, gten_sizes (self));

  if (size->n > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "expand: a tensor has at most %d dimensions, but got %" G_GSIZE_FORMAT,
                           GTEN_MAX_DIMS, size->n);
  if (size->n < self->n_dims)
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "expand(torch.%sTensor{%s}, size=%s): the number of sizes provided (%" G_GSIZE_FORMAT
        ") must be greater or equal to the number of dimensions in the tensor (%u)",
        gten_dtype_title ((GtenDtype) self->dtype), own, target, size->n, self->n_dims);
  for (guint i = size->n; i-- > 0;)
    {
      int source = (int) i - (int) (size->n - self->n_dims);
      gint64 present = source < 0 ? 1 : gten_size (self, source);

      sizes[i] = size->ints[i];
      if (sizes[i] == -1)
        {
          if (source < 0)
            return gten_call_fail (error, GTEN_ERROR_SHAPE,
                                   "The expanded size of the tensor (-1) isn't allowed in a "
                                   "leading, non-existing dimension %u",
                                   i);
          sizes[i] = present;
        }
      if (present != 1 && sizes[i] != present)
        return gten_call_fail (
            error, GTEN_ERROR_SHAPE,
            "The expanded size of the tensor (%" G_GINT64_FORMAT
            ") must match the existing size (%" G_GINT64_FORMAT
            ") at non-singleton dimension %u.  Target sizes: %s.  Tensor sizes: %s",
            sizes[i], present, i, target, own);
      if (sizes[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "expand: sizes must be non-negative or -1, but got %s", target);
      if (source >= 0 && sizes[i] == present)
        strides[i] = gten_stride (self, source);
      else
        strides[i] = 0;
    }
  /* A leading dimension of one takes the stride that a contiguous tensor would have there. */
  for (int i = (int) (size->n - self->n_dims) - 1; i >= 0; i--)
    if (sizes[i] == 1)
      strides[i] = (guint) i + 1 < size->n ? strides[i + 1] * sizes[i + 1] : 1;
  return give_geometry (call, size->n, sizes, strides, self->offset, error);
}

gboolean
gten_view_permute (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *dims = &call->args[0];
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  guint64 seen = 0;

  if (dims->n != self->n_dims)
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "permute(sparse_coo): number of dimensions in the tensor input does not match the length "
        "of the desired "
        "ordering of dimensions i.e. input.dim() = %u is not equal to len(dims) = %" G_GSIZE_FORMAT,
        self->n_dims, dims->n);
  for (guint i = 0; i < dims->n; i++)
    {
      int dim = gten_wrap_dim (dims->ints[i], self->n_dims, error);

      if (dim < 0)
        return FALSE;
      if (seen & (G_GUINT64_CONSTANT (1) << dim))
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "permute(): duplicate dims are not allowed.");
      seen |= G_GUINT64_CONSTANT (1) << dim;
      sizes[i] = gten_size (self, dim);
      strides[i] = gten_stride (self, dim);
    }
  return give_geometry (call, self->n_dims, sizes, strides, self->offset, error);
}

static gboolean
give_transposed (GtenCall *call, guint a, guint b, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];

  for (guint i = 0; i < self->n_dims; i++)
    {
      guint source = i == a ? b : i == b ? a : i;

      sizes[i] = gten_size (self, source);
      strides[i] = gten_stride (self, source);
    }
  return give_geometry (call, self->n_dims, sizes, strides, self->offset, error);
}

gboolean
gten_view_transpose (GtenCall *call, GError **error)
{
  int a = gten_call_dim (call, 0, error), b;

  if (a < 0)
    return FALSE;
  b = gten_call_dim (call, 1, error);
  return b >= 0 && give_transposed (call, a, b, error);
}

gboolean
gten_view_t (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims > 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "t() expects a tensor with <= 2 dimensions, but self is %uD",
                           self->n_dims);
  return give_transposed (call, 0, self->n_dims == 2 ? 1 : 0, error);
}

/* Drops the dimensions of size one that `wanted` names. */
static gboolean
give_squeezed (GtenCall *call, guint64 wanted, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  guint n_dims = 0;

  for (guint i = 0; i < self->n_dims; i++)
    if (gten_size (self, i) != 1 || (wanted & (G_GUINT64_CONSTANT (1) << i)) == 0)
      {
        sizes[n_dims] = gten_size (self, i);
        strides[n_dims++] = gten_stride (self, i);
      }
  return give_geometry (call, n_dims, sizes, strides, self->offset, error);
}

gboolean
gten_view_squeeze (GtenCall *call, GError **error)
{
  return give_squeezed (call, G_MAXUINT64, error);
}

gboolean
gten_view_squeeze_dim (GtenCall *call, GError **error)
{
  int dim = gten_call_dim (call, 0, error);

  return dim >= 0 && give_squeezed (call, G_GUINT64_CONSTANT (1) << dim, error);
}

gboolean
gten_view_squeeze_dims (GtenCall *call, GError **error)
{
  guint64 wanted = 0;

  for (guint i = 0; i < call->args[0].n; i++)
    {
      int dim = gten_wrap_dim (call->args[0].ints[i], call->tensors[0]->n_dims, error);

      if (dim < 0)
        return FALSE;
      if (wanted & (G_GUINT64_CONSTANT (1) << dim))
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "dim %d appears multiple times in the list of dims", dim);
      wanted |= G_GUINT64_CONSTANT (1) << dim;
    }
  return give_squeezed (call, wanted, error);
}

gboolean
gten_view_unsqueeze (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  int dim = wrap_new_dim (call, 0, error);
  gint64 sizes[GTEN_MAX_DIMS + 1], strides[GTEN_MAX_DIMS + 1];

  if (dim < 0)
    return FALSE;
  for (guint i = 0, source = 0; i <= self->n_dims; i++)
    if (i == (guint) dim)
      {
        sizes[i] = 1;
        strides[i]
            = source < self->n_dims ? gten_size (self, source) * gten_stride (self, source) : 1;
      }
    else
      {
        sizes[i] = gten_size (self, source);
        strides[i] = gten_stride (self, source++);
      }
  return give_geometry (call, self->n_dims + 1, sizes, strides, self->offset, error);
}

gboolean
gten_view_select (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 index = call->args[1].i;
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "select() cannot be applied to a 0-dim tensor.");
  dim = gten_call_dim (call, 0, error);
  if (dim < 0)
    return FALSE;
  if (index < -gten_size (self, dim) || index >= gten_size (self, dim))
    {
      g_autofree char *text = gten_shape_to_string (self->n_dims, gten_sizes (self));

      return gten_call_fail (error, GTEN_ERROR_INDEX,
                             "select(): index %" G_GINT64_FORMAT
                             " out of range for tensor of size %s at dimension %d",
                             index, text, dim);
    }
  call->results[0]
      = gten_geometry_select (self, dim, index < 0 ? index + gten_size (self, dim) : index);
  return TRUE;
}

/* Python's rules: negative ends count from the back, and what lies outside is clipped. */
void
gten_clip_slice (gint64 size, gint64 step, gint64 *start, gint64 *length)
{
  gint64 from = *start, to = *length;

  from = from == GTEN_NONE ? 0 : from < 0 ? MAX (from + size, 0) : MIN (from, size);
  to = to == GTEN_NONE ? size : to < 0 ? to + size : MIN (to, size);
  *start = from;
  *length = to <= from ? 0 : (to - from - 1) / step + 1;
}

gboolean
gten_view_slice (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 start = call->args[1].i, length = call->args[2].i, step = call->args[3].i;
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "slice() cannot be applied to a 0-dim tensor.");
  dim = gten_call_dim (call, 0, error);
  if (dim < 0)
    return FALSE;
  if (step <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "slice step must be positive");
  gten_clip_slice (gten_size (self, dim), step, &start, &length);
  call->results[0] = gten_geometry_slice (self, dim, start, length, step);
  return TRUE;
}

gboolean
gten_view_diagonal (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 diagonal = call->args[0].i, length, offset = self->offset;
  int dim1 = gten_call_dim (call, 1, error), dim2;
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  guint n_dims = 0;

  if (dim1 < 0)
    return FALSE;
  dim2 = gten_call_dim (call, 2, error);
  if (dim2 < 0)
    return FALSE;
  if (dim1 == dim2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "diagonal dimensions cannot be identical %" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT,
                           call->args[1].i, call->args[2].i);
  if (diagonal >= 0)
    length = MAX (MIN (gten_size (self, dim1),
                       gten_size (self, dim2) - MIN (diagonal, gten_size (self, dim2))),
                  0);
  else
    length = MAX (MIN (gten_size (self, dim1) + MAX (diagonal, -gten_size (self, dim1)),
                       gten_size (self, dim2)),
                  0);
  if (length > 0)
    offset += diagonal >= 0 ? diagonal * gten_stride (self, dim2)
                            : -diagonal * gten_stride (self, dim1);
  for (int i = 0; i < self->n_dims; i++)
    if (i != dim1 && i != dim2)
      {
        sizes[n_dims] = gten_size (self, i);
        strides[n_dims++] = gten_stride (self, i);
      }
  sizes[n_dims] = length;
  strides[n_dims++] = gten_stride (self, dim1) + gten_stride (self, dim2);
  return give_geometry (call, n_dims, sizes, strides, offset, error);
}

gboolean
gten_view_unfold (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 size = call->args[1].i, step = call->args[2].i, present;
  gint64 sizes[GTEN_MAX_DIMS + 1], strides[GTEN_MAX_DIMS + 1];
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  present = self->n_dims == 0 ? 1 : gten_size (self, dim);
  if (size < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "size is %" G_GINT64_FORMAT " but must be >= 0",
                           size);
  if (size > present)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "maximum size for tensor at dimension %d is %" G_GINT64_FORMAT
                           " but size is %" G_GINT64_FORMAT,
                           dim, present, size);
  if (step <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "step is %" G_GINT64_FORMAT " but must be > 0",
                           step);
  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  memcpy (strides, gten_strides (self), self->n_dims * sizeof *strides);
  sizes[self->n_dims] = size;
  strides[self->n_dims] = self->n_dims == 0 ? 1 : strides[dim];
  if (self->n_dims > 0)
    {
      sizes[dim] = (sizes[dim] - size) / step + 1;
      strides[dim] *= step;
    }
  return give_geometry (call, self->n_dims + 1, sizes, strides, self->offset, error);
}

gboolean
gten_view_as_strided (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *size = &call->args[0], *stride = &call->args[1];
  gint64 offset = call->args[2].given ? call->args[2].i : self->offset, last = offset, n_elements;
  g_autofree char *size_text = gten_shape_to_string (size->n, size->ints);
  g_autofree char *stride_text = gten_shape_to_string (stride->n, stride->ints);
  gboolean empty = FALSE, overflow = FALSE;

  if (size->n != stride->n)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "mismatch in length of strides and shape");
  if (offset < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Tensor: invalid storage offset %" G_GINT64_FORMAT, offset);
  for (guint i = 0; i < size->n; i++)
    {
      gint64 reach;

      if (stride->ints[i] < 0)
        return gten_call_fail (
            error, GTEN_ERROR_VALUE,
            "as_strided: Negative strides are not supported at the moment, got strides: %s",
            stride_text);
      if (size->ints[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "as_strided: sizes must be non-negative, got sizes: %s", size_text);
      empty |= size->ints[i] == 0;
      overflow |= __builtin_mul_overflow (size->ints[i] - 1, stride->ints[i], &reach)
                  || __builtin_add_overflow (last, reach, &last);
    }
  n_elements = (gint64) (self->storage->n_bytes / gten_itemsize (self));
  if (!empty && (overflow || last >= n_elements))
    return gten_call_fail (
        error, GTEN_ERROR_VALUE,
        "setStorage: sizes %s, strides %s, storage offset %" G_GINT64_FORMAT
        ", and itemsize %" G_GSIZE_FORMAT " requiring a storage size of %" G_GINT64_FORMAT
        " are out of bounds for storage of size %" G_GSIZE_FORMAT,
        size_text, stride_text, offset, gten_itemsize (self),
        overflow ? G_MAXINT64 : (last + 1) * (gint64) gten_itemsize (self), self->storage->n_bytes);
  return give_geometry (call, (guint) size->n, size->ints, stride->ints, offset, error);
}

/* -- many views of one tensor ------------------------------------------------------------------ */

gboolean
gten_view_split (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 length = call->args[0].i, size;
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "split expects at least a 1-dimensional tensor");
  if (length < 0)
    return gten_call_fail (
        error, GTEN_ERROR_VALUE,
        "split expects split_size be non-negative, but got split_size=%" G_GINT64_FORMAT, length);
  dim = gten_call_dim (call, 1, error);
  if (dim < 0)
    return FALSE;
  size = gten_size (self, dim);
  if (length == 0 && size != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "split_size can only be 0 if dimension size is 0, but got dimension "
                           "size of %" G_GINT64_FORMAT,
                           size);
  call->list = g_ptr_array_new_with_free_func (g_object_unref);
  for (gint64 start = 0; start < MAX (size, 1); start += MAX (length, 1))
    g_ptr_array_add (call->list,
                     gten_geometry_slice (self, dim, start, MIN (length, size - start), 1));
  return TRUE;
}

gboolean
gten_view_split_with_sizes (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *lengths = &call->args[0];
  g_autofree char *text = gten_shape_to_string (lengths->n, lengths->ints);
  gint64 start = 0, sum = 0;
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "split_with_sizes expects at least a 1-dimensional tensor");
  dim = gten_call_dim (call, 1, error);
  if (dim < 0)
    return FALSE;
  for (guint i = 0; i < lengths->n; i++)
    {
      if (lengths->ints[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "split_with_sizes expects split_sizes have only non-negative "
                               "entries, but got split_sizes=%s",
                               text);
      if (__builtin_add_overflow (sum, lengths->ints[i], &sum))
        sum = G_MAXINT64;
    }
  if (sum != gten_size (self, dim))
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "split_with_sizes expects split_sizes to sum exactly to %" G_GINT64_FORMAT
        " (input tensor's size at dimension %" G_GINT64_FORMAT "), but got split_sizes=%s",
        gten_size (self, dim), call->args[1].i, text);
  call->list = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < lengths->n; start += lengths->ints[i++])
    g_ptr_array_add (call->list, gten_geometry_slice (self, dim, start, lengths->ints[i], 1));
  return TRUE;
}

gboolean
gten_view_unbind (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "Dimension specified as %" G_GINT64_FORMAT
                           " but tensor has no dimensions",
                           call->args[0].i);
  dim = gten_call_dim (call, 0, error);
  if (dim < 0)
    return FALSE;
  call->list = g_ptr_array_new_with_free_func (g_object_unref);
  for (gint64 i = 0; i < gten_size (self, dim); i++)
    g_ptr_array_add (call->list, gten_geometry_select (self, dim, i));
  return TRUE;
}
