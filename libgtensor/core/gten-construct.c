/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors from what the caller's language has: memory, bytes, numbers, an address. The operations
 * that make tensors come from the op table. */

#include "core/gten-tensor-private.h"

#include "device/gten-device-private.h"
#include "ops/gten-call-private.h"

#include <string.h>

/* Checks what the public constructors are given. */
static gboolean
check_arguments (GtenDtype dtype, const gint64 *size, gsize n_size, gint64 *numel, GError **error)
{
  if (gten_dtype_get_size (dtype) == 0)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DTYPE, "tensor: not a dtype: %d", (int) dtype);
      return FALSE;
    }
  return gten_shape_check ("tensor", MIN (n_size, G_MAXUINT), size, dtype, numel, error);
}

/**
 * gten_tensor_new_from_data: (skip)
 * @data: elements in row-major order
 * @dtype: their dtype
 * @size: (array length=n_size): the size of each dimension
 * @n_size: the number of dimensions
 * @error: return location for an error
 *
 * Makes a tensor on the CPU from a copy of C data. Raises %GTEN_ERROR_DTYPE for no dtype,
 * %GTEN_ERROR_SHAPE for a size below zero, and %GTEN_ERROR_MEMORY if there is not enough.
 *
 * Returns: (transfer full): a new tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_new_from_data (gconstpointer data, GtenDtype dtype, const gint64 *size, gsize n_size,
                           GError **error)
{
  GtenTensor *self;
  gint64      numel;

  if (!check_arguments (dtype, size, n_size, &numel, error))
    return NULL;
  if (data == NULL && numel > 0)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, "tensor: there is no data");
      return NULL;
    }
  self = gten_tensor_alloc (dtype, n_size, size, gten_device_get_cpu (), error);
  if (self != NULL && numel > 0)
    memcpy (gten_data (self), data, numel * gten_itemsize (self));
  return self;
}

static gboolean
check_length (gsize n_values, gint64 numel, const gint64 *size, gsize n_size, GError **error)
{
  if (n_values == (gsize) numel)
    return TRUE;
  g_autofree char *shape = gten_shape_to_string (n_size, size);
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE, "shape '%s' is invalid for input of size %" G_GSIZE_FORMAT, shape,
               n_values);
  return FALSE;
}

/**
 * gten_tensor_new_from_bytes:
 * @bytes: elements in row-major order and native byte order
 * @dtype: their dtype
 * @size: (array length=n_size): the size of each dimension
 * @n_size: the number of dimensions
 * @error: return location for an error
 *
 * Makes a tensor on the CPU from a copy of bytes.
 *
 * Raises %GTEN_ERROR_SHAPE if there are not as many bytes as the shape needs, and what
 * [ctor@Tensor.new_from_doubles] raises.
 *
 * Returns: (transfer full): a new tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_new_from_bytes (GBytes *bytes, GtenDtype dtype, const gint64 *size, gsize n_size,
                            GError **error)
{
  gconstpointer data;
  gsize         n_bytes, item_size;
  gint64        numel;

  g_return_val_if_fail (bytes != NULL, NULL);

  if (!check_arguments (dtype, size, n_size, &numel, error))
    return NULL;
  data = g_bytes_get_data (bytes, &n_bytes);
  item_size = gten_dtype_get_size (dtype);
  if (n_bytes % item_size != 0)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE,
                   "buffer size (%" G_GSIZE_FORMAT ") must be a multiple of element size (%" G_GSIZE_FORMAT ")", n_bytes,
                   item_size);
      return NULL;
    }
  if (!check_length (n_bytes / item_size, numel, size, n_size, error))
    return NULL;
  return gten_tensor_new_from_data (data, dtype, size, n_size, error);
}

/* A copy of `values`, then converted. */
static GtenTensor *
new_converted (gconstpointer values, gsize n_values, GtenDtype from, GtenDtype to, const gint64 *size, gsize n_size,
               GError **error)
{
  g_autoptr (GtenTensor) exact = NULL;
  gint64 numel;

  if (!check_arguments (to, size, n_size, &numel, error)
      || !check_length (n_values, numel, size, n_size, error))
    return NULL;
  exact = gten_tensor_new_from_data (values, from, size, n_size, error);
  if (exact == NULL || from == to)
    return g_steal_pointer (&exact);
  return gten_cast (exact, to, error);
}

