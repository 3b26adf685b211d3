/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Copies, conversions and fills: programs of one identity instruction. The plain helpers run below
 * autograd; the run functions are the rows of the family `convert`. */
#include "ops/gten-run-private.h"

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

/* Between devices: through host memory, contiguous on both sides. */
static gboolean
copy_across (GtenTensor *dst, GtenTensor *src, GError **error)
{
  GtenDevice *to = dst->storage->device, *from = src->storage->device;
  g_autoptr (GtenTensor) packed = gten_contiguous (src, error);
  g_autoptr (GtenTensor) staged = NULL;
  gsize n_bytes;
  g_autofree void *host = NULL;

  if (packed == NULL)
    return FALSE;
  if (packed->dtype == dst->dtype && dst->contiguous)
    staged = g_object_ref (dst);
  else
    staged = gten_tensor_alloc ((GtenDtype) packed->dtype, packed->n_dims, gten_sizes (packed), to,
                                error);
  n_bytes = (gsize) packed->numel * gten_itemsize (packed);
  if (staged == NULL)
    return FALSE;
  host = g_try_malloc (MAX (n_bytes, 1));
  if (host == NULL)
    return gten_call_fail (error, GTEN_ERROR_MEMORY,
                           "copy_: cannot allocate %" G_GSIZE_FORMAT " bytes to stage the copy",
                           n_bytes);
  if (!gten_device_check (from, "copy_",
                          gten_device_get_backend (from)->download (
                              gten_device_get_index (from), host, gten_data (packed), n_bytes),
                          NULL, error)
      || !gten_device_check (to, "copy_",
                             gten_device_get_backend (to)->upload (
                                 gten_device_get_index (to), gten_data (staged), host, n_bytes),
                             NULL, error))
    return FALSE;
  return staged == dst || gten_copy_elements (dst, staged, error);
}

gboolean
gten_copy_elements (GtenTensor *dst, GtenTensor *src, GError **error)
{
  g_autoptr (GtenTensor) expanded = NULL;

  if (dst->n_dims != src->n_dims
      || memcmp (gten_sizes (dst), gten_sizes (src), dst->n_dims * sizeof (gint64)) != 0)
    {
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
    return copy_across (dst, src, error);

  const GtenKOperand input
      = { gten_data (src), (GtenKDtype) src->dtype, gten_strides (src), { 0 } };

  return run_identity (
      dst, gten_compute_type (gten_promote_types ((GtenDtype) src->dtype, (GtenDtype) dst->dtype)),
      &input, error);
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
