/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What rows refuse beyond shapes and dtypes, in PyTorch's words: the functions that `check`
 * names. */
#include "core/gten-warning-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

gboolean
gten_check_alpha (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const GtenScalar *alpha = &call->args[0].scalar;

  if (G_LIKELY (gten_dtype_is_floating_point (dtype)))
    return TRUE;
  if (alpha->kind == GTEN_SCALAR_FLOAT)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "For integral input tensors, argument alpha must not be a floating point number.");
  if (alpha->kind == GTEN_SCALAR_BOOL && dtype != GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "Boolean alpha only supported for Boolean results.");
  return TRUE;
}

gboolean
gten_check_sub (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0], *other = call->tensors[1];

  if (G_UNLIKELY (self->dtype == GTEN_DTYPE_BOOL && other->dtype == GTEN_DTYPE_BOOL))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
                           "operator instead.");
  if (G_UNLIKELY (self->dtype == GTEN_DTYPE_BOOL || other->dtype == GTEN_DTYPE_BOOL))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
                           "use the `~` or `logical_not()` operator instead.");
  return gten_check_alpha (call, dtype, error);
}

gboolean
gten_check_neg (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
                           "the `~` or `logical_not()` operator instead.");
  return TRUE;
}

gboolean
gten_check_not_bool (const GtenCall *call, GtenDtype dtype, GError **error)
{
  return dtype != GTEN_DTYPE_BOOL || gten_call_lacks (call, dtype, error);
}

gboolean
gten_check_not_half (const GtenCall *call, GtenDtype dtype, GError **error)
{
  return (dtype != GTEN_DTYPE_FLOAT16 && dtype != GTEN_DTYPE_BFLOAT16) || gten_call_lacks (call, dtype, error);
}

gboolean
gten_check_positive (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "The `+` operator, on a bool tensor is not supported.");
  return TRUE;
}

gboolean
gten_check_pow (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *exponent = call->tensors[1];

  if (dtype == GTEN_DTYPE_BOOL && !exponent->wrapped)
    return gten_call_lacks (call, dtype, error);
  if (exponent->wrapped && !gten_dtype_is_floating_point (dtype))
    {
      GtenScalar value = gten_scalar_from_element ((GtenDtype) exponent->dtype,
                                                   gten_data (exponent));

      if (gten_scalar_to_int (&value) < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "Integers to negative integer powers are not allowed.");
    }
  return TRUE;
}

/* An out tensor of the very dtype of the input. */
gboolean
gten_check_amax (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (call->out && call->results[0]->dtype != dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "Expected the dtype for input and out to match, but got %s for input's dtype and %s for out's dtype.",
                           gten_dtype_title (dtype), gten_dtype_title ((GtenDtype) call->results[0]->dtype));
  return TRUE;
}

gboolean
gten_check_aminmax (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0];

  for (guint i = 0; call->out && i < 2; i++)
    if (call->results[i]->dtype != dtype)
      return gten_call_fail (error, GTEN_ERROR_DTYPE, "Expected out tensor to have dtype %s, but got %s instead",
                             gten_dtype_c_name (dtype), gten_dtype_c_name ((GtenDtype) call->results[i]->dtype));
  if (self->numel == 0 && !call->args[0].given)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
  if (call->args[0].given && self->n_dims > 0)
    {
      const int dim = gten_call_dim ((GtenCall *) call, 0, error);

      if (dim < 0)
        return FALSE;
      if (gten_size (self, dim) == 0)
        return gten_call_fail (error, GTEN_ERROR_INDEX, "aminmax: Expected reduction dim %d to have non-zero size.", dim);
    }
  if (call->out && gten_data (call->results[0]) == gten_data (call->results[1]) && call->results[0]->numel > 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "aminmax(): the `min` and `max` out= tensors must not overlap.");
  return TRUE;
}

gboolean
gten_check_where (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenDtype condition = (GtenDtype) call->tensors[0]->dtype;

  if (condition != GTEN_DTYPE_BOOL && condition != GTEN_DTYPE_UINT8)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "where expected condition to be a boolean tensor, but got a tensor with dtype %s",
                           gten_dtype_title (condition));
  return gten_check_number_fits (call->tensors[1], dtype, error) && gten_check_number_fits (call->tensors[2], dtype, error);
}

gboolean
gten_check_masked_fill (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *mask = call->tensors[1], *value = call->tensors[2];

  if (mask->dtype != GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "masked_fill_ only supports boolean masks, but got mask with dtype %s",
                           gten_dtype_get_name ((GtenDtype) mask->dtype));
  if (value->n_dims != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with %u dimension(s).",
                           value->n_dims);
  return gten_check_number_fits (value, dtype, error);
}

