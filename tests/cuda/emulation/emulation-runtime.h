/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The runtime's calls. Work is queued in its stream and runs when something waits for it, no earlier:
 * who forgets to wait reads what was there before, each time. */
#pragma once

#include "emulation-language.h"

#include <functional>
#include <tuple>
#include <utility>

#define CUDART_VERSION 13000

enum cudaError_t
{
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInitializationError = 3,
  cudaErrorCudartUnloading = 4,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInvalidDevicePointer = 17,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorNotReady = 600,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchOutOfResources = 701,
  cudaErrorPeerAccessAlreadyEnabled = 704,
  cudaErrorAssert = 710,
  cudaErrorHostMemoryAlreadyRegistered = 712,
  cudaErrorLaunchFailure = 719,
  cudaErrorNotSupported = 801,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureInvalidated = 901,
  cudaErrorStreamCaptureIsolation = 905,
  cudaErrorCapturedEvent = 907,
  cudaErrorUnknown = 999,
};

typedef struct CUstream_st *cudaStream_t;
typedef struct CUevent_st *cudaEvent_t;
typedef struct CUgraph_st *cudaGraph_t;
typedef struct CUgraphExec_st *cudaGraphExec_t;
typedef struct CUgraphNode_st *cudaGraphNode_t;
typedef struct CUmemPoolHandle_st *cudaMemPool_t;
typedef void (*cudaHostFn_t) (void *data);

#define cudaStreamLegacy    ((cudaStream_t) 1)
#define cudaStreamPerThread ((cudaStream_t) 2)

enum { cudaStreamDefault = 0, cudaStreamNonBlocking = 1 };
enum { cudaEventDefault = 0, cudaEventBlockingSync = 1, cudaEventDisableTiming = 2 };
enum { cudaEventWaitDefault = 0, cudaEventRecordDefault = 0 };
enum { cudaHostAllocDefault = 0, cudaHostAllocPortable = 1, cudaHostAllocMapped = 2, cudaHostAllocWriteCombined = 4 };
enum { cudaHostRegisterDefault = 0, cudaHostRegisterPortable = 1 };
enum { cudaDeviceScheduleAuto = 0, cudaDeviceScheduleSpin = 1, cudaDeviceScheduleYield = 2, cudaDeviceScheduleBlockingSync = 4 };

enum cudaMemcpyKind
{
  cudaMemcpyHostToHost,
  cudaMemcpyHostToDevice,
  cudaMemcpyDeviceToHost,
  cudaMemcpyDeviceToDevice,
  cudaMemcpyDefault,
};

enum cudaMemoryType
{
  cudaMemoryTypeUnregistered,
  cudaMemoryTypeHost,
  cudaMemoryTypeDevice,
  cudaMemoryTypeManaged,
};

struct cudaPointerAttributes
{
  cudaMemoryType type;
  int            device;
  void          *devicePointer, *hostPointer;
};

enum cudaStreamCaptureMode
{
  cudaStreamCaptureModeGlobal,
  cudaStreamCaptureModeThreadLocal,
  cudaStreamCaptureModeRelaxed,
};

enum cudaStreamCaptureStatus
{
  cudaStreamCaptureStatusNone,
  cudaStreamCaptureStatusActive,
  cudaStreamCaptureStatusInvalidated,
};

enum { cudaGraphInstantiateFlagAutoFreeOnLaunch = 1 };

enum cudaMemPoolAttr
{
  cudaMemPoolReuseFollowEventDependencies = 1,
  cudaMemPoolReuseAllowOpportunistic,
  cudaMemPoolReuseAllowInternalDependencies,
  cudaMemPoolAttrReleaseThreshold,
  cudaMemPoolAttrReservedMemCurrent,
  cudaMemPoolAttrReservedMemHigh,
  cudaMemPoolAttrUsedMemCurrent,
  cudaMemPoolAttrUsedMemHigh,
};

enum cudaDeviceAttr
{
  cudaDevAttrMaxThreadsPerBlock = 1,
  cudaDevAttrMaxSharedMemoryPerBlock = 8,
  cudaDevAttrWarpSize = 10,
  cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrL2CacheSize = 38,
  cudaDevAttrMaxThreadsPerMultiProcessor = 39,
  cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76,
  cudaDevAttrMaxSharedMemoryPerMultiprocessor = 81,
  cudaDevAttrMaxSharedMemoryPerBlockOptin = 97,
  cudaDevAttrMemoryPoolsSupported = 115,
};

