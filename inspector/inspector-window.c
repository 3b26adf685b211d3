/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The window: outline, canvas and details show one graph and share one selection; the header
 * controls the program; the bottom says in a sentence where the pass stands. */
#include "inspector-window.h"

#include "gten-gtk-devices-view.h"
#include "gten-gtk-export.h"
#include "gten-gtk-graph-view.h"
#include "gten-gtk-node-view.h"
#include "gten-gtk-steps.h"
#include "inspector-outline.h"
#include "inspector-program.h"
#include "inspector-start.h"

struct _InspectorWindow
{
  GtkApplicationWindow parent_instance;

  InspectorProgram *program;
  GtenGtkGraph     *graph;
  guint             selected;
  gboolean          moved;            /* the selection follows the pass until someone selects a node */

  GtkWidget        *pages;
  GtkWidget        *content;
  GtkWidget        *start;
  GtkWidget        *popover;
  GtkWidget        *popover_start;
  GtkWidget        *program_button;
  GtkWidget        *title_label;
  GtkWidget        *status_label;
  GtkWidget        *error_bar;
  GtkWidget        *error_label;
  GtkWidget        *spinner;
  GtkWidget        *waiting_label;
  GtkWidget        *outer_paned;
  GtkWidget        *outline;
  GtkWidget        *graph_view;
  GtkWidget        *node_view;
  GtkWidget        *steps;
  GtkWidget        *sentence;
  GtkWidget        *devices_view;
  GtkWidget        *log;
  GtkWidget        *log_empty;
  GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE (InspectorWindow, inspector_window, GTK_TYPE_APPLICATION_WINDOW)

static void
set_enabled (InspectorWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
show_error (InspectorWindow *self, const char *message)
{
  gtk_label_set_text (GTK_LABEL (self->error_label), message);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->error_bar), TRUE);
}

static void
error_response_cb (InspectorWindow *self)
{
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->error_bar), FALSE);
}

/* -- selection --------------------------------------------------------------------------------- */

static void
select_node (InspectorWindow *self, guint node)
{
  if (self->selected == node)
    return;
  self->selected = node;
  gten_gtk_graph_view_set_selected (GTEN_GTK_GRAPH_VIEW (self->graph_view), node);
  inspector_outline_set_selected (INSPECTOR_OUTLINE (self->outline), node);
  gten_gtk_node_view_set_node (GTEN_GTK_NODE_VIEW (self->node_view), self->graph, node);
  gten_gtk_steps_set_selected (GTEN_GTK_STEPS (self->steps), node);
  set_enabled (self, "run-to", node != GTEN_GTK_NO_NODE
               && inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED);
  set_enabled (self, "breakpoint", node != GTEN_GTK_NO_NODE);
}

static void
selected_cb (InspectorWindow *self)
{
  guint node = gten_gtk_graph_view_get_selected (GTEN_GTK_GRAPH_VIEW (self->graph_view));

  self->moved = node != GTEN_GTK_NO_NODE && node != gten_gtk_graph_get_current (self->graph);
  select_node (self, node);
}

static void
node_chosen_cb (InspectorWindow *self, guint node)
{
  gten_gtk_graph_view_set_selected (GTEN_GTK_GRAPH_VIEW (self->graph_view), node);
}

static void
toggle_breakpoint (InspectorWindow *self, guint index)
{
  GtenGtkNode *node = self->graph != NULL ? gten_gtk_graph_get_node (self->graph, index) : NULL;

  if (node != NULL)
    inspector_program_set_breakpoint (self->program, node, !gten_gtk_node_get_breakpoint (node));
}

static void
node_activated_cb (InspectorWindow *self, guint node)
{
  toggle_breakpoint (self, node);
}

/* -- the program ------------------------------------------------------------------------------- */

static void
sentence_cb (InspectorWindow *self)
{
  g_autofree char *sentence = gten_gtk_graph_describe_step (self->graph);

  gtk_label_set_text (GTK_LABEL (self->sentence), sentence);
}

static void
current_cb (InspectorWindow *self)
{
  guint current = gten_gtk_graph_get_current (self->graph);

  if (current == GTEN_GTK_NO_NODE)
    return;
  if (!self->moved)
    node_chosen_cb (self, current);
  if (gten_gtk_graph_view_get_follow (GTEN_GTK_GRAPH_VIEW (self->graph_view)))
    inspector_outline_show_node (INSPECTOR_OUTLINE (self->outline), current);
}

