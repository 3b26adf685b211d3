/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Backend modules. A process looks for them once, so that each case runs in a process of its
 * own. */

#include <gtensor/gtensor.h>
#include <string.h>

static void
test_usable (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenDevice) first = gten_device_new ("cuda", &error);
  g_autoptr (GtenDevice) second = gten_device_new ("cuda:1", &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_true (gten_cuda_is_available ());
  g_assert_true (gten_cuda_is_emulated ());
  g_assert_nonnull (strstr (gten_device_get_description (first), "Emulated"));
  g_assert_cmpint (gten_cuda_device_count (), ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (gten_device_get_all ()), ==, 3);
  g_assert_cmpstr (gten_device_get_name (first), ==, "cuda:0");
  g_assert_cmpint (gten_device_get_index (second), ==, 1);
  text = gten_device_to_string (second);
  g_assert_cmpstr (text, ==, "cuda:1");

  g_autoptr (GtenDevice) third = gten_device_new ("cuda:2", &error);
  g_assert_null (third);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE);
  g_assert_nonnull (g_strstr_len (error->message, -1, "invalid device ordinal"));
  g_clear_error (&error);

  /* Tensors there: used, printed, and never mixed with others. */
  g_autoptr (GtenTensor) a = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT32, first, &error);
  g_autoptr (GtenTensor) b = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT32, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gten_device_get_used_memory (first), ==, 8);
  g_autofree char *printed = gten_tensor_to_string (a);
  g_assert_cmpstr (printed, ==, "tensor([1., 1.], device='cuda:0')");
  g_autoptr (GtenTensor) sum = gten_tensor_add (a, b, &error);
  g_assert_null (sum);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE);
  g_assert_cmpstr (error->message, ==,
                   "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!");
}

static void
expect_unavailable (const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenDevice) device = gten_device_new ("cuda", &error);

  g_assert_null (device);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE);
  g_assert_true (g_str_has_prefix (error->message, "CUDA is not available: "));
  g_assert_nonnull (g_strstr_len (error->message, -1, reason));
  g_assert_false (gten_cuda_is_available ());
  g_assert_cmpint (gten_cuda_device_count (), ==, 0);
}

static void
test_refused (void)
{
  expect_unavailable ("was built for another version");
}

static void
test_missing (void)
{
  expect_unavailable ("libgtensor-cuda.so was not found in /nonexistent");
}

/* Without a GPU the real module says what CUDA says. */
static void
test_driver (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenDevice) device = gten_device_new ("cuda", &error);

  if (device != NULL)
    {
      g_assert_false (gten_cuda_is_emulated ());
      g_test_skip ("there is a GPU");
      return;
    }
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE);
  g_assert_true (g_str_has_prefix (error->message, "CUDA is not available: "));
  g_assert_nonnull (g_strstr_len (error->message, -1, "cudaError"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backend/usable", test_usable);
  g_test_add_func ("/backend/refused", test_refused);
  g_test_add_func ("/backend/missing", test_missing);
  g_test_add_func ("/backend/driver", test_driver);
  return g_test_run ();
}
