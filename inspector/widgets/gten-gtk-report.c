/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pass as one page that explains itself: the graph, and a row per step with its gradient as a
 * picture. It loads nothing and runs no script, so it can be sent and kept. */
#include "gten-gtk-export-private.h"

#include "gten-gtk-paint-private.h"

#define THUMB 48

static cairo_status_t
write_cb (void *stream, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (stream, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
append_escaped (GString *text, const char *string)
{
  g_autofree char *escaped = g_markup_escape_text (string, -1);

  g_string_append (text, escaped);
}

static void
append_picture (GString *text, GtenGtkTensor *tensor, const GtenGtkPalette *palette)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, THUMB, THUMB);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (GByteArray) png = g_byte_array_new ();
  g_autofree char *description = gten_gtk_tensor_describe (tensor);
  g_autofree char *data = NULL;

  gten_gtk_paint_thumb (cr, tensor, gten_gtk_tensor_get_values (tensor) != NULL, 1, 1, THUMB - 2, palette);
  cairo_destroy (cr);
  cairo_surface_write_to_png_stream (surface, write_cb, png);
  cairo_surface_destroy (surface);
  data = g_base64_encode (png->data, png->len);
  g_string_append_printf (text, "<img width=\"%d\" height=\"%d\" alt=\"%s\" src=\"data:image/png;base64,%s\">", THUMB, THUMB,
                          description, data);
}

static void
append_number (GString *text, double number)
{
  g_autofree char *digits = gten_gtk_format_number (number);

  g_string_append_printf (text, "<td class=\"number\">%s</td>", digits);
}

static void
append_row (GString *text, GtenGtkNode *node, const GtenGtkPalette *palette)
{
  GtenGtkTensor *gradient = gten_gtk_node_get_gradient (node);
  g_autofree char *state = gten_gtk_node_describe_state (node);
  g_autofree char *shape = NULL;
  GtenGtkStatistics s;

  g_object_get (node, "shape", &shape, NULL);
  g_string_append_printf (text, "<tr id=\"n%u\"><td class=\"number\">%u</td><th scope=\"row\">", gten_gtk_node_get_index (node) + 1,
                          gten_gtk_node_get_index (node) + 1);
  append_escaped (text, gten_gtk_node_get_name (node));
  g_string_append (text, "</th><td>");
  if (gradient != NULL)
    append_picture (text, gradient, palette);
  g_string_append_printf (text, "</td><td>%s</td><td>%s</td>", shape, state);
  if (gradient != NULL && gten_gtk_tensor_get_statistics (gradient, &s))
    {
      guint64 n_bad = s.n_nan + s.n_infinite;

      append_number (text, s.norm);
      append_number (text, s.minimum);
      append_number (text, s.maximum);
      g_string_append_printf (text, "<td class=\"number%s\">%" G_GUINT64_FORMAT "</td>", n_bad > 0 ? " bad" : "", n_bad);
    }
  else
    g_string_append (text, "<td></td><td></td><td></td><td></td>");
  g_string_append (text, "<td>");
  append_escaped (text, gten_gtk_node_get_site (node) != NULL ? gten_gtk_node_get_site (node) : "");
  g_string_append (text, "</td></tr>\n");
}

GByteArray *
gten_gtk_graph_write_report (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error)
{
  const GtenGtkPalette *palette = flags & GTEN_GTK_EXPORT_DARK ? &gten_gtk_palette_dark : &gten_gtk_palette_light;
  g_autoptr (GByteArray) svg = gten_gtk_graph_draw_svg (self, flags, error);
  g_autofree char *sentence = gten_gtk_graph_describe_step (self);
  GString *text;
  const char *picture;
  gsize length;

  if (svg == NULL)
    return NULL;
  /* Without the XML declaration, which HTML does not have. */
  picture = g_strstr_len ((const char *) svg->data, svg->len, "<svg");
  text = g_string_sized_new (svg->len + 4096);
  g_string_append (text, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Backward pass</title>\n<style>\n");
  g_string_append_printf (text, "body { font: 15px/1.5 sans-serif; margin: 2em auto; max-width: 76em; padding: 0 1em; background: #%06x; color: #%06x }\n"
                          "figure { margin: 0 0 2em; overflow: auto; max-height: 85vh; border: 1px solid #%06x; border-radius: 8px }\n"
                          "figure svg { display: block; margin: auto }\n"
                          "table { border-collapse: collapse; width: 100%% }\n"
                          "caption { text-align: left; font-weight: bold; padding: 0.5em 0 }\n"
                          "th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #%06x; font-weight: normal }\n"
                          "thead th { color: #%06x; position: sticky; top: 0; background: #%06x }\n"
                          "tbody th { font-weight: bold }\n.number { text-align: right; font-variant-numeric: tabular-nums }\n"
                          ".bad { color: #%06x; font-weight: bold }\nimg { display: block; image-rendering: pixelated }\n",
                          palette->canvas, palette->text, palette->border, palette->border, palette->dim, palette->canvas, palette->nan);
  g_string_append_printf (text, "</style>\n</head>\n<body>\n<h1>Backward pass</h1>\n<p>%u nodes, %u edges. ", gten_gtk_graph_get_n_nodes (self),
                          gten_gtk_graph_get_n_edges (self));
  append_escaped (text, sentence);
  g_string_append (text, ".</p>\n<figure role=\"img\" aria-label=\"The graph; the table below says the same\">\n");
  g_string_append_len (text, picture, (const char *) svg->data + svg->len - picture);
  g_string_append (text, "</figure>\n<table>\n<caption>Steps, in the order in which they run</caption>\n<thead><tr>"
                   "<th scope=\"col\">Step</th><th scope=\"col\">Node</th><th scope=\"col\">Gradient</th><th scope=\"col\">Shape</th>"
                   "<th scope=\"col\">State</th><th scope=\"col\" class=\"number\">Norm</th><th scope=\"col\" class=\"number\">Least</th>"
                   "<th scope=\"col\" class=\"number\">Greatest</th><th scope=\"col\" class=\"number\">Not finite</th>"
                   "<th scope=\"col\">Made at</th></tr></thead>\n<tbody>\n");
  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (self); i++)
    append_row (text, gten_gtk_graph_get_node (self, i), palette);
  g_string_append (text, "</tbody>\n</table>\n</body>\n</html>\n");
  length = text->len;
  return g_byte_array_new_take ((guint8 *) g_string_free (text, FALSE), length);
}
