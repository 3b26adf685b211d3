/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Threads, for large work only.
 *
 * The caller offers the parts of its work and takes them itself, one after another; workers that
 * are awake take some of them. So nothing ever waits for a thread to wake, and on a busy machine
 * the caller does the work alone. A worker watches for more for some hundred microseconds before it
 * sleeps, since large operations come in rows and waking takes as long as many of them. It gives
 * way all the while: it may have been woken on the caller's own processor.
 *
 * `offer` counts the works in its upper half and, in its lower, the parts that nobody has taken. A
 * part is taken by an exchange of all of it, so that a worker that comes late cannot take from a
 * work that it did not see. */
#include "gten-cpu-private.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define GTEN_WATCH_TURNS  2000   /* of some 20 ns */
#define GTEN_YIELD_TURNS  50     /* without giving way */
#define GTEN_YIELDS       200    /* before sleep */
#define GTEN_MOST_THREADS 256

static struct
{
  _Atomic uint64_t offer;
  atomic_int       n_unfinished;
  atomic_bool      is_taken;
  atomic_uint      bad_values;
  void           (*work) (void *data, int thread, int n_threads);
  void            *data;
  int              n_parts;

  pthread_mutex_t  lock;
  pthread_cond_t   offered;
  atomic_int       n_asleep;
  int              n_workers;
} gten_pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .offered = PTHREAD_COND_INITIALIZER };

static int gten_n_most = 1;               /* what is allocated for threads relies on it: constant */
static atomic_int gten_n_threads = 1;

static inline void
gten_pause (void)
{
#ifdef __x86_64__
  __builtin_ia32_pause ();
#endif
}

/* Takes and does one part; false when there is none. */
static bool
gten_pool_take (void)
{
  uint64_t offer = atomic_load (&gten_pool.offer);
  unsigned bad_values;
  int part;

  do
    if ((uint32_t) offer == 0)
      return false;
  while (!atomic_compare_exchange_weak (&gten_pool.offer, &offer, offer - 1));

  part = (int) (uint32_t) offer - 1;
  gten_pool.work (gten_pool.data, part, gten_pool.n_parts);
  bad_values = gten_k_take_bad_values ();
  if (bad_values != 0)
    atomic_fetch_or (&gten_pool.bad_values, bad_values);
  atomic_fetch_sub (&gten_pool.n_unfinished, 1);
  return true;
}

static void *
gten_pool_worker (void *unused)
{
  while (true)
    {
      for (int turns = 0; turns < GTEN_YIELDS * GTEN_YIELD_TURNS; turns++)
        if (gten_pool_take ())
          turns = 0;
        else if (turns % GTEN_YIELD_TURNS == 0)
          sched_yield ();
        else
          gten_pause ();
      pthread_mutex_lock (&gten_pool.lock);
      atomic_fetch_add (&gten_pool.n_asleep, 1);
      while ((uint32_t) atomic_load (&gten_pool.offer) == 0)
        pthread_cond_wait (&gten_pool.offered, &gten_pool.lock);
      atomic_fetch_sub (&gten_pool.n_asleep, 1);
      pthread_mutex_unlock (&gten_pool.lock);
    }
  return NULL;
}

/* Signals are for the program's own threads. */
static void
gten_pool_start_workers (void)
{
  sigset_t all, before;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  for (; gten_pool.n_workers < gten_k_get_threads () - 1; gten_pool.n_workers++)
    {
      pthread_t thread;

      if (pthread_create (&thread, NULL, gten_pool_worker, NULL) != 0)
        break;
      pthread_detach (thread);
    }
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

/* A forked process has none of the workers; whatever they had taken is its parent's. */
static void
gten_pool_forget_workers (void)
{
  const pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  const pthread_cond_t offered = PTHREAD_COND_INITIALIZER;

  gten_pool.lock = lock;
  gten_pool.offered = offered;
  gten_pool.n_workers = 0;
  atomic_store (&gten_pool.n_asleep, 0);
  atomic_store (&gten_pool.offer, 0);
  atomic_store (&gten_pool.is_taken, false);
}

/* As many as there are processors for this process, or as the usual variable says. */
__attribute__ ((constructor)) static void
gten_count_threads (void)
{
  const char *wanted = getenv ("OMP_NUM_THREADS");
  int n_threads = wanted != NULL ? atoi (wanted) : 0, n_processors = 1;
  cpu_set_t processors;

  if (sched_getaffinity (0, sizeof processors, &processors) == 0)
    n_processors = CPU_COUNT (&processors);
  gten_n_most = GTEN_MIN (GTEN_MAX (n_threads, n_processors), GTEN_MOST_THREADS);
  gten_k_set_threads (n_threads < 1 ? n_processors : n_threads);
  pthread_atfork (NULL, NULL, gten_pool_forget_workers);
}

int
gten_most_threads (void)
{
  return gten_n_most;
}

int
gten_k_get_threads (void)
{
  return atomic_load_explicit (&gten_n_threads, memory_order_relaxed);
}

void
gten_k_set_threads (int n_threads)
{
  atomic_store_explicit (&gten_n_threads, GTEN_MIN (GTEN_MAX (n_threads, 1), gten_n_most),
                         memory_order_relaxed);
}

int
gten_threads (int64_t n_elements, int weight)
{
  const int64_t least = GTEN_PARALLEL_ELEMENTS / weight;

  if (GTEN_LIKELY (n_elements <= least))
    return 1;
  return (int) GTEN_MIN (2 * n_elements / (least + 1), (int64_t) gten_k_get_threads ());
}

void
gten_parallel (int n_threads, void (*work) (void *data, int thread, int n_threads), void *data)
{
  if (n_threads <= 1 || atomic_exchange (&gten_pool.is_taken, true))
    {
      work (data, 0, GTEN_MAX (n_threads, 1));
      for (int part = 1; part < n_threads; part++)
        work (data, part, n_threads);
      return;
    }
  if (gten_pool.n_workers < gten_k_get_threads () - 1)
    gten_pool_start_workers ();
  gten_pool.work = work;
  gten_pool.data = data;
  gten_pool.n_parts = n_threads;
  atomic_store (&gten_pool.bad_values, 0);
  atomic_store (&gten_pool.n_unfinished, n_threads);
  atomic_store (&gten_pool.offer,
                (((atomic_load (&gten_pool.offer) >> 32) + 1) << 32) + (uint32_t) n_threads);
  if (atomic_load (&gten_pool.n_asleep) > 0)
    {
      pthread_mutex_lock (&gten_pool.lock);
      pthread_cond_broadcast (&gten_pool.offered);
      pthread_mutex_unlock (&gten_pool.lock);
    }
  while (gten_pool_take ())
    ;
  for (int turns = 0; atomic_load (&gten_pool.n_unfinished) > 0; turns++)
    if (turns < GTEN_WATCH_TURNS)
      gten_pause ();
    else
      sched_yield ();
  gten_k_bad_values |= atomic_load (&gten_pool.bad_values);
  atomic_store (&gten_pool.is_taken, false);
}
