/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sorting along a dimension, always stable: each element becomes an unsigned number of the same order, and the numbers are
 * sorted with their positions.
 *
 * A line that fits is sorted by a block in shared memory, by Batcher's bitonic network (1968), position deciding between
 * equals. Longer lines are sorted by CUB's radix sort, all lines as one and then, which keeps the order, by the
 * line. */
#include <cub/device/device_radix_sort.cuh>

#include "gten-cuda-lines.h"
#include "gten-cuda-radix.h"

#define MAX_IN_BLOCK 2048
#define MIN_THREADS  32

/* -- radix sort ------------------------------------------------------------------------------------*/

template <typename Key>
static void
sort_pairs (GtenCudaQueue *queue, int64_t n, int n_bits, Key **keys, uint32_t **values, Key *other_keys,
            uint32_t *other_values)
{
  cub::DoubleBuffer<Key> both_keys (*keys, other_keys);
  cub::DoubleBuffer<uint32_t> both_values (*values, other_values);
  size_t n_bytes = 0;
  void *scratch;

  if (gten_cuda_has_failed ()
      || !gten_cuda_check (cub::DeviceRadixSort::SortPairs (NULL, n_bytes, both_keys, both_values, n, 0, n_bits,
                                                            queue->stream)))
    return;
  scratch = gten_cuda_scratch (queue, n_bytes);
  if (scratch != NULL)
    gten_cuda_check (cub::DeviceRadixSort::SortPairs (scratch, n_bytes, both_keys, both_values, n, 0, n_bits,
                                                      queue->stream));
  gten_cuda_scratch_release (queue, scratch, n_bytes);
  *keys = both_keys.Current ();
  *values = both_values.Current ();
}

void
gten_cuda_sort_pairs (GtenCudaQueue *queue, int64_t n, int n_bits, uint32_t **keys, uint32_t **values,
                      uint32_t *other_keys, uint32_t *other_values)
{
  sort_pairs (queue, n, n_bits, keys, values, other_keys, other_values);
}

void
gten_cuda_sort_pairs (GtenCudaQueue *queue, int64_t n, int n_bits, uint64_t **keys, uint32_t **values,
                      uint64_t *other_keys, uint32_t *other_values)
{
  sort_pairs (queue, n, n_bits, keys, values, other_keys, other_values);
}

/* -- numbers of the same order ---------------------------------------------------------------------*/

template <typename Stored>
using Bits = std::conditional_t<sizeof (Stored) == 1, uint8_t,
                                std::conditional_t<sizeof (Stored) == 2, uint16_t,
                                                   std::conditional_t<sizeof (Stored) == 4, uint32_t, uint64_t>>>;

/* NaN is above all, and both zeros are equal. */
template <typename Stored>
static __device__ __forceinline__ Bits<Stored>
ordered (Stored x)
{
  typedef Bits<Stored> B;
  const B sign = (B) ((B) 1 << (8 * sizeof (B) - 1));
  B bits;

  memcpy (&bits, &x, sizeof bits);
  if constexpr (std::is_same_v<Stored, GtenBool>)
    return bits != 0;
  else if constexpr (std::is_integral_v<Stored>)
    return std::is_signed_v<Stored> ? (B) (bits ^ sign) : bits;
  else if (gten_isnan (gten_decode<std::conditional_t<sizeof (B) == 8, double, float>> (x)))
    return (B) -1;
  else if ((B) (bits << 1) == 0)
    return sign;
  else
    return bits & sign ? (B) ~bits : (B) (bits | sign);
}

/* Where a line's elements and its results lie. */
typedef struct
{
  int64_t n, k, n_lines;
  int64_t from_stride, values_stride, indices_stride;
  bool    descending;
} Lines;

typedef GtenLayout<3> Layout; /* the input, the values, the indices */

template <typename Stored>
static __device__ __forceinline__ Bits<Stored>
key_of (const Lines &lines, Stored x)
{
  return lines.descending ? (Bits<Stored>) ~ordered (x) : ordered (x);
}

template <typename Stored>
static __device__ __forceinline__ void
write_result (const Lines &lines, const int64_t (&offsets)[3], int64_t j, int64_t i, const Stored *from, Stored *values,
              int64_t *indices)
{
  if (values != NULL)
    values[offsets[1] + j * lines.values_stride] = from[offsets[0] + i * lines.from_stride];
  if (indices != NULL)
    indices[offsets[2] + j * lines.indices_stride] = i;
}

