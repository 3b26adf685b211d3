/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kernels that compute in int64. */
#include <stdint.h>

typedef int64_t T;

#define GTEN_ROWS_OF_FLOAT32(...)
#define GTEN_ROWS_OF_FLOAT64(...)
#define GTEN_ROWS_OF_INT64(...)
#undef GTEN_ROWS_OF_INT64
#define GTEN_ROWS_OF_INT64(...) __VA_ARGS__
#define GTEN_ROWS_OF(COMPUTE, ...) GTEN_ROWS_OF_##COMPUTE (__VA_ARGS__)
#include "gten-cuda-rows.h"

static const bool are_filled = fill_tables ();

const GtenPointwiseRow *
gten_cuda_pointwise_int64 (void)
{
  return are_filled ? pointwise : NULL;
}

const GtenReduceRow *
gten_cuda_reduce_int64 (void)
{
  return are_filled ? reductions : NULL;
}
