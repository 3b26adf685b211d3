/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pooling that is composed of other operations: norms of windows, windows at random distances, and largest elements put back
 * where they were. */
#include "ops/gten-conv-private.h"

#include <math.h>
#include <string.h>

static gint64
option (const GtenArg *arg, guint i)
{
  return arg->ints[arg->n == 1 ? 0 : i];
}

static gboolean
check_option (const GtenArg *arg, guint n, const char *op, const char *name, GError **error)
{
  static const char *const counts[] = { "one", "two", "three" };

  if (arg->given && arg->n != 1 && arg->n != n)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%s: %s must either be a single int, or a tuple of %s ints", op, name,
                           counts[n - 1]);
  return TRUE;
}

/* -- norms ------------------------------------------------------------------------------------------------ */

static GtenTensor *
mean_of_windows (GtenTensor *input, guint n, const GtenArg *kernel, const GtenArg *stride, gboolean ceil_mode, GError **error)
{
  const gint64 zero = 0;

  if (n == 1)
    return gten_apply_avg_pool1d (input, kernel->ints, kernel->n, stride->ints, stride->n, &zero, 1, ceil_mode, TRUE, error);
  if (n == 2)
    return gten_apply_avg_pool2d (input, kernel->ints, kernel->n, stride->ints, stride->n, &zero, 1, ceil_mode, TRUE, GTEN_NONE,
                                  error);
  return gten_apply_avg_pool3d (input, kernel->ints, kernel->n, stride->ints, stride->n, &zero, 1, ceil_mode, TRUE, GTEN_NONE, error);
}

static GtenTensor *
largest_of_windows (GtenTensor *input, guint n, const GtenArg *kernel, const GtenArg *stride, gboolean ceil_mode, GError **error)
{
  const gint64 zero = 0, one = 1;

  if (n == 1)
    return gten_apply_max_pool1d (input, kernel->ints, kernel->n, stride->ints, stride->n, &zero, 1, &one, 1, ceil_mode, error);
  if (n == 2)
    return gten_apply_max_pool2d (input, kernel->ints, kernel->n, stride->ints, stride->n, &zero, 1, &one, 1, ceil_mode, error);
  return gten_apply_max_pool3d (input, kernel->ints, kernel->n, stride->ints, stride->n, &zero, 1, &one, 1, ceil_mode, error);
}

