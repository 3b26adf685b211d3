/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Powers and products of matrices and what rows over matrices refuse; composed of other
 * operations. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

/* -- checks -------------------------------------------------------------------------------------- */

gboolean
gten_check_cholesky_solve (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *b = call->tensors[0], *a = call->tensors[1];

  if (b->n_dims < 2 || a->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s should have at least 2 dimensions, but has %u dimensions instead",
                           b->n_dims < 2 ? "b" : "u", b->n_dims < 2 ? b->n_dims : a->n_dims);
  if (gten_size (a, a->n_dims - 1) != gten_size (a, a->n_dims - 2))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "A must be batches of square matrices, but they are %" G_GINT64_FORMAT " by %" G_GINT64_FORMAT
                           " matrices", gten_size (a, a->n_dims - 2), gten_size (a, a->n_dims - 1));
  if (gten_size (a, a->n_dims - 1) != gten_size (b, b->n_dims - 2))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Incompatible matrix sizes for cholesky_solve: each A matrix is %" G_GINT64_FORMAT " by %" G_GINT64_FORMAT
                           " but each b matrix is %" G_GINT64_FORMAT " by %" G_GINT64_FORMAT, gten_size (a, a->n_dims - 1),
                           gten_size (a, a->n_dims - 1), gten_size (b, b->n_dims - 2), gten_size (b, b->n_dims - 1));
  return TRUE;
}

gboolean
gten_check_vecdot (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *x = call->tensors[0], *y = call->tensors[1];

  if (x->dtype != y->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "linalg.vecdot: Expected x and y to have the same dtype, but found x of type %s and y of type %s instead",
                           gten_dtype_title ((GtenDtype) x->dtype), gten_dtype_title ((GtenDtype) y->dtype));
  if (x->n_dims == 1 && y->n_dims == 1 && x->numel != y->numel)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "inconsistent tensor size, expected tensor [%" G_GINT64_FORMAT "] and src [%" G_GINT64_FORMAT
                           "] to have the same number of elements, but got %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
                           " elements respectively", x->numel, y->numel, x->numel, y->numel);
  return TRUE;
}

gboolean
gten_check_lu_solve (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *lu = call->tensors[0], *pivots = call->tensors[1], *b = call->tensors[2];
  const gboolean left = call->args[0].i != 0;
  gint64 rows, columns;

  if (lu->dtype != b->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type %s and B of type %s instead",
                           gten_dtype_title ((GtenDtype) lu->dtype), gten_dtype_title ((GtenDtype) b->dtype));
  if (pivots->dtype != GTEN_DTYPE_INT32)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32");
  if (lu->n_dims < 2 || b->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "linalg.lu_solve: The input tensor %s must have at least 2 dimensions.",
                           lu->n_dims < 2 ? "LU" : "B");
  rows = gten_size (b, b->n_dims - 2);
  columns = gten_size (b, b->n_dims - 1);
  if (gten_size (lu, lu->n_dims - 2) != gten_size (lu, lu->n_dims - 1))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.linalg.lu_solve: A must be batches of square matrices, but they are %" G_GINT64_FORMAT " by %"
                           G_GINT64_FORMAT " matrices", gten_size (lu, lu->n_dims - 2), gten_size (lu, lu->n_dims - 1));
  if (gten_size (lu, lu->n_dims - 1) != (left ? rows : columns))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "linalg.lu_solve: Incompatible shapes of A and B for the equation %s (%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT
                           " and %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT ")", left ? "AX = B" : "XA = B", gten_size (lu, lu->n_dims - 2),
                           gten_size (lu, lu->n_dims - 1), rows, columns);
  if (pivots->n_dims == 0
      || gten_size (pivots, pivots->n_dims - 1) != gten_size (lu, lu->n_dims - 1))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix");
  return TRUE;
}

