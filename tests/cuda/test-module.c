/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The real module, on any machine: it loads, is complete, and says why there is no device where there is
 * none. */
#include <dlfcn.h>
#include <glib.h>
#include <string.h>

#include "gten-kernels.h"

static const char *path;

static void
test_table (void)
{
  void *module = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  GtenBackendEntry entry;
  const GtenBackend *backend;

  if (module == NULL)
    {
      const char *reason = dlerror ();

      g_assert_nonnull (strstr (reason, "libcublas"));
      g_test_skip (reason);
      return;
    }
  entry = (GtenBackendEntry) dlsym (module, "gten_backend");
  g_assert_nonnull (entry);
  backend = entry ();
  g_assert_cmpuint (backend->abi, ==, GTEN_KERNELS_ABI);
  g_assert_cmpuint (backend->struct_size, ==, sizeof (GtenBackend));
  g_assert_cmpstr (backend->name, ==, "cuda");
  g_assert_false (backend->emulated);
  g_assert_nonnull (backend->run);
  g_assert_nonnull (backend->reduce);
  g_assert_null (backend->block);
  if (backend->n_devices () == 0)
    g_assert_cmpstr (backend->last_error (), !=, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  path = argv[1];
  g_test_add_func ("/cuda/module/table", test_table);
  return g_test_run ();
}
