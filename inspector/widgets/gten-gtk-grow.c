/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where new nodes go in a picture that grows. What is used by nodes that have a row goes into the row above the highest of
 * them, as in a new picture, and what only uses such nodes into the row below the lowest: above and below all that was there
 * these are rows of their own, elsewhere places beside what stands there already. In its row a node takes the free place that
 * is nearest to what it is joined to. */
#include "gten-gtk-route-private.h"

#include <math.h>
#include <string.h>

#define NO_ROW G_MAXINT

typedef struct
{
  GtenGtkRows *rows;
  int         *row;             /* per node, from the first row that was there; NO_ROW until it is known */
  guint8      *from_below;      /* per node: placed by its inputs */
  guint       *n_placed;        /* per row */
  guint8      *is_placed;       /* per node */
} Growth;

static gboolean
has_row (const Growth *self, guint node)
{
  return self->row[node] != NO_ROW;
}

/* Whether what a node is used by leads down to a node that was there. */
static guint8 *
find_used (const Growth *self)
{
  const GtenGtkRows *rows = self->rows;
  guint8 *used = g_new0 (guint8, rows->n_nodes + 1);

  for (guint n = 0; n < rows->n_nodes; n++)
    for (guint i = rows->out_begin[n]; i < rows->out_begin[n + 1] && !used[n]; i++)
      {
        guint user = rows->input->user[rows->outs[i]];
        used[n] = used[user] || !gten_gtk_is_new (rows, user);
      }
  return used;
}

static void
choose_rows (Growth *self)
{
  const GtenGtkRows *rows = self->rows;
  g_autofree guint8 *used = find_used (self);
  int bottom = rows->before->n_rows - 1;

  for (guint n = rows->n_nodes; n-- > 0;)
    {
      int row = -NO_ROW;

      if (!gten_gtk_is_new (rows, n) || used[n])
        continue;
      for (guint i = rows->in_begin[n]; i < rows->in_begin[n + 1]; i++)
        if (has_row (self, rows->input->input[rows->ins[i]]))
          row = MAX (row, self->row[rows->input->input[rows->ins[i]]] + 1);
      if (row == -NO_ROW)
        continue;
      self->row[n] = row;
      self->from_below[n] = TRUE;
    }
  for (guint n = 0; n < rows->n_nodes; n++)
    {
      if (rows->layout->is_chip[n] || has_row (self, n))
        continue;
      for (guint i = rows->out_begin[n]; i < rows->out_begin[n + 1]; i++)
        self->row[n] = MIN (self->row[n], self->row[rows->input->user[rows->outs[i]]] - 1);
      if (!has_row (self, n))
        self->row[n] = bottom;
    }
}

/* The rows that there are, with what was in them. */
static void
make_rows (Growth *self)
{
  GtenGtkRows *rows = self->rows;
  int first = 0, last = rows->before->n_rows - 1;

  for (guint n = 0; n < rows->n_nodes; n++)
    if (has_row (self, n))
      {
        first = MIN (first, self->row[n]);
        last = MAX (last, self->row[n]);
      }
  rows->first_row = -first;
  rows->n_rows = last - first + 1;
  rows->row_begin = g_new0 (guint32, rows->n_rows + 2);
  for (guint n = 0; n < rows->n_nodes; n++)
    if (has_row (self, n))
      {
        rows->row[n] = self->row[n] - first;
        rows->row_begin[rows->row[n] + 1]++;
      }
  for (guint r = 1; r <= rows->n_rows; r++)
    rows->row_begin[r] += rows->row_begin[r - 1];
  self->n_placed = g_new0 (guint, rows->n_rows);
}

static void
place_old (Growth *self)
{
  GtenGtkRows *rows = self->rows;
  g_autofree guint64 *keys = g_new (guint64, rows->n_nodes + 1);
  guint n_keys = 0;

  for (guint n = 0; n < rows->n_nodes; n++)
    if (!gten_gtk_is_new (rows, n) && has_row (self, n))
      {
        const GtenGtkBox *box = &rows->before->boxes[rows->node_before[n]];

        rows->x[n] = box->x + box->width / 2;
        keys[n_keys++] = gten_gtk_sort_key (rows->x[n], n);
        self->is_placed[n] = TRUE;
      }
  qsort (keys, n_keys, sizeof *keys, gten_gtk_compare_keys);
  for (guint i = 0; i < n_keys; i++)
    {
      guint n = (guint32) keys[i], r = rows->row[n];
      rows->order[rows->row_begin[r] + self->n_placed[r]++] = n;
    }
}

