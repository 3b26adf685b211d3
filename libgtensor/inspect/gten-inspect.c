/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The server: a thread with a main context of its own that answers an inspector over D-Bus, peer to
 * peer, so that it answers while the program computes or is stopped. Only the same user gets in,
 * and one inspector at a time. */

#include "inspect/gten-inspect-private.h"

#include "gten-inspect-dbus.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <unistd.h>

#define DEVICES_INTERVAL_MS    100
#define MAX_UNSENT             ((gsize) 64 << 20)   /* bytes of signals for an inspector that does not read */
#define FLUSH_BYTES            ((gsize) 1 << 20)
#define MAX_REFUSED            8
#define EXIT_PATIENCE_US       G_USEC_PER_SEC

typedef enum { NOT_STARTED, STARTING, LISTENING, FAILED } State;

typedef struct
{
  GMutex           lock;         /* guards state and error */
  GCond            changed;
  State            state;
  GError          *error;        /* why it failed */
  GMainContext    *context;
  GDBusServer     *server;
  GDBusInterfaceSkeleton *object;
  gboolean         writable;
  GDBusConnection *client;
  int              client_fd;    /* -1 for none */
  GDBusInterfaceSkeleton *refusal;  /* what a second inspector sees */
  guint            n_refused;       /* that are told so now */
  gboolean         let_go;          /* the inspector that does not read */
  gsize            n_unsent;        /* atomic: bytes of signals that nobody has read */
  gsize            n_flushed;       /* of them on their way */
  GSource         *devices_timer;
  GVariant        *devices;      /* as last sent */
  char            *address, *socket;
  pid_t            pid;          /* a forked child must leave the socket alone */
} Server;

static Server the_server = { .client_fd = -1 };

/* -- signals ------------------------------------------------------------------------------------ */

typedef struct
{
  const char *signal;
  GVariant   *arguments;
} Emission;

/* An inspector that does not read what it is told is let go: the program neither waits for it nor keeps all of it. */
static void
let_go (void)
{
  GIOStream *stream = g_dbus_connection_get_stream (the_server.client);

  g_printerr ("The inspector does not read what it is told: it is let go\n");
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)), TRUE, TRUE, NULL);
}

static void
flushed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (object), result, NULL);
  if (object != (GObject *) the_server.client)
    return;
  __atomic_sub_fetch (&the_server.n_unsent, the_server.n_flushed, __ATOMIC_RELAXED);
  the_server.n_flushed = 0;
}

/* What has been handed on counts until it is in the socket. */
static gboolean
emit_cb (gpointer user_data)
{
  Emission *emission = user_data;
  gsize n_unsent = __atomic_load_n (&the_server.n_unsent, __ATOMIC_RELAXED);

  if (the_server.client == NULL)
    return G_SOURCE_REMOVE;
  if (n_unsent > MAX_UNSENT)
    {
      if (!the_server.let_go)
        let_go ();
      the_server.let_go = TRUE;
      return G_SOURCE_REMOVE;
    }
  g_dbus_connection_emit_signal (the_server.client, NULL, GTEN_INSPECT_PATH, GTEN_INSPECT_INTERFACE, emission->signal,
                                 emission->arguments, NULL);
  if (the_server.n_flushed == 0 && n_unsent > FLUSH_BYTES)
    {
      the_server.n_flushed = n_unsent;
      g_dbus_connection_flush (the_server.client, NULL, flushed_cb, NULL);
    }
  return G_SOURCE_REMOVE;
}

static void
emission_free (gpointer data)
{
  Emission *emission = data;

  g_variant_unref (emission->arguments);
  g_free (emission);
}

void
gten_inspect_queue (GSourceFunc function, gpointer user_data, GDestroyNotify destroy)
{
  g_main_context_invoke_full (the_server.context, G_PRIORITY_DEFAULT, function, user_data, destroy);
}

