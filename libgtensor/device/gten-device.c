/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device/gten-cuda-private.h"

#include <string.h>

/**
 * GtenDevice:
 *
 * Where tensors live and are computed: the CPU, or a CUDA device. There is one object per device,
 * and it lives for ever.
 *
 * The memory properties notify in the default main context while memory moves, at most twenty times
 * a second.
 */

#define REPORT_INTERVAL 50      /* milliseconds */
#define REPORT_STEP     (64 * 1024)

G_DEFINE_FINAL_TYPE (GtenDevice, gten_device, G_TYPE_OBJECT)

enum
{
  PROP_KIND = 1,
  PROP_INDEX,
  PROP_NAME,
  PROP_DESCRIPTION,
  PROP_TOTAL_MEMORY,
  PROP_USED_MEMORY,
  PROP_PEAK_MEMORY,
  PROP_CACHED_MEMORY,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static void
gten_device_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  GtenDevice *self = GTEN_DEVICE (object);

  switch (property_id)
    {
    case PROP_KIND:
      g_value_set_static_string (value, self->kind);
      break;
    case PROP_INDEX:
      g_value_set_int (value, self->index);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, self->description);
      break;
    case PROP_TOTAL_MEMORY:
      g_value_set_uint64 (value, self->total_memory);
      break;
    case PROP_USED_MEMORY:
      g_value_set_uint64 (value, gten_device_get_used_memory (self));
      break;
    case PROP_PEAK_MEMORY:
      g_value_set_uint64 (value, gten_device_get_peak_memory (self));
      break;
    case PROP_CACHED_MEMORY:
      g_value_set_uint64 (value, gten_device_get_cached_memory (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
gten_device_class_init (GtenDeviceClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gten_device_get_property;

  /**
   * GtenDevice:kind: (getter get_kind)
   *
   * The kind of device, as "cpu".
   */
  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, NULL, flags);
  /**
   * GtenDevice:index: (getter get_index)
   *
   * Which one of its kind.
   */
  properties[PROP_INDEX] = g_param_spec_int ("index", NULL, NULL, 0, G_MAXINT, 0, flags);
  /**
   * GtenDevice:name: (getter get_name)
   *
   * The name by which [ctor@Device.new] finds it.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * GtenDevice:description: (getter get_description)
   *
   * What the hardware calls itself.
   */
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);
  /**
   * GtenDevice:total-memory: (getter get_total_memory)
   *
   * How many bytes the device has.
   */
  properties[PROP_TOTAL_MEMORY] = g_param_spec_uint64 ("total-memory", NULL, NULL, 0, G_MAXUINT64,
                                                       0, flags);
  /**
   * GtenDevice:used-memory: (getter get_used_memory)
   *
   * How many bytes tensors use.
   */
  properties[PROP_USED_MEMORY] = g_param_spec_uint64 ("used-memory", NULL, NULL, 0, G_MAXUINT64, 0,
                                                      flags);
  /**
   * GtenDevice:peak-memory: (getter get_peak_memory)
   *
   * The most bytes that tensors have used at once.
   */
  properties[PROP_PEAK_MEMORY] = g_param_spec_uint64 ("peak-memory", NULL, NULL, 0, G_MAXUINT64, 0,
                                                      flags);
  /**
   * GtenDevice:cached-memory: (getter get_cached_memory)
   *
   * How many bytes are kept for tensors to come.
   */
  properties[PROP_CACHED_MEMORY] = g_param_spec_uint64 ("cached-memory", NULL, NULL, 0, G_MAXUINT64,
                                                        0, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
gten_device_init (GtenDevice *self)
{
}

/* -- all of them --------------------------------------------------------------------------------- */

static GtenDevice *cpu;
static GListStore *all;

static GtenDevice *
make_device (const char *kind, const GtenBackend *backend, int index)
{
  GtenDevice     *self = g_object_new (GTEN_TYPE_DEVICE, NULL);
  GtenKDeviceInfo info = { 0 };

  self->backend = backend;
  self->kind = kind;
  self->index = index;
  self->name = g_str_equal (kind, "cpu") ? g_strdup (kind) : g_strdup_printf ("%s:%d", kind, index);
  if (backend->device_info != NULL && backend->device_info (index, &info) == GTEN_K_OK)
    {
      self->description = g_utf8_make_valid (info.name, -1);
      self->total_memory = info.total_memory;
    }
  self->reported_low = 0;
  self->reported_high = REPORT_STEP;
  return self;
}

/**
 * gten_device_get_cpu:
 *
 * The CPU.
 *
 * Returns: (transfer none): the device
 */
GtenDevice *
gten_device_get_cpu (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      cpu = make_device ("cpu", gten_cpu_backend (), 0);
      g_once_init_leave (&once, 1);
    }
  return cpu;
}

/**
 * gten_device_get_all:
 *
 * All devices of this machine: the CPU and what the backend modules find.
 *
 * Returns: (transfer none): a list of [class@Device]
 */
GListModel *
gten_device_get_all (void)
{
  if (g_once_init_enter (&all))
    {
      GListStore        *list = g_list_store_new (GTEN_TYPE_DEVICE);
      const GtenBackend *cuda = gten_backend_get_cuda (NULL);
      int                n_devices = cuda != NULL ? MIN (cuda->n_devices (), GTEN_K_MAX_DEVICES) : 0;

      g_list_store_append (list, gten_device_get_cpu ());
      for (int i = 0; i < n_devices; i++)
        {
          g_autoptr (GtenDevice) device = make_device ("cuda", cuda, i);
          g_list_store_append (list, device);
        }
      g_once_init_leave (&all, list);
    }
  return G_LIST_MODEL (all);
}

GListModel *
gten_device_get_known (void)
{
  return __atomic_load_n ((GListModel **) &all, __ATOMIC_ACQUIRE);
}

static GtenDevice *
find_device (const char *kind, gint64 index)
{
  GListModel *list = gten_device_get_all ();

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GtenDevice) device = g_list_model_get_item (list, i);
      if (g_str_equal (device->kind, kind) && device->index == index)
        return g_steal_pointer (&device);
    }
  return NULL;
}

