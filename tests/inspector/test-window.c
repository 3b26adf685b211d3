/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The window with a real program in it, from the first stop to the end, by keys as a person types them. */
#include "gten-gtk-graph-view.h"
#include "inspector-application.h"
#include "inspector-examples.h"
#include "inspector-window.h"

#include <glib/gstdio.h>
#include <signal.h>

#define TIMEOUT_S 60

typedef struct
{
  InspectorWindow  *window;
  GtkLabel         *sentence;
  GtkLabel         *status;
  GtenGtkGraphView *view;
} Fixture;

static GtkApplication *application;     /* a process has one */

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
pressed_cb (GObject *process, GAsyncResult *result, gpointer pressed)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, &error);
  g_assert_no_error (error);
  *(gboolean *) pressed = TRUE;
}

/* Types keys, named as X names them. What they do may still be under way afterwards. */
static void
press (const char *keys)
{
  g_autofree char *line = g_strconcat ("xdotool key --delay 20 ", keys, NULL);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv ((const char *const *) words, G_SUBPROCESS_FLAGS_NONE, &error);
  gboolean pressed = FALSE;

  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, pressed_cb, &pressed);
  while (!pressed || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
}

/* Arrows and the like move the selection where the canvas has the focus. */
static void
select_by_keys (Fixture *fixture, const char *keys, guint node)
{
  guint timer = g_timeout_add_seconds (TIMEOUT_S, timeout_cb, fixture);

  while (!gtk_widget_has_focus (GTK_WIDGET (fixture->view)))
    g_main_context_iteration (NULL, TRUE);
  press (keys);
  while (gten_gtk_graph_view_get_selected (fixture->view) != node)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

static void
open_window (Fixture *fixture, const char *const *command)
{
  fixture->window = inspector_window_new (application);
  fixture->sentence = find_child (fixture, "sentence");
  fixture->status = find_child (fixture, "status_label");
  fixture->view = find_child (fixture, "graph_view");
  gtk_window_present (GTK_WINDOW (fixture->window));
  inspector_window_run (fixture->window, command);
  wait_for (fixture, fixture->status, "Paused in pass 1");
}

static void
set_up (Fixture *fixture, gconstpointer example)
{
  g_auto (GStrv) command = inspector_find_command (example, NULL);

  open_window (fixture, (const char *const *) command);
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
  wait_for (fixture, fixture->sentence, "Step 1 of 5: MeanBackward0, gradient scalar, norm 1, finite");
  press ("F10");
  wait_for (fixture, fixture->sentence, "Step 2 of 5: MulBackward0, gradient 2×2, norm 0.5, finite");
  press ("F11");
  wait_for (fixture, fixture->sentence, "Step 3 of 5: MulBackward0, gradient 2×2, norm 1.5, finite");
  select_by_keys (fixture, "End", 4);
  press ("ctrl+F10");
  wait_for (fixture, fixture->sentence, "Step 5 of 5: AccumulateGrad, gradient 2×2, norm 9, finite");

  /* At its end a pass waits, with all gradients in sight. */
  press ("shift+F11");
  wait_for (fixture, fixture->status, "Paused at the end of pass 1");
  wait_for (fixture, fixture->sentence, "5 of 5 nodes have run");
  press ("F5");
  wait_for (fixture, fixture->status, "Ended after 1 pass");
  wait_for (fixture, fixture->sentence, "5 of 5 nodes have run");
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (fixture->window), "step"));
}

static void
test_training (Fixture *fixture, gconstpointer example)
{
  /* A breakpoint on a node holds in the passes to come. */
  select_by_keys (fixture, "Home Next Next", 2);
  press ("F9 F5");
  wait_for (fixture, fixture->sentence, "Step 3 of 11");
  press ("F5");
  wait_for (fixture, fixture->status, "Paused in pass 2");
  press ("F5");
  wait_for (fixture, fixture->sentence, "Step 3 of 11");

  /* It holds in the same program started anew, too. */
  press ("ctrl+shift+F5");
  wait_for (fixture, fixture->status, "Paused in pass 1");
  press ("F5");
  wait_for (fixture, fixture->sentence, "Step 3 of 11");
  press ("shift+F5");
  wait_for (fixture, fixture->status, "Ended");
}

