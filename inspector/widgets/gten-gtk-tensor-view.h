/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-color-scale.h"
#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_TENSOR_VIEW (gten_gtk_tensor_view_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkTensorView, gten_gtk_tensor_view, GTEN_GTK, TENSOR_VIEW, GtenGtkTensorWidget)

/* properties: colormap, range, common-range, title
 * actions: tensor.colormap, tensor.range, tensor.common-range, tensor.copy ("slice:FORMAT" or
 *          "tensor:FORMAT"), tensor.save, tensor.pin, tensor.unpin, tensor.compare-file */

GTEN_API GtkWidget     *gten_gtk_tensor_view_new        (void);
GTEN_API GtenGtkTensor *gten_gtk_tensor_view_get_slice  (GtenGtkTensorView *self);
GTEN_API GtenGtkTensor *gten_gtk_tensor_view_get_pinned (GtenGtkTensorView *self);
GTEN_API void           gten_gtk_tensor_view_set_pinned (GtenGtkTensorView *self, GtenGtkTensor *pinned);

G_END_DECLS
