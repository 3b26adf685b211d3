/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Element-wise programs.
 *
 * A program of one instruction, which is all that the ops ask for, is one launch. Of a longer one, every
 * instruction but the last writes to scratch memory: each is a kernel that is there anyway, where fusing them would take a
 * kernel that interprets, or a compiler on the user's machine. */
#include "gten-cuda-copy.h"
#include "gten-cuda-pointwise.h"
#include "gten-cuda-space.h"

/* -- one instruction -------------------------------------------------------------------------------*/

/* One launch of a row over a part of the space; operand 0 is the output. */
template <typename T, int ARITY>
static void
launch (GtenCudaQueue *queue, const GtenPointwiseRow *row, const GtenKInstruction *instruction,
        const GtenKOperand *output, const GtenKOperand *const *inputs, const GtenSpace &space,
        const int64_t *offsets)
{
  const int inner = space.n_dims - 1;
  const int64_t length = space.sizes[inner];
  const int64_t groups_per_row = (length + GTEN_GROUP - 1) / GTEN_GROUP;
  GtenPointwise<T, ARITY> self = {};

  auto number = [] (GtenKScalar value) {
    if constexpr (std::is_same_v<T, int64_t>)
      return value.i;
    else
      return (T) value.f;
  };
  auto at = [&] (int operand, void *data, size_t size) {
    return (void *) ((char *) data + offsets[operand] * (int64_t) size);
  };

  self.n_groups = (uint32_t) (space.n_elements / length * groups_per_row);
  self.row_length = (uint32_t) length;
  self.groups_per_row = gten_divider (groups_per_row);
  self.reporter = queue->reporter;
  self.position = offsets[0];
  for (int i = 0; i < GTEN_K_MAX_PARAMS; i++)
    self.params[i] = number (instruction->params[i]);
  gten_space_layout (space, 0, &self.layout);

  self.output.data = at (0, output->data, gten_cuda_size (output->dtype));
  self.output.dtype = output->dtype;
  self.output.stride = space.strides[0][inner];
  self.output.is_vector = gten_groups_are_vectors (self.output.data, gten_cuda_size (output->dtype),
                                                   self.output.stride, inner, space.strides[0]);
  for (int i = 0; i < ARITY; i++)
    {
      const size_t size = gten_cuda_size (inputs[i]->dtype);
      GtenSource<T> *source = &self.inputs[i];

      if (inputs[i]->data == NULL)
        {
          source->value = number (inputs[i]->value);
          continue;
        }
      source->data = at (i + 1, inputs[i]->data, size);
      source->dtype = inputs[i]->dtype;
      source->stride = space.strides[i + 1][inner];
      source->is_vector = gten_groups_are_vectors (source->data, size, source->stride, inner, space.strides[i + 1]);
    }
  gten_cuda_launch (queue, gten_cuda_blocks (self.n_groups, GTEN_CUDA_THREADS * GTEN_GROUPS_PER_THREAD),
                    GTEN_CUDA_THREADS, (void (*) (GtenPointwise<T, ARITY>)) row->kernel, self);
}

template <typename T>
static void
launch_row (GtenCudaQueue *queue, const GtenPointwiseRow *row, const GtenKInstruction *instruction,
            const GtenKOperand *output, const GtenKOperand *const *inputs, const GtenSpace &space,
            const int64_t *offsets)
{
  switch (row->arity)
    {
#define LAUNCH(ARITY)                                                                              \
  case ARITY:                                                                                      \
    launch<T, ARITY> (queue, row, instruction, output, inputs, space, offsets);                    \
    break;
      LAUNCH (1)
      LAUNCH (2)
      LAUNCH (3)
#undef LAUNCH
    default:
      gten_cuda_fail (GTEN_K_UNSUPPORTED, NULL);
    }
}

static const GtenPointwiseRow *
find_row (GtenKCompute compute, int kernel)
{
  const GtenPointwiseRow *rows = compute == GTEN_K_COMPUTE_FLOAT32   ? gten_cuda_pointwise_float32 ()
                                 : compute == GTEN_K_COMPUTE_FLOAT64 ? gten_cuda_pointwise_float64 ()
                                                                     : gten_cuda_pointwise_int64 ();

  return rows[kernel].kernel != NULL ? &rows[kernel] : NULL;
}

