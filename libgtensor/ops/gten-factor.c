/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Factorizations of matrices and systems of equations.
 *
 * The kernels work in place on batches of column-major matrices: a tensor [..., columns, rows]
 * without gaps, seen with its last two dimensions exchanged. Such views are also the results, as
 * they are PyTorch's. */
#include "ops/gten-run-private.h"

#include <string.h>

/* -- matrices and their checks ------------------------------------------------------------------- */

static inline gint64 rows (const GtenTensor *self) { return gten_size (self, self->n_dims - 2); }
static inline gint64 columns (const GtenTensor *self) { return gten_size (self, self->n_dims - 1); }

static gint64
n_matrices (const GtenTensor *self)
{
  return gten_fact_numel (self->n_dims - 2, gten_sizes (self));
}

/* The name of the row as PyTorch nests it: linalg.inv. What only returns more has the name of the
 * plain row. */
static char *
public_name (const GtenCall *call)
{
  const char *name = call->op->name;
  g_autofree char *nested
      = g_str_has_prefix (name, "linalg_") ? g_strconcat ("linalg.", name + strlen ("linalg_"), NULL) : g_strdup (name);

  if (g_str_has_suffix (nested, "_ex"))
    nested[strlen (nested) - 3] = '\0';
  return g_steal_pointer (&nested);
}

static gboolean
check_matrix (const char *op, const char *argument, GtenTensor *self, gboolean square,
              GError **error)
{
  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "%s: The input tensor %s must have at least 2 dimensions.", op,
                           argument);
  if (square && rows (self) != columns (self))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "%s: %s must be batches of square matrices, but they are %" G_GINT64_FORMAT " by %" G_GINT64_FORMAT " matrices",
                           op, argument, rows (self), columns (self));
  return TRUE;
}

static gboolean
check_floating (const char *op, GtenTensor *self, GError **error)
{
  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "%s: Expected a floating point or complex tensor as input. Got %s", op,
                           gten_dtype_title ((GtenDtype) self->dtype));
  if (self->dtype != GTEN_DTYPE_FLOAT32 && self->dtype != GTEN_DTYPE_FLOAT64)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "%s: Low precision dtypes not supported. Got %s", op,
                           gten_dtype_title ((GtenDtype) self->dtype));
  return TRUE;
}

gboolean
gten_check_matrix (const GtenCall *call, GtenDtype dtype, GError **error)
{
  g_autofree char *op = public_name (call);

  return check_matrix (op, "A", call->tensors[0], FALSE, error)
         && check_floating (op, call->tensors[0], error);
}

gboolean
gten_check_square (const GtenCall *call, GtenDtype dtype, GError **error)
{
  g_autofree char *op = public_name (call);

  return check_matrix (op, "A", call->tensors[0], TRUE, error)
         && check_floating (op, call->tensors[0], error);
}

gboolean
gten_check_square_any (const GtenCall *call, GtenDtype dtype, GError **error)
{
  g_autofree char *op = public_name (call);

  return check_matrix (op, "A", call->tensors[0], TRUE, error);
}

/* -- column-major tensors ------------------------------------------------------------------------ */

/* Uninitialised, of the batch of `like`. New reference. */
static GtenTensor *
alloc_matrices (GtenTensor *like, gint64 m, gint64 n, GError **error)
{
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) turned = NULL;

  memcpy (sizes, gten_sizes (like), like->n_dims * sizeof *sizes);
  sizes[like->n_dims - 2] = n;
  sizes[like->n_dims - 1] = m;
  turned = gten_tensor_alloc ((GtenDtype) like->dtype, like->n_dims, sizes, like->storage->device,
                              error);
  return turned == NULL ? NULL : gten_geometry_move (turned, like->n_dims - 2, like->n_dims - 1);
}

static GtenTensor *
copy_matrices (GtenTensor *self, GError **error)
{
  g_autoptr (GtenTensor) copy = alloc_matrices (self, rows (self), columns (self), error);

  return copy != NULL && gten_copy_elements (copy, self, error) ? g_steal_pointer (&copy) : NULL;
}

/* One value, or a vector of n, per matrix of `like`; n < 0 for one. */
static GtenTensor *
alloc_values (GtenTensor *like, GtenDtype dtype, gint64 n, GError **error)
{
  gint64 sizes[GTEN_MAX_DIMS];

  memcpy (sizes, gten_sizes (like), like->n_dims * sizeof *sizes);
  sizes[like->n_dims - 2] = n;
  return gten_tensor_alloc (dtype, like->n_dims - (n < 0 ? 2 : 1), sizes, like->storage->device,
                            error);
}

