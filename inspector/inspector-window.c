/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The window: outline, canvas and details show one graph and share one selection; the header
 * controls the program; the bottom says in a sentence where the pass stands. Several programs may
 * be inspected, of which one is shown. */
#include "inspector-window-private.h"

#include "gten-gtk-graph-view.h"
#include "gten-gtk-node-view.h"
#include "gten-gtk-steps.h"
#include "inspector-breakpoints-page.h"
#include "inspector-devices.h"
#include "inspector-flow.h"
#include "inspector-nonfinite.h"
#include "inspector-outline.h"
#include "inspector-search.h"
#include "inspector-start.h"

#include <glib/gi18n-lib.h>

#define BRIEF_MS 50
#define LOG           "inspector-log"        /* a program's text */
#define MAX_LOG_LINES 10000

G_DEFINE_FINAL_TYPE (InspectorWindow, inspector_window, GTK_TYPE_APPLICATION_WINDOW)

void
inspector_window_show_error (InspectorWindow *self, const char *message)
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
show_selected (InspectorWindow *self, guint node)
{
  if (self->selected == node)
    return;
  self->selected = node;
  gten_gtk_graph_view_set_selected (GTEN_GTK_GRAPH_VIEW (self->graph_view), node);
  inspector_outline_set_selected (INSPECTOR_OUTLINE (self->outline), node);
  inspector_search_set_selected (INSPECTOR_SEARCH (self->search), node);
  inspector_flow_set_selected (INSPECTOR_FLOW (self->flow), node);
  gten_gtk_node_view_set_node (GTEN_GTK_NODE_VIEW (self->node_view), self->graph, node);
  gten_gtk_steps_set_selected (GTEN_GTK_STEPS (self->steps), node);
  inspector_program_show (self->program, self->graph != NULL ? gten_gtk_graph_get_node (self->graph, node) : NULL);
  inspector_window_update_actions (self);
}

static void
selected_cb (InspectorWindow *self)
{
  guint node = gten_gtk_graph_view_get_selected (GTEN_GTK_GRAPH_VIEW (self->graph_view));

  self->moved = node != GTEN_GTK_NO_NODE && node != gten_gtk_graph_get_current (self->graph);
  show_selected (self, node);
}

void
inspector_window_select (InspectorWindow *self, guint node)
{
  gten_gtk_graph_view_set_selected (GTEN_GTK_GRAPH_VIEW (self->graph_view), node);
}

/* From another page, or from a list: where it is is to be seen. */
static void
node_shown_cb (InspectorWindow *self, guint node)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->pages), "graph");
  inspector_window_select (self, node);
  gten_gtk_graph_view_show_node (GTEN_GTK_GRAPH_VIEW (self->graph_view), node);
}

void
inspector_window_toggle (InspectorWindow *self, guint index)
{
  GtenGtkNode *node = self->graph != NULL ? gten_gtk_graph_get_node (self->graph, index) : NULL;

  if (node != NULL)
    inspector_program_set_breakpoint (self->program, node, !gten_gtk_node_get_breakpoint (node));
}

static void
search_changed_cb (InspectorWindow *self)
{
  GtkBitset *matches = inspector_search_get_matches (INSPECTOR_SEARCH (self->search));

  gten_gtk_graph_view_set_marked (GTEN_GTK_GRAPH_VIEW (self->graph_view), matches);
  inspector_outline_set_matches (INSPECTOR_OUTLINE (self->outline), matches);
}

static void
search_stopped_cb (InspectorWindow *self)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->search_button), FALSE);
  gtk_widget_grab_focus (self->graph_view);
}

static void
nonfinite_cb (InspectorWindow *self)
{
  InspectorNonfinite *nonfinite = INSPECTOR_NONFINITE (self->nonfinite);

  gten_gtk_graph_view_set_not_finite (GTEN_GTK_GRAPH_VIEW (self->graph_view), inspector_nonfinite_get_producer (nonfinite),
                                      inspector_nonfinite_get_passed_on (nonfinite));
}

