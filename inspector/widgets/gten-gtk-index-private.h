/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What of many things lies in a rectangle: a tree of bounding boxes, packed into arrays, over the things in the order of a
 * Z-curve through their middles. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  float left, top, right, bottom;     /* left above right: nothing */
} GtenGtkExtent;

typedef struct _GtenGtkIndex GtenGtkIndex;

GtenGtkIndex *gten_gtk_index_new   (const GtenGtkExtent *extents, guint n);
void          gten_gtk_index_free  (GtenGtkIndex *self);
/* Appends the numbers (guint) of the things that touch the area, in the order of the curve. */
void          gten_gtk_index_find  (const GtenGtkIndex *self, const GtenGtkExtent *area, GArray *found);

static inline gboolean
gten_gtk_extents_touch (const GtenGtkExtent *a, const GtenGtkExtent *b)
{
  return a->left <= b->right && a->right >= b->left && a->top <= b->bottom && a->bottom >= b->top;
}

G_END_DECLS
