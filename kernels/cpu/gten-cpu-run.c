/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Element-wise programs.
 *
 * A program of one instruction over a few contiguous elements goes straight to its block kernel.
 * Everything else is cut into blocks: along rows where rows are long, so that contiguous rows are
 * used where they lie; across rows where they are short, so that a block is worth its while. Where
 * an operand is transposed, narrower blocks go down the rows first, so that each of its cache lines
 * is fetched once. */
#include "gten-cpu-machine.h"

#include <string.h>

#define GTEN_RUN_SMALL       64   /* elements of a number that the small path fills */
#define GTEN_RUN_LONG_ROW    512
#define GTEN_RUN_TILE_WIDTH  256
#define GTEN_RUN_LARGE_BLOCK 16384

typedef struct
{
  GtenMachine machine;
  GtenSpace   space;
  int64_t     block, n_blocks;
  int64_t     blocks_per_row;   /* 0: blocks go across rows */
  int64_t     tile_height;      /* blocks that lie below one another follow one another; 1: they do not */
  bool        is_direct[GTEN_K_MAX_OUTPUTS];
  bool        is_conversion;    /* loads write to the output */
} GtenRun;

/* -- small -----------------------------------------------------------------------------------------*/

static bool
gten_run_small (const GtenKProgram *program, int64_t n_elements)
{
  const GtenKInstruction *instruction = program->instructions;
  const GtenKDtype dtype = gten_compute_dtypes[program->compute];
  const GtenKOperand *out = &program->outputs[0];
  const bool is_bool = gten_result_is_bool[instruction->kernel];
  uint8_t numbers[3][GTEN_RUN_SMALL * 8];
  const void *args[3];
  GtenKBlock block = gten_instruction_set->blocks[instruction->kernel][program->compute];

  if (block == NULL || gten_arities[instruction->kernel] > 3
      || out->dtype != (is_bool ? GTEN_K_BOOL : dtype)
      || program->output_registers[0] != program->n_inputs
      || !gten_is_contiguous (program->n_dims, program->sizes, out->strides))
    return false;
  for (int arg = 0; arg < gten_arities[instruction->kernel]; arg++)
    {
      const GtenKOperand *input = &program->inputs[instruction->args[arg]];

      if (input->data == NULL)
        {
          const void *value = program->compute == GTEN_K_COMPUTE_INT64 ? (const void *) &input->value.i
                                                                       : &input->value.f;

          if (n_elements > GTEN_RUN_SMALL)
            return false;
          gten_instruction_set->loads[program->compute == GTEN_K_COMPUTE_INT64 ? GTEN_K_INT64
                                                                               : GTEN_K_FLOAT64]
                                     [program->compute] (n_elements, numbers[arg], value, 0);
          args[arg] = numbers[arg];
          continue;
        }
      if (input->dtype != dtype
          || !gten_is_contiguous (program->n_dims, program->sizes, input->strides))
        return false;
      args[arg] = input->data;
    }
  block (n_elements, out->data, args, instruction->params);
  return true;
}

/* -- plain copies ----------------------------------------------------------------------------------*/

/* What does not compute is no work of a compute type: int64 and NaN payloads keep their bits. */
static bool
gten_run_copy (const GtenKProgram *program)
{
  const GtenKOperand *in = &program->inputs[0], *out = &program->outputs[0];
  const int64_t *strides[] = { out->strides, in->strides };
  GtenSpace space;

  if (program->n_instructions > 1 || program->n_outputs != 1 || program->n_inputs != 1
      || (program->n_instructions == 1 && program->instructions[0].kernel != GTEN_K_IDENTITY)
      || in->data == NULL || in->dtype != out->dtype)
    return false;
  gten_space_init (&space, program->n_dims, program->sizes, 2, strides);
  gten_space_copy (&space, out->data, in->data, gten_dtype_sizes[in->dtype]);
  return true;
}

/* -- fills -----------------------------------------------------------------------------------------*/

