/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/gten-generator.h"
#include "gten-kernels.h"

G_BEGIN_DECLS

/* Random operations hold the lock while a kernel draws from the state. */
GtenKGenerator *gten_generator_lock       (GtenGenerator *self);
void            gten_generator_unlock     (GtenGenerator *self);

/* The default generator of a device. Borrowed. */
GtenGenerator  *gten_device_get_generator (GtenDevice *self);

G_END_DECLS
