/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A node of the graph: one operation that ran, seen from its gradient. Edges lead from the node of an operation to the
 * nodes of its inputs, the way gradients flow. */

#include "autograd/gten-node-private.h"

#include "ops/gten-op.h"

#include <string.h>

/**
 * GtenNode:
 *
 * One recorded operation.
 *
 * A node knows the nodes that its inputs came from, what it saved for the backward function, and how to turn the
 * gradients of its outputs into the gradients of its inputs. Nodes are made by operations on tensors that require
 * gradients; see [class@Function] for nodes of one's own.
 */
G_DEFINE_TYPE_WITH_PRIVATE (GtenNode, gten_node, G_TYPE_OBJECT)

guint gten_node_signals[GTEN_NODE_N_SIGNALS];
int gten_node_private_offset;

static guint64 last_id;

void
gten_node_number (GtenNode *self)
{
  gten_node_private (self)->id = __atomic_add_fetch (&last_id, 1, __ATOMIC_RELAXED);
}

gpointer
gten_node_open (GtenNode *self, guint n_edges, guint n_outputs, guint n_saved, gsize n_extra, gpointer memory,
                gsize n_memory)
{
  GtenNodePrivate *priv = gten_node_private (self);
  gsize edges = n_edges * sizeof (GtenEdge);
  gsize outputs = n_outputs * sizeof (GtenShape);
  gsize saved = n_saved * sizeof (GtenSaved);
  gsize total = edges + outputs + saved + n_extra;
  char *at = memory;

  if (total > n_memory)
    at = priv->block = g_malloc (total);
  memset (at, 0, edges + outputs + saved);

  priv->site = G_UNLIKELY (__atomic_load_n (&gten_sites_are_watched, __ATOMIC_RELAXED)) ? gten_find_site () : gten_current_site ();
  priv->n_edges = n_edges;
  priv->n_outputs = n_outputs;
  priv->n_saved = n_saved;
  priv->edges = (GtenEdge *) at;
  priv->outputs = (GtenShape *) (at += edges);
  priv->saved = (GtenSaved *) (at += outputs);
  return at + saved;
}

GtenShape
gten_shape_of (GtenTensor *tensor, gint64 **at)
{
  gint64 *sizes = memcpy (*at, tensor->dims, tensor->n_dims * sizeof (gint64));

  *at += tensor->n_dims;
  return (GtenShape) { sizes, tensor->storage->device, tensor->n_dims, tensor->dtype };
}

/* -- class --------------------------------------------------------------------------------------- */

gboolean
gten_node_run_virtual (GtenNode *self, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (self);
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_full (priv->n_outputs, NULL);
  g_autoptr (GError) local = NULL;

  for (guint i = 0; i < priv->n_outputs; i++)
    g_ptr_array_add (outputs, grads[i]);

  g_autoptr (GPtrArray) inputs = GTEN_NODE_GET_CLASS (self)->backward (self, outputs, &local);
  if (inputs != NULL)
    g_ptr_array_set_free_func (inputs, gten_unref_any); /* bindings make arrays that do not free their elements */
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  guint n_inputs = inputs != NULL ? inputs->len : 0;
  while (n_inputs > priv->n_edges && g_ptr_array_index (inputs, n_inputs - 1) == NULL)
    n_inputs--;
  if (n_inputs != priv->n_edges)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   "function %s returned an incorrect number of gradients (expected %u, got %u)",
                   gten_node_get_name (self), priv->n_edges, n_inputs);
      return FALSE;
    }
  for (guint i = 0; i < n_inputs; i++)
    if (g_ptr_array_index (inputs, i) != NULL && priv->edges[i].node != NULL)
      grad_inputs[i] = g_object_ref (g_ptr_array_index (inputs, i));
  return TRUE;
}