/**
 * gten_device_new:
 * @name: the kind of device and, optionally, which one: "cpu", "cuda", "cuda:1"
 * @error: return location for an error
 *
 * Finds a device. "cuda" alone is this thread's current CUDA device. Raises %GTEN_ERROR_DEVICE if the
 * name is none, or if there is no such device.
 *
 * Returns: (transfer full): the device, the same object each time, or %NULL on error
 */
GtenDevice *
gten_device_new (const char *name, GError **error)
{
  static const char *const kinds[] = { "cpu", "cuda", NULL };
  g_autofree char *kind = NULL;
  const char      *digits;
  guint64          index = 0;
  GtenDevice      *device;

  if (name == NULL || *name == '\0')
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "Device string must not be empty");
      return NULL;
    }
  if (g_str_equal (name, "cpu"))
    return g_object_ref (gten_device_get_cpu ());

  digits = strchr (name, ':');
  kind = digits != NULL ? g_strndup (name, digits - name) : g_strdup (name);
  if (!g_strv_contains (kinds, kind))
    {
      g_autofree char *all_kinds = g_strjoinv (", ", (char **) kinds);
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "Expected one of %s device type at start of device string: %s",
                   all_kinds, kind);
      return NULL;
    }
  if (digits != NULL
      && (!g_ascii_string_to_unsigned (digits + 1, 10, 0, G_MAXINT8, &index, NULL)
          || (digits[1] == '0' && digits[2] != '\0')))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "Invalid device string: '%s'", name);
      return NULL;
    }
  if (g_str_equal (kind, "cpu"))
    return g_object_ref (gten_device_get_cpu ());

  const GtenBackend *backend = gten_backend_get_cuda (error);
  if (backend == NULL)
    return NULL;
  if (digits == NULL)
    index = gten_cuda_current_device ();
  device = find_device (kind, index);
  if (device == NULL && backend->n_devices () == 0)
    {
      const char *reason = backend->last_error != NULL ? backend->last_error () : NULL;
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "CUDA is not available: %s",
                   reason != NULL && *reason != '\0' ? reason : "there is no CUDA device");
    }
  else if (device == NULL)
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE,
                 "CUDA error: invalid device ordinal: %s, of %d", name, backend->n_devices ());
  return device;
}

static __thread GtenDevice *default_device __attribute__ ((tls_model ("initial-exec")));

/**
 * gten_get_default_device:
 *
 * The device on which this thread makes new tensors when none is named: the CPU, unless
 * [func@set_default_device] chose another.
 *
 * Returns: (transfer none): the device
 */
GtenDevice *
gten_get_default_device (void)
{
  return default_device != NULL ? default_device : gten_device_get_cpu ();
}

/**
 * gten_set_default_device:
 * @device: (nullable): a device, or %NULL for the CPU
 *
 * Chooses the device on which this thread makes new tensors when none is named.
 */
void
gten_set_default_device (GtenDevice *device)
{
  default_device = device;
}

/**
 * gten_get_num_threads:
 *
 * Gets how many threads of the CPU work on one operation.
 *
 * Returns: the number of threads
 */
