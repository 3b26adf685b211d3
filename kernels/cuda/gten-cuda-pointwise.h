/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Element-wise kernels: one per row of the op table and compute type.
 *
 * A thread works on groups of 4 elements that lie behind one another in the inner dimension. A group is loaded in
 * one access where the operand is contiguous and aligned, element by element otherwise; in which way, and
 * from which dtype, is the same for all threads, so that one kernel serves every layout and dtype and is not much
 * slower than one made for it: what it waits for is memory. The expressions are inlined. */
#pragma once

#include "gten-cuda-elements.h"

#define GTEN_GROUP             4
#define GTEN_GROUPS_PER_THREAD 2   /* in flight together; 256 threads apart */

template <typename T> struct GtenSource
{
  const void *data;       /* NULL: `value` */
  GtenKDtype  dtype;
  bool        is_vector;  /* whole groups are one access */
  int64_t     stride;     /* of the inner dimension */
  T           value;
};

struct GtenTarget
{
  void      *data;
  GtenKDtype dtype;
  bool       is_vector;
  int64_t    stride;
};

/* What a kernel gets. Operand 0 of the layout is the output; it counts rows. */
template <typename T, int ARITY> struct GtenPointwise
{
  uint32_t               n_groups, row_length;
  GtenDivider            groups_per_row;
  GtenTarget             output;
  GtenSource<T>          inputs[ARITY];
  T                      params[GTEN_K_MAX_PARAMS];
  GtenCudaReporter       reporter;
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

/* -- groups ----------------------------------------------------------------------------------------*/

/* What is not there is as the first element is. */
template <typename T, typename Stored>
static __device__ __forceinline__ void
gten_load_elements (const GtenSource<T> &source, int64_t offset, uint32_t count, T (&x)[GTEN_GROUP])
{
  const Stored *from = (const Stored *) source.data + offset;

  if (source.is_vector && count == GTEN_GROUP)
    {
      const GtenVector<Stored, GTEN_GROUP> group = *(const GtenVector<Stored, GTEN_GROUP> *) from;

      for (int i = 0; i < GTEN_GROUP; i++)
        x[i] = gten_decode<T> (group.elements[i]);
    }
  else
    for (uint32_t i = 0; i < GTEN_GROUP; i++)
      x[i] = gten_decode<T> (from[i < count ? i * source.stride : 0]);
}

template <typename T>
static __device__ __forceinline__ void
gten_load_group (const GtenSource<T> &source, int64_t offset, uint32_t count, T (&x)[GTEN_GROUP])
{
#define LOAD(DTYPE, STORED)                                                                        \
  case GTEN_K_##DTYPE:                                                                             \
    gten_load_elements<T, STORED> (source, offset, count, x);                                      \
    return;

  if (source.data == NULL)
    {
      for (int i = 0; i < GTEN_GROUP; i++)
        x[i] = source.value;
      return;
    }
  if constexpr (std::is_same_v<T, float>)
    switch (source.dtype)
      {
        LOAD (FLOAT32, float)
        LOAD (FLOAT16, GtenFloat16)
        LOAD (BFLOAT16, GtenBfloat16)
        LOAD (BOOL, GtenBool)
      default:
        break;
      }
  else if constexpr (std::is_same_v<T, double>)
    switch (source.dtype)
      {
        LOAD (FLOAT64, double)
      default:
        break;
      }
  else
    switch (source.dtype)
      {
        LOAD (INT64, int64_t)
        LOAD (INT32, int32_t)
        LOAD (UINT8, uint8_t)
        LOAD (BOOL, GtenBool)
      default:
        break;
      }
  for (uint32_t i = 0; i < GTEN_GROUP; i++)
    x[i] = gten_load<T> (source.data, offset + (i < count ? i * source.stride : 0), source.dtype);
#undef LOAD
}

template <typename T, typename Stored>
static __device__ __forceinline__ void
gten_store_elements (const GtenTarget &target, int64_t offset, uint32_t count, const T (&x)[GTEN_GROUP])
{
  Stored *to = (Stored *) target.data + offset;

  if (target.is_vector && count == GTEN_GROUP)
    {
      GtenVector<Stored, GTEN_GROUP> group;

      for (int i = 0; i < GTEN_GROUP; i++)
        group.elements[i] = gten_encode<Stored> (x[i]);
      *(GtenVector<Stored, GTEN_GROUP> *) to = group;
    }
  else
    for (uint32_t i = 0; i < GTEN_GROUP; i++)
      if (i < count)
        to[i * target.stride] = gten_encode<Stored> (x[i]);
}

template <typename T>
static __device__ __forceinline__ void
gten_store_group (const GtenTarget &target, int64_t offset, uint32_t count, const T (&x)[GTEN_GROUP])
{
#define STORE(DTYPE, STORED)                                                                       \
  case GTEN_K_##DTYPE:                                                                             \
    gten_store_elements<T, STORED> (target, offset, count, x);                                     \
    return;

  if constexpr (std::is_same_v<T, float>)
    switch (target.dtype)
      {
        STORE (FLOAT32, float)
        STORE (FLOAT16, GtenFloat16)
        STORE (BFLOAT16, GtenBfloat16)
        STORE (BOOL, GtenBool)
      default:
        break;
      }
  else if constexpr (std::is_same_v<T, double>)
    switch (target.dtype)
      {
        STORE (FLOAT64, double)
        STORE (BOOL, GtenBool)
      default:
        break;
      }
  else
    switch (target.dtype)
      {
        STORE (INT64, int64_t)
        STORE (INT32, int32_t)
        STORE (UINT8, uint8_t)
        STORE (BOOL, GtenBool)
      default:
        break;
      }
  for (uint32_t i = 0; i < GTEN_GROUP; i++)
    if (i < count)
      gten_store (target.data, offset + i * target.stride, target.dtype, x[i]);
#undef STORE
}

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
  constexpr int arity = Op::arity;
  const uint32_t first = blockIdx.x * (GTEN_CUDA_THREADS * GTEN_GROUPS_PER_THREAD) + threadIdx.x;
  int64_t offsets[GTEN_GROUPS_PER_THREAD][arity + 1];
  uint32_t counts[GTEN_GROUPS_PER_THREAD];
  T x[GTEN_GROUPS_PER_THREAD][arity][GTEN_GROUP];
  bool division_fault = false;

  for (int i = 0; i < GTEN_GROUPS_PER_THREAD; i++)
    {
      const uint32_t group = first + i * GTEN_CUDA_THREADS;

      counts[i] = 0;
      if (group >= self.n_groups)
        continue;
      counts[i] = gten_locate_group (self, group, offsets[i]);
      for (int input = 0; input < arity; input++)
        gten_load_group (self.inputs[input], offsets[i][input + 1], counts[i], x[i][input]);
    }
  for (int i = 0; i < GTEN_GROUPS_PER_THREAD; i++)
    {
      T result[GTEN_GROUP];

      if (counts[i] == 0)
        continue;
      for (int element = 0; element < GTEN_GROUP; element++)
        {
          T inputs[arity];

          for (int input = 0; input < arity; input++)
            inputs[input] = x[i][input][element];
          result[element] = Op::apply (inputs, self.params, division_fault);
        }
      gten_store_group (self.output, offsets[i][0], counts[i], result);
    }
  if (division_fault)
    gten_cuda_report (self.reporter, GTEN_K_BAD_VALUE, 0, 0, 0, 0);
}
