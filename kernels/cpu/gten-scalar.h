/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The vocabulary of scalar expressions, and the macros that gten-cpu-blocks.inc is made of.
 *
 * The generated gten-cpu-blocks.inc holds one line per row and compute type, and nothing else: no
 * loops, no functions, no tables. It is included several times with different definitions of these macros:
 *
 *   GTEN_BLOCK      (COMPUTE, ROW, ARITY, (PARAMS), EXPRESSION)
 *   GTEN_BLOCK_BOOL (COMPUTE, ROW, ARITY, (PARAMS), EXPRESSION)   stores a bool: comparisons, logic
 *   GTEN_REDUCE     (COMPUTE, ROW, (PARAMS), INIT, MAP, STEP, COMBINE, FINISH)
 *
 * and, only where GTEN_NARROW is defined, the rows that the narrow integers may compute in their own types:
 *
 *   GTEN_NARROW      (ROW, ARITY, (PARAMS), EXPRESSION)
 *   GTEN_NARROW_BOOL (ROW, ARITY, (PARAMS), EXPRESSION)
 *
 * for example
 *
 *   GTEN_BLOCK      (FLOAT32, EXP, 1, (), exp (x))
 *   GTEN_BLOCK      (INT64, ADD, 2, (alpha), a + alpha * b)
 *   GTEN_BLOCK_BOOL (FLOAT64, LT, 2, (), a < b)
 *   GTEN_REDUCE     (FLOAT32, SUM, (), 0, x, acc + x, acc + x, acc)
 *   GTEN_REDUCE     (FLOAT32, MEAN, (), 0, x, acc + x, acc + x, acc / n)
 *
 * COMPUTE is FLOAT32, FLOAT64 or INT64; ROW is the enum's name without GTEN_K_ or GTEN_K_REDUCE_. A compute type in
 * which a row has no meaning has no line. The inputs are called x (ARITY 1), or a, b, c, d, e, f (ARITY 2 to 6); ARITY 0
 * has none. PARAMS are up to four names; they become params[0], params[1], ... of the compute type. In a
 * reduction x is the element in MAP, the mapped element in STEP and the other accumulator in COMBINE; acc is the
 * accumulator and n, in FINISH, the number of elements reduced. All of them have the compute type, which is called T.
 *
 * Floating literals are written (T) 0.5, since 0.5 alone would make a float expression a double one. A row
 * IDENTITY (ARITY 1, x) has to be there in all three compute types: copies and conversions are programs of it.
 *
 * Expressions are C, evaluated without branches where they may become vector code: write selections as `p ? q : r` with
 * q and r cheap, and as where (p, q, r), which computes both, where one calls a function. Besides C's operators:
 *
 *   floating only   exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
 *                   erf erfc erfinv lgamma sqrt rsqrt sigmoid logit sinc log_sigmoid atan2 hypot logaddexp xlogy digamma ilogb
 *                   i0 i0e i1 i1e bessel_j0 bessel_j1 erfcx ndtr log_ndtr ndtri zeta polygamma nextafter ldexp fma lerp
 *   all types       abs sign square relu floor ceil trunc round frac (the last four are the identity or 0 on integers)
 *                   isnan isinf isfinite signbit max min (a NaN wins) fmax fmin (a number wins) clamp pow fmod
 *                   remainder (sign of the divisor) div_trunc div_floor copysign where
 *   integers only   gcd lcm shift_left shift_right
 *
 *   in no reduction   refuse (i, p)   gives nothing; where p is true the operation fails with the row's message i:
 *                                     (refuse (0, x < 0), sqrt (x))
 *
 * Integer division by zero gives 0 and fails with message 0. What is marked is in gten_k_take_bad_values; the
 * variable `bad_values`, visible where an expression stands, has the marks of the loop. C++ is what CUDA kernels
 * are written in, where it has those of divisions as well. */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gten-vector-math.h"

/* Each chooses by the common type of the arguments; bool and the integers take the int64 version. A division
 * may mark the thread, and so is not const. */
#ifdef __cplusplus

#include <type_traits>

