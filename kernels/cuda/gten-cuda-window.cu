/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Windows that slide over images: their elements as columns, columns summed back into images, the largest element of
 * each; and weighted sums along a dimension.
 *
 * Images lie [planes, size], columns [planes, kernel, count], results of pooling [planes, count]. A thread takes an element
 * of the result; whatever is summed is summed by one thread in order, so that results do not depend on the
 * grid. */
#include "gten-cuda-lines.h"

static int64_t
volume (const int64_t *sizes)
{
  return sizes[0] * sizes[1] * sizes[2];
}

/* Calls part (first, index) for as many planes at a time as an index of 31 bits takes, which `index` counts. A larger plane
 * goes alone, with an index of 64 bits. */
template <typename Part>
static void
each_planes (int64_t n_planes, int64_t n_per_plane, Part part)
{
  const int64_t most = n_per_plane > GTEN_CUDA_MOST ? 1 : GTEN_CUDA_MOST / (n_per_plane > 0 ? n_per_plane : 1);

  for (int64_t first = 0; n_per_plane > 0 && first < n_planes; first += most)
    if (n_per_plane > GTEN_CUDA_MOST)
      part (first, (uint64_t) n_per_plane);
    else
      part (first, (uint32_t) ((n_planes - first < most ? n_planes - first : most) * n_per_plane));
}

#define EACH(i, n)                                                                                 \
  for (Index i = (Index) blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += gridDim.x * blockDim.x)

/* -- columns ---------------------------------------------------------------------------------------*/

typedef struct
{
  int64_t     size[3], kernel[3], stride[3], padding[3], dilation[3], count[3];
  GtenDivider sizes[3], kernels[3], counts[3];
} Windows;

static Windows
windows_of (const GtenKWindows *given)
{
  Windows self;

  for (int d = 0; d < 3; d++)
    {
      self.size[d] = given->size[d];
      self.kernel[d] = given->kernel[d];
      self.stride[d] = given->stride[d];
      self.padding[d] = given->padding[d];
      self.dilation[d] = given->dilation[d];
      self.count[d] = given->count[d];
      self.sizes[d] = gten_divider (given->size[d] > 0 ? given->size[d] : 1);
      self.kernels[d] = gten_divider (given->kernel[d] > 0 ? given->kernel[d] : 1);
      self.counts[d] = gten_divider (given->count[d] > 0 ? given->count[d] : 1);
    }
  return self;
}

static __device__ __forceinline__ uint32_t
divide (uint32_t index, const GtenDivider &size, uint32_t *rest)
{
  return gten_divide (index, size, rest);
}

static __device__ __forceinline__ uint64_t
divide (uint64_t index, const GtenDivider &size, uint32_t *rest)
{
  *rest = (uint32_t) (index % size.divisor);
  return index / size.divisor;
}

template <typename Index>
static __device__ __forceinline__ Index
split (Index index, const GtenDivider (&sizes)[3], uint32_t (&at)[3])
{
  for (int d = 2; d >= 0; d--)
    index = divide (index, sizes[d], &at[d]);
  return index;
}

template <typename Stored, typename Index>
static __global__ void
unfold (Windows w, Index n, const Stored *images, Stored *columns)
{
  EACH (i, n)
    {
      uint32_t window[3], tap[3];
      int64_t at = (int64_t) split (split (i, w.counts, window), w.kernels, tap);
      bool is_inside = true;

      for (int d = 0; d < 3; d++)
        {
          const int64_t x = window[d] * w.stride[d] + tap[d] * w.dilation[d] - w.padding[d];

          is_inside &= x >= 0 && x < w.size[d];
          at = at * w.size[d] + x;
        }
      columns[i] = is_inside ? images[at] : Stored (0);
    }
}

