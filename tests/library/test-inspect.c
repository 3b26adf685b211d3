/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The debug service, from outside: the test starts itself as the program that is inspected. */

#include <gtensor/gtensor.h>

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
  GSubprocess     *program;
  GDBusConnection *connection;
  char            *folder, *socket;
  guint            subscription;
  GQueue           signals;       /* Signal, not yet looked at */
} Fixture;

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

static GVariant *
call_with_fds (Fixture *fixture, const char *method, GVariant *arguments, GUnixFDList **fds,
               GError **error)
{
  return g_dbus_connection_call_with_unix_fd_list_sync (fixture->connection, NULL, PATH, INTERFACE, method, arguments, NULL,
                                                        G_DBUS_CALL_FLAGS_NONE, 10000, NULL, fds, NULL, error);
}

static GVariant *
call (Fixture *fixture, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  GVariant *result = call_with_fds (fixture, method, arguments, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static gboolean
late_cb (gpointer user_data)
{
  g_error ("the signal %s did not come", (const char *) user_data);
  return G_SOURCE_REMOVE;
}

/* The arguments of the next such signal; earlier ones of other names are dropped. */
static GVariant *
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

static void
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

static void
attach_with (Fixture *fixture, GVariant *wanted)
{
  g_autoptr (GVariant) information = call (fixture, "Attach", g_variant_new ("(@a{sv})", wanted));
  g_autoptr (GVariant) options = g_variant_get_child_value (information, 0);
  guint32 pid = 0;

  g_assert_true (g_variant_lookup (options, "pid", "u", &pid));
  g_assert_cmpint (pid, ==, atoi (g_subprocess_get_identifier (fixture->program)));
}

static void
attach (Fixture *fixture)
{
  attach_with (fixture, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
}

static void
attach_with_journal (Fixture *fixture, guint64 journal_bytes)
{
  GVariantDict wanted;

  g_variant_dict_init (&wanted, NULL);
  g_variant_dict_insert (&wanted, "journal-bytes", "t", journal_bytes);
  g_variant_dict_insert (&wanted, "flow", "t", (guint64) 8);
  g_variant_dict_insert (&wanted, "forward", "b", TRUE);
  attach_with (fixture, g_variant_dict_end (&wanted));
}

/* The program ends well, whatever the inspector did. */
static void
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

static guint64
wait_for_stop (Fixture *fixture, const char *expected_reason, guint64 *pass)
{
  g_autoptr (GVariant) stopped = wait_for (fixture, "Stopped");
  const char *reason;
  guint64 node;

  g_variant_get (stopped, "(tt&su)", pass, &node, &reason, NULL);
  g_assert_cmpstr (reason, ==, expected_reason);
  return node;
}

static void
resume (Fixture *fixture, guint64 pass, const char *how, guint64 node)
{
  g_autoptr (GVariant) nothing = call (fixture, "Resume", g_variant_new ("(tst)", pass, how, node));
}

/* What a sealed memfd holds. */
static GBytes *
take_memfd (GUnixFDList *fds)
{
  g_autoptr (GError) error = NULL;
  int fd = g_unix_fd_list_get (fds, 0, &error);
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  struct stat info;
  GBytes *bytes;

  g_assert_no_error (error);
  g_assert_cmpint (fcntl (fd, F_GET_SEALS) & seals, ==, seals);
  g_assert_cmpint (fstat (fd, &info), ==, 0);
  if (info.st_size == 0)
    {
      close (fd);
      return g_bytes_new (NULL, 0);
    }
  gpointer mapped = mmap (NULL, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  g_assert_true (mapped != MAP_FAILED);
  bytes = g_bytes_new (mapped, info.st_size);
  munmap (mapped, info.st_size);
  close (fd);
  return bytes;
}

static GVariant *
get_graph (Fixture *fixture, guint64 pass)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) handle = call_with_fds (fixture, "GetGraph", g_variant_new ("(t)", pass),
                                               &fds, &error);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_no_error (error);
  bytes = take_memfd (fds);
  return g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (GTEN_INSPECT_GRAPH), bytes, FALSE));
}

