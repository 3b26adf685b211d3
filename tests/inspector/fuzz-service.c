/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An inspector that says anything: calls of all methods with values that nobody expects, of the right types and of wrong
 * ones, and bytes that are no message at all. The program computes on, and answers at the end. */

#include "fuzz.h"

#include <glib/gstdio.h>
#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <sys/prctl.h>

#define MAX_UNDER_WAY 64

static const struct { const char *name, *type; } methods[] = {
  { "Attach", "(a{sv})" }, { "GetPasses", "()" }, { "GetPass", "(t)" }, { "GetGraph", "(t)" }, { "GetNode", "(tt)" },
  { "GetTensor", "(ttst)" }, { "GetDevices", "()" }, { "AddBreakpoint", "(a{sv})" }, { "RemoveBreakpoint", "(u)" }, { "GetBreakpoints", "()" },
  { "Resume", "(tst)" }, { "Resume", "(tst)" }, { "Resume", "(tst)" }, { "Pause", "()" }, { "GetContributions", "(tt)" }, { "GetJournal", "(t)" }, { "GetStates", "(tu)" },
  { "GetFlow", "()" }, { "GetNonFinite", "()" }, { "Allow", "(as)" }, { "Compare", "(ttsa{sv}u)" }, { "GetPicture", "(ttsuua{sv})" },
  { "GetHistogram", "(ttsudd)" }, { "SetElement", "(ttsaxd)" }, { "GetSavedBytes", "(t)" }, { "GetTimeline", "(t)" }, { "Nothing", "()" },
};

/* -- the program -------------------------------------------------------------------------------- */

static void
run_program (void)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (3, 4), GTEN_DTYPE_FLOAT32, NULL, &error);
      g_autoptr (GtenTensor) y = NULL, square = NULL, z = NULL, out = NULL;

      gten_tensor_set_requires_grad (x, TRUE);
      y = gten_tensor_exp (x, &error);
      square = gten_tensor_mul (y, y, &error);
      z = gten_tensor_log (square, &error);
      out = gten_tensor_mean (z, &error);
      gten_tensor_backward (out, NULL, GTEN_BACKWARD_DEFAULT, &error);
      g_clear_error (&error);     /* whoever sets elements may make of it what he likes */
    }
}

/* -- the inspector ------------------------------------------------------------------------------ */

typedef struct
{
  GRand           *random;
  GDBusConnection *connection;
  char            *socket;
  guint            n_under_way;
  guint64          pass, node;    /* where the program last stopped */
} Fuzzer;

static void
answer_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fuzzer *self = user_data;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (object), &fds, result, NULL);

  self->n_under_way--;
}

static void
stopped_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *name,
            GVariant *arguments, gpointer user_data)
{
  Fuzzer *self = user_data;

  g_variant_get (arguments, "(ttsu)", &self->pass, &self->node, NULL, NULL);
}

static void
connect_to (Fuzzer *self)
{
  g_autofree char *address = g_strconcat ("unix:path=", self->socket, NULL);

  g_clear_object (&self->connection);
  for (guint tries = 0; self->connection == NULL && tries < 4000; tries++)
    {
      self->connection = g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, NULL);
      if (self->connection == NULL)
        g_usleep (5000);
    }
  g_assert_nonnull (self->connection);
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);
  g_dbus_connection_signal_subscribe (self->connection, NULL, GTEN_INSPECT_INTERFACE, "Stopped", GTEN_INSPECT_PATH, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, stopped_cb, self, NULL);
}

/* Numbers of a pass and a node are often those of the last stop, or nothing would come of any call. */
static GVariant *
make_arguments (Fuzzer *self, const char *type)
{
  GVariantBuilder builder;
  const GVariantType *item = g_variant_type_first (G_VARIANT_TYPE (type));

  g_variant_builder_init (&builder, G_VARIANT_TYPE (type));
  for (guint i = 0; item != NULL; i++, item = g_variant_type_next (item))
    {
      gboolean is_number = g_variant_type_equal (item, G_VARIANT_TYPE_UINT64);

      if (is_number && i < 2 && fuzz_below (self->random, 8) > 0)
        g_variant_builder_add (&builder, "t", i == 0 ? self->pass : self->node - MIN (self->node, fuzz_below (self->random, 4)));
      else
        g_variant_builder_add_value (&builder, fuzz_variant (self->random, item, 0));
    }
  return g_variant_builder_end (&builder);
}

