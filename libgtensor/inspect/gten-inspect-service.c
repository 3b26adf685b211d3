/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The methods of org.gtensor.Inspect1: they read what the inspector sends, ask the others, and answer. All run in the
 * server's thread. */

#include "inspect/gten-inspect-private.h"

#include "core/gten-tensor-private.h"
#include "gten-inspect-dbus.h"
#include "ops/gten-ops.h"

#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_KEEP_BYTES ((guint64) 64 << 20)
#define MAX_FLOW           65536

/* Answers with `variant`, which is floating, as the only argument, or with the error, which may be set by the call that
 * makes the variant. TRUE, as handlers return. */
static gboolean
answer (GDBusMethodInvocation *invocation, GVariant *variant, GError **error)
{
  if (variant == NULL)
    g_dbus_method_invocation_return_gerror (invocation, *error);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new_tuple (&variant, 1));
  return TRUE;
}

static gboolean
answer_nothing (GDBusMethodInvocation *invocation, gboolean success, GError **error)
{
  if (success)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    g_dbus_method_invocation_return_gerror (invocation, *error);
  return TRUE;
}

/* Answers with a description, if there is one, and a sealed memfd. */
static gboolean
answer_memfd (GDBusMethodInvocation *invocation, GVariant *description, const char *name, gconstpointer data, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  GVariant *handle = g_variant_new_handle (0);
  GVariant *arguments[2] = { description != NULL ? description : handle, handle };
  g_autoptr (GVariant) tuple = g_variant_ref_sink (g_variant_new_tuple (arguments, description != NULL ? 2 : 1));
  int fd = gten_inspect_seal (name, data, n_bytes, &error);

  if (fd < 0)
    {
      g_dbus_method_invocation_return_gerror (invocation, error);
      return TRUE;
    }
  fds = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, tuple, fds);
  return TRUE;
}

static gboolean
answer_serialised (GDBusMethodInvocation *invocation, const char *name, GVariant *floating)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (floating);

  return answer_memfd (invocation, NULL, name, g_variant_get_data (variant), g_variant_get_size (variant));
}

static gboolean
answer_bytes (GDBusMethodInvocation *invocation, GVariant *description, const char *name, GBytes *bytes, GError **error)
{
  gsize n_bytes;
  gconstpointer data;

  if (description == NULL)
    return answer (invocation, NULL, error);
  data = g_bytes_get_data (bytes, &n_bytes);
  return answer_memfd (invocation, description, name, data, n_bytes);
}

/* -- attaching ---------------------------------------------------------------------------------- */

static GVariant *
describe_program (void)
{
  GVariantDict information;
  g_autofree char *arguments = NULL;
  g_autofree char *directory = g_get_current_dir ();
  g_autofree char *valid = g_utf8_make_valid (directory, -1);
  g_autofree char *program = g_utf8_make_valid (g_get_prgname () != NULL ? g_get_prgname () : "", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  gsize length = 0;

  if (g_file_get_contents ("/proc/self/cmdline", &arguments, &length, NULL))
    for (gsize at = 0; at < length; at += strlen (arguments + at) + 1)
      if (g_utf8_validate (arguments + at, -1, NULL))
        g_ptr_array_add (words, arguments + at);
  g_variant_dict_init (&information, NULL);
  g_variant_dict_insert (&information, "program", "s", program);
  g_variant_dict_insert_value (&information, "arguments", g_variant_new_strv ((const char *const *) words->pdata, words->len));
  g_variant_dict_insert (&information, "pid", "u", (guint) getpid ());
  g_variant_dict_insert (&information, "version", "s", GTEN_VERSION);
  g_variant_dict_insert (&information, "directory", "s", valid);
  g_variant_dict_insert (&information, "writable", "b", gten_inspect_is_writable ());
  return g_variant_dict_end (&information);
}

static gboolean
attach_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GVariant *wanted)
{
  GtenInspectOptions options = { .statistics = TRUE };
  guint64 keep_bytes = DEFAULT_KEEP_BYTES, journal_bytes = 0, flow = 0;
  g_autofree const char **allow = NULL;

  g_variant_lookup (wanted, "keep-bytes", "t", &keep_bytes);
  g_variant_lookup (wanted, "journal-bytes", "t", &journal_bytes);
  g_variant_lookup (wanted, "flow", "t", &flow);
  g_variant_lookup (wanted, "statistics", "b", &options.statistics);
  g_variant_lookup (wanted, "forward", "b", &options.forward);
  options.keep_bytes = keep_bytes;
  options.journal_bytes = journal_bytes;
  options.flow = MIN (flow, MAX_FLOW);
  answer (invocation, describe_program (), NULL);
  gten_inspect_control_attach (&options);
  if (g_variant_lookup (wanted, "allow", "^a&s", &allow))
    gten_nonfinite_allow (allow);
  gten_inspect_watch_devices ();
  return TRUE;
}

