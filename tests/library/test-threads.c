/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Several threads at once: the pool that large operations share, and memory that one thread takes and another gives back. */

#include <gtensor/gtensor.h>

#define N_THREADS 4
#define ROUNDS    40
#define LARGE     (1 << 18)  /* of elements: more than one thread works on it */

static void
run_threads (GThreadFunc function, gpointer data)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, function, data);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static double
sum_of_twice (GtenTensor *x)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) twice = gten_tensor_add (x, x, &error), sum = gten_tensor_sum (twice, &error);
  g_auto (GValue) value = G_VALUE_INIT;

  gten_tensor_item (sum, &value, &error);
  g_assert_no_error (error);
  return g_value_get_double (&value);
}

static gpointer
add_large (gpointer x)
{
  for (guint i = 0; i < ROUNDS; i++)
    g_assert_cmpfloat (sum_of_twice (x), ==, 2. * LARGE);
  return NULL;
}

static void
run_on_large (GThreadFunc function)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (LARGE), GTEN_DTYPE_FLOAT32, NULL, &error);

  g_assert_no_error (error);
  run_threads (function, x);
}

static void
test_pool (void)
{
  run_on_large (add_large);
}

/* The number of threads may change meanwhile. */
static gpointer
change_threads (gpointer x)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_assert_true (gten_set_num_threads (1 + i % 3, NULL));
      g_assert_cmpfloat (sum_of_twice (x), ==, 2. * LARGE);
    }
  return NULL;
}

static void
test_number (void)
{
  const gint64 before = gten_get_num_threads ();

  run_on_large (change_threads);
  gten_set_num_threads (before, NULL);
}

/* Places where each thread leaves a tensor and takes what another left. */
typedef struct
{
  GMutex      lock;
  GtenTensor *tensors[8];
} Exchange;

static gpointer
exchange_tensors (gpointer data)
{
  static const gint64 sizes[] = { 1, 100, 5000, LARGE };
  Exchange *exchange = data;

  for (guint i = 0; i < ROUNDS * 8; i++)
    {
      const guint place = i % G_N_ELEMENTS (exchange->tensors);
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) taken = NULL;
      GtenTensor *made = gten_full (GTEN_SIZES (sizes[i % G_N_ELEMENTS (sizes)]), i, GTEN_DTYPE_FLOAT32, NULL, &error);

      g_assert_no_error (error);
      g_mutex_lock (&exchange->lock);
      taken = exchange->tensors[place];
      exchange->tensors[place] = made;
      g_mutex_unlock (&exchange->lock);
      if (i % 64 == 0)
        gten_device_trim (gten_device_get_cpu ());
      if (taken != NULL)
        g_assert_cmpint ((int) *(const float *) gten_tensor_get_data (taken) % (int) G_N_ELEMENTS (exchange->tensors), ==,
                         (int) place);
    }
  return NULL;
}

static void
test_memory (void)
{
  const guint64 before = gten_device_get_used_memory (gten_device_get_cpu ());
  Exchange exchange = { 0 };

  run_threads (exchange_tensors, &exchange);
  for (guint i = 0; i < G_N_ELEMENTS (exchange.tensors); i++)
    g_clear_object (&exchange.tensors[i]);
  g_assert_cmpuint (gten_device_get_used_memory (gten_device_get_cpu ()), ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threads/pool", test_pool);
  g_test_add_func ("/threads/number", test_number);
  g_test_add_func ("/threads/memory", test_memory);
  return g_test_run ();
}
