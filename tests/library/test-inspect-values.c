/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The debug service from outside. What the service says of tensors: statistics, elements, comparisons, pictures. */

#include "inspect-client.h"

static void
test_progress (Fixture *fixture, gconstpointer unused)
{
  guint64 pass;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  resume (fixture, pass, "step", 0);
  g_autoptr (GVariant) progress = wait_for (fixture, "Progress");
  g_autoptr (GVariant) contributions = g_variant_get_child_value (progress, 2);
  g_autoptr (GVariant) first = NULL, statistics = NULL;
  guint64 numel, n_nan;
  double least, greatest, norm;

  while (g_variant_n_children (contributions) == 0)
    {
      g_clear_pointer (&contributions, g_variant_unref);
      g_clear_pointer (&progress, g_variant_unref);
      progress = wait_for (fixture, "Progress");
      contributions = g_variant_get_child_value (progress, 2);
    }
  /* MeanBackward0 hands a quarter to each element; the pass's root came before it. */
  first = g_variant_get_child_value (contributions, g_variant_n_children (contributions) - 1);
  statistics = g_variant_get_child_value (first, 3);
  g_variant_get (statistics, "(tttdddd)", &numel, &n_nan, NULL, &least, &greatest, NULL, &norm);
  g_assert_cmpuint (numel, ==, 4);
  g_assert_cmpuint (n_nan, ==, 0);
  g_assert_cmpfloat (least, ==, 0.25);
  g_assert_cmpfloat (greatest, ==, 0.25);
  g_assert_cmpfloat (norm, ==, 0.5);
  resume (fixture, pass, "finish", 0);
}

static void
test_tensor (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL, description = NULL, node_answer = NULL, about = NULL;
  g_autoptr (GBytes) elements = NULL;
  g_autofree const char **saved = NULL;
  guint64 pass, node;
  const char *dtype;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  resume (fixture, pass, "step", 0);
  wait_for_stop (fixture, "step", &pass);
  resume (fixture, pass, "over", 0);
  node = wait_for_stop (fixture, "step", &pass);

  /* y * y: its gradient is 3/4 everywhere, and it saved y. */
  node_answer = call (fixture, "GetNode", g_variant_new ("(tt)", pass, node));
  about = g_variant_get_child_value (node_answer, 0);
  g_assert_true (g_variant_lookup (about, "saved", "^a&s", &saved));
  g_assert_true (g_strv_contains (saved, "self"));
  answer = call_with_fds (fixture, "GetTensor", g_variant_new ("(ttst)", pass, node, "gradient:0", (guint64) 1024),
                          &fds, &error);
  g_assert_no_error (error);
  description = g_variant_get_child_value (answer, 0);
  g_assert_true (g_variant_lookup (description, "dtype", "&s", &dtype));
  g_assert_cmpstr (dtype, ==, "float32");
  elements = take_memfd (fds);
  g_assert_cmpuint (g_bytes_get_size (elements), ==, 16);
  g_assert_cmpfloat (((const float *) g_bytes_get_data (elements, NULL))[3], ==, 0.75f);

  /* What does not fit is thinned out. */
  g_clear_pointer (&answer, g_variant_unref);
  g_clear_object (&fds);
  answer = call_with_fds (fixture, "GetTensor", g_variant_new ("(ttst)", pass, node, "saved:self", (guint64) 8),
                          &fds, &error);
  g_assert_no_error (error);
  g_bytes_unref (g_steal_pointer (&elements));
  elements = take_memfd (fds);
  g_assert_cmpuint (g_bytes_get_size (elements), ==, 8);
}

/* What asks for the three greatest differences of a gradient from another tensor, or from none. */
static GVariant *
comparison (guint64 pass, guint64 node, guint64 other_node, const char *other_which)
{
  GVariantDict other;

  g_variant_dict_init (&other, NULL);
  if (other_which != NULL)
    {
      g_variant_dict_insert (&other, "node", "t", other_node);
      g_variant_dict_insert (&other, "which", "s", other_which);
    }
  return g_variant_new ("(tts@a{sv}u)", pass, node, "gradient:0", g_variant_dict_end (&other), 3);
}

