/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

/**
 * GtenBackwardFlags:
 * @GTEN_BACKWARD_DEFAULT: release saved tensors node by node
 * @GTEN_BACKWARD_RETAIN_GRAPH: keep them, so that the graph can be run again
 * @GTEN_BACKWARD_CREATE_GRAPH: record the pass itself, for higher derivatives; implies retaining
 *   the graph
 * @GTEN_BACKWARD_ALLOW_UNUSED: an input that was not used has no gradient, instead of an error
 * @GTEN_BACKWARD_ACCUMULATE_INPUTS: add the gradients of the inputs to their `grad`
 */
typedef enum
{
  GTEN_BACKWARD_DEFAULT      = 0,
  GTEN_BACKWARD_RETAIN_GRAPH = 1 << 0,
  GTEN_BACKWARD_CREATE_GRAPH = 1 << 1,
  GTEN_BACKWARD_ALLOW_UNUSED = 1 << 2,
  GTEN_BACKWARD_ACCUMULATE_INPUTS = 1 << 3,
} GtenBackwardFlags;

/**
 * GtenGradState:
 * @GTEN_GRAD_NOT_NEEDED: nothing asks for this gradient
 * @GTEN_GRAD_PENDING: no contribution has arrived
 * @GTEN_GRAD_PARTIAL: some contributions have arrived
 * @GTEN_GRAD_READY: all have; the node can run
 * @GTEN_GRAD_DONE: the node has run
 *
 * How far the gradient of a node's outputs has come in a pass.
 */
typedef enum
{
  GTEN_GRAD_NOT_NEEDED,
  GTEN_GRAD_PENDING,
  GTEN_GRAD_PARTIAL,
  GTEN_GRAD_READY,
  GTEN_GRAD_DONE,
} GtenGradState;

#define GTEN_TYPE_BACKWARD (gten_backward_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenBackward, gten_backward, GTEN, BACKWARD, GObject)

GTEN_API GtenBackward *gten_backward_new           (GtenTensor *root, GtenTensor *gradient, GtenBackwardFlags flags,
                                                    GError **error);
GTEN_API GtenBackward *gten_backward_new_full      (GtenTensor **roots, gsize n_roots,
                                                    GtenTensor **gradients, gsize n_gradients,
                                                    GtenTensor **inputs, gsize n_inputs,
                                                    GtenBackwardFlags flags, GError **error);
GTEN_API gboolean      gten_backward_step          (GtenBackward *self, GError **error);
GTEN_API gboolean      gten_backward_run           (GtenBackward *self, GError **error);
GTEN_API gboolean      gten_backward_run_to        (GtenBackward *self, GtenNode *node,
                                                    GError **error);
GTEN_API gboolean      gten_backward_is_finished   (GtenBackward *self);
GTEN_API GtenNode     *gten_backward_get_node      (GtenBackward *self);   /* the node that ran last */
GTEN_API GtenNode     *gten_backward_get_next      (GtenBackward *self);   /* the node that runs next */
GTEN_API GPtrArray    *gten_backward_get_nodes     (GtenBackward *self);   /* all, in the order in which they will run */
GTEN_API guint         gten_backward_get_n_nodes   (GtenBackward *self);
GTEN_API guint         gten_backward_get_n_done    (GtenBackward *self);
GTEN_API GtenGradState gten_backward_get_state     (GtenBackward *self, GtenNode *node,
                                                    guint *n_arrived, guint *n_expected);
GTEN_API GtenTensor   *gten_backward_get_gradient  (GtenBackward *self, GtenNode *node, guint output_nr); /* while kept */
GTEN_API void          gten_backward_set_keep_gradients (GtenBackward *self, gsize max_bytes);
GTEN_API GPtrArray    *gten_backward_get_input_gradients (GtenBackward *self); /* of the inputs; NULL elements for unused */

/* The same, run to the end. */
GTEN_API gboolean      gten_tensor_backward        (GtenTensor *self, GtenTensor *gradient, GtenBackwardFlags flags,
                                                    GError **error);
GTEN_API GPtrArray    *gten_autograd_grad          (GtenTensor **outputs, gsize n_outputs,
                                                    GtenTensor **inputs, gsize n_inputs,
                                                    GtenTensor **grad_outputs, gsize n_grad_outputs,
                                                    GtenBackwardFlags flags, GError **error);

/* Recording is on or off per thread. Each call returns the previous mode, to be restored. */
GTEN_API gboolean      gten_is_grad_enabled        (void);
GTEN_API gboolean      gten_set_grad_enabled       (gboolean enabled);
GTEN_API gboolean      gten_is_anomaly_enabled     (void);
GTEN_API gboolean      gten_set_anomaly_enabled    (gboolean enabled);

G_END_DECLS
