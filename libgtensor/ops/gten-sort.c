/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sorting along a dimension and what follows from it: order statistics, sets, searching. */
#include "ops/gten-run-private.h"

#include <string.h>

/* -- sorting ----------------------------------------------------------------------------------- */

/* Writes the first k of each sorted line. `values` and `indices` have the shape of self, with k
 * along `dim`. */
static gboolean
sort_into (GtenTensor *self, int dim, gboolean descending, gboolean stable, gint64 k,
           GtenTensor *values, GtenTensor *indices, GError **error)
{
  GtenDevice *device = self->storage->device;
  const GtenBackend *backend = gten_device_get_backend (device);
  const GtenKArray input = gten_array (self), out = gten_array (values),
                   places = gten_array (indices);
  gint64 n_bytes;
  g_autoptr (GtenTensor) workspace = NULL;

  if (self->numel == 0 || k == 0)
    return TRUE;
  if (backend->sort == NULL)
    return gten_device_check (device, "sort", GTEN_K_UNSUPPORTED, NULL, error);
  n_bytes = (gint64) backend->sort_workspace (&input, dim);
  workspace = gten_tensor_alloc (GTEN_DTYPE_UINT8, 1, &n_bytes, device, error);
  return workspace != NULL
         && gten_device_check (
             device, "sort",
             gten_device_begin (device, "sort")->sort (gten_device_get_index (device), &input, dim, descending, stable, k,
                            &out, &places, gten_data (workspace)),
             NULL, error);
}

/* Results 0 and 1 with `k` in place of the size of `dim`, sorted. */
static gboolean
run_sort (GtenCall *call, int dim, gboolean descending, gboolean stable, gint64 k, GError **error)
{
  GtenTensor *self = call->tensors[0], *values, *indices;
  gint64 sizes[GTEN_MAX_DIMS];

  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  if (self->n_dims > 0)
    sizes[dim] = k;
  values = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, sizes, error);
  indices = values == NULL
                ? NULL
                : gten_call_result (call, 1, GTEN_DTYPE_INT64, self->n_dims, sizes, error);
  if (indices == NULL)
    return FALSE;
  if (self->n_dims == 0)
    return (k == 0 || gten_copy_elements (values, self, error))
           && gten_fill_elements (indices, gten_scalar_int (0), error);
  return sort_into (self, dim, descending, stable, k, values, indices, error);
}

gboolean
gten_run_sort (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  int dim = gten_call_dim (call, 0, error);

  for (guint i = 0; i < 2; i++)
    if (call->results[i] == NULL)
      call->results[i] = gten_empty_as (self, i == 0 ? (GtenDtype) self->dtype : GTEN_DTYPE_INT64, self->storage->device, error);
  return dim >= 0
         && run_sort (call, dim, call->args[1].i != 0, call->args[2].i != 0,
                      self->n_dims == 0 ? 1 : gten_size (self, dim), error);
}

gboolean
gten_run_topk (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 k = call->args[0].i;
  int dim = gten_call_dim (call, 1, error);

  if (dim < 0)
    return FALSE;
  if (self->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "topk does not support bool dtypes on CPU");
  if (k < 0 || k > (self->n_dims == 0 ? 1 : gten_size (self, dim)))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "selected index k out of range");
  return run_sort (call, dim, call->args[2].i != 0, FALSE, k, error);
}

gboolean
gten_run_value_selecting_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *indices = call->tensors[1];
  const GtenArg *sizes = &call->args[1];
  gint64 dim = call->args[0].i;
  gboolean keepdim = call->args[2].i != 0;
  g_autoptr (GtenTensor) zeros
      = gten_apply_new_zeros (grad, sizes->ints, sizes->n, GTEN_DTYPE_NONE, NULL, error);
  g_autoptr (GtenTensor) wide_grad = NULL, wide_indices = NULL;

  if (keepdim || sizes->n == 0)
    return gten_call_give (call, 0, gten_apply_scatter (zeros, dim, indices, grad, error), error);
  wide_grad = gten_tensor_unsqueeze (grad, dim, error);
  wide_indices = gten_tensor_unsqueeze (indices, dim, error);
  return gten_call_give (call, 0, gten_apply_scatter (zeros, dim, wide_indices, wide_grad, error),
                         error);
}

