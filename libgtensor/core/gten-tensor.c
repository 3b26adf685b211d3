/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/gten-tensor-private.h"

#include "autograd/gten-autograd-private.h"
#include "device/gten-device-private.h"
#include "gten-enum-types.h"
#include "inspect/gten-inspect-private.h"

#include <string.h>

/**
 * GtenTensor:
 *
 * An array of numbers of one dtype: a view of memory on a device, given by sizes, strides and an
 * offset, all counted in elements. Several tensors may view the same memory. What is computed from
 * a tensor that requires gradients remembers how, and [method@Tensor.backward] gives it its
 * gradient.
 */

G_DEFINE_FINAL_TYPE (GtenTensor, gten_tensor, G_TYPE_OBJECT)

enum
{
  PROP_DTYPE = 1,
  PROP_DEVICE,
  PROP_SHAPE,
  PROP_REQUIRES_GRAD,
  PROP_IS_LEAF,
  PROP_GRAD,
  PROP_GRAD_FN,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static void
gten_tensor_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  GtenTensor *self = GTEN_TENSOR (object);

  switch (property_id)
    {
    case PROP_DTYPE:
      g_value_set_enum (value, self->dtype);
      break;
    case PROP_DEVICE:
      g_value_set_object (value, self->storage->device);
      break;
    case PROP_SHAPE:
      g_value_set_variant (value, g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, gten_sizes (self), self->n_dims,
                                                             sizeof (gint64)));
      break;
    case PROP_REQUIRES_GRAD:
      g_value_set_boolean (value, gten_tensor_get_requires_grad (self));
      break;
    case PROP_IS_LEAF:
      g_value_set_boolean (value, gten_tensor_is_leaf (self));
      break;
    case PROP_GRAD:
      g_value_set_object (value, gten_tensor_get_grad (self));
      break;
    case PROP_GRAD_FN:
      g_value_set_object (value, gten_tensor_get_grad_fn (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
gten_tensor_set_property (GObject *object, guint property_id, const GValue *value,
                          GParamSpec *pspec)
{
  GtenTensor *self = GTEN_TENSOR (object);
  g_autoptr (GError) error = NULL;

  switch (property_id)
    {
    case PROP_REQUIRES_GRAD:
      gten_tensor_set_requires_grad (self, g_value_get_boolean (value));
      break;
    case PROP_GRAD:
      if (!gten_tensor_set_grad (self, g_value_get_object (value), &error))
        g_warning ("%s", error->message);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

/* -- life ----------------------------------------------------------------------------------------
 * Making and freeing a GObject costs several times as much as adding two small tensors. So a tensor that loses its last reference
 * is emptied and revived, which GObject lets dispose() do, to wait in a list of its thread for its next life. A tensor to
 * which something was attached (a wrapper of a language, a weak reference, a closure) dies as other objects do. */

#ifdef __SANITIZE_ADDRESS__
#define KEPT_TENSORS 0          /* a tensor that is used after its end must be found */
#else
#define KEPT_TENSORS 256
#endif

typedef struct
{
  guint       n;
  GtenTensor *tensors[KEPT_TENSORS + 1];
} TensorCache;

static void tensor_cache_free (gpointer data);

static GPrivate tensor_cache_private = G_PRIVATE_INIT (tensor_cache_free);
static __thread TensorCache *tensor_cache __attribute__ ((tls_model ("initial-exec")));
static __thread gboolean     thread_ends __attribute__ ((tls_model ("initial-exec")));
static __thread gboolean     is_bare __attribute__ ((tls_model ("initial-exec"))); /* tensor_new() gives it its storage */

static void
tensor_cache_free (gpointer data)
{
  TensorCache *cache = data;

  thread_ends = TRUE;
  tensor_cache = NULL;
  while (cache->n > 0)
    g_object_unref (cache->tensors[--cache->n]);
  g_free (cache);
}

/* A tensor without storage and dims, of one reference. */
static GtenTensor *
tensor_new (void)
{
  TensorCache *cache = tensor_cache;
  GtenTensor  *bare;

  while (G_LIKELY (cache != NULL && cache->n > 0))
    {
      GtenTensor *self = cache->tensors[--cache->n];

      if (G_LIKELY (!gten_object_is_marked (G_OBJECT (self))))
        return self;
      g_object_unref (self);
    }
  is_bare = TRUE;
  bare = g_object_new (GTEN_TYPE_TENSOR, NULL);
  is_bare = FALSE;
  return bare;
}

/* What anybody else constructs is an empty tensor. */
static void
gten_tensor_constructed (GObject *object)
{
  const gint64 size = 0, stride = 1;
  GtenTensor *self = GTEN_TENSOR (object);

  if (!is_bare)
    {
      self->storage = gten_storage_new (gten_device_get_cpu (), 0, NULL);
      if (self->storage == NULL)
        g_error ("%s: not enough memory for an empty tensor", G_STRLOC);
      self->dtype = gten_get_default_dtype ();
      gten_tensor_set_geometry (self, 1, &size, &stride, 0);
    }

  G_OBJECT_CLASS (gten_tensor_parent_class)->constructed (object);
}

static gboolean
tensor_revive (GtenTensor *self)
{
  TensorCache *cache = tensor_cache;

  if (G_UNLIKELY (cache == NULL))
    {
      if (thread_ends || KEPT_TENSORS == 0)
        return FALSE;
      tensor_cache = cache = g_new (TensorCache, 1);
      cache->n = 0;
      g_private_set (&tensor_cache_private, cache);
    }
  if (G_UNLIKELY (cache->n >= KEPT_TENSORS))
    return FALSE;

  self->id = 0;
  self->wrapped = FALSE;
  self->offset = 0;
  cache->tensors[cache->n++] = g_object_ref (self);
  return TRUE;
}

static void
tensor_clear (GtenTensor *self)
{
  if (self->dims != self->inline_dims)
    g_free (self->dims);
  self->dims = self->inline_dims;
  g_clear_pointer (&self->storage, gten_storage_unref);
}

typedef struct
{
  gboolean is_frozen;           /* a queue of notifications, as g_object_unref() attaches one itself while it disposes */
  gboolean is_held;
} Attachments;

static void
find_attachment_cb (GQuark key, gpointer data, gpointer user_data)
{
  static GQuark notify_queue, python_class;
  Attachments *self = user_data;

  if (G_UNLIKELY (notify_queue == 0))
    {
      /* PyGObject leaves behind the class of the last wrapper, which the next one will be of, too. */
      python_class = g_quark_from_static_string ("PyGObject::instance-data");
      notify_queue = g_quark_from_static_string ("GObject-notify-queue");
    }
  if (key == notify_queue)
    self->is_frozen = TRUE;
  else if (key != python_class)
    self->is_held = TRUE;
}

static Attachments
find_attachments (GObject *object)
{
  Attachments found = { FALSE, FALSE };

  g_datalist_foreach (&object->qdata, find_attachment_cb, &found);
  return found;
}

/* Whether anything but the last g_object_unref() holds the object: references
 * (g_object_run_dispose()) or attached data. */
gboolean
gten_object_is_attached (GObject *object)
{
  return object->ref_count != 1 || (object->qdata != NULL && find_attachments (object).is_held);
}

gboolean
gten_object_has_marks (GObject *object)
{
  Attachments found = find_attachments (object);

  return found.is_frozen || found.is_held;
}

static void
gten_tensor_dispose (GObject *object)
{
  GtenTensor *self = (GtenTensor *) object;

  if (self->autograd != NULL)
    gten_autograd_free (g_steal_pointer (&self->autograd));

  g_signal_handlers_destroy (object); /* what they own may bring the tensor back */
  if (G_LIKELY (self->storage != NULL && !gten_object_is_attached (object)))
    {
      tensor_clear (self);
      if (tensor_revive (self))
        return;
    }

  G_OBJECT_CLASS (gten_tensor_parent_class)->dispose (object);
}

static void
gten_tensor_finalize (GObject *object)
{
  tensor_clear (GTEN_TENSOR (object));

  G_OBJECT_CLASS (gten_tensor_parent_class)->finalize (object);
}

static void
gten_tensor_class_init (GtenTensorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = gten_tensor_constructed;
  object_class->get_property = gten_tensor_get_property;
  object_class->set_property = gten_tensor_set_property;
  object_class->dispose = gten_tensor_dispose;
  object_class->finalize = gten_tensor_finalize;

  /**
   * GtenTensor:dtype: (getter get_dtype)
   *
   * The type of the elements.
   */
  properties[PROP_DTYPE] = g_param_spec_enum ("dtype", NULL, NULL, GTEN_TYPE_DTYPE, GTEN_DTYPE_NONE,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenTensor:device: (getter get_device)
   *
   * Where the elements are.
   */
  properties[PROP_DEVICE] = g_param_spec_object ("device", NULL, NULL, GTEN_TYPE_DEVICE,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenTensor:shape:
   *
   * The size of each dimension, an array of int64.
   */
  properties[PROP_SHAPE] = g_param_spec_variant ("shape", NULL, NULL, G_VARIANT_TYPE ("ax"), NULL,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenTensor:requires-grad: (getter get_requires_grad) (setter set_requires_grad)
   *
   * Whether gradients flow to this tensor.
   */
  properties[PROP_REQUIRES_GRAD] = g_param_spec_boolean ("requires-grad", NULL, NULL, FALSE,
                                                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                                         | G_PARAM_STATIC_STRINGS);
  /**
   * GtenTensor:is-leaf: (getter is_leaf)
   *
   * Whether no recorded operation made this tensor.
   */
  properties[PROP_IS_LEAF] = g_param_spec_boolean ("is-leaf", NULL, NULL, TRUE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * GtenTensor:grad: (getter get_grad)
   *
   * The gradient accumulated so far. Notifies when the object changes.
   */
  properties[PROP_GRAD] = g_param_spec_object ("grad", NULL, NULL, GTEN_TYPE_TENSOR,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * GtenTensor:grad-fn: (getter get_grad_fn)
   *
   * The node that made this tensor.
   */
  properties[PROP_GRAD_FN] = g_param_spec_object ("grad-fn", NULL, NULL, GTEN_TYPE_NODE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * GtenTensor::grad-updated:
   * @self: the tensor
   * @grad: the accumulated gradient
   *
   * Emitted when a backward pass has accumulated a gradient into this leaf, in the thread that runs
   * the pass.
   */
  g_signal_new ("grad-updated", GTEN_TYPE_TENSOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                GTEN_TYPE_TENSOR);

  gten_inspect_init ();
}

static void
gten_tensor_init (GtenTensor *self)
{
  self->dims = self->inline_dims;
}

/* -- making tensors ------------------------------------------------------------------------------ */

/* Room for n_dims sizes and strides. */
static gint64 *
reserve_dims (GtenTensor *self, guint n_dims)
{
  if (self->dims != self->inline_dims)
    g_free (self->dims);
  self->n_dims = n_dims;
  self->dims = n_dims <= GTEN_INLINE_DIMS ? self->inline_dims : g_new (gint64, 2 * n_dims);
  return self->dims;
}

GtenTensor *
gten_tensor_alloc (GtenDtype dtype, guint n_dims, const gint64 *sizes, GtenDevice *device,
                   GError **error)
{
  GtenStorage *storage;
  GtenTensor  *self;
  gint64       numel;

  if (!gten_shape_check ("empty", n_dims, sizes, dtype, &numel, error))
    return NULL;
  storage = gten_storage_new (device, (gsize) numel * gten_k_dtype_size ((GtenKDtype) dtype),
                              error);
  if (storage == NULL)
    return NULL;

  self = tensor_new ();
  self->storage = storage;
  self->dtype = dtype;
  self->numel = numel;
  self->contiguous = TRUE;
  reserve_dims (self, n_dims);
  if (n_dims > 0)
    memcpy (self->dims, sizes, n_dims * sizeof (gint64));
  gten_shape_strides (n_dims, sizes, self->dims + n_dims);
  return self;
}

GtenTensor *
gten_tensor_new_strided (GtenStorage *storage, GtenDtype dtype, guint n_dims, const gint64 *sizes, const gint64 *strides,
                         gint64 offset)
{
  GtenTensor *self = tensor_new ();

  self->storage = gten_storage_ref (storage);
  self->dtype = dtype;
  gten_tensor_set_geometry (self, n_dims, sizes, strides, offset);
  return self;
}

GtenTensor *
gten_tensor_new_wrapped (const GtenScalar *value)
{
  static const GtenDtype dtypes[] = {
    [GTEN_SCALAR_BOOL] = GTEN_DTYPE_BOOL, [GTEN_SCALAR_INT] = GTEN_DTYPE_INT64, [GTEN_SCALAR_FLOAT] = GTEN_DTYPE_FLOAT64,
  };
  GtenTensor *self = gten_tensor_alloc (dtypes[value->kind], 0, NULL, gten_device_get_cpu (), NULL);

  if (self == NULL)
    g_error ("%s: not enough memory for a number", G_STRLOC);
  if (value->kind == GTEN_SCALAR_BOOL)
    *(guint8 *) gten_data (self) = value->i != 0;
  else
    memcpy (gten_data (self), &value->i, sizeof value->i);
  self->wrapped = TRUE;
  return self;
}

void
gten_tensor_set_geometry (GtenTensor *self, guint n_dims, const gint64 *sizes,
                          const gint64 *strides, gint64 offset)
{
  gint64  copy[2 * GTEN_MAX_DIMS];
  gint64 *dims;

  /* The arguments may be what self has now, and NULL where there are no dimensions. */
  if (n_dims > 0)
    {
      memcpy (copy, sizes, n_dims * sizeof (gint64));
      memcpy (copy + n_dims, strides, n_dims * sizeof (gint64));
    }
  dims = reserve_dims (self, n_dims);
  memcpy (dims, copy, 2 * n_dims * sizeof (gint64));

  self->offset = offset;
  self->numel = 1;
  for (guint i = 0; i < n_dims; i++)
    self->numel *= dims[i];
  self->contiguous = gten_shape_is_contiguous (n_dims, dims, dims + n_dims);
}

void
gten_tensor_set_storage (GtenTensor *self, GtenStorage *storage)
{
  GtenStorage *old = self->storage;

  self->storage = gten_storage_ref (storage);
  gten_storage_unref (old);
}

/* -- what it is ---------------------------------------------------------------------------------- */

/**
 * gten_tensor_get_dtype:
 * @self: a tensor
 *
 * The type of the elements.
 *
 * Returns: the dtype
 */
GtenDtype
gten_tensor_get_dtype (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), GTEN_DTYPE_NONE);
  return self->dtype;
}

/**
 * gten_tensor_get_device:
 * @self: a tensor
 *
 * Where the elements are.
 *
 * Returns: (transfer none): the device
 */
GtenDevice *
gten_tensor_get_device (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);
  return self->storage->device;
}

/**
 * gten_tensor_dim:
 * @self: a tensor
 *
 * The number of dimensions.
 *
 * Returns: the number, 0 for a single number
 */
gint64
gten_tensor_dim (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);
  return self->n_dims;
}

/**
 * gten_tensor_numel:
 * @self: a tensor
 *
 * The number of elements.
 *
 * Returns: the product of the sizes
 */
gint64
gten_tensor_numel (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);
  return self->numel;
}

/**
 * gten_tensor_get_shape:
 * @self: a tensor
 * @n_dims: (out) (optional): the number of dimensions
 *
 * The size of each dimension.
 *
 * Returns: (array length=n_dims) (transfer none): the sizes, valid as long as the tensor keeps its
 *   shape
 */
const gint64 *
gten_tensor_get_shape (GtenTensor *self, gsize *n_dims)
{
  if (n_dims != NULL)
    *n_dims = 0;
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);
  if (n_dims != NULL)
    *n_dims = self->n_dims;
  return gten_sizes (self);
}

/**
 * gten_tensor_get_stride:
 * @self: a tensor
 * @n_dims: (out) (optional): the number of dimensions
 *
 * For each dimension, how many elements lie between one index and the next.
 *
 * Returns: (array length=n_dims) (transfer none): the strides, valid as long as the tensor keeps
 *   its shape
 */
const gint64 *
gten_tensor_get_stride (GtenTensor *self, gsize *n_dims)
{
  if (n_dims != NULL)
    *n_dims = 0;
  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);
  if (n_dims != NULL)
    *n_dims = self->n_dims;
  return gten_strides (self);
}

/**
 * gten_tensor_get_size:
 * @self: a tensor
 * @dim: a dimension; negative ones count from the end
 * @error: return location for an error
 *
 * The size of one dimension. Raises %GTEN_ERROR_INDEX if there is no such dimension.
 *
 * Returns: the size, or -1 on error
 */
gint64
gten_tensor_get_size (GtenTensor *self, gint64 dim, GError **error)
{
  int wrapped;

  g_return_val_if_fail (GTEN_IS_TENSOR (self), -1);

  if (self->n_dims == 0)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_INDEX,
                   "Dimension specified as %" G_GINT64_FORMAT " but tensor has no dimensions", dim);
      return -1;
    }
  wrapped = gten_wrap_dim (dim, self->n_dims, error);
  return wrapped < 0 ? -1 : gten_sizes (self)[wrapped];
}

/**
 * gten_tensor_storage_offset:
 * @self: a tensor
 *
 * Where in its memory the tensor begins, in elements.
 *
 * Returns: the offset
 */
gint64
gten_tensor_storage_offset (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);
  return self->offset;
}

/**
 * gten_tensor_is_contiguous:
 * @self: a tensor
 *
 * Whether the elements lie in row-major order without gaps.
 *
 * Returns: %TRUE if they do
 */
gboolean
gten_tensor_is_contiguous (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  return self->contiguous;
}

/**
 * gten_tensor_element_size:
 * @self: a tensor
 *
 * The size of an element in bytes.
 *
 * Returns: the number of bytes
 */
gint64
gten_tensor_element_size (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);
  return gten_itemsize (self);
}

