/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

#define GTEN_TYPE_STREAM (gten_stream_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenStream, gten_stream, GTEN, STREAM, GObject)

#define GTEN_TYPE_EVENT (gten_event_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenEvent, gten_event, GTEN, EVENT, GObject)

GTEN_API GtenStream *gten_stream_new              (GtenDevice *device, int priority,
                                                   GError **error);
GTEN_API GtenStream *gten_stream_new_external     (guint64 address, GtenDevice *device,
                                                   GError **error);
GTEN_API GtenStream *gten_stream_get_default      (GtenDevice *device, GError **error);
GTEN_API GtenStream *gten_stream_get_current      (GtenDevice *device, GError **error);
GTEN_API void        gten_stream_make_current     (GtenStream *self);

GTEN_API GtenDevice *gten_stream_get_device       (GtenStream *self);
GTEN_API guint64     gten_stream_get_address      (GtenStream *self);
GTEN_API int         gten_stream_get_priority     (GtenStream *self);

GTEN_API gboolean    gten_stream_query            (GtenStream *self, GError **error);
GTEN_API gboolean    gten_stream_synchronize      (GtenStream *self, GError **error);
GTEN_API gboolean    gten_stream_wait_event       (GtenStream *self, GtenEvent *event,
                                                   GError **error);
GTEN_API gboolean    gten_stream_wait_stream      (GtenStream *self, GtenStream *other,
                                                   GError **error);

GTEN_API void        gten_tensor_record_stream    (GtenTensor *self, GtenStream *stream);

GTEN_API GtenEvent  *gten_event_new               (gboolean enable_timing);
GTEN_API GtenDevice *gten_event_get_device        (GtenEvent *self);
GTEN_API gboolean    gten_event_record            (GtenEvent *self, GtenStream *stream,
                                                   GError **error);
GTEN_API gboolean    gten_event_wait              (GtenEvent *self, GtenStream *stream,
                                                   GError **error);
GTEN_API gboolean    gten_event_query             (GtenEvent *self, GError **error);
GTEN_API gboolean    gten_event_synchronize       (GtenEvent *self, GError **error);
GTEN_API double      gten_event_elapsed_time      (GtenEvent *self, GtenEvent *end,
                                                   GError **error);

G_END_DECLS
