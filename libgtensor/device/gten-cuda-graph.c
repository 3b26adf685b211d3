/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device/gten-cuda-private.h"

#include "device/gten-generator-private.h"

#include <string.h>

/**
 * GtenCudaGraph:
 *
 * Work on a CUDA device that is captured once and replayed as a whole, which costs one launch however much it is.
 *
 * Between [method@CudaGraph.capture_begin] and [method@CudaGraph.capture_end] operations of this thread
 * on its current stream are noted down rather than run. A replay runs them on the same
 * memory: new input is copied into the tensors that were captured, and results are read from those that the captured
 * operations returned. What was allocated during the capture stays the graph's as long as it lives. Random operations draw
 * new numbers with each replay, from the device's default generator and those that were registered. Nothing that waits for
 * the device can be captured.
 *
 * Other threads may go on meanwhile, on other streams. A capture ends with its thread, or when nobody but it holds
 * the graph any more.
 */

/* A generator, and what captured operations draw from in its stead: they count from 0, and their kernels add what they find
 * in `now` at a replay. */
typedef struct
{
  GtenGenerator *generator;
  GtenKGenerator drawn;
  guint64       *now;           /* seed and offset, on the device */
} Source;

struct _GtenCudaGraph
{
  GObject     parent_instance;
  GtenDevice *device;           /* NULL before a capture */
  void       *graph;            /* the backend's; NULL before the end of the capture */
  void       *stream;           /* that was captured, then that of the last replay */
  gboolean    capturing, captured;
  GPtrArray  *sources;          /* of Source */
  GPtrArray  *kept;             /* storages of the host that captured copies use */
  GHashTable *allocated;        /* capturing: the memory that is the graph's */
  GSList     *deferred;         /* capturing: storages to be freed */
};

#define STATE_BYTES (2 * sizeof (guint64))

G_DEFINE_FINAL_TYPE (GtenCudaGraph, gten_cuda_graph, G_TYPE_OBJECT)

__thread GtenCudaGraph *gten_capture __attribute__ ((tls_model ("initial-exec")));

static void
source_free (gpointer data)
{
  Source *self = data;

  g_object_unref (self->generator);
  g_free (self);
}

static void
gten_cuda_graph_finalize (GObject *object)
{
  GtenCudaGraph *self = GTEN_CUDA_GRAPH (object);

  gten_cuda_graph_reset (self);
  g_ptr_array_unref (self->sources);
  g_ptr_array_unref (self->kept);

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
  self->sources = g_ptr_array_new_with_free_func (source_free);
  self->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) gten_storage_unref);
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

gboolean
gten_capture_keep (GtenCudaGraph *self, GtenDevice *device, GtenStorage *storage)
{
  if (device != self->device)
    return FALSE;
  g_ptr_array_add (self->kept, gten_storage_ref (storage));
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

/* -- random numbers ------------------------------------------------------------------------------ */

static Source *
find_source (GtenCudaGraph *self, GtenGenerator *generator)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      Source *source = g_ptr_array_index (self->sources, i);

      if (source->generator == generator)
        return source;
    }
  return NULL;
}

static void
add_source (GtenCudaGraph *self, GtenGenerator *generator)
{
  Source *source;

  if (find_source (self, generator) != NULL)
    return;
  source = g_new0 (Source, 1);
  source->generator = g_object_ref (generator);
  g_ptr_array_add (self->sources, source);
}

gboolean
gten_capture_takes (GtenCudaGraph *self, GtenDevice *device)
{
  return device == self->device;
}

GtenKGenerator *
gten_capture_draw (GtenCudaGraph *self, GtenGenerator *generator, GError **error)
{
  Source *source = find_source (self, generator);

  if (source != NULL)
    return &source->drawn;
  fail (error, "Attempt to increase offset for a CUDA generator not in capture mode. Register it with the graph before the "
               "capture.");
  return NULL;
}

