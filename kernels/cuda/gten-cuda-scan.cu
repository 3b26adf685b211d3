/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Scans, and the extremes along a dimension with where they are.
 *
 * Few long lines are cut into chunks: a first pass finds what each chunk comes to, a second what comes before each, and
 * the third scans them from there. Lines that lie side by side are taken by a thread each, so that neighbours read
 * neighbours; others by a block each. */
#include "gten-cuda-block.h"
#include "gten-cuda-lines.h"

#define PER_THREAD 4
#define TILE       (GTEN_CUDA_THREADS * PER_THREAD)
#define MIN_CHUNK  (4 * TILE)
#define SHORT      16

/* A value and where it was found. */
template <typename T> struct Found
{
  T       value;
  int64_t index;
};

/* -- lines, and the parts that they are cut into --------------------------------------------------*/

typedef struct
{
  int64_t n, n_lines, chunk;
  int     n_chunks;
} Plan;

static Plan
plan (const GtenCudaQueue *queue, int64_t n, int64_t n_lines)
{
  const int64_t wanted = ((int64_t) queue->n_processors * 8 + n_lines - 1) / n_lines;
  const int64_t most = (n + MIN_CHUNK - 1) / MIN_CHUNK, n_chunks = most < wanted ? most : wanted;
  const int64_t chunk = n_chunks <= 1 ? n : (n / n_chunks + TILE) / TILE * TILE;

  return { n, n_lines, chunk, (int) ((n + chunk - 1) / chunk) };
}

/* -- scans -----------------------------------------------------------------------------------------*/

typedef struct
{
  const void *from;
  void       *to;
  int64_t    *indices;                      /* or NULL */
  GtenKDtype  from_dtype, dtype;
  int64_t     from_stride, to_stride, indices_stride;
  GtenKScan   kind;
} Scan;

typedef GtenLayout<3> Layout;               /* from, to, indices */

template <typename T>
static __device__ __forceinline__ T
log_add_exp (T x, T y)
{
  if constexpr (std::is_integral_v<T>)
    return 0;
  else
    {
      const T low = gten_isnan (y) || y < x ? y : x, high = gten_isnan (y) || y > x ? y : x;

      return low != high || isfinite (low) ? log1p (exp (low - high)) + high : x;
    }
}

/* What nothing comes to. */
template <typename T>
static __device__ __forceinline__ Found<T>
nothing (GtenKScan kind)
{
  const T lowest = std::is_integral_v<T> ? (T) INT64_MIN : (T) -INFINITY;
  const T highest = std::is_integral_v<T> ? (T) INT64_MAX : (T) INFINITY;

  switch (kind)
    {
    case GTEN_K_SCAN_SUM:
      return { 0, 0 };
    case GTEN_K_SCAN_PROD:
      return { 1, 0 };
    case GTEN_K_SCAN_MIN:
      return { highest, 0 };
    default:
      return { lowest, 0 };
    }
}

/* A later element wins a tie, and a NaN wins over all. */
template <typename T>
static __device__ __forceinline__ Found<T>
combine (GtenKScan kind, const Found<T> &before, const Found<T> &x)
{
  switch (kind)
    {
    case GTEN_K_SCAN_SUM:
      return { (T) (before.value + x.value), 0 };
    case GTEN_K_SCAN_PROD:
      return { (T) (before.value * x.value), 0 };
    case GTEN_K_SCAN_MAX:
      return x.value >= before.value || gten_isnan (x.value) ? x : before;
    case GTEN_K_SCAN_MIN:
      return x.value <= before.value || gten_isnan (x.value) ? x : before;
    default:
      return { log_add_exp (x.value, before.value), 0 };
    }
}

template <typename Stored, typename T>
static __device__ __forceinline__ Found<T>
load (const Scan &scan, int64_t offset, int64_t i)
{
  const int64_t at = offset + i * scan.from_stride;

  return { scan.from_dtype == scan.dtype ? gten_decode<T> (((const Stored *) scan.from)[at])
                                         : gten_load<T> (scan.from, at, scan.from_dtype), i };
}

template <typename Stored, typename T>
static __device__ __forceinline__ void
store (const Scan &scan, const int64_t (&offsets)[3], int64_t i, const Found<T> &found)
{
  ((Stored *) scan.to)[offsets[1] + i * scan.to_stride] = gten_encode<Stored> (found.value);
  if (scan.indices != NULL)
    scan.indices[offsets[2] + i * scan.indices_stride] = found.index;
}

template <typename T>
static __device__ __forceinline__ Found<T>
shuffle_up (const Found<T> &x, int away)
{
  return { __shfl_up_sync (FULL_WARP, x.value, away), __shfl_up_sync (FULL_WARP, x.index, away) };
}

