/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The passes that a program's service tells of. One of them is looked at; others that stop meanwhile, in other threads,
 * wait in a list until they are chosen or have their turn.
 *
 * What is known of a pass is gone when the pass ends. It therefore stops after its last node, visibly where a user went by
 * steps or asked for the end, and otherwise until what is looked at has been fetched. */
#include "inspector-program-private.h"

#include <glib/gi18n-lib.h>

#define MAX_PASSES  1024        /* under way at once; more are not told apart from those that are over */
#define PATIENCE_MS 300         /* for a pass that was let go on to stop again, while another waits */

static void look_at (InspectorProgram *self, InspectorPass *pass);

static InspectorPass *
find_pass (InspectorProgram *self, guint64 id)
{
  for (guint i = self->passes->len; i > 0; i--)
    {
      InspectorPass *pass = g_ptr_array_index (self->passes, i - 1);

      if (pass->id == id)
        return pass;
    }
  return NULL;
}

static InspectorPass *
find_or_add (InspectorProgram *self, guint64 id)
{
  InspectorPass *pass = find_pass (self, id);

  if (pass != NULL)
    return pass;
  if (self->passes->len >= MAX_PASSES)
    g_ptr_array_remove_index (self->passes, 0);
  pass = inspector_pass_new (id);
  g_ptr_array_add (self->passes, pass);
  return pass;
}

/* -- stops -------------------------------------------------------------------------------------
 * One that is let go for a step stays in the list, in its place, for as long as it has its turn. */

static void
list (InspectorProgram *self, InspectorPass *pass, gboolean listed)
{
  guint position;
  gboolean is_listed = g_list_store_find (self->stops, pass, &position);

  if (listed && !is_listed)
    g_list_store_append (self->stops, pass);
  else if (!listed && is_listed)
    g_list_store_remove (self->stops, position);
}

/* The next of those that wait, if the one that is looked at is under way. */
static void
take_turn (InspectorProgram *self)
{
  g_autoptr (InspectorPass) next = NULL;

  g_clear_handle_id (&self->turn_timer, g_source_remove);
  if (self->pass != NULL && self->pass->stopped)
    return;
  if (self->pass != NULL)
    list (self, self->pass, FALSE);
  next = g_list_model_get_item (G_LIST_MODEL (self->stops), 0);
  if (next != NULL)
    look_at (self, next);
}

static gboolean
turn_cb (gpointer data)
{
  InspectorProgram *self = data;

  self->turn_timer = 0;
  take_turn (self);
  return G_SOURCE_REMOVE;
}

static void
resume_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!inspector_dbus_inspect1_call_resume_finish (INSPECTOR_DBUS_INSPECT1 (object), result, &error))
    inspector_program_report (self, error);
}

static void
resume (InspectorProgram *self, InspectorPass *pass, const char *how, guint64 node)
{
  inspector_pass_set_stopped (pass, FALSE);
  inspector_dbus_inspect1_call_resume (self->service, pass->id, how, node, NULL, resume_cb, g_object_ref (self));
}

/* The next node of the step that is looked at. */
static void
show_current (InspectorProgram *self)
{
  GtenGtkNode *node = gten_gtk_graph_find_node (self->graph, self->pass->next_node);

  if (self->step != GTEN_GTK_NO_NODE)
    node = gten_gtk_graph_get_node (self->graph, self->step);
  gten_gtk_graph_set_current (self->graph, node != NULL ? gten_gtk_node_get_index (node) : GTEN_GTK_NO_NODE);
}

static void
states_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  g_autoptr (GVariant) nodes = NULL;
  g_autoptr (GError) error = NULL;

  if (!inspector_dbus_inspect1_call_get_states_finish (INSPECTOR_DBUS_INSPECT1 (object), &nodes, result, &error))
    inspector_program_report (self, error);
  else if (self->graph != NULL && self->service == (gpointer) object)
    {
      gten_gtk_graph_apply (self->graph, nodes);
      if (self->state == INSPECTOR_STATE_STOPPED && self->pass != NULL && self->pass->source != NULL)
        {
          show_current (self);
          inspector_source_fetch (self->pass->source);
        }
    }
}

