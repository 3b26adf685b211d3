/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inspector-source.h"

#include "inspector-site.h"

#include <glib/gi18n-lib.h>
#include <gio/gunixfdlist.h>

#define MAX_BYTES    (256 * 1024)    /* of a tensor; a larger one comes as a sample */
#define SMALL_GRAPH  400             /* nodes up to which all descriptions are fetched at once: values are found through them */

/* What is known of a node beyond the picture. */
typedef struct
{
  char **tensors;         /* names of the tensor arguments, in order */
  char **saved;
} Description;

/* A tensor that someone wants. */
typedef struct
{
  GtenGtkNode   *node;          /* the graph's */
  GtenGtkTensor *tensor;
  gboolean       is_gradient;
  gboolean       under_way;
} Request;

struct _InspectorSource
{
  GObject                parent_instance;

  InspectorDBusInspect1 *service;
  guint64                pass;
  GtenGtkGraph          *graph;
  gboolean               stopped;
  guint                  n_calls;
  char                  *folder;         /* where the program was started */
  GtenGtkNode           *shown;          /* that someone looks at */
  guint                  step;           /* that is looked at, or GTEN_GTK_NO_NODE for the last */
  GHashTable            *descriptions;   /* by node */
  GHashTable            *requests;       /* by tensor */
  GHashTable            *undescribed;    /* nodes whose description is wanted */
  GPtrArray             *questions;      /* asked while the program ran */
};

G_DEFINE_FINAL_TYPE (InspectorSource, inspector_source, G_TYPE_OBJECT)

static guint settled_signal;

static void fetch_requests (InspectorSource *self);

/* A call has been answered, which may lead to others. */
static void
answered (InspectorSource *self)
{
  if (--self->n_calls == 0 && self->stopped)
    fetch_requests (self);
  if (self->n_calls == 0)
    g_signal_emit (self, settled_signal, 0);
}

static void
description_free (gpointer data)
{
  Description *self = data;

  g_strfreev (self->tensors);
  g_strfreev (self->saved);
  g_free (self);
}

GBytes *
inspector_map_sealed (GUnixFDList *fds, GVariant *handle, GError **error)
{
  gint32 index = g_variant_get_handle (handle);
  gboolean is_there = fds != NULL && index >= 0 && index < g_unix_fd_list_get_length (fds);
  int fd = is_there ? g_unix_fd_list_get (fds, index, error) : -1;

  if (fd < 0)
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, _ ("The program sent no memory"));
      return NULL;
    }
  return gten_inspect_map_sealed (fd, -1, error);
}

/* -- tensors ----------------------------------------------------------------------------------- */

static void
set_statistics (GtenGtkTensor *tensor, GVariant *description)
{
  g_autoptr (GVariant) numbers = g_variant_lookup_value (description, "statistics",
                                                         G_VARIANT_TYPE (GTEN_INSPECT_STATISTICS));
  GtenGtkStatistics s;

  if (numbers == NULL)
    return;
  g_variant_get (numbers, GTEN_INSPECT_STATISTICS, &s.n_values, &s.n_nan, &s.n_infinite, &s.minimum, &s.maximum,
                 &s.mean, &s.norm);
  gten_gtk_tensor_set_statistics (tensor, &s);
}

/* FALSE for what does not fit the tensor. */
static gboolean
set_elements (GtenGtkTensor *tensor, GVariant *description, GBytes *elements)
{
  g_autoptr (GVariant) steps = g_variant_lookup_value (description, "step", G_VARIANT_TYPE ("ax"));
  g_autoptr (GVariant) sample = g_variant_lookup_value (description, "sample",
                                                        G_VARIANT_TYPE ("ax"));
  const gint64 *step, *size;
  gsize n_steps, n_sizes;

  if (steps == NULL || sample == NULL)
    return FALSE;
  step = g_variant_get_fixed_array (steps, &n_steps, sizeof *step);
  size = g_variant_get_fixed_array (sample, &n_sizes, sizeof *size);
  if (n_steps != n_sizes)
    return FALSE;
  set_statistics (tensor, description);
  return gten_gtk_tensor_set_sample (tensor, elements, size, step, n_sizes);
}

typedef void (*TensorFunc) (InspectorSource *self, gpointer data, GVariant *description,
                            GBytes *elements);