/* Nodes that the pass runs directly answer to `backward` as well. */
static GPtrArray *
gten_node_real_backward (GtenNode *self, GPtrArray *grad_outputs, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (self);

  if (GTEN_IS_FUNCTION (self))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD, "%s has no backward function", gten_node_get_name (self));
      return NULL;
    }

  /* A node may keep what it is given, and relies on its shape. */
  g_autoptr (GPtrArray) grads = g_ptr_array_new_full (priv->n_outputs, gten_unref_any);
  gboolean success = TRUE, any = FALSE;

  for (guint i = 0; i < priv->n_outputs; i++)
    {
      GtenTensor *grad = g_ptr_array_index (grad_outputs, i);

      g_ptr_array_add (grads, grad != NULL ? g_object_ref (grad) : NULL);
      any |= grad != NULL;
      success = success && (grad == NULL || gten_gradient_fit ((GtenTensor **) &grads->pdata[i], &priv->outputs[i], error));
    }

  g_autofree GtenTensor **grad_inputs = g_new0 (GtenTensor *, MAX (1, priv->n_edges));
  success = success && (!any || priv->run (self, (GtenTensor **) grads->pdata, grad_inputs, error));
  g_autoptr (GPtrArray) result = g_ptr_array_new_full (priv->n_edges, gten_unref_any);

  for (guint i = 0; i < priv->n_edges; i++)
    g_ptr_array_add (result, grad_inputs[i]);
  return success ? g_steal_pointer (&result) : NULL;
}

void
gten_node_clear (GtenNode *self)
{
  GtenNodePrivate *priv = gten_node_private (self);

  for (guint i = 0; i < priv->n_saved; i++)
    gten_unref_later (priv->saved[i].tensor);
  for (guint i = 0; i < priv->n_edges; i++)
    gten_unref_later (priv->edges[i].node);
  gten_unref_later (g_steal_pointer (&priv->inner));
  g_clear_pointer (&priv->hooks, g_ptr_array_unref);
  g_clear_pointer (&priv->node_hooks, gten_node_hooks_free);
  g_clear_pointer (&priv->block, g_free);
  priv->n_edges = priv->n_outputs = priv->n_saved = 0;
  priv->released = FALSE;
  priv->stream = NULL;
}

static void
gten_node_finalize (GObject *object)
{
  gten_node_clear (GTEN_NODE (object));
  G_OBJECT_CLASS (gten_node_parent_class)->finalize (object);
  gten_unref_deferred ();
}

static void
gten_node_class_init (GtenNodeClass *klass)
{
  gten_node_private_offset = GtenNode_private_offset;
  G_OBJECT_CLASS (klass)->finalize = gten_node_finalize;
  klass->backward = gten_node_real_backward;

  /**
   * GtenNode::about-to-run:
   * @self: the node
   *
   * A backward pass has all gradients of the node's outputs and runs it next.
   */
  gten_node_signals[GTEN_NODE_ABOUT_TO_RUN]
    = g_signal_new ("about-to-run", GTEN_TYPE_NODE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GtenNode::backward-done:
   * @self: the node
   *
   * A backward pass ran the node and passed its gradients on.
   */
  gten_node_signals[GTEN_NODE_BACKWARD_DONE]
    = g_signal_new ("backward-done", GTEN_TYPE_NODE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gten_node_init (GtenNode *self)
{
  gten_node_private (self)->run = gten_node_run_virtual;
}

/* -- public -------------------------------------------------------------------------------------- */

/**
 * gten_node_get_name:
 * @self: a node
 *
 * Gets the name of the kind of node, as PyTorch has it: "MulBackward0".
 *
 * Returns: the name
 */
const char *
gten_node_get_name (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);

  GtenNodePrivate *priv = gten_node_private (self);

  if (priv->name == NULL)
    {
      /* "__main__+Square" in Python, "Gjs_Square" in JavaScript. */
      const char *type = G_OBJECT_TYPE_NAME (self);
      const char *plus = strrchr (type, '+');
      const char *start = plus != NULL ? plus + 1 : g_str_has_prefix (type, "Gjs_") ? type + strlen ("Gjs_") : type;
      g_autofree char *name = g_strconcat (start, "Backward", NULL);

      priv->name = g_intern_string (name);
    }
  return priv->name;
}

char *
gten_node_forward_name (GtenNode *self)
{
  const char *name = gten_node_get_name (self);
  const char *end = strstr (name, "Backward");

  return end != NULL && end != name ? g_strndup (name, end - name) : g_strdup (name);
}

/**
 * gten_node_get_id:
 * @self: a node
 *
 * Gets a number that no other node of the process has, or ever had.
 *
 * Returns: the id
 */
guint64
gten_node_get_id (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), 0);
  return gten_node_private (self)->id;
}

