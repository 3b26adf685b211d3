/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-node.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_FLOW (gten_gtk_flow_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkFlow, gten_gtk_flow, GTEN_GTK, FLOW, GtkWidget)

/* signals: "chosen" (guint node, guint64 pass) */

GTEN_API GtkWidget *gten_gtk_flow_new          (void);
GTEN_API gboolean   gten_gtk_flow_set_variant  (GtenGtkFlow *self, GVariant *variant, GError **error);
GTEN_API void       gten_gtk_flow_clear        (GtenGtkFlow *self);
GTEN_API guint      gten_gtk_flow_get_n_rows   (GtenGtkFlow *self);
GTEN_API guint      gten_gtk_flow_get_n_passes (GtenGtkFlow *self);
GTEN_API void       gten_gtk_flow_set_selected (GtenGtkFlow *self, guint node);
GTEN_API char      *gten_gtk_flow_describe     (GtenGtkFlow *self);

G_END_DECLS
