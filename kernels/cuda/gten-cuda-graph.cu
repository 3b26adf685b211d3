/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Graphs: what a thread queues is captured once and replayed as one piece.
 *
 * A graph's kernels name addresses, so what they use has to stay: while a thread captures, memory comes from the
 * graph's arena, whose blocks are used again only by captures into the same arena. Graphs that share memory share
 * the arena. It takes its blocks on a stream of its own, which is waited for, and is freed with the last graph.
 *
 * Captures are relaxed: what other threads do breaks none, except that the device as a whole is waited for. Here it is not
 * while something is captured, and no capture begins while it is. */
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "gten-cuda-private.h"

typedef struct
{
  size_t n_bytes;
  bool   is_free;
} Block;

typedef struct
{
  int                     n_graphs;
  int                     device;
  cudaStream_t            stream;
  std::map<void *, Block> blocks;
} Arena;

typedef struct
{
  Arena          *arena;
  cudaGraphExec_t exec;
} Graph;

/* What this thread captures: nothing while there is no arena. */
static thread_local Arena *arena;
static thread_local cudaStream_t captured;

static std::mutex arenas_lock;
static std::vector<Arena *> arenas;
static std::atomic<int> n_arenas;

static std::shared_mutex captures_lock;           /* held by who waits for a device, alone by who begins or ends */
static std::atomic<int> n_captures[GTEN_K_MAX_DEVICES];

static std::mutex known_lock;
static std::vector<cudaStream_t> known[GTEN_K_MAX_DEVICES];

bool
gten_cuda_captures (int device)
{
  return arena != NULL && arena->device == device;
}

/* -- waiting ---------------------------------------------------------------------------------------*/

void
gten_cuda_know_stream (int device, cudaStream_t stream)
{
  const std::lock_guard<std::mutex> guard (known_lock);

  known[device].push_back (stream);
}

static bool
is_captured (cudaStream_t stream)
{
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;

  return gten_cuda_check (cudaStreamIsCapturing (stream, &status)) && status != cudaStreamCaptureStatusNone;
}

bool
gten_cuda_stream_is_captured (int device, void *stream)
{
  GtenCudaQueue *queue;
  bool result;

  if (stream == NULL || n_captures[device] == 0 || (queue = gten_cuda_visit (device)) == NULL)
    return false;
  result = is_captured ((cudaStream_t) stream);
  gten_cuda_leave (queue, NULL);
  return result;
}

/* Waits for all that runs. */
static bool
wait_for_uncaptured (GtenCudaQueue *queue)
{
  const std::shared_lock<std::shared_mutex> guard (captures_lock);
  std::vector<cudaStream_t> streams;

  if (n_captures[queue->device] == 0)
    return gten_cuda_check (cudaDeviceSynchronize ());
  {
    const std::lock_guard<std::mutex> known_guard (known_lock);

    streams = known[queue->device];
  }
  streams.push_back (NULL);
  streams.push_back (queue->stream);
  for (cudaStream_t stream : streams)
    if (!is_captured (stream) && !gten_cuda_check (cudaStreamSynchronize (stream)))
      return false;
  return !gten_cuda_has_failed ();
}

/* Who waits in the middle of a capture is told that it cannot be done. */
bool
gten_cuda_wait (GtenCudaQueue *queue)
{
  return gten_cuda_captures (queue->device) ? gten_cuda_check (cudaStreamSynchronize (captured))
                                            : wait_for_uncaptured (queue);
}

/* -- arenas ----------------------------------------------------------------------------------------*/

void *
gten_cuda_arena_alloc (size_t n_bytes)
{
  const std::lock_guard<std::mutex> guard (arenas_lock);
  Block *best = NULL;
  void *data = NULL;

  for (auto &block : arena->blocks)
    if (block.second.is_free && block.second.n_bytes >= n_bytes && block.second.n_bytes / 2 <= n_bytes
        && (best == NULL || block.second.n_bytes < best->n_bytes))
      {
        best = &block.second;
        data = block.first;
      }
  if (best != NULL)
    {
      best->is_free = false;
      return data;
    }
  if (!gten_cuda_check (cudaMallocAsync (&data, n_bytes, arena->stream))
      || !gten_cuda_check (cudaStreamSynchronize (arena->stream)))
    return NULL;
  arena->blocks[data] = { n_bytes, false };
  return data;
}

