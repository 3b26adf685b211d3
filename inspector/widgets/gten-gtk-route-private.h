/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the two halves of the layout share: rows of nodes, left to right, and the lines between
 * them. */
#pragma once

#include "gten-gtk-layout-private.h"

G_BEGIN_DECLS

#define GTEN_GTK_NODE_GAP 36     /* between nodes of a row */
#define GTEN_GTK_CHIP_GAP 22     /* between a chip and its user */
#define GTEN_GTK_FAN_IN   8      /* inputs above which a node's edges join on one track */

typedef struct
{
  const GtenGtkLayoutInput *input;
  GtenGtkLayout *layout;
  const GtenGtkLayout *before;   /* that it grows from, or NULL */
  const guint32 *node_before;    /* per node: its index there, or GTEN_GTK_NEW_NODE */
  guint   first_row;             /* where the first row of before is */
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
  float   *lane_up;       /* of those that lead to its own row or up; NULL unless the picture grows */
  guint8  *n_chips;
  float   *row_right;     /* per row: right end of what stands there */
  GArray **row_lanes;     /* per row: x of the lanes through it */
} GtenGtkRows;

static inline gboolean
gten_gtk_is_new (const GtenGtkRows *self, guint node)
{
  return self->before == NULL || self->node_before[node] == GTEN_GTK_NEW_NODE;
}

/* Gives nodes that are new rows and an x around those that were there. */
void gten_gtk_place_new_nodes (GtenGtkRows *self);
/* Draws the lines and puts everything in its place, given rows and the x of each node. */
void gten_gtk_route_edges (GtenGtkRows *self);

/* Keys of 64 bits whose upper half is a number to sort by and whose lower half says what it is the
 * number of. */
static inline guint64
gten_gtk_sort_key (float value, guint32 index)
{
  union { float f; guint32 u; } bits = { .f = value };

  return (guint64) (bits.u & 0x80000000u ? ~bits.u : bits.u | 0x80000000u) << 32 | index;
}

static inline int
gten_gtk_compare_keys (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

G_END_DECLS
