/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gather, scatter, advanced indexing, nonzero: each against its definition, and every index that is
 * out of range. */
#include "test-kernels.h"

/* On a device that works on many elements at once, any of those that go to one place may be the last, and what is good is
 * written beside what is bad. */
#ifndef TEST_ANY_ORDER
#define TEST_ANY_ORDER false
#endif

/* `self` of an index, moved to where the index says along dim. */
static int64_t
pointed_at (const TestArray *indexed, const TestArray *index, int64_t p, int dim)
{
  int64_t at[TEST_MAX_DIMS];

  test_unravel (index, p, at);
  if (index->array.n_dims > 0)
    at[dim] = (int64_t) test_get (index, p);
  return test_ravel (indexed, at);
}

static void
fill_index (TestArray *index, int64_t bound, guint32 seed)
{
  for (int64_t p = 0; p < test_count (index); p++)
    test_set (index, p, (double) (((guint32) p * 2654435761u + seed) % (guint32) bound));
}

/* An index of input's shape, and one with a stride of 0 along the last dimension. */
static void
check_gather (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  g_autoptr (TestArray) input = test_array_of (dtype, layout);
  int64_t size = test_size (input, dim);
  int last = MAX (layout->n_dims - 1, 0);

  test_fill (input, 1, true);
  for (int expanded = 0; expanded < 2; expanded++)
    {
      g_autoptr (TestArray) index
          = test_array_new (GTEN_K_INT64, layout->n_dims, layout->sizes, NULL);
      g_autoptr (TestArray) out = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);
      GtenKFault fault = { 0 };

      if (expanded && layout->n_dims > 0)
        index->strides[last] = 0;
      if (size > 0)
        fill_index (index, size, 7);
      g_assert_cmpint (
          gten_cpu_backend ()->gather (0, &input->array, dim, &index->array, &out->array, &fault),
          ==, GTEN_K_OK);
      for (int64_t p = 0; p < test_count (out); p++)
        test_assert_same (test_get (out, p), test_get (input, pointed_at (input, index, p, dim)));

      if (test_count (index) == 0)
        continue;
      for (int negative = 0; negative < 2; negative++)
        {
          int64_t where = test_count (index) / 2, bad = negative ? -1 : size;

          test_set (index, where, (double) bad);
          g_assert_cmpint (gten_cpu_backend ()->gather (0, &input->array, dim, &index->array,
                                                        &out->array, &fault),
                           ==, GTEN_K_BAD_INDEX);
          g_assert_cmpint (fault.value, ==, bad);
          g_assert_cmpint (fault.bound, ==, size);
          g_assert_cmpint (fault.dim, ==, dim);
          g_assert_cmpint ((gint64) test_get (index, fault.position), ==, bad);
        }
    }
}

static double
combined (GtenKScatter kind, double acc, double x)
{
  switch (kind)
    {
    case GTEN_K_SCATTER_ADD: return acc + x;
    case GTEN_K_SCATTER_PROD: return acc * x;
    case GTEN_K_SCATTER_MAX: return isnan (x) || x > acc ? x : acc;
    case GTEN_K_SCATTER_MIN: return isnan (x) || x < acc ? x : acc;
    default: return x;
    }
}

