/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is there of CUDA, and which device is meant when none is named. */

#include "device/gten-cuda-private.h"

static __thread int current_device __attribute__ ((tls_model ("initial-exec")));
static gboolean     tf32;   /* atomic */

/**
 * gten_cuda_device_count:
 *
 * The number of CUDA devices that can be used.
 *
 * Returns: the number, 0 without CUDA
 */
int
gten_cuda_device_count (void)
{
  return g_list_model_get_n_items (gten_device_get_all ()) - 1;
}

/**
 * gten_cuda_is_available:
 *
 * Whether there is a CUDA device that can be used.
 *
 * Returns: %TRUE if there is
 */
gboolean
gten_cuda_is_available (void)
{
  return gten_cuda_device_count () > 0;
}

/**
 * gten_cuda_is_emulated:
 *
 * Whether what stands for CUDA is the emulation that the library's tests use. It computes on the
 * CPU, and is never installed.
 *
 * Returns: %TRUE if it is
 */
gboolean
gten_cuda_is_emulated (void)
{
  const GtenBackend *backend = gten_backend_get_cuda (NULL);

  return backend != NULL && backend->emulated;
}

/**
 * gten_cuda_current_device:
 *
 * The CUDA device that "cuda" means in this thread.
 *
 * Returns: its index, from the start 0
 */
int
gten_cuda_current_device (void)
{
  return current_device;
}

/**
 * gten_cuda_set_device:
 * @index: the index of a CUDA device; nothing happens if it is negative
 * @error: return location for an error
 *
 * Chooses the CUDA device that "cuda" means in this thread. Raises %GTEN_ERROR_DEVICE if there is no such device.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_cuda_set_device (int index, GError **error)
{
  g_autofree char *name = g_strdup_printf ("cuda:%d", index);
  g_autoptr (GtenDevice) device = NULL;

  if (index < 0)
    return TRUE;
  device = gten_device_new (name, error);
  if (device == NULL)
    return FALSE;
  current_device = index;
  return TRUE;
}

GtenDevice *
gten_cuda_get_device (GtenDevice *device, GError **error)
{
  if (device == NULL)
    {
      g_autoptr (GtenDevice) current = gten_device_new ("cuda", error);
      return current;   /* devices live for ever */
    }
  if (!g_str_equal (device->kind, "cuda"))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "Expected a cuda device, but got: %s", device->name);
      return NULL;
    }
  return device;
}

/* -- products ------------------------------------------------------------------------------------ */

gboolean
gten_cuda_allows_tf32 (void)
{
  return __atomic_load_n (&tf32, __ATOMIC_RELAXED);
}

/**
 * gten_get_float32_matmul_precision:
 *
 * How precise products of float32 matrices are on CUDA devices.
 *
 * Returns: "highest", or "high" if factors may be rounded to TensorFloat-32
 */
const char *
gten_get_float32_matmul_precision (void)
{
  return gten_cuda_allows_tf32 () ? "high" : "highest";
}

/**
 * gten_set_float32_matmul_precision:
 * @precision: "highest" for float32's own, "high" or "medium" if factors may be rounded to TensorFloat-32
 * @error: return location for an error
 *
 * Sets how precise products of float32 matrices are on CUDA devices. Sums are float32's in any case.
 *
 * Returns: %TRUE on success
 */
gboolean
gten_set_float32_matmul_precision (const char *precision, GError **error)
{
  static const char *const names[] = { "highest", "high", "medium", NULL };

  if (precision == NULL || !g_strv_contains (names, precision))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE,
                   "%s is not one of 'highest', 'high', or 'medium', the currently supported values.",
                   precision != NULL ? precision : "None");
      return FALSE;
    }
  __atomic_store_n (&tf32, !g_str_equal (precision, "highest"), __ATOMIC_RELAXED);
  return TRUE;
}