typedef struct
{
  uint8_t *to;
  size_t   size;      /* of an element */
  uint64_t pattern;   /* as many of them as there is room for */
  int64_t  n_elements;
} GtenFill;

static void
gten_fill_work (void *data, int thread, int n_threads)
{
  const GtenFill *self = data;
  uint8_t *to = self->to + gten_share (self->n_elements, thread, n_threads) * (int64_t) self->size;
  uint8_t *end = self->to + gten_share (self->n_elements, thread + 1, n_threads) * (int64_t) self->size;
  const size_t n_words = (size_t) (end - to) / sizeof self->pattern;

  for (; to < end && ((uintptr_t) to % sizeof self->pattern != 0 || n_words == 0); to += self->size)
    memcpy (to, &self->pattern, self->size);
  gten_instruction_set->loads[GTEN_K_INT64][GTEN_K_COMPUTE_INT64] ((size_t) (end - to) / sizeof self->pattern, to,
                                                                   &self->pattern, 0);
  for (to += (size_t) (end - to) / sizeof self->pattern * sizeof self->pattern; to < end; to += self->size)
    memcpy (to, &self->pattern, self->size);
}

/* One value into what is contiguous: it is converted once, and its bits are repeated. */
static bool
gten_run_fill (const GtenKProgram *program, int64_t n_elements)
{
  const GtenKOperand *in = &program->inputs[0], *out = &program->outputs[0];
  const GtenKCompute compute = program->compute;
  GtenFill self = { out->data, gten_dtype_sizes[out->dtype], 0, n_elements };
  uint8_t number[8] __attribute__ ((aligned (8)));

  if (program->n_instructions > 1 || program->n_outputs != 1 || program->n_inputs != 1 || in->data != NULL
      || (program->n_instructions == 1 && program->instructions[0].kernel != GTEN_K_IDENTITY)
      || !gten_is_contiguous (program->n_dims, program->sizes, out->strides))
    return false;
  if (compute == GTEN_K_COMPUTE_INT64)
    memcpy (number, &in->value.i, sizeof number);
  else
    gten_instruction_set->loads[GTEN_K_FLOAT64][compute] (1, number, &in->value.f, 0);
  gten_instruction_set->stores[out->dtype][compute] (1, &self.pattern, number, 1);
  for (size_t filled = self.size; filled < sizeof self.pattern; filled *= 2)
    memcpy ((uint8_t *) &self.pattern + filled, &self.pattern, filled);
  gten_parallel (gten_threads (n_elements, 1), gten_fill_work, &self);
  return true;
}

/* -- narrow integers -------------------------------------------------------------------------------*/

#define GTEN_RUN_NARROW_BYTES 16384   /* of an operand in a block */

typedef struct
{
  const GtenKProgram *program;
  GtenKBlock          block;
  size_t              size;
  int64_t             n_elements;
  uint64_t            numbers[3];   /* in the operands' dtype */
} GtenNarrow;

static void
gten_narrow_work (void *data, int thread, int n_threads)
{
  const GtenNarrow *self = data;
  const GtenKInstruction *instruction = self->program->instructions;
  const GtenKOperand *out = &self->program->outputs[0];
  const int64_t block = GTEN_RUN_NARROW_BYTES / (int64_t) self->size;
  const int64_t end = gten_share (self->n_elements, thread + 1, n_threads);
  const int64_t begin = gten_share (self->n_elements, thread, n_threads);
  uint8_t constants[3][GTEN_RUN_NARROW_BYTES];
  const void *args[3];

  for (int arg = 0; arg < gten_arities[instruction->kernel]; arg++)
    if (self->program->inputs[instruction->args[arg]].data == NULL)
      {
        const size_t n_bytes = (size_t) GTEN_MIN (end - begin, block) * self->size;

        memcpy (constants[arg], &self->numbers[arg], self->size);
        for (size_t at = self->size; at < n_bytes; at *= 2)
          memcpy (constants[arg] + at, constants[arg], GTEN_MIN (at, n_bytes - at));
        args[arg] = constants[arg];
      }
  for (int64_t i = begin; i < end; i += block)
    {
      for (int arg = 0; arg < gten_arities[instruction->kernel]; arg++)
        {
          const GtenKOperand *input = &self->program->inputs[instruction->args[arg]];

          if (input->data != NULL)
            args[arg] = (const uint8_t *) input->data + i * (int64_t) self->size;
        }
      self->block ((size_t) GTEN_MIN (end - i, block),
                   (uint8_t *) out->data + i * (int64_t) gten_dtype_sizes[out->dtype], args,
                   instruction->params);
    }
}

