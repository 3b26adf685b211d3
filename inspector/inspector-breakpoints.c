/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-breakpoint-private.h"

#include <glib/gi18n-lib.h>

struct _InspectorBreakpoints
{
  GObject                parent_instance;

  InspectorDBusInspect1 *service;
  GtenGtkGraph          *graph;
  gboolean               stop_at_passes;
  GPtrArray             *list;
  InspectorRequest      *begin, *end;  /* of each pass, or NULL */
};

static GType
get_item_type (GListModel *model)
{
  return INSPECTOR_TYPE_BREAKPOINT;
}

static guint
get_n_items (GListModel *model)
{
  return INSPECTOR_BREAKPOINTS (model)->list->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  InspectorBreakpoints *self = INSPECTOR_BREAKPOINTS (model);

  return position < self->list->len ? g_object_ref (g_ptr_array_index (self->list, position)) : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (InspectorBreakpoints, inspector_breakpoints, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static guint failed_signal;

/* -- at the service ---------------------------------------------------------------------------- */

static void
release (gpointer data)
{
  InspectorRequest *request = data;

  if (g_ref_count_dec (&request->references))
    g_free (request);
}

typedef struct
{
  InspectorBreakpoints *breakpoints;
  InspectorBreakpoint  *breakpoint;    /* NULL for those of each pass */
  InspectorRequest     *request;
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
  g_autoptr (InspectorBreakpoint) breakpoint = call->breakpoint;
  InspectorDBusInspect1 *service = INSPECTOR_DBUS_INSPECT1 (object);
  g_autoptr (GError) error = NULL;

  if (inspector_dbus_inspect1_call_add_breakpoint_finish (service, &call->request->id, result,
                                                          &error))
    {
      if (call->request->removed)
        remove_from (service, call->request->id);
    }
  else if (breakpoint != NULL && !call->request->removed)
    {
      g_dbus_error_strip_remote_error (error);
      inspector_breakpoint_set_error (breakpoint, error->message);
    }
  else if (breakpoint == NULL)
    g_signal_emit (self, failed_signal, 0, error);
  release (call->request);
}

static InspectorRequest *
request (InspectorBreakpoints *self, GVariant *where, InspectorBreakpoint *breakpoint)
{
  InspectorRequest *request = g_new0 (InspectorRequest, 1);
  Call *call = g_new (Call, 1);

  g_ref_count_init (&request->references);
  g_ref_count_inc (&request->references);
  *call = (Call) { g_object_ref (self), breakpoint != NULL ? g_object_ref (breakpoint) : NULL, request };
  inspector_dbus_inspect1_call_add_breakpoint (self->service, where, NULL, added_cb, call);
  return request;
}

static void
take_away (InspectorBreakpoints *self, InspectorRequest **request)
{
  if (*request == NULL)
    return;
  (*request)->removed = TRUE;
  if (self->service != NULL && (*request)->id != 0)
    remove_from (self->service, (*request)->id);
  g_clear_pointer (request, release);
}

static void
set (InspectorBreakpoints *self, InspectorRequest **there, const char *kind, gboolean wanted)
{
  GVariantBuilder where;

  if (!wanted)
    {
      take_away (self, there);
      return;
    }
  if (*there != NULL)
    return;
  g_variant_builder_init (&where, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&where, "{sv}", kind, g_variant_new_boolean (TRUE));
  *there = request (self, g_variant_builder_end (&where), NULL);
}

/* Passes stop at their begin where a user asks for it, and for breakpoints on nodes to be set
 * anew. */
static void
update_passes (InspectorBreakpoints *self)
{
  gboolean any_node = FALSE;

  if (self->service == NULL)
    return;
  for (guint i = 0; i < self->list->len; i++)
    {
      InspectorBreakpoint *each = g_ptr_array_index (self->list, i);
      any_node |= each->stop == INSPECTOR_STOP_NODE && each->enabled;
    }
  set (self, &self->begin, "pass", self->stop_at_passes || any_node);
  set (self, &self->end, "end", self->stop_at_passes);
}

static GtenGtkNode *
find_node (InspectorBreakpoints *self, InspectorBreakpoint *breakpoint)
{
  GtenGtkNode *node = self->graph != NULL ? gten_gtk_graph_get_node (self->graph, breakpoint->place) : NULL;

  return node != NULL && g_strcmp0 (gten_gtk_node_get_name (node), breakpoint->text) == 0 ? node : NULL;
}

/* Sets one at the service, if that can be done now. */
static void
send (InspectorBreakpoints *self, InspectorBreakpoint *breakpoint)
{
  GtenGtkNode *node = breakpoint->stop == INSPECTOR_STOP_NODE ? find_node (self, breakpoint) : NULL;
  g_autofree char *condition = inspector_breakpoint_condition (breakpoint);
  GVariantBuilder where;

  take_away (self, &breakpoint->request);
  if (node != NULL)
    gten_gtk_node_set_breakpoint (node, breakpoint->enabled);
  if (self->service == NULL || !breakpoint->enabled || breakpoint->error != NULL
      || (breakpoint->stop == INSPECTOR_STOP_NODE && node == NULL))
    return;
  g_variant_builder_init (&where, G_VARIANT_TYPE_VARDICT);
  if (node != NULL)
    g_variant_builder_add (&where, "{sv}", "node", g_variant_new_uint64 (gten_gtk_node_get_id (node)));
  else if (breakpoint->stop == INSPECTOR_STOP_NAME)
    g_variant_builder_add (&where, "{sv}", "name", g_variant_new_string (breakpoint->text));
  else if (breakpoint->stop == INSPECTOR_STOP_NONFINITE)
    g_variant_builder_add (&where, "{sv}", "nonfinite", g_variant_new_boolean (TRUE));
  if (condition != NULL)
    g_variant_builder_add (&where, "{sv}", "condition", g_variant_new_string (condition));
  if (breakpoint->hit > 1)
    g_variant_builder_add (&where, "{sv}", "hit", g_variant_new_uint32 (breakpoint->hit));
  breakpoint->request = request (self, g_variant_builder_end (&where), breakpoint);
}

static void
changed_cb (InspectorBreakpoints *self, InspectorBreakpoint *breakpoint)
{
  update_passes (self);
  send (self, breakpoint);
}

/* -- the list ---------------------------------------------------------------------------------- */

static void
append (InspectorBreakpoints *self, InspectorBreakpoint *breakpoint)
{
  g_signal_connect_object (breakpoint, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->list, breakpoint);
  g_list_model_items_changed (G_LIST_MODEL (self), self->list->len - 1, 0, 1);
  changed_cb (self, breakpoint);
}

InspectorBreakpoint *
inspector_breakpoints_add (InspectorBreakpoints *self, InspectorStop stop, const char *text,
                           const char *condition, guint hit, GError **error)
{
  g_autoptr (InspectorBreakpoint) breakpoint = NULL;
  g_autofree char *pattern = g_strstrip (g_strdup (text));
  gboolean needs_text = stop == INSPECTOR_STOP_NAME || stop == INSPECTOR_STOP_OP || stop == INSPECTOR_STOP_LINE;

  if (needs_text && (*pattern == '\0' || strpbrk (pattern, " ()\"") != NULL))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, _ ("A breakpoint needs one word to stop at, such as %s"),
                   stop == INSPECTOR_STOP_LINE ? "train.py:30" : stop == INSPECTOR_STOP_OP ? "mul" : "Mul*");
      return NULL;
    }
  breakpoint = inspector_breakpoint_new (stop, pattern);
  g_object_set (breakpoint, "condition", condition, "hit", MAX (hit, 1), NULL);
  if (breakpoint->error == NULL && stop == INSPECTOR_STOP_CONDITION && inspector_breakpoint_condition (breakpoint) == NULL)
    inspector_breakpoint_set_error (breakpoint, _ ("A condition is missing, such as norm > 1e3"));
  if (breakpoint->error != NULL)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, breakpoint->error);
      return NULL;
    }
  append (self, g_object_ref (breakpoint));
  return breakpoint;
}

