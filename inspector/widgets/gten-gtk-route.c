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
#define NO_ROW            (-1u)
#define NARROW            9      /* between a row and the tracks beside it where there is no more room */

/* One run across between two rows. */
typedef struct
{
  guint gap;              /* above this row */
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
      guint n = self->order[i], row = self->row[n], lowest = row, highest = NO_ROW;
      float x = 0, x_up = 0;

      for (guint k = self->out_begin[n]; k < self->out_begin[n + 1]; k++)
        {
          guint user = self->input->user[self->outs[k]];

          if (self->layout->routes[self->outs[k]].kind == GTEN_GTK_ROUTE_CHIP || self->row[user] == row + 1)
            continue;
          self->layout->routes[self->outs[k]].kind = GTEN_GTK_ROUTE_LONG;
          if (self->row[user] > lowest)
            {
              lowest = self->row[user];
              x = self->x[user];
            }
          if (self->row[user] <= row && self->row[user] < highest)
            {
              highest = self->row[user];
              x_up = self->x[user];
            }
        }
      if (lowest > row)
        self->lane[n] = choose_lane (self, (x + self->x[n]) / 2, row + 1, lowest - 1, &outside);
      if (highest != NO_ROW)
        self->lane_up[n] = choose_lane (self, (x_up + self->x[n]) / 2, highest, row, &outside);
    }
}

static inline float
lane_of (const GtenGtkRows *self, guint edge)
{
  guint input = self->input->input[edge];

  return self->row[self->input->user[edge]] > self->row[input] ? self->lane[input] : self->lane_up[input];
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
          float x = route->kind == GTEN_GTK_ROUTE_LONG ? lane_of (self, self->ins[i]) : self->x[input];
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

/* What runs across, a run per net and gap. */
static GArray *
collect_runs (GtenGtkRows *self, float *left, float *right)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (Run));
  const GtenGtkLayoutInput *in = self->input;
  guint n_runs = 0;

  for (guint e = 0; e < self->n_edges; e++)
    {
      GtenGtkRoute *route = &self->layout->routes[e];
      guint input = in->input[e];

      if (route->kind != GTEN_GTK_ROUTE_SHORT && route->kind != GTEN_GTK_ROUTE_LONG)
        continue;
      route->x0 = self->x[input];
      if (route->kind == GTEN_GTK_ROUTE_LONG)
        {
          route->lane = lane_of (self, e);
          add_run (runs, self->row[input] + 1, input, route->x0, route->lane);
          add_run (runs, self->row[in->user[e]], net_of (self, e), route->lane, route->x1);
          *right = MAX (*right, route->lane);
          *left = MIN (*left, route->lane);
        }
      else
        add_run (runs, self->row[input] + 1, net_of (self, e), route->x0, route->x1);
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
  return runs;
}

static inline float
gap_height (guint n_tracks)
{
  return ROW_GAP + (n_tracks > 1 ? (n_tracks - 1) * TRACK_GAP : 0);
}

/* Rows get their heights from what stands in them and gaps from the tracks they hold, but for those that were there. */
static void
place_rows (GtenGtkRows *self, const guint *n_tracks)
{
  float *y = self->layout->row_y, *height = self->layout->row_height;
  guint first = self->first_row, n_fixed = self->before != NULL ? self->before->n_rows : 0, last = self->n_rows - 1;

  for (guint r = 0; r < self->n_rows; r++)
    {
      if (r - first < n_fixed)
        {
          y[r] = self->before->row_y[r - first];
          height[r] = self->before->row_height[r - first];
          continue;
        }
      height[r] = GTEN_GTK_NODE_HEIGHT;
      for (guint k = self->row_begin[r]; k < self->row_begin[r + 1]; k++)
        height[r] = MAX (height[r], chips_height (self->n_chips[self->order[k]]));
    }
  if (n_fixed == 0)
    y[0] = MARGIN;
  for (guint r = first; r > 0; r--)
    y[r - 1] = y[r] - gap_height (n_tracks[r]) - height[r - 1];
  for (guint r = MAX (first + n_fixed, 1); r < self->n_rows; r++)
    y[r] = y[r - 1] + height[r - 1] + gap_height (n_tracks[r]);
  self->layout->top = y[0] - MARGIN - (n_tracks[0] > 0 ? gap_height (n_tracks[0]) : 0);
  self->layout->height = y[last] + height[last] + MARGIN - self->layout->top
                         + (n_tracks[last + 1] > 0 ? gap_height (n_tracks[last + 1]) : 0);
}

/* Tracks come closer to each other where a gap cannot become higher. */
static void
place_runs (GtenGtkRows *self, guint gap, guint n_tracks, Run *runs, guint n)
{
  const float *y = self->layout->row_y, *height = self->layout->row_height;
  float spacing = 1, begin, room = gap > 0 && gap < self->n_rows ? y[gap] - y[gap - 1] - height[gap - 1] : INFINITY;

  begin = gap > 0 ? y[gap - 1] + height[gap - 1] : y[0] - gap_height (n_tracks);
  if (room < gap_height (n_tracks) - 1)
    {
      spacing = (room - 2 * NARROW) / ((n_tracks - 1) * TRACK_GAP);
      begin += NARROW;
    }
  else
    begin += ROW_GAP / 2.0f;
  for (guint k = 0; k < n; k++)
    runs[k].y = runs[k].y * spacing + begin;
}

