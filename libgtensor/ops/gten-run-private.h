/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What hand-written run and view functions share.
 *
 * A run function of a row with a gradient computes on elements: the path that called it has
 * switched recording off, and records one node for the whole. A run function of a row without one
 * is composed of public operations, which record themselves. Inside, an operation that fails or
 * gets NULL gives NULL, and the first error stays. */
#pragma once

#include "device/gten-device.h"
#include "ops/gten-formula-private.h"
#include "ops/gten-ops-private.h"
#include "ops/gten-ops.h"

G_BEGIN_DECLS

static inline gint64
gten_size (const GtenTensor *self, guint dim)
{
  return gten_sizes (self)[dim];
}

static inline gint64
gten_stride (const GtenTensor *self, guint dim)
{
  return gten_strides (self)[dim];
}

static inline gboolean
gten_is_floating (const GtenTensor *self)
{
  return gten_dtype_is_floating_point ((GtenDtype) self->dtype);
}

/* Kinds of numbers, as promotion ranks them: none, bool, integer, floating. */
static inline int
gten_dtype_category (GtenDtype dtype)
{
  if (dtype == GTEN_DTYPE_NONE)
    return -1;
  return dtype == GTEN_DTYPE_BOOL ? 0 : gten_dtype_is_floating_point (dtype) ? 2 : 1;
}

/* What kernels compute a dtype in. */
static inline GtenKCompute
gten_compute_type (GtenDtype dtype)
{
  if (dtype == GTEN_DTYPE_FLOAT32)
    return GTEN_K_COMPUTE_FLOAT32;
  if (dtype == GTEN_DTYPE_FLOAT64)
    return GTEN_K_COMPUTE_FLOAT64;
  return gten_dtype_is_floating_point (dtype) ? GTEN_K_COMPUTE_FLOAT32 : GTEN_K_COMPUTE_INT64;
}

/* Runs an entry of the backend's table on the device of `tensor`. */
#define GTEN_KERNEL(tensor, op, error, fault, entry, ...)                                          \
  (gten_device_check (                                                                             \
      (tensor)->storage->device, (op),                                                             \
      gten_device_get_backend ((tensor)->storage->device)->entry == NULL                           \
          ? GTEN_K_UNSUPPORTED                                                                     \
          : gten_device_begin ((tensor)->storage->device, (op))                                    \
                ->entry (gten_device_get_index ((tensor)->storage->device), __VA_ARGS__),          \
      (fault), (error)))

/* Result 0 as a copy of tensor 0; in place, tensor 0 itself. Borrowed. */
GtenTensor *gten_call_copy_self   (GtenCall *call, GError **error);
/* An argument that names a dimension of tensor 0, made non-negative; -1 and an error if out of
 * range. */
int         gten_call_dim         (GtenCall *call, guint arg, GError **error);
/* A name of the dtype as PyTorch's older messages have it: "Float". */
const char *gten_dtype_title      (GtenDtype dtype);
/* A dtype's name in C++: "float". */
const char *gten_dtype_c_name     (GtenDtype dtype);
/* The error of an index beyond its dimension. */
gboolean    gten_index_fail       (GError **error, const char *prefix, const GtenKFault *fault,
                                   int dim);
/* Reads `indexing` or, with `put`, writes it. */
GtenKStatus gten_run_indexing     (GtenDevice *device, const char *op, const GtenKIndexing *indexing, gboolean put, gboolean accumulate,
                                   GtenKFault *fault);
/* New references. An index tensor as int64, or `message` if it has no dtype of indices. */
GtenTensor *gten_index_tensor     (GtenTensor *index, const char *message, GError **error);
/* A tensor without content that lies in memory as `self` does. */
GtenTensor *gten_empty_as         (GtenTensor *self, GtenDtype dtype, GtenDevice *device,
                                   GError **error);
/* The same for the result of a copy of `src`, which may not be waited for. */
GtenTensor *gten_empty_for_copy   (GtenTensor *src, GtenDtype dtype, GtenDevice *device, gboolean non_blocking,
                                   GError **error);
/* Whether elements can be looked at without waiting for a device, so that an operation may refuse them beforehand. Elsewhere
 * kernels report what is not acceptable. */
gboolean    gten_can_look         (GtenTensor *self);
/* The error of tensors on both devices. */
gboolean    gten_devices_fail     (GtenDevice *a, GtenDevice *b, GError **error);
/* A number that an operation has to know, from a tensor of one element. */
gboolean    gten_read_int         (GtenTensor *self, gint64 *value, GError **error);
/* Its least and largest element, where not NULL; if there are no elements, both stay as they are. */
gboolean    gten_read_range       (GtenTensor *self, gint64 *least, gint64 *most, GError **error);
/* An error if any element is true. */
gboolean    gten_check_none       (GtenTensor *which, GtenError code, const char *message, GError **error);
/* Whether a number is one of the dtype's, as filling asks. */
gboolean    gten_check_fits       (const GtenScalar *value, GtenDtype dtype, GError **error);
/* The same of a number that takes part as a tensor; any other tensor passes. */
gboolean    gten_check_number_fits (GtenTensor *number, GtenDtype dtype, GError **error);
/* Fills every element, below autograd. */
gboolean    gten_fill_elements    (GtenTensor *self, GtenScalar value, GError **error);

/* Shapes, shared by views, indexing and products. */
gboolean    gten_infer_size       (guint n_sizes, const gint64 *sizes, gint64 numel, gint64 *out,
                                   GError **error);
gboolean    gten_view_strides     (GtenTensor *self, guint n_sizes, const gint64 *sizes,
                                   gint64 *strides);
/* Python slice: `length` is the end on entry; GTEN_NONE for what is left out. */
void        gten_clip_slice       (gint64 size, gint64 step, gint64 *start, gint64 *length);
/* New references; geometry alone, unrecorded. */
GtenTensor *gten_geometry         (GtenTensor *self, guint n_dims, const gint64 *sizes,
                                   const gint64 *strides, gint64 offset);
GtenTensor *gten_geometry_select  (GtenTensor *self, guint dim, gint64 index);
GtenTensor *gten_geometry_slice   (GtenTensor *self, guint dim, gint64 start, gint64 length,
                                   gint64 step);
GtenTensor *gten_geometry_expand  (GtenTensor *self, guint n_dims, const gint64 *sizes);
GtenTensor *gten_geometry_move    (GtenTensor *self, guint from, guint to);

G_END_DECLS
