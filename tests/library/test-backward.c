/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The backward pass: its order, its steps, what it tells, and how much it bears. */
#include "autograd-test.h"

#include <pthread.h>
#include <string.h>

typedef struct
{
  GtenTensor *x, *y, *y2, *z, *out;
} Tour;

/* out = mean (3 (x + 2)^2) */
static Tour
tour_new (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour;

  tour.x = leaf (VALUES (1, 1, 1, 1), GTEN_SIZES (2, 2));
  tour.y = gten_tensor_add_scalar (tour.x, 2, &error);
  tour.y2 = gten_tensor_mul (tour.y, tour.y, &error);
  tour.z = gten_tensor_mul_scalar (tour.y2, 3, &error);
  tour.out = gten_tensor_mean (tour.z, &error);
  g_assert_no_error (error);
  return tour;
}

static void
tour_free (Tour *tour)
{
  g_object_unref (tour->out);
  g_object_unref (tour->z);
  g_object_unref (tour->y2);
  g_object_unref (tour->y);
  g_assert_finalize_object (tour->x);
}

static void
test_tour (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();

  g_assert_true (gten_tensor_backward (tour.out, NULL, GTEN_BACKWARD_DEFAULT, &error));
  g_assert_no_error (error);
  assert_values (gten_tensor_get_grad (tour.x), 4.5, 4.5, 4.5, 4.5);
  g_assert_false (gten_tensor_backward (tour.out, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_fails (error, "Trying to backward through the graph a second time");
  tour_free (&tour);
}

static void
test_retain_graph (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();

  for (int i = 1; i <= 3; i++)
    {
      g_assert_true (gten_tensor_backward (tour.out, NULL, GTEN_BACKWARD_RETAIN_GRAPH, &error));
      assert_values (gten_tensor_get_grad (tour.x), 4.5 * i, 4.5 * i, 4.5 * i, 4.5 * i);
    }
  tour_free (&tour);
}

static void
test_steps (void)
{
  static const char *const expected[]
    = { "MeanBackward0", "MulBackward0", "MulBackward0", "AddBackward0", "AccumulateGrad" };
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();
  g_autoptr (GtenBackward) pass = gten_backward_new (tour.out, NULL, GTEN_BACKWARD_DEFAULT, &error);
  g_autoptr (GPtrArray) nodes = gten_backward_get_nodes (pass);
  GtenNode *square = gten_tensor_get_grad_fn (tour.y2), *add = gten_tensor_get_grad_fn (tour.y);
  guint n_arrived, n_expected;

  g_assert_cmpuint (nodes->len, ==, G_N_ELEMENTS (expected));
  g_assert_cmpuint (gten_backward_get_n_nodes (pass), ==, nodes->len);
  g_assert_null (gten_backward_get_node (pass));
  for (guint i = 0; i < nodes->len; i++)
    {
      GtenNode *node = g_ptr_array_index (nodes, i);

      g_assert_cmpstr (gten_node_get_name (node), ==, expected[i]);
      g_assert_true (gten_backward_get_next (pass) == node);
      g_assert_cmpint (gten_backward_get_state (pass, node, NULL, NULL), ==, GTEN_GRAD_READY);
      g_assert_cmpint (gten_backward_get_state (pass, add, &n_arrived, &n_expected), ==,
                       i < 3 ? GTEN_GRAD_PENDING : i == 3 ? GTEN_GRAD_READY : GTEN_GRAD_DONE);
      g_assert_cmpuint (n_expected, ==, 2);
      g_assert_cmpuint (n_arrived, ==, i < 3 ? 0 : 2);
      if (i == 2)
        assert_values (gten_backward_get_gradient (pass, square, 0), 0.75, 0.75, 0.75, 0.75);
      g_assert_false (gten_backward_is_finished (pass));
      g_assert_true (gten_backward_step (pass, &error));
      g_assert_true (gten_backward_get_node (pass) == node);
      g_assert_cmpuint (gten_backward_get_n_done (pass), ==, i + 1);
    }
  g_assert_true (gten_backward_is_finished (pass));
  g_assert_false (gten_backward_step (pass, &error));
  g_assert_no_error (error);
  assert_values (gten_tensor_get_grad (tour.x), 4.5, 4.5, 4.5, 4.5);
  g_clear_pointer (&nodes, g_ptr_array_unref);
  g_clear_object (&pass);
  tour_free (&tour);
}

static void
test_run_to (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();
  GtenNode *add = gten_tensor_get_grad_fn (tour.y);
  g_autoptr (GtenBackward) pass = gten_backward_new (tour.out, NULL, GTEN_BACKWARD_DEFAULT, &error);

  g_assert_true (gten_backward_run_to (pass, add, &error));
  g_assert_true (gten_backward_get_next (pass) == add);
  assert_values (gten_backward_get_gradient (pass, add, 0), 4.5, 4.5, 4.5, 4.5);
  g_assert_null (gten_tensor_get_grad (tour.x));
  g_assert_true (gten_backward_run (pass, &error));
  assert_values (gten_tensor_get_grad (tour.x), 4.5, 4.5, 4.5, 4.5);
  g_assert_false (gten_backward_run_to (pass, add, &error));
  assert_fails (error, "AddBackward0 is not ahead in this pass");
  g_clear_object (&pass);
  tour_free (&tour);
}

static void
test_abandoned (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();
  GtenBackward *pass = gten_backward_new (tour.out, NULL, GTEN_BACKWARD_DEFAULT, &error);

  g_assert_true (gten_backward_step (pass, &error));
  g_assert_finalize_object (pass);
  g_assert_null (gten_tensor_get_grad (tour.x));
  tour_free (&tour);
}

static void
test_keep_gradients (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();
  GtenNode *mean = gten_tensor_get_grad_fn (tour.out), *z = gten_tensor_get_grad_fn (tour.z);
  g_autoptr (GtenBackward) pass = gten_backward_new (tour.out, NULL, GTEN_BACKWARD_RETAIN_GRAPH,
                                                     &error);

  gten_backward_set_keep_gradients (pass, 1000);
  g_assert_true (gten_backward_run (pass, &error));
  assert_values (gten_backward_get_gradient (pass, mean, 0), 1);
  assert_values (gten_backward_get_gradient (pass, z, 0), 0.25, 0.25, 0.25, 0.25);
  assert_values (gten_tensor_get_grad (tour.x), 4.5, 4.5, 4.5, 4.5);

  /* One gradient of 4 bytes and four of 16 are kept: the oldest go first. */
  gten_backward_set_keep_gradients (pass, 64);
  g_assert_null (gten_backward_get_gradient (pass, mean, 0));
  g_assert_nonnull (gten_backward_get_gradient (pass, z, 0));
  gten_backward_set_keep_gradients (pass, 0);
  g_assert_null (gten_backward_get_gradient (pass, z, 0));
  g_clear_object (&pass);
  tour_free (&tour);
}

/* -- signals ------------------------------------------------------------------------------------- */

static void
on_contribution (GtenBackward *pass, GtenNode *from, GtenNode *to, guint output_nr,
                 GtenTensor *grad, GString *log)
{
  g_assert_nonnull (grad);
  g_string_append_printf (log, "%s>%s ", from != NULL ? gten_node_get_name (from) : "",
                          gten_node_get_name (to));
}

static void
on_stepped (GtenBackward *pass, GtenNode *node, GString *log)
{
  g_string_append (log, "| ");
}

static void
on_finished (GtenBackward *pass, GString *log)
{
  g_string_append (log, "finished");
}

static void
on_about_to_run (GtenNode *node, GString *log)
{
  g_string_append (log, "about ");
}

static void
on_done (GtenNode *node, GString *log)
{
  g_string_append (log, "done ");
}

static void
test_signals (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GtenBackward) pass = gten_backward_new (tour.out, NULL, GTEN_BACKWARD_DEFAULT, &error);

  g_signal_connect (pass, "contribution", G_CALLBACK (on_contribution), log);
  g_signal_connect (pass, "stepped", G_CALLBACK (on_stepped), log);
  g_signal_connect (pass, "finished", G_CALLBACK (on_finished), log);
  g_signal_connect (gten_tensor_get_grad_fn (tour.z), "about-to-run", G_CALLBACK (on_about_to_run),
                    log);
  g_signal_connect (gten_tensor_get_grad_fn (tour.z), "backward-done", G_CALLBACK (on_done), log);
  g_assert_true (gten_backward_run (pass, &error));
  g_assert_cmpstr (log->str, ==,
                   "MeanBackward0>MulBackward0 | about MulBackward0>MulBackward0 done | "
                   "MulBackward0>AddBackward0 MulBackward0>AddBackward0 | AddBackward0>AccumulateGrad | | finished");
  g_clear_object (&pass);
  tour_free (&tour);
}

static void
on_grad_updated (GtenTensor *tensor, GtenTensor *grad, GString *log)
{
  g_assert_true (grad == gten_tensor_get_grad (tensor));
  g_string_append (log, "updated ");
}

static void
on_notify_grad (GtenTensor *tensor, GParamSpec *pspec, GString *log)
{
  g_string_append (log, "notify ");
}

static void
test_leaf_signals (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (tour.x, "grad-updated", G_CALLBACK (on_grad_updated), log);
  g_signal_connect (tour.x, "notify::grad", G_CALLBACK (on_notify_grad), log);
  g_assert_true (gten_tensor_backward (tour.out, NULL, GTEN_BACKWARD_RETAIN_GRAPH, &error));
  g_assert_cmpstr (log->str, ==, "updated notify ");
  g_assert_true (gten_tensor_backward (tour.out, NULL, GTEN_BACKWARD_RETAIN_GRAPH, &error));
  g_assert_cmpstr (log->str, ==, "updated notify updated "); /* added in place */
  g_assert_true (gten_tensor_backward (tour.out, NULL, GTEN_BACKWARD_CREATE_GRAPH, &error));
  g_assert_cmpstr (log->str, ==, "updated notify updated updated notify ");
  g_signal_handlers_disconnect_by_data (tour.x, log);

  /* The gradient has a history that leads back to x. */
  g_assert_true (gten_tensor_set_grad (tour.x, NULL, &error));
  tour_free (&tour);
}

/* -- inputs -------------------------------------------------------------------------------------- */

static void
test_grad (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();
  g_autoptr (GtenTensor) unused = leaf (VALUES (1), GTEN_SIZES (1));
  g_autoptr (GtenTensor) plain = tensor (VALUES (1), GTEN_SIZES (1));
  g_autoptr (GPtrArray) grads
    = gten_autograd_grad (&tour.out, 1, (GtenTensor *[]) { tour.y, tour.x, tour.out }, 3, NULL, 0,
                          GTEN_BACKWARD_RETAIN_GRAPH, &error);

  g_assert_no_error (error);
  assert_values (g_ptr_array_index (grads, 0), 4.5, 4.5, 4.5, 4.5);
  assert_values (g_ptr_array_index (grads, 1), 4.5, 4.5, 4.5, 4.5);
  assert_values (g_ptr_array_index (grads, 2), 1);
  g_assert_null (gten_tensor_get_grad (tour.x));
  g_clear_pointer (&grads, g_ptr_array_unref);

  grads = gten_autograd_grad (&tour.out, 1, (GtenTensor *[]) { tour.x, unused }, 2, NULL, 0,
                              GTEN_BACKWARD_RETAIN_GRAPH, &error);
  g_assert_null (grads);
  assert_fails (error, "The differentiated Tensor at index 1 appears to not have been used in the graph. "
                       "Set allow_unused=True if this is the desired behavior.");
  grads = gten_autograd_grad (&tour.out, 1, (GtenTensor *[]) { tour.x, unused }, 2, NULL, 0,
                              GTEN_BACKWARD_RETAIN_GRAPH | GTEN_BACKWARD_ALLOW_UNUSED, &error);
  g_assert_no_error (error);
  g_assert_null (g_ptr_array_index (grads, 1));
  g_clear_pointer (&grads, g_ptr_array_unref);

  grads = gten_autograd_grad (&tour.out, 1, &plain, 1, NULL, 0, GTEN_BACKWARD_DEFAULT, &error);
  g_assert_null (grads);
  assert_fails (error, "One of the differentiated Tensors does not require grad");
  grads = gten_autograd_grad (&tour.out, 1, NULL, 0, NULL, 0, GTEN_BACKWARD_DEFAULT, &error);
  g_assert_null (grads);
  assert_fails (error, "`inputs` argument to `grad()` cannot be empty.");
  tour_free (&tour);
}

/* Only what leads to the inputs runs. */
static void
test_inputs_prune (void)
{
  g_autoptr (GError) error = NULL;
  Tour tour = tour_new ();
  g_autoptr (GtenBackward) pass
    = gten_backward_new_full (&tour.out, 1, NULL, 0, &tour.y2, 1, GTEN_BACKWARD_ACCUMULATE_INPUTS,
                              &error);
  GtenNode *add = gten_tensor_get_grad_fn (tour.y);

  g_assert_cmpuint (gten_backward_get_n_nodes (pass), ==, 3);
  g_assert_cmpint (gten_backward_get_state (pass, add, NULL, NULL), ==, GTEN_GRAD_NOT_NEEDED);
  g_assert_true (gten_backward_run (pass, &error));
  assert_values (gten_tensor_get_grad (tour.y2), 0.75, 0.75, 0.75, 0.75);
  g_assert_null (gten_tensor_get_grad (tour.x));
  g_clear_object (&pass);
  tour_free (&tour);
}

static void
test_double_backward (void)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = leaf (VALUES (1.1), GTEN_SIZES (1));
  GtenTensor *cube = gten_tensor_pow_scalar (x, 3, &error);
  double expected[] = { 3 * 1.1 * 1.1, 6 * 1.1, 6 };

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) grads
        = gten_autograd_grad (&cube, 1, &x, 1, NULL, 0, GTEN_BACKWARD_CREATE_GRAPH, &error);

      g_assert_no_error (error);
      assert_values (g_ptr_array_index (grads, 0), expected[i]);
      g_set_object (&cube, g_ptr_array_index (grads, 0));
    }
  g_object_unref (cube);
  g_assert_finalize_object (x);
}

