/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Statistics: histograms and quantiles; norms of slices; and what rows of distances and statistics
 * refuse. */
#include "autograd/gten-autograd-private.h"
#include "core/gten-warning-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

/* -- checks -------------------------------------------------------------------------------------- */

gboolean
gten_check_frexp (const GtenCall *call, GtenDtype dtype, GError **error)
{
  if (!gten_is_floating (call->tensors[0]))
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "torch.frexp() only supports floating-point dtypes");
  return TRUE;
}

gboolean
gten_check_cdist (const GtenCall *call, GtenDtype dtype, GError **error)
{
  static const char *const modes[]
      = { "use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist", NULL };

  if (call->args[1].given && !g_strv_contains (modes, call->args[1].s))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%s is not a valid value for compute_mode", call->args[1].s);
  for (guint i = 0; i < 2; i++)
    {
      GtenTensor *x = call->tensors[i];

      if (x->n_dims < 2)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "cdist only supports at least 2D tensors, X%u got: %uD", i + 1,
                               x->n_dims);
    }

  for (guint i = 0; i < 2; i++)
    if (!gten_is_floating (call->tensors[i]))
      return gten_call_fail (error, GTEN_ERROR_DTYPE, "cdist only supports floating-point dtypes, X%u got: %s", i + 1,
                             gten_dtype_title ((GtenDtype) call->tensors[i]->dtype));
  if (call->tensors[0]->dtype != call->tensors[1]->dtype)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "expected scalar type %s but found %s",
                           gten_dtype_title ((GtenDtype) call->tensors[0]->dtype), gten_dtype_title ((GtenDtype) call->tensors[1]->dtype));

  const gint64 a = gten_size (call->tensors[0], call->tensors[0]->n_dims - 1), b = gten_size (call->tensors[1], call->tensors[1]->n_dims - 1);

  if (a != b)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "X1 and X2 must have the same number of columns. X1: %" G_GINT64_FORMAT " X2: %"
                           G_GINT64_FORMAT, a, b);
  if (!(call->args[0].f >= 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "cdist only supports non-negative p values");
  return TRUE;
}

static gboolean
check_observations (const char *op, GtenTensor *self, GError **error)
{
  if (self->n_dims > 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s(): expected input to have two or fewer dimensions but got an input with %u dimensions",
                           op, self->n_dims);
  if (self->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "%s(): bool dtype is not supported for input", op);
  return TRUE;
}

gboolean
gten_check_corrcoef (const GtenCall *call, GtenDtype dtype, GError **error)
{
  return check_observations ("corrcoef", call->tensors[0], error);
}

gboolean
gten_check_cov (const GtenCall *call, GtenDtype dtype, GError **error)
{
  static const char *const names[] = { NULL, "fweights", "aweights" };
  GtenTensor *self = call->tensors[0];
  const gint64 n = self->n_dims < 2 ? self->numel : gten_size (self, 1);

  if (!check_observations ("cov", self, error))
    return FALSE;
  for (guint i = 1; i < 3; i++)
    {
      GtenTensor *weights = call->tensors[i];
      g_autoptr (GtenTensor) least = NULL;
      g_auto (GValue) value = G_VALUE_INIT;
      GtenScalar number;

      if (weights == NULL)
        continue;
      if (weights->n_dims > 1)
        return gten_call_fail (error, GTEN_ERROR_SHAPE, "cov(): expected %s to have one or fewer dimensions but got %s with %u dimensions",
                               names[i], names[i], weights->n_dims);
      if (gten_is_floating (weights) != (i == 2) || weights->dtype == GTEN_DTYPE_BOOL)
        return gten_call_fail (error, GTEN_ERROR_DTYPE, "cov(): expected %s to have %s dtype but got %s with %s dtype", names[i],
                               i == 1 ? "integral" : "floating point", names[i], gten_dtype_title ((GtenDtype) weights->dtype));
      if (weights->numel != n)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "cov(): expected %s to have the same numel as there are observations in the input but got %" G_GINT64_FORMAT
                               " != %" G_GINT64_FORMAT, names[i], weights->numel, n);
      if (n == 0)
        continue;
      least = gten_tensor_min (weights, error);
      if (least == NULL || !gten_tensor_item (least, &value, error)
          || !gten_scalar_from_value (&value, &number, error))
        return FALSE;
      if (gten_scalar_to_double (&number) < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "cov(): %s cannot be negative", names[i]);
    }
  return TRUE;
}

