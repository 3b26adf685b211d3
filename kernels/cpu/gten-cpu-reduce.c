/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reductions over any set of dimensions.
 *
 * Blocks go along one dimension, the inner one. Where it is reduced, a block folds to one number
 * (horizontal); where it is kept, an accumulator per element takes in block after block (vertical).
 * Where it is reduced and other dimensions are too, the blocks are added up vertically and the sum
 * is folded in the end. A *unit* is what is accumulated together: one output, or a block of them. A
 * *step* is one block that a unit takes in. Steps are gathered in leaves and leaves in a cascade of
 * levels, so that rounding errors grow with the logarithm of the count. Threads share out the
 * units, or, where there are too few, the steps of each unit. */
#include "gten-cpu-machine.h"

#include <string.h>

#define GTEN_REDUCE_LEAF        32   /* vertical steps that are added one after another */
#define GTEN_REDUCE_FAN         8
#define GTEN_REDUCE_LEVELS      8
#define GTEN_REDUCE_SHORT       16   /* an inner dimension shorter than this is a bad one */
#define GTEN_REDUCE_LARGE_BLOCK 16384
#define GTEN_REDUCE_NARROW      256  /* elements of a unit whose steps are shared out */
#define GTEN_REDUCE_MAX_THREADS 64

typedef struct
{
  GtenMachine           machine;
  GtenKProgram          load_only;
  GtenSpace             space;
  const GtenKReduction *reduction;
  const GtenReducer    *reducer;
  int                   out;                       /* operand of the space */
  bool                  is_vertical;
  bool                  is_folded;                 /* a vertical unit that folds to one output */
  bool                  is_plain;                  /* blocks are used where they lie */
  int64_t               count;                     /* elements per output */
  int64_t               block, blocks_per_row;
  int64_t               n_units, n_steps;
  int                   n_kept, n_reduced;         /* dimensions besides the inner one, outermost first */
  uint8_t               kept[GTEN_K_MAX_DIMS], reduced[GTEN_K_MAX_DIMS];
  int64_t               unit;                      /* whose steps are shared out */
  uint8_t             (*partials)[GTEN_REDUCE_NARROW * 8];   /* one per thread */
} GtenReduce;

typedef struct
{
  int         counts[GTEN_REDUCE_LEVELS];
  GtenScratch levels[GTEN_REDUCE_LEVELS];
} GtenCascade;

/* -- the cascade -----------------------------------------------------------------------------------*/

static void
gten_cascade_push (GtenCascade *self, const GtenReduce *reduce, size_t n, const void *leaf)
{
  const size_t n_bytes = n * gten_compute_sizes[reduce->reduction->compute];

  for (int level = 0; level < GTEN_REDUCE_LEVELS; level++)
    {
      if (self->counts[level] == 0)
        memcpy (self->levels[level].bytes, leaf, n_bytes);
      else
        reduce->reducer->combine (n, self->levels[level].bytes, leaf, reduce->reduction->params);
      if (++self->counts[level] < GTEN_REDUCE_FAN || level == GTEN_REDUCE_LEVELS - 1)
        return;
      self->counts[level] = 0;
      leaf = self->levels[level].bytes;
    }
}

static void
gten_cascade_finish (GtenCascade *self, const GtenReduce *reduce, size_t n, void *acc)
{
  const void *lower = NULL;

  for (int level = 0; level < GTEN_REDUCE_LEVELS; level++)
    {
      if (self->counts[level] == 0)
        continue;
      if (lower != NULL)
        reduce->reducer->combine (n, self->levels[level].bytes, lower, reduce->reduction->params);
      lower = self->levels[level].bytes;
    }
  memcpy (acc, lower, n * gten_compute_sizes[reduce->reduction->compute]);
}

/* -- one unit --------------------------------------------------------------------------------------*/

static void
gten_reduce_locate_dims (const GtenReduce *self, int64_t number, int n_dims, const uint8_t *dims,
                         int64_t *indices)
{
  for (int i = n_dims - 1; i >= 0; i--)
    {
      indices[dims[i]] = number % self->space.sizes[dims[i]];
      number /= self->space.sizes[dims[i]];
    }
}

/* Sets the kept indices; returns the unit's width. */
static size_t
gten_reduce_locate_unit (const GtenReduce *self, int64_t unit, int64_t *indices)
{
  const int inner = self->space.n_dims - 1;

  if (!self->is_vertical)
    {
      gten_reduce_locate_dims (self, unit, self->n_kept, self->kept, indices);
      return 1;
    }
  gten_reduce_locate_dims (self, unit / self->blocks_per_row, self->n_kept, self->kept, indices);
  indices[inner] = unit % self->blocks_per_row * self->block;
  return (size_t) GTEN_MIN (self->space.sizes[inner] - indices[inner], self->block);
}

