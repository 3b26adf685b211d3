/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A backward pass as an object: made from roots, stepped or run to the end, asked how far it has come. */
#include "autograd/gten-engine-private.h"
#include "autograd/gten-observer-private.h"

#include <string.h>

#include "ops/gten-ops.h"

/**
 * GtenBackward:
 *
 * A backward pass: it computes gradients node by node.
 *
 * Making the object finds the nodes and their order; [method@Backward.step] runs the next one, and
 * [method@Backward.run] all that are left. [method@Tensor.backward] is a pass that is run at once, through the same
 * steps. Of the nodes that are ready, the one recorded last runs first, so the order is always the same.
 */
G_DEFINE_FINAL_TYPE (GtenBackward, gten_backward, G_TYPE_OBJECT)

enum { CONTRIBUTION, STEPPED, FINISHED, N_SIGNALS };
enum { PROP_NODE = 1, PROP_N_READY, PROP_N_DONE, PROP_N_NODES, PROP_FINISHED, N_PROPERTIES };

static guint signals[N_SIGNALS];
static GParamSpec *properties[N_PROPERTIES];

const GtenObserver *gten_observer;

void
gten_observer_set (const GtenObserver *observer)
{
  __atomic_store_n (&gten_observer, observer, __ATOMIC_RELEASE);
}

static const GtenObserver *
get_observer (void)
{
  const GtenObserver *observer = __atomic_load_n (&gten_observer, __ATOMIC_RELAXED);

  if (G_UNLIKELY (observer != NULL))
    __atomic_thread_fence (__ATOMIC_ACQUIRE);
  return observer;
}

/* -- those who watch ----------------------------------------------------------------------------- */

static gboolean
heard (GtenBackward *self, int signal)
{
  return self->visible && g_signal_has_handler_pending (self, signals[signal], 0, FALSE);
}

void
gten_backward_notify_contribution (GtenBackward *self, GtenNode *from, GtenNode *to, guint output_nr, GtenTensor *grad)
{
  const GtenObserver *observer = self->observed ? get_observer () : NULL;

  if (observer != NULL && observer->contribution != NULL)
    observer->contribution (self, from, to, output_nr, grad);
  if (heard (self, CONTRIBUTION))
    g_signal_emit (self, signals[CONTRIBUTION], 0, from, to, output_nr, grad);
}

static void
begin_node (GtenBackward *self, GtenNode *node)
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

static void
end_pass (GtenBackward *self)
{
  const GtenObserver *observer = self->observed ? get_observer () : NULL;

  self->observed = FALSE;
  if (observer != NULL && observer->end != NULL)
    observer->end (self);
}

static void
end_node (GtenBackward *self, GtenNode *node)
{
  const GtenObserver *observer = self->observed ? get_observer () : NULL;

  if (g_signal_has_handler_pending (node, gten_node_signals[GTEN_NODE_BACKWARD_DONE], 0, FALSE))
    g_signal_emit (node, gten_node_signals[GTEN_NODE_BACKWARD_DONE], 0);
  if (observer != NULL && observer->after_node != NULL)
    observer->after_node (self, node);
  if (!self->visible)
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NODE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_READY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
  if (heard (self, STEPPED))
    g_signal_emit (self, signals[STEPPED], 0, node);
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

static void
keep_within_budget (GtenBackward *self)
{
  while (self->kept_bytes > self->keep_bytes && self->oldest_kept < self->position)
    self->kept_bytes -= drop_gradients (gten_backward_task (self, self->oldest_kept++));
  gten_unref_deferred ();
}

static void
keep_or_drop (GtenBackward *self, GtenTask *task)
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
  keep_within_budget (self);
}

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

static gboolean
check_used (GtenBackward *self, gboolean finished, GError **error)
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

  gten_backward_plan (self);
  if (!check_used (self, FALSE, error))
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

