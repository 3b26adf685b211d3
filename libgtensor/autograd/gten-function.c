/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A differentiable operation of the user's. The object is its own node: `forward` runs once,
 * unrecorded, and the outputs get the object as their history. What forward asks to be saved is
 * taken note of, and saved when it is known which of the tensors are outputs. */

#include "autograd/gten-node-private.h"

#include "ops/gten-ops.h"

/**
 * GtenFunction:
 *
 * A differentiable operation written by a user.
 *
 * Override `forward` and [vfunc@Node.backward], make an object, and call [method@Function.apply]
 * once.
 */
typedef struct
{
  GPtrArray *to_save;
  GPtrArray *dirty;
  GPtrArray *non_differentiable;
  guint      applied : 1;
  guint      leaves_missing : 1; /* gradients that did not arrive stay NULL, rather than becoming zeros */
} GtenFunctionPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GtenFunction, gten_function, GTEN_TYPE_NODE)

static GtenFunctionPrivate *
function_private (GtenFunction *self)
{
  return gten_function_get_instance_private (self);
}

static gboolean
contains (GPtrArray *array, gpointer tensor)
{
  return array != NULL && g_ptr_array_find (array, tensor, NULL);
}

static void
note (GPtrArray **array, GtenTensor **tensors, gsize n_tensors)
{
  g_clear_pointer (array, g_ptr_array_unref);
  *array = g_ptr_array_new_full (n_tensors, gten_unref_any);
  for (gsize i = 0; i < n_tensors; i++)
    g_ptr_array_add (*array, tensors[i] != NULL ? g_object_ref (tensors[i]) : NULL);
}

/* -- running backward ---------------------------------------------------------------------------- */

static gboolean
run_function (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (node);
  gboolean materialize = !function_private (GTEN_FUNCTION (node))->leaves_missing;
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_full (priv->n_outputs, gten_unref_any);

  for (guint i = 0; i < priv->n_outputs; i++)
    {
      const GtenShape *shape = &priv->outputs[i];
      GtenTensor *grad = grads[i] != NULL ? g_object_ref (grads[i]) : NULL;

      if (grad == NULL && materialize)
        grad = gten_zeros (shape->sizes, shape->n_dims, shape->dtype, shape->device, error);
      if (grad == NULL && materialize)
        return FALSE;
      g_ptr_array_add (outputs, grad);
    }
  return gten_node_run_virtual (node, (GtenTensor **) outputs->pdata, grad_inputs, error);
}

/* -- applying ------------------------------------------------------------------------------------ */

static gboolean
check_outputs (GtenFunction *self, GPtrArray *outputs, GError **error)
{
  for (guint i = 0; outputs != NULL && i < outputs->len; i++)
    if (!GTEN_IS_TENSOR (g_ptr_array_index (outputs, i)))
      {
        g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD, "%s: forward returned something that is no tensor",
                     G_OBJECT_TYPE_NAME (self));
        return FALSE;
      }
  if (outputs != NULL)
    return TRUE;
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD, "%s: forward returned nothing",
               G_OBJECT_TYPE_NAME (self));
  return FALSE;
}

static gboolean
check_dirty (GPtrArray *dirty, GError **error)
{
  for (guint i = 0; dirty != NULL && i < dirty->len; i++)
    {
      GtenTensor *tensor = g_ptr_array_index (dirty, i);

      if (tensor->autograd != NULL && tensor->autograd->requires_grad
          && tensor->autograd->grad_fn == NULL)
        {
          g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                               "a leaf Variable that requires grad has been used in an in-place operation.");
          return FALSE;
        }
      if (!gten_autograd_check_in_place (tensor, error))
        return FALSE;
    }
  return TRUE;
}

/* The alias that stands for a tensor that forward returned although it was there before. */
static void
replace_if_input (GPtrArray *outputs, guint i, GtenTensor **inputs, gsize n_inputs, gboolean dirty)
{
  GtenTensor *output = g_ptr_array_index (outputs, i);

  for (gsize k = 0; k < n_inputs && !dirty; k++)
    if (inputs[k] == output)
      {
        GtenTensor *alias = gten_tensor_detach (output, NULL);

        gten_autograd_set_view (alias, output, GTEN_VIEW_CUSTOM_FUNCTION);
        g_object_unref (output);
        g_ptr_array_index (outputs, i) = alias;
        return;
      }
}

/* Gives the node its edges, its outputs their history, and saves. */
static void
record (GtenFunction *self, GtenTensor **inputs, gsize n_inputs, GPtrArray *outputs)
{
  GtenNode *node = GTEN_NODE (self);
  GtenNodePrivate *priv = gten_node_private (node);
  GtenFunctionPrivate *fpriv = function_private (self);

