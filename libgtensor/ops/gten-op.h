/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

/**
 * GtenOp:
 *
 * One row of the op table, for those who read it at run time: the language overrides and the
 * inspector. An op has one schema and one or more C functions (its forms).
 */
#define GTEN_TYPE_OP (gten_op_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenOp, gten_op, GTEN, OP, GObject)

GTEN_API GListModel *gten_op_get_all       (void);
GTEN_API GtenOp     *gten_op_lookup        (const char *row_name);

GTEN_API const char *gten_op_get_name      (GtenOp *self);  /* the public name: "sum" */
GTEN_API const char *gten_op_get_row_name  (GtenOp *self);  /* unique: "pow_scalar" */
GTEN_API const char *gten_op_get_family    (GtenOp *self);  /* "reduce" */
GTEN_API const char *gten_op_get_schema    (GtenOp *self);
GTEN_API const char *gten_op_get_doc       (GtenOp *self);
GTEN_API const char *gten_op_get_node_name (GtenOp *self);  /* "SumBackward0", or NULL */
GTEN_API const char *gten_op_get_formula   (GtenOp *self);  /* how the result is computed, as text */
GTEN_API char      **gten_op_get_gradients (GtenOp *self);  /* "self: grad * result", one per differentiable input */
GTEN_API gboolean    gten_op_is_method     (GtenOp *self);

/* The forms, each "symbol|argument argument ...": the typelib name and which schema arguments it
 * takes, in order; a name ending in "=" is taken as a Scalar. In-place forms end in "_", out forms
 * in "_out". */
GTEN_API char      **gten_op_get_forms     (GtenOp *self);

G_END_DECLS
