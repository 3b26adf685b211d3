/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Copies, conversions and fills: programs of one identity instruction. The plain helpers run below
 * autograd; the run functions are the rows of the family `convert`. */
#include "device/gten-cuda-private.h"
#include "ops/gten-run-private.h"

#include <math.h>
#include <string.h>

static gboolean
run_identity (GtenTensor *dst, GtenKCompute compute, const GtenKOperand *input, GError **error)
{
  const GtenKInstruction identity = { GTEN_K_IDENTITY, { 0 }, { { 0 } } };
  const GtenKProgram program = {
    .compute = compute,
    .n_dims = dst->n_dims,
    .sizes = gten_sizes (dst),
    .n_inputs = 1,
    .n_outputs = 1,
    .n_instructions = 1,
    .inputs = { *input },
    .outputs = { { gten_data (dst), (GtenKDtype) dst->dtype, gten_strides (dst), { 0 } } },
    .output_registers = { 1 },
    .instructions = &identity,
  };

  return GTEN_KERNEL (dst, "copy_", error, NULL, run, &program);
}

/* -- between devices ----------------------------------------------------------------------------- */

static gboolean
is_on_cpu (const GtenTensor *self)
{
  return self->storage->device == gten_device_get_cpu ();
}

/* Bytes of one CUDA device to another of the same module. */
static gboolean
copy_to_peer (GtenTensor *dst, GtenTensor *src, gsize n_bytes, GError **error)
{
  GtenDevice *to = dst->storage->device, *from = src->storage->device;
  const GtenBackend *backend = gten_device_get_backend (to);
  g_autofree void *host = NULL;

  if (backend->copy != NULL)
    /* The source may be changed or freed once it has been read. */
    return GTEN_KERNEL (dst, "copy_", error, NULL, copy, GTEN_K_COPY_PEER, gten_data (dst), gten_data (src), n_bytes,
                        gten_device_get_index (from))
           && gten_device_check (from, "copy_",
                                 gten_device_order_streams (from, gten_device_stream (from), to, gten_device_stream (to)),
                                 NULL, error);
  host = g_try_malloc (n_bytes);
  if (host == NULL)
    return gten_call_fail (error, GTEN_ERROR_MEMORY, "copy_: cannot allocate %" G_GSIZE_FORMAT " bytes to stage the copy",
                           n_bytes);
  return GTEN_KERNEL (src, "copy_", error, NULL, download, host, gten_data (src), n_bytes)
         && GTEN_KERNEL (dst, "copy_", error, NULL, upload, gten_data (dst), host, n_bytes);
}

/* Contiguous on both sides, of one dtype. From and to pinned memory the device goes on by itself. */
static gboolean
copy_bytes (GtenTensor *dst, GtenTensor *src, gboolean non_blocking, GError **error)
{
  const gsize n_bytes = (gsize) src->numel * gten_itemsize (src);
  GtenTensor *host = is_on_cpu (src) ? src : dst, *other = is_on_cpu (src) ? dst : src;

  if (!is_on_cpu (host))
    return copy_to_peer (dst, src, n_bytes, error);
  if (!non_blocking || !gten_storage_is_pinned (host->storage))
    return is_on_cpu (src) ? GTEN_KERNEL (dst, "copy_", error, NULL, upload, gten_data (dst), gten_data (src), n_bytes)
                           : GTEN_KERNEL (src, "copy_", error, NULL, download, gten_data (dst), gten_data (src), n_bytes);
  if (!GTEN_KERNEL (other, "copy_", error, NULL, copy, is_on_cpu (src) ? GTEN_K_COPY_UPLOAD : GTEN_K_COPY_DOWNLOAD,
                    gten_data (dst), gten_data (src), n_bytes, 0))
    return FALSE;
  gten_storage_pinned_used (host->storage, other->storage->device);
  return TRUE;
}

/* The elements are packed, and converted on the device if one side is the CPU, where they are; then they go as bytes, and are
 * spread out where they arrive. */
static gboolean
copy_across (GtenTensor *dst, GtenTensor *src, gboolean non_blocking, GError **error)
{
  const gboolean down = is_on_cpu (dst);
  const GtenDtype dtype = (GtenDtype) (down ? dst->dtype : src->dtype);
  g_autoptr (GtenTensor) cast = gten_cast (src, dtype, error);
  g_autoptr (GtenTensor) packed = cast != NULL ? gten_contiguous (cast, error) : NULL;
  g_autoptr (GtenTensor) stage = NULL;

  if (packed == NULL)
    return FALSE;
  if (dtype == (GtenDtype) dst->dtype && dst->contiguous)
    return copy_bytes (dst, packed, non_blocking, error);
  stage = gten_tensor_alloc (dtype, packed->n_dims, gten_sizes (packed), dst->storage->device, error);
  return stage != NULL && copy_bytes (stage, packed, non_blocking, error) && gten_copy_elements (dst, stage, error);
}

/* What broadcasts crosses once. */
static gboolean
copy_then_spread (GtenTensor *dst, GtenTensor *src, GError **error)
{
  g_autoptr (GtenTensor) stage
      = gten_tensor_alloc ((GtenDtype) src->dtype, src->n_dims, gten_sizes (src), dst->storage->device, error);

  return stage != NULL && copy_across (stage, src, FALSE, error) && gten_copy_elements (dst, stage, error);
}

/* A result of a copy to the CPU that is not waited for lies in pinned memory. */
GtenTensor *
gten_empty_for_copy (GtenTensor *src, GtenDtype dtype, GtenDevice *device, gboolean non_blocking, GError **error)
{
  if (non_blocking && device == gten_device_get_cpu () && !is_on_cpu (src)
      && gten_device_get_backend (src->storage->device)->host_alloc != NULL)
    return gten_tensor_new_pinned (dtype, src->n_dims, gten_sizes (src), error);
  return gten_empty_as (src, dtype, device, error);
}