/* What comes before this thread's part in the block; `total` becomes what all come to. */
template <typename T>
static __device__ __forceinline__ Found<T>
before_in_block (GtenKScan kind, Found<T> x, Found<T> *ends, Found<T> *total)
{
  const int lane = threadIdx.x % GTEN_CUDA_WARP, warp = threadIdx.x / GTEN_CUDA_WARP;
  Found<T> before, first = nothing<T> (kind);

  for (int away = 1; away < GTEN_CUDA_WARP; away *= 2)
    {
      const Found<T> other = shuffle_up (x, away);

      if (lane >= away)
        x = combine (kind, other, x);
    }
  before = shuffle_up (x, 1);
  if (lane == GTEN_CUDA_WARP - 1)
    ends[warp] = x;
  __syncthreads ();
  *total = nothing<T> (kind);
  for (int w = 0; w < WARPS; w++)
    {
      if (w == warp)
        first = *total;
      *total = combine (kind, *total, ends[w]);
    }
  __syncthreads ();
  return lane == 0 ? first : combine (kind, first, before);
}

/* A block per chunk. Without `begins`, and with `totals`, what each chunk comes to; otherwise the scan itself. */
template <typename Stored, typename T>
static __global__ void
scan_chunks (Layout layout, Plan plan, Scan scan, const Found<T> *begins, Found<T> *totals)
{
  __shared__ Found<T> ends[WARPS];

  for (int64_t part = blockIdx.x; part < plan.n_lines * plan.n_chunks; part += gridDim.x)
    {
      const int64_t line = part / plan.n_chunks, begin = part % plan.n_chunks * plan.chunk;
      const int64_t end = begin + plan.chunk < plan.n ? begin + plan.chunk : plan.n;
      Found<T> carry = begins != NULL ? begins[part] : nothing<T> (scan.kind);
      int64_t offsets[3];

      gten_locate (layout, (uint32_t) line, offsets);
      for (int64_t tile = begin; tile < end; tile += TILE)
        {
          const int64_t mine = tile + threadIdx.x * PER_THREAD;
          Found<T> x[PER_THREAD], sum = nothing<T> (scan.kind), total;

          for (int j = 0; j < PER_THREAD; j++)
            {
              x[j] = mine + j < end ? load<Stored, T> (scan, offsets[0], mine + j) : nothing<T> (scan.kind);
              if (mine + j < end)
                sum = combine (scan.kind, sum, x[j]);
            }
          sum = combine (scan.kind, carry, before_in_block (scan.kind, sum, ends, &total));
          carry = combine (scan.kind, carry, total);
          for (int j = 0; totals == NULL && j < PER_THREAD && mine + j < end; j++)
            {
              sum = combine (scan.kind, sum, x[j]);
              store<Stored> (scan, offsets, mine + j, sum);
            }
        }
      if (totals != NULL && threadIdx.x == 0)
        totals[part] = carry;
    }
}

/* What each chunk comes to becomes what comes before it. */
template <typename T>
static __global__ void
begin_chunks (Plan plan, GtenKScan kind, Found<T> *chunks)
{
  GTEN_CUDA_EACH (line, (uint32_t) plan.n_lines)
    {
      Found<T> before = nothing<T> (kind);

      for (int chunk = 0; chunk < plan.n_chunks; chunk++)
        {
          Found<T> *at = &chunks[(int64_t) line * plan.n_chunks + chunk], total = *at;

          *at = before;
          before = combine (kind, before, total);
        }
    }
}

template <typename Stored, typename T>
static __global__ void
scan_lines (Layout layout, Plan plan, Scan scan)
{
  GTEN_CUDA_EACH (line, (uint32_t) plan.n_lines)
    {
      Found<T> sum = nothing<T> (scan.kind);
      int64_t offsets[3];

      gten_locate (layout, line, offsets);
      for (int64_t i = 0; i < plan.n; i++)
        {
          sum = combine (scan.kind, sum, load<Stored, T> (scan, offsets[0], i));
          store<Stored> (scan, offsets, i, sum);
        }
    }
}

