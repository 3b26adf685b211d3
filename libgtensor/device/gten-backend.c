/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loader of backend modules: libgtensor-KIND.so beside the library, or in GTENSOR_BACKEND_PATH.
 * A module exports `gten_backend`, and is refused when its table is not laid out as this library
 * expects. */

#include "device/gten-device-private.h"

#include <gmodule.h>

static const GtenBackend *
open_backend (const char *kind, GError **error)
{
  const char        *folder = g_getenv ("GTENSOR_BACKEND_PATH");
  g_autofree char   *file = NULL, *path = NULL;
  GModule           *module;
  gpointer           entry;
  const GtenBackend *backend;

  if (!GTEN_WITH_CUDA)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "this library was built without it");
      return NULL;
    }
  if (folder == NULL)
    folder = GTEN_BACKEND_DIR;
  file = g_strdup_printf ("libgtensor-%s." G_MODULE_SUFFIX, kind);
  path = g_build_filename (folder, file, NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "the module %s was not found in %s", file,
                   folder);
      return NULL;
    }

  module = g_module_open (path, G_MODULE_BIND_LOCAL);
  if (module == NULL)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "the module cannot be loaded: %s",
                   g_module_error ());
      return NULL;
    }
  if (!g_module_symbol (module, "gten_backend", &entry))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE, "%s is not a backend: %s", path,
                   g_module_error ());
      g_module_close (module);
      return NULL;
    }
  backend = ((GtenBackendEntry) entry) ();
  if (backend == NULL || backend->abi != GTEN_KERNELS_ABI
      || backend->struct_size != sizeof (GtenBackend))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_DEVICE,
                   "%s was built for another version: its interface is %u with %u bytes, this library's %u with %u bytes",
                   path, backend != NULL ? backend->abi : 0, backend != NULL ? backend->struct_size : 0, GTEN_KERNELS_ABI,
                   (guint) sizeof (GtenBackend));
      g_module_close (module);
      return NULL;
    }

  g_module_make_resident (module);
  return backend;
}

const GtenBackend *
gten_backend_get_cuda (GError **error)
{
  static GMutex             mutex;
  static gboolean           tried;
  static const GtenBackend *backend;
  static GError            *reason;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  if (!tried)
    {
      tried = TRUE;
      backend = open_backend ("cuda", &reason);
      if (backend == NULL)
        g_prefix_error (&reason, "CUDA is not available: ");
    }
  if (backend == NULL)
    g_propagate_error (error, g_error_copy (reason));
  return backend;
}
