/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Random numbers: each draws from the generator given, or from the device's, under its lock. */
#include "device/gten-generator-private.h"
#include "ops/gten-run-private.h"

#include <math.h>

/* -- drawing ----------------------------------------------------------------------------------- */

static GtenGenerator *
generator_for (const GtenArg *arg, GtenTensor *tensor, GError **error)
{
  GtenDevice *device = tensor->storage->device, *other;

  if (arg == NULL || !arg->given || arg->object == NULL)
    return gten_device_get_generator (device);
  other = gten_generator_get_device (arg->object);
  if (g_str_equal (gten_device_get_kind (other), gten_device_get_kind (device)))
    return arg->object;
  gten_call_fail (error, GTEN_ERROR_DEVICE, "Expected a '%s' device type for generator but found '%s'",
                  gten_device_get_kind (device), gten_device_get_kind (other));
  return NULL;
}

static gboolean
draw_with (GtenTensor *tensor, const GtenArg *generator, GtenKRandom kind, const GtenKScalar *params,
           const char *op, GError **error)
{
  GtenGenerator *source;
  GtenKGenerator *state;
  GtenKArray out;
  gboolean drawn;

  if (tensor == NULL || tensor->numel == 0)
    return tensor != NULL;
  source = generator_for (generator, tensor, error);
  if (source == NULL)
    return FALSE;
  out = gten_array (tensor);
  state = gten_generator_begin_draw (source, error);
  if (state == NULL)
    return FALSE;
  drawn = GTEN_KERNEL (tensor, op, error, NULL, random, state, kind, params, &out);
  gten_generator_end_draw (source, state);
  return drawn;
}

static gboolean
draw (GtenTensor *tensor, const GtenArg *generator, GtenKRandom kind, GtenKScalar a, GtenKScalar b,
      const char *op, GError **error)
{
  return draw_with (tensor, generator, kind, (const GtenKScalar[GTEN_K_MAX_PARAMS]){ a, b }, op, error);
}

#define REAL(x) ((GtenKScalar){ .f = (x) })
#define WHOLE(x) ((GtenKScalar){ .i = (x) })

static gboolean
check_floating (GtenTensor *tensor, const char *op, GError **error)
{
  if (tensor == NULL)
    return FALSE;
  if (!gten_is_floating (tensor))
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"%s\" not implemented for '%s'", op,
                           gten_dtype_title ((GtenDtype) tensor->dtype));
  return TRUE;
}

/* Whether numbers may be drawn up to `bound`: a finite one of the dtype, but any integer is one of int64. */
static gboolean
check_bound (const char *name, double bound, GtenDtype dtype, GError **error)
{
  static const struct { const char *name; double low, high; } ranges[] = {
    [GTEN_DTYPE_UINT8] = { "unsigned char", 0, G_MAXUINT8 }, [GTEN_DTYPE_INT8] = { "signed char", G_MININT8, G_MAXINT8 },
    [GTEN_DTYPE_INT16] = { "short", G_MININT16, G_MAXINT16 }, [GTEN_DTYPE_INT32] = { "int", G_MININT32, G_MAXINT32 },
    [GTEN_DTYPE_FLOAT16] = { "c10::Half", -65504, 65504 }, [GTEN_DTYPE_BFLOAT16] = { "c10::BFloat16", -0x1.fep127, 0x1.fep127 },
    [GTEN_DTYPE_FLOAT32] = { "float", -G_MAXFLOAT, G_MAXFLOAT }, [GTEN_DTYPE_FLOAT64] = { "double", -G_MAXDOUBLE, G_MAXDOUBLE },
    [GTEN_DTYPE_BOOL] = { "bool", 0, 1 },
  };

  if (ranges[dtype].name == NULL || (bound >= ranges[dtype].low && bound <= ranges[dtype].high))
    return TRUE;
  return gten_call_fail (error, GTEN_ERROR_VALUE, "%s is out of bounds for %s", name, ranges[dtype].name);
}

