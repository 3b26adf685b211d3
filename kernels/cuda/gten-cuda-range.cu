/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arithmetic progressions, and the triangles of matrices. */
#include "gten-cuda-lines.h"

/* -- ranges --------------------------------------------------------------------------------------
 * Elements are computed in int64, float32 or float64 and rounded once more when they are stored. */

template <typename Stored, typename T>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS)
progression (Stored *out, int64_t stride, int64_t n, T start, T step)
{
  const int64_t i = (int64_t) blockIdx.x * GTEN_CUDA_THREADS + threadIdx.x;

  if (i < n)
    out[i * stride] = gten_encode<Stored> (start + step * (T) i);
}

/* From the nearer end, so that both ends are exact. The step has the type Step; a product with it is
 * rounded only together with the sum. */
template <typename Stored, typename Step>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS)
linspace (Stored *out, int64_t stride, int64_t n, double start, double end)
{
  const int64_t i = (int64_t) blockIdx.x * GTEN_CUDA_THREADS + threadIdx.x;
  const Step step = ((Step) end - (Step) start) / (Step) (n - 1);

  if (i < n)
    out[i * stride] = gten_encode<Stored> (i < n / 2 ? fma ((double) step, (double) i, start)
                                                     : fma (-(double) step, (double) (n - 1 - i), end));
}

/* An end as the result's dtype has it. */
template <typename Stored, typename T>
static double
rounded (GtenKScalar value)
{
  if constexpr (std::is_same_v<T, int64_t>)
    return (double) value.i;
  else
    return gten_decode<double> (gten_encode<Stored> (value.f));
}

template <typename Stored, typename T>
static void
fill (GtenCudaQueue *queue, GtenKScalar start, GtenKScalar step, const GtenKScalar *symmetric_end, const GtenKArray *out)
{
  typedef std::conditional_t<std::is_same_v<T, int64_t>, int64_t, double> Progress;
  typedef std::conditional_t<std::is_same_v<T, int64_t>, double, T> Step;
  const int64_t n = gten_cuda_count (out->n_dims, out->sizes), stride = gten_line_stride (out, 0);
  const unsigned n_blocks = gten_cuda_blocks (n, GTEN_CUDA_THREADS);
  Progress first, distance = 0;

  if constexpr (std::is_same_v<T, int64_t>)
    first = start.i;
  else
    first = start.f;
  if (symmetric_end != NULL && n > 1)
    {
      gten_cuda_launch (queue, n_blocks, GTEN_CUDA_THREADS, linspace<Stored, Step>, (Stored *) out->data, stride, n,
                        rounded<Stored, T> (start), rounded<Stored, T> (*symmetric_end));
      return;
    }
  if (symmetric_end == NULL)
    {
      if constexpr (std::is_same_v<T, int64_t>)
        distance = step.i;
      else
        distance = step.f;
    }
  gten_cuda_launch (queue, n_blocks, GTEN_CUDA_THREADS, progression<Stored, Progress>, (Stored *) out->data, stride, n, first,
                    distance);
}

GtenKStatus
gten_cuda_range (int device, GtenKScalar start, GtenKScalar step, const GtenKScalar *symmetric_end,
                 const GtenKArray *out)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  GTEN_CUDA_SWITCH_DTYPE (out->dtype, fill<Stored, T> (queue, start, step, symmetric_end, out);)
  return gten_cuda_leave (queue, NULL);
}

/* -- triangles -------------------------------------------------------------------------------------*/

/* Keeps one side of the diagonal; all bits 0 is zero in every dtype. The layout's third offset is how many columns an element
 * is beyond the row's own. */
template <typename Stored>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS)
keep_triangle (const __grid_constant__ GtenLayout<3> layout, uint32_t n, bool upper, int64_t diagonal, Stored *out,
               const Stored *input)
{
  const uint32_t i = blockIdx.x * GTEN_CUDA_THREADS + threadIdx.x;
  int64_t offsets[3];

  if (i >= n)
    return;
  gten_locate (layout, i, offsets);
  out[offsets[0]] = (upper ? offsets[2] >= diagonal : offsets[2] <= diagonal) ? input[offsets[1]] : (Stored) 0;
}

GtenKStatus
gten_cuda_triangle (int device, bool upper, int64_t diagonal, const GtenKArray *input,
                    const GtenKArray *out)
{
  const int64_t n_rows = out->sizes[out->n_dims - 2], n_columns = out->sizes[out->n_dims - 1];
  /* There is nothing beyond. */
  const int64_t nearest = diagonal < -n_rows ? -n_rows : diagonal > n_columns ? n_columns : diagonal;
  int64_t distances[GTEN_K_MAX_DIMS] = {};
  const int64_t *const strides[3] = { out->strides, input->strides, distances };
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  distances[out->n_dims - 2] = -1;
  distances[out->n_dims - 1] = 1;
  gten_cuda_each_part (out->n_dims, out->sizes, -1, strides,
                       [&] (const GtenLayout<3> &layout, int64_t n, const int64_t *begins) {
    GTEN_CUDA_SWITCH_SIZE (gten_cuda_size (out->dtype), {
      gten_cuda_launch (queue, gten_cuda_blocks (n, GTEN_CUDA_THREADS), GTEN_CUDA_THREADS, keep_triangle<Stored>, layout,
                        (uint32_t) n, upper, nearest - begins[2], (Stored *) out->data + begins[0],
                        (const Stored *) input->data + begins[1]);
    })
  });
  return gten_cuda_leave (queue, NULL);
}
