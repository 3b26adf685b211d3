/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happened in a pass. A step is a node that ran; step k is the state after k of them, so step 0 is the begin. An
 * arrival is a contribution that came to a node: those of one node are chained, the latest first.
 *
 * A gradient at a step is not stored: it is the sum of what had arrived by then, in the order of arrival, which is how
 * the pass itself came to it. The engine never changes a tensor that somebody else holds, so what arrived stays what it
 * was; if a function of the user's changed it all the same, its version tells. The gradient of a leaf is what it was
 * before this node ran, and what arrived on top. */

#include "inspect/gten-inspect-private.h"

#include "autograd/gten-backward-private.h"
#include "ops/gten-ops.h"

#include <math.h>
#include <string.h>

#define NO_ARRIVAL G_MAXUINT

typedef struct
{
  GtenNode    *from, *to;
  guint        step, output_nr;   /* the first step at which it is there */
  guint        previous;          /* arrival at the same node, or NO_ARRIVAL */
  gint         version;
  GtenTensor  *grad;              /* NULL: let go, to stay within the budget */
  GtenMeasures measures;
  double       cosine;            /* to the sum; NaN until all have arrived */
} Arrival;

typedef struct
{
  GtenNode    *node;
  gboolean     is_leaf, had_before;
  GtenTensor  *before;            /* the gradient of a leaf, copied; NULL: it had none, or the budget had no room */
  GtenMeasures measures;
} Step;

struct _GtenJournal
{
  gsize       budget, used;
  GArray     *arrivals, *steps;
  GHashTable *last_arrival;       /* of a node: index + 1 */
  GHashTable *ran_at;             /* step after which a node was done */
  guint       oldest_kept;        /* arrivals below have been let go */
  guint       from_step;          /* the earliest that can be gone back to */
};

static Arrival *
get_arrival (GtenJournal *self, guint i)
{
  return &g_array_index (self->arrivals, Arrival, i);
}

static void
arrival_clear (gpointer data)
{
  g_clear_object (&((Arrival *) data)->grad);
}

static void
step_clear (gpointer data)
{
  g_clear_object (&((Step *) data)->before);
}

GtenJournal *
gten_journal_new (gsize budget)
{
  GtenJournal *self = g_new0 (GtenJournal, 1);

  self->budget = budget;
  self->arrivals = g_array_new (FALSE, TRUE, sizeof (Arrival));
  self->steps = g_array_new (FALSE, TRUE, sizeof (Step));
  g_array_set_clear_func (self->arrivals, arrival_clear);
  g_array_set_clear_func (self->steps, step_clear);
  self->last_arrival = g_hash_table_new (NULL, NULL);
  self->ran_at = g_hash_table_new (NULL, NULL);
  return self;
}

void
gten_journal_free (GtenJournal *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->arrivals);
  g_array_unref (self->steps);
  g_hash_table_unref (self->last_arrival);
  g_hash_table_unref (self->ran_at);
  g_free (self);
}

/* -- writing ------------------------------------------------------------------------------------ */

static gsize
n_bytes (GtenTensor *tensor)
{
  return gten_tensor_numel (tensor) * gten_tensor_element_size (tensor);
}

/* The step from which on the pass itself knows the gradient of a node. */
static guint
step_after (GtenJournal *self, GtenNode *node)
{
  guint ran_at = GPOINTER_TO_UINT (g_hash_table_lookup (self->ran_at, node));

  return ran_at > 0 ? ran_at : self->steps->len + 1;
}

static void
keep_within_budget (GtenJournal *self)
{
  for (; self->used > self->budget && self->oldest_kept < self->arrivals->len; self->oldest_kept++)
    {
      Arrival *oldest = get_arrival (self, self->oldest_kept);

      if (oldest->grad == NULL)
        continue;
      self->used -= n_bytes (oldest->grad);
      g_clear_object (&oldest->grad);
      self->from_step = MAX (self->from_step, step_after (self, oldest->to));
    }
}

