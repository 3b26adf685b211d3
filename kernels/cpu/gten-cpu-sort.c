/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sorting and top-k along one dimension.
 *
 * Every element becomes a key, an unsigned integer of its own size whose order is the one wanted:
 * signed integers have the sign bit flipped, floats are ordered by their bits with the negative
 * ones complemented, both zeros are one key and all NaNs are the largest one; for descending order
 * the key is complemented. Key and position together make a word
 *
 *   word = key << bits of a position | position
 *
 * of 64 bits (keys up to 32 bits) or 128 (keys of 64). Keys of 64 bits that all lie so close together
 * that their distance from the least one leaves room for the positions make words of 64 bits, too.
 * No two words are equal, so whatever sorts words sorts the elements stably, and the same functions
 * serve all dtypes: insertion for runs, merging for short lines, radix for long ones, radix
 * selection, which leaves the k smallest words in front, for top-k, and quick selection for a
 * single rank. */

#include "gten-cpu-elements.h"

#define RUN        16     /* insertion sorts runs of so many */
#define MOST_ROUNDS 64    /* of quick selection */
#define RADIX_FROM 2048   /* below, merging is faster than counting digits */
#define DIGIT_BITS 11
#define N_DIGITS   (1 << DIGIT_BITS)
#define MOST_DIGITS 6     /* of a key */

typedef unsigned __int128 Wide;
typedef uint64_t          Narrow;

#define DIGIT(word, shift) ((size_t) ((word) >> (shift)) & (N_DIGITS - 1))

/* -- words ---------------------------------------------------------------------------------------*/

