/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Matrix products.
 *
 * float32 and float64 go to BLAS where a matrix's rows or columns are contiguous, and are packed
 * where neither is. Half types are converted to float32 and integers to int64, multiplied, and
 * converted back. Products that are too small to be worth a call of BLAS, integers, and builds
 * without BLAS take our own loop.
 *
 * BLAS works in one thread at a time: batches, and strips of a large product, are the parts that
 * our threads take, so that there is one set of threads and not two that are in each other's
 * way. */
#include "gten-cpu-onednn.h"
#include "gten-cpu-space.h"

#ifdef GTEN_HAVE_BLAS
#include <cblas.h>
#endif
#include <pthread.h>
#include <string.h>

#define GTEN_MATMUL_SMALL 28     /* multiplications below which our own loop is faster than BLAS */
#define GTEN_MATMUL_STRIP 16     /* a strip is a multiple of it wide, as BLAS's own blocks are */
#define GTEN_MATMUL_WEIGHT 4     /* multiplications that cost an addition of an element-wise loop */

/* One matrix of a batch, in the compute type. */
typedef struct
{
  uint8_t *data;
  int64_t  rows, columns, row_stride, column_stride, batch_stride;
} GtenMatrix;

typedef struct
{
  const GtenKMatmul *matmul;
  GtenKCompute       compute;
  size_t             size;
  GtenMatrix         a, b, c;
  int64_t            n_strips;   /* of each product: of rows of a, or of columns of b, where there are more */
} GtenMatmul;

/* -- packing ---------------------------------------------------------------------------------------*/

/* Whether BLAS can read it: rows or columns are contiguous and do not overlap. */
static bool
gten_matrix_is_regular (const GtenMatrix *self)
{
  return (self->column_stride == 1 && self->row_stride >= GTEN_MAX (self->columns, 1))
         || (self->row_stride == 1 && self->column_stride >= GTEN_MAX (self->rows, 1));
}

/* A vector's other stride may say anything. */
static void
gten_matrix_normalize (GtenMatrix *self)
{
  if (self->rows == 1)
    self->row_stride = self->column_stride == 1 || self->columns == 1 ? self->columns : 1;
  if (self->columns == 1)
    self->column_stride = 1;
}

static bool
gten_matmul_pack (const GtenMatmul *self, GtenMatrix *matrix, const void *data, bool is_filled)
{
  const GtenKMatmul *matmul = self->matmul;
  const int64_t batch = matrix->batch_stride == 0 ? 1 : matmul->batch;
  const int64_t sizes[] = { batch, matrix->rows, matrix->columns };
  const int64_t to_strides[] = { matrix->rows * matrix->columns, matrix->columns, 1 };
  const int64_t from_strides[] = { matrix->batch_stride, matrix->row_stride,
                                   matrix->column_stride };
  const GtenKInstruction identity = { .kernel = GTEN_K_IDENTITY };
  GtenKProgram program = {
    .compute = self->compute,
    .n_dims = 3,
    .sizes = sizes,
    .n_inputs = 1,
    .n_outputs = 1,
    .n_instructions = 1,
    .inputs = { { (void *) data, matmul->dtype, from_strides, { 0 } } },
    .output_registers = { 1 },
    .instructions = &identity,
  };
  void *packed = gten_cpu_alloc (0, batch * matrix->rows * matrix->columns * self->size);

  if (packed == NULL)
    return false;
  matrix->data = packed;
  matrix->batch_stride = matrix->batch_stride == 0 ? 0 : matrix->rows * matrix->columns;
  matrix->row_stride = matrix->columns;
  matrix->column_stride = 1;
  program.outputs[0] = (GtenKOperand) { packed, gten_compute_dtypes[self->compute], to_strides,
                                        { 0 } };
  if (is_filled)
    gten_cpu_run (0, &program);
  return true;
}

