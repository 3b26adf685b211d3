/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Included before everything in the build for the thread sanitizer, which does not see how GLib orders what threads do:
 * GLib is not built for it. The functions are named anew before GLib declares them, so that what its headers make of them,
 * as GMutexLocker, is seen too. Meson's own first program is not built for the sanitizer. */
#pragma once

#ifdef __SANITIZE_THREAD__

#define g_object_unref                          tsan_object_unref
#define g_mutex_lock                            tsan_mutex_lock
#define g_mutex_unlock                          tsan_mutex_unlock
#define g_cond_wait                             tsan_cond_wait
#define g_cond_wait_until                       tsan_cond_wait_until
#define g_main_context_invoke_full              tsan_main_context_invoke_full

#include <glib-object.h>
#include <stdlib.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

/* Each object file has them; the linker keeps one. What they call is weak, for programs without GLib. */
#define TSAN_SHARED                __attribute__ ((weak))
#define TSAN_GLIB(type, name, ...) type tsan_glib_##name (__VA_ARGS__) __asm__ ("g_" #name) __attribute__ ((weak))

TSAN_GLIB (void, object_unref, gpointer object);
TSAN_GLIB (void, mutex_lock, GMutex *mutex);
TSAN_GLIB (void, mutex_unlock, GMutex *mutex);
TSAN_GLIB (void, cond_wait, GCond *cond, GMutex *mutex);
TSAN_GLIB (gboolean, cond_wait_until, GCond *cond, GMutex *mutex, gint64 end_time);
TSAN_GLIB (void, main_context_invoke_full, GMainContext *context, gint priority, GSourceFunc function, gpointer data,
           GDestroyNotify notify);

TSAN_SHARED void
g_object_unref (gpointer object)
{
  __tsan_release (object);
  __tsan_acquire (object); /* the last one frees what the others wrote */
  tsan_glib_object_unref (object);
}

TSAN_SHARED void
g_mutex_lock (GMutex *mutex)
{
  tsan_glib_mutex_lock (mutex);
  __tsan_acquire (mutex);
}

TSAN_SHARED void
g_mutex_unlock (GMutex *mutex)
{
  __tsan_release (mutex);
  tsan_glib_mutex_unlock (mutex);
}

/* A condition gives the mutex away and takes it back. */
TSAN_SHARED void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  __tsan_release (mutex);
  tsan_glib_cond_wait (cond, mutex);
  __tsan_acquire (mutex);
}

TSAN_SHARED gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  __tsan_release (mutex);
  signalled = tsan_glib_cond_wait_until (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

/* What another thread's main loop is handed: all before it is seen by what is called. */
typedef struct
{
  GSourceFunc    function;
  gpointer       data;
  GDestroyNotify notify;
} TsanInvocation;

static inline gboolean
tsan_invocation_run (gpointer data)
{
  TsanInvocation *self = data;

  __tsan_acquire (self);
  return self->function (self->data);
}

static inline void
tsan_invocation_free (gpointer data)
{
  TsanInvocation *self = data;

  __tsan_acquire (self);
  if (self->notify != NULL)
    self->notify (self->data);
  free (self);
}

TSAN_SHARED void
g_main_context_invoke_full (GMainContext *context, gint priority, GSourceFunc function, gpointer data, GDestroyNotify notify)
{
  TsanInvocation *self = malloc (sizeof *self);

  *self = (TsanInvocation) { function, data, notify };
  __tsan_release (self);
  tsan_glib_main_context_invoke_full (context, priority, tsan_invocation_run, self, tsan_invocation_free);
}

#endif
