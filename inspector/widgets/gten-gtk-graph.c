/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The graph of a backward pass as it is looked at: a list of nodes in the order in which they run,
 * edges between them, and how far the pass has come. Variants come from another process, so
 * everything in them is checked. */
#include "gten-gtk-graph-private.h"

#include <math.h>

#define GRAPH_TYPE   "(a(tstssyuta(axss))a(uuuu))"
#define NODES_TYPE   "a(tyuu(tttdddd))"
#define SMALL_GRAPH  4000     /* nodes up to which a layout takes no noticeable time */

struct _GtenGtkGraph
{
  GObject        parent_instance;

  GPtrArray     *nodes;
  GHashTable    *by_id;
  guint          n_edges;
  guint32       *user;
  guint32       *user_input;
  guint32       *input;
  guint32       *input_output;
  guint8        *is_leaf;
  guint32       *n_expected;
  guint          current;
  guint          n_done;
  GtenGtkLayout *layout;
  GCancellable  *layout_running;
};

static void list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GtenGtkGraph, gten_gtk_graph, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum { PROP_CURRENT = 1, PROP_N_DONE, PROP_SENTENCE, N_PROPS };
enum { CHANGED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static GType
get_item_type (GListModel *model)
{
  return GTEN_GTK_TYPE_NODE;
}

static guint
get_n_items (GListModel *model)
{
  return GTEN_GTK_GRAPH (model)->nodes->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GtenGtkGraph *self = GTEN_GTK_GRAPH (model);

  return position < self->nodes->len ? g_object_ref (g_ptr_array_index (self->nodes, position)) : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

static void
gten_gtk_graph_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkGraph *self = GTEN_GTK_GRAPH (object);

  switch (id)
    {
    case PROP_CURRENT:
      g_value_set_uint (value, self->current);
      break;
    case PROP_N_DONE:
      g_value_set_uint (value, self->n_done);
      break;
    case PROP_SENTENCE:
      g_value_take_string (value, gten_gtk_graph_describe_step (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* Others may hold on to a node or a tensor. */
static void
release_node (gpointer data, gpointer self)
{
  GtenGtkNode *node = data;

  g_signal_handlers_disconnect_by_data (node, self);
  if (gten_gtk_node_get_value (node) == NULL)
    return;
  g_signal_handlers_disconnect_by_data (gten_gtk_node_get_value (node), self);
  g_signal_handlers_disconnect_by_data (gten_gtk_node_get_gradient (node), self);
}

static void
gten_gtk_graph_finalize (GObject *object)
{
  GtenGtkGraph *self = GTEN_GTK_GRAPH (object);

  g_ptr_array_foreach (self->nodes, release_node, self);
  g_clear_object (&self->layout_running);
  g_clear_pointer (&self->layout, gten_gtk_layout_free);
  g_ptr_array_unref (self->nodes);
  g_hash_table_unref (self->by_id);
  g_free (self->user);
  g_free (self->user_input);
  g_free (self->input);
  g_free (self->input_output);
  g_free (self->is_leaf);
  g_free (self->n_expected);
  G_OBJECT_CLASS (gten_gtk_graph_parent_class)->finalize (object);
}

static void
gten_gtk_graph_class_init (GtenGtkGraphClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gten_gtk_graph_get_property;
  object_class->finalize = gten_gtk_graph_finalize;

  /**
   * GtenGtkGraph:current:
   *
   * The index of the node that runs next, or %GTEN_GTK_NO_NODE.
   */
  properties[PROP_CURRENT] = g_param_spec_uint ("current", NULL, NULL, 0, G_MAXUINT,
                                                GTEN_GTK_NO_NODE, read);
  /**
   * GtenGtkGraph:n-done:
   *
   * How many nodes have run.
   */
  properties[PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, read);
  /**
   * GtenGtkGraph:sentence:
   *
   * The current step in words.
   */
  properties[PROP_SENTENCE] = g_param_spec_string ("sentence", NULL, NULL, NULL, read);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * GtenGtkGraph::changed:
   * @self: the graph
   *
   * A picture of the graph is out of date.
   */
  signals[CHANGED] = g_signal_new ("changed", GTEN_GTK_TYPE_GRAPH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
gten_gtk_graph_init (GtenGtkGraph *self)
{
  self->nodes = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->current = GTEN_GTK_NO_NODE;
}

static void
changed_cb (GtenGtkGraph *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
  g_signal_emit (self, signals[CHANGED], 0);
}

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
      g_signal_connect_swapped (gten_gtk_node_get_value (node), "notify::values",
                                G_CALLBACK (changed_cb), self);
      g_signal_connect_swapped (gten_gtk_node_get_gradient (node), "notify::values",
                                G_CALLBACK (changed_cb), self);
    }
  gten_gtk_node_set_state (node, state_from_number (state), n_arrived, 0);
  g_signal_connect_swapped (node, "notify::breakpoint", G_CALLBACK (changed_cb), self);
  g_ptr_array_add (self->nodes, node);
}

static gboolean
add_edges (GtenGtkGraph *self, GVariant *edges, GError **error)
{
  gsize n_edges;
  const guint32 (*rows)[4] = g_variant_get_fixed_array (edges, &n_edges, 4 * sizeof (guint32));

  self->n_edges = n_edges;
  self->user = g_new (guint32, n_edges + 1);
  self->user_input = g_new (guint32, n_edges + 1);
  self->input = g_new (guint32, n_edges + 1);
  self->input_output = g_new (guint32, n_edges + 1);
  self->n_expected = g_new0 (guint32, self->nodes->len + 1);
  for (gsize e = 0; e < n_edges; e++)
    {
      if (rows[e][0] >= self->nodes->len || rows[e][2] >= self->nodes->len)
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, "An edge of the graph leads from node %u to node %u of %u", rows[e][0],
                       rows[e][2], self->nodes->len);
          return FALSE;
        }
      self->user[e] = rows[e][0];
      self->user_input[e] = rows[e][1];
      self->input[e] = rows[e][2];
      self->input_output[e] = rows[e][3];
      self->n_expected[rows[e][2]]++;
    }
  return TRUE;
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
  g_autoptr (GtenGtkGraph) self = g_object_new (GTEN_GTK_TYPE_GRAPH, NULL);
  g_autoptr (GVariant) nodes = NULL;
  g_autoptr (GVariant) edges = NULL;
  gsize n_nodes;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (GRAPH_TYPE)))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, "A graph has type %s, not %s", GRAPH_TYPE,
                   g_variant_get_type_string (variant));
      return NULL;
    }
  /* Of what is not known to be normal, GLib looks at an element by looking at all those before it. */
  if (!g_variant_is_normal_form (variant))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, "The graph is malformed");
      return NULL;
    }
  nodes = g_variant_get_child_value (variant, 0);
  edges = g_variant_get_child_value (variant, 1);
  n_nodes = g_variant_n_children (nodes);
  self->is_leaf = g_new0 (guint8, n_nodes + 1);
  for (gsize i = 0; i < n_nodes; i++)
    {
      g_autoptr (GVariant) node = g_variant_get_child_value (nodes, i);

      add_node (self, node);
      self->is_leaf[i] = gten_gtk_node_is_leaf (g_ptr_array_index (self->nodes, i));
    }
  if (!add_edges (self, edges, error))
    return NULL;
  for (gsize i = 0; i < n_nodes; i++)
    {
      GtenGtkNode *node = g_ptr_array_index (self->nodes, i);
      guint n_arrived;
      GtenGtkState state = gten_gtk_node_get_state (node, &n_arrived, NULL);
      guint64 *key = g_new (guint64, 1);

      *key = gten_gtk_node_get_id (node);
      g_hash_table_insert (self->by_id, key, node);
      gten_gtk_node_set_state (node, state, n_arrived, MAX (self->n_expected[i], 1));
      self->n_done += state >= GTEN_GTK_STATE_DONE;
    }
  return g_steal_pointer (&self);
}

