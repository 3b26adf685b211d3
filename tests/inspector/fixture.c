/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fixture.h"

#include "inspector-application.h"
#include "inspector-examples.h"

GtkApplication *application;

gpointer
find_child (Fixture *fixture, const char *name)
{
  return gtk_widget_get_template_child (GTK_WIDGET (fixture->window), INSPECTOR_TYPE_WINDOW, name);
}

gboolean
timeout_cb (gpointer data)
{
  Fixture *fixture = data;

  g_error ("Waited in vain for %s: the sentence is “%s”, the status “%s”", fixture->awaited, gtk_label_get_text (fixture->sentence),
           gtk_label_get_text (fixture->status));
  return G_SOURCE_REMOVE;
}

gboolean
make_application (void)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");

  if (!gtk_init_check () || xdotool == NULL)
    {
      g_print ("1..0 # SKIP there is no display, or no xdotool to type keys\n");
      return FALSE;
    }
  application = inspector_application_new (NULL, NULL, FALSE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  return TRUE;
}

void
wait_for (Fixture *fixture, GtkLabel *label, const char *prefix)
{
  WAIT_UNTIL (fixture, g_str_has_prefix (gtk_label_get_text (label), prefix));
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
void
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

/* Types text where it can be typed in a region of the window, and waits until it is there. */
void
type (Fixture *fixture, const char *region, const char *text)
{
  GtkWidget *widget = find_child (fixture, region), *focus;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;

  WAIT_UNTIL (fixture, (focus = gtk_root_get_focus (GTK_ROOT (fixture->window))) != NULL && GTK_IS_TEXT (focus)
                         && gtk_widget_is_ancestor (focus, widget));
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "xdotool", "type", "--delay", "20", text, NULL);
  g_assert_no_error (error);
  WAIT_UNTIL (fixture, g_str_equal (gtk_editable_get_text (GTK_EDITABLE (focus)), text));
  g_subprocess_wait (process, NULL, NULL);
}

/* Arrows and the like move the selection where the canvas has the focus. */
void
select_by_keys (Fixture *fixture, const char *keys, guint node)
{
  WAIT_UNTIL (fixture, gtk_widget_has_focus (GTK_WIDGET (fixture->view)));
  press (keys);
  WAIT_UNTIL (fixture, gten_gtk_graph_view_get_selected (fixture->view) == node);
}

void
make_window (Fixture *fixture)
{
  fixture->window = inspector_window_new (application);
  fixture->sentence = find_child (fixture, "sentence");
  fixture->status = find_child (fixture, "status_label");
  fixture->view = find_child (fixture, "graph_view");
  gtk_window_present (GTK_WINDOW (fixture->window));
}

void
open_window (Fixture *fixture, const char *const *command)
{
  make_window (fixture);
  inspector_window_run (fixture->window, command);
  wait_for (fixture, fixture->status, "Paused in pass 1");
}

void
set_up (Fixture *fixture, gconstpointer example)
{
  g_auto (GStrv) command = inspector_find_command (example, NULL);

  open_window (fixture, (const char *const *) command);
}

void
tear_down (Fixture *fixture, gconstpointer example)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
