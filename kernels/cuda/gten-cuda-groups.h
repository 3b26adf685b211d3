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

/* N groups, whose accesses are all under way before the first is waited for. What is not there is as the
 * group's first element is; an empty group is not touched. */
template <typename T, typename Stored, int N>
static __device__ __forceinline__ void
gten_load_elements (const GtenSource<T> &source, const int64_t (&offsets)[N], const uint32_t (&counts)[N],
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

template <typename T, int N>
static __device__ __forceinline__ void
gten_load_groups (const GtenSource<T> &source, const int64_t (&offsets)[N], const uint32_t (&counts)[N],
                  T (&x)[N][GTEN_GROUP])
{
#define LOAD(DTYPE, STORED)                                                                        \
  case GTEN_K_##DTYPE:                                                                             \
    gten_load_elements<T, STORED> (source, offsets, counts, x);                                    \
    return;

  if (source.data == NULL)
    {
      for (int i = 0; i < N; i++)
        for (int j = 0; j < GTEN_GROUP; j++)
          x[i][j] = source.value;
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
  for (int i = 0; i < N; i++)
    if (counts[i] > 0)
      for (uint32_t j = 0; j < GTEN_GROUP; j++)
        x[i][j] = gten_load<T> (source.data, offsets[i] + (j < counts[i] ? j * source.stride : 0), source.dtype);
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
