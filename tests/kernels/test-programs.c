/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Element-wise programs: every dtype, layout and conversion. */
#include <string.h>

#include "test-kernels.h"

static const GtenKCompute computes[GTEN_K_N_DTYPES] = {
  [GTEN_K_UINT8] = GTEN_K_COMPUTE_INT64,      [GTEN_K_INT8] = GTEN_K_COMPUTE_INT64,
  [GTEN_K_INT16] = GTEN_K_COMPUTE_INT64,      [GTEN_K_INT32] = GTEN_K_COMPUTE_INT64,
  [GTEN_K_INT64] = GTEN_K_COMPUTE_INT64,      [GTEN_K_FLOAT16] = GTEN_K_COMPUTE_FLOAT32,
  [GTEN_K_BFLOAT16] = GTEN_K_COMPUTE_FLOAT32, [GTEN_K_FLOAT32] = GTEN_K_COMPUTE_FLOAT32,
  [GTEN_K_FLOAT64] = GTEN_K_COMPUTE_FLOAT64,  [GTEN_K_BOOL] = GTEN_K_COMPUTE_INT64,
};

static GtenKOperand
operand (TestArray *array)
{
  return (GtenKOperand) { array->array.data, array->array.dtype, array->strides, { 0 } };
}

static GtenKProgram
program_of (GtenKCompute compute, TestArray *out, const GtenKInstruction *instructions, int n)
{
  return (GtenKProgram) {
    .compute = compute,
    .n_dims = out->array.n_dims,
    .sizes = out->sizes,
    .n_outputs = 1,
    .n_instructions = n,
    .outputs = { operand (out) },
    .instructions = instructions,
  };
}

static GtenKStatus
run (GtenKProgram *program, int n_inputs)
{
  program->n_inputs = n_inputs;
  program->output_registers[0] = (guint8) (n_inputs + program->n_instructions - 1);
  return gten_cpu_backend ()->run (0, program);
}

/* Small integers, which all dtypes hold. */
static void
check_conversion (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  if (dim > 0)
    return;
  for (gsize t = 0; t < G_N_ELEMENTS (test_dtypes); t++)
    for (int is_dense = 0; is_dense < 2; is_dense++)
      {
        g_autoptr (TestArray) in = test_array_of (dtype, layout);
        g_autoptr (TestArray) out
          = test_array_new (test_dtypes[t], layout->n_dims, layout->sizes,
                            is_dense || test_layout_is_expanded (layout) ? NULL : layout->strides);
        const GtenKInstruction identity = { .kernel = GTEN_K_IDENTITY, .args = { 0 } };
        GtenKProgram program = program_of (computes[dtype], out, &identity, 1);

        test_fill (in, 7, false);
        program.inputs[0] = operand (in);
        g_assert_cmpint (run (&program, 1), ==, GTEN_K_OK);
        for (int64_t i = 0; i < test_count (out); i++)
          {
            double x = test_get (in, i);

            if (test_dtypes[t] == GTEN_K_BOOL)
              x = x != 0;
            if (test_dtypes[t] == GTEN_K_UINT8)
              x = (guint8) (int) x;
            test_assert_same (test_get (out, i), x);
          }
      }
}

static void
check_binary (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  if (dtype == GTEN_K_BOOL || dim > 0)
    return;
  for (gsize l = 0; l < G_N_ELEMENTS (test_layouts); l++)
    {
      const TestLayout *other = &test_layouts[l];
      g_autoptr (TestArray) a = NULL, b = NULL, sum = NULL, less = NULL, number = NULL;
      const GtenKInstruction add = { .kernel = GTEN_K_ADD,
                                     .args = { 0, 1 },
                                     .params = { computes[dtype] == GTEN_K_COMPUTE_INT64
                                                   ? (GtenKScalar) { .i = 2 }
                                                   : (GtenKScalar) { .f = 2 } } };
      const GtenKInstruction lt = { .kernel = GTEN_K_LT, .args = { 0, 1 } };
      GtenKProgram program;

      if (layout->n_dims != other->n_dims
          || memcmp (layout->sizes, other->sizes, sizeof (int64_t) * layout->n_dims) != 0)
        continue;
      a = test_array_of (dtype, layout);
      b = test_array_of (dtype, other);
      sum = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);
      less = test_array_new (GTEN_K_BOOL, layout->n_dims, layout->sizes, NULL);
      number = test_array_new (GTEN_K_FLOAT32, layout->n_dims, layout->sizes, NULL);
      test_fill (a, 1, true);
      test_fill (b, 2, true);

      program = program_of (computes[dtype], sum, &add, 1);
      program.inputs[0] = operand (a);
      program.inputs[1] = operand (b);
      g_assert_cmpint (run (&program, 2), ==, GTEN_K_OK);
      program.instructions = &lt;
      program.outputs[0] = operand (less);
      g_assert_cmpint (run (&program, 2), ==, GTEN_K_OK);
      program.outputs[0] = operand (number);
      g_assert_cmpint (run (&program, 2), ==, GTEN_K_OK);
      for (int64_t i = 0; i < test_count (sum); i++)
        {
          double x = test_get (a, i), y = test_get (b, i);

          test_assert_same (test_get (sum, i), x + 2 * y);
          test_assert_same (test_get (less, i), x < y);
          test_assert_same (test_get (number, i), x < y);
        }
    }
}

