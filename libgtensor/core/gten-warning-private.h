/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-warning.h"

G_BEGIN_DECLS

/* FALSE, and an error, where the program wants no such thing. */
gboolean gten_warn (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
