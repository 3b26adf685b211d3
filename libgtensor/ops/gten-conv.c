/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Convolutions as products of matrices.
 *
 * A convolution maps x [batch, channels, size] to y [batch, kernels, count] with w [kernels,
 * channels / groups, kernel]. With the columns of x's windows, in each sample and group: y = w @
 * columns. Its transposed map is columns = w.T @ y, summed back into an image, and the gradient
 * of w is y @ columns.T. Each map's gradients are the other two, so that these three are all
 * there is. */
#include "ops/gten-conv-private.h"
#include "device/gten-cuda-private.h"

#include <string.h>

/* The columns of so many elements are made at once. */
#define COLUMNS_AT_ONCE (4 << 20)

static gint64
volume (const gint64 *sizes)
{
  return sizes[0] * sizes[1] * sizes[2];
}

gboolean
gten_windows_option (const GtenArg *option, guint n, const char *name, gint64 *values,
                     GError **error)
{
  if (option->n != 1 && option->n != n)
    {
      g_autofree char *text = gten_shape_to_string (option->n, option->ints);

      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "expected %s to be a single integer value or a list of %u values to match the convolution "
                             "dimensions, but got %s=%s", name, n, name, text);
    }
  for (guint i = 0; i < n; i++)
    values[3 - n + i] = option->ints[option->n == 1 ? 0 : i];
  return TRUE;
}

static gboolean
all_at_least (const gint64 *values, gint64 least)
{
  return values[0] >= least && values[1] >= least && values[2] >= least;
}

typedef struct
{
  GtenKWindows windows;
  guint        n;               /* dimensions of the images */
  gint64       groups, n_samples, n_channels, n_kernels;
} Convolution;

/* The options, which stand in a row from `first` on. */
static gboolean
read_options (Convolution *self, const GtenArg *args, guint n, gint64 groups, GError **error)
{
  *self = (Convolution) { .n = n, .groups = groups };
  for (guint i = 0; i < 3; i++)
    {
      self->windows.size[i] = self->windows.count[i] = self->windows.kernel[i] = 1;
      self->windows.stride[i] = self->windows.dilation[i] = 1;
    }
  if (n < 1 || n > 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "convolutions are over one to three dimensions, not %d", (int) n);
  if (!gten_windows_option (&args[0], n, "stride", self->windows.stride, error)
      || !gten_windows_option (&args[1], n, "padding", self->windows.padding, error)
      || !gten_windows_option (&args[2], n, "dilation", self->windows.dilation, error))
    return FALSE;
  if (!all_at_least (self->windows.padding, 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "negative padding is not supported");
  if (!all_at_least (self->windows.stride, 1))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "non-positive stride is not supported");
  if (!all_at_least (self->windows.dilation, 1))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "dilation should be greater than zero");
  if (groups < 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "non-positive groups is not supported");
  return TRUE;
}

static void
set_sizes (Convolution *self, const gint64 *x, const gint64 *w, const gint64 *y)
{
  const gsize n_bytes = self->n * sizeof (gint64);

  self->n_samples = x[0];
  self->n_channels = x[1];
  self->n_kernels = w[0];
  memcpy (self->windows.size + 3 - self->n, x + 2, n_bytes);
  memcpy (self->windows.kernel + 3 - self->n, w + 2, n_bytes);
  memcpy (self->windows.count + 3 - self->n, y + 2, n_bytes);
}

/* -- products ---------------------------------------------------------------------------------- */

/* A matrix for each sample and group. */
typedef struct
{
  char  *data;
  gint64 sample, group, row, column; /* strides */
} Matrices;

/* c = a @ b in each sample and group, [m, n] from [m, k] and [k, n]; summed over the samples if c
 * has one matrix for all. */
