/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The autograd side of a tensor: leaves, hooks, views and changes in place. */
#include "autograd-test.h"

#include <string.h>

/* -- leaves -------------------------------------------------------------------------------------- */

static void
test_requires_grad (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = tensor (VALUES (1, 2), GTEN_SIZES (2));
  g_autoptr (GtenTensor) y = NULL;
  g_autoptr (GtenTensor) integers = gten_tensor_new_from_integers ((const gint64[]) { 1 }, 1, GTEN_DTYPE_INT64, GTEN_SIZES (1), &error);

  g_assert_false (gten_tensor_get_requires_grad (x));
  g_assert_true (gten_tensor_is_leaf (x));
  g_assert_true (gten_tensor_requires_grad_ (x, TRUE, &error) == x);
  g_assert_true (gten_tensor_get_requires_grad (x));
  g_assert_true (gten_tensor_is_leaf (x));
  g_assert_null (gten_tensor_get_grad_fn (x));

  y = gten_tensor_mul_scalar (x, 2, &error);
  g_assert_true (gten_tensor_get_requires_grad (y));
  g_assert_false (gten_tensor_is_leaf (y));
  g_assert_null (gten_tensor_requires_grad_ (y, FALSE, &error));
  assert_fails (error, "you can only change requires_grad flags of leaf variables.");
  g_assert_null (gten_tensor_requires_grad_ (integers, TRUE, &error));
  assert_fails (error, "only Tensors of floating point and complex dtype can require gradients");
}

static void
test_no_grad (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = NULL, detached = NULL;

  g_assert_true (gten_is_grad_enabled ());
  g_assert_true (gten_set_grad_enabled (FALSE));
  y = gten_tensor_mul (x, x, &error);
  g_assert_false (gten_set_grad_enabled (TRUE));
  g_assert_false (gten_tensor_get_requires_grad (y));

  detached = gten_tensor_detach (x, &error);
  g_assert_false (gten_tensor_get_requires_grad (detached));
  g_assert_cmpuint (gten_tensor_data_ptr (detached), ==, gten_tensor_data_ptr (x));

  g_set_object (&y, NULL);
  y = gten_tensor_mul (x, x, &error);
  g_assert_true (gten_tensor_detach_ (y, &error) == y);
  g_assert_true (gten_tensor_is_leaf (y));
  g_assert_false (gten_tensor_get_requires_grad (y));
}

static void
test_set_grad (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) three = tensor (VALUES (1, 1, 1), GTEN_SIZES (3));
  g_autoptr (GtenTensor) good = tensor (VALUES (1, 1, 1, 1), GTEN_SIZES (2, 2));
  g_autoptr (GtenTensor) integers
    = gten_tensor_new_from_integers ((const gint64[]) { 1, 1, 1, 1 }, 4, GTEN_DTYPE_INT64,
                                     GTEN_SIZES (2, 2), &error);

  g_assert_false (gten_tensor_set_grad (x, three, &error));
  assert_fails (error,
                "attempting to assign a gradient of size '[3]' to a tensor of size '[2, 2]'");
  g_assert_false (gten_tensor_set_grad (x, x, &error));
  assert_fails (error, "can't assign Variable as its own grad");
  g_assert_false (gten_tensor_set_grad (x, integers, &error));
  assert_fails (error, "attempting to assign a gradient with dtype");
  g_assert_true (gten_tensor_set_grad (x, good, &error));
  g_assert_true (gten_tensor_get_grad (x) == good);

  g_autoptr (GtenTensor) sum = gten_tensor_sum (x, &error);
  g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_values (good, 2, 2, 2, 2);
  g_assert_true (gten_tensor_set_grad (x, NULL, &error));
  g_assert_null (gten_tensor_get_grad (x));
}

static void
test_set_data (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) old = gten_tensor_sum (x, &error);
  g_autoptr (GtenTensor) data = tensor (VALUES (5, 6, 7), GTEN_SIZES (3));

  g_assert_true (gten_tensor_set_data (x, data, &error));
  assert_values (x, 5, 6, 7);
  g_assert_true (gten_tensor_get_requires_grad (x));
  g_autoptr (GtenTensor) y = gten_tensor_mul (x, x, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (y, &error);
  g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_values (gten_tensor_get_grad (x), 10, 12, 14);
}