/* -- in a block ------------------------------------------------------------------------------------*/

/* `size` is the power of 2 from lines.n on; the block has half as many threads or fewer. */
template <typename Stored>
static __global__ void
sort_in_block (Layout layout, Lines lines, int size, const Stored *from, Stored *values, int64_t *indices)
{
  __shared__ uint64_t keys[MAX_IN_BLOCK];
  __shared__ uint16_t places[MAX_IN_BLOCK];

  for (int64_t line = blockIdx.x; line < lines.n_lines; line += gridDim.x)
    {
      int64_t offsets[3];

      gten_locate (layout, (uint32_t) line, offsets);
      for (int i = threadIdx.x; i < size; i += blockDim.x)
        {
          keys[i] = i < lines.n ? key_of (lines, from[offsets[0] + i * lines.from_stride]) : UINT64_MAX;
          places[i] = (uint16_t) i;
        }
      for (int run = 2; run <= size; run *= 2)
        for (int away = run / 2; away > 0; away /= 2)
          {
            __syncthreads ();
            for (int pair = threadIdx.x; pair < size / 2; pair += blockDim.x)
              {
                const int i = 2 * pair - (pair & (away - 1)), j = i + away;
                const uint64_t a = keys[i], b = keys[j];
                const uint16_t at_a = places[i], at_b = places[j];
                const bool is_later = a > b || (a == b && at_a > at_b), is_up = (i & run) == 0;

                if (is_later == is_up)
                  {
                    keys[i] = b;
                    keys[j] = a;
                    places[i] = at_b;
                    places[j] = at_a;
                  }
              }
          }
      __syncthreads ();
      for (int j = threadIdx.x; j < lines.k; j += blockDim.x)
        write_result (lines, offsets, j, places[j], from, values, indices);
      __syncthreads ();
    }
}

template <typename Stored>
static void
launch_blocks (GtenCudaQueue *queue, const Layout &layout, const Lines &lines, const Stored *from, Stored *values,
               int64_t *indices)
{
  int size = 2;
  unsigned n_threads;

  while (size < lines.n)
    size *= 2;
  n_threads = size / 2 < MIN_THREADS ? MIN_THREADS : size / 2 > GTEN_CUDA_THREADS ? GTEN_CUDA_THREADS : (unsigned) size / 2;
  gten_cuda_launch (queue, gten_cuda_grid (queue, lines.n_lines, 1), n_threads, sort_in_block<Stored>, layout, lines, size,
                    from, values, indices);
}

/* -- long lines ------------------------------------------------------------------------------------*/

/* `places` number the elements of all lines from `first` on. */
template <typename Stored, typename Key>
static __global__ void
make_keys (Layout layout, Lines lines, uint32_t first, GtenDivider length, uint32_t n, const Stored *from, Key *keys, uint32_t *places)
{
  GTEN_CUDA_EACH (i, n)
    {
      int64_t offsets[3];
      uint32_t along;

      gten_locate (layout, first + gten_divide (i, length, &along), offsets);
      keys[i] = key_of (lines, from[offsets[0] + along * lines.from_stride]);
      places[i] = i;
    }
}

template <typename Key>
static __global__ void
make_line_keys (GtenDivider length, uint32_t n, const uint32_t *places, Key *keys)
{
  GTEN_CUDA_EACH (i, n)
    {
      uint32_t along;

      keys[i] = gten_divide (places[i], length, &along);
    }
}

template <typename Stored>
static __global__ void
write_sorted (Layout layout, Lines lines, uint32_t first, GtenDivider length, GtenDivider wanted, uint32_t n, const Stored *from,
              const uint32_t *places, Stored *values, int64_t *indices)
{
  GTEN_CUDA_EACH (i, n)
    {
      int64_t offsets[3];
      uint32_t j, along;
      const uint32_t line = gten_divide (i, wanted, &j);

      gten_divide (places[line * length.divisor + j], length, &along);
      gten_locate (layout, first + line, offsets);
      write_result (lines, offsets, j, along, from, values, indices);
    }
}

static int
n_bits_below (int64_t n)
{
  int n_bits = 1;

  while (n_bits < 63 && (n - 1) >> n_bits != 0)
    n_bits++;
  return n_bits;
}

