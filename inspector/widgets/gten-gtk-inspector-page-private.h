/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_INSPECTOR_PAGE (gten_gtk_inspector_page_get_type ())
G_DECLARE_FINAL_TYPE (GtenGtkInspectorPage, gten_gtk_inspector_page, GTEN_GTK, INSPECTOR_PAGE, GtkWidget)

G_END_DECLS
