/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Products that are permutations and reshapes around a matrix product: inner, tensordot, kron,
 * einsum. */
#include "ops/gten-run-private.h"

#include <string.h>

/* Sums products over the dimensions `a_dims` of one tensor and `b_dims` of the other; what is left
 * of both follows in order. */
static GtenTensor *
contract (GtenTensor *a, const gint64 *a_dims, GtenTensor *b, const gint64 *b_dims, guint n,
          GError **error)
{
  gint64 a_order[GTEN_MAX_DIMS] = { 0 }, b_order[GTEN_MAX_DIMS] = { 0 }, sizes[2 * GTEN_MAX_DIMS],
         rows = 1, columns = 1, inner = 1;
  guint64 a_summed = 0, b_summed = 0;
  guint n_a = 0, n_b = 0, n_sizes = 0;
  g_autoptr (GtenTensor) a_summed_first = NULL, b_summed_first = NULL;
  g_autoptr (GtenTensor) a_moved = NULL, b_moved = NULL, a2 = NULL, b2 = NULL, product = NULL;

  for (guint i = 0; i < n; i++)
    {
      int da = gten_wrap_dim (a_dims[i], a->n_dims, error),
          db = da < 0 ? -1 : gten_wrap_dim (b_dims[i], b->n_dims, error);

      if (db < 0)
        return NULL;
      if ((a_summed >> da & 1) || (b_summed >> db & 1))
        {
          gten_call_fail (error, GTEN_ERROR_SHAPE,
                          "dim %d appears multiple times in the list of dims",
                          a_summed >> da & 1 ? da : db);
          return NULL;
        }
      /* A size of one fits any: the other's elements are summed. */
      if (a->n_dims > 0 && b->n_dims > 0 && gten_size (a, da) != 1 && gten_size (b, db) == 1)
        {
          GtenTensor *sum = gten_apply_sum (a, (const gint64[]){ da }, 1, TRUE,
                                            (GtenDtype) a->dtype, error);

          g_clear_object (&a_summed_first);
          a = a_summed_first = sum;
        }
      else if (a->n_dims > 0 && b->n_dims > 0 && gten_size (a, da) == 1 && gten_size (b, db) != 1)
        {
          GtenTensor *sum = gten_apply_sum (b, (const gint64[]){ db }, 1, TRUE,
                                            (GtenDtype) b->dtype, error);

          g_clear_object (&b_summed_first);
          b = b_summed_first = sum;
        }
      if (a == NULL || b == NULL)
        return NULL;
      if (a->n_dims > 0 && b->n_dims > 0 && gten_size (a, da) != gten_size (b, db))
        {
          gten_call_fail (
              error, GTEN_ERROR_SHAPE,
              "contracted dimensions need to match, but first has size %" G_GINT64_FORMAT
              " in dim %d and second has size %" G_GINT64_FORMAT " in dim %d",
              gten_size (a, da), da, gten_size (b, db), db);
          return NULL;
        }
      a_summed |= G_GUINT64_CONSTANT (1) << da;
      b_summed |= G_GUINT64_CONSTANT (1) << db;
      inner *= a->n_dims > 0 ? gten_size (a, da) : 1;
    }
  for (guint i = 0; i < a->n_dims; i++)
    if (!(a_summed >> i & 1))
      {
        a_order[n_a++] = i;
        rows *= gten_size (a, i);
        sizes[n_sizes++] = gten_size (a, i);
      }
  for (guint i = 0; i < n && a->n_dims > 0; i++)
    {
      a_order[n_a++] = gten_wrap_dim (a_dims[i], a->n_dims, NULL);
      b_order[n_b++] = gten_wrap_dim (b_dims[i], b->n_dims, NULL);
    }
  for (guint i = 0; i < b->n_dims; i++)
    if (!(b_summed >> i & 1))
      {
        b_order[n_b++] = i;
        columns *= gten_size (b, i);
        sizes[n_sizes++] = gten_size (b, i);
      }
  if (n_sizes > GTEN_MAX_DIMS)
    {
      gten_call_fail (error, GTEN_ERROR_SHAPE, "tensordot: a tensor has at most %d dimensions",
                      GTEN_MAX_DIMS);
      return NULL;
    }
  a_moved = gten_tensor_permute (a, a_order, a->n_dims, error);
  b_moved = gten_tensor_permute (b, b_order, b->n_dims, error);
  if (n_sizes == 0)
    {
      a2 = gten_tensor_reshape (a_moved, &inner, 1, error);
      b2 = gten_tensor_reshape (b_moved, &inner, 1, error);
      product = gten_tensor_dot (a2, b2, error);
    }
  else
    {
      a2 = gten_tensor_reshape (a_moved, (const gint64[]){ rows, inner }, 2, error);
      b2 = gten_tensor_reshape (b_moved, (const gint64[]){ inner, columns }, 2, error);
      product = gten_tensor_mm (a2, b2, error);
    }
  return gten_tensor_reshape (product, sizes, n_sizes, error);
}

