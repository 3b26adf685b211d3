/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Matrix products.
 *
 * Floating products go to cuBLAS where a matrix's rows or columns are contiguous, and are packed where neither is; half
 * types accumulate in float32. cuBLAS stores columns behind one another: it is asked for the transposed product, c' = b'
 * a', which in its eyes lies as ours does. Integers take a kernel of our own. */
#include <mutex>
#include <vector>

#include <cublas_v2.h>

#include "gten-cuda-copy.h"
#include "gten-cuda-elements.h"

#define TILE        16

/* One matrix of a batch. */
typedef struct
{
  void   *data;
  int64_t rows, columns, row_stride, column_stride, batch_stride;
  bool    is_packed;       /* in scratch memory */
  size_t  n_bytes;
} Matrix;

/* -- cuBLAS's handles: one per thread and device ---------------------------------------------------
 * A thread that ends leaves its handles to others. To destroy one would wait for the device, break captures, and
 * come too late when the program ends. */

typedef struct
{
  cublasHandle_t handle;
  cudaStream_t   stream;
} Handle;

static std::mutex spare_lock;
static std::vector<Handle> spare[GTEN_K_MAX_DEVICES];

struct Handles
{
  Handle handles[GTEN_K_MAX_DEVICES] = {};

  ~Handles ()
  {
    const std::lock_guard<std::mutex> guard (spare_lock);

    for (int device = 0; device < GTEN_K_MAX_DEVICES; device++)
      if (handles[device].handle != NULL)
        spare[device].push_back (handles[device]);
  }
};

static thread_local Handles handles;

static bool
check (cublasStatus_t status)
{
  if (status == CUBLAS_STATUS_SUCCESS)
    return true;
  gten_cuda_fail (status == CUBLAS_STATUS_ALLOC_FAILED    ? GTEN_K_OUT_OF_MEMORY
                  : status == CUBLAS_STATUS_NOT_SUPPORTED ? GTEN_K_UNSUPPORTED
                                                          : GTEN_K_DEVICE_FAULT,
                  cublasGetStatusString (status));
  return false;
}

static bool
take_spare (Handle *self, int device)
{
  const std::lock_guard<std::mutex> guard (spare_lock);

  if (spare[device].empty ())
    return false;
  *self = spare[device].back ();
  spare[device].pop_back ();
  return true;
}

static cublasHandle_t
find_handle (const GtenCudaQueue *queue)
{
  Handle *self = &handles.handles[queue->device];

  if (self->handle == NULL && !take_spare (self, queue->device) && !check (cublasCreate (&self->handle)))
    return NULL;
  if (self->stream != queue->stream)
    {
      if (!check (cublasSetStream (self->handle, queue->stream)))
        return NULL;
      self->stream = queue->stream;
    }
  return self->handle;
}

void
gten_cuda_prepare_products (GtenCudaQueue *queue)
{
  find_handle (queue);
}

/* -- packing ---------------------------------------------------------------------------------------*/

/* A vector's other stride may say anything. */
static Matrix
matrix (const void *data, int64_t rows, int64_t columns, const int64_t *strides, int64_t batch)
{
  Matrix self = { (void *) data, rows, columns, strides[1], strides[2], batch == 1 ? 0 : strides[0], false, 0 };

  if (rows == 1)
    self.row_stride = self.column_stride == 1 || columns == 1 ? columns : 1;
  if (columns == 1)
    self.column_stride = 1;
  return self;
}

static bool
rows_are_contiguous (const Matrix &self)
{
  return self.column_stride == 1 && self.row_stride >= (self.columns > 1 ? self.columns : 1) && self.row_stride <= INT32_MAX;
}

static bool
columns_are_contiguous (const Matrix &self)
{
  return self.row_stride == 1 && self.column_stride >= (self.rows > 1 ? self.rows : 1) && self.column_stride <= INT32_MAX;
}

/* A batch of one matrix that is repeated is packed once. */
static void
copy_matrix (GtenCudaQueue *queue, GtenKDtype dtype, int64_t batch, const Matrix &to, const Matrix &from)
{
  const int64_t sizes[] = { from.batch_stride == 0 ? 1 : batch, from.rows, from.columns };
  const int64_t to_strides[] = { to.batch_stride, to.row_stride, to.column_stride };
  const int64_t from_strides[] = { from.batch_stride, from.row_stride, from.column_stride };

  gten_cuda_copy_elements (queue, 3, sizes, gten_cuda_size (dtype), to.data, to_strides, from.data, from_strides);
}

