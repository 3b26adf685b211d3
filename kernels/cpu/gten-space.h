/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An iteration space: the sizes that several strided operands share, with as few dimensions as
 * possible. For all backends. */
#pragma once

#include "gten-kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GTEN_SPACE_OPERANDS (GTEN_K_MAX_INPUTS + GTEN_K_MAX_OUTPUTS)

typedef struct
{
  int     n_dims;                  /* at least 1 */
  int     n_operands;
  int64_t n_elements;
  int64_t sizes[GTEN_K_MAX_DIMS];
  int64_t strides[GTEN_SPACE_OPERANDS][GTEN_K_MAX_DIMS];
} GtenSpace;

/* Drops dimensions of size 1, orders the others by stride (operand 0 decides first, then 1, ...)
 * and joins those that lie behind one another in every operand. */
void gten_space_init (GtenSpace *self, int n_dims, const int64_t *sizes, int n_operands,
                      const int64_t *const *strides);

/* Makes a dimension the inner one; the others keep their order. */
void gten_space_move_to_end (GtenSpace *self, int dim);

/* The indices of an element, counted in the space's order. */
static inline void
gten_space_locate (const GtenSpace *self, int64_t element, int64_t *indices)
{
  for (int dim = self->n_dims - 1; dim > 0; dim--)
    {
      indices[dim] = element % self->sizes[dim];
      element /= self->sizes[dim];
    }
  indices[0] = element;
}

/* Elements between an operand's first one and the one at `indices`. */
static inline int64_t
gten_space_offset (const GtenSpace *self, int operand, const int64_t *indices)
{
  int64_t offset = 0;

  for (int dim = 0; dim < self->n_dims; dim++)
    offset += indices[dim] * self->strides[operand][dim];
  return offset;
}

static inline bool
gten_is_contiguous (int n_dims, const int64_t *sizes, const int64_t *strides)
{
  int64_t expected = 1;

  for (int dim = n_dims - 1; dim >= 0; dim--)
    if (sizes[dim] != 1)
      {
        if (strides[dim] != expected)
          return false;
        expected *= sizes[dim];
      }
  return true;
}

#ifdef __cplusplus
}
#endif
