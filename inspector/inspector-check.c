/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gradients checked by a program, for tests and continuous integration: "nonfinite == 0" and the
 * like, with an exit status. Each pass is run to its end and looked at there. Passes of several
 * threads have their turns. */
#include "inspector-check.h"

#include "inspector-terminal-private.h"

#define UNCHECKED    2
#define VIOLATED     3
#define MAX_REPORTED 20      /* lines; the rest is counted */

typedef struct
{
  InspectorProgram *program;
  GPtrArray        *conditions;
  guint             n_passes;
  guint             n_gradients;
  guint             n_violations;
  gboolean          unwritten;      /* a picture that was asked for */
} Check;

static void
check_node (Check *self, GtenGtkNode *node)
{
  GtenGtkTensor *gradient = gten_gtk_node_get_gradient (node);
  const char *site = gten_gtk_node_get_site (node);
  GtenGtkStatistics s;

  if (gradient == NULL || !gten_gtk_tensor_get_statistics (gradient, &s))
    return;
  self->n_gradients++;
  for (guint i = 0; i < self->conditions->len; i++)
    {
      GtenCondition *condition = g_ptr_array_index (self->conditions, i);
      g_autofree char *text = NULL;

      if (gten_gtk_node_matches (node, condition, self->n_passes) || ++self->n_violations > MAX_REPORTED)
        continue;
      text = gten_gtk_node_describe (node);
      g_print ("Pass %u, step %u: %s: not %s%s%s\n", self->n_passes, gten_gtk_node_get_index (node) + 1, text,
               gten_condition_get_text (condition), site != NULL ? ", at " : "", site != NULL ? site : "");
    }
}

/* Each pass is run to its end; of the first, pictures are written after some steps or there. */
static void
check_passes (Check *self, const InspectorTerminalOptions *options)
{
  gboolean to_write = options->exports != NULL;
  int n_steps = 0;

  while (inspector_program_wait (self->program, NULL) == INSPECTOR_STATE_STOPPED)
    {
      InspectorPass *pass = inspector_program_get_stop (self->program);
      GtenGtkGraph *graph = inspector_program_get_graph (self->program);
      gboolean at_end = inspector_pass_is_at_end (pass);

      if (to_write && (at_end || n_steps == options->n_steps))
        {
          to_write = FALSE;
          inspector_terminal_want_values (self->program, FALSE);
          self->unwritten = !inspector_terminal_write_all (graph, options);
        }
      if (at_end)
        {
          self->n_passes++;
          for (guint i = 0; i < gten_gtk_graph_get_n_nodes (graph); i++)
            check_node (self, gten_gtk_graph_get_node (graph, i));
        }
      inspector_program_resume (self->program, at_end ? "continue" : to_write && options->n_steps >= 0 ? "over" : "finish", NULL);
      n_steps++;
    }
}

/* The program's own status counts first; nothing is right that was not looked at. */
static int
conclude (Check *self)
{
  int status = inspector_program_get_exit_status (self->program);

  if (self->n_violations > MAX_REPORTED)
    g_print ("and %u more\n", self->n_violations - MAX_REPORTED);
  g_print ("%u %s in %u %s checked, %u %s\n", self->n_gradients, self->n_gradients == 1 ? "gradient" : "gradients", self->n_passes,
           self->n_passes == 1 ? "pass" : "passes", self->n_violations, self->n_violations == 1 ? "violation" : "violations");
  if (status != 0)
    g_printerr ("%s\n", inspector_program_get_status (self->program));
  else if (self->n_passes == 0)
    g_printerr ("The program ran no backward pass, so nothing was checked\n");
  return status != 0              ? status
         : self->n_passes == 0    ? UNCHECKED
         : self->n_violations > 0 ? VIOLATED
         : self->unwritten        ? 1
                                  : 0;
}

int
inspector_check (const char *const *conditions, const InspectorTerminalOptions *options)
{
  Check self = { .conditions = g_ptr_array_new_with_free_func ((GDestroyNotify) gten_condition_unref) };
  g_autoptr (GPtrArray) owned = self.conditions;
  g_autoptr (InspectorProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  for (guint i = 0; conditions[i] != NULL; i++)
    {
      GtenCondition *condition = gten_condition_new (conditions[i], NULL, &error);

      if (condition == NULL)
        {
          g_printerr ("%s\n", error->message);
          return 2;
        }
      g_ptr_array_add (self.conditions, condition);
    }
  program = self.program = inspector_terminal_program (options);
  inspector_terminal_want_values (program, options->exports != NULL);
  if (!inspector_terminal_start (program, options))
    return 1;
  check_passes (&self, options);
  status = conclude (&self);
  inspector_program_quit (program);
  return status;
}
