/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Special functions that the C library lacks, in double precision. */
#include "gten-scalar.h"

/* Giles, "Approximating the erfinv function" (2012) gives the start, two Newton steps the rest. */
double
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
      double excess = fabs (x) < 0.5 ? erf (y) - x
                                     : copysign (1 - fabs (x) - erfc (fabs (y)), x);

      y -= excess / (two_by_root_pi * exp (-y * y));
    }
  return y;
}

/* Reflection below 0, recurrence up to 10, then the asymptotic series (Abramowitz and Stegun 6.3.18). At the poles
 * as PyTorch: -inf at 0 with the sign turned, NaN at the negative integers. */
double
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
      return gten_digamma_f64 (1 - x) - M_PI / tan (M_PI * fmod (x, 1));
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

/* The power series below 20 (Abramowitz and Stegun 9.6.10), the asymptotic one above (9.7.1). */
double
gten_i0_f64 (double x)
{
  double term = 1, sum = 1;

  x = fabs (x);
  if (x < 20)
    {
      for (int k = 1; term > sum * 1e-17; k++)
        {
          term *= x / 2 / k * (x / 2 / k);
          sum += term;
        }
      return sum;
    }
  if (isinf (x))
    return x;
  for (int k = 1; k < 40 && term > 1e-17; k++)
    {
      double factor = (2 * k - 1) * (2 * k - 1) / (8.0 * x * k);

      if (factor >= 1)
        break;
      term *= factor;
      sum += term;
    }
  return exp (x / 2) * (sum / sqrt (2 * M_PI * x)) * exp (x / 2);
}
