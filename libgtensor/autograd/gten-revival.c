/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Making and freeing a GObject costs several times as much as filling it in. So a node that loses
 * its last reference waits, emptied, in a list of its thread for its next life, as tensors do; it
 * gets a new number then. */

#include "autograd/gten-node-private.h"

#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define KEPT_NODES 0            /* a node that is used after its end must be found */
#else
#define KEPT_NODES 256
#endif

typedef struct
{
  guint     n[GTEN_NODE_N_LISTS];
  GtenNode *nodes[GTEN_NODE_N_LISTS][KEPT_NODES + 1];
} NodeCache;

static void node_cache_free (gpointer data);

static GPrivate node_cache_private = G_PRIVATE_INIT (node_cache_free);
static __thread NodeCache *node_cache __attribute__ ((tls_model ("initial-exec")));
static __thread gboolean   thread_ends __attribute__ ((tls_model ("initial-exec")));

static void
node_cache_free (gpointer data)
{
  NodeCache *cache = data;

  thread_ends = TRUE;
  node_cache = NULL;
  for (guint list = 0; list < GTEN_NODE_N_LISTS; list++)
    while (cache->n[list] > 0)
      g_object_unref (cache->nodes[list][--cache->n[list]]);
  g_free (cache);
}

gpointer
gten_node_new (GType type, GtenNodeList list)
{
  NodeCache *cache = node_cache;

  while (G_LIKELY (cache != NULL && cache->n[list] > 0))
    {
      GtenNode *self = cache->nodes[list][--cache->n[list]];

      if (G_LIKELY (!gten_object_is_marked (&self->parent_instance)))
        return self;
      g_object_unref (self);
    }
  return g_object_new_with_properties (type, 0, NULL, NULL);
}

gboolean
gten_node_revive (GtenNode *self, GtenNodeList list)
{
  NodeCache *cache = node_cache;

  g_signal_handlers_destroy (self); /* what they own may bring the node back */
  if (gten_object_is_attached (&self->parent_instance))
    return FALSE;
  if (G_UNLIKELY (cache == NULL))
    {
      if (thread_ends || KEPT_NODES == 0)
        return FALSE;
      node_cache = cache = g_new0 (NodeCache, 1);
      g_private_set (&node_cache_private, cache);
    }
  if (G_UNLIKELY (cache->n[list] >= KEPT_NODES))
    return FALSE;

  gten_node_clear (self);
  cache->nodes[list][cache->n[list]++] = g_object_ref (self);
  gten_unref_deferred ();
  return TRUE;
}
