/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The node of an operation of the table. It keeps what the gradient formulas of the inputs that
 * need one name, and nothing else; sizes, dtypes and the arguments that are no tensors are copied,
 * so no tensor stays alive for them. */

#include "autograd/gten-node-private.h"

#include <string.h>

#define GTEN_TYPE_OP_NODE (gten_op_node_get_type ())
G_DECLARE_FINAL_TYPE (GtenOpNode, gten_op_node, GTEN, OP_NODE, GtenNode)

struct _GtenOpNode
{
  GtenNode          parent_instance;
  const GtenOpInfo *op;
  GtenArg          *args;
  GtenShape        *inputs;
  guint             n_tensors;
  guint64           memory[36]; /* enough for two inputs and a result of two dimensions */
};

G_DEFINE_FINAL_TYPE (GtenOpNode, gten_op_node, GTEN_TYPE_NODE)

/* -- what is copied ------------------------------------------------------------------------------ */

static gboolean
is_int_list (const char *type)
{
  return type[0] == 'i' && type[3] == '[';
}

static gsize
arg_bytes (const GtenOpInfo *op, const GtenArg *args, guint n)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < n; i++)
    if (is_int_list (op->arg_types[i]))
      n_bytes += args[i].n * sizeof (gint64);
  return n_bytes;
}

static void
copy_args (GtenArg *copy, const GtenOpInfo *op, const GtenArg *args, guint n, gint64 **at)
{
  for (guint i = 0; i < n; i++)
    {
      const char *type = op->arg_types[i];

      copy[i] = args[i];
      if (is_int_list (type))
        {
          copy[i].ints = *at;
          if (args[i].n > 0)
            memcpy (*at, args[i].ints, args[i].n * sizeof (gint64));
          *at += args[i].n;
        }
      else if (type[0] == 's')
        copy[i].s = g_intern_string (args[i].s);
      else if (type[0] == 'G')
        copy[i].object = NULL; /* what was drawn is saved, not who drew it */
    }
}

static GtenTensor *
result_of (const GtenCall *call, guint i)
{
  return call->list != NULL ? g_ptr_array_index (call->list, i) : call->results[i];
}

/* What is changed in place counts as it was before. */
static GtenTensor *
input_of (const GtenCall *call, guint i)
{
  return i == 0 && call->original != NULL ? call->original : call->tensors[i];
}

static gint
version_before (const GtenCall *call, GtenTensor *tensor)
{
  if (call->in_place && tensor->storage == call->results[0]->storage)
    return call->original_version;
  return gten_version (tensor);
}

/* -- recording ----------------------------------------------------------------------------------- */

static gboolean
run_gradient (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)
{
  return GTEN_OP_NODE (node)->op->gradient (node, grads, grad_inputs, error);
}

/* The tensors of a list share the place of the list, the last. */
static guint
place_of (const GtenOpInfo *op, guint tensor)
{
  return MIN (tensor, op->n_named_tensors - 1u);
}

/* An alias without history: a view that derives its history from its base must not hold the base,
 * whose own history may come to lead here. */
static void
save_geometry (GtenNodePrivate *priv, guint i, GtenTensor *tensor)
{
  priv->saved[i] = (GtenSaved) { gten_tensor_detach (tensor, NULL), GTEN_ANY_VERSION, -1 };
}

guint32
gten_op_node_used_inputs (const GtenCall *call)
{
  const GtenOpInfo *op = call->op;
  guint32 used = 0;

  for (guint i = 0; i < call->n_tensors; i++)
    {
      guint place = place_of (op, i);

      if (call->tensors[i] != NULL && gten_tensor_needs_grad (call->tensors[i])
          && op->differentiable & (1u << place))
        used |= op->uses != NULL ? op->uses[place][0] : op->saves_inputs;
    }
  return used;
}