gboolean
gten_check_degrees_of_freedom (const GtenCall *call, GtenDtype dtype, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GtenScalar number;

  if (!gten_can_look (call->tensors[0]))
    return TRUE;
  if (!gten_tensor_item (call->tensors[0], &value, error) || !gten_scalar_from_value (&value, &number, error))
    return FALSE;
  return gten_scalar_to_double (&number) > 0
         || gten_warn (error, "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.");
}

/* -- norms of slices ----------------------------------------------------------------------------- */

gboolean
gten_run_renorm (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const double p = gten_scalar_to_double (&call->args[0].scalar), most = gten_scalar_to_double (&call->args[2].scalar);
  gint64 others[GTEN_MAX_DIMS];
  gsize n = 0;
  int dim;
  g_autoptr (GtenTensor) norm = NULL, larger = NULL, safe = NULL, ratio = NULL, factor = NULL;
  g_autoptr (GtenWrapped) one = gten_wrap (gten_scalar_float (1)), bound = gten_wrap (gten_scalar_float (most));

  if (!(p > 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "renorm: non-positive-norm not supported");
  if (!(most >= 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "renorm: expected maxnorm to be >= 0 but got %g", most);
  if (self->n_dims < 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "renorm: input needs at least 2 dimensions, got %u dimensions",
                           self->n_dims);
  dim = gten_call_dim (call, 1, error);
  if (dim < 0)
    return FALSE;
  for (int i = 0; i < self->n_dims; i++)
    if (i != dim)
      others[n++] = i;
  norm = gten_apply_linalg_vector_norm (self, gten_scalar_float (p), others, n, TRUE,
                                        GTEN_DTYPE_NONE, error);
  larger = gten_apply_gt (norm, bound, error);
  safe = gten_tensor_add_scalar (norm, GTEN_VALUE (1e-7), error);
  ratio = gten_apply_div (bound, safe, error);
  factor = gten_apply_where (larger, ratio, one, error);
  return gten_call_give (call, 0, gten_tensor_mul (self, factor, error), error);
}

/* -- histograms ---------------------------------------------------------------------------------- */

static gboolean
read_number (GtenTensor *self, double *number, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GtenScalar scalar;

  if (self == NULL || !gten_tensor_item (self, &value, error)
      || !gten_scalar_from_value (&value, &scalar, error))
    return FALSE;
  *number = gten_scalar_to_double (&scalar);
  return TRUE;
}

/* The range of the elements where both ends are equal; one wide where that is a point. */
static gboolean
find_range (const char *op, GtenTensor *self, gboolean given, double *low, double *high,
            GError **error)
{
  if (!given && self->numel > 0)
    {
      g_autoptr (GtenTensor) least = gten_tensor_min (self, error), most = gten_tensor_max (self, error);

      if (!read_number (least, low, error) || !read_number (most, high, error))
        return FALSE;
    }
  if (!isfinite (*low) || !isfinite (*high))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%srange of [%g, %g] is not finite", op, *low,
                           *high);
  return TRUE;
}

/* Adds up the weights, or 1, at the positions. */
static GtenTensor *
count_at (GtenTensor *positions, GtenTensor *weights, gint64 n, GtenTensor *like, GError **error)
{
  g_autoptr (GtenTensor) zeros = gten_apply_new_zeros (like, &n, 1, GTEN_DTYPE_NONE, NULL, error), ones = NULL;

  if (positions == NULL)
    return NULL;
  ones = weights != NULL ? g_object_ref (weights)
                         : gten_apply_new_ones (like, gten_sizes (positions), 1, GTEN_DTYPE_NONE, NULL, error);
  return gten_apply_scatter_add (zeros, 0, positions, ones, error);
}

gboolean
gten_run_histc (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const gint64 bins = call->args[0].i;
  double low = gten_scalar_to_double (&call->args[1].scalar), high = gten_scalar_to_double (&call->args[2].scalar);
  g_autoptr (GtenTensor) flat = NULL, not_below = NULL, not_above = NULL, inside = NULL, kept = NULL, moved = NULL, scaled = NULL,
                         place = NULL, whole = NULL, positions = NULL;
  const GtenScalar first = gten_scalar_int (0), last = gten_scalar_int (bins - 1);

  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"histogram_cpu\" not implemented for '%s'",
                           gten_dtype_title ((GtenDtype) self->dtype));
  if (bins <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "torch.histogram(): bins must be > 0, but got %" G_GINT64_FORMAT " for dimension 0", bins);
  if (!find_range ("torch.histc: ", self, low != high, &low, &high, error))
    return FALSE;
  if (low == high)
    {
      low -= 1;
      high += 1;
    }
  if (low > high)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "torch.histc: max must be larger than min");
  flat = gten_tensor_flatten (self, error);
  not_below = gten_tensor_ge_scalar (flat, GTEN_VALUE (low), error);
  not_above = gten_tensor_le_scalar (flat, GTEN_VALUE (high), error);
  inside = gten_tensor_logical_and (not_below, not_above, error);
  kept = gten_tensor_masked_select (flat, inside, error);
  moved = gten_tensor_sub_scalar (kept, GTEN_VALUE (low), error);
  scaled = gten_tensor_mul_scalar (moved, GTEN_VALUE ((double) bins), error);
  place = gten_tensor_div_scalar (scaled, GTEN_VALUE (high - low), error);
  whole = gten_tensor_long (place, error);
  positions = whole == NULL ? NULL : gten_apply_clamp (whole, &first, &last, error);
  return gten_call_give (call, 0, count_at (positions, NULL, bins, self, error), error);
}

