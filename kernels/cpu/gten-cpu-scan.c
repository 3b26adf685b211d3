/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Scans: out[i] is the sum, product, maximum, minimum or log-sum-exp of in[0 .. i] along one
 * dimension.
 *
 * A line is taken in blocks: loaded into the working type, scanned in place with what the blocks
 * before carry over, stored. Lines side by side are taken row by row. float32 works in float64, as
 * PyTorch does. */
#include <math.h>

#include "gten-cpu-elements.h"

/* What a line carries from block to block. */
typedef struct
{
  GtenKScalar value;
  int64_t     index, position;
} Carry;

static inline double
log_add_exp (double x, double y)
{
  double low = y != y || y < x ? y : x;
  double high = y != y || y > x ? y : x;

  return low != high || isfinite (low) ? log1p (exp (low - high)) + high : x;
}

static inline int64_t
no_log_add_exp (int64_t x, int64_t y)
{
  return 0;
}

/* `indices` is NULL for the scans that have none. A later element wins a tie and a NaN wins over
 * all. */
#define DEFINE_SCAN(COMPUTE, T, FIELD, LOG_ADD_EXP)                                                \
  static void scan_##COMPUTE (GtenKScan kind, int64_t n, T *x, int64_t *indices, Carry *carry)     \
  {                                                                                                \
    bool first = carry->position == 0;                                                             \
    T acc = (T) carry->value.FIELD;                                                                \
    int64_t i = 0;                                                                                 \
                                                                                                   \
    switch (kind)                                                                                  \
      {                                                                                            \
      case GTEN_K_SCAN_SUM:                                                                        \
        for (acc = first ? 0 : acc; i < n; i++)                                                    \
          x[i] = acc += x[i];                                                                      \
        break;                                                                                     \
      case GTEN_K_SCAN_PROD:                                                                       \
        for (acc = first ? 1 : acc; i < n; i++)                                                    \
          x[i] = acc *= x[i];                                                                      \
        break;                                                                                     \
      case GTEN_K_SCAN_LOGSUMEXP:                                                                  \
        for (acc = first ? x[i++] : acc; i < n; i++)                                               \
          x[i] = acc = (T) LOG_ADD_EXP (x[i], acc);                                                \
        break;                                                                                     \
      case GTEN_K_SCAN_MAX:                                                                        \
      case GTEN_K_SCAN_MIN:                                                                        \
        for (acc = first ? x[0] : acc; i < n; i++)                                                 \
          {                                                                                        \
            bool wins = kind == GTEN_K_SCAN_MAX ? x[i] >= acc : x[i] <= acc;                       \
                                                                                                   \
            if (wins || x[i] != x[i])                                                              \
              {                                                                                    \
                acc = x[i];                                                                        \
                carry->index = carry->position + i;                                                \
              }                                                                                    \
            x[i] = acc;                                                                            \
            indices[i] = carry->index;                                                             \
          }                                                                                        \
        break;                                                                                     \
      }                                                                                            \
    carry->value.FIELD = acc;                                                                      \
    carry->position += n;                                                                          \
  }

/* Takes a row of x into n lines' accumulators, and gives x what they are then. */
#define DEFINE_SCAN_ROW(COMPUTE, T, LOG_ADD_EXP)                                                   \
  static void scan_row_##COMPUTE (GtenKScan kind, int64_t n, T *x, T *acc, int64_t *indices,       \
                                  int64_t position)                                                \
  {                                                                                                \
    if (position == 0)                                                                             \
      for (int64_t i = 0; i < n; i++)                                                              \
        {                                                                                          \
          x[i] = acc[i] = kind == GTEN_K_SCAN_SUM ? 0 + x[i] : x[i];                               \
          indices[i] = 0;                                                                          \
        }                                                                                          \
    else if (kind == GTEN_K_SCAN_SUM)                                                              \
      for (int64_t i = 0; i < n; i++)                                                              \
        x[i] = acc[i] += x[i];                                                                     \
    else if (kind == GTEN_K_SCAN_PROD)                                                             \
      for (int64_t i = 0; i < n; i++)                                                              \
        x[i] = acc[i] *= x[i];                                                                     \
    else if (kind == GTEN_K_SCAN_LOGSUMEXP)                                                        \
      for (int64_t i = 0; i < n; i++)                                                              \
        x[i] = acc[i] = (T) LOG_ADD_EXP (x[i], acc[i]);                                            \
    else                                                                                           \
      for (int64_t i = 0; i < n; i++)                                                              \
        {                                                                                          \
          bool wins = kind == GTEN_K_SCAN_MAX ? x[i] >= acc[i] : x[i] <= acc[i];                   \
                                                                                                   \
          wins |= x[i] != x[i];                                                                    \
          indices[i] = wins ? position : indices[i];                                               \
          x[i] = acc[i] = wins ? x[i] : acc[i];                                                    \
        }                                                                                          \
  }

DEFINE_SCAN (FLOAT32, float, f, log_add_exp)
DEFINE_SCAN (FLOAT64, double, f, log_add_exp)
DEFINE_SCAN (INT64, int64_t, i, no_log_add_exp)
DEFINE_SCAN_ROW (FLOAT32, float, log_add_exp)
DEFINE_SCAN_ROW (FLOAT64, double, log_add_exp)
DEFINE_SCAN_ROW (INT64, int64_t, no_log_add_exp)

