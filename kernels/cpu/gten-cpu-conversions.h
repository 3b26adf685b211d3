/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loads and stores: between each stored dtype and each compute type, as PyTorch converts.
 *
 * Float to integer truncates, and what does not fit becomes the processor's "integer indefinite"
 * (so does NaN), of which the narrow types keep the low bits. Integers wrap. float16 and bfloat16
 * round to nearest even; a NaN stays one. Included once by the file built per instruction set. */
#pragma once

#include <string.h>

#ifdef __F16C__
#include <immintrin.h>
#endif

static inline uint32_t
gten_bits_of_float (float x)
{
  uint32_t bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

static inline float
gten_float_of_bits (uint32_t bits)
{
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

/* The halves' conversions after Fabian Giesen, "Half to float done quick" (2012). */
static inline float
gten_float_of_half (uint16_t half)
{
  uint32_t shifted = (uint32_t) (half & 0x7fff) << 13;
  uint32_t exponent = shifted & 0x0f800000u;
  uint32_t normal = shifted + (112u << 23);
  uint32_t special = normal + (112u << 23);
  float subnormal = gten_float_of_bits (normal + (1u << 23)) - gten_float_of_bits (113u << 23);
  uint32_t bits = exponent == 0x0f800000u ? special
                  : exponent == 0         ? gten_bits_of_float (subnormal)
                                          : normal;

  return gten_float_of_bits (bits | (uint32_t) (half & 0x8000) << 16);
}

static inline uint16_t
gten_half_of_float (float x)
{
  const uint32_t magic = 126u << 23;
  uint32_t bits = gten_bits_of_float (x);
  uint32_t sign = bits & 0x80000000u;
  uint32_t rest = bits ^ sign;
  uint32_t special = rest > 0x7f800000u ? 0x7e00 : 0x7c00;
  uint32_t subnormal
    = gten_bits_of_float (gten_float_of_bits (rest) + gten_float_of_bits (magic)) - magic;
  uint32_t normal = (rest - (112u << 23) + 0xfff + (rest >> 13 & 1)) >> 13;
  uint32_t half = rest >= 143u << 23 ? special : rest < 113u << 23 ? subnormal : normal;

  return (uint16_t) (half | sign >> 16);
}

static inline float
gten_float_of_bfloat (uint16_t bfloat)
{
  return gten_float_of_bits ((uint32_t) bfloat << 16);
}

static inline uint16_t
gten_bfloat_of_float (float x)
{
  uint32_t bits = gten_bits_of_float (x);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;

  return (uint16_t) (x != x ? 0x7fc0 : rounded);
}

/* -- one element: the stored C type, and both ways -----------------------------------------------*/

#define GTEN_STORED_UINT8    uint8_t
#define GTEN_STORED_INT8     int8_t
#define GTEN_STORED_INT16    int16_t
#define GTEN_STORED_INT32    int32_t
#define GTEN_STORED_INT64    int64_t
#define GTEN_STORED_FLOAT16  uint16_t
#define GTEN_STORED_BFLOAT16 uint16_t
#define GTEN_STORED_FLOAT32  float
#define GTEN_STORED_FLOAT64  double
#define GTEN_STORED_BOOL     uint8_t

#define GTEN_DECODE_UINT8(x)    (x)
#define GTEN_DECODE_INT8(x)     (x)
#define GTEN_DECODE_INT16(x)    (x)
#define GTEN_DECODE_INT32(x)    (x)
#define GTEN_DECODE_INT64(x)    (x)
#define GTEN_DECODE_FLOAT16(x)  gten_float_of_half (x)
#define GTEN_DECODE_BFLOAT16(x) gten_float_of_bfloat (x)
#define GTEN_DECODE_FLOAT32(x)  (x)
#define GTEN_DECODE_FLOAT64(x)  (x)
#define GTEN_DECODE_BOOL(x)     ((x) != 0)

#define GTEN_ENCODE_UINT8(x)    ((uint8_t) (int32_t) (x))
#define GTEN_ENCODE_INT8(x)     ((int8_t) (int32_t) (x))
#define GTEN_ENCODE_INT16(x)    ((int16_t) (int32_t) (x))
#define GTEN_ENCODE_INT32(x)    ((int32_t) (x))
#define GTEN_ENCODE_INT64(x)    ((int64_t) (x))
#define GTEN_ENCODE_FLOAT16(x)  gten_half_of_float ((float) (x))
#define GTEN_ENCODE_BFLOAT16(x) gten_bfloat_of_float ((float) (x))
#define GTEN_ENCODE_FLOAT32(x)  ((float) (x))
#define GTEN_ENCODE_FLOAT64(x)  ((double) (x))
#define GTEN_ENCODE_BOOL(x)     ((x) != 0)

/* -- n elements ----------------------------------------------------------------------------------*/

#define GTEN_CONVERSIONS_OF(COMPUTE)                                                               \
  GTEN_CONVERSION (UINT8, COMPUTE)                                                                 \
  GTEN_CONVERSION (INT8, COMPUTE)                                                                  \
  GTEN_CONVERSION (INT16, COMPUTE)                                                                 \
  GTEN_CONVERSION (INT32, COMPUTE)                                                                 \
  GTEN_CONVERSION (INT64, COMPUTE)                                                                 \
  GTEN_CONVERSION (FLOAT16, COMPUTE)                                                               \
  GTEN_CONVERSION (BFLOAT16, COMPUTE)                                                              \
  GTEN_CONVERSION (FLOAT32, COMPUTE)                                                               \
  GTEN_CONVERSION (FLOAT64, COMPUTE)                                                               \
  GTEN_CONVERSION (BOOL, COMPUTE)
#define GTEN_CONVERSIONS                                                                           \
  GTEN_CONVERSIONS_OF (FLOAT32) GTEN_CONVERSIONS_OF (FLOAT64) GTEN_CONVERSIONS_OF (INT64)

#define GTEN_COMPUTED_FLOAT32 float
#define GTEN_COMPUTED_FLOAT64 double
#define GTEN_COMPUTED_INT64   int64_t

/* The processor's own half conversions. Give how many of the n elements they did; a loop does the
 * rest. */
static inline size_t
gten_load_halves (size_t n, float *to, const uint16_t *from)
{
  size_t done = 0;

#if defined __AVX512F__
  for (; done + 16 <= n; done += 16)
    _mm512_storeu_ps (to + done,
                      _mm512_cvtph_ps (_mm256_loadu_si256 ((const void *) (from + done))));
#endif
#ifdef __F16C__
  for (; done + 8 <= n; done += 8)
    _mm256_storeu_ps (to + done, _mm256_cvtph_ps (_mm_loadu_si128 ((const void *) (from + done))));
#endif
  return done;
}

static inline size_t
gten_store_halves (size_t n, uint16_t *to, const float *from)
{
  size_t done = 0;

#if defined __AVX512F__
  for (; done + 16 <= n; done += 16)
    _mm256_storeu_si256 ((void *) (to + done),
                         _mm512_cvtps_ph (_mm512_loadu_ps (from + done), _MM_FROUND_TO_NEAREST_INT));
#endif
#ifdef __F16C__
  for (; done + 8 <= n; done += 8)
    _mm_storeu_si128 ((void *) (to + done),
                      _mm256_cvtps_ph (_mm256_loadu_ps (from + done), _MM_FROUND_TO_NEAREST_INT));
#endif
  return done;
}

#define GTEN_IS_FLOAT16_FLOAT16 , 1
#define GTEN_SECOND_(one, two, ...) two
#define GTEN_SECOND(...)            GTEN_SECOND_ (__VA_ARGS__)
#define GTEN_IS_FLOAT16(DTYPE)      GTEN_SECOND (GTEN_IS_FLOAT16_##DTYPE, 0)

#define GTEN_CONVERSION(DTYPE, COMPUTE)                                                            \
  static void gten_load_##DTYPE##_##COMPUTE (size_t n, void *to_, const void *from_, ptrdiff_t stride)\
  {                                                                                                \
    typedef GTEN_STORED_##DTYPE Stored;                                                            \
    typedef GTEN_COMPUTED_##COMPUTE T;                                                             \
    T *restrict to = to_;                                                                          \
    const Stored *restrict from = from_;                                                           \
    size_t i = 0;                                                                                  \
                                                                                                   \
    if (stride == 1)                                                                               \
      {                                                                                            \
        if (GTEN_IS_FLOAT16 (DTYPE) && GTEN_K_COMPUTE_##COMPUTE == GTEN_K_COMPUTE_FLOAT32)         \
          i = gten_load_halves (n, to_, from_);                                                    \
        for (; i < n; i++)                                                                         \
          to[i] = (T) GTEN_DECODE_##DTYPE (from[i]);                                               \
      }                                                                                            \
    else if (stride == 0)                                                                          \
      {                                                                                            \
        const T value = n > 0 ? (T) GTEN_DECODE_##DTYPE (*from) : 0;                               \
                                                                                                   \
        for (; i < n; i++)                                                                         \
          to[i] = value;                                                                           \
      }                                                                                            \
    else if (stride == 2)                                                                          \
      for (; i < n; i++)                                                                           \
        to[i] = (T) GTEN_DECODE_##DTYPE (from[2 * i]);                                             \
    else                                                                                           \
      for (; i < n; i++)                                                                           \
        to[i] = (T) GTEN_DECODE_##DTYPE (from[(ptrdiff_t) i * stride]);                            \
  }                                                                                                \
  static void gten_store_##DTYPE##_##COMPUTE (size_t n, void *to_, const void *from_, ptrdiff_t stride)\
  {                                                                                                \
    typedef GTEN_STORED_##DTYPE Stored;                                                            \
    typedef GTEN_COMPUTED_##COMPUTE T;                                                             \
    Stored *restrict to = to_;                                                                     \
    const T *restrict from = from_;                                                                \
    size_t i = 0;                                                                                  \
                                                                                                   \
    if (stride == 1)                                                                               \
      {                                                                                            \
        if (GTEN_IS_FLOAT16 (DTYPE) && GTEN_K_COMPUTE_##COMPUTE == GTEN_K_COMPUTE_FLOAT32)         \
          i = gten_store_halves (n, to_, from_);                                                   \
        for (; i < n; i++)                                                                         \
          to[i] = (Stored) GTEN_ENCODE_##DTYPE (from[i]);                                          \
      }                                                                                            \
    else                                                                                           \
      for (; i < n; i++)                                                                           \
        to[(ptrdiff_t) i * stride] = (Stored) GTEN_ENCODE_##DTYPE (from[i]);                       \
  }

GTEN_CONVERSIONS

#undef GTEN_CONVERSION
