/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The application: its actions and keys, and one window per program. */

#include "inspector-application.h"

#include "inspector-appearance.h"
#include "inspector-commands.h"
#include "inspector-window.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  char          **command;
  InspectorOffer *offer;
  gboolean        dark;
} Start;

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  for (GList *l = gtk_application_get_windows (application); l != NULL; l = gtk_application_get_windows (application))
    gtk_window_destroy (l->data);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  const char *const authors[] = { _ ("The libgtensor authors"), NULL };

  gtk_show_about_dialog (gtk_application_get_active_window (application), "program-name", _ ("Tensor Inspector"), "logo-icon-name",
                         INSPECTOR_ID, "version", GTEN_VERSION, "comments",
                         _ ("Steps backward passes and shows the gradients in between."), "authors", authors, "translator-credits", C_ ("a person", "translator-credits"), "license-type",
                         GTK_LICENSE_LGPL_2_1, NULL);
}

static const GActionEntry actions[] = {
  { "quit", quit_cb, NULL, NULL, NULL, { 0 } },
  { "about", about_cb, NULL, NULL, NULL, { 0 } },
};

static void
startup_cb (GtkApplication *application, Start *start)
{
  g_autoptr (GtkCssProvider) css = gtk_css_provider_new ();

  gtk_window_set_default_icon_name (INSPECTOR_ID);
  gtk_css_provider_load_from_resource (css, "/org/gtensor/Inspector/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  inspector_appearance_follow (G_ACTION_MAP (application), start->dark);
  inspector_commands_set_keys (application);
}

static void
activate_cb (GtkApplication *application, Start *start)
{
  InspectorWindow *window = inspector_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  if (start->command != NULL)
    inspector_window_run (window, (const char *const *) start->command);
  else if (start->offer != NULL)
    inspector_window_attach (window, start->offer);
}

static void
start_free (gpointer data)
{
  Start *start = data;

  g_strfreev (start->command);
  g_clear_object (&start->offer);
  g_free (start);
}

GtkApplication *
inspector_application_new (char **command, InspectorOffer *offer, gboolean dark)
{
  /* Each inspector is its own process: one that hangs takes no other with it. */
  GtkApplication *application = gtk_application_new (INSPECTOR_ID, G_APPLICATION_NON_UNIQUE);
  Start *start = g_new (Start, 1);

  *start = (Start) { g_strdupv (command), NULL, dark };
  g_set_object (&start->offer, offer);
  g_object_set_data_full (G_OBJECT (application), "inspector-start", start, start_free);
  g_signal_connect_after (application, "startup", G_CALLBACK (startup_cb), start);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), start);
  return application;
}
