/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-commands.h"

typedef struct
{
  const char *group;
  const char *title;
  const char *action;             /* NULL: keys of a widget that has the focus */
  const char *keys[5];
} Command;

#define PROGRAM "Program"
#define PASS    "Pass"
#define SEARCH  "Search and Selection"
#define VIEW    "View"
#define PAGES   "Pages"
#define CANVAS  "Graph, when it has the focus"
#define TENSOR  "Tensors and Lists"

static const Command commands[] = {
  { PASS, "Continue to the next breakpoint or pass", "win.continue", { "F5" } },
  { PASS, "Pause at the next node", "win.pause", { "F6", "Pause" } },
  { PASS, "Step: run one node, stopping inside a nested pass too", "win.step", { "F11" } },
  { PASS, "Step over: run one node of this pass", "win.step-over", { "F10" } },
  { PASS, "Run until the selected node is next", "win.run-to", { "<Control>F10" } },
  { PASS, "Finish this pass", "win.finish", { "<Shift>F11" } },
  { PASS, "Step back to what was", "win.step-back", { "<Alt>Left" } },
  { PASS, "Step forward again", "win.step-forward", { "<Alt>Right" } },
  { PASS, "Stop at each pass, or only at breakpoints", "win.stop-at-passes", { "<Control>p" } },
  { PASS, "Breakpoint on the selected node", "win.breakpoint", { "F9" } },
  { PROGRAM, "Choose a program", "win.open", { "<Control>o" } },
  { PROGRAM, "Restart the program", "win.restart", { "<Control><Shift>F5" } },
  { PROGRAM, "End the program, or let it go", "win.stop", { "<Shift>F5" } },
  { PROGRAM, "Export a picture", "win.export", { "<Control>e" } },
  { PROGRAM, "Close the window", "window.close", { "<Control>w" } },
  { PROGRAM, "Quit", "app.quit", { "<Control>q" } },
  { SEARCH, "Search nodes", "win.search", { "<Control>f" } },
  { SEARCH, "Next match", "win.search-next", { "<Control>g" } },
  { SEARCH, "Previous match", "win.search-previous", { "<Control><Shift>g" } },
  { SEARCH, "Show the running node", "win.show-current", { "<Control>l" } },
  { SEARCH, "Pin the tensor that is shown, to compare others with it", "win.pin", { "<Control>d" } },
  { SEARCH, "Save the tensor that is shown", "win.save-tensor", { "<Control>s" } },
  { SEARCH, "Compare with a file", "win.compare-file", { "<Control><Shift>o" } },
  { VIEW, "Fit the graph", "win.fit", { "<Control>0" } },
  { VIEW, "Zoom in", "win.zoom-in", { "<Control>plus", "<Control>equal" } },
  { VIEW, "Zoom out", "win.zoom-out", { "<Control>minus" } },
  { VIEW, "Fold repeats and scopes", "win.fold", { "<Control>r" } },
  { VIEW, "Hide what needs no gradient", "win.hide-not-needed", { "<Control>h" } },
  { VIEW, "Only the neighbourhood of the selected node", "win.neighbourhood", { "<Control>n" } },
  { VIEW, "Only the paths from the selected node to the running one", "win.path", { "<Control>j" } },
  { VIEW, "The whole graph again", "win.whole", { "<Control><Shift>n" } },
  { VIEW, "Keep the running node in view", "win.follow", { "<Control><Shift>l" } },
  { VIEW, "Show or hide the outline", "win.outline", { "<Control>b" } },
  { VIEW, "Show or hide the details", "win.details", { "<Control>i" } },
  { VIEW, "Show or hide the flow of gradients over passes", "win.flow", { "<Control>t" } },
  { PAGES, "Graph", "win.page::graph", { "<Alt>1" } },
  { PAGES, "Breakpoints", "win.page::breakpoints", { "<Alt>2" } },
  { PAGES, "Devices", "win.page::devices", { "<Alt>3" } },
  { PAGES, "Log", "win.page::log", { "<Alt>4" } },
  { PAGES, "Keyboard shortcuts", "win.show-help-overlay", { "<Control>question", "F1" } },
  { CANVAS, "Nearest node in a direction", NULL, { "Left", "Right", "Up", "Down" } },
  { CANVAS, "Next or previous node of the pass", NULL, { "Page_Down", "Page_Up" } },
  { CANVAS, "First or last node of the pass", NULL, { "Home", "End" } },
  { CANVAS, "Set or remove a breakpoint; open a folded group", NULL, { "Return" } },
  { CANVAS, "Move the view", NULL, { "<Ctrl>Left", "<Ctrl>Right", "<Ctrl>Up", "<Ctrl>Down" } },
  { CANVAS, "Select nothing", NULL, { "Escape" } },
  { TENSOR, "Move the cursor in values, steps and flow", NULL, { "Left", "Right", "Up", "Down" } },
  { TENSOR, "Copy the number", NULL, { "<Ctrl>c" } },
  { TENSOR, "Remove a breakpoint from the list", NULL, { "Delete" } },
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
      tooltip = g_strdup_printf ("%s (%s)", command->title, label);
      gtk_widget_set_tooltip_text (widget, tooltip);
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      command->title, -1);
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
                               command->title, keys);

  g_string_append (xml, shortcut);
}

/* A window of shortcuts is made of a description, and only so. */
GtkWidget *
inspector_commands_make_overlay (void)
{
  g_autoptr (GString) xml = g_string_new ("<interface><object class='GtkShortcutsWindow' id='overlay'><child>"
                                          "<object class='GtkShortcutsSection'>"
                                          "<property name='section-name'>shortcuts</property>"
                                          "<property name='max-height'>16</property>");
  g_autoptr (GtkBuilder) builder = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      gboolean begins = i == 0 || !g_str_equal (commands[i].group, commands[i - 1].group);
      gboolean ends = i + 1 == G_N_ELEMENTS (commands)
                      || !g_str_equal (commands[i].group, commands[i + 1].group);

      if (begins)
        g_string_append_printf (xml, "<child><object class='GtkShortcutsGroup'>"
                                     "<property name='title'>%s</property>", commands[i].group);
      append_shortcut (xml, &commands[i]);
      if (ends)
        g_string_append (xml, "</object></child>");
    }
  g_string_append (xml, "</object></child></object></interface>");
  builder = gtk_builder_new_from_string (xml->str, xml->len);
  return g_object_ref (GTK_WIDGET (gtk_builder_get_object (builder, "overlay")));
}
