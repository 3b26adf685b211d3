/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connectionist temporal classification (Graves et al., ICML 2006). The forward variables of all sequences of a batch advance
 * together, one step of time after the other, over the target with a blank before, between and after its symbols; gradients
 * follow from the operations. */
#include "ops/gten-run-private.h"

#include <math.h>

/* Stands for the logarithm of 0: a finite number, so that gradients of what cannot be are 0 and not NaN. */
#define NEVER (-1e30)
#define IMPOSSIBLE 1e29   /* a loss beyond all that can be */

typedef struct
{
  gint64 n_steps, n_batch, n_symbols, n_states;
  gint64 n_used;                                /* steps of the longest sequence */
  GtenTensor *input_lengths, *target_lengths;   /* columns: [batch, 1] */
  GtenTensor *states;                           /* the symbol of each: [batch, states] */
  GtenTensor *skips;                            /* whether each may follow the one before the last */
  GtenTensor *numbers;                          /* 0, 1, ... of the states: [1, states] */
} Trellis;

static void
trellis_clear (Trellis *self)
{
  g_clear_object (&self->input_lengths);
  g_clear_object (&self->target_lengths);
  g_clear_object (&self->states);
  g_clear_object (&self->skips);
  g_clear_object (&self->numbers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trellis, trellis_clear)

static gboolean
read_longest (GtenTensor *lengths, const char *name, gint64 *longest, GError **error)
{
  gint64 shortest = 0;

  if (!gten_read_range (lengths, &shortest, longest, error))
    return FALSE;
  return shortest >= 0
         || gten_call_fail (error, GTEN_ERROR_VALUE, "Expected %s to have value at least 0, but got value %" G_GINT64_FORMAT
                            " (while checking arguments for ctc_loss_allocate_outputs)", name, shortest);
}

static GtenTensor *
length_column (GtenTensor *lengths, GtenTensor *like, gint64 n_batch, const char *name, GError **error)
{
  g_autoptr (GtenTensor) there = NULL;

  if (gten_is_floating (lengths))
    {
      gten_call_fail (error, GTEN_ERROR_DTYPE, "%s must be integral", name);
      return NULL;
    }
  if (lengths->numel != n_batch)
    {
      gten_call_fail (error, GTEN_ERROR_SHAPE, "%s must be of size batch_size", name);
      return NULL;
    }
  there = gten_apply_to (lengths, like->storage->device, GTEN_DTYPE_INT64, FALSE, FALSE, error);
  return gten_apply_reshape (there, (const gint64[]) { n_batch, 1 }, 2, error);
}

/* The symbols as rows [batch, longest], whatever behind the end of each. */
static GtenTensor *
target_rows (GtenTensor *targets, GtenTensor *lengths, gint64 n_batch, gint64 longest, GError **error)
{
  g_autoptr (GtenTensor) whole = gten_apply_to_dtype (targets, GTEN_DTYPE_INT64, FALSE, FALSE, error), ends = NULL, starts = NULL,
                         within = NULL, places = NULL, inside = NULL;
  gint64 total = 0;

  if (whole == NULL)
    return NULL;
  if (targets->n_dims == 2)
    {
      if (gten_size (targets, 0) != n_batch || gten_size (targets, 1) < longest)
        {
          gten_call_fail (error, GTEN_ERROR_SHAPE,
                                 "Expected tensor to have size at least %" G_GINT64_FORMAT " at dimension 1, but got size %" G_GINT64_FORMAT
                                 " for argument #2 'targets' (while checking arguments for ctc_loss_cpu)", longest,
                                 gten_size (targets, 1));
          return NULL;
        }
      return gten_apply_narrow (whole, 1, 0, longest, error);
    }
  ends = gten_apply_cumsum (lengths, 0, GTEN_DTYPE_NONE, error);
  if (!gten_read_range (ends, NULL, &total, error))
    return NULL;
  if (targets->n_dims != 1 || targets->numel != total)
    {
      gten_call_fail (error, GTEN_ERROR_SHAPE,
                             "Expected tensor to have size %" G_GINT64_FORMAT " at dimension 0, but got size %" G_GINT64_FORMAT
                             " for argument #2 'targets' (while checking arguments for ctc_loss_cpu)", total, targets->numel);
      return NULL;
    }
  if (total == 0)
    return gten_apply_new_zeros (whole, (const gint64[]) { n_batch, 0 }, 2, GTEN_DTYPE_NONE, NULL, error);
  starts = gten_tensor_sub (ends, lengths, error);
  within = gten_apply_arange (gten_scalar_int (longest), GTEN_DTYPE_INT64, targets->storage->device, error);
  places = gten_tensor_add (starts, within, error);
  inside = gten_tensor_clamp_max_scalar (places, GTEN_VALUE (total - 1), error);
  return gten_apply_take (whole, inside, error);
}

static gboolean
trellis_init (Trellis *self, GtenCall *call, GtenTensor *log_probs, GError **error)
{
  const gint64 blank = call->args[0].i;
  gint64 longest = 0;
  g_autoptr (GtenTensor) rows = NULL, blanks = NULL, pairs = NULL, flat = NULL, end = NULL, early = NULL, late = NULL,
                         may = NULL, none = NULL, numbers = NULL;

  self->n_steps = gten_size (log_probs, 0);
  self->n_batch = gten_size (log_probs, 1);
  self->n_symbols = gten_size (log_probs, 2);
  if (blank < 0 || blank >= self->n_symbols)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "blank must be in label range");
  self->input_lengths = length_column (call->tensors[2], log_probs, self->n_batch, "input_lengths", error);
  self->target_lengths = length_column (call->tensors[3], log_probs, self->n_batch, "target_lengths", error);
  if (self->input_lengths == NULL || self->target_lengths == NULL
      || !read_longest (self->input_lengths, "input_lengths", &self->n_used, error)
      || !read_longest (self->target_lengths, "target_lengths", &longest, error))
    return FALSE;
  if (self->n_used > self->n_steps)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "Expected input_lengths to have value at most %" G_GINT64_FORMAT ", but got value %" G_GINT64_FORMAT
                           " (while checking arguments for ctc_loss_cpu)", self->n_steps, self->n_used);
  rows = target_rows (call->tensors[1], self->target_lengths, self->n_batch, longest, error);
  if (rows == NULL)
    return FALSE;
  self->n_states = 2 * longest + 1;
  blanks = gten_apply_full_like (rows, gten_scalar_int (blank), GTEN_DTYPE_NONE, NULL, error);
  pairs = gten_apply_stack ((GtenTensor *[]) { blanks, rows }, blanks == NULL ? 0 : 2, -1, error);
  flat = gten_apply_flatten (pairs, 1, 2, error);
  end = gten_apply_new_full (rows, (const gint64[]) { self->n_batch, 1 }, 2, gten_scalar_int (blank), GTEN_DTYPE_NONE, NULL, error);
  if (flat == NULL || end == NULL)
    return FALSE;
  self->states = gten_apply_cat ((GtenTensor *[]) { flat, end }, 2, 1, error);
  numbers = gten_apply_arange (gten_scalar_int (self->n_states), GTEN_DTYPE_INT64, log_probs->storage->device, error);
  self->numbers = gten_apply_unsqueeze (numbers, 0, error);
  if (self->states == NULL || self->numbers == NULL)
    return FALSE;
  none = gten_apply_new_zeros (self->states, (const gint64[]) { self->n_batch, MIN (2, self->n_states) }, 2, GTEN_DTYPE_BOOL, NULL, error);
  if (self->n_states <= 2)
    {
      self->skips = g_steal_pointer (&none);
      return self->skips != NULL;
    }
  early = gten_apply_narrow (self->states, 1, 0, self->n_states - 2, error);
  late = gten_apply_narrow (self->states, 1, 2, self->n_states - 2, error);
  may = gten_tensor_ne (late, early, error);
  if (none == NULL || may == NULL)
    return FALSE;
  self->skips = gten_apply_cat ((GtenTensor *[]) { none, may }, 2, 1, error);
  return self->skips != NULL;
}

