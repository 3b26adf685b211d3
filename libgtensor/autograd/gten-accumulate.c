/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a path ends: the node that adds what arrives to the gradient of a leaf. The node keeps the
 * leaf alive, the leaf finds the node again while a graph holds it. */

#include "autograd/gten-node-private.h"

#include "ops/gten-ops.h"

#define GTEN_TYPE_ACCUMULATE (gten_accumulate_get_type ())
G_DECLARE_FINAL_TYPE (GtenAccumulate, gten_accumulate, GTEN, ACCUMULATE, GtenNode)

struct _GtenAccumulate
{
  GtenNode    parent_instance;
  GtenTensor *variable;
  guint64     memory[12];
};

G_DEFINE_FINAL_TYPE (GtenAccumulate, gten_accumulate, GTEN_TYPE_NODE)

/* Passes in several threads may reach one leaf at once. */
static GMutex locks[16];

static GMutex *
lock_of (GtenTensor *variable)
{
  return &locks[GPOINTER_TO_SIZE (variable) / sizeof (GtenTensor) % G_N_ELEMENTS (locks)];
}

static void
emit_updated (GtenTensor *variable, GtenTensor *grad, gboolean changed)
{
  static gsize known;
  static guint updated_signal, notify_signal;
  static GQuark grad_quark;

  if (g_once_init_enter (&known))
    {
      updated_signal = g_signal_lookup ("grad-updated", GTEN_TYPE_TENSOR);
      notify_signal = g_signal_lookup ("notify", G_TYPE_OBJECT);
      grad_quark = g_quark_from_static_string ("grad");
      g_once_init_leave (&known, 1);
    }
  if (g_signal_has_handler_pending (variable, updated_signal, 0, FALSE))
    g_signal_emit (variable, updated_signal, 0, grad);
  if (changed
      && (g_signal_has_handler_pending (variable, notify_signal, grad_quark, FALSE)
          || g_signal_has_handler_pending (variable, notify_signal, 0, FALSE)))
    g_object_notify (G_OBJECT (variable), "grad");
}

/* A gradient that nobody else sees becomes the leaf's own; any other is copied. */
static GtenTensor *
take_grad (GtenTensor *grad, GError **error)
{
  g_autoptr (GtenTensor) owned = grad;

  if (gten_grad_mode_off && grad->contiguous && gten_has_one_owner (grad))
    {
      g_clear_pointer (&grad->autograd, gten_autograd_free);
      return g_steal_pointer (&owned);
    }
  return gten_tensor_clone (grad, error);
}

gboolean
gten_accumulate (GtenTensor *variable, GtenTensor *grad, GError **error)
{
  GtenAutograd *autograd = gten_autograd_ensure (variable);
  g_autoptr (GtenTensor) sum = NULL;
  GtenTensor *old;

  g_mutex_lock (lock_of (variable));
  old = autograd->grad;
  if (old == NULL)
    sum = take_grad (grad, error);
  else
    {
      g_autoptr (GtenTensor) owned = grad;

      if (!gten_grad_mode_off)
        sum = gten_tensor_add (old, grad, error);
      else if (gten_tensor_add_ (old, grad, error) != NULL)
        sum = g_object_ref (old);
    }
  if (sum == NULL)
    {
      g_mutex_unlock (lock_of (variable));
      return FALSE;
    }
  if (sum != old)
    autograd->grad = g_object_ref (sum);
  g_mutex_unlock (lock_of (variable));

  emit_updated (variable, sum, sum != old);
  if (sum != old)
    g_clear_object (&old);
  return TRUE;
}

static gboolean
run_accumulate (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)
{
  return gten_accumulate (GTEN_ACCUMULATE (node)->variable, g_steal_pointer (&grads[0]), error);
}

GtenNode *
gten_accumulate_new (GtenTensor *variable)
{
  GtenAccumulate *self = gten_node_new (GTEN_TYPE_ACCUMULATE, GTEN_NODE_LEAVES);
  GtenNode *node = &self->parent_instance;
  GtenNodePrivate *priv = gten_node_private (node);
  gint64 *at = gten_node_open (node, 0, 1, 0, variable->n_dims * sizeof (gint64), self->memory,
                               sizeof self->memory);

  gten_node_number (node);
  priv->name = "AccumulateGrad";
  priv->run = run_accumulate;
  priv->accumulates = TRUE;
  priv->outputs[0] = gten_shape_of (variable, &at);
  self->variable = g_object_ref (variable);
  return node;
}

GtenTensor *
gten_accumulate_get_variable (GtenNode *node)
{
  return GTEN_IS_ACCUMULATE (node) ? GTEN_ACCUMULATE (node)->variable : NULL;
}

/* The last reference is about to go, unless another thread has just found the node through the
 * leaf. */
static void
gten_accumulate_dispose (GObject *object)
{
  GtenAccumulate *self = (GtenAccumulate *) object;
  GtenAutograd *autograd = self->variable != NULL ? self->variable->autograd : NULL;

  if (autograd == NULL)
    {
      G_OBJECT_CLASS (gten_accumulate_parent_class)->dispose (object);
      return;
    }
  gten_spin_lock (&autograd->lock);
  gboolean last = g_atomic_int_get ((int *) &object->ref_count) == 1;
  if (last && autograd->accumulator == &self->parent_instance)
    autograd->accumulator = NULL;
  gten_spin_unlock (&autograd->lock);
  if (!last)
    return;
  gten_unref_later (g_steal_pointer (&self->variable));
  if (!gten_node_revive (&self->parent_instance, GTEN_NODE_LEAVES))
    G_OBJECT_CLASS (gten_accumulate_parent_class)->dispose (object);
}

/* Whoever found the node through the leaf while it was disposed of may have been done with it
 * before that was noticed; or the leaf was disposed of before the node. */
static void
gten_accumulate_finalize (GObject *object)
{
  GtenAccumulate *self = GTEN_ACCUMULATE (object);
  GtenAutograd *autograd = self->variable != NULL ? self->variable->autograd : NULL;

  if (autograd != NULL)
    {
      gten_spin_lock (&autograd->lock);
      if (autograd->accumulator == GTEN_NODE (object))
        autograd->accumulator = NULL;
      gten_spin_unlock (&autograd->lock);
    }
  gten_unref_later (self->variable);
  G_OBJECT_CLASS (gten_accumulate_parent_class)->finalize (object);
}

static void
gten_accumulate_class_init (GtenAccumulateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gten_accumulate_dispose;
  G_OBJECT_CLASS (klass)->finalize = gten_accumulate_finalize;
}

static void
gten_accumulate_init (GtenAccumulate *self)
{
}