gboolean
gten_check_pinv (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autofree char *sizes = NULL;

  if (self->n_dims >= 2 && (self->dtype == GTEN_DTYPE_FLOAT32 || self->dtype == GTEN_DTYPE_FLOAT64))
    return TRUE;
  sizes = gten_shape_to_string (self->n_dims, gten_sizes (self));
  return gten_call_fail (error, GTEN_ERROR_SHAPE,
                         "linalg.pinv(%s{%s}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types",
                         gten_dtype_title ((GtenDtype) self->dtype), sizes);
}

gboolean
gten_check_rank (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions.");
  if (self->dtype != GTEN_DTYPE_FLOAT32 && self->dtype != GTEN_DTYPE_FLOAT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "This function doesn't handle types other than float and double");
  return TRUE;
}

gboolean
gten_check_matrix_exp (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "linalg.matrix_exp: The input tensor A must have at least 2 dimensions.");
  if (gten_size (self, self->n_dims - 2) != gten_size (self, self->n_dims - 1))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "linalg.matrix_exp: A must be batches of square matrices, but they are %" G_GINT64_FORMAT " by %"
                           G_GINT64_FORMAT " matrices", gten_size (self, self->n_dims - 2), gten_size (self, self->n_dims - 1));
  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "linalg.matrix_exp: Expected a floating point or complex tensor as input. Got %s",
                           gten_dtype_title ((GtenDtype) self->dtype));
  return TRUE;
}

gboolean
gten_check_cross (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1];
  int dim;

  if (a->dtype != b->dtype)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "expected scalar type %s but found %s", gten_dtype_title ((GtenDtype) a->dtype),
                           gten_dtype_title ((GtenDtype) b->dtype));
  if (a->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"cross\" not implemented for 'Bool'");
  if (a->n_dims != b->n_dims)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "linalg.cross: inputs must have the same number of dimensions.");
  dim = gten_wrap_dim (call->args[0].i, a->n_dims, error);
  if (dim < 0)
    return FALSE;
  if (a->n_dims == 0 || gten_size (a, dim) != 3 || gten_size (b, dim) != 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "linalg.cross: inputs dimension %" G_GINT64_FORMAT " must have length 3. Got %" G_GINT64_FORMAT
                           " and %" G_GINT64_FORMAT, call->args[0].i, a->n_dims == 0 ? 1 : gten_size (a, dim),
                           a->n_dims == 0 ? 1 : gten_size (b, dim));
  return TRUE;
}

gboolean
gten_run_cross (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0];
  gint64 dim = call->args[0].i;

  if (!call->args[0].given)
    {
      for (dim = 0; dim < a->n_dims && gten_size (a, dim) != 3; dim++)
        ;
      if (dim == a->n_dims && a->n_dims == call->tensors[1]->n_dims)
        return gten_call_fail (error, GTEN_ERROR_SHAPE, "no dimension of size 3 in input");
    }
  return gten_call_give (call, 0, gten_apply_linalg_cross (a, call->tensors[1], dim, error), error);
}

/* -- determinants -------------------------------------------------------------------------------- */

gboolean
gten_run_det_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *det = call->tensors[1], *a = call->tensors[2];
  g_autoptr (GtenTensor) singular = NULL, n_singular = NULL, factor = NULL, column = NULL, wide = NULL, inverse = NULL, turned = NULL;
  gint64 n;

  singular = gten_tensor_eq_scalar (det, GTEN_VALUE (0), error);
  n_singular = gten_tensor_sum (singular, error);
  if (n_singular == NULL || !gten_read_int (n_singular, &n, error))
    return FALSE;
  factor = n > 0 ? g_object_ref (grad) : gten_tensor_mul (grad, det, error);
  column = gten_tensor_unsqueeze (factor, -1, error);
  wide = gten_tensor_unsqueeze (column, -1, error);
  if (n > 0)
    turned = gten_apply_det_adjugate (a, error);
  else
    {
      inverse = gten_apply_linalg_inv (a, error);
      turned = gten_tensor_mT (inverse, error);
    }
  return gten_call_give (call, 0, gten_tensor_mul (wide, turned, error), error);
}

