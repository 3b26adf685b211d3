/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The layout: what must hold of every picture, on graphs that are known to break layouts, and the
 * times it may take. */
#include "graphs.h"

static int
compare_boxes (gconstpointer a, gconstpointer b)
{
  const GtenGtkBox *x = a, *y = b;
  int row_x = (int) (x->y + x->height / 2), row_y = (int) (y->y + y->height / 2);

  if (row_x != row_y)
    return row_x < row_y ? -1 : 1;
  return x->x < y->x ? -1 : x->x > y->x;
}

static void
check_picture (const GtenGtkLayoutInput *input, const GtenGtkLayout *layout)
{
  g_autofree GtenGtkBox *boxes = g_memdup2 (layout->boxes,
                                            sizeof (GtenGtkBox) * (layout->n_nodes + 1));

  g_assert_cmpuint (layout->n_nodes, ==, input->n_nodes);
  for (guint n = 0; n < layout->n_nodes; n++)
    {
      const GtenGtkBox *box = &layout->boxes[n];

      g_assert_cmpfloat (box->x, >=, 0);
      g_assert_cmpfloat (box->y, >=, 0);
      g_assert_cmpfloat (box->x + box->width, <=, layout->width * 1.0001f);
      g_assert_cmpfloat (box->y + box->height, <=, layout->height * 1.0001f);
      g_assert_cmpfloat (box->width, >, 0);
    }
  /* No two nodes of a row overlap. Chips stand in front of their user and are compared with what
   * precedes them only through the room that the user takes, so they are left out here. */
  qsort (boxes, layout->n_nodes, sizeof *boxes, compare_boxes);
  for (guint n = 1; n < layout->n_nodes; n++)
    {
      if (boxes[n].width != GTEN_GTK_NODE_WIDTH || boxes[n - 1].width != GTEN_GTK_NODE_WIDTH
          || (int) (boxes[n].y) != (int) (boxes[n - 1].y))
        continue;
      g_assert_cmpfloat (boxes[n].x, >=, (boxes[n - 1].x + boxes[n - 1].width) * 0.9999f);
    }
  for (guint e = 0; e < input->n_edges; e++)
    {
      const GtenGtkRoute *route = &layout->routes[e];
      const GtenGtkBox *user = &layout->boxes[input->user[e]], *in = &layout->boxes[input->input[e]];
      float corners[6][2];
      guint n;

      if (route->kind == GTEN_GTK_ROUTE_NONE)
        continue;
      n = gten_gtk_route_corners (route, corners);
      for (guint i = 1; i < n; i++)
        g_assert_true (corners[i][0] == corners[i - 1][0] || corners[i][1] == corners[i - 1][1]);
      if (route->kind == GTEN_GTK_ROUTE_CHIP)
        {
          g_assert_cmpfloat (in->x + in->width, <=, user->x);
          continue;
        }
      /* Inputs above their users, lines from border to border. */
      g_assert_cmpfloat (in->y + in->height, <, user->y);
      g_assert_cmpfloat (corners[0][1], ==, in->y + in->height);
      g_assert_cmpfloat (corners[n - 1][1], ==, user->y);
      g_assert_cmpfloat (corners[n - 1][0], >=, user->x);
      g_assert_cmpfloat (corners[n - 1][0], <=, user->x + user->width);
      g_assert_cmpfloat (route->y_upper, >, corners[0][1]);
      g_assert_cmpfloat (route->y_lower, <, corners[n - 1][1]);
    }
}

