/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The graph of a pass of this process, for an application that shows its own: no debug service lies
 * between. The pass tells its steps by signals, and elements are copied when they are looked at. */
#include "gten-gtk-graph-private.h"

#include <glib/gi18n-lib.h>

#define KEEP_BYTES (256 << 20)       /* of gradients, to be looked at after their nodes have run */
#define SMALL      (1 << 20)         /* elements that are copied without anybody looking at them */

typedef struct
{
  gatomicrefcount ref_count;         /* the graph's, and that of each signal that may be under way in another thread */
  GtenGtkGraph *graph;               /* not owned: it owns this; for its own thread */
  GWeakRef      shown;               /* the same, for any thread */
  GtenBackward *backward;
  GPtrArray    *nodes;               /* the pass's, in the order of the graph's */
  GThread      *thread;              /* in which the graph is shown */
  GMainContext *context;
  GHashTable   *waiting;             /* nodes whose gradient is wanted and is not there yet */
} Follower;

static GtenGtkState
state_of (GtenGradState state)
{
  static const GtenGtkState states[] = {
    [GTEN_GRAD_NOT_NEEDED] = GTEN_GTK_STATE_NOT_NEEDED, [GTEN_GRAD_PENDING] = GTEN_GTK_STATE_PENDING,
    [GTEN_GRAD_PARTIAL] = GTEN_GTK_STATE_PARTIAL, [GTEN_GRAD_READY] = GTEN_GTK_STATE_READY,
    [GTEN_GRAD_DONE] = GTEN_GTK_STATE_DONE,
  };

  return states[state];
}

/* -- tensors ----------------------------------------------------------------------------------- */

/* The name of the n-th tensor argument of "mul(Tensor self, Tensor other) -> Tensor". */
static char *
find_argument (GtenOp *op, guint n)
{
  g_autoptr (GRegex) regex = g_regex_new ("[(, ]Tensor\\S* ([a-z_0-9]+)", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (op == NULL || !g_regex_match (regex, gten_op_get_schema (op), 0, &match))
    return NULL;
  for (; n > 0; n--)
    if (!g_match_info_next (match, NULL))
      return NULL;
  return g_match_info_fetch (match, 1);
}

static GtenTensor *
get_saved (GtenNode *node, const char *name)
{
  g_auto (GStrv) names = gten_node_get_saved_names (node);

  return name != NULL && g_strv_contains ((const char *const *) names, name) ? gten_node_get_saved (node, name, NULL) : NULL;
}

/* What a node computed: the leaf, or what it or a user of it saved. */
static GtenTensor *
find_value (Follower *self, guint index)
{
  GtenGtkGraph *graph = self->graph;
  GtenNode *node = g_ptr_array_index (self->nodes, index);
  GtenTensor *value = gten_node_get_variable (node);
  const guint32 *edges;
  guint n_edges;

  if (value != NULL)
    return g_object_ref (value);
  value = get_saved (node, "result");
  edges = gten_gtk_graph_get_user_edges (graph, index, &n_edges);
  for (guint i = 0; value == NULL && i < n_edges; i++)
    {
      GtenNode *user = g_ptr_array_index (self->nodes, graph->user[edges[i]]);

      if (graph->input_output[edges[i]] == 0)
        {
          g_autofree char *name = find_argument (gten_node_get_op (user), graph->user_input[edges[i]]);
          value = get_saved (user, name);
        }
    }
  return value;
}

static void
tensor_wanted_cb (GtenGtkGraph *graph, GtenGtkNode *node, GtenGtkTensor *tensor, Follower *self)
{
  guint index = gten_gtk_node_get_index (node);
  GtenNode *own = g_ptr_array_index (self->nodes, index);
  g_autoptr (GtenTensor) found = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gboolean is_gradient = tensor == gten_gtk_node_get_gradient (node);

  if (is_gradient)
    {
      GtenGtkState state = gten_gtk_node_get_state (node, NULL, NULL);

      if (state != GTEN_GTK_STATE_READY && state != GTEN_GTK_STATE_RUNNING
          && state != GTEN_GTK_STATE_DONE)
        {
          g_hash_table_add (self->waiting, node);
          return;
        }
      g_set_object (&found, gten_backward_get_gradient (self->backward, own, 0));
    }
  else
    found = find_value (self, index);
  bytes = found != NULL ? gten_tensor_get_bytes (found, NULL) : NULL;
  if (bytes == NULL || !gten_gtk_tensor_set_values (tensor, bytes))
    gten_gtk_tensor_set_note (tensor, is_gradient ? _ ("It was not kept") : _ ("No operation kept this value"));
}

static void
node_wanted_cb (GtenGtkGraph *graph, GtenGtkNode *node, Follower *self)
{
  GtenNode *own = g_ptr_array_index (self->nodes, gten_gtk_node_get_index (node));
  GtenOp *op = gten_node_get_op (own);
  g_autofree char *arguments = gten_node_describe_args (own);
  g_auto (GStrv) names = gten_node_get_saved_names (own);
  g_auto (GStrv) gradients = op != NULL ? gten_op_get_gradients (op) : NULL;

  gten_gtk_node_set_description (node, arguments, op != NULL ? gten_op_get_formula (op) : NULL,
                                 (const char *const *) gradients, op != NULL ? gten_op_get_doc (op) : NULL);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GtenTensor) saved = gten_node_get_saved (own, names[i], NULL);
      g_autoptr (GtenGtkTensor) tensor = saved != NULL ? gten_gtk_tensor_new_from_tensor (names[i], saved, NULL) : NULL;

      if (tensor != NULL)
        gten_gtk_node_add_saved (node, tensor);
    }
}

