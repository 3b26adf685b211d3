/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Softmax, linear maps, normalisation, dropout and padding. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-norm-private.h"

#include <string.h>

/* -- softmax ----------------------------------------------------------------------------------- */

/* A number counts as a line of one. */
static GtenTensor *
as_line (GtenTensor *self)
{
  return self->n_dims > 0
             ? g_object_ref (self)
             : gten_geometry (self, 1, (const gint64[]){ 1 }, (const gint64[]){ 1 }, self->offset);
}

static gboolean
run_softmax (GtenCall *call, gboolean logarithm, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const char *op = logarithm ? "log_softmax" : "softmax";
  g_autoptr (GtenTensor) input = NULL, from = NULL, to = NULL;
  GtenDtype dtype = call->args[1].given ? (GtenDtype) call->args[1].i : (GtenDtype) self->dtype;
  GtenKArray in, out;
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0)
    return FALSE;
  if (!gten_dtype_is_floating_point (dtype) && self->numel > 0)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"%s%s_kernel_impl\" not implemented for '%s'", op,
                           dim == MAX (self->n_dims, 1) - 1 ? "_lastdim" : "", gten_dtype_title (dtype));
  input = gten_cast (self, dtype, error);
  result = input == NULL
               ? NULL
               : gten_call_result (call, 0, dtype, self->n_dims, gten_sizes (self), error);
  if (result == NULL || result->numel == 0)
    return result != NULL;
  from = as_line (input);
  to = as_line (result);
  in = gten_array (from);
  out = gten_array (to);
  return GTEN_KERNEL (self, op, error, NULL, softmax, logarithm, &in, dim, &out);
}

gboolean
gten_run_softmax (GtenCall *call, GError **error)
{
  return run_softmax (call, FALSE, error);
}

gboolean
gten_run_log_softmax (GtenCall *call, GError **error)
{
  return run_softmax (call, TRUE, error);
}

static gboolean
run_softmax_backward (GtenCall *call, gboolean logarithm, GError **error)
{
  GtenTensor *output = call->tensors[1], *result;
  g_autoptr (GtenTensor) grad = gten_cast (call->tensors[0], (GtenDtype) output->dtype, error),
                         wide = NULL, from = NULL, own = NULL, to = NULL;
  GtenKArray in, known, out;
  int dim = gten_wrap_dim (call->args[0].i, output->n_dims, error);

  if (dim < 0 || grad == NULL)
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) output->dtype, output->n_dims,
                             gten_sizes (output), error);
  if (result == NULL || result->numel == 0)
    return result != NULL;
  wide = gten_geometry_expand (grad, output->n_dims, gten_sizes (output));
  from = as_line (wide);
  own = as_line (output);
  to = as_line (result);
  in = gten_array (from);
  known = gten_array (own);
  out = gten_array (to);
  return GTEN_KERNEL (output, "softmax_backward", error, NULL, softmax_backward, logarithm, &in,
                      &known, dim, &out);
}

gboolean
gten_run_softmax_backward (GtenCall *call, GError **error)
{
  return run_softmax_backward (call, FALSE, error);
}

gboolean
gten_run_log_softmax_backward (GtenCall *call, GError **error)
{
  return run_softmax_backward (call, TRUE, error);
}

/* -- linear maps ------------------------------------------------------------------------------- */

