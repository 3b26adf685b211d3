/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"
#include "device/gten-device.h"
#include "gten-kernels.h"

G_BEGIN_DECLS

/* Memory on a device, shared by the tensors that view it. Data is 64-byte aligned. */
typedef struct _GtenStorage GtenStorage;

struct _GtenStorage
{
  gatomicrefcount ref_count;
  gint            version;        /* counts in-place changes; atomic */
  GtenDevice     *device;         /* borrowed: devices live for ever */
  void           *data;
  gsize           n_bytes;
  gpointer        owner;          /* foreign memory: handed to release */
  GDestroyNotify  release;
  void           *stream;         /* the backend's: current when it was allocated */
  GSList         *uses;           /* other streams of the backend's that were told of */
};

GtenStorage *gten_storage_new         (GtenDevice *device, gsize n_bytes, GError **error);
/* The memory of someone else, who is told through release (owner) when it is no longer used. */
GtenStorage *gten_storage_new_foreign (GtenDevice *device, void *data, gsize n_bytes, gpointer owner,
                                       GDestroyNotify release);
GtenStorage *gten_storage_ref         (GtenStorage *self);
void         gten_storage_unref       (GtenStorage *self);
/* The memory of `larger`, which has its elements already, becomes that of `self`, for all its views. */
void         gten_storage_grow        (GtenStorage *self, GtenStorage *larger);

/* Memory that is given back is not used again before what is then on `stream`, the backend's, is done. */
void         gten_storage_used_on     (GtenStorage *self, void *stream);

/* Gives the memory of a device back, without the storage. */
void         gten_storage_free_memory (GtenStorage *self);

static inline void
gten_storage_bump (GtenStorage *self)
{
  __atomic_fetch_add (&self->version, 1, __ATOMIC_RELAXED);
}

/* -- what storage asks of its device ----------------------------------------------------------- */

const GtenBackend *gten_device_get_backend (GtenDevice *self);
/* The backend, told for what `op`, a text that lives for ever, it works next. */
const GtenBackend *gten_device_begin       (GtenDevice *self, const char *op);
/* Turns a kernel's failure into an error of `op`. */
gboolean           gten_device_check       (GtenDevice *self, const char *op, GtenKStatus status, const GtenKFault *fault,
                                            GError **error);

G_END_DECLS