bool
gten_cuda_arena_release (void *data)
{
  if (n_arenas == 0)
    return false;

  const std::lock_guard<std::mutex> guard (arenas_lock);

  for (Arena *each : arenas)
    {
      auto block = each->blocks.find (data);

      if (block == each->blocks.end ())
        continue;
      block->second.is_free = true;
      return true;
    }
  return false;
}

static Arena *
arena_new (int device)
{
  Arena *self = new Arena { 0, device, NULL, {} };
  const std::lock_guard<std::mutex> guard (arenas_lock);

  gten_cuda_check (cudaStreamCreateWithFlags (&self->stream, cudaStreamNonBlocking));
  arenas.push_back (self);
  n_arenas++;
  return self;
}

/* What a tensor still holds outlives the graphs, and is ordinary memory from now on. */
static void
arena_unref (Arena *self)
{
  const std::lock_guard<std::mutex> guard (arenas_lock);

  if (--self->n_graphs > 0)
    return;
  for (auto &block : self->blocks)
    if (block.second.is_free)
      gten_cuda_check (cudaFreeAsync (block.first, self->stream));
  if (self->stream != NULL)
    gten_cuda_check (cudaStreamDestroy (self->stream));
  for (size_t i = 0; i < arenas.size (); i++)
    if (arenas[i] == self)
      arenas.erase (arenas.begin () + (ptrdiff_t) i--);
  n_arenas--;
  delete self;
}

/* -- capture and replay ----------------------------------------------------------------------------*/

static bool
begin_capture (GtenCudaQueue *queue)
{
  const std::unique_lock<std::shared_mutex> guard (captures_lock);

  if (gten_cuda_has_failed () || !gten_cuda_check (cudaStreamBeginCapture (queue->stream, cudaStreamCaptureModeRelaxed)))
    return false;
  n_captures[queue->device]++;
  return true;
}

GtenKStatus
gten_cuda_graph_begin (int device, void *shares_memory)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (arena != NULL)
    gten_cuda_fail (GTEN_K_DEVICE_FAULT, "this thread captures a graph already");
  else
    {
      Arena *chosen = shares_memory != NULL ? ((Graph *) shares_memory)->arena : arena_new (device);

      if (chosen->device != device)
        gten_cuda_fail (GTEN_K_DEVICE_FAULT, "a graph shares the memory of another device's graph");
      gten_cuda_prepare_products (queue);
      {
        const std::lock_guard<std::mutex> guard (arenas_lock);

        chosen->n_graphs++;
      }
      if (begin_capture (queue))
        {
          arena = chosen;
          captured = queue->stream;
        }
      else
        arena_unref (chosen);
    }
  return gten_cuda_leave (queue, NULL);
}

static cudaGraph_t
end_capture (int device)
{
  const std::unique_lock<std::shared_mutex> guard (captures_lock);
  cudaGraph_t graph = NULL;

  n_captures[device]--;
  gten_cuda_check (cudaStreamEndCapture (captured, &graph));
  return graph;
}

GtenKStatus
gten_cuda_graph_end (int device, void **graph)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);
  Arena *used = arena;
  cudaGraph_t definition;
  cudaGraphExec_t exec = NULL;

  *graph = NULL;
  arena = NULL;
  definition = end_capture (device);
  if (definition != NULL && !gten_cuda_has_failed ())
    gten_cuda_check (cudaGraphInstantiate (&exec, definition, 0));
  if (definition != NULL)
    gten_cuda_check (cudaGraphDestroy (definition));
  if (exec != NULL)
    *graph = new Graph { used, exec };
  else
    arena_unref (used);
  return queue != NULL ? gten_cuda_leave (queue, NULL) : gten_cuda_status ();
}

GtenKStatus
gten_cuda_graph_replay (int device, void *graph)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_check (cudaGraphLaunch (((Graph *) graph)->exec, queue->stream));
  return gten_cuda_leave (queue, NULL);
}

/* Replays, and what was read from their results, come to their end first. */
void
gten_cuda_graph_free (int device, void *graph)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);
  Graph *self = (Graph *) graph;

  if (queue == NULL)
    return;
  wait_for_uncaptured (queue);
  gten_cuda_check (cudaGraphExecDestroy (self->exec));
  arena_unref (self->arena);
  delete self;
  gten_cuda_leave (queue, NULL);
}
