/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Random numbers, as PyTorch draws them on CUDA: from the same seed and offset come the same bits of Philox for the same
 * elements, and distributions are made of them in the same way.
 *
 * A thread draws four numbers at a time for the elements i, i + threads, .. of the grid. float64 needs two of them each, and
 * so do wide ranges of integers. */
#include <float.h>

#include "gten-cuda-lines.h"
#include "gten-cuda-philox.h"
#include "gten-cuda-radix.h"

typedef struct
{
  GtenKRandom kind;
  double      a, b;             /* the parameters */
  int64_t     from;
  uint64_t    range;
  bool        is_narrow;        /* 32 bits will do for any range */
} Distribution;

/* -- four numbers ----------------------------------------------------------------------------------*/

/* In (0, 1]. */
static __device__ __forceinline__ float
uniform (uint32_t x)
{
  return (float) x * 2.3283064e-10f + 2.3283064e-10f / 2;
}

static __device__ __forceinline__ double
uniform (uint32_t x, uint32_t y)
{
  return (double) (x ^ (uint64_t) y << 21) * 0x1p-53 + 0x1p-54;
}

/* Box and Muller, "A note on the generation of random normal deviates" (1958). */
static __device__ __forceinline__ void
normals (uint32_t x, uint32_t y, float *out)
{
  const float u = uniform (x), v = (float) y * 2.3283064e-10f * 6.2831855f + 2.3283064e-10f * 6.2831855f / 2;
  const float radius = sqrtf (-2 * logf (u));

#ifdef __CUDA_ARCH__
  __sincosf (v, &out[0], &out[1]);
#else
  sincosf (v, &out[0], &out[1]);
#endif
  out[0] *= radius;
  out[1] *= radius;
}

static __device__ __forceinline__ void
normals (uint4 x, double *out)
{
  const double u = uniform (x.x, x.y);
  const double v = (double) (x.z ^ (uint64_t) x.w << 21) * 0x1p-52 + 0x1p-53, radius = sqrt (-2 * log (u));

  sincospi (v, &out[0], &out[1]);
  out[0] *= radius;
  out[1] *= radius;
}

template <typename T>
static __device__ __forceinline__ void
draw_floating (GtenKRandom kind, uint4 x, T *out)
{
  if constexpr (std::is_same_v<T, double>)
    {
      if (kind == GTEN_K_RANDOM_NORMAL)
        normals (x, out);
      else
        {
          out[0] = uniform (x.x, x.y);
          out[1] = uniform (x.z, x.w);
        }
    }
  else if (kind == GTEN_K_RANDOM_NORMAL)
    {
      normals (x.x, x.y, out);
      normals (x.z, x.w, out + 2);
    }
  else
    {
      out[0] = uniform (x.x);
      out[1] = uniform (x.y);
      out[2] = uniform (x.z);
      out[3] = uniform (x.w);
    }
}

/* -- distributions ---------------------------------------------------------------------------------*/

/* `x` is uniform in (0, 1], or normal. The bounds of a uniform distribution have the dtype, and the upper one, which is not
 * in it, becomes the lower one. */
template <typename Stored, typename T>
static __device__ __forceinline__ Stored
distribute (const Distribution &self, T x)
{
  switch (self.kind)
    {
    case GTEN_K_RANDOM_UNIFORM:
      {
        const T from = gten_decode<T> (gten_encode<Stored> ((T) self.a));
        const T to = gten_decode<T> (gten_encode<Stored> ((T) self.b));
        const T range = gten_decode<T> (gten_encode<Stored> (to - from));
        const T value = gten_decode<T> (gten_encode<Stored> (x * range + from));

        return gten_encode<Stored> (value == to ? from : value);
      }
    case GTEN_K_RANDOM_NORMAL:
      return gten_encode<Stored> (x * (T) self.b + (T) self.a);
    case GTEN_K_RANDOM_BERNOULLI:
      return gten_encode<Stored> ((T) (x < (T) self.a));
    default:
      {
        const T epsilon = std::is_same_v<T, double> ? (T) DBL_EPSILON : (T) FLT_EPSILON;
        const T logarithm = x >= 1 - epsilon / 2 ? -epsilon / 2 : log (x);

        return gten_encode<Stored> (-1 / (T) self.a * logarithm);
      }
    }
}

#define N_AT_ONCE(T) (sizeof (T) == 8 ? 2 : 4)

/* Calls put (i, number) for all elements i that are this thread's, in the order in which they are drawn. */
template <typename T, typename Draw, typename Put>
static __device__ __forceinline__ void
each_number (GtenPhilox philox, int64_t n, Draw draw, Put put)
{
  const int64_t thread = (int64_t) blockIdx.x * blockDim.x + threadIdx.x, step = (int64_t) gridDim.x * blockDim.x;
  uint64_t drawn = 0;

  for (int64_t begin = thread; begin < n; begin += step * N_AT_ONCE (T), drawn++)
    {
      T numbers[N_AT_ONCE (T)];

      draw (gten_philox_draw (philox, (uint64_t) thread, drawn), numbers);
      for (int j = 0; j < (int) N_AT_ONCE (T); j++)
        if (begin + j * step < n)
          put (begin + j * step, numbers[j]);
    }
}