gboolean
gten_run_lp_pool (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const guint n = gten_named_dims (call->op->name);
  const double p = call->args[0].f;
  const GtenArg *kernel = &call->args[1], *stride = &call->args[2];
  const gboolean ceil_mode = call->args[3].i != 0;
  g_autoptr (GtenTensor) powers = NULL, mean = NULL, sign = NULL, magnitude = NULL, positive = NULL, product = NULL, sum = NULL;
  gint64 n_window = 1;

  if (p == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "norm_type must be a non-zero value, but got %g", p);
  if (!check_option (kernel, n, call->op->name, "kernel_size", error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    n_window *= option (kernel, i);
  if (isinf (p))
    {
      magnitude = gten_tensor_abs (input, error);
      if (p > 0)
        return gten_call_give (call, 0, largest_of_windows (magnitude, n, kernel, stride, ceil_mode, error), error);
      sign = gten_tensor_neg (magnitude, error);
      product = largest_of_windows (sign, n, kernel, stride, ceil_mode, error);
      return gten_call_give (call, 0, gten_tensor_neg (product, error), error);
    }
  powers = gten_tensor_pow_scalar (input, GTEN_VALUE (p), error);
  mean = mean_of_windows (powers, n, kernel, stride, ceil_mode, error);
  sign = gten_tensor_sign (mean, error);
  magnitude = gten_tensor_abs (mean, error);
  positive = gten_tensor_relu (magnitude, error);
  product = gten_tensor_mul (sign, positive, error);
  sum = gten_tensor_mul_scalar (product, GTEN_VALUE (n_window), error);
  return gten_call_give (call, 0, gten_tensor_pow_scalar (sum, GTEN_VALUE (1 / p), error), error);
}

/* -- back from largest elements --------------------------------------------------------------------------- */

/* The sizes of what was pooled: given, with or without batch and channels, or the least that are possible. */
static gboolean
unpooled_sizes (GtenCall *call, guint n, gint64 *sizes, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const GtenArg *kernel = &call->args[0], *stride = call->args[1].given && call->args[1].n > 0 ? &call->args[1] : kernel;
  const GtenArg *padding = &call->args[2], *size = &call->args[3];
  const gint64 *given = size->given ? size->ints : NULL;

  if (given != NULL && size->n != n && size->n != n + 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "output_size should be a sequence containing %u or %u elements, but it has a length of '%" G_GSIZE_FORMAT
                           "'", n, n + 2, size->n);
  if (given != NULL)
    given += size->n - n;
  for (guint i = 0; i < n; i++)
    {
      const gint64 step = option (stride, i);
      const gint64 least
          = (gten_size (input, input->n_dims - n + i) - 1) * step + option (kernel, i) - 2 * option (padding, i);

      if (given != NULL && !(given[i] > least - step && given[i] < least + step))
        {
          g_autofree char *text = gten_shape_to_string (n, given);

          return gten_call_fail (error, GTEN_ERROR_VALUE,
                                 "invalid output_size \"%s\" (dim %u must be between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT ")",
                                 text, i, least - step, least + step);
        }
      sizes[i] = given != NULL ? given[i] : least;
      if (sizes[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "%s: the output would be negative", call->op->name);
    }
  return TRUE;
}

static gboolean
check_unpool (GtenCall *call, guint n, GError **error)
{
  GtenTensor *input = call->tensors[0], *indices = call->tensors[1];

  if (indices->dtype != GTEN_DTYPE_INT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "elements in indices should be type int64 but got: %s",
                           gten_dtype_title ((GtenDtype) indices->dtype));
  if (input->n_dims != n + 1 && input->n_dims != n + 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Input to max_unpooling%ud should be a %ud or %ud Tensor, but got a tensor with %u dimensions.",
                           MAX (n, 2), MAX (n, 2) + 1, MAX (n, 2) + 2, input->n_dims + (n == 1));
  if (input->n_dims != indices->n_dims || memcmp (gten_sizes (input), gten_sizes (indices), input->n_dims * sizeof (gint64)) != 0)
    {
      g_autofree char *expected = gten_shape_to_string (input->n_dims, gten_sizes (input));
      g_autofree char *got = gten_shape_to_string (indices->n_dims, gten_sizes (indices));

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Expected shape of indices to be same as that of the input tensor (%s) but got indices tensor with shape: %s",
                             expected, got);
    }
  if (!check_option (&call->args[0], n, call->op->name, "kernel_size", error)
      || !check_option (&call->args[1], n, call->op->name, "stride", error)
      || !check_option (&call->args[2], n, call->op->name, "padding", error))
    return FALSE;
  for (gsize i = 0; call->args[1].given && i < call->args[1].n; i++)
    if (call->args[1].ints[i] <= 0)
      {
        g_autofree char *text = gten_shape_to_string ((guint) call->args[1].n, call->args[1].ints);

        return gten_call_fail (error, GTEN_ERROR_VALUE, "strides should be greater than zero, but got stride: %s", text);
      }
  return TRUE;
}

gboolean
gten_run_max_unpool (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], *indices = call->tensors[1];
  const guint n = gten_named_dims (call->op->name), n_before = input->n_dims > n ? input->n_dims - n : 0;
  gint64 sizes[GTEN_MAX_DIMS], n_image = 1, flat[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) zeros = NULL, elements = NULL, places = NULL, filled = NULL;

  if (!check_unpool (call, n, error) || !unpooled_sizes (call, n, sizes + n_before, error))
    return FALSE;
  for (guint i = 0; i < n_before; i++)
    flat[i] = sizes[i] = gten_size (input, i);
  for (guint i = n_before; i < input->n_dims; i++)
    n_image *= sizes[i];
  flat[n_before] = n_image;
  zeros = gten_apply_new_zeros (input, flat, n_before + 1, GTEN_DTYPE_NONE, NULL, error);
  elements = gten_apply_flatten (input, (gint64) n_before, -1, error);
  places = gten_apply_flatten (indices, (gint64) n_before, -1, error);
  filled = gten_apply_scatter (zeros, (gint64) n_before, places, elements, error);
  return gten_call_give (call, 0, gten_apply_reshape (filled, sizes, input->n_dims, error), error);
}