typedef struct
{
  InspectorSource *source;
  TensorFunc       func;
  gpointer         data;
} Call;

static void
tensor_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (InspectorSource) self = call->source;
  g_autoptr (GVariant) description = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GBytes) elements = NULL;

  if (inspector_dbus_inspect1_call_get_tensor_finish (INSPECTOR_DBUS_INSPECT1 (object),
                                                      &description, &handle, &fds, result, NULL))
    elements = inspector_map_sealed (fds, handle, NULL);
  call->func (self, call->data, description, elements);
  answered (self);
}

static void
call_tensor (InspectorSource *self, GtenGtkNode *node, const char *which, guint64 max_bytes,
             TensorFunc func, gpointer data)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { g_object_ref (self), func, data };
  self->n_calls++;
  inspector_dbus_inspect1_call_get_tensor (self->service, self->pass, gten_gtk_node_get_id (node), which, max_bytes, NULL, NULL,
                                           tensor_cb, call);
}

static void
answer_request (InspectorSource *self, gpointer data, GVariant *description, GBytes *elements)
{
  g_autoptr (GtenGtkTensor) tensor = data;
  Request *request = g_hash_table_lookup (self->requests, tensor);

  if (elements != NULL)
    set_elements (tensor, description, elements);
  if (request == NULL)
    return;
  request->under_way = FALSE;
  if (elements == NULL && !self->stopped)
    return;
  /* A gradient that is not here though its node has run was not kept. */
  if (elements == NULL)
    gten_gtk_tensor_set_note (tensor, _ ("It was not kept"));
  if (elements == NULL && request->is_gradient
      && gten_gtk_node_get_state (request->node, NULL, NULL) == GTEN_GTK_STATE_DONE)
    {
      guint n_arrived, n_expected;

      gten_gtk_node_get_state (request->node, &n_arrived, &n_expected);
      gten_gtk_node_set_state (request->node, GTEN_GTK_STATE_FREED, n_arrived, n_expected);
    }
  g_hash_table_remove (self->requests, tensor);
}

static const char *
find_name (char **names, const char *name)
{
  return names != NULL && name != NULL && g_strv_contains ((const char *const *) names, name) ? name : NULL;
}

/* Where the value of a node may still be had: in the leaf, in what the node saved, or in what a
 * user of it saved. */
static char *
find_value (InspectorSource *self, GtenGtkNode *node, GtenGtkNode **owner)
{
  Description *own = g_hash_table_lookup (self->descriptions, node);
  guint n_users;
  const guint32 *users = gten_gtk_graph_get_user_edges (self->graph, gten_gtk_node_get_index (node), &n_users);
  gboolean is_root = TRUE;

  *owner = node;
  if (gten_gtk_node_is_leaf (node))
    return g_strdup ("variable");
  if (own != NULL && find_name (own->saved, "result") != NULL)
    return g_strdup ("saved:result");
  for (guint i = 0; i < n_users; i++)
    {
      guint user, user_input, input, input_output;
      Description *description;

      gten_gtk_graph_get_edge (self->graph, users[i], &user, &user_input, &input, &input_output);
      if (input_output != 0)
        continue;
      is_root = FALSE;
      *owner = gten_gtk_graph_get_node (self->graph, user);
      description = g_hash_table_lookup (self->descriptions, *owner);
      if (description != NULL && user_input < g_strv_length (description->tensors)
          && find_name (description->saved, description->tensors[user_input]) != NULL)
        return g_strconcat ("saved:", description->tensors[user_input], NULL);
    }
  return is_root ? g_strdup ("root:0") : NULL;
}

/* What the program calls a tensor now, or NULL, and the node that has it. */
static char *
find_name_of (InspectorSource *self, GtenGtkNode *node, GtenGtkTensor *tensor, GtenGtkNode **owner)
{
  GtenGtkState state = gten_gtk_node_get_state (node, NULL, NULL);

  *owner = node;
  if (tensor == gten_gtk_node_get_value (node))
    return find_value (self, node, owner);
  if (tensor != gten_gtk_node_get_gradient (node))
    return g_strconcat ("saved:", gten_gtk_tensor_get_name (tensor), NULL);
  if (state != GTEN_GTK_STATE_READY && state != GTEN_GTK_STATE_RUNNING && state != GTEN_GTK_STATE_DONE)
    return NULL;
  return self->step == GTEN_GTK_NO_NODE ? g_strdup ("gradient:0") : g_strdup_printf ("gradient:0@%u", self->step);
}

