/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Element-wise work that other entries of the table are made of. */
#pragma once

#include "gten-cuda-private.h"

/* Copies elements of one size, bit for bit. */
void gten_cuda_copy_elements      (GtenCudaQueue *queue, int n_dims, const int64_t *sizes, size_t element_size, void *to,
                                   const int64_t *to_strides, const void *from, const int64_t *from_strides);

/* Runs a program's instructions with a register for each input and instruction: scratch memory of the
 * compute type with the given strides, but for the last one where `direct` is not NULL. */
void gten_cuda_run_instructions   (GtenCudaQueue *queue, const GtenKProgram *program, const GtenKOperand *direct,
                                   GtenKOperand *registers, const int64_t *strides);
void gten_cuda_run_release        (GtenCudaQueue *queue, const GtenKProgram *program, const GtenKOperand *direct,
                                   const GtenKOperand *registers);

/* Converts any dtype to any other, by way of `compute`. */
void gten_cuda_convert_elements   (GtenCudaQueue *queue, GtenKCompute compute, int n_dims, const int64_t *sizes,
                                   const GtenKOperand *to, const GtenKOperand *from);

/* Converts between dtypes and layouts, computing in `compute` if the dtypes differ. */
void gten_cuda_convert            (GtenCudaQueue *queue, GtenKCompute compute, int n_dims, const int64_t *sizes,
                                   const GtenKOperand *to, const GtenKOperand *from);

/* An operand as kernels can read or write it: in a copy of the compute type where it must be. An output's
 * copy is the caller's to convert back. */
typedef struct
{
  GtenKOperand operand;
  int64_t      strides[GTEN_K_MAX_DIMS];
  void        *scratch;      /* NULL: it is the operand itself */
  size_t       n_bytes;
} GtenConverted;

void gten_converted_init          (GtenConverted *self, GtenCudaQueue *queue, GtenKCompute compute, int n_dims,
                                   const int64_t *sizes, const GtenKOperand *operand, bool is_input);
void gten_converted_release       (GtenConverted *self, GtenCudaQueue *queue);

/* Whether kernels of the compute type read and write the dtype themselves. */
bool       gten_cuda_is_stored          (GtenKCompute compute, GtenKDtype dtype);
GtenKDtype gten_cuda_compute_dtype      (GtenKCompute compute);
void       gten_cuda_contiguous_strides (int n_dims, const int64_t *sizes, int64_t *strides);
