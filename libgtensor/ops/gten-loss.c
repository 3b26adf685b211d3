/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Losses. `reduction` is "mean", "sum" or "none", as in PyTorch. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

static gboolean
check_reduction (const char *reduction, GError **error)
{
  if (g_strcmp0 (reduction, "mean") == 0 || g_strcmp0 (reduction, "sum") == 0
      || g_strcmp0 (reduction, "none") == 0)
    return TRUE;
  return gten_call_fail (error, GTEN_ERROR_VALUE, "%s is not a valid value for reduction",
                         reduction == NULL ? "None" : reduction);
}

static GtenTensor *
reduce_loss (GtenTensor *loss, const char *reduction, GError **error)
{
  if (g_strcmp0 (reduction, "mean") == 0)
    return gten_tensor_mean (loss, error);
  if (g_strcmp0 (reduction, "sum") == 0)
    return gten_tensor_sum (loss, error);
  return gten_ref_or_null (loss);
}

gboolean
gten_run_reduce_loss (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const char *reduction = call->args[0].s;

  if (g_strcmp0 (reduction, "batchmean") == 0)
    {
      g_autoptr (GtenTensor) sum = gten_tensor_sum (self, error);

      return gten_call_give (
          call, 0,
          gten_tensor_div_scalar (sum, GTEN_VALUE (self->n_dims > 0 ? gten_size (self, 0) : 1),
                                  error),
          error);
    }
  return check_reduction (reduction, error)
         && gten_call_give (call, 0, reduce_loss (self, reduction, error), error);
}

gboolean
gten_run_spread_loss (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *input = call->tensors[1], *target = call->tensors[2];
  gint64 sizes[GTEN_MAX_DIMS], numel = 1;
  guint n_dims;

  if (g_strcmp0 (call->args[0].s, "mean") != 0)
    return gten_call_give (call, 0, g_object_ref (grad), error);
  if (!gten_shape_broadcast (input->n_dims, gten_sizes (input), target->n_dims, gten_sizes (target),
                             &n_dims, sizes, error))
    return FALSE;
  for (guint i = 0; i < n_dims; i++)
    numel *= sizes[i];
  return gten_call_give (call, 0, gten_tensor_div_scalar (grad, GTEN_VALUE (numel), error), error);
}

/* -- negative log likelihood ------------------------------------------------------------------- */

/* Which classes count, the targets with 0 for those that do not, and the weight of each target. */
static gboolean
read_targets (GtenTensor *self, GtenTensor *target, GtenTensor *weight, gint64 ignore_index,
              GtenTensor **ignored, GtenTensor **classes, GtenTensor **weights, GError **error)
{
  guint class_dim = self->n_dims == 1 ? 0 : 1;
  gint64 n_classes = gten_size (self, class_dim), shape[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) index = gten_cast (target, GTEN_DTYPE_INT64, error), flat = NULL, taken = NULL;
  gint64 least = 0, largest = 0;

  if (index == NULL)
    return FALSE;
  *ignored = gten_tensor_eq_scalar (index, GTEN_VALUE (ignore_index), error);
  *classes = *ignored == NULL
                 ? NULL
                 : gten_tensor_masked_fill_scalar (index, *ignored, GTEN_VALUE (0), error);
  if (*classes == NULL)
    return FALSE;
  if (index->numel > 0 && gten_can_look (index))
    {
      if (!gten_read_range (*classes, &least, &largest, error))
        return FALSE;
      if (least < 0 || largest >= n_classes)
        return gten_call_fail (error, GTEN_ERROR_INDEX,
                               "Target %" G_GINT64_FORMAT " is out of bounds.",
                               least < 0 ? least : largest);
    }
  if (weight == NULL)
    taken = gten_apply_full_like (*classes, gten_scalar_int (1), (GtenDtype) self->dtype, NULL,
                                  error);
  else
    {
      flat = gten_tensor_reshape (*classes, (const gint64[]){ -1 }, 1, error);
      g_autoptr (GtenTensor) rows = gten_tensor_index_select (weight, 0, flat, error);
      memcpy (shape, gten_sizes (index), index->n_dims * sizeof *shape);
      taken = gten_tensor_reshape (rows, shape, index->n_dims, error);
    }
  *weights = taken == NULL
                 ? NULL
                 : gten_tensor_masked_fill_scalar (taken, *ignored, GTEN_VALUE (0), error);
  return *weights != NULL;
}

