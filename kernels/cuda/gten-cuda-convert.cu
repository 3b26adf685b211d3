/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Conversions between any two dtypes, by way of a compute type, which the element-wise kernels do not read and write
 * themselves. */
#include "gten-cuda-copy.h"
#include "gten-cuda-groups.h"
#include "gten-cuda-space.h"

#define PER_THREAD 4

template <typename T>
static __global__ void
__launch_bounds__ (GTEN_CUDA_THREADS)
convert (const __grid_constant__ GtenLayout<2> layout, uint32_t n, void *to, GtenKDtype to_dtype, const void *from,
         GtenKDtype from_dtype)
{
  const uint32_t first = blockIdx.x * (GTEN_CUDA_THREADS * PER_THREAD) + threadIdx.x;
  int64_t offsets[PER_THREAD][2];
  T x[PER_THREAD];

  for (int i = 0; i < PER_THREAD; i++)
    if (first + i * GTEN_CUDA_THREADS < n)
      {
        gten_locate (layout, first + i * GTEN_CUDA_THREADS, offsets[i]);
        x[i] = gten_load<T> (from, offsets[i][1], from_dtype);
      }
  for (int i = 0; i < PER_THREAD; i++)
    if (first + i * GTEN_CUDA_THREADS < n)
      gten_store (to, offsets[i][0], to_dtype, x[i]);
}

void
gten_cuda_convert_elements (GtenCudaQueue *queue, GtenKCompute compute, int n_dims, const int64_t *sizes,
                            const GtenKOperand *to, const GtenKOperand *from)
{
  const int64_t *strides[] = { to->strides, from->strides };
  const int64_t offsets[GTEN_SPACE_OPERANDS] = { 0 };
  GtenSpace space;

  gten_space_init (&space, n_dims, sizes, 2, strides);
  if (space.n_elements == 0)
    return;
  gten_space_each_part (space, offsets, [&] (const GtenSpace &part, const int64_t *part_offsets) {
    const unsigned n_blocks = gten_cuda_blocks (part.n_elements, GTEN_CUDA_THREADS * PER_THREAD);
    char *target = (char *) to->data + part_offsets[0] * (int64_t) gten_cuda_size (to->dtype);
    const char *source = (const char *) from->data + part_offsets[1] * (int64_t) gten_cuda_size (from->dtype);
    GtenLayout<2> layout;

    gten_space_whole_layout (part, &layout);
    gten_cuda_launch (queue, n_blocks, GTEN_CUDA_THREADS,
                      compute == GTEN_K_COMPUTE_FLOAT32   ? convert<float>
                      : compute == GTEN_K_COMPUTE_FLOAT64 ? convert<double>
                                                          : convert<int64_t>,
                      layout, (uint32_t) part.n_elements, target, to->dtype, source, from->dtype);
  });
}

/* -- operands that are converted -------------------------------------------------------------------*/

GtenKDtype
gten_cuda_compute_dtype (GtenKCompute compute)
{
  return compute == GTEN_K_COMPUTE_FLOAT32   ? GTEN_K_FLOAT32
         : compute == GTEN_K_COMPUTE_FLOAT64 ? GTEN_K_FLOAT64
                                             : GTEN_K_INT64;
}

void
gten_cuda_contiguous_strides (int n_dims, const int64_t *sizes, int64_t *strides)
{
  int64_t stride = 1;

  for (int dim = n_dims - 1; dim >= 0; dim--)
    {
      strides[dim] = stride;
      stride *= sizes[dim];
    }
}

bool
gten_cuda_is_stored (GtenKCompute compute, GtenKDtype dtype)
{
  return compute == GTEN_K_COMPUTE_FLOAT32   ? gten_is_stored<float> (dtype)
         : compute == GTEN_K_COMPUTE_FLOAT64 ? gten_is_stored<double> (dtype)
                                             : gten_is_stored<int64_t> (dtype);
}

/* What is repeated is converted once. */
void
gten_converted_init (GtenConverted *self, GtenCudaQueue *queue, GtenKCompute compute, int n_dims, const int64_t *sizes,
                     const GtenKOperand *operand, bool is_input)
{
  int64_t distinct[GTEN_K_MAX_DIMS];

  self->operand = *operand;
  self->scratch = NULL;
  if (operand->data == NULL || gten_cuda_is_stored (compute, operand->dtype) || gten_cuda_has_failed ())
    return;
  for (int dim = 0; dim < n_dims; dim++)
    distinct[dim] = operand->strides[dim] == 0 ? 1 : sizes[dim];
  gten_cuda_contiguous_strides (n_dims, distinct, self->strides);
  for (int dim = 0; dim < n_dims; dim++)
    if (operand->strides[dim] == 0)
      self->strides[dim] = 0;
  self->operand.dtype = gten_cuda_compute_dtype (compute);
  self->operand.strides = self->strides;
  self->n_bytes = (size_t) gten_cuda_count (n_dims, distinct) * gten_cuda_size (self->operand.dtype);
  self->operand.data = self->scratch = gten_cuda_scratch (queue, self->n_bytes);
  if (is_input && self->scratch != NULL)
    gten_cuda_convert_elements (queue, compute, n_dims, distinct, &self->operand, operand);
}

void
gten_converted_release (GtenConverted *self, GtenCudaQueue *queue)
{
  gten_cuda_scratch_release (queue, self->scratch, self->n_bytes);
}