void
inspector_breakpoints_remove (InspectorBreakpoints *self, InspectorBreakpoint *breakpoint)
{
  GtenGtkNode *node = breakpoint->stop == INSPECTOR_STOP_NODE ? find_node (self, breakpoint) : NULL;
  guint position;

  if (!g_ptr_array_find (self->list, breakpoint, &position))
    return;
  if (node != NULL)
    gten_gtk_node_set_breakpoint (node, FALSE);
  take_away (self, &breakpoint->request);
  g_signal_handlers_disconnect_by_data (breakpoint, self);
  g_ptr_array_remove_index (self->list, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
  update_passes (self);
}

void
inspector_breakpoints_set_service (InspectorBreakpoints *self, InspectorDBusInspect1 *service)
{
  g_set_object (&self->service, service);
  g_clear_object (&self->graph);
  g_clear_pointer (&self->begin, release);
  g_clear_pointer (&self->end, release);
  update_passes (self);
  for (guint i = 0; i < self->list->len; i++)
    {
      InspectorBreakpoint *each = g_ptr_array_index (self->list, i);

      g_clear_pointer (&each->request, release);
      if (service != NULL && each->stop != INSPECTOR_STOP_NODE)
        send (self, each);
    }
}

void
inspector_breakpoints_set_graph (InspectorBreakpoints *self, GtenGtkGraph *graph)
{
  g_set_object (&self->graph, graph);
  for (guint i = 0; i < self->list->len; i++)
    {
      InspectorBreakpoint *each = g_ptr_array_index (self->list, i);

      if (each->stop == INSPECTOR_STOP_NODE)
        send (self, each);
    }
}

void
inspector_breakpoints_set_node (InspectorBreakpoints *self, GtenGtkNode *node, gboolean wanted)
{
  InspectorBreakpoint *breakpoint = NULL;

  for (guint i = 0; i < self->list->len && breakpoint == NULL; i++)
    {
      InspectorBreakpoint *each = g_ptr_array_index (self->list, i);

      if (each->stop == INSPECTOR_STOP_NODE && find_node (self, each) == node)
        breakpoint = each;
    }
  if (!wanted && breakpoint != NULL)
    inspector_breakpoints_remove (self, breakpoint);
  else if (wanted && breakpoint != NULL)
    g_object_set (breakpoint, "enabled", TRUE, NULL);
  else if (wanted)
    {
      breakpoint = inspector_breakpoint_new (INSPECTOR_STOP_NODE, gten_gtk_node_get_name (node));
      breakpoint->place = gten_gtk_node_get_index (node);
      append (self, breakpoint);
    }
}

static void
counted_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorBreakpoints) self = user_data;
  g_autoptr (GVariant) counts = NULL;
  GVariantIter iter;
  guint id, n_hits;

  if (!inspector_dbus_inspect1_call_get_breakpoints_finish (INSPECTOR_DBUS_INSPECT1 (object), &counts, result, NULL))
    return;
  g_variant_iter_init (&iter, counts);
  while (g_variant_iter_next (&iter, "(ua{sv}u)", &id, NULL, &n_hits))
    for (guint i = 0; i < self->list->len; i++)
      {
        InspectorBreakpoint *each = g_ptr_array_index (self->list, i);

        if (each->request != NULL && each->request->id == id)
          inspector_breakpoint_set_n_hits (each, n_hits);
      }
}

void
inspector_breakpoints_count (InspectorBreakpoints *self)
{
  if (self->service != NULL && self->list->len > 0)
    inspector_dbus_inspect1_call_get_breakpoints (self->service, NULL, counted_cb, g_object_ref (self));
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
  while (self->list->len > 0)
    inspector_breakpoints_remove (self, g_ptr_array_index (self->list, self->list->len - 1));
}

/* -- the object -------------------------------------------------------------------------------- */

static void
free_breakpoint (gpointer data)
{
  InspectorBreakpoint *breakpoint = data;

  g_clear_pointer (&breakpoint->request, release);
  g_object_unref (breakpoint);
}

static void
finalize (GObject *object)
{
  InspectorBreakpoints *self = INSPECTOR_BREAKPOINTS (object);

  g_clear_object (&self->service);
  g_clear_object (&self->graph);
  g_clear_pointer (&self->begin, release);
  g_clear_pointer (&self->end, release);
  g_ptr_array_unref (self->list);
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
  self->list = g_ptr_array_new_with_free_func (free_breakpoint);
}

InspectorBreakpoints *
inspector_breakpoints_new (void)
{
  return g_object_new (INSPECTOR_TYPE_BREAKPOINTS, NULL);
}
