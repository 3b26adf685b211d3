/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pass as a strip: a place per node in the order in which they run; height by the logarithm of
 * the gradient's norm, where it is known. Of many nodes, those that share a pixel show the one that
 * has come furthest. What has run can be gone back to: a click, a drag or the arrow keys choose the
 * step that is looked at, and what ran after it stands back. */
#include "gten-gtk-steps.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "gten-gtk-theme-private.h"

struct _GtenGtkSteps
{
  GtkWidget     parent_instance;

  GtenGtkGraph *graph;
  guint         selected;
  guint         n_live;         /* nodes that have run, whichever step is looked at */
};

G_DEFINE_FINAL_TYPE (GtenGtkSteps, gten_gtk_steps, GTK_TYPE_WIDGET)

enum { NODE_CHOSEN, STEP_CHOSEN, N_SIGNALS };

static guint signals[N_SIGNALS];

static gboolean
is_not_finite (GtenGtkNode *node)
{
  GtenGtkStatistics s;

  return gten_gtk_node_get_gradient (node) != NULL && gten_gtk_tensor_get_statistics (gten_gtk_node_get_gradient (node), &s)
         && s.n_nan + s.n_infinite > 0;
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkSteps *self = GTEN_GTK_STEPS (widget);
  const GtenGtkPalette *palette = gten_gtk_widget_palette (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  guint n = self->graph != NULL ? gten_gtk_graph_get_n_nodes (self->graph) : 0;
  double step = n > 0 ? width / n : 0, least = INFINITY, greatest = -INFINITY;
  guint stride = n > width ? ceil (n / width) : 1;
  cairo_t *cr;

  if (n == 0)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  for (guint i = 0; i < n; i += stride)
    {
      double norm;

      g_object_get (gten_gtk_graph_get_node (self->graph, i), "norm", &norm, NULL);
      if (norm > 0 && isfinite (norm))
        {
          least = MIN (least, log10 (norm));
          greatest = MAX (greatest, log10 (norm));
        }
    }
  for (guint i = 0; i < n; i += stride)
    {
      GtenGtkState state = GTEN_GTK_STATE_NOT_NEEDED;
      GtenGtkColor color;
      double norm = NAN, bar = 0.5, gap = step * stride > 4 ? 1 : 0;

      for (guint k = i; k < MIN (i + stride, n); k++)
        state = MAX (state,
                     gten_gtk_node_get_state (gten_gtk_graph_get_node (self->graph, k), NULL,
                                              NULL));
      color = palette->states[state];
      g_object_get (gten_gtk_graph_get_node (self->graph, i), "norm", &norm, NULL);
      if (state < GTEN_GTK_STATE_READY)
        bar = 0.15;
      else if (is_not_finite (gten_gtk_graph_get_node (self->graph, i)))
        {
          bar = 1;
          color = palette->nan;
        }
      else if (norm > 0 && greatest > least)
        bar = 0.35 + 0.65 * (log10 (norm) - least) / (greatest - least);
      cairo_rectangle (cr, i * step + gap, height - bar * (height - 6), step * stride - gap,
                       bar * (height - 6));
      gten_gtk_set_color (cr, color, state < GTEN_GTK_STATE_READY ? 0.6 : 1);
      cairo_fill (cr);
    }
  if (self->n_live > gten_gtk_graph_get_n_done (self->graph))
    {
      guint n_done = gten_gtk_graph_get_n_done (self->graph);

      gten_gtk_set_color (cr, palette->states[GTEN_GTK_STATE_DONE], 0.25);
      cairo_rectangle (cr, n_done * step, 6, (self->n_live - n_done) * step, height - 6);
      cairo_fill (cr);
      gten_gtk_set_color (cr, palette->text, 1);
      cairo_rectangle (cr, n_done * step - 1, 0, 2, height);
      cairo_fill (cr);
    }
  if (self->selected < n)
    {
      double x = (self->selected + 0.5) * step;

      gten_gtk_set_color (cr, palette->selection, 1);
      cairo_move_to (cr, x - 4, 0);
      cairo_line_to (cr, x + 4, 0);
      cairo_line_to (cr, x, 5);
      cairo_close_path (cr);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
  if (gtk_widget_has_visible_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0, width, height);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 80 : 34;
}

static guint
pick (GtenGtkSteps *self, double x)
{
  guint n = self->graph != NULL ? gten_gtk_graph_get_n_nodes (self->graph) : 0;
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  return n == 0 || width == 0 || x < 0 || x >= width ? GTEN_GTK_NO_NODE : MIN (n - 1, (guint) (x * n / width));
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  GtenGtkSteps *self = GTEN_GTK_STEPS (widget);
  guint index = pick (self, x);
  g_autofree char *words = NULL;
  g_autofree char *text = NULL;

  if (keyboard || index == GTEN_GTK_NO_NODE)
    return FALSE;
  words = gten_gtk_node_describe (gten_gtk_graph_get_node (self->graph, index));
  text = g_strdup_printf ("%u: %s", index + 1, words);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
drag_cb (GtkGestureDrag *gesture, double dx, double dy, GtenGtkSteps *self)
{
  double x, y;
  guint node;

  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  node = pick (self, x + dx);
  if (node == GTEN_GTK_NO_NODE)
    return;
  if (node <= self->n_live)
    g_signal_emit (self, signals[STEP_CHOSEN], 0, node);
  g_signal_emit (self, signals[NODE_CHOSEN], 0, node);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, GtenGtkSteps *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  drag_cb (gesture, 0, 0, self);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers, GtenGtkSteps *self)
{
  guint step = self->graph != NULL ? gten_gtk_graph_get_n_done (self->graph) : 0;

  if (self->graph == NULL || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_Left && step > 0)
    step--;
  else if (key == GDK_KEY_Right && step < self->n_live)
    step++;
  else if (key == GDK_KEY_Home)
    step = 0;
  else if (key == GDK_KEY_End)
    step = self->n_live;
  else
    return GDK_EVENT_PROPAGATE;
  g_signal_emit (self, signals[STEP_CHOSEN], 0, step);
  return GDK_EVENT_STOP;
}

static void
dispose (GObject *object)
{
  gten_gtk_steps_set_graph (GTEN_GTK_STEPS (object), NULL);
  G_OBJECT_CLASS (gten_gtk_steps_parent_class)->dispose (object);
}

static void
gten_gtk_steps_class_init (GtenGtkStepsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  widget_class->snapshot = snapshot;
  widget_class->measure = measure;
  widget_class->query_tooltip = query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "steps");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  /**
   * GtenGtkSteps::step-chosen:
   * @self: the strip
   * @step: how many nodes had run
   *
   * The pass is to be looked at as it was.
   */
  signals[STEP_CHOSEN] = g_signal_new ("step-chosen", GTEN_GTK_TYPE_STEPS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                       G_TYPE_UINT);
  /**
   * GtenGtkSteps::node-chosen:
   * @self: the strip
   * @node: index of a node
   *
   * A place in the pass was clicked, or dragged over.
   */
  signals[NODE_CHOSEN] = g_signal_new ("node-chosen", GTEN_GTK_TYPE_STEPS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                       G_TYPE_UINT);
}

static void
gten_gtk_steps_init (GtenGtkSteps *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  self->selected = GTEN_GTK_NO_NODE;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Steps of the pass"), -1);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
}

/**
 * gten_gtk_steps_new:
 *
 * Returns: (transfer full): a strip without a graph
 */
GtkWidget *
gten_gtk_steps_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_STEPS, NULL);
}

/**
 * gten_gtk_steps_set_graph:
 * @self: a strip
 * @graph: (nullable): a graph
 *
 * Shows the steps of another pass.
 */
void
gten_gtk_steps_set_graph (GtenGtkSteps *self, GtenGtkGraph *graph)
{
  if (self->graph == graph)
    return;
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_set_object (&self->graph, graph);
  if (graph != NULL)
    g_signal_connect_swapped (graph, "changed", G_CALLBACK (gtk_widget_queue_draw), self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * gten_gtk_steps_set_selected:
 * @self: a strip
 * @node: index of a node, or %GTEN_GTK_NO_NODE
 *
 * Marks a node.
 */
void
gten_gtk_steps_set_selected (GtenGtkSteps *self, guint node)
{
  self->selected = node;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * gten_gtk_steps_set_live:
 * @self: a strip
 * @n_live: how many nodes have run
 *
 * Tells how far the pass has come, whichever of its steps is looked at.
 */
void
gten_gtk_steps_set_live (GtenGtkSteps *self, guint n_live)
{
  self->n_live = n_live;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