  for (guint i = 0; i < outputs->len; i++)
    {
      GtenTensor *output = g_ptr_array_index (outputs, i);

      if (contains (fpriv->non_differentiable, output)
          || !gten_dtype_is_floating_point (output->dtype))
        continue;
      if (contains (fpriv->dirty, output))
        {
          gten_node_rebase (node, output, i);
          continue;
        }
      if (output->autograd != NULL && output->autograd->base != NULL)
        output->autograd->view_kind = GTEN_VIEW_CUSTOM_FUNCTION;
      gten_node_attach (node, output, i);
    }
  for (guint i = 0; i < priv->n_saved; i++)
    {
      GtenTensor *tensor = g_ptr_array_index (fpriv->to_save, i);
      guint output_nr;
      gboolean is_output = g_ptr_array_find (outputs, tensor, &output_nr);

      if (tensor != NULL)
        gten_node_save (node, i, tensor, gten_version (tensor), is_output ? (int) output_nr : -1);
    }
}

static gsize
bytes_of_sizes (GPtrArray *outputs)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < outputs->len; i++)
    n_bytes += GTEN_TENSOR (g_ptr_array_index (outputs, i))->n_dims * sizeof (gint64);
  return n_bytes;
}

/**
 * gten_function_apply:
 * @self: a function that was not applied yet
 * @inputs: (array length=n_inputs): the inputs
 * @n_inputs: the number of inputs
 * @error: return location for an error
 *
 * Runs `forward` on the inputs and records the function as the history of the outputs.
 *
 * Raises %GTEN_ERROR_AUTOGRAD if the function was applied before, if `forward` gives no tensors, or
 * changed a leaf in place; and whatever `forward` raises.
 *
 * Returns: (transfer container) (element-type GtenTensor): the outputs, or %NULL on error
 */
GPtrArray *
gten_function_apply (GtenFunction *self, GtenTensor **inputs, gsize n_inputs, GError **error)
{
  g_return_val_if_fail (GTEN_IS_FUNCTION (self), NULL);

  GtenNode *node = GTEN_NODE (self);
  GtenNodePrivate *priv = gten_node_private (node);
  GtenFunctionPrivate *fpriv = function_private (self);

  if (fpriv->applied || GTEN_FUNCTION_GET_CLASS (self)->forward == NULL)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   fpriv->applied ? "%s was applied before; make a new object for each application"
                                  : "%s does not implement forward",
                   G_OBJECT_TYPE_NAME (self));
      return NULL;
    }
  fpriv->applied = TRUE;

  /* What forward changes in place has its edge from before. */
  g_autofree GtenEdge *edges = g_new0 (GtenEdge, MAX (1, n_inputs));
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_full (n_inputs, gten_unref_any);
  gboolean wanted = FALSE;
  for (gsize i = 0; i < n_inputs; i++)
    {
      g_ptr_array_add (arguments, inputs[i] != NULL ? g_object_ref (inputs[i]) : NULL);
      if (inputs[i] == NULL || gten_grad_mode_off)
        continue;
      edges[i].node = gten_tensor_gradient_edge (inputs[i], &edges[i].output_nr);
      wanted |= edges[i].node != NULL;
    }
  priv->edges = edges;
  priv->n_edges = n_inputs;

  gboolean enabled = gten_set_grad_enabled (FALSE);
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) returned = GTEN_FUNCTION_GET_CLASS (self)->forward (self, arguments, &local);
  if (returned != NULL)
    g_ptr_array_set_free_func (returned, gten_unref_any); /* bindings make arrays that do not free their elements */
  gten_set_grad_enabled (enabled);
  priv->edges = NULL;
  priv->n_edges = 0;

  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (check_outputs (self, returned, error) && (!wanted || check_dirty (fpriv->dirty, error)))
    {
      g_autoptr (GPtrArray) outputs = g_ptr_array_new_full (returned->len, gten_unref_any);

      for (guint i = 0; i < returned->len; i++)
        {
          g_ptr_array_add (outputs, g_object_ref (g_ptr_array_index (returned, i)));
          replace_if_input (outputs, i, inputs, n_inputs,
                            contains (fpriv->dirty, g_ptr_array_index (returned, i)));
        }
      if (wanted)
        {
          gint64 *at = gten_node_open (node, n_inputs, outputs->len,
                                       fpriv->to_save != NULL ? fpriv->to_save->len : 0, bytes_of_sizes (outputs),
                                       NULL, 0);

          gten_node_number (node);
          for (gsize i = 0; i < n_inputs; i++)
            priv->edges[i] = (GtenEdge) { g_steal_pointer (&edges[i].node), edges[i].output_nr };
          for (guint i = 0; i < outputs->len; i++)
            priv->outputs[i] = gten_shape_of (g_ptr_array_index (outputs, i), &at);
          gten_node_remember_stream (priv);
          record (self, inputs, n_inputs, outputs);
        }
      g_clear_pointer (&fpriv->to_save, g_ptr_array_unref);
      g_clear_pointer (&fpriv->dirty, g_ptr_array_unref);
      g_clear_pointer (&fpriv->non_differentiable, g_ptr_array_unref);
      return g_steal_pointer (&outputs);
    }

  for (gsize i = 0; i < n_inputs; i++)
    g_clear_object (&edges[i].node);
  return NULL;
}

/* -- public -------------------------------------------------------------------------------------- */

/**
 * gten_function_set_name:
 * @self: a function
 * @name: the name of the node
 *
 * Names the node. Without this it is the type's name with "Backward" appended.
 */
