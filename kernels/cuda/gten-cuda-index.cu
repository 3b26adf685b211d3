/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Advanced indexing, and the positions of what is not zero.
 *
 *   value[p, r]  <->  self[indices[0][p], indices[1][p], .., r]
 *
 * A thread takes one (p, r). What is accumulated is sorted by where it goes first, so that each place is summed by one
 * thread in the order of the positions: the result is the same every time, as PyTorch's is. */
#include "gten-cuda-block.h"
#include "gten-cuda-lines.h"
#include "gten-cuda-radix.h"

/* Up to K index arrays, as they are read from: the layouts of index positions and of the rest. */
template <int K> struct Indices
{
  GtenLayout<K + 1> positions;      /* the value, the index arrays */
  GtenLayout<2>     rest;           /* self, the value */
  GtenDivider       n_rest;
  int               n;
  bool              no_negatives;
  const int64_t    *data[K];
  int64_t           sizes[K], strides[K];   /* of self's indexed dimensions */
};

/* Where self's part for a position begins, and where the value's does; false if an index is out of range, which is
 * reported. */
template <int K>
static __device__ __forceinline__ bool
find (const Indices<K> &indices, uint32_t position, int64_t *self, int64_t *value, const GtenCudaReporter &reporter)
{
  int64_t offsets[K + 1];

  gten_locate (indices.positions, position, offsets);
  *value = offsets[0];
  *self = 0;
  for (int k = 0; k < K; k++)
    if (k < indices.n)
      {
        const int64_t index = indices.data[k][offsets[k + 1]], bound = indices.sizes[k];
        const int64_t wrapped = index < 0 && !indices.no_negatives ? index + bound : index;

        if ((uint64_t) wrapped >= (uint64_t) bound)
          {
            gten_cuda_report (reporter, GTEN_K_BAD_INDEX, index, bound, position, k);
            return false;
          }
        *self += wrapped * indices.strides[k];
      }
  return true;
}

template <int K, bool is_put, typename Stored>
static __global__ void
move (Indices<K> indices, uint32_t n, Stored *self, Stored *value, GtenCudaReporter reporter)
{
  GTEN_CUDA_EACH (i, n)
    {
      int64_t ours, theirs, offsets[2];
      uint32_t rest;
      const uint32_t position = gten_divide (i, indices.n_rest, &rest);

      if (!find (indices, position, &ours, &theirs, reporter))
        continue;
      gten_locate (indices.rest, rest, offsets);
      if constexpr (is_put)
        self[ours + offsets[0]] = value[theirs + offsets[1]];
      else
        value[theirs + offsets[1]] = self[ours + offsets[0]];
    }
}

/* Where each position's part of self begins, as a number to sort by; positions with bad indices go nowhere. */
#define NOWHERE UINT64_MAX

template <int K>
static __global__ void
find_all (Indices<K> indices, uint32_t n, uint64_t *keys, uint32_t *positions, GtenCudaReporter reporter)
{
  GTEN_CUDA_EACH (i, n)
    {
      int64_t self, value;

      keys[i] = find (indices, i, &self, &value, reporter) ? (uint64_t) self : NOWHERE;
      positions[i] = i;
    }
}

/* The first of the positions that go to one place adds up all of them. */
template <int K, typename Stored, typename T>
static __global__ void
accumulate (Indices<K> indices, uint32_t n_positions, uint32_t n, const uint64_t *keys, const uint32_t *positions,
            Stored *self, const Stored *value)
{
  GTEN_CUDA_EACH (i, n)
    {
      uint32_t rest;
      const uint32_t first = gten_divide (i, indices.n_rest, &rest);
      const uint64_t key = keys[first];
      int64_t offsets[2];
      Stored *at;
      T sum;

      if (key == NOWHERE || (first > 0 && keys[first - 1] == key))
        continue;
      gten_locate (indices.rest, rest, offsets);
      at = self + (int64_t) key + offsets[0];
      sum = gten_decode<T> (*at);
      for (uint32_t j = first; j < n_positions && keys[j] == key; j++)
        {
          int64_t begins[K + 1];

          gten_locate (indices.positions, positions[j], begins);
          sum += gten_decode<T> (value[begins[0] + offsets[1]]);
        }
      *at = gten_encode<Stored> (sum);
    }
}

