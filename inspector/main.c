/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* gtensor-inspector: a window where there is a display, a terminal where there is none, a file
 * where one is asked for. */
#include <locale.h>
#include <gtk/gtk.h>

#include "inspector-application.h"
#include "inspector-examples.h"
#include "inspector-terminal.h"

static char    **exports, **rest;
static char     *run;
static int       n_steps = -1;
static gboolean  terminal, dark, list, version;

static const GOptionEntry entries[] = {
  { "run", 'r', 0, G_OPTION_ARG_FILENAME, &run, "Inspect a program; what follows are its arguments", "PROGRAM" },
  { "list", 'l', 0, G_OPTION_ARG_NONE, &list, "List the example programs", NULL },
  { "export", 'e', 0, G_OPTION_ARG_FILENAME_ARRAY, &exports,
    "Write a picture of the first backward pass (.svg, .png or .pdf), and exit", "FILE" },
  { "steps", 's', 0, G_OPTION_ARG_INT, &n_steps, "Write the picture after N steps instead of at the end of the pass", "N" },
  { "dark", 'd', 0, G_OPTION_ARG_NONE, &dark, "Dark colors", NULL },
  { "terminal", 't', 0, G_OPTION_ARG_NONE, &terminal, "Step in the terminal, even where there is a display", NULL },
  { "version", 'v', 0, G_OPTION_ARG_NONE, &version, "Show the version", NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, "[PROGRAM [ARGUMENT…]]" },
  { NULL },
};

static const char description[] =
  "PROGRAM is an executable, a script, or the name of an example that --list shows. Programs in C, Python and\n"
  "JavaScript are inspected without a change to their source.\n"
  "\n"
  "Examples:\n"
  "  gtensor-inspector tour.py\n"
  "  gtensor-inspector -- python3 train.py --epochs 3\n"
  "  gtensor-inspector --export graph.svg --steps 3 tour.py\n"
  "\n"
  "Without a display the inspector steps in the terminal. To see it in a browser: gtk4-broadwayd :5, then\n"
  "GDK_BACKEND=broadway BROADWAY_DISPLAY=:5 gtensor-inspector, and http://localhost:8085";

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) command = NULL;
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
      for (guint i = 0; i < inspector_n_examples; i++)
        g_print ("%-12s %s\n", inspector_examples[i].name, inspector_examples[i].title);
      return 0;
    }
  if (run != NULL)
    command = inspector_find_command (run, (const char *const *) rest);
  else if (rest != NULL)
    command = inspector_find_command (rest[0], (const char *const *) rest + 1);

  if (exports == NULL && !terminal && gtk_init_check ())
    {
      g_autoptr (GtkApplication) application = inspector_application_new (command, dark);

      return g_application_run (G_APPLICATION (application), 0, NULL);
    }
  if (command == NULL)
    command = inspector_find_command ("tour.py", NULL);
  options = (InspectorTerminalOptions) { command, exports, n_steps,
                                         dark ? GTEN_GTK_EXPORT_DARK : GTEN_GTK_EXPORT_DEFAULT };
  return exports != NULL ? inspector_terminal_export (&options) : inspector_terminal_run (&options);
}
