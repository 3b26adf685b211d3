/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the threads of a warp or of a block come to together: one value of each, combined; all get it. */
#pragma once

#include "gten-cuda-private.h"

#define WARPS     (GTEN_CUDA_THREADS / GTEN_CUDA_WARP)   /* of a block */
#define FULL_WARP 0xffffffffu

template <typename T, typename Combine>
static __device__ __forceinline__ T
warp_fold (T x, Combine combine)
{
  for (int away = GTEN_CUDA_WARP / 2; away > 0; away /= 2)
    x = combine (x, __shfl_xor_sync (FULL_WARP, x, away));
  return x;
}

/* `shared` has an element for each warp. */
template <int threads = GTEN_CUDA_THREADS, typename T, typename Combine>
static __device__ __forceinline__ T
block_fold (T x, T *shared, Combine combine)
{
  x = warp_fold (x, combine);
  if constexpr (threads > GTEN_CUDA_WARP)
    {
      __syncthreads ();
      if (threadIdx.x % GTEN_CUDA_WARP == 0)
        shared[threadIdx.x / GTEN_CUDA_WARP] = x;
      __syncthreads ();
      x = shared[0];
      for (int w = 1; w < threads / GTEN_CUDA_WARP; w++)
        x = combine (x, shared[w]);
    }
  return x;
}

template <typename T>
static __device__ __forceinline__ T
warp_sum (T x)
{
  return warp_fold (x, [] (T a, T b) { return a + b; });
}

template <int threads = GTEN_CUDA_THREADS, typename T>
static __device__ __forceinline__ T
block_sum (T x, T *shared)
{
  return block_fold<threads> (x, shared, [] (T a, T b) { return a + b; });
}
