/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of the user's, in C. */
#include "autograd-test.h"

#include <string.h>

/* One class whose behaviour each test chooses. */
typedef enum
{
  SQUARE,          /* x * x, with x saved */
  EXP,             /* exp (x), with the result saved */
  TWO_OUTPUTS,     /* x * 2, x * 3 */
  IN_PLACE,        /* x *= 2 */
  IDENTITY,        /* x itself */
  VIEW,            /* x.view (-1) */
  NOT_DIFFERENTIABLE,
  TOO_MANY,
  WRONG_SHAPE,
  FAILING,
  NESTED,          /* backward runs another pass */
} Kind;

#define TEST_TYPE_FUNCTION (test_function_get_type ())
G_DECLARE_FINAL_TYPE (TestFunction, test_function, TEST, FUNCTION, GtenFunction)

struct _TestFunction
{
  GtenFunction parent_instance;
  Kind         kind;
  gboolean     got_null;
};

G_DEFINE_TYPE (TestFunction, test_function, GTEN_TYPE_FUNCTION)

static GPtrArray *
array_of (GtenTensor *first, GtenTensor *second)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (array, first);
  if (second != NULL)
    g_ptr_array_add (array, second);
  return array;
}

static GPtrArray *
test_function_forward (GtenFunction *function, GPtrArray *inputs, GError **error)
{
  TestFunction *self = TEST_FUNCTION (function);
  GtenTensor *x = g_ptr_array_index (inputs, 0);
  GtenTensor *result;

  g_assert_false (gten_is_grad_enabled ());
  switch (self->kind)
    {
    case EXP:
      result = gten_tensor_exp (x, error);
      gten_function_save_for_backward (function, &result, 1);
      return array_of (result, NULL);
    case TWO_OUTPUTS:
      return array_of (gten_tensor_mul_scalar (x, 2, error), gten_tensor_mul_scalar (x, 3, error));
    case IN_PLACE:
      gten_tensor_mul_scalar_ (x, 2, error);
      gten_function_mark_dirty (function, &x, 1);
      return array_of (g_object_ref (x), NULL);
    case IDENTITY:
      return array_of (g_object_ref (x), NULL);
    case VIEW:
      return array_of (gten_tensor_view (x, GTEN_SIZES (-1), error), NULL);
    case NOT_DIFFERENTIABLE:
      result = gten_tensor_mul_scalar (x, 2, error);
      gten_function_mark_non_differentiable (function, &result, 1);
      return array_of (result, NULL);
    case FAILING:
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, "forward does not want to");
      return NULL;
    case SQUARE:
    case TOO_MANY:
    case WRONG_SHAPE:
    case NESTED:
    default:
      gten_function_save_for_backward (function, &x, 1);
      return array_of (gten_tensor_mul (x, x, error), NULL);
    }
}

static GPtrArray *
test_function_backward (GtenNode *node, GPtrArray *grads, GError **error)
{
  TestFunction *self = TEST_FUNCTION (node);
  g_autoptr (GPtrArray) saved = gten_function_get_saved_tensors (GTEN_FUNCTION (node), error);
  GtenTensor *grad = g_ptr_array_index (grads, 0);
  g_autoptr (GtenTensor) product = NULL;

  if (saved == NULL)
    return NULL;
  switch (self->kind)
    {
    case EXP:
      return array_of (gten_tensor_mul (g_ptr_array_index (saved, 0), grad, error), NULL);
    case TWO_OUTPUTS:
      self->got_null = g_ptr_array_index (grads, 1) == NULL;
      return array_of (gten_tensor_mul_scalar (grad, 2, error), NULL);
    case IN_PLACE:
    case IDENTITY:
    case VIEW:
    case NOT_DIFFERENTIABLE:
      product = gten_tensor_mul_scalar (grad, 2, error);
      return array_of (gten_tensor_view (product, GTEN_SIZES (2, 2), error), NULL);
    case TOO_MANY:
      return array_of (g_object_ref (grad), g_object_ref (grad));
    case WRONG_SHAPE:
      return array_of (tensor (VALUES (1, 2, 3), GTEN_SIZES (3)), NULL);
    case NESTED:
      {
        g_autoptr (GtenTensor) inner = square ();
        gboolean enabled = gten_set_grad_enabled (TRUE);
        g_autoptr (GtenTensor) inner_square = gten_tensor_mul (inner, inner, error);
        g_autoptr (GtenTensor) sum = gten_tensor_sum (inner_square, error);

        gten_set_grad_enabled (enabled);
        gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, error);
        return array_of (gten_tensor_mul (gten_tensor_get_grad (inner), grad, error), NULL);
      }
    case SQUARE:
    case FAILING:
    default:
      product = gten_tensor_mul (g_ptr_array_index (saved, 0), grad, error);
      return array_of (gten_tensor_mul_scalar (product, 2, error), NULL);
    }
}

