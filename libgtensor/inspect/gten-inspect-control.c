/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where passes are watched and stopped. The observer's functions run in the threads that run passes; a stop waits there on a
 * condition until the server's thread, which answers the inspector meanwhile, lets the pass go on. One lock guards all of it
 * and is never held while a tensor is computed. */

#include "inspect/gten-inspect-private.h"

#include "autograd/gten-backward-private.h"
#include "autograd/gten-observer-private.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What happened is sent in portions: at a stop, at the end, and otherwise at most this often. A pass that is over
 * sooner, as those of a fast training loop are, is not announced at all. */
#define PROGRESS_INTERVAL_US 16000
#define PROGRESS_MAX_RECORDS 4096
#define QUIET_WAIT_US        (2 * G_USEC_PER_SEC)
#define MAX_BREAKPOINTS      1024
#define SIGNAL_INTERVAL_US   (G_USEC_PER_SEC / 20)

typedef enum { RUN, STEP, OVER, RUN_TO, FINISH } How;

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

typedef struct
{
  GtenBackward   *backward;      /* borrowed: it is under way */
  guint64         id, parent;
  guint           depth;
  pid_t           thread;
  guint64         next_node;
  How             how;
  guint64         target;        /* of RUN_TO */
  gboolean        begun;         /* a node has come up, so that stops at a pass's begin are over */
  gboolean        stopped;
  gboolean        announced;
  gboolean        equipped;      /* for the inspector that is attached, */
  GtenInspectOptions options;    /* which wants this; of the thread that runs the pass */
  gint64          sent_at;       /* monotonic time of the last portion, or of the begin */
  GHashTable     *nonfinite;     /* nodes that were given NaN or infinities; NULL for none */
  gboolean        made_nonfinite; /* the node that ran last, from finite gradients */
  GtenMeasures    current;       /* of the gradient of the node that runs */
  GHashTable     *measured;      /* nodes that wait for nothing more -> their gradient's measures */
  guint           oldest_kept, n_freed;
  GArray         *states, *arrivals;   /* records to be sent */
  GtenJournal    *journal;       /* NULL: none is kept */
  GPtrArray      *flow_nodes;    /* and the logarithms of their gradients, in the order in which they ran; NULL: not wanted */
  GArray         *flow_logs;
} Pass;

static GMutex     lock;
static GCond      resumed;       /* a stop may be over */
static GPtrArray *passes;        /* Pass, oldest first */
static GPtrArray *breakpoints;
static guint      last_breakpoint;
static guint64    last_pass;
static guint      last_n_done;   /* of a last pass that has not been announced; 0 for none */
static gboolean   attached, waiting, pause_requested;
static GtenInspectOptions options;
static gint       wants_measures, wants_extremes;    /* atomic: what some breakpoint asks of each node */
static guint      n_stepping_in; /* passes whose step goes into a pass inside it */
static gboolean   stepping_on;   /* from the end of a pass to whatever node comes next */

static __thread guint depth;     /* passes under way in this thread */
static __thread guint64 innermost; /* and the last of them */
static __thread pid_t own_thread;

/* -- passes ------------------------------------------------------------------------------------- */