static gboolean
multiply (const Convolution *self, GtenTensor *like, gint64 n_samples, gint64 m, gint64 n, gint64 k, Matrices a, Matrices b,
          Matrices c, gboolean accumulates, GError **error)
{
  const gboolean sums = c.sample == 0, by_group = !sums && n_samples >= self->groups;
  const gint64 outer = by_group ? self->groups : n_samples, batch = by_group ? n_samples : self->groups;
  const gsize size = gten_itemsize (like);

#define PLACE(matrices) ((matrices).data + i * (by_group ? (matrices).group : (matrices).sample) * size)
#define STRIDES(matrices) { by_group ? (matrices).sample : (matrices).group, (matrices).row, (matrices).column }
  for (gint64 i = 0; i < outer; i++)
    {
      const GtenKMatmul matmul = {
        .dtype = (GtenKDtype) like->dtype, .tf32 = gten_cuda_allows_tf32 (), .batch = batch, .m = m, .n = n, .k = k,
        .a = PLACE (a), .b = PLACE (b), .c = PLACE (c),
        .a_strides = STRIDES (a), .b_strides = STRIDES (b), .c_strides = STRIDES (c),
        .alpha = 1, .beta = accumulates || (sums && i > 0) ? 1 : 0,
      };

      if (!GTEN_KERNEL (like, "convolution", error, NULL, matmul, &matmul))
        return FALSE;
    }
#undef PLACE
#undef STRIDES
  return TRUE;
}

/* The windows are single elements, side by side: the image is its columns. */
static gboolean
is_pointwise (const GtenKWindows *windows)
{
  return volume (windows->kernel) == 1 && volume (windows->stride) == 1
         && memcmp (windows->size, windows->count, sizeof windows->size) == 0;
}

/* x, w and y are contiguous, of one compute type; the one that `direction` names is written. */
static gboolean
convolve (const Convolution *self, GtenKConvolving direction, GtenTensor *x, GtenTensor *w, GtenTensor *y,
          GError **error)
{
  const GtenKWindows *windows = &self->windows;
  const gint64 image = volume (windows->size), count = volume (windows->count), kernel = volume (windows->kernel);
  const gint64 n_rows = self->n_kernels / self->groups, depth = self->n_channels / self->groups * kernel;
  const gint64 per_sample = self->n_channels * kernel * count;
  const gint64 at_once = CLAMP (COLUMNS_AT_ONCE / MAX (per_sample, 1), 1, MAX (self->n_samples, 1));
  const gboolean is_direct = is_pointwise (windows);
  const GtenBackend *backend = gten_device_get_backend (x->storage->device);
  const gsize size = gten_itemsize (x);
  g_autoptr (GtenTensor) columns = NULL;

  if (self->n_samples == 0 || per_sample == 0 || n_rows == 0)
    return gten_fill_elements (direction == GTEN_K_CONVOLUTION_FORWARD ? y : direction == GTEN_K_CONVOLUTION_TO_INPUT ? x : w,
                               gten_scalar_int (0), error);
  if (direction == GTEN_K_CONVOLUTION_FORWARD && n_rows == 1 && depth == kernel && backend->depthwise != NULL)
    {
      GtenKStatus status = backend->depthwise (gten_device_get_index (x->storage->device), windows, self->n_samples * self->n_channels,
                                               self->n_channels, (GtenKDtype) x->dtype, gten_data (x), gten_data (w), gten_data (y));

      if (status != GTEN_K_UNSUPPORTED)
        return gten_device_check (x->storage->device, "convolution", status, NULL, error);
    }
  if (backend->convolution != NULL)
    {
      const GtenKConvolution convolution = {
        .direction = direction,
        .dtype = (GtenKDtype) x->dtype, .windows = windows, .n_samples = self->n_samples, .n_channels = self->n_channels,
        .n_kernels = self->n_kernels, .groups = self->groups, .x = gten_data (x), .w = gten_data (w), .y = gten_data (y),
      };
      GtenKStatus status = backend->convolution (gten_device_get_index (x->storage->device), &convolution);

      if (status != GTEN_K_UNSUPPORTED)
        return gten_device_check (x->storage->device, "convolution", status, NULL, error);
    }
  if (!is_direct)
    columns = gten_tensor_alloc ((GtenDtype) x->dtype, 1, (const gint64[]) { at_once * per_sample },
                                 x->storage->device, error);
  if (!is_direct && columns == NULL)
    return FALSE;
  for (gint64 first = 0; first < self->n_samples; first += at_once)
    {
      const gint64 n = MIN (at_once, self->n_samples - first);
      char *images = (char *) gten_data (x) + first * self->n_channels * image * size;
      char *results = (char *) gten_data (y) + first * self->n_kernels * count * size;
      const Matrices in_weight = { gten_data (w), 0, n_rows * depth, depth, 1 };
      const Matrices turned_weight = { gten_data (w), 0, n_rows * depth, 1, depth };
      const Matrices in_columns = { is_direct ? images : gten_data (columns), per_sample,
                                    depth * count, count, 1 };
      const Matrices turned_columns = { in_columns.data, per_sample, depth * count, 1, count };
      const Matrices in_results = { results, self->n_kernels * count, n_rows * count, count, 1 };
      gboolean done = TRUE;

      if (direction != GTEN_K_CONVOLUTION_TO_INPUT && !is_direct)
        done = GTEN_KERNEL (x, "convolution", error, NULL, unfold, windows, n * self->n_channels, (GtenKDtype) x->dtype, images,
                            in_columns.data);
      switch (direction)
        {
        case GTEN_K_CONVOLUTION_FORWARD:
          done = done && multiply (self, x, n, n_rows, count, depth, in_weight, in_columns,
                                   in_results, FALSE, error);
          break;
        case GTEN_K_CONVOLUTION_TO_WEIGHT:
          done = done && multiply (self, x, n, n_rows, depth, count, in_results, turned_columns,
                                   in_weight, first > 0, error);
          break;
        case GTEN_K_CONVOLUTION_TO_INPUT:
          done = multiply (self, x, n, depth, count, n_rows, turned_weight, in_results, in_columns,
                           FALSE, error);
          if (done && !is_direct)
            done = GTEN_KERNEL (x, "convolution", error, NULL, fold, windows, n * self->n_channels, (GtenKDtype) x->dtype,
                                in_columns.data, images);
          break;
        }
      if (!done)
        return FALSE;
    }
  return TRUE;
}

