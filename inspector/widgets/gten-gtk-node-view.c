/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A node in detail: its tensors one at a time, then formula, neighbours and origin as rows under
 * headings. */
#include "gten-gtk-node-view.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "gten-gtk-tensor-view.h"
#include "gten-gtk-theme-private.h"

#define MAX_ROWS 32

struct _GtenGtkNodeView
{
  GtkWidget     parent_instance;

  GtenGtkGraph *graph;
  GtenGtkNode  *node;
  GListStore   *list;           /* tensors to choose from */
  GtkWidget    *stack;
  GtkWidget    *content;
  GtkWidget    *name;
  GtkWidget    *state;
  GtkWidget    *tensors;
  GtkWidget    *tensor;
  GtkWidget    *rows;
  gboolean      chosen;         /* someone chose a tensor; else the gradient is shown as soon as there is one */
  gboolean      choosing;
};

G_DEFINE_FINAL_TYPE (GtenGtkNodeView, gten_gtk_node_view, GTK_TYPE_WIDGET)

enum { NODE_CHOSEN, N_SIGNALS };

static guint signals[N_SIGNALS];

/* -- rows -------------------------------------------------------------------------------------- */

static void
add_heading (GtenGtkNodeView *self, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_widget_set_margin_top (label, 12);
  gtk_box_append (GTK_BOX (self->rows), label);
}

static void
add_text (GtenGtkNodeView *self, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (self->rows), label);
}

static void
clicked_cb (GtkButton *button, GtenGtkNodeView *self)
{
  g_signal_emit (self, signals[NODE_CHOSEN], 0,
                 GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "gten-gtk-node")));
}

static void
add_nodes (GtenGtkNodeView *self, const char *heading, GListModel *nodes)
{
  if (g_list_model_get_n_items (nodes) == 0)
    return;
  add_heading (self, heading);
  for (guint i = 0; i < g_list_model_get_n_items (nodes) && i < MAX_ROWS; i++)
    {
      g_autoptr (GtenGtkNode) node = g_list_model_get_item (nodes, i);
      g_autofree char *shape = NULL;
      g_autofree char *text = NULL;
      GtkWidget *button, *label;

      g_object_get (node, "shape", &shape, NULL);
      text = g_strdup_printf ("%u  %s  %s", gten_gtk_node_get_index (node) + 1,
                              gten_gtk_node_get_name (node), shape);
      button = gtk_button_new_with_label (text);
      label = gtk_button_get_child (GTK_BUTTON (button));
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (button, "flat");
      g_object_set_data (G_OBJECT (button), "gten-gtk-node",
                         GUINT_TO_POINTER (gten_gtk_node_get_index (node)));
      g_signal_connect (button, "clicked", G_CALLBACK (clicked_cb), self);
      gtk_box_append (GTK_BOX (self->rows), button);
    }
}

/* A bar from the middle to the left for what works against the sum, to the right for what works with
 * it. */
static void
draw_cosine (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const GtenGtkPalette *palette = gten_gtk_widget_palette (GTK_WIDGET (area));
  double cosine = gten_gtk_contribution_get_cosine (data), middle = width / 2.0;

  gten_gtk_set_color (cr, palette->hatch, 1);
  cairo_rectangle (cr, 0, height / 2 - 3, width, 6);
  cairo_fill (cr);
  if (!isnan (cosine))
    {
      gten_gtk_set_color (cr, cosine < 0 ? palette->negative : palette->positive, 1);
      cairo_rectangle (cr, middle, height / 2 - 3, CLAMP (cosine, -1, 1) * middle, 6);
      cairo_fill (cr);
    }
  gten_gtk_set_color (cr, palette->dim, 1);
  cairo_rectangle (cr, middle, height / 2 - 5, 1, 10);
  cairo_fill (cr);
}

static void
attach_text (GtkWidget *grid, int column, int row, const char *text, gboolean is_heading)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_widget_add_css_class (label, is_heading ? "dim-label" : "numeric");
  if (is_heading)
    gtk_widget_add_css_class (label, "caption");
  gtk_grid_attach (GTK_GRID (grid), label, column, row, 1, 1);
}

