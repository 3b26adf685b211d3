/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Attention, and the noise of dropout's relatives. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

/* -- attention ------------------------------------------------------------------------------------------*/

static gboolean
check_attention (GtenCall *call, GError **error)
{
  GtenTensor *query = call->tensors[0], *key = call->tensors[1], *value = call->tensors[2], *mask = call->tensors[3];

  if (query->n_dims < 2 || key->n_dims < 2 || value->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: %u key.dim: %u and "
                           "value.dim: %u instead.", query->n_dims, key->n_dims, value->n_dims);
  if (query->dtype != key->dtype || query->dtype != value->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "Expected query, key, and value to have the same dtype, but got query.dtype: %s key.dtype: %s and "
                           "value.dtype: %s instead.", gten_dtype_c_name ((GtenDtype) query->dtype),
                           gten_dtype_c_name ((GtenDtype) key->dtype), gten_dtype_c_name ((GtenDtype) value->dtype));
  if (mask != NULL && call->args[1].i != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True");
  if (mask != NULL && mask->dtype != GTEN_DTYPE_BOOL && !gten_is_floating (mask))
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: %s and  "
                           "query.dtype: %s instead.", gten_dtype_c_name ((GtenDtype) mask->dtype),
                           gten_dtype_c_name ((GtenDtype) query->dtype));
  return TRUE;
}

/* Heads of keys and values, each for several of the queries'. */
static GtenTensor *
shared_heads (GtenTensor *self, GtenTensor *query, gboolean shares, GError **error)
{
  gint64 heads, own;

  if (!shares || self->n_dims < 3 || query->n_dims < 3)
    return g_object_ref (self);
  heads = gten_size (query, query->n_dims - 3);
  own = gten_size (self, self->n_dims - 3);
  if (own == 0 || heads % own != 0)
    {
      gten_call_fail (error, GTEN_ERROR_SHAPE,
                      "Number of heads in key and value must divide the number of heads in query");
      return NULL;
    }
  return gten_apply_repeat_interleave (self, heads / own, self->n_dims - 3, GTEN_NONE, error);
}

/* Where a query may look: up to its own position. */
static GtenTensor *
causal_mask (GtenTensor *scores, GError **error)
{
  const gint64 sizes[2] = { gten_size (scores, scores->n_dims - 2),
                            gten_size (scores, scores->n_dims - 1) };
  g_autoptr (GtenTensor) all = gten_apply_new_ones (scores, sizes, 2, GTEN_DTYPE_BOOL, NULL, error);

  return gten_tensor_tril (all, error);
}

/* A row with nothing to look at gets weights of zero. */
static GtenTensor *
masked_softmax (GtenTensor *scores, GtenTensor *mask, GError **error)
{
  const gint64 last = -1;
  g_autoptr (GtenTensor) hidden = NULL, blocked = NULL, empty = NULL, safe = NULL, weights = NULL;

  if (mask == NULL)
    return gten_tensor_softmax (scores, -1, error);
  if (mask->dtype == GTEN_DTYPE_BOOL)
    {
      g_autoptr (GtenTensor) not_seen = gten_tensor_logical_not (mask, error);

      hidden = gten_tensor_masked_fill_scalar (scores, not_seen, GTEN_VALUE (-INFINITY), error);
    }
  else
    hidden = gten_tensor_add (scores, mask, error);
  blocked = gten_tensor_eq_scalar (hidden, GTEN_VALUE (-INFINITY), error);
  empty = gten_tensor_all_dim (blocked, &last, 1, TRUE, error);
  safe = gten_tensor_masked_fill_scalar (hidden, empty, GTEN_VALUE (0), error);
  weights = gten_tensor_softmax (safe, -1, error);
  return gten_tensor_masked_fill_scalar (weights, empty, GTEN_VALUE (0), error);
}

/* The tensor as heads: columns contiguous, one or two dimensions of batch. */
static GtenTensor *
as_heads (GtenTensor *self, const void **data, gint64 *strides, GError **error)
{
  const guint n = self->n_dims;
  g_autoptr (GtenTensor) heads = NULL;

  heads = n <= 4 && gten_stride (self, n - 1) == 1 && gten_stride (self, n - 2) >= gten_size (self, n - 1)
              ? g_object_ref (self)
              : gten_contiguous (self, error);
  if (heads == NULL)
    return NULL;
  *data = gten_data (heads);
  strides[2] = gten_stride (heads, n - 2);
  strides[1] = n > 2 ? gten_stride (heads, n - 3) : 0;
  /* More than two dimensions of batch lie one behind the other. */
  strides[0] = n > 3 ? gten_stride (heads, n - 4) : 0;
  return g_steal_pointer (&heads);
}

