/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Copies without conversion: bit for bit, whatever the bits mean.
 *
 * What is contiguous goes by memcpy. Where the source's neighbours lie in another dimension than
 * the destination's (a transposition), the two dimensions are walked in square tiles, so that each
 * cache line is fetched once. */
#include "gten-cpu-space.h"

#include <string.h>

#define GTEN_TILE 32

#define GTEN_DEFINE_TILE(T)                                                                        \
  /* to[i, j] = from[i, j]; j is the inner loop. */                                                \
  static void gten_copy_tile_##T (int64_t n, int64_t m, T *restrict to, const T *restrict from,    \
                                  int64_t to_i, int64_t to_j, int64_t from_i, int64_t from_j)      \
  {                                                                                                \
    if (to_j == 1 && from_j == 0)                                                                  \
      {                                                                                            \
        for (int64_t i = 0; i < n; i++)                                                            \
          {                                                                                        \
            const T value = from[i * from_i];                                                      \
                                                                                                   \
            for (int64_t j = 0; j < m; j++)                                                        \
              to[i * to_i + j] = value;                                                            \
          }                                                                                        \
        return;                                                                                    \
      }                                                                                            \
    if (to_j == 1 && from_j == -1)                                                                 \
      {                                                                                            \
        for (int64_t i = 0; i < n; i++)                                                            \
          for (int64_t j = 0; j < m; j++)                                                          \
            to[i * to_i + j] = from[i * from_i - j];                                               \
        return;                                                                                    \
      }                                                                                            \
    if (to_j == 1 && from_i == 1 && n <= GTEN_TILE && m <= GTEN_TILE)                     \
      {                                                                                            \
        T tile[GTEN_TILE][GTEN_TILE];                                                              \
                                                                                                   \
        /* Both memories are walked along their lines: large powers of 2 between lines would make  \
         * them fall into one cache set. */                                                        \
        for (int64_t j = 0; j < m; j++)                                                            \
          for (int64_t i = 0; i < n; i++)                                                          \
            tile[i][j] = from[i + j * from_j];                                                     \
        for (int64_t i = 0; i < n; i++)                                                            \
          for (int64_t j = 0; j < m; j++)                                                          \
            to[i * to_i + j] = tile[i][j];                                                         \
        return;                                                                                    \
      }                                                                                            \
    if (to_j == 1)                                                                                 \
      {                                                                                            \
        for (int64_t i = 0; i < n; i++)                                                            \
          for (int64_t j = 0; j < m; j++)                                                          \
            to[i * to_i + j] = from[i * from_i + j * from_j];                                      \
        return;                                                                                    \
      }                                                                                            \
    for (int64_t i = 0; i < n; i++)                                                                \
      for (int64_t j = 0; j < m; j++)                                                              \
        to[i * to_i + j * to_j] = from[i * from_i + j * from_j];                                   \
  }

GTEN_DEFINE_TILE (uint8_t)
GTEN_DEFINE_TILE (uint16_t)
GTEN_DEFINE_TILE (uint32_t)
GTEN_DEFINE_TILE (uint64_t)

static void
gten_copy_tile (size_t size, int64_t n, int64_t m, uint8_t *to, const uint8_t *from, int64_t to_i,
                int64_t to_j, int64_t from_i, int64_t from_j)
{
  switch (size)
    {
    case 1:
      gten_copy_tile_uint8_t (n, m, to, from, to_i, to_j, from_i, from_j);
      break;
    case 2:
      gten_copy_tile_uint16_t (n, m, (void *) to, (const void *) from, to_i, to_j, from_i, from_j);
      break;
    case 4:
      gten_copy_tile_uint32_t (n, m, (void *) to, (const void *) from, to_i, to_j, from_i, from_j);
      break;
    default:
      gten_copy_tile_uint64_t (n, m, (void *) to, (const void *) from, to_i, to_j, from_i, from_j);
      break;
    }
}

/* The dimension in which the source's elements lie closest, if that is not the inner one anyway. */
static int
gten_copy_cross_dim (const GtenSpace *space)
{
  const int inner = space->n_dims - 1;
  const int64_t *strides = space->strides[1];
  int cross = -1;

  if (strides[inner] <= 1)
    return -1;
  for (int dim = 0; dim < inner; dim++)
    if (strides[dim] != 0 && strides[dim] < strides[inner]
        && (cross < 0 || strides[dim] < strides[cross]))
      cross = dim;
  return cross;
}

typedef struct
{
  const GtenSpace *space;
  uint8_t         *to;
  const uint8_t   *from;
  size_t           size;
  int              cross;    /* the dimension that tiles are high in, or -1 */
  int64_t          n_parts;  /* bytes, rows or bands, whatever is shared out among the threads */
} GtenCopy;

/* The C library moves some thousand bytes by string instructions, which are slow where source and destination
 * lie nearly a multiple of a page apart. */
