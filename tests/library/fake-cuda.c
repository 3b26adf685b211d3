/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A backend module for tests: the CPU's table, with two devices. FAKE_CUDA_ABI makes it one of
 * another version. */

#include "gten-kernels.h"

#include <stdlib.h>

static int
two_devices (void)
{
  return 2;
}

__attribute__ ((visibility ("default"))) const GtenBackend *
gten_backend (void)
{
  static GtenBackend table;
  const char        *abi = getenv ("FAKE_CUDA_ABI");

  table = *gten_cpu_backend ();
  table.name = "cuda";
  table.emulated = true;
  table.n_devices = two_devices;
  if (abi != NULL && *abi != '\0')
    table.abi = atoi (abi);
  return &table;
}
