/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Queues: where a thread's work goes, and how it is told what became of it.
 *
 * Every thread has a current stream per device, CUDA's legacy one from the start, which all threads share. Every
 * device has one record of faults, made when the device is first used. */
#include <stdio.h>

#include <atomic>
#include <mutex>

#include <cuda.h>

#include "gten-cuda-private.h"

/* What a device has once it was used. */
typedef struct
{
  std::atomic<bool> is_ready;
  int               n_processors;
  GtenCudaReporter  reporter;
} Device;

/* The device that is to be current for a thread's caller but has no context, and the one that is current
 * instead. */
typedef struct
{
  bool is_due;
  int  device, instead;
} Return;

static Device devices[GTEN_K_MAX_DEVICES];
static std::mutex devices_lock;
static std::atomic<unsigned long long> n_calls;

static thread_local cudaStream_t streams[GTEN_K_MAX_DEVICES];
static thread_local GtenCudaQueue current;
static thread_local Return due;
static thread_local const char *begun;
static thread_local GtenKStatus kept;
static thread_local char text[512];

/* -- errors ----------------------------------------------------------------------------------------*/

GtenKStatus
gten_cuda_fail (GtenKStatus status, const char *reason)
{
  if (kept != GTEN_K_OK)
    return kept;
  kept = status;
  if (reason != NULL)
    snprintf (text, sizeof text, "%s", reason);
  return status;
}

bool
gten_cuda_check (cudaError_t error)
{
  char reason[512];

  if (error == cudaSuccess)
    return true;
  cudaGetLastError ();
  snprintf (reason, sizeof reason, "%s (%s)", cudaGetErrorString (error), cudaGetErrorName (error));
  gten_cuda_fail (error == cudaErrorMemoryAllocation ? GTEN_K_OUT_OF_MEMORY : GTEN_K_DEVICE_FAULT, reason);
  return false;
}

bool
gten_cuda_has_failed (void)
{
  return kept != GTEN_K_OK;
}

GtenKStatus
gten_cuda_status (void)
{
  const GtenKStatus status = kept;

  kept = GTEN_K_OK;
  return status;
}

const char *
gten_cuda_last_error (void)
{
  return text;
}

/* -- enter and leave -------------------------------------------------------------------------------*/

static bool
make_ready (Device *self, int device)
{
  const std::lock_guard<std::mutex> guard (devices_lock);
  cudaMemPool_t pool;
  uint64_t keep_all = UINT64_MAX;

  if (self->is_ready)
    return true;
  if (!gten_cuda_check (cudaDeviceGetAttribute (&self->n_processors, cudaDevAttrMultiProcessorCount, device))
      || !gten_cuda_check (cudaDeviceGetDefaultMemPool (&pool, device))
      || !gten_cuda_check (cudaMemPoolSetAttribute (pool, cudaMemPoolAttrReleaseThreshold, &keep_all))
      || !gten_cuda_check (cudaHostAlloc ((void **) &self->reporter.record, sizeof *self->reporter.record,
                                          cudaHostAllocMapped | cudaHostAllocPortable)))
    return false;
  memset ((void *) self->reporter.record, 0, sizeof *self->reporter.record);
  if (!gten_cuda_check (cudaMallocAsync ((void **) &self->reporter.taken, sizeof *self->reporter.taken, NULL))
      || !gten_cuda_check (cudaMemsetAsync (self->reporter.taken, 0, sizeof *self->reporter.taken, NULL))
      || !gten_cuda_check (cudaStreamSynchronize (NULL)))
    return false;
  self->is_ready = true;
  return true;
}

/* Whether anybody in the program uses the device. */
static bool
has_context (int device)
{
  static void *const entry = [] {
    cudaDriverEntryPointQueryResult result;
    void *function = NULL;

    if (cudaGetDriverEntryPointByVersion ("cuDevicePrimaryCtxGetState", &function, 12000, cudaEnableDefault, &result) != cudaSuccess
        || result != cudaDriverEntryPointSuccess)
      cudaGetLastError ();
    return function;
  } ();
  unsigned flags;
  int is_active = 0;

  return devices[device].is_ready || entry == NULL
         || ((CUresult (*) (CUdevice, unsigned *, int *)) entry) (device, &flags, &is_active) != CUDA_SUCCESS || is_active;
}

static bool
switch_to (int device)
{
  int outer;

  if (!gten_cuda_check (cudaGetDevice (&outer)) || (outer != device && !gten_cuda_check (cudaSetDevice (device))))
    return false;
  current.outer_device = due.is_due && due.instead == outer ? due.device : outer;
  return true;
}

/* To make a device current makes its context, which takes hundreds of megabytes of its memory. */
static void
switch_back (int device)
{
  const int outer = current.outer_device;

  due = { outer != device && !has_context (outer), outer, device };
  if (outer != device && !due.is_due)
    gten_cuda_check (cudaSetDevice (outer));
}

bool
gten_cuda_is_used (int device)
{
  return device < GTEN_K_MAX_DEVICES && devices[device].is_ready;
}

GtenCudaQueue *
gten_cuda_visit (int device)
{
  Device *self = &devices[device];

  kept = GTEN_K_OK;
  if (device >= GTEN_K_MAX_DEVICES || !switch_to (device))
    return NULL;
  if (!self->is_ready && !make_ready (self, device))
    {
      switch_back (device);
      return NULL;
    }
  current.device = device;
  current.n_processors = self->n_processors;
  current.stream = streams[device];
  current.reporter = self->reporter;
  current.reporter.call = ++n_calls;
  current.reporter.op = begun;
  return &current;
}

