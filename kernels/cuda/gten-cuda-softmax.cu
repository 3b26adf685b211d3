/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Softmax and its logarithm along a dimension, and their gradients.
 *
 *   softmax       exp (x - m) / s        m the largest of x, s the sum of exp (x - m)
 *   log_softmax   x - m - log (s)
 *
 * A line is worked on by a warp or by a block, and up to PER_THREAD * threads elements stay in registers, so
 * that memory is read once; a longer line is read again. Lines that lie side by side are taken by a thread
 * each. */
#include "gten-cuda-block.h"
#include "gten-cuda-lines.h"

#define PER_THREAD 8

typedef GtenLayout<3> Layout;

/* In the order of the layout: two inputs, one output. Softmax itself has one input. */
typedef struct
{
  int64_t n, n_lines;
  int64_t strides[3];
} Lines;

/* Runs `statement` for each of this thread's elements i of a line; j counts those in registers. */
#define EACH_KEPT(statement)                                                                       \
  GTEN_CUDA_UNROLL                                                                                 \
  for (int j = 0; j < PER_THREAD; j++)                                                             \
    {                                                                                              \
      const int64_t i = threadIdx.x + (int64_t) j * threads;                                       \
                                                                                                   \
      if (i < lines.n)                                                                             \
        statement;                                                                                 \
    }
#define EACH_LATER(statement)                                                                      \
  for (int64_t i = threadIdx.x + (int64_t) PER_THREAD * threads; i < lines.n; i += threads)        \
    statement;

#define LINES_PER_BLOCK(threads)   ((threads) < GTEN_CUDA_THREADS ? GTEN_CUDA_THREADS / (threads) : 1)
#define THREADS_PER_BLOCK(threads) ((threads) * LINES_PER_BLOCK (threads))

template <int threads, bool logarithm, typename Stored, typename T>
static __global__ void
__launch_bounds__ (THREADS_PER_BLOCK (threads))
softmax_rows (Layout layout, Lines lines, const Stored *from, Stored *to)
{
  __shared__ T shared[threads / GTEN_CUDA_WARP];

  for (int64_t line = (int64_t) blockIdx.x * blockDim.y + threadIdx.y; line < lines.n_lines;
       line += (int64_t) gridDim.x * blockDim.y)
    {
      T kept[PER_THREAD], shift = (T) -INFINITY, sum = 0, whole;
      int64_t offsets[3];

      gten_locate (layout, (uint32_t) line, offsets);
      const Stored *in = from + offsets[0];
      Stored *out = to + offsets[2];

      EACH_KEPT (kept[j] = gten_decode<T> (in[i * lines.strides[0]]))
      EACH_KEPT (shift = gten_max (shift, kept[j]))
      EACH_LATER (shift = gten_max (shift, gten_decode<T> (in[i * lines.strides[0]])))
      shift = block_fold<threads> (shift, shared, [] (T a, T b) { return gten_max (a, b); });
      EACH_KEPT ({
        const T power = exp (kept[j] - shift);

        sum += power;
        if (!logarithm)
          kept[j] = power;
      })
      EACH_LATER (sum += exp (gten_decode<T> (in[i * lines.strides[0]]) - shift))
      sum = block_sum<threads> (sum, shared);
      whole = logarithm ? log (sum) : sum;
      EACH_KEPT (out[i * lines.strides[2]]
                 = gten_encode<Stored> (logarithm ? kept[j] - shift - whole : kept[j] / whole))
      EACH_LATER ({
        const T x = gten_decode<T> (in[i * lines.strides[0]]) - shift;

        out[i * lines.strides[2]] = gten_encode<Stored> (logarithm ? x - whole : exp (x) / whole);
      })
    }
}

template <bool logarithm, typename T>
static __device__ __forceinline__ T
backward (T grad, T result, T sum)
{
  return logarithm ? grad - exp (result) * sum : (grad - sum) * result;
}