gboolean
gten_run_linear (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *weight = call->tensors[1], *bias = call->tensors[2];
  g_autoptr (GtenTensor) turned = gten_tensor_t (weight, error), flat = NULL, product = NULL;
  gint64 sizes[GTEN_MAX_DIMS], rows = 1;

  if (turned == NULL)
    return FALSE;
  if (bias == NULL || weight->n_dims != 2 || self->n_dims == 0)
    {
      product = gten_tensor_matmul (self, turned, error);
      if (bias == NULL)
        return gten_call_give (call, 0, g_steal_pointer (&product), error);
      return gten_call_give (call, 0, gten_tensor_add (product, bias, error), error);
    }
  if (self->n_dims == 2)
    return gten_call_give (
        call, 0,
        gten_apply_addmm (bias, self, turned, gten_scalar_int (1), gten_scalar_int (1), error),
        error);
  if (!self->contiguous || self->n_dims == 1)
    {
      product = gten_tensor_matmul (self, turned, error);
      return gten_call_give (call, 0, gten_tensor_add (product, bias, error), error);
    }
  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  for (int i = 0; i + 1 < self->n_dims; i++)
    rows *= sizes[i];
  flat = gten_tensor_view (self, (const gint64[]){ rows, sizes[self->n_dims - 1] }, 2, error);
  product = gten_apply_addmm (bias, flat, turned, gten_scalar_int (1), gten_scalar_int (1), error);
  sizes[self->n_dims - 1] = gten_size (weight, 0);
  return gten_call_give (call, 0, gten_apply_unsafe_view (product, sizes, self->n_dims, error),
                         error);
}

/* -- normalisation ----------------------------------------------------------------------------- */

static gboolean
check_normalized (GtenTensor *self, const GtenArg *shape, GtenTensor *weight, GtenTensor *bias,
                  GError **error)
{
  guint lead = self->n_dims - shape->n;
  g_autofree char *text = gten_shape_to_string (shape->n, shape->ints);

  if (shape->n < 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected normalized_shape to be at least 1-dimensional, i.e., "
                           "containing at least one element, but got normalized_shape = []");
  for (guint t = 0; t < 2; t++)
    {
      GtenTensor *given = t == 0 ? weight : bias;

      if (given != NULL
          && (given->n_dims != shape->n
              || memcmp (gten_sizes (given), shape->ints, shape->n * sizeof (gint64)) != 0))
        {
          g_autofree char *own = gten_shape_to_string (given->n_dims, gten_sizes (given));

          return gten_call_fail (error, GTEN_ERROR_SHAPE,
                                 "Expected %s to be of same shape as normalized_shape, but got %s "
                                 "of shape %s and normalized_shape = %s",
                                 t == 0 ? "weight" : "bias", t == 0 ? "weight" : "bias", own, text);
        }
    }
  if (self->n_dims < shape->n
      || memcmp (gten_sizes (self) + lead, shape->ints, shape->n * sizeof (gint64)) != 0)
    {
      g_autofree char *own = gten_shape_to_string (self->n_dims, gten_sizes (self));
      g_autofree char *rest = g_strndup (text + 1, strlen (text) - 2);

      return gten_call_fail (
          error, GTEN_ERROR_SHAPE,
          "Given normalized_shape=%s, expected input with shape [*, %s], but got input of size%s",
          text, rest, own);
    }
  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "\"LayerNormKernelImpl\" not implemented for '%s'",
                           gten_dtype_title ((GtenDtype) self->dtype));
  return TRUE;
}

static guint
last_dims (GtenTensor *self, const GtenArg *shape, gint64 *dims)
{
  for (guint i = 0; i < shape->n; i++)
    dims[i] = self->n_dims - shape->n + i;
  return shape->n;
}

/* (x - mean) * rstd, and rstd. */
static GtenTensor *
normalized (GtenTensor *self, const GtenArg *shape, double eps, GtenTensor **rstd, GError **error)
{
  gint64 dims[GTEN_MAX_DIMS];
  guint n = last_dims (self, shape, dims);
  g_autoptr (GtenTensor) mean = gten_apply_mean (self, dims, n, TRUE, GTEN_DTYPE_NONE, error);
  g_autoptr (GtenTensor) centred = gten_tensor_sub (self, mean, error);
  g_autoptr (GtenTensor) squares = gten_tensor_square (centred, error);
  g_autoptr (GtenTensor) variance
      = gten_apply_mean (squares, dims, n, TRUE, GTEN_DTYPE_NONE, error);
  g_autoptr (GtenTensor) safe = gten_tensor_add_scalar (variance, GTEN_VALUE (eps), error);

  *rstd = gten_tensor_rsqrt (safe, error);
  return gten_tensor_mul (centred, *rstd, error);
}

