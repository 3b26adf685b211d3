/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program under inspection: its process, the connection to its debug service, and the pass that
 * it is in. Everything is asynchronous; nothing here waits for the program.
 *
 * What is known of a pass is gone when the pass ends, so "finish" and "continue" stop once more
 * before its last node, and go on when what is wanted has been fetched. Node numbers differ from
 * pass to pass; a breakpoint on a node is therefore remembered by place and name, and set anew when
 * a pass begins. */
#include "inspector-program.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "gten-gtk-device.h"
#include "inspector-source.h"

#define CONNECT_INTERVAL_MS 10
#define KEEP_BYTES          ((guint64) 256 << 20)

struct _InspectorProgram
{
  GObject                parent_instance;

  gboolean               inherit_output;
  char                 **command;
  char                  *title;
  char                  *status;
  InspectorState         state;
  int                    exit_status;
  GSubprocess           *process;
  GDataInputStream      *output;
  char                  *socket;
  guint                  connect_timer;
  GCancellable          *cancellable;      /* of this run */
  InspectorDBusInspect1 *service;
  GtenGtkGraph          *graph;
  InspectorSource       *source;
  guint64                pass;
  guint64                next_node;
  guint                  n_passes;
  GPtrArray             *early;            /* progress of a pass whose graph is on its way */
  GListStore            *devices;
  gboolean               stop_at_passes;
  guint                  pass_breakpoint;
  GHashTable            *breakpoints;      /* place in the order -> name */
  GHashTable            *breakpoint_ids;   /* node -> number in the service */
  const char            *end_by;           /* how to go on from the last node; NULL when nobody asked to */
  guint                  settle_timer;
};

G_DEFINE_FINAL_TYPE (InspectorProgram, inspector_program, G_TYPE_OBJECT)

enum { PROP_GRAPH = 1, PROP_STATE, PROP_STATUS, PROP_TITLE, PROP_STOP_AT_PASSES, N_PROPS };
enum { OUTPUT, FAILED, PASS_ENDED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void go_on (InspectorProgram *self, const char *how, guint64 node);

static void
set_state (InspectorProgram *self, InspectorState state, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
set_state (InspectorProgram *self, InspectorState state, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_free (self->status);
  self->status = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* Tells of an error, unless it is only that the program is gone. */
static void
report (InspectorProgram *self, const GError *error)
{
  g_autofree char *message = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
      || self->state == INSPECTOR_STATE_ENDED)
    return;
  message = g_strdup (error->message);
  if (g_dbus_error_is_remote_error (error))
    {
      g_autoptr (GError) plain = g_error_copy (error);

      g_dbus_error_strip_remote_error (plain);
      g_free (message);
      message = g_strdup (plain->message);
    }
  g_signal_emit (self, signals[FAILED], 0, message);
}

/* -- breakpoints ------------------------------------------------------------------------------- */

typedef struct
{
  InspectorProgram *program;
  guint64           node;        /* 0: at the begin of each pass */
} BreakpointCall;

static void
breakpoint_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree BreakpointCall *call = user_data;
  g_autoptr (InspectorProgram) self = call->program;
  g_autoptr (GError) error = NULL;
  guint id;

  if (!inspector_dbus_inspect1_call_add_breakpoint_finish (INSPECTOR_DBUS_INSPECT1 (object), &id,
                                                           result, &error))
    report (self, error);
  else if (call->node == 0)
    self->pass_breakpoint = id;
  else
    {
      guint64 *key = g_new (guint64, 1);

      *key = call->node;
      g_hash_table_insert (self->breakpoint_ids, key, GUINT_TO_POINTER (id));
    }
}

static void
add_breakpoint (InspectorProgram *self, guint64 node)
{
  BreakpointCall *call = g_new (BreakpointCall, 1);
  GVariantBuilder where;

  *call = (BreakpointCall) { g_object_ref (self), node };
  g_variant_builder_init (&where, G_VARIANT_TYPE_VARDICT);
  if (node == 0)
    g_variant_builder_add (&where, "{sv}", "pass", g_variant_new_boolean (TRUE));
  else
    g_variant_builder_add (&where, "{sv}", "node", g_variant_new_uint64 (node));
  inspector_dbus_inspect1_call_add_breakpoint (self->service, g_variant_builder_end (&where), NULL,
                                               breakpoint_cb, call);
}

/* Passes are stopped at their begin where a user asks for it, or to set breakpoints anew. */
static void
update_pass_breakpoint (InspectorProgram *self)
{
  gboolean needed = self->stop_at_passes || g_hash_table_size (self->breakpoints) > 0;

  if (self->service == NULL)
    return;
  if (needed && self->pass_breakpoint == 0)
    add_breakpoint (self, 0);
  else if (!needed && self->pass_breakpoint != 0)
    {
      inspector_dbus_inspect1_call_remove_breakpoint (self->service, self->pass_breakpoint, NULL,
                                                      NULL, NULL);
      self->pass_breakpoint = 0;
    }
}

static void
restore_breakpoints (InspectorProgram *self)
{
  GHashTableIter iter;
  gpointer place, name;

  g_hash_table_iter_init (&iter, self->breakpoint_ids);
  while (g_hash_table_iter_next (&iter, NULL, &place))
    inspector_dbus_inspect1_call_remove_breakpoint (self->service, GPOINTER_TO_UINT (place), NULL,
                                                    NULL, NULL);
  g_hash_table_remove_all (self->breakpoint_ids);
  g_hash_table_iter_init (&iter, self->breakpoints);
  while (g_hash_table_iter_next (&iter, &place, &name))
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (self->graph, GPOINTER_TO_UINT (place));

      if (node == NULL || g_strcmp0 (gten_gtk_node_get_name (node), name) != 0)
        continue;
      gten_gtk_node_set_breakpoint (node, TRUE);
      add_breakpoint (self, gten_gtk_node_get_id (node));
    }
}