int
gten_get_num_threads (void)
{
  return gten_k_get_threads ();
}

/**
 * gten_set_num_threads:
 * @n_threads: the number of threads, at least 1; more than there are processors is cut
 * @error: return location for an error
 *
 * Sets how many threads of the CPU work on one operation, in all of the program. Raises
 * %GTEN_ERROR_VALUE for a number below 1.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_set_num_threads (int n_threads, GError **error)
{
  if (n_threads < 1)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                           "set_num_threads expects a positive integer");
      return FALSE;
    }
  gten_k_set_threads (n_threads);
  return TRUE;
}

/* -- one of them --------------------------------------------------------------------------------- */

/**
 * gten_device_get_kind:
 * @self: a device
 *
 * The kind of device: "cpu" or "cuda".
 *
 * Returns: (transfer none): the kind
 */
const char *
gten_device_get_kind (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), NULL);
  return self->kind;
}

/**
 * gten_device_get_index:
 * @self: a device
 *
 * Which one of its kind the device is.
 *
 * Returns: the index, from 0
 */
int
gten_device_get_index (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), 0);
  return self->index;
}

/**
 * gten_device_get_name:
 * @self: a device
 *
 * The name by which [ctor@Device.new] finds the device: "cpu", "cuda:0".
 *
 * Returns: (transfer none): the name
 */
const char *
gten_device_get_name (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), NULL);
  return self->name;
}

/**
 * gten_device_get_description:
 * @self: a device
 *
 * What the hardware calls itself.
 *
 * Returns: (transfer none) (nullable): the name of the model, or %NULL if it is not known
 */
const char *
gten_device_get_description (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), NULL);
  return self->description;
}

/**
 * gten_device_to_string:
 * @self: a device
 *
 * The device as text: its name.
 *
 * Returns: (transfer full): the text
 */
char *
gten_device_to_string (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), NULL);
  return g_strdup (self->name);
}

/**
 * gten_device_get_total_memory:
 * @self: a device
 *
 * How much memory the device has.
 *
 * Returns: the number of bytes
 */
guint64
gten_device_get_total_memory (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), 0);
  return self->total_memory;
}

/**
 * gten_device_get_used_memory:
 * @self: a device
 *
 * How much memory tensors use. Memory of someone else, such as a NumPy array's, does not count.
 *
 * Returns: the number of bytes
 */
guint64
gten_device_get_used_memory (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), 0);
  return __atomic_load_n (&self->used, __ATOMIC_RELAXED);
}

/**
 * gten_device_get_peak_memory:
 * @self: a device
 *
 * The most memory that tensors have used at once, since the start or
 * [method@Device.reset_peak_memory].
 *
 * Returns: the number of bytes
 */
guint64
gten_device_get_peak_memory (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), 0);
  return __atomic_load_n (&self->peak, __ATOMIC_RELAXED);
}

/**
 * gten_device_get_cached_memory:
 * @self: a device
 *
 * How much memory no tensor uses, but is kept for tensors to come.
 *
 * Returns: the number of bytes
 */
guint64
gten_device_get_cached_memory (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), 0);
  return self->backend->cached != NULL ? self->backend->cached (self->index) : 0;
}

/**
 * gten_device_reset_peak_memory:
 * @self: a device
 *
 * Measures peak memory anew, from what is used now.
 */
void
gten_device_reset_peak_memory (GtenDevice *self)
{
  g_return_if_fail (GTEN_IS_DEVICE (self));
  __atomic_store_n (&self->peak, __atomic_load_n (&self->used, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
  gten_device_memory_moved (self);
}

/**
 * gten_device_trim:
 * @self: a device
 *
 * Gives memory that no tensor uses back to the system.
 *
 * Returns: the number of bytes given back
 */
guint64
gten_device_trim (GtenDevice *self)
{
  guint64 n_bytes;

  g_return_val_if_fail (GTEN_IS_DEVICE (self), 0);

  n_bytes = self->backend->trim != NULL ? self->backend->trim (self->index) : 0;
  gten_device_memory_moved (self);
  return n_bytes;
}

/**
 * gten_device_synchronize:
 * @self: a device
 * @error: return location for an error
 *
 * Waits until all work on the device is done.
 *
 * Returns: %TRUE if all of it succeeded
 */
gboolean
gten_device_synchronize (GtenDevice *self, GError **error)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), FALSE);
  if (self->backend->synchronize == NULL)
    return TRUE;
  return gten_device_check (self, "synchronize", self->backend->synchronize (self->index), NULL,
                            error);
}