/* Each row of elements of the last dimensions is a group, with a weight for each. */
static GtenKNorm
norm_of_rows (GtenTensor *self, const GtenArg *shape, double eps)
{
  gint64 n = 1;

  for (gsize i = 0; i < shape->n; i++)
    n *= shape->ints[i];
  return (GtenKNorm) { .outer = 1, .n_groups = n > 0 ? self->numel / n : 0, .n_channels = n, .inner = 1, .period = 1, .eps = eps };
}

gboolean
gten_run_layer_norm (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *weight = call->tensors[1], *bias = call->tensors[2];
  const GtenKNorm rows = norm_of_rows (self, &call->args[0], call->args[1].f);
  g_autoptr (GtenTensor) rstd = NULL, result = NULL;
  gboolean is_done;

  if (!check_normalized (self, &call->args[0], weight, bias, error)
      || !gten_normalize (call, &rows, weight, bias, NULL, NULL, &is_done, error))
    return FALSE;
  if (is_done)
    return TRUE;
  result = normalized (self, &call->args[0], call->args[1].f, &rstd, error);
  if (result != NULL && weight != NULL && gten_tensor_mul_ (result, weight, error) == NULL)
    return FALSE;
  if (result != NULL && bias != NULL && gten_tensor_add_ (result, bias, error) == NULL)
    return FALSE;
  return gten_call_give (call, 0, g_steal_pointer (&result), error);
}

