/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspect-client.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#define INTERFACE GTEN_INSPECT_INTERFACE
#define PATH      GTEN_INSPECT_PATH

static const char *self_path;

/* -- the program -------------------------------------------------------------------------------- */

static int
run_program (int n_passes)
{
  for (int i = 0; i < n_passes; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (2, 2), GTEN_DTYPE_FLOAT32, NULL, &error);
      g_autoptr (GtenTensor) y = NULL, square = NULL, z = NULL, out = NULL;

      gten_tensor_set_requires_grad (x, TRUE);
      y = gten_tensor_add_scalar (x, 2, &error);
      square = gten_tensor_mul (y, y, &error);
      z = gten_tensor_mul_scalar (square, 3, &error);
      out = gten_tensor_mean (z, &error);
      gten_tensor_backward (out, NULL, GTEN_BACKWARD_DEFAULT, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (*(float *) gten_tensor_get_data (gten_tensor_get_grad (x)), ==, 4.5f);
    }
  return 0;
}

/* -- the inspector ------------------------------------------------------------------------------ */

typedef struct
{
  char     *name;
  GVariant *arguments;
} Signal;

static void
signal_free (gpointer data)
{
  Signal *signal = data;

  g_free (signal->name);
  g_variant_unref (signal->arguments);
  g_free (signal);
}

static void
signal_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *name, GVariant *arguments, gpointer user_data)
{
  Fixture *fixture = user_data;
  Signal *signal = g_new (Signal, 1);

  signal->name = g_strdup (name);
  signal->arguments = g_variant_ref (arguments);
  g_queue_push_tail (&fixture->signals, signal);
}

GVariant *
call_with_fds (Fixture *fixture, const char *method, GVariant *arguments, GUnixFDList **fds,
               GError **error)
{
  return g_dbus_connection_call_with_unix_fd_list_sync (fixture->connection, NULL, PATH, INTERFACE, method, arguments, NULL,
                                                        G_DBUS_CALL_FLAGS_NONE, 10000, NULL, fds, NULL, error);
}

GVariant *
call (Fixture *fixture, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  GVariant *result = call_with_fds (fixture, method, arguments, NULL, &error);

  g_assert_no_error (error);
  return result;
}

void
expect_refusal (Fixture *fixture, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call_with_fds (fixture, method, arguments, NULL, &error);

  g_assert_null (answer);
  g_assert_nonnull (error);
}

static gboolean
late_cb (gpointer user_data)
{
  g_error ("the signal %s did not come", (const char *) user_data);
  return G_SOURCE_REMOVE;
}

/* The arguments of the next such signal; earlier ones of other names are dropped. */
GVariant *
wait_for (Fixture *fixture, const char *name)
{
  guint late = g_timeout_add_seconds (20, late_cb, (gpointer) name);

  for (;;)
    {
      Signal *signal = g_queue_pop_head (&fixture->signals);

      if (signal == NULL)
        g_main_context_iteration (NULL, TRUE);
      else if (g_str_equal (signal->name, name))
        {
          GVariant *arguments = g_variant_ref (signal->arguments);

          signal_free (signal);
          g_source_remove (late);
          return arguments;
        }
      else
        signal_free (signal);
    }
}

static void
connect_to (Fixture *fixture)
{
  g_autofree char *address = g_strconcat ("unix:path=", fixture->socket, NULL);

  for (int tries = 0; fixture->connection == NULL && tries < 2000; tries++)
    {
      fixture->connection = g_dbus_connection_new_for_address_sync (
          address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, NULL);
      if (fixture->connection == NULL)
        g_usleep (5000);
    }
  g_assert_nonnull (fixture->connection);
  g_dbus_connection_set_exit_on_close (fixture->connection, FALSE);
  fixture->subscription = g_dbus_connection_signal_subscribe (fixture->connection, NULL, INTERFACE, NULL, PATH,
                                                              NULL, G_DBUS_SIGNAL_FLAGS_NONE, signal_cb, fixture,
                                                              NULL);
}

void
set_up (Fixture *fixture, gconstpointer n_passes)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("gtensor-inspect-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->socket = g_build_filename (fixture->folder, "socket", NULL);
  g_queue_init (&fixture->signals);
  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT", "wait", TRUE);
  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT_SOCKET", fixture->socket, TRUE);
  fixture->program = g_subprocess_launcher_spawn (launcher, &error, self_path, "--program",
                                                  n_passes, NULL);
  g_assert_no_error (error);
  connect_to (fixture);
}

