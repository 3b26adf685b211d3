/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Those who watch a pass: whoever connected to its signals or to those of its nodes, and the one observer of the process. */

#include "autograd/gten-engine-private.h"

#include "autograd/gten-observer-private.h"

const GtenObserver *gten_observer;
static const GtenObserver *last_observer;   /* is told of the end of what it saw begin, though nobody watches now */

void
gten_observer_set (const GtenObserver *observer)
{
  if (observer != NULL)
    __atomic_store_n (&last_observer, observer, __ATOMIC_RELEASE);
  __atomic_store_n (&gten_observer, observer, __ATOMIC_RELEASE);
}

static const GtenObserver *
get_observer (void)
{
  return __atomic_load_n (&gten_observer, __ATOMIC_ACQUIRE);
}

/* Only for who watches: a pass needs no more of its roots than their edges. */
void
gten_backward_watch_roots (GtenBackward *self, GtenTensor **roots)
{
  if (get_observer () == NULL)
    return;
  self->watched_roots = g_ptr_array_new_full (self->n_roots, gten_unref_later);
  for (gsize i = 0; i < self->n_roots; i++)
    g_ptr_array_add (self->watched_roots, g_object_ref (roots[i]));
}

GtenTensor *
gten_backward_get_root (GtenBackward *self, GtenNode *node, guint output_nr)
{
  for (gsize i = 0; self->watched_roots != NULL && i < self->n_roots; i++)
    if (self->roots[i].node == node && self->roots[i].output_nr == output_nr)
      return g_ptr_array_index (self->watched_roots, i);
  return NULL;
}

gboolean
gten_backward_replace_gradient (GtenBackward *self, GtenNode *node, guint output_nr, GtenTensor *grad, GError **error)
{
  GtenTask *task = gten_backward_find (self, node);
  GtenTensor **grads = task != NULL ? gten_task_grads (task) : NULL;

  if (task != NULL && !task->done && grads != NULL && output_nr < gten_node_private (node)->n_outputs
      && grads[output_nr] != NULL)
    return g_set_object (&grads[output_nr], grad), TRUE;
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "No gradient waits for %s", gten_node_get_name (node));
  return FALSE;
}

static gboolean
heard (GtenBackward *self, int signal)
{
  return self->visible && g_signal_has_handler_pending (self, gten_backward_signals[signal], 0, FALSE);
}

void
gten_backward_notify_contribution (GtenBackward *self, GtenNode *from, GtenNode *to, guint output_nr, GtenTensor *grad)
{
  const GtenObserver *observer = self->observed ? get_observer () : NULL;

  if (observer != NULL && observer->contribution != NULL)
    observer->contribution (self, from, to, output_nr, grad);
  if (heard (self, GTEN_BACKWARD_CONTRIBUTION))
    g_signal_emit (self, gten_backward_signals[GTEN_BACKWARD_CONTRIBUTION], 0, from, to, output_nr, grad);
}

void
gten_backward_begin_node (GtenBackward *self, GtenNode *node)
{
  const GtenObserver *observer = get_observer ();

  if (observer != NULL)
    {
      if (!self->observed)
        {
          self->observed = self->visible = TRUE;
          if (observer->begin != NULL)
            observer->begin (self);
        }
      if (observer->before_node != NULL)
        observer->before_node (self, node);
    }
  if (g_signal_has_handler_pending (node, gten_node_signals[GTEN_NODE_ABOUT_TO_RUN], 0, FALSE))
    g_signal_emit (node, gten_node_signals[GTEN_NODE_ABOUT_TO_RUN], 0);
}

void
gten_backward_end (GtenBackward *self)
{
  const GtenObserver *observer = self->observed ? __atomic_load_n (&last_observer, __ATOMIC_ACQUIRE) : NULL;

  self->observed = FALSE;
  if (observer != NULL && observer->end != NULL)
    observer->end (self);
}

void
gten_backward_end_node (GtenBackward *self, GtenNode *node)
{
  const GtenObserver *observer = self->observed ? get_observer () : NULL;

  if (g_signal_has_handler_pending (node, gten_node_signals[GTEN_NODE_BACKWARD_DONE], 0, FALSE))
    g_signal_emit (node, gten_node_signals[GTEN_NODE_BACKWARD_DONE], 0);
  if (observer != NULL && observer->after_node != NULL)
    observer->after_node (self, node);
  if (!self->visible)
    return;
  g_object_notify_by_pspec (G_OBJECT (self), gten_backward_properties[GTEN_BACKWARD_PROP_NODE]);
  g_object_notify_by_pspec (G_OBJECT (self), gten_backward_properties[GTEN_BACKWARD_PROP_N_READY]);
  g_object_notify_by_pspec (G_OBJECT (self), gten_backward_properties[GTEN_BACKWARD_PROP_N_DONE]);
  if (heard (self, GTEN_BACKWARD_STEPPED))
    g_signal_emit (self, gten_backward_signals[GTEN_BACKWARD_STEPPED], 0, node);
}

void
gten_backward_notify_finished (GtenBackward *self)
{
  if (self->visible)
    g_object_notify_by_pspec (G_OBJECT (self), gten_backward_properties[GTEN_BACKWARD_PROP_IS_FINISHED]);
  if (heard (self, GTEN_BACKWARD_FINISHED))
    g_signal_emit (self, gten_backward_signals[GTEN_BACKWARD_FINISHED], 0);
  gten_backward_end (self);
}
