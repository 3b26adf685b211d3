/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-storage-private.h"
#include "device/gten-generator.h"

G_BEGIN_DECLS

typedef struct _GtenStream     GtenStream;
typedef struct _GtenStreamPool GtenStreamPool;

struct _GtenDevice
{
  GObject            parent_instance;
  const GtenBackend *backend;
  const char        *kind;
  int                index;
  char              *name;
  char              *description;
  guint64            total_memory;
  GtenGenerator     *generator;       /* made when first asked for */

  /* Memory in use, atomic. Properties notify when it leaves the range last reported. */
  gint64             used, peak;
  gint64             reported_low, reported_high;
  gint               report_pending;

  /* Of devices with memory of their own: what was allocated in all, atomic, and what went wrong. */
  gint64             n_allocations, n_releases, allocated_bytes;
  gint64             n_retries, n_failures;
  guint64            peak_reserved;   /* as far as anybody asked; atomic */

  GtenStream        *default_stream;  /* made when first asked for */
  GtenStreamPool    *pools[2];        /* the second one's streams go before others' */
};

/* Bytes in use and kept for later. */
guint64            gten_device_get_reserved (GtenDevice *self);

/* All devices, if anybody has asked for them yet; else NULL. */
GListModel        *gten_device_get_known    (void);

/* Arranges for the memory properties to notify. */
void               gten_device_memory_moved (GtenDevice *self);

/* The module for CUDA, or NULL and a GTEN_ERROR_DEVICE error if there is none that can be used. */
const GtenBackend *gten_backend_get_cuda    (GError **error);

/* One relaxed addition per allocation and release; the rest happens only when memory moves far. */
static inline void
gten_device_account (GtenDevice *self, gint64 n_bytes)
{
  gint64 used = __atomic_add_fetch (&self->used, n_bytes, __ATOMIC_RELAXED);
  gint64 peak = __atomic_load_n (&self->peak, __ATOMIC_RELAXED);
  while (G_UNLIKELY (used > peak)
         && !__atomic_compare_exchange_n (&self->peak, &peak, used, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    ;
  if (G_UNLIKELY (used < __atomic_load_n (&self->reported_low, __ATOMIC_RELAXED)
                  || used > __atomic_load_n (&self->reported_high, __ATOMIC_RELAXED)))
    gten_device_memory_moved (self);
}

G_END_DECLS
