/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The graph of a backward pass as it is looked at: a list of nodes in the order in which they run,
 * edges between them, and how far the pass has come. Where it comes from, another process or this
 * one, is told in other files. */
#include "gten-gtk-graph-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>


static void list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GtenGtkGraph, gten_gtk_graph, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum { PROP_CURRENT = 1, PROP_N_DONE, PROP_SENTENCE, N_PROPS };
enum { CHANGED, NODE_WANTED, TENSOR_WANTED, ASKED, N_SIGNALS };

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

/* Others may hold on to a node. */
static void
release_node (gpointer node, gpointer self)
{
  gten_gtk_node_set_graph (node, NULL);
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
  g_free (self->states);
  g_free (self->changed_at);
  g_free (self->n_expected);
  g_free (self->by_user.begin);
  g_free (self->by_user.edges);
  g_free (self->by_input.begin);
  g_free (self->by_input.edges);
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
  /**
   * GtenGtkGraph::node-wanted:
   * @self: the graph
   * @node: one of its nodes
   *
   * Someone is about to show the formula and the saved tensors of a node, and they are not here:
   * who knows them calls [method@Node.set_description] and [method@Node.add_saved].
   */
  signals[NODE_WANTED] = g_signal_new ("node-wanted", GTEN_GTK_TYPE_GRAPH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, GTEN_GTK_TYPE_NODE);
  /**
   * GtenGtkGraph::tensor-wanted:
   * @self: the graph
   * @node: one of its nodes
   * @tensor: the node's value or gradient, or one that it saved
   *
   * Someone is about to show the values of a tensor, and they are not here: who knows them calls
   * [method@Tensor.set_values].
   */
  signals[TENSOR_WANTED] = g_signal_new ("tensor-wanted", GTEN_GTK_TYPE_GRAPH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 2, GTEN_GTK_TYPE_NODE, GTEN_GTK_TYPE_TENSOR);
  /**
   * GtenGtkGraph::asked:
   * @self: the graph
   * @node: one of its nodes
   * @question: what someone wants to know of all elements of one of the node's tensors
   *
   * Who has the elements calls [method@Question.answer].
   */
  signals[ASKED] = g_signal_new ("asked", GTEN_GTK_TYPE_GRAPH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 2, GTEN_GTK_TYPE_NODE, GTEN_GTK_TYPE_QUESTION);
}

static void
gten_gtk_graph_init (GtenGtkGraph *self)
{
  self->nodes = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->current = GTEN_GTK_NO_NODE;
}

void
gten_gtk_graph_set_edges (GtenGtkGraph *self, guint n_nodes, const guint32 (*edges)[4],
                          guint n_edges)
{
  self->n_edges = n_edges;
  self->user = g_new (guint32, n_edges + 1);
  self->user_input = g_new (guint32, n_edges + 1);
  self->input = g_new (guint32, n_edges + 1);
  self->input_output = g_new (guint32, n_edges + 1);
  self->n_expected = g_new0 (guint32, n_nodes + 1);
  self->is_leaf = g_new0 (guint8, n_nodes + 1);
  self->states = g_new0 (guint8, n_nodes + 1);
  self->changed_at = g_new0 (guint32, n_nodes + 1);
  for (guint e = 0; e < n_edges; e++)
    {
      self->user[e] = edges[e][0];
      self->user_input[e] = edges[e][1];
      self->input[e] = edges[e][2];
      self->input_output[e] = edges[e][3];
      self->n_expected[edges[e][2]]++;
    }
}

void
gten_gtk_graph_take_node (GtenGtkGraph *self, GtenGtkNode *node, GtenGtkState state,
                          guint n_arrived)
{
  guint index = self->nodes->len;

  g_ptr_array_add (self->nodes, node);
  g_hash_table_insert (self->by_id, (gpointer) gten_gtk_node_peek_id (node), node);
  self->is_leaf[index] = gten_gtk_node_is_leaf (node);
  gten_gtk_node_set_state (node, state, n_arrived, MAX (self->n_expected[index], 1));
  self->n_done += state >= GTEN_GTK_STATE_DONE;
  gten_gtk_node_set_graph (node, self);
  gten_gtk_graph_touch (self, index, state);
}

void
gten_gtk_graph_touch (GtenGtkGraph *self, guint node, GtenGtkState state)
{
  self->states[node] = state;
  self->changed_at[node] = ++self->clock;
}

void
gten_gtk_graph_node_changed (GtenGtkGraph *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SENTENCE]);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
gten_gtk_graph_progressed (GtenGtkGraph *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
  gten_gtk_graph_node_changed (self);
}

