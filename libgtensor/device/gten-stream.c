/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device/gten-stream-private.h"

#include "core/gten-tensor-private.h"

/**
 * GtenStream:
 *
 * A queue of work on a CUDA device. What is on one stream runs in order; streams run beside each
 * other, unless one waits for another. Each thread has a current stream of each device, to which its
 * operations go: from the start the default stream, which all threads share.
 *
 * Stream objects live for ever; after a number of them, [ctor@Stream.new] gives earlier ones again.
 */

#define POOL_SIZE 32

struct _GtenStreamPool
{
  GMutex      mutex;
  GtenStream *streams[POOL_SIZE];
  guint       next;
};

G_DEFINE_FINAL_TYPE (GtenStream, gten_stream, G_TYPE_OBJECT)

__thread GtenStream **gten_current_streams __attribute__ ((tls_model ("initial-exec")));

/* What else ends with the thread may free tensors, on the default streams then. */
static void
forget_current_streams (gpointer data)
{
  GtenStream **streams = data;

  gten_current_streams = NULL;
  for (guint i = 0; i < GTEN_K_MAX_DEVICES; i++)
    if (streams[i] != NULL)
      {
        streams[i]->device->backend->set_stream (i, NULL);
        g_object_unref (streams[i]);
      }
  g_free (streams);
}

/* What gten_current_streams points to, so that it goes with the thread. */
static GPrivate current_streams = G_PRIVATE_INIT (forget_current_streams);

static GtenStreamPool *
get_pool (GtenDevice *self, gboolean high_priority)
{
  GtenStreamPool **place = &self->pools[high_priority ? 1 : 0];

  if (g_once_init_enter (place))
    {
      GtenStreamPool *pool = g_new0 (GtenStreamPool, 1);

      g_mutex_init (&pool->mutex);
      g_once_init_leave (place, pool);
    }
  return *place;
}

static void
gten_stream_class_init (GtenStreamClass *klass)
{
}

static void
gten_stream_init (GtenStream *self)
{
}

static GtenStream *
make_stream (GtenDevice *device, void *handle, int priority)
{
  GtenStream *self = g_object_new (GTEN_TYPE_STREAM, NULL);

  self->device = device;
  self->handle = handle;
  self->priority = priority;
  return self;
}

/* A device that has streams. */
static GtenDevice *
device_with_streams (GtenDevice *device, GError **error)
{
  device = gten_cuda_get_device (device, error);
  if (device != NULL && device->backend->set_stream == NULL)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_UNSUPPORTED, "%s has no streams", device->name);
      return NULL;
    }
  return device;
}

/**
 * gten_stream_new:
 * @device: (nullable): a CUDA device, or %NULL for the current one
 * @priority: below 0 for work that goes before other streams' work
 * @error: return location for an error
 *
 * Gets a stream that is not the default one. Raises %GTEN_ERROR_DEVICE without CUDA.
 *
 * Returns: (transfer full): the stream, or %NULL on error
 */
GtenStream *
gten_stream_new (GtenDevice *device, int priority, GError **error)
{
  GtenStreamPool *pool;
  GtenStream     *self;

  device = device_with_streams (device, error);
  if (device == NULL)
    return NULL;

  pool = get_pool (device, priority < 0);
  g_mutex_lock (&pool->mutex);
  self = pool->streams[pool->next];
  if (self == NULL)
    {
      void *handle = device->backend->stream_new (device->index, priority < 0);

      if (handle == NULL)
        {
          g_mutex_unlock (&pool->mutex);
          gten_device_check (device, "stream", GTEN_K_DEVICE_FAULT, NULL, error);
          return NULL;
        }
      self = pool->streams[pool->next] = make_stream (device, handle, priority < 0 ? -1 : 0);
    }
  pool->next = (pool->next + 1) % POOL_SIZE;
  g_mutex_unlock (&pool->mutex);
  return g_object_ref (self);
}

/**
 * gten_stream_new_external:
 * @address: a `cudaStream_t` of someone else, as a number
 * @device: (nullable): its device, or %NULL for the current one
 * @error: return location for an error
 *
 * Gets the object for a stream of another library's, which has to stay as long as anything was done on it.
 *
 * Returns: (transfer full): the stream, the same object each time, or %NULL on error
 */
GtenStream *
gten_stream_new_external (guint64 address, GtenDevice *device, GError **error)
{
  static GHashTable *streams[GTEN_K_MAX_DEVICES];
  G_LOCK_DEFINE_STATIC (streams);
  GtenStream *self;

  device = device_with_streams (device, error);
  if (device == NULL)
    return NULL;
  if (address == 0)
    return g_object_ref (gten_stream_get_default (device, error));
  G_LOCK (streams);
  if (streams[device->index] == NULL)
    streams[device->index] = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (streams[device->index], GSIZE_TO_POINTER (address));
  if (self == NULL)
    {
      self = make_stream (device, GSIZE_TO_POINTER (address), 0);
      g_hash_table_insert (streams[device->index], self->handle, self);
    }
  G_UNLOCK (streams);
  return g_object_ref (self);
}

/**
 * gten_stream_get_default:
 * @device: (nullable): a CUDA device, or %NULL for the current one
 * @error: return location for an error
 *
 * The stream that all threads share, and that is current until another is made so.
 *
 * Returns: (transfer none): the stream, or %NULL on error
 */
GtenStream *
gten_stream_get_default (GtenDevice *device, GError **error)
{
  device = device_with_streams (device, error);
  if (device == NULL)
    return NULL;
  if (g_once_init_enter (&device->default_stream))
    g_once_init_leave (&device->default_stream, make_stream (device, NULL, 0));
  return device->default_stream;
}

