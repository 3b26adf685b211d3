/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the CUDA backend share.
 *
 * A row of the op table becomes a kernel by itself: the rows' files are made of the same expressions as the CPU's
 * loops. The sources are CUDA C++ without the <<<>>> syntax, so that a plain C++ compiler takes them too:
 * the tests build them against an emulation of the runtime. They use no more of it than this.
 *
 *   host     devices   cudaGetDeviceCount, cudaGetDevice, cudaSetDevice, cudaGetDeviceProperties, cudaDeviceGetAttribute,
 *                      cudaDeviceGetStreamPriorityRange, cudaDeviceSynchronize,
 *                      cudaGetDriverEntryPointByVersion (cuDevicePrimaryCtxGetState)
 *            errors    cudaGetLastError, cudaGetErrorName, cudaGetErrorString
 *            launches  cudaLaunchKernelEx, the template with a cudaLaunchConfig_t
 *            streams   cudaStreamCreateWithFlags, cudaStreamCreateWithPriority, cudaStreamDestroy, cudaStreamQuery,
 *                      cudaStreamSynchronize, cudaStreamWaitEvent, cudaStreamBeginCapture, cudaStreamEndCapture,
 *                      cudaStreamIsCapturing
 *            events    cudaEventCreateWithFlags, cudaEventDestroy, cudaEventRecord, cudaEventQuery, cudaEventSynchronize,
 *                      cudaEventElapsedTime
 *            graphs    cudaGraphInstantiate, cudaGraphLaunch, cudaGraphDestroy, cudaGraphExecDestroy
 *            memory    cudaMallocAsync, cudaFreeAsync, cudaHostAlloc, cudaFreeHost, cudaMemGetInfo, cudaMemsetAsync,
 *                      cudaMemcpyAsync, cudaMemcpyPeerAsync, cudaDeviceGetDefaultMemPool, cudaMemPoolSetAttribute,
 *                      cudaMemPoolGetAttribute, cudaMemPoolTrimTo
 *   device   __global__, __device__, __host__, __forceinline__, __noinline__, __shared__ (static arrays only),
 *            __grid_constant__, __launch_bounds__, threadIdx, blockIdx, blockDim, gridDim, __syncthreads,
 *            __syncthreads_or, __shfl_down_sync, __shfl_up_sync, __shfl_xor_sync, __ballot_sync, __umulhi, __popc,
 *            __sincosf, __threadfence_system, atomicAdd (int, unsigned long long, float, double), atomicCAS
 *            (unsigned, unsigned long long)
 *   cuBLAS   cublasCreate, cublasSetStream, cublasGemmStridedBatchedEx, cublasGetStatusString
 *
 * Work is queued on the calling thread's current stream and not waited for. An entry of the table goes
 *
 *   GtenCudaQueue *queue = gten_cuda_enter (device);
 *   if (queue == NULL)
 *     return gten_cuda_status ();
 *   gten_cuda_launch (queue, n_blocks, n_threads, kernel, arguments...);
 *   return gten_cuda_leave (queue, fault);
 *
 * Failures of what lies between enter and leave are kept and returned by leave: the first one counts.
 *
 * A kernel that meets bad data (an index out of range, a division by zero) reports it with
 * gten_cuda_report (queue->reporter, ...) in the device's record and goes on with something harmless. The record lies in
 * host memory and is looked at, never waited for, whenever an entry is entered or left. What leave sees of its own
 * call (as with CUDA_LAUNCH_BLOCKING=1) it returns as GTEN_K_BAD_INDEX or GTEN_K_BAD_VALUE; what an earlier call left
 * behind is GTEN_K_EARLIER_FAULT, which enter and waits give. */
#pragma once

#include <cuda_runtime.h>
#include <math.h>
#include <string.h>

#include <type_traits>

#include "gten-kernels.h"

#define GTEN_CUDA_MAX_DIMS 12   /* of a layout: dimensions that cannot be joined; more take several launches */
#define GTEN_CUDA_THREADS  256
#define GTEN_CUDA_WARP     32

/* The most elements that an index of 31 bits counts: what has more is cut into parts. The emulation cuts earlier where it is
 * asked to, so that this is tested. */
#ifdef GTEN_CUDA_EMULATED
int64_t gten_emulation_most_elements (void);
#define GTEN_CUDA_MOST gten_emulation_most_elements ()
#else
#define GTEN_CUDA_MOST ((int64_t) INT32_MAX)
#endif

