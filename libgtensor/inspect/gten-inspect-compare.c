/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two tensors compared where the first one is: in parts, so that what is needed beside them is bounded, in float64 and in
 * the order of the elements. */

#include "inspect/gten-inspect-private.h"

#include "core/gten-tensor-private.h"
#include "ops/gten-ops.h"

#include <math.h>
#include <string.h>

#define MAX_WORST 1000
#define PART      (1 << 20)     /* elements that are compared at a time */

typedef struct
{
  gint64 index[GTEN_K_MAX_DIMS];
  double a, b, difference;
} Worst;

typedef struct
{
  GtenDtype dtype;
  int       n_dims;
  guint     n_worst;
  guint64   n_different, n_one_sided, n_finite;
  double    absolute, relative, ulp, sum;     /* the greatest, and the sum of what is finite */
  GArray   *worst;                            /* Worst, the greatest difference first */
} Comparison;

/* The greatest of what is finite, or NaN. */
static double
greatest (GtenTensor *tensor)
{
  GtenMeasures measures = gten_measure (tensor, TRUE);

  return measures.maximum;
}

static int
mantissa_bits (GtenDtype dtype)
{
  return dtype == GTEN_DTYPE_FLOAT64 ? 52 : dtype == GTEN_DTYPE_FLOAT32 ? 23 : dtype == GTEN_DTYPE_FLOAT16 ? 10 : 7;
}

static double
smallest_normal (GtenDtype dtype)
{
  return dtype == GTEN_DTYPE_FLOAT64 ? 0x1p-1022 : dtype == GTEN_DTYPE_FLOAT16 ? 0x1p-14 : 0x1p-126;
}

/* The difference in units of the last place of the larger number. */
static double
max_ulp (GtenTensor *difference, GtenTensor *larger, GtenDtype dtype)
{
  g_autoptr (GtenTensor) above = gten_tensor_clamp (larger, GTEN_VALUE (smallest_normal (dtype)), NULL, NULL);
  g_autoptr (GtenTensor) log = gten_tensor_log2 (above, NULL);
  g_autoptr (GtenTensor) exponent = gten_tensor_floor (log, NULL);
  g_autoptr (GtenTensor) power = gten_tensor_exp2 (exponent, NULL);
  g_autoptr (GtenTensor) spacing = gten_tensor_mul_scalar (power, ldexp (1, -mantissa_bits (dtype)), NULL);
  g_autoptr (GtenTensor) units = gten_tensor_div (difference, spacing, NULL);

  return greatest (units);
}

static guint64
count (GtenTensor *mask)
{
  g_autoptr (GtenTensor) sum = mask != NULL ? gten_tensor_sum (mask, NULL) : NULL;
  g_autofree gint64 *number = NULL;
  gsize n = 0;

  number = sum != NULL ? gten_tensor_get_integers (sum, &n, NULL) : NULL;
  return n > 0 ? *number : 0;
}

/* NaN is the greatest of all. */
static gboolean
is_greater (double a, double b)
{
  return !isnan (b) && (isnan (a) || a > b);
}

/* Of equal differences the one that comes first stays. */
static void
add_worst (Comparison *self, const Worst *worst)
{
  guint at = self->worst->len;

  while (at > 0 && is_greater (worst->difference, g_array_index (self->worst, Worst, at - 1).difference))
    at--;
  if (at >= self->n_worst)
    return;
  g_array_insert_val (self->worst, at, *worst);
  if (self->worst->len > self->n_worst)
    g_array_set_size (self->worst, self->n_worst);
}