/* -- passes ------------------------------------------------------------------------------------ */

static gboolean
settle_cb (gpointer data)
{
  InspectorProgram *self = data;
  const char *how = self->end_by;

  if (self->source != NULL && inspector_source_get_n_calls (self->source) > 0)
    return G_SOURCE_CONTINUE;
  self->settle_timer = 0;
  self->end_by = NULL;
  if (how != NULL && self->state == INSPECTOR_STATE_RUNNING)
    go_on (self, how, 0);
  return G_SOURCE_REMOVE;
}

/* The pass is stopped before a node. */
static void
arrive (InspectorProgram *self, const char *reason)
{
  GtenGtkNode *node = gten_gtk_graph_find_node (self->graph, self->next_node);
  guint n_nodes = gten_gtk_graph_get_n_nodes (self->graph);
  gboolean is_last = node != NULL && gten_gtk_node_get_index (node) + 1 == n_nodes;

  gten_gtk_graph_set_current (self->graph,
                              node != NULL ? gten_gtk_node_get_index (node) : GTEN_GTK_NO_NODE);
  inspector_source_set_stopped (self->source, TRUE);
  inspector_source_fetch (self->source);
  if (is_last && g_strcmp0 (self->end_by, "continue") == 0 && gten_gtk_node_get_breakpoint (node))
    self->end_by = NULL;
  if (self->end_by != NULL && is_last)
    {
      self->settle_timer = g_timeout_add (1, settle_cb, self);
      return;
    }
  if (self->end_by != NULL && g_str_equal (self->end_by, "finish"))
    {
      go_on (self, "run-to",
             gten_gtk_node_get_id (gten_gtk_graph_get_node (self->graph, n_nodes - 1)));
      return;
    }
  self->end_by = NULL;
  if (g_str_equal (reason, "pass") && !self->stop_at_passes && self->n_passes > 1)
    {
      go_on (self, "continue", 0);
      return;
    }
  set_state (self, INSPECTOR_STATE_STOPPED, "Paused in pass %u", self->n_passes);
}

typedef struct
{
  InspectorProgram *program;
  guint64           pass;
  char             *reason;
} GraphCall;

static void
take_graph (InspectorProgram *self, GtenGtkGraph *graph, guint64 pass)
{
  g_clear_object (&self->source);
  g_set_object (&self->graph, graph);
  self->pass = pass;
  for (guint i = 0; i < self->early->len; i++)
    gten_gtk_graph_apply (graph, g_ptr_array_index (self->early, i));
  g_ptr_array_set_size (self->early, 0);
  self->source = inspector_source_new (self->service, pass, graph);
  restore_breakpoints (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRAPH]);
}