/* Counts, or weights, between the edges; the last edge belongs to the last part. */
static gboolean
run_histogram (GtenCall *call, GtenTensor *edges, GtenTensor *weight, gboolean density,
               GError **error)
{
  GtenTensor *self = call->tensors[0];
  const gint64 bins = edges->numel - 1;
  g_autoptr (GtenTensor) flat = NULL, first = NULL, final = NULL, not_below = NULL, not_above = NULL, inside = NULL, kept = NULL,
                         behind = NULL, before = NULL, positions = NULL, flat_weight = NULL, kept_weight = NULL, hist = NULL;
  const GtenScalar last = gten_scalar_int (bins - 1);

  if (weight != NULL && (weight->n_dims != self->n_dims
                         || memcmp (gten_sizes (weight), gten_sizes (self), self->n_dims * sizeof (gint64)) != 0))
    {
      g_autofree char *a = gten_shape_to_string (1, &self->numel), *b = gten_shape_to_string (weight->n_dims, gten_sizes (weight));

      a[strlen (a) - 1] = '\0';
      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding "
                             "its innermost dimension, but got input with shape %s, 1] and weight with shape %s", a, b);
    }
  if (weight != NULL && weight->dtype != self->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype");
  flat = gten_tensor_flatten (self, error);
  first = gten_tensor_select (edges, 0, 0, error);
  final = gten_tensor_select (edges, 0, -1, error);
  not_below = gten_tensor_ge (flat, first, error);
  not_above = gten_tensor_le (flat, final, error);
  inside = gten_tensor_logical_and (not_below, not_above, error);
  kept = gten_tensor_masked_select (flat, inside, error);
  behind = gten_apply_searchsorted (edges, kept, FALSE, TRUE, error);
  before = gten_tensor_sub_scalar (behind, GTEN_VALUE (1), error);
  positions = before == NULL ? NULL : gten_apply_clamp (before, NULL, &last, error);
  if (positions == NULL)
    return FALSE;
  if (weight != NULL)
    {
      flat_weight = gten_tensor_flatten (weight, error);
      kept_weight = gten_tensor_masked_select (flat_weight, inside, error);
      if (kept_weight == NULL)
        return FALSE;
    }
  hist = count_at (positions, kept_weight, bins, self, error);
  if (density)
    {
      g_autoptr (GtenTensor) total = gten_tensor_sum (hist, error), widths = gten_tensor_diff (edges, error);
      g_autoptr (GtenTensor) share = gten_tensor_div (hist, total, error);

      g_clear_object (&hist);
      hist = gten_tensor_div (share, widths, error);
    }
  return gten_call_give (call, 0, g_steal_pointer (&hist), error)
         && gten_call_give (call, 1, g_object_ref (edges), error);
}

static gboolean
check_histogram (GtenTensor *self, GError **error)
{
  if (self->dtype != GTEN_DTYPE_FLOAT32 && self->dtype != GTEN_DTYPE_FLOAT64)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"histogramdd\" not implemented for '%s'",
                           gten_dtype_title ((GtenDtype) self->dtype));
  return TRUE;
}