/* -- windows at random distances (Graham, 2014) ------------------------------------------------------------- */

/* Where the windows of one dimension begin, for each batch and channel: [batch, channel, n_out]. */
static GtenTensor *
begins (GtenTensor *samples, guint which, gint64 n_in, gint64 n_out, gint64 window, GError **error)
{
  const double alpha = n_out > 1 ? (double) (n_in - window) / (double) (n_out - 1) : 0;
  g_autoptr (GtenTensor) sample = NULL, each = NULL, count = NULL, shifted = NULL, scaled = NULL, down = NULL, first = NULL,
                         first_down = NULL, begin = NULL, whole = NULL, front = NULL, last = NULL;
  const gint64 before = n_out - 1;

  if (samples == NULL)
    return NULL;
  sample = gten_apply_select (samples, 2, which, error);
  each = gten_apply_unsqueeze (sample, -1, error);
  count = gten_apply_arange (gten_scalar_int (before), (GtenDtype) samples->dtype, samples->storage->device, error);
  shifted = gten_tensor_add (each, count, error);
  scaled = gten_tensor_mul_scalar (shifted, GTEN_VALUE (alpha), error);
  down = gten_tensor_floor (scaled, error);
  first = gten_tensor_mul_scalar (each, GTEN_VALUE (alpha), error);
  first_down = gten_tensor_floor (first, error);
  begin = gten_tensor_sub (down, first_down, error);
  front = gten_apply_to_dtype (begin, GTEN_DTYPE_INT64, FALSE, FALSE, error);
  whole = gten_apply_to_dtype (each, GTEN_DTYPE_INT64, FALSE, FALSE, error);
  last = gten_apply_full_like (whole, gten_scalar_int (n_in - window), GTEN_DTYPE_NONE, NULL, error);
  return front == NULL || last == NULL ? NULL : gten_apply_cat ((GtenTensor *[]) { front, last }, 2, -1, error);
}

static gboolean
check_fractional (GtenCall *call, guint n, GError **error)
{
  GtenTensor *input = call->tensors[0], *samples = call->tensors[1];
  const GtenArg *kernel = &call->args[0], *size = &call->args[1];

  if (!check_option (kernel, n, call->op->name, "kernel_size", error) || !check_option (size, n, call->op->name, "output_size", error))
    return FALSE;
  if (!gten_is_floating (input))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"%.21s_out_frame\" not implemented for '%s'", call->op->name,
                           gten_dtype_title ((GtenDtype) input->dtype));
  if (input->n_dims != n + 1 && input->n_dims != n + 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "%.21s(): Expected %uD or %uD tensor, but got: %u", call->op->name, n + 1, n + 2,
                           input->n_dims);
  for (guint i = 0; i < n; i++)
    {
      const gint64 n_in = gten_size (input, input->n_dims - n + i), n_out = option (size, i), window = option (kernel, i);

      if (n_out < 1 || window < 1)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "%.21s(): kernel_size and output_size must be positive", call->op->name);
      if (n_out + window - 1 > n_in)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "%.21s(): pool size (%" G_GINT64_FORMAT ") too large relative to input size (%" G_GINT64_FORMAT ")",
                               call->op->name, window, n_in);
    }
  if (samples != NULL && (samples->n_dims != 3 || gten_size (samples, 2) != n || samples->dtype != input->dtype))
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "Expect _random_samples to be of the input's dtype, with 3 dimensions, the last of %u",
                           n);
  return TRUE;
}

