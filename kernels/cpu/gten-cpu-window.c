/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Windows that slide over images: their elements as columns, columns summed back into images, and
 * the largest element of each.
 *
 * An image has three dimensions; one or two are those with leading ones. Everything lies row-major:
 * images [planes, size], columns [planes, kernel, count], results of pooling [planes, count]. */
#include "gten-cpu-elements.h"

/* The positions along one dimension, of those at begin + i * stride for i in [0, count), that lie
 * in [0, size). */
static void
inside (int64_t begin, int64_t stride, int64_t count, int64_t size, int64_t *first, int64_t *end)
{
  int64_t low = begin >= 0 ? 0 : (-begin + stride - 1) / stride;
  int64_t high = begin >= size ? 0 : (size - 1 - begin) / stride + 1;

  *end = GTEN_MIN (high, count);
  *first = GTEN_MIN (low, *end);
}

typedef struct
{
  const GtenKWindows *windows;
  int64_t             n_planes;
  GtenKDtype          dtype;
  const char         *from;
  char               *to;
} Folding;

/* All windows, at one position in the kernel. */
#define DEFINE_UNFOLD(STORED)                                                                      \
  static void unfold_##STORED (const GtenKWindows *w, int64_t position, const STORED *image, STORED *columns)\
  {                                                                                                \
    const int64_t kw = position % w->kernel[2], kh = position / w->kernel[2] % w->kernel[1];       \
    const int64_t kd = position / w->kernel[2] / w->kernel[1];                                     \
    const int64_t x = kw * w->dilation[2] - w->padding[2], step = w->stride[2];                    \
    int64_t first, end;                                                                            \
                                                                                                   \
    inside (x, step, w->count[2], w->size[2], &first, &end);                                       \
    for (int64_t d = 0; d < w->count[0]; d++)                                                      \
      for (int64_t h = 0; h < w->count[1]; h++, columns += w->count[2])                            \
        {                                                                                          \
          const int64_t z = d * w->stride[0] + kd * w->dilation[0] - w->padding[0];                \
          const int64_t y = h * w->stride[1] + kh * w->dilation[1] - w->padding[1];                \
          const STORED *line = image + (z * w->size[1] + y) * w->size[2] + x;                      \
                                                                                                   \
          if (z < 0 || z >= w->size[0] || y < 0 || y >= w->size[1])                                \
            {                                                                                      \
              memset (columns, 0, w->count[2] * sizeof *columns);                                  \
              continue;                                                                            \
            }                                                                                      \
          for (int64_t i = 0; i < first; i++)                                                      \
            columns[i] = 0;                                                                        \
          if (step == 1)                                                                           \
            memcpy (columns + first, line + first, (end - first) * sizeof *columns);               \
          else if (step == 2)                                                                      \
            for (int64_t i = first; i < end; i++)                                                  \
              columns[i] = line[i * 2];                                                            \
          else                                                                                     \
            for (int64_t i = first; i < end; i++)                                                  \
              columns[i] = line[i * step];                                                         \
          for (int64_t i = end; i < w->count[2]; i++)                                              \
            columns[i] = 0;                                                                        \
        }                                                                                          \
  }
DEFINE_UNFOLD (uint8_t)
DEFINE_UNFOLD (uint16_t)
DEFINE_UNFOLD (uint32_t)
DEFINE_UNFOLD (uint64_t)

#define DEFINE_FOLD(STORED)                                                                        \
  static void fold_##STORED (const GtenKWindows *w, const STORED *columns, STORED *image)          \
  {                                                                                                \
    for (int64_t kd = 0; kd < w->kernel[0]; kd++)                                                  \
      for (int64_t kh = 0; kh < w->kernel[1]; kh++)                                                \
        for (int64_t kw = 0; kw < w->kernel[2]; kw++)                                              \
          {                                                                                        \
            const int64_t x = kw * w->dilation[2] - w->padding[2], step = w->stride[2];            \
            int64_t first, end;                                                                    \
                                                                                                   \
            inside (x, step, w->count[2], w->size[2], &first, &end);                               \
            for (int64_t d = 0; d < w->count[0]; d++)                                              \
              for (int64_t h = 0; h < w->count[1]; h++, columns += w->count[2])                    \
                {                                                                                  \
                  const int64_t z = d * w->stride[0] + kd * w->dilation[0] - w->padding[0];        \
                  const int64_t y = h * w->stride[1] + kh * w->dilation[1] - w->padding[1];        \
                  STORED *line = image + (z * w->size[1] + y) * w->size[2] + x;                    \
                                                                                                   \
                  if (z < 0 || z >= w->size[0] || y < 0 || y >= w->size[1])                        \
                    continue;                                                                      \
                  if (step == 1)                                                                   \
                    for (int64_t i = first; i < end; i++)                                          \
                      line[i] += columns[i];                                                       \
                  else                                                                             \
                    for (int64_t i = first; i < end; i++)                                          \
                      line[i * step] += columns[i];                                                \
                }                                                                                  \
          }                                                                                        \
  }
