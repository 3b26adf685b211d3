/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is built once per instruction set: the loops that the generated blocks become, and one table
 * of them.
 *
 * The build defines GTEN_INSTRUCTION_SET as the table's suffix. Every loop here has one shape,
 * contiguous and unaliased (or exactly aliased, which `ivdep` covers), so that the compiler makes
 * vector code of all of them. Contraction to fused multiply-add is off: an element has the same
 * value in every instruction set, and in a vector and in the loop's tail. */
#include "gten-cpu-private.h"

#include "gten-cpu-conversions.h"

#define GTEN_SCALAR_NAMES
#include "gten-scalar.h"

#include "gten-cpu-lines.h"
#include "gten-cpu-norm-passes.h"

/* -- from a line of the list to C ----------------------------------------------------------------*/

#define GTEN_TYPE_FLOAT32 float
#define GTEN_TYPE_FLOAT64 double
#define GTEN_TYPE_INT64   int64_t
#define GTEN_TYPE_INT32   int32_t
#define GTEN_TYPE_INT16   int16_t
#define GTEN_TYPE_INT8    int8_t
#define GTEN_TYPE_UINT8   uint8_t

#define GTEN_PARAM(name, position)                                                                 \
  const T name __attribute__ ((unused))                                                            \
    = (T) _Generic ((T) 0, float: params[position].f, double: params[position].f,                  \
                       default: params[position].i);
#define GTEN_INPUT(name, position) const T name = ((const T *) inputs[position])[i_];

/* -- blocks --------------------------------------------------------------------------------------*/

#define GTEN_DEFINE_BLOCK(NAME, COMPUTE, ARITY, PARAMS, RESULT, EXPRESSION)                        \
  static void NAME (size_t n_elements, void *out, const void *const *inputs_, const GtenKScalar *params) \
  {                                                                                                \
    typedef GTEN_TYPE_##COMPUTE T;                                                                 \
    typedef RESULT Result;                                                                         \
    const void *inputs[ARITY + 1] __attribute__ ((unused));                                        \
    Result *result_ = out;                                                                         \
    unsigned bad_values = 0;                                                                       \
    GTEN_PARAMS PARAMS                                                                             \
                                                                                                   \
    for (int position = 0; position < ARITY; position++)                                           \
      inputs[position] = inputs_[position];                                                        \
    _Pragma ("GCC ivdep")                                                                          \
    for (size_t i_ = 0; i_ < n_elements; i_++)                                                     \
      {                                                                                            \
        GTEN_INPUTS_##ARITY                                                                        \
        result_[i_] = (Result) (EXPRESSION);                                                       \
      }                                                                                            \
    if (bad_values != 0)                                                                           \
      gten_k_bad_values |= bad_values;                                                             \
  }