gboolean
gten_run_inner (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1];

  if (a->n_dims == 0 || b->n_dims == 0)
    return gten_call_give (call, 0, gten_tensor_mul (a, b, error), error);
  if (gten_size (a, a->n_dims - 1) != gten_size (b, b->n_dims - 1))
    {
      g_autofree char *a_text = gten_shape_to_string (a->n_dims, gten_sizes (a)),
                      *b_text = gten_shape_to_string (b->n_dims, gten_sizes (b));

      return gten_call_fail (
          error, GTEN_ERROR_SHAPE,
          "inner() the last dimension must match on both input tensors but got shapes %s and %s",
          a_text, b_text);
    }
  return gten_call_give (
      call, 0, contract (a, (const gint64[]){ -1 }, b, (const gint64[]){ -1 }, 1, error), error);
}

gboolean
gten_run_tensordot (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1];
  gint64 dims = call->args[0].i, a_dims[GTEN_MAX_DIMS], b_dims[GTEN_MAX_DIMS];

  if (dims < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE,
                           "tensordot expects dims >= 0, but got dims=%" G_GINT64_FORMAT, dims);
  if (dims > MIN (a->n_dims, b->n_dims))
    return gten_call_fail (
        error, GTEN_ERROR_VALUE,
        "tensordot expects dims < ndim_a or ndim_b, but got dims=%" G_GINT64_FORMAT, dims);
  for (gint64 i = 0; i < dims; i++)
    {
      a_dims[i] = a->n_dims - dims + i;
      b_dims[i] = i;
    }
  return gten_call_give (call, 0, contract (a, a_dims, b, b_dims, dims, error), error);
}

gboolean
gten_run_tensordot_pairs (GtenCall *call, GError **error)
{
  const GtenArg *a_dims = &call->args[0], *b_dims = &call->args[1];

  if (a_dims->n != b_dims->n)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "both dimension lists should have same length");
  return gten_call_give (call, 0,
                         contract (call->tensors[0], a_dims->ints, call->tensors[1], b_dims->ints,
                                   MIN (a_dims->n, GTEN_MAX_DIMS), error),
                         error);
}