#define GTEN_INLINE          static __device__ __forceinline__
#define GTEN_LONG            static __device__ __noinline__
#define GTEN_INLINE_DIVISION static __device__ __forceinline__
#define GTEN_LONG_DIVISION   static __device__ __noinline__
#define GTEN_DIVISION_CONTEXT unsigned &bad_values,
#define GTEN_DIVISION_PASS    bad_values,
#define GTEN_DIVISION_MARK    bad_values |= 1

#define GTEN_SELECT(name, context, common, ...)                                                    \
  ([&] (auto... x_) {                                                                              \
    typedef std::decay_t<decltype ((x_ + ...))> Common;                                            \
                                                                                                   \
    if constexpr (std::is_same_v<Common, float>)                                                   \
      return gten_##name##_f32 (x_...);                                                            \
    else if constexpr (std::is_same_v<Common, double>)                                             \
      return gten_##name##_f64 (x_...);                                                            \
    else                                                                                           \
      return gten_##name##_i64 (context x_...);                                                    \
  } (__VA_ARGS__))
#define GTEN_SELECT_FLOATING(name, common, ...)                                                    \
  ([&] (auto... x_) {                                                                              \
    if constexpr (std::is_same_v<std::decay_t<decltype ((x_ + ...))>, double>)                     \
      return gten_##name##_f64 (x_...);                                                            \
    else                                                                                           \
      return gten_##name##_f32 (x_...);                                                            \
  } (__VA_ARGS__))

#else

#define GTEN_INLINE          static inline __attribute__ ((always_inline, unused, const))
#define GTEN_LONG            GTEN_INLINE
#define GTEN_INLINE_DIVISION static inline __attribute__ ((always_inline, unused))
#define GTEN_LONG_DIVISION   GTEN_INLINE_DIVISION
#define GTEN_DIVISION_CONTEXT
#define GTEN_DIVISION_PASS
#define GTEN_DIVISION_MARK gten_k_bad_values |= 1

extern _Thread_local unsigned gten_k_bad_values;