template <typename Stored, typename T>
static void
launch_scan (GtenCudaQueue *queue, const Layout &layout, const Plan &plan, const Scan &scan, bool is_for_threads)
{
  const int64_t n_parts = plan.n_lines * plan.n_chunks;
  const unsigned grid = gten_cuda_grid (queue, n_parts, 1);
  Found<T> *chunks = NULL;

  if (is_for_threads)
    {
      gten_cuda_launch (queue, gten_cuda_grid (queue, plan.n_lines), GTEN_CUDA_THREADS, scan_lines<Stored, T>, layout, plan,
                        scan);
      return;
    }
  if (plan.n_chunks > 1)
    {
      chunks = (Found<T> *) gten_cuda_scratch (queue, (size_t) n_parts * sizeof *chunks);
      gten_cuda_launch (queue, grid, GTEN_CUDA_THREADS, scan_chunks<Stored, T>, layout, plan, scan,
                        (const Found<T> *) NULL, chunks);
      gten_cuda_launch (queue, gten_cuda_grid (queue, plan.n_lines), GTEN_CUDA_THREADS, begin_chunks<T>, plan, scan.kind,
                        chunks);
    }
  gten_cuda_launch (queue, grid, GTEN_CUDA_THREADS, scan_chunks<Stored, T>, layout, plan, scan, (const Found<T> *) chunks,
                    (Found<T> *) NULL);
  gten_cuda_scratch_release (queue, chunks, (size_t) n_parts * sizeof *chunks);
}

GtenKStatus
gten_cuda_scan (int device, GtenKScan kind, const GtenKArray *input, int dim, const GtenKArray *out,
                const GtenKArray *indices)
{
  const int64_t *const strides[3] = { input->strides, out->strides, gten_strides_of (indices) };
  const int64_t n = gten_line_size (input, dim);
  GtenCudaQueue *queue;

  GTEN_CUDA_SWITCH_DTYPE (out->dtype, if (kind == GTEN_K_SCAN_LOGSUMEXP && std::is_integral_v<T>) return GTEN_K_UNSUPPORTED;)
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  if (n > 0)
    gten_cuda_each_part (input->n_dims, input->sizes, dim, strides,
                         [&] (const Layout &layout, int64_t n_lines, const int64_t *begins) {
      Scan scan = { NULL, NULL, (int64_t *) gten_data_of (indices), input->dtype, out->dtype,
                    gten_line_stride (input, dim), gten_line_stride (out, dim), gten_line_stride (indices, dim), kind };

      scan.from = gten_at (input->data, begins[0], gten_cuda_size (input->dtype));
      scan.to = gten_at (out->data, begins[1], gten_cuda_size (out->dtype));
      if (scan.indices != NULL)
        scan.indices += begins[2];
      GTEN_CUDA_SWITCH_DTYPE (out->dtype, {
        launch_scan<Stored, T> (queue, layout, plan (queue, n, n_lines), scan,
                                gten_lines_are_for_threads (queue, n, SHORT, n_lines, scan.from_stride));
      })
    });
  return gten_cuda_leave (queue, NULL);
}

/* -- extremes --------------------------------------------------------------------------------------*/

typedef struct
{
  const void *from;
  void       *values;                       /* or NULL */
  int64_t    *indices;                      /* or NULL */
  int64_t     stride;
  bool        is_max;
} Extreme;

/* The first position wins a tie and the first NaN wins over all; an index below 0 is nothing. */
template <typename T>
static __device__ __forceinline__ Found<T>
better (bool is_max, const Found<T> &a, const Found<T> &b)
{
  const bool a_is_nan = gten_isnan (a.value), b_is_nan = gten_isnan (b.value);
  bool wins;

  if (a.index < 0 || b.index < 0)
    wins = a.index < 0;
  else if (a_is_nan || b_is_nan)
    wins = b_is_nan && (!a_is_nan || b.index < a.index);
  else if (a.value == b.value)
    wins = b.index < a.index;
  else
    wins = is_max ? b.value > a.value : b.value < a.value;
  return wins ? b : a;
}

template <typename Stored, typename T>
static __device__ __forceinline__ void
write_extreme (const Extreme &self, const int64_t (&offsets)[3], const Found<T> &found)
{
  if (self.values != NULL)
    ((Stored *) self.values)[offsets[1]] = gten_encode<Stored> (found.value);
  if (self.indices != NULL)
    self.indices[offsets[2]] = found.index;
}