/**
 * gten_tensor_new_from_doubles:
 * @values: (array length=n_values): elements in row-major order
 * @n_values: how many there are
 * @dtype: the dtype of the tensor, or %GTEN_DTYPE_NONE for the default dtype
 * @size: (array length=n_size): the size of each dimension
 * @n_size: the number of dimensions
 * @error: return location for an error
 *
 * Makes a tensor on the CPU from numbers. Raises %GTEN_ERROR_SHAPE if there are not as many as the
 * shape needs, %GTEN_ERROR_DTYPE for no dtype, and %GTEN_ERROR_MEMORY if there is not enough.
 *
 * Returns: (transfer full): a new tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_new_from_doubles (const double *values, gsize n_values, GtenDtype dtype, const gint64 *size, gsize n_size,
                              GError **error)
{
  if (dtype == GTEN_DTYPE_NONE)
    dtype = gten_get_default_dtype ();
  return new_converted (values, n_values, GTEN_DTYPE_FLOAT64, dtype, size, n_size, error);
}

/**
 * gten_tensor_new_from_integers:
 * @values: (array length=n_values): elements in row-major order
 * @n_values: how many there are
 * @dtype: the dtype of the tensor, or %GTEN_DTYPE_NONE for int64
 * @size: (array length=n_size): the size of each dimension
 * @n_size: the number of dimensions
 * @error: return location for an error
 *
 * Makes a tensor on the CPU from integers. Raises what [ctor@Tensor.new_from_doubles] raises.
 *
 * Returns: (transfer full): a new tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_new_from_integers (const gint64 *values, gsize n_values, GtenDtype dtype, const gint64 *size, gsize n_size,
                               GError **error)
{
  if (dtype == GTEN_DTYPE_NONE)
    dtype = GTEN_DTYPE_INT64;
  return new_converted (values, n_values, GTEN_DTYPE_INT64, dtype, size, n_size, error);
}

/**
 * gten_tensor_new_from_address:
 * @address: the address of the element with all indices 0
 * @dtype: the dtype of the elements
 * @size: (array length=n_size): the size of each dimension
 * @n_size: the number of dimensions
 * @stride: (array length=n_stride) (nullable): the stride of each dimension in elements; none for
 *   row-major
 * @n_stride: the number of dimensions, or 0
 * @release: (nullable) (scope async) (closure owner): called with @owner when the memory is no
 *   longer used
 * @owner: (nullable): what keeps the memory alive
 * @error: return location for an error
 *
 * Makes a tensor on the CPU that shares memory with someone else, without a copy. On error @release
 * is not called.
 *
 * Raises %GTEN_ERROR_VALUE for an address that the dtype cannot have or a stride below zero,
 * %GTEN_ERROR_SHAPE if sizes and strides are not as many, and %GTEN_ERROR_MEMORY if they reach
 * beyond all memory.
 *
 * Returns: (transfer full): a new tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_new_from_address (guint64 address, GtenDtype dtype, const gint64 *size, gsize n_size, const gint64 *stride,
                              gsize n_stride, GDestroyNotify release, gpointer owner, GError **error)
{
  gint64       row_major[GTEN_MAX_DIMS];
  gint64       numel, last = 0, part;
  gsize        item_size = gten_dtype_get_size (dtype);
  GtenStorage *storage;
  GtenTensor  *self;

  if (!check_arguments (dtype, size, n_size, &numel, error))
    return NULL;
  if (n_stride != 0 && n_stride != n_size)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE,
                   "mismatch in length of strides and shape: %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT, n_stride, n_size);
      return NULL;
    }
  if ((address == 0 && numel > 0) || address % item_size != 0)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                   "address %#" G_GINT64_MODIFIER "x is not that of a %s", address, gten_dtype_get_name (dtype));
      return NULL;
    }
  if (n_stride == 0)
    {
      gten_shape_strides (n_size, size, row_major);
      stride = row_major;
    }
  for (gsize i = 0; i < n_size; i++)
    {
      if (stride[i] < 0)
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                       "At least one stride is negative (%" G_GINT64_FORMAT
                       "), and tensors with negative strides are not currently supported", stride[i]);
          return NULL;
        }
      if (numel > 0 && (__builtin_mul_overflow (size[i] - 1, stride[i], &part)
                        || __builtin_add_overflow (last, part, &last)))
        {
          g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
                               "Storage size calculation overflowed");
          return NULL;
        }
    }
  if (last >= (gint64) (G_MAXSSIZE / item_size))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
                           "Storage size calculation overflowed");
      return NULL;
    }

  storage = gten_storage_new_foreign (gten_device_get_cpu (), GSIZE_TO_POINTER (address),
                                      numel > 0 ? (last + 1) * item_size : 0, owner, release);
  self = gten_tensor_new_strided (storage, dtype, n_size, size, stride, 0);
  gten_storage_unref (storage);
  return self;
}

static void
owner_free (gpointer data)
{
  GValue *owner = data;

  g_value_unset (owner);
  g_free (owner);
}

/**
 * gten_tensor_new_from_address_of:
 * @address: the address of the element with all indices 0
 * @dtype: the dtype of the elements
 * @size: (array length=n_size): the size of each dimension
 * @n_size: the number of dimensions
 * @stride: (array length=n_stride) (nullable): the stride of each dimension in elements; none for
 *   row-major
 * @n_stride: the number of dimensions, or 0
 * @owner: what keeps the memory alive; a copy of the value is held as long as it is used
 * @error: return location for an error
 *
 * Makes a tensor on the CPU that shares memory with an object of a language. Unlike a function that
 * [ctor@Tensor.new_from_address] calls, letting go of a value runs no code of the language, which cannot
 * be run at any time.
 *
 * Raises what [ctor@Tensor.new_from_address] raises.
 *
 * Returns: (transfer full): a new tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_new_from_address_of (guint64 address, GtenDtype dtype, const gint64 *size, gsize n_size, const gint64 *stride,
                                 gsize n_stride, const GValue *owner, GError **error)
{
  GValue     *copy;
  GtenTensor *self;

  g_return_val_if_fail (G_IS_VALUE (owner), NULL);

  copy = g_new0 (GValue, 1);
  g_value_init (copy, G_VALUE_TYPE (owner));
  g_value_copy (owner, copy);
  self = gten_tensor_new_from_address (address, dtype, size, n_size, stride, n_stride, owner_free, copy, error);
  if (self == NULL)
    owner_free (copy);
  return self;
}