gboolean
gten_run_histogram (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *range = call->tensors[1];
  const gint64 bins = call->args[0].i;
  double ends[2] = { 0, self->numel == 0 ? 1 : 0 };
  g_autoptr (GtenTensor) edges = NULL;

  if (!check_histogram (self, error))
    return FALSE;
  if (bins <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "torch.histogram(): bins must be > 0, but got %" G_GINT64_FORMAT " for dimension 0", bins);
  if (range != NULL && (range->n_dims != 1 || range->numel != 2))
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, but got %"
                           G_GINT64_FORMAT, range->numel);
  for (guint i = 0; range != NULL && i < 2; i++)
    {
      g_autoptr (GtenTensor) end = gten_geometry_select (range, 0, i);

      if (!read_number (end, &ends[i], error))
        return FALSE;
    }
  if (!find_range ("torch.histogramdd: dimension 0's ", self, range != NULL, &ends[0], &ends[1],
                   error))
    return FALSE;
  if (ends[0] > ends[1])
    return gten_call_fail (error, GTEN_ERROR_VALUE, "torch.histogramdd: min should not exceed max, but got min %g max %g for dimension 0",
                           ends[0], ends[1]);
  if (ends[0] == ends[1])
    {
      ends[0] -= 0.5;
      ends[1] += 0.5;
    }
  edges = gten_apply_linspace (gten_scalar_float (ends[0]), gten_scalar_float (ends[1]), bins + 1, (GtenDtype) self->dtype,
                               self->storage->device, error);
  return edges != NULL
         && run_histogram (call, edges, call->tensors[2], call->args[1].i != 0, error);
}

gboolean
gten_run_histogram_edges (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *bins = call->tensors[1];

  if (!check_histogram (self, error))
    return FALSE;
  if (bins->dtype != self->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "torch.histogramdd: input tensor and bins tensors should have the same dtype");
  if (bins->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.histogramdd: bins tensor should have one dimension, but got %u dimensions in the bins tensor for "
                           "dimension 0", bins->n_dims);
  if (bins->numel == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for "
                           "dimension 0");
  return run_histogram (call, bins, call->tensors[2], call->args[0].i != 0, error);
}

/* -- quantiles ----------------------------------------------------------------------------------- */

static const char *const interpolations[] = { "linear", "lower", "higher", "midpoint", "nearest" };

static gboolean
check_quantile (GtenTensor *self, GtenTensor *q, int interpolation, const char *name,
                GError **error)
{
  double least = 0, most = 0;

  if (self->numel == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "quantile() input tensor must be non-empty");
  if (q->n_dims > 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "quantile() q must be a scalar or 1D tensor");
  if (self->dtype != GTEN_DTYPE_FLOAT32 && self->dtype != GTEN_DTYPE_FLOAT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "quantile() input tensor must be either float or double dtype");
  if (self->dtype != q->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "quantile() q tensor must be same dtype as the input tensor");
  if (interpolation < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got %s", name);
  if (q->numel > 0)
    {
      g_autoptr (GtenTensor) low = gten_tensor_min (q, error), high = gten_tensor_max (q, error);

      if (!read_number (low, &least, error) || !read_number (high, &most, error))
        return FALSE;
    }
  if (least < 0 || most > 1)
    {
      if (q->n_dims == 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "quantile() q must be in the range [0, 1] but got %g",
                               least < 0 ? least : most);
      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "quantile() q values must be in the range [0, 1]");
    }
  return TRUE;
}

/* Where in sorted lines the quantiles lie: q * (n - 1), n being all elements or those that are not
 * NaN. */
static GtenTensor *
quantile_ranks (GtenTensor *sorted, GtenTensor *q, gboolean ignore_nan, GError **error)
{
  const double last = (double) gten_size (sorted, sorted->n_dims - 1) - 1;
  g_autoptr (GtenTensor) unknown = gten_tensor_isnan (sorted, error), any = NULL, known = NULL, n = NULL, n_last = NULL, ranks = NULL;
  const GtenScalar zero = gten_scalar_int (0);

  if (!ignore_nan)
    {
      ranks = gten_tensor_mul_scalar (q, GTEN_VALUE (last), error);
      any = gten_apply_any (unknown, (const gint64[]) { -1 }, 1, TRUE, error);
      g_autoptr (GtenWrapped) end = gten_wrap (gten_scalar_float (last));

      return gten_apply_where (any, end, ranks, error);
    }
  known = gten_tensor_logical_not (unknown, error);
  n = gten_apply_sum (known, (const gint64[]) { -1 }, 1, TRUE, GTEN_DTYPE_NONE, error);
  n_last = gten_tensor_sub_scalar (n, GTEN_VALUE (1), error);
  ranks = gten_tensor_mul (q, n_last, error);
  return ranks == NULL ? NULL : gten_apply_clamp (ranks, &zero, NULL, error);
}

