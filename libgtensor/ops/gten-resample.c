/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Average pooling and interpolation: along each dimension a sparse matrix, which says how much each
 * input counts in each output. A gradient applies the transposed matrices. */
#include "ops/gten-conv-private.h"

#include <string.h>

/* The matrix along one dimension, in compressed rows. */
typedef struct
{
  gint64  n_in, n_out;
  GArray *rows, *columns, *weights; /* gint64, gint64, double */
} Map;

static void
map_init (Map *self, gint64 n_in, gint64 n_out)
{
  const gint64 first = 0;

  *self = (Map) { n_in, n_out, g_array_new (FALSE, FALSE, sizeof (gint64)), g_array_new (FALSE, FALSE, sizeof (gint64)),
                  g_array_new (FALSE, FALSE, sizeof (double)) };
  g_array_append_val (self->rows, first);
}

static void
map_clear (Map *self)
{
  g_clear_pointer (&self->rows, g_array_unref);
  g_clear_pointer (&self->columns, g_array_unref);
  g_clear_pointer (&self->weights, g_array_unref);
}

static void
map_add (Map *self, gint64 column, double weight)
{
  g_array_append_val (self->columns, column);
  g_array_append_val (self->weights, weight);
}

static void
map_end_row (Map *self)
{
  const gint64 n = self->columns->len;

  g_array_append_val (self->rows, n);
}

static void
map_transpose (Map *self)
{
  const gint64 *rows = (gint64 *) self->rows->data, *columns = (gint64 *) self->columns->data;
  const double *weights = (double *) self->weights->data;
  const gint64 n = self->columns->len, n_rows = self->n_in;
  g_autofree gint64 *next = g_new0 (gint64, n_rows + 1);
  Map turned;

  map_init (&turned, self->n_out, self->n_in);
  g_array_set_size (turned.rows, n_rows + 1);
  g_array_set_size (turned.columns, n);
  g_array_set_size (turned.weights, n);
  for (gint64 i = 0; i < n; i++)
    next[columns[i] + 1]++;
  for (gint64 i = 0; i < n_rows; i++)
    next[i + 1] += next[i];
  memcpy (turned.rows->data, next, (n_rows + 1) * sizeof (gint64));
  for (gint64 j = 0; j < self->n_out; j++)
    for (gint64 i = rows[j]; i < rows[j + 1]; i++)
      {
        const gint64 to = next[columns[i]]++;

        g_array_index (turned.columns, gint64, to) = j;
        g_array_index (turned.weights, double, to) = weights[i];
      }
  map_clear (self);
  *self = turned;
}

/* Applies a map to one dimension of a contiguous tensor. New reference, to `result` if that is given. */
static GtenTensor *
resample_along (GtenTensor *at, guint dim, const Map *map, GtenTensor *result, GError **error)
{
  GtenKResample kernel = { .outer = 1, .inner = 1 };
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) next = NULL;

  memcpy (sizes, gten_sizes (at), at->n_dims * sizeof *sizes);
  sizes[dim] = map->n_out;
  next = result != NULL ? g_object_ref (result)
                        : gten_tensor_alloc ((GtenDtype) at->dtype, at->n_dims, sizes, at->storage->device, error);
  if (next == NULL)
    return NULL;
  for (guint d = 0; d < at->n_dims; d++)
    *(d < dim ? &kernel.outer : &kernel.inner) *= d == dim ? 1 : sizes[d];
  kernel.n_in = map->n_in;
  kernel.n_out = map->n_out;
  kernel.rows = (const gint64 *) map->rows->data;
  kernel.columns = (const gint64 *) map->columns->data;
  kernel.weights = (const double *) map->weights->data;
  if (next->numel > 0
      && !GTEN_KERNEL (at, "resample", error, NULL, resample, &kernel, (GtenKDtype) at->dtype, gten_data (at), gten_data (next)))
    return NULL;
  return g_steal_pointer (&next);
}

