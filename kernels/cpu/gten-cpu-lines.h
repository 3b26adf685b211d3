/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inner loops of softmax and of the matrix product, contiguous and in a compute type.
 *
 * A line of softmax is worked on GTEN_LINE_LANES elements at a time; its end is padded with what
 * changes nothing, so that short lines are vector code too. Lines that lie side by side are
 * columns: rows of up to GTEN_K_COLUMNS of them are worked on together. Included once by the file
 * built per instruction set. */
#pragma once

#include <string.h>

#define GTEN_LINE_LANES   32
#define GTEN_LINE_SEGMENT 8192   /* elements whose sum is added to a wider one */

#define GTEN_DEFINE_LINES(T)                                                                       \
  static inline __attribute__ ((always_inline)) T                                                  \
    gten_fold_##T (T *lanes, bool largest)                                                         \
  {                                                                                                \
    for (size_t half = GTEN_LINE_LANES / 2; half > 0; half /= 2)                                   \
      for (size_t lane = 0; lane < half; lane++)                                                   \
        lanes[lane] = largest ? max (lanes[lane], lanes[lane + half]) : lanes[lane] + lanes[lane + half];\
    return lanes[0];                                                                               \
  }                                                                                                \
  static T gten_line_max_##T (size_t n, const T *x)                                                \
  {                                                                                                \
    T lanes[GTEN_LINE_LANES];                                                                      \
    size_t i = 0;                                                                                  \
                                                                                                   \
    for (size_t lane = 0; lane < GTEN_LINE_LANES; lane++)                                          \
      lanes[lane] = -(T) INFINITY;                                                                 \
    for (; i + GTEN_LINE_LANES <= n; i += GTEN_LINE_LANES)                                         \
      for (size_t lane = 0; lane < GTEN_LINE_LANES; lane++)                                        \
        lanes[lane] = max (lanes[lane], x[i + lane]);                                              \
    for (size_t lane = 0; i < n; i++, lane++)                                                      \
      lanes[lane] = max (lanes[lane], x[i]);                                                       \
    return gten_fold_##T (lanes, true);                                                            \
  }                                                                                                \
  static inline __attribute__ ((always_inline)) double                                             \
    gten_take_sums_##T (T *sums)                                                                   \
  {                                                                                                \
    double sum = (double) gten_fold_##T (sums, false);                                             \
    memset (sums, 0, GTEN_LINE_LANES * sizeof (T));                                                \
    return sum;                                                                                    \
  }                                                                                                \
  static inline __attribute__ ((always_inline)) void                                               \
    gten_exponentials_##T (T *out, T *sums, const T *x, T shift)                                   \
  {                                                                                                \
    _Pragma ("GCC ivdep")                                                                           \
    for (size_t lane = 0; lane < GTEN_LINE_LANES; lane++)                                          \
      {                                                                                            \
        T power = exp (x[lane] - shift);                                                           \
                                                                                                   \
        sums[lane] += power;                                                                       \
        out[lane] = power;                                                                         \
      }                                                                                            \
  }                                                                                                \
  static void gten_softmax_##T (bool logarithm, size_t n, void *out_, const void *x_)              \
  {                                                                                                \
    const T *x = x_;                                                                               \
    T *out = out_;                                                                                 \
    T sums[GTEN_LINE_LANES] = { 0 }, end[GTEN_LINE_LANES], unused[GTEN_LINE_LANES];                \
    T shift = gten_line_max_##T (n, x), sum;                                                       \
    double total = 0;                                                                              \
    size_t i = 0;                                                                                  \
                                                                                                   \
    for (; i + GTEN_LINE_LANES <= n; i += GTEN_LINE_LANES)                                         \
      {                                                                                            \
        gten_exponentials_##T (logarithm ? unused : out + i, sums, x + i, shift);                  \
        if (i % GTEN_LINE_SEGMENT == GTEN_LINE_SEGMENT - GTEN_LINE_LANES)                          \
          total += gten_take_sums_##T (sums);                                                      \
      }                                                                                            \
    if (i < n)                                                                                     \
      {                                                                                            \
        for (size_t lane = 0; lane < GTEN_LINE_LANES; lane++)                                      \
          end[lane] = i + lane < n ? x[i + lane] : -(T) INFINITY;                                  \
        /* Not -INFINITY - -INFINITY, which would spoil the padding of a line without numbers. */  \
        gten_exponentials_##T (end, sums, end, shift == -(T) INFINITY ? (T) NAN : shift);          \
        if (!logarithm)                                                                            \
          memcpy (out + i, end, (n - i) * sizeof (T));                                             \
      }                                                                                            \
    sum = (T) (total + gten_take_sums_##T (sums));                                                 \
    if (logarithm)                                                                                 \
      {                                                                                            \
        T logarithm_of_sum = log (sum);                                                            \
                                                                                                   \
        _Pragma ("GCC ivdep")                                                                      \
        for (i = 0; i < n; i++)                                                                    \
          out[i] = x[i] - shift - logarithm_of_sum;                                                \
      }                                                                                            \
    else                                                                                           \
      for (i = 0; i < n; i++)                                                                      \
        out[i] = out[i] / sum;                                                                     \
  }                                                                                                \
  static void gten_softmax_backward_##T (bool logarithm, size_t n, void *out_, const void *grad_,  \
                                         const void *result_)                                      \
  {                                                                                                \
    const T *grad = grad_, *result = result_;                                                      \
    T *out = out_;                                                                                 \
    T sums[GTEN_LINE_LANES] = { 0 }, sum;                                                          \
    double total = 0;                                                                              \
    size_t i = 0;                                                                                  \
                                                                                                   \
    for (; i + GTEN_LINE_LANES <= n; i += GTEN_LINE_LANES)                                         \
      {                                                                                            \
        for (size_t lane = 0; lane < GTEN_LINE_LANES; lane++)                                      \
          sums[lane] += logarithm ? grad[i + lane] : grad[i + lane] * result[i + lane];            \
        if (i % GTEN_LINE_SEGMENT == GTEN_LINE_SEGMENT - GTEN_LINE_LANES)                          \
          total += gten_take_sums_##T (sums);                                                      \
      }                                                                                            \
    for (size_t lane = 0; i < n; i++, lane++)                                                      \
      sums[lane] += logarithm ? grad[i] : grad[i] * result[i];                                     \
    sum = (T) (total + gten_take_sums_##T (sums));                                                 \
    if (logarithm)                                                                                 \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (i = 0; i < n; i++)                                                                    \
          out[i] = grad[i] - exp (result[i]) * sum;                                                \
      }                                                                                            \
    else                                                                                           \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (i = 0; i < n; i++)                                                                    \
          out[i] = (grad[i] - sum) * result[i];                                                    \
      }                                                                                            \
  }

