/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Attention, a block of queries at a time: their scores with all keys that they see stay in the second-level
 * cache between the two products. Keys above the diagonal of a causal block are not even multiplied. */
#include "gten-cpu-private.h"

#include <math.h>
#include <string.h>

#ifdef GTEN_HAVE_BLAS
#include <cblas.h>

#define ATTENTION_SCORES      65536  /* of a block */
#define ATTENTION_LEAST_ROWS  16
#define ATTENTION_MOST_ROWS   256
#define ATTENTION_CAUSAL_ROWS 64     /* of which half are above the diagonal of one square block */
#define ATTENTION_WEIGHT      4      /* multiplications that cost an addition of an element-wise loop */

typedef struct
{
  const GtenKAttention *attention;
  int64_t               size, n_rows, n_blocks;
  char                 *scores;                   /* of each thread */
} Attention;

/* c = scale * a @ b, or of b turned. */
static void
multiply (const Attention *self, bool is_turned, int64_t m, int64_t n, int64_t k, double scale, const void *a, int64_t a_stride,
          const void *b, int64_t b_stride, void *c, int64_t c_stride)
{
  const CBLAS_TRANSPOSE turned = is_turned ? CblasTrans : CblasNoTrans;

  if (self->attention->dtype == GTEN_K_FLOAT32)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, turned, (int) m, (int) n, (int) k, (float) scale, a, (int) a_stride, b,
                 (int) b_stride, 0, c, (int) c_stride);
  else
    cblas_dgemm (CblasRowMajor, CblasNoTrans, turned, (int) m, (int) n, (int) k, scale, a, (int) a_stride, b, (int) b_stride, 0,
                 c, (int) c_stride);
}

static bool
sees_nothing (const Attention *self, int64_t n, const void *scores)
{
  for (int64_t i = 0; i < n; i++)
    if ((self->attention->dtype == GTEN_K_FLOAT32 ? ((const float *) scores)[i] : ((const double *) scores)[i]) != -INFINITY)
      return false;
  return true;
}

/* The first n_seen of a row become weights, and the rest zeros; all, if what a causal row sees is blocked. */
static void
weigh (const Attention *self, int64_t n, int64_t n_seen, char *row)
{
  if (self->attention->is_causal && sees_nothing (self, n_seen, row))
    n_seen = 0;
  else
    gten_instruction_set->lines[gten_dtype_computes[self->attention->dtype]].softmax (false, n_seen, row, row);
  memset (row + n_seen * self->size, 0, (n - n_seen) * self->size);
}

static void
attention_work (void *data, int thread, int n_threads)
{
  const Attention *self = data;
  const GtenKAttention *a = self->attention;
  const int64_t size = self->size, n = a->batch[0] * a->batch[1] * self->n_blocks, end = gten_share (n, thread + 1, n_threads);
  char *scores = self->scores + thread * self->n_rows * a->n_keys * size;

  for (int64_t part = gten_share (n, thread, n_threads); part < end; part++)
    {
      const int64_t head = part / self->n_blocks, i = head / a->batch[1], j = head % a->batch[1];
      const int64_t first = part % self->n_blocks * self->n_rows, n_rows = GTEN_MIN (self->n_rows, a->n_queries - first);
      const int64_t n_seen = a->is_causal ? GTEN_MIN (first + n_rows, a->n_keys) : a->n_keys;
      const char *query = (const char *) a->query
                          + (i * a->query_strides[0] + j * a->query_strides[1] + first * a->query_strides[2]) * size;
      const char *key = (const char *) a->key + (i * a->key_strides[0] + j * a->key_strides[1]) * size;
      const char *value = (const char *) a->value + (i * a->value_strides[0] + j * a->value_strides[1]) * size;

      multiply (self, true, n_rows, n_seen, a->depth, a->scale, query, a->query_strides[2], key, a->key_strides[2], scores,
                n_seen);
      for (int64_t row = 0; row < n_rows; row++)
        weigh (self, n_seen, a->is_causal ? GTEN_MIN (first + row + 1, n_seen) : n_seen, scores + row * n_seen * size);
      multiply (self, false, n_rows, a->width, n_seen, 1, scores, n_seen, value, a->value_strides[2],
                (char *) a->out + (head * a->n_queries + first) * a->width * size, a->width);
    }
}

static bool
is_supported (const GtenKAttention *a)
{
  const int64_t *const strides[3] = { a->query_strides, a->key_strides, a->value_strides };
  const int64_t widths[3] = { a->depth, a->depth, a->width };

  for (int i = 0; i < 3; i++)
    if (strides[i][2] < widths[i] || strides[i][2] > INT32_MAX)
      return false;
  return (a->dtype == GTEN_K_FLOAT32 || a->dtype == GTEN_K_FLOAT64) && a->n_keys > 0 && a->depth > 0 && a->width > 0
         && a->n_keys <= INT32_MAX;
}

GtenKStatus
gten_cpu_attention (int device, const GtenKAttention *attention)
{
  const int64_t n_heads = attention->batch[0] * attention->batch[1];
  const int64_t n_work = n_heads * attention->n_queries * attention->n_keys * (attention->depth + attention->width);
  Attention self = { attention };
  int n_threads;
  size_t n_bytes;

  if (!is_supported (attention))
    return GTEN_K_UNSUPPORTED;
  if (n_heads * attention->n_queries == 0)
    return GTEN_K_OK;
  self.size = gten_dtype_sizes[attention->dtype];
  self.n_rows = GTEN_MAX (ATTENTION_LEAST_ROWS, GTEN_MIN (ATTENTION_SCORES / attention->n_keys,
                                                          attention->is_causal ? ATTENTION_CAUSAL_ROWS : ATTENTION_MOST_ROWS));
  self.n_rows = GTEN_MIN (self.n_rows, attention->n_queries);
  self.n_blocks = (attention->n_queries + self.n_rows - 1) / self.n_rows;
  n_threads = (int) GTEN_MIN (n_heads * self.n_blocks, gten_threads (n_work / ATTENTION_WEIGHT, 1));
  n_bytes = (size_t) (n_threads * self.n_rows * attention->n_keys * self.size);
  self.scores = gten_cpu_alloc (0, n_bytes);
  if (self.scores == NULL)
    return GTEN_K_OUT_OF_MEMORY;
  gten_blas_enter ();
  gten_parallel (n_threads, attention_work, &self);
  gten_blas_leave ();
  gten_cpu_free (0, self.scores, n_bytes);
  return GTEN_K_OK;
}

#else

GtenKStatus
gten_cpu_attention (int device, const GtenKAttention *attention)
{
  return GTEN_K_UNSUPPORTED;
}

#endif