static void
test_function_class_init (TestFunctionClass *klass)
{
  GTEN_FUNCTION_CLASS (klass)->forward = test_function_forward;
  GTEN_NODE_CLASS (klass)->backward = test_function_backward;
}

static void
test_function_init (TestFunction *self)
{
}

static TestFunction *
function_new (Kind kind)
{
  TestFunction *self = g_object_new (TEST_TYPE_FUNCTION, NULL);

  self->kind = kind;
  return self;
}

static GtenTensor *
apply (Kind kind, GtenTensor *x, GError **error)
{
  g_autoptr (TestFunction) function = function_new (kind);
  g_autoptr (GPtrArray) outputs = gten_function_apply (GTEN_FUNCTION (function), &x, 1, error);

  return outputs != NULL ? g_object_ref (g_ptr_array_index (outputs, 0)) : NULL;
}

static gboolean
backward_of_sum (GtenTensor *y, GError **error)
{
  g_autoptr (GtenTensor) sum = gten_tensor_sum (y, error);

  return gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, error);
}

static void
test_square (void)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = square ();
  GtenTensor *y = apply (SQUARE, x, &error);

  g_assert_no_error (error);
  assert_values (y, 1, 4, 9, 16);
  g_assert_cmpstr (gten_node_get_name (gten_tensor_get_grad_fn (y)), ==, "TestFunctionBackward");
  g_assert_true (backward_of_sum (y, &error));
  assert_values (gten_tensor_get_grad (x), 2, 4, 6, 8);
  g_assert_false (backward_of_sum (y, &error));
  assert_fails (error, "Trying to backward through the graph a second time");
  g_object_unref (y);
  g_assert_finalize_object (x);
}

static void
test_saved_result (void)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = square ();
  GtenTensor *y = apply (EXP, x, &error);
  GtenNode *node = gten_tensor_get_grad_fn (y);
  g_autoptr (GPtrArray) first = gten_autograd_grad (&y, 1, &x, 1, &x, 1, GTEN_BACKWARD_CREATE_GRAPH,
                                                    &error);

  g_assert_no_error (error);
  assert_values (g_ptr_array_index (first, 0), 2.71828, 2 * 7.38906, 3 * 20.08554, 4 * 54.59815);
  g_clear_pointer (&first, g_ptr_array_unref);
  g_object_add_weak_pointer (G_OBJECT (node), (gpointer *) &node);
  g_object_unref (y);
  g_assert_null (node); /* a saved result makes no cycle */
  g_assert_finalize_object (x);
}

static void
test_double (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = apply (SQUARE, x, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (y, &error);
  g_autoptr (GPtrArray) first = gten_autograd_grad (&sum, 1, &x, 1, NULL, 0,
                                                    GTEN_BACKWARD_CREATE_GRAPH, &error);
  g_autoptr (GtenTensor) sum2 = gten_tensor_sum (g_ptr_array_index (first, 0), &error);
  g_autoptr (GPtrArray) second = gten_autograd_grad (&sum2, 1, &x, 1, NULL, 0,
                                                     GTEN_BACKWARD_DEFAULT, &error);

  g_assert_no_error (error);
  assert_values (g_ptr_array_index (second, 0), 2, 2, 2, 2);
}

static void
test_materialize (void)
{
  for (int materialize = 0; materialize < 2; materialize++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) x = square ();
      g_autoptr (TestFunction) function = function_new (TWO_OUTPUTS);

      gten_function_set_materialize_grads (GTEN_FUNCTION (function), materialize);
      g_autoptr (GPtrArray) outputs = gten_function_apply (GTEN_FUNCTION (function), &x, 1, &error);
      g_assert_cmpuint (outputs->len, ==, 2);
      g_assert_cmpuint (gten_tensor_get_output_nr (g_ptr_array_index (outputs, 1)), ==, 1);
      g_assert_true (backward_of_sum (g_ptr_array_index (outputs, 0), &error));
      g_assert_cmpint (function->got_null, ==, !materialize);
      assert_values (gten_tensor_get_grad (x), 2, 2, 2, 2);
      g_assert_true (gten_function_needs_input_grad (GTEN_FUNCTION (function), 0));
      g_assert_false (gten_function_needs_input_grad (GTEN_FUNCTION (function), 1));
    }
}

