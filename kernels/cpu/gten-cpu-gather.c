/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gather and scatter: `index` replaces the position along one dimension,
 *
 *   gather:   out[.., p, .., j] = input[.., index[.., p, .., j], .., j]
 *   scatter:  out[.., index[.., p, .., j], .., j] gets src[.., p, .., j]
 *
 * The innermost loop runs over j, the last dimension that is longer than one, whichever dimension
 * is indexed, so that memory is read in its order. The indexed array takes part in the walk with a
 * stride of 0 along `dim`. */

#include "gten-cpu-elements.h"

#include <pthread.h>

/* One innermost loop. Strides are in elements; `along` is the indexed array's stride along
 * `dim`. */
typedef struct
{
  int64_t n, along, indexed_stride, index_stride, other_stride;
} Row;

typedef struct
{
  GtenWalk walk;                          /* the indexed array, the index, the other array */
  Row      row;
  int64_t  bound;
  int      dim;
  bool     over_dim;                      /* the row runs along `dim` */

  size_t      size;                       /* of an element */
  GtenKFault *fault;
  bool        failed;
} Plan;

static int
innermost (const GtenKArray *index)
{
  int inner = index->n_dims - 1;

  while (inner > 0 && index->sizes[inner] == 1)
    inner--;
  return inner;
}

static void
plan (Plan *self, const GtenKArray *indexed, int dim, const GtenKArray *index,
      const GtenKArray *other, GtenKFault *fault)
{
  int64_t strides[GTEN_K_MAX_DIMS];
  GtenKArray still = *indexed;
  int inner = innermost (index);

  for (int d = 0; d < indexed->n_dims; d++)
    strides[d] = d == dim ? 0 : indexed->strides[d];
  still.strides = strides;
  gten_walk_init (&self->walk, index->n_dims, index->sizes, inner);
  gten_walk_add (&self->walk, &still);
  gten_walk_add (&self->walk, index);
  gten_walk_add (&self->walk, other);
  self->dim = dim;
  self->over_dim = inner == dim;
  self->size = gten_element_size (indexed->dtype);
  self->fault = fault;
  self->failed = false;
  self->bound = gten_line_size (indexed, dim);
  self->row = (Row){ index->n_dims == 0 ? 1 : index->sizes[inner], gten_line_stride (indexed, dim),
                     gten_line_stride (&still, inner), gten_line_stride (index, inner),
                     gten_line_stride (other, inner) };
}

/* The first position of the row whose index is out of range, or n. */
static int64_t
check_row (const Row *row, const int64_t *index, int64_t bound)
{
  int64_t i = 0;
  int bad = 0;

  if (row->index_stride == 0)
    return row->n > 0 && (uint64_t) index[0] >= (uint64_t) bound ? 0 : row->n;
  if (row->index_stride == 1)
    {
      /* Negative, or beyond: the sign of either difference. */
      int64_t signs = 0;

      for (int64_t j = 0; j < row->n; j++)
        signs |= index[j] | (bound - 1 - index[j]);
      bad = signs < 0;
    }
  else
    for (int64_t j = 0; j < row->n; j++)
      bad |= (uint64_t) index[j * row->index_stride] >= (uint64_t) bound;
  if (!bad)
    return row->n;
  while ((uint64_t) index[i * row->index_stride] < (uint64_t) bound)
    i++;
  return i;
}

/* Whether all of a row's indices are in range; notes the first that is not, of all threads'. */
static bool
row_is_good (Plan *self, const int64_t *indices, int64_t row_number)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  int64_t good = check_row (&self->row, indices, self->bound);
  int64_t position = row_number * self->row.n + good;

  if (good == self->row.n)
    return true;
  pthread_mutex_lock (&lock);
  if (self->fault != NULL && (!self->failed || position < self->fault->position))
    *self->fault = (GtenKFault){ indices[good * self->row.index_stride], self->bound, position, self->dim };
  self->failed = true;
  pthread_mutex_unlock (&lock);
  return false;
}

/* -- gather --------------------------------------------------------------------------------------*/