/* -- reductions that find a position ----------------------------------------------------------- */

/* Results 0 and 1 of a reduction of `dim`, seen with the dimension kept. */
static gboolean
reduced_results (GtenCall *call, int dim, gboolean keepdim, GtenTensor **values,
                 GtenTensor **indices, GError **error)
{
  GtenTensor *self = call->tensors[0], *results[2];
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  guint n = 0;

  for (int i = 0; i < self->n_dims; i++)
    if (i != dim)
      sizes[n++] = gten_size (self, i);
    else if (keepdim)
      sizes[n++] = 1;
  results[0] = gten_call_result (call, 0, (GtenDtype) self->dtype, n, sizes, error);
  results[1]
      = results[0] == NULL ? NULL : gten_call_result (call, 1, GTEN_DTYPE_INT64, n, sizes, error);
  if (results[1] == NULL)
    return FALSE;
  for (guint r = 0; r < 2; r++)
    {
      GtenTensor **to = r == 0 ? values : indices;

      for (int i = 0, source = 0; i < self->n_dims; i++)
        {
          gboolean dropped = i == dim && !keepdim;

          sizes[i] = dropped ? 1 : gten_size (results[r], source);
          strides[i] = dropped ? 0 : gten_stride (results[r], source);
          source += !dropped;
        }
      *to = gten_geometry (results[r], self->n_dims, sizes, strides, results[r]->offset);
    }
  return TRUE;
}

static gboolean
check_not_empty (GtenTensor *self, int dim, const char *op, GError **error)
{
  if (self->n_dims > 0 && gten_size (self, dim) == 0)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "%s(): Expected reduction dim %d to have non-zero size.", op, dim);
  return TRUE;
}

static gboolean
run_extreme (GtenCall *call, GtenKArgReduce kind, const char *op, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) values = NULL, indices = NULL;
  GtenKArray input, out, places;
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0 || !check_not_empty (self, dim, op, error)
      || !reduced_results (call, dim, call->args[1].i != 0, &values, &indices, error))
    return FALSE;
  if (self->numel == 0)
    return TRUE;
  if (self->n_dims == 0)
    return gten_copy_elements (values, self, error)
           && gten_fill_elements (indices, gten_scalar_int (0), error);
  input = gten_array (self);
  out = gten_array (values);
  places = gten_array (indices);
  return GTEN_KERNEL (self, op, error, NULL, arg_reduce, kind, &input, dim, &out, &places);
}

gboolean
gten_run_max_dim (GtenCall *call, GError **error)
{
  return run_extreme (call, GTEN_K_ARGMAX, "max", error);
}

gboolean
gten_run_min_dim (GtenCall *call, GError **error)
{
  return run_extreme (call, GTEN_K_ARGMIN, "min", error);
}

/* Without a dimension, of the flattened tensor. */
static gboolean
run_position (GtenCall *call, GtenKArgReduce kind, const char *op, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  gboolean keepdim = call->args[1].i != 0;
  g_autoptr (GtenTensor) packed = NULL, flat = NULL, seen = NULL;
  gint64 sizes[GTEN_MAX_DIMS], strides[GTEN_MAX_DIMS];
  GtenKArray input, places;
  guint n = 0;
  int dim = 0;

  if (self->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "%s(): does not support bool input", op);
  if (!call->args[0].given)
    {
      if (self->numel == 0)
        return gten_call_fail (
            error, GTEN_ERROR_INDEX,
            "%s(): Expected reduction dim to be specified for input.numel() == 0.", op);
      packed = gten_contiguous (self, error);
      if (packed == NULL)
        return FALSE;
      flat = gten_geometry (packed, 1, &self->numel, (const gint64[]){ 1 }, packed->offset);
      for (; keepdim && n < self->n_dims; n++)
        sizes[n] = 1;
    }
  else
    {
      dim = gten_call_dim (call, 0, error);
      if (dim < 0 || !check_not_empty (self, dim, op, error))
        return FALSE;
      flat = self->n_dims > 0 ? g_object_ref (self)
                              : gten_geometry (self, 1, (const gint64[]){ 1 },
                                               (const gint64[]){ 1 }, self->offset);
      for (int i = 0; i < self->n_dims; i++)
        if (i != dim)
          sizes[n++] = gten_size (self, i);
        else if (keepdim)
          sizes[n++] = 1;
    }
  result = gten_call_result (call, 0, GTEN_DTYPE_INT64, n, sizes, error);
  if (result == NULL || result->numel == 0)
    return result != NULL;
  for (int i = 0, source = 0; i < flat->n_dims; i++)
    {
      gboolean dropped = !call->args[0].given || self->n_dims == 0 || (i == dim && !keepdim);

      sizes[i] = dropped ? 1 : gten_size (result, source);
      strides[i] = dropped ? 0 : gten_stride (result, source);
      source += !dropped;
    }
  seen = gten_geometry (result, flat->n_dims, sizes, strides, result->offset);
  input = gten_array (flat);
  places = gten_array (seen);
  return GTEN_KERNEL (self, op, error, NULL, arg_reduce, kind, &input, dim, NULL, &places);
}

