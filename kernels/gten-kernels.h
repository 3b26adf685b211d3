/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one header between the tensors (libgtensor/) and the arithmetic (kernels/).
 *
 * Conventions, valid for every function below:
 *  - sizes and strides count elements, never bytes; a stride of 0 repeats (broadcast);
 *    strides may be negative only where a comment says so.
 *  - `data` points at the element with all indices 0; it is aligned to the element size.
 *  - the caller has checked shapes, dtypes and devices and allocated the outputs. Outputs do not
 *    overlap inputs, except that an output may be exactly the same view as an input of equal dtype.
 *  - nothing allocates unless it takes a `workspace`; nothing prints, aborts or keeps pointers.
 *  - a kernel returns GTEN_K_OK or the reason why it did not run to its end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GTEN_KERNELS_ABI   4
#define GTEN_K_MAX_DIMS    64
#define GTEN_K_MAX_DEVICES 64   /* of one backend */
#define GTEN_K_MAX_INPUTS  6
#define GTEN_K_MAX_OUTPUTS 2
#define GTEN_K_MAX_PARAMS  4
#define GTEN_K_MAX_MESSAGES 2
#define GTEN_K_MAX_REGISTERS 8
#define GTEN_K_BLOCK       2048 /* elements in flight per instruction; one block of each operand lives in L1 */

