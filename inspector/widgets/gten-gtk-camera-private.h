/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a view looks at a picture that is larger than it, and how it gets elsewhere. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GTEN_GTK_MIN_ZOOM 0.0005
#define GTEN_GTK_MAX_ZOOM 6.0

typedef struct
{
  GtkWidget *widget;
  double     x, y;                       /* of the picture, at the top left corner of the widget */
  double     zoom;                       /* 0 until it was set */
  double     from_x, from_y, to_x, to_y;
  gint64     glide_start;
  guint      glide;                      /* tick callback */
} GtenGtkCamera;

void gten_gtk_camera_set     (GtenGtkCamera *self, double x, double y, double zoom);
/* About a point of the widget, which stays where it is. */
void gten_gtk_camera_zoom_at (GtenGtkCamera *self, double zoom, double x, double y);
void gten_gtk_camera_pan     (GtenGtkCamera *self, double dx, double dy);
/* At once where animations are off or the widget is not seen. */
void gten_gtk_camera_glide   (GtenGtkCamera *self, double x, double y);
void gten_gtk_camera_stop    (GtenGtkCamera *self);

G_END_DECLS
