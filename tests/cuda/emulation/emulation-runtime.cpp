/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices, streams, events and graphs. A stream is a list of what is still to be done, and is worked off by
 * whoever waits for it; with CUDA_LAUNCH_BLOCKING=1 at once. */

#include "emulation-private.h"

#include <deque>
#include <set>
#include <vector>

#include <time.h>

#define MOST_QUEUED 4096

namespace
{

struct Work
{
  int                    device;
  std::function<void ()> run;
};

struct Capture
{
  CUgraph_st           *graph;
  CUstream_st          *origin;
  std::set<CUstream_st *> streams;
  bool                  invalid;
};

} // namespace

struct CUgraph_st
{
  std::vector<Work>   works;
  std::vector<void *> freed;      /* by the work: it may go once the graph goes */
};

struct CUgraphExec_st
{
  std::vector<Work> works;
};

struct CUstream_st
{
  int              device;
  unsigned         flags;
  int              priority;
  std::deque<Work> queue;
  uint64_t         n_queued, n_done;
  Capture         *capture;
};

struct CUevent_st
{
  unsigned     flags;
  CUstream_st *stream;            /* NULL: not recorded */
  uint64_t     place;             /* all that was queued up to it */
  Capture     *capture;
  double       time;
};

namespace
{

struct Device
{
  CUstream_st legacy;
  cudaError_t fault;
  bool        peers;
  bool        started;
};

std::recursive_mutex     mutex;
Device                   devices[GTEN_EMULATION_DEVICES];
std::set<CUstream_st *>  streams;
int                      n_launches;
thread_local int         current_device;
thread_local cudaError_t last_error;
int                      opened;  /* how many runs are inside one another */

Device *
device_of (int index)
{
  Device *self = &devices[index];

  if (!self->started)
    {
      self->started = true;
      self->legacy.device = index;
      streams.insert (&self->legacy);
    }
  return self;
}

/* Each thread's own, for ever. */
CUstream_st *
per_thread_stream (int device)
{
  static thread_local CUstream_st *own[GTEN_EMULATION_DEVICES];

  if (own[device] == nullptr)
    {
      own[device] = new CUstream_st ();
      own[device]->device = device;
      streams.insert (own[device]);
    }
  return own[device];
}

CUstream_st *
stream_of (cudaStream_t stream)
{
  if (stream == nullptr || stream == cudaStreamLegacy)
    return &device_of (current_device)->legacy;
  if (stream == cudaStreamPerThread)
    return per_thread_stream (current_device);
  return stream;
}

bool
is_alive (CUstream_st *stream)
{
  return streams.count (stream) > 0;
}

double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec * 1e-6;
}

/* Work after a device's failure is dropped. */
void
run_until (CUstream_st *stream, uint64_t place)
{
  opened++;
  while (stream->n_done < place && !stream->queue.empty ())
    {
      Work work = std::move (stream->queue.front ());

      stream->queue.pop_front ();
      if (device_of (work.device)->fault == cudaSuccess)
        {
          gten_emulation_open (work.device);
          if (device_of (work.device)->peers)
            for (int other = 0; other < GTEN_EMULATION_DEVICES; other++)
              gten_emulation_open (other);
          work.run ();
        }
      stream->n_done++;
    }
  if (--opened == 0)
    gten_emulation_close ();
}

void
run_stream (CUstream_st *stream)
{
  run_until (stream, stream->n_queued);
}

void
run_device (int device)
{
  for (CUstream_st *stream : std::vector<CUstream_st *> (streams.begin (), streams.end ()))
    if (stream->device == device && stream->capture == nullptr)
      run_stream (stream);
  gten_emulation_release (device);
}

bool
is_blocking (void)
{
  static const char *text = getenv ("CUDA_LAUNCH_BLOCKING");

  return text != nullptr && strcmp (text, "1") == 0;
}