/* The states `by` later. */
static GtenTensor *
later (GtenTensor *alpha, gint64 by, GError **error)
{
  const gint64 pad[2] = { by, -by };

  return gten_apply_constant_pad_nd (alpha, pad, 2, gten_scalar_float (NEVER), error);
}

static GtenTensor *
masked (GtenTensor *where, GtenTensor *yes, double no, GError **error)
{
  g_autoptr (GtenTensor) hidden = gten_tensor_logical_not (where, error);

  return gten_tensor_masked_fill_scalar (yes, hidden, GTEN_VALUE (no), error);
}

/* The forward variables before and after the first step. A sequence without steps is at its first blank. */
static GtenTensor *
first_step (const Trellis *self, GtenTensor *emission, GError **error)
{
  g_autoptr (GtenTensor) is_start = gten_tensor_lt_scalar (self->numbers, GTEN_VALUE (2), error);
  g_autoptr (GtenTensor) alpha = masked (is_start, emission, NEVER, error);
  g_autoptr (GtenTensor) has_steps = gten_tensor_gt_scalar (self->input_lengths, GTEN_VALUE (0), error);
  g_autoptr (GtenTensor) is_first = gten_tensor_eq_scalar (self->numbers, GTEN_VALUE (0), error);
  g_autoptr (GtenTensor) zeros = gten_apply_zeros_like (emission, GTEN_DTYPE_NONE, NULL, error);
  g_autoptr (GtenTensor) resting = masked (is_first, zeros, NEVER, error);

  return gten_apply_where (has_steps, alpha, resting, error);
}