/* What the gradient is the sum of, per consumer. */
static void
add_contributions (GtenGtkNodeView *self)
{
  const char *const headings[] = { _ ("From"), _ ("Norm"), _ ("Cosine"), _ ("To the sum") };
  GListModel *contributions = gten_gtk_node_get_contributions (self->node);
  GtkWidget *grid = gtk_grid_new ();

  add_heading (self, _ ("Contributions"));
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  for (guint i = 0; i < G_N_ELEMENTS (headings); i++)
    attach_text (grid, i, 0, headings[i], TRUE);
  for (guint i = 0; i < g_list_model_get_n_items (contributions) && i < MAX_ROWS; i++)
    {
      g_autoptr (GtenGtkContribution) each = g_list_model_get_item (contributions, i);
      GtenGtkNode *user = gten_gtk_graph_get_node (self->graph, gten_gtk_contribution_get_user (each));
      g_autofree char *from = user != NULL ? g_strdup_printf ("%u  %s", gten_gtk_node_get_index (user) + 1, gten_gtk_node_get_name (user))
                                           : g_strdup (_ ("outside"));
      GtkWidget *button = gtk_button_new_with_label (from), *area = gtk_drawing_area_new ();
      g_autofree char *norm = NULL;
      g_autofree char *cosine = gten_gtk_format_number (gten_gtk_contribution_get_cosine (each));
      GtenGtkStatistics s;

      gten_gtk_contribution_get_statistics (each, &s);
      norm = gten_gtk_format_number (s.norm);
      gtk_label_set_xalign (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), 0);
      gtk_label_set_ellipsize (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_hexpand (button, TRUE);
      gtk_widget_set_sensitive (button, user != NULL);
      if (user != NULL)
        g_object_set_data (G_OBJECT (button), "gten-gtk-node", GUINT_TO_POINTER (gten_gtk_node_get_index (user)));
      g_signal_connect (button, "clicked", G_CALLBACK (clicked_cb), self);
      gtk_grid_attach (GTK_GRID (grid), button, 0, i + 1, 1, 1);
      attach_text (grid, 1, i + 1, norm, FALSE);
      attach_text (grid, 2, i + 1, isnan (gten_gtk_contribution_get_cosine (each)) ? "" : cosine, FALSE);
      gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), 60);
      gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_cosine, g_object_ref (each), g_object_unref);
      gtk_grid_attach (GTK_GRID (grid), area, 3, i + 1, 1, 1);
    }
  gtk_box_append (GTK_BOX (self->rows), grid);
}

static void
fill_rows (GtenGtkNodeView *self)
{
  g_autofree char *arguments = NULL;
  g_autofree char *formula = NULL;
  g_autofree char *documentation = NULL;
  g_autofree char *site_text = NULL;
  g_autofree char *history = NULL;
  g_auto (GStrv) gradients = NULL;
  g_autoptr (GListModel) inputs = NULL;
  g_autoptr (GListModel) users = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->rows)) != NULL)
    gtk_box_remove (GTK_BOX (self->rows), child);
  if (self->node == NULL)
    return;
  g_object_get (self->node, "arguments", &arguments, "formula", &formula, "documentation", &documentation, "gradients", &gradients,
                "site-text", &site_text, "history", &history, NULL);
  if (documentation != NULL && *documentation != '\0')
    {
      add_heading (self, gten_gtk_node_get_op (self->node) != NULL ? gten_gtk_node_get_op (self->node) : _ ("Operation"));
      add_text (self, documentation, NULL);
    }
  if (formula != NULL && *formula != '\0')
    {
      add_heading (self, _ ("Formula"));
      add_text (self, formula, "monospace");
    }
  if (gradients != NULL && gradients[0] != NULL)
    {
      add_heading (self, _ ("Gradients"));
      for (guint i = 0; gradients[i] != NULL; i++)
        add_text (self, gradients[i], "monospace");
    }
  if (arguments != NULL && *arguments != '\0')
    {
      add_heading (self, _ ("Arguments"));
      add_text (self, arguments, "monospace");
    }
  inputs = gten_gtk_graph_get_inputs (self->graph, gten_gtk_node_get_index (self->node));
  users = gten_gtk_graph_get_users (self->graph, gten_gtk_node_get_index (self->node));
  if (g_list_model_get_n_items (gten_gtk_node_get_contributions (self->node)) > 1)
    add_contributions (self);
  add_nodes (self, _ ("Gradient goes to"), inputs);
  add_nodes (self, _ ("Gradient comes from"), users);
  if (gten_gtk_node_get_site (self->node) != NULL)
    {
      add_heading (self, _ ("Made at"));
      add_text (self, gten_gtk_node_get_site (self->node), "monospace");
      if (site_text != NULL)
        add_text (self, site_text, "source");
    }
  if (history != NULL)
    {
      add_heading (self, _ ("History"));
      add_text (self, history, NULL);
    }
}

