/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-color-scale-private.h"

#include <math.h>

#define MAX_LOOKED_AT 65536      /* elements, for the robust and the logarithmic range */
#define DECADES       12         /* of a logarithmic range, at most */
#define N_COLORS      10

G_DEFINE_ENUM_TYPE (GtenGtkColormap, gten_gtk_colormap,
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_COLORMAP_DIVERGING, "diverging"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_COLORMAP_CIVIDIS, "cividis"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_COLORMAP_VIRIDIS, "viridis"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_COLORMAP_GRAY, "gray"))

G_DEFINE_ENUM_TYPE (GtenGtkRange, gten_gtk_range,
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_RANGE_SYMMETRIC, "symmetric"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_RANGE_EXTREMES, "extremes"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_RANGE_ROBUST, "robust"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_RANGE_LOGARITHMIC, "logarithmic"))

/* Ten colours at equal distances along each sequential map. */
static const GtenGtkColor sequential[][N_COLORS] = {
  [GTEN_GTK_COLORMAP_CIVIDIS] = { 0x00224e, 0x123570, 0x3b496c, 0x575d6d, 0x707173, 0x8a8678, 0xa59c74, 0xc3b369,
                                  0xe1cc55, 0xfee838 },
  [GTEN_GTK_COLORMAP_VIRIDIS] = { 0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58,
                                  0xb5de2b, 0xfde725 },
  [GTEN_GTK_COLORMAP_GRAY]    = { 0x000000, 0x1c1c1c, 0x393939, 0x555555, 0x717171, 0x8e8e8e, 0xaaaaaa, 0xc6c6c6,
                                  0xe3e3e3, 0xffffff },
};

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Finite magnitudes above zero of evenly chosen elements, in order. */
static double *
sort_magnitudes (GtenGtkTensor *tensor, gsize *n_magnitudes)
{
  guint64 n = gten_gtk_tensor_get_n_rows (tensor) * gten_gtk_tensor_get_n_columns (tensor);
  guint64 step = n / MAX_LOOKED_AT + 1;
  double *magnitudes = g_new (double, n / step + 1);
  gsize count = 0;

  for (guint64 i = 0; i < n; i += step)
    {
      double magnitude = fabs (gten_gtk_tensor_get_value (tensor, i));

      if (isfinite (magnitude) && magnitude > 0)
        magnitudes[count++] = magnitude;
    }
  qsort (magnitudes, count, sizeof *magnitudes, compare_numbers);
  *n_magnitudes = count;
  return magnitudes;
}

void
gten_gtk_color_scale_init (GtenGtkColorScale *self, const GtenGtkPalette *palette,
                           GtenGtkColormap colormap, GtenGtkRange range, GtenGtkTensor *tensor)
{
  double greatest = gten_gtk_palette_scale (tensor);
  GtenGtkStatistics s;

  *self = (GtenGtkColorScale) { palette, colormap, range, -greatest, greatest };
  if (range == GTEN_GTK_RANGE_EXTREMES && gten_gtk_tensor_get_statistics (tensor, &s)
      && isfinite (s.minimum))
    {
      self->low = s.minimum;
      self->high = s.maximum;
    }
  else if (range == GTEN_GTK_RANGE_ROBUST || range == GTEN_GTK_RANGE_LOGARITHMIC)
    {
      gsize n;
      g_autofree double *magnitudes = sort_magnitudes (tensor, &n);

      if (n > 0 && range == GTEN_GTK_RANGE_ROBUST)
        {
          self->high = magnitudes[(gsize) (0.99 * (n - 1))];
          self->low = -self->high;
        }
      else if (range == GTEN_GTK_RANGE_LOGARITHMIC)
        self->low = n > 0 ? MAX (magnitudes[0], self->high * pow (10, -DECADES)) : 0;
    }
}

GtenGtkColor
gten_gtk_color_scale_at (const GtenGtkColorScale *self, double part)
{
  double place = CLAMP (part, 0, 1) * (N_COLORS - 1);
  guint below = MIN (place, N_COLORS - 2);

  if (self->colormap == GTEN_GTK_COLORMAP_DIVERGING)
    return gten_gtk_palette_map (self->palette, self->range == GTEN_GTK_RANGE_LOGARITHMIC ? part : 2 * part - 1, 1);
  return gten_gtk_color_mix (sequential[self->colormap][below], sequential[self->colormap][below + 1], place - below);
}

GtenGtkColor
gten_gtk_color_scale_map (const GtenGtkColorScale *self, double value)
{
  double part = 0.5;

  if (!isfinite (value))
    return gten_gtk_palette_map (self->palette, value, 1);
  if (self->range == GTEN_GTK_RANGE_LOGARITHMIC)
    {
      double magnitude = fabs (value);

      part = magnitude <= 0 || self->low <= 0 ? 0
             : self->high > self->low ? CLAMP (log (magnitude / self->low) / log (self->high / self->low), 0, 1) * 0.95 + 0.05
                                      : 1;
      if (self->colormap == GTEN_GTK_COLORMAP_DIVERGING)
        return gten_gtk_palette_map (self->palette, value < 0 ? -part : part, 1);
    }
  else if (self->high > self->low)
    part = (value - self->low) / (self->high - self->low);
  return gten_gtk_color_scale_at (self, part);
}