static void
test_graph (gconstpointer data)
{
  const Graph *graph = data;
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, 2 * sizeof (guint32));
  g_autoptr (GtenGtkLayout) layout = NULL;
  g_autoptr (GtenGtkLayout) again = NULL;
  GtenGtkLayoutInput input;
  double best = G_MAXDOUBLE;

  describe (graph, edges, &input);
  for (guint i = 0; i < 3; i++)
    {
      gint64 start = g_get_monotonic_time ();

      g_clear_pointer (&layout, gten_gtk_layout_free);
      layout = gten_gtk_layout_new (&input, NULL);
      best = MIN (best, (g_get_monotonic_time () - start) / 1000.0);
    }
  check_picture (&input, layout);
  again = gten_gtk_layout_new (&input, NULL);
  g_assert_cmpmem (layout->boxes, sizeof (GtenGtkBox) * layout->n_nodes, again->boxes,
                   sizeof (GtenGtkBox) * again->n_nodes);
  g_assert_cmpmem (layout->routes, sizeof (GtenGtkRoute) * layout->n_edges, again->routes,
                   sizeof (GtenGtkRoute) * again->n_edges);
  g_test_message ("%s: %u nodes, %u edges, %.2f ms, %.0f x %.0f", graph->name, input.n_nodes, input.n_edges, best,
                  layout->width, layout->height);
  /* Times are checked where they mean something: GTEN_TEST_TIMES is set by the benchmark, on a
   * quiet machine. */
  if (g_getenv ("GTEN_TEST_TIMES") != NULL)
    g_assert_cmpfloat (best, <=, graph->milliseconds);
  clear_input (&input);
}

static void
test_chips (void)
{
  /* loss <- mul (a, b, b), where a is a leaf used once and b, a leaf used twice by one node, is
   * used once all the same. */
  static const guint8 is_leaf[] = { 0, 0, 1, 1 };
  static const guint32 user[] = { 0, 1, 1, 1 }, in[] = { 1, 2, 3, 3 };
  GtenGtkLayoutInput input = { 4, is_leaf, 4, user, in };
  g_autoptr (GtenGtkLayout) layout = gten_gtk_layout_new (&input, NULL);

  g_assert_false (layout->is_chip[1]);
  g_assert_true (layout->is_chip[2]);
  g_assert_true (layout->is_chip[3]);
  g_assert_cmpuint (layout->routes[2].n_merged, ==, 2);
  g_assert_cmpuint (layout->routes[3].kind, ==, GTEN_GTK_ROUTE_NONE);
  g_assert_cmpfloat (layout->boxes[2].y, <, layout->boxes[3].y);
  g_assert_cmpfloat (layout->boxes[1].y, <, layout->boxes[0].y);
}

static void
test_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  static const guint8 is_leaf[] = { 0, 1 };
  static const guint32 user[] = { 0 }, in[] = { 1 };
  GtenGtkLayoutInput input = { 2, is_leaf, 1, user, in };

  g_cancellable_cancel (cancellable);
  g_assert_null (gten_gtk_layout_new (&input, cancellable));
}

/* An order that is none must not hang or crash: such edges are not drawn. */
static void
test_cycle (void)
{
  static const guint8 is_leaf[] = { 0, 0, 0 };
  static const guint32 user[] = { 0, 1, 2, 1 }, in[] = { 1, 2, 0, 7 };
  GtenGtkLayoutInput input = { 3, is_leaf, 4, user, in };
  g_autoptr (GtenGtkLayout) layout = gten_gtk_layout_new (&input, NULL);

  g_assert_cmpuint (layout->n_rows, ==, 3);
  g_assert_cmpuint (layout->routes[2].kind, ==, GTEN_GTK_ROUTE_NONE);
  g_assert_cmpuint (layout->routes[3].kind, ==, GTEN_GTK_ROUTE_NONE);
}

/* -- growth ------------------------------------------------------------------------------------ */

/* Old nodes stay where they are, to the last bit; new ones take nobody's place; lines are right-angled and lead from border to
 * border. */
