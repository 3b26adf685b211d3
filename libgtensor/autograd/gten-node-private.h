/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every node is made of. A node never changes after it was recorded, but for what it saved,
 * which is released once. All edges point to nodes that were there before, so sequence numbers fall
 * along every edge: sorting by them is a topological order. Whatever varies in length lies in one
 * block of memory, inside the node if it fits. */
#pragma once

#include "autograd/gten-autograd-private.h"
#include "device/gten-stream-private.h"

G_BEGIN_DECLS

typedef struct
{
  GtenNode *node;                 /* NULL: no gradient is wanted */
  guint     output_nr;
} GtenEdge;

/* Geometry without a tensor. */
typedef struct
{
  const gint64 *sizes;
  GtenDevice   *device;
  guint8        n_dims;
  guint8        dtype;
} GtenShape;

/* A tensor kept for the backward function. A result is kept as an alias without history, so that no
 * cycle arises. */
typedef struct
{
  GtenTensor *tensor;
  gint        version;            /* or GTEN_ANY_VERSION if only the geometry counts */
  gint        output_nr;          /* of this node, or -1 for a tensor that is not a result of it */
} GtenSaved;

#define GTEN_ANY_VERSION G_MININT

/* A user's hook on a gradient or on a node, or, without a callback, a tensor that retains its
 * gradient. */
typedef struct
{
  guint64        id;
  guint          output_nr;
  gint           removed;         /* atomic: nodes that the tensor no longer knows may still list it */
  union
  {
    GtenGradHook    callback;
    GtenNodePrehook prehook;
    GtenNodeHook    posthook;
  };
  gpointer       user_data;
  GDestroyNotify destroy;
  GWeakRef       tensor;
} GtenHook;

/* GtenHook; the arrays are replaced, never changed. */
typedef struct
{
  GPtrArray *before, *after;
} GtenNodeHooks;

/* grads: one per output, NULL for none. Fills grad_inputs, one per edge (transfer full). */
typedef gboolean (*GtenNodeRun) (GtenNode *self, GtenTensor **grads, GtenTensor **grad_inputs,
                                 GError **error);

typedef struct
{
  const char  *name;              /* static or interned */
  const char  *site;              /* interned, or NULL */
  guint64      id;
  GtenNodeRun  run;
  GtenEdge    *edges;
  GtenShape   *outputs;
  GtenSaved   *saved;
  GPtrArray   *hooks;             /* GtenHook, on gradients; replaced, never changed */
  GtenNodeHooks *node_hooks;      /* NULL before the first hook on the node itself */
  GtenNode    *inner;             /* the operation in place that a CopySlices wraps */
  gpointer     block;             /* the memory of the above, if it is not inside the node */
  GtenStream  *stream;            /* on which the operation ran; NULL: the default one */
  guint        n_edges;
  guint        n_outputs;
  guint        n_saved;
  guint8       lock;              /* guards saved, released and hooks */
  guint8       released;
  guint8       accumulates;       /* runs as soon as it can: the end of every path */
} GtenNodePrivate;

enum { GTEN_NODE_ABOUT_TO_RUN, GTEN_NODE_BACKWARD_DONE, GTEN_NODE_N_SIGNALS };

extern guint gten_node_signals[GTEN_NODE_N_SIGNALS];
extern int gten_node_private_offset;

static inline GtenNodePrivate *
gten_node_private (GtenNode *self)
{
  return (GtenNodePrivate *) ((char *) self + gten_node_private_offset);
}

/* Remembers this thread's stream of the device of the outputs, which are known. */
static inline void
gten_node_remember_stream (GtenNodePrivate *self)
{
  if (G_UNLIKELY (gten_current_streams != NULL) && self->n_outputs > 0)
    self->stream = gten_current_streams[self->outputs[0].device->index];
}

static inline void
gten_spin_lock (guint8 *lock)
{
  while (__atomic_test_and_set (lock, __ATOMIC_ACQUIRE))
    g_thread_yield ();
}

static inline void
gten_spin_unlock (guint8 *lock)
{
  __atomic_clear (lock, __ATOMIC_RELEASE);
}

/* The highest runs first. */
static inline guint64
gten_node_rank (const GtenNodePrivate *priv)
{
  return priv->accumulates ? G_MAXUINT64 : priv->id;
}

/* Types whose nodes are revived rather than freed. */
typedef enum
{
  GTEN_NODE_OPS,
  GTEN_NODE_LEAVES,
  GTEN_NODE_N_LISTS,
} GtenNodeList;

gpointer     gten_node_new           (GType type, GtenNodeList list);
/* In dispose(): TRUE if the node is now empty and waits for its next life. */
gboolean     gten_node_revive        (GtenNode *self, GtenNodeList list);
/* Lets go of everything. */
void         gten_node_clear         (GtenNode *self);

/* Numbers the node, once all nodes that its edges lead to have theirs: finding an edge may make
 * one. */