/* Applies the maps to the last n dimensions. */
static gboolean
resample (GtenTensor *input, guint n, Map *maps, gboolean transposed, GtenTensor *result,
          GError **error)
{
  const gboolean is_integral = !gten_is_floating (input);
  g_autoptr (GtenTensor) wide = is_integral ? gten_cast (input, GTEN_DTYPE_FLOAT64, error) : g_object_ref (input);
  g_autoptr (GtenTensor) at = wide == NULL ? NULL : gten_compute_tensor (wide, error);

  if (at == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const gboolean fits = i == n - 1 && result->dtype == at->dtype && result->contiguous;
      g_autoptr (GtenTensor) next = NULL;

      if (transposed)
        map_transpose (&maps[i]);
      next = resample_along (at, at->n_dims - n + i, &maps[i], fits ? result : NULL, error);
      if (next == NULL)
        return FALSE;
      g_set_object (&at, next);
    }
  if (at == result)
    return TRUE;
  /* Sums of rounded quotients may fall just short of the integer that they stand for. */
  if (is_integral && result->dtype == GTEN_DTYPE_UINT8 && gten_tensor_round_ (at, error) == NULL)
    return FALSE;
  if (is_integral && gten_tensor_mul_scalar_ (at, GTEN_VALUE (1 + 1e-12), error) == NULL)
    return FALSE;
  return gten_copy_elements (result, at, error);
}

/* Weights of 16 bits with one binary point for all, as PyTorch resamples bytes. What is repeated at a border is added up
 * first. */
static void
map_quantize (Map *self)
{
  const gint64 *rows = (gint64 *) self->rows->data, *columns = (gint64 *) self->columns->data;
  const double *weights = (double *) self->weights->data;
  double most = 0;
  int bits = 0;
  Map merged;

  map_init (&merged, self->n_in, self->n_out);
  for (gint64 j = 0; j < self->n_out; j++)
    {
      for (gint64 i = rows[j]; i < rows[j + 1]; i++)
        if (i > rows[j] && columns[i] == columns[i - 1])
          g_array_index (merged.weights, double, merged.weights->len - 1) += weights[i];
        else
          map_add (&merged, columns[i], weights[i]);
      map_end_row (&merged);
    }
  for (guint i = 0; i < merged.weights->len; i++)
    most = MAX (most, g_array_index (merged.weights, double, i));
  while (bits < 22 && (int) (0.5 + most * (1 << (bits + 1))) < 1 << 15)
    bits++;
  for (guint i = 0; i < merged.weights->len; i++)
    {
      double *weight = &g_array_index (merged.weights, double, i);

      *weight = round (*weight * (1 << bits)) / (1 << bits);
    }
  map_clear (self);
  *self = merged;
}

/* Bytes along the last two dimensions, the last one first, rounded after each. */
static gboolean
resample_bytes (GtenTensor *input, Map *maps, GtenTensor *result, GError **error)
{
  const GtenScalar least = gten_scalar_int (0), most = gten_scalar_int (255);
  g_autoptr (GtenTensor) wide = gten_cast (input, GTEN_DTYPE_FLOAT64, error);
  g_autoptr (GtenTensor) at = wide == NULL ? NULL : gten_contiguous (wide, error);

  for (guint pass = 0; pass < 2 && at != NULL; pass++)
    {
      const guint dim = at->n_dims - 1 - pass;
      Map *map = &maps[1 - pass];
      g_autoptr (GtenTensor) next = NULL, up = NULL, whole = NULL, bytes = NULL;

      map_quantize (map);
      next = resample_along (at, dim, map, NULL, error);
      up = next == NULL ? NULL : gten_tensor_add_scalar (next, GTEN_VALUE (0.5), error);
      whole = gten_tensor_floor (up, error);
      bytes = whole == NULL ? NULL : gten_apply_clamp (whole, &least, &most, error);
      g_set_object (&at, bytes);
    }
  return at != NULL && gten_copy_elements (result, at, error);
}

