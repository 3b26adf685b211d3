/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device/gten-generator-private.h"

#include "device/gten-cuda-private.h"

#include <string.h>
#include <sys/random.h>

/**
 * GtenGenerator:
 *
 * A source of random numbers: on the CPU the Mersenne Twister, on other devices Philox, so that a seed gives the numbers
 * that it gives in PyTorch. Each device has a default generator, which random operations use when none is given.
 */

/* What gten_manual_seed() was last given, for devices that nobody has asked for yet. Atomic. */
static guint64  common_seed;
static gboolean seeded;

#define DEFAULT_SEED G_GUINT64_CONSTANT (67280421310721)

struct _GtenGenerator
{
  GObject        parent_instance;
  GtenDevice    *device;        /* lives for ever */
  GMutex         mutex;
  GtenKGenerator state;
};

G_DEFINE_FINAL_TYPE (GtenGenerator, gten_generator, G_TYPE_OBJECT)

static void
gten_generator_finalize (GObject *object)
{
  GtenGenerator *self = GTEN_GENERATOR (object);

  g_mutex_clear (&self->mutex);

  G_OBJECT_CLASS (gten_generator_parent_class)->finalize (object);
}

static void
gten_generator_class_init (GtenGeneratorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gten_generator_finalize;
}

static void
gten_generator_init (GtenGenerator *self)
{
  g_mutex_init (&self->mutex);
  self->device = gten_device_get_cpu ();
  gten_k_generator_seed (&self->state, DEFAULT_SEED);
}

static gboolean
is_on_cpu (GtenGenerator *self)
{
  return self->device == gten_device_get_cpu ();
}

/**
 * gten_generator_new:
 * @device: (nullable): the device that it is for, or %NULL for the CPU
 * @error: return location for an error
 *
 * Makes a generator with PyTorch's default seed, 67280421310721.
 *
 * Returns: (transfer full): a new generator, or %NULL on error
 */
GtenGenerator *
gten_generator_new (GtenDevice *device, GError **error)
{
  GtenGenerator *self = g_object_new (GTEN_TYPE_GENERATOR, NULL);

  if (device != NULL)
    self->device = device;
  return self;
}

/**
 * gten_generator_get_default:
 *
 * The generator that random operations on the CPU use when none is given.
 *
 * Returns: (transfer none): the generator
 */
GtenGenerator *
gten_generator_get_default (void)
{
  return gten_device_get_generator (gten_device_get_cpu ());
}

GtenGenerator *
gten_device_get_generator (GtenDevice *self)
{
  if (g_once_init_enter (&self->generator))
    {
      GtenGenerator *generator = gten_generator_new (self, NULL);

      if (__atomic_load_n (&seeded, __ATOMIC_ACQUIRE))
        gten_generator_manual_seed (generator, __atomic_load_n (&common_seed, __ATOMIC_RELAXED));
      else
        gten_generator_seed (generator);
      g_once_init_leave (&self->generator, generator);
    }
  return self->generator;
}

GtenKGenerator *
gten_generator_lock (GtenGenerator *self)
{
  g_mutex_lock (&self->mutex);
  return &self->state;
}

void
gten_generator_unlock (GtenGenerator *self)
{
  g_mutex_unlock (&self->mutex);
}

GtenKGenerator *
gten_generator_begin_draw (GtenGenerator *self, GError **error)
{
  if (G_UNLIKELY (gten_capture != NULL) && gten_capture_takes (gten_capture, self->device))
    return gten_capture_draw (gten_capture, self, error);
  return gten_generator_lock (self);
}

void
gten_generator_end_draw (GtenGenerator *self, GtenKGenerator *drawn)
{
  if (drawn == &self->state)
    gten_generator_unlock (self);
}

/**
 * gten_generator_manual_seed:
 * @self: a generator
 * @seed: any number
 *
 * Begins the sequence of random numbers that belongs to a seed.
 */
void
gten_generator_manual_seed (GtenGenerator *self, guint64 seed)
{
  g_return_if_fail (GTEN_IS_GENERATOR (self));

  gten_k_generator_seed (gten_generator_lock (self), seed);
  gten_generator_unlock (self);
}

/**
 * gten_generator_seed:
 * @self: a generator
 *
 * Begins a sequence of random numbers that cannot be predicted.
 *
 * Returns: the seed
 */