GtenTensor *
gten_compute_tensor (GtenTensor *self, GError **error)
{
  const GtenDtype dtype = (GtenDtype) self->dtype;
  const GtenDtype compute = !gten_dtype_is_floating_point (dtype) ? GTEN_DTYPE_INT64
                            : dtype == GTEN_DTYPE_FLOAT64         ? GTEN_DTYPE_FLOAT64
                                                                  : GTEN_DTYPE_FLOAT32;
  g_autoptr (GtenTensor) cast = gten_cast (self, compute, error);

  return cast == NULL ? NULL : gten_contiguous (cast, error);
}

GtenTensor *
gten_compute_result (GtenTensor *result, GtenTensor *like, GError **error)
{
  if (result->dtype == like->dtype && result->contiguous)
    return g_object_ref (result);
  return gten_tensor_alloc ((GtenDtype) like->dtype, result->n_dims, gten_sizes (result),
                            result->storage->device, error);
}

/* Casts, computes, and casts back. The tensor of the direction's result is the call's. */
static gboolean
run_direction (const Convolution *self, GtenKConvolving direction, GtenTensor *x, GtenTensor *w, GtenTensor *y,
               GError **error)
{
  GtenTensor *result = direction == GTEN_K_CONVOLUTION_FORWARD ? y : direction == GTEN_K_CONVOLUTION_TO_INPUT ? x : w;
  g_autoptr (GtenTensor) image = direction == GTEN_K_CONVOLUTION_TO_INPUT ? NULL : gten_compute_tensor (x, error);
  g_autoptr (GtenTensor) kernels = direction == GTEN_K_CONVOLUTION_TO_WEIGHT ? NULL : gten_compute_tensor (w, error);
  g_autoptr (GtenTensor) output = direction == GTEN_K_CONVOLUTION_FORWARD ? NULL : gten_compute_tensor (y, error);
  GtenTensor *like = image != NULL ? image : kernels;
  g_autoptr (GtenTensor) own = like == NULL ? NULL : gten_compute_result (result, like, error);

  if (own == NULL || (direction != GTEN_K_CONVOLUTION_TO_INPUT && image == NULL) || (direction != GTEN_K_CONVOLUTION_TO_WEIGHT && kernels == NULL)
      || (direction != GTEN_K_CONVOLUTION_FORWARD && output == NULL))
    return FALSE;
  if (!convolve (self, direction, image != NULL ? image : own, kernels != NULL ? kernels : own, output != NULL ? output : own,
                 error))
    return FALSE;
  return own == result || gten_copy_elements (result, own, error);
}

