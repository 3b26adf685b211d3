/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-color-scale.h"
#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_HEATMAP (gten_gtk_heatmap_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkHeatmap, gten_gtk_heatmap, GTEN_GTK, HEATMAP, GtenGtkTensorWidget)

/* properties: reference, colormap, range */

GTEN_API GtkWidget *gten_gtk_heatmap_new (void);

G_END_DECLS