/* One instruction over contiguous integers of one dtype, and numbers that are in its range, needs
 * no int64. */
static bool
gten_run_narrow (const GtenKProgram *program, int64_t n_elements)
{
  const GtenKInstruction *instruction = program->instructions;
  const GtenKOperand *out = &program->outputs[0];
  GtenNarrow self = { .program = program, .n_elements = n_elements };
  GtenKDtype dtype = GTEN_K_NONE;

  if (program->compute != GTEN_K_COMPUTE_INT64 || program->n_instructions != 1 || program->n_outputs != 1
      || program->output_registers[0] != program->n_inputs || gten_arities[instruction->kernel] > 3
      || !gten_is_contiguous (program->n_dims, program->sizes, out->strides))
    return false;
  for (int arg = 0; arg < gten_arities[instruction->kernel]; arg++)
    {
      const GtenKOperand *input = &program->inputs[instruction->args[arg]];

      if (input->data == NULL)
        continue;
      if ((dtype != GTEN_K_NONE && input->dtype != dtype)
          || !gten_is_contiguous (program->n_dims, program->sizes, input->strides))
        return false;
      dtype = input->dtype;
    }
  self.block = gten_instruction_set->narrow_blocks[instruction->kernel][dtype];
  self.size = gten_dtype_sizes[dtype];
  if (self.block == NULL
      || out->dtype != (gten_result_is_bool[instruction->kernel] ? GTEN_K_BOOL : dtype))
    return false;
  for (int arg = 0; arg < gten_arities[instruction->kernel]; arg++)
    {
      const GtenKOperand *input = &program->inputs[instruction->args[arg]];
      int64_t back;

      if (input->data != NULL)
        continue;
      gten_instruction_set->stores[dtype][program->compute] (1, &self.numbers[arg], &input->value.i, 1);
      gten_instruction_set->loads[dtype][program->compute] (1, &back, &self.numbers[arg], 1);
      if (back != input->value.i)
        return false;
    }
  gten_parallel (gten_threads (n_elements, 1), gten_narrow_work, &self);
  return true;
}

/* -- blocks ----------------------------------------------------------------------------------------*/

static bool
gten_run_output_is_direct (const GtenRun *self, int output)
{
  const GtenKProgram *program = self->machine.program;
  const GtenKOperand *out = &program->outputs[output];
  const int writer = program->output_registers[output] - program->n_inputs;
  const int64_t *strides = self->space.strides[output];
  const bool is_bool = writer >= 0 && gten_result_is_bool[program->instructions[writer].kernel];

  if (writer < 0 || out->dtype != (is_bool ? GTEN_K_BOOL : gten_compute_dtypes[program->compute])
      || (is_bool && self->machine.is_expanded[writer])
      || (program->n_outputs > 1 && program->output_registers[0] == program->output_registers[1]))
    return false;
  /* A later instruction must still find in its input what was there. */
  for (int i = writer + 1; i < program->n_instructions; i++)
    for (int arg = 0; arg < gten_arities[program->instructions[i].kernel]; arg++)
      {
        int source = program->instructions[i].args[arg];

        if (source < program->n_inputs && program->inputs[source].data == out->data)
          return false;
      }
  return self->blocks_per_row > 0 ? strides[self->space.n_dims - 1] == 1
                                  : gten_is_contiguous (self->space.n_dims, self->space.sizes, strides);
}

