/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "inspector-terminal.h"

G_BEGIN_DECLS

/* Runs a program to its end and asks whether all conditions hold of every gradient of every pass. Returns an exit status:
 * 0 if they do, 3 if not, 2 if there was no pass, and what the program returned if it failed. Pictures of the first pass
 * are written as the options say. */
int inspector_check (const char *const *conditions, const InspectorTerminalOptions *options);

G_END_DECLS
