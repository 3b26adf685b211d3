/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory, shared by the tensors that view it.
 *
 * A storage on the CPU begins a block of 64-byte lines: the header is the first line, and up to 16
 * lines of data follow it, so that a small tensor's memory is one block. Blocks are kept per thread
 * and per size, which makes a small allocation a few instructions. Larger data comes from the
 * backend, which keeps its own cache. */

#include "core/gten-storage-private.h"
#include "device/gten-device-private.h"

#include <stdlib.h>

#define LINE          64
#define INLINE_LINES  16
#ifdef __SANITIZE_ADDRESS__
#define KEPT_BLOCKS   0     /* a block that is used after its release must be found */
#else
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

static void
set_out_of_memory (GtenDevice *device, gsize n_bytes, GError **error)
{
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
               "[enforce fail] %s: not enough memory: you tried to allocate %" G_GSIZE_FORMAT " bytes",
               gten_device_get_name (device), n_bytes);
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
      data = device->backend->alloc (device->index, n_bytes);
      if (G_UNLIKELY (data == NULL))
        {
          block_release (self, 0);
          set_out_of_memory (device, n_bytes, error);
          return NULL;
        }
    }

  *self = (GtenStorage) { .device = device, .data = data, .n_bytes = n_bytes };
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
  if (n_lines == 0 && self->data != NULL)
    self->device->backend->free (self->device->index, self->data, self->n_bytes);
  block_release (self, n_lines);
}