gboolean
gten_run_argmax (GtenCall *call, GError **error)
{
  return run_position (call, GTEN_K_ARGMAX, "argmax", error);
}

gboolean
gten_run_argmin (GtenCall *call, GError **error)
{
  return run_position (call, GTEN_K_ARGMIN, "argmin", error);
}

/* -- order statistics -------------------------------------------------------------------------- */

/* One element of each line along `dim`, without sorting, where the device's kernels can; values and indices keep the
 * dimension. */
static gboolean
select_into (GtenTensor *self, int dim, GtenKSelect which, gint64 rank, GtenTensor *values, GtenTensor *indices,
             const char *op, GError **error)
{
  GtenDevice *device = self->storage->device;
  const GtenKArray input = gten_array (self), out = gten_array (values), places = gten_array (indices);
  gint64 n_bytes = (gint64) gten_device_get_backend (device)->sort_workspace (&input, dim);
  g_autoptr (GtenTensor) workspace = gten_tensor_alloc (GTEN_DTYPE_UINT8, 1, &n_bytes, device, error);

  return workspace != NULL
         && gten_device_check (device, op,
                               gten_device_begin (device, op)->select (gten_device_get_index (device), which, &input, dim,
                                                                       rank, &out, &places, gten_data (workspace)),
                               NULL, error);
}

static gboolean
can_select (GtenTensor *self)
{
  return gten_device_get_backend (self->storage->device)->select != NULL;
}

/* A sorted copy of a line's first k, along `dim`; a number counts as a line of one. */
static gboolean
sorted_copy (GtenTensor *self, int dim, gint64 k, GtenTensor **values, GtenTensor **indices,
             GError **error)
{
  gint64 sizes[GTEN_MAX_DIMS];

  memcpy (sizes, gten_sizes (self), self->n_dims * sizeof *sizes);
  sizes[dim] = k;
  *values = gten_tensor_alloc ((GtenDtype) self->dtype, self->n_dims, sizes, self->storage->device,
                               error);
  *indices = *values == NULL ? NULL
                             : gten_tensor_alloc (GTEN_DTYPE_INT64, self->n_dims, sizes,
                                                  self->storage->device, error);
  return *indices != NULL && sort_into (self, dim, FALSE, TRUE, k, *values, *indices, error);
}

static gboolean
give_number (GtenCall *call, GtenTensor *values, GtenTensor *indices, GError **error)
{
  return gten_copy_elements (values, call->tensors[0], error)
         && gten_fill_elements (indices, gten_scalar_int (0), error);
}

