/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Eigenvalues of symmetric matrices and singular values, by Jacobi's rotations; a block works on a matrix.
 *
 * A sweep takes every pair of columns once, in rounds of pairs without a common column, as in a tournament (Brent and Luk,
 * 1985). Symmetric matrices are rotated from both sides; singular values come of making the columns of the taller of a and its
 * transpose orthogonal (Hestenes, 1958; Golub and Van Loan, "Matrix Computations"). Matrices are scaled by a power of 2
 * before and their values after. */
#include "gten-cuda-factor.h"

#define MAX_SWEEPS 60
#define NOT_FINITE -4   /* LAPACK's info for such a matrix */

/* The columns that meet as pair `i` in a round: one stands still, the others go round. A column from n on is not
 * there. */
static __device__ __forceinline__ void
find_pair (int n_even, int round, int i, int *p, int *q)
{
  const int going = n_even - 1, a = i == 0 ? n_even - 1 : (round + i) % going, b = (round + going - i) % going;

  *p = a < b ? a : b;
  *q = a < b ? b : a;
}

template <typename T>
static __device__ __forceinline__ T
epsilon (void)
{
  return sizeof (T) == 8 ? (T) DBL_EPSILON : (T) FLT_EPSILON;
}

/* The rotation that makes [[alpha, gamma], [gamma, beta]] diagonal; false if it would turn nothing. */
template <typename T>
static __device__ __forceinline__ bool
find_rotation (T alpha, T beta, T gamma, T *c, T *s)
{
  const T zeta = (beta - alpha) / (2 * gamma), size = fabs (zeta);
  const T root = size < 1 / epsilon<T> () ? sqrt (1 + zeta * zeta) : size;   /* whose square might overflow */
  const T t = (zeta < 0 ? (T) -1 : (T) 1) / (size + root);

  *c = 1 / sqrt (1 + t * t);
  *s = *c * t;
  return *s != 0;
}

template <typename T>
static __device__ __forceinline__ void
rotate (T *x, T *y, T c, T s)
{
  const T kept = *x;

  *x = c * kept - s * *y;
  *y = s * kept + c * *y;
}

/* False if an element is not finite; all threads get it. */
template <typename T>
static __device__ bool
is_finite (const T *a, int64_t n, T *shared)
{
  T sum = 0;

  for (int64_t i = threadIdx.x; i < n; i += blockDim.x)
    sum += a[i] * 0;
  return block_sum (sum, shared) == 0;
}

/* -- eigenvalues -----------------------------------------------------------------------------------*/

/* How many rounds rotated anything. */
template <typename T>
static __device__ int
sweep_symmetric (T *a, T *v, int n, T *rotations, T least)
{
  const int n_even = n + n % 2, n_pairs = n_even / 2;
  int n_rotated = 0;

  for (int round = 0; round < n_even - 1; round++)
    {
      int rotates = 0;

      EACH_THREAD (i, 0, n_pairs)
        {
          int p, q;

          find_pair (n_even, round, i, &p, &q);
          rotations[2 * i] = 1;
          rotations[2 * i + 1] = 0;
          if (q < n && fabs (a[p + (int64_t) q * n]) > least)
            rotates |= find_rotation (a[p + (int64_t) p * n], a[q + (int64_t) q * n], a[p + (int64_t) q * n], &rotations[2 * i],
                                      &rotations[2 * i + 1]);
        }
      if (__syncthreads_or (rotates) == 0)
        continue;
      n_rotated++;
      EACH_THREAD (place, 0, n_pairs * n)
        {
          int p, q;
          const int i = place / n, row = place % n;

          find_pair (n_even, round, i, &p, &q);
          if (q < n)
            {
              rotate (&a[row + (int64_t) p * n], &a[row + (int64_t) q * n], rotations[2 * i], rotations[2 * i + 1]);
              rotate (&v[row + (int64_t) p * n], &v[row + (int64_t) q * n], rotations[2 * i], rotations[2 * i + 1]);
            }
        }
      __syncthreads ();
      EACH_THREAD (place, 0, n_pairs * n)
        {
          int p, q;
          const int i = place / n, column = place % n;

          find_pair (n_even, round, i, &p, &q);
          if (q < n)
            rotate (&a[p + (int64_t) column * n], &a[q + (int64_t) column * n], rotations[2 * i], rotations[2 * i + 1]);
        }
      __syncthreads ();
    }
  return n_rotated;
}

/* Where value i comes among n: ascending, or descending. */
template <typename T>
static __device__ int
rank_of (const T *values, int64_t stride, int n, int i, bool descending)
{
  int rank = 0;

  for (int j = 0; j < n; j++)
    {
      const T x = values[i * stride], y = values[j * stride];

      rank += (descending ? y > x : y < x) || (y == x && j < i);
    }
  return rank;
}

