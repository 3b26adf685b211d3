/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Advanced indexing, and the positions of what is not zero.
 *
 * Each position of the index shape becomes one offset into `self`; at it begins the rest of the
 * dimensions, which is moved as a whole. The rest is a walk over rows; where it is contiguous on
 * both sides it is a single row, and a row of adjacent elements is one memcpy. */

#include "gten-cpu-elements.h"

typedef void (*MoveRow) (int64_t n, char *to, int64_t to_stride, const char *from,
                         int64_t from_stride);

/* -- rows ----------------------------------------------------------------------------------------*/

#define DEFINE_COPY(STORED)                                                                        \
  static void copy_##STORED (int64_t n, char *to, int64_t to_stride, const char *from,             \
                             int64_t from_stride)                                                  \
  {                                                                                                \
    if (n > 4 && to_stride == 1 && from_stride == 1)                                               \
      {                                                                                            \
        memcpy (to, from, (size_t) n * sizeof (STORED));                                           \
        return;                                                                                    \
      }                                                                                            \
    for (int64_t i = 0; i < n; i++)                                                                \
      ((STORED *) to)[i * to_stride] = ((const STORED *) from)[i * from_stride];                   \
  }
DEFINE_COPY (uint8_t)
DEFINE_COPY (uint16_t)
DEFINE_COPY (uint32_t)
DEFINE_COPY (uint64_t)

#define DEFINE_ADD(NAME, STORED, T)                                                                \
  static void add_##NAME (int64_t n, char *to, int64_t to_stride, const char *from,                \
                          int64_t from_stride)                                                     \
  {                                                                                                \
    for (int64_t i = 0; i < n; i++)                                                                \
      {                                                                                            \
        STORED *at = (STORED *) to + i * to_stride;                                                \
                                                                                                   \
        gten_set_##NAME (at, gten_get_##NAME (at)                                                  \
                                 + gten_get_##NAME ((const STORED *) from + i * from_stride));     \
      }                                                                                            \
  }
GTEN_EACH_DTYPE (DEFINE_ADD)

#define ADD_ENTRY(NAME, STORED, T) [GTEN_K_##NAME] = add_##NAME,
static const MoveRow adds[GTEN_K_N_DTYPES] = { GTEN_EACH_DTYPE (ADD_ENTRY) };

/* -- offsets -------------------------------------------------------------------------------------*/

/* The byte offsets into self of n positions of the index shape from `begin` on. */
static bool
find_offsets (const GtenKIndexing *indexing, int64_t begin, int64_t n, int64_t *offsets,
              GtenKFault *fault)
{
  memset (offsets, 0, (size_t) n * sizeof *offsets);
  for (int k = 0; k < indexing->n_indexed; k++)
    {
      const GtenKArray *index = &indexing->indices[k];
      int64_t bound = indexing->self.sizes[k];
      int64_t stride
          = indexing->self.strides[k] * (int64_t) gten_element_size (indexing->self.dtype);
      int inner = index->n_dims - 1;
      int64_t row = inner < 0 ? 1 : index->sizes[inner],
              step = inner < 0 ? 0 : index->strides[inner];
      GtenWalk rows;

      gten_walk_init (&rows, index->n_dims, index->sizes, inner);
      gten_walk_add (&rows, index);
      gten_walk_seek (&rows, begin / row);
      for (int64_t i = 0, in_row = begin % row; i < n; in_row = 0, gten_walk_next (&rows))
        for (; in_row < row && i < n; in_row++, i++)
          {
            int64_t value = ((const int64_t *) rows.at[0])[in_row * step];
            int64_t wrapped = value < 0 ? value + bound : value;

            if ((uint64_t) wrapped >= (uint64_t) bound)
              {
#pragma omp critical (gten_index_fault)
                if (fault != NULL)
                  *fault = (GtenKFault){ value, bound, begin + i, k };
                return false;
              }
            offsets[i] += wrapped * stride;
          }
    }
  return true;
}

/* -- the rest of the dimensions ------------------------------------------------------------------*/