gboolean
gten_run_nll_loss_forward (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *target = call->tensors[1], *weight = call->tensors[2];
  const char *reduction = call->args[0].s;
  gint64 class_dim = self->n_dims == 1 ? 0 : 1;
  g_autoptr (GtenTensor) ignored = NULL, classes = NULL, weights = NULL, columns = NULL,
                         picked = NULL, likelihood = NULL, weighed = NULL;
  g_autoptr (GtenTensor) cleared = NULL, loss = NULL, sum = NULL, total = NULL;

  if (!read_targets (self, target, weight, call->args[1].i, &ignored, &classes, &weights, error))
    return FALSE;
  columns = gten_tensor_unsqueeze (classes, class_dim, error);
  picked = gten_apply_gather (self, class_dim, columns, FALSE, error);
  likelihood = gten_tensor_squeeze_dim (picked, class_dim, error);
  weighed = gten_tensor_mul (likelihood, weights, error);
  /* What is ignored may be infinite. */
  cleared = weighed == NULL
                ? NULL
                : gten_tensor_masked_fill_scalar (weighed, ignored, GTEN_VALUE (0), error);
  loss = gten_tensor_neg (cleared, error);
  total = gten_tensor_sum (weights, error);
  if (loss == NULL || total == NULL)
    return FALSE;
  if (g_strcmp0 (reduction, "none") == 0)
    return gten_call_give (call, 0, g_steal_pointer (&loss), error)
           && gten_call_give (call, 1, g_steal_pointer (&total), error);
  sum = gten_tensor_sum (loss, error);
  if (g_strcmp0 (reduction, "mean") == 0)
    {
      GtenTensor *mean = gten_tensor_div (sum, total, error);

      g_set_object (&sum, mean);
      g_clear_object (&mean);
    }
  return sum != NULL && gten_call_give (call, 0, g_steal_pointer (&sum), error)
         && gten_call_give (call, 1, g_steal_pointer (&total), error);
}

gboolean
gten_run_nll_loss_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *self = call->tensors[1], *target = call->tensors[2],
             *weight = call->tensors[3], *total = call->tensors[4];
  gint64 class_dim = self->n_dims == 1 ? 0 : 1;
  g_autoptr (GtenTensor) ignored = NULL, classes = NULL, weights = NULL, columns = NULL,
                         zeros = NULL, share = NULL, scaled = NULL, wide = NULL;

  if (!read_targets (self, target, weight, call->args[1].i, &ignored, &classes, &weights, error))
    return FALSE;
  share = g_strcmp0 (call->args[0].s, "mean") == 0 ? gten_tensor_div (grad, total, error)
                                                   : g_object_ref (grad);
  wide = gten_tensor_mul (weights, share, error);
  scaled = gten_tensor_neg (wide, error);
  if (scaled == NULL)
    return FALSE;
  g_clear_object (&wide);
  wide = gten_tensor_unsqueeze (scaled, class_dim, error);
  columns = gten_tensor_unsqueeze (classes, class_dim, error);
  zeros
      = gten_apply_new_zeros (self, gten_sizes (self), self->n_dims, GTEN_DTYPE_NONE, NULL, error);
  if (zeros == NULL || gten_tensor_scatter_add_ (zeros, class_dim, columns, wide, error) == NULL)
    return FALSE;
  return gten_call_give (call, 0, g_steal_pointer (&zeros), error);
}