static GtenTensor *
next_step (const Trellis *self, GtenTensor *alpha, GtenTensor *emission, gint64 step, GError **error)
{
  g_autoptr (GtenTensor) from_last = later (alpha, 1, error);
  g_autoptr (GtenTensor) from_second = self->n_states > 2 ? later (alpha, 2, error) : NULL;
  g_autoptr (GtenTensor) skipping = self->n_states > 2 ? masked (self->skips, from_second, NEVER, error) : gten_ref_or_null (from_last);
  g_autoptr (GtenTensor) two = self->n_states > 1 ? gten_tensor_logaddexp (alpha, from_last, error) : g_object_ref (alpha);
  g_autoptr (GtenTensor) ways = self->n_states > 2 ? gten_tensor_logaddexp (two, skipping, error) : gten_ref_or_null (two);
  g_autoptr (GtenTensor) next = gten_tensor_add (ways, emission, error);
  g_autoptr (GtenTensor) goes_on = gten_tensor_gt_scalar (self->input_lengths, GTEN_VALUE (step), error);

  return gten_apply_where (goes_on, next, alpha, error);
}

/* Minus the logarithm of the probability to be at the last symbol or the blank behind it: [batch]. */
static GtenTensor *
total_loss (const Trellis *self, GtenTensor *alpha, GError **error)
{
  g_autoptr (GtenTensor) blank = gten_tensor_mul_scalar (self->target_lengths, GTEN_VALUE (2), error);
  g_autoptr (GtenTensor) before = gten_tensor_sub_scalar (blank, GTEN_VALUE (1), error);
  g_autoptr (GtenTensor) symbol = gten_tensor_clamp_min_scalar (before, GTEN_VALUE (0), error);
  g_autoptr (GtenTensor) at_blank = gten_apply_gather (alpha, 1, blank, FALSE, error);
  g_autoptr (GtenTensor) at_symbol = gten_apply_gather (alpha, 1, symbol, FALSE, error);
  g_autoptr (GtenTensor) has_symbols = gten_tensor_gt_scalar (self->target_lengths, GTEN_VALUE (0), error);
  g_autoptr (GtenTensor) ends = masked (has_symbols, at_symbol, NEVER, error);
  g_autoptr (GtenTensor) sum = gten_tensor_logaddexp (at_blank, ends, error);
  g_autoptr (GtenTensor) loss = gten_tensor_neg (sum, error);

  return gten_apply_squeeze_dim (loss, 1, error);
}

/* PyTorch's gradient is that of log probabilities which come out of log_softmax: it has their exponentials, too, which
 * log_softmax takes away. A sum that is 0 and has them as its gradient. */