/* -- tensors ----------------------------------------------------------------------------------- */

/* Gradient and value are words; what was saved has the name that the operation gave it. */
static const char *
get_name (GtenGtkNodeView *self, GtenGtkTensor *tensor)
{
  if (self->node != NULL && tensor == gten_gtk_node_get_gradient (self->node))
    return _ ("gradient");
  if (self->node != NULL && tensor == gten_gtk_node_get_value (self->node))
    return _ ("value");
  return gten_gtk_tensor_get_name (tensor);
}

static void
selected_cb (GtenGtkNodeView *self)
{
  GtenGtkTensor *tensor = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (self->tensors));
  g_autofree char *title = self->node != NULL && tensor != NULL
                             ? g_strdup_printf (_ ("%s of %u %s"), get_name (self, tensor), gten_gtk_node_get_index (self->node) + 1,
                                                gten_gtk_node_get_name (self->node))
                             : NULL;

  self->chosen |= !self->choosing;
  g_object_set (self->tensor, "title", title, NULL);
  gten_gtk_tensor_widget_set_tensor (GTEN_GTK_TENSOR_WIDGET (self->tensor),
                                   gtk_drop_down_get_selected_item (GTK_DROP_DOWN (self->tensors)));
}

static void
append_tensor (GtenGtkNodeView *self, GtenGtkTensor *tensor)
{
  if (tensor != NULL)
    g_list_store_append (self->list, tensor);
}

static void
saved_changed_cb (GListModel *saved, guint position, guint removed, guint added,
                  GtenGtkNodeView *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (GtenGtkTensor) tensor = g_list_model_get_item (saved, i);
      append_tensor (self, tensor);
    }
}

static char *
name_tensor (gpointer item, GtenGtkNodeView *self)
{
  g_autofree char *description = gten_gtk_tensor_describe (item);

  return g_strdup_printf ("%s  %s", get_name (self, item), description);
}

/* Before there is a gradient the value is what there is to see. */
static void
choose_tensor (GtenGtkNodeView *self, GtenGtkState state)
{
  if (self->chosen)
    return;
  self->choosing = TRUE;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->tensors), state < GTEN_GTK_STATE_READY
                              && gten_gtk_node_get_value (self->node) != NULL);
  self->choosing = FALSE;
}

static void
state_cb (GtenGtkNodeView *self)
{
  guint n_arrived, n_expected;
  GtenGtkState state = gten_gtk_node_get_state (self->node, &n_arrived, &n_expected);
  g_autofree char *words = gten_gtk_node_describe_state (self->node);
  g_autofree char *text = g_strdup_printf (_ ("Node %u of %u, %s"), gten_gtk_node_get_index (self->node) + 1,
                                           gten_gtk_graph_get_n_nodes (self->graph), words);

  if (state == GTEN_GTK_STATE_DONE && n_expected > 1)
    {
      g_autofree char *sum = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s, a sum of %u contribution", "%s, a sum of %u contributions", n_expected), text, n_expected);
      gtk_label_set_text (GTK_LABEL (self->state), sum);
    }
  else
    gtk_label_set_text (GTK_LABEL (self->state), text);
  choose_tensor (self, state);
}

static void
release_node (GtenGtkNodeView *self)
{
  if (self->node != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->node, self);
      g_signal_handlers_disconnect_by_data (gten_gtk_node_get_saved (self->node), self);
    }
  g_clear_object (&self->node);
  g_clear_object (&self->graph);
}

