/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Making tensors from a shape, a tensor or a range of numbers. The last two arguments of each are
 * dtype and device. */
#include "ops/gten-run-private.h"

#include <math.h>
#include <string.h>

/* Result 0, on the device that argument `at + 1` names, or else `device`. */
static GtenTensor *
create (GtenCall *call, guint at, GtenDtype dtype, GtenDevice *device, guint n_dims,
        const gint64 *sizes, GError **error)
{
  const GtenArg *arg = &call->args[at];
  GtenDevice *on = arg[1].given ? arg[1].object : device;

  if (arg[0].given)
    dtype = (GtenDtype) arg[0].i;
  if (call->out)
    return gten_call_result (call, 0, arg[0].given ? dtype : (GtenDtype) call->results[0]->dtype,
                             n_dims, sizes, error);
  call->results[0]
      = gten_tensor_alloc (dtype, n_dims, sizes, on == NULL ? gten_get_default_device () : on, error);
  return call->results[0];
}

static gboolean
filled (GtenTensor *tensor, GtenScalar value, GError **error)
{
  return tensor != NULL && gten_fill_elements (tensor, value, error);
}

/* The order in which the dimensions of `self` lie in memory, without gaps. What is repeated (stride
 * 0) keeps its place. */
static void
dense_strides (GtenTensor *self, gint64 *strides)
{
  guint order[GTEN_MAX_DIMS], n = self->n_dims;
  gint64 next = 1;

  for (guint i = 0; i < n; i++)
    order[i] = n - 1 - i;
  for (guint i = 1; i < n; i++)
    for (guint at = i, j = i; j-- > 0;)
      {
        gint64 a = gten_stride (self, order[j]), b = gten_stride (self, order[at]);

        if (a == 0 || b == 0)
          continue;
        if (a < b)
          break;
        if (a > b || gten_size (self, order[j]) > gten_size (self, order[at]))
          {
            guint swapped = order[j];

            order[j] = order[at];
            order[at] = swapped;
            at = j;
          }
      }
  for (guint i = 0; i < n; i++)
    {
      strides[order[i]] = next;
      next *= MAX (gten_size (self, order[i]), 1);
    }
}

/* A new tensor that lies in memory as `self` does. */
GtenTensor *
gten_empty_as (GtenTensor *self, GtenDtype dtype, GtenDevice *device, GError **error)
{
  GtenTensor *result = gten_tensor_alloc (dtype, self->n_dims, gten_sizes (self), device, error);
  gint64 strides[GTEN_MAX_DIMS];

  if (result == NULL || self->contiguous || self->numel == 0)
    return result;
  dense_strides (self, strides);
  gten_tensor_set_geometry (result, self->n_dims, gten_sizes (self), strides, 0);
  return result;
}

static GtenTensor *
create_like (GtenCall *call, guint at, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const GtenArg *arg = &call->args[at];

  call->results[0]
      = gten_empty_as (self, arg[0].given ? (GtenDtype) arg[0].i : (GtenDtype) self->dtype,
                       arg[1].given ? arg[1].object : self->storage->device, error);
  return call->results[0];
}

static GtenTensor *
create_new (GtenCall *call, guint at, GError **error)
{
  GtenTensor *self = call->tensors[0];

  return create (call, at, (GtenDtype) self->dtype, self->storage->device, (guint) call->args[0].n,
                 call->args[0].ints, error);
}

static GtenTensor *
create_sized (GtenCall *call, guint at, GtenDtype dtype, GError **error)
{
  return create (call, at, dtype, NULL, (guint) call->args[0].n, call->args[0].ints, error);
}

gboolean
gten_run_empty (GtenCall *call, GError **error)
{
  return create_sized (call, 1, gten_get_default_dtype (), error) != NULL;
}

gboolean
gten_run_zeros (GtenCall *call, GError **error)
{
  for (gsize i = 0; i < call->args[0].n; i++)
    if (call->args[0].ints[i] < 0)
      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "zeros: Dimension size must be non-negative.");
  return filled (create_sized (call, 1, gten_get_default_dtype (), error), gten_scalar_int (0),
                 error);
}

gboolean
gten_run_ones (GtenCall *call, GError **error)
{
  return filled (create_sized (call, 1, gten_get_default_dtype (), error), gten_scalar_int (1),
                 error);
}

gboolean
gten_run_full (GtenCall *call, GError **error)
{
  return filled (create_sized (call, 2, gten_scalar_dtype (&call->args[1].scalar), error),
                 call->args[1].scalar, error);
}

gboolean
gten_run_empty_like (GtenCall *call, GError **error)
{
  return create_like (call, 0, error) != NULL;
}

