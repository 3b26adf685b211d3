/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What works along lines: scans, sorting, top-k, arg-reductions; each against its definition. */
#include "test-kernels.h"

/* -- scans ---------------------------------------------------------------------------------------*/

static double
scan_step (GtenKScan kind, GtenKDtype dtype, double acc, double x, bool *wins)
{
  *wins = false;
  switch (kind)
    {
    case GTEN_K_SCAN_SUM:
      return acc + x;
    case GTEN_K_SCAN_PROD:
      return acc * x;
    case GTEN_K_SCAN_LOGSUMEXP:
      return acc == x && isinf (x) ? x : MAX (acc, x) + log1p (exp (-fabs (acc - x)));
    case GTEN_K_SCAN_MAX:
      *wins = isnan (x) || x >= acc;
      break;
    case GTEN_K_SCAN_MIN:
      *wins = isnan (x) || x <= acc;
      break;
    }
  return *wins ? x : acc;
}

static void
check_scan (GtenKScan kind, GtenKDtype dtype, const TestLayout *layout, int dim)
{
  g_autoptr (TestArray) input = test_array_of (dtype, layout);
  g_autoptr (TestArray) out = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);
  g_autoptr (TestArray) indices
      = test_array_new (GTEN_K_INT64, layout->n_dims, layout->sizes, NULL);
  bool positions = kind == GTEN_K_SCAN_MAX || kind == GTEN_K_SCAN_MIN;
  bool floating = dtype == GTEN_K_FLOAT64 || dtype == GTEN_K_FLOAT32;
  int64_t n = test_count (input);

  test_fill (input, 1, positions);
  if (kind == GTEN_K_SCAN_PROD)
    for (int64_t i = 0; i < n; i++)
      if (!test_layout_is_expanded (layout))
        test_set (input, i, test_get (input, i) < 0 ? -1 : 1);
  g_assert_cmpint (gten_cpu_backend ()->scan (0, kind, &input->array, dim, &out->array,
                                              positions ? &indices->array : NULL),
                   ==, GTEN_K_OK);
  if (!floating && kind < GTEN_K_SCAN_MAX && test_is_float (dtype))
    return; /* the sums leave what half types hold exactly: see the test of halves */

  for (int64_t p = 0; p < n; p++)
    {
      double acc = 0;
      int64_t best = 0;

      if (test_index_along (input, p, dim) != 0)
        continue;
      for (int64_t i = 0; i < test_size (input, dim); i++)
        {
          int64_t at = test_along (input, p, dim, i);
          double wanted;
          bool wins = true;

          acc = i == 0 ? test_get (input, at) : scan_step (kind, dtype, acc, test_get (input, at), &wins);
          best = wins ? i : best;
          wanted = dtype == GTEN_K_UINT8  ? (guint8) (gint64) acc
                   : dtype == GTEN_K_INT8 ? (gint8) (gint64) acc
                   : dtype == GTEN_K_BOOL ? acc != 0
                                          : acc;
          if (kind == GTEN_K_SCAN_LOGSUMEXP)
            g_assert_cmpfloat (fabs (test_get (out, at) - wanted), <=,
                               fabs (wanted) * (floating ? 1e-5 : 1e-2) + 1e-12);
          else
            test_assert_same (test_get (out, at), wanted);
          if (positions)
            g_assert_cmpint ((gint64) test_get (indices, at), ==, best);
        }
    }
}

static void
check_sum (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  check_scan (GTEN_K_SCAN_SUM, dtype, layout, dim);
}

static void
check_product (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  if (!test_layout_is_expanded (layout))
    check_scan (GTEN_K_SCAN_PROD, dtype, layout, dim);
}

static void
check_extremes (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  check_scan (GTEN_K_SCAN_MAX, dtype, layout, dim);
  check_scan (GTEN_K_SCAN_MIN, dtype, layout, dim);
}