gboolean
gten_run_kron (GtenCall *call, GError **error)
{
  GtenTensor *a = call->tensors[0], *b = call->tensors[1];
  guint n = MAX (a->n_dims, b->n_dims);
  gint64 a_sizes[2 * GTEN_MAX_DIMS], b_sizes[2 * GTEN_MAX_DIMS], sizes[GTEN_MAX_DIMS];
  g_autoptr (GtenTensor) a2 = NULL, b2 = NULL, product = NULL;

  if (2 * n > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE,
                           "kron: expected at most %d dimensions, but got %u", GTEN_MAX_DIMS / 2,
                           n);
  for (guint i = 0; i < n; i++)
    {
      gint64 in_a = i < n - a->n_dims ? 1 : gten_size (a, i - (n - a->n_dims)),
             in_b = i < n - b->n_dims ? 1 : gten_size (b, i - (n - b->n_dims));

      a_sizes[2 * i] = in_a;
      a_sizes[2 * i + 1] = 1;
      b_sizes[2 * i] = 1;
      b_sizes[2 * i + 1] = in_b;
      sizes[i] = in_a * in_b;
    }
  a2 = gten_tensor_reshape (a, a_sizes, 2 * n, error);
  b2 = gten_tensor_reshape (b, b_sizes, 2 * n, error);
  product = gten_tensor_mul (a2, b2, error);
  return gten_call_give (call, 0, gten_apply_unsafe_view (product, sizes, n, error), error);
}

/* -- einsum ------------------------------------------------------------------------------------ */

#define N_LETTERS                                                                                  \
  128 /* letters are their own numbers; the dimensions of an ellipsis stand before them */
#define N_LABELS (GTEN_MAX_DIMS + N_LETTERS)
#define MAX_LABELS GTEN_MAX_DIMS

/* Reads one operand's letters; returns how many labels. An ellipsis stands for the last of the
 * `n_ellipsis` labels. */
static int
read_labels (const char *text, gsize length, guint n_dims, gboolean is_output, guint n_ellipsis,
             guint8 *labels, GError **error)
{
  int n = 0, n_letters = 0, ellipsis = -1;

  for (gsize i = 0; i < length; i++)
    n_letters += g_ascii_isalpha (text[i]);
  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];

      if (c == ' ')
        continue;
      if (c == '.')
        {
          guint dims = is_output ? n_ellipsis : n_dims - n_letters;

          if (ellipsis >= 0 || i + 2 >= length || text[i + 1] != '.' || text[i + 2] != '.')
            {
              gten_call_fail (error, GTEN_ERROR_VALUE,
                              "einsum(): found '.' that is not part of any ellipsis");
              return -1;
            }
          if (!is_output && (int) n_dims < n_letters)
            dims = 0;
          ellipsis = n;
          for (guint d = 0; d < dims && n < MAX_LABELS; d++)
            labels[n++] = (guint8) (GTEN_MAX_DIMS - dims + d);
          i += 2;
        }
      else if (!g_ascii_isalpha (c))
        {
          const char *end = g_utf8_next_char (text + i);

          gten_call_fail (
              error, GTEN_ERROR_VALUE,
              "einsum(): invalid subscript given, subscripts must be in [a-zA-Z], but found '%.*s'",
              (int) (end - (text + i)), text + i);
          return -1;
        }
      else if (n < MAX_LABELS)
        labels[n++] = (guint8) (GTEN_MAX_DIMS + c);
    }
  if (!is_output && n != (int) n_dims)
    {
      gten_call_fail (error, GTEN_ERROR_SHAPE,
                      "einsum(): the number of subscripts in the equation (%d) does not match the "
                      "number of dimensions (%u) for an operand",
                      n, n_dims);
      return -1;
    }
  return n;
}

/* An operand with every label of `order` as one dimension, those it lacks of size one; a label that
 * repeats is a diagonal. */
