/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where in the program a node is recorded: what the program said last in this thread or, while somebody wants to know, what
 * the language that it is written in answers. */

#include "autograd/gten-node-private.h"

typedef struct
{
  GtenSiteFunction function;
  gpointer         user_data;
  GThread         *thread;          /* the only one that it may be asked in; NULL: any */
  gpointer         earlier;         /* in place of which it came, and which someone may still be asking */
} Asker;

gboolean gten_sites_are_watched;

static Asker *asker;
static __thread const char *current_site __attribute__ ((tls_model ("initial-exec")));
static __thread gboolean    asking;

const char *
gten_current_site (void)
{
  return current_site;
}

/* The answer may itself be computed with tensors. */
const char *
gten_find_site (void)
{
  const Asker *self = __atomic_load_n (&asker, __ATOMIC_ACQUIRE);
  g_autofree char *site = NULL;

  if (current_site != NULL || self == NULL || asking || (self->thread != NULL && self->thread != g_thread_self ()))
    return current_site;
  asking = TRUE;
  site = self->function (self->user_data);
  asking = FALSE;
  return site != NULL ? g_intern_string (site) : NULL;
}

void
gten_sites_watch (gboolean watch)
{
  __atomic_store_n (&gten_sites_are_watched, watch, __ATOMIC_RELAXED);
}

/**
 * gten_node_set_site:
 * @site: (nullable): "file:line function"
 *
 * Says where in the program this thread is: the creation site of the nodes that it records from now on.
 */
void
gten_node_set_site (const char *site)
{
  current_site = g_intern_string (site);
}

/**
 * gten_node_set_site_function:
 * @any_thread: whether the function may be called in other threads than this one
 * @function: (scope notified) (closure user_data) (destroy destroy): says where the program is
 * @user_data: what @function is called with
 * @destroy: called when the function is no longer needed
 *
 * Has a function say where in the program nodes are recorded, for as long as somebody wants to know: while an inspector is
 * attached. The overrides of a language call this once, for the frames of that language.
 */
void
gten_node_set_site_function (gboolean any_thread, GtenSiteFunction function, gpointer user_data, GDestroyNotify destroy)
{
  Asker *self = g_new (Asker, 1);

  *self = (Asker) { function, user_data, any_thread ? NULL : g_thread_self (), __atomic_load_n (&asker, __ATOMIC_RELAXED) };
  __atomic_store_n (&asker, self, __ATOMIC_RELEASE);
}
