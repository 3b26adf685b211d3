/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors as people look at them: reduced to a picture, counted into a histogram, one element set.
 * Ordinary operations do it where the tensor is, so of any tensor only what is seen moves. */

#include "inspect/gten-inspect-private.h"

#include "autograd/gten-observer-private.h"
#include "core/gten-tensor-private.h"
#include "ops/gten-item.h"
#include "ops/gten-ops.h"

#include <math.h>
#include <string.h>

#define MAX_PIXELS 16384        /* of a side */
#define MAX_BINS   65536
#define COUNTED    (1 << 23)    /* elements that are widened at a time */

/* -- pictures ----------------------------------------------------------------------------------- */

typedef struct
{
  int         rows, columns;    /* dimensions; -1 for none */
  gint64      from[2], size[2];
  const char *reduce;
} Window;

static gboolean
wrap (gint32 dim, int n_dims, int *wrapped, GError **error)
{
  *wrapped = dim < 0 ? dim + n_dims : dim;
  if (*wrapped >= 0 && *wrapped < n_dims)
    return TRUE;
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_INDEX, "The tensor has no dimension %d", dim);
  return FALSE;
}

static gboolean
read_window (GtenTensor *tensor, GVariant *options, Window *window, GError **error)
{
  const int n_dims = gten_tensor_dim (tensor);
  gint32 rows = -2, columns = -1;
  static const char *const ways[] = { "sample", "absmax", "mean", NULL };

  window->reduce = "sample";
  window->rows = window->columns = -1;
  window->size[0] = window->size[1] = -1;
  g_variant_lookup (options, "rows", "i", &rows);
  g_variant_lookup (options, "columns", "i", &columns);
  g_variant_lookup (options, "reduce", "&s", &window->reduce);
  g_variant_lookup (options, "from", "(xx)", &window->from[0], &window->from[1]);
  g_variant_lookup (options, "size", "(xx)", &window->size[0], &window->size[1]);
  if (!g_strv_contains (ways, window->reduce))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "A picture is reduced by \"sample\", \"absmax\" or \"mean\", not \"%s\"",
                   window->reduce);
      return FALSE;
    }
  if (n_dims > 0 && !wrap (columns, n_dims, &window->columns, error))
    return FALSE;
  if (n_dims > 1 && !wrap (rows, n_dims, &window->rows, error))
    return FALSE;
  if (n_dims > 1 && window->rows == window->columns)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "Rows and columns are the same dimension %d", window->rows);
      return FALSE;
    }
  return TRUE;
}

/* Two dimensions of the tensor, at an index of each other one. A new reference, a view. */
static GtenTensor *
choose_slice (GtenTensor *tensor, const Window *window, GVariant *options, GError **error)
{
  g_autoptr (GtenTensor) slice = gten_tensor_detach (tensor, error);
  g_autoptr (GVariant) at = g_variant_lookup_value (options, "at", G_VARIANT_TYPE ("ax"));
  gsize n_at = 0;
  const gint64 *indices = at != NULL ? g_variant_get_fixed_array (at, &n_at, sizeof *indices) : NULL;
  const int n_dims = gten_tensor_dim (tensor);

  for (int dim = n_dims - 1, other = n_dims - 3; slice != NULL && n_dims > 2 && dim >= 0; dim--)
    {
      GtenTensor *rest;

      if (dim == window->rows || dim == window->columns)
        continue;
      rest = gten_tensor_select (slice, dim, other >= 0 && (gsize) other < n_at ? indices[other] : 0, error);
      other--;
      g_object_unref (slice);
      slice = rest;
    }
  for (int n = n_dims; slice != NULL && n < 2; n++)
    {
      GtenTensor *more = gten_tensor_unsqueeze (slice, 0, error);

      g_object_unref (slice);
      slice = more;
    }
  if (slice != NULL && window->rows > window->columns)
    return gten_tensor_transpose (slice, 0, 1, error);
  return g_steal_pointer (&slice);
}

static GtenTensor *
cut (GtenTensor *slice, Window *window, GError **error)
{
  g_autoptr (GtenTensor) rows = NULL;
  const gint64 *sizes = gten_sizes (slice);

  for (guint d = 0; d < 2; d++)
    {
      window->from[d] = CLAMP (window->from[d], 0, sizes[d]);
      if (window->size[d] < 0 || window->size[d] > sizes[d] - window->from[d])
        window->size[d] = sizes[d] - window->from[d];
    }
  rows = gten_tensor_narrow (slice, 0, window->from[0], window->size[0], error);
  return rows != NULL ? gten_tensor_narrow (rows, 1, window->from[1], window->size[1], error) : NULL;
}