/* With g = grad * weight and x the normalised input: rstd * (g - mean (g) - x * mean (g * x)). */
gboolean
gten_gradient_layer_norm (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs,
                          GError **error)
{
  const GtenArg *args = gten_node_args (node);
  g_autoptr (GtenTensor) self = NULL, weight = NULL, rstd = NULL, x = NULL;
  gint64 dims[GTEN_MAX_DIMS];
  gboolean is_done;
  guint n;

  if (grads[0] == NULL)
    return TRUE;
  const GtenKNorm rows = norm_of_rows (grads[0], &args[0], args[1].f);
  if (!gten_normalize_backward (node, grads[0], &rows, NULL, NULL, 1, grad_inputs, &is_done, error))
    return FALSE;
  if (is_done)
    return TRUE;
  self = gten_node_saved_input (node, 0, error);
  if (self == NULL)
    return FALSE;
  weight = gten_node_saved_input (node, 1, NULL);
  x = normalized (self, &args[0], args[1].f, &rstd, error);
  if (x == NULL)
    return FALSE;
  n = last_dims (self, &args[0], dims);
  if (gten_node_needs_input (node, 0))
    {
      g_autoptr (GtenTensor) g
          = weight == NULL ? g_object_ref (grads[0]) : gten_tensor_mul (grads[0], weight, error);
      g_autoptr (GtenTensor) mean = gten_apply_mean (g, dims, n, TRUE, GTEN_DTYPE_NONE, error);
      g_autoptr (GtenTensor) gx = gten_tensor_mul (g, x, error);
      g_autoptr (GtenTensor) mean_gx = gten_apply_mean (gx, dims, n, TRUE, GTEN_DTYPE_NONE, error);
      g_autoptr (GtenTensor) along = gten_tensor_mul (x, mean_gx, error);
      g_autoptr (GtenTensor) centred = gten_tensor_sub (g, mean, error);
      g_autoptr (GtenTensor) rest = gten_tensor_sub (centred, along, error);

      grad_inputs[0] = gten_tensor_mul (rest, rstd, error);
      if (grad_inputs[0] == NULL)
        return FALSE;
    }
  if (gten_node_needs_input (node, 1))
    {
      g_autoptr (GtenTensor) gx = gten_tensor_mul (grads[0], x, error);

      grad_inputs[1] = gten_apply_sum_to_size (gx, args[0].ints, args[0].n, error);
      if (grad_inputs[1] == NULL)
        return FALSE;
    }
  if (gten_node_needs_input (node, 2))
    {
      grad_inputs[2] = gten_apply_sum_to_size (grads[0], args[0].ints, args[0].n, error);
      if (grad_inputs[2] == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
gten_run_rms_norm (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *weight = call->tensors[1];
  gint64 dims[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) wide = NULL, squares = NULL, mean = NULL, safe = NULL, factor = NULL,
                         scaled = NULL, result = NULL;
  const gboolean is_double = self->dtype == GTEN_DTYPE_FLOAT64;
  const double eps = !isnan (call->args[1].f) ? call->args[1].f : is_double ? 0x1p-52 : 0x1p-23;
  guint n;

  if (!check_normalized (self, &call->args[0], weight, NULL, error))
    return FALSE;
  n = last_dims (self, &call->args[0], dims);
  /* Squares of halves overflow. */
  wide = gten_apply_to_dtype (self, is_double ? GTEN_DTYPE_FLOAT64 : GTEN_DTYPE_FLOAT32, FALSE, FALSE, error);
  squares = gten_tensor_square (wide, error);
  mean = gten_apply_mean (squares, dims, n, TRUE, GTEN_DTYPE_NONE, error);
  safe = gten_tensor_add_scalar (mean, GTEN_VALUE (eps), error);
  factor = gten_tensor_rsqrt (safe, error);
  scaled = gten_tensor_mul (wide, factor, error);
  result = weight != NULL ? gten_tensor_mul (scaled, weight, error) : gten_ref_or_null (scaled);
  return gten_call_give (call, 0,
                         gten_apply_to_dtype (result, (GtenDtype) self->dtype, FALSE, FALSE, error),
                         error);
}

/* -- gates and dropout ------------------------------------------------------------------------- */

static gboolean
halve (GtenTensor *self, int dim, GtenTensor **first, GtenTensor **second, GError **error)
{
  gint64 size = gten_size (self, dim);

  *first = gten_apply_slice (self, dim, 0, size / 2, 1, error);
  *second = gten_apply_slice (self, dim, size / 2, size, 1, error);
  return *first != NULL && *second != NULL;
}

gboolean
gten_run_glu (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) first = NULL, second = NULL, gate = NULL;
  int dim;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "glu does not support scalars because halving size must be even");
  dim = gten_call_dim (call, 0, error);
  if (dim < 0)
    return FALSE;
  if (gten_size (self, dim) % 2 != 0)
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "Halving dimension must be even, but dimension %d is size %" G_GINT64_FORMAT, dim,
        gten_size (self, dim));
  if (!gten_is_floating (self))
    return gten_call_lacks (call, (GtenDtype) self->dtype, error);
  if (!halve (self, dim, &first, &second, error))
    return FALSE;
  gate = gten_tensor_sigmoid (second, error);
  return gten_call_give (call, 0, gten_tensor_mul (first, gate, error), error);
}

gboolean
gten_run_glu_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *input = call->tensors[1];
  g_autoptr (GtenTensor) first = NULL, second = NULL, gate = NULL, for_first = NULL, rest = NULL,
                         slope = NULL, for_second = NULL;
  int dim = gten_wrap_dim (call->args[0].i, input->n_dims, error);

  if (dim < 0 || !halve (input, dim, &first, &second, error))
    return FALSE;
  gate = gten_tensor_sigmoid (second, error);
  for_first = gten_tensor_mul (grad, gate, error);
  rest = gate == NULL ? NULL : gten_tensor_rsub_scalar (gate, GTEN_VALUE (1), error);
  slope = gten_tensor_mul (rest, first, error);
  for_second = gten_tensor_mul (for_first, slope, error);
  if (for_second == NULL)
    return FALSE;
  return gten_call_give (
      call, 0, gten_apply_cat ((GtenTensor *[]){ for_first, for_second }, 2, dim, error), error);
}

