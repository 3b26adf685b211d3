/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Element-wise operations: promotion, broadcasting, and a program of one instruction.
 *
 * A small operation on tensors that lie in memory as its kernel wants them calls the kernel itself;
 * everything else goes through the backend, which loads, converts and splits the work. */
#include "ops/gten-call-private.h"

#include "ops/gten-run-private.h"

#include <math.h>
#include <string.h>

/* A number is spread out to so many elements for a kernel that is called directly. */
#define MAX_SPREAD 256

/* -- promotion --------------------------------------------------------------------------------- */

/* The dtypes that dimensioned tensors, 0-d tensors and numbers bring in, each promoted among
 * themselves. */
typedef struct
{
  GtenDtype dimensioned, zero_dim, number;
} Promotion;

static GtenDtype
promote_any (GtenDtype a, GtenDtype b)
{
  return a == GTEN_DTYPE_NONE ? b : b == GTEN_DTYPE_NONE ? a : gten_promote_types (a, b);
}

/* A lower rank decides only if it is of a higher category. */
static GtenDtype
combine (GtenDtype higher, GtenDtype lower)
{
  if (gten_dtype_category (higher) == 2)
    return higher;
  if (gten_dtype_category (higher) <= 0 || gten_dtype_category (lower) == 2)
    return promote_any (higher, lower);
  return higher;
}

static GtenDtype
common_dtype (const GtenCall *call)
{
  const GtenOpInfo *op = call->op;
  Promotion p = { GTEN_DTYPE_NONE, GTEN_DTYPE_NONE, GTEN_DTYPE_NONE };

  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];
      GtenDtype dtype = (GtenDtype) tensor->dtype;

      if (!(op->promote_from >> i & 1))
        continue;
      if (tensor->wrapped)
        p.number = promote_any (p.number,
                                dtype == GTEN_DTYPE_FLOAT64 ? gten_get_default_dtype () : dtype);
      else if (tensor->n_dims == 0)
        p.zero_dim = promote_any (p.zero_dim, dtype);
      else
        p.dimensioned = promote_any (p.dimensioned, dtype);
    }
  for (guint32 i = 0, rest = op->promote_args; rest != 0; i++, rest >>= 1)
    if (rest & 1 && call->args[i].given)
      p.number = promote_any (p.number, gten_scalar_dtype (&call->args[i].scalar));
  return combine (p.dimensioned, combine (p.zero_dim, p.number));
}

/* The dtype to compute in. */
static gboolean
promote (const GtenCall *call, GtenDtype *common, GError **error)
{
  const GtenOpInfo *op = call->op;
  GtenTensor *first = call->tensors[0];
  gboolean floating, uniform = !first->wrapped && op->promote_args == 0 && op->promote_from == (1u << call->n_tensors) - 1;

  for (guint i = 1; uniform && i < call->n_tensors; i++)
    uniform = call->tensors[i]->dtype == first->dtype && !call->tensors[i]->wrapped;
  *common = uniform ? (GtenDtype) first->dtype : common_dtype (call);
  floating = gten_dtype_is_floating_point (*common);

  if (op->promote == GTEN_PROMOTE_FLOAT && !floating)
    *common = gten_get_default_dtype ();
  else if (op->promote == GTEN_PROMOTE_NUMBER && *common == GTEN_DTYPE_BOOL)
    *common = GTEN_DTYPE_INT64;
  return op->check == NULL || op->check (call, *common, error);
}

gboolean
gten_call_lacks (const GtenCall *call, GtenDtype dtype, GError **error)
{
  return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED, "\"%s\" not implemented for '%s'", call->op->kernel_name, gten_dtype_title (dtype));
}

/* -- operands ---------------------------------------------------------------------------------- */

static GtenDtype
compute_dtype (GtenKCompute compute)
{
  static const GtenDtype dtypes[] = {
    [GTEN_K_COMPUTE_FLOAT32] = GTEN_DTYPE_FLOAT32, [GTEN_K_COMPUTE_FLOAT64] = GTEN_DTYPE_FLOAT64,
    [GTEN_K_COMPUTE_INT64] = GTEN_DTYPE_INT64,
  };

  return dtypes[compute];
}