#define DEFINE_SORTS(WORD)                                                                         \
  static void insertion_##WORD (WORD *words, int64_t n)                                            \
  {                                                                                                \
    for (int64_t i = 1; i < n; i++)                                                                \
      {                                                                                            \
        WORD word = words[i];                                                                      \
        int64_t j = i;                                                                             \
                                                                                                   \
        for (; j > 0 && words[j - 1] > word; j--)                                                  \
          words[j] = words[j - 1];                                                                 \
        words[j] = word;                                                                           \
      }                                                                                            \
  }                                                                                                \
                                                                                                   \
  /* Without branches on the data, which would be mispredicted half of the time. */                \
  static void merge_##WORD (WORD *to, const WORD *a, const WORD *a_end, const WORD *b,             \
                            const WORD *b_end)                                                     \
  {                                                                                                \
    while (a < a_end && b < b_end)                                                                 \
      {                                                                                            \
        bool second = *b < *a;                                                                     \
                                                                                                   \
        *to++ = second ? *b : *a;                                                                  \
        a += !second;                                                                              \
        b += second;                                                                               \
      }                                                                                            \
    memcpy (to, a, (size_t) (a_end - a) * sizeof (WORD));                                          \
    memcpy (to + (a_end - a), b, (size_t) (b_end - b) * sizeof (WORD));                            \
  }                                                                                                \
                                                                                                   \
  static WORD *merge_sort_##WORD (WORD *words, WORD *other, int64_t n)                             \
  {                                                                                                \
    for (int64_t i = 0; i < n; i += RUN)                                                           \
      insertion_##WORD (words + i, GTEN_MIN (RUN, n - i));                                         \
    for (int64_t width = RUN; width < n; width *= 2)                                               \
      {                                                                                            \
        WORD *from = words;                                                                        \
                                                                                                   \
        for (int64_t i = 0; i < n; i += 2 * width)                                                 \
          {                                                                                        \
            int64_t middle = GTEN_MIN (i + width, n), end = GTEN_MIN (i + 2 * width, n);           \
                                                                                                   \
            merge_##WORD (other + i, words + i, words + middle, words + middle, words + end);      \
          }                                                                                        \
        words = other;                                                                             \
        other = from;                                                                              \
      }                                                                                            \
    return words;                                                                                  \
  }                                                                                                \
                                                                                                   \
  /* By the key's digits only, the lowest first: the positions are in order already. */            \
  static WORD *radix_sort_##WORD (WORD *words, WORD *other, int64_t n, int position_bits, int key_bits)\
  {                                                                                                \
    int64_t all_starts[MOST_DIGITS][N_DIGITS];                                                     \
    const int n_rounds = (key_bits + DIGIT_BITS - 1) / DIGIT_BITS;                                 \
                                                                                                   \
    memset (all_starts, 0, (size_t) n_rounds * sizeof *all_starts);                                \
    for (int64_t i = 0; i < n; i++)                                                                \
      {                                                                                            \
        const uint64_t key = (uint64_t) (words[i] >> position_bits);                               \
                                                                                                   \
        for (int round = 0; round < n_rounds; round++)                                             \
          all_starts[round][DIGIT (key, round * DIGIT_BITS)]++;                                    \
      }                                                                                            \
    for (int round = 0; round < n_rounds; round++)                                                 \
      {                                                                                            \
        const int shift = position_bits + round * DIGIT_BITS;                                      \
        int64_t *starts = all_starts[round], start = 0;                                            \
        WORD *from = words;                                                                        \
                                                                                                   \
        if (starts[DIGIT (words[0], shift)] == n)                                                  \
          continue;                                                                                \
        for (int d = 0; d < N_DIGITS; d++)                                                         \
          {                                                                                        \
            int64_t count = starts[d];                                                             \
                                                                                                   \
            starts[d] = start;                                                                     \
            start += count;                                                                        \
          }                                                                                        \
        for (int64_t i = 0; i < n; i++)                                                            \
          other[starts[DIGIT (words[i], shift)]++] = words[i];                                     \
        words = other;                                                                             \
        other = from;                                                                              \
      }                                                                                            \
    return words;                                                                                  \
  }                                                                                                \
                                                                                                   \
  /* Moves the k smallest words to the front, in no order. Each round looks at one digit of */     \
  /* the words that may still be on either side: those below the digit of the k-th stay, those */  \
  /* above it are dropped. */                                                                      \
  static void select_##WORD (WORD *words, WORD *other, int64_t n, int64_t k, int bits)             \
  {                                                                                                \
    int64_t counts[N_DIGITS];                                                                      \
                                                                                                   \
    for (int shift = bits; shift > 0 && k > 0 && k < n;)                                           \
      {                                                                                            \
        int64_t below = 0, n_below = 0, n_equal = 0;                                               \
        size_t digit = 0;                                                                          \
                                                                                                   \
        shift = GTEN_MAX (shift - DIGIT_BITS, 0);                                                  \
        memset (counts, 0, sizeof counts);                                                         \
        for (int64_t i = 0; i < n; i++)                                                            \
          counts[DIGIT (words[i], shift)]++;                                                       \
        while (below + counts[digit] < k)                                                          \
          below += counts[digit++];                                                                \
        for (int64_t i = 0; i < n; i++)                                                            \
          {                                                                                        \
            WORD word = words[i];                                                                  \
            size_t its = DIGIT (word, shift);                                                      \
                                                                                                   \
            words[n_below] = word;                                                                 \
            n_below += its < digit;                                                                \
            other[n_equal] = word;                                                                 \
            n_equal += its == digit;                                                               \
          }                                                                                        \
        words += n_below;                                                                          \
        memcpy (words, other, (size_t) n_equal * sizeof (WORD));                                   \
        k -= n_below;                                                                              \
        n = n_equal;                                                                               \
      }                                                                                            \
  }                                                                                                \
                                                                                                   \
  /* The word of a rank: everything is parted at the middle one of three, again and again. What */ \
  /* leaves little behind too often goes to radix selection. */                                    \
  static WORD rank_##WORD (WORD *words, WORD *other, int64_t n, int64_t rank, int bits)            \
  {                                                                                                \
    for (int round = 0; n > RUN; round++)                                                          \
      {                                                                                            \
        WORD *last = words + n - 1, *middle = words + n / 2, pivot;                                \
        int64_t below = 0;                                                                         \
                                                                                                   \
        if (round == MOST_ROUNDS)                                                                  \
          {                                                                                        \
            select_##WORD (words, other, n, rank + 1, bits);                                       \
            n = rank + 1;                                                                          \
            for (int64_t i = 0; i < n; i++)                                                        \
              words[0] = GTEN_MAX (words[0], words[i]);                                            \
            return words[0];                                                                       \
          }                                                                                        \
        if ((*words < *middle) != (*middle < *last))                                               \
          middle = (*words < *last) == (*middle < *words) ? words : last;                          \
        pivot = *middle;                                                                           \
        *middle = *last;                                                                           \
        for (int64_t i = 0; i < n - 1; i++)                                                        \
          {                                                                                        \
            WORD word = words[i];                                                                  \
                                                                                                   \
            words[i] = words[below];                                                               \
            words[below] = word;                                                                   \
            below += word < pivot;                                                                 \
          }                                                                                        \
        if (rank == below)                                                                         \
          return pivot;                                                                            \
        *last = words[below];                                                                      \
        if (rank < below)                                                                          \
          n = below;                                                                               \
        else                                                                                       \
          {                                                                                        \
            words += below + 1;                                                                    \
            n -= below + 1;                                                                        \
            rank -= below + 1;                                                                     \
          }                                                                                        \
      }                                                                                            \
    insertion_##WORD (words, n);                                                                   \
    return words[rank];                                                                            \
  }                                                                                                \
                                                                                                   \
  /* The k smallest of n words in order, in `words` or in `other`. */                              \
  static WORD *sort_##WORD (WORD *words, WORD *other, int64_t n, int64_t k, int position_bits, int key_bits)\
  {                                                                                                \
    if (k < n)                                                                                     \
      select_##WORD (words, other, n, k, position_bits + key_bits);                                \
    if (k < RADIX_FROM)                                                                            \
      return merge_sort_##WORD (words, other, k);                                                  \
    /* Selection keeps the positions of equal keys in order, on which radix sorting relies. */     \
    return radix_sort_##WORD (words, other, k, position_bits, key_bits);                           \
  }