static GtenKFactorization
factorization (GtenKFactor kind, GtenTensor *a)
{
  return (GtenKFactorization) { .kind = kind,
                                .dtype = (GtenKDtype) a->dtype,
                                .batch = n_matrices (a),
                                .m = rows (a),
                                .n = columns (a),
                                .a = gten_data (a),
                                .a_size = rows (a) * columns (a) };
}

/* Runs, and gives the infos: a new int32 tensor. */
static GtenTensor *
factor (GtenCall *call, GtenTensor *a, GtenKFactorization *f, GError **error)
{
  g_autoptr (GtenTensor) info = alloc_values (a, GTEN_DTYPE_INT32, -1, error);

  if (info == NULL || !gten_fill_elements (info, gten_scalar_int (0), error))
    return NULL;
  f->info = gten_data (info);
  if (f->batch > 0 && !GTEN_KERNEL (a, call->op->name, error, NULL, factor, f))
    return NULL;
  return g_steal_pointer (&info);
}

/* -- what went wrong ----------------------------------------------------------------------------- */

typedef enum { NOT_POSITIVE, SINGULAR_INVERSE, SINGULAR_SYSTEM, ZERO_PIVOT, NOT_CONVERGED } Failure;

/* The first failure in `info`, as an error. */
static gboolean
check_info (GtenTensor *info, const char *op, Failure failure, GError **error)
{
  g_autoptr (GtenTensor) failed = gten_tensor_nonzero (info, error), flat = NULL;
  g_autofree char *where = NULL;
  gint64 which = 0, place = 0;

  if (failed == NULL)
    return FALSE;
  if (failed->numel == 0 && !(info->n_dims == 0 && rows (failed) > 0))
    return TRUE;

  flat = gten_tensor_flatten (info, error);
  while (flat != NULL && place == 0)
    {
      g_autoptr (GtenTensor) one = gten_geometry_select (flat, 0, which);

      if (!gten_read_int (one, &place, error))
        return FALSE;
      which += place == 0;
    }
  where = info->n_dims > 0 ? g_strdup_printf ("(Batch element %" G_GINT64_FORMAT "): ", which) : g_strdup ("");
  switch (failure)
    {
    case NOT_POSITIVE:
      return gten_call_fail (error, GTEN_ERROR_LINALG,
                             "%s: %sThe factorization could not be completed because the input is not positive-definite (the leading "
                             "minor of order %" G_GINT64_FORMAT " is not positive-definite).", op, where, place);
    case SINGULAR_INVERSE:
      return gten_call_fail (error, GTEN_ERROR_LINALG,
                             "%s: %sThe diagonal element %" G_GINT64_FORMAT " is zero, the inversion could not be completed because "
                             "the input matrix is singular.", op, where, place);
    case SINGULAR_SYSTEM:
      return gten_call_fail (error, GTEN_ERROR_LINALG,
                             "torch.%s: %sThe solver failed because the input matrix is singular.",
                             op, where);
    case ZERO_PIVOT:
      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "torch.%s: %sU[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "] is zero and using it on lu_solve would result in a "
                             "division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or "
                             "linalg.lu_factor_ex(A, pivot)", op, where, place, place);
    case NOT_CONVERGED:
      break;
    }
  if (place == -4)
    return gten_call_fail (error, GTEN_ERROR_LINALG,
                           "%s: %sThe algorithm failed to converge because the input matrix contained non-finite values.", op, where);
  return gten_call_fail (error, GTEN_ERROR_LINALG,
                         "%s: %sThe algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated "
                         "%s values (error code: %" G_GINT64_FORMAT ").", op, where, strstr (op, "svd") != NULL ? "singular" : "eigen",
                         place);
}

/* -- Cholesky and LU ----------------------------------------------------------------------------- */

gboolean
gten_run_cholesky_ex (GtenCall *call, GError **error)
{
  const gboolean upper = call->args[0].i != 0;
  g_autoptr (GtenTensor) a = copy_matrices (call->tensors[0], error), info = NULL;
  GtenKFactorization f;

  if (a == NULL)
    return FALSE;
  f = factorization (GTEN_K_CHOLESKY, a);
  f.upper = upper;
  info = factor (call, a, &f, error);
  if (info == NULL || (call->args[1].i && !check_info (info, "linalg.cholesky_ex", NOT_POSITIVE, error))
      || (upper ? gten_tensor_triu_ (a, error) : gten_tensor_tril_ (a, error)) == NULL)
    return FALSE;
  return gten_call_give (call, 0, g_steal_pointer (&a), error)
         && gten_call_give (call, 1, g_steal_pointer (&info), error);
}