static void
gten_matmul_release (const GtenMatmul *self, const GtenMatrix *matrix, const void *data)
{
  const int64_t batch = matrix->batch_stride == 0 ? 1 : self->matmul->batch;

  if (matrix->data != data)
    gten_cpu_free (0, matrix->data, batch * matrix->rows * matrix->columns * self->size);
}

static void
gten_matmul_unpack (const GtenMatmul *self)
{
  const GtenKMatmul *matmul = self->matmul;
  const int64_t sizes[] = { matmul->batch, matmul->m, matmul->n };
  const int64_t from_strides[] = { matmul->m * matmul->n, matmul->n, 1 };
  const GtenKInstruction identity = { .kernel = GTEN_K_IDENTITY };
  const GtenKProgram program = {
    .compute = self->compute,
    .n_dims = 3,
    .sizes = sizes,
    .n_inputs = 1,
    .n_outputs = 1,
    .n_instructions = 1,
    .inputs = { { self->c.data, gten_compute_dtypes[self->compute], from_strides, { 0 } } },
    .outputs = { { matmul->c, matmul->dtype, matmul->c_strides, { 0 } } },
    .output_registers = { 1 },
    .instructions = &identity,
  };

  gten_cpu_run (0, &program);
}

/* -- one product -----------------------------------------------------------------------------------*/

static void
gten_matmul_scale (const GtenMatmul *self, int64_t m, int64_t n, uint8_t *c)
{
  const double beta = self->matmul->beta;

  if (beta == 1)
    return;
  for (int64_t row = 0; row < m; row++, c += self->c.row_stride * self->size)
    {
      if (beta == 0)
        memset (c, 0, n * self->size);
      else if (self->compute == GTEN_K_COMPUTE_FLOAT32)
        for (int64_t i = 0; i < n; i++)
          ((float *) c)[i] *= (float) beta;
      else if (self->compute == GTEN_K_COMPUTE_FLOAT64)
        for (int64_t i = 0; i < n; i++)
          ((double *) c)[i] *= beta;
      else
        for (int64_t i = 0; i < n; i++)
          ((int64_t *) c)[i] *= (int64_t) beta;
    }
}

static void
gten_matmul_own (const GtenMatmul *self, int64_t m, int64_t n, const uint8_t *a, const uint8_t *b,
                 uint8_t *c)
{
  GtenProduct product = {
    .m = m,
    .n = n,
    .k = self->a.columns,
    .a = a,
    .b = b,
    .c = c,
    .a_strides = { self->a.row_stride, self->a.column_stride },
    .b_stride = self->b.row_stride,
    .c_stride = self->c.row_stride,
  };

  if (self->compute == GTEN_K_COMPUTE_INT64)
    product.alpha.i = (int64_t) self->matmul->alpha;
  else
    product.alpha.f = self->matmul->alpha;
  gten_matmul_scale (self, m, n, c);
  gten_instruction_set->products[self->compute] (&product);
}

#ifdef GTEN_HAVE_BLAS

/* OpenBLAS's number of threads is the whole program's: what it was comes back when nobody
 * multiplies. */
static pthread_mutex_t gten_blas_lock = PTHREAD_MUTEX_INITIALIZER;
static int gten_blas_users, gten_blas_threads;

void
gten_blas_enter (void)
{
  pthread_mutex_lock (&gten_blas_lock);
  if (gten_blas_users++ == 0)
    {
      gten_blas_threads = openblas_get_num_threads ();
      openblas_set_num_threads (1);
    }
  pthread_mutex_unlock (&gten_blas_lock);
}

void
gten_blas_leave (void)
{
  pthread_mutex_lock (&gten_blas_lock);
  if (--gten_blas_users == 0)
    openblas_set_num_threads (gten_blas_threads);
  pthread_mutex_unlock (&gten_blas_lock);
}

