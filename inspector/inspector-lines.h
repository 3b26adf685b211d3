/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of source for return addresses of a running program, from its debug information. What is mapped where in it the
 * kernel tells, not the program. The information is read by libdw, of elfutils, where that is installed. */
#pragma once

#include <glib-object.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define INSPECTOR_TYPE_LINES (inspector_lines_get_type ())
G_DECLARE_FINAL_TYPE (InspectorLines, inspector_lines, INSPECTOR, LINES, GObject)

InspectorLines *inspector_lines_new  (pid_t pid);
/* "/home/me/tour.c:27 main" for "tour(+0x11d9)[0x55d0c0de11d9]"; without debug information "tour(+0x11d9)". What has no
 * address at its end is returned as it is. Belongs to the object. */
const char     *inspector_lines_find (InspectorLines *self, const char *site);

G_END_DECLS
