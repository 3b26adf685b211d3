/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-commands.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  const char *group;
  const char *title;
  const char *action;             /* NULL: keys of a widget that has the focus */
  const char *keys[5];
} Command;

#define PROGRAM N_ ("Program")
#define PASS    N_ ("Pass")
#define SEARCH  N_ ("Search and Selection")
#define VIEW    N_ ("View")
#define PAGES   N_ ("Pages")
#define CANVAS  N_ ("Graph, when it has the focus")
#define TENSOR  N_ ("Tensors and Lists")

static const Command commands[] = {
  { PASS, N_ ("Continue to the next breakpoint or pass"), "win.continue", { "F5" } },
  { PASS, N_ ("Pause at the next node"), "win.pause", { "F6", "Pause" } },
  { PASS, N_ ("Step: run one node, stopping inside a nested pass too"), "win.step", { "F11" } },
  { PASS, N_ ("Step over: run one node of this pass"), "win.step-over", { "F10" } },
  { PASS, N_ ("Run until the selected node is next"), "win.run-to", { "<Control>F10" } },
  { PASS, N_ ("Finish this pass"), "win.finish", { "<Shift>F11" } },
  { PASS, N_ ("Step back to what was"), "win.step-back", { "<Alt>Left" } },
  { PASS, N_ ("Step forward again"), "win.step-forward", { "<Alt>Right" } },
  { PASS, N_ ("Stop at each pass, or only at breakpoints"), "win.stop-at-passes", { "<Control>p" } },
  { PASS, N_ ("Breakpoint on the selected node"), "win.breakpoint", { "F9" } },
  { PROGRAM, N_ ("Choose a program"), "win.open", { "<Control>o" } },
  { PROGRAM, N_ ("Restart the program"), "win.restart", { "<Control><Shift>F5" } },
  { PROGRAM, N_ ("End the program, or let it go"), "win.stop", { "<Shift>F5" } },
  { PROGRAM, N_ ("Export a picture"), "win.export", { "<Control>e" } },
  { PROGRAM, N_ ("Close the window"), "window.close", { "<Control>w" } },
  { PROGRAM, N_ ("Quit"), "app.quit", { "<Control>q" } },
  { SEARCH, N_ ("Search nodes"), "win.search", { "<Control>f" } },
  { SEARCH, N_ ("Next match"), "win.search-next", { "<Control>g" } },
  { SEARCH, N_ ("Previous match"), "win.search-previous", { "<Control><Shift>g" } },
  { SEARCH, N_ ("Show the running node"), "win.show-current", { "<Control>l" } },
  { SEARCH, N_ ("Pin the tensor that is shown, to compare others with it"), "win.pin", { "<Control>d" } },
  { SEARCH, N_ ("Save the tensor that is shown"), "win.save-tensor", { "<Control>s" } },
  { SEARCH, N_ ("Compare with a file"), "win.compare-file", { "<Control><Shift>o" } },
  { VIEW, N_ ("Fit the graph"), "win.fit", { "<Control>0" } },
  { VIEW, N_ ("Zoom in"), "win.zoom-in", { "<Control>plus", "<Control>equal" } },
  { VIEW, N_ ("Zoom out"), "win.zoom-out", { "<Control>minus" } },
  { VIEW, N_ ("Arrange the graph anew"), "win.arrange-anew", { "<Control><Shift>r" } },
  { VIEW, N_ ("Fold repeats and scopes"), "win.fold", { "<Control>r" } },
  { VIEW, N_ ("Hide what needs no gradient"), "win.hide-not-needed", { "<Control>h" } },
  { VIEW, N_ ("Only the neighbourhood of the selected node"), "win.neighbourhood", { "<Control>n" } },
  { VIEW, N_ ("Only the paths from the selected node to the running one"), "win.path", { "<Control>j" } },
  { VIEW, N_ ("The whole graph again"), "win.whole", { "<Control><Shift>n" } },
  { VIEW, N_ ("Keep the running node in view"), "win.follow", { "<Control><Shift>l" } },
  { VIEW, N_ ("Show or hide the outline"), "win.outline", { "<Control>b" } },
  { VIEW, N_ ("Show or hide the details"), "win.details", { "<Control>i" } },
  { VIEW, N_ ("Show or hide the flow of gradients over passes"), "win.flow", { "<Control>t" } },
  { PAGES, N_ ("Graph"), "win.page::graph", { "<Alt>1" } },
  { PAGES, N_ ("Breakpoints"), "win.page::breakpoints", { "<Alt>2" } },
  { PAGES, N_ ("Devices"), "win.page::devices", { "<Alt>3" } },
  { PAGES, N_ ("Log"), "win.page::log", { "<Alt>4" } },
  { PAGES, N_ ("Keyboard shortcuts"), "win.show-help-overlay", { "<Control>question", "F1" } },
  { CANVAS, N_ ("Nearest node in a direction"), NULL, { "Left", "Right", "Up", "Down" } },
  { CANVAS, N_ ("Next or previous node of the pass"), NULL, { "Page_Down", "Page_Up" } },
  { CANVAS, N_ ("First or last node of the pass"), NULL, { "Home", "End" } },
  { CANVAS, N_ ("Set or remove a breakpoint; open a folded group"), NULL, { "Return" } },
  { CANVAS, N_ ("Move the view"), NULL, { "<Ctrl>Left", "<Ctrl>Right", "<Ctrl>Up", "<Ctrl>Down" } },
  { CANVAS, N_ ("Select nothing"), NULL, { "Escape" } },
  { TENSOR, N_ ("Move the cursor in values, steps and flow"), NULL, { "Left", "Right", "Up", "Down" } },
  { TENSOR, N_ ("Copy the number"), NULL, { "<Ctrl>c" } },
  { TENSOR, N_ ("Remove a breakpoint from the list"), NULL, { "Delete" } },
};