gboolean
gten_run_cholesky (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) info = NULL;
  g_autoptr (GtenTensor) factor = gten_apply_linalg_cholesky_ex (call->tensors[0], call->args[0].i, FALSE, &info, error);

  return factor != NULL && check_info (info, "linalg.cholesky", NOT_POSITIVE, error)
         && gten_call_give (call, 0, g_steal_pointer (&factor), error);
}

gboolean
gten_check_lu (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims < 2)
    {
      g_autofree char *sizes = gten_shape_to_string (self->n_dims, gten_sizes (self));

      return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s: Expected tensor with 2 or more dimensions. Got size: %s instead",
                             g_str_has_prefix (call->op->name, "linalg_lu_factor") ? "torch.lu_factor" : "linalg.lu", sizes);
    }
  if (self->dtype != GTEN_DTYPE_FLOAT32 && self->dtype != GTEN_DTYPE_FLOAT64)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"lu_cpu\" not implemented for '%s'",
                           gten_dtype_title ((GtenDtype) self->dtype));
  if (!call->args[0].i)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "linalg.lu_factor: LU without pivoting is not implemented on the CPU");
  return TRUE;
}

gboolean
gten_run_lu_factor_ex (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) a = copy_matrices (call->tensors[0], error), pivots = NULL, info = NULL;
  GtenKFactorization f;

  pivots = a == NULL ? NULL : alloc_values (a, GTEN_DTYPE_INT32, MIN (rows (a), columns (a)),
                                            error);
  if (pivots == NULL)
    return FALSE;
  f = factorization (GTEN_K_LU, a);
  f.pivots = gten_data (pivots);
  info = factor (call, a, &f, error);
  if (info == NULL
      || (call->args[1].i && !check_info (info, "linalg.lu_factor_ex", ZERO_PIVOT, error)))
    return FALSE;
  return gten_call_give (call, 0, g_steal_pointer (&a), error) && gten_call_give (call, 1, g_steal_pointer (&pivots), error)
         && gten_call_give (call, 2, g_steal_pointer (&info), error);
}

gboolean
gten_run_lu_factor (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) pivots = NULL, info = NULL;
  g_autoptr (GtenTensor) lu = gten_apply_linalg_lu_factor_ex (call->tensors[0], call->args[0].i, FALSE, &pivots, &info, error);

  return lu != NULL && check_info (info, "linalg.lu_factor", ZERO_PIVOT, error)
         && gten_call_give (call, 0, g_steal_pointer (&lu), error) && gten_call_give (call, 1, g_steal_pointer (&pivots), error);
}

/* The permutation that exchanging rows one after the other makes: column p[i] of row i is 1 in the
 * transposed matrix. */
gboolean
gten_run_lu_permutation (GtenCall *call, GError **error)
{
  GtenTensor *pivots = call->tensors[0], *result;
  const gint64 n = call->args[0].i, r = pivots->n_dims > 0 ? gten_size (pivots, pivots->n_dims - 1) : 0;
  g_autoptr (GtenTensor) packed = NULL;
  GtenDevice *device = pivots->storage->device;
  const GtenBackend *backend = gten_device_get_backend (device);
  const gint64 batch = gten_fact_numel (MAX (pivots->n_dims, 1) - 1, gten_sizes (pivots));
  gint64 sizes[GTEN_MAX_DIMS];
  g_autofree gint32 *exchanges = NULL;
  g_autofree gint64 *places = NULL;

  if (pivots->dtype != GTEN_DTYPE_INT32)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
                           "Note: this function is intended to be used with the output produced by torch.linalg.lu_factor");
  if (pivots->n_dims == 0 || r > n)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "torch.lu_unpack: %" G_GINT64_FORMAT " pivots for %" G_GINT64_FORMAT " rows", r, n);
  packed = gten_contiguous (pivots, error);
  if (packed == NULL)
    return FALSE;
  memcpy (sizes, gten_sizes (pivots), pivots->n_dims * sizeof *sizes);
  sizes[pivots->n_dims - 1] = n;
  result = gten_call_result (call, 0, GTEN_DTYPE_INT64, pivots->n_dims, sizes, error);
  exchanges = g_try_new (gint32, MAX (1, batch * r));
  places = g_try_new (gint64, MAX (1, batch * n));
  if (exchanges == NULL || places == NULL)
    return gten_call_fail (error, GTEN_ERROR_MEMORY, "lu: out of memory");
  if (result == NULL
      || !gten_device_check (device, "lu", backend->download (gten_device_get_index (device), exchanges, gten_data (packed),
                                                              (size_t) (batch * r) * sizeof *exchanges), NULL, error))
    return FALSE;
  for (gint64 b = 0; b < batch; b++)
    {
      gint64 *place = places + b * n;

      for (gint64 i = 0; i < n; i++)
        place[i] = i;
      for (gint64 i = 0; i < r; i++)
        {
          const gint64 other = exchanges[b * r + i] - 1, kept = place[i];

          if (other < 0 || other >= n)
            return gten_call_fail (error, GTEN_ERROR_VALUE, "pivots passed to lu_unpack must be between 1 and A.size(-2) inclusive.");
          place[i] = place[other];
          place[other] = kept;
        }
    }
  return gten_device_check (device, "lu", backend->upload (gten_device_get_index (device), gten_data (result), places,
                                                           (size_t) (batch * n) * sizeof *places), NULL, error);
}