guint64
gten_generator_seed (GtenGenerator *self)
{
  guint64 seed;

  g_return_val_if_fail (GTEN_IS_GENERATOR (self), 0);

  if (getrandom (&seed, sizeof seed, 0) != sizeof seed)
    seed = g_get_real_time ();
  seed &= (G_GUINT64_CONSTANT (1) << 53) - 1;   /* a number that JavaScript and double have, too */
  gten_generator_manual_seed (self, seed);
  return seed;
}

/**
 * gten_generator_get_initial_seed:
 * @self: a generator
 *
 * The seed of the present sequence.
 *
 * Returns: the seed
 */
guint64
gten_generator_get_initial_seed (GtenGenerator *self)
{
  guint64 seed;

  g_return_val_if_fail (GTEN_IS_GENERATOR (self), 0);

  seed = gten_generator_lock (self)->seed;
  gten_generator_unlock (self);
  return seed;
}

/* The state as PyTorch stores that of a generator of a CUDA device. */
typedef struct
{
  guint64 seed, offset;
} StoredPosition;

/* The state as PyTorch stores a CPU generator's, so that states can be exchanged. */
typedef struct
{
  guint64 seed;
  gint32  left;
  gint32  seeded;
  guint64 next;
  guint64 state[624];
  double  normal_x, normal_y, normal_rho;
  gint32  normal_is_valid;
  float   next_float_normal;
  guint64 next_float_normal_is_valid;
} StoredState;

G_STATIC_ASSERT (sizeof (StoredState) == 5056);

/**
 * gten_generator_get_state:
 * @self: a generator
 *
 * Where in its sequence the generator is, in PyTorch's format.
 *
 * Returns: (transfer full): the state
 */
GBytes *
gten_generator_get_state (GtenGenerator *self)
{
  StoredState     stored = { .seeded = TRUE };
  GtenKGenerator *state;

  g_return_val_if_fail (GTEN_IS_GENERATOR (self), NULL);

  state = gten_generator_lock (self);
  if (!is_on_cpu (self))
    {
      const StoredPosition position = { state->seed, state->offset };

      gten_generator_unlock (self);
      return g_bytes_new (&position, sizeof position);
    }
  stored.seed = state->seed;
  stored.left = state->left;
  stored.next = state->next;
  for (guint i = 0; i < G_N_ELEMENTS (stored.state); i++)
    stored.state[i] = state->state[i];
  stored.normal_is_valid = state->has_next_normal;
  stored.normal_y = state->has_next_normal ? state->next_normal : 0;
  gten_generator_unlock (self);
  return g_bytes_new (&stored, sizeof stored);
}

/* Without an offset it is the start. */
static gboolean
set_position (GtenGenerator *self, gconstpointer data, gsize n_bytes, GError **error)
{
  StoredPosition position = { 0 };

  if (n_bytes != sizeof position && n_bytes != sizeof position.seed)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, "RNG state is wrong size");
      return FALSE;
    }
  memcpy (&position, data, n_bytes);
  if (position.offset % 4 != 0)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, "offset must be a multiple of 4");
      return FALSE;
    }
  gten_generator_manual_seed (self, position.seed);
  gten_generator_lock (self)->offset = position.offset;
  gten_generator_unlock (self);
  return TRUE;
}

/**
 * gten_generator_set_state:
 * @self: a generator
 * @state: what [method@Generator.get_state] returned
 * @error: return location for an error
 *
 * Goes to a place in a sequence. Raises %GTEN_ERROR_VALUE if @state is no state.
 *
 * Returns: %TRUE if it was set
 */
