/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What factorizations share: a block of GTEN_CUDA_THREADS works on a matrix, column-major. */
#pragma once

#include <float.h>

#include "gten-cuda-block.h"
#include "gten-cuda-lines.h"


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

/* The power of 2 by which the largest of n elements is about 1, whose squares neither overflow nor vanish; 0 if all are
 * 0. All threads get it. */
template <typename T>
static __device__ int
find_exponent (const T *a, int64_t n, T *shared)
{
  T largest = 0;
  int exponent = 0;

  for (int64_t i = threadIdx.x; i < n; i += blockDim.x)
    largest = fabs (a[i]) > largest ? fabs (a[i]) : largest;
  largest = block_fold (largest, shared, [] (T a, T b) { return a > b ? a : b; });
  if (largest > 0 && largest <= (sizeof (T) == 8 ? (T) DBL_MAX : (T) FLT_MAX))
    frexp (largest, &exponent);
  return exponent;
}
