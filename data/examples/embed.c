/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A desktop program that shows a backward pass of its own: the graph on the left, the gradient of the
 * chosen node on the right, and a button that runs one node.
 *   cc embed.c $(pkg-config --cflags --libs gtensor-gtk-1) -o embed */
#include <gtensor-gtk/gtensor-gtk.h>

/* loss = mean (tanh (x w)^2), with a gradient for w. */
static GtenBackward *
begin_pass (GError **error)
{
  g_autoptr (GtenTensor) x = gten_linspace (-1, 1, 32, GTEN_DTYPE_FLOAT32, NULL, error);
  g_autoptr (GtenTensor) rows = gten_tensor_reshape (x, GTEN_SIZES (8, 4), error);
  g_autoptr (GtenTensor) w = gten_eye (4, GTEN_DTYPE_FLOAT32, NULL, error);

  gten_tensor_requires_grad_ (w, TRUE, error);
  g_autoptr (GtenTensor) product = gten_tensor_matmul (rows, w, error);
  g_autoptr (GtenTensor) squashed = gten_tensor_tanh (product, error);
  g_autoptr (GtenTensor) squares = gten_tensor_mul (squashed, squashed, error);
  g_autoptr (GtenTensor) loss = gten_tensor_mean (squares, error);

  return loss != NULL ? gten_backward_new (loss, NULL, GTEN_BACKWARD_DEFAULT, error) : NULL;
}

static void
step_cb (GtkButton *button, GtenBackward *backward)
{
  g_autoptr (GError) error = NULL;

  if (!gten_backward_step (backward, &error) && error != NULL)
    g_printerr ("%s\n", error->message);
  gtk_widget_set_sensitive (GTK_WIDGET (button), !gten_backward_is_finished (backward));
}

/* The gradient of the selected node. */
static void
selected_cb (GtenGtkGraphView *view, GParamSpec *pspec, GtenGtkTensorWidget *tensor_view)
{
  GtenGtkNode *node = gten_gtk_graph_get_node (gten_gtk_graph_view_get_graph (view),
                                               gten_gtk_graph_view_get_selected (view));

  gten_gtk_tensor_widget_set_tensor (tensor_view, node != NULL ? gten_gtk_node_get_gradient (node) : NULL);
}

static void
activate_cb (GtkApplication *application, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenBackward) backward = begin_pass (&error);
  g_autoptr (GtenGtkGraph) graph = NULL;
  GtkWidget *window, *paned, *view, *tensor, *header, *step, *sentence, *side;

  if (backward == NULL)
    {
      g_printerr ("%s\n", error->message);
      return;
    }
  graph = gten_gtk_graph_new_from_backward (backward);

  view = gten_gtk_graph_view_new ();
  gten_gtk_graph_view_set_graph (GTEN_GTK_GRAPH_VIEW (view), graph);
  tensor = gten_gtk_tensor_view_new ();
  g_signal_connect (view, "notify::selected", G_CALLBACK (selected_cb), tensor);
  g_object_bind_property (graph, "current", view, "selected", G_BINDING_SYNC_CREATE);

  sentence = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (sentence), TRUE);
  gtk_label_set_xalign (GTK_LABEL (sentence), 0);
  g_object_bind_property (graph, "sentence", sentence, "label", G_BINDING_SYNC_CREATE);

  side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_margin_start (side, 12);
  gtk_widget_set_margin_end (side, 12);
  gtk_widget_set_margin_top (side, 12);
  gtk_box_append (GTK_BOX (side), sentence);
  gtk_box_append (GTK_BOX (side), tensor);

  paned = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_set_start_child (GTK_PANED (paned), view);
  gtk_paned_set_end_child (GTK_PANED (paned), side);
  gtk_paned_set_resize_end_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);

  step = gtk_button_new_with_mnemonic ("_Step");
  gtk_widget_add_css_class (step, "suggested-action");
  g_signal_connect_object (step, "clicked", G_CALLBACK (step_cb), backward, 0);
  header = gtk_header_bar_new ();
  gtk_header_bar_pack_start (GTK_HEADER_BAR (header), step);

  window = gtk_application_window_new (application);
  gtk_window_set_title (GTK_WINDOW (window), "Backward Pass");
  gtk_window_set_default_size (GTK_WINDOW (window), 1000, 620);
  gtk_window_set_titlebar (GTK_WINDOW (window), header);
  gtk_window_set_child (GTK_WINDOW (window), paned);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = gtk_application_new ("org.gtensor.Embed", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
