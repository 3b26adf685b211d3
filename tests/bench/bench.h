/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What our programs and PyTorch's share: how a case is timed. Each program is called with the name
 * of a case and prints the seconds that one iteration takes: the least of several rounds, each long
 * enough to be measured well. */
#pragma once

#include <stdio.h>
#include <string.h>
#include <time.h>

typedef void (*BenchStep) (void *state);

static double
bench_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static double
bench_round (BenchStep step, void *state, long n)
{
  double start = bench_now ();

  for (long i = 0; i < n; i++)
    step (state);
  return (bench_now () - start) / (double) n;
}

static void
bench_print (BenchStep step, void *state)
{
  const double round_seconds = 0.02;
  const int    rounds = 15;
  double       once, best;
  long         n = 1;

  for (step (state);; n *= 4)
    {
      once = bench_round (step, state, n);
      if (once * (double) n > round_seconds / 8 || n > 1 << 24)
        break;
    }
  n = once > 0 && round_seconds / once > 1 ? (long) (round_seconds / once) : 1;
  best = once;
  for (int i = 0; i < rounds; i++)
    {
      double seconds = bench_round (step, state, n);

      best = seconds < best ? seconds : best;
    }
  printf ("%.9g\n", best);
}
