/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A node of a backward graph as it is looked at. What is cheap is known from the start; formula and
 * saved tensors come when someone is about to show them ("wanted"). The gradient is a tensor from
 * the start as well, without values until they exist: a gradient that was not computed has no
 * number to be mistaken for. A large graph has two tensors a node, so each is made when someone
 * first asks for it. */
#pragma once

#include "gten-gtk-graph-private.h"

G_BEGIN_DECLS

struct _GtenGtkNode
{
  GObject        parent_instance;

  GtenGtkGraph  *graph;           /* not owned */
  guint64        id;
  guint          index;
  char          *name;
  char          *op;
  char          *site;
  gboolean       leaf;
  gboolean       breakpoint;
  gboolean       wanted;
  GtenGtkState   state;
  guint          n_arrived;
  guint          n_expected;
  GtenDtype      dtype;           /* of the first output */
  gint64        *shape;           /* NULL without an output */
  gsize          n_dims;
  GtenGtkTensor *value;
  GtenGtkTensor *gradient;
  char          *arguments;
  char          *formula;
  char         **gradients;
  char          *documentation;
  GListStore    *saved;
  GListStore    *contributions;
  char          *site_text;
  char          *history;
  guint64        n_saved_bytes;
};

typedef enum
{
  PROP_ID = 1, PROP_INDEX, PROP_NAME, PROP_OP, PROP_SHAPE, PROP_SITE, PROP_LEAF, PROP_STATE, PROP_STATE_TEXT, PROP_NORM,
  PROP_NORM_TEXT, PROP_BREAKPOINT, PROP_VALUE, PROP_GRADIENT, PROP_ARGUMENTS, PROP_FORMULA, PROP_GRADIENTS,
  PROP_DOCUMENTATION, PROP_SAVED, PROP_CONTRIBUTIONS, PROP_SITE_TEXT, PROP_HISTORY, PROP_SAVED_BYTES, N_PROPS,
} GtenGtkNodeProperty;

void gten_gtk_node_notify       (GtenGtkNode *self, GtenGtkNodeProperty property);
/* Its picture is out of date. */
void gten_gtk_node_touch        (GtenGtkNode *self);
void gten_gtk_node_clear_output (GtenGtkNode *self);

G_END_DECLS