void
inspector_program_fetch_states (InspectorProgram *self, guint step)
{
  inspector_dbus_inspect1_call_get_states (self->service, self->pass->id, step, NULL, states_cb, g_object_ref (self));
}

void
inspector_program_go_on (InspectorProgram *self, const char *how, guint64 node)
{
  /* Progress tells what is new, not what was gone back over. */
  if (self->step != GTEN_GTK_NO_NODE)
    {
      inspector_program_fetch_states (self, self->n_live);
      inspector_program_set_step (self, GTEN_GTK_NO_NODE);
    }
  resume (self, self->pass, how, node);
  g_clear_handle_id (&self->turn_timer, g_source_remove);
  if (g_str_equal (how, "continue"))
    take_turn (self);
  else
    self->turn_timer = g_timeout_add (PATIENCE_MS, turn_cb, self);
}

/* A pass at whose end nobody stops goes on once what is looked at has been fetched. */
static void
leave_if_settled (InspectorProgram *self, InspectorPass *pass)
{
  if (!pass->leaving || !inspector_pass_is_settled (pass))
    return;
  pass->leaving = FALSE;
  if (pass == self->pass)
    inspector_program_go_on (self, "continue", 0);
  else
    {
      resume (self, pass, "continue", 0);
      list (self, pass, FALSE);
    }
}

static void
settled_cb (InspectorProgram *self, InspectorSource *source)
{
  for (guint i = 0; i < self->passes->len; i++)
    {
      InspectorPass *pass = g_ptr_array_index (self->passes, i);

      if (pass->source == source)
        {
          leave_if_settled (self, pass);
          return;
        }
    }
}

/* The pass that is looked at is stopped before a node, or after the last, and its graph is here. */
static void
arrive (InspectorProgram *self)
{
  InspectorPass *pass = self->pass;
  gboolean at_end = g_str_equal (pass->reason, "end");

  self->n_live = gten_gtk_graph_get_n_done (self->graph);
  inspector_program_set_step (self, GTEN_GTK_NO_NODE);
  show_current (self);
  inspector_breakpoints_count (self->breakpoints);
  inspector_pass_set_stopped (pass, TRUE);
  inspector_source_fetch (pass->source);
  if (at_end && pass->goes_on)
    {
      pass->leaving = TRUE;
      leave_if_settled (self, pass);
    }
  else if (g_str_equal (pass->reason, "pass") && !inspector_breakpoints_get_passes (self->breakpoints) && self->n_passes > 1)
    inspector_program_go_on (self, "continue", 0);
  else
    inspector_program_set_state (self, INSPECTOR_STATE_STOPPED,
                                 at_end ? _ ("Paused at the end of pass %u") : _ ("Paused in pass %u"), (guint) pass->id);
}

/* -- graphs ------------------------------------------------------------------------------------ */

typedef struct
{
  InspectorProgram *program;
  InspectorPass    *pass;
} Call;

static Call *
call_new (InspectorProgram *self, InspectorPass *pass)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { g_object_ref (self), g_object_ref (pass) };
  return call;
}

/* Programs in C tell return addresses. */
static void
find_lines (InspectorProgram *self, GtenGtkGraph *graph)
{
  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (graph); i++)
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (graph, i);
      const char *site = gten_gtk_node_get_site (node), *line = inspector_program_find_line (self, site);

      if (line != site)
        {
          g_autofree char *op = g_strdup (gten_gtk_node_get_op (node));

          gten_gtk_node_set_origin (node, op, line, gten_gtk_node_is_leaf (node));
        }
    }
}

static void
show_graph (InspectorProgram *self)
{
  inspector_program_set_graph (self, self->pass->graph);
  inspector_breakpoints_set_graph (self->breakpoints, self->pass->graph);
  arrive (self);
}

