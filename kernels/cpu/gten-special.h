/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Special functions that the C library lacks, in double precision, for the CPU and for CUDA. */
#pragma once

#include <math.h>
#include <stdbool.h>

#ifdef __cplusplus
#define GTEN_SPECIAL        static __device__ __noinline__
#define GTEN_SPECIAL_STATIC GTEN_SPECIAL
#else
#define GTEN_SPECIAL
#define GTEN_SPECIAL_STATIC static
#endif

/* Giles, "Approximating the erfinv function" (2012) gives the start, two Newton steps the rest. */
GTEN_SPECIAL double
gten_erfinv_f64 (double x)
{
  static const double central[] = { 2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                                    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941 };
  static const double tail[] = { -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
                                 -0.0076224613, 0.00943887047, 1.00167406, 2.83297682 };
  const double two_by_root_pi = 1.1283791670955126;
  double w, y;

  if (!(fabs (x) < 1))
    return fabs (x) == 1 ? copysign (INFINITY, x) : NAN;
  w = -log1p (-x * x);
  y = w < 5 ? central[0] : tail[0];
  for (int i = 1; i < 9; i++)
    y = w < 5 ? central[i] + y * (w - 2.5) : tail[i] + y * (sqrt (w) - 3);
  y *= x;
  /* Near 1 the complement keeps the digits that erf (y) - x loses. */
  for (int step = 0; step < 2; step++)
    {
      double excess = fabs (x) < 0.5 ? erf (y) - x : (1 - fabs (x) - erfc (fabs (y))) * copysign (1.0, x);

      y -= excess / (two_by_root_pi * exp (-y * y));
    }
  return y;
}

/* Reflection below 0, recurrence up to 10, then the asymptotic series (Abramowitz and Stegun
 * 6.3.18). At the poles as PyTorch: -inf at 0 with the sign turned, NaN at the negative
 * integers. */
GTEN_SPECIAL double
gten_digamma_f64 (double x)
{
  static const double series[] = { 8.33333333333333333333e-2, -2.10927960927960927961e-2, 7.57575757575757575758e-3,
                                   -4.16666666666666666667e-3, 3.96825396825396825397e-3, -8.33333333333333333333e-3,
                                   8.33333333333333333333e-2 };
  double result = 0, y = 0;

  if (x == 0)
    return copysign (INFINITY, -x);
  if (x < 0)
    {
      if (x == trunc (x))
        return NAN;
      return gten_digamma_f64 (1 - x) - M_PI / tan (M_PI * fmod (x, 1.0));
    }
  for (; x < 10; x += 1)
    result -= 1 / x;
  if (x == 10)
    return result + 2.25175258906672110764;
  if (x < 1e17)
    {
      double z = 1 / (x * x);

      for (int i = 0; i < 7; i++)
        y = y * z + series[i];
      y *= z;
    }
  return result + log (x) - 0.5 / x - y;
}

/* Of order 0 or 1, times exp (-|x|) if scaled: the power series below 20 (Abramowitz and Stegun
 * 9.6.10), the asymptotic one above (9.7.1). */
GTEN_SPECIAL_STATIC double
bessel_i (int order, double x, bool is_scaled)
{
  const double size = fabs (x), sign = order == 1 ? copysign (1.0, x) : 1;
  double term = 1, sum = 1;

  if (isinf (size))
    return is_scaled ? copysign (0.0, sign) : sign * size;
  if (size < 20)
    {
      term = sum = order == 1 ? size / 2 : 1;
      for (int k = 1; term > sum * 1e-17; k++)
        {
          term *= size / 2 / k * (size / 2 / (k + order));
          sum += term;
        }
      return sign * (is_scaled ? sum * exp (-size) : sum);
    }
  for (int k = 1; k < 40 && fabs (term) > 1e-17; k++)
    {
      const double factor = ((2 * k - 1) * (2 * k - 1) - 4 * order * order) / (8.0 * size * k);

      if (factor >= 1)
        break;
      term *= factor;
      sum += term;
    }
  sum *= sign / sqrt (2 * M_PI * size);
  return is_scaled ? sum : exp (size / 2) * sum * exp (size / 2);
}

GTEN_SPECIAL double gten_i0_f64 (double x) { return bessel_i (0, x, false); }
GTEN_SPECIAL double gten_i0e_f64 (double x) { return bessel_i (0, x, true); }
GTEN_SPECIAL double gten_i1_f64 (double x) { return bessel_i (1, x, false); }
GTEN_SPECIAL double gten_i1e_f64 (double x) { return bessel_i (1, x, true); }
GTEN_SPECIAL double gten_bessel_j0_f64 (double x) { return j0 (x); }
GTEN_SPECIAL double gten_bessel_j1_f64 (double x) { return j1 (x); }

