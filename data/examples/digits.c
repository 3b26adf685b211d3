/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Learns to read handwritten digits: a network of two layers, in plain tensor operations.
 *   digits [FILE]     FILE is digits.csv.gz; without it, the one that is installed, or lies in $GTENSOR_DATA */
#include <gtensor/gtensor.h>

enum { N_HIDDEN = 64, N_EPOCHS = 20, BATCH = 32, N_PIXELS = 64, N_COLUMNS = N_PIXELS + 1 };
enum { WEIGHT1, BIAS1, WEIGHT2, BIAS2, N_PARAMETERS };
static const double RATE = 0.2;

typedef struct
{
  GtenTensor *images, *digits, *test_images, *test_digits;
} Data;

/* All numbers of the file, row by row, as a tensor of int64. */
static GtenTensor *
read_numbers (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GFileInputStream) packed = g_file_read (file, NULL, error);
  if (packed == NULL)
    return NULL;
  g_autoptr (GZlibDecompressor) gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (G_INPUT_STREAM (packed), G_CONVERTER (gzip));
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (stream);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, error);
      if (line == NULL)
        break;
      for (char *at = line; *at != '\0'; at += *at == ',')
        {
          gint64 number = g_ascii_strtoll (at, &at, 10);
          g_array_append_val (numbers, number);
        }
    }
  if (error != NULL && *error != NULL)
    return NULL;
  return gten_tensor_new_from_integers ((const gint64 *) numbers->data, numbers->len, GTEN_DTYPE_INT64,
                                        GTEN_SIZES (numbers->len / N_COLUMNS, N_COLUMNS), error);
}

/* Images between 0 and 1, and what they show; every fifth row is held out. */
static gboolean
load (const char *path, Data *data, GError **error)
{
  g_autoptr (GtenTensor) rows = read_numbers (path, error);
  if (rows == NULL)
    return FALSE;
  g_autoptr (GtenTensor) pixels = gten_tensor_get_item (rows, ":, :64", NULL, 0, error);
  g_autoptr (GtenTensor) images = gten_tensor_div_scalar (pixels, 16, error);
  g_autoptr (GtenTensor) digits = gten_tensor_get_item (rows, ":, 64", NULL, 0, error);
  g_autoptr (GtenTensor) order = gten_arange (gten_tensor_numel (digits), GTEN_DTYPE_INT64, NULL,
                                              error);
  g_autoptr (GtenTensor) fifth = gten_tensor_remainder_scalar (order, 5, error);
  g_autoptr (GtenTensor) held_out = gten_tensor_eq_scalar (fifth, 4, error);
  g_autoptr (GtenTensor) kept = gten_tensor_logical_not (held_out, error);

  data->images = gten_tensor_get_item (images, "?", &kept, 1, error);
  data->digits = gten_tensor_get_item (digits, "?", &kept, 1, error);
  data->test_images = gten_tensor_get_item (images, "?", &held_out, 1, error);
  data->test_digits = gten_tensor_get_item (digits, "?", &held_out, 1, error);
  return data->test_digits != NULL;
}

static GtenTensor *
network (GtenTensor *images, GtenTensor **parameters, GError **error)
{
  g_autoptr (GtenTensor) weighted = gten_tensor_matmul (images, parameters[WEIGHT1], error);
  g_autoptr (GtenTensor) biased = gten_tensor_add (weighted, parameters[BIAS1], error);
  g_autoptr (GtenTensor) hidden = gten_tensor_relu (biased, error);
  g_autoptr (GtenTensor) result = gten_tensor_matmul (hidden, parameters[WEIGHT2], error);
  return gten_tensor_add (result, parameters[BIAS2], error);
}

static double
number (GtenTensor *tensor, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  return tensor != NULL && gten_tensor_item (tensor, &value, error) ? g_value_get_double (&value) : 0;
}

static double
accuracy (GtenTensor *images, GtenTensor *digits, GtenTensor **parameters, GError **error)
{
  gboolean recording = gten_set_grad_enabled (FALSE);
  g_autoptr (GtenTensor) logits = network (images, parameters, error);
  g_autoptr (GtenTensor) guesses = gten_tensor_argmax_dim (logits, 1, FALSE, error);
  g_autoptr (GtenTensor) right = gten_tensor_eq (guesses, digits, error);
  g_autoptr (GtenTensor) mean = gten_tensor_mean_dim (right, NULL, 0, FALSE, GTEN_DTYPE_FLOAT32,
                                                      error);
  gten_set_grad_enabled (recording);
  return number (mean, error);
}

