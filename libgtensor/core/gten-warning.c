/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Warnings: what is legal but seldom meant, in PyTorch's words. They go to the function that the program or its language sets,
 * or else to GLib's log, as messages. */

#include "core/gten-warning-private.h"

typedef struct
{
  GtenWarningFunction function;
  gpointer            user_data;
  GDestroyNotify      destroy;
} Listener;

static GMutex lock;
static Listener *listener;

static void
listener_clear (gpointer data)
{
  Listener *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
}

/**
 * gten_set_warning_function:
 * @function: (nullable) (scope notified) (closure user_data): what to call, in the thread of the operation
 * @user_data: the user's data
 * @destroy: (nullable) (destroy user_data): what to do with @user_data at last
 *
 * Sets where the warnings of operations go, for all threads. Without a function they go to GLib's log.
 */
void
gten_set_warning_function (GtenWarningFunction function, gpointer user_data, GDestroyNotify destroy)
{
  Listener *before, *after = NULL;

  if (function != NULL)
    {
      after = g_atomic_rc_box_new (Listener);
      *after = (Listener) { function, user_data, destroy };
    }
  g_mutex_lock (&lock);
  before = listener;
  listener = after;
  g_mutex_unlock (&lock);
  if (before != NULL)
    g_atomic_rc_box_release_full (before, listener_clear);
}

gboolean
gten_warn (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  Listener *told = NULL;
  gboolean goes_on;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_mutex_lock (&lock);
  if (listener != NULL)
    told = g_atomic_rc_box_acquire (listener);
  g_mutex_unlock (&lock);
  if (told == NULL)
    {
      g_message ("%s", message);
      return TRUE;
    }
  goes_on = told->function (message, told->user_data);
  g_atomic_rc_box_release_full (told, listener_clear);
  if (!goes_on && (error == NULL || *error == NULL))
    g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, message);
  return goes_on;
}