void
gten_cuda_hear (GtenCudaQueue *queue)
{
  if (queue->reporter.record->status != GTEN_K_OK)
    gten_cuda_fail (GTEN_K_EARLIER_FAULT, NULL);
}

GtenCudaQueue *
gten_cuda_enter (int device)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return NULL;
  gten_cuda_hear (queue);
  if (kept == GTEN_K_OK)
    return queue;
  switch_back (device);
  return NULL;
}

GtenKStatus
gten_cuda_leave (GtenCudaQueue *queue, GtenKFault *fault)
{
  const GtenCudaRecord *record = queue->reporter.record;

  switch_back (queue->device);
  if (kept == GTEN_K_OK && record->status != GTEN_K_OK && record->call == queue->reporter.call)
    {
      GtenKFault unwanted;
      const char *op;

      kept = gten_cuda_take_fault (queue->device, fault != NULL ? fault : &unwanted, &op);
    }
  return gten_cuda_status ();
}

void
gten_cuda_begin (const char *op)
{
  begun = op;
}

GtenKStatus
gten_cuda_take_fault (int device, GtenKFault *fault, const char **op)
{
  Device *self = &devices[device];
  const std::lock_guard<std::mutex> guard (devices_lock);
  GtenCudaRecord *record = self->reporter.record;
  GtenKStatus status;

  if (!self->is_ready || record->status == GTEN_K_OK)
    return GTEN_K_OK;
  status = (GtenKStatus) record->status;
  *fault = { record->value, record->bound, record->position, record->dim, record->message };
  *op = record->op;
  /* What is still queued and fails as well belongs to this fault: the device hears of it afterwards. This is no part of
   * a graph that is being captured. */
  record->status = GTEN_K_OK;
  if (switch_to (device))
    {
      gten_cuda_check (cudaMemsetAsync (self->reporter.taken, 0, sizeof *self->reporter.taken,
                                        gten_cuda_captures (device) ? NULL : streams[device]));
      switch_back (device);
    }
  return status;
}

/* -- streams and events ----------------------------------------------------------------------------*/
/* What orders and waits does so whatever has failed before: memory is used again by what it says. A wait tells of
 * failures, once it is over. */

GtenKStatus
gten_cuda_synchronize (int device)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (gten_cuda_wait (queue))
    gten_cuda_hear (queue);
  return gten_cuda_leave (queue, NULL);
}

cudaStream_t
gten_cuda_stream (int device)
{
  return streams[device];
}

void
gten_cuda_set_stream (int device, void *stream)
{
  streams[device] = (cudaStream_t) stream;
}

void *
gten_cuda_stream_new (int device, bool high_priority)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);
  cudaStream_t stream = NULL;
  int least = 0, greatest = 0;

  if (queue == NULL)
    return NULL;
  if (gten_cuda_check (cudaDeviceGetStreamPriorityRange (&least, &greatest))
      && gten_cuda_check (cudaStreamCreateWithPriority (&stream, cudaStreamNonBlocking, high_priority ? greatest : least)))
    gten_cuda_know_stream (device, stream);
  return gten_cuda_leave (queue, NULL) == GTEN_K_OK ? stream : NULL;
}

/* Done, not yet, or an error. */
static bool
is_done (cudaError_t error)
{
  if (error != cudaErrorNotReady)
    return gten_cuda_check (error);
  cudaGetLastError ();
  return false;
}

GtenKStatus
gten_cuda_stream_query (int device, void *stream, bool *done)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return gten_cuda_status ();
  *done = is_done (cudaStreamQuery ((cudaStream_t) stream));
  return gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_stream_synchronize (int device, void *stream)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_check (cudaStreamSynchronize ((cudaStream_t) stream));
  gten_cuda_hear (queue);
  return gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_stream_wait (int device, void *stream, void *event)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_check (cudaStreamWaitEvent ((cudaStream_t) stream, (cudaEvent_t) event, 0));
  return gten_cuda_leave (queue, NULL);
}

void *
gten_cuda_event_new (int device, bool timing)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);
  cudaEvent_t event = NULL;

  if (queue == NULL)
    return NULL;
  gten_cuda_check (cudaEventCreateWithFlags (&event, timing ? cudaEventDefault : cudaEventDisableTiming));
  return gten_cuda_leave (queue, NULL) == GTEN_K_OK ? event : NULL;
}

void
gten_cuda_event_free (int device, void *event)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return;
  gten_cuda_check (cudaEventDestroy ((cudaEvent_t) event));
  gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_event_record (int device, void *event, void *stream)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_check (cudaEventRecord ((cudaEvent_t) event, (cudaStream_t) stream));
  return gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_event_query (int device, void *event, bool *done)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return gten_cuda_status ();
  *done = is_done (cudaEventQuery ((cudaEvent_t) event));
  return gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_event_synchronize (int device, void *event)
{
  GtenCudaQueue *queue = gten_cuda_visit (device);

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_check (cudaEventSynchronize ((cudaEvent_t) event));
  gten_cuda_hear (queue);
  return gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_event_elapsed (int device, void *start, void *end, double *milliseconds)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);
  float elapsed = 0;

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_check (cudaEventElapsedTime (&elapsed, (cudaEvent_t) start, (cudaEvent_t) end));
  *milliseconds = elapsed;
  return gten_cuda_leave (queue, NULL);
}
