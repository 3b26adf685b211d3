/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-search.h"

#include <glib/gi18n-lib.h>

struct _InspectorSearch
{
  GtkWidget      parent_instance;

  GtenGtkGraph  *graph;
  guint          selected;
  GtenCondition *condition;
  GtkBitset     *matches;
  guint          idle;

  GtkWidget     *entry;
  GtkWidget     *count;
  GtkWidget     *buttons;
};

G_DEFINE_FINAL_TYPE (InspectorSearch, inspector_search, GTK_TYPE_WIDGET)

enum { CHANGED, NODE_CHOSEN, STOPPED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
show_count (InspectorSearch *self)
{
  guint64 n = self->matches != NULL ? gtk_bitset_get_size (self->matches) : 0;
  g_autofree char *text = NULL;

  if (self->matches == NULL)
    text = g_strdup ("");
  else if (n > 0 && self->selected != GTEN_GTK_NO_NODE && gtk_bitset_contains (self->matches, self->selected))
    text = g_strdup_printf (_ ("%lu of %lu"), (gulong) gtk_bitset_get_size_in_range (self->matches, 0, self->selected), (gulong) n);
  else
    text = n == 0 ? g_strdup (_ ("no match")) : g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  gtk_label_set_text (GTK_LABEL (self->count), text);
  gtk_widget_set_visible (self->buttons, self->matches != NULL);
  gtk_widget_set_sensitive (self->buttons, n > 0);
}

static void
find (InspectorSearch *self)
{
  g_autoptr (GtkBitset) before = g_steal_pointer (&self->matches);

  if (self->condition != NULL && self->graph != NULL)
    self->matches = gten_gtk_graph_find_matches (self->graph, self->condition);
  show_count (self);
  if ((before == NULL) != (self->matches == NULL) || (before != NULL && !gtk_bitset_equals (before, self->matches)))
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
find_cb (gpointer data)
{
  InspectorSearch *self = data;

  self->idle = 0;
  find (self);
}

/* Norms and states come as the pass goes on. */
static void
graph_changed_cb (InspectorSearch *self)
{
  if (self->condition != NULL && self->idle == 0)
    self->idle = g_idle_add_once (find_cb, self);
}

static void
changed_cb (InspectorSearch *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->condition, gten_condition_unref);
  if (*text != '\0')
    self->condition = gten_condition_new (text, NULL, &error);
  find (self);
  if (error != NULL)
    gtk_widget_add_css_class (self->entry, "error");
  else
    gtk_widget_remove_css_class (self->entry, "error");
  gtk_widget_set_tooltip_text (self->entry, error != NULL ? error->message
                                                          : _ ("Words, op:mul, name:Mul*, shape:64, site:train.py:30, state:done, norm>1, nonfinite>0"));
  if (error != NULL)
    gtk_label_set_text (GTK_LABEL (self->count), error->message);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               error != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

void
inspector_search_go (InspectorSearch *self, gboolean backwards)
{
  GtkBitsetIter iter;
  guint node, from = self->selected;

  if (self->matches == NULL || gtk_bitset_is_empty (self->matches))
    return;
  if (backwards)
    {
      if (from == GTEN_GTK_NO_NODE || from == 0 || !gtk_bitset_iter_init_at (&iter, self->matches, from, &node))
        node = gtk_bitset_get_maximum (self->matches);
      else if (!gtk_bitset_iter_previous (&iter, &node))
        node = gtk_bitset_get_maximum (self->matches);
    }
  else if (from == GTEN_GTK_NO_NODE || !gtk_bitset_iter_init_at (&iter, self->matches, from + 1, &node))
    node = gtk_bitset_get_minimum (self->matches);
  g_signal_emit (self, signals[NODE_CHOSEN], 0, node);
}

static void
next_cb (InspectorSearch *self)
{
  changed_cb (self);
  inspector_search_go (self, FALSE);
}

static void
previous_cb (InspectorSearch *self)
{
  inspector_search_go (self, TRUE);
}

static void
stop_cb (InspectorSearch *self)
{
  inspector_search_clear (self);
  g_signal_emit (self, signals[STOPPED], 0);
}

static void
dispose (GObject *object)
{
  InspectorSearch *self = INSPECTOR_SEARCH (object);
  GtkWidget *child;

  inspector_search_set_graph (self, NULL);
  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_pointer (&self->condition, gten_condition_unref);
  g_clear_pointer (&self->matches, gtk_bitset_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (inspector_search_parent_class)->dispose (object);
}

static void
inspector_search_class_init (InspectorSearchClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  signals[CHANGED] = g_signal_new ("changed", INSPECTOR_TYPE_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[NODE_CHOSEN] = g_signal_new ("node-chosen", INSPECTOR_TYPE_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                       G_TYPE_UINT);
  signals[STOPPED] = g_signal_new ("stopped", INSPECTOR_TYPE_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gtensor/Inspector/inspector-search.ui");
  gtk_widget_class_bind_template_child (widget_class, InspectorSearch, entry);
  gtk_widget_class_bind_template_child (widget_class, InspectorSearch, count);
  gtk_widget_class_bind_template_child (widget_class, InspectorSearch, buttons);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
  gtk_widget_class_bind_template_callback (widget_class, previous_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
}

static void
inspector_search_init (InspectorSearch *self)
{
  self->selected = GTEN_GTK_NO_NODE;
  gtk_widget_init_template (GTK_WIDGET (self));
  changed_cb (self);
}

void
inspector_search_set_graph (InspectorSearch *self, GtenGtkGraph *graph)
{
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_set_object (&self->graph, graph);
  self->selected = GTEN_GTK_NO_NODE;
  if (graph == NULL)
    return;
  g_signal_connect_swapped (graph, "changed", G_CALLBACK (graph_changed_cb), self);
  g_clear_pointer (&self->matches, gtk_bitset_unref);
  find (self);
}

void
inspector_search_set_selected (InspectorSearch *self, guint node)
{
  self->selected = node;
  if (self->matches != NULL)
    show_count (self);
}

GtkBitset *
inspector_search_get_matches (InspectorSearch *self)
{
  return self->matches;
}

void
inspector_search_begin (InspectorSearch *self)
{
  gtk_widget_grab_focus (self->entry);
}

void
inspector_search_clear (InspectorSearch *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  changed_cb (self);
}