gboolean
gten_run_svd_with_v (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) values = NULL, u = NULL, vh = NULL, v = NULL;

  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "linalg.svd: input should have at least 2 dimensions, but has %u dimensions instead",
                           self->n_dims);
  if (call->args[1].i)
    {
      u = gten_apply_linalg_svd (self, !call->args[0].i, NULL, &values, &vh, error);
      v = gten_tensor_mT (vh, error);
    }
  else
    {
      values = gten_apply_linalg_svdvals (self, NULL, error);
      if (values == NULL)
        return FALSE;
      for (guint i = 0; i < 2; i++)
        {
          gint64 sizes[GTEN_MAX_DIMS];

          memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
          sizes[self->n_dims - 2] = sizes[self->n_dims - 1] = gten_size (self, self->n_dims - 2 + i);
          *(i == 0 ? &u : &v) = gten_apply_new_zeros (self, sizes, self->n_dims, GTEN_DTYPE_NONE, NULL, error);
        }
    }
  return u != NULL && v != NULL && gten_call_give (call, 0, g_steal_pointer (&u), error)
         && gten_call_give (call, 1, g_steal_pointer (&values), error) && gten_call_give (call, 2, g_steal_pointer (&v), error);
}

/* -- least squares ------------------------------------------------------------------------------- */

gboolean
gten_run_linalg_lstsq (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1];
  g_autoptr (GtenTensor) matrix = NULL, x = NULL, residuals = NULL, rank = NULL, values = NULL;
  gboolean vector;

  if (a->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.linalg.lstsq: input must have at least 2 dimensions.");
  if (b->n_dims < 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.linalg.lstsq: other must have at least 1 dimension.");
  if (a->dtype != b->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "torch.linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype %s and other's "
                           "dtype %s", gten_dtype_title ((GtenDtype) a->dtype), gten_dtype_title ((GtenDtype) b->dtype));
  if (a->dtype != GTEN_DTYPE_FLOAT32 && a->dtype != GTEN_DTYPE_FLOAT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "This function doesn't handle types other than float and double");
  vector = a->n_dims - 1 == b->n_dims && memcmp (gten_sizes (a), gten_sizes (b), b->n_dims * sizeof (gint64)) == 0;
  if (!vector && b->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.linalg.lstsq: input.size(-2) should match other.size(-1)");
  if (!vector && gten_size (a, a->n_dims - 2) != gten_size (b, b->n_dims - 2))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.linalg.lstsq: input.size(-2) should match other.size(-2)");
  matrix = vector ? gten_tensor_unsqueeze (b, -1, error) : g_object_ref (b);
  x = gten_apply_lstsq (a, matrix, call->args[0].given ? call->args[0].f : NAN, call->args[1].given ? call->args[1].s : NULL, &residuals,
                        &rank, &values, error);
  if (x == NULL)
    return FALSE;
  return gten_call_give (call, 0, vector ? gten_tensor_squeeze_dim (x, -1, error) : g_steal_pointer (&x), error)
         && gten_call_give (call, 1, g_steal_pointer (&residuals), error) && gten_call_give (call, 2, g_steal_pointer (&rank), error)
         && gten_call_give (call, 3, g_steal_pointer (&values), error);
}

/* -- powers -------------------------------------------------------------------------------------- */

static GtenTensor *
unit_matrix (GtenTensor *self, GError **error)
{
  g_autoptr (GtenTensor) one = gten_apply_eye (gten_size (self, self->n_dims - 1),
                                               (GtenDtype) self->dtype, self->storage->device,
                                               error);
  g_autoptr (GtenTensor) wide = gten_tensor_expand (one, gten_sizes (self), self->n_dims, error);

  return gten_tensor_clone (wide, error);
}

gboolean
gten_run_matrix_power (GtenCall *call, GError **error)
{
  gint64 n = call->args[0].i;
  g_autoptr (GtenTensor) square = NULL, power = NULL;

  if (n == 0)
    {
      /* The copy keeps the input in the history, with a gradient of zeros. */
      g_autoptr (GtenTensor) copy = gten_tensor_clone (call->tensors[0], error), unit = unit_matrix (call->tensors[0], error);

      return gten_tensor_copy_ (copy, unit, error) != NULL && gten_call_give (call, 0, g_steal_pointer (&copy), error);
    }
  square = n < 0 ? gten_apply_linalg_inv (call->tensors[0], error) : g_object_ref (call->tensors[0]);
  for (guint64 rest = n < 0 ? -(guint64) n : (guint64) n; rest > 0 && square != NULL; rest >>= 1)
    {
      GtenTensor *next;

      if (rest & 1)
        {
          next = power == NULL ? g_object_ref (square) : gten_tensor_matmul (power, square, error);
          g_clear_object (&power);
          power = next;
          if (power == NULL)
            return FALSE;
        }
      if (rest == 1)
        break;
      next = gten_tensor_matmul (square, square, error);
      g_object_unref (square);
      square = next;
    }
  if (square == NULL)
    return FALSE;
  return gten_call_give (call, 0, power == call->tensors[0] ? gten_tensor_clone (power, error) : g_steal_pointer (&power), error);
}

/* The rational approximation of degree 13 after scaling to a norm of at most 5.37, and squaring
 * back; see Higham, "The scaling and squaring method for the matrix exponential revisited", 2005.
 * Each matrix of a batch is squared as often as its own norm asks. */
static GtenTensor *
polynomial (GtenTensor *const powers[4], const double *coefficients, GError **error)
{
  g_autoptr (GtenTensor) sum = NULL;

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GtenTensor) term = gten_tensor_mul_scalar (powers[i],
                                                            GTEN_VALUE (coefficients[2 * i]),
                                                            error);
      GtenTensor *next = i == 0 ? g_steal_pointer (&term) : gten_tensor_add (sum, term, error);

      g_clear_object (&sum);
      sum = next;
    }
  return g_steal_pointer (&sum);
}