gboolean
gten_generator_set_state (GtenGenerator *self, GBytes *state, GError **error)
{
  StoredState     stored;
  gsize           n_bytes;
  gconstpointer   data;
  GtenKGenerator *generator;

  g_return_val_if_fail (GTEN_IS_GENERATOR (self), FALSE);
  g_return_val_if_fail (state != NULL, FALSE);

  data = g_bytes_get_data (state, &n_bytes);
  if (!is_on_cpu (self))
    return set_position (self, data, n_bytes, error);
  if (n_bytes != sizeof stored)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                   "Expected a CPUGeneratorImplState of size %" G_GSIZE_FORMAT
                   " but found the input RNG state size to be %" G_GSIZE_FORMAT, sizeof stored, n_bytes);
      return FALSE;
    }
  memcpy (&stored, data, sizeof stored);
  if (!stored.seeded || stored.left < 1 || stored.left > 624 || stored.next > 624)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_VALUE, "Invalid mt19937 state");
      return FALSE;
    }

  generator = gten_generator_lock (self);
  generator->seed = stored.seed;
  generator->left = stored.left;
  generator->next = stored.next;
  for (guint i = 0; i < G_N_ELEMENTS (stored.state); i++)
    generator->state[i] = stored.state[i];
  generator->has_next_normal = stored.normal_is_valid != 0;
  generator->next_normal = stored.normal_y;
  gten_generator_unlock (self);
  return TRUE;
}

/**
 * gten_generator_clone:
 * @self: a generator
 *
 * Makes a generator that continues from the same place in the same sequence.
 *
 * Returns: (transfer full): a new generator
 */
GtenGenerator *
gten_generator_clone (GtenGenerator *self)
{
  GtenGenerator *clone;

  g_return_val_if_fail (GTEN_IS_GENERATOR (self), NULL);

  clone = gten_generator_new (self->device, NULL);
  clone->state = *gten_generator_lock (self);
  gten_generator_unlock (self);
  return clone;
}

/**
 * gten_device_get_default_generator:
 * @self: a device
 *
 * The generator that random operations on a device use when none is given.
 *
 * Returns: (transfer none): the generator
 */
GtenGenerator *
gten_device_get_default_generator (GtenDevice *self)
{
  g_return_val_if_fail (GTEN_IS_DEVICE (self), NULL);
  return gten_device_get_generator (self);
}

/**
 * gten_generator_get_offset:
 * @self: a generator of a CUDA device
 *
 * How many numbers each thread of the device has drawn since the seed.
 *
 * Returns: the offset, 0 for a generator of the CPU
 */
guint64
gten_generator_get_offset (GtenGenerator *self)
{
  guint64 offset;

  g_return_val_if_fail (GTEN_IS_GENERATOR (self), 0);

  offset = gten_generator_lock (self)->offset;
  gten_generator_unlock (self);
  return offset;
}

/**
 * gten_generator_set_offset:
 * @self: a generator of a CUDA device
 * @offset: a multiple of 4
 * @error: return location for an error
 *
 * Goes to a place in the sequence of the present seed. Raises %GTEN_ERROR_VALUE if @offset is no multiple of 4, and
 * %GTEN_ERROR_UNSUPPORTED for a generator of the CPU.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_generator_set_offset (GtenGenerator *self, guint64 offset, GError **error)
{
  StoredPosition position = { 0, offset };

  g_return_val_if_fail (GTEN_IS_GENERATOR (self), FALSE);

  if (is_on_cpu (self))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_UNSUPPORTED, "CPU Generator does not use offset");
      return FALSE;
    }
  position.seed = gten_generator_get_initial_seed (self);
  return set_position (self, &position, sizeof position, error);
}

/**
 * gten_generator_get_device:
 * @self: a generator
 *
 * The device that the generator is for.
 *
 * Returns: (transfer none): the device
 */
GtenDevice *
gten_generator_get_device (GtenGenerator *self)
{
  g_return_val_if_fail (GTEN_IS_GENERATOR (self), NULL);
  return self->device;
}

/**
 * gten_manual_seed:
 * @seed: any number
 *
 * Seeds the default generators of all devices, also of those that are not in use yet.
 *
 * Returns: (transfer none): the CPU's generator
 */
GtenGenerator *
gten_manual_seed (guint64 seed)
{
  GListModel *all = gten_device_get_known ();

  __atomic_store_n (&common_seed, seed, __ATOMIC_RELAXED);
  __atomic_store_n (&seeded, TRUE, __ATOMIC_RELEASE);
  for (guint i = 0; all != NULL && i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtenDevice) device = g_list_model_get_item (all, i);
      gten_generator_manual_seed (gten_device_get_generator (device), seed);
    }
  gten_generator_manual_seed (gten_generator_get_default (), seed);
  return gten_generator_get_default ();
}
