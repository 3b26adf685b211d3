/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-graph-private.h"

G_BEGIN_DECLS

/* Per node of a graph that grew from one before, which must have a layout: its index there or GTEN_GTK_NEW_NODE. NULL if it
 * did not. */
guint32 *gten_gtk_graph_find_growth (GtenGtkGraph *self, GtenGtkGraph *before);

G_END_DECLS