/* The windows along one dimension that hold x are those whose begin is a tap's distance before it. */
template <typename T, typename Index>
static __global__ void
fold (Windows w, Index n, const T *columns, T *images)
{
  EACH (i, n)
    {
      uint32_t x[3];
      const int64_t plane = (int64_t) split (i, w.sizes, x);
      T sum = 0;

      for (int64_t kd = 0; kd < w.kernel[0]; kd++)
        for (int64_t kh = 0; kh < w.kernel[1]; kh++)
          for (int64_t kw = 0; kw < w.kernel[2]; kw++)
            {
              const int64_t taps[3] = { kd, kh, kw };
              int64_t at = ((plane * w.kernel[0] + kd) * w.kernel[1] + kh) * w.kernel[2] + kw;
              bool is_window = true;

              for (int d = 0; d < 3; d++)
                {
                  const int64_t begin = x[d] + w.padding[d] - taps[d] * w.dilation[d], window = begin / w.stride[d];

                  is_window &= begin >= 0 && window * w.stride[d] == begin && window < w.count[d];
                  at = at * w.count[d] + window;
                }
              if (is_window)
                sum += columns[at];
            }
      images[i] = sum;
    }
}

GtenKStatus
gten_cuda_unfold (int device, const GtenKWindows *windows, int64_t n_planes, GtenKDtype dtype, const void *images,
                  void *columns)
{
  const int64_t image = volume (windows->size), column = volume (windows->kernel) * volume (windows->count);
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  each_planes (n_planes, column, [&] (int64_t first, auto n) {
    GTEN_CUDA_SWITCH_SIZE (gten_cuda_size (dtype), {
      gten_cuda_launch (queue, gten_cuda_grid (queue, (int64_t) n), GTEN_CUDA_THREADS, unfold<Stored, decltype (n)>,
                        windows_of (windows), n, (const Stored *) images + first * image, (Stored *) columns + first * column);
    })
  });
  return gten_cuda_leave (queue, NULL);
}

/* Runs statements in which T is the dtype, if it is one that is computed in. */
#define SWITCH_COMPUTE(dtype, ...)                                                                 \
  if ((dtype) == GTEN_K_FLOAT32)                                                                   \
    { typedef float T; __VA_ARGS__ }                                                               \
  else if ((dtype) == GTEN_K_FLOAT64)                                                              \
    { typedef double T; __VA_ARGS__ }                                                              \
  else if ((dtype) == GTEN_K_INT64)                                                                \
    { typedef int64_t T; __VA_ARGS__ }

static bool
is_computed_in (GtenKDtype dtype)
{
  return dtype == GTEN_K_FLOAT32 || dtype == GTEN_K_FLOAT64 || dtype == GTEN_K_INT64;
}

GtenKStatus
gten_cuda_fold (int device, const GtenKWindows *windows, int64_t n_planes, GtenKDtype dtype, const void *columns,
                void *images)
{
  const int64_t image = volume (windows->size), column = volume (windows->kernel) * volume (windows->count);
  GtenCudaQueue *queue;

  if (!is_computed_in (dtype))
    return GTEN_K_UNSUPPORTED;
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  each_planes (n_planes, image, [&] (int64_t first, auto n) {
    SWITCH_COMPUTE (dtype, {
      gten_cuda_launch (queue, gten_cuda_grid (queue, (int64_t) n), GTEN_CUDA_THREADS, fold<T, decltype (n)>, windows_of (windows), n,
                        (const T *) columns + first * column, (T *) images + first * image);
    })
  });
  return gten_cuda_leave (queue, NULL);
}

/* -- pooling ---------------------------------------------------------------------------------------*/

typedef struct
{
  int64_t        size[3], dilation[3];
  GtenDivider    counts[3];
  const int64_t *begins[3], *ends[3];
} Pooling;

/* The first of equal elements wins, and a NaN over all. */
template <typename T, typename Index>
static __global__ void
max_pool (Pooling p, Index n, const T *images, T *values, int64_t *indices)
{
  EACH (i, n)
    {
      uint32_t window[3];
      const int64_t plane = (int64_t) split (i, p.counts, window);
      const T *image = images + plane * p.size[0] * p.size[1] * p.size[2];
      int64_t begin[3], end[3], best;
      T most;

      for (int d = 0; d < 3; d++)
        {
          begin[d] = p.begins[d][window[d]];
          end[d] = p.ends[d][window[d]];
        }
      best = (begin[0] * p.size[1] + begin[1]) * p.size[2] + begin[2];
      most = image[best];
      for (int64_t z = begin[0]; z < end[0]; z += p.dilation[0])
        for (int64_t y = begin[1]; y < end[1]; y += p.dilation[1])
          for (int64_t x = begin[2]; x < end[2]; x += p.dilation[2])
            {
              const int64_t at = (z * p.size[1] + y) * p.size[2] + x;
              const T element = image[at];

              if (element > most || gten_isnan (element))
                {
                  most = element;
                  best = at;
                }
            }
      values[i] = most;
      indices[i] = best;
    }
}

