/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hooks on a node: before a pass runs it they see, and may replace, the gradients of its outputs,
 * afterwards those of its inputs. */

#include "autograd/gten-node-private.h"

/* The lists, made when first asked for; they stay until the node goes. */
static GtenNodeHooks *
ensure_hooks (GtenNodePrivate *priv)
{
  gten_spin_lock (&priv->lock);
  if (priv->node_hooks == NULL)
    __atomic_store_n (&priv->node_hooks, g_new0 (GtenNodeHooks, 1), __ATOMIC_RELEASE);
  gten_spin_unlock (&priv->lock);
  return priv->node_hooks;
}

void
gten_node_hooks_free (GtenNodeHooks *hooks)
{
  g_clear_pointer (&hooks->before, g_ptr_array_unref);
  g_clear_pointer (&hooks->after, g_ptr_array_unref);
  g_free (hooks);
}

/* -- running ----------------------------------------------------------------------------------- */

/* Puts what a hook returned, if anything, in place of `n` gradients. */
static gboolean
replace (GPtrArray *returned, GtenTensor **grads, guint n, GError **error)
{
  if (returned == NULL)
    return TRUE;

  g_autoptr (GPtrArray) owned = returned;

  /* Bindings make arrays that do not free their elements. */
  g_ptr_array_set_free_func (owned, gten_unref_any);
  if (owned->len == 0) /* bindings that have no NULL for an array */
    return TRUE;
  if (owned->len != n)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   "hook has returned an incorrect number of values (got %u, but expected %u)",
                   owned->len, n);
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    g_set_object (&grads[i], g_ptr_array_index (owned, i));
  return TRUE;
}

GPtrArray *
gten_grads_to_array (GtenTensor **grads, guint n)
{
  GPtrArray *array = g_ptr_array_new_full (n, gten_unref_any);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (array, grads[i] != NULL ? g_object_ref (grads[i]) : NULL);
  return array;
}

gboolean
gten_node_hooks_run_before (GtenNode *node, GtenTensor **grads, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (node);
  g_autoptr (GPtrArray) hooks = gten_hook_list_get (&priv->node_hooks->before, &priv->lock);

  for (guint i = 0; hooks != NULL && i < hooks->len; i++)
    {
      GtenHook *hook = g_ptr_array_index (hooks, i);
      g_autoptr (GPtrArray) grad_outputs = gten_grads_to_array (grads, priv->n_outputs);

      if (g_atomic_int_get (&hook->removed))
        continue;
      if (!replace (hook->prehook (grad_outputs, hook->user_data), grads, priv->n_outputs, error))
        return FALSE;
      for (guint j = 0; j < priv->n_outputs; j++)
        if (grads[j] != NULL && !gten_gradient_fit (&grads[j], &priv->outputs[j], NULL))
          {
            g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                         "hook has changed the size of value");
            return FALSE;
          }
    }
  return TRUE;
}

gboolean
gten_node_hooks_run_after (GtenNode *node, GPtrArray *grad_outputs, GtenTensor **grad_inputs,
                           GError **error)
{
  GtenNodePrivate *priv = gten_node_private (node);
  g_autoptr (GPtrArray) hooks = gten_hook_list_get (&priv->node_hooks->after, &priv->lock);

  for (guint i = 0; hooks != NULL && i < hooks->len; i++)
    {
      GtenHook *hook = g_ptr_array_index (hooks, i);
      g_autoptr (GPtrArray) inputs = gten_grads_to_array (grad_inputs, priv->n_edges);

      if (g_atomic_int_get (&hook->removed))
        continue;
      if (!replace (hook->posthook (inputs, grad_outputs, hook->user_data), grad_inputs,
                    priv->n_edges, error))
        return FALSE;
      for (guint j = 0; j < priv->n_edges; j++)
        if (priv->edges[j].node == NULL)
          g_clear_object (&grad_inputs[j]);
    }
  return TRUE;
}

/* -- public ------------------------------------------------------------------------------------ */

/**
 * gten_node_add_prehook:
 * @self: a node
 * @hook: (scope notified) (closure user_data) (destroy destroy): called with the gradients
 * @user_data: data for @hook
 * @destroy: frees @user_data
 *
 * Has a function called each time that a backward pass is about to run the node, after the hooks
 * on the gradients of its outputs. What the function returns takes the place of these gradients.
 *
 * Returns: an id for [method@Node.remove_hook]
 */
guint64
gten_node_add_prehook (GtenNode *self, GtenNodePrehook hook, gpointer user_data,
                       GDestroyNotify destroy)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), 0);
  g_return_val_if_fail (hook != NULL, 0);

  GtenNodePrivate *priv = gten_node_private (self);
  GtenHook *made = gten_hook_new (user_data, destroy);
  guint64 id = made->id;

  made->prehook = hook;
  gten_hook_list_add (&ensure_hooks (priv)->before, &priv->lock, made);
  gten_hook_unref (made);
  return id;
}

/**
 * gten_node_add_hook:
 * @self: a node
 * @hook: (scope notified) (closure user_data) (destroy destroy): called with the gradients
 * @user_data: data for @hook
 * @destroy: frees @user_data
 *
 * Has a function called each time that a backward pass has run the node, before the gradients of
 * its inputs are passed on. What the function returns takes the place of these gradients.
 *
 * Returns: an id for [method@Node.remove_hook]
 */
guint64
gten_node_add_hook (GtenNode *self, GtenNodeHook hook, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), 0);
  g_return_val_if_fail (hook != NULL, 0);

  GtenNodePrivate *priv = gten_node_private (self);
  GtenHook *made = gten_hook_new (user_data, destroy);
  guint64 id = made->id;

  made->posthook = hook;
  gten_hook_list_add (&ensure_hooks (priv)->after, &priv->lock, made);
  gten_hook_unref (made);
  return id;
}

/**
 * gten_node_remove_hook:
 * @self: a node
 * @id: an id from [method@Node.add_hook] or [method@Node.add_prehook]
 *
 * Removes a hook. An unknown id is ignored.
 */
void
gten_node_remove_hook (GtenNode *self, guint64 id)
{
  g_return_if_fail (GTEN_IS_NODE (self));

  GtenNodePrivate *priv = gten_node_private (self);

  if (priv->node_hooks == NULL)
    return;

  GPtrArray **lists[] = { &priv->node_hooks->before, &priv->node_hooks->after };

  for (guint n = 0; n < G_N_ELEMENTS (lists); n++)
    {
      g_autoptr (GPtrArray) hooks = gten_hook_list_get (lists[n], &priv->lock);

      for (guint i = 0; hooks != NULL && i < hooks->len; i++)
        {
          GtenHook *hook = g_ptr_array_index (hooks, i);

          if (hook->id != id)
            continue;
          g_atomic_int_set (&hook->removed, TRUE);
          gten_hook_list_remove (lists[n], &priv->lock, hook);
          return;
        }
    }
}
