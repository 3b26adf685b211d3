/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The windows of pooling, and the largest element of each. */
#include "ops/gten-conv-private.h"

#include <string.h>

guint
gten_named_dims (const char *name)
{
  return g_ascii_digit_value (name[strcspn (name, "123")]);
}

/* The name that users know: both rows of a pooling share it. */
static char *
plain_name (const char *name)
{
  return g_str_has_suffix (name, "_with_indices") ? g_strndup (name, strlen (name) - strlen ("_with_indices")) : g_strdup (name);
}

gint64
gten_adaptive_begin (gint64 i, gint64 n_in, gint64 n_out)
{
  return (gint64) ((__int128) i * n_in / n_out);
}

gint64
gten_adaptive_end (gint64 i, gint64 n_in, gint64 n_out)
{
  return (gint64) (((__int128) (i + 1) * n_in + n_out - 1) / n_out);
}

static gboolean
read_option (const GtenArg *arg, const GtenArg *otherwise, guint n, const char *op, const char *name, gint64 *values,
             GError **error)
{
  const GtenArg *from = arg != NULL && arg->given && arg->n > 0 ? arg : otherwise;
  static const char *const counts[] = { "one", "two", "three" };

  if (from == NULL)
    return TRUE;
  if (from->n != 1 && from->n != n)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%s: %s must either be a single int, or a tuple of %s ints", op, name,
                           counts[n - 1]);
  for (guint i = 0; i < n; i++)
    values[i] = from->ints[from->n == 1 ? 0 : i];
  return TRUE;
}

static void
append_sizes (GString *text, gint64 n_planes, guint n, const gint64 *sizes)
{
  g_string_append_printf (text, "(%" G_GINT64_FORMAT, n_planes);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "x%" G_GINT64_FORMAT, sizes[i]);
  g_string_append_c (text, ')');
}

static gboolean
check_input (GtenTensor *input, guint n, const char *op, GError **error)
{
  const gboolean has_batch = input->n_dims == n + 2;
  g_autofree char *sizes = gten_shape_to_string (input->n_dims, gten_sizes (input));
  gboolean is_full = TRUE;

  for (guint i = has_batch ? 1 : 0; i < input->n_dims; i++)
    {
      if (is_full && gten_size (input, i) == 0 && n == 3 && g_str_has_prefix (op, "max") && input->n_dims >= 4)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "max_pool3d_with_indices_out_cpu_template(): Expected input to have non-zero size for non-batch "
                               "dimensions, but input has sizes %s with dimension %u being empty", sizes, i);
      is_full = is_full && gten_size (input, i) > 0;
    }
  if (input->n_dims != n + 1 && !has_batch && n == 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "non-empty 4D or 5D (batch mode) tensor expected for input");
  if ((!has_batch && input->n_dims != n + 1) || !is_full)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "Expected %uD or %uD (batch mode) tensor with optional 0 dim batch size for input, but got:%s", n + 1,
                           n + 2, sizes);
  if (input->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"%s\" not implemented for 'Bool'", op);
  return TRUE;
}

