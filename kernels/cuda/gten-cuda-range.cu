/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arithmetic progressions, and the triangles of matrices. */
#include "gten-cuda-elements.h"
#include "gten-cuda-space.h"

/* -- ranges --------------------------------------------------------------------------------------
 * Elements are computed in int64, float32 or float64 and rounded once more when they are stored. */

static int64_t
line_stride (const GtenKArray *array)
{
  return array->n_dims == 0 ? 0 : array->strides[0];
}

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
  const int64_t n = gten_cuda_count (out->n_dims, out->sizes), stride = line_stride (out);
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

/* Keeps one side of the diagonal; all bits 0 is zero in every dtype. The inner two dimensions of the
 * layout are the matrix's. */
template <typename Stored>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS)
keep_triangle (const __grid_constant__ GtenLayout<2> layout, uint32_t n, GtenDivider n_columns, GtenDivider n_rows,
               bool upper, int64_t diagonal, Stored *out, const Stored *input)
{
  const uint32_t i = blockIdx.x * GTEN_CUDA_THREADS + threadIdx.x;
  uint32_t row, column;
  int64_t offsets[2];

  if (i >= n)
    return;
  gten_divide (gten_divide (i, n_columns, &column), n_rows, &row);
  gten_locate (layout, i, offsets);
  out[offsets[0]] = (upper ? (int64_t) column - row >= diagonal : (int64_t) column - row <= diagonal)
                        ? input[offsets[1]] : (Stored) 0;
}

/* What is too large for a launch is cut in two, in whose second part the diagonal lies elsewhere. */
static void
run_triangle (GtenCudaQueue *queue, bool upper, int64_t diagonal, const GtenKArray *input, const GtenKArray *out)
{
  const int column = out->n_dims - 1;
  const GtenDivider n_columns = gten_divider (out->sizes[column]), n_rows = gten_divider (out->sizes[column - 1]);
  const int64_t n = gten_cuda_count (out->n_dims, out->sizes);
  GtenLayout<2> layout;

  if (!gten_layout_init (&layout, out->n_dims, out->sizes, -1, { out->strides, input->strides }))
    {
      int64_t sizes[GTEN_K_MAX_DIMS], half;
      GtenKArray from = *input, to = *out;
      int dim = 0;

      while (out->sizes[dim] == 1)
        dim++;
      memcpy (sizes, out->sizes, (size_t) out->n_dims * sizeof *sizes);
      from.sizes = to.sizes = sizes;
      sizes[dim] = half = out->sizes[dim] / 2;
      run_triangle (queue, upper, diagonal, &from, &to);
      sizes[dim] = out->sizes[dim] - half;
      from.data = (char *) from.data + half * from.strides[dim] * (int64_t) gten_cuda_size (from.dtype);
      to.data = (char *) to.data + half * to.strides[dim] * (int64_t) gten_cuda_size (to.dtype);
      run_triangle (queue, upper, diagonal + (dim == column - 1 ? half : dim == column ? -half : 0), &from, &to);
      return;
    }
  GTEN_CUDA_SWITCH_SIZE (gten_cuda_size (out->dtype),
                         gten_cuda_launch (queue, gten_cuda_blocks (n, GTEN_CUDA_THREADS), GTEN_CUDA_THREADS,
                                           keep_triangle<Stored>, layout, (uint32_t) n, n_columns, n_rows, upper, diagonal,
                                           (Stored *) out->data, (const Stored *) input->data);)
}

GtenKStatus
gten_cuda_triangle (int device, bool upper, int64_t diagonal, const GtenKArray *input,
                    const GtenKArray *out)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (gten_cuda_count (out->n_dims, out->sizes) > 0)
    {
      const int64_t n_rows = out->sizes[out->n_dims - 2], n_columns = out->sizes[out->n_dims - 1];

      diagonal = diagonal < -n_rows ? -n_rows : diagonal > n_columns ? n_columns : diagonal;   /* there is nothing beyond */
      run_triangle (queue, upper, diagonal, input, out);
    }
  return gten_cuda_leave (queue, NULL);
}
