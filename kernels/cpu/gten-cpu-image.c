/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Images in other sizes and at other places: weighted sums along a dimension, elements chosen along each, and
 * elements at the places of a grid. */
#include "gten-cpu-elements.h"

#include <math.h>

/* -- weighted sums along a dimension -----------------------------------------------------------------
 * Lines of inner elements are summed as they lie. Where inner is 1, lines along the dimension itself have the same
 * number of taps at each element or go element by element. */

#define RESAMPLE_MOST_TAPS  8
#define RESAMPLE_LEAST_LINE 8

typedef struct
{
  const GtenKResample *resample;
  GtenKDtype           dtype;
  size_t               size;
  const char          *from;
  char                *to;
  int64_t              n_taps;      /* of each row, or 0 */
  void                *weights;     /* of all taps, row by row; or with as many of each, tap by tap */
  int32_t             *places;      /* tap by tap */
  ptrdiff_t           *offsets;     /* row by row */
} Resampling;

static void
put_weight (const Resampling *self, int64_t i, double weight)
{
  if (self->dtype == GTEN_K_FLOAT32)
    ((float *) self->weights)[i] = (float) weight;
  else
    ((double *) self->weights)[i] = weight;
}

/* Each row of the matrix in the form that the lines read. */
static void
resample_prepare (Resampling *self)
{
  const GtenKResample *r = self->resample;

  for (int64_t j = 0; j < r->n_out; j++)
    for (int64_t t = r->rows[j]; t < r->rows[j + 1]; t++)
      {
        const int64_t at = self->places != NULL ? (t - r->rows[j]) * r->n_out + j : t;

        put_weight (self, at, r->weights[t]);
        if (self->places != NULL)
          self->places[at] = (int32_t) r->columns[t];
        else
          self->offsets[at] = r->columns[t] * r->inner;
      }
}

/* One element after the other, of lines along the dimension. */
#define DEFINE_RESAMPLE(STORED)                                                                    \
  static void resample_##STORED (const Resampling *self, int64_t line)                             \
  {                                                                                                \
    const GtenKResample *r = self->resample;                                                       \
    const STORED *in = (const STORED *) self->from + line * r->n_in, *weights = self->weights;     \
    STORED *out = (STORED *) self->to + line * r->n_out;                                           \
                                                                                                   \
    for (int64_t j = 0; j < r->n_out; j++)                                                         \
      {                                                                                            \
        STORED sum = 0;                                                                            \
                                                                                                   \
        for (int64_t t = r->rows[j]; t < r->rows[j + 1]; t++)                                      \
          sum += weights[t] * in[self->offsets[t]];                                                \
        out[j] = sum;                                                                              \
      }                                                                                            \
  }
DEFINE_RESAMPLE (float)
DEFINE_RESAMPLE (double)

static void
resample_lines_work (void *data, int thread, int n_threads)
{
  const Resampling *self = data;
  const GtenKResample *r = self->resample;
  const int64_t end = gten_share (r->outer, thread + 1, n_threads);

  for (int64_t line = gten_share (r->outer, thread, n_threads); line < end; line++)
    if (self->places != NULL)
      gten_instruction_set->gathered_taps[gten_dtype_computes[self->dtype]] (
          r->n_out, self->to + line * r->n_out * (int64_t) self->size, self->from + line * r->n_in * (int64_t) self->size,
          self->n_taps, self->places, self->weights);
    else if (self->dtype == GTEN_K_FLOAT32)
      resample_float (self, line);
    else
      resample_double (self, line);
}

static void
resample_rows_work (void *data, int thread, int n_threads)
{
  const Resampling *self = data;
  const GtenKResample *r = self->resample;
  const int64_t size = (int64_t) self->size, n = r->outer * r->n_out, end = gten_share (n, thread + 1, n_threads);

  for (int64_t line = gten_share (n, thread, n_threads); line < end; line++)
    {
      const int64_t j = line % r->n_out, first = r->rows[j];

      for (int64_t at = 0; at < r->inner; at += GTEN_K_BLOCK)
        gten_instruction_set->taps[gten_dtype_computes[self->dtype]] (
            GTEN_MIN (r->inner - at, GTEN_K_BLOCK), self->to + (line * r->inner + at) * size,
            self->from + (line / r->n_out * r->n_in * r->inner + at) * size, r->rows[j + 1] - first, self->offsets + first,
            (const char *) self->weights + first * size);
    }
}

