/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-breakpoints.h"

/* One that the service has been asked for. Its number comes with the answer; it may be unwanted
 * by then. */
typedef struct
{
  grefcount references;
  guint     id;
  gboolean  removed;
} Breakpoint;

struct _InspectorBreakpoints
{
  GObject                parent_instance;

  InspectorDBusInspect1 *service;
  gboolean               stop_at_passes;
  GHashTable            *places;       /* of nodes in the order -> name */
  GHashTable            *nodes;        /* number of a node of this pass -> Breakpoint */
  Breakpoint            *begin, *end;  /* of each pass, or NULL */
};

G_DEFINE_FINAL_TYPE (InspectorBreakpoints, inspector_breakpoints, G_TYPE_OBJECT)

static guint failed_signal;

static void
release (gpointer data)
{
  Breakpoint *breakpoint = data;

  if (g_ref_count_dec (&breakpoint->references))
    g_free (breakpoint);
}

typedef struct
{
  InspectorBreakpoints *breakpoints;
  Breakpoint           *breakpoint;
} Call;

static void
remove_from (InspectorDBusInspect1 *service, guint id)
{
  inspector_dbus_inspect1_call_remove_breakpoint (service, id, NULL, NULL, NULL);
}

static void
added_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (InspectorBreakpoints) self = call->breakpoints;
  InspectorDBusInspect1 *service = INSPECTOR_DBUS_INSPECT1 (object);
  g_autoptr (GError) error = NULL;

  if (!inspector_dbus_inspect1_call_add_breakpoint_finish (service, &call->breakpoint->id, result,
                                                           &error))
    g_signal_emit (self, failed_signal, 0, error);
  else if (call->breakpoint->removed)
    remove_from (service, call->breakpoint->id);
  release (call->breakpoint);
}

static Breakpoint *
add (InspectorBreakpoints *self, const char *kind, GVariant *value)
{
  Breakpoint *breakpoint = g_new0 (Breakpoint, 1);
  Call *call = g_new (Call, 1);
  GVariantBuilder where;

  g_ref_count_init (&breakpoint->references);
  g_ref_count_inc (&breakpoint->references);
  *call = (Call) { g_object_ref (self), breakpoint };
  g_variant_builder_init (&where, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&where, "{sv}", kind, value);
  inspector_dbus_inspect1_call_add_breakpoint (self->service, g_variant_builder_end (&where), NULL,
                                               added_cb, call);
  return breakpoint;
}

static void
take_away (InspectorBreakpoints *self, Breakpoint *breakpoint)
{
  breakpoint->removed = TRUE;
  if (self->service != NULL && breakpoint->id != 0)
    remove_from (self->service, breakpoint->id);
}

static void
set (InspectorBreakpoints *self, Breakpoint **breakpoint, const char *kind, gboolean wanted)
{
  if (wanted && *breakpoint == NULL)
    *breakpoint = add (self, kind, g_variant_new_boolean (TRUE));
  else if (!wanted && *breakpoint != NULL)
    {
      take_away (self, *breakpoint);
      g_clear_pointer (breakpoint, release);
    }
}

/* Passes stop at their begin where a user asks for it, and for breakpoints to be set anew. */
static void
update_passes (InspectorBreakpoints *self)
{
  if (self->service == NULL)
    return;
  set (self, &self->begin, "pass", self->stop_at_passes || g_hash_table_size (self->places) > 0);
  set (self, &self->end, "end", self->stop_at_passes);
}

static void
add_node (InspectorBreakpoints *self, GtenGtkNode *node)
{
  guint64 *key = g_new (guint64, 1);

  *key = gten_gtk_node_get_id (node);
  g_hash_table_replace (self->nodes, key, add (self, "node", g_variant_new_uint64 (*key)));
}

void
inspector_breakpoints_set_service (InspectorBreakpoints *self, InspectorDBusInspect1 *service)
{
  g_set_object (&self->service, service);
  g_hash_table_remove_all (self->nodes);
  g_clear_pointer (&self->begin, release);
  g_clear_pointer (&self->end, release);
  update_passes (self);
}

void
inspector_breakpoints_set_graph (InspectorBreakpoints *self, GtenGtkGraph *graph)
{
  GHashTableIter iter;
  gpointer place, name, breakpoint;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &breakpoint))
    take_away (self, breakpoint);
  g_hash_table_remove_all (self->nodes);
  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, &place, &name))
    {
      GtenGtkNode *node = gten_gtk_graph_get_node (graph, GPOINTER_TO_UINT (place));

      if (node == NULL || g_strcmp0 (gten_gtk_node_get_name (node), name) != 0)
        continue;
      gten_gtk_node_set_breakpoint (node, TRUE);
      add_node (self, node);
    }
}

void
inspector_breakpoints_set_node (InspectorBreakpoints *self, GtenGtkNode *node, gboolean breakpoint)
{
  guint64 id = gten_gtk_node_get_id (node);
  Breakpoint *set = g_hash_table_lookup (self->nodes, &id);
  gpointer place = GUINT_TO_POINTER (gten_gtk_node_get_index (node));

  gten_gtk_node_set_breakpoint (node, breakpoint);
  if (breakpoint)
    g_hash_table_insert (self->places, place, g_strdup (gten_gtk_node_get_name (node)));
  else
    g_hash_table_remove (self->places, place);
  update_passes (self);
  if (breakpoint && set == NULL && self->service != NULL)
    add_node (self, node);
  else if (!breakpoint && set != NULL)
    {
      take_away (self, set);
      g_hash_table_remove (self->nodes, &id);
    }
}

void
inspector_breakpoints_set_passes (InspectorBreakpoints *self, gboolean stop_at_passes)
{
  self->stop_at_passes = stop_at_passes;
  update_passes (self);
}

gboolean
inspector_breakpoints_get_passes (InspectorBreakpoints *self)
{
  return self->stop_at_passes;
}

void
inspector_breakpoints_clear (InspectorBreakpoints *self)
{
  g_hash_table_remove_all (self->places);
  update_passes (self);
}

/* -- the object -------------------------------------------------------------------------------- */

static void
finalize (GObject *object)
{
  InspectorBreakpoints *self = INSPECTOR_BREAKPOINTS (object);

  g_clear_object (&self->service);
  g_clear_pointer (&self->begin, release);
  g_clear_pointer (&self->end, release);
  g_hash_table_unref (self->places);
  g_hash_table_unref (self->nodes);
  G_OBJECT_CLASS (inspector_breakpoints_parent_class)->finalize (object);
}

static void
inspector_breakpoints_class_init (InspectorBreakpointsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = finalize;
  failed_signal = g_signal_new ("failed", INSPECTOR_TYPE_BREAKPOINTS, G_SIGNAL_RUN_LAST, 0,
                                NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
inspector_breakpoints_init (InspectorBreakpoints *self)
{
  self->stop_at_passes = TRUE;
  self->places = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->nodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, release);
}

InspectorBreakpoints *
inspector_breakpoints_new (void)
{
  return g_object_new (INSPECTOR_TYPE_BREAKPOINTS, NULL);
}
