/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Normalisation by channel. Dimension 0 is the batch, 1 the channels. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-norm-private.h"

#include <string.h>

/* -- shared ---------------------------------------------------------------------------------------------*/

/* The input in a type whose squares do not overflow. */
static GtenTensor *
widened (GtenTensor *self, GError **error)
{
  return gten_apply_to_dtype (self, self->dtype == GTEN_DTYPE_FLOAT64 ? GTEN_DTYPE_FLOAT64 : GTEN_DTYPE_FLOAT32, FALSE, FALSE,
                              error);
}

/* One number for each channel, of the shape that meets inputs of n_dims. */
static GtenTensor *
by_channel (GtenTensor *self, guint n_dims, GError **error)
{
  gint64 shape[GTEN_MAX_DIMS];

  if (self == NULL)
    return NULL;
  for (guint i = 0; i < n_dims; i++)
    shape[i] = i == 1 ? self->numel : 1;
  return gten_tensor_reshape (self, shape, n_dims, error);
}

typedef struct
{
  gint64 dims[GTEN_MAX_DIMS];
  guint  n;
} Dims;

static void
all_but_channels (GtenTensor *self, Dims *dims)
{
  dims->n = 0;
  for (guint i = 0; i < self->n_dims; i++)
    if (i != 1)
      dims->dims[dims->n++] = i;
}

static GtenTensor *
mean_over (GtenTensor *self, const Dims *dims, GError **error)
{
  return gten_apply_mean (self, dims->dims, dims->n, TRUE, GTEN_DTYPE_NONE, error);
}

/* (x - mean) * rstd; all new references. */
static GtenTensor *
normalize (GtenTensor *x, const Dims *dims, double eps, GtenTensor **mean, GtenTensor **variance,
           GtenTensor **rstd, GError **error)
{
  g_autoptr (GtenTensor) centred = NULL, squares = NULL, safe = NULL;

  *mean = mean_over (x, dims, error);
  centred = gten_tensor_sub (x, *mean, error);
  squares = gten_tensor_square (centred, error);
  *variance = mean_over (squares, dims, error);
  safe = gten_tensor_add_scalar (*variance, GTEN_VALUE (eps), error);
  *rstd = gten_tensor_rsqrt (safe, error);
  return gten_tensor_mul (centred, *rstd, error);
}

/* rstd * (g - mean (g) - x * mean (g * x)), of the normalised x. */
static GtenTensor *
normalized_gradient (GtenTensor *g, GtenTensor *x, GtenTensor *rstd, const Dims *dims,
                     GError **error)
{
  g_autoptr (GtenTensor) mean = mean_over (g, dims, error);
  g_autoptr (GtenTensor) gx = gten_tensor_mul (g, x, error);
  g_autoptr (GtenTensor) mean_gx = mean_over (gx, dims, error);
  g_autoptr (GtenTensor) along = gten_tensor_mul (x, mean_gx, error);
  g_autoptr (GtenTensor) centred = gten_tensor_sub (g, mean, error);
  g_autoptr (GtenTensor) rest = gten_tensor_sub (centred, along, error);

  return gten_tensor_mul (rest, rstd, error);
}

/* x * weight + bias, in the dtype of the input. */
static gboolean
give_scaled (GtenCall *call, GtenTensor *x, GtenTensor *weight, GtenTensor *bias, GError **error)
{
  GtenTensor *input = call->tensors[0];
  g_autoptr (GtenTensor) result = gten_ref_or_null (x);

  for (guint i = 0; i < 2 && result != NULL; i++)
    {
      GtenTensor *given = i == 0 ? weight : bias;
      g_autoptr (GtenTensor) channels = NULL, next = NULL;

      if (given == NULL)
        continue;
      channels = by_channel (given, input->n_dims, error);
      next = i == 0 ? gten_tensor_mul (result, channels, error) : gten_tensor_add (result, channels, error);
      g_set_object (&result, next);
      if (next == NULL)
        return FALSE;
    }
  return gten_call_give (call, 0, gten_apply_to_dtype (result, (GtenDtype) input->dtype, FALSE, FALSE, error), error);
}