gboolean
gten_run_kthvalue (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 k = call->args[0].i;
  g_autoptr (GtenTensor) values = NULL, indices = NULL, sorted = NULL, places = NULL, value = NULL,
                         place = NULL;
  int dim = gten_call_dim (call, 1, error);

  if (dim < 0 || !check_not_empty (self, dim, "kthvalue", error))
    return FALSE;
  if (self->dtype == GTEN_DTYPE_BOOL && self->n_dims > 0)
    return gten_call_lacks (call, GTEN_DTYPE_BOOL, error);
  if (k < 1 || k > (self->n_dims == 0 ? 1 : gten_size (self, dim)))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "kthvalue(): selected number k out of range for dimension %d", dim);
  if (!reduced_results (call, dim, call->args[2].i != 0, &values, &indices, error))
    return FALSE;
  if (self->n_dims == 0)
    return give_number (call, values, indices, error);
  if (can_select (self))
    return select_into (self, dim, GTEN_K_SELECT_RANK, k - 1, values, indices, "kthvalue", error);
  if (!sorted_copy (self, dim, k, &sorted, &places, error))
    return FALSE;
  value = gten_geometry_slice (sorted, dim, k - 1, 1, 1);
  place = gten_geometry_slice (places, dim, k - 1, 1, 1);
  return gten_copy_elements (values, value, error) && gten_copy_elements (indices, place, error);
}

/* NaN sorts last: a median that knows it takes the first one where there is any; one that ignores
 * it takes the middle of the others. */
static gboolean
find_median (GtenTensor *self, int dim, gboolean ignore_nan, GtenTensor *values,
             GtenTensor *indices, GError **error)
{
  g_autoptr (GtenTensor) sorted = NULL, places = NULL, nans = NULL, n_nans = NULL, numbers = NULL,
                         middle = NULL, value = NULL, place = NULL;
  g_autoptr (GtenTensor) has_nan = NULL, none = NULL, chosen = NULL;
  g_autoptr (GtenWrapped) two = gten_wrap (gten_scalar_int (2));
  gint64 size = gten_size (self, dim);
  const gint64 along = dim;

  if (can_select (self))
    return select_into (self, dim, ignore_nan ? GTEN_K_SELECT_NANMEDIAN : GTEN_K_SELECT_MEDIAN, 0, values, indices, "median",
                        error);
  if (!sorted_copy (self, dim, size, &sorted, &places, error))
    return FALSE;
  nans = gten_tensor_isnan (sorted, error);
  n_nans = gten_apply_sum (nans, &along, 1, TRUE, GTEN_DTYPE_NONE, error);
  numbers = n_nans == NULL ? NULL : gten_tensor_rsub_scalar (n_nans, GTEN_VALUE (size), error);
  /* (numbers - 1) / 2, or 0 where all are NaN; with NaN counted, the first of them. */
  middle = numbers == NULL ? NULL : gten_tensor_sub_scalar (numbers, GTEN_VALUE (1), error);
  value = gten_apply_div_mode (middle, two, "trunc", error);
  if (value == NULL)
    return FALSE;
  chosen = gten_tensor_clamp_min_scalar (value, GTEN_VALUE (0), error);
  if (chosen != NULL && !ignore_nan)
    {
      GtenTensor *first;

      has_nan = gten_tensor_ne_scalar (n_nans, GTEN_VALUE (0), error);
      first = gten_where (has_nan, numbers, chosen, error);
      g_object_unref (chosen);
      chosen = first;
    }
  g_clear_object (&value);
  value = gten_apply_gather (sorted, dim, chosen, FALSE, error);
  place = gten_apply_gather (places, dim, chosen, FALSE, error);
  return place != NULL && gten_copy_elements (values, value, error)
         && gten_copy_elements (indices, place, error);
}

static gboolean
check_median (GtenCall *call, GError **error)
{
  if (call->tensors[0]->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"median_out\" not implemented for 'Bool'");
  return TRUE;
}

static gboolean
run_median_dim (GtenCall *call, gboolean ignore_nan, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) values = NULL, indices = NULL;
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0 || !check_not_empty (self, dim, "median", error) || !check_median (call, error)
      || !reduced_results (call, dim, call->args[1].i != 0, &values, &indices, error))
    return FALSE;
  if (self->n_dims == 0)
    return give_number (call, values, indices, error);
  return self->numel == 0 || find_median (self, dim, ignore_nan, values, indices, error);
}