/**
 * gten_cuda_graph_register_generator_state:
 * @self: a graph that has captured nothing
 * @generator: a generator of the CUDA device on which the graph will be captured
 * @error: return location for an error
 *
 * Lets captured operations draw from a generator besides the device's default one: at each replay they draw on from where it
 * is then. Raises %GTEN_ERROR_DEVICE for a graph that has captured something, and for a generator of the CPU.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_cuda_graph_register_generator_state (GtenCudaGraph *self, GtenGenerator *generator, GError **error)
{
  g_return_val_if_fail (GTEN_IS_CUDA_GRAPH (self), FALSE);
  g_return_val_if_fail (GTEN_IS_GENERATOR (generator), FALSE);

  if (self->capturing || self->graph != NULL)
    return fail (error, "A generator is registered with a graph before the graph is captured.");
  if (gten_cuda_get_device (gten_generator_get_device (generator), error) == NULL)
    return FALSE;
  add_source (self, generator);
  return TRUE;
}

/* Memory that was allocated here may be used on any stream, once nothing is going on. */
static gboolean
prepare_sources (GtenCudaGraph *self, GError **error)
{
  const GtenBackend *backend = self->device->backend;

  add_source (self, gten_device_get_generator (self->device));
  for (guint i = 0; i < self->sources->len; i++)
    {
      Source *source = g_ptr_array_index (self->sources, i);

      if (gten_generator_get_device (source->generator) != self->device)
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "Expected a generator of %s, but a registered one is of %s",
                       self->device->name, gten_device_get_name (gten_generator_get_device (source->generator)));
          return FALSE;
        }
      source->now = backend->alloc (self->device->index, STATE_BYTES);
      if (source->now == NULL)
        return gten_device_check (self->device, "capture_begin", GTEN_K_OUT_OF_MEMORY, NULL, error);
      memset (&source->drawn, 0, sizeof source->drawn);
      source->drawn.graph_state = source->now;
    }
  return TRUE;
}

/* Where the generators are now, for the kernels of this replay; the next one draws after them. */
static GtenKStatus
hand_out_numbers (GtenCudaGraph *self)
{
  GtenKStatus status = GTEN_K_OK;

  for (guint i = 0; i < self->sources->len && status == GTEN_K_OK; i++)
    {
      Source *source = g_ptr_array_index (self->sources, i);
      guint64 now[2];

      if (source->drawn.offset == 0)
        continue;

      GtenKGenerator *state = gten_generator_lock (source->generator);
      now[0] = state->seed;
      now[1] = state->offset;
      state->offset += source->drawn.offset;
      gten_generator_unlock (source->generator);
      status = self->device->backend->upload (self->device->index, source->now, now, STATE_BYTES);
    }
  return status;
}

/* -- capture ------------------------------------------------------------------------------------- */

/* Ends the capture of this thread; FALSE and an error if nothing can be replayed. */
static gboolean
finish (GtenCudaGraph *self, GError **error)
{
  gboolean captured;

  gten_capture = NULL;
  self->capturing = FALSE;
  captured = gten_device_check (self->device, "capture_end",
                                self->device->backend->graph_end (self->device->index, &self->graph), NULL, error);
  self->captured |= captured;
  free_deferred (self);
  if (!captured)
    gten_cuda_graph_reset (self);
  return captured;
}

static void last_reference_cb (gpointer user_data, GObject *object, gboolean is_last);

static void
abandon (gpointer data)
{
  g_autoptr (GtenCudaGraph) self = g_object_ref (data);

  finish (self, NULL);
  gten_cuda_graph_reset (self);
  g_object_remove_toggle_ref (G_OBJECT (self), last_reference_cb, NULL);
}

/* The graph that this thread captures: the capture goes with the thread. */
static GPrivate captured_here = G_PRIVATE_INIT (abandon);