static GtenTensor *
align_operand (GtenTensor *operand, guint8 *labels, int n_labels, const guint8 *order,
               guint n_order, GError **error)
{
  g_autoptr (GtenTensor) current = g_object_ref (operand), moved = NULL;
  gint64 permutation[GTEN_MAX_DIMS], sizes[GTEN_MAX_DIMS];
  guint n = 0;

  for (int i = 0; i < n_labels; i++)
    for (int j = i + 1; j < n_labels; j++)
      if (labels[i] == labels[j])
        {
          g_autoptr (GtenTensor) diagonal = NULL;
          GtenTensor *back;

          if (gten_size (current, i) != gten_size (current, j))
            {
              gten_call_fail (error, GTEN_ERROR_SHAPE,
                              "einsum(): subscript %c is repeated for an operand but the sizes "
                              "don't match, %" G_GINT64_FORMAT " != %" G_GINT64_FORMAT,
                              labels[i] - GTEN_MAX_DIMS, gten_size (current, j),
                              gten_size (current, i));
              return NULL;
            }
          diagonal = gten_apply_diagonal (current, 0, i, j, error);
          back = gten_apply_movedim (diagonal, (const gint64[]){ -1 }, 1, (const gint64[]){ i }, 1,
                                     error);
          if (back == NULL)
            return NULL;
          g_object_unref (current);
          current = back;
          memmove (labels + j, labels + j + 1, n_labels - j - 1);
          n_labels--;
          j--;
        }
  for (guint i = 0; i < n_order; i++)
    {
      const guint8 *found = memchr (labels, order[i], n_labels);

      if (found != NULL)
        permutation[n++] = found - labels;
      sizes[i] = found == NULL ? 1 : gten_size (current, found - labels);
    }
  moved = gten_tensor_permute (current, permutation, n, error);
  return gten_tensor_reshape (moved, sizes, n_order, error);
}

/* Two aligned operands into one: `summed` dimensions, which nothing later needs, are summed over.
 * What both have and is kept is a batch; the rest are rows and columns of one batched product. */
static GtenTensor *
combine (GtenTensor *a, GtenTensor *b, const gboolean *summed, GError **error)
{
  enum
  {
    BATCH,
    ROWS,
    COLUMNS,
    INNER
  };
  gint64 order_a[GTEN_MAX_DIMS], order_b[GTEN_MAX_DIMS], back[GTEN_MAX_DIMS], sizes[GTEN_MAX_DIMS],
      product[4] = { 1, 1, 1, 1 };
  guint8 kind[GTEN_MAX_DIMS];
  guint n = a->n_dims, at_a = 0, at_b = 0, at_c = 0;
  gint64 only_a[GTEN_MAX_DIMS], only_b[GTEN_MAX_DIMS];
  guint n_only_a = 0, n_only_b = 0;
  g_autoptr (GtenTensor) left = NULL, right = NULL, a_moved = NULL, b_moved = NULL, a3 = NULL,
                         b3 = NULL, c3 = NULL, c = NULL;

  /* A sum over what only one side has comes first. */
  for (guint i = 0; i < n; i++)
    if (summed[i] && gten_size (a, i) != 1 && gten_size (b, i) == 1)
      only_a[n_only_a++] = i;
    else if (summed[i] && gten_size (a, i) == 1 && gten_size (b, i) != 1)
      only_b[n_only_b++] = i;
  left = n_only_a > 0 ? gten_apply_sum (a, only_a, n_only_a, TRUE, GTEN_DTYPE_NONE, error)
                      : g_object_ref (a);
  right = n_only_b > 0 ? gten_apply_sum (b, only_b, n_only_b, TRUE, GTEN_DTYPE_NONE, error)
                       : g_object_ref (b);
  if (left == NULL || right == NULL)
    return NULL;
  if (left->dtype != right->dtype) /* sums of integers are of int64 */
    {
      GtenDtype dtype = gten_promote_types ((GtenDtype) left->dtype, (GtenDtype) right->dtype);
      GtenTensor *left_cast = gten_apply_to_dtype (left, dtype, FALSE, FALSE, error);
      GtenTensor *right_cast = gten_apply_to_dtype (right, dtype, FALSE, FALSE, error);

      g_object_unref (left);
      g_object_unref (right);
      left = left_cast;
      right = right_cast;
      if (left == NULL || right == NULL)
        return NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      gint64 in_a = gten_size (left, i), in_b = gten_size (right, i);

      kind[i] = in_a != 1 && in_b != 1 ? (summed[i] ? INNER : BATCH)
                : in_b != 1            ? COLUMNS
                : in_a != 1            ? ROWS
                                       : BATCH;
      product[kind[i]] *= MAX (in_a, in_b) == 1 ? 1 : in_a == 1 ? in_b : in_a;
      sizes[i] = summed[i] ? 1 : in_a == 1 ? in_b : in_a;
    }
  const guint8 a_kinds[] = { BATCH, ROWS, INNER, COLUMNS },
               b_kinds[] = { BATCH, INNER, COLUMNS, ROWS },
               c_kinds[] = { BATCH, ROWS, COLUMNS, INNER };
  gint64 order_c[GTEN_MAX_DIMS], permuted[GTEN_MAX_DIMS];
  for (guint k = 0; k < 4; k++)
    for (guint i = 0; i < n; i++)
      {
        if (kind[i] == a_kinds[k])
          order_a[at_a++] = i;
        if (kind[i] == b_kinds[k])
          order_b[at_b++] = i;
        if (kind[i] == c_kinds[k])
          order_c[at_c++] = i;
      }
  for (guint i = 0; i < n; i++)
    {
      permuted[i] = kind[order_c[i]] == INNER ? 1 : sizes[order_c[i]];
      back[order_c[i]] = i;
    }
  a_moved = gten_tensor_permute (left, order_a, n, error);
  b_moved = gten_tensor_permute (right, order_b, n, error);
  a3 = gten_tensor_reshape (
      a_moved, (const gint64[]){ product[BATCH], product[ROWS], product[INNER] }, 3, error);
  b3 = gten_tensor_reshape (
      b_moved, (const gint64[]){ product[BATCH], product[INNER], product[COLUMNS] }, 3, error);
  c3 = gten_tensor_bmm (a3, b3, error);
  c = gten_tensor_reshape (c3, permuted, n, error);
  return gten_tensor_permute (c, back, n, error);
}

