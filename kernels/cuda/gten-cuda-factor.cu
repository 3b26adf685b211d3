/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Factorizations of batches of matrices, column-major: a block works on a matrix, column by column, and its threads share
 * what a column changes in the rest. Results, pivots and infos are LAPACK's. Golub and Van Loan, "Matrix Computations". */
#include "gten-cuda-factor.h"

/* -- Cholesky --------------------------------------------------------------------------------------*/

template <typename T>
static __global__ void
cholesky (Matrices<T> self)
{
  const int n = self.n;

  for (int64_t which = blockIdx.x; which < self.batch; which += gridDim.x)
    {
      T *a = self.a + which * self.a_size;
      int failed = 0;
      const auto at = [&] (int row, int column) -> T & {
        return a[self.upper ? column + (int64_t) row * n : row + (int64_t) column * n];
      };

      for (int j = 0; j < n && failed == 0; j++)
        {
          const T square = at (j, j), root = sqrt (square);

          __syncthreads ();
          if (!(square > 0))
            {
              failed = j + 1;
              break;
            }
          EACH_THREAD (i, j, n)
            at (i, j) = i == j ? root : at (i, j) / root;
          __syncthreads ();
          EACH_THREAD (place, 0, (n - j - 1) * (n - j - 1))
            {
              const int row = j + 1 + place % (n - j - 1), column = j + 1 + place / (n - j - 1);

              if (row >= column)
                at (row, column) -= at (row, j) * at (column, j);
            }
          __syncthreads ();
        }
      if (threadIdx.x == 0)
        self.info[which] = failed;
    }
}

/* -- LU --------------------------------------------------------------------------------------------*/

/* The row from j on with the largest element of column j; the first of equals. */
template <typename T>
static __device__ int
find_pivot (const T *column, int j, int m, T *bests, int *places)
{
  T best = -1;
  int place = j;

  EACH_THREAD (i, j, m)
    if (fabs (column[i]) > best)
      {
        best = fabs (column[i]);
        place = i;
      }
  for (int away = GTEN_CUDA_WARP / 2; away > 0; away /= 2)
    {
      const T other = __shfl_down_sync (FULL_WARP, best, away);
      const int other_place = __shfl_down_sync (FULL_WARP, place, away);

      if (other > best || (other == best && other_place < place))
        {
          best = other;
          place = other_place;
        }
    }
  if (threadIdx.x % GTEN_CUDA_WARP == 0)
    {
      bests[threadIdx.x / GTEN_CUDA_WARP] = best;
      places[threadIdx.x / GTEN_CUDA_WARP] = place;
    }
  __syncthreads ();
  best = bests[0];
  place = places[0];
  for (int w = 1; w < WARPS; w++)
    if (bests[w] > best || (bests[w] == best && places[w] < place))
      {
        best = bests[w];
        place = places[w];
      }
  __syncthreads ();
  return place;
}

/* The first column without a pivot, from 1; 0 if all have one. */
template <typename T>
static __device__ int
factor_lu (T *a, int m, int n, int32_t *pivots, T *bests, int *places)
{
  const int r = m < n ? m : n;
  int failed = 0;

  for (int j = 0; j < r; j++)
    {
      T *column = a + (int64_t) j * m;
      const int pivot = find_pivot (column, j, m, bests, places);
      T diagonal;

      if (threadIdx.x == 0)
        pivots[j] = pivot + 1;
      if (pivot != j)
        EACH_THREAD (c, 0, n)
          {
            const T kept = a[j + (int64_t) c * m];

            a[j + (int64_t) c * m] = a[pivot + (int64_t) c * m];
            a[pivot + (int64_t) c * m] = kept;
          }
      __syncthreads ();
      diagonal = column[j];
      if (diagonal == 0)
        failed = failed == 0 ? j + 1 : failed;
      else
        EACH_THREAD (i, j + 1, m)
          column[i] /= diagonal;
      __syncthreads ();
      if (m > j + 1)
        EACH_THREAD (place, 0, (m - j - 1) * (n - j - 1))
          {
            const int row = j + 1 + place % (m - j - 1), c = j + 1 + place / (m - j - 1);

            a[row + (int64_t) c * m] -= column[row] * a[j + (int64_t) c * m];
          }
      __syncthreads ();
    }
  return failed;
}

/* b becomes the solution of a @ x = b for a triangle of a; columns are `lead` elements apart in both. */
template <typename T>
static __device__ void
solve_triangle (const T *a, int n, int lead, T *b, int k, bool upper, bool unitriangular)
{
  for (int step = 0; step < n; step++)
    {
      const int j = upper ? n - 1 - step : step, begin = upper ? 0 : j + 1, n_rest = upper ? j : n - j - 1;
      const T *column = a + (int64_t) j * lead;

      if (!unitriangular)
        EACH_THREAD (c, 0, k)
          b[j + (int64_t) c * lead] /= column[j];
      __syncthreads ();
      if (n_rest > 0)
        EACH_THREAD (place, 0, n_rest * k)
          {
            const int row = begin + place % n_rest, c = place / n_rest;

            b[row + (int64_t) c * lead] -= column[row] * b[j + (int64_t) c * lead];
          }
      __syncthreads ();
    }
}

