/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-palette-private.h"

G_BEGIN_DECLS

/* The palette that goes with a widget's theme: dark where its text is light. */
const GtenGtkPalette *gten_gtk_widget_palette (GtkWidget *widget);
static inline GdkRGBA
gten_gtk_color_to_rgba (GtenGtkColor color)
{
  return (GdkRGBA) { (color >> 16 & 255) / 255.f, (color >> 8 & 255) / 255.f, (color & 255) / 255.f, 1 };
}

/* Text in the widget's font and colour, `align` of its width to the left of x. */
void                  gten_gtk_append_text    (GtkWidget *widget, GtkSnapshot *snapshot, const char *text,
                                               double x, double y, double align, double alpha);

G_END_DECLS
