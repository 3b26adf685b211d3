/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_AXES (gten_gtk_axes_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkAxes, gten_gtk_axes, GTEN_GTK, AXES, GtenGtkTensorWidget)

/* signals: "changed" () */

GTEN_API GtkWidget    *gten_gtk_axes_new       (void);
GTEN_API GtenGtkTensor *gten_gtk_axes_make_slice (GtenGtkAxes *self);
GTEN_API const gint64 *gten_gtk_axes_get_place (GtenGtkAxes *self, gsize *n_dims);

G_END_DECLS
