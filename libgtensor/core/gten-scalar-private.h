/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

/* A number with its kind, as Python knows numbers. */
typedef struct
{
  enum { GTEN_SCALAR_BOOL, GTEN_SCALAR_INT, GTEN_SCALAR_FLOAT } kind;
  union { gint64 i; double f; };
} GtenScalar;

GtenScalar gten_scalar_bool         (gboolean value);
GtenScalar gten_scalar_int          (gint64 value);
GtenScalar gten_scalar_float        (double value);
double     gten_scalar_to_double    (const GtenScalar *self);
gint64     gten_scalar_to_int       (const GtenScalar *self);
GtenDtype  gten_scalar_dtype        (const GtenScalar *self); /* bool, int64 or the default dtype */
gboolean   gten_scalar_from_value   (const GValue *value, GtenScalar *out, GError **error);
/* Reads one element in this process's memory. */
GtenScalar gten_scalar_from_element (GtenDtype dtype, gconstpointer element);

G_END_DECLS