/* -- the pass ---------------------------------------------------------------------------------- */

static void
sentence_cb (InspectorWindow *self)
{
  g_autofree char *sentence = gten_gtk_graph_describe_step (self->graph);
  guint n_live = inspector_program_get_n_live (self->program);
  g_autofree char *more = NULL;

  if (inspector_program_get_state (self->program) == INSPECTOR_STATE_ENDED)
    more = g_strdup_printf (_ ("%s. The program has ended; this is the pass that was seen last"), sentence);
  else if (inspector_program_get_step (self->program) < n_live)
    more = g_strdup_printf (_ ("%s. Looking back: the pass is at step %u"), sentence, n_live + 1);
  gtk_label_set_text (GTK_LABEL (self->sentence), more != NULL ? more : sentence);
}

static void
current_cb (InspectorWindow *self)
{
  guint current = gten_gtk_graph_get_current (self->graph);

  if (current == GTEN_GTK_NO_NODE)
    return;
  if (!self->moved)
    inspector_window_select (self, current);
  if (gten_gtk_graph_view_get_follow (GTEN_GTK_GRAPH_VIEW (self->graph_view)))
    inspector_outline_show_node (INSPECTOR_OUTLINE (self->outline), current);
}

static void
step_cb (InspectorWindow *self)
{
  gten_gtk_steps_set_live (GTEN_GTK_STEPS (self->steps), inspector_program_get_n_live (self->program));
  if (self->graph != NULL)
    sentence_cb (self);
  inspector_window_update_actions (self);
}

/* Who moves through the steps looks at the node of each. */
static void
step_chosen_cb (InspectorWindow *self, guint step)
{
  self->moved = FALSE;
  inspector_program_go_to (self->program, step);
}

/* Keys go to the page that is seen, unless someone types elsewhere or chooses a program. */
static void
focus_cb (gpointer data)
{
  g_autoptr (InspectorWindow) self = data;

  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (self->pages));

  if (gtk_widget_get_visible (self->popover))
    return;
  if (g_str_equal (page, "breakpoints"))
    inspector_breakpoints_page_begin (INSPECTOR_BREAKPOINTS_PAGE (self->breakpoints_page));
  else if (g_str_equal (page, "graph") && self->graph != NULL && !GTK_IS_TEXT (gtk_root_get_focus (GTK_ROOT (self))))
    gtk_widget_grab_focus (self->graph_view);
}

static void
graph_cb (InspectorWindow *self)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);
  GtenGtkNode *before = self->graph != NULL && self->moved ? gten_gtk_graph_get_node (self->graph, self->selected) : NULL;
  g_autofree char *name = before != NULL ? g_strdup (gten_gtk_node_get_name (before)) : NULL;
  guint place = self->selected;

  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_set_object (&self->graph, graph);
  self->moved = FALSE;
  self->selected = GTEN_GTK_NO_NODE;
  inspector_outline_set_graph (INSPECTOR_OUTLINE (self->outline), graph);
  gten_gtk_graph_view_set_graph (GTEN_GTK_GRAPH_VIEW (self->graph_view), graph);
  gtk_widget_set_visible (self->part_bar, gten_gtk_graph_view_shows_part (GTEN_GTK_GRAPH_VIEW (self->graph_view)));
  gten_gtk_steps_set_graph (GTEN_GTK_STEPS (self->steps), graph);
  gten_gtk_steps_set_selected (GTEN_GTK_STEPS (self->steps), GTEN_GTK_NO_NODE);
  gten_gtk_node_view_set_node (GTEN_GTK_NODE_VIEW (self->node_view), graph, GTEN_GTK_NO_NODE);
  inspector_search_set_graph (INSPECTOR_SEARCH (self->search), graph);
  search_changed_cb (self);
  if (graph == NULL)
    return;
  g_signal_connect_swapped (graph, "notify::sentence", G_CALLBACK (sentence_cb), self);
  g_signal_connect_swapped (graph, "notify::current", G_CALLBACK (current_cb), self);
  sentence_cb (self);
  /* In the next pass of a loop what was looked at is at the same place. */
  before = name != NULL ? gten_gtk_graph_get_node (graph, place) : NULL;
  if (before != NULL && g_strcmp0 (gten_gtk_node_get_name (before), name) == 0)
    inspector_window_select (self, place);
  current_cb (self);
  gtk_stack_set_visible_child_name (GTK_STACK (self->content), "graph");
  /* When the page is there. */
  g_idle_add_once (focus_cb, g_object_ref (self));
}

