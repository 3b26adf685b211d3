/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-label-private.h"

#include <math.h>
#include <pango/pangocairo.h>

static const struct { const char *family; const char *weight; double size; } styles[GTEN_GTK_N_LABEL_STYLES] = {
  [GTEN_GTK_LABEL_TITLE] = { "Sans Bold", "bold", 11.5 }, [GTEN_GTK_LABEL_NORMAL] = { "Sans", "normal", 10 },
  [GTEN_GTK_LABEL_SMALL] = { "Sans", "normal", 8.5 }, [GTEN_GTK_LABEL_NUMBER] = { "Sans Bold", "bold", 13 },
};

static const PangoFontDescription *
get_font (GtenGtkLabelStyle style)
{
  static PangoFontDescription *fonts[GTEN_GTK_N_LABEL_STYLES];     /* one per style and process */

  if (g_once_init_enter (&fonts[style]))
    {
      PangoFontDescription *font = pango_font_description_from_string (styles[style].family);

      pango_font_description_set_absolute_size (font, styles[style].size * PANGO_SCALE);
      g_once_init_leave (&fonts[style], font);
    }
  return fonts[style];
}

static void
clear_label (gpointer label)
{
  g_free (((GtenGtkLabel *) label)->text);
}

GArray *
gten_gtk_labels_new (void)
{
  GArray *self = g_array_new (FALSE, FALSE, sizeof (GtenGtkLabel));

  g_array_set_clear_func (self, clear_label);
  return self;
}

void
gten_gtk_labels_add (GArray *self, const char *text, GtenGtkLabelStyle style, GtenGtkColor color, double x, double y,
                     double width, double align)
{
  GtenGtkLabel label = { g_strdup (text), style, color, x, y, width, align };

  g_array_append_val (self, label);
}

void
gten_gtk_labels_draw (GArray *self, cairo_t *cr)
{
  g_autoptr (PangoLayout) layout = NULL;

  if (self->len == 0)
    return;
  layout = pango_cairo_create_layout (cr);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  for (guint i = 0; i < self->len; i++)
    {
      const GtenGtkLabel *label = &g_array_index (self, GtenGtkLabel, i);
      PangoRectangle extents;

      pango_layout_set_font_description (layout, get_font (label->style));
      pango_layout_set_text (layout, label->text, -1);
      pango_layout_set_width (layout, label->width * PANGO_SCALE);
      pango_layout_get_pixel_extents (layout, NULL, &extents);
      gten_gtk_set_color (cr, label->color, 1);
      cairo_move_to (cr, label->x - extents.x - extents.width * label->align, label->y - extents.height / 2.0);
      pango_cairo_show_layout (cr, layout);
    }
}

/* Text stays text, so that it can be searched and read aloud; it is cut off by an estimate of its
 * width, so that the file does not depend on the fonts that are here. */
void
gten_gtk_labels_write (GArray *self, GString *svg)
{
  static const char *const anchors[] = { "start", "middle", "end" };

  for (guint i = 0; i < self->len; i++)
    {
      const GtenGtkLabel *label = &g_array_index (self, GtenGtkLabel, i);
      double size = styles[label->style].size;
      glong n_fitting = MAX (label->width / (size * 0.58), 1);
      g_autofree char *cut = g_utf8_strlen (label->text, -1) > n_fitting ? g_utf8_substring (label->text, 0, n_fitting - 1) : NULL;
      g_autofree char *escaped = g_markup_escape_text (cut != NULL ? cut : label->text, -1);

      g_string_append_printf (svg, "<text x=\"%d\" y=\"%d\" font-size=\"%d.%d\" font-weight=\"%s\" text-anchor=\"%s\" fill=\"#%06x\">%s%s</text>\n",
                              (int) lround (label->x), (int) lround (label->y + size * 0.36), (int) size, (int) (size * 10) % 10,
                              styles[label->style].weight, anchors[(int) (label->align * 2)], label->color, escaped,
                              cut != NULL ? "…" : "");
    }
}