void
gten_inspect_emit (const char *signal, GVariant *arguments)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (arguments);
  gsize n_bytes = g_variant_get_size (owned), n_unsent;
  Emission *emission;

  if (the_server.context == NULL)   /* in a forked child, a pass that was under way */
    return;
  n_unsent = __atomic_add_fetch (&the_server.n_unsent, n_bytes, __ATOMIC_RELAXED);
  /* The one that goes beyond is what the inspector is let go by. */
  if (n_unsent - n_bytes > MAX_UNSENT)
    return;
  emission = g_new (Emission, 1);
  emission->signal = signal;
  emission->arguments = g_steal_pointer (&owned);
  gten_inspect_queue (emit_cb, emission, emission_free);
}

static gboolean
devices_cb (gpointer user_data)
{
  g_autoptr (GVariant) devices = g_variant_ref_sink (gten_inspect_devices ());

  if (the_server.devices != NULL && g_variant_equal (devices, the_server.devices))
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&the_server.devices, g_variant_unref);
  the_server.devices = g_variant_ref (devices);
  gten_inspect_emit ("DevicesChanged", g_variant_new ("(@a" GTEN_INSPECT_DEVICE ")", devices));
  return G_SOURCE_CONTINUE;
}

/* Sends what memory the devices use while someone is attached. */
void
gten_inspect_watch_devices (void)
{
  if (the_server.devices_timer != NULL)
    return;
  the_server.devices_timer = g_timeout_source_new (DEVICES_INTERVAL_MS);
  g_source_set_callback (the_server.devices_timer, devices_cb, NULL, NULL);
  g_source_attach (the_server.devices_timer, the_server.context);
}

gboolean
gten_inspect_is_writable (void)
{
  return the_server.writable;
}

/* -- connections -------------------------------------------------------------------------------- */

/* The signal "closed" of a server's connection comes in the default main context, which a program
 * need not run: the socket itself is watched. */
static gboolean
hung_up_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  g_dbus_interface_skeleton_unexport (the_server.object);
  if (the_server.devices_timer != NULL)
    g_source_destroy (the_server.devices_timer);
  g_clear_pointer (&the_server.devices_timer, g_source_unref);
  g_clear_pointer (&the_server.devices, g_variant_unref);
  the_server.client_fd = -1;
  g_clear_object (&the_server.client);
  gten_inspect_control_detach ();
  the_server.let_go = FALSE;
  the_server.n_flushed = 0;
  __atomic_store_n (&the_server.n_unsent, 0, __ATOMIC_RELAXED);
  return G_SOURCE_REMOVE;
}

/* -- a second inspector ------------------------------------------------------------------------- */

static gboolean
refuse_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GVariant *wanted, gpointer user_data)
{
  GCredentials *peer = the_server.client != NULL ? g_dbus_connection_get_peer_credentials (the_server.client) : NULL;
  pid_t pid = peer != NULL ? g_credentials_get_unix_pid (peer, NULL) : -1;

  if (pid > 0)
    g_dbus_method_invocation_return_error (invocation, GTEN_ERROR, GTEN_ERROR_VALUE,
                                           "Process %d is watched by another inspector (process %d)", (int) getpid (), (int) pid);
  else
    g_dbus_method_invocation_return_error (invocation, GTEN_ERROR, GTEN_ERROR_VALUE,
                                           "Process %d was watched by another inspector a moment ago: try again", (int) getpid ());
  return TRUE;
}

static gboolean
refused_cb (GSocket *socket, GIOCondition condition, gpointer connection)
{
  g_dbus_interface_skeleton_unexport_from_connection (the_server.refusal, connection);
  the_server.n_refused--;
  return G_SOURCE_REMOVE;
}

