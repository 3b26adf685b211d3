/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define INSPECTOR_TYPE_START (inspector_start_get_type ())
G_DECLARE_FINAL_TYPE (InspectorStart, inspector_start, INSPECTOR, START, GtkWidget)

/* Where a program is chosen: one that is inspected already, one that offers itself, an example or one's own.
 * signals: "run" (GStrv command), "attach" (InspectorOffer *offer), "show-program" (InspectorProgram *program) */

void inspector_start_set_models (InspectorStart *self, GListModel *programs, GListModel *offers);

G_END_DECLS