/**
 * gten_gtk_graph_get_n_nodes:
 * @self: a graph
 *
 * Returns: the number of nodes
 */
guint
gten_gtk_graph_get_n_nodes (GtenGtkGraph *self)
{
  return self->nodes->len;
}

/**
 * gten_gtk_graph_get_node:
 * @self: a graph
 * @index: which node
 *
 * Returns: (transfer none) (nullable): the node that runs at this place
 */
GtenGtkNode *
gten_gtk_graph_get_node (GtenGtkGraph *self, guint index)
{
  return index < self->nodes->len ? g_ptr_array_index (self->nodes, index) : NULL;
}

/**
 * gten_gtk_graph_find_node:
 * @self: a graph
 * @id: the number of a node in its program
 *
 * Returns: (transfer none) (nullable): the node
 */
GtenGtkNode *
gten_gtk_graph_find_node (GtenGtkGraph *self, guint64 id)
{
  return g_hash_table_lookup (self->by_id, &id);
}

/**
 * gten_gtk_graph_get_n_edges:
 * @self: a graph
 *
 * Returns: the number of edges
 */
guint
gten_gtk_graph_get_n_edges (GtenGtkGraph *self)
{
  return self->n_edges;
}

/**
 * gten_gtk_graph_get_edge:
 * @self: a graph
 * @edge: which edge
 * @user: (out): the node that a gradient leaves
 * @user_input: (out): which of its inputs
 * @input: (out): the node that the gradient reaches
 * @input_output: (out): which of its outputs
 *
 * Tells what an edge connects.
 */
