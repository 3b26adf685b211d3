/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is told of a node beside the picture: its description, what its gradient is the sum of, where it
 * was recorded and what became of it, how much it has saved. */
#include "gten-gtk-node-private.h"

/**
 * gten_gtk_node_set_description:
 * @self: a node
 * @arguments: (nullable): what the operation was called with besides tensors
 * @formula: (nullable): how the value is computed
 * @gradients: (nullable): how the gradients of the inputs are computed
 * @documentation: (nullable): what the operation does
 *
 * Tells what is shown of a node beside the picture.
 */
void
gten_gtk_node_set_description (GtenGtkNode *self, const char *arguments, const char *formula, const char *const *gradients,
                               const char *documentation)
{
  g_free (self->arguments);
  g_free (self->formula);
  g_strfreev (self->gradients);
  g_free (self->documentation);
  self->arguments = g_strdup (arguments);
  self->formula = g_strdup (formula);
  self->gradients = g_strdupv ((char **) gradients);
  self->documentation = g_strdup (documentation);
  gten_gtk_node_notify (self, PROP_ARGUMENTS);
  gten_gtk_node_notify (self, PROP_FORMULA);
  gten_gtk_node_notify (self, PROP_GRADIENTS);
  gten_gtk_node_notify (self, PROP_DOCUMENTATION);
}

/**
 * gten_gtk_node_get_contributions:
 * @self: a node
 *
 * Returns: (transfer none): what each consumer added to the gradient, as a list of
 *   [class@Contribution]
 */
GListModel *
gten_gtk_node_get_contributions (GtenGtkNode *self)
{
  if (self->contributions == NULL)
    self->contributions = g_list_store_new (GTEN_GTK_TYPE_CONTRIBUTION);
  return G_LIST_MODEL (self->contributions);
}

/**
 * gten_gtk_node_set_contributions:
 * @self: a node
 * @contributions: (array length=n_contributions): what each consumer added
 * @n_contributions: how many
 *
 * Tells what the gradient is the sum of.
 */
void
gten_gtk_node_set_contributions (GtenGtkNode *self, GtenGtkContribution **contributions, guint n_contributions)
{
  GListModel *list = gten_gtk_node_get_contributions (self);

  g_list_store_splice (G_LIST_STORE (list), 0, g_list_model_get_n_items (list), (gpointer *) contributions, n_contributions);
  gten_gtk_node_notify (self, PROP_CONTRIBUTIONS);
}

/**
 * gten_gtk_node_set_history:
 * @self: a node
 * @site_text: (nullable): the line of source at which it was recorded
 * @history: (nullable): who wrote or freed what belongs to it
 *
 * Tells where the node comes from and what became of it.
 */
void
gten_gtk_node_set_history (GtenGtkNode *self, const char *site_text, const char *history)
{
  g_free (self->site_text);
  g_free (self->history);
  self->site_text = g_strdup (site_text);
  self->history = g_strdup (history);
  gten_gtk_node_notify (self, PROP_SITE_TEXT);
  gten_gtk_node_notify (self, PROP_HISTORY);
}

/**
 * gten_gtk_node_get_saved_bytes:
 * @self: a node
 *
 * Returns: bytes that it has saved for its gradient
 */
guint64
gten_gtk_node_get_saved_bytes (GtenGtkNode *self)
{
  return self->n_saved_bytes;
}

/**
 * gten_gtk_node_set_saved_bytes:
 * @self: a node
 * @n_bytes: bytes that it has saved for its gradient
 *
 * Tells how much it has saved.
 */
void
gten_gtk_node_set_saved_bytes (GtenGtkNode *self, guint64 n_bytes)
{
  if (self->n_saved_bytes == n_bytes)
    return;
  self->n_saved_bytes = n_bytes;
  gten_gtk_node_notify (self, PROP_SAVED_BYTES);
}
