/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Normalisation and its gradients, one pass over each group while it is in the cache.
 *
 * A group is `outer` lines of n_channels * inner elements. Where inner is 1, each element of a line has its own
 * weight; else a line has segments of inner elements with one weight each. Threads share groups, or chunks of
 * them whose number does not depend on that of the threads, so that sums are the same for any. */
#include "gten-cpu-private.h"

#include <math.h>
#include <string.h>

#define NORM_LEAST_LINE   16          /* shorter lines are not worth the calls */
#define NORM_CHUNKS       16
#define NORM_ROWS         64          /* whose gradients are added in the compute type */
#define NORM_MOST_SUMS    (1 << 22)   /* of all chunks */
#define NORM_WEIGHT       2

typedef struct
{
  const GtenKNorm          *norm;
  const GtenKNormGradients *gradients;
  const GtenNormPasses     *passes;
  size_t                    size;          /* of an element */
  int64_t                   n_line, n_weights, n_chunks;
  double                   *totals;        /* of each chunk: of the weights, then of the biases; NULL: not wanted */
  char                     *rows;          /* of each chunk: the same of a few rows, in the compute type */
} Norm;

static bool
norm_init (Norm *self, const GtenKNorm *norm, const GtenKNormGradients *gradients)
{
  *self = (Norm) { .norm = norm, .gradients = gradients, .n_line = norm->n_channels * norm->inner,
                   .n_weights = norm->period * norm->n_channels };
  if ((norm->dtype != GTEN_K_FLOAT32 && norm->dtype != GTEN_K_FLOAT64)
      || (norm->outer > 1 && self->n_line < NORM_LEAST_LINE))
    return false;
  self->passes = &gten_instruction_set->norms[gten_dtype_computes[norm->dtype]];
  self->size = gten_dtype_sizes[norm->dtype];
  return true;
}

static double
number_at (const Norm *self, const void *numbers, int64_t i, double otherwise)
{
  if (numbers == NULL)
    return otherwise;
  return self->norm->dtype == GTEN_K_FLOAT32 ? (double) ((const float *) numbers)[i] : ((const double *) numbers)[i];
}

static void
put_number (const Norm *self, void *numbers, int64_t i, double number)
{
  if (numbers == NULL)
    return;
  if (self->norm->dtype == GTEN_K_FLOAT32)
    ((float *) numbers)[i] = (float) number;
  else
    ((double *) numbers)[i] = number;
}

/* The element that element i of a line is, of the array that begins at `data`. */
static const void *
line_at (const Norm *self, const void *data, int64_t outer, int64_t group, int64_t i)
{
  return (const char *) data + ((outer * self->norm->n_groups + group) * self->n_line + i) * (int64_t) self->size;
}

static const void *
weights_of (const Norm *self, const void *weights, int64_t group)
{
  const int64_t first = group % self->norm->period * self->norm->n_channels;

  return weights == NULL ? NULL : (const char *) weights + first * (int64_t) self->size;
}

static double
spread_factor (const Norm *self, double variance)
{
  return 1 / sqrt (variance + self->norm->eps);
}

/* The group's mean, given or computed; its variance. */
static double
moments (const Norm *self, int64_t group, double *variance)
{
  const GtenKNorm *norm = self->norm;
  const double n = (double) norm->outer * (double) self->n_line;
  double sum = 0, spread = 0;

  if (norm->is_given)
    {
      *variance = number_at (self, norm->variance, group, 1);
      return number_at (self, norm->mean, group, 0);
    }
  for (int64_t o = 0; o < norm->outer; o++)
    sum += self->passes->sum (self->n_line, line_at (self, norm->input, o, group, 0));
  for (int64_t o = 0; o < norm->outer; o++)
    spread += self->passes->spread (self->n_line, line_at (self, norm->input, o, group, 0), sum / n);
  *variance = spread / n;
  return sum / n;
}