/**
 * gten_node_get_sequence:
 * @self: a node
 *
 * Gets the rank of the node in a backward pass: of the nodes that are ready, the highest runs first. Nodes that
 * accumulate gradients rank above all others.
 *
 * Returns: the sequence number
 */
guint64
gten_node_get_sequence (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), 0);
  return gten_node_rank (gten_node_private (self));
}

/**
 * gten_node_get_op:
 * @self: a node
 *
 * Gets the row of the op table that the node was recorded by.
 *
 * Returns: (transfer none) (nullable): the op, or %NULL for nodes of other kinds
 */
GtenOp *
gten_node_get_op (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);

  const GtenOpInfo *info = gten_op_node_info (self);

  return info != NULL ? gten_op_lookup (info->row_name) : NULL;
}

/**
 * gten_node_get_n_inputs:
 * @self: a node
 *
 * Gets the number of inputs of the operation, which is the number of gradients that the node computes.
 *
 * Returns: the number of inputs
 */
guint
gten_node_get_n_inputs (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), 0);
  return gten_node_private (self)->n_edges;
}

/**
 * gten_node_get_n_outputs:
 * @self: a node
 *
 * Gets the number of outputs of the operation, which is the number of gradients that the node takes.
 *
 * Returns: the number of outputs
 */
guint
gten_node_get_n_outputs (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), 0);
  return gten_node_private (self)->n_outputs;
}

/**
 * gten_node_get_next_function:
 * @self: a node
 * @input: the index of an input
 * @output_nr: (out) (optional): which output of the next node the input was
 *
 * Gets the node that the gradient of an input flows to.
 *
 * Returns: (transfer none) (nullable): the node, or %NULL if the input needs no gradient
 */
GtenNode *
gten_node_get_next_function (GtenNode *self, guint input, guint *output_nr)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);

  GtenNodePrivate *priv = gten_node_private (self);
  GtenEdge edge = input < priv->n_edges ? priv->edges[input] : (GtenEdge) { NULL, 0 };

  if (output_nr != NULL)
    *output_nr = edge.output_nr;
  return edge.node;
}

/**
 * gten_node_get_next_functions:
 * @self: a node
 *
 * Gets the nodes that gradients flow to, in the order of the inputs; inputs that need no gradient are left out.
 *
 * Returns: (transfer container) (element-type GtenNode): the nodes
 */
GPtrArray *
gten_node_get_next_functions (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);

  GtenNodePrivate *priv = gten_node_private (self);
  GPtrArray *result = g_ptr_array_new_full (priv->n_edges, g_object_unref);

  for (guint i = 0; i < priv->n_edges; i++)
    if (priv->edges[i].node != NULL)
      g_ptr_array_add (result, g_object_ref (priv->edges[i].node));
  return result;
}

/**
 * gten_node_get_output_shape:
 * @self: a node
 * @output: the index of an output
 * @n_dims: (out): the number of dimensions
 *
 * Gets the sizes of an output, which are those of its gradient.
 *
 * Returns: (transfer none) (nullable) (array length=n_dims): the sizes
 */
const gint64 *
gten_node_get_output_shape (GtenNode *self, guint output, gsize *n_dims)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);

  GtenNodePrivate *priv = gten_node_private (self);

  *n_dims = output < priv->n_outputs ? priv->outputs[output].n_dims : 0;
  return output < priv->n_outputs ? priv->outputs[output].sizes : NULL;
}

/**
 * gten_node_get_output_dtype:
 * @self: a node
 * @output: the index of an output
 *
 * Gets the dtype of an output, which is that of its gradient.
 *
 * Returns: the dtype
 */
