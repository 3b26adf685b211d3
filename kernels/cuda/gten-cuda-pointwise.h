/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Element-wise kernels: one per row of the op table and compute type, the expressions inlined between
 * loads and stores of groups. */
#pragma once

#include "gten-cuda-groups.h"

#define GTEN_GROUPS_PER_THREAD 2   /* in flight together; 256 threads apart */

/* What a kernel gets. Operand 0 of the layout is the output; it counts rows. */
template <typename T, int ARITY> struct GtenPointwise
{
  uint32_t               n_groups, row_length;
  GtenDivider            groups_per_row;
  GtenTarget             output;
  GtenSource<T>          inputs[ARITY];
  T                      params[GTEN_K_MAX_PARAMS];
  GtenCudaReporter       reporter;
  int64_t                position;   /* of the output's first element, where the operation has several launches */
  GtenLayout<ARITY + 1>  layout;
};

/* A kernel of (T, ARITY) is void (*) (GtenPointwise<T, ARITY>). */
struct GtenPointwiseRow
{
  void (*kernel) (void);  /* NULL: the row has no meaning in this compute type */
  int    arity;
};

const GtenPointwiseRow *gten_cuda_pointwise_float32 (void);
const GtenPointwiseRow *gten_cuda_pointwise_float64 (void);
const GtenPointwiseRow *gten_cuda_pointwise_int64 (void);

/* -- the kernel ------------------------------------------------------------------------------------*/

/* Where a group's elements begin in each operand, and how many it has. */
template <typename T, int ARITY>
static __device__ __forceinline__ uint32_t
gten_locate_group (const GtenPointwise<T, ARITY> &self, uint32_t group, int64_t (&offsets)[ARITY + 1])
{
  uint32_t column = group, count;

  if (self.layout.n_dims == 0)
    for (int i = 0; i <= ARITY; i++)
      offsets[i] = 0;
  else
    gten_locate (self.layout, gten_divide (group, self.groups_per_row, &column), offsets);
  column *= GTEN_GROUP;
  count = self.row_length - column;
  offsets[0] += column * self.output.stride;
  for (int i = 0; i < ARITY; i++)
    offsets[i + 1] += column * self.inputs[i].stride;
  return count < GTEN_GROUP ? count : GTEN_GROUP;
}

template <typename Op, typename T>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS)
gten_pointwise (const __grid_constant__ GtenPointwise<T, Op::arity> self)
{
  constexpr int arity = Op::arity, n = GTEN_GROUPS_PER_THREAD;
  const uint32_t first = blockIdx.x * (GTEN_CUDA_THREADS * n) + threadIdx.x;
  int64_t offsets[arity + 1][n];
  uint32_t counts[n];
  T x[arity][n][GTEN_GROUP];
  unsigned bad_values = 0;
  int64_t bad_position = -1;

  for (int i = 0; i < n; i++)
    {
      const uint32_t group = first + i * GTEN_CUDA_THREADS;
      int64_t places[arity + 1];

      counts[i] = 0;
      if (group < self.n_groups)
        {
          counts[i] = gten_locate_group (self, group, places);
          for (int operand = 0; operand <= arity; operand++)
            offsets[operand][i] = places[operand];
        }
    }
  for (int input = 0; input < arity; input++)
    gten_load_groups (self.inputs[input], offsets[input + 1], counts, x[input]);
  for (int i = 0; i < n; i++)
    {
      T result[GTEN_GROUP];

      if (counts[i] == 0)
        continue;
      for (int element = 0; element < GTEN_GROUP; element++)
        {
          T inputs[arity];

          for (int input = 0; input < arity; input++)
            inputs[input] = x[input][i][element];
          result[element] = Op::apply (inputs, self.params, bad_values);
          if (bad_values != 0 && bad_position < 0)
            bad_position = offsets[0][i] + element * self.output.stride;
        }
      gten_store_group (self.output, offsets[0][i], counts[i], result);
    }
  if (bad_values != 0)
    gten_cuda_report (self.reporter, GTEN_K_BAD_VALUE, 0, 0, self.position + bad_position, 0,
                      self.reporter.messages[bad_values & 1 ? 0 : 1]);
}