static gboolean
check_nll (GtenTensor *self, GtenTensor *target, GtenTensor *weight, GError **error)
{
  gboolean fits = TRUE;

  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "input tensor should be 1D or 2D");
  if (self->n_dims == 1 ? target->n_dims > 1 : self->n_dims == 2 && target->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           target->n_dims > 1
                               ? "0D or 1D target tensor expected, multi-target not supported"
                               : "size mismatch (got input: [%" G_GINT64_FORMAT
                                 ", %" G_GINT64_FORMAT "], target: [])",
                           gten_size (self, 0), self->n_dims > 1 ? gten_size (self, 1) : 0);
  if (self->n_dims > 1)
    {
      fits = target->n_dims == self->n_dims - 1 && gten_size (self, 0) == gten_size (target, 0);
      for (int i = 2; fits && i < self->n_dims; i++)
        fits = gten_size (self, i) == gten_size (target, i - 1);
    }
  else
    fits = target->numel == 1;
  if (!fits && self->n_dims > 1 && target->n_dims > 0
      && gten_size (self, 0) != gten_size (target, 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Expected input batch_size (%" G_GINT64_FORMAT
                           ") to match target batch_size (%" G_GINT64_FORMAT ").",
                           gten_size (self, 0), gten_size (target, 0));
  if (!fits && self->n_dims <= 2)
    {
      g_autofree char *a = gten_shape_to_string (self->n_dims, gten_sizes (self)),
                      *b = gten_shape_to_string (target->n_dims, gten_sizes (target));

      return gten_call_fail (error, GTEN_ERROR_SHAPE, "size mismatch (got input: %s, target: %s)",
                             a, b);
    }
  if (!fits)
    {
      g_autofree char *b = gten_shape_to_string (target->n_dims, gten_sizes (target));

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Expected target size to match the input without its classes, got %s",
                             b);
    }
  if (target->dtype != GTEN_DTYPE_INT64 && target->dtype != GTEN_DTYPE_UINT8)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "expected target dtype to be Long or Byte, but got %s",
                           gten_dtype_title ((GtenDtype) target->dtype));
  if (weight != NULL
      && (weight->n_dims != 1 || weight->numel != gten_size (self, self->n_dims == 1 ? 0 : 1)))
    {
      g_autofree char *text = gten_shape_to_string (weight->n_dims, gten_sizes (weight));

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "weight tensor should be defined either for all %" G_GINT64_FORMAT
                             " classes or no classes but got weight tensor of shape: %s",
                             gten_size (self, self->n_dims == 1 ? 0 : 1), text);
    }
  if (weight != NULL && weight->dtype != self->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "expected scalar type %s but found %s",
                           gten_dtype_title ((GtenDtype) self->dtype),
                           gten_dtype_title ((GtenDtype) weight->dtype));
  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "\"nll_loss_out_frame\" not implemented for '%s'",
                           gten_dtype_title ((GtenDtype) self->dtype));
  return TRUE;
}

static GtenTensor *
nll_loss (GtenTensor *self, GtenTensor *target, GtenTensor *weight, gint64 ignore_index,
          const char *reduction, GError **error)
{
  g_autoptr (GtenTensor) total = NULL, flat_target = NULL;

  if (!check_reduction (reduction, error) || !check_nll (self, target, weight, error))
    return NULL;
  if (weight != NULL && !gten_grad_mode_off && gten_tensor_needs_grad (weight))
    {
      gten_call_fail (error, GTEN_ERROR_AUTOGRAD,
                      "The function 'nll_loss_forward' is not differentiable with respect to "
                      "argument 'weight'. This input cannot have requires_grad "
                      "True.");
      return NULL;
    }
  flat_target = self->n_dims == 1 && target->n_dims == 1
                    ? gten_tensor_squeeze_dim (target, 0, error)
                    : g_object_ref (target);
  return gten_apply_nll_loss_forward (self, flat_target, weight, reduction, ignore_index, &total,
                                      error);
}

gboolean
gten_run_nll_loss (GtenCall *call, GError **error)
{
  return gten_call_give (call, 0,
                         nll_loss (call->tensors[0], call->tensors[1], call->tensors[2],
                                   call->args[0].i, call->args[1].s, error),
                         error);
}

