/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is composed of views: reshaping, moving and splitting dimensions. */
#include "ops/gten-run-private.h"

#include <string.h>

gboolean
gten_run_unsafe_view (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];

  if (!gten_infer_size (call->args[0].n, call->args[0].ints, self->numel, sizes, error))
    return FALSE;
  gten_shape_strides (call->args[0].n, sizes, strides);
  call->results[0] = gten_geometry (self, call->args[0].n, sizes, strides, self->offset);
  return TRUE;
}

static GtenTensor *
reshape (GtenTensor *self, const gint64 *shape, gsize n_shape, GError **error)
{
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) copy = NULL;

  if (!gten_infer_size (n_shape, shape, self->numel, sizes, error))
    return NULL;
  if (gten_view_strides (self, n_shape, sizes, strides))
    return gten_tensor_view (self, sizes, n_shape, error);
  copy = gten_tensor_contiguous (self, error);
  return gten_apply_unsafe_view (copy, sizes, n_shape, error);
}

gboolean
gten_run_reshape (GtenCall *call, GError **error)
{
  return gten_call_give (
      call, 0, reshape (call->tensors[0], call->args[0].ints, call->args[0].n, error), error);
}

gboolean
gten_run_flatten (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  int start = gten_call_dim (call, 0, error), end;
  gint64 sizes[GTEN_MAX_DIMS], joined = 1;
  guint n = 0;

  if (start < 0)
    return FALSE;
  end = gten_call_dim (call, 1, error);
  if (end < 0)
    return FALSE;
  if (start > end)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "flatten() has invalid args: start_dim cannot come after end_dim");
  if (self->n_dims == 0)
    return gten_call_give (call, 0, reshape (self, (const gint64[]){ 1 }, 1, error), error);
  if (start == end)
    return gten_call_give (call, 0, g_object_ref (self), error);
  for (int i = 0; i < self->n_dims; i++)
    if (i < start || i > end)
      sizes[n++] = gten_size (self, i);
    else
      {
        joined *= gten_size (self, i);
        if (i == end)
          sizes[n++] = joined;
      }
  return gten_call_give (call, 0, reshape (self, sizes, n, error), error);
}

gboolean
gten_run_unflatten (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *wanted = &call->args[1];
  gint64 sizes[2 * GTEN_MAX_DIMS], inner[GTEN_MAX_DIMS], known = 1;
  int dim = gten_call_dim (call, 0, error);
  gboolean inferred = FALSE;
  guint n = 0;

  if (dim < 0)
    return FALSE;
  if (wanted->n == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "unflatten: sizes must be non-empty");
  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "unflatten: the tensor has no dimension to split");
  if (self->n_dims + wanted->n > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "unflatten: a tensor has at most %d dimensions",
                           GTEN_MAX_DIMS);
  for (guint i = 0; i < wanted->n; i++)
    if (wanted->ints[i] == -1)
      inferred = TRUE;
    else if (__builtin_mul_overflow (known, wanted->ints[i], &known))
      known = -1;
  if (inferred ? known <= 0 || gten_size (self, dim) % known != 0 : known != gten_size (self, dim))
    {
      g_autofree char *text = gten_shape_to_string (wanted->n, wanted->ints);

      return gten_call_fail (
          error, GTEN_ERROR_SHAPE,
          "unflatten: Provided sizes %s don't multiply up to the size of dim %d (%" G_GINT64_FORMAT
          ") in the input tensor",
          text, dim, gten_size (self, dim));
    }
  if (!gten_infer_size (wanted->n, wanted->ints, gten_size (self, dim), inner, error))
    return FALSE;
  for (int i = 0; i < self->n_dims; i++)
    if (i == dim)
      {
        memcpy (sizes + n, inner, wanted->n * sizeof *sizes);
        n += wanted->n;
      }
    else
      sizes[n++] = gten_size (self, i);
  return gten_call_give (call, 0, gten_tensor_view (self, sizes, n, error), error);
}

