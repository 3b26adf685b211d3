/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Adds the action "style" ("system", "light" or "dark") and keeps the windows of this process in
 * that style. */
void inspector_appearance_follow (GActionMap *actions, gboolean dark);

G_END_DECLS
