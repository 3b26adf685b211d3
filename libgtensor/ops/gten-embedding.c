/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows of a table, chosen by indices: one by one, or in bags of which something is made. */
#include "ops/gten-run-private.h"

#include <math.h>
#include <string.h>

static gboolean
wrap_padding (const GtenArg *padding, gint64 n_rows, gint64 *row, GError **error)
{
  *row = -1;
  if (!padding->given)
    return TRUE;
  if (padding->i >= n_rows || padding->i < -n_rows)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Padding_idx must be within num_embeddings");
  *row = padding->i < 0 ? padding->i + n_rows : padding->i;
  return TRUE;
}

/* Scales the rows that are named down to a norm, in place. */
static gboolean
shorten_rows (GtenTensor *weight, GtenTensor *index, double most, double norm_type, GError **error)
{
  g_autoptr (GtenTensor) plain = gten_tensor_detach (weight, error), named = gten_tensor_unique (index, error);
  g_autoptr (GtenTensor) rows = named == NULL ? NULL : gten_tensor_index_select (plain, 0, named, error);
  g_autoptr (GtenTensor) shorter = gten_apply_renorm (rows, gten_scalar_float (norm_type), 0, gten_scalar_float (most), error);

  return gten_tensor_index_copy_ (plain, 0, named, shorter, error) != NULL;
}

gboolean
gten_run_embedding (GtenCall *call, GError **error)
{
  GtenTensor *index = call->tensors[0], *weight = call->tensors[1];
  g_autoptr (GtenTensor) flat = NULL, rows = NULL;
  gint64 sizes[GTEN_MAX_DIMS + 1], padding;

  if (weight->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "'weight' must be 2-D");
  if (index->dtype != GTEN_DTYPE_INT64 && index->dtype != GTEN_DTYPE_INT32)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "Expected tensor for argument #1 'indices' to have one of the following "
                           "scalar types: Long, Int; but got torch.%sTensor "
                           "instead (while checking arguments for embedding)",
                           gten_dtype_title ((GtenDtype) index->dtype));
  if (index->n_dims == GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "embedding: a tensor has at most %d dimensions",
                           GTEN_MAX_DIMS);
  if (call->args[4].i)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "embedding: sparse gradients are not supported");
  if (!wrap_padding (&call->args[0], gten_size (weight, 0), &padding, error))
    return FALSE;
  flat = gten_tensor_reshape (index, (const gint64[]){ -1 }, 1, error);
  if (call->args[1].given && !isnan (call->args[1].f)
      && !shorten_rows (weight, flat, call->args[1].f, call->args[2].f, error))
    return FALSE;
  rows = gten_tensor_index_select (weight, 0, flat, error);
  memcpy (sizes, gten_sizes (index), index->n_dims * sizeof *sizes);
  sizes[index->n_dims] = gten_size (weight, 1);
  return gten_call_give (call, 0, gten_apply_unsafe_view (rows, sizes, index->n_dims + 1, error),
                         error);
}

gboolean
gten_run_embedding_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *index = call->tensors[1];
  const GtenArg *sizes = &call->args[0];
  g_autoptr (GtenTensor) flat = NULL, rows = NULL, zeros = NULL, wide = NULL, kept = NULL,
                         padded = NULL;
  gint64 padding;

  if (!wrap_padding (&call->args[1], sizes->ints[0], &padding, error))
    return FALSE;
  flat = gten_tensor_reshape (index, (const gint64[]){ -1 }, 1, error);
  rows = gten_tensor_reshape (grad, (const gint64[]){ index->numel, sizes->ints[1] }, 2, error);
  if (padding >= 0 && flat != NULL)
    {
      padded = gten_tensor_eq_scalar (flat, GTEN_VALUE (padding), error);
      wide = gten_tensor_unsqueeze (padded, 1, error);
      kept = gten_tensor_masked_fill_scalar (rows, wide, GTEN_VALUE (0), error);
      g_set_object (&rows, kept);
    }
  if (call->args[2].i && rows != NULL)
    {
      g_autoptr (GtenTensor) wide_index = gten_cast (flat, GTEN_DTYPE_INT64, error);
      g_autoptr (GtenTensor) counts = wide_index == NULL ? NULL : gten_apply_bincount (wide_index, NULL, sizes->ints[0], error);
      g_autoptr (GtenTensor) own = gten_tensor_index_select (counts, 0, wide_index, error), column = gten_tensor_unsqueeze (own, 1, error);
      g_autoptr (GtenTensor) divided = gten_tensor_div (rows, column, error);

      g_set_object (&rows, divided);
    }
  zeros = gten_apply_new_zeros (grad, sizes->ints, 2, GTEN_DTYPE_NONE, NULL, error);
  return gten_call_give (call, 0, gten_tensor_index_add (zeros, 0, flat, rows, error), error);
}