gboolean
gten_run_ravel (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) packed = gten_tensor_contiguous (call->tensors[0], error);

  return gten_call_give (call, 0, reshape (packed, (const gint64[]){ -1 }, 1, error), error);
}

gboolean
gten_run_T (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 dims[GTEN_MAX_DIMS];

  for (guint i = 0; i < self->n_dims; i++)
    dims[i] = self->n_dims - 1 - i;
  return gten_call_give (call, 0, gten_tensor_permute (self, dims, self->n_dims, error), error);
}

gboolean
gten_run_mT (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims < 2)
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "tensor.mT is only supported on matrices or batches of matrices. Got %u-D tensor.",
        self->n_dims);
  return gten_call_give (call, 0, gten_tensor_transpose (self, -2, -1, error), error);
}

gboolean
gten_run_H (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims != 0 && self->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "tensor.H is only supported on matrices (2-D tensors). Got %u-D tensor.%s",
                           self->n_dims, self->n_dims > 2 ? " For batches of matrices, consider using tensor.mH" : "");
  return gten_call_give (call, 0, self->n_dims == 0 ? g_object_ref (self) : gten_tensor_transpose (self, 0, 1, error), error);
}

gboolean
gten_run_permute_back (GtenCall *call, GError **error)
{
  const GtenArg *dims = &call->args[0];
  gint64 inverse[GTEN_MAX_DIMS];

  for (guint i = 0; i < dims->n; i++)
    inverse[dims->ints[i] < 0 ? dims->ints[i] + (gint64) dims->n : dims->ints[i]] = i;
  return gten_call_give (call, 0, gten_tensor_permute (call->tensors[0], inverse, dims->n, error),
                         error);
}

gboolean
gten_run_movedim (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *from = &call->args[0], *to = &call->args[1];
  gint64 order[GTEN_MAX_DIMS];
  guint64 taken = 0, filled = 0;

  if (from->n != to->n)
    {
      g_autofree char *a = gten_shape_to_string (from->n, from->ints),
                      *b = gten_shape_to_string (to->n, to->ints);

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "movedim: Invalid source or destination dims: source (%s dims) should "
                             "contain the same number of dims as "
                             "destination (%s dims)",
                             a, b);
    }
  if (from->n == 0 || self->n_dims == 0)
    return gten_call_give (call, 0, gten_tensor_alias (self, error), error);
  for (guint i = 0; i < from->n; i++)
    {
      int source = gten_wrap_dim (from->ints[i], self->n_dims, error), destination;

      if (source < 0)
        return FALSE;
      destination = gten_wrap_dim (to->ints[i], self->n_dims, error);
      if (destination < 0)
        return FALSE;
      if ((taken | (G_GUINT64_CONSTANT (1) << source)) == taken
          || (filled | (G_GUINT64_CONSTANT (1) << destination)) == filled)
        {
          gboolean source_repeats = (taken & (G_GUINT64_CONSTANT (1) << source)) != 0;
          const GtenArg *repeated = source_repeats ? from : to;
          g_autofree char *text = gten_shape_to_string (repeated->n, repeated->ints);

          return gten_call_fail (error, GTEN_ERROR_SHAPE, "movedim: repeated dim in `%s` (%s)",
                                 source_repeats ? "source" : "destination", text);
        }
      taken |= G_GUINT64_CONSTANT (1) << source;
      filled |= G_GUINT64_CONSTANT (1) << destination;
      order[destination] = source;
    }
  for (guint i = 0, next = 0; i < self->n_dims; i++)
    if ((filled & (G_GUINT64_CONSTANT (1) << i)) == 0)
      {
        while (taken & (G_GUINT64_CONSTANT (1) << next))
          next++;
        order[i] = next++;
      }
  return gten_call_give (call, 0, gten_tensor_permute (self, order, self->n_dims, error), error);
}

