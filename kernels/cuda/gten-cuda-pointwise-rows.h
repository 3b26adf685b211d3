/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows of one compute type, included by the file that is compiled for it. It defines T and
 * GTEN_ROWS_OF (COMPUTE, ...), which is its arguments from the second on if COMPUTE is its own, and
 * nothing otherwise. */
#include "gten-cuda-pointwise.h"

#define GTEN_SCALAR_NAMES
#include "cpu/gten-scalar.h"

#define GTEN_PARAM(name, position) [[maybe_unused]] const T name = params[position];
#define GTEN_INPUT(name, position) [[maybe_unused]] const T name = inputs[position];

#define GTEN_REDUCE(...)

#define GTEN_BLOCK(COMPUTE, ROW, ARITY, PARAMS, EXPRESSION)                                        \
  GTEN_ROWS_OF (COMPUTE, struct Op##ROW {                                                          \
    static constexpr int arity = ARITY;                                                            \
    static __device__ __forceinline__ T apply (const T *inputs, const T *params, bool &division_fault) \
    {                                                                                              \
      GTEN_INPUTS_##ARITY                                                                          \
      GTEN_PARAMS PARAMS                                                                           \
      return (T) (EXPRESSION);                                                                     \
    }                                                                                              \
  };)
#define GTEN_BLOCK_BOOL GTEN_BLOCK
namespace
{
#include "gten-cpu-blocks.inc"
}
#undef GTEN_BLOCK

static GtenPointwiseRow rows[GTEN_K_N_POINTWISE];

#define GTEN_BLOCK(COMPUTE, ROW, ...)                                                              \
  GTEN_ROWS_OF (COMPUTE, rows[GTEN_K_##ROW]                                                        \
                  = { (void (*) (void)) gten_pointwise<Op##ROW, T>, Op##ROW::arity };)

static const GtenPointwiseRow *
make_rows (void)
{
#include "gten-cpu-blocks.inc"
  return rows;
}
