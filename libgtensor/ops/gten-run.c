/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What hand-written run functions share. */
#include "ops/gten-run-private.h"

GtenTensor *
gten_call_copy_self (GtenCall *call, GError **error)
{
  GtenTensor *self = call->tensors[0];
  GtenTensor *result
      = gten_call_result (call, 0, (GtenDtype) self->dtype, self->n_dims, gten_sizes (self), error);

  if (result == NULL || result == self)
    return result;
  return gten_copy_elements (result, self, error) ? result : NULL;
}

int
gten_call_dim (GtenCall *call, guint arg, GError **error)
{
  return gten_wrap_dim (call->args[arg].i, call->tensors[0]->n_dims, error);
}

typedef struct
{
  const char *title, *c_name;
} DtypeNames;

static const DtypeNames dtype_names[] = {
  [GTEN_DTYPE_NONE] = { "Undefined", "undefined" },
  [GTEN_DTYPE_UINT8] = { "Byte", "unsigned char" },
  [GTEN_DTYPE_INT8] = { "Char", "signed char" },
  [GTEN_DTYPE_INT16] = { "Short", "short int" },
  [GTEN_DTYPE_INT32] = { "Int", "int" },
  [GTEN_DTYPE_INT64] = { "Long", "long int" },
  [GTEN_DTYPE_FLOAT16] = { "Half", "c10::Half" },
  [GTEN_DTYPE_BFLOAT16] = { "BFloat16", "c10::BFloat16" },
  [GTEN_DTYPE_FLOAT32] = { "Float", "float" },
  [GTEN_DTYPE_FLOAT64] = { "Double", "double" },
  [GTEN_DTYPE_BOOL] = { "Bool", "bool" },
};

const char *
gten_dtype_title (GtenDtype dtype)
{
  return dtype_names[dtype].title;
}

const char *
gten_dtype_c_name (GtenDtype dtype)
{
  return dtype_names[dtype].c_name;
}

gboolean
gten_index_fail (GError **error, const char *prefix, const GtenKFault *fault, int dim)
{
  return gten_call_fail (error, GTEN_ERROR_INDEX,
                         "%sindex %" G_GINT64_FORMAT " is out of bounds for dimension %d with size %" G_GINT64_FORMAT,
                         prefix, fault->value, dim, fault->bound);
}

GtenKStatus
gten_run_indexing (GtenDevice *device, const char *op, const GtenKIndexing *indexing, gboolean put, gboolean accumulate,
                   GtenKFault *fault)
{
  const GtenBackend *backend = gten_device_begin (device, op);
  const int number = gten_device_get_index (device);

  if (put ? backend->index_put == NULL : backend->index == NULL)
    return GTEN_K_UNSUPPORTED;
  return put ? backend->index_put (number, indexing, accumulate, fault) : backend->index (number, indexing, fault);
}

GtenTensor *
gten_index_tensor (GtenTensor *index, const char *message, GError **error)
{
  if (index->dtype != GTEN_DTYPE_INT64 && index->dtype != GTEN_DTYPE_INT32)
    {
      gten_call_fail (error, GTEN_ERROR_DTYPE, "%s", message);
      return NULL;
    }
  return gten_cast (index, GTEN_DTYPE_INT64, error);
}

gboolean
gten_read_int (GtenTensor *self, gint64 *value, GError **error)
{
  g_auto (GValue) number = G_VALUE_INIT;
  GtenScalar scalar;

  if (!gten_tensor_item (self, &number, error) || !gten_scalar_from_value (&number, &scalar, error))
    return FALSE;
  *value = gten_scalar_to_int (&scalar);
  return TRUE;
}

gboolean
gten_read_range (GtenTensor *self, gint64 *least, gint64 *most, GError **error)
{
  g_autoptr (GtenTensor) low = NULL, high = NULL;

  if (self == NULL || self->numel == 0)
    return self != NULL;
  low = least == NULL ? NULL : gten_tensor_min (self, error);
  high = most == NULL ? NULL : gten_tensor_max (self, error);
  return (least == NULL || (low != NULL && gten_read_int (low, least, error)))
         && (most == NULL || (high != NULL && gten_read_int (high, most, error)));
}

gboolean
gten_check_none (GtenTensor *which, GtenError code, const char *message, GError **error)
{
  g_autoptr (GtenTensor) any = gten_tensor_any (which, error);
  gint64 is_any = 0;

  if (any == NULL || !gten_read_int (any, &is_any, error))
    return FALSE;
  return !is_any || gten_call_fail (error, code, "%s", message);
}