gboolean
gten_run_sum_to_size (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *size = &call->args[0];
  gint64 dims[GTEN_MAX_DIMS];
  guint n = 0, lead;
  gboolean fits = size->n <= self->n_dims;
  g_autoptr (GtenTensor) sum = NULL;

  lead = fits ? self->n_dims - size->n : 0;
  for (guint i = 0; fits && i < self->n_dims; i++)
    {
      gint64 wanted = i < lead ? 1 : size->ints[i - lead];

      if (wanted != 1 && wanted != gten_size (self, i))
        fits = FALSE;
      else if (i < lead || (wanted == 1 && gten_size (self, i) != 1))
        dims[n++] = i;
    }
  if (!fits)
    {
      g_autofree char *own = gten_shape_to_string (self->n_dims, gten_sizes (self)),
                      *text = gten_shape_to_string (size->n, size->ints);

      return gten_call_fail (error, GTEN_ERROR_SHAPE, "size {%s} is not expandable to size {%s}.",
                             text, own);
    }
  if (size->n == 0)
    return gten_call_give (call, 0, gten_tensor_sum (self, error), error);
  sum = n == 0 ? g_object_ref (self) : gten_apply_sum (self, dims, n, TRUE, GTEN_DTYPE_NONE, error);
  if (lead > 0)
    return gten_call_give (call, 0, gten_tensor_view (sum, size->ints, size->n, error), error);
  return gten_call_give (call, 0, g_steal_pointer (&sum), error);
}

gboolean
gten_run_narrow (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 start = call->args[1].i, length = call->args[2].i, size;
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "narrow() cannot be applied to a 0-dim tensor.");
  if (length < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "narrow(): length must be non-negative.");
  dim = gten_call_dim (call, 0, error);
  if (dim < 0)
    return FALSE;
  size = gten_size (self, dim);
  if (start < -size || start > size)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "start out of range (expected to be in range of [%" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT "], but got %" G_GINT64_FORMAT ")",
                           -size, size, start);
  if (start < 0)
    start += size;
  if (start > size - length)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "start (%" G_GINT64_FORMAT ") + length (%" G_GINT64_FORMAT
                           ") exceeds dimension size (%" G_GINT64_FORMAT ").",
                           start, length, size);
  return gten_call_give (call, 0, gten_apply_slice (self, dim, start, start + length, 1, error),
                         error);
}

gboolean
gten_run_narrow_tensor (GtenCall *call, GError **error)
{
  GtenTensor *start = call->tensors[1];
  gint64 first;

  if (start->n_dims != 0 || gten_is_floating (start) || start->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "start must be an 0-dim integral Tensor.");
  return gten_read_int (start, &first, error)
         && gten_call_give (call, 0, gten_apply_narrow (call->tensors[0], call->args[0].i, first, call->args[1].i, error), error);
}

/* -- splitting --------------------------------------------------------------------------------- */

/* What makes a list as long as the caller likes makes sure that there can be one. */
static gboolean
check_room (gint64 n_tensors, GError **error)
{
  gpointer room = g_try_malloc_n (n_tensors, sizeof (GtenTensor));

  g_free (room);
  return room != NULL
         || gten_call_fail (error, GTEN_ERROR_MEMORY,
                            "not enough memory for %" G_GINT64_FORMAT " tensors", n_tensors);
}

gboolean
gten_run_chunk (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 chunks = call->args[0].i, size, length;
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "chunk expects at least a 1-dimensional tensor");
  if (chunks <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "chunk expects `chunks` to be greater than 0, got: %" G_GINT64_FORMAT,
                           chunks);
  dim = gten_call_dim (call, 1, error);
  if (dim < 0)
    return FALSE;
  size = gten_size (self, dim);
  length = size / chunks + (size % chunks != 0);
  if (length == 0)
    {
      if (!check_room (chunks, error))
        return FALSE;

      g_autofree gint64 *lengths = g_new0 (gint64, chunks);

      call->list = gten_apply_split_with_sizes (self, lengths, chunks, dim, error);
    }
  else
    call->list = gten_apply_split (self, length, dim, error);
  return call->list != NULL;
}

