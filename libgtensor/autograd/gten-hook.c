/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hooks on gradients. The tensor lists its hooks, to find them by id. For a leaf they run from that
 * list; for any other tensor the node that made it lists them too, since the tensor may be gone
 * when its gradient arrives. */

#include "autograd/gten-node-private.h"

static guint64 last_id;

static void
hook_clear (gpointer data)
{
  GtenHook *hook = data;

  if (hook->destroy != NULL)
    hook->destroy (hook->user_data);
  g_weak_ref_clear (&hook->tensor);
}

void
gten_hook_unref (gpointer hook)
{
  g_atomic_rc_box_release_full (hook, hook_clear);
}

void
gten_hook_list_add (GPtrArray **list, guint8 *lock, GtenHook *hook)
{
  GPtrArray *longer = g_ptr_array_new_with_free_func (gten_hook_unref);

  gten_spin_lock (lock);
  GPtrArray *old = *list;
  for (guint i = 0; old != NULL && i < old->len; i++)
    g_ptr_array_add (longer, g_atomic_rc_box_acquire (g_ptr_array_index (old, i)));
  g_ptr_array_add (longer, g_atomic_rc_box_acquire (hook));
  __atomic_store_n (list, longer, __ATOMIC_RELAXED);
  gten_spin_unlock (lock);
  g_clear_pointer (&old, g_ptr_array_unref);
}

GPtrArray *
gten_hook_list_get (GPtrArray **list, guint8 *lock)
{
  gten_spin_lock (lock);
  GPtrArray *result = *list != NULL ? g_ptr_array_ref (*list) : NULL;
  gten_spin_unlock (lock);
  return result;
}

void
gten_hook_list_remove (GPtrArray **list, guint8 *lock, GtenHook *hook)
{
  GPtrArray *shorter = g_ptr_array_new_with_free_func (gten_hook_unref);

  gten_spin_lock (lock);
  GPtrArray *old = *list;
  for (guint i = 0; old != NULL && i < old->len; i++)
    if (g_ptr_array_index (old, i) != hook)
      g_ptr_array_add (shorter, g_atomic_rc_box_acquire (g_ptr_array_index (old, i)));
  __atomic_store_n (list, shorter, __ATOMIC_RELAXED);
  gten_spin_unlock (lock);
  g_clear_pointer (&old, g_ptr_array_unref);
}

GtenHook *
gten_hook_new (gpointer user_data, GDestroyNotify destroy)
{
  GtenHook *hook = g_atomic_rc_box_new0 (GtenHook);

  hook->id = __atomic_add_fetch (&last_id, 1, __ATOMIC_RELAXED);
  hook->user_data = user_data;
  hook->destroy = destroy;
  g_weak_ref_init (&hook->tensor, NULL);
  return hook;
}

static GtenHook *
hook_new (GtenTensor *self, GtenGradHook callback, gpointer user_data, GDestroyNotify destroy)
{
  GtenHook *hook = gten_hook_new (user_data, destroy);
  guint output_nr = 0;
  g_autoptr (GtenNode) node = gten_tensor_gradient_edge (self, &output_nr);

  hook->output_nr = output_nr;
  hook->callback = callback;
  g_weak_ref_set (&hook->tensor, callback == NULL ? self : NULL);

  gten_hook_list_add (&self->autograd->hooks, &self->autograd->lock, hook);
  if (self->autograd->grad_fn != NULL)
    {
      GtenNodePrivate *priv = gten_node_private (node);
      gten_hook_list_add (&priv->hooks, &priv->lock, hook);
    }
  return hook;
}

gboolean
gten_hooks_run (GtenNode *node, guint output_nr, GtenTensor **grad, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (node);
  GtenTensor *variable = priv->accumulates ? gten_accumulate_get_variable (node) : NULL;
  GPtrArray **list = &priv->hooks;

  if (variable != NULL && variable->autograd == NULL)
    return TRUE; /* a leaf that was disposed of */
  if (variable != NULL)
    list = &variable->autograd->hooks;
  if (__atomic_load_n (list, __ATOMIC_RELAXED) == NULL)
    return TRUE;

  g_autoptr (GPtrArray) hooks
      = gten_hook_list_get (list, variable != NULL ? &variable->autograd->lock : &priv->lock);

  for (guint i = 0; i < hooks->len; i++)
    {
      GtenHook *hook = g_ptr_array_index (hooks, i);
      GtenTensor *replaced;

      if (hook->output_nr != output_nr || hook->callback == NULL
          || g_atomic_int_get (&hook->removed))
        continue;
      replaced = hook->callback (*grad, hook->user_data);
      if (replaced == NULL)
        continue;
      g_object_unref (*grad);
      *grad = replaced;
      if (!gten_gradient_fit (grad, &priv->outputs[output_nr], NULL))
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                       "hook has changed the size of value");
          return FALSE;
        }
    }

  /* What is retained is what the hooks made of it. */
  for (guint i = 0; i < hooks->len; i++)
    {
      GtenHook *hook = g_ptr_array_index (hooks, i);
      g_autoptr (GtenTensor) tensor = NULL;

      if (hook->output_nr != output_nr || hook->callback != NULL
          || g_atomic_int_get (&hook->removed))
        continue;
      tensor = g_weak_ref_get (&hook->tensor);
      if (tensor != NULL && !gten_accumulate (tensor, g_object_ref (*grad), error))
        return FALSE;
    }
  return TRUE;
}

