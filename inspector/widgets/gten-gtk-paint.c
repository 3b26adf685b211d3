/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Three pictures by size of a node on the screen: below DENSITY pixels only where nodes are and
 * what state prevails there; below LABELS boxes and lines; above it cards, with more in them the
 * larger they are. */
#include "gten-gtk-paint-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define DENSITY     3.0     /* height of a node in pixels */
#define LABELS      12.0
#define TITLES      0.38    /* zoom from which a title can be read */
#define DETAILS     0.62    /* zoom from which everything can */
#define RADIUS      8.0
#define THUMB       32.0
#define DIMMED      0.65
#define GLOW        14.0    /* what is drawn around a box */

typedef struct
{
  cairo_t              *cr;
  GtenGtkGraph         *graph;
  const GtenGtkLayout  *layout;
  const GtenGtkView    *view;
  const GtenGtkPalette *palette;
  GArray               *labels;
  gboolean              is_dimmed;
  GArray               *nodes;          /* what is visible */
  GArray               *edges;
} Painter;

gboolean
gten_gtk_shows_values (double zoom)
{
  return zoom >= DETAILS;
}

gboolean
gten_gtk_shows_density (double zoom)
{
  return GTEN_GTK_NODE_HEIGHT * zoom < DENSITY;
}

/* -- pieces ------------------------------------------------------------------------------------ */

static void
rounded_box (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI / 2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI / 2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI / 2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, G_PI * 3 / 2);
  cairo_close_path (cr);
}

/* Of what stands back, too. */
static void
draw_text (Painter *self, const char *text, GtenGtkLabelStyle style, GtenGtkColor color, double x, double y, double width,
           double align)
{
  if (self->is_dimmed)
    color = gten_gtk_color_mix (color, self->palette->canvas, DIMMED);
  gten_gtk_labels_add (self->labels, text, style, color, x, y, width, align);
}

/* -- what a box stands for ---------------------------------------------------------------------- */

static guint
node_of (const Painter *self, guint box)
{
  return self->view->arrangement != NULL ? self->view->arrangement->node[box] : box;
}

static guint
edge_of (const Painter *self, guint route)
{
  return self->view->arrangement != NULL ? self->view->arrangement->edge[route] : route;
}

static gboolean
is_group (const Painter *self, guint box)
{
  return self->view->arrangement != NULL && self->view->arrangement->n_nodes[box] > 1;
}

static GtenGtkState
get_state (const Painter *self, guint node)
{
  return self->graph->states[node];
}

/* Of a group: done when all of it is, running when a node of it is, pending when nothing has come. */
static GtenGtkState
get_box_state (const Painter *self, guint box, guint *n_done)
{
  const GtenGtkArrangement *arrangement = self->view->arrangement;
  guint n = arrangement->n_nodes[box], n_begun = 0, count = 0;
  gboolean running = FALSE;

  *n_done = 0;
  for (guint k = arrangement->node[box]; count < n; k++)
    {
      GtenGtkState state;

      if (arrangement->item[k] != box)
        continue;
      state = get_state (self, k);
      count++;
      *n_done += state >= GTEN_GTK_STATE_DONE;
      n_begun += state >= GTEN_GTK_STATE_PARTIAL;
      running |= state == GTEN_GTK_STATE_RUNNING;
    }
  return running ? GTEN_GTK_STATE_RUNNING : *n_done == n ? GTEN_GTK_STATE_DONE
         : n_begun > 0 ? GTEN_GTK_STATE_PARTIAL : GTEN_GTK_STATE_PENDING;
}

static GtenGtkState
get_state_of (const Painter *self, guint box)
{
  guint n_done;

  return is_group (self, box) ? get_box_state (self, box, &n_done) : get_state (self, node_of (self, box));
}