static void
pack (GtenCudaQueue *queue, GtenKDtype dtype, int64_t batch, Matrix *self, bool is_filled)
{
  const Matrix from = *self;

  self->n_bytes = (size_t) ((from.batch_stride == 0 ? 1 : batch) * from.rows * from.columns) * gten_cuda_size (dtype);
  self->data = gten_cuda_scratch (queue, self->n_bytes);
  self->is_packed = true;
  self->batch_stride = from.batch_stride == 0 ? 0 : from.rows * from.columns;
  self->row_stride = from.columns;
  self->column_stride = 1;
  if (self->data != NULL && is_filled)
    copy_matrix (queue, dtype, batch, *self, from);
}

/* -- floating products -----------------------------------------------------------------------------*/

static cudaDataType_t
data_type (GtenKDtype dtype)
{
  return dtype == GTEN_K_FLOAT16    ? CUDA_R_16F
         : dtype == GTEN_K_BFLOAT16 ? CUDA_R_16BF
         : dtype == GTEN_K_FLOAT32  ? CUDA_R_32F
                                    : CUDA_R_64F;
}

static void
multiply (GtenCudaQueue *queue, const GtenKMatmul *matmul, const Matrix &a, const Matrix &b, const Matrix &c)
{
  const cublasHandle_t handle = find_handle (queue);
  const cudaDataType_t type = data_type (matmul->dtype);
  const bool a_is_turned = !rows_are_contiguous (a), b_is_turned = !rows_are_contiguous (b);
  const float alpha = (float) matmul->alpha, beta = (float) matmul->beta;
  const bool is_double = matmul->dtype == GTEN_K_FLOAT64;
  const cublasComputeType_t compute = is_double                                          ? CUBLAS_COMPUTE_64F
                                      : matmul->dtype == GTEN_K_FLOAT32 && matmul->tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32
                                                                                         : CUBLAS_COMPUTE_32F;

  if (handle == NULL)
    return;
  check (cublasGemmStridedBatchedEx (
      handle, b_is_turned ? CUBLAS_OP_T : CUBLAS_OP_N, a_is_turned ? CUBLAS_OP_T : CUBLAS_OP_N, (int) matmul->n,
      (int) matmul->m, (int) matmul->k, is_double ? (const void *) &matmul->alpha : &alpha, b.data, type,
      (int) (b_is_turned ? b.column_stride : b.row_stride), b.batch_stride, a.data, type,
      (int) (a_is_turned ? a.column_stride : a.row_stride), a.batch_stride,
      is_double ? (const void *) &matmul->beta : &beta, c.data, type, (int) c.row_stride, c.batch_stride,
      (int) matmul->batch, compute, CUBLAS_GEMM_DEFAULT));
}

/* -- products of integers --------------------------------------------------------------------------*/

struct Product
{
  int64_t     m, n, k, alpha, beta;
  const void *a, *b;
  void       *c;
  int64_t     a_strides[3], b_strides[3], c_strides[3];
};

/* One element per thread, tiles of both factors in shared memory. */
template <typename Stored, typename T>
static __global__ void
__launch_bounds__ (TILE * TILE)
multiply_tiles (const __grid_constant__ Product self)
{
  __shared__ T tile_a[TILE][TILE], tile_b[TILE][TILE + 1];
  const int64_t batch = blockIdx.z;
  const int x = threadIdx.x % TILE, y = threadIdx.x / TILE;
  const int64_t row = (int64_t) blockIdx.y * TILE + y, column = (int64_t) blockIdx.x * TILE + x;
  const Stored *a = (const Stored *) self.a + batch * self.a_strides[0];
  const Stored *b = (const Stored *) self.b + batch * self.b_strides[0];
  Stored *c = (Stored *) self.c + batch * self.c_strides[0] + row * self.c_strides[1] + column * self.c_strides[2];
  T sum = 0;

  for (int64_t k = 0; k < self.k; k += TILE)
    {
      tile_a[y][x] = row < self.m && k + x < self.k
                         ? gten_decode<T> (a[row * self.a_strides[1] + (k + x) * self.a_strides[2]]) : 0;
      tile_b[y][x] = column < self.n && k + y < self.k
                         ? gten_decode<T> (b[(k + y) * self.b_strides[1] + column * self.b_strides[2]]) : 0;
      __syncthreads ();
      for (int i = 0; i < TILE; i++)
        sum += tile_a[y][i] * tile_b[i][x];
      __syncthreads ();
    }
  if (row < self.m && column < self.n)
    *c = gten_encode<Stored> (self.alpha * sum + (self.beta == 0 ? 0 : self.beta * gten_decode<T> (*c)));
}