/* -- the rows ---------------------------------------------------------------------------------- */

static char *
sizes_text (GtenTensor *self)
{
  return gten_shape_to_string (self->n_dims, gten_sizes (self));
}

static gboolean
check_operands (GtenTensor *input, GtenTensor *weight, GtenTensor *bias, gboolean transposed,
                gint64 groups, GError **error)
{
  const gint64 n_kernels = gten_size (weight, 0), n_channels = gten_size (input, 1);
  const gint64 expected = transposed ? n_kernels : gten_size (weight, 1) * groups;
  const gint64 n_results = transposed ? gten_size (weight, 1) * groups : n_kernels;
  g_autofree char *weight_sizes = sizes_text (weight), *input_sizes = sizes_text (input);
  g_autofree char *given = transposed ? g_strdup ("transposed=1") : g_strdup_printf ("groups=%" G_GINT64_FORMAT, groups);

  if (n_kernels < groups)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Given groups=%" G_GINT64_FORMAT ", expected weight to be at least %" G_GINT64_FORMAT
                           " at dimension 0, but got weight of size %s instead", groups, groups, weight_sizes);
  if (n_kernels % groups != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Given groups=%" G_GINT64_FORMAT ", expected weight to be divisible by %" G_GINT64_FORMAT
                           " at dimension 0, but got weight of size %s instead", groups, groups, weight_sizes);
  if (n_channels != expected)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Given %s, weight of size %s, expected input%s to have %" G_GINT64_FORMAT
                           " channels, but got %" G_GINT64_FORMAT " channels instead",
                           given, weight_sizes, input_sizes, expected, n_channels);
  if (bias != NULL && (bias->n_dims != 1 || gten_size (bias, 0) != n_results))
    {
      g_autofree char *bias_sizes = sizes_text (bias);

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Given %sweight of size %s, expected bias to be 1-dimensional with %" G_GINT64_FORMAT
                             " elements, but got bias of size %s instead",
                             transposed ? "transposed=1, " : "", weight_sizes, n_results, bias_sizes);
    }
  if (input->dtype != weight->dtype || (bias != NULL && input->dtype != bias->dtype))
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "Input type (%s) and %s type (%s) should be the same",
                           gten_dtype_c_name ((GtenDtype) input->dtype), input->dtype != weight->dtype ? "weight" : "bias",
                           gten_dtype_c_name ((GtenDtype) (input->dtype != weight->dtype ? weight->dtype : bias->dtype)));
  return TRUE;
}

static char *
by_text (guint n, const gint64 *values)
{
  GString *text = g_string_new (NULL);

  for (guint i = 3 - n; i < 3; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 3 - n ? " x " : "", values[i]);
  return g_string_free (text, FALSE);
}

/* How many windows fit, and what the transposed map makes of so many. */
static gboolean
infer_sizes (Convolution *self, GtenTensor *input, GtenTensor *weight, gboolean transposed, const gint64 *output_padding,
             gint64 *sizes, GError **error)
{
  gint64 padded[3] = { 1, 1, 1 }, kernel[3] = { 1, 1, 1 };
  gboolean fits = TRUE;

  for (guint i = 0; i < self->n; i++)
    {
      const guint at = 3 - self->n + i;
      const gint64 size = gten_size (input, 2 + i), k = gten_size (weight, 2 + i), stride = self->windows.stride[at];
      gint64 reach = 0, wide = 0;

      if (k < 1)
        return gten_call_fail (error, GTEN_ERROR_SHAPE, "kernel size should be greater than zero, but got kernel size %"
                               G_GINT64_FORMAT, k);
      if (__builtin_mul_overflow (self->windows.dilation[at], k - 1, &reach)
          || __builtin_mul_overflow (self->windows.padding[at], 2, &wide)
          || (transposed ? __builtin_mul_overflow (size - 1, stride, &sizes[2 + i]) || __builtin_sub_overflow (sizes[2 + i], wide, &sizes[2 + i])
                           || __builtin_add_overflow (sizes[2 + i], reach, &sizes[2 + i])
                           || __builtin_add_overflow (sizes[2 + i], output_padding[at] + 1, &sizes[2 + i])
                         : __builtin_add_overflow (size, wide, &padded[at])))
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "convolution: the padding, stride or dilation is too large");
      if (transposed)
        continue;
      kernel[at] = reach + 1;
      fits = fits && padded[at] >= kernel[at];
      sizes[2 + i] = (padded[at] - kernel[at]) / stride + 1;
    }
  if (!fits)
    {
      g_autofree char *from = by_text (self->n, padded), *of = by_text (self->n, kernel);

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Calculated padded input size per channel: (%s). Kernel size: (%s). Kernel size can't be greater "
                             "than actual input size", from, of);
    }
  return TRUE;
}