/* An input's gradient has its shape and dtype, whatever was broadcast or converted. */
static void
test_broadcast (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) row = leaf (VALUES (1, 2), GTEN_SIZES (2));
  g_autoptr (GtenTensor) wide = gten_tensor_new_from_doubles (VALUES (3), 1, GTEN_DTYPE_FLOAT64, GTEN_SIZES (1, 1), &error);

  gten_tensor_set_requires_grad (wide, TRUE);
  g_autoptr (GtenTensor) y = gten_tensor_mul (x, row, &error);
  g_autoptr (GtenTensor) z = gten_tensor_mul (y, wide, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (z, &error);
  g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  g_assert_no_error (error);
  assert_values (gten_tensor_get_grad (x), 3, 6, 3, 6);
  assert_values (gten_tensor_get_grad (row), 12, 18);
  assert_values (gten_tensor_get_grad (wide), 16);
  g_assert_cmpint (gten_tensor_get_dtype (gten_tensor_get_grad (wide)), ==, GTEN_DTYPE_FLOAT64);
  g_assert_cmpint (gten_tensor_get_dtype (gten_tensor_get_grad (x)), ==, GTEN_DTYPE_FLOAT32);
  g_assert_cmpint (gten_tensor_dim (gten_tensor_get_grad (wide)), ==, 2);
}

/* -- hooks --------------------------------------------------------------------------------------- */

static GtenTensor *
times_ten (GtenTensor *grad, gpointer user_data)
{
  *(guint *) user_data += 1;
  return gten_tensor_mul_scalar (grad, 10, NULL);
}

static GtenTensor *
only_look (GtenTensor *grad, gpointer user_data)
{
  *(guint *) user_data += 1;
  return NULL;
}

static GtenTensor *
another_shape (GtenTensor *grad, gpointer user_data)
{
  return tensor (VALUES (1, 2, 3), GTEN_SIZES (3));
}

static void
count_destroyed (gpointer n)
{
  *(guint *) n += 100;
}

static void
test_hooks (void)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = square ();
  guint n_leaf = 0, n_inner = 0, n_look = 0;
  guint64 leaf_id = gten_tensor_add_hook (x, times_ten, &n_leaf, count_destroyed, &error);

  gten_tensor_add_hook (x, only_look, &n_look, NULL, &error);
  for (int i = 0; i < 2; i++)
    {
      GtenTensor *y = gten_tensor_mul_scalar (x, 2, &error);
      gten_tensor_add_hook (y, times_ten, &n_inner, count_destroyed, &error);
      g_assert_true (gten_tensor_retain_grad (y, &error));
      GtenTensor *sum = gten_tensor_sum (y, &error);

      g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
      g_assert_no_error (error);
      assert_values (gten_tensor_get_grad (y), 10, 10, 10, 10);
      g_object_unref (sum);
      g_object_unref (y);
      g_assert_cmpuint (n_inner, ==, 101 * (i + 1));
      if (i == 0)
        {
          g_assert_cmpuint (n_leaf, ==, 1);
          assert_values (gten_tensor_get_grad (x), 200, 200, 200, 200);
          gten_tensor_remove_hook (x, leaf_id);
        }
    }
  g_assert_cmpuint (n_leaf, ==, 101);
  g_assert_cmpuint (n_look, ==, 2);
  assert_values (gten_tensor_get_grad (x), 220, 220, 220, 220);
  g_assert_finalize_object (x);
}

/* The hook stays with the graph though the tensor is gone. */
static void
test_hook_outlives_tensor (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  guint n = 0;
  GtenTensor *y = gten_tensor_mul_scalar (x, 2, &error);

  gten_tensor_add_hook (y, times_ten, &n, NULL, &error);
  gten_tensor_retain_grad (y, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (y, &error);
  g_assert_finalize_object (y);
  g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_values (gten_tensor_get_grad (x), 20, 20, 20, 20);
}

static void
test_hook_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) plain = tensor (VALUES (1), GTEN_SIZES (1));
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) sum = gten_tensor_sum (x, &error);
  guint n = 0;

  g_assert_cmpuint (gten_tensor_add_hook (plain, only_look, &n, count_destroyed, &error), ==, 0);
  assert_fails (error, "cannot register a hook on a tensor that doesn't require gradient");
  g_assert_cmpuint (n, ==, 100);
  g_assert_false (gten_tensor_retain_grad (plain, &error));
  assert_fails (error, "can't retain_grad on Tensor that has requires_grad=False");

  gten_tensor_add_hook (x, another_shape, NULL, NULL, &error);
  g_assert_false (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_fails (error, "hook has changed the size of value");
}

/* -- views and changes in place: each row gives the gradient of x = [[1, 2], [3, 4]] ---------------- */