void
gten_gtk_graph_get_edge (GtenGtkGraph *self, guint edge, guint *user, guint *user_input,
                         guint *input, guint *input_output)
{
  g_return_if_fail (edge < self->n_edges);
  *user = self->user[edge];
  *user_input = self->user_input[edge];
  *input = self->input[edge];
  *input_output = self->input_output[edge];
}

static GListModel *
get_neighbours (GtenGtkGraph *self, guint node, const guint32 *here, const guint32 *there)
{
  GListStore *list = g_list_store_new (GTEN_GTK_TYPE_NODE);

  for (guint e = 0; e < self->n_edges; e++)
    if (here[e] == node)
      g_list_store_append (list, g_ptr_array_index (self->nodes, there[e]));
  return G_LIST_MODEL (list);
}

/**
 * gten_gtk_graph_get_inputs:
 * @self: a graph
 * @node: index of a node
 *
 * Returns: (transfer full): the nodes that its gradients go to, one per input that has one
 */
GListModel *
gten_gtk_graph_get_inputs (GtenGtkGraph *self, guint node)
{
  return get_neighbours (self, node, self->user, self->input);
}

/**
 * gten_gtk_graph_get_users:
 * @self: a graph
 * @node: index of a node
 *
 * Returns: (transfer full): the nodes that its gradient comes from
 */
GListModel *
gten_gtk_graph_get_users (GtenGtkGraph *self, guint node)
{
  return get_neighbours (self, node, self->input, self->user);
}

/**
 * gten_gtk_graph_get_current:
 * @self: a graph
 *
 * Returns: the index of the node that runs next, or %GTEN_GTK_NO_NODE
 */
guint
gten_gtk_graph_get_current (GtenGtkGraph *self)
{
  return self->current;
}

/**
 * gten_gtk_graph_set_current:
 * @self: a graph
 * @node: the index of the node that runs next, or %GTEN_GTK_NO_NODE
 *
 * Tells where the pass stands.
 */