/* -- what is launched ------------------------------------------------------------------------------*/

/* False if there are too many elements or dimensions for a launch. */
template <int K>
static bool
indices_init (Indices<K> *self, const GtenKIndexing *indexing, int64_t *n_positions, int64_t *n)
{
  const int n_index_dims = indexing->n_index_dims, n_rest = indexing->self.n_dims - indexing->n_indexed;
  const int64_t *position_strides[K + 1];
  const int64_t *const rest_strides[2]
      = { indexing->self.strides + indexing->n_indexed, indexing->value.strides + n_index_dims };
  const int64_t rest = gten_cuda_count (n_rest, indexing->self.sizes + indexing->n_indexed);

  *n_positions = gten_cuda_count (n_index_dims, indexing->value.sizes);
  *n = *n_positions * rest;
  position_strides[0] = indexing->value.strides;
  self->n = indexing->n_indexed;
  self->no_negatives = indexing->no_negatives;
  for (int k = 0; k < K; k++)
    {
      const bool is_there = k < self->n;

      position_strides[k + 1] = is_there ? indexing->indices[k].strides : NULL;
      self->data[k] = is_there ? (const int64_t *) indexing->indices[k].data : NULL;
      self->sizes[k] = is_there ? indexing->self.sizes[k] : 0;
      self->strides[k] = is_there ? indexing->self.strides[k] : 0;
    }
  if (*n > GTEN_CUDA_MOST)
    return false;
  self->n_rest = gten_divider (rest);
  return gten_layout_init<K + 1> (&self->positions, n_index_dims, indexing->value.sizes, -1, position_strides)
         && gten_layout_init<2> (&self->rest, n_rest, indexing->self.sizes + indexing->n_indexed, -1, rest_strides);
}

static void *
advance (const GtenKArray *array, int dim, int64_t n)
{
  return array->data == NULL ? NULL : (char *) array->data + n * array->strides[dim] * (int64_t) gten_cuda_size (array->dtype);
}

/* Calls part (indices, indexing, n_positions, n) for parts that are not too large, of index positions or else of the rest. */
template <int K, typename Part>
static void
each_part (const GtenKIndexing *indexing, const Part &part)
{
  int64_t sizes[GTEN_K_MAX_DIMS], self_sizes[GTEN_K_MAX_DIMS], n_positions, n, half;
  GtenKArray arrays[K];
  GtenKIndexing piece = *indexing;
  Indices<K> indices;
  int dim = 0, rest;

  if (gten_cuda_count (indexing->value.n_dims, indexing->value.sizes) == 0)
    return;
  if (indices_init (&indices, indexing, &n_positions, &n))
    {
      part (indices, indexing, n_positions, n);
      return;
    }
  while (indexing->value.sizes[dim] == 1)
    dim++;
  rest = dim < indexing->n_index_dims ? -1 : indexing->n_indexed + dim - indexing->n_index_dims;
  memcpy (sizes, indexing->value.sizes, (size_t) indexing->value.n_dims * sizeof *sizes);
  memcpy (self_sizes, indexing->self.sizes, (size_t) indexing->self.n_dims * sizeof *sizes);
  for (int k = 0; k < indexing->n_indexed; k++)
    arrays[k] = indexing->indices[k];
  piece.value.sizes = sizes;
  piece.self.sizes = self_sizes;
  piece.indices = arrays;
  half = sizes[dim] / 2;
  sizes[dim] = half;
  if (rest >= 0)
    self_sizes[rest] = half;
  each_part<K> (&piece, part);
  sizes[dim] = indexing->value.sizes[dim] - half;
  piece.value.data = advance (&piece.value, dim, half);
  if (rest >= 0)
    {
      self_sizes[rest] = sizes[dim];
      piece.self.data = advance (&piece.self, rest, half);
    }
  else
    for (int k = 0; k < indexing->n_indexed; k++)
      arrays[k].data = advance (&arrays[k], dim, half);
  each_part<K> (&piece, part);
}