DEFINE_SORTS (Narrow)
DEFINE_SORTS (Wide)

/* -- keys ----------------------------------------------------------------------------------------*/

static inline uint64_t
key_of_integer (int64_t x, int bits)
{
  return (uint64_t) x ^ (uint64_t) 1 << (bits - 1);
}

/* `infinity` is the bits of infinity: what is above without its sign is a NaN. All in the element's
 * own size, signed, and without branches, for vector code. */
#define DEFINE_KEY_OF_FLOAT(UNSIGNED, SIGNED)                                                      \
  static inline UNSIGNED key_of_float_##UNSIGNED (UNSIGNED x, SIGNED infinity)                     \
  {                                                                                                \
    UNSIGNED sign = (UNSIGNED) ((UNSIGNED) 1 << (8 * sizeof (UNSIGNED) - 1));                      \
    SIGNED magnitude = (SIGNED) (x & (UNSIGNED) ~sign);                                            \
    UNSIGNED negative = (UNSIGNED) ((SIGNED) x >> (8 * sizeof (UNSIGNED) - 1));                    \
    UNSIGNED key = x ^ (negative | sign);                                                          \
                                                                                                   \
    key = magnitude == 0 ? sign : key;                                                             \
    return magnitude > infinity ? (UNSIGNED) ~(UNSIGNED) 0 : key;                                  \
  }
DEFINE_KEY_OF_FLOAT (uint16_t, int16_t)
DEFINE_KEY_OF_FLOAT (uint32_t, int32_t)
DEFINE_KEY_OF_FLOAT (uint64_t, int64_t)

