/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the terminal can be told: one table of commands, each with its words. A command is called by its name or the begin
 * of it; where several begin so, the first of the table is meant. */
#include "inspector-terminal-private.h"

#include <string.h>

#include "inspector-breakpoints.h"

#define MAX_CELLS 8          /* of a row or column that is printed */

/* By number, or by the begin of a name. */
GtenGtkNode *
inspector_terminal_find_node (Terminal *self, const char *word)
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
  GtenGtkNode *node = word != NULL ? inspector_terminal_find_node (self, word)
                      : gten_gtk_graph_get_node (inspector_program_get_graph (self->program),
                                                 gten_gtk_graph_get_current (inspector_program_get_graph (self->program)));
  GListModel *saved;

  if (node == NULL)
    return;
  gten_gtk_node_want (node);
  inspector_terminal_wait (self);
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
resume (Terminal *self, const char *how, GtenGtkNode *to, gboolean says_where)
{
  InspectorState state = inspector_program_get_state (self->program);

  if (state != INSPECTOR_STATE_STOPPED)
    {
      g_print (state == INSPECTOR_STATE_RUNNING ? "The program is running: pause stops it at its next node\n"
                                                : "The program is not paused; r starts it again\n");
      return;
    }
  inspector_program_resume (self->program, how, to);
  inspector_terminal_wait (self);
  if (says_where)
    inspector_terminal_say_where (self);
}

/* -- going on ---------------------------------------------------------------------------------- */

/* The words as one text again. */
static char *
join (char **words)
{
  return g_strjoinv (" ", words);
}

/* How often, from a word; once without one. FALSE, with a word, for what is no such number. */
static gboolean
read_count (const char *word, guint *n)
{
  guint64 number = 1;

  if (word != NULL && !g_ascii_string_to_unsigned (word, 10, 1, G_MAXUINT, &number, NULL))
    {
      g_print ("“%s” is no number of times: give one from 1 on\n", word);
      return FALSE;
    }
  *n = number;
  return TRUE;
}

static void
resume_some (Terminal *self, const char *how, const char *word)
{
  guint n;

  if (!read_count (word, &n))
    return;
  resume (self, how, NULL, n == 1);
  for (; n > 1 && !self->let_be && inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED; n--)
    resume (self, how, NULL, n == 2);
  if (n > 1)
    inspector_terminal_say_where (self);
}

static void
step_cb (Terminal *self, char **words)
{
  resume_some (self, "step", words[0]);
}

static void
over_cb (Terminal *self, char **words)
{
  resume_some (self, "over", words[0]);
}

static void
until_cb (Terminal *self, char **words)
{
  GtenGtkNode *node = inspector_terminal_find_node (self, words[0]);

  if (node != NULL)
    resume (self, "run-to", node, TRUE);
}

/* Of a program that is running: waits until it stops. */
static void
continue_cb (Terminal *self, char **words)
{
  if (inspector_program_get_state (self->program) == INSPECTOR_STATE_RUNNING)
    {
      inspector_terminal_wait (self);
      inspector_terminal_say_where (self);
    }
  else
    resume_some (self, "continue", words[0]);
}

static void
pause_cb (Terminal *self, char **words)
{
  if (inspector_program_get_state (self->program) != INSPECTOR_STATE_RUNNING)
    {
      g_print ("The program is not running\n");
      return;
    }
  inspector_program_pause (self->program);
  self->paused = TRUE;
  inspector_terminal_wait (self);
  inspector_terminal_say_where (self);
}

static void
stops_cb (Terminal *self, char **words)
{
  GListModel *stops = inspector_program_get_stops (self->program);
  guint n = g_list_model_get_n_items (stops);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (InspectorPass) stop = g_list_model_get_item (stops, i);
      g_autofree char *title = inspector_pass_get_title (stop);

      g_print ("%s%3u  %s\n", stop == inspector_program_get_stop (self->program) ? ">" : " ", i + 1, title);
    }
  if (n == 0)
    g_print ("No pass is paused\n");
}

static void
choose_cb (Terminal *self, char **words)
{
  GListModel *stops = inspector_program_get_stops (self->program);
  g_autoptr (InspectorPass) stop = NULL;
  guint64 number;

  if (words[0] != NULL && g_ascii_string_to_unsigned (words[0], 10, 1, G_MAXUINT, &number, NULL))
    stop = g_list_model_get_item (stops, number - 1);
  if (stop == NULL)
    {
      g_print ("choose N: the number of a paused pass, as stops lists them\n");
      return;
    }
  inspector_program_choose (self->program, stop);
  inspector_terminal_wait (self);
  inspector_terminal_say_where (self);
}