typedef struct
{
  GtenKScan         kind;
  GtenKCompute      compute;
  int               dim;
  int64_t           n;
  const GtenKArray *input, *out, *indices;
  GtenWalk          lines;   /* input, out, indices */
  bool              side_by_side;
} Scan;

static void
scan_line (const void *data, const GtenWalk *line)
{
  const Scan *self = data;
  const GtenKDtype from_dtype = self->input->dtype, to_dtype = self->out->dtype;
  const int64_t from_stride = gten_line_stride (self->input, self->dim);
  const int64_t to_stride = gten_line_stride (self->out, self->dim);
  const int64_t indices_stride = gten_line_stride (self->indices, self->dim);
  GtenBlockBuffer block;
  int64_t found[GTEN_K_BLOCK];
  Carry carry = { 0 };

  for (int64_t i = 0; i < self->n; i += GTEN_K_BLOCK)
    {
      int64_t n = GTEN_MIN (self->n - i, GTEN_K_BLOCK);

      gten_instruction_set->loads[from_dtype][self->compute](
          n, &block, line->at[0] + i * from_stride * (int64_t) gten_element_size (from_dtype), from_stride);
      if (self->compute == GTEN_K_COMPUTE_FLOAT32)
        scan_FLOAT32 (self->kind, n, block.FLOAT32, found, &carry);
      else if (self->compute == GTEN_K_COMPUTE_FLOAT64)
        scan_FLOAT64 (self->kind, n, block.FLOAT64, found, &carry);
      else
        scan_INT64 (self->kind, n, block.INT64, found, &carry);
      gten_instruction_set->stores[to_dtype][self->compute](
          n, line->at[1] + i * to_stride * (int64_t) gten_element_size (to_dtype), &block, to_stride);
      if (line->at[2] != NULL)
        for (int64_t j = 0; j < n; j++)
          ((int64_t *) line->at[2])[(i + j) * indices_stride] = found[j];
    }
}

static void
scan_lines (const void *data, const GtenWalk *lines, int64_t n)
{
  const Scan *self = data;
  const int inner = lines->dims[lines->n_dims - 1];
  const GtenKDtype from_dtype = self->input->dtype, to_dtype = self->out->dtype;
  const int64_t from_stride = self->input->strides[inner], to_stride = self->out->strides[inner];
  const int64_t indices_stride = self->indices != NULL ? self->indices->strides[inner] : 0;
  const int64_t from_row = gten_line_stride (self->input, self->dim) * (int64_t) gten_element_size (from_dtype);
  const int64_t to_row = gten_line_stride (self->out, self->dim) * (int64_t) gten_element_size (to_dtype);
  const int64_t indices_row = gten_line_stride (self->indices, self->dim);
  GtenBlockBuffer row, acc;
  int64_t found[GTEN_SIDE_BY_SIDE];

  for (int64_t i = 0; i < self->n; i++)
    {
      gten_instruction_set->loads[from_dtype][self->compute](n, &row, lines->at[0] + i * from_row, from_stride);
      if (self->compute == GTEN_K_COMPUTE_FLOAT32)
        scan_row_FLOAT32 (self->kind, n, row.FLOAT32, acc.FLOAT32, found, i);
      else if (self->compute == GTEN_K_COMPUTE_FLOAT64)
        scan_row_FLOAT64 (self->kind, n, row.FLOAT64, acc.FLOAT64, found, i);
      else
        scan_row_INT64 (self->kind, n, row.INT64, acc.INT64, found, i);
      gten_instruction_set->stores[to_dtype][self->compute](n, lines->at[1] + i * to_row, &row,
                                                            to_stride);
      if (lines->at[2] != NULL)
        for (int64_t j = 0; j < n; j++)
          ((int64_t *) lines->at[2])[i * indices_row + j * indices_stride] = found[j];
    }
}

static void
scan_work (void *data, int thread, int n_threads)
{
  const Scan *self = data;

  gten_walk_share (&self->lines, self->side_by_side, scan_line, scan_lines, self, thread, n_threads);
}

GtenKStatus
gten_cpu_scan (int device, GtenKScan kind, const GtenKArray *input, int dim, const GtenKArray *out,
               const GtenKArray *indices)
{
  Scan self = {
    .kind = kind,
    .compute = gten_dtype_computes[out->dtype],
    .dim = dim,
    .n = gten_line_size (input, dim),
    .input = input,
    .out = out,
    .indices = indices,
  };

  if (kind == GTEN_K_SCAN_LOGSUMEXP && self.compute == GTEN_K_COMPUTE_INT64)
    return GTEN_K_UNSUPPORTED;
  if (out->dtype == GTEN_K_FLOAT32)
    self.compute = GTEN_K_COMPUTE_FLOAT64;
  gten_walk_init (&self.lines, input->n_dims, input->sizes, dim);
  gten_walk_add (&self.lines, input);
  gten_walk_add (&self.lines, out);
  gten_walk_add (&self.lines, indices);
  self.side_by_side = gten_walk_is_side_by_side (&self.lines, input, dim);
  gten_parallel_parts (self.lines.n_positions, self.lines.n_positions * self.n, 4, scan_work, &self);
  return GTEN_K_OK;
}
