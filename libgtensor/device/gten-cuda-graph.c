/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device/gten-cuda-private.h"

#include "device/gten-generator-private.h"

/**
 * GtenCudaGraph:
 *
 * Work on a CUDA device that is captured once and replayed as a whole, which costs one launch however much it is.
 *
 * Between [method@CudaGraph.capture_begin] and [method@CudaGraph.capture_end] operations of this thread
 * on its current stream are noted down rather than run. A replay runs them on the same
 * memory: new input is copied into the tensors that were captured, and results are read from those that the captured
 * operations returned. What was allocated during the capture stays the graph's as long as it lives. Random operations draw
 * new numbers from the device's default generator with each replay. Nothing that waits for the device can be captured.
 */

struct _GtenCudaGraph
{
  GObject        parent_instance;
  GtenDevice    *device;        /* NULL before a capture */
  void          *graph;         /* the backend's; NULL before the end of the capture */
  gboolean       capturing;
  GtenGenerator *generator;     /* borrowed: the default one of the device lives for ever */
  guint64       *state;         /* on the device: what the generator is at a replay */
  guint64        offset;        /* capturing: where the generator was; then: what each replay draws */
  GHashTable    *allocated;     /* capturing: the memory that is the graph's */
  GSList        *deferred;      /* capturing: storages to be freed */
};

#define STATE_BYTES (2 * sizeof (guint64))

G_DEFINE_FINAL_TYPE (GtenCudaGraph, gten_cuda_graph, G_TYPE_OBJECT)

__thread GtenCudaGraph *gten_capture __attribute__ ((tls_model ("initial-exec")));

static void
gten_cuda_graph_finalize (GObject *object)
{
  gten_cuda_graph_reset (GTEN_CUDA_GRAPH (object));

  G_OBJECT_CLASS (gten_cuda_graph_parent_class)->finalize (object);
}

static void
gten_cuda_graph_class_init (GtenCudaGraphClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gten_cuda_graph_finalize;
}

static void
gten_cuda_graph_init (GtenCudaGraph *self)
{
}

/**
 * gten_cuda_graph_new:
 *
 * Makes a graph that has captured nothing.
 *
 * Returns: (transfer full): a new graph
 */
GtenCudaGraph *
gten_cuda_graph_new (void)
{
  return g_object_new (GTEN_TYPE_CUDA_GRAPH, NULL);
}

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_DEVICE, message);
  return FALSE;
}

/* -- memory while a graph is captured ----------------------------------------------------------- */

void
gten_capture_note_allocation (GtenCudaGraph *self, GtenDevice *device, void *data)
{
  if (device == self->device)
    g_hash_table_add (self->allocated, data);
}

/* Takes over what a storage holds, unless it may be freed at once. */
gboolean
gten_capture_defer_free (GtenCudaGraph *self, GtenStorage *storage)
{
  GtenStorage *kept;

  if (storage->device != self->device || g_hash_table_remove (self->allocated, storage->data))
    return FALSE;
  kept = g_new (GtenStorage, 1);
  *kept = *storage;
  self->deferred = g_slist_prepend (self->deferred, kept);
  return TRUE;
}

static void
free_deferred (GtenCudaGraph *self)
{
  g_clear_pointer (&self->allocated, g_hash_table_unref);
  for (GSList *kept = self->deferred; kept != NULL; kept = kept->next)
    {
      gten_storage_free_memory (kept->data);
      g_free (kept->data);
    }
  g_clear_pointer (&self->deferred, g_slist_free);
}

/* -- capture ------------------------------------------------------------------------------------- */

/* Lets the generator count from 0: kernels add what they find in the state. */
static void
begin_drawing (GtenCudaGraph *self)
{
  GtenKGenerator *state = gten_generator_lock (self->generator);

  self->offset = state->offset;
  state->offset = 0;
  state->graph_state = self->state;
  gten_generator_unlock (self->generator);
}

static void
end_drawing (GtenCudaGraph *self)
{
  GtenKGenerator *state = gten_generator_lock (self->generator);
  guint64 drawn = state->offset;

  state->offset = self->offset;
  state->graph_state = NULL;
  self->offset = drawn;
  gten_generator_unlock (self->generator);
}

/**
 * gten_cuda_graph_capture_begin:
 * @self: a graph that has captured nothing
 * @shares_memory: (nullable): a graph with whose memory this one's may overlap, because what it returned
 *   is no longer used when this one is replayed
 * @error: return location for an error
 *
 * Notes down what this thread does on its current CUDA device from now on. Raises %GTEN_ERROR_DEVICE if the device's default
 * stream is current, which cannot be captured.
 *
 * Returns: %TRUE if the capture has begun
 */