/* The gradients of weight and bias, and grad * weight. */
static gboolean
give_channel_gradients (GtenNode *node, GtenTensor *grad, GtenTensor *x, guint weight, guint bias, GtenTensor **grad_inputs,
                        GError **error)
{
  if (gten_node_needs_input (node, weight))
    {
      g_autoptr (GtenTensor) gx = gten_tensor_mul (grad, x, error);

      grad_inputs[weight] = gten_apply_channel_sum (gx, error);
      if (grad_inputs[weight] == NULL)
        return FALSE;
    }
  if (gten_node_needs_input (node, bias))
    {
      grad_inputs[bias] = gten_apply_channel_sum (grad, error);
      if (grad_inputs[bias] == NULL)
        return FALSE;
    }
  return TRUE;
}

static GtenTensor *
times_weight (GtenTensor *grad, GtenTensor *weight, GError **error)
{
  g_autoptr (GtenTensor) channels = NULL;

  if (weight == NULL)
    return g_object_ref (grad);
  channels = by_channel (weight, grad->n_dims, error);
  return gten_tensor_mul (grad, channels, error);
}

/* -- over the batch ----------------------------------------------------------------------------------------*/

static const char *const batch_names[] = { NULL, "running_mean", "running_var", "weight", "bias" };

static gboolean
check_batch (GtenCall *call, gint64 *n_values, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const gboolean training = call->args[0].i != 0;

  if (input->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_INDEX, "Dimension out of range (expected to be in range of [-%d, %d], but got 1)",
                           MAX (input->n_dims, 1), MAX (input->n_dims, 1) - 1);
  if (!gten_is_floating (input))
    return gten_call_lacks (call, (GtenDtype) input->dtype, error);
  *n_values = gten_size (input, 1) > 0 ? input->numel / gten_size (input, 1) : 0;
  if (training && *n_values == 1)
    {
      g_autofree char *sizes = gten_shape_to_string (input->n_dims, gten_sizes (input));

      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "Expected more than 1 value per channel when training, got input size torch.Size(%s)", sizes);
    }
  for (guint i = 1; i < 5; i++)
    {
      if (call->tensors[i] == NULL && !training && i < 3)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "%s must be defined in evaluation mode",
                               batch_names[i]);
      if (call->tensors[i] != NULL && call->tensors[i]->numel != gten_size (input, 1))
        return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s should contain %" G_GINT64_FORMAT " elements not %" G_GINT64_FORMAT,
                               batch_names[i], gten_size (input, 1), call->tensors[i]->numel);
    }
  return TRUE;
}

/* running = (1 - momentum) * running + momentum * now */
static gboolean
update_running (GtenTensor *running, GtenTensor *now, double factor, double momentum,
                GError **error)
{
  g_autoptr (GtenTensor) flat = NULL, scaled = NULL;

  if (running == NULL)
    return TRUE;
  flat = gten_tensor_reshape (now, gten_sizes (running), running->n_dims, error);
  scaled = gten_tensor_mul_scalar (flat, GTEN_VALUE (factor * momentum), error);
  return scaled != NULL && gten_tensor_mul_scalar_ (running, GTEN_VALUE (1 - momentum), error) != NULL
         && gten_tensor_add_ (running, scaled, error) != NULL;
}

/* The input normalised by its own mean and variance while training, else by the running ones. */
static GtenTensor *
batch_normalized (GtenTensor *x, GtenTensor *running_mean, GtenTensor *running_var, gboolean training, double eps, Dims *dims,
                  GtenTensor **mean, GtenTensor **variance, GtenTensor **rstd, GError **error)
{
  g_autoptr (GtenTensor) safe = NULL, centred = NULL;

  all_but_channels (x, dims);
  if (training)
    return normalize (x, dims, eps, mean, variance, rstd, error);
  *mean = by_channel (running_mean, x->n_dims, error);
  *variance = by_channel (running_var, x->n_dims, error);
  safe = gten_tensor_add_scalar (*variance, GTEN_VALUE (eps), error);
  *rstd = gten_tensor_rsqrt (safe, error);
  centred = gten_tensor_sub (x, *mean, error);
  return gten_tensor_mul (centred, *rstd, error);
}

