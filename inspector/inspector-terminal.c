/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inspector without a display: the same commands in a terminal, and pictures in files. Where
 * standard input is no terminal the first pass is stepped through and the program runs to its
 * end. */
#include "inspector-terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inspector-program.h"

#define MAX_WANTED 2000       /* nodes up to which all values are fetched, for the pictures */
#define MAX_CELLS  8          /* of a row or column that is printed */

typedef struct
{
  InspectorProgram *program;
  const InspectorTerminalOptions *options;
  GtenGtkGraph     *seen;            /* graph whose values were asked for */
  gboolean          quit;
} Terminal;

static void
failed_cb (InspectorProgram *program, const char *message, gpointer data)
{
  g_printerr ("%s\n", message);
}

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Until the program is stopped or has ended and everything asked for has come. */
static void
wait_for_stop (Terminal *self)
{
  guint timer = g_timeout_add (50, wake_cb, NULL);

  for (;;)
    {
      InspectorState state = inspector_program_get_state (self->program);
      GtenGtkGraph *graph = inspector_program_get_graph (self->program);

      if (graph != NULL && graph != self->seen && gten_gtk_graph_get_n_nodes (graph) <= MAX_WANTED)
        {
          self->seen = graph;
          for (guint i = 0; i < gten_gtk_graph_get_n_nodes (graph); i++)
            {
              GtenGtkNode *node = gten_gtk_graph_get_node (graph, i);

              if (gten_gtk_node_get_value (node) != NULL)
                gten_gtk_tensor_want (gten_gtk_node_get_value (node));
              if (gten_gtk_node_get_gradient (node) != NULL)
                gten_gtk_tensor_want (gten_gtk_node_get_gradient (node));
            }
        }
      if ((state == INSPECTOR_STATE_STOPPED || state == INSPECTOR_STATE_ENDED)
          && inspector_program_is_settled (self->program))
        break;
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
}

static gboolean
start (Terminal *self, const InspectorTerminalOptions *options)
{
  g_autoptr (GError) error = NULL;

  self->options = options;
  self->program = inspector_program_new (TRUE);
  g_signal_connect (self->program, "failed", G_CALLBACK (failed_cb), NULL);
  if (options->offer != NULL)
    inspector_program_attach (self->program, options->offer);
  else if (!inspector_program_start (self->program, (const char *const *) options->command, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  wait_for_stop (self);
  return TRUE;
}

static void
say_where (Terminal *self)
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

static gboolean
export (GtenGtkGraph *graph, const char *path, GtenGtkExportFlags flags)
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

/* -- commands ---------------------------------------------------------------------------------- */

/* By number, or by the begin of a name. */
static GtenGtkNode *
find_node (Terminal *self, const char *word)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);
  guint n_nodes = graph != NULL ? gten_gtk_graph_get_n_nodes (graph) : 0;
  guint64 number;

  if (word != NULL
      && g_ascii_string_to_unsigned (word, 10, 1, n_nodes > 0 ? n_nodes : 1, &number, NULL)
      && n_nodes > 0)
    return gten_gtk_graph_get_node (graph, number - 1);
  for (guint i = 0; word != NULL && i < n_nodes; i++)
    if (g_str_has_prefix (gten_gtk_node_get_name (gten_gtk_graph_get_node (graph, i)), word))
      return gten_gtk_graph_get_node (graph, i);
  g_print ("No node “%s”: give its number, or the begin of its name\n", word != NULL ? word : "");
  return NULL;
}

static void
print_tensor (GtenGtkTensor *tensor)
{
  g_autofree char *description = gten_gtk_tensor_describe (tensor);
  g_autofree char *summary = gten_gtk_tensor_summarize (tensor);
  gint64 n_rows = gten_gtk_tensor_get_n_rows (tensor), n_columns = gten_gtk_tensor_get_n_columns (tensor);

  g_print ("%s  %s  %s\n", gten_gtk_tensor_get_name (tensor), description,
           summary != NULL ? summary : "not known");
  for (gint64 r = 0; gten_gtk_tensor_get_values (tensor) != NULL
       && r < MIN (n_rows, MAX_CELLS); r++)
    {
      for (gint64 c = 0; c < MIN (n_columns, MAX_CELLS); c++)
        {
          g_autofree char *text = gten_gtk_tensor_format_value (tensor, r * n_columns + c);
          g_print ("%*s%s", (int) MAX (1, 11 - g_utf8_strlen (text, -1)), "", text);
        }
      g_print ("%s\n", n_columns > MAX_CELLS ? " …" : "");
    }
  if (n_rows > MAX_CELLS)
    g_print ("          …\n");
}

static void
print_node (Terminal *self, const char *word, const char *name)
{
  GtenGtkNode *node = word != NULL ? find_node (self, word)
                      : gten_gtk_graph_get_node (inspector_program_get_graph (self->program),
                                                 gten_gtk_graph_get_current (inspector_program_get_graph (self->program)));
  GListModel *saved;

  if (node == NULL)
    return;
  gten_gtk_node_want (node);
  wait_for_stop (self);
  saved = gten_gtk_node_get_saved (node);
  if (name == NULL || g_str_equal (name, "gradient"))
    print_tensor (gten_gtk_node_get_gradient (node));
  if (name == NULL || g_str_equal (name, "value"))
    print_tensor (gten_gtk_node_get_value (node));
  for (guint i = 0; i < g_list_model_get_n_items (saved); i++)
    {
      g_autoptr (GtenGtkTensor) tensor = g_list_model_get_item (saved, i);

      if (name == NULL || g_strcmp0 (name, gten_gtk_tensor_get_name (tensor)) == 0)
        print_tensor (tensor);
    }
}

static void
list_nodes (Terminal *self)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);

  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (graph); i++)
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (graph, i);
      g_autofree char *state = gten_gtk_node_describe_state (node);
      g_autofree char *shape = NULL;
      g_autofree char *norm = NULL;

      g_object_get (node, "shape", &shape, "norm-text", &norm, NULL);
      g_print ("%s%s%5u  %-24s %-16s %-16s %s\n", gten_gtk_graph_get_current (graph) == i ? ">" : " ",
               gten_gtk_node_get_breakpoint (node) ? "●" : " ", i + 1, gten_gtk_node_get_name (node), shape, state, norm);
    }
}