/* -- passes ------------------------------------------------------------------------------------- */

static gboolean
get_passes_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation)
{
  return answer (invocation, gten_inspect_control_passes (), NULL);
}

static gboolean
get_pass_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 id)
{
  g_autoptr (GError) error = NULL;

  return answer (invocation, gten_inspect_control_describe (id, &error), &error);
}

static gboolean
get_graph_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GUnixFDList *unused, guint64 id)
{
  g_autoptr (GError) error = NULL;
  GtenBackward *pass = gten_inspect_control_find (id, NULL, &error);

  return pass == NULL ? answer (invocation, NULL, &error)
                      : answer_serialised (invocation, "gtensor-graph", gten_inspect_graph (pass));
}

static gboolean
get_node_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 id, guint64 node)
{
  g_autoptr (GError) error = NULL;
  GtenBackward *pass = gten_inspect_control_find (id, NULL, &error);

  return answer (invocation, pass != NULL ? gten_inspect_node (pass, node, &error) : NULL, &error);
}

static gboolean
get_saved_bytes_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 id)
{
  g_autoptr (GError) error = NULL;
  GtenBackward *pass = gten_inspect_control_find (id, NULL, &error);

  return answer (invocation, pass != NULL ? gten_inspect_saved_bytes (pass) : NULL, &error);
}

/* -- history ------------------------------------------------------------------------------------ */

static GtenBackward *
find_journal (guint64 id, GtenJournal **journal, GError **error)
{
  GtenBackward *pass = gten_inspect_control_find (id, journal, error);

  if (pass == NULL || *journal != NULL)
    return pass;
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "No journal of pass %" G_GUINT64_FORMAT " is kept", id);
  return NULL;
}

static gboolean
get_contributions_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 id, guint64 number)
{
  g_autoptr (GError) error = NULL;
  GtenJournal *journal = NULL;
  GtenBackward *pass = find_journal (id, &journal, &error);
  GtenNode *node = pass != NULL ? gten_inspect_find_node (pass, number, &error) : NULL;

  return answer (invocation, node != NULL ? gten_journal_contributions (journal, pass, node) : NULL, &error);
}

static gboolean
get_journal_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 id)
{
  g_autoptr (GError) error = NULL;
  GtenJournal *journal = NULL;
  GtenBackward *pass = find_journal (id, &journal, &error);

  return answer (invocation, pass != NULL ? gten_journal_steps (journal) : NULL, &error);
}

static gboolean
get_states_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 id, guint step)
{
  g_autoptr (GError) error = NULL;
  GtenJournal *journal = NULL;
  GtenBackward *pass = find_journal (id, &journal, &error);

  return answer (invocation, pass != NULL ? gten_journal_states (journal, pass, step, &error) : NULL, &error);
}

static gboolean
get_flow_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GUnixFDList *unused)
{
  return answer_serialised (invocation, "gtensor-flow", gten_flow_get ());
}

/* -- tensors ------------------------------------------------------------------------------------ */

/* A new reference. */
static GtenTensor *
find_tensor (guint64 id, guint64 node, const char *which, GError **error)
{
  GtenJournal *journal = NULL;
  GtenBackward *pass = gten_inspect_control_find (id, &journal, error);

  return pass != NULL ? gten_inspect_find_tensor (pass, journal, node, which, error) : NULL;
}