gboolean
gten_run_zeros_like (GtenCall *call, GError **error)
{
  return filled (create_like (call, 0, error), gten_scalar_int (0), error);
}

gboolean
gten_run_ones_like (GtenCall *call, GError **error)
{
  return filled (create_like (call, 0, error), gten_scalar_int (1), error);
}

gboolean
gten_run_full_like (GtenCall *call, GError **error)
{
  return filled (create_like (call, 1, error), call->args[0].scalar, error);
}

gboolean
gten_run_new_empty (GtenCall *call, GError **error)
{
  return create_new (call, 1, error) != NULL;
}

gboolean
gten_run_new_zeros (GtenCall *call, GError **error)
{
  return filled (create_new (call, 1, error), gten_scalar_int (0), error);
}

gboolean
gten_run_new_ones (GtenCall *call, GError **error)
{
  return filled (create_new (call, 1, error), gten_scalar_int (1), error);
}

gboolean
gten_run_new_full (GtenCall *call, GError **error)
{
  return filled (create_new (call, 2, error), call->args[1].scalar, error);
}

gboolean
gten_run_scalar_tensor (GtenCall *call, GError **error)
{
  return filled (create (call, 1, gten_get_default_dtype (), NULL, 0, NULL, error),
                 call->args[0].scalar, error);
}

/* -- ranges ------------------------------------------------------------------------------------ */

static GtenKScalar
as_compute (GtenTensor *tensor, const GtenScalar *value)
{
  if (gten_is_floating (tensor))
    return (GtenKScalar){ .f = gten_scalar_to_double (value) };
  return (GtenKScalar){ .i = gten_scalar_to_int (value) };
}

static gboolean
fill_range (GtenTensor *tensor, const GtenScalar *start, const GtenScalar *step,
            const GtenScalar *end, const char *op, GError **error)
{
  GtenKArray out;
  GtenKScalar last;

  if (tensor == NULL || tensor->numel == 0)
    return tensor != NULL;
  out = gten_array (tensor);
  if (end != NULL)
    last = as_compute (tensor, end);
  return GTEN_KERNEL (tensor, op, error, NULL, range, as_compute (tensor, start),
                      step == NULL ? (GtenKScalar){ 0 } : as_compute (tensor, step),
                      end == NULL ? NULL : &last, &out);
}

static gboolean
run_arange (GtenCall *call, GtenScalar start, GtenScalar end, GtenScalar step, guint at,
            GError **error)
{
  gboolean integers = start.kind != GTEN_SCALAR_FLOAT && end.kind != GTEN_SCALAR_FLOAT
                      && step.kind != GTEN_SCALAR_FLOAT;
  double a = gten_scalar_to_double (&start), b = gten_scalar_to_double (&end),
         s = gten_scalar_to_double (&step), count;
  gint64 size;

  if (s == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "step must be nonzero");
  if (!isfinite (a) || !isfinite (b))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "unsupported range: %g -> %g", a, b);
  if ((s > 0) != (b >= a) && a != b)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "upper bound and lower bound inconsistent with step sign");
  count = ceil ((b - a) / s);
  if (!(count < 9e18))
    return gten_call_fail (error, GTEN_ERROR_MEMORY, "invalid size, possible overflow?");
  if (integers)
    {
      __int128 distance = (__int128) end.i - start.i, stride = step.i;

      size = (gint64) ((distance + stride + (stride > 0 ? -1 : 1)) / stride);
    }
  else
    size = (gint64) count;
  return fill_range (create (call, at, integers ? GTEN_DTYPE_INT64 : gten_get_default_dtype (),
                             NULL, 1, &size, error),
                     &start, &step, NULL, "arange", error);
}

gboolean
gten_run_arange (GtenCall *call, GError **error)
{
  return run_arange (call, gten_scalar_int (0), call->args[0].scalar, gten_scalar_int (1), 1,
                     error);
}

gboolean
gten_run_arange_start (GtenCall *call, GError **error)
{
  return run_arange (call, call->args[0].scalar, call->args[1].scalar, gten_scalar_int (1), 2,
                     error);
}

gboolean
gten_run_arange_start_step (GtenCall *call, GError **error)
{
  return run_arange (call, call->args[0].scalar, call->args[1].scalar, call->args[2].scalar, 3,
                     error);
}

