/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that answers anything: replies, signals and memory that are malformed or make no sense. The inspector complains,
 * and goes on. */

#include "fuzz.h"

#include <glib/gstdio.h>

#include "inspector-breakpoints.h"
#include "inspector-program.h"

static GRand *service_random;      /* of the worker of the service's connection */
static GDBusConnection *service;
static gint n_answers;             /* atomic */
static char *address;

static const struct { const char *name, *type; } replies[] = {
  { "Attach", "(a{sv})" }, { "GetPasses", "(a(tuutsu))" }, { "GetPass", "(a{sv})" }, { "GetGraph", "(h)" }, { "GetNode", "(a{sv})" },
  { "GetTensor", "(a{sv}h)" }, { "GetDevices", "(a(sstttt))" }, { "AddBreakpoint", "(u)" }, { "RemoveBreakpoint", "()" },
  { "GetBreakpoints", "(a(ua{sv}u))" }, { "Resume", "()" }, { "Pause", "()" }, { "GetContributions", "(a(tuu(tttdddd)d))" },
  { "GetJournal", "(a(t(tttdddd)b))" }, { "GetStates", "(a(tyuu(tttdddd)))" }, { "GetFlow", "(h)" }, { "GetNonFinite", "(aa{sv})" },
  { "GetPicture", "(a{sv}h)" }, { "GetHistogram", "((dd)attt)" }, { "Compare", "(a{sv})" }, { "GetSavedBytes", "(a(tt))" }, { "GetTimeline", "(h)" },
};

static const struct { const char *name, *type; } signals[] = {
  { "PassBegan", "(tuu)" }, { "Stopped", "(ttsu)" }, { "Resumed", "(t)" }, { "Progress", "(ta(tyuu(tttdddd))a(ttu(tttdddd)))" },
  { "PassEnded", "(tu)" }, { "Freed", "(tat)" }, { "NonFinite", "(a{sv})" }, { "DevicesChanged", "(a(sstttt))" }, { "Nothing", "(s)" },
};

/* A graph that is one, of a few nodes in a chain; everything else is decided by chance. */
static GUnixFDList *
make_graph (GRand *random)
{
  GVariantBuilder nodes, edges;
  g_autoptr (GVariant) graph = NULL;
  GUnixFDList *list = g_unix_fd_list_new ();
  guint n = 1 + fuzz_below (random, 6);
  int fd = memfd_create ("graph", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_variant_builder_init (&nodes, G_VARIANT_TYPE (GTEN_INSPECT_GRAPH_NODES));
  g_variant_builder_init (&edges, G_VARIANT_TYPE (GTEN_INSPECT_GRAPH_EDGES));
  for (guint i = 0; i < n; i++)
    {
      GVariantBuilder outputs;
      gint64 sizes[2] = { fuzz_below (random, 8) > 0 ? fuzz_below (random, 5) : (gint64) fuzz_number (random), fuzz_below (random, 5) };

      g_variant_builder_init (&outputs, G_VARIANT_TYPE ("a(axss)"));
      if (fuzz_below (random, 8) > 0)
        g_variant_builder_add (&outputs, "(@axss)", g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, sizes, fuzz_below (random, 3), sizeof *sizes),
                               fuzz_below (random, 4) > 0 ? "float32" : fuzz_word (random), "cpu");
      g_variant_builder_add (&nodes, "(tstssyuta(axss))", (guint64) i + 1, "MulBackward0", (guint64) i, "mul", fuzz_word (random),
                             (guchar) fuzz_below (random, 7), fuzz_below (random, 3), (guint64) fuzz_below (random, 2), &outputs);
      if (i > 0)
        g_variant_builder_add (&edges, "(uuuu)", i - 1, 0u, fuzz_below (random, 16) > 0 ? i : fuzz_below (random, 99), 0u);
    }
  graph = g_variant_ref_sink (g_variant_new ("(@" GTEN_INSPECT_GRAPH_NODES "@" GTEN_INSPECT_GRAPH_EDGES ")", g_variant_builder_end (&nodes),
                                             g_variant_builder_end (&edges)));
  if (write (fd, g_variant_get_data (graph), g_variant_get_size (graph)) < 0)
    g_error ("memory cannot be written");
  if (fuzz_below (random, 16) > 0)
    fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  g_unix_fd_list_append (list, fd, NULL);
  close (fd);
  return list;
}

static GDBusMessage *
make_reply (GDBusMessage *call, GRand *random)
{
  GDBusMessage *reply;
  const char *type = fuzz_type (random);
  g_autofree char *wrong = g_strdup_printf ("(%s)", type);
  g_autoptr (GUnixFDList) fds = NULL;
  gboolean is_graph = g_strcmp0 (g_dbus_message_get_member (call), "GetGraph") == 0;

  if (fuzz_below (random, 16) == 0 && !is_graph)
    return g_dbus_message_new_method_error (call, "org.gtensor.Error.Fuzz", "%s", fuzz_word (random));
  reply = g_dbus_message_new_method_reply (call);
  type = wrong;
  for (gsize i = 0; i < G_N_ELEMENTS (replies) && fuzz_below (random, 16) > 0; i++)
    if (g_strcmp0 (replies[i].name, g_dbus_message_get_member (call)) == 0)
      type = replies[i].type;
  fds = is_graph && fuzz_below (random, 8) > 0 ? make_graph (random) : fuzz_files (random);
  g_dbus_message_set_body (reply, is_graph && g_unix_fd_list_get_length (fds) > 0 ? g_variant_new ("(h)", 0) : fuzz_variant (random, G_VARIANT_TYPE (type), 0));
  g_dbus_message_set_unix_fd_list (reply, fds);
  return reply;
}

