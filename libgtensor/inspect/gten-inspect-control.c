/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where passes are watched and stopped. The observer's functions run in the threads that run passes; a stop waits there on a
 * condition until the server's thread, which answers the inspector meanwhile, lets the pass go on. One lock guards all of it
 * and is never held while a tensor is computed. */

#include "inspect/gten-inspect-pass-private.h"

#include "autograd/gten-backward-private.h"
#include "autograd/gten-observer-private.h"

#include <math.h>
#include <sys/syscall.h>
#include <unistd.h>

#define QUIET_WAIT_US        (2 * G_USEC_PER_SEC)
#define MAX_BREAKPOINTS      1024
#define SIGNAL_INTERVAL_US   (G_USEC_PER_SEC / 20)

static GMutex     lock;
static GCond      resumed;       /* a stop may be over */
static GPtrArray *passes;        /* GtenInspectPass, oldest first */
static GPtrArray *breakpoints;
static guint      last_breakpoint;
static guint64    last_pass;
static guint      last_n_done;   /* of a last pass that has not been announced; 0 for none */
static gboolean   attached, waiting, pause_requested;
static GtenInspectOptions options;
static gint       wants_measures, wants_extremes;    /* atomic: what some breakpoint asks of each node */
static gboolean   stepping_on;   /* from the end of a pass to whatever node comes next */

static __thread guint depth;     /* passes under way in this thread */
static __thread guint64 innermost; /* and the last of them */
static __thread pid_t own_thread;

/* -- passes ------------------------------------------------------------------------------------- */

/* With the lock held. */
static GtenInspectPass *
find (GtenBackward *backward)
{
  for (guint i = passes->len; i > 0; i--)
    {
      GtenInspectPass *pass = g_ptr_array_index (passes, i - 1);

      if (pass->backward == backward)
        return pass;
    }
  return NULL;
}

static GtenInspectPass *
find_id (guint64 id, GError **error)
{
  for (guint i = 0; passes != NULL && i < passes->len; i++)
    {
      GtenInspectPass *pass = g_ptr_array_index (passes, i);

      if (pass->id == id)
        return pass;
    }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "No pass %" G_GUINT64_FORMAT " is under way", id);
  return NULL;
}

/* The pass, which an inspector that attached late has not seen begin. */
static GtenInspectPass *
find_or_add (GtenBackward *backward)
{
  GtenInspectPass *pass = find (backward);

  if (pass != NULL)
    return pass;
  if (own_thread == 0)
    own_thread = syscall (SYS_gettid);
  pass = gten_inspect_pass_new (backward, ++last_pass);
  pass->depth = depth > 0 ? depth - 1 : 0;
  pass->thread = own_thread;
  pass->parent = depth > 1 ? innermost : 0;
  innermost = pass->id;
  g_ptr_array_add (passes, pass);
  return pass;
}

/* -- stopping ----------------------------------------------------------------------------------- */

static gboolean
matches (GtenBreakpoint *breakpoint, const GtenInspectPass *pass, GtenNode *node)
{
  if (breakpoint->pass)
    return !pass->begun && ++breakpoint->n_hits >= breakpoint->from_hit;
  if (breakpoint->end)
    return FALSE;
  if (breakpoint->nonfinite)
    return pass->made_nonfinite && ++breakpoint->n_hits >= breakpoint->from_hit;
  return gten_breakpoint_hit (breakpoint, node, &pass->current);
}

/* A step of the pass around it, in the same thread, goes into it. */
static gboolean
is_stepped_into (const GtenInspectPass *pass)
{
  const GtenInspectPass *parent = pass->parent != 0 ? find_id (pass->parent, NULL) : NULL;

  return parent != NULL && parent->how == GTEN_HOW_STEP;
}

