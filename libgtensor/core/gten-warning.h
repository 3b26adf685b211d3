/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

/**
 * GtenWarningFunction:
 * @message: what an operation has to say
 * @user_data: the user's data
 *
 * Is told of what is legal but seldom meant.
 *
 * Returns: %FALSE to make it an error of the operation
 */
typedef gboolean (*GtenWarningFunction) (const char *message, gpointer user_data);

GTEN_API void gten_set_warning_function (GtenWarningFunction function, gpointer user_data, GDestroyNotify destroy);

G_END_DECLS