DEFINE_FOLD (float)
DEFINE_FOLD (double)
DEFINE_FOLD (int64_t)

/* Of each plane, each position in the kernel. */
static void
unfold_work (void *data, int thread, int n_threads)
{
  const Folding *self = data;
  const size_t size = gten_element_size (self->dtype);
  const int64_t image = gten_volume (self->windows->size), count = gten_volume (self->windows->count);
  const int64_t kernel = gten_volume (self->windows->kernel), n = self->n_planes * kernel;
  const int64_t end = gten_share (n, thread + 1, n_threads);

  for (int64_t i = gten_share (n, thread, n_threads); i < end; i++)
    {
#define UNFOLD(STORED)                                                                             \
  unfold_##STORED (self->windows, i % kernel, (const STORED *) (self->from + i / kernel * image * size), \
                   (STORED *) (self->to + i * count * size))
      GTEN_SWITCH_SIZE (size, UNFOLD)
    }
}

static void
fold_work (void *data, int thread, int n_threads)
{
  const Folding *self = data;
  const size_t size = gten_element_size (self->dtype);
  const int64_t image = gten_volume (self->windows->size), end = gten_share (self->n_planes, thread + 1, n_threads);
  const int64_t columns = gten_volume (self->windows->kernel) * gten_volume (self->windows->count);

  for (int64_t i = gten_share (self->n_planes, thread, n_threads); i < end; i++)
    {
      const void *from = self->from + i * columns * size;
      void *to = self->to + i * image * size;

      memset (to, 0, image * size);
      if (self->dtype == GTEN_K_FLOAT32)
        fold_float (self->windows, from, to);
      else if (self->dtype == GTEN_K_FLOAT64)
        fold_double (self->windows, from, to);
      else
        fold_int64_t (self->windows, from, to);
    }
}

GtenKStatus
gten_cpu_unfold (int device, const GtenKWindows *windows, int64_t n_planes, GtenKDtype dtype, const void *images,
                 void *columns)
{
  Folding self = { windows, n_planes, dtype, images, columns };
  const int64_t n_parts = n_planes * gten_volume (windows->kernel);

  if (n_planes > 0)
    gten_parallel_parts (n_parts, n_parts * gten_volume (windows->count), 1, unfold_work, &self);
  return GTEN_K_OK;
}

GtenKStatus
gten_cpu_fold (int device, const GtenKWindows *windows, int64_t n_planes, GtenKDtype dtype, const void *columns,
               void *images)
{
  Folding self = { windows, n_planes, dtype, columns, images };

  if (dtype != gten_compute_dtypes[gten_dtype_computes[dtype]])
    return GTEN_K_UNSUPPORTED;
  if (n_planes > 0)
    gten_parallel_parts (n_planes, n_planes * gten_volume (windows->kernel) * gten_volume (windows->count), 1, fold_work, &self);
  return GTEN_K_OK;
}

/* -- one channel, one kernel -----------------------------------------------------------------------
 * A plane is copied with zeros around it. There every element of the kernel is an offset, the same one for all
 * windows, so that all windows, and what lies between two rows of them, are one long line. */

#define DEPTHWISE_TAPS 128

typedef struct
{
  const GtenKWindows *windows;
  int64_t             n_planes, n_channels;
  size_t              size;                 /* of an element */
  GtenKCompute        compute;
  const char         *images, *weights;
  char               *results;
  int64_t             padded[3], n_padded, n_line;
  ptrdiff_t           offsets[DEPTHWISE_TAPS];
  char               *scratch;              /* of each thread: a padded plane and a line */
} Depthwise;

