/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A banner that says where the first value came from that is not finite. */
#pragma once

#include <gtk/gtk.h>

#include "inspector-program.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_NONFINITE (inspector_nonfinite_get_type ())
G_DECLARE_FINAL_TYPE (InspectorNonfinite, inspector_nonfinite, INSPECTOR, NONFINITE, GtkWidget)

/* signals: "changed" (): of what is told below, "node-chosen" (guint node) */

void       inspector_nonfinite_set_program   (InspectorNonfinite *self, InspectorProgram *program);
/* The node of the graph that made it, or GTEN_GTK_NO_NODE; those that only pass it on, or NULL. */
guint      inspector_nonfinite_get_producer  (InspectorNonfinite *self);
GtkBitset *inspector_nonfinite_get_passed_on (InspectorNonfinite *self);

G_END_DECLS
