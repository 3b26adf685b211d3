/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Indexing as Python writes it between brackets, as text: "0, 1:8:2, ..., None, :, -1, True, ?".
 * Each ? stands for the next of the tensors. What views can do is done by views, from left to
 * right; the tensors are left for one advanced indexing of what results. */
#include "ops/gten-item.h"

#include "ops/gten-run-private.h"

#include <string.h>

#define MAX_ITEMS (2 * GTEN_MAX_DIMS)

typedef struct
{
  enum
  {
    INTEGER,
    SLICE,
    ELLIPSIS,
    NEW_AXIS,
    TRUTH,
    TENSOR
  } kind;
  gint64 value;            /* of an INTEGER or a TRUTH */
  gint64 start, end, step; /* of a SLICE */
  GtenTensor *tensor;      /* borrowed */
} Item;

/* -- reading ----------------------------------------------------------------------------------- */

static const char *
skip_space (const char *at)
{
  while (g_ascii_isspace (*at))
    at++;
  return at;
}

/* An integer at *at, or GTEN_NONE where there is none. */
static gboolean
read_bound (const char **at, gint64 *value)
{
  char *end;

  *at = skip_space (*at);
  *value = GTEN_NONE;
  if (g_str_has_prefix (*at, "None"))
    {
      *at = skip_space (*at + strlen ("None"));
      return TRUE;
    }
  if (!g_ascii_isdigit (**at) && **at != '-' && **at != '+')
    return TRUE;
  *value = g_ascii_strtoll (*at, &end, 10);
  if (end == *at)
    return FALSE;
  *value = MAX (*value, GTEN_NONE + 1); /* out of range as well, but not the word for none */
  *at = skip_space (end);
  return TRUE;
}

static gboolean
read_word (const char **at, const char *word)
{
  gsize length = strlen (word);

  if (strncmp (*at, word, length) != 0 || g_ascii_isalnum ((*at)[length]))
    return FALSE;
  *at = skip_space (*at + length);
  return TRUE;
}

/* A number without dimensions is a plain integer, or a truth value. */
static gboolean
read_tensor (Item *item, GtenTensor *tensor, GError **error)
{
  item->kind = TENSOR;
  item->tensor = tensor;
  if (tensor->n_dims > 0 || gten_is_floating (tensor))
    return TRUE;
  item->kind
      = tensor->dtype == GTEN_DTYPE_BOOL || tensor->dtype == GTEN_DTYPE_UINT8 ? TRUTH : INTEGER;
  return gten_read_int (tensor, &item->value, error);
}

static gboolean
read_slice (const char **at, gint64 start, Item *item, GError **error)
{
  item->kind = SLICE;
  item->start = start;
  item->step = GTEN_NONE;
  (*at)++;
  if (!read_bound (at, &item->end))
    return FALSE;
  if (**at == ':')
    {
      (*at)++;
      if (!read_bound (at, &item->step))
        return FALSE;
    }
  if (item->step == GTEN_NONE)
    item->step = 1;
  if (item->step == 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "slice step cannot be zero");
  if (item->step < 0)
    return gten_call_fail (error, GTEN_ERROR_VALUE, "step must be greater than zero");
  return TRUE;
}

/* Reads one item; FALSE without an error for what is none. */
static gboolean
read_item (const char **at, Item *item, GtenTensor **tensors, gsize n_tensors, gsize *n_used,
           GError **error)
{
  gint64 value;

  if (read_word (at, "..."))
    item->kind = ELLIPSIS;
  else if (read_word (at, "True") || read_word (at, "true"))
    *item = (Item){ .kind = TRUTH, .value = 1 };
  else if (read_word (at, "False") || read_word (at, "false"))
    *item = (Item){ .kind = TRUTH, .value = 0 };
  else if (**at == '?')
    {
      *at = skip_space (*at + 1);
      if (*n_used == n_tensors || tensors[*n_used] == NULL)
        return gten_call_fail (error, GTEN_ERROR_INDEX,
                               "the index names more tensors than are given");
      return read_tensor (item, tensors[(*n_used)++], error);
    }
  else
    {
      const char *begin = *at;

      if (!read_bound (at, &value))
        return FALSE;
      if (**at == ':')
        return read_slice (at, value, item, error);
      if (*at == begin)
        return FALSE;
      if (value == GTEN_NONE)
        item->kind = NEW_AXIS;
      else
        *item = (Item){ .kind = INTEGER, .value = value };
    }
  return TRUE;
}