/**
 * gten_stream_get_current:
 * @device: (nullable): a CUDA device, or %NULL for the current one
 * @error: return location for an error
 *
 * The stream to which this thread's operations on a device go.
 *
 * Returns: (transfer none): the stream, or %NULL on error
 */
GtenStream *
gten_stream_get_current (GtenDevice *device, GError **error)
{
  device = device_with_streams (device, error);
  if (device == NULL)
    return NULL;
  if (gten_current_streams != NULL && gten_current_streams[device->index] != NULL)
    return gten_current_streams[device->index];
  return gten_stream_get_default (device, error);
}

/**
 * gten_stream_make_current:
 * @self: a stream
 *
 * Sends this thread's operations on the stream's device to it from now on.
 */
void
gten_stream_make_current (GtenStream *self)
{
  GtenStream **place;

  g_return_if_fail (GTEN_IS_STREAM (self));

  if (gten_current_streams == NULL)
    {
      gten_current_streams = g_new0 (GtenStream *, GTEN_K_MAX_DEVICES);
      g_private_set (&current_streams, gten_current_streams);
    }
  place = &gten_current_streams[self->device->index];
  if (*place == self)
    return;
  g_set_object (place, self);
  self->device->backend->set_stream (self->device->index, self->handle);
}

/**
 * gten_stream_get_device:
 * @self: a stream
 *
 * The device that the stream works on.
 *
 * Returns: (transfer none): the device
 */
GtenDevice *
gten_stream_get_device (GtenStream *self)
{
  g_return_val_if_fail (GTEN_IS_STREAM (self), NULL);
  return self->device;
}

/**
 * gten_stream_get_address:
 * @self: a stream
 *
 * The `cudaStream_t`, as a number, for other libraries.
 *
 * Returns: the address, 0 for the default stream
 */
guint64
gten_stream_get_address (GtenStream *self)
{
  g_return_val_if_fail (GTEN_IS_STREAM (self), 0);
  return GPOINTER_TO_SIZE (self->handle);
}

/**
 * gten_stream_get_priority:
 * @self: a stream
 *
 * Whether the stream's work goes before others'.
 *
 * Returns: -1 if it does, or else 0
 */
int
gten_stream_get_priority (GtenStream *self)
{
  g_return_val_if_fail (GTEN_IS_STREAM (self), 0);
  return self->priority;
}

/**
 * gten_stream_query:
 * @self: a stream
 * @error: return location for an error
 *
 * Whether all that was on the stream is done.
 *
 * Returns: %TRUE if it is; %FALSE if not, or on error
 */
gboolean
gten_stream_query (GtenStream *self, GError **error)
{
  bool done = false;

  g_return_val_if_fail (GTEN_IS_STREAM (self), FALSE);

  return gten_device_check (self->device, "stream_query",
                            self->device->backend->stream_query (self->device->index, self->handle, &done), NULL,
                            error)
         && done;
}

/**
 * gten_stream_synchronize:
 * @self: a stream
 * @error: return location for an error
 *
 * Waits until all that is on the stream is done.
 *
 * Returns: %TRUE if all of it succeeded
 */
gboolean
gten_stream_synchronize (GtenStream *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_STREAM (self), FALSE);

  return gten_device_check (self->device, "stream_synchronize",
                            self->device->backend->stream_synchronize (self->device->index, self->handle), NULL, error);
}

/**
 * gten_stream_wait_event:
 * @self: a stream
 * @event: an event
 * @error: return location for an error
 *
 * Lets what comes on the stream from now on wait for what the event was recorded after. This thread
 * does not wait.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_stream_wait_event (GtenStream *self, GtenEvent *event, GError **error)
{
  return gten_event_wait (event, self, error);
}

GtenKStatus
gten_device_order_streams (GtenDevice *device, void *waiting, GtenDevice *other, void *stream)
{
  const GtenBackend *backend = device->backend;
  GtenKStatus        status;
  void              *event = backend->event_new (other->index, false);

  if (event == NULL)
    return GTEN_K_DEVICE_FAULT;
  status = backend->event_record (other->index, event, stream);
  if (status == GTEN_K_OK)
    status = backend->stream_wait (device->index, waiting, event);
  backend->event_free (other->index, event);
  return status;
}

/**
 * gten_stream_wait_stream:
 * @self: a stream
 * @other: another stream
 * @error: return location for an error
 *
 * Lets what comes on the stream from now on wait for what is on @other now. This thread does not
 * wait.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_stream_wait_stream (GtenStream *self, GtenStream *other, GError **error)
{
  g_autoptr (GtenEvent) event = NULL;

  g_return_val_if_fail (GTEN_IS_STREAM (self), FALSE);
  g_return_val_if_fail (GTEN_IS_STREAM (other), FALSE);

  event = gten_event_new (FALSE);
  return gten_event_record (event, other, error) && gten_event_wait (event, self, error);
}

/**
 * gten_tensor_record_stream:
 * @self: a tensor on a CUDA device
 * @stream: a stream that uses it
 *
 * Tells that a stream other than the one on which the tensor was made uses it: its memory is not used again before
 * what is on @stream when the tensor is freed is done.
 */
void
gten_tensor_record_stream (GtenTensor *self, GtenStream *stream)
{
  g_return_if_fail (GTEN_IS_TENSOR (self));
  g_return_if_fail (GTEN_IS_STREAM (stream));

  if (self->storage->device == stream->device)
    gten_storage_used_on (self->storage, stream->handle);
}
