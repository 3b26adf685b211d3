/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program under inspection: its process and the connection to it, and what is shown of it.
 * Everything is asynchronous; nothing here waits for the program. */
#include "inspector-program-private.h"

#include "gten-gtk-device.h"

#include <glib/gi18n-lib.h>

#define KEEP_BYTES    ((guint64) 256 << 20)
#define JOURNAL_BYTES ((guint64) 256 << 20)
#define FLOW_PASSES   512

G_DEFINE_FINAL_TYPE (InspectorProgram, inspector_program, G_TYPE_OBJECT)

enum { PROP_GRAPH = 1, PROP_STATE, PROP_STATUS, PROP_TITLE, PROP_STOP_AT_PASSES, PROP_STEP, N_PROPS };
enum { OUTPUT, FAILED, NOT_FINITE, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void disconnect (InspectorProgram *self);

void
inspector_program_set_state (InspectorProgram *self, InspectorState state, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_free (self->status);
  self->status = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static char *
read_message (const GError *error)
{
  g_autoptr (GError) plain = g_error_copy (error);

  if (g_dbus_error_is_remote_error (error))
    g_dbus_error_strip_remote_error (plain);
  return g_strdup (plain->message);
}

void
inspector_program_report (InspectorProgram *self, const GError *error)
{
  g_autofree char *message = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
      || self->state == INSPECTOR_STATE_ENDED)
    return;
  message = read_message (error);
  g_signal_emit (self, signals[FAILED], 0, message);
}

void
inspector_program_fail (InspectorProgram *self, const GError *error)
{
  g_autofree char *message = read_message (error);

  inspector_program_report (self, error);
  self->failed = TRUE;
  if (self->state == INSPECTOR_STATE_ENDED)
    return;
  inspector_process_kill (self->process);
  disconnect (self);
  inspector_program_set_state (self, INSPECTOR_STATE_ENDED, "%s", message);
}

static gboolean
patience_cb (gpointer data)
{
  InspectorProgram *self = data;
  g_autoptr (GError) error
    = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _ ("The program has not offered itself within %u s: does it compute with libgtensor?"),
                   self->patience);

  self->patience_timer = 0;
  inspector_program_fail (self, error);
  return G_SOURCE_REMOVE;
}

void
inspector_program_set_graph (InspectorProgram *self, GtenGtkGraph *graph)
{
  g_set_object (&self->graph, graph);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRAPH]);
}

void
inspector_program_set_step (InspectorProgram *self, guint step)
{
  self->step = step;
  if (self->pass != NULL && self->pass->source != NULL)
    inspector_source_set_step (self->pass->source, step);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STEP]);
}

/* -- devices ----------------------------------------------------------------------------------- */

static GtenGtkDevice *
find_device (InspectorProgram *self, const char *name, const char *description)
{
  g_autoptr (GtenGtkDevice) device = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->devices)); i++)
    {
      g_autoptr (GtenGtkDevice) each = g_list_model_get_item (G_LIST_MODEL (self->devices), i);

      if (g_str_equal (gten_gtk_device_get_name (each), name))
        return each;
    }
  device = gten_gtk_device_new (name, description);
  g_list_store_append (self->devices, device);
  return device;
}

static void
devices_changed_cb (InspectorDBusInspect1 *service, GVariant *devices, InspectorProgram *self)
{
  const char *name, *description;
  guint64 total, used, peak, cached;
  GVariantIter iter;

  g_variant_iter_init (&iter, devices);
  while (g_variant_iter_next (&iter, "(&s&stttt)", &name, &description, &total, &used, &peak,
                              &cached))
    gten_gtk_device_add_sample (find_device (self, name, description), total, used, peak, cached);
}

/* -- the process ------------------------------------------------------------------------------- */

