/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-index-private.h"

#include <math.h>

#define FAN        16
#define MAX_LEVELS 8          /* 16^8 things */
#define NOTHING    ((GtenGtkExtent) { INFINITY, INFINITY, -INFINITY, -INFINITY })

struct _GtenGtkIndex
{
  guint          n;
  guint32       *items;                    /* in the order of the curve */
  GtenGtkExtent *extents;                  /* of the items, in that order */
  guint          n_levels;
  guint          n_bounds[MAX_LEVELS];     /* from those that hold items to the one that holds all */
  GtenGtkExtent *bounds[MAX_LEVELS];
};

static GtenGtkExtent
join (GtenGtkExtent a, const GtenGtkExtent *b)
{
  return (GtenGtkExtent) { MIN (a.left, b->left), MIN (a.top, b->top), MAX (a.right, b->right), MAX (a.bottom, b->bottom) };
}

static guint32
spread (guint32 bits)
{
  bits = (bits | bits << 8) & 0x00ff00ff;
  bits = (bits | bits << 4) & 0x0f0f0f0f;
  bits = (bits | bits << 2) & 0x33333333;
  return (bits | bits << 1) & 0x55555555;
}

static guint32
scale (float low, float high, float from, float to)
{
  float place = to > from ? ((low + high) / 2 - from) / (to - from) : 0;

  return CLAMP (place, 0, 1) * G_MAXUINT16;
}

/* By the upper half, a digit of eight bits at a time. */
static void
sort_keys (guint64 *keys, guint n)
{
  g_autofree guint64 *other = g_new (guint64, n + 1);
  guint64 *from = keys, *to = other;

  for (guint shift = 32; shift < 64; shift += 8)
    {
      guint begin[257] = { 0 };
      guint64 *swap = from;

      for (guint i = 0; i < n; i++)
        begin[(from[i] >> shift & 255) + 1]++;
      for (guint d = 1; d < 257; d++)
        begin[d] += begin[d - 1];
      for (guint i = 0; i < n; i++)
        to[begin[from[i] >> shift & 255]++] = from[i];
      from = to;
      to = swap;
    }
}

static void
put_in_order (GtenGtkIndex *self, const GtenGtkExtent *extents, guint n)
{
  g_autofree guint64 *keys = g_new (guint64, n + 1);
  GtenGtkExtent all = NOTHING;

  for (guint i = 0; i < n; i++)
    if (extents[i].left <= extents[i].right)
      all = join (all, &extents[i]);
  for (guint i = 0; i < n; i++)
    if (extents[i].left <= extents[i].right)
      {
        guint32 x = scale (extents[i].left, extents[i].right, all.left, all.right);
        guint32 y = scale (extents[i].top, extents[i].bottom, all.top, all.bottom);

        keys[self->n++] = (guint64) (spread (x) | spread (y) << 1) << 32 | i;
      }
  sort_keys (keys, self->n);
  self->items = g_new (guint32, self->n + 1);
  self->extents = g_new (GtenGtkExtent, self->n + 1);
  for (guint i = 0; i < self->n; i++)
    {
      self->items[i] = keys[i];
      self->extents[i] = extents[self->items[i]];
    }
}

GtenGtkIndex *
gten_gtk_index_new (const GtenGtkExtent *extents, guint n)
{
  GtenGtkIndex *self = g_new0 (GtenGtkIndex, 1);
  const GtenGtkExtent *below;
  guint n_below;

  put_in_order (self, extents, n);
  below = self->extents;
  n_below = self->n;
  do
    {
      guint level = self->n_levels++, n_here = (n_below + FAN - 1) / FAN;

      self->n_bounds[level] = n_here;
      self->bounds[level] = g_new (GtenGtkExtent, n_here + 1);
      for (guint i = 0; i < n_here; i++)
        {
          GtenGtkExtent bound = NOTHING;

          for (guint k = i * FAN; k < MIN ((i + 1) * FAN, n_below); k++)
            bound = join (bound, &below[k]);
          self->bounds[level][i] = bound;
        }
      below = self->bounds[level];
      n_below = n_here;
    }
  while (n_below > 1);
  return self;
}

void
gten_gtk_index_free (GtenGtkIndex *self)
{
  if (self == NULL)
    return;
  for (guint level = 0; level < self->n_levels; level++)
    g_free (self->bounds[level]);
  g_free (self->items);
  g_free (self->extents);
  g_free (self);
}

/* The depth is the number of levels, which is at most MAX_LEVELS. */
static void
find_below (const GtenGtkIndex *self, guint level, guint bound, const GtenGtkExtent *area, GArray *found)
{
  guint begin = bound * FAN, n_below = level > 0 ? self->n_bounds[level - 1] : self->n, end = MIN (begin + FAN, n_below);

  for (guint i = begin; i < end; i++)
    if (level > 0 && gten_gtk_extents_touch (&self->bounds[level - 1][i], area))
      find_below (self, level - 1, i, area, found);
    else if (level == 0 && gten_gtk_extents_touch (&self->extents[i], area))
      g_array_append_val (found, self->items[i]);
}

void
gten_gtk_index_find (const GtenGtkIndex *self, const GtenGtkExtent *area, GArray *found)
{
  guint top = self->n_levels - 1;

  for (guint i = 0; i < self->n_bounds[top]; i++)
    if (gten_gtk_extents_touch (&self->bounds[top][i], area))
      find_below (self, top, i, area, found);
}
