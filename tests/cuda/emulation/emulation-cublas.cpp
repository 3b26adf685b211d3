/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* cuBLAS's products by the CPU's matmul. */

#include "cublas_v2.h"
#include "emulation-private.h"

#include "gten-kernels.h"

struct cublasContext
{
  cudaStream_t stream;
};

cublasStatus_t
cublasCreate (cublasHandle_t *handle)
{
  *handle = new cublasContext ();
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasDestroy (cublasHandle_t handle)
{
  delete handle;
  return cudaDeviceSynchronize () == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

cublasStatus_t
cublasSetStream (cublasHandle_t handle, cudaStream_t stream)
{
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetMathMode (cublasHandle_t, cublasMath_t)
{
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetWorkspace (cublasHandle_t, void *, size_t)
{
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetPointerMode (cublasHandle_t, cublasPointerMode_t mode)
{
  return mode == CUBLAS_POINTER_MODE_HOST ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}

const char *
cublasGetStatusName (cublasStatus_t status)
{
  switch (status)
    {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    default: return "CUBLAS_STATUS_NOT_SUPPORTED";
    }
}

const char *
cublasGetStatusString (cublasStatus_t status)
{
  return cublasGetStatusName (status);
}

static GtenKDtype
dtype_of (cudaDataType type)
{
  return type == CUDA_R_32F ? GTEN_K_FLOAT32 : type == CUDA_R_64F ? GTEN_K_FLOAT64
         : type == CUDA_R_16F ? GTEN_K_FLOAT16 : GTEN_K_BFLOAT16;
}

cublasStatus_t
cublasGemmStridedBatchedEx (cublasHandle_t handle, cublasOperation_t a_op, cublasOperation_t b_op, int m, int n, int k,
                            const void *alpha, const void *a, cudaDataType a_type, int a_lead, long long a_stride,
                            const void *b, cudaDataType b_type, int b_lead, long long b_stride, const void *beta,
                            void *c, cudaDataType c_type, int c_lead, long long c_stride, int batch,
                            cublasComputeType_t compute, cublasGemmAlgo_t)
{
  const bool  is_double = compute == CUBLAS_COMPUTE_64F;
  GtenKMatmul matmul = {};

  if (m < 0 || n < 0 || k < 0 || batch < 0 || a_lead < std::max (1, a_op == CUBLAS_OP_N ? m : k)
      || b_lead < std::max (1, b_op == CUBLAS_OP_N ? k : n) || c_lead < std::max (1, m))
    return CUBLAS_STATUS_INVALID_VALUE;
  if (a_type != b_type || a_type != c_type || is_double != (a_type == CUDA_R_64F))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  matmul.dtype = dtype_of (a_type);
  matmul.batch = batch;
  matmul.m = m;
  matmul.n = n;
  matmul.k = k;
  matmul.a = a;
  matmul.b = b;
  matmul.c = c;
  matmul.a_strides[0] = a_stride;
  matmul.a_strides[1] = a_op == CUBLAS_OP_N ? 1 : a_lead;
  matmul.a_strides[2] = a_op == CUBLAS_OP_N ? a_lead : 1;
  matmul.b_strides[0] = b_stride;
  matmul.b_strides[1] = b_op == CUBLAS_OP_N ? 1 : b_lead;
  matmul.b_strides[2] = b_op == CUBLAS_OP_N ? b_lead : 1;
  matmul.c_strides[0] = c_stride;
  matmul.c_strides[1] = 1;
  matmul.c_strides[2] = c_lead;
  matmul.alpha = is_double ? *(const double *) alpha : *(const float *) alpha;
  matmul.beta = is_double ? *(const double *) beta : *(const float *) beta;
  if (gten_emulation_enqueue (handle->stream, [matmul] { gten_cpu_backend ()->matmul (0, &matmul); }) != cudaSuccess)
    return CUBLAS_STATUS_EXECUTION_FAILED;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasGemmEx (cublasHandle_t handle, cublasOperation_t a_op, cublasOperation_t b_op, int m, int n, int k,
              const void *alpha, const void *a, cudaDataType a_type, int a_lead, const void *b, cudaDataType b_type,
              int b_lead, const void *beta, void *c, cudaDataType c_type, int c_lead, cublasComputeType_t compute,
              cublasGemmAlgo_t algorithm)
{
  return cublasGemmStridedBatchedEx (handle, a_op, b_op, m, n, k, alpha, a, a_type, a_lead, 0, b, b_type, b_lead, 0,
                                     beta, c, c_type, c_lead, 0, 1, compute, algorithm);
}