/* A block per chunk; its best goes to `chunks`, or is the result if a line is one chunk. */
template <typename Stored, typename T>
static __global__ void
find_in_chunks (Layout layout, Plan plan, Extreme self, Found<T> *chunks)
{
  __shared__ Found<T> bests[WARPS];
  const int n_warps = blockDim.x / GTEN_CUDA_WARP;

  for (int64_t part = blockIdx.x; part < plan.n_lines * plan.n_chunks; part += gridDim.x)
    {
      const int64_t line = part / plan.n_chunks, begin = part % plan.n_chunks * plan.chunk;
      const int64_t end = begin + plan.chunk < plan.n ? begin + plan.chunk : plan.n;
      Found<T> best = { 0, -1 };
      int64_t offsets[3];

      gten_locate (layout, (uint32_t) line, offsets);
      for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x)
        best = better (self.is_max, best,
                       { gten_decode<T> (((const Stored *) self.from)[offsets[0] + i * self.stride]), i });
      for (int away = GTEN_CUDA_WARP / 2; away > 0; away /= 2)
        best = better (self.is_max, best,
                       { __shfl_down_sync (FULL_WARP, best.value, away), __shfl_down_sync (FULL_WARP, best.index, away) });
      if (threadIdx.x % GTEN_CUDA_WARP == 0)
        bests[threadIdx.x / GTEN_CUDA_WARP] = best;
      __syncthreads ();
      if (threadIdx.x == 0)
        {
          for (int w = 1; w < n_warps; w++)
            best = better (self.is_max, best, bests[w]);
          if (chunks != NULL)
            chunks[part] = best;
          else
            write_extreme<Stored> (self, offsets, best);
        }
      __syncthreads ();
    }
}

/* A thread per line: over its elements, or over the best of its chunks. */
template <typename Stored, typename T>
static __global__ void
find_in_lines (Layout layout, Plan plan, Extreme self, const Found<T> *chunks)
{
  GTEN_CUDA_EACH (line, (uint32_t) plan.n_lines)
    {
      Found<T> best = { 0, -1 };
      int64_t offsets[3];

      gten_locate (layout, line, offsets);
      for (int chunk = 0; chunks != NULL && chunk < plan.n_chunks; chunk++)
        best = better (self.is_max, best, chunks[(int64_t) line * plan.n_chunks + chunk]);
      for (int64_t i = 0; chunks == NULL && i < plan.n; i++)
        best = better (self.is_max, best,
                       { gten_decode<T> (((const Stored *) self.from)[offsets[0] + i * self.stride]), i });
      write_extreme<Stored> (self, offsets, best);
    }
}

template <typename Stored, typename T>
static void
launch_find (GtenCudaQueue *queue, const Layout &layout, const Plan &plan, const Extreme &self, bool is_for_threads)
{
  const int64_t n_parts = plan.n_lines * plan.n_chunks;
  const unsigned n_threads = plan.n <= 256 ? GTEN_CUDA_WARP : GTEN_CUDA_THREADS;
  Found<T> *chunks = NULL;

  if (!is_for_threads)
    {
      if (plan.n_chunks > 1)
        chunks = (Found<T> *) gten_cuda_scratch (queue, (size_t) n_parts * sizeof *chunks);
      gten_cuda_launch (queue, gten_cuda_grid (queue, n_parts, 1), n_threads, find_in_chunks<Stored, T>, layout, plan, self,
                        chunks);
    }
  if (is_for_threads || plan.n_chunks > 1)
    gten_cuda_launch (queue, gten_cuda_grid (queue, plan.n_lines), GTEN_CUDA_THREADS, find_in_lines<Stored, T>, layout, plan,
                      self, (const Found<T> *) chunks);
  gten_cuda_scratch_release (queue, chunks, (size_t) n_parts * sizeof *chunks);
}

GtenKStatus
gten_cuda_arg_reduce (int device, GtenKArgReduce kind, const GtenKArray *input, int dim, const GtenKArray *values,
                      const GtenKArray *indices)
{
  const int64_t *const strides[3] = { input->strides, gten_strides_of (values), gten_strides_of (indices) };
  const int64_t n = gten_line_size (input, dim);
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_each_part (input->n_dims, input->sizes, dim, strides,
                       [&] (const Layout &layout, int64_t n_lines, const int64_t *begins) {
    Extreme self = { NULL, gten_data_of (values), (int64_t *) gten_data_of (indices), gten_line_stride (input, dim),
                     kind == GTEN_K_ARGMAX };
    const size_t size = gten_cuda_size (input->dtype);

    if (n == 0)
      {
        gten_cuda_fail (GTEN_K_BAD_VALUE, NULL);
        return;
      }
    self.from = gten_at (input->data, begins[0], size);
    self.values = self.values == NULL ? NULL : gten_at (self.values, begins[1], size);
    self.indices = self.indices == NULL ? NULL : self.indices + begins[2];
    GTEN_CUDA_SWITCH_DTYPE (input->dtype, {
      launch_find<Stored, T> (queue, layout, plan (queue, n, n_lines), self,
                              gten_lines_are_for_threads (queue, n, SHORT, n_lines, self.stride));
    })
  });
  return gten_cuda_leave (queue, NULL);
}
