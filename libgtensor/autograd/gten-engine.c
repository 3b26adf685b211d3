/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Running a pass. A step takes the next node of the plan, hands it the gradients of its outputs, and adds what it
 * returns to the gradients of the nodes that its edges lead to. */

#include "autograd/gten-engine-private.h"
#include "ops/gten-ops.h"

#include <string.h>

#define FEW 8

/* What this thread is running, so that a backward function computes only what the pass asks for. */
static __thread struct
{
  GtenBackward *pass;
  GtenNode     *node;
} running __attribute__ ((tls_model ("initial-exec")));

gboolean
gten_node_needs_input (GtenNode *self, guint input)
{
  GtenNode *next = gten_node_private (self)->edges[input].node;

  if (next == NULL || running.node != self || running.pass->captures == NULL)
    return next != NULL;
  return gten_backward_find (running.pass, next)->needed;
}

/* -- contributions ------------------------------------------------------------------------------- */

static gboolean
same_shape (GtenTensor *grad, const GtenShape *shape)
{
  return grad->dtype == shape->dtype && grad->storage->device == shape->device && grad->n_dims == shape->n_dims
         && memcmp (grad->dims, shape->sizes, shape->n_dims * sizeof (gint64)) == 0;
}

/* Undoes broadcasting and conversion, for all nodes alike. */
static gboolean
fit (GtenNode *from, guint input, GtenTensor **grad, const GtenShape *shape, GError **error)
{
  if (same_shape (*grad, shape))
    return TRUE;
  if ((*grad)->storage->device != shape->device && shape->n_dims > 0)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   "Function %s returned an invalid gradient at index %u - expected device %s but got %s",
                   gten_node_get_name (from), input, gten_device_get_name (shape->device),
                   gten_device_get_name ((*grad)->storage->device));
      return FALSE;
    }
  if (gten_gradient_fit (grad, shape, NULL))
    return TRUE;

  g_autofree char *got = gten_shape_to_string ((*grad)->n_dims, gten_sizes (*grad));
  g_autofree char *expected = gten_shape_to_string (shape->n_dims, shape->sizes);

  g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
               "Function %s returned an invalid gradient at index %u - got %s but expected shape compatible with %s",
               gten_node_get_name (from), input, got, expected);
  return FALSE;
}

/* Adds `grad` (transfer full) to *sum, in place where nobody can see it. */
static gboolean
add (GtenTensor **sum, GtenTensor *grad, GError **error)
{
  g_autoptr (GtenTensor) other = grad;

  if (*sum == NULL)
    {
      *sum = g_steal_pointer (&other);
      return TRUE;
    }
  if (gten_grad_mode_off && (*sum)->contiguous && gten_has_one_owner (*sum))
    return gten_tensor_add_ (*sum, other, error) != NULL;

  GtenTensor *both = gten_tensor_add (*sum, other, error);
  if (both == NULL)
    return FALSE;
  g_object_unref (*sum);
  *sum = both;
  return TRUE;
}

gboolean
gten_engine_contribute (GtenBackward *self, GtenNode *from, GtenEdge edge, GtenTensor *grad, GError **error)
{
  g_autoptr (GtenTensor) owned = grad;
  GtenTask *task = gten_backward_find (self, edge.node);

  if (!task->needed)
    return TRUE;
  if (++task->n_arrived == task->n_expected)
    self->n_ready++;
  if (grad == NULL)
    return TRUE;

  guint n_outputs = gten_node_private (edge.node)->n_outputs;
  if (n_outputs != 1 && task->grads == NULL)
    task->grads = g_new0 (GtenTensor *, n_outputs);
  gten_backward_notify_contribution (self, from, edge.node, edge.output_nr, grad);
  return add (&gten_task_grads (task)[edge.output_nr], g_steal_pointer (&owned), error);
}

/* -- anomalies ----------------------------------------------------------------------------------- */

static gboolean
has_nan (GtenTensor *grad)
{
  gboolean enabled = gten_set_grad_enabled (FALSE);
  g_autoptr (GtenTensor) nan = gten_tensor_isnan (grad, NULL);
  g_autoptr (GtenTensor) any = gten_tensor_any (nan, NULL);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean found = any != NULL && gten_tensor_item (any, &value, NULL) && g_value_get_boolean (&value);

  gten_set_grad_enabled (enabled);
  return found;
}

static gboolean
check_anomalies (GtenNode *node, GtenTensor **grad_inputs, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (node);

  for (guint i = 0; i < priv->n_edges; i++)
    {
      const GtenOpInfo *op = gten_op_node_info (node);

      if (grad_inputs[i] == NULL || !has_nan (grad_inputs[i]))
        continue;
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   "Function '%s' returned nan values in its %uth output. Its forward operation %s was recorded at %s.",
                   gten_node_get_name (node), i, op != NULL ? op->name : gten_node_get_name (node),
                   priv->site != NULL ? priv->site : "an unknown place");
      return FALSE;
    }
  return TRUE;
}

/* -- a step -------------------------------------------------------------------------------------- */

