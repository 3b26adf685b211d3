/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Elements as numbers and bytes, in every dtype. */

#include <gtensor/gtensor.h>

#include <math.h>

static void
test_item (void)
{
  static const struct
  {
    GtenDtype dtype;
    double    number, expected;
    GType     type;
  } rows[] = {
    { GTEN_DTYPE_UINT8, 200, 200, G_TYPE_INT64 },
    { GTEN_DTYPE_INT8, -100, -100, G_TYPE_INT64 },
    { GTEN_DTYPE_INT16, -30000, -30000, G_TYPE_INT64 },
    { GTEN_DTYPE_INT32, 2e9, 2e9, G_TYPE_INT64 },
    { GTEN_DTYPE_INT64, -0x1p53, -0x1p53, G_TYPE_INT64 },
    { GTEN_DTYPE_FLOAT16, 0.1, 0.0999755859375, G_TYPE_DOUBLE },
    { GTEN_DTYPE_FLOAT16, 0x1p-24, 0x1p-24, G_TYPE_DOUBLE },
    { GTEN_DTYPE_FLOAT16, -65504, -65504, G_TYPE_DOUBLE },
    { GTEN_DTYPE_FLOAT16, 1e6, INFINITY, G_TYPE_DOUBLE },
    { GTEN_DTYPE_BFLOAT16, 0.1, 0.10009765625, G_TYPE_DOUBLE },
    { GTEN_DTYPE_FLOAT32, 0.1, 0.1f, G_TYPE_DOUBLE },
    { GTEN_DTYPE_FLOAT64, 0.1, 0.1, G_TYPE_DOUBLE },
    { GTEN_DTYPE_BOOL, 3, 1, G_TYPE_BOOLEAN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) x
          = gten_tensor_new_from_doubles (&rows[i].number, 1, rows[i].dtype, GTEN_SIZES (1, 1),
                                          &error);
      g_auto (GValue) value = G_VALUE_INIT;

      g_assert_true (gten_tensor_item (x, &value, &error));
      g_assert_no_error (error);
      g_assert_true (G_VALUE_HOLDS (&value, rows[i].type));
      if (rows[i].type == G_TYPE_DOUBLE)
        g_assert_cmpfloat (g_value_get_double (&value), ==, rows[i].expected);
      else if (rows[i].type == G_TYPE_INT64)
        g_assert_cmpint (g_value_get_int64 (&value), ==, rows[i].expected);
      else
        g_assert_cmpint (g_value_get_boolean (&value), ==, rows[i].expected);

      /* The same number by the other ways. */
      gsize n_values;
      g_autofree double *doubles = gten_tensor_get_doubles (x, &n_values, &error);
      g_assert_cmpuint (n_values, ==, 1);
      g_assert_cmpfloat (doubles[0], ==, rows[i].expected);
    }
}

static void
test_item_of_many (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (4, 4), GTEN_DTYPE_FLOAT32, NULL, &error);
  GValue value = G_VALUE_INIT;

  g_assert_false (gten_tensor_item (x, &value, &error));
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_VALUE);
  g_assert_cmpstr (error->message, ==, "a Tensor with 16 elements cannot be converted to Scalar");
}

static void
test_strided (void)
{
  static const gint64 numbers[] = { 1, 2, 3, 4, 5, 6 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_tensor_new_from_integers (numbers, 6, GTEN_DTYPE_INT16,
                                                            GTEN_SIZES (2, 3), &error);
  g_autoptr (GtenTensor) t = gten_tensor_t (x, &error);
  g_autoptr (GtenTensor) none = gten_empty (GTEN_SIZES (0), GTEN_DTYPE_FLOAT32, NULL, &error);
  static const gint16 transposed[] = { 1, 4, 2, 5, 3, 6 };
  gsize n_values;
  g_autofree gint64 *integers = gten_tensor_get_integers (t, &n_values, &error);
  g_autoptr (GBytes) bytes = gten_tensor_get_bytes (t, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (n_values, ==, 6);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpint (integers[i], ==, transposed[i]);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), transposed,
                   sizeof transposed);

  g_autofree double *nothing = gten_tensor_get_doubles (none, &n_values, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_values, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elements/item", test_item);
  g_test_add_func ("/elements/item-of-many", test_item_of_many);
  g_test_add_func ("/elements/strided", test_strided);
  return g_test_run ();
}
