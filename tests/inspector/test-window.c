/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The window with a real program in it, from the first stop to the end, by the actions that the
 * keys are bound to. */
#include "gten-gtk-graph-view.h"
#include "inspector-examples.h"
#include "inspector-window.h"

#define TIMEOUT_S 60

typedef struct
{
  InspectorWindow *window;
  GtkLabel        *sentence;
  GtkLabel        *status;
  GtenGtkGraphView *view;
} Fixture;

static gpointer
find_child (Fixture *fixture, const char *name)
{
  return gtk_widget_get_template_child (GTK_WIDGET (fixture->window), INSPECTOR_TYPE_WINDOW, name);
}

static gboolean
timeout_cb (gpointer data)
{
  g_error ("Waited in vain: the sentence is “%s”, the status “%s”", gtk_label_get_text (((Fixture *) data)->sentence),
           gtk_label_get_text (((Fixture *) data)->status));
  return G_SOURCE_REMOVE;
}

static void
wait_for (Fixture *fixture, GtkLabel *label, const char *prefix)
{
  guint timer = g_timeout_add_seconds (TIMEOUT_S, timeout_cb, fixture);

  while (!g_str_has_prefix (gtk_label_get_text (label), prefix))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

static void
activate (Fixture *fixture, const char *action)
{
  g_assert_true (g_action_group_get_action_enabled (G_ACTION_GROUP (fixture->window), action));
  g_action_group_activate_action (G_ACTION_GROUP (fixture->window), action, NULL);
}

static GtkApplication *application;     /* a process has one */

static void
set_up (Fixture *fixture, gconstpointer example)
{
  g_auto (GStrv) command = inspector_find_command (example, NULL);

  fixture->window = inspector_window_new (application);
  fixture->sentence = find_child (fixture, "sentence");
  fixture->status = find_child (fixture, "status_label");
  fixture->view = find_child (fixture, "graph_view");
  gtk_window_present (GTK_WINDOW (fixture->window));
  inspector_window_run (fixture->window, (const char *const *) command);
  wait_for (fixture, fixture->status, "Paused in pass 1");
}

static void
tear_down (Fixture *fixture, gconstpointer example)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_steps (Fixture *fixture, gconstpointer example)
{
  wait_for (fixture, fixture->sentence,
            "Step 1 of 5: MeanBackward0, gradient scalar, norm 1, finite");
  activate (fixture, "step-over");
  wait_for (fixture, fixture->sentence,
            "Step 2 of 5: MulBackward0, gradient 2×2, norm 0.5, finite");
  activate (fixture, "step");
  wait_for (fixture, fixture->sentence,
            "Step 3 of 5: MulBackward0, gradient 2×2, norm 1.5, finite");

  gten_gtk_graph_view_set_selected (fixture->view, 4);
  activate (fixture, "run-to");
  wait_for (fixture, fixture->sentence,
            "Step 5 of 5: AccumulateGrad, gradient 2×2, norm 9, finite");
  activate (fixture, "finish");
  wait_for (fixture, fixture->status, "Ended after 1 pass");
  wait_for (fixture, fixture->sentence, "5 of 5 nodes have run");
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (fixture->window), "step"));
}

static void
test_breakpoint (Fixture *fixture, gconstpointer example)
{
  /* A breakpoint on a node holds in the passes to come. */
  gten_gtk_graph_view_set_selected (fixture->view, 2);
  activate (fixture, "breakpoint");
  activate (fixture, "continue");
  wait_for (fixture, fixture->sentence, "Step 3 of 11");
  activate (fixture, "continue");
  wait_for (fixture, fixture->status, "Paused in pass 2");
  activate (fixture, "continue");
  wait_for (fixture, fixture->sentence, "Step 3 of 11");

  /* Without it, and without stops at passes, training runs on until it is paused. */
  gten_gtk_graph_view_set_selected (fixture->view, 2);
  activate (fixture, "breakpoint");
  g_action_group_change_action_state (G_ACTION_GROUP (fixture->window), "stop-at-passes",
                                      g_variant_new_boolean (FALSE));
  activate (fixture, "continue");
  wait_for (fixture, fixture->status, "Running");
  activate (fixture, "pause");
  wait_for (fixture, fixture->status, "Paused in pass");
  activate (fixture, "restart");
  wait_for (fixture, fixture->status, "Paused in pass 1");
  activate (fixture, "stop");
  wait_for (fixture, fixture->status, "Ended");
}

int
main (int argc, char **argv)
{
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  g_test_add ("/inspector/window/steps", Fixture, "tour", set_up, test_steps, tear_down);
  g_test_add ("/inspector/window/breakpoint", Fixture, "digits", set_up, test_breakpoint,
              tear_down);
  return g_test_run ();
}
