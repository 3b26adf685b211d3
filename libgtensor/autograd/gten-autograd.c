/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The autograd side of a tensor, and the modes of a thread. */

#include "autograd/gten-node-private.h"

#include "ops/gten-ops.h"
#include "ops/gten-run-private.h"

#include <string.h>

__thread gboolean gten_grad_mode_off;

static gint anomaly_enabled;

/* -- state --------------------------------------------------------------------------------------- */

GtenAutograd *
gten_autograd_ensure (GtenTensor *self)
{
  GtenAutograd *autograd = __atomic_load_n (&self->autograd, __ATOMIC_ACQUIRE);

  if (autograd != NULL)
    return autograd;

  GtenAutograd *made = g_new (GtenAutograd, 1);

  memset (made, 0, sizeof *made); /* faster than calloc() */
  if (__atomic_compare_exchange_n (&self->autograd, &autograd, made, FALSE, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE))
    return made;
  g_free (made);
  return autograd;
}

void
gten_autograd_free (GtenAutograd *self)
{
  if (self == NULL)
    return;
  gten_unref_later (self->grad_fn);
  gten_unref_later (self->grad);
  gten_unref_later (self->base);
  g_clear_pointer (&self->hooks, g_ptr_array_unref);
  g_free (self);
  gten_unref_deferred ();
}

gboolean
gten_gradient_fit (GtenTensor **grad, const GtenShape *shape, GError **error)
{
  GtenTensor *from = *grad;

  if (from->n_dims != shape->n_dims
      || memcmp (gten_sizes (from), shape->sizes, shape->n_dims * sizeof (gint64)) != 0)
    {
      g_autoptr (GtenTensor) sum = gten_tensor_sum_to_size (from, shape->sizes, shape->n_dims,
                                                            error);

      if (sum == NULL)
        return FALSE;
      g_set_object (grad, sum);
    }
  if ((*grad)->dtype != shape->dtype || (*grad)->storage->device != shape->device)
    {
      g_autoptr (GtenTensor) cast = gten_apply_to (*grad, shape->device, shape->dtype, FALSE, FALSE, error);

      if (cast == NULL)
        return FALSE;
      g_set_object (grad, cast);
    }
  return TRUE;
}

/* -- public -------------------------------------------------------------------------------------- */

/**
 * gten_tensor_get_requires_grad: (get-property requires-grad)
 * @self: a tensor
 *
 * Gets whether gradients flow to the tensor: it asks for one itself, or was made from one that
 * does.
 *
 * Returns: %TRUE if operations on the tensor are recorded
 */
gboolean
gten_tensor_get_requires_grad (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  return gten_tensor_needs_grad (self);
}

/**
 * gten_tensor_set_requires_grad: (set-property requires-grad)
 * @self: a leaf
 * @requires_grad: whether the tensor asks for a gradient
 *
 * Does what [method@Tensor.requires_grad_] does; where that fails, warns and changes nothing.
 */
void
gten_tensor_set_requires_grad (GtenTensor *self, gboolean requires_grad)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (GTEN_IS_TENSOR (self));
  if (gten_tensor_requires_grad_ (self, requires_grad, &error) == NULL && error != NULL)
    g_warning ("%s", error->message);
}

/**
 * gten_tensor_requires_grad_:
 * @self: (nullable): a leaf
 * @requires_grad: whether the tensor asks for a gradient
 * @error: return location for an error
 *
 * Asks for a gradient of the tensor: operations on it are recorded from now on. Raises
 * %GTEN_ERROR_DTYPE if the dtype has no gradients, and %GTEN_ERROR_AUTOGRAD if @requires_grad is
 * %FALSE for a tensor that is no leaf.
 *
 * Returns: (transfer none): @self, or %NULL on error
 */
GtenTensor *
gten_tensor_requires_grad_ (GtenTensor *self, gboolean requires_grad, GError **error)
{
  if (self == NULL)
    return NULL;
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  if (requires_grad && !gten_dtype_is_floating_point (self->dtype))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_DTYPE,
                           "only Tensors of floating point and complex dtype can require gradients");
      return NULL;
    }
  if (!gten_tensor_is_leaf (self))
    {
      if (requires_grad)
        return self;
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "you can only change requires_grad flags of leaf variables. If you want to use a computed "
                           "variable in a subgraph that doesn't require differentiation use var_no_grad = "
                           "var.detach().");
      return NULL;
    }
  if (!requires_grad && self->autograd == NULL)
    return self;

  GtenAutograd *autograd = gten_autograd_ensure (self);
  if (autograd->requires_grad == (requires_grad != FALSE))
    return self;
  autograd->requires_grad = requires_grad != FALSE;
  g_object_notify (G_OBJECT (self), "requires-grad");
  return self;
}

