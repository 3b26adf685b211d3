/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gten-gtk-contribution.h"
#include "gten-gtk-question.h"
#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

/**
 * GtenGtkState:
 * @GTEN_GTK_STATE_NOT_NEEDED: nothing asks for this gradient
 * @GTEN_GTK_STATE_PENDING: no contribution has arrived
 * @GTEN_GTK_STATE_PARTIAL: some contributions have arrived
 * @GTEN_GTK_STATE_READY: all have; the node can run
 * @GTEN_GTK_STATE_RUNNING: the node runs next, or is running
 * @GTEN_GTK_STATE_DONE: the node has run
 * @GTEN_GTK_STATE_FREED: the node has run, and its gradient was not kept
 *
 * How far the gradient of a node has come, as it is shown.
 */
typedef enum
{
  GTEN_GTK_STATE_NOT_NEEDED,
  GTEN_GTK_STATE_PENDING,
  GTEN_GTK_STATE_PARTIAL,
  GTEN_GTK_STATE_READY,
  GTEN_GTK_STATE_RUNNING,
  GTEN_GTK_STATE_DONE,
  GTEN_GTK_STATE_FREED,
} GtenGtkState;

GTEN_API GType gten_gtk_state_get_type (void);
#define GTEN_GTK_TYPE_STATE (gten_gtk_state_get_type ())

#define GTEN_GTK_TYPE_NODE (gten_gtk_node_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenGtkNode, gten_gtk_node, GTEN_GTK, NODE, GObject)

/* signals: "wanted" ()
 * properties: id, index, name, op, shape, site, leaf, state, state-text, norm, norm-text, breakpoint, value, gradient,
 *             arguments, formula, gradients, documentation, saved, contributions, site-text, history, saved-bytes */

GTEN_API GtenGtkNode   *gten_gtk_node_new               (guint64 id, guint index, const char *name);

GTEN_API guint64        gten_gtk_node_get_id            (GtenGtkNode *self);
GTEN_API guint          gten_gtk_node_get_index         (GtenGtkNode *self);
GTEN_API const char    *gten_gtk_node_get_name          (GtenGtkNode *self);
GTEN_API const char    *gten_gtk_node_get_op            (GtenGtkNode *self);
GTEN_API const char    *gten_gtk_node_get_site          (GtenGtkNode *self);
GTEN_API gboolean       gten_gtk_node_is_leaf           (GtenGtkNode *self);
GTEN_API void           gten_gtk_node_set_origin        (GtenGtkNode *self, const char *op,
                                                         const char *site, gboolean leaf);

GTEN_API void           gten_gtk_node_set_output        (GtenGtkNode *self, GtenDtype dtype, const gint64 *shape,
                                                         gsize n_dims);
GTEN_API GtenGtkTensor *gten_gtk_node_get_value         (GtenGtkNode *self);
GTEN_API GtenGtkTensor *gten_gtk_node_get_gradient      (GtenGtkNode *self);

GTEN_API GtenGtkState   gten_gtk_node_get_state         (GtenGtkNode *self, guint *n_arrived,
                                                         guint *n_expected);
GTEN_API void           gten_gtk_node_set_state         (GtenGtkNode *self, GtenGtkState state, guint n_arrived,
                                                         guint n_expected);
GTEN_API char          *gten_gtk_node_describe_state    (GtenGtkNode *self);
GTEN_API char          *gten_gtk_node_describe          (GtenGtkNode *self);
GTEN_API gboolean       gten_gtk_node_get_breakpoint    (GtenGtkNode *self);
GTEN_API void           gten_gtk_node_set_breakpoint    (GtenGtkNode *self, gboolean breakpoint);

GTEN_API void           gten_gtk_node_want              (GtenGtkNode *self);
GTEN_API void           gten_gtk_node_set_description   (GtenGtkNode *self, const char *arguments, const char *formula,
                                                         const char *const *gradients, const char *documentation);
GTEN_API GListModel    *gten_gtk_node_get_saved         (GtenGtkNode *self);
GTEN_API void           gten_gtk_node_add_saved         (GtenGtkNode *self, GtenGtkTensor *tensor);

GTEN_API GListModel    *gten_gtk_node_get_contributions (GtenGtkNode *self);
GTEN_API void           gten_gtk_node_set_contributions (GtenGtkNode *self, GtenGtkContribution **contributions,
                                                         guint n_contributions);
GTEN_API void           gten_gtk_node_set_history       (GtenGtkNode *self, const char *site_text,
                                                         const char *history);
GTEN_API guint64        gten_gtk_node_get_saved_bytes   (GtenGtkNode *self);
GTEN_API void           gten_gtk_node_set_saved_bytes   (GtenGtkNode *self, guint64 n_bytes);

GTEN_API gboolean       gten_gtk_node_matches           (GtenGtkNode *self, GtenCondition *condition, guint64 hit);

GTEN_API GtenGtkNode   *gten_gtk_tensor_get_node             (GtenGtkTensor *self);

G_END_DECLS