#define GTEN_SELECT(name, context, common, ...)                                                    \
  _Generic (common, float: gten_##name##_f32, double: gten_##name##_f64,                           \
            default: gten_##name##_i64) (__VA_ARGS__)
#define GTEN_SELECT_FLOATING(name, common, ...)                                                    \
  _Generic (common, double: gten_##name##_f64, default: gten_##name##_f32) (__VA_ARGS__)

#endif

#define GTEN_SELECT_1(name, x)        GTEN_SELECT (name, , +(x), x)
#define GTEN_SELECT_2(name, x, y)     GTEN_SELECT (name, , (x) + (y), x, y)
#define GTEN_SELECT_3(name, x, y, z)  GTEN_SELECT (name, , (x) + (y) + (z), x, y, z)
#define GTEN_DIVISION_2(name, x, y)   GTEN_SELECT (name, GTEN_DIVISION_PASS, (x) + (y), x, y)
#define GTEN_FLOATING_1(name, x)      GTEN_SELECT_FLOATING (name, +(x), x)
#define GTEN_FLOATING_2(name, x, y)   GTEN_SELECT_FLOATING (name, (x) + (y), x, y)
#define GTEN_FLOATING_3(name, x, y, z) GTEN_SELECT_FLOATING (name, (x) + (y) + (z), x, y, z)

/* -- both floating types -------------------------------------------------------------------------*/

#ifndef GTEN_HAVE_DECAY_F32
GTEN_INLINE float gten_decay_f32 (float x) { return gten_exp_f32 (-fabsf (x)); }
#endif
GTEN_INLINE double gten_decay_f64 (double x) { return gten_exp_f64 (-fabs (x)); }

#define GTEN_DEFINE_FLOATING(S, T, F)                                                              \
  GTEN_INLINE T gten_sqrt_##S (T x) { return sqrt##F (x); }                              \
  GTEN_INLINE T gten_floor_##S (T x) { return floor##F (x); }                            \
  GTEN_INLINE T gten_ceil_##S (T x) { return ceil##F (x); }                              \
  GTEN_INLINE T gten_trunc_##S (T x) { return trunc##F (x); }                            \
  GTEN_INLINE T gten_round_##S (T x) { return rint##F (x); }                             \
  GTEN_INLINE T gten_abs_##S (T x) { return fabs##F (x); }                               \
  GTEN_INLINE T gten_copysign_##S (T x, T y) { return copysign##F (x, y); }              \
  GTEN_INLINE T gten_fma_##S (T x, T y, T z) { return fma##F (x, y, z); }                \
  GTEN_INLINE bool gten_isnan_##S (T x) { return x != x; }                                         \
  GTEN_INLINE bool gten_isinf_##S (T x) { return fabs##F (x) == (T) INFINITY; }          \
  GTEN_INLINE bool gten_isfinite_##S (T x) { return fabs##F (x) < (T) INFINITY; }        \
  GTEN_INLINE bool gten_signbit_##S (T x) { return copysign##F ((T) 1, x) < 0; }             \
  GTEN_INLINE T gten_sign_##S (T x) { return (T) (x > 0) - (T) (x < 0); }                          \
  GTEN_INLINE T gten_square_##S (T x) { return x * x; }                                            \
  GTEN_INLINE T gten_where_##S (bool p, T x, T y) { return p ? x : y; }                            \
  GTEN_INLINE T gten_relu_##S (T x) { return x < 0 ? 0 : x; }                                      \
  GTEN_INLINE T gten_rsqrt_##S (T x) { return 1 / sqrt##F (x); }                         \
  GTEN_INLINE T gten_frac_##S (T x) { return x - trunc##F (x); }                         \
  /* In one condition they would not become vector code; a NaN in x stays by itself. */                             \
  GTEN_INLINE T gten_max_##S (T x, T y)                                                            \
  {                                                                                                \
    T number = y > x ? y : x;                                                                      \
    return y != y ? y : number;                                                                    \
  }                                                                                                \
  GTEN_INLINE T gten_min_##S (T x, T y)                                                            \
  {                                                                                                \
    T number = y < x ? y : x;                                                                      \
    return y != y ? y : number;                                                                    \
  }                                                                                                \
  GTEN_INLINE T gten_fmax_##S (T x, T y)                                                           \
  {                                                                                                \
    T number = x > y ? x : y;                                                                      \
    return y != y ? x : number;                                                                    \
  }                                                                                                \
  GTEN_INLINE T gten_fmin_##S (T x, T y)                                                           \
  {                                                                                                \
    T number = x < y ? x : y;                                                                      \
    return y != y ? x : number;                                                                    \
  }                                                                                                \
  /* A NaN in x stays; a NaN bound wins; the upper bound wins over the lower one. */               \
  GTEN_INLINE T gten_clamp_##S (T x, T lo, T hi)                                                   \
  {                                                                                                \
    return gten_min_##S (gten_max_##S (x, lo), hi);                                                \
  }                                                                                                \
  /* exp of what is negative does not overflow. */                                                 \
  GTEN_INLINE T gten_sigmoid_##S (T x)                                                             \
  {                                                                                                \
    T decay = gten_decay_##S (x);                                                                  \
    return (x < 0 ? decay : 1) / (1 + decay);                                                      \
  }                                                                                                \
  /* x (log x - 1) is all that is left of Stirling's series, and does not overflow too early. */   \
  GTEN_INLINE T gten_log_gamma_##S (T x)                                                           \
  {                                                                                                \
    T large = x * (gten_log_##S (x) - 1), other = gten_lgamma_##S (x);                             \
    return x > (T) 1e17 ? large : other;                                                           \
  }                                                                                                \
  /* min (x, 0) - log (1 + exp (-|x|)): neither end overflows. */                                  \
  GTEN_INLINE T gten_log_sigmoid_##S (T x)                                                         \
  {                                                                                                \
    return gten_min_##S (x, 0) - gten_log1p_##S (gten_decay_##S (x));                              \
  }                                                                                                \
  GTEN_INLINE T gten_logaddexp_##S (T x, T y)                                                      \
  {                                                                                                \
    T larger = gten_max_##S (x, y);                                                                \
    T sum = larger + gten_log1p_##S (gten_exp_##S (-gten_abs_##S (x - y)));                        \
    return x == y && gten_isinf_##S (x) ? x : sum;                                                 \
  }                                                                                                \
  GTEN_INLINE T gten_xlogy_##S (T x, T y)                                                          \
  {                                                                                                \
    T product = x * gten_log_##S (y);                                                              \
    return x == 0 && y == y ? 0 : product;                                                         \
  }                                                                                                \
  /* From the nearer end, so that weight 1 gives exactly y. */                                     \
  GTEN_INLINE T gten_lerp_##S (T x, T y, T weight)                                                 \
  {                                                                                                \
    return gten_abs_##S (weight) < (T) 0.5 ? x + weight * (y - x) : y - (y - x) * (1 - weight);    \
  }                                                                                                \
  GTEN_LONG T gten_fmod_##S (T x, T y) { return fmod##F (x, y); }                        \
  GTEN_INLINE T gten_remainder_##S (T x, T y)                                                      \
  {                                                                                                \
    T rest = gten_fmod_##S (x, y);                                                             \
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;                                   \
  }                                                                                                \
  GTEN_INLINE T gten_div_trunc_##S (T x, T y) { return trunc##F (x / y); }               \
  /* The quotient whose remainder has the sign of y, as Python's //: floor (x / y) alone is wrong where x / y \
   * rounds up to an integer. */                                                                   \
  GTEN_INLINE T gten_div_floor_##S (T x, T y)                                                      \
  {                                                                                                \
    T rest = gten_fmod_##S (x, y);                                                             \
    T exact = (x - rest) / y - (T) (rest != 0 && (rest < 0) != (y < 0));                           \
    T whole = floor##F (exact);                                                          \
    T near = exact - whole > (T) 0.5 ? whole + 1 : whole;                                          \
    T quotient = exact == 0 ? copysign##F ((T) 0, x / y) : near;                             \
    return y == 0 ? x / y : quotient;                                                              \
  }

GTEN_DEFINE_FLOATING (f32, float, f)
GTEN_DEFINE_FLOATING (f64, double, )

/* -- int64 ---------------------------------------------------------------------------------------*/

GTEN_INLINE int64_t gten_abs_i64 (int64_t x) { return x < 0 ? -x : x; }
GTEN_INLINE int64_t gten_sign_i64 (int64_t x) { return (x > 0) - (x < 0); }
GTEN_INLINE int64_t gten_square_i64 (int64_t x) { return x * x; }
GTEN_INLINE int64_t gten_where_i64 (bool p, int64_t x, int64_t y) { return p ? x : y; }
GTEN_INLINE int64_t gten_relu_i64 (int64_t x) { return x < 0 ? 0 : x; }
GTEN_INLINE int64_t gten_floor_i64 (int64_t x) { return x; }
GTEN_INLINE int64_t gten_ceil_i64 (int64_t x) { return x; }
GTEN_INLINE int64_t gten_trunc_i64 (int64_t x) { return x; }
GTEN_INLINE int64_t gten_round_i64 (int64_t x) { return x; }
GTEN_INLINE int64_t gten_frac_i64 (int64_t x) { return 0; }
GTEN_INLINE bool gten_isnan_i64 (int64_t x) { return false; }
GTEN_INLINE bool gten_isinf_i64 (int64_t x) { return false; }
GTEN_INLINE bool gten_isfinite_i64 (int64_t x) { return true; }
GTEN_INLINE bool gten_signbit_i64 (int64_t x) { return x < 0; }
GTEN_INLINE int64_t gten_max_i64 (int64_t x, int64_t y) { return x > y ? x : y; }
GTEN_INLINE int64_t gten_min_i64 (int64_t x, int64_t y) { return x < y ? x : y; }
GTEN_INLINE int64_t gten_fmax_i64 (int64_t x, int64_t y) { return x > y ? x : y; }
GTEN_INLINE int64_t gten_fmin_i64 (int64_t x, int64_t y) { return x < y ? x : y; }

GTEN_INLINE int64_t
gten_clamp_i64 (int64_t x, int64_t lo, int64_t hi)
{
  return gten_min_i64 (gten_max_i64 (x, lo), hi);
}

GTEN_INLINE int64_t
gten_copysign_i64 (int64_t x, int64_t y)
{
  return (x < 0) == (y < 0) ? x : -x;
}

/* x / -1 is -x, also where the processor would trap (INT64_MIN / -1). */
GTEN_LONG_DIVISION int64_t
gten_div_trunc_i64 (GTEN_DIVISION_CONTEXT int64_t x, int64_t y)
{
  if (y == 0)
    GTEN_DIVISION_MARK;
  return y == 0 ? 0 : y == -1 ? -x : x / y;
}

GTEN_LONG_DIVISION int64_t
gten_fmod_i64 (GTEN_DIVISION_CONTEXT int64_t x, int64_t y)
{
  if (y == 0)
    GTEN_DIVISION_MARK;
  return y == 0 || y == -1 ? 0 : x % y;
}

GTEN_INLINE_DIVISION int64_t
gten_remainder_i64 (GTEN_DIVISION_CONTEXT int64_t x, int64_t y)
{
  int64_t rest = gten_fmod_i64 (GTEN_DIVISION_PASS x, y);

  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

GTEN_INLINE_DIVISION int64_t
gten_div_floor_i64 (GTEN_DIVISION_CONTEXT int64_t x, int64_t y)
{
  int64_t quotient = gten_div_trunc_i64 (GTEN_DIVISION_PASS x, y);

  return y != 0 && x != quotient * y && (x < 0) != (y < 0) ? quotient - 1 : quotient;
}

/* By squaring, modulo 2^64. A negative exponent leaves 0, except of 1 and -1. */
GTEN_LONG int64_t
gten_pow_i64 (int64_t x, int64_t y)
{
  int64_t result = 1;

  if (y < 0)
    return x == 1 ? 1 : x == -1 ? (y % 2 == 0 ? 1 : -1) : 0;
  for (; y > 0; y >>= 1, x *= x)
    if (y & 1)
      result *= x;
  return result;
}

/* Of absolute values, which as unsigned numbers all exist. */
GTEN_LONG int64_t
gten_gcd_i64 (int64_t x, int64_t y)
{
  uint64_t a = (uint64_t) gten_abs_i64 (x), b = (uint64_t) gten_abs_i64 (y);

  while (b != 0)
    {
      uint64_t rest = a % b;

      a = b;
      b = rest;
    }
  return (int64_t) a;
}

GTEN_INLINE int64_t
gten_lcm_i64 (int64_t x, int64_t y)
{
  uint64_t divisor = (uint64_t) gten_gcd_i64 (x, y);
  uint64_t a = (uint64_t) gten_abs_i64 (x), b = (uint64_t) gten_abs_i64 (y);

  return divisor == 0 ? 0 : gten_abs_i64 ((int64_t) (a / divisor * b));
}

/* A count outside the word's width shifts everything out. */
GTEN_INLINE int64_t
gten_shift_left_i64 (int64_t x, int64_t y)
{
  return y < 0 || y > 63 ? 0 : (int64_t) ((uint64_t) x << y);
}

GTEN_INLINE int64_t
gten_shift_right_i64 (int64_t x, int64_t y)
{
  return x >> (y < 0 || y > 63 ? 63 : y);
}

/* -- special functions, scalar -------------------------------------------------------------------*/

#ifdef __cplusplus
#include "gten-special.h"
#else
double gten_erfinv_f64 (double x) __attribute__ ((const));
double gten_digamma_f64 (double x) __attribute__ ((const));
double gten_i0_f64 (double x) __attribute__ ((const));
double gten_i0e_f64 (double x) __attribute__ ((const));
double gten_i1_f64 (double x) __attribute__ ((const));
double gten_i1e_f64 (double x) __attribute__ ((const));
double gten_bessel_j0_f64 (double x) __attribute__ ((const));
double gten_bessel_j1_f64 (double x) __attribute__ ((const));
double gten_erfcx_f64 (double x) __attribute__ ((const));
double gten_log_ndtr_f64 (double x) __attribute__ ((const));
double gten_ndtri_f64 (double x) __attribute__ ((const));
double gten_zeta_f64 (double x, double y) __attribute__ ((const));
double gten_polygamma_f64 (double x, double y) __attribute__ ((const));
#endif

GTEN_INLINE double gten_ndtr_f64 (double x) { return 0.5 * erfc (-0.70710678118654752 * x); }
/* Near 1/2 the quotient is near 1. */
GTEN_INLINE double
gten_logit_f64 (double x)
{
  double near = gten_log1p_f64 ((2 * x - 1) / (1 - x)), far = gten_log_f64 (x / (1 - x));

  return gten_abs_f64 (x - 0.5) < 0.25 ? near : far;
}

/* A float's distance from 1/2 survives the rounding of the quotient. */
GTEN_INLINE float
gten_logit_f32 (float x)
{
  return (float) gten_log_f64 (x / (1 - (double) x));
}

/* Whole half turns are taken away before pi rounds. */
GTEN_INLINE double
gten_sinc_f64 (double x)
{
  const double pi = 3.141592653589793;
  double whole = gten_round_f64 (x), odd = gten_abs_f64 (whole - 2 * gten_round_f64 (0.5 * whole));
  double sine = (1 - 2 * odd) * gten_sin_f64 (pi * (x - whole));

  return x == 0 ? 1 : sine / (pi * x);
}

GTEN_INLINE float gten_sinc_f32 (float x) { return (float) gten_sinc_f64 (x); }
GTEN_INLINE float gten_erfinv_f32 (float x) { return (float) gten_erfinv_f64 (x); }
GTEN_INLINE float gten_digamma_f32 (float x) { return (float) gten_digamma_f64 (x); }
GTEN_INLINE float gten_i0_f32 (float x) { return (float) gten_i0_f64 (x); }
GTEN_INLINE float gten_i0e_f32 (float x) { return (float) gten_i0e_f64 (x); }
GTEN_INLINE float gten_i1_f32 (float x) { return (float) gten_i1_f64 (x); }
GTEN_INLINE float gten_i1e_f32 (float x) { return (float) gten_i1e_f64 (x); }
GTEN_INLINE float gten_bessel_j0_f32 (float x) { return (float) gten_bessel_j0_f64 (x); }
GTEN_INLINE float gten_bessel_j1_f32 (float x) { return (float) gten_bessel_j1_f64 (x); }
GTEN_INLINE float gten_erfcx_f32 (float x) { return (float) gten_erfcx_f64 (x); }
GTEN_INLINE float gten_ndtr_f32 (float x) { return (float) gten_ndtr_f64 (x); }
GTEN_INLINE float gten_log_ndtr_f32 (float x) { return (float) gten_log_ndtr_f64 (x); }
GTEN_INLINE float gten_ndtri_f32 (float x) { return (float) gten_ndtri_f64 (x); }
GTEN_INLINE float gten_zeta_f32 (float x, float y) { return (float) gten_zeta_f64 (x, y); }
GTEN_INLINE float gten_polygamma_f32 (float x, float y) { return (float) gten_polygamma_f64 (x, y); }
GTEN_INLINE float gten_nextafter_f32 (float x, float y) { return nextafterf (x, y); }
GTEN_INLINE double gten_nextafter_f64 (double x, double y) { return nextafter (x, y); }
/* The exponent, a whole number, is limited to what already gives 0 or infinity. */
GTEN_INLINE float gten_ldexp_f32 (float x, float y) { return ldexpf (x, (int) fminf (fmaxf (y, -1000.0f), 1000.0f)); }
GTEN_INLINE double gten_ldexp_f64 (double x, double y) { return ldexp (x, (int) fmin (fmax (y, -5000.0), 5000.0)); }

/* -- parameters and inputs of a line -------------------------------------------------------------
 * GTEN_PARAMS PARAMS and GTEN_INPUTS_ARITY declare them; the includer says with GTEN_PARAM (name, position) and
 * GTEN_INPUT (name, position) how. */

#define GTEN_PARAMS_0(...)
#define GTEN_PARAMS_1(p)          GTEN_PARAM (p, 0)
#define GTEN_PARAMS_2(p, q)       GTEN_PARAMS_1 (p) GTEN_PARAM (q, 1)
#define GTEN_PARAMS_3(p, q, r)    GTEN_PARAMS_2 (p, q) GTEN_PARAM (r, 2)
#define GTEN_PARAMS_4(p, q, r, s) GTEN_PARAMS_3 (p, q, r) GTEN_PARAM (s, 3)
#define GTEN_SIXTH(one, two, three, four, five, six, ...) six
#define GTEN_PARAMS(...)                                                                           \
  GTEN_SIXTH (0 __VA_OPT__ (,) __VA_ARGS__, GTEN_PARAMS_4, GTEN_PARAMS_3, GTEN_PARAMS_2, GTEN_PARAMS_1,        \
              GTEN_PARAMS_0) (__VA_ARGS__)

#define GTEN_INPUTS_0
#define GTEN_INPUTS_1 GTEN_INPUT (x, 0)
#define GTEN_INPUTS_2 GTEN_INPUT (a, 0) GTEN_INPUT (b, 1)
#define GTEN_INPUTS_3 GTEN_INPUTS_2 GTEN_INPUT (c, 2)
#define GTEN_INPUTS_4 GTEN_INPUTS_3 GTEN_INPUT (d, 3)
#define GTEN_INPUTS_5 GTEN_INPUTS_4 GTEN_INPUT (e, 4)
#define GTEN_INPUTS_6 GTEN_INPUTS_5 GTEN_INPUT (f, 5)

/* -- the names that expressions use --------------------------------------------------------------
 * Only the file that includes the blocks asks for them, for some hide functions of the C library. */
#ifdef GTEN_SCALAR_NAMES

#undef isnan
#undef isinf
#undef isfinite
#undef signbit

#define exp(x)         GTEN_FLOATING_1 (exp, x)
#define exp2(x)        GTEN_FLOATING_1 (exp2, x)
#define expm1(x)       GTEN_FLOATING_1 (expm1, x)
#define log(x)         GTEN_FLOATING_1 (log, x)
#define log2(x)        GTEN_FLOATING_1 (log2, x)
#define log10(x)       GTEN_FLOATING_1 (log10, x)
#define log1p(x)       GTEN_FLOATING_1 (log1p, x)
#define sin(x)         GTEN_FLOATING_1 (sin, x)
#define cos(x)         GTEN_FLOATING_1 (cos, x)
#define tan(x)         GTEN_FLOATING_1 (tan, x)
#define asin(x)        GTEN_FLOATING_1 (asin, x)
#define acos(x)        GTEN_FLOATING_1 (acos, x)
#define atan(x)        GTEN_FLOATING_1 (atan, x)
#define sinh(x)        GTEN_FLOATING_1 (sinh, x)
#define cosh(x)        GTEN_FLOATING_1 (cosh, x)
#define tanh(x)        GTEN_FLOATING_1 (tanh, x)
#define asinh(x)       GTEN_FLOATING_1 (asinh, x)
#define acosh(x)       GTEN_FLOATING_1 (acosh, x)
#define atanh(x)       GTEN_FLOATING_1 (atanh, x)
#define erf(x)         GTEN_FLOATING_1 (erf, x)
#define erfc(x)        GTEN_FLOATING_1 (erfc, x)
#define erfinv(x)      GTEN_FLOATING_1 (erfinv, x)
#define digamma(x)     GTEN_FLOATING_1 (digamma, x)
#define i0(x)          GTEN_FLOATING_1 (i0, x)
#define i0e(x)         GTEN_FLOATING_1 (i0e, x)
#define i1(x)          GTEN_FLOATING_1 (i1, x)
#define i1e(x)         GTEN_FLOATING_1 (i1e, x)
#define bessel_j0(x)   GTEN_FLOATING_1 (bessel_j0, x)
#define bessel_j1(x)   GTEN_FLOATING_1 (bessel_j1, x)
#define erfcx(x)       GTEN_FLOATING_1 (erfcx, x)
#define ndtr(x)        GTEN_FLOATING_1 (ndtr, x)
#define log_ndtr(x)    GTEN_FLOATING_1 (log_ndtr, x)
#define ndtri(x)       GTEN_FLOATING_1 (ndtri, x)
#define lgamma(x)      GTEN_FLOATING_1 (log_gamma, x)
#define sqrt(x)        GTEN_FLOATING_1 (sqrt, x)
#define rsqrt(x)       GTEN_FLOATING_1 (rsqrt, x)
#define logit(x)       GTEN_FLOATING_1 (logit, x)
#define sinc(x)        GTEN_FLOATING_1 (sinc, x)
#define sigmoid(x)     GTEN_FLOATING_1 (sigmoid, x)
#define log_sigmoid(x) GTEN_FLOATING_1 (log_sigmoid, x)
#define atan2(x, y)     GTEN_FLOATING_2 (atan2, x, y)
#define hypot(x, y)     GTEN_FLOATING_2 (hypot, x, y)
#define logaddexp(x, y) GTEN_FLOATING_2 (logaddexp, x, y)
#define xlogy(x, y)     GTEN_FLOATING_2 (xlogy, x, y)
#define nextafter(x, y) GTEN_FLOATING_2 (nextafter, x, y)
#define ldexp(x, y)     GTEN_FLOATING_2 (ldexp, x, y)
#define zeta(x, y)      GTEN_FLOATING_2 (zeta, x, y)
#define polygamma(n, x) GTEN_FLOATING_2 (polygamma, n, x)
#define fma(x, y, z)    GTEN_FLOATING_3 (fma, x, y, z)
#define lerp(x, y, z)   GTEN_FLOATING_3 (lerp, x, y, z)

#define abs(x)           GTEN_SELECT_1 (abs, x)
#define sign(x)          GTEN_SELECT_1 (sign, x)
#define square(x)        GTEN_SELECT_1 (square, x)
#define relu(x)          GTEN_SELECT_1 (relu, x)
#define floor(x)         GTEN_SELECT_1 (floor, x)
#define ceil(x)          GTEN_SELECT_1 (ceil, x)
#define trunc(x)         GTEN_SELECT_1 (trunc, x)
#define round(x)         GTEN_SELECT_1 (round, x)
#define frac(x)          GTEN_SELECT_1 (frac, x)
#define isnan(x)         GTEN_SELECT_1 (isnan, x)
#define isinf(x)         GTEN_SELECT_1 (isinf, x)
#define isfinite(x)      GTEN_SELECT_1 (isfinite, x)
#define signbit(x)       GTEN_SELECT_1 (signbit, x)
#define max(x, y)        GTEN_SELECT_2 (max, x, y)
#define min(x, y)        GTEN_SELECT_2 (min, x, y)
#define fmax(x, y)       GTEN_SELECT_2 (fmax, x, y)
#define fmin(x, y)       GTEN_SELECT_2 (fmin, x, y)
#define pow(x, y)        GTEN_SELECT_2 (pow, x, y)
#define fmod(x, y)       GTEN_DIVISION_2 (fmod, x, y)
#define remainder(x, y)  GTEN_DIVISION_2 (remainder, x, y)
#define div_trunc(x, y)  GTEN_DIVISION_2 (div_trunc, x, y)
#define div_floor(x, y)  GTEN_DIVISION_2 (div_floor, x, y)
#define refuse(i, p)     ((void) (bad_values |= (p) ? 1u << (i) : 0u))
#define copysign(x, y)   GTEN_SELECT_2 (copysign, x, y)
#define clamp(x, lo, hi) GTEN_SELECT_3 (clamp, x, lo, hi)
#define where(p, x, y)   GTEN_SELECT (where, , (x) + (y), p, x, y)

#define gcd(x, y)         gten_gcd_i64 (x, y)
#define lcm(x, y)         gten_lcm_i64 (x, y)
#define shift_left(x, y)  gten_shift_left_i64 (x, y)
#define shift_right(x, y) gten_shift_right_i64 (x, y)

#endif