typedef struct
{
  bool     put;                     /* from value to self, or from self to value */
  GtenWalk rows;                    /* to, from */
  int64_t  n, to_stride, from_stride; /* of a row */
} Rest;

static bool
is_contiguous (const GtenKArray *array)
{
  int64_t expected = 1;

  for (int d = array->n_dims - 1; d >= 0; d--)
    {
      if (array->sizes[d] != 1 && array->strides[d] != expected)
        return false;
      expected *= array->sizes[d];
    }
  return true;
}

static void
rest_init (Rest *self, const GtenKIndexing *indexing, bool put)
{
  int n_dims = indexing->self.n_dims - indexing->n_indexed, skip = indexing->n_index_dims;
  GtenKArray ours = { indexing->self.data, indexing->self.dtype, n_dims,
                      indexing->self.sizes + indexing->n_indexed,
                      indexing->self.strides + indexing->n_indexed };
  GtenKArray value = { indexing->value.data, indexing->value.dtype, n_dims, ours.sizes,
                       indexing->value.strides + skip };
  bool single = is_contiguous (&ours) && is_contiguous (&value);
  int inner = n_dims - 1;

  self->put = put;
  gten_walk_init (&self->rows, single ? 0 : n_dims, ours.sizes, inner);
  gten_walk_add (&self->rows, put ? &ours : &value);
  gten_walk_add (&self->rows, put ? &value : &ours);
  self->n = single ? gten_count (&ours) : ours.sizes[inner];
  self->to_stride = single ? 1 : (put ? &ours : &value)->strides[inner];
  self->from_stride = single ? 1 : (put ? &value : &ours)->strides[inner];
}

/* The part from `begin` to `end` of every row, for n positions. */
static void
move (Rest *rest, MoveRow move_row, int64_t size, int64_t begin, int64_t end, int64_t n, char *self,
      const int64_t *offsets, GtenWalk *values)
{
  GtenWalk *rows = &rest->rows;

  for (int64_t i = 0; i < n; i++, gten_walk_next (values))
    {
      char *ours = self + offsets[i], *value = values->at[0];

      rows->base[0] = (rest->put ? ours : value) + begin * rest->to_stride * size;
      rows->base[1] = (rest->put ? value : ours) + begin * rest->from_stride * size;
      gten_walk_seek (rows, 0);
      for (int64_t r = 0; r < rows->n_positions; r++, gten_walk_next (rows))
        move_row (end - begin, rows->at[0], rest->to_stride, rows->at[1], rest->from_stride);
    }
}

/* The same where the rest is one element. */
#define DEFINE_ELEMENTS(STORED)                                                                    \
  static void elements_##STORED (bool put, int64_t n, char *self, const int64_t *offsets,          \
                                 GtenWalk *values)                                                 \
  {                                                                                                \
    for (int64_t i = 0; i < n; i++, gten_walk_next (values))                                       \
      if (put)                                                                                     \
        *(STORED *) (self + offsets[i]) = *(const STORED *) values->at[0];                         \
      else                                                                                         \
        *(STORED *) values->at[0] = *(const STORED *) (self + offsets[i]);                         \
  }
DEFINE_ELEMENTS (uint8_t)
DEFINE_ELEMENTS (uint16_t)
DEFINE_ELEMENTS (uint32_t)
DEFINE_ELEMENTS (uint64_t)

