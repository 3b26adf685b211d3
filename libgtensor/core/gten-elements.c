/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor's elements as the caller's language has them: an address, bytes, numbers. */

#include "core/gten-tensor-private.h"

#include "device/gten-device-private.h"
#include "ops/gten-call-private.h"

/**
 * gten_tensor_get_data: (skip)
 * @self: a tensor
 *
 * The elements, for C. Those of a tensor that is not contiguous lie as its strides say.
 *
 * Returns: (transfer none) (nullable): the address of the first element, or %NULL if it is not in
 *   this process's memory
 */
gpointer
gten_tensor_get_data (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);
  return self->storage->device == gten_device_get_cpu () ? gten_data (self) : NULL;
}

/**
 * gten_tensor_data_ptr:
 * @self: a tensor
 *
 * The address of the first element on its device.
 *
 * Returns: the address, 0 for a tensor without elements
 */
guint64
gten_tensor_data_ptr (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);
  return self->numel > 0 ? GPOINTER_TO_SIZE (gten_data (self)) : 0;
}

/* The elements in row-major order, in memory of g_malloc(). */
static gpointer
download (GtenTensor *self, GtenDtype dtype, gsize *n_bytes, GError **error)
{
  g_autoptr (GtenTensor) cast = gten_cast (self, dtype, error);
  g_autoptr (GtenTensor) dense = cast != NULL ? gten_contiguous (cast, error) : NULL;
  g_autofree gpointer elements = NULL;
  GtenDevice *device;

  if (dense == NULL)
    return NULL;
  *n_bytes = dense->numel * gten_itemsize (dense);
  elements = g_try_malloc (MAX (*n_bytes, 1));
  if (elements == NULL)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
                   "not enough memory: you tried to allocate %" G_GSIZE_FORMAT " bytes", *n_bytes);
      return NULL;
    }
  device = dense->storage->device;
  if (*n_bytes > 0
      && !gten_device_check (device, "download",
                             device->backend->download (device->index, elements, gten_data (dense), *n_bytes), NULL,
                             error))
    return NULL;
  return g_steal_pointer (&elements);
}

/**
 * gten_tensor_get_bytes:
 * @self: a tensor
 * @error: return location for an error
 *
 * A copy of the elements in row-major order and native byte order. Raises %GTEN_ERROR_MEMORY if
 * there is not enough.
 *
 * Returns: (transfer full): the bytes, or %NULL on error
 */
GBytes *
gten_tensor_get_bytes (GtenTensor *self, GError **error)
{
  gpointer elements;
  gsize    n_bytes;

  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  elements = download (self, self->dtype, &n_bytes, error);
  return elements != NULL ? g_bytes_new_take (elements, n_bytes) : NULL;
}

/**
 * gten_tensor_get_doubles:
 * @self: a tensor
 * @n_values: (out): the number of elements
 * @error: return location for an error
 *
 * A copy of the elements in row-major order, converted to double. Raises %GTEN_ERROR_MEMORY if
 * there is not enough.
 *
 * Returns: (array length=n_values) (transfer full): the elements, or %NULL on error
 */
double *
gten_tensor_get_doubles (GtenTensor *self, gsize *n_values, GError **error)
{
  double *values;

  *n_values = 0;
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  values = download (self, GTEN_DTYPE_FLOAT64, n_values, error);
  *n_values /= sizeof (double);
  return values;
}

/**
 * gten_tensor_get_integers:
 * @self: a tensor
 * @n_values: (out): the number of elements
 * @error: return location for an error
 *
 * A copy of the elements in row-major order, converted to int64; fractions are cut off. Raises
 * %GTEN_ERROR_MEMORY if there is not enough.
 *
 * Returns: (array length=n_values) (transfer full): the elements, or %NULL on error
 */
gint64 *
gten_tensor_get_integers (GtenTensor *self, gsize *n_values, GError **error)
{
  gint64 *values;

  *n_values = 0;
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  values = download (self, GTEN_DTYPE_INT64, n_values, error);
  *n_values /= sizeof (gint64);
  return values;
}

/* The only element of a tensor that has one. */
static gboolean
get_single (GtenTensor *self, GtenScalar *out, GError **error)
{
  GtenDevice *device = self->storage->device;
  guint64     element;
  GtenKStatus status;

  if (self->numel != 1)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                   "a Tensor with %" G_GINT64_FORMAT " elements cannot be converted to Scalar", self->numel);
      return FALSE;
    }
  status = device->backend->download (device->index, &element, gten_data (self),
                                      gten_itemsize (self));
  if (!gten_device_check (device, "item", status, NULL, error))
    return FALSE;
  *out = gten_scalar_from_element (self->dtype, &element);
  return TRUE;
}

/**
 * gten_tensor_item:
 * @self: a tensor with one element
 * @value: (out caller-allocates): the number: a double, an int64 or a boolean
 * @error: return location for an error
 *
 * The element of a tensor that has just one. Raises %GTEN_ERROR_VALUE if it has none or more.
 *
 * Returns: %TRUE if there is one
 */
gboolean
gten_tensor_item (GtenTensor *self, GValue *value, GError **error)
{
  GtenScalar scalar;

  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  if (!get_single (self, &scalar, error))
    return FALSE;
  if (G_IS_VALUE (value))
    g_value_unset (value);
  if (scalar.kind == GTEN_SCALAR_FLOAT)
    {
      g_value_init (value, G_TYPE_DOUBLE);
      g_value_set_double (value, scalar.f);
    }
  else if (scalar.kind == GTEN_SCALAR_INT)
    {
      g_value_init (value, G_TYPE_INT64);
      g_value_set_int64 (value, scalar.i);
    }
  else
    {
      g_value_init (value, G_TYPE_BOOLEAN);
      g_value_set_boolean (value, scalar.i);
    }
  return TRUE;
}
