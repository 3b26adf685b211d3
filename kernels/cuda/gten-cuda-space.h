/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Iteration spaces, cut into parts that one launch can count in 31 bits and whose dimensions fit into a
 * layout. */
#pragma once

#include "cpu/gten-space.h"
#include "gten-cuda-private.h"

/* Calls run (part, offsets) with each part and where each operand's part begins, in elements. */
template <typename Run>
static inline void
gten_space_each_part (const GtenSpace &space, const int64_t *offsets, Run run)
{
  const int64_t rest = space.n_elements / space.sizes[0];
  const bool is_deep = space.n_dims > GTEN_CUDA_MAX_DIMS;
  const int64_t length = is_deep || rest > GTEN_CUDA_MOST ? 1 : GTEN_CUDA_MOST / rest;

  if (!is_deep && space.n_elements <= GTEN_CUDA_MOST)
    {
      run (space, offsets);
      return;
    }
  for (int64_t begin = 0; begin < space.sizes[0]; begin += length)
    {
      const int64_t n = length < space.sizes[0] - begin ? length : space.sizes[0] - begin;
      GtenSpace part = space;
      int64_t part_offsets[GTEN_SPACE_OPERANDS];

      part.sizes[0] = n;
      part.n_elements = rest * n;
      for (int operand = 0; operand < space.n_operands; operand++)
        part_offsets[operand] = offsets[operand] + begin * space.strides[operand][0];
      if (n == 1 && part.n_dims > 1)
        {
          part.n_dims--;
          for (int dim = 0; dim < part.n_dims; dim++)
            {
              part.sizes[dim] = part.sizes[dim + 1];
              for (int operand = 0; operand < part.n_operands; operand++)
                part.strides[operand][dim] = part.strides[operand][dim + 1];
            }
        }
      gten_space_each_part (part, part_offsets, run);
    }
}

/* The layout of all dimensions, of the first N operands. */
template <int N>
static inline void
gten_space_whole_layout (const GtenSpace &space, GtenLayout<N> *layout)
{
  layout->n_dims = space.n_dims;
  for (int dim = 0; dim < layout->n_dims; dim++)
    {
      layout->sizes[dim] = gten_divider (space.sizes[space.n_dims - 1 - dim]);
      for (int i = 0; i < N; i++)
        layout->strides[dim][i] = space.strides[i][space.n_dims - 1 - dim];
    }
}

/* The layout of the dimensions but the inner one, of operands first .. first + N - 1. */
template <int N>
static inline void
gten_space_layout (const GtenSpace &space, int first, GtenLayout<N> *layout)
{
  layout->n_dims = space.n_dims - 1;
  for (int dim = 0; dim < layout->n_dims; dim++)
    {
      layout->sizes[dim] = gten_divider (space.sizes[space.n_dims - 2 - dim]);
      for (int i = 0; i < N; i++)
        layout->strides[dim][i] = space.strides[first + i][space.n_dims - 2 - dim];
    }
}