static GtenTensor *
scaled_exponential (GtenTensor *a, GError **error)
{
  static const double b[]
      = { 64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800,
          33522128640, 1323241920, 40840800, 960960, 16380, 182, 1 };
  static const double none_then[] = { 0, 0, 0, 0, 0, 0, 0 };
  g_autoptr (GtenTensor) one = unit_matrix (a, error), a2 = gten_tensor_matmul (a, a, error), a4 = gten_tensor_matmul (a2, a2, error),
                         a6 = gten_tensor_matmul (a4, a2, error);
  GtenTensor *const powers[] = { one, a2, a4, a6 };
  double high_odd[7], high_even[7];
  g_autoptr (GtenTensor) odd_low = NULL, odd_high = NULL, odd_top = NULL, odd = NULL, u = NULL, even_low = NULL, even_high = NULL,
                         even_top = NULL, v = NULL, above = NULL, below = NULL;

  memcpy (high_odd, none_then, sizeof none_then);
  memcpy (high_even, none_then, sizeof none_then);
  for (guint i = 1; i < 4; i++)
    {
      high_odd[2 * i] = b[7 + 2 * i];
      high_even[2 * i] = b[6 + 2 * i];
    }
  odd_low = polynomial (powers, b + 1, error);
  odd_high = polynomial (powers, high_odd, error);
  odd_top = gten_tensor_matmul (a6, odd_high, error);
  odd = gten_tensor_add (odd_top, odd_low, error);
  u = gten_tensor_matmul (a, odd, error);
  even_low = polynomial (powers, b, error);
  even_high = polynomial (powers, high_even, error);
  even_top = gten_tensor_matmul (a6, even_high, error);
  v = gten_tensor_add (even_top, even_low, error);
  above = gten_tensor_add (v, u, error);
  below = gten_tensor_sub (v, u, error);
  if (below == NULL)
    return NULL;
  {
    g_autoptr (GtenTensor) info = NULL;

    return gten_apply_solve_matrices (below, above, &info, error);
  }
}