static void
pass_free (gpointer data)
{
  Pass *pass = data;

  g_clear_pointer (&pass->nonfinite, g_hash_table_unref);
  g_clear_pointer (&pass->measured, g_hash_table_unref);
  g_clear_pointer (&pass->flow_nodes, g_ptr_array_unref);
  g_clear_pointer (&pass->flow_logs, g_array_unref);
  g_clear_pointer (&pass->states, g_array_unref);
  g_clear_pointer (&pass->arrivals, g_array_unref);
  gten_journal_free (pass->journal);
  g_free (pass);
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
  if (own_thread == 0)
    own_thread = syscall (SYS_gettid);
  pass->thread = own_thread;
  pass->states = g_array_new (FALSE, TRUE, sizeof (StateRecord));
  pass->arrivals = g_array_new (FALSE, TRUE, sizeof (ArrivalRecord));
  pass->measured = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  pass->oldest_kept = backward->oldest_kept;
  pass->parent = depth > 1 ? innermost : 0;
  innermost = pass->id;
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

static GVariant *
take_records (GArray *records, const char *type)
{
  GVariant *list = g_variant_new_fixed_array (G_VARIANT_TYPE (type), records->data, records->len,
                                              g_array_get_element_size (records));

  g_array_set_size (records, 0);
  return list;
}

static void
send_progress (Pass *pass)
{
  announce (pass);
  if (pass->states->len + pass->arrivals->len > 0)
    {
      GVariant *states = take_records (pass->states, GTEN_INSPECT_STATE);
      GVariant *arrivals = take_records (pass->arrivals, GTEN_INSPECT_CONTRIBUTION);

      gten_inspect_emit ("Progress", g_variant_new ("(t@a" GTEN_INSPECT_STATE "@a" GTEN_INSPECT_CONTRIBUTION ")", pass->id,
                                                    states, arrivals));
    }
  pass->sent_at = g_get_monotonic_time ();
}

static void
recorded (Pass *pass)
{
  if (pass->states->len >= PROGRESS_MAX_RECORDS || g_get_monotonic_time () - pass->sent_at > PROGRESS_INTERVAL_US)
    send_progress (pass);
}

static void
record_state (Pass *pass, GtenNode *node, GtenGradState state, guint n_arrived, guint n_expected, const GtenMeasures *measures)
{
  StateRecord *record;

  g_array_set_size (pass->states, pass->states->len + 1);
  record = &g_array_index (pass->states, StateRecord, pass->states->len - 1);
  record->node = gten_node_get_id (node);
  record->state = state;
  record->n_arrived = n_arrived;
  record->n_expected = n_expected;
  record->measures = *measures;
}

/* Gradients that the budget has driven out since the last node. */
static void
note_freed (Pass *pass)
{
  GVariantBuilder nodes;
  guint oldest = pass->backward->oldest_kept;

  if (oldest <= pass->oldest_kept || pass->backward->keep_bytes == 0)
    return;
  g_variant_builder_init (&nodes, G_VARIANT_TYPE ("at"));
  for (guint i = pass->oldest_kept; i < oldest; i++)
    g_variant_builder_add (&nodes, "t", gten_node_get_id (gten_backward_task (pass->backward, i)->node));
  pass->n_freed += oldest - pass->oldest_kept;
  pass->oldest_kept = oldest;
  announce (pass);
  gten_inspect_emit ("Freed", g_variant_new ("(t@at)", pass->id, g_variant_builder_end (&nodes)));
}

/* -- stopping ----------------------------------------------------------------------------------- */

static gboolean
matches (GtenBreakpoint *breakpoint, const Pass *pass, GtenNode *node)
{
  if (breakpoint->pass)
    return !pass->begun && ++breakpoint->n_hits >= breakpoint->from_hit;
  if (breakpoint->end)
    return FALSE;
  if (breakpoint->nonfinite)
    return pass->made_nonfinite && ++breakpoint->n_hits >= breakpoint->from_hit;
  return gten_breakpoint_hit (breakpoint, node, &pass->current);
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
stops_at_end (Pass *pass, guint *breakpoint)
{
  *breakpoint = 0;
  for (guint i = 0; i < breakpoints->len; i++)
    {
      GtenBreakpoint *each = g_ptr_array_index (breakpoints, i);

      if (each->end)
        *breakpoint = each->id;
    }
  return *breakpoint != 0 || pass->how == STEP || pass->how == OVER || pass->how == FINISH;
}

/* -- waiting ------------------------------------------------------------------------------------ */

/* Ctrl-C ends a program that waits. The default does so by itself; a handler of the program's, such as Python's, only
 * takes note of the signal for when the program comes back from here, so the wait is given up then. */
static volatile sig_atomic_t interrupted;
static struct sigaction program_action;
static guint n_watching;

static void
interrupt_cb (int number)
{
  interrupted = 1;
}

static void
watch_interrupts (void)
{
  struct sigaction own = { .sa_handler = interrupt_cb };

  if (n_watching++ > 0)
    return;
  interrupted = 0;
  sigaction (SIGINT, NULL, &program_action);
  if (program_action.sa_handler != SIG_DFL && program_action.sa_handler != SIG_IGN)
    sigaction (SIGINT, &own, NULL);
}

/* With the lock held, but for the moment of the program's handler, which may end the program. */
static void
unwatch_interrupts (void)
{
  if (--n_watching > 0)
    return;
  if (program_action.sa_handler != SIG_DFL && program_action.sa_handler != SIG_IGN)
    sigaction (SIGINT, &program_action, NULL);
  if (!interrupted)
    return;
  g_mutex_unlock (&lock);
  raise (SIGINT);
  g_mutex_lock (&lock);
}

/* With the lock held. FALSE when the program was interrupted. */
static gboolean
wait_a_moment (void)
{
  g_cond_wait_until (&resumed, &lock, g_get_monotonic_time () + SIGNAL_INTERVAL_US);
  return !interrupted;
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

  watch_interrupts ();
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
  unwatch_interrupts ();
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
wait_until_resumed (Pass *pass)
{
  gboolean given_up = FALSE;

  watch_interrupts ();
  while (pass->stopped)
    if (!wait_a_moment () && !given_up)
      {
        given_up = TRUE;
        gten_inspect_queue (run_on_cb, g_memdup2 (&pass->id, sizeof pass->id), g_free);
      }
  unwatch_interrupts ();
}

/* With the lock held, which the wait gives up. */
static void
stop (Pass *pass, const char *reason, guint breakpoint)
{
  GtenBackward *backward = pass->backward;

  if (!attached)
    return;

  waiting = FALSE;
  pause_requested = FALSE;
  stepping_on = FALSE;
  if (pass->how == STEP)
    n_stepping_in--;
  pass->how = RUN;
  pass->stopped = TRUE;
  gten_backward_set_keep_gradients (backward, options.keep_bytes);
  send_progress (pass);
  gten_inspect_emit ("Stopped", g_variant_new ("(ttsu)", pass->id, pass->next_node, reason, breakpoint));
  wait_until_resumed (pass);
  gten_inspect_emit ("Resumed", g_variant_new ("(t)", pass->id));
}

/* -- the observer ------------------------------------------------------------------------------- */

static void
note_nonfinite (Pass *pass, GtenNode *from, GtenNode *to, const GtenMeasures *made)
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

/* What the pass was started with has arrived before anybody looked. */
static void
note_roots (Pass *pass, GtenBackward *backward)
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
take_options (Pass *pass)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (pass->equipped || !attached)
    return FALSE;
  pass->equipped = TRUE;
  pass->options = options;
  return TRUE;
}

/* What an inspector wants of a pass; one that is met half-way has no history. */
static void
equip (Pass *pass)
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
measure_node (Pass *pass, GtenBackward *backward, GtenNode *node)
{
  const GtenMeasures *known = g_hash_table_lookup (pass->measured, node);
  GtenMeasures measures;

  if (!pass->options.statistics && g_atomic_int_get (&wants_measures) == 0)
    return GTEN_MEASURES_NONE;
  if (known == NULL || (pass->how != RUN && isnan (known->minimum)))
    return gten_measure (gten_backward_get_gradient (backward, node, 0), wants_all () || pass->how != RUN);
  measures = *known;
  g_hash_table_remove (pass->measured, node);
  return measures;
}

static Pass *
find_locked (GtenBackward *backward)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return find_or_add (backward);
}

static void
before_node (GtenBackward *backward, GtenNode *node)
{
  Pass *pass;
  const char *reason;
  guint breakpoint = 0;
  gboolean waited;

  g_mutex_lock (&lock);
  pass = find_or_add (backward);
  pass->next_node = gten_node_get_id (node);
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
  Pass *pass = find_locked (backward);
  guint arrived = 0, expected = 0;
  GtenGradState state = gten_backward_get_state (backward, to, &arrived, &expected);
  GtenMeasures measures = GTEN_MEASURES_NONE;
  ArrivalRecord *record;

  if (pass->options.statistics || g_atomic_int_get (&wants_measures) > 0)
    measures = gten_measure (grad, wants_all () || pass->how != RUN || pass->journal != NULL);
  if (pass->journal != NULL)
    gten_journal_arrive (pass->journal, from, to, output_nr, grad, &measures);
  if (!gten_measures_are_finite (&measures))
    note_nonfinite (pass, from, to, &measures);
  if (expected == 1 && output_nr == 0)
    g_hash_table_insert (pass->measured, to, g_memdup2 (&measures, sizeof measures));

  g_mutex_lock (&lock);
  g_array_set_size (pass->arrivals, pass->arrivals->len + 1);
  record = &g_array_index (pass->arrivals, ArrivalRecord, pass->arrivals->len - 1);
  record->from = from != NULL ? gten_node_get_id (from) : 0;
  record->to = gten_node_get_id (to);
  record->output_nr = output_nr;
  record->measures = measures;
  record_state (pass, to, state, arrived, expected, &measures);
  recorded (pass);
  g_mutex_unlock (&lock);
}

static void
note_flow (Pass *pass, GtenNode *node)
{
  const GtenMeasures *measures = &pass->current;
  float log = measures->numel == 0                     ? NAN
              : !gten_measures_are_finite (measures)   ? INFINITY
                                                       : log10 (measures->norm / sqrt (measures->numel));

  g_ptr_array_add (pass->flow_nodes, node);
  g_array_append_val (pass->flow_logs, log);
}

static void
after_node (GtenBackward *backward, GtenNode *node)
{
  guint arrived = 0, expected = 0, breakpoint;
  Pass *pass = find_locked (backward);
  GtenTensor *variable = gten_node_get_variable (node);

  gten_backward_get_state (backward, node, &arrived, &expected);
  if (pass->journal != NULL && pass->equipped)
    gten_journal_end (pass->journal, node, &pass->current);
  if (pass->flow_nodes != NULL)
    note_flow (pass, node);
  if (variable != NULL && pass->options.journal_bytes > 0)
    gten_writers_note (variable, pass->id, gten_backward_get_n_done (backward), gten_node_get_id (node));
  if (pass->options.journal_bytes > 0 && gten_node_is_released (node))
    gten_releases_note (node, pass->id);

  g_mutex_lock (&lock);
  record_state (pass, node, GTEN_GRAD_DONE, arrived, expected, &pass->current);
  recorded (pass);
  note_freed (pass);
  if (gten_backward_get_n_done (backward) == gten_backward_get_n_nodes (backward) && stops_at_end (pass, &breakpoint))
    {
      pass->next_node = 0;
      stop (pass, "end", breakpoint);
      stepping_on = attached && (pass->how == STEP || pass->how == OVER);
    }
  g_mutex_unlock (&lock);
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
  innermost = pass->parent;
  if (pass->how == STEP)
    n_stepping_in--;
  last_n_done = pass->announced ? 0 : gten_backward_get_n_done (backward);
  if (pass->flow_nodes != NULL && gten_backward_is_finished (backward))
    gten_flow_add (pass->id, (GtenNode *const *) pass->flow_nodes->pdata, (const float *) (gpointer) pass->flow_logs->data,
                   pass->flow_nodes->len);
  if (pass->announced)
    {
      send_progress (pass);
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
      passes = g_ptr_array_new_with_free_func (pass_free);
      breakpoints = g_ptr_array_new_with_free_func (gten_breakpoint_free);
    }
  gten_observer_set (&observer);
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
    {
      attached = waiting = pause_requested = stepping_on = FALSE;
      gten_observer_set (NULL);
      gten_forward_watch (FALSE);
      gten_sites_watch (FALSE);
    }
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
  attached = FALSE;
  waiting = FALSE;
  pause_requested = FALSE;
  stepping_on = FALSE;
  n_stepping_in = 0;
  gten_observer_set (NULL);
  gten_forward_watch (FALSE);
  gten_sites_watch (FALSE);
  gten_flow_set_limit (0);
  gten_nonfinite_clear ();
  gten_timeline_clear ();
  gten_writers_clear ();
  g_ptr_array_set_size (breakpoints, 0);
  g_atomic_int_set (&wants_measures, 0);
  g_atomic_int_set (&wants_extremes, 0);
  for (guint i = passes->len; i > 0; i--)
    {
      Pass *pass = g_ptr_array_index (passes, i - 1);

      pass->how = RUN;
      pass->stopped = FALSE;
      pass->equipped = FALSE;
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

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" GTEN_INSPECT_PASS));
  for (guint i = 0; passes != NULL && i < passes->len; i++)
    {
      const Pass *pass = g_ptr_array_index (passes, i);

      g_variant_builder_add (&list, GTEN_INSPECT_PASS, pass->id, gten_backward_get_n_nodes (pass->backward),
                             gten_backward_get_n_done (pass->backward), pass->next_node,
                             pass->stopped ? "stopped" : "running", pass->depth);
    }
  return g_variant_builder_end (&list);
}

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
gten_inspect_control_describe (guint64 id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pass *pass = find_id (id, error);
  g_autofree char *thread_name = pass != NULL ? get_thread_name (pass->thread) : NULL;
  GVariantBuilder list;

  if (pass == NULL)
    return NULL;
  g_variant_builder_init (&list, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&list, "{sv}", "n-nodes", g_variant_new_uint32 (gten_backward_get_n_nodes (pass->backward)));
  g_variant_builder_add (&list, "{sv}", "n-done", g_variant_new_uint32 (gten_backward_get_n_done (pass->backward)));
  g_variant_builder_add (&list, "{sv}", "next", g_variant_new_uint64 (pass->next_node));
  g_variant_builder_add (&list, "{sv}", "state", g_variant_new_string (pass->stopped ? "stopped" : "running"));
  g_variant_builder_add (&list, "{sv}", "depth", g_variant_new_uint32 (pass->depth));
  g_variant_builder_add (&list, "{sv}", "parent", g_variant_new_uint64 (pass->parent));
  g_variant_builder_add (&list, "{sv}", "thread", g_variant_new_uint32 (pass->thread));
  g_variant_builder_add (&list, "{sv}", "thread-name", g_variant_new_string (thread_name));
  g_variant_builder_add (&list, "{sv}", "retains-graph",
                         g_variant_new_boolean ((pass->backward->flags & GTEN_BACKWARD_RETAIN_GRAPH) != 0));
  g_variant_builder_add (&list, "{sv}", "creates-graph",
                         g_variant_new_boolean ((pass->backward->flags & GTEN_BACKWARD_CREATE_GRAPH) != 0));
  g_variant_builder_add (&list, "{sv}", "keep-bytes", g_variant_new_uint64 (pass->backward->keep_bytes));
  g_variant_builder_add (&list, "{sv}", "kept-bytes", g_variant_new_uint64 (pass->backward->kept_bytes));
  g_variant_builder_add (&list, "{sv}", "n-freed", g_variant_new_uint32 (pass->n_freed));
  if (pass->journal != NULL && pass->stopped)
    gten_journal_describe (pass->journal, &list);
  return g_variant_builder_end (&list);
}

GtenBackward *
gten_inspect_control_find (guint64 id, GtenJournal **journal, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pass *pass = find_id (id, error);

  if (pass == NULL || !check_stopped (pass, error))
    return NULL;
  if (journal != NULL)
    *journal = pass->journal;
  return pass->backward;
}