template <typename Stored, typename T>
static __global__ void
fill_floating (GtenLayout<1> layout, int64_t n, GtenPhilox philox, Distribution distribution, Stored *out)
{
  each_number<T> (
    philox, n, [&] (uint4 x, T *numbers) { draw_floating (distribution.kind, x, numbers); },
    [&] (int64_t i, T x) {
      int64_t offsets[1];

      gten_locate (layout, (uint32_t) i, offsets);
      out[offsets[0]] = distribute<Stored> (distribution, x);
    });
}

static __device__ __forceinline__ void
draw_integers (uint4 x, uint32_t *out)
{
  out[0] = x.x;
  out[1] = x.y;
  out[2] = x.z;
  out[3] = x.w;
}

static __device__ __forceinline__ void
draw_integers (uint4 x, uint64_t *out)
{
  out[0] = (uint64_t) x.x << 32 | x.y;
  out[1] = (uint64_t) x.z << 32 | x.w;
}

/* Number is uint32_t or, for ranges that would favour small numbers, uint64_t. */
template <typename Stored, typename Number>
static __global__ void
fill_integers (GtenLayout<1> layout, int64_t n, GtenPhilox philox, Distribution distribution, Stored *out)
{
  each_number<Number> (
    philox, n, [] (uint4 x, Number *numbers) { draw_integers (x, numbers); },
    [&] (int64_t i, Number x) {
      int64_t offsets[1];

      gten_locate (layout, (uint32_t) i, offsets);
      out[offsets[0]] = gten_encode<Stored> ((int64_t) (x % distribution.range + (uint64_t) distribution.from));
    });
}

/* -- what is launched ------------------------------------------------------------------------------*/

template <typename Stored>
static void
launch (GtenCudaQueue *queue, GtenKGenerator *generator, const GtenLayout<1> &layout, int64_t n,
        const Distribution &distribution, Stored *out)
{
  typedef std::conditional_t<std::is_same_v<Stored, double>, double, float> T;
  const bool is_integer = distribution.kind == GTEN_K_RANDOM_INTEGER;
  const bool is_wide = is_integer ? distribution.range >= 1 << 28 && !distribution.is_narrow : sizeof (T) == 8;
  const GtenPhiloxGrid grid = gten_philox_grid (queue, n, is_wide ? 2 : 4);
  void (*kernel) (GtenLayout<1>, int64_t, GtenPhilox, Distribution, Stored *)
      = !is_integer ? fill_floating<Stored, T> : is_wide ? fill_integers<Stored, uint64_t> : fill_integers<Stored, uint32_t>;

  gten_cuda_launch (queue, grid.n_blocks, 256, kernel, layout, n, gten_philox_take (generator, grid.n_drawn), distribution,
                    out);
}

/* Elements are numbered as they lie in memory. */
static void
by_stride (const GtenKArray *array, int64_t *sizes, int64_t *strides)
{
  for (int d = 0; d < array->n_dims; d++)
    {
      int to = d;

      for (; to > 0 && strides[to - 1] < array->strides[d]; to--)
        {
          sizes[to] = sizes[to - 1];
          strides[to] = strides[to - 1];
        }
      sizes[to] = array->sizes[d];
      strides[to] = array->strides[d];
    }
}

GtenKStatus
gten_cuda_random (int device, GtenKGenerator *generator, GtenKRandom kind, const GtenKScalar *params,
                  const GtenKArray *out)
{
  int64_t sizes[GTEN_K_MAX_DIMS], strides[GTEN_K_MAX_DIMS];
  const int64_t *const all_strides[1] = { strides };
  Distribution distribution = { kind, 0, 0, 0, 0, false };
  GtenCudaQueue *queue;

  GTEN_CUDA_SWITCH_DTYPE (out->dtype, {
    if (std::is_integral_v<T> && kind != GTEN_K_RANDOM_INTEGER && kind != GTEN_K_RANDOM_BERNOULLI)
      return GTEN_K_UNSUPPORTED;
  })
  if (kind == GTEN_K_RANDOM_POISSON)
    return GTEN_K_UNSUPPORTED;
  if (kind != GTEN_K_RANDOM_INTEGER)
    {
      distribution.a = params[0].f;
      distribution.b = kind == GTEN_K_RANDOM_UNIFORM || kind == GTEN_K_RANDOM_NORMAL ? params[1].f : 0;
    }
  else if (params[0].i >= params[1].i)
    return GTEN_K_BAD_VALUE;
  else
    {
      distribution.from = params[0].i;
      distribution.range = (uint64_t) params[1].i - (uint64_t) params[0].i;
      distribution.is_narrow = params[2].i != 0;
    }
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  by_stride (out, sizes, strides);
  gten_cuda_each_part (out->n_dims, sizes, -1, all_strides,
                       [&] (const GtenLayout<1> &layout, int64_t n, const int64_t *begins) {
    GTEN_CUDA_SWITCH_DTYPE (out->dtype, {
      launch (queue, generator, layout, n, distribution, (Stored *) out->data + begins[0]);
    })
  });
  return gten_cuda_leave (queue, NULL);
}

