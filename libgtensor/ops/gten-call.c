/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one path of every operation.
 *
 * An operation is one step to autograd: its run function works below it, and one node is recorded
 * for the whole. What is composed of other operations (GTEN_OP_COMPOSE) is the exception: those
 * record themselves, and the result is copied to where the caller wants it. */
#include "ops/gten-call-private.h"

#include "core/gten-warning-private.h"

#include "autograd/gten-autograd-private.h"
#include "ops/gten-formula-private.h"
#include "ops/gten-run-private.h"

#include <string.h>

gboolean
gten_call_fail (GError **error, GtenError code, const char *format, ...)
{
  va_list arguments;

  if (error == NULL || *error != NULL)
    return FALSE;
  va_start (arguments, format);
  *error = g_error_new_valist (GTEN_ERROR, code, format, arguments);
  va_end (arguments);
  return FALSE;
}

/* -- what the caller gave ---------------------------------------------------------------------- */

/* Whether a NULL is allowed for tensor `i`; the elements of a list share the place of the list. */
static gboolean
is_optional (const GtenOpInfo *op, guint i)
{
  return op->optional != 0 && op->optional >> MIN (i, op->n_named_tensors - 1u) & 1;
}

/* FALSE for a NULL where a tensor has to be. */
static gboolean
has_tensors (const GtenCall *call)
{
  for (guint i = 0; i < call->n_tensors; i++)
    if (G_UNLIKELY (call->tensors[i] == NULL) && !is_optional (call->op, i))
      return FALSE;
  for (guint i = 0; call->out && i < call->op->n_results; i++)
    if (call->results[i] == NULL)
      return FALSE;
  return TRUE;
}

/* -- results ----------------------------------------------------------------------------------- */

/* No element twice, no gaps: what PyTorch calls non-overlapping and dense. */
static gboolean
is_dense (const GtenTensor *self)
{
  gint64 expected = 1;
  guint64 seen = 0;

  if (self->contiguous)
    return TRUE;
  for (guint n = 0; n < self->n_dims; n++)
    {
      guint i;

      for (i = 0; i < self->n_dims; i++)
        if (!(seen >> i & 1) && (gten_sizes (self)[i] == 1 || gten_strides (self)[i] == expected))
          break;
      if (i == self->n_dims)
        return FALSE;
      seen |= (guint64) 1 << i;
      expected *= gten_sizes (self)[i];
    }
  return TRUE;
}

static gboolean
is_same_view (const GtenTensor *a, const GtenTensor *b)
{
  return gten_data (a) == gten_data (b) && a->dtype == b->dtype && a->n_dims == b->n_dims
         && memcmp (a->dims, b->dims, 2 * a->n_dims * sizeof (gint64)) == 0;
}

/* Writing must not change what is still to be read. */
static gboolean
check_overlap (const GtenCall *call, GtenTensor *written, GError **error)
{
  for (guint i = 0; !written->contiguous && i < written->n_dims; i++)
    if (gten_strides (written)[i] == 0 && gten_sizes (written)[i] > 1)
      return gten_call_fail (error, GTEN_ERROR_VALUE,
                             "unsupported operation: more than one element of the written-to tensor refers to a single memory "
                             "location. Please clone() the tensor before performing the operation.");
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];

      if (tensor == NULL || tensor == written || tensor->storage != written->storage || is_same_view (tensor, written)
          || !is_dense (tensor) || !is_dense (written))
        continue;
      char *a = gten_data (tensor), *b = gten_data (written);
      if (a < b + written->numel * gten_itemsize (written)
          && b < a + tensor->numel * gten_itemsize (tensor))
        return gten_call_fail (error, GTEN_ERROR_VALUE,
                               "unsupported operation: some elements of the input tensor and the written-to tensor refer to a "
                               "single memory location. Please clone() the tensor before performing the operation.");
    }
  return TRUE;
}

static gboolean
check_dtype (const GtenCall *call, GtenTensor *given, GtenDtype dtype, GError **error)
{
  if (given->dtype == dtype)
    return TRUE;
  if (call->out && call->op->kind == GTEN_OP_RUN)
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "Expected out tensor to have dtype %s, but got %s instead",
                           gten_dtype_c_name (dtype), gten_dtype_c_name ((GtenDtype) given->dtype));
  if (gten_dtype_category (dtype) > gten_dtype_category ((GtenDtype) given->dtype))
    return gten_call_fail (error, GTEN_ERROR_DTYPE, "result type %s can't be cast to the desired output type %s",
                           gten_dtype_title (dtype), gten_dtype_title ((GtenDtype) given->dtype));
  return TRUE;
}