/* -- tests -------------------------------------------------------------------------------------- */

static void
test_step (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[] = { "MeanBackward0", "MulBackward0", "MulBackward0", "AddBackward0",
                                       "AccumulateGrad" };
  guint64 pass, node;

  attach (fixture);
  node = wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  g_autoptr (GVariant) nodes = g_variant_get_child_value (graph, 0);
  g_autoptr (GVariant) edges = g_variant_get_child_value (graph, 1);

  g_assert_true (g_variant_is_normal_form (graph));
  g_assert_cmpuint (g_variant_n_children (nodes), ==, G_N_ELEMENTS (names));
  g_assert_cmpuint (g_variant_n_children (edges), ==, 5);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GVariant) each = g_variant_get_child_value (nodes, i);
      const char *name;
      guint64 id;

      g_variant_get_child (each, 0, "t", &id);
      g_variant_get_child (each, 1, "&s", &name);
      g_assert_cmpstr (name, ==, names[i]);
      g_assert_cmpuint (id, ==, node);
      resume (fixture, pass, "step", 0);
      node = wait_for_stop (fixture, i + 1 < G_N_ELEMENTS (names) ? "step" : "end", &pass);
    }
  g_assert_cmpuint (node, ==, 0);
  resume (fixture, pass, "continue", 0);
  g_variant_unref (wait_for (fixture, "PassEnded"));
}

static void
test_progress (Fixture *fixture, gconstpointer unused)
{
  guint64 pass;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  resume (fixture, pass, "step", 0);
  g_autoptr (GVariant) progress = wait_for (fixture, "Progress");
  g_autoptr (GVariant) contributions = g_variant_get_child_value (progress, 2);
  g_autoptr (GVariant) first = NULL, statistics = NULL;
  guint64 numel, n_nan;
  double least, greatest, norm;

  while (g_variant_n_children (contributions) == 0)
    {
      g_clear_pointer (&contributions, g_variant_unref);
      g_clear_pointer (&progress, g_variant_unref);
      progress = wait_for (fixture, "Progress");
      contributions = g_variant_get_child_value (progress, 2);
    }
  /* MeanBackward0 hands a quarter to each element; the pass's root came before it. */
  first = g_variant_get_child_value (contributions, g_variant_n_children (contributions) - 1);
  statistics = g_variant_get_child_value (first, 3);
  g_variant_get (statistics, "(tttdddd)", &numel, &n_nan, NULL, &least, &greatest, NULL, &norm);
  g_assert_cmpuint (numel, ==, 4);
  g_assert_cmpuint (n_nan, ==, 0);
  g_assert_cmpfloat (least, ==, 0.25);
  g_assert_cmpfloat (greatest, ==, 0.25);
  g_assert_cmpfloat (norm, ==, 0.5);
  resume (fixture, pass, "finish", 0);
}

static void
test_tensor (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL, description = NULL, node_answer = NULL, about = NULL;
  g_autoptr (GBytes) elements = NULL;
  g_autofree const char **saved = NULL;
  guint64 pass, node;
  const char *dtype;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  resume (fixture, pass, "step", 0);
  wait_for_stop (fixture, "step", &pass);
  resume (fixture, pass, "over", 0);
  node = wait_for_stop (fixture, "step", &pass);

  /* y * y: its gradient is 3/4 everywhere, and it saved y. */
  node_answer = call (fixture, "GetNode", g_variant_new ("(tt)", pass, node));
  about = g_variant_get_child_value (node_answer, 0);
  g_assert_true (g_variant_lookup (about, "saved", "^a&s", &saved));
  g_assert_true (g_strv_contains (saved, "self"));
  answer = call_with_fds (fixture, "GetTensor", g_variant_new ("(ttst)", pass, node, "gradient:0", (guint64) 1024),
                          &fds, &error);
  g_assert_no_error (error);
  description = g_variant_get_child_value (answer, 0);
  g_assert_true (g_variant_lookup (description, "dtype", "&s", &dtype));
  g_assert_cmpstr (dtype, ==, "float32");
  elements = take_memfd (fds);
  g_assert_cmpuint (g_bytes_get_size (elements), ==, 16);
  g_assert_cmpfloat (((const float *) g_bytes_get_data (elements, NULL))[3], ==, 0.75f);

  /* What does not fit is thinned out. */
  g_clear_pointer (&answer, g_variant_unref);
  g_clear_object (&fds);
  answer = call_with_fds (fixture, "GetTensor", g_variant_new ("(ttst)", pass, node, "saved:self", (guint64) 8),
                          &fds, &error);
  g_assert_no_error (error);
  g_bytes_unref (g_steal_pointer (&elements));
  elements = take_memfd (fds);
  g_assert_cmpuint (g_bytes_get_size (elements), ==, 8);
}