static void
test_double_backward_of_result (void)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = leaf (VALUES (0.5), GTEN_SIZES (1));
  g_autoptr (GtenTensor) y = gten_tensor_exp (x, &error);
  g_autoptr (GPtrArray) first = gten_autograd_grad (&y, 1, &x, 1, NULL, 0,
                                                    GTEN_BACKWARD_CREATE_GRAPH, &error);
  g_autoptr (GPtrArray) second
    = gten_autograd_grad ((GtenTensor **) first->pdata, 1, &x, 1, NULL, 0, GTEN_BACKWARD_DEFAULT,
                          &error);

  g_assert_no_error (error);
  assert_values (g_ptr_array_index (second, 0), 1.6487213);
  g_clear_pointer (&second, g_ptr_array_unref);
  g_clear_pointer (&first, g_ptr_array_unref);
  g_clear_object (&y);
  g_assert_finalize_object (x);
}

/* -- errors -------------------------------------------------------------------------------------- */

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = gten_tensor_mul_scalar (x, 2, &error);
  g_autoptr (GtenTensor) plain = tensor (VALUES (1), GTEN_SIZES (1));
  g_autoptr (GtenTensor) three = tensor (VALUES (1, 1, 1), GTEN_SIZES (3));

  g_assert_false (gten_tensor_backward (y, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_fails (error, "grad can be implicitly created only for scalar outputs");
  g_assert_false (gten_tensor_backward (plain, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_fails (error, "element 0 of tensors does not require grad and does not have a grad_fn");
  g_assert_false (gten_tensor_backward (y, three, GTEN_BACKWARD_DEFAULT, &error));
  assert_fails (error, "Mismatch in shape: grad_output[0] has a shape of [3] and output[0] has a shape of [2, 2].");
  g_assert_false (gten_tensor_backward (NULL, NULL, GTEN_BACKWARD_DEFAULT, &error));
  g_assert_no_error (error);
}

/* -- much ---------------------------------------------------------------------------------------- */

#ifdef __SANITIZE_THREAD__
#define SMALL_STACK (1024 * 1024)   /* which keeps much of its own there, and takes its time */
#define LONG 20000
#else
#define SMALL_STACK (256 * 1024)
#define LONG 1000000
#endif

static gpointer
in_small_stack (gpointer (*function) (gpointer))
{
  pthread_attr_t attributes;
  pthread_t thread;
  gpointer result;

  pthread_attr_init (&attributes);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, SMALL_STACK), ==, 0);
  g_assert_cmpint (pthread_create (&thread, &attributes, function, NULL), ==, 0);
  pthread_join (thread, &result);
  pthread_attr_destroy (&attributes);
  return result;
}

static gpointer
long_chain (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = leaf (VALUES (1), GTEN_SIZES (1));
  GtenTensor *y = g_object_ref (x);

  for (guint i = 0; i < LONG; i++)
    {
      GtenTensor *next = gten_tensor_add (y, x, &error);
      g_object_unref (y);
      y = next;
    }
  g_assert_true (gten_tensor_backward (y, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_values (gten_tensor_get_grad (x), LONG + 1);
  g_object_unref (y);
  return NULL;
}

/* Saved tensors hold the nodes before them. */
static gpointer
long_chain_unrun (gpointer data)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = leaf (VALUES (1), GTEN_SIZES (1));
  GtenTensor *y = g_object_ref (x);

  for (guint i = 0; i < LONG; i++)
    {
      GtenTensor *next = i % 2 == 0 ? gten_tensor_mul (y, x, &error) : gten_tensor_exp (y, &error);
      g_object_unref (y);
      y = next;
    }
  g_object_unref (y);
  g_assert_finalize_object (x);
  return NULL;
}

static void
test_long_chain (void)
{
  in_small_stack (long_chain);
  in_small_stack (long_chain_unrun);
}

/* Several passes at once that share a leaf. */
static gpointer
add_to_shared (gpointer data)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 500; i++)
    {
      g_autoptr (GtenTensor) y = gten_tensor_mul_scalar (data, 2, &error);
      g_autoptr (GtenTensor) sum = gten_tensor_sum (y, &error);
      g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (GtenTensor) x = square ();
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new (NULL, add_to_shared, x);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  assert_values (gten_tensor_get_grad (x), 4000, 4000, 4000, 4000);
}

static gpointer
run_shared (gpointer data)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 200; i++)
    g_assert_true (gten_tensor_backward (data, NULL, GTEN_BACKWARD_RETAIN_GRAPH, &error));
  return NULL;
}

