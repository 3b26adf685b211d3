/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the terminal asks the debug service for and prints as it comes. A terminal has nothing better to do than to
 * wait. */
#include "inspector-terminal-private.h"

#include <gio/gunixfdlist.h>
#include <math.h>

#include "gten-gtk-npy.h"
#include "inspector-source.h"

#define MAX_ROWS    40
#define N_LATEST    5         /* columns of the flow that are printed */

/* The service of a program that runs, or NULL with a word. */
static InspectorDBusInspect1 *
get_service (Terminal *self)
{
  InspectorDBusInspect1 *service = inspector_program_get_service (self->program);

  if (service == NULL)
    g_print ("No program is running\n");
  return service;
}

static void
complain (GError *error)
{
  g_dbus_error_strip_remote_error (error);
  g_print ("%s\n", error->message);
}

static const char *
get_name (Terminal *self, guint64 id)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);
  GtenGtkNode *node = graph != NULL ? gten_gtk_graph_find_node (graph, id) : NULL;

  return node != NULL ? gten_gtk_node_get_name (node) : "the start of the pass";
}

void
inspector_terminal_added (Terminal *self, char **words)
{
  InspectorDBusInspect1 *service = get_service (self);
  GtenGtkNode *node = service != NULL ? inspector_terminal_find_node (self, words[0]) : NULL;
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GError) error = NULL;
  GVariantIter iter;
  guint64 from;
  guint step;
  double norm, cosine;

  if (node == NULL)
    return;
  if (!inspector_dbus_inspect1_call_get_contributions_sync (service, inspector_program_get_pass (self->program),
                                                            gten_gtk_node_get_id (node), &list, NULL, &error))
    {
      complain (error);
      return;
    }
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, GTEN_INSPECT_ADDED, &from, NULL, &step, NULL, NULL, NULL, NULL, NULL, NULL, &norm, &cosine))
    g_print ("step %-5u %-24s norm %-12.6g cosine to the sum %.4f\n", step, get_name (self, from), norm, cosine);
}

/* "NODE" or "NODE@STEP" as the service calls it. A new string, or NULL. */
static char *
read_gradient (Terminal *self, const char *word, guint64 *id)
{
  g_auto (GStrv) parts = g_strsplit (word != NULL ? word : "", "@", 2);
  GtenGtkNode *node = inspector_terminal_find_node (self, parts[0]);

  if (node == NULL)
    return NULL;
  *id = gten_gtk_node_get_id (node);
  return parts[1] != NULL ? g_strdup_printf ("gradient:0@%s", parts[1]) : g_strdup ("gradient:0");
}

/* The tensor of a file, as the service takes it; NULL with a word. */
static GVariant *
read_file (const char *path, GUnixFDList **fds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenGtkTensor) tensor = gten_gtk_tensor_load_npy (path, &error);
  const gint64 *sizes;
  gconstpointer data;
  gsize n_dims, n_bytes;
  GVariantDict other;
  int fd = -1;

  if (tensor != NULL)
    {
      data = g_bytes_get_data (gten_gtk_tensor_get_values (tensor), &n_bytes);
      fd = gten_inspect_seal ("gtensor-compare", data, n_bytes, &error);
    }
  if (fd < 0)
    {
      g_print ("%s\n", error->message);
      return NULL;
    }
  *fds = g_unix_fd_list_new_from_array (&fd, 1);
  sizes = gten_gtk_tensor_get_shape (tensor, &n_dims);
  g_variant_dict_init (&other, NULL);
  g_variant_dict_insert (&other, "dtype", "s", gten_dtype_get_name (gten_gtk_tensor_get_dtype (tensor)));
  g_variant_dict_insert_value (&other, "shape", g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, sizes, n_dims, sizeof *sizes));
  g_variant_dict_insert (&other, "elements", "h", 0);
  return g_variant_dict_end (&other);
}

/* The second tensor: a gradient, or a file. */
static GVariant *
read_other (Terminal *self, const char *word, GUnixFDList **fds)
{
  g_autofree char *which = NULL;
  guint64 id = 0;
  GVariantDict other;

  if (word != NULL && g_str_has_suffix (word, ".npy"))
    return read_file (word, fds);
  which = read_gradient (self, word, &id);
  if (which == NULL)
    return NULL;
  g_variant_dict_init (&other, NULL);
  g_variant_dict_insert (&other, "node", "t", id);
  g_variant_dict_insert (&other, "which", "s", which);
  return g_variant_dict_end (&other);
}

void
inspector_terminal_compare (Terminal *self, char **words)
{
  InspectorDBusInspect1 *service = get_service (self);
  guint64 first = 0, n_different = 0;
  g_autofree char *which = service != NULL ? read_gradient (self, words[0], &first) : NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  GVariant *other = which != NULL ? read_other (self, words[1], &fds) : NULL;
  g_autoptr (GVariant) answer = NULL, worst = NULL;
  g_autoptr (GError) error = NULL;
  double absolute = NAN, relative = NAN, ulp = NAN;
  gboolean equal = FALSE;

  if (other == NULL)
    return;
  if (!inspector_dbus_inspect1_call_compare_sync (service, inspector_program_get_pass (self->program), first, which,
                                                  other, MAX_ROWS / 8, fds, &answer, NULL, NULL, &error))
    {
      complain (error);
      return;
    }
  g_variant_lookup (answer, "equal", "b", &equal);
  g_variant_lookup (answer, "n-different", "t", &n_different);
  g_variant_lookup (answer, "max-absolute", "d", &absolute);
  g_variant_lookup (answer, "max-relative", "d", &relative);
  g_variant_lookup (answer, "max-ulp", "d", &ulp);
  if (equal)
    {
      g_print ("Equal, bit by bit\n");
      return;
    }
  g_print ("%" G_GUINT64_FORMAT " %s: at most by %g, relative %g, %g units in the last place\n", n_different,
           n_different == 1 ? "element differs" : "elements differ", absolute, relative, ulp);
  worst = g_variant_lookup_value (answer, "worst", G_VARIANT_TYPE ("a" GTEN_INSPECT_WORST));
  for (gsize i = 0; worst != NULL && i < g_variant_n_children (worst); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (worst, i), index = NULL;
      g_autofree char *text = NULL;
      double a, b, difference;

      g_variant_get (row, "(@axddd)", &index, &a, &b, &difference);
      text = g_variant_print (index, FALSE);
      g_print ("  %-16s %14.7g %14.7g  differ by %g\n", text, a, b, difference);
    }
}

