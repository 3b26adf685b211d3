/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-nonfinite.h"

#include <glib/gi18n-lib.h>

struct _InspectorNonfinite
{
  GtkWidget         parent_instance;

  InspectorProgram *program;
  GPtrArray        *allowed;        /* names of operations */
  guint             producer;
  GtkBitset        *passed_on;
  char             *op;             /* of the producer that is shown */
  GtkWidget        *bar;
  GtkWidget        *label;
  GtkWidget        *show;
  GtkWidget        *allow;
};

G_DEFINE_FINAL_TYPE (InspectorNonfinite, inspector_nonfinite, GTK_TYPE_WIDGET)

enum { RESPONSE_SHOW = 1, RESPONSE_ALLOW };
enum { CHANGED, NODE_CHOSEN, N_SIGNALS };

static guint signals[N_SIGNALS];

static const char *
lookup (GVariant *producer, const char *key)
{
  const char *text = NULL;

  return g_variant_lookup (producer, key, "&s", &text) && *text != '\0' ? text : NULL;
}

static char *
describe (GVariant *producer, GtenGtkNode *node)
{
  const char *kind = lookup (producer, "kind"), *op = lookup (producer, "op"), *name = lookup (producer, "name");
  const char *site = lookup (producer, "site");
  gboolean forward = FALSE;
  GString *text = g_string_new (NULL);

  g_variant_lookup (producer, "forward", "b", &forward);
  g_string_append_printf (text, g_strcmp0 (kind, "nan") == 0 ? _ ("The first NaN comes from %s") : _ ("The first infinite value comes from %s"),
                          name != NULL && !forward ? name : op != NULL ? op : _ ("an operation"));
  if (node != NULL)
    g_string_append_printf (text, _ (", node %u"), gten_gtk_node_get_index (node) + 1);
  g_string_append (text, forward ? _ (", in the forward pass") : _ (", in the backward pass"));
  if (site != NULL)
    g_string_append_printf (text, _ (", at %s"), site);
  return g_string_free (text, FALSE);
}

/* What is not finite in the graph and did not begin there. */
static GtkBitset *
find_passed_on (GtenGtkGraph *graph, guint producer)
{
  GtkBitset *nodes = gtk_bitset_new_empty ();

  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (graph); i++)
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (graph, i);
      GtenGtkStatistics s;

      if (i != producer && gten_gtk_node_get_state (node, NULL, NULL) >= GTEN_GTK_STATE_READY && gten_gtk_node_get_gradient (node) != NULL
          && gten_gtk_tensor_get_statistics (gten_gtk_node_get_gradient (node), &s) && s.n_nan + s.n_infinite > 0)
        gtk_bitset_add (nodes, i);
    }
  return nodes;
}

static void
clear (InspectorNonfinite *self)
{
  self->producer = GTEN_GTK_NO_NODE;
  g_clear_pointer (&self->passed_on, gtk_bitset_unref);
  g_clear_pointer (&self->op, g_free);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->bar), FALSE);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
show_producer (InspectorNonfinite *self, GVariant *producer)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);
  GtenGtkNode *node;
  guint64 id = 0;
  g_autofree char *words = NULL;

  g_variant_lookup (producer, "node", "t", &id);
  node = graph != NULL && id != 0 ? gten_gtk_graph_find_node (graph, id) : NULL;
  words = describe (producer, node);
  g_free (self->op);
  self->op = g_strdup (lookup (producer, "op"));
  self->producer = node != NULL ? gten_gtk_node_get_index (node) : GTEN_GTK_NO_NODE;
  g_clear_pointer (&self->passed_on, gtk_bitset_unref);
  if (graph != NULL)
    self->passed_on = find_passed_on (graph, self->producer);
  gtk_label_set_text (GTK_LABEL (self->label), words);
  gtk_widget_set_visible (self->show, node != NULL);
  gtk_widget_set_visible (self->allow, self->op != NULL);
  if (self->op != NULL)
    {
      g_autofree char *title = g_strdup_printf (_ ("_Allow %s"), self->op);
      gtk_button_set_label (GTK_BUTTON (self->allow), title);
    }
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->bar), TRUE);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
producers_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorNonfinite) self = user_data;
  g_autoptr (GVariant) producers = NULL;

  if (!inspector_dbus_inspect1_call_get_non_finite_finish (INSPECTOR_DBUS_INSPECT1 (object), &producers, result, NULL)
      || self->program == NULL || inspector_program_get_service (self->program) != (gpointer) object)
    return;
  for (gsize i = 0; i < g_variant_n_children (producers); i++)
    {
      g_autoptr (GVariant) producer = g_variant_get_child_value (producers, i);
      const char *op = lookup (producer, "op");
      gboolean harm = FALSE;

      g_variant_lookup (producer, "harm", "b", &harm);
      if (!harm || (op != NULL && g_ptr_array_find_with_equal_func (self->allowed, op, g_str_equal, NULL)))
        continue;
      show_producer (self, producer);
      return;
    }
  if (self->op != NULL || self->producer != GTEN_GTK_NO_NODE)
    clear (self);
}

