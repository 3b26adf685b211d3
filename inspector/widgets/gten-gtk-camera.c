/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-camera-private.h"

#define GLIDE_US 180000

void
gten_gtk_camera_stop (GtenGtkCamera *self)
{
  if (self->glide != 0)
    gtk_widget_remove_tick_callback (self->widget, self->glide);
  self->glide = 0;
}

static void
move (GtenGtkCamera *self, double x, double y, double zoom)
{
  self->zoom = CLAMP (zoom, GTEN_GTK_MIN_ZOOM, GTEN_GTK_MAX_ZOOM);
  self->x = x;
  self->y = y;
  gtk_widget_queue_draw (self->widget);
}

void
gten_gtk_camera_set (GtenGtkCamera *self, double x, double y, double zoom)
{
  gten_gtk_camera_stop (self);
  move (self, x, y, zoom);
}

void
gten_gtk_camera_zoom_at (GtenGtkCamera *self, double zoom, double x, double y)
{
  double picture_x = self->x + x / self->zoom, picture_y = self->y + y / self->zoom;

  zoom = CLAMP (zoom, GTEN_GTK_MIN_ZOOM, GTEN_GTK_MAX_ZOOM);
  gten_gtk_camera_set (self, picture_x - x / zoom, picture_y - y / zoom, zoom);
}

void
gten_gtk_camera_pan (GtenGtkCamera *self, double dx, double dy)
{
  gten_gtk_camera_set (self, self->x + dx / self->zoom, self->y + dy / self->zoom, self->zoom);
}

static gboolean
glide_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GtenGtkCamera *self = data;
  double t = (gdk_frame_clock_get_frame_time (clock) - self->glide_start) / (double) GLIDE_US;

  t = CLAMP (t, 0, 1);
  t = t * t * (3 - 2 * t);
  move (self, self->from_x + (self->to_x - self->from_x) * t,
        self->from_y + (self->to_y - self->from_y) * t, self->zoom);
  if (t < 1)
    return G_SOURCE_CONTINUE;
  self->glide = 0;
  return G_SOURCE_REMOVE;
}

void
gten_gtk_camera_glide (GtenGtkCamera *self, double x, double y)
{
  gboolean animate = FALSE;

  gten_gtk_camera_stop (self);
  g_object_get (gtk_widget_get_settings (self->widget), "gtk-enable-animations", &animate, NULL);
  if (!animate || !gtk_widget_get_mapped (self->widget))
    {
      move (self, x, y, self->zoom);
      return;
    }
  self->from_x = self->x;
  self->from_y = self->y;
  self->to_x = x;
  self->to_y = y;
  self->glide_start = gdk_frame_clock_get_frame_time (gtk_widget_get_frame_clock (self->widget));
  self->glide = gtk_widget_add_tick_callback (self->widget, glide_cb, self, NULL);
}