static void
note_worst (Comparison *self, GtenTensor *a, GtenTensor *b, GtenTensor *difference, const gint64 *from)
{
  gint64 k = MIN (self->n_worst, difference->numel);
  g_autoptr (GtenTensor) flat = gten_tensor_flatten (difference, NULL), flat_a = gten_tensor_flatten (a, NULL);
  g_autoptr (GtenTensor) flat_b = gten_tensor_flatten (b, NULL), places = NULL;
  g_autoptr (GtenTensor) values = k > 0 ? gten_tensor_topk (flat, k, &places, NULL) : NULL;
  g_autoptr (GtenTensor) of_a = places != NULL ? gten_tensor_take (flat_a, places, NULL) : NULL;
  g_autoptr (GtenTensor) of_b = places != NULL ? gten_tensor_take (flat_b, places, NULL) : NULL;
  g_autofree double *numbers = NULL, *numbers_a = NULL, *numbers_b = NULL;
  g_autofree gint64 *indices = NULL;
  gsize n = 0;

  if (of_a == NULL || of_b == NULL)
    return;
  numbers = gten_tensor_get_doubles (values, &n, NULL);
  numbers_a = gten_tensor_get_doubles (of_a, &n, NULL);
  numbers_b = gten_tensor_get_doubles (of_b, &n, NULL);
  indices = gten_tensor_get_integers (places, &n, NULL);
  if (numbers == NULL || numbers_a == NULL || numbers_b == NULL || indices == NULL)
    return;
  for (gsize i = 0; i < n && numbers[i] != 0; i++)
    {
      Worst worst = { .a = numbers_a[i], .b = numbers_b[i], .difference = numbers[i] };
      gint64 rest = indices[i];

      for (int d = self->n_dims - 1; d >= 0; d--)
        {
          worst.index[d] = from[d] + rest % gten_sizes (a)[d];
          rest /= gten_sizes (a)[d];
        }
      add_worst (self, &worst);
    }
}

/* One part, in float64, which begins at `from` of the whole. */
static void
compare_part (Comparison *self, GtenTensor *a, GtenTensor *b, const gint64 *from)
{
  g_autoptr (GtenTensor) equal = gten_tensor_eq (a, b, NULL), nan_a = gten_tensor_isnan (a, NULL), nan_b = gten_tensor_isnan (b, NULL);
  g_autoptr (GtenTensor) both_nan = gten_tensor_logical_and (nan_a, nan_b, NULL), same = gten_tensor_logical_or (equal, both_nan, NULL);
  g_autoptr (GtenTensor) different = gten_tensor_logical_not (same, NULL);
  guint64 n_different = count (different);

  self->n_different += n_different;
  if (n_different == 0)
    {
      self->n_finite += a->numel;
      self->absolute = fmax (self->absolute, 0);
      self->relative = fmax (self->relative, 0);
      self->ulp = fmax (self->ulp, 0);
      return;
    }

  g_autoptr (GtenTensor) finite_a = gten_tensor_isfinite (a, NULL), finite_b = gten_tensor_isfinite (b, NULL);
  g_autoptr (GtenTensor) one_side = gten_tensor_ne (finite_a, finite_b, NULL);
  g_autoptr (GtenTensor) signed_difference = gten_tensor_sub (a, b, NULL), distance = gten_tensor_abs (signed_difference, NULL);
  g_autoptr (GtenTensor) zero = gten_zeros (NULL, 0, GTEN_DTYPE_FLOAT64, a->storage->device, NULL);
  g_autoptr (GtenTensor) difference = gten_where (same, zero, distance, NULL);
  g_autoptr (GtenTensor) size_a = gten_tensor_abs (a, NULL), size_b = gten_tensor_abs (b, NULL), larger = gten_tensor_maximum (size_a, size_b, NULL);
  g_autoptr (GtenTensor) quotient = gten_tensor_div (difference, larger, NULL), relative = gten_where (same, zero, quotient, NULL);
  GtenMeasures measures = gten_measure (difference, TRUE);
  guint64 n_finite = measures.numel - measures.n_nan - measures.n_infinite;

  self->n_one_sided += count (one_side);
  self->n_finite += n_finite;
  if (n_finite > 0)
    self->sum += measures.mean * n_finite;
  self->absolute = fmax (self->absolute, measures.maximum);
  self->relative = fmax (self->relative, greatest (relative));
  if (gten_dtype_is_floating_point (self->dtype))
    self->ulp = fmax (self->ulp, max_ulp (difference, larger, self->dtype));
  note_worst (self, a, b, difference, from);
}

