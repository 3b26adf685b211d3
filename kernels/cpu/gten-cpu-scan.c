/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Scans: out[i] is the sum, product, maximum, minimum or log-sum-exp of in[0 .. i] along one
 * dimension.
 *
 * A line is taken in blocks: loaded into the working type, scanned in place with what the blocks
 * before carry over, stored. float32 works in float64, as PyTorch does. */
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

DEFINE_SCAN (FLOAT32, float, f, log_add_exp)
DEFINE_SCAN (FLOAT64, double, f, log_add_exp)
DEFINE_SCAN (INT64, int64_t, i, no_log_add_exp)

static void
scan_line (GtenKScan kind, GtenKCompute compute, int64_t n, const char *from, GtenKDtype from_dtype,
           int64_t from_stride, char *to, GtenKDtype to_dtype, int64_t to_stride, char *indices,
           int64_t indices_stride)
{
  GtenBlockBuffer block;
  int64_t found[GTEN_K_BLOCK];
  Carry carry = { 0 };

  for (int64_t i = 0; i < n; i += GTEN_K_BLOCK)
    {
      int64_t n_here = GTEN_MIN (n - i, GTEN_K_BLOCK);

      gten_instruction_set->loads[from_dtype][compute](
          n_here, &block, from + i * from_stride * (int64_t) gten_element_size (from_dtype),
          from_stride);
      if (compute == GTEN_K_COMPUTE_FLOAT32)
        scan_FLOAT32 (kind, n_here, block.FLOAT32, found, &carry);
      else if (compute == GTEN_K_COMPUTE_FLOAT64)
        scan_FLOAT64 (kind, n_here, block.FLOAT64, found, &carry);
      else
        scan_INT64 (kind, n_here, block.INT64, found, &carry);
      gten_instruction_set->stores[to_dtype][compute] (
          n_here, to + i * to_stride * (int64_t) gten_element_size (to_dtype), &block, to_stride);
      if (indices != NULL)
        for (int64_t j = 0; j < n_here; j++)
          ((int64_t *) indices)[(i + j) * indices_stride] = found[j];
    }
}

GtenKStatus
gten_cpu_scan (int device, GtenKScan kind, const GtenKArray *input, int dim, const GtenKArray *out,
               const GtenKArray *indices)
{
  GtenKCompute compute = gten_dtype_computes[out->dtype];
  int64_t n = gten_line_size (input, dim);
  GtenWalk lines;

  if (kind == GTEN_K_SCAN_LOGSUMEXP && compute == GTEN_K_COMPUTE_INT64)
    return GTEN_K_UNSUPPORTED;
  if (out->dtype == GTEN_K_FLOAT32)
    compute = GTEN_K_COMPUTE_FLOAT64;

  gten_walk_init (&lines, input->n_dims, input->sizes, dim);
  gten_walk_add (&lines, input);
  gten_walk_add (&lines, out);
  gten_walk_add (&lines, indices);

  int threads = (int) GTEN_MIN (gten_threads (lines.n_positions * n, 4), lines.n_positions);

#pragma omp parallel num_threads (GTEN_MAX (threads, 1)) firstprivate (lines)
  {
    int64_t end = GTEN_PART_END (lines.n_positions);
    int64_t line = GTEN_PART_BEGIN (lines.n_positions);

    for (gten_walk_seek (&lines, line); line < end; line++, gten_walk_next (&lines))
      scan_line (kind, compute, n, lines.at[0], input->dtype, gten_line_stride (input, dim),
                 lines.at[1], out->dtype, gten_line_stride (out, dim), lines.at[2],
                 gten_line_stride (indices, dim));
  }
  return GTEN_K_OK;
}