/* Why the pass is to stop before `node`, or NULL. */
static const char *
reason_to_stop (GtenInspectPass *pass, GtenNode *node, guint *breakpoint)
{
  *breakpoint = 0;
  if (pause_requested)
    return "pause";
  if (waiting && !pass->begun)
    return "pass";
  if (stepping_on || pass->how == GTEN_HOW_STEP || pass->how == GTEN_HOW_OVER || (!pass->begun && is_stepped_into (pass)))
    return "step";
  if (pass->how == GTEN_HOW_RUN_TO && pass->target == gten_node_get_id (node))
    return "run-to";
  if (pass->how == GTEN_HOW_FINISH)
    return NULL;
  for (guint i = 0; i < breakpoints->len; i++)
    {
      GtenBreakpoint *each = g_ptr_array_index (breakpoints, i);

      if (!matches (each, pass, node))
        continue;
      *breakpoint = each->id;
      return each->pass ? "pass" : each->nonfinite ? "nonfinite" : "breakpoint";
    }
  return NULL;
}

/* Whether the pass is to stop after its last node: what was kept of it is about to go. */
static gboolean
stops_at_end (GtenInspectPass *pass, guint *breakpoint)
{
  *breakpoint = 0;
  for (guint i = 0; i < breakpoints->len; i++)
    {
      GtenBreakpoint *each = g_ptr_array_index (breakpoints, i);

      if (each->end)
        *breakpoint = each->id;
    }
  return *breakpoint != 0 || pass->how == GTEN_HOW_STEP || pass->how == GTEN_HOW_OVER || pass->how == GTEN_HOW_FINISH;
}

/* -- waiting ------------------------------------------------------------------------------------ */

/* With the lock held. FALSE when the program was interrupted. */
static gboolean
wait_a_moment (void)
{
  g_cond_wait_until (&resumed, &lock, g_get_monotonic_time () + SIGNAL_INTERVAL_US);
  return !gten_interrupts_came ();
}

static void
say_that_it_waits (void)
{
  g_printerr ("%s[%d] waits for an inspector: gtensor-inspector --pid %d\n",
              g_get_prgname () != NULL ? g_get_prgname () : "The program", (int) getpid (), (int) getpid ());
}

/* With the lock held. An inspector that started the program is there at once; for a person there is a word. */
static void
wait_for_inspector (void)
{
  gint64 begun = g_get_monotonic_time ();
  gboolean said = FALSE;

  gten_interrupts_watch ();
  while (waiting && !attached)
    {
      if (!wait_a_moment ())
        waiting = FALSE;
      else if (waiting && !said && g_get_monotonic_time () - begun > QUIET_WAIT_US)
        {
          said = TRUE;
          say_that_it_waits ();
        }
    }
  gten_interrupts_unwatch (&lock);
}

static gboolean
run_on_cb (gpointer id)
{
  gten_inspect_control_resume (*(const guint64 *) id, "continue", 0, NULL);
  return G_SOURCE_REMOVE;
}

/* With the lock held, which the wait gives up. The server may be looking at the pass, so only the server's thread lets
 * it go on. */
static void
wait_until_resumed (GtenInspectPass *pass)
{
  gboolean given_up = FALSE;

  gten_interrupts_watch ();
  while (pass->stopped)
    if (!wait_a_moment () && !given_up)
      {
        given_up = TRUE;
        gten_inspect_queue (run_on_cb, g_memdup2 (&pass->id, sizeof pass->id), g_free);
      }
  gten_interrupts_unwatch (&lock);
}

/* With the lock held, which the wait gives up. */
static void
stop (GtenInspectPass *pass, const char *reason, guint breakpoint)
{
  GtenBackward *backward = pass->backward;

  if (!attached)
    return;

  waiting = FALSE;
  pause_requested = FALSE;
  stepping_on = FALSE;
  pass->how = GTEN_HOW_RUN;
  pass->stopped = TRUE;
  gten_backward_set_keep_gradients (backward, options.keep_bytes);
  gten_inspect_pass_note_progress (pass);
  gten_inspect_pass_send_progress (pass);
  gten_inspect_emit ("Stopped", g_variant_new ("(ttsu)", pass->id, pass->next_node, reason, breakpoint));
  wait_until_resumed (pass);
  gten_inspect_emit ("Resumed", g_variant_new ("(t)", pass->id));
}

