/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Conditions on nodes and their gradients, as breakpoints, searches and checks are written. Needs
 * nothing but GLib. */
#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

/**
 * GtenConditionSubject:
 * @name: name of a node, or %NULL
 * @op: name of its operation, or %NULL
 * @site: where it was recorded, "file:line function", or %NULL
 * @dtype: name of its dtype, or %NULL
 * @device: name of its device, or %NULL
 * @state: "pending", "partial", "ready", "done", ..., or %NULL
 * @shape: (array length=n_dims): its sizes
 * @n_dims: the number of dimensions; -1 if the shape is not known
 * @n_nan: elements that are NaN; the numbers count only if @measured
 * @n_infinite: elements that are infinite
 * @minimum: the smallest finite element, or NaN if that is not known
 * @maximum: the largest finite element, or NaN
 * @mean: the mean of the finite elements, or NaN
 * @norm: the norm, or NaN
 * @hit: how often the place has been come to
 * @leaf: whether the node accumulates into a leaf
 * @measured: whether the tensor has been measured
 *
 * What a condition is asked about.
 */
typedef struct
{
  const char   *name;
  const char   *op;
  const char   *site;
  const char   *dtype;
  const char   *device;
  const char   *state;
  const gint64 *shape;
  int           n_dims;
  guint64       n_nan;
  guint64       n_infinite;
  double        minimum;
  double        maximum;
  double        mean;
  double        norm;
  guint64       hit;
  gboolean      leaf;
  gboolean      measured;
} GtenConditionSubject;

#define GTEN_TYPE_CONDITION (gten_condition_get_type ())

/**
 * GtenCondition:
 *
 * A condition that was read from a text.
 */
typedef struct _GtenCondition GtenCondition;

GTEN_API GType          gten_condition_get_type    (void);
/* *position: the character at which the text is wrong. */
GTEN_API GtenCondition *gten_condition_new         (const char *text, guint *position,
                                                    GError **error);
GTEN_API GtenCondition *gten_condition_ref         (GtenCondition *self);
GTEN_API void           gten_condition_unref       (GtenCondition *self);
GTEN_API const char    *gten_condition_get_text    (GtenCondition *self);
GTEN_API gboolean       gten_condition_needs_measures (GtenCondition *self);
GTEN_API gboolean       gten_condition_needs_extremes (GtenCondition *self);
GTEN_API gboolean       gten_condition_matches     (GtenCondition *self, const GtenConditionSubject *subject);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GtenCondition, gten_condition_unref)

G_END_DECLS