/* exp (x^2) erfc (x), the square with its rounding error; far out the asymptotic series (Abramowitz
 * and Stegun 7.1.23). */
GTEN_SPECIAL double
gten_erfcx_f64 (double x)
{
  const double square = x * x, error = fma (x, x, -square);
  double term = 1, sum = 1;

  if (x < -26.7)
    return INFINITY;
  if (!(x > 10))
    return exp (square) * (1 + error) * erfc (x);
  for (int k = 1; k < 12; k++)
    {
      term *= -(2 * k - 1) / (2 * square);
      sum += term;
    }
  return sum / x * (M_2_SQRTPI / 2);
}

GTEN_SPECIAL double
gten_log_ndtr_f64 (double x)
{
  const double t = x * M_SQRT1_2;

  return x < -1 ? log (gten_erfcx_f64 (-t) / 2) - t * t : log1p (-erfc (t) / 2);
}

/* In the middle by erfinv, in the tails by Newton's method on the logarithm, which is concave. */
GTEN_SPECIAL double
gten_ndtri_f64 (double p)
{
  const double log_p = log (p);
  double x = -sqrt (-2 * log_p);

  if (!(p > 0))
    return p == 0 ? -INFINITY : NAN;
  if (p > 0.5)
    return p <= 1 ? -gten_ndtri_f64 (1 - p) : NAN;
  if (p > 0.05)
    return M_SQRT2 * gten_erfinv_f64 (2 * p - 1);
  for (int step = 0; step < 8; step++)
    x -= (gten_log_ndtr_f64 (x) - log_p) * gten_erfcx_f64 (-x * M_SQRT1_2) * sqrt (M_PI_2);
  return x;
}

/* Hurwitz's zeta function by the Euler-Maclaurin formula (Abramowitz and Stegun 23.2.7 and its
 * generalisation, as in Moshier's Cephes library, from which the values at poles and outside the
 * domain are too). */
GTEN_SPECIAL double
gten_zeta_f64 (double x, double q)
{
  /* (2k)! / B2k */
  static const double factors[] = { 12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1.8924375803183791606e9,
                                    7.47242496e10, -2.950130727918164224e12, 1.1646782814350067249e14,
                                    -4.5979787224074726105e15, 1.8152105401943546773e17, -7.1661652561756670113e18 };
  double a = q, power, sum, factor = 1;

  if (x == 1)
    return INFINITY;
  if (!(x > 1) || isnan (q))
    return NAN;
  if (q <= 0)
    {
      if (q == floor (q))
        return INFINITY;
      if (x != floor (x))
        return NAN;

      /* The terms below 0 are those of the function itself, from the one nearest to 0 on; x is whole. */
      const double n_below = ceil (-q), nearest = -(q + (n_below - 1));
      const double below = gten_zeta_f64 (x, nearest) - gten_zeta_f64 (x, nearest + n_below);

      return gten_zeta_f64 (x, q + n_below) + (fmod (x, 2.0) == 0 ? below : -below);
    }
  power = sum = pow (q, -x);
  for (int i = 0; i < 9 || a <= 9; i++)
    {
      a += 1;
      power = pow (a, -x);
      sum += power;
      if (fabs (power) < fabs (sum) * 1e-17)
        return sum;
    }
  sum += power * a / (x - 1) - power / 2;
  for (int i = 0; i < 12; i++)
    {
      const double k = 2 * i;
      double term;

      factor *= x + k;
      power /= a;
      term = factor * power / factors[i];
      sum += term;
      if (fabs (term) < fabs (sum) * 1e-17)
        break;
      factor *= x + k + 1;
      power /= a;
    }
  return sum;
}

/* Trigamma is reflected below 0 (Abramowitz and Stegun 6.4.7); the others are zeta functions
 * (6.4.10). */
GTEN_SPECIAL double
gten_polygamma_f64 (double n, double x)
{
  if (n == 0)
    return gten_digamma_f64 (x);
  if (n == 1 && x < 0.5)
    {
      const double sine = sin (M_PI * x);

      return M_PI * M_PI / (sine * sine) - gten_zeta_f64 (2, 1 - x);
    }
  return (fmod (n, 2.0) == 0 ? -1 : 1) * tgamma (n + 1) * gten_zeta_f64 (n + 1, x);
}