static void
graph_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GraphCall *call = user_data;
  g_autoptr (InspectorProgram) self = call->program;
  g_autofree char *reason = call->reason;
  guint64 pass = call->pass;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GtenGtkGraph) graph = NULL;
  g_autoptr (GError) error = NULL;

  g_free (call);
  if (inspector_dbus_inspect1_call_get_graph_finish (INSPECTOR_DBUS_INSPECT1 (object), &handle,
                                                     &fds, result, &error))
    bytes = inspector_map_sealed (fds, handle, &error);
  if (bytes != NULL)
    {
      variant = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE ("(a(tstssyuta(axss))a(uuuu))"), bytes, FALSE));
      graph = gten_gtk_graph_new_from_variant (variant, &error);
    }
  if (graph == NULL)
    {
      report (self, error);
      return;
    }
  if (self->service == NULL)
    return;
  take_graph (self, graph, pass);
  arrive (self, reason);
}

static void
stopped_cb (InspectorDBusInspect1 *service, guint64 pass, guint64 next_node, const char *reason, guint breakpoint,
            InspectorProgram *self)
{
  GraphCall *call;

  self->next_node = next_node;
  if (self->graph != NULL && pass == self->pass)
    {
      arrive (self, reason);
      return;
    }
  call = g_new (GraphCall, 1);
  *call = (GraphCall) { g_object_ref (self), pass, g_strdup (reason) };
  inspector_dbus_inspect1_call_get_graph (service, pass, NULL, NULL, graph_cb, call);
}

static void
progress_cb (InspectorDBusInspect1 *service, guint64 pass, GVariant *nodes, GVariant *contributions,
             InspectorProgram *self)
{
  if (self->graph != NULL && pass == self->pass)
    gten_gtk_graph_apply (self->graph, nodes);
  else
    g_ptr_array_add (self->early, g_variant_ref (nodes));
}

static void
resumed_cb (InspectorDBusInspect1 *service, guint64 pass, InspectorProgram *self)
{
  if (self->source != NULL)
    inspector_source_set_stopped (self->source, FALSE);
}

static void
pass_began_cb (InspectorDBusInspect1 *service, guint64 pass, guint n_nodes, guint depth,
               InspectorProgram *self)
{
  if (depth == 0)
    self->n_passes++;
  g_ptr_array_set_size (self->early, 0);
}

static void
pass_ended_cb (InspectorDBusInspect1 *service, guint64 pass, guint n_done, InspectorProgram *self)
{
  if (self->graph == NULL || pass != self->pass)
    return;
  inspector_source_set_stopped (self->source, FALSE);
  gten_gtk_graph_set_current (self->graph, GTEN_GTK_NO_NODE);
  self->pass = 0;
  self->end_by = NULL;
  g_signal_emit (self, signals[PASS_ENDED], 0);
  if (self->state != INSPECTOR_STATE_ENDED)
    set_state (self, INSPECTOR_STATE_RUNNING, "Running, pass %u is over", self->n_passes);
}

static void
resume_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!inspector_dbus_inspect1_call_resume_finish (INSPECTOR_DBUS_INSPECT1 (object), result,
                                                   &error))
    report (self, error);
}

static void
go_on (InspectorProgram *self, const char *how, guint64 node)
{
  inspector_source_set_stopped (self->source, FALSE);
  inspector_dbus_inspect1_call_resume (self->service, self->pass, how, node, NULL, resume_cb,
                                       g_object_ref (self));
}

/* -- devices ----------------------------------------------------------------------------------- */

static GtenGtkDevice *
find_device (InspectorProgram *self, const char *name, const char *description)
{
  g_autoptr (GtenGtkDevice) device = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->devices)); i++)
    {
      g_autoptr (GtenGtkDevice) each = g_list_model_get_item (G_LIST_MODEL (self->devices), i);

      if (g_str_equal (gten_gtk_device_get_name (each), name))
        return each;
    }
  device = gten_gtk_device_new (name, description);
  g_list_store_append (self->devices, device);
  return device;
}

static void
devices_changed_cb (InspectorDBusInspect1 *service, GVariant *devices, InspectorProgram *self)
{
  const char *name, *description;
  guint64 total, used, peak, cached;
  GVariantIter iter;

  g_variant_iter_init (&iter, devices);
  while (g_variant_iter_next (&iter, "(&s&stttt)", &name, &description, &total, &used, &peak,
                              &cached))
    gten_gtk_device_add_sample (find_device (self, name, description), total, used, peak, cached);
}

/* -- connecting -------------------------------------------------------------------------------- */

static void
attach_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  g_autoptr (GVariant) information = NULL;
  g_autoptr (GError) error = NULL;

  if (!inspector_dbus_inspect1_call_attach_finish (INSPECTOR_DBUS_INSPECT1 (object), &information,
                                                   result, &error))
    report (self, error);
}