static gboolean
fill_integers (GtenTensor *tensor, const GtenArg *generator, gint64 from, gint64 to, GError **error)
{
  if (from >= to)
    return gten_call_fail (
        error, GTEN_ERROR_VALUE,
        "random_ expects 'from' to be less than 'to', but got from=%" G_GINT64_FORMAT
        " >= to=%" G_GINT64_FORMAT,
        from, to);
  if (tensor == NULL || !check_bound ("from", from, (GtenDtype) tensor->dtype, error)
      || !check_bound ("to - 1", to - 1, (GtenDtype) tensor->dtype, error))
    return FALSE;
  return draw (tensor, generator, GTEN_K_RANDOM_INTEGER, WHOLE (from), WHOLE (to), "random_",
               error);
}

/* -- new tensors ------------------------------------------------------------------------------- */

/* Result 0 of a creation op; the arguments from `at` on are generator, dtype and device. */
static GtenTensor *
create (GtenCall *call, guint at, GtenDtype dtype, guint n_dims, const gint64 *sizes,
        GError **error)
{
  const GtenArg *arg = &call->args[at];

  if (arg[1].given)
    dtype = (GtenDtype) arg[1].i;
  if (call->out)
    return gten_call_result (call, 0, arg[1].given ? dtype : (GtenDtype) call->results[0]->dtype,
                             n_dims, sizes, error);
  call->results[0]
      = gten_apply_empty (sizes, n_dims, dtype, arg[2].given ? arg[2].object : NULL, error);
  return call->results[0];
}

static GtenTensor *
create_like (GtenCall *call, const GtenArg *dtype, GError **error)
{
  call->results[0] = gten_apply_empty_like (
      call->tensors[0], dtype[0].given ? (GtenDtype) dtype[0].i : GTEN_DTYPE_NONE,
      dtype[1].given ? dtype[1].object : NULL, error);
  return call->results[0];
}

gboolean
gten_run_rand (GtenCall *call, GError **error)
{
  GtenTensor *result = create (call, 1, gten_get_default_dtype (), (guint) call->args[0].n,
                               call->args[0].ints, error);

  return check_floating (result, "check_uniform_bounds", error)
         && draw (result, &call->args[1], GTEN_K_RANDOM_UNIFORM, REAL (0), REAL (1), "rand", error);
}

gboolean
gten_run_randn (GtenCall *call, GError **error)
{
  GtenTensor *result = create (call, 1, gten_get_default_dtype (), (guint) call->args[0].n,
                               call->args[0].ints, error);

  return check_floating (result, "normal_kernel_cpu", error)
         && draw (result, &call->args[1], GTEN_K_RANDOM_NORMAL, REAL (0), REAL (1), "randn", error);
}

gboolean
gten_run_randint (GtenCall *call, GError **error)
{
  return fill_integers (
      create (call, 2, GTEN_DTYPE_INT64, (guint) call->args[1].n, call->args[1].ints, error),
      &call->args[2], 0, call->args[0].i, error);
}

gboolean
gten_run_randint_low (GtenCall *call, GError **error)
{
  return fill_integers (
      create (call, 3, GTEN_DTYPE_INT64, (guint) call->args[2].n, call->args[2].ints, error),
      &call->args[3], call->args[0].i, call->args[1].i, error);
}

/* Whether all integers below `n` are numbers of the dtype. */
static gboolean
check_holds (GtenDtype dtype, gint64 n, GError **error)
{
  static const guint8 bits[] = {
    [GTEN_DTYPE_UINT8] = 8,     [GTEN_DTYPE_INT8] = 7,     [GTEN_DTYPE_INT16] = 15,
    [GTEN_DTYPE_INT32] = 31,    [GTEN_DTYPE_INT64] = 62,   [GTEN_DTYPE_FLOAT16] = 11,
    [GTEN_DTYPE_BFLOAT16] = 8,  [GTEN_DTYPE_FLOAT32] = 24, [GTEN_DTYPE_FLOAT64] = 53,
  };

  if (dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"randperm\" not implemented for 'Bool'");
  if (n <= (gint64) 1 << bits[dtype])
    return TRUE;
  if (!gten_dtype_is_floating_point (dtype))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "value cannot be converted to type %s_t without overflow",
                           gten_dtype_get_name (dtype));
  return gten_call_fail (error, GTEN_ERROR_VALUE, "n cannot be greater than 2^%d for %s type.",
                         bits[dtype], gten_dtype_title (dtype));
}