gboolean
gten_run_matrix_exp (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenDtype dtype = (GtenDtype) self->dtype;
  const GtenDtype wide = dtype == GTEN_DTYPE_FLOAT64 ? GTEN_DTYPE_FLOAT64 : GTEN_DTYPE_FLOAT32;
  g_autoptr (GtenTensor) a = gten_cast (self, wide, error), norm = NULL, ratio = NULL, exponent = NULL, up = NULL, times = NULL, most = NULL,
                         column = NULL, square = NULL, factor = NULL, scaled = NULL, result = NULL;
  gint64 n = 0;

  if (a == NULL)
    return FALSE;
  if (self->numel == 0)
    return gten_call_give (call, 0, gten_tensor_clone (self, error), error);
  norm = gten_apply_linalg_matrix_norm (a, gten_scalar_int (1), (const gint64[]) { -2, -1 }, 2,
                                        FALSE, GTEN_DTYPE_NONE, error);
  ratio = gten_tensor_div_scalar (norm, GTEN_VALUE (5.371920351148152), error);
  exponent = gten_tensor_log2 (ratio, error);
  up = gten_tensor_ceil (exponent, error);
  times = gten_apply_clamp (up, &(const GtenScalar) { .kind = GTEN_SCALAR_INT, .i = 0 },
                            &(const GtenScalar) { .kind = GTEN_SCALAR_INT, .i = 1100 }, error);
  most = gten_tensor_max (times, error);
  if (most == NULL)
    return FALSE;
  {
    g_auto (GValue) number = G_VALUE_INIT;
    GtenScalar value;

    if (!gten_tensor_item (most, &number, error)
        || !gten_scalar_from_value (&number, &value, error))
      return FALSE;
    n = isnan (gten_scalar_to_double (&value)) ? 0 : gten_scalar_to_int (&value);
  }
  column = gten_tensor_unsqueeze (times, -1, error);
  square = gten_tensor_unsqueeze (column, -1, error);
  factor = gten_tensor_exp2 (square, error);
  scaled = gten_tensor_div (a, factor, error);
  result = scaled == NULL ? NULL : scaled_exponential (scaled, error);
  for (gint64 i = 0; i < n && result != NULL; i++)
    {
      g_autoptr (GtenTensor) product = gten_tensor_matmul (result, result, error);
      g_autoptr (GtenTensor) more = gten_tensor_gt_scalar (square, GTEN_VALUE ((double) i), error);
      GtenTensor *next = gten_apply_where (more, product, result, error);

      g_object_unref (result);
      result = next;
    }
  return result != NULL && gten_call_give (call, 0, gten_cast (result, dtype, error), error);
}

/* -- chains and tensors -------------------------------------------------------------------------- */

/* The product of matrices i to j, split where `split` says. */
static GtenTensor *
chain (GtenTensor *const *matrices, const guint *split, guint n, guint i, guint j, GError **error)
{
  g_autoptr (GtenTensor) left = NULL, right = NULL;

  if (i == j)
    return g_object_ref (matrices[i]);
  left = chain (matrices, split, n, i, split[i * n + j], error);
  right = left == NULL ? NULL : chain (matrices, split, n, split[i * n + j] + 1, j, error);
  return gten_tensor_mm (left, right, error);
}

/* The cheapest order of products; Cormen et al., "Introduction to Algorithms", matrix-chain
 * multiplication. */
