/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What gives way when the window is narrow, a step at a time: first the search goes below the header, then
 * the pages' names to the bottom, then the controls that the menu has as well and one of the two panes.
 * How wide a step must be is what GTK measures, in any language and font. */
#include "inspector-window-private.h"

#define NARROWEST      640        /* what the last step has room in */
#define NARROW_OUTLINE 260

enum { ALL, SEARCH_BELOW, PAGES_BELOW, NARROW };

static void
move_search (InspectorWindow *self, gboolean below)
{
  GtkWidget *header = gtk_window_get_titlebar (GTK_WINDOW (self)), *parent = gtk_widget_get_parent (self->search);
  g_autoptr (GtkWidget) search = g_object_ref (self->search);

  if (below == (parent == self->search_box))
    return;
  if (below)
    {
      gtk_header_bar_remove (GTK_HEADER_BAR (header), search);
      gtk_box_append (GTK_BOX (self->search_box), search);
    }
  else
    {
      gtk_box_remove (GTK_BOX (self->search_box), search);
      gtk_header_bar_pack_end (GTK_HEADER_BAR (header), search);
    }
  gtk_widget_set_hexpand (search, below);
  gtk_widget_set_visible (self->search_button, below);
}

static void
set_pane (InspectorWindow *self, const char *action, gboolean visible)
{
  g_action_group_change_action_state (G_ACTION_GROUP (self), action, g_variant_new_boolean (visible));
}

static gboolean
level_cb (gpointer data)
{
  InspectorWindow *self = data;
  gboolean was_narrow = self->level == NARROW;

  self->level_source = 0;
  self->level = self->wanted_level;
  move_search (self, self->level >= SEARCH_BELOW);
  gtk_widget_set_visible (self->switcher, self->level < PAGES_BELOW);
  gtk_widget_set_visible (self->bottom_switcher, self->level >= PAGES_BELOW);
  gtk_widget_set_visible (self->more_controls, self->level < NARROW);
  if (self->level == NARROW && !was_narrow)
    {
      self->had_outline = gtk_widget_get_visible (self->outline);
      self->had_details = gtk_widget_get_visible (self->node_view);
      if (self->had_details)
        set_pane (self, "outline", FALSE);
    }
  else if (was_narrow && self->level != NARROW)
    {
      set_pane (self, "outline", self->had_outline || gtk_widget_get_visible (self->outline));
      set_pane (self, "details", self->had_details || gtk_widget_get_visible (self->node_view));
    }
  /* The graph is what is looked at. */
  if (self->level >= PAGES_BELOW)
    gtk_paned_set_position (GTK_PANED (self->outer_paned), MIN (gtk_paned_get_position (GTK_PANED (self->outer_paned)), NARROW_OUTLINE));
  return G_SOURCE_REMOVE;
}

void
inspector_window_keep_one_pane (InspectorWindow *self, const char *shown)
{
  const char *other = g_str_equal (shown, "outline") ? "details" : g_str_equal (shown, "details") ? "outline" : NULL;

  if (self->level == NARROW && other != NULL)
    set_pane (self, other, FALSE);
}

void
inspector_window_measure (InspectorWindow *self, int *minimum)
{
  self->min_widths[self->level] = *minimum;
  if (self->level < NARROW)
    *minimum = MIN (*minimum, NARROWEST);
}

int
inspector_window_fit (InspectorWindow *self, int width)
{
  guint level = self->level;

  if (width < self->min_widths[level] && level < NARROW)
    level++;
  else
    while (level > ALL && width >= self->min_widths[level - 1])
      level--;
  self->wanted_level = level;
  /* Not while widgets are given their places. */
  if (level != self->level && self->level_source == 0)
    self->level_source = g_idle_add (level_cb, self);
  return MAX (width, self->min_widths[self->level]);
}