template <int K>
static void
launch_move (GtenCudaQueue *queue, const Indices<K> &indices, const GtenKIndexing *indexing, int64_t n, bool is_put)
{
  GTEN_CUDA_SWITCH_SIZE (gten_cuda_size (indexing->self.dtype), {
    gten_cuda_launch (queue, gten_cuda_grid (queue, n), GTEN_CUDA_THREADS,
                      is_put ? move<K, true, Stored> : move<K, false, Stored>, indices, (uint32_t) n,
                      (Stored *) indexing->self.data, (Stored *) indexing->value.data, queue->reporter);
  })
}

/* The bits of the largest number of elements by which a place is away from self's first. */
static int
n_bits_of_places (const GtenKIndexing *indexing)
{
  uint64_t most = 0;
  int n_bits = 1;

  for (int k = 0; k < indexing->n_indexed; k++)
    most += (uint64_t) (indexing->self.sizes[k] - 1) * (uint64_t) indexing->self.strides[k];
  while (n_bits < 63 && most >> n_bits != 0)
    n_bits++;
  return n_bits + 1; /* NOWHERE comes last */
}

template <int K>
static void
launch_accumulate (GtenCudaQueue *queue, const Indices<K> &indices, const GtenKIndexing *indexing, int64_t n_positions,
                   int64_t n)
{
  const size_t n_bytes = (size_t) n_positions * 2 * (sizeof (uint64_t) + sizeof (uint32_t));
  uint64_t *keys = (uint64_t *) gten_cuda_scratch (queue, n_bytes);

  if (keys == NULL)
    return;

  uint64_t *sorted = keys, *other_keys = keys + n_positions;
  uint32_t *positions = (uint32_t *) (keys + 2 * n_positions), *other_positions = positions + n_positions;

  gten_cuda_launch (queue, gten_cuda_grid (queue, n_positions), GTEN_CUDA_THREADS, find_all<K>, indices,
                    (uint32_t) n_positions, keys, positions, queue->reporter);
  gten_cuda_sort_pairs (queue, n_positions, n_bits_of_places (indexing), &sorted, &positions, other_keys,
                        other_positions);
  GTEN_CUDA_SWITCH_DTYPE (indexing->self.dtype, {
    gten_cuda_launch (queue, gten_cuda_grid (queue, n), GTEN_CUDA_THREADS, accumulate<K, Stored, T>, indices,
                      (uint32_t) n_positions, (uint32_t) n, sorted, positions, (Stored *) indexing->self.data,
                      (const Stored *) indexing->value.data);
  })
  gten_cuda_scratch_release (queue, keys, n_bytes);
}

/* Most index with one tensor or two; the rest shares a kernel whose arguments are large. */
#define EACH_NUMBER(n, X)                                                                          \
  if ((n) <= 1)                                                                                    \
    X (1)                                                                                          \
  else if ((n) == 2)                                                                               \
    X (2)                                                                                          \
  else if ((n) <= 4)                                                                               \
    X (4)                                                                                          \
  else                                                                                             \
    X (GTEN_CUDA_MAX_DIMS)

static bool
has_too_many (const GtenKIndexing *indexing)
{
  if (indexing->n_indexed > GTEN_CUDA_MAX_DIMS)
    gten_cuda_fail (GTEN_K_UNSUPPORTED, "indexing takes up to 12 index tensors");
  return indexing->n_indexed > GTEN_CUDA_MAX_DIMS;
}

template <int K>
static void
move_parts (GtenCudaQueue *queue, const GtenKIndexing *indexing, bool is_put)
{
  each_part<K> (indexing, [&] (const Indices<K> &indices, const GtenKIndexing *part, int64_t, int64_t n) {
    launch_move (queue, indices, part, n, is_put);
  });
}

template <int K>
static void
accumulate_parts (GtenCudaQueue *queue, const GtenKIndexing *indexing)
{
  each_part<K> (indexing, [&] (const Indices<K> &indices, const GtenKIndexing *part, int64_t n_positions, int64_t n) {
    launch_accumulate (queue, indices, part, n_positions, n);
  });
}