static void
finish_cb (Terminal *self, char **words)
{
  resume (self, "finish", NULL, TRUE);
}

static void
restart_cb (Terminal *self, char **words)
{
  g_autoptr (GError) error = NULL;

  if (!inspector_program_restart (self->program, &error))
    g_printerr ("%s\n", error->message);
  inspector_terminal_wait (self);
  inspector_terminal_say_where (self);
}

static void
attach_cb (Terminal *self, char **words)
{
  g_autoptr (InspectorOffers) offers = inspector_offers_new ();
  g_autoptr (GError) error = NULL;
  InspectorOffer *offer;
  guint64 pid;

  if (words[0] == NULL)
    {
      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (offers)); i++)
        {
          g_autoptr (InspectorOffer) each = g_list_model_get_item (G_LIST_MODEL (offers), i);

          g_print ("%-8d %s\n", inspector_offer_get_pid (each), inspector_offer_get_command (each));
        }
      return;
    }
  if (!g_ascii_string_to_unsigned (words[0], 10, 1, G_MAXINT, &pid, NULL))
    {
      g_print ("“%s” is no number of a process\n", words[0]);
      return;
    }
  offer = inspector_offers_find (offers, pid, &error);
  if (offer == NULL)
    {
      g_print ("%s\n", error->message);
      return;
    }
  inspector_program_attach (self->program, offer);
  self->waiting = TRUE;
  while (inspector_program_get_state (self->program) == INSPECTOR_STATE_STARTING)
    g_main_context_iteration (NULL, TRUE);
  self->waiting = FALSE;
  inspector_terminal_say_where (self);
}

/* -- looking back ------------------------------------------------------------------------------ */

static void
go_to (Terminal *self, guint step)
{
  inspector_program_go_to (self->program, step);
  inspector_terminal_wait (self);
  g_print ("As it was after %u of %u nodes\n", inspector_program_get_step (self->program),
           inspector_program_get_n_live (self->program));
}

static void
back_cb (Terminal *self, char **words)
{
  guint step = inspector_program_get_step (self->program), n;

  if (read_count (words[0], &n))
    go_to (self, step > n ? step - n : 0);
}

static void
scrub_cb (Terminal *self, char **words)
{
  guint64 step;

  if (words[0] != NULL
      && g_ascii_string_to_unsigned (words[0], 10, 0, inspector_program_get_n_live (self->program), &step, NULL))
    go_to (self, step);
  else
    g_print ("scrub K: a number of nodes that had run, up to %u\n", inspector_program_get_n_live (self->program));
}

/* -- breakpoints ------------------------------------------------------------------------------- */

static void
add_condition (Terminal *self, const char *text, guint hit)
{
  g_autoptr (GError) error = NULL;

  if (inspector_breakpoints_add (inspector_program_get_breakpoints (self->program), INSPECTOR_STOP_CONDITION, "", text, hit,
                                 &error) == NULL)
    g_print ("%s\n", error->message);
  else
    g_print ("Breakpoint where %s%s\n", text, hit > 1 ? ", not the first times" : "");
}

/* A node is given by one word; all else is a condition. */
static void
break_cb (Terminal *self, char **words)
{
  g_autofree char *text = join (words);
  GtenGtkNode *node;

  if (strpbrk (text, ":<>=") != NULL)
    {
      add_condition (self, text, 1);
      return;
    }
  node = inspector_terminal_find_node (self, words[0]);
  if (node == NULL)
    return;
  inspector_program_set_breakpoint (self->program, node, !gten_gtk_node_get_breakpoint (node));
  g_print ("%s %u %s\n", gten_gtk_node_get_breakpoint (node) ? "Breakpoint on" : "No breakpoint on",
           gten_gtk_node_get_index (node) + 1, gten_gtk_node_get_name (node));
}

/* The last word may say from which hit on. */
static void
cond_cb (Terminal *self, char **words)
{
  guint n = g_strv_length (words);
  guint64 hit = 1;
  g_autofree char *text = NULL;

  if (n > 1 && words[n - 1][0] == '#' && g_ascii_string_to_unsigned (words[n - 1] + 1, 10, 1, G_MAXUINT, &hit, NULL))
    g_clear_pointer (&words[n - 1], g_free);
  text = join (words);
  add_condition (self, text, hit);
}