gboolean
gten_run_convolution (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], *weight = call->tensors[1], *bias = call->tensors[2], *result;
  const gboolean transposed = call->args[3].i != 0;
  const gint64 groups = call->args[5].i;
  gint64 output_padding[3] = { 0, 0, 0 }, sizes[GTEN_MAX_DIMS] = { 0 }, shape[5];
  Convolution self;

  if (!read_options (&self, call->args, weight->n_dims - 2, groups, error)
      || !gten_windows_option (&call->args[4], self.n, "output_padding", output_padding, error))
    return FALSE;
  if (input->n_dims != weight->n_dims)
    {
      g_autofree char *weight_sizes = sizes_text (weight), *input_sizes = sizes_text (input);

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Expected %u-dimensional input for %u-dimensional weight %s, but got %u-dimensional input of size %s "
                             "instead", weight->n_dims, weight->n_dims, weight_sizes, input->n_dims, input_sizes);
    }
  if (!all_at_least (output_padding, 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "negative output_padding is not supported");
  for (guint i = 3 - self.n; transposed && i < 3; i++)
    if (output_padding[i] >= MAX (self.windows.stride[i], self.windows.dilation[i]))
      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "output padding must be smaller than either stride or dilation");
  if (!check_operands (input, weight, bias, transposed, groups, error)
      || !infer_sizes (&self, input, weight, transposed, output_padding, sizes, error))
    return FALSE;
  sizes[0] = gten_size (input, 0);
  sizes[1] = transposed ? gten_size (weight, 1) * groups : gten_size (weight, 0);
  for (guint i = 0; i < self.n; i++)
    if (sizes[2 + i] < 1 && transposed)
      return gten_call_fail (error, GTEN_ERROR_SHAPE, "Calculated output size is too small");
  result = gten_call_result (call, 0, (GtenDtype) input->dtype, input->n_dims, sizes, error);
  if (result == NULL)
    return FALSE;
  set_sizes (&self, transposed ? sizes : gten_sizes (input), gten_sizes (weight),
             transposed ? gten_sizes (input) : sizes);
  if (!run_direction (&self, transposed ? GTEN_K_CONVOLUTION_TO_INPUT : GTEN_K_CONVOLUTION_FORWARD, transposed ? result : input, weight,
                      transposed ? input : result, error))
    return FALSE;
  if (bias == NULL)
    return TRUE;
  for (guint i = 0; i < self.n + 1; i++)
    shape[i] = i == 0 ? sizes[1] : 1;
  g_autoptr (GtenTensor) channel = gten_tensor_reshape (bias, shape, self.n + 1, error);
  return gten_tensor_add_ (result, channel, error) != NULL;
}

gboolean
gten_run_convolution_output (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], *weight = call->tensors[1], *result;
  const GtenArg *sizes = &call->args[0];
  Convolution self;

  if (!read_options (&self, &call->args[1], weight->n_dims - 2, call->args[4].i, error))
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) input->dtype, sizes->n, sizes->ints, error);
  if (result == NULL)
    return FALSE;
  set_sizes (&self, gten_sizes (input), gten_sizes (weight), sizes->ints);
  return run_direction (&self, GTEN_K_CONVOLUTION_FORWARD, input, weight, result, error);
}

