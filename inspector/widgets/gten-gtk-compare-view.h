/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_COMPARE_VIEW (gten_gtk_compare_view_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkCompareView, gten_gtk_compare_view, GTEN_GTK, COMPARE_VIEW, GtenGtkTensorWidget)

GTEN_API GtkWidget     *gten_gtk_compare_view_new       (void);
GTEN_API GtenGtkTensor *gten_gtk_compare_view_get_other (GtenGtkCompareView *self);
GTEN_API void           gten_gtk_compare_view_set_other (GtenGtkCompareView *self, GtenGtkTensor *other);

G_END_DECLS