/* One number per block of `cell` elements; the tensor is a whole number of blocks. */
static GtenTensor *
reduce_blocks (GtenTensor *self, const gint64 *cell, const char *way, GError **error)
{
  const gint64 *sizes = gten_sizes (self), *strides = gten_strides (self);
  const gint64 inner[2] = { 1, 3 };
  g_autoptr (GtenTensor) blocks = NULL;
  g_autoptr (GtenTensor) high = NULL, low = NULL, depth = NULL, higher = NULL;

  blocks = gten_tensor_as_strided_storage_offset (
      self, (gint64[]) { sizes[0] / cell[0], cell[0], sizes[1] / cell[1], cell[1] }, 4,
      (gint64[]) { strides[0] * cell[0], strides[0], strides[1] * cell[1], strides[1] }, 4, self->offset, error);
  if (blocks == NULL)
    return NULL;
  if (g_str_equal (way, "mean"))
    return gten_tensor_mean_dim (blocks, inner, 2, FALSE, GTEN_DTYPE_FLOAT32, error);
  high = gten_tensor_amax_dim (blocks, inner, 2, FALSE, error);
  low = high != NULL ? gten_tensor_amin_dim (blocks, inner, 2, FALSE, error) : NULL;
  depth = low != NULL ? gten_tensor_neg (low, error) : NULL;
  higher = depth != NULL ? gten_tensor_ge (high, depth, error) : NULL;
  return higher != NULL ? gten_where (higher, high, low, error) : NULL;
}

/* Fills a part of the picture from a part of the tensor: whole blocks, or those at the right and at the bottom that are
 * smaller. */
static gboolean
fill_part (GtenTensor *picture, GtenTensor *self, const gint64 *cell, const gboolean *rest, const char *way, GError **error)
{
  gint64 begin[2], length[2], block[2];
  g_autoptr (GtenTensor) rows = NULL, part = NULL, numbers = NULL, reduced = NULL, target_rows = NULL, target = NULL;

  for (guint d = 0; d < 2; d++)
    {
      gint64 whole = gten_sizes (self)[d] / cell[d] * cell[d];

      begin[d] = rest[d] ? whole : 0;
      length[d] = rest[d] ? gten_sizes (self)[d] - whole : whole;
      block[d] = rest[d] ? length[d] : cell[d];
      if (length[d] == 0)
        return TRUE;
    }
  rows = gten_tensor_narrow (self, 0, begin[0], length[0], error);
  part = rows != NULL ? gten_tensor_narrow (rows, 1, begin[1], length[1], error) : NULL;
  /* Not all types have negative numbers. */
  if (part != NULL)
    numbers = gten_dtype_is_floating_point ((GtenDtype) part->dtype) ? g_object_ref (part)
                                                                     : gten_tensor_to_dtype (part, GTEN_DTYPE_FLOAT32, error);
  reduced = numbers != NULL ? reduce_blocks (numbers, block, way, error) : NULL;
  if (reduced == NULL)
    return FALSE;
  target_rows = gten_tensor_narrow (picture, 0, begin[0] / cell[0], gten_sizes (reduced)[0], error);
  target = target_rows != NULL ? gten_tensor_narrow (target_rows, 1, begin[1] / cell[1], gten_sizes (reduced)[1], error) : NULL;
  return target != NULL && gten_tensor_copy_ (target, reduced, error) != NULL;
}

/* At most height × width numbers; a new reference. */
static GtenTensor *
shrink (GtenTensor *self, guint width, guint height, const char *way, GError **error)
{
  const gint64 limits[2] = { height, width };
  gint64 cell[2], sizes[2];
  g_autoptr (GtenTensor) picture = NULL;

  for (guint d = 0; d < 2; d++)
    {
      cell[d] = MAX ((gten_sizes (self)[d] + limits[d] - 1) / limits[d], 1);
      sizes[d] = (gten_sizes (self)[d] + cell[d] - 1) / cell[d];
    }
  if (g_str_equal (way, "sample") || self->numel == 0 || (cell[0] == 1 && cell[1] == 1))
    {
      g_autoptr (GtenTensor) rows = gten_tensor_slice_dim (self, 0, GTEN_NONE, GTEN_NONE, cell[0], error);

      return rows != NULL ? gten_tensor_slice_dim (rows, 1, GTEN_NONE, GTEN_NONE, cell[1], error) : NULL;
    }
  picture = gten_empty (sizes, 2, GTEN_DTYPE_FLOAT32, self->storage->device, error);
  if (picture == NULL)
    return NULL;
  for (guint i = 0; i < 4; i++)
    if (!fill_part (picture, self, cell, (gboolean[]) { i & 1, i >> 1 }, way, error))
      return NULL;
  return g_steal_pointer (&picture);
}

