/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtensor/gtensor.h>

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_DEVICE (gten_gtk_device_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkDevice, gten_gtk_device, GTEN_GTK, DEVICE, GObject)

/* signals: "sampled" ()
 * properties: name, description, total, used, peak, cached */

GTEN_API GtenGtkDevice *gten_gtk_device_new           (const char *name, const char *description);
GTEN_API const char    *gten_gtk_device_get_name      (GtenGtkDevice *self);
GTEN_API void           gten_gtk_device_add_sample    (GtenGtkDevice *self, guint64 total, guint64 used, guint64 peak,
                                                       guint64 cached);
GTEN_API guint          gten_gtk_device_get_n_samples (GtenGtkDevice *self);
GTEN_API guint64        gten_gtk_device_get_sample    (GtenGtkDevice *self, guint index,
                                                       gint64 *time);

G_END_DECLS