static void
attach_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (InspectorProgram) self = user_data;
  g_autoptr (GVariant) information = NULL;
  g_autoptr (GError) error = NULL;

  if (!inspector_dbus_inspect1_call_attach_finish (INSPECTOR_DBUS_INSPECT1 (object), &information,
                                                   result, &error))
    {
      /* A program that is gone tells so itself. */
      if (self->service == (gpointer) object && g_dbus_error_is_remote_error (error))
        inspector_program_fail (self, error);
      return;
    }
  g_clear_pointer (&self->folder, g_free);
  g_variant_lookup (information, "directory", "s", &self->folder);
}

static void
not_finite_cb (InspectorDBusInspect1 *service, GVariant *producer, InspectorProgram *self)
{
  g_signal_emit (self, signals[NOT_FINITE], 0, producer);
}

static void
connected_cb (InspectorProgram *self, InspectorDBusInspect1 *service)
{
  GVariantBuilder options;

  self->service = g_object_ref (service);
  g_clear_object (&self->lines);
  self->lines = inspector_lines_new (inspector_process_get_pid (self->process));
  g_clear_handle_id (&self->patience_timer, g_source_remove);
  g_signal_connect (service, "devices-changed", G_CALLBACK (devices_changed_cb), self);
  g_signal_connect (service, "non-finite", G_CALLBACK (not_finite_cb), self);
  inspector_program_watch_passes (self);
  inspector_program_set_state (self, INSPECTOR_STATE_RUNNING, _ ("Running"));
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "keep-bytes", g_variant_new_uint64 (KEEP_BYTES));
  g_variant_builder_add (&options, "{sv}", "journal-bytes", g_variant_new_uint64 (JOURNAL_BYTES));
  g_variant_builder_add (&options, "{sv}", "flow", g_variant_new_uint64 (FLOW_PASSES));
  g_variant_builder_add (&options, "{sv}", "forward", g_variant_new_boolean (TRUE));
  inspector_dbus_inspect1_call_attach (service, g_variant_builder_end (&options), NULL, attach_cb,
                                       g_object_ref (self));
  inspector_breakpoints_set_service (self->breakpoints, service);
}

static void
output_cb (InspectorProgram *self, const char *line)
{
  g_signal_emit (self, signals[OUTPUT], 0, line);
}

static void
disconnect (InspectorProgram *self)
{
  if (self->service != NULL)
    g_signal_handlers_disconnect_by_data (self->service, self);
  inspector_breakpoints_set_service (self->breakpoints, NULL);
  g_clear_object (&self->service);
  g_clear_handle_id (&self->patience_timer, g_source_remove);
  inspector_program_drop_passes (self);
}

static void
exited_cb (InspectorProgram *self)
{
  int status = inspector_process_get_exit_status (self->process);

  disconnect (self);
  if (self->offer != NULL)
    inspector_program_set_state (self, INSPECTOR_STATE_ENDED, _ ("Process %d is gone"), inspector_offer_get_pid (self->offer));
  else if (status > 128)
    inspector_program_set_state (self, INSPECTOR_STATE_ENDED, _ ("Ended by signal %d"), status - 128);
  else if (status != 0)
    inspector_program_set_state (self, INSPECTOR_STATE_ENDED, _ ("Ended with status %d"), status);
  else
    inspector_program_set_state (self, INSPECTOR_STATE_ENDED,
               self->n_passes == 0 ? _ ("Ended without a backward pass")
                                   : g_dngettext (GETTEXT_PACKAGE, "Ended after %u pass", "Ended after %u passes", self->n_passes),
               self->n_passes);
}

/* The name of the script among the words of a command, or else of the program. */
static char *
make_title (const char *const *command)
{
  for (guint i = 0; command[i] != NULL; i++)
    if (g_str_has_suffix (command[i], ".py") || g_str_has_suffix (command[i], ".js"))
      return g_path_get_basename (command[i]);
  return g_path_get_basename (command[0]);
}