/* -- steps ------------------------------------------------------------------------------------- */

static void
update_node (Follower *self, GtenGtkNode *node)
{
  guint n_arrived = 0, n_expected = 0, index = gten_gtk_node_get_index (node);
  GtenGtkState before = gten_gtk_node_get_state (node, NULL, NULL);
  GtenGtkState state = state_of (gten_backward_get_state (self->backward, g_ptr_array_index (self->nodes, index), &n_arrived,
                                                          &n_expected));

  self->graph->n_done += state == GTEN_GTK_STATE_DONE && before < GTEN_GTK_STATE_DONE;
  gten_gtk_node_set_state (node, state, n_arrived, n_expected);
  if ((state == GTEN_GTK_STATE_READY || state == GTEN_GTK_STATE_DONE)
      && g_hash_table_remove (self->waiting, node))
    tensor_wanted_cb (self->graph, node, gten_gtk_node_get_gradient (node), self);
}

static gboolean
is_small (GtenNode *node)
{
  gsize n_dims = 0;
  const gint64 *shape = gten_node_get_n_outputs (node) > 0 ? gten_node_get_output_shape (node, 0, &n_dims) : NULL;
  double n_values = 1;

  for (gsize i = 0; i < n_dims; i++)
    n_values *= shape[i];
  return n_values <= SMALL;
}

static void
update_current (Follower *self)
{
  GtenNode *next = gten_backward_get_next (self->backward);
  GtenGtkNode *node = next != NULL ? gten_gtk_graph_find_node (self->graph, gten_node_get_id (next)) : NULL;

  /* The sentence tells its norm. */
  if (next != NULL && is_small (next) && gten_gtk_node_get_gradient (node) != NULL)
    gten_gtk_tensor_want (gten_gtk_node_get_gradient (node));
  gten_gtk_graph_progressed (self->graph);
  gten_gtk_graph_set_current (self->graph,
                              node != NULL ? gten_gtk_node_get_index (node) : GTEN_GTK_NO_NODE);
}

static void
update_all (Follower *self)
{
  for (guint i = 0; i < self->graph->nodes->len; i++)
    update_node (self, g_ptr_array_index (self->graph->nodes, i));
  update_current (self);
}

static void
stepped_cb (GtenBackward *backward, GtenNode *node, Follower *self)
{
  GtenGtkNode *shown;

  if (g_thread_self () != self->thread)
    return;
  shown = gten_gtk_graph_find_node (self->graph, gten_node_get_id (node));
  if (shown == NULL)
    return;
  update_node (self, shown);
  for (guint i = 0; i < gten_node_get_n_inputs (node); i++)
    {
      GtenNode *input = gten_node_get_next_function (node, i, NULL);

      shown = input != NULL ? gten_gtk_graph_find_node (self->graph, gten_node_get_id (input)) : NULL;
      if (shown != NULL)
        update_node (self, shown);
    }
  update_current (self);
}

static Follower *
follower_ref (Follower *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
follower_unref (gpointer data)
{
  Follower *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_object_unref (self->backward);
  g_ptr_array_unref (self->nodes);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->waiting);
  g_weak_ref_clear (&self->shown);
  g_free (self);
}

static void
closure_gone_cb (gpointer data, GClosure *closure)
{
  follower_unref (data);
}

/* The graph goes. */
static void
follower_leave (gpointer data)
{
  Follower *self = data;

  g_signal_handlers_disconnect_by_data (self->backward, self);
  follower_unref (self);
}

static gboolean
catch_up_cb (gpointer data)
{
  Follower *self = data;
  g_autoptr (GtenGtkGraph) graph = g_weak_ref_get (&self->shown);

  if (graph != NULL)
    update_all (self);
  return G_SOURCE_REMOVE;
}