GtenNode *
gten_op_node_new (const GtenCall *call)
{
  const GtenOpInfo *op = call->op;
  GtenOpNode *self = gten_node_new (GTEN_TYPE_OP_NODE, GTEN_NODE_OPS);
  GtenNode *node = &self->parent_instance;
  GtenNodePrivate *priv = gten_node_private (node);
  guint n_tensors = call->n_tensors;
  guint n_outputs = call->list != NULL ? call->list->len : op->n_results;
  gsize n_extra = n_tensors * sizeof (GtenShape) + op->n_args * sizeof (GtenArg)
                  + arg_bytes (op, call->args, op->n_args);

  for (guint i = 0; i < n_tensors; i++)
    if (call->tensors[i] != NULL)
      n_extra += input_of (call, i)->n_dims * sizeof (gint64);
  for (guint i = 0; i < n_outputs; i++)
    n_extra += result_of (call, i)->n_dims * sizeof (gint64);

  guint n_saved = n_tensors + (call->list == NULL ? n_outputs : 0);
  gpointer extra = gten_node_open (node, n_tensors, n_outputs, n_saved, n_extra, self->memory,
                                   sizeof self->memory);

  priv->name = op->node_name;
  priv->run = run_gradient;
  self->op = op;
  self->n_tensors = n_tensors;
  self->inputs = extra;
  self->args = (GtenArg *) (self->inputs + n_tensors);

  gint64 *at = (gint64 *) (self->args + op->n_args);
  guint32 used_inputs = 0, used_results = 0;

  copy_args (self->args, op, call->args, op->n_args, &at);
  for (guint i = 0; i < n_outputs; i++)
    priv->outputs[i] = gten_shape_of (result_of (call, i), &at);
  gten_node_remember_stream (priv);

  for (guint i = 0; i < n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];
      guint place = place_of (op, i);

      if (tensor == NULL)
        continue;
      self->inputs[i] = gten_shape_of (input_of (call, i), &at);
      if (tensor->autograd == NULL || !(op->differentiable & (1u << place)))
        continue;
      priv->edges[i].node
        = gten_tensor_gradient_edge_at (tensor, version_before (call, tensor),
                                        &priv->edges[i].output_nr);
      if (priv->edges[i].node == NULL)
        continue;
      used_inputs |= op->uses != NULL ? op->uses[place][0] : op->saves_inputs;
      used_results |= op->uses != NULL ? op->uses[place][1] : op->saves_results;
    }

  gten_node_number (node);

  for (guint i = 0; used_inputs != 0 && i < n_tensors; i++)
    {
      GtenTensor *tensor = input_of (call, i);

      if (tensor == NULL || !(used_inputs & (1u << place_of (op, i))))
        continue;
      if (op->geometry)
        save_geometry (priv, i, tensor);
      else
        gten_node_save (node, i, tensor, version_before (call, tensor), -1);
    }
  for (guint i = 0; call->list == NULL && i < n_outputs; i++)
    if (used_results & (1u << i))
      gten_node_save (node, n_tensors + i, call->results[i], gten_version (call->results[i]),
                      (int) i);
  return node;
}

/* -- for backward functions ---------------------------------------------------------------------- */

GtenTensor *
gten_node_saved_input (GtenNode *self, guint input, GError **error)
{
  return gten_node_unpack (self, input, error);
}

GtenTensor *
gten_node_saved_result (GtenNode *self, guint result, GError **error)
{
  return gten_node_unpack (self, GTEN_OP_NODE (self)->n_tensors + result, error);
}

const GtenArg *
gten_node_args (GtenNode *self)
{
  return GTEN_OP_NODE (self)->args;
}

guint
gten_node_n_tensors (GtenNode *self)
{
  return GTEN_OP_NODE (self)->n_tensors;
}

const gint64 *
gten_node_input_sizes (GtenNode *self, guint input, guint *n_dims)
{
  const GtenShape *shape = &GTEN_OP_NODE (self)->inputs[input];

  *n_dims = shape->n_dims;
  return shape->sizes;
}

GtenDtype
gten_node_input_dtype (GtenNode *self, guint input)
{
  return GTEN_OP_NODE (self)->inputs[input].dtype;
}

