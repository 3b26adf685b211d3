/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The graph as a list, in the order in which the pass runs: what the canvas shows, for those who
 * cannot see it or want it in rows. */
#include "inspector-outline.h"

#include <glib/gi18n-lib.h>

#define SMALL_GRAPH      1000      /* nodes up to which the list takes no noticeable time */
#define PICTURE_FIRST_MS 100

struct _InspectorOutline
{
  GtkWidget           parent_instance;

  GtkWidget          *list;
  GtkCustomFilter    *filter;
  GtkFilterListModel *filtered;
  GtkSingleSelection *selection;
  GtkBitset          *matches;        /* what is listed, or NULL for all */
  gboolean            quiet;          /* the selection is being set from outside */
  GtenGtkGraph       *graph;          /* that is listed, or about to be */
  guint               selected;
  guint               fill_timer;
};

G_DEFINE_FINAL_TYPE (InspectorOutline, inspector_outline, GTK_TYPE_WIDGET)

enum { NODE_CHOSEN, ACTIVATED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* -- columns ----------------------------------------------------------------------------------- */

typedef struct
{
  const char *title;
  const char *property;
  float       xalign;
  gboolean    expand;
} Column;

static const Column columns[] = {
  { "", "index", 1, FALSE }, { N_ ("Node"), "name", 0, TRUE }, { N_ ("Shape"), "shape", 0, FALSE }, { N_ ("State"), "state-text", 0, FALSE },
  { N_ ("Norm"), "norm-text", 1, FALSE },
};

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item, const Column *column)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), column->xalign);
  if (column->expand)
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (column->xalign > 0)
    gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
update_cb (GtenGtkNode *node, GParamSpec *pspec, GtkListItem *item)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  const Column *column = g_object_get_data (G_OBJECT (label), "column");
  GtenGtkState state = gten_gtk_node_get_state (node, NULL, NULL);
  g_autofree char *text = NULL;

  if (g_str_equal (column->property, "index"))
    text = g_strdup_printf ("%s%u", gten_gtk_node_get_breakpoint (node) ? "● " : "",
                            gten_gtk_node_get_index (node) + 1);
  else
    g_object_get (node, column->property, &text, NULL);
  gtk_label_set_text (GTK_LABEL (label), text);
  /* What has not come yet stands back; what is about to run stands out. */
  (state < GTEN_GTK_STATE_READY ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (label, "dim-label");
  (state == GTEN_GTK_STATE_RUNNING ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (label, "current");
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, const Column *column)
{
  GtenGtkNode *node = gtk_list_item_get_item (item);

  g_object_set_data (G_OBJECT (gtk_list_item_get_child (item)), "column", (gpointer) column);
  g_signal_connect (node, "notify", G_CALLBACK (update_cb), item);
  update_cb (node, NULL, item);
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *item, const Column *column)
{
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (item), item);
}

static void
add_column (InspectorOutline *self, const Column *column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) view_column = NULL;

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), (gpointer) column);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), (gpointer) column);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), (gpointer) column);
  view_column = gtk_column_view_column_new (*column->title != '\0' ? _ (column->title) : "", factory);
  gtk_column_view_column_set_expand (view_column, column->expand);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->list), view_column);
}

/* -- matches and selection ---------------------------------------------------------------------- */

static gboolean
matches (gpointer item, gpointer data)
{
  InspectorOutline *self = data;

  return self->matches == NULL || gtk_bitset_contains (self->matches, gten_gtk_node_get_index (item));
}

void
inspector_outline_set_matches (InspectorOutline *self, GtkBitset *nodes)
{
  if (self->matches == NULL && nodes == NULL)
    return;
  g_clear_pointer (&self->matches, gtk_bitset_unref);
  self->matches = nodes != NULL ? gtk_bitset_ref (nodes) : NULL;
  self->quiet = TRUE;
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  self->quiet = FALSE;
}

static void
selected_cb (InspectorOutline *self)
{
  GtenGtkNode *node = gtk_single_selection_get_selected_item (self->selection);

  if (!self->quiet && node != NULL)
    g_signal_emit (self, signals[NODE_CHOSEN], 0, gten_gtk_node_get_index (node));
}