/* -- memory that moves --------------------------------------------------------------------------- */

/* It is the system's memory that is low: other devices' would be given back for nothing, and waited for. */
static void
low_memory_cb (GMemoryMonitor *monitor, GMemoryMonitorWarningLevel level, gpointer user_data)
{
  gten_device_trim (gten_device_get_cpu ());
}

static gboolean
report_cb (gpointer user_data)
{
  static GMemoryMonitor *monitor;
  GtenDevice *self = user_data;

  /* Only a program that runs a main loop can be warned, and only here is it certain that one
   * does. */
  if (monitor == NULL)
    {
      monitor = g_memory_monitor_dup_default ();
      g_signal_connect (monitor, "low-memory-warning", G_CALLBACK (low_memory_cb), NULL);
    }

  __atomic_store_n (&self->report_pending, FALSE, __ATOMIC_RELEASE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_USED_MEMORY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PEAK_MEMORY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CACHED_MEMORY]);
  return G_SOURCE_REMOVE;
}

void
gten_device_memory_moved (GtenDevice *self)
{
  gint64 used = __atomic_load_n (&self->used, __ATOMIC_RELAXED);
  gint64 step = MAX (REPORT_STEP, used / 64);

  __atomic_store_n (&self->reported_low, used - step, __ATOMIC_RELAXED);
  __atomic_store_n (&self->reported_high, used + step, __ATOMIC_RELAXED);
  if (!__atomic_exchange_n (&self->report_pending, TRUE, __ATOMIC_ACQUIRE))
    g_timeout_add (REPORT_INTERVAL, report_cb, self);
}

/* -- for the rest of the library ----------------------------------------------------------------- */

const GtenBackend *
gten_device_get_backend (GtenDevice *self)
{
  return self->backend;
}

/* What work that was enqueued before has met; `op` is the call that was told. */
static void
set_earlier_fault (GtenDevice *self, const char *op, GError **error)
{
  GtenKFault  fault = { 0 };
  const char *cause = NULL;
  GtenKStatus status = self->backend->take_fault (self->index, &fault, &cause);
  g_autoptr (GError) reason = NULL;

  gten_device_check (self, cause != NULL ? cause : "earlier work", status, &fault, &reason);
  if (reason != NULL)
    g_set_error (error, reason->domain, reason->code, "%s (in %s on %s; found by %s)", reason->message,
                 cause != NULL ? cause : "an operation", self->name, op);
  else
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "%s: earlier work on %s has failed", op, self->name);
}

const GtenBackend *
gten_device_begin (GtenDevice *self, const char *op)
{
  if (self->backend->begin != NULL)
    self->backend->begin (op);
  return self->backend;
}

gboolean
gten_device_check (GtenDevice *self, const char *op, GtenKStatus status, const GtenKFault *fault,
                   GError **error)
{
  const char *reason = NULL;

  switch (status)
    {
    case GTEN_K_OK:
      return TRUE;
    case GTEN_K_UNSUPPORTED:
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_UNSUPPORTED, self == cpu ? "\"%s\" not implemented for this dtype on %s"
                                                                       : "\"%s\" has no kernel on %s for these arguments", op,
                   self->name);
      return FALSE;
    case GTEN_K_OUT_OF_MEMORY:
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY, "%s: not enough memory on %s", op,
                   self->name);
      return FALSE;
    case GTEN_K_BAD_INDEX:
      if (fault != NULL)
        g_set_error (error, GTEN_ERROR, GTEN_ERROR_INDEX,
                     "index %" G_GINT64_FORMAT " is out of bounds for dimension %d with size %" G_GINT64_FORMAT,
                     fault->value, fault->dim, fault->bound);
      else
        g_set_error (error, GTEN_ERROR, GTEN_ERROR_INDEX, "%s: index out of range", op);
      return FALSE;
    case GTEN_K_BAD_VALUE:
      if (fault != NULL && fault->message != NULL)
        g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, fault->message);
      else if (fault != NULL)
        g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                     "%s: value %" G_GINT64_FORMAT " at position %" G_GINT64_FORMAT " is not acceptable", op,
                     fault->value, fault->position);
      else
        g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "%s: a value is not acceptable", op);
      return FALSE;
    case GTEN_K_DEVICE_FAULT:
      if (self->backend->last_error != NULL)
        reason = self->backend->last_error ();
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "%s: error on %s: %s", op, self->name,
                   reason != NULL ? reason : "unknown");
      return FALSE;
    case GTEN_K_EARLIER_FAULT:
      set_earlier_fault (self, op, error);
      return FALSE;
    }
  g_return_val_if_reached (FALSE);
}