/* -- cross entropy ----------------------------------------------------------------------------- */

/* The weight of each class in the shape of the input. */
static GtenTensor *
weight_of_classes (GtenTensor *self, GtenTensor *weight, gint64 class_dim, GError **error)
{
  gint64 shape[GTEN_MAX_DIMS];

  for (int i = 0; i < self->n_dims; i++)
    shape[i] = i == class_dim ? weight->numel : 1;
  return gten_tensor_view (weight, shape, self->n_dims, error);
}

static GtenTensor *
cross_entropy_of_probabilities (GtenTensor *self, GtenTensor *target, GtenTensor *weight,
                                const char *reduction, double smoothing, GError **error)
{
  gint64 class_dim = self->n_dims == 1 ? 0 : 1, n_classes = gten_size (self, class_dim);
  g_autoptr (GtenTensor) logs = NULL, wide = NULL, product = NULL, weighed = NULL, sum = NULL,
                         negative = NULL, scaled = NULL, smooth = NULL;

  if (!gten_is_floating (target))
    {
      gten_call_fail (error, GTEN_ERROR_DTYPE,
                      "Expected floating point type for target with class probabilities, got %s",
                      gten_dtype_title ((GtenDtype) target->dtype));
      return NULL;
    }
  if (smoothing > 0)
    {
      scaled = gten_tensor_mul_scalar (target, GTEN_VALUE (1 - smoothing), error);
      smooth = gten_tensor_add_scalar (scaled, GTEN_VALUE (smoothing / n_classes), error);
    }
  else
    smooth = g_object_ref (target);
  logs = gten_tensor_log_softmax (self, class_dim, error);
  product = gten_tensor_mul (logs, smooth, error);
  if (weight != NULL)
    {
      wide = weight_of_classes (self, weight, class_dim, error);
      weighed = gten_tensor_mul (product, wide, error);
    }
  else
    weighed = gten_ref_or_null (product);
  if (g_strcmp0 (reduction, "none") == 0)
    sum = gten_apply_sum (weighed, &class_dim, 1, FALSE, GTEN_DTYPE_NONE, error);
  else
    sum = gten_tensor_sum (weighed, error);
  negative = gten_tensor_neg (sum, error);
  if (negative == NULL || g_strcmp0 (reduction, "mean") != 0)
    return g_steal_pointer (&negative);
  return gten_tensor_div_scalar (negative, GTEN_VALUE (MAX (self->numel / MAX (n_classes, 1), 0)),
                                 error);
}

/* nll * (1 - smoothing) + smoothing / classes * the loss of all classes alike. */
static GtenTensor *
cross_entropy_smoothed (GtenTensor *self, GtenTensor *target, GtenTensor *weight,
                        gint64 ignore_index, const char *reduction, double smoothing,
                        GError **error)
{
  gint64 class_dim = self->n_dims == 1 ? 0 : 1, n_classes = gten_size (self, class_dim);
  g_autoptr (GtenTensor) logs = gten_tensor_log_softmax (self, class_dim, error);
  g_autoptr (GtenTensor) nll = NULL, all = NULL, sum = NULL, smooth = NULL, ignored = NULL,
                         kept = NULL, wide = NULL;
  g_autoptr (GtenTensor) reduced = NULL, first = NULL, second = NULL, classes = NULL,
                         weights = NULL;

  if (logs == NULL)
    return NULL;
  nll = nll_loss (logs, target, weight, ignore_index, reduction, error);
  if (nll == NULL)
    return NULL;
  if (weight != NULL)
    {
      wide = weight_of_classes (self, weight, class_dim, error);
      all = gten_tensor_mul (logs, wide, error);
    }
  else
    all = g_object_ref (logs);
  sum = gten_apply_sum (all, &class_dim, 1, FALSE, GTEN_DTYPE_NONE, error);
  smooth = gten_tensor_neg (sum, error);
  if (smooth == NULL
      || !read_targets (self, target, weight, ignore_index, &ignored, &classes, &weights, error))
    return NULL;
  kept = gten_tensor_masked_fill_scalar (smooth, ignored, GTEN_VALUE (0), error);
  if (g_strcmp0 (reduction, "mean") == 0)
    {
      g_autoptr (GtenTensor) total = gten_tensor_sum (weights, error),
                             loss = gten_tensor_sum (kept, error);

      reduced = gten_tensor_div (loss, total, error);
    }
  else
    reduced = reduce_loss (kept, reduction, error);
  first = gten_tensor_mul_scalar (nll, GTEN_VALUE (1 - smoothing), error);
  second = reduced == NULL
               ? NULL
               : gten_tensor_mul_scalar (reduced, GTEN_VALUE (smoothing / n_classes), error);
  return gten_tensor_add (first, second, error);
}

