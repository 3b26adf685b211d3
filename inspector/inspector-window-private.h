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

  GtkWidget        *pages;
  GtkWidget        *content;
  GtkWidget        *start;
  GtkWidget        *popover;
  GtkWidget        *popover_start;
  GtkWidget        *program_button;
  GtkWidget        *title_label;
  GtkWidget        *status_label;
  GtkWidget        *search;
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
  GtkWidget        *flow_revealer;
  GtkWidget        *flow;
  GtkWidget        *breakpoints_page;
  GtkWidget        *devices;
  GtkWidget        *log;
  GtkWidget        *log_empty;
  GtkFileChooserNative *chooser;
};

void inspector_window_add_actions    (InspectorWindow *self);
/* Which actions make sense now. */
void inspector_window_update_actions (InspectorWindow *self);
void inspector_window_select         (InspectorWindow *self, guint node);
void inspector_window_toggle         (InspectorWindow *self, guint node);   /* its breakpoint */
void inspector_window_show_error     (InspectorWindow *self, const char *message);
void inspector_window_clear_log      (InspectorWindow *self);

G_END_DECLS
