/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where memory came from and who wrote what: the last allocations by operation, the pass that last wrote the gradient of
 * a leaf, and the one that freed what a node had saved. All of it is bounded; the oldest goes first. */

#include "inspect/gten-inspect-private.h"

#include "core/gten-tensor-private.h"
#include "device/gten-device.h"

#define MAX_ENTRIES 16384
#define MAX_KNOWN   65536

typedef struct
{
  guint64     number;
  gint64      time, n_bytes;
  guint64     used, node;
  GtenDevice *device;               /* devices live for ever, as names of operations do */
  const char *op;
} Entry;

typedef struct
{
  guint64 pass, from;
  guint   step;
  guint64 grad;                     /* number and version of the gradient as it was written */
  guint   version;
} Write;

static GMutex      lock;
static Entry      *entries;         /* a ring */
static guint64     n_entries;
static GHashTable *writes;          /* of a leaf's number: Write */
static GHashTable *releases;        /* of a node's number: pass */

/* -- timeline ----------------------------------------------------------------------------------- */

/* With the lock held. */
static void
add (GtenDevice *device, const char *op, gint64 n_bytes, gint64 used, guint64 node)
{
  Entry entry = { n_entries + 1, g_get_monotonic_time (), n_bytes, used, node, device, op };

  entries[n_entries++ % MAX_ENTRIES] = entry;
}

void
gten_timeline_add (GtenDevice *device, const char *op, gint64 before, gint64 after, guint64 node)
{
  static GHashTable *last_used;     /* of a device */
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  gint64 last;
  gpointer known;

  if (entries == NULL)
    {
      entries = g_new0 (Entry, MAX_ENTRIES);
      last_used = g_hash_table_new (NULL, NULL);
    }
  last = g_hash_table_lookup_extended (last_used, device, NULL, &known) ? (gint64) GPOINTER_TO_SIZE (known) : before;
  if (before != last)
    add (device, "", before - last, before, 0);
  if (after != before)
    add (device, op, after - before, after, node);
  g_hash_table_insert (last_used, device, GSIZE_TO_POINTER ((gsize) after));
}

void
gten_timeline_clear (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  n_entries = 0;
}

GVariant *
gten_timeline_get (guint64 since)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  guint64 first = MAX (since, n_entries > MAX_ENTRIES ? n_entries - MAX_ENTRIES : 0);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE (GTEN_INSPECT_TIMELINE));
  for (guint64 i = first; i < n_entries; i++)
    {
      const Entry *entry = &entries[i % MAX_ENTRIES];
      g_autofree char *device = gten_device_to_string (entry->device);

      g_variant_builder_add (&list, "(txssxtt)", entry->number, entry->time, device, entry->op, entry->n_bytes, entry->used,
                             entry->node);
    }
  return g_variant_builder_end (&list);
}

/* -- writers ------------------------------------------------------------------------------------ */

/* With the lock held. */
static GHashTable *
ensure (GHashTable **table)
{
  if (*table == NULL)
    *table = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  if (g_hash_table_size (*table) >= MAX_KNOWN)
    g_hash_table_remove_all (*table);
  return *table;
}

void
gten_writers_note (GtenTensor *variable, guint64 pass, guint step, guint64 from)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GtenTensor *grad = gten_tensor_get_grad (variable);
  guint64 id = gten_tensor_get_id (variable);
  Write write = { pass, from, step, grad != NULL ? gten_tensor_get_id (grad) : 0, grad != NULL ? gten_tensor_get_version (grad) : 0 };

  g_hash_table_insert (ensure (&writes), g_memdup2 (&id, sizeof id), g_memdup2 (&write, sizeof write));
}

void
gten_writers_describe (GtenTensor *variable, GVariantBuilder *description)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  guint64 id = gten_tensor_get_id (variable);
  GtenTensor *grad = gten_tensor_get_grad (variable);
  const Write *write = writes != NULL ? g_hash_table_lookup (writes, &id) : NULL;
  gboolean changed;

  if (write == NULL)
    return;
  changed = grad == NULL || gten_tensor_get_id (grad) != write->grad || gten_tensor_get_version (grad) != write->version;
  g_variant_builder_add (description, "{sv}", "written-by", g_variant_new ("(ttt)", write->pass, (guint64) write->step, write->from));
  g_variant_builder_add (description, "{sv}", "written-since", g_variant_new_boolean (changed));
}

void
gten_releases_note (GtenNode *node, guint64 pass)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  guint64 id = gten_node_get_id (node);

  g_hash_table_insert (ensure (&releases), g_memdup2 (&id, sizeof id), g_memdup2 (&pass, sizeof pass));
}

guint64
gten_releases_find (GtenNode *node)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  guint64 id = gten_node_get_id (node);
  const guint64 *pass = releases != NULL ? g_hash_table_lookup (releases, &id) : NULL;

  return pass != NULL ? *pass : 0;
}

void
gten_writers_clear (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  g_clear_pointer (&writes, g_hash_table_unref);
  g_clear_pointer (&releases, g_hash_table_unref);
}