template <typename T>
static __global__ void
eigh (Matrices<T> self)
{
  __shared__ T shared[WARPS];
  const int n = self.n;

  for (int64_t which = blockIdx.x; which < self.batch; which += gridDim.x)
    {
      T *a = self.a + which * self.a_size, *values = self.values + which * n;
      T *v = self.scratch + which * self.scratch_size, *rotations = v + (int64_t) n * n, square = 0;
      const bool finite = is_finite (a, (int64_t) n * n, shared);
      int n_rotated = 1, exponent;

      if (threadIdx.x == 0)
        self.info[which] = finite ? 0 : NOT_FINITE;
      if (!finite)
        continue;
      for (int64_t i = threadIdx.x; i < (int64_t) n * n; i += blockDim.x)
        {
          const int row = (int) (i % n), column = (int) (i / n);
          const bool is_given = self.upper ? row < column : row > column;

          if (is_given)
            a[column + (int64_t) row * n] = a[i];
          v[i] = row == column;
        }
      __syncthreads ();
      exponent = find_exponent (a, (int64_t) n * n, shared);
      for (int64_t i = threadIdx.x; i < (int64_t) n * n; i += blockDim.x)
        {
          a[i] = ldexp (a[i], -exponent);
          square += a[i] * a[i];
        }
      square = block_sum (square, shared);
      for (int sweep = 0; n_rotated > 0 && sweep < MAX_SWEEPS; sweep++)
        n_rotated = sweep_symmetric (a, v, n, rotations, sqrt (square) * epsilon<T> () / (2 * (T) n));
      EACH_THREAD (i, 0, n)
        rotations[i] = a[i + (int64_t) i * n];
      __syncthreads ();
      EACH_THREAD (i, 0, n)
        {
          const int rank = rank_of (rotations, 1, n, i, false);

          values[rank] = ldexp (rotations[i], exponent);
          for (int row = 0; self.vectors && row < n; row++)
            a[row + (int64_t) rank * n] = v[row + (int64_t) i * n];
        }
      if (threadIdx.x == 0 && n_rotated > 0)
        self.info[which] = 1;
      __syncthreads ();
    }
}

/* -- singular values -------------------------------------------------------------------------------*/

/* Makes the columns of w, m x n, orthogonal, and turns those of v, n x n, along; a warp per pair. */
template <typename T>
static __device__ int
sweep_columns (T *w, int m, T *v, int n)
{
  const int n_even = n + n % 2, n_pairs = n_even / 2, lane = threadIdx.x % GTEN_CUDA_WARP;
  int rotates = 0;

  for (int round = 0; round < n_even - 1; round++)
    {
      for (int i = threadIdx.x / GTEN_CUDA_WARP; i < n_pairs; i += WARPS)
        {
          T alpha = 0, beta = 0, gamma = 0, c, s;
          int p, q;

          find_pair (n_even, round, i, &p, &q);
          if (q >= n)
            continue;

          T *x = w + (int64_t) p * m, *y = w + (int64_t) q * m;

          for (int row = lane; row < m; row += GTEN_CUDA_WARP)
            {
              alpha += x[row] * x[row];
              beta += y[row] * y[row];
              gamma += x[row] * y[row];
            }
          alpha = warp_sum (alpha);
          beta = warp_sum (beta);
          gamma = warp_sum (gamma);
          if (!(fabs (gamma) > epsilon<T> () * sqrt (alpha) * sqrt (beta)) || !find_rotation (alpha, beta, gamma, &c, &s))
            continue;
          rotates = 1;
          for (int row = lane; row < m; row += GTEN_CUDA_WARP)
            rotate (&x[row], &y[row], c, s);
          for (int row = lane; row < n; row += GTEN_CUDA_WARP)
            rotate (&v[row + (int64_t) p * n], &v[row + (int64_t) q * n], c, s);
        }
      __syncthreads ();
    }
  return __syncthreads_or (rotates);
}

/* Makes column j of u, m rows, a unit vector at right angles to the first j. There is one among the axes that is far enough
 * from all of them. */
template <typename T>
static __device__ void
complete_column (T *u, int m, int j, int *axis, T *shared)
{
  T *column = u + (int64_t) j * m;

  for (; *axis < m; ++*axis)
    {
      T square = 0;

      EACH_THREAD (row, 0, m)
        column[row] = row == *axis;
      __syncthreads ();
      for (int pass = 0; pass < 2; pass++)
        for (int other = 0; other < j; other++)
          {
            const T *direction = u + (int64_t) other * m;
            T along = 0;

            EACH_THREAD (row, 0, m)
              along += direction[row] * column[row];
            along = block_sum (along, shared);
            EACH_THREAD (row, 0, m)
              column[row] -= along * direction[row];
            __syncthreads ();
          }
      EACH_THREAD (row, 0, m)
        square += column[row] * column[row];
      square = block_sum (square, shared);
      if (square * 2 * m < 1)
        continue;
      EACH_THREAD (row, 0, m)
        column[row] /= sqrt (square);
      __syncthreads ();
      ++*axis;
      return;
    }
}