static bool
gten_run_is_transposed (const GtenSpace *space)
{
  const int inner = space->n_dims - 1;

  for (int operand = 0; operand < space->n_operands && inner > 0; operand++)
    if (space->strides[operand][inner] > 1 && space->strides[operand][inner - 1] != 0
        && space->strides[operand][inner - 1] < space->strides[operand][inner])
      return true;
  return false;
}

static bool
gten_run_uses_no_scratch (const GtenRun *self)
{
  const GtenKProgram *program = self->machine.program;
  bool uses_none = true;

  for (int output = 0; output < program->n_outputs; output++)
    uses_none &= self->is_direct[output];
  for (int input = 0; input < program->n_inputs; input++)
    uses_none &= self->machine.is_contiguous[input];
  return uses_none;
}

static GtenKStatus
gten_run_init (GtenRun *self, const GtenKProgram *program)
{
  const int64_t *strides[GTEN_SPACE_OPERANDS];
  GtenSpace *space = &self->space;
  GtenKStatus status;
  int64_t length;

  for (int output = 0; output < program->n_outputs; output++)
    strides[output] = program->outputs[output].strides;
  for (int input = 0; input < program->n_inputs; input++)
    strides[program->n_outputs + input]
      = program->inputs[input].data != NULL ? program->inputs[input].strides : NULL;
  gten_space_init (space, program->n_dims, program->sizes, program->n_outputs + program->n_inputs,
                   strides);
  status = gten_machine_init (&self->machine, program, space, program->n_outputs);
  if (status != GTEN_K_OK)
    return status;

  length = space->sizes[space->n_dims - 1];
  self->block = GTEN_K_BLOCK;
  self->blocks_per_row = 0;
  self->tile_height = 1;
  if (space->n_dims == 1 || length >= GTEN_RUN_LONG_ROW)
    {
      if (gten_run_is_transposed (space))
        {
          self->block = GTEN_RUN_TILE_WIDTH;
          self->tile_height = space->sizes[space->n_dims - 2];
        }
      self->blocks_per_row = (length + self->block - 1) / self->block;
      self->n_blocks = space->n_elements / length * self->blocks_per_row;
    }
  else
    self->n_blocks = (space->n_elements + self->block - 1) / self->block;

  for (int output = 0; output < program->n_outputs; output++)
    {
      const int writer = program->output_registers[output] - program->n_inputs;

      self->is_direct[output] = gten_run_output_is_direct (self, output);
      if (!self->is_direct[output] && writer >= 0
          && gten_result_is_bool[program->instructions[writer].kernel])
        self->machine.is_expanded[writer] = true;
    }
  /* Without scratch memory there is nothing that has to stay in the first-level cache. */
  if (space->n_dims == 1 && program->n_instructions == 1 && gten_run_uses_no_scratch (self))
    {
      self->block = GTEN_RUN_LARGE_BLOCK;
      self->n_blocks = self->blocks_per_row = (length + self->block - 1) / self->block;
    }
  self->is_conversion = program->n_instructions == 1 && self->machine.blocks[0] == NULL
                        && self->is_direct[0] && program->n_outputs == 1
                        && !self->machine.is_constant[0]
                        && program->inputs[0].dtype != program->outputs[0].dtype;
  return GTEN_K_OK;
}

/* The first element of a block and its length. */
static int64_t
gten_run_locate (const GtenRun *self, int64_t number, int64_t *n)
{
  const int64_t length = self->space.sizes[self->space.n_dims - 1];
  int64_t row, column;

  if (self->blocks_per_row == 0)
    {
      *n = GTEN_MIN (self->space.n_elements - number * self->block, self->block);
      return number * self->block;
    }
  row = number / (self->blocks_per_row * self->tile_height) * self->tile_height
        + number % self->tile_height;
  column = number / self->tile_height % self->blocks_per_row * self->block;
  *n = GTEN_MIN (length - column, self->block);
  return row * length + column;
}