static GPtrArray *
split_sections (GtenTensor *self, gint64 sections, int dim, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;
  gint64 size = gten_size (self, dim), start = 0;

  if (sections <= 0)
    {
      gten_call_fail (error, GTEN_ERROR_VALUE,
                      "number of sections must be larger than 0, got %" G_GINT64_FORMAT, sections);
      return NULL;
    }
  if (!check_room (sections, error))
    return NULL;
  list = g_ptr_array_new_with_free_func (g_object_unref);
  for (gint64 i = 0; i < sections; i++)
    {
      gint64 length = size / sections + (i < size % sections);
      GtenTensor *piece = gten_apply_slice (self, dim, start, start + length, 1, error);

      if (piece == NULL)
        return NULL;
      g_ptr_array_add (list, piece);
      start += length;
    }
  return g_steal_pointer (&list);
}

static GPtrArray *
split_indices (GtenTensor *self, const GtenArg *indices, int dim, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 start = 0;

  for (guint i = 0; i <= indices->n; i++)
    {
      gint64 end = i < indices->n ? indices->ints[i] : gten_size (self, dim);
      GtenTensor *piece = gten_apply_slice (self, dim, start, end, 1, error);

      if (piece == NULL)
        return NULL;
      g_ptr_array_add (list, piece);
      start = end;
    }
  return g_steal_pointer (&list);
}

static gboolean
tensor_split (GtenCall *call, gboolean sections, GError **error)
{
  GtenTensor *self = call->tensors[0];
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
  dim = gten_call_dim (call, 1, error);
  if (dim < 0)
    return FALSE;
  call->list = sections ? split_sections (self, call->args[0].i, dim, error)
                        : split_indices (self, &call->args[0], dim, error);
  return call->list != NULL;
}

gboolean
gten_run_tensor_split (GtenCall *call, GError **error)
{
  return tensor_split (call, TRUE, error);
}

gboolean
gten_run_tensor_split_indices (GtenCall *call, GError **error)
{
  return tensor_split (call, FALSE, error);
}

gboolean
gten_run_tensor_split_tensor (GtenCall *call, GError **error)
{
  GtenTensor *wanted = call->tensors[1];
  const gint64 n = wanted->numel;
  g_autofree gint64 *positions = g_new (gint64, n + 1);

  if (wanted->storage->device != gten_device_get_cpu ())
    {
      g_autofree char *name = gten_device_to_string (wanted->storage->device);

      return gten_call_fail (error, GTEN_ERROR_DEVICE,
                             "tensor_split expected tensor_indices_or_sections to be on cpu, but it's on %s", name);
    }
  if (wanted->dtype != GTEN_DTYPE_INT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "tensor_split expected tensor_indices_or_sections to have dtype of long, but got %s",
                           gten_dtype_title ((GtenDtype) wanted->dtype));
  if (wanted->n_dims > 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but "
                           "got a tensor with %u dims", wanted->n_dims);
  for (gint64 i = 0; i < n; i++)
    positions[i] = ((const gint64 *) gten_data (wanted))[wanted->n_dims > 0 ? i * gten_stride (wanted, 0) : 0];
  if (wanted->n_dims == 0)
    call->list = gten_apply_tensor_split (call->tensors[0], positions[0], call->args[0].i, error);
  else
    call->list = gten_apply_tensor_split_indices (call->tensors[0], positions, n, call->args[0].i, error);
  return call->list != NULL;
}

/* hsplit, vsplit and dsplit: along `dim` of a tensor with `least` dimensions at least. */
static gboolean
split_along (GtenCall *call, guint least, int dim, gboolean sections, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims < least)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.%s requires a tensor with at least %u dimension, but got a "
                           "tensor with %u dimensions!",
                           call->op->name, least, self->n_dims);
  if (sections && (call->args[0].i == 0 || gten_size (self, dim) % call->args[0].i != 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.%s attempted to split along dimension %d, but the size of the "
                           "dimension %" G_GINT64_FORMAT
                           " is not divisible by the split_size %" G_GINT64_FORMAT "!",
                           call->op->name, dim, gten_size (self, dim), call->args[0].i);
  call->list = sections ? split_sections (self, call->args[0].i, dim, error)
                        : split_indices (self, &call->args[0], dim, error);
  return call->list != NULL;
}

