/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reductions over any set of dimensions: how the kernels are launched. */
#include "gten-cuda-reduce.h"
#include "gten-cuda-copy.h"
#include "gten-cuda-space.h"

#define BLOCKS_PER_PROCESSOR 8
#define MAX_PARTIALS         1024
#define TURNS_PER_BLOCK      2     /* that make a block of its own worth while */

static uint32_t
power_of_2 (int64_t at_least)
{
  uint32_t power = 1;

  while (power < at_least)
    power *= 2;
  return power;
}

static int64_t
smaller (int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* The dimensions but the inner one, those that are kept and those that are reduced. */
template <typename T>
static bool
split_dims (GtenReduce<T> *self, const GtenSpace &space, int64_t *n_units, int64_t *n_steps)
{
  *n_units = *n_steps = 1;
  for (int dim = space.n_dims - 2; dim >= 0; dim--)
    {
      const bool is_kept = space.strides[1][dim] != 0;
      int *n_dims = is_kept ? &self->kept.n_dims : &self->reduced.n_dims;

      if (*n_dims == GTEN_CUDA_MAX_DIMS || space.sizes[dim] > INT32_MAX)
        return false;
      *(is_kept ? n_units : n_steps) *= space.sizes[dim];
      if (is_kept)
        {
          self->kept.sizes[*n_dims] = gten_divider (space.sizes[dim]);
          self->kept.strides[*n_dims][0] = space.strides[1][dim];
          self->kept.strides[*n_dims][1] = space.strides[0][dim];
        }
      else
        {
          self->reduced.sizes[*n_dims] = gten_divider (space.sizes[dim]);
          self->reduced.strides[*n_dims][0] = space.strides[0][dim];
        }
      ++*n_dims;
    }
  return true;
}

/* How many threads work on a unit, and how many blocks share its steps. */
template <typename T>
static void
choose_shape (const GtenCudaQueue *queue, GtenReduce<T> *self)
{
  const uint32_t most_lanes = power_of_2 ((self->n_steps + 1) / 2);
  int64_t n_blocks, per_turn;

  if (self->is_vertical)
    self->n_lanes = (uint32_t) smaller (most_lanes, GTEN_CUDA_THREADS / smaller (power_of_2 (self->n_units), GTEN_CUDA_WARP));
  else
    self->n_lanes = (uint32_t) smaller (most_lanes, GTEN_CUDA_THREADS);
  n_blocks = gten_cuda_blocks (self->n_units, GTEN_CUDA_THREADS / self->n_lanes);
  per_turn = (int64_t) self->n_lanes * GTEN_STEPS_PER_TURN;
  self->n_partials = (uint32_t) smaller (smaller (queue->n_processors * BLOCKS_PER_PROCESSOR / n_blocks, MAX_PARTIALS),
                                         self->n_steps / (per_turn * TURNS_PER_BLOCK));
  if (self->n_partials < 2)
    self->n_partials = 1;
  self->steps_per_block = self->n_steps == 0 ? 1 : gten_cuda_blocks (self->n_steps, self->n_partials);
  self->n_partials = self->n_steps == 0 ? 1 : gten_cuda_blocks (self->n_steps, self->steps_per_block);
}

template <typename T>
static void
launch (GtenCudaQueue *queue, const GtenReduceRow *row, GtenReduce<T> *self)
{
  void (*first) (GtenReduce<T>) = (void (*) (GtenReduce<T>)) row->first;
  void (*second) (GtenReduce<T>) = (void (*) (GtenReduce<T>)) row->second;
  const int64_t n_outputs = (int64_t) self->n_units * (self->is_vertical ? GTEN_GROUP : 1);
  const size_t n_bytes = (size_t) n_outputs * self->n_partials * sizeof (T);

  if (self->n_partials > 1
      && (self->partials = (T *) gten_cuda_scratch (queue, n_bytes)) == NULL)
    return;
  gten_cuda_launch (queue, dim3 (gten_cuda_blocks (self->n_units, GTEN_CUDA_THREADS / self->n_lanes), self->n_partials),
                    GTEN_CUDA_THREADS, first, *self);
  if (self->partials == NULL)
    return;
  self->n_lanes = (uint32_t) smaller (power_of_2 (self->n_partials), GTEN_CUDA_THREADS);
  gten_cuda_launch (queue, gten_cuda_blocks (n_outputs, GTEN_CUDA_THREADS / self->n_lanes), GTEN_CUDA_THREADS, second, *self);
  gten_cuda_scratch_release (queue, self->partials, n_bytes);
}

template <typename T>
static void reduce (GtenCudaQueue *queue, const GtenKReduction *reduction, const GtenReduceRow *row, const GtenKOperand *input);

/* Cuts the outputs in two; false if there is only one. */
template <typename T>
static bool
reduce_halves (GtenCudaQueue *queue, const GtenKReduction *reduction, const GtenReduceRow *row, const GtenKOperand *input)
{
  GtenKReduction part = *reduction;
  GtenKOperand from = *input;
  const int n_dims = part.input.n_dims;
  int64_t sizes[GTEN_K_MAX_DIMS], half;
  int dim = 0;

  while (dim < n_dims && (part.out_strides[dim] == 0 || part.input.sizes[dim] <= 1))
    dim++;
  if (dim == n_dims)
    return false;
  memcpy (sizes, part.input.sizes, (size_t) n_dims * sizeof *sizes);
  half = sizes[dim] / 2;
  part.input.sizes = sizes;
  sizes[dim] = half;
  reduce<T> (queue, &part, row, &from);
  sizes[dim] = reduction->input.sizes[dim] - half;
  from.data = (char *) from.data + half * from.strides[dim] * (int64_t) gten_cuda_size (from.dtype);
  part.out = (char *) part.out + half * part.out_strides[dim] * (int64_t) gten_cuda_size (part.out_dtype);
  reduce<T> (queue, &part, row, &from);
  return true;
}

/* `input` says what is reduced, in the reduction's shape. */
template <typename T>
static void
reduce (GtenCudaQueue *queue, const GtenKReduction *reduction, const GtenReduceRow *row, const GtenKOperand *input)
{
  const GtenKArray *shape = &reduction->input;
  const int64_t n_elements = gten_cuda_count (shape->n_dims, shape->sizes);
  const int64_t *strides[] = { input->strides, reduction->out_strides };
  int64_t sizes[GTEN_K_MAX_DIMS], n_units, n_steps, n_groups, count;
  GtenReduce<T> self = {};
  GtenSpace space;
  bool is_fit;
  int inner;

  /* Of no elements, there are outputs if only reduced dimensions are empty. */
  for (int dim = 0; dim < shape->n_dims; dim++)
    sizes[dim] = n_elements == 0 && reduction->out_strides[dim] == 0 ? 1 : shape->sizes[dim];
  gten_space_init (&space, shape->n_dims, sizes, 2, strides);
  if (space.n_elements == 0)
    return;
  inner = space.n_dims - 1;
  n_groups = (space.sizes[inner] + GTEN_GROUP - 1) / GTEN_GROUP;
  self.is_vertical = space.strides[1][inner] != 0;
  is_fit = split_dims (&self, space, &n_units, &n_steps) && n_groups <= INT32_MAX && space.sizes[inner] <= INT32_MAX;
  count = n_steps * (self.is_vertical ? 1 : space.sizes[inner]);
  *(self.is_vertical ? &n_units : &n_steps) *= n_groups;
  if (!is_fit || n_units > GTEN_CUDA_MOST || n_steps > INT32_MAX)
    {
      if (!reduce_halves<T> (queue, reduction, row, input))
        gten_cuda_fail (GTEN_K_UNSUPPORTED, "an element is reduced from up to 2^31 groups of 4 in 12 dimensions");
      return;
    }
  self.n_units = (uint32_t) n_units;
  self.n_steps = n_elements == 0 ? 0 : (uint32_t) n_steps;
  self.count = n_elements == 0 ? 0 : (T) count;
  self.row_length = (uint32_t) space.sizes[inner];
  self.groups_per_row = gten_divider (n_groups);
  self.source.data = input->data;
  self.source.dtype = input->dtype;
  self.source.stride = space.strides[0][inner];
  self.source.is_vector = gten_groups_are_vectors (input->data, gten_cuda_size (input->dtype), self.source.stride, inner,
                                                   space.strides[0]);
  self.out = reduction->out;
  self.out_dtype = reduction->out_dtype;
  self.out_stride = space.strides[1][inner];
  for (int i = 0; i < GTEN_K_MAX_PARAMS; i++)
    if constexpr (std::is_same_v<T, int64_t>)
      self.params[i] = reduction->params[i].i;
    else
      self.params[i] = (T) reduction->params[i].f;
  choose_shape (queue, &self);
  launch (queue, row, &self);
}

static const GtenReduceRow *
find_row (const GtenKReduction *reduction)
{
  const GtenReduceRow *rows = reduction->compute == GTEN_K_COMPUTE_FLOAT32   ? gten_cuda_reduce_float32 ()
                              : reduction->compute == GTEN_K_COMPUTE_FLOAT64 ? gten_cuda_reduce_float64 ()
                                                                             : gten_cuda_reduce_int64 ();

  return rows[reduction->kernel].first != NULL ? &rows[reduction->kernel] : NULL;
}

/* The input and the outputs take the way through scratch memory if the kernels do not know their
 * dtypes. */
static void
reduce_operand (GtenCudaQueue *queue, const GtenKReduction *reduction, const GtenReduceRow *row, const GtenKOperand *input)
{
  const GtenKArray *shape = &reduction->input;
  const GtenKOperand out = { reduction->out, reduction->out_dtype, reduction->out_strides, {} };
  GtenKReduction there = *reduction;
  int64_t sizes[GTEN_K_MAX_DIMS];
  GtenConverted source, target;

  if (gten_cuda_has_failed ())
    return;
  for (int dim = 0; dim < shape->n_dims; dim++)
    sizes[dim] = reduction->out_strides[dim] == 0 ? 1 : shape->sizes[dim];
  gten_converted_init (&source, queue, reduction->compute, shape->n_dims, shape->sizes, input, true);
  gten_converted_init (&target, queue, reduction->compute, shape->n_dims, sizes, &out, false);
  there.out = target.operand.data;
  there.out_dtype = target.operand.dtype;
  there.out_strides = target.operand.strides;
  if (gten_cuda_has_failed ())
    ;
  else if (reduction->compute == GTEN_K_COMPUTE_FLOAT32)
    reduce<float> (queue, &there, row, &source.operand);
  else if (reduction->compute == GTEN_K_COMPUTE_FLOAT64)
    reduce<double> (queue, &there, row, &source.operand);
  else
    reduce<int64_t> (queue, &there, row, &source.operand);
  if (target.scratch != NULL && !gten_cuda_has_failed ())
    gten_cuda_convert_elements (queue, reduction->compute, shape->n_dims, sizes, &out, &target.operand);
  gten_converted_release (&source, queue);
  gten_converted_release (&target, queue);
}

/* A prologue's result is kept in scratch memory between its kernels and the reduction's. */
static void
reduce_program (GtenCudaQueue *queue, const GtenKReduction *reduction, const GtenReduceRow *row)
{
  const GtenKProgram *program = reduction->prologue;
  GtenKOperand registers[GTEN_K_MAX_REGISTERS + GTEN_K_MAX_INPUTS] = {};
  int64_t strides[GTEN_K_MAX_DIMS];

  gten_cuda_contiguous_strides (program->n_dims, program->sizes, strides);
  gten_cuda_run_instructions (queue, program, NULL, registers, strides);
  reduce_operand (queue, reduction, row, &registers[program->n_inputs + program->n_instructions - 1]);
  gten_cuda_run_release (queue, program, NULL, registers);
}

GtenKStatus
gten_cuda_reduce (int device, const GtenKReduction *reduction)
{
  const GtenReduceRow *row = find_row (reduction);
  const GtenKOperand input = { reduction->input.data, reduction->input.dtype, reduction->input.strides, {} };
  GtenCudaQueue *queue;

  if (row == NULL)
    return GTEN_K_UNSUPPORTED;
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  if (reduction->prologue != NULL && gten_cuda_count (reduction->input.n_dims, reduction->input.sizes) > 0)
    reduce_program (queue, reduction, row);
  else
    reduce_operand (queue, reduction, row, &input);
  return gten_cuda_leave (queue, NULL);
}
