/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reductions: two kernels per row of the op table and compute type.
 *
 * The inner dimension is cut into groups. Where it is reduced, a *unit* is one output and a *step* one group that
 * the unit takes in; where it is kept, a unit is a group of outputs and a step one row. The threads of a block
 * are lanes of units: lanes take in every so many steps, side by side in memory, and are combined in the
 * end as a tree. Where there are too few units for the device, the steps are shared out among blocks, whose
 * results the second kernel combines. The order is always the same, and sums are those of short chains. */
#pragma once

#include "gten-cuda-groups.h"

#define GTEN_STEPS_PER_TURN 2   /* of a lane, in flight together */
#define GTEN_TURNS_PER_LEAF 32  /* added up before their sum is */
#define GTEN_BLOCKS_AT_ONCE 4   /* on a processor: what its registers must allow, to hide the memory's latency */

/* What the kernels get. */
template <typename T> struct GtenReduce
{
  bool          is_vertical;
  uint32_t      n_lanes;              /* of a unit, a power of 2 */
  uint32_t      n_units, n_steps, steps_per_block;
  uint32_t      row_length;           /* of the inner dimension */
  GtenDivider   groups_per_row;
  GtenSource<T> source;
  GtenLayout<2> kept;                 /* outputs, inputs; the inner dimension is in neither */
  GtenLayout<1> reduced;
  void         *out;
  GtenKDtype    out_dtype;
  int64_t       out_stride;           /* of the inner dimension */
  T             count;                /* elements of an output */
  T             params[GTEN_K_MAX_PARAMS];
  T            *partials;             /* NULL: one block per unit is enough */
  uint32_t      n_partials;           /* of each output */
};

struct GtenReduceRow
{
  void (*first) (void);   /* void (GtenReduce<T>); NULL: the row has no meaning in this compute type */
  void (*second) (void);
};

const GtenReduceRow *gten_cuda_reduce_float32 (void);
const GtenReduceRow *gten_cuda_reduce_float64 (void);
const GtenReduceRow *gten_cuda_reduce_int64 (void);

/* Where a unit begins in the output and the input, and how many elements of the inner dimension it
 * has. */
template <typename T>
static __device__ __forceinline__ uint32_t
gten_reduce_locate_unit (const GtenReduce<T> &self, uint32_t unit, int64_t (&offsets)[2])
{
  uint32_t column, count;

  if (!self.is_vertical)
    {
      gten_locate (self.kept, unit, offsets);
      return 1;
    }
  gten_locate (self.kept, gten_divide (unit, self.groups_per_row, &column), offsets);
  column *= GTEN_GROUP;
  offsets[0] += column * self.out_stride;
  offsets[1] += column * self.source.stride;
  count = self.row_length - column;
  return count < GTEN_GROUP ? count : GTEN_GROUP;
}

/* The same for a step; `count` is the unit's. */
template <typename T>
static __device__ __forceinline__ uint32_t
gten_reduce_locate_step (const GtenReduce<T> &self, uint32_t step, uint32_t count, int64_t *offset)
{
  int64_t offsets[1] = { 0 };
  uint32_t column = step;

  if (self.is_vertical)
    gten_locate (self.reduced, step, offsets);
  else
    {
      if (self.reduced.n_dims > 0)
        gten_locate (self.reduced, gten_divide (step, self.groups_per_row, &column), offsets);
      column *= GTEN_GROUP;
      offsets[0] += column * self.source.stride;
      count = self.row_length - column;
      count = count < GTEN_GROUP ? count : GTEN_GROUP;
    }
  *offset += offsets[0];
  return count;
}

template <typename T>
static __device__ __forceinline__ void
gten_reduce_store (const GtenReduce<T> &self, int64_t offset, T x)
{
#define STORE(DTYPE, STORED)                                                                       \
  case GTEN_K_##DTYPE:                                                                             \
    ((STORED *) self.out)[offset] = gten_encode<STORED> (x);                                       \
    break;
  GTEN_SWITCH_STORED (T, self.out_dtype, STORE)
#undef STORE
}

/* Combines the lanes of each unit in the block; lane 0 has the result. `distance` is that of two lanes
 * in threads. */
template <typename Row, typename T, int N>
static __device__ __forceinline__ void
gten_reduce_lanes (const GtenReduce<T> &self, uint32_t lane, uint32_t distance, int n, T (&acc)[N])
{
  __shared__ T shared[N][GTEN_CUDA_THREADS];

  for (int i = 0; i < n; i++)
    shared[i][threadIdx.x] = acc[i];
  for (uint32_t half = self.n_lanes / 2; half > 0; half /= 2)
    {
      __syncthreads ();
      if (lane < half)
        for (int i = 0; i < n; i++)
          {
            acc[i] = Row::combine (acc[i], shared[i][threadIdx.x + half * distance], self.params);
            shared[i][threadIdx.x] = acc[i];
          }
    }
}

