/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tensors of a node: its value, its gradient and those that were saved for it. What is wanted
 * or asked of them the node passes on to its graph. */
#include "gten-gtk-node-private.h"

#include <string.h>

#include "gten-gtk-tensor-private.h"

/* Others may hold on to it. */
static void
drop_tensor (GtenGtkNode *self, GtenGtkTensor **tensor)
{
  if (*tensor != NULL)
    {
      g_signal_handlers_disconnect_by_data (*tensor, self);
      g_clear_weak_pointer (&(*tensor)->node);
    }
  g_clear_object (tensor);
}

void
gten_gtk_node_clear_output (GtenGtkNode *self)
{
  drop_tensor (self, &self->value);
  drop_tensor (self, &self->gradient);
  g_clear_pointer (&self->shape, g_free);
}

static void
norm_cb (GtenGtkNode *self)
{
  gten_gtk_node_touch (self);
  gten_gtk_node_notify (self, PROP_NORM);
  gten_gtk_node_notify (self, PROP_NORM_TEXT);
}

static void
values_cb (GtenGtkNode *self)
{
  gten_gtk_node_touch (self);
  if (self->graph != NULL)
    gten_gtk_graph_node_changed (self->graph);
}

static void
tensor_wanted_cb (GtenGtkTensor *tensor, GtenGtkNode *self)
{
  if (self->graph != NULL)
    gten_gtk_graph_want (self->graph, self, tensor);
}

static void
tensor_asked_cb (GtenGtkTensor *tensor, GtenGtkQuestion *question, GtenGtkNode *self)
{
  if (self->graph != NULL)
    gten_gtk_graph_ask (self->graph, self, question);
}

/* Who looks at the tensor may hold on to it for longer than there is the node. */
static void
own_tensor (GtenGtkNode *self, GtenGtkTensor *tensor)
{
  g_set_weak_pointer (&tensor->node, self);
  g_signal_connect_object (tensor, "wanted", G_CALLBACK (tensor_wanted_cb), self, 0);
  g_signal_connect_object (tensor, "whole-wanted", G_CALLBACK (tensor_wanted_cb), self, 0);
  g_signal_connect_object (tensor, "asked", G_CALLBACK (tensor_asked_cb), self, 0);
}

static GtenGtkTensor *
make_tensor (GtenGtkNode *self, const char *name)
{
  GtenGtkTensor *tensor = gten_gtk_tensor_new (name, self->dtype, self->shape, self->n_dims);

  g_signal_connect_swapped (tensor, "notify::values", G_CALLBACK (values_cb), self);
  own_tensor (self, tensor);
  return tensor;
}

/**
 * gten_gtk_node_set_output:
 * @self: a node
 * @dtype: dtype of its first output
 * @shape: (array length=n_dims): shape of its first output
 * @n_dims: number of dimensions
 *
 * Gives the node a value and a gradient, of which shape and dtype are known and nothing else.
 */
void
gten_gtk_node_set_output (GtenGtkNode *self, GtenDtype dtype, const gint64 *shape, gsize n_dims)
{
  gten_gtk_node_clear_output (self);
  self->dtype = dtype;
  self->shape = g_new (gint64, n_dims + 1);
  memcpy (self->shape, shape, n_dims * sizeof *shape);
  self->n_dims = n_dims;
  gten_gtk_node_notify (self, PROP_VALUE);
  gten_gtk_node_notify (self, PROP_GRADIENT);
  gten_gtk_node_notify (self, PROP_SHAPE);
}

/**
 * gten_gtk_node_get_value:
 * @self: a node
 *
 * Returns: (transfer none) (nullable): what the operation computed
 */
GtenGtkTensor *
gten_gtk_node_get_value (GtenGtkNode *self)
{
  if (self->value == NULL && self->shape != NULL)
    self->value = make_tensor (self, "value");
  return self->value;
}

/**
 * gten_gtk_node_get_gradient:
 * @self: a node
 *
 * Returns: (transfer none) (nullable): the gradient with respect to its value
 */
GtenGtkTensor *
gten_gtk_node_get_gradient (GtenGtkNode *self)
{
  if (self->gradient == NULL && self->shape != NULL)
    {
      self->gradient = make_tensor (self, "gradient");
      g_signal_connect_swapped (self->gradient, "notify::summary", G_CALLBACK (norm_cb), self);
    }
  return self->gradient;
}

/**
 * gten_gtk_node_get_saved:
 * @self: a node
 *
 * Returns: (transfer none): the tensors that were saved for the gradient, as a list of
 *   [class@Tensor]
 */
GListModel *
gten_gtk_node_get_saved (GtenGtkNode *self)
{
  if (self->saved == NULL)
    self->saved = g_list_store_new (GTEN_GTK_TYPE_TENSOR);
  return G_LIST_MODEL (self->saved);
}

/**
 * gten_gtk_node_add_saved:
 * @self: a node
 * @tensor: a tensor that was saved for the gradient
 *
 * Appends to the saved tensors.
 */
void
gten_gtk_node_add_saved (GtenGtkNode *self, GtenGtkTensor *tensor)
{
  own_tensor (self, tensor);
  g_list_store_append (G_LIST_STORE (gten_gtk_node_get_saved (self)), tensor);
}

/**
 * gten_gtk_tensor_get_node:
 * @self: a tensor
 *
 * Returns: (transfer none) (nullable): the node whose value, gradient or saved tensor it is
 */
GtenGtkNode *
gten_gtk_tensor_get_node (GtenGtkTensor *self)
{
  return self->node;
}