/* Takes over a process in place of the last. */
static void
take_process (InspectorProgram *self, InspectorProcess *process)
{
  g_clear_object (&self->process);
  self->process = process;
  g_signal_connect_object (process, "output", G_CALLBACK (output_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (process, "connected", G_CALLBACK (connected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (process, "failed", G_CALLBACK (inspector_program_fail), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (process, "exited", G_CALLBACK (exited_cb), self, G_CONNECT_SWAPPED);

  inspector_program_set_graph (self, NULL);
  g_list_store_remove_all (self->devices);
  g_clear_pointer (&self->folder, g_free);
  self->n_passes = 0;
  self->n_live = 0;
  inspector_program_set_step (self, GTEN_GTK_NO_NODE);
  self->failed = FALSE;
  if (self->patience > 0)
    self->patience_timer = g_timeout_add_seconds (self->patience, patience_cb, self);
  inspector_program_set_state (self, INSPECTOR_STATE_STARTING, self->offer != NULL ? _ ("Attaching") : _ ("Starting"));
}

static gboolean
run (InspectorProgram *self, GError **error)
{
  InspectorProcess *process;

  inspector_program_quit (self);
  process = self->offer != NULL ? inspector_process_attach (inspector_offer_get_socket (self->offer))
                                : inspector_process_new ((const char *const *) self->command,
                                                         self->flags, error);
  if (process == NULL)
    return FALSE;
  take_process (self, process);
  return TRUE;
}

static void
set_title (InspectorProgram *self, char *title)
{
  g_free (self->title);
  self->title = title;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  inspector_breakpoints_clear (self->breakpoints);
}

/**
 * inspector_program_start:
 * @self: a program
 * @command: what to run, with its arguments
 * @error: return location for an error
 *
 * Ends what runs, if anything does, and starts another program that stops in its first pass.
 */
gboolean
inspector_program_start (InspectorProgram *self, const char *const *command, GError **error)
{
  char **copy = g_strdupv ((char **) command);

  g_strfreev (self->command);
  self->command = copy;
  inspector_program_quit (self);
  if (self->offer != NULL)
    inspector_breakpoints_set_passes (self->breakpoints, TRUE);
  g_clear_object (&self->offer);
  set_title (self, make_title (command));
  return run (self, error);
}

/**
 * inspector_program_attach:
 * @self: a program
 * @offer: a program that runs already
 *
 * Ends or lets go what was inspected, and watches another program, which runs on until it is paused
 * or comes to a breakpoint.
 */
void
inspector_program_attach (InspectorProgram *self, InspectorOffer *offer)
{
  inspector_program_quit (self);
  g_set_object (&self->offer, offer);
  set_title (self, g_strdup (inspector_offer_get_name (offer)));
  inspector_breakpoints_set_passes (self->breakpoints, FALSE);
  run (self, NULL);
}

gboolean
inspector_program_is_attached (InspectorProgram *self)
{
  return self->offer != NULL;
}

/* The same once more, with its breakpoints. */
gboolean
inspector_program_restart (InspectorProgram *self, GError **error)
{
  return (self->command == NULL && self->offer == NULL) || run (self, error);
}

void
inspector_program_quit (InspectorProgram *self)
{
  /* A process that is gone may have its connection still. */
  if (self->process == NULL || self->state == INSPECTOR_STATE_ENDED)
    return;
  inspector_process_kill (self->process);
  disconnect (self);
  inspector_program_set_state (self, INSPECTOR_STATE_ENDED, self->offer != NULL ? _ ("Let go") : _ ("Ended"));
}

/* -- commands ---------------------------------------------------------------------------------- */

/**
 * inspector_program_resume:
 * @self: a stopped program
 * @how: "step", "over", "run-to", "continue" or "finish"
 * @to: (nullable): where to, for "run-to"
 *
 * Lets the pass go on. Does nothing while it is not stopped.
 */
void
inspector_program_resume (InspectorProgram *self, const char *how, GtenGtkNode *to)
{
  if (self->state != INSPECTOR_STATE_STOPPED || self->pass == NULL || (g_str_equal (how, "run-to") && to == NULL))
    return;
  self->goes_on = self->pass->goes_on = g_str_equal (how, "continue") || g_str_equal (how, "run-to");
  inspector_program_set_state (self, INSPECTOR_STATE_RUNNING, _ ("Running"));
  inspector_program_go_on (self, how, to != NULL ? gten_gtk_node_get_id (to) : 0);
}

void
inspector_program_pause (InspectorProgram *self)
{
  self->goes_on = FALSE;
  for (guint i = 0; i < self->passes->len; i++)
    INSPECTOR_PASS (g_ptr_array_index (self->passes, i))->goes_on = FALSE;
  if (self->service != NULL)
    inspector_dbus_inspect1_call_pause (self->service, NULL, NULL, NULL);
}

/**
 * inspector_program_go_to:
 * @self: a stopped program
 * @step: how many nodes had run
 *
 * Looks at the pass as it was; at its last step, as it is. The program stays where it is.
 */
void
inspector_program_go_to (InspectorProgram *self, guint step)
{
  if (self->state != INSPECTOR_STATE_STOPPED || self->pass == NULL || step > self->n_live
      || step == inspector_program_get_step (self))
    return;
  inspector_program_set_step (self, step == self->n_live ? GTEN_GTK_NO_NODE : step);
  inspector_program_fetch_states (self, step);
}

void
inspector_program_show (InspectorProgram *self, GtenGtkNode *node)
{
  if (self->pass != NULL && self->pass->source != NULL)
    inspector_source_show (self->pass->source, node);
}

void
inspector_program_set_breakpoint (InspectorProgram *self, GtenGtkNode *node, gboolean breakpoint)
{
  inspector_breakpoints_set_node (self->breakpoints, node, breakpoint);
}

/* -- the object -------------------------------------------------------------------------------- */

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InspectorProgram *self = INSPECTOR_PROGRAM (object);

  switch (id)
    {
    case PROP_GRAPH:
      g_value_set_object (value, self->graph);
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_STATUS:
      g_value_set_string (value, self->status);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_STEP:
      g_value_set_uint (value, inspector_program_get_step (self));
      break;
    case PROP_STOP_AT_PASSES:
      g_value_set_boolean (value, inspector_breakpoints_get_passes (self->breakpoints));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InspectorProgram *self = INSPECTOR_PROGRAM (object);

  if (id != PROP_STOP_AT_PASSES)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  inspector_breakpoints_set_passes (self->breakpoints, g_value_get_boolean (value));
}

static void
dispose (GObject *object)
{
  InspectorProgram *self = INSPECTOR_PROGRAM (object);

  inspector_program_quit (self);
  disconnect (self);
  g_clear_object (&self->process);
  g_clear_object (&self->graph);
  g_clear_object (&self->offer);
  G_OBJECT_CLASS (inspector_program_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  InspectorProgram *self = INSPECTOR_PROGRAM (object);

  g_strfreev (self->command);
  g_free (self->title);
  g_free (self->status);
  g_free (self->folder);
  g_object_unref (self->devices);
  g_clear_object (&self->lines);
  g_object_unref (self->stops);
  g_ptr_array_unref (self->passes);
  g_object_unref (self->breakpoints);
  G_OBJECT_CLASS (inspector_program_parent_class)->finalize (object);
}

static void
inspector_program_class_init (InspectorProgramClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  properties[PROP_GRAPH] = g_param_spec_object ("graph", NULL, NULL, GTEN_GTK_TYPE_GRAPH, read);
  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, INSPECTOR_STATE_ENDED,
                                              INSPECTOR_STATE_IDLE, read);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, read);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, read);
  properties[PROP_STOP_AT_PASSES] = g_param_spec_boolean ("stop-at-passes", NULL, NULL, TRUE,
                                                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_STEP] = g_param_spec_uint ("step", NULL, NULL, 0, G_MAXUINT, 0, read);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[NOT_FINITE] = g_signal_new ("not-finite", INSPECTOR_TYPE_PROGRAM, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_VARIANT);
  signals[OUTPUT] = g_signal_new ("output", INSPECTOR_TYPE_PROGRAM, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[FAILED] = g_signal_new ("failed", INSPECTOR_TYPE_PROGRAM, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
inspector_program_init (InspectorProgram *self)
{
  self->status = g_strdup ("");
  self->step = GTEN_GTK_NO_NODE;
  self->devices = g_list_store_new (GTEN_GTK_TYPE_DEVICE);
  self->stops = g_list_store_new (INSPECTOR_TYPE_PASS);
  self->passes = g_ptr_array_new_with_free_func (g_object_unref);
  self->breakpoints = inspector_breakpoints_new ();
  g_signal_connect_object (self->breakpoints, "failed", G_CALLBACK (inspector_program_report), self,
                           G_CONNECT_SWAPPED);
}

InspectorProgram *
inspector_program_new (gboolean in_terminal)
{
  InspectorProgram *self = g_object_new (INSPECTOR_TYPE_PROGRAM, NULL);

  self->flags = in_terminal ? INSPECTOR_PROCESS_INHERIT_OUTPUT : INSPECTOR_PROCESS_DEFAULT;
  return self;
}

InspectorState
inspector_program_get_state (InspectorProgram *self)
{
  return self->state;
}

GtenGtkGraph *
inspector_program_get_graph (InspectorProgram *self)
{
  return self->graph;
}

GListModel *
inspector_program_get_devices (InspectorProgram *self)
{
  return G_LIST_MODEL (self->devices);
}

const char *
inspector_program_get_title (InspectorProgram *self)
{
  return self->title;
}

const char *
inspector_program_get_status (InspectorProgram *self)
{
  return self->status;
}

int
inspector_program_get_exit_status (InspectorProgram *self)
{
  if (self->failed)
    return 1;
  return self->process != NULL ? inspector_process_get_exit_status (self->process) : 0;
}

void
inspector_program_set_patience (InspectorProgram *self, guint seconds)
{
  self->patience = seconds;
}

void
inspector_program_keep_interrupts (InspectorProgram *self)
{
  self->flags |= INSPECTOR_PROCESS_IGNORE_INTERRUPTS;
}

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

InspectorState
inspector_program_wait (InspectorProgram *self, const gboolean *let_be)
{
  guint timer = g_timeout_add (50, wake_cb, NULL);

  while ((let_be == NULL || !*let_be)
         && ((self->state != INSPECTOR_STATE_STOPPED && self->state != INSPECTOR_STATE_ENDED)
             || (self->pass != NULL && !inspector_pass_is_settled (self->pass))))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  return self->state;
}

InspectorBreakpoints *
inspector_program_get_breakpoints (InspectorProgram *self)
{
  return self->breakpoints;
}

InspectorDBusInspect1 *
inspector_program_get_service (InspectorProgram *self)
{
  return self->service;
}

guint64
inspector_program_get_pass (InspectorProgram *self)
{
  return self->pass != NULL ? self->pass->id : 0;
}

GListModel *
inspector_program_get_stops (InspectorProgram *self)
{
  return G_LIST_MODEL (self->stops);
}

InspectorPass *
inspector_program_get_stop (InspectorProgram *self)
{
  return self->pass != NULL && self->pass->stopped ? self->pass : NULL;
}

const char *
inspector_program_find_line (InspectorProgram *self, const char *site)
{
  return self->lines != NULL ? inspector_lines_find (self->lines, site) : site;
}

guint
inspector_program_get_step (InspectorProgram *self)
{
  return self->step != GTEN_GTK_NO_NODE ? self->step : self->n_live;
}

guint
inspector_program_get_n_live (InspectorProgram *self)
{
  return self->n_live;
}
