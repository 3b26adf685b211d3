/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* LAPACK in one real type, included once for each: T is the type, LAPACK (name) the routine with
 * its prefix and FUNCTION (name) a name of ours. Every argument is a pointer and every text is
 * followed, at the end, by its length, as Fortran has it. */

void LAPACK (potrf) (const char *uplo, const int *n, T *a, const int *lda, int *info, size_t);
void LAPACK (getrf) (const int *m, const int *n, T *a, const int *lda, int *pivots, int *info);
void LAPACK (getrs) (const char *trans, const int *n, const int *k, const T *a, const int *lda, const int *pivots, T *b, const int *ldb,
                     int *info, size_t);
void LAPACK (trsm) (const char *side, const char *uplo, const char *trans, const char *diag, const int *m, const int *n, const T *alpha,
                    const T *a, const int *lda, T *b, const int *ldb, size_t, size_t, size_t, size_t);
void LAPACK (geqrf) (const int *m, const int *n, T *a, const int *lda, T *tau, T *work,
                     const int *lwork, int *info);
void LAPACK (orgqr) (const int *m, const int *n, const int *k, T *a, const int *lda, const T *tau,
                     T *work, const int *lwork, int *info);
void LAPACK (gesdd) (const char *job, const int *m, const int *n, T *a, const int *lda, T *s, T *u, const int *ldu, T *vt, const int *ldvt,
                     T *work, const int *lwork, int *iwork, int *info, size_t);
void LAPACK (syevd) (const char *job, const char *uplo, const int *n, T *a, const int *lda, T *w, T *work, const int *lwork, int *iwork,
                     const int *liwork, int *info, size_t, size_t);
void LAPACK (gels) (const char *trans, const int *m, const int *n, const int *k, T *a, const int *lda, T *b, const int *ldb, T *work,
                    const int *lwork, int *info, size_t);
void LAPACK (gelsy) (const int *m, const int *n, const int *k, T *a, const int *lda, T *b, const int *ldb, int *jpvt, const T *rcond,
                     int *rank, T *work, const int *lwork, int *info);
void LAPACK (gelsd) (const int *m, const int *n, const int *k, T *a, const int *lda, T *b, const int *ldb, T *s, const T *rcond, int *rank,
                     T *work, const int *lwork, int *iwork, int *info);
void LAPACK (gelss) (const int *m, const int *n, const int *k, T *a, const int *lda, T *b, const int *ldb, T *s, const T *rcond, int *rank,
                     T *work, const int *lwork, int *info);

/* What LAPACK's getrf does, in its loops alone. */
static int
FUNCTION (small_lu) (int m, int n, T *a, int *pivots)
{
  int info = 0;

  for (int k = 0; k < GTEN_MIN (m, n); k++)
    {
      T *column = a + (size_t) k * m, most = ABS (column[k]);
      int pivot = k;

      for (int i = k + 1; i < m; i++)
        if (ABS (column[i]) > most)
          {
            most = ABS (column[i]);
            pivot = i;
          }
      pivots[k] = pivot + 1;
      if (column[pivot] == 0)
        {
          info = info == 0 ? k + 1 : info;
          continue;
        }
      for (int j = 0; j < n && pivot != k; j++)
        {
          const T kept = a[(size_t) j * m + k];

          a[(size_t) j * m + k] = a[(size_t) j * m + pivot];
          a[(size_t) j * m + pivot] = kept;
        }
      const T diagonal = column[k];
      for (int i = k + 1; i < m; i++)
        column[i] /= diagonal;
      for (int j = k + 1; j < n; j++)
        {
          T *restrict to = a + (size_t) j * m;
          const T factor = to[k];

          _Pragma ("GCC ivdep")
          for (int i = k + 1; i < m; i++)
            to[i] -= factor * column[i];
        }
    }
  return info;
}

/* x of a @ x = b, of the factors and pivots of a. */
static void
FUNCTION (small_solve) (int n, int k, const T *a, const int *pivots, T *b)
{
  for (int c = 0; c < k; c++, b += n)
    {
      for (int i = 0; i < n; i++)
        {
          const T kept = b[i];

          b[i] = b[pivots[i] - 1];
          b[pivots[i] - 1] = kept;
        }
      for (int j = 0; j < n; j++)
        for (int i = j + 1; i < n; i++)
          b[i] -= b[j] * a[(size_t) j * n + i];
      for (int j = n - 1; j >= 0; j--)
        {
          b[j] /= a[(size_t) j * n + j];
          for (int i = 0; i < j; i++)
            b[i] -= b[j] * a[(size_t) j * n + i];
        }
    }
}

/* Right-hand sides, so many at a time, for threads to share. */
typedef struct
{
  int        n, k;
  const T   *a;
  const int *pivots;
  T         *b;
} FUNCTION (Sides);

