/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CUDA's words and vector types. */
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <limits>
#include <type_traits>

#define GTEN_CUDA_EMULATED 1

#define __global__
#define __device__
#define __host__
#define __constant__
#define __managed__
#define __forceinline__ inline __attribute__ ((always_inline))
#define __noinline__ __attribute__ ((noinline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) __attribute__ ((aligned (n)))
/* One block runs at a time. */
#define __shared__ static

struct uint3
{
  unsigned x, y, z;
};

struct dim3
{
  unsigned x, y, z;

  constexpr dim3 (unsigned x = 1, unsigned y = 1, unsigned z = 1) : x (x), y (y), z (z) {}
  constexpr dim3 (uint3 v) : x (v.x), y (v.y), z (v.z) {}
};

#define GTEN_VECTORS(NAME, T)                                                                      \
  struct NAME##1 { T x; };                                                                         \
  struct __attribute__ ((aligned (2 * sizeof (T)))) NAME##2 { T x, y; };                           \
  struct __attribute__ ((aligned (sizeof (T) == 8 ? 16 : 4 * sizeof (T)))) NAME##4 { T x, y, z, w; };\
  static inline NAME##2 make_##NAME##2 (T x, T y) { return { x, y }; }                             \
  static inline NAME##4 make_##NAME##4 (T x, T y, T z, T w) { return { x, y, z, w }; }
GTEN_VECTORS (char, signed char)
GTEN_VECTORS (uchar, unsigned char)
GTEN_VECTORS (short, short)
GTEN_VECTORS (ushort, unsigned short)
GTEN_VECTORS (int, int)
GTEN_VECTORS (uint, unsigned)
GTEN_VECTORS (long, long)
GTEN_VECTORS (ulong, unsigned long)
GTEN_VECTORS (longlong, long long)
GTEN_VECTORS (ulonglong, unsigned long long)
GTEN_VECTORS (float, float)
GTEN_VECTORS (double, double)
#undef GTEN_VECTORS
