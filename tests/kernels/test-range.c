/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Progressions and triangles. */
#include "test-kernels.h"

static GtenKScalar
scalar (GtenKDtype dtype, double x)
{
  GtenKScalar value = { .i = (int64_t) x };

  if (test_is_float (dtype))
    value.f = x;
  return value;
}

static void
test_progression (void)
{
  for (gsize t = 0; t < G_N_ELEMENTS (test_dtypes); t++)
    for (int64_t stride = 1; stride < 4; stride += 2)
      for (int64_t n = 0; n < 60; n += 13)
        {
          GtenKDtype dtype = test_dtypes[t];
          g_autoptr (TestArray) out = test_array_new (dtype, 1, &n, &stride);

          g_assert_cmpint (gten_cpu_backend ()->range (0, scalar (dtype, 3), scalar (dtype, 2),
                                                       NULL, &out->array),
                           ==, GTEN_K_OK);
          for (int64_t i = 0; i < n; i++)
            test_assert_same (test_get (out, i), dtype == GTEN_K_BOOL ? 1 : (double) (3 + 2 * i));
        }
}

/* Recorded from PyTorch's linspace. */
static const struct
{
  GtenKDtype dtype;
  double     start, end;
  int64_t    n;
  double     expected[8];
} linspaces[] = {
  { GTEN_K_FLOAT32,
    0,
    1,
    8,
    { 0.0, 0.1428571492433548, 0.2857142984867096, 0.4285714626312256, 0.5714285373687744,
      0.7142857313156128, 0.8571428656578064, 1.0 } },
  { GTEN_K_FLOAT64,
    -2.5,
    9.7,
    7,
    { -2.5, -0.4666666666666668, 1.5666666666666664, 3.5999999999999996, 5.633333333333333,
      7.666666666666666, 9.7 } },
  { GTEN_K_FLOAT16,
    0,
    1,
    8,
    { 0.0, 0.142822265625, 0.28564453125, 0.428466796875, 0.5712890625, 0.71435546875,
      0.85693359375, 1.0 } },
  { GTEN_K_BFLOAT16,
    0,
    1,
    8,
    { 0.0, 0.142578125, 0.28515625, 0.427734375, 0.5703125, 0.71484375, 0.85546875, 1.0 } },
  { GTEN_K_INT32, -3, 7, 5, { -3, 0, 2, 4, 7 } },
  { GTEN_K_UINT8, 0, 255, 4, { 0, 85, 170, 255 } },
  { GTEN_K_INT64, 5, 9, 1, { 5 } },
  { GTEN_K_FLOAT32, 5, 9, 1, { 5 } },
};

static void
test_linspace (void)
{
  for (gsize l = 0; l < G_N_ELEMENTS (linspaces); l++)
    {
      g_autoptr (TestArray) out = test_array_new (linspaces[l].dtype, 1, &linspaces[l].n, NULL);
      GtenKScalar end = scalar (linspaces[l].dtype, linspaces[l].end);

      g_assert_cmpint (gten_cpu_backend ()->range (0,
                                                   scalar (linspaces[l].dtype, linspaces[l].start),
                                                   end, &end, &out->array),
                       ==, GTEN_K_OK);
      for (int64_t i = 0; i < linspaces[l].n; i++)
        test_assert_same (test_get (out, i), linspaces[l].expected[i]);
    }
}

static void
check_triangle (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  static const int64_t diagonals[] = { G_MININT64, -8, -2, -1, 0, 1, 3, 8, G_MAXINT64 };
  g_autoptr (TestArray) input = test_array_of (dtype, layout);
  g_autoptr (TestArray) out = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);

  if (layout->n_dims < 2 || dim > 0)
    return;
  test_fill (input, 8, true);
  for (gsize d = 0; d < G_N_ELEMENTS (diagonals); d++)
    for (int upper = 0; upper < 2; upper++)
      {
        g_assert_cmpint (
            gten_cpu_backend ()->triangle (0, upper, diagonals[d], &input->array, &out->array), ==,
            GTEN_K_OK);
        for (int64_t p = 0; p < test_count (out); p++)
          {
            int64_t index[TEST_MAX_DIMS], above;

            test_unravel (out, p, index);
            above = index[layout->n_dims - 1] - index[layout->n_dims - 2];
            test_assert_same (
                test_get (out, p),
                (upper ? above >= diagonals[d] : above <= diagonals[d]) ? test_get (input, p) : 0);
          }
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/range/progression", test_progression);
  g_test_add_func ("/kernels/range/linspace", test_linspace);
  TEST_EACH ("/kernels/triangle", check_triangle);
  return g_test_run ();
}