GtenKStatus
gten_cuda_max_pool (int device, const GtenKPooling *pooling, GtenKDtype dtype, const void *images, void *values,
                    int64_t *indices)
{
  const int64_t image = volume (pooling->size), count = volume (pooling->count);
  const int64_t *tables[6];
  Pooling p;
  GtenCudaQueue *queue;

  if (!is_computed_in (dtype))
    return GTEN_K_UNSUPPORTED;
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  for (int d = 0; d < 3; d++)
    {
      p.size[d] = pooling->size[d];
      p.dilation[d] = pooling->dilation[d];
      p.counts[d] = gten_divider (pooling->count[d] > 0 ? pooling->count[d] : 1);
      p.begins[d] = tables[2 * d] = (const int64_t *) gten_cuda_keep_table (queue, pooling->begins[d], pooling->count[d]);
      p.ends[d] = tables[2 * d + 1] = (const int64_t *) gten_cuda_keep_table (queue, pooling->ends[d], pooling->count[d]);
    }
  each_planes (pooling->n_planes, count, [&] (int64_t first, auto n) {
    SWITCH_COMPUTE (dtype, {
      gten_cuda_launch (queue, gten_cuda_grid (queue, (int64_t) n), GTEN_CUDA_THREADS, max_pool<T, decltype (n)>, p, n,
                        (const T *) images + first * image, (T *) values + first * count, indices + first * count);
    })
  });
  for (int t = 0; t < 6; t++)
    gten_cuda_scratch_release (queue, (void *) tables[t], (size_t) pooling->count[t / 2] * sizeof (int64_t));
  return gten_cuda_leave (queue, NULL);
}

/* -- weighted sums along a dimension -----------------------------------------------------------------*/

template <typename T, typename Index>
static __global__ void
resample (GtenDivider inner, GtenDivider n_out, int64_t n_in, Index n, const int64_t *rows, const int64_t *columns,
          const double *weights, const T *from, T *to)
{
  EACH (i, n)
    {
      uint32_t at, row;
      const int64_t outer = (int64_t) divide (divide (i, inner, &at), n_out, &row);
      const T *image = from + outer * n_in * inner.divisor + at;
      T sum = 0;

      for (int64_t t = rows[row]; t < rows[row + 1]; t++)
        sum += (T) weights[t] * image[columns[t] * inner.divisor];
      to[i] = sum;
    }
}

GtenKStatus
gten_cuda_resample (int device, const GtenKResample *given, GtenKDtype dtype, const void *in, void *out)
{
  const int64_t n_weights = given->rows[given->n_out], plane = given->n_out * given->inner;
  const GtenDivider inner = gten_divider (given->inner > 0 ? given->inner : 1);
  const GtenDivider n_out = gten_divider (given->n_out > 0 ? given->n_out : 1);
  GtenCudaQueue *queue;
  int64_t *rows, *columns;
  double *weights;

  if (dtype != GTEN_K_FLOAT32 && dtype != GTEN_K_FLOAT64)
    return GTEN_K_UNSUPPORTED;
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  rows = (int64_t *) gten_cuda_keep_table (queue, given->rows, given->n_out + 1);
  columns = (int64_t *) gten_cuda_keep_table (queue, given->columns, n_weights);
  weights = (double *) gten_cuda_keep_table (queue, given->weights, n_weights);
  each_planes (given->outer, plane, [&] (int64_t first, auto n) {
    SWITCH_COMPUTE (dtype, {
      gten_cuda_launch (queue, gten_cuda_grid (queue, (int64_t) n), GTEN_CUDA_THREADS, resample<T, decltype (n)>, inner, n_out,
                        given->n_in, n, rows, columns, weights,
                        (const T *) in + first * given->n_in * given->inner, (T *) out + first * plane);
    })
  });
  gten_cuda_scratch_release (queue, rows, (size_t) (given->n_out + 1) * sizeof *rows);
  gten_cuda_scratch_release (queue, columns, (size_t) n_weights * sizeof *columns);
  gten_cuda_scratch_release (queue, weights, (size_t) n_weights * sizeof *weights);
  return gten_cuda_leave (queue, NULL);
}