static void
resume (Terminal *self, const char *how, GtenGtkNode *to)
{
  if (inspector_program_get_state (self->program) != INSPECTOR_STATE_STOPPED)
    {
      g_print ("The program is not paused; r starts it again\n");
      return;
    }
  inspector_program_resume (self->program, how, to);
  wait_for_stop (self);
  say_where (self);
}

static void
help (void)
{
  g_print ("s              step: run one node, or stop in a pass that it runs\n"
           "o              step over: run one node\n"
           "u NODE         run until a node is next\n"
           "c              continue to the next breakpoint or pass\n"
           "f              finish this pass\n"
           "b NODE         set a breakpoint on a node, or remove it\n"
           "l              list the nodes\n"
           "p [NODE [TENSOR]]  print the tensors of a node: gradient, value, or a saved one by its name\n"
           "e FILE         write a picture of the graph: .svg, .png or .pdf\n"
           "r              restart the program\n"
           "q              quit\n"
           "A node is given by its number, or by the begin of its name.\n");
}

/* Commands are told by their first letter, but a word that only begins like one is none. */
static gboolean
is_command (const char *word)
{
  static const char *const names[] = { "step",  "over",  "until",  "continue", "finish", "breakpoint", "list",
                                       "print", "export", "restart", "quit",   "help",   "?" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (names[i], word))
      return TRUE;
  return FALSE;
}

static void
obey (Terminal *self, char **words)
{
  GtenGtkGraph *graph = inspector_program_get_graph (self->program);
  GtenGtkNode *node;

  if (!is_command (words[0]))
    {
      g_print ("There is no command %s; h lists them\n", words[0]);
      return;
    }
  if (graph == NULL && strchr ("lpeub", words[0][0]) != NULL)
    {
      g_print ("There is no graph: the program ran no backward pass\n");
      return;
    }
  switch (words[0][0])
    {
    case 's':
      resume (self, "step", NULL);
      break;
    case 'o':
      resume (self, "over", NULL);
      break;
    case 'c':
      resume (self, "continue", NULL);
      break;
    case 'f':
      resume (self, "finish", NULL);
      break;
    case 'u':
      node = find_node (self, words[1]);
      if (node != NULL)
        resume (self, "run-to", node);
      break;
    case 'b':
      node = find_node (self, words[1]);
      if (node == NULL)
        break;
      inspector_program_set_breakpoint (self->program, node, !gten_gtk_node_get_breakpoint (node));
      g_print ("%s %u %s\n", gten_gtk_node_get_breakpoint (node) ? "Breakpoint on" : "No breakpoint on",
               gten_gtk_node_get_index (node) + 1, gten_gtk_node_get_name (node));
      break;
    case 'l':
      list_nodes (self);
      break;
    case 'p':
      print_node (self, words[1], words[1] != NULL ? words[2] : NULL);
      break;
    case 'e':
      if (words[1] == NULL)
        g_print ("e FILE: which file?\n");
      else if (export (graph, words[1], self->options->flags))
        g_print ("Wrote %s\n", words[1]);
      break;
    case 'r':
      {
        g_autoptr (GError) error = NULL;

        self->seen = NULL;
        if (!inspector_program_restart (self->program, &error))
          g_printerr ("%s\n", error->message);
        wait_for_stop (self);
        say_where (self);
      }
      break;
    case 'q':
      self->quit = TRUE;
      break;
    default:
      help ();
    }
}

static void
converse (Terminal *self)
{
  g_autofree char *last = g_strdup ("s");
  char line[1024];

  g_print ("Commands: s step, o over, u NODE run to, c continue, f finish, b NODE breakpoint, l list, p print, r restart, "
           "q quit, h help\n");
  say_where (self);
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
        obey (self, words);
      else
        help ();
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
      say_where (self);
      inspector_program_resume (self->program, "over", NULL);
      wait_for_stop (self);
    }
  g_object_set (self->program, "stop-at-passes", FALSE, NULL);
  while (inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED)
    {
      inspector_program_resume (self->program, "continue", NULL);
      wait_for_stop (self);
    }
  say_where (self);
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

      if (export (graph, path, flags))
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
      wait_for_stop (&self);
    }
  for (int i = 0; i < options->n_steps
       && inspector_program_get_state (self.program) == INSPECTOR_STATE_STOPPED; i++)
    {
      inspector_program_resume (self.program, "over", NULL);
      wait_for_stop (&self);
    }
  for (guint i = 0; options->exports[i] != NULL; i++)
    written &= export (graph, options->exports[i], options->flags);
  inspector_program_quit (self.program);
  g_object_unref (self.program);
  return written ? 0 : 1;
}