gboolean
gten_run_cross_entropy (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *target = call->tensors[1], *weight = call->tensors[2];
  gint64 ignore_index = call->args[0].i;
  const char *reduction = call->args[1].s;
  double smoothing = call->args[2].f;
  g_autoptr (GtenTensor) logs = NULL;

  if (!check_reduction (reduction, error))
    return FALSE;
  if (!(smoothing >= 0 && smoothing <= 1))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "label_smoothing must be between 0.0 and 1.0. Got: %g", smoothing);
  /* The classes are the second dimension. */
  if (self->n_dims == 0 && gten_wrap_dim (1, 0, error) < 0)
    return FALSE;
  if (self->n_dims == target->n_dims
      && memcmp (gten_sizes (self), gten_sizes (target), self->n_dims * sizeof (gint64)) == 0)
    return gten_call_give (
        call, 0, cross_entropy_of_probabilities (self, target, weight, reduction, smoothing, error),
        error);
  if (smoothing > 0)
    return gten_call_give (
        call, 0,
        cross_entropy_smoothed (self, target, weight, ignore_index, reduction, smoothing, error),
        error);
  logs = gten_tensor_log_softmax (self, self->n_dims == 1 ? 0 : 1, error);
  return logs != NULL
         && gten_call_give (call, 0,
                            nll_loss (logs, target, weight, ignore_index, reduction, error), error);
}

/* -- binary cross entropy ---------------------------------------------------------------------- */

gboolean
gten_check_binary_cross_entropy (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0], *target = call->tensors[1];
  g_autofree char *a = NULL, *b = NULL;

  if (!check_reduction (call->args[0].s, error))
    return FALSE;
  if (self->n_dims == target->n_dims
      && memcmp (gten_sizes (self), gten_sizes (target), self->n_dims * sizeof (gint64)) == 0)
    return TRUE;
  a = gten_shape_to_string (target->n_dims, gten_sizes (target));
  b = gten_shape_to_string (self->n_dims, gten_sizes (self));
  a[0] = b[0] = '(';
  a[strlen (a) - 1] = b[strlen (b) - 1] = ')';
  return gten_call_fail (error, GTEN_ERROR_SHAPE,
                         "Using a target size (torch.Size(%s)) that is different to the input size "
                         "(torch.Size(%s)) is deprecated. "
                         "Please ensure they have the same size.",
                         a, b);
}