static inline int
gten_matrix_leading (const GtenMatrix *self, CBLAS_TRANSPOSE *transpose)
{
  bool is_transposed = self->column_stride != 1;

  *transpose = is_transposed ? CblasTrans : CblasNoTrans;
  return (int) (is_transposed ? self->column_stride : self->row_stride);
}

/* A matrix times a vector whose elements lie `x_stride` apart. */
static void
gten_matmul_vector (const GtenMatmul *self, const GtenMatrix *matrix, int64_t n_rows, int64_t n_columns,
                    bool is_transposed, const uint8_t *a, const uint8_t *x, int64_t x_stride, uint8_t *y, int64_t y_stride)
{
  CBLAS_TRANSPOSE transpose;
  const int leading = gten_matrix_leading (matrix, &transpose);
  const bool is_stored_transposed = transpose == CblasTrans;
  const int rows = (int) (is_stored_transposed ? n_columns : n_rows);
  const int columns = (int) (is_stored_transposed ? n_rows : n_columns);

  transpose = is_stored_transposed != is_transposed ? CblasTrans : CblasNoTrans;
  if (self->compute == GTEN_K_COMPUTE_FLOAT32)
    cblas_sgemv (CblasRowMajor, transpose, rows, columns, (float) self->matmul->alpha,
                 (const float *) a, leading, (const float *) x, (int) x_stride,
                 (float) self->matmul->beta, (float *) y, (int) y_stride);
  else
    cblas_dgemv (CblasRowMajor, transpose, rows, columns, self->matmul->alpha, (const double *) a,
                 leading, (const double *) x, (int) x_stride, self->matmul->beta, (double *) y,
                 (int) y_stride);
}

static void
gten_matmul_blas (const GtenMatmul *self, int64_t rows, int64_t columns, const uint8_t *a, const uint8_t *b,
                  uint8_t *c)
{
  const GtenKMatmul *matmul = self->matmul;
  CBLAS_TRANSPOSE transpose_a, transpose_b;
  const int leading_a = gten_matrix_leading (&self->a, &transpose_a);
  const int leading_b = gten_matrix_leading (&self->b, &transpose_b);
  const int m = (int) rows, n = (int) columns, k = (int) matmul->k;

  if (matmul->n == 1)
    gten_matmul_vector (self, &self->a, m, k, false, a, b, k == 1 ? 1 : self->b.row_stride, c,
                        m == 1 ? 1 : self->c.row_stride);
  else if (matmul->m == 1)
    gten_matmul_vector (self, &self->b, k, n, true, b, a, k == 1 ? 1 : self->a.column_stride, c, 1);
  else if (self->compute == GTEN_K_COMPUTE_FLOAT32)
    cblas_sgemm (CblasRowMajor, transpose_a, transpose_b, m, n, k, (float) matmul->alpha,
                 (const float *) a, leading_a, (const float *) b, leading_b, (float) matmul->beta,
                 (float *) c, (int) self->c.row_stride);
  else
    cblas_dgemm (CblasRowMajor, transpose_a, transpose_b, m, n, k, matmul->alpha, (const double *) a,
                 leading_a, (const double *) b, leading_b, matmul->beta, (double *) c,
                 (int) self->c.row_stride);
}

/* One long product of two vectors: its parts are summed. */
#define GTEN_DOT_PARTS 64

typedef struct
{
  const GtenMatmul *matmul;
  double            sums[GTEN_DOT_PARTS];
} GtenDot;

static void
gten_dot_work (void *data, int thread, int n_threads)
{
  GtenDot *self = data;
  const GtenMatmul *matmul = self->matmul;
  const int64_t k = matmul->matmul->k, begin = gten_share (k, thread, n_threads);
  const int n = (int) (gten_share (k, thread + 1, n_threads) - begin);
  const int x_stride = (int) matmul->a.column_stride, y_stride = (int) matmul->b.row_stride;
  const uint8_t *x = matmul->a.data + begin * x_stride * (int64_t) matmul->size;
  const uint8_t *y = matmul->b.data + begin * y_stride * (int64_t) matmul->size;

  self->sums[thread] = matmul->compute == GTEN_K_COMPUTE_FLOAT32
                       ? (double) cblas_sdot (n, (const float *) x, x_stride, (const float *) y, y_stride)
                       : cblas_ddot (n, (const double *) x, x_stride, (const double *) y, y_stride);
}

