/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A backend module of another version. */

#include "gten-kernels.h"

__attribute__ ((visibility ("default"))) const GtenBackend *
gten_backend (void)
{
  static const GtenBackend table = { .abi = 99, .struct_size = sizeof (GtenBackend), .name = "cuda" };

  return &table;
}
