/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* DLPack: tensors shared with other libraries, without a copy. The structures are those of the
 * standard (https://dmlc.github.io/dlpack), version 1. A managed tensor is passed around by its
 * address; whoever has it calls its deleter once. In Python it travels in a capsule, "dltensor" or
 * "dltensor_versioned". */

#include "core/gten-tensor-private.h"

#include "device/gten-device-private.h"

typedef struct
{
  gint32 device_type;
  gint32 device_id;
} DLDevice;

typedef struct
{
  guint8  code;
  guint8  bits;
  guint16 lanes;
} DLDataType;

typedef struct
{
  void      *data;
  DLDevice   device;
  gint32     n_dims;
  DLDataType dtype;
  gint64    *shape;
  gint64    *strides;
  guint64    byte_offset;
} DLTensor;

typedef struct _DLManagedTensor DLManagedTensor;
struct _DLManagedTensor
{
  DLTensor tensor;
  void    *manager_ctx;
  void   (*deleter) (DLManagedTensor *self);
};

typedef struct _DLManagedTensorVersioned DLManagedTensorVersioned;
struct _DLManagedTensorVersioned
{
  guint32  major, minor;
  void    *manager_ctx;
  void   (*deleter) (DLManagedTensorVersioned *self);
  guint64  flags;
  DLTensor tensor;
};

enum { DL_CPU = 1, DL_CUDA = 2, DL_CUDA_HOST = 3 };
enum { DL_INT = 0, DL_UINT = 1, DL_FLOAT = 2, DL_BFLOAT = 4, DL_BOOL = 6 };

static const DLDataType dl_dtypes[] = {
  [GTEN_DTYPE_UINT8]    = { DL_UINT, 8, 1 },
  [GTEN_DTYPE_INT8]     = { DL_INT, 8, 1 },
  [GTEN_DTYPE_INT16]    = { DL_INT, 16, 1 },
  [GTEN_DTYPE_INT32]    = { DL_INT, 32, 1 },
  [GTEN_DTYPE_INT64]    = { DL_INT, 64, 1 },
  [GTEN_DTYPE_FLOAT16]  = { DL_FLOAT, 16, 1 },
  [GTEN_DTYPE_BFLOAT16] = { DL_BFLOAT, 16, 1 },
  [GTEN_DTYPE_FLOAT32]  = { DL_FLOAT, 32, 1 },
  [GTEN_DTYPE_FLOAT64]  = { DL_FLOAT, 64, 1 },
  [GTEN_DTYPE_BOOL]     = { DL_BOOL, 8, 1 },
};

/* -- export -------------------------------------------------------------------------------------- */

/* What an exported tensor keeps: the memory, and the shape as it was. */
typedef struct
{
  union
  {
    DLManagedTensor          plain;
    DLManagedTensorVersioned versioned;
  };
  GtenStorage *storage;
  gint64       dims[];
} Export;

static void
export_delete (DLManagedTensor *managed)
{
  Export *self = managed->manager_ctx;

  gten_storage_unref (self->storage);
  g_free (self);
}

static void
export_delete_versioned (DLManagedTensorVersioned *managed)
{
  Export *self = managed->manager_ctx;

  gten_storage_unref (self->storage);
  g_free (self);
}

/**
 * gten_tensor_to_dlpack:
 * @self: a tensor
 * @versioned: %TRUE for a `DLManagedTensorVersioned`, %FALSE for a `DLManagedTensor`
 * @error: return location for an error
 *
 * Shares the tensor's memory through DLPack. The memory stays until the deleter of the managed
 * tensor is called.
 *
 * Raises %GTEN_ERROR_AUTOGRAD for a tensor that requires gradients.
 *
 * Returns: the address of the managed tensor, or 0 on error
 */
guint64
gten_tensor_to_dlpack (GtenTensor *self, gboolean versioned, GError **error)
{
  GtenDevice *device;
  Export     *export;
  DLTensor    tensor;

  g_return_val_if_fail (GTEN_IS_TENSOR (self), 0);

  if (gten_tensor_get_requires_grad (self))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "Can't export tensors that require gradient, use tensor.detach()");
      return 0;
    }

  device = self->storage->device;
  export = g_malloc (sizeof (Export) + 2 * self->n_dims * sizeof (gint64));
  export->storage = gten_storage_ref (self->storage);
  for (guint i = 0; i < 2 * self->n_dims; i++)
    export->dims[i] = self->dims[i];
  tensor = (DLTensor) {
    .data = self->numel > 0 ? gten_data (self) : NULL,
    .device = { device == gten_device_get_cpu () ? DL_CPU : DL_CUDA, device->index },
    .n_dims = self->n_dims,
    .dtype = dl_dtypes[self->dtype],
    .shape = export->dims,
    .strides = export->dims + self->n_dims,
  };
  if (versioned)
    export->versioned = (DLManagedTensorVersioned) {
      .major = 1, .manager_ctx = export, .deleter = export_delete_versioned, .tensor = tensor,
    };
  else
    export->plain = (DLManagedTensor) { .manager_ctx = export, .deleter = export_delete,
                                        .tensor = tensor };
  return GPOINTER_TO_SIZE (export);
}

