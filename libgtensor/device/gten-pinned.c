/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pinned memory of the host. Pinning is slow, so blocks are kept, by powers of two. A block that a device may still be
 * copying from or to is used again once the events recorded after those copies have come. */

#include "device/gten-cuda-private.h"

#include "core/gten-tensor-private.h"
#include "ops/gten-run-private.h"

#define LEAST_SHIFT 12
#define N_SHIFTS    48

typedef struct
{
  GtenDevice *device;
  void       *event;
} Use;

typedef struct _Block Block;
struct _Block
{
  Block  *next;
  void   *data;
  guint   shift;
  GArray *uses;         /* of Use; NULL: none */
};

static GMutex mutex;
static Block *free_blocks[N_SHIFTS];

static const GtenBackend *
pinning_backend (GError **error)
{
  const GtenBackend *backend = gten_backend_get_cuda (error);

  if (backend == NULL)
    return NULL;
  if (backend->host_alloc != NULL && backend->n_devices () > 0)
    return backend;
  g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "Cannot access accelerator device when none is available.");
  return NULL;
}

/* Whether all copies are done; forgets those that are. */
static gboolean
is_idle (Block *block)
{
  for (guint i = 0; block->uses != NULL && i < block->uses->len;)
    {
      Use *use = &g_array_index (block->uses, Use, i);
      const GtenBackend *backend = use->device->backend;
      bool done = false;

      if (backend->event_query (use->device->index, use->event, &done) != GTEN_K_OK || !done)
        return FALSE;
      backend->event_free (use->device->index, use->event);
      g_array_remove_index_fast (block->uses, i);
    }
  return TRUE;
}

static Block *
take_idle (guint shift)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  for (Block **place = &free_blocks[shift]; *place != NULL; place = &(*place)->next)
    {
      Block *block = *place;

      if (!is_idle (block))
        continue;
      *place = block->next;
      return block;
    }
  return NULL;
}

static void
release (gpointer owner)
{
  Block *block = owner;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  block->next = free_blocks[block->shift];
  free_blocks[block->shift] = block;
}

static GtenStorage *
new_storage (gsize n_bytes, GError **error)
{
  const GtenBackend *backend = pinning_backend (error);
  guint  shift = LEAST_SHIFT;
  Block *block;

  if (backend == NULL)
    return NULL;
  while (shift < N_SHIFTS - 1 && (gsize) 1 << shift < n_bytes)
    shift++;
  block = take_idle (shift);
  if (block == NULL)
    {
      void *data = backend->host_alloc ((gsize) 1 << shift);

      if (data == NULL)
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
                       "pin_memory: cannot pin %" G_GSIZE_FORMAT " bytes: %s", n_bytes, backend->last_error ());
          return NULL;
        }
      block = g_new0 (Block, 1);
      block->data = data;
      block->shift = shift;
    }
  return gten_storage_new_foreign (gten_device_get_cpu (), block->data, n_bytes, block, release);
}

gboolean
gten_storage_is_pinned (GtenStorage *self)
{
  return self->release == release;
}

void
gten_storage_pinned_used (GtenStorage *self, GtenDevice *device)
{
  Block *block = self->owner;
  Use    use = { device, NULL };

  if (G_UNLIKELY (gten_capture != NULL) && gten_capture_keep (gten_capture, device, self))
    return;
  use.event = device->backend->event_new (device->index, false);
  if (use.event == NULL
      || device->backend->event_record (device->index, use.event, gten_device_stream (device)) != GTEN_K_OK)
    {
      if (use.event != NULL)
        device->backend->event_free (device->index, use.event);
      device->backend->synchronize (device->index);
      return;
    }
  g_mutex_lock (&mutex);
  if (block->uses == NULL)
    block->uses = g_array_new (FALSE, FALSE, sizeof (Use));
  g_array_append_val (block->uses, use);
  g_mutex_unlock (&mutex);
}

GtenTensor *
gten_tensor_new_pinned (GtenDtype dtype, guint n_dims, const gint64 *sizes, GError **error)
{
  gint64 strides[GTEN_MAX_DIMS], numel;
  GtenStorage *storage;
  GtenTensor  *self;

  if (!gten_shape_check ("pin_memory", n_dims, sizes, dtype, &numel, error))
    return NULL;
  storage = new_storage (numel * gten_dtype_get_size (dtype), error);
  if (storage == NULL)
    return NULL;
  gten_shape_strides (n_dims, sizes, strides);
  self = gten_tensor_new_strided (storage, dtype, n_dims, sizes, strides, 0);
  gten_storage_unref (storage);
  return self;
}

/**
 * gten_tensor_pin_memory:
 * @self: a tensor on the CPU
 * @error: return location for an error
 *
 * The tensor in pinned memory, from which copies to a CUDA device run beside other work; itself if it is there
 * already. Raises %GTEN_ERROR_DEVICE for a tensor elsewhere, and without CUDA.
 *
 * Returns: (transfer full): the tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_pin_memory (GtenTensor *self, GError **error)
{
  g_autoptr (GtenTensor) pinned = NULL;

  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  if (self->storage->device != gten_device_get_cpu ())
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "cannot pin 'torch.cuda.%sTensor' only dense CPU tensors can be pinned",
                   gten_dtype_title (self->dtype));
      return NULL;
    }
  if (gten_storage_is_pinned (self->storage))
    return g_object_ref (self);
  pinned = gten_tensor_new_pinned (self->dtype, self->n_dims, gten_sizes (self), error);
  return pinned != NULL && gten_copy_elements (pinned, self, error) ? g_steal_pointer (&pinned) : NULL;
}

/**
 * gten_tensor_is_pinned:
 * @self: a tensor
 *
 * Whether the tensor lies in memory that [method@Tensor.pin_memory] gave.
 *
 * Returns: %TRUE if it does
 */
gboolean
gten_tensor_is_pinned (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  return gten_storage_is_pinned (self->storage);
}