/* The grid's other two sides are counted in 16 bits. */
static void
multiply_integers (GtenCudaQueue *queue, const GtenKMatmul *matmul)
{
  const int64_t limit = 65535, size = (int64_t) gten_cuda_size (matmul->dtype);

  for (int64_t batch = 0; batch < matmul->batch; batch += limit)
    for (int64_t row = 0; row < matmul->m; row += limit * TILE)
      {
        const int64_t n_batch = matmul->batch - batch < limit ? matmul->batch - batch : limit;
        const int64_t n_rows = matmul->m - row < limit * TILE ? matmul->m - row : limit * TILE;
        Product self = { n_rows, matmul->n, matmul->k, (int64_t) matmul->alpha, (int64_t) matmul->beta,
                         (const char *) matmul->a + (batch * matmul->a_strides[0] + row * matmul->a_strides[1]) * size,
                         (const char *) matmul->b + batch * matmul->b_strides[0] * size,
                         (char *) matmul->c + (batch * matmul->c_strides[0] + row * matmul->c_strides[1]) * size,
                         {}, {}, {} };

        memcpy (self.a_strides, matmul->a_strides, sizeof self.a_strides);
        memcpy (self.b_strides, matmul->b_strides, sizeof self.b_strides);
        memcpy (self.c_strides, matmul->c_strides, sizeof self.c_strides);
        GTEN_CUDA_SWITCH_INTEGER (matmul->dtype,
                                  gten_cuda_launch (queue, dim3 (gten_cuda_blocks (matmul->n, TILE),
                                                                 gten_cuda_blocks (n_rows, TILE), (unsigned) n_batch),
                                                    TILE * TILE, multiply_tiles<Stored, T>, self);)
      }
}

/* -- the batch -------------------------------------------------------------------------------------*/

static void
multiply_floats (GtenCudaQueue *queue, const GtenKMatmul *matmul)
{
  Matrix a = matrix (matmul->a, matmul->m, matmul->k, matmul->a_strides, matmul->batch);
  Matrix b = matrix (matmul->b, matmul->k, matmul->n, matmul->b_strides, matmul->batch);
  Matrix c = matrix (matmul->c, matmul->m, matmul->n, matmul->c_strides, matmul->batch);
  const Matrix result = c;

  if (matmul->m > INT32_MAX || matmul->n > INT32_MAX || matmul->k > INT32_MAX || matmul->batch > INT32_MAX)
    {
      gten_cuda_fail (GTEN_K_UNSUPPORTED, NULL);
      return;
    }
  if (matmul->k == 0)
    {
      a.row_stride = a.column_stride = b.column_stride = 1;
      b.row_stride = matmul->n;
    }
  if (!rows_are_contiguous (a) && !columns_are_contiguous (a))
    pack (queue, matmul->dtype, matmul->batch, &a, true);
  if (!rows_are_contiguous (b) && !columns_are_contiguous (b))
    pack (queue, matmul->dtype, matmul->batch, &b, true);
  if (!rows_are_contiguous (c))
    pack (queue, matmul->dtype, matmul->batch, &c, matmul->beta != 0);
  if (!gten_cuda_has_failed ())
    multiply (queue, matmul, a, b, c);
  if (c.is_packed && !gten_cuda_has_failed ())
    copy_matrix (queue, matmul->dtype, matmul->batch, result, c);
  for (const Matrix &each : { a, b, c })
    if (each.is_packed)
      gten_cuda_scratch_release (queue, each.data, each.n_bytes);
}

GtenKStatus
gten_cuda_matmul (int device, const GtenKMatmul *matmul)
{
  GtenCudaQueue *queue;

  if (matmul->batch == 0 || matmul->m == 0 || matmul->n == 0)
    return GTEN_K_OK;
  queue = gten_cuda_enter (device);
  if (queue == NULL)
    return gten_cuda_status ();
  switch (matmul->dtype)
    {
    case GTEN_K_FLOAT16:
    case GTEN_K_BFLOAT16:
    case GTEN_K_FLOAT32:
    case GTEN_K_FLOAT64:
      multiply_floats (queue, matmul);
      break;
    default:
      multiply_integers (queue, matmul);
    }
  return gten_cuda_leave (queue, NULL);
}
