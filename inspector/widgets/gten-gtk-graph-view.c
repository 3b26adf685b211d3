/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The canvas: a window onto the picture of a graph, with its own zoom and pan. Nodes are no
 * widgets: 100,000 of them cost what is visible. The outline list beside it says the same to those
 * who cannot see a picture. */
#include "gten-gtk-graph-view.h"

#include <math.h>

#include "gten-gtk-paint-private.h"
#include "gten-gtk-theme-private.h"

#define MIN_ZOOM     0.0005
#define MAX_ZOOM     6.0
#define FIT_ZOOM     1.25      /* a small graph is not blown up to fill the view */
#define FIRST_ZOOM   0.85
#define STEP_ZOOM    1.2
#define MIN_SIZE     64        /* of a view that is shown and not just being set up */
#define VIEW_MARGIN  24.0
#define GLIDE_US     180000
#define MAP_SIZE     150.0
#define MAP_MARGIN   12.0

struct _GtenGtkGraphView
{
  GtkWidget     parent_instance;

  GtenGtkGraph *graph;
  guint         selected;
  guint         hovered;
  gboolean      follow;
  gboolean      fitted;          /* follows the size of the view until someone zooms or pans */
  double        x, y, zoom;      /* top left corner of the view in the layout */
  double        pointer_x, pointer_y;
  double        drag_x, drag_y;
  double        pinch_zoom;
  double        from_x, from_y, to_x, to_y;
  gint64        glide_start;
  guint         glide;           /* tick callback */
};

G_DEFINE_FINAL_TYPE (GtenGtkGraphView, gten_gtk_graph_view, GTK_TYPE_WIDGET)

enum { PROP_GRAPH = 1, PROP_SELECTED, PROP_FOLLOW, N_PROPS };
enum { ACTIVATED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static const GtenGtkLayout *
get_layout (GtenGtkGraphView *self)
{
  return self->graph != NULL ? gten_gtk_graph_get_layout (self->graph) : NULL;
}

/* -- where the view is ------------------------------------------------------------------------- */

static void
stop_glide (GtenGtkGraphView *self)
{
  if (self->glide != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->glide);
  self->glide = 0;
}

static void
set_view (GtenGtkGraphView *self, double x, double y, double zoom)
{
  self->zoom = CLAMP (zoom, MIN_ZOOM, MAX_ZOOM);
  self->x = x;
  self->y = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
zoom_at (GtenGtkGraphView *self, double zoom, double x, double y)
{
  double layout_x = self->x + x / self->zoom, layout_y = self->y + y / self->zoom;

  stop_glide (self);
  self->fitted = FALSE;
  zoom = CLAMP (zoom, MIN_ZOOM, MAX_ZOOM);
  set_view (self, layout_x - x / zoom, layout_y - y / zoom, zoom);
}

static void
pan (GtenGtkGraphView *self, double dx, double dy)
{
  stop_glide (self);
  self->fitted = FALSE;
  set_view (self, self->x + dx / self->zoom, self->y + dy / self->zoom, self->zoom);
}

static gboolean
glide_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (widget);
  double t = (gdk_frame_clock_get_frame_time (clock) - self->glide_start) / (double) GLIDE_US;

  t = CLAMP (t, 0, 1);
  t = t * t * (3 - 2 * t);
  set_view (self, self->from_x + (self->to_x - self->from_x) * t,
            self->from_y + (self->to_y - self->from_y) * t, self->zoom);
  if (t < 1)
    return G_SOURCE_CONTINUE;
  self->glide = 0;
  return G_SOURCE_REMOVE;
}

static void
glide_to (GtenGtkGraphView *self, double x, double y)
{
  gboolean animate = FALSE;

  stop_glide (self);
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &animate,
                NULL);
  if (!animate || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      set_view (self, x, y, self->zoom);
      return;
    }
  self->from_x = self->x;
  self->from_y = self->y;
  self->to_x = x;
  self->to_y = y;
  self->glide_start = gdk_frame_clock_get_frame_time (gtk_widget_get_frame_clock (GTK_WIDGET (self)));
  self->glide = gtk_widget_add_tick_callback (GTK_WIDGET (self), glide_cb, NULL, NULL);
}

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
  const GtenGtkLayout *layout = get_layout (self);
  double width = gtk_widget_get_width (GTK_WIDGET (self)) / self->zoom;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) / self->zoom;
  double margin = VIEW_MARGIN / self->zoom, x = self->x, y = self->y;
  const GtenGtkBox *box;

  if (layout == NULL || node >= layout->n_nodes || self->zoom == 0)
    return;
  box = &layout->boxes[node];
  if (box->x >= x && box->y >= y && box->x + box->width <= x + width
      && box->y + box->height <= y + height)
    return;
  x = MAX (x, box->x + box->width + margin - width);
  x = MIN (x, box->x - margin);
  y = MAX (y, box->y + box->height + margin - height);
  y = MIN (y, box->y - margin);
  self->fitted = FALSE;
  glide_to (self, x, y);
}

