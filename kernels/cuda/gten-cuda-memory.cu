/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory of devices, and copies between it and the host's.
 *
 * Memory comes from the runtime's stream-ordered pool, which gives nothing back unasked. Small blocks are kept in
 * lists besides, one per stream and power of 2, because a call of the runtime costs more than a small
 * operation's kernel. Copies go through slots of pinned memory, so that the host's own memory may be
 * used again as soon as it has been read. */
#include <stdlib.h>

#include <mutex>
#include <unordered_map>
#include <vector>

#include "gten-cuda-private.h"

#define SMALLEST      9            /* logarithms of sizes in bytes */
#define LARGEST_SMALL 20
#define N_CLASSES     (LARGEST_SMALL - SMALLEST + 1)
#define SLOT_BYTES    (256 * 1024)
#define N_SLOTS       32
#define N_IN_FLIGHT   8

typedef std::vector<void *> FreeList;

typedef struct
{
  FreeList classes[N_CLASSES];
} Shelf;

typedef struct
{
  std::mutex                              lock;
  std::unordered_map<cudaStream_t, Shelf> shelves;
  uint64_t                                n_shelved;   /* bytes */
} Cache;

typedef struct
{
  std::mutex  lock;
  char       *slots;               /* pinned */
  cudaEvent_t is_free[N_SLOTS];
  unsigned    n_used;
} Staging;

static Cache caches[GTEN_K_MAX_DEVICES];
static Staging stagings[GTEN_K_MAX_DEVICES];

/* -- allocation ------------------------------------------------------------------------------------*/

/* The list for a size, or -1. With PyTorch's PYTORCH_NO_CUDA_MEMORY_CACHING set there are no lists, so that tools see every
 * block come and go. */
static int
size_class (size_t n_bytes)
{
  static const bool has_lists = getenv ("PYTORCH_NO_CUDA_MEMORY_CACHING") == NULL;
  int logarithm = SMALLEST;

  if (!has_lists)
    return -1;
  while (((size_t) 1 << logarithm) < n_bytes)
    if (++logarithm > LARGEST_SMALL)
      return -1;
  return logarithm - SMALLEST;
}

static void *
take (Cache *self, cudaStream_t stream, int list_class)
{
  const std::lock_guard<std::mutex> guard (self->lock);
  FreeList &list = self->shelves[stream].classes[list_class];
  void *data;

  if (list.empty ())
    return NULL;
  data = list.back ();
  list.pop_back ();
  self->n_shelved -= (uint64_t) 1 << (list_class + SMALLEST);
  return data;
}

static uint64_t
n_shelved (Cache *self)
{
  const std::lock_guard<std::mutex> guard (self->lock);

  return self->n_shelved;
}

static FreeList
take_all (Cache *self)
{
  const std::lock_guard<std::mutex> guard (self->lock);
  FreeList all;

  for (auto &shelf : self->shelves)
    for (FreeList &list : shelf.second.classes)
      {
        all.insert (all.end (), list.begin (), list.end ());
        list.clear ();
      }
  self->n_shelved = 0;
  return all;
}

static uint64_t
pool_attribute (int device, cudaMemPoolAttr attribute)
{
  cudaMemPool_t pool;
  uint64_t value = 0;

  if (gten_cuda_check (cudaDeviceGetDefaultMemPool (&pool, device)))
    gten_cuda_check (cudaMemPoolGetAttribute (pool, attribute, &value));
  return value;
}

/* Once all is done, any stream will do for what the lists had: theirs may be captured, or no longer be. */
static uint64_t
trim_pool (GtenCudaQueue *queue)
{
  const uint64_t before = pool_attribute (queue->device, cudaMemPoolAttrReservedMemCurrent);
  const FreeList shelved = take_all (&caches[queue->device]);
  cudaMemPool_t pool;
  uint64_t after;

  gten_cuda_wait (queue);
  for (void *data : shelved)
    gten_cuda_check (cudaFreeAsync (data, NULL));
  if (gten_cuda_check (cudaStreamSynchronize (NULL)) && gten_cuda_check (cudaDeviceGetDefaultMemPool (&pool, queue->device)))
    gten_cuda_check (cudaMemPoolTrimTo (pool, 0));
  after = pool_attribute (queue->device, cudaMemPoolAttrReservedMemCurrent);
  return before > after ? before - after : 0;
}

static void *
allocate (GtenCudaQueue *queue, size_t n_bytes)
{
  const int list_class = size_class (n_bytes);
  const size_t n_taken = list_class >= 0 ? (size_t) 1 << (list_class + SMALLEST) : n_bytes;
  void *data = NULL;
  cudaError_t error;

  if (gten_cuda_captures (queue->device))
    return gten_cuda_arena_alloc (n_taken);
  if (list_class >= 0 && (data = take (&caches[queue->device], queue->stream, list_class)) != NULL)
    return data;
  error = cudaMallocAsync (&data, n_taken, queue->stream);
  if (error == cudaErrorMemoryAllocation)
    {
      cudaGetLastError ();
      trim_pool (queue);
      error = cudaMallocAsync (&data, n_taken, queue->stream);
    }
  return gten_cuda_check (error) ? data : NULL;
}