static void
check_logsumexp (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  g_autoptr (TestArray) input = test_array_of (dtype, layout);

  if (test_is_float (dtype))
    check_scan (GTEN_K_SCAN_LOGSUMEXP, dtype, layout, dim);
  else
    g_assert_cmpint (gten_cpu_backend ()->scan (0, GTEN_K_SCAN_LOGSUMEXP, &input->array, dim,
                                                &input->array, NULL),
                     ==, GTEN_K_UNSUPPORTED);
}

/* 3000 ones: a float16 that is added up in float16 stays at 2048. */
static void
test_scan_halves (void)
{
  const int64_t size = 3000;
  g_autoptr (TestArray) input = test_array_new (GTEN_K_FLOAT16, 1, &size, NULL);
  g_autoptr (TestArray) out = test_array_new (GTEN_K_FLOAT16, 1, &size, NULL);

  for (int64_t i = 0; i < size; i++)
    test_set (input, i, 1);
  gten_cpu_backend ()->scan (0, GTEN_K_SCAN_SUM, &input->array, 0, &out->array, NULL);
  g_assert_cmpfloat (test_get (out, 2047), ==, 2048);
  g_assert_cmpfloat (test_get (out, 2999), ==, 3000);
}

/* -- sorting -------------------------------------------------------------------------------------*/

/* Whether the element at i comes before that at j. */
static bool
comes_before (const TestArray *input, int64_t p, int dim, int64_t i, int64_t j, bool descending)
{
  double x = test_get (input, test_along (input, p, dim, i)),
         y = test_get (input, test_along (input, p, dim, j));
  bool x_above = isnan (x) ? !isnan (y) : x > y, y_above = isnan (y) ? !isnan (x) : y > x;

  if (x_above || y_above)
    return descending ? x_above : y_above;
  return i < j;
}

static void
check_sort_k (const TestArray *input, int dim, bool descending, int64_t k)
{
  int64_t sizes[TEST_MAX_DIMS];

  memcpy (sizes, input->sizes, sizeof sizes);
  sizes[dim] = k;

  g_autoptr (TestArray) values
      = test_array_new (input->array.dtype, input->array.n_dims, sizes, NULL);
  g_autoptr (TestArray) indices = test_array_new (GTEN_K_INT64, input->array.n_dims, sizes, NULL);
  g_autoptr (TestArray) alone = test_array_new (GTEN_K_INT64, input->array.n_dims, sizes, NULL);
  gpointer workspace
      = g_aligned_alloc (1, MAX (gten_cpu_backend ()->sort_workspace (&input->array, dim), 1), 64);
  int64_t n = test_count (values);

  g_assert_cmpint (gten_cpu_backend ()->sort (0, &input->array, dim, descending, true, k,
                                              &values->array, &indices->array, workspace),
                   ==, GTEN_K_OK);
  gten_cpu_backend ()->sort (0, &input->array, dim, descending, true, k, NULL, &alone->array,
                             workspace);
  g_aligned_free (workspace);

  for (int64_t p = 0; p < n; p++)
    {
      int64_t at = test_index_along (values, p, dim), index = (int64_t) test_get (indices, p);
      int64_t index_in_line[TEST_MAX_DIMS], line;

      test_unravel (values, p, index_in_line);
      index_in_line[dim] = 0;
      line = test_ravel (input, index_in_line);
      test_assert_same (test_get (values, p),
                        test_get (input, test_along (input, line, dim, index)));
      g_assert_cmpint ((gint64) test_get (alone, p), ==, index);
      if (at > 0)
        g_assert_true (comes_before (
            input, line, dim, (int64_t) test_get (indices, test_along (values, p, dim, at - 1)),
            index, descending));
      if (at == k - 1 && test_count (input) < 200)
        {
          int64_t n_before = 0;

          for (int64_t i = 0; i < test_size (input, dim); i++)
            n_before += comes_before (input, line, dim, i, index, descending);
          g_assert_cmpint (n_before, ==, k - 1);
        }
    }
}

