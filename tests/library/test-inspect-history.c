/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The debug service from outside. What a pass was before: contributions, the journal, and the flow over passes. */

#include "inspect-client.h"

/* What square gets from its two users: each half of the sum, both along it. */
static void
test_contributions (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, add, from;
  double cosine, norm;
  guint step;

  attach_with_journal (fixture, 1 << 20);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  add = get_node_at (graph, 3);
  resume (fixture, pass, "run-to", add);
  wait_for_stop (fixture, "run-to", &pass);
  resume (fixture, pass, "over", 0);
  wait_for_stop (fixture, "step", &pass);
  g_autoptr (GVariant) answer = call (fixture, "GetContributions", g_variant_new ("(tt)", pass, add));
  g_autoptr (GVariant) list = g_variant_get_child_value (answer, 0);

  g_assert_cmpuint (g_variant_n_children (list), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (list, i);

      g_variant_get (row, "(tuu(tttdddd)d)", &from, NULL, &step, NULL, NULL, NULL, NULL, NULL, NULL, &norm, &cosine);
      g_assert_cmpuint (from, ==, get_node_at (graph, 2));
      g_assert_cmpuint (step, ==, 3);
      g_assert_cmpfloat (norm, ==, 4.5);
      g_assert_cmpfloat_with_epsilon (cosine, 1, 1e-6);
    }
  resume (fixture, pass, "finish", 0);
}

static void
expect_state (GVariant *list, guint place, guchar expected, guint expected_arrived)
{
  g_autoptr (GVariant) row = g_variant_get_child_value (list, place);
  guchar state;
  guint n_arrived;

  g_variant_get_child (row, 1, "y", &state);
  g_variant_get_child (row, 2, "u", &n_arrived);
  g_assert_cmpuint (state, ==, expected);
  g_assert_cmpuint (n_arrived, ==, expected_arrived);
}

/* At the end every earlier step can still be had. */
static void
test_history (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, next, add, leaf, since, step, from;

  attach_with_journal (fixture, 1 << 20);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  add = get_node_at (graph, 3);
  leaf = get_node_at (graph, 4);
  resume (fixture, pass, "finish", 0);
  wait_for_stop (fixture, "end", &next);
  g_assert_cmpfloat (get_number (fixture, pass, add, "gradient:0@3"), ==, 4.5f);
  g_assert_cmpfloat (get_number (fixture, pass, add, "gradient:0@5"), ==, 4.5f);
  g_assert_cmpfloat (get_number (fixture, pass, leaf, "variable-gradient@5"), ==, 4.5f);
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, add, "gradient:0@2", (guint64) 4));
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, add, "gradient:0@6", (guint64) 4));
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, leaf, "variable-gradient@4", (guint64) 4));
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, add, "saved:self@1", (guint64) 4));

  g_autoptr (GVariant) states_answer = call (fixture, "GetStates", g_variant_new ("(tu)", pass, 2));
  g_autoptr (GVariant) states = g_variant_get_child_value (states_answer, 0);
  expect_state (states, 0, GTEN_GRAD_DONE, 1);
  expect_state (states, 1, GTEN_GRAD_DONE, 1);
  expect_state (states, 2, GTEN_GRAD_READY, 1);
  expect_state (states, 3, GTEN_GRAD_PENDING, 0);
  g_autoptr (GVariant) journal_answer = call (fixture, "GetJournal", g_variant_new ("(t)", pass));
  g_autoptr (GVariant) journal = g_variant_get_child_value (journal_answer, 0);
  g_assert_cmpuint (g_variant_n_children (journal), ==, 5);

  g_autoptr (GVariant) node_answer = call (fixture, "GetNode", g_variant_new ("(tt)", pass, leaf));
  g_autoptr (GVariant) about = g_variant_get_child_value (node_answer, 0);
  gboolean changed = TRUE;
  g_assert_true (g_variant_lookup (about, "written-by", "(ttt)", &since, &step, &from));
  g_assert_cmpuint (since, ==, pass);
  g_assert_cmpuint (step, ==, 5);
  g_assert_true (g_variant_lookup (about, "written-since", "b", &changed));
  g_assert_false (changed);
  resume (fixture, pass, "continue", 0);
}

/* Nothing fits: what was let go is told, and never made up. */
static void
test_journal_budget (Fixture *fixture, gconstpointer unused)
{
  guint64 pass;
  guint from = 0;

  attach_with_journal (fixture, 8);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  resume (fixture, pass, "run-to", get_node_at (graph, 3));
  wait_for_stop (fixture, "run-to", &pass);
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, get_node_at (graph, 3), "gradient:0@3", (guint64) 4));
  g_autoptr (GVariant) answer = call (fixture, "GetPass", g_variant_new ("(t)", pass));
  g_autoptr (GVariant) about = g_variant_get_child_value (answer, 0);
  g_assert_true (g_variant_lookup (about, "journal-from", "u", &from));
  g_assert_cmpuint (from, ==, 4);
  resume (fixture, pass, "continue", 0);
}

static void
test_flow (Fixture *fixture, gconstpointer unused)
{
  guint64 pass;
  GVariantDict where;

  attach_with_journal (fixture, 0);
  wait_for_stop (fixture, "pass", &pass);
  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "pass", "b", TRUE);
  g_variant_dict_insert (&where, "hit", "u", 5);
  add_breakpoint (fixture, &where);
  resume (fixture, pass, "continue", 0);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) flow = get_memfd_variant (fixture, "GetFlow", NULL, GTEN_INSPECT_FLOW);
  g_autoptr (GVariant) rows = g_variant_get_child_value (flow, 0), columns = g_variant_get_child_value (flow, 1);
  g_autoptr (GVariant) cells = g_variant_get_child_value (flow, 2);
  gsize n_cells;
  const double *logs = g_variant_get_fixed_array (cells, &n_cells, sizeof *logs);

  g_assert_true (g_variant_is_normal_form (flow));
  g_assert_cmpuint (g_variant_n_children (rows), ==, 5);
  g_assert_cmpuint (g_variant_n_children (columns), ==, 5);
  g_assert_cmpuint (n_cells, ==, 25);
  /* The loss, and the leaf: a gradient of 4.5 everywhere. */
  g_assert_cmpfloat (logs[0], ==, 0);
  g_assert_cmpfloat_with_epsilon (logs[24], 0.6532125, 1e-6);
  resume (fixture, pass, "continue", 0);
}

static void
add_tests (void)
{
  INSPECT_TEST ("/inspect/contributions", test_contributions, "1");
  INSPECT_TEST ("/inspect/history", test_history, "1");
  INSPECT_TEST ("/inspect/journal-budget", test_journal_budget, "1");
  INSPECT_TEST ("/inspect/flow", test_flow, "7");
}

int
main (int argc, char **argv)
{
  return inspect_client_main (argc, argv, add_tests);
}