static void
check_growth (const GtenGtkLayoutInput *input, const GtenGtkLayout *layout, const GtenGtkLayout *before, const guint32 *node_before)
{
  g_assert_cmpuint (layout->n_nodes, ==, input->n_nodes);
  for (guint n = 0; n < layout->n_nodes; n++)
    {
      const GtenGtkBox *box = &layout->boxes[n];
      GtenGtkExtent area = { box->x, box->y, box->x + box->width, box->y + box->height };
      g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));

      if (node_before[n] != GTEN_GTK_NEW_NODE)
        g_assert_cmpmem (box, sizeof *box, &before->boxes[node_before[n]], sizeof *box);
      g_assert_cmpfloat (box->x, >=, layout->left);
      g_assert_cmpfloat (box->y, >=, layout->top);
      g_assert_cmpfloat (box->x + box->width, <=, layout->left + layout->width);
      g_assert_cmpfloat (box->y + box->height, <=, layout->top + layout->height);
      gten_gtk_layout_find (layout, &area, found, NULL);
      g_assert_cmpuint (found->len, ==, 1);
    }
  for (guint e = 0; e < input->n_edges; e++)
    {
      const GtenGtkRoute *route = &layout->routes[e];
      const GtenGtkBox *user = &layout->boxes[input->user[e]], *in = &layout->boxes[input->input[e]];
      float corners[6][2];
      guint n;

      if (route->kind == GTEN_GTK_ROUTE_NONE || route->kind == GTEN_GTK_ROUTE_CHIP)
        continue;
      n = gten_gtk_route_corners (route, corners);
      for (guint i = 1; i < n; i++)
        g_assert_true (corners[i][0] == corners[i - 1][0] || corners[i][1] == corners[i - 1][1]);
      g_assert_cmpfloat (corners[0][1], ==, in->y + in->height);
      g_assert_cmpfloat (corners[n - 1][1], ==, user->y);
      g_assert_cmpfloat (route->y_upper, >, corners[0][1]);
      g_assert_cmpfloat (route->y_lower, <, corners[n - 1][1]);
    }
}

/* A loop of blocks that share two weights, as a recurrent network, with a chip at the loss. New blocks may come at either end
 * or in the middle. */
typedef struct
{
  const char *name;
  guint       n_blocks, n_more, at;
} Recurrent;

static const Recurrent recurrents[] = {
  { "above", 3, 1, 3 }, { "below", 3, 1, 0 }, { "between", 4, 2, 2 }, { "much", 2, 40, 1 }, { "large", 1000, 1000, 500 },
};

static void
describe_recurrent (guint n_blocks, GArray *edges, GtenGtkLayoutInput *input)
{
  guint n = 2 + 3 * n_blocks + 2, w = n - 2, u = n - 1;
  guint32 *user, *in;
  guint8 *is_leaf = g_new0 (guint8, n + 1);

  add_edge (edges, 0, 1);
  add_edge (edges, 0, 2);
  for (guint b = 0; b < n_blocks; b++)
    {
      guint first = 2 + 3 * b;

      add_edge (edges, first, first + 1);
      add_edge (edges, first, first + 2);
      add_edge (edges, first + 1, u);
      add_edge (edges, first + 2, w);
      if (b + 1 < n_blocks)
        add_edge (edges, first + 2, first + 3);
    }
  user = g_new (guint32, edges->len);
  in = g_new (guint32, edges->len);
  for (guint e = 0; e < edges->len; e++)
    {
      user[e] = ((guint32 *) edges->data)[2 * e];
      in[e] = ((guint32 *) edges->data)[2 * e + 1];
    }
  is_leaf[1] = is_leaf[w] = is_leaf[u] = TRUE;
  *input = (GtenGtkLayoutInput) { n, is_leaf, edges->len, user, in };
}