GtenDevice *
gten_node_input_device (GtenNode *self, guint input)
{
  return GTEN_OP_NODE (self)->inputs[input].device;
}

/* -- for inspection ------------------------------------------------------------------------------ */

const GtenOpInfo *
gten_op_node_info (GtenNode *node)
{
  return GTEN_IS_OP_NODE (node) ? GTEN_OP_NODE (node)->op : NULL;
}

char *
gten_op_node_saved_name (GtenNode *node, guint i)
{
  if (!GTEN_IS_OP_NODE (node))
    return g_strdup_printf ("saved_tensors[%u]", i);

  GtenOpNode *self = GTEN_OP_NODE (node);
  guint n_named = self->op->n_named_tensors;

  if (i >= self->n_tensors)
    return g_strdup (self->op->result_names[i - self->n_tensors]);
  if (self->n_tensors > n_named && i + 1 >= n_named)
    return g_strdup_printf ("%s[%u]", self->op->tensor_names[n_named - 1], i + 1 - n_named);
  return g_strdup (self->op->tensor_names[i]);
}

static void
describe_scalar (GString *text, const GtenScalar *scalar)
{
  if (scalar->kind == GTEN_SCALAR_BOOL)
    g_string_append (text, scalar->i ? "True" : "False");
  else if (scalar->kind == GTEN_SCALAR_INT)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, scalar->i);
  else
    g_string_append_printf (text, "%g", scalar->f);
}

static void
describe_arg (GString *text, const char *type, const GtenArg *arg)
{
  if (!arg->given && g_str_has_suffix (type, "?"))
    g_string_append (text, "None");
  else if (is_int_list (type))
    {
      g_string_append_c (text, '[');
      for (gsize i = 0; i < arg->n; i++)
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", arg->ints[i]);
      g_string_append_c (text, ']');
    }
  else if (g_str_has_prefix (type, "int"))
    g_string_append_printf (text, "%" G_GINT64_FORMAT, arg->i);
  else if (g_str_has_prefix (type, "bool"))
    g_string_append (text, arg->i ? "True" : "False");
  else if (g_str_has_prefix (type, "float"))
    g_string_append_printf (text, "%g", arg->f);
  else if (g_str_has_prefix (type, "str"))
    g_string_append_printf (text, "'%s'", arg->s);
  else if (g_str_has_prefix (type, "DType"))
    g_string_append (text, gten_dtype_get_name (arg->i));
  else if (g_str_has_prefix (type, "Scalar"))
    describe_scalar (text, &arg->scalar);
  else if (g_str_has_prefix (type, "Device"))
    g_string_append_printf (text, "'%s'", gten_device_get_name (arg->object));
  else
    g_string_append (text, type);
}

/**
 * gten_node_describe_args:
 * @self: a node
 *
 * Writes the arguments of the operation that were no tensors: "dim=[0], keepdim=False".
 *
 * Returns: (transfer full): the text, empty if there were none
 */
char *
gten_node_describe_args (GtenNode *self)
{
  g_return_val_if_fail (GTEN_IS_NODE (self), NULL);

  GString *text = g_string_new (NULL);
  const GtenOpInfo *op = gten_op_node_info (self);

  for (guint i = 0; op != NULL && op->arg_types[i] != NULL; i++)
    {
      g_string_append_printf (text, "%s%s=", i > 0 ? ", " : "", op->arg_names[i]);
      describe_arg (text, op->arg_types[i], &GTEN_OP_NODE (self)->args[i]);
    }
  return g_string_free (text, FALSE);
}

static void
gten_op_node_dispose (GObject *object)
{
  if (!gten_node_revive ((GtenNode *) object, GTEN_NODE_OPS))
    G_OBJECT_CLASS (gten_op_node_parent_class)->dispose (object);
}

static void
gten_op_node_class_init (GtenOpNodeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gten_op_node_dispose;
}

static void
gten_op_node_init (GtenOpNode *self)
{
}