/**
 * gten_tensor_get_id:
 * @self: a tensor
 *
 * A number that no other tensor of this process has or had.
 *
 * Returns: the number, never 0
 */
guint64
gten_tensor_get_id (GtenTensor *self)
{
  static guint64 last_id;
  guint64        id, none = 0;

  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);

  id = __atomic_load_n (&self->id, __ATOMIC_RELAXED);
  if (id != 0)
    return id;
  id = __atomic_add_fetch (&last_id, 1, __ATOMIC_RELAXED);
  if (__atomic_compare_exchange_n (&self->id, &none, id, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    return id;
  return none;
}

/**
 * gten_tensor_get_version:
 * @self: a tensor
 *
 * How often the memory of this tensor was changed in place.
 *
 * Returns: the version, shared by all tensors that share the memory
 */
guint
gten_tensor_get_version (GtenTensor *self)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);
  return __atomic_load_n (&self->storage->version, __ATOMIC_RELAXED);
}

/**
 * gten_tensor_shares_storage:
 * @self: a tensor
 * @other: another tensor
 *
 * Whether both view the same memory, so that a change in place of one may show in the other.
 *
 * Returns: %TRUE if they do
 */
gboolean
gten_tensor_shares_storage (GtenTensor *self, GtenTensor *other)
{
  g_return_val_if_fail (GTEN_IS_TENSOR (self), FALSE);
  g_return_val_if_fail (GTEN_IS_TENSOR (other), FALSE);
  return self->storage == other->storage;
}
