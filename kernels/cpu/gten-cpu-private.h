/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the CPU backend share. */
#pragma once

#include "gten-kernels.h"

#define GTEN_LIKELY(x)   __builtin_expect (!!(x), 1)
#define GTEN_UNLIKELY(x) __builtin_expect (!!(x), 0)
#define GTEN_MIN(a, b)   ((a) < (b) ? (a) : (b))
#define GTEN_MAX(a, b)   ((a) > (b) ? (a) : (b))

/* Above so many elements a second thread earns more than waking it costs (about 5 us). */
#define GTEN_PARALLEL_ELEMENTS 65536

/* -- what is built once per instruction set ------------------------------------------------------*/

/* Converts n elements. The stored type's stride counts its elements; the compute type is
 * contiguous. */
typedef void (*GtenConvert) (size_t n, void *to, const void *from, ptrdiff_t stride);

#define GTEN_REDUCE_ROWS 8

/* The parts of a reduction. `map` and `step` are one function. */
typedef struct
{
  /* accs[line] = everything of n elements, in lanes and then pairwise, for lines `stride` elements apart. */
  void (*horizontal) (size_t n_lines, ptrdiff_t stride, size_t n, void *accs, const void *x, const GtenKScalar *params);
  /* acc[i] takes in x[i]; `first` says that acc is not filled yet. */
  void (*vertical)   (size_t n, void *acc, const void *x, const GtenKScalar *params, bool first);
  /* acc[i] takes in x[i] of GTEN_REDUCE_ROWS rows that lie `stride` elements apart; acc is filled. */
  void (*vertical_rows) (size_t n, void *acc, const void *x, ptrdiff_t stride, const GtenKScalar *params);
  /* acc[i] takes in the accumulator other[i]. */
  void (*combine)    (size_t n, void *acc, const void *other, const GtenKScalar *params);
  /* acc[i] becomes the result of count elements. */
  void (*finish)     (size_t n, void *acc, int64_t count, const GtenKScalar *params);
  /* acc[i] becomes the result of no elements, before finish. */
  void (*init)       (size_t n, void *acc, const GtenKScalar *params);
} GtenReducer;

#define GTEN_K_COLUMNS 64

/* Softmax and its gradient in a compute type: one contiguous line, or up to GTEN_K_COLUMNS lines
 * that lie side by side. */
typedef struct
{
  void (*softmax)                  (bool logarithm, size_t n, void *out, const void *x);
  void (*softmax_backward)         (bool logarithm, size_t n, void *out, const void *grad,
                                    const void *result);
  void (*softmax_columns)          (bool logarithm, size_t n, size_t length, void *out, ptrdiff_t out_stride,
                                    const void *x, ptrdiff_t x_stride);
  void (*softmax_backward_columns) (bool logarithm, size_t n, size_t length, void *out, ptrdiff_t out_stride,
                                    const void *grad, ptrdiff_t grad_stride, const void *result,
                                    ptrdiff_t result_stride);
} GtenLines;

/* c += alpha * a @ b in a compute type; rows of b and of c are contiguous. */
typedef struct
{
  int64_t     m, n, k;
  const void *a, *b;
  void       *c;
  int64_t     a_strides[2], b_stride, c_stride;
  GtenKScalar alpha;
} GtenProduct;

/* The passes of a normalisation over n contiguous elements of a compute type; `mean` and what stands beside it
 * are read as .f. `by_channel`: each element has a weight and a bias of its own, either may be NULL. */
typedef struct
{
  double (*sum)      (size_t n, const void *x);
  double (*spread)   (size_t n, const void *x, double mean);     /* of the squares of x - mean */
  /* out = (x - mean) * factor + shift; or, by channel, (x - mean) * factor * weight + bias */
  void   (*scale)    (size_t n, void *out, const void *x, double mean, double factor, double shift);
  void   (*scale_by_channel) (size_t n, void *out, const void *x, double mean, double factor, const void *weight,
                              const void *bias);
  /* sums[0] += grad and sums[1] += grad * (x - mean) * factor; by channel, of grad * weight. */
  void   (*gradient_sums) (size_t n, double *sums, const void *grad, const void *x, double mean, double factor,
                           const void *weight);
  /* out = factor * (grad * weight - a - b * (x - mean) * factor); by channel or with one weight */
  void   (*gradient) (size_t n, void *out, const void *grad, const void *x, double mean, double factor, double a, double b,
                      double one_weight, const void *weight);
  /* weights += grad * (x - mean) * factor and biases += grad, of each channel */
  void   (*gradient_of_channels) (size_t n, void *weights, void *biases, const void *grad, const void *x, double mean,
                                  double factor);
} GtenNormPasses;

