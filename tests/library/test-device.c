/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices: found by name, listed, their memory accounted for. */

#include <gtensor/gtensor.h>

static void
test_cpu (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenDevice) cpu = gten_device_new ("cpu", &error);
  g_autoptr (GtenDevice) same = gten_device_new ("cpu:0", &error);
  g_autofree char *text = gten_device_to_string (cpu);
  g_autoptr (GtenDevice) listed = g_list_model_get_item (gten_device_get_all (), 0);

  g_assert_no_error (error);
  g_assert_true (cpu == gten_device_get_cpu ());
  g_assert_true (same == cpu);
  g_assert_true (listed == cpu);
  g_assert_cmpstr (gten_device_get_kind (cpu), ==, "cpu");
  g_assert_cmpstr (gten_device_get_name (cpu), ==, "cpu");
  g_assert_cmpstr (text, ==, "cpu");
  g_assert_cmpuint (gten_device_get_total_memory (cpu), >, 0);
  g_assert_true (gten_device_synchronize (cpu, &error));
}

static void
test_bad_names (void)
{
  static const char *const rows[][2] = {
    { "toaster", "Expected one of cpu, cuda device type at start of device string: toaster" },
    { "toaster:1", "Expected one of cpu, cuda device type at start of device string: toaster" },
    { "CPU", "Expected one of cpu, cuda device type at start of device string: CPU" },
    { "", "Device string must not be empty" },
    { "cuda:x", "Invalid device string: 'cuda:x'" },
    { "cuda:", "Invalid device string: 'cuda:'" },
    { "cuda:-1", "Invalid device string: 'cuda:-1'" },
    { "cuda:01", "Invalid device string: 'cuda:01'" },
    { "cuda:99999999999999999999", "Invalid device string: 'cuda:99999999999999999999'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenDevice) device = gten_device_new (rows[i][0], &error);

      g_assert_null (device);
      g_assert_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE);
      g_assert_cmpstr (error->message, ==, rows[i][1]);
    }
}

static void
moved_cb (GtenDevice *device, GParamSpec *pspec, gpointer user_data)
{
  *(guint *) user_data += 1;
}

static gboolean
timeout_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
test_memory_moves (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  guint  n_moves = 0;
  gulong handler = g_signal_connect (gten_device_get_cpu (), "notify::used-memory",
                                     G_CALLBACK (moved_cb), &n_moves);

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GtenTensor) x = gten_empty (GTEN_SIZES (1 << 16), GTEN_DTYPE_FLOAT32, NULL,
                                             &error);
      g_assert_no_error (error);
    }
  g_timeout_add (200, timeout_cb, loop);
  g_main_loop_run (loop);
  g_assert_cmpuint (n_moves, >=, 1);
  g_assert_cmpuint (n_moves, <=, 20);
  g_signal_handler_disconnect (gten_device_get_cpu (), handler);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device/cpu", test_cpu);
  g_test_add_func ("/device/bad-names", test_bad_names);
  g_test_add_func ("/device/memory-moves", test_memory_moves);
  return g_test_run ();
}