void
queue_work (CUstream_st *stream, std::function<void ()> run)
{
  if (stream->capture != nullptr)
    {
      stream->capture->graph->works.push_back ({ stream->device, std::move (run) });
      return;
    }
  /* The legacy stream and those that did not decline wait for each other. */
  if (stream == &device_of (stream->device)->legacy)
    {
      for (CUstream_st *other : std::vector<CUstream_st *> (streams.begin (), streams.end ()))
        if (other != stream && other->device == stream->device && !(other->flags & cudaStreamNonBlocking)
            && other->capture == nullptr)
          run_stream (other);
    }
  else if (!(stream->flags & cudaStreamNonBlocking))
    run_stream (&device_of (stream->device)->legacy);
  stream->queue.push_back ({ stream->device, std::move (run) });
  stream->n_queued++;
  if (is_blocking () || stream->queue.size () > MOST_QUEUED)
    run_stream (stream);
}

/* To wait for a stream that is being captured spoils the capture. */
cudaError_t
wait_for (CUstream_st *stream)
{
  if (stream->capture != nullptr)
    {
      stream->capture->invalid = true;
      return gten_emulation_fail (cudaErrorStreamCaptureUnsupported);
    }
  run_stream (stream);
  gten_emulation_release (stream->device);
  return device_of (stream->device)->fault;
}

bool
is_capturing (int device)
{
  for (CUstream_st *stream : streams)
    if (stream->device == device && stream->capture != nullptr)
      return true;
  return false;
}