/**
 * gten_tensor_is_leaf:
 * @self: a tensor
 *
 * Gets whether the tensor has no history: it was not computed from tensors that require gradients.
 *
 * Returns: %TRUE for a leaf
 */
gboolean
gten_tensor_is_leaf (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), TRUE);
  return gten_tensor_get_grad_fn (self) == NULL;
}

/**
 * gten_tensor_get_grad: (get-property grad)
 * @self: a tensor
 *
 * Gets the gradient that backward passes have accumulated for the tensor.
 *
 * Returns: (transfer none) (nullable): the gradient, or %NULL if there is none yet
 */
GtenTensor *
gten_tensor_get_grad (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);
  return self->autograd != NULL ? self->autograd->grad : NULL;
}

static gboolean
check_grad (GtenTensor *self, GtenTensor *grad, GError **error)
{
  if (grad == self)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "can't assign Variable as its own grad");
      return FALSE;
    }
  if (grad->n_dims != self->n_dims
      || memcmp (grad->dims, self->dims, self->n_dims * sizeof (gint64)) != 0)
    {
      g_autofree char *size = gten_shape_to_string (grad->n_dims, gten_sizes (grad));
      g_autofree char *expected = gten_shape_to_string (self->n_dims, gten_sizes (self));

      g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE,
                   "attempting to assign a gradient of size '%s' to a tensor of size '%s'. Please ensure that the "
                   "gradient and the tensor are the same size",
                   size, expected);
      return FALSE;
    }
  if (grad->dtype != self->dtype)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DTYPE,
                   "attempting to assign a gradient with dtype '%s' to a tensor with dtype '%s'. The gradient must "
                   "match the tensor's dtype",
                   gten_dtype_get_name (grad->dtype), gten_dtype_get_name (self->dtype));
      return FALSE;
    }
  if (grad->storage->device != self->storage->device)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE,
                   "attempting to assign a gradient located on device '%s' to a tensor located on device '%s'. Please "
                   "ensure that the gradient and the tensor are on the same device",
                   gten_device_get_name (grad->storage->device), gten_device_get_name (self->storage->device));
      return FALSE;
    }
  return TRUE;
}

/**
 * gten_tensor_set_grad:
 * @self: a tensor
 * @grad: (nullable): the gradient, or %NULL to forget it
 * @error: return location for an error
 *
 * Sets the gradient to which backward passes add. Raises %GTEN_ERROR_SHAPE, %GTEN_ERROR_DTYPE or
 * %GTEN_ERROR_DEVICE if it has not the shape, dtype and device of the tensor.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_tensor_set_grad (GtenTensor *self, GtenTensor *grad, GError **error)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  g_return_val_if_fail (grad == NULL || GTEN_IS_TENSOR (grad), FALSE);

  if (grad != NULL && !check_grad (self, grad, error))
    return FALSE;
  if (grad == gten_tensor_get_grad (self))
    return TRUE;
  g_set_object (&gten_autograd_ensure (self)->grad, grad);
  g_object_notify (G_OBJECT (self), "grad");
  return TRUE;
}

/**
 * gten_tensor_get_grad_fn: (get-property grad-fn)
 * @self: a tensor
 *
 * Gets the node of the operation that made the tensor.
 *
 * Returns: (transfer none) (nullable): the node, or %NULL for a leaf
 */
GtenNode *
gten_tensor_get_grad_fn (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  if (self->autograd == NULL)
    return NULL;
  if (self->autograd->base != NULL)
    {
      guint output_nr;
      GtenNode *edge = gten_tensor_gradient_edge (self, &output_nr); /* derives it again if need be */
      g_clear_object (&edge);
    }
  return self->autograd->grad_fn;
}

/**
 * gten_tensor_get_output_nr:
 * @self: a tensor
 *
 * Gets which output of its `grad_fn` the tensor is.
 *
 * Returns: the index
 */
guint
gten_tensor_get_output_nr (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);
  return self->autograd != NULL ? self->autograd->output_nr : 0;
}

