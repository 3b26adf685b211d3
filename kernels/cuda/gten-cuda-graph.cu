/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Graphs: what a thread queues is captured once and replayed as one piece.
 *
 * A graph's kernels name addresses, so what they use has to stay: while a thread captures, memory comes from the
 * graph's arena, whose blocks are used again only by captures into the same arena. Graphs that share memory share
 * the arena. It takes its blocks on a stream of its own, which is waited for, and is freed with the last graph. */
#include <map>
#include <mutex>
#include <vector>

#include "gten-cuda-private.h"

typedef struct
{
  size_t n_bytes;
  bool   is_free;
} Block;

struct _GtenCudaArena
{
  int                       n_graphs;
  int                       device;
  cudaStream_t              stream;
  std::map<void *, Block>   blocks;
};

typedef struct
{
  GtenCudaArena  *arena;
  cudaGraphExec_t exec;
} Graph;

thread_local GtenCudaArena *gten_cuda_arena;

static std::mutex arenas_lock;
static std::vector<GtenCudaArena *> arenas;

/* -- arenas ----------------------------------------------------------------------------------------*/

void *
gten_cuda_arena_alloc (GtenCudaArena *self, size_t n_bytes)
{
  const std::lock_guard<std::mutex> guard (arenas_lock);
  Block *best = NULL;
  void *data = NULL;

  for (auto &block : self->blocks)
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
  if (!gten_cuda_check (cudaMallocAsync (&data, n_bytes, self->stream))
      || !gten_cuda_check (cudaStreamSynchronize (self->stream)))
    return NULL;
  self->blocks[data] = { n_bytes, false };
  return data;
}

bool
gten_cuda_arena_release (void *data)
{
  const std::lock_guard<std::mutex> guard (arenas_lock);

  for (GtenCudaArena *arena : arenas)
    {
      auto block = arena->blocks.find (data);

      if (block == arena->blocks.end ())
        continue;
      block->second.is_free = true;
      return true;
    }
  return false;
}

static GtenCudaArena *
arena_new (int device)
{
  GtenCudaArena *self = new GtenCudaArena { 0, device, NULL, {} };

  gten_cuda_check (cudaStreamCreateWithFlags (&self->stream, cudaStreamNonBlocking));
  const std::lock_guard<std::mutex> guard (arenas_lock);
  arenas.push_back (self);
  return self;
}

/* What a tensor still holds outlives the graphs, and is ordinary memory from now on. */
static void
arena_unref (GtenCudaArena *self)
{
  const std::lock_guard<std::mutex> guard (arenas_lock);

  if (--self->n_graphs > 0)
    return;
  for (auto &block : self->blocks)
    if (block.second.is_free)
      cudaFreeAsync (block.first, self->stream);
  cudaStreamDestroy (self->stream);
  for (size_t i = 0; i < arenas.size (); i++)
    if (arenas[i] == self)
      arenas.erase (arenas.begin () + (ptrdiff_t) i--);
  delete self;
}

/* -- capture and replay ----------------------------------------------------------------------------*/

GtenKStatus
gten_cuda_graph_begin (int device, void *shares_memory)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (gten_cuda_arena != NULL)
    gten_cuda_fail (GTEN_K_DEVICE_FAULT, "this thread captures a graph already");
  else
    {
      GtenCudaArena *arena = shares_memory != NULL ? ((Graph *) shares_memory)->arena : arena_new (device);

      if (arena->device != device)
        gten_cuda_fail (GTEN_K_DEVICE_FAULT, "a graph shares the memory of another device's graph");
      arena->n_graphs++;
      if (!gten_cuda_has_failed ()
          && gten_cuda_check (cudaStreamBeginCapture (queue->stream, cudaStreamCaptureModeRelaxed)))
        gten_cuda_arena = arena;
      else
        arena_unref (arena);
    }
  return gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_graph_end (int device, void **graph)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);
  GtenCudaArena *arena = gten_cuda_arena;
  cudaGraph_t captured = NULL;
  cudaGraphExec_t exec = NULL;

  *graph = NULL;
  gten_cuda_arena = NULL;
  if (queue == NULL)
    {
      arena_unref (arena);
      return gten_cuda_status ();
    }
  if (gten_cuda_check (cudaStreamEndCapture (queue->stream, &captured)))
    gten_cuda_check (cudaGraphInstantiate (&exec, captured, 0));
  if (captured != NULL)
    cudaGraphDestroy (captured);
  if (exec != NULL)
    *graph = new Graph { arena, exec };
  else
    arena_unref (arena);
  return gten_cuda_leave (queue, NULL);
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

void
gten_cuda_graph_free (int device, void *graph)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);
  Graph *self = (Graph *) graph;

  if (queue == NULL)
    return;
  cudaDeviceSynchronize ();
  cudaGraphExecDestroy (self->exec);
  arena_unref (self->arena);
  delete self;
  gten_cuda_leave (queue, NULL);
}