static void
proxy_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  g_autoptr (GError) error = NULL;
  InspectorDBusInspect1 *service = inspector_dbus_inspect1_proxy_new_finish (result, &error);
  const struct { const char *signal; GCallback callback; } handlers[] = {
    { "pass-began", G_CALLBACK (pass_began_cb) }, { "stopped", G_CALLBACK (stopped_cb) }, { "resumed", G_CALLBACK (resumed_cb) },
    { "progress", G_CALLBACK (progress_cb) }, { "pass-ended", G_CALLBACK (pass_ended_cb) },
    { "devices-changed", G_CALLBACK (devices_changed_cb) },
  };
  GVariantBuilder options;

  if (service == NULL)
    {
      report (self, error);
      return;
    }
  self->service = service;
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (service, handlers[i].signal, handlers[i].callback, self);
  set_state (self, INSPECTOR_STATE_RUNNING, "Running");
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "keep-bytes", g_variant_new_uint64 (KEEP_BYTES));
  inspector_dbus_inspect1_call_attach (service, g_variant_builder_end (&options), NULL, attach_cb,
                                       g_object_ref (self));
  update_pass_breakpoint (self);
}

static void
connection_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_for_address_finish (result, &error);

  if (connection == NULL)
    {
      report (self, error);
      return;
    }
  inspector_dbus_inspect1_proxy_new (connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, "/org/gtensor/Inspect",
                                     self->cancellable, proxy_cb, g_object_ref (self));
}

/* The program listens when it makes its first tensor. */
static gboolean
connect_cb (gpointer data)
{
  InspectorProgram *self = data;
  g_autofree char *escaped = NULL;
  g_autofree char *address = NULL;

  if (!g_file_test (self->socket, G_FILE_TEST_EXISTS))
    return G_SOURCE_CONTINUE;
  self->connect_timer = 0;
  escaped = g_dbus_address_escape_value (self->socket);
  address = g_strconcat ("unix:path=", escaped, NULL);
  g_dbus_connection_new_for_address (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, self->cancellable, connection_cb,
                                     g_object_ref (self));
  return G_SOURCE_REMOVE;
}

/* -- the process ------------------------------------------------------------------------------- */

static void
read_output (InspectorProgram *self);

static void
output_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (object), result, NULL, NULL);
  g_autofree char *text = line != NULL ? g_utf8_make_valid (line, -1) : NULL;

  if (text == NULL || self->output != (gpointer) object)
    return;
  g_signal_emit (self, signals[OUTPUT], 0, text);
  read_output (self);
}

static void
read_output (InspectorProgram *self)
{
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, NULL, output_cb,
                                       g_object_ref (self));
}

static void
release_run (InspectorProgram *self)
{
  g_clear_handle_id (&self->connect_timer, g_source_remove);
  g_clear_handle_id (&self->settle_timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->service != NULL)
    g_signal_handlers_disconnect_by_data (self->service, self);
  g_clear_object (&self->source);
  g_clear_object (&self->service);
  if (self->socket != NULL)
    g_unlink (self->socket);
  g_clear_pointer (&self->socket, g_free);
  self->pass = 0;
  self->pass_breakpoint = 0;
  self->end_by = NULL;
  g_hash_table_remove_all (self->breakpoint_ids);
  g_ptr_array_set_size (self->early, 0);
}

static void
exited_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  GSubprocess *process = G_SUBPROCESS (object);

  g_subprocess_wait_finish (process, result, NULL);
  if (process != self->process)
    return;
  release_run (self);
  if (self->graph != NULL)
    gten_gtk_graph_set_current (self->graph, GTEN_GTK_NO_NODE);
  g_clear_object (&self->process);
  self->exit_status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : 128;
  if (g_subprocess_get_if_signaled (process))
    set_state (self, INSPECTOR_STATE_ENDED, "Ended by signal %d",
               g_subprocess_get_term_sig (process));
  else if (self->exit_status != 0)
    set_state (self, INSPECTOR_STATE_ENDED, "Ended with status %d", self->exit_status);
  else
    set_state (self, INSPECTOR_STATE_ENDED, self->n_passes == 0 ? "Ended without a backward pass"
                                            : self->n_passes == 1 ? "Ended after %u pass" : "Ended after %u passes", self->n_passes);
}

