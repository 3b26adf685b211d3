/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers as tensors, and the other things that generated functions need. */
#include "ops/gten-formula-private.h"

#include "ops/gten-run-private.h"

#include <string.h>

/* -- numbers ----------------------------------------------------------------------------------- */

#define N_SPARE 4

/* Per kind of number, the tensors of this thread that wait for the next one. */
typedef struct
{
  GtenTensor *tensors[3][N_SPARE];
  guint8      n[3];
} Spare;

static void
spare_free (gpointer data)
{
  Spare *spare = data;

  for (guint kind = 0; kind < 3; kind++)
    while (spare->n[kind] > 0)
      g_object_unref (spare->tensors[kind][--spare->n[kind]]);
  g_free (spare);
}

static GPrivate spare_key = G_PRIVATE_INIT (spare_free);
static __thread Spare *spare_of_thread __attribute__ ((tls_model ("initial-exec")));

static Spare *
get_spare (void)
{
  if (G_UNLIKELY (spare_of_thread == NULL))
    {
      spare_of_thread = g_new0 (Spare, 1);
      g_private_set (&spare_key, spare_of_thread);
    }
  return spare_of_thread;
}

GtenWrapped *
gten_wrap (GtenScalar value)
{
  Spare *spare = get_spare ();
  GtenTensor *self;

  if (spare->n[value.kind] == 0)
    return gten_tensor_new_wrapped (&value);
  self = spare->tensors[value.kind][--spare->n[value.kind]];
  if (value.kind == GTEN_SCALAR_BOOL)
    *(guint8 *) gten_data (self) = value.i != 0;
  else
    memcpy (gten_data (self), &value.i, sizeof value.i);
  return self;
}

void
gten_unwrap (GtenWrapped *self)
{
  Spare *spare = get_spare ();
  guint kind;

  if (self == NULL)
    return;
  kind = self->dtype == GTEN_DTYPE_BOOL ? GTEN_SCALAR_BOOL : self->dtype == GTEN_DTYPE_INT64 ? GTEN_SCALAR_INT : GTEN_SCALAR_FLOAT;
  if (g_atomic_int_get ((int *) &G_OBJECT (self)->ref_count) == 1 && self->storage->ref_count == 1 && self->autograd == NULL
      && self->id == 0 && G_OBJECT (self)->qdata == NULL && spare->n[kind] < N_SPARE)
    spare->tensors[kind][spare->n[kind]++] = self;
  else
    g_object_unref (self);
}

gboolean
gten_read_number (const GValue *value, const char *op, const char *argument, GtenScalar *number,
                  GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (gten_scalar_from_value (value, number, &reason))
    return TRUE;
  return gten_call_fail (error, GTEN_ERROR_VALUE, "%s(): argument '%s': %s", op, argument,
                         reason->message);
}

GtenWrapped *
gten_wrap_value (const GValue *value, const char *op, const char *argument, GError **error)
{
  GtenScalar number;

  return gten_read_number (value, op, argument, &number, error) ? gten_wrap (number) : NULL;
}

/* -- results ----------------------------------------------------------------------------------- */

gboolean
gten_call_give_truth (GtenCall *call, gboolean value, GError **error)
{
  GtenTensor *result = gten_call_result (call, 0, GTEN_DTYPE_BOOL, 0, NULL, error);

  return result != NULL && gten_fill_elements (result, gten_scalar_bool (value), error);
}

gboolean
gten_call_truth (GtenCall *call, GError **error)
{
  g_autoptr (GtenTensor) result = g_steal_pointer (&call->results[0]);
  g_auto (GValue) value = G_VALUE_INIT;

  return gten_tensor_item (result, &value, error) && g_value_get_boolean (&value);
}

void
gten_give (GtenCall *call, guint i, GtenTensor **to)
{
  if (to != NULL)
    *to = g_steal_pointer (&call->results[i]);
  else
    g_clear_object (&call->results[i]);
}

/* -- gradients --------------------------------------------------------------------------------- */

GtenTensor *
gten_gradient_or_zeros (GtenNode *node, GtenTensor **grads, guint i, GError **error)
{
  GtenTensor *zeros;
  gsize n_dims;
  const gint64 *sizes;
  GtenDevice *device = NULL;

  if (grads[i] != NULL)
    return g_object_ref (grads[i]);
  for (guint k = 0; device == NULL && k < gten_node_get_n_outputs (node); k++)
    if (grads[k] != NULL)
      device = grads[k]->storage->device;
  if (device == NULL)
    device = gten_device_get_cpu ();
  sizes = gten_node_get_output_shape (node, i, &n_dims);
  zeros = gten_tensor_alloc (gten_node_get_output_dtype (node, i), n_dims, sizes, device, error);
  if (zeros != NULL && !gten_fill_elements (zeros, gten_scalar_int (0), error))
    g_clear_object (&zeros);
  return zeros;
}

GPtrArray *
gten_all_gradients (GtenNode *node, GtenTensor **grads, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < gten_node_get_n_outputs (node); i++)
    {
      GtenTensor *grad = gten_gradient_or_zeros (node, grads, i, error);

      if (grad == NULL)
        return NULL;
      g_ptr_array_add (all, grad);
    }
  return g_steal_pointer (&all);
}

gboolean
gten_needs_list (GtenNode *node, guint first)
{
  for (guint i = first; i < gten_node_n_tensors (node); i++)
    if (gten_node_needs_input (node, i))
      return TRUE;
  return FALSE;
}

void
gten_give_list (GtenNode *node, guint first, GtenTensor **list, guint n, GtenTensor **grad_inputs)
{
  for (guint i = 0; i < n && first + i < gten_node_n_tensors (node); i++)
    if (gten_node_needs_input (node, first + i))
      grad_inputs[first + i] = g_object_ref (list[i]);
}
