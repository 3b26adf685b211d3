/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for CUDA's header of that name when the sources of kernels/cuda are compiled by a C++
 * compiler for the tests: what they say in the language and in calls of the runtime, and no more.
 * Kernels are launched with cudaLaunchKernelEx, which C++ can read, too. */
#pragma once

#include "emulation-language.h"
#include "emulation-threads.h"
#include "emulation-math.h"
#include "emulation-runtime.h"