gboolean
gten_run_convolution_input (GtenCall *call, GError **error)
{
  GtenTensor *output = call->tensors[0], *weight = call->tensors[1], *result;
  const GtenArg *sizes = &call->args[0];
  Convolution self;

  if (!read_options (&self, &call->args[1], weight->n_dims - 2, call->args[4].i, error))
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) output->dtype, sizes->n, sizes->ints, error);
  if (result == NULL)
    return FALSE;
  set_sizes (&self, sizes->ints, gten_sizes (weight), gten_sizes (output));
  return run_direction (&self, GTEN_K_CONVOLUTION_TO_INPUT, result, weight, output, error);
}

gboolean
gten_run_convolution_weight (GtenCall *call, GError **error)
{
  GtenTensor *output = call->tensors[0], *input = call->tensors[1], *result;
  const GtenArg *sizes = &call->args[0];
  Convolution self;

  if (!read_options (&self, &call->args[1], input->n_dims - 2, call->args[4].i, error))
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) input->dtype, sizes->n, sizes->ints, error);
  if (result == NULL)
    return FALSE;
  set_sizes (&self, gten_sizes (input), sizes->ints, gten_sizes (output));
  return run_direction (&self, GTEN_K_CONVOLUTION_TO_WEIGHT, input, result, output, error);
}

gboolean
gten_run_channel_sum (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 dims[GTEN_MAX_DIMS];
  guint n = 0;

  for (guint i = 0; i < self->n_dims; i++)
    if (i != 1)
      dims[n++] = i;
  return gten_call_give (call, 0, gten_apply_sum (self, dims, n, FALSE, GTEN_DTYPE_NONE, error),
                         error);
}

/* -- the public names -------------------------------------------------------------------------- */

/* Images without a batch are a batch of one. */
static gboolean
convolve_images (GtenCall *call, GtenTensor *input, const GtenArg *padding, const GtenArg *dilation, gboolean transposed,
                 const GtenArg *output_padding, gint64 groups, GError **error)
{
  GtenTensor *weight = call->tensors[1], *bias = call->tensors[2];
  const GtenArg *stride = &call->args[0];
  const guint n = gten_named_dims (call->op->name);
  const gboolean is_single = input->n_dims == n + 1;
  g_autoptr (GtenTensor) batch = NULL, result = NULL;

  if (!is_single && input->n_dims != n + 2)
    {
      g_autofree char *sizes = sizes_text (input);

      return gten_call_fail (error, GTEN_ERROR_SHAPE, "Expected %uD (unbatched) or %uD (batched) input to %s, but got input of size: %s",
                             n + 1, n + 2, call->op->name, sizes);
    }
  if (weight->n_dims != n + 2)
    {
      g_autofree char *weight_sizes = sizes_text (weight), *input_sizes = sizes_text (input);

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Expected %u-dimensional input for %u-dimensional weight %s, but got %u-dimensional input of size %s "
                             "instead", weight->n_dims, weight->n_dims, weight_sizes, n + 2, input_sizes);
    }
  batch = is_single ? gten_tensor_unsqueeze (input, 0, error) : g_object_ref (input);
  result = gten_apply_convolution (batch, weight, bias, stride->ints, stride->n, padding->ints, padding->n, dilation->ints,
                                   dilation->n, transposed, output_padding->ints, output_padding->n, groups, error);
  return gten_call_give (call, 0,
                         is_single ? gten_tensor_squeeze_dim (result, 0, error) : gten_ref_or_null (result), error);
}

static const gint64 no_padding[3] = { 0, 0, 0 };

gboolean
gten_run_conv (GtenCall *call, GError **error)
{
  const GtenArg none = { .ints = no_padding, .n = 1, .given = TRUE };

  return convolve_images (call, call->tensors[0], &call->args[1], &call->args[2], FALSE, &none,
                          call->args[3].i, error);
}

gboolean
gten_run_conv_transpose (GtenCall *call, GError **error)
{
  return convolve_images (call, call->tensors[0], &call->args[1], &call->args[4], TRUE,
                          &call->args[2], call->args[3].i, error);
}