const struct
{
  cudaError_t error;
  const char *name, *text;
} errors[] = {
  { cudaSuccess, "cudaSuccess", "no error" },
  { cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument" },
  { cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory" },
  { cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument" },
  { cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal" },
  { cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected" },
  { cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle" },
  { cudaErrorNotReady, "cudaErrorNotReady", "device not ready" },
  { cudaErrorPeerAccessAlreadyEnabled, "cudaErrorPeerAccessAlreadyEnabled", "peer access is already enabled" },
  { cudaErrorHostMemoryAlreadyRegistered, "cudaErrorHostMemoryAlreadyRegistered",
    "part or all of the requested memory range is already mapped" },
  { cudaErrorAssert, "cudaErrorAssert", "device-side assert triggered" },
  { cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure" },
  { cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
    "operation not permitted when stream is capturing" },
  { cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
    "operation failed due to a previous error during capture" },
};

} // namespace

GtenEmulationCall::GtenEmulationCall () : lock (mutex), fault (device_of (current_device)->fault) {}

cudaError_t
gten_emulation_fail (cudaError_t error)
{
  return last_error = error;
}

void
gten_emulation_run_all (void)
{
  for (int device = 0; device < GTEN_EMULATION_DEVICES; device++)
    run_device (device);
}

cudaError_t
gten_emulation_enqueue (cudaStream_t stream, std::function<void ()> run)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  queue_work (stream_of (stream), std::move (run));
  return cudaSuccess;
}

/* GTENSOR_EMULATED_FAULT=n: the n-th launch fails on the device. */
cudaError_t
gten_emulation_launch (const cudaLaunchConfig_t *config, const void *kernel, std::function<void ()> thread)
{
  static const char *fault = getenv ("GTENSOR_EMULATED_FAULT");
  const dim3         grid = config->gridDim, block = config->blockDim;
  const uint64_t     n_threads = (uint64_t) block.x * block.y * block.z;
  GtenEmulationCall  call;
  CUstream_st       *stream;
  bool               fails;

  if (call.failed ())
    return call.error ();
  stream = stream_of (config->stream);
  if (n_threads == 0 || n_threads > 1024 || block.z > 64 || grid.x == 0 || grid.y == 0 || grid.z == 0
      || grid.x > INT32_MAX || grid.y > 65535 || grid.z > 65535)
    return gten_emulation_fail (cudaErrorInvalidConfiguration);
  if (!is_alive (stream) || stream->device != current_device)
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  fails = ++n_launches == (fault != nullptr ? atoi (fault) : 0);
  queue_work (stream, [=] {
    Device *device = device_of (stream->device);

    if (fails)
      device->fault = cudaErrorLaunchFailure;
    else if (!gten_emulation_run_grid (grid, block, thread))
      device->fault = cudaErrorAssert;
  });
  return cudaSuccess;
}

/* -- errors -----------------------------------------------------------------------------------------------------------*/

const char *
cudaGetErrorName (cudaError_t error)
{
  for (const auto &row : errors)
    if (row.error == error)
      return row.name;
  return "unrecognized error code";
}

const char *
cudaGetErrorString (cudaError_t error)
{
  for (const auto &row : errors)
    if (row.error == error)
      return row.text;
  return "unrecognized error code";
}

cudaError_t
cudaPeekAtLastError (void)
{
  GtenEmulationCall call;

  return call.failed () ? call.error () : last_error;
}

cudaError_t
cudaGetLastError (void)
{
  cudaError_t error = cudaPeekAtLastError ();

  last_error = cudaSuccess;
  return error;
}

/* -- devices ----------------------------------------------------------------------------------------------------------*/

cudaError_t
cudaDriverGetVersion (int *version)
{
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t
cudaRuntimeGetVersion (int *version)
{
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t
cudaGetDeviceCount (int *count)
{
  *count = GTEN_EMULATION_DEVICES;
  return cudaSuccess;
}

cudaError_t
cudaGetDevice (int *device)
{
  *device = current_device;
  return cudaSuccess;
}

cudaError_t
cudaSetDevice (int device)
{
  if (device < 0 || device >= GTEN_EMULATION_DEVICES)
    return gten_emulation_fail (cudaErrorInvalidDevice);
  current_device = device;
  return GtenEmulationCall ().error ();
}

cudaError_t
cudaInitDevice (int device, unsigned, unsigned)
{
  return device < 0 || device >= GTEN_EMULATION_DEVICES ? gten_emulation_fail (cudaErrorInvalidDevice) : cudaSuccess;
}

cudaError_t
cudaDeviceSynchronize (void)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  if (is_capturing (current_device))
    return gten_emulation_fail (cudaErrorStreamCaptureUnsupported);
  run_device (current_device);
  return device_of (current_device)->fault;
}

cudaError_t
cudaGetDeviceProperties (cudaDeviceProp *properties, int device)
{
  GtenEmulationCall call;
  size_t            free;
  const int         before = current_device;

  if (device < 0 || device >= GTEN_EMULATION_DEVICES)
    return gten_emulation_fail (cudaErrorInvalidDevice);
  memset (properties, 0, sizeof *properties);
  snprintf (properties->name, sizeof properties->name, "Emulated CUDA device");
  current_device = device;
  cudaMemGetInfo (&free, &properties->totalGlobalMem);
  current_device = before;
  properties->sharedMemPerBlock = 48 * 1024;
  properties->sharedMemPerBlockOptin = 227 * 1024;
  properties->sharedMemPerMultiprocessor = 228 * 1024;
  properties->regsPerBlock = 65536;
  properties->warpSize = 32;
  properties->maxThreadsPerBlock = 1024;
  properties->maxThreadsDim[0] = properties->maxThreadsDim[1] = 1024;
  properties->maxThreadsDim[2] = 64;
  properties->maxGridSize[0] = INT32_MAX;
  properties->maxGridSize[1] = properties->maxGridSize[2] = 65535;
  properties->major = 9;
  properties->multiProcessorCount = 2;
  properties->maxThreadsPerMultiProcessor = 2048;
  properties->maxBlocksPerMultiProcessor = 32;
  properties->l2CacheSize = 1 << 20;
  properties->unifiedAddressing = properties->memoryPoolsSupported = 1;
  properties->pciBusID = device;
  return cudaSuccess;
}

cudaError_t
cudaDeviceGetAttribute (int *value, cudaDeviceAttr attribute, int device)
{
  cudaDeviceProp    properties;
  const cudaError_t error = cudaGetDeviceProperties (&properties, device);

  if (error != cudaSuccess)
    return error;
  switch (attribute)
    {
    case cudaDevAttrMaxThreadsPerBlock: *value = properties.maxThreadsPerBlock; break;
    case cudaDevAttrMaxSharedMemoryPerBlock: *value = (int) properties.sharedMemPerBlock; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = (int) properties.sharedMemPerBlockOptin; break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor: *value = (int) properties.sharedMemPerMultiprocessor; break;
    case cudaDevAttrWarpSize: *value = properties.warpSize; break;
    case cudaDevAttrMultiProcessorCount: *value = properties.multiProcessorCount; break;
    case cudaDevAttrL2CacheSize: *value = properties.l2CacheSize; break;
    case cudaDevAttrMaxThreadsPerMultiProcessor: *value = properties.maxThreadsPerMultiProcessor; break;
    case cudaDevAttrComputeCapabilityMajor: *value = properties.major; break;
    case cudaDevAttrComputeCapabilityMinor: *value = properties.minor; break;
    case cudaDevAttrMemoryPoolsSupported: *value = properties.memoryPoolsSupported; break;
    default: return gten_emulation_fail (cudaErrorInvalidValue);
    }
  return cudaSuccess;
}

cudaError_t
cudaDeviceGetStreamPriorityRange (int *least, int *greatest)
{
  *least = 0;
  *greatest = -5;
  return cudaSuccess;
}

cudaError_t
cudaDeviceCanAccessPeer (int *can, int device, int peer)
{
  *can = device != peer;
  return cudaSuccess;
}

cudaError_t
cudaDeviceEnablePeerAccess (int, unsigned)
{
  GtenEmulationCall call;
  Device           *device = device_of (current_device);

  if (device->peers)
    return gten_emulation_fail (cudaErrorPeerAccessAlreadyEnabled);
  device->peers = true;
  return cudaSuccess;
}

/* -- memory in a stream's order ---------------------------------------------------------------------------------------*/

static cudaError_t
allocate (void **data, size_t n_bytes, CUstream_st *stream, bool pooled)
{
  char *taken = gten_emulation_take (stream->device, n_bytes, pooled);

  if (taken == nullptr && !is_capturing (stream->device))
    {
      run_device (stream->device);
      taken = gten_emulation_take (stream->device, n_bytes, pooled);
    }
  if (taken == nullptr)
    return gten_emulation_fail (cudaErrorMemoryAllocation);
  *data = taken;
  if (stream->capture == nullptr)
    {
      queue_work (stream, [=] { gten_emulation_prepare (taken, n_bytes); });
      return cudaSuccess;
    }
  gten_emulation_open (stream->device);
  gten_emulation_prepare (taken, n_bytes);
  gten_emulation_close ();
  return cudaSuccess;
}

cudaError_t
cudaMallocAsync (void **data, size_t n_bytes, cudaStream_t stream)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  if (!is_alive (stream_of (stream)))
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  return allocate (data, n_bytes, stream_of (stream), true);
}

cudaError_t
cudaMallocFromPoolAsync (void **data, size_t n_bytes, cudaMemPool_t, cudaStream_t stream)
{
  return cudaMallocAsync (data, n_bytes, stream);
}

cudaError_t
cudaFreeAsync (void *data, cudaStream_t stream)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);

  if (call.failed ())
    return call.error ();
  if (data == nullptr)
    return cudaSuccess;
  if (!gten_emulation_is_allocation (data) || !is_alive (self))
    return gten_emulation_fail (cudaErrorInvalidValue);
  if (self->capture != nullptr)
    self->capture->graph->freed.push_back (data);
  else
    queue_work (self, [data] { gten_emulation_give (data); });
  return cudaSuccess;
}

cudaError_t
cudaMalloc (void **data, size_t n_bytes)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  return allocate (data, n_bytes, stream_of (nullptr), false);
}

cudaError_t
cudaFree (void *data)
{
  GtenEmulationCall call;
  const int         device = gten_emulation_device_of (data, 0);

  if (call.failed () || data == nullptr)
    return call.error ();
  if (!gten_emulation_is_allocation (data))
    return gten_emulation_fail (cudaErrorInvalidValue);
  run_device (device);
  gten_emulation_open (device);
  gten_emulation_give (data);
  gten_emulation_close ();
  return cudaSuccess;
}

/* -- copies -----------------------------------------------------------------------------------------------------------*/

static bool
is_range (const void *data, size_t n_bytes)
{
  return !gten_emulation_is_of_device (data) || gten_emulation_device_of (data, n_bytes) >= 0;
}

static void
copy_now (void *to, const void *from, size_t n_bytes)
{
  for (const void *side : { (const void *) to, from })
    if (gten_emulation_is_of_device (side))
      gten_emulation_open (gten_emulation_device_of (side, 0));
  memmove (to, from, n_bytes);
}

/* Pageable memory of the host is read before the call returns, and written before it returns. */
cudaError_t
cudaMemcpyAsync (void *to, const void *from, size_t n_bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);
  const bool        to_device = gten_emulation_is_of_device (to), from_device = gten_emulation_is_of_device (from);

  if (call.failed ())
    return call.error ();
  if (!is_alive (self))
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  if (n_bytes == 0)
    return cudaSuccess;
  if (!is_range (to, n_bytes) || !is_range (from, n_bytes)
      || (kind != cudaMemcpyDefault
          && (to_device != (kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice)
              || from_device != (kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice))))
    return gten_emulation_fail (cudaErrorInvalidValue);
  if (!from_device && !gten_emulation_is_pinned (from) && self->capture == nullptr)
    {
      std::vector<char> staged ((const char *) from, (const char *) from + n_bytes);

      queue_work (self, [=] { copy_now (to, staged.data (), n_bytes); });
    }
  else
    queue_work (self, [=] { copy_now (to, from, n_bytes); });
  if (!to_device && !gten_emulation_is_pinned (to) && self->capture == nullptr)
    return wait_for (self);
  return cudaSuccess;
}

cudaError_t
cudaMemcpyPeerAsync (void *to, int to_device, const void *from, int from_device, size_t n_bytes, cudaStream_t stream)
{
  if (n_bytes > 0
      && (gten_emulation_device_of (to, n_bytes) != to_device
          || gten_emulation_device_of (from, n_bytes) != from_device))
    return gten_emulation_fail (cudaErrorInvalidValue);
  return cudaMemcpyAsync (to, from, n_bytes, cudaMemcpyDeviceToDevice, stream);
}

cudaError_t
cudaMemcpy2DAsync (void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                   cudaMemcpyKind kind, cudaStream_t stream)
{
  for (size_t row = 0; row < height; row++)
    {
      cudaError_t error = cudaMemcpyAsync ((char *) to + row * to_pitch, (const char *) from + row * from_pitch, width,
                                           kind, stream);

      if (error != cudaSuccess)
        return error;
    }
  return cudaSuccess;
}

cudaError_t
cudaMemcpy (void *to, const void *from, size_t n_bytes, cudaMemcpyKind kind)
{
  GtenEmulationCall call;
  cudaError_t       error = cudaMemcpyAsync (to, from, n_bytes, kind, cudaStreamLegacy);

  return error != cudaSuccess ? error : wait_for (stream_of (nullptr));
}

cudaError_t
cudaMemsetAsync (void *to, int value, size_t n_bytes, cudaStream_t stream)
{
  if (n_bytes > 0 && gten_emulation_device_of (to, n_bytes) < 0)
    return gten_emulation_fail (cudaErrorInvalidValue);
  return gten_emulation_enqueue (stream, [=] { memset (to, value, n_bytes); });
}

cudaError_t
cudaMemset (void *to, int value, size_t n_bytes)
{
  return cudaMemsetAsync (to, value, n_bytes, cudaStreamLegacy);
}

/* -- streams ----------------------------------------------------------------------------------------------------------*/

cudaError_t
cudaStreamCreateWithPriority (cudaStream_t *stream, unsigned flags, int priority)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  *stream = new CUstream_st ();
  (*stream)->device = current_device;
  (*stream)->flags = flags;
  (*stream)->priority = std::max (-5, std::min (0, priority));
  streams.insert (*stream);
  return cudaSuccess;
}

