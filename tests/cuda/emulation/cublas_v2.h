/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for cuBLAS: the products that kernels/cuda asks for, by the CPU's kernel. */
#pragma once

#include "cuda_runtime.h"

typedef struct cublasContext *cublasHandle_t;

enum cublasStatus_t
{
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_NOT_INITIALIZED = 1,
  CUBLAS_STATUS_ALLOC_FAILED = 3,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_EXECUTION_FAILED = 13,
  CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

enum cublasOperation_t { CUBLAS_OP_N, CUBLAS_OP_T, CUBLAS_OP_C };
enum cublasPointerMode_t { CUBLAS_POINTER_MODE_HOST, CUBLAS_POINTER_MODE_DEVICE };

enum cublasMath_t
{
  CUBLAS_DEFAULT_MATH = 0,
  CUBLAS_PEDANTIC_MATH = 2,
  CUBLAS_TF32_TENSOR_OP_MATH = 3,
  CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION = 16,
};

enum cudaDataType_t { CUDA_R_32F = 0, CUDA_R_64F = 1, CUDA_R_16F = 2, CUDA_R_16BF = 14 };
typedef cudaDataType_t cudaDataType;

enum cublasComputeType_t
{
  CUBLAS_COMPUTE_16F = 64,
  CUBLAS_COMPUTE_32F = 68,
  CUBLAS_COMPUTE_32F_PEDANTIC = 69,
  CUBLAS_COMPUTE_64F = 70,
  CUBLAS_COMPUTE_32F_FAST_TF32 = 77,
};

enum cublasGemmAlgo_t { CUBLAS_GEMM_DEFAULT = -1, CUBLAS_GEMM_DEFAULT_TENSOR_OP = 99 };

cublasStatus_t cublasCreate (cublasHandle_t *handle);
cublasStatus_t cublasDestroy (cublasHandle_t handle);
cublasStatus_t cublasSetStream (cublasHandle_t handle, cudaStream_t stream);
cublasStatus_t cublasSetMathMode (cublasHandle_t handle, cublasMath_t mode);
cublasStatus_t cublasSetWorkspace (cublasHandle_t handle, void *workspace, size_t n_bytes);
cublasStatus_t cublasSetPointerMode (cublasHandle_t handle, cublasPointerMode_t mode);
const char    *cublasGetStatusString (cublasStatus_t status);
const char    *cublasGetStatusName (cublasStatus_t status);

/* Column-major, as always; alpha and beta are in host memory and of the compute type. */
cublasStatus_t cublasGemmStridedBatchedEx (cublasHandle_t handle, cublasOperation_t a_op, cublasOperation_t b_op,
                                           int m, int n, int k, const void *alpha, const void *a, cudaDataType a_type,
                                           int a_lead, long long a_stride, const void *b, cudaDataType b_type,
                                           int b_lead, long long b_stride, const void *beta, void *c,
                                           cudaDataType c_type, int c_lead, long long c_stride, int batch,
                                           cublasComputeType_t compute, cublasGemmAlgo_t algorithm);
cublasStatus_t cublasGemmEx (cublasHandle_t handle, cublasOperation_t a_op, cublasOperation_t b_op, int m, int n,
                             int k, const void *alpha, const void *a, cudaDataType a_type, int a_lead, const void *b,
                             cudaDataType b_type, int b_lead, const void *beta, void *c, cudaDataType c_type,
                             int c_lead, cublasComputeType_t compute, cublasGemmAlgo_t algorithm);