static void
focus_cb (gpointer data)
{
  g_autoptr (InspectorWindow) self = data;

  if (self->graph != NULL)
    gtk_widget_grab_focus (self->graph_view);
}

static void
graph_cb (InspectorWindow *self)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);

  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_set_object (&self->graph, graph);
  self->moved = FALSE;
  self->selected = GTEN_GTK_NO_NODE;
  inspector_outline_set_graph (INSPECTOR_OUTLINE (self->outline), graph);
  gten_gtk_graph_view_set_graph (GTEN_GTK_GRAPH_VIEW (self->graph_view), graph);
  gten_gtk_steps_set_graph (GTEN_GTK_STEPS (self->steps), graph);
  gten_gtk_steps_set_selected (GTEN_GTK_STEPS (self->steps), GTEN_GTK_NO_NODE);
  gten_gtk_node_view_set_node (GTEN_GTK_NODE_VIEW (self->node_view), graph, GTEN_GTK_NO_NODE);
  if (graph == NULL)
    return;
  g_signal_connect_swapped (graph, "notify::sentence", G_CALLBACK (sentence_cb), self);
  g_signal_connect_swapped (graph, "notify::current", G_CALLBACK (current_cb), self);
  sentence_cb (self);
  current_cb (self);
  gtk_stack_set_visible_child_name (GTK_STACK (self->content), "graph");
  /* When the page is there. */
  g_idle_add_once (focus_cb, g_object_ref (self));
}

static void
state_cb (InspectorWindow *self)
{
  InspectorState state = inspector_program_get_state (self->program);
  gboolean stopped = state == INSPECTOR_STATE_STOPPED, alive = stopped || state == INSPECTOR_STATE_RUNNING;
  gboolean started = alive || state == INSPECTOR_STATE_STARTING;
  const char *status = inspector_program_get_status (self->program), *title = inspector_program_get_title (self->program);
  static const char *const when_stopped[] = { "step", "step-over", "continue", "finish" };

  for (guint i = 0; i < G_N_ELEMENTS (when_stopped); i++)
    set_enabled (self, when_stopped[i], stopped);
  set_enabled (self, "run-to", stopped && self->selected != GTEN_GTK_NO_NODE);
  set_enabled (self, "pause", state == INSPECTOR_STATE_RUNNING);
  set_enabled (self, "restart", state != INSPECTOR_STATE_IDLE);
  set_enabled (self, "stop", started);
  set_enabled (self, "export", self->graph != NULL);
  gtk_label_set_text (GTK_LABEL (self->title_label), title != NULL ? title : "Program");
  gtk_label_set_text (GTK_LABEL (self->status_label),
                      state == INSPECTOR_STATE_IDLE ? "None" : status);
  gtk_label_set_text (GTK_LABEL (self->waiting_label),
                      state == INSPECTOR_STATE_ENDED ? "The program ended before a backward pass. The log (Alt+3) shows what it printed."
                                                     : "Waiting for the first backward pass of the program");
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), started);
  gtk_widget_set_visible (self->spinner, started);
  gtk_stack_set_visible_child_name (GTK_STACK (self->content), self->graph != NULL ? "graph"
                                                               : state == INSPECTOR_STATE_IDLE ? "start" : "waiting");
}

static void
output_cb (InspectorWindow *self, const char *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->log));
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert (buffer, &end, text, -1);
  gtk_text_buffer_insert (buffer, &end, "\n", 1);
  gtk_widget_set_visible (self->log_empty, FALSE);
}

static void
clear_log (InspectorWindow *self)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->log)), "", 0);
  gtk_widget_set_visible (self->log_empty, TRUE);
}

/* Room for another program. */
static void
clear (InspectorWindow *self)
{
  error_response_cb (self);
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  clear_log (self);
  inspector_outline_show_all (INSPECTOR_OUTLINE (self->outline));
  gtk_stack_set_visible_child_name (GTK_STACK (self->pages), "graph");
}

void
inspector_window_attach (InspectorWindow *self, InspectorOffer *offer)
{
  clear (self);
  inspector_program_attach (self->program, offer);
}

