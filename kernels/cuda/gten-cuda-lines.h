/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Walks over several strided arrays at once, and along their lines.
 *
 * A layout takes 12 dimensions and 2^31 elements; gten_cuda_each_part cuts what is larger into parts that it
 * takes. Kernels run over an index in a loop whose step is the grid, so that a grid may be as small as the
 * device. */
#pragma once

#include "gten-cuda-elements.h"

static inline int64_t
gten_line_size (const GtenKArray *array, int dim)
{
  return array->n_dims == 0 ? 1 : array->sizes[dim];
}

/* 0 of an array that is not there. */
static inline int64_t
gten_line_stride (const GtenKArray *array, int dim)
{
  return array == NULL || array->data == NULL || array->n_dims == 0 ? 0 : array->strides[dim];
}

/* NULL of an array that is not there. */
static inline const int64_t *
gten_strides_of (const GtenKArray *array)
{
  return array == NULL || array->data == NULL ? NULL : array->strides;
}

static inline void *
gten_data_of (const GtenKArray *array)
{
  return array == NULL ? NULL : array->data;
}

template <int N, typename Part>
static inline void
gten_cuda_cut (int n_dims, const int64_t *sizes, int without, const int64_t *const (&strides)[N],
               const int64_t (&offsets)[N], const Part &part)
{
  GtenLayout<N> layout;
  int64_t n_positions = 1, half[GTEN_K_MAX_DIMS], second[N];
  int outer = -1;

  for (int dim = n_dims - 1; dim >= 0; dim--)
    if (dim != without)
      {
        n_positions *= sizes[dim];
        if (sizes[dim] > 1)
          outer = dim;
      }
  if (n_positions == 0)
    return;
  if (gten_layout_init (&layout, n_dims, sizes, without, strides))
    {
      part (layout, n_positions, offsets);
      return;
    }
  memcpy (half, sizes, (size_t) n_dims * sizeof *half);
  half[outer] = sizes[outer] / 2;
  gten_cuda_cut (n_dims, half, without, strides, offsets, part);
  for (int i = 0; i < N; i++)
    second[i] = offsets[i] + (strides[i] == NULL ? 0 : half[outer] * strides[i][outer]);
  half[outer] = sizes[outer] - half[outer];
  gten_cuda_cut (n_dims, half, without, strides, second, part);
}

/* Calls part (layout, n_positions, offsets) for parts of `sizes` without one dimension (-1: none); offsets say where in
 * each array the part begins. */
template <int N, typename Part>
static inline void
gten_cuda_each_part (int n_dims, const int64_t *sizes, int without, const int64_t *const (&strides)[N],
                     const Part &part)
{
  const int64_t offsets[N] = {};

  gten_cuda_cut (n_dims, sizes, without, strides, offsets, part);
}

/* A grid for n elements of GTEN_CUDA_THREADS threads that fills the device and is no larger. */
static inline unsigned
gten_cuda_grid (const GtenCudaQueue *queue, int64_t n, int64_t n_per_block = GTEN_CUDA_THREADS)
{
  const int64_t n_blocks = (n + n_per_block - 1) / n_per_block, most = (int64_t) queue->n_processors * 32;

  return (unsigned) (n_blocks < most ? n_blocks : most);
}

/* A thread per line where lines are short, or lie side by side and are many. */
static inline bool
gten_lines_are_for_threads (const GtenCudaQueue *queue, int64_t n, int64_t n_short, int64_t n_lines, int64_t stride)
{
  return n <= n_short || (stride != 1 && n_lines >= (int64_t) queue->n_processors * GTEN_CUDA_THREADS / 2);
}

#define GTEN_CUDA_EACH(i, n)                                                                       \
  for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += gridDim.x * blockDim.x)

#ifdef __CUDACC__
#define GTEN_CUDA_UNROLL _Pragma ("unroll")
#else
#define GTEN_CUDA_UNROLL
#endif

static inline char *
gten_at (void *data, int64_t offset, size_t size)
{
  return (char *) data + offset * (int64_t) size;
}

/* -- what the host knows ---------------------------------------------------------------------------
 * Tables of the host reach the device as arguments of a kernel: nothing has to stay where it is until they are
 * there, and a captured graph replays them. */

typedef struct
{
  uint64_t words[448];
} GtenCudaWords;

static __global__ void
gten_cuda_keep_words (GtenCudaWords given, int n, uint64_t *words)
{
  GTEN_CUDA_EACH (i, (uint32_t) n)
    words[i] = given.words[i];
}

/* A copy of n words in scratch memory; NULL on failure. */
static inline void *
gten_cuda_keep_table (GtenCudaQueue *queue, const void *table, int64_t n)
{
  uint64_t *kept = (uint64_t *) gten_cuda_scratch (queue, (size_t) n * sizeof *kept);
  const int64_t most = sizeof (GtenCudaWords) / sizeof *kept;

  for (int64_t begin = 0; kept != NULL && begin < n; begin += most)
    {
      const int64_t here = n - begin < most ? n - begin : most;
      GtenCudaWords words;

      memcpy (words.words, (const uint64_t *) table + begin, (size_t) here * sizeof *kept);
      gten_cuda_launch (queue, 2, GTEN_CUDA_THREADS, gten_cuda_keep_words, words, (int) here, kept + begin);
    }
  return kept;
}
