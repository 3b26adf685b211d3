/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inspector without a display: the same commands in a terminal, and pictures in files. Where
 * standard input is no terminal the first pass is stepped through and the program runs to its
 * end. */
#include "inspector-terminal-private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_WANTED 2000       /* nodes up to which all values are fetched */

static void
failed_cb (InspectorProgram *program, const char *message, gpointer data)
{
  g_printerr ("%s\n", message);
}

/* All values of a graph that is not too large, for the pictures. */
static void
graph_cb (InspectorProgram *program)
{
  GtenGtkGraph *graph = inspector_program_get_graph (program);

  if (graph == NULL || gten_gtk_graph_get_n_nodes (graph) > MAX_WANTED)
    return;
  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (graph); i++)
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (graph, i);

      if (gten_gtk_node_get_value (node) != NULL)
        gten_gtk_tensor_want (gten_gtk_node_get_value (node));
      if (gten_gtk_node_get_gradient (node) != NULL)
        gten_gtk_tensor_want (gten_gtk_node_get_gradient (node));
    }
}

static gboolean
start (Terminal *self, const InspectorTerminalOptions *options)
{
  g_autoptr (GError) error = NULL;

  self->options = options;
  self->program = inspector_program_new (TRUE);
  g_signal_connect (self->program, "failed", G_CALLBACK (failed_cb), NULL);
  g_signal_connect (self->program, "notify::graph", G_CALLBACK (graph_cb), NULL);
  if (options->offer != NULL)
    inspector_program_attach (self->program, options->offer);
  else if (!inspector_program_start (self->program, (const char *const *) options->command, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  inspector_program_wait (self->program);
  return TRUE;
}

void
inspector_terminal_say_where (Terminal *self)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);

  if (inspector_program_get_state (self->program) == INSPECTOR_STATE_ENDED)
    g_print ("%s\n", inspector_program_get_status (self->program));
  else if (graph != NULL)
    {
      g_autofree char *sentence = gten_gtk_graph_describe_step (graph);
      g_print ("%s\n", sentence);
    }
}

gboolean
inspector_terminal_write (GtenGtkGraph *graph, const char *path, GtenGtkExportFlags flags)
{
  g_autoptr (GError) error = NULL;

  if (graph == NULL)
    {
      g_printerr ("The program ran no backward pass\n");
      return FALSE;
    }
  if (!gten_gtk_graph_export (graph, path, flags, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  return TRUE;
}

static void
converse (Terminal *self)
{
  g_autofree char *last = g_strdup ("s");
  char line[1024];

  g_print ("Commands: s step, o over, u NODE run to, c continue, f finish, b NODE breakpoint, l list, p print, r restart, "
           "q quit, h help\n");
  inspector_terminal_say_where (self);
  while (!self->quit)
    {
      g_auto (GStrv) words = NULL;

      g_print ("> ");
      fflush (stdout);
      if (fgets (line, sizeof line, stdin) == NULL)
        break;
      g_strstrip (line);
      /* An empty line says the same again. */
      if (*line != '\0')
        {
          g_free (last);
          last = g_strdup (line);
        }
      if (g_utf8_validate (last, -1, NULL) && g_shell_parse_argv (last, NULL, &words, NULL))
        inspector_terminal_obey (self, words);
      else
        g_print ("A quote is not closed\n");
    }
}

/* One line per step of the first pass, then on to the end. */
static void
step_through (Terminal *self)
{
  GtenGtkGraph *first = inspector_program_get_graph (self->program);

  while (inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED
         && inspector_program_get_graph (self->program) == first)
    {
      inspector_terminal_say_where (self);
      inspector_program_resume (self->program, "over", NULL);
      inspector_program_wait (self->program);
    }
  g_object_set (self->program, "stop-at-passes", FALSE, NULL);
  while (inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED)
    {
      inspector_program_resume (self->program, "continue", NULL);
      inspector_program_wait (self->program);
    }
  inspector_terminal_say_where (self);
}

static void
write_pictures (GtenGtkGraph *graph, const char *title, GtenGtkExportFlags flags)
{
  static const char *const suffixes[] = { "svg", "png" };
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "gtensor", NULL);

  if (graph == NULL || g_mkdir_with_parents (folder, 0700) != 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.%s", title, suffixes[i]);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (inspector_terminal_write (graph, path, flags))
        g_print ("Picture of the first pass: %s\n", path);
    }
}

int
inspector_terminal_run (const InspectorTerminalOptions *options)
{
  Terminal self = { 0 };
  g_autoptr (GtenGtkGraph) first = NULL;
  int status;

  g_print ("There is no display, so this is the inspector in the terminal. To see it in a browser, start\n"
           "  gtk4-broadwayd :5\n"
           "set GDK_BACKEND=broadway BROADWAY_DISPLAY=:5, start the inspector again, and open http://localhost:8085\n\n");
  if (!start (&self, options))
    return 1;
  g_set_object (&first, inspector_program_get_graph (self.program));
  if (isatty (STDIN_FILENO))
    converse (&self);
  else
    step_through (&self);
  write_pictures (first, inspector_program_get_title (self.program), options->flags);
  status = inspector_program_get_exit_status (self.program);
  inspector_program_quit (self.program);
  g_object_unref (self.program);
  return status;
}

int
inspector_terminal_export (const InspectorTerminalOptions *options)
{
  Terminal self = { 0 };
  g_autoptr (GtenGtkGraph) graph = NULL;
  gboolean written = TRUE;

  if (!start (&self, options))
    return 1;
  g_set_object (&graph, inspector_program_get_graph (self.program));
  if (options->n_steps < 0)
    {
      inspector_program_resume (self.program, "finish", NULL);
      inspector_program_wait (self.program);
    }
  for (int i = 0; i < options->n_steps
       && inspector_program_get_state (self.program) == INSPECTOR_STATE_STOPPED; i++)
    {
      inspector_program_resume (self.program, "over", NULL);
      inspector_program_wait (self.program);
    }
  for (guint i = 0; options->exports[i] != NULL; i++)
    written &= inspector_terminal_write (graph, options->exports[i], options->flags);
  inspector_program_quit (self.program);
  g_object_unref (self.program);
  return written ? 0 : 1;
}