static GtenBackward *
pass_new (GtenTensor **roots, gsize n_roots, GtenTensor **gradients, gsize n_gradients, GtenTensor **inputs,
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

/* -- object -------------------------------------------------------------------------------------- */

static void
gten_backward_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  GtenBackward *self = GTEN_BACKWARD (object);

  switch (property_id)
    {
    case PROP_NODE:
      g_value_set_object (value, self->last);
      break;
    case PROP_N_READY:
      g_value_set_uint (value, self->n_ready);
      break;
    case PROP_N_DONE:
      g_value_set_uint (value, self->position);
      break;
    case PROP_N_NODES:
      g_value_set_uint (value, self->n_order);
      break;
    case PROP_FINISHED:
      g_value_set_boolean (value, gten_backward_is_finished (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
gten_backward_finalize (GObject *object)
{
  GtenBackward *self = GTEN_BACKWARD (object);

  if (self->tasks != NULL)
    gten_backward_plan_clear (self);
  for (gsize i = 0; i < self->n_roots; i++)
    gten_unref_later (self->roots[i].node);
  if (self->roots != self->inline_roots)
    g_free (self->roots);
  for (gsize i = 0; i < self->n_captures; i++)
    {
      gten_unref_later (self->captures[i].variable);
      gten_unref_later (self->captures[i].node);
      gten_unref_later (self->captures[i].grad);
    }
  g_free (self->captures);
  G_OBJECT_CLASS (gten_backward_parent_class)->finalize (object);
  gten_unref_deferred ();
}

static void
gten_backward_dispose (GObject *object)
{
  end_pass (GTEN_BACKWARD (object));
  G_OBJECT_CLASS (gten_backward_parent_class)->dispose (object);
}

static void
gten_backward_class_init (GtenBackwardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = gten_backward_get_property;
  object_class->dispose = gten_backward_dispose;
  object_class->finalize = gten_backward_finalize;

  /**
   * GtenBackward:node: (getter get_node)
   *
   * The node that ran last.
   */
  properties[PROP_NODE] = g_param_spec_object ("node", NULL, NULL, GTEN_TYPE_NODE, flags);
  /**
   * GtenBackward:n-ready:
   *
   * The number of nodes that could run now.
   */
  properties[PROP_N_READY] = g_param_spec_uint ("n-ready", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * GtenBackward:n-done: (getter get_n_done)
   *
   * The number of nodes that have run.
   */
  properties[PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * GtenBackward:n-nodes: (getter get_n_nodes)
   *
   * The number of nodes that run in the pass.
   */
  properties[PROP_N_NODES] = g_param_spec_uint ("n-nodes", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * GtenBackward:finished: (getter is_finished)
   *
   * Whether all nodes have run.
   */
  properties[PROP_FINISHED] = g_param_spec_boolean ("finished", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * GtenBackward::contribution:
   * @self: the pass
   * @from: (nullable): the node that computed the gradient, or %NULL for one the pass was started with
   * @to: the node that it flows to
   * @output_nr: which output of @to it belongs to
   * @grad: the gradient
   *
   * A gradient arrived at a node; it is about to be added to those that arrived before.
   */
  signals[CONTRIBUTION]
    = g_signal_new ("contribution", GTEN_TYPE_BACKWARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                    GTEN_TYPE_NODE, GTEN_TYPE_NODE, G_TYPE_UINT, GTEN_TYPE_TENSOR);
  /**
   * GtenBackward::stepped:
   * @self: the pass
   * @node: the node
   *
   * A node has run.
   */
  signals[STEPPED] = g_signal_new ("stepped", GTEN_TYPE_BACKWARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                   1, GTEN_TYPE_NODE);
  /**
   * GtenBackward::finished:
   * @self: the pass
   *
   * The last node has run.
   */
  signals[FINISHED]
    = g_signal_new ("finished", GTEN_TYPE_BACKWARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gten_backward_init (GtenBackward *self)
{
}

/* -- public -------------------------------------------------------------------------------------- */

/**
 * gten_backward_new:
 * @root: the tensor to differentiate
 * @gradient: (nullable): the gradient to start with, or %NULL for one, if @root has one element
 * @flags: how to run
 * @error: return location for an error
 *
 * Makes the pass that accumulates the gradient of @root into all leaves that it was computed from. Nothing runs yet.
 *
 * Returns: (transfer full): the pass
 */
GtenBackward *
gten_backward_new (GtenTensor *root, GtenTensor *gradient, GtenBackwardFlags flags, GError **error)
{
  if (root == NULL)
    return NULL;
  return gten_backward_new_full (&root, 1, &gradient, 1, NULL, 0, flags, error);
}

/**
 * gten_backward_new_full:
 * @roots: (array length=n_roots): the tensors to differentiate
 * @n_roots: the number of roots
 * @gradients: (nullable) (array length=n_gradients): the gradients to start with, one per root, or none at all
 * @n_gradients: the number of gradients
 * @inputs: (nullable) (array length=n_inputs): the tensors whose gradients are asked for
 * @n_inputs: the number of inputs; 0 for all leaves
 * @flags: how to run
 * @error: return location for an error
 *
 * Makes a pass from several roots. If there are @inputs, only their gradients are computed, and no others are
 * accumulated; see [method@Backward.get_input_gradients].
 *
 * Returns: (transfer full): the pass
 */
GtenBackward *
gten_backward_new_full (GtenTensor **roots, gsize n_roots, GtenTensor **gradients, gsize n_gradients,
                        GtenTensor **inputs, gsize n_inputs, GtenBackwardFlags flags, GError **error)
{
  GtenBackward *self;

  for (gsize i = 0; i < n_roots; i++)
    g_return_val_if_fail (GTEN_IS_TENSOR (roots[i]), NULL);
  for (gsize i = 0; i < n_inputs; i++)
    g_return_val_if_fail (GTEN_IS_TENSOR (inputs[i]), NULL);

  self = pass_new (roots, n_roots, gradients, n_gradients, inputs, n_inputs, flags, error);
  if (self != NULL)
    self->visible = TRUE;
  return self;
}

static gboolean
fail (GtenBackward *self)
{
  self->failed = TRUE;
  end_pass (self);
  return FALSE;
}

/**
 * gten_backward_step:
 * @self: a pass
 * @error: return location for an error
 *
 * Runs the next node.
 *
 * Returns: %TRUE if a node ran; %FALSE if there was none left, or on an error
 */
gboolean
gten_backward_step (GtenBackward *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), FALSE);

  if (self->failed || self->position == self->n_order)
    return FALSE;

  GtenTask *task = gten_backward_task (self, self->position);

  begin_node (self, task->node);
  gboolean enabled = gten_set_grad_enabled ((self->flags & GTEN_BACKWARD_CREATE_GRAPH) != 0);
  gboolean success = gten_engine_run_task (self, task, error);
  gten_set_grad_enabled (enabled);
  if (!success)
    return fail (self);

  task->done = TRUE;
  self->n_ready--;
  self->position++;
  self->last = task->node;
  keep_or_drop (self, task);
  end_node (self, task->node);

  if (self->position < self->n_order)
    return TRUE;
  if (!check_used (self, TRUE, error))
    return fail (self);
  if (self->visible)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FINISHED]);
  if (heard (self, FINISHED))
    g_signal_emit (self, signals[FINISHED], 0);
  end_pass (self);
  return TRUE;
}

/**
 * gten_backward_run:
 * @self: a pass
 * @error: return location for an error
 *
 * Runs all nodes that are left.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_backward_run (GtenBackward *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), FALSE);

  while (gten_backward_step (self, error))
    continue;
  return gten_backward_is_finished (self);
}

/**
 * gten_backward_run_to:
 * @self: a pass
 * @node: a node that has not run yet
 * @error: return location for an error
 *
 * Runs nodes until @node is the next.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_backward_run_to (GtenBackward *self, GtenNode *node, GError **error)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), FALSE);
  g_return_val_if_fail (GTEN_IS_NODE (node), FALSE);

  GtenTask *task = gten_backward_find (self, node);

  if (task == NULL || !task->needed || task->done)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "%s is not ahead in this pass", gten_node_get_name (node));
      return FALSE;
    }
  while (gten_backward_get_next (self) != node)
    if (!gten_backward_step (self, error))
      return FALSE;
  return TRUE;
}

/**
 * gten_backward_is_finished: (get-property finished)
 * @self: a pass
 *
 * Gets whether all nodes have run.
 *
 * Returns: %TRUE if nothing is left to do
 */
gboolean
gten_backward_is_finished (GtenBackward *self)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), FALSE);
  return !self->failed && self->position == self->n_order;
}

/**
 * gten_backward_get_node: (get-property node)
 * @self: a pass
 *
 * Gets the node that ran last.
 *
 * Returns: (transfer none) (nullable): the node, or %NULL if none has run
 */
GtenNode *
gten_backward_get_node (GtenBackward *self)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), NULL);
  return self->last;
}