void
inspector_window_run (InspectorWindow *self, const char *const *command)
{
  g_autoptr (GError) error = NULL;

  clear (self);
  if (!inspector_program_start (self->program, command, &error))
    show_error (self, error->message);
}

static void
run_cb (InspectorWindow *self, char **command)
{
  inspector_window_run (self, (const char *const *) command);
}

/* -- actions ----------------------------------------------------------------------------------- */

/* For actions that are one word to the program. */
static void
resume_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *name = g_action_get_name (G_ACTION (action));

  inspector_program_resume (INSPECTOR_WINDOW (data)->program,
                            g_str_equal (name, "step-over") ? "over" : name, NULL);
}

static void
run_to_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;
  GtenGtkNode *node = self->graph != NULL ? gten_gtk_graph_get_node (self->graph, self->selected) : NULL;

  if (node != NULL)
    inspector_program_resume (self->program, "run-to", node);
}

static void
pause_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inspector_program_pause (INSPECTOR_WINDOW (data)->program);
}

static void
restart_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;
  g_autoptr (GError) error = NULL;

  clear_log (self);
  if (!inspector_program_restart (self->program, &error))
    show_error (self, error->message);
}

static void
stop_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inspector_program_quit (INSPECTOR_WINDOW (data)->program);
}

static void
breakpoint_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  toggle_breakpoint (data, INSPECTOR_WINDOW (data)->selected);
}

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_menu_button_popup (GTK_MENU_BUTTON (INSPECTOR_WINDOW (data)->program_button));
}

static void
filter_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;

  g_action_change_state (g_action_map_lookup_action (G_ACTION_MAP (self), "outline"),
                         g_variant_new_boolean (TRUE));
  inspector_outline_filter (INSPECTOR_OUTLINE (self->outline));
}

static void
show_current_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;

  if (self->graph == NULL || gten_gtk_graph_get_current (self->graph) == GTEN_GTK_NO_NODE)
    return;
  self->moved = FALSE;
  node_chosen_cb (self, gten_gtk_graph_get_current (self->graph));
  gten_gtk_graph_view_show_node (GTEN_GTK_GRAPH_VIEW (self->graph_view),
                                 gten_gtk_graph_get_current (self->graph));
  gtk_widget_grab_focus (self->graph_view);
}

static void
zoom_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gboolean closer = g_str_equal (g_action_get_name (G_ACTION (action)), "zoom-in");

  gten_gtk_graph_view_zoom (GTEN_GTK_GRAPH_VIEW (INSPECTOR_WINDOW (data)->graph_view),
                            closer ? 1.25 : 0.8);
}

static void
fit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gten_gtk_graph_view_fit (GTEN_GTK_GRAPH_VIEW (INSPECTOR_WINDOW (data)->graph_view));
}

static void
page_cb (InspectorWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "page");

  if (action != NULL)
    g_simple_action_set_state (G_SIMPLE_ACTION (action),
                               g_variant_new_string (gtk_stack_get_visible_child_name (GTK_STACK (self->pages))));
}

static void
change_page_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  gtk_stack_set_visible_child_name (GTK_STACK (INSPECTOR_WINDOW (data)->pages),
                                    g_variant_get_string (value, NULL));
}

/* Actions that are a property of something that is on or off. */
static void
change_switch_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  InspectorWindow *self = data;
  const struct { const char *action; gpointer object; const char *property; } switches[] = {
    { "outline", self->outline, "visible" }, { "details", self->node_view, "visible" }, { "follow", self->graph_view, "follow" },
    { "stop-at-passes", self->program, "stop-at-passes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    if (g_str_equal (switches[i].action, g_action_get_name (G_ACTION (action))))
      g_object_set (switches[i].object, switches[i].property, g_variant_get_boolean (value), NULL);
  g_simple_action_set_state (action, value);
}

static void
export_response_cb (InspectorWindow *self, int response)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  gboolean dark;
  g_autoptr (GError) error = NULL;

  g_object_get (gtk_settings_get_default (), "gtk-application-prefer-dark-theme", &dark, NULL);
  if (response == GTK_RESPONSE_ACCEPT && path != NULL && self->graph != NULL
      && !gten_gtk_graph_export (self->graph, path, dark ? GTEN_GTK_EXPORT_DARK : GTEN_GTK_EXPORT_DEFAULT, &error))
    show_error (self, error->message);
  g_clear_object (&self->chooser);
}

