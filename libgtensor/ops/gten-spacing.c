/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Integrals and derivatives from samples; choices out of vectors, and positions. */
#include "autograd/gten-autograd-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

/* -- trapezoids ---------------------------------------------------------------------------------- */

gboolean
gten_check_trapezoid (const GtenCall *call, GtenDtype dtype, GError **error)
{
  GtenTensor *y = call->tensors[0];
  const guint dim_arg = call->n_tensors == 2 ? 0 : 1;

  if (y->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "%s: received a bool input for `y`, but bool is not supported",
                           call->op->name);
  if (call->n_tensors == 2 && call->tensors[1]->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_UNSUPPORTED,
                           "%s: received a bool input for `x`, but bool is not supported",
                           call->op->name);
  if (y->n_dims == 0)
    return gten_call_fail (error, GTEN_ERROR_INDEX, "Dimension specified as %" G_GINT64_FORMAT " but tensor has no dimensions",
                           call->args[dim_arg].i);
  return gten_wrap_dim (call->args[dim_arg].i, y->n_dims, error) >= 0;
}

gboolean
gten_run_trapezoid_steps (GtenCall *call, GError **error)
{
  GtenTensor *y = call->tensors[0], *x = call->tensors[1];
  const int dim = gten_wrap_dim (call->args[0].i, y->n_dims, error);
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) wide = NULL;

  if (dim < 0)
    return FALSE;
  for (guint i = 0; i < y->n_dims; i++)
    sizes[i] = 1;
  if (x->n_dims == 1)
    {
      if (gten_size (x, 0) != gten_size (y, dim))
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "trapezoid: There must be one `x` value for each sample point");
      sizes[dim] = gten_size (x, 0);
    }
  else if (x->n_dims <= y->n_dims)
    memcpy (sizes + y->n_dims - x->n_dims, gten_sizes (x), x->n_dims * sizeof *sizes);
  wide = x->n_dims <= y->n_dims ? gten_tensor_reshape (x, sizes, y->n_dims, error) : g_object_ref (x);
  return gten_call_give (call, 0, gten_apply_diff (wide, 1, x->n_dims <= y->n_dims ? dim : call->args[0].i, NULL, NULL, error), error);
}

/* -- derivatives --------------------------------------------------------------------------------- */

/* a * x + b * y + c * z, the factors being numbers or tensors; z may be NULL. */
static GtenTensor *
combine (GtenTensor *const factors[3], GtenTensor *const values[3], GError **error)
{
  g_autoptr (GtenTensor) sum = NULL;

  for (guint i = 0; i < 3 && values[i] != NULL; i++)
    {
      g_autoptr (GtenTensor) term = gten_tensor_mul (values[i], factors[i], error);
      GtenTensor *next = i == 0 ? g_steal_pointer (&term) : gten_tensor_add (sum, term, error);

      g_clear_object (&sum);
      sum = next;
    }
  return g_steal_pointer (&sum);
}

/* The weights of three samples in the derivative at the first, middle or last of them, a and b
 * being the distances between. */