void
gten_gtk_graph_want (GtenGtkGraph *self, GtenGtkNode *node, GtenGtkTensor *tensor)
{
  if (tensor != NULL)
    g_signal_emit (self, signals[TENSOR_WANTED], 0, node, tensor);
  else
    g_signal_emit (self, signals[NODE_WANTED], 0, node);
}

void
gten_gtk_graph_ask (GtenGtkGraph *self, GtenGtkNode *node, GtenGtkQuestion *question)
{
  g_signal_emit (self, signals[ASKED], 0, node, question);
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

/* Edge numbers grouped by a node at one end. */
static void
group_edges (GtenGtkGraph *self, const guint32 *key, GtenGtkEdgeGroups *groups)
{
  groups->begin = g_new0 (guint32, self->nodes->len + 2);
  groups->edges = g_new (guint32, self->n_edges + 1);
  for (guint e = 0; e < self->n_edges; e++)
    groups->begin[key[e] + 2]++;
  for (guint i = 2; i < self->nodes->len + 2; i++)
    groups->begin[i] += groups->begin[i - 1];
  for (guint e = 0; e < self->n_edges; e++)
    groups->edges[groups->begin[key[e] + 1]++] = e;
}

static const guint32 *
get_edges (GtenGtkGraph *self, guint node, const guint32 *key, GtenGtkEdgeGroups *groups,
           guint *n_edges)
{
  *n_edges = 0;
  if (node >= self->nodes->len)
    return NULL;
  if (groups->edges == NULL)
    group_edges (self, key, groups);
  *n_edges = groups->begin[node + 1] - groups->begin[node];
  return groups->edges + groups->begin[node];
}

/**
 * gten_gtk_graph_get_user_edges:
 * @self: a graph
 * @node: index of a node
 * @n_edges: (out): how many
 *
 * Returns: (transfer none) (array length=n_edges): the edges over which gradients reach the node
 */
const guint32 *
gten_gtk_graph_get_user_edges (GtenGtkGraph *self, guint node, guint *n_edges)
{
  return get_edges (self, node, self->input, &self->by_input, n_edges);
}

const guint32 *
gten_gtk_graph_get_input_edges (GtenGtkGraph *self, guint node, guint *n_edges)
{
  return get_edges (self, node, self->user, &self->by_user, n_edges);
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
  GListStore *list = g_list_store_new (GTEN_GTK_TYPE_NODE);
  guint n_edges;
  const guint32 *edges = gten_gtk_graph_get_input_edges (self, node, &n_edges);

  for (guint i = 0; i < n_edges; i++)
    g_list_store_append (list, g_ptr_array_index (self->nodes, self->input[edges[i]]));
  return G_LIST_MODEL (list);
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
  GListStore *list = g_list_store_new (GTEN_GTK_TYPE_NODE);
  guint n_edges;
  const guint32 *edges = gten_gtk_graph_get_user_edges (self, node, &n_edges);

  for (guint i = 0; i < n_edges; i++)
    g_list_store_append (list, g_ptr_array_index (self->nodes, self->user[edges[i]]));
  return G_LIST_MODEL (list);
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
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u of %u node has run", "%u of %u nodes have run", self->nodes->len), self->n_done, self->nodes->len);
  text = gten_gtk_node_describe (node);
  return g_strdup_printf (_ ("Step %u of %u: %s"), self->n_done + 1, self->nodes->len, text);
}

/* -- layout ------------------------------------------------------------------------------------ */

GtenGtkLayoutInput
gten_gtk_graph_describe_layout (const GtenGtkGraph *self)
{
  return (GtenGtkLayoutInput) { self->nodes->len, self->is_leaf, self->n_edges, self->user,
                                self->input };
}

static void
layout_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GtenGtkLayoutInput input = gten_gtk_graph_describe_layout (source);

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
  if (self->layout != NULL || self->nodes->len <= GTEN_GTK_SMALL_GRAPH)
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
      GtenGtkLayoutInput input = gten_gtk_graph_describe_layout (self);

      self->layout = gten_gtk_layout_new (&input, NULL);
    }
  return self->layout;
}

gboolean
gten_gtk_graph_take_layout (GtenGtkGraph *self, GtenGtkGraph *other)
{
  if (self->nodes->len != other->nodes->len || self->n_edges != other->n_edges
      || memcmp (self->user, other->user, self->n_edges * sizeof *self->user) != 0
      || memcmp (self->input, other->input, self->n_edges * sizeof *self->input) != 0
      || memcmp (self->is_leaf, other->is_leaf, self->nodes->len) != 0)
    return FALSE;
  if (self->layout == NULL)
    self->layout = g_steal_pointer (&other->layout);
  return TRUE;
}
