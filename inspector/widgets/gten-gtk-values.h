/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_VALUES (gten_gtk_values_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkValues, gten_gtk_values, GTEN_GTK, VALUES, GtenGtkTensorWidget)

/* properties: tensor, GtkScrollable's */

GTEN_API GtkWidget *gten_gtk_values_new (void);

G_END_DECLS
