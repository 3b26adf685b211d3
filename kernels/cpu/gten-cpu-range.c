/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arithmetic progressions, and the triangles of matrices. */
#include <math.h>
#include <string.h>

#include "gten-cpu-elements.h"

/* -- ranges --------------------------------------------------------------------------------------
 * Elements are computed in int64, float32 or float64 and rounded once more when they are stored.
 * (PyTorch's arange rounds the first element of each vector before it adds to it, so that its last
 * bit depends on the width of vectors; ours does not.) */

typedef struct _Range Range;

typedef GtenKCompute (*RangeBlock) (const Range *range, int64_t begin, int64_t n,
                                    GtenBlockBuffer *block);

struct _Range
{
  const GtenKArray *out;
  GtenKDtype        dtype;
  GtenKScalar       start, step, end;
  int64_t           n;
  RangeBlock        fill;
};

static GtenKCompute
progression (const Range *range, int64_t begin, int64_t n, GtenBlockBuffer *block)
{
  if (gten_dtype_computes[range->dtype] == GTEN_K_COMPUTE_INT64)
    {
      for (int64_t i = 0; i < n; i++)
        block->INT64[i] = range->start.i + range->step.i * (begin + i);
      return GTEN_K_COMPUTE_INT64;
    }
  /* An int32 is what every processor converts in vectors. */
  for (int32_t i = 0; i < (int32_t) n; i++)
    block->FLOAT64[i] = range->start.f + range->step.f * ((double) begin + (double) i);
  return GTEN_K_COMPUTE_FLOAT64;
}

/* From the nearer end, so that both ends are exact. The step has the type STEP; a product with it
 * is rounded only together with the sum, for which float64 has bits enough when the step is a
 * float32. */
#define LINSPACE(STEP, FMA, START, END)                                                            \
  {                                                                                                \
    double start = (double) (START), end = (double) (END);                                         \
    STEP step = ((STEP) end - (STEP) start) / (STEP) (range->n - 1);                               \
                                                                                                   \
    for (int64_t i = 0; i < n; i++)                                                                \
      {                                                                                            \
        int64_t before = begin + i, after = range->n - 1 - before;                                 \
        double from_start = FMA ((double) step, (double) before, start);                           \
        double from_end = FMA (-(double) step, (double) after, end);                               \
                                                                                                   \
        block->FLOAT64[i] = before < range->n / 2 ? from_start : from_end;                         \
      }                                                                                            \
    return GTEN_K_COMPUTE_FLOAT64;                                                                 \
  }
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))

static float
as_float16 (double x)
{
  return (float) (_Float16) (float) x;
}

static float
as_bfloat16 (double x)
{
  uint16_t bits;

  gten_set_BFLOAT16 (&bits, (float) x);
  return gten_get_BFLOAT16 (&bits);
}

static GtenKCompute
linspace (const Range *range, int64_t begin, int64_t n, GtenBlockBuffer *block)
{
  switch (range->dtype)
    {
    case GTEN_K_FLOAT16:
      LINSPACE (float, MULTIPLY_ADD, as_float16 (range->start.f), as_float16 (range->end.f))
    case GTEN_K_BFLOAT16:
      LINSPACE (float, MULTIPLY_ADD, as_bfloat16 (range->start.f), as_bfloat16 (range->end.f))
    case GTEN_K_FLOAT32:
      LINSPACE (float, MULTIPLY_ADD, (float) range->start.f, (float) range->end.f)
    case GTEN_K_FLOAT64:
      LINSPACE (double, fma, range->start.f, range->end.f)
    default:
      LINSPACE (double, fma, range->start.i, range->end.i)
    }
}

/* A single step has no length. */
static GtenKCompute
only_start (const Range *range, int64_t begin, int64_t n, GtenBlockBuffer *block)
{
  block->FLOAT64[0] = range->start.f; /* or, the same bits, INT64[0] = .i */
  return gten_dtype_computes[range->dtype] == GTEN_K_COMPUTE_INT64 ? GTEN_K_COMPUTE_INT64
                                                                   : GTEN_K_COMPUTE_FLOAT64;
}

static void
range_work (void *data, int thread, int n_threads)
{
  const Range *self = data;
  const int64_t stride = gten_line_stride (self->out, 0);
  const int64_t size = (int64_t) gten_element_size (self->dtype);
  const int64_t end = gten_share (self->n, thread + 1, n_threads);

  for (int64_t i = gten_share (self->n, thread, n_threads); i < end; i += GTEN_K_BLOCK)
    {
      GtenBlockBuffer block;
      int64_t n = GTEN_MIN (end - i, GTEN_K_BLOCK);
      GtenKCompute compute = self->fill (self, i, n, &block);

      gten_instruction_set->stores[self->dtype][compute](
          n, (char *) self->out->data + i * stride * size, &block, stride);
    }
}