static void
copy (Rest *rest, GtenKDtype dtype, int64_t begin, int64_t end, int64_t n, char *self,
      const int64_t *offsets, GtenWalk *values)
{
  size_t size = gten_element_size (dtype);

  if (rest->n == 1 && rest->rows.n_positions == 1)
    {
#define COPY_ELEMENTS(STORED) elements_##STORED (rest->put, n, self, offsets, values)
      GTEN_SWITCH_SIZE (size, COPY_ELEMENTS)
      return;
    }
#define COPY_ROWS(STORED)                                                                          \
  move (rest, copy_##STORED, (int64_t) size, begin, end, n, self, offsets, values)
  GTEN_SWITCH_SIZE (size, COPY_ROWS)
}

/* The positions of the index shape, and where in `value` each is. */
static void
values_init (GtenWalk *values, const GtenKIndexing *indexing)
{
  gten_walk_init (values, indexing->n_index_dims, indexing->value.sizes, -1);
  gten_walk_add (values, &indexing->value);
}

GtenKStatus
gten_cpu_index (int device, const GtenKIndexing *indexing, GtenKFault *fault)
{
  bool failed = false;
  GtenWalk values;
  Rest rest;

  values_init (&values, indexing);
  rest_init (&rest, indexing, false);

  int64_t n = values.n_positions;
  int threads = (int) GTEN_MIN (gten_threads (n * rest.n * rest.rows.n_positions, 2), n);

#pragma omp parallel num_threads (GTEN_MAX (threads, 1)) firstprivate (values, rest)
  {
    int64_t offsets[GTEN_K_BLOCK];
    int64_t end = GTEN_PART_END (n);
    int64_t i = GTEN_PART_BEGIN (n);

    for (gten_walk_seek (&values, i); i < end; i += GTEN_K_BLOCK)
      {
        int64_t n_here = GTEN_MIN (end - i, GTEN_K_BLOCK);

        if (!find_offsets (indexing, i, n_here, offsets, fault))
          {
#pragma omp atomic write
            failed = true;
            break;
          }
        copy (&rest, indexing->self.dtype, 0, rest.n, n_here, indexing->self.data, offsets,
              &values);
      }
  }
  return failed ? GTEN_K_BAD_INDEX : GTEN_K_OK;
}

/* Positions may repeat, so that each thread takes all of them in order and a part of each row. */
GtenKStatus
gten_cpu_index_put (int device, const GtenKIndexing *indexing, bool accumulate, GtenKFault *fault)
{
  GtenKDtype dtype = indexing->self.dtype;
  int64_t size = (int64_t) gten_element_size (dtype);
  GtenWalk values;
  Rest rest;

  values_init (&values, indexing);
  rest_init (&rest, indexing, true);

  int64_t n = values.n_positions;
  int threads = (int) GTEN_MIN (gten_threads (n * rest.n * rest.rows.n_positions, 2), rest.n / 16);

  for (int64_t i = 0; i < n; i += GTEN_K_BLOCK)
    {
      int64_t offsets[GTEN_K_BLOCK];

      if (!find_offsets (indexing, i, GTEN_MIN (n - i, GTEN_K_BLOCK), offsets, fault))
        return GTEN_K_BAD_INDEX;
    }

#pragma omp parallel num_threads (GTEN_MAX (threads, 1)) firstprivate (values, rest)
  {
    int64_t offsets[GTEN_K_BLOCK];
    int64_t begin = GTEN_PART_BEGIN (rest.n), end = GTEN_PART_END (rest.n);

    gten_walk_seek (&values, 0);
    for (int64_t i = 0; i < n; i += GTEN_K_BLOCK)
      {
        int64_t n_here = GTEN_MIN (n - i, GTEN_K_BLOCK);

        find_offsets (indexing, i, n_here, offsets, NULL);
        if (accumulate)
          move (&rest, adds[dtype], size, begin, end, n_here, indexing->self.data, offsets,
                &values);
        else
          copy (&rest, dtype, begin, end, n_here, indexing->self.data, offsets, &values);
      }
  }
  return GTEN_K_OK;
}

/* -- nonzero -------------------------------------------------------------------------------------
 * A row is all of an array's last dimension. Each thread counts what its rows hold; their sums are
 * where each begins to write. */

#define MAX_PARTS 64

#define DEFINE_COUNT(NAME, STORED, T)                                                              \
  static int64_t count_##NAME (int64_t n, const char *from, int64_t stride)                        \
  {                                                                                                \
    int64_t count = 0;                                                                             \
                                                                                                   \
    for (int64_t i = 0; i < n; i++)                                                                \
      count += gten_get_##NAME ((const STORED *) from + i * stride) != 0;                          \
    return count;                                                                                  \
  }                                                                                                \
  /* Writes the positions along the row, of which there is room for `most`. Every position is */   \
  /* written and only some are kept: no branch to mispredict. */                                   \
  static int64_t find_##NAME (int64_t n, const char *from, int64_t stride, int64_t *to,            \
                              int64_t to_stride, int64_t most)                                     \
  {                                                                                                \
    int64_t count = 0;                                                                             \
                                                                                                   \
    for (int64_t i = 0; i < n && count < most; i++)                                                \
      {                                                                                            \
        to[count * to_stride] = i;                                                                 \
        count += gten_get_##NAME ((const STORED *) from + i * stride) != 0;                        \
      }                                                                                            \
    return count;                                                                                  \
  }
