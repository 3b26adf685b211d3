/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A backward pass as an object: made from roots, stepped or run to the end, asked how far it has come. */

#include "autograd/gten-engine-private.h"

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

guint gten_backward_signals[GTEN_BACKWARD_N_SIGNALS];
GParamSpec *gten_backward_properties[GTEN_BACKWARD_N_PROPERTIES];

/* -- object -------------------------------------------------------------------------------------- */

static void
gten_backward_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  GtenBackward *self = GTEN_BACKWARD (object);

  switch (property_id)
    {
    case GTEN_BACKWARD_PROP_NODE:
      g_value_set_object (value, self->last);
      break;
    case GTEN_BACKWARD_PROP_N_READY:
      g_value_set_uint (value, self->n_ready);
      break;
    case GTEN_BACKWARD_PROP_N_DONE:
      g_value_set_uint (value, self->position);
      break;
    case GTEN_BACKWARD_PROP_N_NODES:
      g_value_set_uint (value, self->n_order);
      break;
    case GTEN_BACKWARD_PROP_IS_FINISHED:
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
  g_clear_pointer (&self->watched_roots, g_ptr_array_unref);
  G_OBJECT_CLASS (gten_backward_parent_class)->finalize (object);
  gten_unref_deferred ();
}

static void
gten_backward_dispose (GObject *object)
{
  gten_backward_end (GTEN_BACKWARD (object));
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
  gten_backward_properties[GTEN_BACKWARD_PROP_NODE] = g_param_spec_object ("node", NULL, NULL, GTEN_TYPE_NODE, flags);
  /**
   * GtenBackward:n-ready:
   *
   * The number of nodes that could run now.
   */
  gten_backward_properties[GTEN_BACKWARD_PROP_N_READY] = g_param_spec_uint ("n-ready", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * GtenBackward:n-done: (getter get_n_done)
   *
   * The number of nodes that have run.
   */
  gten_backward_properties[GTEN_BACKWARD_PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * GtenBackward:n-nodes: (getter get_n_nodes)
   *
   * The number of nodes that run in the pass.
   */
  gten_backward_properties[GTEN_BACKWARD_PROP_N_NODES] = g_param_spec_uint ("n-nodes", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * GtenBackward:is-finished: (getter is_finished)
   *
   * Whether all nodes have run.
   */
  gten_backward_properties[GTEN_BACKWARD_PROP_IS_FINISHED] = g_param_spec_boolean ("is-finished", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, GTEN_BACKWARD_N_PROPERTIES, gten_backward_properties);

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
  gten_backward_signals[GTEN_BACKWARD_CONTRIBUTION]
    = g_signal_new ("contribution", GTEN_TYPE_BACKWARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                    GTEN_TYPE_NODE, GTEN_TYPE_NODE, G_TYPE_UINT, GTEN_TYPE_TENSOR);
  /**
   * GtenBackward::stepped:
   * @self: the pass
   * @node: the node
   *
   * A node has run.
   */
  gten_backward_signals[GTEN_BACKWARD_STEPPED] = g_signal_new ("stepped", GTEN_TYPE_BACKWARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                   1, GTEN_TYPE_NODE);
  /**
   * GtenBackward::finished:
   * @self: the pass
   *
   * The last node has run.
   */
  gten_backward_signals[GTEN_BACKWARD_FINISHED]
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
 * Raises %GTEN_ERROR_AUTOGRAD if @root requires no gradient, or has not one element and no @gradient is given, and
 * %GTEN_ERROR_SHAPE if @gradient has not the shape of @root.
 *
 * Returns: (transfer full): the pass, or %NULL on error
 */
GtenBackward *
gten_backward_new (GtenTensor *root, GtenTensor *gradient, GtenBackwardFlags flags, GError **error)
{
  if (root == NULL)
    return NULL;
  return gten_backward_new_full (&root, 1, &gradient, 1, NULL, 0, flags, error);
}

/* What failed to be computed has left its error already. */
static gboolean
has_null (GtenTensor **tensors, gsize n_tensors)
{
  for (gsize i = 0; i < n_tensors; i++)
    if (tensors[i] == NULL)
      return TRUE;
  return FALSE;
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
 * Raises what [ctor@Backward.new] raises, for each root, and %GTEN_ERROR_AUTOGRAD if an input requires no gradient or,
 * without %GTEN_BACKWARD_ALLOW_UNUSED, no root was computed from it.
 *
 * Returns: (transfer full): the pass, or %NULL on error
 */
GtenBackward *
gten_backward_new_full (GtenTensor **roots, gsize n_roots, GtenTensor **gradients, gsize n_gradients,
                        GtenTensor **inputs, gsize n_inputs, GtenBackwardFlags flags, GError **error)
{
  GtenBackward *self;

  if (has_null (roots, n_roots) || has_null (inputs, n_inputs))
    return NULL;

  self = gten_backward_make (roots, n_roots, gradients, n_gradients, inputs, n_inputs, flags, error);
  if (self != NULL)
    self->visible = TRUE;
  return self;
}

static gboolean
fail (GtenBackward *self)
{
  self->failed = TRUE;
  gten_backward_end (self);
  return FALSE;
}

/**
 * gten_backward_step:
 * @self: a pass
 * @error: return location for an error
 *
 * Runs the next node.
 *
 * Raises what the node raises: %GTEN_ERROR_AUTOGRAD if what it saved was freed, or changed in place since. A pass that has
 * failed cannot go on.
 *
 * Returns: %TRUE if a node ran; %FALSE if there was none left, or on an error
 */
gboolean
gten_backward_step (GtenBackward *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_BACKWARD (self), FALSE);

  if (self->failed || self->position == self->n_order)
    return FALSE;
  if (__atomic_test_and_set (&self->running, __ATOMIC_ACQUIRE))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "a step of this backward pass is running: what the step calls cannot take another");
      return FALSE;
    }

  GtenTask *task = gten_backward_task (self, self->position);

  gten_backward_begin_node (self, task->node);
  gboolean enabled = gten_set_grad_enabled ((self->flags & GTEN_BACKWARD_CREATE_GRAPH) != 0);
  gboolean success = gten_engine_run_task (self, task, error);
  gten_set_grad_enabled (enabled);
  if (success)
    {
      task->done = TRUE;
      self->n_ready--;
      self->position++;
      self->last = task->node;
      gten_backward_keep_or_drop (self, task);
    }
  __atomic_clear (&self->running, __ATOMIC_RELEASE);
  if (!success)
    return fail (self);

  gten_backward_end_node (self, task->node);
  if (self->position < self->n_order)
    return TRUE;
  if (!gten_backward_check_used (self, TRUE, error))
    return fail (self);
  gten_backward_notify_finished (self);
  return TRUE;
}

/**
 * gten_backward_run:
 * @self: a pass
 * @error: return location for an error
 *
 * Runs all nodes that are left. Raises what [method@Backward.step] raises.
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
 * Runs nodes until @node is the next. Raises %GTEN_ERROR_VALUE if it is not ahead in this pass, and what
 * [method@Backward.step] raises.
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
 * gten_backward_is_finished: (get-property is-finished)
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
  gten_backward_keep_within_budget (self);
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
 * Accumulates the gradient of the tensor into all leaves that it was computed from. Raises what [ctor@Backward.new] and
 * [method@Backward.step] raise.
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

  g_autoptr (GtenBackward) pass = gten_backward_make (&self, 1, &gradient, 1, NULL, 0, flags, error);
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
 * Computes the sum of the gradients of @outputs by each of @inputs, and accumulates nothing. Raises what
 * [ctor@Backward.new_full] and [method@Backward.step] raise, and %GTEN_ERROR_AUTOGRAD if there are no inputs.
 *
 * Returns: (transfer container) (element-type GtenTensor): a gradient per input; with
 *   %GTEN_BACKWARD_ALLOW_UNUSED, %NULL for an input that was not used; or %NULL on error
 */
GPtrArray *
gten_autograd_grad (GtenTensor **outputs, gsize n_outputs, GtenTensor **inputs, gsize n_inputs,
                    GtenTensor **grad_outputs, gsize n_grad_outputs, GtenBackwardFlags flags, GError **error)
{
  if (has_null (outputs, n_outputs) || has_null (inputs, n_inputs))
    return NULL;
  if (n_inputs == 0)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD, "`inputs` argument to `grad()` cannot be empty.");
      return NULL;
    }

  g_autoptr (GtenBackward) pass
    = gten_backward_make (outputs, n_outputs, grad_outputs, n_grad_outputs, inputs, n_inputs, flags, error);
  if (pass == NULL || !gten_backward_run (pass, error))
    return NULL;
  return gten_backward_get_input_gradients (pass);
}
