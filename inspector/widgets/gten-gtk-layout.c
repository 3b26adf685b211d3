/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Layered layout in linear passes, after Sugiyama, Tagawa and Toda (1981), without dummy nodes:
 *
 *   1. a row per node: one above the highest of its users (longest path from the loss);
 *   2. sweeps up and down the rows: a node wants the mean position of its neighbours on one side; the row is sorted by these
 *      wishes, and isotonic regression (pool adjacent violators) grants them as far as nodes do not overlap;
 *   3. routes: runs across share a track where they belong to one net, and an edge over several rows takes one straight lane.
 *
 * The number of sweeps depends on the size of the graph and never on a clock, so that a graph has one picture. */
#include "gten-gtk-route-private.h"

#include <string.h>

#define MAX_CHIPS         4      /* beside one user; more are rows of their own */
#define PORT_ROOM         60     /* between the first and the last place where edges would arrive */
#define MAX_SWEEPS        8
#define WORK              12000000
#define NOWHERE           (-1u)

static inline gboolean
is_drawn (const GtenGtkRows *self, guint edge)
{
  return self->layout->routes[edge].kind != GTEN_GTK_ROUTE_NONE;
}

/* Edge numbers grouped by key, each group in the order of edges. */
static void
group_edges (const GtenGtkRows *self, const guint32 *key, guint32 **edges, guint32 **begin)
{
  guint32 *at = g_new0 (guint32, self->n_nodes + 2), *list = g_new (guint32, MAX (self->n_edges, 1));

  for (guint e = 0; e < self->n_edges; e++)
    if (is_drawn (self, e))
      at[key[e] + 2]++;
  for (guint i = 2; i < self->n_nodes + 2; i++)
    at[i] += at[i - 1];
  for (guint e = 0; e < self->n_edges; e++)
    if (is_drawn (self, e))
      list[at[key[e] + 1]++] = e;
  *edges = list;
  *begin = at;
}

/* Edges between the same two nodes are drawn once. */
static void
merge_edges (GtenGtkRows *self)
{
  const guint32 *user = self->input->user, *input = self->input->input;
  g_autofree guint32 *first = g_new (guint32, MAX (self->n_nodes, 1));
  g_autofree guint32 *edges = NULL, *begin = NULL;

  for (guint e = 0; e < self->n_edges; e++)
    if (user[e] < input[e] && input[e] < self->n_nodes)
      self->layout->routes[e] = (GtenGtkRoute) { .kind = GTEN_GTK_ROUTE_SHORT, .n_merged = 1 };
  group_edges (self, user, &edges, &begin);
  memset (first, 0xff, sizeof *first * self->n_nodes);
  for (guint i = 0; i < begin[self->n_nodes]; i++)
    {
      guint e = edges[i], other = first[input[e]];

      if (other != NOWHERE && user[other] == user[e])
        {
          self->layout->routes[e].kind = GTEN_GTK_ROUTE_NONE;
          self->layout->routes[other].n_merged += self->layout->routes[other].n_merged < G_MAXUINT8;
        }
      else
        first[input[e]] = e;
    }
}

/* A chip is new with its user; what was one stays one. */
static gboolean
may_be_chip (const GtenGtkRows *self, guint leaf, guint user)
{
  if (!gten_gtk_is_new (self, leaf))
    return self->before->is_chip[self->node_before[leaf]];
  return gten_gtk_is_new (self, user) && self->input->is_leaf[leaf] && self->out_begin[leaf + 1] - self->out_begin[leaf] == 1;
}

static void
choose_chips (GtenGtkRows *self)
{
  guint8 *is_chip = self->layout->is_chip;

  for (guint n = 0; n < self->n_nodes; n++)
    {
      guint count = 0;

      for (guint i = self->in_begin[n]; i < self->in_begin[n + 1]; i++)
        count += may_be_chip (self, self->input->input[self->ins[i]], n);
      if (count == 0 || count > MAX_CHIPS)
        continue;
      for (guint i = self->in_begin[n]; i < self->in_begin[n + 1]; i++)
        {
          guint leaf = self->input->input[self->ins[i]];

          if (!may_be_chip (self, leaf, n))
            continue;
          is_chip[leaf] = TRUE;
          self->layout->routes[self->ins[i]].kind = GTEN_GTK_ROUTE_CHIP;
        }
      self->n_chips[n] = count;
    }
}