typedef GtenTensor *(*Program) (GtenTensor *x, GError **error);

#define SELECT(tensor, index) g_autoptr (GtenTensor) v = gten_tensor_select (tensor, 0, index, error)

static GtenTensor *
in_place (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 2, error);
  gten_tensor_mul_scalar_ (b, 3, error);
  return b;
}

static GtenTensor *
in_place_saves_self (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 2, error);
  gten_tensor_mul_ (b, x, error);
  return b;
}

static GtenTensor *
in_place_saves_result (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 2, error);
  gten_tensor_exp_ (b, error);
  return b;
}

static GtenTensor *
whole_view (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 2, error);
  g_autoptr (GtenTensor) v = gten_tensor_view (b, GTEN_SIZES (4), error);
  gten_tensor_mul_scalar_ (v, 3, error);
  return b;
}

static GtenTensor *
row (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 2, error);
  SELECT (b, 0);
  gten_tensor_mul_scalar_ (v, 3, error);
  return b;
}

static GtenTensor *
row_by_itself (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 2, error);
  SELECT (b, 0);
  g_autoptr (GtenTensor) copy = gten_tensor_clone (v, error);
  gten_tensor_mul_ (v, copy, error);
  return b;
}

static GtenTensor *
view_after_base (GtenTensor *x, GError **error)
{
  g_autoptr (GtenTensor) b = gten_tensor_mul_scalar (x, 2, error);
  GtenTensor *v = gten_tensor_view (b, GTEN_SIZES (4), error);
  gten_tensor_mul_scalar_ (b, 3, error);
  return v;
}

static GtenTensor *
view_after_base_unrecorded (GtenTensor *x, GError **error)
{
  g_autoptr (GtenTensor) b = gten_tensor_mul_scalar (x, 2, error);
  GtenTensor *v = gten_tensor_view (b, GTEN_SIZES (4), error);
  gten_set_grad_enabled (FALSE);
  gten_tensor_mul_scalar_ (b, 3, error);
  gten_set_grad_enabled (TRUE);
  return v;
}

static GtenTensor *
column_of_transpose (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 2, error);
  g_autoptr (GtenTensor) t = gten_tensor_t (b, error);
  SELECT (t, 1);
  gten_tensor_exp_ (v, error);
  return b;
}

static GtenTensor *
copy_into_plain (GtenTensor *x, GError **error)
{
  g_autoptr (GtenTensor) b = tensor (VALUES (0, 0, 0, 0), GTEN_SIZES (2, 2));
  g_autoptr (GtenTensor) from = gten_tensor_select (x, 0, 1, error);
  SELECT (b, 0);
  gten_tensor_copy_ (v, from, error);
  return gten_tensor_mul (b, b, error);
}

static GtenTensor *
zero_row (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 2, error);
  SELECT (b, 0);
  gten_tensor_zero_ (v, error);
  return b;
}

static GtenTensor *
view_twice (GtenTensor *x, GError **error)
{
  g_autoptr (GtenTensor) b = gten_tensor_mul_scalar (x, 1, error);
  g_autoptr (GtenTensor) v = gten_tensor_view (b, GTEN_SIZES (4), error);
  gten_tensor_mul_scalar_ (v, 2, error);
  gten_tensor_mul_scalar_ (v, 3, error);
  return gten_tensor_mul (v, v, error);
}

static GtenTensor *
view_of_view (GtenTensor *x, GError **error)
{
  g_autoptr (GtenTensor) b = gten_tensor_mul_scalar (x, 2, error);
  GtenTensor *v = gten_tensor_select (b, 0, 1, error);
  g_autoptr (GtenTensor) w = gten_tensor_select (v, 0, 0, error);
  gten_tensor_mul_scalar_ (w, 10, error);
  return v;
}

static GtenTensor *
graph_kept_over_changes (GtenTensor *x, GError **error)
{
  g_autoptr (GtenTensor) b = gten_tensor_mul_scalar (x, 2, error);
  g_autoptr (GtenTensor) v = gten_tensor_view (b, GTEN_SIZES (4), error);
  gten_tensor_mul_scalar_ (b, 3, error);
  GtenTensor *before = gten_tensor_mul_scalar (v, 1, error);
  gten_tensor_mul_scalar_ (b, 5, error);
  return before;
}

static GtenTensor *
row_times_column (GtenTensor *x, GError **error)
{
  GtenTensor *b = gten_tensor_mul_scalar (x, 1, error);
  g_autoptr (GtenTensor) column = gten_tensor_select (x, 1, 0, error);
  SELECT (b, 0);
  gten_tensor_mul_ (v, column, error);
  return b;
}

