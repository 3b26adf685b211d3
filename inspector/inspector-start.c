/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-start.h"

#include "inspector-examples.h"
#include "inspector-program.h"

#include <glib/gi18n-lib.h>

struct _InspectorStart
{
  GtkWidget   parent_instance;

  GListModel *programs;
  GListModel *offers;
  GtkWidget  *programs_box;
  GtkWidget  *programs_list;
  GtkWidget  *offers_list;
  GtkWidget  *list;
  GtkWidget  *entry;
  GtkWidget  *button;
};

G_DEFINE_FINAL_TYPE (InspectorStart, inspector_start, GTK_TYPE_WIDGET)

enum { RUN, ATTACH, SHOW, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
activated_cb (InspectorStart *self, GtkListBoxRow *row)
{
  g_auto (GStrv) command = inspector_find_command (inspector_examples[gtk_list_box_row_get_index (row)].name, NULL);

  g_signal_emit (self, signals[RUN], 0, command);
}

static void
changed_cb (InspectorStart *self)
{
  g_auto (GStrv) words = NULL;
  gboolean valid = g_shell_parse_argv (gtk_editable_get_text (GTK_EDITABLE (self->entry)), NULL,
                                       &words, NULL);

  gtk_widget_set_sensitive (self->button, valid);
}

static void
run_cb (InspectorStart *self)
{
  g_auto (GStrv) words = NULL;
  g_auto (GStrv) command = NULL;

  if (!g_shell_parse_argv (gtk_editable_get_text (GTK_EDITABLE (self->entry)), NULL, &words, NULL))
    return;
  command = inspector_find_command (words[0], (const char *const *) words + 1);
  g_signal_emit (self, signals[RUN], 0, command);
}

static void
offer_activated_cb (InspectorStart *self, GtkListBoxRow *row)
{
  g_autoptr (GObject) offer = g_list_model_get_item (self->offers, gtk_list_box_row_get_index (row));

  if (offer != NULL)
    g_signal_emit (self, signals[ATTACH], 0, offer);
}

static void
program_activated_cb (InspectorStart *self, GtkListBoxRow *row)
{
  g_autoptr (GObject) program = g_list_model_get_item (self->programs, gtk_list_box_row_get_index (row));

  if (program != NULL)
    g_signal_emit (self, signals[SHOW], 0, program);
}

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* Two lines of text and an arrow. */
static GtkWidget *
make_row (const char *title, const char *subtitle)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");

  gtk_box_append (GTK_BOX (texts), make_label (title, NULL));
  gtk_box_append (GTK_BOX (texts), make_label (subtitle, "caption"));
  gtk_widget_add_css_class (gtk_widget_get_last_child (texts), "dim-label");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), arrow);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  return row;
}

static GtkWidget *
make_offer (gpointer item, gpointer data)
{
  InspectorOffer *offer = item;
  g_autofree char *title = g_strdup_printf (_ ("%s, process %d"), inspector_offer_get_name (offer), inspector_offer_get_pid (offer));

  return make_row (title, inspector_offer_get_command (offer));
}

static GtkWidget *
make_program (gpointer item, gpointer data)
{
  GtkWidget *row = make_row ("", ""), *texts = gtk_widget_get_first_child (gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row)));

  g_object_bind_property (item, "title", gtk_widget_get_first_child (texts), "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (item, "status", gtk_widget_get_last_child (texts), "label", G_BINDING_SYNC_CREATE);
  return row;
}

/* One program needs no list: the button shows it. */
static void
programs_cb (InspectorStart *self)
{
  gtk_widget_set_visible (self->programs_box, g_list_model_get_n_items (self->programs) > 1);
}

static void
dispose (GObject *object)
{
  GtkWidget *child;
  InspectorStart *self = INSPECTOR_START (object);

  if (self->programs != NULL)
    g_signal_handlers_disconnect_by_data (self->programs, self);
  g_clear_object (&self->programs);
  g_clear_object (&self->offers);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (inspector_start_parent_class)->dispose (object);
}

static void
inspector_start_class_init (InspectorStartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  signals[RUN] = g_signal_new ("run", INSPECTOR_TYPE_START, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, G_TYPE_STRV);
  signals[ATTACH] = g_signal_new ("attach", INSPECTOR_TYPE_START, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, INSPECTOR_TYPE_OFFER);
  signals[SHOW] = g_signal_new ("show-program", INSPECTOR_TYPE_START, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, INSPECTOR_TYPE_PROGRAM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gtensor/Inspector/inspector-start.ui");
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, programs_box);
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, programs_list);
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, offers_list);
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, list);
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, entry);
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, button);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, offer_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, program_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, run_cb);
}

static void
inspector_start_init (InspectorStart *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < inspector_n_examples; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), make_row (_ (inspector_examples[i].title), _ (inspector_examples[i].subtitle)));
}

void
inspector_start_set_models (InspectorStart *self, GListModel *programs, GListModel *offers)
{
  self->programs = g_object_ref (programs);
  self->offers = g_object_ref (offers);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->programs_list), programs, make_program, NULL, NULL);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->offers_list), offers, make_offer, NULL, NULL);
  g_signal_connect_swapped (programs, "items-changed", G_CALLBACK (programs_cb), self);
  programs_cb (self);
}
