/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_TENSOR_VIEW (gten_gtk_tensor_view_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkTensorView, gten_gtk_tensor_view, GTEN_GTK, TENSOR_VIEW, GtkWidget)

/* properties: tensor */

GTEN_API GtkWidget     *gten_gtk_tensor_view_new        (void);
GTEN_API GtenGtkTensor *gten_gtk_tensor_view_get_tensor (GtenGtkTensorView *self);
GTEN_API void           gten_gtk_tensor_view_set_tensor (GtenGtkTensorView *self,
                                                         GtenGtkTensor *tensor);

G_END_DECLS
