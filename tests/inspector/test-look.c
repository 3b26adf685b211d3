/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors of a program as they are looked at in the window: what is told of all elements where only a sample is here; slices,
 * copies, files, colours and comparisons. */
#include "fixture.h"
#include "gten-gtk-axes.h"
#include "gten-gtk-compare-view.h"
#include "gten-gtk-heatmap.h"
#include "gten-gtk-image.h"
#include "gten-gtk-npy.h"
#include "gten-gtk-slice.h"
#include "gten-gtk-tensor-view.h"
#include "gten-gtk-values.h"

#include <glib/gstdio.h>
#include <math.h>

/* The first widget of a type in another. */
static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  GtkWidget *found = NULL;

  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_widget (child, type);
  return found;
}

static GtkWidget *
find_view (Fixture *fixture)
{
  return find_widget (GTK_WIDGET (fixture->window), GTEN_GTK_TYPE_TENSOR_VIEW);
}

/* Runs to the end of the pass and shows the gradient of the leaf of a shape. */
static GtenGtkNode *
show_leaf (Fixture *fixture, const char *shape)
{
  GtenGtkGraph *graph = NULL;
  GtenGtkNode *leaf = NULL;
  guint n;

  press ("shift+F11");
  wait_for (fixture, fixture->status, "Paused at the end of pass 1");
  graph = gten_gtk_graph_view_get_graph (fixture->view);
  n = gten_gtk_graph_get_n_nodes (graph);
  for (guint i = 0; i < n && leaf == NULL; i++)
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (graph, i);
      g_autofree char *text = NULL;

      g_object_get (node, "shape", &text, NULL);
      if (gten_gtk_node_is_leaf (node) && g_strcmp0 (text, shape) == 0)
        leaf = node;
    }
  g_assert_nonnull (leaf);
  gten_gtk_graph_view_set_selected (fixture->view, gten_gtk_node_get_index (leaf));
  WAIT_UNTIL (fixture, gten_gtk_tensor_widget_get_tensor (GTEN_GTK_TENSOR_WIDGET (find_view (fixture))) == gten_gtk_node_get_gradient (leaf));
  WAIT_UNTIL (fixture, gten_gtk_tensor_get_values (gten_gtk_node_get_gradient (leaf)) != NULL);
  return leaf;
}

/* The widget of a page of the view, brought to the front. */
static GtkWidget *
show_page (Fixture *fixture, const char *name, GType type)
{
  GtkWidget *widget = find_widget (find_view (fixture), type);

  gtk_stack_set_visible_child_name (GTK_STACK (gtk_widget_get_ancestor (widget, GTK_TYPE_STACK)), name);
  return widget;
}

/* NULL before the first frame. */
static GdkTexture *
draw (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (widget));

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  node = gtk_snapshot_to_node (snapshot);
  if (node == NULL)
    return NULL;
  return gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
}

/* How many pixels have a colour with more red than blue, by far. */
static guint
count_warm (GtkWidget *widget)
{
  g_autoptr (GdkTexture) texture = draw (widget);
  gsize width = texture != NULL ? gdk_texture_get_width (texture) : 0, height = texture != NULL ? gdk_texture_get_height (texture) : 0;
  g_autofree guint32 *pixels = g_new (guint32, width * height + 1);
  guint n = 0;

  if (texture == NULL)
    return 0;
  gdk_texture_download (texture, (guchar *) pixels, width * sizeof *pixels);
  for (gsize i = 0; i < width * height; i++)
    n += (pixels[i] >> 24) > 128 && (int) (pixels[i] >> 16 & 255) - (int) (pixels[i] & 255) > 100;
  return n;
}

/* -- all elements ------------------------------------------------------------------------------ */