/* Operands of dtypes that the kernels do not read or write take the way through scratch memory. */
static void
run_instruction (GtenCudaQueue *queue, GtenKCompute compute, int n_dims, const int64_t *sizes,
                 const GtenKInstruction *instruction, const GtenKOperand *output, const GtenKOperand *const *inputs)
{
  const GtenPointwiseRow *row = find_row (compute, instruction->kernel);
  const int64_t *strides[GTEN_SPACE_OPERANDS];
  const int64_t offsets[GTEN_SPACE_OPERANDS] = { 0 };
  const GtenKOperand *sources[GTEN_K_MAX_INPUTS];
  GtenConverted converted[GTEN_K_MAX_INPUTS], target;
  GtenSpace space;

  if (row == NULL || row->arity > 3)
    {
      gten_cuda_fail (GTEN_K_UNSUPPORTED, NULL);
      return;
    }
  gten_converted_init (&target, queue, compute, n_dims, sizes, output, false);
  strides[0] = target.operand.strides;
  for (int i = 0; i < row->arity; i++)
    {
      gten_converted_init (&converted[i], queue, compute, n_dims, sizes, inputs[i], true);
      sources[i] = &converted[i].operand;
      strides[i + 1] = sources[i]->data != NULL ? sources[i]->strides : NULL;
    }
  gten_space_init (&space, n_dims, sizes, row->arity + 1, strides);
  if (!gten_cuda_has_failed ())
    gten_space_each_part (space, offsets, [&] (const GtenSpace &part, const int64_t *part_offsets) {
      if (compute == GTEN_K_COMPUTE_FLOAT32)
        launch_row<float> (queue, row, instruction, &target.operand, sources, part, part_offsets);
      else if (compute == GTEN_K_COMPUTE_FLOAT64)
        launch_row<double> (queue, row, instruction, &target.operand, sources, part, part_offsets);
      else
        launch_row<int64_t> (queue, row, instruction, &target.operand, sources, part, part_offsets);
    });
  if (target.scratch != NULL && !gten_cuda_has_failed ())
    gten_cuda_convert_elements (queue, compute, n_dims, sizes, output, &target.operand);
  gten_converted_release (&target, queue);
  for (int i = 0; i < row->arity; i++)
    gten_converted_release (&converted[i], queue);
}

/* What does not compute is no work of a compute type: int64 and NaN payloads keep their bits. */
void
gten_cuda_convert (GtenCudaQueue *queue, GtenKCompute compute, int n_dims, const int64_t *sizes,
                   const GtenKOperand *to, const GtenKOperand *from)
{
  GtenKInstruction identity = {};

  identity.kernel = GTEN_K_IDENTITY;
  if (from->data != NULL && from->dtype == to->dtype)
    gten_cuda_copy_elements (queue, n_dims, sizes, gten_cuda_size (to->dtype), to->data, to->strides, from->data,
                             from->strides);
  else if (from->data != NULL && !(gten_cuda_is_stored (compute, from->dtype) && gten_cuda_is_stored (compute, to->dtype)))
    gten_cuda_convert_elements (queue, compute, n_dims, sizes, to, from);
  else
    run_instruction (queue, compute, n_dims, sizes, &identity, to, &from);
}

/* -- programs --------------------------------------------------------------------------------------*/

void
gten_cuda_run_instructions (GtenCudaQueue *queue, const GtenKProgram *program, const GtenKOperand *direct,
                            GtenKOperand *registers, const int64_t *strides)
{
  const GtenKDtype dtype = gten_cuda_compute_dtype (program->compute);
  const size_t n_bytes = (size_t) gten_cuda_count (program->n_dims, program->sizes) * gten_cuda_size (dtype);

  for (int i = 0; i < program->n_inputs; i++)
    registers[i] = program->inputs[i];
  for (int i = 0; i < program->n_instructions && !gten_cuda_has_failed (); i++)
    {
      const GtenKInstruction *instruction = &program->instructions[i];
      GtenKOperand *result = &registers[program->n_inputs + i];
      const GtenKOperand *inputs[3];

      for (int arg = 0; arg < 3; arg++)
        inputs[arg] = &registers[instruction->args[arg]];
      if (direct != NULL && i == program->n_instructions - 1)
        *result = *direct;
      else
        *result = { gten_cuda_scratch (queue, n_bytes), dtype, strides, {} };
      if (result->data == NULL)
        return;
      if (instruction->kernel == GTEN_K_IDENTITY)
        gten_cuda_convert (queue, program->compute, program->n_dims, program->sizes, result, inputs[0]);
      else
        run_instruction (queue, program->compute, program->n_dims, program->sizes, instruction, result, inputs);
    }
}

void
gten_cuda_run_release (GtenCudaQueue *queue, const GtenKProgram *program, const GtenKOperand *direct,
                       const GtenKOperand *registers)
{
  const size_t n_bytes = (size_t) gten_cuda_count (program->n_dims, program->sizes)
                         * gten_cuda_size (gten_cuda_compute_dtype (program->compute));

  for (int i = 0; i < program->n_instructions - (direct != NULL); i++)
    gten_cuda_scratch_release (queue, registers[program->n_inputs + i].data, n_bytes);
}

GtenKStatus
gten_cuda_run (int device, const GtenKProgram *program)
{
  GtenKOperand registers[GTEN_K_MAX_REGISTERS + GTEN_K_MAX_INPUTS] = {};
  int64_t strides[GTEN_K_MAX_DIMS];
  GtenCudaQueue *queue;
  bool is_direct;

  if (gten_cuda_count (program->n_dims, program->sizes) == 0)
    return GTEN_K_OK;
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  memcpy (queue->reporter.messages, program->messages, sizeof program->messages);
  is_direct = program->n_instructions > 0 && program->n_outputs == 1
              && program->output_registers[0] == program->n_inputs + program->n_instructions - 1;
  gten_cuda_contiguous_strides (program->n_dims, program->sizes, strides);
  gten_cuda_run_instructions (queue, program, is_direct ? &program->outputs[0] : NULL, registers, strides);
  if (!is_direct)
    for (int output = 0; output < program->n_outputs; output++)
      gten_cuda_convert (queue, program->compute, program->n_dims, program->sizes, &program->outputs[output],
                         &registers[program->output_registers[output]]);
  gten_cuda_run_release (queue, program, is_direct ? &program->outputs[0] : NULL, registers);
  return gten_cuda_leave (queue, program->fault);
}
