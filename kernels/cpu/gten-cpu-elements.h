/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Single elements of every dtype, and walks over several strided arrays at once.
 *
 * Kernels that touch elements in an order that the data decide (scatter, sort, nonzero) cannot work
 * in blocks; they read and write one element at a time with gten_get_NAME and gten_set_NAME, which
 * convert to and from a working type. */
#pragma once

#include <string.h>

#include "gten-cpu-private.h"

/* X (NAME, storage type, working type) */
#define GTEN_EACH_PLAIN_DTYPE(X)                                                                   \
  X (UINT8, uint8_t, int64_t)                                                                      \
  X (INT8, int8_t, int64_t)                                                                        \
  X (INT16, int16_t, int64_t)                                                                      \
  X (INT32, int32_t, int64_t)                                                                      \
  X (INT64, int64_t, int64_t)                                                                      \
  X (FLOAT16, _Float16, float)                                                                     \
  X (FLOAT32, float, float)                                                                        \
  X (FLOAT64, double, double)
#define GTEN_EACH_DTYPE(X)                                                                         \
  GTEN_EACH_PLAIN_DTYPE (X)                                                                        \
  X (BFLOAT16, uint16_t, float)                                                                    \
  X (BOOL, uint8_t, int64_t)

#define GTEN_DEFINE_ACCESS(NAME, STORED, T)                                                        \
  static inline T gten_get_##NAME (const void *at) { return (T) * (const STORED *) at; }           \
  static inline void gten_set_##NAME (void *at, T x) { *(STORED *) at = (STORED) x; }
GTEN_EACH_PLAIN_DTYPE (GTEN_DEFINE_ACCESS)
#undef GTEN_DEFINE_ACCESS

static inline int64_t gten_get_BOOL (const void *at) { return *(const uint8_t *) at; }
static inline void gten_set_BOOL (void *at, int64_t x) { *(uint8_t *) at = x != 0; }

