/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What our programs and PyTorch's share: how a case is timed. Each program reads names of cases, one a
 * line, and answers with the seconds that one iteration takes in a round long enough to be measured
 * well, so that both sides can be asked in turn, as often as one likes. */
#pragma once

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BENCH_ROUND_SECONDS 0.02

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

/* How many iterations fill a round. The first one is not counted: it finds everything cold. */
static long
bench_count (BenchStep step, void *state)
{
  double once;
  long   n = 1;

  for (step (state);; n *= 4)
    {
      once = bench_round (step, state, n);
      if (once * (double) n > BENCH_ROUND_SECONDS / 8 || n > 1 << 24)
        break;
    }
  return once < BENCH_ROUND_SECONDS ? (long) (BENCH_ROUND_SECONDS / once) : 1;
}

/* `prepare` makes a case the current one; false: there is no such case. */
static int
bench_serve (int (*prepare) (const char *name), BenchStep step, void *state)
{
  char current[64] = "", name[64];
  long n = 0;

  while (fgets (name, sizeof name, stdin) != NULL)
    {
      name[strcspn (name, "\n")] = '\0';
      if (strcmp (name, current) != 0)
        {
          if (!prepare (name))
            {
              fprintf (stderr, "There is no case %s\n", name);
              return 2;
            }
          strcpy (current, name);
          n = bench_count (step, state);
        }
      printf ("%.9g\n", bench_round (step, state, n));
      fflush (stdout);
    }
  return 0;
}
