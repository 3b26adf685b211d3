/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Products: vectors are matrices of one row or column, matrices batches of one. */
#include "device/gten-cuda-private.h"
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

/* -- one kernel -------------------------------------------------------------------------------- */

/* c = alpha * a @ b + beta * c, on views of three dimensions: batch, rows, columns. */
static gboolean
multiply (GtenTensor *c, GtenTensor *a, GtenTensor *b, double alpha, double beta, const char *op,
          GError **error)
{
  GtenKMatmul matmul = { .dtype = (GtenKDtype) c->dtype,
                         .tf32 = gten_cuda_allows_tf32 (),
                         .batch = gten_size (c, 0),
                         .m = gten_size (c, 1),
                         .n = gten_size (c, 2),
                         .k = gten_size (a, 2),
                         .a = gten_data (a),
                         .b = gten_data (b),
                         .c = gten_data (c),
                         .alpha = alpha,
                         .beta = beta };

  if (c->numel == 0)
    return TRUE;
  if (matmul.k == 0)
    {
      g_autoptr (GtenWrapped) factor = gten_wrap (
          gten_is_floating (c) ? gten_scalar_float (beta) : gten_scalar_int ((gint64) beta));

      return beta == 0 ? gten_fill_elements (c, gten_scalar_int (0), error)
                       : gten_tensor_mul_ (c, factor, error) != NULL;
    }
  memcpy (matmul.a_strides, gten_strides (a), sizeof matmul.a_strides);
  memcpy (matmul.b_strides, gten_strides (b), sizeof matmul.b_strides);
  memcpy (matmul.c_strides, gten_strides (c), sizeof matmul.c_strides);
  return GTEN_KERNEL (c, op, error, NULL, matmul, &matmul);
}

/* A vector or matrix as a batch: which of [batch, rows, columns] its dimensions are, the others
 * being one. */
static GtenTensor *
as_batch (GtenTensor *self, int batch, int rows, int columns)
{
  const int dims[3] = { batch, rows, columns };
  gint64 sizes[3], strides[3];

  for (guint i = 0; i < 3; i++)
    {
      sizes[i] = dims[i] < 0 ? 1 : gten_size (self, dims[i]);
      strides[i] = dims[i] < 0 ? (i == 0 ? 0 : 1) : gten_stride (self, dims[i]);
    }
  return gten_geometry (self, 3, sizes, strides, self->offset);
}

static gboolean
check_dtypes (GtenTensor *a, GtenTensor *b, GError **error)
{
  if (a->dtype != b->dtype)
    return gten_call_fail (
        error, GTEN_ERROR_DTYPE, "expected m1 and m2 to have the same dtype, but got: %s != %s",
        gten_dtype_c_name ((GtenDtype) a->dtype), gten_dtype_c_name ((GtenDtype) b->dtype));
  if (a->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "\"addmm_impl_cpu_\" not implemented for 'Bool'");
  return TRUE;
}

static gboolean
check_matrices (const char *op, GtenTensor *a, GtenTensor *b, GError **error)
{
  if (a->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s: self must be a matrix, got %u-D tensor",
                           op, a->n_dims);
  if (b->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s: mat2 must be a matrix, got %u-D tensor",
                           op, b->n_dims);
  if (gten_size (a, 1) != gten_size (b, 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "%s: mat1 and mat2 shapes cannot be multiplied (%" G_GINT64_FORMAT
                           "x%" G_GINT64_FORMAT " and %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT ")",
                           op, gten_size (a, 0), gten_size (a, 1), gten_size (b, 0),
                           gten_size (b, 1));
  return check_dtypes (a, b, error);
}

/* A product with a vector, to which `self` is added. */
static gboolean
check_vector_dtypes (GtenTensor *self, GtenTensor *a, GtenTensor *x, GError **error)
{
  if (self->dtype != a->dtype || a->dtype != x->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "addmv input tensors must have the same dtype, but got %s, %s, and %s",
                           gten_dtype_title ((GtenDtype) self->dtype),
                           gten_dtype_title ((GtenDtype) a->dtype),
                           gten_dtype_title ((GtenDtype) x->dtype));
  return check_dtypes (a, x, error);
}

/* Result 0 holding self, broadcast to `sizes`, for what is added to it. beta = 0 means that it does
 * not count. */
