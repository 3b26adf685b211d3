/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The window with a real program in it, from the first stop to the end, by keys as a person types them. */
#include "fixture.h"
#include "gten-gtk-graph-private.h"
#include "inspector-examples.h"
#include "inspector-offers.h"

#include <glib/gstdio.h>
#include <signal.h>

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

/* What was is looked at, and the pass goes on from where it is. */
static void
test_back (Fixture *fixture, gconstpointer example)
{
  press ("F10");
  wait_for (fixture, fixture->sentence, "Step 2 of 5");
  press ("F10");
  wait_for (fixture, fixture->sentence, "Step 3 of 5: MulBackward0, gradient 2×2, norm 1.5, finite");
  press ("alt+Left");
  wait_for (fixture, fixture->sentence, "Step 2 of 5: MulBackward0, gradient 2×2, norm 0.5, finite. Looking back: the pass is at step 3");
  press ("alt+Left");
  wait_for (fixture, fixture->sentence, "Step 1 of 5: MeanBackward0, gradient scalar, norm 1, finite. Looking back: the pass is at step 3");
  press ("alt+Right alt+Right");
  wait_for (fixture, fixture->sentence, "Step 3 of 5: MulBackward0, gradient 2×2, norm 1.5, finite");
  press ("alt+Left");
  wait_for (fixture, fixture->sentence, "Step 2 of 5");
  press ("F10");
  wait_for (fixture, fixture->sentence, "Step 4 of 5");
}

static void
wait_for_focus (Fixture *fixture, const char *region)
{
  GtkWidget *widget = find_child (fixture, region), *focus;

  WAIT_UNTIL (fixture, (focus = gtk_root_get_focus (GTK_ROOT (fixture->window))) != NULL && gtk_widget_is_ancestor (focus, widget));
}

static void
wait_for_selected (Fixture *fixture, guint node)
{
  WAIT_UNTIL (fixture, gten_gtk_graph_view_get_selected (fixture->view) == node);
}

static void
test_search (Fixture *fixture, gconstpointer example)
{
  press ("ctrl+f");
  type (fixture, "search", "op:mul");
  press ("Return");
  wait_for_selected (fixture, 1);
  press ("ctrl+g");
  wait_for_selected (fixture, 2);
  press ("ctrl+g");
  wait_for_selected (fixture, 1);
  press ("ctrl+shift+g");
  wait_for_selected (fixture, 2);
  /* Escape takes the search away, and leads back to the graph. */
  press ("Escape");
  select_by_keys (fixture, "End", 4);
}

static void
wait_for_view (Fixture *fixture, gboolean (*get) (GtenGtkGraphView *), gboolean value)
{
  WAIT_UNTIL (fixture, get (fixture->view) == value);
}

/* Parts of the graph, and the graph folded, are drawn and left again. */
static void
test_parts (Fixture *fixture, gconstpointer example)
{
  select_by_keys (fixture, "Home", 0);
  press ("ctrl+n");
  wait_for_view (fixture, gten_gtk_graph_view_shows_part, TRUE);
  press ("ctrl+shift+n");
  wait_for_view (fixture, gten_gtk_graph_view_shows_part, FALSE);
  select_by_keys (fixture, "End", 10);
  press ("ctrl+j");
  wait_for_view (fixture, gten_gtk_graph_view_shows_part, TRUE);
  press ("ctrl+shift+n ctrl+r");
  wait_for_view (fixture, gten_gtk_graph_view_get_fold, TRUE);
  press ("ctrl+r ctrl+t ctrl+d F10");
  wait_for (fixture, fixture->sentence, "Step 2 of 11");
}

/* A node that stands where the graph's growth has left it finds its place again. */
static void
test_arrange_anew (Fixture *fixture, gconstpointer example)
{
  GtenGtkGraph *graph = gten_gtk_graph_view_get_graph (fixture->view);
  float x;

  WAIT_UNTIL (fixture, graph->layout != NULL);
  x = graph->layout->boxes[0].x;
  graph->layout->boxes[0].x += 1000;
  press ("ctrl+shift+r");
  WAIT_UNTIL (fixture, graph->layout != NULL && graph->layout->boxes[0].x == x);
}