static gboolean
has_member (const Painter *self, GtkBitset *nodes, guint box)
{
  guint node = node_of (self, box);

  if (nodes == NULL)
    return FALSE;
  if (!is_group (self, box))
    return gtk_bitset_contains (nodes, node);
  return gtk_bitset_get_size_in_range (nodes, node, node + self->view->arrangement->n_nodes[box] - 1) > 0;
}

/* -- nodes ------------------------------------------------------------------------------------- */

static gboolean
is_known (GtenGtkState state)
{
  return state == GTEN_GTK_STATE_READY || state == GTEN_GTK_STATE_RUNNING
         || state == GTEN_GTK_STATE_DONE;
}

static gboolean
is_scalar (GtenGtkTensor *tensor)
{
  return gten_gtk_tensor_get_n_rows (tensor) == 1 && gten_gtk_tensor_get_n_columns (tensor) == 1;
}

/* A tensor in a card: a number for a scalar, else its norm, and a picture of it where its elements
 * are here; words while it is not known. */
static void
draw_tensor (Painter *self, GtenGtkTensor *tensor, gboolean known, const char *label, const char *unknown, GtenGtkColor color,
             double x, double y, double width)
{
  GtenGtkStatistics s;
  gboolean has_values = known && gten_gtk_tensor_get_values (tensor) != NULL;
  gboolean has_statistics = known && gten_gtk_tensor_get_statistics (tensor, &s) && s.n_values > 0;
  g_autofree char *number = NULL;
  g_autofree char *norm_label = g_strdup_printf ("‖%s‖", label);
  double text_x = x + THUMB + 6, text_width = width - THUMB - 6;

  if (has_values && is_scalar (tensor))
    {
      number = gten_gtk_tensor_format_value (tensor, 0);
      draw_text (self, label, GTEN_GTK_LABEL_SMALL, self->palette->dim, x, y + 6, width, 0);
      draw_text (self, number, GTEN_GTK_LABEL_NUMBER, color, x, y + 22, width, 0);
      return;
    }
  if (has_values || !has_statistics)
    gten_gtk_paint_thumb (self->cr, tensor, has_values, x, y, THUMB, self->palette);
  else
    {
      text_x = x;
      text_width = width;
    }
  draw_text (self, has_statistics ? norm_label : label, GTEN_GTK_LABEL_SMALL, self->palette->dim, text_x, y + 8, text_width, 0);
  if (!has_statistics)
    {
      if (unknown != NULL)
        draw_text (self, unknown, GTEN_GTK_LABEL_SMALL, self->palette->dim, text_x, y + 22, text_width, 0);
      return;
    }
  number = gten_gtk_format_number (s.norm);
  draw_text (self, s.n_nan + s.n_infinite > 0 ? (s.n_nan > 0 ? "NaN" : "∞") : number, GTEN_GTK_LABEL_NORMAL,
             s.n_nan + s.n_infinite > 0 ? self->palette->nan : color, text_x, y + 22, text_width, 0);
}