/* Each channel is a group, in every image a line of it. */
static GtenKNorm
norm_of_channels (GtenTensor *input, gboolean training, double eps)
{
  const gint64 outer = gten_size (input, 0), n_channels = gten_size (input, 1);

  return (GtenKNorm) { .outer = outer, .n_groups = n_channels, .n_channels = 1, .inner = input->numel / MAX (outer * n_channels, 1),
                       .period = n_channels, .is_given = !training, .eps = eps };
}

gboolean
gten_run_batch_norm (GtenCall *call, GError **error)
{
  GtenTensor **tensors = call->tensors;
  const gboolean training = call->args[0].i != 0;
  const double momentum = call->args[1].f, eps = call->args[2].f;
  g_autoptr (GtenTensor) wide = NULL, x = NULL, mean = NULL, variance = NULL, rstd = NULL;
  gint64 n = 0;
  gboolean is_done;
  GtenKNorm channels;
  Dims dims;

  /* Of whatever shape. */
  if (tensors[0]->numel == 0)
    return gten_call_copy_self (call, error) != NULL;
  if (!check_batch (call, &n, error))
    return FALSE;
  channels = norm_of_channels (tensors[0], training, eps);
  if (!gten_normalize (call, &channels, tensors[3], tensors[4], training ? &mean : &tensors[1],
                       training ? &variance : &tensors[2], &is_done, error))
    return FALSE;
  if (!is_done)
    {
      wide = widened (tensors[0], error);
      x = wide == NULL ? NULL : batch_normalized (wide, tensors[1], tensors[2], training, eps, &dims,
                                                  &mean, &variance, &rstd, error);
      if (x == NULL)
        return FALSE;
    }
  if (training && n > 0
      && (!update_running (tensors[1], mean, 1, momentum, error)
          || !update_running (tensors[2], variance, (double) n / (n - 1), momentum, error)))
    return FALSE;
  return is_done || give_scaled (call, x, tensors[3], tensors[4], error);
}

gboolean
gten_gradient_batch_norm (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs,
                          GError **error)
{
  const GtenArg *args = gten_node_args (node);
  const gboolean training = args[0].i != 0;
  g_autoptr (GtenTensor) input = NULL, wide = NULL, weight = NULL, running_mean = NULL, running_var = NULL, x = NULL, g = NULL,
                         mean = NULL, variance = NULL, rstd = NULL;
  gboolean is_done;
  Dims dims;

  if (grads[0] == NULL)
    return TRUE;
  input = gten_node_saved_input (node, 0, error);
  if (input != NULL && input->numel == 0)
    {
      grad_inputs[0] = gten_node_needs_input (node, 0) ? g_object_ref (grads[0]) : NULL;
      return input->n_dims < 2
             || give_channel_gradients (node, grads[0], grads[0], 3, 4, grad_inputs, error);
    }
  weight = gten_node_saved_input (node, 3, NULL);
  if (!training)
    {
      running_mean = gten_node_saved_input (node, 1, error);
      running_var = gten_node_saved_input (node, 2, error);
    }
  if (input != NULL)
    {
      const GtenKNorm channels = norm_of_channels (input, training, args[2].f);

      if (!gten_normalize_backward (node, grads[0], &channels, running_mean, running_var, 3, grad_inputs, &is_done, error))
        return FALSE;
      if (is_done)
        return TRUE;
    }
  wide = input == NULL ? NULL : widened (input, error);
  x = wide == NULL ? NULL : batch_normalized (wide, running_mean, running_var, training, args[2].f,
                                              &dims, &mean, &variance, &rstd, error);
  if (x == NULL)
    return FALSE;
  if (gten_node_needs_input (node, 0))
    {
      g = times_weight (grads[0], weight, error);
      grad_inputs[0] = training ? normalized_gradient (g, x, rstd, &dims, error) : gten_tensor_mul (g, rstd, error);
      if (grad_inputs[0] == NULL)
        return FALSE;
    }
  return give_channel_gradients (node, grads[0], x, 3, 4, grad_inputs, error);
}

/* -- over each image ----------------------------------------------------------------------------------------*/

static GtenTensor *
repeated (GtenTensor *self, gint64 n, GError **error)
{
  return self == NULL ? NULL : gten_tensor_repeat (self, &n, 1, error);
}