/* Scratch: w, the taller of a and its transpose, v, what comes of w in order, and the lengths of its columns. */
template <typename T>
static __global__ void
svd (Matrices<T> self)
{
  __shared__ T shared[WARPS];
  const bool is_turned = self.m < self.n;
  const int m = is_turned ? self.n : self.m, n = is_turned ? self.m : self.n, n_left = self.full ? m : n;

  for (int64_t which = blockIdx.x; which < self.batch; which += gridDim.x)
    {
      const T *a = self.a + which * self.a_size;
      T *w = self.scratch + which * self.scratch_size, *v = w + (int64_t) m * n, *left = v + (int64_t) n * n;
      T *lengths = left + (int64_t) m * n_left, *values = self.values + which * n, largest;
      const bool finite = is_finite (a, (int64_t) m * n, shared);
      int rotates = 1, n_kept = 0, axis = 0, exponent;

      if (threadIdx.x == 0)
        self.info[which] = finite ? 0 : NOT_FINITE;
      if (!finite)
        continue;
      exponent = find_exponent (a, (int64_t) m * n, shared);
      for (int64_t i = threadIdx.x; i < (int64_t) m * n; i += blockDim.x)
        w[i] = ldexp (is_turned ? a[i / m + i % m * n] : a[i], -exponent);
      for (int64_t i = threadIdx.x; i < (int64_t) n * n; i += blockDim.x)
        v[i] = i / n == i % n;
      __syncthreads ();
      for (int sweep = 0; rotates && sweep < MAX_SWEEPS; sweep++)
        rotates = sweep_columns (w, m, v, n);
      for (int j = 0; j < n; j++)
        {
          T square = 0;

          EACH_THREAD (row, 0, m)
            square += w[row + (int64_t) j * m] * w[row + (int64_t) j * m];
          square = block_sum (square, shared);
          if (threadIdx.x == 0)
            lengths[j] = sqrt (square);
        }
      __syncthreads ();
      EACH_THREAD (j, 0, n)
        values[rank_of (lengths, 1, n, j, true)] = ldexp (lengths[j], exponent);
      __syncthreads ();
      if (threadIdx.x == 0 && rotates)
        self.info[which] = 1;
      if (self.b == NULL)
        continue;

      largest = n > 0 ? values[0] : 0;
      while (n_kept < n && values[n_kept] > largest * (epsilon<T> () * m))
        n_kept++;
      for (int j = 0; j < n; j++)
        {
          const int rank = rank_of (lengths, 1, n, j, true);

          /* The columns of v are rows of the result, or its left side. */
          EACH_THREAD (row, 0, n)
            if (is_turned)
              self.b[which * self.b_size + row + (int64_t) rank * n] = v[row + (int64_t) j * n];
            else
              self.c[which * self.c_size + rank + (int64_t) row * n] = v[row + (int64_t) j * n];
          if (rank < n_kept)
            EACH_THREAD (row, 0, m)
              left[row + (int64_t) rank * m] = w[row + (int64_t) j * m] / lengths[j];
        }
      __syncthreads ();
      for (int j = n_kept; j < n_left; j++)
        complete_column (left, m, j, &axis, shared);
      for (int64_t i = threadIdx.x; i < (int64_t) m * n_left; i += blockDim.x)
        if (is_turned)
          self.c[which * self.c_size + i / m + i % m * n_left] = left[i];
        else
          self.b[which * self.b_size + i] = left[i];
      __syncthreads ();
    }
}

/* -- what is launched ------------------------------------------------------------------------------*/

template <typename T>
static void
launch (GtenCudaQueue *queue, const GtenKFactorization *f)
{
  const int64_t m = f->m < f->n ? f->n : f->m, n = f->m < f->n ? f->m : f->n;

  if (f->kind == GTEN_K_EIGH)
    gten_cuda_launch_factor (queue, eigh<T>, gten_cuda_matrices<T> (f), n * n + n + 2);
  else
    gten_cuda_launch_factor (queue, svd<T>, gten_cuda_matrices<T> (f), m * n + n * n + m * (f->full ? m : n) + n);
}

void
gten_cuda_find_spectrum (GtenCudaQueue *queue, const GtenKFactorization *f)
{
  if (f->dtype == GTEN_K_FLOAT64)
    launch<double> (queue, f);
  else
    launch<float> (queue, f);
}
