/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Included before everything in the build for the thread sanitizer, which does not see that GLib's mutexes and references
 * order what threads do: GLib is not built for it. */
#pragma once

#include <glib-object.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

static inline void
tsan_object_unref (gpointer object)
{
  __tsan_release (object);
  __tsan_acquire (object); /* the last one frees what the others wrote */
  (g_object_unref) (object);
}

static inline void
tsan_mutex_lock (GMutex *mutex)
{
  g_mutex_lock (mutex);
  __tsan_acquire (mutex);
}

static inline void
tsan_mutex_unlock (GMutex *mutex)
{
  __tsan_release (mutex);
  g_mutex_unlock (mutex);
}

#define g_object_unref tsan_object_unref
#define g_mutex_lock   tsan_mutex_lock
#define g_mutex_unlock tsan_mutex_unlock
