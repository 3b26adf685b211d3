/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Passes of several threads at once, for the tests: threads [N]. None ends before all have begun. */

#include <gtensor/gtensor.h>

#include <stdlib.h>

static GMutex lock;
static GCond  begun;
static int    n_missing;

static void
wait_for_others (void)
{
  g_mutex_lock (&lock);
  if (--n_missing == 0)
    g_cond_broadcast (&begun);
  while (n_missing > 0)
    g_cond_wait (&begun, &lock);
  g_mutex_unlock (&lock);
}

static gpointer
work (gpointer data)
{
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT32, NULL, NULL);
  g_autoptr (GtenTensor) y = NULL, loss = NULL;

  gten_tensor_set_requires_grad (x, TRUE);
  y = gten_tensor_exp (x, NULL);
  loss = gten_tensor_sum (y, NULL);
  wait_for_others ();
  gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, NULL);
  return NULL;
}

int
main (int argc, char **argv)
{
  int n = argc > 1 ? atoi (argv[1]) : 2;
  g_autofree GThread **threads = g_new (GThread *, n);

  n_missing = n;
  for (int i = 0; i < n; i++)
    threads[i] = g_thread_new ("worker", work, NULL);
  for (int i = 0; i < n; i++)
    g_thread_join (threads[i]);
  return 0;
}
