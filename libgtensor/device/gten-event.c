/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device/gten-stream-private.h"

/**
 * GtenEvent:
 *
 * A place in the order of a stream, to wait for and to measure time between. An event belongs to the
 * device on which it is first recorded; recorded again, it stands for the later place.
 */

struct _GtenEvent
{
  GObject     parent_instance;
  GtenDevice *device;       /* NULL until it is recorded */
  void       *handle;       /* the backend's */
  gboolean    timing;
};

G_DEFINE_FINAL_TYPE (GtenEvent, gten_event, G_TYPE_OBJECT)

static void
gten_event_finalize (GObject *object)
{
  GtenEvent *self = GTEN_EVENT (object);

  if (self->handle != NULL)
    self->device->backend->event_free (self->device->index, self->handle);

  G_OBJECT_CLASS (gten_event_parent_class)->finalize (object);
}

static void
gten_event_class_init (GtenEventClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gten_event_finalize;
}

static void
gten_event_init (GtenEvent *self)
{
}

/**
 * gten_event_new:
 * @enable_timing: whether [method@Event.elapsed_time] will be asked
 *
 * Makes an event.
 *
 * Returns: (transfer full): a new event
 */
GtenEvent *
gten_event_new (gboolean enable_timing)
{
  GtenEvent *self = g_object_new (GTEN_TYPE_EVENT, NULL);

  self->timing = enable_timing;
  return self;
}

/**
 * gten_event_get_device:
 * @self: an event
 *
 * The device on which the event was recorded.
 *
 * Returns: (transfer none) (nullable): the device, or %NULL if it was not recorded yet
 */
GtenDevice *
gten_event_get_device (GtenEvent *self)
{
  g_return_val_if_fail (GTEN_IS_EVENT (self), NULL);
  return self->device;
}

/**
 * gten_event_record:
 * @self: an event
 * @stream: (nullable): the stream, or %NULL for this thread's current one
 * @error: return location for an error
 *
 * Lets the event stand for the end of what is on the stream now. Raises %GTEN_ERROR_DEVICE if it was recorded on
 * another device before.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_event_record (GtenEvent *self, GtenStream *stream, GError **error)
{
  g_return_val_if_fail (GTEN_IS_EVENT (self), FALSE);

  if (stream == NULL)
    stream = gten_stream_get_current (self->device, error);
  if (stream == NULL)
    return FALSE;
  if (self->device != NULL && self->device != stream->device)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "Event device %d does not match recording stream's device %d.",
                   self->device->index, stream->device->index);
      return FALSE;
    }
  if (self->handle == NULL)
    {
      self->handle = stream->device->backend->event_new (stream->device->index, self->timing);
      if (self->handle == NULL)
        return gten_device_check (stream->device, "event", GTEN_K_DEVICE_FAULT, NULL, error);
      self->device = stream->device;
    }
  return gten_device_check (self->device, "event_record",
                            self->device->backend->event_record (self->device->index, self->handle, stream->handle),
                            NULL, error);
}

/**
 * gten_event_wait:
 * @self: an event
 * @stream: (nullable): the stream, or %NULL for this thread's current one
 * @error: return location for an error
 *
 * Lets what comes on the stream from now on wait for what the event was recorded after. This thread does not
 * wait. An event that was not recorded is not waited for.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_event_wait (GtenEvent *self, GtenStream *stream, GError **error)
{
  g_return_val_if_fail (GTEN_IS_EVENT (self), FALSE);

  if (self->handle == NULL)
    return TRUE;
  if (stream == NULL)
    stream = gten_stream_get_current (self->device, error);
  return stream != NULL
         && gten_device_check (stream->device, "event_wait",
                               stream->device->backend->stream_wait (stream->device->index, stream->handle, self->handle),
                               NULL, error);
}

/**
 * gten_event_query:
 * @self: an event
 * @error: return location for an error
 *
 * Whether all is done that the event was recorded after.
 *
 * Returns: %TRUE if it is, or if the event was not recorded; %FALSE if not, or on error
 */
gboolean
gten_event_query (GtenEvent *self, GError **error)
{
  bool done = true;

  g_return_val_if_fail (GTEN_IS_EVENT (self), FALSE);

  return (self->handle == NULL
          || gten_device_check (self->device, "event_query",
                                self->device->backend->event_query (self->device->index, self->handle, &done), NULL,
                                error))
         && done;
}

/**
 * gten_event_synchronize:
 * @self: an event
 * @error: return location for an error
 *
 * Waits until all is done that the event was recorded after.
 *
 * Returns: %TRUE if all of it succeeded
 */
gboolean
gten_event_synchronize (GtenEvent *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_EVENT (self), FALSE);

  return self->handle == NULL
         || gten_device_check (self->device, "event_synchronize",
                               self->device->backend->event_synchronize (self->device->index, self->handle), NULL,
                               error);
}

/**
 * gten_event_elapsed_time:
 * @self: an event
 * @end: a later event
 * @error: return location for an error
 *
 * The time that the device took between two events. Raises %GTEN_ERROR_VALUE if one was made without timing, was
 * not recorded, or is not done.
 *
 * Returns: the milliseconds, or -1 on error
 */
double
gten_event_elapsed_time (GtenEvent *self, GtenEvent *end, GError **error)
{
  const char *missing = NULL;
  double      milliseconds = -1;

  g_return_val_if_fail (GTEN_IS_EVENT (self), -1);
  g_return_val_if_fail (GTEN_IS_EVENT (end), -1);

  if (!self->timing || !end->timing)
    missing = "Both events must be created with argument 'enable_timing=True'.";
  else if (self->handle == NULL || end->handle == NULL)
    missing = "Both events must be recorded before calculating elapsed time.";
  else if (!gten_event_query (self, error) || !gten_event_query (end, error))
    missing = "Both events must be completed before calculating elapsed time.";
  if (missing != NULL)
    {
      if (error == NULL || *error == NULL)
        g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, missing);
      return -1;
    }
  if (!gten_device_check (self->device, "elapsed_time",
                          self->device->backend->event_elapsed (self->device->index, self->handle, end->handle,
                                                                &milliseconds),
                          NULL, error))
    return -1;
  return milliseconds;
}
