/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The canvas: a window onto the picture of a graph, with its own zoom and pan. Nodes are no
 * widgets: 100,000 of them cost what is visible. The outline list beside it says the same to those
 * who cannot see a picture. */
#include "gten-gtk-graph-view-private.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (GtenGtkGraphView, gten_gtk_graph_view, GTK_TYPE_WIDGET)

enum { PROP_GRAPH = 1, PROP_SELECTED, PROP_FOLLOW, PROP_FOLD, PROP_HIDE_NOT_NEEDED, N_PROPS };
enum { ACTIVATED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/* -- what happens ------------------------------------------------------------------------------ */

void
gten_gtk_graph_view_activate (GtenGtkGraphView *self, guint node)
{
  guint box = gten_gtk_graph_view_find_box (self, node);

  if (self->arrangement == NULL || self->arrangement->n_nodes[box] < 2)
    {
      g_signal_emit (self, signals[ACTIVATED], 0, node);
      return;
    }
  if (self->options.open == NULL)
    self->options.open = gtk_bitset_new_empty ();
  gtk_bitset_add (self->options.open, self->arrangement->node[box]);
  gten_gtk_graph_view_arrange (self);
}

static void
changed_cb (GtenGtkGraphView *self)
{
  if (self->camera.zoom == 0)
    gten_gtk_graph_view_show_first (self);
  gten_gtk_map_clear (&self->map);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* What a screen reader says of the canvas. */
static void
sentence_cb (GtenGtkGraphView *self)
{
  g_autofree char *sentence = gten_gtk_graph_describe_step (self->graph);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  sentence, -1);
}

static void
current_cb (GtenGtkGraphView *self)
{
  if (self->follow)
    gten_gtk_graph_view_show_node (self, gten_gtk_graph_get_current (self->graph));
}

/* -- the object -------------------------------------------------------------------------------- */

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (object);