void
gten_function_set_name (GtenFunction *self, const char *name)
{
  g_return_if_fail (GTEN_IS_FUNCTION (self));
  g_return_if_fail (name != NULL);
  gten_node_private (GTEN_NODE (self))->name = g_intern_string (name);
}

/**
 * gten_function_save_for_backward:
 * @self: a function that runs `forward`
 * @tensors: (array length=n_tensors): inputs, outputs or others
 * @n_tensors: the number of tensors
 *
 * Keeps tensors for `backward`, which gets them by [method@Function.get_saved_tensors]. To be
 * called in `forward`.
 */
void
gten_function_save_for_backward (GtenFunction *self, GtenTensor **tensors, gsize n_tensors)
{
  g_return_if_fail (GTEN_IS_FUNCTION (self));
  note (&function_private (self)->to_save, tensors, n_tensors);
}

/**
 * gten_function_get_saved_tensors:
 * @self: a function
 * @error: return location for an error
 *
 * Gets what was saved. Raises %GTEN_ERROR_AUTOGRAD if it was released, or changed in place since.
 *
 * Returns: (transfer container) (element-type GtenTensor): the tensors, in the order in which they
 *   were saved, or %NULL on error
 */
GPtrArray *
gten_function_get_saved_tensors (GtenFunction *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_FUNCTION (self), NULL);

  GtenNodePrivate *priv = gten_node_private (GTEN_NODE (self));
  g_autoptr (GPtrArray) result = g_ptr_array_new_full (priv->n_saved, gten_unref_any);

  for (guint i = 0; i < priv->n_saved; i++)
    {
      GError *local = NULL;
      GtenTensor *tensor = gten_node_unpack (GTEN_NODE (self), i, &local);

      if (local != NULL)
        {
          g_propagate_error (error, local);
          return NULL;
        }
      g_ptr_array_add (result, tensor);
    }
  return g_steal_pointer (&result);
}

/**
 * gten_function_mark_dirty:
 * @self: a function that runs `forward`
 * @tensors: (array length=n_tensors): inputs
 * @n_tensors: the number of tensors
 *
 * Says which inputs `forward` changed in place; it must return them as outputs. To be called in
 * `forward`.
 */
void
gten_function_mark_dirty (GtenFunction *self, GtenTensor **tensors, gsize n_tensors)
{
  g_return_if_fail (GTEN_IS_FUNCTION (self));
  note (&function_private (self)->dirty, tensors, n_tensors);
}

/**
 * gten_function_mark_non_differentiable:
 * @self: a function that runs `forward`
 * @tensors: (array length=n_tensors): outputs
 * @n_tensors: the number of tensors
 *
 * Says which outputs have no gradient. To be called in `forward`.
 */
void
gten_function_mark_non_differentiable (GtenFunction *self, GtenTensor **tensors, gsize n_tensors)
{
  g_return_if_fail (GTEN_IS_FUNCTION (self));
  note (&function_private (self)->non_differentiable, tensors, n_tensors);
}

/**
 * gten_function_set_materialize_grads:
 * @self: a function
 * @materialize: whether `backward` gets zeros where no gradient arrived, as it does at first,
 *   rather than %NULL
 *
 * Sets what `backward` gets for an output that received no gradient.
 */
void
gten_function_set_materialize_grads (GtenFunction *self, gboolean materialize)
{
  g_return_if_fail (GTEN_IS_FUNCTION (self));
  function_private (self)->leaves_missing = !materialize;
}

/**
 * gten_function_needs_input_grad:
 * @self: a function that was applied, or runs `forward`
 * @input: the index of an input
 *
 * Gets whether `backward` has to compute the gradient of an input.
 *
 * Returns: %TRUE if it is asked for
 */
gboolean
gten_function_needs_input_grad (GtenFunction *self, guint input)
{
  g_return_val_if_fail (GTEN_IS_FUNCTION (self), FALSE);
  return input < gten_node_private (GTEN_NODE (self))->n_edges
         && gten_node_needs_input (GTEN_NODE (self), input);
}

static void
gten_function_finalize (GObject *object)
{
  GtenFunctionPrivate *fpriv = function_private (GTEN_FUNCTION (object));

  g_clear_pointer (&fpriv->to_save, g_ptr_array_unref);
  g_clear_pointer (&fpriv->dirty, g_ptr_array_unref);
  g_clear_pointer (&fpriv->non_differentiable, g_ptr_array_unref);
  G_OBJECT_CLASS (gten_function_parent_class)->finalize (object);
}

static void
gten_function_class_init (GtenFunctionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gten_function_finalize;

  /**
   * GtenFunctionClass::forward:
   * @self: the function
   * @inputs: (element-type GtenTensor): the inputs
   * @error: return location for an error
   *
   * Computes the outputs from the inputs, without recording.
   *
   * Returns: (transfer full) (element-type GtenTensor): the outputs
   */
  klass->forward = NULL;
}

static void
gten_function_init (GtenFunction *self)
{
  gten_node_private (GTEN_NODE (self))->run = run_function;
}