gboolean
gten_run_prelu (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *weight = call->tensors[1];
  gint64 shape[GTEN_MAX_DIMS], channels = self->n_dims < 2 ? 1 : gten_size (self, 1);
  g_autoptr (GtenTensor) slope = NULL;

  if (self->dtype != weight->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "prelu: Type promoting not supported. Got %s and %s",
                           gten_dtype_get_name ((GtenDtype) self->dtype),
                           gten_dtype_get_name ((GtenDtype) weight->dtype));
  if (weight->n_dims > 1)
    return gten_call_fail (
        error, GTEN_ERROR_SHAPE,
        "prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = %u", weight->n_dims);
  if (weight->numel != 1 && self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "Not allow zero-dim input tensor.");
  if (weight->numel != 1 && weight->numel != channels)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Mismatch of parameter numbers and input channel size. Found parameter "
                           "numbers = %" G_GINT64_FORMAT " and channel size = %" G_GINT64_FORMAT
                           ".",
                           weight->numel, channels);
  for (int i = 0; i < self->n_dims; i++)
    shape[i] = i == 1 ? weight->numel : 1;
  if (self->n_dims == 1)
    shape[0] = weight->numel;
  slope = self->n_dims == weight->n_dims ? g_object_ref (weight)
                                         : gten_tensor_reshape (weight, shape, self->n_dims, error);
  return gten_call_give (call, 0, gten_apply_prelu_kernel (self, slope, error), error);
}

gboolean
gten_run_dropout (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  double p = call->args[0].f;
  g_autoptr (GtenTensor) noise = NULL;

  if (!(p >= 0 && p <= 1))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "dropout probability has to be between 0 and 1, but got %g", p);
  if (p == 0 || call->args[1].i == 0 || self->numel == 0)
    return gten_call_give (call, 0, g_object_ref (self), error);
  noise = gten_tensor_empty_like (self, GTEN_DTYPE_NONE, NULL, error);
  if (noise == NULL)
    return FALSE;
  if (p == 1)
    {
      if (!gten_fill_elements (noise, gten_scalar_int (0), error))
        return FALSE;
    }
  else if (gten_tensor_bernoulli_p_ (noise, 1 - p, NULL, error) == NULL
           || gten_tensor_div_scalar_ (noise, GTEN_VALUE (1 - p), error) == NULL)
    return FALSE;
  return gten_call_give (call, 0, gten_tensor_mul (self, noise, error), error);
}

/* -- padding ----------------------------------------------------------------------------------- */

static gboolean
check_pad (GtenTensor *self, const GtenArg *pad, GError **error)
{
  if (pad->n % 2 != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Padding length must be divisible by 2");
  if (pad->n / 2 > self->n_dims)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Length of pad should be no more than twice the number of dimensions of "
                           "the input. Pad length is %" G_GSIZE_FORMAT
                           " while the input has %u dimensions.",
                           pad->n, self->n_dims);
  return TRUE;
}