static char *
make_socket_path (GError **error)
{
  static guint n_sockets;
  g_autofree char *folder = g_build_filename (g_get_user_runtime_dir (), "gtensor", NULL);
  g_autofree char *name = g_strdup_printf ("inspector-%d-%u", (int) getpid (), ++n_sockets);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "Cannot make the folder %s: %s", folder, g_strerror (errno));
      return NULL;
    }
  return g_build_filename (folder, name, NULL);
}

/**
 * inspector_program_start:
 * @self: a program
 * @command: what to run, with its arguments
 * @error: return location for an error
 *
 * Ends what runs, if anything does, and starts another program that stops in its first pass.
 */
gboolean
inspector_program_start (InspectorProgram *self, const char *const *command, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autofree char *path = make_socket_path (error);
  g_auto (GStrv) copy = g_strdupv ((char **) command);

  if (path == NULL)
    return FALSE;
  inspector_program_quit (self);
  launcher = g_subprocess_launcher_new (self->inherit_output ? G_SUBPROCESS_FLAGS_NONE
                                                             : G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT", "wait", TRUE);
  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT_SOCKET", path, TRUE);
  g_subprocess_launcher_setenv (launcher, "PYTHONUNBUFFERED", "1", TRUE);
  self->process = g_subprocess_launcher_spawnv (launcher, command, error);
  if (self->process == NULL)
    return FALSE;

  g_strfreev (self->command);
  self->command = g_steal_pointer (&copy);
  g_free (self->title);
  self->title = g_path_get_basename (self->command[0]);
  for (guint i = 1; self->command[i] != NULL && strchr (self->title, '.') == NULL; i++)
    if (g_str_has_suffix (self->command[i], ".py") || g_str_has_suffix (self->command[i], ".js"))
      {
        g_free (self->title);
        self->title = g_path_get_basename (self->command[i]);
      }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  g_clear_object (&self->graph);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRAPH]);
  g_list_store_remove_all (self->devices);
  self->n_passes = 0;
  self->socket = g_steal_pointer (&path);
  self->cancellable = g_cancellable_new ();
  self->connect_timer = g_timeout_add (CONNECT_INTERVAL_MS, connect_cb, self);
  g_clear_object (&self->output);
  if (!self->inherit_output)
    {
      self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
      read_output (self);
    }
  g_subprocess_wait_async (self->process, NULL, exited_cb, g_object_ref (self));
  set_state (self, INSPECTOR_STATE_STARTING, "Starting");
  return TRUE;
}

gboolean
inspector_program_restart (InspectorProgram *self, GError **error)
{
  g_auto (GStrv) command = g_strdupv (self->command);

  return command == NULL || inspector_program_start (self, (const char *const *) command, error);
}

void
inspector_program_quit (InspectorProgram *self)
{
  if (self->process == NULL)
    return;
  release_run (self);
  g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
  set_state (self, INSPECTOR_STATE_ENDED, "Ended");
}

/* -- commands ---------------------------------------------------------------------------------- */

/**
 * inspector_program_resume:
 * @self: a stopped program
 * @how: "step", "over", "run-to", "continue" or "finish"
 * @to: (nullable): where to, for "run-to"
 *
 * Lets the pass go on. Does nothing while it is not stopped.
 */
void
inspector_program_resume (InspectorProgram *self, const char *how, GtenGtkNode *to)
{
  guint n_nodes;
  GtenGtkNode *last;

  if (self->state != INSPECTOR_STATE_STOPPED || (g_str_equal (how, "run-to") && to == NULL))
    return;
  n_nodes = gten_gtk_graph_get_n_nodes (self->graph);
  last = gten_gtk_graph_get_node (self->graph, n_nodes - 1);
  self->end_by = NULL;
  set_state (self, INSPECTOR_STATE_RUNNING, "Running");
  if ((g_str_equal (how, "finish") || (g_str_equal (how, "continue") && self->stop_at_passes))
      && gten_gtk_node_get_id (last) != self->next_node)
    {
      self->end_by = g_str_equal (how, "finish") ? "finish" : "continue";
      go_on (self, "run-to", gten_gtk_node_get_id (last));
    }
  else
    go_on (self, how, to != NULL ? gten_gtk_node_get_id (to) : 0);
}

void
inspector_program_pause (InspectorProgram *self)
{
  self->end_by = NULL;
  if (self->service != NULL)
    inspector_dbus_inspect1_call_pause (self->service, NULL, NULL, NULL);
}

