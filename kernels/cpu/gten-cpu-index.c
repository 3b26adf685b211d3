/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Advanced indexing, and the positions of what is not zero.
 *
 * Each position of the index shape becomes one offset into `self`; at it begins the rest of the
 * dimensions, which is moved as a whole. The rest is a walk over rows; where it is contiguous on
 * both sides it is a single row, and a row of adjacent elements is one memcpy. */

#include "gten-cpu-elements.h"

#include <pthread.h>

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
    if (to_stride == 1 && from_stride == 1)                                                        \
      {                                                                                            \
        STORED *restrict at = (STORED *) to;                                                       \
        const STORED *restrict x = (const STORED *) from;                                          \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
          gten_set_##NAME (at + i, gten_get_##NAME (at + i) + gten_get_##NAME (x + i));            \
        return;                                                                                    \
      }                                                                                            \
    for (int64_t i = 0; i < n; i++)                                                                \
      {                                                                                            \
        STORED *at = (STORED *) to + i * to_stride;                                                \
                                                                                                   \
        gten_set_##NAME (at, gten_get_##NAME (at)                                                  \
                                 + gten_get_##NAME ((const STORED *) from + i * from_stride));     \
      }                                                                                            \
  }
GTEN_EACH_DTYPE (DEFINE_ADD)

/* The same of n single elements at offsets. */
#define DEFINE_ADD_ELEMENTS(NAME, STORED, T)                                                       \
  static void add_elements_##NAME (int64_t n, char *self, const int64_t *offsets, GtenWalk *values) \
  {                                                                                                \
    const int64_t inner = values->n_dims - 1;                                                      \
                                                                                                   \
    for (int64_t m; n > 0; n -= m, offsets += m)                                                   \
      {                                                                                            \
        const int64_t step = inner < 0 ? 0 : values->strides[0][inner];                            \
        const char *value = values->at[0];                                                         \
                                                                                                   \
        m = gten_walk_line (values, n);                                                            \
        for (int64_t i = 0; i < m; i++)                                                            \
          gten_set_##NAME (self + offsets[i],                                                      \
                           gten_get_##NAME (self + offsets[i]) + gten_get_##NAME (value + i * step)); \
      }                                                                                            \
  }
GTEN_EACH_DTYPE (DEFINE_ADD_ELEMENTS)

