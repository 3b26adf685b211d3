/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Right-angled lines between rows. Runs across share a track where they belong to one net, the
 * edges of an input or, where a node has many inputs, the edges into it. An edge over several rows
 * takes one straight lane: between nodes where it finds room nearby, else at the side of what it
 * passes. */
#include "gten-gtk-route-private.h"

#include <math.h>

#define CHIP_SPACING      8
#define ROW_GAP           38
#define TRACK_GAP         9
#define LANE_GAP          14
#define MARGIN            28
#define MAX_TRACKS        24     /* between two rows; more share */
#define MAX_SEARCH        32     /* rows over which a lane between nodes is looked for */
#define MAX_DETOUR        1024   /* rows whose extent a lane at the side respects */
#define PORT_GAP          18

/* One run across between two rows. */
typedef struct
{
  guint gap;              /* below this row */
  guint net;              /* what may share the run: an input, or n_nodes + a user with many inputs */
  float left, right;
  float y;
} Run;

/* -- lanes ------------------------------------------------------------------------------------- */

/* The first of a row's lanes, which are sorted, that lies at x or to its right. */
static guint
find_lane (const GArray *lanes, float x)
{
  guint low = 0, high = lanes->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (lanes, float, middle) < x)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Whether no lane is near x; else where there is room on either side. */
static gboolean
is_between_lanes (const GArray *lanes, float x, float *pass_left, float *pass_right)
{
  guint right = lanes != NULL ? find_lane (lanes, x) : 0, left = right;

  *pass_left = *pass_right = x;
  while (lanes != NULL && right < lanes->len && g_array_index (lanes, float, right) < *pass_right + TRACK_GAP)
    *pass_right = g_array_index (lanes, float, right++) + TRACK_GAP;
  while (left > 0 && g_array_index (lanes, float, left - 1) > *pass_left - TRACK_GAP)
    *pass_left = g_array_index (lanes, float, --left) - TRACK_GAP;
  if (*pass_left == x && *pass_right == x)
    return TRUE;
  /* A lane on one side only still has to be passed on the other. */
  if (*pass_left == x)
    *pass_left = g_array_index (lanes, float, find_lane (lanes, x)) - TRACK_GAP;
  if (*pass_right == x)
    *pass_right = g_array_index (lanes, float, find_lane (lanes, x) - 1) + TRACK_GAP;
  return FALSE;
}

/* Whether a line down at x meets nothing in a row; else where to pass on either side. */
static gboolean
is_free (const GtenGtkRows *self, guint r, float x, float *pass_left, float *pass_right)
{
  guint low = self->row_begin[r], high = self->row_begin[r + 1];
  float half = GTEN_GTK_NODE_WIDTH / 2.0f;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (self->x[self->order[middle]] + half + LANE_GAP <= x)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < self->row_begin[r + 1])
    {
      guint node = self->order[low];

      *pass_left = self->x[node] - self->left[node] - LANE_GAP;
      *pass_right = self->x[node] + half + LANE_GAP;
      if (x > *pass_left)
        return FALSE;
    }
  return is_between_lanes (self->row_lanes[r], x, pass_left, pass_right);
}

/* The first x from `from` on in one direction that is free in all rows of a range, or INFINITY if
 * that is not nearer than `limit`. */
static float
find_free (const GtenGtkRows *self, guint first, guint last, float from, gboolean to_right,
           float limit)
{
  float x = from;

  for (guint attempt = 0; attempt < 4 * MAX_SEARCH; attempt++)
    {
      gboolean moved = FALSE;

      for (guint r = first; r <= last; r++)
        {
          float pass_left, pass_right;

          if (is_free (self, r, x, &pass_left, &pass_right))
            continue;
          x = to_right ? pass_right : pass_left;
          if (fabsf (x - from) >= limit)
            return INFINITY;
          moved = TRUE;
        }
      if (!moved)
        return x;
    }
  return INFINITY;
}

static void
take_lane (GtenGtkRows *self, guint first, guint last, float x)
{
  for (guint r = first; r <= last; r++)
    {
      if (self->row_lanes[r] == NULL)
        self->row_lanes[r] = g_array_new (FALSE, FALSE, sizeof (float));
      g_array_insert_val (self->row_lanes[r], find_lane (self->row_lanes[r], x), x);
      self->row_right[r] = MAX (self->row_right[r], x);
    }
}

