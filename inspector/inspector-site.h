/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The text of the line of a creation site "file:line function", whose file may be relative to a folder;
 * NULL if it cannot be had. The name comes from the program: what is opened is a regular file of
 * the user's own or of root, of the size of a source, and one line of it is shown to the user. A new
 * string. */
char *inspector_read_site (const char *folder, const char *site);

G_END_DECLS