static gboolean
get_tensor_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GUnixFDList *unused, guint64 id,
               guint64 node, const char *which, guint64 max_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) tensor = find_tensor (id, node, which, &error);
  g_autoptr (GBytes) elements = NULL;
  GVariant *description = tensor != NULL ? gten_inspect_tensor (tensor, max_bytes, &elements, &error) : NULL;

  return answer_bytes (invocation, description, "gtensor-elements", elements, &error);
}

static gboolean
get_picture_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GUnixFDList *unused, guint64 id, guint64 node,
                const char *which, guint width, guint height, GVariant *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) tensor = find_tensor (id, node, which, &error);
  g_autoptr (GBytes) pixels = NULL;
  GVariant *description = tensor != NULL ? gten_inspect_picture (tensor, width, height, options, &pixels, &error) : NULL;

  return answer_bytes (invocation, description, "gtensor-picture", pixels, &error);
}

static gboolean
get_histogram_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 id, guint64 node, const char *which,
                  guint bins, double low, double high)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) tensor = find_tensor (id, node, which, &error);
  GVariant *histogram = tensor != NULL ? gten_inspect_histogram (tensor, bins, low, high, &error) : NULL;

  if (histogram == NULL)
    return answer (invocation, NULL, &error);
  g_dbus_method_invocation_return_value (invocation, histogram);
  return TRUE;
}

/* What the inspector sent. A new reference. */
static GtenTensor *
receive_tensor (GVariant *other, GUnixFDList *fds, GError **error)
{
  g_autoptr (GVariant) shape = g_variant_lookup_value (other, "shape", G_VARIANT_TYPE ("ax"));
  const char *name = NULL;
  gint32 handle = -1;
  GtenDtype dtype = GTEN_DTYPE_NONE;
  gsize n_dims = 0, n_bytes = 0;
  const gint64 *sizes = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gboolean fits = TRUE;
  int fd;

  if (g_variant_lookup (other, "dtype", "&s", &name))
    dtype = gten_dtype_from_name (name);
  if (shape != NULL)
    sizes = g_variant_get_fixed_array (shape, &n_dims, sizeof *sizes);
  n_bytes = gten_dtype_get_size (dtype);
  for (gsize i = 0; fits && i < n_dims; i++)
    fits = sizes[i] >= 0 && g_size_checked_mul (&n_bytes, n_bytes, sizes[i]) && n_bytes <= G_MAXSSIZE;
  if (dtype == GTEN_DTYPE_NONE || shape == NULL || !fits || n_dims > GTEN_K_MAX_DIMS
      || !g_variant_lookup (other, "elements", "h", &handle) || fds == NULL || handle < 0 || handle >= g_unix_fd_list_get_length (fds))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "A tensor to compare with has \"node\" and \"which\", or \"dtype\", \"shape\" and \"elements\"");
      return NULL;
    }
  fd = g_unix_fd_list_get (fds, handle, error);
  if (fd < 0)
    return NULL;
  bytes = gten_inspect_map_sealed (fd, n_bytes, error);
  return bytes != NULL ? gten_tensor_new_from_bytes (bytes, dtype, sizes, n_dims, error) : NULL;
}

static gboolean
compare_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, guint64 id, guint64 node,
            const char *which, GVariant *other, guint worst)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) tensor = find_tensor (id, node, which, &error);
  g_autoptr (GtenTensor) second = NULL;
  guint64 other_node = 0;
  const char *other_which = NULL;

  if (tensor == NULL)
    return answer (invocation, NULL, &error);
  if (g_variant_lookup (other, "node", "t", &other_node) && g_variant_lookup (other, "which", "&s", &other_which))
    second = find_tensor (id, other_node, other_which, &error);
  else
    second = receive_tensor (other, fds, &error);
  return answer (invocation, second != NULL ? gten_inspect_compare (tensor, second, worst, &error) : NULL, &error);
}

static gboolean
set_element_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 id, guint64 node, const char *which,
                GVariant *index, double value)
{
  g_autoptr (GError) error = NULL;
  GtenBackward *pass = gten_inspect_control_find (id, NULL, &error);
  gboolean success = FALSE;

  if (pass != NULL && !gten_inspect_is_writable ())
    g_set_error (&error, GTEN_ERROR, GTEN_ERROR_VALUE,
                 "The program does not allow it: start it with GTENSOR_INSPECT_WRITE=1");
  else if (pass != NULL)
    success = gten_inspect_set_element (pass, node, which, index, value, &error);
  return answer_nothing (invocation, success, &error);
}