static void
draw_card (Painter *self, guint index)
{
  const GtenGtkBox *box = &self->layout->boxes[index];
  GtenGtkNode *node = gten_gtk_graph_get_node (self->graph, node_of (self, index));
  const GtenGtkPalette *palette = self->palette;
  gboolean is_chip = self->layout->is_chip[index], is_marked = has_member (self, self->view->marked, index);
  double radius = is_chip ? box->height / 2 : RADIUS;
  GtenGtkState state = get_state_of (self, index);
  GtenGtkColor color = palette->states[state];
  gboolean is_waiting = state == GTEN_GTK_STATE_PENDING || state == GTEN_GTK_STATE_NOT_NEEDED;
  static const double dashes[] = { 4, 3 };
  cairo_t *cr = self->cr;

  if (state == GTEN_GTK_STATE_RUNNING)
    for (int ring = 4; ring > 0; ring--)
      {
        rounded_box (cr, box->x - ring * 3, box->y - ring * 3, box->width + ring * 6,
                     box->height + ring * 6, radius + ring * 3);
        gten_gtk_set_color (cr, color, 0.11);
        cairo_fill (cr);
      }
  if (is_marked || self->view->producer == node_of (self, index))
    {
      rounded_box (cr, box->x - 7, box->y - 7, box->width + 14, box->height + 14, radius + 7);
      gten_gtk_set_color (cr, is_marked ? palette->states[GTEN_GTK_STATE_PARTIAL] : palette->nan, 0.5);
      cairo_set_line_width (cr, 6);
      cairo_stroke (cr);
    }
  for (int i = is_group (self, index) ? 2 : 0; i > 0; i--)
    {
      rounded_box (cr, box->x + 5 * i, box->y - 5 * i, box->width, box->height, radius);
      gten_gtk_set_color (cr, palette->card, 1);
      cairo_fill_preserve (cr);
      gten_gtk_set_color (cr, palette->border, 1);
      cairo_set_line_width (cr, 1.2);
      cairo_stroke (cr);
    }
  if (index == self->view->selected)
    {
      rounded_box (cr, box->x - 4, box->y - 4, box->width + 8, box->height + 8, radius + 4);
      gten_gtk_set_color (cr, palette->selection, 1);
      cairo_set_line_width (cr, 2.5);
      cairo_stroke (cr);
    }
  rounded_box (cr, box->x, box->y, box->width, box->height, radius);
  gten_gtk_set_color (cr, palette->card, 1);
  cairo_fill_preserve (cr);
  if (state == GTEN_GTK_STATE_DONE || state == GTEN_GTK_STATE_RUNNING)
    {
      gten_gtk_set_color (cr, color, state == GTEN_GTK_STATE_DONE ? 0.08 : 0.14);
      cairo_fill_preserve (cr);
    }
  if (index == self->view->hovered)
    {
      gten_gtk_set_color (cr, palette->text, 0.04);
      cairo_fill_preserve (cr);
    }
  gten_gtk_set_color (cr, is_waiting ? palette->border : color, 1);
  cairo_set_line_width (cr, state == GTEN_GTK_STATE_RUNNING ? 2.5 : is_waiting ? 1.2 : 1.6);
  if (is_waiting)
    cairo_set_dash (cr, dashes, 2, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  if (gten_gtk_node_get_breakpoint (node))
    {
      cairo_arc (cr, box->x + 2, box->y + 2, 6.5, 0, 2 * G_PI);
      gten_gtk_set_color (cr, palette->breakpoint, 1);
      cairo_fill_preserve (cr);
      gten_gtk_set_color (cr, palette->card, 1);
      cairo_set_line_width (cr, 1.5);
      cairo_stroke (cr);
    }
}

static void
draw_group (Painter *self, guint index)
{
  const GtenGtkBox *box = &self->layout->boxes[index];
  const GtenGtkPalette *palette = self->palette;
  const GtenGtkArrangement *arrangement = self->view->arrangement;
  GtenGtkNode *first = gten_gtk_graph_get_node (self->graph, arrangement->node[index]);
  const char *function = NULL;
  gsize length;
  guint line;
  guint n_repeats = arrangement->n_repeats[index], n = arrangement->n_nodes[index], n_done;
  GtenGtkState state = get_box_state (self, index, &n_done);
  gboolean details = self->view->zoom >= DETAILS;
  double middle = box->y + box->height / 2, part = (double) n_done / n;
  gboolean known = gten_inspect_read_site (gten_gtk_node_get_site (first), &length, &line, &function) && function != NULL;
  g_autofree char *title = n_repeats > 1 ? g_strdup_printf (_ ("%u × %u nodes"), n_repeats, n / n_repeats)
                                         : g_strdup (known ? function : _ ("Folded"));
  g_autofree char *words = n_repeats > 1 ? g_strdup_printf (_ ("from %s"), gten_gtk_node_get_name (first))
                                         : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u node from %s", "%u nodes from %s", n), n, gten_gtk_node_get_name (first));
  g_autofree char *progress = g_strdup_printf (_ ("%u of %u have run"), n_done, n);

  draw_text (self, title, GTEN_GTK_LABEL_TITLE, palette->text, box->x + 12, details ? box->y + 16 : middle, box->width - 44, 0);
  gten_gtk_paint_state (self->cr, state, part, box->x + box->width - 16, details ? box->y + 16 : middle, 6.5, palette);
  if (!details)
    return;
  draw_text (self, words, GTEN_GTK_LABEL_SMALL, palette->dim, box->x + 12, box->y + 34, box->width - 24, 0);
  draw_text (self, progress, GTEN_GTK_LABEL_SMALL, palette->dim, box->x + 12, box->y + 56, box->width - 24, 0);
  rounded_box (self->cr, box->x + 12, box->y + 70, box->width - 24, 8, 4);
  gten_gtk_set_color (self->cr, palette->hatch, 1);
  cairo_fill (self->cr);
  if (n_done == 0)
    return;
  rounded_box (self->cr, box->x + 12, box->y + 70, MAX (8, (box->width - 24) * part), 8, 4);
  gten_gtk_set_color (self->cr, palette->states[GTEN_GTK_STATE_DONE], 1);
  cairo_fill (self->cr);
}

static void
draw_contents (Painter *self, guint index)
{
  const GtenGtkBox *box = &self->layout->boxes[index];
  GtenGtkNode *node = gten_gtk_graph_get_node (self->graph, node_of (self, index));
  GtenGtkTensor *value = gten_gtk_node_get_value (node), *gradient = gten_gtk_node_get_gradient (node);
  const GtenGtkPalette *palette = self->palette;
  gboolean details = self->view->zoom >= DETAILS;
  guint n_arrived, n_expected;
  GtenGtkState state = gten_gtk_node_get_state (node, &n_arrived, &n_expected);
  g_autofree char *words = gten_gtk_node_describe_state (node);
  g_autofree char *description = gradient != NULL ? gten_gtk_tensor_describe (gradient) : g_strdup ("");
  g_autofree char *number = g_strdup_printf ("%u", gten_gtk_node_get_index (node) + 1);
  double part = n_expected > 0 ? (double) n_arrived / n_expected : 0;
  double middle = box->y + box->height / 2;

  if (self->layout->is_chip[index])
    {
      g_autofree char *shape = NULL;
      g_autofree char *norm = NULL;
      g_autofree char *words_of_chip = NULL;

      g_object_get (node, "shape", &shape, "norm-text", &norm, NULL);
      draw_text (self, shape, GTEN_GTK_LABEL_TITLE, palette->text, box->x + 44, details ? middle - 7 : middle,
                 box->width - 44 - 24, 0);
      gten_gtk_paint_state (self->cr, state, part, box->x + box->width - 15, middle, 6, palette);
      if (!details)
        return;
      /* Picture and number are of one tensor. */
      if (gradient != NULL && is_known (state) && gten_gtk_tensor_get_values (gradient) != NULL)
        gten_gtk_paint_thumb (self->cr, gradient, TRUE, box->x + 12, middle - 12, 24, palette);
      else if (value != NULL && !(is_known (state) && *norm != '\0'))
        gten_gtk_paint_thumb (self->cr, value, TRUE, box->x + 12, middle - 12, 24, palette);
      words_of_chip = is_known (state) && *norm != '\0' ? g_strdup_printf ("‖%s‖ %s", _ ("gradient"), norm) : g_strdup (words);
      draw_text (self, words_of_chip, GTEN_GTK_LABEL_SMALL,
                 is_known (state) ? palette->states[GTEN_GTK_STATE_DONE] : palette->dim, box->x + 44, middle + 8,
                 box->width - 44 - 24, 0);
      return;
    }
  draw_text (self, gten_gtk_node_get_name (node), GTEN_GTK_LABEL_TITLE, palette->text, box->x + 12, details ? box->y + 16 : middle,
             box->width - 44, 0);
  gten_gtk_paint_state (self->cr, state, part, box->x + box->width - 16,
                        details ? box->y + 16 : middle, 6.5, palette);
  if (!details)
    return;
  draw_text (self, description, GTEN_GTK_LABEL_SMALL, palette->dim, box->x + 12, box->y + 32, box->width - 60, 0);
  draw_text (self, number, GTEN_GTK_LABEL_SMALL, palette->dim, box->x + box->width - 16, box->y + 32, 30, 0.5);
  if (gradient == NULL)
    return;
  draw_tensor (self, value, TRUE, _ ("value"), _ ("not kept"), palette->text, box->x + 12, box->y + 50, 92);
  draw_tensor (self, gradient, is_known (state), _ ("gradient"), words, palette->states[state],
               box->x + 112, box->y + 50, 92);
}

/* -- edges ------------------------------------------------------------------------------------- */

/* A polyline with its corners rounded. */
static void
trace_route (cairo_t *cr, const GtenGtkRoute *route, double radius)
{
  float corners[6][2];
  guint n = gten_gtk_route_corners (route, corners);

  cairo_move_to (cr, corners[0][0], corners[0][1]);
  for (guint i = 1; i + 1 < n; i++)
    {
      double in_x = corners[i][0] - corners[i - 1][0], in_y = corners[i][1] - corners[i - 1][1];
      double out_x = corners[i + 1][0] - corners[i][0], out_y = corners[i + 1][1] - corners[i][1];
      double in = fabs (in_x) + fabs (in_y), out = fabs (out_x) + fabs (out_y);
      double r = MIN (radius, MIN (in, out) / 2);

      if (r < 0.5)
        {
          cairo_line_to (cr, corners[i][0], corners[i][1]);
          continue;
        }
      cairo_line_to (cr, corners[i][0] - in_x / in * r, corners[i][1] - in_y / in * r);
      cairo_curve_to (cr, corners[i][0] - in_x / in * r * 0.45, corners[i][1] - in_y / in * r * 0.45,
                      corners[i][0] + out_x / out * r * 0.45, corners[i][1] + out_y / out * r * 0.45,
                      corners[i][0] + out_x / out * r, corners[i][1] + out_y / out * r);
    }
  cairo_line_to (cr, corners[n - 1][0], corners[n - 1][1]);
}

static void
draw_arrow (cairo_t *cr, double x, double y, double dx, double dy)
{
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x - dx * 7 - dy * 4, y - dy * 7 - dx * 4);
  cairo_line_to (cr, x - dx * 7 + dy * 4, y - dy * 7 + dx * 4);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* Values flow down an edge before the pass has come by; from then on the gradient has flowed up. */
static void
draw_edges (Painter *self, gboolean flowed)
{
  cairo_t *cr = self->cr;
  double zoom = self->view->zoom;
  gboolean arrows = zoom * GTEN_GTK_NODE_HEIGHT >= 2 * LABELS;
  GtenGtkColor color = flowed ? self->palette->states[GTEN_GTK_STATE_DONE] : self->palette->edge;
  gboolean any = FALSE;

  cairo_set_line_width (cr, MAX (flowed ? 2.0 : 1.3, 0.8 / zoom));
  gten_gtk_set_color (cr, color, 1);
  for (guint i = 0; i < self->edges->len; i++)
    {
      guint e = g_array_index (self->edges, guint, i);
      const GtenGtkRoute *route = &self->layout->routes[e];

      if ((get_state (self, self->graph->user[edge_of (self, e)]) >= GTEN_GTK_STATE_DONE) != flowed)
        continue;
      if (!arrows)
        {
          trace_route (cr, route, 0);
          any = TRUE;
          continue;
        }
      trace_route (cr, route, 7);
      cairo_stroke (cr);
      if (route->kind == GTEN_GTK_ROUTE_CHIP)
        draw_arrow (cr, flowed ? route->x0 : route->x1, flowed ? route->y0 : route->y1,
                    flowed ? -1 : 1, 0);
      else
        draw_arrow (cr, flowed ? route->x0 : route->x1, flowed ? route->y0 : route->y1, 0,
                    flowed ? -1 : 1);
      if (zoom >= DETAILS && route->n_merged > 1)
        {
          g_autofree char *text = g_strdup_printf ("× %u", route->n_merged);

          draw_text (self, text, GTEN_GTK_LABEL_SMALL, self->palette->dim, route->x1 + 8, route->y1 - 8,
                     GTEN_GTK_NODE_WIDTH, 0);
          gten_gtk_set_color (cr, color, 1);
        }
    }
  if (any)
    cairo_stroke (cr);
}

/* The shape of what flows along the edges below a node. */
static void
draw_edge_label (Painter *self, guint index)
{
  const GtenGtkBox *box = &self->layout->boxes[index];
  g_autofree char *shape = NULL;

  if (index == 0 || self->layout->is_chip[index] || is_group (self, index))
    return;
  g_object_get (gten_gtk_graph_get_node (self->graph, node_of (self, index)), "shape", &shape, NULL);
  draw_text (self, shape, GTEN_GTK_LABEL_SMALL, self->palette->dim, box->x + box->width / 2 + 8,
             box->y + box->height + 9, box->width / 2, 0);
}

/* -- the whole --------------------------------------------------------------------------------- */

/* Where nodes are, and in which state most of them: one pass over the nodes, one image. */
static void
draw_density (Painter *self)
{
  const guint cell = 2;
  const GtenGtkView *view = self->view;
  guint across = ceil (view->width / cell), down = ceil (view->height / cell);
  g_autofree guint16 *counts = g_new0 (guint16, (gsize) across * down * 2);
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, across, down);
  guint32 *pixels = (guint32 *) cairo_image_surface_get_data (image);
  guint stride = cairo_image_surface_get_stride (image) / 4;

  for (guint k = 0; k < self->nodes->len; k++)
    {
      guint i = g_array_index (self->nodes, guint, k);
      const GtenGtkBox *box = &self->layout->boxes[i];
      double x = (box->x + box->width / 2 - view->x) * view->zoom / cell, y = (box->y + box->height / 2 - view->y) * view->zoom / cell;
      guint16 *count;

      if (x < 0 || y < 0 || x >= across || y >= down)
        continue;
      count = &counts[((guint) y * across + (guint) x) * 2];
      count[0] += count[0] < G_MAXUINT16;
      if (get_state (self, node_of (self, i)) >= GTEN_GTK_STATE_DONE)
        count[1] += count[1] < G_MAXUINT16;
    }
  for (guint y = 0; y < down; y++)
    for (guint x = 0; x < across; x++)
      {
        const guint16 *count = &counts[(y * across + x) * 2];
        GtenGtkColor color = self->palette->states[2 * count[1] > count[0] ? GTEN_GTK_STATE_DONE : GTEN_GTK_STATE_PENDING];
        guint32 alpha = count[0] == 0 ? 0 : MIN (130 + 25 * count[0], 255), pixel = alpha << 24;

        for (int shift = 0; shift <= 16; shift += 8)
          pixel |= (color >> shift & 255) * alpha / 255 << shift;
        pixels[y * stride + x] = pixel;
      }
  cairo_surface_mark_dirty (image);
  cairo_scale (self->cr, cell, cell);
  cairo_set_source_surface (self->cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (self->cr), CAIRO_FILTER_NEAREST);
  cairo_paint (self->cr);
  cairo_surface_destroy (image);
}

