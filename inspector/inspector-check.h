/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Runs a program to its end and asks whether all conditions hold of every gradient of every pass.
 * Returns an exit status: 0 if they do, 3 if not, and what the program returned if it failed. */
int inspector_check (const char *const *command, const char *const *conditions);

G_END_DECLS
