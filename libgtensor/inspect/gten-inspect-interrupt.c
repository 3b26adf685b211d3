/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ctrl-C ends a program that waits. The default does so by itself; a handler of the program's, such as Python's, only
 * takes note of the signal for when the program comes back from here, so the wait is given up then. */

#include "inspect/gten-inspect-pass-private.h"

#include <signal.h>

static volatile sig_atomic_t interrupted;
static struct sigaction program_action;
static guint n_watching;

static void
interrupt_cb (int number)
{
  interrupted = 1;
}

void
gten_interrupts_watch (void)
{
  struct sigaction own = { .sa_handler = interrupt_cb };

  if (n_watching++ > 0)
    return;
  interrupted = 0;
  sigaction (SIGINT, NULL, &program_action);
  if (program_action.sa_handler != SIG_DFL && program_action.sa_handler != SIG_IGN)
    sigaction (SIGINT, &own, NULL);
}

void
gten_interrupts_unwatch (GMutex *lock)
{
  if (--n_watching > 0)
    return;
  if (program_action.sa_handler != SIG_DFL && program_action.sa_handler != SIG_IGN)
    sigaction (SIGINT, &program_action, NULL);
  if (!interrupted)
    return;
  g_mutex_unlock (lock);
  raise (SIGINT);
  g_mutex_lock (lock);
}

gboolean
gten_interrupts_came (void)
{
  return interrupted;
}