static int64_t
taps_of_all (const GtenKResample *r)
{
  const int64_t n = r->rows[1] - r->rows[0];

  for (int64_t j = 1; j < r->n_out; j++)
    if (r->rows[j + 1] - r->rows[j] != n)
      return 0;
  return n;
}

GtenKStatus
gten_cpu_resample (int device, const GtenKResample *resample, GtenKDtype dtype, const void *in, void *out)
{
  Resampling self = { resample, dtype, gten_element_size (dtype), in, out };
  const int64_t n_results = resample->outer * resample->n_out * resample->inner;
  bool has_places;
  size_t n_taps, n_bytes;
  char *memory;

  if (dtype != GTEN_K_FLOAT32 && dtype != GTEN_K_FLOAT64)
    return GTEN_K_UNSUPPORTED;
  if (n_results == 0)
    return GTEN_K_OK;
  self.n_taps = taps_of_all (resample);
  has_places = resample->inner == 1 && self.n_taps > 0 && self.n_taps <= RESAMPLE_MOST_TAPS
               && resample->n_out >= RESAMPLE_LEAST_LINE && resample->n_in <= INT32_MAX;
  n_taps = (size_t) GTEN_MAX (resample->rows[resample->n_out], 1);
  n_bytes = n_taps * (sizeof (ptrdiff_t) + self.size);
  memory = gten_cpu_alloc (0, n_bytes);
  if (memory == NULL)
    return GTEN_K_OUT_OF_MEMORY;
  self.offsets = (ptrdiff_t *) memory;
  self.places = has_places ? (int32_t *) memory : NULL;
  self.weights = memory + n_taps * sizeof (ptrdiff_t);
  resample_prepare (&self);
  gten_parallel_parts (resample->inner == 1 ? resample->outer : resample->outer * resample->n_out, n_results, 2,
                       resample->inner == 1 ? resample_lines_work : resample_rows_work, &self);
  gten_cpu_free (0, memory, n_bytes);
  return GTEN_K_OK;
}

/* -- chosen elements ---------------------------------------------------------------------------------*/

typedef struct
{
  const GtenKRemap *remap;
  size_t            size;
  const char       *from;
  char             *to;
  int64_t           first, end;     /* of a line: what lies side by side in the image */
} Remapping;

/* The longest run may be anywhere; padding has it in the middle, between runs of the same direction. */
static void
find_run (Remapping *self)
{
  const int64_t n = self->remap->count[2], *map = self->remap->maps[2];

  for (int64_t begin = 0, end; begin < n; begin = end)
    {
      for (end = begin + 1; end < n && map[end] == map[end - 1] + 1; end++)
        ;
      if (end - begin > self->end - self->first)
        {
          self->first = begin;
          self->end = end;
        }
    }
}

#define DEFINE_REMAP(STORED)                                                                       \
  static void remap_line_##STORED (const Remapping *self, const void *from_, void *to_)            \
  {                                                                                                \
    const int64_t *restrict map = self->remap->maps[2], n = self->remap->count[2];                 \
    const STORED *from = from_;                                                                    \
    STORED *restrict to = to_;                                                                     \
                                                                                                   \
    for (int64_t i = 0; i < self->first; i++)                                                      \
      to[i] = from[map[i]];                                                                        \
    memcpy (to + self->first, from + map[self->first], (self->end - self->first) * sizeof (STORED)); \
    for (int64_t i = self->end; i < n; i++)                                                        \
      to[i] = from[map[i]];                                                                        \
  }
DEFINE_REMAP (uint8_t)
DEFINE_REMAP (uint16_t)
DEFINE_REMAP (uint32_t)
DEFINE_REMAP (uint64_t)