static void
test_growth (gconstpointer data)
{
  const Recurrent *row = data;
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, 2 * sizeof (guint32));
  g_autoptr (GtenGtkLayout) layout = NULL;
  guint n_blocks = row->n_blocks;
  GtenGtkLayoutInput input;

  describe_recurrent (n_blocks, edges, &input);
  layout = gten_gtk_layout_new (&input, NULL);
  clear_input (&input);
  /* What has grown grows again. */
  for (guint i = 0; i < 3; i++)
    {
      guint begin = 2 + 3 * row->at, end = begin + 3 * row->n_more;
      g_autofree guint32 *node_before = NULL;
      GtenGtkLayout *grown, *again;
      gint64 start;

      n_blocks += row->n_more;
      g_array_set_size (edges, 0);
      describe_recurrent (n_blocks, edges, &input);
      node_before = g_new (guint32, input.n_nodes);
      for (guint n = 0; n < input.n_nodes; n++)
        node_before[n] = n < begin ? n : n < end ? GTEN_GTK_NEW_NODE : n - (end - begin);
      start = g_get_monotonic_time ();
      grown = gten_gtk_layout_grow (&input, layout, node_before, NULL);
      g_test_message ("%u nodes to %u, %.2f ms", layout->n_nodes, input.n_nodes, (g_get_monotonic_time () - start) / 1000.0);
      check_growth (&input, grown, layout, node_before);
      again = gten_gtk_layout_grow (&input, layout, node_before, NULL);
      g_assert_cmpmem (grown->boxes, sizeof (GtenGtkBox) * grown->n_nodes, again->boxes, sizeof (GtenGtkBox) * again->n_nodes);
      gten_gtk_layout_free (again);
      gten_gtk_layout_free (layout);
      layout = grown;
      clear_input (&input);
    }
}

/* Any part of any graph may be what was there before. */
static void
test_any_growth (gconstpointer data)
{
  const Graph *graph = data;
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, 2 * sizeof (guint32));
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, 2 * sizeof (guint32));
  g_autoptr (GtenGtkLayout) before = NULL;
  g_autoptr (GtenGtkLayout) grown = NULL;
  g_autofree guint32 *node_before = NULL;
  g_autofree guint8 *is_leaf = NULL;
  GtenGtkLayoutInput input, part = { 0 };
  g_autofree guint32 *user = NULL, *in = NULL;
  guint32 seed = 1;

  describe (graph, edges, &input);
  node_before = g_new (guint32, input.n_nodes + 1);
  is_leaf = g_new0 (guint8, input.n_nodes + 1);
  user = g_new (guint32, input.n_edges + 1);
  in = g_new (guint32, input.n_edges + 1);
  for (guint n = 0; n < input.n_nodes; n++)
    {
      seed = seed * 1664525u + 1013904223u;
      node_before[n] = n == 0 || seed >> 16 & 3 ? part.n_nodes++ : GTEN_GTK_NEW_NODE;
    }
  for (guint e = 0; e < input.n_edges; e++)
    if (node_before[input.user[e]] != GTEN_GTK_NEW_NODE && node_before[input.input[e]] != GTEN_GTK_NEW_NODE)
      {
        user[part.n_edges] = node_before[input.user[e]];
        in[part.n_edges++] = node_before[input.input[e]];
      }
  part.is_leaf = is_leaf;       /* no chips: they must keep their users */
  part.user = user;
  part.input = in;
  before = gten_gtk_layout_new (&part, NULL);
  grown = gten_gtk_layout_grow (&input, before, node_before, NULL);
  check_growth (&input, grown, before, node_before);
  clear_input (&input);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (graphs); i++)
    {
      g_autofree char *path = g_strdup_printf ("/inspector/layout/%s", graphs[i].name);

      g_test_add_data_func (path, &graphs[i], test_graph);
    }
  for (guint i = 0; i < G_N_ELEMENTS (recurrents); i++)
    {
      g_autofree char *path = g_strdup_printf ("/inspector/layout/growth/%s", recurrents[i].name);

      g_test_add_data_func (path, &recurrents[i], test_growth);
    }
  for (guint i = 0; i < G_N_ELEMENTS (graphs); i++)
    {
      g_autofree char *path = g_strdup_printf ("/inspector/layout/growth/any-%s", graphs[i].name);

      if (graphs[i].n > 1)
        g_test_add_data_func (path, &graphs[i], test_any_growth);
    }
  g_test_add_func ("/inspector/layout/chips", test_chips);
  g_test_add_func ("/inspector/layout/cancel", test_cancel);
  g_test_add_func ("/inspector/layout/cycle", test_cycle);
  return g_test_run ();
}