/* -- systems of equations ------------------------------------------------------------------------ */

static gboolean
check_system (const char *op, const char *first, GtenTensor *a, GtenTensor *b, gboolean left,
              GError **error)
{
  if (a->dtype != b->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "%s: Expected %s and B to have the same dtype, but found %s of type %s and B of type %s "
                           "instead", op, first, first, gten_dtype_title ((GtenDtype) a->dtype), gten_dtype_title ((GtenDtype) b->dtype));
  if (!check_matrix (op, first, a, TRUE, error) || !check_matrix (op, "B", b, FALSE, error)
      || !check_floating (op, a, error))
    return FALSE;
  if (columns (a) != (left ? rows (b) : columns (b)))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "%s: Incompatible shapes of A and B for the equation %s (%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT
                           " and %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT ")", op, left ? "AX = B" : "XA = B", rows (a), columns (a),
                           rows (b), columns (b));
  return TRUE;
}

/* Copies of A and B, both of the broadcast batch. */
static gboolean
copy_system (GtenTensor *a, GtenTensor *b, GtenTensor **a_copy, GtenTensor **b_copy, GError **error)
{
  gint64 sizes[GTEN_MAX_DIMS + 2];
  g_autoptr (GtenTensor) wide_a = NULL, wide_b = NULL;
  guint n;

  if (!gten_shape_broadcast (a->n_dims - 2, gten_sizes (a), b->n_dims - 2, gten_sizes (b), &n,
                             sizes, error))
    return FALSE;
  sizes[n] = rows (a);
  sizes[n + 1] = columns (a);
  wide_a = gten_geometry_expand (a, n + 2, sizes);
  sizes[n] = rows (b);
  sizes[n + 1] = columns (b);
  wide_b = gten_geometry_expand (b, n + 2, sizes);
  *a_copy = copy_matrices (wide_a, error);
  *b_copy = *a_copy == NULL ? NULL : copy_matrices (wide_b, error);
  return *b_copy != NULL;
}

gboolean
gten_run_solve_triangular (GtenCall *call, GError **error)
{
  GtenTensor *b = call->tensors[1];
  const gboolean upper = call->args[0].i != 0, left = call->args[1].i != 0;
  g_autoptr (GtenTensor) coefficients = NULL, right = NULL, a = NULL, x = NULL, info = NULL, result = NULL;
  GtenKFactorization f;

  if (!check_system ("linalg.solve_triangular", "A", call->tensors[0], b, left, error))
    return FALSE;
  coefficients = left ? g_object_ref (call->tensors[0]) : gten_tensor_mT (call->tensors[0], error);
  right = left ? g_object_ref (b) : gten_tensor_mT (b, error);
  if (!copy_system (coefficients, right, &a, &x, error))
    return FALSE;
  f = factorization (GTEN_K_TRIANGULAR_SOLVE, a);
  f.k = columns (x);
  f.b = gten_data (x);
  f.b_size = rows (x) * f.k;
  f.upper = left ? upper : !upper;
  f.unitriangular = call->args[2].i != 0;
  info = x->numel == 0 ? NULL : factor (call, a, &f, error);
  if (x->numel > 0 && info == NULL)
    return FALSE;
  result = left ? g_object_ref (x) : gten_tensor_mT (x, error);
  return gten_call_give (call, 0, g_steal_pointer (&result), error);
}

