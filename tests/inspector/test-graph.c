/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The objects that are shown, from a graph as the debug service sends it, and pictures of it in
 * files. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "gten-gtk-export.h"

#define GRAPH_TYPE "(a(tstssyuta(axss))a(uuuu))"
#define NODES_TYPE "a(tyuu(tttdddd))"

static GtenGtkGraph *
load_tour (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "tour.graph", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GError) error = NULL;
  GtenGtkGraph *graph;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  variant = g_variant_parse (G_VARIANT_TYPE (GRAPH_TYPE), strchr (text, '\n') + 1, NULL, NULL,
                             &error);
  g_assert_no_error (error);
  graph = gten_gtk_graph_new_from_variant (variant, &error);
  g_assert_no_error (error);
  return graph;
}

static void
apply (GtenGtkGraph *graph, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) nodes = g_variant_parse (G_VARIANT_TYPE (NODES_TYPE), text, NULL, NULL,
                                                &error);

  g_assert_no_error (error);
  gten_gtk_graph_apply (graph, nodes);
}

static void
assert_state (GtenGtkGraph *graph, guint index, const char *expected)
{
  g_autofree char *state = gten_gtk_node_describe_state (gten_gtk_graph_get_node (graph, index));

  g_assert_cmpstr (state, ==, expected);
}

static void
assert_step (GtenGtkGraph *graph, const char *expected)
{
  g_autofree char *sentence = gten_gtk_graph_describe_step (graph);

  g_assert_cmpstr (sentence, ==, expected);
}

static void
test_states (void)
{
  g_autoptr (GtenGtkGraph) graph = load_tour ();
  GtenGtkStatistics statistics;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (graph)), ==, 5);
  g_assert_cmpuint (gten_gtk_graph_get_n_done (graph), ==, 2);
  assert_state (graph, 1, "done");
  assert_state (graph, 2, "ready");
  assert_state (graph, 3, "pending");
  g_assert_true (gten_gtk_node_is_leaf (gten_gtk_graph_get_node (graph, 4)));

  gten_gtk_graph_set_current (graph, 2);
  assert_state (graph, 2, "running");
  assert_step (graph, "Step 3 of 5: MulBackward0, gradient 2×2, running");

  /* One of two contributions is no gradient: its statistics are not the node's. */
  apply (graph, "[(13, 4, 1, 1, (4, 0, 0, 0.75, 0.75, 0.75, 1.5)), (14, 2, 1, 2, (4, 0, 0, 2.25, 2.25, 2.25, 4.5)), "
                "(99, 4, 1, 1, (1, 0, 0, 0., 0., 0., 0.))]");
  g_assert_cmpuint (gten_gtk_graph_get_n_done (graph), ==, 3);
  assert_state (graph, 3, "partial, 1 of 2");
  g_assert_false (gten_gtk_tensor_get_statistics (gten_gtk_node_get_gradient (gten_gtk_graph_get_node (graph, 3)), &statistics));

  apply (graph, "[(14, 3, 2, 2, (4, 0, 0, 4.5, 4.5, 4.5, 9.)), (14, 4, 2, 2, (4, 1, 0, 4.5, 4.5, 4.5, 9.))]");
  assert_state (graph, 3, "done");
  gten_gtk_graph_set_current (graph, 4);
  assert_step (graph, "Step 5 of 5: AccumulateGrad, gradient 2×2, running");
  gten_gtk_graph_set_current (graph, 3);
  assert_step (graph, "Step 5 of 5: AddBackward0, gradient 2×2, norm 9, 1 not finite");
}

static void
test_neighbours (void)
{
  g_autoptr (GtenGtkGraph) graph = load_tour ();
  g_autoptr (GListModel) inputs = gten_gtk_graph_get_inputs (graph, 2);
  g_autoptr (GListModel) users = gten_gtk_graph_get_users (graph, 4);

  g_assert_cmpuint (g_list_model_get_n_items (inputs), ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (users), ==, 1);
  g_assert_true (gten_gtk_graph_find_node (graph, 14) == gten_gtk_graph_get_node (graph, 3));
  g_assert_null (gten_gtk_graph_find_node (graph, 1));
  g_assert_null (gten_gtk_graph_get_node (graph, 5));
}

