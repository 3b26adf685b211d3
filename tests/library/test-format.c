/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Printing, against what PyTorch prints (without the "torch." before a dtype). */

#include <gtensor/gtensor.h>

#include <math.h>

static void
test_small (void)
{
  static const struct
  {
    GtenDtype   dtype;
    double      numbers[16];
    gsize       n_size;
    gint64      size[3];
    const char *expected;
  } rows[] = {
    { GTEN_DTYPE_FLOAT32, { 27 }, 0, { 0 },
      "tensor(27.)" },
    { GTEN_DTYPE_FLOAT32, { 5.5, 3 }, 1, { 2 },
      "tensor([5.5000, 3.0000])" },
    { GTEN_DTYPE_FLOAT32, { 1e-08, 1, 100000000.0 }, 1, { 3 },
      "tensor([1.0000e-08, 1.0000e+00, 1.0000e+08])" },
    { GTEN_DTYPE_FLOAT64, { 0, 0 }, 1, { 2 },
      "tensor([0., 0.], dtype=float64)" },
    { GTEN_DTYPE_INT64, { 1, 2, 3, 4 }, 2, { 2, 2 },
      "tensor([[1, 2],\n"
      "        [3, 4]])" },
    { GTEN_DTYPE_FLOAT32, { 1, -2, 3 }, 1, { 3 },
      "tensor([ 1., -2.,  3.])" },
    { GTEN_DTYPE_FLOAT32, { INFINITY, NAN, -INFINITY, 1 }, 1, { 4 },
      "tensor([inf, nan, -inf, 1.])" },
    { GTEN_DTYPE_FLOAT32, { INFINITY, NAN, -INFINITY, 1.5 }, 1, { 4 },
      "tensor([   inf,    nan,   -inf, 1.5000])" },
    { GTEN_DTYPE_FLOAT32, { NAN }, 1, { 1 },
      "tensor([nan])" },
    { GTEN_DTYPE_FLOAT32, { -0.0, 0 }, 1, { 2 },
      "tensor([-0., 0.])" },
    { GTEN_DTYPE_FLOAT32, { 1000000000.0 }, 0, { 0 },
      "tensor(1.0000e+09)" },
    { GTEN_DTYPE_FLOAT32, { 1e-05, 1 }, 1, { 2 },
      "tensor([1.0000e-05, 1.0000e+00])" },
    { GTEN_DTYPE_FLOAT32, { 100000, 0.5 }, 1, { 2 },
      "tensor([1.0000e+05, 5.0000e-01])" },
    { GTEN_DTYPE_BOOL, { 1, 0 }, 1, { 2 },
      "tensor([ True, False])" },
    { GTEN_DTYPE_BOOL, { 1, 1 }, 1, { 2 },
      "tensor([True, True])" },
    { GTEN_DTYPE_UINT8, { 255, 0 }, 2, { 2, 1 },
      "tensor([[255],\n"
      "        [  0]], dtype=uint8)" },
    { GTEN_DTYPE_INT8, { -128, 5 }, 2, { 1, 2 },
      "tensor([[-128,    5]], dtype=int8)" },
    { GTEN_DTYPE_INT16, { -3 }, 0, { 0 },
      "tensor(-3, dtype=int16)" },
    { GTEN_DTYPE_INT32, { 100, -1 }, 1, { 2 },
      "tensor([100,  -1], dtype=int32)" },
    { GTEN_DTYPE_FLOAT16, { 0.1, 65504 }, 1, { 2 },
      "tensor([9.9976e-02, 6.5504e+04], dtype=float16)" },
    { GTEN_DTYPE_BFLOAT16, { 0.1, 3 }, 1, { 2 },
      "tensor([0.1001, 3.0000], dtype=bfloat16)" },
    { GTEN_DTYPE_FLOAT64, { 0.3333333333333333, 0.6666666666666666 }, 1, { 2 },
      "tensor([0.3333, 0.6667], dtype=float64)" },
    { GTEN_DTYPE_FLOAT32, { 1, 2, 3, 4, 5, 6, 7, 8 }, 3, { 2, 2, 2 },
      "tensor([[[1., 2.],\n"
      "         [3., 4.]],\n"
      "\n"
      "        [[5., 6.],\n"
      "         [7., 8.]]])" },
    { GTEN_DTYPE_FLOAT32, { 0 }, 1, { 0 },
      "tensor([])" },
    { GTEN_DTYPE_FLOAT32, { 0 }, 2, { 0, 3 },
      "tensor([], size=(0, 3))" },
    { GTEN_DTYPE_INT64, { 0 }, 2, { 2, 0 },
      "tensor([], size=(2, 0), dtype=int64)" },
    { GTEN_DTYPE_BOOL, { 0 }, 1, { 0 },
      "tensor([], dtype=bool)" },
    { GTEN_DTYPE_FLOAT64, { 0 }, 1, { 0 },
      "tensor([], dtype=float64)" },
    { GTEN_DTYPE_FLOAT32, { -7, -5.5, -4, -2.5, -1, 0.5, 2, 3.5, 5, 6.5, 8, 9.5, 11, 12.5, 14, 15.5 }, 1, { 16 },
      "tensor([-7.0000, -5.5000, -4.0000, -2.5000, -1.0000,  0.5000,  2.0000,  3.5000,\n"
      "         5.0000,  6.5000,  8.0000,  9.5000, 11.0000, 12.5000, 14.0000, 15.5000])" },
    { GTEN_DTYPE_FLOAT64, { 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2 }, 1, { 9 },
      "tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000, 1.2500, 1.5000, 1.7500, 2.0000],\n"
      "       dtype=float64)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) x = NULL;
      g_autofree char *text = NULL;
      gsize n = 1;

      for (gsize d = 0; d < rows[i].n_size; d++)
        n *= rows[i].size[d];
      x = gten_tensor_new_from_doubles (rows[i].numbers, n, rows[i].dtype, rows[i].size,
                                        rows[i].n_size, &error);
      g_assert_no_error (error);
      text = gten_tensor_to_string (x);
      g_assert_cmpstr (text, ==, rows[i].expected);
    }
}

static GtenTensor *
count_up (const gint64 *size, gsize n_size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  GtenTensor *x;
  gint64      n = 1;

  for (gsize d = 0; d < n_size; d++)
    n *= size[d];
  for (gint64 i = 0; i < n; i++)
    g_array_append_val (numbers, i);
  x = gten_tensor_new_from_integers ((gint64 *) numbers->data, n, GTEN_DTYPE_NONE, size, n_size,
                                     &error);
  g_assert_no_error (error);
  return x;
}

static void
test_summary (void)
{
  static const struct
  {
    gsize       n_size;
    gint64      size[3];
    const char *expected;
  } rows[] = {
    { 1, { 1001 },
      "tensor([   0,    1,    2,  ...,  998,  999, 1000])" },
    { 2, { 40, 60 },
      "tensor([[   0,    1,    2,  ...,   57,   58,   59],\n"
      "        [  60,   61,   62,  ...,  117,  118,  119],\n"
      "        [ 120,  121,  122,  ...,  177,  178,  179],\n"
      "        ...,\n"
      "        [2220, 2221, 2222,  ..., 2277, 2278, 2279],\n"
      "        [2280, 2281, 2282,  ..., 2337, 2338, 2339],\n"
      "        [2340, 2341, 2342,  ..., 2397, 2398, 2399]])" },
    { 2, { 2000, 1 },
      "tensor([[   0],\n"
      "        [   1],\n"
      "        [   2],\n"
      "        ...,\n"
      "        [1997],\n"
      "        [1998],\n"
      "        [1999]])" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GtenTensor) x = count_up (rows[i].size, rows[i].n_size);
      g_autofree char *text = gten_tensor_to_string (x);

      g_assert_cmpstr (text, ==, rows[i].expected);
    }
}

static void
test_suffixes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT64, NULL, &error);
  g_autoptr (GtenTensor) y = NULL;
  g_autofree char *leaf = NULL, *made = NULL;

  gten_tensor_set_requires_grad (x, TRUE);
  y = gten_tensor_add (x, x, &error);
  g_assert_no_error (error);
  leaf = gten_tensor_to_string (x);
  made = gten_tensor_to_string (y);
  g_assert_cmpstr (leaf, ==, "tensor([1., 1.], dtype=float64, requires_grad=True)");
  g_assert_cmpstr (made, ==, "tensor([2., 2.], dtype=float64, grad_fn=<AddBackward0>)");
}