static GtenTensor *
cheapest_chain (GtenTensor *const *matrices, guint n, GError **error)
{
  g_autofree double *cost = g_try_new0 (double, (gsize) n * n);
  g_autofree guint *split = g_try_new0 (guint, (gsize) n * n);

  if (cost == NULL || split == NULL)
    {
      gten_call_fail (error, GTEN_ERROR_MEMORY, "multi_dot(): out of memory");
      return NULL;
    }
  for (guint length = 1; length < n; length++)
    for (guint i = 0; i + length < n; i++)
      {
        const guint j = i + length;

        cost[i * n + j] = INFINITY;
        for (guint k = i; k < j; k++)
          {
            const double sum = cost[i * n + k] + cost[(k + 1) * n + j]
                               + (double) gten_size (matrices[i], 0) * (double) gten_size (matrices[k], 1) * (double) gten_size (matrices[j], 1);

            if (sum < cost[i * n + j])
              {
                cost[i * n + j] = sum;
                split[i * n + j] = k;
              }
          }
      }
  return chain (matrices, split, n, 0, n - 1, error);
}

gboolean
gten_run_multi_dot (GtenCall *call, GError **error)
{
  const guint n = call->n_tensors;
  g_autoptr (GPtrArray) matrices = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtenTensor) product = NULL;
  gboolean row = FALSE, column = FALSE;

  if (n < 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "multi_dot(): expected at least 2 tensors but got %u", n);
  for (guint i = 0; i < n; i++)
    {
      GtenTensor *tensor = call->tensors[i], *matrix;
      const gboolean end = i == 0 || i == n - 1;

      if (tensor->n_dims != 2 && !(end && tensor->n_dims == 1))
        return end ? gten_call_fail (error, GTEN_ERROR_SHAPE, "multi_dot(): the %s tensor must be 1D or 2D but got %uD",
                                     i == 0 ? "first" : "last", tensor->n_dims)
                   : gten_call_fail (error, GTEN_ERROR_SHAPE, "multi_dot(): tensor %u must be 2D but got %uD", i, tensor->n_dims);
      if (tensor->dtype != call->tensors[0]->dtype)
        return gten_call_fail (error, GTEN_ERROR_DTYPE,
                               "multi_dot(): all tensors must have be the same dtype but tensor 0 is %s and tensor %u %s",
                               gten_dtype_c_name ((GtenDtype) call->tensors[0]->dtype), i, gten_dtype_c_name ((GtenDtype) tensor->dtype));
      row |= i == 0 && tensor->n_dims == 1;
      column |= i == n - 1 && tensor->n_dims == 1;
      matrix = tensor->n_dims == 2 ? g_object_ref (tensor) : gten_tensor_unsqueeze (tensor, i == 0 ? 0 : 1, error);
      if (matrix == NULL)
        return FALSE;
      g_ptr_array_add (matrices, matrix);
      if (i > 0)
        {
          GtenTensor *before = matrices->pdata[i - 1];

          if (gten_size (before, 1) != gten_size (matrix, 0))
            {
              g_autofree char *a = gten_shape_to_string (before->n_dims, gten_sizes (before));
              g_autofree char *b = gten_shape_to_string (matrix->n_dims, gten_sizes (matrix));

              return gten_call_fail (error, GTEN_ERROR_SHAPE, "multi_dot(): tensors %u and %u with shapes %s and %s cannot be multiplied",
                                     i - 1, i, a, b);
            }
        }
    }
  product = cheapest_chain ((GtenTensor *const *) matrices->pdata, n, error);
  if (product == NULL)
    return FALSE;
  if (column)
    {
      g_autoptr (GtenTensor) narrow = gten_tensor_squeeze_dim (product, 1, error);

      g_set_object (&product, narrow);
    }
  if (row && product != NULL)
    {
      g_autoptr (GtenTensor) narrow = gten_tensor_squeeze_dim (product, 0, error);

      g_set_object (&product, narrow);
    }
  return gten_call_give (call, 0, g_steal_pointer (&product), error);
}