gboolean
gten_copy_elements (GtenTensor *dst, GtenTensor *src, GError **error)
{
  return gten_copy_elements_to (dst, src, FALSE, error);
}

gboolean
gten_copy_elements_to (GtenTensor *dst, GtenTensor *src, gboolean non_blocking, GError **error)
{
  g_autoptr (GtenTensor) expanded = NULL;

  if (dst->n_dims != src->n_dims
      || memcmp (gten_sizes (dst), gten_sizes (src), dst->n_dims * sizeof (gint64)) != 0)
    {
      if (dst->storage->device != src->storage->device && src->numel < dst->numel)
        return copy_then_spread (dst, src, error);

      gint64 sizes[GTEN_MAX_DIMS];
      guint n_dims;

      if (!gten_shape_broadcast (dst->n_dims, gten_sizes (dst), src->n_dims, gten_sizes (src),
                                 &n_dims, sizes, error))
        return FALSE;
      if (n_dims != dst->n_dims || memcmp (sizes, gten_sizes (dst), n_dims * sizeof (gint64)) != 0)
        {
          g_autofree char *a = gten_shape_to_string (dst->n_dims, gten_sizes (dst));
          g_autofree char *b = gten_shape_to_string (src->n_dims, gten_sizes (src));
          return gten_call_fail (error, GTEN_ERROR_SHAPE,
                                 "output with shape %s doesn't match the broadcast shape %s", a, b);
        }
      src = expanded = gten_geometry_expand (src, dst->n_dims, gten_sizes (dst));
    }
  if (dst->numel == 0)
    return TRUE;
  if (dst->storage->device != src->storage->device)
    return copy_across (dst, src, non_blocking, error);

  const GtenKOperand input
      = { gten_data (src), (GtenKDtype) src->dtype, gten_strides (src), { 0 } };

  return run_identity (
      dst, gten_compute_type (gten_promote_types ((GtenDtype) src->dtype, (GtenDtype) dst->dtype)),
      &input, error);
}

gboolean
gten_check_fits (const GtenScalar *value, GtenDtype dtype, GError **error)
{
  static const struct { const char *name; double low, high; } ranges[] = {
    [GTEN_DTYPE_UINT8] = { "uint8_t", -255, 255 },      /* below zero it wraps around, as in PyTorch */
    [GTEN_DTYPE_INT8] = { "int8_t", G_MININT8, G_MAXINT8 },
    [GTEN_DTYPE_INT16] = { "int16_t", G_MININT16, G_MAXINT16 },
    [GTEN_DTYPE_INT32] = { "int", G_MININT32, G_MAXINT32 },
    [GTEN_DTYPE_INT64] = { "int64_t", -0x1p63, 0x1.fffffffffffffp62 },
    [GTEN_DTYPE_FLOAT32] = { "float", -G_MAXFLOAT, G_MAXFLOAT },
    [GTEN_DTYPE_BOOL] = { NULL, 0, 0 },
  };
  double number;

  if (ranges[dtype].name == NULL || (dtype == GTEN_DTYPE_INT64 && value->kind != GTEN_SCALAR_FLOAT))
    return TRUE;
  number = gten_scalar_to_double (value);
  if (dtype == GTEN_DTYPE_FLOAT32 ? !isfinite (number) || fabs (number) <= G_MAXFLOAT
                                  : trunc (number) >= ranges[dtype].low && trunc (number) <= ranges[dtype].high)
    return TRUE;
  return gten_call_fail (error, GTEN_ERROR_VALUE, "value cannot be converted to type %s without overflow", ranges[dtype].name);
}

gboolean
gten_check_number_fits (GtenTensor *number, GtenDtype dtype, GError **error)
{
  GtenScalar value;

  if (!number->wrapped)
    return TRUE;
  value = gten_scalar_from_element ((GtenDtype) number->dtype, gten_data (number));
  return gten_check_fits (&value, dtype, error);
}

gboolean
gten_fill_elements (GtenTensor *self, GtenScalar value, GError **error)
{
  const GtenKCompute compute = value.kind == GTEN_SCALAR_FLOAT && !gten_is_floating (self)
                                   ? GTEN_K_COMPUTE_FLOAT64
                                   : gten_compute_type ((GtenDtype) self->dtype);
  GtenKOperand input = { NULL, GTEN_K_NONE, NULL, { 0 } };

  if (self->numel == 0)
    return TRUE;
  if (!gten_check_fits (&value, (GtenDtype) self->dtype, error))
    return FALSE;
  if (compute == GTEN_K_COMPUTE_INT64)
    input.value.i = gten_scalar_to_int (&value);
  else
    input.value.f = gten_scalar_to_double (&value);
  return run_identity (self, compute, &input, error);
}

GtenTensor *
gten_contiguous (GtenTensor *self, GError **error)
{
  g_autoptr (GtenTensor) copy = NULL;

  if (self->contiguous)
    return g_object_ref (self);
  copy = gten_tensor_alloc ((GtenDtype) self->dtype, self->n_dims, gten_sizes (self),
                            self->storage->device, error);
  if (copy == NULL || !gten_copy_elements (copy, self, error))
    return NULL;
  return g_steal_pointer (&copy);
}

GtenTensor *
gten_cast (GtenTensor *self, GtenDtype dtype, GError **error)
{
  g_autoptr (GtenTensor) copy = NULL;

  if (self->dtype == dtype)
    return g_object_ref (self);
  copy = gten_tensor_alloc (dtype, self->n_dims, gten_sizes (self), self->storage->device, error);
  if (copy == NULL || !gten_copy_elements (copy, self, error))
    return NULL;
  return g_steal_pointer (&copy);
}
