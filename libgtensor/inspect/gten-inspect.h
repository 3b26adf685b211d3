/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

/* A program offers itself to be inspected by gten_inspect_start(), or when it is started with
 * GTENSOR_INSPECT set:
 *   GTENSOR_INSPECT=1         it can be attached to, and runs;
 *   GTENSOR_INSPECT=wait      its first backward pass waits for an inspector;
 *   GTENSOR_INSPECT_SOCKET    where to listen, instead of $XDG_RUNTIME_DIR/gtensor/PID-PROGRAM. */

GTEN_API gboolean    gten_inspect_start       (GError **error);
GTEN_API const char *gten_inspect_get_address (void);

G_END_DECLS