#define GTEN_BLOCK(COMPUTE, ROW, ARITY, PARAMS, EXPRESSION)                                        \
  GTEN_DEFINE_BLOCK (gten_block_##ROW##_##COMPUTE, COMPUTE, ARITY, PARAMS, T, EXPRESSION)
#define GTEN_BLOCK_BOOL(COMPUTE, ROW, ARITY, PARAMS, EXPRESSION)                                   \
  GTEN_DEFINE_BLOCK (gten_block_##ROW##_##COMPUTE, COMPUTE, ARITY, PARAMS, uint8_t, (EXPRESSION) != 0)

#define GTEN_DEFINE_NARROW(TYPE, ROW, ARITY, PARAMS, RESULT, EXPRESSION)                            \
  GTEN_DEFINE_BLOCK (gten_block_##ROW##_##TYPE, TYPE, ARITY, PARAMS, RESULT, EXPRESSION)
#define GTEN_NARROW_OF(...)                                                                        \
  GTEN_DEFINE_NARROW (INT32, __VA_ARGS__)                                                          \
  GTEN_DEFINE_NARROW (INT16, __VA_ARGS__)                                                          \
  GTEN_DEFINE_NARROW (INT8, __VA_ARGS__)                                                           \
  GTEN_DEFINE_NARROW (UINT8, __VA_ARGS__)
#define GTEN_NARROW(ROW, ARITY, PARAMS, EXPRESSION)                                                \
  GTEN_NARROW_OF (ROW, ARITY, PARAMS, T, EXPRESSION)
#define GTEN_NARROW_BOOL(ROW, ARITY, PARAMS, EXPRESSION)                                           \
  GTEN_NARROW_OF (ROW, ARITY, PARAMS, uint8_t, (EXPRESSION) != 0)

/* -- reducers ------------------------------------------------------------------------------------
 * Horizontal: four registers of lanes take in eight rows of elements at a time, so that the lanes are loaded
 * and stored once for every eight additions, and rounding errors are those of short sums. What is left, and
 * short lines, go by one register of lanes, which short lines keep in an array of its own, so that it stays one. */

#define GTEN_LANES(T) (256 / sizeof (T))
#define GTEN_SHORT(T) (64 / sizeof (T))

/* While they suffice, as many elements as there are lanes. */
#define GTEN_TAKE_LANES(n, STEP)                                                                   \
  for (; n_elements >= (n); n_elements -= (n))                                                     \
    {                                                                                              \
      for (size_t lane = 0; lane < (n); lane++)                                                    \
        lanes[lane] = STEP (lanes[lane], element[lane], params);                                   \
      element += (n);                                                                              \
    }
/* The upper half of the lanes is combined with the lower, from `n` lanes to `to`. */
#define GTEN_FOLD_LANES(n, to, COMBINE)                                                            \
  for (size_t half = (n) / 2; half >= (to); half /= 2)                                             \
    for (size_t lane = 0; lane < half; lane++)                                                     \
      {                                                                                            \
        const T acc = lanes[lane], x = lanes[lane + half];                                         \
                                                                                                   \
        lanes[lane] = (T) (COMBINE);                                                               \
      }

#define GTEN_REDUCE(COMPUTE, ROW, PARAMS, INIT, MAP, STEP, COMBINE, FINISH)                        \
  static inline __attribute__ ((always_inline)) GTEN_TYPE_##COMPUTE                                \
    gten_step_##ROW##_##COMPUTE (GTEN_TYPE_##COMPUTE acc, GTEN_TYPE_##COMPUTE element,             \
                                 const GtenKScalar *params)                                        \
  {                                                                                                \
    typedef GTEN_TYPE_##COMPUTE T;                                                                 \
    GTEN_PARAMS PARAMS                                                                             \
    T mapped;                                                                                      \
    {                                                                                              \
      const T x = element;                                                                         \
      mapped = (T) (MAP);                                                                          \
    }                                                                                              \
    {                                                                                              \
      const T x = mapped;                                                                          \
      return (T) (STEP);                                                                           \
    }                                                                                              \
  }                                                                                                \
  static inline __attribute__ ((always_inline)) GTEN_TYPE_##COMPUTE                                \
    gten_line_##ROW##_##COMPUTE (size_t n_elements, const GTEN_TYPE_##COMPUTE *element,            \
                                 const GtenKScalar *params)                                        \
  {                                                                                                \
    typedef GTEN_TYPE_##COMPUTE T;                                                                 \
    GTEN_PARAMS PARAMS                                                                             \
    T total = (T) (INIT);                                                                          \
                                                                                                   \
    if (n_elements >= GTEN_LANES (T))                                                              \
      {                                                                                            \
        T lanes[GTEN_LANES (T)] __attribute__ ((aligned (64)));                                    \
        T rows[GTEN_LANES (T)] __attribute__ ((aligned (64)));                                     \
                                                                                                   \
        for (size_t lane = 0; lane < GTEN_LANES (T); lane++)                                       \
          lanes[lane] = (T) (INIT);                                                                \
        for (; n_elements >= GTEN_REDUCE_ROWS * GTEN_LANES (T);                                    \
             n_elements -= GTEN_REDUCE_ROWS * GTEN_LANES (T))                                      \
          {                                                                                        \
            /* In two loops: knowing where the rows came from, the compiler would see cases of NaN. */\
            for (size_t lane = 0; lane < GTEN_LANES (T); lane++)                                   \
              {                                                                                    \
                T acc = (T) (INIT);                                                                \
                                                                                                   \
                _Pragma ("GCC unroll 8")                                                           \
                for (size_t row = 0; row < GTEN_REDUCE_ROWS; row++)                                \
                  acc = gten_step_##ROW##_##COMPUTE (acc, element[row * GTEN_LANES (T) + lane], params);\
                rows[lane] = acc;                                                                  \
              }                                                                                    \
            for (size_t lane = 0; lane < GTEN_LANES (T); lane++)                                   \
              {                                                                                    \
                const T acc = lanes[lane], x = rows[lane];                                         \
                                                                                                   \
                lanes[lane] = (T) (COMBINE);                                                       \
              }                                                                                    \
            element += GTEN_REDUCE_ROWS * GTEN_LANES (T);                                          \
          }                                                                                        \
        GTEN_TAKE_LANES (GTEN_LANES (T), gten_step_##ROW##_##COMPUTE)                              \
        GTEN_FOLD_LANES (GTEN_LANES (T), GTEN_SHORT (T), COMBINE)                                  \
        GTEN_TAKE_LANES (GTEN_SHORT (T), gten_step_##ROW##_##COMPUTE)                              \
        GTEN_FOLD_LANES (GTEN_SHORT (T), 1, COMBINE)                                               \
        total = lanes[0];                                                                          \
      }                                                                                            \
    else if (n_elements >= GTEN_SHORT (T))                                                         \
      {                                                                                            \
        T lanes[GTEN_SHORT (T)] __attribute__ ((aligned (64)));                                    \
                                                                                                   \
        for (size_t lane = 0; lane < GTEN_SHORT (T); lane++)                                       \
          lanes[lane] = (T) (INIT);                                                                \
        GTEN_TAKE_LANES (GTEN_SHORT (T), gten_step_##ROW##_##COMPUTE)                              \
        GTEN_FOLD_LANES (GTEN_SHORT (T), 1, COMBINE)                                               \
        total = lanes[0];                                                                          \
      }                                                                                            \
    for (size_t i_ = 0; i_ < n_elements; i_++)                                                     \
      total = gten_step_##ROW##_##COMPUTE (total, element[i_], params);                            \
    return total;                                                                                  \
  }                                                                                                \
  static void gten_horizontal_##ROW##_##COMPUTE (size_t n_lines, ptrdiff_t stride, size_t n_elements, void *accs,\
                                                 const void *from, const GtenKScalar *params)      \
  {                                                                                                \
    const GTEN_TYPE_##COMPUTE *element = from;                                                     \
                                                                                                   \
    for (size_t line = 0; line < n_lines; line++, element += stride)                               \
      ((GTEN_TYPE_##COMPUTE *) accs)[line] = gten_line_##ROW##_##COMPUTE (n_elements, element, params);\
  }                                                                                                \
  static void gten_vertical_##ROW##_##COMPUTE (size_t n_elements, void *acc_, const void *from,    \
                                               const GtenKScalar *params, bool first)              \
  {                                                                                                \
    typedef GTEN_TYPE_##COMPUTE T;                                                                 \
    GTEN_PARAMS PARAMS                                                                             \
    const T *element = from;                                                                       \
    T *accs = acc_;                                                                                \
                                                                                                   \
    if (first)                                                                                     \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (size_t i_ = 0; i_ < n_elements; i_++)                                                 \
          accs[i_] = gten_step_##ROW##_##COMPUTE ((T) (INIT), element[i_], params);                \
        return;                                                                                    \
      }                                                                                            \
    _Pragma ("GCC ivdep")                                                                          \
    for (size_t i_ = 0; i_ < n_elements; i_++)                                                     \
      accs[i_] = gten_step_##ROW##_##COMPUTE (accs[i_], element[i_], params);                      \
  }                                                                                                \
  static void gten_vertical_rows_##ROW##_##COMPUTE (size_t n_elements, void *acc_, const void *from,\
                                                    ptrdiff_t stride, const GtenKScalar *params)   \
  {                                                                                                \
    typedef GTEN_TYPE_##COMPUTE T;                                                                 \
    GTEN_PARAMS PARAMS                                                                             \
    const T *element = from;                                                                       \
    T *accs = acc_;                                                                                \
                                                                                                   \
    _Pragma ("GCC ivdep")                                                                          \
    for (size_t i_ = 0; i_ < n_elements; i_++)                                                     \
      {                                                                                            \
        const T acc = accs[i_];                                                                    \
        T x = (T) (INIT);                                                                          \
                                                                                                   \
        _Pragma ("GCC unroll 8")                                                                   \
        for (ptrdiff_t row = 0; row < GTEN_REDUCE_ROWS; row++)                                     \
          x = gten_step_##ROW##_##COMPUTE (x, element[(ptrdiff_t) i_ + row * stride], params);     \
        accs[i_] = (T) (COMBINE);                                                                  \
      }                                                                                            \
  }                                                                                                \
  static void gten_combine_##ROW##_##COMPUTE (size_t n_elements, void *acc_, const void *other,    \
                                              const GtenKScalar *params)                           \
  {                                                                                                \
    typedef GTEN_TYPE_##COMPUTE T;                                                                 \
    GTEN_PARAMS PARAMS                                                                             \
    T *accs = acc_;                                                                                \
                                                                                                   \
    _Pragma ("GCC ivdep")                                                                          \
    for (size_t i_ = 0; i_ < n_elements; i_++)                                                     \
      {                                                                                            \
        const T acc = accs[i_], x = ((const T *) other)[i_];                                       \
                                                                                                   \
        accs[i_] = (T) (COMBINE);                                                                  \
      }                                                                                            \
  }                                                                                                \
  static void gten_finish_##ROW##_##COMPUTE (size_t n_elements, void *acc_, int64_t count,         \
                                             const GtenKScalar *params)                            \
  {                                                                                                \
    typedef GTEN_TYPE_##COMPUTE T;                                                                 \
    GTEN_PARAMS PARAMS                                                                             \
    const T n __attribute__ ((unused)) = (T) count;                                                \
    T *accs = acc_;                                                                                \
                                                                                                   \
    _Pragma ("GCC ivdep")                                                                          \
    for (size_t i_ = 0; i_ < n_elements; i_++)                                                     \
      {                                                                                            \
        const T acc = accs[i_];                                                                    \
                                                                                                   \
        accs[i_] = (T) (FINISH);                                                                   \
      }                                                                                            \
  }                                                                                                \
  static void gten_init_##ROW##_##COMPUTE (size_t n_elements, void *acc_, const GtenKScalar *params) \
  {                                                                                                \
    typedef GTEN_TYPE_##COMPUTE T;                                                                 \
    GTEN_PARAMS PARAMS                                                                             \
    T *accs = acc_;                                                                                \
                                                                                                   \
    for (size_t i_ = 0; i_ < n_elements; i_++)                                                     \
      accs[i_] = (T) (INIT);                                                                       \
  }

