/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The graph of a pass in another process, from the variants that its debug service sends. They may be
 * anything, so everything in them is checked. */
#include "gten-gtk-graph-private.h"

#include <glib/gi18n-lib.h>

/* A state as the service numbers them: GTensor's GtenGradState. */
static GtenGtkState
state_from_number (guint8 number)
{
  static const GtenGtkState states[] = { GTEN_GTK_STATE_NOT_NEEDED, GTEN_GTK_STATE_PENDING, GTEN_GTK_STATE_PARTIAL,
                                         GTEN_GTK_STATE_READY, GTEN_GTK_STATE_DONE };

  return number < G_N_ELEMENTS (states) ? states[number] : GTEN_GTK_STATE_PENDING;
}

static void
add_node (GtenGtkGraph *self, GVariant *variant)
{
  const char *name, *op, *site;
  guint64 id, variable;
  guint8 state;
  guint n_arrived;
  g_autoptr (GVariant) outputs = NULL;
  GtenGtkNode *node;

  g_variant_get (variant, "(t&st&s&syut@a(axss))", &id, &name, NULL, &op, &site, &state, &n_arrived,
                 &variable, &outputs);
  node = gten_gtk_node_new (id, self->nodes->len, name);
  gten_gtk_node_set_origin (node, op, site, variable != 0);
  if (g_variant_n_children (outputs) > 0)
    {
      g_autoptr (GVariant) output = g_variant_get_child_value (outputs, 0);
      g_autoptr (GVariant) sizes = g_variant_get_child_value (output, 0);
      const char *dtype;
      gsize n_dims;
      const gint64 *shape = g_variant_get_fixed_array (sizes, &n_dims, sizeof *shape);

      g_variant_get_child (output, 1, "&s", &dtype);
      gten_gtk_node_set_output (node, gten_dtype_from_name (dtype), shape, n_dims);
    }
  gten_gtk_graph_take_node (self, node, state_from_number (state), n_arrived);
}

/**
 * gten_gtk_graph_new_from_variant:
 * @variant: a graph, of the type that the debug service sends
 * @error: return location for an error
 *
 * Makes a graph from a variant of type `(a(tstssyuta(axss))a(uuuu))`; org.gtensor.Inspect1 says
 * what is in it.
 *
 * Returns: (transfer full) (nullable): the graph
 */
GtenGtkGraph *
gten_gtk_graph_new_from_variant (GVariant *variant, GError **error)
{
  g_autoptr (GtenGtkGraph) self = NULL;
  g_autoptr (GVariant) nodes = NULL;
  g_autoptr (GVariant) edges = NULL;
  const guint32 (*rows)[4];
  gsize n_nodes, n_edges;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (GTEN_INSPECT_GRAPH)))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, "A graph has type %s, not %s", GTEN_INSPECT_GRAPH,
                   g_variant_get_type_string (variant));
      return NULL;
    }
  /* Of what is not known to be normal, GLib looks at an element by looking at all those before it. */
  if (!g_variant_is_normal_form (variant))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, _ ("The graph is malformed"));
      return NULL;
    }
  nodes = g_variant_get_child_value (variant, 0);
  edges = g_variant_get_child_value (variant, 1);
  n_nodes = g_variant_n_children (nodes);
  rows = g_variant_get_fixed_array (edges, &n_edges, 4 * sizeof (guint32));
  for (gsize e = 0; e < n_edges; e++)
    if (rows[e][0] >= n_nodes || rows[e][2] >= n_nodes)
      {
        g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, "An edge of the graph leads from node %u to node %u of %" G_GSIZE_FORMAT,
                     rows[e][0], rows[e][2], n_nodes);
        return NULL;
      }
  self = g_object_new (GTEN_GTK_TYPE_GRAPH, NULL);
  gten_gtk_graph_set_edges (self, n_nodes, rows, n_edges);
  for (gsize i = 0; i < n_nodes; i++)
    {
      g_autoptr (GVariant) node = g_variant_get_child_value (nodes, i);

      add_node (self, node);
    }
  return g_steal_pointer (&self);
}

/**
 * gten_gtk_graph_apply:
 * @self: a graph
 * @nodes: what happened, of the type that the debug service sends
 *
 * Brings states and statistics up to date from a variant of type `a(tyuu(tttdddd))`. Nodes of other
 * graphs are passed over.
 */
void
gten_gtk_graph_apply (GtenGtkGraph *self, GVariant *nodes)
{
  GVariantIter iter;
  guint64 id;
  guint8 number;
  guint n_arrived, n_expected;
  GtenGtkStatistics s;

  g_return_if_fail (g_variant_is_of_type (nodes, G_VARIANT_TYPE ("a" GTEN_INSPECT_STATE)));
  g_variant_iter_init (&iter, nodes);
  while (g_variant_iter_next (&iter, GTEN_INSPECT_STATE, &id, &number, &n_arrived, &n_expected, &s.n_values, &s.n_nan, &s.n_infinite,
                              &s.minimum, &s.maximum, &s.mean, &s.norm))
    {
      GtenGtkNode *node = gten_gtk_graph_find_node (self, id);
      GtenGtkState before = node != NULL ? gten_gtk_node_get_state (node, NULL, NULL) : 0;
      GtenGtkState state = state_from_number (number);

      if (node == NULL)
        continue;
      self->n_done += (state == GTEN_GTK_STATE_DONE) - (before >= GTEN_GTK_STATE_DONE);
      if (before == GTEN_GTK_STATE_FREED && state == GTEN_GTK_STATE_DONE)
        continue;
      /* The pass is looked at as it was before. */
      if (state < GTEN_GTK_STATE_READY && before >= GTEN_GTK_STATE_READY && gten_gtk_node_get_gradient (node) != NULL)
        gten_gtk_tensor_forget (gten_gtk_node_get_gradient (node));
      gten_gtk_node_set_state (node, state, n_arrived, n_expected);
      /* Before the node is done the statistics are those of one contribution. Without elements
       * nothing was measured. */
      if (s.n_values > 0 && gten_gtk_node_get_gradient (node) != NULL
          && (state == GTEN_GTK_STATE_DONE || (state == GTEN_GTK_STATE_READY && n_expected == 1)))
        gten_gtk_tensor_set_statistics (gten_gtk_node_get_gradient (node), &s);
    }
  gten_gtk_graph_progressed (self);
}
