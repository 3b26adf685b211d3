/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A backward pass with a gradient of 10^8 elements in its middle. */
#include <gtensor/gtensor.h>

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (10000, 10000), GTEN_DTYPE_FLOAT32, NULL, &error);

  gten_tensor_requires_grad_ (x, TRUE, &error);
  g_autoptr (GtenTensor) y = gten_tensor_neg (x, &error);
  g_autoptr (GtenTensor) loss = gten_tensor_sum (y, &error);

  if (loss == NULL || !gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return 0;
}
