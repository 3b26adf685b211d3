/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-process.h"

#include <gtensor/gtensor.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define CONNECT_INTERVAL_MS 10
#define MAX_PORTION         65536       /* bytes that are read at once, and the longest line */
#define SIGNAL_STATUS       128

struct _InspectorProcess
{
  GObject           parent_instance;

  GSubprocess      *process;
  GInputStream     *output;           /* NULL: it prints where this process does */
  GString          *line;             /* that is not complete yet */
  char             *socket;
  guint             connect_timer;
  GCancellable     *cancellable;
  GDBusConnection  *connection;
  gboolean          returned;         /* the last character was a carriage return */
  pid_t             pid;              /* as the kernel knows it, once connected */
  gboolean          gone;
  gboolean          killed;
};

G_DEFINE_FINAL_TYPE (InspectorProcess, inspector_process, G_TYPE_OBJECT)

enum { OUTPUT, CONNECTED, FAILED, EXITED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* -- connecting -------------------------------------------------------------------------------- */

static void
fail (InspectorProcess *self, const GError *error)
{
  if (!self->killed && !self->gone)
    g_signal_emit (self, signals[FAILED], 0, error);
}

static void
proxy_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProcess) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (InspectorDBusInspect1) service
    = inspector_dbus_inspect1_proxy_new_finish (result, &error);

  if (service == NULL)
    fail (self, error);
  else if (!self->killed)
    g_signal_emit (self, signals[CONNECTED], 0, service);
}

static void
tell_of_exit (InspectorProcess *self)
{
  gboolean connected = self->connection != NULL && !g_dbus_connection_is_closed (self->connection);

  if (self->gone && !self->killed && !connected)
    g_signal_emit (self, signals[EXITED], 0);
}

static gboolean connect_cb (gpointer data);

/* Comes after the signals that came over it. */
static void
closed_cb (InspectorProcess *self)
{
  if (inspector_process_is_attached (self))
    self->gone = TRUE;
  tell_of_exit (self);
}

/* Who listens in a folder that is the user's alone is the user, unless root plays tricks: the kernel
 * knows. */
static gboolean
is_same_user (InspectorProcess *self, GDBusConnection *connection, GError **error)
{
  GSocketConnection *stream = G_SOCKET_CONNECTION (g_dbus_connection_get_stream (connection));
  g_autoptr (GCredentials) own = g_credentials_new ();
  g_autoptr (GCredentials) peer = g_socket_get_credentials (g_socket_connection_get_socket (stream), error);

  if (peer == NULL || !g_credentials_is_same_user (peer, own, error))
    return FALSE;
  self->pid = g_credentials_get_unix_pid (peer, NULL);
  return TRUE;
}

static void
connection_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProcess) self = user_data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_finish (result, &error);

  /* The socket is there a moment before someone listens. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
      && inspector_process_is_alive (self))
    self->connect_timer = g_timeout_add (CONNECT_INTERVAL_MS, connect_cb, self);
  else if (connection == NULL || !is_same_user (self, connection, &error))
    {
      g_clear_object (&connection);
      fail (self, error);
    }
  if (connection == NULL)
    return;
  self->connection = connection;
  g_signal_connect_object (connection, "closed", G_CALLBACK (closed_cb), self, G_CONNECT_SWAPPED);
  inspector_dbus_inspect1_proxy_new (connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                                     "/org/gtensor/Inspect", self->cancellable, proxy_cb, g_object_ref (self));
}

/* The program listens when it makes its first tensor. */
static gboolean
connect_cb (gpointer data)
{
  InspectorProcess *self = data;
  g_autofree char *escaped = NULL;
  g_autofree char *address = NULL;

  if (!g_file_test (self->socket, G_FILE_TEST_EXISTS))
    return G_SOURCE_CONTINUE;
  self->connect_timer = 0;
  escaped = g_dbus_address_escape_value (self->socket);
  address = g_strconcat ("unix:path=", escaped, NULL);
  g_dbus_connection_new_for_address (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                     self->cancellable, connection_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

/* -- the process ------------------------------------------------------------------------------- */

static void read_output (InspectorProcess *self);

static void
tell_line (InspectorProcess *self)
{
  g_autofree char *text = g_utf8_make_valid (self->line->str, self->line->len);

  g_string_truncate (self->line, 0);
  g_signal_emit (self, signals[OUTPUT], 0, text);
}

/* A bar of progress returns to the begin of its line each time: that is a line as well. */
static void
take_output (InspectorProcess *self, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      gboolean returns = text[i] == '\r';

      if (text[i] != '\n' && !returns && text[i] != '\0')
        g_string_append_c (self->line, text[i]);
      if ((text[i] == '\n' && !self->returned) || (returns && self->line->len > 0) || self->line->len >= MAX_PORTION)
        tell_line (self);
      self->returned = returns;
    }
}

static void
output_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProcess) self = user_data;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, NULL);
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  if (self->killed)
    return;
  if (length > 0)
    {
      take_output (self, text, length);
      read_output (self);
    }
  else if (self->line->len > 0)
    tell_line (self);
}

static void
read_output (InspectorProcess *self)
{
  if (self->output != NULL)
    g_input_stream_read_bytes_async (self->output, MAX_PORTION, G_PRIORITY_DEFAULT, NULL, output_cb, g_object_ref (self));
}