#define KEY_UNSIGNED(x)      (x)
#define KEY_INT8(x)          key_of_integer ((int8_t) (x), 8)
#define KEY_INT16(x)         key_of_integer ((int16_t) (x), 16)
#define KEY_INT32(x)         key_of_integer ((int32_t) (x), 32)
#define KEY_INT64(x)         key_of_integer ((int64_t) (x), 64)
#define KEY_FLOAT16(x)       key_of_float_uint16_t ((x), 0x7c00)
#define KEY_BFLOAT16(x)      key_of_float_uint16_t ((x), 0x7f80)
#define KEY_FLOAT32(x)       key_of_float_uint32_t ((x), 0x7f800000)
#define KEY_FLOAT64(x)       key_of_float_uint64_t ((x), 0x7ff0000000000000)

#define DEFINE_LOAD(WORD, POSITION_BITS)                                                           \
  static void load_##WORD (WORD *words, int64_t begin, int64_t end, const void *from,              \
                           GtenKDtype dtype, int64_t stride, bool descending)                      \
  {                                                                                                \
    int bits = 8 * (int) gten_element_size (dtype);                                                \
    uint64_t mask = ~(uint64_t) 0 >> (64 - bits), flip = descending ? mask : 0;                    \
                                                                                                   \
    switch (dtype)                                                                                 \
      {                                                                                            \
        LOAD (WORD, POSITION_BITS, GTEN_K_INT8, uint8_t, KEY_INT8)                                 \
        LOAD (WORD, POSITION_BITS, GTEN_K_INT16, uint16_t, KEY_INT16)                              \
        LOAD (WORD, POSITION_BITS, GTEN_K_INT32, uint32_t, KEY_INT32)                              \
        LOAD (WORD, POSITION_BITS, GTEN_K_INT64, uint64_t, KEY_INT64)                              \
        LOAD (WORD, POSITION_BITS, GTEN_K_FLOAT16, uint16_t, KEY_FLOAT16)                          \
        LOAD (WORD, POSITION_BITS, GTEN_K_BFLOAT16, uint16_t, KEY_BFLOAT16)                        \
        LOAD (WORD, POSITION_BITS, GTEN_K_FLOAT32, uint32_t, KEY_FLOAT32)                          \
        LOAD (WORD, POSITION_BITS, GTEN_K_FLOAT64, uint64_t, KEY_FLOAT64)                          \
      default:                                                                                     \
        LOAD (WORD, POSITION_BITS, GTEN_K_UINT8, uint8_t, KEY_UNSIGNED)                            \
      }                                                                                            \
  }
#define LOAD(WORD, POSITION_BITS, DTYPE, STORED, KEY)                                              \
  case DTYPE:                                                                                      \
    for (int64_t i = begin; i < end; i++)                                                          \
      *words++ = (WORD) ((KEY (((const STORED *) from)[i * stride]) & mask) ^ flip)                \
                     << POSITION_BITS                                                              \
                 | (WORD) i;                                                                       \
    break;

DEFINE_LOAD (Narrow, 32)
DEFINE_LOAD (Wide, 64)

/* -- keys that lie close together ----------------------------------------------------------------*/

static inline uint64_t
wide_key (const uint64_t *from, GtenKDtype dtype, uint64_t flip)
{
  return (dtype == GTEN_K_INT64 ? KEY_INT64 (*from) : KEY_FLOAT64 (*from)) ^ flip;
}

/* How the words of a line are made of keys: word = (key - base) << position_bits | position. */
typedef struct
{
  int      position_bits, key_bits;
  uint64_t base;
} Packing;

/* False if the keys of a line are too far apart for 64 bits. */
static bool
pack (Packing *self, int64_t n, const uint64_t *from, GtenKDtype dtype, int64_t stride, uint64_t flip)
{
  uint64_t least = ~(uint64_t) 0, most = 0;

  for (int64_t i = 0; i < n; i++)
    {
      const uint64_t key = wide_key (from + i * stride, dtype, flip);

      least = GTEN_MIN (least, key);
      most = GTEN_MAX (most, key);
    }
  self->base = least;
  self->position_bits = n > 1 ? 64 - __builtin_clzll ((uint64_t) n - 1) : 1;
  self->key_bits = most > least ? 64 - __builtin_clzll (most - least) : 1;
  return self->position_bits + self->key_bits <= 64;
}

