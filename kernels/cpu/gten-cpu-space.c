/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Iteration spaces: ordering and joining dimensions. */
#include "gten-space.h"

/* Whether `outer` should lie inside of `inner`: the first operand with an opinion decides; a
 * repeated dimension (stride 0) has none. */
static bool
gten_space_is_reversed (const GtenSpace *self, int outer, int inner)
{
  for (int operand = 0; operand < self->n_operands; operand++)
    {
      int64_t a = self->strides[operand][outer], b = self->strides[operand][inner];

      if (a != b && a != 0 && b != 0)
        return a < b;
    }
  return false;
}

static void
gten_space_swap (GtenSpace *self, int a, int b)
{
  int64_t kept = self->sizes[a];

  self->sizes[a] = self->sizes[b];
  self->sizes[b] = kept;
  for (int operand = 0; operand < self->n_operands; operand++)
    {
      kept = self->strides[operand][a];
      self->strides[operand][a] = self->strides[operand][b];
      self->strides[operand][b] = kept;
    }
}

static bool
gten_space_is_joined (const GtenSpace *self, int outer, int inner)
{
  for (int operand = 0; operand < self->n_operands; operand++)
    if (self->strides[operand][outer] != self->strides[operand][inner] * self->sizes[inner])
      return false;
  return true;
}

void
gten_space_init (GtenSpace *self, int n_dims, const int64_t *sizes, int n_operands,
                 const int64_t *const *strides)
{
  int last = 0;

  self->n_operands = n_operands;
  self->n_elements = 1;
  self->n_dims = 0;
  for (int dim = 0; dim < n_dims; dim++)
    {
      self->n_elements *= sizes[dim];
      if (sizes[dim] == 1)
        continue;
      self->sizes[self->n_dims] = sizes[dim];
      for (int operand = 0; operand < n_operands; operand++)
        self->strides[operand][self->n_dims] = strides[operand] != NULL ? strides[operand][dim] : 0;
      self->n_dims++;
    }
  if (self->n_dims == 0)
    {
      self->sizes[0] = 1;
      for (int operand = 0; operand < n_operands; operand++)
        self->strides[operand][0] = strides[operand] != NULL ? 1 : 0;
      self->n_dims = 1;
      return;
    }

  for (int dim = 1; dim < self->n_dims; dim++)
    for (int inner = dim; inner > 0 && gten_space_is_reversed (self, inner - 1, inner); inner--)
      gten_space_swap (self, inner - 1, inner);

  for (int dim = 1; dim < self->n_dims; dim++)
    {
      if (gten_space_is_joined (self, last, dim))
        {
          self->sizes[last] *= self->sizes[dim];
          for (int operand = 0; operand < n_operands; operand++)
            self->strides[operand][last] = self->strides[operand][dim];
          continue;
        }
      last++;
      self->sizes[last] = self->sizes[dim];
      for (int operand = 0; operand < n_operands; operand++)
        self->strides[operand][last] = self->strides[operand][dim];
    }
  self->n_dims = last + 1;
}

void
gten_space_move_to_end (GtenSpace *self, int dim)
{
  for (; dim < self->n_dims - 1; dim++)
    gten_space_swap (self, dim, dim + 1);
}