/* (x * 3) / (x - 1), once from immediates, and in place. */
static void
check_fused (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  const GtenKInstruction instructions[] = {
    { .kernel = GTEN_K_MUL, .args = { 0, 1 } },
    { .kernel = GTEN_K_SUB, .args = { 0, 2 }, .params = { { .f = 1 } } },
    { .kernel = GTEN_K_DIV, .args = { 3, 4 } },
  };
  g_autoptr (TestArray) x = NULL, kept = NULL;
  GtenKProgram program;

  if (dtype != GTEN_K_FLOAT64 || dim > 0 || test_layout_is_expanded (layout))
    return;
  x = test_array_of (dtype, layout);
  kept = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);
  test_fill (x, 3, true);
  for (int64_t i = 0; i < test_count (x); i++)
    test_set (kept, i, test_get (x, i));
  program = program_of (GTEN_K_COMPUTE_FLOAT64, x, instructions, 3);
  program.inputs[0] = operand (x);
  program.inputs[1] = (GtenKOperand) { .value = { .f = 3 } };
  program.inputs[2] = (GtenKOperand) { .value = { .f = 1 } };
  g_assert_cmpint (run (&program, 3), ==, GTEN_K_OK);
  for (int64_t i = 0; i < test_count (x); i++)
    test_assert_same (test_get (x, i), test_get (kept, i) * 3 / (test_get (kept, i) - 1));
}

/* The first output takes the input's place before the second instruction reads the input. */
static void
test_two_outputs (void)
{
  const int64_t n = 5000;
  g_autoptr (TestArray) x = test_array_new (GTEN_K_FLOAT32, 1, &n, NULL);
  g_autoptr (TestArray) y = test_array_new (GTEN_K_FLOAT32, 1, &n, NULL);
  const GtenKInstruction instructions[] = {
    { .kernel = GTEN_K_MUL, .args = { 0, 0 } },
    { .kernel = GTEN_K_ADD, .args = { 0, 1 }, .params = { { .f = 1 } } },
  };
  GtenKProgram program = program_of (GTEN_K_COMPUTE_FLOAT32, x, instructions, 2);

  for (int64_t i = 0; i < n; i++)
    test_set (x, i, (double) (i % 64));
  program.n_inputs = 1;
  program.n_outputs = 2;
  program.inputs[0] = program.outputs[0];
  program.outputs[1] = operand (y);
  program.output_registers[0] = 1;
  program.output_registers[1] = 2;
  g_assert_cmpint (gten_cpu_backend ()->run (0, &program), ==, GTEN_K_OK);
  for (int64_t i = 0; i < n; i++)
    {
      double value = (double) (i % 64);

      test_assert_same (test_get (x, i), value * value);
      test_assert_same (test_get (y, i), value * value + value);
    }
}

/* A copy keeps every bit: signalling NaN, integers beyond 2^53. */
static void
test_bits (void)
{
  static const guint64 bits[] = { 0x7ff0000000000001, 0xfff4dead0000beef, 0x7fffffffffffffff,
                                  0x8000000000000000 };
  static const GtenKDtype dtypes[] = { GTEN_K_INT64, GTEN_K_FLOAT64, GTEN_K_FLOAT32,
                                       GTEN_K_FLOAT16 };

  for (gsize t = 0; t < G_N_ELEMENTS (dtypes); t++)
    {
      const int64_t sizes[] = { 60, 50 }, transposed[] = { 1, 60 };
      g_autoptr (TestArray) in = test_array_new (dtypes[t], 2, sizes, transposed);
      g_autoptr (TestArray) out = test_array_new (dtypes[t], 2, sizes, NULL);
      const GtenKInstruction identity = { .kernel = GTEN_K_IDENTITY };
      GtenKProgram program = program_of (computes[dtypes[t]], out, &identity, 1);
      gsize size = gten_k_dtype_size (dtypes[t]);

      for (int64_t i = 0; i < 3000; i++)
        memcpy (test_at (in, i), (const guint8 *) &bits[i % 4] + 8 - size, size);
      program.inputs[0] = operand (in);
      g_assert_cmpint (run (&program, 1), ==, GTEN_K_OK);
      for (int64_t i = 0; i < 3000; i++)
        g_assert_cmpmem (test_at (out, i), size, test_at (in, i), size);
    }
}

