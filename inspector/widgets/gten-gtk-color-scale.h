/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

/**
 * GtenGtkColormap:
 * @GTEN_GTK_COLORMAP_DIVERGING: from blue over a neutral colour to orange
 * @GTEN_GTK_COLORMAP_CIVIDIS: from blue to yellow
 * @GTEN_GTK_COLORMAP_VIRIDIS: from violet over green to yellow
 * @GTEN_GTK_COLORMAP_GRAY: from black to white
 *
 * Colours for numbers. All keep their order for colour-blind eyes; cividis looks the same to them
 * (Nuñez, Anderton and Renslow 2018).
 */
typedef enum
{
  GTEN_GTK_COLORMAP_DIVERGING,
  GTEN_GTK_COLORMAP_CIVIDIS,
  GTEN_GTK_COLORMAP_VIRIDIS,
  GTEN_GTK_COLORMAP_GRAY,
} GtenGtkColormap;

/**
 * GtenGtkRange:
 * @GTEN_GTK_RANGE_SYMMETRIC: as far below zero as above, up to the largest magnitude
 * @GTEN_GTK_RANGE_EXTREMES: from the least to the greatest element
 * @GTEN_GTK_RANGE_ROBUST: as symmetric, up to the magnitude that 99 of 100 elements stay below
 * @GTEN_GTK_RANGE_LOGARITHMIC: by the logarithm of the magnitude
 *
 * Which numbers colours run between.
 */
typedef enum
{
  GTEN_GTK_RANGE_SYMMETRIC,
  GTEN_GTK_RANGE_EXTREMES,
  GTEN_GTK_RANGE_ROBUST,
  GTEN_GTK_RANGE_LOGARITHMIC,
} GtenGtkRange;

GTEN_API GType gten_gtk_colormap_get_type (void);
#define GTEN_GTK_TYPE_COLORMAP (gten_gtk_colormap_get_type ())
GTEN_API GType gten_gtk_range_get_type (void);
#define GTEN_GTK_TYPE_RANGE (gten_gtk_range_get_type ())

G_END_DECLS