gboolean
gten_run_randperm (GtenCall *call, GError **error)
{
  gint64 n = call->args[0].i;
  GtenDtype dtype = GTEN_DTYPE_INT64;
  GtenTensor *result;
  GtenGenerator *source;
  GtenKGenerator *state;
  GtenKArray out;
  gboolean drawn;

  if (n < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Trying to create tensor with negative dimension %" G_GINT64_FORMAT
                           ": [%" G_GINT64_FORMAT "]",
                           n, n);
  if (call->args[2].given)
    dtype = (GtenDtype) call->args[2].i;
  else if (call->out)
    dtype = (GtenDtype) call->results[0]->dtype;
  if (!check_holds (dtype, n, error))
    return FALSE;
  result = create (call, 1, GTEN_DTYPE_INT64, 1, &n, error);
  if (result == NULL || n == 0)
    return result != NULL;
  source = generator_for (&call->args[1], result, error);
  if (source == NULL)
    return FALSE;
  out = gten_array (result);
  state = gten_generator_begin_draw (source, error);
  if (state == NULL)
    return FALSE;
  drawn = GTEN_KERNEL (result, "randperm", error, NULL, randperm, state, n, &out);
  gten_generator_end_draw (source, state);
  return drawn;
}

gboolean
gten_run_rand_like (GtenCall *call, GError **error)
{
  GtenTensor *result = create_like (call, &call->args[1], error);

  return check_floating (result, "check_uniform_bounds", error)
         && draw (result, &call->args[0], GTEN_K_RANDOM_UNIFORM, REAL (0), REAL (1), "rand_like",
                  error);
}

gboolean
gten_run_randn_like (GtenCall *call, GError **error)
{
  GtenTensor *result = create_like (call, &call->args[1], error);

  return check_floating (result, "normal_kernel_cpu", error)
         && draw (result, &call->args[0], GTEN_K_RANDOM_NORMAL, REAL (0), REAL (1), "randn_like",
                  error);
}

gboolean
gten_run_randint_like (GtenCall *call, GError **error)
{
  return fill_integers (create_like (call, &call->args[1], error), NULL, 0, call->args[0].i, error);
}

gboolean
gten_run_randint_like_low (GtenCall *call, GError **error)
{
  return fill_integers (create_like (call, &call->args[2], error), NULL, call->args[0].i,
                        call->args[1].i, error);
}

/* -- normal ------------------------------------------------------------------------------------ */