/* X of A @ X = B. */
gboolean
gten_run_solve_matrices (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) a = NULL, x = NULL, pivots = NULL, info = NULL;
  GtenKFactorization f;

  if (!copy_system (call->tensors[0], call->tensors[1], &a, &x, error))
    return FALSE;
  pivots = alloc_values (a, GTEN_DTYPE_INT32, rows (a), error);
  if (pivots == NULL)
    return FALSE;
  f = factorization (GTEN_K_SOLVE, a);
  f.k = columns (x);
  f.b = gten_data (x);
  f.b_size = rows (x) * f.k;
  f.pivots = gten_data (pivots);
  info = factor (call, a, &f, error);
  return info != NULL && gten_call_give (call, 0, g_steal_pointer (&x), error)
         && gten_call_give (call, 1, g_steal_pointer (&info), error);
}

/* A vector, or a batch of vectors of A's batch, is a matrix of one column. */
static gboolean
is_vector (GtenTensor *a, GtenTensor *b)
{
  return b->n_dims == 1
         || (a->n_dims == b->n_dims + 1 && memcmp (gten_sizes (a), gten_sizes (b), b->n_dims * sizeof (gint64)) == 0);
}

static GtenTensor *
solve (GtenCall *call, gboolean left, GtenTensor **info, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1];
  const char *op = "linalg.solve";
  g_autoptr (GtenTensor) matrix = NULL, coefficients = NULL, right = NULL, x = NULL, result = NULL;
  gboolean vector;

  if (!check_matrix (op, "A", a, TRUE, error))
    return NULL;
  vector = is_vector (a, b);
  matrix = vector ? gten_tensor_unsqueeze (b, -1, error) : g_object_ref (b);
  if (matrix == NULL || !check_system (op, "A", a, matrix, left, error))
    return NULL;
  coefficients = left ? g_object_ref (a) : gten_tensor_mT (a, error);
  right = left ? g_object_ref (matrix) : gten_tensor_mT (matrix, error);
  x = gten_apply_solve_matrices (coefficients, right, info, error);
  result = left ? gten_ref_or_null (x) : gten_tensor_mT (x, error);
  return vector ? gten_tensor_squeeze_dim (result, -1, error) : g_steal_pointer (&result);
}

gboolean
gten_run_solve (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) info = NULL;
  g_autoptr (GtenTensor) x = solve (call, call->args[0].i != 0, &info, error);

  return x != NULL && check_info (info, "linalg.solve", SINGULAR_SYSTEM, error)
         && gten_call_give (call, 0, g_steal_pointer (&x), error);
}

gboolean
gten_run_solve_ex (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) info = NULL;
  g_autoptr (GtenTensor) x = solve (call, call->args[0].i != 0, &info, error);

  return x != NULL && (!call->args[1].i || check_info (info, "linalg.solve_ex", SINGULAR_SYSTEM, error))
         && gten_call_give (call, 0, g_steal_pointer (&x), error) && gten_call_give (call, 1, g_steal_pointer (&info), error);
}

static GtenTensor *
identity_like (GtenTensor *a, GError **error)
{
  g_autoptr (GtenTensor) one = gten_apply_eye (rows (a), (GtenDtype) a->dtype, a->storage->device,
                                               error);

  return one == NULL ? NULL : gten_geometry_expand (one, a->n_dims, gten_sizes (a));
}

gboolean
gten_run_inv_ex (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) unit = identity_like (call->tensors[0], error), info = NULL;
  g_autoptr (GtenTensor) inverse = gten_apply_solve_matrices (call->tensors[0], unit, &info, error);

  return inverse != NULL && (!call->args[0].i || check_info (info, "linalg.inv_ex", SINGULAR_INVERSE, error))
         && gten_call_give (call, 0, g_steal_pointer (&inverse), error) && gten_call_give (call, 1, g_steal_pointer (&info), error);
}

gboolean
gten_run_inv (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) info = NULL;
  g_autoptr (GtenTensor) inverse = gten_apply_linalg_inv_ex (call->tensors[0], FALSE, &info, error);

  return inverse != NULL && check_info (info, "linalg.inv", SINGULAR_INVERSE, error)
         && gten_call_give (call, 0, g_steal_pointer (&inverse), error);
}

/* -- orthogonal factors -------------------------------------------------------------------------- */

