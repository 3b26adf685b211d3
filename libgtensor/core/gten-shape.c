/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sizes and strides: how many elements, how they lie, and how two shapes meet. Strides count
 * elements. */

#include "core/gten-shape-private.h"

gboolean
gten_shape_check (const char *op, guint n_dims, const gint64 *sizes, GtenDtype dtype, gint64 *numel,
                  GError **error)
{
  gint64 product = 1, span = 1;
  gint64 n_bytes;

  if (n_dims > GTEN_MAX_DIMS)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE, "%s: a tensor has at most %d dimensions, but got %u",
                   op, GTEN_MAX_DIMS, n_dims);
      return FALSE;
    }
  for (guint i = 0; i < n_dims; i++)
    {
      if (G_UNLIKELY (sizes[i] < 0))
        {
          g_autofree char *shape = gten_shape_to_string (n_dims, sizes);
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE,
                       "Trying to create tensor with negative dimension %" G_GINT64_FORMAT ": %s", sizes[i], shape);
          return FALSE;
        }
      product = sizes[i] == 0 ? 0 : product;
      /* Strides of an empty tensor must be representable, too. */
      if (G_UNLIKELY (__builtin_mul_overflow (span, MAX (sizes[i], 1), &span)))
        goto overflow;
    }
  if (product != 0)
    product = span;
  if (G_UNLIKELY (__builtin_mul_overflow (product, (gint64) gten_dtype_get_size (dtype), &n_bytes)))
    goto overflow;
  if (numel != NULL)
    *numel = product;
  return TRUE;

overflow:
  {
    g_autofree char *shape = gten_shape_to_string (n_dims, sizes);
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
                 "Storage size calculation overflowed with sizes=%s", shape);
    return FALSE;
  }
}

void
gten_shape_strides (guint n_dims, const gint64 *sizes, gint64 *strides)
{
  gint64 step = 1;

  for (guint i = n_dims; i-- > 0;)
    {
      strides[i] = step;
      step *= MAX (sizes[i], 1);
    }
}

gboolean
gten_shape_is_contiguous (guint n_dims, const gint64 *sizes, const gint64 *strides)
{
  gint64 step = 1;

  for (guint i = n_dims; i-- > 0;)
    {
      if (sizes[i] == 0)
        return TRUE;
      if (sizes[i] != 1 && strides[i] != step)
        {
          /* Not row-major, but a tensor without elements is contiguous however it is strided. */
          while (i-- > 0)
            if (sizes[i] == 0)
              return TRUE;
          return FALSE;
        }
      step *= sizes[i];
    }
  return TRUE;
}

/* Shapes are aligned at the last dimension; a missing dimension and one of size 1 repeat. */
gboolean
gten_shape_broadcast (guint n_a, const gint64 *a, guint n_b, const gint64 *b, guint *n_out,
                      gint64 *out, GError **error)
{
  guint n = MAX (n_a, n_b);

  for (guint i = n; i-- > 0;)
    {
      gint64 size_a = i + n_a >= n ? a[i + n_a - n] : 1;
      gint64 size_b = i + n_b >= n ? b[i + n_b - n] : 1;

      if (G_UNLIKELY (size_a != size_b && size_a != 1 && size_b != 1))
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE,
                       "The size of tensor a (%" G_GINT64_FORMAT ") must match the size of tensor b (%" G_GINT64_FORMAT
                       ") at non-singleton dimension %u", size_a, size_b, i);
          return FALSE;
        }
      out[i] = size_a == 1 ? size_b : size_a;
    }
  *n_out = n;
  return TRUE;
}

int
gten_wrap_dim (gint64 dim, guint n_dims, GError **error)
{
  gint64 n = MAX (n_dims, 1);

  if (G_UNLIKELY (dim < -n || dim >= n))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_INDEX,
                   "Dimension out of range (expected to be in range of [%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                   "], but got %" G_GINT64_FORMAT ")", -n, n - 1, dim);
      return -1;
    }
  return dim < 0 ? dim + n : dim;
}

char *
gten_shape_to_string (guint n_dims, const gint64 *sizes)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", sizes[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}
