/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which devices may meet in an operation: PyTorch's rules, in its words. */
#include "device/gten-stream-private.h"
#include "ops/gten-run-private.h"

static gboolean
is_cpu_number (const GtenTensor *self)
{
  return self->n_dims == 0 && self->storage->device == gten_device_get_cpu ();
}

static guint
n_given_results (const GtenCall *call)
{
  return call->in_place || call->out ? call->op->n_results : 0;
}

gboolean
gten_devices_fail (GtenDevice *a, GtenDevice *b, GError **error)
{
  return gten_call_fail (error, GTEN_ERROR_DEVICE,
                         "Expected all tensors to be on the same device, but found at least two devices, %s and %s!",
                         gten_device_get_name (a), gten_device_get_name (b));
}

/* One number on the CPU may take part in an element-wise operation of more tensors anywhere. */
static gboolean
check_elementwise (const GtenCall *call, GError **error)
{
  const guint n_results = n_given_results (call), n = n_results + call->n_tensors;
  GtenDevice *common = gten_device_get_cpu ();
  guint n_numbers = 0;

  for (guint i = 0; i < n && common == gten_device_get_cpu (); i++)
    {
      GtenTensor *tensor = i < n_results ? call->results[i] : call->tensors[i - n_results];

      if (tensor != NULL && !tensor->wrapped)
        common = tensor->storage->device;
    }
  for (guint i = 0; i < n; i++)
    {
      GtenTensor *tensor = i < n_results ? call->results[i] : call->tensors[i - n_results];

      if (tensor == NULL || tensor->storage->device == common)
        continue;
      if (i < n_results || call->n_tensors == 1 || !is_cpu_number (tensor))
        return gten_devices_fail (common, tensor->storage->device, error);
      if (++n_numbers == 2 && call->n_tensors == 2)
        return gten_call_fail (error, GTEN_ERROR_DEVICE, "Trying to pass too many CPU scalars to non-CPU kernel!");
    }
  return TRUE;
}

/* The others name the argument that is elsewhere. */
static gboolean
check_arguments (const GtenCall *call, GError **error)
{
  const GtenOpInfo *op = call->op;
  GtenDevice *common = NULL;

  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];

      if (tensor == NULL || tensor->wrapped)
        continue;
      if (common == NULL)
        common = tensor->storage->device;
      else if (tensor->storage->device != common && !op->anywhere)
        return gten_call_fail (error, GTEN_ERROR_DEVICE,
                               "Expected all tensors to be on the same device, but got %s is on %s, different from other tensors "
                               "on %s (when checking argument in method wrapper_CUDA_%s)",
                               op->tensor_names[MIN (i, op->n_named_tensors - 1u)],
                               gten_device_get_name (tensor->storage->device), gten_device_get_name (common), op->name);
    }
  for (guint i = 0; i < n_given_results (call) && call->out && common != NULL; i++)
    if (call->results[i]->storage->device != common)
      return gten_call_fail (error, GTEN_ERROR_DEVICE, "Expected out tensor to have device %s, but got %s instead",
                             gten_device_get_name (common), gten_device_get_name (call->results[i]->storage->device));
  return TRUE;
}

gboolean
gten_call_check_devices (const GtenCall *call, GError **error)
{
  const guint n_results = n_given_results (call);
  GtenDevice *first = NULL;
  gboolean mixed = FALSE;

  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];

      if (tensor == NULL || tensor->wrapped)
        continue;
      if (first == NULL)
        first = tensor->storage->device;
      mixed |= tensor->storage->device != first;
    }
  for (guint i = 0; i < n_results && first != NULL; i++)
    mixed |= call->results[i]->storage->device != first;
  if (G_LIKELY (!mixed))
    return TRUE;
  if (call->op->kind == GTEN_OP_SCALAR)
    return check_elementwise (call, error);
  /* What composed operations are made of checks itself. */
  return (call->op->kind == GTEN_OP_COMPOSE && !call->out) || check_arguments (call, error);
}

gboolean
gten_can_look (GtenTensor *self)
{
  return gten_device_get_backend (self->storage->device)->set_stream == NULL;
}
