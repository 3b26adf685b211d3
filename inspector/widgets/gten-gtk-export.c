/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pictures in files, without a display. The same graph gives the same bytes. */
#include "gten-gtk-export-private.h"

#include <glib/gi18n-lib.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>

#include "gten-gtk-paint-private.h"

#define MAX_PIXELS 16384.0     /* a side of a PNG; larger graphs are drawn smaller */
#define PNG_SCALE  2.0

static cairo_status_t
write_cb (void *stream, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (stream, data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* Cairo numbers what it defines by counters of the process, so that the second file would differ
 * from the first: numbers start anew in each file. Images are enlarged without being smoothed, and
 * texts come last. */
static GByteArray *
finish_svg (GByteArray *svg, GString *texts)
{
  static const char *const names[] = { "image", "surface", "linear", "mask", "clip", "pattern" };
  static const char crisp[] = "style=\"image-rendering:pixelated\" ";
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GByteArray) nul_terminated = svg;
  GByteArray *result = g_byte_array_sized_new (svg->len + texts->len + 1024);
  const char *at, *done, *end;

  g_byte_array_append (svg, (const guint8 *) "", 1);
  done = at = (const char *) svg->data;
  while ((at = strpbrk (at, "\"#")) != NULL)
    {
      at++;
      if (!g_ascii_islower (*at))
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        {
          gsize length = strlen (names[i]), n_digits = g_str_has_prefix (at, names[i]) ? strspn (at + length, "0123456789") : 0;
          g_autofree char *id = n_digits > 0 ? g_strndup (at, length + n_digits) : NULL;
          g_autofree char *number = NULL;

          if (id == NULL)
            continue;
          if (!g_hash_table_contains (numbers, id))
            g_hash_table_insert (numbers, g_strdup (id),
                                 GUINT_TO_POINTER (g_hash_table_size (numbers) + 1));
          number = g_strdup_printf ("%u", GPOINTER_TO_UINT (g_hash_table_lookup (numbers, id)));
          if (g_str_has_prefix (at - strlen ("<image id=\""), "<image id=\""))
            {
              const char *attributes = at - strlen ("id=\"");

              g_byte_array_append (result, (const guint8 *) done, attributes - done);
              g_byte_array_append (result, (const guint8 *) crisp, strlen (crisp));
              done = attributes;
            }
          g_byte_array_append (result, (const guint8 *) done, at + length - done);
          g_byte_array_append (result, (const guint8 *) number, strlen (number));
          done = at += length + n_digits;
          break;
        }
    }
  end = g_strrstr (done, "</svg>");
  g_byte_array_append (result, (const guint8 *) done, end - done);
  g_byte_array_append (result, (const guint8 *) texts->str, texts->len);
  g_byte_array_append (result, (const guint8 *) end, strlen (end));
  return result;
}

typedef cairo_surface_t *(*MakeSurface) (cairo_write_func_t write, void *stream, double width,
                                         double height);

static cairo_surface_t *
make_pdf (cairo_write_func_t write, void *stream, double width, double height)
{
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (write, stream, width, height);

  /* Not today's, or no two files would be the same. */
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATE_DATE, "1970-01-01T00:00:00Z");
  return surface;
}

static cairo_surface_t *
make_svg (cairo_write_func_t write, void *stream, double width, double height)
{
  return cairo_svg_surface_create_for_stream (write, stream, width, height);
}

static cairo_surface_t *
make_png (cairo_write_func_t write, void *stream, double width, double height)
{
  return cairo_image_surface_create (CAIRO_FORMAT_RGB24, ceil (width), ceil (height));
}

static GByteArray *
draw (GtenGtkGraph *self, MakeSurface make, GtenGtkExportFlags flags, GError **error)
{
  const GtenGtkLayout *layout = gten_gtk_graph_ensure_layout (self);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GArray) labels = make == make_svg ? gten_gtk_labels_new () : NULL;
  g_autoptr (GString) texts = NULL;
  GtenGtkView view = { .zoom = 1, .selected = GTEN_GTK_NO_NODE, .hovered = GTEN_GTK_NO_NODE,
                       .producer = GTEN_GTK_NO_NODE, .labels = labels };
  cairo_surface_t *surface;
  cairo_status_t status;
  cairo_t *cr;
  double scale;

  view.palette = flags & GTEN_GTK_EXPORT_DARK ? &gten_gtk_palette_dark : &gten_gtk_palette_light;
  view.x = layout->left;
  view.y = layout->top;
  view.width = MAX (layout->width, 1);
  view.height = MAX (layout->height, 1);
  scale = make != make_png ? 1 : MIN (PNG_SCALE, MAX_PIXELS / MAX (view.width, view.height));

  surface = make (write_cb, bytes, view.width * scale, view.height * scale);
  cr = cairo_create (surface);
  if (scale < 1)
    {
      view.zoom = scale;
      view.width *= scale;
      view.height *= scale;
    }
  else
    cairo_scale (cr, scale, scale);
  gten_gtk_paint_graph (cr, self, layout, &view);
  cairo_show_page (cr);
  status = cairo_status (cr);
  cairo_destroy (cr);
  if (make == make_png && status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream (surface, write_cb, bytes);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Cannot draw the graph: %s"),
                   cairo_status_to_string (status));
      return NULL;
    }
  if (labels == NULL)
    return g_steal_pointer (&bytes);
  texts = g_string_new ("<g font-family=\"sans-serif\"");
  if (layout->left != 0 || layout->top != 0)
    g_string_append_printf (texts, " transform=\"translate(%ld %ld)\"", lround (-layout->left), lround (-layout->top));
  g_string_append (texts, ">\n");
  gten_gtk_labels_write (labels, texts);
  g_string_append (texts, "</g>\n");
  return finish_svg (g_steal_pointer (&bytes), texts);
}

GByteArray *
gten_gtk_graph_draw_svg (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error)
{
  return draw (self, make_svg, flags, error);
}

static GByteArray *
draw_png (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error)
{
  return draw (self, make_png, flags, error);
}

static GByteArray *
draw_pdf (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error)
{
  return draw (self, make_pdf, flags, error);
}

static const struct
{
  const char *suffix;
  GByteArray *(*make) (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error);
} formats[] = {
  { ".svg", gten_gtk_graph_draw_svg }, { ".png", draw_png }, { ".pdf", draw_pdf },
  { ".dot", gten_gtk_graph_write_dot }, { ".json", gten_gtk_graph_write_json },
  { ".html", gten_gtk_graph_write_report },
};

/**
 * gten_gtk_graph_export:
 * @self: a graph
 * @path: (type filename): the file; the end of its name tells the format
 * @flags: how
 * @error: return location for an error
 *
 * Writes the whole graph to a file, as a picture (.svg, .png, .pdf), for other programs (.dot, .json)
 * or as a report that explains itself (.html). No display is needed, and the same graph gives the
 * same bytes.
 *
 * Returns: %TRUE, or %FALSE with an error
 */
gboolean
gten_gtk_graph_export (GtenGtkGraph *self, const char *path, GtenGtkExportFlags flags,
                       GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_has_suffix (path, formats[i].suffix))
      {
        g_autoptr (GByteArray) bytes = formats[i].make (self, flags, error);

        /* Whole or not at all, but without waiting for the disk. */
        return bytes != NULL
               && g_file_set_contents_full (path, (const char *) bytes->data, bytes->len,
                                            G_FILE_SET_CONTENTS_CONSISTENT, 0666, error);
      }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _ ("A picture is a file ending in .svg, .png, .pdf, .dot, .json or .html, which “%s” does not"), path);
  return FALSE;
}
