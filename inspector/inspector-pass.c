/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-pass.h"

#include <glib/gi18n-lib.h>

#define MAX_EARLY (1 << 18)     /* nodes whose progress is kept for a graph that may never be looked at */

G_DEFINE_FINAL_TYPE (InspectorPass, inspector_pass, G_TYPE_OBJECT)

enum { PROP_TITLE = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TITLE)
    g_value_take_string (value, inspector_pass_get_title (INSPECTOR_PASS (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
finalize (GObject *object)
{
  InspectorPass *self = INSPECTOR_PASS (object);

  g_free (self->thread_name);
  g_free (self->reason);
  g_clear_object (&self->source);
  g_clear_object (&self->graph);
  g_ptr_array_unref (self->early);
  G_OBJECT_CLASS (inspector_pass_parent_class)->finalize (object);
}

static void
inspector_pass_class_init (InspectorPassClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = get_property;
  object_class->finalize = finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
inspector_pass_init (InspectorPass *self)
{
  self->early = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
}

InspectorPass *
inspector_pass_new (guint64 id)
{
  InspectorPass *self = g_object_new (INSPECTOR_TYPE_PASS, NULL);

  self->id = id;
  return self;
}

guint64
inspector_pass_get_id (InspectorPass *self)
{
  return self->id;
}

char *
inspector_pass_get_title (InspectorPass *self)
{
  if (self->thread == 0)
    return g_strdup_printf (_ ("Pass %lu"), (gulong) self->id);
  return g_strdup_printf (_ ("Pass %lu, %s (thread %u)"), (gulong) self->id, self->thread_name, self->thread);
}

void
inspector_pass_set_thread (InspectorPass *self, guint thread, const char *name)
{
  g_free (self->thread_name);
  self->thread = thread;
  self->thread_name = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

void
inspector_pass_set_graph (InspectorPass *self, GtenGtkGraph *graph, InspectorDBusInspect1 *service, const char *folder)
{
  g_set_object (&self->graph, graph);
  for (guint i = 0; i < self->early->len; i++)
    gten_gtk_graph_apply (graph, g_ptr_array_index (self->early, i));
  g_ptr_array_set_size (self->early, 0);
  g_clear_object (&self->source);
  self->source = inspector_source_new (service, self->id, graph, folder);
}

/* Of a pass that has gone on for long the graph knows the states; only the oldest norms are lost. */
void
inspector_pass_apply (InspectorPass *self, GVariant *nodes)
{
  if (self->graph != NULL)
    {
      gten_gtk_graph_apply (self->graph, nodes);
      return;
    }
  g_ptr_array_add (self->early, g_variant_ref (nodes));
  self->n_early += g_variant_n_children (nodes);
  while (self->n_early > MAX_EARLY && self->early->len > 0)
    {
      self->n_early -= g_variant_n_children (g_ptr_array_index (self->early, 0));
      g_ptr_array_remove_index (self->early, 0);
    }
}

void
inspector_pass_set_stopped (InspectorPass *self, gboolean stopped)
{
  self->stopped = stopped;
  if (self->source != NULL)
    inspector_source_set_stopped (self->source, stopped);
}

gboolean
inspector_pass_is_settled (InspectorPass *self)
{
  return self->source == NULL || inspector_source_get_n_calls (self->source) == 0;
}

gboolean
inspector_pass_is_at_end (InspectorPass *self)
{
  return self->stopped && self->next_node == 0;
}