static void
stop_connecting (InspectorProcess *self)
{
  g_clear_handle_id (&self->connect_timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->socket != NULL && !inspector_process_is_attached (self))
    g_unlink (self->socket);
  g_clear_pointer (&self->socket, g_free);
}

static void
exited_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProcess) self = user_data;

  g_subprocess_wait_finish (self->process, result, NULL);
  self->gone = TRUE;
  stop_connecting (self);
  tell_of_exit (self);
}

/* Who is in a terminal presses Ctrl-C to pause the program, not to end it. */
static void
ignore_interrupts (gpointer user_data)
{
  signal (SIGINT, SIG_IGN);
}

static char *
make_socket_path (GError **error)
{
  static guint n_sockets;
  g_autofree char *folder = gten_inspect_make_folder (error);
  g_autofree char *name = g_strdup_printf ("inspector-%d-%u", (int) getpid (), ++n_sockets);

  return folder != NULL ? g_build_filename (folder, name, NULL) : NULL;
}

/**
 * inspector_process_new:
 * @command: what to run, with its arguments
 * @options: how it prints and is interrupted
 * @error: return location for an error
 *
 * Starts a program that stops in its first pass, and connects to it.
 */
InspectorProcess *
inspector_process_new (const char *const *command, InspectorProcessFlags options, GError **error)
{
  g_autoptr (InspectorProcess) self = g_object_new (INSPECTOR_TYPE_PROCESS, NULL);
  gboolean inherit_output = (options & INSPECTOR_PROCESS_INHERIT_OUTPUT) != 0;
  GSubprocessFlags flags = inherit_output ? G_SUBPROCESS_FLAGS_NONE
                                          : G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);

  self->socket = make_socket_path (error);
  if (self->socket == NULL)
    return NULL;
  if ((options & INSPECTOR_PROCESS_IGNORE_INTERRUPTS) != 0)
    g_subprocess_launcher_set_child_setup (launcher, ignore_interrupts, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT", "wait", TRUE);
  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT_SOCKET", self->socket, TRUE);
  g_subprocess_launcher_setenv (launcher, "PYTHONUNBUFFERED", "1", TRUE);
  self->process = g_subprocess_launcher_spawnv (launcher, command, error);
  if (self->process == NULL)
    return NULL;

  self->connect_timer = g_timeout_add (CONNECT_INTERVAL_MS, connect_cb, self);
  if (!inherit_output)
    {
      self->output = g_object_ref (g_subprocess_get_stdout_pipe (self->process));
      read_output (self);
    }
  g_subprocess_wait_async (self->process, NULL, exited_cb, g_object_ref (self));
  return g_steal_pointer (&self);
}

InspectorProcess *
inspector_process_attach (const char *socket)
{
  InspectorProcess *self = g_object_new (INSPECTOR_TYPE_PROCESS, NULL);

  self->socket = g_strdup (socket);
  self->connect_timer = g_timeout_add (0, connect_cb, self);
  return self;
}

void
inspector_process_kill (InspectorProcess *self)
{
  const char *pid = self->process != NULL ? g_subprocess_get_identifier (self->process) : NULL;

  self->killed = TRUE;
  stop_connecting (self);
  if (inspector_process_is_attached (self) && self->connection != NULL)
    g_dbus_connection_close (self->connection, NULL, NULL, NULL);
  /* GSubprocess would do it in a thread, which may not come to it when this process ends now. */
  if (pid != NULL)
    kill (atoi (pid), SIGKILL);
}

gboolean
inspector_process_is_attached (InspectorProcess *self)
{
  return self->process == NULL;
}

gboolean
inspector_process_is_alive (InspectorProcess *self)
{
  return !self->gone && !self->killed;
}

pid_t
inspector_process_get_pid (InspectorProcess *self)
{
  return self->pid;
}

int
inspector_process_get_exit_status (InspectorProcess *self)
{
  if (!self->gone || self->process == NULL)
    return 0;
  return g_subprocess_get_if_exited (self->process) ? g_subprocess_get_exit_status (self->process)
                                                    : SIGNAL_STATUS + g_subprocess_get_term_sig (self->process);
}

/* -- the object -------------------------------------------------------------------------------- */

static void
dispose (GObject *object)
{
  InspectorProcess *self = INSPECTOR_PROCESS (object);

  stop_connecting (self);
  g_clear_object (&self->output);
  g_clear_object (&self->connection);
  g_clear_object (&self->process);
  G_OBJECT_CLASS (inspector_process_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  g_object_unref (INSPECTOR_PROCESS (object)->cancellable);
  g_string_free (INSPECTOR_PROCESS (object)->line, TRUE);
  G_OBJECT_CLASS (inspector_process_parent_class)->finalize (object);
}

static void
inspector_process_class_init (InspectorProcessClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = dispose;
  object_class->finalize = finalize;
  signals[OUTPUT] = g_signal_new ("output", INSPECTOR_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CONNECTED] = g_signal_new ("connected", INSPECTOR_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, INSPECTOR_DBUS_TYPE_INSPECT1);
  signals[FAILED] = g_signal_new ("failed", INSPECTOR_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[EXITED] = g_signal_new ("exited", INSPECTOR_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
inspector_process_init (InspectorProcess *self)
{
  self->cancellable = g_cancellable_new ();
  self->line = g_string_new (NULL);
}