GtenDtype
gten_node_get_output_dtype (GtenNode *self, guint output)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), GTEN_DTYPE_NONE);

  GtenNodePrivate *priv = gten_node_private (self);

  return output < priv->n_outputs ? priv->outputs[output].dtype : GTEN_DTYPE_NONE;
}

/**
 * gten_node_get_saved_names:
 * @self: a node
 *
 * Gets the names of the tensors that the node keeps for its backward function; none after they were released.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 */
char **
gten_node_get_saved_names (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);

  GtenNodePrivate *priv = gten_node_private (self);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < priv->n_saved; i++)
    if (priv->saved[i].tensor != NULL)
      g_ptr_array_add (names, gten_op_node_saved_name (self, i));
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_steal (names, NULL);
}

/**
 * gten_node_get_saved:
 * @self: a node
 * @name: a name out of [method@Node.get_saved_names]
 * @error: return location for an error
 *
 * Gets a tensor that the node keeps. Raises %GTEN_ERROR_VALUE if there is none of that name, and %GTEN_ERROR_AUTOGRAD if
 * it was released, or changed in place since it was saved.
 *
 * Returns: (transfer full): the tensor, or %NULL on error
 */
GtenTensor *
gten_node_get_saved (GtenNode *self, const char *name, GError **error)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  GtenNodePrivate *priv = gten_node_private (self);

  for (guint i = 0; i < priv->n_saved; i++)
    {
      g_autofree char *candidate = gten_op_node_saved_name (self, i);

      if (g_str_equal (candidate, name) && (priv->released || priv->saved[i].tensor != NULL))
        return gten_node_unpack (self, i, error);
    }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "%s has not saved '%s'", gten_node_get_name (self), name);
  return NULL;
}

/**
 * gten_node_get_variable:
 * @self: a node
 *
 * Gets the leaf whose gradient the node accumulates.
 *
 * Returns: (transfer none) (nullable): the leaf, or %NULL for nodes of other kinds
 */
GtenTensor *
gten_node_get_variable (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);
  return gten_accumulate_get_variable (self);
}

/**
 * gten_node_get_creation_site:
 * @self: a node
 *
 * Gets where in the program the node was recorded, if the program says so; see [func@Node.set_site].
 *
 * Returns: (nullable): "file:line function", or %NULL
 */
const char *
gten_node_get_creation_site (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);
  return gten_node_private (self)->site;
}

/**
 * gten_node_is_released:
 * @self: a node
 *
 * Gets whether the saved tensors were freed by a backward pass.
 *
 * Returns: %TRUE if there is nothing left to differentiate with
 */
gboolean
gten_node_is_released (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), FALSE);
  return gten_node_private (self)->released;
}

/**
 * gten_node_backward: (virtual backward)
 * @self: a node
 * @grad_outputs: (element-type GtenTensor): the gradients of the outputs, one per output; an element is %NULL for
 *   an output that received none
 * @error: return location for an error
 *
 * Turns the gradients of the outputs into the gradients of the inputs, outside of any pass. Raises
 * %GTEN_ERROR_AUTOGRAD if there is not one gradient per output, and what the node raises.
 *
 * Returns: (transfer full) (element-type GtenTensor): the gradients of the inputs, one per input; an element is
 *   %NULL for none. The array does not free its elements. %NULL on error
 */
GPtrArray *
gten_node_backward (GtenNode *self, GPtrArray *grad_outputs, GError **error)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);
  g_return_val_if_fail (grad_outputs != NULL, NULL);

  GtenNodePrivate *priv = gten_node_private (self);

  if (grad_outputs->len != priv->n_outputs)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD, "%s takes %u gradients, got %u", gten_node_get_name (self),
                   priv->n_outputs, grad_outputs->len);
      return NULL;
    }
  /* Bindings take the elements over, as they give them in functions of their own. */
  GPtrArray *result = GTEN_NODE_GET_CLASS (self)->backward (self, grad_outputs, error);
  if (result != NULL)
    g_ptr_array_set_free_func (result, NULL);
  return result;
}
