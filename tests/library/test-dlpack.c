/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors through DLPack and back: the same memory, freed once, by whoever has it last. */

#include <gtensor/gtensor.h>

static void
test_round_trip (gconstpointer data)
{
  gboolean versioned = GPOINTER_TO_INT (data);

  for (GtenDtype dtype = GTEN_DTYPE_UINT8; dtype <= GTEN_DTYPE_BOOL; dtype++)
    {
      g_autoptr (GError) error = NULL;
      guint64     used = gten_device_get_used_memory (gten_device_get_cpu ());
      GtenTensor *x = gten_ones (GTEN_SIZES (2, 3), dtype, NULL, &error);
      GtenTensor *t = gten_tensor_t (x, &error);
      guint64     address = gten_tensor_data_ptr (x);
      guint64     managed = gten_tensor_to_dlpack (t, versioned, &error);

      g_assert_no_error (error);
      g_object_unref (t);
      g_object_unref (x);
      g_assert_cmpuint (gten_device_get_used_memory (gten_device_get_cpu ()), >, used);

      GtenTensor *again = gten_tensor_new_from_dlpack (managed, versioned, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (gten_tensor_data_ptr (again), ==, address);
      g_assert_cmpint (gten_tensor_get_dtype (again), ==, dtype);
      g_assert_cmpint (gten_tensor_get_size (again, 0, NULL), ==, 3);
      g_assert_cmpint (gten_tensor_get_stride (again, NULL)[0], ==, 1);
      g_object_unref (again);
      g_assert_cmpuint (gten_device_get_used_memory (gten_device_get_cpu ()), ==, used);
    }
}

static void
test_not_consumed (void)
{
  g_autoptr (GError) error = NULL;
  guint64     used = gten_device_get_used_memory (gten_device_get_cpu ());
  GtenTensor *x = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT32, NULL, &error);
  guint64     managed = gten_tensor_to_dlpack (x, FALSE, &error);

  g_object_unref (x);
  gten_dlpack_free (managed, FALSE);
  gten_dlpack_free (0, TRUE);
  g_assert_cmpuint (gten_device_get_used_memory (gten_device_get_cpu ()), ==, used);
}

static void
test_requires_grad (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT32, NULL, &error);

  gten_tensor_set_requires_grad (x, TRUE);
  g_assert_cmpuint (gten_tensor_to_dlpack (x, TRUE, &error), ==, 0);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD);
  g_assert_cmpstr (error->message, ==,
                   "Can't export tensors that require gradient, use tensor.detach()");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/dlpack/round-trip", GINT_TO_POINTER (FALSE), test_round_trip);
  g_test_add_data_func ("/dlpack/round-trip-versioned", GINT_TO_POINTER (TRUE), test_round_trip);
  g_test_add_func ("/dlpack/not-consumed", test_not_consumed);
  g_test_add_func ("/dlpack/requires-grad", test_requires_grad);
  return g_test_run ();
}
