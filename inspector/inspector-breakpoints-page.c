/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-breakpoints-page.h"

#include <glib/gi18n-lib.h>

struct _InspectorBreakpointsPage
{
  GtkWidget             parent_instance;

  InspectorBreakpoints *breakpoints;
  GtkWidget            *stop;
  GtkWidget            *text;
  GtkWidget            *condition;
  GtkWidget            *hit;
  GtkWidget            *error;
  GtkWidget            *list;
};

G_DEFINE_FINAL_TYPE (InspectorBreakpointsPage, inspector_breakpoints_page, GTK_TYPE_WIDGET)

/* What can be added here; a node is added where it is seen. */
static const struct { InspectorStop stop; const char *title; const char *example; } stops[] = {
  { INSPECTOR_STOP_CONDITION, N_ ("Condition"), NULL },
  { INSPECTOR_STOP_NAME, N_ ("Name"), "Mul*" },
  { INSPECTOR_STOP_OP, N_ ("Operation"), "mul" },
  { INSPECTOR_STOP_LINE, N_ ("Source Line"), "train.py:30" },
  { INSPECTOR_STOP_NONFINITE, N_ ("Not Finite"), NULL },
};

static void
stop_cb (InspectorBreakpointsPage *self)
{
  guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->stop));

  if (selected >= G_N_ELEMENTS (stops))
    return;
  gtk_widget_set_visible (self->text, stops[selected].example != NULL);
  if (stops[selected].example != NULL)
    gtk_entry_set_placeholder_text (GTK_ENTRY (self->text), stops[selected].example);
}

static void
show_error (InspectorBreakpointsPage *self, const char *message)
{
  gtk_label_set_text (GTK_LABEL (self->error), message != NULL ? message : "");
  gtk_widget_set_visible (self->error, message != NULL);
}

/* What is wrong is said while it is typed. */
static void
edited_cb (InspectorBreakpointsPage *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->condition))));
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenCondition) condition = *text != '\0' ? gten_condition_new (text, NULL, &error) : NULL;

  show_error (self, error != NULL ? error->message : NULL);
  (error != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (self->condition, "error");
}

static void
add_cb (InspectorBreakpointsPage *self)
{
  guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->stop));
  gboolean has_text = stops[selected].example != NULL;
  g_autoptr (GError) error = NULL;

  if (self->breakpoints == NULL)
    return;
  if (inspector_breakpoints_add (self->breakpoints, stops[selected].stop, has_text ? gtk_editable_get_text (GTK_EDITABLE (self->text)) : "",
                                 gtk_editable_get_text (GTK_EDITABLE (self->condition)),
                                 gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->hit)), &error) == NULL)
    {
      show_error (self, error->message);
      return;
    }
  show_error (self, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->text), "");
  gtk_editable_set_text (GTK_EDITABLE (self->condition), "");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->hit), 1);
}

/* -- rows -------------------------------------------------------------------------------------- */

static void
remove_cb (GtkButton *button, InspectorBreakpoint *breakpoint)
{
  InspectorBreakpointsPage *self = INSPECTOR_BREAKPOINTS_PAGE (gtk_widget_get_ancestor (GTK_WIDGET (button), INSPECTOR_TYPE_BREAKPOINTS_PAGE));

  inspector_breakpoints_remove (self->breakpoints, breakpoint);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers, InspectorBreakpointsPage *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));
  g_autoptr (InspectorBreakpoint) breakpoint = NULL;

  if (key != GDK_KEY_Delete || row == NULL)
    return GDK_EVENT_PROPAGATE;
  breakpoint = g_list_model_get_item (G_LIST_MODEL (self->breakpoints), gtk_list_box_row_get_index (row));
  if (breakpoint != NULL)
    inspector_breakpoints_remove (self->breakpoints, breakpoint);
  return GDK_EVENT_STOP;
}

static gboolean
hits_to_text (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  guint n = g_value_get_uint (from);

  g_value_take_string (to, n == 0 ? g_strdup (_ ("not hit")) : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "hit once", "hit %u times", n), n));
  return TRUE;
}

static gboolean
error_to_visible (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_boolean (to, g_value_get_string (from) != NULL);
  return TRUE;
}