/* It may ask to attach, and is told who was first. */
static gboolean
refuse (GDBusConnection *connection, GSocket *socket)
{
  g_autoptr (GSource) watch = NULL;

  if (the_server.n_refused >= MAX_REFUSED)
    return FALSE;
  if (the_server.refusal == NULL)
    {
      the_server.refusal = G_DBUS_INTERFACE_SKELETON (gten_dbus_inspect1_skeleton_new ());
      g_signal_connect (the_server.refusal, "handle-attach", G_CALLBACK (refuse_cb), NULL);
    }
  if (!g_dbus_interface_skeleton_export (the_server.refusal, connection, GTEN_INSPECT_PATH, NULL))
    return FALSE;
  the_server.n_refused++;
  watch = g_socket_create_source (socket, G_IO_HUP, NULL);
  g_source_set_callback (watch, G_SOURCE_FUNC (refused_cb), g_object_ref (connection), g_object_unref);
  g_source_attach (watch, the_server.context);
  return TRUE;
}

static gboolean
new_connection_cb (GDBusServer *server, GDBusConnection *connection, gpointer user_data)
{
  GIOStream *stream = g_dbus_connection_get_stream (connection);
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  g_autoptr (GSource) watch = NULL;

  if (the_server.client != NULL)
    return refuse (connection, socket);
  if (!g_dbus_interface_skeleton_export (the_server.object, connection,
                                         GTEN_INSPECT_PATH, NULL))
    return FALSE;
  the_server.client = g_object_ref (connection);
  the_server.client_fd = g_socket_get_fd (socket);
  watch = g_socket_create_source (socket, G_IO_HUP, NULL);
  g_source_set_callback (watch, G_SOURCE_FUNC (hung_up_cb), NULL, NULL);
  g_source_attach (watch, the_server.context);
  return TRUE;
}

static gboolean
allow_mechanism_cb (GDBusAuthObserver *observer, const char *mechanism, gpointer user_data)
{
  return g_strcmp0 (mechanism, "EXTERNAL") == 0;
}

/* -- start -------------------------------------------------------------------------------------- */

static GMutex exit_lock;
static GCond  exit_cond;

static gboolean
flush_cb (gpointer flushed)
{
  if (the_server.client != NULL)
    g_dbus_connection_flush_sync (the_server.client, NULL, NULL);
  g_mutex_lock (&exit_lock);
  *(gboolean *) flushed = TRUE;
  g_cond_signal (&exit_cond);
  g_mutex_unlock (&exit_lock);
  return G_SOURCE_REMOVE;
}

/* What was to be told is told before the program is gone: the last node of a pass is often the last
 * that a program does. */
static void
leave (void)
{
  static gboolean flushed;
  gint64 deadline = g_get_monotonic_time () + EXIT_PATIENCE_US;

  if (getpid () != the_server.pid)
    return;
  gten_inspect_control_leave ();
  gten_inspect_queue (flush_cb, &flushed, NULL);
  g_mutex_lock (&exit_lock);
  while (!flushed && g_cond_wait_until (&exit_cond, &exit_lock, deadline))
    ;
  g_mutex_unlock (&exit_lock);
  g_unlink (the_server.socket);
}

static char *
socket_path (GError **error)
{
  const char *given = g_getenv ("GTENSOR_INSPECT_SOCKET");
  g_autofree char *folder = NULL;
  g_autofree char *program = NULL;
  g_autofree char *name = NULL;

  /* A program that the inspected one starts finds the place taken, and has its own. */
  if (given != NULL && *given != '\0' && !g_file_test (given, G_FILE_TEST_EXISTS))
    return g_strdup (given);
  folder = gten_inspect_make_folder (error);
  if (folder == NULL)
    return NULL;
  program = g_path_get_basename (g_get_prgname () != NULL ? g_get_prgname () : program_invocation_name);
  name = g_strdup_printf ("%d-%s", (int) getpid (), program);
  return g_build_filename (folder, name, NULL);
}

/* In the server's thread, whose context is current. */
static gboolean
listen_on_socket (GError **error)
{
  g_autofree char *path = socket_path (error);
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autofree char *escaped = NULL;
  g_autofree char *address = NULL;
  g_autoptr (GDBusAuthObserver) observer = g_dbus_auth_observer_new ();

  if (path == NULL)
    return FALSE;
  escaped = g_dbus_address_escape_value (path);
  address = g_strconcat ("unix:path=", escaped, NULL);
  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (allow_mechanism_cb), NULL);
  the_server.server = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER, guid,
                                              observer, NULL, error);
  if (the_server.server == NULL)
    return FALSE;
  the_server.object = gten_inspect_service_new ();
  g_signal_connect (the_server.server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
  g_dbus_server_start (the_server.server);
  the_server.socket = g_steal_pointer (&path);
  the_server.address = g_steal_pointer (&address);
  the_server.pid = getpid ();
  atexit (leave);
  return TRUE;
}

