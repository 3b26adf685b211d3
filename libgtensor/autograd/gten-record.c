/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recording: what the one path of every operation asks of autograd.
 *
 * A new result gets the node as its history. A tensor changed in place gets the node instead of its
 * old history, which the node's first edge leads to. A change of a view is a change of its base:
 * the base gets a CopySlices node, and every view derives its history from the base again as soon
 * as it sees that the storage has moved on. */

#include "autograd/gten-node-private.h"

#include "ops/gten-ops.h"

/* -- histories ----------------------------------------------------------------------------------- */

void
gten_node_attach (GtenNode *self, GtenTensor *result, guint output_nr)
{
  GtenAutograd *autograd = gten_autograd_ensure (result);
  GtenNode *old = autograd->grad_fn;

  autograd->grad_fn = g_object_ref (self);
  autograd->output_nr = output_nr;
  autograd->view_version = gten_version (result);
  if (old == NULL)
    return;
  gten_hooks_move_retained (result);
  g_object_unref (old);
}

void
gten_node_rebase (GtenNode *self, GtenTensor *result, guint output_nr)
{
  GtenAutograd *autograd = gten_autograd_ensure (result);

  if (autograd->base == NULL)
    {
      gten_node_attach (self, result, output_nr);
      return;
    }

  g_autoptr (GtenNode) slices = gten_copy_slices_new (autograd->base, result, self);
  gten_node_attach (slices, autograd->base, 0);
}

void
gten_autograd_adopt (GtenTensor *self, GtenTensor *from)
{
  guint output_nr;
  g_autoptr (GtenNode) node = gten_tensor_gradient_edge (from, &output_nr);

  if (node != NULL)
    gten_node_attach (node, self, output_nr);
}

/* With the lock held. The history of a view whose storage was changed: as_strided() of its base as
 * it is now. */
static void
derive_view (GtenTensor *self, gint version)
{
  GtenAutograd *autograd = self->autograd;

  if (!gten_tensor_needs_grad (autograd->base))
    return;

  gboolean enabled = gten_set_grad_enabled (TRUE);
  g_autoptr (GtenTensor) fresh
    = gten_tensor_as_strided_storage_offset (autograd->base, gten_sizes (self), self->n_dims, gten_strides (self),
                                             self->n_dims, self->offset, NULL);
  gten_set_grad_enabled (enabled);
  if (fresh == NULL || fresh->autograd == NULL || fresh->autograd->grad_fn == NULL)
    return;

  GtenNode *old = autograd->grad_fn;
  autograd->grad_fn = g_object_ref (fresh->autograd->grad_fn);
  autograd->output_nr = fresh->autograd->output_nr;
  autograd->view_version = version;
  if (old == NULL)
    return;
  gten_hooks_move_retained (self);
  gten_unref_later (old);
}

/* The leaf holds no reference to its accumulator, which clears the leaf's pointer before its memory
 * goes. */
static gboolean
ref_if_alive (GtenNode *node)
{
  gint *count = (gint *) &G_OBJECT (node)->ref_count;
  gint n = g_atomic_int_get (count);

  while (n > 0)
    {
      if (__atomic_compare_exchange_n (count, &n, n + 1, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return TRUE;
    }
  return FALSE;
}

GtenNode *
gten_tensor_gradient_edge_at (GtenTensor *self, gint version, guint *output_nr)
{
  GtenAutograd *autograd = self->autograd;
  GtenNode *node = NULL;

  *output_nr = 0;
  if (autograd == NULL)
    return NULL;

  if (autograd->base == NULL && autograd->grad_fn != NULL)
    {
      *output_nr = autograd->output_nr;
      return g_object_ref (autograd->grad_fn);
    }
  gten_spin_lock (&autograd->lock);
  if (autograd->base != NULL && autograd->view_version != version)
    derive_view (self, version);
  if (autograd->grad_fn != NULL)
    {
      *output_nr = autograd->output_nr;
      node = g_object_ref (autograd->grad_fn);
    }
  else if (autograd->requires_grad && autograd->accumulator != NULL
           && ref_if_alive (autograd->accumulator))
    node = autograd->accumulator;
  else if (autograd->requires_grad)
    node = autograd->accumulator = gten_accumulate_new (self);
  gten_spin_unlock (&autograd->lock);
  gten_unref_deferred ();
  return node;
}

GtenNode *
gten_tensor_gradient_edge (GtenTensor *self, guint *output_nr)
{
  return gten_tensor_gradient_edge_at (self, gten_version (self), output_nr);
}

gboolean
gten_autograd_needs_grad (GtenTensor *self)
{
  GtenAutograd *autograd = self->autograd;

  if (autograd->requires_grad || autograd->grad_fn != NULL)
    return TRUE;
  return autograd->base != NULL && autograd->view_version != gten_version (self)
         && gten_tensor_needs_grad (autograd->base);
}

void
gten_autograd_set_view (GtenTensor *view, GtenTensor *self, GtenViewKind kind)
{
  if (!gten_dtype_is_floating_point (view->dtype) || view->dtype != self->dtype || view == self)
    return;

  GtenAutograd *autograd = gten_autograd_ensure (view);
  GtenAutograd *of = self->autograd;
  GtenTensor *base = of != NULL && of->base != NULL ? of->base : self;

  if (kind == GTEN_VIEW_PLAIN && gten_grad_mode_off)
    kind = GTEN_VIEW_NO_GRAD;
  if (kind == GTEN_VIEW_PLAIN && of != NULL && of->base != NULL)
    kind = of->view_kind;
  g_set_object (&autograd->base, base);
  autograd->view_kind = kind;
  autograd->view_version = gten_version (view);
}

/* -- changes in place ---------------------------------------------------------------------------- */

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD, message);
  return FALSE;
}

