/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Graphs that are known to break layouts, and the times that laying them out may take. */
#pragma once

#include "gten-gtk-layout-private.h"

#include <string.h>

typedef struct
{
  const char *name;
  void      (*build) (GArray *edges, guint n);
  guint       n;
  double      milliseconds;    /* on one thread of a plain laptop */
} Graph;

static void
add_edge (GArray *edges, guint user, guint input)
{
  guint32 edge[2] = { user, input };

  g_array_append_val (edges, edge);
}

static void
build_chain (GArray *edges, guint n)
{
  for (guint i = 0; i + 1 < n; i++)
    add_edge (edges, i, i + 1);
}

static void
build_diamonds (GArray *edges, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      add_edge (edges, 3 * i, 3 * i + 1);
      add_edge (edges, 3 * i, 3 * i + 2);
      add_edge (edges, 3 * i + 1, 3 * i + 3);
      add_edge (edges, 3 * i + 2, 3 * i + 3);
    }
}

static void
build_fan_in (GArray *edges, guint n)
{
  for (guint i = 1; i <= n; i++)
    {
      add_edge (edges, 0, i);
      add_edge (edges, i, n + 1);
    }
}

/* A network: chains of blocks of three with a skip connection, and two weights per block. */
static void
build_network (GArray *edges, guint n)
{
  for (guint i = 0; i + 6 < n; i += 5)
    {
      add_edge (edges, i, i + 1);
      add_edge (edges, i + 1, i + 2);
      add_edge (edges, i + 1, i + 3);
      add_edge (edges, i + 2, i + 4);
      add_edge (edges, i + 2, i + 5);
      add_edge (edges, i, i + 5);
    }
}

/* Each node uses up to three of the hundred nodes after it. */
static void
build_random (GArray *edges, guint n)
{
  guint32 seed = 12345;

  for (guint i = 0; i + 1 < n; i++)
    for (guint k = 0; k < 3; k++)
      {
        seed = seed * 1664525u + 1013904223u;
        add_edge (edges, i, MIN (i + 1 + (seed >> 16) % 100, n - 1));
      }
}

/* One node that all others use: a weight of a recurrent network. */
static void
build_shared (GArray *edges, guint n)
{
  for (guint i = 0; i + 1 < n; i++)
    {
      add_edge (edges, i, i + 1);
      add_edge (edges, i, n - 1);
    }
}

static const Graph graphs[] = {
  { "nothing", build_chain, 0, 5 },
  { "one", build_chain, 1, 5 },
  { "network-1k", build_network, 1000, 5 },
  { "network-10k", build_network, 10000, 60 },
  { "network-100k", build_network, 100000, 800 },
  { "random-1k", build_random, 1000, 5 },
  { "random-10k", build_random, 10000, 60 },
  { "random-100k", build_random, 100000, 800 },
  { "diamonds-100", build_diamonds, 100, 5 },
  { "fan-in-1k", build_fan_in, 1000, 10 },
  { "chain-100k", build_chain, 100000, 800 },
  { "shared-10k", build_shared, 10000, 60 },
};

static void
describe (const Graph *graph, GArray *edges, GtenGtkLayoutInput *input)
{
  guint32 *user, *in, n_nodes = graph->n > 0 ? 1 : 0;
  guint8 *is_leaf;

  graph->build (edges, graph->n);
  user = g_new (guint32, edges->len + 1);
  in = g_new (guint32, edges->len + 1);
  for (guint e = 0; e < edges->len; e++)
    {
      const guint32 *edge = &((const guint32 *) edges->data)[2 * e];

      user[e] = edge[0];
      in[e] = edge[1];
      n_nodes = MAX (n_nodes, MAX (edge[0], edge[1]) + 1);
    }
  is_leaf = g_new (guint8, n_nodes + 1);
  memset (is_leaf, 1, n_nodes + 1);
  for (guint e = 0; e < edges->len; e++)
    is_leaf[user[e]] = FALSE;
  *input = (GtenGtkLayoutInput) { n_nodes, is_leaf, edges->len, user, in };
}

static inline void
clear_input (GtenGtkLayoutInput *input)
{
  g_free ((gpointer) input->user);
  g_free ((gpointer) input->input);
  g_free ((gpointer) input->is_leaf);
}