/* The sizes of the result: those of the input with others for the last n dimensions. */
static GtenTensor *
resized (GtenCall *call, guint n, const gint64 *last, GError **error)
{
  GtenTensor *input = call->tensors[0];
  gint64 sizes[GTEN_MAX_DIMS];

  memcpy (sizes, gten_sizes (input), input->n_dims * sizeof *sizes);
  memcpy (sizes + input->n_dims - n, last, n * sizeof *sizes);
  return gten_call_result (call, 0, (GtenDtype) input->dtype, input->n_dims, sizes, error);
}

/* Maps that choose one element each, whatever the dtype. */
static gboolean
remap (GtenTensor *input, guint n, const Map *maps, GtenTensor *result, GError **error)
{
  const gint64 first = 0;
  g_autoptr (GtenTensor) from = gten_contiguous (input, error);
  g_autoptr (GtenTensor) to = from == NULL ? NULL : gten_compute_result (result, from, error);
  GtenKRemap kernel = { .n_planes = 1, .size = { 1, 1, 1 }, .count = { 1, 1, 1 }, .maps = { &first, &first, &first } };

  if (to == NULL)
    return FALSE;
  for (guint i = 0; i < input->n_dims - n; i++)
    kernel.n_planes *= gten_size (input, i);
  for (guint i = 0; i < n; i++)
    {
      kernel.size[3 - n + i] = maps[i].n_in;
      kernel.count[3 - n + i] = maps[i].n_out;
      kernel.maps[3 - n + i] = (const gint64 *) maps[i].columns->data;
    }
  return GTEN_KERNEL (from, "interpolate", error, NULL, remap, &kernel, (GtenKDtype) from->dtype, gten_data (from), gten_data (to))
         && (to == result || gten_copy_elements (result, to, error));
}

static gboolean
run_maps (GtenCall *call, guint n, Map *maps, gboolean transposed, gboolean chooses, gboolean bytes, GError **error)
{
  gint64 last[3] = { 0 };
  GtenTensor *result;
  gboolean done;

  for (guint i = 0; i < n; i++)
    last[i] = transposed ? maps[i].n_in : maps[i].n_out;
  result = resized (call, n, last, error);
  if (chooses && gten_device_get_backend (call->tensors[0]->storage->device)->remap != NULL)
    done = result != NULL && remap (call->tensors[0], n, maps, result, error);
  else if (bytes)
    done = result != NULL && resample_bytes (call->tensors[0], maps, result, error);
  else
    done = result != NULL && resample (call->tensors[0], n, maps, transposed, result, error);
  for (guint i = 0; i < n; i++)
    map_clear (&maps[i]);
  return done;
}

/* -- average pooling --------------------------------------------------------------------------- */

static void
map_average (Map *self, gint64 n_in, gint64 kernel, gint64 stride, gint64 padding, gint64 n_out, gboolean counts_padding,
             gboolean divides)
{
  map_init (self, n_in, n_out);
  for (gint64 j = 0; j < n_out; j++)
    {
      const gint64 begin = j * stride - padding, end = MIN (begin + kernel, n_in + padding);
      const gint64 first = MAX (begin, 0), last = MIN (end, n_in);
      const double weight = !divides ? 1 : 1.0 / (counts_padding ? end - begin : last - first);

      for (gint64 i = first; i < last; i++)
        map_add (self, i, weight);
      map_end_row (self);
    }
}