/* -- the observer ------------------------------------------------------------------------------- */

static void
note_nonfinite (GtenInspectPass *pass, GtenNode *from, GtenNode *to, const GtenMeasures *made)
{
  if (pass->nonfinite == NULL)
    pass->nonfinite = g_hash_table_new (NULL, NULL);
  if (from != NULL && !g_hash_table_contains (pass->nonfinite, from) && !pass->made_nonfinite)
    {
      pass->made_nonfinite = TRUE;
      gten_nonfinite_node (pass->id, from, &pass->current, made);
    }
  g_hash_table_add (pass->nonfinite, to);
}

static gboolean
wants_all (void)
{
  return g_atomic_int_get (&wants_extremes) > 0;
}

/* Whether somebody sees to where it stops next. */
static gboolean
is_led (GtenInspectPass *pass)
{
  return __atomic_load_n (&pass->how, __ATOMIC_RELAXED) != GTEN_HOW_RUN;
}

/* What the pass was started with has arrived before anybody looked. */
static void
note_roots (GtenInspectPass *pass, GtenBackward *backward)
{
  for (gsize i = 0; i < backward->n_roots; i++)
    {
      GtenNode *node = backward->roots[i].node;
      guint output_nr = backward->roots[i].output_nr;
      GtenTensor *root = gten_backward_get_root (backward, node, output_nr);
      GtenTensor *grad = gten_backward_get_gradient (backward, node, output_nr);
      GtenMeasures measures = gten_measure (grad, TRUE);
      gboolean again = FALSE;

      if (root != NULL && pass->options.forward)
        gten_nonfinite_root (root);
      for (gsize k = 0; k < i; k++)
        again |= backward->roots[k].node == node && backward->roots[k].output_nr == output_nr;
      if (pass->journal != NULL && grad != NULL && !again)
        gten_journal_arrive (pass->journal, NULL, node, output_nr, grad, &measures);
      if (!gten_measures_are_finite (&measures))
        note_nonfinite (pass, NULL, node, &measures);
    }
}

/* Whether an inspector has come since; what it wants is the pass's own from now on. */
static gboolean
take_options (GtenInspectPass *pass)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (pass->equipped || !attached)
    return FALSE;
  __atomic_store_n (&pass->equipped, TRUE, __ATOMIC_RELAXED);
  pass->options = options;
  return TRUE;
}

/* What an inspector wants of a pass; one that is met half-way has no history. */
static void
equip (GtenInspectPass *pass)
{
  GtenBackward *backward = pass->backward;

  if (!take_options (pass))
    return;
  g_clear_pointer (&pass->journal, gten_journal_free);
  gten_backward_set_keep_gradients (backward, pass->options.keep_bytes);
  if (gten_backward_get_n_done (backward) > 0)
    return;
  if (pass->options.flow > 0)
    {
      pass->flow_nodes = g_ptr_array_new ();
      pass->flow_logs = g_array_new (FALSE, FALSE, sizeof (float));
    }
  if (pass->options.journal_bytes > 0)
    pass->journal = gten_journal_new (pass->options.journal_bytes);
  if (pass->journal != NULL || pass->options.forward)
    note_roots (pass, backward);
}

static void
begin (GtenBackward *backward)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  depth++;
  find_or_add (backward);
}

