/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gather and scatter: `index` replaces the position along one dimension,
 *
 *   gather:   out[.., p, .., j] = input[.., index[.., p, .., j], .., j]
 *   scatter:  out[.., index[.., p, .., j], .., j] gets src[.., p, .., j]
 *
 * A thread takes an element of the index; the indexed array takes part in the walk with a stride of 0 along
 * `dim`. Elements that meet are combined by atomic operations, so that floating sums depend on the order in which they
 * come, as PyTorch's do. */
#include "gten-cuda-lines.h"

/* The indexed array, the index, the other array. */
typedef GtenLayout<3> Layout;

typedef struct
{
  int64_t along, bound;   /* the indexed array's stride along the dimension, and its size */
  int     dim;
} Along;

/* False if the index is out of range, which is reported. */
static __device__ __forceinline__ bool
is_good (int64_t index, const Along &along, uint32_t position, const GtenCudaReporter &reporter)
{
  if ((uint64_t) index < (uint64_t) along.bound)
    return true;
  gten_cuda_report (reporter, GTEN_K_BAD_INDEX, index, along.bound, position, along.dim);
  return false;
}

template <typename Stored>
static __global__ void
gather (Layout layout, uint32_t n, Along along, const Stored *from, const int64_t *index, Stored *to,
        GtenCudaReporter reporter)
{
  GTEN_CUDA_EACH (i, n)
    {
      int64_t offsets[3], chosen;

      gten_locate (layout, i, offsets);
      chosen = index[offsets[1]];
      if (is_good (chosen, along, i, reporter))
        to[offsets[2]] = from[offsets[0] + chosen * along.along];
    }
}

/* Strides and the walk of both. */
template <typename Part>
static void
each_part (const GtenKArray *indexed, int dim, const GtenKArray *index, const GtenKArray *other, Part part)
{
  int64_t still[GTEN_K_MAX_DIMS];
  const int64_t *const strides[3] = { still, index->strides, gten_strides_of (other) };
  const Along along = { gten_line_stride (indexed, dim), gten_line_size (indexed, dim), dim };

  for (int d = 0; d < indexed->n_dims; d++)
    still[d] = d == dim ? 0 : indexed->strides[d];
  gten_cuda_each_part (index->n_dims, index->sizes, -1, strides,
                       [&] (const Layout &layout, int64_t n, const int64_t (&begins)[3]) {
                         part (layout, n, along, begins);
                       });
}

GtenKStatus
gten_cuda_gather (int device, const GtenKArray *input, int dim, const GtenKArray *index,
                  const GtenKArray *out, GtenKFault *fault)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  each_part (input, dim, index, out, [&] (const Layout &layout, int64_t n, const Along &along, const int64_t *begins) {
    GTEN_CUDA_SWITCH_SIZE (gten_cuda_size (input->dtype), {
      gten_cuda_launch (queue, gten_cuda_grid (queue, n), GTEN_CUDA_THREADS, gather<Stored>, layout, (uint32_t) n, along,
                        (const Stored *) input->data + begins[0], (const int64_t *) index->data + begins[1],
                        (Stored *) out->data + begins[2], queue->reporter);
    })
  });
  return gten_cuda_leave (queue, fault);
}

/* -- scatter -------------------------------------------------------------------------------------*/

template <GtenKScatter kind, typename T>
static __device__ __forceinline__ T
combine (T old, T x)
{
  if constexpr (kind == GTEN_K_SCATTER_ADD)
    return old + x;
  else if constexpr (kind == GTEN_K_SCATTER_PROD)
    return old * x;
  else if constexpr (kind == GTEN_K_SCATTER_MAX)
    return x > old || gten_isnan (x) ? x : old;
  else
    return x < old || gten_isnan (x) ? x : old;
}

/* Compares and swaps the aligned word around an element until nobody came between. */
template <GtenKScatter kind, typename Stored, typename T>
static __device__ __forceinline__ void
update (Stored *at, T x)
{
  typedef std::conditional_t<sizeof (Stored) == 8, unsigned long long, unsigned> Word;
  const uintptr_t address = (uintptr_t) at, inside = address % sizeof (Word);
  Word *word = (Word *) (address - inside);
  Word seen = *word, expected;

  do
    {
      Stored element;
      Word changed = seen;

      memcpy (&element, (char *) &seen + inside, sizeof element);
      element = gten_encode<Stored> (combine<kind> (gten_decode<T> (element), x));
      memcpy ((char *) &changed + inside, &element, sizeof element);
      expected = seen;
      seen = atomicCAS (word, expected, changed);
    }
  while (seen != expected);
}

