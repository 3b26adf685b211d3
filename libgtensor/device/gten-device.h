/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

#define GTEN_TYPE_DEVICE (gten_device_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenDevice, gten_device, GTEN, DEVICE, GObject)

GTEN_API GtenDevice *gten_device_new               (const char *name, GError **error);
GTEN_API GtenDevice *gten_device_get_cpu           (void);
GTEN_API GListModel *gten_device_get_all           (void);

GTEN_API const char *gten_device_get_kind          (GtenDevice *self);
GTEN_API int         gten_device_get_index         (GtenDevice *self);
GTEN_API const char *gten_device_get_name          (GtenDevice *self);
GTEN_API const char *gten_device_get_description   (GtenDevice *self);
GTEN_API char       *gten_device_to_string         (GtenDevice *self);
GTEN_API guint64     gten_device_get_total_memory  (GtenDevice *self);
GTEN_API guint64     gten_device_get_used_memory   (GtenDevice *self);
GTEN_API guint64     gten_device_get_peak_memory   (GtenDevice *self);
GTEN_API guint64     gten_device_get_cached_memory (GtenDevice *self);
GTEN_API void        gten_device_reset_peak_memory (GtenDevice *self);
GTEN_API guint64     gten_device_trim              (GtenDevice *self);
GTEN_API gboolean    gten_device_synchronize       (GtenDevice *self, GError **error);
GTEN_API GVariant   *gten_device_get_properties    (GtenDevice *self, GError **error);
GTEN_API GVariant   *gten_device_get_memory_stats  (GtenDevice *self);
GTEN_API gboolean    gten_device_get_memory_info   (GtenDevice *self, guint64 *free, guint64 *total,
                                                    GError **error);

/* Where new tensors are made when no device is named, in this thread. */
GTEN_API GtenDevice *gten_get_default_device       (void);
GTEN_API void        gten_set_default_device       (GtenDevice *device);

/* How many threads of the CPU work on one operation. */
GTEN_API int         gten_get_num_threads          (void);
GTEN_API gboolean    gten_set_num_threads          (int n_threads, GError **error);

G_END_DECLS