/* A loop that is not worth its unrolled size. */
#ifdef __CUDACC__
#define GTEN_ROLLED _Pragma ("unroll 1")
#else
#define GTEN_ROLLED
#endif

/* -- queues --------------------------------------------------------------------------------------*/

/* What went wrong on a device, in host memory that the device writes. */
typedef struct
{
  volatile unsigned  status;    /* a GtenKStatus, written last */
  int                dim;
  long long          value, bound, position;
  unsigned long long call;      /* which one it was */
  const char        *op;        /* what had been begun then, an address of the host, */
  const char        *message;   /* as this is */
} GtenCudaRecord;

/* What a kernel needs to report: passed by value. */
typedef struct
{
  unsigned          *taken;     /* in the device's memory: 1 once somebody has reported */
  GtenCudaRecord    *record;
  unsigned long long call;
  const char        *op;
  const char        *messages[GTEN_K_MAX_MESSAGES];   /* of an element-wise program */
} GtenCudaReporter;

/* Where a call's work goes. */
typedef struct
{
  int              device, n_processors;
  cudaStream_t     stream;
  GtenCudaReporter reporter;
  int              outer_device;  /* current before enter */
} GtenCudaQueue;

/* Makes `device` current and gives this thread's queue on it; NULL: see gten_cuda_status. Not
 * nested. */
GtenCudaQueue *gten_cuda_enter  (int device);
/* The same for what is done whatever has happened before. */
GtenCudaQueue *gten_cuda_visit  (int device);
/* The status of everything since enter. `fault` may be NULL. */
GtenKStatus    gten_cuda_leave  (GtenCudaQueue *queue, GtenKFault *fault);
/* This thread's current stream. */
cudaStream_t   gten_cuda_stream (int device);
/* Whether the device was entered or visited before: if not, it has no context yet. */
bool           gten_cuda_is_used (int device);
/* A stream that lives for ever. */
void           gten_cuda_know_stream (int device, cudaStream_t stream);
/* Waits for all of the device's streams, whatever is being captured; false if that failed. */
bool           gten_cuda_wait   (GtenCudaQueue *queue);
/* After a wait: what was reported meanwhile is kept as GTEN_K_EARLIER_FAULT. */
void           gten_cuda_hear   (GtenCudaQueue *queue);
/* Keeps an error of the runtime, if it is one; true if there was none. */
bool           gten_cuda_check  (cudaError_t error);
/* Keeps another status, with a text or NULL. */
GtenKStatus    gten_cuda_fail   (GtenKStatus status, const char *text);
/* The status that is kept; forgets it. The text stays. */
GtenKStatus    gten_cuda_status (void);

/* Memory for the time of an entry, in the queue's order; NULL: kept as out of memory. */
void *gten_cuda_scratch         (GtenCudaQueue *queue, size_t n_bytes);
void  gten_cuda_scratch_release (GtenCudaQueue *queue, void *scratch, size_t n_bytes);

/* Whether this thread captures a graph on the device. Memory comes from what the graph keeps then. */
bool  gten_cuda_captures      (int device);
void *gten_cuda_arena_alloc   (size_t n_bytes);
bool  gten_cuda_arena_release (void *data);   /* false: it is no graph's */

/* Makes what products need before this thread captures them. */
void  gten_cuda_prepare_products (GtenCudaQueue *queue);

/* Nothing is launched once something has failed, or if the grid is empty. */
bool gten_cuda_has_failed (void);

template <typename... Parameters, typename... Arguments>
static inline void
gten_cuda_launch (GtenCudaQueue *queue, dim3 grid, dim3 block, void (*kernel) (Parameters...),
                  Arguments... arguments)
{
  cudaLaunchConfig_t config = {};

  if (gten_cuda_has_failed () || grid.x == 0 || grid.y == 0 || grid.z == 0)
    return;
  config.gridDim = grid;
  config.blockDim = block;
  config.stream = queue->stream;
  gten_cuda_check (cudaLaunchKernelEx (&config, kernel, Parameters (arguments)...));
}

/* Blocks of `n_per_block` elements for n elements. */
static inline unsigned
gten_cuda_blocks (int64_t n, int64_t n_per_block)
{
  return (unsigned) ((n + n_per_block - 1) / n_per_block);
}