static void
test_whole (Fixture *fixture, gconstpointer example)
{
  GtenGtkNode *leaf = show_leaf (fixture, "1000×1000");
  GtenGtkTensor *gradient = gten_gtk_node_get_gradient (leaf), *value = gten_gtk_node_get_value (leaf);
  GtenGtkQuestion *question;
  GtkWidget *heatmap = find_widget (find_view (fixture), GTEN_GTK_TYPE_HEATMAP);
  const guint64 *counts;
  const float *pixels;
  guint width = 0, height = 0;
  guint64 n_different = 0;
  double greatest = 0;
  gsize n;

  g_assert_true (gten_gtk_tensor_is_sample (gradient));
  for (guint64 i = 0; i < (guint64) gten_gtk_tensor_get_n_rows (gradient) * gten_gtk_tensor_get_n_columns (gradient); i++)
    g_assert_cmpfloat (gten_gtk_tensor_get_value (gradient, i), ==, 0);

  /* The only element that is not zero is in the picture, in the window and by itself. */
  question = gten_gtk_tensor_ask_picture (gradient, 100, 100, "absmax");
  WAIT_UNTIL (fixture, (pixels = gten_gtk_question_get_pixels (question, &width, &height)) != NULL);
  g_assert_cmpuint (width, ==, 100);
  g_assert_cmpuint (height, ==, 100);
  for (guint i = 0; i < width * height; i++)
    g_assert_cmpfloat (pixels[i], ==, i == 50 * 100 + 77 ? 10 : 0);
  WAIT_UNTIL (fixture, gtk_widget_get_mapped (heatmap) && count_warm (heatmap) > 0);

  question = gten_gtk_tensor_ask (gradient, GTEN_GTK_QUESTION_HISTOGRAM, g_variant_new_uint32 (48), NULL);
  g_assert_true (question == gten_gtk_tensor_ask (gradient, GTEN_GTK_QUESTION_HISTOGRAM, g_variant_new_uint32 (48), NULL));
  WAIT_UNTIL (fixture, gten_gtk_question_get_answer (question) != NULL);
  counts = g_variant_get_fixed_array (gten_gtk_question_get_answer (question), &n, sizeof *counts);
  g_assert_cmpuint (counts[0], ==, 999999);
  g_assert_cmpuint (counts[47], ==, 1);

  gten_gtk_tensor_want (value);
  WAIT_UNTIL (fixture, gten_gtk_tensor_get_values (value) != NULL);
  question = gten_gtk_tensor_ask (gradient, GTEN_GTK_QUESTION_COMPARISON, g_variant_new_uint32 (8), value);
  WAIT_UNTIL (fixture, gten_gtk_question_get_answer (question) != NULL);
  g_assert_true (g_variant_lookup (gten_gtk_question_get_answer (question), "n-different", "t", &n_different));
  g_assert_true (g_variant_lookup (gten_gtk_question_get_answer (question), "max-absolute", "d", &greatest));
  g_assert_cmpuint (n_different, ==, 1);
  g_assert_cmpfloat (greatest, ==, 5);
}

static void
test_saved (Fixture *fixture, gconstpointer example)
{
  GtenGtkGraph *graph = gten_gtk_graph_view_get_graph (fixture->view);
  GtenGtkNode *product = NULL;
  g_autoptr (GtenGtkTensor) saved = NULL;
  GtenGtkQuestion *question;
  const guint64 *counts;
  gsize n;

  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (graph); i++)
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (graph, i);
      g_autofree char *text = NULL;

      g_object_get (node, "shape", &text, NULL);
      if (g_str_equal (gten_gtk_node_get_name (node), "MulBackward0") && g_strcmp0 (text, "1000×1000") == 0)
        product = node;
    }
  g_assert_nonnull (product);
  gten_gtk_graph_view_set_selected (fixture->view, gten_gtk_node_get_index (product));
  WAIT_UNTIL (fixture, g_list_model_get_n_items (gten_gtk_node_get_saved (product)) > 0);
  saved = g_list_model_get_item (gten_gtk_node_get_saved (product), 0);
  g_assert_true (gten_gtk_tensor_is_sample (saved));
  question = gten_gtk_tensor_ask (saved, GTEN_GTK_QUESTION_HISTOGRAM, g_variant_new_uint32 (10), NULL);
  WAIT_UNTIL (fixture, gten_gtk_question_get_answer (question) != NULL);
  counts = g_variant_get_fixed_array (gten_gtk_question_get_answer (question), &n, sizeof *counts);
  g_assert_cmpuint (counts[0], ==, 999999);
  g_assert_cmpuint (counts[9], ==, 1);
  gten_gtk_tensor_want_whole (saved);
  WAIT_UNTIL (fixture, !gten_gtk_tensor_is_sample (saved));
  g_assert_cmpfloat (gten_gtk_tensor_get_value (saved, 501777), ==, 5);
}