static gboolean
read_items (const char *index, GtenTensor **tensors, gsize n_tensors, Item *items, guint *n_items,
            GError **error)
{
  const char *at;
  gsize n_used = 0;

  *n_items = 0;
  if (index == NULL)
    return gten_call_fail (error, GTEN_ERROR_INDEX, "an index is a text such as \"0, 1:, None\"");
  at = skip_space (index);
  while (*at != '\0')
    {
      g_autoptr (GError) failure = NULL;

      if (*n_items == MAX_ITEMS)
        return gten_call_fail (error, GTEN_ERROR_INDEX, "an index has at most %d parts", MAX_ITEMS);
      if (!read_item (&at, &items[*n_items], tensors, n_tensors, &n_used, &failure)
          || (*at != ',' && *at != '\0'))
        {
          if (failure != NULL)
            return gten_call_fail (error, (GtenError) failure->code, "%s", failure->message);
          return gten_call_fail (error, GTEN_ERROR_INDEX,
                                 "only integers, slices (`:`), ellipsis (`...`), None and long or "
                                 "byte Variables are valid indices (got \"%s\")",
                                 index);
        }
      (*n_items)++;
      if (*at == ',')
        at = skip_space (at + 1);
    }
  if (n_used < n_tensors)
    return gten_call_fail (error, GTEN_ERROR_INDEX, "the index names fewer tensors than are given");
  return TRUE;
}

/* -- viewing ----------------------------------------------------------------------------------- */

/* What is left for advanced indexing: one entry per leading dimension, NULL for all of it. */
typedef struct
{
  GPtrArray *indices; /* NULL if there is none */
  guint n_covered;    /* dimensions that the entries stand for; a mask covers several */
} Advanced;

static gboolean
is_mask (GtenTensor *tensor)
{
  return tensor->dtype == GTEN_DTYPE_BOOL || tensor->dtype == GTEN_DTYPE_UINT8;
}

static void
advanced_add (Advanced *self, guint dim, GtenTensor *index, guint n_dims)
{
  if (self->indices == NULL)
    self->indices = g_ptr_array_new_with_free_func (gten_unref_any);
  for (; self->n_covered < dim; self->n_covered++)
    g_ptr_array_add (self->indices, NULL);
  g_ptr_array_add (self->indices, index);
  self->n_covered += n_dims;
}

static guint
count_dims (const Item *items, guint n_items)
{
  guint n = 0;

  for (guint i = 0; i < n_items; i++)
    switch (items[i].kind)
      {
      case INTEGER:
      case SLICE:
        n++;
        break;
      case TENSOR:
        n += is_mask (items[i].tensor) ? items[i].tensor->n_dims : 1;
        break;
      case ELLIPSIS:
      case NEW_AXIS:
      case TRUTH:
        break;
      }
  return n;
}

static GtenTensor *
select_index (GtenTensor *self, guint dim, gint64 index, guint position, GError **error)
{
  gint64 size = gten_size (self, dim);

  if (index < -size || index >= size)
    {
      gten_call_fail (error, GTEN_ERROR_INDEX,
                      "index %" G_GINT64_FORMAT
                      " is out of bounds for dimension %u with size %" G_GINT64_FORMAT,
                      index, position, size);
      return NULL;
    }
  return gten_apply_select (self, dim, index, error);
}

/* Whether a slice takes all of a dimension of this size. */
static gboolean
is_whole (const Item *item, gint64 size)
{
  return item->step == 1 && (item->start == GTEN_NONE || item->start == 0)
         && (item->end == GTEN_NONE || item->end >= size);
}

/* The view that the integers, slices and new axes make of `self` (a new reference, maybe self), and
 * what is left. */
static GtenTensor *
apply_views (GtenTensor *self, const Item *items, guint n_items, gboolean skip_whole,
             Advanced *advanced, GError **error)
{
  g_autoptr (GtenTensor) current = g_object_ref (self);
  guint n_specified = count_dims (items, n_items), dim = 0;
  gboolean stretched = FALSE;

  if (n_items == 1 && self->n_dims == 0 && items[0].kind == INTEGER)
    {
      gten_call_fail (error, GTEN_ERROR_INDEX,
                      "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
                      "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number");
      return NULL;
    }
  if (n_items == 1 && self->n_dims == 0 && items[0].kind == SLICE)
    {
      gten_call_fail (error, GTEN_ERROR_INDEX, "slice() cannot be applied to a 0-dim tensor.");
      return NULL;
    }
  if (n_specified > self->n_dims)
    {
      gten_call_fail (error, GTEN_ERROR_INDEX, "too many indices for tensor of dimension %u",
                      self->n_dims);
      return NULL;
    }
  for (guint i = 0; i < n_items; i++)
    {
      const Item *item = &items[i];
      GtenTensor *next = NULL;

      switch (item->kind)
        {
        case INTEGER:
          next = select_index (current, dim, item->value, i, error);
          break;
        case SLICE:
          if (skip_whole && is_whole (item, gten_size (current, dim)))
            next = g_object_ref (current);
          else
            next = gten_apply_slice (current, dim, item->start, item->end, item->step, error);
          dim++;
          break;
        case ELLIPSIS:
          if (!stretched)
            dim += self->n_dims - n_specified;
          stretched = TRUE;
          next = g_object_ref (current);
          break;
        case NEW_AXIS:
          next = gten_apply_unsqueeze (current, dim++, error);
          break;
        case TRUTH:
          next = gten_apply_unsqueeze (current, dim, error);
          if (next != NULL)
            {
              GtenTensor *mask
                  = gten_apply_full ((const gint64[]){ 1 }, 1, gten_scalar_bool (item->value != 0),
                                     GTEN_DTYPE_BOOL, self->storage->device, error);

              if (mask == NULL)
                g_clear_object (&next);
              else
                advanced_add (advanced, dim++, mask, 1);
            }
          break;
        case TENSOR:
          {
            guint n_dims = is_mask (item->tensor) ? item->tensor->n_dims : 1;

            advanced_add (advanced, dim, g_object_ref (item->tensor), n_dims);
            dim += n_dims;
            next = g_object_ref (current);
            break;
          }
        }
      if (next == NULL)
        return NULL;
      g_object_unref (current);
      current = next;
    }
  return g_steal_pointer (&current);
}

