/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory, shared by the tensors that view it.
 *
 * A storage on the CPU begins a block of 64-byte lines: the header is the first line, and up to 16
 * lines of data follow it, so that a small tensor's memory is one block. Blocks are kept per thread
 * and per size, which makes a small allocation a few instructions. Larger data comes from the
 * backend, which keeps its own cache. */

#include "core/gten-storage-private.h"
#include "device/gten-cuda-private.h"

#include <stdlib.h>

#define LINE          64
#ifdef __SANITIZE_ADDRESS__ /* finds who uses a block after its release, and who leaves the data */
#define INLINE_LINES  0
#define KEPT_BLOCKS   0
#else
#define INLINE_LINES  16
#define KEPT_BLOCKS   64
#endif

G_STATIC_ASSERT (sizeof (GtenStorage) <= LINE);

typedef struct _FreeBlock FreeBlock;
struct _FreeBlock
{
  FreeBlock *next;
};

/* Free blocks of one thread, by the number of data lines. */
typedef struct
{
  FreeBlock *blocks[INLINE_LINES + 1];
  guint8     n_blocks[INLINE_LINES + 1];
} BlockCache;

static void block_cache_free (gpointer data);

static GPrivate block_cache_private = G_PRIVATE_INIT (block_cache_free);
static __thread BlockCache *block_cache __attribute__ ((tls_model ("initial-exec")));

static void
block_cache_free (gpointer data)
{
  BlockCache *cache = data;

  block_cache = NULL;
  for (guint i = 0; i <= INLINE_LINES; i++)
    while (cache->blocks[i] != NULL)
      {
        FreeBlock *block = cache->blocks[i];
        cache->blocks[i] = block->next;
        free (block);
      }
  g_free (cache);
}

static BlockCache *
block_cache_get (void)
{
  if (G_UNLIKELY (block_cache == NULL))
    {
      block_cache = g_new0 (BlockCache, 1);
      g_private_set (&block_cache_private, block_cache);
    }
  return block_cache;
}

static GtenStorage *
block_alloc (guint n_lines)
{
  BlockCache *cache = block_cache_get ();
  FreeBlock  *block = cache->blocks[n_lines];

  if (G_LIKELY (block != NULL))
    {
      cache->blocks[n_lines] = block->next;
      cache->n_blocks[n_lines]--;
      return (GtenStorage *) block;
    }
  return aligned_alloc (LINE, (1 + n_lines) * LINE);
}

static void
block_release (gpointer data, guint n_lines)
{
  BlockCache *cache = block_cache_get ();
  FreeBlock  *block = data;

  if (G_UNLIKELY (cache->n_blocks[n_lines] >= KEPT_BLOCKS))
    {
      free (block);
      return;
    }
  block->next = cache->blocks[n_lines];
  cache->blocks[n_lines] = block;
  cache->n_blocks[n_lines]++;
}

static guint
inline_lines (GtenDevice *device, gsize n_bytes)
{
  if (n_bytes > INLINE_LINES * LINE || device != gten_device_get_cpu ())
    return 0;
  return (n_bytes + LINE - 1) / LINE;
}

/* "1.50 GiB", as PyTorch writes sizes. */
static char *
size_to_string (guint64 n_bytes)
{
  static const char *const units[] = { "KiB", "MiB", "GiB" };
  double size = n_bytes;
  int    unit = -1;

  for (; unit + 1 < (int) G_N_ELEMENTS (units) && size >= 1024; unit++)
    size /= 1024;
  return unit < 0 ? g_strdup_printf ("%" G_GUINT64_FORMAT " bytes", n_bytes) : g_strdup_printf ("%.2f %s", size, units[unit]);
}

static void
set_out_of_device_memory (GtenDevice *device, gsize n_bytes, GError **error)
{
  guint64 free = 0, total = 0;

  /* Of a device that has failed nothing can be had, however much is free. */
  if (!gten_device_get_memory_info (device, &free, &total, error))
    return;

  g_autofree char *wanted = size_to_string (n_bytes);
  g_autofree char *capacity = size_to_string (total);
  g_autofree char *rest = size_to_string (free);
  g_autofree char *used = size_to_string (gten_device_get_used_memory (device));
  g_autofree char *cached = size_to_string (gten_device_get_cached_memory (device));

  g_set_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
               "CUDA out of memory. Tried to allocate %s. GPU %d has a total capacity of %s of which %s is free. Of the allocated "
               "memory %s is used by tensors, and %s is reserved but unallocated.",
               wanted, device->index, capacity, rest, used, cached);
}

static void
set_out_of_memory (GtenDevice *device, gsize n_bytes, GError **error)
{
  if (device->backend->memory != NULL)
    {
      set_out_of_device_memory (device, n_bytes, error);
      return;
    }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
               "[enforce fail] %s: not enough memory: you tried to allocate %" G_GSIZE_FORMAT " bytes",
               gten_device_get_name (device), n_bytes);
}

/* Of a device with memory of its own: what is cached for other sizes is given back before the device counts as full. */
static void *
device_alloc (GtenDevice *device, gsize n_bytes)
{
  void *data = device->backend->alloc (device->index, n_bytes);

  if (G_UNLIKELY (data == NULL) && device->backend->trim != NULL)
    {
      __atomic_add_fetch (&device->n_retries, 1, __ATOMIC_RELAXED);
      gten_device_trim (device);
      data = device->backend->alloc (device->index, n_bytes);
    }
  __atomic_add_fetch (data != NULL ? &device->n_allocations : &device->n_failures, 1, __ATOMIC_RELAXED);
  if (data != NULL)
    __atomic_add_fetch (&device->allocated_bytes, n_bytes, __ATOMIC_RELAXED);
  if (G_UNLIKELY (gten_capture != NULL) && data != NULL)
    gten_capture_note_allocation (gten_capture, device, data);
  return data;
}