static void
remap_work (void *data, int thread, int n_threads)
{
  const Remapping *self = data;
  const GtenKRemap *r = self->remap;
  const int64_t n = r->n_planes * r->count[0], end = gten_share (n, thread + 1, n_threads);
  const int64_t in_line = r->size[2] * (int64_t) self->size, out_line = r->count[2] * (int64_t) self->size;

  for (int64_t i = gten_share (n, thread, n_threads); i < end; i++)
    {
      const int64_t plane = i / r->count[0] * r->size[0] + r->maps[0][i % r->count[0]];
      const char *image = self->from + plane * r->size[1] * in_line;
      char *line = self->to + i * r->count[1] * out_line;

      for (int64_t h = 0; h < r->count[1]; h++, line += out_line)
        if (h > 0 && r->maps[1][h] == r->maps[1][h - 1])
          memcpy (line, line - out_line, out_line);
        else
          {
#define REMAP_LINE(STORED) remap_line_##STORED (self, image + r->maps[1][h] * in_line, line)
            GTEN_SWITCH_SIZE (self->size, REMAP_LINE)
          }
    }
}

GtenKStatus
gten_cpu_remap (int device, const GtenKRemap *remap, GtenKDtype dtype, const void *in, void *out)
{
  Remapping self = { remap, gten_element_size (dtype), in, out };
  const int64_t n_lines = remap->n_planes * remap->count[0];

  if (n_lines == 0 || remap->count[1] == 0 || remap->count[2] == 0)
    return GTEN_K_OK;
  find_run (&self);
  gten_parallel_parts (n_lines, n_lines * remap->count[1] * remap->count[2], 1, remap_work, &self);
  return GTEN_K_OK;
}

/* -- the places of a grid ----------------------------------------------------------------------------
 * A block of places at a time becomes taps, which each channel then sums. A place that is not a number reads the
 * first element, with a weight that is not a number either. */

#define GRID_BLOCK 512

typedef struct
{
  double  scale, shift;
  int64_t size;
} GridAxis;

/* Floors are made by conversion, so that the loop is vector code: places are kept near the image first, where all
 * that is outside has the weight 0 anyway. */