static void
check_scatter (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  if (test_layout_is_expanded (layout))
    return;
  for (GtenKScatter kind = GTEN_K_SCATTER_ASSIGN; kind <= GTEN_K_SCATTER_MIN; kind++)
    for (int scalar = 0; scalar < 2; scalar++)
      {
        g_autoptr (TestArray) out = test_array_of (dtype, layout);
        g_autoptr (TestArray) expected
            = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);
        g_autoptr (TestArray) index
            = test_array_new (GTEN_K_INT64, layout->n_dims, layout->sizes, NULL);
        g_autoptr (TestArray) src = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);
        GtenKScalar value = { .i = 1 };
        GtenKFault fault = { 0 };

        if (test_is_float (dtype))
          value.f = 1;
        test_fill (out, 3, kind >= GTEN_K_SCATTER_MAX);
        test_fill (expected, 3, kind >= GTEN_K_SCATTER_MAX);
        test_fill (src, 4, kind >= GTEN_K_SCATTER_MAX);
        if (TEST_ANY_ORDER && kind == GTEN_K_SCATTER_ASSIGN)
          for (int64_t p = 0; p < test_count (index); p++)
            test_set (index, p, (double) (test_size (out, dim) - 1 - test_index_along (index, p, dim)));
        else if (test_size (out, dim) > 0)
          fill_index (index, test_size (out, dim), 5);
        g_assert_cmpint (gten_cpu_backend ()->scatter (0, kind, &out->array, dim, &index->array,
                                                       scalar ? NULL : &src->array, value, &fault),
                         ==, GTEN_K_OK);
        for (int64_t p = 0; p < test_count (index); p++)
          {
            int64_t at = pointed_at (expected, index, p, dim);

            test_set (expected, at,
                      combined (kind, test_get (expected, at), scalar ? 1 : test_get (src, p)));
          }
        /* Products of many small numbers leave what half types hold exactly. */
        if (kind == GTEN_K_SCATTER_PROD && test_is_float (dtype))
          continue;
        for (int64_t p = 0; p < test_count (out); p++)
          test_assert_same (test_get (out, p), test_get (expected, p));
        if (test_count (index) == 0)
          continue;
        test_set (index, 0, (double) test_size (out, dim));
        g_assert_cmpint (gten_cpu_backend ()->scatter (0, kind, &out->array, dim, &index->array,
                                                       NULL, value, &fault),
                         ==, GTEN_K_BAD_INDEX);
        g_assert_cmpint (fault.position, ==, 0);
      }
}

/* -- advanced indexing ---------------------------------------------------------------------------*/

/* Indexes the first n dimensions by [3, 4] indices, of which one is a column that repeats; half of
 * them count from the end. */
