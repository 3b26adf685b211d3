/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stable sorting of pairs, by CUB. In gten-cuda-sort.cu. */
#pragma once

#include "gten-cuda-private.h"

/* By the lowest n_bits of the keys, ascending. The results are in `keys` and `values`; the other two
 * are scratch. */
void gten_cuda_sort_pairs (GtenCudaQueue *queue, int64_t n, int n_bits, uint32_t **keys, uint32_t **values,
                           uint32_t *other_keys, uint32_t *other_values);
void gten_cuda_sort_pairs (GtenCudaQueue *queue, int64_t n, int n_bits, uint64_t **keys, uint32_t **values,
                           uint64_t *other_keys, uint32_t *other_values);
