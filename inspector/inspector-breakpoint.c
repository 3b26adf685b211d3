/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-breakpoint-private.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (InspectorBreakpoint, inspector_breakpoint, G_TYPE_OBJECT)

enum { PROP_CONDITION = 1, PROP_HIT, PROP_ENABLED, PROP_N_HITS, PROP_ERROR, N_PROPS };

static GParamSpec *properties[N_PROPS];
static guint changed_signal;

static void
check_condition (InspectorBreakpoint *self)
{
  g_autofree char *text = inspector_breakpoint_condition (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenCondition) condition = text != NULL ? gten_condition_new (text, NULL, &error) : NULL;

  inspector_breakpoint_set_error (self, error != NULL ? error->message : NULL);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InspectorBreakpoint *self = INSPECTOR_BREAKPOINT (object);

  switch (id)
    {
    case PROP_CONDITION:
      g_value_set_string (value, self->condition);
      break;
    case PROP_HIT:
      g_value_set_uint (value, self->hit);
      break;
    case PROP_ENABLED:
      g_value_set_boolean (value, self->enabled);
      break;
    case PROP_N_HITS:
      g_value_set_uint (value, self->n_hits);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InspectorBreakpoint *self = INSPECTOR_BREAKPOINT (object);

  switch (id)
    {
    case PROP_CONDITION:
      if (g_strcmp0 (self->condition, g_value_get_string (value)) == 0)
        return;
      g_free (self->condition);
      self->condition = g_value_dup_string (value);
      check_condition (self);
      break;
    case PROP_HIT:
      if (self->hit == g_value_get_uint (value))
        return;
      self->hit = g_value_get_uint (value);
      break;
    case PROP_ENABLED:
      if (self->enabled == g_value_get_boolean (value))
        return;
      self->enabled = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  g_object_notify_by_pspec (object, pspec);
  g_signal_emit (self, changed_signal, 0);
}

static void
finalize (GObject *object)
{
  InspectorBreakpoint *self = INSPECTOR_BREAKPOINT (object);

  g_free (self->text);
  g_free (self->condition);
  g_free (self->error);
  G_OBJECT_CLASS (inspector_breakpoint_parent_class)->finalize (object);
}

static void
inspector_breakpoint_class_init (InspectorBreakpointClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags both = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  properties[PROP_CONDITION] = g_param_spec_string ("condition", NULL, NULL, "", both);
  properties[PROP_HIT] = g_param_spec_uint ("hit", NULL, NULL, 1, G_MAXUINT, 1, both);
  properties[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, TRUE, both);
  properties[PROP_N_HITS] = g_param_spec_uint ("n-hits", NULL, NULL, 0, G_MAXUINT, 0, read);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, read);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed_signal = g_signal_new ("changed", INSPECTOR_TYPE_BREAKPOINT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
inspector_breakpoint_init (InspectorBreakpoint *self)
{
  self->condition = g_strdup ("");
  self->hit = 1;
  self->enabled = TRUE;
}

InspectorBreakpoint *
inspector_breakpoint_new (InspectorStop stop, const char *text)
{
  InspectorBreakpoint *self = g_object_new (INSPECTOR_TYPE_BREAKPOINT, NULL);

  self->stop = stop;
  self->text = g_strdup (text);
  return self;
}

InspectorStop
inspector_breakpoint_get_stop (InspectorBreakpoint *self)
{
  return self->stop;
}

const char *
inspector_breakpoint_get_text (InspectorBreakpoint *self)
{
  return self->text;
}

char *
inspector_breakpoint_describe (InspectorBreakpoint *self)
{
  switch (self->stop)
    {
    case INSPECTOR_STOP_NODE:
      return g_strdup_printf (_ ("Node %u, %s"), self->place + 1, self->text);
    case INSPECTOR_STOP_NAME:
      return g_strdup_printf (_ ("Nodes called %s"), self->text);
    case INSPECTOR_STOP_OP:
      return g_strdup_printf (_ ("Operation %s"), self->text);
    case INSPECTOR_STOP_LINE:
      return g_strdup_printf (_ ("Recorded at %s"), self->text);
    case INSPECTOR_STOP_NONFINITE:
      return g_strdup (_ ("Makes what is not finite"));
    default:
      return g_strdup (_ ("Any node"));
    }
}

char *
inspector_breakpoint_condition (InspectorBreakpoint *self)
{
  const char *key = self->stop == INSPECTOR_STOP_OP ? "op" : self->stop == INSPECTOR_STOP_LINE ? "site" : NULL;
  g_autofree char *condition = g_strstrip (g_strdup (self->condition));

  if (key == NULL)
    return *condition != '\0' ? g_steal_pointer (&condition) : NULL;
  return *condition != '\0' ? g_strdup_printf ("%s:%s and (%s)", key, self->text, condition)
                            : g_strdup_printf ("%s:%s", key, self->text);
}

void
inspector_breakpoint_set_error (InspectorBreakpoint *self, const char *error)
{
  if (g_strcmp0 (self->error, error) == 0)
    return;
  g_free (self->error);
  self->error = g_strdup (error);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

void
inspector_breakpoint_set_n_hits (InspectorBreakpoint *self, guint n_hits)
{
  if (self->n_hits == n_hits)
    return;
  self->n_hits = n_hits;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_HITS]);
}
