/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor as it is looked at: shape and dtype first, statistics and values on request. It may live
 * in another process, and of a large one only a sample may be here: every step-th element along
 * each dimension. Rows, columns and indices are those of the sample. For pictures and tables the
 * last dimension runs across, all others together run down. */
#include "gten-gtk-tensor-private.h"

#include "gten-gtk-question.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (GtenGtkTensor, gten_gtk_tensor, G_TYPE_OBJECT)

enum { PROP_NAME = 1, PROP_SHAPE, PROP_DTYPE, PROP_SUMMARY, PROP_NOTE, PROP_VALUES, N_PROPS };
enum { WANTED, WHOLE_WANTED, ASKED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void
gten_gtk_tensor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkTensor *self = GTEN_GTK_TENSOR (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_SHAPE:
      g_value_take_string (value, gten_gtk_format_shape (self->shape, self->n_dims));
      break;
    case PROP_DTYPE:
      g_value_set_string (value, gten_dtype_get_name (self->dtype));
      break;
    case PROP_SUMMARY:
      g_value_take_string (value, gten_gtk_tensor_summarize (self));
      break;
    case PROP_NOTE:
      g_value_set_string (value, self->note);
      break;
    case PROP_VALUES:
      g_value_set_boxed (value, self->values);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* What is here is no longer what it was: what was told of it is not true of it, nor of copies. */
static void
forget_answers (GtenGtkTensor *self)
{
  g_clear_pointer (&self->questions, g_ptr_array_unref);
  self->age++;
}

static void
gten_gtk_tensor_finalize (GObject *object)
{
  GtenGtkTensor *self = GTEN_GTK_TENSOR (object);

  g_free (self->name);
  g_free (self->note);
  g_free (self->shape);
  g_free (self->sample);
  g_free (self->steps);
  g_free (self->place);
  g_clear_pointer (&self->values, g_bytes_unref);
  g_clear_pointer (&self->questions, g_ptr_array_unref);
  g_clear_object (&self->source);
  g_clear_weak_pointer (&self->node);
  G_OBJECT_CLASS (gten_gtk_tensor_parent_class)->finalize (object);
}

static void
gten_gtk_tensor_class_init (GtenGtkTensorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = gten_gtk_tensor_get_property;
  object_class->finalize = gten_gtk_tensor_finalize;

  /**
   * GtenGtkTensor:name:
   *
   * What the tensor is called where it is shown.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenGtkTensor:shape:
   *
   * The shape as text.
   */
  properties[PROP_SHAPE] = g_param_spec_string ("shape", NULL, NULL, NULL,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenGtkTensor:dtype:
   *
   * The name of the dtype.
   */
  properties[PROP_DTYPE] = g_param_spec_string ("dtype", NULL, NULL, NULL,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenGtkTensor:summary:
   *
   * One line on the values, or nothing while they are unknown.
   */
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenGtkTensor:note:
   *
   * Why the values are unknown, or %NULL while there is nothing to say.
   */
  properties[PROP_NOTE] = g_param_spec_string ("note", NULL, NULL, NULL,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenGtkTensor:values:
   *
   * The elements in row-major order, or %NULL while they are unknown.
   */
  properties[PROP_VALUES] = g_param_spec_boxed ("values", NULL, NULL, G_TYPE_BYTES,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * GtenGtkTensor::wanted:
   * @self: the tensor
   *
   * Someone is about to show the values and they are not here: who knows them calls
   * [method@Tensor.set_values].
   */
  signals[WANTED] = g_signal_new ("wanted", GTEN_GTK_TYPE_TENSOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  /**
   * GtenGtkTensor::whole-wanted:
   * @self: the tensor
   *
   * Someone needs all values of a tensor of which a sample is here.
   */
  signals[WHOLE_WANTED] = g_signal_new ("whole-wanted", GTEN_GTK_TYPE_TENSOR, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GtenGtkTensor::asked:
   * @self: the tensor
   * @question: what someone wants to know of all elements of a tensor of which a sample is here
   *
   * Who has the elements calls [method@Question.answer].
   */
  signals[ASKED] = g_signal_new ("asked", GTEN_GTK_TYPE_TENSOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 GTEN_GTK_TYPE_QUESTION);
}

static void
gten_gtk_tensor_init (GtenGtkTensor *self)
{
}

/* Zero for what cannot be. */
static guint64
count_values (const gint64 *shape, gsize n_dims)
{
  guint64 n_values = 1;

  for (gsize i = 0; i < n_dims; i++)
    if (shape[i] < 0 || !g_uint64_checked_mul (&n_values, n_values, shape[i]))
      return 0;
  return n_values;
}

/**
 * gten_gtk_tensor_new:
 * @name: (nullable): what it is called
 * @dtype: the type of its elements
 * @shape: (array length=n_dims): its sizes
 * @n_dims: how many
 *
 * Makes a tensor whose values are not known yet.
 *
 * Returns: (transfer full): the tensor
 */
GtenGtkTensor *
gten_gtk_tensor_new (const char *name, GtenDtype dtype, const gint64 *shape, gsize n_dims)
{
  GtenGtkTensor *self = g_object_new (GTEN_GTK_TYPE_TENSOR, NULL);

  self->name = g_strdup (name);
  self->dtype = dtype;
  self->shape = g_memdup2 (shape, n_dims * sizeof *shape);
  self->sample = g_memdup2 (shape, n_dims * sizeof *shape);
  self->steps = g_new (gint64, n_dims + 1);
  self->n_dims = n_dims;
  for (gsize i = 0; i < n_dims; i++)
    self->steps[i] = 1;
  self->n_values = count_values (shape, n_dims);
  return self;
}

/**
 * gten_gtk_tensor_new_from_tensor:
 * @name: (nullable): what it is called
 * @tensor: a tensor of this process
 * @error: return location for an error
 *
 * Makes a tensor to look at from a copy of one.
 *
 * Returns: (transfer full) (nullable): the tensor
 */
GtenGtkTensor *
gten_gtk_tensor_new_from_tensor (const char *name, GtenTensor *tensor, GError **error)
{
  g_autoptr (GBytes) bytes = gten_tensor_get_bytes (tensor, error);
  GtenGtkTensor *self;
  const gint64 *shape;
  gsize n_dims;

  if (bytes == NULL)
    return NULL;
  shape = gten_tensor_get_shape (tensor, &n_dims);
  self = gten_gtk_tensor_new (name, gten_tensor_get_dtype (tensor), shape, n_dims);
  gten_gtk_tensor_set_values (self, bytes);
  return self;
}

/**
 * gten_gtk_tensor_get_name:
 * @self: a tensor
 *
 * Returns: (nullable): what it is called
 */
const char *
gten_gtk_tensor_get_name (GtenGtkTensor *self)
{
  return self->name;
}

/**
 * gten_gtk_tensor_get_dtype:
 * @self: a tensor
 *
 * Returns: the type of its elements
 */
GtenDtype
gten_gtk_tensor_get_dtype (GtenGtkTensor *self)
{
  return self->dtype;
}

/**
 * gten_gtk_tensor_get_shape:
 * @self: a tensor
 * @n_dims: (out): number of dimensions
 *
 * Returns: (array length=n_dims): its sizes
 */
const gint64 *
gten_gtk_tensor_get_shape (GtenGtkTensor *self, gsize *n_dims)
{
  *n_dims = self->n_dims;
  return self->shape;
}

/**
 * gten_gtk_tensor_get_n_columns:
 * @self: a tensor
 *
 * Returns: the size of the last dimension of what is here; 1 without dimensions
 */
gint64
gten_gtk_tensor_get_n_columns (GtenGtkTensor *self)
{
  return self->n_dims > 0 ? self->sample[self->n_dims - 1] : 1;
}

/**
 * gten_gtk_tensor_get_n_rows:
 * @self: a tensor
 *
 * Returns: the product of all sizes but the last of what is here
 */
gint64
gten_gtk_tensor_get_n_rows (GtenGtkTensor *self)
{
  gint64 n_columns = gten_gtk_tensor_get_n_columns (self);

  return n_columns > 0 ? self->n_values / n_columns : 0;
}

/**
 * gten_gtk_tensor_describe:
 * @self: a tensor
 *
 * Returns: (transfer full): shape and dtype, such as "2×3 float32"
 */
char *
gten_gtk_tensor_describe (GtenGtkTensor *self)
{
  g_autofree char *shape = gten_gtk_format_shape (self->shape, self->n_dims);

  return g_strdup_printf ("%s %s", shape, gten_dtype_get_name (self->dtype));
}

/**
 * gten_gtk_tensor_summarize:
 * @self: a tensor
 *
 * Returns: (transfer full) (nullable): the value of a scalar, or norm, range and what is not
 *   finite; %NULL while unknown
 */
char *
gten_gtk_tensor_summarize (GtenGtkTensor *self)
{
  GtenGtkStatistics s;
  g_autofree char *norm = NULL;
  g_autofree char *minimum = NULL;
  g_autofree char *maximum = NULL;
  GString *text;

  if (self->n_values == 1 && self->values != NULL)
    return gten_gtk_tensor_format_value (self, 0);
  if (!gten_gtk_tensor_get_statistics (self, &s))
    return NULL;
  if (s.n_values == 0)
    return g_strdup (_ ("empty"));
  norm = gten_gtk_format_number (s.norm);
  minimum = gten_gtk_format_number (s.minimum);
  maximum = gten_gtk_format_number (s.maximum);
  text = g_string_new (NULL);
  g_string_append_printf (text, _ ("norm %s, %s to %s"), norm, minimum, maximum);
  if (s.n_nan > 0)
    g_string_append_printf (text, _ (", %lu NaN"), (gulong) s.n_nan);
  if (s.n_infinite > 0)
    g_string_append_printf (text, _ (", %lu infinite"), (gulong) s.n_infinite);
  return g_string_free (text, FALSE);
}

/**
 * gten_gtk_tensor_get_values:
 * @self: a tensor
 *
 * Returns: (transfer none) (nullable): its elements in row-major order, or %NULL while they are
 *   unknown
 */
GBytes *
gten_gtk_tensor_get_values (GtenGtkTensor *self)
{
  return self->values;
}

/**
 * gten_gtk_tensor_set_sample:
 * @self: a tensor
 * @values: the elements of the sample in row-major order
 * @sample: (array length=n_dims): the shape of the sample
 * @steps: (array length=n_dims): how many elements lie from one of the sample to the next, along
 *   each dimension
 * @n_dims: number of dimensions, the tensor's
 *
 * Tells some of the elements. They are refused when they do not fit the shapes.
 *
 * Returns: whether they were taken
 */
gboolean
gten_gtk_tensor_set_sample (GtenGtkTensor *self, GBytes *values, const gint64 *sample,
                            const gint64 *steps, gsize n_dims)
{
  guint64 n_values = count_values (sample, n_dims), n_bytes;
  gboolean is_sample = FALSE;

  if (n_dims != self->n_dims || gten_dtype_get_size (self->dtype) == 0
      || !g_uint64_checked_mul (&n_bytes, n_values, gten_dtype_get_size (self->dtype))
      || g_bytes_get_size (values) < n_bytes)
    return FALSE;
  for (gsize i = 0; i < n_dims; i++)
    {
      if (steps[i] < 1 || sample[i] > self->shape[i])
        return FALSE;
      is_sample |= sample[i] != self->shape[i];
    }
  memmove (self->sample, sample, n_dims * sizeof *sample);
  memmove (self->steps, steps, n_dims * sizeof *steps);
  self->n_values = n_values;
  self->is_sample = is_sample;
  g_bytes_ref (values);
  g_clear_pointer (&self->values, g_bytes_unref);
  self->values = values;
  self->wanted = self->wanted_whole = FALSE;
  self->has_statistics &= is_sample;
  forget_answers (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUES]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
  return TRUE;
}

/**
 * gten_gtk_tensor_set_values:
 * @self: a tensor
 * @values: its elements in row-major order
 *
 * Tells the elements. They are refused when there are too few of them.
 *
 * Returns: whether they were taken
 */
gboolean
gten_gtk_tensor_set_values (GtenGtkTensor *self, GBytes *values)
{
  g_autofree gint64 *ones = g_new (gint64, self->n_dims + 1);

  for (gsize i = 0; i < self->n_dims; i++)
    ones[i] = 1;
  return gten_gtk_tensor_set_sample (self, values, self->shape, ones, self->n_dims);
}

/**
 * gten_gtk_tensor_is_sample:
 * @self: a tensor
 *
 * Returns: whether only some of its elements are here
 */
gboolean
gten_gtk_tensor_is_sample (GtenGtkTensor *self)
{
  return self->is_sample;
}

/**
 * gten_gtk_tensor_format_index:
 * @self: a tensor
 * @index: which element of what is here, in row-major order
 *
 * Returns: (transfer full): where the element stands in the tensor, such as "[1, 0]"
 */
char *
gten_gtk_tensor_format_index (GtenGtkTensor *self, guint64 index)
{
  gsize n = self->place != NULL ? self->n_place : self->n_dims;
  g_autofree gint64 *at = g_new0 (gint64, n + 1);
  GString *text = g_string_new ("[");

  if (self->place != NULL)
    memcpy (at, self->place, n * sizeof *at);
  for (gsize i = self->n_dims; i > 0; i--)
    {
      guint64 size = MAX (self->sample[i - 1], 1);

      at[self->place != NULL ? self->axes[i - 1] : i - 1] = index % size * self->steps[i - 1];
      index /= size;
    }
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", at[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

/**
 * gten_gtk_tensor_want:
 * @self: a tensor
 *
 * Asks for the values, once, if they are unknown.
 */
void
gten_gtk_tensor_want (GtenGtkTensor *self)
{
  if (self->values != NULL || self->wanted)
    return;
  self->wanted = TRUE;
  g_signal_emit (self, signals[WANTED], 0);
}

/**
 * gten_gtk_tensor_want_whole:
 * @self: a tensor
 *
 * Asks for all the values where only a sample is here, or none.
 *
 * Returns: whether they are here already
 */
gboolean
gten_gtk_tensor_want_whole (GtenGtkTensor *self)
{
  if (self->values != NULL && !self->is_sample)
    return TRUE;
  if (!self->wanted_whole)
    {
      self->wanted_whole = TRUE;
      g_signal_emit (self, signals[WHOLE_WANTED], 0);
    }
  return FALSE;
}

/**
 * gten_gtk_tensor_wants_whole:
 * @self: a tensor
 *
 * Returns: whether all its values were asked for and are not here yet
 */
gboolean
gten_gtk_tensor_wants_whole (GtenGtkTensor *self)
{
  return self->wanted_whole;
}

/**
 * gten_gtk_tensor_forget:
 * @self: a tensor
 *
 * Forgets values and statistics: what they were told of is no longer so.
 */
void
gten_gtk_tensor_forget (GtenGtkTensor *self)
{
  if (self->values == NULL && !self->has_statistics && self->note == NULL && !self->wanted)
    return;
  g_clear_pointer (&self->values, g_bytes_unref);
  g_clear_pointer (&self->note, g_free);
  self->has_statistics = self->wanted = self->wanted_whole = self->is_sample = FALSE;
  forget_answers (self);
  memcpy (self->sample, self->shape, self->n_dims * sizeof *self->shape);
  for (gsize i = 0; i < self->n_dims; i++)
    self->steps[i] = 1;
  self->n_values = count_values (self->shape, self->n_dims);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUES]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

/**
 * gten_gtk_tensor_get_note:
 * @self: a tensor
 *
 * Returns: (nullable): why the values are unknown
 */
const char *
gten_gtk_tensor_get_note (GtenGtkTensor *self)
{
  return self->note;
}

guint64
gten_gtk_tensor_count (GtenGtkTensor *self)
{
  return count_values (self->shape, self->n_dims);
}

void
gten_gtk_tensor_pass_on (GtenGtkTensor *self, GtenGtkQuestion *question)
{
  g_signal_emit (self, signals[ASKED], 0, question);
}

void
gten_gtk_tensor_answered (GtenGtkTensor *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUES]);
}

/**
 * gten_gtk_tensor_set_note:
 * @self: a tensor
 * @note: (nullable): a sentence without its full stop
 *
 * Tells why the values are unknown.
 */
void
gten_gtk_tensor_set_note (GtenGtkTensor *self, const char *note)
{
  if (g_strcmp0 (self->note, note) == 0)
    return;
  g_free (self->note);
  self->note = g_strdup (note);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NOTE]);
}

static double
half_to_double (guint16 bits)
{
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double magnitude = exponent == 31 ? (fraction != 0 ? NAN : INFINITY)
                     : exponent == 0 ? ldexp (fraction, -24)
                                     : ldexp (fraction + 1024, exponent - 25);

  return bits & 0x8000 ? -magnitude : magnitude;
}

static double
bfloat_to_double (guint16 bits)
{
  union { guint32 u; float f; } wide = { .u = (guint32) bits << 16 };

  return wide.f;
}

static inline double
read_value (gconstpointer data, GtenDtype dtype, guint64 index)
{
  switch (dtype)
    {
    case GTEN_DTYPE_UINT8:
    case GTEN_DTYPE_BOOL:
      return ((const guint8 *) data)[index];
    case GTEN_DTYPE_INT8:
      return ((const gint8 *) data)[index];
    case GTEN_DTYPE_INT16:
      return ((const gint16 *) data)[index];
    case GTEN_DTYPE_INT32:
      return ((const gint32 *) data)[index];
    case GTEN_DTYPE_INT64:
      return ((const gint64 *) data)[index];
    case GTEN_DTYPE_FLOAT16:
      return half_to_double (((const guint16 *) data)[index]);
    case GTEN_DTYPE_BFLOAT16:
      return bfloat_to_double (((const guint16 *) data)[index]);
    case GTEN_DTYPE_FLOAT32:
      return ((const float *) data)[index];
    case GTEN_DTYPE_FLOAT64:
      return ((const double *) data)[index];
    default:
      return NAN;
    }
}

/**
 * gten_gtk_tensor_get_value:
 * @self: a tensor whose values are known
 * @index: which element, in row-major order
 *
 * Returns: the element; not a number if there is none
 */
double
gten_gtk_tensor_get_value (GtenGtkTensor *self, guint64 index)
{
  if (self->values == NULL || index >= self->n_values)
    return NAN;
  return read_value (g_bytes_get_data (self->values, NULL), self->dtype, index);
}

/**
 * gten_gtk_tensor_format_value:
 * @self: a tensor whose values are known
 * @index: which element, in row-major order
 *
 * Returns: (transfer full): the element as text
 */
char *
gten_gtk_tensor_format_value (GtenGtkTensor *self, guint64 index)
{
  double value = gten_gtk_tensor_get_value (self, index);

  if (self->dtype == GTEN_DTYPE_BOOL)
    return g_strdup (value != 0 ? "True" : "False");
  if (self->dtype == GTEN_DTYPE_INT64 && self->values != NULL && index < self->n_values)
    return g_strdup_printf ("%" G_GINT64_FORMAT,
                            ((const gint64 *) g_bytes_get_data (self->values, NULL))[index]);
  return gten_gtk_format_number (value);
}

/**
 * gten_gtk_tensor_get_statistics:
 * @self: a tensor
 * @statistics: (out caller-allocates): return location
 *
 * Computes the statistics from the values unless they were told.
 *
 * Returns: whether they are known
 */
gboolean
gten_gtk_tensor_get_statistics (GtenGtkTensor *self, GtenGtkStatistics *statistics)
{
  if (!self->has_statistics && self->values != NULL)
    {
      gconstpointer data = g_bytes_get_data (self->values, NULL);
      double sum = 0, sum_of_squares = 0;
      guint64 n_finite = 0;
      GtenGtkStatistics s = { .n_values = self->n_values, .minimum = INFINITY,
                              .maximum = -INFINITY };

      for (guint64 i = 0; i < self->n_values; i++)
        {
          double value = read_value (data, self->dtype, i);

          if (isnan (value))
            s.n_nan++;
          else if (isinf (value))
            s.n_infinite++;
          else
            {
              n_finite++;
              sum += value;
              sum_of_squares += value * value;
              s.minimum = MIN (s.minimum, value);
              s.maximum = MAX (s.maximum, value);
            }
        }
      s.mean = sum / n_finite;
      s.norm = s.n_nan > 0 ? NAN : s.n_infinite > 0 ? INFINITY : n_finite > 0 ? sqrt (sum_of_squares) : NAN;
      if (n_finite == 0)
        s.minimum = s.maximum = NAN;
      self->statistics = s;
      self->has_statistics = TRUE;
    }
  *statistics = self->statistics;
  return self->has_statistics;
}

/**
 * gten_gtk_tensor_set_statistics:
 * @self: a tensor
 * @statistics: what is known of its values
 *
 * Tells the statistics where the values themselves are far away.
 */
void
gten_gtk_tensor_set_statistics (GtenGtkTensor *self, const GtenGtkStatistics *statistics)
{
  self->statistics = *statistics;
  self->has_statistics = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

/**
 * gten_gtk_format_shape:
 * @shape: (array length=n_dims): sizes
 * @n_dims: how many
 *
 * Returns: (transfer full): such as "2×3", or "scalar"
 */
char *
gten_gtk_format_shape (const gint64 *shape, gsize n_dims)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "×" : "", shape[i]);
  if (n_dims == 0)
    g_string_append (text, "scalar");
  return g_string_free (text, FALSE);
}

/**
 * gten_gtk_format_number:
 * @value: a number
 *
 * Returns: (transfer full): the number in as few characters as a reader needs: four significant
 *   digits
 */
char *
gten_gtk_format_number (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("NaN");
  if (isinf (value))
    return g_strdup (value > 0 ? "∞" : "−∞");
  g_ascii_formatd (text, sizeof text,
                   value == trunc (value) && fabs (value) < 1e7 ? "%.0f" : "%.4g", value);
  return text[0] == '-' ? g_strconcat ("−", text + 1, NULL) : g_strdup (text);
}