/* -- getting ----------------------------------------------------------------------------------- */

/**
 * gten_tensor_get_item:
 * @self: a tensor
 * @index: what one writes between Python's brackets, such as "0, 1:8:2, ..., None, -1, ?"
 * @tensors: (nullable) (array length=n_tensors): the boolean or integer tensors that the question
 * marks stand for
 * @n_tensors: how many there are
 * @error: return location for an error
 *
 * Part of a tensor, in all of Python's forms. Integers, slices, `None` and `...` give a view;
 * boolean and integer tensors give a copy, by PyTorch's rules of advanced indexing.
 *
 * Raises %GTEN_ERROR_INDEX if an index is out of range or there are too many.
 *
 * Returns: (transfer full): a tensor, or %NULL on error
 */
GtenTensor *
gten_tensor_get_item (GtenTensor *self, const char *index, GtenTensor **tensors, gsize n_tensors,
                      GError **error)
{
  Item items[MAX_ITEMS];
  guint n_items;
  Advanced advanced = { NULL, 0 };
  g_autoptr (GtenTensor) view = NULL;
  GtenTensor *result;

  if (self == NULL || !read_items (index, tensors, n_tensors, items, &n_items, error))
    return NULL;
  view = apply_views (self, items, n_items, n_items > 1, &advanced, error);
  if (view == NULL)
    result = NULL;
  else if (advanced.indices != NULL)
    result = gten_apply_index (view, (GtenTensor **) advanced.indices->pdata, advanced.indices->len,
                               error);
  else
    result = view == self ? gten_apply_alias (self, error) : g_steal_pointer (&view);
  g_clear_pointer (&advanced.indices, g_ptr_array_unref);
  return result;
}

/* -- setting ----------------------------------------------------------------------------------- */

/* Leading dimensions of one that the place does not have. */
static GtenTensor *
drop_leading_ones (GtenTensor *value, guint n_dims, GError **error)
{
  guint n = 0;

  while (value->n_dims - n > n_dims && gten_size (value, n) == 1)
    n++;
  return n == 0 ? g_object_ref (value)
                : gten_apply_view (value, gten_sizes (value) + n, value->n_dims - n, error);
}

static gboolean
put_view (GtenTensor *view, GtenTensor *value, GError **error)
{
  g_autoptr (GtenTensor) short_value = drop_leading_ones (value, view->n_dims, error), wide = NULL;

  if (short_value == NULL)
    return FALSE;
  if (short_value->n_dims == 0 && view->n_dims > 0)
    return gten_tensor_fill_tensor_ (view, short_value, error) != NULL;
  wide = gten_apply_expand (short_value, gten_sizes (view), view->n_dims, error);
  return wide != NULL && gten_tensor_copy_ (view, wide, error) != NULL;
}

/* The only index among NULLs, and where it stands; NULL if there are several. */
static GtenTensor *
single_index (GPtrArray *indices, guint *dim)
{
  GtenTensor *found = NULL;

  for (guint i = 0; i < indices->len; i++)
    if (g_ptr_array_index (indices, i) != NULL)
      {
        if (found != NULL)
          return NULL;
        found = g_ptr_array_index (indices, i);
        *dim = i;
      }
  return found;
}

/* A mask in the place of dimensions `dim` and following, ones around it. Its sizes are checked by
 * advanced indexing elsewhere, and here where they would broadcast. */
static GtenTensor *
place_mask (GtenTensor *view, GtenTensor *mask, guint dim, GError **error)
{
  gint64 sizes[GTEN_MAX_DIMS];

  for (guint i = 0; i < view->n_dims; i++)
    {
      gboolean inside = i >= dim && i < dim + mask->n_dims;

      sizes[i] = inside ? gten_size (mask, i - dim) : 1;
      if (inside && sizes[i] != gten_size (view, i))
        return NULL;
    }
  return gten_apply_reshape (mask, sizes, view->n_dims, error);
}