/* Recorded from PyTorch: conversions of what does not fit. */
static void
test_overflow (void)
{
  static const double values[] = { 3e9, -3e9, 300.7, -300.7, -1.5, NAN, INFINITY };
  static const struct
  {
    GtenKDtype dtype;
    double     expected[7];
  } rows[] = {
    { GTEN_K_UINT8, { 0, 0, 44, 212, 255, 0, 0 } },
    { GTEN_K_INT8, { 0, 0, 44, -44, -1, 0, 0 } },
    { GTEN_K_INT16, { 0, 0, 300, -300, -1, 0, 0 } },
    { GTEN_K_INT32, { -0x1p31, -0x1p31, 300, -300, -1, -0x1p31, -0x1p31 } },
    { GTEN_K_INT64, { 3e9, -3e9, 300, -300, -1, -0x1p63, -0x1p63 } },
    { GTEN_K_BOOL, { 1, 1, 1, 1, 1, 1, 1 } },
  };
  const int64_t n = 7;

  for (gsize r = 0; r < G_N_ELEMENTS (rows); r++)
    for (GtenKDtype from = GTEN_K_FLOAT32; from <= GTEN_K_FLOAT64; from++)
      {
        g_autoptr (TestArray) in = test_array_new (from, 1, &n, NULL);
        g_autoptr (TestArray) out = test_array_new (rows[r].dtype, 1, &n, NULL);
        const GtenKInstruction identity = { .kernel = GTEN_K_IDENTITY };
        GtenKProgram program = program_of (computes[from], out, &identity, 1);

        for (int64_t i = 0; i < n; i++)
          test_set (in, i, values[i]);
        program.inputs[0] = operand (in);
        g_assert_cmpint (run (&program, 1), ==, GTEN_K_OK);
        for (int64_t i = 0; i < n; i++)
          test_assert_same (test_get (out, i), rows[r].expected[i]);
      }
}

static void
test_division_by_zero (void)
{
  const int64_t sizes[] = { 3, 200000 };

  for (int s = 0; s < 2; s++)
    {
      g_autoptr (TestArray) x = test_array_new (GTEN_K_INT32, 1, &sizes[s], NULL);
      g_autoptr (TestArray) out = test_array_new (GTEN_K_INT32, 1, &sizes[s], NULL);
      const GtenKInstruction divide = { .kernel = GTEN_K_DIV_TRUNC, .args = { 0, 1 } };
      const gint64 bad = sizes[s] - 1;
      GtenKProgram program = program_of (GTEN_K_COMPUTE_INT64, out, &divide, 1);
      GtenKFault fault = { .position = bad };

      program.inputs[0] = program.inputs[1] = operand (x);
      program.messages[0] = "what it says";
      g_assert_cmpint (run (&program, 2), ==, GTEN_K_BAD_VALUE);
      for (gint64 i = 0; i < bad; i++)
        test_set (x, i, 2);
      program.fault = &fault;
      g_assert_cmpint (run (&program, 2), ==, GTEN_K_BAD_VALUE);
      g_assert_cmpstr (fault.message, ==, program.messages[0]);
      g_assert_cmpint (fault.position, ==, bad);
      for (int64_t i = 0; i < sizes[s]; i++)
        test_set (x, i, 2);
      g_assert_cmpint (run (&program, 2), ==, GTEN_K_OK);
      test_assert_same (test_get (out, sizes[s] - 1), 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST_EACH ("/kernels/programs/conversion", check_conversion);
  TEST_EACH ("/kernels/programs/binary", check_binary);
  TEST_EACH ("/kernels/programs/fused", check_fused);
  g_test_add_func ("/kernels/programs/two-outputs", test_two_outputs);
  g_test_add_func ("/kernels/programs/bits", test_bits);
  g_test_add_func ("/kernels/programs/overflow", test_overflow);
  g_test_add_func ("/kernels/programs/division-by-zero", test_division_by_zero);
  return g_test_run ();
}
