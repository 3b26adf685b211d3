/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The op table as objects, made when they are first asked for. */
#include "ops/gten-op.h"

#include "ops/gten-call-private.h"

struct _GtenOp
{
  GObject           parent_instance;
  const GtenOpInfo *info;
};

G_DEFINE_FINAL_TYPE (GtenOp, gten_op, G_TYPE_OBJECT)

enum { PROP_0, PROP_NAME, PROP_ROW_NAME, PROP_FAMILY, PROP_SCHEMA, PROP_DOC, PROP_NODE_NAME,
       PROP_FORMULA, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

static void
gten_op_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  const GtenOpInfo *info = GTEN_OP (object)->info;
  const char *const strings[] = {
    NULL, info->name, info->row_name, info->family, info->schema, info->doc, info->node_name, info->formula,
  };

  if (id < G_N_ELEMENTS (strings))
    g_value_set_static_string (value, strings[id]);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gten_op_class_init (GtenOpClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  static const char *const names[] = { NULL, "name", "row-name", "family", "schema", "doc",
                                       "node-name", "formula" };

  object_class->get_property = gten_op_get_property;
  for (guint i = 1; i < N_PROPERTIES; i++)
    properties[i] = g_param_spec_string (names[i], NULL, NULL, NULL,
                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
gten_op_init (GtenOp *self)
{
}

typedef struct
{
  GListStore *public;   /* those with functions */
  GHashTable *by_row;   /* row name -> GtenOp, all */
} Registry;

static const Registry *
get_registry (void)
{
  static Registry registry;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      registry.public = g_list_store_new (GTEN_TYPE_OP);
      registry.by_row = g_hash_table_new (g_str_hash, g_str_equal);
      for (guint i = 0; i < gten_n_op_infos; i++)
        {
          GtenOp *op = g_object_new (GTEN_TYPE_OP, NULL);

          op->info = gten_op_infos[i];
          g_hash_table_insert (registry.by_row, (gpointer) op->info->row_name, op);
          if (!op->info->internal)
            g_list_store_append (registry.public, op);
        }
      g_once_init_leave (&once, 1);
    }
  return &registry;
}

/**
 * gten_op_get_all:
 *
 * Lists the operations.
 *
 * Returns: (transfer none): a list model of [class@Op]
 */
GListModel *
gten_op_get_all (void)
{
  return G_LIST_MODEL (get_registry ()->public);
}

/**
 * gten_op_lookup:
 * @row_name: the unique name of an operation, like "pow_scalar"
 *
 * Finds an operation.
 *
 * Returns: (transfer none) (nullable): the operation, or %NULL if there is none of that name
 */
GtenOp *
gten_op_lookup (const char *row_name)
{
  return row_name != NULL ? g_hash_table_lookup (get_registry ()->by_row, row_name) : NULL;
}

/**
 * gten_op_get_name:
 * @self: an operation
 *
 * Gets the public name, which several operations may share.
 *
 * Returns: the name, like "sum"
 */
const char *
gten_op_get_name (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return self->info->name;
}

/**
 * gten_op_get_row_name:
 * @self: an operation
 *
 * Gets the unique name.
 *
 * Returns: the name, like "pow_scalar"
 */
const char *
gten_op_get_row_name (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return self->info->row_name;
}

/**
 * gten_op_get_family:
 * @self: an operation
 *
 * Gets the family that the operation belongs to.
 *
 * Returns: the family, like "reduce"
 */
const char *
gten_op_get_family (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return self->info->family;
}

/**
 * gten_op_get_schema:
 * @self: an operation
 *
 * Gets the signature, as PyTorch writes it.
 *
 * Returns: the schema
 */
const char *
gten_op_get_schema (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return self->info->schema;
}

/**
 * gten_op_get_doc:
 * @self: an operation
 *
 * Gets a sentence that says what the operation computes.
 *
 * Returns: the sentence
 */
const char *
gten_op_get_doc (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return self->info->doc;
}

/**
 * gten_op_get_node_name:
 * @self: an operation
 *
 * Gets the name of the nodes that the operation records.
 *
 * Returns: (nullable): the name, like "SumBackward0", or %NULL if the operation records none of its
 *   own
 */
const char *
gten_op_get_node_name (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return self->info->node_name;
}

/**
 * gten_op_get_formula:
 * @self: an operation
 *
 * Gets how the result is computed, as an expression.
 *
 * Returns: (nullable): the formula, or %NULL for what is written in C
 */
const char *
gten_op_get_formula (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return self->info->formula;
}

/**
 * gten_op_get_gradients:
 * @self: an operation
 *
 * Gets the gradient formulas, one per differentiable input: "self: grad * result".
 *
 * Returns: (transfer full): the formulas
 */
char **
gten_op_get_gradients (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return g_strdupv ((char **) self->info->gradients);
}

/**
 * gten_op_is_method:
 * @self: an operation
 *
 * Tells whether the functions of the operation are methods of [class@Tensor].
 *
 * Returns: whether they are methods
 */
gboolean
gten_op_is_method (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), FALSE);

  return self->info->is_method;
}

/**
 * gten_op_get_forms:
 * @self: an operation
 *
 * Gets the functions of the operation, each as "symbol|argument argument ...": its name in the
 * typelib and the arguments of the schema that it takes, in order. An argument that ends in "=" is
 * taken as a number. Forms that work in place end in "_", those that write into given tensors in
 * "_out".
 *
 * Returns: (transfer full): the forms
 */
char **
gten_op_get_forms (GtenOp *self)
{
  g_return_val_if_fail (GTEN_IS_OP (self), NULL);

  return g_strdupv ((char **) self->info->forms);
}
