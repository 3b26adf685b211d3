/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Colours, for light and for dark. States differ by hue, by lightness and by the sign drawn with
 * them, after the set of Okabe and Ito (2008), which keeps its distances for colour-blind eyes.
 * Numbers run from blue (negative) over the neutral colour of the palette (zero) to orange
 * (positive); what is not a number is magenta, what is infinite has the colour of text. */
#pragma once

#include <cairo.h>

#include "gten-gtk-node.h"

G_BEGIN_DECLS

typedef guint32 GtenGtkColor;      /* 0xrrggbb */

typedef struct
{
  GtenGtkColor canvas;
  GtenGtkColor card;
  GtenGtkColor border;
  GtenGtkColor text;
  GtenGtkColor dim;               /* text of less weight, at 4.5:1 on a card */
  GtenGtkColor edge;
  GtenGtkColor selection;
  GtenGtkColor breakpoint;
  GtenGtkColor hatch;             /* where a tensor is not known */
  GtenGtkColor states[GTEN_GTK_STATE_FREED + 1];
  GtenGtkColor zero, negative, positive, strong_negative, strong_positive, nan;
} GtenGtkPalette;

extern const GtenGtkPalette gten_gtk_palette_light;
extern const GtenGtkPalette gten_gtk_palette_dark;

/* The colour of a value, `scale` being the one of full strength. */
GtenGtkColor gten_gtk_palette_map        (const GtenGtkPalette *self, double value, double scale);
/* From a (t is 0) to b (t is 1). */
GtenGtkColor gten_gtk_color_mix          (GtenGtkColor a, GtenGtkColor b, double t);
void         gten_gtk_set_color          (cairo_t *cr, GtenGtkColor color, double alpha);
/* The value of full strength for a tensor: the largest magnitude of its finite elements. */
double       gten_gtk_palette_scale      (GtenGtkTensor *tensor);

G_END_DECLS
