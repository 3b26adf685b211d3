/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The history of a tensor a view of which was changed in place: the gradient of the part that the
 * view shows passes through the operation that changed it, the rest passes by. */

#include "autograd/gten-node-private.h"

#include "ops/gten-ops.h"

#include <string.h>

#define GTEN_TYPE_COPY_SLICES (gten_copy_slices_get_type ())
G_DECLARE_FINAL_TYPE (GtenCopySlices, gten_copy_slices, GTEN, COPY_SLICES, GtenNode)

struct _GtenCopySlices
{
  GtenNode      parent_instance;
  GtenShape     view;
  const gint64 *base_strides;
  const gint64 *view_strides;
  gint64        view_offset;     /* from the first element of the base */
};

G_DEFINE_FINAL_TYPE (GtenCopySlices, gten_copy_slices, GTEN_TYPE_NODE)

static const gint64 *
copy_strides (GtenTensor *tensor, gint64 **at)
{
  gint64 *strides = memcpy (*at, gten_strides (tensor), tensor->n_dims * sizeof (gint64));

  *at += tensor->n_dims;
  return strides;
}

/* A copy of `grad` laid out as the base was, so that the view's strides find its elements. */
static GtenTensor *
copy_as_base (GtenCopySlices *self, GtenTensor *grad, GError **error)
{
  gint64 extent = 1;

  for (guint i = 0; i < grad->n_dims; i++)
    extent += MAX (gten_sizes (grad)[i] - 1, 0) * self->base_strides[i];

  GtenStorage *storage = gten_storage_new (grad->storage->device, extent * gten_itemsize (grad),
                                           error);
  if (storage == NULL)
    return NULL;

  g_autoptr (GtenTensor) copy
    = gten_tensor_new_strided (storage, grad->dtype, grad->n_dims, gten_sizes (grad),
                               self->base_strides, 0);
  gten_storage_unref (storage);
  return gten_tensor_copy_ (copy, grad, error) != NULL ? g_steal_pointer (&copy) : NULL;
}

static gboolean
run_copy_slices (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)
{
  GtenCopySlices *self = GTEN_COPY_SLICES (node);
  GtenNodePrivate *priv = gten_node_private (node);
  g_autoptr (GtenTensor) grad = copy_as_base (self, grads[0], error);
  g_autoptr (GtenTensor) slice
    = grad == NULL ? NULL
                   : gten_tensor_as_strided_storage_offset (grad, self->view.sizes, self->view.n_dims,
                                                            self->view_strides, self->view.n_dims, self->view_offset,
                                                            error);
  g_autoptr (GtenTensor) slice_grad = gten_tensor_clone (slice, error);

  if (slice_grad == NULL
      || !gten_node_private (priv->inner)->run (priv->inner, &slice_grad, grad_inputs, error))
    return FALSE;

  g_autoptr (GtenTensor) through = g_steal_pointer (&grad_inputs[0]);
  if (priv->edges[0].node == NULL)
    return TRUE;
  if (through == NULL)
    gten_tensor_zero_ (slice, error);
  else if (!gten_gradient_fit (&through, &self->view, error)
           || gten_tensor_copy_ (slice, through, error) == NULL)
    return FALSE;
  grad_inputs[0] = g_steal_pointer (&grad);
  return TRUE;
}

GtenNode *
gten_copy_slices_new (GtenTensor *base, GtenTensor *view, GtenNode *inner)
{
  GtenCopySlices *self = (GtenCopySlices *) g_object_new_with_properties (GTEN_TYPE_COPY_SLICES, 0, NULL, NULL);
  GtenNode *node = GTEN_NODE (self);
  GtenNodePrivate *priv = gten_node_private (node), *of = gten_node_private (inner);
  gint64 *at = gten_node_open (node, of->n_edges, 1, 0,
                               2 * (base->n_dims + view->n_dims) * sizeof (gint64), NULL, 0);

  priv->name = "CopySlices";
  priv->run = run_copy_slices;
  priv->inner = g_object_ref (inner);
  priv->outputs[0] = gten_shape_of (base, &at);
  self->base_strides = copy_strides (base, &at);
  self->view = gten_shape_of (view, &at);
  self->view_strides = copy_strides (view, &at);
  self->view_offset = view->offset - base->offset;

  priv->edges[0].node = gten_tensor_gradient_edge (base, &priv->edges[0].output_nr);
  for (guint i = 1; i < of->n_edges; i++)
    {
      priv->edges[i] = of->edges[i];
      if (priv->edges[i].node != NULL)
        g_object_ref (priv->edges[i].node);
    }
  gten_node_number (node);
  return node;
}

static void
gten_copy_slices_class_init (GtenCopySlicesClass *klass)
{
}

static void
gten_copy_slices_init (GtenCopySlices *self)
{
}