static void
test_compare (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, n_different = 0;
  double greatest = 0;
  gboolean equal = FALSE;

  attach_with_journal (fixture, 1 << 20);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  resume (fixture, pass, "finish", 0);
  wait_for_stop (fixture, "end", &pass);
  g_autoptr (GVariant) answer
    = call (fixture, "Compare", comparison (pass, get_node_at (graph, 2), get_node_at (graph, 1), "gradient:0"));
  g_autoptr (GVariant) about = g_variant_get_child_value (answer, 0);
  g_autoptr (GVariant) worst = g_variant_lookup_value (about, "worst", NULL);
  g_assert_true (g_variant_lookup (about, "equal", "b", &equal));
  g_assert_true (g_variant_lookup (about, "n-different", "t", &n_different));
  g_assert_true (g_variant_lookup (about, "max-absolute", "d", &greatest));
  g_assert_false (equal);
  g_assert_cmpuint (n_different, ==, 4);
  g_assert_cmpfloat (greatest, ==, 0.5);
  g_assert_cmpuint (g_variant_n_children (worst), ==, 3);

  g_autoptr (GVariant) same
    = call (fixture, "Compare", comparison (pass, get_node_at (graph, 3), get_node_at (graph, 3), "gradient:0@4"));
  g_autoptr (GVariant) same_about = g_variant_get_child_value (same, 0);
  g_assert_true (g_variant_lookup (same_about, "equal", "b", &equal));
  g_assert_true (equal);
  expect_refusal (fixture, "Compare", comparison (pass, get_node_at (graph, 3), 0, NULL));
  resume (fixture, pass, "continue", 0);
}

static void
test_pictures (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, leaf;
  GVariantDict options;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  guint width = 0, height = 0;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  leaf = get_node_at (graph, 4);
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "reduce", "s", "absmax");
  g_autoptr (GVariant) answer = call_with_fds (fixture, "GetPicture", g_variant_new ("(ttsuu@a{sv})", pass, leaf, "variable", 1, 2,
                                                                                     g_variant_dict_end (&options)), &fds, &error);
  g_assert_no_error (error);
  g_autoptr (GVariant) about = g_variant_get_child_value (answer, 0);
  g_autoptr (GBytes) pixels = take_memfd (fds);
  g_assert_true (g_variant_lookup (about, "width", "u", &width));
  g_assert_true (g_variant_lookup (about, "height", "u", &height));
  g_assert_cmpuint (width, ==, 1);
  g_assert_cmpuint (height, ==, 2);
  g_assert_cmpuint (g_bytes_get_size (pixels), ==, 8);
  g_assert_cmpfloat (*(const float *) g_bytes_get_data (pixels, NULL), ==, 1);

  g_autoptr (GVariant) histogram = call (fixture, "GetHistogram", g_variant_new ("(ttsudd)", pass, leaf, "variable", 4, 0., 4.));
  g_autoptr (GVariant) counts = g_variant_get_child_value (histogram, 1);
  gsize n;
  const guint64 *numbers = g_variant_get_fixed_array (counts, &n, sizeof *numbers);
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpuint (numbers[1], ==, 4);
  expect_refusal (fixture, "SetElement",
                  g_variant_new ("(tts@axd)", pass, leaf, "variable", g_variant_new_array (G_VARIANT_TYPE_INT64, NULL, 0), 1.));
  g_autoptr (GVariant) timeline = get_memfd_variant (fixture, "GetTimeline", g_variant_new ("(t)", (guint64) 0), GTEN_INSPECT_TIMELINE);
  g_assert_true (g_variant_is_normal_form (timeline));
  resume (fixture, pass, "continue", 0);
}

static void
add_tests (void)
{
  INSPECT_TEST ("/inspect/progress", test_progress, "1");
  INSPECT_TEST ("/inspect/tensor", test_tensor, "1");
  INSPECT_TEST ("/inspect/compare", test_compare, "1");
  INSPECT_TEST ("/inspect/pictures", test_pictures, "1");
}

int
main (int argc, char **argv)
{
  return inspect_client_main (argc, argv, add_tests);
}
