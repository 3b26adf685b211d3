/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the CPU does with iteration spaces. */
#pragma once

#include "gten-cpu-private.h"
#include "gten-space.h"

/* Copies between operands 1 and 0 of a space, of one element size. */
void gten_space_copy (const GtenSpace *space, void *to, const void *from, size_t element_size);