template <int threads, bool logarithm, typename Stored, typename T>
static __global__ void
__launch_bounds__ (THREADS_PER_BLOCK (threads))
softmax_backward_rows (Layout layout, Lines lines, const Stored *grads, const Stored *results, Stored *to)
{
  __shared__ T shared[threads / GTEN_CUDA_WARP];

  for (int64_t line = (int64_t) blockIdx.x * blockDim.y + threadIdx.y; line < lines.n_lines;
       line += (int64_t) gridDim.x * blockDim.y)
    {
      T kept_grads[PER_THREAD], kept_results[PER_THREAD], sum = 0;
      int64_t offsets[3];

      gten_locate (layout, (uint32_t) line, offsets);
      const Stored *grad = grads + offsets[0], *result = results + offsets[1];
      Stored *out = to + offsets[2];

      EACH_KEPT ({
        kept_grads[j] = gten_decode<T> (grad[i * lines.strides[0]]);
        kept_results[j] = gten_decode<T> (result[i * lines.strides[1]]);
        sum += logarithm ? kept_grads[j] : kept_grads[j] * kept_results[j];
      })
      EACH_LATER (sum += gten_decode<T> (grad[i * lines.strides[0]])
                         * (logarithm ? (T) 1 : gten_decode<T> (result[i * lines.strides[1]])))
      sum = block_sum<threads> (sum, shared);
      EACH_KEPT (out[i * lines.strides[2]]
                 = gten_encode<Stored> (backward<logarithm> (kept_grads[j], kept_results[j], sum)))
      EACH_LATER (out[i * lines.strides[2]]
                  = gten_encode<Stored> (backward<logarithm> (gten_decode<T> (grad[i * lines.strides[0]]),
                                                              gten_decode<T> (result[i * lines.strides[1]]), sum)))
    }
}

/* -- a thread per line -----------------------------------------------------------------------------*/

template <bool logarithm, typename Stored, typename T>
static __global__ void
softmax_columns (Layout layout, Lines lines, const Stored *from, Stored *to)
{
  GTEN_CUDA_EACH (line, (uint32_t) lines.n_lines)
    {
      T shift = (T) -INFINITY, sum = 0, whole;
      int64_t offsets[3];

      gten_locate (layout, line, offsets);
      for (int64_t i = 0; i < lines.n; i++)
        shift = gten_max (shift, gten_decode<T> (from[offsets[0] + i * lines.strides[0]]));
      for (int64_t i = 0; i < lines.n; i++)
        sum += exp (gten_decode<T> (from[offsets[0] + i * lines.strides[0]]) - shift);
      whole = logarithm ? log (sum) : sum;
      for (int64_t i = 0; i < lines.n; i++)
        {
          const T x = gten_decode<T> (from[offsets[0] + i * lines.strides[0]]) - shift;

          to[offsets[2] + i * lines.strides[2]] = gten_encode<Stored> (logarithm ? x - whole : exp (x) / whole);
        }
    }
}

template <bool logarithm, typename Stored, typename T>
static __global__ void
softmax_backward_columns (Layout layout, Lines lines, const Stored *grads, const Stored *results, Stored *to)
{
  GTEN_CUDA_EACH (line, (uint32_t) lines.n_lines)
    {
      T sum = 0;
      int64_t offsets[3];

      gten_locate (layout, line, offsets);
      const Stored *grad = grads + offsets[0], *result = results + offsets[1];

      for (int64_t i = 0; i < lines.n; i++)
        sum += gten_decode<T> (grad[i * lines.strides[0]])
               * (logarithm ? (T) 1 : gten_decode<T> (result[i * lines.strides[1]]));
      for (int64_t i = 0; i < lines.n; i++)
        to[offsets[2] + i * lines.strides[2]]
            = gten_encode<Stored> (backward<logarithm> (gten_decode<T> (grad[i * lines.strides[0]]),
                                                        gten_decode<T> (result[i * lines.strides[1]]), sum));
    }
}

/* -- what is launched ------------------------------------------------------------------------------*/

