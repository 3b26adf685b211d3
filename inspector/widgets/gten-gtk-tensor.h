/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtensor/gtensor.h>

G_BEGIN_DECLS

/**
 * GtenGtkStatistics:
 * @n_values: number of elements
 * @n_nan: elements that are not a number
 * @n_infinite: elements that are plus or minus infinity
 * @minimum: the smallest finite element
 * @maximum: the largest finite element
 * @mean: the mean of the finite elements
 * @norm: the square root of the sum of the squares of the finite elements
 *
 * What is told about a tensor in one line. Without a finite element the last four are not a number.
 */
typedef struct
{
  guint64 n_values;
  guint64 n_nan;
  guint64 n_infinite;
  double  minimum;
  double  maximum;
  double  mean;
  double  norm;
} GtenGtkStatistics;

#define GTEN_GTK_TYPE_TENSOR (gten_gtk_tensor_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkTensor, gten_gtk_tensor, GTEN_GTK, TENSOR, GObject)

/* signals: "wanted" (), "whole-wanted" (), "asked" (question)
 * properties: name, shape, dtype, summary, note, values */

GTEN_API GtenGtkTensor *gten_gtk_tensor_new             (const char *name, GtenDtype dtype, const gint64 *shape,
                                                         gsize n_dims);
GTEN_API GtenGtkTensor *gten_gtk_tensor_new_from_tensor (const char *name, GtenTensor *tensor,
                                                         GError **error);

GTEN_API const char    *gten_gtk_tensor_get_name        (GtenGtkTensor *self);
GTEN_API GtenDtype      gten_gtk_tensor_get_dtype       (GtenGtkTensor *self);
GTEN_API const gint64  *gten_gtk_tensor_get_shape       (GtenGtkTensor *self, gsize *n_dims);
GTEN_API gint64         gten_gtk_tensor_get_n_rows      (GtenGtkTensor *self);
GTEN_API gint64         gten_gtk_tensor_get_n_columns   (GtenGtkTensor *self);
GTEN_API char          *gten_gtk_tensor_describe        (GtenGtkTensor *self);
GTEN_API char          *gten_gtk_tensor_summarize       (GtenGtkTensor *self);

GTEN_API GBytes        *gten_gtk_tensor_get_values      (GtenGtkTensor *self);
GTEN_API gboolean       gten_gtk_tensor_set_values      (GtenGtkTensor *self, GBytes *values);
GTEN_API gboolean       gten_gtk_tensor_set_sample      (GtenGtkTensor *self, GBytes *values, const gint64 *sample,
                                                         const gint64 *steps, gsize n_dims);
GTEN_API gboolean       gten_gtk_tensor_is_sample       (GtenGtkTensor *self);
GTEN_API char          *gten_gtk_tensor_format_index    (GtenGtkTensor *self, guint64 index);
GTEN_API void           gten_gtk_tensor_want            (GtenGtkTensor *self);
GTEN_API gboolean       gten_gtk_tensor_want_whole      (GtenGtkTensor *self);
GTEN_API gboolean       gten_gtk_tensor_wants_whole     (GtenGtkTensor *self);
GTEN_API void           gten_gtk_tensor_forget          (GtenGtkTensor *self);
GTEN_API const char    *gten_gtk_tensor_get_note        (GtenGtkTensor *self);
GTEN_API void           gten_gtk_tensor_set_note        (GtenGtkTensor *self, const char *note);
GTEN_API double         gten_gtk_tensor_get_value       (GtenGtkTensor *self, guint64 index);
GTEN_API char          *gten_gtk_tensor_format_value    (GtenGtkTensor *self, guint64 index);
GTEN_API gboolean       gten_gtk_tensor_get_statistics  (GtenGtkTensor *self,
                                                         GtenGtkStatistics *statistics);
GTEN_API void           gten_gtk_tensor_set_statistics  (GtenGtkTensor *self,
                                                         const GtenGtkStatistics *statistics);

GTEN_API char          *gten_gtk_format_shape           (const gint64 *shape, gsize n_dims);
GTEN_API char          *gten_gtk_format_number          (double value);

G_END_DECLS