static void
depthwise_init (Depthwise *self)
{
  const GtenKWindows *w = self->windows;
  int64_t tap = 0;

  for (int d = 0; d < 3; d++)
    self->padded[d] = w->size[d] + 2 * w->padding[d];
  self->n_padded = gten_volume (self->padded);
  self->n_line = ((w->count[0] - 1) * self->padded[1] + w->count[1] - 1) * self->padded[2] + w->count[2];
  for (int64_t z = 0; z < w->kernel[0]; z++)
    for (int64_t y = 0; y < w->kernel[1]; y++)
      for (int64_t x = 0; x < w->kernel[2]; x++)
        self->offsets[tap++] = (z * w->dilation[0] * self->padded[1] + y * w->dilation[1]) * self->padded[2]
                               + x * w->dilation[2];
}

/* The rows of a volume: from one pitch to another. */
static void
copy_rows (const int64_t *rows, size_t n_bytes, char *to, int64_t to_height, int64_t to_pitch, const char *from,
           int64_t from_height, int64_t from_pitch)
{
  for (int64_t z = 0; z < rows[0]; z++)
    for (int64_t y = 0; y < rows[1]; y++)
      memcpy (to + (z * to_height + y) * to_pitch, from + (z * from_height + y) * from_pitch, n_bytes);
}

static void
depthwise_work (void *data, int thread, int n_threads)
{
  const Depthwise *self = data;
  const GtenKWindows *w = self->windows;
  const int64_t size = (int64_t) self->size, kernel = gten_volume (w->kernel), pitch = self->padded[2] * size;
  const int64_t end = gten_share (self->n_planes, thread + 1, n_threads);
  char *plane = self->scratch + thread * (self->n_padded + self->n_line) * size, *line = plane + self->n_padded * size;
  char *inner = plane + ((w->padding[0] * self->padded[1] + w->padding[1]) * self->padded[2] + w->padding[2]) * size;

  memset (plane, 0, self->n_padded * size);
  for (int64_t i = gten_share (self->n_planes, thread, n_threads); i < end; i++)
    {
      copy_rows (w->size, w->size[2] * size, inner, self->padded[1], pitch, self->images + i * gten_volume (w->size) * size,
                 w->size[1], w->size[2] * size);
      for (int64_t at = 0; at < self->n_line; at += GTEN_K_BLOCK)
        gten_instruction_set->taps[self->compute] (GTEN_MIN (self->n_line - at, GTEN_K_BLOCK), line + at * size,
                                                   plane + at * size, kernel, self->offsets,
                                                   self->weights + i % self->n_channels * kernel * size);
      copy_rows (w->count, w->count[2] * size, self->results + i * gten_volume (w->count) * size, w->count[1],
                 w->count[2] * size, line, self->padded[1], pitch);
    }
}

GtenKStatus
gten_cpu_depthwise (int device, const GtenKWindows *windows, int64_t n_planes, int64_t n_channels, GtenKDtype dtype,
                    const void *images, const void *weights, void *results)
{
  Depthwise self = { .windows = windows, .n_planes = n_planes, .n_channels = n_channels, .images = images,
                     .weights = weights, .results = results };
  int n_threads;
  size_t n_bytes;

  if ((dtype != GTEN_K_FLOAT32 && dtype != GTEN_K_FLOAT64) || gten_volume (windows->stride) != 1
      || gten_volume (windows->kernel) > DEPTHWISE_TAPS || gten_volume (windows->count) == 0)
    return GTEN_K_UNSUPPORTED;
  self.size = gten_element_size (dtype);
  self.compute = gten_dtype_computes[dtype];
  depthwise_init (&self);
  n_threads = (int) GTEN_MIN (n_planes, gten_threads (n_planes * gten_volume (windows->kernel) * gten_volume (windows->count),
                                                      1));
  n_bytes = (size_t) n_threads * (size_t) (self.n_padded + self.n_line) * self.size;
  self.scratch = gten_cpu_alloc (0, n_bytes);
  if (self.scratch == NULL)
    return GTEN_K_OUT_OF_MEMORY;
  gten_parallel (n_threads, depthwise_work, &self);
  gten_cpu_free (0, self.scratch, n_bytes);
  return GTEN_K_OK;
}

