/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A page in GTK's own inspector (Ctrl+Shift+D), of every program that uses this library: the memory of its
 * devices, the passes that it shows, and how to look at the others. GTK makes a page of what implements its extension
 * point, and tells it in "object" what is picked. */
#include "gten-gtk-inspector-page-private.h"

#include "gten-gtk-device.h"
#include "gten-gtk-devices-view.h"
#include "gten-gtk-graph-view.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#define SAMPLE_MS 500

struct _GtenGtkInspectorPage
{
  GtkWidget   parent_instance;

  GListStore *devices;
  GtkWidget  *view;
  GtkWidget  *sentence;
  GtkWidget  *address;
  GBinding   *binding;
  guint       timer;
};

G_DEFINE_FINAL_TYPE (GtenGtkInspectorPage, gten_gtk_inspector_page, GTK_TYPE_WIDGET)

enum { PROP_TITLE = 1, PROP_OBJECT, N_PROPS };

static GParamSpec *properties[N_PROPS];

/* -- devices ----------------------------------------------------------------------------------- */

static gboolean
sample_cb (gpointer data)
{
  GtenGtkInspectorPage *self = data;
  GListModel *all = gten_device_get_all ();

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtenDevice) device = g_list_model_get_item (all, i);
      g_autoptr (GtenGtkDevice) shown = g_list_model_get_item (G_LIST_MODEL (self->devices), i);

      if (shown == NULL)
        {
          shown = gten_gtk_device_new (gten_device_get_name (device), gten_device_get_description (device));
          g_list_store_append (self->devices, shown);
        }
      gten_gtk_device_add_sample (shown, gten_device_get_total_memory (device), gten_device_get_used_memory (device),
                                  gten_device_get_peak_memory (device), gten_device_get_cached_memory (device));
    }
  return G_SOURCE_CONTINUE;
}

static void
map (GtkWidget *widget)
{
  GtenGtkInspectorPage *self = GTEN_GTK_INSPECTOR_PAGE (widget);

  GTK_WIDGET_CLASS (gten_gtk_inspector_page_parent_class)->map (widget);
  sample_cb (self);
  self->timer = g_timeout_add (SAMPLE_MS, sample_cb, self);
}

static void
unmap (GtkWidget *widget)
{
  g_clear_handle_id (&GTEN_GTK_INSPECTOR_PAGE (widget)->timer, g_source_remove);
  GTK_WIDGET_CLASS (gten_gtk_inspector_page_parent_class)->unmap (widget);
}

/* -- passes ------------------------------------------------------------------------------------ */

static void
offer_cb (GtkButton *button, GtenGtkInspectorPage *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (gten_inspect_offer (&error))
    text = g_strdup_printf ("gtensor-inspector --pid %d", getpid ());
  gtk_label_set_text (GTK_LABEL (self->address), text != NULL ? text : error->message);
  gtk_widget_set_sensitive (GTK_WIDGET (button), text == NULL);
}

/* The graph of a picked graph view. */
static void
set_object (GtenGtkInspectorPage *self, GObject *object)
{
  GtenGtkGraph *graph = GTEN_GTK_IS_GRAPH_VIEW (object) ? gten_gtk_graph_view_get_graph (GTEN_GTK_GRAPH_VIEW (object))
                        : GTEN_GTK_IS_GRAPH (object) ? GTEN_GTK_GRAPH (object) : NULL;

  if (graph == NULL)
    return;
  g_clear_pointer (&self->binding, g_binding_unbind);
  gten_gtk_graph_view_set_graph (GTEN_GTK_GRAPH_VIEW (self->view), graph);
  self->binding = g_object_bind_property (graph, "sentence", self->sentence, "label", G_BINDING_SYNC_CREATE);
  gtk_widget_set_visible (self->view, TRUE);
}

/* -- the object -------------------------------------------------------------------------------- */

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TITLE)
    g_value_set_static_string (value, _ ("Tensors"));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_OBJECT)
    set_object (GTEN_GTK_INSPECTOR_PAGE (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
dispose (GObject *object)
{
  GtenGtkInspectorPage *self = GTEN_GTK_INSPECTOR_PAGE (object);
  GtkWidget *child;

  g_clear_pointer (&self->binding, g_binding_unbind);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->devices);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (gten_gtk_inspector_page_parent_class)->dispose (object);
}

static void
gten_gtk_inspector_page_class_init (GtenGtkInspectorPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  widget_class->map = map;
  widget_class->unmap = unmap;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_OBJECT] = g_param_spec_object ("object", NULL, NULL, G_TYPE_OBJECT,
                                                 G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
append_label (GtkWidget *box, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static void
gten_gtk_inspector_page_init (GtenGtkInspectorPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *button = gtk_button_new_with_mnemonic (_ ("_Offer to gtensor-inspector"));
  GtkWidget *devices = gten_gtk_devices_view_new (), *scroller = gtk_scrolled_window_new ();

  self->devices = g_list_store_new (GTEN_GTK_TYPE_DEVICE);
  self->view = gten_gtk_graph_view_new ();
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_widget_set_margin_top (box, 18);
  gtk_widget_set_margin_bottom (box, 18);
  gten_gtk_devices_view_set_model (GTEN_GTK_DEVICES_VIEW (devices), G_LIST_MODEL (self->devices));
  gtk_box_append (GTK_BOX (box), devices);
  self->sentence = append_label (box, _ ("Pick a graph in the program to see its pass here. Other backward passes are stepped by gtensor-inspector."));
  gtk_widget_set_size_request (self->view, -1, 360);
  gtk_widget_set_visible (self->view, FALSE);
  gtk_box_append (GTK_BOX (box), self->view);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_signal_connect (button, "clicked", G_CALLBACK (offer_cb), self);
  gtk_box_append (GTK_BOX (box), button);
  self->address = append_label (box, NULL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_widget_set_parent (scroller, GTK_WIDGET (self));
}

/* GTK registers its extension point when a display is opened; whoever comes first registers it. */
__attribute__ ((constructor)) static void
offer_page (void)
{
  g_io_extension_point_register ("gtk-inspector-page");
  g_io_extension_point_implement ("gtk-inspector-page", GTEN_GTK_TYPE_INSPECTOR_PAGE, "gtensor", 10);
}
