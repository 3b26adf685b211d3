/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reductions over every set of dimensions of every layout, softmax and matrix products against
 * plain loops. */
#include <string.h>

#include "test-kernels.h"

static GtenKCompute
compute_of (GtenKDtype dtype)
{
  return dtype == GTEN_K_FLOAT64   ? GTEN_K_COMPUTE_FLOAT64
         : test_is_float (dtype) ? GTEN_K_COMPUTE_FLOAT32
                                 : GTEN_K_COMPUTE_INT64;
}

/* An output for the dimensions in `mask`, with stride 0 in them. */
static TestArray *
reduced_array (GtenKDtype dtype, const TestLayout *layout, int mask)
{
  int64_t sizes[TEST_MAX_DIMS];
  TestArray *out;

  for (int d = 0; d < layout->n_dims; d++)
    sizes[d] = mask >> d & 1 ? 1 : layout->sizes[d];
  out = test_array_new (dtype, layout->n_dims, sizes, NULL);
  for (int d = 0; d < layout->n_dims; d++)
    if (mask >> d & 1)
      out->strides[d] = 0;
  return out;
}

static int64_t
reduced_position (const TestArray *in, const TestArray *out, int64_t position)
{
  int64_t index[TEST_MAX_DIMS];

  test_unravel (in, position, index);
  for (int d = 0; d < in->array.n_dims; d++)
    if (out->sizes[d] == 1)
      index[d] = 0;
  return test_ravel (out, index);
}

static void
reduce (GtenKReduce kernel, GtenKCompute compute, const TestArray *in, TestArray *out,
        const GtenKProgram *prologue)
{
  const GtenKReduction reduction = {
    .kernel = kernel,
    .compute = compute,
    .input = in->array,
    .out = out->array.data,
    .out_dtype = out->array.dtype,
    .out_strides = out->strides,
    .prologue = prologue,
  };

  g_assert_cmpint (gten_cpu_backend ()->reduce (0, &reduction), ==, GTEN_K_OK);
}

static void
check_reductions (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  GtenKCompute compute = compute_of (dtype);

  if (dim > 0)
    return;
  for (int mask = 0; mask < 1 << layout->n_dims; mask++)
    {
      g_autoptr (TestArray) in = test_array_of (dtype, layout);
      g_autoptr (TestArray) sum
        = reduced_array (dtype == GTEN_K_FLOAT64 ? GTEN_K_FLOAT64
                         : test_is_float (dtype) ? GTEN_K_FLOAT32
                                                 : GTEN_K_INT64, layout, mask);
      g_autoptr (TestArray) most = reduced_array (dtype, layout, mask);
      g_autoptr (TestArray) any = reduced_array (GTEN_K_BOOL, layout, mask);
      const int64_t n = test_count (sum);
      g_autofree double *sums = g_new0 (double, n + 1), *mosts = g_new (double, n + 1);

      test_fill (in, (guint32) mask, false);
      if (test_is_float (dtype) && test_count (in) > 9)
        test_set (in, 9, NAN);
      for (int64_t i = 0; i < n; i++)
        mosts[i] = -INFINITY;
      for (int64_t i = 0; i < test_count (in); i++)
        {
          int64_t at = reduced_position (in, sum, i);
          double x = test_get (in, i);

          sums[at] += x;
          if (x > mosts[at] || isnan (x))
            mosts[at] = x;
        }
      reduce (GTEN_K_REDUCE_SUM, compute, in, sum, NULL);
      for (int64_t i = 0; i < n; i++)
        test_assert_same (test_get (sum, i), sums[i]);
      reduce (GTEN_K_REDUCE_ANY, compute, in, any, NULL);
      if (test_count (in) == 0)
        continue;
      reduce (GTEN_K_REDUCE_AMAX, compute, in, most, NULL);
      for (int64_t i = 0; i < n; i++)
        test_assert_same (test_get (most, i), mosts[i]);
    }
}

