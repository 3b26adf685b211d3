/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gradients checked by a program, for tests and continuous integration: "nonfinite == 0" and the
 * like, with an exit status. Each pass is run to its end and looked at there. */
#include "inspector-check.h"

#include "inspector-program.h"

#define VIOLATED     3
#define MAX_REPORTED 20      /* lines; the rest is counted */

typedef struct
{
  InspectorProgram *program;
  GPtrArray        *conditions;
  guint             n_passes;
  guint             n_gradients;
  guint             n_violations;
} Check;

static void
failed_cb (InspectorProgram *program, const char *message, gpointer data)
{
  g_printerr ("%s\n", message);
}

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

static void
check_passes (Check *self)
{
  while (inspector_program_wait (self->program) == INSPECTOR_STATE_STOPPED)
    {
      g_autoptr (GtenGtkGraph) graph = g_object_ref (inspector_program_get_graph (self->program));
      guint n_nodes = gten_gtk_graph_get_n_nodes (graph);

      inspector_program_resume (self->program, "finish", NULL);
      inspector_program_wait (self->program);
      self->n_passes++;
      for (guint i = 0; i < n_nodes; i++)
        check_node (self, gten_gtk_graph_get_node (graph, i));
      if (inspector_program_get_state (self->program) == INSPECTOR_STATE_STOPPED)
        inspector_program_resume (self->program, "continue", NULL);
    }
}

int
inspector_check (const char *const *command, const char *const *conditions)
{
  Check self = { .conditions = g_ptr_array_new_with_free_func ((GDestroyNotify) gten_condition_unref) };
  g_autoptr (GPtrArray) owned = self.conditions;
  g_autoptr (InspectorProgram) program = self.program = inspector_program_new (TRUE);
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
  g_signal_connect (program, "failed", G_CALLBACK (failed_cb), NULL);
  if (!inspector_program_start (program, command, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  check_passes (&self);
  status = inspector_program_get_exit_status (program);
  inspector_program_quit (program);
  if (self.n_violations > MAX_REPORTED)
    g_print ("and %u more\n", self.n_violations - MAX_REPORTED);
  g_print ("%u gradients in %u passes checked, %u violations\n", self.n_gradients, self.n_passes, self.n_violations);
  return status != 0 ? status : self.n_violations > 0 ? VIOLATED : 0;
}