/* The window's options, from kernel_size on, and the maps for images of the given sizes. */
static gboolean
make_averages (const GtenArg *args, guint n, const char *op, GtenTensor *input, const gint64 *sizes,
               Map *maps, GError **error)
{
  GtenPoolOptions options;
  const gboolean has_divisor = args[5].given && args[5].i != GTEN_NONE;

  if (!gten_pool_options (&args[0], &args[1], &args[2], NULL, args[3].i != 0, op, n, input, sizes,
                          &options, error))
    return FALSE;
  if (has_divisor && args[5].i == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "divisor must be not zero");
  if (input != NULL)
    sizes = gten_sizes (input) + input->n_dims - n;
  for (guint i = 0; i < n; i++)
    map_average (&maps[i], sizes[i], options.kernel[i], options.stride[i], options.padding[i], options.count[i], args[4].i != 0,
                 !has_divisor);
  for (guint t = 0; has_divisor && t < maps[0].weights->len; t++)
    g_array_index (maps[0].weights, double, t) /= (double) args[5].i;
  return TRUE;
}

gboolean
gten_run_avg_pool (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const guint n = gten_named_dims (call->op->name);
  Map maps[3];

  return make_averages (call->args, n, call->op->name, input, NULL, maps, error)
         && run_maps (call, n, maps, FALSE, FALSE, FALSE, error);
}

gboolean
gten_run_avg_pool_backward (GtenCall *call, GError **error)
{
  const GtenArg *sizes = &call->args[0];
  const guint n = (guint) call->args[1].i;
  Map maps[3];

  return make_averages (&call->args[2], n, call->op->name, NULL, sizes->ints + sizes->n - n, maps, error) && run_maps (call, n, maps, TRUE, FALSE, FALSE, error);
}

static void
map_adaptive (Map *self, gint64 n_in, gint64 n_out)
{
  map_init (self, n_in, n_out);
  for (gint64 j = 0; j < n_out; j++)
    {
      const gint64 first = gten_adaptive_begin (j, n_in, n_out), end = gten_adaptive_end (j, n_in, n_out);

      for (gint64 i = first; i < end; i++)
        map_add (self, i, 1.0 / (end - first));
      map_end_row (self);
    }
}

/* One window takes in the whole image. */
static gboolean
is_single (guint n, const gint64 *sizes)
{
  for (guint i = 0; i < n; i++)
    if (sizes[i] != 1)
      return FALSE;
  return TRUE;
}

gboolean
gten_run_adaptive_avg_pool (GtenCall *call, GError **error)
{
  static const gint64 last_dims[] = { -1, -2, -3 };
  GtenTensor *input = call->tensors[0];
  const guint n = gten_named_dims (call->op->name);
  gint64 out[3];
  Map maps[3];

  if (!gten_adaptive_sizes (call, n, out, error))
    return FALSE;
  if (is_single (n, out))
    return gten_call_give (call, 0, gten_apply_mean (input, last_dims, n, TRUE, GTEN_DTYPE_NONE, error), error);
  for (guint i = 0; i < n; i++)
    map_adaptive (&maps[i], gten_size (input, input->n_dims - n + i), out[i]);
  return run_maps (call, n, maps, FALSE, FALSE, FALSE, error);
}

gboolean
gten_run_adaptive_avg_pool_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0];
  const GtenArg *sizes = &call->args[0];
  const guint n = (guint) call->args[1].i;
  Map maps[3];

  for (guint i = 0; i < n; i++)
    map_adaptive (&maps[i], sizes->ints[sizes->n - n + i], gten_size (grad, grad->n_dims - n + i));
  return run_maps (call, n, maps, TRUE, FALSE, FALSE, error);
}

/* -- interpolation ----------------------------------------------------------------------------- */

/* In single precision, as PyTorch chooses. */
static void
map_nearest (Map *self, gint64 n_in, gint64 n_out, double scale, gboolean exact)
{
  const float step = scale > 0 ? (float) (1 / scale) : (float) n_in / (float) n_out;

  map_init (self, n_in, n_out);
  for (gint64 j = 0; j < n_out; j++)
    {
      const gint64 at = exact          ? (gint64) floorf (((float) j + 0.5f) * step)
                        : n_in == n_out ? j
                                        : (gint64) floorf ((float) j * step);

      map_add (self, MIN (at, n_in - 1), 1);
      map_end_row (self);
    }
}