cudaError_t
cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags)
{
  return cudaStreamCreateWithPriority (stream, flags, 0);
}

cudaError_t
cudaStreamCreate (cudaStream_t *stream)
{
  return cudaStreamCreateWithPriority (stream, cudaStreamDefault, 0);
}

cudaError_t
cudaStreamDestroy (cudaStream_t stream)
{
  GtenEmulationCall call;

  if (!is_alive (stream))
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  run_stream (stream);
  streams.erase (stream);
  delete stream;
  return cudaSuccess;
}

cudaError_t
cudaStreamSynchronize (cudaStream_t stream)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  if (!is_alive (stream_of (stream)))
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  return wait_for (stream_of (stream));
}

/* Not ready when there is something to do, which is done then. */
cudaError_t
cudaStreamQuery (cudaStream_t stream)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);
  bool              ready;
  cudaError_t       error;

  if (call.failed ())
    return call.error ();
  ready = self->queue.empty ();
  error = wait_for (self);
  return error != cudaSuccess ? error : ready ? cudaSuccess : gten_emulation_fail (cudaErrorNotReady);
}

cudaError_t
cudaStreamWaitEvent (cudaStream_t stream, cudaEvent_t event, unsigned)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream), *other = event->stream;
  const uint64_t    place = event->place;

  if (call.failed ())
    return call.error ();
  if (event->capture != nullptr)
    {
      self->capture = event->capture;
      self->capture->streams.insert (self);
    }
  else if (other != nullptr && other != self && is_alive (other))
    queue_work (self, [=] {
      if (is_alive (other))
        run_until (other, place);
    });
  return cudaSuccess;
}