#define GTEN_COPY_SHORT 512
#define GTEN_COPY_LONG  65536
#define GTEN_COPY_CHUNK 64

static void
gten_copy_bytes (uint8_t *restrict to, const uint8_t *restrict from, size_t n)
{
  if (n < GTEN_COPY_SHORT || n > GTEN_COPY_LONG)
    {
      memcpy (to, from, n);
      return;
    }
  for (size_t i = 0; i + GTEN_COPY_CHUNK <= n; i += GTEN_COPY_CHUNK)
    memcpy (to + i, from + i, GTEN_COPY_CHUNK);
  memcpy (to + n - GTEN_COPY_CHUNK, from + n - GTEN_COPY_CHUNK, GTEN_COPY_CHUNK);
}

/* Rows [begin, end) of all dimensions but the inner one. */
static void
gten_copy_rows (const GtenCopy *self, int64_t begin, int64_t end)
{
  const GtenSpace *space = self->space;
  const int inner = space->n_dims - 1;
  const int64_t length = space->sizes[inner];
  const int64_t to_stride = space->strides[0][inner], from_stride = space->strides[1][inner];

  for (int64_t row = begin; row < end; row++)
    {
      int64_t rest = row, to_offset = 0, from_offset = 0;

      for (int dim = inner - 1; dim >= 0; dim--)
        {
          int64_t index = rest % space->sizes[dim];

          rest /= space->sizes[dim];
          to_offset += index * space->strides[0][dim];
          from_offset += index * space->strides[1][dim];
        }
      if (to_stride == 1 && from_stride == 1)
        gten_copy_bytes (self->to + to_offset * self->size, self->from + from_offset * self->size,
                         length * self->size);
      else
        gten_copy_tile (self->size, 1, length, self->to + to_offset * self->size,
                        self->from + from_offset * self->size, 0, to_stride, 0, from_stride);
    }
}

/* Bands [begin, end) of GTEN_TILE rows across `cross`, of all other outer dimensions. */
static void
gten_copy_bands (const GtenCopy *self, int64_t begin, int64_t end)
{
  const GtenSpace *space = self->space;
  const int inner = space->n_dims - 1, cross = self->cross;
  const int64_t n_bands = (space->sizes[cross] + GTEN_TILE - 1) / GTEN_TILE;
  const int64_t to_i = space->strides[0][cross], to_j = space->strides[0][inner];
  const int64_t from_i = space->strides[1][cross], from_j = space->strides[1][inner];

  for (int64_t band = begin; band < end; band++)
    {
      int64_t rest = band / n_bands, first = band % n_bands * GTEN_TILE;
      int64_t to_offset = first * to_i, from_offset = first * from_i;
      int64_t height = GTEN_MIN (space->sizes[cross] - first, GTEN_TILE);

      for (int dim = inner - 1; dim >= 0; dim--)
        {
          if (dim == cross)
            continue;
          to_offset += rest % space->sizes[dim] * space->strides[0][dim];
          from_offset += rest % space->sizes[dim] * space->strides[1][dim];
          rest /= space->sizes[dim];
        }
      for (int64_t column = 0; column < space->sizes[inner]; column += GTEN_TILE)
        gten_copy_tile (self->size, height, GTEN_MIN (space->sizes[inner] - column, GTEN_TILE),
                        self->to + (to_offset + column * to_j) * self->size,
                        self->from + (from_offset + column * from_j) * self->size, to_i, to_j,
                        from_i, from_j);
    }
}

static void
gten_copy_work (void *data, int thread, int n_threads)
{
  const GtenCopy *self = data;
  const GtenSpace *space = self->space;
  int64_t begin = gten_share (self->n_parts, thread, n_threads);
  int64_t end = gten_share (self->n_parts, thread + 1, n_threads);

  if (space->n_dims == 1 && space->strides[0][0] == 1 && space->strides[1][0] == 1)
    memmove (self->to + begin, self->from + begin, end - begin);
  else if (self->cross >= 0)
    gten_copy_bands (self, begin, end);
  else
    gten_copy_rows (self, begin, end);
}

void
gten_space_copy (const GtenSpace *space, void *to, const void *from, size_t element_size)
{
  const int inner = space->n_dims - 1;
  GtenCopy copy = { space, to, from, element_size, gten_copy_cross_dim (space), 0 };

  copy.n_parts = space->n_elements / space->sizes[inner];
  if (space->n_dims == 1 && space->strides[0][0] == 1 && space->strides[1][0] == 1)
    copy.n_parts = space->n_elements * (int64_t) element_size;
  else if (copy.cross >= 0)
    copy.n_parts = copy.n_parts / space->sizes[copy.cross]
                   * ((space->sizes[copy.cross] + GTEN_TILE - 1) / GTEN_TILE);
  gten_parallel (gten_threads (space->n_elements, 1), gten_copy_work, &copy);
}
