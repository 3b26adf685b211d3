/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The passes of normalisations over contiguous elements, as GtenNormPasses says. Sums go in GTEN_NORM_LANES lanes,
 * which are added to a wider sum every GTEN_LINE_SEGMENT elements. Included once by the file built per instruction
 * set, after the lines of softmax. */
#pragma once

#define GTEN_NORM_LANES 64

/* The sums of n elements' `value`, an expression of i, added to `total`. */
#define GTEN_NORM_SUM(T, n, total, value)                                                          \
  for (size_t begin = 0; begin < (n); begin += GTEN_LINE_SEGMENT)                                  \
    {                                                                                              \
      const size_t end = GTEN_MIN (begin + GTEN_LINE_SEGMENT, (n));                                \
      T lanes[GTEN_NORM_LANES] = { 0 };                                                            \
      size_t at = begin;                                                                           \
                                                                                                   \
      for (; at + GTEN_NORM_LANES <= end; at += GTEN_NORM_LANES)                                   \
        for (size_t lane = 0; lane < GTEN_NORM_LANES; lane++)                                      \
          {                                                                                        \
            const size_t i = at + lane;                                                            \
                                                                                                   \
            lanes[lane] += (value);                                                                \
          }                                                                                        \
      for (size_t i = at; i < end; i++)                                                            \
        lanes[i - at] += (value);                                                                  \
      for (size_t half = GTEN_NORM_LANES / 2; half > 0; half /= 2)                                 \
        for (size_t lane = 0; lane < half; lane++)                                                 \
          lanes[lane] += lanes[lane + half];                                                       \
      total += (double) lanes[0];                                                                  \
    }

#define GTEN_DEFINE_NORM_PASSES(T)                                                                 \
  static double gten_norm_sum_##T (size_t n, const void *x_)                                       \
  {                                                                                                \
    const T *x = x_;                                                                               \
    double total = 0;                                                                              \
                                                                                                   \
    GTEN_NORM_SUM (T, n, total, x[i])                                                              \
    return total;                                                                                  \
  }                                                                                                \
  static double gten_norm_spread_##T (size_t n, const void *x_, double mean_)                      \
  {                                                                                                \
    const T *x = x_, mean = (T) mean_;                                                             \
    double total = 0;                                                                              \
                                                                                                   \
    GTEN_NORM_SUM (T, n, total, (x[i] - mean) * (x[i] - mean))                                     \
    return total;                                                                                  \
  }                                                                                                \
  static void gten_norm_scale_##T (size_t n, void *out_, const void *x_, double mean_, double factor_, double shift_)\
  {                                                                                                \
    const T *x = x_, mean = (T) mean_, factor = (T) factor_, shift = (T) shift_;                   \
    T *out = out_;                                                                                 \
                                                                                                   \
    _Pragma ("GCC ivdep")                                                                          \
    for (size_t i = 0; i < n; i++)                                                                 \
      out[i] = (x[i] - mean) * factor + shift;                                                     \
  }                                                                                                \
  static void gten_norm_scale_by_channel_##T (size_t n, void *out_, const void *x_, double mean_, double factor_,\
                                              const void *weight_, const void *bias_)              \
  {                                                                                                \
    const T *x = x_, mean = (T) mean_, factor = (T) factor_, *weight = weight_, *bias = bias_;     \
    T *out = out_;                                                                                 \
                                                                                                   \
    if (weight != NULL && bias != NULL)                                                            \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (size_t i = 0; i < n; i++)                                                             \
          out[i] = (x[i] - mean) * factor * weight[i] + bias[i];                                   \
      }                                                                                            \
    else if (weight != NULL)                                                                       \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (size_t i = 0; i < n; i++)                                                             \
          out[i] = (x[i] - mean) * factor * weight[i];                                             \
      }                                                                                            \
    else if (bias != NULL)                                                                         \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (size_t i = 0; i < n; i++)                                                             \
          out[i] = (x[i] - mean) * factor + bias[i];                                               \
      }                                                                                            \
    else                                                                                           \
      gten_norm_scale_##T (n, out_, x_, mean_, factor_, 0);                                        \
  }                                                                                                \
  static void gten_norm_gradient_sums_##T (size_t n, double *sums, const void *grad_, const void *x_, double mean_,\
                                           double factor_, const void *weight_)                    \
  {                                                                                                \
    const T *grad = grad_, *x = x_, mean = (T) mean_, factor = (T) factor_, *weight = weight_;     \
    double first = 0, second = 0;                                                                  \
                                                                                                   \
    if (weight != NULL)                                                                            \
      {                                                                                            \
        GTEN_NORM_SUM (T, n, first, grad[i] * weight[i])                                           \
        GTEN_NORM_SUM (T, n, second, grad[i] * weight[i] * ((x[i] - mean) * factor))               \
      }                                                                                            \
    else                                                                                           \
      {                                                                                            \
        GTEN_NORM_SUM (T, n, first, grad[i])                                                       \
        GTEN_NORM_SUM (T, n, second, grad[i] * ((x[i] - mean) * factor))                           \
      }                                                                                            \
    sums[0] += first;                                                                              \
    sums[1] += second;                                                                             \
  }                                                                                                \
  static void gten_norm_gradient_##T (size_t n, void *out_, const void *grad_, const void *x_, double mean_,\
                                      double factor_, double a_, double b_, double one_weight, const void *weight_)\
  {                                                                                                \
    const T *grad = grad_, *x = x_, mean = (T) mean_, factor = (T) factor_, *weight = weight_;     \
    const T a = (T) a_, b = (T) b_, one = (T) one_weight;                                          \
    T *out = out_;                                                                                 \
                                                                                                   \
    if (weight != NULL)                                                                            \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (size_t i = 0; i < n; i++)                                                             \
          out[i] = factor * (grad[i] * weight[i] - a - (x[i] - mean) * factor * b);                \
      }                                                                                            \
    else                                                                                           \
      {                                                                                            \
        _Pragma ("GCC ivdep")                                                                      \
        for (size_t i = 0; i < n; i++)                                                             \
          out[i] = factor * (grad[i] * one - a - (x[i] - mean) * factor * b);                      \
      }                                                                                            \
  }                                                                                                \
  static void gten_norm_gradient_of_channels_##T (size_t n, void *weights_, void *biases_, const void *grad_,\
                                                  const void *x_, double mean_, double factor_)    \
  {                                                                                                \
    const T *grad = grad_, *x = x_, mean = (T) mean_, factor = (T) factor_;                        \
    T *restrict weights = weights_, *restrict biases = biases_;                                    \
                                                                                                   \
    for (size_t i = 0; i < n; i++)                                                                 \
      {                                                                                            \
        weights[i] += grad[i] * ((x[i] - mean) * factor);                                          \
        biases[i] += grad[i];                                                                      \
      }                                                                                            \
  }

GTEN_DEFINE_NORM_PASSES (float)
GTEN_DEFINE_NORM_PASSES (double)

#define GTEN_NORM_PASSES_OF(T)                                                                     \
  {                                                                                                \
    gten_norm_sum_##T, gten_norm_spread_##T, gten_norm_scale_##T, gten_norm_scale_by_channel_##T,  \
    gten_norm_gradient_sums_##T, gten_norm_gradient_##T, gten_norm_gradient_of_channels_##T        \
  }
