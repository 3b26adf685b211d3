/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors and nodes are used again after their last reference went: what was attached in one life
 * must neither keep them from dying properly nor show in the next. */
#include <gtensor/gtensor.h>

#define MANY 600                /* more than are kept */

static GtenTensor *
make (void)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *self = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT32, NULL, &error);

  g_assert_no_error (error);
  return gten_tensor_requires_grad_ (self, TRUE, NULL);
}

static void
count_cb (gpointer data)
{
  ++*(int *) data;
}

static void
count_weak_cb (gpointer data, GObject *where)
{
  ++*(int *) data;
}

static void
count_signal_cb (GtenTensor *self, GtenTensor *grad, gpointer data)
{
  ++*(int *) data;
}

static void
run_backward (GtenTensor *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) twice = gten_tensor_mul_scalar (self, 2, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (twice, &error);

  gten_tensor_backward (sum, NULL, GTEN_BACKWARD_DEFAULT, &error);
  g_assert_no_error (error);
}

/* Tensors of a new life behave like new ones. */
static void
check_next_life (void)
{
  GtenTensor *tensors[MANY];

  for (int i = 0; i < MANY; i++)
    {
      int n_updates = 0;

      tensors[i] = make ();
      g_assert_cmpint (G_OBJECT (tensors[i])->ref_count, ==, 1);
      g_assert_null (g_object_get_data (G_OBJECT (tensors[i]), "mark"));
      g_assert_null (gten_tensor_get_grad (tensors[i]));
      g_signal_connect (tensors[i], "grad-updated", G_CALLBACK (count_signal_cb), &n_updates);
      run_backward (tensors[i]);
      g_assert_cmpint (n_updates, ==, 1);
    }
  for (int i = 0; i < MANY; i++)
    g_object_unref (tensors[i]);
}

static void
test_weak_references (void)
{
  int n_notified = 0;

  for (int i = 0; i < MANY; i++)
    {
      GtenTensor *self = make ();
      gpointer pointer = self;
      GWeakRef weak;

      g_weak_ref_init (&weak, self);
      g_object_add_weak_pointer (G_OBJECT (self), &pointer);
      g_object_weak_ref (G_OBJECT (self), count_weak_cb, &n_notified);
      g_object_unref (self);
      g_assert_null (pointer);
      g_assert_null (g_weak_ref_get (&weak));
      g_weak_ref_clear (&weak);
    }
  g_assert_cmpint (n_notified, ==, MANY);
  check_next_life ();
}

static void
test_data (void)
{
  int n_destroyed = 0;

  for (int i = 0; i < MANY; i++)
    {
      GtenTensor *self = make ();

      g_object_set_data_full (G_OBJECT (self), "mark", &n_destroyed, count_cb);
      g_object_unref (self);
    }
  g_assert_cmpint (n_destroyed, ==, MANY);
  check_next_life ();
}

static void
toggle_cb (gpointer data, GObject *object, gboolean is_last)
{
  *(int *) data += is_last;
}

static void
test_toggle_references (void)
{
  int n_last = 0;

  for (int i = 0; i < MANY; i++)
    {
      GtenTensor *self = make ();

      g_object_add_toggle_ref (G_OBJECT (self), toggle_cb, &n_last);
      g_object_unref (self);
      g_object_remove_toggle_ref (G_OBJECT (self), toggle_cb, &n_last);
    }
  g_assert_cmpint (n_last, ==, MANY);
  check_next_life ();
}

/* Who destroys its data brings the tensor back. */
static GtenTensor *saved;

static void
save_closure_cb (gpointer data, GClosure *closure)
{
  saved = g_object_ref (data);
}

static void
save_weak_cb (gpointer data, GObject *where)
{
  saved = g_object_ref (GTEN_TENSOR (where));
}

static void
test_resurrection (void)
{
  for (int i = 0; i < MANY; i++)
    {
      GtenTensor *self = make ();

      if (i % 2 == 0)
        g_signal_connect_data (self, "grad-updated", G_CALLBACK (count_signal_cb), self,
                               save_closure_cb, 0);
      else
        g_object_weak_ref (G_OBJECT (self), save_weak_cb, NULL);
      g_object_unref (self);

      g_assert_true (saved == self);
      g_assert_cmpint (G_OBJECT (saved)->ref_count, ==, 1);
      g_assert_cmpint (gten_tensor_numel (saved), ==, 2);
      g_assert_cmpint (gten_tensor_get_dtype (saved), ==, GTEN_DTYPE_FLOAT32);
      g_autofree char *text = gten_tensor_to_string (saved);
      g_assert_cmpstr (text, ==, "tensor([1., 1.])");
      g_clear_object (&saved);
    }
  check_next_life ();
}