/* Boxes of one colour are one path. */
static void
draw_boxes (Painter *self)
{
  for (guint state = 0; state <= GTEN_GTK_STATE_FREED; state++)
    {
      for (guint i = 0; i < self->nodes->len; i++)
        {
          guint node = g_array_index (self->nodes, guint, i);
          const GtenGtkBox *box = &self->layout->boxes[node];

          if (get_state_of (self, node) == state && !has_member (self, self->view->marked, node))
            cairo_rectangle (self->cr, box->x, box->y, box->width, box->height);
        }
      gten_gtk_set_color (self->cr, self->palette->states[state], 1);
      cairo_fill (self->cr);
    }
  for (guint i = 0; self->view->marked != NULL && i < self->nodes->len; i++)
    {
      guint node = g_array_index (self->nodes, guint, i);
      const GtenGtkBox *box = &self->layout->boxes[node];

      if (has_member (self, self->view->marked, node))
        cairo_rectangle (self->cr, box->x, box->y, box->width, box->height);
    }
  gten_gtk_set_color (self->cr, self->palette->selection, 1);
  cairo_fill (self->cr);
}

static void
draw_cards (Painter *self)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      guint node = g_array_index (self->nodes, guint, i);

      self->is_dimmed = has_member (self, self->view->dimmed, node) && node != self->view->selected && node != self->view->hovered;
      draw_card (self, node);
      if (self->view->zoom >= TITLES && is_group (self, node))
        draw_group (self, node);
      else if (self->view->zoom >= TITLES)
        draw_contents (self, node);
      if (self->is_dimmed)
        {
          const GtenGtkBox *box = &self->layout->boxes[node];

          cairo_rectangle (self->cr, box->x - 2, box->y - 2, box->width + 4, box->height + 4);
          gten_gtk_set_color (self->cr, self->palette->canvas, DIMMED);
          cairo_fill (self->cr);
        }
      if (self->view->zoom >= DETAILS)
        draw_edge_label (self, node);
      self->is_dimmed = FALSE;
    }
}

