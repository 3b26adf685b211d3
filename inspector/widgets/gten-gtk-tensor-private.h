/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-node.h"
#include "gten-gtk-question.h"
#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

struct _GtenGtkTensor
{
  GObject            parent_instance;

  char              *name;
  char              *note;
  GtenDtype          dtype;
  gint64            *shape;
  gint64            *sample;       /* shape of what is in values */
  gint64            *steps;
  gsize              n_dims;
  guint64            n_values;     /* in the sample */
  gboolean           is_sample;
  GBytes            *values;       /* contiguous, NULL while unknown */
  GtenGtkStatistics  statistics;
  gboolean           has_statistics;
  gboolean           wanted;
  gboolean           wanted_whole;
  GtenGtkNode       *node;         /* whose it is, weak; NULL for nobody's */
  GPtrArray         *questions;    /* about all elements, and their answers */
  guint              age;          /* how often its elements have changed */

  /* Of a slice or a copy: the tensor that it was taken from, as old as it was then. */
  GtenGtkTensor     *source;
  guint              source_age;

  /* Of a slice: where it lies there, and which dimensions its own are. */
  gint64            *place;
  gsize              n_place;
  gsize              axes[2];
};

/* Where the elements of a pixel of a picture stand, such as "[0:25, 100:125]". */
char *gten_gtk_tensor_format_part (GtenGtkTensor *self, gint64 row, gint64 n_rows, gint64 column, gint64 n_columns);
/* Of the whole tensor. */
guint64 gten_gtk_tensor_count (GtenGtkTensor *self);
void gten_gtk_tensor_take_from (GtenGtkTensor *self, GtenGtkTensor *source);
void gten_gtk_tensor_pass_on   (GtenGtkTensor *self, GtenGtkQuestion *question);
void gten_gtk_tensor_answered  (GtenGtkTensor *self);

G_END_DECLS
