/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is drawn where on the canvas: the whole graph, part of it, or a graph that grew. */
#include "gten-gtk-graph-view-private.h"

#include "gten-gtk-growth-private.h"

/* -- what is drawn ----------------------------------------------------------------------------- */

const GtenGtkLayout *
gten_gtk_graph_view_get_layout (GtenGtkGraphView *self)
{
  if (self->graph == NULL || self->arranging != NULL)
    return NULL;
  return self->arrangement != NULL ? self->arrangement->layout : gten_gtk_graph_get_layout (self->graph);
}

guint
gten_gtk_graph_view_find_box (GtenGtkGraphView *self, guint node)
{
  if (self->graph == NULL || node >= gten_gtk_graph_get_n_nodes (self->graph))
    return GTEN_GTK_NO_NODE;
  return self->arrangement != NULL ? self->arrangement->item[node] : node;
}

guint
gten_gtk_graph_view_get_first (GtenGtkGraphView *self, guint box)
{
  return self->arrangement != NULL ? self->arrangement->node[box] : box;
}

/* -- arranging --------------------------------------------------------------------------------- */

/* A node that stays where it is on the screen while things are arranged anew. */
typedef struct
{
  guint  node;
  double x, y;        /* of the middle of its box, in the widget */
} Anchor;

static gboolean
find_middle (GtenGtkGraphView *self, guint node, double *x, double *y)
{
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  guint box = gten_gtk_graph_view_find_box (self, node);

  if (layout == NULL || box >= layout->n_nodes || self->camera.zoom == 0)
    return FALSE;
  *x = layout->boxes[box].x + layout->boxes[box].width / 2;
  *y = layout->boxes[box].y + layout->boxes[box].height / 2;
  return TRUE;
}

static Anchor
drop_anchor (GtenGtkGraphView *self)
{
  Anchor anchor = { self->selected != GTEN_GTK_NO_NODE || self->graph == NULL ? self->selected
                                                                              : gten_gtk_graph_get_current (self->graph), 0, 0 };

  if (!find_middle (self, anchor.node, &anchor.x, &anchor.y))
    return (Anchor) { GTEN_GTK_NO_NODE, 0, 0 };
  anchor.x = (anchor.x - self->camera.x) * self->camera.zoom;
  anchor.y = (anchor.y - self->camera.y) * self->camera.zoom;
  return anchor;
}

static void
weigh_anchor (GtenGtkGraphView *self, const Anchor *anchor)
{
  double x, y;

  if (self->fitted)
    gten_gtk_graph_view_fit_now (self);
  else if (find_middle (self, anchor->node, &x, &y))
    {
      gten_gtk_camera_set (&self->camera, x - anchor->x / self->camera.zoom, y - anchor->y / self->camera.zoom, self->camera.zoom);
      gten_gtk_graph_view_show_node (self, anchor->node);
    }
  else
    gten_gtk_graph_view_fit (self);
}

/* What comes back is for the latest call only; the one before may still be on its way. */
static void
run_in_thread (GtenGtkGraphView *self, GTaskThreadFunc thread, GAsyncReadyCallback done_cb, gpointer data, GDestroyNotify free_data)
{
  g_autoptr (GTask) task = NULL;

  self->arranging = g_cancellable_new ();
  task = g_task_new (self, self->arranging, done_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, data, free_data);
  g_task_run_in_thread (task, thread);
}

typedef struct
{
  GtenGtkArrangement *arrangement;
  Anchor              anchor;
} Arranging;

static void
arranging_free (gpointer data)
{
  Arranging *arranging = data;

  gten_gtk_arrangement_free (arranging->arrangement);
  g_free (arranging);
}

static void
arrange_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Arranging *arranging = data;

  arranging->arrangement->layout = gten_gtk_arrangement_lay_out (arranging->arrangement, cancellable);
  g_task_return_boolean (task, TRUE);
}

static void
arranged_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (object);
  Arranging *arranging = g_task_get_task_data (G_TASK (result));

  if (g_task_get_cancellable (G_TASK (result)) != self->arranging)
    return;
  g_clear_object (&self->arranging);
  self->arrangement = g_steal_pointer (&arranging->arrangement);
  weigh_anchor (self, &arranging->anchor);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