/* Keys, "Cubic convolution interpolation for digital image processing" (1981). */
static double
cubic_weight (double distance, double a)
{
  const double x = fabs (distance);

  return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static double
map_step (gint64 n_in, gint64 n_out, double scale, gboolean align_corners)
{
  if (align_corners)
    return n_out > 1 ? (double) (n_in - 1) / (n_out - 1) : 0;
  return scale > 0 ? 1 / scale : (double) n_in / n_out;
}

static void
map_smooth (Map *self, gint64 n_in, gint64 n_out, double scale, gboolean align_corners,
            gboolean cubic)
{
  const double step = map_step (n_in, n_out, scale, align_corners);

  map_init (self, n_in, n_out);
  for (gint64 j = 0; j < n_out; j++)
    {
      const double exact = align_corners ? step * j : step * (j + 0.5) - 0.5;
      const double at = cubic ? exact : MAX (exact, 0);
      const gint64 below = cubic ? (gint64) floor (at) : MIN ((gint64) floor (at), n_in - 1);
      const double rest = cubic ? at - below : MIN (at - below, 1);

      for (gint64 t = cubic ? -1 : 0; t <= (cubic ? 2 : 1); t++)
        map_add (self, CLAMP (below + t, 0, n_in - 1),
                 cubic ? cubic_weight (rest - t, -0.75) : t == 0 ? 1 - rest : rest);
      map_end_row (self);
    }
}

/* A filter as wide as a step of the output. */
static void
map_antialiased (Map *self, gint64 n_in, gint64 n_out, double scale, gboolean align_corners,
                 gboolean cubic)
{
  const double step = map_step (n_in, n_out, scale, align_corners), width = MAX (step, 1), support = (cubic ? 2 : 1) * width;

  map_init (self, n_in, n_out);
  for (gint64 j = 0; j < n_out; j++)
    {
      const double centre = step * (j + 0.5);
      const gint64 first = MAX ((gint64) (centre - support + 0.5), 0), end = MIN ((gint64) (centre + support + 0.5), n_in);
      double total = 0;

      for (gboolean counts = TRUE;; counts = FALSE)
        {
          for (gint64 i = first; i < end; i++)
            {
              const double distance = fabs ((i - centre + 0.5) / width);
              const double weight = cubic ? cubic_weight (distance, -0.5) : MAX (1 - distance, 0);

              if (counts)
                total += weight;
              else
                map_add (self, i, total != 0 ? weight / total : weight);
            }
          if (!counts)
            break;
        }
      map_end_row (self);
    }
}

static void
map_mode (Map *self, const char *mode, gint64 n_in, gint64 n_out, double scale,
          gboolean align_corners)
{
  if (g_str_has_prefix (mode, "nearest"))
    map_nearest (self, n_in, n_out, scale, g_str_has_suffix (mode, "exact"));
  else if (g_str_has_suffix (mode, "aa"))
    map_antialiased (self, n_in, n_out, scale, align_corners, mode[0] == 'c');
  else
    map_smooth (self, n_in, n_out, scale, align_corners, mode[0] == 'c');
}

/* args: sizes, the last n of which count, mode, align_corners, and the scales of depth, height and
 * width. */
static gboolean
run_upsample (GtenCall *call, gboolean transposed, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const GtenArg *args = call->args, *sizes = &args[0];
  const guint n = input->n_dims - 2, before = sizes->n - n;
  const gboolean is_nearest = g_str_has_prefix (args[1].s, "nearest");
  Map maps[3];

  for (guint i = 0; i < n; i++)
    {
      const gint64 own = gten_size (input, input->n_dims - n + i), other = sizes->ints[before + i];
      const GtenArg *scale = &args[3 + 3 - n + i];

      map_mode (&maps[i], args[1].s, transposed ? other : own, transposed ? own : other,
                scale->given ? scale->f : 0, args[2].i != 0);
    }
  return run_maps (call, n, maps, transposed, is_nearest && !transposed,
                   input->dtype == GTEN_DTYPE_UINT8 && n == 2 && !is_nearest, error);
}

gboolean
gten_run_upsample (GtenCall *call, GError **error)
{
  return run_upsample (call, FALSE, error);
}

gboolean
gten_run_upsample_backward (GtenCall *call, GError **error)
{
  return run_upsample (call, TRUE, error);
}

static gboolean
fail_sizes (GtenTensor *input, guint n, const gint64 *sizes, GError **error)
{
  static const char names[] = "DHW";
  g_autoptr (GString) text = g_string_new ("Input and output sizes should be greater than 0, but got input (");

  for (guint side = 0; side < 2; side++)
    {
      for (guint i = 0; i < n; i++)
        g_string_append_printf (text, "%s%c: %" G_GINT64_FORMAT, i > 0 ? ", " : "", names[3 - n + i],
                                side == 0 ? gten_size (input, 2 + i) : sizes[i]);
      g_string_append (text, side == 0 ? ") output (" : ")");
    }
  return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s", text->str);
}

/* A size, as given or by a factor, and the factor that counts instead of their quotient, or NaN. */
static gboolean
set_size (GtenTensor *input, guint i, const gint64 *size, double factor, gboolean recompute, gint64 *sizes, double *scales,
          GError **error)
{
  const double wanted = size != NULL ? 0 : floor ((double) gten_size (input, 2 + i) * factor);

  if (size == NULL && !(wanted < 1e15))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "scale_factor %g is too large", factor);
  sizes[i] = size != NULL ? *size : (gint64) wanted;
  scales[i] = size == NULL && !recompute ? factor : NAN;
  return gten_check_output_size ("interpolate", sizes[i], error);
}

