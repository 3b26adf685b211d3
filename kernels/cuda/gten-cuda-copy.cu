/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Copies without conversion: bit for bit, whatever the bits mean.
 *
 * What is contiguous is the runtime's own copy. Where the source's neighbours lie in another dimension
 * than the destination's (a transposition), square tiles go through shared memory, so that both sides are accessed
 * in their order. Everything else is copied element by element, or in words of up to 16 bytes where all
 * rows are made of them. */
#include "gten-cuda-copy.h"
#include "gten-cuda-elements.h"
#include "gten-cuda-space.h"

#define TILE        32
#define TILE_HEIGHT 8    /* rows of a tile that the threads of a block take at once */
#define PER_THREAD  4

typedef GtenVector<uint64_t, 2> Wide;

/* -- element by element ----------------------------------------------------------------------------*/

template <typename Stored>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS)
copy_elements (const __grid_constant__ GtenLayout<2> layout, uint32_t n, Stored *to, const Stored *from)
{
  const uint32_t first = blockIdx.x * (GTEN_CUDA_THREADS * PER_THREAD) + threadIdx.x;
  Stored elements[PER_THREAD];
  int64_t offsets[PER_THREAD][2];

  for (int i = 0; i < PER_THREAD; i++)
    if (first + i * GTEN_CUDA_THREADS < n)
      {
        gten_locate (layout, first + i * GTEN_CUDA_THREADS, offsets[i]);
        elements[i] = from[offsets[i][1]];
      }
  for (int i = 0; i < PER_THREAD; i++)
    if (first + i * GTEN_CUDA_THREADS < n)
      to[offsets[i][0]] = elements[i];
}

/* -- in tiles --------------------------------------------------------------------------------------*/

struct Tiles
{
  uint32_t      width, height;             /* of the matrix: along the destination's inner dimension, and the source's */
  GtenDivider   tiles_across, tiles_down;
  int64_t       to_row, from_column;       /* strides; the others are 1 */
  GtenLayout<2> layout;                    /* of the matrices */
};

template <typename Stored>
static __global__ void
__launch_bounds__ (TILE * TILE_HEIGHT)
copy_tiles (const __grid_constant__ Tiles self, Stored *to, const Stored *from)
{
  __shared__ Stored tile[TILE][TILE + 1];
  const uint32_t x = threadIdx.x % TILE, y = threadIdx.x / TILE;
  uint32_t across, down;
  int64_t offsets[2];

  gten_locate (self.layout, gten_divide (gten_divide (blockIdx.x, self.tiles_across, &across), self.tiles_down, &down),
               offsets);
  across *= TILE;
  down *= TILE;
  for (uint32_t i = y; i < TILE; i += TILE_HEIGHT)
    if (across + i < self.width && down + x < self.height)
      tile[i][x] = from[offsets[1] + (int64_t) (across + i) * self.from_column + down + x];
  __syncthreads ();
  for (uint32_t i = y; i < TILE; i += TILE_HEIGHT)
    if (down + i < self.height && across + x < self.width)
      to[offsets[0] + (int64_t) (down + i) * self.to_row + across + x] = tile[x][i];
}

/* The dimension in which the source is contiguous where the destination is in the inner one, or
 * -1. */
static int
find_cross (const GtenSpace &space)
{
  const int inner = space.n_dims - 1;

  if (space.strides[0][inner] != 1 || space.strides[1][inner] <= 1 || space.sizes[inner] < 8)
    return -1;
  for (int dim = 0; dim < inner; dim++)
    if (space.strides[1][dim] == 1 && space.sizes[dim] >= 8)
      return dim;
  return -1;
}