static GDBusMessage *
filter_cb (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  g_autoptr (GDBusMessage) reply = NULL;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  reply = make_reply (message, service_random);
  g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_atomic_int_inc (&n_answers);
  g_object_unref (message);
  return NULL;
}

static gboolean
new_connection_cb (GDBusServer *server, GDBusConnection *connection, gpointer user_data)
{
  g_dbus_connection_add_filter (connection, filter_cb, NULL, NULL);
  g_atomic_pointer_set (&service, g_object_ref (connection));
  return TRUE;
}

static gpointer
serve (gpointer context)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autofree char *guid = g_dbus_generate_guid ();
  GDBusServer *server;

  g_main_context_push_thread_default (context);
  server = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_NONE, guid, NULL, NULL, NULL);
  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
  g_dbus_server_start (server);
  g_main_loop_run (loop);
  return NULL;
}

static void
send_signal (GRand *random)
{
  guint i = fuzz_below (random, G_N_ELEMENTS (signals));
  GDBusConnection *connection = g_atomic_pointer_get (&service);
  g_autoptr (GDBusMessage) message = NULL;
  GVariant *body;

  if (connection == NULL)
    return;
  message = g_dbus_message_new_signal (GTEN_INSPECT_PATH, GTEN_INSPECT_INTERFACE, signals[i].name);
  if (g_str_equal (signals[i].name, "Stopped") && fuzz_below (random, 8) > 0)
    body = g_variant_new ("(ttsu)", (guint64) 1 + fuzz_below (random, 3), (guint64) fuzz_below (random, 6), fuzz_below (random, 2) ? "step" : "end", 0u);
  else
    body = fuzz_variant (random, G_VARIANT_TYPE (fuzz_below (random, 16) > 0 ? signals[i].type : "(ss)"), 0);
  g_dbus_message_set_body (message, body);
  g_dbus_connection_send_message (connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

static void
use (InspectorProgram *program, GRand *random)
{
  static const char *const hows[] = { "step", "over", "continue", "finish" };
  GtenGtkGraph *graph = inspector_program_get_graph (program);
  GtenGtkNode *node = graph != NULL ? gten_gtk_graph_get_node (graph, fuzz_below (random, 6)) : NULL;

  switch (fuzz_below (random, 6))
    {
    case 0:
      inspector_program_resume (program, hows[fuzz_below (random, G_N_ELEMENTS (hows))], NULL);
      break;
    case 1:
      inspector_program_pause (program);
      break;
    case 2:
      inspector_program_go_to (program, fuzz_below (random, 6));
      break;
    case 3:
      inspector_breakpoints_count (inspector_program_get_breakpoints (program));
      break;
    default:
      if (node != NULL)
        {
          gten_gtk_node_want (node);
          if (gten_gtk_node_get_gradient (node) != NULL)
            gten_gtk_tensor_want (gten_gtk_node_get_gradient (node));
          inspector_program_show (program, node);
        }
    }
}

static void
test_client (void)
{
  guint64 seed = fuzz_setting ("GTENSOR_FUZZ_SEED", 1), n = fuzz_setting ("GTENSOR_FUZZ_MESSAGES", FUZZ_MESSAGES);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autofree char *folder = gten_inspect_make_folder (NULL);
  g_autofree char *name = g_strdup_printf ("%d-fuzz", (int) getpid ());
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (InspectorProgram) program = inspector_program_new (TRUE);
  g_autoptr (InspectorOffers) offers = NULL;
  g_autoptr (GError) error = NULL;
  InspectorOffer *offer;
  guint64 sent = 0;

  service_random = g_rand_new_with_seed (seed + 1);
  address = g_strconcat ("unix:path=", path, NULL);
  g_thread_unref (g_thread_new ("service", serve, context));
  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_usleep (1000);
  offers = inspector_offers_new ();
  offer = inspector_offers_find (offers, getpid (), &error);
  g_assert_no_error (error);
  inspector_program_attach (program, offer);
  while (sent + g_atomic_int_get (&n_answers) < n)
    {
      if (g_atomic_pointer_get (&service) != NULL)
        {
          for (guint i = 0; i < 8; i++, sent++)
            send_signal (random);
          use (program, random);
        }
      for (guint i = 0; i < 32 && g_main_context_iteration (NULL, FALSE); i++)
        ;
      if (sent % 2000 == 0)
        inspector_program_attach (program, offer);
    }
  inspector_program_quit (program);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("gtensor-fuzz-XXXXXX", NULL);

  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  /* GLib warns of each signal of a wrong type that it drops. */
  g_log_set_always_fatal ((GLogLevelFlags) G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  g_test_add_func ("/fuzz/client", test_client);
  return g_test_run ();
}