static void
test_conditions (Fixture *fixture, gconstpointer example)
{
  /* The page begins where a condition is typed. */
  press ("alt+2");
  type (fixture, "breakpoints_page", "op:relu and norm > 0");
  press ("Return alt+1 F5");
  wait_for (fixture, fixture->sentence, "Step 7 of 11: ReluBackward0");
  press ("shift+F5");
  wait_for (fixture, fixture->status, "Ended");
}

/* One program is left as it stands while another is looked at. */
static void
test_two_programs (Fixture *fixture, gconstpointer example)
{
  GtkLabel *title = find_child (fixture, "title_label");
  g_auto (GStrv) command = inspector_find_command ("digits", NULL);

  press ("F10");
  wait_for (fixture, fixture->sentence, "Step 2 of 5");
  inspector_window_run (fixture->window, (const char *const *) command);
  wait_for (fixture, title, "digits");
  wait_for (fixture, fixture->sentence, "Step 1 of 11");
  press ("ctrl+o");
  wait_for_focus (fixture, "popover");
  press ("Return");
  wait_for (fixture, title, "tour");
  wait_for (fixture, fixture->sentence, "Step 2 of 5");
  press ("F10");
  wait_for (fixture, fixture->sentence, "Step 3 of 5");
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

/* A program that runs already is paused, let go, paused again; it goes on until it is killed. */
static void
test_attach (void)
{
  Fixture fixture;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (InspectorOffers) offers = inspector_offers_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) program = NULL;
  InspectorOffer *offer = NULL;
  int pid;

  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT", "1", TRUE);
  program = g_subprocess_launcher_spawn (launcher, &error, g_test_get_filename (G_TEST_BUILT, "endless", NULL), NULL);
  g_assert_no_error (error);
  pid = atoi (g_subprocess_get_identifier (program));
  for (guint i = 0; offer == NULL && i < TIMEOUT_S * 100; i++)
    {
      g_usleep (10000);
      offer = inspector_offers_find (offers, pid, NULL);
    }
  g_assert_nonnull (offer);
  make_window (&fixture);
  inspector_window_attach (fixture.window, offer);
  wait_for (&fixture, fixture.status, "Running");
  press ("F6");
  wait_for (&fixture, fixture.status, "Paused in pass");
  press ("shift+F5");
  wait_for (&fixture, fixture.status, "Let go");
  press ("ctrl+shift+F5");
  wait_for (&fixture, fixture.status, "Running");
  press ("F6");
  wait_for (&fixture, fixture.status, "Paused in pass");
  g_subprocess_force_exit (program);
  wait_for (&fixture, fixture.status, "Process");
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

static void
add_test (const char *name, const char *example, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/inspector/window/%s/%s", name, example);

  g_test_add (path, Fixture, example, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  gboolean with_js;

  if (!make_application ())
    return 0;
  if (argc == 3 && g_str_equal (argv[1], "--die"))
    die (argv[2]);
  if (argc >= 3 && g_str_equal (argv[1], "--languages"))
    {
      g_setenv ("GTENSOR_DATA", argv[2], TRUE);
      with_js = argc > 3;
      argc = 1;
      g_test_init (&argc, &argv, NULL);
      for (guint i = 0; i < (with_js ? 2 : 1); i++)
        {
          static const char *const tours[] = { "tour.py", "tour.js" }, *const digits[] = { "digits.py", "digits.js" };

          add_test ("steps", tours[i], test_steps);
          add_test ("back", tours[i], test_back);
          add_test ("search", tours[i], test_search);
          add_test ("conditions", digits[i], test_conditions);
        }
      return g_test_run ();
    }
  g_test_init (&argc, &argv, NULL);
  add_test ("steps", "tour", test_steps);
  add_test ("back", "tour", test_back);
  add_test ("search", "tour", test_search);
  add_test ("two-programs", "tour", test_two_programs);
  add_test ("parts", "digits", test_parts);
  add_test ("arrange-anew", "digits", test_arrange_anew);
  add_test ("conditions", "digits", test_conditions);
  add_test ("training", "digits", test_training);
  g_test_add_func ("/inspector/window/attach", test_attach);
  g_test_add_func ("/inspector/window/pause", test_pause);
  g_test_add_func ("/inspector/window/program-dies", test_program_dies);
  g_test_add_func ("/inspector/window/inspector-dies", test_inspector_dies);
  return g_test_run ();
}