static void
gather_row (const Row *row, size_t size, const char *from, const int64_t *index, char *to)
{
  if (row->index_stride == 0 && row->n > 0 && row->indexed_stride == 1 && row->other_stride == 1)
    {
      memcpy (to, from + index[0] * row->along * (int64_t) size, (size_t) row->n * size);
      return;
    }
#define GATHER_LINE(STORED)                                                                        \
  for (int64_t j = 0; j < row->n; j++)                                                             \
    ((STORED *) to)[j] = ((const STORED *) from)[index[j]];
#define GATHER_SLICES(STORED)                                                                      \
  for (int64_t j = 0; j < row->n; j++)                                                             \
    ((STORED *) to)[j] = ((const STORED *) from)[index[j] * along + j];
  if (row->index_stride == 1 && row->other_stride == 1 && row->along == 1 && row->indexed_stride == 0)
    {
      GTEN_SWITCH_SIZE (size, GATHER_LINE)
      return;
    }
  if (row->index_stride == 1 && row->other_stride == 1 && row->indexed_stride == 1)
    {
      const int64_t along = row->along;

      GTEN_SWITCH_SIZE (size, GATHER_SLICES)
      return;
    }
#define GATHER(STORED)                                                                             \
  for (int64_t j = 0; j < row->n; j++)                                                             \
    ((STORED *) to)[j * row->other_stride]                                                         \
        = ((const STORED *)                                                                        \
               from)[index[j * row->index_stride] * row->along + j * row->indexed_stride];
  GTEN_SWITCH_SIZE (size, GATHER)
}

static void
gather_work (void *data, int thread, int n_threads)
{
  Plan *self = data;
  GtenWalk walk = self->walk;
  int64_t end = gten_share (walk.n_positions, thread + 1, n_threads);
  int64_t i = gten_share (walk.n_positions, thread, n_threads);

  for (gten_walk_seek (&walk, i); i < end; i++, gten_walk_next (&walk))
    {
      const int64_t *indices = (const int64_t *) walk.at[1];

      if (!row_is_good (self, indices, i))
        return;
      gather_row (&self->row, self->size, walk.at[0], indices, walk.at[2]);
    }
}

GtenKStatus
gten_cpu_gather (int device, const GtenKArray *input, int dim, const GtenKArray *index,
                 const GtenKArray *out, GtenKFault *fault)
{
  Plan self;

  plan (&self, input, dim, index, out, fault);
  gten_parallel_parts (self.walk.n_positions, self.walk.n_positions * self.row.n, 2, gather_work, &self);
  return self.failed ? GTEN_K_BAD_INDEX : GTEN_K_OK;
}

/* -- scatter -------------------------------------------------------------------------------------
 * `from` is NULL when a scalar is scattered. */

#define EACH_POSITION(GET, SET, COMBINED)                                                          \
  for (int64_t j = begin; j < end; j++)                                                            \
    {                                                                                              \
      char *at                                                                                     \
          = to + (index[j * row->index_stride] * row->along + j * row->indexed_stride) * size;     \
      T x = from == NULL ? value : GET (from + j * row->other_stride * size);                      \
      T acc = GET (at);                                                                            \
                                                                                                   \
      SET (at, COMBINED);                                                                          \
    }                                                                                              \
  break;

