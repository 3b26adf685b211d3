/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a node says about itself. */
#include "autograd-test.h"

#include <string.h>

static void
test_edges (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) plain = tensor (VALUES (1, 2), GTEN_SIZES (2));
  g_autoptr (GtenTensor) y = gten_tensor_add (x, plain, &error);
  g_autoptr (GtenTensor) z = gten_tensor_mul (y, x, &error);
  GtenNode *add = gten_tensor_get_grad_fn (y), *mul = gten_tensor_get_grad_fn (z);
  g_autoptr (GPtrArray) next = gten_node_get_next_functions (mul);
  GtenNode *accumulate = gten_node_get_next_function (mul, 1, NULL);
  guint output_nr = 7;
  gsize n_dims;

  g_assert_cmpstr (gten_node_get_name (mul), ==, "MulBackward0");
  g_assert_cmpuint (gten_node_get_n_inputs (mul), ==, 2);
  g_assert_cmpuint (gten_node_get_n_outputs (mul), ==, 1);
  g_assert_true (gten_node_get_next_function (mul, 0, &output_nr) == add);
  g_assert_cmpuint (output_nr, ==, 0);
  g_assert_cmpuint (next->len, ==, 2);
  g_assert_cmpstr (gten_node_get_name (accumulate), ==, "AccumulateGrad");
  g_assert_true (gten_node_get_variable (accumulate) == x);
  g_assert_null (gten_node_get_variable (mul));
  g_assert_true (gten_node_get_next_function (add, 0, NULL) == accumulate); /* one for all uses of a leaf */
  g_assert_null (gten_node_get_next_function (add, 1, NULL));
  g_assert_null (gten_node_get_next_function (add, 9, NULL));

  g_assert_cmpuint (gten_node_get_id (mul), >, gten_node_get_id (add));
  g_assert_cmpuint (gten_node_get_sequence (mul), >, gten_node_get_sequence (add));
  g_assert_cmpuint (gten_node_get_sequence (accumulate), >, gten_node_get_sequence (mul));
  g_assert_cmpint (gten_node_get_output_shape (mul, 0, &n_dims)[1], ==, 2);
  g_assert_cmpuint (n_dims, ==, 2);
  g_assert_cmpint (gten_node_get_output_dtype (mul, 0), ==, GTEN_DTYPE_FLOAT32);
  g_assert_cmpstr (gten_op_get_name (gten_node_get_op (mul)), ==, "mul");
  g_assert_null (gten_node_get_op (accumulate));
}

/* What the formulas of the inputs that need a gradient name, and nothing else. */
static void
test_saved (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) plain = tensor (VALUES (1, 2, 3, 4), GTEN_SIZES (2, 2));
  g_autoptr (GtenTensor) y = gten_tensor_mul (x, plain, &error);
  g_autoptr (GtenTensor) z = gten_tensor_mul (y, x, &error);
  g_autoptr (GtenTensor) e = gten_tensor_exp (z, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (e, &error);
  GtenNode *node_y = gten_tensor_get_grad_fn (y), *node_z = gten_tensor_get_grad_fn (z);
  GtenNode *node_e = gten_tensor_get_grad_fn (e), *node_sum = gten_tensor_get_grad_fn (sum);
  g_auto (GStrv) y_names = gten_node_get_saved_names (node_y);
  g_auto (GStrv) z_names = gten_node_get_saved_names (node_z);
  g_auto (GStrv) e_names = gten_node_get_saved_names (node_e);
  g_auto (GStrv) sum_names = gten_node_get_saved_names (node_sum);
  g_autofree char *joined_z = g_strjoinv (" ", z_names);

  g_assert_cmpuint (g_strv_length (y_names), ==, 1);
  g_assert_cmpstr (y_names[0], ==, "other");
  g_assert_cmpstr (joined_z, ==, "self other");
  g_assert_cmpuint (g_strv_length (e_names), ==, 1);
  g_assert_cmpstr (e_names[0], ==, "result");
  g_assert_cmpuint (g_strv_length (sum_names), ==, 0);

  g_autoptr (GtenTensor) other = gten_node_get_saved (node_y, "other", &error);
  g_assert_true (other == plain);
  g_assert_null (gten_node_get_saved (node_y, "nothing", &error));
  assert_fails (error, "MulBackward0 has not saved 'nothing'");

  g_assert_false (gten_node_is_released (node_y));
  g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  g_assert_true (gten_node_is_released (node_y));
  g_assert_null (gten_node_get_saved (node_y, "other", &error));
  assert_fails (error, "Trying to backward through the graph a second time");
}

