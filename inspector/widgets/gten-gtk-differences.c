/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two tensors of one shape, element by element. Two NaN are the same here, as they are for someone
 * who compares two runs. */
#include "gten-gtk-differences.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "gten-gtk-tensor-private.h"

G_DEFINE_ENUM_TYPE (GtenGtkMeasure, gten_gtk_measure,
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_MEASURE_ABSOLUTE, "absolute"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_MEASURE_RELATIVE, "relative"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_MEASURE_ULP, "ulp"))

/* The place of a floating-point number in the order of all of its dtype: neighbours differ by one,
 * and both zeros are at zero. */
static gint64
find_place (double value, GtenDtype dtype)
{
  union { double f; gint64 i; } wide = { .f = value };
  union { float f; gint32 i; } narrow = { .f = (float) value };

  switch (dtype)
    {
    case GTEN_DTYPE_FLOAT64:
      return wide.i < 0 ? G_MININT64 - wide.i : wide.i;
    case GTEN_DTYPE_FLOAT32:
      return narrow.i < 0 ? (gint64) G_MININT32 - narrow.i : narrow.i;
    case GTEN_DTYPE_BFLOAT16:
      return (narrow.i < 0 ? (gint64) G_MININT32 - narrow.i : narrow.i) / 65536;
    default:
      {
        int exponent;
        double fraction = frexp (fabs (value), &exponent);
        gint64 place = exponent < -13 ? (gint64) ldexp (fabs (value), 24)
                                      : ((gint64) (exponent + 14) << 10) + (gint64) ldexp (fraction - 0.5, 11);

        return value < 0 ? -place : place;
      }
    }
}

/**
 * gten_gtk_tensor_difference:
 * @self: a tensor whose values are known
 * @other: another
 * @index: which element of both, in row-major order
 * @measure: how
 *
 * Returns: how far the two elements are apart; infinity if only one is finite, or if they are
 *   different and one is not a number
 */
double
gten_gtk_tensor_difference (GtenGtkTensor *self, GtenGtkTensor *other, guint64 index, GtenGtkMeasure measure)
{
  double a = gten_gtk_tensor_get_value (self, index), b = gten_gtk_tensor_get_value (other, index);

  if (a == b || (isnan (a) && isnan (b)))
    return 0;
  if (!isfinite (a) || !isfinite (b))
    return INFINITY;
  if (measure == GTEN_GTK_MEASURE_RELATIVE)
    return fabs (a - b) / MAX (fabs (a), fabs (b));
  if (measure == GTEN_GTK_MEASURE_ULP && gten_dtype_is_floating_point (self->dtype))
    return fabs ((double) find_place (a, self->dtype) - (double) find_place (b, self->dtype));
  return fabs (a - b);
}

static gboolean
check (GtenGtkTensor *self, GtenGtkTensor *other, GError **error)
{
  g_autofree char *mine = gten_gtk_format_shape (self->shape, self->n_dims);
  g_autofree char *its = gten_gtk_format_shape (other->shape, other->n_dims);

  if (!g_str_equal (mine, its))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, _ ("Shapes differ: %s and %s"), mine, its);
      return FALSE;
    }
  if (self->values == NULL || other->values == NULL
      || memcmp (self->sample, other->sample, self->n_dims * sizeof *self->sample) != 0
      || memcmp (self->steps, other->steps, self->n_dims * sizeof *self->steps) != 0)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, _ ("Not all values are here yet to compare"));
      return FALSE;
    }
  return TRUE;
}

/**
 * gten_gtk_tensor_compare:
 * @self: a tensor whose values are known
 * @other: another of the same shape
 * @measure: how
 * @differences: (out caller-allocates) (optional): return location for what they come to
 * @error: return location for an error
 *
 * Compares two tensors, or the same sample of both.
 *
 * Returns: (transfer full) (nullable): their differences, of dtype float64
 */
GtenGtkTensor *
gten_gtk_tensor_compare (GtenGtkTensor *self, GtenGtkTensor *other, GtenGtkMeasure measure,
                         GtenGtkDifferences *differences, GError **error)
{
  GtenGtkTensor *result;
  g_autoptr (GBytes) bytes = NULL;
  GtenGtkDifferences sums = { 0 };
  guint64 n_finite = 0;
  double *values;

  if (!check (self, other, error))
    return NULL;
  values = g_new (double, self->n_values + 1);
  sums.n_values = self->n_values;
  for (guint64 i = 0; i < self->n_values; i++)
    {
      double apart = gten_gtk_tensor_difference (self, other, i, GTEN_GTK_MEASURE_ABSOLUTE);

      values[i] = gten_gtk_tensor_difference (self, other, i, measure);
      sums.n_different += apart != 0;
      sums.n_not_finite += isinf (apart);
      sums.n_same_nan += apart == 0 && isnan (gten_gtk_tensor_get_value (self, i));
      if (apart == 0 || isinf (apart))
        {
          n_finite += apart == 0;
          continue;
        }
      n_finite++;
      sums.mean += apart;
      for (guint m = 0; m <= GTEN_GTK_MEASURE_ULP; m++)
        sums.greatest[m] = MAX (sums.greatest[m], gten_gtk_tensor_difference (self, other, i, m));
    }
  if (n_finite > 0)
    sums.mean /= n_finite;
  if (differences != NULL)
    *differences = sums;
  bytes = g_bytes_new_take (values, self->n_values * sizeof *values);
  result = gten_gtk_tensor_new ("difference", GTEN_DTYPE_FLOAT64, self->shape, self->n_dims);
  gten_gtk_tensor_set_sample (result, bytes, self->sample, self->steps, self->n_dims);
  return result;
}

/**
 * gten_gtk_tensor_find_worst:
 * @differences: differences, from [method@Tensor.compare]
 * @n_wanted: how many are wanted
 * @n_found: (out): how many there are
 *
 * Finds the greatest differences.
 *
 * Returns: (array length=n_found) (transfer full): the indices of elements, that with the greatest
 *   difference first; only of those that differ
 */
guint64 *
gten_gtk_tensor_find_worst (GtenGtkTensor *differences, guint n_wanted, guint *n_found)
{
  guint64 *worst = g_new (guint64, n_wanted + 1);
  guint n = 0;

  for (guint64 i = 0; i < differences->n_values; i++)
    {
      double value = gten_gtk_tensor_get_value (differences, i);
      guint at = n;

      if (value == 0)
        continue;
      while (at > 0 && value > gten_gtk_tensor_get_value (differences, worst[at - 1]))
        at--;
      if (at == n_wanted)
        continue;
      n = MIN (n + 1, n_wanted);
      memmove (worst + at + 1, worst + at, (n - at - 1) * sizeof *worst);
      worst[at] = i;
    }
  *n_found = n;
  return worst;
}
