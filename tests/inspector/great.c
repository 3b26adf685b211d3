/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors of which an inspector takes samples, and what no sample has: one element at an odd place of a matrix, one at an odd
 * place of a stack of matrices, and an image of which every second pixel is red. */
#include <gtensor/gtensor.h>

static GtenTensor *
make_leaf (const gint64 *sizes, gsize n_dims, const char *index, double value, GError **error)
{
  g_autoptr (GtenTensor) leaf = gten_zeros (sizes, n_dims, GTEN_DTYPE_FLOAT32, NULL, error);

  if (leaf == NULL || !gten_tensor_set_item_scalar (leaf, index, NULL, 0, GTEN_VALUE (value), error)
      || !gten_tensor_requires_grad_ (leaf, TRUE, error))
    return NULL;
  return g_steal_pointer (&leaf);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) matrix = make_leaf (GTEN_SIZES (1000, 1000), "501, 777", 5, &error);
  g_autoptr (GtenTensor) stack = make_leaf (GTEN_SIZES (3, 400, 400), "1, 33, 77", -3, &error);
  g_autoptr (GtenTensor) image = make_leaf (GTEN_SIZES (500, 500, 3), "1::2, :, 0", 1, &error);
  GtenTensor *const leaves[] = { matrix, stack, image };
  g_autoptr (GtenTensor) loss = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (leaves); i++)
    {
      g_autoptr (GtenTensor) square = gten_tensor_mul (leaves[i], leaves[i], &error);
      g_autoptr (GtenTensor) sum = gten_tensor_sum (square, &error);
      GtenTensor *total = loss != NULL ? gten_tensor_add (loss, sum, &error) : g_object_ref (sum);

      g_clear_object (&loss);
      loss = total;
    }
  if (loss == NULL || !gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return 0;
}
