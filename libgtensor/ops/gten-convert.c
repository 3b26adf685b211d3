/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows of the family convert: copies, conversions and fills. */
#include "ops/gten-run-private.h"

#include <string.h>

static gboolean
give_copy (GtenCall *call, GtenTensor *result, gboolean non_blocking, GError **error)
{
  if (result == NULL)
    return FALSE;
  call->results[0] = result;
  return gten_copy_elements_to (result, call->tensors[0], non_blocking, error);
}

gboolean
gten_run_clone (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  return give_copy (
      call, gten_empty_as (self, (GtenDtype) self->dtype, self->storage->device, error), FALSE, error);
}

gboolean
gten_run_clone_contiguous (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  return give_copy (call,
                    gten_tensor_alloc ((GtenDtype) self->dtype, self->n_dims, gten_sizes (self),
                                       self->storage->device, error),
                    FALSE, error);
}

gboolean
gten_run_contiguous (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  return gten_call_give (
      call, 0, self->contiguous ? g_object_ref (self) : gten_apply_clone_contiguous (self, error),
      error);
}

gboolean
gten_run_to_copy (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];

  return give_copy (
      call,
      gten_empty_for_copy (self, call->args[0].given ? (GtenDtype) call->args[0].i : (GtenDtype) self->dtype,
                           call->args[1].given ? call->args[1].object : self->storage->device, call->args[2].i != 0, error),
      call->args[2].i != 0, error);
}

static gboolean
give_converted (GtenCall *call, GtenDtype dtype, GtenDevice *device, gboolean non_blocking, gboolean copy, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (dtype == GTEN_DTYPE_NONE)
    dtype = (GtenDtype) self->dtype;
  if (device == NULL)
    device = self->storage->device;
  if (!copy && dtype == (GtenDtype) self->dtype && device == self->storage->device)
    return gten_call_give (call, 0, g_object_ref (self), error);
  return gten_call_give (call, 0, gten_apply_to_copy (self, dtype, device, non_blocking, error), error);
}

gboolean
gten_run_to (GtenCall *call, GError **error)
{
  return give_converted (call, (GtenDtype) call->args[1].i, call->args[0].object, call->args[2].i != 0,
                         call->args[3].i != 0, error);
}

gboolean
gten_run_to_dtype (GtenCall *call, GError **error)
{
  return give_converted (call, (GtenDtype) call->args[0].i, NULL, FALSE, call->args[2].i != 0, error);
}

gboolean
gten_run_to_other (GtenCall *call, GError **error)
{
  return give_converted (call, (GtenDtype) call->tensors[1]->dtype,
                         call->tensors[1]->storage->device, call->args[0].i != 0, call->args[1].i != 0, error);
}

/* Whether the elements of two tensors share memory without being the same. */
static gboolean
overlap_partly (GtenTensor *a, GtenTensor *b)
{
  gint64 from[2], to[2];
  GtenTensor *tensors[] = { a, b };

  if (a->storage != b->storage || a->numel == 0 || b->numel == 0)
    return FALSE;
  for (guint t = 0; t < 2; t++)
    {
      from[t] = to[t] = tensors[t]->offset;
      for (guint i = 0; i < tensors[t]->n_dims; i++)
        to[t] += (gten_size (tensors[t], i) - 1) * gten_stride (tensors[t], i);
    }
  if (to[0] < from[1] || to[1] < from[0])
    return FALSE;
  if (a->offset == b->offset && a->n_dims == b->n_dims
      && memcmp (a->dims, b->dims, 2 * a->n_dims * sizeof (gint64)) == 0)
    return FALSE;
  return a->contiguous && b->contiguous;
}

gboolean
gten_run_copy (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *src = call->tensors[1];
  g_autoptr (GtenTensor) apart = NULL;

  if (overlap_partly (self, src))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "unsupported operation: some elements of the input tensor and the "
                           "written-to tensor refer to a single memory location. "
                           "Please clone() the tensor before performing the operation.");
  if (self->storage == src->storage && self != src)
    {
      /* Interleaved views: through a copy, whatever the order of writing. */
      apart = gten_tensor_alloc ((GtenDtype) src->dtype, src->n_dims, gten_sizes (src),
                                 src->storage->device, error);
      if (apart == NULL || !gten_copy_elements (apart, src, error))
        return FALSE;
      src = apart;
    }
  return gten_copy_elements_to (self, src, call->args[0].i != 0, error);
}

gboolean
gten_run_fill (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0],
             *result = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims,
                                         gten_sizes (self), error);

  return result != NULL && gten_fill_elements (result, call->args[0].scalar, error);
}

gboolean
gten_run_fill_tensor (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *value = call->tensors[1], *result;

  if (value->n_dims != 0)
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "fill_ only supports 0-dimension value tensor but got tensor with %u dimensions.",
        value->n_dims);
  result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  return result != NULL && gten_copy_elements (result, value, error);
}

gboolean
gten_run_zero (GtenCall *call, GError **error)
{
  return gten_fill_elements (call->tensors[0], gten_scalar_int (0), error);
}

gboolean
gten_run_equal (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *other = call->tensors[1];
  g_autoptr (GtenTensor) same = NULL, all = NULL;
  gint64 value = 0;

  if (self->n_dims != other->n_dims
      || memcmp (gten_sizes (self), gten_sizes (other), self->n_dims * sizeof (gint64)) != 0)
    return gten_call_give_truth (call, FALSE, error);
  same = gten_tensor_eq (self, other, error);
  all = gten_tensor_all (same, error);
  return all != NULL && gten_read_int (all, &value, error)
         && gten_call_give_truth (call, value != 0, error);
}