static gboolean
run_median (GtenCall *call, gboolean ignore_nan, GError **error)
{
  GtenTensor *self = call->tensors[0],
             *result = check_median (call, error) ? gten_call_result (call, 0, (GtenDtype) self->dtype, 0, NULL, error) : NULL;
  g_autoptr (GtenTensor) packed = NULL, flat = NULL, value = NULL, index = NULL;
  const gint64 one = 1;

  if (result == NULL)
    return FALSE;
  if (self->numel == 0)
    return gten_fill_elements (
        result, gten_is_floating (self) ? gten_scalar_float (NAN) : gten_scalar_int (G_MININT64),
        error);
  packed = gten_contiguous (self, error);
  if (packed == NULL)
    return FALSE;
  flat = gten_geometry (packed, 1, &self->numel, &one, packed->offset);
  value = gten_geometry (result, 1, &one, &one, result->offset);
  index = gten_tensor_alloc (GTEN_DTYPE_INT64, 1, &one, self->storage->device, error);
  return index != NULL && find_median (flat, 0, ignore_nan, value, index, error);
}

gboolean
gten_run_median (GtenCall *call, GError **error)
{
  return run_median (call, FALSE, error);
}

gboolean
gten_run_median_dim (GtenCall *call, GError **error)
{
  return run_median_dim (call, FALSE, error);
}

gboolean
gten_run_nanmedian (GtenCall *call, GError **error)
{
  return run_median (call, TRUE, error);
}

gboolean
gten_run_nanmedian_dim (GtenCall *call, GError **error)
{
  return run_median_dim (call, TRUE, error);
}

/* Whether each element of a vector's line begins a run; the first always does. */
static GtenTensor *
run_starts (GtenTensor *sorted, int dim, GError **error)
{
  gint64 size = gten_size (sorted, dim);
  g_autoptr (GtenTensor) left = gten_geometry_slice (sorted, dim, 0, MAX (size - 1, 0), 1);
  g_autoptr (GtenTensor) right
      = gten_geometry_slice (sorted, dim, MIN (1, size), MAX (size - 1, 0), 1);
  g_autoptr (GtenTensor) first = gten_geometry_slice (sorted, dim, 0, MIN (1, size), 1);
  g_autoptr (GtenTensor) differs = gten_tensor_ne (left, right, error);
  g_autoptr (GtenTensor) begin
      = gten_apply_full_like (first, gten_scalar_bool (TRUE), GTEN_DTYPE_BOOL, NULL, error);

  return gten_apply_cat ((GtenTensor *[]){ begin, differs }, 2, dim, error);
}

/* In sorted order the length of the run so far is largest, for the first time, at the end of the
 * run that is sought. */
gboolean
gten_run_mode (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) values = NULL, indices = NULL, sorted = NULL, places = NULL, starts = NULL,
                         line = NULL, positions = NULL, begun = NULL;
  g_autoptr (GtenTensor) begin = NULL, lengths = NULL, end = NULL, value = NULL, place = NULL,
                         begin_indices = NULL;
  gint64 shape[GTEN_MAX_DIMS];
  int dim = gten_call_dim (call, 0, error);

  if (dim < 0 || !check_not_empty (self, dim, "mode", error)
      || !reduced_results (call, dim, call->args[1].i != 0, &values, &indices, error))
    return FALSE;
  if (self->n_dims == 0)
    return give_number (call, values, indices, error);
  if (self->numel == 0)
    return TRUE;
  if (!sorted_copy (self, dim, gten_size (self, dim), &sorted, &places, error))
    return FALSE;
  starts = run_starts (sorted, dim, error);
  line = gten_arange (GTEN_VALUE (gten_size (self, dim)), GTEN_DTYPE_INT64, self->storage->device,
                      error);
  for (int i = 0; i < self->n_dims; i++)
    shape[i] = i == dim ? -1 : 1;
  positions = gten_tensor_view (line, shape, self->n_dims, error);
  begun = gten_tensor_mul (starts, positions, error);
  begin = gten_tensor_cummax (begun, dim, &begin_indices, error);
  lengths = gten_tensor_sub (positions, begin, error);
  end = gten_apply_argmax (lengths, dim, TRUE, error);
  value = gten_apply_gather (sorted, dim, end, FALSE, error);
  place = gten_apply_gather (places, dim, end, FALSE, error);
  return place != NULL && gten_copy_elements (values, value, error)
         && gten_copy_elements (indices, place, error);
}