template <typename Stored>
static void
launch_tiles (GtenCudaQueue *queue, const GtenSpace &space, int cross, Stored *to, const Stored *from)
{
  const int inner = space.n_dims - 1;
  const int64_t n_across = gten_cuda_blocks (space.sizes[inner], TILE);
  const int64_t n_down = gten_cuda_blocks (space.sizes[cross], TILE);
  GtenSpace matrices = space;
  Tiles tiles = {};

  gten_space_move_to_end (&matrices, cross);
  matrices.n_dims--;
  tiles.width = (uint32_t) space.sizes[inner];
  tiles.height = (uint32_t) space.sizes[cross];
  tiles.tiles_across = gten_divider (n_across);
  tiles.tiles_down = gten_divider (n_down);
  tiles.to_row = space.strides[0][cross];
  tiles.from_column = space.strides[1][inner];
  gten_space_layout (matrices, 0, &tiles.layout);
  gten_cuda_launch (queue, (unsigned) (space.n_elements / space.sizes[inner] / space.sizes[cross] * n_across * n_down),
                    TILE * TILE_HEIGHT, copy_tiles<Stored>, tiles, to, from);
}

/* -- the choice ------------------------------------------------------------------------------------*/

template <typename Stored>
static void
copy_part (GtenCudaQueue *queue, const GtenSpace &space, Stored *to, const Stored *from)
{
  const int cross = find_cross (space);
  GtenLayout<2> layout;

  if (cross >= 0)
    {
      launch_tiles (queue, space, cross, to, from);
      return;
    }
  gten_space_whole_layout (space, &layout);
  gten_cuda_launch (queue, gten_cuda_blocks (space.n_elements, GTEN_CUDA_THREADS * PER_THREAD), GTEN_CUDA_THREADS,
                    copy_elements<Stored>, layout, (uint32_t) space.n_elements, to, from);
}

/* Makes elements twice as large as long as rows on both sides are made of those. */
static size_t
widen (GtenSpace *space, size_t size, const void *to, const void *from)
{
  const int inner = space->n_dims - 1;

  while (size < sizeof (Wide) && space->strides[0][inner] == 1 && space->strides[1][inner] == 1
         && space->sizes[inner] % 2 == 0 && ((uintptr_t) to | (uintptr_t) from) % (2 * size) == 0)
    {
      for (int operand = 0; operand < 2; operand++)
        for (int dim = 0; dim < inner; dim++)
          if (space->strides[operand][dim] % 2 != 0)
            return size;
      for (int operand = 0; operand < 2; operand++)
        for (int dim = 0; dim < inner; dim++)
          space->strides[operand][dim] /= 2;
      space->sizes[inner] /= 2;
      space->n_elements /= 2;
      size *= 2;
    }
  return size;
}

void
gten_cuda_copy_elements (GtenCudaQueue *queue, int n_dims, const int64_t *sizes, size_t element_size, void *to,
                         const int64_t *to_strides, const void *from, const int64_t *from_strides)
{
  const int64_t *strides[] = { to_strides, from_strides };
  const int64_t offsets[GTEN_SPACE_OPERANDS] = { 0 };
  GtenSpace space;

  gten_space_init (&space, n_dims, sizes, 2, strides);
  if (space.n_elements == 0)
    return;
  if (space.n_dims == 1 && space.strides[0][0] == 1 && space.strides[1][0] == 1)
    {
      if (to != from)
        gten_cuda_check (cudaMemcpyAsync (to, from, (size_t) space.n_elements * element_size, cudaMemcpyDeviceToDevice,
                                          queue->stream));
      return;
    }
  element_size = widen (&space, element_size, to, from);
  gten_space_each_part (space, offsets, [&] (const GtenSpace &part, const int64_t *part_offsets) {
    if (element_size == sizeof (Wide))
      copy_part (queue, part, (Wide *) to + part_offsets[0], (const Wide *) from + part_offsets[1]);
    else
      GTEN_CUDA_SWITCH_SIZE (element_size,
                             copy_part (queue, part, (Stored *) to + part_offsets[0],
                                        (const Stored *) from + part_offsets[1]);)
  });
}