static void
ask (InspectorNonfinite *self)
{
  InspectorDBusInspect1 *service = inspector_program_get_service (self->program);

  if (service != NULL && inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED)
    inspector_dbus_inspect1_call_get_non_finite (service, NULL, producers_cb, g_object_ref (self));
  else if (service == NULL)
    clear (self);
}

static void
response_cb (InspectorNonfinite *self, int response)
{
  InspectorDBusInspect1 *service = self->program != NULL ? inspector_program_get_service (self->program) : NULL;

  if (response == RESPONSE_SHOW && self->producer != GTEN_GTK_NO_NODE)
    {
      g_signal_emit (self, signals[NODE_CHOSEN], 0, self->producer);
      return;
    }
  if (response == RESPONSE_ALLOW && self->op != NULL && service != NULL)
    {
      g_ptr_array_add (self->allowed, g_strdup (self->op));
      g_ptr_array_add (self->allowed, NULL);
      inspector_dbus_inspect1_call_allow (service, (const char *const *) self->allowed->pdata, NULL, NULL, NULL);
      g_ptr_array_set_size (self->allowed, self->allowed->len - 1);
      clear (self);
      ask (self);
      return;
    }
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->bar), FALSE);
}

static void
dispose (GObject *object)
{
  InspectorNonfinite *self = INSPECTOR_NONFINITE (object);
  GtkWidget *child;

  if (self->program != NULL)
    g_signal_handlers_disconnect_by_data (self->program, self);
  g_clear_object (&self->program);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (inspector_nonfinite_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  InspectorNonfinite *self = INSPECTOR_NONFINITE (object);

  g_ptr_array_unref (self->allowed);
  g_clear_pointer (&self->passed_on, gtk_bitset_unref);
  g_free (self->op);
  G_OBJECT_CLASS (inspector_nonfinite_parent_class)->finalize (object);
}

static void
inspector_nonfinite_class_init (InspectorNonfiniteClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  G_OBJECT_CLASS (klass)->finalize = finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHANGED] = g_signal_new ("changed", INSPECTOR_TYPE_NONFINITE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[NODE_CHOSEN] = g_signal_new ("node-chosen", INSPECTOR_TYPE_NONFINITE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                       G_TYPE_UINT);
}

static void
inspector_nonfinite_init (InspectorNonfinite *self)
{
  self->producer = GTEN_GTK_NO_NODE;
  self->allowed = g_ptr_array_new_with_free_func (g_free);
  self->bar = gtk_info_bar_new ();
  self->label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_widget_set_hexpand (self->label, TRUE);
  gtk_info_bar_set_message_type (GTK_INFO_BAR (self->bar), GTK_MESSAGE_WARNING);
  gtk_info_bar_set_show_close_button (GTK_INFO_BAR (self->bar), TRUE);
  gtk_info_bar_add_child (GTK_INFO_BAR (self->bar), self->label);
  self->allow = gtk_info_bar_add_button (GTK_INFO_BAR (self->bar), "_Allow", RESPONSE_ALLOW);
  self->show = gtk_info_bar_add_button (GTK_INFO_BAR (self->bar), "_Show", RESPONSE_SHOW);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->bar), FALSE);
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
  g_signal_connect_swapped (self->bar, "response", G_CALLBACK (response_cb), self);
}

void
inspector_nonfinite_set_program (InspectorNonfinite *self, InspectorProgram *program)
{
  if (self->program == program)
    return;
  if (self->program != NULL)
    g_signal_handlers_disconnect_by_data (self->program, self);
  g_set_object (&self->program, program);
  g_ptr_array_set_size (self->allowed, 0);
  clear (self);
  g_signal_connect_swapped (program, "notify::state", G_CALLBACK (ask), self);
  g_signal_connect_swapped (program, "not-finite", G_CALLBACK (ask), self);
  ask (self);
}

guint
inspector_nonfinite_get_producer (InspectorNonfinite *self)
{
  return self->producer;
}

GtkBitset *
inspector_nonfinite_get_passed_on (InspectorNonfinite *self)
{
  return self->passed_on;
}