static void
test_pause (void)
{
  Fixture fixture;
  const char *command[] = { g_test_get_filename (G_TEST_BUILT, "endless", NULL), NULL };

  /* Without stops at passes a program runs on until it is paused. */
  open_window (&fixture, command);
  press ("ctrl+p F5");
  wait_for (&fixture, fixture.status, "Running");
  press ("F6");
  wait_for (&fixture, fixture.status, "Paused in pass");
  press ("shift+F5");
  wait_for (&fixture, fixture.status, "Ended");
  press ("ctrl+p");
  tear_down (&fixture, NULL);
}

static char *
wait_for_file (const char *path)
{
  char *contents = NULL;

  for (guint i = 0; i < TIMEOUT_S * 100; i++)
    {
      if (g_file_get_contents (path, &contents, NULL, NULL) && *contents != '\0')
        return contents;
      g_clear_pointer (&contents, g_free);
      g_usleep (10000);
    }
  g_error ("%s was not written", path);
}

static void
test_program_dies (void)
{
  Fixture fixture;
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char *path = g_build_filename (folder, "pid", NULL);
  g_autofree char *pid = NULL;
  g_auto (GStrv) example = inspector_find_command ("digits", NULL);
  const char *command[] = { "/bin/sh", "-c", "echo $$ >\"$0\"; exec \"$1\"", path, example[0], NULL };

  open_window (&fixture, command);
  pid = wait_for_file (path);
  g_assert_cmpint (kill (atoi (pid), SIGKILL), ==, 0);
  wait_for (&fixture, fixture.status, "Ended by signal 9");
  press ("ctrl+shift+F5");
  wait_for (&fixture, fixture.status, "Paused in pass 1");
  press ("F10");
  wait_for (&fixture, fixture.sentence, "Step 2 of 11");
  tear_down (&fixture, NULL);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_inspector_dies (void)
{
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char *path = g_build_filename (folder, "well", NULL);
  g_autofree char *well = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) inspector
    = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "/proc/self/exe", "--die", path, NULL);

  g_assert_no_error (error);
  g_subprocess_wait (inspector, NULL, NULL);
  g_assert_true (g_subprocess_get_if_signaled (inspector));
  well = wait_for_file (path);
  g_assert_cmpstr (well, ==, "well\n");
  g_unlink (path);
  g_rmdir (folder);
}

/* An inspector that is killed while its program is stopped. */
static void
die (const char *path)
{
  Fixture fixture;
  g_auto (GStrv) example = inspector_find_command ("digits", NULL);
  const char *command[] = { "/bin/sh", "-c", "\"$1\" && echo well >\"$0\"", path, example[0], NULL };

  open_window (&fixture, command);
  raise (SIGKILL);
}

int
main (int argc, char **argv)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");

  if (!gtk_init_check () || xdotool == NULL)
    {
      g_print ("1..0 # SKIP there is no display, or no xdotool to type keys\n");
      return 0;
    }
  application = inspector_application_new (NULL, NULL, FALSE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  if (argc == 3 && g_str_equal (argv[1], "--die"))
    die (argv[2]);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/inspector/window/steps", Fixture, "tour", set_up, test_steps, tear_down);
  g_test_add ("/inspector/window/training", Fixture, "digits", set_up, test_training, tear_down);
  g_test_add_func ("/inspector/window/pause", test_pause);
  g_test_add_func ("/inspector/window/program-dies", test_program_dies);
  g_test_add_func ("/inspector/window/inspector-dies", test_inspector_dies);
  return g_test_run ();
}