void
gten_journal_arrive (GtenJournal *self, GtenNode *from, GtenNode *to, guint output_nr, GtenTensor *grad,
                     const GtenMeasures *measures)
{
  guint previous = GPOINTER_TO_UINT (g_hash_table_lookup (self->last_arrival, to));
  Arrival arrival = {
    .from = from, .to = to, .step = self->steps->len, .output_nr = output_nr, .previous = previous > 0 ? previous - 1 : NO_ARRIVAL,
    .version = gten_version (grad), .grad = g_object_ref (grad), .measures = *measures, .cosine = NAN,
  };

  g_array_append_val (self->arrivals, arrival);
  g_hash_table_insert (self->last_arrival, to, GUINT_TO_POINTER (self->arrivals->len));
  self->used += n_bytes (grad);
  keep_within_budget (self);
}

static double
dot (GtenTensor *a, GtenTensor *b)
{
  g_autoptr (GtenTensor) product = gten_tensor_mul (a, b, NULL);
  g_autoptr (GtenTensor) sum = gten_tensor_sum (product, NULL);
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_DOUBLE);
  if (sum == NULL || !gten_tensor_item (sum, &value, NULL))
    return NAN;
  g_value_transform (&value, &number);
  return g_value_get_double (&number);
}

static void
measure_angles (GtenJournal *self, GtenBackward *pass, GtenNode *node, guint last)
{
  for (guint i = last; i != NO_ARRIVAL; i = get_arrival (self, i)->previous)
    {
      Arrival *arrival = get_arrival (self, i);
      GtenTensor *sum = gten_backward_get_gradient (pass, node, arrival->output_nr);
      GtenMeasures of_sum = gten_measure (sum, FALSE);

      if (arrival->grad != NULL && sum != NULL)
        arrival->cosine = dot (arrival->grad, sum) / (arrival->measures.norm * of_sum.norm);
    }
}

void
gten_journal_begin (GtenJournal *self, GtenBackward *pass, GtenNode *node)
{
  Step step = { .node = node };
  GtenTensor *variable = gten_node_get_variable (node);
  GtenTensor *old = variable != NULL ? gten_tensor_get_grad (variable) : NULL;
  guint last = GPOINTER_TO_UINT (g_hash_table_lookup (self->last_arrival, node));
  gboolean recording = gten_set_grad_enabled (FALSE);

  gten_inspect_own++;
  step.is_leaf = variable != NULL;
  step.had_before = old != NULL;
  if (old != NULL && self->used + n_bytes (old) <= self->budget)
    {
      step.before = gten_tensor_clone (old, NULL);
      self->used += step.before != NULL ? n_bytes (step.before) : 0;
    }
  if (last > 0 && get_arrival (self, last - 1)->previous != NO_ARRIVAL)
    measure_angles (self, pass, node, last - 1);
  gten_inspect_own--;
  gten_set_grad_enabled (recording);
  /* A node that failed has no end. */
  g_array_append_val (self->steps, step);
}

void
gten_journal_end (GtenJournal *self, GtenNode *node, const GtenMeasures *measures)
{
  g_array_index (self->steps, Step, self->steps->len - 1).measures = *measures;
  g_hash_table_insert (self->ran_at, node, GUINT_TO_POINTER (self->steps->len));
}

/* -- reading ------------------------------------------------------------------------------------ */

static gboolean
is_gone (GtenNode *node, guint step, GError **error)
{
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
               "The gradient of %s at step %u was let go: the journal's budget was used up", gten_node_get_name (node), step);
  return FALSE;
}

/* Adds up what had arrived at the node, the earliest first. */
static gboolean
add_up (GtenJournal *self, GtenNode *node, guint output_nr, guint step, GtenTensor **sum, GError **error)
{
  g_autoptr (GArray) chain = g_array_new (FALSE, FALSE, sizeof (guint));
  guint last = GPOINTER_TO_UINT (g_hash_table_lookup (self->last_arrival, node));

  for (guint i = last > 0 ? last - 1 : NO_ARRIVAL; i != NO_ARRIVAL; i = get_arrival (self, i)->previous)
    if (get_arrival (self, i)->step <= step && get_arrival (self, i)->output_nr == output_nr)
      g_array_append_val (chain, i);
  for (guint n = chain->len; n > 0; n--)
    {
      Arrival *arrival = get_arrival (self, g_array_index (chain, guint, n - 1));
      GtenTensor *both;

      if (arrival->grad == NULL)
        return is_gone (node, step, error);
      if (gten_version (arrival->grad) != arrival->version)
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "The gradient of %s at step %u was changed in place since",
                       gten_node_get_name (node), step);
          return FALSE;
        }
      both = *sum == NULL ? g_object_ref (arrival->grad) : gten_tensor_add (*sum, arrival->grad, error);
      if (both == NULL)
        return FALSE;
      g_set_object (sum, both);
      g_object_unref (both);
    }
  return TRUE;
}

