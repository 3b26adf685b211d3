/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Opens a window, with a program in it if a command is given, and runs until it is closed. */
int inspector_application_main (char **command, gboolean dark);

G_END_DECLS