gboolean
gten_pool_options (const GtenArg *kernel, const GtenArg *stride, const GtenArg *padding, const GtenArg *dilation, gboolean ceil_mode,
                   const char *op, guint n, GtenTensor *input, const gint64 *sizes, GtenPoolOptions *self, GError **error)
{
  gint64 n_planes = 1;
  gboolean fits = TRUE;

  *self = (GtenPoolOptions) { .dilation = { 1, 1, 1 } };
  if (!read_option (kernel, NULL, n, op, "kernel_size", self->kernel, error)
      || !read_option (stride, kernel, n, op, "stride", self->stride, error)
      || !read_option (padding, NULL, n, op, "padding", self->padding, error)
      || !read_option (dilation, NULL, n, op, "dilation", self->dilation, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      gint64 reach;

      if (self->stride[i] == 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "stride should not be zero");
      if (self->kernel[i] < 1)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "kernel size should be greater than zero, but got %" G_GINT64_FORMAT,
                               self->kernel[i]);
      if (self->stride[i] < 1)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "stride should be greater than zero, but got %" G_GINT64_FORMAT,
                               self->stride[i]);
      if (self->dilation[i] < 1)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "dilation should be greater than zero, but got %" G_GINT64_FORMAT,
                               self->dilation[i]);
      if (self->padding[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "pad must be non-negative, but got pad: %" G_GINT64_FORMAT,
                               self->padding[i]);
      if (__builtin_mul_overflow (self->dilation[i], self->kernel[i] - 1, &reach)
          || reach > G_MAXINT64 / 8)
        return gten_call_fail (error, GTEN_ERROR_VALUE, "%s: the kernel is too large", op);
      if (self->padding[i] > (reach + 1) / 2)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "pad should be at most half of effective kernel size, but got pad=%" G_GINT64_FORMAT
                               ", kernel_size=%" G_GINT64_FORMAT " and dilation=%" G_GINT64_FORMAT, self->padding[i],
                               self->kernel[i], self->dilation[i]);
    }
  if (input != NULL && !check_input (input, n, op, error))
    return FALSE;
  if (input != NULL)
    {
      sizes = gten_sizes (input) + input->n_dims - n;
      n_planes = sizes[-1];
    }
  for (guint i = 0; i < n; i++)
    {
      const gint64 reach = self->dilation[i] * (self->kernel[i] - 1), wide = sizes[i] + 2 * self->padding[i];
      const gint64 room = wide - reach - 1;

      self->count[i] = room < 0 ? (ceil_mode && room > -self->stride[i] ? 1 : 0)
                                : (ceil_mode ? (room - 1 + self->stride[i]) / self->stride[i] : room / self->stride[i]) + 1;
      /* The last window begins inside the image or in front of it. */
      if (ceil_mode && self->count[i] > 1
          && self->stride[i] > (sizes[i] + self->padding[i] - 1) / (self->count[i] - 1))
        self->count[i]--;
      fits = fits && self->count[i] > 0;
    }
  if (!fits)
    {
      g_autoptr (GString) text = g_string_new ("Given input size: ");

      append_sizes (text, n_planes, n, sizes);
      g_string_append (text, ". Calculated output size: ");
      append_sizes (text, n_planes, n, self->count);
      return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s. Output size is too small", text->str);
    }
  return TRUE;
}

gboolean
gten_check_output_size (const char *op, gint64 size, GError **error)
{
  const gint64 most = 1 << 24;

  if (size <= most)
    return TRUE;
  return gten_call_fail (error, GTEN_ERROR_MEMORY, "%s: an output size of %" G_GINT64_FORMAT
                         " is beyond the largest one, %" G_GINT64_FORMAT, op, size, most);
}

gboolean
gten_adaptive_sizes (const GtenCall *call, guint n, gint64 *out, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const GtenArg *size = &call->args[0];
  g_autofree char *op = plain_name (call->op->name), *text = gten_shape_to_string (input->n_dims, gten_sizes (input));

  if (size->n != 1 && size->n != n)
    return gten_call_fail (error, GTEN_ERROR_VALUE, strstr (op, "max") ? "%s(): internal error: output_size.size() must be %u"
                                                                       : "%s: output_size must be %u", op, n);
  if (input->n_dims < n + 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "Input dimension should be at least %u", n + 1);
  if (input->n_dims > n + 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "%s(): Expected %uD or %uD tensor, but got %s",
                           op, n + 1, n + 2, text);
  for (guint i = 0; i < n; i++)
    out[i] = size->ints[size->n == 1 ? 0 : i];
  for (guint i = 0; i < n; i++)
    {
      if (!gten_check_output_size (op, out[i], error))
        return FALSE;
      if (out[i] < 0 && strstr (op, "max") != NULL)
        {
          gint64 sizes[GTEN_MAX_DIMS];
          g_autofree char *wanted = NULL;

          memcpy (sizes, gten_sizes (input), input->n_dims * sizeof *sizes);
          memcpy (sizes + input->n_dims - n, out, n * sizeof *sizes);
          wanted = gten_shape_to_string (input->n_dims, sizes);
          return gten_call_fail (error, GTEN_ERROR_VALUE, "Trying to create tensor with negative dimension %" G_GINT64_FORMAT ": %s",
                                 out[i], wanted);
        }
      if (out[i] < 0 && n == 3)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "%s: elements of output_size must be greater than or equal to 0 but received {%" G_GINT64_FORMAT
                               ", %" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "}", op, out[0], out[1], out[2]);
      if (out[i] < 0)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "%s: elements of output_size must be greater than or equal to 0 but received {%" G_GINT64_FORMAT
                               ", %" G_GINT64_FORMAT "}", op, out[0], out[1]);
      if (gten_size (input, input->n_dims - n + i) == 0)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "%s(): Expected input to have non-zero size for non-batch dimensions, but input has sizes %s with "
                               "dimension %u being empty", op, text, input->n_dims - n + i);
    }
  if (!gten_is_floating (input))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"%s\" not implemented for '%s'", op,
                           gten_dtype_title ((GtenDtype) input->dtype));
  return TRUE;
}