gboolean
gten_run_hsplit (GtenCall *call, GError **error)
{
  return split_along (call, 1, call->tensors[0]->n_dims == 1 ? 0 : 1, TRUE, error);
}

gboolean
gten_run_hsplit_indices (GtenCall *call, GError **error)
{
  return split_along (call, 1, call->tensors[0]->n_dims == 1 ? 0 : 1, FALSE, error);
}

gboolean
gten_run_vsplit (GtenCall *call, GError **error)
{
  return split_along (call, 2, 0, TRUE, error);
}

gboolean
gten_run_vsplit_indices (GtenCall *call, GError **error)
{
  return split_along (call, 2, 0, FALSE, error);
}

gboolean
gten_run_dsplit (GtenCall *call, GError **error)
{
  return split_along (call, 3, 2, TRUE, error);
}

gboolean
gten_run_dsplit_indices (GtenCall *call, GError **error)
{
  return split_along (call, 3, 2, FALSE, error);
}

/* -- at least so many dimensions --------------------------------------------------------------- */

gboolean
gten_run_atleast_1d (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  return gten_call_give (
      call, 0,
      self->n_dims > 0 ? g_object_ref (self) : reshape (self, (const gint64[]){ 1 }, 1, error),
      error);
}

gboolean
gten_run_atleast_2d (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims == 0)
    return gten_call_give (call, 0, reshape (self, (const gint64[]){ 1, 1 }, 2, error), error);
  return gten_call_give (
      call, 0, self->n_dims > 1 ? g_object_ref (self) : gten_tensor_unsqueeze (self, 0, error),
      error);
}

gboolean
gten_run_atleast_3d (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) row = NULL;

  if (self->n_dims == 0)
    return gten_call_give (call, 0, reshape (self, (const gint64[]){ 1, 1, 1 }, 3, error), error);
  if (self->n_dims >= 3)
    return gten_call_give (call, 0, g_object_ref (self), error);
  row = self->n_dims == 1 ? gten_tensor_unsqueeze (self, 0, error) : g_object_ref (self);
  return gten_call_give (call, 0, gten_tensor_unsqueeze (row, -1, error), error);
}

/* In place: the shape, and more storage where it does not suffice; what is in the storage stays. */
gboolean
gten_run_resize (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *size = &call->args[0];
  gint64 strides[GTEN_MAX_DIMS], numel;

  if (gten_tensor_get_requires_grad (self))
    return gten_call_fail (error, GTEN_ERROR_AUTOGRAD, "cannot resize variables that require grad");
  if (!gten_shape_check ("resize_", size->n, size->ints, (GtenDtype) self->dtype, &numel, error))
    return FALSE;
  if (((gsize) numel + self->offset) * gten_itemsize (self) > self->storage->n_bytes)
    {
      g_autoptr (GtenTensor) larger = NULL;
      gint64 kept = (gint64) self->storage->n_bytes, total = numel + self->offset;

      larger = gten_tensor_alloc ((GtenDtype) self->dtype, 1, &total, self->storage->device, error);
      if (larger == NULL)
        return FALSE;
      if (kept > 0)
        {
          g_autoptr (GtenTensor) old
              = gten_tensor_new_strided (self->storage, GTEN_DTYPE_UINT8, 1, &kept, (const gint64[]){ 1 }, 0);
          g_autoptr (GtenTensor) head
              = gten_tensor_new_strided (larger->storage, GTEN_DTYPE_UINT8, 1, &kept, (const gint64[]){ 1 }, 0);

          if (!gten_copy_elements (head, old, error))
            return FALSE;
        }
      gten_storage_grow (self->storage, larger->storage);
    }
  gten_shape_strides (size->n, size->ints, strides);
  gten_tensor_set_geometry (self, size->n, size->ints, strides, self->offset);
  return TRUE;
}