static const struct
{
  const char *name;
  Program     program;
  double      grad[4];
} programs[] = {
  { "in-place", in_place, { 6, 6, 6, 6 } },
  { "in-place-saves-self", in_place_saves_self, { 4, 8, 12, 16 } },
  { "in-place-saves-result", in_place_saves_result, { 14.7781, 109.1963, 806.8576, 5961.9160 } },
  { "whole-view", whole_view, { 6, 6, 6, 6 } },
  { "row", row, { 6, 6, 2, 2 } },
  { "row-by-itself", row_by_itself, { 8, 16, 2, 2 } },
  { "view-after-base", view_after_base, { 6, 6, 6, 6 } },
  { "view-after-base-unrecorded", view_after_base_unrecorded, { 2, 2, 2, 2 } },
  { "column-of-transpose", column_of_transpose, { 2, 109.1963, 2, 5961.9160 } },
  { "copy-into-plain", copy_into_plain, { 0, 0, 6, 8 } },
  { "zero-row", zero_row, { 0, 0, 2, 2 } },
  { "view-twice", view_twice, { 72, 144, 216, 288 } },
  { "view-of-view", view_of_view, { 0, 0, 20, 2 } },
  { "graph-kept-over-changes", graph_kept_over_changes, { 6, 6, 6, 6 } },
  { "row-times-column", row_times_column, { 2, 3, 3, 1 } },
};

static void
test_program (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  const double *grad = programs[i].grad;
  GError *error = NULL;
  GtenTensor *x = square ();
  GtenTensor *result = programs[i].program (x, &error);
  GtenTensor *sum = gten_tensor_sum (result, &error);

  g_assert_no_error (error);
  g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  g_assert_no_error (error);
  assert_values (gten_tensor_get_grad (x), grad[0], grad[1], grad[2], grad[3]);
  g_object_unref (sum);
  g_object_unref (result);
  g_assert_finalize_object (x);
}

static void
test_double_through_view (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) b = gten_tensor_mul_scalar (x, 1, &error);
  g_autoptr (GtenTensor) from = gten_tensor_select (x, 0, 0, &error);
  g_autoptr (GtenTensor) v = gten_tensor_select (b, 0, 0, &error);

  gten_tensor_mul_ (v, from, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (b, &error);
  g_autoptr (GPtrArray) first = gten_autograd_grad (&sum, 1, &x, 1, NULL, 0,
                                                    GTEN_BACKWARD_CREATE_GRAPH, &error);
  g_assert_no_error (error);
  assert_values (g_ptr_array_index (first, 0), 2, 4, 1, 1);
  g_autoptr (GtenTensor) sum2 = gten_tensor_sum (g_ptr_array_index (first, 0), &error);
  g_autoptr (GPtrArray) second = gten_autograd_grad (&sum2, 1, &x, 1, NULL, 0,
                                                     GTEN_BACKWARD_DEFAULT, &error);
  g_assert_no_error (error);
  assert_values (g_ptr_array_index (second, 0), 2, 2, 0, 0);
}

static void
test_names_after_changes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) b = gten_tensor_mul_scalar (x, 2, &error);
  g_autoptr (GtenTensor) v = gten_tensor_view (b, GTEN_SIZES (4), &error);
  g_autoptr (GtenTensor) plain = tensor (VALUES (0, 0), GTEN_SIZES (2));
  g_autoptr (GtenTensor) element = gten_tensor_select (plain, 0, 0, &error);
  g_autoptr (GtenTensor) w = leaf (VALUES (2), NULL, 0);

  g_assert_cmpstr (gten_node_get_name (gten_tensor_get_grad_fn (v)), ==, "ViewBackward0");
  gten_tensor_mul_scalar_ (v, 3, &error);
  g_assert_cmpstr (gten_node_get_name (gten_tensor_get_grad_fn (b)), ==, "CopySlices");
  g_assert_cmpstr (gten_node_get_name (gten_tensor_get_grad_fn (v)), ==, "AsStridedBackward0");
  gten_tensor_mul_scalar_ (b, 3, &error);
  g_assert_cmpstr (gten_node_get_name (gten_tensor_get_grad_fn (b)), ==, "MulBackward0");
  g_assert_cmpstr (gten_node_get_name (gten_tensor_get_grad_fn (v)), ==, "AsStridedBackward0");

  gten_tensor_add_ (element, w, &error);
  g_assert_no_error (error);
  g_assert_true (gten_tensor_get_requires_grad (plain));
  g_assert_cmpstr (gten_node_get_name (gten_tensor_get_grad_fn (plain)), ==, "CopySlices");
}