static gboolean
run_hooks (GtenTask *task, GtenTensor **grads, guint n_outputs, gboolean *any, GError **error)
{
  for (guint i = 0; grads != NULL && i < n_outputs; i++)
    {
      if (grads[i] == NULL)
        continue;
      *any = TRUE;
      if (!gten_hooks_run (task->node, i, &grads[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
capture (GtenBackward *self, GtenTask *task, GtenTensor **grads, GError **error)
{
  for (gsize i = 0; grads != NULL && i < self->n_captures; i++)
    {
      GtenCapture *input = &self->captures[i];

      if (input->node != task->node || grads[input->output_nr] == NULL)
        continue;
      g_set_object (&input->grad, grads[input->output_nr]);
      if (self->flags & GTEN_BACKWARD_ACCUMULATE_INPUTS
          && !gten_accumulate (input->variable, g_object_ref (input->grad), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_set (gconstpointer grad, gconstpointer unused)
{
  return grad != NULL;
}

/* A node runs on the stream on which its operation ran, after what is on this thread's. Returns the stream to go back to, or
 * NULL. */
static GtenStream *
enter_stream (GtenNode *node)
{
  GtenNodePrivate *priv = gten_node_private (node);
  GtenDevice *device = priv->n_outputs > 0 ? priv->outputs[0].device : NULL;
  GtenStream *current, *own;

  if (device == NULL || device->backend->set_stream == NULL || priv->accumulates)
    return NULL;
  current = gten_stream_get_current (device, NULL);
  own = priv->stream != NULL ? priv->stream : gten_stream_get_default (device, NULL);
  if (own == current || !gten_stream_wait_stream (own, current, NULL))
    return NULL;
  gten_stream_make_current (own);
  return current;
}

static void
leave_stream (GtenStream *outer)
{
  GtenStream *own = gten_stream_get_current (outer->device, NULL);

  gten_stream_wait_stream (outer, own, NULL);
  gten_stream_make_current (outer);
}

static gboolean
run_node (GtenBackward *self, GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (node);
  GtenBackward *outer_pass = running.pass;
  GtenNode *outer_node = running.node;
  GtenTensor *stolen = NULL;
  GtenStream *outer_stream = NULL;
  g_autoptr (GPtrArray) seen = NULL;  /* a node may take what it is given */
  gboolean success;

  if (G_UNLIKELY (__atomic_load_n (&priv->node_hooks, __ATOMIC_ACQUIRE) != NULL))
    {
      if (!gten_node_hooks_run_before (node, grads, error))
        return FALSE;
      seen = gten_grads_to_array (grads, priv->n_outputs);
      if (!g_ptr_array_find_with_equal_func (seen, NULL, is_set, NULL))
        return TRUE;
    }
  if (G_UNLIKELY (priv->stream != NULL || gten_current_streams != NULL))
    outer_stream = enter_stream (node);
  running.pass = self;
  running.node = node;
  if (priv->accumulates && self->keep_bytes > 0)
    {
      /* What is accumulated is taken; what is kept must stay. */
      stolen = g_object_ref (grads[0]);
      success = priv->run (node, &stolen, grad_inputs, error);
    }
  else
    success = priv->run (node, grads, grad_inputs, error);
  running.pass = outer_pass;
  running.node = outer_node;
  if (G_UNLIKELY (outer_stream != NULL))
    leave_stream (outer_stream);
  if (success && seen != NULL)
    success = gten_node_hooks_run_after (node, seen, grad_inputs, error);
  return success && (!gten_is_anomaly_enabled () || check_anomalies (node, grad_inputs, error));
}

static gboolean
pass_on (GtenBackward *self, GtenNode *node, GtenTensor **grad_inputs, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (node);

  for (guint i = 0; i < priv->n_edges; i++)
    {
      GtenEdge edge = priv->edges[i];

      if (edge.node == NULL)
        continue;
      if (grad_inputs[i] != NULL
          && !fit (node, i, &grad_inputs[i], &gten_node_private (edge.node)->outputs[edge.output_nr], error))
        return FALSE;
      if (!gten_engine_contribute (self, node, edge, g_steal_pointer (&grad_inputs[i]), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gten_engine_run_task (GtenBackward *self, GtenTask *task, GError **error)
{
  GtenNode *node = task->node;
  GtenNodePrivate *priv = gten_node_private (node);
  GtenTensor **grads = gten_task_grads (task);
  GtenTensor *few[FEW] = { NULL };
  g_autofree GtenTensor **many = priv->n_edges > FEW ? g_new0 (GtenTensor *, priv->n_edges) : NULL;
  GtenTensor **grad_inputs = many != NULL ? many : few;
  gboolean any = FALSE, success;

  success = run_hooks (task, grads, priv->n_outputs, &any, error)
            && (!task->captured || capture (self, task, grads, error))
            && (!task->runs || !any || run_node (self, node, grads, grad_inputs, error))
            && (!task->runs || pass_on (self, node, grad_inputs, error));

  for (guint i = 0; !success && i < priv->n_edges; i++)
    g_clear_object (&grad_inputs[i]);
  if (success && task->runs && !(self->flags & (GTEN_BACKWARD_RETAIN_GRAPH | GTEN_BACKWARD_CREATE_GRAPH)))
    gten_node_release (node);
  return success;
}