static void
release (GtenCudaQueue *queue, void *data, size_t n_bytes)
{
  const int list_class = size_class (n_bytes);
  Cache *cache = &caches[queue->device];

  if (gten_cuda_arena_release (data))
    return;
  if (list_class >= 0)
    {
      const std::lock_guard<std::mutex> guard (cache->lock);

      cache->shelves[queue->stream].classes[list_class].push_back (data);
      cache->n_shelved += (uint64_t) 1 << (list_class + SMALLEST);
    }
  else
    gten_cuda_check (cudaFreeAsync (data, queue->stream));
}

void *
gten_cuda_alloc (int device, size_t n_bytes)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);
  void *data;

  if (queue == NULL)
    return NULL;
  data = allocate (queue, n_bytes);
  gten_cuda_leave (queue, NULL);
  return data;
}

void
gten_cuda_free (int device, void *data, size_t n_bytes)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return;
  release (queue, data, n_bytes);
  gten_cuda_leave (queue, NULL);
}

void *
gten_cuda_scratch (GtenCudaQueue *queue, size_t n_bytes)
{
  return gten_cuda_has_failed () ? NULL : allocate (queue, n_bytes);
}

void
gten_cuda_scratch_release (GtenCudaQueue *queue, void *scratch, size_t n_bytes)
{
  if (scratch != NULL)
    release (queue, scratch, n_bytes);
}

uint64_t
gten_cuda_trim (int device)
{
  GtenCudaQueue *queue;
  uint64_t n_bytes;

  if (!gten_cuda_is_used (device) || gten_cuda_captures (device))
    return 0;
  queue = gten_cuda_visit (device);
  if (queue == NULL)
    return 0;
  n_bytes = trim_pool (queue);
  gten_cuda_leave (queue, NULL);
  return n_bytes;
}

uint64_t
gten_cuda_cached (int device)
{
  GtenCudaQueue *queue;
  uint64_t n_bytes;

  if (!gten_cuda_is_used (device))
    return 0;
  queue = gten_cuda_visit (device);
  if (queue == NULL)
    return 0;
  n_bytes = pool_attribute (device, cudaMemPoolAttrReservedMemCurrent)
            - pool_attribute (device, cudaMemPoolAttrUsedMemCurrent) + n_shelved (&caches[device]);
  gten_cuda_leave (queue, NULL);
  return n_bytes;
}

GtenKStatus
gten_cuda_memory (int device, uint64_t *free, uint64_t *total)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);
  size_t n_free = 0, n_total = 0;

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_check (cudaMemGetInfo (&n_free, &n_total));
  *free = n_free;
  *total = n_total;
  return gten_cuda_leave (queue, NULL);
}

/* -- copies ----------------------------------------------------------------------------------------*/

static bool
open_staging (Staging *self)
{
  if (self->slots != NULL)
    return true;
  for (cudaEvent_t &event : self->is_free)
    if (event == NULL && !gten_cuda_check (cudaEventCreateWithFlags (&event, cudaEventDisableTiming)))
      return false;
  return gten_cuda_check (cudaHostAlloc ((void **) &self->slots, N_SLOTS * SLOT_BYTES, cudaHostAllocPortable));
}

static void
upload (GtenCudaQueue *queue, char *dst, const char *host, size_t n_bytes)
{
  Staging *staging = &stagings[queue->device];
  const std::lock_guard<std::mutex> guard (staging->lock);

  if (!open_staging (staging))
    return;
  for (size_t at = 0; at < n_bytes; at += SLOT_BYTES)
    {
      const unsigned slot = staging->n_used++ % N_SLOTS;
      const size_t n = n_bytes - at < SLOT_BYTES ? n_bytes - at : SLOT_BYTES;
      char *buffer = staging->slots + (size_t) slot * SLOT_BYTES;

      if (!gten_cuda_check (cudaEventSynchronize (staging->is_free[slot])))
        return;
      memcpy (buffer, host + at, n);
      if (!gten_cuda_check (cudaMemcpyAsync (dst + at, buffer, n, cudaMemcpyHostToDevice, queue->stream))
          || !gten_cuda_check (cudaEventRecord (staging->is_free[slot], queue->stream)))
        return;
    }
}

