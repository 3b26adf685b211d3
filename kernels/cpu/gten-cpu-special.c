/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The special functions, compiled once. */
#include "gten-scalar.h"

#include "gten-special.h"