enum { cudaEnableDefault = 0 };
enum cudaDriverEntryPointQueryResult { cudaDriverEntryPointSuccess = 0, cudaDriverEntryPointSymbolNotFound = 1 };

struct cudaDeviceProp
{
  char   name[256];
  char   uuid[16];
  size_t totalGlobalMem, sharedMemPerBlock, sharedMemPerBlockOptin, sharedMemPerMultiprocessor;
  int    regsPerBlock, warpSize, maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3];
  int    major, minor, multiProcessorCount, maxThreadsPerMultiProcessor, maxBlocksPerMultiProcessor;
  int    l2CacheSize, memoryBusWidth, integrated, unifiedAddressing, concurrentKernels, memoryPoolsSupported;
  int    pciBusID, pciDeviceID, pciDomainID, asyncEngineCount, ECCEnabled;
};

const char *cudaGetErrorName (cudaError_t error);
const char *cudaGetErrorString (cudaError_t error);
cudaError_t cudaGetLastError (void);
cudaError_t cudaPeekAtLastError (void);

cudaError_t cudaDriverGetVersion (int *version);
cudaError_t cudaRuntimeGetVersion (int *version);
cudaError_t cudaGetDeviceCount (int *count);
cudaError_t cudaGetDevice (int *device);
cudaError_t cudaSetDevice (int device);
cudaError_t cudaGetDriverEntryPointByVersion (const char *symbol, void **function, unsigned version, unsigned long long flags,
                                              cudaDriverEntryPointQueryResult *result);
cudaError_t cudaInitDevice (int device, unsigned flags, unsigned flags_given);
cudaError_t cudaDeviceSynchronize (void);
cudaError_t cudaGetDeviceProperties (cudaDeviceProp *properties, int device);
cudaError_t cudaDeviceGetAttribute (int *value, cudaDeviceAttr attribute, int device);
cudaError_t cudaDeviceGetStreamPriorityRange (int *least, int *greatest);
cudaError_t cudaDeviceCanAccessPeer (int *can, int device, int peer);
cudaError_t cudaDeviceEnablePeerAccess (int peer, unsigned flags);

cudaError_t cudaMalloc (void **data, size_t n_bytes);
cudaError_t cudaFree (void *data);
cudaError_t cudaMallocAsync (void **data, size_t n_bytes, cudaStream_t stream);
cudaError_t cudaMallocFromPoolAsync (void **data, size_t n_bytes, cudaMemPool_t pool, cudaStream_t stream);
cudaError_t cudaFreeAsync (void *data, cudaStream_t stream);
cudaError_t cudaMemGetInfo (size_t *free, size_t *total);
cudaError_t cudaDeviceGetDefaultMemPool (cudaMemPool_t *pool, int device);
cudaError_t cudaDeviceGetMemPool (cudaMemPool_t *pool, int device);
cudaError_t cudaMemPoolSetAttribute (cudaMemPool_t pool, cudaMemPoolAttr attribute, void *value);
cudaError_t cudaMemPoolGetAttribute (cudaMemPool_t pool, cudaMemPoolAttr attribute, void *value);
cudaError_t cudaMemPoolTrimTo (cudaMemPool_t pool, size_t n_bytes);

template <typename T>
static inline cudaError_t
cudaMalloc (T **data, size_t n_bytes)
{
  return cudaMalloc ((void **) data, n_bytes);
}

template <typename T>
static inline cudaError_t
cudaMallocAsync (T **data, size_t n_bytes, cudaStream_t stream)
{
  return cudaMallocAsync ((void **) data, n_bytes, stream);
}

cudaError_t cudaMallocHost (void **data, size_t n_bytes);
cudaError_t cudaHostAlloc (void **data, size_t n_bytes, unsigned flags);
cudaError_t cudaFreeHost (void *data);
cudaError_t cudaHostRegister (void *data, size_t n_bytes, unsigned flags);
cudaError_t cudaHostUnregister (void *data);
cudaError_t cudaPointerGetAttributes (cudaPointerAttributes *attributes, const void *data);

