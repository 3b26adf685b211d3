/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/gten-device-private.h"
#include "device/gten-stream.h"

G_BEGIN_DECLS

struct _GtenStream
{
  GObject     parent_instance;
  GtenDevice *device;       /* lives for ever */
  void       *handle;       /* the backend's; NULL: the device's default stream */
  int         priority;
};

/* This thread's current stream of each CUDA device, by index, NULL for the default one; NULL until
 * the thread chooses one. */
extern __thread GtenStream **gten_current_streams __attribute__ ((tls_model ("initial-exec")));

/* The backend's name of this thread's current stream of a device. */
static inline void *
gten_device_stream (GtenDevice *device)
{
  GtenStream *stream;

  if (G_LIKELY (gten_current_streams == NULL) || device->backend->set_stream == NULL)
    return NULL;
  stream = gten_current_streams[device->index];
  return stream != NULL ? stream->handle : NULL;
}

/* What is enqueued on `waiting` from now on comes after what is on `stream` now. Both are the
 * backend's names. */
GtenKStatus gten_device_order_streams (GtenDevice *device, void *waiting, GtenDevice *other, void *stream);

/* The CUDA device that is meant when none is named: this thread's current one; NULL and an error
 * without CUDA. Borrowed. */
GtenDevice *gten_cuda_get_device      (GtenDevice *device, GError **error);

G_END_DECLS