static void
gten_reduce_locate_step (const GtenReduce *self, int64_t step, int64_t *indices)
{
  if (!self->is_vertical)
    {
      indices[self->space.n_dims - 1] = step % self->blocks_per_row * self->block;
      step /= self->blocks_per_row;
    }
  gten_reduce_locate_dims (self, step, self->n_reduced, self->reduced, indices);
}

static void
gten_reduce_next_step (const GtenReduce *self, int64_t *indices)
{
  const int inner = self->space.n_dims - 1;

  if (!self->is_vertical)
    {
      indices[inner] += self->block;
      if (indices[inner] < self->space.sizes[inner])
        return;
      indices[inner] = 0;
    }
  for (int i = self->n_reduced - 1; i >= 0; i--)
    {
      if (++indices[self->reduced[i]] < self->space.sizes[self->reduced[i]])
        return;
      indices[self->reduced[i]] = 0;
    }
}

/* How many rows, that lie one behind another in the innermost reduced dimension, the unit can take in at
 * once: GTEN_REDUCE_ROWS or one. */
static int
gten_reduce_rows_at_once (const GtenReduce *self, const int64_t *indices, int64_t n_left)
{
  const int dim = self->n_reduced > 0 ? self->reduced[self->n_reduced - 1] : 0;

  return self->is_plain && self->is_vertical && n_left >= GTEN_REDUCE_ROWS
         && self->space.sizes[dim] - indices[dim] >= GTEN_REDUCE_ROWS ? GTEN_REDUCE_ROWS : 1;
}

static const void *
gten_reduce_load (const GtenReduce *self, const int64_t *indices, size_t n, const void **registers,
                  GtenScratch *scratch)
{
  static void *const no_results[GTEN_K_MAX_REGISTERS];
  const GtenKProgram *program = self->machine.program;

  if (self->is_plain)
    return (const uint8_t *) program->inputs[0].data
           + gten_space_offset (&self->space, 0, indices)
               * gten_compute_sizes[self->reduction->compute];
  gten_machine_load (&self->machine, indices, n, registers, scratch);
  gten_machine_execute (&self->machine, n, registers, no_results, scratch);
  return registers[program->n_inputs + program->n_instructions - 1];
}

/* Combines the halves of an accumulator until one element is left. */
static void
gten_reduce_fold (const GtenReduce *self, size_t width, uint8_t *acc)
{
  const size_t size = gten_compute_sizes[self->reduction->compute];

  while (width > 1)
    {
      size_t half = width / 2;

      self->reducer->combine (half, acc, acc + (width - half) * size, self->reduction->params);
      width -= half;
    }
}

/* Steps [begin, end) of the unit at `indices`, `width` elements wide, into acc. */
static void
gten_reduce_steps (const GtenReduce *self, int64_t *indices, size_t width, int64_t begin, int64_t end,
                   void *acc, const void **registers, GtenScratch *scratch, GtenCascade *cascade)
{
  const GtenKScalar *params = self->reduction->params;
  const int inner = self->space.n_dims - 1, last = self->n_reduced > 0 ? self->reduced[self->n_reduced - 1] : 0;
  /* Rows that are taken in together count as one. */
  const int64_t leaf = !self->is_vertical ? 1 : self->is_plain ? GTEN_REDUCE_LEAF * GTEN_REDUCE_ROWS : GTEN_REDUCE_LEAF;
  int64_t n_steps;

  if (end - begin > leaf)
    memset (cascade->counts, 0, sizeof cascade->counts);
  gten_reduce_locate_step (self, begin, indices);
  for (int64_t step = begin; step < end; step += n_steps)
    {
      const int64_t in_leaf = (step - begin) % leaf;
      const size_t n = self->is_vertical
                       ? width : (size_t) GTEN_MIN (self->space.sizes[inner] - indices[inner], self->block);
      const void *block = gten_reduce_load (self, indices, n, registers, scratch);

      n_steps = gten_reduce_rows_at_once (self, indices, GTEN_MIN (leaf - in_leaf, end - step));
      if (!self->is_vertical)
        self->reducer->horizontal (1, 0, n, acc, block, params);
      else if (n_steps == 1)
        self->reducer->vertical (width, acc, block, params, in_leaf == 0);
      else
        {
          if (in_leaf == 0)
            self->reducer->init (width, acc, params);
          self->reducer->vertical_rows (width, acc, block, self->space.strides[0][last], params);
          indices[last] += n_steps - 1;
        }
      gten_reduce_next_step (self, indices);
      if (end - begin > leaf && (in_leaf + n_steps == leaf || step + n_steps == end))
        gten_cascade_push (cascade, self, width, acc);
    }
  if (end - begin > leaf)
    gten_cascade_finish (cascade, self, width, acc);
  if (self->is_folded)
    gten_reduce_fold (self, width, acc);
}

