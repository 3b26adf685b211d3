/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-graph.h"
#include "gten-gtk-layout-private.h"

G_BEGIN_DECLS

/* The layout, made on first need; in a thread for a large graph, and NULL until "changed" tells
 * that it is there. */
const GtenGtkLayout *gten_gtk_graph_get_layout    (GtenGtkGraph *self);
/* The same, waiting for it. */
const GtenGtkLayout *gten_gtk_graph_ensure_layout (GtenGtkGraph *self);

G_END_DECLS
