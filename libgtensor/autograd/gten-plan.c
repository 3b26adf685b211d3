/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plan of a pass. Sequence numbers fall along every edge, so the order in which the highest
 * ready node runs first is the order of the numbers; the nodes that accumulate run as soon as their
 * last contribution is there. */

#include "autograd/gten-backward-private.h"

#include <stdlib.h>
#include <string.h>

static guint
hash (GtenNode *node)
{
  return (guint) ((GPOINTER_TO_SIZE (node) >> 4) * 0x9E3779B97F4A7C15u >> 32);
}

static guint
slot_of (GtenBackward *self, GtenNode *node)
{
  guint slot = hash (node) & self->table_mask;

  while (self->table[slot] != 0 && self->tasks[self->table[slot] - 1].node != node)
    slot = (slot + 1) & self->table_mask;
  return slot;
}

GtenTask *
gten_backward_find (GtenBackward *self, GtenNode *node)
{
  guint32 index = self->table[slot_of (self, node)];

  return index > 0 ? &self->tasks[index - 1] : NULL;
}

static void
grow (GtenBackward *self)
{
  GtenTask *tasks = g_new (GtenTask, self->n_allocated * 2);

  memcpy (tasks, self->tasks, self->n_tasks * sizeof (GtenTask));
  if (self->tasks != self->inline_tasks)
    {
      g_free (self->tasks);
      g_free (self->table);
    }
  self->tasks = tasks;
  self->n_allocated *= 2;
  self->table_mask = self->table_mask * 2 + 1;
  self->table = g_new0 (guint32, self->table_mask + 1);
  for (guint i = 0; i < self->n_tasks; i++)
    self->table[slot_of (self, tasks[i].node)] = i + 1;
}

/* One more contribution will come to `node`. */
static void
expect (GtenBackward *self, GtenNode *node)
{
  guint slot = slot_of (self, node);

  if (self->table[slot] == 0)
    {
      if (self->n_tasks == self->n_allocated)
        {
          grow (self);
          slot = slot_of (self, node);
        }
      self->tasks[self->n_tasks] = (GtenTask) { .node = node };
      self->table[slot] = ++self->n_tasks;
    }
  self->tasks[self->table[slot] - 1].n_expected++;
}

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer data)
{
  GtenBackward *self = data;
  guint64 id_a = gten_node_private (self->tasks[*(const guint32 *) a].node)->id;
  guint64 id_b = gten_node_private (self->tasks[*(const guint32 *) b].node)->id;

  return id_a < id_b ? 1 : id_a > id_b ? -1 : 0;
}

/* From the leaves up: which nodes lead to what was asked for. */
static void
mark_needed (GtenBackward *self, const guint32 *sorted, guint n_sorted)
{
  if (self->captures == NULL)
    {
      for (guint i = 0; i < self->n_tasks; i++)
        self->tasks[i].needed = self->tasks[i].runs = TRUE;
      return;
    }

  for (gsize i = 0; i < self->n_captures; i++)
    {
      GtenTask *task = gten_backward_find (self, self->captures[i].node);

      if (task != NULL)
        task->needed = task->captured = TRUE;
    }
  for (guint i = n_sorted; i-- > 0;)
    {
      GtenTask *task = &self->tasks[sorted[i]];
      GtenNodePrivate *priv = gten_node_private (task->node);

      for (guint e = 0; e < priv->n_edges && !task->runs; e++)
        if (priv->edges[e].node != NULL && gten_backward_find (self, priv->edges[e].node)->needed)
          task->needed = task->runs = TRUE;
    }
}

/* Counts contributions as the pass will, to place what accumulates right behind its last one. */
static void
place_if_accumulates (GtenBackward *self, GtenNode *node)
{
  GtenTask *task;

  if (!gten_node_private (node)->accumulates)
    return;
  task = gten_backward_find (self, node);
  if (++task->n_arrived < task->n_expected)
    return;
  task->n_arrived = 0;
  if (task->needed)
    self->order[self->n_order++] = task - self->tasks;
}

void
gten_backward_plan (GtenBackward *self)
{
  guint32 few[GTEN_PLAN_INLINE];
  g_autofree guint32 *many = NULL;
  guint32 *sorted = few;
  guint n_sorted = 0;

  self->tasks = self->inline_tasks;
  self->n_allocated = GTEN_PLAN_INLINE;
  self->table = self->inline_table;
  self->table_mask = G_N_ELEMENTS (self->inline_table) - 1;

  for (gsize i = 0; i < self->n_roots; i++)
    expect (self, self->roots[i].node);
  for (guint i = 0; i < self->n_tasks; i++)
    {
      GtenNodePrivate *priv = gten_node_private (self->tasks[i].node);

      for (guint e = 0; e < priv->n_edges; e++)
        if (priv->edges[e].node != NULL)
          expect (self, priv->edges[e].node);
    }

  self->order = self->inline_order;
  if (self->n_tasks > GTEN_PLAN_INLINE)
    {
      sorted = many = g_new (guint32, self->n_tasks);
      self->order = g_new (guint32, self->n_tasks);
    }
  for (guint i = 0; i < self->n_tasks; i++)
    if (!gten_node_private (self->tasks[i].node)->accumulates)
      sorted[n_sorted++] = i;
  g_qsort_with_data (sorted, n_sorted, sizeof (guint32), compare_ids, self);

  mark_needed (self, sorted, n_sorted);
  for (gsize i = 0; i < self->n_roots; i++)
    place_if_accumulates (self, self->roots[i].node);
  for (guint i = 0; i < n_sorted; i++)
    {
      GtenTask *task = &self->tasks[sorted[i]];
      GtenNodePrivate *priv = gten_node_private (task->node);

      if (task->needed)
        self->order[self->n_order++] = sorted[i];
      for (guint e = 0; e < priv->n_edges; e++)
        if (priv->edges[e].node != NULL)
          place_if_accumulates (self, priv->edges[e].node);
    }
}

void
gten_backward_plan_clear (GtenBackward *self)
{
  for (guint i = 0; i < self->n_tasks; i++)
    {
      GtenTask *task = &self->tasks[i];
      guint n_outputs = gten_node_private (task->node)->n_outputs;
      GtenTensor **grads = gten_task_grads (task);

      for (guint o = 0; grads != NULL && o < n_outputs; o++)
        gten_unref_later (grads[o]);
      if (n_outputs != 1)
        g_free (task->grads);
    }
  if (self->tasks != self->inline_tasks)
    {
      g_free (self->tasks);
      g_free (self->table);
    }
  if (self->order != self->inline_order)
    g_free (self->order);
  self->tasks = NULL;
  self->n_tasks = 0;
}
