/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Groups: 4 elements that lie behind one another in the inner dimension.
 *
 * A group is loaded in one access where the operand is contiguous and aligned, element by element otherwise; in
 * which way, and from which dtype, is the same for all threads, so that one kernel serves every layout and dtype
 * and is not much slower than one made for it: what it waits for is memory. */
#pragma once

#include "gten-cuda-elements.h"

#define GTEN_GROUP 4

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

/* Whether an array's groups begin at multiples of their size, where all but the inner of its strides are
 * given. */
static inline bool
gten_groups_are_vectors (const void *data, size_t size, int64_t inner_stride, int n_dims, const int64_t *strides)
{
  const size_t alignment = GTEN_GROUP * size < 16 ? GTEN_GROUP * size : 16;
  bool is_aligned = inner_stride == 1 && (uintptr_t) data % alignment == 0;

  for (int dim = 0; dim < n_dims; dim++)
    is_aligned &= strides[dim] * (int64_t) size % (int64_t) alignment == 0;
  return is_aligned;
}

/* X (DTYPE, STORED) for the dtypes that kernels read and write which compute in T. Others are converted before and
 * after: with all of them inlined, or called, which is as large, the kernels would be several times as
 * long. */
#define GTEN_EACH_FLOAT_STORED(X)                                                                  \
  X (FLOAT32, float)                                                                               \
  X (FLOAT16, GtenFloat16)                                                                         \
  X (BFLOAT16, GtenBfloat16)                                                                       \
  X (BOOL, GtenBool)
#define GTEN_EACH_DOUBLE_STORED(X)                                                                 \
  X (FLOAT64, double)                                                                              \
  X (BOOL, GtenBool)
#define GTEN_EACH_INTEGER_STORED(X)                                                                \
  X (INT64, int64_t)                                                                               \
  X (INT32, int32_t)                                                                               \
  X (INT16, int16_t)                                                                               \
  X (INT8, int8_t)                                                                                 \
  X (UINT8, uint8_t)                                                                               \
  X (BOOL, GtenBool)
#define GTEN_SWITCH_STORED(T, dtype, X)                                                            \
  if constexpr (std::is_same_v<T, float>)                                                          \
    switch (dtype)                                                                                 \
      {                                                                                            \
        GTEN_EACH_FLOAT_STORED (X)                                                                 \
      default:                                                                                     \
        break;                                                                                     \
      }                                                                                            \
  else if constexpr (std::is_same_v<T, double>)                                                    \
    switch (dtype)                                                                                 \
      {                                                                                            \
        GTEN_EACH_DOUBLE_STORED (X)                                                                \
      default:                                                                                     \
        break;                                                                                     \
      }                                                                                            \
  else                                                                                             \
    switch (dtype)                                                                                 \
      {                                                                                            \
        GTEN_EACH_INTEGER_STORED (X)                                                               \
      default:                                                                                     \
        break;                                                                                     \
      }

template <typename T>
static inline bool
gten_is_stored (GtenKDtype dtype)
{
#define IS_STORED(DTYPE, STORED)                                                                   \
  case GTEN_K_##DTYPE:                                                                             \
    return true;
  GTEN_SWITCH_STORED (T, dtype, IS_STORED)
#undef IS_STORED
  return false;
}

template <typename T, typename Stored, int N>
static __device__ __forceinline__ void
gten_load_stored (const GtenSource<T> &source, const int64_t (&offsets)[N], const uint32_t (&counts)[N],
                  T (&x)[N][GTEN_GROUP])
{
  const Stored *from = (const Stored *) source.data;
  GtenVector<Stored, GTEN_GROUP> groups[N];

  for (int i = 0; i < N; i++)
    if (source.is_vector && counts[i] == GTEN_GROUP)
      groups[i] = *(const GtenVector<Stored, GTEN_GROUP> *) (from + offsets[i]);
    else if (counts[i] > 0)
      for (uint32_t j = 0; j < GTEN_GROUP; j++)
        groups[i].elements[j] = from[offsets[i] + (j < counts[i] ? j * source.stride : 0)];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < GTEN_GROUP; j++)
      x[i][j] = gten_decode<T> (groups[i].elements[j]);
}

/* N groups, whose accesses are all under way before the first is waited for. What is not there is as the
 * group's first element is; an empty group is not touched. */
template <typename T, int N>
static __device__ __forceinline__ void
gten_load_groups (const GtenSource<T> &source, const int64_t (&offsets)[N], const uint32_t (&counts)[N],
                  T (&x)[N][GTEN_GROUP])
{
#define LOAD(DTYPE, STORED)                                                                        \
  case GTEN_K_##DTYPE:                                                                             \
    gten_load_stored<T, STORED> (source, offsets, counts, x);                                      \
    break;

  if (source.data != NULL)
    {
      GTEN_SWITCH_STORED (T, source.dtype, LOAD)
      return;
    }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < GTEN_GROUP; j++)
      x[i][j] = source.value;
#undef LOAD
}

template <typename T, typename Stored>
static __device__ __forceinline__ void
gten_store_stored (const GtenTarget &target, int64_t offset, uint32_t count, const T (&x)[GTEN_GROUP])
{
  Stored *to = (Stored *) target.data + offset;
  GtenVector<Stored, GTEN_GROUP> group;

  for (int i = 0; i < GTEN_GROUP; i++)
    group.elements[i] = gten_encode<Stored> (x[i]);
  if (target.is_vector && count == GTEN_GROUP)
    *(GtenVector<Stored, GTEN_GROUP> *) to = group;
  else
    for (uint32_t i = 0; i < GTEN_GROUP; i++)
      if (i < count)
        to[i * target.stride] = group.elements[i];
}

template <typename T>
static __device__ __forceinline__ void
gten_store_group (const GtenTarget &target, int64_t offset, uint32_t count, const T (&x)[GTEN_GROUP])
{
#define STORE(DTYPE, STORED)                                                                       \
  case GTEN_K_##DTYPE:                                                                             \
    gten_store_stored<T, STORED> (target, offset, count, x);                                       \
    break;
  GTEN_SWITCH_STORED (T, target.dtype, STORE)
#undef STORE
}