static void
graph_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (InspectorProgram) self = call->program;
  g_autoptr (InspectorPass) pass = call->pass;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GtenGtkGraph) graph = NULL;
  g_autoptr (GError) error = NULL;

  if (inspector_dbus_inspect1_call_get_graph_finish (INSPECTOR_DBUS_INSPECT1 (object), &handle, &fds, result, &error))
    bytes = inspector_map_sealed (fds, handle, &error);
  if (bytes != NULL)
    {
      variant = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (GTEN_INSPECT_GRAPH), bytes, FALSE));
      graph = gten_gtk_graph_new_from_variant (variant, &error);
    }
  if (self->service != (gpointer) object || self->pass != pass)
    return;
  if (graph == NULL && pass->stopped)
    inspector_program_fail (self, error);
  if (graph == NULL)
    return;
  find_lines (self, graph);
  inspector_pass_set_graph (pass, graph, self->service, self->folder);
  g_signal_connect_object (pass->source, "settled", G_CALLBACK (settled_cb), self, G_CONNECT_SWAPPED);
  show_graph (self);
}

static void
look_at (InspectorProgram *self, InspectorPass *pass)
{
  g_clear_handle_id (&self->turn_timer, g_source_remove);
  g_set_object (&self->pass, pass);
  if (pass->graph == NULL)
    {
      /* Until the graph is here, nothing can be told to go on. */
      if (self->state == INSPECTOR_STATE_STOPPED)
        inspector_program_set_state (self, INSPECTOR_STATE_RUNNING, _ ("Looking at pass %u"), (guint) pass->id);
      inspector_dbus_inspect1_call_get_graph (self->service, pass->id, NULL, NULL, graph_cb, call_new (self, pass));
    }
  else if (self->graph == pass->graph)
    arrive (self);
  else
    show_graph (self);
}

/**
 * inspector_program_choose:
 * @self: a program
 * @stop: one of its stops
 *
 * Looks at another of the passes that are stopped; what is told to go on from now on is that one.
 */
void
inspector_program_choose (InspectorProgram *self, InspectorPass *stop)
{
  if (stop != self->pass && stop->stopped && g_list_store_find (self->stops, stop, NULL))
    look_at (self, stop);
}

/* -- what the service tells -------------------------------------------------------------------- */

static void
thread_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorPass) pass = user_data;
  g_autoptr (GVariant) description = NULL;
  const char *name = "";
  guint thread;

  if (!inspector_dbus_inspect1_call_get_pass_finish (INSPECTOR_DBUS_INSPECT1 (object), &description, result, NULL)
      || !g_variant_lookup (description, "thread", "u", &thread))
    return;
  g_variant_lookup (description, "thread-name", "&s", &name);
  inspector_pass_set_thread (pass, thread, name);
}

/* Where the pass that is looked at stops, or none is stopped, the stop is shown; otherwise it waits. A pass that goes on
 * from its end by itself does not wait for a look. */
static void
stopped_cb (InspectorDBusInspect1 *service, guint64 id, guint64 next_node, const char *reason, guint breakpoint,
            InspectorProgram *self)
{
  InspectorPass *pass = find_or_add (self, id);
  gboolean is_known = pass->reason != NULL;
  gboolean busy = self->pass != NULL && self->pass != pass
                  && (self->pass->stopped || (self->turn_timer != 0 && pass->depth == 0));

  g_free (pass->reason);
  pass->reason = g_strdup (reason);
  pass->next_node = next_node;
  self->n_passes = MAX (self->n_passes, id);
  inspector_pass_set_stopped (pass, TRUE);
  list (self, pass, TRUE);
  if (!is_known)
    inspector_dbus_inspect1_call_get_pass (service, id, NULL, thread_cb, g_object_ref (pass));
  if (!busy)
    look_at (self, pass);
  else if (g_str_equal (reason, "end") && pass->goes_on)
    {
      pass->leaving = TRUE;
      leave_if_settled (self, pass);
    }
}