gten_gtk_graph_view_arrange (GtenGtkGraphView *self)
{
  Anchor anchor = drop_anchor (self);

  if (self->arranging != NULL)
    g_cancellable_cancel (self->arranging);
  g_clear_object (&self->arranging);
  g_clear_pointer (&self->arrangement, gten_gtk_arrangement_free);
  gten_gtk_map_clear (&self->map);
  gten_gtk_tiles_forget (self->tiles);
  if (self->graph != NULL && gten_gtk_arrangement_is_needed (&self->options))
    {
      Arranging *arranging = g_new (Arranging, 1);

      *arranging = (Arranging) { gten_gtk_arrangement_new (self->graph, &self->options), anchor };
      if (arranging->arrangement->n_items > GTEN_GTK_SMALL_GRAPH)
        {
          run_in_thread (self, arrange_thread, arranged_cb, arranging, arranging_free);
          return;
        }
      self->arrangement = arranging->arrangement;
      self->arrangement->layout = gten_gtk_arrangement_lay_out (self->arrangement, NULL);
      g_free (arranging);
    }
  if (self->camera.zoom != 0)
    weigh_anchor (self, &anchor);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* -- growing ----------------------------------------------------------------------------------- */

/* The layout of a graph that grew, made from that of the graph before. */
typedef struct
{
  GtenGtkGraph  *graph, *before;
  GtenGtkLayout *layout_before;
  guint32       *node_before;
  GtenGtkLayout *layout;
} Growing;

static void
growing_free (gpointer data)
{
  Growing *growing = data;

  g_object_unref (growing->graph);
  g_object_unref (growing->before);
  gten_gtk_layout_free (growing->layout_before);
  gten_gtk_layout_free (growing->layout);
  g_free (growing->node_before);
  g_free (growing);
}

static void
grow_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Growing *growing = data;
  GtenGtkLayoutInput input = gten_gtk_graph_describe_layout (growing->graph);

  growing->layout = gten_gtk_layout_grow (&input, growing->layout_before, growing->node_before, cancellable);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

/* Both graphs keep their pictures: the one before may be shown again. */
static void
hand_out (Growing *growing)
{
  if (growing->before->layout == NULL)
    growing->before->layout = g_steal_pointer (&growing->layout_before);
  if (growing->graph->layout == NULL)
    growing->graph->layout = g_steal_pointer (&growing->layout);
}

static void
grown_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (object);
  Growing *growing = g_task_get_task_data (G_TASK (result));

  hand_out (growing);
  if (g_task_get_cancellable (G_TASK (result)) != self->arranging)
    return;
  g_clear_object (&self->arranging);
  if (self->graph != NULL && self->graph != growing->graph)
    gten_gtk_graph_take_layout (self->graph, growing->graph);     /* one that is the same came meanwhile */
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
gten_gtk_graph_view_grow (GtenGtkGraphView *self, GtenGtkGraph *graph)
{
  g_autofree guint32 *node_before = NULL;
  Growing *growing;

  if (self->graph == NULL || self->arrangement != NULL || self->arranging != NULL)
    return FALSE;
  node_before = gten_gtk_graph_find_growth (graph, self->graph);
  if (node_before == NULL)
    return FALSE;
  self->fitted = FALSE;
  if (graph->layout != NULL)
    return TRUE;
  growing = g_new (Growing, 1);
  *growing = (Growing) { g_object_ref (graph), g_object_ref (self->graph), g_steal_pointer (&self->graph->layout),
                         g_steal_pointer (&node_before), NULL };
  if (graph->nodes->len > GTEN_GTK_SMALL_GRAPH)
    {
      run_in_thread (self, grow_thread, grown_cb, growing, growing_free);
      return TRUE;
    }
  grow_thread (NULL, NULL, growing, NULL);
  hand_out (growing);
  growing_free (growing);
  return TRUE;
}

/**
 * gten_gtk_graph_view_arrange_anew:
 * @self: a view
 *
 * Arranges the whole graph as if it were seen for the first time. While a graph grows, the nodes that were there stay where
 * they are and new ones are placed around them; this is for when that has become hard to read.
 */
void
gten_gtk_graph_view_arrange_anew (GtenGtkGraphView *self)
{
  Anchor anchor;

  if (self->graph == NULL || self->arranging != NULL)
    return;
  if (self->arrangement != NULL)
    {
      gten_gtk_graph_view_arrange (self);
      return;
    }
  anchor = drop_anchor (self);
  g_clear_pointer (&self->graph->layout, gten_gtk_layout_free);
  gten_gtk_map_clear (&self->map);
  gten_gtk_tiles_forget (self->tiles);
  if (gten_gtk_graph_view_get_layout (self) == NULL)
    self->camera.zoom = 0;     /* shown from its beginning when it is there */
  else if (self->camera.zoom != 0)
    weigh_anchor (self, &anchor);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* -- parts ------------------------------------------------------------------------------------- */

static void
show_only (GtenGtkGraphView *self, GtkBitset *nodes)
{
  g_clear_pointer (&self->options.only, gtk_bitset_unref);
  self->options.only = nodes;
  gten_gtk_graph_view_arrange (self);
}

/**
 * gten_gtk_graph_view_get_fold:
 * @self: a view
 *
 * Returns: whether repeats and scopes are folded
 */
gboolean
gten_gtk_graph_view_get_fold (GtenGtkGraphView *self)
{
  return self->options.fold;
}

/**
 * gten_gtk_graph_view_set_fold:
 * @self: a view
 * @fold: whether to fold repeats and scopes
 *
 * Folds all repeats and scopes, or opens all.
 */
void
gten_gtk_graph_view_set_fold (GtenGtkGraphView *self, gboolean fold)
{
  fold = fold != FALSE;
  if (self->options.fold == fold)
    return;
  self->options.fold = fold;
  g_clear_pointer (&self->options.open, gtk_bitset_unref);
  gten_gtk_graph_view_arrange (self);
  g_object_notify (G_OBJECT (self), "fold");
}

/**
 * gten_gtk_graph_view_get_hide_not_needed:
 * @self: a view
 *
 * Returns: whether nodes are hidden whose gradient nobody asks for
 */
gboolean
gten_gtk_graph_view_get_hide_not_needed (GtenGtkGraphView *self)
{
  return self->options.hide_not_needed;
}

/**
 * gten_gtk_graph_view_set_hide_not_needed:
 * @self: a view
 * @hide: whether to hide nodes whose gradient nobody asks for
 *
 * Hides them, or shows them again.
 */
void
gten_gtk_graph_view_set_hide_not_needed (GtenGtkGraphView *self, gboolean hide)
{
  hide = hide != FALSE;
  if (self->options.hide_not_needed == hide)
    return;
  self->options.hide_not_needed = hide;
  gten_gtk_graph_view_arrange (self);
  g_object_notify (G_OBJECT (self), "hide-not-needed");
}

/**
 * gten_gtk_graph_view_show_neighbourhood:
 * @self: a view
 * @node: index of a node
 * @distance: how many edges away others may be
 *
 * Shows a node and those around it, and nothing else.
 */
void
gten_gtk_graph_view_show_neighbourhood (GtenGtkGraphView *self, guint node, guint distance)
{
  if (self->graph != NULL && gten_gtk_graph_get_node (self->graph, node) != NULL)
    show_only (self, gten_gtk_find_neighbourhood (self->graph, node, distance));
}

/**
 * gten_gtk_graph_view_show_paths:
 * @self: a view
 * @from: index of a node
 * @to: index of another
 *
 * Shows what lies on the ways between two nodes, and nothing else.
 *
 * Returns: whether there is a way
 */
gboolean
gten_gtk_graph_view_show_paths (GtenGtkGraphView *self, guint from, guint to)
{
  g_autoptr (GtkBitset) nodes = NULL;

  if (self->graph == NULL || gten_gtk_graph_get_node (self->graph, from) == NULL
      || gten_gtk_graph_get_node (self->graph, to) == NULL)
    return FALSE;
  nodes = gten_gtk_find_paths (self->graph, from, to);
  if (gtk_bitset_is_empty (nodes))
    return FALSE;
  show_only (self, g_steal_pointer (&nodes));
  return TRUE;
}

/**
 * gten_gtk_graph_view_show_whole:
 * @self: a view
 *
 * Shows all nodes again.
 */
void
gten_gtk_graph_view_show_whole (GtenGtkGraphView *self)
{
  if (self->options.only != NULL)
    show_only (self, NULL);
}

/**
 * gten_gtk_graph_view_shows_part:
 * @self: a view
 *
 * Returns: whether only a neighbourhood or paths are shown
 */
gboolean
gten_gtk_graph_view_shows_part (GtenGtkGraphView *self)
{
  return self->options.only != NULL;
}