#define GTEN_DEFINE_COLUMNS(T)                                                                     \
  static void gten_softmax_columns_##T (bool logarithm, size_t n, size_t length, void *out_,       \
                                        ptrdiff_t out_stride, const void *x_, ptrdiff_t x_stride)  \
  {                                                                                                \
    T shifts[GTEN_K_COLUMNS], sums[GTEN_K_COLUMNS];                                                \
    const T *x = x_;                                                                               \
    T *out = out_;                                                                                 \
                                                                                                   \
    for (size_t i = 0; i < n; i++)                                                                 \
      {                                                                                            \
        shifts[i] = -(T) INFINITY;                                                                 \
        sums[i] = 0;                                                                               \
      }                                                                                            \
    for (size_t row = 0; row < length; row++, x += x_stride)                                       \
      for (size_t i = 0; i < n; i++)                                                               \
        shifts[i] = max (shifts[i], x[i]);                                                         \
    x = x_;                                                                                        \
    for (size_t row = 0; row < length; row++, x += x_stride, out += out_stride)                    \
      {                                                                                            \
        if (logarithm)                                                                             \
          for (size_t i = 0; i < n; i++)                                                           \
            sums[i] += exp (x[i] - shifts[i]);                                                     \
        else                                                                                       \
          {                                                                                        \
            _Pragma ("GCC ivdep")                                                                  \
            for (size_t i = 0; i < n; i++)                                                         \
              {                                                                                    \
                T power = exp (x[i] - shifts[i]);                                                  \
                                                                                                   \
                sums[i] += power;                                                                  \
                out[i] = power;                                                                    \
              }                                                                                    \
          }                                                                                        \
      }                                                                                            \
    if (logarithm)                                                                                 \
      for (size_t i = 0; i < n; i++)                                                               \
        sums[i] = log (sums[i]);                                                                   \
    x = x_;                                                                                        \
    out = out_;                                                                                    \
    for (size_t row = 0; row < length; row++, x += x_stride, out += out_stride)                    \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (size_t i = 0; i < n; i++)                                                             \
          out[i] = logarithm ? x[i] - shifts[i] - sums[i] : out[i] / sums[i];                      \
      }                                                                                            \
  }                                                                                                \
  static void gten_softmax_backward_columns_##T (bool logarithm, size_t n, size_t length, void *out_,\
                                                 ptrdiff_t out_stride, const void *grad_,          \
                                                 ptrdiff_t grad_stride, const void *result_,       \
                                                 ptrdiff_t result_stride)                          \
  {                                                                                                \
    T sums[GTEN_K_COLUMNS];                                                                        \
    const T *grad = grad_, *result = result_;                                                      \
    T *out = out_;                                                                                 \
                                                                                                   \
    for (size_t i = 0; i < n; i++)                                                                 \
      sums[i] = 0;                                                                                 \
    for (size_t row = 0; row < length; row++, grad += grad_stride, result += result_stride)        \
      for (size_t i = 0; i < n; i++)                                                               \
        sums[i] += logarithm ? grad[i] : grad[i] * result[i];                                      \
    grad = grad_;                                                                                  \
    result = result_;                                                                              \
    for (size_t row = 0; row < length;                                                             \
         row++, grad += grad_stride, result += result_stride, out += out_stride)                   \
      {                                                                                            \
        if (logarithm)                                                                             \
          {                                                                                        \
            _Pragma ("GCC ivdep")                                                                  \
            for (size_t i = 0; i < n; i++)                                                         \
              out[i] = grad[i] - exp (result[i]) * sums[i];                                        \
          }                                                                                        \
        else                                                                                       \
          {                                                                                        \
            _Pragma ("GCC ivdep")                                                                  \
            for (size_t i = 0; i < n; i++)                                                         \
              out[i] = (grad[i] - sums[i]) * result[i];                                            \
          }                                                                                        \
      }                                                                                            \
  }

