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
#include "gten-gtk-layout-private.h"

#include <math.h>
#include <string.h>

#define NODE_GAP          36
#define CHIP_GAP          22
#define CHIP_SPACING      8
#define ROW_GAP           38
#define TRACK_GAP         9
#define LANE_GAP          14
#define MARGIN            28
#define MAX_CHIPS         4      /* beside one user; more are rows of their own */
#define MAX_TRACKS        24     /* between two rows; more share */
#define MAX_SEARCH        32     /* rows over which a lane between nodes is looked for */
#define MAX_DETOUR        1024   /* rows whose extent a lane at the side respects */
#define PORT_ROOM         60     /* between the first and the last place where edges would arrive */
#define PORT_GAP          18
#define FAN_IN            8      /* inputs above which a node's edges join on one track */
#define MAX_SWEEPS        8
#define WORK              12000000
#define NOWHERE           (-1u)


/* One run across between two rows. */
typedef struct
{
  guint gap;              /* below this row */
  guint net;              /* what may share the run: an input, or n_nodes + a user with many inputs */
  float left, right;
  float y;
} Run;

typedef struct
{
  const GtenGtkLayoutInput *input;
  GtenGtkLayout *layout;
  guint   n_nodes, n_edges, n_rows;
  guint32 *ins;           /* edges by user */
  guint32 *in_begin;      /* per node, and one more */
  guint32 *outs;          /* edges by input */
  guint32 *out_begin;
  guint32 *row;
  guint32 *order;         /* nodes by row, left to right */
  guint32 *row_begin;     /* per row, and one more */
  float   *x;             /* centre of the node, chips not counted */
  float   *left;          /* room it takes to the left of x, chips included */
  float   *lane;          /* of an input's edges over several rows */
  guint8  *n_chips;
  float   *row_right;     /* per row: right end of what stands there */
  GArray **row_lanes;     /* per row: x of the lanes through it */
} State;

static inline gboolean
is_drawn (const State *self, guint edge)
{
  return self->layout->routes[edge].kind != GTEN_GTK_ROUTE_NONE;
}

/* Edge numbers grouped by key, each group in the order of edges. */
static void
group_edges (const State *self, const guint32 *key, guint32 **edges, guint32 **begin)
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
merge_edges (State *self)
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

static void
choose_chips (State *self)
{
  guint8 *is_chip = self->layout->is_chip;

  for (guint n = 0; n < self->n_nodes; n++)
    {
      guint count = 0;

      for (guint i = self->in_begin[n]; i < self->in_begin[n + 1]; i++)
        {
          guint leaf = self->input->input[self->ins[i]];
          count += self->input->is_leaf[leaf] && self->out_begin[leaf + 1] - self->out_begin[leaf] == 1;
        }
      if (count == 0 || count > MAX_CHIPS)
        continue;
      for (guint i = self->in_begin[n]; i < self->in_begin[n + 1]; i++)
        {
          guint leaf = self->input->input[self->ins[i]];

          if (!self->input->is_leaf[leaf] || self->out_begin[leaf + 1] - self->out_begin[leaf] != 1)
            continue;
          is_chip[leaf] = TRUE;
          self->layout->routes[self->ins[i]].kind = GTEN_GTK_ROUTE_CHIP;
        }
      self->n_chips[n] = count;
    }
}

static void
assign_rows (State *self)
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
is_adjacent (const State *self, guint edge)
{
  guint input = self->input->input[edge];

  return self->layout->routes[edge].kind != GTEN_GTK_ROUTE_CHIP && self->row[input] + 1 == self->row[self->input->user[edge]];
}

/* Where an edge from the row above would best arrive, from the middle of its user's upper side: inputs stand side by side in
 * their order, edges from further away come in beside them. */
static float
wanted_port (const State *self, guint edge)
{
  guint user = self->input->user[edge], port = 0, n = 0;

  if (self->in_begin[user + 1] - self->in_begin[user] > FAN_IN)
    return 0;
  for (guint i = self->in_begin[user]; i < self->in_begin[user + 1]; i++)
    {
      if (self->ins[i] == edge)
        port = n;
      n += is_adjacent (self, self->ins[i]);
    }
  return n < 2 ? 0 : PORT_ROOM * ((float) port / (n - 1) - 0.5f);
}

