/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What factorizations share: a block of GTEN_CUDA_THREADS works on a matrix, column-major. */
#pragma once

#include "gten-cuda-lines.h"

#define FACTOR_WARPS (GTEN_CUDA_THREADS / GTEN_CUDA_WARP)
#define FULL_WARP    0xffffffffu

/* As in GtenKFactorization, of one type; `scratch` has scratch_size elements for each matrix. */
template <typename T> struct Matrices
{
  int64_t  batch, a_size, b_size, c_size, scratch_size;
  int      m, n, k;
  T       *a, *b, *c, *values, *scratch;
  int32_t *pivots, *info;
  bool     upper, unitriangular, full, vectors;
};

template <typename T>
static inline Matrices<T>
gten_cuda_matrices (const GtenKFactorization *f)
{
  return { f->batch, f->a_size, f->b_size, f->c_size, 0, (int) f->m, (int) f->n, (int) f->k, (T *) f->a, (T *) f->b,
           (T *) f->c, (T *) f->values, NULL, f->pivots, f->info, f->upper, f->unitriangular, f->full, f->vectors };
}

/* Launches a kernel with `scratch_size` elements of scratch memory for each matrix. */
template <typename T>
static inline void
gten_cuda_launch_factor (GtenCudaQueue *queue, void (*kernel) (Matrices<T>), Matrices<T> self, int64_t scratch_size)
{
  const size_t n_bytes = (size_t) (self.batch * scratch_size) * sizeof (T);

  self.scratch_size = scratch_size;
  self.scratch = n_bytes == 0 ? NULL : (T *) gten_cuda_scratch (queue, n_bytes);
  gten_cuda_launch (queue, gten_cuda_grid (queue, self.batch, 1), GTEN_CUDA_THREADS, kernel, self);
  gten_cuda_scratch_release (queue, self.scratch, n_bytes);
}

/* Singular values and eigenvalues. */
void gten_cuda_find_spectrum (GtenCudaQueue *queue, const GtenKFactorization *factorization);

#define EACH_THREAD(i, begin, end) for (int i = (begin) + (int) threadIdx.x; i < (end); i += (int) blockDim.x)

/* The sum of one number of each thread; all get it. */
template <typename T>
static __device__ T
block_sum (T x, T *shared)
{
  for (int away = GTEN_CUDA_WARP / 2; away > 0; away /= 2)
    x += __shfl_down_sync (FULL_WARP, x, away);
  __syncthreads ();
  if (threadIdx.x % GTEN_CUDA_WARP == 0)
    shared[threadIdx.x / GTEN_CUDA_WARP] = x;
  __syncthreads ();
  x = shared[0];
  for (int w = 1; w < FACTOR_WARPS; w++)
    x += shared[w];
  return x;
}
