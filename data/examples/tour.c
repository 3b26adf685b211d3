/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tour: a formula, its graph, and the gradients that flow back through it, one node at a time.
 *   cc tour.c $(pkg-config --cflags --libs gtensor-1) -o tour */
#include <gtensor/gtensor.h>

int
main (void)
{
  g_autoptr (GError) error = NULL;

  /* out = mean (3 (x + 2)^2). An operation given NULL returns NULL, so a chain checks its error
   * once. */
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (2, 2), GTEN_DTYPE_FLOAT32, NULL, &error);
  gten_tensor_requires_grad_ (x, TRUE, &error);
  g_autoptr (GtenTensor) y = gten_tensor_add_scalar (x, 2, &error);
  g_autoptr (GtenTensor) y2 = gten_tensor_mul (y, y, &error);
  g_autoptr (GtenTensor) z = gten_tensor_mul_scalar (y2, 3, &error);
  g_autoptr (GtenTensor) out = gten_tensor_mean (z, &error);
  g_autoptr (GtenBackward) backward = out ? gten_backward_new (out, NULL, GTEN_BACKWARD_DEFAULT, &error) : NULL;
  if (backward == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_autofree char *value = gten_tensor_to_string (out);
  g_print ("out = %s\n", value);
  while (gten_backward_step (backward, &error))
    g_print ("ran %s\n", gten_node_get_name (gten_backward_get_node (backward)));
  if (error != NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_autofree char *gradient = gten_tensor_to_string (gten_tensor_get_grad (x));
  g_print ("the gradient of x:\n%s\n", gradient);
  return 0;
}