/* The program ends well, whatever the inspector did. */
void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_signal_unsubscribe (fixture->connection, fixture->subscription);
  g_dbus_connection_close_sync (fixture->connection, NULL, NULL);
  g_clear_object (&fixture->connection);
  if (g_subprocess_get_identifier (fixture->program) != NULL)
    g_subprocess_wait_check (fixture->program, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (fixture->socket, G_FILE_TEST_EXISTS));
  g_queue_clear_full (&fixture->signals, signal_free);
  g_clear_object (&fixture->program);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->socket);
}

static void
attach_with (Fixture *fixture, GVariant *wanted)
{
  g_autoptr (GVariant) information = call (fixture, "Attach", g_variant_new ("(@a{sv})", wanted));
  g_autoptr (GVariant) options = g_variant_get_child_value (information, 0);
  guint32 pid = 0;

  g_assert_true (g_variant_lookup (options, "pid", "u", &pid));
  g_assert_cmpint (pid, ==, atoi (g_subprocess_get_identifier (fixture->program)));
}

void
attach (Fixture *fixture)
{
  attach_with (fixture, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
}

void
attach_with_journal (Fixture *fixture, guint64 journal_bytes)
{
  GVariantDict wanted;

  g_variant_dict_init (&wanted, NULL);
  g_variant_dict_insert (&wanted, "journal-bytes", "t", journal_bytes);
  g_variant_dict_insert (&wanted, "flow", "t", (guint64) 8);
  g_variant_dict_insert (&wanted, "forward", "b", TRUE);
  attach_with (fixture, g_variant_dict_end (&wanted));
}

guint64
wait_for_stop (Fixture *fixture, const char *expected_reason, guint64 *pass)
{
  g_autoptr (GVariant) stopped = wait_for (fixture, "Stopped");
  const char *reason;
  guint64 node;

  g_variant_get (stopped, "(tt&su)", pass, &node, &reason, NULL);
  g_assert_cmpstr (reason, ==, expected_reason);
  return node;
}

/* Returns its number. */
guint32
add_breakpoint (Fixture *fixture, GVariantDict *where)
{
  g_autoptr (GVariant) added = call (fixture, "AddBreakpoint", g_variant_new ("(@a{sv})", g_variant_dict_end (where)));
  guint32 breakpoint;

  g_variant_get (added, "(u)", &breakpoint);
  return breakpoint;
}

void
resume (Fixture *fixture, guint64 pass, const char *how, guint64 node)
{
  g_autoptr (GVariant) nothing = call (fixture, "Resume", g_variant_new ("(tst)", pass, how, node));
}

/* What a sealed memfd holds. */
GBytes *
take_memfd (GUnixFDList *fds)
{
  g_autoptr (GError) error = NULL;
  int fd = g_unix_fd_list_get (fds, 0, &error);
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  GBytes *bytes;

  g_assert_no_error (error);
  g_assert_cmpint (fcntl (fd, F_GET_SEALS) & seals, ==, seals);
  bytes = gten_inspect_map_sealed (fd, -1, &error);
  g_assert_no_error (error);
  return bytes;
}

GVariant *
get_memfd_variant (Fixture *fixture, const char *method, GVariant *arguments, const char *type)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) handle = call_with_fds (fixture, method, arguments, &fds, &error);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_no_error (error);
  bytes = take_memfd (fds);
  return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
}

GVariant *
get_graph (Fixture *fixture, guint64 pass)
{
  return get_memfd_variant (fixture, "GetGraph", g_variant_new ("(t)", pass), GTEN_INSPECT_GRAPH);
}

guint64
get_node_at (GVariant *graph, guint place)
{
  g_autoptr (GVariant) nodes = g_variant_get_child_value (graph, 0);
  g_autoptr (GVariant) row = g_variant_get_child_value (nodes, place);
  guint64 id;

  g_variant_get_child (row, 0, "t", &id);
  return id;
}

float
get_number (Fixture *fixture, guint64 pass, guint64 node, const char *which)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
    = call_with_fds (fixture, "GetTensor", g_variant_new ("(ttst)", pass, node, which, (guint64) 4), &fds, &error);
  g_autoptr (GBytes) elements = NULL;

  g_assert_no_error (error);
  elements = take_memfd (fds);
  g_assert_cmpuint (g_bytes_get_size (elements), ==, 4);
  return *(const float *) g_bytes_get_data (elements, NULL);
}

int
inspect_client_main (int argc, char **argv, void (*add_tests) (void))
{
  if (argc == 3 && g_str_equal (argv[1], "--program"))
    return run_program (atoi (argv[2]));

  self_path = argv[0];
  g_test_init (&argc, &argv, NULL);
  add_tests ();
  return g_test_run ();
}
