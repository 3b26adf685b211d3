/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Random generators: PyTorch's numbers from a seed, states that come and go. */

#include <gtensor/gtensor.h>

static void
assert_draws_equal (GtenGenerator *a, GtenGenerator *b)
{
  g_autoptr (GBytes) x = gten_generator_get_state (a);
  g_autoptr (GBytes) y = gten_generator_get_state (b);

  g_assert_true (g_bytes_equal (x, y));
}

static void
test_seed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenGenerator) generator = gten_generator_new (NULL, &error);
  g_autoptr (GtenGenerator) other = gten_generator_new (gten_device_get_cpu (), &error);
  guint64 seed;

  g_assert_no_error (error);
  g_assert_cmpuint (gten_generator_get_initial_seed (generator), ==, 67280421310721);
  g_assert_true (gten_generator_get_device (generator) == gten_device_get_cpu ());
  assert_draws_equal (generator, other);
  gten_generator_manual_seed (generator, 42);
  g_assert_cmpuint (gten_generator_get_initial_seed (generator), ==, 42);
  gten_generator_manual_seed (other, 42);
  assert_draws_equal (generator, other);

  seed = gten_generator_seed (generator);
  g_assert_cmpuint (gten_generator_get_initial_seed (generator), ==, seed);
  g_assert_cmpuint (gten_generator_seed (generator), !=, seed);

  g_assert_true (gten_manual_seed (7) == gten_generator_get_default ());
  g_assert_cmpuint (gten_generator_get_initial_seed (gten_generator_get_default ()), ==, 7);
}

static void
test_state (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) first = NULL, again = NULL, cloned = NULL;
  GtenGenerator *generator = gten_manual_seed (0);
  g_autoptr (GBytes) state = NULL, bad = g_bytes_new_static ("12345", 5);
  g_autoptr (GtenGenerator) clone = NULL;

  /* A normal number leaves its twin behind, which is part of the state. */
  g_autoptr (GtenTensor) one = gten_randn (GTEN_SIZES (1), GTEN_DTYPE_FLOAT64, NULL, &error);
  state = gten_generator_get_state (generator);
  clone = gten_generator_clone (generator);
  assert_draws_equal (generator, clone);
  first = gten_randn (GTEN_SIZES (700), GTEN_DTYPE_FLOAT64, NULL, &error);
  g_assert_true (gten_generator_set_state (generator, state, &error));
  assert_draws_equal (generator, clone);
  again = gten_randn (GTEN_SIZES (700), GTEN_DTYPE_FLOAT64, NULL, &error);
  g_assert_no_error (error);

  g_autoptr (GBytes) a = gten_tensor_get_bytes (first, &error);
  g_autoptr (GBytes) b = gten_tensor_get_bytes (again, &error);
  g_assert_true (g_bytes_equal (a, b));

  g_assert_cmpuint (g_bytes_get_size (state), ==, 5056);
  g_assert_false (gten_generator_set_state (generator, bad, &error));
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_VALUE);
  g_assert_cmpstr (error->message, ==,
                   "Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 5");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/generator/seed", test_seed);
  g_test_add_func ("/generator/state", test_state);
  return g_test_run ();
}