/* Passes of several threads may be stopped at once. */
static void
stops_cb (InspectorWindow *self)
{
  GListModel *stops = inspector_program_get_stops (self->program);
  guint n = g_list_model_get_n_items (stops);

  gtk_widget_set_visible (self->stops, n > 1);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (InspectorPass) pass = g_list_model_get_item (stops, i);

      if (pass == inspector_program_get_stop (self->program))
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->stops), i);
    }
}

static void
stop_chosen_cb (InspectorWindow *self)
{
  InspectorPass *pass = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (self->stops));

  if (pass != NULL && gtk_widget_get_visible (self->stops))
    inspector_program_choose (self->program, pass);
}

/* -- programs ---------------------------------------------------------------------------------- */

static void
show_state (gpointer data)
{
  InspectorWindow *self = data;
  InspectorState state = inspector_program_get_state (self->program);
  gboolean started = state != INSPECTOR_STATE_IDLE && state != INSPECTOR_STATE_ENDED;
  const char *title = inspector_program_get_title (self->program);

  g_clear_handle_id (&self->state_timer, g_source_remove);
  self->shown_state = state;
  inspector_window_update_actions (self);
  if (self->graph != NULL)
    sentence_cb (self);
  gtk_label_set_text (GTK_LABEL (self->title_label), title != NULL ? title : _ ("Program"));
  gtk_label_set_text (GTK_LABEL (self->status_label),
                      state == INSPECTOR_STATE_IDLE ? _ ("None") : inspector_program_get_status (self->program));
  gtk_label_set_text (GTK_LABEL (self->waiting_label),
                      state == INSPECTOR_STATE_ENDED && inspector_program_is_attached (self->program)
                        ? inspector_program_get_status (self->program)
                      : state == INSPECTOR_STATE_ENDED ? _ ("The program ended before a backward pass. The log (Alt+4) shows what it printed.")
                      : state == INSPECTOR_STATE_RUNNING && inspector_program_is_attached (self->program)
                        ? _ ("The program runs. Pause it (F6), or set breakpoints (Alt+2), to see a backward pass.")
                        : _ ("Waiting for the first backward pass of the program"));
  gtk_widget_set_visible (self->show_log, state == INSPECTOR_STATE_ENDED);
  gtk_widget_set_visible (gtk_widget_get_first_child (self->show_log), !inspector_program_is_attached (self->program));
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), started);
  gtk_widget_set_visible (self->spinner, started);
  gtk_stack_set_visible_child_name (GTK_STACK (self->content), self->graph != NULL ? "graph"
                                                               : state == INSPECTOR_STATE_IDLE ? "start" : "waiting");
}

/* A step is over before a picture could tell that it was under way, and the picture of where it led would only come later. */
static void
state_cb (InspectorWindow *self)
{
  if (inspector_program_get_state (self->program) != INSPECTOR_STATE_RUNNING || self->shown_state != INSPECTOR_STATE_STOPPED)
    show_state (self);
  else if (self->state_timer == 0)
    self->state_timer = g_timeout_add_once (BRIEF_MS, show_state, self);
}

static void
output_cb (InspectorProgram *program, const char *text, InspectorWindow *self)
{
  GtkTextBuffer *buffer = g_object_get_data (G_OBJECT (program), LOG);
  GtkTextIter start, end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert (buffer, &end, text, -1);
  gtk_text_buffer_insert (buffer, &end, "\n", 1);
  if (gtk_text_buffer_get_line_count (buffer) > MAX_LOG_LINES)
    {
      gtk_text_buffer_get_start_iter (buffer, &start);
      gtk_text_buffer_get_iter_at_line (buffer, &end, gtk_text_buffer_get_line_count (buffer) - MAX_LOG_LINES);
      gtk_text_buffer_delete (buffer, &start, &end);
    }
  gtk_widget_set_visible (self->log_empty, gtk_text_buffer_get_char_count (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->log))) == 0);
}