/* The mean position of the neighbours above (inputs) and below (users), or where it stands. Of its users those in the next row
 * count alone, if there are any: a skip connection does not bend the chain that it skips. */
static float
wish (const State *self, guint n, gboolean above, gboolean below)
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

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

/* A float as an unsigned integer of the same order. */
static inline guint32
sortable (float value)
{
  union { float f; guint32 u; } bits = { .f = value };

  return bits.u & 0x80000000u ? ~bits.u : bits.u | 0x80000000u;
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
settle_row (State *self, guint r, gboolean above, gboolean below, gboolean reorder, Scratch *scratch)
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
        scratch->keys[i] = (guint64) sortable (wishes[i]) << 32 | i;
      qsort (scratch->keys, n, sizeof *scratch->keys, compare_keys);
      for (i = 0; i < n; i++)
        {
          nodes[i] = before[(guint32) scratch->keys[i]];
          scratch->wishes[i] = wishes[(guint32) scratch->keys[i]];
        }
    }
  for (i = 0; i < n; i++)
    {
      if (i > 0)
        offset += GTEN_GTK_NODE_WIDTH / 2.0 + NODE_GAP + self->left[nodes[i]];
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
          offset += GTEN_GTK_NODE_WIDTH / 2.0 + NODE_GAP + self->left[nodes[i]];
        self->x[nodes[i]] = scratch->mean[block] + offset;
      }
}

static gboolean
sweep (State *self, GCancellable *cancellable)
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
      /* The last sweeps only straighten: one that looks both ways, and one up from the loss that makes chains straight. */
      gboolean straighten = s + 2 >= n_sweeps, last = s + 1 == n_sweeps, up = last || s % 2 == 0;

      for (guint i = 0; i < self->n_rows && finished; i++)
        {
          settle_row (self, up ? self->n_rows - 1 - i : i, !up || (straighten && !last), up || straighten, !straighten, &scratch);
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

/* -- lanes ------------------------------------------------------------------------------------- */

/* Whether a line down at x meets nothing in a row; else where to pass on either side. */
static gboolean
is_free (const State *self, guint r, float x, float *pass_left, float *pass_right)
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
  for (guint i = 0; self->row_lanes[r] != NULL && i < self->row_lanes[r]->len; i++)
    {
      float other = g_array_index (self->row_lanes[r], float, i);

      if (fabsf (other - x) < TRACK_GAP)
        {
          *pass_left = other - TRACK_GAP;
          *pass_right = other + TRACK_GAP;
          return FALSE;
        }
    }
  return TRUE;
}

/* The first x from `x` on in one direction that is free in all rows of a range, or INFINITY. */
static float
find_free (const State *self, guint first, guint last, float x, gboolean to_right)
{
  for (guint attempt = 0; attempt < 4 * MAX_SEARCH; attempt++)
    {
      gboolean moved = FALSE;

      for (guint r = first; r <= last; r++)
        {
          float pass_left, pass_right;

          if (is_free (self, r, x, &pass_left, &pass_right))
            continue;
          x = to_right ? pass_right : pass_left;
          moved = TRUE;
        }
      if (!moved)
        return x;
    }
  return INFINITY;
}

static void
take_lane (State *self, guint first, guint last, float x)
{
  for (guint r = first; r <= last; r++)
    {
      if (self->row_lanes[r] == NULL)
        self->row_lanes[r] = g_array_new (FALSE, FALSE, sizeof (float));
      g_array_append_val (self->row_lanes[r], x);
      self->row_right[r] = MAX (self->row_right[r], x);
    }
}

static float
choose_lane (State *self, float x, guint first, guint last, float *outside)
{
  float lane;

  if (last - first < MAX_SEARCH)
    {
      float to_right = find_free (self, first, last, x, TRUE);
      float to_left = find_free (self, first, last, x, FALSE);

      lane = fabsf (to_left - x) < fabsf (to_right - x) ? to_left : to_right;
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
assign_lanes (State *self)
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
        self->lane[n] = choose_lane (self, (x + self->x[n]) / 2, self->row[n] + 1, lowest - 1, &outside);
    }
}

static inline float
chips_height (guint n_chips)
{
  return n_chips > 0 ? n_chips * (GTEN_GTK_CHIP_HEIGHT + CHIP_SPACING) - CHIP_SPACING : 0;
}