/* -- pooling ---------------------------------------------------------------------------------------*/

typedef struct
{
  const GtenKPooling *pooling;
  GtenKDtype          dtype;
  const char         *from;
  char               *values;
  int64_t            *indices;
  int64_t             first, n_inner, stride;
} MaxPool;

/* The longest row of windows of one size that lie equally far apart. */
static void
find_inner_windows (MaxPool *self)
{
  const GtenKPooling *p = self->pooling;
  const int64_t *begins = p->begins[2], *ends = p->ends[2], n = p->count[2];

  if (gten_volume (p->size) > INT32_MAX)
    return;
  for (int64_t first = 0, end; first < n; first = GTEN_MAX (end - 1, first + 1))
    {
      const int64_t stride = first + 1 < n ? begins[first + 1] - begins[first] : 1;

      for (end = first + 1; end < n && begins[end] - begins[end - 1] == stride && ends[end] - begins[end] == ends[first] - begins[first];
           end++)
        ;
      if (end - first > self->n_inner)
        {
          self->first = first;
          self->n_inner = end - first;
          self->stride = stride;
        }
      if (end == n)
        return;
    }
}

/* The first of equal elements wins, and a NaN over all. Of a row of windows, those from `first` on, as many as
 * `n_inner`, are whole and lie `stride` apart: they go side by side, tap by tap. */
#define MAX_POOL_ROW 256

#define TAKE(element, place, most, best)                                                           \
  {                                                                                                \
    const bool takes = ((element) > (most)) | ((element) != (element));                            \
                                                                                                   \
    (best) = takes ? (place) : (best);                                                             \
    (most) = takes ? (element) : (most);                                                           \
  }
