/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name;           /* as given on the command line */
  const char *title;
  const char *subtitle;
  const char *icon;
} InspectorExample;

/* The programs that are shipped to be looked at. */
extern const InspectorExample inspector_examples[];
extern const guint            inspector_n_examples;

/* What to run for a program and its arguments: the name of an example, a script (run by what its
 * first line names), or an executable. */
char **inspector_find_command (const char *program, const char *const *arguments);

G_END_DECLS