static void
label_control (GtkWidget *widget, const char *label)
{
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (widget, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static GtkWidget *
make_row (gpointer item, gpointer data)
{
  InspectorBreakpoint *breakpoint = item;
  g_autofree char *words = inspector_breakpoint_describe (breakpoint);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *enabled = gtk_switch_new (), *label = gtk_label_new (words), *condition = gtk_entry_new (), *error = gtk_label_new (NULL);
  GtkWidget *hit = gtk_spin_button_new_with_range (1, 1e6, 1), *hits = gtk_label_new (NULL);
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic"), *row = gtk_list_box_row_new ();
  const GBindingFlags flags = G_BINDING_SYNC_CREATE, both = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;

  label_control (enabled, _ ("Enabled"));
  label_control (condition, _ ("Condition"));
  label_control (hit, _ ("Stop from this time on"));
  label_control (button, _ ("Remove (Delete)"));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (error), 0);
  gtk_label_set_wrap (GTK_LABEL (error), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (hits), 12);
  gtk_label_set_xalign (GTK_LABEL (hits), 1);
  gtk_widget_add_css_class (error, "error");
  gtk_widget_add_css_class (error, "caption");
  gtk_widget_add_css_class (hits, "dim-label");
  gtk_widget_add_css_class (hits, "numeric");
  gtk_widget_add_css_class (button, "flat");
  gtk_entry_set_placeholder_text (GTK_ENTRY (condition), _ ("always"));
  gtk_editable_set_width_chars (GTK_EDITABLE (condition), 28);
  gtk_widget_set_sensitive (condition, inspector_breakpoint_get_stop (breakpoint) != INSPECTOR_STOP_NONFINITE);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), label);
  gtk_box_append (GTK_BOX (texts), error);
  gtk_box_append (GTK_BOX (box), enabled);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), condition);
  gtk_box_append (GTK_BOX (box), hit);
  gtk_box_append (GTK_BOX (box), hits);
  gtk_box_append (GTK_BOX (box), button);
  g_object_bind_property (breakpoint, "enabled", enabled, "active", both);
  g_object_bind_property (breakpoint, "condition", condition, "text", both);
  g_object_bind_property (breakpoint, "hit", hit, "value", both);
  g_object_bind_property (breakpoint, "error", error, "label", flags);
  g_object_bind_property_full (breakpoint, "error", error, "visible", flags, error_to_visible, NULL, NULL, NULL);
  g_object_bind_property_full (breakpoint, "n-hits", hits, "label", flags, hits_to_text, NULL, NULL, NULL);
  g_signal_connect (button, "clicked", G_CALLBACK (remove_cb), breakpoint);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

/* -- the object -------------------------------------------------------------------------------- */

static void
dispose (GObject *object)
{
  InspectorBreakpointsPage *self = INSPECTOR_BREAKPOINTS_PAGE (object);
  GtkWidget *child;

  g_clear_object (&self->breakpoints);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (inspector_breakpoints_page_parent_class)->dispose (object);
}

static void
inspector_breakpoints_page_class_init (InspectorBreakpointsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gtensor/Inspector/inspector-breakpoints-page.ui");
  gtk_widget_class_bind_template_child (widget_class, InspectorBreakpointsPage, stop);
  gtk_widget_class_bind_template_child (widget_class, InspectorBreakpointsPage, text);
  gtk_widget_class_bind_template_child (widget_class, InspectorBreakpointsPage, condition);
  gtk_widget_class_bind_template_child (widget_class, InspectorBreakpointsPage, hit);
  gtk_widget_class_bind_template_child (widget_class, InspectorBreakpointsPage, error);
  gtk_widget_class_bind_template_child (widget_class, InspectorBreakpointsPage, list);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, edited_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
}

static void
inspector_breakpoints_page_init (InspectorBreakpointsPage *self)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkWidget *empty = gtk_label_new (_ ("No breakpoints. Add one above, or press F9 on a node of the graph."));

  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    gtk_string_list_append (titles, _ (stops[i].title));
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->stop), G_LIST_MODEL (titles));
  gtk_widget_add_css_class (empty, "dim-label");
  gtk_widget_set_margin_top (empty, 24);
  gtk_widget_set_margin_bottom (empty, 24);
  gtk_list_box_set_placeholder (GTK_LIST_BOX (self->list), empty);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (self->list, key);
  stop_cb (self);
}

void
inspector_breakpoints_page_set_model (InspectorBreakpointsPage *self, InspectorBreakpoints *breakpoints)
{
  if (g_set_object (&self->breakpoints, breakpoints))
    gtk_list_box_bind_model (GTK_LIST_BOX (self->list), G_LIST_MODEL (breakpoints), make_row, NULL, NULL);
}

void
inspector_breakpoints_page_begin (InspectorBreakpointsPage *self)
{
  gtk_widget_grab_focus (self->condition);
}
