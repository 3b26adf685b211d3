/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What losses of embeddings and margins refuse, in PyTorch's words. */
#include "ops/gten-run-private.h"

#include <string.h>

gboolean
gten_check_cosine_embedding_loss (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *input1 = call->tensors[0], *input2 = call->tensors[1], *target = call->tensors[2];
  g_autofree char *size1 = gten_shape_to_string (input1->n_dims, gten_sizes (input1));
  g_autofree char *size2 = gten_shape_to_string (input2->n_dims, gten_sizes (input2));

  if (target->n_dims > 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "0D or 1D target tensor expected, multi-target not supported");
  if (input1->n_dims != target->n_dims + 1 || input2->n_dims != target->n_dims + 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "%uD target tensor expects %uD input tensors, but found inputs with sizes %s and %s.",
                           target->n_dims, target->n_dims + 1, size1, size2);
  return TRUE;
}

gboolean
gten_check_gaussian_nll_loss (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *input = call->tensors[0], *var = call->tensors[2];
  const guint n = input->n_dims;
  const gboolean is_short = var->n_dims + 1u == n;
  static const char *const known[] = { "none", "mean", "sum", NULL };
  const char *reduction = call->args[2].s;
  g_autoptr (GtenTensor) least = NULL, negative = NULL;
  gint64 is_negative = 0;

  if (reduction == NULL || !g_strv_contains (known, reduction))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%s is not valid", reduction != NULL ? reduction : "None");
  if (!(is_short || var->n_dims == (int) n)
      || memcmp (gten_sizes (var), gten_sizes (input), (n > 0 ? n - 1 : 0) * sizeof (gint64)) != 0
      || (n > 0 && var->n_dims == n && gten_size (var, n - 1) != gten_size (input, n - 1) && gten_size (var, n - 1) != 1))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "var is of incorrect size");
  if (var->numel == 0)
    return TRUE;
  least = gten_tensor_min (var, error);
  negative = gten_tensor_lt_scalar (least, GTEN_VALUE (0), error);
  if (negative == NULL || !gten_read_int (negative, &is_negative, error))
    return FALSE;
  if (is_negative != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "var has negative entry/entries");
  return TRUE;
}

gboolean
gten_check_margin_ranking_loss (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *input1 = call->tensors[0], *input2 = call->tensors[1], *target = call->tensors[2];
  g_autofree char *size1 = gten_shape_to_string (input1->n_dims, gten_sizes (input1));
  g_autofree char *size2 = gten_shape_to_string (input2->n_dims, gten_sizes (input2));
  g_autofree char *size = gten_shape_to_string (target->n_dims, gten_sizes (target));

  if (target->n_dims != input1->n_dims || target->n_dims != input2->n_dims)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
                           "input1: torch.Size(%s), input2: torch.Size(%s), target: torch.Size(%s) ", size1, size2, size);
  return TRUE;
}

static gboolean
check_reduction (const char *reduction, GError **error)
{
  static const char *const known[] = { "none", "mean", "sum", NULL };

  return (reduction != NULL && g_strv_contains (known, reduction))
         || gten_call_fail (error, GTEN_ERROR_VALUE, "%s is not a valid value for reduction", reduction != NULL ? reduction : "None");
}

/* The target's elements lie in [low, high). */
static gboolean
check_range (GtenTensor *target, gint64 low, gint64 high, GError **error)
{
  gint64 from = low, to = low;

  if (target->numel == 0 || !gten_can_look (target))
    return TRUE;
  if (!gten_read_range (target, &from, &to, error))
    return FALSE;
  return (from >= low && to < high)
         || gten_call_fail (error, GTEN_ERROR_INDEX, "target out of range");
}

static gboolean
check_matrix (GtenTensor *self, GError **error)
{
  g_autofree char *size = gten_shape_to_string (self->n_dims, gten_sizes (self));

  if (!((self->n_dims == 2 && gten_size (self, 1) != 0) || (self->n_dims == 1 && gten_size (self, 0) != 0)
        || self->n_dims == 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected non-empty vector or matrix with optional 0-dim batch size, but got: %s", size);
  return TRUE;
}

gboolean
gten_check_multi_margin_loss (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0], *target = call->tensors[1], *weight = call->tensors[2];
  const double p = gten_scalar_to_double (&call->args[0].scalar);
  const gint64 n_rows = self->n_dims == 2 ? gten_size (self, 0) : 1;
  const gint64 n_classes = self->n_dims == 0 ? 1 : gten_size (self, self->n_dims - 1);
  g_autofree char *size = gten_shape_to_string (target->n_dims, gten_sizes (target));
  g_autofree char *own = gten_shape_to_string (self->n_dims, gten_sizes (self));

  if (!check_reduction (call->args[2].s, error))
    return FALSE;
  if (p != 1 && p != 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "only p == 1 and p == 2 supported");
  if (!check_matrix (self, error))
    return FALSE;
  if (target->n_dims > 1 || target->numel != n_rows)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
                           "size). Expected target size [%" G_GINT64_FORMAT "], but got %s. Input has shape %s.", n_rows, size, own);
  if (weight != NULL && weight->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "weight must be one-dimensional");
  if (weight != NULL && weight->numel != n_classes)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "inconsistent weight size, expected %" G_GINT64_FORMAT " but got [%" G_GINT64_FORMAT
                           "]", n_classes, weight->numel);
  if (target->dtype != GTEN_DTYPE_INT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "expected scalar type Long but found %s",
                           gten_dtype_title ((GtenDtype) target->dtype));
  return check_range (target, 0, n_classes, error);
}

gboolean
gten_check_multilabel_margin_loss (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *self = call->tensors[0], *target = call->tensors[1];
  g_autofree char *size = gten_shape_to_string (target->n_dims, gten_sizes (target));
  g_autofree char *own = gten_shape_to_string (self->n_dims, gten_sizes (self));

  if (!check_reduction (call->args[0].s, error) || !check_matrix (self, error))
    return FALSE;
  if (self->n_dims != target->n_dims
      || memcmp (gten_sizes (self), gten_sizes (target), self->n_dims * sizeof (gint64)) != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "inconsistent target size: %s for input of size: %s", size, own);
  return check_range (target, -1, self->n_dims == 0 ? 1 : gten_size (self, self->n_dims - 1),
                      error);
}

gboolean
gten_check_triplet_margin_loss (const GtenCall *call, GtenDtype dtype, GError **error)
{
  const guint a = call->tensors[0]->n_dims, p = call->tensors[1]->n_dims, n = call->tensors[2]->n_dims;

  if (a != p || p != n)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but "
                           "got: anchor %uD, positive %uD, and negative %uD inputs", a, p, n);
  if (!(call->args[0].f > 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "margin must be greater than 0, got %.1f",
                           call->args[0].f);
  return TRUE;
}
