/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inspector without a display: the same commands in a terminal, and pictures in files. Where
 * standard input is no terminal the first pass is stepped through and the program runs to its
 * end. */
#include "inspector-terminal-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
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

InspectorProgram *
inspector_terminal_program (const InspectorTerminalOptions *options)
{
  InspectorProgram *program = inspector_program_new (TRUE);

  inspector_program_set_patience (program, options->patience);
  g_signal_connect (program, "failed", G_CALLBACK (failed_cb), NULL);
  return program;
}

void
inspector_terminal_want_values (InspectorProgram *program, gboolean want)
{
  g_signal_handlers_disconnect_by_func (program, graph_cb, NULL);
  if (want)
    g_signal_connect (program, "notify::graph", G_CALLBACK (graph_cb), NULL);
}

gboolean
inspector_terminal_start (InspectorProgram *program, const InspectorTerminalOptions *options)
{
  g_autoptr (GError) error = NULL;

  if (options->offer != NULL)
    inspector_program_attach (program, options->offer);
  else if (!inspector_program_start (program, (const char *const *) options->command, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  return TRUE;
}

void
inspector_terminal_say_where (Terminal *self)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);

  if (inspector_program_get_state (self->program) != INSPECTOR_STATE_STOPPED)
    g_print ("%s\n", inspector_program_get_status (self->program));
  else if (graph != NULL)
    {
      g_autofree char *sentence = gten_gtk_graph_describe_step (graph);
      guint n_others = g_list_model_get_n_items (inspector_program_get_stops (self->program)) - 1;

      g_print ("%s\n", sentence);
      if (n_others > 0)
        g_print ("%u more %s paused in other threads; stops lists them\n", n_others, n_others == 1 ? "pass is" : "passes are");
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

gboolean
inspector_terminal_write_all (GtenGtkGraph *graph, const InspectorTerminalOptions *options)
{
  gboolean written = TRUE;

  for (guint i = 0; options->exports != NULL && options->exports[i] != NULL; i++)
    written &= inspector_terminal_write (graph, options->exports[i], options->flags);
  return written;
}

/* -- waiting ----------------------------------------------------------------------------------- */

void
inspector_terminal_wait (Terminal *self)
{
  self->waiting = TRUE;
  self->let_be = FALSE;
  inspector_program_wait (self->program, &self->let_be);
  self->waiting = FALSE;
}

static gboolean
interrupt_cb (gpointer data)
{
  Terminal *self = data;

  if (!self->waiting)
    g_print ("\nquit leaves the inspector\n> ");
  else if (inspector_program_get_state (self->program) == INSPECTOR_STATE_RUNNING && !self->paused)
    {
      self->paused = TRUE;
      inspector_program_pause (self->program);
      g_print ("\nPausing at the next node; Ctrl-C again does not wait for it\n");
    }
  else
    self->let_be = TRUE;
  fflush (stdout);
  return G_SOURCE_CONTINUE;
}

/* -- talking ----------------------------------------------------------------------------------- */

static gboolean
typed_cb (int fd, GIOCondition condition, gpointer data)
{
  Terminal *self = data;
  char text[4096];
  gssize n = read (fd, text, sizeof text);

  if (n > 0)
    g_string_append_len (self->typed, text, n);
  else if (n == 0 || errno != EINTR)
    self->hung_up = TRUE;
  return self->hung_up ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* A program that stops or ends while nobody has told it to says so at the prompt. */
static void
state_cb (Terminal *self)
{
  InspectorState state = inspector_program_get_state (self->program);

  if (self->waiting || (state != INSPECTOR_STATE_STOPPED && state != INSPECTOR_STATE_ENDED))
    return;
  g_print ("\n");
  inspector_terminal_say_where (self);
  g_print ("> ");
  fflush (stdout);
}

/* A new string: the next line that is typed, or NULL. */
static char *
read_line (Terminal *self)
{
  const char *end;
  char *line;

  while ((end = memchr (self->typed->str, '\n', self->typed->len)) == NULL && !self->hung_up)
    g_main_context_iteration (NULL, TRUE);
  if (end == NULL)
    return NULL;
  line = g_strndup (self->typed->str, end - self->typed->str);
  g_string_erase (self->typed, 0, end - self->typed->str + 1);
  return g_strstrip (line);
}

static void
converse (Terminal *self)
{
  g_autofree char *last = g_strdup ("s");
  guint typing = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, typed_cb, self);
  guint interrupts = g_unix_signal_add (SIGINT, interrupt_cb, self);
  gulong changes = g_signal_connect_swapped (self->program, "notify::state", G_CALLBACK (state_cb), self);

  g_print ("Commands: s step, o over, u NODE run to, c continue, f finish, b NODE breakpoint, l list, p print, r restart, "
           "q quit, h help\n");
  inspector_terminal_say_where (self);
  while (!self->quit)
    {
      g_auto (GStrv) words = NULL;
      g_autofree char *line = NULL;

      g_print ("> ");
      fflush (stdout);
      line = read_line (self);
      if (line == NULL)
        break;
      /* An empty line says the same again. */
      if (*line != '\0')
        {
          g_free (last);
          last = g_steal_pointer (&line);
        }
      self->paused = FALSE;
      if (g_utf8_validate (last, -1, NULL) && g_shell_parse_argv (last, NULL, &words, NULL))
        inspector_terminal_obey (self, words);
      else
        g_print ("A quote is not closed\n");
    }
  if (!self->hung_up)
    g_source_remove (typing);
  g_source_remove (interrupts);
  g_signal_handler_disconnect (self->program, changes);
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
      inspector_terminal_wait (self);
    }
  g_object_set (self->program, "stop-at-passes", FALSE, NULL);
  while (inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED)
    {
      inspector_program_resume (self->program, "continue", NULL);
      inspector_terminal_wait (self);
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

/* A running program may do so for long before it comes to a pass. */
static void
wait_to_begin (Terminal *self)
{
  if (self->options->offer == NULL)
    inspector_terminal_wait (self);
  else
    while (inspector_program_get_state (self->program) == INSPECTOR_STATE_STARTING)
      g_main_context_iteration (NULL, TRUE);
}

int
inspector_terminal_run (const InspectorTerminalOptions *options)
{
  Terminal self = { .options = options, .program = inspector_terminal_program (options), .typed = g_string_new (NULL) };
  g_autoptr (InspectorProgram) program = self.program;
  g_autoptr (GtenGtkGraph) first = NULL;
  gboolean is_terminal = isatty (STDIN_FILENO);
  int status = 1;

  if (!options->terminal)
    g_print ("There is no display, so this is the inspector in the terminal. To see it in a browser, start\n"
             "  gtk4-broadwayd :5\n"
             "set GDK_BACKEND=broadway BROADWAY_DISPLAY=:5, start the inspector again, and open http://localhost:8085\n\n");
  inspector_terminal_want_values (program, TRUE);
  if (is_terminal)
    inspector_program_keep_interrupts (program);
  if (inspector_terminal_start (program, options))
    {
      if (is_terminal)
        wait_to_begin (&self);
      else
        inspector_terminal_wait (&self);
      g_set_object (&first, inspector_program_get_graph (program));
      if (is_terminal)
        converse (&self);
      else
        step_through (&self);
      write_pictures (first, inspector_program_get_title (program), options->flags);
      status = inspector_program_get_exit_status (program);
      inspector_program_quit (program);
    }
  g_string_free (self.typed, TRUE);
  return status;
}

int
inspector_terminal_export (const InspectorTerminalOptions *options)
{
  g_autoptr (InspectorProgram) program = inspector_terminal_program (options);
  g_autoptr (GtenGtkGraph) graph = NULL;
  gboolean written;
  int status;

  inspector_terminal_want_values (program, TRUE);
  if (!inspector_terminal_start (program, options))
    return 1;
  /* A running program runs on until it is paused. */
  while (options->offer != NULL && inspector_program_get_state (program) == INSPECTOR_STATE_STARTING)
    g_main_context_iteration (NULL, TRUE);
  if (options->offer != NULL)
    inspector_program_pause (program);
  inspector_program_wait (program, NULL);
  g_set_object (&graph, inspector_program_get_graph (program));
  if (options->n_steps < 0)
    {
      inspector_program_resume (program, "finish", NULL);
      inspector_program_wait (program, NULL);
    }
  for (int i = 0; i < options->n_steps && inspector_program_get_state (program) == INSPECTOR_STATE_STOPPED; i++)
    {
      inspector_program_resume (program, "over", NULL);
      inspector_program_wait (program, NULL);
    }
  written = inspector_terminal_write_all (graph, options);
  status = inspector_program_get_exit_status (program);
  inspector_program_quit (program);
  return written ? status : 1;
}