static gboolean
check_bags (GtenTensor *index, GtenTensor *weight, GtenTensor *offsets, GtenTensor *shares, const char *mode, GError **error)
{
  static const char *const modes[] = { "sum", "mean", "max", NULL };

  if (!g_strv_contains (modes, mode))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "mode has to be one of sum, mean or max");
  if (shares != NULL && g_strcmp0 (mode, "sum") != 0)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got "
                           "mode='%s'). Please open a feature request on GitHub.", mode);
  if (shares != NULL && (shares->n_dims != index->n_dims
                         || memcmp (gten_sizes (shares), gten_sizes (index), index->n_dims * sizeof (gint64)) != 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "embedding_bag: If per_sample_weights is not None, then it must have the same shape as the input.");
  if (index->n_dims == 2 && offsets != NULL)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of "
                                                    "fixed length sequences.");
  if (index->n_dims == 1 && offsets == NULL)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "offsets has to be a 1D Tensor but got None");
  if (index->n_dims == 1 && offsets->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "offsets has to be a 1D Tensor");
  if (index->n_dims != 1 && index->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "input has to be 1D or 2D Tensor, but got Tensor of dimension %u", index->n_dims);
  if (weight->n_dims != 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "'weight' must be 2-D");
  return TRUE;
}

/* The bag that each index is in, as a vector. */
static GtenTensor *
bags_of (GtenTensor *index, GtenTensor *offsets, GError **error)
{
  const gboolean is_matrix = index->n_dims == 2;
  g_autoptr (GtenTensor) all = gten_arange (GTEN_VALUE (index->numel), GTEN_DTYPE_INT64, index->storage->device, error);
  g_autoptr (GtenTensor) starts = NULL, behind = NULL;

  if (all == NULL)
    return NULL;
  if (is_matrix)
    return gten_tensor_floor_divide_scalar (all, GTEN_VALUE (MAX (gten_size (index, 1), 1)), error);
  starts = gten_cast (offsets, GTEN_DTYPE_INT64, error);
  behind = starts == NULL ? NULL : gten_apply_searchsorted (starts, all, FALSE, TRUE, error);
  return gten_tensor_sub_scalar (behind, GTEN_VALUE (1), error);
}

static gboolean
check_rising (GtenTensor *offsets, GError **error)
{
  g_autoptr (GtenTensor) before = NULL, behind = NULL, falls = NULL;

  if (!gten_can_look (offsets))
    return TRUE;
  before = gten_geometry_slice (offsets, 0, 0, offsets->numel - 1, 1);
  behind = gten_geometry_slice (offsets, 0, 1, offsets->numel - 1, 1);
  falls = gten_tensor_lt (behind, before, error);
  return gten_check_none (falls, GTEN_ERROR_INDEX, "offsets must not be less than the offset before", error);
}

static gboolean
check_offsets (GtenTensor *offsets, gint64 n, GError **error)
{
  gint64 first, last;
  g_autoptr (GtenTensor) begin = NULL, end = NULL;

  if (offsets == NULL || offsets->numel == 0)
    return TRUE;
  begin = gten_geometry_select (offsets, 0, 0);
  end = gten_geometry_select (offsets, 0, offsets->numel - 1);
  if (!gten_read_int (begin, &first, error) || !gten_read_int (end, &last, error))
    return FALSE;
  if (first != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
                                                    "position 0. However, got %" G_GINT64_FORMAT, first);
  if (last > n)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "offsets[-1] can not be greater than input's length %" G_GINT64_FORMAT " but got "
                                                    "offsets[-1] of %" G_GINT64_FORMAT, n, last);
  return check_rising (offsets, error);
}

