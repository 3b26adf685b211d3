/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_HEATMAP (gten_gtk_heatmap_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkHeatmap, gten_gtk_heatmap, GTEN_GTK, HEATMAP, GtkWidget)

/* properties: tensor */

GTEN_API GtkWidget     *gten_gtk_heatmap_new        (void);
GTEN_API GtenGtkTensor *gten_gtk_heatmap_get_tensor (GtenGtkHeatmap *self);
GTEN_API void           gten_gtk_heatmap_set_tensor (GtenGtkHeatmap *self, GtenGtkTensor *tensor);

G_END_DECLS