static void
export_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new ("Export a Picture of the Graph", GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE,
                                               "_Export", "_Cancel");
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), "graph.svg");
  g_signal_connect_swapped (self->chooser, "response", G_CALLBACK (export_response_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static const GActionEntry actions[] = {
  { "step", resume_cb, NULL, NULL, NULL, { 0 } },
  { "step-over", resume_cb, NULL, NULL, NULL, { 0 } },
  { "continue", resume_cb, NULL, NULL, NULL, { 0 } },
  { "finish", resume_cb, NULL, NULL, NULL, { 0 } },
  { "run-to", run_to_cb, NULL, NULL, NULL, { 0 } },
  { "pause", pause_cb, NULL, NULL, NULL, { 0 } },
  { "restart", restart_cb, NULL, NULL, NULL, { 0 } },
  { "stop", stop_cb, NULL, NULL, NULL, { 0 } },
  { "breakpoint", breakpoint_cb, NULL, NULL, NULL, { 0 } },
  { "open", open_cb, NULL, NULL, NULL, { 0 } },
  { "filter", filter_cb, NULL, NULL, NULL, { 0 } },
  { "show-current", show_current_cb, NULL, NULL, NULL, { 0 } },
  { "zoom-in", zoom_cb, NULL, NULL, NULL, { 0 } },
  { "zoom-out", zoom_cb, NULL, NULL, NULL, { 0 } },
  { "fit", fit_cb, NULL, NULL, NULL, { 0 } },
  { "export", export_cb, NULL, NULL, NULL, { 0 } },
  { "page", NULL, "s", "'graph'", change_page_cb, { 0 } },
  { "outline", NULL, NULL, "true", change_switch_cb, { 0 } },
  { "details", NULL, NULL, "true", change_switch_cb, { 0 } },
  { "follow", NULL, NULL, "true", change_switch_cb, { 0 } },
  { "stop-at-passes", NULL, NULL, "true", change_switch_cb, { 0 } },
};

/* -- the object -------------------------------------------------------------------------------- */

static void
dispose (GObject *object)
{
  InspectorWindow *self = INSPECTOR_WINDOW (object);

  if (self->program != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->program, self);
      inspector_program_quit (self->program);
    }
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_clear_object (&self->program);
  g_clear_object (&self->graph);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (inspector_window_parent_class)->dispose (object);
}

static void
inspector_window_class_init (InspectorWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  g_type_ensure (GTEN_GTK_TYPE_DEVICES_VIEW);
  g_type_ensure (GTEN_GTK_TYPE_GRAPH_VIEW);
  g_type_ensure (GTEN_GTK_TYPE_NODE_VIEW);
  g_type_ensure (GTEN_GTK_TYPE_STEPS);
  g_type_ensure (INSPECTOR_TYPE_OUTLINE);
  g_type_ensure (INSPECTOR_TYPE_START);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gtensor/Inspector/inspector-window.ui");
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, content);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, start);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, popover);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, popover_start);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, program_button);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, title_label);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, status_label);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, error_label);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, waiting_label);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, outer_paned);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, outline);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, graph_view);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, node_view);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, steps);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, sentence);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, devices_view);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, log);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, log_empty);
  gtk_widget_class_bind_template_callback (widget_class, error_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, node_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, node_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_cb);
  gtk_widget_class_bind_template_callback (widget_class, run_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
}

static void
inspector_window_init (InspectorWindow *self)
{
  self->selected = GTEN_GTK_NO_NODE;
  self->program = inspector_program_new (FALSE);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  gten_gtk_devices_view_set_model (GTEN_GTK_DEVICES_VIEW (self->devices_view),
                                   inspector_program_get_devices (self->program));
  g_signal_connect_swapped (self->program, "notify::graph", G_CALLBACK (graph_cb), self);
  g_signal_connect_swapped (self->program, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect_swapped (self->program, "output", G_CALLBACK (output_cb), self);
  g_signal_connect_swapped (self->program, "failed", G_CALLBACK (show_error), self);
  set_enabled (self, "breakpoint", FALSE);
  state_cb (self);
}

InspectorWindow *
inspector_window_new (GtkApplication *application)
{
  return g_object_new (INSPECTOR_TYPE_WINDOW, "application", application, NULL);
}
