/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors as they are looked at: slices, texts, files and comparisons; and what of a graph is
 * drawn. No display is needed. */
#include <math.h>
#include <string.h>

#include "gten-gtk-arrangement-private.h"
#include "gten-gtk-color-scale-private.h"
#include "gten-gtk-differences.h"
#include "gten-gtk-format.h"
#include "gten-gtk-npy.h"
#include "gten-gtk-slice.h"

static GtenGtkTensor *
make_tensor (const gint64 *shape, gsize n_dims, const float *values)
{
  GtenGtkTensor *tensor = gten_gtk_tensor_new ("t", GTEN_DTYPE_FLOAT32, shape, n_dims);
  g_autoptr (GBytes) bytes = NULL;
  gsize n = 1;

  for (gsize i = 0; i < n_dims; i++)
    n *= shape[i];
  bytes = g_bytes_new (values, n * sizeof *values);
  g_assert_true (gten_gtk_tensor_set_values (tensor, bytes));
  return tensor;
}

static GtenGtkTensor *
count_up (const gint64 *shape, gsize n_dims)
{
  float values[256];

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    values[i] = i;
  return make_tensor (shape, n_dims, values);
}

static void
test_slices (void)
{
  const gint64 shape[] = { 2, 3, 4, 5 }, at[] = { 1, 2, 0, 3 }, outside[] = { 2, 0, 0, 0 };
  g_autoptr (GtenGtkTensor) tensor = count_up (shape, 4);
  static const struct { int down, across; gint64 n_rows, n_columns; double first, last; const char *place; } rows[] = {
    { 2, 3, 4, 5, 100, 119, "[1, 2, 3, 4]" },
    { 3, 2, 5, 4, 100, 119, "[1, 2, 3, 4]" },
    { 0, 1, 2, 3, 3, 103, "[1, 2, 0, 3]" },
    { -1, 1, 1, 3, 63, 103, "[1, 2, 0, 3]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GtenGtkTensor) slice = gten_gtk_tensor_slice (tensor, rows[i].down, rows[i].across, at, 4);
      guint64 last = rows[i].n_rows * rows[i].n_columns - 1;
      g_autofree char *place = gten_gtk_tensor_format_index (slice, last);

      g_assert_cmpint (gten_gtk_tensor_get_n_rows (slice), ==, rows[i].n_rows);
      g_assert_cmpint (gten_gtk_tensor_get_n_columns (slice), ==, rows[i].n_columns);
      g_assert_cmpfloat (gten_gtk_tensor_get_value (slice, 0), ==, rows[i].first);
      g_assert_cmpfloat (gten_gtk_tensor_get_value (slice, last), ==, rows[i].last);
      g_assert_cmpstr (place, ==, rows[i].place);
    }
  g_assert_null (gten_gtk_tensor_slice (tensor, 2, 3, outside, 4));
  g_assert_null (gten_gtk_tensor_slice (tensor, 2, 2, at, 4));
}

static void
test_texts (void)
{
  const gint64 shape[] = { 2, 2 };
  const float values[] = { 1, -0.5f, NAN, INFINITY };
  g_autoptr (GtenGtkTensor) tensor = make_tensor (shape, 2, values);
  static const struct { GtenGtkFormat format; const char *text; } rows[] = {
    { GTEN_GTK_FORMAT_TEXT, " 1.0  -0.5\n nan   inf" },
    { GTEN_GTK_FORMAT_TSV, "1.0\t-0.5\nnan\tinf" },
    { GTEN_GTK_FORMAT_PYTHON, "[[1.0, -0.5],\n [float('nan'), float('inf')]]" },
    { GTEN_GTK_FORMAT_C, "{ { 1.0, -0.5 },\n  { NAN, INFINITY } }" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = gten_gtk_tensor_format (tensor, rows[i].format);
      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_npy (void)
{
  const gint64 shapes[][3] = { { 2, 3, 4 }, { 24, 1, 1 }, { 1, 1, 1 } };

  for (gsize n_dims = 0; n_dims <= 3; n_dims++)
    for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
      {
        g_autoptr (GtenGtkTensor) tensor = count_up (shapes[i], n_dims);
        g_autoptr (GError) error = NULL;
        g_autoptr (GBytes) bytes = gten_gtk_tensor_to_npy (tensor, &error);
        g_autoptr (GtenGtkTensor) again = bytes != NULL ? gten_gtk_tensor_new_from_npy ("again", bytes, &error) : NULL;
        GtenGtkDifferences differences;
        g_autoptr (GtenGtkTensor) compared = NULL;

        g_assert_no_error (error);
        g_assert_cmpint ((g_bytes_get_size (bytes) - gten_gtk_tensor_get_n_rows (tensor) * gten_gtk_tensor_get_n_columns (tensor) * 4) % 64, ==, 0);
        compared = gten_gtk_tensor_compare (tensor, again, GTEN_GTK_MEASURE_ABSOLUTE, &differences, &error);
        g_assert_no_error (error);
        g_assert_cmpuint (differences.n_different, ==, 0);
      }
}

static void
test_hostile_npy (void)
{
  static const char *const headers[] = {
    "", "{}", "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'more': 1}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (4,), }", "{'descr': '>f4', 'fortran_order': False, 'shape': (4,), }",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", "{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }", "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os'),), }",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }",
  };
  const float values[4] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    for (guint version = 0; version < 4; version++)
      {
        g_autoptr (GByteArray) file = g_byte_array_new ();
        g_autoptr (GBytes) bytes = NULL;
        g_autoptr (GError) error = NULL;
        const guint8 start[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', version, 0 };
        guint32 length = GUINT32_TO_LE (strlen (headers[i]));

        g_byte_array_append (file, start, sizeof start);
        g_byte_array_append (file, (const guint8 *) &length, version < 2 ? 2 : 4);
        g_byte_array_append (file, (const guint8 *) headers[i], strlen (headers[i]));
        g_byte_array_append (file, (const guint8 *) values, sizeof values);
        bytes = g_byte_array_free_to_bytes (g_steal_pointer (&file));
        g_assert_null (gten_gtk_tensor_new_from_npy (NULL, bytes, &error));
        g_assert_error (error, GTEN_ERROR, GTEN_ERROR_IO);
        /* Cut off anywhere in the header, it is refused as well. */
        for (gsize n = 0; n + sizeof values < g_bytes_get_size (bytes); n++)
          {
            g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 0, n);
            g_assert_null (gten_gtk_tensor_new_from_npy (NULL, part, NULL));
          }
      }
}

static void
test_differences (void)
{
  const gint64 shape[] = { 5 }, other[] = { 1, 5 };
  const float a[] = { 1, 2, NAN, INFINITY, 0 }, b[] = { 1, nextafterf (2, 3), NAN, 1, -0.0f };
  g_autoptr (GtenGtkTensor) x = make_tensor (shape, 1, a);
  g_autoptr (GtenGtkTensor) y = make_tensor (shape, 1, b);
  g_autoptr (GtenGtkTensor) z = make_tensor (other, 2, b);
  GtenGtkDifferences d;
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenGtkTensor) result = gten_gtk_tensor_compare (x, y, GTEN_GTK_MEASURE_ULP, &d, &error);
  g_autofree guint64 *worst = NULL;
  guint n;

  g_assert_no_error (error);
  g_assert_cmpuint (d.n_different, ==, 2);
  g_assert_cmpuint (d.n_not_finite, ==, 1);
  g_assert_cmpfloat (d.greatest[GTEN_GTK_MEASURE_ULP], ==, 1);
  worst = gten_gtk_tensor_find_worst (result, 3, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (worst[0], ==, 3);
  g_assert_cmpuint (worst[1], ==, 1);
  g_assert_null (gten_gtk_tensor_compare (x, z, GTEN_GTK_MEASURE_ULP, NULL, &error));
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_IO);
}

static void
test_ranges (void)
{
  const gint64 shape[] = { 4 };
  const float values[] = { -1, 0, 1e-4f, 100 };
  g_autoptr (GtenGtkTensor) tensor = make_tensor (shape, 1, values);
  GtenGtkColorScale scale;

  for (GtenGtkColormap map = 0; map <= GTEN_GTK_COLORMAP_GRAY; map++)
    for (GtenGtkRange range = 0; range <= GTEN_GTK_RANGE_LOGARITHMIC; range++)
      {
        gten_gtk_color_scale_init (&scale, &gten_gtk_palette_light, map, range, tensor);
        g_assert_cmpfloat (scale.low, <, scale.high);
        g_assert_cmphex (gten_gtk_color_scale_map (&scale, NAN), ==, gten_gtk_palette_light.nan);
        g_assert_cmphex (gten_gtk_color_scale_map (&scale, 100), ==, gten_gtk_color_scale_at (&scale, 1));
      }
  gten_gtk_color_scale_init (&scale, &gten_gtk_palette_light, GTEN_GTK_COLORMAP_DIVERGING, GTEN_GTK_RANGE_EXTREMES, tensor);
  g_assert_cmpfloat (scale.low, ==, -1);
  g_assert_cmpfloat (scale.high, ==, 100);
}

/* -- graphs ------------------------------------------------------------------------------------ */

/* A loss, then layers of three nodes in a chain; each node's input is the next. */
static GtenGtkGraph *
make_chain (guint n_layers)
{
  static const char *const names[] = { "TanhBackward0", "MulBackward0", "MmBackward0" };
  GVariantBuilder nodes, edges;
  guint n = 1 + 3 * n_layers;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GError) error = NULL;
  GtenGtkGraph *graph;

  g_variant_builder_init (&nodes, G_VARIANT_TYPE ("a(tstssyuta(axss))"));
  g_variant_builder_init (&edges, G_VARIANT_TYPE ("a(uuuu)"));
  for (guint i = 0; i < n; i++)
    {
      GVariantBuilder outputs;

      g_variant_builder_init (&outputs, G_VARIANT_TYPE ("a(axss)"));
      g_variant_builder_add (&nodes, "(tstssyuta(axss))", (guint64) i + 1, i == 0 ? "SumBackward0" : names[(i - 1) % 3], (guint64) i, "", "",
                             (guint8) 1, 0u, (guint64) 0, &outputs);
      if (i + 1 < n)
        g_variant_builder_add (&edges, "(uuuu)", i, 0u, i + 1, 0u);
    }
  variant = g_variant_ref_sink (g_variant_new ("(@a(tstssyuta(axss))@a(uuuu))", g_variant_builder_end (&nodes), g_variant_builder_end (&edges)));
  graph = gten_gtk_graph_new_from_variant (variant, &error);
  g_assert_no_error (error);
  return graph;
}

static void
test_folding (void)
{
  g_autoptr (GtenGtkGraph) graph = make_chain (100);
  g_autoptr (GtkBitset) open = gtk_bitset_new_empty ();
  GtenGtkArrangementOptions options = { .fold = TRUE };
  g_autoptr (GtenGtkArrangement) folded = gten_gtk_arrangement_new (graph, &options);
  g_autoptr (GtenGtkArrangement) opened = NULL;
  g_autoptr (GtenGtkLayout) layout = gten_gtk_arrangement_lay_out (folded, NULL);

  g_assert_cmpuint (folded->n_items, ==, 2);
  g_assert_cmpuint (folded->n_repeats[1], ==, 100);
  g_assert_cmpuint (folded->n_nodes[1], ==, 300);
  g_assert_cmpuint (folded->item[300], ==, 1);
  g_assert_cmpuint (layout->n_nodes, ==, 2);
  gtk_bitset_add (open, folded->node[1]);
  options.open = open;
  opened = gten_gtk_arrangement_new (graph, &options);
  g_assert_cmpuint (opened->n_items, >, folded->n_items);
}

static void
test_parts (void)
{
  g_autoptr (GtenGtkGraph) graph = make_chain (10);
  g_autoptr (GtkBitset) near = gten_gtk_find_neighbourhood (graph, 10, 2);
  g_autoptr (GtkBitset) path = gten_gtk_find_paths (graph, 20, 5);
  GtenGtkArrangementOptions options = { .only = near };
  g_autoptr (GtenGtkArrangement) part = gten_gtk_arrangement_new (graph, &options);

  g_assert_cmpuint (gtk_bitset_get_size (near), ==, 5);
  g_assert_cmpuint (gtk_bitset_get_minimum (near), ==, 8);
  g_assert_cmpuint (gtk_bitset_get_size (path), ==, 16);
  g_assert_cmpuint (part->n_items, ==, 5);
  g_assert_cmpuint (part->n_edges, ==, 4);
  g_assert_cmpuint (part->item[0], ==, GTEN_GTK_NO_NODE);
  g_assert_cmpuint (part->node[0], ==, 8);
}

static void
test_matches (void)
{
  g_autoptr (GtenGtkGraph) graph = make_chain (10);
  static const struct { const char *condition; guint64 n; } rows[] = {
    { "mul", 10 }, { "name:Mul*", 10 }, { "state:pending", 31 }, { "norm > 0", 0 }, { "sum or tanh", 11 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenCondition) condition = gten_condition_new (rows[i].condition, NULL, &error);
      g_autoptr (GtkBitset) matches = NULL;

      g_assert_no_error (error);
      matches = gten_gtk_graph_find_matches (graph, condition);
      g_assert_cmpuint (gtk_bitset_get_size (matches), ==, rows[i].n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inspector/tensors/slices", test_slices);
  g_test_add_func ("/inspector/tensors/texts", test_texts);
  g_test_add_func ("/inspector/tensors/npy", test_npy);
  g_test_add_func ("/inspector/tensors/hostile-npy", test_hostile_npy);
  g_test_add_func ("/inspector/tensors/differences", test_differences);
  g_test_add_func ("/inspector/tensors/ranges", test_ranges);
  g_test_add_func ("/inspector/graphs/folding", test_folding);
  g_test_add_func ("/inspector/graphs/parts", test_parts);
  g_test_add_func ("/inspector/graphs/matches", test_matches);
  return g_test_run ();
}
