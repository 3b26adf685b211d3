/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-scalar-private.h"
#include "core/gten-shape-private.h"
#include "core/gten-storage-private.h"
#include "core/gten-tensor.h"

G_BEGIN_DECLS

#define GTEN_INLINE_DIMS 5

typedef struct _GtenAutograd GtenAutograd; /* what autograd keeps with a tensor */

struct _GtenTensor
{
  GObject       parent_instance;
  GtenStorage  *storage;
  GtenAutograd *autograd;        /* NULL until something asks for gradients, or it is a view */
  gint64       *dims;            /* n_dims sizes, then n_dims strides (elements); inline_dims or heap */
  gint64        offset;          /* elements from the start of the storage */
  gint64        numel;
  guint64       id;              /* 0 until asked for */
  guint8        dtype;
  guint8        n_dims;
  guint8        contiguous : 1;  /* row-major without gaps */
  guint8        wrapped : 1;     /* a number that takes part as a 0-d tensor and does not decide the dtype */
  gint64        inline_dims[2 * GTEN_INLINE_DIMS];
};

static inline const gint64 *
gten_sizes (const GtenTensor *self)
{
  return self->dims;
}

static inline const gint64 *
gten_strides (const GtenTensor *self)
{
  return self->dims + self->n_dims;
}

/* All return a new reference. Uninitialised and contiguous. */
GtenTensor *gten_tensor_alloc        (GtenDtype dtype, guint n_dims, const gint64 *sizes, GtenDevice *device,
                                      GError **error);
/* A view of any geometry of `storage` (referenced); the caller has checked the bounds. */
GtenTensor *gten_tensor_new_strided  (GtenStorage *storage, GtenDtype dtype, guint n_dims, const gint64 *sizes,
                                      const gint64 *strides, gint64 offset);
/* A 0-d CPU tensor with `wrapped` set, of dtype bool, int64 or float64 so that the number is exact;
 * where it decides a result's kind, the result is of gten_scalar_dtype(). */
GtenTensor *gten_tensor_new_wrapped  (const GtenScalar *value);

/* Changes what `self` views, in place (transpose_, resize_, set_data). */
void        gten_tensor_set_geometry (GtenTensor *self, guint n_dims, const gint64 *sizes, const gint64 *strides,
                                      gint64 offset);
void        gten_tensor_set_storage  (GtenTensor *self, GtenStorage *storage);

/* For arrays of tensors with NULL elements. */
static inline void
gten_unref_any (gpointer object)
{
  if (object != NULL)
    g_object_unref (object);
}

/* -- revived objects: tensors and nodes ---------------------------------------------------------- */

/* In dispose(): whether the object must die because a wrapper, a weak reference or a closure is
 * attached to it, rather than be revived. */
gboolean    gten_object_is_attached  (GObject *object);
gboolean    gten_object_has_marks    (GObject *object);

/* Whether a revived object carries anything over from its last life, such as notifications that
 * somebody froze. */
static inline gboolean
gten_object_is_marked (GObject *object)
{
  return G_UNLIKELY (object->qdata != NULL) && gten_object_has_marks (object);
}

/* g_object_unref(), where the last reference is mostly dropped here. GObject freezes notifications around dispose(), which costs more
 * than the rest of it; nobody can be notified of an object to which nothing is attached, so that one is revived before. */
static inline void
gten_object_drop (gpointer object)
{
  GObject *self = object;

  if (g_atomic_int_get ((int *) &self->ref_count) == 1 && self->qdata == NULL)
    G_OBJECT_GET_CLASS (self)->dispose (self);
  g_object_unref (self);
}

/* -- what kernels see ---------------------------------------------------------------------------- */

static inline gsize
gten_itemsize (const GtenTensor *self)
{
  return gten_k_dtype_size ((GtenKDtype) self->dtype);
}

/* The address of the element with all indices 0, on the tensor's device. */
static inline gpointer
gten_data (const GtenTensor *self)
{
  return (char *) self->storage->data + (gsize) self->offset * gten_itemsize (self);
}

static inline GtenKArray
gten_array (const GtenTensor *self)
{
  return (GtenKArray) { gten_data (self), (GtenKDtype) self->dtype, self->n_dims, gten_sizes (self),
                        gten_strides (self) };
}

G_END_DECLS