static float
choose_lane (GtenGtkRows *self, float x, guint first, guint last, float *outside)
{
  float lane;

  if (last - first < MAX_SEARCH)
    {
      float to_right = find_free (self, first, last, x, TRUE, INFINITY);
      float to_left = to_right > x ? find_free (self, first, last, x, FALSE, to_right - x) : INFINITY;

      lane = isfinite (to_left) ? to_left : to_right;
      if (isfinite (lane))
        {
          take_lane (self, first, last, lane);
          return lane;
        }
    }
  if (last - first >= MAX_DETOUR)
    return *outside += TRACK_GAP;
  lane = self->row_right[first];
  for (guint r = first; r <= last; r++)
    lane = MAX (lane, self->row_right[r]);
  lane += TRACK_GAP;
  for (guint r = first; r <= last; r++)
    self->row_right[r] = lane;
  *outside = MAX (*outside, lane);
  return lane;
}

static void
assign_lanes (GtenGtkRows *self)
{
  float outside = -INFINITY;

  self->row_right = g_new (float, self->n_rows + 1);
  self->row_lanes = g_new0 (GArray *, self->n_rows + 1);
  for (guint r = 0; r < self->n_rows; r++)
    {
      self->row_right[r] = self->x[self->order[self->row_begin[r + 1] - 1]] + GTEN_GTK_NODE_WIDTH / 2.0f + LANE_GAP;
      outside = MAX (outside, self->row_right[r]);
    }
  for (guint i = 0; i < self->row_begin[self->n_rows]; i++)
    {
      guint n = self->order[i], lowest = self->row[n];
      float x = 0;

      for (guint k = self->out_begin[n]; k < self->out_begin[n + 1]; k++)
        {
          guint user = self->input->user[self->outs[k]];

          if (self->row[user] <= self->row[n] + 1)
            continue;
          self->layout->routes[self->outs[k]].kind = GTEN_GTK_ROUTE_LONG;
          if (self->row[user] > lowest)
            {
              lowest = self->row[user];
              x = self->x[user];
            }
        }
      if (lowest > self->row[n])
        self->lane[n] = choose_lane (self, (x + self->x[n]) / 2, self->row[n] + 1, lowest - 1,
                                     &outside);
    }
}

static inline float
chips_height (guint n_chips)
{
  return n_chips > 0 ? n_chips * (GTEN_GTK_CHIP_HEIGHT + CHIP_SPACING) - CHIP_SPACING : 0;
}

/* -- runs across ------------------------------------------------------------------------------- */

static guint
net_of (const GtenGtkRows *self, guint edge)
{
  guint user = self->input->user[edge];

  return self->in_begin[user + 1] - self->in_begin[user] > GTEN_GTK_FAN_IN ? self->n_nodes + user : self->input->input[edge];
}

/* Edges arrive straight from above where they can, in the order in which they come, and apart. */
static void
assign_ports (GtenGtkRows *self)
{
  const float half = GTEN_GTK_NODE_WIDTH / 2.0f - 20;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint n = 0; n < self->n_nodes; n++)
    {
      float gap, next = INFINITY;

      g_array_set_size (keys, 0);
      for (guint i = self->in_begin[n]; i < self->in_begin[n + 1]; i++)
        {
          GtenGtkRoute *route = &self->layout->routes[self->ins[i]];
          guint input = self->input->input[self->ins[i]];
          float x = route->kind == GTEN_GTK_ROUTE_LONG ? self->lane[input] : self->x[input];
          guint64 key = gten_gtk_sort_key (x, i);

          if (route->kind == GTEN_GTK_ROUTE_CHIP)
            continue;
          route->x1 = CLAMP (x, self->x[n] - half, self->x[n] + half);
          g_array_append_val (keys, key);
        }
      qsort (keys->data, keys->len, sizeof (guint64), gten_gtk_compare_keys);
      gap = keys->len > 1 ? MIN (PORT_GAP, 2 * half / (keys->len - 1)) : 0;
      for (guint k = 0; k < keys->len; k++)
        {
          float *x = &self->layout->routes[self->ins[(guint32) g_array_index (keys, guint64, k)]].x1;
          *x = MAX (*x, self->x[n] - half + k * gap);
        }
      for (guint k = keys->len; k > 0; k--)
        {
          float *x = &self->layout->routes[self->ins[(guint32) g_array_index (keys, guint64, k - 1)]].x1;
          *x = MIN (*x, next - gap);
          next = *x;
        }
    }
}

static int
compare_runs (gconstpointer a, gconstpointer b)
{
  const Run *x = a, *y = b;

  if (x->gap != y->gap)
    return x->gap < y->gap ? -1 : 1;
  if (x->net != y->net)
    return x->net < y->net ? -1 : 1;
  return 0;
}