static void
FUNCTION (sides_work) (void *data, int thread, int n_threads)
{
  const FUNCTION (Sides) *self = data;
  const int n_parts = (self->k + SIDES - 1) / SIDES, end = (int) gten_share (n_parts, thread + 1, n_threads);

  for (int part = (int) gten_share (n_parts, thread, n_threads); part < end; part++)
    {
      const int k = GTEN_MIN (SIDES, self->k - part * SIDES);
      int ignored = 0;

      LAPACK (getrs) ("N", &self->n, &k, self->a, &self->n, self->pivots, self->b + (size_t) part * SIDES * self->n, &self->n,
                      &ignored, 1);
    }
}

static void
FUNCTION (solve_sides) (int n, int k, const T *a, const int *pivots, T *b)
{
  FUNCTION (Sides) self = { n, k, a, pivots, b };
  const int n_parts = (k + SIDES - 1) / SIDES;

  gten_blas_enter ();
  if (n_parts > 0)
    gten_parallel_parts (n_parts, (int64_t) n * n * k, 1, FUNCTION (sides_work), &self);
  gten_blas_leave ();
}

/* a becomes r above the diagonal; b, if wanted, q with f->k columns. */
static int
FUNCTION (qr) (const GtenKFactorization *f, T *a, T *b, T *work, int lwork)
{
  const int m = (int) f->m, n = (int) f->n, k = (int) f->k, r = GTEN_MIN (m, n), lda = GTEN_MAX (m, 1), rest = lwork - r;
  int info = 0;

  LAPACK (geqrf) (&m, &n, a, &lda, work, work + r, &rest, &info);
  if (b == NULL || info != 0)
    return info;
  memcpy (b, a, (size_t) m * (size_t) GTEN_MIN (k, n) * sizeof (T));
  LAPACK (orgqr) (&m, &k, &r, b, &lda, work, work + r, &rest, &info);
  return info;
}

static int
FUNCTION (least_squares) (const GtenKFactorization *f, T *a, T *b, T *values, int *rank, T *work,
                          int lwork, int *iwork)
{
  const int m = (int) f->m, n = (int) f->n, k = (int) f->k, lda = GTEN_MAX (m, 1), ldb = GTEN_MAX (GTEN_MAX (m, n), 1);
  const T rcond = (T) f->rcond;
  int info = 0;

  switch (f->solver)
    {
    case GTEN_K_GELS:
      LAPACK (gels) ("N", &m, &n, &k, a, &lda, b, &ldb, work, &lwork, &info, 1);
      break;
    case GTEN_K_GELSY:
      if (lwork >= 0)
        memset (iwork, 0, (size_t) n * sizeof (int));
      LAPACK (gelsy) (&m, &n, &k, a, &lda, b, &ldb, iwork, &rcond, rank, work, &lwork, &info);
      break;
    case GTEN_K_GELSD:
      LAPACK (gelsd) (&m, &n, &k, a, &lda, b, &ldb, values, &rcond, rank, work, &lwork, iwork,
                      &info);
      break;
    case GTEN_K_GELSS:
      LAPACK (gelss) (&m, &n, &k, a, &lda, b, &ldb, values, &rcond, rank, work, &lwork, &info);
      break;
    }
  return info;
}

/* LAPACK's iterations print a complaint of their own, or do not end, where a number is not finite. */
static bool
FUNCTION (is_finite) (int64_t n, const T *a)
{
  T sum = 0;

  for (int64_t i = 0; i < n; i++)
    sum += a[i] * 0;
  return sum == 0;
}

/* Of matrix i. With lwork -1 it only asks for the sizes of the workspaces, which come back in
 * work[0] and iwork[0]. */