static void
test_breakpoints (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, node, third;
  g_autoptr (GVariant) added = NULL, passes = NULL;
  guint32 breakpoint;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  g_variant_get_child (graph, 0, "@" GTEN_INSPECT_GRAPH_NODES, &passes);
  g_autoptr (GVariant) row = g_variant_get_child_value (passes, 2);
  g_variant_get_child (row, 0, "t", &third);

  GVariantDict where;
  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "name", "s", "Accumulate*");
  added = call (fixture, "AddBreakpoint", g_variant_new ("(@a{sv})", g_variant_dict_end (&where)));
  g_variant_get (added, "(u)", &breakpoint);
  resume (fixture, pass, "run-to", third);
  node = wait_for_stop (fixture, "run-to", &pass);
  g_assert_cmpuint (node, ==, third);
  resume (fixture, pass, "continue", 0);
  node = wait_for_stop (fixture, "breakpoint", &pass);

  /* The next pass stops there as well, until the breakpoint is taken away. */
  resume (fixture, pass, "continue", 0);
  wait_for_stop (fixture, "breakpoint", &pass);
  g_variant_unref (call (fixture, "RemoveBreakpoint", g_variant_new ("(u)", breakpoint)));
  resume (fixture, pass, "continue", 0);
  g_variant_unref (wait_for (fixture, "PassEnded"));
}

static float
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

/* After the last node everything that was kept can still be had, and a step leads into the next pass. */
static void
test_end (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, next, root, leaf;
  GVariantDict where;

  attach (fixture);
  root = wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  g_autoptr (GVariant) nodes = g_variant_get_child_value (graph, 0);
  g_autoptr (GVariant) row = g_variant_get_child_value (nodes, 4);
  g_variant_get_child (row, 0, "t", &leaf);

  resume (fixture, pass, "finish", 0);
  g_assert_cmpuint (wait_for_stop (fixture, "end", &pass), ==, 0);
  g_assert_cmpfloat (get_number (fixture, pass, root, "root:0"), ==, 27);
  g_assert_cmpfloat (get_number (fixture, pass, root, "gradient:0"), ==, 1);
  g_assert_cmpfloat (get_number (fixture, pass, leaf, "gradient:0"), ==, 4.5f);

  resume (fixture, pass, "step", 0);
  wait_for_stop (fixture, "step", &next);
  g_assert_cmpuint (next, >, pass);
  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "end", "b", TRUE);
  g_variant_unref (call (fixture, "AddBreakpoint", g_variant_new ("(@a{sv})", g_variant_dict_end (&where))));
  resume (fixture, next, "continue", 0);
  wait_for_stop (fixture, "end", &pass);
  g_assert_cmpuint (pass, ==, next);
}

static void expect_refusal (Fixture *fixture, const char *method, GVariant *arguments);

/* -- history ------------------------------------------------------------------------------------ */

static guint64
get_node_at (GVariant *graph, guint place)
{
  g_autoptr (GVariant) nodes = g_variant_get_child_value (graph, 0);
  g_autoptr (GVariant) row = g_variant_get_child_value (nodes, place);
  guint64 id;

  g_variant_get_child (row, 0, "t", &id);
  return id;
}

