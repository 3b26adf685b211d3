/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a node is: where it comes from, how far its gradient has come, and how that is told. Its
 * properties are all here. */
#include "gten-gtk-node-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

G_DEFINE_FINAL_TYPE (GtenGtkNode, gten_gtk_node, G_TYPE_OBJECT)

enum { WANTED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (GtenGtkState, gten_gtk_state,
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_STATE_NOT_NEEDED, "not-needed"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_STATE_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_STATE_PARTIAL, "partial"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_STATE_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_STATE_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_STATE_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_STATE_FREED, "freed"))

static const char *const state_words[] = { N_ ("not needed"), N_ ("pending"), N_ ("partial"), N_ ("ready"), N_ ("running"), N_ ("done"),
                                           N_ ("freed") };

static double
get_norm (GtenGtkNode *self)
{
  GtenGtkStatistics statistics;

  return self->gradient != NULL && gten_gtk_tensor_get_statistics (self->gradient, &statistics) ? statistics.norm : NAN;
}

static char *
format_norm (GtenGtkNode *self)
{
  GtenGtkStatistics statistics;
  g_autofree char *norm = NULL;

  if (self->gradient == NULL || !gten_gtk_tensor_get_statistics (self->gradient, &statistics))
    return g_strdup ("");
  norm = gten_gtk_format_number (statistics.norm);
  return statistics.n_nan + statistics.n_infinite > 0 ? g_strconcat ("⚠ ", norm, NULL) : g_steal_pointer (&norm);
}

static char *
format_shape (GtenGtkNode *self)
{
  return self->shape != NULL ? gten_gtk_format_shape (self->shape, self->n_dims) : g_strdup ("");
}

