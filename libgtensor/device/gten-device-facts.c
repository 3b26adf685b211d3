/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known of a device beyond its properties: the hardware, and what became of its memory. */

#include "device/gten-device-private.h"

/**
 * gten_device_get_properties:
 * @self: a device
 * @error: return location for an error
 *
 * What the hardware says of itself, under PyTorch's names: `name`, `major` and `minor` of the compute capability,
 * `total_memory`, `multi_processor_count`, `warp_size`, `max_threads_per_multi_processor`, `max_threads_per_block`,
 * `shared_memory_per_block`, `L2_cache_size`, `is_integrated`, `uuid`, `pci_domain_id`, `pci_bus_id`, `pci_device_id`.
 *
 * Returns: (transfer full): a dictionary of variants by name, or %NULL on error
 */
GVariant *
gten_device_get_properties (GtenDevice *self, GError **error)
{
  GtenKDeviceInfo info = { 0 };
  GVariantBuilder builder;
  g_autoptr (GString) uuid = g_string_new (NULL);

  g_return_val_if_fail (GTEN_IS_DEVICE (self), NULL);

  if (!gten_device_check (self, "get_properties", self->backend->device_info (self->index, &info), NULL, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (info.uuid); i++)
    g_string_append_printf (uuid, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", info.uuid[i]);

  const struct { const char *name; GVariant *value; } facts[] = {
    { "name", g_variant_new_string (self->description) },
    { "major", g_variant_new_int32 (info.major) },
    { "minor", g_variant_new_int32 (info.minor) },
    { "total_memory", g_variant_new_uint64 (info.total_memory) },
    { "multi_processor_count", g_variant_new_int32 (info.n_multiprocessors) },
    { "warp_size", g_variant_new_int32 (info.warp_size) },
    { "max_threads_per_multi_processor", g_variant_new_int32 (info.threads_per_multiprocessor) },
    { "max_threads_per_block", g_variant_new_int32 (info.threads_per_block) },
    { "shared_memory_per_block", g_variant_new_uint64 (info.shared_memory_per_block) },
    { "L2_cache_size", g_variant_new_uint64 (info.l2_cache) },
    { "is_integrated", g_variant_new_boolean (info.integrated) },
    { "uuid", g_variant_new_string (uuid->str) },
    { "pci_domain_id", g_variant_new_int32 (info.pci_domain) },
    { "pci_bus_id", g_variant_new_int32 (info.pci_bus) },
    { "pci_device_id", g_variant_new_int32 (info.pci_device) },
  };

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    g_variant_builder_add (&builder, "{sv}", facts[i].name, facts[i].value);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static guint64
read_counter (gint64 *counter)
{
  return __atomic_load_n (counter, __ATOMIC_RELAXED);
}

guint64
gten_device_get_reserved (GtenDevice *self)
{
  guint64 reserved = gten_device_get_used_memory (self) + gten_device_get_cached_memory (self);

  guint64 peak = __atomic_load_n (&self->peak_reserved, __ATOMIC_RELAXED);
  const guint64 most = MAX (reserved, gten_device_get_peak_memory (self));

  while (most > peak
         && !__atomic_compare_exchange_n (&self->peak_reserved, &peak, most, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    ;
  return reserved;
}

/**
 * gten_device_get_memory_stats:
 * @self: a device
 *
 * What became of the device's memory so far, under PyTorch's names, such as `allocated_bytes.all.peak`. Bytes are counted
 * of all devices; allocations, retries and failures of those with memory of their own.
 *
 * Returns: (transfer full): a dictionary of numbers by name
 */
GVariant *
gten_device_get_memory_stats (GtenDevice *self)
{
  GVariantBuilder builder;
  guint64 used, reserved, n_allocations, n_releases, allocated;

  g_return_val_if_fail (GTEN_IS_DEVICE (self), NULL);

  used = gten_device_get_used_memory (self);
  reserved = gten_device_get_reserved (self);
  n_releases = read_counter (&self->n_releases);
  n_allocations = read_counter (&self->n_allocations);
  allocated = read_counter (&self->allocated_bytes);

  const struct { const char *name; guint64 value; } counts[] = {
    { "allocated_bytes.all.current", used },
    { "allocated_bytes.all.peak", gten_device_get_peak_memory (self) },
    { "allocated_bytes.all.allocated", allocated },
    { "allocated_bytes.all.freed", allocated > used ? allocated - used : 0 },
    { "allocation.all.current", n_allocations - n_releases },
    { "allocation.all.allocated", n_allocations },
    { "allocation.all.freed", n_releases },
    { "reserved_bytes.all.current", reserved },
    { "reserved_bytes.all.peak", __atomic_load_n (&self->peak_reserved, __ATOMIC_RELAXED) },
    { "num_alloc_retries", read_counter (&self->n_retries) },
    { "num_ooms", read_counter (&self->n_failures) },
  };

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{st}"));
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    g_variant_builder_add (&builder, "{st}", counts[i].name, counts[i].value);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * gten_device_get_memory_info:
 * @self: a device
 * @free: (out): how many bytes nobody uses, neither this program nor another
 * @total: (out): how many bytes the device has
 * @error: return location for an error
 *
 * Asks the device itself about its memory. Raises %GTEN_ERROR_UNSUPPORTED on the CPU.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_device_get_memory_info (GtenDevice *self, guint64 *free, guint64 *total, GError **error)
{
  *free = *total = 0;
  g_return_val_if_fail (GTEN_IS_DEVICE (self), FALSE);

  return gten_device_check (self, "memory_info",
                            self->backend->memory != NULL ? self->backend->memory (self->index, free, total)
                                                          : GTEN_K_UNSUPPORTED,
                            NULL, error);
}