cudaError_t
cudaStreamGetPriority (cudaStream_t stream, int *priority)
{
  *priority = stream_of (stream)->priority;
  return cudaSuccess;
}

cudaError_t
cudaStreamGetFlags (cudaStream_t stream, unsigned *flags)
{
  *flags = stream_of (stream)->flags;
  return cudaSuccess;
}

cudaError_t
cudaStreamGetDevice (cudaStream_t stream, int *device)
{
  *device = stream_of (stream)->device;
  return cudaSuccess;
}

cudaError_t
cudaLaunchHostFunc (cudaStream_t stream, cudaHostFn_t function, void *data)
{
  return gten_emulation_enqueue (stream, [=] { function (data); });
}

/* -- events -----------------------------------------------------------------------------------------------------------*/

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  *event = new CUevent_st ();
  (*event)->flags = flags;
  return cudaSuccess;
}

cudaError_t
cudaEventCreate (cudaEvent_t *event)
{
  return cudaEventCreateWithFlags (event, cudaEventDefault);
}

cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  GtenEmulationCall call;

  /* What would note the time in it may still be queued. */
  if (event->stream != nullptr && is_alive (event->stream) && event->capture == nullptr)
    run_until (event->stream, event->place);
  delete event;
  return cudaSuccess;
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t stream)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);

  if (call.failed ())
    return call.error ();
  event->stream = self;
  event->capture = self->capture;
  event->time = 0;
  if (self->capture == nullptr)
    {
      event->place = self->n_queued + 1;
      queue_work (self, [event] { event->time = now (); });
    }
  return cudaSuccess;
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  if (event->capture != nullptr)
    return gten_emulation_fail (cudaErrorStreamCaptureUnsupported);
  if (event->stream == nullptr || !is_alive (event->stream))
    return cudaSuccess;
  run_until (event->stream, event->place);
  return device_of (event->stream->device)->fault;
}

