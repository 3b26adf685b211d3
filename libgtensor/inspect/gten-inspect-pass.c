/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known of a pass, and how the inspector is told of it. What happened is sent in portions: at a
 * stop, at the end, and otherwise at most every few milliseconds. A pass that is over sooner, as those
 * of a fast training loop are, is not announced at all. */

#include "inspect/gten-inspect-pass-private.h"

#include "autograd/gten-backward-private.h"

#include <math.h>

#define PROGRESS_INTERVAL_US 16000
#define PROGRESS_MAX_RECORDS 4096

/* As GTEN_INSPECT_STATE and GTEN_INSPECT_CONTRIBUTION lie in memory. */
typedef struct
{
  guint64      node;
  guint8       state;
  guint32      n_arrived, n_expected;
  GtenMeasures measures;
} StateRecord;

typedef struct
{
  guint64      from, to;
  guint32      output_nr;
  GtenMeasures measures;
} ArrivalRecord;

GtenInspectPass *
gten_inspect_pass_new (GtenBackward *backward, guint64 id)
{
  GtenInspectPass *self = g_new0 (GtenInspectPass, 1);

  self->backward = backward;
  self->id = id;
  self->sent_at = g_get_monotonic_time ();
  self->states = g_array_new (FALSE, TRUE, sizeof (StateRecord));
  self->arrivals = g_array_new (FALSE, TRUE, sizeof (ArrivalRecord));
  self->measured = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->oldest_kept = backward->oldest_kept;
  gten_inspect_pass_note_progress (self);
  return self;
}

void
gten_inspect_pass_free (GtenInspectPass *self)
{
  g_clear_pointer (&self->nonfinite, g_hash_table_unref);
  g_clear_pointer (&self->measured, g_hash_table_unref);
  g_clear_pointer (&self->flow_nodes, g_ptr_array_unref);
  g_clear_pointer (&self->flow_logs, g_array_unref);
  g_clear_pointer (&self->states, g_array_unref);
  g_clear_pointer (&self->arrivals, g_array_unref);
  gten_journal_free (self->journal);
  g_free (self);
}

/* -- telling ------------------------------------------------------------------------------------ */

static void
announce (GtenInspectPass *self)
{
  if (self->announced)
    return;
  self->announced = TRUE;
  gten_inspect_emit ("PassBegan", g_variant_new ("(tuu)", self->id, gten_backward_get_n_nodes (self->backward),
                                                 self->depth));
}

static GVariant *
take_records (GArray *records, const char *type)
{
  GVariant *list = g_variant_new_fixed_array (G_VARIANT_TYPE (type), records->data, records->len,
                                              g_array_get_element_size (records));

  g_array_set_size (records, 0);
  return list;
}

void
gten_inspect_pass_send_progress (GtenInspectPass *self)
{
  announce (self);
  if (self->states->len + self->arrivals->len > 0)
    {
      GVariant *states = take_records (self->states, GTEN_INSPECT_STATE);
      GVariant *arrivals = take_records (self->arrivals, GTEN_INSPECT_CONTRIBUTION);

      gten_inspect_emit ("Progress", g_variant_new ("(t@a" GTEN_INSPECT_STATE "@a" GTEN_INSPECT_CONTRIBUTION ")", self->id,
                                                    states, arrivals));
    }
  self->sent_at = g_get_monotonic_time ();
}

static void
send_if_due (GtenInspectPass *self)
{
  if (self->states->len >= PROGRESS_MAX_RECORDS || g_get_monotonic_time () - self->sent_at > PROGRESS_INTERVAL_US)
    gten_inspect_pass_send_progress (self);
}

void
gten_inspect_pass_record_arrival (GtenInspectPass *self, GtenNode *from, GtenNode *to, guint output_nr,
                                  const GtenMeasures *measures)
{
  ArrivalRecord *record;

  g_array_set_size (self->arrivals, self->arrivals->len + 1);
  record = &g_array_index (self->arrivals, ArrivalRecord, self->arrivals->len - 1);
  record->from = from != NULL ? gten_node_get_id (from) : 0;
  record->to = gten_node_get_id (to);
  record->output_nr = output_nr;
  record->measures = *measures;
}

