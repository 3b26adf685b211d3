/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where passes are watched and stopped. The observer's functions run in the threads that run passes; a stop waits there on a
 * condition until the server's thread, which answers the inspector meanwhile, lets the pass go on. One lock guards all of it
 * and is never held while a tensor is computed. */

#include "inspect/gten-inspect-private.h"

#include "autograd/gten-observer-private.h"

/* What happened is sent in portions: at a stop, at the end, and otherwise at most this often. A pass that is over
 * sooner, as those of a fast training loop are, is not announced at all. */
#define PROGRESS_INTERVAL_US 16000
#define PROGRESS_MAX_RECORDS 4096

#define NODES_TYPE         G_VARIANT_TYPE ("a(tyuu(tttdddd))")
#define CONTRIBUTIONS_TYPE G_VARIANT_TYPE ("a(ttu(tttdddd))")

typedef enum { RUN, STEP, OVER, RUN_TO, FINISH } How;

typedef struct
{
  GtenBackward   *backward;      /* borrowed: it is under way */
  guint64         id;
  guint           depth;
  guint64         next_node;
  How             how;
  guint64         target;        /* of RUN_TO */
  gboolean        begun;         /* a node has come up, so that stops at a pass's begin are over */
  gboolean        stopped;
  gboolean        announced;
  gint64          sent_at;       /* monotonic time of the last portion, or of the begin */
  guint           n_records;
  GHashTable     *nonfinite;     /* nodes that were given NaN or infinities; NULL for none */
  gboolean        made_nonfinite; /* the node that ran last, from finite gradients */
  GVariantBuilder nodes, contributions;
} Pass;

typedef struct
{
  guint         id;
  gboolean      pass;
  gboolean      end;
  gboolean      nonfinite;
  guint64       node;
  GPatternSpec *name;
} Breakpoint;

static GMutex     lock;
static GCond      resumed;       /* a stop may be over */
static GPtrArray *passes;        /* Pass, oldest first */
static GPtrArray *breakpoints;
static guint      last_breakpoint;
static guint64    last_pass;
static guint      last_n_done;   /* of a last pass that has not been announced; 0 for none */
static gboolean   attached, waiting, pause_requested, statistics;
static gsize      keep_bytes;
static guint      n_stepping_in; /* passes whose step goes into a pass inside it */
static gboolean   stepping_on;   /* from the end of a pass to whatever node comes next */

static __thread guint depth;     /* passes under way in this thread */

/* -- passes ------------------------------------------------------------------------------------- */

static void
pass_free (gpointer data)
{
  Pass *pass = data;

  g_clear_pointer (&pass->nonfinite, g_hash_table_unref);
  g_variant_builder_clear (&pass->nodes);
  g_variant_builder_clear (&pass->contributions);
  g_free (pass);
}

static void
breakpoint_free (gpointer data)
{
  Breakpoint *breakpoint = data;

  g_clear_pointer (&breakpoint->name, g_pattern_spec_free);
  g_free (breakpoint);
}

/* With the lock held. */
static Pass *
find (GtenBackward *backward)
{
  for (guint i = passes->len; i > 0; i--)
    {
      Pass *pass = g_ptr_array_index (passes, i - 1);

      if (pass->backward == backward)
        return pass;
    }
  return NULL;
}

static Pass *
find_id (guint64 id, GError **error)
{
  for (guint i = 0; passes != NULL && i < passes->len; i++)
    {
      Pass *pass = g_ptr_array_index (passes, i);

      if (pass->id == id)
        return pass;
    }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "No pass %" G_GUINT64_FORMAT " is under way", id);
  return NULL;
}

/* The pass, which an inspector that attached late has not seen begin. */
static Pass *
find_or_add (GtenBackward *backward)
{
  Pass *pass = find (backward);

  if (pass != NULL)
    return pass;
  pass = g_new0 (Pass, 1);
  pass->backward = backward;
  pass->id = ++last_pass;
  pass->depth = depth > 0 ? depth - 1 : 0;
  pass->sent_at = g_get_monotonic_time ();
  g_variant_builder_init (&pass->nodes, NODES_TYPE);
  g_variant_builder_init (&pass->contributions, CONTRIBUTIONS_TYPE);
  g_ptr_array_add (passes, pass);
  return pass;
}

static void
announce (Pass *pass)
{
  if (pass->announced)
    return;
  pass->announced = TRUE;
  gten_inspect_emit ("PassBegan", g_variant_new ("(tuu)", pass->id, gten_backward_get_n_nodes (pass->backward),
                                                 pass->depth));
}