/* -- import -------------------------------------------------------------------------------------- */

static void
import_delete (gpointer managed)
{
  gten_dlpack_free (GPOINTER_TO_SIZE (managed), FALSE);
}

static void
import_delete_versioned (gpointer managed)
{
  gten_dlpack_free (GPOINTER_TO_SIZE (managed), TRUE);
}

static GtenDtype
import_dtype (DLDataType dtype)
{
  for (guint i = 1; i < G_N_ELEMENTS (dl_dtypes); i++)
    if (dl_dtypes[i].code == dtype.code && dl_dtypes[i].bits == dtype.bits && dtype.lanes == 1)
      return i;
  return GTEN_DTYPE_NONE;
}

static GtenDevice *
import_device (DLDevice device, GError **error)
{
  g_autofree char *name = NULL;

  if (device.device_type == DL_CPU || device.device_type == DL_CUDA_HOST)
    return g_object_ref (gten_device_get_cpu ());
  if (device.device_type != DL_CUDA)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "from_dlpack: unsupported device type %d",
                   device.device_type);
      return NULL;
    }
  name = g_strdup_printf ("cuda:%d", device.device_id);
  return gten_device_new (name, error);
}

/* The number of bytes from the first element to the last, of strides that are not negative; or
 * FALSE. */
static gboolean
import_span (const DLTensor *tensor, const gint64 *strides, gsize item_size, gsize *n_bytes,
             GError **error)
{
  gint64 last = 0, part;

  for (gint32 i = 0; i < tensor->n_dims; i++)
    {
      if (strides[i] < 0)
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                       "from_dlpack: tensors with negative strides are not supported: %" G_GINT64_FORMAT, strides[i]);
          return FALSE;
        }
      if (__builtin_mul_overflow (MAX (tensor->shape[i] - 1, 0), strides[i], &part)
          || __builtin_add_overflow (last, part, &last))
        last = G_MAXINT64;
    }
  if (last >= (gint64) (G_MAXSSIZE / item_size))
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_MEMORY,
                           "from_dlpack: Storage size calculation overflowed");
      return FALSE;
    }
  *n_bytes = (last + 1) * item_size;
  return TRUE;
}