GtenKStatus
gten_cpu_range (int device, GtenKScalar start, GtenKScalar step, const GtenKScalar *symmetric_end,
                const GtenKArray *out)
{
  int64_t n = gten_count (out);
  RangeBlock fill = symmetric_end == NULL ? progression : n == 1 ? only_start : linspace;
  Range range = { out, out->dtype, start, step, symmetric_end != NULL ? *symmetric_end : start, n,
                  fill };

  gten_parallel (gten_threads (n, 1), range_work, &range);
  return GTEN_K_OK;
}

/* -- triangles -----------------------------------------------------------------------------------*/

/* Keeps the elements from `begin` to `end`; all bits 0 is zero in every dtype. */
#define DEFINE_KEEP(STORED)                                                                        \
  static void keep_##STORED (int64_t n, int64_t begin, int64_t end, STORED *to, int64_t to_stride, \
                             const STORED *from, int64_t from_stride)                              \
  {                                                                                                \
    for (int64_t j = 0; j < begin; j++)                                                            \
      to[j * to_stride] = 0;                                                                       \
    for (int64_t j = begin; j < end; j++)                                                          \
      to[j * to_stride] = from[j * from_stride];                                                   \
    for (int64_t j = end; j < n; j++)                                                              \
      to[j * to_stride] = 0;                                                                       \
  }
DEFINE_KEEP (uint8_t)
DEFINE_KEEP (uint16_t)
DEFINE_KEEP (uint32_t)
DEFINE_KEEP (uint64_t)

static inline int64_t
clamp (int64_t x, int64_t high)
{
  return x < 0 ? 0 : x > high ? high : x;
}

typedef struct
{
  GtenWalk          rows;
  const GtenKArray *input, *out;
  int64_t           diagonal;
  bool              upper;
} Triangle;

static void
triangle_work (void *data, int thread, int n_threads)
{
  const Triangle *self = data;
  const int column = self->out->n_dims - 1;
  const int64_t n_columns = self->out->sizes[column], n_rows = self->out->sizes[column - 1];
  const int64_t to_stride = self->out->strides[column], from_stride = self->input->strides[column];
  GtenWalk rows = self->rows;
  int64_t last = gten_share (rows.n_positions, thread + 1, n_threads);
  int64_t i = gten_share (rows.n_positions, thread, n_threads);

  for (gten_walk_seek (&rows, i); i < last; i++, gten_walk_next (&rows))
    {
      int64_t split = i % n_rows + self->diagonal;
      int64_t begin = self->upper ? clamp (split, n_columns) : 0;
      int64_t end = self->upper ? n_columns : clamp (split + 1, n_columns);

#define KEEP(STORED)                                                                               \
  keep_##STORED (n_columns, begin, end, (STORED *) rows.at[1], to_stride,                          \
                 (const STORED *) rows.at[0], from_stride)
      GTEN_SWITCH_SIZE (gten_element_size (self->out->dtype), KEEP)
    }
}

/* The array with its last two dimensions exchanged; `shape` holds its sizes and strides. */
static GtenKArray
exchanged (const GtenKArray *array, int64_t shape[2][GTEN_K_MAX_DIMS])
{
  const int column = array->n_dims - 1;
  GtenKArray turned = *array;

  memcpy (shape[0], array->sizes, array->n_dims * sizeof (int64_t));
  memcpy (shape[1], array->strides, array->n_dims * sizeof (int64_t));
  for (int i = 0; i < 2; i++)
    {
      const int64_t kept = shape[i][column];

      shape[i][column] = shape[i][column - 1];
      shape[i][column - 1] = kept;
    }
  turned.sizes = shape[0];
  turned.strides = shape[1];
  return turned;
}

GtenKStatus
gten_cpu_triangle (int device, bool upper, int64_t diagonal, const GtenKArray *input,
                   const GtenKArray *out)
{
  const int column = out->n_dims - 1;
  const int64_t n_columns = out->sizes[column], n_rows = out->sizes[column - 1];
  int64_t input_shape[2][GTEN_K_MAX_DIMS], out_shape[2][GTEN_K_MAX_DIMS];
  Triangle self = { .input = input, .out = out, .upper = upper };
  GtenKArray turned_input, turned_out;

  /* No diagonal farther out than that makes a difference, and none nearer overflows. */
  self.diagonal = diagonal < -n_rows ? -n_rows : diagonal > n_columns ? n_columns : diagonal;
  /* A matrix that lies column by column is the other triangle of one that lies row by row. */
  if (out->strides[column] > out->strides[column - 1] && n_rows > 1)
    {
      turned_input = exchanged (input, input_shape);
      turned_out = exchanged (out, out_shape);
      self = (Triangle) { .input = &turned_input, .out = &turned_out, .diagonal = -self.diagonal, .upper = !upper };
    }
  gten_walk_init (&self.rows, out->n_dims, self.out->sizes, column);
  gten_walk_add (&self.rows, self.input);
  gten_walk_add (&self.rows, self.out);
  gten_parallel_parts (self.rows.n_positions, self.rows.n_positions * self.out->sizes[column], 1, triangle_work, &self);
  return GTEN_K_OK;
}