static void
send_progress (Pass *pass)
{
  announce (pass);
  if (pass->n_records > 0)
    {
      gten_inspect_emit ("Progress", g_variant_new ("(t@a(tyuu(tttdddd))@a(ttu(tttdddd)))", pass->id,
                                                    g_variant_builder_end (&pass->nodes),
                                                    g_variant_builder_end (&pass->contributions)));
      g_variant_builder_init (&pass->nodes, NODES_TYPE);
      g_variant_builder_init (&pass->contributions, CONTRIBUTIONS_TYPE);
      pass->n_records = 0;
    }
  pass->sent_at = g_get_monotonic_time ();
}

static void
recorded (Pass *pass)
{
  pass->n_records++;
  if (pass->n_records >= PROGRESS_MAX_RECORDS
      || g_get_monotonic_time () - pass->sent_at > PROGRESS_INTERVAL_US)
    send_progress (pass);
}

/* -- stopping ----------------------------------------------------------------------------------- */

static gboolean
matches (const Breakpoint *breakpoint, const Pass *pass, GtenNode *node)
{
  if (breakpoint->pass)
    return !pass->begun;
  if (breakpoint->end)
    return FALSE;
  if (breakpoint->nonfinite)
    return pass->made_nonfinite;
  if (breakpoint->node != 0)
    return breakpoint->node == gten_node_get_id (node);
  return g_pattern_spec_match_string (breakpoint->name, gten_node_get_name (node));
}

/* Why the pass is to stop before `node`, or NULL. */
static const char *
reason_to_stop (Pass *pass, GtenNode *node, guint *breakpoint)
{
  *breakpoint = 0;
  if (pause_requested)
    return "pause";
  if (waiting && !pass->begun)
    return "pass";
  if (stepping_on || pass->how == STEP || pass->how == OVER || (!pass->begun && n_stepping_in > 0 && pass->depth > 0))
    return "step";
  if (pass->how == RUN_TO && pass->target == gten_node_get_id (node))
    return "run-to";
  if (pass->how == FINISH)
    return NULL;
  for (guint i = 0; i < breakpoints->len; i++)
    {
      const Breakpoint *each = g_ptr_array_index (breakpoints, i);

      if (!matches (each, pass, node))
        continue;
      *breakpoint = each->id;
      return each->pass ? "pass" : each->nonfinite ? "nonfinite" : "breakpoint";
    }
  return NULL;
}

/* Whether the pass is to stop after its last node: what was kept of it is about to go. */
static gboolean
stops_at_end (Pass *pass, guint *breakpoint)
{
  *breakpoint = 0;
  for (guint i = 0; i < breakpoints->len; i++)
    {
      const Breakpoint *each = g_ptr_array_index (breakpoints, i);

      if (each->end)
        *breakpoint = each->id;
    }
  return *breakpoint != 0 || pass->how == STEP || pass->how == OVER || pass->how == FINISH;
}

/* With the lock held, which the wait gives up. */
static void
stop (Pass *pass, const char *reason, guint breakpoint)
{
  GtenBackward *backward = pass->backward;

  while (waiting && !attached)
    g_cond_wait (&resumed, &lock);
  if (!attached)
    return;

  waiting = FALSE;
  pause_requested = FALSE;
  stepping_on = FALSE;
  if (pass->how == STEP)
    n_stepping_in--;
  pass->how = RUN;
  pass->stopped = TRUE;
  gten_backward_set_keep_gradients (backward, keep_bytes);
  send_progress (pass);
  gten_inspect_emit ("Stopped", g_variant_new ("(ttsu)", pass->id, pass->next_node, reason, breakpoint));
  while (pass->stopped)
    g_cond_wait (&resumed, &lock);
  gten_inspect_emit ("Resumed", g_variant_new ("(t)", pass->id));
}

/* -- the observer ------------------------------------------------------------------------------- */

static gboolean
is_finite (GVariant *measured)
{
  guint64 nan = 0, infinite = 0;

  g_variant_get_child (measured, 1, "t", &nan);
  g_variant_get_child (measured, 2, "t", &infinite);
  return nan == 0 && infinite == 0;
}

