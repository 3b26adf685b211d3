/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where passes are to stop: read from what the inspector asks for, and asked at each node. */

#include "inspect/gten-inspect-private.h"

#include "device/gten-device.h"
#include "ops/gten-op.h"

void
gten_breakpoint_free (gpointer data)
{
  GtenBreakpoint *self = data;

  g_clear_pointer (&self->name, g_pattern_spec_free);
  g_clear_pointer (&self->condition, gten_condition_unref);
  g_clear_pointer (&self->where, g_variant_unref);
  g_free (self);
}

/* What may be said once beside what. */
static gboolean
is_plain (const GtenBreakpoint *self)
{
  gboolean place = self->node != 0 || self->name != NULL;
  guint n_kinds = self->pass + self->end + self->nonfinite + (place || self->condition != NULL);

  return n_kinds == 1 && !(self->node != 0 && self->name != NULL);
}

GtenBreakpoint *
gten_breakpoint_new (GVariant *where, GError **error)
{
  GtenBreakpoint *self = g_new0 (GtenBreakpoint, 1);
  const char *name = NULL, *condition = NULL;

  self->where = g_variant_ref (where);
  self->from_hit = 1;
  g_variant_lookup (where, "pass", "b", &self->pass);
  g_variant_lookup (where, "end", "b", &self->end);
  g_variant_lookup (where, "nonfinite", "b", &self->nonfinite);
  g_variant_lookup (where, "node", "t", &self->node);
  g_variant_lookup (where, "hit", "u", &self->from_hit);
  if (g_variant_lookup (where, "name", "&s", &name))
    self->name = g_pattern_spec_new (name);
  if (g_variant_lookup (where, "condition", "&s", &condition))
    {
      self->condition = gten_condition_new (condition, NULL, error);
      if (self->condition == NULL)
        {
          gten_breakpoint_free (self);
          return NULL;
        }
    }
  if (is_plain (self))
    return self;
  gten_breakpoint_free (self);
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
               "A breakpoint is given by one of \"pass\", \"end\", \"nonfinite\", \"node\", \"name\" and \"condition\", the last "
               "also beside \"node\" or \"name\"");
  return NULL;
}

static GtenConditionSubject
describe (const GtenBreakpoint *self, GtenNode *node, const GtenMeasures *measures)
{
  GtenOp *op = gten_node_get_op (node);
  gsize n_dims = 0;
  GtenConditionSubject subject = {
    .name = gten_node_get_name (node),
    .op = op != NULL ? gten_op_get_name (op) : NULL,
    .site = gten_node_get_creation_site (node),
    .state = "ready",
    .n_nan = measures->n_nan,
    .n_infinite = measures->n_infinite,
    .minimum = measures->minimum,
    .maximum = measures->maximum,
    .mean = measures->mean,
    .norm = measures->norm,
    .hit = self->n_hits + 1,
    .leaf = gten_node_get_variable (node) != NULL,
    .measured = measures->numel > 0,
    .n_dims = -1,
  };

  if (gten_node_get_n_outputs (node) > 0)
    {
      subject.shape = gten_node_get_output_shape (node, 0, &n_dims);
      subject.n_dims = n_dims;
      subject.dtype = gten_dtype_get_name (gten_node_get_output_dtype (node, 0));
    }
  return subject;
}

gboolean
gten_breakpoint_hit (GtenBreakpoint *self, GtenNode *node, const GtenMeasures *measures)
{
  GtenConditionSubject subject;
  g_autofree char *device = NULL;
  GtenTensor *variable;

  if (self->node != 0 && self->node != gten_node_get_id (node))
    return FALSE;
  if (self->name != NULL && !g_pattern_spec_match_string (self->name, gten_node_get_name (node)))
    return FALSE;
  if (self->condition != NULL)
    {
      variable = gten_node_get_variable (node);
      device = gten_device_to_string (variable != NULL ? gten_tensor_get_device (variable) : gten_device_get_cpu ());
      subject = describe (self, node, measures);
      subject.device = device;
      if (!gten_condition_matches (self->condition, &subject))
        return FALSE;
    }
  return ++self->n_hits >= self->from_hit;
}
