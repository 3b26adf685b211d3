/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Measuring tensors. While a pass runs by, this is what watching it costs, so on the CPU the kernels are called
 * without the way through an operation; elsewhere, and where something is not finite, operations do it. */

#include "inspect/gten-inspect-private.h"

#include "device/gten-device.h"
#include "ops/gten-call-private.h"
#include "ops/gten-ops.h"

#include <math.h>

__thread int gten_inspect_own;

/* -- by operations ------------------------------------------------------------------------------ */

/* Takes a 0-d tensor, which may be NULL. */
static double
take_number (GtenTensor *tensor)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_DOUBLE);
  if (tensor != NULL && gten_tensor_item (tensor, &value, NULL))
    g_value_transform (&value, &number);
  g_clear_object (&tensor);
  return g_value_get_double (&number);
}

static guint64
take_count (GtenTensor *mask)
{
  guint64 count = mask != NULL ? take_number (gten_tensor_sum (mask, NULL)) : 0;

  g_clear_object (&mask);
  return count;
}

/* A detached tensor wide enough to be summed: half types and integers as float32 and float64. */
static GtenTensor *
widen (GtenTensor *tensor)
{
  GtenDtype dtype = gten_tensor_get_dtype (tensor);

  if (dtype == GTEN_DTYPE_FLOAT32 || dtype == GTEN_DTYPE_FLOAT64)
    return gten_tensor_detach (tensor, NULL);
  dtype = gten_dtype_is_floating_point (dtype) ? GTEN_DTYPE_FLOAT32 : GTEN_DTYPE_FLOAT64;
  return gten_tensor_to_dtype (tensor, dtype, NULL);
}

/* The norm may be infinite only because the squares are. */
static double
norm_in_double (GtenTensor *wide)
{
  g_autoptr (GtenTensor) exact = gten_tensor_to_dtype (wide, GTEN_DTYPE_FLOAT64, NULL);

  return take_number (gten_tensor_norm (exact, NULL));
}

static void
measure_by_operations (GtenTensor *tensor, gboolean extremes, GtenMeasures *self)
{
  g_autoptr (GtenTensor) wide = widen (tensor);
  g_autoptr (GtenTensor) finite = NULL;

  if (wide == NULL)
    return;
  self->norm = take_number (gten_tensor_norm (wide, NULL));
  if (!isfinite (self->norm))
    {
      self->n_nan = take_count (gten_tensor_isnan (wide, NULL));
      self->n_infinite = take_count (gten_tensor_isinf (wide, NULL));
      if (gten_measures_are_finite (self))
        self->norm = norm_in_double (wide);
    }
  if (!extremes)
    return;
  if (gten_measures_are_finite (self))
    finite = g_object_ref (wide);
  else
    {
      g_autoptr (GtenTensor) mask = gten_tensor_isfinite (wide, NULL);
      finite = gten_tensor_masked_select (wide, mask, NULL);
    }
  if (finite == NULL || gten_tensor_numel (finite) == 0)
    return;
  self->minimum = take_number (gten_tensor_amin (finite, NULL));
  self->maximum = take_number (gten_tensor_amax (finite, NULL));
  self->mean = take_number (gten_tensor_mean (finite, NULL));
}

/* -- by kernels --------------------------------------------------------------------------------- */

static double
reduce (const GtenTensor *tensor, GtenKReduce kernel)
{
  static const gint64 zeros[GTEN_K_MAX_DIMS];
  const gboolean wide = tensor->dtype == GTEN_DTYPE_FLOAT64;
  union { float f; double d; } out;
  GtenKReduction reduction = {
    .kernel = kernel,
    .compute = wide ? GTEN_K_COMPUTE_FLOAT64 : GTEN_K_COMPUTE_FLOAT32,
    .input = gten_array (tensor),
    .out = &out,
    .out_dtype = wide ? GTEN_K_FLOAT64 : GTEN_K_FLOAT32,
    .out_strides = zeros,
  };

  if (gten_device_get_backend (tensor->storage->device)->reduce (0, &reduction) != GTEN_K_OK)
    return NAN;
  return wide ? out.d : out.f;
}

/* FALSE if it takes operations. */
static gboolean
measure_by_kernels (const GtenTensor *tensor, gboolean extremes, GtenMeasures *self)
{
  if (tensor->storage->device != gten_device_get_cpu () || !gten_dtype_is_floating_point ((GtenDtype) tensor->dtype))
    return FALSE;
  self->norm = reduce (tensor, GTEN_K_REDUCE_NORM_2);
  if (!isfinite (self->norm))
    return FALSE;
  if (extremes)
    {
      self->minimum = reduce (tensor, GTEN_K_REDUCE_AMIN);
      self->maximum = reduce (tensor, GTEN_K_REDUCE_AMAX);
      self->mean = reduce (tensor, GTEN_K_REDUCE_MEAN);
    }
  return TRUE;
}

/* -- both --------------------------------------------------------------------------------------- */

GtenMeasures
gten_measure (GtenTensor *tensor, gboolean extremes)
{
  GtenMeasures self = { .numel = tensor != NULL ? tensor->numel : 0 };

  if (self.numel == 0)
    return self;
  self.minimum = self.maximum = self.mean = NAN;
  if (measure_by_kernels (tensor, extremes, &self))
    return self;
  gten_inspect_own++;
  gboolean recording = gten_set_grad_enabled (FALSE);
  measure_by_operations (tensor, extremes, &self);
  gten_set_grad_enabled (recording);
  gten_inspect_own--;
  return self;
}

GVariant *
gten_measures_to_variant (const GtenMeasures *self)
{
  return g_variant_new (GTEN_INSPECT_STATISTICS, self->numel, self->n_nan, self->n_infinite, self->minimum, self->maximum,
                        self->mean, self->norm);
}