cudaError_t
cudaEventQuery (cudaEvent_t event)
{
  GtenEmulationCall call;
  const bool        ready = event->stream == nullptr || !is_alive (event->stream) || event->stream->n_done >= event->place;
  cudaError_t       error = cudaEventSynchronize (event);

  return error != cudaSuccess ? error : ready ? cudaSuccess : gten_emulation_fail (cudaErrorNotReady);
}

cudaError_t
cudaEventElapsedTime (float *milliseconds, cudaEvent_t from, cudaEvent_t to)
{
  GtenEmulationCall call;

  if (from->stream == nullptr || to->stream == nullptr
      || ((from->flags | to->flags) & cudaEventDisableTiming))
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  if (from->time == 0 || to->time == 0)
    return gten_emulation_fail (cudaErrorNotReady);
  *milliseconds = (float) (to->time - from->time);
  return cudaSuccess;
}

/* -- graphs -----------------------------------------------------------------------------------------------------------*/

cudaError_t
cudaStreamBeginCapture (cudaStream_t stream, cudaStreamCaptureMode)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);

  if (call.failed ())
    return call.error ();
  if (stream == nullptr || stream == cudaStreamLegacy || self->capture != nullptr)
    return gten_emulation_fail (cudaErrorStreamCaptureUnsupported);
  self->capture = new Capture ();
  self->capture->graph = new CUgraph_st ();
  self->capture->origin = self;
  self->capture->streams.insert (self);
  return cudaSuccess;
}