static gboolean
fail_view (GtenTensor *self, GError **error)
{
  GtenAutograd *autograd = self->autograd;
  g_autofree char *maker = NULL;
  const char *reason;

  switch ((GtenViewKind) autograd->view_kind)
    {
    case GTEN_VIEW_ONE_OF_MANY:
      reason = " This view is the output of a function that returns multiple views. Such functions do not allow the "
               "output views to be modified inplace. You should replace the inplace operation by an out-of-place one.";
      break;
    case GTEN_VIEW_CUSTOM_FUNCTION:
      reason = " This view was created inside a custom Function (or because an input was returned as-is) and the "
               "autograd logic to handle view+inplace would override the custom backward associated with the custom "
               "Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the "
               "output of the custom Function.";
      break;
    case GTEN_VIEW_PLAIN:
    case GTEN_VIEW_NO_GRAD:
    default:
      return fail (error,
                   "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given "
                   "that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
                   "moving both the view and the inplace either both inside the no_grad block (if you don't want the "
                   "inplace to be tracked) or both outside (if you want the inplace to be tracked).");
    }
  maker = autograd->grad_fn != NULL ? gten_node_forward_name (autograd->grad_fn) : g_strdup ("an operation");
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD, "Output %u of %s is a view and is being modified inplace.%s",
               autograd->output_nr, maker, reason);
  return FALSE;
}

gboolean
gten_autograd_check_in_place (GtenTensor *self, GError **error)
{
  GtenAutograd *autograd = self->autograd;

  if (gten_grad_mode_off || autograd == NULL)
    return TRUE;
  if (autograd->base != NULL && autograd->view_kind != GTEN_VIEW_PLAIN)
    return fail_view (self, error);
  if (autograd->base != NULL && gten_tensor_needs_grad (self)
      && gten_tensor_is_leaf (autograd->base))
    return fail (error, "a view of a leaf Variable that requires grad is being used in an in-place operation.");
  if (autograd->requires_grad && autograd->grad_fn == NULL)
    return fail (error,
                 "a leaf Variable that requires grad is being used in an in-place operation.");
  return TRUE;
}

/* -- the one path -------------------------------------------------------------------------------- */

gboolean
gten_autograd_begin (GtenCall *call, GError **error)
{
  if (call->out)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                   "%s(): functions with out=... arguments don't support automatic differentiation, but one of the "
                   "arguments requires grad.",
                   call->op->name);
      return FALSE;
    }
  if (!call->in_place)
    return TRUE;
  if (!gten_autograd_check_in_place (call->tensors[0], error))
    return FALSE;

  call->original_version = gten_version (call->tensors[0]);
  if (call->op->kind == GTEN_OP_VIEW)
    {
      /* Only the geometry changes, of which its gradient needs the old one. */
      call->original = gten_tensor_detach (call->tensors[0], error);
      return call->original != NULL;
    }
  if (call->op->node_name == NULL || !(gten_op_node_used_inputs (call) & 1))
    return TRUE;
  call->original = gten_tensor_clone (call->tensors[0], error);
  return call->original != NULL;
}

void
gten_autograd_cancel (GtenCall *call)
{
  g_clear_object (&call->original);
}

static gboolean
has_edge (GtenNode *node)
{
  GtenNodePrivate *priv = gten_node_private (node);

  for (guint i = 0; i < priv->n_edges; i++)
    if (priv->edges[i].node != NULL)
      return TRUE;
  return FALSE;
}

gboolean
gten_autograd_record (GtenCall *call, GError **error)
{
  /* An operation may give its input back as it is. */
  if (call->op->node_name == NULL || (!call->in_place && call->results[0] == call->tensors[0]))
    {
      gten_autograd_cancel (call);
      return TRUE;
    }

  GtenNode *node = gten_op_node_new (call);
  guint n_results = call->list != NULL ? call->list->len : call->op->n_results;

  gten_autograd_cancel (call);
  for (guint i = 0; has_edge (node) && i < n_results; i++)
    {
      GtenTensor *result = call->list != NULL ? g_ptr_array_index (call->list, i) : call->results[i];

      if (!gten_dtype_is_floating_point (result->dtype) || call->op->constant_results >> i & 1)
        continue;
      if (i == 0 && call->in_place)
        gten_node_rebase (node, result, 0);
      else
        gten_node_attach (node, result, i);
    }
  g_object_unref (node);
  return TRUE;
}
