/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who made what is not finite. A producer turned finite numbers into an infinity, or numbers into NaN, in an operation
 * of the program's or in a node of a pass; those that only pass it on are none. An infinity that somebody wrote down (a
 * fill with -inf, the mask of an attention) is meant, and what is made of it is finite again if all is well. An infinity
 * that an operation made is only noted, until it reaches a loss or a gradient, or turns into NaN.
 *
 * So that it can be told which producer that was, what is not finite carries its producer along: tensors by their
 * number, and, since nodes save aliases of results, the nodes that made them. */

#include "inspect/gten-inspect-private.h"

#include "autograd/gten-node-private.h"
#include "ops/gten-call-private.h"
#include "ops/gten-op.h"

#include <math.h>

#define MAX_PRODUCERS 256
#define MAX_CARRIERS  65536

typedef struct
{
  const char  *name;
  char        *shape;
  GtenMeasures measures;
} Input;

typedef struct
{
  guint64      number, pass, node;
  gboolean     is_nan, forward, harm;
  const char  *op, *name, *site;        /* interned */
  GArray      *inputs;
  GtenMeasures output;
} Producer;

typedef struct
{
  gboolean nan, infinite;
  Producer *origin;                     /* of what is not finite; borrowed */
} Found;

static GMutex      lock;
static GPtrArray  *producers;
static GHashTable *tensors, *nodes;     /* number -> Producer */
static GHashTable *allowed;             /* names of operations */
static guint64     n_producers;

static __thread int depth;              /* operations inside operations are no operation of the program's */

/* -- producers ---------------------------------------------------------------------------------- */

static void
input_clear (gpointer data)
{
  g_free (((Input *) data)->shape);
}

static void
producer_free (gpointer data)
{
  Producer *self = data;

  g_array_unref (self->inputs);
  g_free (self);
}

/* With the lock held. */
static void
ensure_tables (void)
{
  if (producers != NULL)
    return;
  producers = g_ptr_array_new_with_free_func (producer_free);
  tensors = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  nodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  allowed = g_hash_table_new (g_str_hash, g_str_equal);
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static GVariant *
to_variant (const Producer *self)
{
  GVariantDict dict;
  GVariantBuilder inputs;

  g_variant_builder_init (&inputs, G_VARIANT_TYPE ("a" GTEN_INSPECT_INPUT));
  for (guint i = 0; i < self->inputs->len; i++)
    {
      Input *input = &g_array_index (self->inputs, Input, i);

      g_variant_builder_add (&inputs, "(ss@" GTEN_INSPECT_STATISTICS ")", input->name, input->shape,
                             gten_measures_to_variant (&input->measures));
    }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "number", "t", self->number);
  g_variant_dict_insert (&dict, "kind", "s", self->is_nan ? "nan" : "inf");
  g_variant_dict_insert (&dict, "forward", "b", self->forward);
  g_variant_dict_insert (&dict, "op", "s", or_empty (self->op));
  g_variant_dict_insert (&dict, "name", "s", or_empty (self->name));
  g_variant_dict_insert (&dict, "pass", "t", self->pass);
  g_variant_dict_insert (&dict, "node", "t", self->node);
  g_variant_dict_insert (&dict, "site", "s", or_empty (self->site));
  g_variant_dict_insert_value (&dict, "inputs", g_variant_builder_end (&inputs));
  g_variant_dict_insert_value (&dict, "output", gten_measures_to_variant (&self->output));
  g_variant_dict_insert (&dict, "harm", "b", self->harm);
  return g_variant_dict_end (&dict);
}

/* With the lock held. It matters now. */
static void
blame (Producer *self)
{
  if (self == NULL || self->harm)
    return;
  self->harm = TRUE;
  gten_inspect_emit ("NonFinite", g_variant_new ("(@a{sv})", to_variant (self)));
}

static gboolean
is_from (gpointer number, gpointer origin, gpointer producer)
{
  return origin == producer;
}

/* With the lock held. Makes room for one: the oldest that did no harm, and what came of it, is forgotten. */
static gboolean
make_room (void)
{
  for (guint i = 0; producers->len >= MAX_PRODUCERS && i < producers->len; i++)
    {
      Producer *oldest = g_ptr_array_index (producers, i);

      if (oldest->harm)
        continue;
      g_hash_table_foreach_remove (tensors, is_from, oldest);
      g_hash_table_foreach_remove (nodes, is_from, oldest);
      g_ptr_array_remove_index (producers, i);
    }
  return producers->len < MAX_PRODUCERS;
}

/* With the lock held. NULL if too many did harm: the first are what counts. */
static Producer *
producer_new (void)
{
  Producer *self;

  if (!make_room ())
    return NULL;
  self = g_new0 (Producer, 1);
  self->number = ++n_producers;
  self->inputs = g_array_new (FALSE, FALSE, sizeof (Input));
  g_array_set_clear_func (self->inputs, input_clear);
  g_ptr_array_add (producers, self);
  return self;
}