/* -- lines ---------------------------------------------------------------------------------------*/

typedef struct
{
  const GtenKArray *input, *values, *indices;
  int64_t           n, k, input_stride, values_stride, indices_stride;
  bool              descending;
} Sort;

/* For a k that is small beside n: candidates for the top k. Only words below a bound are kept;
 * whenever there are too many, the k smallest of them stay and lower the bound, so that soon almost
 * every word is passed over. */
#define CHUNK 128

#define DEFINE_CANDIDATES(WORD)                                                                    \
  static int64_t candidates_##WORD (const Sort *sort, const char *from, WORD *words, WORD *other)  \
  {                                                                                                \
    GtenKDtype dtype = sort->input->dtype;                                                         \
    int64_t count = 0, most = GTEN_MAX (2 * sort->k, CHUNK);                                       \
    WORD bound = ~(WORD) 0;                                                                        \
                                                                                                   \
    for (int64_t begin = 0; begin < sort->n; begin += CHUNK)                                       \
      {                                                                                            \
        int64_t end = GTEN_MIN (begin + CHUNK, sort->n);                                           \
                                                                                                   \
        load_##WORD (other, begin, end, from, dtype, sort->input_stride, sort->descending);        \
        for (int64_t i = 0; i < end - begin; i++)                                                  \
          {                                                                                        \
            words[count] = other[i];                                                               \
            count += other[i] < bound;                                                             \
          }                                                                                        \
        if (count <= most)                                                                         \
          continue;                                                                                \
        select_##WORD (words, other, count, sort->k, 8 * (int) (gten_element_size (dtype) + sizeof (WORD) / 2));\
        count = sort->k;                                                                           \
        bound = 0;                                                                                 \
        for (int64_t i = 0; i < count; i++)                                                        \
          bound = GTEN_MAX (bound, words[i]);                                                      \
      }                                                                                            \
    return count;                                                                                  \
  }

DEFINE_CANDIDATES (Narrow)
DEFINE_CANDIDATES (Wide)

/* The words of a line of keys of up to 32 bits, or of 64 bits that lie close together. */
static void
fill_Narrow (const Sort *sort, const char *from, const Packing *packing, Narrow *words)
{
  const GtenKDtype dtype = sort->input->dtype;
  const uint64_t flip = sort->descending ? ~(uint64_t) 0 : 0;

  if (gten_element_size (dtype) < 8)
    load_Narrow (words, 0, sort->n, from, dtype, sort->input_stride, sort->descending);
  else
    for (int64_t i = 0; i < sort->n; i++)
      words[i] = (wide_key ((const uint64_t *) from + i * sort->input_stride, dtype, flip) - packing->base)
                   << packing->position_bits
                 | (Narrow) i;
}

static void
fill_Wide (const Sort *sort, const char *from, const Packing *packing, Wide *words)
{
  load_Wide (words, 0, sort->n, from, sort->input->dtype, sort->input_stride, sort->descending);
}

/* Few of many are chosen among candidates. */
static bool
has_candidates (const Sort *sort)
{
  return sort->n >= 4 * CHUNK && sort->k <= sort->n / 8;
}