static gboolean
put_indexed (GtenTensor *view, GPtrArray *indices, GtenTensor *value, gboolean is_number,
             GError **error)
{
  g_autoptr (GtenTensor) short_value = NULL, mask = NULL, converted = NULL;
  guint dim = 0;
  GtenTensor *index = single_index (indices, &dim);

  /* Only index_put takes indices and values from elsewhere. */
  if (index != NULL && index->storage->device != view->storage->device)
    index = NULL;
  if (index != NULL && value->n_dims == 0
      && (value->storage->device == view->storage->device || value->storage->device == gten_device_get_cpu ())
      && is_mask (index) && index->dtype == GTEN_DTYPE_BOOL)
    mask = place_mask (view, index, dim, error);
  if (mask != NULL)
    return gten_tensor_masked_fill_ (view, mask, value, error) != NULL;
  if (index != NULL && is_number && index->dtype == GTEN_DTYPE_INT64 && index->n_dims == 1)
    return gten_tensor_index_fill_ (view, dim, index, value, error) != NULL;
  converted = is_number ? gten_cast (value, (GtenDtype) view->dtype, error) : g_object_ref (value);
  if (converted == NULL)
    return FALSE;
  short_value = g_object_ref (converted);
  return short_value != NULL
         && gten_tensor_index_put_ (view, (GtenTensor **) indices->pdata, indices->len, short_value,
                                    error)
                != NULL;
}

static gboolean
set_item (GtenTensor *self, const char *index, GtenTensor **tensors, gsize n_tensors,
          GtenTensor *value, const GtenScalar *number, GError **error)
{
  Item items[MAX_ITEMS];
  guint n_items;
  Advanced advanced = { NULL, 0 };
  g_autoptr (GtenTensor) view = NULL;
  gboolean done;

  if (!read_items (index, tensors, n_tensors, items, &n_items, error))
    return FALSE;
  if (n_items == 1 && items[0].kind == TRUTH && items[0].value == 0)
    return TRUE;
  view = apply_views (self, items, n_items, TRUE, &advanced, error);
  if (view == NULL)
    done = FALSE;
  else if (advanced.indices != NULL)
    done = put_indexed (view, advanced.indices, value, number != NULL, error);
  else if (number != NULL)
    {
      g_autoptr (GtenTensor) filled = gten_apply_fill_ (view, *number, error);

      done = filled != NULL;
    }
  else
    done = put_view (view, value, error);
  g_clear_pointer (&advanced.indices, g_ptr_array_unref);
  return done;
}

/**
 * gten_tensor_set_item:
 * @self: a tensor
 * @index: what one writes between Python's brackets, as in [method@Tensor.get_item]
 * @tensors: (nullable) (array length=n_tensors): the boolean or integer tensors that the question
 * marks stand for
 * @n_tensors: how many there are
 * @value: what is written; it broadcasts to the part
 * @error: return location for an error
 *
 * Writes to part of a tensor, in place.
 *
 * Raises %GTEN_ERROR_INDEX if an index is out of range or there are too many, %GTEN_ERROR_SHAPE if
 * the value does not broadcast to the part.
 *
 * Returns: %FALSE on error
 */
gboolean
gten_tensor_set_item (GtenTensor *self, const char *index, GtenTensor **tensors, gsize n_tensors,
                      GtenTensor *value, GError **error)
{
  return self != NULL && value != NULL
         && set_item (self, index, tensors, n_tensors, value, NULL, error);
}

/**
 * gten_tensor_set_item_scalar:
 * @self: a tensor
 * @index: what one writes between Python's brackets, as in [method@Tensor.get_item]
 * @tensors: (nullable) (array length=n_tensors): the boolean or integer tensors that the question
 * marks stand for
 * @n_tensors: how many there are
 * @value: the number that is written
 * @error: return location for an error
 *
 * Fills part of a tensor with a number, in place.
 *
 * Raises %GTEN_ERROR_INDEX if an index is out of range or there are too many.
 *
 * Returns: %FALSE on error
 */
gboolean (gten_tensor_set_item_scalar) (GtenTensor *self, const char *index, GtenTensor **tensors,
                                        gsize n_tensors, const GValue *value, GError **error)
{
  g_autoptr (GtenWrapped) wrapped = NULL;
  GtenScalar number;

  if (self == NULL || !gten_read_number (value, "set_item_scalar", "value", &number, error)
      || !gten_check_fits (&number, (GtenDtype) self->dtype, error))
    return FALSE;
  wrapped = gten_wrap (number);
  return wrapped != NULL && set_item (self, index, tensors, n_tensors, wrapped, &number, error);
}