gboolean
gten_run_constant_pad_nd (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const GtenArg *pad = &call->args[0];
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) from = g_object_ref (self), to = NULL;

  if (!check_pad (self, pad, error))
    return FALSE;
  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  for (guint i = 0; i < pad->n / 2; i++)
    {
      guint dim = self->n_dims - 1 - i;
      gint64 size = sizes[dim];

      if (__builtin_add_overflow (size, pad->ints[2 * i], &sizes[dim])
          || __builtin_add_overflow (sizes[dim], pad->ints[2 * i + 1], &sizes[dim])
          || sizes[dim] < 0)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "The input size %" G_GINT64_FORMAT
                               ", plus negative padding %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
                               " resulted in a negative output size, which is invalid. Check "
                               "dimension %u of your input.",
                               size, pad->ints[2 * i], pad->ints[2 * i + 1], dim);
    }
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, sizes, error);
  if (result == NULL || !gten_fill_elements (result, call->args[1].scalar, error))
    return FALSE;
  to = g_object_ref (result);
  for (guint i = 0; i < pad->n / 2; i++)
    {
      guint dim = self->n_dims - 1 - i;
      gint64 front = pad->ints[2 * i], behind = pad->ints[2 * i + 1];
      gint64 length = MAX (gten_size (self, dim) + MIN (front, 0) + MIN (behind, 0), 0);
      g_autoptr (GtenTensor) part
          = gten_geometry_slice (from, dim, length > 0 ? MAX (-front, 0) : 0, length, 1);
      g_autoptr (GtenTensor) place
          = gten_geometry_slice (to, dim, length > 0 ? MAX (front, 0) : 0, length, 1);

      g_set_object (&from, part);
      g_set_object (&to, place);
    }
  return gten_copy_elements (to, from, error);
}

gboolean
gten_run_constant_pad_nd_backward (GtenCall *call, GError **error)
{
  gint64 pad[2 * GTEN_MAX_DIMS];
  gsize n = MIN (call->args[0].n, 2 * GTEN_MAX_DIMS);

  for (gsize i = 0; i < n; i++)
    pad[i] = -call->args[0].ints[i];
  return gten_call_give (
      call, 0, gten_apply_constant_pad_nd (call->tensors[0], pad, n, gten_scalar_int (0), error),
      error);
}

/* Which element of a line of `size` stands at `position`, which may lie outside. */
static gint64
source_of_padding (gint64 position, gint64 size, char mode)
{
  switch (mode)
    {
    case 'r':
      return position < 0 ? -position : position >= size ? 2 * (size - 1) - position : position;
    default:
      return CLAMP (position, 0, size - 1);
    }
}

/* The elements that padding chooses along the i-th dimension from the last one: an array of gint64. */
static GArray *
sources_of_padding (GtenTensor *self, const GtenArg *pad, gsize i, char mode, GError **error)
{
  const gint64 before = pad->ints[2 * i], after = pad->ints[2 * i + 1];
  const int dim = self->n_dims - 1 - (int) i;
  const gint64 size = gten_size (self, dim), padded = size + before + after;
  GArray *sources;

  if (mode == 'r' && (before >= size || after >= size))
    {
      g_autofree char *sizes = gten_shape_to_string (self->n_dims, gten_sizes (self));

      gten_call_fail (error, GTEN_ERROR_SHAPE,
                      "Argument #%" G_GSIZE_FORMAT ": Padding size should be less than the corresponding input dimension, but "
                      "got: padding (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ") at dimension %d of input %s",
                      4 + 2 * i, before, after, dim, sizes);
      return NULL;
    }
  if (mode == 'c' && (before > size || after > size))
    {
      gten_call_fail (error, GTEN_ERROR_SHAPE,
                      "Padding value causes wrapping around more than once.");
      return NULL;
    }
  if (padded < 1 || size == 0)
    {
      gten_call_fail (error, GTEN_ERROR_SHAPE,
                      "input (%c: %" G_GINT64_FORMAT ") is too small. Calculated output %c: %" G_GINT64_FORMAT,
                      "WHD"[MIN (i, 2)], size, "WHD"[MIN (i, 2)], padded);
      return NULL;
    }
  sources = g_array_sized_new (FALSE, FALSE, sizeof (gint64), padded);
  /* In circles goes what is left of the line where it is cut, too. */
  const gint64 cut = MAX (-before, 0), kept = MAX (size - cut + MIN (after, 0), 1);
  for (gint64 j = 0; j < padded; j++)
    {
      const gint64 source = mode == 'c' ? cut + ((j - MAX (before, 0)) % kept + kept) % kept
                                        : source_of_padding (j - before, size, mode);

      g_array_append_val (sources, source);
    }
  return sources;
}

