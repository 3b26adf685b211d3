/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

/**
 * GtenGtkFormat:
 * @GTEN_GTK_FORMAT_TEXT: columns of numbers
 * @GTEN_GTK_FORMAT_TSV: rows with tabulators, as spreadsheets read them
 * @GTEN_GTK_FORMAT_PYTHON: nested lists
 * @GTEN_GTK_FORMAT_C: nested initialisers
 *
 * How a tensor is written as text.
 */
typedef enum
{
  GTEN_GTK_FORMAT_TEXT,
  GTEN_GTK_FORMAT_TSV,
  GTEN_GTK_FORMAT_PYTHON,
  GTEN_GTK_FORMAT_C,
} GtenGtkFormat;

GTEN_API GType gten_gtk_format_get_type (void);
#define GTEN_GTK_TYPE_FORMAT (gten_gtk_format_get_type ())

GTEN_API char *gten_gtk_tensor_format  (GtenGtkTensor *self, GtenGtkFormat format);

G_END_DECLS
