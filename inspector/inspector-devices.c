/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-devices.h"

#include "gten-gtk-devices-view.h"
#include "gten-gtk-memory.h"
#include "inspector-source.h"

#include <glib/gi18n-lib.h>

#define INTERVAL_MS 500
#define MAX_ROWS    40

struct _InspectorDevices
{
  GtkWidget         parent_instance;

  InspectorProgram *program;
  guint             timer;
  gboolean          asking;
  GtkWidget        *devices;
  GtkWidget        *memory;
  GtkWidget        *memory_box;
  GtkWidget        *saved;
  GtkWidget        *saved_box;
  GtkWidget        *saved_total;
};

G_DEFINE_FINAL_TYPE (InspectorDevices, inspector_devices, GTK_TYPE_WIDGET)

static guint node_chosen_signal;

/* -- by operation ------------------------------------------------------------------------------ */

static void
timeline_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorDevices) self = user_data;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) timeline = NULL;

  self->asking = FALSE;
  if (inspector_dbus_inspect1_call_get_timeline_finish (INSPECTOR_DBUS_INSPECT1 (object), &handle, &fds, result, NULL))
    bytes = inspector_map_sealed (fds, handle, NULL);
  if (bytes == NULL || self->program == NULL || inspector_program_get_service (self->program) != (gpointer) object)
    return;
  timeline = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (GTEN_INSPECT_TIMELINE), bytes, FALSE));
  gten_gtk_memory_add_variant (GTEN_GTK_MEMORY (self->memory), timeline, NULL);
  gtk_widget_set_visible (self->memory_box, gten_gtk_memory_get_n_entries (GTEN_GTK_MEMORY (self->memory)) > 0);
}

/* -- saved for backward ------------------------------------------------------------------------ */

static int
compare_saved (gconstpointer a, gconstpointer b)
{
  guint64 x = gten_gtk_node_get_saved_bytes (*(GtenGtkNode *const *) a), y = gten_gtk_node_get_saved_bytes (*(GtenGtkNode *const *) b);

  return (x < y) - (x > y);
}

static void
add_row (InspectorDevices *self, GtenGtkNode *node, guint64 greatest)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *bar = gtk_level_bar_new_for_interval (0, MAX (greatest, 1));
  guint64 n_bytes = gten_gtk_node_get_saved_bytes (node);
  g_autofree char *name = g_strdup_printf ("%u  %s", gten_gtk_node_get_index (node) + 1, gten_gtk_node_get_name (node));
  g_autofree char *size = g_format_size_full (n_bytes, G_FORMAT_SIZE_IEC_UNITS);
  GtkWidget *label = gtk_label_new (name), *number = gtk_label_new (size);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_width_chars (GTK_LABEL (label), 28);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), n_bytes);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), NULL);
  gtk_widget_set_hexpand (bar, TRUE);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_label_set_width_chars (GTK_LABEL (number), 10);
  gtk_label_set_xalign (GTK_LABEL (number), 1);
  gtk_widget_add_css_class (number, "numeric");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), number);
  gtk_list_box_append (GTK_LIST_BOX (self->saved), box);
  g_object_set_data (G_OBJECT (gtk_widget_get_parent (box)), "inspector-node", GUINT_TO_POINTER (gten_gtk_node_get_index (node)));
}

static void
saved_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorDevices) self = user_data;
  g_autoptr (GVariant) nodes = NULL;
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  g_autofree char *total = NULL;
  g_autofree char *words = NULL;
  GtenGtkGraph *graph;
  GVariantIter iter;
  guint64 id, n_bytes, sum = 0;
  GtkWidget *row;

  if (!inspector_dbus_inspect1_call_get_saved_bytes_finish (INSPECTOR_DBUS_INSPECT1 (object), &nodes, result, NULL)
      || self->program == NULL || inspector_program_get_service (self->program) != (gpointer) object)
    return;
  graph = inspector_program_get_graph (self->program);
  g_variant_iter_init (&iter, nodes);
  while (graph != NULL && g_variant_iter_next (&iter, "(tt)", &id, &n_bytes))
    {
      GtenGtkNode *node = gten_gtk_graph_find_node (graph, id);

      if (node == NULL)
        continue;
      gten_gtk_node_set_saved_bytes (node, n_bytes);
      sum += n_bytes;
      if (n_bytes > 0)
        g_ptr_array_add (found, node);
    }
  while ((row = gtk_widget_get_first_child (self->saved)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->saved), row);
  g_ptr_array_sort (found, compare_saved);
  for (guint i = 0; i < MIN (found->len, MAX_ROWS); i++)
    add_row (self, found->pdata[i], gten_gtk_node_get_saved_bytes (found->pdata[0]));
  total = g_format_size_full (sum, G_FORMAT_SIZE_IEC_UNITS);
  words = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s in %u node; what several saved counts for each",
                                     "%s in %u nodes; what several saved counts for each", found->len), total, found->len);
  gtk_label_set_text (GTK_LABEL (self->saved_total), words);
  gtk_widget_set_visible (self->saved_box, found->len > 0);
}

