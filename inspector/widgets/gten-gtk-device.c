/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A device as it is looked at: its memory now and over the last minutes. */
#include "gten-gtk-device.h"

#define MAX_SAMPLES 4096

typedef struct
{
  gint64  time;
  guint64 used;
} Sample;

struct _GtenGtkDevice
{
  GObject  parent_instance;

  char    *name;
  char    *description;
  guint64  memory[4];          /* total, used, peak, cached */
  GArray  *samples;
};

G_DEFINE_FINAL_TYPE (GtenGtkDevice, gten_gtk_device, G_TYPE_OBJECT)

enum { PROP_NAME = 1, PROP_DESCRIPTION, PROP_TOTAL, PROP_USED, PROP_PEAK, PROP_CACHED, N_PROPS };
enum { SAMPLED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void
gten_gtk_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkDevice *self = GTEN_GTK_DEVICE (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, self->description);
      break;
    case PROP_TOTAL:
    case PROP_USED:
    case PROP_PEAK:
    case PROP_CACHED:
      g_value_set_uint64 (value, self->memory[id - PROP_TOTAL]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gten_gtk_device_finalize (GObject *object)
{
  GtenGtkDevice *self = GTEN_GTK_DEVICE (object);

  g_free (self->name);
  g_free (self->description);
  g_array_unref (self->samples);
  G_OBJECT_CLASS (gten_gtk_device_parent_class)->finalize (object);
}

static void
gten_gtk_device_class_init (GtenGtkDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gten_gtk_device_get_property;
  object_class->finalize = gten_gtk_device_finalize;

  /**
   * GtenGtkDevice:name:
   *
   * The name by which programs call the device.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, read);
  /**
   * GtenGtkDevice:description:
   *
   * What the device is.
   */
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, read);
  /**
   * GtenGtkDevice:total:
   *
   * Bytes of memory that there are.
   */
  properties[PROP_TOTAL] = g_param_spec_uint64 ("total", NULL, NULL, 0, G_MAXUINT64, 0, read);
  /**
   * GtenGtkDevice:used:
   *
   * Bytes that tensors use now.
   */
  properties[PROP_USED] = g_param_spec_uint64 ("used", NULL, NULL, 0, G_MAXUINT64, 0, read);
  /**
   * GtenGtkDevice:peak:
   *
   * The most bytes that tensors have used.
   */
  properties[PROP_PEAK] = g_param_spec_uint64 ("peak", NULL, NULL, 0, G_MAXUINT64, 0, read);
  /**
   * GtenGtkDevice:cached:
   *
   * Bytes that are kept to be used again.
   */
  properties[PROP_CACHED] = g_param_spec_uint64 ("cached", NULL, NULL, 0, G_MAXUINT64, 0, read);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * GtenGtkDevice::sampled:
   * @self: the device
   *
   * The memory was looked at again.
   */
  signals[SAMPLED] = g_signal_new ("sampled", GTEN_GTK_TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
gten_gtk_device_init (GtenGtkDevice *self)
{
  self->samples = g_array_new (FALSE, FALSE, sizeof (Sample));
}

/**
 * gten_gtk_device_new:
 * @name: by which programs call it
 * @description: what it is
 *
 * Returns: (transfer full): a device whose memory is not known yet
 */
GtenGtkDevice *
gten_gtk_device_new (const char *name, const char *description)
{
  GtenGtkDevice *self = g_object_new (GTEN_GTK_TYPE_DEVICE, NULL);

  self->name = g_strdup (name);
  self->description = g_strdup (description);
  return self;
}

/**
 * gten_gtk_device_get_name:
 * @self: a device
 *
 * Returns: the name by which programs call it
 */
const char *
gten_gtk_device_get_name (GtenGtkDevice *self)
{
  return self->name;
}

/**
 * gten_gtk_device_add_sample:
 * @self: a device
 * @total: bytes of memory that there are
 * @used: bytes that tensors use
 * @peak: the most bytes that tensors have used
 * @cached: bytes that are kept to be used again
 *
 * Tells the memory now.
 */
void
gten_gtk_device_add_sample (GtenGtkDevice *self, guint64 total, guint64 used, guint64 peak,
                            guint64 cached)
{
  guint64 memory[4] = { total, used, peak, cached };
  Sample sample = { g_get_monotonic_time (), used };

  if (self->samples->len == MAX_SAMPLES)
    g_array_remove_range (self->samples, 0, MAX_SAMPLES / 4);
  g_array_append_val (self->samples, sample);
  for (guint i = 0; i < 4; i++)
    if (self->memory[i] != memory[i])
      {
        self->memory[i] = memory[i];
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOTAL + i]);
      }
  g_signal_emit (self, signals[SAMPLED], 0);
}

/**
 * gten_gtk_device_get_n_samples:
 * @self: a device
 *
 * Returns: how often the memory was looked at, as far back as is remembered
 */
guint
gten_gtk_device_get_n_samples (GtenGtkDevice *self)
{
  return self->samples->len;
}

/**
 * gten_gtk_device_get_sample:
 * @self: a device
 * @index: which time, the oldest first
 * @time: (out): the monotonic time
 *
 * Returns: bytes that were used then
 */
guint64
gten_gtk_device_get_sample (GtenGtkDevice *self, guint index, gint64 *time)
{
  const Sample *sample;

  g_return_val_if_fail (index < self->samples->len, 0);
  sample = &g_array_index (self->samples, Sample, index);
  *time = sample->time;
  return sample->used;
}