static void
send_call (Fuzzer *self)
{
  guint i = fuzz_below (self->random, G_N_ELEMENTS (methods));
  g_autofree char *wrong = g_strdup_printf ("(%s%s)", fuzz_type (self->random), fuzz_type (self->random));
  const char *type = fuzz_below (self->random, 16) > 0 ? methods[i].type : wrong;
  g_autoptr (GUnixFDList) fds = fuzz_files (self->random);

  self->n_under_way++;
  g_dbus_connection_call_with_unix_fd_list (self->connection, NULL, GTEN_INSPECT_PATH, GTEN_INSPECT_INTERFACE, methods[i].name,
                                            make_arguments (self, type), NULL, G_DBUS_CALL_FLAGS_NONE, 60000, fds, NULL, answer_cb, self);
  while (self->n_under_way > MAX_UNDER_WAY)
    g_main_context_iteration (NULL, TRUE);
}

static void
settle (Fuzzer *self)
{
  while (self->n_under_way > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* No client at all: bytes, and gone. */
static void
send_noise (Fuzzer *self)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (self->socket);
  g_autoptr (GSocketConnection) connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  guint8 noise[256];

  if (connection == NULL)
    return;
  for (gsize i = 0; i < sizeof noise; i++)
    noise[i] = g_rand_int (self->random);
  if (fuzz_below (self->random, 2) > 0)
    memcpy (noise, "\0AUTH EXTERNAL 30\r\nBEGIN\r\nl", 27);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), noise, sizeof noise, NULL, NULL, NULL);
}

static void
start_again (Fuzzer *self)
{
  settle (self);
  g_dbus_connection_close_sync (self->connection, NULL, NULL);
  send_noise (self);
  connect_to (self);
  self->n_under_way++;
  g_dbus_connection_call_with_unix_fd_list (self->connection, NULL, GTEN_INSPECT_PATH, GTEN_INSPECT_INTERFACE, "Attach",
                                            g_variant_new ("(@a{sv})", fuzz_variant (self->random, G_VARIANT_TYPE_VARDICT, 0)), NULL,
                                            G_DBUS_CALL_FLAGS_NONE, 60000, NULL, NULL, answer_cb, self);
}

static const char *self_path;

static void
test_service (void)
{
  guint64 seed = fuzz_setting ("GTENSOR_FUZZ_SEED", 1), n = fuzz_setting ("GTENSOR_FUZZ_MESSAGES", FUZZ_MESSAGES);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) program = NULL;
  g_autofree char *folder = g_dir_make_tmp ("gtensor-fuzz-XXXXXX", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  Fuzzer self = { .random = random, .socket = g_build_filename (folder, "socket", NULL) };
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT_WRITE", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "GTENSOR_INSPECT_SOCKET", self.socket, TRUE);
  g_subprocess_launcher_setenv (launcher, "G_DEBUG", "fatal-criticals", TRUE);
  program = g_subprocess_launcher_spawn (launcher, &error, self_path, "--program", NULL);
  g_assert_no_error (error);
  connect_to (&self);
  for (guint64 i = 0; i < n; i++)
    {
      if (i % 500 == 0)
        start_again (&self);
      send_call (&self);
    }
  settle (&self);
  answer = g_dbus_connection_call_sync (self.connection, NULL, GTEN_INSPECT_PATH, GTEN_INSPECT_INTERFACE, "GetDevices", NULL, NULL,
                                        G_DBUS_CALL_FLAGS_NONE, 20000, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (g_subprocess_get_identifier (program));
  g_dbus_connection_close_sync (self.connection, NULL, NULL);
  g_object_unref (self.connection);
  g_subprocess_force_exit (program);
  g_unlink (self.socket);
  g_rmdir (folder);
  g_free (self.socket);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "--program"))
    run_program ();
  self_path = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fuzz/service", test_service);
  return g_test_run ();
}