GTEN_EACH_DTYPE (DEFINE_COUNT)

typedef struct
{
  int64_t (*count) (int64_t n, const char *from, int64_t stride);
  int64_t (*find) (int64_t n, const char *from, int64_t stride, int64_t *to, int64_t to_stride,
                   int64_t most);
} Finder;

#define FINDER_ENTRY(NAME, STORED, T) [GTEN_K_##NAME] = { count_##NAME, find_##NAME },
static const Finder finders[GTEN_K_N_DTYPES] = { GTEN_EACH_DTYPE (FINDER_ENTRY) };

/* The positions of one row, from the `begin`-th of out on. */
static int64_t
find_row (const Finder *finder, const GtenWalk *rows, int64_t n, int64_t stride,
          const GtenKArray *out, int64_t begin, int64_t most)
{
  int inner = (int) out->sizes[1] - 1;
  int64_t *to = (int64_t *) out->data + begin * out->strides[0];
  int64_t found
      = finder->find (n, rows->at[0], stride, to + inner * out->strides[1], out->strides[0], most);

  for (int d = 0; d < inner; d++)
    for (int64_t i = 0; i < found; i++)
      to[i * out->strides[0] + d * out->strides[1]] = 0;
  for (int w = 0; w < rows->n_dims; w++)
    for (int64_t i = 0; i < found; i++)
      to[i * out->strides[0] + rows->dims[w] * out->strides[1]] = rows->index[w];
  return found;
}

GtenKStatus
gten_cpu_nonzero (int device, const GtenKArray *input, int64_t *count, const GtenKArray *out)
{
  const Finder *finder = &finders[input->dtype];
  int inner = input->n_dims - 1;
  int64_t n = gten_line_size (input, inner), stride = gten_line_stride (input, inner);
  int64_t counts[MAX_PARTS + 1] = { 0 };
  GtenWalk rows;

  gten_walk_init (&rows, input->n_dims, input->sizes, inner);
  gten_walk_add (&rows, input);

  int64_t n_rows = rows.n_positions;
  int threads = (int) GTEN_MIN (gten_threads (n_rows * n, 1), GTEN_MIN (n_rows, MAX_PARTS));

#pragma omp parallel num_threads (GTEN_MAX (threads, 1)) firstprivate (rows)
  {
    int part = omp_get_thread_num ();
    int64_t begin = GTEN_PART_BEGIN (n_rows), end = GTEN_PART_END (n_rows), found = 0;

    gten_walk_seek (&rows, begin);
    for (int64_t i = begin; i < end; i++, gten_walk_next (&rows))
      found += finder->count (n, rows.at[0], stride);
    counts[part + 1] = found;
#pragma omp barrier
#pragma omp single
    for (int p = 1; p <= omp_get_num_threads (); p++)
      counts[p] += counts[p - 1];
    if (out != NULL && input->n_dims > 0)
      {
        int64_t at = counts[part];

        gten_walk_seek (&rows, begin);
        for (int64_t i = begin; i < end; i++, gten_walk_next (&rows))
          at += find_row (finder, &rows, n, stride, out, at, counts[part + 1] - at);
      }
    if (part == omp_get_num_threads () - 1 && count != NULL)
      *count = counts[part + 1];
  }
  return GTEN_K_OK;
}