/* A variant comes from another process, and may be anything. */
static void
test_bad_variants (void)
{
  static const char *const bad[] = {
    "(@a(tstssyuta(axss)) [], [(0, 0, 0, 0)])",
    "([(1, 'a', 1, '', '', 1, 0, 0, @a(axss) [])], [(0, 0, 7, 0)])",
    "([(1, 'a', 1, '', '', 1, 0, 0, @a(axss) [])], [(4294967295, 0, 0, 0)])",
  };
  g_autoptr (GVariant) other = g_variant_ref_sink (g_variant_new_string ("no graph"));
  g_autoptr (GError) error = NULL;

  g_assert_null (gten_gtk_graph_new_from_variant (other, &error));
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_IO);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) parse_error = NULL;
      g_autoptr (GVariant) variant = g_variant_parse (G_VARIANT_TYPE (GRAPH_TYPE), bad[i], NULL,
                                                      NULL, &parse_error);

      g_assert_no_error (parse_error);
      g_clear_error (&error);
      g_assert_null (gten_gtk_graph_new_from_variant (variant, &error));
      g_assert_error (error, GTEN_ERROR, GTEN_ERROR_IO);
    }
}

/* What cannot be is passed over: unknown states and dtypes, shapes without end. */
static void
test_strange_variants (void)
{
  const char *text = "([(1, 'a', 1, '', '', 77, 9, 0, [([9223372036854775807, 9223372036854775807], 'quaternion', 'cpu')]), "
                     "(2, 'b', 1, '', '', 0, 0, 5, [([-3], 'float32', 'cpu')])], [(1, 0, 0, 0), (0, 9, 1, 9)])";
  g_autoptr (GVariant) variant = g_variant_parse (G_VARIANT_TYPE (GRAPH_TYPE), text, NULL, NULL,
                                                  NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenGtkGraph) graph = gten_gtk_graph_new_from_variant (variant, &error);
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "gtensor-strange.svg", NULL);

  g_assert_no_error (error);
  gten_gtk_graph_set_current (graph, 1);
  g_assert_true (gten_gtk_graph_export (graph, path, GTEN_GTK_EXPORT_DEFAULT, &error));
  g_assert_no_error (error);
  g_unlink (path);
}

