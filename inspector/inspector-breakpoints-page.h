/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The page of breakpoints: a row to add one, and a row per breakpoint. */
#pragma once

#include <gtk/gtk.h>

#include "inspector-breakpoints.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_BREAKPOINTS_PAGE (inspector_breakpoints_page_get_type ())
G_DECLARE_FINAL_TYPE (InspectorBreakpointsPage, inspector_breakpoints_page, INSPECTOR, BREAKPOINTS_PAGE, GtkWidget)

void inspector_breakpoints_page_set_model (InspectorBreakpointsPage *self,
                                           InspectorBreakpoints *breakpoints);

/* Has a condition typed. */
void inspector_breakpoints_page_begin     (InspectorBreakpointsPage *self);

G_END_DECLS