/* Infinities become the ends of int64's range. */
static GtenKScalar
scalar_in (GtenKCompute compute, GtenScalar value)
{
  GtenKScalar result;

  if (compute != GTEN_K_COMPUTE_INT64)
    result.f = gten_scalar_to_double (&value);
  else if (value.kind == GTEN_SCALAR_FLOAT && isinf (value.f))
    result.i = value.f > 0 ? G_MAXINT64 : G_MININT64;
  else
    result.i = gten_scalar_to_int (&value);
  return result;
}

static void
fill_params (const GtenCall *call, GtenKCompute compute, GtenKScalar *params)
{
  const GtenOpInfo *op = call->op;

  for (guint i = 0; i < op->n_params; i++)
    {
      const GtenArg *arg = &call->args[op->params[i]];
      GtenScalar value;

      if (!arg->given)
        value = gten_scalar_float (op->missing[i]);
      else if (op->param_types[i] == GTEN_PARAM_SCALAR)
        value = arg->scalar;
      else if (op->param_types[i] == GTEN_PARAM_INT)
        value = gten_scalar_int (arg->i);
      else
        value = gten_scalar_float (arg->f);
      params[i] = scalar_in (compute, value);
    }
}

static gboolean
same_shape (const GtenTensor *a, const GtenTensor *b)
{
  return a->n_dims == b->n_dims && memcmp (a->dims, b->dims, a->n_dims * sizeof (gint64)) == 0;
}

static void
spread (GtenKCompute compute, GtenKScalar value, guint n, void *to)
{
  for (guint i = 0; i < n; i++)
    if (compute == GTEN_K_COMPUTE_FLOAT32)
      ((float *) to)[i] = (float) value.f;
    else
      ((GtenKScalar *) to)[i] = value;
}

/* Calls the kernel itself; FALSE if it has to go through the backend. */
static gboolean
run_directly (const GtenCall *call, GtenTensor *result, GtenKCompute compute,
              const GtenKScalar *params)
{
  const GtenBackend *backend = gten_device_get_backend (result->storage->device);
  const GtenDtype dtype = compute_dtype (compute);
  const gboolean gives_bool = call->op->promote == GTEN_PROMOTE_COMPARE || call->op->promote == GTEN_PROMOTE_LOGICAL;
  const void *inputs[GTEN_K_MAX_INPUTS];
  GtenKScalar numbers[2][MAX_SPREAD];
  guint n_numbers = 0;
  GtenKBlock block;

  if (backend->block == NULL || !result->contiguous
      || result->dtype != (gives_bool ? GTEN_DTYPE_BOOL : dtype))
    return FALSE;
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];

      if (tensor->dtype == dtype && tensor->contiguous && tensor->numel == result->numel)
        inputs[i] = gten_data (tensor);
      else if (tensor->n_dims == 0 && result->numel <= MAX_SPREAD
               && n_numbers < G_N_ELEMENTS (numbers))
        {
          GtenScalar value = gten_scalar_from_element ((GtenDtype) tensor->dtype,
                                                       gten_data (tensor));

          spread (compute, scalar_in (compute, value), result->numel, numbers[n_numbers]);
          inputs[i] = numbers[n_numbers++];
        }
      else
        return FALSE;
    }
  block = backend->block ((GtenKPointwise) call->op->kernel, compute);
  if (block == NULL)
    return FALSE;
  block (result->numel, gten_data (result), inputs, params);
  return TRUE;
}

/* Strides that repeat a tensor over the result's shape. */
static void
expanded_strides (const GtenTensor *tensor, const GtenTensor *result, gint64 *strides)
{
  guint n_new = result->n_dims - tensor->n_dims;

  memset (strides, 0, n_new * sizeof (gint64));
  for (guint i = 0; i < tensor->n_dims; i++)
    strides[n_new + i] = gten_sizes (tensor)[i] == 1 ? 0 : gten_strides (tensor)[i];
}