static void
fit (GtenGtkGraphView *self)
{
  const GtenGtkLayout *layout = get_layout (self);
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self)), zoom;

  if (layout == NULL || layout->n_nodes == 0 || width == 0 || height == 0)
    return;
  zoom = MIN (MIN (width / layout->width, height / layout->height), FIT_ZOOM);
  zoom = CLAMP (zoom, MIN_ZOOM, MAX_ZOOM);
  set_view (self, (layout->width - width / zoom) / 2, (layout->height - height / zoom) / 2, zoom);
}

/* The whole graph where it can be read so, else its end, where a pass begins. */
static void
show_first (GtenGtkGraphView *self)
{
  const GtenGtkLayout *layout = get_layout (self);
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  const GtenGtkBox *box;

  if (layout == NULL || layout->n_nodes == 0 || width < MIN_SIZE || height < MIN_SIZE)
    return;
  fit (self);
  if (gten_gtk_shows_values (self->zoom))
    return;
  box = &layout->boxes[0];
  self->fitted = FALSE;
  set_view (self, box->x + (box->width - width / FIRST_ZOOM) / 2, box->y + box->height + VIEW_MARGIN - height / FIRST_ZOOM,
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
  stop_glide (self);
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
  zoom_at (self, self->zoom * factor, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
           gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
}

/* -- the picture ------------------------------------------------------------------------------- */

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (widget);

  if (self->zoom == 0)
    show_first (self);
  else if (self->fitted)
    fit (self);
}

/* Values are asked for where they can be seen. */
static void
want_visible (GtenGtkGraphView *self, const GtenGtkLayout *layout, const GtenGtkView *view)
{
  double right = view->x + view->width / view->zoom, bottom = view->y + view->height / view->zoom;

  if (!gten_gtk_shows_values (view->zoom))
    return;
  for (guint i = 0; i < layout->n_nodes; i++)
    {
      const GtenGtkBox *box = &layout->boxes[i];
      GtenGtkNode *node;

      if (box->x > right || box->x + box->width < view->x || box->y > bottom
          || box->y + box->height < view->y)
        continue;
      node = gten_gtk_graph_get_node (self->graph, i);
      if (gten_gtk_node_get_value (node) != NULL)
        gten_gtk_tensor_want (gten_gtk_node_get_value (node));
      if (gten_gtk_node_get_gradient (node) != NULL)
        gten_gtk_tensor_want (gten_gtk_node_get_gradient (node));
    }
}

/* Where the view is in a graph that is larger. */
static void
snapshot_map (GtenGtkGraphView *self, cairo_t *cr, const GtenGtkLayout *layout,
              const GtenGtkView *view)
{
  double zoom = MIN (MAP_SIZE / layout->width, MAP_SIZE / layout->height);
  double width = MAX (layout->width * zoom, 18), height = MAX (layout->height * zoom, 18);
  double x = view->width - width - MAP_MARGIN, y = view->height - height - MAP_MARGIN;
  GtenGtkView map = { .zoom = zoom, .x = (layout->width - width / zoom) / 2, .y = (layout->height - height / zoom) / 2,
                      .width = width, .height = height, .selected = GTEN_GTK_NO_NODE, .hovered = GTEN_GTK_NO_NODE,
                      .palette = view->palette };

  if ((view->x < 1 && view->y < 1 && view->x + view->width / view->zoom > layout->width - 1
       && view->y + view->height / view->zoom > layout->height - 1) || view->width < 3 * MAP_SIZE || view->height < 2 * MAP_SIZE)
    return;
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rectangle (cr, -4, -4, width + 8, height + 8);
  gten_gtk_set_color (cr, view->palette->canvas, 1);
  cairo_fill_preserve (cr);
  gten_gtk_set_color (cr, view->palette->border, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  gten_gtk_paint_graph (cr, self->graph, layout, &map);
  cairo_rectangle (cr, (view->x - map.x) * zoom, (view->y - map.y) * zoom, view->width / view->zoom * zoom,
                   view->height / view->zoom * zoom);
  gten_gtk_set_color (cr, view->palette->selection, 0.12);
  cairo_fill_preserve (cr);
  gten_gtk_set_color (cr, view->palette->selection, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (widget);
  const GtenGtkLayout *layout = get_layout (self);
  GtenGtkView view = { .x = self->x, .y = self->y, .zoom = self->zoom, .width = gtk_widget_get_width (widget),
                       .height = gtk_widget_get_height (widget), .selected = self->selected, .hovered = self->hovered,
                       .palette = gten_gtk_widget_palette (widget) };
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, view.width, view.height);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

  if (self->graph != NULL && view.zoom > 0)
    {
      /* First, for who knows the values at once. */
      if (layout != NULL)
        want_visible (self, layout, &view);
      gten_gtk_paint_graph (cr, self->graph, layout, &view);
      if (layout != NULL && layout->n_nodes > 0)
        snapshot_map (self, cr, layout, &view);
    }
  cairo_destroy (cr);
  if (gtk_widget_has_visible_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 2, 2,
                               view.width - 4, view.height - 4);
}

static void
changed_cb (GtenGtkGraphView *self)
{
  if (self->zoom == 0)
    show_first (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* What a screen reader says of the canvas. */
static void
current_cb (GtenGtkGraphView *self)
{
  g_autofree char *sentence = gten_gtk_graph_describe_step (self->graph);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  sentence, -1);
  if (self->follow)
    gten_gtk_graph_view_show_node (self, gten_gtk_graph_get_current (self->graph));
}

/* -- pointer ----------------------------------------------------------------------------------- */

static guint
pick (GtenGtkGraphView *self, double x, double y)
{
  const GtenGtkLayout *layout = get_layout (self);

  return layout != NULL && self->zoom > 0 ? gten_gtk_pick_node (layout, self->x + x / self->zoom, self->y + y / self->zoom)
                                          : GTEN_GTK_NO_NODE;
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, GtenGtkGraphView *self)
{
  guint node = pick (self, x, y);

  self->pointer_x = x;
  self->pointer_y = y;
  if (node == self->hovered)
    return;
  self->hovered = node;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), node != GTEN_GTK_NO_NODE ? "pointer" : NULL);
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (GtkEventControllerMotion *controller, GtenGtkGraphView *self)
{
  self->hovered = GTEN_GTK_NO_NODE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (widget);
  guint index = keyboard ? self->selected : pick (self, x, y);
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

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, GtenGtkGraphView *self)
{
  GdkModifierType modifiers = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean is_wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;

  if (modifiers & GDK_SHIFT_MASK)
    pan (self, (dx + dy) * (is_wheel ? 60 : 1), 0);
  else if (is_wheel || (modifiers & GDK_CONTROL_MASK))
    zoom_at (self, self->zoom * pow (STEP_ZOOM, -dy * (is_wheel ? 1 : 0.05)), self->pointer_x,
             self->pointer_y);
  else
    pan (self, dx, dy);
  return GDK_EVENT_STOP;
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, GtenGtkGraphView *self)
{
  self->drag_x = self->x;
  self->drag_y = self->y;
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, GtenGtkGraphView *self)
{
  if (!gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, dx, dy) && self->x == self->drag_x
      && self->y == self->drag_y)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  stop_glide (self);
  self->fitted = FALSE;
  set_view (self, self->drag_x - dx / self->zoom, self->drag_y - dy / self->zoom, self->zoom);
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, GtenGtkGraphView *self)
{
  self->pinch_zoom = self->zoom;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, GtenGtkGraphView *self)
{
  double x, y;

  if (gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    zoom_at (self, self->pinch_zoom * scale, x, y);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, GtenGtkGraphView *self)
{
  guint node = pick (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  gten_gtk_graph_view_set_selected (self, node);
  if (n_press == 2 && node != GTEN_GTK_NO_NODE)
    g_signal_emit (self, signals[ACTIVATED], 0, node);
}

/* -- keys -------------------------------------------------------------------------------------- */

/* The node nearest in a direction: what lies to its sides counts double. */
static guint
neighbour (GtenGtkGraphView *self, const GtenGtkLayout *layout, int dx, int dy)
{
  const GtenGtkBox *from = &layout->boxes[self->selected];
  double x = from->x + from->width / 2, y = from->y + from->height / 2, best = INFINITY;
  guint result = self->selected;

  for (guint i = 0; i < layout->n_nodes; i++)
    {
      const GtenGtkBox *box = &layout->boxes[i];
      double away_x = box->x + box->width / 2 - x, away_y = box->y + box->height / 2 - y;
      double along = away_x * dx + away_y * dy, aside = fabs (dx != 0 ? away_y : away_x);

      if (i == self->selected || along < 8 || (dx != 0 && aside > from->height)
          || along + 2 * aside >= best)
        continue;
      best = along + 2 * aside;
      result = i;
    }
  return result;
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers,
        GtenGtkGraphView *self)
{
  const GtenGtkLayout *layout = get_layout (self);
  static const struct { guint key; int dx, dy; } arrows[] = {
    { GDK_KEY_Left, -1, 0 }, { GDK_KEY_Right, 1, 0 }, { GDK_KEY_Up, 0, -1 }, { GDK_KEY_Down, 0, 1 },
    { GDK_KEY_KP_Left, -1, 0 }, { GDK_KEY_KP_Right, 1, 0 }, { GDK_KEY_KP_Up, 0, -1 }, { GDK_KEY_KP_Down, 0, 1 },
  };
  guint node = self->selected;

  if (layout == NULL || layout->n_nodes == 0)
    return GDK_EVENT_PROPAGATE;
  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++)
    if (key == arrows[i].key)
      {
        if (modifiers & GDK_CONTROL_MASK)
          pan (self, arrows[i].dx * 60, arrows[i].dy * 60);
        else if (self->selected >= layout->n_nodes)
          node = gten_gtk_graph_get_current (self->graph) < layout->n_nodes ? gten_gtk_graph_get_current (self->graph) : 0;
        else
          node = neighbour (self, layout, arrows[i].dx, arrows[i].dy);
        if (node != self->selected)
          gten_gtk_graph_view_set_selected (self, node);
        return GDK_EVENT_STOP;
      }
  switch (key)
    {
    case GDK_KEY_Page_Down:
      node = node < layout->n_nodes ? MIN (node + 1, layout->n_nodes - 1) : 0;
      break;
    case GDK_KEY_Page_Up:
      node = node < layout->n_nodes && node > 0 ? node - 1 : 0;
      break;
    case GDK_KEY_Home:
      node = 0;
      break;
    case GDK_KEY_End:
      node = layout->n_nodes - 1;
      break;
    case GDK_KEY_Escape:
      node = GTEN_GTK_NO_NODE;
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (node < layout->n_nodes)
        g_signal_emit (self, signals[ACTIVATED], 0, node);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  gten_gtk_graph_view_set_selected (self, node);
  return GDK_EVENT_STOP;
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
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
dispose (GObject *object)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (object);

  stop_glide (self);
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_clear_object (&self->graph);
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
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkGesture *drag = gtk_gesture_drag_new (), *pinch = gtk_gesture_zoom_new (), *click = gtk_gesture_click_new ();

  self->selected = self->hovered = GTEN_GTK_NO_NODE;
  self->follow = TRUE;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Graph of the backward pass", -1);

  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, scroll);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, key);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
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
 * Shows another graph.
 */
void
gten_gtk_graph_view_set_graph (GtenGtkGraphView *self, GtenGtkGraph *graph)
{
  if (self->graph == graph)
    return;
  stop_glide (self);
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_set_object (&self->graph, graph);
  self->selected = self->hovered = GTEN_GTK_NO_NODE;
  self->fitted = TRUE;
  self->zoom = 0;
  if (graph != NULL)
    {
      g_signal_connect_swapped (graph, "changed", G_CALLBACK (changed_cb), self);
      g_signal_connect_swapped (graph, "notify::current", G_CALLBACK (current_cb), self);
      changed_cb (self);
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
  g_autofree char *text = selected != NULL ? gten_gtk_node_describe (selected) : g_strdup ("Graph of the backward pass");

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