template <typename T>
static __global__ void
lu (Matrices<T> self)
{
  __shared__ T bests[WARPS];
  __shared__ int places[WARPS];
  const int r = self.m < self.n ? self.m : self.n;

  for (int64_t which = blockIdx.x; which < self.batch; which += gridDim.x)
    {
      const int failed = factor_lu (self.a + which * self.a_size, self.m, self.n, self.pivots + which * r, bests, places);

      if (threadIdx.x == 0)
        self.info[which] = failed;
    }
}

template <typename T>
static __global__ void
solve (Matrices<T> self)
{
  __shared__ T bests[WARPS];
  __shared__ int places[WARPS];
  const int n = self.n, k = self.k;

  for (int64_t which = blockIdx.x; which < self.batch; which += gridDim.x)
    {
      T *a = self.a + which * self.a_size, *b = self.b + which * self.b_size;
      int32_t *pivots = self.pivots + which * n;
      const int failed = factor_lu (a, n, n, pivots, bests, places);

      if (threadIdx.x == 0)
        self.info[which] = failed;
      if (failed != 0)
        continue;
      EACH_THREAD (c, 0, k)
        for (int j = 0; j < n; j++)
          {
            const int64_t row = (int64_t) c * n;
            const T kept = b[row + j];

            b[row + j] = b[row + pivots[j] - 1];
            b[row + pivots[j] - 1] = kept;
          }
      __syncthreads ();
      solve_triangle (a, n, n, b, k, false, true);
      solve_triangle (a, n, n, b, k, true, false);
    }
}

template <typename T>
static __global__ void
triangular_solve (Matrices<T> self)
{
  for (int64_t which = blockIdx.x; which < self.batch; which += gridDim.x)
    {
      solve_triangle (self.a + which * self.a_size, self.n, self.n, self.b + which * self.b_size, self.k, self.upper,
                      self.unitriangular);
      if (threadIdx.x == 0)
        self.info[which] = 0;
    }
}

/* -- QR --------------------------------------------------------------------------------------------*/

/* Columns begin to end of x, of m rows, reflected by v, which begins at row j with a 1 that is not stored; a warp per
 * column. */
template <typename T>
static __device__ void
reflect (const T *v, T tau, int j, int m, T *x, int begin, int end)
{
  const int lane = threadIdx.x % GTEN_CUDA_WARP;

  for (int c = begin + threadIdx.x / GTEN_CUDA_WARP; c < end; c += WARPS)
    {
      T *column = x + (int64_t) c * m, sum = 0;

      for (int i = j + lane; i < m; i += GTEN_CUDA_WARP)
        sum += (i == j ? (T) 1 : v[i]) * column[i];
      sum = tau * warp_sum (sum);
      for (int i = j + lane; i < m; i += GTEN_CUDA_WARP)
        column[i] -= sum * (i == j ? (T) 1 : v[i]);
    }
}

/* Householder's reflections below the diagonal of a, R from it on. Lengths are found of columns that are scaled. */
template <typename T>
static __device__ void
factor_qr (T *a, int m, int n, T *taus, T *shared)
{
  for (int j = 0; j < m && j < n; j++)
    {
      T *column = a + (int64_t) j * m, square = 0, alpha, length, beta, tau;
      const int exponent = find_exponent (column + j, m - j, shared);

      EACH_THREAD (i, j + 1, m)
        {
          const T x = ldexp (column[i], -exponent);

          square += x * x;
        }
      square = block_sum (square, shared);
      alpha = ldexp (column[j], -exponent);
      length = sqrt (alpha * alpha + square);
      beta = alpha > 0 ? -length : length;
      tau = square == 0 ? 0 : (beta - alpha) / beta;
      __syncthreads ();
      if (tau != 0)
        EACH_THREAD (i, j, m)
          column[i] = i == j ? ldexp (beta, exponent) : ldexp (column[i], -exponent) / (alpha - beta);
      if (threadIdx.x == 0)
        taus[j] = tau;
      __syncthreads ();
      reflect (column, tau, j, m, a, j + 1, n);
      __syncthreads ();
    }
}

