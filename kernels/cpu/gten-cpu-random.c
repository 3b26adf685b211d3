/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Random numbers: PyTorch's CPU streams, bit for bit.
 *
 * The generator is the Mersenne Twister of Matsumoto and Nishimura (1998). Each distribution draws
 * as PyTorch's portable kernels do (its Bernoulli takes another stream, MKL's, on Intel
 * processors). Elements are drawn in the order of memory: dimensions by falling stride. float32
 * normals in bulk use the single-precision functions of Moshier's Cephes library, as PyTorch does,
 * for the last bit depends on them. */
#include <math.h>

#include "gten-cpu-elements.h"

#define N            624
#define M            397
#define TWO_PI       6.283185307179586476925286766559
#define NORMAL_GROUP 16 /* bulk normals come in groups: 8 pairs of Box and Muller */

/* -- the generator -------------------------------------------------------------------------------*/

void
gten_k_generator_seed (GtenKGenerator *generator, uint64_t seed)
{
  *generator = (GtenKGenerator){ .seed = seed, .left = 1 };
  generator->state[0] = (uint32_t) seed;
  for (uint32_t j = 1; j < N; j++)
    generator->state[j]
        = 1812433253u * (generator->state[j - 1] ^ generator->state[j - 1] >> 30) + j;
}

static inline uint32_t
twist (uint32_t u, uint32_t v)
{
  return ((u & 0x80000000u) | (v & 0x7fffffffu)) >> 1 ^ (-(v & 1) & 0x9908b0dfu);
}

static void
next_state (GtenKGenerator *generator)
{
  uint32_t *s = generator->state;

  for (int j = 0; j < N - M; j++)
    s[j] = s[j + M] ^ twist (s[j], s[j + 1]);
  for (int j = N - M; j < N - 1; j++)
    s[j] = s[j + M - N] ^ twist (s[j], s[j + 1]);
  s[N - 1] = s[M - 1] ^ twist (s[N - 1], s[0]);
  generator->left = N;
  generator->next = 0;
}