static gboolean
check_sizes (GtenTensor *input, guint n, const gint64 *sizes, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (sizes[i] < 1 || gten_size (input, 2 + i) < 1)
      return fail_sizes (input, n, sizes, error);
  return TRUE;
}

/* The sizes asked for, and the factors that count instead of their quotients. */
static gboolean
read_sizes (GtenCall *call, guint n, gint64 *sizes, double *scales, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const GtenArg *size = &call->args[0], *factor = &call->args[1];
  const gboolean has_size = size->given && size->n > 0, has_factor = factor->given;

  if (!has_size && !has_factor)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "either size or scale_factor should be defined");
  if (has_size && has_factor)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "only one of size or scale_factor should be defined");
  if (has_size && size->n != 1 && size->n != n)
    {
      g_autofree char *own = gten_shape_to_string (n, gten_sizes (input) + 2), *wanted = gten_shape_to_string (size->n, size->ints);

      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "Input and output must have the same number of spatial dimensions, but got input with spatial "
                             "dimensions of %s and output size of %s. Please provide input tensor in (N, C, d1, d2, ...,dK) format "
                             "and output size in (o1, o2, ...,oK) format.", own, wanted);
    }
  for (guint i = 0; i < n; i++)
    if (!set_size (input, i, has_size ? &size->ints[size->n == 1 ? 0 : i] : NULL, has_factor ? factor->f : 0,
                   call->args[4].i != 0, sizes, scales, error))
      return FALSE;
  return check_sizes (input, n, sizes, error);
}

typedef GtenTensor *(*Upsample) (GtenTensor *, const gint64 *, gsize, gboolean, double, double,
                                 double, GError **);

typedef struct
{
  const char *mode;
  guint       n;
  gboolean    antialias, aligns;
  Upsample    upsample;
} Mode;

