/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#ifndef GTEN_API
#define GTEN_API __attribute__ ((visibility ("default"))) extern
#endif

G_BEGIN_DECLS

/**
 * GTEN_NONE:
 *
 * Stands for "not given" where an optional integer is expected.
 */
#define GTEN_NONE G_MININT64

/**
 * GTEN_SIZES:
 * @...: the sizes
 *
 * A literal shape with its length, for two C parameters at once: `gten_ones (GTEN_SIZES (2, 3),
 * ...)`.
 */
#define GTEN_SIZES(...)                                                                            \
  ((const gint64[]) { __VA_ARGS__ }), (sizeof ((gint64[]) { __VA_ARGS__ }) / sizeof (gint64))

/**
 * GtenDtype:
 * @GTEN_DTYPE_NONE: not given: the operation's default
 * @GTEN_DTYPE_UINT8: unsigned 8-bit integer
 * @GTEN_DTYPE_INT8: signed 8-bit integer
 * @GTEN_DTYPE_INT16: signed 16-bit integer
 * @GTEN_DTYPE_INT32: signed 32-bit integer
 * @GTEN_DTYPE_INT64: signed 64-bit integer
 * @GTEN_DTYPE_FLOAT16: IEEE 754 half precision
 * @GTEN_DTYPE_BFLOAT16: the upper half of a float32
 * @GTEN_DTYPE_FLOAT32: IEEE 754 single precision; the default floating dtype
 * @GTEN_DTYPE_FLOAT64: IEEE 754 double precision
 * @GTEN_DTYPE_BOOL: a truth value in one byte
 *
 * The type of a tensor's elements.
 */
typedef enum
{
  GTEN_DTYPE_NONE,
  GTEN_DTYPE_UINT8,
  GTEN_DTYPE_INT8,
  GTEN_DTYPE_INT16,
  GTEN_DTYPE_INT32,
  GTEN_DTYPE_INT64,
  GTEN_DTYPE_FLOAT16,
  GTEN_DTYPE_BFLOAT16,
  GTEN_DTYPE_FLOAT32,
  GTEN_DTYPE_FLOAT64,
  GTEN_DTYPE_BOOL,
} GtenDtype;

typedef struct _GtenTensor    GtenTensor;
typedef struct _GtenDevice    GtenDevice;
typedef struct _GtenGenerator GtenGenerator;
typedef struct _GtenNode      GtenNode;
typedef struct _GtenOp        GtenOp;

/**
 * GTEN_ERROR:
 *
 * The domain of every error of the library.
 */
#define GTEN_ERROR (gten_error_quark ())

/**
 * GtenError:
 * @GTEN_ERROR_SHAPE: sizes do not fit
 * @GTEN_ERROR_DTYPE: an operation has no meaning for a dtype
 * @GTEN_ERROR_DEVICE: tensors on different devices, or a device that is not there
 * @GTEN_ERROR_INDEX: an index or a dimension is out of range
 * @GTEN_ERROR_VALUE: any other argument that is not acceptable
 * @GTEN_ERROR_AUTOGRAD: the graph cannot be differentiated as asked
 * @GTEN_ERROR_MEMORY: memory is exhausted, or a size is too large to address
 * @GTEN_ERROR_UNSUPPORTED: the backend has no kernel for this
 * @GTEN_ERROR_IO: a file or a stream is not what it should be
 * @GTEN_ERROR_LINALG: a matrix is singular, not positive-definite, or its decomposition does not converge
 *
 * What went wrong. Messages name the operation and the numbers, in PyTorch's wording where it has
 * one.
 */
typedef enum
{
  GTEN_ERROR_SHAPE,
  GTEN_ERROR_DTYPE,
  GTEN_ERROR_DEVICE,
  GTEN_ERROR_INDEX,
  GTEN_ERROR_VALUE,
  GTEN_ERROR_AUTOGRAD,
  GTEN_ERROR_MEMORY,
  GTEN_ERROR_UNSUPPORTED,
  GTEN_ERROR_IO,
  GTEN_ERROR_LINALG,
} GtenError;

GTEN_API const char *gten_get_version             (void);
GTEN_API GQuark      gten_error_quark             (void);

GTEN_API const char *gten_dtype_get_name          (GtenDtype dtype);
GTEN_API GtenDtype   gten_dtype_from_name         (const char *name);
GTEN_API gsize       gten_dtype_get_size          (GtenDtype dtype);
GTEN_API gboolean    gten_dtype_is_floating_point (GtenDtype dtype);
GTEN_API gboolean    gten_dtype_is_signed         (GtenDtype dtype);
GTEN_API GtenDtype   gten_promote_types           (GtenDtype a, GtenDtype b);
GTEN_API GtenDtype   gten_get_default_dtype       (void);
GTEN_API gboolean    gten_set_default_dtype       (GtenDtype dtype, GError **error);

#ifndef __GI_SCANNER__

static inline const GValue *
gten_value_of_value (GValue *storage G_GNUC_UNUSED, const GValue *value)
{
  return value;
}

static inline const GValue *
gten_value_of_boolean (GValue *storage, gboolean value)
{
  storage->g_type = G_TYPE_BOOLEAN;
  storage->data[0].v_int = value;
  return storage;
}

static inline const GValue *
gten_value_of_int64 (GValue *storage, gint64 value)
{
  storage->g_type = G_TYPE_INT64;
  storage->data[0].v_int64 = value;
  return storage;
}

static inline const GValue *
gten_value_of_uint64 (GValue *storage, guint64 value)
{
  storage->g_type = G_TYPE_UINT64;
  storage->data[0].v_uint64 = value;
  return storage;
}

static inline const GValue *
gten_value_of_double (GValue *storage, double value)
{
  storage->g_type = G_TYPE_DOUBLE;
  storage->data[0].v_double = value;
  return storage;
}

/* Any number as the `const GValue *` that Scalar arguments are; a GValue's address passes through.
 * In C the functions call it themselves; in C++, where NULL is a number, the caller writes it. */
#ifndef __cplusplus
#define GTEN_VALUE(x)                                                                              \
  (_Generic ((x),                                                                                  \
             GValue *: gten_value_of_value, const GValue *: gten_value_of_value,                   \
             void *: gten_value_of_value,                                                          \
             float: gten_value_of_double, double: gten_value_of_double,                            \
             _Bool: gten_value_of_boolean,                                                         \
             unsigned long: gten_value_of_uint64, unsigned long long: gten_value_of_uint64,        \
             default: gten_value_of_int64) (&(GValue) G_VALUE_INIT, (x)))
#else
extern "C++"
{
struct GtenNumber
{
  GValue value = G_VALUE_INIT;

  GtenNumber (bool x) { gten_value_of_boolean (&value, x); }
  GtenNumber (int x) { gten_value_of_int64 (&value, x); }
  GtenNumber (long x) { gten_value_of_int64 (&value, x); }
  GtenNumber (long long x) { gten_value_of_int64 (&value, x); }
  GtenNumber (unsigned int x) { gten_value_of_uint64 (&value, x); }
  GtenNumber (unsigned long x) { gten_value_of_uint64 (&value, x); }
  GtenNumber (unsigned long long x) { gten_value_of_uint64 (&value, x); }
  GtenNumber (double x) { gten_value_of_double (&value, x); }
};
}
#define GTEN_VALUE(x) (&static_cast<const GtenNumber &> (GtenNumber (x)).value)
#endif

#endif

G_END_DECLS
