/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

#define GTEN_TYPE_TENSOR (gten_tensor_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenTensor, gten_tensor, GTEN, TENSOR, GObject)

/* Making tensors. The operations that make tensors (gten_zeros() and its kin) come from the op
 * table. */
GTEN_API GtenTensor   *gten_tensor_new_from_data     (gconstpointer data, GtenDtype dtype, const gint64 *size, gsize n_size,
                                                      GError **error);
GTEN_API GtenTensor   *gten_tensor_new_from_bytes    (GBytes *bytes, GtenDtype dtype, const gint64 *size, gsize n_size,
                                                      GError **error);
GTEN_API GtenTensor   *gten_tensor_new_from_doubles  (const double *values, gsize n_values, GtenDtype dtype,
                                                      const gint64 *size, gsize n_size, GError **error);
GTEN_API GtenTensor   *gten_tensor_new_from_integers (const gint64 *values, gsize n_values, GtenDtype dtype,
                                                      const gint64 *size, gsize n_size, GError **error);
GTEN_API GtenTensor   *gten_tensor_new_from_address  (guint64 address, GtenDtype dtype, const gint64 *size, gsize n_size,
                                                      const gint64 *stride, gsize n_stride, GDestroyNotify release,
                                                      gpointer owner, GError **error);
GTEN_API GtenTensor   *gten_tensor_new_from_address_of (guint64 address, GtenDtype dtype, const gint64 *size, gsize n_size,
                                                        const gint64 *stride, gsize n_stride, const GValue *owner,
                                                        GError **error);

/* What it is. */
GTEN_API GtenDtype     gten_tensor_get_dtype         (GtenTensor *self);
GTEN_API GtenDevice   *gten_tensor_get_device        (GtenTensor *self);
GTEN_API gint64        gten_tensor_dim               (GtenTensor *self);
GTEN_API gint64        gten_tensor_numel             (GtenTensor *self);
GTEN_API const gint64 *gten_tensor_get_shape         (GtenTensor *self, gsize *n_dims);
GTEN_API const gint64 *gten_tensor_get_stride        (GtenTensor *self, gsize *n_dims);
GTEN_API gint64        gten_tensor_get_size          (GtenTensor *self, gint64 dim, GError **error);
GTEN_API gint64        gten_tensor_storage_offset    (GtenTensor *self);
GTEN_API gboolean      gten_tensor_is_contiguous     (GtenTensor *self);
GTEN_API gint64        gten_tensor_element_size      (GtenTensor *self);
GTEN_API guint64       gten_tensor_get_id            (GtenTensor *self);
GTEN_API guint         gten_tensor_get_version       (GtenTensor *self);
GTEN_API gboolean      gten_tensor_shares_storage    (GtenTensor *self, GtenTensor *other);

/* Its elements. */
GTEN_API gpointer      gten_tensor_get_data          (GtenTensor *self);
GTEN_API guint64       gten_tensor_data_ptr          (GtenTensor *self);
GTEN_API GBytes       *gten_tensor_get_bytes         (GtenTensor *self, GError **error);
GTEN_API double       *gten_tensor_get_doubles       (GtenTensor *self, gsize *n_values,
                                                      GError **error);
GTEN_API gint64       *gten_tensor_get_integers      (GtenTensor *self, gsize *n_values,
                                                      GError **error);
GTEN_API gboolean      gten_tensor_item              (GtenTensor *self, GValue *value,
                                                      GError **error);
GTEN_API char         *gten_tensor_to_string         (GtenTensor *self);

/* How tensors print, for all of the process. Negative numbers leave an option as it is. */
GTEN_API gboolean      gten_set_printoptions         (int precision, gint64 threshold, gint64 edgeitems, int linewidth,
                                                      const char *profile, int sci_mode, GError **error);

/* DLPack: the address of a DLManagedTensor, or of a DLManagedTensorVersioned. */
GTEN_API guint64       gten_tensor_to_dlpack         (GtenTensor *self, gboolean versioned,
                                                      GError **error);
GTEN_API GtenTensor   *gten_tensor_new_from_dlpack   (guint64 address, gboolean versioned,
                                                      GError **error);
GTEN_API void          gten_dlpack_free              (guint64 address, gboolean versioned);
GTEN_API guint64       gten_dlpack_get_capsule_destructor (guint64 is_valid, guint64 get_pointer);

/* Autograd. */
GTEN_API gboolean      gten_tensor_get_requires_grad (GtenTensor *self);
GTEN_API void          gten_tensor_set_requires_grad (GtenTensor *self, gboolean requires_grad);
GTEN_API GtenTensor   *gten_tensor_requires_grad_    (GtenTensor *self, gboolean requires_grad,
                                                      GError **error);
GTEN_API gboolean      gten_tensor_is_leaf           (GtenTensor *self);
GTEN_API GtenTensor   *gten_tensor_get_grad          (GtenTensor *self);
GTEN_API gboolean      gten_tensor_set_grad          (GtenTensor *self, GtenTensor *grad,
                                                      GError **error);
GTEN_API GtenNode     *gten_tensor_get_grad_fn       (GtenTensor *self);
GTEN_API guint         gten_tensor_get_output_nr     (GtenTensor *self);
GTEN_API gboolean      gten_tensor_retain_grad       (GtenTensor *self, GError **error);
GTEN_API gboolean      gten_tensor_get_retains_grad  (GtenTensor *self);
GTEN_API GtenTensor   *gten_tensor_detach            (GtenTensor *self, GError **error);
GTEN_API GtenTensor   *gten_tensor_detach_           (GtenTensor *self, GError **error);
GTEN_API gboolean      gten_tensor_set_data          (GtenTensor *self, GtenTensor *data,
                                                      GError **error);

G_END_DECLS
