/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the threads of a block can do together. A block's threads are fibers that run until they wait
 * for one another; those of a kernel in which none waits are a plain loop. */
#pragma once

#include "emulation-language.h"

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;

#define GTEN_FULL_WARP 0xffffffffu

/* What a lane gets when all lanes of a mask have arrived. */
struct GtenWarpAnswer
{
  uint64_t value;    /* that of the lane it asked for */
  unsigned ballot;   /* the lanes that said yes */
  uint64_t values[32];
};

void gten_emulation_block_wait (void);
int  gten_emulation_block_count (bool yes);
/* `all` asks for the values of all lanes. */
void gten_emulation_warp_meet (unsigned mask, uint64_t value, bool yes, int source, bool all,
                               GtenWarpAnswer *answer);
[[noreturn]] void gten_emulation_trap (void);

static inline void __syncthreads (void) { gten_emulation_block_wait (); }
static inline int __syncthreads_count (int yes) { return gten_emulation_block_count (yes != 0); }
static inline int __syncthreads_or (int yes) { return gten_emulation_block_count (yes != 0) > 0; }
static inline int __syncthreads_and (int yes) { return gten_emulation_block_count (yes == 0) == 0; }
static inline void __threadfence (void) {}
static inline void __threadfence_block (void) {}
static inline void __threadfence_system (void) {}
static inline void __trap (void) { gten_emulation_trap (); }
static inline void __nanosleep (unsigned) {}
static inline unsigned __activemask (void) { return GTEN_FULL_WARP; }

static inline unsigned
gten_emulation_linear_thread (void)
{
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}

static inline int
gten_emulation_lane (void)
{
  return gten_emulation_linear_thread () % 32;
}

static inline void
__syncwarp (unsigned mask = GTEN_FULL_WARP)
{
  GtenWarpAnswer answer;

  gten_emulation_warp_meet (mask, 0, false, 0, false, &answer);
}

static inline unsigned
__ballot_sync (unsigned mask, int yes)
{
  GtenWarpAnswer answer;

  gten_emulation_warp_meet (mask, 0, yes != 0, 0, false, &answer);
  return answer.ballot;
}

static inline int __any_sync (unsigned mask, int yes) { return __ballot_sync (mask, yes) != 0; }
static inline int __all_sync (unsigned mask, int yes) { return __ballot_sync (mask, !yes) == 0; }

template <typename T>
static inline T
gten_emulation_shuffle (unsigned mask, T x, int source)
{
  static_assert (sizeof (T) <= 8, "a shuffle moves up to 8 bytes");
  GtenWarpAnswer answer;
  uint64_t       bits = 0;

  memcpy (&bits, &x, sizeof x);
  gten_emulation_warp_meet (mask, bits, false, source, false, &answer);
  memcpy (&x, &answer.value, sizeof x);
  return x;
}

template <typename T>
static inline T
__shfl_sync (unsigned mask, T x, int source, int width = 32)
{
  int lane = gten_emulation_lane ();

  return gten_emulation_shuffle (mask, x, lane / width * width + (source & (width - 1)));
}

template <typename T>
static inline T
__shfl_up_sync (unsigned mask, T x, unsigned delta, int width = 32)
{
  int lane = gten_emulation_lane ();

  return gten_emulation_shuffle (mask, x, lane % width < (int) delta ? lane : lane - (int) delta);
}

template <typename T>
static inline T
__shfl_down_sync (unsigned mask, T x, unsigned delta, int width = 32)
{
  int lane = gten_emulation_lane ();

  return gten_emulation_shuffle (mask, x, lane % width + (int) delta >= width ? lane : lane + (int) delta);
}

template <typename T>
static inline T
__shfl_xor_sync (unsigned mask, T x, int lanes, int width = 32)
{
  int lane = gten_emulation_lane (), other = lane ^ lanes;

  return gten_emulation_shuffle (mask, x, other / width > lane / width ? lane : other);
}

template <typename T>
static inline unsigned
__match_any_sync (unsigned mask, T x)
{
  GtenWarpAnswer answer;
  uint64_t       bits = 0;
  unsigned       same = 0;

  memcpy (&bits, &x, sizeof x);
  gten_emulation_warp_meet (mask, bits, true, 0, true, &answer);
  for (int lane = 0; lane < 32; lane++)
    if ((answer.ballot >> lane & 1) && answer.values[lane] == bits)
      same |= 1u << lane;
  return same;
}

template <typename T, typename F>
static inline T
gten_emulation_warp_fold (unsigned mask, T x, F f)
{
  GtenWarpAnswer answer;
  bool           first = true;
  T              folded = x;

  gten_emulation_warp_meet (mask, (uint64_t) x, true, 0, true, &answer);
  for (int lane = 0; lane < 32; lane++)
    if (answer.ballot >> lane & 1)
      {
        folded = first ? (T) answer.values[lane] : f (folded, (T) answer.values[lane]);
        first = false;
      }
  return folded;
}

template <typename T>
static inline T
__reduce_add_sync (unsigned mask, T x)
{
  return gten_emulation_warp_fold (mask, x, [] (T a, T b) { return (T) (a + b); });
}

template <typename T>
static inline T
__reduce_max_sync (unsigned mask, T x)
{
  return gten_emulation_warp_fold (mask, x, [] (T a, T b) { return a > b ? a : b; });
}

template <typename T>
static inline T
__reduce_min_sync (unsigned mask, T x)
{
  return gten_emulation_warp_fold (mask, x, [] (T a, T b) { return a < b ? a : b; });
}

template <typename T>
static inline T
__reduce_or_sync (unsigned mask, T x)
{
  return gten_emulation_warp_fold (mask, x, [] (T a, T b) { return (T) (a | b); });
}

/* -- atomics: one fiber runs at a time, and none is interrupted -------------------------------------------------------*/

#define GTEN_ATOMIC(NAME, EXPRESSION)                                                              \
  template <typename T, typename U>                                                                \
  static inline T NAME (T *at, U with)                                                             \
  {                                                                                                \
    T old = *at, x = (T) with;                                                                     \
                                                                                                   \
    *at = EXPRESSION;                                                                              \
    return old;                                                                                    \
  }
GTEN_ATOMIC (atomicAdd, (T) (old + x))
GTEN_ATOMIC (atomicSub, (T) (old - x))
GTEN_ATOMIC (atomicMax, old > x ? old : x)
GTEN_ATOMIC (atomicMin, old < x ? old : x)
GTEN_ATOMIC (atomicExch, x)
GTEN_ATOMIC (atomicAnd, (T) (old & x))
GTEN_ATOMIC (atomicOr, (T) (old | x))
GTEN_ATOMIC (atomicXor, (T) (old ^ x))
GTEN_ATOMIC (atomicInc, old >= x ? 0 : (T) (old + 1))
#undef GTEN_ATOMIC

template <typename T, typename U, typename V>
static inline T
atomicCAS (T *at, U expected, V desired)
{
  T old = *at;

  if (old == (T) expected)
    *at = (T) desired;
  return old;
}
