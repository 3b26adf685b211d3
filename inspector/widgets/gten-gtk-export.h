/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-graph.h"

G_BEGIN_DECLS

/**
 * GtenGtkExportFlags:
 * @GTEN_GTK_EXPORT_DEFAULT: light
 * @GTEN_GTK_EXPORT_DARK: dark
 *
 * How a picture is exported.
 */
typedef enum
{
  GTEN_GTK_EXPORT_DEFAULT = 0,
  GTEN_GTK_EXPORT_DARK    = 1 << 0,
} GtenGtkExportFlags;

GTEN_API gboolean gten_gtk_graph_export (GtenGtkGraph *self, const char *path,
                                         GtenGtkExportFlags flags, GError **error);

G_END_DECLS