void
gten_hooks_move_retained (GtenTensor *self)
{
  GtenAutograd *autograd = self->autograd;
  GtenNodePrivate *priv = gten_node_private (autograd->grad_fn);
  g_autoptr (GPtrArray) hooks = autograd->hooks != NULL ? g_ptr_array_ref (autograd->hooks) : NULL;

  for (guint i = 0; autograd->retains_grad && hooks != NULL && i < hooks->len; i++)
    {
      GtenHook *old = g_ptr_array_index (hooks, i);

      if (old->callback != NULL)
        continue;
      GtenHook *hook = g_atomic_rc_box_new0 (GtenHook);
      hook->id = old->id;
      hook->output_nr = autograd->output_nr;
      g_weak_ref_init (&hook->tensor, self);
      gten_hook_list_add (&priv->hooks, &priv->lock, hook);
      g_atomic_int_set (&old->removed, TRUE);
      g_ptr_array_index (autograd->hooks, i) = hook;
      gten_hook_unref (old);
      return;
    }
}

/**
 * gten_tensor_add_hook:
 * @self: a tensor that requires a gradient
 * @hook: (scope notified) (closure user_data) (destroy destroy): called with the gradient
 * @user_data: data for @hook
 * @destroy: frees @user_data
 * @error: return location for an error
 *
 * Has a function called each time that the gradient of the tensor has been computed, before it is
 * accumulated or passed on. What the function returns takes the place of the gradient. Raises
 * %GTEN_ERROR_AUTOGRAD if the tensor requires none.
 *
 * Returns: an id for [method@Tensor.remove_hook], 0 on error
 */
guint64
gten_tensor_add_hook (GtenTensor *self, GtenGradHook hook, gpointer user_data,
                      GDestroyNotify destroy, GError **error)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);
  g_return_val_if_fail (hook != NULL, 0);

  if (!gten_tensor_needs_grad (self))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "cannot register a hook on a tensor that doesn't require gradient");
      if (destroy != NULL)
        destroy (user_data);
      return 0;
    }

  GtenHook *made = hook_new (self, hook, user_data, destroy);
  guint64 id = made->id;

  gten_hook_unref (made);
  return id;
}

/**
 * gten_tensor_remove_hook:
 * @self: a tensor
 * @id: an id from [method@Tensor.add_hook]
 *
 * Removes a hook. An unknown id is ignored.
 */
void
gten_tensor_remove_hook (GtenTensor *self, guint64 id)
{
  g_return_if_fail (GTEN_IS_TENSOR (self));

  if (self->autograd == NULL || self->autograd->hooks == NULL)
    return;

  g_autoptr (GPtrArray) hooks = gten_hook_list_get (&self->autograd->hooks, &self->autograd->lock);

  for (guint i = 0; i < hooks->len; i++)
    {
      GtenHook *hook = g_ptr_array_index (hooks, i);

      if (hook->id != id)
        continue;
      g_atomic_int_set (&hook->removed, TRUE);
      gten_hook_list_remove (&self->autograd->hooks, &self->autograd->lock, hook);
      if (self->autograd->grad_fn != NULL)
        {
          GtenNodePrivate *priv = gten_node_private (self->autograd->grad_fn);
          gten_hook_list_remove (&priv->hooks, &priv->lock, hook);
        }
      return;
    }
}

/**
 * gten_tensor_retain_grad:
 * @self: a tensor that requires a gradient
 * @error: return location for an error
 *
 * Has backward passes keep the gradient of a tensor that is no leaf in its `grad`. Does nothing for
 * a leaf. Raises %GTEN_ERROR_AUTOGRAD if the tensor requires none.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_tensor_retain_grad (GtenTensor *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);

  if (!gten_tensor_needs_grad (self))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "can't retain_grad on Tensor that has requires_grad=False");
      return FALSE;
    }
  if (self->autograd->retains_grad || gten_tensor_is_leaf (self))
    return TRUE;

  gten_hook_unref (hook_new (self, NULL, NULL, NULL));
  self->autograd->retains_grad = TRUE;
  return TRUE;
}
