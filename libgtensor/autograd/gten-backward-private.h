/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pass: its plan, made when it is constructed, and how far it has come. */
#pragma once

#include "autograd/gten-node-private.h"

G_BEGIN_DECLS

/* A node in a pass, and the gradients of its outputs as they arrive. */
typedef struct
{
  GtenNode *node;                 /* kept alive by the roots */
  union
  {
    GtenTensor  *grad;            /* of the only output */
    GtenTensor **grads;           /* of several; allocated when the first arrives */
  };
  guint     n_expected;
  guint     n_arrived;
  guint     needed : 1;           /* an input of the pass is this, or lies beyond */
  guint     runs : 1;             /* an input of the pass lies beyond */
  guint     captured : 1;         /* an input of the pass is this */
  guint     done : 1;
} GtenTask;

/* An input of the pass: a tensor whose gradient is asked for. */
typedef struct
{
  GtenTensor *variable;
  GtenNode   *node;
  guint       output_nr;
  GtenTensor *grad;
} GtenCapture;

#define GTEN_PLAN_INLINE 12

struct _GtenBackward
{
  GObject           parent_instance;
  GtenBackwardFlags flags;
  gboolean          visible;      /* others than the library hold the pass, and may listen */
  gboolean          observed;
  gboolean          failed;
  guint8            running;      /* atomic: a step is being taken */

  GtenEdge         *roots;
  gsize             n_roots;
  GPtrArray        *watched_roots; /* the tensors themselves; NULL when nobody watches */
  GtenCapture      *captures;     /* NULL: gradients go to all leaves */
  gsize             n_captures;

  GtenTask         *tasks;
  guint             n_tasks;
  guint             n_allocated;
  guint32          *table;        /* of tasks by node: index + 1 in an open-addressed table, 0 is empty */
  guint             table_mask;
  guint32          *order;        /* of tasks: the plan */
  guint             n_order;
  guint             position;
  guint             n_ready;
  GtenNode         *last;

  gsize             keep_bytes;
  gsize             kept_bytes;
  guint             oldest_kept;  /* in the order */

  GtenEdge          inline_roots[1];
  GtenTask          inline_tasks[GTEN_PLAN_INLINE];
  guint32           inline_table[2 * GTEN_PLAN_INLINE + 8];
  guint32           inline_order[GTEN_PLAN_INLINE];
};

G_STATIC_ASSERT (((2 * GTEN_PLAN_INLINE + 8) & (2 * GTEN_PLAN_INLINE + 7)) == 0);

/* Finds all nodes that the pass needs, what each waits for, and the order in which they run. */
void      gten_backward_plan (GtenBackward *self);
void      gten_backward_plan_clear (GtenBackward *self);
GtenTask *gten_backward_find (GtenBackward *self, GtenNode *node); /* NULL if it is not part of the pass */

static inline GtenTask *
gten_backward_task (GtenBackward *self, guint position)
{
  return &self->tasks[self->order[position]];
}

/* The gradients of a task, or NULL before the first of several arrives. */
static inline GtenTensor **
gten_task_grads (GtenTask *self)
{
  return gten_node_private (self->node)->n_outputs == 1 ? &self->grad : self->grads;
}

G_END_DECLS
