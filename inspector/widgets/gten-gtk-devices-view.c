/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A card per device: memory now, at its peak and in all, and a timeline of the last minute that
 * moves while anything changes. */
#include "gten-gtk-devices-view.h"

#include "gten-gtk-theme-private.h"

#include <glib/gi18n-lib.h>

#define WINDOW_US (60 * G_USEC_PER_SEC)

/* -- a timeline -------------------------------------------------------------------------------- */

#define GTEN_GTK_TYPE_TIMELINE (gten_gtk_timeline_get_type ())
G_DECLARE_FINAL_TYPE (GtenGtkTimeline, gten_gtk_timeline, GTEN_GTK, TIMELINE, GtkWidget)

struct _GtenGtkTimeline
{
  GtkWidget      parent_instance;

  GtenGtkDevice *device;
  guint          timer;
};

G_DEFINE_FINAL_TYPE (GtenGtkTimeline, gten_gtk_timeline, GTK_TYPE_WIDGET)

static void
timeline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkTimeline *self = GTEN_GTK_TIMELINE (widget);
  const GtenGtkPalette *palette = gten_gtk_widget_palette (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), y = height - 1;
  gint64 now = g_get_monotonic_time ();
  guint n = gten_gtk_device_get_n_samples (self->device);
  GtenGtkColor color = palette->states[GTEN_GTK_STATE_READY];
  guint64 peak;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));

  g_object_get (self->device, "peak", &peak, NULL);
  gten_gtk_set_color (cr, palette->border, 0.6);
  cairo_set_line_width (cr, 1);
  for (int i = 0; i <= 4; i++)
    {
      double line = CLAMP (i * (height - 1) / 4 + 0.5, 0.5, height - 0.5);

      cairo_move_to (cr, 0, line);
      cairo_line_to (cr, width, line);
    }
  cairo_stroke (cr);

  cairo_move_to (cr, 0, height - 1);
  for (guint i = 0; i < n; i++)
    {
      gint64 time;
      double used = gten_gtk_device_get_sample (self->device, i, &time);
      double x = MAX (0, width * (1 - (double) (now - time) / WINDOW_US));

      cairo_line_to (cr, x, y);
      y = height - 1 - (peak > 0 ? used / peak : 0) * (height - 4);
      cairo_line_to (cr, x, y);
    }
  cairo_line_to (cr, width, y);
  gten_gtk_set_color (cr, color, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke_preserve (cr);
  cairo_line_to (cr, width, height);
  cairo_line_to (cr, 0, height);
  gten_gtk_set_color (cr, color, 0.18);
  cairo_fill (cr);
  cairo_destroy (cr);
}

static void
timeline_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                  int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : 140;
}

static gboolean
tick_cb (gpointer data)
{
  gtk_widget_queue_draw (data);
  return G_SOURCE_CONTINUE;
}

/* It moves only while someone sees it. */
static void
timeline_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (gten_gtk_timeline_parent_class)->map (widget);
  GTEN_GTK_TIMELINE (widget)->timer = g_timeout_add (100, tick_cb, widget);
}

static void
timeline_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&GTEN_GTK_TIMELINE (widget)->timer, g_source_remove);
  GTK_WIDGET_CLASS (gten_gtk_timeline_parent_class)->unmap (widget);
}

static void
timeline_dispose (GObject *object)
{
  g_clear_object (&GTEN_GTK_TIMELINE (object)->device);
  G_OBJECT_CLASS (gten_gtk_timeline_parent_class)->dispose (object);
}

static void
gten_gtk_timeline_class_init (GtenGtkTimelineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = timeline_dispose;
  widget_class->snapshot = timeline_snapshot;
  widget_class->measure = timeline_measure;
  widget_class->map = timeline_map;
  widget_class->unmap = timeline_unmap;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gten_gtk_timeline_init (GtenGtkTimeline *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Memory used in the last minute"), -1);
}

/* -- the page ---------------------------------------------------------------------------------- */

struct _GtenGtkDevicesView
{
  GtkWidget   parent_instance;

  GListModel *devices;
  GtkWidget  *list;
};

G_DEFINE_FINAL_TYPE (GtenGtkDevicesView, gten_gtk_devices_view, GTK_TYPE_WIDGET)

static void
describe_cb (GtenGtkDevice *device, GParamSpec *pspec, GtkLabel *label)
{
  guint64 memory[4];
  g_autofree char *text = NULL;
  char *sizes[4];

  g_object_get (device, "used", &memory[0], "peak", &memory[1], "cached", &memory[2], "total",
                &memory[3], NULL);
  for (guint i = 0; i < 4; i++)
    sizes[i] = g_format_size_full (memory[i], G_FORMAT_SIZE_IEC_UNITS);
  text = g_strdup_printf (_ ("%s used now, %s at the peak, %s kept for reuse, %s in all"), sizes[0],
                          sizes[1], sizes[2], sizes[3]);
  for (guint i = 0; i < 4; i++)
    g_free (sizes[i]);
  gtk_label_set_text (label, text);
}

static GtkWidget *
add_label (GtkWidget *box, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static GtkWidget *
make_card (gpointer item, gpointer data)
{
  GtenGtkDevice *device = item;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *row = gtk_list_box_row_new ();
  GtenGtkTimeline *timeline = g_object_new (GTEN_GTK_TYPE_TIMELINE, NULL);
  g_autofree char *description = NULL;
  GtkWidget *label;

  g_object_get (device, "description", &description, NULL);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  add_label (box, gten_gtk_device_get_name (device), "title-3");
  if (g_strcmp0 (description, gten_gtk_device_get_name (device)) != 0)
    add_label (box, description, "dim-label");
  timeline->device = g_object_ref (device);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (timeline));
  g_signal_connect_object (device, "sampled", G_CALLBACK (gtk_widget_queue_draw), timeline,
                           G_CONNECT_SWAPPED);
  label = add_label (box, "", "numeric");
  g_signal_connect_object (device, "notify", G_CALLBACK (describe_cb), label, 0);
  describe_cb (device, NULL, GTK_LABEL (label));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

static void
dispose (GObject *object)
{
  GtenGtkDevicesView *self = GTEN_GTK_DEVICES_VIEW (object);
  GtkWidget *child;

  g_clear_object (&self->devices);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (gten_gtk_devices_view_parent_class)->dispose (object);
}

static void
gten_gtk_devices_view_class_init (GtenGtkDevicesViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "devicesview");
}

static void
gten_gtk_devices_view_init (GtenGtkDevicesView *self)
{
  GtkWidget *empty = gtk_label_new (_ ("Start a program to see the memory of its devices."));

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "boxed");
  gtk_widget_add_css_class (empty, "dim-label");
  gtk_widget_set_margin_top (empty, 48);
  gtk_list_box_set_placeholder (GTK_LIST_BOX (self->list), empty);
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
}

/**
 * gten_gtk_devices_view_new:
 *
 * Returns: (transfer full): an empty page
 */
GtkWidget *
gten_gtk_devices_view_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_DEVICES_VIEW, NULL);
}

/**
 * gten_gtk_devices_view_set_model:
 * @self: a page
 * @devices: (nullable): a list of [class@Device]
 *
 * Shows other devices.
 */
void
gten_gtk_devices_view_set_model (GtenGtkDevicesView *self, GListModel *devices)
{
  if (!g_set_object (&self->devices, devices))
    return;
  gtk_list_box_bind_model (GTK_LIST_BOX (self->list), devices, make_card, NULL, NULL);
}
