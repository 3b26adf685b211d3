/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A backward pass of about as many nodes as asked for: blocks of a product, a skip connection and
 * a nonlinearity.
 *   chain NODES [PASSES] */
#include <gtensor/gtensor.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  int n_nodes = argc > 1 ? atoi (argv[1]) : 1000, n_passes = argc > 2 ? atoi (argv[2]) : 1;

  for (int pass = 0; pass < n_passes; pass++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) weight = gten_ones (GTEN_SIZES (4, 4), GTEN_DTYPE_FLOAT32, NULL, &error);
      g_autoptr (GtenTensor) loss = NULL;
      GtenTensor *x = g_object_ref (weight);

      gten_tensor_requires_grad_ (weight, TRUE, &error);
      for (int i = 0; i < (n_nodes - 2) / 3; i++)
        {
          g_autoptr (GtenTensor) before = x;
          g_autoptr (GtenTensor) product = gten_tensor_mul (before, weight, &error);
          g_autoptr (GtenTensor) squashed = gten_tensor_tanh (product, &error);

          x = gten_tensor_add (squashed, before, &error);
        }
      loss = gten_tensor_mean (x, &error);
      g_clear_object (&x);
      if (loss == NULL || !gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, &error))
        {
          g_printerr ("%s\n", error->message);
          return 1;
        }
    }
  return 0;
}