static void
check_sort (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  g_autoptr (TestArray) input = test_array_of (dtype, layout);
  int64_t size = test_size (input, dim);

  test_fill (input, 2, true);
  for (int descending = 0; descending < 2; descending++)
    if (layout->n_dims == 0)
      check_sort_k (input, dim, descending, 1);
    else
      {
        check_sort_k (input, dim, descending, size);
        check_sort_k (input, dim, descending, size / 3);
        check_sort_k (input, dim, descending, size > 0 ? 1 : 0);
      }
}

/* Every bit of the wide keys matters. */
static void
test_sort_wide (void)
{
  const int64_t size = 4096;
  g_autoptr (TestArray) input = test_array_new (GTEN_K_INT64, 1, &size, NULL);
  g_autoptr (TestArray) values = test_array_new (GTEN_K_INT64, 1, &size, NULL);
  gpointer workspace
      = g_aligned_alloc (1, gten_cpu_backend ()->sort_workspace (&input->array, 0), 64);
  guint64 hash = 1;

  for (int64_t i = 0; i < size; i++)
    {
      hash = hash * 6364136223846793005u + 1442695040888963407u;
      ((guint64 *) input->array.data)[i] = hash;
    }
  gten_cpu_backend ()->sort (0, &input->array, 0, false, true, size, &values->array, NULL,
                             workspace);
  g_aligned_free (workspace);
  for (int64_t i = 1; i < size; i++)
    g_assert_cmpint (((gint64 *) values->array.data)[i - 1], <, ((gint64 *) values->array.data)[i]);
}

/* -- arg-reductions ------------------------------------------------------------------------------*/

static void
check_arg_reduce (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  g_autoptr (TestArray) input = test_array_of (dtype, layout);
  int64_t sizes[TEST_MAX_DIMS], size = test_size (input, dim);

  memcpy (sizes, layout->sizes, sizeof sizes);
  sizes[dim] = 1;

  g_autoptr (TestArray) values = test_array_new (dtype, layout->n_dims, sizes, NULL);
  g_autoptr (TestArray) indices = test_array_new (GTEN_K_INT64, layout->n_dims, sizes, NULL);

  test_fill (input, 3, true);
  for (int kind = 0; kind < 2; kind++)
    {
      GtenKStatus status = gten_cpu_backend ()->arg_reduce (0, kind, &input->array, dim,
                                                            &values->array, &indices->array);

      g_assert_cmpint (status, ==,
                       size == 0 && test_count (values) > 0 ? GTEN_K_BAD_VALUE : GTEN_K_OK);
      if (size == 0)
        continue;
      for (int64_t p = 0; p < test_count (values); p++)
        {
          int64_t index[TEST_MAX_DIMS], line, best = 0;

          test_unravel (values, p, index);
          line = test_ravel (input, index);
          for (int64_t i = 1; i < size; i++)
            {
              double x = test_get (input, test_along (input, line, dim, i));
              double top = test_get (input, test_along (input, line, dim, best));

              if (!isnan (top) && (isnan (x) || (kind == GTEN_K_ARGMAX ? x > top : x < top)))
                best = i;
            }
          g_assert_cmpint ((gint64) test_get (indices, p), ==, best);
          test_assert_same (test_get (values, p),
                            test_get (input, test_along (input, line, dim, best)));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST_EACH ("/kernels/scan/sum", check_sum);
  TEST_EACH ("/kernels/scan/product", check_product);
  TEST_EACH ("/kernels/scan/extremes", check_extremes);
  TEST_EACH ("/kernels/scan/logsumexp", check_logsumexp);
  g_test_add_func ("/kernels/scan/halves", test_scan_halves);
  TEST_EACH ("/kernels/sort", check_sort);
  g_test_add_func ("/kernels/sort/wide", test_sort_wide);
  TEST_EACH ("/kernels/arg-reduce", check_arg_reduce);
  return g_test_run ();
}
