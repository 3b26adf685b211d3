/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a number to a colour. What is not a number is magenta and what is infinite has the colour of
 * text, in every map. */
#pragma once

#include "gten-gtk-color-scale.h"
#include "gten-gtk-palette-private.h"

G_BEGIN_DECLS

typedef struct
{
  const GtenGtkPalette *palette;
  GtenGtkColormap       colormap;
  GtenGtkRange          range;
  double                low, high;   /* numbers at the ends; of a logarithmic range, magnitudes */
} GtenGtkColorScale;

void         gten_gtk_color_scale_init (GtenGtkColorScale *self, const GtenGtkPalette *palette,
                                        GtenGtkColormap colormap, GtenGtkRange range,
                                        GtenGtkTensor *tensor);
GtenGtkColor gten_gtk_color_scale_map  (const GtenGtkColorScale *self, double value);
/* The colour at a part (0 to 1) of the way from the low end to the high one. */
GtenGtkColor gten_gtk_color_scale_at   (const GtenGtkColorScale *self, double part);

G_END_DECLS
