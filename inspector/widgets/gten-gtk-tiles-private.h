/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The picture of a graph in square pieces, which are kept while they hold: moving the view draws what comes into sight, a
 * step what changed. What a piece shows is collected in the main thread, as paths and texts; turning these into pixels is
 * most of the work, and other threads do it where there is more than fits into a frame. Until a piece is there its
 * predecessor is shown, or what was seen at another zoom. */
#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-paint-private.h"

G_BEGIN_DECLS

typedef struct _GtenGtkTiles GtenGtkTiles;

GtenGtkTiles *gten_gtk_tiles_new      (GtkWidget *widget);
void          gten_gtk_tiles_free     (GtenGtkTiles *self);
/* Draws the part of the picture that a view shows, except what depends on the view alone. */
void          gten_gtk_tiles_snapshot (GtenGtkTiles *self, GtkSnapshot *snapshot, GtenGtkGraph *graph, const GtenGtkLayout *layout,
                                       const GtenGtkView *view);
/* All pieces are out of date, but better than nothing until they are drawn again; or are of no use any more. */
void          gten_gtk_tiles_outdate  (GtenGtkTiles *self);
void          gten_gtk_tiles_forget   (GtenGtkTiles *self);
/* Whether all that was to be seen last time was up to date. */
gboolean      gten_gtk_tiles_is_ready (GtenGtkTiles *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GtenGtkTiles, gten_gtk_tiles_free)

G_END_DECLS