template <GtenKScatter kind, typename Stored, typename T>
static __device__ __forceinline__ void
put (Stored *at, T x)
{
  if constexpr (kind == GTEN_K_SCATTER_ADD && (std::is_same_v<Stored, float> || std::is_same_v<Stored, double>))
    atomicAdd (at, x);
  else if constexpr (kind == GTEN_K_SCATTER_ADD && std::is_same_v<Stored, int32_t>)
    atomicAdd (at, (int32_t) x);
  else if constexpr (kind == GTEN_K_SCATTER_ADD && std::is_same_v<Stored, int64_t>)
    atomicAdd ((unsigned long long *) at, (unsigned long long) x);
  else
    update<kind> (at, x);
}

/* `from` is NULL when `value` is scattered. */
template <typename Stored, typename T>
static __global__ void
scatter_elements (Layout layout, uint32_t n, Along along, Stored *to, const int64_t *index, const Stored *from, T value,
                  GtenCudaReporter reporter)
{
  GTEN_CUDA_EACH (i, n)
    {
      int64_t offsets[3], chosen;

      gten_locate (layout, i, offsets);
      chosen = index[offsets[1]];
      if (is_good (chosen, along, i, reporter))
        to[offsets[0] + chosen * along.along] = from == NULL ? gten_encode<Stored> (value) : from[offsets[2]];
    }
}

template <GtenKScatter kind, typename Stored, typename T>
static __global__ void
scatter (Layout layout, uint32_t n, Along along, Stored *to, const int64_t *index, const Stored *from, T value,
         GtenCudaReporter reporter)
{
  GTEN_CUDA_EACH (i, n)
    {
      int64_t offsets[3], chosen;

      gten_locate (layout, i, offsets);
      chosen = index[offsets[1]];
      if (is_good (chosen, along, i, reporter))
        put<kind> (to + offsets[0] + chosen * along.along, from == NULL ? value : gten_decode<T> (from[offsets[2]]));
    }
}

template <typename Stored, typename T>
static void
launch_scatter (GtenCudaQueue *queue, GtenKScatter kind, const Layout &layout, int64_t n, const Along &along, Stored *to,
                const int64_t *index, const Stored *from, T value)
{
  void (*kernel) (Layout, uint32_t, Along, Stored *, const int64_t *, const Stored *, T, GtenCudaReporter)
      = kind == GTEN_K_SCATTER_ASSIGN ? scatter_elements<Stored, T>
        : kind == GTEN_K_SCATTER_ADD  ? scatter<GTEN_K_SCATTER_ADD, Stored, T>
        : kind == GTEN_K_SCATTER_PROD ? scatter<GTEN_K_SCATTER_PROD, Stored, T>
        : kind == GTEN_K_SCATTER_MAX  ? scatter<GTEN_K_SCATTER_MAX, Stored, T>
                                      : scatter<GTEN_K_SCATTER_MIN, Stored, T>;

  gten_cuda_launch (queue, gten_cuda_grid (queue, n), GTEN_CUDA_THREADS, kernel, layout, (uint32_t) n, along, to, index,
                    from, value, queue->reporter);
}

GtenKStatus
gten_cuda_scatter (int device, GtenKScatter kind, const GtenKArray *out, int dim, const GtenKArray *index,
                   const GtenKArray *src, GtenKScalar value, GtenKFault *fault)
{
  GtenCudaQueue *queue = gten_cuda_enter (device);

  if (queue == NULL)
    return gten_cuda_status ();
  each_part (out, dim, index, src, [&] (const Layout &layout, int64_t n, const Along &along, const int64_t *begins) {
    GTEN_CUDA_SWITCH_DTYPE (out->dtype, {
      const Stored *from = (const Stored *) gten_data_of (src);

      launch_scatter (queue, kind, layout, n, along, (Stored *) out->data + begins[0],
                      (const int64_t *) index->data + begins[1], from == NULL ? NULL : from + begins[2],
                      std::is_integral_v<T> ? (T) value.i : (T) value.f);
    })
  });
  return gten_cuda_leave (queue, fault);
}
