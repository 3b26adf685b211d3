/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Factorizations and what is solved with them, by the LAPACK that OpenBLAS carries. */
#include "gten-cpu-private.h"

#ifdef GTEN_HAVE_BLAS

#include <limits.h>
#include <string.h>

/* What LAPACK says of a matrix that holds a NaN, its fourth argument. */
#define NOT_FINITE -4

/* Up to this size BLAS's own threads cost more than they earn. */
#define ALONE 384

/* Up to this size our own loops are faster than the routines of LAPACK. */
#define SMALL 32

/* Right-hand sides that are solved at a time. */
#define SIDES 64

static bool
iterates (const GtenKFactorization *f)
{
  return f->kind == GTEN_K_SVD || f->kind == GTEN_K_EIGH || f->kind == GTEN_K_LEAST_SQUARES;
}

#define T              float
#define LAPACK(name)   s##name##_
#define FUNCTION(name) name##_float
#define ABS(x)         __builtin_fabsf (x)
#include "gten-cpu-factor.h"
#undef T
#undef LAPACK
#undef FUNCTION
#undef ABS

#define T              double
#define LAPACK(name)   d##name##_
#define FUNCTION(name) name##_double
#define ABS(x)         __builtin_fabs (x)
#include "gten-cpu-factor.h"

GtenKStatus
gten_cpu_factor (int device, const GtenKFactorization *factorization)
{
  if (factorization->m > INT_MAX || factorization->n > INT_MAX || factorization->k > INT_MAX)
    return GTEN_K_UNSUPPORTED;
  if (factorization->dtype == GTEN_K_FLOAT32)
    return factor_float (factorization);
  if (factorization->dtype == GTEN_K_FLOAT64)
    return factor_double (factorization);
  return GTEN_K_UNSUPPORTED;
}

#else

GtenKStatus
gten_cpu_factor (int device, const GtenKFactorization *factorization)
{
  return GTEN_K_UNSUPPORTED;
}

#endif