template <typename Stored, typename Key>
static void
launch_radix (GtenCudaQueue *queue, const Layout &layout, const Lines &lines, int64_t first, int64_t n_lines,
              const Stored *from, Stored *values, int64_t *indices)
{
  const int64_t n = lines.n * n_lines, n_written = lines.k * n_lines;
  const size_t n_bytes = (size_t) n * 2 * (sizeof (Key) + sizeof (uint32_t));
  const GtenDivider length = gten_divider (lines.n), wanted = gten_divider (lines.k);
  Key *scratch = (Key *) gten_cuda_scratch (queue, n_bytes), *keys = scratch, *other_keys = scratch + n;
  uint32_t *places = (uint32_t *) (scratch + 2 * n), *other_places = places + n;
  Key *const both_keys[2] = { keys, other_keys };
  uint32_t *const both_places[2] = { places, other_places };

  if (scratch == NULL)
    return;
  gten_cuda_launch (queue, gten_cuda_grid (queue, n), GTEN_CUDA_THREADS, make_keys<Stored, Key>, layout, lines, (uint32_t) first,
                    length, (uint32_t) n, from, keys, places);
  gten_cuda_sort_pairs (queue, n, 8 * (int) sizeof (Stored), &keys, &places, other_keys, other_places);
  if (n_lines > 1)
    {
      gten_cuda_launch (queue, gten_cuda_grid (queue, n), GTEN_CUDA_THREADS, make_line_keys<Key>, length, (uint32_t) n,
                        places, keys);
      gten_cuda_sort_pairs (queue, n, n_bits_below (n_lines), &keys, &places,
                            keys == both_keys[0] ? both_keys[1] : both_keys[0],
                            places == both_places[0] ? both_places[1] : both_places[0]);
    }
  gten_cuda_launch (queue, gten_cuda_grid (queue, n_written), GTEN_CUDA_THREADS, write_sorted<Stored>, layout, lines,
                    (uint32_t) first, length, wanted, (uint32_t) n_written, from, places, values, indices);
  gten_cuda_scratch_release (queue, scratch, n_bytes);
}

/* -- the entry -------------------------------------------------------------------------------------*/

/* Scratch memory is taken as it is needed. */
size_t
gten_cuda_sort_workspace (const GtenKArray *input, int dim)
{
  return 0;
}

template <typename Stored>
static void
sort_lines (GtenCudaQueue *queue, const Layout &layout, const Lines &lines, const Stored *from, Stored *values,
            int64_t *indices)
{
  typedef std::conditional_t<sizeof (Stored) == 8, uint64_t, uint32_t> Key;

  if (lines.n <= MAX_IN_BLOCK)
    launch_blocks (queue, layout, lines, from, values, indices);
  else if (lines.n > INT32_MAX)
    gten_cuda_fail (GTEN_K_UNSUPPORTED, "sorting takes up to 2^31 elements in a line");
  else
    for (int64_t first = 0, n; first < lines.n_lines; first += n)
      {
        n = lines.n < GTEN_CUDA_MOST ? GTEN_CUDA_MOST / lines.n : 1;
        n = n < lines.n_lines - first ? n : lines.n_lines - first;
        launch_radix<Stored, Key> (queue, layout, lines, first, n, from, values, indices);
      }
}

GtenKStatus
gten_cuda_sort (int device, const GtenKArray *input, int dim, bool descending, bool stable, int64_t k,
                const GtenKArray *values, const GtenKArray *indices, void *workspace)
{
  const int64_t *const strides[3] = { input->strides, gten_strides_of (values), gten_strides_of (indices) };
  const int64_t n = gten_line_size (input, dim);
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (n > 0 && k > 0)
    gten_cuda_each_part (input->n_dims, input->sizes, dim, strides,
                         [&] (const Layout &layout, int64_t n_lines, const int64_t *begins) {
      const Lines lines = { n, k, n_lines, gten_line_stride (input, dim), gten_line_stride (values, dim),
                            gten_line_stride (indices, dim), descending };
      int64_t *places = (int64_t *) gten_data_of (indices);

      GTEN_CUDA_SWITCH_DTYPE (input->dtype, {
        Stored *to = (Stored *) gten_data_of (values);

        sort_lines (queue, layout, lines, (const Stored *) input->data + begins[0], to == NULL ? NULL : to + begins[1],
                    places == NULL ? NULL : places + begins[2]);
      })
    });
  return gten_cuda_leave (queue, NULL);
}
