/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for CUB: a stable sort of pairs by some bits of the keys. */
#pragma once

#include "cuda_runtime.h"

#include <algorithm>
#include <vector>

cudaError_t gten_emulation_enqueue (cudaStream_t stream, std::function<void ()> run);

namespace cub
{

template <typename T> struct DoubleBuffer
{
  T  *d_buffers[2];
  int selector;

  DoubleBuffer (T *current, T *alternate) : d_buffers { current, alternate }, selector (0) {}

  T *Current () const { return d_buffers[selector]; }
  T *Alternate () const { return d_buffers[selector ^ 1]; }
};

struct DeviceRadixSort
{
  template <typename Key, typename Value>
  static cudaError_t
  SortPairs (void *scratch, size_t &n_bytes, DoubleBuffer<Key> &keys, DoubleBuffer<Value> &values, int64_t n,
             int begin_bit, int end_bit, cudaStream_t stream)
  {
    const Key   *from = keys.Current ();
    const Value *values_from = values.Current ();
    Key         *to = keys.Alternate ();
    Value       *values_to = values.Alternate ();

    if (scratch == nullptr)
      {
        n_bytes = 256;
        return cudaSuccess;
      }
    keys.selector ^= 1;
    values.selector ^= 1;
    return gten_emulation_enqueue (stream, [=] {
      const Key            mask = (end_bit - begin_bit == 8 * sizeof (Key) ? ~(Key) 0 : ((Key) 1 << (end_bit - begin_bit)) - 1);
      std::vector<int64_t> order (n);

      for (int64_t i = 0; i < n; i++)
        order[i] = i;
      std::stable_sort (order.begin (), order.end (), [=] (int64_t a, int64_t b) {
        return (from[a] >> begin_bit & mask) < (from[b] >> begin_bit & mask);
      });
      for (int64_t i = 0; i < n; i++)
        {
          to[i] = from[order[i]];
          values_to[i] = values_from[order[i]];
        }
    });
  }
};

} // namespace cub
