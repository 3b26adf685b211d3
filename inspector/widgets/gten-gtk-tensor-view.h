/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_TENSOR_VIEW (gten_gtk_tensor_view_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkTensorView, gten_gtk_tensor_view, GTEN_GTK, TENSOR_VIEW, GtenGtkTensorWidget)

GTEN_API GtkWidget *gten_gtk_tensor_view_new (void);

G_END_DECLS
