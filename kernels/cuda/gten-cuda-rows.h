/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows of the op table in one compute type: element-wise kernels and reductions, from the expressions of
 * gten-cpu-blocks.inc. Included by the file that is compiled for that type. It defines T and GTEN_ROWS_OF
 * (COMPUTE, ...), which is its arguments from the second on if COMPUTE is its own, and nothing
 * otherwise. */
#include "gten-cuda-pointwise.h"
#include "gten-cuda-reduce.h"

#define GTEN_SCALAR_NAMES
#include "cpu/gten-scalar.h"

#define GTEN_PARAM(name, position) [[maybe_unused]] const T name = params[position];
#define GTEN_INPUT(name, position) [[maybe_unused]] const T name = inputs[position];

/* -- what the lines are --------------------------------------------------------------------------*/

#define GTEN_BLOCK(COMPUTE, ROW, ARITY, PARAMS, EXPRESSION)                                        \
  GTEN_ROWS_OF (COMPUTE, struct Op##ROW {                                                          \
    static constexpr int arity = ARITY;                                                            \
    static __device__ __forceinline__ T apply (const T *inputs, const T *params, [[maybe_unused]] unsigned &bad_values) \
    {                                                                                              \
      GTEN_INPUTS_##ARITY                                                                          \
      GTEN_PARAMS PARAMS                                                                           \
      return (T) (EXPRESSION);                                                                     \
    }                                                                                              \
  };)
#define GTEN_BLOCK_BOOL GTEN_BLOCK

#define GTEN_REDUCE_PART(NAME, ARGUMENTS, PARAMS, EXPRESSION)                                      \
  static __device__ __forceinline__ T NAME ARGUMENTS                                               \
  {                                                                                                \
    GTEN_PARAMS PARAMS                                                                             \
    return (T) (EXPRESSION);                                                                       \
  }
#define GTEN_REDUCE(COMPUTE, ROW, PARAMS, INIT, MAP, STEP, COMBINE, FINISH)                        \
  GTEN_ROWS_OF (COMPUTE, struct Reduce##ROW {                                                      \
    GTEN_REDUCE_PART (init, (const T *params), PARAMS, INIT)                                       \
    GTEN_REDUCE_PART (map, (T x, const T *params), PARAMS, MAP)                                    \
    GTEN_REDUCE_PART (take, (T acc, T x, const T *params), PARAMS, STEP)                           \
    GTEN_REDUCE_PART (combine, (T acc, T x, const T *params), PARAMS, COMBINE)                     \
    GTEN_REDUCE_PART (finish, (T acc, T n, const T *params), PARAMS, FINISH)                       \
    static __device__ __forceinline__ T step (T acc, T x, const T *params)                         \
    {                                                                                              \
      return take (acc, map (x, params), params);                                                  \
    }                                                                                              \
  };)

namespace
{
#include "gten-cpu-blocks.inc"
}

#undef GTEN_BLOCK
#undef GTEN_REDUCE

/* -- tables ----------------------------------------------------------------------------------------*/

static GtenPointwiseRow pointwise[GTEN_K_N_POINTWISE];
static GtenReduceRow reductions[GTEN_K_N_REDUCE];

#define GTEN_BLOCK(COMPUTE, ROW, ...)                                                              \
  GTEN_ROWS_OF (COMPUTE, pointwise[GTEN_K_##ROW]                                                   \
                  = { (void (*) (void)) gten_pointwise<Op##ROW, T>, Op##ROW::arity };)
#define GTEN_REDUCE(COMPUTE, ROW, ...)                                                             \
  GTEN_ROWS_OF (COMPUTE, reductions[GTEN_K_REDUCE_##ROW]                                           \
                  = { (void (*) (void)) gten_reduce_first<Reduce##ROW, T>,                         \
                      (void (*) (void)) gten_reduce_second<Reduce##ROW, T> };)

static bool
fill_tables (void)
{
#include "gten-cpu-blocks.inc"
  return true;
}