/**
 * gten_tensor_get_retains_grad:
 * @self: a tensor
 *
 * Gets whether backward passes keep the gradient of the tensor although it is no leaf.
 *
 * Returns: %TRUE after [method@Tensor.retain_grad]
 */
gboolean
gten_tensor_get_retains_grad (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  return self->autograd != NULL && self->autograd->retains_grad;
}

/**
 * gten_tensor_detach:
 * @self: (nullable): a tensor
 * @error: return location for an error
 *
 * Makes a tensor that shares the elements and has no history.
 *
 * Returns: (transfer full): the new tensor
 */
GtenTensor *
gten_tensor_detach (GtenTensor *self, GError **error)
{
  if (self == NULL)
    return NULL;
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  return gten_tensor_new_strided (self->storage, self->dtype, self->n_dims, gten_sizes (self), gten_strides (self),
                                  self->offset);
}

/**
 * gten_tensor_detach_:
 * @self: (nullable): a tensor that is no view
 * @error: return location for an error
 *
 * Makes the tensor a leaf that requires no gradient. Raises %GTEN_ERROR_AUTOGRAD for a view.
 *
 * Returns: (transfer none): @self, or %NULL on error
 */
GtenTensor *
gten_tensor_detach_ (GtenTensor *self, GError **error)
{
  if (self == NULL)
    return NULL;
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  GtenAutograd *autograd = self->autograd;

  if (autograd == NULL)
    return self;
  if (autograd->base != NULL)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "Can't detach views in-place. Use detach() instead.");
      return NULL;
    }
  autograd->requires_grad = FALSE;
  autograd->output_nr = 0;
  g_clear_object (&autograd->grad_fn);
  g_object_notify (G_OBJECT (self), "requires-grad");
  return self;
}

/**
 * gten_tensor_set_data:
 * @self: a tensor
 * @data: another tensor of the same dtype
 * @error: return location for an error
 *
 * Has the tensor show the elements of another, unseen by autograd; history and gradient stay.
 * Raises %GTEN_ERROR_DTYPE if the dtypes differ.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_tensor_set_data (GtenTensor *self, GtenTensor *data, GError **error)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  g_return_val_if_fail (GTEN_IS_TENSOR (data), FALSE);

  if (data->dtype != self->dtype)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_DTYPE,
                           "Attempted to call `variable.set_data(tensor)`, but `variable` and `tensor` have incompatible "
                           "tensor type.");
      return FALSE;
    }
  if (data == self)
    return TRUE;

  gten_tensor_set_storage (self, data->storage);
  gten_tensor_set_geometry (self, data->n_dims, gten_sizes (data), gten_strides (data),
                            data->offset);
  if (self->autograd != NULL)
    {
      /* The node of the old shape goes on in graphs that have it; new graphs get a new one. */
      gten_spin_lock (&self->autograd->lock);
      self->autograd->accumulator = NULL;
      self->autograd->view_version = gten_version (self);
      gten_spin_unlock (&self->autograd->lock);
    }
  return TRUE;
}

/**
 * gten_is_grad_enabled:
 *
 * Gets whether this thread records operations.
 *
 * Returns: %TRUE if it does, as every thread does at first
 */
gboolean
gten_is_grad_enabled (void)
{
  return !gten_grad_mode_off;
}

/**
 * gten_set_grad_enabled:
 * @enabled: whether to record operations
 *
 * Switches recording on or off for this thread.
 *
 * Returns: the mode from before, to be restored
 */
gboolean
gten_set_grad_enabled (gboolean enabled)
{
  gboolean before = !gten_grad_mode_off;

  gten_grad_mode_off = !enabled;
  return before;
}

/**
 * gten_is_anomaly_enabled:
 *
 * Gets whether backward passes look for NaN.
 *
 * Returns: %TRUE if they do
 */
gboolean
gten_is_anomaly_enabled (void)
{
  return g_atomic_int_get (&anomaly_enabled);
}

/**
 * gten_set_anomaly_enabled:
 * @enabled: whether to look for NaN
 *
 * Has all backward passes check each gradient, and fail at the node that makes a NaN, with its name
 * and the place in the program where it was recorded.
 *
 * Returns: the mode from before, to be restored
 */
gboolean
gten_set_anomaly_enabled (gboolean enabled)
{
  return __atomic_exchange_n (&anomaly_enabled, enabled != FALSE, __ATOMIC_SEQ_CST);
}
