/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Philox 4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011), with the counter laid out as
 * cuRAND's: the subsequence above, the place in it below. */
#pragma once

#include "gten-cuda-private.h"

/* Where a kernel begins to draw. */
typedef struct
{
  uint64_t        seed, offset;
  const uint64_t *graph_state;  /* or NULL: seed and offset at the time of a replay */
} GtenPhilox;

/* What a kernel begins with that draws n numbers of 32 bits in each thread, a multiple of 4. */
static inline GtenPhilox
gten_philox_take (GtenKGenerator *generator, uint64_t n)
{
  const GtenPhilox self = { generator->seed, generator->offset, generator->graph_state };

  generator->offset += n;
  return self;
}

/* The four numbers from place 4 * `i` after the beginning on. */
static __device__ __forceinline__ uint4
gten_philox_draw (const GtenPhilox &self, uint64_t subsequence, uint64_t i)
{
  const uint64_t seed = self.graph_state != NULL ? self.graph_state[0] : self.seed;
  const uint64_t offset = self.graph_state != NULL ? self.graph_state[1] + self.offset : self.offset;
  const uint64_t place = offset / 4 + i, high = subsequence + (place < i);
  uint4 x = make_uint4 ((uint32_t) place, (uint32_t) (place >> 32), (uint32_t) high, (uint32_t) (high >> 32));
  uint32_t key = (uint32_t) seed, other_key = (uint32_t) (seed >> 32);

  for (int round = 0; round < 10; round++)
    {
      const uint32_t a = __umulhi (0xd2511f53u, x.x), b = 0xd2511f53u * x.x;
      const uint32_t c = __umulhi (0xcd9e8d57u, x.z), d = 0xcd9e8d57u * x.z;

      x = make_uint4 (c ^ x.y ^ key, d, a ^ x.w ^ other_key, b);
      key += 0x9e3779b9u;
      other_key += 0xbb67ae85u;
    }
  return x;
}


/* PyTorch's grid for n elements of which a thread makes `n_at_once` from four numbers, so that a seed gives what it gives
 * there on the same device. */
typedef struct
{
  unsigned n_blocks;
  uint64_t n_drawn;             /* by each thread */
} GtenPhiloxGrid;

static inline GtenPhiloxGrid
gten_philox_grid (const GtenCudaQueue *queue, int64_t n, int n_at_once)
{
  int threads_per_processor = 2048;
  int64_t n_blocks = (n + 255) / 256, most;

  gten_cuda_check (cudaDeviceGetAttribute (&threads_per_processor, cudaDevAttrMaxThreadsPerMultiProcessor, queue->device));
  most = (int64_t) queue->n_processors * (threads_per_processor / 256);
  if (n_blocks > most)
    n_blocks = most;
  return { (unsigned) n_blocks, (uint64_t) ((n - 1) / (256 * n_blocks * n_at_once) + 1) * 4 };
}