gboolean
gten_run_qr (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const char *mode = call->args[0].s;
  const gboolean complete = g_strcmp0 (mode, "complete") == 0, only_r = g_strcmp0 (mode, "r") == 0;
  g_autoptr (GtenTensor) a = NULL, q = NULL, info = NULL, top = NULL, r = NULL;
  GtenKFactorization f;
  gint64 k;

  if (!complete && !only_r && g_strcmp0 (mode, "reduced") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "qr received unrecognized mode '%s' but expected one of 'reduced' (default), 'r', or 'complete'", mode);
  a = copy_matrices (self, error);
  if (a == NULL)
    return FALSE;
  k = complete ? rows (a) : MIN (rows (a), columns (a));
  q = only_r ? gten_tensor_alloc ((GtenDtype) a->dtype, 1, (const gint64[]) { 0 }, a->storage->device, error)
             : alloc_matrices (a, rows (a), k, error);
  if (q == NULL)
    return FALSE;
  if (a->numel == 0)
    {
      g_autoptr (GtenTensor) unit = only_r ? g_object_ref (q) : identity_like (q, error);

      r = alloc_matrices (a, k, columns (a), error);
      return unit != NULL && r != NULL && gten_copy_elements (q, unit, error)
             && gten_call_give (call, 0, g_steal_pointer (&q), error) && gten_call_give (call, 1, g_steal_pointer (&r), error);
    }
  f = factorization (GTEN_K_QR, a);
  f.k = k;
  f.b = only_r ? NULL : gten_data (q);
  f.b_size = rows (a) * k;
  info = factor (call, a, &f, error);
  top = info == NULL ? NULL : gten_geometry_slice (a, a->n_dims - 2, 0, k, 1);
  r = gten_tensor_triu (top, error);
  return r != NULL && gten_call_give (call, 0, g_steal_pointer (&q), error)
         && gten_call_give (call, 1, g_steal_pointer (&r), error);
}

gboolean
gten_check_qr_backward (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const char *mode = call->args[0].s;
  GtenTensor *q = call->tensors[2], *r = call->tensors[3];

  if (g_strcmp0 (mode, "r") == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, "
                           "mode='reduced') if you are going to differentiate through linalg.qr.");
  if (g_strcmp0 (mode, "complete") == 0 && rows (q) > columns (r))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.");
  return TRUE;
}

/* -- singular values and eigenvalues ------------------------------------------------------------- */

/* U and Vh may be NULL: only the values. */
static gboolean
svd (GtenCall *call, gboolean full, GtenTensor **u, GtenTensor **values, GtenTensor **vh,
     GError **error)
{
  GtenTensor *self = call->tensors[0];
  const gint64 m = rows (self), n = columns (self), r = MIN (m, n);
  g_autoptr (GtenTensor) a = copy_matrices (self, error), info = NULL;
  GtenKFactorization f;

  *values = a == NULL ? NULL : alloc_values (a, (GtenDtype) a->dtype, r, error);
  if (*values == NULL)
    return FALSE;
  if (u != NULL)
    {
      *u = alloc_matrices (a, m, full ? m : r, error);
      *vh = *u == NULL ? NULL : alloc_matrices (a, full ? n : r, n, error);
      if (*vh == NULL)
        return FALSE;
    }
  if (r == 0)
    {
      g_autoptr (GtenTensor) left = u == NULL ? NULL : full ? identity_like (*u, error) : g_object_ref (*u);
      g_autoptr (GtenTensor) right = u == NULL ? NULL : full ? identity_like (*vh, error) : g_object_ref (*vh);

      return u == NULL
             || (gten_copy_elements (*u, left, error) && gten_copy_elements (*vh, right, error));
    }
  f = factorization (GTEN_K_SVD, a);
  f.full = full;
  f.values = gten_data (*values);
  if (u != NULL)
    {
      f.b = gten_data (*u);
      f.b_size = rows (*u) * columns (*u);
      f.c = gten_data (*vh);
      f.c_size = rows (*vh) * columns (*vh);
    }
  info = factor (call, a, &f, error);
  return info != NULL && check_info (info, "linalg.svd", NOT_CONVERGED, error);
}

gboolean
gten_check_svd (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (call->args[call->op->name[strlen (call->op->name) - 1] == 's' ? 0 : 1].given)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.");
  return check_matrix ("linalg.svd", "A", call->tensors[0], FALSE, error)
         && check_floating ("linalg.svd", call->tensors[0], error);
}