static void
progress_cb (InspectorDBusInspect1 *service, guint64 id, GVariant *nodes, GVariant *contributions, InspectorProgram *self)
{
  InspectorPass *pass = find_pass (self, id);

  if (pass != NULL)
    inspector_pass_apply (pass, nodes);
}

static void
resumed_cb (InspectorDBusInspect1 *service, guint64 id, InspectorProgram *self)
{
  InspectorPass *pass = find_pass (self, id);

  if (pass == NULL)
    return;
  inspector_pass_set_stopped (pass, FALSE);
  /* One that was let go for a step keeps its place. */
  if (pass != self->pass || self->turn_timer == 0)
    list (self, pass, FALSE);
}

static void
pass_began_cb (InspectorDBusInspect1 *service, guint64 id, guint n_nodes, guint depth, InspectorProgram *self)
{
  InspectorPass *pass = find_or_add (self, id);

  pass->goes_on = self->goes_on;
  pass->depth = depth;
  self->n_passes = MAX (self->n_passes, id);
}

static void
pass_ended_cb (InspectorDBusInspect1 *service, guint64 id, guint n_done, InspectorProgram *self)
{
  InspectorPass *pass = find_pass (self, id);

  if (pass == NULL)
    return;
  inspector_pass_set_stopped (pass, FALSE);
  list (self, pass, FALSE);
  pass->leaving = FALSE;
  if (pass == self->pass)
    {
      self->step = GTEN_GTK_NO_NODE;
      if (self->graph != NULL)
        gten_gtk_graph_set_current (self->graph, GTEN_GTK_NO_NODE);
      g_clear_object (&self->pass);
      if (self->state != INSPECTOR_STATE_ENDED)
        inspector_program_set_state (self, INSPECTOR_STATE_RUNNING, _ ("Running, pass %u is over"), self->n_passes);
    }
  g_ptr_array_remove (self->passes, pass);
  if (self->pass == NULL || self->turn_timer == 0)
    take_turn (self);
}

/* Gradients that the budget had no room for. */
static void
freed_cb (InspectorDBusInspect1 *service, guint64 id, GVariant *nodes, InspectorProgram *self)
{
  InspectorPass *pass = find_pass (self, id);
  gsize n;
  const guint64 *ids = g_variant_get_fixed_array (nodes, &n, sizeof *ids);

  for (gsize i = 0; pass != NULL && pass->graph != NULL && i < n; i++)
    {
      GtenGtkNode *node = gten_gtk_graph_find_node (pass->graph, ids[i]);
      guint n_arrived, n_expected;

      if (node != NULL && gten_gtk_node_get_state (node, &n_arrived, &n_expected) == GTEN_GTK_STATE_DONE
          && (gten_gtk_node_get_gradient (node) == NULL || gten_gtk_tensor_get_values (gten_gtk_node_get_gradient (node)) == NULL))
        gten_gtk_node_set_state (node, GTEN_GTK_STATE_FREED, n_arrived, n_expected);
    }
}

void
inspector_program_watch_passes (InspectorProgram *self)
{
  const struct { const char *signal; GCallback callback; } handlers[] = {
    { "pass-began", G_CALLBACK (pass_began_cb) }, { "stopped", G_CALLBACK (stopped_cb) },
    { "resumed", G_CALLBACK (resumed_cb) },       { "progress", G_CALLBACK (progress_cb) },
    { "pass-ended", G_CALLBACK (pass_ended_cb) }, { "freed", G_CALLBACK (freed_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (self->service, handlers[i].signal, handlers[i].callback, self);
}

void
inspector_program_drop_passes (InspectorProgram *self)
{
  g_clear_handle_id (&self->turn_timer, g_source_remove);
  g_clear_object (&self->pass);
  g_list_store_remove_all (self->stops);
  g_ptr_array_set_size (self->passes, 0);
  if (self->graph != NULL)
    gten_gtk_graph_set_current (self->graph, GTEN_GTK_NO_NODE);
}
