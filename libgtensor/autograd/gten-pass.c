/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a pass is made from its roots, and how long its gradients stay. */

#include "autograd/gten-engine-private.h"

#include "ops/gten-ops.h"

#include <string.h>

/* -- making a pass ------------------------------------------------------------------------------- */

static GtenTensor *
first_gradient (GtenTensor *root, GtenTensor *gradient, const GtenShape *shape, gsize index, GError **error)
{
  if (gradient == NULL && root->numel != 1)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "grad can be implicitly created only for scalar outputs");
      return NULL;
    }
  if (gradient == NULL)
    return gten_ones (gten_sizes (root), root->n_dims, root->dtype, root->storage->device, error);

  g_autofree char *got = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (GtenTensor) result = g_object_ref (gradient);

  if (gradient->n_dims == root->n_dims && memcmp (gradient->dims, root->dims, root->n_dims * sizeof (gint64)) == 0)
    return gten_gradient_fit (&result, shape, error) ? g_steal_pointer (&result) : NULL;

  got = gten_shape_to_string (gradient->n_dims, gten_sizes (gradient));
  expected = gten_shape_to_string (root->n_dims, gten_sizes (root));
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE,
               "Mismatch in shape: grad_output[%" G_GSIZE_FORMAT "] has a shape of %s and output[%" G_GSIZE_FORMAT
               "] has a shape of %s.",
               index, got, index, expected);
  return NULL;
}

static gboolean
find_roots (GtenBackward *self, GtenTensor **roots, gsize n_roots, GError **error)
{
  self->roots = n_roots <= G_N_ELEMENTS (self->inline_roots) ? self->inline_roots : g_new0 (GtenEdge, n_roots);
  for (; self->n_roots < n_roots; self->n_roots++)
    {
      GtenEdge *edge = &self->roots[self->n_roots];

      edge->node = gten_tensor_gradient_edge (roots[self->n_roots], &edge->output_nr);
      if (edge->node != NULL)
        continue;
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   "element %" G_GSIZE_FORMAT " of tensors does not require grad and does not have a grad_fn",
                   self->n_roots);
      return FALSE;
    }
  return TRUE;
}

static gboolean
find_inputs (GtenBackward *self, GtenTensor **inputs, gsize n_inputs, GError **error)
{
  self->captures = n_inputs > 0 ? g_new0 (GtenCapture, n_inputs) : NULL;
  for (; self->n_captures < n_inputs; self->n_captures++)
    {
      GtenCapture *input = &self->captures[self->n_captures];

      input->node = gten_tensor_gradient_edge (inputs[self->n_captures], &input->output_nr);
      if (input->node == NULL)
        {
          g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                               "One of the differentiated Tensors does not require grad");
          return FALSE;
        }
      input->variable = g_object_ref (inputs[self->n_captures]);
    }
  return TRUE;
}

gboolean
gten_backward_check_used (GtenBackward *self, gboolean finished, GError **error)
{
  for (gsize i = 0; i < self->n_captures && !(self->flags & GTEN_BACKWARD_ALLOW_UNUSED); i++)
    {
      GtenCapture *input = &self->captures[i];

      if (finished ? input->grad != NULL : gten_backward_find (self, input->node) != NULL)
        continue;
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   "The differentiated Tensor at index %" G_GSIZE_FORMAT " appears to not have been used in the graph. "
                   "Set allow_unused=True if this is the desired behavior.",
                   i);
      return FALSE;
    }
  return TRUE;
}

static gboolean
prepare (GtenBackward *self, GtenTensor **roots, gsize n_roots, GtenTensor **gradients, gsize n_gradients,
         GtenTensor **inputs, gsize n_inputs, GError **error)
{
  if (n_gradients != 0 && n_gradients != n_roots)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   "got %" G_GSIZE_FORMAT " tensors and %" G_GSIZE_FORMAT " gradients", n_roots, n_gradients);
      return FALSE;
    }
  if (!find_roots (self, roots, n_roots, error) || !find_inputs (self, inputs, n_inputs, error))
    return FALSE;

  gten_backward_watch_roots (self, roots);
  gten_backward_plan (self);
  if (!gten_backward_check_used (self, FALSE, error))
    return FALSE;

  for (gsize i = 0; i < n_roots; i++)
    {
      GtenEdge edge = self->roots[i];
      GtenTensor *grad = first_gradient (roots[i], n_gradients > 0 ? gradients[i] : NULL,
                                         &gten_node_private (edge.node)->outputs[edge.output_nr], i, error);

      if (grad == NULL || !gten_engine_contribute (self, NULL, edge, grad, error))
        return FALSE;
    }
  return TRUE;
}

GtenBackward *
gten_backward_make (GtenTensor **roots, gsize n_roots, GtenTensor **gradients, gsize n_gradients, GtenTensor **inputs,
                    gsize n_inputs, GtenBackwardFlags flags, GError **error)
{
  g_autoptr (GtenBackward) self
    = (GtenBackward *) g_object_new_with_properties (GTEN_TYPE_BACKWARD, 0, NULL, NULL);
  gboolean enabled = gten_set_grad_enabled ((flags & GTEN_BACKWARD_CREATE_GRAPH) != 0);

  self->flags = flags;
  gboolean success = prepare (self, roots, n_roots, gradients, n_gradients, inputs, n_inputs, error);
  gten_set_grad_enabled (enabled);
  return success ? g_steal_pointer (&self) : NULL;
}

/* -- gradients that stay ------------------------------------------------------------------------- */

static gsize
drop_gradients (GtenTask *task)
{
  GtenTensor **grads = gten_task_grads (task);
  guint n_outputs = gten_node_private (task->node)->n_outputs;
  gsize n_bytes = 0;

  for (guint i = 0; grads != NULL && i < n_outputs; i++)
    {
      if (grads[i] == NULL)
        continue;
      n_bytes += grads[i]->numel * gten_itemsize (grads[i]);
      gten_unref_later (g_steal_pointer (&grads[i]));
    }
  if (n_outputs != 1)
    g_clear_pointer (&task->grads, g_free);
  return n_bytes;
}

void
gten_backward_keep_within_budget (GtenBackward *self)
{
  while (self->kept_bytes > self->keep_bytes && self->oldest_kept < self->position)
    self->kept_bytes -= drop_gradients (gten_backward_task (self, self->oldest_kept++));
  gten_unref_deferred ();
}

void
gten_backward_keep_or_drop (GtenBackward *self, GtenTask *task)
{
  GtenTensor **grads = gten_task_grads (task);

  if (self->keep_bytes == 0)
    {
      drop_gradients (task);
      self->oldest_kept = self->position;
      gten_unref_deferred ();
      return;
    }
  for (guint i = 0; grads != NULL && i < gten_node_private (task->node)->n_outputs; i++)
    if (grads[i] != NULL)
      self->kept_bytes += grads[i]->numel * gten_itemsize (grads[i]);
  gten_backward_keep_within_budget (self);
}