#include "gten-cpu-blocks.inc"

#undef GTEN_BLOCK
#undef GTEN_BLOCK_BOOL
#undef GTEN_REDUCE
#undef GTEN_NARROW
#undef GTEN_NARROW_BOOL

/* -- the table -----------------------------------------------------------------------------------*/

#define GTEN_PASTE_(a, b) a##b
#define GTEN_PASTE(a, b)  GTEN_PASTE_ (a, b)
#define GTEN_QUOTE_(a)    #a
#define GTEN_QUOTE(a)     GTEN_QUOTE_ (a)

const GtenInstructionSet GTEN_PASTE (gten_instruction_set_, GTEN_INSTRUCTION_SET) = {
  .name = GTEN_QUOTE (GTEN_INSTRUCTION_SET),

#define GTEN_BLOCK(COMPUTE, ROW, ...)                                                              \
  .blocks[GTEN_K_##ROW][GTEN_K_COMPUTE_##COMPUTE] = gten_block_##ROW##_##COMPUTE,
#define GTEN_BLOCK_BOOL(COMPUTE, ROW, ...)                                                         \
  .blocks[GTEN_K_##ROW][GTEN_K_COMPUTE_##COMPUTE] = gten_block_##ROW##_##COMPUTE,
#define GTEN_REDUCE(COMPUTE, ROW, ...)                                                             \
  .reducers[GTEN_K_REDUCE_##ROW][GTEN_K_COMPUTE_##COMPUTE] = {                                     \
    gten_horizontal_##ROW##_##COMPUTE,                                                             \
    gten_vertical_##ROW##_##COMPUTE,                                                               \
    gten_vertical_rows_##ROW##_##COMPUTE,                                                          \
    gten_combine_##ROW##_##COMPUTE,                                                                \
    gten_finish_##ROW##_##COMPUTE,                                                                 \
    gten_init_##ROW##_##COMPUTE,                                                                   \
  },
#define GTEN_NARROW(ROW, ...)                                                                      \
  .narrow_blocks[GTEN_K_##ROW] = {                                                                 \
    [GTEN_K_INT32] = gten_block_##ROW##_INT32,                                                     \
    [GTEN_K_INT16] = gten_block_##ROW##_INT16,                                                     \
    [GTEN_K_INT8] = gten_block_##ROW##_INT8,                                                       \
    [GTEN_K_UINT8] = gten_block_##ROW##_UINT8,                                                     \
  },
#define GTEN_NARROW_BOOL(ROW, ...)                                                                 \
  .narrow_blocks[GTEN_K_##ROW] = {                                                                 \
    [GTEN_K_INT32] = gten_block_##ROW##_INT32,                                                     \
    [GTEN_K_INT16] = gten_block_##ROW##_INT16,                                                     \
    [GTEN_K_INT8] = gten_block_##ROW##_INT8,                                                       \
    [GTEN_K_UINT8] = gten_block_##ROW##_UINT8,                                                     \
    [GTEN_K_BOOL] = gten_block_##ROW##_UINT8,                                                      \
  },
#include "gten-cpu-blocks.inc"
#undef GTEN_BLOCK
#undef GTEN_BLOCK_BOOL
#undef GTEN_REDUCE

#define GTEN_CONVERSION(DTYPE, COMPUTE)                                                            \
  .loads[GTEN_K_##DTYPE][GTEN_K_COMPUTE_##COMPUTE] = gten_load_##DTYPE##_##COMPUTE,                \
  .stores[GTEN_K_##DTYPE][GTEN_K_COMPUTE_##COMPUTE] = gten_store_##DTYPE##_##COMPUTE,
  GTEN_CONVERSIONS

  .lines = {
    [GTEN_K_COMPUTE_FLOAT32] = GTEN_LINES_OF (float),
    [GTEN_K_COMPUTE_FLOAT64] = GTEN_LINES_OF (double),
  },
  .taps = {
    [GTEN_K_COMPUTE_FLOAT32] = gten_taps_float,
    [GTEN_K_COMPUTE_FLOAT64] = gten_taps_double,
  },
  .gathered_taps = {
    [GTEN_K_COMPUTE_FLOAT32] = gten_gathered_taps_float,
    [GTEN_K_COMPUTE_FLOAT64] = gten_gathered_taps_double,
  },
  .norms = {
    [GTEN_K_COMPUTE_FLOAT32] = GTEN_NORM_PASSES_OF (float),
    [GTEN_K_COMPUTE_FLOAT64] = GTEN_NORM_PASSES_OF (double),
  },
  .products = {
    [GTEN_K_COMPUTE_FLOAT32] = gten_product_float,
    [GTEN_K_COMPUTE_FLOAT64] = gten_product_double,
    [GTEN_K_COMPUTE_INT64] = gten_product_int64_t,
  },
};
