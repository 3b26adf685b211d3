/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "autograd/gten-backward.h"
#include "autograd/gten-function.h"
#include "autograd/gten-node.h"
#include "core/gten-tensor-private.h"
#include "ops/gten-call-private.h"

G_BEGIN_DECLS

/* How a view came to be, which decides whether it may be changed in place. */
typedef enum
{
  GTEN_VIEW_PLAIN,
  GTEN_VIEW_ONE_OF_MANY,      /* by an op with several results that view one input */
  GTEN_VIEW_NO_GRAD,          /* while recording was off */
  GTEN_VIEW_CUSTOM_FUNCTION,  /* by a function of the user's */
} GtenViewKind;

/* What a tensor knows about gradients. */
struct _GtenAutograd
{
  guint8      requires_grad;     /* a leaf that asks for one */
  guint8      retains_grad;
  guint8      view_kind;         /* a GtenViewKind */
  guint8      lock;              /* guards grad_fn of views and accumulator; see gten_autograd_lock() */
  guint       output_nr;
  GtenNode   *grad_fn;           /* what made it; NULL for a leaf */
  GtenTensor *grad;
  GtenNode   *accumulator;       /* weak: the leaf's AccumulateGrad while the graph holds it */
  GPtrArray  *hooks;             /* GtenHook */
  GtenTensor *base;              /* the tensor this is a differentiable view of; itself no view */
  gint        view_version;      /* storage version at which grad_fn was valid; older: derive it again from base */
};

/* -- recording, per thread ---------------------------------------------------------------------- */

extern __thread gboolean gten_grad_mode_off __attribute__ ((tls_model ("initial-exec")));

/* -- tensors ------------------------------------------------------------------------------------
 * The public functions of the tensor's "Autograd" section live in this folder; the tensor calls gten_autograd_free() when
 * it is disposed of, and defines the signal "grad-updated" and the property "grad". */

GtenAutograd *gten_autograd_ensure       (GtenTensor *self);
void          gten_autograd_free         (GtenAutograd *self);         /* NULL is fine */
gboolean      gten_autograd_needs_grad   (GtenTensor *self);           /* for a tensor that has autograd state */

/* Requires grad itself, or was made from what does. */
static inline gboolean
gten_tensor_needs_grad (GtenTensor *self)
{
  return self->autograd != NULL && gten_autograd_needs_grad (self);
}

/* The edge into which a gradient of `self` flows: its grad_fn, or its accumulator. Transfer full,
 * NULL for none. */
GtenNode     *gten_tensor_gradient_edge  (GtenTensor *self, guint *output_nr);

/* -- the one path --------------------------------------------------------------------------------
 * gten_call() asks gten_autograd_wanted(); if TRUE it calls gten_autograd_begin() before an in-place or out call, and
 * gten_autograd_record() after the kernel ran and the version of a changed storage was bumped (whether recording or not).
 * View operations call gten_autograd_set_view() for each result before recording, whether recording or not. */

/* Whether the call is to be recorded: grad mode is on and a tensor argument, or where the result
 * goes, needs a gradient. */
static inline gboolean
gten_autograd_wanted (const GtenCall *call)
{
  if (gten_grad_mode_off)
    return FALSE;
  for (guint i = 0; i < call->n_tensors; i++)
    if (call->tensors[i] != NULL && gten_tensor_needs_grad (call->tensors[i]))
      return TRUE;
  for (guint i = 0; call->out && i < call->op->n_results; i++)
    if (gten_tensor_needs_grad (call->results[i]))
      return TRUE;
  return FALSE;
}

/* Refuses what cannot be recorded (leaves in place, some views, out=) and keeps what the kernel
 * would destroy. */
gboolean      gten_autograd_begin        (GtenCall *call, GError **error);
/* Makes the node of call->op, its edges and saved tensors, and attaches it to the results; in
 * place, gives new history to self, its base and the views of it. */
gboolean      gten_autograd_record       (GtenCall *call, GError **error);
/* Gives `self`, which is no view, the history of `from`: it has become what `from` is. */
void          gten_autograd_adopt        (GtenTensor *self, GtenTensor *from);
/* To be called when the kernel failed after gten_autograd_begin(). */
void          gten_autograd_cancel       (GtenCall *call);
/* The part of begin() that needs no call, for changes in place that are not operations. */
gboolean      gten_autograd_check_in_place (GtenTensor *self, GError **error);
void          gten_autograd_set_view     (GtenTensor *view, GtenTensor *self, GtenViewKind kind);

/* -- for generated backward functions -------------------------------------------------------------
 * What the node saved. Saved tensors are unpacked with a version check. */

GtenTensor   *gten_node_saved_input      (GtenNode *self, guint input, GError **error);   /* transfer full */
GtenTensor   *gten_node_saved_result     (GtenNode *self, guint result, GError **error);  /* transfer full */
const GtenArg *gten_node_args            (GtenNode *self);                                /* call->args, copied */
guint         gten_node_n_tensors        (GtenNode *self);                                /* call->n_tensors */
const gint64 *gten_node_input_sizes      (GtenNode *self, guint input, guint *n_dims);    /* kept without the tensor */
GtenDtype     gten_node_input_dtype      (GtenNode *self, guint input);
GtenDevice   *gten_node_input_device     (GtenNode *self, guint input);
gboolean      gten_node_needs_input      (GtenNode *self, guint input);

G_END_DECLS
