/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Slices: a tensor of any number of dimensions is looked at through two of them, the others being
 * held at one place each. A slice is a tensor too, which knows where it was taken from. */
#include "gten-gtk-slice.h"

#include <string.h>

#include "gten-gtk-tensor-private.h"

/**
 * gten_gtk_tensor_get_size:
 * @self: a tensor
 * @dim: a dimension
 *
 * Returns: the size of what is here along a dimension
 */
gint64
gten_gtk_tensor_get_size (GtenGtkTensor *self, gsize dim)
{
  g_return_val_if_fail (dim < self->n_dims, 0);
  return self->sample[dim];
}

/**
 * gten_gtk_tensor_get_step:
 * @self: a tensor
 * @dim: a dimension
 *
 * Returns: how many elements of the tensor lie from one that is here to the next
 */
gint64
gten_gtk_tensor_get_step (GtenGtkTensor *self, gsize dim)
{
  g_return_val_if_fail (dim < self->n_dims, 1);
  return self->steps[dim];
}

char *
gten_gtk_tensor_format_part (GtenGtkTensor *self, gint64 row, gint64 n_rows, gint64 column, gint64 n_columns)
{
  const gint64 at[2] = { row, column }, n[2] = { n_rows, n_columns };
  gsize n_dims = self->place != NULL ? self->n_place : self->n_dims;
  GString *text = g_string_new ("[");

  for (gsize d = 0; d < n_dims; d++)
    {
      gsize own = 0;

      while (own < self->n_dims && (self->place != NULL ? self->axes[own] : own) != d)
        own++;
      g_string_append (text, d > 0 ? ", " : "");
      if (own == self->n_dims)
        g_string_append_printf (text, "%" G_GINT64_FORMAT, self->place[d]);
      else
        {
          /* Without dimensions that run down, the only one runs across. */
          gsize axis = self->n_dims == 1 ? 1 : own;
          gint64 size = self->shape[own], cell = (size + n[axis] - 1) / MAX (n[axis], 1);
          gint64 first = at[axis] * cell, end = MIN (first + cell, size);

          g_string_append_printf (text, cell > 1 ? "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT : "%" G_GINT64_FORMAT, first, end);
        }
    }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

void
gten_gtk_tensor_take_from (GtenGtkTensor *self, GtenGtkTensor *source)
{
  g_set_object (&self->source, source);
  self->source_age = source->age;
}

/**
 * gten_gtk_tensor_slice:
 * @self: a tensor
 * @down: the dimension that runs down, or -1 for one row
 * @across: the dimension that runs across, or -1 for one column
 * @at: (array length=n_at): where the slice lies along each dimension of what is here; what it says
 *   of @down and @across counts for nothing
 * @n_at: the number of dimensions
 *
 * Takes a slice. Its values are known where the tensor's are.
 *
 * Returns: (transfer full) (nullable): the slice; %NULL if it lies outside
 */
GtenGtkTensor *
gten_gtk_tensor_slice (GtenGtkTensor *self, int down, int across, const gint64 *at, gsize n_at)
{
  gsize size = gten_dtype_get_size (self->dtype), offset = 0, n_dims = 0;
  const int axes[2] = { down, across };
  gint64 shape[2] = { 1, 1 }, whole[2] = { 1, 1 }, stride[2] = { 0, 0 }, steps[2] = { 1, 1 };
  gsize own[2] = { 0, 0 };
  g_autofree gint64 *strides = g_new (gint64, self->n_dims + 1);
  g_autoptr (GBytes) bytes = NULL;
  GtenGtkTensor *slice;
  const char *from;
  char *to;

  if (n_at != self->n_dims || (down >= 0 && down == across) || down >= (int) n_at || across >= (int) n_at)
    return NULL;
  for (gsize d = self->n_dims, stride_here = 1; d > 0; d--)
    {
      strides[d - 1] = stride_here;
      stride_here *= self->sample[d - 1];
    }
  for (gsize d = 0; d < self->n_dims; d++)
    if ((int) d != down && (int) d != across)
      {
        if (at[d] < 0 || at[d] >= self->sample[d])
          return NULL;
        offset += at[d] * strides[d];
      }
  for (guint i = 0; i < 2; i++)
    if (axes[i] >= 0)
      {
        own[n_dims] = axes[i];
        shape[n_dims] = self->sample[axes[i]];
        whole[n_dims] = self->shape[axes[i]];
        stride[n_dims] = strides[axes[i]];
        steps[n_dims++] = self->steps[axes[i]];
      }
  slice = gten_gtk_tensor_new (self->name, self->dtype, whole, n_dims);
  slice->place = g_new0 (gint64, self->n_dims + 1);
  slice->n_place = self->n_dims;
  for (gsize d = 0; d < self->n_dims; d++)
    slice->place[d] = (int) d == down || (int) d == across ? 0 : at[d] * self->steps[d];
  memcpy (slice->axes, own, sizeof own);
  gten_gtk_tensor_take_from (slice, self);
  if (self->values == NULL)
    return slice;
  from = g_bytes_get_data (self->values, NULL);
  bytes = g_bytes_new_take (to = g_malloc (MAX (shape[0] * shape[1] * size, 1)),
                            shape[0] * shape[1] * size);
  for (gint64 i = 0; i < shape[0]; i++)
    if (n_dims == 2 && stride[1] == 1)
      memcpy (to + i * shape[1] * size, from + (offset + i * stride[0]) * size, shape[1] * size);
    else
      for (gint64 j = 0; j < shape[1]; j++)
        memcpy (to + (i * shape[1] + j) * size,
                from + (offset + i * stride[0] + j * stride[1]) * size, size);
  gten_gtk_tensor_set_sample (slice, bytes, shape, steps, n_dims);
  return slice;
}

/**
 * gten_gtk_tensor_copy:
 * @self: a tensor
 * @name: what the copy is called
 *
 * Keeps what is known of a tensor now, under another name.
 *
 * Returns: (transfer full): the copy
 */
GtenGtkTensor *
gten_gtk_tensor_copy (GtenGtkTensor *self, const char *name)
{
  GtenGtkTensor *copy = gten_gtk_tensor_new (name, self->dtype, self->shape, self->n_dims);

  gten_gtk_tensor_take_from (copy, self);
  if (self->has_statistics)
    gten_gtk_tensor_set_statistics (copy, &self->statistics);
  if (self->values != NULL)
    gten_gtk_tensor_set_sample (copy, self->values, self->sample, self->steps, self->n_dims);
  return copy;
}
