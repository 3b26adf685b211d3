/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The canvas: a window onto the picture of a graph, with its own zoom and pan. Nodes are no
 * widgets: 100,000 of them cost what is visible. The outline list beside it says the same to those
 * who cannot see a picture. */
#include "gten-gtk-graph-view-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "gten-gtk-theme-private.h"

#define FIT_ZOOM     1.25      /* a small graph is not blown up to fill the view */
#define FIRST_ZOOM   0.85
#define MIN_SIZE     64        /* of a view that is shown and not just being set up */
#define VIEW_MARGIN  24.0
#define SMALL        4000      /* items up to which arranging takes no noticeable time */

G_DEFINE_FINAL_TYPE (GtenGtkGraphView, gten_gtk_graph_view, GTK_TYPE_WIDGET)

enum { PROP_GRAPH = 1, PROP_SELECTED, PROP_FOLLOW, PROP_FOLD, PROP_HIDE_NOT_NEEDED, N_PROPS };
enum { ACTIVATED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

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

/* -- where the view is ------------------------------------------------------------------------- */

/**
 * gten_gtk_graph_view_show_node:
 * @self: a view
 * @node: index of a node
 *
 * Moves the view just as far as it takes to see the node.
 */
void
gten_gtk_graph_view_show_node (GtenGtkGraphView *self, guint node)
{
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  double width = gtk_widget_get_width (GTK_WIDGET (self)) / self->camera.zoom;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) / self->camera.zoom;
  double margin = VIEW_MARGIN / self->camera.zoom, x = self->camera.x, y = self->camera.y;
  guint index = gten_gtk_graph_view_find_box (self, node);
  const GtenGtkBox *box;

  if (layout == NULL || index >= layout->n_nodes || self->camera.zoom == 0)
    return;
  box = &layout->boxes[index];
  if (box->x >= x && box->y >= y && box->x + box->width <= x + width
      && box->y + box->height <= y + height)
    return;
  x = MAX (x, box->x + box->width + margin - width);
  x = MIN (x, box->x - margin);
  y = MAX (y, box->y + box->height + margin - height);
  y = MIN (y, box->y - margin);
  self->fitted = FALSE;
  gten_gtk_camera_glide (&self->camera, x, y);
}

static void
fit (GtenGtkGraphView *self)
{
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self)), zoom;

  if (layout == NULL || layout->n_nodes == 0 || width == 0 || height == 0)
    return;
  zoom = MIN (MIN (width / layout->width, height / layout->height), FIT_ZOOM);
  zoom = CLAMP (zoom, GTEN_GTK_MIN_ZOOM, GTEN_GTK_MAX_ZOOM);
  gten_gtk_camera_set (&self->camera, (layout->width - width / zoom) / 2, (layout->height - height / zoom) / 2, zoom);
}

/* The whole graph where it can be read so, else its end, where a pass begins. */
static void
show_first (GtenGtkGraphView *self)
{
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  const GtenGtkBox *box;

  if (layout == NULL || layout->n_nodes == 0 || width < MIN_SIZE || height < MIN_SIZE)
    return;
  fit (self);
  if (gten_gtk_shows_values (self->camera.zoom))
    return;
  box = &layout->boxes[0];
  self->fitted = FALSE;
  gten_gtk_camera_set (&self->camera, box->x + (box->width - width / FIRST_ZOOM) / 2, box->y + box->height + VIEW_MARGIN - height / FIRST_ZOOM,
            FIRST_ZOOM);
}

/**
 * gten_gtk_graph_view_fit:
 * @self: a view
 *
 * Shows the whole graph, and keeps doing so while the view changes its size.
 */
void
gten_gtk_graph_view_fit (GtenGtkGraphView *self)
{
  self->fitted = TRUE;
  fit (self);
}

/**
 * gten_gtk_graph_view_zoom:
 * @self: a view
 * @factor: above 1 to come closer
 *
 * Zooms about the middle of the view.
 */
