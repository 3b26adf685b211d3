/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

GTEN_API GBytes        *gten_gtk_tensor_to_npy       (GtenGtkTensor *self, GError **error);
GTEN_API gboolean       gten_gtk_tensor_save_npy     (GtenGtkTensor *self, const char *path, GError **error);
GTEN_API GtenGtkTensor *gten_gtk_tensor_new_from_npy (const char *name, GBytes *bytes, GError **error);
GTEN_API GtenGtkTensor *gten_gtk_tensor_load_npy     (const char *path, GError **error);

G_END_DECLS
