/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Facts about dtypes and rows, and the choice of the instruction set. */
#include "gten-cpu-private.h"

#include <stdlib.h>
#include <string.h>

#include "gten-scalar.h"

const uint8_t gten_dtype_sizes[GTEN_K_N_DTYPES] = {
  [GTEN_K_UINT8] = 1,    [GTEN_K_INT8] = 1,    [GTEN_K_INT16] = 2,   [GTEN_K_INT32] = 4,
  [GTEN_K_INT64] = 8,    [GTEN_K_FLOAT16] = 2, [GTEN_K_BFLOAT16] = 2, [GTEN_K_FLOAT32] = 4,
  [GTEN_K_FLOAT64] = 8,  [GTEN_K_BOOL] = 1,
};

const uint8_t gten_dtype_computes[GTEN_K_N_DTYPES] = {
  [GTEN_K_UINT8] = GTEN_K_COMPUTE_INT64,      [GTEN_K_INT8] = GTEN_K_COMPUTE_INT64,
  [GTEN_K_INT16] = GTEN_K_COMPUTE_INT64,      [GTEN_K_INT32] = GTEN_K_COMPUTE_INT64,
  [GTEN_K_INT64] = GTEN_K_COMPUTE_INT64,      [GTEN_K_FLOAT16] = GTEN_K_COMPUTE_FLOAT32,
  [GTEN_K_BFLOAT16] = GTEN_K_COMPUTE_FLOAT32, [GTEN_K_FLOAT32] = GTEN_K_COMPUTE_FLOAT32,
  [GTEN_K_FLOAT64] = GTEN_K_COMPUTE_FLOAT64,  [GTEN_K_BOOL] = GTEN_K_COMPUTE_INT64,
};

const uint8_t gten_compute_sizes[GTEN_K_N_COMPUTES] = {
  [GTEN_K_COMPUTE_FLOAT32] = 4,
  [GTEN_K_COMPUTE_FLOAT64] = 8,
  [GTEN_K_COMPUTE_INT64] = 8,
};

const uint8_t gten_compute_dtypes[GTEN_K_N_COMPUTES] = {
  [GTEN_K_COMPUTE_FLOAT32] = GTEN_K_FLOAT32,
  [GTEN_K_COMPUTE_FLOAT64] = GTEN_K_FLOAT64,
  [GTEN_K_COMPUTE_INT64] = GTEN_K_INT64,
};

/* A row has a line per compute type, each of which says the same. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

const uint8_t gten_result_is_bool[GTEN_K_N_POINTWISE] = {
#define GTEN_BLOCK(COMPUTE, ROW, ARITY, ...)
#define GTEN_BLOCK_BOOL(COMPUTE, ROW, ARITY, ...) [GTEN_K_##ROW] = 1,
#define GTEN_REDUCE(...)
#include "gten-cpu-blocks.inc"
#undef GTEN_BLOCK
#undef GTEN_BLOCK_BOOL
};

const uint8_t gten_arities[GTEN_K_N_POINTWISE] = {
#define GTEN_BLOCK(COMPUTE, ROW, ARITY, ...)      [GTEN_K_##ROW] = ARITY,
#define GTEN_BLOCK_BOOL(COMPUTE, ROW, ARITY, ...) [GTEN_K_##ROW] = ARITY,
#include "gten-cpu-blocks.inc"
};

#pragma GCC diagnostic pop

size_t
gten_k_dtype_size (GtenKDtype dtype)
{
  return gten_dtype_sizes[dtype];
}

/* -- bad values ----------------------------------------------------------------------------------*/

_Thread_local unsigned gten_k_bad_values;

unsigned
gten_k_take_bad_values (void)
{
  const unsigned bad_values = gten_k_bad_values;

  gten_k_bad_values = 0;
  return bad_values;
}

/* -- the instruction set -------------------------------------------------------------------------*/

const GtenInstructionSet *gten_instruction_set = &gten_instruction_set_baseline;

#ifdef __x86_64__
/* GTEN_INSTRUCTION_SET=baseline or v3 takes a lesser one, for tests. */
__attribute__ ((constructor)) static void
gten_choose_instruction_set (void)
{
  const char *wanted = getenv ("GTEN_INSTRUCTION_SET");

  __builtin_cpu_init ();
  if (wanted != NULL && strcmp (wanted, "baseline") == 0)
    return;
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma")
      && __builtin_cpu_supports ("bmi") && __builtin_cpu_supports ("bmi2")
      && __builtin_cpu_supports ("f16c") && __builtin_cpu_supports ("lzcnt")
      && __builtin_cpu_supports ("movbe"))
    gten_instruction_set = &gten_instruction_set_v3;
  if (wanted != NULL && strcmp (wanted, "v3") == 0)
    return;
  if (gten_instruction_set == &gten_instruction_set_v3 && __builtin_cpu_supports ("avx512f")
      && __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512cd")
      && __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512vl"))
    gten_instruction_set = &gten_instruction_set_v4;
}
#endif