/* The first report counts. */
static __device__ inline void
gten_cuda_report (const GtenCudaReporter &self, GtenKStatus status, int64_t value, int64_t bound,
                  int64_t position, int dim, const char *message = NULL)
{
  if (atomicCAS (self.taken, 0u, 1u) != 0)
    return;
  self.record->value = value;
  self.record->bound = bound;
  self.record->position = position;
  self.record->dim = dim;
  self.record->call = self.call;
  self.record->op = self.op;
  self.record->message = message;
  __threadfence_system ();
  self.record->status = (unsigned) status;
}

/* -- division by what the host knows -------------------------------------------------------------
 * Granlund and Montgomery, "Division by invariant integers using multiplication" (1994); dividends
 * are below 2^31. */
typedef struct
{
  uint32_t divisor, multiplier, shift;
} GtenDivider;

static inline GtenDivider
gten_divider (int64_t divisor)
{
  GtenDivider self = { (uint32_t) divisor, 0, 0 };

  while (((uint64_t) 1 << self.shift) < (uint64_t) divisor)
    self.shift++;
  self.multiplier = (uint32_t) (((((uint64_t) 1 << self.shift) - (uint64_t) divisor) << 32) / (uint64_t) divisor + 1);
  return self;
}

static __device__ __forceinline__ uint32_t
gten_divide (uint32_t dividend, const GtenDivider &divider, uint32_t *rest)
{
  const uint32_t quotient = (__umulhi (dividend, divider.multiplier) + dividend) >> divider.shift;

  *rest = dividend - quotient * divider.divisor;
  return quotient;
}

/* -- layouts: where N arrays' elements lie -------------------------------------------------------
 * Indices are below 2^31; offsets count elements and may be anything. */
template <int N> struct GtenLayout
{
  int         n_dims;                                 /* dimension 0 is the inner one */
  GtenDivider sizes[GTEN_CUDA_MAX_DIMS];
  int64_t     strides[GTEN_CUDA_MAX_DIMS][N];
};

template <int N>
static __device__ __forceinline__ void
gten_locate (const GtenLayout<N> &layout, uint32_t index, int64_t (&offsets)[N])
{
  for (int i = 0; i < N; i++)
    offsets[i] = 0;
  GTEN_ROLLED
  for (int dim = 0; dim < layout.n_dims; dim++)
    {
      uint32_t rest;

      index = gten_divide (index, layout.sizes[dim], &rest);
      for (int i = 0; i < N; i++)
        offsets[i] += (int64_t) rest * layout.strides[dim][i];
    }
}

/* The layout of `sizes` with dimension `without` left out (-1: none), row-major, as it is; false if it
 * has too many dimensions or elements. strides[i] may be NULL: all 0. */
template <int N>
static inline bool
gten_layout_init (GtenLayout<N> *self, int n_dims, const int64_t *sizes, int without,
                  const int64_t *const (&strides)[N])
{
  int64_t n_elements = 1;

  self->n_dims = 0;
  for (int dim = n_dims - 1; dim >= 0; dim--)
    {
      if (dim == without || sizes[dim] == 1)
        continue;
      n_elements *= sizes[dim];
      if (self->n_dims > 0)
        {
          const int last = self->n_dims - 1;
          const int64_t length = self->sizes[last].divisor;
          bool is_joined = n_elements <= GTEN_CUDA_MOST;

          for (int i = 0; i < N; i++)
            is_joined &= strides[i] == NULL || strides[i][dim] == self->strides[last][i] * length;
          if (is_joined)
            {
              self->sizes[last] = gten_divider (length * sizes[dim]);
              continue;
            }
        }
      if (self->n_dims == GTEN_CUDA_MAX_DIMS || n_elements > GTEN_CUDA_MOST)
        return false;
      self->sizes[self->n_dims] = gten_divider (sizes[dim]);
      for (int i = 0; i < N; i++)
        self->strides[self->n_dims][i] = strides[i] != NULL ? strides[i][dim] : 0;
      self->n_dims++;
    }
  return true;
}

/* -- dtypes ---------------------------------------------------------------------------------------*/

typedef struct { uint16_t bits; } GtenFloat16;
typedef struct { uint16_t bits; } GtenBfloat16;
typedef struct { uint8_t truth; } GtenBool;