/**
 * gten_tensor_new_from_dlpack: (constructor)
 * @address: the address of a managed tensor of DLPack
 * @versioned: %TRUE for a `DLManagedTensorVersioned`, %FALSE for a `DLManagedTensor`
 * @error: return location for an error
 *
 * Makes a tensor that shares the memory of another library's through DLPack, and takes over the
 * managed tensor: its deleter is called when the memory is no longer used. On error the managed
 * tensor remains the caller's.
 *
 * Raises %GTEN_ERROR_DTYPE, %GTEN_ERROR_DEVICE or %GTEN_ERROR_UNSUPPORTED for a dtype, a device or
 * a version that is not known here, %GTEN_ERROR_VALUE for a stride below zero, and
 * %GTEN_ERROR_MEMORY if the sizes reach beyond all memory.
 *
 * Returns: (transfer full): a new tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_new_from_dlpack (guint64 address, gboolean versioned, GError **error)
{
  gpointer        managed = GSIZE_TO_POINTER (address);
  const DLTensor *tensor;
  GtenDtype       dtype;
  GtenStorage    *storage;
  GtenTensor     *self;
  gint64          row_major[GTEN_MAX_DIMS];
  const gint64   *strides;
  gint64          numel;
  gsize           n_bytes;
  g_autoptr (GtenDevice) device = NULL;

  g_return_val_if_fail (address != 0, NULL);

  if (versioned && ((DLManagedTensorVersioned *) managed)->major != 1)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_UNSUPPORTED, "from_dlpack: unsupported major version %u",
                   ((DLManagedTensorVersioned *) managed)->major);
      return NULL;
    }
  tensor = versioned ? &((DLManagedTensorVersioned *) managed)->tensor : &((DLManagedTensor *) managed)->tensor;

  dtype = import_dtype (tensor->dtype);
  if (dtype == GTEN_DTYPE_NONE)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DTYPE, "from_dlpack: unsupported dtype: code %u, %u bits, %u lanes",
                   tensor->dtype.code, tensor->dtype.bits, tensor->dtype.lanes);
      return NULL;
    }
  device = import_device (tensor->device, error);
  if (device == NULL
      || !gten_shape_check ("from_dlpack", tensor->n_dims, tensor->shape, dtype, &numel, error))
    return NULL;
  strides = tensor->strides;
  if (strides == NULL)
    {
      gten_shape_strides (tensor->n_dims, tensor->shape, row_major);
      strides = row_major;
    }
  if (!import_span (tensor, strides, gten_dtype_get_size (dtype), &n_bytes, error))
    return NULL;

  storage = gten_storage_new_foreign (device, (char *) tensor->data + tensor->byte_offset, numel > 0 ? n_bytes : 0,
                                      managed, versioned ? import_delete_versioned : import_delete);
  self = gten_tensor_new_strided (storage, dtype, tensor->n_dims, tensor->shape, strides, 0);
  gten_storage_unref (storage);
  return self;
}

/**
 * gten_dlpack_free:
 * @address: the address of a managed tensor of DLPack, or 0
 * @versioned: %TRUE for a `DLManagedTensorVersioned`, %FALSE for a `DLManagedTensor`
 *
 * Calls the deleter of a managed tensor that nobody took over.
 */
void
gten_dlpack_free (guint64 address, gboolean versioned)
{
  gpointer managed = GSIZE_TO_POINTER (address);

  if (managed == NULL)
    return;
  if (versioned)
    {
      DLManagedTensorVersioned *self = managed;
      if (self->deleter != NULL)
        self->deleter (self);
    }
  else
    {
      DLManagedTensor *self = managed;
      if (self->deleter != NULL)
        self->deleter (self);
    }
}

/* Python's functions of capsules, which it calls its destructors with no place for. */
static int (*capsule_is_valid) (gpointer capsule, const char *name);
static gpointer (*capsule_get_pointer) (gpointer capsule, const char *name);

static void
capsule_destroy (gpointer capsule)
{
  static const char *const names[] = { "dltensor", "dltensor_versioned" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (capsule_is_valid (capsule, names[i]))
      gten_dlpack_free (GPOINTER_TO_SIZE (capsule_get_pointer (capsule, names[i])), i == 1);
}

/**
 * gten_dlpack_get_capsule_destructor:
 * @is_valid: the address of Python's `PyCapsule_IsValid()`
 * @get_pointer: the address of its `PyCapsule_GetPointer()`
 *
 * The address of the destructor of a capsule that holds a managed tensor of DLPack, for
 * `PyCapsule_New()`: it frees what nobody took over. It runs no code of Python, so that an exception may be
 * on its way.
 *
 * Returns: the address
 */
guint64
gten_dlpack_get_capsule_destructor (guint64 is_valid, guint64 get_pointer)
{
  capsule_is_valid = (int (*) (gpointer, const char *)) GSIZE_TO_POINTER (is_valid);
  capsule_get_pointer = (gpointer (*) (gpointer, const char *)) GSIZE_TO_POINTER (get_pointer);
  return GPOINTER_TO_SIZE (capsule_destroy);
}