static void
assert_prints (double number, const char *expected)
{
  g_autoptr (GtenTensor) x = gten_tensor_new_from_doubles (&number, 1, GTEN_DTYPE_NONE, NULL, 0,
                                                           NULL);
  g_autofree char *text = gten_tensor_to_string (x);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_options (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) ten = count_up (GTEN_SIZES (10));
  g_autofree char *text = NULL;

  g_assert_true (gten_set_printoptions (2, 5, -1, -1, NULL, -1, &error));
  assert_prints (1.12345, "tensor(1.12)");
  text = gten_tensor_to_string (ten);
  g_assert_cmpstr (text, ==, "tensor([0, 1, 2,  ..., 7, 8, 9])");
  g_assert_true (gten_set_printoptions (-1, -1, -1, -1, "default", 1, &error));
  assert_prints (1.5, "tensor(1.5000e+00)");
  g_assert_true (gten_set_printoptions (-1, -1, -1, -1, "short", 0, &error));
  assert_prints (1e-8, "tensor(0.00)");
  g_assert_false (gten_set_printoptions (-1, -1, -1, -1, "loud", -1, &error));
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_VALUE);
  g_assert_true (gten_set_printoptions (-1, -1, -1, -1, "default", -1, NULL));
  assert_prints (1.12345, "tensor(1.1235)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/small", test_small);
  g_test_add_func ("/format/summary", test_summary);
  g_test_add_func ("/format/suffixes", test_suffixes);
  g_test_add_func ("/format/options", test_options);
  return g_test_run ();
}