static GtenTensor *
result_to_add_to (GtenCall *call, guint n_dims, const gint64 *sizes, double beta, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  guint n_common;
  gint64 common[GTEN_MAX_DIMS];

  if (!gten_shape_broadcast (n_dims, sizes, self->n_dims, gten_sizes (self), &n_common, common,
                             NULL)
      || n_common != n_dims || memcmp (common, sizes, n_dims * sizeof *sizes) != 0
      || (call->in_place
          && (self->n_dims != n_dims
              || memcmp (gten_sizes (self), sizes, n_dims * sizeof *sizes) != 0)))
    {
      g_autofree char *own = gten_shape_to_string (self->n_dims, gten_sizes (self)),
                      *target = gten_shape_to_string (n_dims, sizes);

      if (self->n_dims > n_dims)
        gten_call_fail (error, GTEN_ERROR_SHAPE,
                        "expand(torch.%sTensor{%s}, size=%s): the number of sizes provided (%u) "
                        "must be greater or equal to the number of "
                        "dimensions in the tensor (%u)",
                        gten_dtype_title ((GtenDtype) self->dtype), own, target, n_dims,
                        self->n_dims);
      else
        for (guint i = 0; i < n_dims; i++)
          {
            int source = (int) i - (int) (n_dims - self->n_dims);

            if (source >= 0 && gten_size (self, source) != sizes[i]
                && (gten_size (self, source) != 1 || call->in_place))
              {
                gten_call_fail (
                    error, GTEN_ERROR_SHAPE,
                    "The expanded size of the tensor (%" G_GINT64_FORMAT
                    ") must match the existing size (%" G_GINT64_FORMAT
                    ") at non-singleton dimension %u.  Target sizes: %s.  Tensor sizes: %s",
                    sizes[i], gten_size (self, source), i, target, own);
                return NULL;
              }
          }
      if (self->n_dims < n_dims)
        gten_call_fail (error, GTEN_ERROR_SHAPE,
                        "output with shape %s doesn't match the broadcast shape %s", own, target);
      return NULL;
    }
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, n_dims, sizes, error);
  if (result == NULL || call->in_place || beta == 0)
    return result;
  return gten_copy_elements (result, self, error) ? result : NULL;
}

/* In integer products the factors count as integers. */
static void
read_factors (GtenCall *call, double *beta, double *alpha)
{
  const GtenScalar *scalars[] = { &call->args[0].scalar, &call->args[1].scalar };
  const gboolean floating = gten_is_floating (call->tensors[0]);

  *beta = floating ? gten_scalar_to_double (scalars[0]) : (double) gten_scalar_to_int (scalars[0]);
  *alpha = floating ? gten_scalar_to_double (scalars[1]) : (double) gten_scalar_to_int (scalars[1]);
}

static gboolean
check_self_dtype (GtenTensor *self, GtenTensor *other, GError **error)
{
  if (self->dtype != other->dtype)
    return gten_call_fail (
        error, GTEN_ERROR_DTYPE, "self and mat2 must have the same dtype, but got %s and %s",
        gten_dtype_title ((GtenDtype) self->dtype), gten_dtype_title ((GtenDtype) other->dtype));
  return TRUE;
}

/* -- matrices ---------------------------------------------------------------------------------- */

gboolean
gten_run_mm (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1], *result;
  g_autoptr (GtenTensor) c3 = NULL, a3 = NULL, b3 = NULL;

  if (!check_matrices ("mm", a, b, error))
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) a->dtype, 2,
                             (const gint64[]){ gten_size (a, 0), gten_size (b, 1) }, error);
  if (result == NULL)
    return FALSE;
  c3 = as_batch (result, -1, 0, 1);
  a3 = as_batch (a, -1, 0, 1);
  b3 = as_batch (b, -1, 0, 1);
  return multiply (c3, a3, b3, 1, 0, "mm", error);
}

gboolean
gten_run_mm_right_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *mat1 = call->tensors[1], *mat2 = call->tensors[2];
  gboolean column_major
      = gten_stride (mat2, 0) == 1 && gten_stride (mat2, 1) == gten_size (mat2, 0);
  g_autoptr (GtenTensor) turned = gten_tensor_t (column_major ? grad : mat1, error);
  g_autoptr (GtenTensor) product
      = column_major ? gten_tensor_mm (turned, mat1, error) : gten_tensor_mm (turned, grad, error);

  return gten_call_give (
      call, 0, column_major ? gten_tensor_t (product, error) : g_steal_pointer (&product), error);
}