#ifdef __cplusplus
extern "C" {
#endif

/* The numeric values equal GtenDtype's. */
typedef enum
{
  GTEN_K_NONE,
  GTEN_K_UINT8,
  GTEN_K_INT8,
  GTEN_K_INT16,
  GTEN_K_INT32,
  GTEN_K_INT64,
  GTEN_K_FLOAT16,
  GTEN_K_BFLOAT16,
  GTEN_K_FLOAT32,
  GTEN_K_FLOAT64,
  GTEN_K_BOOL,
  GTEN_K_N_DTYPES,
} GtenKDtype;

/* What block kernels compute in. float16 and bfloat16 compute in float32, the small integers and
 * bool in int64. */
typedef enum
{
  GTEN_K_COMPUTE_FLOAT32,
  GTEN_K_COMPUTE_FLOAT64,
  GTEN_K_COMPUTE_INT64,
  GTEN_K_N_COMPUTES,
} GtenKCompute;

typedef enum
{
  GTEN_K_OK,
  GTEN_K_UNSUPPORTED,   /* no such kernel for this dtype on this backend */
  GTEN_K_OUT_OF_MEMORY,
  GTEN_K_BAD_INDEX,     /* an index is out of range; see GtenKFault */
  GTEN_K_BAD_VALUE,     /* a value in the data is not acceptable; see GtenKFault */
  GTEN_K_DEVICE_FAULT,  /* the device reported an error; see `last_error` */
  GTEN_K_EARLIER_FAULT, /* nothing was done: work that was enqueued before has failed; see `take_fault` */
} GtenKStatus;

/* What went wrong, for messages: the offending value, its bound, where it was, and along which
 * dimension of the indexed array (in an array seen as GtenKIndexing says: which of the indices). A field that is not known
 * is left alone. */
typedef struct
{
  int64_t value, bound, position;
  int     dim;
  const char *message;  /* of GTEN_K_BAD_VALUE: the one that the program has for it, or NULL */
} GtenKFault;

typedef union
{
  double  f;
  int64_t i;
} GtenKScalar; /* read as .f by the float compute types, as .i by int64 */

typedef struct
{
  void          *data;
  GtenKDtype     dtype;
  int            n_dims;
  const int64_t *sizes;
  const int64_t *strides;
} GtenKArray;

/* -- element-wise programs ---------------------------------------------------------------------
 * A program runs over the `sizes` of its outputs. The strides of its inputs may be negative. Registers 0 .. n_inputs-1 are the loaded inputs; each
 * instruction writes the next register; outputs name the register they store. All instructions
 * compute in `compute`; loads and stores convert (float to integer truncates, anything to bool is
 * `!= 0`, and a comparison's register is 0 or 1). */

#include "gten-kernel-list.h" /* generated from the op table: enum GtenKPointwise, enum GtenKReduce */

typedef struct
{
  uint16_t    kernel;                       /* a GtenKPointwise */
  uint8_t     args[3];                      /* registers */
  GtenKScalar params[GTEN_K_MAX_PARAMS];
} GtenKInstruction;

typedef struct
{
  void          *data;      /* NULL: the immediate `value`, an input only */
  GtenKDtype     dtype;
  const int64_t *strides;   /* n_dims of them */
  GtenKScalar    value;
} GtenKOperand;

typedef struct
{
  GtenKCompute            compute;
  int                     n_dims;
  const int64_t          *sizes;
  int                     n_inputs, n_outputs, n_instructions;
  GtenKOperand            inputs[GTEN_K_MAX_INPUTS];
  GtenKOperand            outputs[GTEN_K_MAX_OUTPUTS];
  uint8_t                 output_registers[GTEN_K_MAX_OUTPUTS];
  const GtenKInstruction *instructions;
  const char             *messages[GTEN_K_MAX_MESSAGES]; /* what kernels may say of a bad value; they live for ever */
  GtenKFault             *fault;                         /* may be NULL */
} GtenKProgram;

/* One block: contiguous, unaliased or exactly aliased; n is any number up to GTEN_K_BLOCK (a
 * caller with more elements loops). Inputs and output are in the compute type, except that the
 * output of a kernel with GTEN_K_RESULT_BOOL is one byte per element. */
typedef void (*GtenKBlock) (size_t n, void *out, const void *const *inputs,
                            const GtenKScalar *params);

/* -- reductions --------------------------------------------------------------------------------
 * `input` has the full shape; `out` has the same n_dims with stride 0 in each reduced dimension.
 * Computes in the compute type of out's dtype (half types accumulate in float32); sums are
 * pairwise or better. `prologue`, if not NULL, is a program without outputs whose last
 * register is what is reduced (map-reduce in one pass). NaN propagates through max and min. */
typedef struct
{
  uint16_t            kernel;       /* a GtenKReduce */
  GtenKCompute        compute;
  GtenKArray          input;        /* input.sizes is the iteration space */
  void               *out;
  GtenKDtype          out_dtype;
  const int64_t      *out_strides;  /* 0 where reduced */
  GtenKScalar         params[GTEN_K_MAX_PARAMS];
  const GtenKProgram *prologue;     /* may be NULL */
} GtenKReduction;

/* Reductions along one dimension that also give positions. `values` or `indices` (int64) may be
 * NULL; they have input's n_dims, whatever their size and stride in the reduced one. The first
 * position wins a tie and the first NaN wins over all. */
typedef enum { GTEN_K_ARGMAX, GTEN_K_ARGMIN } GtenKArgReduce;

/* Which element of a sorted line: that of a given rank, the lower one in the middle, where NaN is the median of a line
 * that has one, or the lower one in the middle of the numbers. */
typedef enum { GTEN_K_SELECT_RANK, GTEN_K_SELECT_MEDIAN, GTEN_K_SELECT_NANMEDIAN } GtenKSelect;

/* -- scans, sorting, indexing, products, random -------------------------------------------------*/

typedef enum { GTEN_K_SCAN_SUM, GTEN_K_SCAN_PROD, GTEN_K_SCAN_MAX, GTEN_K_SCAN_MIN, GTEN_K_SCAN_LOGSUMEXP } GtenKScan;

typedef enum
{
  GTEN_K_SCATTER_ASSIGN,
  GTEN_K_SCATTER_ADD,
  GTEN_K_SCATTER_PROD,
  GTEN_K_SCATTER_MAX,
  GTEN_K_SCATTER_MIN,
} GtenKScatter;

/* Advanced indexing. `self` is seen as [n_indexed dims..., rest dims...]: the indexed dimensions
 * first, in the order of `indices`. For each position p of the broadcast index shape and each
 * position r of the rest, value[p, r] corresponds to self[indices[0][p], indices[1][p], ..., r].
 * Negative indices count from the end. */
typedef struct
{
  GtenKArray        self;           /* n_indexed + rest dims */
  GtenKArray        value;          /* index dims + rest dims, same dtype as self */
  int               n_indexed;
  int               n_index_dims;
  const GtenKArray *indices;        /* n_indexed of them, int64, each expanded to the index shape */
  bool              no_negatives;   /* negative indices are out of range, too */
} GtenKIndexing;

typedef enum
{
  GTEN_K_RANDOM_UNIFORM,      /* params: from, to */
  GTEN_K_RANDOM_NORMAL,       /* params: mean, std */
  GTEN_K_RANDOM_INTEGER,      /* params .i: from, to (exclusive); not 0: 32 bits will do for any range */
  GTEN_K_RANDOM_BERNOULLI,    /* params: p */
  GTEN_K_RANDOM_EXPONENTIAL,  /* params: lambda */
  GTEN_K_RANDOM_POISSON,      /* the elements are the rates */
} GtenKRandom;

/* Mersenne Twister 19937, the generator of PyTorch's CPU stream. The state is the caller's.
 *
 * Other devices use `seed` and `offset` alone: Philox 4x32-10 (Salmon et al., 2011) with one subsequence
 * per thread, where `offset` counts the 32-bit numbers that each thread has drawn, a multiple of 4. A
 * kernel advances it by what it draws. While a graph is captured `graph_state` is not NULL: memory of
 * the device with the seed and the offset at the time of a replay, to which kernels add `offset`. */
typedef struct
{
  uint32_t state[624];
  uint32_t left, next;        /* as in the reference implementation (Matsumoto and Nishimura, 1998) */
  uint64_t seed;
  double   next_normal;       /* the second of a Box-Muller pair */
  bool     has_next_normal;
  uint64_t offset;
  const uint64_t *graph_state;
} GtenKGenerator;

/* c = alpha * a @ b + beta * c, each batch: a is [batch, m, k], b is [batch, k, n], c is [batch, m,
 * n], any strides (0 in batch to repeat). Floating dtypes and integers; half types accumulate in
 * float32. beta = 0 ignores c. */
typedef struct
{
  GtenKDtype  dtype;
  int64_t     batch, m, n, k;
  const void *a, *b;
  void       *c;
  int64_t     a_strides[3], b_strides[3], c_strides[3];
  double      alpha, beta;
  bool        tf32;             /* float32 factors may be rounded to TensorFloat-32 */
} GtenKMatmul;

/* Windows that slide over images of three dimensions, with zeros around them; image, column and
 * result arrays lie row-major. */
typedef struct
{
  int64_t size[3], kernel[3], stride[3], padding[3], dilation[3];
  int64_t count[3];             /* windows along each dimension */
} GtenKWindows;

/* Along each dimension, window i takes every dilation-th position from begins[i] up to before
 * ends[i]; none is empty. */
typedef struct
{
  int64_t        n_planes, size[3], count[3], dilation[3];
  const int64_t *begins[3], *ends[3];
} GtenKPooling;

/* A sparse matrix [n_out, n_in] that is applied along the middle dimension of [outer, n_in, inner].
 * Row j has the elements rows[j] up to before rows[j + 1] of `columns` and `weights`. */
typedef struct
{
  int64_t        outer, n_in, n_out, inner;
  const int64_t *rows, *columns;
  const double  *weights;
} GtenKResample;

typedef struct
{
  char     name[256];
  uint64_t total_memory;
  int      major, minor;
  int      n_multiprocessors, warp_size, threads_per_multiprocessor, threads_per_block;
  uint64_t l2_cache, shared_memory_per_block;
  bool     integrated;
  uint8_t  uuid[16];
  int      pci_domain, pci_bus, pci_device;
} GtenKDeviceInfo;

typedef enum { GTEN_K_COPY_UPLOAD, GTEN_K_COPY_DOWNLOAD, GTEN_K_COPY_PEER } GtenKCopy;

/* -- factorizations ----------------------------------------------------------------------------
 * Of float32 or float64. A batch of matrices that lie one behind the other, each column-major without gaps; all are overwritten.
 * r is the smaller of m and n. Everything may be empty but the batch and the matrices in `a`. */

typedef enum
{
  GTEN_K_CHOLESKY,          /* a, n x n: the factor in its triangle, the other as it was */
  GTEN_K_LU,                /* a, m x n: both factors; pivots, r, from 1 */
  GTEN_K_SOLVE,             /* a, n x n: its LU; b, n x k: becomes x of a @ x = b; pivots, n */
  GTEN_K_TRIANGULAR_SOLVE,  /* a, n x n; b, n x k: becomes x of a @ x = b */
  GTEN_K_QR,                /* a, m x n: R in its upper triangle; b, m x k, or NULL: becomes Q */
  GTEN_K_SVD,               /* a, m x n; values, r; b and c, or NULL: become U, m x m if `full` or m x r, and Vh */
  GTEN_K_EIGH,              /* a, n x n: the eigenvectors if `vectors`; values, n, ascending */
  GTEN_K_LEAST_SQUARES,     /* a, m x n; b, the larger of m and n x k: the solution on top; rank; values, r, of gelsd and gelss */
} GtenKFactor;

typedef enum { GTEN_K_GELS, GTEN_K_GELSY, GTEN_K_GELSD, GTEN_K_GELSS } GtenKSolver; /* LAPACK's names */

typedef struct
{
  GtenKFactor kind;
  GtenKDtype  dtype;
  int64_t     batch, m, n, k;
  void       *a, *b, *c, *values;
  int64_t     a_size, b_size, c_size; /* elements of one matrix */
  int32_t    *pivots, *rank;
  int32_t    *info;                   /* one each: 0, or the place at which it failed, as LAPACK says it */
  bool        upper, unitriangular, full, vectors;
  GtenKSolver solver;
  double      rcond;
} GtenKFactorization;

/* -- layers --------------------------------------------------------------------------------------
 * What a backend may have in one pass, and what is composed of other kernels where its entry is NULL or says
 * GTEN_K_UNSUPPORTED. float32 and float64; everything lies row-major without gaps unless strides say otherwise. */

/* Normalisation of groups: the input is [outer, n_groups, n_channels, inner], and out = (input - mean) / sqrt (variance +
 * eps) * weight + bias. Group g has the weights and biases from g % period * n_channels on; either may be NULL. */
typedef struct
{
  GtenKDtype  dtype;
  int64_t     outer, n_groups, n_channels, inner, period;
  bool        is_given;              /* mean and variance are; else they are computed and, if not NULL, written */
  double      eps;
  const void *input, *weight, *bias;
  void       *mean, *variance;       /* one of each group */
  void       *out;
} GtenKNorm;

/* The gradients of what is not NULL. */
typedef struct
{
  const void *out;
  void       *input, *weight, *bias;
} GtenKNormGradients;

/* Results [n_planes, count] of images [n_planes, size]: along each dimension, element i is the one at maps[d][i]. */
typedef struct
{
  int64_t        n_planes, size[3], count[3];
  const int64_t *maps[3];
} GtenKRemap;

/* Results [n_samples, n_channels, n_places] of images [n_samples, n_channels, size], at the places [n_samples,
 * n_places, 2] that have x and y from -1 to 1. */
typedef struct
{
  GtenKDtype  dtype;
  int64_t     n_samples, n_channels, size[2], n_places;
  bool        is_nearest, has_border, align_corners;
  const void *images, *places;
  void       *out;
} GtenKGridSample;

/* softmax (query @ key.T * scale) @ value of each of batch[0] * batch[1] heads. The strides are those of the batch
 * and of the rows of each; columns are contiguous, and out lies without gaps. Causal: row i sees the keys up to i. */
typedef struct
{
  GtenKDtype  dtype;
  int64_t     batch[2], n_queries, n_keys, depth, width;
  const void *query, *key, *value;
  int64_t     query_strides[3], key_strides[3], value_strides[3];
  void       *out;
  bool        is_causal;
  double      scale;
} GtenKAttention;

/* y [n_samples, n_kernels, windows.count] of x [n_samples, n_channels, windows.size] and w [n_kernels, n_channels /
 * groups, windows.kernel], or the map to x or w that has the same products; that one is written. */
typedef enum { GTEN_K_CONVOLUTION_FORWARD, GTEN_K_CONVOLUTION_TO_INPUT, GTEN_K_CONVOLUTION_TO_WEIGHT } GtenKConvolving;

typedef struct
{
  GtenKConvolving     direction;
  GtenKDtype          dtype;
  const GtenKWindows *windows;
  int64_t             n_samples, n_channels, n_kernels, groups;
  void               *x, *w, *y;
} GtenKConvolution;

/* -- the table -----------------------------------------------------------------------------------
 * A backend is this struct. The CPU's is built into the library; others are modules that export
 * `const GtenBackend *gten_backend (void)` and are refused when `abi` or `struct_size` differ. A NULL entry
 * means: this backend has no such kernel. `device` is the device's index. */
typedef struct _GtenBackend
{
  uint32_t    abi, struct_size;
  const char *name;        /* "cpu", "cuda" */
  bool        emulated;    /* true for the test emulation, which is never installed */

  int         (*n_devices)   (void);
  GtenKStatus (*device_info) (int device, GtenKDeviceInfo *info);
  const char *(*last_error)  (void);
  GtenKStatus (*synchronize) (int device);

  void       *(*alloc)       (int device, size_t n_bytes);             /* 64-byte aligned; NULL: out of memory */
  void        (*free)        (int device, void *data, size_t n_bytes);
  uint64_t    (*trim)        (int device);                             /* give cached memory back; bytes freed */
  uint64_t    (*cached)      (int device);                             /* bytes kept for later allocations; NULL: none */
  GtenKStatus (*upload)      (int device, void *dst, const void *host, size_t n_bytes);
  GtenKStatus (*download)    (int device, void *host, const void *src, size_t n_bytes);

  GtenKBlock  (*block)       (GtenKPointwise kernel, GtenKCompute compute); /* CPU only; NULL: no such kernel */
  GtenKStatus (*run)         (int device, const GtenKProgram *program);
  GtenKStatus (*reduce)      (int device, const GtenKReduction *reduction);
  GtenKStatus (*arg_reduce)  (int device, GtenKArgReduce kind, const GtenKArray *input, int dim,
                              const GtenKArray *values, const GtenKArray *indices);
  GtenKStatus (*scan)        (int device, GtenKScan kind, const GtenKArray *input, int dim,
                              const GtenKArray *out, const GtenKArray *indices);
  /* Sorted along `dim`, stable when asked; NaN sorts above all numbers. `k` elements are written (k
   * = size for a full sort). workspace: one copy of a line with its indices, see sort_workspace. */
  GtenKStatus (*sort)        (int device, const GtenKArray *input, int dim, bool descending, bool stable, int64_t k,
                              const GtenKArray *values, const GtenKArray *indices, void *workspace);
  size_t      (*sort_workspace) (const GtenKArray *input, int dim);
  /* One element of each line along `dim` as it would be sorted, and where it is: as sort, whose workspace this takes.
   * values and indices have input's n_dims and are one long along `dim`. NULL: sort does it. */
  GtenKStatus (*select)      (int device, GtenKSelect which, const GtenKArray *input, int dim, int64_t rank,
                              const GtenKArray *values, const GtenKArray *indices, void *workspace);
  /* log is false: softmax; true: log_softmax. Along one dimension. */
  GtenKStatus (*softmax)          (int device, bool log, const GtenKArray *input, int dim,
                                   const GtenKArray *out);
  GtenKStatus (*softmax_backward) (int device, bool log, const GtenKArray *grad, const GtenKArray *result, int dim,
                                   const GtenKArray *out);
  GtenKStatus (*gather)      (int device, const GtenKArray *input, int dim, const GtenKArray *index,
                              const GtenKArray *out, GtenKFault *fault);
  /* out[..., index[p], ...] = or += src[p]; src NULL: the scalar `value`. */
  GtenKStatus (*scatter)     (int device, GtenKScatter kind, const GtenKArray *out, int dim, const GtenKArray *index,
                              const GtenKArray *src, GtenKScalar value, GtenKFault *fault);
  GtenKStatus (*index)       (int device, const GtenKIndexing *indexing, GtenKFault *fault);
  GtenKStatus (*index_put)   (int device, const GtenKIndexing *indexing, bool accumulate,
                              GtenKFault *fault);
  /* Pass 1 (out NULL): counts elements that are not zero. Pass 2: writes their positions, [count,
   * n_dims] int64 with the given strides. */
  GtenKStatus (*nonzero)     (int device, const GtenKArray *input, int64_t *count,
                              const GtenKArray *out);
  GtenKStatus (*matmul)      (int device, const GtenKMatmul *matmul);
  GtenKStatus (*random)      (int device, GtenKGenerator *generator, GtenKRandom kind, const GtenKScalar *params,
                              const GtenKArray *out);
  GtenKStatus (*randperm)    (int device, GtenKGenerator *generator, int64_t n,
                              const GtenKArray *out);
  /* out[i] = start + i * step. When `symmetric_end` is not NULL: linspace from start to it,
   * symmetric about the middle as PyTorch does; the step follows from both and the size, and `step`
   * is ignored. */
  GtenKStatus (*range)       (int device, GtenKScalar start, GtenKScalar step, const GtenKScalar *symmetric_end,
                              const GtenKArray *out);
  /* Copies with zeros above (lower) or below (upper) the given diagonal; the last two dims are the
   * matrix. */
  GtenKStatus (*triangle)    (int device, bool upper, int64_t diagonal, const GtenKArray *input,
                              const GtenKArray *out);
  GtenKStatus (*factor)      (int device, const GtenKFactorization *factorization);
  /* Columns [n_planes, kernel, count] from images [n_planes, size], and the sum of columns in
   * images. */
  GtenKStatus (*unfold)      (int device, const GtenKWindows *windows, int64_t n_planes, GtenKDtype dtype, const void *images,
                              void *columns);
  GtenKStatus (*fold)        (int device, const GtenKWindows *windows, int64_t n_planes, GtenKDtype dtype, const void *columns,
                              void *images);
  /* The largest of each window, and where in its image it lies. Compute types only, as fold. */
  GtenKStatus (*max_pool)    (int device, const GtenKPooling *pooling, GtenKDtype dtype, const void *images, void *values,
                              int64_t *indices);
  GtenKStatus (*resample)    (int device, const GtenKResample *resample, GtenKDtype dtype,
                              const void *in, void *out);

  /* Each plane [n_planes, size] with the kernel of its channel, [n_channels, kernel]: results [n_planes, count].
   * NULL, and GTEN_K_UNSUPPORTED for what it does not take: unfold and matmul do it. */
  GtenKStatus (*depthwise)   (int device, const GtenKWindows *windows, int64_t n_planes, int64_t n_channels, GtenKDtype dtype,
                              const void *images, const void *weights, void *results);

  /* -- layers: each may be NULL or say GTEN_K_UNSUPPORTED. */
  GtenKStatus (*normalize)          (int device, const GtenKNorm *norm);
  GtenKStatus (*normalize_backward) (int device, const GtenKNorm *norm, const GtenKNormGradients *gradients);
  GtenKStatus (*remap)              (int device, const GtenKRemap *remap, GtenKDtype dtype, const void *in, void *out);
  GtenKStatus (*grid_sample)        (int device, const GtenKGridSample *grid_sample);
  GtenKStatus (*attention)          (int device, const GtenKAttention *attention);
  GtenKStatus (*convolution)        (int device, const GtenKConvolution *convolution);

  /* -- devices that work on their own: all NULL on a backend whose entries return when the work is done.
   *
   * Work goes to the calling thread's current stream of the device, in order. From the start, and with
   * NULL, that is the default stream, CUDA's legacy one, which all threads share; the module switches no
   * device that its caller could see. Memory belongs to the stream that was current in `alloc`, and is
   * free for reuse in the order of the stream that is current in `free`. `upload` and `download` return
   * when the host memory may be used again, and `synchronize` waits for all streams of the device. */
  void         (*set_stream)         (int device, void *stream);
  /* The higher, the sooner, as priority below 0 in CUDA. Lives for ever. NULL: see last_error. */
  void        *(*stream_new)         (int device, bool high_priority);
  GtenKStatus  (*stream_query)       (int device, void *stream, bool *done);
  GtenKStatus  (*stream_synchronize) (int device, void *stream);
  /* What is enqueued on the stream after this waits for what the event was recorded after. */
  GtenKStatus  (*stream_wait)        (int device, void *stream, void *event);
  void        *(*event_new)          (int device, bool timing);
  void         (*event_free)         (int device, void *event);
  GtenKStatus  (*event_record)       (int device, void *event, void *stream);
  GtenKStatus  (*event_query)        (int device, void *event, bool *done);
  GtenKStatus  (*event_synchronize)  (int device, void *event);
  GtenKStatus  (*event_elapsed)      (int device, void *start, void *end, double *milliseconds);

  /* In the order of the current stream of `device`, and returns at once where the memory of the host
   * is pinned. Of a GTEN_K_COPY_PEER, `peer` is the device of `src`; its current stream is waited for. */
  GtenKStatus  (*copy)               (int device, GtenKCopy kind, void *dst, const void *src, size_t n_bytes, int peer);
  void        *(*host_alloc)         (size_t n_bytes);    /* pinned; NULL: see last_error */
  void         (*host_free)          (void *data);
  /* What the device has free and in all, whoever uses it. */
  GtenKStatus  (*memory)             (int device, uint64_t *free, uint64_t *total);

  /* Capture of what this thread enqueues on its current stream, which is not the default one. Memory
   * that is allocated meanwhile is the graph's, or that of the graph whose memory it shares: it stays
   * until the graphs are freed, whether or not it was given back, and only captures use it again.
   * graph_end gives NULL and a failure if the capture was broken. */
  GtenKStatus  (*graph_begin)        (int device, void *shares_memory);
  GtenKStatus  (*graph_end)          (int device, void **graph);
  GtenKStatus  (*graph_replay)       (int device, void *graph);   /* on the current stream */
  void         (*graph_free)         (int device, void *graph);
  /* Whether what is enqueued on a stream is being captured, by whichever thread. */
  bool         (*stream_is_captured) (int device, void *stream);

  /* Names what the calling thread does next, for faults that are found later; the text lives for ever. */
  void         (*begin)              (const char *op);
  /* The first failure of work that had been enqueued: its status, what it says, and the op that was
   * named then, NULL if it is not known. GTEN_K_OK: there is none. It is forgotten by this; after a
   * GTEN_K_DEVICE_FAULT the device remains unusable. */
  GtenKStatus  (*take_fault)         (int device, GtenKFault *fault, const char **op);
} GtenBackend;

/* The kernels that every backend has. */
#define GTEN_K_EACH_KERNEL(X)                                                                      \
  X (run) X (reduce) X (arg_reduce) X (scan) X (sort) X (sort_workspace) X (softmax)               \
  X (softmax_backward) X (gather) X (scatter) X (index) X (index_put) X (nonzero) X (matmul)       \
  X (random) X (randperm) X (range) X (triangle) X (factor) X (unfold) X (fold) X (max_pool)       \
  X (resample)

/* Declares a function of an entry's type. */
#define GTEN_K_DECLARE(FUNCTION, ENTRY) __typeof__ (*((GtenBackend *) 0)->ENTRY) FUNCTION;

typedef const GtenBackend *(*GtenBackendEntry) (void);

const GtenBackend *gten_cpu_backend (void);

/* How many threads of the CPU work on one operation. More than there are processors is cut. */
int  gten_k_get_threads (void);
void gten_k_set_threads (int n_threads);

void gten_k_generator_seed (GtenKGenerator *generator, uint64_t seed);

/* A bit for each message about a bad value that the blocks which this thread ran have; clears them. `run` takes
 * them itself and returns GTEN_K_BAD_VALUE. */
unsigned gten_k_take_bad_values (void);

/* Per dtype: bytes of an element. */
size_t gten_k_dtype_size (GtenKDtype dtype);

#ifdef __cplusplus
}
#endif