/* What square gets from its two users: each half of the sum, both along it. */
static void
test_contributions (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, add, from;
  double cosine, norm;
  guint step;

  attach_with_journal (fixture, 1 << 20);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  add = get_node_at (graph, 3);
  resume (fixture, pass, "run-to", add);
  wait_for_stop (fixture, "run-to", &pass);
  resume (fixture, pass, "over", 0);
  wait_for_stop (fixture, "step", &pass);
  g_autoptr (GVariant) answer = call (fixture, "GetContributions", g_variant_new ("(tt)", pass, add));
  g_autoptr (GVariant) list = g_variant_get_child_value (answer, 0);

  g_assert_cmpuint (g_variant_n_children (list), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (list, i);

      g_variant_get (row, "(tuu(tttdddd)d)", &from, NULL, &step, NULL, NULL, NULL, NULL, NULL, NULL, &norm, &cosine);
      g_assert_cmpuint (from, ==, get_node_at (graph, 2));
      g_assert_cmpuint (step, ==, 3);
      g_assert_cmpfloat (norm, ==, 4.5);
      g_assert_cmpfloat_with_epsilon (cosine, 1, 1e-6);
    }
  resume (fixture, pass, "finish", 0);
}

static void
expect_state (GVariant *list, guint place, guchar expected, guint expected_arrived)
{
  g_autoptr (GVariant) row = g_variant_get_child_value (list, place);
  guchar state;
  guint n_arrived;

  g_variant_get_child (row, 1, "y", &state);
  g_variant_get_child (row, 2, "u", &n_arrived);
  g_assert_cmpuint (state, ==, expected);
  g_assert_cmpuint (n_arrived, ==, expected_arrived);
}

/* At the end every earlier step can still be had. */
static void
test_history (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, next, add, leaf, since, step, from;

  attach_with_journal (fixture, 1 << 20);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  add = get_node_at (graph, 3);
  leaf = get_node_at (graph, 4);
  resume (fixture, pass, "finish", 0);
  wait_for_stop (fixture, "end", &next);
  g_assert_cmpfloat (get_number (fixture, pass, add, "gradient:0@3"), ==, 4.5f);
  g_assert_cmpfloat (get_number (fixture, pass, add, "gradient:0@5"), ==, 4.5f);
  g_assert_cmpfloat (get_number (fixture, pass, leaf, "variable-gradient@5"), ==, 4.5f);
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, add, "gradient:0@2", (guint64) 4));
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, add, "gradient:0@6", (guint64) 4));
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, leaf, "variable-gradient@4", (guint64) 4));
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, add, "saved:self@1", (guint64) 4));

  g_autoptr (GVariant) states_answer = call (fixture, "GetStates", g_variant_new ("(tu)", pass, 2));
  g_autoptr (GVariant) states = g_variant_get_child_value (states_answer, 0);
  expect_state (states, 0, GTEN_GRAD_DONE, 1);
  expect_state (states, 1, GTEN_GRAD_DONE, 1);
  expect_state (states, 2, GTEN_GRAD_READY, 1);
  expect_state (states, 3, GTEN_GRAD_PENDING, 0);
  g_autoptr (GVariant) journal_answer = call (fixture, "GetJournal", g_variant_new ("(t)", pass));
  g_autoptr (GVariant) journal = g_variant_get_child_value (journal_answer, 0);
  g_assert_cmpuint (g_variant_n_children (journal), ==, 5);

  g_autoptr (GVariant) node_answer = call (fixture, "GetNode", g_variant_new ("(tt)", pass, leaf));
  g_autoptr (GVariant) about = g_variant_get_child_value (node_answer, 0);
  gboolean changed = TRUE;
  g_assert_true (g_variant_lookup (about, "written-by", "(ttt)", &since, &step, &from));
  g_assert_cmpuint (since, ==, pass);
  g_assert_cmpuint (step, ==, 5);
  g_assert_true (g_variant_lookup (about, "written-since", "b", &changed));
  g_assert_false (changed);
  resume (fixture, pass, "continue", 0);
}