gboolean
gten_run_conv_padding (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], *weight = call->tensors[1];
  const char *mode = call->args[1].s;
  const guint n = gten_named_dims (call->op->name);
  const GtenArg none = { .ints = no_padding, .n = 1, .given = TRUE };
  gint64 dilation[3], stride[3], both[3], uneven[6];
  GtenArg padding = { .ints = both, .n = n, .given = TRUE };
  g_autoptr (GtenTensor) padded = NULL;
  gboolean is_uneven = FALSE;

  if (g_strcmp0 (mode, "valid") == 0)
    return convolve_images (call, input, &none, &call->args[2], FALSE, &none, call->args[3].i,
                            error);
  if (g_strcmp0 (mode, "same") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Invalid padding string: '%s'", mode);
  if (weight->n_dims != n + 2 || !gten_windows_option (&call->args[2], n, "dilation", dilation, error)
      || !gten_windows_option (&call->args[0], n, "stride", stride, error))
    return weight->n_dims != n + 2 ? convolve_images (call, input, &none, &call->args[2], FALSE, &none, 1, error) : FALSE;
  for (guint i = 0; i < n; i++)
    {
      gint64 total = 0;

      if (stride[3 - n + i] != 1)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "padding='same' is not supported for strided convolutions");
      if (__builtin_mul_overflow (dilation[3 - n + i], gten_size (weight, 2 + i) - 1, &total))
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "convolution: the padding, stride or dilation is too large");
      both[i] = total / 2;
      uneven[2 * (n - 1 - i)] = 0;
      uneven[2 * (n - 1 - i) + 1] = total % 2;
      is_uneven |= total % 2 != 0;
    }
  /* The side that gets one more is the far one. */
  padded = is_uneven ? gten_apply_constant_pad_nd (input, uneven, 2 * n, gten_scalar_int (0), error) : g_object_ref (input);
  return padded != NULL
         && convolve_images (call, padded, &padding, &call->args[2], FALSE, &none, call->args[3].i,
                             error);
}

/* -- columns ----------------------------------------------------------------------------------- */

static gboolean
read_windows (const GtenArg *kernel, const GtenArg *options, GtenKWindows *windows, GError **error)
{
  const struct { const char *name; const GtenArg *arg; gint64 *to; gint64 least; } all[] = {
    { "kernel_size", kernel, windows->kernel, 1 },
    { "dilation", &options[0], windows->dilation, 1 },
    { "padding", &options[1], windows->padding, 0 },
    { "stride", &options[2], windows->stride, 1 },
  };

  *windows = (GtenKWindows) { { 1, 1, 1 }, { 1, 1, 1 }, { 1, 1, 1 }, { 0, 0, 0 }, { 1, 1, 1 }, { 1, 1, 1 } };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      if (all[i].arg->n != 1 && all[i].arg->n != 2)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "It is expected %s equals to 2, but got size %" G_GSIZE_FORMAT,
                               all[i].name, all[i].arg->n);
      if (!gten_windows_option (all[i].arg, 2, all[i].name, all[i].to, error))
        return FALSE;
      if (all[i].to[1] < all[i].least || all[i].to[2] < all[i].least)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "%s should be %s zero, but got %s_height: %" G_GINT64_FORMAT " %s_width: %" G_GINT64_FORMAT,
                               all[i].name, all[i].least > 0 ? "greater than" : "non-negative, not below", all[i].name, all[i].to[1], all[i].name, all[i].to[2]);
    }
  return TRUE;
}

static gboolean
count_windows (GtenKWindows *windows, GError **error)
{
  for (guint i = 1; i < 3; i++)
    {
      gint64 reach, wide;

      if (__builtin_mul_overflow (windows->dilation[i], windows->kernel[i] - 1, &reach)
          || __builtin_mul_overflow (windows->padding[i], 2, &wide)
          || __builtin_add_overflow (windows->size[i], wide, &wide))
        return gten_call_fail (error, GTEN_ERROR_SHAPE, "the padding or dilation is too large");
      windows->count[i] = wide > reach ? (wide - reach - 1) / windows->stride[i] + 1 : 0;
    }
  return TRUE;
}