#define DEFINE_MAX_POOL(STORED)                                                                    \
  static inline __attribute__ ((always_inline)) void                                               \
    take_line_##STORED (int64_t n, const STORED *restrict from, int64_t stride, int32_t place, STORED *restrict most,\
                        int32_t *restrict best)                                                    \
  {                                                                                                \
    for (int64_t i = 0; i < n; i++)                                                                \
      {                                                                                            \
        STORED largest = most[i];                                                                  \
        int32_t at = best[i];                                                                      \
                                                                                                   \
        TAKE (from[i * stride], place + (int32_t) (i * stride), largest, at)                       \
        most[i] = largest;                                                                         \
        best[i] = at;                                                                              \
      }                                                                                            \
  }                                                                                                \
  static void max_pool_row_##STORED (const MaxPool *self, int64_t d, int64_t h, int64_t first, int64_t n, const STORED *image,\
                                     STORED *values, int64_t *indices)                             \
  {                                                                                                \
    const GtenKPooling *p = self->pooling;                                                         \
    const int64_t stride = self->stride, begin = p->begins[2][first], end = p->ends[2][first];     \
    const int64_t start = (p->begins[0][d] * p->size[1] + p->begins[1][h]) * p->size[2] + begin;   \
    STORED most[MAX_POOL_ROW];                                                                     \
    int32_t best[MAX_POOL_ROW];                                                                    \
                                                                                                   \
    for (int64_t i = 0; i < n; i++)                                                                \
      {                                                                                            \
        most[i] = image[start + i * stride];                                                       \
        best[i] = (int32_t) (start + i * stride);                                                  \
      }                                                                                            \
    for (int64_t z = p->begins[0][d]; z < p->ends[0][d]; z += p->dilation[0])                      \
      for (int64_t y = p->begins[1][h]; y < p->ends[1][h]; y += p->dilation[1])                    \
        for (int64_t x = begin; x < end; x += p->dilation[2])                                      \
          {                                                                                        \
            const int64_t place = (z * p->size[1] + y) * p->size[2] + x;                           \
                                                                                                   \
            if (stride == 1)                                                                       \
              take_line_##STORED (n, image + place, 1, (int32_t) place, most, best);               \
            else if (stride == 2)                                                                  \
              take_line_##STORED (n, image + place, 2, (int32_t) place, most, best);               \
            else                                                                                   \
              take_line_##STORED (n, image + place, stride, (int32_t) place, most, best);          \
          }                                                                                        \
    for (int64_t i = 0; i < n; i++)                                                                \
      {                                                                                            \
        values[i] = most[i];                                                                       \
        indices[i] = best[i];                                                                      \
      }                                                                                            \
  }                                                                                                \
  static void max_pool_window_##STORED (const GtenKPooling *p, int64_t d, int64_t h, int64_t w, const STORED *image, STORED *value,\
                                        int64_t *index)                                            \
  {                                                                                                \
    int64_t best = (p->begins[0][d] * p->size[1] + p->begins[1][h]) * p->size[2] + p->begins[2][w]; \
    STORED most = image[best];                                                                     \
                                                                                                   \
    for (int64_t z = p->begins[0][d]; z < p->ends[0][d]; z += p->dilation[0])                      \
      for (int64_t y = p->begins[1][h]; y < p->ends[1][h]; y += p->dilation[1])                    \
        for (int64_t x = p->begins[2][w]; x < p->ends[2][w]; x += p->dilation[2])                  \
          {                                                                                        \
            const int64_t place = (z * p->size[1] + y) * p->size[2] + x;                           \
                                                                                                   \
            TAKE (image[place], place, most, best)                                                 \
          }                                                                                        \
    *value = most;                                                                                 \
    *index = best;                                                                                 \
  }                                                                                                \
  static void max_pool_##STORED (const MaxPool *self, const STORED *image, STORED *values, int64_t *indices)\
  {                                                                                                \
    const GtenKPooling *p = self->pooling;                                                         \
    const int64_t n = p->count[2], inner_end = self->first + self->n_inner;                        \
                                                                                                   \
    for (int64_t d = 0; d < p->count[0]; d++)                                                      \
      for (int64_t h = 0; h < p->count[1]; h++, values += n, indices += n)                         \
        {                                                                                          \
          for (int64_t w = 0; w < self->first; w++)                                                \
            max_pool_window_##STORED (p, d, h, w, image, values + w, indices + w);                 \
          for (int64_t w = inner_end; w < n; w++)                                                  \
            max_pool_window_##STORED (p, d, h, w, image, values + w, indices + w);                 \
          for (int64_t w = self->first; w < inner_end; w += MAX_POOL_ROW)                          \
            max_pool_row_##STORED (self, d, h, w, GTEN_MIN (inner_end - w, MAX_POOL_ROW), image, values + w, indices + w);\
        }                                                                                          \
  }
DEFINE_MAX_POOL (float)
DEFINE_MAX_POOL (double)
DEFINE_MAX_POOL (int64_t)

static void
max_pool_work (void *data, int thread, int n_threads)
{
  const MaxPool *self = data;
  const GtenKPooling *pooling = self->pooling;
  const size_t size = gten_element_size (self->dtype);
  const int64_t image = gten_volume (pooling->size), count = gten_volume (pooling->count);
  const int64_t end = gten_share (pooling->n_planes, thread + 1, n_threads);

  for (int64_t i = gten_share (pooling->n_planes, thread, n_threads); i < end; i++)
    {
      const void *from = self->from + i * image * size;
      void *values = self->values + i * count * size;
      int64_t *indices = self->indices + i * count;

      if (self->dtype == GTEN_K_FLOAT32)
        max_pool_float (self, from, values, indices);
      else if (self->dtype == GTEN_K_FLOAT64)
        max_pool_double (self, from, values, indices);
      else
        max_pool_int64_t (self, from, values, indices);
    }
}

GtenKStatus
gten_cpu_max_pool (int device, const GtenKPooling *pooling, GtenKDtype dtype, const void *images, void *values,
                   int64_t *indices)
{
  MaxPool self = { pooling, dtype, images, values, indices };

  if (dtype != gten_compute_dtypes[gten_dtype_computes[dtype]])
    return GTEN_K_UNSUPPORTED;
  find_inner_windows (&self);
  if (pooling->n_planes > 0)
    gten_parallel_parts (pooling->n_planes, pooling->n_planes * gten_volume (pooling->size), 1, max_pool_work, &self);
  return GTEN_K_OK;
}