/* -- sets -------------------------------------------------------------------------------------- */

gboolean
gten_run_unique (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) flat = gten_tensor_flatten (call->tensors[0], error), order = NULL,
                         starts = NULL;
  g_autoptr (GtenTensor) sorted = gten_tensor_sort (flat, &order, error);

  if (sorted == NULL)
    return FALSE;
  starts = run_starts (sorted, 0, error);
  return gten_call_give (call, 0, gten_tensor_masked_select (sorted, starts, error), error);
}

/* The first of each run; with flags also the run that each element is in, at the place that `order`
 * says or else its own, in the given shape, and how long the runs are. Takes `first`, the elements
 * where `starts` is true. */
static gboolean
give_runs (GtenCall *call, GtenTensor *first, GtenTensor *starts, GtenTensor *order, guint n_dims,
           const gint64 *sizes, gboolean want_inverse, gboolean want_counts, GError **error)
{
  g_autoptr (GtenTensor) output = first, inverse = NULL, counts = NULL, none = NULL;

  if (output == NULL || starts == NULL)
    return FALSE;
  none = gten_empty ((const gint64[]){ 0 }, 1, GTEN_DTYPE_INT64, output->storage->device, error);
  if (none == NULL)
    return FALSE;
  if (want_inverse || want_counts)
    {
      g_autoptr (GtenTensor) ranks = gten_apply_cumsum (starts, 0, GTEN_DTYPE_INT64, error);
      g_autoptr (GtenTensor) numbers = gten_tensor_sub_scalar (ranks, GTEN_VALUE (1), error);
      g_autoptr (GtenTensor) placed = NULL;

      if (order != NULL)
        {
          g_autoptr (GtenTensor) empty
              = gten_tensor_empty_like (numbers, GTEN_DTYPE_NONE, NULL, error);

          placed = gten_apply_scatter (empty, 0, order, numbers, error);
        }
      if (want_inverse)
        inverse = gten_tensor_view (order != NULL ? placed : numbers, sizes, n_dims, error);
      if (want_counts)
        {
          g_autoptr (GtenTensor) least = gten_tensor_sum (starts, error);
          gint64 n_runs;

          if (!gten_read_int (least, &n_runs, error))
            return FALSE;
          counts = gten_apply_bincount (numbers, NULL, n_runs, error);
        }
      if ((want_inverse && inverse == NULL) || (want_counts && counts == NULL))
        return FALSE;
    }
  if (inverse == NULL)
    inverse = g_object_ref (none);
  if (counts == NULL)
    counts = g_object_ref (none);
  return gten_call_give (call, 0, g_steal_pointer (&output), error)
         && gten_call_give (call, 1, g_steal_pointer (&inverse), error)
         && gten_call_give (call, 2, g_steal_pointer (&counts), error);
}

static gboolean
give_flat_runs (GtenCall *call, GtenTensor *elements, GtenTensor *order, gboolean want_inverse,
                gboolean want_counts, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) starts = elements == NULL ? NULL : run_starts (elements, 0, error);

  return give_runs (call, gten_tensor_masked_select (elements, starts, error), starts, order,
                    self->n_dims, gten_sizes (self), want_inverse, want_counts, error);
}

gboolean
gten_run_unique2 (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) flat = gten_tensor_flatten (call->tensors[0], error), order = NULL;
  g_autoptr (GtenTensor) sorted = gten_tensor_sort (flat, &order, error);

  return give_flat_runs (call, sorted, order, call->args[1].i != 0, call->args[2].i != 0, error);
}

gboolean
gten_run_unique_consecutive2 (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) flat = gten_tensor_flatten (call->tensors[0], error);

  return give_flat_runs (call, flat, NULL, call->args[0].i != 0, call->args[1].i != 0, error);
}

