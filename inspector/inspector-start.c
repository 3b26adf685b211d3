/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-start.h"

#include "inspector-examples.h"

struct _InspectorStart
{
  GtkWidget  parent_instance;

  GtkWidget *list;
  GtkWidget *entry;
  GtkWidget *button;
};

G_DEFINE_FINAL_TYPE (InspectorStart, inspector_start, GTK_TYPE_WIDGET)

enum { RUN, N_SIGNALS };

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

static void
add_example (InspectorStart *self, const InspectorExample *example)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");

  gtk_box_append (GTK_BOX (texts), make_label (example->title, NULL));
  gtk_box_append (GTK_BOX (texts), make_label (example->subtitle, "caption"));
  gtk_widget_add_css_class (gtk_widget_get_last_child (texts), "dim-label");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), arrow);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
}

static void
dispose (GObject *object)
{
  GtkWidget *child;

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
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gtensor/Inspector/inspector-start.ui");
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, list);
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, entry);
  gtk_widget_class_bind_template_child (widget_class, InspectorStart, button);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, run_cb);
}

static void
inspector_start_init (InspectorStart *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < inspector_n_examples; i++)
    add_example (self, &inspector_examples[i]);
}
