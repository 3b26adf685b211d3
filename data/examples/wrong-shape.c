/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A wrong shape that raises no error: predictions of 6×1 less targets of 6 are 6×6, by broadcasting, and
 * the loss is the mean of 36 differences where 6 were meant.
 *   gtensor-inspector wrong-shape */
#include <gtensor/gtensor.h>

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) inputs = gten_linspace (0, 1, 18, GTEN_DTYPE_FLOAT32, NULL, &error);
  g_autoptr (GtenTensor) x = gten_tensor_reshape (inputs, GTEN_SIZES (6, 3), &error);
  g_autoptr (GtenTensor) targets = gten_linspace (1, 2, 6, GTEN_DTYPE_FLOAT32, NULL, &error);
  g_autoptr (GtenTensor) w = gten_ones (GTEN_SIZES (3, 1), GTEN_DTYPE_FLOAT32, NULL, &error);

  gten_tensor_requires_grad_ (w, TRUE, &error);
  g_autoptr (GtenTensor) predictions = gten_tensor_matmul (x, w, &error);
  g_autoptr (GtenTensor) differences = gten_tensor_sub (predictions, targets, &error);
  g_autoptr (GtenTensor) squares = gten_tensor_mul (differences, differences, &error);
  g_autoptr (GtenTensor) loss = gten_tensor_mean (squares, &error);

  if (loss == NULL || !gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_autofree char *value = gten_tensor_to_string (loss);
  g_autofree char *gradient = gten_tensor_to_string (gten_tensor_get_grad (w));
  g_print ("loss = %s\nthe gradient of w:\n%s\n", value, gradient);
  return 0;
}