static void
fetch_tensor (InspectorSource *self, Request *request)
{
  GtenGtkNode *owner;
  g_autofree char *which = NULL;

  if (request->under_way)
    return;
  which = find_name_of (self, request->node, request->tensor, &owner);
  if (which == NULL)
    {
      /* As long as descriptions are on their way it may still be found. */
      if (!request->is_gradient && self->n_calls == 0)
        gten_gtk_tensor_set_note (request->tensor, _ ("No operation kept this value"));
      return;
    }
  request->under_way = TRUE;
  call_tensor (self, owner, which, gten_gtk_tensor_wants_whole (request->tensor) ? G_MAXUINT64 : MAX_BYTES,
               answer_request, g_object_ref (request->tensor));
}

static void
tensor_wanted_cb (GtenGtkGraph *graph, GtenGtkNode *node, GtenGtkTensor *tensor, InspectorSource *self)
{
  Request *request = g_new (Request, 1);

  *request = (Request) { node, tensor, tensor == gten_gtk_node_get_gradient (node), FALSE };
  g_hash_table_insert (self->requests, tensor, request);
  if (self->stopped)
    fetch_tensor (self, request);
}

/* -- questions --------------------------------------------------------------------------------- */

typedef struct
{
  InspectorSource *source;
  GtenGtkQuestion *question;
} QuestionCall;

static void
question_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree QuestionCall *call = user_data;
  g_autoptr (InspectorSource) self = call->source;
  g_autoptr (GtenGtkQuestion) question = call->question;
  InspectorDBusInspect1 *service = INSPECTOR_DBUS_INSPECT1 (object);
  g_autoptr (GVariant) said = NULL, handle = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GBytes) pixels = NULL;

  switch (gten_gtk_question_get_kind (question))
    {
    case GTEN_GTK_QUESTION_HISTOGRAM:
      inspector_dbus_inspect1_call_get_histogram_finish (service, NULL, &said, NULL, NULL, result, NULL);
      break;
    case GTEN_GTK_QUESTION_PICTURE:
      if (inspector_dbus_inspect1_call_get_picture_finish (service, &said, &handle, &fds, result, NULL))
        pixels = inspector_map_sealed (fds, handle, NULL);
      break;
    case GTEN_GTK_QUESTION_COMPARISON:
      inspector_dbus_inspect1_call_compare_finish (service, &said, NULL, result, NULL);
      break;
    }
  gten_gtk_question_answer (question, said, pixels);
  answered (self);
}

/* Without an answer what is here goes on being shown. */
static void
ask (InspectorSource *self, GtenGtkQuestion *question)
{
  GtenGtkTensor *tensor = gten_gtk_question_get_tensor (question), *other = gten_gtk_question_get_other (question);
  GtenGtkNode *node = gten_gtk_tensor_get_node (tensor), *second = other != NULL ? gten_gtk_tensor_get_node (other) : NULL, *owner, *other_owner;
  g_autofree char *which = node != NULL ? find_name_of (self, node, tensor, &owner) : NULL;
  g_autofree char *other_which = second != NULL ? find_name_of (self, second, other, &other_owner) : NULL;
  GVariant *arguments = gten_gtk_question_get_arguments (question);
  g_autoptr (GVariant) options = NULL;
  QuestionCall *call;
  GVariantDict named;
  guint numbers[2];

  if (which == NULL || (other != NULL && (other_which == NULL || gten_gtk_graph_find_node (self->graph, gten_gtk_node_get_id (second)) != second)))
    {
      gten_gtk_question_answer (question, NULL, NULL);
      return;
    }
  call = g_new (QuestionCall, 1);
  *call = (QuestionCall) { g_object_ref (self), g_object_ref (question) };
  self->n_calls++;
  switch (gten_gtk_question_get_kind (question))
    {
    case GTEN_GTK_QUESTION_HISTOGRAM:
      inspector_dbus_inspect1_call_get_histogram (self->service, self->pass, gten_gtk_node_get_id (owner), which,
                                                  g_variant_get_uint32 (arguments), 0, 0, NULL, question_cb, call);
      break;
    case GTEN_GTK_QUESTION_PICTURE:
      g_variant_get (arguments, "(uu@a{sv})", &numbers[0], &numbers[1], &options);
      inspector_dbus_inspect1_call_get_picture (self->service, self->pass, gten_gtk_node_get_id (owner), which, numbers[0], numbers[1],
                                                options, NULL, NULL, question_cb, call);
      break;
    case GTEN_GTK_QUESTION_COMPARISON:
      g_variant_dict_init (&named, NULL);
      g_variant_dict_insert (&named, "node", "t", gten_gtk_node_get_id (other_owner));
      g_variant_dict_insert (&named, "which", "s", other_which);
      inspector_dbus_inspect1_call_compare (self->service, self->pass, gten_gtk_node_get_id (owner), which, g_variant_dict_end (&named),
                                            g_variant_get_uint32 (arguments), NULL, NULL, question_cb, call);
      break;
    }
}