/* The sum of squares in one pass. */
static void
check_prologue (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  const GtenKInstruction square = { .kernel = GTEN_K_MUL, .args = { 0, 0 } };

  if (dim > 0 || dtype == GTEN_K_BOOL)
    return;
  for (int mask = 0; mask < 1 << layout->n_dims; mask++)
    {
      g_autoptr (TestArray) in = test_array_of (dtype, layout);
      g_autoptr (TestArray) sum
        = reduced_array (test_is_float (dtype) ? GTEN_K_FLOAT32 : GTEN_K_INT64, layout, mask);
      g_autofree double *sums = g_new0 (double, test_count (sum) + 1);
      const GtenKProgram prologue = {
        .compute = compute_of (dtype),
        .n_dims = layout->n_dims,
        .sizes = in->sizes,
        .n_inputs = 1,
        .n_instructions = 1,
        .inputs = { { in->array.data, dtype, in->strides, { 0 } } },
        .instructions = &square,
      };

      test_fill (in, (guint32) mask, false);
      for (int64_t i = 0; i < test_count (in); i++)
        sums[reduced_position (in, sum, i)] += test_get (in, i) * test_get (in, i);
      reduce (GTEN_K_REDUCE_SUM, compute_of (dtype), in, sum, &prologue);
      for (int64_t i = 0; i < test_count (sum); i++)
        test_assert_same (test_get (sum, i), sums[i]);
    }
}

/* 2^24 times 0.1, which rounds the same way every time: adding one after another would be off by a
 * quarter. */
static void
test_precision (void)
{
  const int64_t n = 1 << 24;
  const TestLayout layout = { "", 1, { n }, { 1 } };
  g_autoptr (TestArray) in = test_array_of (GTEN_K_FLOAT32, &layout);
  g_autoptr (TestArray) sum = reduced_array (GTEN_K_FLOAT32, &layout, 1);

  for (int64_t i = 0; i < n; i++)
    ((float *) in->array.data)[i] = 0.1f;
  reduce (GTEN_K_REDUCE_SUM, GTEN_K_COMPUTE_FLOAT32, in, sum, NULL);
  g_assert_cmpfloat_with_epsilon (test_get (sum, 0), 0.1f * (double) n, 4);
}

static void
check_softmax (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  const double tolerance = dtype == GTEN_K_FLOAT64   ? 1e-12
                           : dtype == GTEN_K_FLOAT32 ? 1e-5
                           : dtype == GTEN_K_FLOAT16 ? 1e-2
                                                     : 1e-1;

  if (!test_is_float (dtype))
    return;
  for (int logarithm = 0; logarithm < 2; logarithm++)
    {
      g_autoptr (TestArray) in = test_array_of (dtype, layout);
      g_autoptr (TestArray) out
        = test_array_new (dtype, layout->n_dims, layout->sizes,
                          test_layout_is_expanded (layout) ? NULL : layout->strides);
      g_autoptr (TestArray) grad = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);
      const int64_t n = test_size (in, dim);

      test_fill (in, 5, false);
      g_assert_cmpint (gten_cpu_backend ()->softmax (0, logarithm, &in->array, dim, &out->array), ==,
                       GTEN_K_OK);
      for (int64_t i = 0; i < test_count (in); i++)
        {
          double sum = 0, x = test_get (in, i);

          if (test_index_along (in, i, dim) % 300 != 0)
            continue;
          for (int64_t j = 0; j < n; j++)
            sum += exp (test_get (in, test_along (in, i, dim, j)));
          g_assert_cmpfloat_with_epsilon (test_get (out, i), logarithm ? x - log (sum) : exp (x) / sum,
                                          tolerance);
        }
      /* The gradient of a sum of equal gradients is none. */
      for (int64_t i = 0; i < test_count (grad); i++)
        test_set (grad, i, 2);
      if (logarithm)
        continue;
      g_assert_cmpint (gten_cpu_backend ()->softmax_backward (0, false, &grad->array, &out->array, dim,
                                                              &grad->array),
                       ==, GTEN_K_OK);
      for (int64_t i = 0; i < test_count (grad); i++)
        g_assert_cmpfloat_with_epsilon (test_get (grad, i), 0, tolerance);
    }
}

