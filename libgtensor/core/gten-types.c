/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Element types: their names and facts, and how two of them meet. */

#include "core/gten-types.h"

#include "gten-kernels.h"

typedef enum { KIND_NONE, KIND_BOOL, KIND_UNSIGNED, KIND_SIGNED, KIND_FLOATING } Kind;

typedef struct
{
  const char *name;
  const char *alias;    /* PyTorch's second name */
  guint8      kind;
} DtypeFacts;

static const DtypeFacts facts[] = {
  [GTEN_DTYPE_NONE]     = { "none",     NULL,     KIND_NONE },
  [GTEN_DTYPE_UINT8]    = { "uint8",    NULL,     KIND_UNSIGNED },
  [GTEN_DTYPE_INT8]     = { "int8",     NULL,     KIND_SIGNED },
  [GTEN_DTYPE_INT16]    = { "int16",    "short",  KIND_SIGNED },
  [GTEN_DTYPE_INT32]    = { "int32",    "int",    KIND_SIGNED },
  [GTEN_DTYPE_INT64]    = { "int64",    "long",   KIND_SIGNED },
  [GTEN_DTYPE_FLOAT16]  = { "float16",  "half",   KIND_FLOATING },
  [GTEN_DTYPE_BFLOAT16] = { "bfloat16", NULL,     KIND_FLOATING },
  [GTEN_DTYPE_FLOAT32]  = { "float32",  "float",  KIND_FLOATING },
  [GTEN_DTYPE_FLOAT64]  = { "float64",  "double", KIND_FLOATING },
  [GTEN_DTYPE_BOOL]     = { "bool",     NULL,     KIND_BOOL },
};

/* A dtype is passed to the kernels as it is. */
G_STATIC_ASSERT ((int) GTEN_DTYPE_FLOAT16 == (int) GTEN_K_FLOAT16 && (int) GTEN_DTYPE_BOOL == (int) GTEN_K_BOOL
                 && G_N_ELEMENTS (facts) == GTEN_K_N_DTYPES);

static gint default_dtype = GTEN_DTYPE_FLOAT32;

G_DEFINE_QUARK (gten-error-quark, gten_error)

/**
 * gten_get_version:
 *
 * The version of the library that the program runs with, as "1.2.3".
 *
 * Returns: the version
 */
const char *
gten_get_version (void)
{
  return GTEN_VERSION;
}

static const DtypeFacts *
get_facts (GtenDtype dtype)
{
  return &facts[(guint) dtype < G_N_ELEMENTS (facts) ? dtype : GTEN_DTYPE_NONE];
}

/**
 * gten_dtype_get_name:
 * @dtype: a dtype
 *
 * The name of a dtype, as "float32".
 *
 * Returns: (transfer none): the name
 */
const char *
gten_dtype_get_name (GtenDtype dtype)
{
  return get_facts (dtype)->name;
}

/**
 * gten_dtype_from_name:
 * @name: (nullable): a name, as "float32", or its synonym, as "float"
 *
 * The dtype of this name.
 *
 * Returns: the dtype, or %GTEN_DTYPE_NONE if there is none
 */
GtenDtype
gten_dtype_from_name (const char *name)
{
  for (guint i = GTEN_DTYPE_NONE + 1; i < G_N_ELEMENTS (facts); i++)
    if (g_strcmp0 (name, facts[i].name) == 0
        || (facts[i].alias != NULL && g_strcmp0 (name, facts[i].alias) == 0))
      return i;
  return GTEN_DTYPE_NONE;
}

/**
 * gten_dtype_get_size:
 * @dtype: a dtype
 *
 * The size of an element in bytes.
 *
 * Returns: the number of bytes
 */
gsize
gten_dtype_get_size (GtenDtype dtype)
{
  return (guint) dtype < G_N_ELEMENTS (facts) ? gten_k_dtype_size ((GtenKDtype) dtype) : 0;
}

/**
 * gten_dtype_is_floating_point:
 * @dtype: a dtype
 *
 * Whether elements are floating-point numbers. Only these have gradients.
 *
 * Returns: %TRUE for a floating dtype
 */
gboolean
gten_dtype_is_floating_point (GtenDtype dtype)
{
  return get_facts (dtype)->kind == KIND_FLOATING;
}

/**
 * gten_dtype_is_signed:
 * @dtype: a dtype
 *
 * Whether elements can be negative.
 *
 * Returns: %TRUE for signed integers and floating dtypes
 */
gboolean
gten_dtype_is_signed (GtenDtype dtype)
{
  return get_facts (dtype)->kind >= KIND_SIGNED;
}

/**
 * gten_promote_types:
 * @a: a dtype
 * @b: another dtype
 *
 * The smallest dtype of the higher kind that holds the values of both, by PyTorch's rules: kinds
 * rise from bool over integers to floating dtypes, uint8 and a signed integer meet in the next
 * wider signed one, float16 and bfloat16 in float32.
 *
 * Returns: the dtype in which both meet
 */
GtenDtype
gten_promote_types (GtenDtype a, GtenDtype b)
{
  const DtypeFacts *x = get_facts (a), *y = get_facts (b);

  if (a == b)
    return a;
  if (x->kind == KIND_UNSIGNED && b == GTEN_DTYPE_INT8)
    return GTEN_DTYPE_INT16;
  if (y->kind == KIND_UNSIGNED && a == GTEN_DTYPE_INT8)
    return GTEN_DTYPE_INT16;
  if (x->kind != y->kind)
    return x->kind > y->kind ? a : b;
  if (gten_dtype_get_size (a) != gten_dtype_get_size (b))
    return gten_dtype_get_size (a) > gten_dtype_get_size (b) ? a : b;
  return GTEN_DTYPE_FLOAT32;    /* float16 and bfloat16 are all that differ in the name alone */
}

/**
 * gten_get_default_dtype:
 *
 * The dtype of new floating-point tensors for which none is given.
 *
 * Returns: the dtype, float32 unless it was changed
 */
GtenDtype
gten_get_default_dtype (void)
{
  return __atomic_load_n (&default_dtype, __ATOMIC_RELAXED);
}

/**
 * gten_set_default_dtype:
 * @dtype: a floating dtype
 * @error: return location for an error
 *
 * Sets the dtype of new floating-point tensors for which none is given. Raises %GTEN_ERROR_DTYPE
 * for other dtypes.
 *
 * Returns: %TRUE if the default was set
 */
gboolean
gten_set_default_dtype (GtenDtype dtype, GError **error)
{
  if (!gten_dtype_is_floating_point (dtype))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_DTYPE,
                           "only floating-point types are supported as the default type");
      return FALSE;
    }
  __atomic_store_n (&default_dtype, dtype, __ATOMIC_RELAXED);
  return TRUE;
}
