/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The largest or smallest element along one dimension, and where it is. The first position wins a
 * tie and the first NaN wins over all.
 *
 * Of each block of a line the best value is found first, which vectorises, and its place only
 * when it beats the best of the blocks before, which is rare. Lines side by side are taken row
 * by row. */

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

/* Takes a row of x into n lines' best. */
#define DEFINE_TAKE_ROW(COMPUTE, T)                                                                \
  static void take_row_##COMPUTE (bool max, int64_t n, const T *x, int64_t position, T *best,      \
                                  int64_t *indices)                                                \
  {                                                                                                \
    for (int64_t i = 0; position == 0 && i < n; i++)                                               \
      {                                                                                            \
        best[i] = x[i];                                                                            \
        indices[i] = 0;                                                                            \
      }                                                                                            \
    for (int64_t i = 0; position > 0 && i < n; i++)                                                \
      {                                                                                            \
        bool wins = max ? x[i] > best[i] : x[i] < best[i];                                         \
                                                                                                   \
        wins |= (x[i] != x[i]) & (best[i] == best[i]);                                             \
        best[i] = wins ? x[i] : best[i];                                                           \
        indices[i] = wins ? position : indices[i];                                                 \
      }                                                                                            \
  }

DEFINE_TAKE_ROW (FLOAT32, float)
DEFINE_TAKE_ROW (FLOAT64, double)
DEFINE_TAKE_ROW (INT64, int64_t)

typedef struct
{
  bool              max;
  int               dim;
  int64_t           n;
  const GtenKArray *input, *values, *indices;
  GtenWalk          lines;   /* input, values, indices */
  bool              side_by_side;
} ArgReduce;

static void
reduce_line (const void *data, const GtenWalk *line)
{
  const ArgReduce *self = data;
  const GtenKDtype dtype = self->input->dtype;
  const GtenKCompute compute = gten_dtype_computes[dtype];
  const int64_t stride = gten_line_stride (self->input, self->dim);
  const int64_t size = (int64_t) gten_element_size (dtype);
  GtenBlockBuffer block;
  union
  {
    float   FLOAT32;
    double  FLOAT64;
    int64_t INT64;
  } best;
  int64_t found = 0;
  bool goes_on = true;

  for (int64_t i = 0; i < self->n && goes_on; i += GTEN_K_BLOCK)
    {
      int64_t n = GTEN_MIN (self->n - i, GTEN_K_BLOCK);

      gten_instruction_set->loads[dtype][compute](n, &block, line->at[0] + i * stride * size,
                                                  stride);
      if (compute == GTEN_K_COMPUTE_FLOAT32)
        goes_on = take_FLOAT32 (self->max, n, block.FLOAT32, i, &best.FLOAT32, &found);
      else if (compute == GTEN_K_COMPUTE_FLOAT64)
        goes_on = take_FLOAT64 (self->max, n, block.FLOAT64, i, &best.FLOAT64, &found);
      else
        goes_on = take_INT64 (self->max, n, block.INT64, i, &best.INT64, &found);
    }
  if (line->at[1] != NULL)
    memcpy (line->at[1], line->at[0] + found * stride * size, size);
  if (line->at[2] != NULL)
    *(int64_t *) line->at[2] = found;
}

static void
reduce_lines (const void *data, const GtenWalk *lines, int64_t n)
{
  const ArgReduce *self = data;
  const int walked = lines->n_dims - 1, inner = lines->dims[walked];
  const GtenKDtype dtype = self->input->dtype;
  const GtenKCompute compute = gten_dtype_computes[dtype];
  const int64_t stride = self->input->strides[inner];
  const int64_t row = gten_line_stride (self->input, self->dim) * (int64_t) gten_element_size (dtype);
  GtenBlockBuffer block, best;
  int64_t found[GTEN_SIDE_BY_SIDE];

  for (int64_t i = 0; i < self->n; i++)
    {
      gten_instruction_set->loads[dtype][compute](n, &block, lines->at[0] + i * row, stride);
      if (compute == GTEN_K_COMPUTE_FLOAT32)
        take_row_FLOAT32 (self->max, n, block.FLOAT32, i, best.FLOAT32, found);
      else if (compute == GTEN_K_COMPUTE_FLOAT64)
        take_row_FLOAT64 (self->max, n, block.FLOAT64, i, best.FLOAT64, found);
      else
        take_row_INT64 (self->max, n, block.INT64, i, best.INT64, found);
    }
  if (lines->at[1] != NULL)
    gten_instruction_set->stores[dtype][compute](n, lines->at[1], &best,
                                                 self->values->strides[inner]);
  if (lines->at[2] != NULL)
    for (int64_t i = 0; i < n; i++)
      *(int64_t *) (lines->at[2] + i * lines->strides[2][walked]) = found[i];
}

static void
arg_reduce_work (void *data, int thread, int n_threads)
{
  const ArgReduce *self = data;

  gten_walk_share (&self->lines, self->side_by_side, reduce_line, reduce_lines, self, thread, n_threads);
}

GtenKStatus
gten_cpu_arg_reduce (int device, GtenKArgReduce kind, const GtenKArray *input, int dim,
                     const GtenKArray *values, const GtenKArray *indices)
{
  ArgReduce self = {
    .max = kind == GTEN_K_ARGMAX,
    .dim = dim,
    .n = gten_line_size (input, dim),
    .input = input,
    .values = values,
    .indices = indices,
  };

  gten_walk_init (&self.lines, input->n_dims, input->sizes, dim);
  gten_walk_add (&self.lines, input);
  gten_walk_add (&self.lines, values);
  gten_walk_add (&self.lines, indices);
  if (self.lines.n_positions == 0)
    return GTEN_K_OK;
  if (self.n == 0)
    return GTEN_K_BAD_VALUE;
  self.side_by_side = gten_walk_is_side_by_side (&self.lines, input, dim);
  gten_parallel_parts (self.lines.n_positions, self.lines.n_positions * self.n, 1, arg_reduce_work, &self);
  return GTEN_K_OK;
}