/* A retained gradient is that of the tensor as it is after the change. */
static void
test_retain_then_in_place (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) y = gten_tensor_mul_scalar (x, 2, &error);

  gten_tensor_retain_grad (y, &error);
  gten_tensor_mul_scalar_ (y, 3, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (y, &error);
  g_assert_true (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_values (gten_tensor_get_grad (y), 1, 1, 1, 1);
  assert_values (gten_tensor_get_grad (x), 6, 6, 6, 6);
}

static void
test_in_place_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) view = gten_tensor_view (x, GTEN_SIZES (4), &error);
  g_autoptr (GtenTensor) y = gten_tensor_mul_scalar (x, 2, &error);
  g_autoptr (GPtrArray) rows = gten_tensor_unbind (y, &error);
  g_autoptr (GtenTensor) out = tensor (VALUES (0, 0, 0, 0), GTEN_SIZES (2, 2));
  g_autoptr (GtenTensor) e = gten_tensor_exp (x, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (e, &error);
  g_autoptr (GtenTensor) unrecorded = NULL;

  g_assert_no_error (error);
  g_assert_null (gten_tensor_add_scalar_ (x, 1, &error));
  assert_fails (error,
                "a leaf Variable that requires grad is being used in an in-place operation.");
  g_assert_null (gten_tensor_add_scalar_ (view, 1, &error));
  assert_fails (error, "a view of a leaf Variable that requires grad is being used in an in-place operation.");
  g_assert_null (gten_tensor_add_scalar_ (g_ptr_array_index (rows, 0), 1, &error));
  assert_fails (error, "Output 0 of Unbind is a view and is being modified inplace. This view is the output of a "
                       "function that returns multiple views.");
  gten_set_grad_enabled (FALSE);
  unrecorded = gten_tensor_view (y, GTEN_SIZES (4), &error);
  gten_set_grad_enabled (TRUE);
  g_assert_null (gten_tensor_mul_ (unrecorded, view, &error));
  assert_fails (error, "A view was created in no_grad mode and is being modified inplace with grad mode enabled.");
  g_assert_null (gten_tensor_mul_scalar_out (x, 2, out, &error));
  assert_fails (error, "functions with out=... arguments don't support automatic differentiation, but one of the "
                       "arguments requires grad.");
  gten_tensor_add_scalar_ (e, 1, &error);
  g_assert_false (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_fails (error, "one of the variables needed for gradient computation has been modified by an inplace operation: "
                       "[FloatTensor [2, 2]], which is output 0 of Exp, is at version 1; expected version 0 instead.");
  g_assert_null (gten_tensor_detach_ (view, &error));
  assert_fails (error, "Can't detach views in-place.");
}

static void
test_saved_modified (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = square ();
  g_autoptr (GtenTensor) factor = tensor (VALUES (1, 1, 1, 1), GTEN_SIZES (2, 2));
  g_autoptr (GtenTensor) y = gten_tensor_mul (x, factor, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (y, &error);

  gten_tensor_add_scalar_ (factor, 1, &error);
  g_assert_false (gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error));
  assert_fails (error, "[FloatTensor [2, 2]] is at version 1; expected version 0 instead.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/autograd/requires-grad", test_requires_grad);
  g_test_add_func ("/autograd/no-grad", test_no_grad);
  g_test_add_func ("/autograd/set-grad", test_set_grad);
  g_test_add_func ("/autograd/set-data", test_set_data);
  g_test_add_func ("/autograd/broadcast", test_broadcast);
  g_test_add_func ("/autograd/hooks", test_hooks);
  g_test_add_func ("/autograd/hook-outlives-tensor", test_hook_outlives_tensor);
  g_test_add_func ("/autograd/hook-errors", test_hook_errors);
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_strconcat ("/autograd/in-place/", programs[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_program);
    }
  g_test_add_func ("/autograd/double-through-view", test_double_through_view);
  g_test_add_func ("/autograd/names-after-changes", test_names_after_changes);
  g_test_add_func ("/autograd/retain-then-in-place", test_retain_then_in_place);
  g_test_add_func ("/autograd/in-place-errors", test_in_place_errors);
  g_test_add_func ("/autograd/saved-modified", test_saved_modified);
  return g_test_run ();
}