static GtenTensor *
with_probabilities (const Trellis *self, GtenTensor *loss, GtenTensor *log_probs, GError **error)
{
  g_autoptr (GtenTensor) steps = gten_apply_arange (gten_scalar_int (self->n_steps), GTEN_DTYPE_INT64, log_probs->storage->device, error);
  g_autoptr (GtenTensor) column = gten_apply_reshape (steps, (const gint64[]) { self->n_steps, 1 }, 2, error);
  g_autoptr (GtenTensor) lengths = gten_apply_reshape (self->input_lengths, (const gint64[]) { 1, self->n_batch }, 2, error);
  g_autoptr (GtenTensor) used = gten_tensor_lt (column, lengths, error);
  g_autoptr (GtenTensor) used_symbols = gten_apply_unsqueeze (used, -1, error);
  g_autoptr (GtenTensor) known = masked (used_symbols, log_probs, -INFINITY, error);
  g_autoptr (GtenTensor) probabilities = gten_tensor_exp (known, error);
  g_autoptr (GtenTensor) constant = probabilities == NULL ? NULL : gten_tensor_detach (probabilities, error);
  g_autoptr (GtenTensor) nothing = gten_tensor_sub (probabilities, constant, error);
  g_autoptr (GtenTensor) sum = gten_tensor_sum_dim (nothing, (const gint64[]) { 0, 2 }, 2, FALSE, GTEN_DTYPE_NONE, error);

  return gten_tensor_add (loss, sum, error);
}

static GtenTensor *
reduced (const Trellis *self, GtenTensor *loss, const char *reduction, gboolean zero_infinity, GError **error)
{
  g_autoptr (GtenTensor) impossible = gten_tensor_gt_scalar (loss, GTEN_VALUE (IMPOSSIBLE), error);
  g_autoptr (GtenTensor) each = gten_tensor_masked_fill_scalar (loss, impossible, GTEN_VALUE (zero_infinity ? 0.0 : INFINITY), error);
  g_autoptr (GtenTensor) lengths = NULL, counted = NULL, mean = NULL;

  if (g_strcmp0 (reduction, "none") == 0)
    return g_steal_pointer (&each);
  if (g_strcmp0 (reduction, "sum") == 0)
    return gten_tensor_sum (each, error);
  lengths = gten_tensor_clamp_min_scalar (self->target_lengths, GTEN_VALUE (1), error);
  counted = gten_apply_squeeze_dim (lengths, 1, error);
  mean = gten_tensor_div (each, counted, error);
  return gten_tensor_mean (mean, error);
}

gboolean
gten_run_ctc_loss (GtenCall *call, GError **error)
{
  GtenTensor *input = call->tensors[0];
  const char *reduction = call->args[1].s;
  const gboolean is_single = input->n_dims == 2;
  g_auto (Trellis) self = { 0 };
  g_autoptr (GtenTensor) log_probs = NULL, symbols = NULL, emissions = NULL, alpha = NULL, loss = NULL, whole = NULL, result = NULL;

  if (input->n_dims != 2 && input->n_dims != 3)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "log_probs must be of (T, N, C) or (T, C)");
  if (input->dtype != GTEN_DTYPE_FLOAT32 && input->dtype != GTEN_DTYPE_FLOAT64)
    return gten_call_lacks (call, (GtenDtype) input->dtype, error);
  if (gten_is_floating (call->tensors[1]))
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "targets must be integral");
  if (g_strcmp0 (reduction, "mean") != 0 && g_strcmp0 (reduction, "sum") != 0 && g_strcmp0 (reduction, "none") != 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "%s is not a valid value for reduction", reduction);
  log_probs = is_single ? gten_apply_unsqueeze (input, 1, error) : g_object_ref (input);
  if (log_probs == NULL || !trellis_init (&self, call, log_probs, error))
    return FALSE;
  if (self.n_steps == 0)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "log_probs tensor must not be empty");
  symbols = gten_apply_expand (self.states, (const gint64[]) { self.n_steps, self.n_batch, self.n_states }, 3, error);
  emissions = gten_apply_gather (log_probs, 2, symbols, FALSE, error);
  if (emissions == NULL)
    return FALSE;
  for (gint64 i = 0; i < MAX (self.n_used, 1); i++)
    {
      g_autoptr (GtenTensor) emission = gten_apply_select (emissions, 0, i, error);
      g_autoptr (GtenTensor) next = emission == NULL ? NULL : i == 0 ? first_step (&self, emission, error)
                                                                      : next_step (&self, alpha, emission, i, error);

      if (next == NULL)
        return FALSE;
      g_set_object (&alpha, next);
    }
  loss = total_loss (&self, alpha, error);
  whole = with_probabilities (&self, loss, log_probs, error);
  result = reduced (&self, whole, reduction, call->args[2].i != 0, error);
  if (is_single && g_str_equal (reduction, "none"))
    return gten_call_give (call, 0, gten_apply_squeeze_dim (result, 0, error), error);
  return gten_call_give (call, 0, g_steal_pointer (&result), error);
}