/* The running number becomes the mean of those of the images. */
static gboolean
take_back (GtenTensor *running, GtenTensor *each, gint64 n, gint64 n_channels, GError **error)
{
  g_autoptr (GtenTensor) rows = NULL, mean = NULL;

  if (running == NULL)
    return TRUE;
  rows = gten_tensor_reshape (each, (const gint64[]) { n, n_channels }, 2, error);
  mean = gten_apply_mean (rows, (const gint64[]) { 0 }, 1, FALSE, GTEN_DTYPE_NONE, error);
  return mean != NULL && gten_copy_elements (running, mean, error);
}

gboolean
gten_run_instance_norm (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], **tensors = call->tensors;
  const gboolean uses_input = call->args[0].i != 0;
  g_autoptr (GtenTensor) images = NULL, mean = NULL, variance = NULL, weight = NULL, bias = NULL, result = NULL;
  gint64 sizes[GTEN_MAX_DIMS], n, n_channels, n_values = 1;

  if (input->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected input of at least 2 dimensions, got %u", input->n_dims);
  n = gten_size (input, 0);
  n_channels = gten_size (input, 1);
  for (guint i = 2; i < input->n_dims; i++)
    n_values *= gten_size (input, i);
  if (!uses_input && (tensors[1] == NULL || tensors[2] == NULL))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Expected running_mean and running_var to be defined when use_input_stats is false");
  if (uses_input && n_values == 1)
    {
      g_autofree char *text = gten_shape_to_string (input->n_dims, gten_sizes (input));

      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "Expected more than 1 spatial element when training, got input size torch.Size(%s)", text);
    }
  for (guint i = 1; i < 5; i++)
    if (tensors[i] != NULL && tensors[i]->numel != n_channels)
      return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s should contain %" G_GINT64_FORMAT " elements not %" G_GINT64_FORMAT,
                             batch_names[i], n_channels, tensors[i]->numel);
  memcpy (sizes, gten_sizes (input), input->n_dims * sizeof *sizes);
  sizes[0] = 1;
  sizes[1] = n * n_channels;
  images = gten_tensor_reshape (input, sizes, input->n_dims, error);
  mean = repeated (tensors[1], n, error);
  variance = repeated (tensors[2], n, error);
  weight = repeated (tensors[3], n, error);
  bias = repeated (tensors[4], n, error);
  result = gten_apply_batch_norm (images, mean, variance, weight, bias, uses_input, call->args[1].f,
                                  call->args[2].f, error);
  if (result == NULL
      || (uses_input && (!take_back (tensors[1], mean, n, n_channels, error) || !take_back (tensors[2], variance, n, n_channels, error))))
    return FALSE;
  return gten_call_give (call, 0,
                         gten_tensor_reshape (result, gten_sizes (input), input->n_dims, error),
                         error);
}

/* -- over groups ----------------------------------------------------------------------------------------------*/

static const Dims last_of_three = { { 2 }, 1 };

static gboolean
check_groups (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const gint64 n_groups = call->args[0].i;
  g_autofree char *sizes = gten_shape_to_string (input->n_dims, gten_sizes (input));

  if (n_groups < 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Expected num groups to be greater than 0, got %" G_GINT64_FORMAT,
                           n_groups);
  if (input->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Expected at least 2 dimensions for input tensor but received %u",
                           input->n_dims);
  if (gten_size (input, 1) % n_groups != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected number of channels in input to be divisible by num_groups, but got input of shape %s and "
                           "num_groups=%" G_GINT64_FORMAT, sizes, n_groups);
  if (gten_size (input, 1) == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected number of channels to be greater than 0, got 0");
  for (guint i = 2; i < input->n_dims; i++)
    if (gten_size (input, i) == 0)
      return gten_call_fail (error, GTEN_ERROR_SHAPE, "Expected HxW to be greater than 0, got 0");
  for (guint i = 1; i < 3; i++)
    if (call->tensors[i] != NULL
        && (call->tensors[i]->n_dims != 1 || call->tensors[i]->numel != gten_size (input, 1)))
      {
        g_autofree char *own = gten_shape_to_string (call->tensors[i]->n_dims,
                                                     gten_sizes (call->tensors[i]));

        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "Expected %s to be a vector of size equal to the number of channels in input, but got %s of shape %s "
                               "and input of shape %s", i == 1 ? "weight" : "bias", i == 1 ? "weight" : "bias", own, sizes);
      }
  if (!gten_is_floating (input))
    return gten_call_lacks (call, (GtenDtype) input->dtype, error);
  return TRUE;
}