cudaError_t
cudaStreamEndCapture (cudaStream_t stream, cudaGraph_t *graph)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);
  Capture          *capture = self->capture;
  bool              invalid;

  *graph = nullptr;
  if (capture == nullptr || capture->origin != self)
    return gten_emulation_fail (cudaErrorInvalidValue);
  for (CUstream_st *member : capture->streams)
    member->capture = nullptr;
  invalid = capture->invalid;
  if (invalid)
    cudaGraphDestroy (capture->graph);
  else
    *graph = capture->graph;
  delete capture;
  return invalid ? gten_emulation_fail (cudaErrorStreamCaptureInvalidated) : cudaSuccess;
}

cudaError_t
cudaStreamIsCapturing (cudaStream_t stream, cudaStreamCaptureStatus *status)
{
  GtenEmulationCall call;
  const Capture    *capture = stream_of (stream)->capture;

  *status = capture == nullptr ? cudaStreamCaptureStatusNone
            : capture->invalid ? cudaStreamCaptureStatusInvalidated
                               : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t
cudaThreadExchangeStreamCaptureMode (cudaStreamCaptureMode *mode)
{
  static thread_local cudaStreamCaptureMode own;

  std::swap (own, *mode);
  return cudaSuccess;
}

cudaError_t
cudaGraphGetNodes (cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *n_nodes)
{
  *n_nodes = graph->works.size ();
  return cudaSuccess;
}

cudaError_t
cudaGraphInstantiateWithFlags (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  *exec = new CUgraphExec_st ();
  (*exec)->works = graph->works;
  return cudaSuccess;
}

cudaError_t
cudaGraphInstantiate (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
  return cudaGraphInstantiateWithFlags (exec, graph, flags);
}

cudaError_t
cudaGraphUpload (cudaGraphExec_t, cudaStream_t)
{
  return cudaSuccess;
}

cudaError_t
cudaGraphLaunch (cudaGraphExec_t exec, cudaStream_t stream)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  for (const Work &work : exec->works)
    queue_work (stream_of (stream), work.run);
  return cudaSuccess;
}

cudaError_t
cudaGraphExecDestroy (cudaGraphExec_t exec)
{
  delete exec;
  return cudaSuccess;
}

cudaError_t
cudaGraphDestroy (cudaGraph_t graph)
{
  GtenEmulationCall call;

  gten_emulation_run_all ();
  for (void *data : graph->freed)
    {
      gten_emulation_open (gten_emulation_device_of (data, 0));
      gten_emulation_give (data);
    }
  gten_emulation_close ();
  delete graph;
  return cudaSuccess;
}