void
inspector_program_set_breakpoint (InspectorProgram *self, GtenGtkNode *node, gboolean breakpoint)
{
  guint64 id = gten_gtk_node_get_id (node);
  gpointer number = g_hash_table_lookup (self->breakpoint_ids, &id), place = GUINT_TO_POINTER (gten_gtk_node_get_index (node));

  gten_gtk_node_set_breakpoint (node, breakpoint);
  if (breakpoint)
    g_hash_table_insert (self->breakpoints, place, g_strdup (gten_gtk_node_get_name (node)));
  else
    g_hash_table_remove (self->breakpoints, place);
  if (self->service == NULL)
    return;
  update_pass_breakpoint (self);
  if (breakpoint)
    add_breakpoint (self, id);
  else if (number != NULL)
    {
      inspector_dbus_inspect1_call_remove_breakpoint (self->service, GPOINTER_TO_UINT (number),
                                                      NULL, NULL, NULL);
      g_hash_table_remove (self->breakpoint_ids, &id);
    }
}

/* -- the object -------------------------------------------------------------------------------- */

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InspectorProgram *self = INSPECTOR_PROGRAM (object);

  switch (id)
    {
    case PROP_GRAPH:
      g_value_set_object (value, self->graph);
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_STATUS:
      g_value_set_string (value, self->status);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_STOP_AT_PASSES:
      g_value_set_boolean (value, self->stop_at_passes);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InspectorProgram *self = INSPECTOR_PROGRAM (object);

  if (id != PROP_STOP_AT_PASSES)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  self->stop_at_passes = g_value_get_boolean (value);
  update_pass_breakpoint (self);
}

static void
dispose (GObject *object)
{
  InspectorProgram *self = INSPECTOR_PROGRAM (object);

  inspector_program_quit (self);
  g_clear_object (&self->graph);
  g_clear_object (&self->output);
  G_OBJECT_CLASS (inspector_program_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  InspectorProgram *self = INSPECTOR_PROGRAM (object);

  g_strfreev (self->command);
  g_free (self->title);
  g_free (self->status);
  g_object_unref (self->devices);
  g_ptr_array_unref (self->early);
  g_hash_table_unref (self->breakpoints);
  g_hash_table_unref (self->breakpoint_ids);
  G_OBJECT_CLASS (inspector_program_parent_class)->finalize (object);
}

static void
inspector_program_class_init (InspectorProgramClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  properties[PROP_GRAPH] = g_param_spec_object ("graph", NULL, NULL, GTEN_GTK_TYPE_GRAPH, read);
  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, INSPECTOR_STATE_ENDED,
                                              INSPECTOR_STATE_IDLE, read);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, read);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, read);
  properties[PROP_STOP_AT_PASSES] = g_param_spec_boolean ("stop-at-passes", NULL, NULL, TRUE,
                                                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[OUTPUT] = g_signal_new ("output", INSPECTOR_TYPE_PROGRAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_STRING);
  signals[FAILED] = g_signal_new ("failed", INSPECTOR_TYPE_PROGRAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_STRING);
  signals[PASS_ENDED] = g_signal_new ("pass-ended", INSPECTOR_TYPE_PROGRAM, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
inspector_program_init (InspectorProgram *self)
{
  self->stop_at_passes = TRUE;
  self->status = g_strdup ("");
  self->devices = g_list_store_new (GTEN_GTK_TYPE_DEVICE);
  self->early = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  self->breakpoints = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->breakpoint_ids = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

InspectorProgram *
inspector_program_new (gboolean inherit_output)
{
  InspectorProgram *self = g_object_new (INSPECTOR_TYPE_PROGRAM, NULL);

  self->inherit_output = inherit_output;
  return self;
}

InspectorState
inspector_program_get_state (InspectorProgram *self)
{
  return self->state;
}

GtenGtkGraph *
inspector_program_get_graph (InspectorProgram *self)
{
  return self->graph;
}

GListModel *
inspector_program_get_devices (InspectorProgram *self)
{
  return G_LIST_MODEL (self->devices);
}

const char *
inspector_program_get_title (InspectorProgram *self)
{
  return self->title;
}

const char *
inspector_program_get_status (InspectorProgram *self)
{
  return self->status;
}

int
inspector_program_get_exit_status (InspectorProgram *self)
{
  return self->exit_status;
}

gboolean
inspector_program_is_settled (InspectorProgram *self)
{
  return self->source == NULL || inspector_source_get_n_calls (self->source) == 0;
}
