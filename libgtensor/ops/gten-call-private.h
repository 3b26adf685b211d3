/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one path of every operation: check, infer, allocate, run a kernel, record a node. A generated
 * public function fills a GtenCall on the stack and hands it to gten_call(). */
#pragma once

#include "core/gten-tensor-private.h"

G_BEGIN_DECLS

typedef struct _GtenOpInfo GtenOpInfo;
typedef struct _GtenCall   GtenCall;

/* One argument that is not a tensor. Which member counts follows from the schema. */
typedef struct
{
  union
  {
    gint64      i;          /* int, bool, DType, int? (GTEN_NONE) */
    double      f;          /* float; float? is NaN when not given */
    const char *s;          /* str */
    gpointer    object;     /* Device, Generator */
    const gint64 *ints;     /* int[] */
    GtenScalar  scalar;
  };
  gsize    n;               /* length of ints */
  gboolean given;           /* FALSE for an optional argument that was left out (None) */
} GtenArg;

struct _GtenCall
{
  const GtenOpInfo *op;
  GtenTensor      **tensors;    /* tensor arguments in schema order; NULL for an optional one left out; a list is spread out, last */
  guint             n_tensors;
  const GtenArg    *args;       /* the others, in schema order */
  GtenTensor       *results[4]; /* in: self (in place) or out; out: the results, new references unless given */
  GPtrArray        *list;       /* the result of ops that return Tensor[] */
  gboolean          in_place;   /* results[0] is tensors[0] */
  gboolean          out;        /* results were given by the caller */
  GtenTensor       *original;   /* in place: a copy of tensors[0] from before, if its gradients need it (autograd's) */
  gint              original_version; /* in place: the storage version from before (autograd's) */
};

/* Of kind view, result 0 shares the storage of tensors[0], or tensors[0] itself is set to another
 * geometry. */
typedef gboolean (*GtenRun)      (GtenCall *call, GError **error);
/* Checks of one row: `gboolean gten_check_NAME (...)`, with the dtype that promotion gave, before
 * the kernel runs. */
typedef gboolean (*GtenCheck)    (const GtenCall *call, GtenDtype dtype, GError **error);
/* grads: one per result, NULL for none. Sets grad_inputs[i] (transfer full) for each tensor
 * argument that needs one. */
typedef gboolean (*GtenGradient) (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs,
                                  GError **error);

typedef enum { GTEN_PROMOTE_DEFAULT, GTEN_PROMOTE_FLOAT, GTEN_PROMOTE_COMPARE, GTEN_PROMOTE_LOGICAL, GTEN_PROMOTE_INTEGRAL,
               GTEN_PROMOTE_FLOATING, GTEN_PROMOTE_NUMBER, GTEN_PROMOTE_SUM } GtenPromote;
typedef enum { GTEN_OP_SCALAR, GTEN_OP_REDUCE, GTEN_OP_VIEW, GTEN_OP_COMPOSE, GTEN_OP_RUN } GtenOpKind;

enum { GTEN_PARAM_SCALAR, GTEN_PARAM_INT, GTEN_PARAM_FLOAT };

