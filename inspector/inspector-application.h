/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "inspector-offers.h"

G_BEGIN_DECLS

/* Has its keys, and opens a window when it is activated, with a program in it if a command or an
 * offer is given. */
GtkApplication *inspector_application_new (char **command, InspectorOffer *offer, gboolean dark);

G_END_DECLS
