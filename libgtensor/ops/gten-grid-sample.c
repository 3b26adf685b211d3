/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Images at the places that a grid names: a sum of the elements around each, with weights of the
 * distances along each dimension.
 *
 * Along a dimension, a place has taps: one (nearest), two (bilinear) or four (bicubic). Places and
 * taps are tensors [batch, 1, places], the image [batch, channels, elements]. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#define MAX_TAPS 4

typedef struct
{
  GtenTensor *position[MAX_TAPS]; /* of the element, inside the image, as int64 */
  GtenTensor *weight[MAX_TAPS];   /* 0 outside of the image */
} Taps;

static void
taps_clear (Taps *self, guint n)
{
  for (guint t = 0; t < n * MAX_TAPS; t++)
    {
      g_clear_object (&self[t / MAX_TAPS].position[t % MAX_TAPS]);
      g_clear_object (&self[t / MAX_TAPS].weight[t % MAX_TAPS]);
    }
}

static GtenTensor *
affine (GtenTensor *self, double factor, double shift, GError **error)
{
  g_autoptr (GtenTensor) scaled = gten_tensor_mul_scalar (self, GTEN_VALUE (factor), error);

  return gten_tensor_add_scalar (scaled, GTEN_VALUE (shift), error);
}

static GtenTensor *
clamped (GtenTensor *self, double low, double high, GError **error)
{
  return gten_tensor_clamp (self, GTEN_VALUE (low), GTEN_VALUE (high), error);
}

/* Back and forth between the ends of the image. */
static GtenTensor *
reflected (GtenTensor *self, gint64 size, gboolean align_corners, GError **error)
{
  const double low = align_corners ? 0 : -0.5, span = align_corners ? size - 1 : size;
  g_autoptr (GtenTensor) shifted = NULL, distance = NULL, quotient = NULL, flips = NULL, odd = NULL, rest = NULL, back = NULL,
                         chosen = NULL, place = NULL, is_odd = NULL;

  if (span <= 0)
    return gten_tensor_mul_scalar (self, GTEN_VALUE (0.0), error);
  shifted = gten_tensor_add_scalar (self, GTEN_VALUE (-low), error);
  distance = gten_tensor_abs (shifted, error);
  rest = gten_tensor_fmod_scalar (distance, GTEN_VALUE (span), error);
  quotient = gten_tensor_div_scalar (distance, GTEN_VALUE (span), error);
  flips = gten_tensor_floor (quotient, error);
  odd = gten_tensor_remainder_scalar (flips, GTEN_VALUE (2), error);
  is_odd = gten_tensor_ne_scalar (odd, GTEN_VALUE (0), error);
  back = affine (rest, -1, span, error);
  chosen = gten_apply_where (is_odd, back, rest, error);
  place = gten_tensor_add_scalar (chosen, GTEN_VALUE (low), error);
  return clamped (place, 0, size - 1, error);
}

static GtenTensor *
padded (GtenTensor *place, gint64 size, const char *padding, gboolean align_corners, GError **error)
{
  if (padding[0] == 'b')
    return clamped (place, 0, size - 1, error);
  return padding[0] == 'r' ? reflected (place, size, align_corners, error) : gten_ref_or_null (place);
}

/* Sets a tap: the weight counts if the place, a whole number, is in the image. */
static gboolean
set_tap (Taps *self, guint t, GtenTensor *place, GtenTensor *weight, gint64 size, GError **error)
{
  g_autoptr (GtenTensor) below = gten_tensor_lt_scalar (place, GTEN_VALUE (0), error);
  g_autoptr (GtenTensor) above = gten_tensor_gt_scalar (place, GTEN_VALUE (size - 1), error);
  g_autoptr (GtenTensor) outside = gten_tensor_logical_or (below, above, error);
  g_autoptr (GtenTensor) inside = clamped (place, 0, size - 1, error);
  g_autoptr (GtenTensor) finite = inside == NULL ? NULL : gten_apply_nan_to_num (inside, 0, NAN, NAN, error);

  self->position[t] = finite == NULL ? NULL : gten_apply_to_dtype (finite, GTEN_DTYPE_INT64, FALSE, FALSE, error);
  self->weight[t] = gten_tensor_masked_fill_scalar (weight, outside, GTEN_VALUE (0), error);
  return self->position[t] != NULL && self->weight[t] != NULL;
}

/* a d^3 + b d^2 + c d + e, of the distance d = rest + shift or shift - rest. */
static GtenTensor *
cubic (GtenTensor *rest, double sign, double shift, double a, double b, double c, double e,
       GError **error)
{
  g_autoptr (GtenTensor) d = affine (rest, sign, shift, error);
  g_autoptr (GtenTensor) first = affine (d, a, b, error);
  g_autoptr (GtenTensor) second = gten_tensor_mul (first, d, error);
  g_autoptr (GtenTensor) third = gten_tensor_add_scalar (second, GTEN_VALUE (c), error);
  g_autoptr (GtenTensor) fourth = gten_tensor_mul (third, d, error);

  return gten_tensor_add_scalar (fourth, GTEN_VALUE (e), error);
}