static const Mode modes[] = {
  { "nearest", 1, FALSE, FALSE, gten_apply_upsample_nearest1d },
  { "nearest", 2, FALSE, FALSE, gten_apply_upsample_nearest2d },
  { "nearest", 3, FALSE, FALSE, gten_apply_upsample_nearest3d },
  { "nearest-exact", 1, FALSE, FALSE, gten_apply_upsample_nearest_exact1d },
  { "nearest-exact", 2, FALSE, FALSE, gten_apply_upsample_nearest_exact2d },
  { "nearest-exact", 3, FALSE, FALSE, gten_apply_upsample_nearest_exact3d },
  { "linear", 1, FALSE, TRUE, gten_apply_upsample_linear1d },
  { "bilinear", 2, FALSE, TRUE, gten_apply_upsample_bilinear2d },
  { "trilinear", 3, FALSE, TRUE, gten_apply_upsample_trilinear3d },
  { "bicubic", 2, FALSE, TRUE, gten_apply_upsample_bicubic2d },
  { "bilinear", 2, TRUE, TRUE, gten_apply_upsample_bilinear2d_aa },
  { "bicubic", 2, TRUE, TRUE, gten_apply_upsample_bicubic2d_aa },
};

static GtenTensor *
interpolate_area (GtenTensor *input, guint n, const gint64 *sizes, GError **error)
{
  return n == 1   ? gten_apply_adaptive_avg_pool1d (input, sizes, 1, error)
         : n == 2 ? gten_apply_adaptive_avg_pool2d (input, sizes, 2, error)
                  : gten_apply_adaptive_avg_pool3d (input, sizes, 3, error);
}

/* `options` are mode, align_corners, recompute_scale_factor and antialias. */
static gboolean
check_mode (GtenTensor *input, const GtenArg *options, GError **error)
{
  const char *mode = options[0].s;

  if (input->n_dims < 3 || input->n_dims > 5)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "Input Error: Only 3D, 4D and 5D input Tensors supported (got %uD) for the modes: nearest | linear | "
                           "bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got %s)", input->n_dims, mode);
  if (options[1].i && (g_str_has_prefix (mode, "nearest") || g_strcmp0 (mode, "area") == 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear");
  return TRUE;
}

static gboolean
interpolate_to (GtenCall *call, const gint64 *sizes, const double *scales, const GtenArg *options, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const char *mode = options[0].s;
  const gboolean align_corners = options[1].i != 0, antialias = options[3].i != 0;
  const guint n = input->n_dims - 2;
  const Mode *same_name = NULL;

  if (g_strcmp0 (mode, "area") == 0)
    return gten_call_give (call, 0, interpolate_area (input, n, sizes, error), error);
  if (!gten_is_floating (input) && input->dtype != GTEN_DTYPE_UINT8)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"upsample_%s%ud\" not implemented for '%s'", mode, n,
                           gten_dtype_title ((GtenDtype) input->dtype));
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_strcmp0 (mode, modes[i].mode) == 0)
      {
        same_name = &modes[i];
        if (modes[i].n == n && modes[i].antialias == antialias)
          return gten_call_give (call, 0,
                                 modes[i].upsample (input, sizes, n, align_corners, n > 2 ? scales[n - 3] : NAN,
                                                    n > 1 ? scales[n - 2] : NAN, scales[n - 1], error), error);
      }
  if (same_name != NULL && antialias)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input");
  if (same_name != NULL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "Got %uD input, but %s mode needs %uD input", input->n_dims, mode,
                           same_name->n + 2);
  return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                         "Input Error: Only 3D, 4D and 5D input Tensors supported (got %uD) for the modes: nearest | linear | "
                         "bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got %s)", input->n_dims, mode);
}

gboolean
gten_run_interpolate (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  gint64 sizes[3];
  double scales[3];

  return check_mode (input, &call->args[2], error) && read_sizes (call, input->n_dims - 2, sizes, scales, error)
         && interpolate_to (call, sizes, scales, &call->args[2], error);
}

