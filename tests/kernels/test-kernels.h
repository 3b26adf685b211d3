/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arrays for the kernel tests: every dtype in every layout, read and written as doubles by
 * row-major position.
 *
 * A buffer has not one byte more than the layout needs, so that the address sanitizer finds whoever
 * leaves it. */
#pragma once

#include <glib.h>
#include <math.h>

#include "gten-kernels.h"

#define TEST_MAX_DIMS 4

typedef struct
{
  const char *name;
  int         n_dims;
  int64_t     sizes[TEST_MAX_DIMS], strides[TEST_MAX_DIMS];
} TestLayout;

typedef struct
{
  GtenKArray array;
  int64_t    sizes[TEST_MAX_DIMS], strides[TEST_MAX_DIMS];
} TestArray;

static const GtenKDtype test_dtypes[] = {
  GTEN_K_UINT8,   GTEN_K_INT8,     GTEN_K_INT16,   GTEN_K_INT32,   GTEN_K_INT64,
  GTEN_K_FLOAT16, GTEN_K_BFLOAT16, GTEN_K_FLOAT32, GTEN_K_FLOAT64, GTEN_K_BOOL,
};

/* Outputs may have any of them but the expanded ones. */
static const TestLayout test_layouts[] = {
  { "0-d", 0, { 0 }, { 0 } },
  { "empty", 1, { 0 }, { 1 } },
  { "empty inside", 3, { 3, 0, 2 }, { 2, 2, 1 } },
  { "one", 1, { 1 }, { 1 } },
  { "line", 1, { 37 }, { 1 } },
  { "line with gaps", 1, { 37 }, { 3 } },
  { "several blocks", 1, { 5001 }, { 1 } },
  { "matrix", 2, { 7, 9 }, { 9, 1 } },
  { "transposed", 2, { 9, 7 }, { 1, 9 } },
  { "window", 2, { 5, 6 }, { 40, 2 } },
  { "permuted", 3, { 4, 5, 6 }, { 1, 24, 4 } },
  { "long rows", 2, { 3, 2100 }, { 2100, 1 } },
  { "long columns", 2, { 2100, 3 }, { 3, 1 } },
  { "for threads", 2, { 300, 500 }, { 500, 1 } },
  { "columns of size 1", 3, { 6, 1, 4 }, { 4, 4, 1 } },
  { "expanded rows", 2, { 8, 5 }, { 0, 1 } },
  { "expanded columns", 2, { 8, 5 }, { 1, 0 } },
};

static inline bool
test_layout_is_expanded (const TestLayout *layout)
{
  for (int d = 0; d < layout->n_dims; d++)
    if (layout->strides[d] == 0 && layout->sizes[d] > 1)
      return true;
  return false;
}

static inline bool
test_is_float (GtenKDtype dtype)
{
  return dtype >= GTEN_K_FLOAT16 && dtype <= GTEN_K_FLOAT64;
}

static inline int64_t
test_count (const TestArray *self)
{
  int64_t n = 1;

  for (int d = 0; d < self->array.n_dims; d++)
    n *= self->sizes[d];
  return n;
}

static inline TestArray *
test_array_new (GtenKDtype dtype, int n_dims, const int64_t *sizes, const int64_t *strides)
{
  TestArray *self = g_new0 (TestArray, 1);
  int64_t last = 0, contiguous = 1;

  for (int d = n_dims - 1; d >= 0; d--)
    {
      self->sizes[d] = sizes[d];
      self->strides[d] = strides != NULL ? strides[d] : contiguous;
      contiguous *= sizes[d];
      last += (sizes[d] - 1) * self->strides[d];
    }
  self->array = (GtenKArray){
    g_malloc0 (contiguous == 0 ? 1 : (gsize) (last + 1) * gten_k_dtype_size (dtype)), dtype, n_dims,
    self->sizes, self->strides
  };
  return self;
}

static inline TestArray *
test_array_of (GtenKDtype dtype, const TestLayout *layout)
{
  return test_array_new (dtype, layout->n_dims, layout->sizes, layout->strides);
}

static inline void
test_array_free (TestArray *self)
{
  if (self == NULL)
    return;
  g_free (self->array.data);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestArray, test_array_free)

/* The index along each dimension of a row-major position, and back. */
static inline void
test_unravel (const TestArray *self, int64_t position, int64_t *index)
{
  for (int d = self->array.n_dims - 1; d >= 0; d--)
    {
      index[d] = position % self->sizes[d];
      position /= self->sizes[d];
    }
}

static inline int64_t
test_ravel (const TestArray *self, const int64_t *index)
{
  int64_t position = 0;

  for (int d = 0; d < self->array.n_dims; d++)
    position = position * self->sizes[d] + index[d];
  return position;
}

static inline void *
test_at (const TestArray *self, int64_t position)
{
  int64_t index[TEST_MAX_DIMS], offset = 0;

  test_unravel (self, position, index);
  for (int d = 0; d < self->array.n_dims; d++)
    offset += index[d] * self->strides[d];
  return (char *) self->array.data + offset * (int64_t) gten_k_dtype_size (self->array.dtype);
}

static inline float
test_float_of_half (guint16 bits)
{
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double x = exponent == 31 ? (fraction ? NAN : INFINITY)
             : exponent == 0 ? ldexp (fraction, -24)
                             : ldexp (1024 + fraction, exponent - 25);

  return (float) (bits >> 15 ? -x : x);
}