/* A bound that leaves no element of the dtype between. */
gboolean
gten_check_clamp_bounds (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const gboolean is_signed = gten_dtype_is_signed (dtype);
  const guint n_bits = 8 * (guint) gten_dtype_get_size (dtype) - (is_signed ? 1 : 0);

  if (G_LIKELY (gten_dtype_is_floating_point (dtype) || dtype == GTEN_DTYPE_INT64 || dtype == GTEN_DTYPE_BOOL))
    return TRUE;
  for (guint i = 0; i < call->op->n_args; i++)
    {
      const gboolean is_min = g_str_equal (call->op->arg_names[i], "min");
      const gint64 bound = call->args[i].given ? gten_scalar_to_int (&call->args[i].scalar) : 0;

      if (is_min ? bound >= (gint64) 1 << n_bits : bound < (is_signed ? -((gint64) 1 << n_bits) : 0))
        return gten_call_fail (error, GTEN_ERROR_VALUE, "Clamp %s value %" G_GINT64_FORMAT " is outside the representable range of %s",
                               is_min ? "min" : "max", bound, gten_dtype_title (dtype));
    }
  return TRUE;
}

gboolean
gten_check_clamp (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (!call->args[0].given && !call->args[1].given)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "torch.clamp: At least one of 'min' or 'max' must not be None");
  return gten_check_clamp_bounds (call, dtype, error);
}

gboolean
gten_check_relu (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "Boolean inputs not supported for relu");
  return TRUE;
}

gboolean
gten_check_isclose (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0], *other = call->tensors[1];

  if (self->dtype != other->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "%s did not match %s", gten_dtype_title ((GtenDtype) self->dtype),
                           gten_dtype_title ((GtenDtype) other->dtype));
  if (call->args[0].f < 0 || call->args[1].f < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%s must be greater than or equal to zero, but got %g",
                           call->args[0].f < 0 ? "rtol" : "atol", call->args[0].f < 0 ? call->args[0].f : call->args[1].f);
  return TRUE;
}

gboolean
gten_check_gelu (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (g_strcmp0 (call->args[0].s, "none") != 0 && g_strcmp0 (call->args[0].s, "tanh") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "approximate argument must be either none or tanh.");
  return TRUE;
}

gboolean
gten_check_hardtanh (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "Bool inputs not supported for hardtanh");
  if (gten_scalar_to_double (&call->args[0].scalar) > gten_scalar_to_double (&call->args[1].scalar))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "min_val cannot be greater than max_val");
  return TRUE;
}

gboolean
gten_check_softshrink (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const double lambd = gten_scalar_to_double (&call->args[0].scalar);

  if (!(lambd >= 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "lambda must be in range [0, 3.40282e+38] for input dtype %s, but found %g",
                           gten_dtype_title (dtype), lambd);
  return TRUE;
}

gboolean
gten_check_float_power (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const GtenDtype base = (GtenDtype) call->tensors[0]->dtype;

  if (call->in_place && base != GTEN_DTYPE_FLOAT64)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "the base given to float_power_ has dtype %s but the operation's result requires dtype Double",
                           gten_dtype_title (base));
  return TRUE;
}

gboolean
gten_check_heaviside (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (call->tensors[0]->dtype != call->tensors[1]->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "heaviside is not yet implemented for tensors with different dtypes.");
  return TRUE;
}

gboolean
gten_check_lerp (const GtenCall *call, GtenDtype dtype, GError **error)
{
  static const char *const names[] = { NULL, "end", "weight" };

  for (guint i = 1; i < 3; i++)
    if (call->tensors[i]->dtype != call->tensors[0]->dtype && !call->tensors[i]->wrapped)
      return gten_call_fail (error, GTEN_ERROR_SHAPE, "expected dtype %s for `%s` but got dtype %s",
                             gten_dtype_c_name ((GtenDtype) call->tensors[0]->dtype), names[i],
                             gten_dtype_c_name ((GtenDtype) call->tensors[i]->dtype));
  return TRUE;
}

gboolean
gten_check_isin (const GtenCall *call, GtenDtype dtype, GError **error)
{
  for (guint i = 0; i < 2; i++)
    if (call->tensors[i]->dtype == GTEN_DTYPE_BOOL)
      return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "Unsupported input type encountered for isin(): Bool");
  return TRUE;
}

gboolean
gten_check_nanmean (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (!gten_is_floating (call->tensors[0]))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "nanmean(): expected input to have floating point or complex dtype but got %s",
                           gten_dtype_title ((GtenDtype) call->tensors[0]->dtype));
  return TRUE;
}

gboolean
gten_check_ldexp (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (call->in_place && !gten_is_floating (call->tensors[0]))
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "ldexp can't be cast to the desired output type %s",
                           gten_dtype_title ((GtenDtype) call->tensors[0]->dtype));
  return TRUE;
}

gboolean
gten_check_loss_sizes (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *input = call->tensors[0], *target = call->tensors[1];
  g_autofree char *sizes = NULL, *target_sizes = NULL;

  if (G_LIKELY (input->n_dims == target->n_dims
                && memcmp (gten_sizes (input), gten_sizes (target), input->n_dims * sizeof (gint64)) == 0))
    return TRUE;
  sizes = gten_shape_to_string (input->n_dims, gten_sizes (input));
  target_sizes = gten_shape_to_string (target->n_dims, gten_sizes (target));
  return gten_warn (error,
                    "Using a target size (torch.Size(%s)) that is different to the input size (torch.Size(%s)). This will likely lead "
                    "to incorrect results due to broadcasting. Please ensure they have the same size.", target_sizes, sizes);
}