static void
asked_cb (GtenGtkGraph *graph, GtenGtkNode *node, GtenGtkQuestion *question, InspectorSource *self)
{
  if (self->stopped)
    ask (self, question);
  else
    g_ptr_array_add (self->questions, g_object_ref (question));
}

/* -- nodes ------------------------------------------------------------------------------------- */

/* The names of the tensor arguments of "mul(Tensor self, Tensor other) -> Tensor". */
static char **
find_tensors (const char *schema)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GRegex) regex = g_regex_new ("Tensor(?:\\([^)]*\\)|\\|Scalar)?[?]?(?:\\[[0-9]*\\])? ([a-z_0-9]+)", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *arguments = g_strdup (schema);
  char *result = strstr (arguments, "->");

  if (result != NULL)
    *result = '\0';
  for (g_regex_match (regex, arguments, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *name = g_match_info_fetch (match, 1);
      g_strv_builder_add (builder, name);
    }
  return g_strv_builder_end (builder);
}

typedef struct
{
  GtenGtkNode *node;
  char        *name;
} Saved;

static void
answer_saved (InspectorSource *self, gpointer data, GVariant *description, GBytes *elements)
{
  Saved *saved = data;
  g_autoptr (GVariant) sizes = description != NULL ? g_variant_lookup_value (description, "shape", G_VARIANT_TYPE ("ax")) : NULL;
  const char *dtype = NULL;

  if (elements != NULL && sizes != NULL && g_variant_lookup (description, "dtype", "&s", &dtype))
    {
      gsize n_dims;
      const gint64 *shape = g_variant_get_fixed_array (sizes, &n_dims, sizeof *shape);
      g_autoptr (GtenGtkTensor) tensor = gten_gtk_tensor_new (saved->name, gten_dtype_from_name (dtype), shape, n_dims);

      if (set_elements (tensor, description, elements))
        gten_gtk_node_add_saved (saved->node, tensor);
    }
  g_object_unref (saved->node);
  g_free (saved->name);
  g_free (saved);
}

static const char *
lookup_text (GVariant *dictionary, const char *key)
{
  const char *text = NULL;

  return g_variant_lookup (dictionary, key, "&s", &text) && *text != '\0' ? text : NULL;
}

/* Who wrote or freed what belongs to a node, in words, or NULL. */
static char *
describe_history (GVariant *dictionary)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 pass, step, node;
  gboolean flag;

  if (g_variant_lookup (dictionary, "written-by", "(ttt)", &pass, &step, &node) && pass != 0)
    g_string_append_printf (text, _ ("The gradient was last written in pass %lu, step %lu. "), (gulong) pass, (gulong) step);
  if (g_variant_lookup (dictionary, "written-since", "b", &flag) && flag)
    g_string_append (text, _ ("The program has changed it since. "));
  if (g_variant_lookup (dictionary, "released", "b", &flag) && flag)
    {
      if (g_variant_lookup (dictionary, "released-by", "t", &pass) && pass != 0)
        g_string_append_printf (text, _ ("What it had saved was freed by pass %lu. "), (gulong) pass);
      else
        g_string_append (text, _ ("What it had saved was freed. "));
    }
  return text->len > 0 ? g_strchomp (g_strdup (text->str)) : NULL;
}