static void
scale_line (const Norm *self, int64_t outer, int64_t group, double mean, double factor)
{
  const GtenKNorm *norm = self->norm;
  const void *weight = weights_of (self, norm->weight, group), *bias = weights_of (self, norm->bias, group);

  if (norm->inner == 1)
    self->passes->scale_by_channel (self->n_line, (void *) line_at (self, norm->out, outer, group, 0),
                                    line_at (self, norm->input, outer, group, 0), mean, factor, weight, bias);
  else
    for (int64_t c = 0; c < norm->n_channels; c++)
      self->passes->scale (norm->inner, (void *) line_at (self, norm->out, outer, group, c * norm->inner),
                           line_at (self, norm->input, outer, group, c * norm->inner), mean,
                           factor * number_at (self, weight, c, 1), number_at (self, bias, c, 0));
}

static void
normalize_work (void *data, int thread, int n_threads)
{
  const Norm *self = data;
  const GtenKNorm *norm = self->norm;
  const int64_t n = norm->is_given ? norm->outer * norm->n_groups : norm->n_groups;
  const int64_t end = gten_share (n, thread + 1, n_threads);

  for (int64_t i = gten_share (n, thread, n_threads); i < end; i++)
    {
      const int64_t group = i % norm->n_groups;
      double variance;
      const double mean = moments (self, group, &variance), factor = spread_factor (self, variance);

      if (norm->is_given)
        {
          scale_line (self, i / norm->n_groups, group, mean, factor);
          continue;
        }
      put_number (self, norm->mean, group, mean);
      put_number (self, norm->variance, group, variance);
      for (int64_t o = 0; o < norm->outer; o++)
        scale_line (self, o, group, mean, factor);
    }
}

GtenKStatus
gten_cpu_normalize (int device, const GtenKNorm *norm)
{
  const int64_t n_parts = norm->is_given ? norm->outer * norm->n_groups : norm->n_groups;
  Norm self;

  if (!norm_init (&self, norm, NULL))
    return GTEN_K_UNSUPPORTED;
  if (n_parts > 0)
    gten_parallel_parts (n_parts, norm->outer * norm->n_groups * self.n_line, NORM_WEIGHT, normalize_work, &self);
  return GTEN_K_OK;
}

/* -- gradients -------------------------------------------------------------------------------------------
 * With g = grad * weight and x the normalised input: factor * (g - mean (g) - x * mean (g * x)); the means are those
 * of a constant where mean and variance are given, zero. */

/* Adds the gradients of a group's weights to the chunk's, and the sums of g and g * x to `sums`. */
static void
take_sums (const Norm *self, int64_t chunk, int64_t group, double mean, double factor, double *sums)
{
  const GtenKNorm *norm = self->norm;
  const void *weight = weights_of (self, norm->weight, group);
  const int64_t first = group % norm->period * norm->n_channels;
  double *totals = self->totals == NULL ? NULL : self->totals + chunk * 2 * self->n_weights + first;
  char *rows = self->rows + (chunk * 2 * self->n_weights + first) * (int64_t) self->size;

  for (int64_t o = 0; o < norm->outer; o++)
    {
      if (norm->inner == 1)
        {
          const void *grad = line_at (self, self->gradients->out, o, group, 0), *x = line_at (self, norm->input, o, group, 0);

          if (!norm->is_given)
            self->passes->gradient_sums (self->n_line, sums, grad, x, mean, factor, weight);
          if (totals != NULL)
            self->passes->gradient_of_channels (self->n_line, rows, rows + self->n_weights * (int64_t) self->size, grad, x,
                                                mean, factor);
          continue;
        }
      for (int64_t c = 0; c < norm->n_channels; c++)
        {
          double own[2] = { 0 };

          self->passes->gradient_sums (norm->inner, own, line_at (self, self->gradients->out, o, group, c * norm->inner),
                                       line_at (self, norm->input, o, group, c * norm->inner), mean, factor, NULL);
          sums[0] += own[0] * number_at (self, weight, c, 1);
          sums[1] += own[1] * number_at (self, weight, c, 1);
          if (totals != NULL)
            {
              totals[c] += own[1];
              totals[self->n_weights + c] += own[0];
            }
        }
    }
}