static int
compare_runs_by_left (gconstpointer a, gconstpointer b)
{
  const Run *x = a, *y = b;

  if (x->left != y->left)
    return x->left < y->left ? -1 : 1;
  return x->net < y->net ? -1 : x->net > y->net;
}

/* Joins the runs of a net and gives those that would overlap tracks of their own. Returns the
 * number of tracks. */
static guint
assign_tracks (Run *runs, guint n)
{
  float ends[MAX_TRACKS];
  guint n_tracks = 0;

  qsort (runs, n, sizeof *runs, compare_runs_by_left);
  for (guint i = 0; i < n; i++)
    {
      guint track = 0;

      runs[i].y = 0;
      if (runs[i].right - runs[i].left < 1)
        continue;
      while (track < n_tracks && ends[track] + TRACK_GAP > runs[i].left)
        track++;
      if (track == MAX_TRACKS)
        track = runs[i].net % MAX_TRACKS;
      n_tracks = MAX (n_tracks, track + 1);
      ends[track] = runs[i].right;
      runs[i].y = track * TRACK_GAP;
    }
  return n_tracks;
}

static void
add_run (GArray *runs, guint gap, guint net, float a, float b)
{
  Run run = { gap, net, MIN (a, b), MAX (a, b), 0 };

  g_array_append_val (runs, run);
}

static float
run_height (GArray *runs, guint gap, guint net)
{
  Run key = { .gap = gap, .net = net };
  const Run *run = bsearch (&key, runs->data, runs->len, sizeof (Run), compare_runs);

  return run->y;
}