/**
 * gten_backward_get_next:
 * @self: a pass
 *
 * Gets the node that runs next.
 *
 * Returns: (transfer none) (nullable): the node, or %NULL if none is left
 */
GtenNode *
gten_backward_get_next (GtenBackward *self)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), NULL);
  return self->failed || self->position == self->n_order ? NULL : gten_backward_task (self, self->position)->node;
}

/**
 * gten_backward_get_nodes:
 * @self: a pass
 *
 * Gets all nodes of the pass, in the order in which they run.
 *
 * Returns: (transfer container) (element-type GtenNode): the nodes
 */
GPtrArray *
gten_backward_get_nodes (GtenBackward *self)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), NULL);

  GPtrArray *result = g_ptr_array_new_full (self->n_order, g_object_unref);

  for (guint i = 0; i < self->n_order; i++)
    g_ptr_array_add (result, g_object_ref (gten_backward_task (self, i)->node));
  return result;
}

/**
 * gten_backward_get_n_nodes: (get-property n-nodes)
 * @self: a pass
 *
 * Gets the number of nodes that run in the pass.
 *
 * Returns: the number of nodes
 */
guint
gten_backward_get_n_nodes (GtenBackward *self)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), 0);
  return self->n_order;
}

/**
 * gten_backward_get_n_done: (get-property n-done)
 * @self: a pass
 *
 * Gets the number of nodes that have run.
 *
 * Returns: the number of nodes
 */