static void
add_input (Producer *self, const char *name, GtenTensor *tensor, const GtenMeasures *measures)
{
  gsize n_dims;
  const gint64 *sizes = gten_tensor_get_shape (tensor, &n_dims);
  Input input = { g_intern_string (name), gten_shape_to_string (n_dims, sizes), *measures };

  g_array_append_val (self->inputs, input);
}

static void
carry (GHashTable *table, guint64 number, Producer *origin)
{
  guint64 key = number;

  if (origin == NULL)
    {
      g_hash_table_remove (table, &key);
      return;
    }
  if (g_hash_table_size (table) >= MAX_CARRIERS)
    g_hash_table_remove_all (table);
  g_hash_table_insert (table, g_memdup2 (&key, sizeof key), origin);
}

static Producer *
find_origin (GtenTensor *tensor)
{
  guint64 id = gten_tensor_get_id (tensor);
  Producer *found = g_hash_table_lookup (tensors, &id);
  GtenNode *node = tensor->autograd != NULL ? tensor->autograd->grad_fn : NULL;

  if (found == NULL && node != NULL)
    {
      id = gten_node_get_id (node);
      found = g_hash_table_lookup (nodes, &id);
    }
  return found;
}

static gboolean
may_be_nonfinite (GtenTensor *tensor)
{
  return tensor != NULL && gten_dtype_is_floating_point ((GtenDtype) tensor->dtype);
}

static void
add_found (Found *found, const GtenMeasures *measures)
{
  found->nan |= measures->n_nan > 0;
  found->infinite |= measures->n_infinite > 0;
}

/* -- forward ------------------------------------------------------------------------------------ */

static void
look_at_arguments (const GtenCall *call, Found *found)
{
  for (guint i = 0; call->args != NULL && i < call->op->n_args; i++)
    {
      const GtenArg *arg = &call->args[i];
      const char *type = call->op->arg_types[i];
      double value = 0;

      if (g_str_has_suffix (type, "?") && !arg->given)
        continue;
      if (g_str_has_prefix (type, "Scalar"))
        value = gten_scalar_to_double (&arg->scalar);
      else if (g_str_has_prefix (type, "float"))
        value = arg->f;
      found->infinite |= isinf (value);
      found->nan |= isnan (value);
    }
}

static void
look_at_inputs (const GtenCall *call, const GtenMeasures *self_before, Found *found, Producer *producer)
{
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *tensor = call->tensors[i];
      GtenMeasures measures;

      if (!may_be_nonfinite (tensor))
        continue;
      measures = i == 0 && self_before != NULL ? *self_before : gten_measure (tensor, producer != NULL);
      add_found (found, &measures);
      if (!gten_measures_are_finite (&measures) && found->origin == NULL)
        found->origin = find_origin (tensor);
      if (producer != NULL)
        add_input (producer, call->op->tensor_names[MIN (i, call->op->n_named_tensors - 1u)], tensor, &measures);
    }
  look_at_arguments (call, found);
}

/* With the lock held. The result is not finite: of whose doing? */
static Producer *
find_producer (const GtenCall *call, GtenTensor *result, const GtenMeasures *made, const GtenMeasures *self_before)
{
  Found given = { 0 }, again = { 0 };
  GtenNode *node = result->autograd != NULL ? result->autograd->grad_fn : NULL;
  gboolean makes_nan, makes_infinite;
  Producer *self;

  look_at_inputs (call, self_before, &given, NULL);
  makes_nan = made->n_nan > 0 && !given.nan;
  makes_infinite = made->n_infinite > 0 && !given.nan && !given.infinite;
  if (makes_nan && given.origin != NULL)
    blame (given.origin);
  if ((!makes_nan && !makes_infinite) || given.origin != NULL || call->n_tensors == 0
      || g_hash_table_contains (allowed, call->op->name))
    return given.origin;

  self = producer_new ();
  if (self == NULL)
    return NULL;
  self->forward = TRUE;
  self->is_nan = makes_nan;
  self->op = g_intern_string (call->op->name);
  self->name = node != NULL ? g_intern_string (gten_node_get_name (node)) : NULL;
  self->node = node != NULL ? gten_node_get_id (node) : 0;
  self->site = node != NULL && gten_node_get_creation_site (node) != NULL ? gten_node_get_creation_site (node) : gten_find_site ();
  self->output = *made;
  look_at_inputs (call, self_before, &again, self);
  if (makes_nan)
    blame (self);
  return self;
}

static void
look_at_result (const GtenCall *call, GtenTensor *result, const GtenMeasures *self_before)
{
  GtenNode *node = result->autograd != NULL ? result->autograd->grad_fn : NULL;
  Producer *origin = NULL;
  GtenMeasures made;

  if (!may_be_nonfinite (result))
    return;
  made = gten_measure (result, FALSE);
  g_mutex_lock (&lock);
  ensure_tables ();
  if (!gten_measures_are_finite (&made))
    origin = find_producer (call, result, &made, self_before);
  if (origin != NULL || g_hash_table_size (tensors) > 0)
    carry (tensors, gten_tensor_get_id (result), origin);
  if (origin != NULL && node != NULL)
    carry (nodes, gten_node_get_id (node), origin);
  g_mutex_unlock (&lock);
}

