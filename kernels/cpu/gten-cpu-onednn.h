/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What other kernels leave to oneDNN, where it is there. */
#pragma once

#include "gten-cpu-private.h"

/* A product of bfloat16. GTEN_K_UNSUPPORTED: nothing was done. */
GtenKStatus gten_onednn_product (const GtenKMatmul *matmul);
