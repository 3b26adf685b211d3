/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Elements: between each stored type and each type that is computed in, as PyTorch converts.
 *
 * gten_decode<T> (stored) and gten_encode<Stored> (computed) are one element whose types are known;
 * gten_load<T> and gten_store take the dtype as a number, the same for all threads of a warp. Float
 * to integer truncates, integers wrap, float16 and bfloat16 round to nearest even, a NaN stays
 * one. */
#pragma once

#include "gten-cuda-private.h"

/* -- one element ---------------------------------------------------------------------------------*/

static __host__ __device__ __forceinline__ uint32_t
gten_bits_of (float x)
{
  uint32_t bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

static __host__ __device__ __forceinline__ float
gten_float_of (uint32_t bits)
{
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

static __host__ __device__ __forceinline__ float
gten_float_of_half (uint16_t half)
{
#ifdef __CUDA_ARCH__
  float x;

  asm ("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(half));
  return x;
#else
  /* The halves' conversions after Fabian Giesen, "Half to float done quick" (2012). */
  uint32_t shifted = (uint32_t) (half & 0x7fff) << 13;
  uint32_t exponent = shifted & 0x0f800000u;
  uint32_t normal = shifted + (112u << 23);
  uint32_t special = normal + (112u << 23);
  float subnormal = gten_float_of (normal + (1u << 23)) - gten_float_of (113u << 23);
  uint32_t bits = exponent == 0x0f800000u ? special : exponent == 0 ? gten_bits_of (subnormal) : normal;

  return gten_float_of (bits | (uint32_t) (half & 0x8000) << 16);
#endif
}

static __host__ __device__ __forceinline__ uint16_t
gten_half_of_float (float x)
{
#ifdef __CUDA_ARCH__
  uint16_t half;

  asm ("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(x));
  return half;
#else
  const uint32_t magic = 126u << 23;
  uint32_t bits = gten_bits_of (x);
  uint32_t sign = bits & 0x80000000u;
  uint32_t rest = bits ^ sign;
  uint32_t special = rest > 0x7f800000u ? 0x7e00 : 0x7c00;
  uint32_t subnormal = gten_bits_of (gten_float_of (rest) + gten_float_of (magic)) - magic;
  uint32_t normal = (rest - (112u << 23) + 0xfff + (rest >> 13 & 1)) >> 13;
  uint32_t half = rest >= 143u << 23 ? special : rest < 113u << 23 ? subnormal : normal;

  return (uint16_t) (half | sign >> 16);
#endif
}

static __host__ __device__ __forceinline__ uint16_t
gten_bfloat_of_float (float x)
{
  const uint32_t bits = gten_bits_of (x);

  return (uint16_t) (x != x ? 0x7fc0 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

template <typename T, typename Stored>
static __host__ __device__ __forceinline__ T
gten_decode (Stored x)
{
  if constexpr (std::is_same_v<Stored, GtenFloat16>)
    return (T) gten_float_of_half (x.bits);
  else if constexpr (std::is_same_v<Stored, GtenBfloat16>)
    return (T) gten_float_of ((uint32_t) x.bits << 16);
  else if constexpr (std::is_same_v<Stored, GtenBool>)
    return (T) (x.truth != 0);
  else
    return (T) x;
}

template <typename Stored, typename T>
static __host__ __device__ __forceinline__ Stored
gten_encode (T x)
{
  if constexpr (std::is_same_v<Stored, GtenFloat16>)
    return GtenFloat16 { gten_half_of_float ((float) x) };
  else if constexpr (std::is_same_v<Stored, GtenBfloat16>)
    return GtenBfloat16 { gten_bfloat_of_float ((float) x) };
  else if constexpr (std::is_same_v<Stored, GtenBool>)
    return GtenBool { (uint8_t) (x != 0) };
  else if constexpr (std::is_integral_v<Stored> && sizeof (Stored) < 4 && !std::is_integral_v<T>)
    return (Stored) (int32_t) x;
  else
    return (Stored) x;
}

/* -- one element of any dtype --------------------------------------------------------------------
 * Not inlined: what is in a hurry knows its types. */

template <typename T>
static __device__ __noinline__ T
gten_load (const void *data, int64_t offset, GtenKDtype dtype)
{
#define GTEN_LOAD(NAME, STORED, COMPUTED, ...)                                                     \
  case GTEN_K_##NAME:                                                                              \
    return gten_decode<T> (((const STORED *) data)[offset]);
  switch (dtype)
    {
      GTEN_CUDA_EACH_DTYPE (GTEN_LOAD)
    default:
      return 0;
    }
#undef GTEN_LOAD
}

template <typename T>
static __device__ __noinline__ void
gten_store (void *data, int64_t offset, GtenKDtype dtype, T x)
{
#define GTEN_STORE(NAME, STORED, COMPUTED, ...)                                                    \
  case GTEN_K_##NAME:                                                                              \
    ((STORED *) data)[offset] = gten_encode<STORED> (x);                                           \
    break;
  switch (dtype)
    {
      GTEN_CUDA_EACH_DTYPE (GTEN_STORE)
    default:
      break;
    }
#undef GTEN_STORE
}

/* -- several elements ----------------------------------------------------------------------------
 * In one access of memory, if they are aligned to their common size (at most 16 bytes). */
template <typename Stored, int N> struct alignas (sizeof (Stored) * N < 16 ? sizeof (Stored) * N : 16) GtenVector
{
  Stored elements[N];
};

/* -- what all numbers have in common -------------------------------------------------------------*/

/* NaN wins over all. */
template <typename T>
static __device__ __forceinline__ bool
gten_isnan (T x)
{
  return x != x;
}

template <typename T>
static __device__ __forceinline__ T
gten_max (T x, T y)
{
  return x > y || x != x ? x : y;
}

template <typename T>
static __device__ __forceinline__ T
gten_min (T x, T y)
{
  return x < y || x != x ? x : y;
}
