/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-storage-private.h"
#include "core/gten-tensor.h"

G_BEGIN_DECLS

#define GTEN_MAX_DIMS    64
#define GTEN_INLINE_DIMS 5

typedef struct _GtenAutograd GtenAutograd; /* autograd/gten-autograd-private.h */

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

static inline const gint64 *gten_sizes (const GtenTensor *self) { return self->dims; }
static inline const gint64 *gten_strides (const GtenTensor *self) { return self->dims + self->n_dims; }
static inline gsize gten_itemsize (const GtenTensor *self);
static inline gpointer gten_data (const GtenTensor *self);

/* All return a new reference. Uninitialised and contiguous. */
GtenTensor *gten_tensor_alloc      (GtenDtype dtype, guint n_dims, const gint64 *sizes, GtenDevice *device, GError **error);
/* A view of any geometry of `storage` (referenced); the caller has checked the bounds. */
GtenTensor *gten_tensor_new_strided (GtenStorage *storage, GtenDtype dtype, guint n_dims, const gint64 *sizes,
                                     const gint64 *strides, gint64 offset);
/* A 0-d CPU tensor with `wrapped` set, of dtype bool, int64 or float64 so that the number is exact; where it decides a
 * result's kind, the result is of gten_scalar_dtype(). */
GtenTensor *gten_tensor_new_wrapped (const GtenScalar *value);
/* In dispose(): whether the object must die because a wrapper, a weak reference or a closure is attached to it, rather
 * than be revived. */
gboolean    gten_object_is_attached (GObject *object);

/* Whether a revived object carries anything over from its last life, such as notifications that somebody froze. */
static inline gboolean
gten_object_is_marked (GObject *object)
{
  return object->qdata != NULL;
}

/* Changes what `self` views, in place (transpose_, resize_, set_data). */
void        gten_tensor_set_geometry (GtenTensor *self, guint n_dims, const gint64 *sizes, const gint64 *strides,
                                      gint64 offset);
void        gten_tensor_set_storage (GtenTensor *self, GtenStorage *storage);

/* Returns FALSE with an error if a size is negative, the dimensions are too many, or the product overflows. */
gboolean    gten_shape_check       (const char *op, guint n_dims, const gint64 *sizes, GtenDtype dtype, gint64 *numel, GError **error);
/* Fills `strides` row-major. */
void        gten_shape_strides     (guint n_dims, const gint64 *sizes, gint64 *strides);
gboolean    gten_shape_is_contiguous (guint n_dims, const gint64 *sizes, const gint64 *strides);
gboolean    gten_shape_broadcast   (guint n_a, const gint64 *a, guint n_b, const gint64 *b, guint *n_out, gint64 *out, GError **error);
/* -n_dims <= dim < n_dims, 0-d counts as one: the non-negative dim, or -1 and PyTorch's "Dimension out of range" error. */
int         gten_wrap_dim          (gint64 dim, guint n_dims, GError **error);
char       *gten_shape_to_string   (guint n_dims, const gint64 *sizes); /* "[2, 3]" */

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
  return (GtenKArray) { gten_data (self), (GtenKDtype) self->dtype, self->n_dims, self->dims, self->dims + self->n_dims };
}

G_END_DECLS