/* Both ends included, as many steps as fit. */
gboolean
gten_run_range (GtenCall *call, GError **error)
{
  const double start = gten_scalar_to_double (&call->args[0].scalar), end = gten_scalar_to_double (&call->args[1].scalar),
               step = gten_scalar_to_double (&call->args[2].scalar), count = floor ((end - start) / step) + 1;
  const gint64 size = count;
  GtenTensor *result;

  if (step == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "step must be nonzero");
  if (!isfinite (start) || !isfinite (end))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "unsupported range: %g -> %g", start, end);
  if (step > 0 ? end < start : end > start)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "upper bound and lower bound inconsistent with step sign");
  if (!(count < 0x1p62))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "invalid size, possible overflow?");
  result = create (call, 3, gten_get_default_dtype (), NULL, 1, &size, error);
  return fill_range (result, &call->args[0].scalar, &call->args[2].scalar, NULL, "range", error);
}

gboolean
gten_run_linspace (GtenCall *call, GError **error)
{
  gint64 steps = call->args[2].i;
  GtenTensor *result;

  if (steps < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "number of steps must be non-negative");
  result = create (call, 3, gten_get_default_dtype (), NULL, 1, &steps, error);
  if (steps == 1)
    return filled (result, call->args[0].scalar, error);
  return fill_range (result, &call->args[0].scalar, NULL, &call->args[1].scalar, "linspace", error);
}

/* A number as an element of the dtype holds it. */
static gboolean
round_to (GtenScalar *number, GtenDtype dtype, GError **error)
{
  g_autoptr (GtenTensor) one = gten_apply_full (NULL, 0, *number, dtype, gten_device_get_cpu (), error);

  if (one == NULL)
    return FALSE;
  *number = gten_scalar_from_element (dtype, gten_data (one));
  return TRUE;
}

gboolean
gten_run_logspace (GtenCall *call, GError **error)
{
  gint64 steps = call->args[2].i;
  g_autoptr (GtenTensor) exponents = NULL, base = NULL, powers = NULL;
  GtenScalar start = call->args[0].scalar, end = call->args[1].scalar, of = gten_scalar_float (call->args[3].f);
  GtenTensor *result;

  if (steps < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "number of steps must be non-negative");
  result = create (call, 4, gten_get_default_dtype (), NULL, 1, &steps, error);
  if (result == NULL)
    return FALSE;
  if (steps > 1
      && (!round_to (&start, (GtenDtype) result->dtype, error) || !round_to (&end, (GtenDtype) result->dtype, error)
          || (gten_is_floating (result) && !round_to (&of, (GtenDtype) result->dtype, error))))
    return FALSE;
  exponents = gten_apply_linspace (start, end, steps, GTEN_DTYPE_FLOAT64, result->storage->device, error);
  base = gten_apply_full (NULL, 0, of, GTEN_DTYPE_FLOAT64, result->storage->device, error);
  powers = gten_tensor_pow (base, exponents, error);
  return powers != NULL && gten_copy_elements (result, powers, error);
}

/* -- matrices ---------------------------------------------------------------------------------- */

static gboolean
run_eye (GtenCall *call, gint64 n, gint64 m, guint at, GError **error)
{
  const gint64 sizes[] = { n, m };
  GtenTensor *result;
  g_autoptr (GtenTensor) diagonal = NULL;
  gint64 length = MIN (n, m), stride;

  if (n < 0 || m < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "%s must be greater or equal to 0, got %" G_GINT64_FORMAT,
                           n < 0 ? "n" : "m", n < 0 ? n : m);
  result = create (call, at, gten_get_default_dtype (), NULL, 2, sizes, error);
  if (!filled (result, gten_scalar_int (0), error))
    return FALSE;
  stride = gten_stride (result, 0) + gten_stride (result, 1);
  diagonal = gten_geometry (result, 1, &length, &stride, result->offset);
  return gten_fill_elements (diagonal, gten_scalar_int (1), error);
}

gboolean
gten_run_eye (GtenCall *call, GError **error)
{
  return run_eye (call, call->args[0].i, call->args[0].i, 1, error);
}

gboolean
gten_run_eye_m (GtenCall *call, GError **error)
{
  return run_eye (call, call->args[0].i, call->args[1].i, 2, error);
}

static gboolean
run_triangle_indices (GtenCall *call, gboolean upper, GError **error)
{
  const gint64 sizes[] = { call->args[0].i, call->args[1].i };
  GtenDtype dtype = call->args[3].given ? (GtenDtype) call->args[3].i : GTEN_DTYPE_INT64;
  g_autoptr (GtenTensor) all = NULL, triangle = NULL, rows = NULL, turned = NULL, packed = NULL;

  for (guint i = 0; i < 2; i++)
    if (sizes[i] < 0)
      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "%s must be non-negative, got%" G_GINT64_FORMAT,
                             i == 0 ? "row" : "col", sizes[i]);
  all = gten_apply_full (sizes, 2, gten_scalar_bool (TRUE), GTEN_DTYPE_BOOL, call->args[4].object,
                         error);
  triangle = upper ? gten_apply_triu (all, call->args[2].i, error)
                   : gten_apply_tril (all, call->args[2].i, error);
  rows = gten_tensor_nonzero (triangle, error);
  turned = gten_tensor_t (rows, error);
  packed = turned == NULL ? NULL : gten_contiguous (turned, error);
  return packed != NULL && gten_call_give (call, 0, gten_cast (packed, dtype, error), error);
}