static void
set_state (State state)
{
  g_mutex_lock (&the_server.lock);
  the_server.state = state;
  g_cond_broadcast (&the_server.changed);
  g_mutex_unlock (&the_server.lock);
}

static gpointer
serve (gpointer user_data)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (the_server.context, FALSE);

  g_main_context_push_thread_default (the_server.context);
  gten_inspect_own++;   /* what this thread computes is no operation of the program's */
  if (!listen_on_socket (&the_server.error))
    {
      gten_inspect_control_give_up ();
      g_printerr ("This program cannot be inspected: %s\n", the_server.error->message);
      set_state (FAILED);
      return NULL;
    }
  set_state (LISTENING);
  g_main_loop_run (loop);
  return NULL;
}

static void
before_fork (void)
{
  gten_inspect_control_fork ();
}

static void
after_fork (void)
{
  gten_inspect_control_forked (FALSE);
}

/* The child has no thread that serves; it may offer itself anew. The inspector is told of the parent's end by the
 * socket, so nobody else holds that open. */
static void
after_fork_in_child (void)
{
  if (the_server.client_fd >= 0)
    close (the_server.client_fd);
  the_server = (Server) { .client_fd = -1 };
  gten_inspect_control_forked (TRUE);
}

/* Starts the thread, once; the caller does not wait for it. */
static void
start (void)
{
  static gsize knows_forks;

  if (g_once_init_enter (&knows_forks))
    {
      pthread_atfork (before_fork, after_fork, after_fork_in_child);
      g_once_init_leave (&knows_forks, 1);
    }
  g_mutex_lock (&the_server.lock);
  if (the_server.state == NOT_STARTED)
    {
      the_server.state = STARTING;
      the_server.writable = g_strcmp0 (g_getenv ("GTENSOR_INSPECT_WRITE"), "1") == 0;
      the_server.context = g_main_context_new ();
      g_thread_unref (g_thread_new ("gtensor-inspect", serve, NULL));
    }
  g_mutex_unlock (&the_server.lock);
}

/**
 * gten_inspect_offer:
 * @error: return location for an error
 *
 * Offers this program to be inspected: an inspector of the same user can attach to it, watch its
 * backward passes and stop them. Setting `GTENSOR_INSPECT` in the environment does the same with no
 * call. Starting twice is no error.
 *
 * Returns: %TRUE, or %FALSE with an error of code %GTEN_ERROR_IO or of the socket
 */
gboolean
gten_inspect_offer (GError **error)
{
  gboolean listening;

  start ();
  g_mutex_lock (&the_server.lock);
  while (the_server.state == STARTING)
    g_cond_wait (&the_server.changed, &the_server.lock);
  listening = the_server.state == LISTENING;
  if (!listening)
    g_propagate_error (error, g_error_copy (the_server.error));
  g_mutex_unlock (&the_server.lock);
  return listening;
}

/**
 * gten_inspect_get_address:
 *
 * Where the debug service listens.
 *
 * Returns: (nullable): a D-Bus address, or %NULL if the service does not listen
 */
const char *
gten_inspect_get_address (void)
{
  gboolean listening;

  g_mutex_lock (&the_server.lock);
  listening = the_server.state == LISTENING;
  g_mutex_unlock (&the_server.lock);
  return listening ? the_server.address : NULL;
}

void
gten_inspect_init (void)
{
  const char *mode = g_getenv ("GTENSOR_INSPECT");

  if (mode == NULL || *mode == '\0' || g_str_equal (mode, "0"))
    return;
  if (g_str_equal (mode, "wait"))
    gten_inspect_control_wait ();
  start ();
}