/* The taps of one dimension; `grid` goes from -1 to 1. */
static gboolean
make_taps (Taps *self, GtenTensor *grid, gint64 size, const char *mode, const char *padding,
           gboolean align_corners, GError **error)
{
  const double a = -0.75; /* Keys's parameter */
  g_autoptr (GtenTensor) exact = align_corners ? affine (grid, (size - 1) / 2.0, (size - 1) / 2.0, error)
                                               : affine (grid, size / 2.0, (size - 1) / 2.0, error);
  g_autoptr (GtenTensor) place = mode[2] == 'c' ? gten_ref_or_null (exact) : padded (exact, size, padding, align_corners, error);
  g_autoptr (GtenTensor) whole = mode[0] == 'n' ? gten_tensor_round (place, error) : gten_tensor_floor (place, error);
  g_autoptr (GtenTensor) rest = gten_tensor_sub (place, whole, error);

  if (rest == NULL)
    return FALSE;
  if (mode[0] == 'n')
    {
      g_autoptr (GtenTensor) one = affine (rest, 0, 1, error);

      return set_tap (self, 0, whole, one, size, error);
    }
  if (mode[2] == 'l')
    {
      g_autoptr (GtenTensor) near = affine (rest, -1, 1, error), next = gten_tensor_add_scalar (whole, GTEN_VALUE (1), error);

      return set_tap (self, 0, whole, near, size, error)
             && set_tap (self, 1, next, rest, size, error);
    }
  for (int t = 0; t < 4; t++)
    {
      g_autoptr (GtenTensor) tap = gten_tensor_add_scalar (whole, GTEN_VALUE (t - 1), error);
      g_autoptr (GtenTensor) at = padded (tap, size, padding, align_corners, error);
      g_autoptr (GtenTensor) weight = t == 0 || t == 3 ? cubic (rest, t == 0 ? 1 : -1, t == 0 ? 1 : 2, a, -5 * a, 8 * a, -4 * a, error)
                                                       : cubic (rest, t == 1 ? 1 : -1, t == 1 ? 0 : 1, a + 2, -(a + 3), 0, 1, error);

      if (!set_tap (self, t, at, weight, size, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_grid (GtenTensor *input, GtenTensor *grid, const char *mode, const char *padding,
            GError **error)
{
  g_autofree char *sizes = gten_shape_to_string (input->n_dims, gten_sizes (input));
  g_autofree char *grid_sizes = gten_shape_to_string (grid->n_dims, gten_sizes (grid));

  if (g_strcmp0 (mode, "bilinear") != 0 && g_strcmp0 (mode, "nearest") != 0
      && g_strcmp0 (mode, "bicubic") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '%s'", mode);
  if (g_strcmp0 (padding, "zeros") != 0 && g_strcmp0 (padding, "border") != 0
      && g_strcmp0 (padding, "reflection") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '%s'",
                           padding);
  if ((input->n_dims != 4 && input->n_dims != 5) || input->n_dims != grid->n_dims)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "grid_sampler(): expected %s input and grid with same number of dimensions, but got input with sizes %s and "
                           "grid with sizes %s", input->n_dims == 4 ? "4D" : input->n_dims == 5 ? "5D" : "4D or 5D", sizes, grid_sizes);
  if (gten_size (input, 0) != gten_size (grid, 0))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "grid_sampler(): expected grid and input to have same batch size, but got input with sizes %s and grid with "
                           "sizes %s", sizes, grid_sizes);
  if (gten_size (grid, grid->n_dims - 1) != input->n_dims - 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "grid_sampler(): expected grid to have size %u in last dimension, but got grid with sizes %s",
                           input->n_dims - 2, grid_sizes);
  for (guint i = 2; i < input->n_dims; i++)
    if (gten_size (input, i) == 0)
      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes %s with "
                             "dimension %u being empty", sizes, i);
  if (input->dtype != grid->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "grid_sampler(): expected input and grid to have same dtype, but input has %s and grid has %s",
                           gten_dtype_get_name ((GtenDtype) input->dtype), gten_dtype_get_name ((GtenDtype) grid->dtype));
  return TRUE;
}

/* The elements that one tap of each dimension names, times their weights. */
static GtenTensor *
sample (GtenTensor *image, guint n, const Taps *taps, const guint *which, const gint64 *sizes,
        GError **error)
{
  g_autoptr (GtenTensor) index = g_object_ref (taps[0].position[which[0]]), weight = g_object_ref (taps[0].weight[which[0]]);
  g_autoptr (GtenTensor) wide = NULL, elements = NULL;

  for (guint i = 1; i < n; i++)
    {
      g_autoptr (GtenTensor) rows = gten_tensor_mul_scalar (index, GTEN_VALUE (sizes[i]), error);
      g_autoptr (GtenTensor) next = gten_tensor_add (rows, taps[i].position[which[i]], error);
      g_autoptr (GtenTensor) product = gten_tensor_mul (weight, taps[i].weight[which[i]], error);

      g_set_object (&index, next);
      g_set_object (&weight, product);
    }
  if (index == NULL)
    return NULL;
  wide = gten_tensor_expand (index, (const gint64[]) { gten_size (index, 0), gten_size (image, 1), gten_size (index, 2) }, 3, error);
  elements = gten_tensor_gather (image, 2, wide, error);
  return gten_tensor_mul (elements, weight, error);
}

/* All taps at once, where nothing is recorded and the backend can: `is_done`. */
static gboolean
sample_at_once (GtenCall *call, gboolean *is_done, GError **error)
{
  GtenTensor *input = call->tensors[0], *grid = call->tensors[1];
  const char *mode = call->args[0].s, *padding = call->args[1].s;
  GtenDevice *device = input->storage->device;
  const GtenBackend *backend = gten_device_get_backend (device);
  g_autoptr (GtenTensor) image = NULL, places = NULL, to = NULL;
  GtenKGridSample kernel;
  GtenKStatus status;

  *is_done = FALSE;
  if (input->n_dims != 4 || backend->grid_sample == NULL || g_str_equal (mode, "bicubic") || padding[0] == 'r'
      || gten_autograd_wanted (call))
    return TRUE;
  image = gten_contiguous (input, error);
  places = image == NULL ? NULL : gten_contiguous (grid, error);
  to = places == NULL ? NULL
                      : gten_tensor_alloc ((GtenDtype) input->dtype, 4,
                                           (const gint64[]) { gten_size (input, 0), gten_size (input, 1), gten_size (grid, 1),
                                                              gten_size (grid, 2) },
                                           device, error);
  if (to == NULL)
    return FALSE;
  kernel = (GtenKGridSample) {
    .dtype = (GtenKDtype) input->dtype, .n_samples = gten_size (input, 0), .n_channels = gten_size (input, 1),
    .size = { gten_size (input, 2), gten_size (input, 3) }, .n_places = gten_size (grid, 1) * gten_size (grid, 2),
    .is_nearest = mode[0] == 'n', .has_border = padding[0] == 'b', .align_corners = call->args[2].i != 0,
    .images = gten_data (image), .places = gten_data (places), .out = gten_data (to),
  };
  status = backend->grid_sample (gten_device_get_index (device), &kernel);
  *is_done = status != GTEN_K_UNSUPPORTED;
  return !*is_done
         || (gten_device_check (device, "grid_sample", status, NULL, error) && gten_call_give (call, 0, g_steal_pointer (&to), error));
}

gboolean
gten_run_grid_sample (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], *grid = call->tensors[1];
  const char *mode = call->args[0].s, *padding = call->args[1].s;
  const guint n = input->n_dims - 2, n_taps = mode != NULL && mode[0] == 'n' ? 1 : g_strcmp0 (mode, "bicubic") == 0 ? 4 : 2;
  Taps taps[3] = { 0 };
  gint64 out[5], n_places = 1, n_elements = 1;
  guint n_combinations = 1;
  gboolean done = TRUE, at_once;
  g_autoptr (GtenTensor) image = NULL, sum = NULL;

  if (!check_grid (input, grid, mode, padding, error) || !sample_at_once (call, &at_once, error))
    return FALSE;
  if (at_once)
    return TRUE;
  out[0] = gten_size (input, 0);
  out[1] = gten_size (input, 1);
  for (guint i = 0; i < n; i++)
    {
      n_places *= out[2 + i] = gten_size (grid, 1 + i);
      n_elements *= gten_size (input, 2 + i);
      n_combinations *= n_taps;
    }
  image = gten_tensor_reshape (input, (const gint64[]) { out[0], out[1], n_elements }, 3, error);
  for (guint i = 0; i < n && done; i++)
    {
      g_autoptr (GtenTensor) column = gten_tensor_select (grid, -1, n - 1 - i, error);
      g_autoptr (GtenTensor) places = gten_tensor_reshape (column,
                                                           (const gint64[]) { out[0], 1, n_places },
                                                           3, error);

      done = places != NULL && make_taps (&taps[i], places, gten_size (input, 2 + i), mode, padding,
                                          call->args[2].i != 0, error);
    }
  for (guint c = 0; c < n_combinations && done; c++)
    {
      const guint which[3] = { c % n_taps, c / n_taps % n_taps, c / n_taps / n_taps };
      g_autoptr (GtenTensor) part = sample (image, n, taps, which, gten_sizes (input) + 2, error);
      g_autoptr (GtenTensor) next = sum == NULL ? gten_ref_or_null (part) : gten_tensor_add (sum, part, error);

      done = next != NULL;
      g_set_object (&sum, next);
    }
  taps_clear (taps, n);
  return done && gten_call_give (call, 0, gten_tensor_reshape (sum, out, n + 2, error), error);
}