GtenKStatus
gten_cuda_index (int device, const GtenKIndexing *indexing, GtenKFault *fault)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
#define READ(K) move_parts<K> (queue, indexing, false);
  if (!has_too_many (indexing))
    {
      EACH_NUMBER (indexing->n_indexed, READ)
    }
  return gten_cuda_leave (queue, fault);
}

GtenKStatus
gten_cuda_index_put (int device, const GtenKIndexing *indexing, bool is_accumulated, GtenKFault *fault)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
#define WRITE(K) move_parts<K> (queue, indexing, true);
#define ADD(K) accumulate_parts<K> (queue, indexing);
  if (has_too_many (indexing))
    return gten_cuda_leave (queue, fault);
  if (is_accumulated)
    {
      EACH_NUMBER (indexing->n_indexed, ADD)
    }
  else
    {
      EACH_NUMBER (indexing->n_indexed, WRITE)
    }
  return gten_cuda_leave (queue, fault);
}

/* -- nonzero ---------------------------------------------------------------------------------------
 * Blocks count their elements; the sums of the counts say where each block's positions go. Parts lie behind one another
 * in the order of the elements. */

#define ROUNDS 8 /* elements per thread */
#define TILE   (GTEN_CUDA_THREADS * ROUNDS)

template <typename Stored>
static __device__ __forceinline__ bool
is_nonzero (const GtenLayout<1> &layout, uint32_t i, uint32_t n, const Stored *from)
{
  int64_t offsets[1];

  if (i >= n)
    return false;
  gten_locate (layout, i, offsets);
  return gten_decode<typename std::conditional_t<std::is_integral_v<Stored>, Stored, double>> (from[offsets[0]]) != 0;
}

template <typename Stored>
static __global__ void
count_nonzero (GtenLayout<1> layout, uint32_t n, const Stored *from, int64_t *counts)
{
  __shared__ int sums[WARPS];
  const uint32_t begin = blockIdx.x * TILE;
  int count = 0;

  for (int round = 0; round < ROUNDS; round++)
    count += is_nonzero (layout, begin + round * GTEN_CUDA_THREADS + threadIdx.x, n, from);
  count = block_sum (count, sums);
  if (threadIdx.x == 0)
    counts[blockIdx.x] = count;
}

/* Counts become where they begin, and counts[n] the sum of all; one block. */
static __global__ void
begin_counts (int64_t n, int64_t *counts)
{
  __shared__ int64_t ends[GTEN_CUDA_THREADS];
  int64_t before = 0;

  for (int64_t begin = 0; begin < n; begin += GTEN_CUDA_THREADS)
    {
      const int64_t i = begin + threadIdx.x, count = i < n ? counts[i] : 0;
      int64_t total;

      ends[threadIdx.x] = count;
      __syncthreads ();
      for (unsigned away = 1; away < GTEN_CUDA_THREADS; away *= 2)
        {
          const int64_t other = threadIdx.x >= away ? ends[threadIdx.x - away] : 0;

          __syncthreads ();
          ends[threadIdx.x] += other;
          __syncthreads ();
        }
      if (i < n)
        counts[i] = before + ends[threadIdx.x] - count;
      total = ends[GTEN_CUDA_THREADS - 1];
      before += total;
      __syncthreads ();
    }
  if (threadIdx.x == 0)
    counts[n] = before;
}

typedef struct
{
  int     n_dims;
  int64_t sizes[GTEN_K_MAX_DIMS];       /* from the inner one */
  int64_t row_stride, column_stride;
} Positions;

static __device__ __forceinline__ void
write_position (const Positions &self, int64_t *out, int64_t row, uint64_t index)
{
  for (int d = 0; d < self.n_dims; d++)
    {
      const uint64_t size = (uint64_t) self.sizes[d];
      const uint64_t whole = index <= UINT32_MAX && size <= UINT32_MAX ? (uint32_t) index / (uint32_t) size : index / size;

      out[row * self.row_stride + (self.n_dims - 1 - d) * self.column_stride] = (int64_t) (index - whole * size);
      index = whole;
    }
}