#define DEFINE_LINE(WORD)                                                                          \
  static void sort_line_##WORD (const Sort *sort, const Packing *packing, const char *from, char *values,\
                                int64_t *indices, WORD *words)                                     \
  {                                                                                                \
    const WORD positions = ((WORD) 1 << packing->position_bits) - 1;                               \
    WORD *other = words + sort->n;                                                                 \
    int64_t count = sort->n;                                                                       \
    const WORD *sorted;                                                                            \
                                                                                                   \
    if (has_candidates (sort))                                                                     \
      count = candidates_##WORD (sort, from, words, other);                                        \
    else                                                                                           \
      fill_##WORD (sort, from, packing, words);                                                    \
    sorted = sort_##WORD (words, other, count, sort->k, packing->position_bits, packing->key_bits); \
    if (indices != NULL)                                                                           \
      for (int64_t i = 0; i < sort->k; i++)                                                        \
        indices[i * sort->indices_stride] = (int64_t) (sorted[i] & positions);                     \
    if (values == NULL)                                                                            \
      return;                                                                                      \
    GTEN_SWITCH_SIZE (gten_element_size (sort->input->dtype), MOVE)                                \
  }
#define MOVE(STORED)                                                                               \
  for (int64_t i = 0; i < sort->k; i++)                                                            \
    ((STORED *) values)[i * sort->values_stride]                                                   \
        = ((const STORED *) from)[(int64_t) (sorted[i] & positions) * sort->input_stride];

DEFINE_LINE (Narrow)
DEFINE_LINE (Wide)

/* -- one rank ------------------------------------------------------------------------------------*/

static bool
is_nan (const char *at, GtenKDtype dtype)
{
  switch (dtype)
    {
    case GTEN_K_FLOAT16:
      return *(const _Float16 *) at != *(const _Float16 *) at;
    case GTEN_K_BFLOAT16:
      return (*(const uint16_t *) at & 0x7fff) > 0x7f80;
    case GTEN_K_FLOAT32:
      return *(const float *) at != *(const float *) at;
    case GTEN_K_FLOAT64:
      return *(const double *) at != *(const double *) at;
    default:
      return false;
    }
}

/* NaN sorts last: a median that knows it is the first of them, where there is any; one that ignores it is in the middle
 * of the others. */
static int64_t
rank_of_median (const Sort *sort, const char *from, bool ignores_nan)
{
  const GtenKDtype dtype = sort->input->dtype;
  const int64_t step = sort->input_stride * (int64_t) gten_element_size (dtype);
  int64_t numbers = sort->n;

  if (dtype >= GTEN_K_FLOAT16 && dtype <= GTEN_K_FLOAT64)
    for (int64_t i = 0; i < sort->n; i++)
      numbers -= is_nan (from + i * step, dtype);
  return numbers < sort->n && !ignores_nan ? numbers : GTEN_MAX (numbers - 1, 0) / 2;
}

#define DEFINE_SELECT_LINE(WORD)                                                                   \
  static int64_t select_line_##WORD (const Sort *sort, const Packing *packing, const char *from,   \
                                     int64_t rank, WORD *words)                                    \
  {                                                                                                \
    fill_##WORD (sort, from, packing, words);                                                      \
    return (int64_t) (rank_##WORD (words, words + sort->n, sort->n, rank,                          \
                                   packing->position_bits + packing->key_bits)                     \
                      & (((WORD) 1 << packing->position_bits) - 1));                               \
  }

DEFINE_SELECT_LINE (Narrow)
DEFINE_SELECT_LINE (Wide)

/* -- the entries ---------------------------------------------------------------------------------*/

static bool
needs_wide (const GtenKArray *input, int64_t n)
{
  return gten_element_size (input->dtype) == 8 || n > UINT32_MAX;
}

static size_t
line_workspace (const GtenKArray *input, int64_t n)
{
  return 2 * (size_t) n * (needs_wide (input, n) ? sizeof (Wide) : sizeof (Narrow));
}

size_t
gten_cpu_sort_workspace (const GtenKArray *input, int dim)
{
  int64_t n = gten_line_size (input, dim);
  int64_t n_lines = n == 0 ? 0 : gten_count (input) / n;

  return (size_t) GTEN_MIN (n_lines, gten_most_threads ()) * line_workspace (input, n);
}