static void
put_gradient (const Norm *self, int64_t group, double mean, double factor, double a, double b)
{
  const GtenKNorm *norm = self->norm;
  const void *weight = weights_of (self, norm->weight, group);
  const int64_t n_segments = norm->inner == 1 ? 1 : norm->n_channels, n = self->n_line / n_segments;

  for (int64_t o = 0; o < norm->outer; o++)
    for (int64_t c = 0; c < n_segments; c++)
      self->passes->gradient (n, (void *) line_at (self, self->gradients->input, o, group, c * n),
                              line_at (self, self->gradients->out, o, group, c * n),
                              line_at (self, norm->input, o, group, c * n), mean, factor, a, b,
                              norm->inner == 1 ? 1 : number_at (self, weight, c, 1), norm->inner == 1 ? weight : NULL);
}

/* The gradients of a few rows join the chunk's totals. */
static void
flush_rows (const Norm *self, int64_t chunk)
{
  const int64_t n = 2 * self->n_weights;
  char *rows = self->rows + chunk * n * (int64_t) self->size;

  if (self->totals == NULL || self->norm->inner != 1)
    return;
  for (int64_t i = 0; i < n; i++)
    self->totals[chunk * n + i] += number_at (self, rows, i, 0);
  memset (rows, 0, n * self->size);
}

static void
backward_work (void *data, int thread, int n_threads)
{
  const Norm *self = data;
  const GtenKNorm *norm = self->norm;
  const double n = (double) norm->outer * (double) self->n_line;
  const int64_t last = gten_share (self->n_chunks, thread + 1, n_threads);

  for (int64_t chunk = gten_share (self->n_chunks, thread, n_threads); chunk < last; chunk++)
    {
      const int64_t end = gten_share (norm->n_groups, (int) chunk + 1, (int) self->n_chunks);
      int64_t n_rows = 0;

      for (int64_t group = gten_share (norm->n_groups, (int) chunk, (int) self->n_chunks); group < end; group++)
        {
          double variance, sums[2] = { 0 };
          const double mean = moments (self, group, &variance), factor = spread_factor (self, variance);

          take_sums (self, chunk, group, mean, factor, sums);
          if (self->gradients->input != NULL)
            put_gradient (self, group, mean, factor, norm->is_given ? 0 : sums[0] / n, norm->is_given ? 0 : sums[1] / n);
          if (++n_rows % NORM_ROWS == 0)
            flush_rows (self, chunk);
        }
      flush_rows (self, chunk);
    }
}

GtenKStatus
gten_cpu_normalize_backward (int device, const GtenKNorm *norm, const GtenKNormGradients *gradients)
{
  const bool has_sums = gradients->weight != NULL || gradients->bias != NULL;
  Norm self;
  size_t n_bytes;

  if (!norm_init (&self, norm, gradients))
    return GTEN_K_UNSUPPORTED;
  self.n_chunks = GTEN_MAX (1, GTEN_MIN (GTEN_MIN (NORM_CHUNKS, norm->n_groups), NORM_MOST_SUMS / GTEN_MAX (1, self.n_weights)));
  n_bytes = has_sums ? (size_t) (self.n_chunks * 2 * self.n_weights) * (sizeof (double) + self.size) : 0;
  if (n_bytes > 0)
    {
      self.totals = gten_cpu_alloc (0, n_bytes);
      if (self.totals == NULL)
        return GTEN_K_OUT_OF_MEMORY;
      memset (self.totals, 0, n_bytes);
      self.rows = (char *) (self.totals + self.n_chunks * 2 * self.n_weights);
    }
  gten_parallel_parts (self.n_chunks, norm->outer * norm->n_groups * self.n_line, 2 * NORM_WEIGHT, backward_work, &self);
  for (int64_t i = 0; n_bytes > 0 && i < 2 * self.n_weights; i++)
    {
      double total = 0;

      for (int64_t chunk = 0; chunk < self.n_chunks; chunk++)
        total += self.totals[chunk * 2 * self.n_weights + i];
      put_number (&self, i < self.n_weights ? gradients->weight : gradients->bias, i % self.n_weights, total);
    }
  if (n_bytes > 0)
    gten_cpu_free (0, self.totals, n_bytes);
  return GTEN_K_OK;
}
