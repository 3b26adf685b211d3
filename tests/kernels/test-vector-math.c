/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions of blocks against the C library: 2 units in the last place for float32, and the special values. */
#include <string.h>

#include "test-kernels.h"

#define TEST_BLOCK 1024

static double
sigmoid (double x)
{
  return 1 / (1 + exp (-x));
}

static const struct
{
  GtenKPointwise kernel;
  double       (*reference) (double x);
  double         largest;   /* beyond it the smallest results are 0, as 1 / (1 + exp (-x)) is */
} functions[] = {
  { GTEN_K_EXP, exp, INFINITY },     { GTEN_K_EXP2, exp2, INFINITY },   { GTEN_K_EXPM1, expm1, INFINITY },
  { GTEN_K_LOG, log, INFINITY },     { GTEN_K_LOG2, log2, INFINITY },   { GTEN_K_LOG10, log10, INFINITY },
  { GTEN_K_LOG1P, log1p, INFINITY }, { GTEN_K_SQRT, sqrt, INFINITY },   { GTEN_K_SIN, sin, INFINITY },
  { GTEN_K_COS, cos, INFINITY },          { GTEN_K_TAN, tan, INFINITY },          { GTEN_K_ASIN, asin, INFINITY },
  { GTEN_K_ACOS, acos, INFINITY },   { GTEN_K_ATAN, atan, INFINITY },   { GTEN_K_SINH, sinh, INFINITY },
  { GTEN_K_COSH, cosh, INFINITY },   { GTEN_K_TANH, tanh, INFINITY },   { GTEN_K_ASINH, asinh, INFINITY },
  { GTEN_K_ACOSH, acosh, INFINITY },     { GTEN_K_ATANH, atanh, INFINITY }, { GTEN_K_ERF, erf, INFINITY },
  { GTEN_K_SIGMOID, sigmoid, 80 },
};

static double
ulps (float got, double wanted)
{
  int exponent;

  if (isnan (wanted))
    return isnan (got) ? 0 : INFINITY;
  if (got == (float) wanted)
    return 0;
  if (isinf ((float) wanted) || isinf (got) || isnan (got))
    return INFINITY;
  frexp (wanted, &exponent);
  return fabs (got - wanted) / ldexp (1, MAX (exponent, -125) - 24);
}

static void
test_functions (void)
{
  float x[TEST_BLOCK], y[TEST_BLOCK];
  const void *inputs[] = { x };

  for (gsize f = 0; f < G_N_ELEMENTS (functions); f++)
    {
      GtenKBlock block = gten_cpu_backend ()->block (functions[f].kernel, GTEN_K_COMPUTE_FLOAT32);
      double worst = 0, at = 0;

      g_assert_nonnull (block);
      for (guint64 bits = 0; bits < (guint64) 1 << 32; bits += (guint64) TEST_BLOCK * 8191)
        {
          for (int i = 0; i < TEST_BLOCK; i++)
            {
              guint32 word = (guint32) (bits + (guint64) i * 8191);

              memcpy (&x[i], &word, sizeof word);
              if (isfinite (functions[f].largest) && fabsf (x[i]) > functions[f].largest)
                x[i] = 0.5f;
            }
          block (TEST_BLOCK, y, inputs, NULL);
          for (int i = 0; i < TEST_BLOCK; i++)
            {
              double error = ulps (y[i], functions[f].reference (x[i]));

              if (error > worst)
                {
                  worst = error;
                  at = x[i];
                }
            }
        }
      g_test_message ("function %" G_GSIZE_FORMAT ": %.2f ulp at %a", f, worst, at);
      /* Sigmoid is made of an exponential, an addition and a division; libmvec's
       * acosh errs by 2.23. */
      g_assert_cmpfloat (worst, <, functions[f].kernel == GTEN_K_SIGMOID ? 3 : 2.3);
    }
}

/* A block's result depends on the element, not on its place or the block's length. */
static void
test_tails (void)
{
  float x[64], whole[64], part[64];
  const void *inputs[] = { x };
  GtenKBlock block = gten_cpu_backend ()->block (GTEN_K_TANH, GTEN_K_COMPUTE_FLOAT32);

  for (int i = 0; i < 64; i++)
    x[i] = (float) i / 16 - 2;
  block (64, whole, inputs, NULL);
  for (gsize n = 0; n < 64; n++)
    {
      part[n] = 77;
      block (n, part, inputs, NULL);
      g_assert_cmpfloat (part[n], ==, 77);
      for (gsize i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon (part[i], whole[i], 3e-7);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/vector-math/functions", test_functions);
  g_test_add_func ("/kernels/vector-math/tails", test_tails);
  return g_test_run ();
}
