/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can be done in the window; by which keys is told where all keys are. */
#include "inspector-window-private.h"

#include "gten-gtk-export.h"
#include "gten-gtk-graph-view.h"
#include "gten-gtk-node-view.h"
#include "inspector-commands.h"
#include "inspector-search.h"

#include <glib/gi18n-lib.h>

#define NEIGHBOURHOOD 2       /* edges */

static GtenGtkGraphView *
get_view (gpointer self)
{
  return GTEN_GTK_GRAPH_VIEW (INSPECTOR_WINDOW (self)->graph_view);
}

/* -- the pass ---------------------------------------------------------------------------------- */

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
step_back_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;
  guint step = inspector_program_get_step (self->program);

  self->moved = FALSE;
  if (g_str_equal (g_action_get_name (G_ACTION (action)), "step-forward"))
    inspector_program_go_to (self->program, step + 1);
  else if (step > 0)
    inspector_program_go_to (self->program, step - 1);
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

  inspector_window_clear_log (self);
  if (!inspector_program_restart (self->program, &error))
    inspector_window_show_error (self, error->message);
}

static void
stop_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inspector_program_quit (INSPECTOR_WINDOW (data)->program);
}

static void
breakpoint_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inspector_window_toggle (data, INSPECTOR_WINDOW (data)->selected);
}

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_menu_button_popup (GTK_MENU_BUTTON (INSPECTOR_WINDOW (data)->program_button));
}

/* -- search ------------------------------------------------------------------------------------ */

static void
search_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;

  gtk_stack_set_visible_child_name (GTK_STACK (self->pages), "graph");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->search_button), TRUE);
  inspector_search_begin (INSPECTOR_SEARCH (self->search));
}

static void
search_go_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inspector_search_go (INSPECTOR_SEARCH (INSPECTOR_WINDOW (data)->search),
                       g_str_equal (g_action_get_name (G_ACTION (action)), "search-previous"));
}

/* -- the graph --------------------------------------------------------------------------------- */

static void
show_current_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;
  guint current = self->graph != NULL ? gten_gtk_graph_get_current (self->graph) : GTEN_GTK_NO_NODE;

  if (current == GTEN_GTK_NO_NODE)
    return;
  self->moved = FALSE;
  inspector_window_select (self, current);
  gten_gtk_graph_view_show_node (get_view (self), current);
  gtk_widget_grab_focus (self->graph_view);
}

static void
zoom_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gten_gtk_graph_view_zoom (get_view (data), g_str_equal (g_action_get_name (G_ACTION (action)), "zoom-in") ? 1.25 : 0.8);
}

static void
fit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gten_gtk_graph_view_fit (get_view (data));
}

static void
arrange_anew_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gten_gtk_graph_view_arrange_anew (get_view (data));
}

static void
part_changed (InspectorWindow *self)
{
  gtk_widget_set_visible (self->part_bar, gten_gtk_graph_view_shows_part (get_view (self)));
}

static void
neighbourhood_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gten_gtk_graph_view_show_neighbourhood (get_view (data), INSPECTOR_WINDOW (data)->selected, NEIGHBOURHOOD);
  part_changed (data);
}

/* From the selected node to the one that runs next, or to the loss. */
static void
path_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;
  guint current = self->graph != NULL ? gten_gtk_graph_get_current (self->graph) : GTEN_GTK_NO_NODE;
  guint to = current != GTEN_GTK_NO_NODE && current != self->selected ? current : 0;

  if (!gten_gtk_graph_view_show_paths (get_view (self), self->selected, to)
      && !gten_gtk_graph_view_show_paths (get_view (self), self->selected, 0))
    inspector_window_show_error (self, _ ("No path leads there"));
  part_changed (self);
}

static void
whole_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gten_gtk_graph_view_show_whole (get_view (data));
  part_changed (data);
}

/* -- tensors ----------------------------------------------------------------------------------- */

/* Actions of the tensor that is shown in the details. */
static void
tensor_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const struct { const char *name, *action; } names[] = {
    { "pin", "tensor.pin" }, { "save-tensor", "tensor.save" }, { "compare-file", "tensor.compare-file" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i].name, g_action_get_name (G_ACTION (action))))
      gtk_widget_activate_action (gten_gtk_node_view_get_tensor_view (GTEN_GTK_NODE_VIEW (INSPECTOR_WINDOW (data)->node_view)),
                                  names[i].action, NULL);
}

/* -- the rest ---------------------------------------------------------------------------------- */

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
    { "outline", self->outline, "visible" }, { "details", self->node_view, "visible" }, { "flow", self->flow_revealer, "reveal-child" },
    { "follow", self->graph_view, "follow" }, { "fold", self->graph_view, "fold" },
    { "hide-not-needed", self->graph_view, "hide-not-needed" }, { "stop-at-passes", self->program, "stop-at-passes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    if (g_str_equal (switches[i].action, g_action_get_name (G_ACTION (action))))
      g_object_set (switches[i].object, switches[i].property, g_variant_get_boolean (value), NULL);
  g_simple_action_set_state (action, value);
  if (g_variant_get_boolean (value))
    inspector_window_keep_one_pane (self, g_action_get_name (G_ACTION (action)));
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
    inspector_window_show_error (self, error->message);
  g_clear_object (&self->chooser);
}

