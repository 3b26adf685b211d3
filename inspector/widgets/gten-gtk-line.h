/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor-widget.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_LINE (gten_gtk_line_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkLine, gten_gtk_line, GTEN_GTK, LINE, GtenGtkTensorWidget)

GTEN_API GtkWidget *gten_gtk_line_new (void);

G_END_DECLS