gboolean
gten_run_unique_consecutive (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) flat = gten_tensor_flatten (call->tensors[0], error), starts = NULL;

  if (flat == NULL)
    return FALSE;
  starts = run_starts (flat, 0, error);
  return gten_call_give (call, 0, gten_tensor_masked_select (flat, starts, error), error);
}

/* The order of the rows of a matrix by their first elements, then their second ones, and so on: a
 * stable sort by each column, from the last one on. */
static GtenTensor *
row_order (GtenTensor *rows, GError **error)
{
  g_autoptr (GtenTensor) order = gten_arange (GTEN_VALUE (gten_size (rows, 0)), GTEN_DTYPE_INT64,
                                              rows->storage->device, error);

  for (gint64 column = gten_size (rows, 1); column-- > 0 && order != NULL;)
    {
      g_autoptr (GtenTensor) elements = gten_geometry_select (rows, 1, column), places = NULL;
      g_autoptr (GtenTensor) ordered = gten_tensor_index_select (elements, 0, order, error);
      g_autoptr (GtenTensor) sorted = gten_apply_sort (ordered, 0, FALSE, TRUE, &places, error);
      g_autoptr (GtenTensor) next
          = sorted == NULL ? NULL : gten_tensor_index_select (order, 0, places, error);

      g_set_object (&order, next);
    }
  return g_steal_pointer (&order);
}

/* The different slices along a dimension, as rows of a matrix. */
static gboolean
unique_slices (GtenCall *call, gboolean sort, gboolean want_inverse, gboolean want_counts,
               GError **error)
{
  GtenTensor *self = call->tensors[0];
  int dim = gten_wrap_dim (call->args[0].i, self->n_dims, error);
  g_autoptr (GtenTensor) moved = NULL, rows = NULL, order = NULL, ordered = NULL, differs = NULL,
                         starts = NULL, places = NULL, first = NULL, shaped = NULL;
  gint64 sizes[GTEN_MAX_DIMS], n, width = 1;

  if (dim < 0)
    return FALSE;
  if (self->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_INDEX,
                           "Dimension specified as %" G_GINT64_FORMAT " but tensor has no dimensions", call->args[0].i);
  n = gten_size (self, dim);
  moved = gten_geometry_move (self, dim, 0);
  for (guint i = 1; i < self->n_dims; i++)
    width *= gten_size (moved, i);
  if (width == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           n == 0 ? "Expected to have at most one zero-sized dimension"
                                  : "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied");
  rows = gten_tensor_reshape (moved, (const gint64[]){ n, width }, 2, error);
  order = rows == NULL || !sort ? NULL : row_order (rows, error);
  if (rows == NULL || (sort && order == NULL))
    return FALSE;
  ordered = sort ? gten_tensor_index_select (rows, 0, order, error) : g_object_ref (rows);
  if (ordered == NULL)
    return FALSE;
  differs = run_starts (ordered, 0, error);
  starts = gten_apply_any (differs, (const gint64[]){ 1 }, 1, FALSE, error);
  places = gten_tensor_nonzero (starts, error);
  if (places == NULL)
    return FALSE;
  memcpy (sizes, gten_sizes (moved), self->n_dims * sizeof *sizes);
  sizes[0] = gten_size (places, 0);
  g_autoptr (GtenTensor) flat_places = gten_tensor_flatten (places, error);
  first = gten_tensor_index_select (ordered, 0, flat_places, error);
  shaped = gten_tensor_view (first, sizes, self->n_dims, error);
  return give_runs (call, shaped == NULL ? NULL : gten_geometry_move (shaped, 0, dim), starts, order, 1, &n,
                    want_inverse, want_counts, error);
}

gboolean
gten_run_unique_dim (GtenCall *call, GError **error)
{
  return unique_slices (call, TRUE, call->args[2].i != 0, call->args[3].i != 0, error);
}

gboolean
gten_run_unique_dim_consecutive (GtenCall *call, GError **error)
{
  return unique_slices (call, FALSE, call->args[1].i != 0, call->args[2].i != 0, error);
}

/* -- searching --------------------------------------------------------------------------------- */

/* A stable sort of the sequence and the values together: before each value, in the result, stand
 * the elements of the sequence that come before it. The side that is joined first comes first among
 * equals. */