/* All dimensions at once. */
static GtenTensor *
pad_at_once (GtenTensor *self, gsize n, GArray *const *sources, GError **error)
{
  const gint64 first = 0;
  g_autoptr (GtenTensor) from = gten_contiguous (self, error), to = NULL;
  GtenKRemap remap = { .n_planes = 1, .size = { 1, 1, 1 }, .count = { 1, 1, 1 }, .maps = { &first, &first, &first } };
  gint64 sizes[GTEN_MAX_DIMS];

  for (gsize i = 0; i < self->n_dims; i++)
    {
      const guint dim = self->n_dims - 1 - (guint) i;

      sizes[dim] = gten_size (self, dim);
      if (i >= n)
        {
          remap.n_planes *= sizes[dim];
          continue;
        }
      remap.size[2 - i] = sizes[dim];
      remap.count[2 - i] = sizes[dim] = sources[i]->len;
      remap.maps[2 - i] = (const gint64 *) sources[i]->data;
    }
  to = from == NULL ? NULL : gten_tensor_alloc ((GtenDtype) self->dtype, self->n_dims, sizes, self->storage->device, error);
  if (to == NULL
      || !GTEN_KERNEL (from, "pad", error, NULL, remap, &remap, (GtenKDtype) from->dtype, gten_data (from), gten_data (to)))
    return NULL;
  return g_steal_pointer (&to);
}

/* Pads by choosing elements: replicate, reflect and circular differ only in which. What is recorded goes dimension by
 * dimension. */
static GtenTensor *
pad_by_index (GtenCall *call, char mode, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *pad = &call->args[0];
  const gsize n = pad->n / 2;
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GtenTensor) result = g_object_ref (self);

  for (gsize i = 0; i < n; i++)
    {
      GArray *sources = sources_of_padding (self, pad, i, mode, error);

      if (sources == NULL)
        return NULL;
      g_ptr_array_add (kept, sources);
    }
  if (n <= 3 && !gten_autograd_wanted (call) && gten_device_get_backend (self->storage->device)->remap != NULL)
    return pad_at_once (self, n, (GArray *const *) kept->pdata, error);
  for (gsize i = 0; i < n; i++)
    {
      const GArray *sources = g_ptr_array_index (kept, i);
      const gint64 padded = sources->len;
      g_autoptr (GtenTensor) host = gten_tensor_new_from_integers ((const gint64 *) sources->data, padded, GTEN_DTYPE_INT64, &padded,
                                                                   1, error);
      g_autoptr (GtenTensor) index = gten_apply_to (host, self->storage->device, GTEN_DTYPE_NONE, FALSE, FALSE, error);
      g_autoptr (GtenTensor) next = gten_apply_index_select (result, self->n_dims - 1 - (gint64) i, index, error);

      if (next == NULL)
        return NULL;
      g_set_object (&result, next);
    }
  return g_steal_pointer (&result);
}

gboolean
gten_run_pad (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *pad = &call->args[0];
  const char *mode = call->args[1].s;

  if (pad->n % 2 != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "Padding length must be divisible by 2");
  if (pad->n / 2 > self->n_dims)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Padding length should be less than or equal to two times the input dimension but got padding length "
                           "%" G_GSIZE_FORMAT " and input of dimension %u", pad->n, self->n_dims);
  if (g_strcmp0 (mode, "constant") == 0)
    return gten_call_give (
        call, 0,
        gten_apply_constant_pad_nd (
            self, pad->ints, pad->n,
            call->args[2].given ? gten_scalar_float (call->args[2].f) : gten_scalar_int (0), error),
        error);
  if (g_strcmp0 (mode, "replicate") == 0 || g_strcmp0 (mode, "circular") == 0
      || g_strcmp0 (mode, "reflect") == 0)
    return gten_call_give (call, 0, pad_by_index (call, mode[2] == 'f' ? 'r' : mode[0] == 'c' ? 'c' : 'e', error), error);
  return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "Unrecognised padding mode %s", mode);
}