static gboolean
has_same_batch (GtenTensor *a, GtenTensor *b)
{
  return a->n_dims == b->n_dims && memcmp (gten_sizes (a), gten_sizes (b), (a->n_dims - 2) * sizeof (gint64)) == 0;
}

/* Without a matrix of all scores, where nothing is recorded and the backend can: `is_done`. */
static gboolean
attend_at_once (GtenCall *call, GtenTensor *key, GtenTensor *value, double scale, gboolean *is_done, GError **error)
{
  GtenTensor *query = call->tensors[0];
  const GtenArg *args = call->args;
  const guint n = query->n_dims;
  GtenDevice *device = query->storage->device;
  const GtenBackend *backend = gten_device_get_backend (device);
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) queries = NULL, keys = NULL, values = NULL, to = NULL;
  GtenKAttention kernel = { .dtype = (GtenKDtype) query->dtype, .is_causal = args[1].i != 0, .scale = scale };
  GtenKStatus status;

  *is_done = FALSE;
  if (backend->attention == NULL || call->tensors[3] != NULL || args[0].f > 0 || gten_autograd_wanted (call)
      || !has_same_batch (query, key) || !has_same_batch (query, value)
      || gten_size (key, n - 1) != gten_size (query, n - 1) || gten_size (value, n - 2) != gten_size (key, n - 2))
    return TRUE;
  queries = as_heads (query, &kernel.query, kernel.query_strides, error);
  keys = queries == NULL ? NULL : as_heads (key, &kernel.key, kernel.key_strides, error);
  values = keys == NULL ? NULL : as_heads (value, &kernel.value, kernel.value_strides, error);
  memcpy (sizes, gten_sizes (query), n * sizeof *sizes);
  sizes[n - 1] = gten_size (value, n - 1);
  to = values == NULL ? NULL : gten_tensor_alloc ((GtenDtype) query->dtype, n, sizes, device, error);
  if (to == NULL)
    return FALSE;
  kernel.batch[0] = n > 3 ? gten_fact_numel (n - 3, sizes) : 1;
  kernel.batch[1] = n > 2 ? sizes[n - 3] : 1;
  kernel.n_queries = sizes[n - 2];
  kernel.n_keys = gten_size (key, n - 2);
  kernel.depth = gten_size (query, n - 1);
  kernel.width = sizes[n - 1];
  kernel.out = gten_data (to);
  status = backend->attention (gten_device_get_index (device), &kernel);
  *is_done = status != GTEN_K_UNSUPPORTED;
  return !*is_done
         || (gten_device_check (device, call->op->name, status, NULL, error) && gten_call_give (call, 0, g_steal_pointer (&to), error));
}

gboolean
gten_run_scaled_dot_product_attention (GtenCall *call, GError **error)
{
  GtenTensor *query = call->tensors[0];
  const GtenArg *args = call->args;
  const gboolean shares = args[3].i != 0;
  g_autoptr (GtenTensor) key = NULL, value = NULL, scaled = NULL, turned = NULL, scores = NULL, mask = NULL, weights = NULL, kept = NULL;
  gboolean is_done;
  double scale;

  if (!check_attention (call, error))
    return FALSE;
  scale = args[2].given && !isnan (args[2].f) ? args[2].f : 1 / sqrt ((double) gten_size (query, query->n_dims - 1));
  key = shared_heads (call->tensors[1], query, shares, error);
  value = key == NULL ? NULL : shared_heads (call->tensors[2], query, shares, error);
  if (value == NULL || !attend_at_once (call, key, value, scale, &is_done, error))
    return FALSE;
  if (is_done)
    return TRUE;
  scaled = gten_tensor_mul_scalar (query, GTEN_VALUE (scale), error);
  turned = gten_tensor_transpose (key, -2, -1, error);
  scores = gten_tensor_matmul (scaled, turned, error);
  if (scores == NULL)
    return FALSE;
  mask = args[1].i != 0 ? causal_mask (scores, error) : gten_ref_or_null (call->tensors[3]);
  weights = masked_softmax (scores, mask, error);
  kept = args[0].f > 0 ? gten_apply_dropout (weights, args[0].f, TRUE, error) : gten_ref_or_null (weights);
  return gten_call_give (call, 0, gten_tensor_matmul (kept, value, error), error);
}