static void
check_index_n (GtenKDtype dtype, const TestLayout *layout, int n)
{
  const int64_t index_sizes[] = { 3, 4 }, column_strides[] = { 1, 0 };
  g_autoptr (TestArray) self = test_array_of (dtype, layout);
  g_autoptr (TestArray) expected = test_array_new (dtype, layout->n_dims, layout->sizes, NULL);
  TestArray *indices[TEST_MAX_DIMS];
  GtenKArray arrays[TEST_MAX_DIMS];
  int64_t sizes[TEST_MAX_DIMS + 2] = { 3, 4 };
  GtenKFault fault = { 0 };

  if (test_count (self) == 0 || 2 + layout->n_dims - n > TEST_MAX_DIMS)
    return;
  for (int d = n; d < layout->n_dims; d++)
    sizes[2 + d - n] = layout->sizes[d];

  g_autoptr (TestArray) value = test_array_new (dtype, 2 + layout->n_dims - n, sizes, NULL);
  GtenKIndexing indexing = { self->array, value->array, n, 2, arrays };
  int64_t n_rest = test_count (value) / 12;

  for (int k = 0; k < n; k++)
    {
      indices[k] = test_array_new (GTEN_K_INT64, 2, index_sizes, k == 0 ? column_strides : NULL);
      for (int64_t p = 0; p < 12; p++)
        {
          int64_t column = k == 0 ? p / 4 : p, at = (column * 5 + k) % layout->sizes[k];

          test_set (indices[k], p, (double) (column % 2 ? at - layout->sizes[k] : at));
        }
      arrays[k] = indices[k]->array;
    }

#define POINTED_AT(p, r)                                                                           \
  ({                                                                                               \
    int64_t at_ = 0;                                                                               \
                                                                                                   \
    for (int k_ = 0; k_ < n; k_++)                                                                 \
      {                                                                                            \
        int64_t index_ = (int64_t) test_get (indices[k_], p);                                      \
                                                                                                   \
        at_ = at_ * layout->sizes[k_] + (index_ < 0 ? index_ + layout->sizes[k_] : index_);        \
      }                                                                                            \
    at_ * n_rest + (r);                                                                            \
  })

  test_fill (self, 1, false);
  test_fill (expected, 1, false);
  g_assert_cmpint (gten_cpu_backend ()->index (0, &indexing, &fault), ==, GTEN_K_OK);
  for (int64_t p = 0; p < 12; p++)
    for (int64_t r = 0; r < n_rest; r++)
      test_assert_same (test_get (value, p * n_rest + r), test_get (self, POINTED_AT (p, r)));

  for (int accumulate = 0; accumulate < 2 && !test_layout_is_expanded (layout); accumulate++)
    {
      test_fill (value, 9, false);
      for (int64_t p = 0; TEST_ANY_ORDER && !accumulate && p < test_count (value); p++)
        test_set (value, p, 1);
      g_assert_cmpint (gten_cpu_backend ()->index_put (0, &indexing, accumulate, &fault), ==,
                       GTEN_K_OK);
      for (int64_t p = 0; p < 12; p++)
        for (int64_t r = 0; r < n_rest; r++)
          {
            int64_t at = POINTED_AT (p, r);
            double x = test_get (value, p * n_rest + r);

            test_set (expected, at, accumulate ? test_get (expected, at) + x : x);
          }
      for (int64_t p = 0; p < test_count (self); p++)
        test_assert_same (test_get (self, p), test_get (expected, p));
    }

  for (int negative = 0; negative < 2; negative++)
    {
      int64_t bad = negative ? -layout->sizes[n - 1] - 1 : layout->sizes[n - 1];

      test_set (indices[n - 1], 11, (double) bad);
      g_assert_cmpint (gten_cpu_backend ()->index (0, &indexing, &fault), ==, GTEN_K_BAD_INDEX);
      g_assert_cmpint (fault.value, ==, bad);
      g_assert_cmpint (fault.bound, ==, layout->sizes[n - 1]);
      g_assert_cmpint (fault.dim, ==, n - 1);
      if (test_layout_is_expanded (layout))
        continue;
      test_fill (value, 17, false);
      g_assert_cmpint (gten_cpu_backend ()->index_put (0, &indexing, false, &fault), ==,
                       GTEN_K_BAD_INDEX);
      for (int64_t p = 0; !TEST_ANY_ORDER && p < test_count (self); p++)
        test_assert_same (test_get (self, p), test_get (expected, p));
    }
  for (int k = 0; k < n; k++)
    test_array_free (indices[k]);
}

static void
check_index (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  if (layout->n_dims > 0)
    check_index_n (dtype, layout, dim + 1);
}

/* -- nonzero -------------------------------------------------------------------------------------*/

static void
check_nonzero (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  g_autoptr (TestArray) input = test_array_of (dtype, layout);
  int64_t count = -1, found = 0;

  test_fill (input, 6, true);
  g_assert_cmpint (gten_cpu_backend ()->nonzero (0, &input->array, &count, NULL), ==, GTEN_K_OK);

  int64_t sizes[] = { count, layout->n_dims }, transposed[] = { 1, count };
  g_autoptr (TestArray) out = test_array_new (GTEN_K_INT64, 2, sizes, dim == 0 ? NULL : transposed);

  g_assert_cmpint (gten_cpu_backend ()->nonzero (0, &input->array, &count, &out->array), ==,
                   GTEN_K_OK);
  for (int64_t p = 0; p < test_count (input); p++)
    if (test_get (input, p) != 0)
      {
        int64_t index[TEST_MAX_DIMS];

        test_unravel (input, p, index);
        for (int d = 0; d < layout->n_dims; d++)
          g_assert_cmpint ((gint64) test_get (out, found * layout->n_dims + d), ==, index[d]);
        found++;
      }
  g_assert_cmpint (count, ==, found);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST_EACH ("/kernels/gather", check_gather);
  TEST_EACH ("/kernels/scatter", check_scatter);
  TEST_EACH ("/kernels/index", check_index);
  TEST_EACH ("/kernels/nonzero", check_nonzero);
  return g_test_run ();
}