#define DEFINE_SCATTER(NAME, STORED, WORKING)                                                      \
  static void scatter_##NAME (GtenKScatter kind, const Row *row_, int64_t begin, int64_t end,      \
                              char *to, const int64_t *index, const char *from,                    \
                              GtenKScalar scalar)                                                  \
  {                                                                                                \
    typedef WORKING T;                                                                             \
    const int64_t size = sizeof (STORED);                                                          \
    const Row own = *row_, *row = &own; /* which no element is written to */                       \
    T value = (T) (gten_dtype_computes[GTEN_K_##NAME] == GTEN_K_COMPUTE_INT64 ? (T) scalar.i       \
                                                                              : (T) scalar.f);     \
                                                                                                   \
    switch (kind)                                                                                  \
      {                                                                                            \
      case GTEN_K_SCATTER_ASSIGN:                                                                  \
        for (int64_t j = begin; j < end; j++)                                                      \
          {                                                                                        \
            STORED *at = (STORED *) to + index[j * row->index_stride] * row->along                 \
                         + j * row->indexed_stride;                                                \
                                                                                                   \
            if (from != NULL)                                                                      \
              *at = ((const STORED *) from)[j * row->other_stride];                                \
            else                                                                                   \
              gten_set_##NAME (at, value);                                                         \
          }                                                                                        \
        break;                                                                                     \
      case GTEN_K_SCATTER_ADD:                                                                     \
        EACH_POSITION (gten_get_##NAME, gten_set_##NAME, acc + x)                                  \
      case GTEN_K_SCATTER_PROD:                                                                    \
        EACH_POSITION (gten_get_##NAME, gten_set_##NAME, acc * x)                                  \
      case GTEN_K_SCATTER_MAX:                                                                     \
        EACH_POSITION (gten_get_##NAME, gten_set_##NAME, x > acc || x != x ? x : acc)              \
      case GTEN_K_SCATTER_MIN:                                                                     \
        EACH_POSITION (gten_get_##NAME, gten_set_##NAME, x < acc || x != x ? x : acc)              \
      }                                                                                            \
  }
GTEN_EACH_DTYPE (DEFINE_SCATTER)

typedef void (*ScatterRow) (GtenKScatter kind, const Row *row, int64_t begin, int64_t end, char *to,
                            const int64_t *index, const char *from, GtenKScalar scalar);

#define ENTRY(NAME, STORED, T) [GTEN_K_##NAME] = scatter_##NAME,
static const ScatterRow scatter_rows[GTEN_K_N_DTYPES] = { GTEN_EACH_DTYPE (ENTRY) };

typedef struct
{
  Plan         plan;
  ScatterRow   scatter_row;
  GtenKScatter kind;
  GtenKScalar  value;
} Scatter;

/* Two rows may meet in out only along `dim`. When the row runs along it, each thread takes rows of
 * its own; otherwise each takes all rows, in order, and columns of its own. Either way the result
 * does not depend on the threads. */
static void
scatter_work (void *data, int thread, int n_threads)
{
  Scatter *self = data;
  Plan *plan = &self->plan;
  GtenWalk walk = plan->walk;
  int64_t n_columns = plan->row.n;
  int64_t end = plan->over_dim ? gten_share (walk.n_positions, thread + 1, n_threads) : walk.n_positions;
  int64_t i = plan->over_dim ? gten_share (walk.n_positions, thread, n_threads) : 0;
  int64_t first = plan->over_dim ? 0 : gten_share (n_columns, thread, n_threads);
  int64_t last = plan->over_dim ? n_columns : gten_share (n_columns, thread + 1, n_threads);

  for (gten_walk_seek (&walk, i); i < end; i++, gten_walk_next (&walk))
    {
      const int64_t *indices = (const int64_t *) walk.at[1];

      if (!row_is_good (plan, indices, i))
        return;
      self->scatter_row (self->kind, &plan->row, first, last, walk.at[0], indices, walk.at[2],
                         self->value);
    }
}

GtenKStatus
gten_cpu_scatter (int device, GtenKScatter kind, const GtenKArray *out, int dim,
                  const GtenKArray *index, const GtenKArray *src, GtenKScalar value,
                  GtenKFault *fault)
{
  Scatter self = { .scatter_row = scatter_rows[out->dtype], .kind = kind, .value = value };
  int64_t n_rows, n_columns;

  plan (&self.plan, out, dim, index, src, fault);
  n_rows = self.plan.walk.n_positions;
  n_columns = self.plan.row.n;
  gten_parallel_parts (self.plan.over_dim ? n_rows : n_columns / 16, n_rows * n_columns, 4, scatter_work, &self);
  return self.plan.failed ? GTEN_K_BAD_INDEX : GTEN_K_OK;
}
