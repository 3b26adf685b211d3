/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

/* A program offers itself to be inspected by gten_inspect_offer(), or when it is started with
 * GTENSOR_INSPECT set:
 *   GTENSOR_INSPECT=1         it can be attached to, and runs;
 *   GTENSOR_INSPECT=wait      its first backward pass waits for an inspector;
 *   GTENSOR_INSPECT_WRITE=1   the inspector may also set elements;
 *   GTENSOR_INSPECT_SOCKET    where to listen, instead of $XDG_RUNTIME_DIR/gtensor/PID-PROGRAM. */

#ifndef __GI_SCANNER__

/* The interface that a program offers, org.gtensor.Inspect1, and its types, which it explains. */
#define GTEN_INSPECT_INTERFACE     "org.gtensor.Inspect1"
#define GTEN_INSPECT_PATH          "/org/gtensor/Inspect"
#define GTEN_INSPECT_STATISTICS    "(tttdddd)"
#define GTEN_INSPECT_GRAPH_NODES   "a(tstssyuta(axss))"
#define GTEN_INSPECT_GRAPH_EDGES   "a(uuuu)"
#define GTEN_INSPECT_GRAPH         "(" GTEN_INSPECT_GRAPH_NODES GTEN_INSPECT_GRAPH_EDGES ")"
#define GTEN_INSPECT_STATE         "(tyuu" GTEN_INSPECT_STATISTICS ")"
#define GTEN_INSPECT_CONTRIBUTION  "(ttu" GTEN_INSPECT_STATISTICS ")"
#define GTEN_INSPECT_ADDED         "(tuu" GTEN_INSPECT_STATISTICS "d)"
#define GTEN_INSPECT_STEP          "(t" GTEN_INSPECT_STATISTICS "b)"
#define GTEN_INSPECT_DEVICE        "(sstttt)"
#define GTEN_INSPECT_PASS          "(tuutsu)"
#define GTEN_INSPECT_INPUT         "(ss" GTEN_INSPECT_STATISTICS ")"
#define GTEN_INSPECT_WORST         "(axddd)"
#define GTEN_INSPECT_FLOW          "(a(ssy)atad)"
#define GTEN_INSPECT_TIMELINE      "a(txssxtt)"

#endif

GTEN_API gboolean    gten_inspect_offer       (GError **error);
GTEN_API const char *gten_inspect_get_address (void);

GTEN_API char       *gten_inspect_make_folder (GError **error);
GTEN_API int         gten_inspect_seal        (const char *name, gconstpointer data, gsize n_bytes,
                                               GError **error);
GTEN_API GBytes     *gten_inspect_map_sealed  (int fd, gssize n_bytes, GError **error);

GTEN_API gboolean    gten_inspect_read_site   (const char *site, gsize *file_length, guint *line, const char **function);

G_END_DECLS