/* X (NAME, stored type, compute type, what else was given) */
#define GTEN_CUDA_EACH_INTEGER(X, ...)                                                             \
  X (UINT8, uint8_t, int64_t, __VA_ARGS__)                                                         \
  X (INT8, int8_t, int64_t, __VA_ARGS__)                                                           \
  X (INT16, int16_t, int64_t, __VA_ARGS__)                                                         \
  X (INT32, int32_t, int64_t, __VA_ARGS__)                                                         \
  X (INT64, int64_t, int64_t, __VA_ARGS__)                                                         \
  X (BOOL, GtenBool, int64_t, __VA_ARGS__)
#define GTEN_CUDA_EACH_FLOATING(X, ...)                                                            \
  X (FLOAT16, GtenFloat16, float, __VA_ARGS__)                                                     \
  X (BFLOAT16, GtenBfloat16, float, __VA_ARGS__)                                                   \
  X (FLOAT32, float, float, __VA_ARGS__)                                                           \
  X (FLOAT64, double, double, __VA_ARGS__)
#define GTEN_CUDA_EACH_DTYPE(X, ...)                                                               \
  GTEN_CUDA_EACH_INTEGER (X, __VA_ARGS__)                                                          \
  GTEN_CUDA_EACH_FLOATING (X, __VA_ARGS__)

/* Runs statements in which Stored is dtype's type and T what it computes in. */
#define GTEN_CUDA_CASE(NAME, STORED, COMPUTED, ...)                                                \
  case GTEN_K_##NAME:                                                                              \
    {                                                                                              \
      [[maybe_unused]] typedef STORED Stored;                                                      \
      [[maybe_unused]] typedef COMPUTED T;                                                         \
      __VA_ARGS__                                                                                  \
      break;                                                                                       \
    }
#define GTEN_CUDA_SWITCH_OF(EACH, dtype, ...)                                                      \
  switch (dtype)                                                                                   \
    {                                                                                              \
      EACH (GTEN_CUDA_CASE, __VA_ARGS__)                                                           \
    default:                                                                                       \
      break;                                                                                       \
    }
#define GTEN_CUDA_SWITCH_DTYPE(dtype, ...)    GTEN_CUDA_SWITCH_OF (GTEN_CUDA_EACH_DTYPE, dtype, __VA_ARGS__)
#define GTEN_CUDA_SWITCH_FLOATING(dtype, ...) GTEN_CUDA_SWITCH_OF (GTEN_CUDA_EACH_FLOATING, dtype, __VA_ARGS__)
#define GTEN_CUDA_SWITCH_INTEGER(dtype, ...)  GTEN_CUDA_SWITCH_OF (GTEN_CUDA_EACH_INTEGER, dtype, __VA_ARGS__)
/* What only moves elements needs no more than their size. */
#define GTEN_CUDA_SWITCH_SIZE(size, ...)                                                           \
  switch (size)                                                                                    \
    {                                                                                              \
    case 1: { typedef uint8_t Stored; __VA_ARGS__ break; }                                         \
    case 2: { typedef uint16_t Stored; __VA_ARGS__ break; }                                        \
    case 4: { typedef uint32_t Stored; __VA_ARGS__ break; }                                        \
    default: { typedef uint64_t Stored; __VA_ARGS__ break; }                                       \
    }

static inline size_t
gten_cuda_size (GtenKDtype dtype)
{
  size_t size = 0;

  GTEN_CUDA_SWITCH_DTYPE (dtype, size = sizeof (Stored);)
  return size;
}

static inline int64_t
gten_cuda_count (int n_dims, const int64_t *sizes)
{
  int64_t n = 1;

  for (int dim = 0; dim < n_dims; dim++)
    n *= sizes[dim];
  return n;
}

/* -- the entries of the table --------------------------------------------------------------------*/

#define GTEN_CUDA_EACH_ENTRY(X)                                                                    \
  X (last_error) X (begin) X (take_fault) X (synchronize) X (set_stream) X (stream_new)            \
  X (stream_query) X (stream_synchronize) X (stream_wait) X (event_new) X (event_free)             \
  X (event_record) X (event_query) X (event_synchronize) X (event_elapsed) X (copy)                \
  X (host_alloc) X (host_free) X (memory) X (graph_begin) X (graph_end) X (graph_replay)           \
  X (graph_free) X (stream_is_captured) X (alloc) X (free) X (trim) X (cached) X (upload)          \
  X (download)                                                                                     \
  GTEN_K_EACH_KERNEL (X)
#define GTEN_CUDA_DECLARE(ENTRY) GTEN_K_DECLARE (gten_cuda_##ENTRY, ENTRY)

GTEN_CUDA_EACH_ENTRY (GTEN_CUDA_DECLARE)