/* What is beyond the end of a dimension goes on in the one before it. */
static void
gten_run_carry (const GtenSpace *space, int dim, int64_t *indices)
{
  for (; dim > 0 && indices[dim] >= space->sizes[dim]; dim--)
    {
      indices[dim] = 0;
      indices[dim - 1]++;
    }
}

/* From one block to the next: the same as locating it, without divisions where blocks go along rows. */
static void
gten_run_next (const GtenRun *self, int64_t number, int64_t *indices, int64_t *n)
{
  const GtenSpace *space = &self->space;
  const int inner = space->n_dims - 1;

  if (self->blocks_per_row == 0 || self->tile_height > 1)
    {
      gten_space_locate (space, gten_run_locate (self, number, n), indices);
      return;
    }
  indices[inner] += self->block;
  gten_run_carry (space, inner, indices);
  *n = GTEN_MIN (space->sizes[inner] - indices[inner], self->block);
}

static void
gten_run_work (void *data, int thread, int n_threads)
{
  const GtenRun *self = data;
  const GtenKProgram *program = self->machine.program;
  const int64_t end = gten_share (self->n_blocks, thread + 1, n_threads);
  int64_t number = gten_share (self->n_blocks, thread, n_threads), n = 0;
  GtenScratch scratch[GTEN_K_MAX_REGISTERS];
  const void *registers[GTEN_K_MAX_REGISTERS];
  void *results[GTEN_K_MAX_REGISTERS] = { NULL };
  int64_t indices[GTEN_K_MAX_DIMS];

  gten_machine_prepare (&self->machine, registers, scratch);
  if (number < end)
    gten_space_locate (&self->space, gten_run_locate (self, number, &n), indices);
  for (; number < end; number++, gten_run_next (self, number, indices, &n))
    {
      for (int output = 0; output < program->n_outputs; output++)
        if (self->is_direct[output])
          results[program->output_registers[output] - program->n_inputs]
            = (uint8_t *) program->outputs[output].data
              + gten_space_offset (&self->space, output, indices)
                  * gten_dtype_sizes[program->outputs[output].dtype];
      if (self->is_conversion)
        {
          gten_machine_gather (&self->space, 1, &program->inputs[0], program->compute, indices, n,
                               results[0]);
          continue;
        }
      gten_machine_load (&self->machine, indices, n, registers, scratch);
      gten_machine_execute (&self->machine, n, registers, results, scratch);
      for (int output = 0; output < program->n_outputs; output++)
        if (!self->is_direct[output])
          gten_machine_scatter (&self->space, output, &program->outputs[output], program->compute,
                                indices, n, registers[program->output_registers[output]]);
    }
}

/* -- rows of one instruction -----------------------------------------------------------------------*/

#define GTEN_RUN_SHORT_ROW 128
#define GTEN_RUN_FEW_ROWS  16
#define GTEN_RUN_REPEATED  512   /* elements of a number that is a row's */

/* Whether there is one instruction, whose result and operands are used row by row where they lie, or are one number
 * per row. */
static bool
gten_run_is_by_rows (const GtenRun *self)
{
  const GtenMachine *machine = &self->machine;
  const GtenKProgram *program = machine->program;
  const GtenKInstruction *instruction = program->instructions;
  const GtenSpace *space = &self->space;
  const int inner = space->n_dims - 1;

  if (inner == 0 || program->n_instructions != 1 || program->n_outputs != 1 || machine->blocks[0] == NULL
      || program->output_registers[0] != program->n_inputs || space->sizes[inner] < GTEN_RUN_SHORT_ROW
      || space->n_elements / space->sizes[inner] < GTEN_RUN_FEW_ROWS || space->strides[0][inner] != 1
      || program->outputs[0].dtype != (gten_result_is_bool[instruction->kernel]
                                       ? GTEN_K_BOOL : gten_compute_dtypes[program->compute]))
    return false;
  for (int input = 0; input < program->n_inputs; input++)
    if (!machine->is_constant[input]
        && (program->inputs[input].dtype != gten_compute_dtypes[program->compute]
            || space->strides[1 + input][inner] < 0 || space->strides[1 + input][inner] > 1))
      return false;
  return true;
}

