/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pointer and keys on the canvas. */
#include "gten-gtk-graph-view-private.h"

#include <math.h>

#define STEP_ZOOM 1.2
#define STEP_PAN  60

/* -- pointer ----------------------------------------------------------------------------------- */

static guint
pick (GtenGtkGraphView *self, double x, double y)
{
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  guint box = layout != NULL && self->camera.zoom > 0
                ? gten_gtk_pick_node (layout, self->camera.x + x / self->camera.zoom, self->camera.y + y / self->camera.zoom)
                : GTEN_GTK_NO_NODE;

  return box != GTEN_GTK_NO_NODE ? gten_gtk_graph_view_get_first (self, box) : GTEN_GTK_NO_NODE;
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
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, GtenGtkGraphView *self)
{
  GdkModifierType modifiers = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean is_wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;

  if (self->camera.zoom == 0)
    return GDK_EVENT_PROPAGATE;
  self->fitted = FALSE;
  if (modifiers & GDK_SHIFT_MASK)
    gten_gtk_camera_pan (&self->camera, (dx + dy) * (is_wheel ? STEP_PAN : 1), 0);
  else if (is_wheel || (modifiers & GDK_CONTROL_MASK))
    gten_gtk_camera_zoom_at (&self->camera, self->camera.zoom * pow (STEP_ZOOM, -dy * (is_wheel ? 1 : 0.05)), self->pointer_x,
             self->pointer_y);
  else
    gten_gtk_camera_pan (&self->camera, dx, dy);
  return GDK_EVENT_STOP;
}

/* The middle of the view goes where the pointer is on the map. */
static gboolean
move_by_map (GtenGtkGraphView *self, double x, double y)
{
  double to_x, to_y, zoom = self->camera.zoom;

  if (!gten_gtk_map_pick (&self->map, x, y, &to_x, &to_y))
    return FALSE;
  self->fitted = FALSE;
  gten_gtk_camera_set (&self->camera, to_x - gtk_widget_get_width (GTK_WIDGET (self)) / zoom / 2,
                       to_y - gtk_widget_get_height (GTK_WIDGET (self)) / zoom / 2, zoom);
  return TRUE;
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, GtenGtkGraphView *self)
{
  self->drag_x = self->camera.x;
  self->drag_y = self->camera.y;
  self->drags_map = move_by_map (self, x, y);
  if (self->drags_map)
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, GtenGtkGraphView *self)
{
  double x, y;

  if (self->drags_map)
    {
      gtk_gesture_drag_get_start_point (gesture, &x, &y);
      move_by_map (self, x + dx, y + dy);
      return;
    }
  if (self->camera.zoom == 0 || (!gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, dx, dy)
                                 && self->camera.x == self->drag_x && self->camera.y == self->drag_y))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  self->fitted = FALSE;
  gten_gtk_camera_set (&self->camera, self->drag_x - dx / self->camera.zoom, self->drag_y - dy / self->camera.zoom,
                       self->camera.zoom);
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, GtenGtkGraphView *self)
{
  self->pinch_zoom = self->camera.zoom;
  self->fitted = FALSE;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, GtenGtkGraphView *self)
{
  double x, y;

  if (self->camera.zoom > 0 && gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    gten_gtk_camera_zoom_at (&self->camera, self->pinch_zoom * scale, x, y);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, GtenGtkGraphView *self)
{
  guint node = pick (self, x, y);
  double map_x, map_y;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (gten_gtk_map_pick (&self->map, x, y, &map_x, &map_y))
    return;
  gten_gtk_graph_view_set_selected (self, node);
  if (n_press == 2 && node != GTEN_GTK_NO_NODE)
    gten_gtk_graph_view_activate (self, node);
}

/* -- keys -------------------------------------------------------------------------------------- */

/* The node nearest in a direction: what lies to its sides counts double. */
static guint
neighbour (GtenGtkGraphView *self, const GtenGtkLayout *layout, int dx, int dy)
{
  guint start = gten_gtk_graph_view_find_box (self, self->selected), result = start;
  const GtenGtkBox *from = &layout->boxes[start];
  double x = from->x + from->width / 2, y = from->y + from->height / 2, best = INFINITY;

  for (guint i = 0; i < layout->n_nodes; i++)
    {
      const GtenGtkBox *box = &layout->boxes[i];
      double away_x = box->x + box->width / 2 - x, away_y = box->y + box->height / 2 - y;
      double along = away_x * dx + away_y * dy, aside = fabs (dx != 0 ? away_y : away_x);

      if (i == start || along < 8 || (dx != 0 && aside > from->height)
          || along + 2 * aside >= best)
        continue;
      best = along + 2 * aside;
      result = i;
    }
  return gten_gtk_graph_view_get_first (self, result);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers,
        GtenGtkGraphView *self)
{
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  static const struct { guint key; int dx, dy; } arrows[] = {
    { GDK_KEY_Left, -1, 0 }, { GDK_KEY_Right, 1, 0 }, { GDK_KEY_Up, 0, -1 }, { GDK_KEY_Down, 0, 1 },
    { GDK_KEY_KP_Left, -1, 0 }, { GDK_KEY_KP_Right, 1, 0 }, { GDK_KEY_KP_Up, 0, -1 }, { GDK_KEY_KP_Down, 0, 1 },
  };
  guint node = self->selected, n, box, current;

  if (layout == NULL || layout->n_nodes == 0)
    return GDK_EVENT_PROPAGATE;
  n = layout->n_nodes;
  box = gten_gtk_graph_view_find_box (self, self->selected);
  current = gten_gtk_graph_get_current (self->graph);
  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++)
    if (key == arrows[i].key)
      {
        if (modifiers & GDK_CONTROL_MASK)
          {
            self->fitted = FALSE;
            gten_gtk_camera_pan (&self->camera, arrows[i].dx * STEP_PAN, arrows[i].dy * STEP_PAN);
          }
        else if (box >= n)
          node = current != GTEN_GTK_NO_NODE ? current : gten_gtk_graph_view_get_first (self, 0);
        else
          node = neighbour (self, layout, arrows[i].dx, arrows[i].dy);
        if (node != self->selected)
          gten_gtk_graph_view_set_selected (self, node);
        return GDK_EVENT_STOP;
      }
  switch (key)
    {
    case GDK_KEY_Page_Down:
      node = gten_gtk_graph_view_get_first (self, box < n ? MIN (box + 1, n - 1) : 0);
      break;
    case GDK_KEY_Page_Up:
      node = gten_gtk_graph_view_get_first (self, box < n && box > 0 ? box - 1 : 0);
      break;
    case GDK_KEY_Home:
      node = gten_gtk_graph_view_get_first (self, 0);
      break;
    case GDK_KEY_End:
      node = gten_gtk_graph_view_get_first (self, n - 1);
      break;
    case GDK_KEY_Escape:
      node = GTEN_GTK_NO_NODE;
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (box < n)
        gten_gtk_graph_view_activate (self, node);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  gten_gtk_graph_view_set_selected (self, node);
  return GDK_EVENT_STOP;
}

/* -- controllers ------------------------------------------------------------------------------- */

void
gten_gtk_graph_view_add_input (GtenGtkGraphView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkGesture *drag = gtk_gesture_drag_new (), *pinch = gtk_gesture_zoom_new (), *click = gtk_gesture_click_new ();

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