/* Nothing fits: what was let go is told, and never made up. */
static void
test_journal_budget (Fixture *fixture, gconstpointer unused)
{
  guint64 pass;
  guint from = 0;

  attach_with_journal (fixture, 8);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  resume (fixture, pass, "run-to", get_node_at (graph, 3));
  wait_for_stop (fixture, "run-to", &pass);
  expect_refusal (fixture, "GetTensor", g_variant_new ("(ttst)", pass, get_node_at (graph, 3), "gradient:0@3", (guint64) 4));
  g_autoptr (GVariant) answer = call (fixture, "GetPass", g_variant_new ("(t)", pass));
  g_autoptr (GVariant) about = g_variant_get_child_value (answer, 0);
  g_assert_true (g_variant_lookup (about, "journal-from", "u", &from));
  g_assert_cmpuint (from, ==, 4);
  resume (fixture, pass, "continue", 0);
}

static GVariant *
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

static void
test_flow (Fixture *fixture, gconstpointer unused)
{
  guint64 pass;
  GVariantDict where;

  attach_with_journal (fixture, 0);
  wait_for_stop (fixture, "pass", &pass);
  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "pass", "b", TRUE);
  g_variant_dict_insert (&where, "hit", "u", 5);
  g_variant_unref (call (fixture, "AddBreakpoint", g_variant_new ("(@a{sv})", g_variant_dict_end (&where))));
  resume (fixture, pass, "continue", 0);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) flow = get_memfd_variant (fixture, "GetFlow", NULL, GTEN_INSPECT_FLOW);
  g_autoptr (GVariant) rows = g_variant_get_child_value (flow, 0), columns = g_variant_get_child_value (flow, 1);
  g_autoptr (GVariant) cells = g_variant_get_child_value (flow, 2);
  gsize n_cells;
  const double *logs = g_variant_get_fixed_array (cells, &n_cells, sizeof *logs);

  g_assert_true (g_variant_is_normal_form (flow));
  g_assert_cmpuint (g_variant_n_children (rows), ==, 5);
  g_assert_cmpuint (g_variant_n_children (columns), ==, 5);
  g_assert_cmpuint (n_cells, ==, 25);
  /* The loss, and the leaf: a gradient of 4.5 everywhere. */
  g_assert_cmpfloat (logs[0], ==, 0);
  g_assert_cmpfloat_with_epsilon (logs[24], 0.6532125, 1e-6);
  resume (fixture, pass, "continue", 0);
}

/* -- conditions, comparing, pictures ------------------------------------------------------------ */

static void
add_condition (Fixture *fixture, const char *condition, guint hit)
{
  GVariantDict where;

  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "condition", "s", condition);
  g_variant_dict_insert (&where, "hit", "u", hit);
  g_variant_unref (call (fixture, "AddBreakpoint", g_variant_new ("(@a{sv})", g_variant_dict_end (&where))));
}

static void
test_conditions (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, first, node;
  GVariantDict where;

  attach (fixture);
  wait_for_stop (fixture, "pass", &first);
  g_autoptr (GVariant) graph = get_graph (fixture, first);
  add_condition (fixture, "norm > 8 and op:add", 1);
  add_condition (fixture, "absmax > 4 is:leaf", 2);
  resume (fixture, first, "continue", 0);
  node = wait_for_stop (fixture, "breakpoint", &pass);
  g_assert_cmpuint (node, ==, get_node_at (graph, 3));
  resume (fixture, pass, "continue", 0);
  wait_for_stop (fixture, "breakpoint", &pass);
  resume (fixture, pass, "continue", 0);
  node = wait_for_stop (fixture, "breakpoint", &pass);
  g_autoptr (GVariant) second = get_graph (fixture, pass);
  g_assert_cmpuint (pass, >, first);
  g_assert_cmpuint (node, ==, get_node_at (second, 4));
  g_variant_dict_init (&where, NULL);
  g_variant_dict_insert (&where, "condition", "s", "norm >");
  expect_refusal (fixture, "AddBreakpoint", g_variant_new ("(@a{sv})", g_variant_dict_end (&where)));
}

