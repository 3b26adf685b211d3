/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Single numbers: from a GValue, from an element in memory, and between kinds. */

#include "core/gten-scalar-private.h"

#include <math.h>
#include <string.h>

GtenScalar
gten_scalar_bool (gboolean value)
{
  return (GtenScalar) { .kind = GTEN_SCALAR_BOOL, .i = value != FALSE };
}

GtenScalar
gten_scalar_int (gint64 value)
{
  return (GtenScalar) { .kind = GTEN_SCALAR_INT, .i = value };
}

GtenScalar
gten_scalar_float (double value)
{
  return (GtenScalar) { .kind = GTEN_SCALAR_FLOAT, .f = value };
}

double
gten_scalar_to_double (const GtenScalar *self)
{
  return self->kind == GTEN_SCALAR_FLOAT ? self->f : (double) self->i;
}

gint64
gten_scalar_to_int (const GtenScalar *self)
{
  if (self->kind != GTEN_SCALAR_FLOAT)
    return self->i;
  /* C leaves the rest undefined; this is what x86-64 does. */
  if (!(self->f >= -0x1p63 && self->f < 0x1p63))
    return G_MININT64;
  return (gint64) self->f;
}

GtenDtype
gten_scalar_dtype (const GtenScalar *self)
{
  switch (self->kind)
    {
    case GTEN_SCALAR_BOOL:
      return GTEN_DTYPE_BOOL;
    case GTEN_SCALAR_INT:
      return GTEN_DTYPE_INT64;
    default:
      return gten_get_default_dtype ();
    }
}

gboolean
gten_scalar_from_value (const GValue *value, GtenScalar *out, GError **error)
{
  GType type = value != NULL ? G_VALUE_TYPE (value) : G_TYPE_INVALID;

  switch (type)
    {
    case G_TYPE_BOOLEAN:
      *out = gten_scalar_bool (g_value_get_boolean (value));
      return TRUE;
    case G_TYPE_CHAR:
      *out = gten_scalar_int (g_value_get_schar (value));
      return TRUE;
    case G_TYPE_UCHAR:
      *out = gten_scalar_int (g_value_get_uchar (value));
      return TRUE;
    case G_TYPE_INT:
      *out = gten_scalar_int (g_value_get_int (value));
      return TRUE;
    case G_TYPE_UINT:
      *out = gten_scalar_int (g_value_get_uint (value));
      return TRUE;
    case G_TYPE_LONG:
      *out = gten_scalar_int (g_value_get_long (value));
      return TRUE;
    case G_TYPE_INT64:
      *out = gten_scalar_int (g_value_get_int64 (value));
      return TRUE;
    case G_TYPE_ULONG:
    case G_TYPE_UINT64:
      {
        guint64 number = type == G_TYPE_ULONG ? g_value_get_ulong (value) : g_value_get_uint64 (value);
        if (number > G_MAXINT64)
          {
            g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                         "Overflow: %" G_GUINT64_FORMAT " does not fit into int64", number);
            return FALSE;
          }
        *out = gten_scalar_int (number);
        return TRUE;
      }
    case G_TYPE_FLOAT:
      *out = gten_scalar_float (g_value_get_float (value));
      return TRUE;
    case G_TYPE_DOUBLE:
      *out = gten_scalar_float (g_value_get_double (value));
      return TRUE;
    default:
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "expected a number, but got %s",
                   type == G_TYPE_INVALID ? "nothing" : g_type_name (type));
      return FALSE;
    }
}

static float
half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 exponent = half >> 10 & 0x1f;
  guint32 mantissa = half & 0x3ff;
  float result;

  if (exponent == 0)
    result = mantissa * 0x1p-24f;       /* zero or subnormal: a multiple of the smallest number */
  else
    {
      guint32 bits = (exponent == 0x1f ? 0xff : exponent + 112) << 23 | mantissa << 13;
      memcpy (&result, &bits, sizeof result);
    }
  return sign ? -result : result;
}

GtenScalar
gten_scalar_from_element (GtenDtype dtype, gconstpointer element)
{
  switch (dtype)
    {
    case GTEN_DTYPE_UINT8:
      return gten_scalar_int (*(const guint8 *) element);
    case GTEN_DTYPE_INT8:
      return gten_scalar_int (*(const gint8 *) element);
    case GTEN_DTYPE_INT16:
      return gten_scalar_int (*(const gint16 *) element);
    case GTEN_DTYPE_INT32:
      return gten_scalar_int (*(const gint32 *) element);
    case GTEN_DTYPE_INT64:
      return gten_scalar_int (*(const gint64 *) element);
    case GTEN_DTYPE_FLOAT16:
      return gten_scalar_float (half_to_float (*(const guint16 *) element));
    case GTEN_DTYPE_BFLOAT16:
      {
        guint32 bits = (guint32) *(const guint16 *) element << 16;
        float   number;
        memcpy (&number, &bits, sizeof number);
        return gten_scalar_float (number);
      }
    case GTEN_DTYPE_FLOAT32:
      return gten_scalar_float (*(const float *) element);
    case GTEN_DTYPE_FLOAT64:
      return gten_scalar_float (*(const double *) element);
    default:
      return gten_scalar_bool (*(const guint8 *) element != 0);
    }
}
