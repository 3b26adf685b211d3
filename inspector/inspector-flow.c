/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-flow.h"

#include "gten-gtk-flow.h"
#include "inspector-source.h"

#include <glib/gi18n-lib.h>

#define INTERVAL_MS 500      /* while the program runs */

struct _InspectorFlow
{
  GtkWidget         parent_instance;

  InspectorProgram *program;
  GtkWidget        *stack;
  GtkWidget        *flow;
  GtkWidget        *label;
  guint             timer;
  gboolean          asking;
};

G_DEFINE_FINAL_TYPE (InspectorFlow, inspector_flow, GTK_TYPE_WIDGET)

static guint node_chosen_signal;

static void
flow_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorFlow) self = user_data;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) flow = NULL;
  g_autofree char *words = NULL;
  gpointer service;

  self->asking = FALSE;
  if (inspector_dbus_inspect1_call_get_flow_finish (INSPECTOR_DBUS_INSPECT1 (object), &handle, &fds, result, NULL))
    bytes = inspector_map_sealed (fds, handle, NULL);
  /* The window may be gone, or show another program; the last flow of one that has ended is welcome. */
  service = self->program != NULL ? inspector_program_get_service (self->program) : NULL;
  if (bytes == NULL || self->program == NULL || (service != NULL && service != (gpointer) object))
    return;
  flow = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (GTEN_INSPECT_FLOW), bytes, FALSE));
  if (!gten_gtk_flow_set_variant (GTEN_GTK_FLOW (self->flow), flow, NULL))
    return;
  words = gten_gtk_flow_describe (GTEN_GTK_FLOW (self->flow));
  gtk_label_set_text (GTK_LABEL (self->label), words);
  gtk_stack_set_visible_child (GTK_STACK (self->stack), gten_gtk_flow_get_n_passes (GTEN_GTK_FLOW (self->flow)) > 0
                                                          ? gtk_widget_get_parent (self->flow) : gtk_stack_get_child_by_name (GTK_STACK (self->stack), "empty"));
}

static void
ask (InspectorFlow *self)
{
  InspectorDBusInspect1 *service = self->program != NULL ? inspector_program_get_service (self->program) : NULL;

  if (service == NULL || self->asking)
    return;
  self->asking = TRUE;
  inspector_dbus_inspect1_call_get_flow (service, NULL, NULL, flow_cb, g_object_ref (self));
}

/* The end of a pass may be the program's, which can be asked no more: the last flow is known even where
 * nobody has looked at it yet. */
static void
changed_cb (InspectorFlow *self)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);

  if (gtk_widget_get_mapped (GTK_WIDGET (self))
      || (graph != NULL && gten_gtk_graph_get_n_done (graph) == gten_gtk_graph_get_n_nodes (graph)))
    ask (self);
}

static gboolean
timer_cb (gpointer data)
{
  InspectorFlow *self = data;

  if (self->program != NULL && inspector_program_get_state (self->program) == INSPECTOR_STATE_RUNNING)
    ask (self);
  return G_SOURCE_CONTINUE;
}

static void
map (GtkWidget *widget)
{
  InspectorFlow *self = INSPECTOR_FLOW (widget);

  GTK_WIDGET_CLASS (inspector_flow_parent_class)->map (widget);
  self->timer = g_timeout_add (INTERVAL_MS, timer_cb, self);
  ask (self);
}

static void
unmap (GtkWidget *widget)
{
  g_clear_handle_id (&INSPECTOR_FLOW (widget)->timer, g_source_remove);
  GTK_WIDGET_CLASS (inspector_flow_parent_class)->unmap (widget);
}

static void
chosen_cb (InspectorFlow *self, guint node, guint64 pass)
{
  g_signal_emit (self, node_chosen_signal, 0, node);
}

static void
dispose (GObject *object)
{
  InspectorFlow *self = INSPECTOR_FLOW (object);
  GtkWidget *child;

  inspector_flow_set_program (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (inspector_flow_parent_class)->dispose (object);
}

static void
inspector_flow_class_init (InspectorFlowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  widget_class->map = map;
  widget_class->unmap = unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  node_chosen_signal = g_signal_new ("node-chosen", INSPECTOR_TYPE_FLOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
inspector_flow_init (InspectorFlow *self)
{
  GtkWidget *empty = gtk_label_new (_ ("When passes are over, each is a column here: a row per node, colored by the size of its gradient."));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  self->flow = gten_gtk_flow_new ();
  self->label = gtk_label_new (NULL);
  self->stack = gtk_stack_new ();
  gtk_widget_add_css_class (empty, "dim-label");
  gtk_widget_add_css_class (self->label, "caption");
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_wrap (GTK_LABEL (empty), TRUE);
  gtk_widget_set_vexpand (self->flow, TRUE);
  gtk_box_append (GTK_BOX (box), self->label);
  gtk_box_append (GTK_BOX (box), self->flow);
  gtk_stack_add_named (GTK_STACK (self->stack), empty, "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), box, "flow");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  g_signal_connect_swapped (self->flow, "chosen", G_CALLBACK (chosen_cb), self);
}

void
inspector_flow_set_program (InspectorFlow *self, InspectorProgram *program)
{
  if (self->program == program)
    return;
  if (self->program != NULL)
    g_signal_handlers_disconnect_by_data (self->program, self);
  g_set_object (&self->program, program);
  if (self->flow != NULL)
    gten_gtk_flow_clear (GTEN_GTK_FLOW (self->flow));
  if (program == NULL)
    return;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "empty");
  g_signal_connect_swapped (program, "notify::state", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (program, "notify::step", G_CALLBACK (changed_cb), self);
  changed_cb (self);
}

void
inspector_flow_set_selected (InspectorFlow *self, guint node)
{
  gten_gtk_flow_set_selected (GTEN_GTK_FLOW (self->flow), node);
}
