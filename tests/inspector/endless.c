/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Backward passes without end, for an inspector to pause. */
#include <gtensor/gtensor.h>

int
main (void)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (2, 2), GTEN_DTYPE_FLOAT32, NULL, &error);
      gten_tensor_requires_grad_ (x, TRUE, &error);
      g_autoptr (GtenTensor) y = gten_tensor_exp (x, &error);
      g_autoptr (GtenTensor) out = gten_tensor_sum (y, &error);

      if (out == NULL || !gten_tensor_backward (out, NULL, GTEN_BACKWARD_DEFAULT, &error))
        g_error ("%s", error->message);
    }
}
