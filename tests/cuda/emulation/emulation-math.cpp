/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Inverses of the error function and of the normal distribution. */

#include "cuda_runtime.h"

/* Giles, "Approximating the erfinv function" (2010), then two steps of Halley, on the side where nothing cancels. */
double
gten_emulation_erfinv (double x)
{
  double w, y;

  if (x != x || fabs (x) > 1)
    return NAN;
  if (fabs (x) == 1)
    return copysign (INFINITY, x);
  w = -log1p (-x * x);
  y = x * (w < 5 ? 0.886227 + w * 0.232 : sqrt (w) * 1.002 - 0.2) / (w < 5 ? 1 : fabs (x));
  for (int i = 0; i < 8; i++)
    {
      double error = fabs (x) < 0.5 ? erf (y) - x : copysign (1, x) * ((1 - fabs (x)) - erfc (fabs (y)));
      double step = error / (2 / sqrt (M_PI) * exp (-y * y));

      y -= step / (1 + y * step);
    }
  return y;
}

double
gten_emulation_normcdfinv (double x)
{
  double y, tail = x < 0.5 ? x : 1 - x;

  if (x != x || x < 0 || x > 1)
    return NAN;
  if (x == 0 || x == 1)
    return copysign (INFINITY, x - 0.5);
  y = gten_emulation_erfinv (1 - 2 * tail) * -M_SQRT2;
  if (tail < 1e-10)
    y = -sqrt (-2 * log (tail) - log (-4 * M_PI * log (tail)));
  for (int i = 0; i < 8; i++)
    {
      double error = 0.5 * erfc (-y * M_SQRT1_2) - tail;
      double step = error / (exp (-y * y / 2) / sqrt (2 * M_PI));

      y -= step / (1 + y * step / 2);
    }
  return x < 0.5 ? y : -y;
}