guint
gten_backward_get_n_done (GtenBackward *self)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), 0);
  return self->position;
}

/**
 * gten_backward_get_state:
 * @self: a pass
 * @node: a node
 * @n_arrived: (out) (optional): the number of contributions that have arrived
 * @n_expected: (out) (optional): the number of contributions that will arrive in all
 *
 * Gets how far the gradient of a node's outputs has come.
 *
 * Returns: the state
 */
GtenGradState
gten_backward_get_state (GtenBackward *self, GtenNode *node, guint *n_arrived, guint *n_expected)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), GTEN_GRAD_NOT_NEEDED);
  g_return_val_if_fail (GTEN_IS_NODE (node), GTEN_GRAD_NOT_NEEDED);

  GtenTask *task = gten_backward_find (self, node);
  gboolean needed = task != NULL && task->needed;

  if (n_arrived != NULL)
    *n_arrived = needed ? task->n_arrived : 0;
  if (n_expected != NULL)
    *n_expected = needed ? task->n_expected : 0;
  return !needed                             ? GTEN_GRAD_NOT_NEEDED
         : task->done                        ? GTEN_GRAD_DONE
         : task->n_arrived == 0              ? GTEN_GRAD_PENDING
         : task->n_arrived < task->n_expected ? GTEN_GRAD_PARTIAL
                                             : GTEN_GRAD_READY;
}

/**
 * gten_backward_get_gradient:
 * @self: a pass
 * @node: a node
 * @output_nr: the index of an output of @node
 *
 * Gets the gradient of an output as far as it has come; after the node ran, only if gradients are kept.
 *
 * Returns: (transfer none) (nullable): the gradient, or %NULL if there is none
 */