static gboolean
check_std (double std, GError **error)
{
  if (!(std >= 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE, "normal expects std >= 0.0, but found std %g",
                           std);
  return TRUE;
}

gboolean
gten_run_normal (GtenCall *call, GError **error)
{
  GtenTensor *result;

  if (!check_std (call->args[1].f, error))
    return FALSE;
  result = create (call, 3, gten_get_default_dtype (), (guint) call->args[2].n, call->args[2].ints,
                   error);
  return check_floating (result, "normal_kernel_cpu", error)
         && draw (result, &call->args[3], GTEN_K_RANDOM_NORMAL, REAL (call->args[0].f),
                  REAL (call->args[1].f), "normal", error);
}

static gboolean
check_stds (GtenTensor *std, GError **error)
{
  g_autoptr (GtenTensor) negative = NULL;

  if (!gten_can_look (std))
    return TRUE;
  negative = gten_tensor_lt_scalar (std, GTEN_VALUE (0), error);
  return gten_check_none (negative, GTEN_ERROR_VALUE, "normal expects all elements of std >= 0.0", error);
}

/* Standard normal numbers times std plus mean, each a tensor or a number. */
static gboolean
run_normal_tensors (GtenCall *call, GtenTensor *mean, GtenTensor *std, double mean_number,
                    double std_number, const GtenArg *generator, GError **error)
{
  GtenTensor *model = mean != NULL ? mean : std;
  gint64 sizes[GTEN_MAX_DIMS];
  guint n_dims;
  g_autoptr (GtenTensor) noise = NULL, scaled = NULL;

  if (std == NULL ? !check_std (std_number, error) : !check_stds (std, error))
    return FALSE;
  if (!gten_shape_broadcast (model->n_dims, gten_sizes (model),
                             std != NULL ? std->n_dims : model->n_dims,
                             gten_sizes (std != NULL ? std : model), &n_dims, sizes, error))
    return FALSE;
  noise = gten_apply_empty (sizes, n_dims, (GtenDtype) model->dtype, model->storage->device, error);
  if (!check_floating (noise, "normal_kernel_cpu", error)
      || !draw (noise, generator, GTEN_K_RANDOM_NORMAL, REAL (0), REAL (1), "normal", error))
    return FALSE;
  scaled = std != NULL ? gten_tensor_mul (noise, std, error)
                       : gten_tensor_mul_scalar (noise, GTEN_VALUE (std_number), error);
  if (scaled == NULL)
    return FALSE;
  return gten_call_give (call, 0,
                         mean != NULL
                             ? gten_tensor_add (scaled, mean, error)
                             : gten_tensor_add_scalar (scaled, GTEN_VALUE (mean_number), error),
                         error);
}

gboolean
gten_run_normal_mean (GtenCall *call, GError **error)
{
  return run_normal_tensors (call, call->tensors[0], NULL, 0, call->args[0].f, &call->args[1],
                             error);
}

gboolean
gten_run_normal_tensors (GtenCall *call, GError **error)
{
  return run_normal_tensors (call, call->tensors[0], call->tensors[1], 0, 0, &call->args[0], error);
}

gboolean
gten_run_normal_std (GtenCall *call, GError **error)
{
  return run_normal_tensors (call, NULL, call->tensors[0], call->args[0].f, 0, &call->args[1],
                             error);
}

/* -- Bernoulli and multinomial ----------------------------------------------------------------- */

static gboolean
check_probability (double p, GError **error)
{
  if (!(p >= 0 && p <= 1))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "bernoulli_ expects p to be in [0, 1], but got p=%g", p);
  return TRUE;
}

static gboolean
check_probabilities (GtenTensor *p, GError **error)
{
  g_autoptr (GtenTensor) low = NULL, high = NULL, inside = NULL, outside = NULL;

  if (!gten_can_look (p))
    return TRUE;
  low = gten_tensor_ge_scalar (p, GTEN_VALUE (0), error);
  high = gten_tensor_le_scalar (p, GTEN_VALUE (1), error);
  inside = gten_tensor_logical_and (low, high, error);
  outside = gten_tensor_logical_not (inside, error);
  return gten_check_none (outside, GTEN_ERROR_VALUE, "Expected p_in >= 0 && p_in <= 1 to be true, but got false.", error);
}

/* Writes to `result` whether uniform numbers lie below `p`. */
static gboolean
draw_below (GtenTensor *result, GtenTensor *p, const GtenArg *generator, GError **error)
{
  g_autoptr (GtenTensor) wide = NULL, uniform = NULL, hit = NULL;

  if (result->numel == 0)
    return TRUE;
  if (!check_probabilities (p, error))
    return FALSE;
  wide = gten_apply_expand (p, gten_sizes (result), result->n_dims, error);
  if (wide == NULL)
    return FALSE;
  uniform = gten_tensor_alloc ((GtenDtype) p->dtype, result->n_dims, gten_sizes (result),
                               result->storage->device, error);
  if (!draw (uniform, generator, GTEN_K_RANDOM_UNIFORM, REAL (0), REAL (1), "bernoulli", error))
    return FALSE;
  g_clear_object (&hit);
  hit = gten_tensor_lt (uniform, wide, error);
  return hit != NULL && gten_copy_elements (result, hit, error);
}

