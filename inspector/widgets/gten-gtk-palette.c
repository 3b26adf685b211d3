/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-palette-private.h"

#include <math.h>

const GtenGtkPalette gten_gtk_palette_light = {
  .canvas = 0xf6f5f4, .card = 0xffffff, .border = 0xcdc7c2, .text = 0x241f31, .dim = 0x6b6670, .edge = 0xa49fa6,
  .selection = 0x3584e4, .breakpoint = 0xc01c28, .hatch = 0xe3e0dd,
  .states = { 0xdeddda, 0xa9a4ab, 0xe69f00, 0x0072b2, 0xd55e00, 0x009e73, 0x77767b },
  .zero = 0xf4f2ef, .negative = 0x6baed6, .strong_negative = 0x08519c, .positive = 0xfd9a4a, .strong_positive = 0xa63603,
  .nan = 0xd01c8b,
};

const GtenGtkPalette gten_gtk_palette_dark = {
  .canvas = 0x1e1e1e, .card = 0x303030, .border = 0x4c4a4f, .text = 0xf6f5f4, .dim = 0xb0abb4, .edge = 0x77727a,
  .selection = 0x62a0ea, .breakpoint = 0xf66151, .hatch = 0x454348,
  .states = { 0x3d3b40, 0x827d86, 0xf0b429, 0x56b4e9, 0xff8c42, 0x2ec997, 0x9a96a0 },
  .zero = 0x242326, .negative = 0x3f8fd2, .strong_negative = 0xcfe8ff, .positive = 0xe0762a, .strong_positive = 0xffe3c2,
  .nan = 0xff5fc4,
};

GtenGtkColor
gten_gtk_color_mix (GtenGtkColor a, GtenGtkColor b, double t)
{
  GtenGtkColor result = 0;

  for (int shift = 0; shift <= 16; shift += 8)
    {
      int x = a >> shift & 255, y = b >> shift & 255;
      result |= (GtenGtkColor) (x + (y - x) * t + 0.5) << shift;
    }
  return result;
}

GtenGtkColor
gten_gtk_palette_map (const GtenGtkPalette *self, double value, double scale)
{
  double t = scale > 0 ? fabs (value) / scale : 0;
  GtenGtkColor full;

  if (isnan (value))
    return self->nan;
  if (isinf (value))
    return self->text;
  t = 2 * MIN (t, 1);
  full = value < 0 ? self->negative : self->positive;
  if (t < 1)
    return gten_gtk_color_mix (self->zero, full, t);
  return gten_gtk_color_mix (full, value < 0 ? self->strong_negative : self->strong_positive, t - 1);
}

void
gten_gtk_set_color (cairo_t *cr, GtenGtkColor color, double alpha)
{
  cairo_set_source_rgba (cr, (color >> 16 & 255) / 255.0, (color >> 8 & 255) / 255.0,
                         (color & 255) / 255.0, alpha);
}

double
gten_gtk_palette_scale (GtenGtkTensor *tensor)
{
  GtenGtkStatistics s;

  if (!gten_gtk_tensor_get_statistics (tensor, &s) || isnan (s.minimum))
    return 0;
  return MAX (fabs (s.minimum), fabs (s.maximum));
}
