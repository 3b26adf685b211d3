/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of CUDA devices from C share. */
#pragma once

#include <gtensor/gtensor.h>

#define MANY 4096

static inline GtenDevice *
cuda (int index)
{
  g_autofree char *name = g_strdup_printf ("cuda:%d", index);
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenDevice) device = gten_device_new (name, &error);

  g_assert_no_error (error);
  return device;
}

static inline GtenTensor *
count_up (gint64 n, GtenDevice *device)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = gten_arange (GTEN_VALUE (n), GTEN_DTYPE_FLOAT32, device, &error);

  g_assert_no_error (error);
  return x;
}

/* All elements are scale * i + offset. */
static inline void
assert_line (GtenTensor *x, double scale, double offset)
{
  g_autoptr (GError) error = NULL;
  gsize n;
  g_autofree double *values = gten_tensor_get_doubles (x, &n, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (values[i], ==, scale * (double) i + offset);
}

static inline void
assert_text (GtenTensor *x, const char *expected)
{
  g_autofree char *text = gten_tensor_to_string (x);

  g_assert_cmpstr (text, ==, expected);
}

#define assert_error(error, kind, part) G_STMT_START { \
  g_assert_error (error, GTEN_ERROR, kind); \
  if (strstr (error->message, part) == NULL) \
    g_test_message ("%s", error->message); \
  g_assert_nonnull (strstr (error->message, part)); \
  g_clear_error (&error); \
} G_STMT_END