static void
test_compare (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, n_different = 0;
  double greatest = 0;
  gboolean equal = FALSE;
  GVariantDict other;

  attach_with_journal (fixture, 1 << 20);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  resume (fixture, pass, "finish", 0);
  wait_for_stop (fixture, "end", &pass);
  g_variant_dict_init (&other, NULL);
  g_variant_dict_insert (&other, "node", "t", get_node_at (graph, 1));
  g_variant_dict_insert (&other, "which", "s", "gradient:0");
  g_autoptr (GVariant) answer = call (fixture, "Compare", g_variant_new ("(tts@a{sv}u)", pass, get_node_at (graph, 2), "gradient:0",
                                                                         g_variant_dict_end (&other), 3));
  g_autoptr (GVariant) about = g_variant_get_child_value (answer, 0);
  g_autoptr (GVariant) worst = g_variant_lookup_value (about, "worst", NULL);
  g_assert_true (g_variant_lookup (about, "equal", "b", &equal));
  g_assert_true (g_variant_lookup (about, "n-different", "t", &n_different));
  g_assert_true (g_variant_lookup (about, "max-absolute", "d", &greatest));
  g_assert_false (equal);
  g_assert_cmpuint (n_different, ==, 4);
  g_assert_cmpfloat (greatest, ==, 0.5);
  g_assert_cmpuint (g_variant_n_children (worst), ==, 3);

  g_variant_dict_init (&other, NULL);
  g_variant_dict_insert (&other, "node", "t", get_node_at (graph, 3));
  g_variant_dict_insert (&other, "which", "s", "gradient:0@4");
  g_autoptr (GVariant) same = call (fixture, "Compare", g_variant_new ("(tts@a{sv}u)", pass, get_node_at (graph, 3), "gradient:0",
                                                                       g_variant_dict_end (&other), 3));
  g_autoptr (GVariant) same_about = g_variant_get_child_value (same, 0);
  g_assert_true (g_variant_lookup (same_about, "equal", "b", &equal));
  g_assert_true (equal);
  g_variant_dict_init (&other, NULL);
  expect_refusal (fixture, "Compare", g_variant_new ("(tts@a{sv}u)", pass, get_node_at (graph, 3), "gradient:0",
                                                     g_variant_dict_end (&other), 3));
  resume (fixture, pass, "continue", 0);
}

static void
test_pictures (Fixture *fixture, gconstpointer unused)
{
  guint64 pass, leaf;
  GVariantDict options;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  guint width = 0, height = 0;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  g_autoptr (GVariant) graph = get_graph (fixture, pass);
  leaf = get_node_at (graph, 4);
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "reduce", "s", "absmax");
  g_autoptr (GVariant) answer = call_with_fds (fixture, "GetPicture", g_variant_new ("(ttsuu@a{sv})", pass, leaf, "variable", 1, 2,
                                                                                     g_variant_dict_end (&options)), &fds, &error);
  g_assert_no_error (error);
  g_autoptr (GVariant) about = g_variant_get_child_value (answer, 0);
  g_autoptr (GBytes) pixels = take_memfd (fds);
  g_assert_true (g_variant_lookup (about, "width", "u", &width));
  g_assert_true (g_variant_lookup (about, "height", "u", &height));
  g_assert_cmpuint (width, ==, 1);
  g_assert_cmpuint (height, ==, 2);
  g_assert_cmpuint (g_bytes_get_size (pixels), ==, 8);
  g_assert_cmpfloat (*(const float *) g_bytes_get_data (pixels, NULL), ==, 1);

  g_autoptr (GVariant) histogram = call (fixture, "GetHistogram", g_variant_new ("(ttsudd)", pass, leaf, "variable", 4, 0., 4.));
  g_autoptr (GVariant) counts = g_variant_get_child_value (histogram, 1);
  gsize n;
  const guint64 *numbers = g_variant_get_fixed_array (counts, &n, sizeof *numbers);
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpuint (numbers[1], ==, 4);
  expect_refusal (fixture, "SetElement",
                  g_variant_new ("(tts@axd)", pass, leaf, "variable", g_variant_new_array (G_VARIANT_TYPE_INT64, NULL, 0), 1.));
  g_autoptr (GVariant) timeline = get_memfd_variant (fixture, "GetTimeline", g_variant_new ("(t)", (guint64) 0), GTEN_INSPECT_TIMELINE);
  g_assert_true (g_variant_is_normal_form (timeline));
  resume (fixture, pass, "continue", 0);
}

