/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Softmax and its logarithm along one dimension, and their gradients.
 *
 * Both work line by line. A line that is contiguous and of the compute type is used where it lies;
 * others are gathered into scratch memory. Lines that lie side by side are worked on row by row, or
 * follow one another if they must be gathered, so that they share their cache lines. */
#include "gten-cpu-space.h"

#define GTEN_SOFTMAX_WEIGHT  8      /* additions that an exponential is worth */
#define GTEN_SOFTMAX_SCRATCH 4096   /* elements of a line that need no allocation */

typedef struct
{
  bool         logarithm;
  bool         is_direct;       /* lines are used where they lie */
  bool         is_columns;      /* rows of lines are */
  int          n_arrays;        /* out and input; or out, grad and result */
  GtenKCompute compute;
  GtenKDtype   dtype;
  int64_t      length;          /* of a line */
  uint8_t     *data[3];
  int64_t      strides[3];      /* along a line */
  GtenSpace    lines;
  int64_t      n_parts, parts_per_row;   /* lines, or groups of up to GTEN_K_COLUMNS of them */
  GtenKStatus  status;
} GtenSoftmax;

static void
gten_softmax_line (const GtenSoftmax *self, void *const *line)
{
  const GtenLines *lines = &gten_instruction_set->lines[self->compute];

  if (self->n_arrays == 2)
    lines->softmax (self->logarithm, self->length, line[0], line[1]);
  else
    lines->softmax_backward (self->logarithm, self->length, line[0], line[1], line[2]);
}

static void
gten_softmax_columns_work (void *data, int thread, int n_threads)
{
  const GtenSoftmax *self = data;
  const GtenLines *lines = &gten_instruction_set->lines[self->compute];
  const GtenSpace *space = &self->lines;
  const int64_t width = space->sizes[space->n_dims - 1];
  const int64_t end = gten_share (self->n_parts, thread + 1, n_threads);
  int64_t indices[GTEN_K_MAX_DIMS];
  uint8_t *line[3];

  for (int64_t part = gten_share (self->n_parts, thread, n_threads); part < end; part++)
    {
      const int64_t column = part % self->parts_per_row * GTEN_K_COLUMNS;
      const size_t n = (size_t) GTEN_MIN (width - column, GTEN_K_COLUMNS);

      gten_space_locate (space, part / self->parts_per_row * width + column, indices);
      for (int array = 0; array < self->n_arrays; array++)
        line[array] = self->data[array]
                      + gten_space_offset (space, array, indices) * gten_dtype_sizes[self->dtype];
      if (self->n_arrays == 2)
        lines->softmax_columns (self->logarithm, n, self->length, line[0], self->strides[0], line[1],
                                self->strides[1]);
      else
        lines->softmax_backward_columns (self->logarithm, n, self->length, line[0], self->strides[0],
                                         line[1], self->strides[1], line[2], self->strides[2]);
    }
}

static void
gten_softmax_work (void *data, int thread, int n_threads)
{
  GtenSoftmax *self = data;
  const size_t size = gten_dtype_sizes[self->dtype];
  const size_t line_bytes = self->length * gten_compute_sizes[self->compute];
  const int64_t end = gten_share (self->n_parts, thread + 1, n_threads);
  const GtenConvert load = gten_instruction_set->loads[self->dtype][self->compute];
  const GtenConvert store = gten_instruction_set->stores[self->dtype][self->compute];
  _Alignas (64) uint8_t stack[3][GTEN_SOFTMAX_SCRATCH * 8];
  uint8_t *heap = NULL;
  void *scratch[3] = { stack[0], stack[1], stack[2] }, *line[3];
  int64_t indices[GTEN_K_MAX_DIMS];

  if (!self->is_direct && self->length > GTEN_SOFTMAX_SCRATCH)
    {
      heap = gten_cpu_alloc (0, 3 * line_bytes);
      if (heap == NULL)
        {
          self->status = GTEN_K_OUT_OF_MEMORY;
          return;
        }
      for (int array = 0; array < 3; array++)
        scratch[array] = heap + array * line_bytes;
    }
  for (int64_t number = gten_share (self->n_parts, thread, n_threads); number < end; number++)
    {
      gten_space_locate (&self->lines, number, indices);
      for (int array = 0; array < self->n_arrays; array++)
        line[array] = self->data[array] + gten_space_offset (&self->lines, array, indices) * size;
      if (self->is_direct)
        {
          gten_softmax_line (self, line);
          continue;
        }
      for (int array = 1; array < self->n_arrays; array++)
        load (self->length, scratch[array], line[array], self->strides[array]);
      gten_softmax_line (self, scratch);
      store (self->length, line[0], scratch[0], self->strides[0]);
    }
  gten_cpu_free (0, heap, 3 * line_bytes);
}

static GtenKStatus
gten_softmax_run (bool logarithm, int n_arrays, const GtenKArray *const *arrays, int dim)
{
  const GtenKArray *out = arrays[0];
  const int64_t *strides[3];
  int64_t sizes[GTEN_K_MAX_DIMS];
  GtenSoftmax self;

  self.logarithm = logarithm;
  self.n_arrays = n_arrays;
  self.dtype = out->dtype;
  self.compute = gten_dtype_computes[out->dtype];
  self.status = GTEN_K_OK;
  self.length = out->n_dims > 0 ? out->sizes[dim] : 1;
  self.is_direct = self.is_columns = out->dtype == gten_compute_dtypes[self.compute];
  if (gten_instruction_set->lines[self.compute].softmax == NULL)
    return GTEN_K_UNSUPPORTED;
  for (int array = 0; array < n_arrays; array++)
    {
      self.data[array] = arrays[array]->data;
      self.strides[array] = out->n_dims > 0 ? arrays[array]->strides[dim] : 1;
      self.is_direct &= self.strides[array] == 1 || self.length == 1;
      strides[array] = arrays[array]->strides;
    }
  for (int i = 0; i < out->n_dims; i++)
    sizes[i] = i == dim ? 1 : out->sizes[i];
  gten_space_init (&self.lines, out->n_dims, sizes, n_arrays, strides);
  if (self.lines.n_elements == 0 || self.length == 0)
    return GTEN_K_OK;
  for (int array = 0; array < n_arrays; array++)
    self.is_columns &= self.lines.strides[array][self.lines.n_dims - 1] == 1 && !self.is_direct;
  self.n_parts = self.lines.n_elements;
  if (self.is_columns)
    {
      const int64_t width = self.lines.sizes[self.lines.n_dims - 1];

      self.parts_per_row = (width + GTEN_K_COLUMNS - 1) / GTEN_K_COLUMNS;
      self.n_parts = self.lines.n_elements / width * self.parts_per_row;
    }
  gten_parallel_parts (self.n_parts, self.lines.n_elements * self.length, GTEN_SOFTMAX_WEIGHT,
                       self.is_columns ? gten_softmax_columns_work : gten_softmax_work, &self);
  return self.status;
}

GtenKStatus
gten_cpu_softmax (int device, bool log, const GtenKArray *input, int dim, const GtenKArray *out)
{
  const GtenKArray *arrays[] = { out, input };

  return gten_softmax_run (log, 2, arrays, dim);
}

GtenKStatus
gten_cpu_softmax_backward (int device, bool log, const GtenKArray *grad, const GtenKArray *result, int dim,
                           const GtenKArray *out)
{
  const GtenKArray *arrays[] = { out, grad, result };

  return gten_softmax_run (log, 3, arrays, dim);
}