static GtenTensor *
search (GtenTensor *sequence, GtenTensor *values, gboolean right, gboolean out_int32,
        GError **error)
{
  GtenDtype dtype = gten_promote_types ((GtenDtype) sequence->dtype, (GtenDtype) values->dtype);
  gint64 n = gten_size (sequence, sequence->n_dims - 1), m = gten_size (values, values->n_dims - 1);
  g_autoptr (GtenTensor) a = gten_cast (sequence, dtype, error),
                         b = gten_cast (values, dtype, error);
  g_autoptr (GtenTensor) joined
      = gten_apply_cat (right ? (GtenTensor *[]){ a, b } : (GtenTensor *[]){ b, a }, 2, -1, error);
  g_autoptr (GtenTensor) order = NULL,
                         sorted = gten_apply_sort (joined, -1, FALSE, TRUE, &order, error);
  g_autoptr (GtenTensor) own = NULL, before = NULL, empty = NULL, back = NULL, found = NULL;

  if (sorted == NULL)
    return NULL;
  own = right ? gten_tensor_lt_scalar (order, GTEN_VALUE (n), error)
              : gten_tensor_ge_scalar (order, GTEN_VALUE (m), error);
  before = gten_apply_cumsum (own, -1, GTEN_DTYPE_INT64, error);
  empty = before == NULL ? NULL : gten_tensor_empty_like (before, GTEN_DTYPE_NONE, NULL, error);
  back = gten_apply_scatter (empty, -1, order, before, error);
  found = back == NULL ? NULL
                       : gten_apply_slice (back, -1, right ? n : 0, right ? n + m : m, 1, error);
  return found == NULL ? NULL
                       : gten_cast (found, out_int32 ? GTEN_DTYPE_INT32 : GTEN_DTYPE_INT64, error);
}

static gboolean
run_search (GtenCall *call, GtenTensor *sequence, GtenTensor *values, GError **error)
{
  g_autoptr (GtenTensor) flat = NULL, found = NULL, packed = NULL;
  gboolean same_lead = sequence->n_dims == values->n_dims;

  for (int i = 0; same_lead && i + 1 < sequence->n_dims; i++)
    same_lead = gten_size (sequence, i) == gten_size (values, i);
  if (sequence->n_dims == 0 || (values->n_dims == 0 && sequence->n_dims != 1))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "torch.searchsorted(): input value can be a scalar only when boundaries "
                           "tensor dimension is 1, but we got boundaries tensor "
                           "dim(%u) and input value's dim(%u) numel(%" G_GINT64_FORMAT ")",
                           sequence->n_dims, values->n_dims, values->numel);
  if (sequence->n_dims != 1 && !same_lead)
    {
      g_autofree char *a = gten_shape_to_string (sequence->n_dims, gten_sizes (sequence));
      g_autofree char *b = gten_shape_to_string (values->n_dims, gten_sizes (values));

      return gten_call_fail (
          error, GTEN_ERROR_SHAPE,
          "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 "
          "dimensions of boundaries tensor and input "
          "value tensor must match, but we got boundaries tensor %s and input value tensor %s",
          a, b);
    }
  flat = sequence->n_dims == 1 ? gten_tensor_flatten (values, error) : g_object_ref (values);
  if (flat == NULL)
    return FALSE;
  found = search (sequence, flat, call->args[1].i != 0, call->args[0].i != 0, error);
  packed = found == NULL ? NULL : gten_contiguous (found, error);
  return gten_call_give (
      call, 0, gten_tensor_view (packed, gten_sizes (values), values->n_dims, error), error);
}

gboolean
gten_run_searchsorted (GtenCall *call, GError **error)
{
  return run_search (call, call->tensors[0], call->tensors[1], error);
}

gboolean
gten_run_bucketize (GtenCall *call, GError **error)
{
  if (call->tensors[1]->n_dims != 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "boundaries tensor must be 1 dimension, but got dim(%u)",
                           call->tensors[1]->n_dims);
  return run_search (call, call->tensors[1], call->tensors[0], error);
}