/* A serialised variant that came in a memfd, or NULL with a word. */
static GVariant *
take_variant (GUnixFDList *fds, GVariant *handle, const char *type)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = inspector_map_sealed (fds, handle, &error);
  g_autoptr (GVariant) variant = NULL;

  if (bytes == NULL)
    {
      complain (error);
      return NULL;
    }
  variant = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
  if (g_variant_is_normal_form (variant))
    return g_steal_pointer (&variant);
  g_print ("The program sent what cannot be read\n");
  return NULL;
}

void
inspector_terminal_flow (Terminal *self, char **words)
{
  static const char *const marks[] = { "", "vanishing", "exploding", "not finite" };
  InspectorDBusInspect1 *service = get_service (self);
  g_autoptr (GVariant) handle = NULL, flow = NULL, rows = NULL, columns = NULL, cells = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_rows, n_columns, n_cells, n_shown;
  const double *logs;

  if (service == NULL)
    return;
  if (!inspector_dbus_inspect1_call_get_flow_sync (service, NULL, &handle, &fds, NULL, &error))
    {
      complain (error);
      return;
    }
  flow = take_variant (fds, handle, GTEN_INSPECT_FLOW);
  if (flow == NULL)
    return;
  rows = g_variant_get_child_value (flow, 0);
  columns = g_variant_get_child_value (flow, 1);
  cells = g_variant_get_child_value (flow, 2);
  n_rows = g_variant_n_children (rows);
  n_columns = g_variant_n_children (columns);
  logs = g_variant_get_fixed_array (cells, &n_cells, sizeof *logs);
  n_shown = MIN (n_columns, N_LATEST);
  if (n_rows == 0 || n_cells / n_rows < n_columns)
    {
      g_print ("No pass has ended yet\n");
      return;
    }
  g_print ("Common logarithms of the root of the mean square, in the last %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " passes\n", n_shown,
           n_columns);
  for (gsize row = 0; row < MIN (n_rows, MAX_ROWS); row++)
    {
      g_autoptr (GVariant) about = g_variant_get_child_value (rows, row);
      const char *name;
      guchar mark;

      g_variant_get (about, "(&s&sy)", &name, NULL, &mark);
      g_print ("%5" G_GSIZE_FORMAT "  %-24s", row + 1, name);
      for (gsize i = n_columns - n_shown; i < n_columns; i++)
        g_print (" %7.2f", logs[row * n_columns + i]);
      g_print ("  %s\n", mark < G_N_ELEMENTS (marks) ? marks[mark] : "");
    }
}

void
inspector_terminal_nan (Terminal *self, char **words)
{
  InspectorDBusInspect1 *service = get_service (self);
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GError) error = NULL;
  guint n_harmful = 0;

  if (service == NULL)
    return;
  if (!inspector_dbus_inspect1_call_get_non_finite_sync (service, &list, NULL, &error))
    {
      complain (error);
      return;
    }
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) each = g_variant_get_child_value (list, i);
      const char *kind = "", *op = "", *name = "", *site = "";
      gboolean forward = FALSE, harm = FALSE;

      g_variant_lookup (each, "kind", "&s", &kind);
      g_variant_lookup (each, "op", "&s", &op);
      g_variant_lookup (each, "name", "&s", &name);
      g_variant_lookup (each, "site", "&s", &site);
      g_variant_lookup (each, "forward", "b", &forward);
      g_variant_lookup (each, "harm", "b", &harm);
      if (!harm)
        continue;
      n_harmful++;
      g_print ("%s made %s%s%s\n", forward ? op : name, g_str_equal (kind, "nan") ? "NaN" : "an infinity", *site != '\0' ? ", at " : "",
               inspector_program_find_line (self->program, site));
    }
  if (n_harmful == 0)
    g_print ("Everything is finite\n");
}

void
inspector_terminal_memory (Terminal *self, char **words)
{
  InspectorDBusInspect1 *service = get_service (self);
  g_autoptr (GVariant) handle = NULL, timeline = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  gsize n;

  if (service == NULL)
    return;
  if (!inspector_dbus_inspect1_call_get_timeline_sync (service, 0, NULL, &handle, &fds, NULL, &error))
    {
      complain (error);
      return;
    }
  timeline = take_variant (fds, handle, GTEN_INSPECT_TIMELINE);
  n = timeline != NULL ? g_variant_n_children (timeline) : 0;
  for (gsize i = n > MAX_ROWS ? n - MAX_ROWS : 0; i < n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (timeline, i);
      const char *device, *op;
      gint64 n_bytes;
      guint64 used;

      g_variant_get (entry, "(tx&s&sxtt)", NULL, NULL, &device, &op, &n_bytes, &used, NULL);
      g_print ("%-8s %-24s %+14" G_GINT64_FORMAT " %14" G_GUINT64_FORMAT "\n", device, *op != '\0' ? op : "(let go)", n_bytes, used);
    }
}
