/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arithmetic on sizes and strides, and views made from it below autograd. Sizes, strides and
 * offsets count elements. */
#include "ops/gten-run-private.h"

#include <string.h>

/* Replaces the one -1 among `sizes` by what `numel` leaves for it. */
gboolean
gten_infer_size (guint n_sizes, const gint64 *sizes, gint64 numel, gint64 *out, GError **error)
{
  g_autofree char *text = NULL;
  gint64 known = 1;
  int inferred = -1;

  if (n_sizes > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "a tensor has at most %d dimensions, but got %u", GTEN_MAX_DIMS,
                           n_sizes);
  for (guint i = 0; i < n_sizes; i++)
    {
      out[i] = sizes[i];
      if (sizes[i] == -1)
        {
          if (inferred >= 0)
            return gten_call_fail (error, GTEN_ERROR_SHAPE, "only one dimension can be inferred");
          inferred = (int) i;
        }
      else if (sizes[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "invalid shape dimension %" G_GINT64_FORMAT
                               " at index %u of shape %s",
                               sizes[i], i, text = gten_shape_to_string (n_sizes, sizes));
      else if (__builtin_mul_overflow (known, sizes[i], &known))
        known = G_MAXINT64;
    }
  if (inferred >= 0 && known > 0 && numel % known == 0)
    {
      out[inferred] = numel / known;
      return TRUE;
    }
  text = gten_shape_to_string (n_sizes, sizes);
  if (inferred >= 0 && known == 0 && numel == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "cannot reshape tensor of 0 elements into shape %s because the "
                           "unspecified dimension size -1 can be any "
                           "value and is ambiguous",
                           text);
  if (inferred >= 0 || known != numel)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "shape '%s' is invalid for input of size %" G_GINT64_FORMAT, text,
                           numel);
  return TRUE;
}

/* The strides with which `self` is seen as `sizes` (of as many elements), or FALSE where only a
 * copy can be. Runs of dimensions of `self` that lie densely in one another are split up and merged
 * freely; others keep their borders. */
gboolean
gten_view_strides (GtenTensor *self, guint n_sizes, const gint64 *sizes, gint64 *strides)
{
  const gint64 *old_sizes = gten_sizes (self), *old_strides = gten_strides (self);
  gint64 base, old_numel = 1, new_numel = 1;
  int next = (int) n_sizes - 1;

  if (self->contiguous || self->numel == 0)
    {
      if (n_sizes == self->n_dims && memcmp (sizes, old_sizes, n_sizes * sizeof *sizes) == 0)
        memcpy (strides, old_strides, n_sizes * sizeof *strides);
      else
        gten_shape_strides (n_sizes, sizes, strides);
      return TRUE;
    }
  base = old_strides[self->n_dims - 1];
  for (int i = self->n_dims - 1; i >= 0; i--)
    {
      old_numel *= old_sizes[i];
      if (i > 0 && (old_sizes[i - 1] == 1 || old_strides[i - 1] == old_numel * base))
        continue;
      for (; next >= 0 && (new_numel < old_numel || sizes[next] == 1); next--)
        {
          strides[next] = new_numel * base;
          new_numel *= sizes[next];
        }
      if (new_numel != old_numel)
        return FALSE;
      if (i > 0)
        base = old_strides[i - 1];
      old_numel = new_numel = 1;
    }
  return next == -1;
}

GtenTensor *
gten_geometry (GtenTensor *self, guint n_dims, const gint64 *sizes, const gint64 *strides,
               gint64 offset)
{
  return gten_tensor_new_strided (self->storage, (GtenDtype) self->dtype, n_dims, sizes, strides,
                                  offset);
}

GtenTensor *
gten_geometry_select (GtenTensor *self, guint dim, gint64 index)
{
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];

  for (guint i = 0, j = 0; i < self->n_dims; i++)
    if (i != dim)
      {
        sizes[j] = gten_size (self, i);
        strides[j++] = gten_stride (self, i);
      }
  return gten_geometry (self, self->n_dims - 1, sizes, strides,
                        self->offset + index * gten_stride (self, dim));
}

GtenTensor *
gten_geometry_slice (GtenTensor *self, guint dim, gint64 start, gint64 length, gint64 step)
{
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];

  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  memcpy (strides, gten_strides (self), self->n_dims * sizeof *strides);
  sizes[dim] = length;
  strides[dim] *= step;
  return gten_geometry (self, self->n_dims, sizes, strides,
                        self->offset + start * gten_stride (self, dim));
}

/* The caller has checked that the sizes broadcast. */
GtenTensor *
gten_geometry_expand (GtenTensor *self, guint n_dims, const gint64 *sizes)
{
  gint64 strides[GTEN_MAX_DIMS];
  guint lead = n_dims - self->n_dims;

  for (guint i = 0; i < n_dims; i++)
    strides[i] = i < lead || (gten_size (self, i - lead) == 1 && sizes[i] != 1)
                     ? 0
                     : gten_stride (self, i - lead);
  return gten_geometry (self, n_dims, sizes, strides, self->offset);
}

/* Dimension `from` comes to stand at `to`. */
GtenTensor *
gten_geometry_move (GtenTensor *self, guint from, guint to)
{
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];

  for (guint i = 0, next = 0; i < self->n_dims; i++)
    {
      guint source;

      if (next == from)
        next++;
      source = i == to ? from : next++;
      sizes[i] = gten_size (self, source);
      strides[i] = gten_stride (self, source);
    }
  return gten_geometry (self, self->n_dims, sizes, strides, self->offset);
}
