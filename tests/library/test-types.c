/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Dtypes: names, sizes, kinds and promotion. */

#include <gtensor/gtensor.h>

#include <stdbool.h>

static void
test_facts (void)
{
  static const struct
  {
    GtenDtype   dtype;
    const char *name, *alias;
    gsize       size;
    gboolean    is_floating, is_signed;
  } rows[] = {
    { GTEN_DTYPE_UINT8, "uint8", "uint8", 1, FALSE, FALSE },
    { GTEN_DTYPE_INT8, "int8", "int8", 1, FALSE, TRUE },
    { GTEN_DTYPE_INT16, "int16", "short", 2, FALSE, TRUE },
    { GTEN_DTYPE_INT32, "int32", "int", 4, FALSE, TRUE },
    { GTEN_DTYPE_INT64, "int64", "long", 8, FALSE, TRUE },
    { GTEN_DTYPE_FLOAT16, "float16", "half", 2, TRUE, TRUE },
    { GTEN_DTYPE_BFLOAT16, "bfloat16", "bfloat16", 2, TRUE, TRUE },
    { GTEN_DTYPE_FLOAT32, "float32", "float", 4, TRUE, TRUE },
    { GTEN_DTYPE_FLOAT64, "float64", "double", 8, TRUE, TRUE },
    { GTEN_DTYPE_BOOL, "bool", "bool", 1, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpstr (gten_dtype_get_name (rows[i].dtype), ==, rows[i].name);
      g_assert_cmpint (gten_dtype_from_name (rows[i].name), ==, rows[i].dtype);
      g_assert_cmpint (gten_dtype_from_name (rows[i].alias), ==, rows[i].dtype);
      g_assert_cmpuint (gten_dtype_get_size (rows[i].dtype), ==, rows[i].size);
      g_assert_cmpint (gten_dtype_is_floating_point (rows[i].dtype), ==, rows[i].is_floating);
      g_assert_cmpint (gten_dtype_is_signed (rows[i].dtype), ==, rows[i].is_signed);
    }
  g_assert_cmpint (gten_dtype_from_name ("quaternion"), ==, GTEN_DTYPE_NONE);
  g_assert_cmpint (gten_dtype_from_name (NULL), ==, GTEN_DTYPE_NONE);
  g_assert_cmpuint (gten_dtype_get_size (4711), ==, 0);
  g_assert_cmpstr (gten_dtype_get_name (-1), ==, "none");
}

/* One letter per dtype: b uint8, a int8, s int16, i int32, l int64, h float16, g bfloat16, f
 * float32, d float64, ? bool. */
static void
test_promotion (void)
{
  static const char letters[] = "basilhgfd?";
  static const char *const rows[] = {   /* torch.promote_types, a row for each first dtype */
    "bssilhgfdb",
    "sasilhgfda",
    "sssilhgfds",
    "iiiilhgfdi",
    "lllllhgfdl",
    "hhhhhhffdh",
    "gggggfgfdg",
    "ffffffffdf",
    "dddddddddd",
    "basilhgfd?",
  };

  for (guint a = 0; a < 10; a++)
    for (guint b = 0; b < 10; b++)
      g_assert_cmpint (letters[gten_promote_types (a + 1, b + 1) - 1], ==, rows[a][b]);
}

static void
test_default_dtype (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (gten_get_default_dtype (), ==, GTEN_DTYPE_FLOAT32);
  g_assert_true (gten_set_default_dtype (GTEN_DTYPE_FLOAT64, &error));
  g_assert_cmpint (gten_get_default_dtype (), ==, GTEN_DTYPE_FLOAT64);
  g_assert_true (gten_set_default_dtype (GTEN_DTYPE_FLOAT32, &error));
  g_assert_false (gten_set_default_dtype (GTEN_DTYPE_INT32, &error));
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_DTYPE);
  g_assert_cmpstr (error->message, ==,
                   "only floating-point types are supported as the default type");
}

static void
test_value (void)
{
  GValue        number = G_VALUE_INIT;
  const GValue *value;

  value = GTEN_VALUE (2);
  g_assert_true (G_VALUE_HOLDS_INT64 (value));
  g_assert_cmpint (g_value_get_int64 (value), ==, 2);
  value = GTEN_VALUE ((guint8) 200);
  g_assert_cmpint (g_value_get_int64 (value), ==, 200);
  value = GTEN_VALUE (G_MAXUINT64);
  g_assert_cmpuint (g_value_get_uint64 (value), ==, G_MAXUINT64);
  value = GTEN_VALUE (0.5f);
  g_assert_cmpfloat (g_value_get_double (value), ==, 0.5);
  value = GTEN_VALUE (-0.1);
  g_assert_cmpfloat (g_value_get_double (value), ==, -0.1);
  value = GTEN_VALUE ((bool) true);
  g_assert_true (g_value_get_boolean (value));

  g_value_init (&number, G_TYPE_FLOAT);
  g_assert_true (GTEN_VALUE (&number) == &number);
  g_assert_null (GTEN_VALUE (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/types/facts", test_facts);
  g_test_add_func ("/types/promotion", test_promotion);
  g_test_add_func ("/types/default-dtype", test_default_dtype);
  g_test_add_func ("/types/value", test_value);
  return g_test_run ();
}
