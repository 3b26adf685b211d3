/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

/**
 * GtenGtkMeasure:
 * @GTEN_GTK_MEASURE_ABSOLUTE: |a − b|
 * @GTEN_GTK_MEASURE_RELATIVE: |a − b| / max (|a|, |b|)
 * @GTEN_GTK_MEASURE_ULP: how many numbers of the dtype lie from one to the other
 *
 * How the difference of two numbers is measured.
 */
typedef enum
{
  GTEN_GTK_MEASURE_ABSOLUTE,
  GTEN_GTK_MEASURE_RELATIVE,
  GTEN_GTK_MEASURE_ULP,
} GtenGtkMeasure;

GTEN_API GType gten_gtk_measure_get_type (void);
#define GTEN_GTK_TYPE_MEASURE (gten_gtk_measure_get_type ())

/**
 * GtenGtkDifferences:
 * @n_values: number of elements
 * @n_different: elements that are not the same number
 * @n_not_finite: of those, elements that are not both finite
 * @n_same_nan: elements that are not a number on both sides, which counts as the same
 * @greatest: the greatest difference of finite elements by each #GtenGtkMeasure
 * @mean: the mean absolute difference
 *
 * How two tensors differ.
 */
typedef struct
{
  guint64 n_values;
  guint64 n_different;
  guint64 n_not_finite;
  guint64 n_same_nan;
  double  greatest[GTEN_GTK_MEASURE_ULP + 1];
  double  mean;
} GtenGtkDifferences;

GTEN_API double         gten_gtk_tensor_difference  (GtenGtkTensor *self, GtenGtkTensor *other, guint64 index,
                                                     GtenGtkMeasure measure);
GTEN_API GtenGtkTensor *gten_gtk_tensor_compare     (GtenGtkTensor *self, GtenGtkTensor *other, GtenGtkMeasure measure,
                                                     GtenGtkDifferences *differences, GError **error);
GTEN_API guint64       *gten_gtk_tensor_find_worst  (GtenGtkTensor *differences, guint n_wanted, guint *n_found);

G_END_DECLS