static void
expect_refusal (Fixture *fixture, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call_with_fds (fixture, method, arguments, NULL, &error);

  g_assert_null (answer);
  g_assert_nonnull (error);
}

static void
test_refusals (Fixture *fixture, gconstpointer unused)
{
  GVariantDict where;
  guint64 pass;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  expect_refusal (fixture, "GetGraph", g_variant_new ("(t)", pass + 1));
  expect_refusal (fixture, "GetNode", g_variant_new ("(tt)", pass, G_MAXUINT64));
  expect_refusal (fixture, "GetTensor",
                  g_variant_new ("(ttst)", pass, (guint64) 0, "gradient:0", (guint64) 9));
  expect_refusal (fixture, "Resume", g_variant_new ("(tst)", pass, "sideways", (guint64) 0));
  expect_refusal (fixture, "RemoveBreakpoint", g_variant_new ("(u)", 77));
  g_variant_dict_init (&where, NULL);
  expect_refusal (fixture, "AddBreakpoint",
                  g_variant_new ("(@a{sv})", g_variant_dict_end (&where)));
  expect_refusal (fixture, "GetGraph", g_variant_new ("(s)", "not a number"));
}

/* The inspector goes away while the program is stopped: tear_down() sees the program end well. */
static void
test_detach (Fixture *fixture, gconstpointer unused)
{
  guint64 pass;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
}

static void
closed_cb (GDBusConnection *connection, gboolean vanished, GError *error, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
test_killed (Fixture *fixture, gconstpointer unused)
{
  gboolean closed = FALSE;
  guint64 pass;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  g_signal_connect (fixture->connection, "closed", G_CALLBACK (closed_cb), &closed);
  g_subprocess_force_exit (fixture->program);
  g_subprocess_wait (fixture->program, NULL, NULL);
  while (!closed)
    g_main_context_iteration (NULL, TRUE);
  g_unlink (fixture->socket);
  g_clear_object (&fixture->program);
  fixture->program = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "true", NULL);
}

/* One inspector at a time; the next gets in when the first has gone. */
static void
test_second (Fixture *fixture, gconstpointer unused)
{
  Fixture other = { .socket = fixture->socket };
  g_autofree char *address = g_strconcat ("unix:path=", fixture->socket, NULL);
  g_autoptr (GDBusConnection) second = NULL;
  guint64 pass;

  attach (fixture);
  wait_for_stop (fixture, "pass", &pass);
  second = g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                                   NULL, NULL);
  if (second != NULL)
    {
      g_autoptr (GVariant) answer = NULL;

      g_dbus_connection_set_exit_on_close (second, FALSE);
      other.connection = second;
      answer = call_with_fds (&other, "GetPasses", NULL, NULL, NULL);
      g_assert_null (answer);
    }
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--program"))
    return run_program (atoi (argv[2]));

  self_path = argv[0];
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function, n_passes) g_test_add (name, Fixture, n_passes, set_up, function, tear_down)
  ADD ("/inspect/step", test_step, "1");
  ADD ("/inspect/progress", test_progress, "1");
  ADD ("/inspect/tensor", test_tensor, "1");
  ADD ("/inspect/breakpoints", test_breakpoints, "2");
  ADD ("/inspect/end", test_end, "2");
  ADD ("/inspect/contributions", test_contributions, "1");
  ADD ("/inspect/history", test_history, "1");
  ADD ("/inspect/journal-budget", test_journal_budget, "1");
  ADD ("/inspect/flow", test_flow, "7");
  ADD ("/inspect/conditions", test_conditions, "2");
  ADD ("/inspect/compare", test_compare, "1");
  ADD ("/inspect/pictures", test_pictures, "1");
  ADD ("/inspect/refusals", test_refusals, "1");
  ADD ("/inspect/detach", test_detach, "100");
  ADD ("/inspect/killed", test_killed, "1");
  ADD ("/inspect/second", test_second, "1");
  return g_test_run ();
}