static void
place_boxes (GtenGtkRows *self, float left)
{
  const GtenGtkLayoutInput *in = self->input;
  GtenGtkBox *boxes = self->layout->boxes;

  for (guint i = 0; i < self->row_begin[self->n_rows]; i++)
    {
      guint n = self->order[i], r = self->row[n], n_chips = self->n_chips[n];
      float middle = roundf (self->layout->row_y[r] + self->layout->row_height[r] / 2);
      float chip_y = middle - chips_height (n_chips) / 2;

      boxes[n] = (GtenGtkBox) { self->x[n] - GTEN_GTK_NODE_WIDTH / 2.0f - left, middle - GTEN_GTK_NODE_HEIGHT / 2,
                                GTEN_GTK_NODE_WIDTH, GTEN_GTK_NODE_HEIGHT };
      if (!gten_gtk_is_new (self, n))
        boxes[n] = self->before->boxes[self->node_before[n]];
      for (guint k = self->in_begin[n]; k < self->in_begin[n + 1] && n_chips > 0; k++)
        {
          GtenGtkRoute *route = &self->layout->routes[self->ins[k]];
          guint leaf = in->input[self->ins[k]];

          if (route->kind != GTEN_GTK_ROUTE_CHIP)
            continue;
          boxes[leaf] = (GtenGtkBox) { boxes[n].x - GTEN_GTK_CHIP_GAP - GTEN_GTK_CHIP_WIDTH, chip_y, GTEN_GTK_CHIP_WIDTH,
                                       GTEN_GTK_CHIP_HEIGHT };
          if (!gten_gtk_is_new (self, leaf))
            boxes[leaf] = self->before->boxes[self->node_before[leaf]];
          route->x0 = boxes[n].x - GTEN_GTK_CHIP_GAP;
          route->y0 = boxes[leaf].y + GTEN_GTK_CHIP_HEIGHT / 2;
          route->x1 = boxes[n].x;
          route->y1 = CLAMP (route->y0, middle - GTEN_GTK_NODE_HEIGHT / 2 + 12,
                             middle + GTEN_GTK_NODE_HEIGHT / 2 - 12);
          route->lane = boxes[n].x - GTEN_GTK_CHIP_GAP / 2;
          chip_y += GTEN_GTK_CHIP_HEIGHT + CHIP_SPACING;
        }
    }
}

static void
place_lines (GtenGtkRows *self, GArray *runs, float left)
{
  const GtenGtkLayoutInput *in = self->input;

  for (guint e = 0; e < self->n_edges; e++)
    {
      GtenGtkRoute *route = &self->layout->routes[e];
      guint upper = self->row[in->input[e]] + 1, lower = self->row[in->user[e]];

      if (route->kind != GTEN_GTK_ROUTE_SHORT && route->kind != GTEN_GTK_ROUTE_LONG)
        continue;
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

static void
place (GtenGtkRows *self)
{
  float left = INFINITY, right = -INFINITY, shift;
  g_autoptr (GArray) runs = collect_runs (self, &left, &right);
  g_autofree guint *begin = g_new0 (guint, self->n_rows + 2), *n_tracks = g_new0 (guint, self->n_rows + 1);

  for (guint gap = 0, i = 0; gap <= self->n_rows; gap++)
    {
      begin[gap] = i;
      while (i < runs->len && g_array_index (runs, Run, i).gap == gap)
        i++;
      begin[gap + 1] = i;
      n_tracks[gap] = assign_tracks (&g_array_index (runs, Run, begin[gap]), i - begin[gap]);
    }
  place_rows (self, n_tracks);
  for (guint gap = 0; gap <= self->n_rows; gap++)
    {
      place_runs (self, gap, n_tracks[gap], &g_array_index (runs, Run, begin[gap]), begin[gap + 1] - begin[gap]);
      qsort (&g_array_index (runs, Run, begin[gap]), begin[gap + 1] - begin[gap], sizeof (Run), compare_runs);
    }
  for (guint i = 0; i < self->row_begin[self->n_rows]; i++)
    {
      guint n = self->order[i];

      left = MIN (left, self->x[n] - self->left[n]);
      right = MAX (right, self->x[n] + GTEN_GTK_NODE_WIDTH / 2.0f);
    }
  left -= MARGIN;
  shift = self->before != NULL ? 0 : left;
  self->layout->left = left - shift;
  self->layout->width = right - left + MARGIN;
  place_boxes (self, shift);
  place_lines (self, runs, shift);
}

void
gten_gtk_route_edges (GtenGtkRows *self)
{
  self->layout->row_y = g_new0 (float, self->n_rows + 1);
  self->layout->row_height = g_new0 (float, self->n_rows + 1);
  if (self->n_rows == 0)
    return;
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