gboolean
gten_run_svd (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) u = NULL, values = NULL, vh = NULL;

  return svd (call, call->args[0].i != 0, &u, &values, &vh, error) && gten_call_give (call, 0, g_steal_pointer (&u), error)
         && gten_call_give (call, 1, g_steal_pointer (&values), error) && gten_call_give (call, 2, g_steal_pointer (&vh), error);
}

gboolean
gten_run_svdvals (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) values = NULL;

  return svd (call, FALSE, NULL, &values, NULL, error)
         && gten_call_give (call, 0, g_steal_pointer (&values), error);
}

gboolean
gten_check_eigh (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const char *triangle = call->args[0].s;
  GtenTensor *self = call->tensors[0];

  if (triangle == NULL || strlen (triangle) != 1 || strchr ("LlUu", *triangle) == NULL)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Expected UPLO argument to be 'L' or 'U', but got %s", triangle);
  if (!check_matrix ("linalg.eigh", "A", self, TRUE, error))
    return FALSE;
  if (self->dtype != GTEN_DTYPE_FLOAT32 && self->dtype != GTEN_DTYPE_FLOAT64)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"linalg_eigh_cpu\" not implemented for '%s'",
                           gten_dtype_title ((GtenDtype) self->dtype));
  return TRUE;
}

static gboolean
eigh (GtenCall *call, gboolean vectors, GtenTensor **values, GtenTensor **a, GError **error)
{
  g_autoptr (GtenTensor) info = NULL;
  GtenKFactorization f;

  *a = copy_matrices (call->tensors[0], error);
  *values = *a == NULL ? NULL : alloc_values (*a, (GtenDtype) (*a)->dtype, rows (*a), error);
  if (*values == NULL)
    return FALSE;
  f = factorization (GTEN_K_EIGH, *a);
  f.vectors = vectors;
  f.upper = g_ascii_toupper (*call->args[0].s) == 'U';
  f.values = gten_data (*values);
  info = factor (call, *a, &f, error);
  return info != NULL && check_info (info, "linalg.eigh", NOT_CONVERGED, error);
}

gboolean
gten_run_eigh (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) values = NULL, a = NULL;

  return eigh (call, TRUE, &values, &a, error) && gten_call_give (call, 0, g_steal_pointer (&values), error)
         && gten_call_give (call, 1, g_steal_pointer (&a), error);
}

gboolean
gten_run_eigvalsh (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) values = NULL, a = NULL;

  return eigh (call, FALSE, &values, &a, error)
         && gten_call_give (call, 0, g_steal_pointer (&values), error);
}

/* -- least squares ------------------------------------------------------------------------------- */

static const char *const solvers[] = { "gels", "gelsy", "gelsd", "gelss", NULL };

/* LAPACK refuses numbers that are not finite. */
static gboolean
check_solved (GtenTensor *info, GError **error)
{
  gint64 code = 0;

  if (!gten_read_range (info, &code, NULL, error))
    return FALSE;
  return code >= 0
         || gten_call_fail (error, GTEN_ERROR_VALUE, "torch.linalg.lstsq: The input has elements that are not finite, and no solution");
}