static void
test_dispose_that_is_not_the_last (void)
{
  for (int i = 0; i < MANY; i++)
    {
      g_autoptr (GtenTensor) self = make ();
      g_autoptr (GtenTensor) twice = gten_tensor_mul_scalar (self, 2, NULL);

      g_object_run_dispose (G_OBJECT (gten_tensor_get_grad_fn (twice)));
      g_object_run_dispose (G_OBJECT (self));
      g_object_run_dispose (G_OBJECT (self));
      g_assert_cmpint (gten_tensor_numel (self), ==, 2);
      run_backward (twice);
    }
  check_next_life ();
}

static void
test_notifications_and_bindings (void)
{
  for (int i = 0; i < MANY; i++)
    {
      g_autoptr (GtenTensor) a = make ();
      g_autoptr (GtenTensor) b = make ();

      g_object_bind_property (a, "requires-grad", b, "requires-grad", G_BINDING_DEFAULT);
      gten_tensor_set_requires_grad (a, FALSE);
      g_assert_false (gten_tensor_get_requires_grad (b));
      g_object_freeze_notify (G_OBJECT (a));
      g_object_freeze_notify (G_OBJECT (b));
      g_signal_connect_object (a, "notify::grad", G_CALLBACK (count_signal_cb), b, 0);
    }
  check_next_life ();
}

static void
test_frozen_nodes (void)
{
  for (int i = 0; i < MANY; i++)
    {
      g_autoptr (GtenTensor) self = make ();
      g_autoptr (GtenTensor) twice = gten_tensor_mul_scalar (self, 2, NULL);
      GtenNode *node = gten_tensor_get_grad_fn (twice);

      g_object_freeze_notify (G_OBJECT (node));
      g_object_set_data (G_OBJECT (node), "mark", node);
    }
  for (int i = 0; i < MANY; i++)
    {
      g_autoptr (GtenTensor) self = make ();
      g_autoptr (GtenTensor) twice = gten_tensor_mul_scalar (self, 2, NULL);

      g_assert_null (g_object_get_data (G_OBJECT (gten_tensor_get_grad_fn (twice)), "mark"));
      run_backward (self);
    }
}

/* -- threads ------------------------------------------------------------------------------------------ */

static gpointer
drop_in_thread (gpointer data)
{
  GPtrArray *tensors = data;

  g_ptr_array_set_size (tensors, 0);
  for (int i = 0; i < MANY; i++)
    {
      g_autoptr (GtenTensor) self = make ();
      run_backward (self);
    }
  return NULL;
}

static void
test_other_threads (void)
{
  for (int turn = 0; turn < 8; turn++)
    {
      g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func (g_object_unref);

      for (int i = 0; i < MANY; i++)
        {
          g_autoptr (GtenTensor) self = make ();
          g_ptr_array_add (tensors, gten_tensor_mul_scalar (self, 2, NULL));
        }
      g_thread_join (g_thread_new ("drop", drop_in_thread, tensors));
    }
  check_next_life ();
}

static gpointer
share_leaf (gpointer data)
{
  for (int i = 0; i < 2000; i++)
    run_backward (data);
  return NULL;
}

/* The accumulator of a leaf dies in one thread while another finds it through the leaf. */
static void
test_one_leaf_in_threads (void)
{
  g_autoptr (GtenTensor) leaf = make ();
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("share", share_leaf, leaf);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  g_autofree char *text = gten_tensor_to_string (gten_tensor_get_grad (leaf));
  g_assert_cmpstr (text, ==, "tensor([16000., 16000.])");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/revival/weak-references", test_weak_references);
  g_test_add_func ("/revival/data", test_data);
  g_test_add_func ("/revival/toggle-references", test_toggle_references);
  g_test_add_func ("/revival/resurrection", test_resurrection);
  g_test_add_func ("/revival/dispose", test_dispose_that_is_not_the_last);
  g_test_add_func ("/revival/notifications", test_notifications_and_bindings);
  g_test_add_func ("/revival/nodes", test_frozen_nodes);
  g_test_add_func ("/revival/threads", test_other_threads);
  g_test_add_func ("/revival/one-leaf", test_one_leaf_in_threads);
  return g_test_run ();
}
