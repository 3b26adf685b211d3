/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mathematical functions that a plain loop may call.
 *
 * gten_exp_f32 and the like are declared as having vector versions (GCC's simd attribute), so that the
 * vectoriser calls a version of 4, 8 or 16 lanes by itself. The names of those versions follow from x86-64's vector
 * function ABI; the assembler makes each an alias of the library function that measured best within an error of
 * about 2 ulp over the whole range: SLEEF's, or the C library's libmvec. Both take and give vector registers as the ABI says. Where there
 * is neither, the functions are the C library's scalar ones. */
#pragma once

#include <math.h>

#if defined __x86_64__ && defined __GNUC__ && !defined __clang__ && !defined __cplusplus
#define GTEN_SIMD_ABI 1
#endif

/* On a GPU most are long, and called: an operation waits for memory, and the kernels stay small. */
#ifdef __cplusplus
#define GTEN_SCALAR_F32 static __device__ __noinline__
#define GTEN_SCALAR_F64 static __device__ __noinline__
#else
#define GTEN_SCALAR_F32 static inline __attribute__ ((always_inline, unused, const))
#define GTEN_SCALAR_F64 GTEN_SCALAR_F32
#endif
#define GTEN_SCALAR_1(name)                                                                        \
  GTEN_SCALAR_F32 float gten_##name##_f32 (float x) { return name##f (x); }                        \
  GTEN_SCALAR_F64 double gten_##name##_f64 (double x) { return name (x); }
#define GTEN_SCALAR_2(name)                                                                        \
  GTEN_SCALAR_F32 float gten_##name##_f32 (float x, float y) { return name##f (x, y); }            \
  GTEN_SCALAR_F64 double gten_##name##_f64 (double x, double y) { return name (x, y); }

#ifdef GTEN_SIMD_ABI

#define GTEN_VECTOR __attribute__ ((simd ("notinbranch"), const))
#define GTEN_DECLARE_1_F64(name)                                                                   \
  double gten_##name##_f64 (double) GTEN_VECTOR;                                                   \
  __asm__ (".set gten_" #name "_f64, " #name);
#define GTEN_DECLARE_1(name)                                                                       \
  float gten_##name##_f32 (float) GTEN_VECTOR;                                                     \
  __asm__ (".set gten_" #name "_f32, " #name "f");                                                 \
  GTEN_DECLARE_1_F64 (name)
#define GTEN_DECLARE_2(name)                                                                       \
  float gten_##name##_f32 (float, float) GTEN_VECTOR;                                              \
  double gten_##name##_f64 (double, double) GTEN_VECTOR;                                           \
  __asm__ (".set gten_" #name "_f32, " #name "f\n.set gten_" #name "_f64, " #name);

/* `v` is "v" or "vv", one per argument. */
#define GTEN_SLEEF_F32(name, v, error)                                                             \
  __asm__ (".set _ZGVbN4" v "_gten_" #name "_f32, Sleef_" #name "f4_" #error "sse2\n"              \
           ".set _ZGVdN8" v "_gten_" #name "_f32, Sleef_" #name "f8_" #error "avx2\n"              \
           ".set _ZGVeN16" v "_gten_" #name "_f32, Sleef_" #name "f16_" #error "avx512f");
#define GTEN_SLEEF_F64(name, v, error)                                                             \
  __asm__ (".set _ZGVbN2" v "_gten_" #name "_f64, Sleef_" #name "d2_" #error "sse2\n"              \
           ".set _ZGVdN4" v "_gten_" #name "_f64, Sleef_" #name "d4_" #error "avx2\n"              \
           ".set _ZGVeN8" v "_gten_" #name "_f64, Sleef_" #name "d8_" #error "avx512f");
#define GTEN_MVEC_F32(name, v)                                                                     \
  __asm__ (".set _ZGVbN4" v "_gten_" #name "_f32, _ZGVbN4" v "_" #name "f\n"                       \
           ".set _ZGVdN8" v "_gten_" #name "_f32, _ZGVdN8" v "_" #name "f\n"                       \
           ".set _ZGVeN16" v "_gten_" #name "_f32, _ZGVeN16" v "_" #name "f");
#define GTEN_MVEC_F64(name, v)                                                                     \
  __asm__ (".set _ZGVbN2" v "_gten_" #name "_f64, _ZGVbN2" v "_" #name "\n"                        \
           ".set _ZGVdN4" v "_gten_" #name "_f64, _ZGVdN4" v "_" #name "\n"                        \
           ".set _ZGVeN8" v "_gten_" #name "_f64, _ZGVeN8" v "_" #name);

#ifdef GTEN_HAVE_SLEEF
#define GTEN_PREFER_SLEEF_F32(name, v, error) GTEN_SLEEF_F32 (name, v, error)
#define GTEN_PREFER_SLEEF_F64(name, v, error) GTEN_SLEEF_F64 (name, v, error)
#else
#define GTEN_PREFER_SLEEF_F32(name, v, error) GTEN_MVEC_F32 (name, v)
#define GTEN_PREFER_SLEEF_F64(name, v, error) GTEN_MVEC_F64 (name, v)
#endif

#define GTEN_BOTH_SLEEF_1(name, error)                                                             \
  GTEN_DECLARE_1 (name)                                                                            \
  GTEN_PREFER_SLEEF_F32 (name, "v", error)                                                         \
  GTEN_PREFER_SLEEF_F64 (name, "v", error)
#define GTEN_SLEEF_1_F64(name, error)                                                              \
  GTEN_DECLARE_1_F64 (name)                                                                        \
  GTEN_PREFER_SLEEF_F64 (name, "v", error)
#define GTEN_BOTH_SLEEF_2(name, error)                                                             \
  GTEN_DECLARE_2 (name)                                                                            \
  GTEN_PREFER_SLEEF_F32 (name, "vv", error)                                                        \
  GTEN_PREFER_SLEEF_F64 (name, "vv", error)
#define GTEN_BOTH_MVEC_1(name)                                                                     \
  GTEN_DECLARE_1 (name)                                                                            \
  GTEN_MVEC_F32 (name, "v")                                                                        \
  GTEN_MVEC_F64 (name, "v")

#else

#define GTEN_BOTH_SLEEF_1(name, error) GTEN_SCALAR_1 (name)
#define GTEN_BOTH_SLEEF_2(name, error) GTEN_SCALAR_2 (name)
#define GTEN_BOTH_MVEC_1(name)         GTEN_SCALAR_1 (name)

#endif

#if defined GTEN_SIMD_ABI && defined __FMA__
#include "gten-float-math.h"
GTEN_SLEEF_1_F64 (exp, u10)
GTEN_SLEEF_1_F64 (log, u10)
GTEN_SLEEF_1_F64 (erf, u10)
#define GTEN_HAVE_DECAY_F32
#elif defined __cplusplus
static __device__ __forceinline__ float gten_exp_f32 (float x) { return expf (x); }
static __device__ __forceinline__ float gten_log_f32 (float x) { return logf (x); }
static __device__ __forceinline__ float gten_erf_f32 (float x) { return erff (x); }
GTEN_SCALAR_F64 double gten_exp_f64 (double x) { return exp (x); }
GTEN_SCALAR_F64 double gten_log_f64 (double x) { return log (x); }
GTEN_SCALAR_F64 double gten_erf_f64 (double x) { return erf (x); }
#else
GTEN_BOTH_SLEEF_1 (exp, u10)
GTEN_BOTH_SLEEF_1 (log, u10)
GTEN_BOTH_SLEEF_1 (erf, u10)
#endif
GTEN_BOTH_SLEEF_1 (exp2, u10)
GTEN_BOTH_SLEEF_1 (expm1, u10)
GTEN_BOTH_SLEEF_1 (log2, u10)
GTEN_BOTH_SLEEF_1 (log10, u10)
GTEN_BOTH_MVEC_1 (log1p)
GTEN_BOTH_SLEEF_1 (tan, u10)
GTEN_BOTH_SLEEF_1 (asin, u10)
GTEN_BOTH_SLEEF_1 (acos, u10)
GTEN_BOTH_SLEEF_1 (atan, u10)
GTEN_BOTH_MVEC_1 (sinh)
GTEN_BOTH_MVEC_1 (cosh)
GTEN_BOTH_MVEC_1 (asinh)
GTEN_BOTH_MVEC_1 (acosh)
GTEN_BOTH_SLEEF_1 (atanh, u10)
GTEN_BOTH_SLEEF_1 (erfc, u15)
GTEN_BOTH_SLEEF_2 (pow, u10)
GTEN_BOTH_SLEEF_2 (atan2, u10)
GTEN_BOTH_SLEEF_2 (hypot, u05)
GTEN_BOTH_MVEC_1 (sin)
GTEN_BOTH_MVEC_1 (cos)
GTEN_BOTH_MVEC_1 (tanh)
GTEN_BOTH_SLEEF_1 (lgamma, u10)