/* Gives an out tensor the shape of the result, in its own storage if that is large enough. */
static gboolean
resize_out (GtenTensor *out, guint n_dims, const gint64 *sizes, GError **error)
{
  gint64 strides[GTEN_MAX_DIMS];
  gint64 numel;

  if (!gten_shape_check ("out", n_dims, sizes, (GtenDtype) out->dtype, &numel, error))
    return FALSE;
  if ((gsize) (out->offset + numel) * gten_itemsize (out) > out->storage->n_bytes)
    {
      GtenStorage *storage = gten_storage_new (out->storage->device,
                                               (gsize) numel * gten_itemsize (out), error);

      if (storage == NULL)
        return FALSE;
      gten_tensor_set_storage (out, storage);
      gten_storage_unref (storage);
      out->offset = 0;
    }
  gten_shape_strides (n_dims, sizes, strides);
  gten_tensor_set_geometry (out, n_dims, sizes, strides, out->offset);
  return TRUE;
}

static gboolean
warn_of_resize (GtenTensor *out, guint n_dims, const gint64 *sizes, GError **error)
{
  g_autofree char *own = NULL, *wanted = NULL;

  if (out->numel == 0)
    return TRUE;
  own = gten_shape_to_string (out->n_dims, gten_sizes (out));
  wanted = gten_shape_to_string (n_dims, sizes);
  return gten_warn (error,
                    "An output with one or more elements was resized since it had shape %s, which does not match the required output "
                    "shape %s. This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they "
                    "have zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with "
                    "t.resize_(0).", own, wanted);
}

/* The device of the operands: that of a number on the CPU only if there is no other. */
static GtenDevice *
call_device (const GtenCall *call)
{
  GtenDevice *cpu = gten_device_get_cpu ();

  for (guint i = 0; i < call->n_tensors; i++)
    if (call->tensors[i] != NULL && call->tensors[i]->storage->device != cpu)
      return call->tensors[i]->storage->device;
  return cpu;
}

GtenTensor *
gten_call_result (GtenCall *call, guint i, GtenDtype dtype, guint n_dims, const gint64 *sizes,
                  GError **error)
{
  GtenTensor *given = call->results[i];

  if (G_LIKELY (given == NULL))
    return call->results[i] = gten_tensor_alloc (dtype, n_dims, sizes, call_device (call), error);
  if (!check_dtype (call, given, dtype, error))
    return NULL;
  if (given->n_dims != n_dims || memcmp (gten_sizes (given), sizes, n_dims * sizeof (gint64)) != 0)
    {
      if (call->in_place)
        {
          g_autofree char *own = gten_shape_to_string (given->n_dims, gten_sizes (given));
          g_autofree char *wanted = gten_shape_to_string (n_dims, sizes);
          gten_call_fail (error, GTEN_ERROR_SHAPE,
                          "output with shape %s doesn't match the broadcast shape %s", own, wanted);
          return NULL;
        }
      if (!warn_of_resize (given, n_dims, sizes, error) || !resize_out (given, n_dims, sizes, error))
        return NULL;
    }
  return check_overlap (call, given, error) ? given : NULL;
}

gboolean
gten_call_give (GtenCall *call, guint i, GtenTensor *result, GError **error)
{
  g_autoptr (GtenTensor) owned = result;
  GtenTensor *given;

  if (result == NULL)
    return FALSE;
  if (call->results[i] == NULL)
    {
      call->results[i] = g_steal_pointer (&owned);
      return TRUE;
    }
  given = gten_call_result (call, i, (GtenDtype) result->dtype, result->n_dims, gten_sizes (result),
                            error);
  return given != NULL && gten_copy_elements (given, result, error);
}

static void
drop_results (GtenCall *call)
{
  for (guint i = 0; !call->in_place && !call->out && i < call->op->n_results; i++)
    g_clear_object (&call->results[i]);
  g_clear_pointer (&call->list, g_ptr_array_unref);
}

static void
bump_versions (GtenCall *call)
{
  for (guint i = 0; i < call->op->n_results && call->results[i] != NULL; i++)
    gten_storage_bump (call->results[i]->storage);
}

/* -- the path ---------------------------------------------------------------------------------- */

/* The elements of `self` from before a change, with its history but no step of their own in it. */
static GtenTensor *
clone_with_history (GtenTensor *self, GError **error)
{
  g_autoptr (GtenTensor) plain = gten_tensor_detach (self, error);
  GtenTensor *clone = gten_tensor_clone (plain, error);

  if (clone != NULL)
    gten_autograd_adopt (clone, self);
  return clone;
}