static void
test_image (Fixture *fixture, gconstpointer example)
{
  GtkWidget *image;

  show_leaf (fixture, "500×500×3");
  image = show_page (fixture, "image", GTEN_GTK_TYPE_IMAGE);
  WAIT_UNTIL (fixture, gtk_widget_get_mapped (image) && gtk_widget_get_width (image) > 0 && count_warm (image) > 1000);
}

/* A slice is asked about where the tensor is, and says where it lies. */
static void
test_slice (Fixture *fixture, gconstpointer example)
{
  GtkWidget *view, *scale;
  GtenGtkTensor *slice;
  GtenGtkQuestion *question;
  const float *pixels;
  guint width, height;
  double least = 0;

  show_leaf (fixture, "3×400×400");
  view = find_view (fixture);
  scale = find_widget (find_widget (view, GTEN_GTK_TYPE_AXES), GTK_TYPE_SCALE);
  g_assert_nonnull (scale);
  gtk_range_set_value (GTK_RANGE (scale), 1);
  slice = gten_gtk_tensor_view_get_slice (GTEN_GTK_TENSOR_VIEW (view));
  question = gten_gtk_tensor_ask_picture (slice, 40, 40, "absmax");
  WAIT_UNTIL (fixture, (pixels = gten_gtk_question_get_pixels (question, &width, &height)) != NULL);
  g_assert_cmpfloat (pixels[3 * 40 + 7], ==, -6);
  for (guint i = 0; i < width * height; i++)
    least = MIN (least, i == 3 * 40 + 7 ? 0 : pixels[i]);
  g_assert_cmpfloat (least, ==, 0);
}

/* -- copies ------------------------------------------------------------------------------------ */

typedef struct
{
  char     *text;
  gboolean  done;
} Read;

static void
read_cb (GObject *clipboard, GAsyncResult *result, gpointer user_data)
{
  Read *read = user_data;

  read->text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
  read->done = TRUE;
}

static char *
read_clipboard (Fixture *fixture, GtkWidget *widget)
{
  Read read = { 0 };

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (widget), NULL, read_cb, &read);
  WAIT_UNTIL (fixture, read.done);
  return read.text;
}

/* The tour's first weights: the gradient of its leaf is [[4.5, 4.5], [4.5, 4.5]]. */
static void
test_copies (Fixture *fixture, gconstpointer example)
{
  static const struct { const char *target, *text; } rows[] = {
    { "slice:text", "4.5  4.5\n4.5  4.5" },
    { "slice:tsv", "4.5\t4.5\n4.5\t4.5" },
    { "tensor:python", "[[4.5, 4.5],\n [4.5, 4.5]]" },
    { "tensor:c", "{ { 4.5, 4.5 },\n  { 4.5, 4.5 } }" },
  };
  GtkWidget *view, *values;
  g_autofree char *cell = NULL;

  show_leaf (fixture, "2×2");
  view = find_view (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = NULL;

      g_assert_true (gtk_widget_activate_action (view, "tensor.copy", "s", rows[i].target));
      text = read_clipboard (fixture, view);
      g_assert_cmpstr (text, ==, rows[i].text);
    }
  values = show_page (fixture, "values", GTEN_GTK_TYPE_VALUES);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (view), "");
  gtk_widget_grab_focus (values);
  press ("ctrl+End");
  press ("ctrl+c");
  cell = read_clipboard (fixture, view);
  g_assert_cmpstr (cell, ==, "4.5");
}

/* Whether a widget looks otherwise than it did; if so, that is what it looks like from now on. */
static gboolean
has_changed (GtkWidget *widget, GBytes **look)
{
  g_autoptr (GdkTexture) texture = draw (widget);
  g_autoptr (GBytes) now = texture != NULL ? gdk_texture_save_to_png_bytes (texture) : NULL;

  if (now == NULL || (*look != NULL && g_bytes_equal (*look, now)))
    return FALSE;
  g_clear_pointer (look, g_bytes_unref);
  *look = g_steal_pointer (&now);
  return TRUE;
}

