/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Threads, for large work only. */
#include "gten-cpu-private.h"

#ifdef _OPENMP
#include <omp.h>
#endif

int
gten_threads (int64_t n_elements, int weight)
{
#ifdef _OPENMP
  const int64_t least = GTEN_PARALLEL_ELEMENTS / weight;

  if (GTEN_LIKELY (n_elements <= least) || omp_in_parallel ())
    return 1;
  return (int) GTEN_MIN (2 * n_elements / (least + 1), (int64_t) omp_get_max_threads ());
#else
  return 1;
#endif
}

void
gten_parallel (int n_threads, void (*work) (void *data, int thread, int n_threads), void *data)
{
#ifdef _OPENMP
  bool fault = false;

  if (n_threads > 1)
    {
#pragma omp parallel num_threads (n_threads) reduction (|| : fault)
      {
        work (data, omp_get_thread_num (), omp_get_num_threads ());
        fault = gten_k_take_division_fault ();
      }
      if (fault)
        gten_k_division_fault = true;
      return;
    }
#endif
  work (data, 0, 1);
}