static gboolean
watch_call (GtenCall *call, gboolean (*run) (GtenCall *call, GError **error), GError **error)
{
  GtenMeasures before = { 0 };
  GtenDevice *device;
  gint64 used;
  gboolean ok, in_place;

  if (depth > 0 || gten_inspect_own > 0 || gten_inspect_in_pass ())
    return run (call, error);

  in_place = call->in_place && call->n_tensors > 0 && may_be_nonfinite (call->tensors[0]);
  device = call->n_tensors > 0 && call->tensors[0] != NULL ? call->tensors[0]->storage->device : gten_device_get_cpu ();
  gten_inspect_own++;
  if (in_place)
    before = gten_measure (call->tensors[0], TRUE);
  gten_inspect_own--;
  used = gten_device_get_used_memory (device);
  depth++;
  ok = run (call, error);
  depth--;
  if (!ok)
    return FALSE;

  gten_inspect_own++;
  gten_timeline_add (device, call->op->name, used, gten_device_get_used_memory (device),
                     call->results[0] != NULL && call->results[0]->autograd != NULL && call->results[0]->autograd->grad_fn != NULL
                       ? gten_node_get_id (call->results[0]->autograd->grad_fn)
                       : 0);
  for (guint i = 0; call->list == NULL && i < call->op->n_results; i++)
    if (call->results[i] != NULL)
      look_at_result (call, call->results[i], in_place ? &before : NULL);
  for (guint i = 0; call->list != NULL && i < call->list->len; i++)
    look_at_result (call, call->list->pdata[i], in_place ? &before : NULL);
  gten_inspect_own--;
  return TRUE;
}

void
gten_forward_watch (gboolean watch)
{
  __atomic_store_n (&gten_call_watcher, watch ? watch_call : NULL, __ATOMIC_RELEASE);
}

/* -- backward ----------------------------------------------------------------------------------- */

/* What the node saved may not have been finite to begin with. */
static void
look_at_saved (GtenNode *node, Found *found, Producer *producer)
{
  g_auto (GStrv) names = gten_node_get_saved_names (node);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GtenTensor) saved = gten_node_get_saved (node, names[i], NULL);
      guint64 id = gten_node_get_id (node);
      GtenMeasures measures;

      if (!may_be_nonfinite (saved))
        continue;
      measures = gten_measure (saved, producer != NULL);
      if (producer != NULL)
        add_input (producer, names[i], saved, &measures);
      if (gten_measures_are_finite (&measures))
        continue;
      add_found (found, &measures);
      if (found->origin == NULL)
        found->origin = find_origin (saved);
      if (found->origin == NULL)
        found->origin = g_hash_table_lookup (nodes, &id);
    }
}

void
gten_nonfinite_node (guint64 pass, GtenNode *node, const GtenMeasures *given, const GtenMeasures *made)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GtenOp *op = gten_node_get_op (node);
  Found saved = { 0 }, again = { 0 };
  Producer *self;

  ensure_tables ();
  gten_inspect_own++;
  if (op != NULL && g_hash_table_contains (allowed, gten_op_get_name (op)))
    goto out;
  look_at_saved (node, &saved, NULL);
  if (saved.origin != NULL)
    {
      blame (saved.origin);
      goto out;
    }
  self = producer_new ();
  if (self == NULL)
    goto out;
  self->pass = pass;
  self->node = gten_node_get_id (node);
  self->name = g_intern_string (gten_node_get_name (node));
  self->op = op != NULL ? g_intern_string (gten_op_get_name (op)) : NULL;
  self->site = gten_node_get_creation_site (node);
  self->is_nan = made->n_nan > 0;
  self->output = *made;
  if (gten_node_get_n_outputs (node) > 0)
    {
      gsize n_dims;
      const gint64 *sizes = gten_node_get_output_shape (node, 0, &n_dims);
      Input input = { "gradient", gten_shape_to_string (n_dims, sizes), *given };

      g_array_append_val (self->inputs, input);
    }
  look_at_saved (node, &again, self);
  blame (self);

out:
  gten_inspect_own--;
}

void
gten_nonfinite_root (GtenTensor *root)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  ensure_tables ();
  if (g_hash_table_size (tensors) > 0)
    blame (find_origin (root));
}

/* -- the inspector's ---------------------------------------------------------------------------- */

void
gten_nonfinite_allow (const char *const *ops)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  ensure_tables ();
  for (guint i = 0; ops[i] != NULL; i++)
    if (gten_op_lookup (ops[i]) != NULL)
      g_hash_table_add (allowed, (gpointer) gten_op_get_name (gten_op_lookup (ops[i])));
}

void
gten_nonfinite_clear (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (producers == NULL)
    return;
  g_hash_table_remove_all (tensors);
  g_hash_table_remove_all (nodes);
  g_hash_table_remove_all (allowed);
  g_ptr_array_set_size (producers, 0);
}

GVariant *
gten_nonfinite_get (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; producers != NULL && i < producers->len; i++)
    g_variant_builder_add (&list, "@a{sv}", to_variant (g_ptr_array_index (producers, i)));
  return g_variant_builder_end (&list);
}