/* Halves the first dimension that is longer than one until the part is small enough, which keeps the order. */
static gboolean
compare (Comparison *self, GtenTensor *a, GtenTensor *b, gint64 *from, GError **error)
{
  g_autoptr (GtenTensor) here = NULL, wide_a = NULL, wide_b = NULL;
  int d = 0;

  if (a->numel <= PART)
    {
      wide_a = gten_tensor_to_dtype (a, GTEN_DTYPE_FLOAT64, error);
      here = wide_a != NULL ? gten_tensor_to (b, a->storage->device, GTEN_DTYPE_NONE, error) : NULL;
      wide_b = here != NULL ? gten_tensor_to_dtype (here, GTEN_DTYPE_FLOAT64, error) : NULL;
      if (wide_b != NULL)
        compare_part (self, wide_a, wide_b, from);
      return wide_b != NULL;
    }
  while (gten_sizes (a)[d] == 1)
    d++;
  const gint64 size = gten_sizes (a)[d], half = size / 2, begins[] = { 0, half }, lengths[] = { half, size - half };
  const gint64 before = from[d];

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GtenTensor) part_a = gten_tensor_narrow (a, d, begins[i], lengths[i], error);
      g_autoptr (GtenTensor) part_b = gten_tensor_narrow (b, d, begins[i], lengths[i], error);

      from[d] = before + begins[i];
      if (part_a == NULL || part_b == NULL || !compare (self, part_a, part_b, from, error))
        return FALSE;
    }
  from[d] = before;
  return TRUE;
}

static GVariant *
to_variant (const Comparison *self)
{
  GVariantDict answer;
  GVariantBuilder list;

  g_variant_dict_init (&answer, NULL);
  g_variant_dict_insert (&answer, "equal", "b", self->n_different == 0);
  g_variant_dict_insert (&answer, "n-different", "t", self->n_different);
  g_variant_dict_insert (&answer, "n-nonfinite", "t", self->n_one_sided);
  g_variant_dict_insert (&answer, "max-absolute", "d", self->absolute);
  g_variant_dict_insert (&answer, "mean-absolute", "d", self->n_finite > 0 ? self->sum / self->n_finite : NAN);
  g_variant_dict_insert (&answer, "max-relative", "d", self->relative);
  g_variant_dict_insert (&answer, "max-ulp", "d", gten_dtype_is_floating_point (self->dtype) ? self->ulp : NAN);
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" GTEN_INSPECT_WORST));
  for (guint i = 0; i < self->worst->len; i++)
    {
      const Worst *each = &g_array_index (self->worst, Worst, i);

      g_variant_builder_add (&list, "(@axddd)",
                             g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, each->index, self->n_dims, sizeof *each->index),
                             each->a, each->b, each->difference);
    }
  g_variant_dict_insert_value (&answer, "worst", g_variant_builder_end (&list));
  return g_variant_dict_end (&answer);
}

GVariant *
gten_inspect_compare (GtenTensor *a, GtenTensor *b, guint worst, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Worst));
  Comparison self = { .dtype = (GtenDtype) a->dtype, .n_dims = a->n_dims, .n_worst = MIN (worst, MAX_WORST), .absolute = NAN,
                      .relative = NAN, .ulp = NAN, .worst = list };
  gint64 from[GTEN_K_MAX_DIMS] = { 0 };
  gboolean recording, success;

  if (a->n_dims != b->n_dims || memcmp (gten_sizes (a), gten_sizes (b), a->n_dims * sizeof (gint64)) != 0)
    {
      g_autofree char *one = gten_shape_to_string (a->n_dims, gten_sizes (a));
      g_autofree char *other = gten_shape_to_string (b->n_dims, gten_sizes (b));

      g_set_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE, "Tensors of shapes %s and %s cannot be compared", one, other);
      return NULL;
    }
  recording = gten_set_grad_enabled (FALSE);
  success = compare (&self, a, b, from, error);
  gten_set_grad_enabled (recording);
  return success ? to_variant (&self) : NULL;
}