gboolean
gten_run_tril_indices (GtenCall *call, GError **error)
{
  return run_triangle_indices (call, FALSE, error);
}

gboolean
gten_run_triu_indices (GtenCall *call, GError **error)
{
  return run_triangle_indices (call, TRUE, error);
}

/* -- from a geometry -----------------------------------------------------------------------------*/

/* Result 0 lies in memory with the given strides; the arguments from 2 on are dtype and device. */
static gboolean
create_strided (GtenCall *call, const gint64 *strides, GtenDtype dtype, GtenDevice *device, GError **error)
{
  const GtenArg *size = &call->args[0];
  gint64 extent = 1;
  GtenTensor *result;

  for (gsize i = 0; i < size->n; i++)
    {
      gint64 reach;

      if (size->ints[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "Trying to create tensor with negative dimension %" G_GINT64_FORMAT, size->ints[i]);
      if (strides[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "empty_strided: negative strides are not supported");
      if (__builtin_mul_overflow (size->ints[i] - 1, strides[i], &reach) || __builtin_add_overflow (extent, reach, &extent))
        return gten_call_fail (error, GTEN_ERROR_VALUE, "Storage size calculation overflowed");
    }
  for (gsize i = 0; i < size->n; i++)
    extent = size->ints[i] == 0 ? 0 : extent;
  result = create (call, 2, dtype, device, 1, &extent, error);
  if (result == NULL)
    return FALSE;
  gten_tensor_set_geometry (result, (guint) size->n, size->ints, strides, 0);
  return TRUE;
}

static gboolean
create_with_strides (GtenCall *call, GtenDtype dtype, GtenDevice *device, GError **error)
{
  if (call->args[0].n != call->args[1].n)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "dimensionality of sizes (%" G_GSIZE_FORMAT ") must match dimensionality of strides (%" G_GSIZE_FORMAT ")",
                           call->args[0].n, call->args[1].n);
  if (call->args[0].n > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "too many dimensions");
  return create_strided (call, call->args[1].ints, dtype, device, error);
}

gboolean
gten_run_empty_strided (GtenCall *call, GError **error)
{
  return create_with_strides (call, gten_get_default_dtype (), NULL, error);
}

gboolean
gten_run_new_empty_strided (GtenCall *call, GError **error)
{
  return create_with_strides (call, (GtenDtype) call->tensors[0]->dtype, call->tensors[0]->storage->device, error);
}

gboolean
gten_run_empty_permuted (GtenCall *call, GError **error)
{
  const GtenArg *size = &call->args[0], *order = &call->args[1];
  gint64 strides[GTEN_MAX_DIMS] = { 0 }, next = 1;

  if (size->n != order->n)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = %"
                           G_GSIZE_FORMAT " is not equal to len(physical_layout) = %" G_GSIZE_FORMAT, size->n, order->n);
  if (size->n > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "too many dimensions");
  for (gsize i = order->n; i-- > 0;)
    {
      const gint64 dim = order->ints[i];

      if (dim < 0 || dim >= (gint64) order->n)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "Dimension out of range (expected to be between 0 and %" G_GSIZE_FORMAT ", but got %" G_GINT64_FORMAT
                               " at index %" G_GSIZE_FORMAT ").  NB: negative dims not currently supported; file an issue if you want it.",
                               order->n - 1, dim, i);
      if (strides[dim] != 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "Duplicate dim not allowed");
      strides[dim] = next;
      if (__builtin_mul_overflow (next, MAX (size->ints[dim], 1), &next))
        return gten_call_fail (error, GTEN_ERROR_VALUE, "Storage size calculation overflowed");
    }
  return create_strided (call, strides, gten_get_default_dtype (), NULL, error);
}

gboolean
gten_run_lengths (GtenCall *call, GError **error)
{
  const gint64 n = (gint64) call->args[0].n;

  call->results[0] = gten_tensor_alloc (GTEN_DTYPE_INT64, 1, &n, gten_device_get_cpu (), error);
  if (call->results[0] == NULL)
    return FALSE;
  if (n > 0)
    memcpy (gten_data (call->results[0]), call->args[0].ints, (gsize) n * sizeof (gint64));
  return TRUE;
}
