/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a graph is another one that has grown, as when a loop of the program took more turns: all of its nodes are there, in
 * their order, and at least half of its edges. Nodes are the same by name and by where the program made them, and those that
 * accumulate into a leaf by its shape. */
#include "gten-gtk-growth-private.h"

#include <string.h>

static gboolean
are_alike (GtenGtkNode *a, GtenGtkNode *b)
{
  g_autofree char *shape_a = NULL, *shape_b = NULL;

  if (gten_gtk_node_is_leaf (a) != gten_gtk_node_is_leaf (b)
      || g_strcmp0 (gten_gtk_node_get_name (a), gten_gtk_node_get_name (b)) != 0)
    return FALSE;
  if (!gten_gtk_node_is_leaf (a))
    return g_strcmp0 (gten_gtk_node_get_site (a), gten_gtk_node_get_site (b)) == 0;
  g_object_get (a, "shape", &shape_a, NULL);
  g_object_get (b, "shape", &shape_b, NULL);
  return g_str_equal (shape_a, shape_b);
}

/* Per node of the graph before, the first one that may be it. */
static guint32 *
find_nodes (GtenGtkGraph *self, GtenGtkGraph *before)
{
  guint n = before->nodes->len, found = 0;
  g_autofree guint32 *now = g_new (guint32, n + 1);

  for (guint k = 0; k < self->nodes->len && found < n; k++)
    if (are_alike (g_ptr_array_index (before->nodes, found), g_ptr_array_index (self->nodes, k)))
      now[found++] = k;
  return found == n ? g_steal_pointer (&now) : NULL;
}

/* Whether the edges are, too, and chips still beside their users. */
static gboolean
has_edges (GtenGtkGraph *self, GtenGtkGraph *before, const guint32 *now)
{
  g_autofree guint32 *seen = g_new (guint32, self->nodes->len + 1);
  guint n_kept = 0;

  memset (seen, 0xff, self->nodes->len * sizeof *seen);
  for (guint n = 0; n < before->nodes->len; n++)
    {
      guint n_edges, n_edges_before, n_kept_here = 0;
      const guint32 *edges_before = gten_gtk_graph_get_user_edges (before, n, &n_edges_before);
      const guint32 *edges = gten_gtk_graph_get_user_edges (self, now[n], &n_edges);
      gboolean is_chip = before->layout->is_chip[n];

      for (guint i = 0; i < n_edges; i++)
        {
          seen[self->user[edges[i]]] = n;
          if (is_chip && self->user[edges[i]] != now[before->user[edges_before[0]]])
            return FALSE;
        }
      for (guint i = 0; i < n_edges_before; i++)
        n_kept_here += seen[now[before->user[edges_before[i]]]] == n;
      if (is_chip && n_kept_here == 0)
        return FALSE;
      n_kept += n_kept_here;
    }
  return 2 * n_kept >= before->n_edges;
}

guint32 *
gten_gtk_graph_find_growth (GtenGtkGraph *self, GtenGtkGraph *before)
{
  g_autofree guint32 *now = NULL;
  guint32 *node_before;

  if (before->layout == NULL || before->nodes->len == 0 || self->nodes->len <= before->nodes->len)
    return NULL;
  now = find_nodes (self, before);
  if (now == NULL || !has_edges (self, before, now))
    return NULL;
  node_before = g_new (guint32, self->nodes->len + 1);
  memset (node_before, 0xff, self->nodes->len * sizeof *node_before);
  for (guint n = 0; n < before->nodes->len; n++)
    node_before[now[n]] = n;
  return node_before;
}