/* A random matrix, divided by the square root of its number of rows. */
static GtenTensor *
random_weight (gint64 n_rows, gint64 n_columns, double root, GError **error)
{
  g_autoptr (GtenTensor) noise = gten_randn (GTEN_SIZES (n_rows, n_columns), GTEN_DTYPE_FLOAT32,
                                             NULL, error);
  return gten_tensor_div_scalar (noise, root, error);
}

/* One step down the gradient; without recording, for it is no part of the network. */
static void
descend (GtenTensor **parameters, GError **error)
{
  gboolean recording = gten_set_grad_enabled (FALSE);
  for (int i = 0; i < N_PARAMETERS; i++)
    {
      g_autoptr (GtenTensor) step = gten_tensor_mul_scalar (gten_tensor_get_grad (parameters[i]),
                                                            RATE, error);
      gten_tensor_sub_ (parameters[i], step, error);
      gten_tensor_set_grad (parameters[i], NULL, error);
    }
  gten_set_grad_enabled (recording);
}

/* Learns from all images once, in random order. Returns the mean loss. */
static double
run_epoch (Data *data, GtenTensor **parameters, GError **error)
{
  gint64 n_images = gten_tensor_numel (data->digits);
  g_autoptr (GtenTensor) order = gten_randperm (n_images, GTEN_DTYPE_INT64, NULL, error);
  g_autoptr (GPtrArray) batches = gten_tensor_split (order, BATCH, error);
  double total = 0;

  for (guint i = 0; batches != NULL && i < batches->len; i++)
    {
      GtenTensor *rows = g_ptr_array_index (batches, i);
      g_autoptr (GtenTensor) images = gten_tensor_get_item (data->images, "?", &rows, 1, error);
      g_autoptr (GtenTensor) digits = gten_tensor_get_item (data->digits, "?", &rows, 1, error);
      g_autoptr (GtenTensor) logits = network (images, parameters, error);
      g_autoptr (GtenTensor) loss = gten_tensor_cross_entropy (logits, digits, error);
      if (loss == NULL || !gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, error))
        break;
      descend (parameters, error);
      total += number (loss, error) * gten_tensor_numel (rows);
    }
  return total / n_images;
}

static const char *
default_path (void)
{
  static char path[4096];
  const char *folder = g_getenv ("GTENSOR_DATA");
  g_snprintf (path, sizeof path, "%s/digits/digits.csv.gz",
              folder != NULL ? folder : GTENSOR_DATADIR);
  return path;
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  Data data = { NULL };
  double right = 0;

  load (argc > 1 ? argv[1] : default_path (), &data, &error);
  gten_manual_seed (0);
  GtenTensor *parameters[N_PARAMETERS] = {
    [WEIGHT1] = random_weight (N_PIXELS, N_HIDDEN, 8, &error),
    [BIAS1] = gten_zeros (GTEN_SIZES (N_HIDDEN), GTEN_DTYPE_FLOAT32, NULL, &error),
    [WEIGHT2] = random_weight (N_HIDDEN, 10, 8, &error),
    [BIAS2] = gten_zeros (GTEN_SIZES (10), GTEN_DTYPE_FLOAT32, NULL, &error),
  };
  for (int i = 0; i < N_PARAMETERS && error == NULL; i++)
    gten_tensor_requires_grad_ (parameters[i], TRUE, &error);

  for (int epoch = 1; epoch <= N_EPOCHS && error == NULL; epoch++)
    {
      double loss = run_epoch (&data, parameters, &error);
      right = accuracy (data.test_images, data.test_digits, parameters, &error);
      g_print ("epoch %2d: loss %.4f, %.1f %% of the held-out digits are right\n", epoch, loss,
               100 * right);
    }

  for (int i = 0; i < N_PARAMETERS; i++)
    g_clear_object (&parameters[i]);
  g_clear_object (&data.images);
  g_clear_object (&data.digits);
  g_clear_object (&data.test_images);
  g_clear_object (&data.test_digits);
  if (error != NULL)
    {
      g_printerr ("%s\n", error->message);
      g_error_free (error);
      return 1;
    }
  return right > 0.95 ? 0 : 1;
}