gboolean
gten_run_addmm (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[1], *b = call->tensors[2], *result;
  g_autoptr (GtenTensor) c3 = NULL, a3 = NULL, b3 = NULL;
  double alpha, beta;

  if (!check_self_dtype (call->tensors[0], b, error) || !check_matrices ("addmm", a, b, error))
    return FALSE;
  read_factors (call, &beta, &alpha);
  result = result_to_add_to (call, 2, (const gint64[]){ gten_size (a, 0), gten_size (b, 1) }, beta,
                             error);
  if (result == NULL)
    return FALSE;
  c3 = as_batch (result, -1, 0, 1);
  a3 = as_batch (a, -1, 0, 1);
  b3 = as_batch (b, -1, 0, 1);
  return multiply (c3, a3, b3, alpha, beta, "addmm", error);
}

/* -- vectors ----------------------------------------------------------------------------------- */

gboolean
gten_run_mv (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *x = call->tensors[1], *result;
  g_autoptr (GtenTensor) c3 = NULL, a3 = NULL, x3 = NULL;

  if (a->n_dims != 2 || x->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "vector + matrix @ vector expected, got 1, %u, %u", a->n_dims,
                           x->n_dims);
  if (gten_size (a, 1) != gten_size (x, 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "size mismatch, got input (%" G_GINT64_FORMAT "), mat (%" G_GINT64_FORMAT
                           "x%" G_GINT64_FORMAT "), vec (%" G_GINT64_FORMAT ")",
                           gten_size (a, 0), gten_size (a, 0), gten_size (a, 1), gten_size (x, 0));
  if (!check_vector_dtypes (x, a, x, error))
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) a->dtype, 1, gten_sizes (a), error);
  if (result == NULL)
    return FALSE;
  c3 = as_batch (result, -1, 0, -1);
  a3 = as_batch (a, -1, 0, 1);
  x3 = as_batch (x, -1, 0, -1);
  return multiply (c3, a3, x3, 1, 0, "mv", error);
}

gboolean
gten_run_addmv (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *a = call->tensors[1], *x = call->tensors[2], *result;
  g_autoptr (GtenTensor) c3 = NULL, a3 = NULL, x3 = NULL;
  double alpha, beta;

  if (a->n_dims != 2 || x->n_dims != 1 || self->n_dims > 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "vector + matrix @ vector expected, got %u, %u, %u", self->n_dims,
                           a->n_dims, x->n_dims);
  if (gten_size (a, 1) != gten_size (x, 0) || (self->numel != 1 && self->numel != gten_size (a, 0)))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "size mismatch, got input (%" G_GINT64_FORMAT "), mat (%" G_GINT64_FORMAT
                           "x%" G_GINT64_FORMAT "), vec (%" G_GINT64_FORMAT ")",
                           self->n_dims == 0 ? 1 : gten_size (self, 0), gten_size (a, 0),
                           gten_size (a, 1), gten_size (x, 0));
  if (!check_vector_dtypes (self, a, x, error))
    return FALSE;
  read_factors (call, &beta, &alpha);
  result = result_to_add_to (call, 1, gten_sizes (a), beta, error);
  if (result == NULL)
    return FALSE;
  c3 = as_batch (result, -1, 0, -1);
  a3 = as_batch (a, -1, 0, 1);
  x3 = as_batch (x, -1, 0, -1);
  return multiply (c3, a3, x3, alpha, beta, "addmv", error);
}

