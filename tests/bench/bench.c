/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cases, from C. bench-torch.cpp has the same ones. */

#include <gtensor/gtensor.h>
#include <stdlib.h>

#include "bench.h"

typedef struct
{
  GtenTensor *a, *b;
  GtenTensor *w1, *b1, *w2, *b2, *labels;
} State;

static GtenTensor *
random_tensor (gint64 rows, gint64 columns, gboolean requires_grad)
{
  GtenTensor *tensor = gten_rand ((const gint64[]) { rows, columns }, columns > 0 ? 2 : 1, GTEN_DTYPE_FLOAT32,
                                  NULL, NULL);

  gten_tensor_set_requires_grad (tensor, requires_grad);
  return tensor;
}

/* Stops at the first failure: a time of something that failed is no time. */
static void
done (GtenTensor *result)
{
  if (result == NULL)
    exit (1);
  g_object_unref (result);
}

static void step_add (void *data) { State *s = data; done (gten_tensor_add (s->a, s->b, NULL)); }
static void step_mul (void *data) { State *s = data; done (gten_tensor_mul (s->a, s->b, NULL)); }
static void step_sum (void *data) { State *s = data; done (gten_tensor_sum (s->a, NULL)); }
static void step_exp (void *data) { State *s = data; done (gten_tensor_exp (s->a, NULL)); }
static void step_log (void *data) { State *s = data; done (gten_tensor_log (s->a, NULL)); }
static void step_tanh (void *data) { State *s = data; done (gten_tensor_tanh (s->a, NULL)); }
static void step_sigmoid (void *data) { State *s = data; done (gten_tensor_sigmoid (s->a, NULL)); }
static void step_matmul (void *data) { State *s = data; done (gten_tensor_matmul (s->a, s->b, NULL)); }
static void step_softmax (void *data) { State *s = data; done (gten_tensor_softmax (s->a, -1, NULL)); }

static void
step_chain (void *data)
{
  State *s = data;
  g_autoptr (GtenTensor) product = gten_tensor_mul_scalar (s->a, 3, NULL);
  g_autoptr (GtenTensor) difference = gten_tensor_sub_scalar (s->a, 1, NULL);

  done (gten_tensor_div (product, difference, NULL));
}

static void
step_tour (void *data)
{
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (2, 2), GTEN_DTYPE_FLOAT32, NULL, NULL);
  g_autoptr (GtenTensor) y = NULL, square = NULL, z = NULL, out = NULL;

  gten_tensor_set_requires_grad (x, TRUE);
  y = gten_tensor_add_scalar (x, 2, NULL);
  square = gten_tensor_mul (y, y, NULL);
  z = gten_tensor_mul_scalar (square, 3, NULL);
  out = gten_tensor_mean (z, NULL);
  if (!gten_tensor_backward (out, NULL, GTEN_BACKWARD_DEFAULT, NULL))
    exit (1);
}

static void
descend (GtenTensor *weight)
{
  g_autoptr (GtenTensor) change = gten_tensor_mul_scalar (gten_tensor_get_grad (weight), 0.01,
                                                          NULL);

  gten_tensor_sub_ (weight, change, NULL);
  gten_tensor_set_grad (weight, NULL, NULL);
}

static void
step_mlp (void *data)
{
  State *s = data;
  g_autoptr (GtenTensor) linear = gten_tensor_linear_bias (s->a, s->w1, s->b1, NULL);
  g_autoptr (GtenTensor) hidden = gten_tensor_relu (linear, NULL);
  g_autoptr (GtenTensor) logits = gten_tensor_linear_bias (hidden, s->w2, s->b2, NULL);
  g_autoptr (GtenTensor) loss = gten_tensor_cross_entropy (logits, s->labels, NULL);

  if (!gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, NULL))
    exit (1);
  gten_set_grad_enabled (FALSE);
  descend (s->w1);
  descend (s->b1);
  descend (s->w2);
  descend (s->b2);
  gten_set_grad_enabled (TRUE);
}

/* A thousand, and the wait for them. */
static void
step_add_cuda (void *data)
{
  State *s = data;

  for (int i = 0; i < 1000; i++)
    done (gten_tensor_add (s->a, s->b, NULL));
  gten_device_synchronize (gten_tensor_get_device (s->a), NULL);
}

/* Name, then the sizes of a and b (0: a vector or none). */
static const struct
{
  const char *name;
  BenchStep   step;
  gint64      rows, columns, b_rows, b_columns;
  gboolean    requires_grad;
} cases[] = {
  { "add-2x2", step_add, 2, 2, 2, 2 },
  { "add-2x2-grad", step_add, 2, 2, 2, 2, TRUE },
  { "add-2x2-cuda", step_add_cuda, 2, 2, 2, 2 },
  { "tour", step_tour },
  { "mlp", step_mlp, 32, 64 },
  { "add-2^20", step_add, 1 << 20, 0, 1 << 20 },
  { "mul-2^20", step_mul, 1 << 20, 0, 1 << 20 },
  { "sum-2^20", step_sum, 1 << 20 },
  { "add-2^24", step_add, 1 << 24, 0, 1 << 24 },
  { "mul-2^24", step_mul, 1 << 24, 0, 1 << 24 },
  { "sum-2^24", step_sum, 1 << 24 },
  { "exp-2^20", step_exp, 1 << 20 },
  { "log-2^20", step_log, 1 << 20 },
  { "tanh-2^20", step_tanh, 1 << 20 },
  { "sigmoid-2^20", step_sigmoid, 1 << 20 },
  { "chain-2^24", step_chain, 1 << 24 },
  { "softmax-1024x1024", step_softmax, 1024, 1024 },
  { "matmul-64", step_matmul, 64, 64, 64, 64 },
  { "matmul-128", step_matmul, 128, 128, 128, 128 },
  { "matmul-256", step_matmul, 256, 256, 256, 256 },
  { "matmul-512", step_matmul, 512, 512, 512, 512 },
  { "matmul-1024", step_matmul, 1024, 1024, 1024, 1024 },
  { "matmul-2048", step_matmul, 2048, 2048, 2048, 2048 },
};

static struct
{
  State     tensors;
  BenchStep step;
} current;

static void
step (void *unused)
{
  current.step (&current.tensors);
}

static gboolean
use_device (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenDevice) device = gten_device_new (name, &error);

  if (device == NULL)
    fprintf (stderr, "%s\n", error->message);
  else
    gten_set_default_device (device);
  return device != NULL;
}

static int
prepare (const char *name)
{
  State *state = &current.tensors;

  g_clear_object (&state->a);
  g_clear_object (&state->b);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (strcmp (cases[i].name, name) != 0)
        continue;
      if (!use_device (g_str_has_suffix (name, "-cuda") ? "cuda" : "cpu"))
        return FALSE;
      if (cases[i].rows > 0)
        state->a = random_tensor (cases[i].rows, cases[i].columns, cases[i].requires_grad);
      if (cases[i].b_rows > 0)
        state->b = random_tensor (cases[i].b_rows, cases[i].b_columns, cases[i].requires_grad);
      current.step = cases[i].step;
      return TRUE;
    }
  return FALSE;
}

int
main (void)
{
  State *state = &current.tensors;

  state->w1 = random_tensor (128, 64, TRUE);
  state->b1 = random_tensor (128, 0, TRUE);
  state->w2 = random_tensor (10, 128, TRUE);
  state->b2 = random_tensor (10, 0, TRUE);
  state->labels = gten_zeros (GTEN_SIZES (32), GTEN_DTYPE_INT64, NULL, NULL);
  return bench_serve (prepare, step, NULL);
}