/* After the node ran its gradient is what hooks made of the sum, which only the pass knows. */
static GtenTensor *
find_gradient (GtenJournal *self, GtenBackward *pass, GtenNode *node, guint output_nr, guint step, GError **error)
{
  guint ran_at = GPOINTER_TO_UINT (g_hash_table_lookup (self->ran_at, node));
  GtenTensor *kept = gten_backward_get_gradient (pass, node, output_nr);
  g_autoptr (GtenTensor) sum = NULL;

  if (ran_at > 0 && step >= ran_at && kept != NULL)
    return g_object_ref (kept);
  if (!add_up (self, node, output_nr, step, &sum, error))
    return NULL;
  if (sum == NULL)
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "Nothing had arrived at %s at step %u", gten_node_get_name (node),
                 step);
  return g_steal_pointer (&sum);
}

static GtenTensor *
find_leaf_gradient (GtenJournal *self, GtenBackward *pass, GtenNode *node, guint step, GError **error)
{
  GtenTensor *variable = gten_node_get_variable (node);
  guint ran_at = GPOINTER_TO_UINT (g_hash_table_lookup (self->ran_at, node));
  g_autoptr (GtenTensor) grad = NULL;
  Step *own;

  if (variable == NULL)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "%s accumulates into no leaf", gten_node_get_name (node));
      return NULL;
    }
  if (ran_at == 0 || step >= ran_at)
    grad = gten_tensor_get_grad (variable) != NULL ? g_object_ref (gten_tensor_get_grad (variable)) : NULL;
  else
    {
      own = &g_array_index (self->steps, Step, ran_at - 1);
      if (own->had_before && own->before == NULL)
        {
          is_gone (node, step, error);
          return NULL;
        }
      grad = own->before != NULL ? g_object_ref (own->before) : NULL;
    }
  if (grad == NULL)
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "The leaf had no gradient at step %u", step);
  return g_steal_pointer (&grad);
}

GtenTensor *
gten_journal_find (GtenJournal *self, GtenBackward *pass, GtenNode *node, const char *word, guint step, GError **error)
{
  guint64 output_nr;
  GtenTensor *found = NULL;
  gboolean recording;

  if (step > self->steps->len)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "The pass is at step %u, not yet at %u", self->steps->len, step);
      return NULL;
    }
  recording = gten_set_grad_enabled (FALSE);
  if (g_str_equal (word, "variable-gradient"))
    found = find_leaf_gradient (self, pass, node, step, error);
  else if (g_str_has_prefix (word, "gradient:")
           && g_ascii_string_to_unsigned (word + strlen ("gradient:"), 10, 0, G_MAXUINT, &output_nr, NULL))
    found = find_gradient (self, pass, node, output_nr, step, error);
  else
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "Only gradients have a history, not \"%s\"", word);
  gten_set_grad_enabled (recording);
  return found;
}

GVariant *
gten_journal_steps (GtenJournal *self)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" GTEN_INSPECT_STEP));
  for (guint i = 0; i < self->steps->len; i++)
    {
      Step *step = &g_array_index (self->steps, Step, i);

      g_variant_builder_add (&list, "(t@" GTEN_INSPECT_STATISTICS "b)", gten_node_get_id (step->node),
                             gten_measures_to_variant (&step->measures), i + 1 >= self->from_step);
    }
  return g_variant_builder_end (&list);
}

static void
count_arrivals (GtenJournal *self, GtenNode *node, guint step, guint *n_arrived, gboolean *many)
{
  guint last = GPOINTER_TO_UINT (g_hash_table_lookup (self->last_arrival, node));

  *n_arrived = 0;
  for (guint i = last > 0 ? last - 1 : NO_ARRIVAL; i != NO_ARRIVAL; i = get_arrival (self, i)->previous)
    *n_arrived += get_arrival (self, i)->step <= step;
  *many = *n_arrived > 1;
}

