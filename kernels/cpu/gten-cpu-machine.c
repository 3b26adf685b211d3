/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The block machine: loads, instructions, stores. */
#include "gten-cpu-machine.h"

#include <string.h>

GtenKStatus
gten_machine_init (GtenMachine *self, const GtenKProgram *program, const GtenSpace *space,
                   int first_input)
{
  const int n_inputs = program->n_inputs;

  self->program = program;
  self->space = space;
  self->first_input = first_input;
  for (int input = 0; input < n_inputs; input++)
    {
      const GtenKOperand *operand = &program->inputs[input];
      const int64_t *strides = space->strides[first_input + input];
      bool is_constant = true;

      for (int dim = 0; dim < space->n_dims; dim++)
        is_constant &= strides[dim] == 0;
      self->is_constant[input] = operand->data == NULL || is_constant;
      self->is_contiguous[input] = !self->is_constant[input]
                                   && operand->dtype == gten_compute_dtypes[program->compute]
                                   && gten_is_contiguous (space->n_dims, space->sizes, strides);
    }
  for (int i = 0; i < program->n_instructions; i++)
    {
      const GtenKInstruction *instruction = &program->instructions[i];

      self->is_expanded[i] = false;
      self->blocks[i] = gten_instruction_set->blocks[instruction->kernel][program->compute];
      if (self->blocks[i] == NULL || gten_arities[instruction->kernel] > 3)
        return GTEN_K_UNSUPPORTED;
      if (instruction->kernel == GTEN_K_IDENTITY)
        self->blocks[i] = NULL;
      for (int arg = 0; arg < gten_arities[instruction->kernel]; arg++)
        {
          int writer = instruction->args[arg] - n_inputs;

          if (writer >= 0 && gten_result_is_bool[program->instructions[writer].kernel])
            self->is_expanded[writer] = true;
        }
    }
  return GTEN_K_OK;
}

void
gten_machine_prepare (const GtenMachine *self, const void **registers, GtenScratch *scratch)
{
  const GtenKProgram *program = self->program;
  const size_t n = (size_t) GTEN_MIN (self->space->n_elements, GTEN_K_BLOCK);

  for (int input = 0; input < program->n_inputs; input++)
    {
      const GtenKOperand *operand = &program->inputs[input];

      if (!self->is_constant[input])
        continue;
      registers[input] = scratch[input].bytes;
      if (operand->data != NULL)
        gten_instruction_set->loads[operand->dtype][program->compute] (n, scratch[input].bytes,
                                                                      operand->data, 0);
      else if (program->compute == GTEN_K_COMPUTE_INT64)
        gten_instruction_set->loads[GTEN_K_INT64][program->compute] (n, scratch[input].bytes,
                                                                    &operand->value.i, 0);
      else
        gten_instruction_set->loads[GTEN_K_FLOAT64][program->compute] (n, scratch[input].bytes,
                                                                      &operand->value.f, 0);
    }
}

/* Walks n elements from `indices` on, row by row, converting each row. */
static void
gten_machine_walk (const GtenSpace *space, int operand, GtenConvert convert, bool is_load,
                   const int64_t *indices, size_t n, uint8_t *stored, size_t stored_size,
                   uint8_t *computed, size_t computed_size)
{
  const int inner = space->n_dims - 1;
  const int64_t *strides = space->strides[operand];
  int64_t position[GTEN_K_MAX_DIMS];
  int64_t offset = gten_space_offset (space, operand, indices);
  int64_t length = GTEN_MIN (space->sizes[inner] - indices[inner], (int64_t) n);

  if ((size_t) length < n)
    memcpy (position, indices, sizeof *position * inner);
  while (true)
    {
      if (is_load)
        convert (length, computed, stored + offset * (int64_t) stored_size, strides[inner]);
      else
        convert (length, stored + offset * (int64_t) stored_size, computed, strides[inner]);
      n -= length;
      if (n == 0)
        return;
      computed += length * computed_size;
      offset += (length - space->sizes[inner]) * strides[inner];
      length = GTEN_MIN (space->sizes[inner], (int64_t) n);
      for (int dim = inner - 1; dim >= 0; dim--)
        {
          offset += strides[dim];
          if (++position[dim] < space->sizes[dim])
            break;
          offset -= position[dim] * strides[dim];
          position[dim] = 0;
        }
    }
}

void
gten_machine_gather (const GtenSpace *space, int operand, const GtenKOperand *from,
                     GtenKCompute compute, const int64_t *indices, size_t n, void *to)
{
  gten_machine_walk (space, operand, gten_instruction_set->loads[from->dtype][compute], true, indices,
                     n, from->data, gten_dtype_sizes[from->dtype], to, gten_compute_sizes[compute]);
}

void
gten_machine_scatter (const GtenSpace *space, int operand, const GtenKOperand *to,
                      GtenKCompute compute, const int64_t *indices, size_t n, const void *from)
{
  gten_machine_walk (space, operand, gten_instruction_set->stores[to->dtype][compute], false, indices,
                     n, to->data, gten_dtype_sizes[to->dtype], (void *) from,
                     gten_compute_sizes[compute]);
}

void
gten_machine_load (const GtenMachine *self, const int64_t *indices, size_t n,
                   const void **registers, GtenScratch *scratch)
{
  const GtenKProgram *program = self->program;
  const GtenSpace *space = self->space;
  const int inner = space->n_dims - 1;
  const bool is_row = indices[inner] + (int64_t) n <= space->sizes[inner];

  for (int input = 0; input < program->n_inputs; input++)
    {
      const GtenKOperand *operand = &program->inputs[input];
      const int number = self->first_input + input;

      if (self->is_constant[input])
        continue;
      if (self->is_contiguous[input]
          || (is_row && space->strides[number][inner] == 1
              && operand->dtype == gten_compute_dtypes[program->compute]))
        {
          registers[input] = (const uint8_t *) operand->data
                             + gten_space_offset (space, number, indices)
                                 * gten_compute_sizes[program->compute];
          continue;
        }
      gten_machine_gather (space, number, operand, program->compute, indices, n,
                           scratch[input].bytes);
      registers[input] = scratch[input].bytes;
    }
}

void
gten_machine_execute (const GtenMachine *self, size_t n, const void **registers,
                      void *const *results, GtenScratch *scratch)
{
  const GtenKProgram *program = self->program;

  for (int i = 0; i < program->n_instructions; i++)
    {
      const GtenKInstruction *instruction = &program->instructions[i];
      const int number = program->n_inputs + i;
      void *result = results[i] != NULL ? results[i] : scratch[number].bytes;
      const void *args[3];

      if (self->blocks[i] == NULL && results[i] == NULL)
        {
          registers[number] = registers[instruction->args[0]];
          continue;
        }
      for (int arg = 0; arg < 3; arg++)
        args[arg] = instruction->args[arg] < number ? registers[instruction->args[arg]] : NULL;
      registers[number] = result;
      if (self->blocks[i] == NULL)
        {
          if (result != args[0])
            memcpy (result, args[0], n * gten_compute_sizes[program->compute]);
        }
      else if (self->is_expanded[i])
        {
          uint8_t truths[GTEN_K_BLOCK];

          self->blocks[i](n, truths, args, instruction->params);
          gten_instruction_set->loads[GTEN_K_BOOL][program->compute] (n, result, truths, 1);
        }
      else
        self->blocks[i](n, result, args, instruction->params);
    }
}