/* Runs the operations that this one is made of; they record themselves. */
static gboolean
call_composed (GtenCall *call, GError **error)
{
  GtenCall inner = *call;
  g_autofree GtenTensor **tensors = NULL;
  g_autoptr (GtenTensor) original = NULL;
  gboolean ok = TRUE, adopts = FALSE;

  if (!call->in_place && !call->out)
    {
      if (call->op->run (call, error))
        return TRUE;
      drop_results (call);
      return FALSE;
    }

  if (call->out && gten_autograd_wanted (call) && !gten_autograd_begin (call, error))
    return FALSE;
  if (call->in_place && gten_autograd_wanted (call))
    {
      /* What the operations save must outlive the change. */
      GtenTensor *self = call->tensors[0];

      adopts = self->autograd == NULL || self->autograd->base == NULL;
      if (!gten_autograd_check_in_place (self, error))
        return FALSE;
      original = adopts ? clone_with_history (self, error) : gten_tensor_clone (self, error);
      if (original == NULL)
        return FALSE;
      inner.tensors = tensors = g_memdup2 (call->tensors, call->n_tensors * sizeof (GtenTensor *));
      tensors[0] = original;
    }
  memset (inner.results, 0, sizeof inner.results);
  inner.in_place = inner.out = FALSE;
  if (!call->op->run (&inner, error))
    ok = FALSE;
  for (guint i = 0; ok && i < call->op->n_results; i++)
    {
      GtenTensor *result = inner.results[i], *given;

      given = gten_call_result (call, i, (GtenDtype) result->dtype, result->n_dims,
                                gten_sizes (result), error);
      if (given == NULL)
        ok = FALSE;
      else if (adopts && result->dtype == given->dtype && gten_tensor_needs_grad (result))
        {
          ok = gten_copy_elements (given, result, error);
          gten_storage_bump (given->storage);
          gten_autograd_adopt (given, result);
        }
      else if (call->in_place)
        ok = gten_tensor_copy_ (given, result, error) != NULL;
      else
        {
          ok = gten_copy_elements (given, result, error);
          gten_storage_bump (given->storage);
        }
    }
  drop_results (&inner);
  return ok;
}

static gboolean
run_below_autograd (GtenCall *call, GError **error)
{
  gboolean off = gten_grad_mode_off;
  gboolean ok;

  gten_grad_mode_off = TRUE;
  ok = call->op->run (call, error);
  gten_grad_mode_off = off;
  return ok;
}

/* Tells autograd which results look at the memory of tensors[0]. */
static void
set_views (GtenCall *call)
{
  GtenTensor *self = call->tensors[0];
  GtenViewKind kind = gten_grad_mode_off ? GTEN_VIEW_NO_GRAD : GTEN_VIEW_PLAIN;

  if (self == NULL)
    return;
  if (call->list != NULL)
    {
      for (guint i = 0; i < call->list->len; i++)
        {
          GtenTensor *view = call->list->pdata[i];

          if (view != self && view->storage == self->storage)
            gten_autograd_set_view (view, self,
                                    kind == GTEN_VIEW_PLAIN ? GTEN_VIEW_ONE_OF_MANY : kind);
        }
    }
  else if (call->results[0] != NULL && call->results[0] != self
           && call->results[0]->storage == self->storage)
    gten_autograd_set_view (call->results[0], self, kind);
}

/* Integers have no gradient. */
static gboolean
has_floating_result (const GtenCall *call)
{
  GtenTensor *first = call->list == NULL ? call->results[0] : call->list->len > 0 ? call->list->pdata[0] : NULL;

  return first != NULL && gten_dtype_is_floating_point ((GtenDtype) first->dtype);
}

static gboolean
run_call (GtenCall *call, GError **error)
{
  const GtenOpInfo *op = call->op;
  const gboolean changes = call->in_place || call->out;
  gboolean recording, ok;

  if (G_UNLIKELY (error != NULL && *error != NULL))
    error = NULL; /* the first error stays */
  if (G_UNLIKELY (!has_tensors (call)) || !gten_call_check_devices (call, error))
    return FALSE;
  if (op->check != NULL && op->kind != GTEN_OP_SCALAR
      && !op->check (call, call->n_tensors > 0 ? (GtenDtype) call->tensors[0]->dtype : GTEN_DTYPE_NONE, error))
    return FALSE;
  if (op->kind == GTEN_OP_COMPOSE)
    return call_composed (call, error);

  recording = (op->gradient != NULL || changes) && gten_autograd_wanted (call);
  if (changes && recording && !gten_autograd_begin (call, error))
    return FALSE;
  ok = recording && op->kind == GTEN_OP_RUN ? run_below_autograd (call, error) : op->run (call, error);
  if (G_UNLIKELY (!ok))
    {
      if (changes && recording)
        gten_autograd_cancel (call);
      drop_results (call);
      return FALSE;
    }

  if (changes)
    bump_versions (call);
  else if (op->kind == GTEN_OP_VIEW || (op->kind == GTEN_OP_RUN && call->n_tensors > 0))
    set_views (call);
  if (recording && op->gradient != NULL && (call->in_place || has_floating_result (call))
      && !gten_autograd_record (call, error))
    {
      drop_results (call);
      return FALSE;
    }
  return TRUE;
}

GtenCallWatcher gten_call_watcher;

gboolean
gten_call (GtenCall *call, GError **error)
{
  GtenCallWatcher watcher = __atomic_load_n (&gten_call_watcher, __ATOMIC_RELAXED);

  return G_UNLIKELY (watcher != NULL) ? watcher (call, run_call, error) : run_call (call, error);
}