static void
row_activated_cb (InspectorDevices *self, GtkListBoxRow *row)
{
  g_signal_emit (self, node_chosen_signal, 0, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "inspector-node")));
}

static void
memory_chosen_cb (InspectorDevices *self, guint64 id)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);
  GtenGtkNode *node = graph != NULL ? gten_gtk_graph_find_node (graph, id) : NULL;

  if (node != NULL)
    g_signal_emit (self, node_chosen_signal, 0, gten_gtk_node_get_index (node));
}

/* -- while it is seen -------------------------------------------------------------------------- */

static void
ask (InspectorDevices *self)
{
  InspectorDBusInspect1 *service = self->program != NULL ? inspector_program_get_service (self->program) : NULL;

  if (service == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (!self->asking)
    {
      self->asking = TRUE;
      inspector_dbus_inspect1_call_get_timeline (service, gten_gtk_memory_get_last (GTEN_GTK_MEMORY (self->memory)), NULL, NULL,
                                                 timeline_cb, g_object_ref (self));
    }
  if (inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED)
    inspector_dbus_inspect1_call_get_saved_bytes (service, inspector_program_get_pass (self->program), NULL, saved_cb, g_object_ref (self));
}

static gboolean
timer_cb (gpointer data)
{
  InspectorDevices *self = data;

  if (self->program != NULL && inspector_program_get_state (self->program) == INSPECTOR_STATE_RUNNING)
    ask (self);
  return G_SOURCE_CONTINUE;
}

static void
map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (inspector_devices_parent_class)->map (widget);
  INSPECTOR_DEVICES (widget)->timer = g_timeout_add (INTERVAL_MS, timer_cb, widget);
  ask (INSPECTOR_DEVICES (widget));
}

static void
unmap (GtkWidget *widget)
{
  g_clear_handle_id (&INSPECTOR_DEVICES (widget)->timer, g_source_remove);
  GTK_WIDGET_CLASS (inspector_devices_parent_class)->unmap (widget);
}

/* -- the object -------------------------------------------------------------------------------- */

static void
dispose (GObject *object)
{
  InspectorDevices *self = INSPECTOR_DEVICES (object);
  GtkWidget *child;

  if (self->program != NULL)
    g_signal_handlers_disconnect_by_data (self->program, self);
  g_clear_object (&self->program);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (inspector_devices_parent_class)->dispose (object);
}

static void
inspector_devices_class_init (InspectorDevicesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  widget_class->map = map;
  widget_class->unmap = unmap;
  node_chosen_signal = g_signal_new ("node-chosen", INSPECTOR_TYPE_DEVICES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                     G_TYPE_UINT);
  g_type_ensure (GTEN_GTK_TYPE_DEVICES_VIEW);
  g_type_ensure (GTEN_GTK_TYPE_MEMORY);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gtensor/Inspector/inspector-devices.ui");
  gtk_widget_class_bind_template_child (widget_class, InspectorDevices, devices);
  gtk_widget_class_bind_template_child (widget_class, InspectorDevices, memory);
  gtk_widget_class_bind_template_child (widget_class, InspectorDevices, memory_box);
  gtk_widget_class_bind_template_child (widget_class, InspectorDevices, saved);
  gtk_widget_class_bind_template_child (widget_class, InspectorDevices, saved_box);
  gtk_widget_class_bind_template_child (widget_class, InspectorDevices, saved_total);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, memory_chosen_cb);
}

static void
inspector_devices_init (InspectorDevices *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
inspector_devices_set_program (InspectorDevices *self, InspectorProgram *program)
{
  if (self->program == program)
    return;
  if (self->program != NULL)
    g_signal_handlers_disconnect_by_data (self->program, self);
  g_set_object (&self->program, program);
  gten_gtk_memory_clear (GTEN_GTK_MEMORY (self->memory));
  gtk_widget_set_visible (self->memory_box, FALSE);
  gtk_widget_set_visible (self->saved_box, FALSE);
  gten_gtk_devices_view_set_model (GTEN_GTK_DEVICES_VIEW (self->devices), inspector_program_get_devices (program));
  g_signal_connect_swapped (program, "notify::state", G_CALLBACK (ask), self);
  ask (self);
}
