/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "autograd/gten-backward.h"
#include "autograd/gten-function.h"
#include "autograd/gten-node.h"
#include "core/gten-tensor-private.h"
#include "ops/gten-call-private.h"

G_BEGIN_DECLS

/* What a tensor knows about gradients. */
struct _GtenAutograd
{
  guint       requires_grad : 1; /* a leaf that asks for one */
  guint       retains_grad : 1;
  guint       output_nr;
  GtenNode   *grad_fn;           /* what made it; NULL for a leaf */
  GtenTensor *grad;
  GtenNode   *accumulator;       /* weak: the leaf's AccumulateGrad while the graph holds it */
  gpointer    hooks;
  GtenTensor *base;              /* the tensor this is a differentiable view of */
  gint        view_version;      /* storage version at which grad_fn was valid; older: derive it again from base */
  gboolean    view_no_grad;      /* the view was made under no_grad */
};

gboolean  gten_tensor_needs_grad     (GtenTensor *self);           /* requires_grad, or has a grad_fn */
/* The edge into which a gradient of `self` flows: its grad_fn, or its accumulator. */
GtenNode *gten_tensor_gradient_edge  (GtenTensor *self, guint *output_nr);

/* The record step of the one path. Called by gten_call() after the kernel ran, when grad mode is on and some input needs a
 * gradient: makes the node of call->op, its edges and saved tensors, and attaches it to the results. */
gboolean  gten_autograd_record       (GtenCall *call, GError **error);
/* Before an in-place call: refuses leaves that require grad, and views on which it cannot be done. */
gboolean  gten_autograd_check_in_place (GtenTensor *self, GError **error);
/* After: version bump and, if recorded, new history for self, its base and views of it (PyTorch's CopySlices). */
void      gten_autograd_set_view     (GtenTensor *view, GtenTensor *self);

/* For generated backward functions: what the node saved. Saved tensors are unpacked with a version check. */
GtenTensor       *gten_node_saved_input  (GtenNode *self, guint input, GError **error);   /* transfer full */
GtenTensor       *gten_node_saved_result (GtenNode *self, guint result, GError **error);  /* transfer full */
const GtenArg    *gten_node_args         (GtenNode *self);                                /* call->args, copied */
const gint64     *gten_node_input_sizes  (GtenNode *self, guint input, guint *n_dims);    /* kept without the tensor */
GtenDtype         gten_node_input_dtype  (GtenNode *self, guint input);
gboolean          gten_node_needs_input  (GtenNode *self, guint input);

G_END_DECLS