/* The solution, and the sums of squares that remain where each matrix has full rank. */
gboolean
gten_run_lstsq (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *right = call->tensors[1];
  /* As PyTorch does, gels alone where there is nothing else. */
  const char *name = call->args[1].given ? call->args[1].s : self->storage->device == gten_device_get_cpu () ? "gelsy" : "gels";
  const double epsilon = self->dtype == GTEN_DTYPE_FLOAT64 ? 0x1p-52 : 0x1p-23;
  g_autoptr (GtenTensor) a = NULL, wide = NULL, b = NULL, top = NULL, rest = NULL, rank = NULL, values = NULL, info = NULL, residuals = NULL;
  GtenKFactorization f;
  gint64 m, n, smallest = 0;
  guint solver = 0;

  while (solvers[solver] != NULL && g_strcmp0 (solvers[solver], name) != 0)
    solver++;
  if (solvers[solver] == NULL)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)");
  m = rows (self);
  n = columns (self);
  {
    gint64 sizes[GTEN_MAX_DIMS + 2];
    guint n_dims;
    g_autoptr (GtenTensor) wide_a = NULL, place = NULL;

    if (!gten_shape_broadcast (self->n_dims - 2, gten_sizes (self), right->n_dims - 2,
                               gten_sizes (right), &n_dims, sizes, error))
      return FALSE;
    sizes[n_dims] = m;
    sizes[n_dims + 1] = n;
    wide_a = gten_geometry_expand (self, n_dims + 2, sizes);
    sizes[n_dims + 1] = columns (right);
    wide = gten_geometry_expand (right, n_dims + 2, sizes);
    a = copy_matrices (wide_a, error);
    b = a == NULL ? NULL : alloc_matrices (a, MAX (m, n), columns (right), error);
    if (b == NULL || !gten_fill_elements (b, gten_scalar_int (0), error))
      return FALSE;
    place = gten_geometry_slice (b, b->n_dims - 2, 0, m, 1);
    if (!gten_copy_elements (place, wide, error))
      return FALSE;
  }
  rank = solver == GTEN_K_GELS ? gten_tensor_alloc (GTEN_DTYPE_INT64, 1, (const gint64[]) { 0 }, a->storage->device, error)
                               : alloc_values (a, GTEN_DTYPE_INT32, -1, error);
  values = solver == GTEN_K_GELSD || solver == GTEN_K_GELSS
               ? alloc_values (a, (GtenDtype) a->dtype, MIN (m, n), error)
               : gten_tensor_alloc ((GtenDtype) a->dtype, 1, (const gint64[]) { 0 }, a->storage->device, error);
  if (rank == NULL || values == NULL || !gten_fill_elements (rank, gten_scalar_int (0), error))
    return FALSE;
  f = factorization (GTEN_K_LEAST_SQUARES, a);
  f.k = columns (right);
  f.b = gten_data (b);
  f.b_size = rows (b) * f.k;
  f.solver = (GtenKSolver) solver;
  f.rank = solver == GTEN_K_GELS ? NULL : gten_data (rank);
  f.values = values->numel > 0 ? gten_data (values) : NULL;
  f.rcond = call->args[0].given && !isnan (call->args[0].f) ? call->args[0].f : epsilon * (double) MAX (m, n);
  if (m > 0 && n > 0 && f.k > 0)
    {
      info = factor (call, a, &f, error);
      if (info == NULL || !check_solved (info, error))
        return FALSE;
    }
  if (solver != GTEN_K_GELS)
    {
      g_autoptr (GtenTensor) wide_rank = gten_cast (rank, GTEN_DTYPE_INT64, error);

      g_set_object (&rank, wide_rank);
      if (!gten_read_range (rank, &smallest, NULL, error))
        return FALSE;
    }
  top = gten_geometry_slice (b, b->n_dims - 2, 0, n, 1);
  if (m > n && solver != GTEN_K_GELSY && (solver == GTEN_K_GELS || smallest == n))
    {
      rest = gten_geometry_slice (b, b->n_dims - 2, n, m - n, 1);
      g_autoptr (GtenTensor) squares = gten_tensor_square (rest, error);

      residuals = gten_apply_sum (squares, (const gint64[]) { -2 }, 1, FALSE, GTEN_DTYPE_NONE,
                                  error);
    }
  else
    residuals = gten_tensor_alloc ((GtenDtype) a->dtype, 1, (const gint64[]) { 0 },
                                   a->storage->device, error);
  return residuals != NULL && gten_call_give (call, 0, g_steal_pointer (&top), error)
         && gten_call_give (call, 1, g_steal_pointer (&residuals), error) && gten_call_give (call, 2, g_steal_pointer (&rank), error)
         && gten_call_give (call, 3, g_steal_pointer (&values), error);
}

/* -- an older name ------------------------------------------------------------------------------- */

gboolean
gten_run_triangular_solve (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[1];
  const gboolean upper = call->args[0].i != 0, transpose = call->args[1].i != 0, unitriangular = call->args[2].i != 0;
  g_autoptr (GtenTensor) turned = NULL;

  if (call->tensors[0]->n_dims < 2 || a->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "torch.triangular_solve: Expected %s to have at least 2 dimensions, but it has %u "
                           "dimensions instead", a->n_dims < 2 ? "A" : "b", a->n_dims < 2 ? a->n_dims : call->tensors[0]->n_dims);
  turned = transpose ? gten_tensor_transpose (a, -2, -1, error) : g_object_ref (a);
  return gten_call_give (call, 0, gten_apply_linalg_solve_triangular (turned, call->tensors[0], upper != transpose, TRUE, unitriangular, error),
                         error)
         && gten_call_give (call, 1, gten_tensor_clone (a, error), error);
}
