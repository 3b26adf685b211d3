/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The debug service from outside. Who may ask what, and what happens when either side goes away. */

#include "inspect-client.h"

#include <glib/gstdio.h>

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

/* It asks after passes that run, and goes away meanwhile. */
static void
test_running (Fixture *fixture, gconstpointer unused)
{
  guint64 pass;

  attach_with_journal (fixture, 1 << 20);
  wait_for_stop (fixture, "pass", &pass);
  resume (fixture, pass, "continue", 0);
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GVariant) list = call (fixture, "GetPasses", NULL), passes = g_variant_get_child_value (list, 0);
      g_autoptr (GVariant) description = NULL, first = NULL;
      guint64 id;

      if (g_variant_n_children (passes) == 0)
        continue;
      first = g_variant_get_child_value (passes, 0);
      g_variant_get_child (first, 0, "t", &id);
      description = call_with_fds (fixture, "GetPass", g_variant_new ("(t)", id), NULL, NULL);   /* or it is over */
    }
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

static void
add_tests (void)
{
  INSPECT_TEST ("/inspect/refusals", test_refusals, "1");
  INSPECT_TEST ("/inspect/detach", test_detach, "100");
  INSPECT_TEST ("/inspect/running", test_running, "50000");
  INSPECT_TEST ("/inspect/killed", test_killed, "1");
  INSPECT_TEST ("/inspect/second", test_second, "1");
}

int
main (int argc, char **argv)
{
  return inspect_client_main (argc, argv, add_tests);
}