  switch (id)
    {
    case PROP_GRAPH:
      g_value_set_object (value, self->graph);
      break;
    case PROP_SELECTED:
      g_value_set_uint (value, self->selected);
      break;
    case PROP_FOLLOW:
      g_value_set_boolean (value, self->follow);
      break;
    case PROP_FOLD:
      g_value_set_boolean (value, self->options.fold);
      break;
    case PROP_HIDE_NOT_NEEDED:
      g_value_set_boolean (value, self->options.hide_not_needed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (object);

  switch (id)
    {
    case PROP_GRAPH:
      gten_gtk_graph_view_set_graph (self, g_value_get_object (value));
      break;
    case PROP_SELECTED:
      gten_gtk_graph_view_set_selected (self, g_value_get_uint (value));
      break;
    case PROP_FOLLOW:
      gten_gtk_graph_view_set_follow (self, g_value_get_boolean (value));
      break;
    case PROP_FOLD:
      gten_gtk_graph_view_set_fold (self, g_value_get_boolean (value));
      break;
    case PROP_HIDE_NOT_NEEDED:
      gten_gtk_graph_view_set_hide_not_needed (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
dispose (GObject *object)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (object);

  gten_gtk_camera_stop (&self->camera);
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_clear_object (&self->graph);
  if (self->arranging != NULL)
    g_cancellable_cancel (self->arranging);
  g_clear_object (&self->arranging);
  g_clear_pointer (&self->arrangement, gten_gtk_arrangement_free);
  g_clear_pointer (&self->options.only, gtk_bitset_unref);
  g_clear_pointer (&self->options.open, gtk_bitset_unref);
  g_clear_pointer (&self->marked, gtk_bitset_unref);
  g_clear_pointer (&self->dimmed, gtk_bitset_unref);
  gten_gtk_map_clear (&self->map);
  g_clear_pointer (&self->tiles, gten_gtk_tiles_free);
  G_OBJECT_CLASS (gten_gtk_graph_view_parent_class)->dispose (object);
}

static void
gten_gtk_graph_view_class_init (GtenGtkGraphViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  widget_class->snapshot = gten_gtk_graph_view_snapshot;
  widget_class->size_allocate = gten_gtk_graph_view_size_allocate;
  widget_class->query_tooltip = gten_gtk_graph_view_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "graphview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  /**
   * GtenGtkGraphView:graph:
   *
   * The graph that is shown.
   */
  properties[PROP_GRAPH] = g_param_spec_object ("graph", NULL, NULL, GTEN_GTK_TYPE_GRAPH, flags);
  /**
   * GtenGtkGraphView:selected:
   *
   * The index of the selected node, or %GTEN_GTK_NO_NODE.
   */
  properties[PROP_SELECTED] = g_param_spec_uint ("selected", NULL, NULL, 0, G_MAXUINT,
                                                 GTEN_GTK_NO_NODE, flags);
  /**
   * GtenGtkGraphView:follow:
   *
   * Whether the node that runs next is kept in view.
   */
  properties[PROP_FOLLOW] = g_param_spec_boolean ("follow", NULL, NULL, TRUE, flags);
  /**
   * GtenGtkGraphView:fold:
   *
   * Whether nodes that repeat, and those that one function recorded, are drawn as one box, until it
   * is activated.
   */
  properties[PROP_FOLD] = g_param_spec_boolean ("fold", NULL, NULL, FALSE, flags);
  /**
   * GtenGtkGraphView:hide-not-needed:
   *
   * Whether nodes are hidden whose gradient nobody asks for.
   */
  properties[PROP_HIDE_NOT_NEEDED] = g_param_spec_boolean ("hide-not-needed", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * GtenGtkGraphView::activated:
   * @self: the view
   * @node: index of a node
   *
   * A node was clicked twice, or chosen with the Enter key.
   */
  signals[ACTIVATED] = g_signal_new ("activated", GTEN_GTK_TYPE_GRAPH_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                     G_TYPE_UINT);
}

static void
gten_gtk_graph_view_init (GtenGtkGraphView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->camera.widget = widget;
  self->tiles = gten_gtk_tiles_new (widget);
  self->selected = self->hovered = self->producer = GTEN_GTK_NO_NODE;
  self->follow = TRUE;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Graph of the backward pass"), -1);
  gten_gtk_graph_view_add_input (self);
}

/**
 * gten_gtk_graph_view_new:
 *
 * Returns: (transfer full): a view without a graph
 */
GtkWidget *
gten_gtk_graph_view_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_GRAPH_VIEW, NULL);
}

/**
 * gten_gtk_graph_view_get_graph:
 * @self: a view
 *
 * Returns: (transfer none) (nullable): the graph that is shown
 */
GtenGtkGraph *
gten_gtk_graph_view_get_graph (GtenGtkGraphView *self)
{
  return self->graph;
}

/**
 * gten_gtk_graph_view_set_graph:
 * @self: a view
 * @graph: (nullable): a graph
 *
 * Shows another graph. If it is the same but for its numbers, as in the next pass of a training
 * loop, everything stays where it is; if it has grown, as when a loop took more turns, all nodes that
 * were there do, and new ones are placed around them.
 */
void
gten_gtk_graph_view_set_graph (GtenGtkGraphView *self, GtenGtkGraph *graph)
{
  gboolean is_like, has_grown;

  if (self->graph == graph)
    return;
  gten_gtk_camera_stop (&self->camera);
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  is_like = self->graph != NULL && graph != NULL && gten_gtk_graph_take_layout (graph, self->graph);
  has_grown = !is_like && graph != NULL && gten_gtk_graph_view_grow (self, graph);
  g_set_object (&self->graph, graph);
  self->selected = self->hovered = self->producer = GTEN_GTK_NO_NODE;
  g_clear_pointer (&self->marked, gtk_bitset_unref);
  g_clear_pointer (&self->dimmed, gtk_bitset_unref);
  gten_gtk_tiles_outdate (self->tiles);
  if (has_grown)
    gten_gtk_map_clear (&self->map);
  else if (!is_like)
    {
      self->fitted = TRUE;
      self->camera.zoom = 0;
      g_clear_pointer (&self->options.only, gtk_bitset_unref);
      g_clear_pointer (&self->options.open, gtk_bitset_unref);
      gten_gtk_graph_view_arrange (self);
    }
  if (graph != NULL)
    {
      g_signal_connect_swapped (graph, "changed", G_CALLBACK (changed_cb), self);
      g_signal_connect_swapped (graph, "notify::current", G_CALLBACK (current_cb), self);
      g_signal_connect_swapped (graph, "notify::sentence", G_CALLBACK (sentence_cb), self);
      changed_cb (self);
      sentence_cb (self);
      current_cb (self);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRAPH]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

/**
 * gten_gtk_graph_view_get_selected:
 * @self: a view
 *
 * Returns: the index of the selected node, or %GTEN_GTK_NO_NODE
 */
guint
gten_gtk_graph_view_get_selected (GtenGtkGraphView *self)
{
  return self->selected;
}

/**
 * gten_gtk_graph_view_set_selected:
 * @self: a view
 * @node: index of a node, or %GTEN_GTK_NO_NODE
 *
 * Selects a node and brings it into view.
 */
void
gten_gtk_graph_view_set_selected (GtenGtkGraphView *self, guint node)
{
  GtenGtkNode *selected = self->graph != NULL ? gten_gtk_graph_get_node (self->graph, node) : NULL;
  g_autofree char *text = selected != NULL ? gten_gtk_node_describe (selected) : g_strdup (_ ("Graph of the backward pass"));

  if (selected == NULL)
    node = GTEN_GTK_NO_NODE;
  if (node == self->selected)
    return;
  self->selected = node;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  if (selected != NULL)
    gten_gtk_graph_view_show_node (self, node);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

/**
 * gten_gtk_graph_view_get_follow:
 * @self: a view
 *
 * Returns: whether the node that runs next is kept in view
 */
gboolean
gten_gtk_graph_view_get_follow (GtenGtkGraphView *self)
{
  return self->follow;
}

/**
 * gten_gtk_graph_view_set_follow:
 * @self: a view
 * @follow: whether the node that runs next is kept in view
 *
 * Turns following on or off.
 */
void
gten_gtk_graph_view_set_follow (GtenGtkGraphView *self, gboolean follow)
{
  follow = follow != FALSE;
  if (self->follow == follow)
    return;
  self->follow = follow;
  if (follow && self->graph != NULL)
    gten_gtk_graph_view_show_node (self, gten_gtk_graph_get_current (self->graph));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOW]);
}

/**
 * gten_gtk_graph_view_set_marked:
 * @self: a view
 * @nodes: (nullable): indices of nodes
 *
 * Makes nodes stand out, as those that were searched for.
 */
void
gten_gtk_graph_view_set_marked (GtenGtkGraphView *self, GtkBitset *nodes)
{
  g_clear_pointer (&self->marked, gtk_bitset_unref);
  self->marked = nodes != NULL ? gtk_bitset_ref (nodes) : NULL;
  gten_gtk_tiles_outdate (self->tiles);
  changed_cb (self);
}

/**
 * gten_gtk_graph_view_set_not_finite:
 * @self: a view
 * @producer: index of the node that first made what is not finite, or %GTEN_GTK_NO_NODE
 * @passed_on: (nullable): indices of nodes that only pass it on
 *
 * Marks the one and dims the others.
 */
void
gten_gtk_graph_view_set_not_finite (GtenGtkGraphView *self, guint producer, GtkBitset *passed_on)
{
  g_clear_pointer (&self->dimmed, gtk_bitset_unref);
  self->dimmed = passed_on != NULL ? gtk_bitset_ref (passed_on) : NULL;
  self->producer = producer;
  gten_gtk_tiles_outdate (self->tiles);
  changed_cb (self);
}