static void
last_reference_cb (gpointer user_data, GObject *object, gboolean is_last)
{
  if (!is_last || gten_capture != (GtenCudaGraph *) object)
    return;
  g_private_set (&captured_here, NULL);
  abandon (object);
}

/**
 * gten_cuda_graph_capture_begin:
 * @self: a graph that has captured nothing
 * @shares_memory: (nullable): a captured graph with whose memory this one's may overlap, because what it returned
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
  if (gten_capture != NULL || self->capturing)
    return fail (error, gten_capture != NULL ? "This thread captures a graph already." : "Another thread captures the graph.");
  if (shares_memory != NULL && !shares_memory->captured)
    return fail (error, "Called CUDAGraph::pool() without a preceding successful capture.");
  if (gten_device_stream (device) == NULL)
    return fail (error, "CUDA graphs must be captured on a non-default stream. (However, after capture, it's ok to replay them "
                        "on the default stream.)");

  self->device = device;
  self->stream = gten_device_stream (device);
  if (!prepare_sources (self, error)
      || !gten_device_check (device, "capture_begin", backend->synchronize (device->index), NULL, error)
      || !gten_device_check (device, "capture_begin",
                             backend->graph_begin (device->index, shares_memory != NULL ? shares_memory->graph : NULL),
                             NULL, error))
    {
      gten_cuda_graph_reset (self);
      return FALSE;
    }
  self->allocated = g_hash_table_new (NULL, NULL);
  self->capturing = TRUE;
  gten_capture = self;
  g_object_add_toggle_ref (G_OBJECT (self), last_reference_cb, NULL);
  g_private_set (&captured_here, self);
  return TRUE;
}

/**
 * gten_cuda_graph_capture_end:
 * @self: a graph that is being captured by this thread
 * @error: return location for an error
 *
 * Ends the capture. Raises %GTEN_ERROR_DEVICE if something was done that cannot be captured, and if another stream than the
 * captured one is current, which changes nothing.
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
  if (gten_device_stream (self->device) != self->stream)
    return fail (error, "Capture must end on the same stream it began on.");
  captured = finish (self, error);
  g_private_set (&captured_here, NULL);
  g_object_remove_toggle_ref (G_OBJECT (self), last_reference_cb, NULL);
  return captured;
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
  void *stream, *last;

  g_return_val_if_fail (GTEN_IS_CUDA_GRAPH (self), FALSE);

  if (self->graph == NULL)
    return fail (error, "Called CUDAGraph::replay without a preceding successful capture.");
  stream = gten_device_stream (self->device);
  last = self->stream;
  self->stream = stream;
  /* The last replay may still read where its numbers began. */
  return (stream == last
          || gten_device_check (self->device, "replay", gten_device_order_streams (self->device, stream, self->device, last),
                                NULL, error))
         && gten_device_check (self->device, "replay", hand_out_numbers (self), NULL, error)
         && gten_device_check (self->device, "replay",
                               self->device->backend->graph_replay (self->device->index, self->graph), NULL, error);
}

/**
 * gten_cuda_graph_reset:
 * @self: a graph
 *
 * Gives up what was captured, and the graph's memory. Waits for replays that are going on. A capture by this thread is ended;
 * while another one captures, nothing happens.
 */
void
gten_cuda_graph_reset (GtenCudaGraph *self)
{
  g_return_if_fail (GTEN_IS_CUDA_GRAPH (self));

  if (self->capturing && gten_capture != self)
    return;
  if (self->capturing)
    {
      g_private_set (&captured_here, NULL);
      abandon (self);
      return;
    }
  if (self->graph != NULL)
    self->device->backend->graph_free (self->device->index, g_steal_pointer (&self->graph));
  for (guint i = 0; i < self->sources->len; i++)
    {
      Source *source = g_ptr_array_index (self->sources, i);

      if (source->now != NULL)
        self->device->backend->free (self->device->index, g_steal_pointer (&source->now), STATE_BYTES);
    }
  g_ptr_array_set_size (self->kept, 0);
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