static void
test_values (void)
{
  static const struct { GtenDtype dtype; const char *bytes; double values[2]; const char *text; } rows[] = {
    { GTEN_DTYPE_UINT8, "\x03\xff", { 3, 255 }, "255" },
    { GTEN_DTYPE_INT8, "\x03\xff", { 3, -1 }, "−1" },
    { GTEN_DTYPE_INT16, "\x03\x00\xfe\xff", { 3, -2 }, "−2" },
    { GTEN_DTYPE_INT32, "\x03\x00\x00\x00\xfe\xff\xff\xff", { 3, -2 }, "−2" },
    { GTEN_DTYPE_FLOAT16, "\x00\x3c\x00\xfc", { 1, -INFINITY }, "−∞" },
    { GTEN_DTYPE_FLOAT16, "\x01\x00\x00\x7e", { 0x1p-24, NAN }, "NaN" },
    { GTEN_DTYPE_BFLOAT16, "\x80\x3f\x20\xc0", { 1, -2.5 }, "−2.5" },
    { GTEN_DTYPE_FLOAT32, "\x00\x00\x80\x3f\x00\x00\x20\xc0", { 1, -2.5 }, "−2.5" },
    { GTEN_DTYPE_BOOL, "\x00\x01", { 0, 1 }, "True" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 shape[1] = { 2 };
      g_autoptr (GtenGtkTensor) tensor = gten_gtk_tensor_new ("x", rows[i].dtype, shape, 1);
      g_autoptr (GBytes) bytes = g_bytes_new (rows[i].bytes,
                                              2 * gten_dtype_get_size (rows[i].dtype));
      g_autoptr (GBytes) few = g_bytes_new (rows[i].bytes, 1);
      g_autofree char *text = NULL;

      g_assert_false (gten_gtk_tensor_set_values (tensor, few));
      g_assert_true (isnan (gten_gtk_tensor_get_value (tensor, 0)));
      g_assert_true (gten_gtk_tensor_set_values (tensor, bytes));
      for (guint k = 0; k < 2; k++)
        {
          double value = gten_gtk_tensor_get_value (tensor, k);
          g_assert_true (value == rows[i].values[k]
                         || (isnan (value) && isnan (rows[i].values[k])));
        }
      text = gten_gtk_tensor_format_value (tensor, 1);
      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_statistics (void)
{
  static const float values[] = { 3, -4, NAN, INFINITY };
  gint64 shape[2] = { 2, 2 };
  g_autoptr (GtenGtkTensor) tensor = gten_gtk_tensor_new ("x", GTEN_DTYPE_FLOAT32, shape, 2);
  g_autoptr (GBytes) bytes = g_bytes_new (values, sizeof values);
  g_autofree char *summary = NULL;
  g_autofree char *index = NULL;
  GtenGtkStatistics s;

  g_assert_false (gten_gtk_tensor_get_statistics (tensor, &s));
  gten_gtk_tensor_set_values (tensor, bytes);
  g_assert_true (gten_gtk_tensor_get_statistics (tensor, &s));
  g_assert_cmpuint (s.n_nan, ==, 1);
  g_assert_cmpuint (s.n_infinite, ==, 1);
  g_assert_true (isnan (s.norm));
  g_assert_cmpfloat (s.mean, ==, -0.5);
  summary = gten_gtk_tensor_summarize (tensor);
  g_assert_cmpstr (summary, ==, "norm NaN, −4 to 3, 1 NaN, 1 infinite");
  index = gten_gtk_tensor_format_index (tensor, 2);
  g_assert_cmpstr (index, ==, "[1, 0]");
}

/* Of a large tensor a sample is shown under its own indices. */
static void
test_sample (void)
{
  static const guint8 values[] = { 0, 1, 2, 3 };
  gint64 shape[2] = { 4, 6 }, sample[2] = { 2, 2 }, steps[2] = { 2, 4 }, too_large[2] = { 5, 2 };
  g_autoptr (GtenGtkTensor) tensor = gten_gtk_tensor_new ("x", GTEN_DTYPE_UINT8, shape, 2);
  g_autoptr (GBytes) bytes = g_bytes_new (values, sizeof values);
  g_autofree char *index = NULL;

  g_assert_false (gten_gtk_tensor_set_sample (tensor, bytes, sample, steps, 1));
  g_assert_false (gten_gtk_tensor_set_sample (tensor, bytes, too_large, steps, 2));
  g_assert_true (gten_gtk_tensor_set_sample (tensor, bytes, sample, steps, 2));
  g_assert_true (gten_gtk_tensor_is_sample (tensor));
  g_assert_cmpint (gten_gtk_tensor_get_n_columns (tensor), ==, 2);
  index = gten_gtk_tensor_format_index (tensor, 3);
  g_assert_cmpstr (index, ==, "[2, 4]");
}

static GBytes *
export (GtenGtkGraph *graph, const char *suffix, GtenGtkExportFlags flags)
{
  g_autofree char *name = g_strconcat ("gtensor-picture-XXXXXX", suffix, NULL);
  g_autofree char *path = NULL;
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  int fd = g_file_open_tmp (name, &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (gten_gtk_graph_export (graph, path, flags, &error));
  g_assert_no_error (error);
  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return g_bytes_new_take (g_steal_pointer (&contents), length);
}

static void
test_export (void)
{
  static const char *const suffixes[] = { ".svg", ".pdf", ".png" };
  static const float values[] = { 1, -2, 3, -4 };
  g_autoptr (GtenGtkGraph) graph = load_tour ();
  g_autoptr (GBytes) bytes = g_bytes_new (values, sizeof values);
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < 4; i++)
    gten_gtk_tensor_set_values (gten_gtk_node_get_value (gten_gtk_graph_get_node (graph, i)),
                                bytes);
  gten_gtk_graph_set_current (graph, 2);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autoptr (GBytes) first = export (graph, suffixes[i], GTEN_GTK_EXPORT_DEFAULT);
      g_autoptr (GBytes) second = export (graph, suffixes[i], GTEN_GTK_EXPORT_DEFAULT);
      g_autoptr (GBytes) dark = export (graph, suffixes[i], GTEN_GTK_EXPORT_DARK);

      g_assert_cmpuint (g_bytes_get_size (first), >, 1000);
      g_assert_true (g_bytes_equal (first, second));
      g_assert_false (g_bytes_equal (first, dark));
    }
  g_assert_false (gten_gtk_graph_export (graph, "graph.gif", GTEN_GTK_EXPORT_DEFAULT, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inspector/graph/states", test_states);
  g_test_add_func ("/inspector/graph/neighbours", test_neighbours);
  g_test_add_func ("/inspector/graph/bad-variants", test_bad_variants);
  g_test_add_func ("/inspector/graph/strange-variants", test_strange_variants);
  g_test_add_func ("/inspector/tensor/values", test_values);
  g_test_add_func ("/inspector/tensor/statistics", test_statistics);
  g_test_add_func ("/inspector/tensor/sample", test_sample);
  g_test_add_func ("/inspector/export", test_export);
  return g_test_run ();
}