static void
assign_rows (GtenGtkRows *self)
{
  guint deepest = 0;

  for (guint n = 0; n < self->n_nodes; n++)
    for (guint i = self->in_begin[n]; i < self->in_begin[n + 1]; i++)
      {
        guint input = self->input->input[self->ins[i]];

        if (self->layout->is_chip[input])
          continue;
        self->row[input] = MAX (self->row[input], self->row[n] + 1);
        deepest = MAX (deepest, self->row[input]);
      }
  self->n_rows = self->n_nodes > 0 ? deepest + 1 : 0;
  self->row_begin = g_new0 (guint32, self->n_rows + 2);
  for (guint n = 0; n < self->n_nodes; n++)
    if (!self->layout->is_chip[n])
      {
        self->row[n] = deepest - self->row[n];
        self->row_begin[self->row[n] + 2]++;
      }
  for (guint r = 2; r < self->n_rows + 2; r++)
    self->row_begin[r] += self->row_begin[r - 1];
  for (guint n = 0; n < self->n_nodes; n++)
    if (!self->layout->is_chip[n])
      self->order[self->row_begin[self->row[n] + 1]++] = n;
}

static gboolean
is_adjacent (const GtenGtkRows *self, guint edge)
{
  guint input = self->input->input[edge];

  return self->layout->routes[edge].kind != GTEN_GTK_ROUTE_CHIP
         && self->row[input] + 1 == self->row[self->input->user[edge]];
}

/* Where an edge from the row above would best arrive, from the middle of its user's upper side:
 * inputs stand side by side in their order, edges from further away come in beside them. */
static float
wanted_port (const GtenGtkRows *self, guint edge)
{
  guint user = self->input->user[edge], port = 0, n = 0;

  if (self->in_begin[user + 1] - self->in_begin[user] > GTEN_GTK_FAN_IN)
    return 0;
  for (guint i = self->in_begin[user]; i < self->in_begin[user + 1]; i++)
    {
      if (self->ins[i] == edge)
        port = n;
      n += is_adjacent (self, self->ins[i]);
    }
  return n < 2 ? 0 : PORT_ROOM * ((float) port / (n - 1) - 0.5f);
}

/* The mean position of the neighbours above (inputs) and below (users), or where it stands. Of its
 * users those in the next row count alone, if there are any: a skip connection does not bend the
 * chain that it skips. */
static float
wish (const GtenGtkRows *self, guint n, gboolean above, gboolean below)
{
  double sum = 0, far = 0;
  guint count = 0, n_far = 0;

  if (above)
    for (guint i = self->in_begin[n]; i < self->in_begin[n + 1]; i++)
      if (is_adjacent (self, self->ins[i]))
        {
          sum += self->x[self->input->input[self->ins[i]]];
          count++;
        }
  if (below)
    for (guint i = self->out_begin[n]; i < self->out_begin[n + 1]; i++)
      {
        guint e = self->outs[i];
        float x = self->x[self->input->user[e]];

        if (is_adjacent (self, e))
          {
            sum += x + wanted_port (self, e);
            count++;
          }
        else
          {
            far += x;
            n_far++;
          }
      }
  return count > 0 ? sum / count : n_far > 0 ? far / n_far : self->x[n];
}

typedef struct
{
  guint64 *keys;
  float   *wishes;        /* in the row's order */
  double  *mean;          /* stack of pooled blocks */
  guint   *count;
} Scratch;