/* -- the largest elements ---------------------------------------------------------------------- */

/* Both results of windows that begin and end as the pooling says along the last n dimensions. */
static gboolean
run_max (GtenCall *call, guint n, GtenKPooling *pooling, GError **error)
{
  GtenTensor *input = call->tensors[0], *values, *indices;
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) from = NULL, to = NULL, at = NULL;

  memcpy (sizes, gten_sizes (input), input->n_dims * sizeof *sizes);
  pooling->n_planes = 1;
  for (guint i = 0; i < input->n_dims - n; i++)
    pooling->n_planes *= sizes[i];
  for (guint i = 0; i < n; i++)
    {
      pooling->size[3 - n + i] = sizes[input->n_dims - n + i];
      sizes[input->n_dims - n + i] = pooling->count[3 - n + i];
    }
  values = gten_call_result (call, 0, (GtenDtype) input->dtype, input->n_dims, sizes, error);
  indices = values == NULL ? NULL : gten_call_result (call, 1, GTEN_DTYPE_INT64, input->n_dims,
                                                      sizes, error);
  if (indices == NULL)
    return FALSE;
  from = gten_compute_tensor (input, error);
  to = from == NULL ? NULL : gten_compute_result (values, from, error);
  at = to == NULL ? NULL : gten_compute_result (indices, indices, error);
  if (at == NULL)
    return FALSE;
  return (values->numel == 0
          || GTEN_KERNEL (from, call->op->name, error, NULL, max_pool, pooling, (GtenKDtype) from->dtype, gten_data (from),
                          gten_data (to), gten_data (at)))
         && (to == values || gten_copy_elements (values, to, error)) && (at == indices || gten_copy_elements (indices, at, error));
}

static const gint64 first_only[1] = { 0 }, one_only[1] = { 1 };

static void
pooling_init (GtenKPooling *self)
{
  *self = (GtenKPooling) { .size = { 1, 1, 1 }, .count = { 1, 1, 1 }, .dilation = { 1, 1, 1 },
                           .begins = { first_only, first_only, first_only }, .ends = { one_only, one_only, one_only } };
}

gboolean
gten_run_max_pool (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const GtenArg *args = call->args;
  const guint n = gten_named_dims (call->op->name);
  g_autofree char *op = plain_name (call->op->name);
  GtenPoolOptions options;
  GtenKPooling pooling;
  g_autofree gint64 *bounds = NULL;
  gint64 *next;

  if (!gten_pool_options (&args[0], &args[1], &args[2], &args[3], args[4].i != 0, op, n, input,
                          NULL, &options, error))
    return FALSE;
  pooling_init (&pooling);
  next = bounds = g_new (gint64, 2 * (options.count[0] + options.count[1] + options.count[2]));
  for (guint i = 0; i < n; i++)
    {
      const guint dim = 3 - n + i;
      gint64 *begins = next, *ends = next + options.count[i];

      for (gint64 j = 0; j < options.count[i]; j++)
        {
          const gint64 begin = j * options.stride[i] - options.padding[i], step = options.dilation[i];

          begins[j] = begin >= 0 ? begin : begin + (-begin + step - 1) / step * step;
          ends[j] = MIN (begin + (options.kernel[i] - 1) * step + 1,
                         gten_size (input, input->n_dims - n + i));
        }
      pooling.count[dim] = options.count[i];
      pooling.dilation[dim] = options.dilation[i];
      pooling.begins[dim] = begins;
      pooling.ends[dim] = ends;
      next += 2 * options.count[i];
    }
  return run_max (call, n, &pooling, error);
}