gboolean
gten_run_bernoulli (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;

  if (!check_floating (self, "bernoulli_tensor_cpu_self_", error))
    return FALSE;
  result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  return result != NULL && draw_below (result, self, &call->args[0], error);
}

gboolean
gten_run_bernoulli_p (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;

  if (!check_probability (call->args[0].f, error))
    return FALSE;
  result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  return draw (result, &call->args[1], GTEN_K_RANDOM_BERNOULLI, REAL (call->args[0].f), REAL (0),
               "bernoulli", error);
}

/* Without replacement: the largest of the weights divided by exponential numbers (Gumbel's trick).
 * With it: where uniform numbers fall among the sums of the weights. */
gboolean
gten_run_multinomial (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  gint64 n_samples = call->args[0].i, n_categories;
  gboolean replacement = call->args[1].i != 0;
  const gint64 last = -1;
  g_autoptr (GtenTensor) good = NULL, bad = NULL, count = NULL, sums = NULL, empty = NULL,
                         keys = NULL, ratio = NULL, values = NULL, chosen = NULL;
  gint64 n_bad = 0;

  if (self->n_dims < 1 || self->n_dims > 2)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "prob_dist must be 1 or 2 dim");
  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "multinomial only supports floating-point dtypes for input, got: %s",
                           gten_dtype_title ((GtenDtype) self->dtype));
  if (call->out && call->results[0]->dtype != GTEN_DTYPE_INT64)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "multinomial expects Long tensor out, got: %s",
                           gten_dtype_title ((GtenDtype) call->results[0]->dtype));
  if (n_samples <= 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "cannot sample n_sample <= 0 samples");
  n_categories = gten_size (self, self->n_dims - 1);
  if (!replacement && n_samples > n_categories)
    return gten_call_fail (
        error, GTEN_ERROR_VALUE,
        "cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  if (n_categories > 1 << 24)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "number of categories cannot exceed 2^24");
  good = gten_tensor_ge_scalar (self, GTEN_VALUE (0), error);
  keys = gten_tensor_isfinite (self, error);
  values = gten_tensor_logical_and (good, keys, error);
  bad = gten_tensor_logical_not (values, error);
  count = gten_tensor_sum (bad, error);
  if (count == NULL || (gten_can_look (self) && !gten_read_int (count, &n_bad, error)))
    return FALSE;
  if (n_bad > 0 && replacement && n_samples > 1)
    {
      g_autoptr (GtenTensor) below = gten_tensor_logical_not (good, error), number = gten_tensor_sum (below, error);
      gint64 n_below;

      if (number == NULL || !gten_read_int (number, &n_below, error))
        return FALSE;
      return gten_call_fail (error, GTEN_ERROR_VALUE, "invalid multinomial distribution (encountering probability entry %s)",
                             n_below > 0 ? "< 0" : "= infinity or NaN");
    }
  if (n_bad > 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "probability tensor contains either `inf`, `nan` or element < 0");
  sums = gten_apply_sum (self, &last, 1, TRUE, GTEN_DTYPE_NONE, error);
  empty = sums == NULL ? NULL : gten_tensor_le_scalar (sums, GTEN_VALUE (0), error);
  g_clear_object (&count);
  count = gten_tensor_sum (empty, error);
  if (count == NULL || !gten_read_int (count, &n_bad, error))
    return FALSE;
  if (n_bad > 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "invalid multinomial distribution (sum of probabilities <= 0)");
  g_clear_object (&keys);
  g_clear_object (&values);
  if (!replacement || n_samples == 1)
    {
      keys = gten_tensor_alloc ((GtenDtype) self->dtype, self->n_dims, gten_sizes (self),
                                self->storage->device, error);
      if (!draw (keys, &call->args[2], GTEN_K_RANDOM_EXPONENTIAL, REAL (1), REAL (0), "multinomial",
                 error))
        return FALSE;
      ratio = gten_tensor_div (self, keys, error);
      values = n_samples == 1 ? NULL : gten_tensor_topk (ratio, n_samples, &chosen, error);
      if (n_samples == 1)
        chosen = gten_apply_argmax (ratio, -1, TRUE, error);
    }
  else
    {
      const gint64 sizes[] = { self->n_dims == 2 ? gten_size (self, 0) : n_samples, n_samples };
      g_autoptr (GtenTensor) cumulative = gten_tensor_cumsum (self, -1, error),
                             shares = gten_tensor_div (cumulative, sums, error);

      keys = gten_tensor_alloc (GTEN_DTYPE_FLOAT64, self->n_dims, sizes, self->storage->device,
                                error);
      if (shares == NULL
          || !draw (keys, &call->args[2], GTEN_K_RANDOM_UNIFORM, REAL (0), REAL (1), "multinomial",
                    error))
        return FALSE;
      ratio = gten_apply_searchsorted (shares, keys, FALSE, FALSE, error);
      chosen = ratio == NULL
                   ? NULL
                   : gten_tensor_clamp_max_scalar (ratio, GTEN_VALUE (n_categories - 1), error);
    }
  return gten_call_give (call, 0, g_steal_pointer (&chosen), error);
}