static void
describe (InspectorSource *self, GtenGtkNode *node, GVariant *dictionary, gboolean shown)
{
  g_auto (GStrv) gradients = NULL;
  Description *description = g_new0 (Description, 1);
  const char *schema = lookup_text (dictionary, "schema");

  description->tensors = find_tensors (schema != NULL ? schema : "");
  g_variant_lookup (dictionary, "saved", "^as", &description->saved);
  g_hash_table_insert (self->descriptions, node, description);
  g_variant_lookup (dictionary, "gradients", "^as", &gradients);
  gten_gtk_node_set_description (node, lookup_text (dictionary, "arguments"), lookup_text (dictionary, "formula"),
                                 (const char *const *) gradients, lookup_text (dictionary, "doc"));
  if (shown)
    {
      const char *site = gten_gtk_node_get_site (node);
      g_autofree char *line = site != NULL ? inspector_read_site (self->folder, site) : NULL;
      g_autofree char *history = describe_history (dictionary);

      gten_gtk_node_set_history (node, line, history);
    }
  if (shown && self->stopped
      && g_list_model_get_n_items (gten_gtk_node_get_saved (node)) == 0)
    for (guint i = 0; description->saved != NULL && description->saved[i] != NULL; i++)
      {
        g_autofree char *which = g_strconcat ("saved:", description->saved[i], NULL);
        Saved *saved = g_new (Saved, 1);

        *saved = (Saved) { g_object_ref (node), g_strdup (description->saved[i]) };
        call_tensor (self, node, which, MAX_BYTES, answer_saved, saved);
      }
}

static void
contributions_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtenGtkNode) node = user_data;
  g_autoptr (InspectorSource) self = g_object_steal_data (G_OBJECT (node), "inspector-source");
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GPtrArray) contributions = g_ptr_array_new_with_free_func (g_object_unref);
  GVariantIter iter;
  GtenGtkStatistics s;
  guint64 user;
  guint output, step;
  double cosine;

  if (inspector_dbus_inspect1_call_get_contributions_finish (INSPECTOR_DBUS_INSPECT1 (object), &variant, result, NULL))
    {
      g_variant_iter_init (&iter, variant);
      while (g_variant_iter_next (&iter, GTEN_INSPECT_ADDED, &user, &output, &step, &s.n_values, &s.n_nan, &s.n_infinite,
                                  &s.minimum, &s.maximum, &s.mean, &s.norm, &cosine))
        {
          GtenGtkNode *from = user != 0 ? gten_gtk_graph_find_node (self->graph, user) : NULL;

          if (output == 0)
            g_ptr_array_add (contributions, gten_gtk_contribution_new (from != NULL ? gten_gtk_node_get_index (from) : GTEN_GTK_NO_NODE,
                                                                       step, &s, cosine));
        }
      gten_gtk_node_set_contributions (node, (GtenGtkContribution **) contributions->pdata, contributions->len);
    }
  answered (self);
}

static void
fetch_contributions (InspectorSource *self, GtenGtkNode *node)
{
  guint n_arrived, n_expected;

  gten_gtk_node_get_state (node, &n_arrived, &n_expected);
  if (n_arrived == 0 || g_object_get_data (G_OBJECT (node), "inspector-source") != NULL
      || g_list_model_get_n_items (gten_gtk_node_get_contributions (node)) == n_arrived)
    return;
  g_object_set_data_full (G_OBJECT (node), "inspector-source", g_object_ref (self), g_object_unref);
  self->n_calls++;
  inspector_dbus_inspect1_call_get_contributions (self->service, self->pass, gten_gtk_node_get_id (node), NULL, contributions_cb,
                                                  g_object_ref (node));
}

typedef struct
{
  InspectorSource *source;
  GtenGtkNode     *node;
  gboolean         shown;       /* someone looks at it, so its saved tensors are wanted too */
} NodeCall;

static void
node_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree NodeCall *call = user_data;
  g_autoptr (InspectorSource) self = call->source;
  g_autoptr (GtenGtkNode) node = call->node;
  g_autoptr (GVariant) dictionary = NULL;

  if (inspector_dbus_inspect1_call_get_node_finish (INSPECTOR_DBUS_INSPECT1 (object), &dictionary,
                                                    result, NULL))
    describe (self, node, dictionary, call->shown);
  answered (self);
}

static void
fetch_node (InspectorSource *self, GtenGtkNode *node, gboolean shown)
{
  NodeCall *call = g_new (NodeCall, 1);

  *call = (NodeCall) { g_object_ref (self), g_object_ref (node), shown };
  self->n_calls++;
  inspector_dbus_inspect1_call_get_node (self->service, self->pass, gten_gtk_node_get_id (node),
                                         NULL, node_cb, call);
}