typedef struct
{
  const char *name;
  GtenKBlock  blocks[GTEN_K_N_POINTWISE][GTEN_K_N_COMPUTES];
  /* Of integers smaller than int64 in their own types; NULL: no such block. */
  GtenKBlock  narrow_blocks[GTEN_K_N_POINTWISE][GTEN_K_N_DTYPES];
  GtenReducer reducers[GTEN_K_N_REDUCE][GTEN_K_N_COMPUTES];
  GtenConvert loads[GTEN_K_N_DTYPES][GTEN_K_N_COMPUTES];
  GtenConvert stores[GTEN_K_N_DTYPES][GTEN_K_N_COMPUTES];
  GtenLines   lines[GTEN_K_N_COMPUTES];    /* of the floating types */
  void      (*products[GTEN_K_N_COMPUTES]) (const GtenProduct *product);
  /* out[i] = the sum of weights[k] * from[i + offsets[k]], of the floating types. */
  void      (*taps[GTEN_K_N_COMPUTES]) (size_t n, void *out, const void *from, size_t n_taps,
                                        const ptrdiff_t *offsets, const void *weights);
  /* out[i] = the sum of weights[k * n + i] * from[places[k * n + i]], of the floating types. */
  void      (*gathered_taps[GTEN_K_N_COMPUTES]) (size_t n, void *out, const void *from, size_t n_taps,
                                                 const int32_t *places, const void *weights);
  GtenNormPasses norms[GTEN_K_N_COMPUTES]; /* of the floating types */
} GtenInstructionSet;

extern const GtenInstructionSet gten_instruction_set_baseline;
#ifdef __x86_64__
extern const GtenInstructionSet gten_instruction_set_v3;
extern const GtenInstructionSet gten_instruction_set_v4;
#endif

/* The best that this processor has. */
extern const GtenInstructionSet *gten_instruction_set;

/* -- facts ---------------------------------------------------------------------------------------*/

extern const uint8_t gten_dtype_sizes[GTEN_K_N_DTYPES];
extern const uint8_t gten_dtype_computes[GTEN_K_N_DTYPES];     /* GtenKCompute of each dtype */
extern const uint8_t gten_compute_sizes[GTEN_K_N_COMPUTES];
extern const uint8_t gten_compute_dtypes[GTEN_K_N_COMPUTES];   /* GtenKDtype */
extern const uint8_t gten_result_is_bool[GTEN_K_N_POINTWISE];
extern const uint8_t gten_arities[GTEN_K_N_POINTWISE];

static inline size_t
gten_element_size (GtenKDtype dtype)
{
  return gten_dtype_sizes[dtype];
}

extern _Thread_local unsigned gten_k_bad_values;

/* The most there ever are. */
int gten_most_threads (void);

/* The number of threads for work of n elements that each cost about `weight` additions. */
int gten_threads (int64_t n_elements, int weight);

/* Calls `work` for each of n_threads parts, at least one, in as many threads as are free.
 * Bad values in any thread are marked in this one. */
void gten_parallel (int n_threads, void (*work) (void *data, int thread, int n_threads),
                    void *data);

/* The same for n_parts parts at most, of work as gten_threads has it. */
static inline void
gten_parallel_parts (int64_t n_parts, int64_t n_elements, int weight, void (*work) (void *data, int thread, int n_threads),
                     void *data)
{
  gten_parallel ((int) GTEN_MIN (n_parts, gten_threads (n_elements, weight)), work, data);
}

/* Between the two, BLAS works in the calling thread alone. */
void gten_blas_enter (void);
void gten_blas_leave (void);

/* The part of [0, n) that is this one of n_threads'. */
static inline int64_t
gten_share (int64_t n, int thread, int n_threads)
{
  return (int64_t) ((__int128) n * thread / n_threads);
}

/* The elements of an image, a kernel or the windows in it. */
static inline int64_t
gten_volume (const int64_t *sizes)
{
  return sizes[0] * sizes[1] * sizes[2];
}

/* -- the entries of the table --------------------------------------------------------------------*/

#define GTEN_CPU_EACH_ENTRY(X)                                                                     \
  X (alloc) X (free) X (trim) X (cached) X (depthwise) X (normalize) X (normalize_backward) X (select) \
  X (remap) X (grid_sample) X (attention) X (convolution)                                          \
  GTEN_K_EACH_KERNEL (X)
#define GTEN_CPU_DECLARE(ENTRY) GTEN_K_DECLARE (gten_cpu_##ENTRY, ENTRY)

GTEN_CPU_EACH_ENTRY (GTEN_CPU_DECLARE)