void         gten_node_number        (GtenNode *self);
/* Gives the node its memory, in `memory` if it has room for all; returns `n_extra` bytes for the
 * caller. */
gpointer     gten_node_open          (GtenNode *self, guint n_edges, guint n_outputs, guint n_saved, gsize n_extra,
                                      gpointer memory, gsize n_memory);
void         gten_node_save          (GtenNode *self, guint i, GtenTensor *tensor, gint version,
                                      int output_nr);
GtenTensor  *gten_node_unpack        (GtenNode *self, guint i, GError **error); /* NULL without error if nothing was saved */
void         gten_node_release       (GtenNode *self);
/* Copies the geometry of `tensor` into *at, sizes included, and moves it on. */
GtenShape    gten_shape_of           (GtenTensor *tensor, gint64 **at);
/* Makes `self` the history of a tensor. */
void         gten_node_attach        (GtenNode *self, GtenTensor *result, guint output_nr);
/* The same for a tensor changed in place: a view gives the new history to its base. */
void         gten_node_rebase        (GtenNode *self, GtenTensor *result, guint output_nr);
/* Drops a reference without recursion: now, or when the outermost gten_unref_deferred() comes to
 * it. NULL is fine. */
void         gten_unref_later        (gpointer object);
void         gten_unref_deferred     (void);

/* Where the program is, as far as it says so; and asked of its language, if an inspector wants to know. Interned. */
const char  *gten_current_site       (void);
const char  *gten_find_site          (void);
void         gten_sites_watch        (gboolean watch);
extern gboolean gten_sites_are_watched;

/* The name without "Backward" and what follows, as PyTorch's messages have it. */
char        *gten_node_forward_name  (GtenNode *self);
/* Runs a node whose class overrides `backward`. */
gboolean     gten_node_run_virtual   (GtenNode *self, GtenTensor **grads, GtenTensor **grad_inputs,
                                      GError **error);

GtenNode    *gten_accumulate_new     (GtenTensor *variable);
gboolean     gten_accumulate         (GtenTensor *variable, GtenTensor *grad, GError **error); /* grad: transfer full */
GtenTensor  *gten_accumulate_get_variable (GtenNode *node);                         /* NULL for other nodes */
GtenNode    *gten_op_node_new        (const GtenCall *call);
const GtenOpInfo *gten_op_node_info  (GtenNode *node);                              /* NULL for other nodes */
char        *gten_op_node_saved_name (GtenNode *node, guint i);
GtenNode    *gten_copy_slices_new    (GtenTensor *base, GtenTensor *view, GtenNode *inner);
guint32      gten_op_node_used_inputs (const GtenCall *call); /* by the formulas of the inputs that need a gradient */
/* The edge of a tensor whose storage counts as being at `version`. */
GtenNode    *gten_tensor_gradient_edge_at (GtenTensor *self, gint version, guint *output_nr);

/* A list is replaced, since whoever runs hooks keeps the one that was there. */
void         gten_hook_list_add      (GPtrArray **list, guint8 *lock, GtenHook *hook);
void         gten_hook_list_remove   (GPtrArray **list, guint8 *lock, GtenHook *hook);
GPtrArray   *gten_hook_list_get      (GPtrArray **list, guint8 *lock);       /* NULL for none */
GtenHook    *gten_hook_new           (gpointer user_data, GDestroyNotify destroy);
void         gten_hook_unref         (gpointer hook);
/* Of a node itself, which has some. */
gboolean     gten_node_hooks_run_before (GtenNode *node, GtenTensor **grads, GError **error);
gboolean     gten_node_hooks_run_after  (GtenNode *node, GPtrArray *grad_outputs,
                                         GtenTensor **grad_inputs, GError **error);
GPtrArray   *gten_grads_to_array     (GtenTensor **grads, guint n);
void         gten_node_hooks_free    (GtenNodeHooks *hooks);

/* Runs the hooks of one gradient, which they may replace. */
gboolean     gten_hooks_run          (GtenNode *node, guint output_nr, GtenTensor **grad,
                                      GError **error);
/* To be called when `self` has got another grad_fn: a retained gradient is that of the tensor as it
 * is now. */
void         gten_hooks_move_retained (GtenTensor *self);
/* Undoes broadcasting and conversion: sums *grad to the sizes of `shape` and casts it. FALSE if it
 * does not fit. */
gboolean     gten_gradient_fit       (GtenTensor **grad, const GtenShape *shape, GError **error);

/* Nobody else sees the tensor or its elements, so they may be overwritten. */
static inline gboolean
gten_has_one_owner (GtenTensor *tensor)
{
  return g_atomic_int_get ((int *) &G_OBJECT (tensor)->ref_count) == 1
         && g_atomic_ref_count_compare (&tensor->storage->ref_count, 1) && tensor->storage->owner == NULL;
}

static inline int
gten_version (GtenTensor *tensor)
{
  return __atomic_load_n (&tensor->storage->version, __ATOMIC_RELAXED);
}

G_END_DECLS