/* The gradient that the node is about to get, measured once. */
static GtenMeasures
measure_node (GtenInspectPass *pass, GtenBackward *backward, GtenNode *node)
{
  const GtenMeasures *known = g_hash_table_lookup (pass->measured, node);
  GtenMeasures measures;

  if (!pass->options.statistics && g_atomic_int_get (&wants_measures) == 0)
    return GTEN_MEASURES_NONE;
  if (known == NULL || (is_led (pass) && isnan (known->minimum)))
    return gten_measure (gten_backward_get_gradient (backward, node, 0), wants_all () || is_led (pass));
  measures = *known;
  g_hash_table_remove (pass->measured, node);
  return measures;
}

static GtenInspectPass *
find_locked (GtenBackward *backward)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return find_or_add (backward);
}

static void
before_node (GtenBackward *backward, GtenNode *node)
{
  GtenInspectPass *pass;
  const char *reason;
  guint breakpoint = 0;
  gboolean waited;

  g_mutex_lock (&lock);
  pass = find_or_add (backward);
  pass->next_node = gten_node_get_id (node);
  gten_inspect_pass_note_progress (pass);
  waited = waiting && !attached;
  if (waited)
    wait_for_inspector ();
  g_mutex_unlock (&lock);
  /* Nobody else looks at a pass that runs. */
  equip (pass);
  pass->current = measure_node (pass, backward, node);
  g_mutex_lock (&lock);
  reason = waited ? "pass" : reason_to_stop (pass, node, &breakpoint);
  if (reason != NULL)
    stop (pass, reason, breakpoint);
  pass->begun = TRUE;
  pass->made_nonfinite = FALSE;
  g_mutex_unlock (&lock);
  if (pass->journal != NULL)
    gten_journal_begin (pass->journal, backward, node);
}

static void
contribution (GtenBackward *backward, GtenNode *from, GtenNode *to, guint output_nr, GtenTensor *grad)
{
  GtenInspectPass *pass = find_locked (backward);
  guint arrived = 0, expected = 0;
  GtenGradState state = gten_backward_get_state (backward, to, &arrived, &expected);
  GtenMeasures measures = GTEN_MEASURES_NONE;

  if (pass->options.statistics || g_atomic_int_get (&wants_measures) > 0)
    measures = gten_measure (grad, wants_all () || is_led (pass) || pass->journal != NULL);
  if (pass->journal != NULL)
    gten_journal_arrive (pass->journal, from, to, output_nr, grad, &measures);
  if (!gten_measures_are_finite (&measures))
    note_nonfinite (pass, from, to, &measures);
  if (expected == 1 && output_nr == 0)
    g_hash_table_insert (pass->measured, to, g_memdup2 (&measures, sizeof measures));

  g_mutex_lock (&lock);
  gten_inspect_pass_record_arrival (pass, from, to, output_nr, &measures);
  gten_inspect_pass_record_state (pass, to, state, arrived, expected, &measures);
  g_mutex_unlock (&lock);
}

static void
after_node (GtenBackward *backward, GtenNode *node)
{
  guint arrived = 0, expected = 0, breakpoint;
  GtenInspectPass *pass = find_locked (backward);
  GtenTensor *variable = gten_node_get_variable (node);

  gten_backward_get_state (backward, node, &arrived, &expected);
  if (pass->journal != NULL && __atomic_load_n (&pass->equipped, __ATOMIC_RELAXED))
    gten_journal_end (pass->journal, node, &pass->current);
  if (pass->flow_nodes != NULL)
    gten_inspect_pass_note_flow (pass, node);
  /* Before the pass stops at its end, which may be the program's as well. */
  if (pass->flow_nodes != NULL && gten_backward_get_n_done (backward) == gten_backward_get_n_nodes (backward))
    gten_flow_add (pass->id, (GtenNode *const *) pass->flow_nodes->pdata, (const float *) (gpointer) pass->flow_logs->data,
                   pass->flow_nodes->len);
  if (variable != NULL && pass->options.journal_bytes > 0)
    gten_writers_note (variable, pass->id, gten_backward_get_n_done (backward), gten_node_get_id (node));
  if (pass->options.journal_bytes > 0 && gten_node_is_released (node))
    gten_releases_note (node, pass->id);

  g_mutex_lock (&lock);
  gten_inspect_pass_record_state (pass, node, GTEN_GRAD_DONE, arrived, expected, &pass->current);
  gten_inspect_pass_note_progress (pass);
  gten_inspect_pass_note_freed (pass);
  if (gten_backward_get_n_done (backward) == gten_backward_get_n_nodes (backward) && stops_at_end (pass, &breakpoint))
    {
      pass->next_node = 0;
      stop (pass, "end", breakpoint);
      stepping_on = attached && (pass->how == GTEN_HOW_STEP || pass->how == GTEN_HOW_OVER);
    }
  g_mutex_unlock (&lock);
}