static inline double
test_get (const TestArray *self, int64_t position)
{
  const void *at = test_at (self, position);

  switch (self->array.dtype)
    {
    case GTEN_K_INT8: return *(const gint8 *) at;
    case GTEN_K_INT16: return *(const gint16 *) at;
    case GTEN_K_INT32: return *(const gint32 *) at;
    case GTEN_K_INT64: return (double) *(const gint64 *) at;
    case GTEN_K_FLOAT16: return test_float_of_half (*(const guint16 *) at);
    case GTEN_K_BFLOAT16:
      {
        union { guint32 bits; float x; } word = { .bits = (guint32) *(const guint16 *) at << 16 };

        return word.x;
      }
    case GTEN_K_FLOAT32: return *(const float *) at;
    case GTEN_K_FLOAT64: return *(const double *) at;
    default: return *(const guint8 *) at;
    }
}

/* Small integers, infinities and NaN only: what every float dtype has exactly. */
static inline void
test_set (TestArray *self, int64_t position, double x)
{
  void *at = test_at (self, position);
  union { guint32 bits; float x; } word = { .x = (float) x };

  switch (self->array.dtype)
    {
    case GTEN_K_INT8: *(gint8 *) at = (gint8) x; break;
    case GTEN_K_INT16: *(gint16 *) at = (gint16) x; break;
    case GTEN_K_INT32: *(gint32 *) at = (gint32) x; break;
    case GTEN_K_INT64: *(gint64 *) at = (gint64) x; break;
    case GTEN_K_FLOAT16:
      {
        int exponent = (int) (word.bits >> 23 & 255) - 112;
        guint32 magnitude = x == 0      ? 0
                            : isnan (x) ? 0x7e00
                            : isinf (x) ? 0x7c00
                                        : (guint32) exponent << 10 | (word.bits >> 13 & 1023);

        *(guint16 *) at = (guint16) (word.bits >> 31 << 15 | magnitude);
        break;
      }
    case GTEN_K_BFLOAT16: *(guint16 *) at = (guint16) (word.bits >> 16); break;
    case GTEN_K_FLOAT32: *(float *) at = (float) x; break;
    case GTEN_K_FLOAT64: *(double *) at = x; break;
    case GTEN_K_BOOL: *(guint8 *) at = x != 0; break;
    default: *(guint8 *) at = (guint8) (int) x; break;
    }
}

/* Numbers from -4 to 4 (from 0 where there is no sign; 0 and 1 for bool), always the same ones;
 * every 29th of a float array is special when asked for. */
static inline void
test_fill (TestArray *self, guint32 seed, bool special)
{
  static const double specials[] = { NAN, -0.0, INFINITY, -INFINITY, 0.0 };
  bool is_float = test_is_float (self->array.dtype);
  int64_t n = test_count (self);

  for (int64_t i = 0; i < n; i++)
    {
      guint32 hash = ((guint32) i + seed) * 2654435761u;
      double x = (double) (hash >> 16 & 7) - 4 + (hash >> 20 & 1);

      if (!is_float && (self->array.dtype == GTEN_K_UINT8 || self->array.dtype == GTEN_K_BOOL))
        x = fabs (x);
      if (is_float && special && i % 29 == 28)
        x = specials[i / 29 % G_N_ELEMENTS (specials)];
      test_set (self, i, x);
    }
}

/* Row-major position of the element of self's line through `position` that is `i`-th along dim. */
static inline int64_t
test_along (const TestArray *self, int64_t position, int dim, int64_t i)
{
  int64_t index[TEST_MAX_DIMS];

  if (self->array.n_dims == 0)
    return 0;
  test_unravel (self, position, index);
  index[dim] = i;
  return test_ravel (self, index);
}

static inline int64_t
test_index_along (const TestArray *self, int64_t position, int dim)
{
  int64_t index[TEST_MAX_DIMS];

  if (self->array.n_dims == 0)
    return 0;
  test_unravel (self, position, index);
  return index[dim];
}

static inline int64_t
test_size (const TestArray *self, int dim)
{
  return self->array.n_dims == 0 ? 1 : self->sizes[dim];
}

#define test_assert_same(x, y)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    double x_ = (x), y_ = (y);                                                                     \
                                                                                                   \
    if (!(x_ == y_ || (isnan (x_) && isnan (y_))))                                                 \
      g_assert_cmpfloat (x_, ==, y_);                                                              \
  }                                                                                                \
  G_STMT_END

/* Calls `check` for every dtype, layout and dimension. */
typedef void (*TestCheck) (GtenKDtype dtype, const TestLayout *layout, int dim);

static inline void
test_each (gconstpointer data)
{
  TestCheck check = *(const TestCheck *) data;

  for (gsize t = 0; t < G_N_ELEMENTS (test_dtypes); t++)
    for (gsize l = 0; l < G_N_ELEMENTS (test_layouts); l++)
      for (int dim = 0; dim < MAX (test_layouts[l].n_dims, 1); dim++)
        check (test_dtypes[t], &test_layouts[l], dim);
}

#define TEST_EACH(path, check)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    static const TestCheck check_##check = check;                                                  \
                                                                                                   \
    g_test_add_data_func (path, &check_##check, test_each);                                        \
  }                                                                                                \
  G_STMT_END