GtenTensor *
gten_backward_get_gradient (GtenBackward *self, GtenNode *node, guint output_nr)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), NULL);
  g_return_val_if_fail (GTEN_IS_NODE (node), NULL);

  GtenTask *task = gten_backward_find (self, node);
  GtenTensor **grads = task != NULL ? gten_task_grads (task) : NULL;

  return grads != NULL && output_nr < gten_node_private (node)->n_outputs ? grads[output_nr] : NULL;
}

/**
 * gten_backward_set_keep_gradients:
 * @self: a pass
 * @max_bytes: how much to keep, 0 for nothing
 *
 * Keeps the gradients of nodes that have run, to be looked at. If they grow larger than @max_bytes the oldest go.
 */
void
gten_backward_set_keep_gradients (GtenBackward *self, gsize max_bytes)
{
  g_return_if_fail (GTEN_IS_BACKWARD (self));

  self->keep_bytes = max_bytes;
  keep_within_budget (self);
}

/**
 * gten_backward_get_input_gradients:
 * @self: a finished pass with inputs
 *
 * Gets the gradients of the inputs.
 *
 * Returns: (transfer container) (element-type GtenTensor): a gradient per input, %NULL for an input that was not used
 */
GPtrArray *
gten_backward_get_input_gradients (GtenBackward *self)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), NULL);

  GPtrArray *result = g_ptr_array_new_full (self->n_captures, gten_unref_any);

  for (gsize i = 0; i < self->n_captures; i++)
    g_ptr_array_add (result, self->captures[i].grad != NULL ? g_object_ref (self->captures[i].grad) : NULL);
  return result;
}

/**
 * gten_tensor_backward:
 * @self: (nullable): the tensor to differentiate
 * @gradient: (nullable): the gradient to start with, or %NULL for one, if @self has one element
 * @flags: how to run
 * @error: return location for an error
 *
 * Accumulates the gradient of the tensor into all leaves that it was computed from.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_tensor_backward (GtenTensor *self, GtenTensor *gradient, GtenBackwardFlags flags, GError **error)
{
  if (self == NULL)
    return FALSE;
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  g_return_val_if_fail (gradient == NULL || GTEN_IS_TENSOR (gradient), FALSE);

  g_autoptr (GtenBackward) pass = pass_new (&self, 1, &gradient, 1, NULL, 0, flags, error);
  return pass != NULL && gten_backward_run (pass, error);
}

/**
 * gten_autograd_grad:
 * @outputs: (array length=n_outputs): the tensors to differentiate
 * @n_outputs: the number of outputs
 * @inputs: (array length=n_inputs): the tensors to differentiate by
 * @n_inputs: the number of inputs
 * @grad_outputs: (nullable) (array length=n_grad_outputs): the gradients to start with, one per output, or none at all
 * @n_grad_outputs: the number of gradients
 * @flags: how to run
 * @error: return location for an error
 *
 * Computes the sum of the gradients of @outputs by each of @inputs, and accumulates nothing.
 *
 * Returns: (transfer container) (element-type GtenTensor): a gradient per input; with
 *   %GTEN_BACKWARD_ALLOW_UNUSED, %NULL for an input that was not used
 */
GPtrArray *
gten_autograd_grad (GtenTensor **outputs, gsize n_outputs, GtenTensor **inputs, gsize n_inputs,
                    GtenTensor **grad_outputs, gsize n_grad_outputs, GtenBackwardFlags flags, GError **error)
{
  for (gsize i = 0; i < n_outputs; i++)
    g_return_val_if_fail (GTEN_IS_TENSOR (outputs[i]), NULL);
  for (gsize i = 0; i < n_inputs; i++)
    g_return_val_if_fail (GTEN_IS_TENSOR (inputs[i]), NULL);

  if (n_inputs == 0)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD, "`inputs` argument to `grad()` cannot be empty.");
      return NULL;
    }

  g_autoptr (GtenBackward) pass
    = pass_new (outputs, n_outputs, grad_outputs, n_grad_outputs, inputs, n_inputs, flags, error);
  if (pass == NULL || !gten_backward_run (pass, error))
    return NULL;
  return gten_backward_get_input_gradients (pass);
}