/* -- permutations ----------------------------------------------------------------------------------
 * Numbers are sorted by random keys. Keys have so many bits that most likely no two are equal; where some are, their numbers
 * are shuffled. As PyTorch does, bit for bit. */

template <typename Key>
static __global__ void
make_keys (int64_t n, GtenPhilox philox, uint64_t range, Key sign, Key *keys, uint32_t *numbers)
{
  each_number<uint64_t> (
    philox, n, [] (uint4 x, uint64_t *drawn) { draw_integers (x, drawn); },
    [&] (int64_t i, uint64_t x) {
      /* From the least signed number on, and signed numbers sort by their bits without the sign's. */
      keys[i] = (Key) (x % range + sign) ^ sign;
      numbers[i] = (uint32_t) i;
    });
}

template <typename Key>
static __global__ void
shuffle_equals (int64_t n, GtenPhilox philox, Key mask, const Key *keys, uint32_t *numbers)
{
  const int64_t i = (int64_t) blockIdx.x * blockDim.x + threadIdx.x;
  int64_t length = 1;

  if (i >= n - 1 || (keys[i] & mask) != (keys[i + 1] & mask) || (i > 0 && (keys[i] & mask) == (keys[i - 1] & mask)))
    return;
  while (i + length < n && (keys[i + length] & mask) == (keys[i] & mask))
    length++;
  for (int64_t j = length - 1, drawn = 0; j > 0; j--, drawn++)
    {
      uint32_t four[4], kept = numbers[i + j];

      draw_integers (gten_philox_draw (philox, (uint64_t) i, (uint64_t) drawn / 4), four);

      const int64_t other = four[drawn % 4] % (uint32_t) (j + 1);

      numbers[i + j] = numbers[i + other];
      numbers[i + other] = kept;
    }
}

template <typename Stored>
static __global__ void
write_numbers (uint32_t n, const uint32_t *numbers, Stored *out, int64_t stride)
{
  GTEN_CUDA_EACH (i, n)
    out[i * stride] = gten_encode<Stored> ((int64_t) numbers[i]);
}

template <typename Key>
static void
permute (GtenCudaQueue *queue, GtenKGenerator *generator, int64_t n, int n_bits, const GtenKArray *out)
{
  const size_t n_bytes = (size_t) n * 2 * (sizeof (Key) + sizeof (uint32_t));
  const GtenPhiloxGrid grid = gten_philox_grid (queue, n, 2);
  const Key sign = (Key) 1 << (8 * sizeof (Key) - 1), mask = n_bits == 64 ? (Key) -1 : (Key) (((uint64_t) 1 << n_bits) - 1);
  Key *scratch = (Key *) gten_cuda_scratch (queue, n_bytes), *keys = scratch;
  uint32_t *numbers = (uint32_t *) (scratch + 2 * n);

  if (scratch == NULL)
    return;
  gten_cuda_launch (queue, grid.n_blocks, 256, make_keys<Key>, n, gten_philox_take (generator, grid.n_drawn),
                    (uint64_t) (Key) -1, sign, keys, numbers);
  gten_cuda_sort_pairs (queue, n, n_bits, &keys, &numbers, scratch + n, numbers + n);
  gten_cuda_launch (queue, gten_cuda_blocks (n, 512), 512, shuffle_equals<Key>, n,
                    gten_philox_take (generator, (uint64_t) (n + 3) / 4 * 4), mask, (const Key *) keys, numbers);
  GTEN_CUDA_SWITCH_DTYPE (out->dtype, {
    gten_cuda_launch (queue, gten_cuda_grid (queue, n), GTEN_CUDA_THREADS, write_numbers<Stored>, (uint32_t) n,
                      (const uint32_t *) numbers, (Stored *) out->data, gten_line_stride (out, 0));
  })
  gten_cuda_scratch_release (queue, scratch, n_bytes);
}

GtenKStatus
gten_cuda_randperm (int device, GtenKGenerator *generator, int64_t n, const GtenKArray *out)
{
  const double size = (double) n, wanted = log2 (size - (6 * size * size + 1) / (log (0.9) * 12));
  const int n_bits = wanted < 64 ? (int) ceil (wanted) : 64;
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  if (n > INT32_MAX)
    gten_cuda_fail (GTEN_K_UNSUPPORTED, "a permutation has up to 2^31 elements");
  else if (n > 0 && n_bits <= 32)
    permute<uint32_t> (queue, generator, n, n_bits, out);
  else if (n > 0)
    permute<uint64_t> (queue, generator, n, n_bits, out);
  return gten_cuda_leave (queue, NULL);
}
