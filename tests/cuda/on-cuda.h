/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Included before a kernel test: what it asks of the CPU's table goes to CUDA's, whose arrays are
 * copied to the device and back around each call. */
#pragma once

#include "gten-kernels.h"

const GtenBackend *test_cuda_table (void);

#define gten_cpu_backend test_cuda_table
#define TEST_ANY_ORDER true
