/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Normalisation in one pass: tensors become what the kernel reads, and its results become tensors. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-conv-private.h"
#include "ops/gten-norm-private.h"

/* Contiguous, of the dtype of `like`; NULL stays NULL. New reference. */
static GtenTensor *
made_like (GtenTensor *self, GtenTensor *like, GError **error)
{
  g_autoptr (GtenTensor) cast = self == NULL ? NULL : gten_cast (self, (GtenDtype) like->dtype, error);

  return cast == NULL ? NULL : gten_contiguous (cast, error);
}

static void *
data_or_null (GtenTensor *self)
{
  return self == NULL ? NULL : gten_data (self);
}

static GtenTensor *
groups_of (const GtenKNorm *shape, GtenTensor *like, GError **error)
{
  return gten_tensor_alloc ((GtenDtype) like->dtype, 1, (const gint64[]) { shape->n_groups }, like->storage->device, error);
}

static GtenTensor *
alloc_as (GtenTensor *sizes, GtenTensor *like, GError **error)
{
  return gten_tensor_alloc ((GtenDtype) like->dtype, sizes->n_dims, gten_sizes (sizes), like->storage->device, error);
}

/* What kernels read, in both directions. */
static void
set_operands (GtenKNorm *norm, GtenTensor *input, GtenTensor *weight, GtenTensor *mean, GtenTensor *variance)
{
  norm->dtype = (GtenKDtype) input->dtype;
  norm->input = gten_data (input);
  norm->weight = data_or_null (weight);
  norm->mean = data_or_null (mean);
  norm->variance = data_or_null (variance);
}

gboolean
gten_normalize (GtenCall *call, const GtenKNorm *shape, GtenTensor *weight, GtenTensor *bias, GtenTensor **mean,
                GtenTensor **variance, gboolean *is_done, GError **error)
{
  GtenTensor *input = call->tensors[0];
  GtenDevice *device = input->storage->device;
  const GtenBackend *backend = gten_device_get_backend (device);
  g_autoptr (GtenTensor) from = NULL, scale = NULL, shift = NULL, to = NULL, means = NULL, variances = NULL;
  GtenKNorm norm = *shape;
  GtenKStatus status;

  *is_done = FALSE;
  if (backend->normalize == NULL || input->numel == 0)
    return TRUE;
  from = gten_compute_tensor (input, error);
  to = from == NULL ? NULL : alloc_as (input, from, error);
  if (to == NULL)
    return FALSE;
  scale = made_like (weight, from, error);
  shift = made_like (bias, from, error);
  if (shape->is_given)
    {
      means = made_like (*mean, from, error);
      variances = made_like (*variance, from, error);
    }
  else if (mean != NULL)
    {
      means = groups_of (shape, from, error);
      variances = groups_of (shape, from, error);
    }
  if ((weight != NULL && scale == NULL) || (bias != NULL && shift == NULL)
      || (mean != NULL && (means == NULL || variances == NULL)))
    return FALSE;
  set_operands (&norm, from, scale, means, variances);
  norm.bias = data_or_null (shift);
  norm.out = gten_data (to);
  status = backend->normalize (gten_device_get_index (device), &norm);
  if (status == GTEN_K_UNSUPPORTED)
    return TRUE;
  if (!gten_device_check (device, call->op->name, status, NULL, error))
    return FALSE;
  if (!shape->is_given && mean != NULL)
    {
      *mean = g_steal_pointer (&means);
      *variance = g_steal_pointer (&variances);
    }
  *is_done = TRUE;
  return gten_call_give (call, 0, gten_cast (to, (GtenDtype) input->dtype, error), error);
}

/* The gradient in the dtype of what it is of. */
static gboolean
give_gradient (GtenTensor *gradient, GtenTensor *of, GtenTensor **grad_input, GError **error)
{
  if (gradient == NULL)
    return TRUE;
  *grad_input = gten_cast (gradient, (GtenDtype) of->dtype, error);
  return *grad_input != NULL;
}

gboolean
gten_normalize_backward (GtenNode *node, GtenTensor *grad, const GtenKNorm *shape, GtenTensor *mean, GtenTensor *variance,
                         guint weight_at, GtenTensor **grad_inputs, gboolean *is_done, GError **error)
{
  const guint needed[3] = { 0, weight_at, weight_at + 1 };
  GtenDevice *device = grad->storage->device;
  const GtenBackend *backend = gten_device_get_backend (device);
  g_autoptr (GtenTensor) input = NULL, weight = NULL, from = NULL, scale = NULL, slope = NULL, means = NULL, variances = NULL;
  g_autoptr (GtenTensor) to_input = NULL, to_weight = NULL, to_bias = NULL;
  GtenTensor **const gradients[3] = { &to_input, &to_weight, &to_bias };
  const gint64 n_weights = shape->period * shape->n_channels;
  GtenKNorm norm = *shape;
  GtenKStatus status;

  *is_done = FALSE;
  if (!gten_grad_mode_off || backend->normalize_backward == NULL || grad->numel == 0)
    return TRUE;
  input = gten_node_saved_input (node, 0, error);
  from = input == NULL ? NULL : gten_compute_tensor (input, error);
  slope = from == NULL ? NULL : made_like (grad, from, error);
  if (slope == NULL)
    return FALSE;
  weight = gten_node_saved_input (node, weight_at, NULL);
  scale = made_like (weight, from, error);
  means = made_like (mean, from, error);
  variances = made_like (variance, from, error);
  if ((weight != NULL && scale == NULL) || (shape->is_given && (means == NULL || variances == NULL)))
    return FALSE;
  for (guint i = 0; i < 3; i++)
    {
      if (!gten_node_needs_input (node, needed[i]))
        continue;
      *gradients[i] = i == 0            ? alloc_as (input, from, error)
                      : weight != NULL ? alloc_as (weight, from, error)
                                       : gten_tensor_alloc ((GtenDtype) from->dtype, 1, &n_weights, device, error);
      if (*gradients[i] == NULL)
        return FALSE;
    }
  set_operands (&norm, from, scale, means, variances);
  status = backend->normalize_backward (gten_device_get_index (device), &norm,
                                        &(GtenKNormGradients) { gten_data (slope), data_or_null (to_input),
                                                                data_or_null (to_weight), data_or_null (to_bias) });
  if (status == GTEN_K_UNSUPPORTED)
    return TRUE;
  *is_done = TRUE;
  return gten_device_check (device, "normalize_backward", status, NULL, error)
         && give_gradient (to_input, input, &grad_inputs[0], error)
         && give_gradient (to_weight, weight, &grad_inputs[weight_at], error)
         && give_gradient (to_bias, weight != NULL ? weight : input, &grad_inputs[weight_at + 1], error);
}