static void
gten_run_rows_work (void *data, int thread, int n_threads)
{
  const GtenRun *self = data;
  const GtenMachine *machine = &self->machine;
  const GtenKProgram *program = machine->program;
  const GtenKInstruction *instruction = program->instructions;
  const GtenSpace *space = &self->space;
  const GtenConvert load = gten_instruction_set->loads[gten_compute_dtypes[program->compute]][program->compute];
  const size_t size = gten_compute_sizes[program->compute], out_size = gten_dtype_sizes[program->outputs[0].dtype];
  const int inner = space->n_dims - 1, arity = gten_arities[instruction->kernel];
  const int64_t length = space->sizes[inner], n_rows = space->n_elements / length;
  const int64_t end = gten_share (n_rows, thread + 1, n_threads);
  int64_t row = gten_share (n_rows, thread, n_threads), indices[GTEN_K_MAX_DIMS], block = GTEN_K_BLOCK;
  GtenScratch scratch[GTEN_K_MAX_REGISTERS];
  const void *registers[GTEN_K_MAX_REGISTERS];

  gten_machine_prepare (machine, registers, scratch);
  gten_space_locate (space, row * length, indices);
  for (int input = 0; input < program->n_inputs; input++)
    if (!machine->is_constant[input] && space->strides[1 + input][inner] == 0)
      block = GTEN_RUN_REPEATED;
  for (; row < end; row++)
    {
      uint8_t *out = (uint8_t *) program->outputs[0].data + gten_space_offset (space, 0, indices) * (int64_t) out_size;
      size_t steps[3] = { 0 };
      const uint8_t *args[3];

      for (int arg = 0; arg < arity; arg++)
        {
          const int input = instruction->args[arg];

          args[arg] = registers[input];
          if (machine->is_constant[input])
            continue;
          args[arg] = (const uint8_t *) program->inputs[input].data
                      + gten_space_offset (space, 1 + input, indices) * (int64_t) size;
          steps[arg] = (size_t) space->strides[1 + input][inner] * size;
          if (steps[arg] != 0)
            continue;
          load ((size_t) GTEN_MIN (length, block), scratch[input].bytes, args[arg], 0);
          args[arg] = scratch[input].bytes;
        }
      for (int64_t n, left = length; left > 0; left -= n, out += (size_t) n * out_size)
        {
          n = GTEN_MIN (left, block);
          machine->blocks[0]((size_t) n, out, (const void *const *) args, instruction->params);
          for (int arg = 0; arg < arity; arg++)
            args[arg] += (size_t) n * steps[arg];
        }
      indices[inner - 1]++;
      gten_run_carry (space, inner - 1, indices);
    }
}

GtenKStatus
gten_cpu_run (int device, const GtenKProgram *program)
{
  GtenRun run;
  GtenKStatus status;
  int64_t n_elements = 1;
  unsigned bad_values;

  for (int dim = 0; dim < program->n_dims; dim++)
    n_elements *= program->sizes[dim];
  if (n_elements == 0)
    return GTEN_K_OK;

  if (gten_run_copy (program) || gten_run_fill (program, n_elements) || gten_run_narrow (program, n_elements))
    return GTEN_K_OK;
  if (n_elements > GTEN_K_BLOCK || program->n_instructions != 1 || program->n_outputs != 1
      || !gten_run_small (program, n_elements))
    {
      status = gten_run_init (&run, program);
      if (status != GTEN_K_OK)
        return status;
      gten_parallel (gten_threads (n_elements, GTEN_MAX (program->n_instructions, 1)),
                     gten_run_is_by_rows (&run) ? gten_run_rows_work : gten_run_work, &run);
    }
  bad_values = gten_k_take_bad_values ();
  if (bad_values == 0)
    return GTEN_K_OK;
  if (program->fault != NULL)
    program->fault->message = program->messages[__builtin_ctz (bad_values)];
  return GTEN_K_BAD_VALUE;
}
