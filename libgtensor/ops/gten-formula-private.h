/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the generated functions call: numbers as tensors, gradients as a formula needs them, facts
 * about shapes. */
#pragma once

#include "autograd/gten-autograd-private.h"
#include "ops/gten-call-private.h"

#include <math.h>

G_BEGIN_DECLS

/* A number as a 0-d tensor that does not decide the dtype. Most live for one call, so the thread
 * keeps the last ones for the next: what nothing else refers to by then is taken back by
 * gten_unwrap(). */
typedef GtenTensor GtenWrapped;

GtenWrapped *gten_wrap              (GtenScalar value);
GtenWrapped *gten_wrap_value        (const GValue *value, const char *op, const char *argument,
                                     GError **error);
void         gten_unwrap            (GtenWrapped *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GtenWrapped, gten_unwrap)

gboolean     gten_read_number       (const GValue *value, const char *op, const char *argument, GtenScalar *number,
                                     GError **error);

/* Results of a call. */
gboolean     gten_call_give         (GtenCall *call, guint i, GtenTensor *result, GError **error);
gboolean     gten_call_give_truth   (GtenCall *call, gboolean value, GError **error);
gboolean     gten_call_truth        (GtenCall *call, GError **error); /* of the 0-d result, which is released */
void         gten_give              (GtenCall *call, guint i, GtenTensor **to);

/* Gradients of results that received none are zeros to a formula. Transfer full. */
GtenTensor  *gten_gradient_or_zeros (GtenNode *node, GtenTensor **grads, guint i, GError **error);
GPtrArray   *gten_all_gradients     (GtenNode *node, GtenTensor **grads, GError **error);
/* Whether an element of a list, which begins at input `first`, needs a gradient. */
gboolean     gten_needs_list        (GtenNode *node, guint first);
/* Hands the elements of a list to the inputs from `first` on that need one. */
void         gten_give_list         (GtenNode *node, guint first, GtenTensor **list, guint n,
                                     GtenTensor **grad_inputs);

static inline GtenTensor *
gten_ref_or_null (GtenTensor *self)
{
  return self != NULL ? g_object_ref (self) : NULL;
}

/* Formulas ask for dimensions that the operation has already checked. */
static inline gint64
gten_fact_size (guint n_dims, const gint64 *sizes, gint64 dim)
{
  if (dim < 0)
    dim += n_dims;
  return dim >= 0 && dim < n_dims ? sizes[dim] : 1;
}

static inline gint64
gten_fact_numel (guint n_dims, const gint64 *sizes)
{
  gint64 numel = 1;

  for (guint i = 0; i < n_dims; i++)
    numel *= sizes[i];
  return numel;
}

G_END_DECLS