static void
clear_cb (Terminal *self, char **words)
{
  inspector_breakpoints_clear (inspector_program_get_breakpoints (self->program));
  g_print ("No breakpoints\n");
}

/* -- looking ----------------------------------------------------------------------------------- */

static void
list_cb (Terminal *self, char **words)
{
  list_nodes (self);
}

static void
print_cb (Terminal *self, char **words)
{
  print_node (self, words[0], words[0] != NULL ? words[1] : NULL);
}

static void
export_cb (Terminal *self, char **words)
{
  if (words[0] == NULL)
    g_print ("export FILE: which file?\n");
  else if (inspector_terminal_write (inspector_program_get_graph (self->program), words[0], self->options->flags))
    g_print ("Wrote %s\n", words[0]);
}

static void
quit_cb (Terminal *self, char **words)
{
  self->quit = TRUE;
}

/* -- the table --------------------------------------------------------------------------------- */

static void help_cb (Terminal *self, char **words);

static const struct
{
  const char *name, *arguments, *help;
  gboolean    needs_graph;
  void      (*run) (Terminal *self, char **words);
} commands[] = {
  { "step", "[N]", "run one node, or stop in a pass that it runs", FALSE, step_cb },
  { "over", "[N]", "run one node", FALSE, over_cb },
  { "until", "NODE", "run until a node is next", TRUE, until_cb },
  { "continue", "[N]", "go on to the next breakpoint or pass; Ctrl-C pauses", FALSE, continue_cb },
  { "finish", "", "finish this pass", FALSE, finish_cb },
  { "break", "NODE", "set a breakpoint on a node, or remove it; or where a CONDITION holds", TRUE, break_cb },
  { "list", "", "list the nodes", TRUE, list_cb },
  { "print", "[NODE [TENSOR]]", "print the tensors of a node: gradient, value, or a saved one by its name", TRUE, print_cb },
  { "export", "FILE", "write the graph: .svg, .png, .pdf, .dot, .json, or a report: .html", TRUE, export_cb },
  { "restart", "", "restart the program, or connect to it anew", FALSE, restart_cb },
  { "quit", "", "quit", FALSE, quit_cb },
  { "help", "", "list the commands", FALSE, help_cb },
  { "cond", "CONDITION [#N]", "break where it holds (from the N-th time on): norm > 1e3, nonfinite > 0 op:mul, site:train.py:12", FALSE, cond_cb },
  { "clear", "", "remove all breakpoints", FALSE, clear_cb },
  { "back", "[N]", "look at the pass as it was N steps before", TRUE, back_cb },
  { "scrub", "K", "look at the pass as it was after K nodes", TRUE, scrub_cb },
  { "tensor", "[NODE [TENSOR]]", "the same as print", TRUE, print_cb },
  { "added", "NODE", "what each user added to the gradient of a node", TRUE, inspector_terminal_added },
  { "compare", "NODE NODE|FILE", "compare a gradient with another or with a .npy; 3@5 is that of node 3 as it was after 5 nodes", TRUE, inspector_terminal_compare },
  { "flow", "", "how gradients flowed in the last passes", FALSE, inspector_terminal_flow },
  { "nan", "", "who made what is not finite", FALSE, inspector_terminal_nan },
  { "memory", "", "where memory came from", FALSE, inspector_terminal_memory },
  { "pause", "", "stop a running program at its next node", FALSE, pause_cb },
  { "stops", "", "list the passes that are paused, of several threads", FALSE, stops_cb },
  { "choose", "N", "look at another of them, which commands then go to", FALSE, choose_cb },
  { "attach", "[PID]", "attach to a running program, or list those that offer themselves", FALSE, attach_cb },
};

static void
help_cb (Terminal *self, char **words)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *call = g_strdup_printf ("%s %s", commands[i].name, commands[i].arguments);

      g_print ("%-23s %s\n", call, commands[i].help);
    }
  g_print ("A node is given by its number, or by the begin of its name; a command by its name or the begin of it.\n");
}

void
inspector_terminal_obey (Terminal *self, char **words)
{
  const char *name = g_str_equal (words[0], "?") ? "help" : words[0];

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (!g_str_has_prefix (commands[i].name, name))
        continue;
      if (commands[i].needs_graph && inspector_program_get_graph (self->program) == NULL)
        g_print ("There is no graph: the program ran no backward pass\n");
      else
        commands[i].run (self, words + 1);
      return;
    }
  g_print ("There is no command %s; help lists them\n", words[0]);
}