/* The elements of the windows, as positions in the flattened image: [batch, channel, outputs, elements of a window]. */
static GtenTensor *
window_positions (GtenTensor *input, GtenTensor *samples, guint n, const GtenArg *kernel, const GtenArg *size, GError **error)
{
  g_autoptr (GtenTensor) positions = NULL;

  for (guint i = 0; i < n; i++)
    {
      const gint64 n_in = gten_size (input, input->n_dims - n + i), window = option (kernel, i);
      /* PyTorch draws for width, height and depth, in this order, of images; of volumes in the other. */
      g_autoptr (GtenTensor) begin = begins (samples, n == 2 ? n - 1 - i : i, n_in, option (size, i), window, error);
      g_autoptr (GtenTensor) within = gten_apply_arange (gten_scalar_int (window), GTEN_DTYPE_INT64, input->storage->device, error);
      g_autoptr (GtenTensor) begin_column = gten_apply_unsqueeze (begin, -1, error);
      g_autoptr (GtenTensor) axis = gten_tensor_add (begin_column, within, error);
      g_autoptr (GtenTensor) outer = NULL, left = NULL, left_window = NULL, right = NULL, right_window = NULL, sum = NULL;

      if (axis == NULL)
        return NULL;
      if (positions == NULL)
        {
          positions = g_steal_pointer (&axis);
          continue;
        }
      /* Each pair of an output before and one of this dimension, each pair of elements of their windows. */
      outer = gten_tensor_mul_scalar (positions, GTEN_VALUE (n_in), error);
      left = gten_apply_unsqueeze (outer, 3, error);
      left_window = gten_apply_unsqueeze (left, -1, error);
      right = gten_apply_unsqueeze (axis, 2, error);
      right_window = gten_apply_unsqueeze (right, -2, error);
      sum = gten_tensor_add (left_window, right_window, error);
      g_clear_object (&positions);
      g_clear_object (&left);
      left = gten_apply_flatten (sum, 4, 5, error);
      positions = gten_apply_flatten (left, 2, 3, error);
      if (positions == NULL)
        return NULL;
    }
  return g_steal_pointer (&positions);
}

gboolean
gten_run_fractional_max_pool (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const guint n = gten_named_dims (call->op->name);
  const GtenArg *kernel = &call->args[0], *size = &call->args[1];
  const gboolean has_batch = input->n_dims == n + 2;
  g_autoptr (GtenTensor) samples = gten_ref_or_null (call->tensors[1]), batch = NULL, image = NULL, positions = NULL, spread = NULL,
                         elements = NULL, windows = NULL, values = NULL, best = NULL, best_column = NULL, place = NULL,
                         place_row = NULL;
  gint64 sizes[GTEN_MAX_DIMS], n_out = 1, n_window = 1;

  if (!check_fractional (call, n, error))
    return FALSE;
  batch = has_batch ? g_object_ref (input) : gten_apply_unsqueeze (input, 0, error);
  if (batch == NULL)
    return FALSE;
  if (samples == NULL)
    samples = gten_apply_rand ((const gint64[]) { gten_size (batch, 0), gten_size (batch, 1), n }, 3, NULL, (GtenDtype) input->dtype,
                               input->storage->device, error);
  for (guint i = 0; i < n; i++)
    {
      n_out *= option (size, i);
      n_window *= option (kernel, i);
      sizes[2 + i] = option (size, i);
    }
  sizes[0] = gten_size (batch, 0);
  sizes[1] = gten_size (batch, 1);
  positions = window_positions (input, samples, n, kernel, size, error);
  spread = gten_apply_flatten (positions, 2, 3, error);
  image = gten_apply_flatten (batch, 2, -1, error);
  elements = gten_apply_gather (image, 2, spread, FALSE, error);
  windows = gten_apply_reshape (elements, (const gint64[]) { sizes[0], sizes[1], n_out, n_window }, 4, error);
  values = gten_apply_max_dim (windows, -1, FALSE, &best, error);
  best_column = gten_apply_unsqueeze (best, -1, error);
  place = gten_apply_gather (positions, 3, best_column, FALSE, error);
  place_row = gten_apply_squeeze_dim (place, -1, error);
  return gten_call_give (call, 0, gten_apply_reshape (values, has_batch ? sizes : sizes + 1, has_batch ? n + 2 : n + 1, error), error)
         && gten_call_give (call, 1, gten_apply_reshape (place_row, has_batch ? sizes : sizes + 1, has_batch ? n + 2 : n + 1, error),
                            error);
}