void
gten_gtk_graph_set_current (GtenGtkGraph *self, guint node)
{
  GtenGtkNode *next = gten_gtk_graph_get_node (self, node);
  GtenGtkNode *previous = gten_gtk_graph_get_node (self, self->current);
  guint n_arrived, n_expected;

  if (previous != NULL
      && gten_gtk_node_get_state (previous, &n_arrived, &n_expected) == GTEN_GTK_STATE_RUNNING)
    gten_gtk_node_set_state (previous, GTEN_GTK_STATE_READY, n_arrived, n_expected);
  if (next != NULL)
    {
      gten_gtk_node_get_state (next, &n_arrived, &n_expected);
      gten_gtk_node_set_state (next, GTEN_GTK_STATE_RUNNING, n_arrived, n_expected);
    }
  self->current = next != NULL ? node : GTEN_GTK_NO_NODE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CURRENT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * gten_gtk_graph_get_n_done:
 * @self: a graph
 *
 * Returns: how many nodes have run
 */
guint
gten_gtk_graph_get_n_done (GtenGtkGraph *self)
{
  return self->n_done;
}

/**
 * gten_gtk_graph_describe_step:
 * @self: a graph
 *
 * Returns: (transfer full): the current step in words: "Step 3 of 7: MulBackward0, gradient 2×2,
 *   norm 13.5, finite"
 */
char *
gten_gtk_graph_describe_step (GtenGtkGraph *self)
{
  GtenGtkNode *node = gten_gtk_graph_get_node (self, self->current);
  g_autofree char *text = NULL;

  if (node == NULL)
    return g_strdup_printf ("%u of %u nodes have run", self->n_done, self->nodes->len);
  text = gten_gtk_node_describe (node);
  return g_strdup_printf ("Step %u of %u: %s", self->n_done + 1, self->nodes->len, text);
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

  g_return_if_fail (g_variant_is_of_type (nodes, G_VARIANT_TYPE (NODES_TYPE)));
  g_variant_iter_init (&iter, nodes);
  while (g_variant_iter_next (&iter, "(tyuu(tttdddd))", &id, &number, &n_arrived, &n_expected, &s.n_values, &s.n_nan, &s.n_infinite,
                              &s.minimum, &s.maximum, &s.mean, &s.norm))
    {
      GtenGtkNode *node = gten_gtk_graph_find_node (self, id);
      GtenGtkState before = node != NULL ? gten_gtk_node_get_state (node, NULL, NULL) : 0;
      GtenGtkState state = state_from_number (number);

      if (node == NULL)
        continue;
      self->n_done += state == GTEN_GTK_STATE_DONE && before < GTEN_GTK_STATE_DONE;
      gten_gtk_node_set_state (node, state, n_arrived, n_expected);
      /* Before the node is done the statistics are those of one contribution. Without elements
       * nothing was measured. */
      if (s.n_values > 0 && gten_gtk_node_get_gradient (node) != NULL
          && (state == GTEN_GTK_STATE_DONE || (state == GTEN_GTK_STATE_READY && n_expected == 1)))
        gten_gtk_tensor_set_statistics (gten_gtk_node_get_gradient (node), &s);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* -- layout ------------------------------------------------------------------------------------ */

static GtenGtkLayoutInput
describe_input (GtenGtkGraph *self)
{
  return (GtenGtkLayoutInput) { self->nodes->len, self->is_leaf, self->n_edges, self->user,
                                self->input };
}

static void
layout_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GtenGtkLayoutInput input = describe_input (source);

  g_task_return_pointer (task, gten_gtk_layout_new (&input, cancellable),
                         (GDestroyNotify) gten_gtk_layout_free);
}

static void
layout_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GtenGtkGraph *self = GTEN_GTK_GRAPH (source);
  GtenGtkLayout *layout = g_task_propagate_pointer (G_TASK (result), NULL);

  g_clear_object (&self->layout_running);
  if (self->layout != NULL)
    gten_gtk_layout_free (layout);
  else
    self->layout = layout;
  g_signal_emit (self, signals[CHANGED], 0);
}

const GtenGtkLayout *
gten_gtk_graph_get_layout (GtenGtkGraph *self)
{
  if (self->layout != NULL || self->nodes->len <= SMALL_GRAPH)
    return gten_gtk_graph_ensure_layout (self);
  if (self->layout_running == NULL)
    {
      g_autoptr (GTask) task = NULL;

      self->layout_running = g_cancellable_new ();
      task = g_task_new (self, self->layout_running, layout_done_cb, NULL);
      g_task_run_in_thread (task, layout_thread);
    }
  return NULL;
}

const GtenGtkLayout *
gten_gtk_graph_ensure_layout (GtenGtkGraph *self)
{
  if (self->layout == NULL)
    {
      GtenGtkLayoutInput input = describe_input (self);

      self->layout = gten_gtk_layout_new (&input, NULL);
    }
  return self->layout;
}
