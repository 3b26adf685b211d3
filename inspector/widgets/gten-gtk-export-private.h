/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-export.h"

G_BEGIN_DECLS

/* A graph in each format, as the bytes of a file. */
GByteArray *gten_gtk_graph_draw_svg     (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error);
GByteArray *gten_gtk_graph_write_dot    (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error);
GByteArray *gten_gtk_graph_write_json   (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error);
GByteArray *gten_gtk_graph_write_report (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error);

G_END_DECLS