static void
test_threads_one_graph (void)
{
  Tour tour = tour_new ();
  GThread *threads[2];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new (NULL, run_shared, tour.out);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  assert_values (gten_tensor_get_grad (tour.x), 1800, 1800, 1800, 1800);
  tour_free (&tour);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backward/tour", test_tour);
  g_test_add_func ("/backward/retain-graph", test_retain_graph);
  g_test_add_func ("/backward/steps", test_steps);
  g_test_add_func ("/backward/run-to", test_run_to);
  g_test_add_func ("/backward/abandoned", test_abandoned);
  g_test_add_func ("/backward/keep-gradients", test_keep_gradients);
  g_test_add_func ("/backward/signals", test_signals);
  g_test_add_func ("/backward/leaf-signals", test_leaf_signals);
  g_test_add_func ("/backward/grad", test_grad);
  g_test_add_func ("/backward/inputs-prune", test_inputs_prune);
  g_test_add_func ("/backward/double", test_double_backward);
  g_test_add_func ("/backward/double-of-result", test_double_backward_of_result);
  g_test_add_func ("/backward/errors", test_errors);
  g_test_add_func ("/backward/long-chain", test_long_chain);
  g_test_add_func ("/backward/threads", test_threads);
  g_test_add_func ("/backward/threads-one-graph", test_threads_one_graph);
  return g_test_run ();
}