/* Statistics of a tensor; zeros when none are wanted or there is no tensor. A new, sunk reference. */
static GVariant *
measure (GtenTensor *tensor)
{
  GVariant *measured = statistics && tensor != NULL ? gten_inspect_statistics (tensor) : NULL;

  if (measured == NULL)
    measured = g_variant_new ("(tttdddd)", (guint64) 0, (guint64) 0, (guint64) 0, 0., 0., 0., 0.);
  return g_variant_ref_sink (measured);
}

static void
note_nonfinite (Pass *pass, GtenNode *from, GtenNode *to)
{
  if (pass->nonfinite == NULL)
    pass->nonfinite = g_hash_table_new (NULL, NULL);
  if (from != NULL && !g_hash_table_contains (pass->nonfinite, from))
    pass->made_nonfinite = TRUE;
  g_hash_table_add (pass->nonfinite, to);
}

static void
begin (GtenBackward *backward)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  depth++;
  find_or_add (backward);
  if (attached)
    gten_backward_set_keep_gradients (backward, keep_bytes);
}

static void
before_node (GtenBackward *backward, GtenNode *node)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pass *pass = find_or_add (backward);
  const char *reason;
  guint breakpoint;

  pass->next_node = gten_node_get_id (node);
  reason = reason_to_stop (pass, node, &breakpoint);
  if (reason != NULL)
    stop (pass, reason, breakpoint);
  pass->begun = TRUE;
  pass->made_nonfinite = FALSE;
}

static void
contribution (GtenBackward *backward, GtenNode *from, GtenNode *to, guint output_nr, GtenTensor *grad)
{
  g_autoptr (GVariant) measured = measure (grad);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pass *pass = find_or_add (backward);
  guint arrived = 0, expected = 0;
  GtenGradState state = gten_backward_get_state (backward, to, &arrived, &expected);

  if (!is_finite (measured))
    note_nonfinite (pass, from, to);
  g_variant_builder_add (&pass->contributions, "(ttu@(tttdddd))", from != NULL ? gten_node_get_id (from) : 0,
                         gten_node_get_id (to), output_nr, measured);
  g_variant_builder_add (&pass->nodes, "(tyuu@(tttdddd))", gten_node_get_id (to), (guchar) state, arrived,
                         expected, measured);
  recorded (pass);
}

static void
after_node (GtenBackward *backward, GtenNode *node)
{
  guint arrived = 0, expected = 0, breakpoint;
  GtenTensor *gradient = gten_backward_get_gradient (backward, node, 0);
  g_autoptr (GVariant) measured = measure (gradient);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pass *pass = find_or_add (backward);

  gten_backward_get_state (backward, node, &arrived, &expected);
  g_variant_builder_add (&pass->nodes, "(tyuu@(tttdddd))", gten_node_get_id (node), (guchar) GTEN_GRAD_DONE,
                         arrived, expected, measured);
  recorded (pass);
  if (gten_backward_get_n_done (backward) < gten_backward_get_n_nodes (backward) || !stops_at_end (pass, &breakpoint))
    return;
  pass->next_node = 0;
  stop (pass, "end", breakpoint);
  stepping_on = attached && (pass->how == STEP || pass->how == OVER);
}

static void
end (GtenBackward *backward)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pass *pass = find (backward);

  if (depth > 0)
    depth--;
  if (pass == NULL)
    return;
  if (pass->how == STEP)
    n_stepping_in--;
  last_n_done = pass->announced ? 0 : gten_backward_get_n_done (backward);
  if (pass->announced)
    {
      send_progress (pass);
      gten_inspect_emit ("PassEnded", g_variant_new ("(tu)", pass->id, gten_backward_get_n_done (backward)));
    }
  g_ptr_array_remove (passes, pass);
}

static const GtenObserver observer = { begin, before_node, contribution, after_node, end };

static void
watch (void)
{
  if (passes == NULL)
    {
      passes = g_ptr_array_new_with_free_func (pass_free);
      breakpoints = g_ptr_array_new_with_free_func (breakpoint_free);
    }
  gten_observer_set (&observer);
}

/* -- commands, from the server's thread ---------------------------------------------------------- */

void
gten_inspect_control_wait (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  waiting = TRUE;
  watch ();
}

/* How many passes there were in all is known by the last. */
void
gten_inspect_control_leave (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (!attached || last_n_done == 0)
    return;
  gten_inspect_emit ("PassBegan", g_variant_new ("(tuu)", last_pass, last_n_done, 0));
  gten_inspect_emit ("PassEnded", g_variant_new ("(tu)", last_pass, last_n_done));
  last_n_done = 0;
}