gboolean
gten_run_im2col (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], *result;
  const guint n = input->n_dims;
  g_autoptr (GtenTensor) from = NULL;
  GtenKWindows windows;

  if (!read_windows (&call->args[0], &call->args[1], &windows, error))
    return FALSE;
  if ((n != 3 && n != 4) || gten_size (input, n - 1) == 0 || gten_size (input, n - 2) == 0
      || gten_size (input, n - 3) == 0)
    {
      g_autofree char *sizes = sizes_text (input);

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
                             "input, but got: %s", sizes);
    }
  memcpy (windows.size + 1, gten_sizes (input) + n - 2, 2 * sizeof (gint64));
  if (!count_windows (&windows, error))
    return FALSE;
  if (windows.count[1] < 1 || windows.count[2] < 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Given input with spatial size (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "), kernel_size=(%" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT "), dilation=(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "), padding=(%" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT "), stride=(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "), calculated shape of the "
                           "array of sliding blocks as (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "), but its components must be at least one.",
                           windows.size[1], windows.size[2], windows.kernel[1], windows.kernel[2], windows.dilation[1],
                           windows.dilation[2], windows.padding[1], windows.padding[2], windows.stride[1], windows.stride[2],
                           windows.count[1], windows.count[2]);
  const gint64 sizes[3] = { gten_size (input, 0),
                            gten_size (input, n - 3) * volume (windows.kernel),
                            volume (windows.count) };
  result = gten_call_result (call, 0, (GtenDtype) input->dtype, n - 1, sizes + 4 - n, error);
  from = result == NULL ? NULL : gten_contiguous (input, error);
  g_autoptr (GtenTensor) to = from == NULL ? NULL : gten_compute_result (result, from, error);
  if (to == NULL)
    return FALSE;
  return GTEN_KERNEL (from, "im2col", error, NULL, unfold, &windows, (n == 4 ? gten_size (input, 0) : 1) * gten_size (input, n - 3),
                      (GtenKDtype) from->dtype, gten_data (from), gten_data (to))
         && (to == result || gten_copy_elements (result, to, error));
}

gboolean
gten_run_col2im (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0], *result;
  const GtenArg *output_size = &call->args[0];
  const guint n = input->n_dims;
  g_autoptr (GtenTensor) from = NULL;
  GtenKWindows windows;

  if (!read_windows (&call->args[1], &call->args[2], &windows, error)
      || !gten_windows_option (output_size, 2, "output_size", windows.size, error))
    return FALSE;
  if (windows.size[1] < 1 || windows.size[2] < 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "output_size should be greater than zero");
  if (n != 2 && n != 3)
    {
      g_autofree char *sizes = sizes_text (input);

      return gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions "
                             "for input, but got: %s", sizes);
    }
  if (!count_windows (&windows, error))
    return FALSE;
  if (gten_size (input, n - 2) % volume (windows.kernel) != 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
                           "input.size(1)=%" G_GINT64_FORMAT " and kernel_size=(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ").",
                           gten_size (input, n - 2), windows.kernel[1], windows.kernel[2]);
  if (gten_size (input, n - 1) != volume (windows.count))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Given output_size=(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "), kernel_size=(%" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT "), dilation=(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "), padding=(%" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT "), stride=(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "), expected size of input's "
                           "dimension 2 to match the calculated number of sliding blocks %" G_GINT64_FORMAT " * %" G_GINT64_FORMAT
                           " = %" G_GINT64_FORMAT ", but got input.size(2)=%" G_GINT64_FORMAT ".",
                           windows.size[1], windows.size[2], windows.kernel[1], windows.kernel[2], windows.dilation[1],
                           windows.dilation[2], windows.padding[1], windows.padding[2], windows.stride[1], windows.stride[2],
                           windows.count[1], windows.count[2], volume (windows.count), gten_size (input, n - 1));
  const gint64 sizes[4] = { gten_size (input, 0),
                            gten_size (input, n - 2) / volume (windows.kernel), windows.size[1],
                            windows.size[2] };
  result = gten_call_result (call, 0, (GtenDtype) input->dtype, n + 1, sizes + 3 - n, error);
  from = result == NULL ? NULL : gten_compute_tensor (input, error);
  g_autoptr (GtenTensor) to = from == NULL ? NULL : gten_compute_result (result, from, error);
  if (to == NULL)
    return FALSE;
  return GTEN_KERNEL (from, "col2im", error, NULL, fold, &windows, (n == 3 ? sizes[0] : 1) * sizes[1], (GtenKDtype) from->dtype,
                      gten_data (from), gten_data (to))
         && (to == result || gten_copy_elements (result, to, error));
}
