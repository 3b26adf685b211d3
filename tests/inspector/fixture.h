/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A window of the inspector in a test, and a person who types. */
#pragma once

#include "gten-gtk-graph-view.h"
#include "inspector-window.h"

#define TIMEOUT_S 60

typedef struct
{
  InspectorWindow  *window;
  GtkLabel         *sentence;
  GtkLabel         *status;
  GtenGtkGraphView *view;
  const char       *awaited;            /* what WAIT_UNTIL waits for */
} Fixture;

extern GtkApplication *application;     /* a process has one */

gboolean timeout_cb (gpointer fixture);
/* Ends the test if what it waits for does not come. */
#define WAIT_UNTIL(fixture, condition)                                                                                   \
  G_STMT_START                                                                                                           \
    {                                                                                                                    \
      guint timer = g_timeout_add_seconds (TIMEOUT_S, timeout_cb, fixture);                                              \
                                                                                                                         \
      (fixture)->awaited = #condition;                                                                                   \
      while (!(condition))                                                                                               \
        g_main_context_iteration (NULL, TRUE);                                                                           \
      g_source_remove (timer);                                                                                           \
    }                                                                                                                    \
  G_STMT_END

/* The application of the process, or FALSE, as a test's last word, where nobody can see or type. */
gboolean make_application (void);
/* Of the template. */
gpointer find_child (Fixture *fixture, const char *name);
/* Until a label begins with a text. */
void wait_for (Fixture *fixture, GtkLabel *label, const char *prefix);
void press (const char *keys);
void type (Fixture *fixture, const char *region, const char *text);
void select_by_keys (Fixture *fixture, const char *keys, guint node);
void make_window (Fixture *fixture);
/* Runs a command in a window and waits for its first stop. */
void open_window (Fixture *fixture, const char *const *command);
void set_up (Fixture *fixture, gconstpointer example);
void tear_down (Fixture *fixture, gconstpointer example);