static gboolean
run_program (const GtenCall *call, GtenTensor *result, GtenKCompute compute,
             const GtenKScalar *params, GError **error)
{
  GtenDevice *device = result->storage->device;
  const GtenBackend *backend = gten_device_get_backend (device);
  gint64 strides[GTEN_K_MAX_INPUTS][GTEN_MAX_DIMS];
  GtenKInstruction instruction = { .kernel = call->op->kernel, .args = { 0, 1, 2 } };
  GtenKFault fault = { 0 };
  GtenKProgram program = {
    .compute = compute,
    .n_dims = result->n_dims,
    .sizes = gten_sizes (result),
    .n_inputs = (int) call->n_tensors,
    .n_outputs = 1,
    .n_instructions = 1,
    .outputs = { { .data = gten_data (result), .dtype = (GtenKDtype) result->dtype, .strides = gten_strides (result) } },
    .output_registers = { (guint8) call->n_tensors },
    .instructions = &instruction,
    .fault = &fault,
  };

  memcpy (program.messages, call->op->messages, sizeof program.messages);
  memcpy (instruction.params, params, sizeof instruction.params);
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];
      GtenKOperand *input = &program.inputs[i];

      if (tensor->n_dims == 0 && tensor->storage->device == gten_device_get_cpu ())
        {
          input->value = scalar_in (compute,
                                    gten_scalar_from_element ((GtenDtype) tensor->dtype,
                                                              gten_data (tensor)));
          continue;
        }
      input->data = gten_data (tensor);
      input->dtype = (GtenKDtype) tensor->dtype;
      input->strides = strides[i];
      expanded_strides (tensor, result, strides[i]);
    }
  if (backend->run == NULL)
    return gten_device_check (device, call->op->name, GTEN_K_UNSUPPORTED, NULL, error);

  return gten_device_check (device, call->op->name,
                            gten_device_begin (device, call->op->name)->run (gten_device_get_index (device), &program),
                            &fault, error);
}

/* -- results ----------------------------------------------------------------------------------- */

/* A result lies in memory as the operand of its shape does, if that has neither gaps nor
 * repetitions. */
static void
follow_layout (const GtenCall *call, GtenTensor *result)
{
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];
      gint64 end = 1;

      if (!same_shape (tensor, result))
        continue;
      if (tensor->contiguous)
        return;
      for (guint d = 0; d < tensor->n_dims; d++)
        if (gten_strides (tensor)[d] == 0 && gten_sizes (tensor)[d] > 1)
          return;
        else
          end += (gten_sizes (tensor)[d] - 1) * gten_strides (tensor)[d];
      if (end == tensor->numel)
        gten_tensor_set_geometry (result, tensor->n_dims, gten_sizes (tensor),
                                  gten_strides (tensor), 0);
      return;
    }
}

static GtenTensor *
make_result (GtenCall *call, GtenDtype dtype, GError **error)
{
  const gboolean fresh = call->results[0] == NULL;
  GtenTensor *largest = call->tensors[0], *result;
  gint64 sizes[GTEN_MAX_DIMS];
  const gint64 *shape;
  guint n_dims;

  for (guint i = 1; i < call->n_tensors; i++)
    if (call->tensors[i]->n_dims > largest->n_dims)
      largest = call->tensors[i];
  n_dims = largest->n_dims;
  shape = gten_sizes (largest);
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];

      if (tensor->n_dims == 0
          || (tensor->n_dims == n_dims
              && memcmp (gten_sizes (tensor), shape, n_dims * sizeof (gint64)) == 0))
        continue;
      /* From the first operand on, so that messages name sizes in the order of the operands. */
      n_dims = call->tensors[0]->n_dims;
      memcpy (sizes, gten_sizes (call->tensors[0]), n_dims * sizeof (gint64));
      for (guint k = 1; k < call->n_tensors; k++)
        if (!gten_shape_broadcast (n_dims, sizes, call->tensors[k]->n_dims,
                                   gten_sizes (call->tensors[k]), &n_dims, sizes, error))
          return NULL;
      shape = sizes;
      break;
    }
  result = gten_call_result (call, 0, dtype, n_dims, shape, error);
  if (fresh && result != NULL && n_dims > 1)
    follow_layout (call, result);
  return result;
}