/* Whether another thread captures what is on a stream. All that was there before is done. */
static gboolean
is_captured_elsewhere (GtenDevice *device, void *stream)
{
  return stream != NULL && gten_capture == NULL && device->backend->stream_is_captured (device->index, stream);
}

/* `home` waits for what is on another stream. */
static void
wait_for (GtenDevice *device, void *home, void *stream)
{
  if (stream != home && !is_captured_elsewhere (device, stream)
      && gten_device_order_streams (device, home, device, stream) != GTEN_K_OK)
    device->backend->synchronize (device->index);
}

/* Memory goes back in the order of its own stream, after what this thread has enqueued on its current one. Nothing
 * comes into another thread's capture by this. */
void
gten_storage_free_memory (GtenStorage *self)
{
  GtenDevice *device = self->device;
  void       *current = gten_device_stream (device), *home = self->stream;

  if (G_UNLIKELY (gten_capture != NULL) && gten_capture_defer_free (gten_capture, self))
    return;
  if (G_UNLIKELY (is_captured_elsewhere (device, home)))
    home = is_captured_elsewhere (device, current) ? NULL : current;
  for (GSList *use = self->uses; use != NULL; use = use->next)
    wait_for (device, home, use->data);
  g_slist_free (self->uses);
  if (G_UNLIKELY (current != home))
    {
      wait_for (device, home, current);
      device->backend->set_stream (device->index, home);
    }
  device->backend->free (device->index, self->data, self->n_bytes);
  if (G_UNLIKELY (current != home))
    device->backend->set_stream (device->index, current);
  __atomic_add_fetch (&device->n_releases, 1, __ATOMIC_RELAXED);
}

void
gten_storage_used_on (GtenStorage *self, void *stream)
{
  G_LOCK_DEFINE_STATIC (uses);

  G_LOCK (uses);
  if (stream != self->stream && g_slist_find (self->uses, stream) == NULL)
    self->uses = g_slist_prepend (self->uses, stream);
  G_UNLOCK (uses);
}

GtenStorage *
gten_storage_new (GtenDevice *device, gsize n_bytes, GError **error)
{
  guint        n_lines = inline_lines (device, n_bytes);
  GtenStorage *self = block_alloc (n_lines);
  void        *data;

  if (G_UNLIKELY (self == NULL))
    {
      set_out_of_memory (device, n_bytes, error);
      return NULL;
    }
  if (n_lines > 0)
    data = (char *) self + LINE;
  else if (n_bytes == 0)
    data = NULL;
  else
    {
      data = device == gten_device_get_cpu () ? device->backend->alloc (device->index, n_bytes)
                                              : device_alloc (device, n_bytes);
      if (G_UNLIKELY (data == NULL))
        {
          block_release (self, 0);
          set_out_of_memory (device, n_bytes, error);
          return NULL;
        }
    }

  *self = (GtenStorage) { .device = device, .data = data, .n_bytes = n_bytes, .stream = gten_device_stream (device) };
  g_atomic_ref_count_init (&self->ref_count);
  gten_device_account (device, n_bytes);
  return self;
}

/* What marks foreign memory is that it has a release function. */
static void
release_nothing (gpointer owner)
{
}

GtenStorage *
gten_storage_new_foreign (GtenDevice *device, void *data, gsize n_bytes, gpointer owner,
                          GDestroyNotify release)
{
  GtenStorage *self = block_alloc (0);

  if (self == NULL)
    g_error ("%s: not enough memory for a header", G_STRLOC);
  *self = (GtenStorage) { .device = device, .data = data, .n_bytes = n_bytes, .owner = owner,
                          .release = release != NULL ? release : release_nothing };
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

GtenStorage *
gten_storage_ref (GtenStorage *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
gten_storage_unref (GtenStorage *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->release != NULL)
    {
      self->release (self->owner);
      block_release (self, 0);
      return;
    }

  guint n_lines = inline_lines (self->device, self->n_bytes);
  gten_device_account (self->device, -(gint64) self->n_bytes);
  if (n_lines == 0 && self->data != NULL && self->device != gten_device_get_cpu ())
    gten_storage_free_memory (self);
  else if (n_lines == 0 && self->data != NULL)
    self->device->backend->free (self->device->index, self->data, self->n_bytes);
  block_release (self, n_lines);
}

/* -- growth -------------------------------------------------------------------------------------- */

/* What the memory was before lives on, for those outside who point there. */
typedef struct
{
  GtenStorage *memory, *before;
} Growth;

static void
growth_free (gpointer data)
{
  Growth *growth = data;

  gten_storage_unref (growth->memory);
  if (growth->before != NULL)
    gten_storage_unref (growth->before);
  g_free (growth);
}

void
gten_storage_grow (GtenStorage *self, GtenStorage *larger)
{
  Growth *growth = g_new (Growth, 1);

  *growth = (Growth) { .memory = gten_storage_ref (larger) };
  if (self->release != NULL || inline_lines (self->device, self->n_bytes) == 0)
    {
      growth->before = gten_storage_new_foreign (self->device, self->data, self->n_bytes, self->owner, self->release);
      growth->before->release = self->release;
      growth->before->stream = self->stream;
      growth->before->uses = g_steal_pointer (&self->uses);
    }
  else
    gten_device_account (self->device, -(gint64) self->n_bytes); /* which stays with the header */
  self->data = larger->data;
  self->n_bytes = larger->n_bytes;
  self->stream = larger->stream;
  self->owner = growth;
  self->release = growth_free;
}
