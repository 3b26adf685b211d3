/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-arrangement-private.h"

#include <string.h>

#define MAX_PERIOD   128        /* nodes in one repeat */
#define MIN_REPEATS  3
#define MIN_FOLDED   6          /* nodes in all */
#define MIN_SCOPE    3

/* A run of nodes that may be folded. */
typedef struct
{
  guint begin, n_nodes, n_repeats;
} Run;

/* -- finding what repeats ---------------------------------------------------------------------- */

static int
compare_runs (gconstpointer a, gconstpointer b)
{
  const Run *x = a, *y = b;

  /* The longest first; of the same nodes, that with more and so shorter repeats. */
  if (x->n_nodes != y->n_nodes)
    return x->n_nodes > y->n_nodes ? -1 : 1;
  if (x->n_repeats != y->n_repeats)
    return x->n_repeats > y->n_repeats ? -1 : 1;
  return (x->begin > y->begin) - (x->begin < y->begin);
}

static void
find_repeats (const GQuark *names, guint n, GArray *runs)
{
  for (guint period = 1; period <= MIN (MAX_PERIOD, n / MIN_REPEATS); period++)
    for (guint i = 0; i + period < n;)
      {
        guint end = i;
        Run run;

        while (end + period < n && names[end] == names[end + period])
          end++;
        run = (Run) { i, 0, (end - i) / period + 1 };
        run.n_nodes = run.n_repeats * period;
        if (run.n_repeats >= MIN_REPEATS && run.n_nodes >= MIN_FOLDED)
          g_array_append_val (runs, run);
        i = end + 1;
      }
}

/* The function of "file:line function", or 0. */
static GQuark
find_function (const char *site)
{
  const char *function = NULL;
  gsize length;
  guint line;

  return gten_inspect_read_site (site, &length, &line, &function) && function != NULL ? g_quark_from_string (function) : 0;
}

/* Nodes that one function recorded, where several functions did. */
static void
find_scopes (GtenGtkGraph *graph, GArray *runs)
{
  guint n = graph->nodes->len;

  for (guint i = 0, end; i < n; i = end)
    {
      GQuark function = find_function (gten_gtk_node_get_site (g_ptr_array_index (graph->nodes, i)));

      for (end = i + 1; end < n && find_function (gten_gtk_node_get_site (g_ptr_array_index (graph->nodes, end))) == function; end++)
        ;
      if (function != 0 && end - i >= MIN_SCOPE && end - i < n)
        {
          Run run = { i, end - i, 1 };
          g_array_append_val (runs, run);
        }
    }
}

/* Runs that do not overlap. Runs that were opened give way to what lies in them. */
static GArray *
choose_runs (GtenGtkGraph *graph, GtkBitset *open)
{
  guint n = graph->nodes->len;
  g_autofree GQuark *names = g_new (GQuark, n + 1);
  g_autofree guint8 *taken = g_new0 (guint8, n + 1);
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (Run));
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (Run));

  for (guint i = 0; i < n; i++)
    names[i] = g_quark_from_string (gten_gtk_node_get_name (g_ptr_array_index (graph->nodes, i)));
  find_repeats (names, n, runs);
  find_scopes (graph, runs);
  g_array_sort (runs, compare_runs);
  for (guint i = 0; i < runs->len; i++)
    {
      const Run *run = &g_array_index (runs, Run, i);

      if (run->n_nodes == n || memchr (taken + run->begin, 1, run->n_nodes) != NULL
          || (open != NULL && gtk_bitset_contains (open, run->begin)))
        continue;
      memset (taken + run->begin, 1, run->n_nodes);
      g_array_append_val (chosen, *run);
    }
  return chosen;
}

/* -- items ------------------------------------------------------------------------------------- */

static gboolean
is_hidden (GtenGtkGraph *graph, const GtenGtkArrangementOptions *options, guint node)
{
  if (options->only != NULL && !gtk_bitset_contains (options->only, node))
    return TRUE;
  return options->hide_not_needed
         && gten_gtk_node_get_state (g_ptr_array_index (graph->nodes, node), NULL, NULL) == GTEN_GTK_STATE_NOT_NEEDED;
}

static void
make_items (GtenGtkArrangement *self, GtenGtkGraph *graph, const GtenGtkArrangementOptions *options)
{
  guint n = graph->nodes->len;
  g_autofree const Run **run_at = g_new0 (const Run *, n + 1);
  g_autoptr (GArray) runs = options->fold ? choose_runs (graph, options->open) : NULL;

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    run_at[g_array_index (runs, Run, i).begin] = &g_array_index (runs, Run, i);
  for (guint i = 0; i < n;)
    {
      const Run *run = run_at[i];
      guint end = i + (run != NULL ? run->n_nodes : 1), item = self->n_items, n_shown = 0;

      for (guint k = i; k < end; k++)
        {
          gboolean hidden = is_hidden (graph, options, k);

          self->item[k] = hidden ? GTEN_GTK_NO_NODE : item;
          if (!hidden && n_shown++ == 0)
            self->node[item] = k;
        }
      if (n_shown > 0)
        {
          self->n_nodes[item] = n_shown;
          self->n_repeats[item] = run != NULL ? run->n_repeats : 1;
          self->is_leaf[item] = n_shown == 1 && graph->is_leaf[self->node[item]];
          self->n_items++;
        }
      i = end;
    }
}