template <typename Stored>
static __global__ void
find_nonzero (GtenLayout<1> layout, uint64_t first, uint32_t n, const Stored *from, const int64_t *begins,
              Positions positions, int64_t *out, int64_t most)
{
  __shared__ int counts[WARPS];
  const unsigned lane = threadIdx.x % GTEN_CUDA_WARP, warp = threadIdx.x / GTEN_CUDA_WARP;
  int64_t row = begins[blockIdx.x];

  for (int round = 0; round < ROUNDS; round++)
    {
      const uint32_t i = blockIdx.x * TILE + round * GTEN_CUDA_THREADS + threadIdx.x;
      const bool found = is_nonzero (layout, i, n, from);
      const unsigned all = __ballot_sync (FULL_WARP, found);
      int64_t before = row;

      if (lane == 0)
        counts[warp] = __popc (all);
      __syncthreads ();
      for (unsigned w = 0; w < WARPS; w++)
        {
          before += w < warp ? counts[w] : 0;
          row += counts[w];
        }
      before += __popc (all & ((1u << lane) - 1));
      if (found && before < most)
        write_position (positions, out, before, first + i);
      __syncthreads ();
    }
}

GtenKStatus
gten_cuda_nonzero (int device, const GtenKArray *input, int64_t *count, const GtenKArray *out)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);
  const int64_t *const strides[1] = { input->strides };
  int64_t n_tiles = 0, first = 0, tile = 0;
  int64_t *counts;

  if (queue == NULL)
    return gten_cuda_status ();
  gten_cuda_each_part (input->n_dims, input->sizes, -1, strides,
                       [&] (const GtenLayout<1> &, int64_t n, const int64_t *) { n_tiles += (n + TILE - 1) / TILE; });
  if (n_tiles == 0)
    {
      if (count != NULL)
        *count = 0;
      return gten_cuda_leave (queue, NULL);
    }
  counts = (int64_t *) gten_cuda_scratch (queue, (size_t) (n_tiles + 1) * sizeof *counts);
  gten_cuda_each_part (input->n_dims, input->sizes, -1, strides,
                       [&] (const GtenLayout<1> &layout, int64_t n, const int64_t *begins) {
    const unsigned n_blocks = gten_cuda_blocks (n, TILE);

    GTEN_CUDA_SWITCH_DTYPE (input->dtype, {
      gten_cuda_launch (queue, n_blocks, GTEN_CUDA_THREADS, count_nonzero<Stored>, layout, (uint32_t) n,
                        (const Stored *) input->data + begins[0], counts + tile);
    })
    tile += n_blocks;
  });
  gten_cuda_launch (queue, 1, GTEN_CUDA_THREADS, begin_counts, n_tiles, counts);
  if (out == NULL && count != NULL && !gten_cuda_has_failed ()
      && gten_cuda_check (cudaMemcpyAsync (count, counts + n_tiles, sizeof *count, cudaMemcpyDeviceToHost, queue->stream)))
    gten_cuda_check (cudaStreamSynchronize (queue->stream));
  else if (out != NULL && input->n_dims > 0)
    {
      Positions positions = { input->n_dims, {}, out->strides[0], out->strides[1] };

      for (int d = 0; d < input->n_dims; d++)
        positions.sizes[d] = input->sizes[input->n_dims - 1 - d];
      tile = 0;
      gten_cuda_each_part (input->n_dims, input->sizes, -1, strides,
                           [&] (const GtenLayout<1> &layout, int64_t n, const int64_t *begins) {
        const unsigned n_blocks = gten_cuda_blocks (n, TILE);

        GTEN_CUDA_SWITCH_DTYPE (input->dtype, {
          gten_cuda_launch (queue, n_blocks, GTEN_CUDA_THREADS, find_nonzero<Stored>, layout, (uint64_t) first, (uint32_t) n,
                            (const Stored *) input->data + begins[0], (const int64_t *) counts + tile, positions,
                            (int64_t *) out->data, out->sizes[0]);
        })
        tile += n_blocks;
        first += n;
      });
    }
  gten_cuda_scratch_release (queue, counts, (size_t) (n_tiles + 1) * sizeof *counts);
  return gten_cuda_leave (queue, NULL);
}