template <typename Row, typename T>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS, GTEN_BLOCKS_AT_ONCE)
gten_reduce_first (const __grid_constant__ GtenReduce<T> self)
{
  constexpr int n = GTEN_STEPS_PER_TURN;
  const uint32_t units_per_block = GTEN_CUDA_THREADS / self.n_lanes;
  const uint32_t lane = self.is_vertical ? threadIdx.x / units_per_block : threadIdx.x % self.n_lanes;
  const uint32_t unit = blockIdx.x * units_per_block
                        + (self.is_vertical ? threadIdx.x % units_per_block : threadIdx.x / self.n_lanes);
  const uint32_t begin = blockIdx.y * self.steps_per_block;
  const uint32_t end = self.n_steps - begin < self.steps_per_block ? self.n_steps : begin + self.steps_per_block;
  int64_t offsets[2] = { 0, 0 };
  uint32_t count = 0, turn = 0;
  T acc[GTEN_GROUP], leaf[GTEN_GROUP];

  for (int i = 0; i < GTEN_GROUP; i++)
    acc[i] = leaf[i] = Row::init (self.params);
  if (unit < self.n_units)
    {
      count = gten_reduce_locate_unit (self, unit, offsets);
      for (uint32_t step = begin + lane; step < end; step += n * self.n_lanes)
        {
          int64_t places[n];
          uint32_t counts[n];
          T x[n][GTEN_GROUP];

          for (int i = 0; i < n; i++)
            {
              places[i] = offsets[1];
              counts[i] = step + i * self.n_lanes < end
                              ? gten_reduce_locate_step (self, step + i * self.n_lanes, count, &places[i]) : 0;
            }
          gten_load_groups (self.source, places, counts, x);
          for (uint32_t j = 0; j < GTEN_GROUP; j++)
            {
              T sum = Row::init (self.params);

              for (int i = 0; i < n; i++)
                if (j < counts[i])
                  sum = Row::step (sum, x[i][j], self.params);
              leaf[j] = Row::combine (leaf[j], sum, self.params);
            }
          if (++turn % GTEN_TURNS_PER_LEAF > 0)
            continue;
          for (int i = 0; i < GTEN_GROUP; i++)
            {
              acc[i] = Row::combine (acc[i], leaf[i], self.params);
              leaf[i] = Row::init (self.params);
            }
        }
    }
  for (int i = 0; i < GTEN_GROUP; i++)
    acc[i] = Row::combine (acc[i], leaf[i], self.params);
  if (!self.is_vertical)
    {
      for (int half = GTEN_GROUP / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
          acc[i] = Row::combine (acc[i], acc[i + half], self.params);
    }
  gten_reduce_lanes<Row> (self, lane, self.is_vertical ? units_per_block : 1, self.is_vertical ? GTEN_GROUP : 1, acc);
  if (lane > 0 || unit >= self.n_units)
    return;
  for (uint32_t i = 0; i < GTEN_GROUP; i++)
    if (i >= count)
      break;
    else if (self.partials != NULL)
      self.partials[((uint64_t) unit * (self.is_vertical ? GTEN_GROUP : 1) + i) * self.n_partials + blockIdx.y] = acc[i];
    else
      gten_reduce_store (self, offsets[0] + i * self.out_stride, Row::finish (acc[i], self.count, self.params));
}

/* One output per group of lanes; n_lanes is another one than the first kernel's. */
template <typename Row, typename T>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS)
gten_reduce_second (const __grid_constant__ GtenReduce<T> self)
{
  const uint32_t width = self.is_vertical ? GTEN_GROUP : 1;
  const uint32_t lane = threadIdx.x % self.n_lanes;
  const uint64_t number = (uint64_t) blockIdx.x * (GTEN_CUDA_THREADS / self.n_lanes) + threadIdx.x / self.n_lanes;
  const uint32_t unit = (uint32_t) (number / width), element = (uint32_t) (number % width);
  int64_t offsets[2];
  uint32_t count = 0;
  T acc[1] = { Row::init (self.params) };

  if (unit < self.n_units)
    count = gten_reduce_locate_unit (self, unit, offsets);
  if (element < count)
    for (uint32_t i = lane; i < self.n_partials; i += self.n_lanes)
      acc[0] = Row::combine (acc[0], self.partials[number * self.n_partials + i], self.params);
  gten_reduce_lanes<Row> (self, lane, 1, 1, acc);
  if (lane == 0 && element < count)
    gten_reduce_store (self, offsets[0] + element * self.out_stride, Row::finish (acc[0], self.count, self.params));
}