/* Rows get their heights from what stands in them and gaps from the tracks they hold. */
static void
place (GtenGtkRows *self)
{
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (Run));
  g_autofree float *row_y = g_new0 (float, self->n_rows + 1), *row_height = g_new0 (float, self->n_rows + 1);
  const GtenGtkLayoutInput *in = self->input;
  GtenGtkRoute *routes = self->layout->routes;
  float left = INFINITY, right = -INFINITY, y = MARGIN;
  guint n_runs = 0;

  for (guint e = 0; e < self->n_edges; e++)
    {
      guint input = in->input[e], upper, lower;

      if (routes[e].kind != GTEN_GTK_ROUTE_SHORT && routes[e].kind != GTEN_GTK_ROUTE_LONG)
        continue;
      upper = self->row[input];
      lower = self->row[in->user[e]] - 1;
      routes[e].x0 = self->x[input];
      if (routes[e].kind == GTEN_GTK_ROUTE_LONG)
        {
          routes[e].lane = self->lane[input];
          add_run (runs, upper, input, routes[e].x0, routes[e].lane);
          add_run (runs, lower, net_of (self, e), routes[e].lane, routes[e].x1);
          right = MAX (right, routes[e].lane);
          left = MIN (left, routes[e].lane);
        }
      else
        add_run (runs, upper, net_of (self, e), routes[e].x0, routes[e].x1);
    }
  qsort (runs->data, runs->len, sizeof (Run), compare_runs);
  for (guint i = 0; i < runs->len; i++)
    {
      Run *run = &g_array_index (runs, Run, i), *last = n_runs > 0 ? &g_array_index (runs, Run, n_runs - 1) : NULL;

      if (last != NULL && compare_runs (last, run) == 0)
        {
          last->left = MIN (last->left, run->left);
          last->right = MAX (last->right, run->right);
        }
      else
        g_array_index (runs, Run, n_runs++) = *run;
    }
  g_array_set_size (runs, n_runs);

  for (guint r = 0, i = 0; r < self->n_rows; r++)
    {
      guint begin = i, n_tracks;

      row_height[r] = GTEN_GTK_NODE_HEIGHT;
      for (guint k = self->row_begin[r]; k < self->row_begin[r + 1]; k++)
        row_height[r] = MAX (row_height[r], chips_height (self->n_chips[self->order[k]]));
      row_y[r] = y;
      while (i < n_runs && g_array_index (runs, Run, i).gap == r)
        i++;
      n_tracks = assign_tracks (&g_array_index (runs, Run, begin), i - begin);
      for (guint k = begin; k < i; k++)
        g_array_index (runs, Run, k).y += y + row_height[r] + ROW_GAP / 2.0f;
      qsort (&g_array_index (runs, Run, begin), i - begin, sizeof (Run), compare_runs);
      y += row_height[r] + ROW_GAP + (n_tracks > 1 ? (n_tracks - 1) * TRACK_GAP : 0);
    }
  self->layout->height = self->n_rows > 0 ? y - ROW_GAP + MARGIN : 0;

  for (guint i = 0; i < self->row_begin[self->n_rows]; i++)
    {
      guint n = self->order[i];

      left = MIN (left, self->x[n] - self->left[n]);
      right = MAX (right, self->x[n] + GTEN_GTK_NODE_WIDTH / 2.0f);
    }
  left -= MARGIN;
  self->layout->width = self->n_rows > 0 ? right - left + MARGIN : 0;

  for (guint i = 0; i < self->row_begin[self->n_rows]; i++)
    {
      guint n = self->order[i], r = self->row[n], n_chips = self->n_chips[n], chip = 0;
      float middle = roundf (row_y[r] + row_height[r] / 2), node_left = self->x[n] - GTEN_GTK_NODE_WIDTH / 2.0f - left;
      float chip_y = middle - chips_height (n_chips) / 2;

      self->layout->boxes[n] = (GtenGtkBox) { node_left, middle - GTEN_GTK_NODE_HEIGHT / 2, GTEN_GTK_NODE_WIDTH,
                                              GTEN_GTK_NODE_HEIGHT };
      for (guint k = self->in_begin[n]; k < self->in_begin[n + 1] && chip < n_chips; k++)
        {
          GtenGtkRoute *route = &routes[self->ins[k]];
          guint leaf = in->input[self->ins[k]];

          if (route->kind != GTEN_GTK_ROUTE_CHIP)
            continue;
          self->layout->boxes[leaf] = (GtenGtkBox) { node_left - GTEN_GTK_CHIP_GAP - GTEN_GTK_CHIP_WIDTH, chip_y,
                                                     GTEN_GTK_CHIP_WIDTH, GTEN_GTK_CHIP_HEIGHT };
          route->x0 = node_left - GTEN_GTK_CHIP_GAP;
          route->y0 = chip_y + GTEN_GTK_CHIP_HEIGHT / 2;
          route->x1 = node_left;
          route->y1 = CLAMP (route->y0, middle - GTEN_GTK_NODE_HEIGHT / 2 + 12,
                             middle + GTEN_GTK_NODE_HEIGHT / 2 - 12);
          route->lane = node_left - GTEN_GTK_CHIP_GAP / 2;
          chip_y += GTEN_GTK_CHIP_HEIGHT + CHIP_SPACING;
          chip++;
        }
    }
  for (guint e = 0; e < self->n_edges; e++)
    {
      GtenGtkRoute *route = &routes[e];
      guint upper, lower;

      if (route->kind != GTEN_GTK_ROUTE_SHORT && route->kind != GTEN_GTK_ROUTE_LONG)
        continue;
      upper = self->row[in->input[e]];
      lower = self->row[in->user[e]] - 1;
      if (route->kind == GTEN_GTK_ROUTE_LONG)
        {
          route->y_upper = run_height (runs, upper, in->input[e]);
          route->y_lower = run_height (runs, lower, net_of (self, e));
          route->lane -= left;
        }
      else
        route->y_upper = route->y_lower = run_height (runs, upper, net_of (self, e));
      route->x0 -= left;
      route->x1 -= left;
      route->y0 = self->layout->boxes[in->input[e]].y + GTEN_GTK_NODE_HEIGHT;
      route->y1 = self->layout->boxes[in->user[e]].y;
    }
}

void
gten_gtk_route_edges (GtenGtkRows *self)
{
  assign_lanes (self);
  assign_ports (self);
  place (self);
}

guint
gten_gtk_route_corners (const GtenGtkRoute *route, float points[6][2])
{
  guint n = 0;

#define CORNER(X, Y) (points[n][0] = (X), points[n][1] = (Y), n++)
  CORNER (route->x0, route->y0);
  switch (route->kind)
    {
    case GTEN_GTK_ROUTE_CHIP:
      CORNER (route->lane, route->y0);
      CORNER (route->lane, route->y1);
      break;
    case GTEN_GTK_ROUTE_LONG:
      CORNER (route->x0, route->y_upper);
      CORNER (route->lane, route->y_upper);
      CORNER (route->lane, route->y_lower);
      CORNER (route->x1, route->y_lower);
      break;
    default:
      CORNER (route->x0, route->y_upper);
      CORNER (route->x1, route->y_upper);
      break;
    }
  CORNER (route->x1, route->y1);
#undef CORNER
  return n;
}