static void
end (GtenBackward *backward)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GtenInspectPass *pass = find (backward);

  if (depth > 0)
    depth--;
  if (pass == NULL)
    return;
  innermost = pass->parent;
  last_n_done = pass->announced ? 0 : gten_backward_get_n_done (backward);
  if (pass->announced)
    {
      gten_inspect_pass_send_progress (pass);
      gten_inspect_emit ("PassEnded", g_variant_new ("(tu)", pass->id, gten_backward_get_n_done (backward)));
    }
  g_ptr_array_remove (passes, pass);
}

gboolean
gten_inspect_in_pass (void)
{
  return depth > 0;
}

static const GtenObserver observer = { begin, before_node, contribution, after_node, end };

static void
watch (void)
{
  if (passes == NULL)
    {
      passes = g_ptr_array_new_with_free_func ((GDestroyNotify) gten_inspect_pass_free);
      breakpoints = g_ptr_array_new_with_free_func (gten_breakpoint_free);
    }
  gten_observer_set (&observer);
}

static void
unwatch (void)
{
  attached = waiting = pause_requested = stepping_on = FALSE;
  gten_observer_set (NULL);
  gten_forward_watch (FALSE);
  gten_sites_watch (FALSE);
}

/* -- commands, from the server's thread ---------------------------------------------------------- */

void
gten_inspect_control_wait (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  waiting = TRUE;
  gten_sites_watch (TRUE);
  gten_forward_watch (TRUE);
  watch ();
}

void
gten_inspect_control_fork (void)
{
  g_mutex_lock (&lock);
}

void
gten_inspect_control_forked (gboolean child)
{
  if (child)
    unwatch ();
  g_mutex_unlock (&lock);
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
gten_inspect_control_attach (const GtenInspectOptions *wanted)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  options = *wanted;
  attached = TRUE;
  gten_flow_set_limit (options.flow);
  gten_forward_watch (options.forward);
  gten_sites_watch (TRUE);
  watch ();
  g_cond_broadcast (&resumed);
}

/* What the inspector asked for goes with it; what it stopped runs on. One that only came to look, and went before it
 * attached, leaves a program that waits waiting. */
void
gten_inspect_control_detach (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (passes == NULL)
    return;
  if (!attached && waiting)
    {
      say_that_it_waits ();
      return;
    }
  unwatch ();
  gten_flow_set_limit (0);
  gten_nonfinite_clear ();
  gten_timeline_clear ();
  gten_writers_clear ();
  g_ptr_array_set_size (breakpoints, 0);
  g_atomic_int_set (&wants_measures, 0);
  g_atomic_int_set (&wants_extremes, 0);
  for (guint i = passes->len; i > 0; i--)
    {
      GtenInspectPass *pass = g_ptr_array_index (passes, i - 1);

      __atomic_store_n (&pass->how, GTEN_HOW_RUN, __ATOMIC_RELAXED);
      __atomic_store_n (&pass->equipped, FALSE, __ATOMIC_RELAXED);
      pass->stopped = FALSE;
    }
  g_cond_broadcast (&resumed);
}

