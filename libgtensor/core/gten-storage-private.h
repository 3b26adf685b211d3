/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"
#include "device/gten-device.h"
#include "gten-kernels.h"

G_BEGIN_DECLS

/* A number with its kind, as Python knows numbers. */
typedef struct
{
  enum { GTEN_SCALAR_BOOL, GTEN_SCALAR_INT, GTEN_SCALAR_FLOAT } kind;
  union { gint64 i; double f; };
} GtenScalar;

GtenScalar  gten_scalar_bool       (gboolean value);
GtenScalar  gten_scalar_int        (gint64 value);
GtenScalar  gten_scalar_float      (double value);
double      gten_scalar_to_double  (const GtenScalar *self);
gint64      gten_scalar_to_int     (const GtenScalar *self);
GtenDtype   gten_scalar_dtype      (const GtenScalar *self); /* bool, int64 or the default dtype */
gboolean    gten_scalar_from_value (const GValue *value, GtenScalar *out, GError **error); /* any GValue holding a number */
/* Reads one element in this process's memory. */
GtenScalar  gten_scalar_from_element (GtenDtype dtype, gconstpointer element);

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
};

GtenStorage *gten_storage_new         (GtenDevice *device, gsize n_bytes, GError **error);
GtenStorage *gten_storage_new_foreign (GtenDevice *device, void *data, gsize n_bytes, gpointer owner, GDestroyNotify release);
GtenStorage *gten_storage_ref         (GtenStorage *self);
void         gten_storage_unref       (GtenStorage *self);

static inline void
gten_storage_bump (GtenStorage *self)
{
  __atomic_fetch_add (&self->version, 1, __ATOMIC_RELAXED);
}

/* device/ */
const GtenBackend *gten_device_get_backend (GtenDevice *self);
/* Turns a kernel's failure into an error of `op`. */
gboolean           gten_device_check       (GtenDevice *self, const char *op, GtenKStatus status, const GtenKFault *fault,
                                            GError **error);

G_END_DECLS