gboolean
gten_run_interpolate_scales (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const GtenArg *options = &call->args[3];
  const guint n = input->n_dims - 2;
  gint64 sizes[3];
  double scales[3];

  if (!check_mode (input, options, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const GtenArg *factor = &call->args[3 - n + i];

      if (!factor->given)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "interpolate_scales: dimension %u of %u has no factor", i, n);
      if (!set_size (input, i, NULL, factor->f, options[2].i != 0, sizes, scales, error))
        return FALSE;
    }
  return check_sizes (input, n, sizes, error) && interpolate_to (call, sizes, scales, options, error);
}

/* -- channels as pixels ------------------------------------------------------------------------ */

static gboolean
check_shuffle (GtenTensor *self, gint64 factor, const char *op, const char *name, GError **error)
{
  if (self->n_dims < 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "%s expects input to have at least 3 dimensions, but got input with %u dimension(s)", op, self->n_dims);
  if (factor < 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "%s expects a positive %s, but got %" G_GINT64_FORMAT, op, name, factor);
  return TRUE;
}

/* Splits and permutes: [..., a, b, c, d, e] by `order`, then the sizes that result. */
static gboolean
shuffle (GtenCall *call, const gint64 *split, const gint64 *order, const gint64 *last,
         GError **error)
{
  GtenTensor *self = call->tensors[0];
  const guint lead = self->n_dims - 3;
  gint64 sizes[GTEN_MAX_DIMS], rows = 1, dims[6] = { 0 };
  g_autoptr (GtenTensor) parts = NULL, moved = NULL;

  for (guint i = 0; i < lead; i++)
    rows *= sizes[i] = gten_size (self, i);
  memcpy (sizes + lead, last, 3 * sizeof *last);
  for (guint i = 0; i < 5; i++)
    dims[1 + i] = 1 + order[i];
  parts = gten_tensor_reshape (self, (const gint64[]) { rows, split[0], split[1], split[2], split[3], split[4] }, 6, error);
  moved = gten_tensor_permute (parts, dims, 6, error);
  return gten_call_give (call, 0, gten_tensor_reshape (moved, sizes, self->n_dims, error), error);
}

gboolean
gten_run_pixel_shuffle (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const gint64 r = call->args[0].i;
  gint64 c, h, w, square;

  if (!check_shuffle (self, r, "pixel_shuffle", "upscale_factor", error))
    return FALSE;
  c = gten_size (self, self->n_dims - 3);
  h = gten_size (self, self->n_dims - 2);
  w = gten_size (self, self->n_dims - 1);
  if (__builtin_mul_overflow (r, r, &square) || c % square != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
                           "but input.size(-3)=%" G_GINT64_FORMAT " is not divisible by %" G_GINT64_FORMAT, c, r * r);
  return shuffle (call, (const gint64[]) { c / square, r, r, h, w }, (const gint64[]) { 0, 3, 1, 4, 2 },
                  (const gint64[]) { c / square, h * r, w * r }, error);
}

gboolean
gten_run_pixel_unshuffle (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const gint64 r = call->args[0].i;

  if (!check_shuffle (self, r, "pixel_unshuffle", "downscale_factor", error))
    return FALSE;
  const gint64 c = gten_size (self, self->n_dims - 3), h = gten_size (self, self->n_dims - 2), w = gten_size (self, self->n_dims - 1);
  if (h % r != 0 || w % r != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "pixel_unshuffle expects %s to be divisible by downscale_factor, but input.size(%d)=%" G_GINT64_FORMAT
                           " is not divisible by %" G_GINT64_FORMAT, h % r != 0 ? "height" : "width", h % r != 0 ? -2 : -1,
                           h % r != 0 ? h : w, r);
  return shuffle (call, (const gint64[]) { c, h / r, r, w / r, r }, (const gint64[]) { 0, 2, 4, 1, 3 },
                  (const gint64[]) { c * r * r, h / r, w / r }, error);
}
