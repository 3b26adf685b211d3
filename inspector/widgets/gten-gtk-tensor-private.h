/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

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
  guint64           *counts;       /* of all elements, between the least and the greatest; NULL while unknown */
  guint              n_counts;
  guint              wanted_counts;

  /* Of a slice: where it lies in the tensor that it was taken from, and which dimensions there its
   * own are. */
  gint64            *place;
  gsize              n_place;
  gsize              axes[2];
};

G_END_DECLS