/* (1 - target) * x - (1 + (pos_weight - 1) * target) * log_sigmoid (x) */
gboolean
gten_run_binary_cross_entropy_with_logits (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *target = call->tensors[1], *weight = call->tensors[2],
             *pos_weight = call->tensors[3];
  g_autoptr (GtenTensor) rest = NULL, first = NULL, log_sigmoid = NULL, excess = NULL, more = NULL,
                         factor = NULL, second = NULL, sum = NULL, loss = NULL;

  if (!check_reduction (call->args[0].s, error))
    return FALSE;
  if (self->n_dims != target->n_dims
      || memcmp (gten_sizes (self), gten_sizes (target), self->n_dims * sizeof (gint64)) != 0)
    {
      g_autofree char *a = gten_shape_to_string (target->n_dims, gten_sizes (target)),
                      *b = gten_shape_to_string (self->n_dims, gten_sizes (self));

      return gten_call_fail (
          error, GTEN_ERROR_SHAPE,
          "Target size (torch.Size(%s)) must be the same as input size (torch.Size(%s))", a, b);
    }
  rest = gten_tensor_rsub_scalar (target, GTEN_VALUE (1), error);
  first = gten_tensor_mul (rest, self, error);
  log_sigmoid = gten_tensor_logsigmoid (self, error);
  if (pos_weight != NULL)
    {
      excess = gten_tensor_sub_scalar (pos_weight, GTEN_VALUE (1), error);
      more = gten_tensor_mul (excess, target, error);
      factor = more == NULL ? NULL : gten_tensor_add_scalar (more, GTEN_VALUE (1), error);
      second = gten_tensor_mul (factor, log_sigmoid, error);
    }
  else
    second = gten_ref_or_null (log_sigmoid);
  sum = gten_tensor_sub (first, second, error);
  loss = weight == NULL ? gten_ref_or_null (sum) : gten_tensor_mul (sum, weight, error);
  return loss != NULL
         && gten_call_give (call, 0, reduce_loss (loss, call->args[0].s, error), error);
}

gboolean
gten_gradient_binary_cross_entropy_with_logits (GtenNode *node, GtenTensor **grads,
                                                GtenTensor **grad_inputs, GError **error)
{
  g_autoptr (GtenTensor) self = NULL, target = NULL, weight = NULL, pos_weight = NULL, share = NULL,
                         scaled = NULL;

  if (grads[0] == NULL)
    return TRUE;
  self = gten_node_saved_input (node, 0, error);
  target = gten_node_saved_input (node, 1, error);
  if (self == NULL || target == NULL)
    return FALSE;
  weight = gten_node_saved_input (node, 2, NULL);
  pos_weight = gten_node_saved_input (node, 3, NULL);
  share = gten_apply_spread_loss (grads[0], self, target, gten_node_args (node)[0].s, error);
  scaled = weight == NULL ? gten_ref_or_null (share) : gten_tensor_mul (share, weight, error);
  if (scaled == NULL)
    return FALSE;
  if (gten_node_needs_input (node, 0))
    {
      /* sigmoid (x) * (1 + (pos_weight - 1) * target) - pos_weight * target */
      g_autoptr (GtenTensor) sigmoid = gten_tensor_sigmoid (self, error);
      g_autoptr (GtenTensor) positive = pos_weight == NULL
                                            ? g_object_ref (target)
                                            : gten_tensor_mul (pos_weight, target, error);
      g_autoptr (GtenTensor) rest = gten_tensor_rsub_scalar (target, GTEN_VALUE (1), error);
      g_autoptr (GtenTensor) factor = gten_tensor_add (rest, positive, error);
      g_autoptr (GtenTensor) product = gten_tensor_mul (sigmoid, factor, error);
      g_autoptr (GtenTensor) slope = gten_tensor_sub (product, positive, error);

      grad_inputs[0] = gten_tensor_mul (slope, scaled, error);
      if (grad_inputs[0] == NULL)
        return FALSE;
    }
  if (gten_node_needs_input (node, 1))
    {
      g_autoptr (GtenTensor) slope = NULL;

      if (pos_weight == NULL)
        slope = gten_tensor_neg (self, error);
      else
        {
          g_autoptr (GtenTensor) negative = gten_tensor_neg (self, error);
          g_autoptr (GtenTensor) log_rest = gten_tensor_logsigmoid (negative, error);
          g_autoptr (GtenTensor) log_sigmoid = gten_tensor_logsigmoid (self, error);
          g_autoptr (GtenTensor) weighed = gten_tensor_mul (pos_weight, log_sigmoid, error);

          slope = gten_tensor_sub (log_rest, weighed, error);
        }
      grad_inputs[1] = gten_tensor_mul (slope, scaled, error);
      if (grad_inputs[1] == NULL)
        return FALSE;
    }
  return TRUE;
}
