/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CUDA's functions of one element that the C library lacks. Those whose names are the C library's own (__expf) are not
 * to be had. */
#pragma once

#include "emulation-language.h"

using std::max;
using std::min;

/* CUDA's max and min also take two types. */
template <typename A, typename B, typename = std::enable_if_t<!std::is_same_v<A, B>>>
static inline std::common_type_t<A, B>
max (A a, B b)
{
  return a > b ? a : b;
}

template <typename A, typename B, typename = std::enable_if_t<!std::is_same_v<A, B>>>
static inline std::common_type_t<A, B>
min (A a, B b)
{
  return a < b ? a : b;
}

static inline float rsqrtf (float x) { return 1 / sqrtf (x); }
static inline double rsqrt (double x) { return 1 / sqrt (x); }
static inline float rsqrt (float x) { return rsqrtf (x); }
static inline float __fdividef (float x, float y) { return x / y; }
static inline float __frcp_rn (float x) { return 1 / x; }
static inline float __fadd_rn (float x, float y) { return x + y; }
static inline float __fsub_rn (float x, float y) { return x - y; }
static inline float __fmul_rn (float x, float y) { return x * y; }
static inline float __fdiv_rn (float x, float y) { return x / y; }
static inline float __fsqrt_rn (float x) { return sqrtf (x); }
static inline float __fmaf_rn (float x, float y, float z) { return fmaf (x, y, z); }
static inline double __dadd_rn (double x, double y) { return x + y; }
static inline double __dsub_rn (double x, double y) { return x - y; }
static inline double __dmul_rn (double x, double y) { return x * y; }
static inline double __ddiv_rn (double x, double y) { return x / y; }
static inline double __dsqrt_rn (double x) { return sqrt (x); }
static inline double __fma_rn (double x, double y, double z) { return fma (x, y, z); }
static inline void sincospif (float x, float *s, float *c) { sincosf (x * (float) M_PI, s, c); }
static inline void sincospi (double x, double *s, double *c) { sincos (x * M_PI, s, c); }

static inline int __popc (unsigned x) { return __builtin_popcount (x); }
static inline int __popcll (unsigned long long x) { return __builtin_popcountll (x); }
static inline int __clz (int x) { return x == 0 ? 32 : __builtin_clz ((unsigned) x); }
static inline int __clzll (long long x) { return x == 0 ? 64 : __builtin_clzll ((unsigned long long) x); }
static inline int __ffs (int x) { return __builtin_ffs (x); }
static inline int __ffsll (long long x) { return __builtin_ffsll (x); }

static inline unsigned
__brev (unsigned x)
{
  unsigned reversed = 0;

  for (int i = 0; i < 32; i++)
    reversed |= (x >> i & 1) << (31 - i);
  return reversed;
}

static inline unsigned
__umulhi (unsigned x, unsigned y)
{
  return (unsigned) ((uint64_t) x * y >> 32);
}

static inline unsigned long long
__umul64hi (unsigned long long x, unsigned long long y)
{
  return (unsigned long long) ((unsigned __int128) x * y >> 64);
}

template <typename To, typename From>
static inline To
gten_emulation_bits (From from)
{
  static_assert (sizeof (To) == sizeof (From), "the same bits");
  To to;

  memcpy (&to, &from, sizeof to);
  return to;
}

static inline int __float_as_int (float x) { return gten_emulation_bits<int> (x); }
static inline unsigned __float_as_uint (float x) { return gten_emulation_bits<unsigned> (x); }
static inline float __int_as_float (int x) { return gten_emulation_bits<float> (x); }
static inline float __uint_as_float (unsigned x) { return gten_emulation_bits<float> (x); }
static inline long long __double_as_longlong (double x) { return gten_emulation_bits<long long> (x); }
static inline double __longlong_as_double (long long x) { return gten_emulation_bits<double> (x); }

#define GTEN_LOAD(NAME) template <typename T> static inline T NAME (const T *at) { return *at; }
#define GTEN_STORE(NAME) template <typename T> static inline void NAME (T *at, T x) { *at = x; }
GTEN_LOAD (__ldg)
GTEN_LOAD (__ldcs)
GTEN_LOAD (__ldcg)
GTEN_STORE (__stcs)
GTEN_STORE (__stcg)
GTEN_STORE (__stwt)
#undef GTEN_LOAD
#undef GTEN_STORE

double gten_emulation_normcdfinv (double x);
double gten_emulation_erfinv (double x);

static inline double normcdfinv (double x) { return gten_emulation_normcdfinv (x); }
static inline float normcdfinvf (float x) { return (float) gten_emulation_normcdfinv (x); }
static inline double erfinv (double x) { return gten_emulation_erfinv (x); }
static inline float erfinvf (float x) { return (float) gten_emulation_erfinv (x); }
static inline double normcdf (double x) { return 0.5 * erfc (-x * M_SQRT1_2); }
static inline float normcdff (float x) { return (float) normcdf (x); }