gboolean
gten_run_adaptive_max_pool (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const guint n = gten_named_dims (call->op->name);
  gint64 out[3] = { 0, 0, 0 };
  GtenKPooling pooling;
  g_autofree gint64 *bounds = NULL;
  gint64 *next;

  if (!gten_adaptive_sizes (call, n, out, error))
    return FALSE;
  pooling_init (&pooling);
  next = bounds = g_new (gint64, 2 * (out[0] + out[1] + out[2]) + 1);
  for (guint i = 0; i < n; i++)
    {
      const guint dim = 3 - n + i;
      const gint64 size = gten_size (input, input->n_dims - n + i);

      for (gint64 j = 0; j < out[i]; j++)
        {
          next[j] = gten_adaptive_begin (j, size, out[i]);
          next[out[i] + j] = gten_adaptive_end (j, size, out[i]);
        }
      pooling.count[dim] = out[i];
      pooling.begins[dim] = next;
      pooling.ends[dim] = next + out[i];
      next += 2 * out[i];
    }
  return run_max (call, n, &pooling, error);
}

/* Each gradient goes where the element came from. */
gboolean
gten_run_max_pool_backward (GtenCall *call, GError **error)
{
  GtenTensor *grad = call->tensors[0], *indices = call->tensors[1];
  const GtenArg *sizes = &call->args[0];
  const gint64 n = call->args[1].i;
  gint64 n_planes = 1, n_elements = 1;
  g_autoptr (GtenTensor) zeros = NULL, lines = NULL, places = NULL, sum = NULL;

  for (gsize i = 0; i < sizes->n; i++)
    *(i < sizes->n - n ? &n_planes : &n_elements) *= sizes->ints[i];
  if (grad->numel == 0)
    return gten_call_give (call, 0, gten_apply_new_zeros (grad, sizes->ints, sizes->n, GTEN_DTYPE_NONE, NULL, error), error);
  zeros = gten_apply_new_zeros (grad, (const gint64[]) { n_planes, n_elements }, 2, GTEN_DTYPE_NONE,
                                NULL, error);
  lines = gten_tensor_reshape (grad, (const gint64[]) { n_planes, -1 }, 2, error);
  places = gten_tensor_reshape (indices, (const gint64[]) { n_planes, -1 }, 2, error);
  sum = gten_tensor_scatter_add (zeros, 1, places, lines, error);
  return gten_call_give (call, 0, gten_tensor_reshape (sum, sizes->ints, sizes->n, error), error);
}

/* -- one dimension ---------------------------------------------------------------------------------------------
 * As two dimensions of which the first is one. */

typedef struct
{
  gint64  values[2];
  GtenArg arg;
} Widened;

static gboolean
widen (const GtenArg *option, gint64 first, const char *op, const char *name, Widened *self,
       GError **error)
{
  *self = (Widened) { .values = { first, option->n == 1 ? option->ints[0] : first } };
  /* An empty stride is none. */
  if (!option->given || (option->n == 0 && g_str_equal (name, "stride")))
    return TRUE;
  if (option->n != 1)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "%s() argument '%s' should contain one int (got %" G_GSIZE_FORMAT ")",
                           op, name, option->n);
  self->arg = (GtenArg) { .ints = self->values, .n = 2, .given = TRUE };
  return TRUE;
}

#define SPREAD(widened) ((widened).arg.n > 0 ? (widened).values : NULL), (widened).arg.n

static GtenTensor *
raised (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];

  if (input->n_dims != 2 && input->n_dims != 3)
    {
      g_autofree char *op = plain_name (call->op->name);
      g_autofree char *sizes = gten_shape_to_string (input->n_dims, gten_sizes (input));

      gten_call_fail (error, GTEN_ERROR_SHAPE,
                      "%s: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:%s",
                      op, sizes);
      return NULL;
    }
  return gten_tensor_unsqueeze (input, -2, error);
}

static gboolean
give_lowered (GtenCall *call, guint i, GtenTensor *result, GError **error)
{
  g_autoptr (GtenTensor) own = result;

  return gten_call_give (call, i, gten_tensor_squeeze_dim (own, -2, error), error);
}

gboolean
gten_run_avg_pool1d (GtenCall *call, GError **error)
{
  const GtenArg *args = call->args;
  Widened kernel, stride, padding;
  g_autoptr (GtenTensor) input = raised (call, error);

  if (input == NULL || !widen (&args[0], 1, "avg_pool1d", "kernel_size", &kernel, error)
      || !widen (&args[1], 1, "avg_pool1d", "stride", &stride, error)
      || !widen (&args[2], 0, "avg_pool1d", "padding", &padding, error))
    return FALSE;
  return give_lowered (call, 0,
                       gten_apply_avg_pool2d (input, SPREAD (kernel), SPREAD (stride), SPREAD (padding), args[3].i != 0,
                                              args[4].i != 0, GTEN_NONE, error), error);
}