static bool
gten_matmul_dot (const GtenMatmul *self)
{
  const GtenKMatmul *matmul = self->matmul;
  const int n_threads = (int) GTEN_MIN (gten_threads (matmul->k, 1), GTEN_DOT_PARTS);
  GtenDot dot = { .matmul = self };

  if (matmul->batch != 1 || matmul->m != 1 || matmul->n != 1 || matmul->beta != 0 || n_threads < 2)
    return false;
  gten_parallel (n_threads, gten_dot_work, &dot);
  for (int thread = 1; thread < n_threads; thread++)
    dot.sums[0] += dot.sums[thread];
  if (self->compute == GTEN_K_COMPUTE_FLOAT32)
    *(float *) self->c.data = (float) (matmul->alpha * dot.sums[0]);
  else
    *(double *) self->c.data = matmul->alpha * dot.sums[0];
  return true;
}

static bool
gten_matmul_takes_blas (const GtenMatmul *self)
{
  const GtenKMatmul *matmul = self->matmul;
  const int64_t limit = INT32_MAX;

  return self->compute != GTEN_K_COMPUTE_INT64
         && (__int128) matmul->m * matmul->n * matmul->k >= GTEN_MATMUL_SMALL && matmul->m <= limit
         && matmul->n <= limit && matmul->k <= limit && self->a.row_stride <= limit
         && self->a.column_stride <= limit && self->b.row_stride <= limit
         && self->b.column_stride <= limit && self->c.row_stride <= limit;
}

#else

void
gten_blas_enter (void)
{
}

void
gten_blas_leave (void)
{
}

static bool
gten_matmul_takes_blas (const GtenMatmul *self)
{
  return false;
}

static bool
gten_matmul_dot (const GtenMatmul *self)
{
  return false;
}

static void
gten_matmul_blas (const GtenMatmul *self, int64_t rows, int64_t columns, const uint8_t *a, const uint8_t *b,
                  uint8_t *c)
{
}

#endif

/* -- the batch -------------------------------------------------------------------------------------*/

/* Where a strip begins. */
static int64_t
gten_matmul_strip (int64_t n, int64_t strip, int64_t n_strips)
{
  const int64_t n_units = (n + GTEN_MATMUL_STRIP - 1) / GTEN_MATMUL_STRIP;

  return GTEN_MIN (gten_share (n_units, (int) strip, (int) n_strips) * GTEN_MATMUL_STRIP, n);
}

static void
gten_matmul_work (void *data, int thread, int n_threads)
{
  const GtenMatmul *self = data;
  const int64_t size = (int64_t) self->size, m = self->matmul->m, n = self->matmul->n;
  const int64_t n_parts = self->matmul->batch * self->n_strips;
  const int64_t end = gten_share (n_parts, thread + 1, n_threads);
  const bool takes_blas = gten_matmul_takes_blas (self), is_by_rows = m >= n;

  for (int64_t part = gten_share (n_parts, thread, n_threads); part < end; part++)
    {
      const int64_t i = part / self->n_strips, strip = part % self->n_strips;
      const int64_t row = is_by_rows ? gten_matmul_strip (m, strip, self->n_strips) : 0;
      const int64_t column = is_by_rows ? 0 : gten_matmul_strip (n, strip, self->n_strips);
      const int64_t n_rows = is_by_rows ? gten_matmul_strip (m, strip + 1, self->n_strips) - row : m;
      const int64_t n_columns = is_by_rows ? n : gten_matmul_strip (n, strip + 1, self->n_strips) - column;
      const uint8_t *a = self->a.data + (i * self->a.batch_stride + row * self->a.row_stride) * size;
      const uint8_t *b = self->b.data + (i * self->b.batch_stride + column * self->b.column_stride) * size;
      uint8_t *c
        = self->c.data + (i * self->c.batch_stride + row * self->c.row_stride + column) * size;

      if (n_rows > 0 && n_columns > 0)
        (takes_blas ? gten_matmul_blas : gten_matmul_own) (self, n_rows, n_columns, a, b, c);
    }
}

