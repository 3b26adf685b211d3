/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is seen on the canvas, and which part of the graph. */
#include "gten-gtk-graph-view-private.h"

#include <math.h>

#include "gten-gtk-theme-private.h"

#define FIT_ZOOM     1.25      /* a small graph is not blown up to fill the view */
#define FIRST_ZOOM   0.85
#define MIN_SIZE     64        /* of a view that is shown and not just being set up */
#define VIEW_MARGIN  24.0

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

void
gten_gtk_graph_view_fit_now (GtenGtkGraphView *self)
{
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self)), zoom;

  if (layout == NULL || layout->n_nodes == 0 || width == 0 || height == 0)
    return;
  zoom = MIN (MIN (width / layout->width, height / layout->height), FIT_ZOOM);
  zoom = CLAMP (zoom, GTEN_GTK_MIN_ZOOM, GTEN_GTK_MAX_ZOOM);
  gten_gtk_camera_set (&self->camera, layout->left + (layout->width - width / zoom) / 2,
                       layout->top + (layout->height - height / zoom) / 2, zoom);
}

/* The whole graph where it can be read so, else its end, where a pass begins. */
void
gten_gtk_graph_view_show_first (GtenGtkGraphView *self)
{
  const GtenGtkLayout *layout = gten_gtk_graph_view_get_layout (self);
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  const GtenGtkBox *box;

  if (layout == NULL || layout->n_nodes == 0 || width < MIN_SIZE || height < MIN_SIZE)
    return;
  gten_gtk_graph_view_fit_now (self);
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
  gten_gtk_graph_view_fit_now (self);
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

/* -- the picture ------------------------------------------------------------------------------- */

void
gten_gtk_graph_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtenGtkGraphView *self = GTEN_GTK_GRAPH_VIEW (widget);

  if (self->camera.zoom == 0)
    gten_gtk_graph_view_show_first (self);
  else if (self->fitted)
    gten_gtk_graph_view_fit_now (self);
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

void
gten_gtk_graph_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
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

gboolean
gten_gtk_graph_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
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