typedef struct
{
  const Sort *sort;
  GtenWalk    lines;
  char       *workspace;
  bool        is_selection;
  GtenKSelect which;
} SortLines;

static void
sort_line (const SortLines *self, const GtenWalk *line, void *words)
{
  const Sort *sort = self->sort;
  const char *from = line->at[0];
  const size_t size = gten_element_size (sort->input->dtype);
  Packing packing = { 32, 8 * (int) size, 0 };
  bool wide = needs_wide (sort->input, sort->n);
  int64_t rank, found;

  if (wide && (size < 8 || (!self->is_selection && has_candidates (sort))
               || !pack (&packing, sort->n, (const uint64_t *) from, sort->input->dtype, sort->input_stride,
                         sort->descending ? ~(uint64_t) 0 : 0)))
    packing = (Packing) { 64, 8 * (int) size, 0 };
  else
    wide = false;
  if (!self->is_selection)
    {
      if (wide)
        sort_line_Wide (sort, &packing, from, line->at[1], (int64_t *) line->at[2], words);
      else
        sort_line_Narrow (sort, &packing, from, line->at[1], (int64_t *) line->at[2], words);
      return;
    }
  rank = self->which == GTEN_K_SELECT_RANK ? sort->k
                                           : rank_of_median (sort, from, self->which == GTEN_K_SELECT_NANMEDIAN);
  found = wide ? select_line_Wide (sort, &packing, from, rank, words)
               : select_line_Narrow (sort, &packing, from, rank, words);
  *(int64_t *) line->at[2] = found;
  memcpy (line->at[1], from + found * sort->input_stride * (int64_t) size, size);
}

static void
sort_work (void *data, int thread, int n_threads)
{
  const SortLines *self = data;
  GtenWalk lines = self->lines;
  void *words = self->workspace + (size_t) thread * line_workspace (self->sort->input, self->sort->n);
  int64_t end = gten_share (lines.n_positions, thread + 1, n_threads);
  int64_t line = gten_share (lines.n_positions, thread, n_threads);

  for (gten_walk_seek (&lines, line); line < end; line++, gten_walk_next (&lines))
    sort_line (self, &lines, words);
}

static GtenKStatus
sort_lines (SortLines *self, int dim)
{
  const Sort *sort = self->sort;

  gten_walk_init (&self->lines, sort->input->n_dims, sort->input->sizes, dim);
  gten_walk_add (&self->lines, sort->input);
  gten_walk_add (&self->lines, sort->values);
  gten_walk_add (&self->lines, sort->indices);
  if (sort->n > 0 && self->lines.n_positions > 0)
    gten_parallel_parts (self->lines.n_positions, self->lines.n_positions * sort->n, 16, sort_work, self);
  return GTEN_K_OK;
}

static Sort
sort_of (const GtenKArray *input, int dim, const GtenKArray *values, const GtenKArray *indices, int64_t k,
         bool descending)
{
  return (Sort) { input, values, indices, gten_line_size (input, dim), k, gten_line_stride (input, dim),
                  gten_line_stride (values, dim), gten_line_stride (indices, dim), descending };
}

GtenKStatus
gten_cpu_sort (int device, const GtenKArray *input, int dim, bool descending, bool stable,
               int64_t k, const GtenKArray *values, const GtenKArray *indices, void *workspace)
{
  const Sort sort = sort_of (input, dim, values, indices, k, descending);
  SortLines self = { .sort = &sort, .workspace = workspace };

  return k == 0 ? GTEN_K_OK : sort_lines (&self, dim);
}

GtenKStatus
gten_cpu_select (int device, GtenKSelect which, const GtenKArray *input, int dim, int64_t rank,
                 const GtenKArray *values, const GtenKArray *indices, void *workspace)
{
  const Sort sort = sort_of (input, dim, values, indices, rank, false);
  SortLines self = { .sort = &sort, .workspace = workspace, .is_selection = true, .which = which };

  return sort_lines (&self, dim);
}