/* Whether a tensor without dimensions holds what is another number in the common dtype. */
static gboolean
changes_in (GtenTensor *tensor, GtenDtype common)
{
  const guint n_bits = 8 * (guint) gten_dtype_get_size (common) - (gten_dtype_is_signed (common) ? 1 : 0);
  GtenScalar value;

  if (tensor->n_dims > 0 || tensor->dtype == common)
    return FALSE;
  if (gten_dtype_is_floating_point (common))
    return TRUE;
  value = gten_scalar_from_element ((GtenDtype) tensor->dtype, gten_data (tensor));
  return gten_scalar_to_int (&value) >> n_bits != (gten_dtype_is_signed (common) && gten_scalar_to_int (&value) < 0 ? -1 : 0);
}

/* On the CPU PyTorch converts a number, and any tensor without dimensions, to the common dtype before it computes: halves are
 * rounded, but for products and quotients, and integers wrap around. What computes in its own dtype does so anyway. */
static gboolean
rounds_numbers (const GtenCall *call, GtenDtype common)
{
  const GtenOpInfo *op = call->op;
  const gboolean is_half = common == GTEN_DTYPE_FLOAT16 || common == GTEN_DTYPE_BFLOAT16;
  gboolean rounds = FALSE;

  if (G_LIKELY (common == GTEN_DTYPE_FLOAT32 || common == GTEN_DTYPE_FLOAT64 || common == GTEN_DTYPE_INT64 || common == GTEN_DTYPE_BOOL)
      || (is_half && (op == &gten_info_mul || op == &gten_info_div || op == &gten_info_floor_divide)))
    return FALSE;
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];

      if (tensor->storage->device != gten_device_get_cpu ())
        return FALSE;
      rounds = rounds || (tensor != call->results[0] && op->promote_from >> i & 1 && changes_in (tensor, common));
    }
  return rounds;
}

static gboolean
run_rounded (GtenCall *call, GtenDtype common, GError **error)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func (g_object_unref);
  GtenCall other = *call;
  gboolean ok;

  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];
      GtenTensor *rounded = tensor->n_dims == 0 && tensor != call->results[0] && call->op->promote_from >> i & 1
                                ? gten_cast (tensor, common, error) : g_object_ref (tensor);

      if (rounded == NULL)
        return FALSE;
      g_ptr_array_add (tensors, rounded);
    }
  other.tensors = (GtenTensor **) tensors->pdata;
  ok = gten_run_pointwise (&other, error);
  memcpy (call->results, other.results, sizeof call->results);
  return ok;
}

gboolean
gten_run_pointwise (GtenCall *call, GError **error)
{
  const GtenOpInfo *op = call->op;
  const gboolean gives_bool = op->promote == GTEN_PROMOTE_COMPARE || op->promote == GTEN_PROMOTE_LOGICAL;
  GtenKScalar params[GTEN_K_MAX_PARAMS] = { { 0 } };
  guint bad_values;
  GtenKCompute compute;
  GtenTensor *result;
  GtenDtype common;

  if (!promote (call, &common, error))
    return FALSE;
  if (G_UNLIKELY (rounds_numbers (call, common)))
    return run_rounded (call, common, error);
  result = make_result (call, gives_bool ? GTEN_DTYPE_BOOL : common, error);
  if (result == NULL)
    return FALSE;
  if (op->promote == (gten_dtype_is_floating_point (common) ? GTEN_PROMOTE_INTEGRAL : GTEN_PROMOTE_FLOATING))
    return gten_call_lacks (call, common, error);
  if (result->numel == 0)
    return TRUE;
  compute = gten_compute_type (common);
  if (op->n_params > 0)
    fill_params (call, compute, params);
  if (result->numel > GTEN_K_BLOCK || !run_directly (call, result, compute, params))
    return run_program (call, result, compute, params, error);
  if (op->messages[0] == NULL)
    return TRUE;
  bad_values = gten_k_take_bad_values ();
  return bad_values == 0
         || gten_call_fail (error, GTEN_ERROR_VALUE, "%s", op->messages[g_bit_nth_lsf (bad_values, -1)]);
}

