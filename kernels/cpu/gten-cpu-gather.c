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
  bool     over_dim;                      /* the row runs along `dim` */
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
      const GtenKArray *other)
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
  self->over_dim = inner == dim;
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
  for (int64_t j = 0; j < row->n; j++)
    bad |= (uint64_t) index[j * row->index_stride] >= (uint64_t) bound;
  if (!bad)
    return row->n;
  while ((uint64_t) index[i * row->index_stride] < (uint64_t) bound)
    i++;
  return i;
}

static void
report (GtenKFault *fault, bool *failed, const Plan *self, int dim, int64_t position, int64_t value)
{
#pragma omp critical (gten_gather_fault)
  {
    if (fault != NULL && (!*failed || position < fault->position))
      *fault = (GtenKFault){ value, self->bound, position, dim };
    *failed = true;
  }
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
#define GATHER(STORED)                                                                             \
  for (int64_t j = 0; j < row->n; j++)                                                             \
    ((STORED *) to)[j * row->other_stride]                                                         \
        = ((const STORED *)                                                                        \
               from)[index[j * row->index_stride] * row->along + j * row->indexed_stride];
  GTEN_SWITCH_SIZE (size, GATHER)
}

GtenKStatus
gten_cpu_gather (int device, const GtenKArray *input, int dim, const GtenKArray *index,
                 const GtenKArray *out, GtenKFault *fault)
{
  size_t size = gten_element_size (input->dtype);
  bool failed = false;
  Plan self;

  plan (&self, input, dim, index, out);

  int64_t n_rows = self.walk.n_positions;
  int threads = (int) GTEN_MIN (gten_threads (n_rows * self.row.n, 2), n_rows);

#pragma omp parallel num_threads (GTEN_MAX (threads, 1))
  {
    GtenWalk walk = self.walk;
    int64_t end = GTEN_PART_END (n_rows);
    int64_t i = GTEN_PART_BEGIN (n_rows);

    for (gten_walk_seek (&walk, i); i < end; i++, gten_walk_next (&walk))
      {
        const int64_t *indices = (const int64_t *) walk.at[1];
        int64_t good = check_row (&self.row, indices, self.bound);

        if (good < self.row.n)
          {
            report (fault, &failed, &self, dim, i * self.row.n + good,
                    indices[good * self.row.index_stride]);
            break;
          }
        gather_row (&self.row, size, walk.at[0], indices, walk.at[2]);
      }
  }
  return failed ? GTEN_K_BAD_INDEX : GTEN_K_OK;
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
  static void scatter_##NAME (GtenKScatter kind, const Row *row, int64_t begin, int64_t end,       \
                              char *to, const int64_t *index, const char *from,                    \
                              GtenKScalar scalar)                                                  \
  {                                                                                                \
    typedef WORKING T;                                                                             \
    const int64_t size = sizeof (STORED);                                                          \
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

/* Two rows may meet in out only along `dim`. When the row runs along it, each thread takes rows of
 * its own; otherwise each takes all rows, in order, and columns of its own. Either way the result
 * does not depend on the threads. */
GtenKStatus
gten_cpu_scatter (int device, GtenKScatter kind, const GtenKArray *out, int dim,
                  const GtenKArray *index, const GtenKArray *src, GtenKScalar value,
                  GtenKFault *fault)
{
  ScatterRow scatter_row = scatter_rows[out->dtype];
  bool failed = false;
  Plan self;

  plan (&self, out, dim, index, src);

  int64_t n_rows = self.walk.n_positions, n_columns = self.row.n;
  int threads = (int) GTEN_MIN (gten_threads (n_rows * n_columns, 4),
                                self.over_dim ? n_rows : n_columns / 16);

#pragma omp parallel num_threads (GTEN_MAX (threads, 1))
  {
    GtenWalk walk = self.walk;
    int64_t end = self.over_dim ? GTEN_PART_END (n_rows) : n_rows;
    int64_t i = self.over_dim ? GTEN_PART_BEGIN (n_rows) : 0;
    int64_t first = self.over_dim ? 0 : GTEN_PART_BEGIN (n_columns);
    int64_t last = self.over_dim ? n_columns : GTEN_PART_END (n_columns);

    for (gten_walk_seek (&walk, i); i < end; i++, gten_walk_next (&walk))
      {
        const int64_t *indices = (const int64_t *) walk.at[1];
        int64_t good = check_row (&self.row, indices, self.bound);

        if (good < n_columns)
          {
            report (fault, &failed, &self, dim, i * n_columns + good,
                    indices[good * self.row.index_stride]);
            break;
          }
        scatter_row (kind, &self.row, first, last, walk.at[0], indices, walk.at[2], value);
      }
  }
  return failed ? GTEN_K_BAD_INDEX : GTEN_K_OK;
}
