/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Conditions asked of what is looked at, with the words of the debug service. */
#include "gten-gtk-graph.h"

#include <math.h>

/**
 * gten_gtk_node_matches:
 * @self: a node
 * @condition: a condition
 * @hit: how often it has been come to
 *
 * Returns: whether the node fulfils a condition; not while what it asks for is unknown
 */
gboolean
gten_gtk_node_matches (GtenGtkNode *self, GtenCondition *condition, guint64 hit)
{
  static const char *const states[] = { "not-needed", "pending", "partial", "ready", "ready", "done", "done" };
  GtenGtkTensor *gradient = gten_gtk_node_get_gradient (self);
  GtenGtkStatistics s;
  GtenConditionSubject subject = { .name = gten_gtk_node_get_name (self), .op = gten_gtk_node_get_op (self),
                                   .site = gten_gtk_node_get_site (self), .n_dims = -1, .minimum = NAN, .maximum = NAN,
                                   .mean = NAN, .norm = NAN, .hit = hit, .leaf = gten_gtk_node_is_leaf (self) };

  subject.state = states[gten_gtk_node_get_state (self, NULL, NULL)];
  if (gradient != NULL)
    {
      gsize n_dims;

      subject.shape = gten_gtk_tensor_get_shape (gradient, &n_dims);
      subject.n_dims = n_dims;
      subject.dtype = gten_dtype_get_name (gten_gtk_tensor_get_dtype (gradient));
      subject.measured = gten_gtk_tensor_get_statistics (gradient, &s);
    }
  if (subject.measured)
    {
      subject.n_nan = s.n_nan;
      subject.n_infinite = s.n_infinite;
      subject.minimum = s.minimum;
      subject.maximum = s.maximum;
      subject.mean = s.mean;
      subject.norm = s.norm;
    }
  return gten_condition_matches (condition, &subject);
}

/**
 * gten_gtk_graph_find_matches:
 * @self: a graph
 * @condition: a condition
 *
 * Returns: (transfer full): the indices of the nodes that fulfil it
 */
GtkBitset *
gten_gtk_graph_find_matches (GtenGtkGraph *self, GtenCondition *condition)
{
  GtkBitset *matches = gtk_bitset_new_empty ();

  for (guint i = 0; i < gten_gtk_graph_get_n_nodes (self); i++)
    if (gten_gtk_node_matches (gten_gtk_graph_get_node (self, i), condition, 0))
      gtk_bitset_add (matches, i);
  return matches;
}
