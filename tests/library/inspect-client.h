/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An inspector for the tests of the debug service: a test starts itself as the program that is inspected, which runs as many
 * passes of mean (3 (x + 2)²) as the test says, and talks to it. */
#pragma once

#include <gtensor/gtensor.h>

#include <gio/gunixfdlist.h>

typedef struct
{
  GSubprocess     *program;
  GDBusConnection *connection;
  char            *folder, *socket;
  guint            subscription;
  GQueue           signals;       /* Signal, not yet looked at */
} Fixture;

#define INSPECT_TEST(name, function, n_passes) g_test_add (name, Fixture, n_passes, set_up, function, tear_down)

int        inspect_client_main (int argc, char **argv, void (*add_tests) (void));
void       set_up              (Fixture *fixture, gconstpointer n_passes);
void       tear_down           (Fixture *fixture, gconstpointer unused);

GVariant  *call_with_fds       (Fixture *fixture, const char *method, GVariant *arguments, GUnixFDList **fds, GError **error);
GVariant  *call                (Fixture *fixture, const char *method, GVariant *arguments);
void       expect_refusal      (Fixture *fixture, const char *method, GVariant *arguments);
GBytes    *take_memfd          (GUnixFDList *fds);
GVariant  *get_memfd_variant   (Fixture *fixture, const char *method, GVariant *arguments, const char *type);

void       attach              (Fixture *fixture);
void       attach_with_journal (Fixture *fixture, guint64 journal_bytes);
GVariant  *wait_for            (Fixture *fixture, const char *name);
guint64    wait_for_stop       (Fixture *fixture, const char *expected_reason, guint64 *pass);
guint32    add_breakpoint      (Fixture *fixture, GVariantDict *where);
void       resume              (Fixture *fixture, guint64 pass, const char *how, guint64 node);

GVariant  *get_graph           (Fixture *fixture, guint64 pass);
guint64    get_node_at         (GVariant *graph, guint place);
float      get_number          (Fixture *fixture, guint64 pass, guint64 node, const char *which);