static void
gten_reduce_store (const GtenReduce *self, const int64_t *indices, size_t width, void *acc)
{
  const GtenKReduction *reduction = self->reduction;
  const int inner = self->space.n_dims - 1;
  int64_t offset = 0;

  for (int i = 0; i < self->n_kept; i++)
    offset += indices[self->kept[i]] * self->space.strides[self->out][self->kept[i]];
  if (self->is_folded)
    width = 1;
  else if (self->is_vertical)
    offset += indices[inner] * self->space.strides[self->out][inner];
  self->reducer->finish (width, acc, self->count, reduction->params);
  gten_instruction_set->stores[reduction->out_dtype][reduction->compute] (
    width, (uint8_t *) reduction->out + offset * gten_dtype_sizes[reduction->out_dtype], acc,
    self->space.strides[self->out][inner]);
}

/* -- threads ---------------------------------------------------------------------------------------*/

static void
gten_reduce_units_work (void *data, int thread, int n_threads)
{
  const GtenReduce *self = data;
  const int64_t end = gten_share (self->n_units, thread + 1, n_threads);
  GtenScratch scratch[GTEN_K_MAX_REGISTERS], acc;
  const void *registers[GTEN_K_MAX_REGISTERS];
  int64_t indices[GTEN_K_MAX_DIMS];
  GtenCascade cascade;

  gten_machine_prepare (&self->machine, registers, scratch);
  for (int64_t unit = gten_share (self->n_units, thread, n_threads); unit < end; unit++)
    {
      size_t width = gten_reduce_locate_unit (self, unit, indices);

      gten_reduce_steps (self, indices, width, 0, self->n_steps, acc.bytes, registers, scratch,
                         &cascade);
      gten_reduce_store (self, indices, width, acc.bytes);
    }
}

/* Lines of one block each, used where they lie: many of them are finished and stored together. */
static void
gten_reduce_lines_work (void *data, int thread, int n_threads)
{
  const GtenReduce *self = data;
  const GtenKReduction *reduction = self->reduction;
  const int inner = self->space.n_dims - 1, last = self->kept[self->n_kept - 1];
  const int64_t length = self->space.sizes[inner], stride = self->space.strides[self->out][last];
  const int64_t end = gten_share (self->n_units, thread + 1, n_threads);
  int64_t indices[GTEN_K_MAX_DIMS], n;
  GtenScratch acc;

  indices[inner] = 0;
  for (int64_t unit = gten_share (self->n_units, thread, n_threads); unit < end; unit += n)
    {
      const void *line;
      int64_t offset = 0;

      gten_reduce_locate_dims (self, unit, self->n_kept, self->kept, indices);
      n = GTEN_MIN (GTEN_MIN (self->space.sizes[last] - indices[last], end - unit), GTEN_K_BLOCK);
      line = gten_reduce_load (self, indices, 0, NULL, NULL);
      self->reducer->horizontal ((size_t) n, self->space.strides[0][last], (size_t) length, acc.bytes, line,
                                 reduction->params);
      self->reducer->finish ((size_t) n, acc.bytes, self->count, reduction->params);
      for (int i = 0; i < self->n_kept; i++)
        offset += indices[self->kept[i]] * self->space.strides[self->out][self->kept[i]];
      gten_instruction_set->stores[reduction->out_dtype][reduction->compute] (
        (size_t) n, (uint8_t *) reduction->out + offset * gten_dtype_sizes[reduction->out_dtype], acc.bytes, stride);
    }
}