gboolean
gten_check_bilinear (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *input1 = call->tensors[0], *input2 = call->tensors[1], *weight = call->tensors[2], *bias = call->tensors[3];

  if (input1->n_dims != input2->n_dims || input1->n_dims < 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "bilinear(): input dimensions do not match: got %u and %u",
                           input1->n_dims, input2->n_dims);
  for (guint i = 0; i + 1 < input1->n_dims; i++)
    if (gten_size (input1, i) != gten_size (input2, i))
      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "bilinear(): input batch dimensions do not match at dim %u: got %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                             i, gten_size (input1, i), gten_size (input2, i));
  if (weight->n_dims != 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "bilinear(): weight must be a 3-D tensor, got %u-D", weight->n_dims);
  for (guint i = 1; i < 3; i++)
    {
      GtenTensor *input = call->tensors[i - 1];

      if (gten_size (input, input->n_dims - 1) != gten_size (weight, i))
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "bilinear(): input%u size does not match weight size: got %" G_GINT64_FORMAT " but expected %" G_GINT64_FORMAT,
                               i, gten_size (input, input->n_dims - 1), gten_size (weight, i));
    }
  if (bias != NULL && (bias->n_dims != 1 || bias->numel != gten_size (weight, 0)))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "bilinear(): bias size does not match weight size: got %" G_GINT64_FORMAT " but expected %" G_GINT64_FORMAT,
                           bias->numel, gten_size (weight, 0));
  return TRUE;
}

/* -- noise ------------------------------------------------------------------------------------------------*/

static gboolean
check_probability (double p, GError **error)
{
  if (!(p >= 0 && p <= 1))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "dropout probability has to be between 0 and 1, but got %g", p);
  return TRUE;
}

gboolean
gten_run_alpha_dropout (GtenCall *call, GError **error)
{
  /* selu's scale times its alpha, the negative of its least value. */
  const gboolean is_feature = g_str_has_prefix (call->op->name, "feature_");
  gint64 sizes[GTEN_MAX_DIMS];
  const double alpha = 1.7580993408473766, p = call->args[0].f, a = 1 / sqrt ((alpha * alpha * p + 1) * (1 - p));
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) noise = NULL, shift = NULL, scaled = NULL, kept = NULL;

  if (!check_probability (p, error))
    return FALSE;
  if (p == 0 || call->args[1].i == 0 || self->numel == 0)
    return gten_call_give (call, 0, g_object_ref (self), error);
  if (p == 1)
    return gten_call_give (call, 0, gten_tensor_mul_scalar (self, GTEN_VALUE (0.0), error), error);
  if (is_feature && self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "Feature dropout requires at least 2 dimensions in the input");
  for (guint i = 0; i < self->n_dims; i++)
    sizes[i] = i < 2 ? gten_size (self, i) : 1;
  noise = is_feature ? gten_tensor_new_empty (self, sizes, self->n_dims, GTEN_DTYPE_NONE, NULL, error)
                     : gten_tensor_empty_like (self, GTEN_DTYPE_NONE, NULL, error);
  if (noise == NULL || gten_tensor_bernoulli_p_ (noise, 1 - p, NULL, error) == NULL)
    return FALSE;
  shift = gten_tensor_sub_scalar (noise, GTEN_VALUE (1), error);
  if (shift == NULL || gten_tensor_mul_scalar_ (shift, GTEN_VALUE (alpha * a), error) == NULL
      || gten_tensor_add_scalar_ (shift, GTEN_VALUE (alpha * a * p), error) == NULL)
    return FALSE;
  scaled = gten_tensor_mul_scalar (noise, GTEN_VALUE (a), error);
  kept = gten_tensor_mul (self, scaled, error);
  return gten_call_give (call, 0, gten_tensor_add (kept, shift, error), error);
}