#define GTEN_LINES_OF(T)                                                                           \
  {                                                                                                \
    gten_softmax_##T, gten_softmax_backward_##T, gten_softmax_columns_##T,                         \
    gten_softmax_backward_columns_##T                                                              \
  }

/* c += alpha * a @ b: rows of b and c are contiguous. Blocks of b stay in the second-level cache
 * while all rows of a pass over them; four rows of c take in a row of b together. */
#define GTEN_DEFINE_PRODUCT(T)                                                                     \
  static void gten_product_##T (const GtenProduct *product)                                        \
  {                                                                                                \
    const T alpha = _Generic ((T) 0, int64_t: product->alpha.i, default: product->alpha.f);        \
    const int64_t row = product->a_strides[0], column = product->a_strides[1];                     \
                                                                                                   \
    for (int64_t k = 0; k < product->k; k += GTEN_PRODUCT_DEPTH)                                   \
      for (int64_t n = 0; n < product->n; n += GTEN_PRODUCT_WIDTH)                                 \
        {                                                                                          \
          const int64_t depth = GTEN_MIN (product->k - k, GTEN_PRODUCT_DEPTH);                     \
          const int64_t width = GTEN_MIN (product->n - n, GTEN_PRODUCT_WIDTH);                     \
          int64_t m = 0;                                                                           \
                                                                                                   \
          for (; m + 4 <= product->m; m += 4)                                                      \
            for (int64_t i = 0; i < depth; i++)                                                    \
              {                                                                                    \
                const T *a = (const T *) product->a + m * row + (k + i) * column;                  \
                const T *restrict b = (const T *) product->b + (k + i) * product->b_stride + n;    \
                T *restrict c = (T *) product->c + m * product->c_stride + n;                      \
                const T a0 = alpha * a[0], a1 = alpha * a[row], a2 = alpha * a[2 * row],           \
                        a3 = alpha * a[3 * row];                                                   \
                const int64_t next = product->c_stride;                                            \
                                                                                                   \
                _Pragma ("GCC ivdep")                                                              \
                for (int64_t j = 0; j < width; j++)                                                \
                  {                                                                                \
                    c[j] += a0 * b[j];                                                             \
                    c[next + j] += a1 * b[j];                                                      \
                    c[2 * next + j] += a2 * b[j];                                                  \
                    c[3 * next + j] += a3 * b[j];                                                  \
                  }                                                                                \
              }                                                                                    \
          for (; m < product->m; m++)                                                              \
            for (int64_t i = 0; i < depth; i++)                                                    \
              {                                                                                    \
                const T a0 = alpha * ((const T *) product->a)[m * row + (k + i) * column];         \
                const T *restrict b = (const T *) product->b + (k + i) * product->b_stride + n;    \
                T *restrict c = (T *) product->c + m * product->c_stride + n;                      \
                                                                                                   \
                for (int64_t j = 0; j < width; j++)                                                \
                  c[j] += a0 * b[j];                                                               \
              }                                                                                    \
        }                                                                                          \
  }