static GtenMatrix
gten_matrix (const void *data, int64_t rows, int64_t columns, const int64_t *strides, int64_t batch)
{
  GtenMatrix matrix
    = { (void *) data, rows, columns, strides[1], strides[2], batch == 1 ? 0 : strides[0] };

  return matrix;
}

GtenKStatus
gten_cpu_matmul (int device, const GtenKMatmul *matmul)
{
  const bool is_converted = matmul->dtype != gten_compute_dtypes[gten_dtype_computes[matmul->dtype]];
  GtenMatmul self;
  bool takes_blas, is_packed;
  bool succeeded = true;

  if (matmul->batch == 0 || matmul->m == 0 || matmul->n == 0)
    return GTEN_K_OK;
  if (is_converted)
    {
      const GtenKStatus status = gten_onednn_product (matmul);

      if (status != GTEN_K_UNSUPPORTED)
        return status;
    }
  self.matmul = matmul;
  self.compute = gten_dtype_computes[matmul->dtype];
  self.size = gten_compute_sizes[self.compute];
  self.a = gten_matrix (matmul->a, matmul->m, matmul->k, matmul->a_strides, matmul->batch);
  self.b = gten_matrix (matmul->b, matmul->k, matmul->n, matmul->b_strides, matmul->batch);
  self.c = gten_matrix (matmul->c, matmul->m, matmul->n, matmul->c_strides, matmul->batch);
  gten_matrix_normalize (&self.a);
  gten_matrix_normalize (&self.b);
  gten_matrix_normalize (&self.c);
  takes_blas = gten_matmul_takes_blas (&self);

  is_packed = is_converted || self.c.column_stride != 1 || self.c.row_stride < self.c.columns;
  if (is_packed)
    succeeded &= gten_matmul_pack (&self, &self.c, matmul->c, matmul->beta != 0);
  if (succeeded && matmul->k > 0
      && (is_converted || (takes_blas && !gten_matrix_is_regular (&self.a))))
    succeeded &= gten_matmul_pack (&self, &self.a, matmul->a, true);
  if (succeeded && matmul->k > 0
      && (is_converted
          || (takes_blas ? !gten_matrix_is_regular (&self.b) : self.b.column_stride != 1)))
    succeeded &= gten_matmul_pack (&self, &self.b, matmul->b, true);

  if (succeeded)
    {
      const int64_t n_strips = (GTEN_MAX (matmul->m, matmul->n) + GTEN_MATMUL_STRIP - 1) / GTEN_MATMUL_STRIP;
      int n_threads = gten_threads (matmul->batch * matmul->m * matmul->n * GTEN_MAX (matmul->k, 1)
                                      / GTEN_MATMUL_WEIGHT, 1);

      self.n_strips = matmul->batch >= n_threads ? 1 : GTEN_MIN (n_threads, n_strips);
      gten_blas_enter ();
      if (!takes_blas || !gten_matmul_dot (&self))
        gten_parallel ((int) GTEN_MIN (n_threads, matmul->batch * self.n_strips), gten_matmul_work,
                       &self);
      gten_blas_leave ();
      if (is_packed)
        gten_matmul_unpack (&self);
    }
  gten_matmul_release (&self, &self.a, matmul->a);
  gten_matmul_release (&self, &self.b, matmul->b);
  gten_matmul_release (&self, &self.c, matmul->c);
  return succeeded ? GTEN_K_OK : GTEN_K_OUT_OF_MEMORY;
}
