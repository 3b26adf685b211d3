/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Graphs for other programs: the language of Graphviz, and JSON. In both an edge leads the way values
 * flow, from an input to its user. */
#include "gten-gtk-export-private.h"

#include <math.h>

#include "gten-gtk-graph-private.h"
#include "gten-gtk-palette-private.h"

static GByteArray *
take_string (GString *text)
{
  gsize length = text->len;

  return g_byte_array_new_take ((guint8 *) g_string_free (text, FALSE), length);
}

/* In double quotes, as both languages have them. */
static void
append_quoted (GString *text, const char *string)
{
  g_string_append_c (text, '"');
  for (const char *c = string; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (text, "\\%c", *c);
    else if (*c == '\n')
      g_string_append (text, "\\n");
    else if ((guchar) *c < ' ')
      g_string_append_printf (text, "\\u%04x", (guchar) *c);
    else
      g_string_append_c (text, *c);
  g_string_append_c (text, '"');
}

GByteArray *
gten_gtk_graph_write_dot (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error)
{
  const GtenGtkPalette *palette = flags & GTEN_GTK_EXPORT_DARK ? &gten_gtk_palette_dark : &gten_gtk_palette_light;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "digraph backward {\n  bgcolor=\"#%06x\";\n"
                          "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontcolor=\"#%06x\", fillcolor=\"#%06x\"];\n"
                          "  edge [color=\"#%06x\"];\n", palette->canvas, palette->text, palette->card, palette->edge);
  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (self); i++)
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (self, i);
      g_autofree char *state = gten_gtk_node_format_state (node);
      g_autofree char *shape = NULL;
      g_autofree char *norm = NULL;
      g_autofree char *label = NULL;

      g_object_get (node, "shape", &shape, "norm-text", &norm, NULL);
      label = g_strdup_printf ("%s\n%s\n%s%s%s", gten_gtk_node_get_name (node), shape, state, *norm != '\0' ? ", norm " : "", norm);
      g_string_append_printf (text, "  n%u [color=\"#%06x\", label=", i, palette->states[gten_gtk_node_get_state (node, NULL, NULL)]);
      append_quoted (text, label);
      g_string_append (text, "];\n");
    }
  for (guint e = 0; e < gten_gtk_graph_get_n_edges (self); e++)
    {
      guint user, user_input, input, input_output;

      gten_gtk_graph_get_edge (self, e, &user, &user_input, &input, &input_output);
      g_string_append_printf (text, "  n%u -> n%u;\n", input, user);
    }
  g_string_append (text, "}\n");
  return take_string (text);
}

/* JSON has no name for what is not finite. */
static void
append_number (GString *text, const char *key, double number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (number))
    g_string_append_printf (text, ", \"%s\": %s", key, g_ascii_dtostr (digits, sizeof digits, number));
  else
    g_string_append_printf (text, ", \"%s\": null", key);
}

static void
append_node (GString *text, GtenGtkNode *node)
{
  GtenGtkTensor *gradient = gten_gtk_node_get_gradient (node);
  g_autofree char *state = gten_gtk_node_format_state (node);
  GtenGtkStatistics s;

  g_string_append_printf (text, "    {\"index\": %u, \"id\": %" G_GUINT64_FORMAT ", \"name\": ", gten_gtk_node_get_index (node),
                          gten_gtk_node_get_id (node));
  append_quoted (text, gten_gtk_node_get_name (node));
  if (gten_gtk_node_get_op (node) != NULL)
    {
      g_string_append (text, ", \"op\": ");
      append_quoted (text, gten_gtk_node_get_op (node));
    }
  if (gten_gtk_node_get_site (node) != NULL)
    {
      g_string_append (text, ", \"site\": ");
      append_quoted (text, gten_gtk_node_get_site (node));
    }
  g_string_append_printf (text, ", \"leaf\": %s, \"state\": ", gten_gtk_node_is_leaf (node) ? "true" : "false");
  append_quoted (text, state);
  if (gradient != NULL)
    {
      gsize n_dims;
      const gint64 *shape = gten_gtk_tensor_get_shape (gradient, &n_dims);

      g_string_append_printf (text, ", \"dtype\": \"%s\", \"shape\": [", gten_dtype_get_name (gten_gtk_tensor_get_dtype (gradient)));
      for (gsize i = 0; i < n_dims; i++)
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", shape[i]);
      g_string_append_c (text, ']');
    }
  if (gradient != NULL && gten_gtk_tensor_get_statistics (gradient, &s))
    {
      g_string_append_printf (text, ", \"gradient\": {\"elements\": %" G_GUINT64_FORMAT ", \"nan\": %" G_GUINT64_FORMAT
                              ", \"infinite\": %" G_GUINT64_FORMAT, s.n_values, s.n_nan, s.n_infinite);
      append_number (text, "minimum", s.minimum);
      append_number (text, "maximum", s.maximum);
      append_number (text, "mean", s.mean);
      append_number (text, "norm", s.norm);
      g_string_append_c (text, '}');
    }
  g_string_append_c (text, '}');
}

GByteArray *
gten_gtk_graph_write_json (GtenGtkGraph *self, GtenGtkExportFlags flags, GError **error)
{
  GString *text = g_string_new ("{\n  \"nodes\": [\n");

  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (self); i++)
    {
      if (i > 0)
        g_string_append (text, ",\n");
      append_node (text, gten_gtk_graph_get_node (self, i));
    }
  g_string_append (text, "\n  ],\n  \"edges\": [\n");
  for (guint e = 0; e < gten_gtk_graph_get_n_edges (self); e++)
    {
      guint user, user_input, input, input_output;

      gten_gtk_graph_get_edge (self, e, &user, &user_input, &input, &input_output);
      g_string_append_printf (text, "%s    {\"from\": %u, \"output\": %u, \"to\": %u, \"input\": %u}", e > 0 ? ",\n" : "", input,
                              input_output, user, user_input);
    }
  g_string_append_printf (text, "\n  ],\n  \"done\": %u\n}\n", gten_gtk_graph_get_n_done (self));
  return take_string (text);
}