static void
dispose (GObject *object)
{
  GtenGtkNodeView *self = GTEN_GTK_NODE_VIEW (object);
  GtkWidget *child;

  release_node (self);
  g_clear_object (&self->list);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (gten_gtk_node_view_parent_class)->dispose (object);
}

static void
gten_gtk_node_view_class_init (GtenGtkNodeViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;

  /**
   * GtenGtkNodeView::node-chosen:
   * @self: the view
   * @node: index of a node
   *
   * Another node was chosen from those that this one is connected to.
   */
  signals[NODE_CHOSEN] = g_signal_new ("node-chosen", GTEN_GTK_TYPE_NODE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                       1, G_TYPE_UINT);

  g_type_ensure (GTEN_GTK_TYPE_TENSOR_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gtensor/Gtk/gten-gtk-node-view.ui");
  gtk_widget_class_bind_template_child (widget_class, GtenGtkNodeView, stack);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkNodeView, content);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkNodeView, name);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkNodeView, state);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkNodeView, tensors);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkNodeView, tensor);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkNodeView, rows);
  gtk_widget_class_set_css_name (widget_class, "nodeview");
}

static void
gten_gtk_node_view_init (GtenGtkNodeView *self)
{
  g_autoptr (GtkExpression) name = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->list = g_list_store_new (GTEN_GTK_TYPE_TENSOR);
  name = gtk_cclosure_expression_new (G_TYPE_STRING, NULL, 0, NULL, G_CALLBACK (name_tensor), self, NULL);
  gtk_drop_down_set_expression (GTK_DROP_DOWN (self->tensors), name);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->tensors), G_LIST_MODEL (self->list));
  g_signal_connect_swapped (self->tensors, "notify::selected-item", G_CALLBACK (selected_cb), self);
}

/**
 * gten_gtk_node_view_new:
 *
 * Returns: (transfer full): a view without a node
 */
GtkWidget *
gten_gtk_node_view_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_NODE_VIEW, NULL);
}

/**
 * gten_gtk_node_view_set_node:
 * @self: a view
 * @graph: (nullable): a graph
 * @node: index of a node, or %GTEN_GTK_NO_NODE
 *
 * Shows another node.
 */
void
gten_gtk_node_view_set_node (GtenGtkNodeView *self, GtenGtkGraph *graph, guint node)
{
  GtenGtkNode *next = graph != NULL ? gten_gtk_graph_get_node (graph, node) : NULL;
  GListModel *saved;

  if (next == self->node)
    return;
  release_node (self);
  self->choosing = TRUE;
  self->chosen = FALSE;
  g_list_store_remove_all (self->list);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), next != NULL ? "node" : "empty");
  if (next == NULL)
    {
      self->choosing = FALSE;
      fill_rows (self);
      return;
    }
  self->graph = g_object_ref (graph);
  self->node = g_object_ref (next);
  gtk_label_set_text (GTK_LABEL (self->name), gten_gtk_node_get_name (next));
  append_tensor (self, gten_gtk_node_get_gradient (next));
  append_tensor (self, gten_gtk_node_get_value (next));
  saved = gten_gtk_node_get_saved (next);
  saved_changed_cb (saved, 0, 0, g_list_model_get_n_items (saved), self);
  g_signal_connect (saved, "items-changed", G_CALLBACK (saved_changed_cb), self);
  g_signal_connect_swapped (next, "notify::state-text", G_CALLBACK (state_cb), self);
  g_signal_connect_swapped (next, "notify::documentation", G_CALLBACK (fill_rows), self);
  g_signal_connect_swapped (next, "notify::contributions", G_CALLBACK (fill_rows), self);
  g_signal_connect_swapped (next, "notify::site-text", G_CALLBACK (fill_rows), self);
  state_cb (self);
  fill_rows (self);
  self->choosing = TRUE;
  selected_cb (self);
  self->choosing = FALSE;
  gten_gtk_node_want (next);
}

/**
 * gten_gtk_node_view_get_tensor_view:
 * @self: a view
 *
 * Returns: (transfer none): the [class@TensorView] that shows one of the node's tensors
 */
GtkWidget *
gten_gtk_node_view_get_tensor_view (GtenGtkNodeView *self)
{
  return self->tensor;
}