/* -- other distributions ----------------------------------------------------------------------- */

static gboolean
check_rates (GtenTensor *rate, GError **error)
{
  g_autoptr (GtenTensor) good = NULL, bad = NULL;

  if (!gten_can_look (rate))
    return TRUE;
  good = gten_tensor_ge_scalar (rate, GTEN_VALUE (0), error);
  bad = gten_tensor_logical_not (good, error);  /* NaN is among them */
  return gten_check_none (bad, GTEN_ERROR_VALUE, "invalid Poisson rate, expected rate to be non-negative", error);
}

gboolean
gten_run_poisson (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;

  if (!check_floating (self, "poisson_cpu", error) || !check_rates (self, error))
    return FALSE;
  result = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);
  return result != NULL && gten_copy_elements (result, self, error)
         && draw (result, &call->args[0], GTEN_K_RANDOM_POISSON, REAL (0), REAL (0), "poisson", error);
}

/* Straight through: `hard` results are one where the softmax is largest, with the gradient of the softmax. */
gboolean
gten_run_gumbel_softmax (GtenCall *call, GError **error)
{
  GtenTensor *logits = call->tensors[0];
  const double tau = call->args[0].f;
  const gint64 dim = call->args[3].i;
  g_autoptr (GtenTensor) draws = NULL, logarithm = NULL, noisy = NULL, scaled = NULL, soft = NULL, best = NULL, most = NULL,
                         zeros = NULL, hard = NULL, constant = NULL, difference = NULL;

  if (!check_floating (logits, "exponential_", error))
    return FALSE;
  draws = gten_apply_new_empty (logits, gten_sizes (logits), logits->n_dims, GTEN_DTYPE_NONE, NULL, error);
  if (draws == NULL || !draw (draws, NULL, GTEN_K_RANDOM_EXPONENTIAL, REAL (1), REAL (0), "exponential_", error))
    return FALSE;
  logarithm = gten_tensor_log (draws, error);
  noisy = gten_tensor_sub (logits, logarithm, error);
  scaled = gten_tensor_div_scalar (noisy, GTEN_VALUE (tau), error);
  soft = gten_tensor_softmax (scaled, dim, error);
  if (call->args[1].i == 0)
    return gten_call_give (call, 0, g_steal_pointer (&soft), error);
  most = gten_apply_max_dim (soft, dim, TRUE, &best, error);
  zeros = gten_apply_zeros_like (logits, GTEN_DTYPE_NONE, NULL, error);
  hard = gten_apply_scatter_value (zeros, dim, best, gten_scalar_float (1), error);
  constant = soft == NULL ? NULL : gten_tensor_detach (soft, error);
  difference = gten_tensor_sub (hard, constant, error);
  return gten_call_give (call, 0, gten_tensor_add (difference, soft, error), error);
}

/* -- in place ---------------------------------------------------------------------------------- */