static inline uint32_t
random_32 (GtenKGenerator *generator)
{
  uint32_t y;

  if (--generator->left == 0)
    next_state (generator);
  y = generator->state[generator->next++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9d2c5680u;
  y ^= y << 15 & 0xefc60000u;
  return y ^ y >> 18;
}

static inline uint64_t
random_64 (GtenKGenerator *generator)
{
  uint64_t high = random_32 (generator);

  return high << 32 | random_32 (generator);
}

/* In [0, 1). */
static inline float
uniform_f32 (GtenKGenerator *generator)
{
  return (float) (random_32 (generator) & 0xffffff) * 0x1p-24f;
}

static inline double
uniform_f64 (GtenKGenerator *generator)
{
  return (double) (random_64 (generator) & 0x1fffffffffffff) * 0x1p-53;
}

/* By Box and Muller (1958), who give two at a time. */
static double
normal_f64 (GtenKGenerator *generator)
{
  if (generator->has_next_normal)
    {
      generator->has_next_normal = false;
      return generator->next_normal;
    }

  double theta = TWO_PI * uniform_f64 (generator);
  double radius = sqrt (-2 * log1p (-uniform_f64 (generator)));

  generator->next_normal = radius * sin (theta);
  generator->has_next_normal = true;
  return radius * cos (theta);
}

/* -- blocks --------------------------------------------------------------------------------------
 * n values of one distribution in the compute type that `dtype` is stored from. */

static float
rounded (GtenKDtype dtype, float x)
{
  uint16_t bits;

  if (dtype == GTEN_K_FLOAT16)
    {
      gten_set_FLOAT16 (&bits, x);
      return gten_get_FLOAT16 (&bits);
    }
  if (dtype == GTEN_K_BFLOAT16)
    {
      gten_set_BFLOAT16 (&bits, x);
      return gten_get_BFLOAT16 (&bits);
    }
  return x;
}

/* What rounds up to the end of the interval becomes its beginning. */
static GtenKCompute
uniform_block (GtenKGenerator *generator, GtenKDtype dtype, const GtenKScalar *params, int64_t n,
               GtenBlockBuffer *block)
{
  if (dtype == GTEN_K_FLOAT64)
    {
      double from = params[0].f, to = params[1].f;

      for (int64_t i = 0; i < n; i++)
        {
          double x = fma (uniform_f64 (generator), to - from, from);

          block->FLOAT64[i] = x == to ? from : x;
        }
      return GTEN_K_COMPUTE_FLOAT64;
    }

  float from = (float) params[0].f, to = (float) params[1].f, to_rounded = rounded (dtype, to);

  for (int64_t i = 0; i < n; i++)
    {
      float x = rounded (dtype, fmaf (uniform_f32 (generator), to - from, from));

      block->FLOAT32[i] = x == to_rounded ? from : x;
    }
  return GTEN_K_COMPUTE_FLOAT32;
}

static GtenKCompute
normal_block (GtenKGenerator *generator, GtenKDtype dtype, const GtenKScalar *params, int64_t n,
              GtenBlockBuffer *block)
{
  for (int64_t i = 0; i < n; i++)
    block->FLOAT64[i] = fma (normal_f64 (generator), params[1].f, params[0].f);
  return GTEN_K_COMPUTE_FLOAT64;
}

/* The remainder of 64 bits where that of 32 would favour small numbers by more than a few per
 * cent. */
static GtenKCompute
integer_block (GtenKGenerator *generator, GtenKDtype dtype, const GtenKScalar *params, int64_t n,
               GtenBlockBuffer *block)
{
  uint64_t range = (uint64_t) params[1].i - (uint64_t) params[0].i;
  bool long_range = range >= (uint64_t) 1 << 28 && params[2].i == 0;

  for (int64_t i = 0; i < n; i++)
    {
      uint64_t x
          = long_range ? random_64 (generator) % range : random_32 (generator) % (uint32_t) range;

      block->INT64[i] = (int64_t) (x + (uint64_t) params[0].i);
    }
  return GTEN_K_COMPUTE_INT64;
}

static GtenKCompute
bernoulli_block (GtenKGenerator *generator, GtenKDtype dtype, const GtenKScalar *params, int64_t n,
                 GtenBlockBuffer *block)
{
  for (int64_t i = 0; i < n; i++)
    block->INT64[i] = uniform_f64 (generator) < params[0].f;
  return GTEN_K_COMPUTE_INT64;
}

static GtenKCompute
exponential_block (GtenKGenerator *generator, GtenKDtype dtype, const GtenKScalar *params,
                   int64_t n, GtenBlockBuffer *block)
{
  for (int64_t i = 0; i < n; i++)
    block->FLOAT64[i] = -1 / params[0].f * log1p (-uniform_f64 (generator));
  return GTEN_K_COMPUTE_FLOAT64;
}

/* By counting the factors that make a product small, and for great rates by transformed rejection (Hoermann, 1993). */
static double
poisson_f64 (GtenKGenerator *generator, double rate)
{
  if (!(rate >= 10))
    {
      const double least = exp (-rate);
      double product = 1, count = 0;

      if (!(rate > 0))
        return rate == 0 ? 0 : NAN;
      while ((product *= uniform_f64 (generator)) > least)
        count++;
      return count;
    }
  const double root = sqrt (rate), logarithm = log (rate), b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_least = 0.9277 - 3.6224 / (b - 2);

  if (isinf (rate))
    return rate;
  for (;;)
    {
      const double u = uniform_f64 (generator) - 0.5, v = uniform_f64 (generator), us = 0.5 - fabs (u);
      const double k = floor ((2 * a / us + b) * u + rate + 0.43);

      if (us >= 0.07 && v <= v_least)
        return k;
      if (k < 0 || (us < 0.013 && v > us))
        continue;
      if (log (v) + log (inverse_alpha) - log (a / (us * us) + b) <= -rate + k * logarithm - lgamma (k + 1))
        return k;
    }
}

static GtenKCompute
poisson_block (GtenKGenerator *generator, GtenKDtype dtype, const GtenKScalar *params, int64_t n, GtenBlockBuffer *block)
{
  for (int64_t i = 0; i < n; i++)
    block->FLOAT64[i] = poisson_f64 (generator, block->FLOAT64[i]);
  return GTEN_K_COMPUTE_FLOAT64;
}

typedef GtenKCompute (*Distribution) (GtenKGenerator *generator, GtenKDtype dtype,
                                      const GtenKScalar *params, int64_t n, GtenBlockBuffer *block);

static const Distribution distributions[] = {
  [GTEN_K_RANDOM_UNIFORM] = uniform_block,         [GTEN_K_RANDOM_NORMAL] = normal_block,
  [GTEN_K_RANDOM_INTEGER] = integer_block,         [GTEN_K_RANDOM_BERNOULLI] = bernoulli_block,
  [GTEN_K_RANDOM_EXPONENTIAL] = exponential_block, [GTEN_K_RANDOM_POISSON] = poisson_block,
};

/* -- normals in bulk -----------------------------------------------------------------------------*/

static inline __attribute__ ((always_inline)) float
bits_to_float (uint32_t bits)
{
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

static inline __attribute__ ((always_inline)) uint32_t
float_to_bits (float x)
{
  uint32_t bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

/* Of a positive number: logf of Cephes. */
static inline __attribute__ ((always_inline)) float
cephes_log (float x)
{
  uint32_t bits = float_to_bits (x < 0x1p-126f ? 0x1p-126f : x);
  float mantissa = bits_to_float ((bits & ~0x7f800000u) | 0x3f000000u);
  float exponent = (float) ((int32_t) (bits >> 23) - 0x7f) + 1;
  bool low = mantissa < 0.707106781186547524f;
  float y = 7.0376836292e-2f, z;

  x = (mantissa - 1) + (low ? mantissa : 0);
  exponent -= low ? 1 : 0;
  z = x * x;
  y = fmaf (y, x, -1.1514610310e-1f);
  y = fmaf (y, x, 1.1676998740e-1f);
  y = fmaf (y, x, -1.2420140846e-1f);
  y = fmaf (y, x, 1.4249322787e-1f);
  y = fmaf (y, x, -1.6668057665e-1f);
  y = fmaf (y, x, 2.0000714765e-1f);
  y = fmaf (y, x, -2.4999993993e-1f);
  y = fmaf (y, x, 3.3333331174e-1f);
  y = y * x;
  y = fmaf (y, z, exponent * -2.12194440e-4f);
  y = fmaf (-z, 0.5f, y);
  return fmaf (exponent, 0.693359375f, x + y);
}

/* Of a positive number: sinf and cosf of Cephes. */
static inline __attribute__ ((always_inline)) void
cephes_sincos (float x, float *sine, float *cosine)
{
  int32_t octant = ((int32_t) (x * 1.27323954473516f) + 1) & ~1;
  float y = (float) octant, z, c = 2.443315711809948e-5f, s = -1.9515295891e-4f;
  bool swapped = octant & 2;

  x = fmaf (y, -0.78515625f, x);
  x = fmaf (y, -2.4187564849853515625e-4f, x);
  x = fmaf (y, -3.77489497744594108e-8f, x);
  z = x * x;
  c = fmaf (c, z, -1.388731625493765e-3f);
  c = fmaf (c, z, 4.166664568298827e-2f);
  c = c * z;
  c = fmaf (c, z, -(z * 0.5f)) + 1;
  s = fmaf (s, z, 8.3321608736e-3f);
  s = fmaf (s, z, -1.6666654611e-1f);
  s = s * z;
  s = fmaf (s, x, x);
  *sine = bits_to_float (float_to_bits (swapped ? c : s) ^ (uint32_t) (octant & 4) << 29);
  *cosine = bits_to_float (float_to_bits (swapped ? s : c) ^ (uint32_t) (~(octant - 2) & 4) << 29);
}

static inline __attribute__ ((always_inline)) void
normal_group_f32_body (float *x, float mean, float std)
{
  for (int j = 0; j < NORMAL_GROUP / 2; j++)
    {
      float radius = sqrtf (-2 * cephes_log (1 - x[j])), sine, cosine;

      cephes_sincos ((float) TWO_PI * x[j + NORMAL_GROUP / 2], &sine, &cosine);
      x[j] = fmaf (radius * cosine, std, mean);
      x[j + NORMAL_GROUP / 2] = fmaf (radius * sine, std, mean);
    }
}

static void
normal_group_f32 (float *x, float mean, float std)
{
  normal_group_f32_body (x, mean, std);
}

#ifdef __x86_64__
/* The same with the processor's own multiply-add: the C library's would be a call each. */
static __attribute__ ((target ("avx2,fma"))) void
normal_group_f32_fma (float *x, float mean, float std)
{
  normal_group_f32_body (x, mean, std);
}
#endif

static void
normal_group_f64 (double *x, double mean, double std)
{
  for (int j = 0; j < NORMAL_GROUP / 2; j++)
    {
      double radius = sqrt (-2 * log (1 - x[j])), theta = TWO_PI * x[j + NORMAL_GROUP / 2];

      x[j] = fma (radius * cos (theta), std, mean);
      x[j + NORMAL_GROUP / 2] = fma (radius * sin (theta), std, mean);
    }
}

/* A last group that is not full is drawn anew, over the end of the one before. `out` is contiguous.
 * float32 and float64 draw all uniforms before that, and half types as well: the stream is the
 * same. */
static void
normal_bulk (GtenKGenerator *generator, const GtenKScalar *params, const GtenKArray *out, int64_t n)
{
  GtenKCompute compute = gten_dtype_computes[out->dtype];
  GtenConvert store = gten_instruction_set->stores[out->dtype][compute];
  int64_t size = (int64_t) gten_element_size (out->dtype);
  void (*group_f32) (float *x, float mean, float std) = normal_group_f32;

#ifdef __x86_64__
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    group_f32 = normal_group_f32_fma;
#endif
  for (int64_t left = n, begin = 0; left > 0; left -= NORMAL_GROUP, begin += NORMAL_GROUP)
    {
      GtenBlockBuffer block;

      /* What is left of the first pass is drawn too, and lost. */
      if (left < NORMAL_GROUP)
        {
          for (int64_t i = 0; i < left; i++)
            if (out->dtype == GTEN_K_FLOAT64)
              random_64 (generator);
            else if (out->dtype == GTEN_K_FLOAT32)
              random_32 (generator);
          begin = n - NORMAL_GROUP;
        }
      for (int i = 0; i < NORMAL_GROUP; i++)
        if (compute == GTEN_K_COMPUTE_FLOAT64)
          block.FLOAT64[i] = uniform_f64 (generator);
        else
          block.FLOAT32[i] = uniform_f32 (generator);
      if (compute == GTEN_K_COMPUTE_FLOAT64)
        normal_group_f64 (block.FLOAT64, params[0].f, params[1].f);
      else
        group_f32 (block.FLOAT32, (float) params[0].f, (float) params[1].f);
      store (NORMAL_GROUP, (char *) out->data + begin * size, &block, 1);
    }
}

/* -- arrays --------------------------------------------------------------------------------------*/

/* The same elements with the dimensions by falling stride, and merged where they lie like one. */
static void
in_memory_order (const GtenKArray *array, GtenKArray *ordered, int64_t *sizes, int64_t *strides)
{
  int n = 0, merged = 0;

  for (int d = 0; d < array->n_dims; d++)
    if (array->sizes[d] != 1)
      {
        int to = n++;

        for (; to > 0 && strides[to - 1] < array->strides[d]; to--)
          {
            sizes[to] = sizes[to - 1];
            strides[to] = strides[to - 1];
          }
        sizes[to] = array->sizes[d];
        strides[to] = array->strides[d];
      }
  for (int d = 0; d < n; d++)
    {
      bool joins = merged > 0 && strides[merged - 1] == strides[d] * sizes[d];

      merged += !joins;
      sizes[merged - 1] = joins ? sizes[merged - 1] * sizes[d] : sizes[d];
      strides[merged - 1] = strides[d];
    }
  *ordered = (GtenKArray){ array->data, array->dtype, merged, sizes, strides };
}

static bool
is_contiguous (const GtenKArray *array)
{
  int64_t expected = 1;

  for (int d = array->n_dims - 1; d >= 0; d--)
    {
      if (array->sizes[d] != 1 && array->strides[d] != expected)
        return false;
      expected *= array->sizes[d];
    }
  return true;
}

GtenKStatus
gten_cpu_random (int device, GtenKGenerator *generator, GtenKRandom kind, const GtenKScalar *params,
                 const GtenKArray *out)
{
  int64_t sizes[GTEN_K_MAX_DIMS], strides[GTEN_K_MAX_DIMS], n = gten_count (out);
  int64_t size = (int64_t) gten_element_size (out->dtype);
  bool floating = gten_dtype_computes[out->dtype] != GTEN_K_COMPUTE_INT64;
  GtenKArray ordered;
  GtenWalk rows;

  if (!floating && kind != GTEN_K_RANDOM_INTEGER && kind != GTEN_K_RANDOM_BERNOULLI)
    return GTEN_K_UNSUPPORTED;
  if (kind == GTEN_K_RANDOM_INTEGER && params[0].i >= params[1].i)
    return GTEN_K_BAD_VALUE;
  if (n == 0)
    return GTEN_K_OK;
  if (kind == GTEN_K_RANDOM_NORMAL && n >= NORMAL_GROUP && is_contiguous (out))
    {
      normal_bulk (generator, params, out, n);
      return GTEN_K_OK;
    }

  in_memory_order (out, &ordered, sizes, strides);

  int inner = ordered.n_dims - 1;
  int64_t n_row = gten_line_size (&ordered, inner), stride = gten_line_stride (&ordered, inner);

  gten_walk_init (&rows, ordered.n_dims, sizes, inner);
  gten_walk_add (&rows, &ordered);
  gten_walk_seek (&rows, 0);
  for (int64_t r = 0; r < rows.n_positions; r++, gten_walk_next (&rows))
    for (int64_t i = 0; i < n_row; i += GTEN_K_BLOCK)
      {
        int64_t n_here = GTEN_MIN (n_row - i, GTEN_K_BLOCK);
        GtenBlockBuffer block;
        GtenKCompute compute;

        if (kind == GTEN_K_RANDOM_POISSON)
          gten_instruction_set->loads[out->dtype][GTEN_K_COMPUTE_FLOAT64](n_here, &block, rows.at[0] + i * stride * size, stride);
        compute = distributions[kind](generator, out->dtype, params, n_here, &block);

        gten_instruction_set->stores[out->dtype][compute](n_here, rows.at[0] + i * stride * size,
                                                          &block, stride);
      }
  return GTEN_K_OK;
}

/* -- permutations --------------------------------------------------------------------------------*/

/* Shuffles by Fisher and Yates: forward with 32 random bits, or, where their remainders would
 * favour small numbers, from the inside out with 64. */
#define DEFINE_SHUFFLE(STORED)                                                                     \
  static void shuffle_##STORED (GtenKGenerator *generator, int64_t n, STORED *x, int64_t stride)   \
  {                                                                                                \
    bool small = n < UINT32_MAX / 20;                                                              \
                                                                                                   \
    for (int64_t i = 0; i < (small ? n - 1 : n); i++)                                              \
      {                                                                                            \
        int64_t other = small ? i + (int64_t) (random_32 (generator) % (uint64_t) (n - i))         \
                              : (int64_t) (random_64 (generator) % (uint64_t) (i + 1));            \
        STORED saved = x[i * stride];                                                              \
                                                                                                   \
        x[i * stride] = x[other * stride];                                                         \
        x[other * stride] = saved;                                                                 \
      }                                                                                            \
  }
DEFINE_SHUFFLE (uint8_t)
DEFINE_SHUFFLE (uint16_t)
DEFINE_SHUFFLE (uint32_t)
DEFINE_SHUFFLE (uint64_t)

GtenKStatus
gten_cpu_randperm (int device, GtenKGenerator *generator, int64_t n, const GtenKArray *out)
{
  GtenKScalar zero = { .i = 0 }, one = { .i = 1 };
  int64_t stride = gten_line_stride (out, 0);

  if (gten_dtype_computes[out->dtype] != GTEN_K_COMPUTE_INT64)
    {
      zero.f = 0;
      one.f = 1;
    }
  gten_cpu_range (device, zero, one, NULL, out);
#define SHUFFLE(STORED) shuffle_##STORED (generator, n, out->data, stride)
  GTEN_SWITCH_SIZE (gten_element_size (out->dtype), SHUFFLE)
  return GTEN_K_OK;
}