static gboolean
run_quantile (GtenCall *call, gboolean ignore_nan, GError **error)
{
  GtenTensor *self = call->tensors[0], *q = call->tensors[1];
  const GtenArg *asked = &call->args[0];
  const gboolean keepdim = call->args[1].i != 0, all = !asked->given || asked->i == GTEN_NONE;
  const char *name = call->args[2].s;
  int interpolation = -1, dim = 0;
  gint64 sizes[GTEN_MAX_DIMS + 1];
  guint n = 0;
  g_autoptr (GtenTensor) lines = NULL, sorted = NULL, indices = NULL, ranks = NULL, rounded = NULL, below = NULL, value = NULL, line = NULL,
                         moved = NULL;

  for (int i = 0; i < (int) G_N_ELEMENTS (interpolations); i++)
    if (g_strcmp0 (name, interpolations[i]) == 0)
      interpolation = i;
  if (!check_quantile (self, q, interpolation, name, error))
    return FALSE;
  if (!all)
    {
      dim = gten_wrap_dim (asked->i, self->n_dims, error);
      if (dim < 0)
        return FALSE;
    }
  lines = all || self->n_dims == 0 ? gten_tensor_flatten (self, error)
                                   : gten_tensor_movedim (self, (const gint64[]) { dim }, 1, (const gint64[]) { -1 }, 1, error);
  sorted = gten_apply_sort (lines, -1, FALSE, FALSE, &indices, error);
  if (sorted == NULL)
    return FALSE;
  for (int i = 0; i < self->n_dims; i++)
    if (!all && i != dim)
      sizes[n++] = gten_size (self, i);
    else if (keepdim)
      sizes[n++] = 1;
  line = gten_tensor_reshape (q, (const gint64[]) { q->numel }, 1, error);
  ranks = quantile_ranks (sorted, line, ignore_nan, error);
  if (ranks == NULL)
    return FALSE;
  {
    gint64 wide[GTEN_MAX_DIMS];
    g_autoptr (GtenTensor) expanded = NULL;

    memcpy (wide, gten_sizes (sorted), sorted->n_dims * sizeof *wide);
    wide[sorted->n_dims - 1] = q->numel;
    expanded = gten_tensor_expand (ranks, wide, sorted->n_dims, error);
    g_set_object (&ranks, expanded);
  }
  rounded = interpolation == 1 ? gten_tensor_floor (ranks, error)
            : interpolation == 2 ? gten_tensor_ceil (ranks, error)
            : interpolation == 4 ? gten_tensor_round (ranks, error) : gten_ref_or_null (ranks);
  below = gten_tensor_long (rounded, error);
  value = gten_apply_gather (sorted, -1, below, FALSE, error);
  if (interpolation == 0 || interpolation == 3)
    {
      g_autoptr (GtenTensor) high = gten_tensor_ceil (ranks, error), above = gten_tensor_long (high, error);
      g_autoptr (GtenTensor) upper = gten_apply_gather (sorted, -1, above, FALSE, error), weight = NULL;
      GtenTensor *between;

      weight = interpolation == 0 ? gten_tensor_sub (ranks, below, error)
                                  : ranks == NULL ? NULL : gten_apply_full_like (ranks, gten_scalar_float (0.5), GTEN_DTYPE_NONE, NULL, error);
      between = gten_apply_lerp (value, upper, weight, error);
      g_clear_object (&value);
      value = between;
    }
  if (q->n_dims == 0)
    return gten_call_give (call, 0, gten_tensor_reshape (value, sizes, n, error), error);
  moved = gten_tensor_movedim (value, (const gint64[]) { -1 }, 1, (const gint64[]) { 0 }, 1, error);
  memmove (sizes + 1, sizes, n * sizeof *sizes);
  sizes[0] = q->numel;
  return gten_call_give (call, 0, gten_tensor_reshape (moved, sizes, n + 1, error), error);
}

gboolean
gten_run_quantile (GtenCall *call, GError **error)
{
  return run_quantile (call, FALSE, error);
}

gboolean
gten_run_nanquantile (GtenCall *call, GError **error)
{
  return run_quantile (call, TRUE, error);
}