static void
activate_cb (InspectorOutline *self, guint position)
{
  g_autoptr (GtenGtkNode) node = g_list_model_get_item (G_LIST_MODEL (self->filtered), position);

  if (node != NULL)
    g_signal_emit (self, signals[ACTIVATED], 0, gten_gtk_node_get_index (node));
}

static guint
find_position (InspectorOutline *self, guint index)
{
  guint low = 0, high = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));

  while (low < high)
    {
      guint middle = (low + high) / 2;
      g_autoptr (GtenGtkNode) node = g_list_model_get_item (G_LIST_MODEL (self->filtered), middle);

      if (gten_gtk_node_get_index (node) == index)
        return middle;
      if (gten_gtk_node_get_index (node) < index)
        low = middle + 1;
      else
        high = middle;
    }
  return GTK_INVALID_LIST_POSITION;
}

void
inspector_outline_show_node (InspectorOutline *self, guint node)
{
  guint position = find_position (self, node);

  if (position == GTK_INVALID_LIST_POSITION)
    return;
  /* The list inside a column view has the action, the column view has not. */
  for (GtkWidget *child = gtk_widget_get_first_child (self->list); child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_activate_action (child, "list.scroll-to-item", "u", position);
}

void
inspector_outline_set_selected (InspectorOutline *self, guint node)
{
  guint position = find_position (self, node);

  self->selected = node;
  if (position == gtk_single_selection_get_selected (self->selection))
    return;
  self->quiet = TRUE;
  gtk_single_selection_set_selected (self->selection, position);
  self->quiet = FALSE;
  inspector_outline_show_node (self, node);
}

static gboolean
fill (gpointer data)
{
  InspectorOutline *self = data;

  g_clear_handle_id (&self->fill_timer, g_source_remove);
  self->quiet = TRUE;
  gtk_filter_list_model_set_model (self->filtered, G_LIST_MODEL (self->graph));
  self->quiet = FALSE;
  inspector_outline_set_selected (self, self->selected);
  return G_SOURCE_REMOVE;
}

/* A list view makes rows for much more than is seen: of a large graph the picture comes first. */
void
inspector_outline_set_graph (InspectorOutline *self, GtenGtkGraph *graph)
{
  guint n_nodes = MAX (graph != NULL ? gten_gtk_graph_get_n_nodes (graph) : 0,
                       self->graph != NULL ? gten_gtk_graph_get_n_nodes (self->graph) : 0);

  g_set_object (&self->graph, graph);
  self->selected = GTEN_GTK_NO_NODE;
  if (n_nodes <= SMALL_GRAPH)
    fill (self);
  else if (self->fill_timer == 0)
    self->fill_timer = g_timeout_add_full (G_PRIORITY_LOW, PICTURE_FIRST_MS, fill, self, NULL);
}

/* -- the object -------------------------------------------------------------------------------- */

static void
dispose (GObject *object)
{
  InspectorOutline *self = INSPECTOR_OUTLINE (object);
  GtkWidget *child;

  g_clear_handle_id (&self->fill_timer, g_source_remove);
  g_clear_object (&self->graph);
  self->quiet = TRUE;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_pointer (&self->matches, gtk_bitset_unref);
  G_OBJECT_CLASS (inspector_outline_parent_class)->dispose (object);
}

static void
inspector_outline_class_init (InspectorOutlineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  signals[NODE_CHOSEN] = g_signal_new ("node-chosen", INSPECTOR_TYPE_OUTLINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                       G_TYPE_UINT);
  signals[ACTIVATED] = g_signal_new ("activated", INSPECTOR_TYPE_OUTLINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                     G_TYPE_UINT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gtensor/Inspector/inspector-outline.ui");
  gtk_widget_class_bind_template_child (widget_class, InspectorOutline, list);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
inspector_outline_init (InspectorOutline *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = gtk_custom_filter_new (matches, self, NULL);
  self->filtered = gtk_filter_list_model_new (NULL, GTK_FILTER (self->filter));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (self->filtered));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (selected_cb),
                            self);
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->list), GTK_SELECTION_MODEL (self->selection));
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    add_column (self, &columns[i]);
}