static GVariant *
make_picture (GtenTensor *tensor, guint width, guint height, GVariant *options, GBytes **pixels, GError **error)
{
  Window window = { 0 };
  g_autoptr (GtenTensor) slice = NULL, part = NULL, small = NULL, picture = NULL;
  GVariantDict description;
  GtenMeasures measures;

  if (width == 0 || height == 0 || width > MAX_PIXELS || height > MAX_PIXELS)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "A picture has 1 to %d rows and columns, not %u × %u", MAX_PIXELS, height,
                   width);
      return NULL;
    }
  if (!read_window (tensor, options, &window, error))
    return NULL;
  slice = choose_slice (tensor, &window, options, error);
  part = slice != NULL ? cut (slice, &window, error) : NULL;
  small = part != NULL ? shrink (part, width, height, window.reduce, error) : NULL;
  picture = small != NULL ? gten_tensor_to_dtype (small, GTEN_DTYPE_FLOAT32, error) : NULL;
  *pixels = picture != NULL ? gten_tensor_get_bytes (picture, error) : NULL;
  if (*pixels == NULL)
    return NULL;
  measures = gten_measure (g_str_equal (window.reduce, "sample") ? small : part, TRUE);
  g_variant_dict_init (&description, NULL);
  g_variant_dict_insert (&description, "width", "u", (guint) gten_sizes (picture)[1]);
  g_variant_dict_insert (&description, "height", "u", (guint) gten_sizes (picture)[0]);
  g_variant_dict_insert (&description, "from", "(xx)", window.from[0], window.from[1]);
  g_variant_dict_insert (&description, "size", "(xx)", window.size[0], window.size[1]);
  g_variant_dict_insert_value (&description, "statistics", gten_measures_to_variant (&measures));
  return g_variant_dict_end (&description);
}

GVariant *
gten_inspect_picture (GtenTensor *tensor, guint width, guint height, GVariant *options, GBytes **pixels, GError **error)
{
  gboolean recording = gten_set_grad_enabled (FALSE);
  GVariant *description = make_picture (tensor, width, height, options, pixels, error);

  gten_set_grad_enabled (recording);
  return description;
}

/* -- histograms --------------------------------------------------------------------------------- */

static gboolean
count_part (GtenTensor *part, guint bins, double low, double high, guint64 *counts, GError **error)
{
  g_autoptr (GtenTensor) histogram = gten_tensor_histc_bins (part, bins, GTEN_VALUE (low), GTEN_VALUE (high), error);
  g_autofree double *numbers = NULL;
  gsize n;

  numbers = histogram != NULL ? gten_tensor_get_doubles (histogram, &n, error) : NULL;
  for (gsize i = 0; numbers != NULL && i < n && i < bins; i++)
    counts[i] += numbers[i];
  return numbers != NULL;
}

static GVariant *
make_histogram (GtenTensor *tensor, guint bins, double low, double high, GError **error)
{
  GtenMeasures measures = gten_measure (tensor, TRUE);
  gboolean all_finite = gten_measures_are_finite (&measures);
  g_autoptr (GtenTensor) detached = gten_tensor_detach (tensor, error);
  g_autoptr (GtenTensor) flat = detached != NULL ? gten_tensor_flatten (detached, error) : NULL;
  g_autofree guint64 *counts = g_new0 (guint64, bins);

  if (low == 0 && high == 0)
    {
      low = measures.minimum;
      high = measures.maximum;
    }
  if (low == high)
    {
      double margin = MAX (0.5, fabs (low) * 1e-6);

      low -= margin;
      high += margin;
    }
  for (gint64 at = 0; flat != NULL && measures.numel > 0 && at < flat->numel; at += COUNTED)
    {
      g_autoptr (GtenTensor) part = gten_tensor_narrow (flat, 0, at, MIN (COUNTED, flat->numel - at), error);
      g_autoptr (GtenTensor) wide = part != NULL ? gten_tensor_to_dtype (part, GTEN_DTYPE_FLOAT64, error) : NULL;
      g_autoptr (GtenTensor) mask = wide != NULL && !all_finite ? gten_tensor_isfinite (wide, error) : NULL;
      g_autoptr (GtenTensor) finite = NULL;

      if (all_finite)
        finite = g_steal_pointer (&wide);
      else if (mask != NULL)
        finite = gten_tensor_masked_select (wide, mask, error);
      if (finite == NULL || (finite->numel > 0 && !count_part (finite, bins, low, high, counts, error)))
        return NULL;
    }
  if (flat == NULL)
    return NULL;
  return g_variant_new ("((dd)@attt)", low, high, g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, counts, bins, sizeof *counts),
                        measures.n_nan, measures.n_infinite);
}

