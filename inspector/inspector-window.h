/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "inspector-offers.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_WINDOW (inspector_window_get_type ())
G_DECLARE_FINAL_TYPE (InspectorWindow, inspector_window, INSPECTOR, WINDOW, GtkApplicationWindow)

InspectorWindow *inspector_window_new (GtkApplication *application);
void             inspector_window_run (InspectorWindow *self, const char *const *command);
void             inspector_window_attach (InspectorWindow *self, InspectorOffer *offer);

G_END_DECLS
