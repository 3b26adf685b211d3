/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-device.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_DEVICES_VIEW (gten_gtk_devices_view_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkDevicesView, gten_gtk_devices_view, GTEN_GTK, DEVICES_VIEW, GtkWidget)

GTEN_API GtkWidget *gten_gtk_devices_view_new       (void);
GTEN_API void       gten_gtk_devices_view_set_model (GtenGtkDevicesView *self, GListModel *devices);

G_END_DECLS