static void
gten_gtk_node_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkNode *self = GTEN_GTK_NODE (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_uint64 (value, self->id);
      break;
    case PROP_INDEX:
      g_value_set_uint (value, self->index);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_OP:
      g_value_set_string (value, self->op);
      break;
    case PROP_SHAPE:
      g_value_take_string (value, format_shape (self));
      break;
    case PROP_SITE:
      g_value_set_string (value, self->site);
      break;
    case PROP_LEAF:
      g_value_set_boolean (value, self->leaf);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_STATE_TEXT:
      g_value_take_string (value, gten_gtk_node_describe_state (self));
      break;
    case PROP_NORM:
      g_value_set_double (value, get_norm (self));
      break;
    case PROP_NORM_TEXT:
      g_value_take_string (value, format_norm (self));
      break;
    case PROP_BREAKPOINT:
      g_value_set_boolean (value, self->breakpoint);
      break;
    case PROP_VALUE:
      g_value_set_object (value, gten_gtk_node_get_value (self));
      break;
    case PROP_GRADIENT:
      g_value_set_object (value, gten_gtk_node_get_gradient (self));
      break;
    case PROP_ARGUMENTS:
      g_value_set_string (value, self->arguments);
      break;
    case PROP_FORMULA:
      g_value_set_string (value, self->formula);
      break;
    case PROP_GRADIENTS:
      g_value_set_boxed (value, self->gradients);
      break;
    case PROP_DOCUMENTATION:
      g_value_set_string (value, self->documentation);
      break;
    case PROP_CONTRIBUTIONS:
      g_value_set_object (value, gten_gtk_node_get_contributions (self));
      break;
    case PROP_SITE_TEXT:
      g_value_set_string (value, self->site_text);
      break;
    case PROP_HISTORY:
      g_value_set_string (value, self->history);
      break;
    case PROP_SAVED_BYTES:
      g_value_set_uint64 (value, self->n_saved_bytes);
      break;
    case PROP_SAVED:
      g_value_set_object (value, gten_gtk_node_get_saved (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gten_gtk_node_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BREAKPOINT)
    gten_gtk_node_set_breakpoint (GTEN_GTK_NODE (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gten_gtk_node_finalize (GObject *object)
{
  GtenGtkNode *self = GTEN_GTK_NODE (object);

  gten_gtk_node_clear_output (self);
  g_clear_object (&self->saved);
  g_clear_object (&self->contributions);
  g_free (self->site_text);
  g_free (self->history);
  g_free (self->name);
  g_free (self->op);
  g_free (self->site);
  g_free (self->arguments);
  g_free (self->formula);
  g_strfreev (self->gradients);
  g_free (self->documentation);
  G_OBJECT_CLASS (gten_gtk_node_parent_class)->finalize (object);
}

static void
gten_gtk_node_class_init (GtenGtkNodeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gten_gtk_node_get_property;
  object_class->set_property = gten_gtk_node_set_property;
  object_class->finalize = gten_gtk_node_finalize;

  /**
   * GtenGtkNode:id:
   *
   * The number of the node in its program.
   */
  properties[PROP_ID] = g_param_spec_uint64 ("id", NULL, NULL, 0, G_MAXUINT64, 0, read);
  /**
   * GtenGtkNode:index:
   *
   * The place of the node in the order in which the pass runs.
   */
  properties[PROP_INDEX] = g_param_spec_uint ("index", NULL, NULL, 0, G_MAXUINT, 0, read);
  /**
   * GtenGtkNode:name:
   *
   * The name of the node.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:op:
   *
   * The name of the operation that made the node.
   */
  properties[PROP_OP] = g_param_spec_string ("op", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:shape:
   *
   * The shape of the first output, as text.
   */
  properties[PROP_SHAPE] = g_param_spec_string ("shape", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:site:
   *
   * Where in the program the node was made.
   */
  properties[PROP_SITE] = g_param_spec_string ("site", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:leaf:
   *
   * Whether the node accumulates into a leaf tensor.
   */
  properties[PROP_LEAF] = g_param_spec_boolean ("leaf", NULL, NULL, FALSE, read);
  /**
   * GtenGtkNode:state:
   *
   * How far the gradient has come.
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, GTEN_GTK_TYPE_STATE,
                                              GTEN_GTK_STATE_PENDING, read);
  /**
   * GtenGtkNode:state-text:
   *
   * The state in words.
   */
  properties[PROP_STATE_TEXT] = g_param_spec_string ("state-text", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:norm:
   *
   * The norm of the gradient; not a number while it is unknown.
   */
  properties[PROP_NORM] = g_param_spec_double ("norm", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0,
                                               read);
  /**
   * GtenGtkNode:norm-text:
   *
   * The norm as text; empty while it is unknown.
   */
  properties[PROP_NORM_TEXT] = g_param_spec_string ("norm-text", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:breakpoint:
   *
   * Whether the pass stops before the node runs.
   */
  properties[PROP_BREAKPOINT] = g_param_spec_boolean ("breakpoint", NULL, NULL, FALSE,
                                                      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * GtenGtkNode:value:
   *
   * What the operation computed.
   */
  properties[PROP_VALUE] = g_param_spec_object ("value", NULL, NULL, GTEN_GTK_TYPE_TENSOR, read);
  /**
   * GtenGtkNode:gradient:
   *
   * The gradient with respect to the value.
   */
  properties[PROP_GRADIENT] = g_param_spec_object ("gradient", NULL, NULL, GTEN_GTK_TYPE_TENSOR,
                                                   read);
  /**
   * GtenGtkNode:arguments:
   *
   * What the operation was called with besides tensors.
   */
  properties[PROP_ARGUMENTS] = g_param_spec_string ("arguments", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:formula:
   *
   * How the value is computed.
   */
  properties[PROP_FORMULA] = g_param_spec_string ("formula", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:gradients:
   *
   * How the gradients of the inputs are computed, a line for each.
   */
  properties[PROP_GRADIENTS] = g_param_spec_boxed ("gradients", NULL, NULL, G_TYPE_STRV, read);
  /**
   * GtenGtkNode:documentation:
   *
   * What the operation does, in a sentence.
   */
  properties[PROP_DOCUMENTATION] = g_param_spec_string ("documentation", NULL, NULL, NULL, read);
  /**
   * GtenGtkNode:saved:
   *
   * The tensors that were saved for the gradient, as a list of [class@Tensor].
   */
  properties[PROP_SAVED] = g_param_spec_object ("saved", NULL, NULL, G_TYPE_LIST_MODEL, read);
  /**
   * GtenGtkNode:contributions:
   *
   * What each consumer added to the gradient, in the order of arrival.
   */
  properties[PROP_CONTRIBUTIONS] = g_param_spec_object ("contributions", NULL, NULL, G_TYPE_LIST_MODEL,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenGtkNode:site-text:
   *
   * The line of source at which the node was recorded, or %NULL.
   */
  properties[PROP_SITE_TEXT] = g_param_spec_string ("site-text", NULL, NULL, NULL,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenGtkNode:history:
   *
   * Who wrote or freed what belongs to the node, in words, or %NULL.
   */
  properties[PROP_HISTORY] = g_param_spec_string ("history", NULL, NULL, NULL,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenGtkNode:saved-bytes:
   *
   * Bytes that the node has saved for its gradient.
   */
  properties[PROP_SAVED_BYTES] = g_param_spec_uint64 ("saved-bytes", NULL, NULL, 0, G_MAXUINT64, 0,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * GtenGtkNode::wanted:
   * @self: the node
   *
   * Someone is about to show the formula and the saved tensors, and they are not here.
   */
  signals[WANTED] = g_signal_new ("wanted", GTEN_GTK_TYPE_NODE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void
gten_gtk_node_init (GtenGtkNode *self)
{
  self->state = GTEN_GTK_STATE_PENDING;
}

/**
 * gten_gtk_node_new:
 * @id: the number of the node in its program
 * @index: its place in the order in which the pass runs
 * @name: its name
 *
 * Returns: (transfer full): a pending node
 */
GtenGtkNode *
gten_gtk_node_new (guint64 id, guint index, const char *name)
{
  GtenGtkNode *self = g_object_new (GTEN_GTK_TYPE_NODE, NULL);

  self->id = id;
  self->index = index;
  self->name = g_strdup (name);
  return self;
}

/**
 * gten_gtk_node_get_id:
 * @self: a node
 *
 * Returns: the number of the node in its program
 */
guint64
gten_gtk_node_get_id (GtenGtkNode *self)
{
  return self->id;
}

/**
 * gten_gtk_node_get_index:
 * @self: a node
 *
 * Returns: its place in the order in which the pass runs
 */
guint
gten_gtk_node_get_index (GtenGtkNode *self)
{
  return self->index;
}

/**
 * gten_gtk_node_get_name:
 * @self: a node
 *
 * Returns: its name
 */
const char *
gten_gtk_node_get_name (GtenGtkNode *self)
{
  return self->name;
}

/**
 * gten_gtk_node_get_op:
 * @self: a node
 *
 * Returns: (nullable): the operation that made it
 */
const char *
gten_gtk_node_get_op (GtenGtkNode *self)
{
  return self->op;
}

/**
 * gten_gtk_node_get_site:
 * @self: a node
 *
 * Returns: (nullable): where in the program it was made
 */
const char *
gten_gtk_node_get_site (GtenGtkNode *self)
{
  return self->site;
}

/**
 * gten_gtk_node_is_leaf:
 * @self: a node
 *
 * Returns: whether it accumulates into a leaf tensor
 */
gboolean
gten_gtk_node_is_leaf (GtenGtkNode *self)
{
  return self->leaf;
}

/**
 * gten_gtk_node_set_origin:
 * @self: a new node
 * @op: (nullable): the operation that made it
 * @site: (nullable): where in the program
 * @leaf: whether it accumulates into a leaf tensor
 *
 * Tells where a node comes from.
 */
void
gten_gtk_node_set_origin (GtenGtkNode *self, const char *op, const char *site, gboolean leaf)
{
  g_free (self->op);
  g_free (self->site);
  self->op = op != NULL && *op != '\0' ? g_strdup (op) : NULL;
  self->site = site != NULL && *site != '\0' ? g_strdup (site) : NULL;
  self->leaf = leaf;
}

void
gten_gtk_node_notify (GtenGtkNode *self, GtenGtkNodeProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
gten_gtk_node_touch (GtenGtkNode *self)
{
  if (self->graph != NULL)
    gten_gtk_graph_touch (self->graph, self->index, self->state);
}

void
gten_gtk_node_set_graph (GtenGtkNode *self, GtenGtkGraph *graph)
{
  self->graph = graph;
}

const guint64 *
gten_gtk_node_peek_id (GtenGtkNode *self)
{
  return &self->id;
}

/**
 * gten_gtk_node_get_state:
 * @self: a node
 * @n_arrived: (out) (optional): contributions to its gradient that have arrived
 * @n_expected: (out) (optional): contributions that will
 *
 * Returns: how far its gradient has come
 */
GtenGtkState
gten_gtk_node_get_state (GtenGtkNode *self, guint *n_arrived, guint *n_expected)
{
  if (n_arrived != NULL)
    *n_arrived = self->n_arrived;
  if (n_expected != NULL)
    *n_expected = self->n_expected;
  return self->state;
}

/**
 * gten_gtk_node_set_state:
 * @self: a node
 * @state: how far its gradient has come
 * @n_arrived: contributions that have arrived
 * @n_expected: contributions that will
 *
 * Tells the state.
 */
void
gten_gtk_node_set_state (GtenGtkNode *self, GtenGtkState state, guint n_arrived, guint n_expected)
{
  if (self->state == state && self->n_arrived == n_arrived && self->n_expected == n_expected)
    return;
  self->state = state;
  self->n_arrived = n_arrived;
  self->n_expected = n_expected;
  gten_gtk_node_touch (self);
  gten_gtk_node_notify (self, PROP_STATE);
  gten_gtk_node_notify (self, PROP_STATE_TEXT);
}

/**
 * gten_gtk_node_describe_state:
 * @self: a node
 *
 * Returns: (transfer full): the state in words, such as "partial, 1 of 2"
 */
char *
gten_gtk_node_describe_state (GtenGtkNode *self)
{
  if (self->state == GTEN_GTK_STATE_PARTIAL)
    return g_strdup_printf (_ ("partial, %u of %u"), self->n_arrived, self->n_expected);
  return g_strdup (_ (state_words[self->state]));
}

/* For files that programs read. */
char *
gten_gtk_node_format_state (GtenGtkNode *self)
{
  if (self->state == GTEN_GTK_STATE_PARTIAL)
    return g_strdup_printf ("partial, %u of %u", self->n_arrived, self->n_expected);
  return g_strdup (state_words[self->state]);
}

/**
 * gten_gtk_node_describe:
 * @self: a node
 *
 * Returns: (transfer full): a sentence for someone who cannot see the picture
 */
char *
gten_gtk_node_describe (GtenGtkNode *self)
{
  GtenGtkStatistics statistics;
  g_autofree char *state = gten_gtk_node_describe_state (self);
  g_autofree char *shape = format_shape (self);
  g_autofree char *norm = NULL;

  if (self->gradient == NULL || !gten_gtk_tensor_get_statistics (self->gradient, &statistics))
    return g_strdup_printf (_ ("%s, gradient %s, %s"), self->name, shape, state);
  norm = gten_gtk_format_number (statistics.norm);
  if (statistics.n_nan + statistics.n_infinite > 0)
    return g_strdup_printf (_ ("%s, gradient %s, norm %s, %lu not finite"), self->name, shape, norm,
                            (gulong) (statistics.n_nan + statistics.n_infinite));
  return g_strdup_printf (_ ("%s, gradient %s, norm %s, finite"), self->name, shape, norm);
}

/**
 * gten_gtk_node_get_breakpoint:
 * @self: a node
 *
 * Returns: whether the pass stops before the node runs
 */
gboolean
gten_gtk_node_get_breakpoint (GtenGtkNode *self)
{
  return self->breakpoint;
}

/**
 * gten_gtk_node_set_breakpoint:
 * @self: a node
 * @breakpoint: whether the pass stops before the node runs
 *
 * Sets or removes a breakpoint.
 */
void
gten_gtk_node_set_breakpoint (GtenGtkNode *self, gboolean breakpoint)
{
  breakpoint = breakpoint != FALSE;
  if (self->breakpoint == breakpoint)
    return;
  self->breakpoint = breakpoint;
  gten_gtk_node_touch (self);
  gten_gtk_node_notify (self, PROP_BREAKPOINT);
  if (self->graph != NULL)
    gten_gtk_graph_node_changed (self->graph);
}

/**
 * gten_gtk_node_want:
 * @self: a node
 *
 * Asks for its description, once.
 */
void
gten_gtk_node_want (GtenGtkNode *self)
{
  if (self->wanted)
    return;
  self->wanted = TRUE;
  g_signal_emit (self, signals[WANTED], 0);
  if (self->graph != NULL)
    gten_gtk_graph_want (self->graph, self, NULL);
}
