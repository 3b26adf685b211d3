/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* gtensor-inspector: a window where there is a display, a terminal where there is none, a file
 * where one is asked for. */
#include <locale.h>
#include <gtk/gtk.h>

#include "inspector-application.h"
#include "inspector-check.h"
#include "inspector-examples.h"
#include "inspector-offers.h"
#include "inspector-terminal.h"

#define WHOLE_PASS       G_MININT
#define DEFAULT_PATIENCE 60

static char    **exports, **checks, **rest;
static char     *run;
static int       n_steps = WHOLE_PASS, pid, patience = DEFAULT_PATIENCE;
static gboolean  terminal, dark, list, version;

static const GOptionEntry entries[] = {
  { "run", 'r', 0, G_OPTION_ARG_FILENAME, &run, "Inspect a program; what follows are its arguments", "PROGRAM" },
  { "pid", 'p', 0, G_OPTION_ARG_INT, &pid, "Attach to a running program that offers itself", "PID" },
  { "list", 'l', 0, G_OPTION_ARG_NONE, &list, "List the running programs that offer themselves, and the examples", NULL },
  { "export", 'e', 0, G_OPTION_ARG_FILENAME_ARRAY, &exports,
    "Write a picture of the first backward pass (.svg, .png, .pdf), its graph (.dot, .json) or a report (.html), and exit", "FILE" },
  { "check", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &checks,
    "Check each gradient of each pass, such as 'nonfinite == 0'; the exit status is 3 if one does not hold, 2 if there was no pass", "CONDITION" },
  { "steps", 's', 0, G_OPTION_ARG_INT, &n_steps, "Write the picture after N steps instead of at the end of the pass", "N" },
  { "timeout", 0, 0, G_OPTION_ARG_INT, &patience,
    "Without a window, give a program up that has not offered itself within N seconds (60; 0: never); the exit status is 1", "N" },
  { "dark", 'd', 0, G_OPTION_ARG_NONE, &dark, "Dark colors", NULL },
  { "terminal", 't', 0, G_OPTION_ARG_NONE, &terminal, "Step in the terminal, even where there is a display", NULL },
  { "version", 'v', 0, G_OPTION_ARG_NONE, &version, "Show the version", NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, "[PROGRAM [ARGUMENT…]]" },
  { NULL },
};

static const char description[] =
  "PROGRAM is an executable, a script, or the name of an example that --list shows. Programs in C, Python and\n"
  "JavaScript are inspected without a change to their source. Started with GTENSOR_INSPECT=1 they offer themselves\n"
  "to be attached to, and with GTENSOR_INSPECT=wait their first backward pass waits for that.\n"
  "\n"
  "Examples:\n"
  "  gtensor-inspector tour.py\n"
  "  gtensor-inspector -- python3 train.py --epochs 3\n"
  "  gtensor-inspector --export graph.svg --steps 3 tour.py\n"
  "  gtensor-inspector --check 'nonfinite == 0' --check 'norm < 1e3' -- python3 train.py\n"
  "  GTENSOR_INSPECT=1 python3 train.py & gtensor-inspector --pid $!\n"
  "\n"
  "Without a display the inspector steps in the terminal. To see it in a browser: gtk4-broadwayd :5, then\n"
  "GDK_BACKEND=broadway BROADWAY_DISPLAY=:5 gtensor-inspector, and http://localhost:8085";

static void
print_list (void)
{
  g_autoptr (InspectorOffers) offers = inspector_offers_new ();

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (offers)); i++)
    {
      g_autoptr (InspectorOffer) offer = g_list_model_get_item (G_LIST_MODEL (offers), i);

      g_print ("%-12d %s\n", inspector_offer_get_pid (offer), inspector_offer_get_command (offer));
    }
  for (guint i = 0; i < inspector_n_examples; i++)
    g_print ("%-12s %s\n", inspector_examples[i].name, inspector_examples[i].title);
}

/* The running program that --pid asks for. */
static InspectorOffer *
find_offer (GError **error)
{
  g_autoptr (InspectorOffers) offers = inspector_offers_new ();
  InspectorOffer *offer = inspector_offers_find (offers, pid, error);

  return offer != NULL ? g_object_ref (offer) : NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) command = NULL;
  g_autoptr (InspectorOffer) offer = NULL;
  InspectorTerminalOptions options;

  setlocale (LC_ALL, "");
  g_set_application_name ("Tensor Inspector");
  g_option_context_set_summary (context,
                                "Steps backward passes and shows the gradients in between.");
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  /* After a program's name everything is its own. */
  g_option_context_set_strict_posix (context, TRUE);
  g_set_prgname ("gtensor-inspector");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  g_set_prgname (INSPECTOR_ID); /* what desktops match windows by */
  if (version)
    {
      g_print ("gtensor-inspector %s\n", GTEN_VERSION);
      return 0;
    }
  if (list)
    {
      print_list ();
      return 0;
    }
  if ((n_steps < 0 && n_steps != WHOLE_PASS) || patience < 0)
    {
      g_printerr ("--%s takes a number from 0 on\n", patience < 0 ? "timeout" : "steps");
      return 2;
    }
  if (pid != 0 && (run != NULL || rest != NULL))
    {
      g_printerr ("--pid takes no program: the process has one\n");
      return 2;
    }
  if (pid != 0 && (offer = find_offer (&error)) == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  if (run != NULL)
    command = inspector_find_command (run, (const char *const *) rest);
  else if (rest != NULL)
    command = inspector_find_command (rest[0], (const char *const *) rest + 1);

  if (checks != NULL && command == NULL)
    {
      g_printerr ("--check needs a program\n");
      return 2;
    }
  if (exports == NULL && checks == NULL && !terminal && gtk_init_check ())
    {
      g_autoptr (GtkApplication) application = inspector_application_new (command, offer, dark);

      return g_application_run (G_APPLICATION (application), 0, NULL);
    }
  if (command == NULL && offer == NULL)
    command = inspector_find_command ("tour.py", NULL);
  options = (InspectorTerminalOptions) {
    .command = command,
    .offer = offer,
    .exports = exports,
    .n_steps = MAX (n_steps, -1),
    .patience = patience,
    .flags = dark ? GTEN_GTK_EXPORT_DARK : GTEN_GTK_EXPORT_DEFAULT,
    .terminal = terminal,
  };
  if (checks != NULL)
    return inspector_check ((const char *const *) checks, &options);
  return exports != NULL ? inspector_terminal_export (&options) : inspector_terminal_run (&options);
}