/* A row, compiled. */
struct _GtenOpInfo
{
  const char        *row_name, *name, *family, *schema, *doc, *formula;
  const char        *node_name;     /* NULL: not differentiable */
  const char        *kernel_name;   /* in messages about dtypes that it lacks */
  const char *const *gradients;     /* "self: grad * result", NULL-terminated */
  const char *const *forms;         /* see gten_op_get_forms() */
  const char *const *tensor_names;  /* tensor arguments, NULL-terminated */
  const char *const *arg_names;     /* the others; arg_types in parallel: "int[]?", ... */
  const char *const *arg_types;
  const char *const *result_names;
  GtenOpKind         kind;
  GtenPromote        promote;
  guint8             n_named_tensors, n_args; /* of the schema; a list of tensors has one name */
  guint8             n_results;
  guint8             is_method;
  guint8             internal;
  guint16            kernel;        /* GtenKPointwise or GtenKReduce */
  guint32            differentiable; /* bit per tensor argument with a formula */
  guint8             constant_results; /* bit per result whose gradient no formula names */
  guint32            saves_inputs, saves_results; /* bit per tensor argument, per result */
  const guint32    (*uses)[2];      /* per tensor argument: which inputs and results its formula names; NULL: any of the above */
  GtenRun            run;
  GtenGradient       gradient;
  GtenCheck          check;
  guint32            optional;       /* bit per tensor argument that may be NULL */
  guint32            promote_from;   /* bit per tensor argument that decides the dtype */
  guint32            promote_args;   /* bit per other argument that does */
  guint8             n_params;       /* of the kernel: the arguments that the scalar expression names, */
  guint8             params[GTEN_K_MAX_PARAMS];   /* as indices of args, */
  guint8             param_types[GTEN_K_MAX_PARAMS]; /* GTEN_PARAM_... */
  double             missing[GTEN_K_MAX_PARAMS];  /* and what they are when not given */
  gint8              dim_arg, keepdim_arg, dtype_arg; /* of reductions: indices of args, or -1 */
  guint8             dim_is_list;    /* dim is an int[], not an int */
  guint8             geometry;       /* what its gradient saves it asks for sizes and strides alone */
  guint8             anywhere;       /* its tensors may be on different devices */
  guint8             nonempty;       /* a reduction that has no result of no elements */
  const char        *messages[GTEN_K_MAX_MESSAGES]; /* of a scalar expression that refuses values */
};

extern const GtenOpInfo *const gten_op_infos[]; /* the whole table */
extern const guint             gten_n_op_infos;

/* TRUE and results filled, or FALSE and `error` set. A NULL among the required tensors returns
 * FALSE and leaves the error alone. */
gboolean    gten_call            (GtenCall *call, GError **error);

/* Who watches operations has them run through itself: `run` does what gten_call() does when nobody
 * watches. Atomic. */
typedef gboolean (*GtenCallWatcher) (GtenCall *call, gboolean (*run) (GtenCall *call, GError **error), GError **error);
extern GtenCallWatcher gten_call_watcher;

/* Whether the tensors, and results that are given, may meet. */
gboolean    gten_call_check_devices (const GtenCall *call, GError **error);

/* For run functions: result i, allocated, or the given out or in-place tensor checked (and an out
 * tensor resized). Borrowed. */
GtenTensor *gten_call_result     (GtenCall *call, guint i, GtenDtype dtype, guint n_dims,
                                  const gint64 *sizes, GError **error);
/* Sets an error whose message begins as PyTorch's does. */
gboolean    gten_call_fail       (GError **error, GtenError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* A dtype that the caller names, or none. */
static inline gboolean
gten_call_check_dtype (GtenDtype dtype, GError **error)
{
  return G_LIKELY ((guint) dtype <= GTEN_DTYPE_BOOL) || gten_call_fail (error, GTEN_ERROR_DTYPE, "not a dtype: %d", (int) dtype);
}

/* Run functions of the kinds. */
gboolean    gten_run_pointwise   (GtenCall *call, GError **error);
gboolean    gten_run_reduce      (GtenCall *call, GError **error);
/* Always FALSE: the operation has no meaning for a dtype. */
gboolean    gten_call_lacks      (const GtenCall *call, GtenDtype dtype, GError **error);

/* Plain helpers, below autograd. */
gboolean    gten_copy_elements   (GtenTensor *dst, GtenTensor *src, GError **error); /* broadcasts and converts */
gboolean    gten_copy_elements_to (GtenTensor *dst, GtenTensor *src, gboolean non_blocking, GError **error);
GtenTensor *gten_contiguous      (GtenTensor *self, GError **error);                 /* new reference */
GtenTensor *gten_cast            (GtenTensor *self, GtenDtype dtype, GError **error); /* new reference, maybe self */

G_END_DECLS
