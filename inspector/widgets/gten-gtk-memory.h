/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-node.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_MEMORY (gten_gtk_memory_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkMemory, gten_gtk_memory, GTEN_GTK, MEMORY, GtkWidget)

/* signals: "node-chosen" (guint64 id) */

GTEN_API GtkWidget *gten_gtk_memory_new           (void);
GTEN_API gboolean   gten_gtk_memory_add_variant   (GtenGtkMemory *self, GVariant *variant, GError **error);
GTEN_API void       gten_gtk_memory_clear         (GtenGtkMemory *self);
GTEN_API guint64    gten_gtk_memory_get_last      (GtenGtkMemory *self);
GTEN_API guint      gten_gtk_memory_get_n_entries (GtenGtkMemory *self);

G_END_DECLS