void
gten_inspect_control_attach (gsize max_bytes, gboolean with_statistics)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  keep_bytes = max_bytes;
  statistics = with_statistics;
  attached = TRUE;
  watch ();
  g_cond_broadcast (&resumed);
}

/* What the inspector asked for goes with it; what it stopped runs on. */
void
gten_inspect_control_detach (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (passes == NULL)
    return;
  attached = FALSE;
  waiting = FALSE;
  pause_requested = FALSE;
  stepping_on = FALSE;
  n_stepping_in = 0;
  gten_observer_set (NULL);
  g_ptr_array_set_size (breakpoints, 0);
  for (guint i = passes->len; i > 0; i--)
    {
      Pass *pass = g_ptr_array_index (passes, i - 1);

      pass->how = RUN;
      pass->stopped = FALSE;
    }
  g_cond_broadcast (&resumed);
}

guint
gten_inspect_control_add (GVariant *where, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  g_autofree Breakpoint *breakpoint = g_new0 (Breakpoint, 1);
  const char *name = NULL;

  if (!attached)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "Attach before setting a breakpoint");
      return 0;
    }
  g_variant_lookup (where, "pass", "b", &breakpoint->pass);
  g_variant_lookup (where, "end", "b", &breakpoint->end);
  g_variant_lookup (where, "nonfinite", "b", &breakpoint->nonfinite);
  g_variant_lookup (where, "node", "t", &breakpoint->node);
  if (g_variant_lookup (where, "name", "&s", &name))
    breakpoint->name = g_pattern_spec_new (name);
  if (breakpoint->pass + breakpoint->end + breakpoint->nonfinite + (breakpoint->node != 0) + (name != NULL) != 1)
    {
      g_clear_pointer (&breakpoint->name, g_pattern_spec_free);
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                   "A breakpoint is given by one of \"pass\", \"end\", \"node\", \"name\" and \"nonfinite\"");
      return 0;
    }
  breakpoint->id = ++last_breakpoint;
  g_ptr_array_add (breakpoints, g_steal_pointer (&breakpoint));
  return last_breakpoint;
}

gboolean
gten_inspect_control_remove (guint id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  for (guint i = 0; breakpoints != NULL && i < breakpoints->len; i++)
    {
      const Breakpoint *breakpoint = g_ptr_array_index (breakpoints, i);

      if (breakpoint->id != id)
        continue;
      g_ptr_array_remove_index (breakpoints, i);
      return TRUE;
    }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "There is no breakpoint %u", id);
  return FALSE;
}

static gboolean
how_from_name (const char *name, How *how, GError **error)
{
  static const struct { const char *name; How how; } ways[] = {
    { "step", STEP }, { "over", OVER }, { "run-to", RUN_TO }, { "continue", RUN }, { "finish", FINISH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    if (g_str_equal (ways[i].name, name))
      {
        *how = ways[i].how;
        return TRUE;
      }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
               "A pass goes on by \"step\", \"over\", \"run-to\", \"continue\" or \"finish\", not by \"%s\"", name);
  return FALSE;
}

static gboolean
check_stopped (const Pass *pass, GError **error)
{
  if (pass->stopped)
    return TRUE;
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "Pass %" G_GUINT64_FORMAT " is not stopped", pass->id);
  return FALSE;
}

gboolean
gten_inspect_control_resume (guint64 id, const char *name, guint64 node, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pass *pass = find_id (id, error);
  How how;

  if (pass == NULL || !check_stopped (pass, error) || !how_from_name (name, &how, error))
    return FALSE;
  pass->how = how;
  pass->target = node;
  if (how == STEP)
    n_stepping_in++;
  pass->stopped = FALSE;
  g_cond_broadcast (&resumed);
  return TRUE;
}

void
gten_inspect_control_pause (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  pause_requested = attached;
}

GVariant *
gten_inspect_control_passes (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(tuutsu)"));
  for (guint i = 0; passes != NULL && i < passes->len; i++)
    {
      const Pass *pass = g_ptr_array_index (passes, i);

      g_variant_builder_add (&list, "(tuutsu)", pass->id, gten_backward_get_n_nodes (pass->backward),
                             gten_backward_get_n_done (pass->backward), pass->next_node,
                             pass->stopped ? "stopped" : "running", pass->depth);
    }
  return g_variant_builder_end (&list);
}

GtenBackward *
gten_inspect_control_find (guint64 id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pass *pass = find_id (id, error);

  return pass != NULL && check_stopped (pass, error) ? pass->backward : NULL;
}