static void
test_dirty (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = gten_tensor_mul_scalar (x, 3, &error);
  g_autoptr (GtenTensor) z = apply (IN_PLACE, y, &error);

  g_assert_no_error (error);
  g_assert_true (z == y);
  g_assert_cmpstr (gten_node_get_name (gten_tensor_get_grad_fn (y)), ==, "TestFunctionBackward");
  g_assert_true (backward_of_sum (y, &error));
  assert_values (gten_tensor_get_grad (x), 6, 6, 6, 6);
  g_assert_null (apply (IN_PLACE, x, &error));
  assert_fails (error,
                "a leaf Variable that requires grad has been used in an in-place operation.");
}

static void
test_views (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = gten_tensor_mul_scalar (x, 3, &error);
  g_autoptr (GtenTensor) same = apply (IDENTITY, y, &error);
  g_autoptr (GtenTensor) view = apply (VIEW, y, &error);

  g_assert_true (same != y);
  g_assert_true (gten_tensor_shares_storage (same, y));
  g_assert_null (gten_tensor_add_scalar_ (same, 1, &error));
  assert_fails (error, "This view was created inside a custom Function (or because an input was returned as-is)");
  g_assert_null (gten_tensor_add_scalar_ (view, 1, &error));
  assert_fails (error, "Output 0 of TestFunction is a view and is being modified inplace.");
  g_assert_true (backward_of_sum (view, &error));
  assert_values (gten_tensor_get_grad (x), 6, 6, 6, 6);
}

static void
test_non_differentiable (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = apply (NOT_DIFFERENTIABLE, x, &error);

  g_assert_no_error (error);
  g_assert_false (gten_tensor_get_requires_grad (y));
}

static void
test_nested (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = apply (NESTED, x, &error);

  g_assert_true (backward_of_sum (y, &error));
  g_assert_no_error (error);
  assert_values (gten_tensor_get_grad (x), 2, 4, 6, 8);
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) too_many = apply (TOO_MANY, x, &error);
  g_autoptr (GtenTensor) wrong = apply (WRONG_SHAPE, x, &error);
  g_autoptr (TestFunction) function = function_new (SQUARE);
  g_autoptr (GPtrArray) outputs = gten_function_apply (GTEN_FUNCTION (function), &x, 1, &error);

  g_assert_no_error (error);
  g_assert_false (backward_of_sum (too_many, &error));
  assert_fails (error, "function TestFunctionBackward returned an incorrect number of gradients (expected 1, got 2)");
  g_assert_false (backward_of_sum (wrong, &error));
  assert_fails (error, "Function TestFunctionBackward returned an invalid gradient at index 0 - got [3] but expected "
                       "shape compatible with [2, 2]");
  g_assert_null (apply (FAILING, x, &error));
  assert_fails (error, "forward does not want to");
  g_assert_null (gten_function_apply (GTEN_FUNCTION (function), &x, 1, &error));
  assert_fails (error, "TestFunction was applied before");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/function/square", test_square);
  g_test_add_func ("/function/saved-result", test_saved_result);
  g_test_add_func ("/function/double", test_double);
  g_test_add_func ("/function/materialize", test_materialize);
  g_test_add_func ("/function/dirty", test_dirty);
  g_test_add_func ("/function/views", test_views);
  g_test_add_func ("/function/non-differentiable", test_non_differentiable);
  g_test_add_func ("/function/nested", test_nested);
  g_test_add_func ("/function/errors", test_errors);
  return g_test_run ();
}
