/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The largest or smallest element along one dimension, and where it is. The first position wins a
 * tie and the first NaN wins over all.
 *
 * Of each block of a line the best value is found first, which vectorises, and its place only when
 * it beats the best of the blocks before, which is rare. */

#include "gten-cpu-elements.h"

/* Takes in x[0 .. n-1], which begins at `position`; returns false once nothing can win any more. */
#define DEFINE_TAKE(COMPUTE, T)                                                                    \
  static bool take_##COMPUTE (bool max, int64_t n, const T *x, int64_t position, T *best,          \
                              int64_t *index)                                                      \
  {                                                                                                \
    T top = x[0];                                                                                  \
    int nans = 0;                                                                                  \
    int64_t i = 0;                                                                                 \
                                                                                                   \
    if (max)                                                                                       \
      for (int64_t j = 0; j < n; j++)                                                              \
        top = x[j] > top ? x[j] : top;                                                             \
    else                                                                                           \
      for (int64_t j = 0; j < n; j++)                                                              \
        top = x[j] < top ? x[j] : top;                                                             \
    for (int64_t j = 0; j < n; j++)                                                                \
      nans |= x[j] != x[j];                                                                        \
    if (nans)                                                                                      \
      while (x[i] == x[i])                                                                         \
        i++;                                                                                       \
    else if (position > 0 && (max ? top <= *best : top >= *best))                                  \
      return true;                                                                                 \
    else                                                                                           \
      while (x[i] != top)                                                                          \
        i++;                                                                                       \
    *best = x[i];                                                                                  \
    *index = position + i;                                                                         \
    return !nans;                                                                                  \
  }

DEFINE_TAKE (FLOAT32, float)
DEFINE_TAKE (FLOAT64, double)
DEFINE_TAKE (INT64, int64_t)

static void
reduce_line (bool max, GtenKDtype dtype, int64_t n, const char *from, int64_t stride, char *value,
             char *index)
{
  GtenKCompute compute = gten_dtype_computes[dtype];
  GtenBlockBuffer block;
  union
  {
    float   FLOAT32;
    double  FLOAT64;
    int64_t INT64;
  } best;
  int64_t found = 0;
  bool goes_on = true;

  for (int64_t i = 0; i < n && goes_on; i += GTEN_K_BLOCK)
    {
      int64_t n_here = GTEN_MIN (n - i, GTEN_K_BLOCK);

      gten_instruction_set->loads[dtype][compute] (
          n_here, &block, from + i * stride * (int64_t) gten_element_size (dtype), stride);
      if (compute == GTEN_K_COMPUTE_FLOAT32)
        goes_on = take_FLOAT32 (max, n_here, block.FLOAT32, i, &best.FLOAT32, &found);
      else if (compute == GTEN_K_COMPUTE_FLOAT64)
        goes_on = take_FLOAT64 (max, n_here, block.FLOAT64, i, &best.FLOAT64, &found);
      else
        goes_on = take_INT64 (max, n_here, block.INT64, i, &best.INT64, &found);
    }
  if (value != NULL)
    memcpy (value, from + found * stride * (int64_t) gten_element_size (dtype),
            gten_element_size (dtype));
  if (index != NULL)
    *(int64_t *) index = found;
}

GtenKStatus
gten_cpu_arg_reduce (int device, GtenKArgReduce kind, const GtenKArray *input, int dim,
                     const GtenKArray *values, const GtenKArray *indices)
{
  int64_t n = gten_line_size (input, dim);
  GtenWalk lines;

  gten_walk_init (&lines, input->n_dims, input->sizes, dim);
  gten_walk_add (&lines, input);
  gten_walk_add (&lines, values);
  gten_walk_add (&lines, indices);
  if (lines.n_positions == 0)
    return GTEN_K_OK;
  if (n == 0)
    return GTEN_K_BAD_VALUE;

  int threads = (int) GTEN_MIN (gten_threads (lines.n_positions * n, 1), lines.n_positions);

#pragma omp parallel num_threads (threads) firstprivate (lines)
  {
    int64_t end = GTEN_PART_END (lines.n_positions);
    int64_t line = GTEN_PART_BEGIN (lines.n_positions);

    for (gten_walk_seek (&lines, line); line < end; line++, gten_walk_next (&lines))
      reduce_line (kind == GTEN_K_ARGMAX, input->dtype, n, lines.at[0],
                   gten_line_stride (input, dim), lines.at[1], lines.at[2]);
  }
  return GTEN_K_OK;
}
