/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The texts of a picture, which are drawn over all else: as glyphs, which takes most of the time of a picture and may be
 * done in another thread, or as elements of an SVG file. */
#pragma once

#include <cairo.h>

#include "gten-gtk-palette-private.h"

G_BEGIN_DECLS

typedef enum
{
  GTEN_GTK_LABEL_TITLE,
  GTEN_GTK_LABEL_NORMAL,
  GTEN_GTK_LABEL_SMALL,
  GTEN_GTK_LABEL_NUMBER,
  GTEN_GTK_N_LABEL_STYLES,
} GtenGtkLabelStyle;

/* Its left end (align 0), middle (0.5) or right end (1) is at x, its middle at y; it is cut off at `width`. */
typedef struct
{
  char              *text;
  GtenGtkLabelStyle  style;
  GtenGtkColor       color;
  double             x, y, width, align;
} GtenGtkLabel;

/* An array of GtenGtkLabel. */
GArray *gten_gtk_labels_new   (void);
void    gten_gtk_labels_add   (GArray *self, const char *text, GtenGtkLabelStyle style, GtenGtkColor color, double x, double y,
                               double width, double align);
void    gten_gtk_labels_draw  (GArray *self, cairo_t *cr);
void    gten_gtk_labels_write (GArray *self, GString *svg);

G_END_DECLS