#define ADD_ELEMENTS_ENTRY(NAME, STORED, T) [GTEN_K_##NAME] = add_elements_##NAME,
static void (*const add_elements[GTEN_K_N_DTYPES]) (int64_t n, char *self, const int64_t *offsets,
                                                    GtenWalk *values) = { GTEN_EACH_DTYPE (ADD_ELEMENTS_ENTRY) };

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
      int64_t bound = indexing->self.sizes[k], below = indexing->no_negatives ? 0 : bound;
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
        {
          const int64_t *values = (const int64_t *) rows.at[0] + in_row * step;
          const int64_t m = GTEN_MIN (row - in_row, n - i);
          int64_t signs = 0;

          /* Too low, or beyond: the sign of either difference. */
          for (int64_t j = 0; j < m; j++)
            {
              int64_t value = values[j * step];

              signs |= (value + below) | (bound - 1 - value);
              offsets[i + j] += (value + (value >> 63 & bound)) * stride;
            }
          if (signs < 0)
            {
              int64_t j = 0;

              while (values[j * step] >= -below && values[j * step] < bound)
                j++;
              if (fault != NULL)
                *fault = (GtenKFault){ values[j * step], bound, begin + i + j, k };
              return false;
            }
          i += m;
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

#define GTEN_AHEAD       4      /* rows */
#define GTEN_AHEAD_BYTES 1024   /* of a row that is worth it */

/* What one thread moves: the part from `begin` to `end` of every row whose offset is from `low` on and below `high`. */
typedef struct
{
  int64_t begin, end, low, high;
} Part;

static inline bool
part_has (const Part *self, int64_t offset)
{
  return offset >= self->low && offset < self->high;
}

/* A part, for n positions. */
static void
move (Rest *rest, MoveRow move_row, int64_t size, const Part *part, int64_t n, char *self,
      const int64_t *offsets, GtenWalk *values)
{
  GtenWalk *rows = &rest->rows;
  const int64_t begin = part->begin, end = part->end, n_bytes = (end - begin) * size;

  for (int64_t i = 0; i < n; i++, gten_walk_next (values))
    {
      char *ours = self + offsets[i], *value = values->at[0];

      /* No processor foresees which row comes next. */
      if (i + GTEN_AHEAD < n && n_bytes <= GTEN_AHEAD_BYTES && part_has (part, offsets[i + GTEN_AHEAD]))
        for (int64_t at = 0; at < n_bytes; at += 64)
          __builtin_prefetch (self + offsets[i + GTEN_AHEAD] + begin * size + at);
      if (!part_has (part, offsets[i]))
        continue;
      if (rows->n_positions == 1)
        {
          move_row (end - begin, (rest->put ? ours : value) + begin * rest->to_stride * size, rest->to_stride,
                    (rest->put ? value : ours) + begin * rest->from_stride * size, rest->from_stride);
          continue;
        }
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
    const int64_t inner = values->n_dims - 1;                                                      \
                                                                                                   \
    for (int64_t m; n > 0; n -= m, offsets += m)                                                   \
      {                                                                                            \
        const int64_t step = inner < 0 ? 0 : values->strides[0][inner];                            \
        char *value = values->at[0];                                                               \
                                                                                                   \
        m = gten_walk_line (values, n);                                                            \
        if (put)                                                                                   \
          for (int64_t i = 0; i < m; i++)                                                          \
            *(STORED *) (self + offsets[i]) = *(const STORED *) (value + i * step);                \
        else                                                                                       \
          for (int64_t i = 0; i < m; i++)                                                          \
            *(STORED *) (value + i * step) = *(const STORED *) (self + offsets[i]);                \
      }                                                                                            \
  }
DEFINE_ELEMENTS (uint8_t)
DEFINE_ELEMENTS (uint16_t)
DEFINE_ELEMENTS (uint32_t)
DEFINE_ELEMENTS (uint64_t)

static void
copy (Rest *rest, GtenKDtype dtype, const Part *part, int64_t n, char *self,
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
  move (rest, copy_##STORED, (int64_t) size, part, n, self, offsets, values)
  GTEN_SWITCH_SIZE (size, COPY_ROWS)
}

/* The positions of the index shape, and where in `value` each is. */
static void
values_init (GtenWalk *values, const GtenKIndexing *indexing)
{
  gten_walk_init (values, indexing->n_index_dims, indexing->value.sizes, -1);
  gten_walk_add (values, &indexing->value);
}

typedef struct
{
  const GtenKIndexing *indexing;
  GtenWalk             values;
  Rest                 rest;
  bool                 accumulate;
  GtenKFault          *fault;
  bool                 failed;
} Indexed;

static void
index_work (void *data, int thread, int n_threads)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  Indexed *self = data;
  GtenWalk values = self->values;
  Rest rest = self->rest;
  const Part all = { 0, rest.n, INT64_MIN, INT64_MAX };
  int64_t offsets[GTEN_K_BLOCK];
  int64_t end = gten_share (values.n_positions, thread + 1, n_threads);
  int64_t i = gten_share (values.n_positions, thread, n_threads);

  for (gten_walk_seek (&values, i); i < end; i += GTEN_K_BLOCK)
    {
      int64_t n = GTEN_MIN (end - i, GTEN_K_BLOCK);
      GtenKFault fault;

      if (!find_offsets (self->indexing, i, n, offsets, &fault))
        {
          pthread_mutex_lock (&lock);
          if (self->fault != NULL)
            *self->fault = fault;
          self->failed = true;
          pthread_mutex_unlock (&lock);
          return;
        }
      copy (&rest, self->indexing->self.dtype, &all, n, self->indexing->self.data, offsets, &values);
    }
}

/* One vector of indices along a dimension whose elements lie closer together than those of the rest: line
 * by line, so that memory is read in its order. */
static bool
is_by_lines (const GtenKIndexing *indexing)
{
  const GtenKArray *self = &indexing->self, *index = indexing->indices;

  if (indexing->n_indexed != 1 || indexing->n_index_dims != 1 || self->n_dims < 2
      || self->strides[0] >= self->strides[self->n_dims - 1] || self->strides[0] == 0)
    return false;
  for (int64_t i = 0; i < index->sizes[0]; i++)
    if (((const int64_t *) index->data)[i * index->strides[0]] < 0)
      return false;
  return true;
}

/* Gathers or scatters with the indexed dimension as the last one and the same indices for every line. */
static GtenKStatus
index_by_lines (int device, const GtenKIndexing *indexing, bool put, bool accumulate, GtenKFault *fault)
{
  const int last = indexing->self.n_dims - 1;
  int64_t sizes[3][GTEN_K_MAX_DIMS], strides[3][GTEN_K_MAX_DIMS];
  const GtenKArray *from[] = { &indexing->self, indexing->indices, &indexing->value };
  GtenKArray to[3];

  for (int a = 0; a < 3; a++)
    {
      to[a] = (GtenKArray){ from[a]->data, from[a]->dtype, last + 1, sizes[a], strides[a] };
      for (int d = 0; d < last; d++)
        {
          sizes[a][d] = indexing->value.sizes[d + 1];
          strides[a][d] = a == 1 ? 0 : from[a]->strides[d + 1];
        }
      sizes[a][last] = from[a]->sizes[0];
      strides[a][last] = from[a]->strides[0];
    }
  return put ? gten_cpu_scatter (device, accumulate ? GTEN_K_SCATTER_ADD : GTEN_K_SCATTER_ASSIGN, &to[0], last, &to[1],
                                 &to[2], (GtenKScalar) { 0 }, fault)
             : gten_cpu_gather (device, &to[0], last, &to[1], &to[2], fault);
}

GtenKStatus
gten_cpu_index (int device, const GtenKIndexing *indexing, GtenKFault *fault)
{
  Indexed self = { .indexing = indexing, .fault = fault };
  int64_t n;

  if (is_by_lines (indexing))
    return index_by_lines (device, indexing, false, false, fault);

  values_init (&self.values, indexing);
  rest_init (&self.rest, indexing, false);
  n = self.values.n_positions;
  gten_parallel_parts (n, n * self.rest.n * self.rest.rows.n_positions, 2, index_work, &self);
  return self.failed ? GTEN_K_BAD_INDEX : GTEN_K_OK;
}

/* Positions may repeat, so that each thread takes all of them in order: a part of each row, or, where rows are short,
 * the rows in a part of self. */
static Part
part_of_rows (const Indexed *self, int thread, int n_threads)
{
  const GtenKArray *ours = &self->indexing->self;
  const int64_t size = (int64_t) gten_element_size (ours->dtype), n = self->rest.n;
  int64_t extent = 1;

  if (n * size > GTEN_AHEAD_BYTES)
    return (Part) { gten_share (n, thread, n_threads), gten_share (n, thread + 1, n_threads), INT64_MIN, INT64_MAX };
  for (int k = 0; k < self->indexing->n_indexed; k++)
    extent += (ours->sizes[k] - 1) * ours->strides[k] * size;
  return (Part) { 0, n, gten_share (extent, thread, n_threads), gten_share (extent, thread + 1, n_threads) };
}

static void
index_put_work (void *data, int thread, int n_threads)
{
  const Indexed *self = data;
  const GtenKDtype dtype = self->indexing->self.dtype;
  GtenWalk values = self->values;
  Rest rest = self->rest;
  int64_t offsets[GTEN_K_BLOCK];
  const Part part = part_of_rows (self, thread, n_threads);

  gten_walk_seek (&values, 0);
  for (int64_t i = 0; i < values.n_positions; i += GTEN_K_BLOCK)
    {
      int64_t n = GTEN_MIN (values.n_positions - i, GTEN_K_BLOCK);

      find_offsets (self->indexing, i, n, offsets, NULL);
      if (self->accumulate && rest.n == 1 && rest.rows.n_positions == 1)
        add_elements[dtype](n, self->indexing->self.data, offsets, &values);
      else if (self->accumulate)
        move (&rest, adds[dtype], (int64_t) gten_element_size (dtype), &part, n,
              self->indexing->self.data, offsets, &values);
      else
        copy (&rest, dtype, &part, n, self->indexing->self.data, offsets, &values);
    }
}

GtenKStatus
gten_cpu_index_put (int device, const GtenKIndexing *indexing, bool accumulate, GtenKFault *fault)
{
  Indexed self = { .indexing = indexing, .accumulate = accumulate };
  int64_t n;

  values_init (&self.values, indexing);
  rest_init (&self.rest, indexing, true);
  for (int64_t i = 0; i < self.values.n_positions; i += GTEN_K_BLOCK)
    {
      int64_t offsets[GTEN_K_BLOCK];

      if (!find_offsets (indexing, i, GTEN_MIN (self.values.n_positions - i, GTEN_K_BLOCK), offsets,
                         fault))
        return GTEN_K_BAD_INDEX;
    }
  if (is_by_lines (indexing))
    return index_by_lines (device, indexing, true, accumulate, fault);
  n = self.values.n_positions * self.rest.n * self.rest.rows.n_positions;
  gten_parallel_parts (self.rest.n / 16, n, 2, index_put_work, &self);
  return GTEN_K_OK;
}

/* -- nonzero -------------------------------------------------------------------------------------
 * A row is all of an array's last dimension. Each part counts what its rows hold; the sums are
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

typedef struct
{
  const Finder     *finder;
  GtenWalk          rows;
  int64_t           n, stride;
  int64_t           counts[MAX_PARTS + 1];
  const GtenKArray *out;
} Nonzero;

static void
nonzero_count (void *data, int thread, int n_threads)
{
  Nonzero *self = data;
  GtenWalk rows = self->rows;
  int64_t end = gten_share (rows.n_positions, thread + 1, n_threads);
  int64_t i = gten_share (rows.n_positions, thread, n_threads), found = 0;

  for (gten_walk_seek (&rows, i); i < end; i++, gten_walk_next (&rows))
    found += self->finder->count (self->n, rows.at[0], self->stride);
  self->counts[thread + 1] = found;
}

static void
nonzero_write (void *data, int thread, int n_threads)
{
  const Nonzero *self = data;
  GtenWalk rows = self->rows;
  int64_t end = gten_share (rows.n_positions, thread + 1, n_threads);
  int64_t i = gten_share (rows.n_positions, thread, n_threads), at = self->counts[thread];

  for (gten_walk_seek (&rows, i); i < end; i++, gten_walk_next (&rows))
    at += find_row (self->finder, &rows, self->n, self->stride, self->out, at,
                    self->counts[thread + 1] - at);
}

GtenKStatus
gten_cpu_nonzero (int device, const GtenKArray *input, int64_t *count, const GtenKArray *out)
{
  const int inner = input->n_dims - 1;
  Nonzero self = {
    .finder = &finders[input->dtype],
    .n = gten_line_size (input, inner),
    .stride = gten_line_stride (input, inner),
    .out = out,
  };
  int64_t n_rows;
  int n_parts;

  gten_walk_init (&self.rows, input->n_dims, input->sizes, inner);
  gten_walk_add (&self.rows, input);
  n_rows = self.rows.n_positions;
  n_parts = (int) GTEN_MIN (gten_threads (n_rows * self.n, 1), GTEN_MIN (n_rows, MAX_PARTS));
  n_parts = GTEN_MAX (n_parts, 1);
  gten_parallel (n_parts, nonzero_count, &self);
  for (int part = 1; part <= n_parts; part++)
    self.counts[part] += self.counts[part - 1];
  if (out != NULL && input->n_dims > 0)
    gten_parallel (n_parts, nonzero_write, &self);
  if (count != NULL)
    *count = self.counts[n_parts];
  return GTEN_K_OK;
}