static void
download (GtenCudaQueue *queue, char *host, const char *src, size_t n_bytes)
{
  Staging *staging = &stagings[queue->device];
  const std::lock_guard<std::mutex> guard (staging->lock);
  const size_t n_slots = (n_bytes + SLOT_BYTES - 1) / SLOT_BYTES;
  const unsigned first = staging->n_used;

  if (!open_staging (staging))
    return;
  staging->n_used += (unsigned) n_slots;
  for (size_t i = 0; i < n_slots + N_IN_FLIGHT; i++)
    {
      if (i >= N_IN_FLIGHT && i - N_IN_FLIGHT < n_slots)
        {
          const size_t at = (i - N_IN_FLIGHT) * SLOT_BYTES;
          const unsigned slot = (first + (unsigned) (i - N_IN_FLIGHT)) % N_SLOTS;

          if (!gten_cuda_check (cudaEventSynchronize (staging->is_free[slot])))
            return;
          memcpy (host + at, staging->slots + (size_t) slot * SLOT_BYTES,
                  n_bytes - at < SLOT_BYTES ? n_bytes - at : SLOT_BYTES);
        }
      if (i < n_slots)
        {
          const size_t at = i * SLOT_BYTES;
          const unsigned slot = (first + (unsigned) i) % N_SLOTS;

          if (!gten_cuda_check (cudaEventSynchronize (staging->is_free[slot]))
              || !gten_cuda_check (cudaMemcpyAsync (staging->slots + (size_t) slot * SLOT_BYTES, src + at,
                                                    n_bytes - at < SLOT_BYTES ? n_bytes - at : SLOT_BYTES,
                                                    cudaMemcpyDeviceToHost, queue->stream))
              || !gten_cuda_check (cudaEventRecord (staging->is_free[slot], queue->stream)))
            return;
        }
    }
}

/* A copy of the host's memory would be played back with what the memory was then. */
static bool
may_copy (int device)
{
  if (!gten_cuda_captures (device))
    return true;
  gten_cuda_fail (GTEN_K_DEVICE_FAULT, "the host's memory cannot be copied while a graph is captured");
  return false;
}

GtenKStatus
gten_cuda_upload (int device, void *dst, const void *host, size_t n_bytes)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (n_bytes > 0 && may_copy (device))
    upload (queue, (char *) dst, (const char *) host, n_bytes);
  return gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_download (int device, void *host, const void *src, size_t n_bytes)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (n_bytes > 0 && may_copy (device))
    {
      download (queue, (char *) host, (const char *) src, n_bytes);
      gten_cuda_hear (queue);
    }
  return gten_cuda_leave (queue, NULL);
}

/* The peer's work up to now is marked on its own stream and waited for on ours. */
static void
copy_from_peer (GtenCudaQueue *queue, void *dst, const void *src, size_t n_bytes, int peer)
{
  cudaEvent_t event = NULL;

  if (gten_cuda_check (cudaSetDevice (peer))
      && gten_cuda_check (cudaEventCreateWithFlags (&event, cudaEventDisableTiming)))
    gten_cuda_check (cudaEventRecord (event, gten_cuda_stream (peer)));
  gten_cuda_check (cudaSetDevice (queue->device));
  if (!gten_cuda_has_failed () && gten_cuda_check (cudaStreamWaitEvent (queue->stream, event, 0)))
    gten_cuda_check (cudaMemcpyPeerAsync (dst, queue->device, src, peer, n_bytes, queue->stream));
  if (event != NULL)
    gten_cuda_check (cudaEventDestroy (event));
}

GtenKStatus
gten_cuda_copy (int device, GtenKCopy kind, void *dst, const void *src, size_t n_bytes, int peer)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (n_bytes > 0 && kind == GTEN_K_COPY_PEER)
    copy_from_peer (queue, dst, src, n_bytes, peer);
  else if (n_bytes > 0)
    gten_cuda_check (cudaMemcpyAsync (dst, src, n_bytes,
                                      kind == GTEN_K_COPY_UPLOAD ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost,
                                      queue->stream));
  return gten_cuda_leave (queue, NULL);
}

/* Pinned memory takes a context: that of a device in use, if there is one. */
static GtenCudaQueue *
visit_any (void)
{
  int device = 0;

  while (device < GTEN_K_MAX_DEVICES && !gten_cuda_is_used (device))
    device++;
  return gten_cuda_visit (device < GTEN_K_MAX_DEVICES ? device : 0);
}

void *
gten_cuda_host_alloc (size_t n_bytes)
{
  GtenCudaQueue *queue = visit_any ();
  void *data = NULL;

  if (queue == NULL)
    return NULL;
  gten_cuda_check (cudaHostAlloc (&data, n_bytes, cudaHostAllocPortable));
  return gten_cuda_leave (queue, NULL) == GTEN_K_OK ? data : NULL;
}

void
gten_cuda_host_free (void *data)
{
  GtenCudaQueue *queue = visit_any ();

  if (queue == NULL)
    return;
  gten_cuda_check (cudaFreeHost (data));
  gten_cuda_leave (queue, NULL);
}
