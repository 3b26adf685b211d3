/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* exp, log and erf of float32 as plain code, for processors with fused multiply-add.
 *
 * Inlined into a loop they beat a call of a vector library, and an element has the same value in a
 * vector and in the loop's tail. All are without branches. The polynomials are Norbert Juffa's
 * minimax approximations (published under BSD-2-Clause), all below 1.2 ulp; a test compares every
 * float32 with the C library's double functions. */
#pragma once

#include <stdint.h>
#include <string.h>

#define GTEN_FLOAT_MATH static inline __attribute__ ((always_inline, unused, const))

GTEN_FLOAT_MATH int32_t
gten_integer_bits (float x)
{
  int32_t bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

GTEN_FLOAT_MATH float
gten_float_bits (int32_t bits)
{
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

/* e^x = 2^n e^r with |r| <= log (2) / 2. Adding 3 * 2^22 rounds to an integer, which is then found
 * in the low bits; n is added to the exponent of e^r, and so is `lent`. */
GTEN_FLOAT_MATH float
gten_exp_bits (float x, int32_t lent)
{
  float shifted = __builtin_fmaf (x, 1.44269504f, 0x1.8p23f);
  float n = shifted - 0x1.8p23f;
  float r = __builtin_fmaf (n, 0x1.05c610p-29f, __builtin_fmaf (n, -0x1.62e430p-1f, x));
  float p = 0x1.694000p-10f;

  p = __builtin_fmaf (p, r, 0x1.125edcp-7f);
  p = __builtin_fmaf (p, r, 0x1.555b5ap-5f);
  p = __builtin_fmaf (p, r, 0x1.555450p-3f);
  p = __builtin_fmaf (p, r, 0x1.fffff6p-2f);
  p = __builtin_fmaf (p, r, 1.0f);
  p = __builtin_fmaf (p, r, 1.0f);
  return gten_float_bits ((int32_t) ((uint32_t) gten_integer_bits (p)
                                     + ((uint32_t) gten_integer_bits (shifted) << 23) + (uint32_t) lent));
}

/* Where the exponent would leave the normal numbers, 2^64 is lent meanwhile. */
GTEN_FLOAT_MATH float
gten_exp_below_f32 (float x)
{
  return gten_exp_bits (x, x < -87.0f ? 64 << 23 : 0) * (x < -87.0f ? 0x1p-64f : 1.0f);
}

GTEN_FLOAT_MATH float
gten_exp_f32 (float x)
{
  float result = gten_exp_below_f32 (x);

  result = x > 0x1.62e42ep+6f ? (float) INFINITY : result;
  result = x < -104.0f ? 0.0f : result;
  return x != x ? x : result;
}

/* exp (-|x|), which knows no infinity. Beyond 104 it is 0. */
GTEN_FLOAT_MATH float
gten_decay_f32 (float x)
{
  float t = 104.0f < __builtin_fabsf (x) ? 104.0f : __builtin_fabsf (x);

  /* A NaN's exponent may have been added to. */
  return __builtin_fmaf (t, 0.0f, gten_exp_below_f32 (-t));
}

/* log (x) = n log (2) + log (m) with 2/3 <= m < 4/3. */
GTEN_FLOAT_MATH float
gten_log_f32 (float x)
{
  float scaled = x < 0x1p-126f ? x * 0x1p23f : x;
  float start = x < 0x1p-126f ? -23.0f : 0.0f;
  int32_t exponent = (gten_integer_bits (scaled) - 0x3f2aaaab) & (int32_t) 0xff800000;
  float f = gten_float_bits (gten_integer_bits (scaled) - exponent) - 1.0f;
  float n = __builtin_fmaf ((float) exponent, 0x1p-23f, start);
  float s = f * f;
  float r = __builtin_fmaf (-0x1.0ae000p-3f, f, 0x1.208000p-3f);
  float t = __builtin_fmaf (-0x1.f198b2p-4f, f, 0x1.1e5740p-3f);
  float special = x == 0 ? -(float) INFINITY : x < 0 ? (float) NAN : x;

  r = __builtin_fmaf (r, s, t);
  r = __builtin_fmaf (r, f, -0x1.55b36cp-3f);
  r = __builtin_fmaf (r, f, 0x1.99d8b2p-3f);
  r = __builtin_fmaf (r, f, -0x1.fffe02p-3f);
  r = __builtin_fmaf (r, f, 0x1.5554fap-2f);
  r = __builtin_fmaf (r, f, -0.5f);
  r = __builtin_fmaf (r, s, f);
  r = __builtin_fmaf (n, 0x1.62e430p-1f, r);
  return x > 0 && x < (float) INFINITY ? r : special;
}

/* A polynomial in x^2 near 0, 1 - exp (polynomial in |x|) elsewhere. */
GTEN_FLOAT_MATH float
gten_erf_f32 (float x)
{
  float t = __builtin_fabsf (x), s = x * x;
  float far = __builtin_fmaf (-1.72853470e-5f, t, 3.83197126e-4f);
  float far_low = __builtin_fmaf (-3.88396438e-3f, t, 2.42546219e-2f);
  float near = -5.96761703e-4f;

  far = __builtin_fmaf (far, s, far_low);
  far = __builtin_fmaf (far, t, -1.06777877e-1f);
  far = __builtin_fmaf (far, t, -6.34846687e-1f);
  far = __builtin_fmaf (far, t, -1.28717512e-1f);
  far = __builtin_fmaf (far, t, -t);
  /* Where it is chosen, this is an ordinary number. */
  far = __builtin_copysignf (1.0f - gten_exp_bits (far, 0), x);

  near = __builtin_fmaf (near, s, 4.99119423e-3f);
  near = __builtin_fmaf (near, s, -2.67681349e-2f);
  near = __builtin_fmaf (near, s, 1.12819925e-1f);
  near = __builtin_fmaf (near, s, -3.76125336e-1f);
  near = __builtin_fmaf (near, s, 1.28379166e-1f);
  near = __builtin_fmaf (near, x, x);
  /* Beyond 4 nothing is left of the difference from 1, and the powers of x would meet as inf -
   * inf. */
  return t > 4.0f ? __builtin_copysignf (1.0f, x) : t > 0.921875f ? far : near;
}