static void
export_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InspectorWindow *self = data;

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_ ("Export a Picture of the Graph"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE,
                                               _ ("_Export"), _ ("_Cancel"));
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
  { "step-back", step_back_cb, NULL, NULL, NULL, { 0 } },
  { "step-forward", step_back_cb, NULL, NULL, NULL, { 0 } },
  { "pause", pause_cb, NULL, NULL, NULL, { 0 } },
  { "restart", restart_cb, NULL, NULL, NULL, { 0 } },
  { "stop", stop_cb, NULL, NULL, NULL, { 0 } },
  { "breakpoint", breakpoint_cb, NULL, NULL, NULL, { 0 } },
  { "open", open_cb, NULL, NULL, NULL, { 0 } },
  { "search", search_cb, NULL, NULL, NULL, { 0 } },
  { "search-next", search_go_cb, NULL, NULL, NULL, { 0 } },
  { "search-previous", search_go_cb, NULL, NULL, NULL, { 0 } },
  { "show-current", show_current_cb, NULL, NULL, NULL, { 0 } },
  { "zoom-in", zoom_cb, NULL, NULL, NULL, { 0 } },
  { "zoom-out", zoom_cb, NULL, NULL, NULL, { 0 } },
  { "fit", fit_cb, NULL, NULL, NULL, { 0 } },
  { "arrange-anew", arrange_anew_cb, NULL, NULL, NULL, { 0 } },
  { "neighbourhood", neighbourhood_cb, NULL, NULL, NULL, { 0 } },
  { "path", path_cb, NULL, NULL, NULL, { 0 } },
  { "whole", whole_cb, NULL, NULL, NULL, { 0 } },
  { "pin", tensor_cb, NULL, NULL, NULL, { 0 } },
  { "save-tensor", tensor_cb, NULL, NULL, NULL, { 0 } },
  { "compare-file", tensor_cb, NULL, NULL, NULL, { 0 } },
  { "export", export_cb, NULL, NULL, NULL, { 0 } },
  { "page", NULL, "s", "'graph'", change_page_cb, { 0 } },
  { "outline", NULL, NULL, "true", change_switch_cb, { 0 } },
  { "details", NULL, NULL, "true", change_switch_cb, { 0 } },
  { "flow", NULL, NULL, "false", change_switch_cb, { 0 } },
  { "follow", NULL, NULL, "true", change_switch_cb, { 0 } },
  { "fold", NULL, NULL, "false", change_switch_cb, { 0 } },
  { "hide-not-needed", NULL, NULL, "false", change_switch_cb, { 0 } },
  { "stop-at-passes", NULL, NULL, "true", change_switch_cb, { 0 } },
};

void
inspector_window_add_actions (InspectorWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  gtk_application_window_set_help_overlay (GTK_APPLICATION_WINDOW (self), GTK_SHORTCUTS_WINDOW (inspector_commands_make_overlay ()));
  inspector_commands_label (GTK_WIDGET (self));
  inspector_commands_label (gtk_window_get_titlebar (GTK_WINDOW (self)));
}

static void
set_enabled (InspectorWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
inspector_window_update_actions (InspectorWindow *self)
{
  static const char *const when_stopped[] = { "step", "step-over", "continue", "finish" };
  static const char *const with_node[] = { "breakpoint", "neighbourhood", "path", "pin", "save-tensor", "compare-file" };
  static const char *const with_graph[] = { "export", "search-next", "search-previous", "show-current", "fit", "zoom-in", "zoom-out",
                                            "arrange-anew", "whole" };
  InspectorState state = inspector_program_get_state (self->program);
  gboolean stopped = state == INSPECTOR_STATE_STOPPED, has_node = self->selected != GTEN_GTK_NO_NODE;
  guint step = inspector_program_get_step (self->program);
  gboolean stop_at_passes;

  for (guint i = 0; i < G_N_ELEMENTS (when_stopped); i++)
    set_enabled (self, when_stopped[i], stopped);
  for (guint i = 0; i < G_N_ELEMENTS (with_node); i++)
    set_enabled (self, with_node[i], has_node);
  for (guint i = 0; i < G_N_ELEMENTS (with_graph); i++)
    set_enabled (self, with_graph[i], self->graph != NULL);
  set_enabled (self, "run-to", stopped && has_node);
  set_enabled (self, "step-back", stopped && step > 0);
  set_enabled (self, "step-forward", stopped && step < inspector_program_get_n_live (self->program));
  set_enabled (self, "pause", state == INSPECTOR_STATE_RUNNING);
  set_enabled (self, "restart", state != INSPECTOR_STATE_IDLE);
  set_enabled (self, "stop", stopped || state == INSPECTOR_STATE_RUNNING || state == INSPECTOR_STATE_STARTING);
  g_object_get (self->program, "stop-at-passes", &stop_at_passes, NULL);
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), "stop-at-passes")),
                             g_variant_new_boolean (stop_at_passes));
}