template <int threads, bool logarithm, typename Stored, typename T, typename... Data>
static void
launch_rows (GtenCudaQueue *queue, const Layout &layout, const Lines &lines, Data... data)
{
  const unsigned per_block = LINES_PER_BLOCK (threads);
  const dim3 grid = gten_cuda_grid (queue, lines.n_lines, per_block), block (threads, per_block);

  if constexpr (sizeof...(Data) == 2)
    gten_cuda_launch (queue, grid, block, softmax_rows<threads, logarithm, Stored, T>, layout, lines, data...);
  else
    gten_cuda_launch (queue, grid, block, softmax_backward_rows<threads, logarithm, Stored, T>, layout, lines, data...);
}

template <bool logarithm, typename Stored, typename T, typename... Data>
static void
launch (GtenCudaQueue *queue, const Layout &layout, const Lines &lines, Data... data)
{
  if (gten_lines_are_for_threads (queue, lines.n, 8, lines.n_lines, lines.strides[0]))
    {
      const unsigned grid = gten_cuda_grid (queue, lines.n_lines);

      if constexpr (sizeof...(Data) == 2)
        gten_cuda_launch (queue, grid, GTEN_CUDA_THREADS, softmax_columns<logarithm, Stored, T>, layout, lines, data...);
      else
        gten_cuda_launch (queue, grid, GTEN_CUDA_THREADS, softmax_backward_columns<logarithm, Stored, T>, layout, lines,
                          data...);
    }
  else if (lines.n <= PER_THREAD * GTEN_CUDA_WARP)
    launch_rows<GTEN_CUDA_WARP, logarithm, Stored, T> (queue, layout, lines, data...);
  else if (lines.n <= PER_THREAD * 256)
    launch_rows<256, logarithm, Stored, T> (queue, layout, lines, data...);
  else
    launch_rows<1024, logarithm, Stored, T> (queue, layout, lines, data...);
}

GtenKStatus
gten_cuda_softmax (int device, bool logarithm, const GtenKArray *input, int dim, const GtenKArray *out)
{
  const int64_t *const strides[3] = { input->strides, NULL, out->strides };
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_each_part (input->n_dims, input->sizes, dim, strides,
                       [&] (const Layout &layout, int64_t n_lines, const int64_t *begins) {
    const Lines lines = { gten_line_size (input, dim), n_lines,
                          { gten_line_stride (input, dim), 0, gten_line_stride (out, dim) } };

    GTEN_CUDA_SWITCH_FLOATING (out->dtype, {
      const Stored *from = (const Stored *) input->data + begins[0];
      Stored *to = (Stored *) out->data + begins[2];

      if (logarithm)
        launch<true, Stored, T> (queue, layout, lines, from, to);
      else
        launch<false, Stored, T> (queue, layout, lines, from, to);
    })
  });
  return gten_cuda_leave (queue, NULL);
}

GtenKStatus
gten_cuda_softmax_backward (int device, bool logarithm, const GtenKArray *grad, const GtenKArray *result, int dim,
                            const GtenKArray *out)
{
  const int64_t *const strides[3] = { grad->strides, result->strides, out->strides };
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_each_part (grad->n_dims, grad->sizes, dim, strides,
                       [&] (const Layout &layout, int64_t n_lines, const int64_t *begins) {
    const Lines lines = { gten_line_size (grad, dim), n_lines,
                          { gten_line_stride (grad, dim), gten_line_stride (result, dim), gten_line_stride (out, dim) } };

    GTEN_CUDA_SWITCH_FLOATING (out->dtype, {
      const Stored *from = (const Stored *) grad->data + begins[0], *results = (const Stored *) result->data + begins[1];
      Stored *to = (Stored *) out->data + begins[2];

      if (logarithm)
        launch<true, Stored, T> (queue, layout, lines, from, results, to);
      else
        launch<false, Stored, T> (queue, layout, lines, from, results, to);
    })
  });
  return gten_cuda_leave (queue, NULL);
}
