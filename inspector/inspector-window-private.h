/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the window's regions and its actions share. */
#pragma once

#include "inspector-program.h"
#include "inspector-window.h"

G_BEGIN_DECLS

struct _InspectorWindow
{
  GtkApplicationWindow parent_instance;

  GListStore       *programs;        /* that are inspected here; one of them is shown */
  InspectorProgram *program;
  GtenGtkGraph     *graph;
  guint             selected;
  gboolean          moved;            /* the selection follows the pass until someone selects a node */
  InspectorState    shown_state;
  guint             state_timer;      /* the state is shown when it is over, if it has lasted */

  GtkWidget        *pages;
  GtkWidget        *content;
  GtkWidget        *start;
  GtkWidget        *popover;
  GtkWidget        *popover_start;
  GtkWidget        *program_button;
  GtkWidget        *title_label;
  GtkWidget        *status_label;
  GtkWidget        *search;
  GtkWidget        *search_box;
  GtkWidget        *search_button;
  GtkWidget        *switcher;
  GtkWidget        *bottom_switcher;
  GtkWidget        *more_controls;
  GtkWidget        *error_bar;
  GtkWidget        *error_label;
  GtkWidget        *nonfinite;
  GtkWidget        *spinner;
  GtkWidget        *waiting_label;
  GtkWidget        *outer_paned;
  GtkWidget        *outline;
  GtkWidget        *graph_view;
  GtkWidget        *part_bar;
  GtkWidget        *node_view;
  GtkWidget        *steps;
  GtkWidget        *sentence;
  GtkWidget        *stops;
  GtkWidget        *show_log;
  GtkWidget        *flow_revealer;
  GtkWidget        *flow;
  GtkWidget        *breakpoints_page;
  GtkWidget        *devices;
  GtkWidget        *log;
  GtkWidget        *log_empty;
  GtkFileChooserNative *chooser;

  guint             level, wanted_level;   /* how much gives way to a narrow window */
  guint             level_source;
  int               min_widths[4];         /* of each level that was seen */
  gboolean          had_outline, had_details;   /* before the window was narrow */
};

void inspector_window_add_actions    (InspectorWindow *self);
/* Which actions make sense now. */
void inspector_window_update_actions (InspectorWindow *self);
void inspector_window_select         (InspectorWindow *self, guint node);
void inspector_window_toggle         (InspectorWindow *self, guint node);   /* its breakpoint */
void inspector_window_show_error     (InspectorWindow *self, const char *message);
/* How wide the window must be, which is less than what it shows now needs. */
void inspector_window_measure       (InspectorWindow *self, int *minimum);
/* Lets give way what has no room, soon; returns the width to lay out until then. */
int  inspector_window_fit           (InspectorWindow *self, int width);
/* There is room for one of outline and details beside the graph where the window is narrow. */
void inspector_window_keep_one_pane (InspectorWindow *self, const char *shown);
void inspector_window_clear_log      (InspectorWindow *self);

G_END_DECLS