void
gten_gtk_graph_view_zoom (GtenGtkGraphView *self, double factor)
{
  if (self->camera.zoom == 0)
    return;
  self->fitted = FALSE;
  gten_gtk_camera_zoom_at (&self->camera, self->camera.zoom * factor, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                           gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
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
    fit (self);
  else if (find_middle (self, anchor->node, &x, &y))
    {
      gten_gtk_camera_set (&self->camera, x - anchor->x / self->camera.zoom, y - anchor->y / self->camera.zoom, self->camera.zoom);
      gten_gtk_graph_view_show_node (self, anchor->node);
    }
  else
    gten_gtk_graph_view_fit (self);
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

static void
arrange (GtenGtkGraphView *self)
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
      if (arranging->arrangement->n_items > SMALL)
        {
          g_autoptr (GTask) task = NULL;

          self->arranging = g_cancellable_new ();
          task = g_task_new (self, self->arranging, arranged_cb, NULL);
          g_task_set_check_cancellable (task, FALSE);
          g_task_set_task_data (task, arranging, arranging_free);
          g_task_run_in_thread (task, arrange_thread);
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

static void
show_only (GtenGtkGraphView *self, GtkBitset *nodes)
{
  g_clear_pointer (&self->options.only, gtk_bitset_unref);
  self->options.only = nodes;
  arrange (self);
}

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
  arrange (self);
}

/* -- the picture ------------------------------------------------------------------------------- */

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (widget);

  if (self->camera.zoom == 0)
    show_first (self);
  else if (self->fitted)
    fit (self);
}

static void
want (GtenGtkTensor *tensor)
{
  if (tensor != NULL)
    gten_gtk_tensor_want (tensor);
}

/* Values are asked for where they can be seen. */
static void
want_visible (GtenGtkGraphView *self, const GtenGtkLayout *layout, const GtenGtkView *view)
{
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (guint));

  if (!gten_gtk_shows_values (view->zoom))
    return;
  gten_gtk_find_visible (layout, view, boxes, NULL);
  for (guint i = 0; i < boxes->len; i++)
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (self->graph, gten_gtk_graph_view_get_first (self, g_array_index (boxes, guint, i)));

      want (gten_gtk_node_get_value (node));
      want (gten_gtk_node_get_gradient (node));
    }
}

static void
snapshot_map (GtenGtkGraphView *self, GtkSnapshot *snapshot, const GtenGtkLayout *layout, const GtenGtkView *view)
{
  graphene_rect_t bounds;
  cairo_t *cr;

  if (!gten_gtk_map_place (&self->map, layout, view, &bounds))
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  gten_gtk_map_paint (&self->map, cr, self->graph, layout, view);
  cairo_destroy (cr);
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (widget);
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  GtenGtkView view = { .x = self->camera.x, .y = self->camera.y, .zoom = self->camera.zoom, .width = gtk_widget_get_width (widget),
                       .height = gtk_widget_get_height (widget), .selected = gten_gtk_graph_view_find_box (self, self->selected),
                       .hovered = gten_gtk_graph_view_find_box (self, self->hovered), .arrangement = self->arrangement,
                       .marked = self->marked, .dimmed = self->dimmed, .producer = self->producer,
                       .palette = gten_gtk_widget_palette (widget) };
  GdkRGBA canvas = gten_gtk_color_to_rgba (view.palette->canvas);

  gtk_snapshot_append_color (snapshot, &canvas, &GRAPHENE_RECT_INIT (0, 0, view.width, view.height));
  if (self->graph != NULL && view.zoom > 0 && layout != NULL && layout->n_nodes > 0)
    {
      /* Asked for first: who knows values at once is drawn at once. */
      want_visible (self, layout, &view);
      gten_gtk_tiles_snapshot (self->tiles, snapshot, self->graph, layout, &view);
      snapshot_map (self, snapshot, layout, &view);
    }
  if (gtk_widget_has_visible_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 2, 2,
                               view.width - 4, view.height - 4);
}

gboolean
gten_gtk_graph_view_is_ready (GtenGtkGraphView *self)
{
  return gten_gtk_graph_view_get_layout (self) != NULL && gten_gtk_tiles_is_ready (self->tiles);
}

static void
changed_cb (GtenGtkGraphView *self)
{
  if (self->camera.zoom == 0)
    show_first (self);
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

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (widget);
  guint index = keyboard ? self->selected : self->hovered;
  GtenGtkNode *node = self->graph != NULL ? gten_gtk_graph_get_node (self->graph, index) : NULL;
  g_autofree char *text = NULL;
  g_autofree char *full = NULL;

  if (node == NULL)
    return FALSE;
  text = gten_gtk_node_describe (node);
  if (gten_gtk_node_get_site (node) != NULL)
    full = g_strdup_printf ("%s\n%s", text, gten_gtk_node_get_site (node));
  gtk_tooltip_set_text (tooltip, full != NULL ? full : text);
  return TRUE;
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
  widget_class->snapshot = snapshot;
  widget_class->size_allocate = size_allocate;
  widget_class->query_tooltip = query_tooltip;
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
 * loop, everything stays where it is.
 */
void
gten_gtk_graph_view_set_graph (GtenGtkGraphView *self, GtenGtkGraph *graph)
{
  gboolean is_like;

  if (self->graph == graph)
    return;
  gten_gtk_camera_stop (&self->camera);
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  is_like = self->graph != NULL && graph != NULL && gten_gtk_graph_take_layout (graph, self->graph);
  g_set_object (&self->graph, graph);
  self->selected = self->hovered = self->producer = GTEN_GTK_NO_NODE;
  g_clear_pointer (&self->marked, gtk_bitset_unref);
  g_clear_pointer (&self->dimmed, gtk_bitset_unref);
  gten_gtk_tiles_outdate (self->tiles);
  if (!is_like)
    {
      self->fitted = TRUE;
      self->camera.zoom = 0;
      g_clear_pointer (&self->options.only, gtk_bitset_unref);
      g_clear_pointer (&self->options.open, gtk_bitset_unref);
      arrange (self);
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
  arrange (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLD]);
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
  arrange (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HIDE_NOT_NEEDED]);
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