static void
gten_reduce_steps_work (void *data, int thread, int n_threads)
{
  GtenReduce *self = data;
  GtenScratch scratch[GTEN_K_MAX_REGISTERS];
  const void *registers[GTEN_K_MAX_REGISTERS];
  int64_t indices[GTEN_K_MAX_DIMS];
  size_t width = gten_reduce_locate_unit (self, self->unit, indices);
  GtenCascade cascade;

  gten_machine_prepare (&self->machine, registers, scratch);
  gten_reduce_steps (self, indices, width, gten_share (self->n_steps, thread, n_threads),
                     gten_share (self->n_steps, thread + 1, n_threads), self->partials[thread],
                     registers, scratch, &cascade);
}

static void
gten_reduce_share_steps (GtenReduce *self, int n_threads)
{
  uint8_t partials[GTEN_REDUCE_MAX_THREADS][GTEN_REDUCE_NARROW * 8] __attribute__ ((aligned (64)));
  int64_t indices[GTEN_K_MAX_DIMS];

  self->partials = partials;
  for (self->unit = 0; self->unit < self->n_units; self->unit++)
    {
      size_t width = gten_reduce_locate_unit (self, self->unit, indices);

      gten_parallel (n_threads, gten_reduce_steps_work, self);
      if (self->is_folded)
        width = 1;
      for (int thread = 1; thread < n_threads; thread++)
        self->reducer->combine (width, partials[0], partials[thread], self->reduction->params);
      gten_reduce_store (self, indices, width, partials[0]);
    }
}

/* -- setting up ------------------------------------------------------------------------------------*/

static void
gten_reduce_set_block (GtenReduce *self, int64_t block)
{
  const int64_t length = self->space.sizes[self->space.n_dims - 1];

  self->block = block;
  self->blocks_per_row = (length + block - 1) / block;
  self->n_units = self->n_steps = 1;
  for (int i = 0; i < self->n_kept; i++)
    self->n_units *= self->space.sizes[self->kept[i]];
  for (int i = 0; i < self->n_reduced; i++)
    self->n_steps *= self->space.sizes[self->reduced[i]];
  *(self->is_vertical ? &self->n_units : &self->n_steps) *= self->blocks_per_row;
}

/* A short inner dimension makes way for the longest one. */
static void
gten_reduce_choose_inner (GtenSpace *space)
{
  const int inner = space->n_dims - 1;
  int longest = inner;

  if (space->sizes[inner] >= GTEN_REDUCE_SHORT)
    return;
  for (int dim = inner - 1; dim >= 0; dim--)
    if (space->sizes[dim] > space->sizes[longest])
      longest = dim;
  if (longest != inner)
    gten_space_move_to_end (space, longest);
}

static GtenKStatus
gten_reduce_init (GtenReduce *self, const GtenKReduction *reduction)
{
  const GtenKArray *input = &reduction->input;
  const GtenKProgram *program = reduction->prologue;
  const int64_t *strides[GTEN_SPACE_OPERANDS];
  GtenSpace *space = &self->space;
  GtenKStatus status;
  int inner;

  if (program == NULL)
    {
      self->load_only.compute = reduction->compute;
      self->load_only.n_inputs = 1;
      self->load_only.n_outputs = 0;
      self->load_only.n_instructions = 0;
      self->load_only.inputs[0] = (GtenKOperand) { input->data, input->dtype, input->strides,
                                                   { 0 } };
      program = &self->load_only;
    }
  self->reduction = reduction;
  self->reducer = &gten_instruction_set->reducers[reduction->kernel][reduction->compute];
  self->out = program->n_inputs;
  for (int i = 0; i < program->n_inputs; i++)
    strides[i] = program->inputs[i].data != NULL ? program->inputs[i].strides : NULL;
  strides[self->out] = reduction->out_strides;
  gten_space_init (space, input->n_dims, input->sizes, program->n_inputs + 1, strides);
  gten_reduce_choose_inner (space);
  status = gten_machine_init (&self->machine, program, space, 0);
  if (status != GTEN_K_OK)
    return status;
  if (program->n_instructions > 0
      && gten_result_is_bool[program->instructions[program->n_instructions - 1].kernel])
    self->machine.is_expanded[program->n_instructions - 1] = true;

  inner = space->n_dims - 1;
  self->n_kept = self->n_reduced = 0;
  self->is_vertical = space->strides[self->out][inner] != 0;
  self->count = self->is_vertical ? 1 : space->sizes[inner];
  self->is_folded = false;
  for (int dim = 0; dim < inner; dim++)
    if (space->strides[self->out][dim] != 0)
      self->kept[self->n_kept++] = dim;
    else
      {
        self->reduced[self->n_reduced++] = dim;
        self->count *= space->sizes[dim];
      }
  if (!self->is_vertical && self->n_reduced > 0 && space->sizes[inner] <= GTEN_REDUCE_NARROW)
    self->is_vertical = self->is_folded = true;
  self->is_plain = program == &self->load_only && space->strides[0][inner] == 1
                   && input->dtype == gten_compute_dtypes[reduction->compute];
  gten_reduce_set_block (self,
                         self->is_plain
                         && !self->is_vertical ? GTEN_REDUCE_LARGE_BLOCK : GTEN_K_BLOCK);
  return GTEN_K_OK;
}