/* out[i] = the sum of weights[k] * from[i + offsets[k]]. */
#define GTEN_DEFINE_TAPS(T)                                                                        \
  static void gten_taps_##T (size_t n, void *out_, const void *from_, size_t n_taps, const ptrdiff_t *offsets,\
                             const void *weights_)                                                 \
  {                                                                                                \
    T *restrict out = out_;                                                                        \
    const T *from = from_, *w = weights_;                                                          \
    size_t tap = 0;                                                                                \
                                                                                                   \
    for (size_t i = 0; i < n; i++)                                                                 \
      out[i] = 0;                                                                                  \
    for (; tap + 3 <= n_taps; tap += 3)                                                            \
      {                                                                                            \
        const T *a = from + offsets[tap], *b = from + offsets[tap + 1], *c = from + offsets[tap + 2];\
        const T by_a = w[tap], by_b = w[tap + 1], by_c = w[tap + 2];                               \
                                                                                                   \
        for (size_t i = 0; i < n; i++)                                                             \
          out[i] += by_a * a[i] + by_b * b[i] + by_c * c[i];                                       \
      }                                                                                            \
    for (; tap < n_taps; tap++)                                                                    \
      {                                                                                            \
        const T *a = from + offsets[tap];                                                          \
        const T by_a = w[tap];                                                                     \
                                                                                                   \
        for (size_t i = 0; i < n; i++)                                                             \
          out[i] += by_a * a[i];                                                                   \
      }                                                                                            \
  }

#define GTEN_PRODUCT_DEPTH 64
#define GTEN_PRODUCT_WIDTH 512

GTEN_DEFINE_LINES (float)
GTEN_DEFINE_LINES (double)
GTEN_DEFINE_COLUMNS (float)
GTEN_DEFINE_COLUMNS (double)
GTEN_DEFINE_PRODUCT (float)
GTEN_DEFINE_PRODUCT (double)
GTEN_DEFINE_PRODUCT (int64_t)
GTEN_DEFINE_TAPS (float)
GTEN_DEFINE_TAPS (double)

#define GTEN_DEFINE_GATHERED_TAPS(T)                                                               \
  static inline __attribute__ ((always_inline)) void                                               \
    gten_gather_##T (size_t n, T *restrict out, const T *from, size_t n_taps, const int32_t *places, const T *weights)\
  {                                                                                                \
    for (size_t i = 0; i < n; i++)                                                                 \
      {                                                                                            \
        T sum = 0;                                                                                 \
                                                                                                   \
        _Pragma ("GCC unroll 4")                                                                   \
        for (size_t tap = 0; tap < n_taps; tap++)                                                  \
          sum += weights[tap * n + i] * from[places[tap * n + i]];                                 \
        out[i] = sum;                                                                              \
      }                                                                                            \
  }                                                                                                \
  static void gten_gathered_taps_##T (size_t n, void *out, const void *from, size_t n_taps,        \
                                      const int32_t *places, const void *weights)                  \
  {                                                                                                \
    if (n_taps == 1)                                                                               \
      gten_gather_##T (n, out, from, 1, places, weights);                                          \
    else if (n_taps == 2)                                                                          \
      gten_gather_##T (n, out, from, 2, places, weights);                                          \
    else if (n_taps == 4)                                                                          \
      gten_gather_##T (n, out, from, 4, places, weights);                                          \
    else                                                                                           \
      gten_gather_##T (n, out, from, n_taps, places, weights);                                     \
  }
GTEN_DEFINE_GATHERED_TAPS (float)
GTEN_DEFINE_GATHERED_TAPS (double)