static inline float
gten_get_BFLOAT16 (const void *at)
{
  uint32_t bits = (uint32_t) * (const uint16_t *) at << 16;
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

/* To the nearest, ties to even. */
static inline void
gten_set_BFLOAT16 (void *at, float x)
{
  uint32_t bits;

  memcpy (&bits, &x, sizeof bits);
  *(uint16_t *) at = x != x ? 0x7fc0 : (uint16_t) ((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* X (storage type) for each size of an element: what only moves elements needs no more. */
#define GTEN_SWITCH_SIZE(size, X)                                                                  \
  switch (size)                                                                                    \
    {                                                                                              \
    case 1: X (uint8_t); break;                                                                    \
    case 2: X (uint16_t); break;                                                                   \
    case 4: X (uint32_t); break;                                                                   \
    default: X (uint64_t); break;                                                                  \
    }

/* A block in one of the compute types. */
typedef union
{
  float   FLOAT32[GTEN_K_BLOCK];
  double  FLOAT64[GTEN_K_BLOCK];
  int64_t INT64[GTEN_K_BLOCK];
} GtenBlockBuffer;

/* -- walks ---------------------------------------------------------------------------------------
 * The positions of `sizes` in row-major order, without one dimension that the caller loops over
 * itself, and where in each array (up to 4) every position lies. Strides are in bytes. */

#define GTEN_WALK_ARRAYS 4

typedef struct
{
  int     n_dims, n_arrays;
  int64_t n_positions;
  int64_t sizes[GTEN_K_MAX_DIMS], index[GTEN_K_MAX_DIMS];
  int     dims[GTEN_K_MAX_DIMS];  /* which dimension of the arrays each of the walk's is */
  int64_t strides[GTEN_WALK_ARRAYS][GTEN_K_MAX_DIMS];
  char   *base[GTEN_WALK_ARRAYS], *at[GTEN_WALK_ARRAYS];
} GtenWalk;

/* `without` is -1 to walk over all dimensions. */
static inline void
gten_walk_init (GtenWalk *self, int n_dims, const int64_t *sizes, int without)
{
  self->n_dims = self->n_arrays = 0;
  self->n_positions = 1;
  for (int d = 0; d < n_dims; d++)
    if (d != without)
      {
        self->n_positions *= sizes[d];
        if (sizes[d] == 1)
          continue;
        self->sizes[self->n_dims] = sizes[d];
        self->dims[self->n_dims++] = d;
      }
}

/* An array that is NULL or has no data takes a place and stays NULL. */
static inline void
gten_walk_add (GtenWalk *self, const GtenKArray *array)
{
  int a = self->n_arrays++;
  bool there = array != NULL && array->data != NULL;

  self->base[a] = there ? array->data : NULL;
  for (int d = 0; d < self->n_dims; d++)
    self->strides[a][d]
        = there ? array->strides[self->dims[d]] * (int64_t) gten_element_size (array->dtype) : 0;
}

static inline void
gten_walk_seek (GtenWalk *self, int64_t position)
{
  for (int a = 0; a < self->n_arrays; a++)
    self->at[a] = self->base[a];
  if (position >= self->n_positions)
    return;
  for (int d = self->n_dims - 1; d >= 0; d--)
    {
      self->index[d] = position % self->sizes[d];
      position /= self->sizes[d];
      for (int a = 0; a < self->n_arrays; a++)
        if (self->base[a] != NULL)
          self->at[a] += self->index[d] * self->strides[a][d];
    }
}

static inline void
gten_walk_next (GtenWalk *self)
{
  for (int d = self->n_dims - 1; d >= 0; d--)
    {
      bool wraps = ++self->index[d] == self->sizes[d];
      int64_t steps = wraps ? 1 - self->sizes[d] : 1;

      for (int a = 0; a < self->n_arrays; a++)
        if (self->base[a] != NULL)
          self->at[a] += steps * self->strides[a][d];
      if (!wraps)
        return;
      self->index[d] = 0;
    }
}

/* Passes up to n positions along the inner dimension; returns how many. */
static inline int64_t
gten_walk_line (GtenWalk *self, int64_t n)
{
  const int inner = self->n_dims - 1;
  const int64_t m = inner < 0 ? 1 : GTEN_MIN (self->sizes[inner] - self->index[inner], n);

  if (inner < 0)
    return m;
  for (int a = 0; a < self->n_arrays; a++)
    if (self->base[a] != NULL)
      self->at[a] += (m - 1) * self->strides[a][inner];
  self->index[inner] += m - 1;
  gten_walk_next (self);
  return m;
}

/* Size and stride (in elements) along `dim`; a 0-d array is one element. */
static inline int64_t
gten_line_size (const GtenKArray *array, int dim)
{
  return array->n_dims == 0 ? 1 : array->sizes[dim];
}

static inline int64_t
gten_line_stride (const GtenKArray *array, int dim)
{
  return array == NULL || array->n_dims == 0 ? 0 : array->strides[dim];
}

static inline int64_t
gten_count (const GtenKArray *array)
{
  int64_t n = 1;

  for (int d = 0; d < array->n_dims; d++)
    n *= array->sizes[d];
  return n;
}

/* -- lines ---------------------------------------------------------------------------------------
 * Work along one dimension whose elements lie far apart goes over up to GTEN_SIDE_BY_SIDE lines at once, row by
 * row, where the lines themselves lie closer together: memory is then read in its order. */

#define GTEN_SIDE_BY_SIDE 256

/* Of a walk without `dim`: whether its lines lie closer together than the elements of each. */
static inline bool
gten_walk_is_side_by_side (const GtenWalk *self, const GtenKArray *array, int dim)
{
  int inner = self->n_dims - 1;

  return inner >= 0 && self->sizes[inner] >= 8
         && self->strides[0][inner] < gten_line_stride (array, dim) * (int64_t) gten_element_size (array->dtype);
}

/* Seeks the line, and says how many from it on, but not beyond `end`, lie side by side. */
static inline int64_t
gten_walk_seek_lines (GtenWalk *self, int64_t line, int64_t end)
{
  int inner = self->n_dims - 1;
  int64_t n;

  gten_walk_seek (self, line);
  n = GTEN_MIN (self->sizes[inner] - self->index[inner], end - line);
  return GTEN_MIN (n, GTEN_SIDE_BY_SIDE);
}

/* A thread's share of the lines, one by one or as many at once as lie side by side. */
static inline void
gten_walk_share (const GtenWalk *all, bool side_by_side, void (*one) (const void *data, const GtenWalk *line),
                 void (*several) (const void *data, const GtenWalk *lines, int64_t n), const void *data,
                 int thread, int n_threads)
{
  GtenWalk lines = *all;
  int64_t end = gten_share (lines.n_positions, thread + 1, n_threads);
  int64_t line = gten_share (lines.n_positions, thread, n_threads);
  int64_t n;

  if (side_by_side)
    for (; line < end; line += n)
      {
        n = gten_walk_seek_lines (&lines, line, end);
        several (data, &lines, n);
      }
  else
    for (gten_walk_seek (&lines, line); line < end; line++, gten_walk_next (&lines))
      one (data, &lines);
}
