/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-theme-private.h"

const GtenGtkPalette *
gten_gtk_widget_palette (GtkWidget *widget)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  return color.red + color.green + color.blue > 1.5 ? &gten_gtk_palette_dark : &gten_gtk_palette_light;
}