gboolean
gten_run_dot (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1], *result;
  g_autoptr (GtenTensor) c3 = NULL, a3 = NULL, b3 = NULL;

  if (a->n_dims != 1 || b->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "1D tensors expected, but got %uD and %uD tensors", a->n_dims,
                           b->n_dims);
  if (a->dtype != b->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "dot : expected both vectors to have same dtype, but found %s and %s",
                           gten_dtype_title ((GtenDtype) a->dtype),
                           gten_dtype_title ((GtenDtype) b->dtype));
  if (a->numel != b->numel)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "inconsistent tensor size, expected tensor [%" G_GINT64_FORMAT
                           "] and src [%" G_GINT64_FORMAT
                           "] to have the same number of elements, but got %" G_GINT64_FORMAT
                           " and %" G_GINT64_FORMAT " elements respectively",
                           a->numel, b->numel, a->numel, b->numel);
  if (a->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"dot\" not implemented for 'Bool'");
  result = gten_call_result (call, 0, (GtenDtype) a->dtype, 0, NULL, error);
  if (result == NULL)
    return FALSE;
  c3 = as_batch (result, -1, -1, -1);
  a3 = as_batch (a, -1, -1, 0);
  b3 = as_batch (b, -1, 0, -1);
  return multiply (c3, a3, b3, 1, 0, "dot", error);
}

gboolean
gten_run_outer (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1];
  g_autoptr (GtenTensor) column = NULL;

  if (a->n_dims != 1 || b->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "outer: Expected 1-D argument %s, but got %u-D",
                           a->n_dims != 1 ? "self" : "vec2",
                           a->n_dims != 1 ? a->n_dims : b->n_dims);
  column = gten_tensor_view (a, (const gint64[]){ a->numel, 1 }, 2, error);
  return gten_call_give (call, 0, gten_tensor_mul (column, b, error), error);
}

/* The dtypes are promoted; in place, self's stays. */
gboolean
gten_run_addr (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  GtenTensor *vectors[] = { call->tensors[1], call->tensors[2] };
  GtenDtype dtype = gten_promote_types (
      (GtenDtype) self->dtype,
      gten_promote_types ((GtenDtype) vectors[0]->dtype, (GtenDtype) vectors[1]->dtype));
  g_autoptr (GtenTensor) product = NULL, start = NULL, scaled = NULL, sum = NULL;

  for (guint i = 0; i < 2; i++)
    if (vectors[i]->n_dims != 1)
      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "addr: Expected 1-D argument vec%u, but got %u-D", i + 1,
                             vectors[i]->n_dims);
  const gint64 sizes[] = { vectors[0]->numel, vectors[1]->numel };
  g_autoptr (GtenTensor) outer = gten_tensor_outer (vectors[0], vectors[1], error);
  g_autoptr (GtenWrapped) alpha = gten_wrap (call->args[1].scalar),
                          beta = gten_wrap (call->args[0].scalar);
  product = gten_apply_mul (outer, alpha, error);
  start = gten_apply_expand (self, sizes, 2, error);
  if (product == NULL || start == NULL)
    return FALSE;
  if (gten_scalar_to_double (&call->args[0].scalar) == 0)
    sum = g_steal_pointer (&product);
  else
    {
      scaled = gten_apply_mul (start, beta, error);
      sum = gten_tensor_add (scaled, product, error);
    }
  result = sum == NULL
               ? NULL
               : gten_call_result (call, 0, call->in_place ? (GtenDtype) self->dtype : dtype, 2,
                                   sizes, error);
  return result != NULL && gten_copy_elements (result, sum, error);
}

/* -- batches ----------------------------------------------------------------------------------- */

static gboolean
check_batches (GtenTensor *a, GtenTensor *b, GError **error)
{
  if (a->n_dims != 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "batch1 must be a 3D tensor");
  if (b->n_dims != 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "batch2 must be a 3D tensor");
  if (gten_size (a, 0) != gten_size (b, 0) || gten_size (a, 2) != gten_size (b, 1))
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "Expected size for first two dimensions of batch2 tensor to be: [%" G_GINT64_FORMAT
        ", %" G_GINT64_FORMAT "] but got: [%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "].",
        gten_size (a, 0), gten_size (a, 2), gten_size (b, 0), gten_size (b, 1));
  if (a->dtype != b->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "expected scalar type %s but found %s",
                           gten_dtype_title ((GtenDtype) a->dtype),
                           gten_dtype_title ((GtenDtype) b->dtype));
  return check_dtypes (a, b, error);
}

gboolean
gten_run_bmm (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1], *result;

  if (!check_batches (a, b, error))
    return FALSE;
  result = gten_call_result (
      call, 0, (GtenDtype) a->dtype, 3,
      (const gint64[]){ gten_size (a, 0), gten_size (a, 1), gten_size (b, 2) }, error);
  return result != NULL && multiply (result, a, b, 1, 0, "bmm", error);
}