gboolean
gten_run_uniform (GtenCall *call, GError **error)
{
  double from = call->args[0].f, to = call->args[1].f;

  if (!check_floating (call->tensors[0], "check_uniform_bounds", error))
    return FALSE;
  if (!check_bound ("from", from, (GtenDtype) call->tensors[0]->dtype, error)
      || !check_bound ("to", to, (GtenDtype) call->tensors[0]->dtype, error))
    return FALSE;
  if (!(from <= to))
    return gten_call_fail (
        error, GTEN_ERROR_VALUE,
        "uniform_ expects to return a [from, to) range, but found from=%g > to=%g", from, to);
  return draw (call->tensors[0], &call->args[2], GTEN_K_RANDOM_UNIFORM, REAL (from), REAL (to),
               "uniform_", error);
}

gboolean
gten_run_normal_fill (GtenCall *call, GError **error)
{
  return check_std (call->args[1].f, error)
         && check_floating (call->tensors[0], "normal_kernel_cpu", error)
         && draw (call->tensors[0], &call->args[2], GTEN_K_RANDOM_NORMAL, REAL (call->args[0].f),
                  REAL (call->args[1].f), "normal_", error);
}

gboolean
gten_run_bernoulli_fill (GtenCall *call, GError **error)
{
  return check_probability (call->args[0].f, error)
         && draw (call->tensors[0], &call->args[1], GTEN_K_RANDOM_BERNOULLI, REAL (call->args[0].f),
                  REAL (0), "bernoulli_", error);
}

gboolean
gten_run_bernoulli_tensor_fill (GtenCall *call, GError **error)
{
  return check_floating (call->tensors[1], "bernoulli_tensor_cpu_p_", error)
         && draw_below (call->tensors[0], call->tensors[1], &call->args[0], error);
}

gboolean
gten_run_exponential (GtenCall *call, GError **error)
{
  if (!(call->args[0].f > 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "exponential_ expects lambda > 0.0, but found lambda=%g",
                           call->args[0].f);
  if (!gten_is_floating (call->tensors[0]))
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "Exponential distribution is a continuous probability distribution. "
                           "dtype must be a floating point "
                           "but you specified %s",
                           gten_dtype_title ((GtenDtype) call->tensors[0]->dtype));
  return draw (call->tensors[0], &call->args[1], GTEN_K_RANDOM_EXPONENTIAL, REAL (call->args[0].f),
               REAL (0), "exponential_", error);
}

/* One more than the largest integer up to which a dtype represents all. */
static gint64
integer_bound (GtenDtype dtype)
{
  switch (dtype)
    {
    case GTEN_DTYPE_BOOL:
      return 2;
    case GTEN_DTYPE_UINT8:
      return (gint64) G_MAXUINT8 + 1;
    case GTEN_DTYPE_INT8:
      return (gint64) G_MAXINT8 + 1;
    case GTEN_DTYPE_INT16:
      return (gint64) G_MAXINT16 + 1;
    case GTEN_DTYPE_INT32:
      return (gint64) G_MAXINT32 + 1;
    case GTEN_DTYPE_FLOAT16:
      return (1 << 11) + 1;
    case GTEN_DTYPE_BFLOAT16:
      return (1 << 8) + 1;
    case GTEN_DTYPE_FLOAT32:
      return (1 << 24) + 1;
    case GTEN_DTYPE_FLOAT64:
      return (G_GINT64_CONSTANT (1) << 53) + 1;
    default:
      return G_MAXINT64;
    }
}

gboolean
gten_run_random (GtenCall *call, GError **error)
{
  const GtenDtype dtype = (GtenDtype) call->tensors[0]->dtype;
  const GtenKScalar params[GTEN_K_MAX_PARAMS] = { WHOLE (0), WHOLE (integer_bound (dtype)), WHOLE (dtype == GTEN_DTYPE_INT32) };

  return draw_with (call->tensors[0], &call->args[0], GTEN_K_RANDOM_INTEGER, params, "random_", error);
}

gboolean
gten_run_random_to (GtenCall *call, GError **error)
{
  return fill_integers (call->tensors[0], &call->args[1], 0, call->args[0].i, error);
}

