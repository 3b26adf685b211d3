/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The flow of gradients over the passes of a program, asked for while it is seen. */
#pragma once

#include <gtk/gtk.h>

#include "inspector-program.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_FLOW (inspector_flow_get_type ())
G_DECLARE_FINAL_TYPE (InspectorFlow, inspector_flow, INSPECTOR, FLOW, GtkWidget)

/* signals: "node-chosen" (guint node) */

void inspector_flow_set_program  (InspectorFlow *self, InspectorProgram *program);
void inspector_flow_set_selected (InspectorFlow *self, guint node);

G_END_DECLS