cudaError_t cudaMemcpy (void *to, const void *from, size_t n_bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync (void *to, const void *from, size_t n_bytes, cudaMemcpyKind kind,
                             cudaStream_t stream = nullptr);
cudaError_t cudaMemcpyPeerAsync (void *to, int to_device, const void *from, int from_device, size_t n_bytes,
                                 cudaStream_t stream = nullptr);
cudaError_t cudaMemcpy2DAsync (void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
                               size_t height, cudaMemcpyKind kind, cudaStream_t stream = nullptr);
cudaError_t cudaMemset (void *to, int value, size_t n_bytes);
cudaError_t cudaMemsetAsync (void *to, int value, size_t n_bytes, cudaStream_t stream = nullptr);

cudaError_t cudaStreamCreate (cudaStream_t *stream);
cudaError_t cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags);
cudaError_t cudaStreamCreateWithPriority (cudaStream_t *stream, unsigned flags, int priority);
cudaError_t cudaStreamDestroy (cudaStream_t stream);
cudaError_t cudaStreamSynchronize (cudaStream_t stream);
cudaError_t cudaStreamQuery (cudaStream_t stream);
cudaError_t cudaStreamWaitEvent (cudaStream_t stream, cudaEvent_t event, unsigned flags = 0);
cudaError_t cudaStreamGetPriority (cudaStream_t stream, int *priority);
cudaError_t cudaStreamGetFlags (cudaStream_t stream, unsigned *flags);
cudaError_t cudaStreamGetDevice (cudaStream_t stream, int *device);
cudaError_t cudaLaunchHostFunc (cudaStream_t stream, cudaHostFn_t function, void *data);
cudaError_t cudaEventCreate (cudaEvent_t *event);
cudaError_t cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags);
cudaError_t cudaEventDestroy (cudaEvent_t event);
cudaError_t cudaEventRecord (cudaEvent_t event, cudaStream_t stream = nullptr);
cudaError_t cudaEventQuery (cudaEvent_t event);
cudaError_t cudaEventSynchronize (cudaEvent_t event);
cudaError_t cudaEventElapsedTime (float *milliseconds, cudaEvent_t from, cudaEvent_t to);

cudaError_t cudaStreamBeginCapture (cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture (cudaStream_t stream, cudaGraph_t *graph);
cudaError_t cudaStreamIsCapturing (cudaStream_t stream, cudaStreamCaptureStatus *status);
cudaError_t cudaThreadExchangeStreamCaptureMode (cudaStreamCaptureMode *mode);
cudaError_t cudaGraphGetNodes (cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *n_nodes);
cudaError_t cudaGraphInstantiate (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags = 0);
cudaError_t cudaGraphInstantiateWithFlags (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphUpload (cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphLaunch (cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphExecDestroy (cudaGraphExec_t exec);
cudaError_t cudaGraphDestroy (cudaGraph_t graph);

/* -- launches ---------------------------------------------------------------------------------------------------------*/

struct cudaLaunchAttribute
{
  int id;
};

struct cudaLaunchConfig_t
{
  dim3                 gridDim, blockDim;
  size_t               dynamicSmemBytes;
  cudaStream_t         stream;
  cudaLaunchAttribute *attrs;
  unsigned             numAttrs;
};

cudaError_t gten_emulation_launch (const cudaLaunchConfig_t *config, const void *kernel,
                                   std::function<void ()> thread);

/* Whether a kernel may follow the pointer; says so and ends the program if not. */
void gten_emulation_check_argument (const void *kernel, const void *pointer);

template <typename T>
static inline void
gten_emulation_check (const void *kernel, const T &argument)
{
  if constexpr (std::is_pointer_v<T>)
    gten_emulation_check_argument (kernel, (const void *) argument);
}

template <typename... Expected, typename... Given>
static inline cudaError_t
cudaLaunchKernelEx (const cudaLaunchConfig_t *config, void (*kernel) (Expected...), Given &&...given)
{
  std::tuple<Expected...> arguments (std::forward<Given> (given)...);

  std::apply ([kernel] (const auto &...each) { (gten_emulation_check ((const void *) kernel, each), ...); },
              arguments);
  return gten_emulation_launch (config, (const void *) kernel,
                                [kernel, arguments] { std::apply (kernel, arguments); });
}