void
inspector_window_clear_log (InspectorWindow *self)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->log)), "", 0);
  gtk_widget_set_visible (self->log_empty, TRUE);
}

/* Shows another of the programs. */
static void
show_program (InspectorWindow *self, InspectorProgram *program)
{
  GtkTextBuffer *buffer = g_object_get_data (G_OBJECT (program), LOG);
  const struct { const char *signal; GCallback callback; } handlers[] = {
    { "notify::graph", G_CALLBACK (graph_cb) },
    { "notify::state", G_CALLBACK (state_cb) },
    { "notify::step", G_CALLBACK (step_cb) },
    { "failed", G_CALLBACK (inspector_window_show_error) },
  };

  if (self->program == program)
    return;
  if (self->program != NULL)
    g_signal_handlers_disconnect_by_func (inspector_program_get_stops (self->program), stops_cb, self);
  if (self->program != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
      g_signal_handlers_disconnect_by_func (self->program, handlers[i].callback, self);
  g_set_object (&self->program, program);
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_swapped (program, handlers[i].signal, handlers[i].callback, self);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->stops), inspector_program_get_stops (program));
  g_signal_connect_object (inspector_program_get_stops (program), "items-changed", G_CALLBACK (stops_cb), self, G_CONNECT_SWAPPED);
  stops_cb (self);
  gtk_text_view_set_buffer (GTK_TEXT_VIEW (self->log), buffer);
  gtk_widget_set_visible (self->log_empty, gtk_text_buffer_get_char_count (buffer) == 0);
  inspector_breakpoints_page_set_model (INSPECTOR_BREAKPOINTS_PAGE (self->breakpoints_page), inspector_program_get_breakpoints (program));
  inspector_devices_set_program (INSPECTOR_DEVICES (self->devices), program);
  inspector_flow_set_program (INSPECTOR_FLOW (self->flow), program);
  graph_cb (self);
  inspector_nonfinite_set_program (INSPECTOR_NONFINITE (self->nonfinite), program);
  step_cb (self);
  show_state (self);
}

static InspectorProgram *
add_program (InspectorWindow *self)
{
  g_autoptr (InspectorProgram) program = inspector_program_new (FALSE);

  g_object_set_data_full (G_OBJECT (program), LOG, gtk_text_buffer_new (NULL), g_object_unref);
  g_signal_connect_object (program, "output", G_CALLBACK (output_cb), self, 0);
  g_list_store_append (self->programs, program);
  return program;
}

/* The program that is shown if nothing runs in it, else another. */
static void
clear (InspectorWindow *self)
{
  InspectorState state = inspector_program_get_state (self->program);

  if (state != INSPECTOR_STATE_IDLE && state != INSPECTOR_STATE_ENDED)
    show_program (self, add_program (self));
  error_response_cb (self);
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  inspector_window_clear_log (self);
  inspector_search_clear (INSPECTOR_SEARCH (self->search));
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
    inspector_window_show_error (self, error->message);
}

static void
run_cb (InspectorWindow *self, char **command)
{
  inspector_window_run (self, (const char *const *) command);
}

static void
show_cb (InspectorWindow *self, InspectorProgram *program)
{
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  show_program (self, program);
}

static void
page_cb (InspectorWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "page");

  /* When the page is there. */
  g_idle_add_once (focus_cb, g_object_ref (self));
  if (action != NULL)
    g_simple_action_set_state (G_SIMPLE_ACTION (action),
                               g_variant_new_string (gtk_stack_get_visible_child_name (GTK_STACK (self->pages))));
}

/* -- the object -------------------------------------------------------------------------------- */