gboolean
gten_run_embedding_bag (GtenCall *call, GError **error)
{
  GtenTensor *index = call->tensors[0], *weight = call->tensors[1], *offsets = call->tensors[2], *shares = call->tensors[3];
  const GtenArg *args = call->args;
  const char *mode = args[3].s;
  const gboolean has_padding = args[6].given && args[6].i != GTEN_NONE;
  g_autoptr (GtenTensor) flat = NULL, bags = NULL, rows = NULL, kept = NULL, column = NULL, zeros = NULL, sum = NULL, counts = NULL,
                         counted = NULL, least = NULL;
  gint64 sizes[2], padding;

  if (!check_bags (index, weight, offsets, shares, mode, error) || !check_offsets (offsets, index->numel, error)
      || !wrap_padding (&args[6], gten_size (weight, 0), &padding, error))
    return FALSE;
  sizes[0] = index->n_dims == 2 ? gten_size (index, 0) : offsets->numel - (args[5].i ? 1 : 0);
  sizes[1] = gten_size (weight, 1);
  if (sizes[0] < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "include_last_offset: number of offset should be at least 1");
  flat = gten_tensor_reshape (index, (const gint64[]){ -1 }, 1, error);
  bags = bags_of (index, offsets, error);
  rows = gten_apply_embedding (flat, weight, args[6].given ? args[6].i : GTEN_NONE, args[0].given ? args[0].f : NAN, args[1].f,
                               args[2].i != 0, args[4].i != 0, error);
  if (rows == NULL || bags == NULL)
    return FALSE;
  /* What is only padding, or behind the last offset, is in no bag. */
  kept = has_padding ? gten_tensor_ne_scalar (flat, GTEN_VALUE (padding), error) : gten_apply_full_like (flat, gten_scalar_bool (TRUE), GTEN_DTYPE_BOOL, NULL, error);
  {
    g_autoptr (GtenTensor) inside = gten_tensor_lt_scalar (bags, GTEN_VALUE (sizes[0]), error), both = gten_tensor_logical_and (kept, inside, error);
    g_autoptr (GtenTensor) places = gten_tensor_nonzero (both, error), line = gten_tensor_flatten (places, error);
    g_autoptr (GtenTensor) own_rows = gten_tensor_index_select (rows, 0, line, error), own_bags = gten_tensor_index_select (bags, 0, line, error);

    if (own_rows == NULL || own_bags == NULL)
      return FALSE;
    g_set_object (&rows, own_rows);
    g_set_object (&bags, own_bags);
    if (shares != NULL)
      {
        g_autoptr (GtenTensor) flat_shares = gten_tensor_reshape (shares, (const gint64[]){ -1 }, 1, error);
        g_autoptr (GtenTensor) own_shares = gten_tensor_index_select (flat_shares, 0, line, error), share = gten_tensor_unsqueeze (own_shares, 1, error);
        g_autoptr (GtenTensor) scaled = gten_tensor_mul (rows, share, error);

        g_set_object (&rows, scaled);
      }
  }
  zeros = gten_apply_new_zeros (weight, sizes, 2, GTEN_DTYPE_NONE, NULL, error);
  if (g_strcmp0 (mode, "max") == 0)
    return gten_call_give (call, 0, gten_apply_index_reduce (zeros, 0, bags, rows, "amax", FALSE, error), error);
  sum = gten_tensor_index_add (zeros, 0, bags, rows, error);
  if (g_strcmp0 (mode, "sum") == 0)
    return gten_call_give (call, 0, g_steal_pointer (&sum), error);
  counts = gten_apply_bincount (bags, NULL, sizes[0], error);
  least = gten_tensor_clamp_min_scalar (counts, GTEN_VALUE (1), error);
  counted = least == NULL ? NULL : gten_cast (least, (GtenDtype) weight->dtype, error);
  column = gten_tensor_unsqueeze (counted, 1, error);
  return gten_call_give (call, 0, gten_tensor_div (sum, column, error), error);
}