/* One row: sort by wishes if asked to, then the nearest positions without overlap. */
static void
settle_row (GtenGtkRows *self, guint r, gboolean above, gboolean below, gboolean reorder,
            Scratch *scratch)
{
  guint32 *nodes = self->order + self->row_begin[r];
  guint n = self->row_begin[r + 1] - self->row_begin[r], depth = 0, i = 0;
  double offset = 0;

  for (i = 0; i < n; i++)
    scratch->wishes[i] = wish (self, nodes[i], above, below);
  if (n == 1)
    {
      self->x[nodes[0]] = scratch->wishes[0];
      return;
    }
  if (reorder)
    {
      g_autofree guint32 *before = g_memdup2 (nodes, n * sizeof *nodes);
      g_autofree float *wishes = g_memdup2 (scratch->wishes, n * sizeof *wishes);

      for (i = 0; i < n; i++)
        scratch->keys[i] = gten_gtk_sort_key (wishes[i], i);
      qsort (scratch->keys, n, sizeof *scratch->keys, gten_gtk_compare_keys);
      for (i = 0; i < n; i++)
        {
          nodes[i] = before[(guint32) scratch->keys[i]];
          scratch->wishes[i] = wishes[(guint32) scratch->keys[i]];
        }
    }
  for (i = 0; i < n; i++)
    {
      if (i > 0)
        offset += GTEN_GTK_NODE_WIDTH / 2.0 + GTEN_GTK_NODE_GAP + self->left[nodes[i]];
      scratch->mean[depth] = scratch->wishes[i] - offset;
      scratch->count[depth++] = 1;
      while (depth > 1 && scratch->mean[depth - 2] >= scratch->mean[depth - 1])
        {
          guint a = scratch->count[depth - 2], b = scratch->count[depth - 1];

          scratch->mean[depth - 2] = (scratch->mean[depth - 2] * a + scratch->mean[depth - 1] * b) / (a + b);
          scratch->count[depth - 2] = a + b;
          depth--;
        }
    }
  offset = 0;
  i = 0;
  for (guint block = 0; block < depth; block++)
    for (guint k = 0; k < scratch->count[block]; k++, i++)
      {
        if (i > 0)
          offset += GTEN_GTK_NODE_WIDTH / 2.0 + GTEN_GTK_NODE_GAP + self->left[nodes[i]];
        self->x[nodes[i]] = scratch->mean[block] + offset;
      }
}

static gboolean
sweep (GtenGtkRows *self, GCancellable *cancellable)
{
  guint widest = 1, n_sweeps;
  Scratch scratch;
  gboolean finished = TRUE;

  for (guint r = 0; r < self->n_rows; r++)
    widest = MAX (widest, self->row_begin[r + 1] - self->row_begin[r]);
  n_sweeps = CLAMP (WORK / (2 * self->n_edges + self->n_nodes + 1), 3, MAX_SWEEPS);
  scratch.keys = g_new (guint64, widest);
  scratch.wishes = g_new (float, widest);
  scratch.mean = g_new (double, widest);
  scratch.count = g_new (guint, widest);
  for (guint s = 0; s < n_sweeps && finished; s++)
    {
      /* The last sweeps only straighten: one that looks both ways, and one up from the loss that
       * makes chains straight. */
      gboolean straighten = s + 2 >= n_sweeps, last = s + 1 == n_sweeps, up = last || s % 2 == 0;

      for (guint i = 0; i < self->n_rows && finished; i++)
        {
          settle_row (self, up ? self->n_rows - 1 - i : i, !up || (straighten && !last), up
                      || straighten, !straighten, &scratch);
          if (i % 256 == 255)
            finished = !g_cancellable_is_cancelled (cancellable);
        }
    }
  g_free (scratch.keys);
  g_free (scratch.wishes);
  g_free (scratch.mean);
  g_free (scratch.count);
  return finished && !g_cancellable_is_cancelled (cancellable);
}

static GtenGtkExtent
find_extent (const GtenGtkRoute *route)
{
  GtenGtkExtent extent = { MIN (route->x0, route->x1), MIN (route->y0, route->y1), MAX (route->x0, route->x1), MAX (route->y0, route->y1) };

  if (route->kind == GTEN_GTK_ROUTE_NONE)
    return (GtenGtkExtent) { 1, 1, 0, 0 };
  if (route->kind == GTEN_GTK_ROUTE_LONG)
    {
      extent.left = MIN (extent.left, route->lane);
      extent.right = MAX (extent.right, route->lane);
      extent.top = MIN (extent.top, route->y_lower);
      extent.bottom = MAX (extent.bottom, route->y_upper);
    }
  return extent;
}

static void
make_indices (GtenGtkLayout *self)
{
  g_autofree GtenGtkExtent *extents = g_new (GtenGtkExtent, MAX (self->n_nodes, self->n_edges) + 1);

  for (guint i = 0; i < self->n_nodes; i++)
    extents[i] = (GtenGtkExtent) { self->boxes[i].x, self->boxes[i].y, self->boxes[i].x + self->boxes[i].width,
                                   self->boxes[i].y + self->boxes[i].height };
  self->box_index = gten_gtk_index_new (extents, self->n_nodes);
  for (guint i = 0; i < self->n_edges; i++)
    extents[i] = find_extent (&self->routes[i]);
  self->route_index = gten_gtk_index_new (extents, self->n_edges);
}