GVariant *
gten_inspect_histogram (GtenTensor *tensor, guint bins, double low, double high, GError **error)
{
  gboolean recording;
  GVariant *histogram;

  if (bins == 0 || bins > MAX_BINS || !isfinite (low) || !isfinite (high) || low > high)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "A histogram has 1 to %d bins from a finite number to a larger one", MAX_BINS);
      return NULL;
    }
  recording = gten_set_grad_enabled (FALSE);
  histogram = make_histogram (tensor, bins, low, high, error);
  gten_set_grad_enabled (recording);
  return histogram;
}

/* -- setting ------------------------------------------------------------------------------------ */

static char *
index_to_text (GtenTensor *tensor, GVariant *index, GError **error)
{
  gsize n;
  const gint64 *indices = g_variant_get_fixed_array (index, &n, sizeof *indices);
  g_autoptr (GString) text = g_string_new (n == 0 ? "..." : NULL);

  if (n != tensor->n_dims)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_INDEX, "An element of a tensor of %d dimensions has as many indices, not %" G_GSIZE_FORMAT,
                   tensor->n_dims, n);
      return NULL;
    }
  for (gsize d = 0; d < n; d++)
    {
      if (indices[d] < 0 || indices[d] >= gten_sizes (tensor)[d])
        {
          g_set_error (error, GTEN_ERROR, GTEN_ERROR_INDEX, "index %" G_GINT64_FORMAT " is out of bounds for dimension %" G_GSIZE_FORMAT
                       " with size %" G_GINT64_FORMAT, indices[d], d, gten_sizes (tensor)[d]);
          return NULL;
        }
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT, d > 0 ? ", " : "", indices[d]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
check_value (GtenDtype dtype, double value, GError **error)
{
  static const struct { GtenDtype dtype; double low, high; } ranges[] = {
    { GTEN_DTYPE_UINT8, 0, G_MAXUINT8 },          { GTEN_DTYPE_INT8, G_MININT8, G_MAXINT8 },
    { GTEN_DTYPE_INT16, G_MININT16, G_MAXINT16 }, { GTEN_DTYPE_INT32, G_MININT32, G_MAXINT32 },
    { GTEN_DTYPE_INT64, -0x1p53, 0x1p53 },        { GTEN_DTYPE_BOOL, 0, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (ranges[i].dtype == dtype && !(value >= ranges[i].low && value <= ranges[i].high && value == floor (value)))
      {
        g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "%g is no value of dtype %s", value, gten_dtype_get_name (dtype));
        return FALSE;
      }
  return TRUE;
}

/* What others share is left alone: the gradient gets a tensor of its own. A leaf's version stays what it was, or the pass
 * would refuse to go on. */
static gboolean
set (GtenBackward *pass, GtenNode *node, const char *which, GtenTensor *tensor, const char *index, double value, GError **error)
{
  g_autoptr (GtenTensor) own = NULL;
  guint64 output;

  if (g_str_has_prefix (which, "gradient:"))
    {
      own = gten_tensor_clone (tensor, error);
      if (own == NULL || !gten_tensor_set_item_scalar (own, index, NULL, 0, GTEN_VALUE (value), error))
        return FALSE;
      output = g_ascii_strtoull (which + strlen ("gradient:"), NULL, 10);
      return gten_backward_replace_gradient (pass, node, output, own, error);
    }
  own = gten_tensor_detach (tensor, error);
  if (own == NULL)
    return FALSE;
  gint version = __atomic_load_n (&own->storage->version, __ATOMIC_RELAXED);
  gboolean success = gten_tensor_set_item_scalar (own, index, NULL, 0, GTEN_VALUE (value), error);
  __atomic_store_n (&own->storage->version, version, __ATOMIC_RELAXED);
  return success;
}

gboolean
gten_inspect_set_element (GtenBackward *pass, guint64 id, const char *which, GVariant *index, double value, GError **error)
{
  GtenNode *node = gten_inspect_find_node (pass, id, error);
  g_autoptr (GtenTensor) tensor = NULL;
  g_autofree char *text = NULL;
  gboolean recording, success;

  if (node == NULL)
    return FALSE;
  if (strchr (which, '@') != NULL
      || !(g_str_has_prefix (which, "gradient:") || g_str_equal (which, "variable") || g_str_equal (which, "variable-gradient")))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "Elements of \"%s\" cannot be set: only those of gradients and leaves", which);
      return FALSE;
    }
  tensor = gten_inspect_find_tensor (pass, NULL, id, which, error);
  text = tensor != NULL ? index_to_text (tensor, index, error) : NULL;
  if (text == NULL || !check_value ((GtenDtype) tensor->dtype, value, error))
    return FALSE;
  recording = gten_set_grad_enabled (FALSE);
  success = set (pass, node, which, tensor, text, value, error);
  gten_set_grad_enabled (recording);
  return success;
}