gboolean
gten_check_max_pool1d (const GtenCall *call, GtenDtype dtype, GError **error)
{
  static const char *const names[] = { "kernel_size", "stride", "padding", "dilation" };
  GtenTensor *input = call->tensors[0];
  const GtenArg *args = call->args;
  g_autofree char *own = gten_shape_to_string (input->n_dims, gten_sizes (input));
  gint64 values[4], reach, count;
  __int128 room;

  if ((input->n_dims != 2 && input->n_dims != 3) || gten_size (input, input->n_dims - 1) == 0
      || gten_size (input, input->n_dims - 2) == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:%s", own);
  for (guint i = 0; i < 4; i++)
    {
      const GtenArg *arg = i == 1 && (!args[1].given || args[1].n == 0) ? &args[0] : &args[i];

      if (arg->n != 1)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "max_pool1d() %s must be an int, list of ints or tuple of ints of size 1 but got size %" G_GSIZE_FORMAT,
                               names[i], arg->n);
      values[i] = arg->ints[0];
      if (values[i] < (i == 2 ? 0 : 1))
        return gten_call_fail (error, GTEN_ERROR_VALUE, "max_pool1d() %s must be %s, but got %" G_GINT64_FORMAT, names[i],
                               i == 2 ? "non-negative" : "greater than zero", values[i]);
    }
  if (__builtin_mul_overflow (values[3], values[0] - 1, &reach))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "effective kernel size overflows, but got kernel_size=%" G_GINT64_FORMAT " and dilation=%" G_GINT64_FORMAT,
                           values[0], values[3]);
  if (values[2] > (reach + 1) / 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "pad should be at most half of effective kernel size, but got pad=%" G_GINT64_FORMAT ", kernel_size=%"
                           G_GINT64_FORMAT " and dilation=%" G_GINT64_FORMAT, values[2], values[0], values[3]);
  room = (__int128) gten_size (input, input->n_dims - 1) + 2 * (__int128) values[2] - reach - 1 + (args[4].i ? values[1] - 1 : 0);
  count = (gint64) ((room >= 0 ? room : room - values[1] + 1) / values[1]) + 1;
  if (count <= 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "max_pool1d() Invalid computed output size: %" G_GINT64_FORMAT, count);
  return TRUE;
}

gboolean
gten_run_max_pool1d (GtenCall *call, GError **error)
{
  const GtenArg *args = call->args;
  Widened kernel, stride, padding, dilation;
  g_autoptr (GtenTensor) input = raised (call, error), indices = NULL;
  GtenTensor *values;

  if (input == NULL || !widen (&args[0], 1, "max_pool1d", "kernel_size", &kernel, error)
      || !widen (&args[1], 1, "max_pool1d", "stride", &stride, error)
      || !widen (&args[2], 0, "max_pool1d", "padding", &padding, error)
      || !widen (&args[3], 1, "max_pool1d", "dilation", &dilation, error))
    return FALSE;
  values = gten_apply_max_pool2d_with_indices (input, SPREAD (kernel), SPREAD (stride), SPREAD (padding), SPREAD (dilation),
                                               args[4].i != 0, &indices, error);
  return give_lowered (call, 0, values, error)
         && give_lowered (call, 1, g_steal_pointer (&indices), error);
}

gboolean
gten_run_adaptive_avg_pool1d (GtenCall *call, GError **error)
{
  Widened size;
  g_autoptr (GtenTensor) input = raised (call, error);

  return input != NULL && widen (&call->args[0], 1, "adaptive_avg_pool1d", "output_size", &size, error)
         && give_lowered (call, 0, gten_apply_adaptive_avg_pool2d (input, SPREAD (size), error), error);
}

gboolean
gten_run_adaptive_max_pool1d (GtenCall *call, GError **error)
{
  Widened size;
  g_autoptr (GtenTensor) input = raised (call, error), indices = NULL;
  GtenTensor *values;

  if (input == NULL
      || !widen (&call->args[0], 1, "adaptive_max_pool1d", "output_size", &size, error))
    return FALSE;
  values = gten_apply_adaptive_max_pool2d_with_indices (input, SPREAD (size), &indices, error);
  return give_lowered (call, 0, values, error)
         && give_lowered (call, 1, g_steal_pointer (&indices), error);
}