gboolean
gten_run_feature_dropout (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const double p = call->args[0].f;
  const gboolean is_1d = g_str_has_suffix (call->op->name, "1d");
  /* Signals and volumes without a batch are a batch of one. */
  const gboolean is_single = (self->n_dims == 2 && is_1d) || (self->n_dims == 4 && g_str_has_suffix (call->op->name, "3d"));
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) noise = NULL;

  if (!check_probability (p, error))
    return FALSE;
  if (is_1d && self->n_dims != 2 && self->n_dims != 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "dropout1d: Expected 2D or 3D input, but received a %uD input. Note that dropout1d exists to provide "
                           "channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch "
                           "dimension (i.e. 2D or 3D inputs).", self->n_dims);
  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Feature dropout requires at least 2 dimensions in the input");
  if (p == 0 || call->args[1].i == 0 || self->numel == 0)
    return gten_call_give (call, 0, g_object_ref (self), error);
  if (p == 1)
    return gten_call_give (call, 0, gten_tensor_mul_scalar (self, GTEN_VALUE (0.0), error), error);
  for (guint i = 0; i < self->n_dims; i++)
    sizes[i] = i < (is_single ? 1 : 2) ? gten_size (self, i) : 1;
  noise = gten_tensor_new_empty (self, sizes, self->n_dims, GTEN_DTYPE_NONE, NULL, error);
  if (noise == NULL || gten_tensor_bernoulli_p_ (noise, 1 - p, NULL, error) == NULL
      || gten_tensor_div_scalar_ (noise, GTEN_VALUE (1 - p), error) == NULL)
    return FALSE;
  return gten_call_give (call, 0, gten_tensor_mul (self, noise, error), error);
}

/* Draws for the negative elements alone, in their order, as PyTorch does. */
gboolean
gten_run_rrelu (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const double lower = call->args[0].f, upper = call->args[1].f;
  g_autoptr (GtenTensor) negative = NULL, count = NULL, draws = NULL, slopes = NULL, ones = NULL, noise = NULL;
  gint64 n = 0;

  if (!(lower <= upper))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Lower bound should be less than or equal to the upper bound");
  if (!gten_is_floating (self))
    return gten_call_lacks (call, (GtenDtype) self->dtype, error);
  if (call->args[2].i == 0)
    return gten_call_give (call, 0, gten_apply_leaky_relu (self, gten_scalar_float ((lower + upper) / 2), error), error);
  negative = gten_tensor_le_scalar (self, GTEN_VALUE (0), error);
  count = gten_tensor_sum (negative, error);
  if (count == NULL || !gten_read_int (count, &n, error))
    return FALSE;
  draws = gten_apply_new_empty (self, &n, 1, GTEN_DTYPE_FLOAT64, NULL, error);
  if (draws == NULL
      || gten_apply_uniform_ (draws, lower, upper, call->args[3].object, error) == NULL)
    return FALSE;
  slopes = gten_apply_to_dtype (draws, (GtenDtype) self->dtype, FALSE, FALSE, error);
  ones = gten_apply_new_ones (self, gten_sizes (self), self->n_dims, GTEN_DTYPE_NONE, NULL, error);
  noise = gten_tensor_masked_scatter (ones, negative, slopes, error);
  return gten_call_give (call, 0, gten_tensor_mul (self, noise, error), error);
}

gboolean
gten_run_linear_cross_entropy (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], *weight = call->tensors[1], *bias = call->tensors[3];
  const gint64 flat = -1;
  gint64 sizes[2 * GTEN_MAX_DIMS];
  guint n = 0;
  g_autoptr (GtenTensor) rows = NULL, biases = NULL, flat_logits = NULL, logits = NULL;

  if (input->n_dims < 1 || input->n_dims > 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "expected input with dimensionality 1 or 2, got %u", input->n_dims);
  if (weight->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "expected linear_weight with dimensionality at least 2, got %u", weight->n_dims);
  if (gten_is_floating (call->tensors[2]) && call->args[1].i != GTEN_NONE)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "ignore_index cannot be specified when target contains probabilities");
  if (weight->n_dims > 2 && input->n_dims == 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "K-dimensional loss requires batched input, (N, %" G_GINT64_FORMAT "), got unbatched input",
                           gten_size (input, 0));
  rows = gten_apply_reshape (weight, (const gint64[]) { -1, gten_size (weight, weight->n_dims - 1) }, 2, error);
  biases = bias == NULL ? NULL : gten_apply_reshape (bias, &flat, 1, error);
  flat_logits = gten_apply_linear (input, rows, biases, error);
  for (guint i = 0; i + 1 < input->n_dims; i++)
    sizes[n++] = gten_size (input, i);
  for (guint i = 0; i + 1 < weight->n_dims; i++)
    sizes[n++] = gten_size (weight, i);
  logits = gten_apply_reshape (flat_logits, sizes, n, error);
  return gten_call_give (call, 0,
                         gten_apply_cross_entropy (logits, call->tensors[2], call->tensors[4],
                                                   call->args[1].i == GTEN_NONE ? -100 : call->args[1].i, call->args[0].s,
                                                   call->args[2].f, error),
                         error);
}