/* -- special cases ---------------------------------------------------------------------------------*/

/* One number of a few contiguous ones. */
static bool
gten_reduce_small (const GtenKReduction *reduction, int64_t n_elements)
{
  const GtenReducer *reducer = &gten_instruction_set->reducers[reduction->kernel][reduction->compute];
  const GtenKArray *input = &reduction->input;
  double acc[1];

  if (reduction->prologue != NULL || input->dtype != gten_compute_dtypes[reduction->compute]
      || !gten_is_contiguous (input->n_dims, input->sizes, input->strides))
    return false;
  for (int dim = 0; dim < input->n_dims; dim++)
    if (reduction->out_strides[dim] != 0 && input->sizes[dim] != 1)
      return false;
  reducer->horizontal (1, 0, n_elements, acc, input->data, reduction->params);
  reducer->finish (1, acc, n_elements, reduction->params);
  gten_instruction_set->stores[reduction->out_dtype][reduction->compute] (1, reduction->out, acc, 1);
  return true;
}

/* Outputs of no elements. */
static void
gten_reduce_nothing (const GtenKReduction *reduction)
{
  const GtenReducer *reducer = &gten_instruction_set->reducers[reduction->kernel][reduction->compute];
  const GtenKArray *input = &reduction->input;
  const GtenKOperand out = { reduction->out, reduction->out_dtype, reduction->out_strides, { 0 } };
  const int64_t *strides[] = { reduction->out_strides };
  int64_t sizes[GTEN_K_MAX_DIMS], indices[GTEN_K_MAX_DIMS];
  GtenScratch acc;
  GtenSpace space;

  for (int dim = 0; dim < input->n_dims; dim++)
    sizes[dim] = reduction->out_strides[dim] == 0 ? 1 : input->sizes[dim];
  gten_space_init (&space, input->n_dims, sizes, 1, strides);
  for (int64_t element = 0; element < space.n_elements; element += GTEN_K_BLOCK)
    {
      size_t n = (size_t) GTEN_MIN (space.n_elements - element, GTEN_K_BLOCK);

      reducer->init (n, acc.bytes, reduction->params);
      reducer->finish (n, acc.bytes, 0, reduction->params);
      gten_space_locate (&space, element, indices);
      gten_machine_scatter (&space, 0, &out, reduction->compute, indices, n, acc.bytes);
    }
}

GtenKStatus
gten_cpu_reduce (int device, const GtenKReduction *reduction)
{
  const GtenKArray *input = &reduction->input;
  GtenReduce self;
  GtenKStatus status;
  int64_t n_elements = 1;
  int n_threads;

  if (gten_instruction_set->reducers[reduction->kernel][reduction->compute].horizontal == NULL)
    return GTEN_K_UNSUPPORTED;
  for (int dim = 0; dim < input->n_dims; dim++)
    n_elements *= input->sizes[dim];
  if (n_elements == 0)
    {
      gten_reduce_nothing (reduction);
      return GTEN_K_OK;
    }
  if (n_elements <= GTEN_K_BLOCK && gten_reduce_small (reduction, n_elements))
    return GTEN_K_OK;

  status = gten_reduce_init (&self, reduction);
  if (status != GTEN_K_OK)
    return status;
  n_threads = GTEN_MIN (gten_threads (n_elements, 1 + self.machine.program->n_instructions),
                        GTEN_REDUCE_MAX_THREADS);
  if (self.n_units < n_threads && self.is_vertical && !self.is_folded)
    gten_reduce_set_block (&self, GTEN_REDUCE_NARROW);
  if (self.is_plain && !self.is_vertical && self.n_steps == 1 && self.n_kept > 0 && self.n_units >= n_threads)
    gten_parallel (n_threads, gten_reduce_lines_work, &self);
  else if (self.n_units < n_threads && self.n_steps >= n_threads)
    gten_reduce_share_steps (&self, n_threads);
  else
    gten_parallel (n_threads, gten_reduce_units_work, &self);
  return GTEN_K_OK;
}