template <typename T>
static __global__ void
qr (Matrices<T> self)
{
  __shared__ T shared[WARPS];
  const int m = self.m, n = self.n, k = self.k, r = m < n ? m : n;

  for (int64_t which = blockIdx.x; which < self.batch; which += gridDim.x)
    {
      T *a = self.a + which * self.a_size, *taus = self.scratch + which * self.scratch_size;
      T *q = self.b == NULL ? NULL : self.b + which * self.b_size;

      factor_qr (a, m, n, taus, shared);
      if (threadIdx.x == 0)
        self.info[which] = 0;
      if (q == NULL)
        continue;
      for (int64_t i = threadIdx.x; i < (int64_t) m * k; i += blockDim.x)
        q[i] = i % m == i / m;
      __syncthreads ();
      for (int j = r - 1; j >= 0; j--)
        {
          reflect (a + (int64_t) j * m, taus[j], j, m, q, 0, k);
          __syncthreads ();
        }
    }
}

/* -- least squares ---------------------------------------------------------------------------------
 * Of full rank. With q and r of a, or of its transpose where a is wide:
 *
 *   m >= n:  r @ x = the top of q' @ b, and the rest is what remains
 *   m < n:   x = q @ y,  r' @ y = b: the shortest solution */

template <typename T>
static __global__ void
least_squares (Matrices<T> self)
{
  __shared__ T shared[WARPS];
  const bool is_wide = self.m < self.n;
  const int m = is_wide ? self.n : self.m, n = is_wide ? self.m : self.n, k = self.k;

  for (int64_t which = blockIdx.x; which < self.batch; which += gridDim.x)
    {
      T *a = self.a + which * self.a_size, *b = self.b + which * self.b_size;
      T *taus = self.scratch + which * self.scratch_size, *turned = taus + n;
      int failed = 0;

      if (is_wide)
        {
          for (int64_t i = threadIdx.x; i < (int64_t) m * n; i += blockDim.x)
            turned[i] = a[i / m + i % m * n];
          a = turned;
          __syncthreads ();
        }
      factor_qr (a, m, n, taus, shared);
      for (int j = n - 1; j >= 0; j--)
        failed = a[j + (int64_t) j * m] == 0 ? j + 1 : failed;
      if (threadIdx.x == 0)
        self.info[which] = failed;
      if (failed != 0)
        continue;
      if (!is_wide)
        {
          for (int j = 0; j < n; j++)
            {
              reflect (a + (int64_t) j * m, taus[j], j, m, b, 0, k);
              __syncthreads ();
            }
          solve_triangle (a, n, m, b, k, true, false);
          continue;
        }
      EACH_THREAD (c, 0, k)
        for (int j = 0; j < m; j++)
          {
            T *x = b + (int64_t) c * m, rest = j < n ? x[j] : 0;

            for (int i = 0; j < n && i < j; i++)
              rest -= a[i + (int64_t) j * m] * x[i];
            x[j] = j < n ? rest / a[j + (int64_t) j * m] : 0;
          }
      __syncthreads ();
      for (int j = n - 1; j >= 0; j--)
        {
          reflect (a + (int64_t) j * m, taus[j], j, m, b, 0, k);
          __syncthreads ();
        }
    }
}

/* -- the entry -------------------------------------------------------------------------------------*/

template <typename T>
static void
launch (GtenCudaQueue *queue, const GtenKFactorization *f)
{
  const int64_t r = f->m < f->n ? f->m : f->n;
  const Matrices<T> self = gten_cuda_matrices<T> (f);

  switch (f->kind)
    {
    case GTEN_K_CHOLESKY:
      gten_cuda_launch_factor (queue, cholesky<T>, self, 0);
      break;
    case GTEN_K_LU:
      gten_cuda_launch_factor (queue, lu<T>, self, 0);
      break;
    case GTEN_K_SOLVE:
      gten_cuda_launch_factor (queue, solve<T>, self, 0);
      break;
    case GTEN_K_TRIANGULAR_SOLVE:
      gten_cuda_launch_factor (queue, triangular_solve<T>, self, 0);
      break;
    case GTEN_K_QR:
      gten_cuda_launch_factor (queue, qr<T>, self, r);
      break;
    case GTEN_K_LEAST_SQUARES:
      gten_cuda_launch_factor (queue, least_squares<T>, self, f->m < f->n ? r + f->m * f->n : r);
      break;
    default:
      gten_cuda_find_spectrum (queue, f);
    }
}

GtenKStatus
gten_cuda_factor (int device, const GtenKFactorization *f)
{
  const int64_t most = f->m > f->n ? f->m : f->n;
  GtenCudaQueue *queue;

  if (f->kind == GTEN_K_LEAST_SQUARES && f->solver != GTEN_K_GELS)
    return GTEN_K_UNSUPPORTED;
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  if (most > 32768 || most * f->k > INT32_MAX)
    gten_cuda_fail (GTEN_K_UNSUPPORTED, "matrices are factored up to 32768 x 32768");
  else if (f->dtype == GTEN_K_FLOAT64)
    launch<double> (queue, f);
  else
    launch<float> (queue, f);
  return gten_cuda_leave (queue, NULL);
}