static void
node_wanted_cb (GtenGtkGraph *graph, GtenGtkNode *node, InspectorSource *self)
{
  g_set_object (&self->shown, node);
  if (self->stopped)
    fetch_node (self, node, TRUE);
  else
    g_hash_table_add (self->undescribed, node);
}

/* -- the object -------------------------------------------------------------------------------- */

static void
dispose (GObject *object)
{
  InspectorSource *self = INSPECTOR_SOURCE (object);

  g_hash_table_remove_all (self->requests);
  g_hash_table_remove_all (self->undescribed);
  if (self->graph != NULL)
    g_signal_handlers_disconnect_by_data (self->graph, self);
  g_clear_object (&self->graph);
  g_clear_object (&self->service);
  g_clear_object (&self->shown);
  g_clear_pointer (&self->folder, g_free);
  G_OBJECT_CLASS (inspector_source_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  InspectorSource *self = INSPECTOR_SOURCE (object);

  g_hash_table_unref (self->requests);
  g_hash_table_unref (self->undescribed);
  g_hash_table_unref (self->descriptions);
  g_ptr_array_unref (self->questions);
  G_OBJECT_CLASS (inspector_source_parent_class)->finalize (object);
}

static void
inspector_source_class_init (InspectorSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  G_OBJECT_CLASS (klass)->finalize = finalize;
  settled_signal = g_signal_new ("settled", INSPECTOR_TYPE_SOURCE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
inspector_source_init (InspectorSource *self)
{
  self->descriptions = g_hash_table_new_full (NULL, NULL, NULL, description_free);
  self->requests = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->undescribed = g_hash_table_new (NULL, NULL);
  self->questions = g_ptr_array_new_with_free_func (g_object_unref);
}

InspectorSource *
inspector_source_new (InspectorDBusInspect1 *service, guint64 pass, GtenGtkGraph *graph, const char *folder)
{
  InspectorSource *self = g_object_new (INSPECTOR_TYPE_SOURCE, NULL);
  guint n_nodes = gten_gtk_graph_get_n_nodes (graph);

  self->service = g_object_ref (service);
  self->pass = pass;
  self->graph = g_object_ref (graph);
  self->stopped = TRUE;
  self->folder = g_strdup (folder);
  self->step = GTEN_GTK_NO_NODE;
  g_signal_connect (graph, "node-wanted", G_CALLBACK (node_wanted_cb), self);
  g_signal_connect (graph, "tensor-wanted", G_CALLBACK (tensor_wanted_cb), self);
  g_signal_connect (graph, "asked", G_CALLBACK (asked_cb), self);
  for (guint i = 0; n_nodes <= SMALL_GRAPH && i < n_nodes; i++)
    fetch_node (self, gten_gtk_graph_get_node (graph, i), FALSE);
  return self;
}

static void
fetch_requests (InspectorSource *self)
{
  g_autoptr (GList) requests = g_hash_table_get_values (self->requests);

  for (GList *l = requests; l != NULL; l = l->next)
    fetch_tensor (self, l->data);
}

void
inspector_source_fetch (InspectorSource *self)
{
  g_autoptr (GList) nodes = g_hash_table_get_keys (self->undescribed);

  fetch_requests (self);
  while (self->questions->len > 0)
    {
      g_autoptr (GtenGtkQuestion) question = g_ptr_array_steal_index (self->questions, 0);
      ask (self, question);
    }
  if (self->shown != NULL)
    fetch_contributions (self, self->shown);
  g_hash_table_remove_all (self->undescribed);
  for (GList *l = nodes; l != NULL; l = l->next)
    fetch_node (self, l->data, TRUE);
}

void
inspector_source_set_stopped (InspectorSource *self, gboolean stopped)
{
  self->stopped = stopped;
}

guint
inspector_source_get_n_calls (InspectorSource *self)
{
  return self->n_calls;
}

void
inspector_source_set_step (InspectorSource *self, guint step)
{
  self->step = step;
}

void
inspector_source_show (InspectorSource *self, GtenGtkNode *node)
{
  g_set_object (&self->shown, node);
  if (node != NULL && self->stopped)
    fetch_contributions (self, node);
}