void
gten_inspect_pass_record_state (GtenInspectPass *self, GtenNode *node, GtenGradState state, guint n_arrived,
                                guint n_expected, const GtenMeasures *measures)
{
  StateRecord *record;

  g_array_set_size (self->states, self->states->len + 1);
  record = &g_array_index (self->states, StateRecord, self->states->len - 1);
  record->node = gten_node_get_id (node);
  record->state = state;
  record->n_arrived = n_arrived;
  record->n_expected = n_expected;
  record->measures = *measures;
  send_if_due (self);
}

void
gten_inspect_pass_note_progress (GtenInspectPass *self)
{
  self->n_done = gten_backward_get_n_done (self->backward);
  self->keep_bytes = self->backward->keep_bytes;
  self->kept_bytes = self->backward->kept_bytes;
}

void
gten_inspect_pass_note_freed (GtenInspectPass *self)
{
  GVariantBuilder nodes;
  guint oldest = self->backward->oldest_kept;

  if (oldest <= self->oldest_kept || self->backward->keep_bytes == 0)
    return;
  g_variant_builder_init (&nodes, G_VARIANT_TYPE ("at"));
  for (guint i = self->oldest_kept; i < oldest; i++)
    g_variant_builder_add (&nodes, "t", gten_node_get_id (gten_backward_task (self->backward, i)->node));
  self->n_freed += oldest - self->oldest_kept;
  self->oldest_kept = oldest;
  announce (self);
  gten_inspect_emit ("Freed", g_variant_new ("(t@at)", self->id, g_variant_builder_end (&nodes)));
}

void
gten_inspect_pass_note_flow (GtenInspectPass *self, GtenNode *node)
{
  const GtenMeasures *measures = &self->current;
  float log = measures->numel == 0                     ? NAN
              : !gten_measures_are_finite (measures)   ? INFINITY
                                                       : log10 (measures->norm / sqrt (measures->numel));

  g_ptr_array_add (self->flow_nodes, node);
  g_array_append_val (self->flow_logs, log);
}

/* -- asked for ---------------------------------------------------------------------------------- */

/* A new string: what the kernel calls a thread of this process. */
static char *
get_thread_name (pid_t thread)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/comm", (int) thread);
  g_autofree char *name = NULL;

  if (!g_file_get_contents (path, &name, NULL, NULL))
    return g_strdup ("");
  return g_utf8_make_valid (g_strchomp (name), -1);
}

GVariant *
gten_inspect_pass_describe (GtenInspectPass *self)
{
  g_autofree char *thread_name = get_thread_name (self->thread);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&list, "{sv}", "n-nodes", g_variant_new_uint32 (gten_backward_get_n_nodes (self->backward)));
  g_variant_builder_add (&list, "{sv}", "n-done", g_variant_new_uint32 (self->n_done));
  g_variant_builder_add (&list, "{sv}", "next", g_variant_new_uint64 (self->next_node));
  g_variant_builder_add (&list, "{sv}", "state", g_variant_new_string (self->stopped ? "stopped" : "running"));
  g_variant_builder_add (&list, "{sv}", "depth", g_variant_new_uint32 (self->depth));
  g_variant_builder_add (&list, "{sv}", "parent", g_variant_new_uint64 (self->parent));
  g_variant_builder_add (&list, "{sv}", "thread", g_variant_new_uint32 (self->thread));
  g_variant_builder_add (&list, "{sv}", "thread-name", g_variant_new_string (thread_name));
  g_variant_builder_add (&list, "{sv}", "retains-graph",
                         g_variant_new_boolean ((self->backward->flags & GTEN_BACKWARD_RETAIN_GRAPH) != 0));
  g_variant_builder_add (&list, "{sv}", "creates-graph",
                         g_variant_new_boolean ((self->backward->flags & GTEN_BACKWARD_CREATE_GRAPH) != 0));
  g_variant_builder_add (&list, "{sv}", "keep-bytes", g_variant_new_uint64 (self->keep_bytes));
  g_variant_builder_add (&list, "{sv}", "kept-bytes", g_variant_new_uint64 (self->kept_bytes));
  g_variant_builder_add (&list, "{sv}", "n-freed", g_variant_new_uint32 (self->n_freed));
  if (self->journal != NULL && self->stopped)
    gten_journal_describe (self->journal, &list);
  return g_variant_builder_end (&list);
}
