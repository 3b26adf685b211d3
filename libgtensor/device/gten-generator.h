/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

#define GTEN_TYPE_GENERATOR (gten_generator_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGenerator, gten_generator, GTEN, GENERATOR, GObject)

GTEN_API GtenGenerator *gten_generator_new              (GtenDevice *device, GError **error);
GTEN_API GtenGenerator *gten_generator_get_default      (void);
GTEN_API void           gten_generator_manual_seed      (GtenGenerator *self, guint64 seed);
GTEN_API guint64        gten_generator_seed             (GtenGenerator *self);
GTEN_API guint64        gten_generator_get_initial_seed (GtenGenerator *self);
GTEN_API GBytes        *gten_generator_get_state        (GtenGenerator *self);
GTEN_API gboolean       gten_generator_set_state        (GtenGenerator *self, GBytes *state,
                                                         GError **error);
GTEN_API GtenGenerator *gten_generator_clone            (GtenGenerator *self);
GTEN_API GtenDevice    *gten_generator_get_device       (GtenGenerator *self);

GTEN_API guint64        gten_generator_get_offset       (GtenGenerator *self);
GTEN_API gboolean       gten_generator_set_offset       (GtenGenerator *self, guint64 offset,
                                                         GError **error);
GTEN_API GtenGenerator *gten_device_get_default_generator (GtenDevice *self);

GTEN_API GtenGenerator *gten_manual_seed                (guint64 seed);

G_END_DECLS