static const struct { const char *first_group, *title; } sections[] = {
  { PASS, N_ ("Passes and Programs") },
  { VIEW, N_ ("Graph and Tensors") },
};

void
inspector_commands_set_keys (GtkApplication *application)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i].action != NULL)
      gtk_application_set_accels_for_action (application, commands[i].action, commands[i].keys);
}

static const Command *
find_command (GtkActionable *actionable)
{
  const char *name = gtk_actionable_get_action_name (actionable);
  GVariant *target = gtk_actionable_get_action_target_value (actionable);
  g_autofree char *detailed = NULL;

  if (name == NULL)
    return NULL;
  detailed = target != NULL ? g_action_print_detailed_name (name, target) : g_strdup (name);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (commands[i].action, detailed) == 0)
      return &commands[i];
  return NULL;
}

void
inspector_commands_label (GtkWidget *widget)
{
  const Command *command = GTK_IS_ACTIONABLE (widget) ? find_command (GTK_ACTIONABLE (widget)) : NULL;

  if (command != NULL)
    {
      GdkModifierType modifiers;
      guint key;
      g_autofree char *label = NULL;
      g_autofree char *tooltip = NULL;

      gtk_accelerator_parse (command->keys[0], &key, &modifiers);
      label = gtk_accelerator_get_label (key, modifiers);
      tooltip = g_strdup_printf ("%s (%s)", _ (command->title), label);
      gtk_widget_set_tooltip_text (widget, tooltip);
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ (command->title), -1);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    inspector_commands_label (child);
}

static void
append_shortcut (GString *xml, const Command *command)
{
  g_autofree char *keys = g_strjoinv (" ", (char **) command->keys);
  g_autofree char *shortcut
    = g_markup_printf_escaped ("<child><object class='GtkShortcutsShortcut'><property name='title'>%s</property>"
                               "<property name='accelerator'>%s</property></object></child>",
                               _ (command->title), keys);

  g_string_append (xml, shortcut);
}

/* A window of shortcuts is made of a description, and only so. */
GtkWidget *
inspector_commands_make_overlay (void)
{
  g_autoptr (GString) xml = g_string_new ("<interface><object class='GtkShortcutsWindow' id='overlay'>");
  g_autoptr (GtkBuilder) builder = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      gboolean begins = i == 0 || !g_str_equal (commands[i].group, commands[i - 1].group);
      gboolean ends = i + 1 == G_N_ELEMENTS (commands)
                      || !g_str_equal (commands[i].group, commands[i + 1].group);

      for (guint k = 0; begins && k < G_N_ELEMENTS (sections); k++)
        if (g_str_equal (sections[k].first_group, commands[i].group))
          {
            g_autofree char *section = g_markup_printf_escaped ("<child><object class='GtkShortcutsSection'><property name='section-name'>%s"
                                                                "</property><property name='title'>%s</property>"
                                                                "<property name='max-height'>18</property>",
                                                                sections[k].first_group, _ (sections[k].title));

            if (k > 0)
              g_string_append (xml, "</object></child>");
            g_string_append (xml, section);
          }
      if (begins)
        {
          g_autofree char *group = g_markup_printf_escaped ("<child><object class='GtkShortcutsGroup'>"
                                                            "<property name='title'>%s</property>", _ (commands[i].group));

          g_string_append (xml, group);
        }
      append_shortcut (xml, &commands[i]);
      if (ends)
        g_string_append (xml, "</object></child>");
    }
  g_string_append (xml, "</object></child></object></interface>");
  builder = gtk_builder_new_from_string (xml->str, xml->len);
  return g_object_ref (GTK_WIDGET (gtk_builder_get_object (builder, "overlay")));
}
