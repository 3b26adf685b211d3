/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

GTEN_API GtenGtkTensor *gten_gtk_tensor_slice     (GtenGtkTensor *self, int down, int across, const gint64 *at,
                                                   gsize n_at);
GTEN_API gint64         gten_gtk_tensor_get_size  (GtenGtkTensor *self, gsize dim);
GTEN_API gint64         gten_gtk_tensor_get_step  (GtenGtkTensor *self, gsize dim);

GTEN_API GtenGtkTensor *gten_gtk_tensor_copy      (GtenGtkTensor *self, const char *name);

G_END_DECLS
