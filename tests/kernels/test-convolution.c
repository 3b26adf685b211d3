/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Convolutions in one pass and their two other maps, against the sum that defines them, and with any number of
 * threads. Skipped where no backend library does them: the other path is tested as an operation. */
#include "test-kernels.h"

#include <string.h>

typedef struct
{
  const char  *name;
  int64_t      n_samples, n_channels, n_kernels, groups;
  GtenKWindows windows;
} Case;

static const Case cases[] = {
  { "3x3", 8, 16, 32, 1, { { 1, 14, 14 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 }, { 1, 14, 14 } } },
  { "one sample in slices", 1, 64, 64, 1, { { 1, 15, 13 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 }, { 1, 15, 13 } } },
  { "three channels, stride 2", 1, 3, 64, 1, { { 1, 50, 51 }, { 1, 7, 7 }, { 1, 2, 2 }, { 0, 3, 3 }, { 1, 1, 1 }, { 1, 25, 26 } } },
  { "groups", 4, 32, 64, 2, { { 1, 14, 15 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 }, { 1, 14, 15 } } },
  { "dilated", 3, 32, 32, 1, { { 1, 20, 18 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 0, 0 }, { 1, 2, 2 }, { 1, 16, 14 } } },
  { "odd channels", 5, 19, 21, 1, { { 1, 16, 16 }, { 1, 3, 3 }, { 1, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 }, { 1, 16, 16 } } },
  { "one dimension", 4, 32, 32, 1, { { 1, 1, 256 }, { 1, 1, 5 }, { 1, 1, 1 }, { 0, 0, 2 }, { 1, 1, 1 }, { 1, 1, 256 } } },
  { "three dimensions", 1, 16, 16, 1, { { 10, 10, 10 }, { 3, 3, 3 }, { 1, 1, 1 }, { 1, 1, 1 }, { 1, 1, 1 }, { 10, 10, 10 } } },
  { "pointwise", 9, 64, 64, 1, { { 1, 12, 12 }, { 1, 1, 1 }, { 1, 1, 1 }, { 0, 0, 0 }, { 1, 1, 1 }, { 1, 12, 12 } } },
};

static int64_t
volume (const int64_t *sizes)
{
  return sizes[0] * sizes[1] * sizes[2];
}

/* Adds each product of two of the three arrays to the third. */
static void
add_products (const Case *self, GtenKConvolving direction, double *x, double *w, double *y)
{
  const GtenKWindows *s = &self->windows;
  const int64_t image = volume (s->size), kernel = volume (s->kernel), count = volume (s->count);
  const int64_t depth = self->n_channels / self->groups, per_group = self->n_kernels / self->groups;

  for (int64_t sample = 0; sample < self->n_samples; sample++)
    for (int64_t k = 0; k < self->n_kernels; k++)
      for (int64_t c = 0; c < depth; c++)
        for (int64_t i = 0; i < count; i++)
          for (int64_t j = 0; j < kernel; j++)
            {
              const int64_t at[3] = { i / s->count[2] / s->count[1], i / s->count[2] % s->count[1], i % s->count[2] };
              const int64_t in[3] = { j / s->kernel[2] / s->kernel[1], j / s->kernel[2] % s->kernel[1], j % s->kernel[2] };
              int64_t place = 0;
              bool inside = true;

              for (int d = 0; d < 3; d++)
                {
                  const int64_t p = at[d] * s->stride[d] + in[d] * s->dilation[d] - s->padding[d];

                  inside &= p >= 0 && p < s->size[d];
                  place = place * s->size[d] + p;
                }
              if (!inside)
                continue;
              double *in_x = &x[(sample * self->n_channels + k / per_group * depth + c) * image + place];
              double *in_w = &w[(k * depth + c) * kernel + j], *in_y = &y[(sample * self->n_kernels + k) * count + i];

              if (direction == GTEN_K_CONVOLUTION_FORWARD)
                *in_y += *in_x * *in_w;
              else if (direction == GTEN_K_CONVOLUTION_TO_INPUT)
                *in_x += *in_w * *in_y;
              else
                *in_w += *in_x * *in_y;
            }
}

static GtenKStatus
run (const Case *self, GtenKConvolving direction, int n_threads, float *const *arrays)
{
  const int before = gten_k_get_threads ();
  const GtenKConvolution convolution = {
    .direction = direction, .dtype = GTEN_K_FLOAT32, .windows = &self->windows, .n_samples = self->n_samples,
    .n_channels = self->n_channels, .n_kernels = self->n_kernels, .groups = self->groups,
    .x = arrays[0], .w = arrays[1], .y = arrays[2],
  };
  GtenKStatus status;

  gten_k_set_threads (n_threads);
  status = gten_cpu_backend ()->convolution (0, &convolution);
  gten_k_set_threads (before);
  return status;
}

static void
test_case (gconstpointer data)
{
  const Case *self = data;
  const int64_t sizes[3] = { self->n_samples * self->n_channels * volume (self->windows.size),
                             self->n_kernels * (self->n_channels / self->groups) * volume (self->windows.kernel),
                             self->n_samples * self->n_kernels * volume (self->windows.count) };

  for (int direction = 0; direction < 3; direction++)
    {
      const int output = direction == GTEN_K_CONVOLUTION_FORWARD ? 2 : direction == GTEN_K_CONVOLUTION_TO_INPUT ? 0 : 1;
      float *arrays[3];
      double *exact[3], most = 0;
      g_autofree float *first = NULL;
      g_autoptr (GRand) random = g_rand_new_with_seed (1);
      GtenKStatus status;

      for (int a = 0; a < 3; a++)
        {
          arrays[a] = g_new (float, sizes[a]);
          exact[a] = g_new0 (double, sizes[a]);
          for (int64_t i = 0; i < sizes[a]; i++)
            {
              arrays[a][i] = (float) g_rand_double_range (random, -1, 1);
              exact[a][i] = a == output ? 0 : (double) arrays[a][i];
            }
        }
      status = run (self, direction, 1, arrays);
      if (status == GTEN_K_OK)
        {
          add_products (self, direction, exact[0], exact[1], exact[2]);
          for (int64_t i = 0; i < sizes[output]; i++)
            most = MAX (most, fabs (exact[output][i]));
          for (int64_t i = 0; i < sizes[output]; i++)
            g_assert_cmpfloat_with_epsilon ((double) arrays[output][i], exact[output][i], 2e-6 * most);
          first = g_memdup2 (arrays[output], sizes[output] * sizeof (float));
          g_assert_cmpint (run (self, direction, gten_k_get_threads (), arrays), ==, GTEN_K_OK);
          g_assert_cmpmem (first, sizes[output] * sizeof (float), arrays[output], sizes[output] * sizeof (float));
        }
      for (int a = 0; a < 3; a++)
        {
          g_free (arrays[a]);
          g_free (exact[a]);
        }
      if (status == GTEN_K_UNSUPPORTED)
        {
          g_test_skip ("no library here does this convolution");
          return;
        }
      g_assert_cmpint (status, ==, GTEN_K_OK);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/convolution/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  return g_test_run ();
}
