/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_HISTOGRAM (gten_gtk_histogram_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkHistogram, gten_gtk_histogram, GTEN_GTK, HISTOGRAM, GtkWidget)

/* properties: tensor */

GTEN_API GtkWidget     *gten_gtk_histogram_new        (void);
GTEN_API GtenGtkTensor *gten_gtk_histogram_get_tensor (GtenGtkHistogram *self);
GTEN_API void           gten_gtk_histogram_set_tensor (GtenGtkHistogram *self,
                                                       GtenGtkTensor *tensor);

G_END_DECLS