gboolean
gten_check_huber_loss (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (!gten_check_loss_sizes (call, dtype, error))
    return FALSE;
  if (!(call->args[1].f > 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "huber_loss does not support non-positive values for delta.");
  return TRUE;
}

gboolean
gten_check_smooth_l1_loss (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (!gten_check_loss_sizes (call, dtype, error))
    return FALSE;
  return call->args[1].f >= 0
         || gten_call_fail (error, GTEN_ERROR_VALUE, "smooth_l1_loss does not support negative values for beta.");
}

gboolean
gten_check_norm_named (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const char *p = call->args[0].s;
  const guint n = call->args[1].given ? (guint) call->args[1].n : call->tensors[0]->n_dims;
  g_autoptr (GString) dims = g_string_new (NULL);

  if (g_strcmp0 (p, "fro") == 0)
    return TRUE;
  if (g_strcmp0 (p, "nuc") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "linalg.matrix_norm: Order %s not supported.", p);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (dims, " %" G_GINT64_FORMAT, call->args[1].given ? call->args[1].ints[i] : (gint64) i);
  if (n != 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "linalg.matrix_norm: dim must be a 2-tuple. Got%s", dims->str);
  return TRUE;
}

gboolean
gten_check_scatter_with (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const char *reduce = call->args[call->n_tensors == 3 ? 1 : 2].s;

  if (g_strcmp0 (reduce, "add") != 0 && g_strcmp0 (reduce, "multiply") != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "reduce argument must be either add or multiply.");
  return TRUE;
}

gboolean
gten_check_polygamma (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (call->args[0].i < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "polygamma(n, x) does not support negative n.");
  return TRUE;
}

gboolean
gten_check_window (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const gint64 length = call->args[0].i;

  if (length < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%s requires non-negative window_length, got window_length=%" G_GINT64_FORMAT,
                           call->op->name, length);
  for (guint i = 1; i < call->op->n_args; i++)
    if (g_str_equal (call->op->arg_types[i], "DType?") && call->args[i].given
        && !gten_dtype_is_floating_point ((GtenDtype) call->args[i].i))
      return gten_call_fail (error, GTEN_ERROR_DTYPE, "%s expects floating point dtypes, got: %s", call->op->name,
                             gten_dtype_title ((GtenDtype) call->args[i].i));
  return TRUE;
}

gboolean
gten_check_affine_grid (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *theta = call->tensors[0];
  const GtenArg *size = &call->args[0];
  const gint64 rows = (gint64) size->n - 2;
  g_autofree char *text = gten_shape_to_string ((guint) size->n, size->ints);
  g_autofree char *shape = gten_shape_to_string (theta->n_dims, gten_sizes (theta));

  if (!gten_is_floating (theta))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Expected theta to have floating point type, but got torch.%s",
                           gten_dtype_get_name ((GtenDtype) theta->dtype));
  if (rows != 2 && rows != 3)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size %s.",
                           text);
  if (theta->n_dims != 3 || gten_size (theta, 1) != rows || gten_size (theta, 2) != rows + 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Expected a batch of %dD affine matrices of shape Nx%s for size %s. Got torch.Size(%s).", (int) rows,
                           rows == 2 ? "2x3" : "3x4", text, shape);
  for (gsize i = 0; i < size->n; i++)
    if (size->ints[i] <= 0)
      return gten_call_fail (error, GTEN_ERROR_VALUE, "Expected non-zero, positive output size. Got %s", text);
  return TRUE;
}

gboolean
gten_check_channel_shuffle (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const gint64 groups = call->args[0].i;
  g_autofree char *sizes = gten_shape_to_string (input->n_dims, gten_sizes (input));

  if (input->n_dims < 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "channel_shuffle expects input with > 2 dims, but got input with sizes %s", sizes);
  if (groups <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Number of groups to divide channels in must be positive. Value of groups:%" G_GINT64_FORMAT, groups);
  if (gten_size (input, 1) % groups != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Number of channels must be divisible by groups. Got %" G_GINT64_FORMAT " channels and %" G_GINT64_FORMAT
                           " groups.", gten_size (input, 1), groups);
  return TRUE;
}

gboolean
gten_check_pdist (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0];

  if (self->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "pdist only supports 2D tensors, got: %uD", self->n_dims);
  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "pdist only supports floating-point dtypes");
  if (call->args[0].f < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "pdist only supports non-negative p values");
  return TRUE;
}

gboolean
gten_check_mvlgamma (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (call->tensors[0]->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "The input tensor may not be a boolean tensor.");
  if (call->in_place && !gten_is_floating (call->tensors[0]))
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "mvlgamma: result type %s can't be cast to the desired output type Float",
                           gten_dtype_title ((GtenDtype) call->tensors[0]->dtype));
  if (call->args[0].i < 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "p has to be greater than or equal to 1");
  return TRUE;
}

gboolean
gten_check_vander (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (call->tensors[0]->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "x must be a one-dimensional tensor.");
  if (call->args[0].given && call->args[0].i != GTEN_NONE && call->args[0].i < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "N must be non-negative.");
  return TRUE;
}