/* A pass that runs in another thread is shown as it is at its end. */
static void
finished_cb (GtenBackward *backward, Follower *self)
{
  if (g_thread_self () == self->thread)
    update_current (self);
  else
    g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, catch_up_cb, follower_ref (self), follower_unref);
}

/* -- the graph --------------------------------------------------------------------------------- */

static void
add_node (GtenGtkGraph *graph, GtenBackward *backward, GtenNode *node)
{
  GtenOp *op = gten_node_get_op (node);
  GtenGtkNode *shown = gten_gtk_node_new (gten_node_get_id (node), graph->nodes->len, gten_node_get_name (node));
  guint n_arrived = 0;
  GtenGtkState state = state_of (gten_backward_get_state (backward, node, &n_arrived, NULL));

  gten_gtk_node_set_origin (shown, op != NULL ? gten_op_get_name (op) : NULL, gten_node_get_creation_site (node),
                            gten_node_get_variable (node) != NULL);
  if (gten_node_get_n_outputs (node) > 0)
    {
      gsize n_dims;
      const gint64 *shape = gten_node_get_output_shape (node, 0, &n_dims);

      gten_gtk_node_set_output (shown, gten_node_get_output_dtype (node, 0), shape, n_dims);
    }
  gten_gtk_graph_take_node (graph, shown, state, n_arrived);
}

static GArray *
find_edges (GPtrArray *nodes)
{
  g_autoptr (GHashTable) positions = g_hash_table_new (NULL, NULL);
  GArray *edges = g_array_new (FALSE, FALSE, 4 * sizeof (guint32));

  for (guint i = 0; i < nodes->len; i++)
    g_hash_table_insert (positions, g_ptr_array_index (nodes, i), GUINT_TO_POINTER (i));
  for (guint i = 0; i < nodes->len; i++)
    for (guint k = 0; k < gten_node_get_n_inputs (g_ptr_array_index (nodes, i)); k++)
      {
        guint output = 0;
        GtenNode *input = gten_node_get_next_function (g_ptr_array_index (nodes, i), k, &output);
        gpointer position;

        if (input != NULL && g_hash_table_lookup_extended (positions, input, NULL, &position))
          {
            guint32 edge[4] = { i, k, GPOINTER_TO_UINT (position), output };
            g_array_append_val (edges, edge);
          }
      }
  return edges;
}

/**
 * gten_gtk_graph_new_from_backward:
 * @backward: a pass of this process
 *
 * Makes a graph that shows a pass and follows it: each call of gten_backward_step() is seen at
 * once. Gradients are kept in the pass from now on, up to 256 MiB, so that they can be looked at
 * after their nodes have run. The graph belongs to the thread that makes it; a pass that is stepped
 * in another thread is shown anew when it has finished.
 *
 * Returns: (transfer full): the graph
 */
GtenGtkGraph *
gten_gtk_graph_new_from_backward (GtenBackward *backward)
{
  GtenGtkGraph *graph = g_object_new (GTEN_GTK_TYPE_GRAPH, NULL);
  Follower *self = g_new0 (Follower, 1);
  g_autoptr (GArray) edges = NULL;

  g_atomic_ref_count_init (&self->ref_count);
  self->graph = graph;
  g_weak_ref_init (&self->shown, graph);
  self->backward = g_object_ref (backward);
  self->nodes = gten_backward_get_nodes (backward);
  self->thread = g_thread_self ();
  self->waiting = g_hash_table_new (NULL, NULL);
  self->context = g_main_context_ref_thread_default ();
  edges = find_edges (self->nodes);
  gten_gtk_graph_set_edges (graph, self->nodes->len, (gpointer) edges->data, edges->len);
  for (guint i = 0; i < self->nodes->len; i++)
    add_node (graph, backward, g_ptr_array_index (self->nodes, i));
  g_object_set_data_full (G_OBJECT (graph), "gten-gtk-follower", self, follower_leave);

  gten_backward_set_keep_gradients (backward, KEEP_BYTES);
  g_signal_connect (graph, "node-wanted", G_CALLBACK (node_wanted_cb), self);
  g_signal_connect (graph, "tensor-wanted", G_CALLBACK (tensor_wanted_cb), self);
  g_signal_connect_data (backward, "stepped", G_CALLBACK (stepped_cb), follower_ref (self), closure_gone_cb, 0);
  g_signal_connect_data (backward, "finished", G_CALLBACK (finished_cb), follower_ref (self), closure_gone_cb, 0);
  update_all (self);
  return graph;
}