static void
test_args (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) sum = gten_tensor_sum_dim (x, GTEN_SIZES (1), TRUE, GTEN_DTYPE_NONE,
                                                    &error);
  g_autoptr (GtenTensor) power = gten_tensor_pow_scalar (x, 3, &error);
  g_autofree char *of_sum = gten_node_describe_args (gten_tensor_get_grad_fn (sum));
  g_autofree char *of_power = gten_node_describe_args (gten_tensor_get_grad_fn (power));

  g_assert_cmpstr (of_sum, ==, "dim=[1], keepdim=True, dtype=None");
  g_assert_cmpstr (of_power, ==, "exponent=3");
}

static void
test_site (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();

  gten_node_set_site ("tour.c:12 main");
  g_autoptr (GtenTensor) y = gten_tensor_exp (x, &error);
  gten_node_set_site (NULL);
  g_autoptr (GtenTensor) z = gten_tensor_exp (x, &error);
  g_assert_cmpstr (gten_node_get_creation_site (gten_tensor_get_grad_fn (y)), ==, "tour.c:12 main");
  g_assert_null (gten_node_get_creation_site (gten_tensor_get_grad_fn (z)));
}

static void
test_anomaly (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = leaf (VALUES (0, 0), GTEN_SIZES (2));

  gten_node_set_site ("tour.c:12 main");
  g_autoptr (GtenTensor) root = gten_tensor_sqrt (x, &error);
  gten_node_set_site (NULL);
  g_autoptr (GtenTensor) zero = gten_tensor_mul_scalar (root, 0, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (zero, &error);

  g_assert_false (gten_set_anomaly_enabled (TRUE));
  g_assert_false (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  g_assert_true (gten_set_anomaly_enabled (FALSE));
  assert_fails (error, "Function 'SqrtBackward0' returned nan values in its 0th output. Its forward operation sqrt was "
                       "recorded at tour.c:12 main.");
}

/* A node can be run by hand. */
static void
test_backward (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = gten_tensor_mul_scalar (x, 3, &error);
  g_autoptr (GPtrArray) grads = g_ptr_array_new ();

  g_assert_null (gten_node_backward (gten_tensor_get_grad_fn (y), grads, &error));
  assert_fails (error, "MulBackward0 takes 1 gradients, got 0");
  g_ptr_array_add (grads, x);
  g_autoptr (GPtrArray) result = gten_node_backward (gten_tensor_get_grad_fn (y), grads, &error);
  g_assert_no_error (error);
  assert_values (g_ptr_array_index (result, 0), 3, 6, 9, 12);
}

static guint n_hooks, n_destroyed;

static void
count_destroyed (gpointer unused)
{
  n_destroyed++;
}

static GPtrArray *
double_outputs (GPtrArray *grad_outputs, gpointer unused)
{
  GPtrArray *result = g_ptr_array_new ();

  n_hooks++;
  g_assert_cmpuint (grad_outputs->len, ==, 1);
  g_ptr_array_add (result, gten_tensor_mul_scalar (grad_outputs->pdata[0], 2, NULL));
  return result;
}

static GPtrArray *
negate_first (GPtrArray *grad_inputs, GPtrArray *grad_outputs, gpointer unused)
{
  GPtrArray *result = g_ptr_array_new ();

  n_hooks++;
  g_assert_cmpuint (grad_inputs->len, ==, 2);
  g_assert_null (grad_inputs->pdata[1]);
  assert_values (grad_outputs->pdata[0], 2, 2, 2, 2);
  g_ptr_array_add (result, gten_tensor_neg (grad_inputs->pdata[0], NULL));
  g_ptr_array_add (result, NULL);
  return result;
}

static GPtrArray *
one_too_few (GPtrArray *grad_inputs, GPtrArray *grad_outputs, gpointer unused)
{
  GPtrArray *result = g_ptr_array_new ();

  g_ptr_array_add (result, g_object_ref (grad_inputs->pdata[0]));
  return result;
}

static GPtrArray *
another_shape (GPtrArray *grad_outputs, gpointer unused)
{
  GPtrArray *result = g_ptr_array_new ();

  g_ptr_array_add (result, tensor (VALUES (1, 2, 3), GTEN_SIZES (3)));
  return result;
}

static GPtrArray *
nothing (GPtrArray *grad_outputs, gpointer unused)
{
  GPtrArray *result = g_ptr_array_new ();

  g_ptr_array_add (result, NULL);
  return result;
}

static void
test_hooks (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) plain = tensor (VALUES (1, 2, 3, 4), GTEN_SIZES (2, 2));
  g_autoptr (GtenTensor) y = gten_tensor_mul (x, plain, &error);
  g_autoptr (GtenTensor) loss = gten_tensor_sum (y, &error);
  GtenNode *node = gten_tensor_get_grad_fn (y);
  guint64 before = gten_node_add_prehook (node, double_outputs, NULL, count_destroyed);
  guint64 after = gten_node_add_hook (node, negate_first, NULL, count_destroyed);

  gten_tensor_backward (loss, NULL, GTEN_BACKWARD_RETAIN_GRAPH, &error);
  g_assert_no_error (error);
  assert_values (gten_tensor_get_grad (x), -2, -4, -6, -8);
  g_assert_cmpuint (n_hooks, ==, 2);

  gten_node_remove_hook (node, before);
  gten_node_remove_hook (node, after);
  gten_node_remove_hook (node, after);
  g_assert_cmpuint (n_destroyed, ==, 2);
  gten_tensor_set_grad (x, NULL, NULL);
  gten_tensor_backward (loss, NULL, GTEN_BACKWARD_RETAIN_GRAPH, &error);
  assert_values (gten_tensor_get_grad (x), 1, 2, 3, 4);

  after = gten_node_add_hook (node, one_too_few, NULL, NULL);
  g_assert_false (gten_tensor_backward (loss, NULL, GTEN_BACKWARD_RETAIN_GRAPH, &error));
  assert_fails (error, "hook has returned an incorrect number of values (got 1, but expected 2)");
  gten_node_remove_hook (node, after);
  before = gten_node_add_prehook (node, another_shape, NULL, NULL);
  g_assert_false (gten_tensor_backward (loss, NULL, GTEN_BACKWARD_RETAIN_GRAPH, &error));
  assert_fails (error, "hook has changed the size of value");
  gten_node_remove_hook (node, before);

  /* Hooks that are left go with the node; a gradient that a hook takes away goes nowhere. */
  gten_node_add_prehook (gten_node_get_next_function (node, 0, NULL), nothing, NULL,
                         count_destroyed);
  gten_tensor_set_grad (x, NULL, NULL);
  g_assert_true (gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, &error));
  g_assert_null (gten_tensor_get_grad (x));
  g_clear_object (&loss);
  g_clear_object (&y);
  g_assert_cmpuint (n_destroyed, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node/edges", test_edges);
  g_test_add_func ("/node/saved", test_saved);
  g_test_add_func ("/node/args", test_args);
  g_test_add_func ("/node/site", test_site);
  g_test_add_func ("/node/anomaly", test_anomaly);
  g_test_add_func ("/node/backward", test_backward);
  g_test_add_func ("/node/hooks", test_hooks);
  return g_test_run ();
}