static GtenMeasures
measure_at (GtenJournal *self, GtenBackward *pass, GtenNode *node, guint step, gboolean many)
{
  g_autoptr (GtenTensor) sum = NULL;
  guint last = GPOINTER_TO_UINT (g_hash_table_lookup (self->last_arrival, node));

  if (!many)
    for (guint i = last > 0 ? last - 1 : NO_ARRIVAL; i != NO_ARRIVAL; i = get_arrival (self, i)->previous)
      if (get_arrival (self, i)->step <= step)
        return get_arrival (self, i)->measures;
  sum = gten_journal_find (self, pass, node, "gradient:0", step, NULL);
  return gten_measure (sum, TRUE);
}

GVariant *
gten_journal_states (GtenJournal *self, GtenBackward *pass, guint step, GError **error)
{
  g_autoptr (GPtrArray) nodes = NULL;
  GVariantBuilder list;

  if (step > self->steps->len)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "The pass is at step %u, not yet at %u", self->steps->len, step);
      return NULL;
    }
  nodes = gten_backward_get_nodes (pass);
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" GTEN_INSPECT_STATE));
  for (guint i = 0; i < nodes->len; i++)
    {
      GtenNode *node = g_ptr_array_index (nodes, i);
      guint ran_at = GPOINTER_TO_UINT (g_hash_table_lookup (self->ran_at, node)), n_arrived, n_expected;
      gboolean many, done = ran_at > 0 && ran_at <= step;
      GtenGradState state = gten_backward_get_state (pass, node, NULL, &n_expected);
      GtenMeasures measures = GTEN_MEASURES_NONE;

      count_arrivals (self, node, step, &n_arrived, &many);
      if (state != GTEN_GRAD_NOT_NEEDED)
        state = done ? GTEN_GRAD_DONE : n_arrived == 0 ? GTEN_GRAD_PENDING : n_arrived < n_expected ? GTEN_GRAD_PARTIAL : GTEN_GRAD_READY;
      if (done)
        measures = g_array_index (self->steps, Step, ran_at - 1).measures;
      else if (n_arrived > 0)
        measures = measure_at (self, pass, node, step, many);
      g_variant_builder_add (&list, "(tyuu@" GTEN_INSPECT_STATISTICS ")", gten_node_get_id (node), (guchar) state, n_arrived,
                             n_expected, gten_measures_to_variant (&measures));
    }
  return g_variant_builder_end (&list);
}

/* The angles of a node that still waits are to what has arrived. */
GVariant *
gten_journal_contributions (GtenJournal *self, GtenBackward *pass, GtenNode *node)
{
  guint last = GPOINTER_TO_UINT (g_hash_table_lookup (self->last_arrival, node));
  g_autoptr (GArray) chain = g_array_new (FALSE, FALSE, sizeof (guint));
  gboolean recording = gten_set_grad_enabled (FALSE);
  GVariantBuilder list;

  if (last > 0 && !g_hash_table_contains (self->ran_at, node))
    measure_angles (self, pass, node, last - 1);
  gten_set_grad_enabled (recording);
  for (guint i = last > 0 ? last - 1 : NO_ARRIVAL; i != NO_ARRIVAL; i = get_arrival (self, i)->previous)
    g_array_append_val (chain, i);
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" GTEN_INSPECT_ADDED));
  for (guint n = chain->len; n > 0; n--)
    {
      Arrival *arrival = get_arrival (self, g_array_index (chain, guint, n - 1));

      g_variant_builder_add (&list, "(tuu@" GTEN_INSPECT_STATISTICS "d)", arrival->from != NULL ? gten_node_get_id (arrival->from) : 0,
                             arrival->output_nr, arrival->step, gten_measures_to_variant (&arrival->measures), arrival->cosine);
    }
  return g_variant_builder_end (&list);
}

void
gten_journal_describe (GtenJournal *self, GVariantBuilder *description)
{
  g_variant_builder_add (description, "{sv}", "journal-bytes", g_variant_new_uint64 (self->budget));
  g_variant_builder_add (description, "{sv}", "journal-used", g_variant_new_uint64 (self->used));
  g_variant_builder_add (description, "{sv}", "journal-from", g_variant_new_uint32 (self->from_step));
}