/* [batch, groups, the rest] */
static GtenTensor *
grouped (GtenTensor *self, gint64 n_groups, GError **error)
{
  const gint64 n = gten_size (self, 0);

  return gten_tensor_reshape (self, (const gint64[]) { n, n_groups, n > 0 ? self->numel / (n * n_groups) : 0 }, 3, error);
}

static GtenKNorm
norm_of_groups (GtenTensor *input, gint64 n_groups, double eps)
{
  const gint64 n = gten_size (input, 0), n_channels = gten_size (input, 1);

  return (GtenKNorm) { .outer = 1, .n_groups = n * n_groups, .n_channels = n_channels / n_groups,
                       .inner = input->numel / MAX (n * n_channels, 1), .period = n_groups, .eps = eps };
}

gboolean
gten_run_group_norm (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  g_autoptr (GtenTensor) wide = NULL, groups = NULL, x = NULL, mean = NULL, variance = NULL, rstd = NULL, back = NULL;
  gboolean is_done;
  GtenKNorm shape;

  if (!check_groups (call, error))
    return FALSE;
  shape = norm_of_groups (input, call->args[0].i, call->args[1].f);
  if (!gten_normalize (call, &shape, call->tensors[1], call->tensors[2], NULL, NULL, &is_done, error))
    return FALSE;
  if (is_done)
    return TRUE;
  wide = widened (input, error);
  groups = wide == NULL ? NULL : grouped (wide, call->args[0].i, error);
  x = normalize (groups, &last_of_three, call->args[1].f, &mean, &variance, &rstd, error);
  back = gten_tensor_reshape (x, gten_sizes (input), input->n_dims, error);
  return back != NULL && give_scaled (call, back, call->tensors[1], call->tensors[2], error);
}

gboolean
gten_gradient_group_norm (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs,
                          GError **error)
{
  const GtenArg *args = gten_node_args (node);
  g_autoptr (GtenTensor) input = NULL, weight = NULL, wide = NULL, groups = NULL, x = NULL, mean = NULL, variance = NULL, rstd = NULL,
                         back = NULL;
  gboolean is_done;

  if (grads[0] == NULL)
    return TRUE;
  const GtenKNorm shape = norm_of_groups (grads[0], args[0].i, args[1].f);
  if (!gten_normalize_backward (node, grads[0], &shape, NULL, NULL, 1, grad_inputs, &is_done, error))
    return FALSE;
  if (is_done)
    return TRUE;
  input = gten_node_saved_input (node, 0, error);
  weight = gten_node_saved_input (node, 1, NULL);
  wide = input == NULL ? NULL : widened (input, error);
  groups = wide == NULL ? NULL : grouped (wide, args[0].i, error);
  x = normalize (groups, &last_of_three, args[1].f, &mean, &variance, &rstd, error);
  if (x == NULL)
    return FALSE;
  if (gten_node_needs_input (node, 0))
    {
      g_autoptr (GtenTensor) scaled = times_weight (grads[0], weight, error);
      g_autoptr (GtenTensor) g = scaled == NULL ? NULL : grouped (scaled, args[0].i, error);
      g_autoptr (GtenTensor) slope = normalized_gradient (g, x, rstd, &last_of_three, error);

      grad_inputs[0] = gten_tensor_reshape (slope, gten_sizes (input), input->n_dims, error);
      if (grad_inputs[0] == NULL)
        return FALSE;
    }
  back = gten_tensor_reshape (x, gten_sizes (input), input->n_dims, error);
  return back != NULL && give_channel_gradients (node, grads[0], back, 1, 2, grad_inputs, error);
}

gboolean
gten_check_local_response_norm (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const guint n = call->tensors[0]->n_dims;

  if (n < 3)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Expected 3D or higher dimensionality input (got %u dimensions)", n);
  if (call->args[0].i < 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "size should be greater than zero, but got %" G_GINT64_FORMAT,
                           call->args[0].i);
  return TRUE;
}