void
gten_gtk_find_visible (const GtenGtkLayout *layout, const GtenGtkView *view, GArray *nodes, GArray *edges)
{
  GtenGtkExtent area = { view->x - GLOW, view->y - GLOW, view->x + view->width / view->zoom + GLOW,
                         view->y + view->height / view->zoom + GLOW };

  gten_gtk_layout_find (layout, &area, nodes, edges);
}

void
gten_gtk_paint_graph (cairo_t *cr, GtenGtkGraph *graph, const GtenGtkLayout *layout,
                      const GtenGtkView *view)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) labels = view->labels != NULL ? g_array_ref (view->labels) : gten_gtk_labels_new ();
  Painter self = { .cr = cr, .graph = graph, .layout = layout, .view = view, .palette = view->palette, .labels = labels,
                   .nodes = nodes, .edges = edges };

  gten_gtk_set_color (cr, view->palette->canvas, 1);
  cairo_rectangle (cr, 0, 0, view->width, view->height);
  cairo_fill (cr);
  if (layout == NULL)
    return;
  cairo_save (cr);
  if (gten_gtk_shows_density (view->zoom))
    {
      gten_gtk_find_visible (layout, view, nodes, NULL);
      draw_density (&self);
    }
  else
    {
      gten_gtk_find_visible (layout, view, nodes, edges);
      cairo_scale (cr, view->zoom, view->zoom);
      cairo_translate (cr, -view->x, -view->y);
      draw_edges (&self, FALSE);
      draw_edges (&self, TRUE);
      if (GTEN_GTK_NODE_HEIGHT * view->zoom < LABELS)
        draw_boxes (&self);
      else
        draw_cards (&self);
      if (view->labels == NULL)
        gten_gtk_labels_draw (labels, cr);
    }
  cairo_restore (cr);
}

guint
gten_gtk_pick_node (const GtenGtkLayout *layout, double x, double y)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  GtenGtkExtent point = { x, y, x, y };

  gten_gtk_layout_find (layout, &point, nodes, NULL);
  return nodes->len > 0 ? g_array_index (nodes, guint, 0) : GTEN_GTK_NO_NODE;
}