/* One line between two items, however many edges there are: the first of them stands for all. */
static void
make_lines (GtenGtkArrangement *self, GtenGtkGraph *graph)
{
  for (guint e = 0; e < graph->n_edges; e++)
    {
      guint user = self->item[graph->user[e]], input = self->item[graph->input[e]];

      if (user == GTEN_GTK_NO_NODE || input == GTEN_GTK_NO_NODE || user == input)
        continue;
      self->user[self->n_edges] = user;
      self->input[self->n_edges] = input;
      self->edge[self->n_edges++] = e;
    }
}

gboolean
gten_gtk_arrangement_is_needed (const GtenGtkArrangementOptions *options)
{
  return options->fold || options->hide_not_needed || options->only != NULL;
}

GtenGtkArrangement *
gten_gtk_arrangement_new (GtenGtkGraph *graph, const GtenGtkArrangementOptions *options)
{
  GtenGtkArrangement *self = g_new0 (GtenGtkArrangement, 1);
  guint n = graph->nodes->len;

  self->node = g_new (guint32, n + 1);
  self->n_nodes = g_new (guint32, n + 1);
  self->n_repeats = g_new (guint32, n + 1);
  self->item = g_new (guint32, n + 1);
  self->is_leaf = g_new0 (guint8, n + 1);
  self->user = g_new (guint32, graph->n_edges + 1);
  self->input = g_new (guint32, graph->n_edges + 1);
  self->edge = g_new (guint32, graph->n_edges + 1);
  make_items (self, graph, options);
  make_lines (self, graph);
  return self;
}

GtenGtkLayout *
gten_gtk_arrangement_lay_out (const GtenGtkArrangement *self, GCancellable *cancellable)
{
  GtenGtkLayoutInput input = { self->n_items, self->is_leaf, self->n_edges, self->user, self->input };

  return gten_gtk_layout_new (&input, cancellable);
}

void
gten_gtk_arrangement_free (GtenGtkArrangement *self)
{
  if (self == NULL)
    return;
  g_free (self->node);
  g_free (self->n_nodes);
  g_free (self->n_repeats);
  g_free (self->item);
  g_free (self->is_leaf);
  g_free (self->user);
  g_free (self->input);
  g_free (self->edge);
  gten_gtk_layout_free (self->layout);
  g_free (self);
}

/* -- parts of a graph -------------------------------------------------------------------------- */

GtkBitset *
gten_gtk_find_neighbourhood (GtenGtkGraph *graph, guint node, guint distance)
{
  GtkBitset *found = gtk_bitset_new_empty ();

  gtk_bitset_add (found, node);
  for (guint i = 0; i < distance; i++)
    {
      g_autoptr (GtkBitset) next = gtk_bitset_copy (found);

      for (guint e = 0; e < graph->n_edges; e++)
        if (gtk_bitset_contains (found, graph->user[e]))
          gtk_bitset_add (next, graph->input[e]);
        else if (gtk_bitset_contains (found, graph->input[e]))
          gtk_bitset_add (next, graph->user[e]);
      gtk_bitset_union (found, next);
    }
  return found;
}

/* Per node, whether it can be reached from `from`. Edges lead to later nodes, so one pass over the
 * nodes suffices. */
static guint8 *
reach (GtenGtkGraph *graph, guint from, gboolean to_inputs)
{
  const guint32 *there = to_inputs ? graph->input : graph->user;
  guint n = graph->nodes->len;
  guint8 *reached = g_new0 (guint8, n + 1);

  reached[from] = 1;
  for (guint k = 0; k < n; k++)
    {
      guint node = to_inputs ? k : n - 1 - k, n_edges;
      const guint32 *edges = to_inputs ? gten_gtk_graph_get_input_edges (graph, node, &n_edges)
                                       : gten_gtk_graph_get_user_edges (graph, node, &n_edges);

      for (guint i = 0; reached[node] && i < n_edges; i++)
        reached[there[edges[i]]] = 1;
    }
  return reached;
}

GtkBitset *
gten_gtk_find_paths (GtenGtkGraph *graph, guint from, guint to)
{
  guint first = MIN (from, to), last = MAX (from, to);
  g_autofree guint8 *up = reach (graph, first, TRUE);
  g_autofree guint8 *down = reach (graph, last, FALSE);
  GtkBitset *found = gtk_bitset_new_empty ();

  for (guint i = first; i <= last; i++)
    if (up[i] && down[i])
      gtk_bitset_add (found, i);
  return found;
}
