/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can be done by key, listed once: the keys themselves, the tooltips of buttons and the
 * window of shortcuts all come from here. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void       inspector_commands_set_keys     (GtkApplication *application);
/* Gives each button below a widget, whose action is listed, its tooltip and accessible label. */
void       inspector_commands_label        (GtkWidget *widget);
GtkWidget *inspector_commands_make_overlay (void);

G_END_DECLS
