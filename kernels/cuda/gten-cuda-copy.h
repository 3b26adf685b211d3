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

/* Converts between dtypes and layouts, computing in `compute` if the dtypes differ. */
void gten_cuda_convert            (GtenCudaQueue *queue, GtenKCompute compute, int n_dims, const int64_t *sizes,
                                   const GtenKOperand *to, const GtenKOperand *from);

void gten_cuda_contiguous_strides (int n_dims, const int64_t *sizes, int64_t *strides);