/* -- runs across ------------------------------------------------------------------------------- */

static guint
net_of (const State *self, guint edge)
{
  guint user = self->input->user[edge];

  return self->in_begin[user + 1] - self->in_begin[user] > FAN_IN ? self->n_nodes + user : self->input->input[edge];
}

/* Edges arrive straight from above where they can, in the order in which they come, and apart. */
static void
assign_ports (State *self)
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
          guint64 key = (guint64) sortable (x) << 32 | i;

          if (route->kind == GTEN_GTK_ROUTE_CHIP)
            continue;
          route->x1 = CLAMP (x, self->x[n] - half, self->x[n] + half);
          g_array_append_val (keys, key);
        }
      qsort (keys->data, keys->len, sizeof (guint64), compare_keys);
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

/* Joins the runs of a net and gives those that would overlap tracks of their own. Returns the number of tracks. */
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
place (State *self)
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
          self->layout->boxes[leaf] = (GtenGtkBox) { node_left - CHIP_GAP - GTEN_GTK_CHIP_WIDTH, chip_y,
                                                     GTEN_GTK_CHIP_WIDTH, GTEN_GTK_CHIP_HEIGHT };
          route->x0 = node_left - CHIP_GAP;
          route->y0 = chip_y + GTEN_GTK_CHIP_HEIGHT / 2;
          route->x1 = node_left;
          route->y1 = CLAMP (route->y0, middle - GTEN_GTK_NODE_HEIGHT / 2 + 12, middle + GTEN_GTK_NODE_HEIGHT / 2 - 12);
          route->lane = node_left - CHIP_GAP / 2;
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

GtenGtkLayout *
gten_gtk_layout_new (const GtenGtkLayoutInput *input, GCancellable *cancellable)
{
  g_autoptr (GtenGtkLayout) layout = g_new0 (GtenGtkLayout, 1);
  guint n_nodes = input->n_nodes;
  State self = { .input = input, .layout = layout, .n_nodes = n_nodes, .n_edges = input->n_edges };
  gboolean finished;

  layout->n_nodes = n_nodes;
  layout->n_edges = input->n_edges;
  layout->boxes = g_new0 (GtenGtkBox, n_nodes + 1);
  layout->is_chip = g_new0 (guint8, n_nodes + 1);
  layout->routes = g_new0 (GtenGtkRoute, input->n_edges + 1);
  self.row = g_new0 (guint32, n_nodes + 1);
  self.order = g_new (guint32, n_nodes + 1);
  self.x = g_new0 (float, n_nodes + 1);
  self.left = g_new (float, n_nodes + 1);
  self.lane = g_new0 (float, n_nodes + 1);
  self.n_chips = g_new0 (guint8, n_nodes + 1);

  merge_edges (&self);
  group_edges (&self, input->user, &self.ins, &self.in_begin);
  group_edges (&self, input->input, &self.outs, &self.out_begin);
  choose_chips (&self);
  assign_rows (&self);
  for (guint n = 0; n < n_nodes; n++)
    self.left[n] = GTEN_GTK_NODE_WIDTH / 2.0f + (self.n_chips[n] > 0 ? CHIP_GAP + GTEN_GTK_CHIP_WIDTH : 0);
  finished = sweep (&self, cancellable);
  if (finished)
    {
      assign_lanes (&self);
      assign_ports (&self);
      place (&self);
      layout->n_rows = self.n_rows;
    }

  for (guint r = 0; self.row_lanes != NULL && r < self.n_rows; r++)
    if (self.row_lanes[r] != NULL)
      g_array_unref (self.row_lanes[r]);
  g_free (self.row_lanes);
  g_free (self.row_right);
  g_free (self.row);
  g_free (self.row_begin);
  g_free (self.order);
  g_free (self.x);
  g_free (self.left);
  g_free (self.lane);
  g_free (self.n_chips);
  g_free (self.ins);
  g_free (self.in_begin);
  g_free (self.outs);
  g_free (self.out_begin);
  return finished ? g_steal_pointer (&layout) : NULL;
}

void
gten_gtk_layout_free (GtenGtkLayout *self)
{
  if (self == NULL)
    return;
  g_free (self->boxes);
  g_free (self->is_chip);
  g_free (self->routes);
  g_free (self);
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