gboolean
gten_cuda_graph_capture_begin (GtenCudaGraph *self, GtenCudaGraph *shares_memory, GError **error)
{
  GtenDevice *device;
  const GtenBackend *backend;

  g_return_val_if_fail (GTEN_IS_CUDA_GRAPH (self), FALSE);

  device = gten_cuda_get_device (NULL, error);
  if (device == NULL)
    return FALSE;
  backend = device->backend;
  if (backend->graph_begin == NULL)
    return gten_device_check (device, "capture_begin", GTEN_K_UNSUPPORTED, NULL, error);
  if (self->graph != NULL)
    return fail (error, "This CUDAGraph instance already owns a captured graph. To capture a new graph, create a new instance.");
  if (gten_capture != NULL)
    return fail (error, "This thread captures a graph already.");
  if (gten_device_stream (device) == NULL)
    return fail (error, "CUDA graphs must be captured on a non-default stream. (However, after capture, it's ok to replay them "
                        "on the default stream.)");

  /* Memory that was allocated here may be used on any stream, once nothing is going on. */
  self->state = backend->alloc (device->index, STATE_BYTES);
  if (self->state == NULL)
    return gten_device_check (device, "capture_begin", GTEN_K_OUT_OF_MEMORY, NULL, error);
  self->device = device;
  self->generator = gten_device_get_generator (device);
  if (!gten_device_check (device, "capture_begin", backend->synchronize (device->index), NULL, error)
      || !gten_device_check (device, "capture_begin",
                             backend->graph_begin (device->index, shares_memory != NULL ? shares_memory->graph : NULL),
                             NULL, error))
    {
      gten_cuda_graph_reset (self);
      return FALSE;
    }
  begin_drawing (self);
  self->allocated = g_hash_table_new (NULL, NULL);
  self->capturing = TRUE;
  gten_capture = self;
  return TRUE;
}

/**
 * gten_cuda_graph_capture_end:
 * @self: a graph that is being captured by this thread
 * @error: return location for an error
 *
 * Ends the capture. Raises %GTEN_ERROR_DEVICE if something was done that cannot be captured.
 *
 * Returns: %TRUE if the graph can be replayed
 */
gboolean
gten_cuda_graph_capture_end (GtenCudaGraph *self, GError **error)
{
  gboolean captured;

  g_return_val_if_fail (GTEN_IS_CUDA_GRAPH (self), FALSE);

  if (!self->capturing || gten_capture != self)
    return fail (error, "This thread does not capture the graph.");
  gten_capture = NULL;
  self->capturing = FALSE;
  end_drawing (self);
  captured = gten_device_check (self->device, "capture_end",
                                self->device->backend->graph_end (self->device->index, &self->graph), NULL, error);
  free_deferred (self);
  if (captured)
    return TRUE;
  gten_cuda_graph_reset (self);
  return FALSE;
}

/* Where the generator is now, for the kernels of this replay; the next one draws after them. */
static GtenKStatus
hand_out_numbers (GtenCudaGraph *self)
{
  GtenKGenerator *state = gten_generator_lock (self->generator);
  const guint64 now[] = { state->seed, state->offset };

  state->offset += self->offset;
  gten_generator_unlock (self->generator);
  return self->device->backend->upload (self->device->index, self->state, now, STATE_BYTES);
}

/**
 * gten_cuda_graph_replay:
 * @self: a captured graph
 * @error: return location for an error
 *
 * Runs what was captured, on this thread's current stream. Does not wait for it.
 *
 * Returns: %TRUE if it was enqueued
 */
gboolean
gten_cuda_graph_replay (GtenCudaGraph *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_CUDA_GRAPH (self), FALSE);

  if (self->graph == NULL)
    return fail (error, "Called CUDAGraph::replay without a preceding successful capture.");
  return (self->offset == 0 || gten_device_check (self->device, "replay", hand_out_numbers (self), NULL, error))
         && gten_device_check (self->device, "replay",
                               self->device->backend->graph_replay (self->device->index, self->graph), NULL, error);
}

/**
 * gten_cuda_graph_reset:
 * @self: a graph
 *
 * Gives up what was captured, and the graph's memory. Waits for replays that are going on.
 */
void
gten_cuda_graph_reset (GtenCudaGraph *self)
{
  g_return_if_fail (GTEN_IS_CUDA_GRAPH (self));

  if (self->capturing && gten_capture == self)
    gten_cuda_graph_capture_end (self, NULL);
  if (self->graph != NULL)
    self->device->backend->graph_free (self->device->index, g_steal_pointer (&self->graph));
  if (self->state != NULL)
    self->device->backend->free (self->device->index, g_steal_pointer (&self->state), STATE_BYTES);
}

/**
 * gten_cuda_is_current_stream_capturing:
 *
 * Whether this thread captures a graph.
 *
 * Returns: %TRUE if it does
 */
gboolean
gten_cuda_is_current_stream_capturing (void)
{
  return gten_capture != NULL;
}