gboolean
gten_run_einsum (GtenCall *call, GError **error)
{
  const char *equation = call->args[0].s,
             *arrow = equation == NULL ? NULL : strstr (equation, "->"), *at = equation;
  g_autofree guint8 *labels = g_new0 (guint8, (gsize) call->n_tensors * MAX_LABELS);
  g_autofree int *n_labels = g_new0 (int, call->n_tensors);
  guint counts[N_LABELS] = { 0 }, last_use[N_LABELS] = { 0 }, n_ellipsis = 0, n_output, n_order;
  guint8 order[N_LABELS];
  int n_given;
  g_autoptr (GPtrArray) aligned = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtenTensor) current = NULL;
  gint64 dims[GTEN_MAX_DIMS], sizes[GTEN_MAX_DIMS];

  if (equation == NULL || call->n_tensors == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "einsum(): must provide at least one operand");
  for (guint i = 0; i < call->n_tensors; i++)
    {
      gsize length = strcspn (at, ",");

      if (arrow != NULL && at + length > arrow)
        length = arrow - at;
      n_labels[i] = read_labels (at, length, call->tensors[i]->n_dims, FALSE, 0,
                                 labels + i * MAX_LABELS, error);
      if (n_labels[i] < 0)
        return FALSE;
      for (int j = 0; j < n_labels[i]; j++)
        {
          guint8 label = labels[i * MAX_LABELS + j];

          counts[label]++;
          last_use[label] = i;
          if (label < GTEN_MAX_DIMS)
            n_ellipsis = MAX (n_ellipsis, GTEN_MAX_DIMS - (guint) label);
        }
      at += length;
      if (i + 1 < call->n_tensors)
        {
          if (*at != ',')
            return gten_call_fail (
                error, GTEN_ERROR_VALUE,
                "einsum(): more operands were provided than specified in the equation");
          at++;
        }
      else if (*at == ',')
        return gten_call_fail (
            error, GTEN_ERROR_VALUE,
            "einsum(): fewer operands were provided than specified in the equation");
    }
  if (arrow != NULL)
    {
      n_given = read_labels (arrow + 2, strlen (arrow + 2), 0, TRUE, n_ellipsis, order, error);
      if (n_given < 0)
        return FALSE;
      for (int i = 0; i < n_given; i++)
        {
          if (order[i] >= GTEN_MAX_DIMS && counts[order[i]] == 0)
            return gten_call_fail (error, GTEN_ERROR_VALUE,
                                   "einsum(): output subscript %c does not appear in the equation "
                                   "for any input operand",
                                   order[i] - GTEN_MAX_DIMS);
          if (memchr (order, order[i], i) != NULL)
            return gten_call_fail (
                error, GTEN_ERROR_VALUE,
                "einsum(): output subscript %c appears more than once in the output",
                order[i] - GTEN_MAX_DIMS);
        }
      n_output = n_given;
    }
  else
    {
      /* The ellipsis, then the letters that occur once, in alphabetical order. */
      n_output = 0;
      for (guint label = 0; label < N_LABELS; label++)
        if (label < GTEN_MAX_DIMS ? label >= GTEN_MAX_DIMS - n_ellipsis : counts[label] == 1)
          order[n_output++] = (guint8) label;
    }
  n_order = n_output;
  for (guint label = 0; label < N_LABELS; label++)
    if (counts[label] > 0 && memchr (order, (int) label, n_output) == NULL)
      order[n_order++] = (guint8) label;
  if (n_order > GTEN_MAX_DIMS)
    return gten_call_fail (error, GTEN_ERROR_SHAPE, "einsum(): too many subscripts");
  for (guint i = 0; i < n_order; i++)
    sizes[i] = 1;
  for (guint i = 0; i < call->n_tensors; i++)
    {
      GtenTensor *operand = align_operand (call->tensors[i], labels + i * MAX_LABELS, n_labels[i],
                                           order, n_order, error);

      if (operand == NULL)
        return FALSE;
      g_ptr_array_add (aligned, operand);
      for (guint d = 0; d < n_order; d++)
        {
          if (sizes[d] != 1 && gten_size (operand, d) != 1 && sizes[d] != gten_size (operand, d))
            return gten_call_fail (error, GTEN_ERROR_SHAPE,
                                   "einsum(): subscript %c has size %" G_GINT64_FORMAT
                                   " for operand %u which does not broadcast with previously seen "
                                   "size %" G_GINT64_FORMAT,
                                   order[d] - GTEN_MAX_DIMS, gten_size (operand, d), i, sizes[d]);
          if (gten_size (operand, d) != 1)
            sizes[d] = gten_size (operand, d);
        }
    }
  current = g_object_ref (g_ptr_array_index (aligned, 0));
  for (guint i = 1; i < call->n_tensors; i++)
    {
      gboolean summed[GTEN_MAX_DIMS];
      GtenTensor *next;

      for (guint d = 0; d < n_order; d++)
        summed[d] = d >= n_output && last_use[order[d]] <= i;
      next = combine (current, g_ptr_array_index (aligned, i), summed, error);
      if (next == NULL)
        return FALSE;
      g_object_unref (current);
      current = next;
    }
  if (n_order > n_output)
    {
      /* With several operands all that is not in the output is summed by now. */
      GtenTensor *output;

      for (guint d = n_output; d < n_order; d++)
        dims[d - n_output] = d;
      if (call->n_tensors > 1)
        output = gten_tensor_view (current, gten_sizes (current), n_output, error);
      else
        output = gten_apply_sum (current, dims, n_order - n_output, FALSE, GTEN_DTYPE_NONE, error);
      if (output == NULL)
        return FALSE;
      g_object_unref (current);
      current = output;
    }
  return gten_call_give (call, 0, g_steal_pointer (&current), error);
}