static gboolean
weights_of (guint place, GtenTensor *a, GtenTensor *b, GtenTensor *weights[3], GError **error)
{
  g_autoptr (GtenTensor) sum = gten_tensor_add (a, b, error), ab = gten_tensor_mul (a, b, error);
  g_autoptr (GtenTensor) left = gten_tensor_mul (a, sum, error), right = gten_tensor_mul (b, sum, error);
  g_autoptr (GtenTensor) minus_a = gten_tensor_neg (a, error), minus_b = gten_tensor_neg (b, error), minus_sum = gten_tensor_neg (sum, error);
  g_autoptr (GtenTensor) far_left = gten_tensor_sub (minus_sum, a, error), far_right = gten_tensor_add (sum, b, error),
                         difference = gten_tensor_sub (b, a, error);
  GtenTensor *const tops[3][3] = { { far_left, sum, minus_a }, { minus_b, difference, a },
                                   { b, minus_sum, far_right } };
  GtenTensor *const bottoms[3] = { left, ab, right };

  for (guint i = 0; i < 3; i++)
    {
      weights[i] = gten_tensor_div (tops[place][i], bottoms[i], error);
      if (weights[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
clear_weights (GtenTensor *weights[3])
{
  for (guint i = 0; i < 3; i++)
    g_clear_object (&weights[i]);
}

/* Along one dimension; `steps` are the distances between neighbours, as long as the dimension less
 * one, in the shape of self. */
static GtenTensor *
derivative (GtenTensor *self, int dim, GtenTensor *steps, gint64 edge_order, GError **error)
{
  const gint64 n = gten_size (self, dim);
  GtenTensor *parts[3] = { NULL, NULL, NULL }, *weights[3] = { NULL, NULL, NULL }, *result = NULL;
  guint n_parts = 0;
  gboolean ok = TRUE;

  for (guint place = 0; ok && place < 3; place++)
    {
      const gint64 length = place == 1 ? n - 2 : 1, start = place == 2 ? n - 3 : 0, step_start = place == 2 ? n - 3 : 0;

      if (length == 0)
        continue;
      if (place != 1 && edge_order == 1)
        {
          const gint64 at = place == 0 ? 0 : n - 2;
          g_autoptr (GtenTensor) low = gten_tensor_narrow (self, dim, at, 1, error), high = gten_tensor_narrow (self, dim, at + 1, 1, error);
          g_autoptr (GtenTensor) rise = gten_tensor_sub (high, low, error), step = gten_tensor_narrow (steps, dim, at, 1, error);

          parts[n_parts] = gten_tensor_div (rise, step, error);
        }
      else
        {
          g_autoptr (GtenTensor) x = gten_tensor_narrow (self, dim, start, length, error),
                                 y = gten_tensor_narrow (self, dim, start + 1, length, error),
                                 z = gten_tensor_narrow (self, dim, start + 2, length, error);
          g_autoptr (GtenTensor) a = gten_tensor_narrow (steps, dim, step_start, length, error),
                                 b = gten_tensor_narrow (steps, dim, step_start + 1, length, error);
          GtenTensor *const values[] = { x, y, z };

          parts[n_parts] = weights_of (place, a, b, weights, error) ? combine (weights, values, error) : NULL;
          clear_weights (weights);
        }
      ok = parts[n_parts] != NULL;
      n_parts += ok;
    }
  if (ok)
    result = gten_apply_cat (parts, n_parts, dim, error);
  for (guint i = 0; i < n_parts; i++)
    g_object_unref (parts[i]);
  return result;
}

/* `spacing` is a number, or the coordinates along the dimension; NULL is 1. */
static gboolean
add_derivative (GtenCall *call, int dim, GtenTensor *spacing, gint64 edge_order, GError **error)
{
  GtenTensor *self = call->tensors[0], *result;
  const GtenDtype dtype = gten_is_floating (self) ? (GtenDtype) self->dtype : gten_get_default_dtype ();
  const gint64 n = gten_size (self, dim);
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) floating = NULL, line = NULL, steps = NULL;

  if (edge_order != 1 && edge_order != 2)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "torch.gradient only supports edge_order=1 and edge_order=2.");
  if (n < edge_order + 1)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "torch.gradient expected each dimension size to be at least edge_order+1");
  floating = gten_apply_to_dtype (self, dtype, FALSE, FALSE, error);
  for (guint i = 0; i < self->n_dims; i++)
    sizes[i] = i == (guint) dim ? n - 1 : 1;
  if (spacing != NULL && spacing->n_dims > 0)
    {
      g_autoptr (GtenTensor) cast = gten_apply_to_dtype (spacing, dtype, FALSE, FALSE, error);

      if (spacing->n_dims != 1 || spacing->numel != n)
        return gten_call_fail (error, GTEN_ERROR_SHAPE,
                               "torch.gradient expected each element of spacing to have one coordinate for each sample along its dimension");
      line = gten_tensor_diff (cast, error);
    }
  else
    {
      g_autoptr (GtenTensor) ones = gten_apply_ones (&(const gint64) { n - 1 }, 1, dtype,
                                                     self->storage->device, error);

      line = spacing != NULL ? gten_tensor_mul (ones, spacing, error) : gten_ref_or_null (ones);
    }
  steps = gten_tensor_reshape (line, sizes, self->n_dims, error);
  if (floating == NULL || steps == NULL)
    return FALSE;
  result = derivative (floating, dim, steps, edge_order, error);
  if (result == NULL)
    return FALSE;
  g_ptr_array_add (call->list, result);
  return TRUE;
}

static gboolean
run_gradient (GtenCall *call, GtenTensor *const *spacing, gsize n_spacing, const GtenArg *dims,
              gint64 edge_order, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const guint n = dims->given ? (guint) dims->n : self->n_dims;
  guint64 seen = 0;

  if (n_spacing > 1 && n_spacing != n)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same "
                           "length, but got a spacing argument of length %" G_GSIZE_FORMAT " and a dim argument of length %u.", n_spacing, n);
  call->list = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    {
      const int dim = dims->given ? gten_wrap_dim (dims->ints[i], self->n_dims, error) : (int) i;

      if (dim < 0 || self->n_dims == 0)
        return FALSE;
      if (seen >> dim & 1)
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "dim %d appears multiple times in the list of dims", dim);
      seen |= (guint64) 1 << dim;
      if (!add_derivative (call, dim,
                           n_spacing == 0 ? NULL : n_spacing == 1 ? spacing[0] : spacing[i],
                           edge_order, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gten_run_gradient (GtenCall *call, GError **error)
{
  g_autoptr (GtenWrapped) spacing = call->args[0].given ? gten_wrap (call->args[0].scalar) : NULL;

  return run_gradient (call, &spacing, spacing != NULL, &call->args[1], call->args[2].i, error);
}

gboolean
gten_run_gradient_spacings (GtenCall *call, GError **error)
{
  return run_gradient (call, call->tensors + 1, call->n_tensors - 1, &call->args[0],
                       call->args[1].i, error);
}

/* -- choices ------------------------------------------------------------------------------------- */

static gboolean
check_vector (GtenTensor *self, GError **error)
{
  g_autofree char *sizes = NULL;

  if (self->n_dims == 1)
    return TRUE;
  sizes = gten_shape_to_string (self->n_dims, gten_sizes (self));
  return gten_call_fail (error, GTEN_ERROR_SHAPE, "Expect a 1D vector, but got shape %s", sizes);
}

gboolean
gten_run_cartesian_prod (GtenCall *call, GError **error)
{
  g_autoptr (GPtrArray) grids = NULL, lines = g_ptr_array_new_with_free_func (g_object_unref);

  if (call->n_tensors == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "cartesian_prod expects a non-empty list of tensors");
  for (guint i = 0; i < call->n_tensors; i++)
    if (!check_vector (call->tensors[i], error))
      return FALSE;
  if (call->n_tensors == 1)
    return gten_call_give (call, 0, g_object_ref (call->tensors[0]), error);
  grids = gten_apply_meshgrid (call->tensors, call->n_tensors, "ij", error);
  if (grids == NULL)
    return FALSE;
  for (guint i = 0; i < grids->len; i++)
    {
      GtenTensor *line = gten_tensor_flatten (grids->pdata[i], error);

      if (line == NULL)
        return FALSE;
      g_ptr_array_add (lines, line);
    }
  return gten_call_give (call, 0,
                         gten_apply_stack ((GtenTensor **) lines->pdata, lines->len, 1, error),
                         error);
}

gboolean
gten_run_combinations (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  const gint64 r = call->args[0].i, n = self->numel;
  const gboolean repeated = call->args[1].i != 0;
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree gint64 *choice = NULL;
  g_autoptr (GtenTensor) index = NULL, chosen = NULL;
  GtenDevice *device = self->storage->device;
  gint64 length;

  if (!check_vector (self, error))
    return FALSE;
  if (r < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Expect a non-negative number, but got %" G_GINT64_FORMAT, r);
  if (r == 0)
    return gten_call_give (call, 0, gten_apply_new_empty (self, (const gint64[]) { 0 }, 1, GTEN_DTYPE_NONE, NULL, error), error);
  if (n > 0 && (repeated || r <= n))
    {
      choice = g_try_new (gint64, r);
      if (choice == NULL)
        return gten_call_fail (error, GTEN_ERROR_MEMORY, "combinations: out of memory");
      for (gint64 i = 0; i < r; i++)
        choice[i] = repeated ? 0 : i;
      for (gint64 moving = 0; moving >= 0;)
        {
          if (places->len > G_MAXINT / 16)
            return gten_call_fail (error, GTEN_ERROR_MEMORY,
                                   "combinations: the result has too many elements");
          g_array_append_vals (places, choice, (guint) r);
          for (moving = r - 1; moving >= 0
               && choice[moving] == (repeated ? n - 1 : n - r + moving); moving--)
            ;
          if (moving >= 0)
            {
              choice[moving]++;
              for (gint64 i = moving + 1; i < r; i++)
                choice[i] = choice[i - 1] + !repeated;
            }
        }
    }
  length = places->len;
  index = gten_tensor_alloc (GTEN_DTYPE_INT64, 1, &length, device, error);
  if (index == NULL
      || !gten_device_check (device, "combinations",
                             gten_device_get_backend (device)->upload (gten_device_get_index (device), gten_data (index), places->data,
                                                                       (size_t) length * sizeof (gint64)), NULL, error))
    return FALSE;
  chosen = gten_tensor_index_select (self, 0, index, error);
  return gten_call_give (call, 0,
                         gten_tensor_reshape (chosen, (const gint64[]) { length / r, r }, 2, error),
                         error);
}

/* -- positions ----------------------------------------------------------------------------------- */

gboolean
gten_run_unravel_index (GtenCall *call, GError **error)
{
  const GtenArg *shape = &call->args[0];
  GtenTensor *indices = call->tensors[0];
  g_autoptr (GtenTensor) rest = NULL;

  if (gten_is_floating (indices) || indices->dtype == GTEN_DTYPE_BOOL)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "expected 'indices' to be integer dtype, but got torch.%s",
                           gten_dtype_get_name ((GtenDtype) indices->dtype));
  for (gsize i = 0; i < shape->n; i++)
    if (shape->ints[i] < 0)
      {
        g_autofree char *text = gten_shape_to_string (shape->n, shape->ints);

        text[0] = '(';
        text[strlen (text) - 1] = ')';
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "'shape' cannot have negative values, but got %s", text);
      }
  rest = gten_cast (call->tensors[0], GTEN_DTYPE_INT64, error);
  if (rest == NULL)
    return FALSE;
  call->list = g_ptr_array_new_with_free_func (g_object_unref);
  for (gsize i = shape->n; i-- > 0;)
    {
      const gint64 size = MAX (shape->ints[i], 1);
      GtenTensor *place = gten_tensor_remainder_scalar (rest, GTEN_VALUE (size), error);
      GtenTensor *next = gten_tensor_floor_divide_scalar (rest, GTEN_VALUE (size), error);

      if (place == NULL || next == NULL)
        {
          g_clear_object (&place);
          g_clear_object (&next);
          return FALSE;
        }
      g_ptr_array_insert (call->list, 0, place);
      g_object_unref (rest);
      rest = next;
    }
  return TRUE;
}

gboolean
gten_run_index_reduce (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0], *index = call->tensors[1], *source = call->tensors[2];
  const char *reduce = call->args[1].s;
  gint64 sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) line = NULL, wide = NULL, places = NULL;
  int dim;

  if (g_strcmp0 (reduce, "prod") != 0 && g_strcmp0 (reduce, "mean") != 0 && g_strcmp0 (reduce, "amax") != 0
      && g_strcmp0 (reduce, "amin") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got %s.", reduce);
  dim = gten_call_dim (call, 0, error);
  if (dim < 0)
    return FALSE;
  if (index->n_dims > 1)
    {
      g_autofree char *text = gten_shape_to_string (index->n_dims, gten_sizes (index));

      return gten_call_fail (error, GTEN_ERROR_INDEX, "index_reduce_(): Index is supposed to be a vector, but got dim: %u with type: %s and size: %s",
                             index->n_dims, gten_dtype_title ((GtenDtype) index->dtype), text);
    }
  if (index->dtype != GTEN_DTYPE_INT64 && index->dtype != GTEN_DTYPE_INT32)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "index_reduce_(): Expected dtype int32/int64 for index but got: %s",
                           gten_dtype_title ((GtenDtype) index->dtype));
  if (self->dtype != source->dtype)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "index_reduce_(): self (%s) and source (%s) must have the same scalar type",
                           gten_dtype_title ((GtenDtype) self->dtype), gten_dtype_title ((GtenDtype) source->dtype));
  if (index->numel != (source->n_dims == 0 ? 1 : dim < source->n_dims ? gten_size (source, dim) : -1))
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "index_reduce_(): Number of indices (%" G_GINT64_FORMAT ") should be equal to source.size(dim): (%" G_GINT64_FORMAT
                           "), for dim: %" G_GINT64_FORMAT, index->numel,
                           source->n_dims == 0 ? 1 : dim < source->n_dims ? gten_size (source, dim) : 0, call->args[0].i);
  for (guint i = 0; i < source->n_dims; i++)
    sizes[i] = i == (guint) dim ? index->numel : 1;
  line = gten_tensor_long (index, error);
  places = gten_tensor_reshape (line, sizes, source->n_dims, error);
  wide = gten_tensor_expand (places, gten_sizes (source), source->n_dims, error);
  return gten_call_give (call, 0, gten_apply_scatter_reduce (self, dim, wide, source, reduce, call->args[2].i != 0, error), error);
}

gboolean
gten_run_resize_as (GtenCall *call, GError **error)
{
  GtenTensor *like = call->tensors[1];
  const GtenArg size = { .ints = gten_sizes (like), .n = like->n_dims, .given = TRUE };
  GtenCall resizing = *call;

  resizing.args = &size;
  return gten_run_resize (&resizing, error);
}
