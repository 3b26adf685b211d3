/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

GTEN_API GtenTensor *gten_tensor_get_item        (GtenTensor *self, const char *index, GtenTensor **tensors, gsize n_tensors,
                                                  GError **error);
GTEN_API gboolean    gten_tensor_set_item        (GtenTensor *self, const char *index, GtenTensor **tensors, gsize n_tensors,
                                                  GtenTensor *value, GError **error);
GTEN_API gboolean    gten_tensor_set_item_scalar (GtenTensor *self, const char *index, GtenTensor **tensors, gsize n_tensors,
                                                  const GValue *value, GError **error);

#ifndef __GI_SCANNER__
#if !defined __cplusplus && !defined GTEN_NO_NUMBER_MACROS
#define gten_tensor_set_item_scalar(self, index, tensors, n_tensors, value, error)                                     \
  (gten_tensor_set_item_scalar) ((self), (index), (tensors), (n_tensors), GTEN_VALUE (value), (error))
#endif
#endif

G_END_DECLS