static gboolean
find_mean (const Growth *self, const guint32 *edges, guint n_edges, const guint32 *ends, float *mean)
{
  double sum = 0;
  guint n = 0;

  for (guint i = 0; i < n_edges; i++)
    if (self->is_placed[ends[edges[i]]])
      {
        sum += self->rows->x[ends[edges[i]]];
        n++;
      }
  if (n > 0)
    *mean = sum / n;
  return n > 0;
}

/* The middle of what it is joined to: the side that its row comes from counts. */
static float
wish (const Growth *self, guint n)
{
  const GtenGtkRows *rows = self->rows;
  const guint32 *ins = rows->ins + rows->in_begin[n], *outs = rows->outs + rows->out_begin[n];
  guint n_ins = rows->in_begin[n + 1] - rows->in_begin[n], n_outs = rows->out_begin[n + 1] - rows->out_begin[n];
  float x = 0;

  if (self->from_below[n])
    return find_mean (self, ins, n_ins, rows->input->input, &x) || find_mean (self, outs, n_outs, rows->input->user, &x) ? x : 0;
  return find_mean (self, outs, n_outs, rows->input->user, &x) || find_mean (self, ins, n_ins, rows->input->input, &x) ? x : 0;
}

/* The x nearest to the one that is wanted at which a node fits between the one on its left and the one on its right; INFINITY
 * if it does not. */
static float
fit_between (const GtenGtkRows *rows, guint n, const guint32 *nodes, guint n_nodes, guint place, float wanted)
{
  const float half = GTEN_GTK_NODE_WIDTH / 2.0f;
  float low = place > 0 ? rows->x[nodes[place - 1]] + half + GTEN_GTK_NODE_GAP + rows->left[n] : -INFINITY;
  float high = place < n_nodes ? rows->x[nodes[place]] - rows->left[nodes[place]] - GTEN_GTK_NODE_GAP - half : INFINITY;

  return low <= high ? CLAMP (wanted, low, high) : INFINITY;
}

static void
place_node (Growth *self, guint n)
{
  GtenGtkRows *rows = self->rows;
  guint r = rows->row[n], n_nodes = self->n_placed[r]++, near = 0, best = 0;
  guint32 *nodes = rows->order + rows->row_begin[r];
  float wanted = wish (self, n), x = INFINITY;

  for (guint high = n_nodes; near < high;)
    {
      guint middle = (near + high) / 2;

      if (rows->x[nodes[middle]] < wanted)
        near = middle + 1;
      else
        high = middle;
    }
  for (int direction = -1; direction <= 1; direction += 2)
    for (int place = direction < 0 ? (int) near : (int) near + 1; place >= 0 && place <= (int) n_nodes; place += direction)
      {
        float found = fit_between (rows, n, nodes, n_nodes, place, wanted);

        if (fabsf (found - wanted) < fabsf (x - wanted))
          {
            x = found;
            best = place;
          }
        if (isfinite (found))
          break;
      }
  memmove (nodes + best + 1, nodes + best, (n_nodes - best) * sizeof *nodes);
  nodes[best] = n;
  rows->x[n] = x;
  self->is_placed[n] = TRUE;
}

void
gten_gtk_place_new_nodes (GtenGtkRows *rows)
{
  g_autofree int *row = g_new (int, rows->n_nodes + 1);
  g_autofree guint8 *from_below = g_new0 (guint8, rows->n_nodes + 1), *is_placed = g_new0 (guint8, rows->n_nodes + 1);
  Growth self = { .rows = rows, .row = row, .from_below = from_below, .is_placed = is_placed };

  for (guint n = 0; n < rows->n_nodes; n++)
    row[n] = rows->layout->is_chip[n] || gten_gtk_is_new (rows, n) ? NO_ROW : (int) rows->before->row[rows->node_before[n]];
  rows->lane_up = g_new0 (float, rows->n_nodes + 1);
  choose_rows (&self);
  make_rows (&self);
  place_old (&self);
  for (guint n = rows->n_nodes; n-- > 0;)
    if (from_below[n])
      place_node (&self, n);
  for (guint n = 0; n < rows->n_nodes; n++)
    if (has_row (&self, n) && !is_placed[n])
      place_node (&self, n);
  g_free (self.n_placed);
}