static void
dispose (GObject *object)
{
  InspectorWindow *self = INSPECTOR_WINDOW (object);

  g_clear_handle_id (&self->state_timer, g_source_remove);
  g_clear_handle_id (&self->level_source, g_source_remove);
  if (self->program != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->program, self);
      g_signal_handlers_disconnect_by_func (inspector_program_get_stops (self->program), stops_cb, self);
    }
  for (guint i = 0; self->programs != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (self->programs)); i++)
    {
      g_autoptr (InspectorProgram) program = g_list_model_get_item (G_LIST_MODEL (self->programs), i);
      inspector_program_quit (program);
    }
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_clear_object (&self->programs);
  g_clear_object (&self->program);
  g_clear_object (&self->graph);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (inspector_window_parent_class)->dispose (object);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  GTK_WIDGET_CLASS (inspector_window_parent_class)->measure (widget, orientation, for_size, minimum, natural, minimum_baseline, natural_baseline);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    inspector_window_measure (INSPECTOR_WINDOW (widget), minimum);
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  width = inspector_window_fit (INSPECTOR_WINDOW (widget), width);
  GTK_WIDGET_CLASS (inspector_window_parent_class)->size_allocate (widget, width, height, baseline);
}

static void
inspector_window_class_init (InspectorWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  widget_class->measure = measure;
  widget_class->size_allocate = size_allocate;
  g_type_ensure (GTEN_GTK_TYPE_GRAPH_VIEW);
  g_type_ensure (GTEN_GTK_TYPE_NODE_VIEW);
  g_type_ensure (GTEN_GTK_TYPE_STEPS);
  g_type_ensure (INSPECTOR_TYPE_BREAKPOINTS_PAGE);
  g_type_ensure (INSPECTOR_TYPE_DEVICES);
  g_type_ensure (INSPECTOR_TYPE_FLOW);
  g_type_ensure (INSPECTOR_TYPE_NONFINITE);
  g_type_ensure (INSPECTOR_TYPE_OUTLINE);
  g_type_ensure (INSPECTOR_TYPE_PASS);
  g_type_ensure (INSPECTOR_TYPE_SEARCH);
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
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, search);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, search_box);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, search_button);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, bottom_switcher);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, more_controls);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, error_label);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, nonfinite);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, waiting_label);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, outer_paned);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, outline);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, graph_view);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, part_bar);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, node_view);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, steps);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, sentence);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, show_log);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, stops);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, flow_revealer);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, flow);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, breakpoints_page);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, devices);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, log);
  gtk_widget_class_bind_template_child (widget_class, InspectorWindow, log_empty);
  gtk_widget_class_bind_template_callback (widget_class, error_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, inspector_window_attach);
  gtk_widget_class_bind_template_callback (widget_class, inspector_window_select);
  gtk_widget_class_bind_template_callback (widget_class, inspector_window_toggle);
  gtk_widget_class_bind_template_callback (widget_class, node_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, nonfinite_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_cb);
  gtk_widget_class_bind_template_callback (widget_class, run_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_stopped_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
  gtk_widget_class_bind_template_callback (widget_class, step_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_chosen_cb);
}

static void
inspector_window_init (InspectorWindow *self)
{
  g_autoptr (InspectorOffers) offers = inspector_offers_new ();

  self->selected = GTEN_GTK_NO_NODE;
  self->programs = g_list_store_new (INSPECTOR_TYPE_PROGRAM);
  gtk_widget_init_template (GTK_WIDGET (self));
  inspector_window_add_actions (self);
  inspector_start_set_models (INSPECTOR_START (self->start), G_LIST_MODEL (self->programs), G_LIST_MODEL (offers));
  inspector_start_set_models (INSPECTOR_START (self->popover_start), G_LIST_MODEL (self->programs), G_LIST_MODEL (offers));
  show_program (self, add_program (self));
}

InspectorWindow *
inspector_window_new (GtkApplication *application)
{
  return g_object_new (INSPECTOR_TYPE_WINDOW, "application", application, NULL);
}