/* -- what is not finite, devices ---------------------------------------------------------------- */

static gboolean
get_non_finite_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation)
{
  return answer (invocation, gten_nonfinite_get (), NULL);
}

static gboolean
allow_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, const char *const *ops)
{
  gten_nonfinite_allow (ops);
  return answer_nothing (invocation, TRUE, NULL);
}

static gboolean
get_devices_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation)
{
  return answer (invocation, gten_inspect_devices (), NULL);
}

static gboolean
get_timeline_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GUnixFDList *unused, guint64 since)
{
  return answer_serialised (invocation, "gtensor-timeline", gten_timeline_get (since));
}

/* -- stopping ----------------------------------------------------------------------------------- */

static gboolean
add_breakpoint_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, GVariant *where)
{
  g_autoptr (GError) error = NULL;
  guint breakpoint = gten_inspect_control_add (where, &error);

  return answer (invocation, breakpoint > 0 ? g_variant_new_uint32 (breakpoint) : NULL, &error);
}

static gboolean
get_breakpoints_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation)
{
  return answer (invocation, gten_inspect_control_breakpoints (), NULL);
}

static gboolean
remove_breakpoint_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint breakpoint)
{
  g_autoptr (GError) error = NULL;

  return answer_nothing (invocation, gten_inspect_control_remove (breakpoint, &error), &error);
}

static gboolean
resume_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation, guint64 pass, const char *how,
           guint64 node)
{
  g_autoptr (GError) error = NULL;

  return answer_nothing (invocation, gten_inspect_control_resume (pass, how, node, &error), &error);
}

static gboolean
pause_cb (GtenDBusInspect1 *object, GDBusMethodInvocation *invocation)
{
  gten_inspect_control_pause ();
  return answer_nothing (invocation, TRUE, NULL);
}

GDBusInterfaceSkeleton *
gten_inspect_service_new (void)
{
  GtenDBusInspect1 *object = gten_dbus_inspect1_skeleton_new ();
  const struct { const char *signal; GCallback callback; } handlers[] = {
    { "handle-attach", G_CALLBACK (attach_cb) },
    { "handle-get-passes", G_CALLBACK (get_passes_cb) },
    { "handle-get-pass", G_CALLBACK (get_pass_cb) },
    { "handle-get-graph", G_CALLBACK (get_graph_cb) },
    { "handle-get-node", G_CALLBACK (get_node_cb) },
    { "handle-get-saved-bytes", G_CALLBACK (get_saved_bytes_cb) },
    { "handle-get-contributions", G_CALLBACK (get_contributions_cb) },
    { "handle-get-journal", G_CALLBACK (get_journal_cb) },
    { "handle-get-states", G_CALLBACK (get_states_cb) },
    { "handle-get-flow", G_CALLBACK (get_flow_cb) },
    { "handle-get-tensor", G_CALLBACK (get_tensor_cb) },
    { "handle-get-picture", G_CALLBACK (get_picture_cb) },
    { "handle-get-histogram", G_CALLBACK (get_histogram_cb) },
    { "handle-compare", G_CALLBACK (compare_cb) },
    { "handle-set-element", G_CALLBACK (set_element_cb) },
    { "handle-get-non-finite", G_CALLBACK (get_non_finite_cb) },
    { "handle-allow", G_CALLBACK (allow_cb) },
    { "handle-get-devices", G_CALLBACK (get_devices_cb) },
    { "handle-get-timeline", G_CALLBACK (get_timeline_cb) },
    { "handle-add-breakpoint", G_CALLBACK (add_breakpoint_cb) },
    { "handle-get-breakpoints", G_CALLBACK (get_breakpoints_cb) },
    { "handle-remove-breakpoint", G_CALLBACK (remove_breakpoint_cb) },
    { "handle-resume", G_CALLBACK (resume_cb) },
    { "handle-pause", G_CALLBACK (pause_cb) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (object, handlers[i].signal, handlers[i].callback, NULL);
  return G_DBUS_INTERFACE_SKELETON (object);
}