gboolean
gten_run_baddbmm (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[1], *b = call->tensors[2], *result;
  double alpha, beta;

  if (!check_batches (a, b, error) || !check_self_dtype (call->tensors[0], b, error))
    return FALSE;
  read_factors (call, &beta, &alpha);
  result = result_to_add_to (
      call, 3, (const gint64[]){ gten_size (a, 0), gten_size (a, 1), gten_size (b, 2) }, beta,
      error);
  return result != NULL && multiply (result, a, b, alpha, beta, "baddbmm", error);
}

/* The sum over the batch is one product of wide matrices: [rows, batch * k] @ [batch * k, columns].
 */
gboolean
gten_run_addbmm (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[1], *b = call->tensors[2], *result;
  double alpha, beta;
  g_autoptr (GtenTensor) c3 = NULL;

  if (a->n_dims == 3 && b->n_dims == 3 && gten_size (a, 0) != gten_size (b, 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "batch1 and batch2 must have same number of batches, got %" G_GINT64_FORMAT " and %"
                           G_GINT64_FORMAT, gten_size (a, 0), gten_size (b, 0));
  if (!check_batches (a, b, error) || !check_self_dtype (call->tensors[0], b, error))
    return FALSE;
  read_factors (call, &beta, &alpha);
  result = result_to_add_to (call, 2, (const gint64[]){ gten_size (a, 1), gten_size (b, 2) }, beta,
                             error);
  if (result == NULL)
    return FALSE;
  c3 = as_batch (result, -1, 0, 1);
  if (gten_size (a, 0) == 0 && beta == 0)
    return gten_fill_elements (result, gten_scalar_int (0), error);
  for (gint64 i = 0; i < gten_size (a, 0); i++)
    {
      g_autoptr (GtenTensor) ai = gten_geometry_slice (a, 0, i, 1, 1),
                             bi = gten_geometry_slice (b, 0, i, 1, 1);

      if (!multiply (c3, ai, bi, alpha, i == 0 ? beta : 1, "addbmm", error))
        return FALSE;
    }
  return TRUE;
}

/* -- matmul ------------------------------------------------------------------------------------ */

/* Whether a batch times one matrix is better one product of a tall matrix. */
static gboolean
should_fold (GtenTensor *a, GtenTensor *b, gboolean recording)
{
  GtenTensor *larger = a->n_dims >= b->n_dims ? a : b, *smaller = a->n_dims >= b->n_dims ? b : a;

  if (larger->n_dims < 3 || smaller->n_dims > 2)
    return FALSE;
  if (recording && gten_tensor_needs_grad (smaller))
    return TRUE;
  if (a->n_dims == 2)
    return FALSE;
  if (larger->numel == 0)
    return TRUE;
  for (int i = 0; i + 2 < larger->n_dims; i++)
    if (larger == a
        && gten_stride (larger, i) != gten_stride (larger, i + 1) * gten_size (larger, i + 1))
      return FALSE;
  return larger == a || larger->contiguous;
}

static GtenTensor *
matmul_folded (GtenTensor *a, GtenTensor *b, GError **error)
{
  gboolean swapped = b->n_dims > a->n_dims;
  g_autoptr (GtenTensor) batch
      = swapped ? gten_tensor_transpose (b, -2, -1, error) : g_object_ref (a);
  g_autoptr (GtenTensor) other = !swapped         ? g_object_ref (b)
                                 : a->n_dims == 2 ? gten_tensor_t (a, error)
                                                  : g_object_ref (a);
  g_autoptr (GtenTensor) tall = NULL, product = NULL, output = NULL, back = NULL;
  gint64 sizes[GTEN_MAX_DIMS], rows = 1;
  guint n;

  if (batch == NULL || other == NULL)
    return NULL;
  n = batch->n_dims - 1;
  memcpy (sizes, gten_sizes (batch), n * sizeof *sizes);
  for (guint i = 0; i < n; i++)
    rows *= sizes[i];
  tall = gten_tensor_reshape (batch, (const gint64[]){ rows, gten_size (batch, n) }, 2, error);
  if (other->n_dims == 1)
    {
      product = gten_tensor_mv (tall, other, error);
      return gten_apply_unsafe_view (product, sizes, n, error);
    }
  sizes[n++] = gten_size (other, 1);
  product = gten_tensor_mm (tall, other, error);
  output = gten_apply_unsafe_view (product, sizes, n, error);
  if (!swapped)
    return g_steal_pointer (&output);
  back = gten_tensor_transpose (output, -2, -1, error);
  return gten_tensor_contiguous (back, error);
}

static GtenTensor *
matmul_batched (GtenTensor *a, GtenTensor *b, GError **error)
{
  gint64 rows = a->n_dims > 1 ? gten_size (a, a->n_dims - 2) : 1,
         k_a = gten_size (a, a->n_dims - 1);
  gint64 k_b = gten_size (b, b->n_dims > 1 ? b->n_dims - 2 : 0),
         columns = b->n_dims > 1 ? gten_size (b, b->n_dims - 1) : 1;
  gint64 batch[GTEN_MAX_DIMS + 2], sizes[GTEN_MAX_DIMS + 2], product = 1;
  gboolean vector = b->n_dims == 1;
  guint n;
  g_autoptr (GtenTensor) wide_a = NULL, wide_b = NULL, a3 = NULL, b3 = NULL, c3 = NULL, c = NULL,
                         column = NULL;

  if (!gten_shape_broadcast (a->n_dims > 2 ? a->n_dims - 2 : 0, gten_sizes (a),
                             b->n_dims > 2 ? b->n_dims - 2 : 0, gten_sizes (b), &n, batch, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    product *= batch[i];
  memcpy (sizes, batch, n * sizeof *sizes);
  sizes[n] = rows;
  sizes[n + 1] = k_a;
  wide_a = gten_tensor_expand (a, sizes, n + 2, error);
  a3 = gten_tensor_reshape (wide_a, (const gint64[]){ product, rows, k_a }, 3, error);
  sizes[n] = k_b;
  sizes[n + 1] = columns;
  column = vector ? gten_tensor_unsqueeze (b, 1, error) : g_object_ref (b);
  wide_b = gten_tensor_expand (column, sizes, n + 2, error);
  b3 = gten_tensor_reshape (wide_b, (const gint64[]){ product, k_b, columns }, 3, error);
  c3 = gten_tensor_bmm (a3, b3, error);
  c = vector ? gten_tensor_squeeze_dim (c3, -1, error) : gten_ref_or_null (c3);
  if (a->n_dims > 1)
    batch[n++] = rows;
  if (b->n_dims > 1)
    batch[n++] = columns;
  return gten_apply_unsafe_view (c, batch, n, error);
}

gboolean
gten_run_matmul (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1], *result;

  if (a->n_dims == 0 || b->n_dims == 0)
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "both arguments to matmul need to be at least 1D, but they are %uD and %uD", a->n_dims,
        b->n_dims);
  if (a->n_dims == 1 && b->n_dims == 1)
    result = gten_tensor_dot (a, b, error);
  else if (a->n_dims == 2 && b->n_dims == 1)
    result = gten_tensor_mv (a, b, error);
  else if (a->n_dims == 2 && b->n_dims == 2)
    result = gten_tensor_mm (a, b, error);
  else if (a->n_dims == 1 && b->n_dims == 2)
    {
      g_autoptr (GtenTensor) row = gten_tensor_unsqueeze (a, 0, error);
      g_autoptr (GtenTensor) product = gten_tensor_mm (row, b, error);

      result = gten_tensor_squeeze_dim (product, 0, error);
    }
  else if (should_fold (a, b, !gten_grad_mode_off && !call->out))
    result = matmul_folded (a, b, error);
  else
    result = matmul_batched (a, b, error);
  return gten_call_give (call, 0, result, error);
}

gboolean
gten_run_chain_matmul (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) product = NULL;

  if (call->n_tensors == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "chain_matmul(): Expected one or more matrices");
  product = g_object_ref (call->tensors[0]);
  for (guint i = 1; i < call->n_tensors; i++)
    {
      GtenTensor *next = gten_tensor_mm (product, call->tensors[i], error);

      if (next == NULL)
        return FALSE;
      g_object_unref (product);
      product = next;
    }
  return gten_call_give (call, 0, g_steal_pointer (&product), error);
}