#define DEFINE_GRID(STORED, ROUND)                                                                 \
  static void grid_axis_##STORED (const GtenKGridSample *g, const GridAxis *axis, size_t n, const STORED *places,\
                                  int32_t *at, STORED *weights)                                    \
  {                                                                                                \
    const STORED last = (STORED) (axis->size - 1), scale = (STORED) axis->scale, shift = (STORED) axis->shift;\
    const STORED low = g->has_border ? 0 : -2, high = g->has_border ? last : last + 2;             \
    const bool is_nearest = g->is_nearest;                                                         \
                                                                                                   \
    for (size_t i = 0; i < n; i++)                                                                 \
      {                                                                                            \
        const STORED exact = places[2 * i] * scale + shift;                                        \
        const STORED bounded = exact > low ? exact < high ? exact : high : low;                    \
        STORED whole = (STORED) (int32_t) bounded;                                                 \
                                                                                                   \
        whole -= whole > bounded ? 1 : 0;                                                          \
        for (int t = 0; t < 2; t++)                                                                \
          {                                                                                        \
            const STORED element = whole + (STORED) t, rest = bounded - whole;                     \
            const STORED inside = element < 0 ? 0 : element > last ? last : element;               \
            const STORED weight = element != inside ? 0 : t == 0 ? 1 - rest : rest;                \
                                                                                                   \
            at[(size_t) t * n + i] = (int32_t) inside;                                             \
            weights[(size_t) t * n + i] = exact == exact ? weight : exact;                         \
          }                                                                                        \
      }                                                                                            \
    for (size_t i = 0; i < n && is_nearest; i++)                                                   \
      {                                                                                            \
        const STORED exact = places[2 * i] * scale + shift;                                        \
        const STORED element = ROUND (exact > low ? exact < high ? exact : high : low);            \
                                                                                                   \
        at[i] = (int32_t) (element < 0 ? 0 : element > last ? last : element);                     \
        weights[i] = exact != exact ? exact : element < 0 || element > last ? 0 : 1;               \
      }                                                                                            \
  }                                                                                                \
  static void grid_block_##STORED (const GtenKGridSample *g, const GridAxis *axes, int64_t sample, int64_t first, size_t n)\
  {                                                                                                \
    const STORED *place = (const STORED *) g->places + (sample * g->n_places + first) * 2;         \
    const int64_t n_elements = g->size[0] * g->size[1];                                            \
    const int32_t width = (int32_t) g->size[1];                                                    \
    const int each = g->is_nearest ? 1 : 2;                                                        \
    int32_t x[2 * GRID_BLOCK], y[2 * GRID_BLOCK], places[4 * GRID_BLOCK];                          \
    STORED by_x[2 * GRID_BLOCK], by_y[2 * GRID_BLOCK], weights[4 * GRID_BLOCK];                    \
                                                                                                   \
    grid_axis_##STORED (g, &axes[1], n, place, x, by_x);                                           \
    grid_axis_##STORED (g, &axes[0], n, place + 1, y, by_y);                                       \
    for (int t = 0; t < each * each; t++)                                                          \
      for (size_t i = 0; i < n; i++)                                                               \
        {                                                                                          \
          const size_t in_x = (size_t) (t / each) * n + i, in_y = (size_t) (t % each) * n + i;     \
                                                                                                   \
          places[(size_t) t * n + i] = y[in_y] * width + x[in_x];                                  \
          weights[(size_t) t * n + i] = by_y[in_y] * by_x[in_x];                                   \
        }                                                                                          \
    for (int64_t c = 0; c < g->n_channels; c++)                                                    \
      {                                                                                            \
        const int64_t plane = sample * g->n_channels + c;                                          \
                                                                                                   \
        gten_instruction_set->gathered_taps[gten_dtype_computes[g->dtype]] (                       \
            n, (STORED *) g->out + plane * g->n_places + first, (const STORED *) g->images + plane * n_elements,\
            (size_t) (each * each), places, weights);                                              \
      }                                                                                            \
  }
DEFINE_GRID (float, rintf)
DEFINE_GRID (double, rint)

static GridAxis
grid_axis (const GtenKGridSample *g, int64_t size)
{
  const double half = (double) (size - 1) / 2;

  return (GridAxis) { g->align_corners ? half : (double) size / 2, half, size };
}

static void
grid_work (void *data, int thread, int n_threads)
{
  const GtenKGridSample *g = data;
  const GridAxis axes[2] = { grid_axis (g, g->size[0]), grid_axis (g, g->size[1]) };
  const int64_t n_blocks = (g->n_places + GRID_BLOCK - 1) / GRID_BLOCK, n = g->n_samples * n_blocks;
  const int64_t end = gten_share (n, thread + 1, n_threads);

  for (int64_t i = gten_share (n, thread, n_threads); i < end; i++)
    {
      const int64_t first = i % n_blocks * GRID_BLOCK;
      const size_t n_places = (size_t) GTEN_MIN (g->n_places - first, GRID_BLOCK);

      if (g->dtype == GTEN_K_FLOAT32)
        grid_block_float (g, axes, i / n_blocks, first, n_places);
      else
        grid_block_double (g, axes, i / n_blocks, first, n_places);
    }
}

GtenKStatus
gten_cpu_grid_sample (int device, const GtenKGridSample *grid_sample)
{
  const int64_t n_blocks = (grid_sample->n_places + GRID_BLOCK - 1) / GRID_BLOCK;

  if ((grid_sample->dtype != GTEN_K_FLOAT32 && grid_sample->dtype != GTEN_K_FLOAT64)
      || grid_sample->size[0] * grid_sample->size[1] > INT32_MAX)
    return GTEN_K_UNSUPPORTED;
  if (grid_sample->n_samples * n_blocks > 0)
    gten_parallel_parts (grid_sample->n_samples * n_blocks,
                         grid_sample->n_samples * grid_sample->n_places * grid_sample->n_channels, 4, grid_work,
                         (void *) grid_sample);
  return GTEN_K_OK;
}
