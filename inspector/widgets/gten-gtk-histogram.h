/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_HISTOGRAM (gten_gtk_histogram_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkHistogram, gten_gtk_histogram, GTEN_GTK, HISTOGRAM, GtenGtkTensorWidget)

GTEN_API GtkWidget *gten_gtk_histogram_new (void);

G_END_DECLS