/* Colours follow the range and the map. */
static void
test_colors (Fixture *fixture, gconstpointer example)
{
  static const struct { const char *action, *target; } rows[] = {
    { "tensor.range", "extremes" }, { "tensor.colormap", "cividis" }, { "tensor.colormap", "viridis" }, { "tensor.colormap", "gray" },
    { "tensor.range", "logarithmic" }, { "tensor.range", "robust" },
  };
  GtkWidget *view, *heatmap;
  g_autoptr (GBytes) before = NULL;

  show_leaf (fixture, "1000×1000");
  view = find_view (fixture);
  heatmap = find_widget (view, GTEN_GTK_TYPE_HEATMAP);
  WAIT_UNTIL (fixture, gtk_widget_get_mapped (heatmap) && count_warm (heatmap) > 0);
  g_assert_true (has_changed (heatmap, &before));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_true (gtk_widget_activate_action (view, rows[i].action, "s", rows[i].target));
      WAIT_UNTIL (fixture, has_changed (heatmap, &before));
    }
}

/* -- comparing and saving ---------------------------------------------------------------------- */

static gboolean
says (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (says (child, text))
      return TRUE;
  return FALSE;
}

static void
test_pin (Fixture *fixture, gconstpointer example)
{
  GtenGtkNode *leaf = show_leaf (fixture, "1000×1000");
  GtkWidget *view = find_view (fixture), *compare = find_widget (view, GTEN_GTK_TYPE_COMPARE_VIEW);

  g_assert_true (gtk_widget_activate_action (view, "tensor.pin", NULL));
  WAIT_UNTIL (fixture, gtk_widget_get_visible (compare) && says (compare, "All elements are equal."));
  gten_gtk_tensor_widget_set_tensor (GTEN_GTK_TENSOR_WIDGET (view), gten_gtk_node_get_value (leaf));
  WAIT_UNTIL (fixture, says (compare, "1 of 1000000 elements differs. At most 5 absolute") && says (compare, "[501, 777]"));
  g_assert_false (says (compare, "Only a sample"));
  g_assert_true (gtk_widget_activate_action (view, "tensor.unpin", NULL));
  g_assert_false (gtk_widget_get_visible (compare));
}

static void
test_save (Fixture *fixture, gconstpointer example)
{
  GtkWidget *view;
  g_autofree char *folder = g_dir_make_tmp ("gtensor-look-XXXXXX", NULL), *path = g_build_filename (folder, "gradient.npy", NULL);
  g_autofree char *keys = NULL;
  g_autoptr (GtenGtkTensor) saved = NULL;
  g_autoptr (GSubprocess) typist = NULL;
  g_autoptr (GError) error = NULL;
  GListModel *windows = gtk_window_get_toplevels ();
  guint n_windows = g_list_model_get_n_items (windows);

  show_leaf (fixture, "1000×1000");
  view = find_view (fixture);
  g_assert_true (gtk_widget_activate_action (view, "tensor.save", NULL));
  WAIT_UNTIL (fixture, g_list_model_get_n_items (windows) > n_windows);
  press ("ctrl+a");
  typist = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "xdotool", "type", "--delay", "20", path, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_async (typist, NULL, NULL, NULL);
  for (gint64 end = g_get_monotonic_time () + 3 * G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, FALSE);
  press ("Return");
  WAIT_UNTIL (fixture, g_file_test (path, G_FILE_TEST_EXISTS) || !g_main_context_iteration (NULL, TRUE));
  saved = gten_gtk_tensor_load_npy (path, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (gten_gtk_tensor_get_value (saved, 501777), ==, 10);
  g_unlink (path);
  g_rmdir (folder);
}

static void
set_up_great (Fixture *fixture, gconstpointer unused)
{
  const char *const command[] = { g_getenv ("GTENSOR_GREAT"), NULL };

  open_window (fixture, command);
}

int
main (int argc, char **argv)
{
  static const struct { const char *path; void (*test) (Fixture *, gconstpointer); } rows[] = {
    { "/inspector/look/whole", test_whole }, { "/inspector/look/saved", test_saved }, { "/inspector/look/image", test_image },
    { "/inspector/look/slice", test_slice }, { "/inspector/look/colors", test_colors }, { "/inspector/look/pin", test_pin },
    { "/inspector/look/save", test_save },
  };

  if (!make_application ())
    return 0;
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_test_add (rows[i].path, Fixture, NULL, set_up_great, rows[i].test, tear_down);
  g_test_add ("/inspector/look/copies", Fixture, "tour", set_up, test_copies, tear_down);
  return g_test_run ();
}
