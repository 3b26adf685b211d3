/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_IMAGE (gten_gtk_image_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkImage, gten_gtk_image, GTEN_GTK, IMAGE, GtenGtkTensorWidget)

GTEN_API GtkWidget *gten_gtk_image_new      (void);
GTEN_API void       gten_gtk_image_set_place (GtenGtkImage *self, const gint64 *at, gsize n_at);
GTEN_API gboolean   gten_gtk_image_can_show (GtenGtkTensor *tensor);
GTEN_API gsize      gten_gtk_image_get_n_dims (GtenGtkTensor *tensor);

G_END_DECLS