static void
test_matmul (void)
{
  static const int64_t shapes[][4] = { /* batch, m, n, k */
    { 1, 2, 3, 4 },  { 1, 1, 1, 1 },  { 3, 1, 5, 7 }, { 3, 5, 1, 7 },    { 2, 5, 7, 1 },
    { 1, 0, 3, 2 },  { 1, 3, 0, 2 },  { 1, 3, 2, 0 }, { 4, 33, 17, 65 }, { 1, 1, 90, 80 },
    { 1, 90, 1, 80 }, { 2, 40, 40, 40 },
  };

  for (gsize t = 0; t < G_N_ELEMENTS (test_dtypes) - 1; t++)
    for (gsize s = 0; s < G_N_ELEMENTS (shapes); s++)
      for (int kind = 0; kind < 27; kind++)
        {
          const int64_t batch = shapes[s][0], m = shapes[s][1], n = shapes[s][2], k = shapes[s][3];
          /* Contiguous, transposed, or with gaps between columns. */
          const int64_t a_strides[][3] = { { m * k, k, 1 }, { m * k, 1, m },
                                           { 2 * m * k, 2 * k, 2 } };
          const int64_t b_strides[][3] = { { k * n, n, 1 }, { k * n, 1, k }, { 0, 2 * n, 2 } };
          const int64_t c_strides[][3] = { { m * n, n, 1 }, { m * n, 1, m },
                                           { 2 * m * n, 2 * n, 2 } };
          const int64_t a_sizes[] = { batch, m, k }, b_sizes[] = { batch, k, n }, c_sizes[] = { batch, m, n };
          g_autoptr (TestArray) a = test_array_new (test_dtypes[t], 3, a_sizes,
                                                    a_strides[kind % 3]);
          g_autoptr (TestArray) b = test_array_new (test_dtypes[t], 3, b_sizes,
                                                    b_strides[kind / 3 % 3]);
          g_autoptr (TestArray) c = test_array_new (test_dtypes[t], 3, c_sizes,
                                                    c_strides[kind / 9]);
          const double beta = kind % 2;
          GtenKMatmul matmul = { test_dtypes[t], batch, m, n, k, a->array.data, b->array.data,
                                 c->array.data };

          matmul.alpha = 1;
          matmul.beta = beta;
          for (int d = 0; d < 3; d++)
            {
              matmul.a_strides[d] = a->strides[d];
              matmul.b_strides[d] = b->strides[d];
              matmul.c_strides[d] = c->strides[d];
            }
          test_fill (a, 1, false);
          test_fill (b, 2, false);
          for (int64_t i = 0; i < test_count (c); i++)
            test_set (c, i, beta == 0 && test_is_float (test_dtypes[t]) ? NAN : 1);
          g_assert_cmpint (gten_cpu_backend ()->matmul (0, &matmul), ==, GTEN_K_OK);
          for (int64_t i = 0; i < test_count (c); i++)
            {
              int64_t z = i / (m * n), row = i / n % m, column = i % n;
              double sum = beta, got = test_get (c, i);

              for (int64_t p = 0; p < k; p++)
                sum += test_get (a, (z * m + row) * k + p) * test_get (b, (z * k + p) * n + column);
              if (test_is_float (test_dtypes[t]))
                g_assert_cmpfloat_with_epsilon (
                  got, sum, test_dtypes[t] == GTEN_K_BFLOAT16 ? 0.01 * fabs (sum) + 1e-6 : 1e-3 * fabs (sum) + 1e-6);
              else
                g_assert_cmpint ((gint8) (int) got, ==, (gint8) (int) sum);
            }
        }
}

static void
test_memory (void)
{
  const GtenBackend *cpu = gten_cpu_backend ();
  void *blocks[100];

  for (int round = 0; round < 3; round++)
    {
      for (int i = 0; i < 100; i++)
        {
          gsize n_bytes = (gsize) i * i * i;

          blocks[i] = cpu->alloc (0, n_bytes);
          g_assert_nonnull (blocks[i]);
          g_assert_cmpint ((guintptr) blocks[i] % 64, ==, 0);
          memset (blocks[i], i, n_bytes);
        }
      for (int i = 0; i < 100; i++)
        {
          for (gsize byte = 0; byte < (gsize) i * i * i; byte++)
            g_assert_cmpint (((guint8 *) blocks[i])[byte], ==, i);
          cpu->free (0, blocks[i], (gsize) i * i * i);
        }
    }
  cpu->trim (0);
  g_assert_cmpint (cpu->cached (0), ==, 0);
  g_assert_null (cpu->alloc (0, SIZE_MAX));
  g_assert_null (cpu->alloc (0, (gsize) PTRDIFF_MAX));
  cpu->free (0, NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST_EACH ("/kernels/reductions/every-set", check_reductions);
  TEST_EACH ("/kernels/reductions/prologue", check_prologue);
  g_test_add_func ("/kernels/reductions/precision", test_precision);
  TEST_EACH ("/kernels/softmax", check_softmax);
  g_test_add_func ("/kernels/matmul", test_matmul);
  g_test_add_func ("/kernels/memory", test_memory);
  return g_test_run ();
}