/* What is seen whole is taken in the order of the graph, else in that of the index. */
void
gten_gtk_layout_find (const GtenGtkLayout *self, const GtenGtkExtent *area, GArray *boxes, GArray *routes)
{
  if (area->left <= self->left && area->top <= self->top && area->right >= self->left + self->width
      && area->bottom >= self->top + self->height)
    {
      for (guint i = 0; i < self->n_nodes; i++)
        g_array_append_val (boxes, i);
      for (guint i = 0; routes != NULL && i < self->n_edges; i++)
        if (self->routes[i].kind != GTEN_GTK_ROUTE_NONE)
          g_array_append_val (routes, i);
      return;
    }
  gten_gtk_index_find (self->box_index, area, boxes);
  if (routes != NULL)
    gten_gtk_index_find (self->route_index, area, routes);
}

static GtenGtkLayout *
lay_out (const GtenGtkLayoutInput *input, const GtenGtkLayout *before, const guint32 *node_before, GCancellable *cancellable)
{
  g_autoptr (GtenGtkLayout) layout = g_new0 (GtenGtkLayout, 1);
  guint n_nodes = input->n_nodes;
  GtenGtkRows self = { .input = input, .layout = layout, .before = before, .node_before = node_before, .n_nodes = n_nodes,
                       .n_edges = input->n_edges };
  gboolean finished;

  layout->n_nodes = n_nodes;
  layout->n_edges = input->n_edges;
  layout->boxes = g_new0 (GtenGtkBox, n_nodes + 1);
  layout->is_chip = g_new0 (guint8, n_nodes + 1);
  layout->routes = g_new0 (GtenGtkRoute, input->n_edges + 1);
  layout->row = self.row = g_new0 (guint32, n_nodes + 1);
  self.order = g_new (guint32, n_nodes + 1);
  self.x = g_new0 (float, n_nodes + 1);
  self.left = g_new (float, n_nodes + 1);
  self.lane = g_new0 (float, n_nodes + 1);
  self.n_chips = g_new0 (guint8, n_nodes + 1);

  merge_edges (&self);
  group_edges (&self, input->user, &self.ins, &self.in_begin);
  group_edges (&self, input->input, &self.outs, &self.out_begin);
  choose_chips (&self);
  for (guint n = 0; n < n_nodes; n++)
    self.left[n] = GTEN_GTK_NODE_WIDTH / 2.0f + (self.n_chips[n] > 0 ? GTEN_GTK_CHIP_GAP + GTEN_GTK_CHIP_WIDTH : 0);
  if (before != NULL)
    {
      gten_gtk_place_new_nodes (&self);
      finished = !g_cancellable_is_cancelled (cancellable);
    }
  else
    {
      assign_rows (&self);
      finished = sweep (&self, cancellable);
    }
  if (finished)
    {
      gten_gtk_route_edges (&self);
      layout->n_rows = self.n_rows;
      make_indices (layout);
    }

  for (guint r = 0; self.row_lanes != NULL && r < self.n_rows; r++)
    if (self.row_lanes[r] != NULL)
      g_array_unref (self.row_lanes[r]);
  g_free (self.row_lanes);
  g_free (self.row_right);
  g_free (self.row_begin);
  g_free (self.order);
  g_free (self.x);
  g_free (self.left);
  g_free (self.lane);
  g_free (self.lane_up);
  g_free (self.n_chips);
  g_free (self.ins);
  g_free (self.in_begin);
  g_free (self.outs);
  g_free (self.out_begin);
  return finished ? g_steal_pointer (&layout) : NULL;
}

GtenGtkLayout *
gten_gtk_layout_new (const GtenGtkLayoutInput *input, GCancellable *cancellable)
{
  return lay_out (input, NULL, NULL, cancellable);
}

GtenGtkLayout *
gten_gtk_layout_grow (const GtenGtkLayoutInput *input, const GtenGtkLayout *before, const guint32 *node_before,
                      GCancellable *cancellable)
{
  return lay_out (input, before, node_before, cancellable);
}

void
gten_gtk_layout_free (GtenGtkLayout *self)
{
  if (self == NULL)
    return;
  g_free (self->boxes);
  g_free (self->is_chip);
  g_free (self->row);
  g_free (self->row_y);
  g_free (self->row_height);
  g_free (self->routes);
  gten_gtk_index_free (self->box_index);
  gten_gtk_index_free (self->route_index);
  g_free (self);
}
