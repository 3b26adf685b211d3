/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Errors, devices, memory in a stream's order, copies. */

#include "emulation-queue.h"

#include "cuda.h"

namespace
{

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
  { cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation", "dependency created on uncaptured work in another stream" },
  { cudaErrorCapturedEvent, "cudaErrorCapturedEvent", "operation not permitted on an event last recorded in a capturing stream" },
};

} // namespace

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

static CUresult
get_context_state (CUdevice device, unsigned *flags, int *is_active)
{
  if (device < 0 || device >= GTEN_EMULATION_DEVICES)
    return CUDA_ERROR_INVALID_DEVICE;
  *flags = 0;
  *is_active = device_of (device)->has_context;
  return CUDA_SUCCESS;
}

cudaError_t
cudaGetDriverEntryPointByVersion (const char *symbol, void **function, unsigned, unsigned long long,
                                  cudaDriverEntryPointQueryResult *result)
{
  const bool is_known = strcmp (symbol, "cuDevicePrimaryCtxGetState") == 0;

  *function = is_known ? (void *) get_context_state : nullptr;
  *result = is_known ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
  return cudaSuccess;
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
  if (break_captures (current_device))
    return gten_emulation_fail (cudaErrorStreamCaptureUnsupported);
  run_device (current_device);
  return device_of (current_device)->fault;
}

cudaError_t
cudaGetDeviceProperties (cudaDeviceProp *properties, int device)
{
  if (device < 0 || device >= GTEN_EMULATION_DEVICES)
    return gten_emulation_fail (cudaErrorInvalidDevice);
  memset (properties, 0, sizeof *properties);
  snprintf (properties->name, sizeof properties->name, "Emulated CUDA device");
  properties->totalGlobalMem = gten_emulation_total (device);
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
  stream->capture->graph->taken.insert (taken);
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
  if (self->capture != nullptr && self->capture->graph->taken.count (data) == 0)
    {
      self->capture->invalid = true;
      return gten_emulation_fail (cudaErrorInvalidValue);
    }
  else if (self->capture != nullptr)
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
