/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-graph.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_STEPS (gten_gtk_steps_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkSteps, gten_gtk_steps, GTEN_GTK, STEPS, GtkWidget)

/* signals: "node-chosen" (guint node), "step-chosen" (guint step) */

GTEN_API GtkWidget *gten_gtk_steps_new          (void);
GTEN_API void       gten_gtk_steps_set_graph    (GtenGtkSteps *self, GtenGtkGraph *graph);
GTEN_API void       gten_gtk_steps_set_selected (GtenGtkSteps *self, guint node);
GTEN_API void       gten_gtk_steps_set_live     (GtenGtkSteps *self, guint n_live);

G_END_DECLS
