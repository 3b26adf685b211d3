/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The debug service from outside. Stopping a pass, and going on: steps, breakpoints, conditions, the end. */

#include "inspect-client.h"

static void
test_step (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[] = { "MeanBackward0", "MulBackward0", "MulBackward0", "AddBackward0",
                                       "AccumulateGrad" };
  guint64 pass, node;

  attach (fixture);
  node = wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  g_autoptr (GVariant) nodes = g_variant_get_child_value (graph, 0);
  g_autoptr (GVariant) edges = g_variant_get_child_value (graph, 1);

  g_assert_true (g_variant_is_normal_form (graph));
  g_assert_cmpuint (g_variant_n_children (nodes), ==, G_N_ELEMENTS (names));
  g_assert_cmpuint (g_variant_n_children (edges), ==, 5);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GVariant) each = g_variant_get_child_value (nodes, i);
      const char *name;
      guint64 id;

      g_variant_get_child (each, 0, "t", &id);
      g_variant_get_child (each, 1, "&s", &name);
      g_assert_cmpstr (name, ==, names[i]);
      g_assert_cmpuint (id, ==, node);
      resume (fixture, pass, "step", 0);
      node = wait_for_stop (fixture, i + 1 < G_N_ELEMENTS (names) ? "step" : "end", &pass);
    }
  g_assert_cmpuint (node, ==, 0);
  resume (fixture, pass, "continue", 0);
  g_variant_unref (wait_for (fixture, "PassEnded"));
}

static void
test_breakpoints (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, node, third;
  GVariantDict where;
  guint32 breakpoint;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  third = get_node_at (graph, 2);
  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "name", "s", "Accumulate*");
  breakpoint = add_breakpoint (fixture, &where);
  resume (fixture, pass, "run-to", third);
  node = wait_for_stop (fixture, "run-to", &pass);
  g_assert_cmpuint (node, ==, third);
  resume (fixture, pass, "continue", 0);
  node = wait_for_stop (fixture, "breakpoint", &pass);

  /* The next pass stops there as well, until the breakpoint is taken away. */
  resume (fixture, pass, "continue", 0);
  wait_for_stop (fixture, "breakpoint", &pass);
  g_variant_unref (call (fixture, "RemoveBreakpoint", g_variant_new ("(u)", breakpoint)));
  resume (fixture, pass, "continue", 0);
  g_variant_unref (wait_for (fixture, "PassEnded"));
}

static void
add_condition (Fixture *fixture, const char *condition, guint hit)
{
  GVariantDict where;

  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "condition", "s", condition);
  g_variant_dict_insert (&where, "hit", "u", hit);
  add_breakpoint (fixture, &where);
}

static void
test_conditions (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, first, node;
  GVariantDict where;

  attach (fixture);
  wait_for_stop (fixture, "pass", &first);
  g_autoptr (GVariant) graph = get_graph (fixture, first);
  add_condition (fixture, "norm > 8 and op:add", 1);
  add_condition (fixture, "absmax > 4 is:leaf", 2);
  resume (fixture, first, "continue", 0);
  node = wait_for_stop (fixture, "breakpoint", &pass);
  g_assert_cmpuint (node, ==, get_node_at (graph, 3));
  resume (fixture, pass, "continue", 0);
  wait_for_stop (fixture, "breakpoint", &pass);
  resume (fixture, pass, "continue", 0);
  node = wait_for_stop (fixture, "breakpoint", &pass);
  g_autoptr (GVariant) second = get_graph (fixture, pass);
  g_assert_cmpuint (pass, >, first);
  g_assert_cmpuint (node, ==, get_node_at (second, 4));
  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "condition", "s", "norm >");
  expect_refusal (fixture, "AddBreakpoint", g_variant_new ("(@a{sv})", g_variant_dict_end (&where)));
}

/* After the last node everything that was kept can still be had, and a step leads into the next pass. */
static void
test_end (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, next, root, leaf;
  GVariantDict where;

  attach (fixture);
  root = wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  leaf = get_node_at (graph, 4);
  resume (fixture, pass, "finish", 0);
  g_assert_cmpuint (wait_for_stop (fixture, "end", &pass), ==, 0);
  g_assert_cmpfloat (get_number (fixture, pass, root, "root:0"), ==, 27);
  g_assert_cmpfloat (get_number (fixture, pass, root, "gradient:0"), ==, 1);
  g_assert_cmpfloat (get_number (fixture, pass, leaf, "gradient:0"), ==, 4.5f);

  resume (fixture, pass, "step", 0);
  wait_for_stop (fixture, "step", &next);
  g_assert_cmpuint (next, >, pass);
  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "end", "b", TRUE);
  add_breakpoint (fixture, &where);
  resume (fixture, next, "continue", 0);
  wait_for_stop (fixture, "end", &pass);
  g_assert_cmpuint (pass, ==, next);
}

static void
add_tests (void)
{
  INSPECT_TEST ("/inspect/step", test_step, "1");
  INSPECT_TEST ("/inspect/breakpoints", test_breakpoints, "2");
  INSPECT_TEST ("/inspect/conditions", test_conditions, "2");
  INSPECT_TEST ("/inspect/end", test_end, "2");
}

int
main (int argc, char **argv)
{
  return inspect_client_main (argc, argv, add_tests);
}