static int
FUNCTION (factor_one) (const GtenKFactorization *f, int64_t i, T *work, int lwork, int *iwork,
                       int liwork)
{
  const int m = (int) f->m, n = (int) f->n, k = (int) f->k, r = GTEN_MIN (m, n), lda = GTEN_MAX (m, 1);
  const char *uplo = f->upper ? "U" : "L";
  const T one = 1;
  T *a = (T *) f->a + i * f->a_size, *b = f->b != NULL ? (T *) f->b + i * f->b_size : NULL;
  T *c = f->c != NULL ? (T *) f->c + i * f->c_size : NULL, *values = f->values != NULL ? (T *) f->values + i * r : NULL;
  int *pivots = f->pivots != NULL ? f->pivots + i * r : NULL, info = 0, ignored = 0;

  if (lwork >= 0 && iterates (f) && !FUNCTION (is_finite) ((int64_t) lda * n, a))
    return NOT_FINITE;
  switch (f->kind)
    {
    case GTEN_K_CHOLESKY:
      LAPACK (potrf) (uplo, &n, a, &lda, &info, 1);
      for (int j = 0; j < n && info == 0; j++)
        if (__builtin_isnan (a[(size_t) j * (size_t) lda + (size_t) j]))  /* some LAPACKs do not look */
          info = j + 1;
      break;
    case GTEN_K_LU:
      if (m <= SMALL && n <= SMALL)
        info = FUNCTION (small_lu) (m, n, a, pivots);
      else
        LAPACK (getrf) (&m, &n, a, &lda, pivots, &info);
      break;
    case GTEN_K_SOLVE:
      if (n <= SMALL)
        {
          info = FUNCTION (small_lu) (n, n, a, pivots);
          if (info == 0)
            FUNCTION (small_solve) (n, k, a, pivots, b);
          break;
        }
      LAPACK (getrf) (&n, &n, a, &lda, pivots, &info);
      if (info == 0)
        FUNCTION (solve_sides) (n, k, a, pivots, b);
      break;
    case GTEN_K_TRIANGULAR_SOLVE:
      LAPACK (trsm) ("L", uplo, "N", f->unitriangular ? "U" : "N", &n, &k, &one, a, &lda, b, &lda,
                     1, 1, 1, 1);
      break;
    case GTEN_K_QR:
      info = FUNCTION (qr) (f, a, b, work, lwork);
      break;
    case GTEN_K_SVD:
      {
        const int ldc = GTEN_MAX (f->full ? n : r, 1);

        LAPACK (gesdd) (b == NULL ? "N" : f->full ? "A" : "S", &m, &n, a, &lda, values, b, &lda, c,
                        &ldc, work, &lwork, iwork, &info, 1);
        break;
      }
    case GTEN_K_EIGH:
      LAPACK (syevd) (f->vectors ? "V" : "N", uplo, &n, a, &lda, values, work, &lwork, iwork,
                      &liwork, &info, 1, 1);
      break;
    case GTEN_K_LEAST_SQUARES:
      info = FUNCTION (least_squares) (f, a, b, values, f->rank != NULL ? f->rank + i : &ignored,
                                       work, lwork, iwork);
      break;
    }
  return info;
}

typedef struct
{
  const GtenKFactorization *f;
  T                        *work;      /* of each thread, one behind the other */
  int64_t                   n_reals, n_integers;
  size_t                    n_bytes;
} FUNCTION (Batch);

static void
FUNCTION (factor_work) (void *data, int thread, int n_threads)
{
  const FUNCTION (Batch) *self = data;
  const int64_t end = gten_share (self->f->batch, thread + 1, n_threads);
  T *work = (T *) ((char *) self->work + (size_t) thread * self->n_bytes);

  for (int64_t i = gten_share (self->f->batch, thread, n_threads); i < end; i++)
    self->f->info[i] = FUNCTION (factor_one) (self->f, i, work, (int) self->n_reals,
                                              (int *) (work + self->n_reals + 1), (int) self->n_integers);
}

static GtenKStatus
FUNCTION (factor) (const GtenKFactorization *f)
{
  const int64_t least = GTEN_MIN (f->m, f->n), most = GTEN_MAX (f->m, GTEN_MAX (f->n, f->k));
  T wanted = 0;
  int wanted_integers = 0;
  int64_t n_reals = 0, n_integers = 0;

  if (f->kind == GTEN_K_QR)
    n_reals = least + 64 * most;
  else if (iterates (f))
    {
      FUNCTION (factor_one) (f, 0, &wanted, -1, &wanted_integers, -1);
      n_reals = (int64_t) ((double) wanted * (1 + 1e-6)) + 1;
      n_integers = GTEN_MAX (8 * least, GTEN_MAX (f->n, wanted_integers));
    }
  if (n_reals > INT_MAX || n_integers > INT_MAX)
    return GTEN_K_OUT_OF_MEMORY;

  /* A batch is shared out; a large single matrix is BLAS's to share. */
  const int n_threads = (int) GTEN_MIN (gten_threads (f->batch * f->m * f->n * least, 1), f->batch);
  const size_t n_bytes = ((size_t) (n_reals + 1) * sizeof (T) + (size_t) n_integers * sizeof (int) + 63) / 64 * 64;
  FUNCTION (Batch) batch = { f, NULL, n_reals, n_integers, n_bytes };

  batch.work = gten_cpu_alloc (0, n_bytes * (size_t) n_threads);
  if (batch.work == NULL)
    return GTEN_K_OUT_OF_MEMORY;
  const bool is_alone = n_threads > 1 || most <= ALONE;

  if (is_alone)
    gten_blas_enter ();
  gten_parallel (n_threads, FUNCTION (factor_work), &batch);
  if (is_alone)
    gten_blas_leave ();
  gten_cpu_free (0, batch.work, n_bytes * (size_t) n_threads);
  return GTEN_K_OK;
}
