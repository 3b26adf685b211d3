/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

#define GTEN_TYPE_NODE (gten_node_get_type ())
GTEN_API G_DECLARE_DERIVABLE_TYPE (GtenNode, gten_node, GTEN, NODE, GObject)

/**
 * GtenNodeClass:
 * @backward: turns the gradients of the outputs (one per output; an element is NULL for an output
 *   that received none) into the gradients of the inputs, one per next edge, NULL for none
 */
struct _GtenNodeClass
{
  GObjectClass parent_class;

  GPtrArray *(*backward) (GtenNode *self, GPtrArray *grad_outputs, GError **error);

  /*< private >*/
  gpointer padding[8];
};

/**
 * GtenGradHook:
 * @grad: a gradient that was computed
 * @user_data: what was given with the hook
 *
 * Sees a gradient and may replace it.
 *
 * Returns: (transfer full) (nullable): the new gradient, or %NULL to keep it
 */
typedef GtenTensor *(*GtenGradHook) (GtenTensor *grad, gpointer user_data);

/**
 * GtenNodePrehook:
 * @grad_outputs: (element-type GtenTensor): the gradients of the node's outputs, %NULL for an
 *   output that received none
 * @user_data: what the hook was added with
 *
 * Called when a backward pass is about to run a node.
 *
 * Returns: (transfer full) (element-type GtenTensor) (nullable): gradients in place of
 *   @grad_outputs, or %NULL or an empty array to leave them
 */
typedef GPtrArray *(*GtenNodePrehook) (GPtrArray *grad_outputs, gpointer user_data);

/**
 * GtenNodeHook:
 * @grad_inputs: (element-type GtenTensor): the gradients of the node's inputs, %NULL for an input
 *   that needs none
 * @grad_outputs: (element-type GtenTensor): the gradients of the node's outputs, %NULL for an
 *   output that received none
 * @user_data: what the hook was added with
 *
 * Called when a backward pass has run a node.
 *
 * Returns: (transfer full) (element-type GtenTensor) (nullable): gradients in place of
 *   @grad_inputs, or %NULL or an empty array to leave them
 */
typedef GPtrArray *(*GtenNodeHook) (GPtrArray *grad_inputs, GPtrArray *grad_outputs,
                                    gpointer user_data);

/**
 * GtenSiteFunction:
 * @user_data: what was given with the function
 *
 * Says where in the program this thread is.
 *
 * Returns: (transfer full) (nullable): "file:line function", or %NULL if that is not known
 */
typedef char *(*GtenSiteFunction) (gpointer user_data);

GTEN_API const char *gten_node_get_name           (GtenNode *self);
GTEN_API guint64     gten_node_get_id             (GtenNode *self);
GTEN_API guint64     gten_node_get_sequence       (GtenNode *self);
GTEN_API GtenOp     *gten_node_get_op             (GtenNode *self);
GTEN_API guint       gten_node_get_n_inputs       (GtenNode *self);  /* next edges: inputs of the operation */
GTEN_API guint       gten_node_get_n_outputs      (GtenNode *self);
GTEN_API GtenNode   *gten_node_get_next_function  (GtenNode *self, guint input, guint *output_nr);
GTEN_API GPtrArray  *gten_node_get_next_functions (GtenNode *self);  /* (element-type GtenNode), NULLs skipped */
GTEN_API const gint64 *gten_node_get_output_shape (GtenNode *self, guint output, gsize *n_dims);
GTEN_API GtenDtype   gten_node_get_output_dtype   (GtenNode *self, guint output);
GTEN_API char      **gten_node_get_saved_names    (GtenNode *self);
GTEN_API GtenTensor *gten_node_get_saved          (GtenNode *self, const char *name,
                                                   GError **error);
GTEN_API char       *gten_node_describe_args      (GtenNode *self);  /* "dim=[0], keepdim=False" */
GTEN_API GtenTensor *gten_node_get_variable       (GtenNode *self);  /* AccumulateGrad's leaf, else NULL */
GTEN_API const char *gten_node_get_creation_site  (GtenNode *self);  /* "file:line function", or NULL */
GTEN_API gboolean    gten_node_is_released        (GtenNode *self);  /* saved tensors were freed */

GTEN_API GPtrArray  *gten_node_backward           (GtenNode *self, GPtrArray *grad_outputs,
                                                   GError **error);

/* Where nodes of this thread are made, until the next call: the overrides set it when asked to
 * trace. */
GTEN_API void        gten_node_set_site           (const char *site);
GTEN_API void        gten_node_set_site_function  (gboolean any_thread, GtenSiteFunction function,
                                                   gpointer user_data, GDestroyNotify destroy);

/* Hooks on a tensor's gradient, before it is accumulated or passed on. */
GTEN_API guint64     gten_tensor_add_hook         (GtenTensor *self, GtenGradHook hook, gpointer user_data,
                                                   GDestroyNotify destroy, GError **error);
GTEN_API void        gten_tensor_remove_hook      (GtenTensor *self, guint64 id);

/* Hooks on a node: before it runs, and after. */
GTEN_API guint64     gten_node_add_prehook        (GtenNode *self, GtenNodePrehook hook, gpointer user_data,
                                                   GDestroyNotify destroy);
GTEN_API guint64     gten_node_add_hook           (GtenNode *self, GtenNodeHook hook, gpointer user_data,
                                                   GDestroyNotify destroy);
GTEN_API void        gten_node_remove_hook        (GtenNode *self, guint64 id);

G_END_DECLS