gboolean
gten_run_tensorinv (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const gint64 ind = call->args[0].i;
  gint64 before = 1, after = 1, sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) matrix = NULL, inverse = NULL;
  guint n = 0;

  if (ind <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Expected a strictly positive integer for 'ind', but got %" G_GINT64_FORMAT, ind);
  for (guint i = 0; i < self->n_dims; i++)
    *(i < ind ? &before : &after) *= gten_size (self, i);
  if (before != after)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got %"
                           G_GINT64_FORMAT " != %" G_GINT64_FORMAT, after, before);
  for (gint64 i = ind; i < self->n_dims; i++)
    sizes[n++] = gten_size (self, i);
  for (gint64 i = 0; i < MIN (ind, self->n_dims); i++)
    sizes[n++] = gten_size (self, i);
  matrix = gten_tensor_reshape (self, (const gint64[]) { before, after }, 2, error);
  inverse = gten_apply_linalg_inv (matrix, error);
  return gten_call_give (call, 0, gten_tensor_reshape (inverse, sizes, n, error), error);
}

gboolean
gten_run_tensorsolve (GtenCall *call, GError **error)
{
  GtenTensor *b = call->tensors[1];
  const GtenArg *dims = &call->args[0];
  gint64 before = 1, after = 1, destination[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) a = NULL, matrix = NULL, vector = NULL, x = NULL;

  for (gsize i = 0; dims->given && i < MIN (dims->n, GTEN_MAX_DIMS); i++)
    destination[i] = (gint64) i - (gint64) dims->n;
  a = dims->given ? gten_tensor_movedim (call->tensors[0], dims->ints, dims->n, destination, MIN (dims->n, GTEN_MAX_DIMS), error)
                  : g_object_ref (call->tensors[0]);
  if (a == NULL)
    return FALSE;
  for (guint i = 0; i < a->n_dims; i++)
    *(i < b->n_dims ? &before : &after) *= gten_size (a, i);
  if (before != after || b->n_dims > a->n_dims || before != b->numel)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but "
                           "got %" G_GINT64_FORMAT " != %" G_GINT64_FORMAT, after, before);
  matrix = gten_tensor_reshape (a, (const gint64[]) { after, after }, 2, error);
  vector = gten_tensor_flatten (b, error);
  x = gten_apply_linalg_solve (matrix, vector, TRUE, error);
  return gten_call_give (call, 0, gten_tensor_reshape (x, gten_sizes (a) + b->n_dims, a->n_dims - b->n_dims, error), error);
}

gboolean
gten_run_vander (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) x = call->tensors[0]->n_dims > 0 ? g_object_ref (call->tensors[0]) : gten_tensor_unsqueeze (call->tensors[0], 0, error);
  const gint64 n = call->args[0].given && call->args[0].i != GTEN_NONE ? call->args[0].i : gten_size (x, x->n_dims - 1);
  const GtenDtype dtype = gten_is_floating (x) ? (GtenDtype) x->dtype : GTEN_DTYPE_INT64;
  gint64 sizes[GTEN_MAX_DIMS + 1];
  g_autoptr (GtenTensor) column = NULL, wide = NULL, powers = NULL, ones = NULL;

  if (n <= 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "N must be greater than 1.");
  memcpy (sizes, gten_sizes (x), x->n_dims * sizeof *sizes);
  sizes[x->n_dims] = n - 1;
  column = gten_tensor_unsqueeze (x, -1, error);
  wide = gten_tensor_expand (column, sizes, x->n_dims + 1, error);
  powers = gten_apply_cumprod (wide, -1, GTEN_DTYPE_NONE, error);
  sizes[x->n_dims] = 1;
  ones = gten_apply_new_ones (x, sizes, x->n_dims + 1, dtype, NULL, error);
  if (powers == NULL || ones == NULL)
    return FALSE;
  return gten_call_give (call, 0, gten_apply_cat ((GtenTensor *[]) { ones, powers }, 2, -1, error),
                         error);
}
