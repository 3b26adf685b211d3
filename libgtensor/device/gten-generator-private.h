/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/gten-generator.h"
#include "gten-kernels.h"

G_BEGIN_DECLS

GtenKGenerator *gten_generator_lock       (GtenGenerator *self);
void            gten_generator_unlock     (GtenGenerator *self);

/* What a kernel draws from, between the two calls: the generator's state, locked, or what stands for it in the graph that this
 * thread captures. NULL and an error if the graph does not know the generator. */
GtenKGenerator *gten_generator_begin_draw (GtenGenerator *self, GError **error);
void            gten_generator_end_draw   (GtenGenerator *self, GtenKGenerator *drawn);

/* The default generator of a device. Borrowed. */
GtenGenerator  *gten_device_get_generator (GtenDevice *self);

G_END_DECLS