/* -- operations that choose among kernels ------------------------------------------------------ */

/* Runs the call as another element-wise row. */
static gboolean
run_as (GtenCall *call, const GtenOpInfo *op, const GtenArg *args, GError **error)
{
  GtenCall other = *call;
  gboolean ok;

  other.op = op;
  other.args = args;
  ok = gten_run_pointwise (&other, error);
  memcpy (call->results, other.results, sizeof call->results);
  return ok;
}

/* The quotient of halves is one before it is rounded towards 0. */
static gboolean
run_div_trunc (GtenCall *call, GError **error)
{
  const GtenDtype dtype = common_dtype (call);
  GtenCall rest;

  if (dtype != GTEN_DTYPE_FLOAT16 && dtype != GTEN_DTYPE_BFLOAT16)
    return run_as (call, &gten_info_div_trunc, NULL, error);
  if (!run_as (call, &gten_info_div, NULL, error))
    return FALSE;
  rest = (GtenCall) { .op = &gten_info_trunc, .tensors = call->results, .n_tensors = 1, .results = { call->results[0] }, .in_place = TRUE };
  return gten_run_pointwise (&rest, error);
}

gboolean
gten_run_div_mode (GtenCall *call, GError **error)
{
  const char *mode = call->args[0].s;

  if (mode == NULL)
    return run_as (call, &gten_info_div, NULL, error);
  if (strcmp (mode, "trunc") == 0)
    return run_div_trunc (call, error);
  if (strcmp (mode, "floor") == 0)
    return run_as (call, &gten_info_floor_divide, NULL, error);
  return gten_call_fail (error, GTEN_ERROR_VALUE,
                         "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '%s'", mode);
}

gboolean
gten_run_bitwise_not (GtenCall *call, GError **error)
{
  const gboolean logical = call->tensors[0]->dtype == GTEN_DTYPE_BOOL;

  if (gten_is_floating (call->tensors[0]))
    return gten_call_lacks (call, (GtenDtype) call->tensors[0]->dtype, error);
  return run_as (call, logical ? &gten_info_logical_not : &gten_info_invert_bits, NULL, error);
}

/* Exactly, where integers scale floating numbers. */
gboolean
gten_run_ldexp (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *other = call->tensors[1];
  g_autoptr (GtenTensor) power = NULL;

  if (gten_is_floating (self) && !gten_is_floating (other))
    return other->dtype == GTEN_DTYPE_BOOL ? gten_call_lacks (call, GTEN_DTYPE_BOOL, error)
                                           : run_as (call, &gten_info_scale_exponent, NULL, error);
  power = gten_pow_self_scalar (GTEN_VALUE (2.0), other, error);
  return gten_call_give (call, 0, gten_tensor_mul (self, power, error), error);
}

/* The largest finite numbers, where no others are given. */
gboolean
gten_run_nan_to_num (GtenCall *call, GError **error)
{
  static const double largest[] = {
    [GTEN_DTYPE_FLOAT16] = 65504, [GTEN_DTYPE_BFLOAT16] = 0x1.fep127, [GTEN_DTYPE_FLOAT32] = 0x1.fffffep127,
    [GTEN_DTYPE_FLOAT64] = G_MAXDOUBLE, [GTEN_DTYPE_BOOL] = 1,
  };
  const double end = largest[call->tensors[0]->dtype];
  const GtenArg *given = call->args;
  const GtenArg args[] = {
    { .f = given[0].given ? given[0].f : 0, .given = TRUE },
    { .f = given[1].given ? given[1].f : end, .given = TRUE },
    { .f = given[2].given ? given[2].f : -end, .given = TRUE },
  };

  return run_as (call, &gten_info_replace_nonfinite, args, error);
}