void
gten_inspect_control_give_up (void)
{
  g_mutex_lock (&lock);
  waiting = FALSE;
  g_mutex_unlock (&lock);
  gten_inspect_control_detach ();
}

/* With the lock held. */
static void
update_wants (void)
{
  gint measures = 0, extremes = 0;

  for (guint i = 0; i < breakpoints->len; i++)
    {
      const GtenBreakpoint *each = g_ptr_array_index (breakpoints, i);

      measures += each->nonfinite || (each->condition != NULL && gten_condition_needs_measures (each->condition));
      extremes += each->condition != NULL && gten_condition_needs_extremes (each->condition);
    }
  g_atomic_int_set (&wants_measures, measures);
  g_atomic_int_set (&wants_extremes, extremes);
}

guint
gten_inspect_control_add (GVariant *where, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GtenBreakpoint *breakpoint;

  if (!attached)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "Attach before setting a breakpoint");
      return 0;
    }
  if (breakpoints->len >= MAX_BREAKPOINTS)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "There are %d breakpoints, and no more can be set", MAX_BREAKPOINTS);
      return 0;
    }
  breakpoint = gten_breakpoint_new (where, error);
  if (breakpoint == NULL)
    return 0;
  breakpoint->id = ++last_breakpoint;
  g_ptr_array_add (breakpoints, breakpoint);
  update_wants ();
  return last_breakpoint;
}

GVariant *
gten_inspect_control_breakpoints (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(ua{sv}u)"));
  for (guint i = 0; breakpoints != NULL && i < breakpoints->len; i++)
    {
      const GtenBreakpoint *each = g_ptr_array_index (breakpoints, i);

      g_variant_builder_add (&list, "(u@a{sv}u)", each->id, each->where, each->n_hits);
    }
  return g_variant_builder_end (&list);
}

gboolean
gten_inspect_control_remove (guint id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  for (guint i = 0; breakpoints != NULL && i < breakpoints->len; i++)
    {
      const GtenBreakpoint *breakpoint = g_ptr_array_index (breakpoints, i);

      if (breakpoint->id != id)
        continue;
      g_ptr_array_remove_index (breakpoints, i);
      update_wants ();
      return TRUE;
    }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "There is no breakpoint %u", id);
  return FALSE;
}

static gboolean
how_from_name (const char *name, GtenHow *how, GError **error)
{
  static const struct { const char *name; GtenHow how; } ways[] = {
    { "step", GTEN_HOW_STEP }, { "over", GTEN_HOW_OVER }, { "run-to", GTEN_HOW_RUN_TO }, { "continue", GTEN_HOW_RUN }, { "finish", GTEN_HOW_FINISH },
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
check_stopped (const GtenInspectPass *pass, GError **error)
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
  GtenInspectPass *pass = find_id (id, error);
  GtenHow how;

  if (pass == NULL || !check_stopped (pass, error) || !how_from_name (name, &how, error))
    return FALSE;
  pass->how = how;
  pass->target = node;
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

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" GTEN_INSPECT_PASS));
  for (guint i = 0; passes != NULL && i < passes->len; i++)
    {
      const GtenInspectPass *pass = g_ptr_array_index (passes, i);

      g_variant_builder_add (&list, GTEN_INSPECT_PASS, pass->id, gten_backward_get_n_nodes (pass->backward),
                             pass->n_done, pass->next_node, pass->stopped ? "stopped" : "running", pass->depth);
    }
  return g_variant_builder_end (&list);
}

GVariant *
gten_inspect_control_describe (guint64 id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GtenInspectPass *pass = find_id (id, error);

  return pass != NULL ? gten_inspect_pass_describe (pass) : NULL;
}

GtenBackward *
gten_inspect_control_find (guint64 id, GtenJournal **journal, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GtenInspectPass *pass = find_id (id, error);

  if (pass == NULL || !check_stopped (pass, error))
    return NULL;
  if (journal != NULL)
    *journal = pass->journal;
  return pass->backward;
}