gboolean
gten_run_random_from (GtenCall *call, GError **error)
{
  return fill_integers (
      call->tensors[0], &call->args[2], call->args[0].i,
      call->args[1].given ? call->args[1].i : integer_bound ((GtenDtype) call->tensors[0]->dtype),
      error);
}

/* Uniform numbers in float64, in the shape of self, for the distributions that are functions of
 * them. */
static GtenTensor *
uniform_like (GtenTensor *self, const GtenArg *generator, const char *op, GError **error)
{
  g_autoptr (GtenTensor) uniform = gten_empty_as (self, GTEN_DTYPE_FLOAT64, self->storage->device, error);

  if (!draw (uniform, generator, GTEN_K_RANDOM_UNIFORM, REAL (0), REAL (1), op, error))
    return NULL;
  return g_steal_pointer (&uniform);
}

gboolean
gten_run_geometric (GtenCall *call, GError **error)
{
  double p = call->args[0].f;
  g_autoptr (GtenTensor) uniform = NULL, logs = NULL, trials = NULL, whole = NULL;

  if (!(p > 0 && p < 1))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "geometric_ expects p to be in (0, 1), but got p=%g", p);
  uniform = uniform_like (call->tensors[0], &call->args[1], "geometric_", error);
  logs = gten_tensor_log (uniform, error);
  trials = gten_tensor_div_scalar (logs, GTEN_VALUE (log (1 - p)), error);
  whole = gten_tensor_ceil (trials, error);
  return whole != NULL && gten_copy_elements (call->tensors[0], whole, error);
}

gboolean
gten_run_log_normal (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const gint64 apart[] = { self->numel, 2 };
  g_autoptr (GtenTensor) room = NULL, logs = NULL, line = NULL, normal = NULL, result = NULL;

  if (!(call->args[1].f > 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "log_normal_ expects std > 0.0, but found std=%g", call->args[1].f);
  if (!check_floating (self, "log_normal_cpu", error))
    return FALSE;
  /* PyTorch draws these normals one by one, as it does where elements lie apart. */
  room = gten_tensor_alloc (GTEN_DTYPE_FLOAT64, 2, apart, self->storage->device, error);
  normal = room == NULL ? NULL : gten_geometry_select (room, 1, 0);
  logs = gten_empty_as (self, GTEN_DTYPE_FLOAT64, self->storage->device, error);
  if (normal == NULL || logs == NULL
      || !draw (normal, &call->args[2], GTEN_K_RANDOM_NORMAL, REAL (call->args[0].f), REAL (call->args[1].f), "log_normal_", error))
    return FALSE;
  line = gten_geometry (logs, 1, apart, (const gint64[]){ 1 }, 0);
  if (!gten_copy_elements (line, normal, error))
    return FALSE;
  result = gten_tensor_exp (logs, error);
  return result != NULL && gten_copy_elements (self, result, error);
}

gboolean
gten_run_cauchy (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  g_autoptr (GtenTensor) uniform = NULL, centred = NULL, angle = NULL, tangent = NULL,
                         scaled = NULL, result = NULL;

  if (!(call->args[1].f > 0))
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "cauchy_ expects sigma > 0.0, but found sigma=%g", call->args[1].f);
  if (!gten_is_floating (self))
    return gten_call_fail (error, GTEN_ERROR_DTYPE,
                           "Cauchy distribution is a continuous probability distribution. dtype "
                           "must be a floating point but you "
                           "specified %s",
                           gten_dtype_title ((GtenDtype) self->dtype));
  uniform = uniform_like (self, &call->args[2], "cauchy_", error);
  centred = gten_tensor_sub_scalar (uniform, GTEN_VALUE (0.5), error);
  angle = gten_tensor_mul_scalar (centred, GTEN_VALUE (G_PI), error);
  tangent = gten_tensor_tan (angle, error);
  scaled = gten_tensor_mul_scalar (tangent, GTEN_VALUE (call->args[1].f), error);
  result = gten_tensor_add_scalar (scaled, GTEN_VALUE (call->args[0].f), error);
  return result != NULL && gten_copy_elements (self, result, error);
}
