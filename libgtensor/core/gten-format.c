/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Printing, character for character as PyTorch prints: a first pass over the elements that will be
 * shown finds how numbers are written (as integers, with a fixed number of digits, or with
 * exponents), a second one the widest of them, a third one writes. A dtype is written without the
 * "torch." before it. */

#include "core/gten-tensor-private.h"

#include "autograd/gten-node.h"
#include "device/gten-device-private.h"
#include "ops/gten-run-private.h"

#include <math.h>
#include <string.h>

typedef struct
{
  int    precision;
  gint64 threshold, edgeitems;
  int    linewidth;
  int    sci_mode;      /* negative: as the numbers ask for it */
} PrintOptions;

#define DEFAULT_OPTIONS { 4, 1000, 3, 80, -1 }

static PrintOptions print_options = DEFAULT_OPTIONS;
G_LOCK_DEFINE_STATIC (print_options);

typedef struct
{
  const PrintOptions *options;
  GtenDtype           dtype;
  guint               n_dims;
  const gint64       *sizes, *strides;
  gsize               item_size;
  gboolean            summarize;
  gboolean            edges_only;       /* the data holds nothing of what is left out */

  gboolean            any;              /* there is a finite number other than zero */
  gboolean            integral, scientific;
  double              smallest, largest;
  gsize               width;
  GString            *element;          /* scratch */
  GString            *text;
} Printer;

typedef void (*Visit) (Printer *printer, const GtenScalar *value);

static gboolean
is_summarized (Printer *printer, guint dim)
{
  return printer->summarize
         && printer->sizes[dim] - printer->options->edgeitems > printer->options->edgeitems;
}

/* The part of `data` at index i of a dimension. */
static const char *
part_at (Printer *printer, guint dim, const char *data, gint64 i)
{
  const gint64 edge = printer->options->edgeitems;

  if (printer->edges_only && i >= edge && is_summarized (printer, dim))
    i -= printer->sizes[dim] - 2 * edge;
  return data + i * printer->strides[dim] * (gint64) printer->item_size;
}

/* Visits the elements that will be shown. */
static void
visit_elements (Printer *printer, guint dim, const char *data, Visit visit)
{
  if (dim == printer->n_dims)
    {
      GtenScalar value = gten_scalar_from_element (printer->dtype, data);
      visit (printer, &value);
      return;
    }

  gint64 size = printer->sizes[dim];
  gint64 edge = printer->options->edgeitems;
  for (gint64 i = 0; i < size; i++)
    {
      if (i == edge && is_summarized (printer, dim))
        i = size - edge;
      if (i < size)
        visit_elements (printer, dim + 1, part_at (printer, dim, data, i), visit);
    }
}

static void
visit_find_mode (Printer *printer, const GtenScalar *value)
{
  double magnitude = fabs (value->f);

  if (!isfinite (value->f) || value->f == 0)
    return;
  printer->smallest = printer->any ? MIN (printer->smallest, magnitude) : magnitude;
  printer->largest = printer->any ? MAX (printer->largest, magnitude) : magnitude;
  printer->any = TRUE;
  if (value->f != ceil (value->f))
    printer->integral = FALSE;
}

/* The number without alignment. */
static const GString *
format_element (Printer *printer, const GtenScalar *value)
{
  GString *element = printer->element;

  if (value->kind == GTEN_SCALAR_BOOL)
    g_string_assign (element, value->i ? "True" : "False");
  else if (value->kind == GTEN_SCALAR_INT)
    g_string_printf (element, "%" G_GINT64_FORMAT, value->i);
  else if (isnan (value->f))
    g_string_assign (element, "nan");
  else if (isinf (value->f))
    g_string_assign (element, value->f > 0 ? "inf" : "-inf");
  else if (printer->scientific)
    g_string_printf (element, "%.*e", printer->options->precision, value->f);
  else if (printer->integral)
    g_string_printf (element, "%.0f.", value->f);
  else
    g_string_printf (element, "%.*f", printer->options->precision, value->f);
  return element;
}

static void
visit_find_width (Printer *printer, const GtenScalar *value)
{
  /* As in PyTorch, zeros, infinities and NaNs do not widen. */
  if (value->kind == GTEN_SCALAR_FLOAT && (!isfinite (value->f) || value->f == 0))
    return;
  printer->width = MAX (printer->width, format_element (printer, value)->len);
}

static void
append_element (Printer *printer, const char *data)
{
  GtenScalar     value = gten_scalar_from_element (printer->dtype, data);
  const GString *element = format_element (printer, &value);

  for (gsize i = element->len; i < printer->width; i++)
    g_string_append_c (printer->text, ' ');
  g_string_append_len (printer->text, element->str, element->len);
}

static void
append_spaces (GString *text, guint n)
{
  for (guint i = 0; i < n; i++)
    g_string_append_c (text, ' ');
}

static void
append_vector (Printer *printer, guint indent, const char *data)
{
  gint64   size = printer->sizes[printer->n_dims - 1];
  gint64   edge = printer->options->edgeitems;
  gboolean summarized = is_summarized (printer, printer->n_dims - 1);
  gint64   per_line = (printer->options->linewidth - (gint64) indent) / (gint64) (printer->width + 2);
  gint64   n_shown = 0;

  per_line = MAX (per_line, 1);
  g_string_append_c (printer->text, '[');
  for (gint64 i = 0; i < size; i++, n_shown++)
    {
      if (n_shown > 0)
        g_string_append_c (printer->text, ',');
      if (n_shown > 0 && n_shown % per_line == 0)
        {
          g_string_append_c (printer->text, '\n');
          append_spaces (printer->text, indent + 1);
        }
      else if (n_shown > 0)
        g_string_append_c (printer->text, ' ');

      if (summarized && i == edge)
        {
          g_string_append (printer->text, edge > 0 ? " ..." : "...");
          i = size - edge - 1;
        }
      else
        append_element (printer, part_at (printer, printer->n_dims - 1, data, i));
    }
  g_string_append_c (printer->text, ']');
}

static void
append_elements (Printer *printer, guint dim, guint indent, const char *data)
{
  if (printer->n_dims == 0)
    {
      append_element (printer, data);
      return;
    }
  if (dim == printer->n_dims - 1)
    {
      append_vector (printer, indent, data);
      return;
    }

  gint64   size = printer->sizes[dim];
  gint64   edge = printer->options->edgeitems;
  gboolean summarized = is_summarized (printer, dim);
  g_string_append_c (printer->text, '[');
  for (gint64 i = 0; i < size; i++)
    {
      if (i > 0)
        {
          g_string_append_c (printer->text, ',');
          for (guint line = dim + 1; line < printer->n_dims; line++)
            g_string_append_c (printer->text, '\n');
          append_spaces (printer->text, indent + 1);
        }
      if (summarized && i == edge)
        {
          g_string_append (printer->text, "...");
          i = size - edge - 1;
        }
      else
        append_elements (printer, dim + 1, indent + 1, part_at (printer, dim, data, i));
    }
  g_string_append_c (printer->text, ']');
}

/* What will be shown of a tensor on a device, there: the edges of the dimensions that are summarised, side by side. */
static GtenTensor *
take_edges (GtenTensor *self, const PrintOptions *options, GError **error)
{
  const gint64 edge = options->edgeitems;
  gint64 sizes[GTEN_MAX_DIMS];
  guint  summarized[GTEN_MAX_DIMS], n_summarized = 0;
  g_autoptr (GtenTensor) edges = NULL;

  for (guint i = 0; i < self->n_dims; i++)
    {
      sizes[i] = gten_sizes (self)[i];
      if (sizes[i] <= 2 * edge)
        continue;
      sizes[i] = 2 * edge;
      summarized[n_summarized++] = i;
    }
  edges = gten_tensor_alloc (self->dtype, self->n_dims, sizes, self->storage->device, error);
  if (edges == NULL)
    return NULL;
  for (guint64 corner = 0; corner < (guint64) 1 << n_summarized; corner++)
    {
      g_autoptr (GtenTensor) from = g_object_ref (self), to = g_object_ref (edges);

      for (guint i = 0; i < n_summarized; i++)
        {
          const gboolean last = corner >> i & 1;
          const gint64 size = gten_sizes (self)[summarized[i]];
          GtenTensor *part = gten_geometry_slice (from, summarized[i], last ? size - edge : 0, edge, 1);
          GtenTensor *place = gten_geometry_slice (to, summarized[i], last ? edge : 0, edge, 1);

          g_object_unref (from);
          g_object_unref (to);
          from = part;
          to = place;
        }
      if (!gten_copy_elements (to, from, error))
        return NULL;
    }
  return g_steal_pointer (&edges);
}

static void
append_contents (GtenTensor *self, const PrintOptions *options, GString *text)
{
  g_autoptr (GtenTensor) dense = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) element = g_string_new (NULL);
  GtenTensor *shown = self;
  const char *data;
  Printer     printer;

  if (self->numel == 0)
    {
      g_string_append (text, "[]");
      return;
    }
  data = gten_tensor_get_data (self);
  if (data == NULL)
    {
      shown = dense = self->numel > options->threshold ? take_edges (self, options, &error) : gten_contiguous (self, &error);
      bytes = dense != NULL ? gten_tensor_get_bytes (dense, &error) : NULL;
      if (bytes == NULL)
        {
          g_string_append (text, error->message);
          return;
        }
      data = g_bytes_get_data (bytes, NULL);
    }

  printer = (Printer) {
    .options = options, .dtype = self->dtype, .n_dims = self->n_dims,
    .sizes = gten_sizes (self), .strides = gten_strides (shown), .item_size = gten_itemsize (self),
    .summarize = self->numel > options->threshold, .edges_only = shown != self,
    .integral = TRUE, .width = 1, .element = element, .text = text,
  };
  if (gten_dtype_is_floating_point (self->dtype))
    {
      visit_elements (&printer, 0, data, visit_find_mode);
      if (printer.any)
        printer.scientific = options->sci_mode >= 0 ? options->sci_mode
                             : printer.largest / printer.smallest > 1000.0 || printer.largest > 1.0e8
                               || printer.smallest < 1.0e-4;
    }
  visit_elements (&printer, 0, data, visit_find_width);
  append_elements (&printer, 0, strlen ("tensor("), data);
}

/* A suffix that would pass the end of the line begins a new one. */
static void
append_suffix (GString *text, gsize *line_length, int linewidth, const char *suffix)
{
  gsize length = strlen (suffix);

  if ((gint64) (*line_length + length + 2) > linewidth)
    {
      g_string_append (text, ",\n");
      append_spaces (text, strlen ("tensor("));
      *line_length = strlen ("tensor(") + length;
    }
  else
    {
      g_string_append (text, ", ");
      *line_length += length + 2;
    }
  g_string_append (text, suffix);
}

static char *
tuple_to_string (guint n_dims, const gint64 *sizes)
{
  g_autofree char *list = gten_shape_to_string (n_dims, sizes);

  list[strlen (list) - 1] = '\0';
  return g_strdup_printf ("(%s%s)", list + 1, n_dims == 1 ? "," : "");
}

/**
 * gten_tensor_to_string:
 * @self: a tensor
 *
 * The tensor as PyTorch prints it: "tensor([[1., 2.], [3., 4.]], requires_grad=True)". Large
 * tensors are summarised; see [func@set_printoptions].
 *
 * Returns: (transfer full): the text
 */
char *
gten_tensor_to_string (GtenTensor *self)
{
  GtenDtype    default_dtype = gten_get_default_dtype ();
  PrintOptions options;
  GString     *text;
  const char  *last_line;
  gsize        line_length;
  GtenNode    *grad_fn;

  g_return_val_if_fail (GTEN_IS_TENSOR (self), NULL);

  G_LOCK (print_options);
  options = print_options;
  G_UNLOCK (print_options);

  text = g_string_new ("tensor(");
  append_contents (self, &options, text);

  /* PyTorch counts a line without its predecessor as one character longer than it is, another as
   * one shorter; so do we. */
  last_line = strrchr (text->str, '\n');
  line_length = last_line != NULL ? strlen (last_line) + 1 : text->len + 2;

  if (self->storage->device != gten_device_get_cpu ())
    {
      g_autofree char *suffix = g_strdup_printf ("device='%s'",
                                                 gten_device_get_name (self->storage->device));
      append_suffix (text, &line_length, options.linewidth, suffix);
    }
  if (self->numel == 0 ? self->n_dims != 1 : options.edgeitems == 0)
    {
      g_autofree char *size = tuple_to_string (self->n_dims, gten_sizes (self));
      g_autofree char *suffix = g_strdup_printf ("size=%s", size);
      append_suffix (text, &line_length, options.linewidth, suffix);
    }
  /* Elements show that they are integers or truth values; without any, the dtype has to be said. */
  if (self->dtype != default_dtype
      && (self->numel == 0 || (self->dtype != GTEN_DTYPE_INT64 && self->dtype != GTEN_DTYPE_BOOL)))
    {
      g_autofree char *suffix = g_strdup_printf ("dtype=%s", gten_dtype_get_name (self->dtype));
      append_suffix (text, &line_length, options.linewidth, suffix);
    }
  grad_fn = gten_tensor_get_grad_fn (self);
  if (grad_fn != NULL)
    {
      g_autofree char *suffix = g_strdup_printf ("grad_fn=<%s>", gten_node_get_name (grad_fn));
      append_suffix (text, &line_length, options.linewidth, suffix);
    }
  else if (gten_tensor_get_requires_grad (self))
    append_suffix (text, &line_length, options.linewidth, "requires_grad=True");

  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

/**
 * gten_set_printoptions:
 * @precision: digits after the point; 4 at first
 * @threshold: how many elements a tensor may have to be printed as a whole; 1000 at first
 * @edgeitems: how many items a summary shows at each end of a dimension; 3 at first
 * @linewidth: characters per line; 80 at first
 * @profile: (nullable): "default", "short" or "full": sets all of the above before they are applied
 * @sci_mode: 1 to write all numbers with exponents, 0 to write none so, -1 to choose
 * @error: return location for an error
 *
 * Sets how tensors are printed in this process. A negative number leaves its option as it is.
 *
 * Raises %GTEN_ERROR_VALUE if there is no such profile.
 *
 * Returns: %TRUE if the options were set
 */
gboolean
gten_set_printoptions (int precision, gint64 threshold, gint64 edgeitems, int linewidth, const char *profile, int sci_mode,
                       GError **error)
{
  static const struct
  {
    const char  *name;
    PrintOptions options;
  } profiles[] = {
    { "default", DEFAULT_OPTIONS },
    { "short", { 2, 1000, 2, 80, -1 } },
    { "full", { 4, G_MAXINT64, 3, 80, -1 } },
  };
  const PrintOptions *preset = NULL;

  for (guint i = 0; profile != NULL && i < G_N_ELEMENTS (profiles); i++)
    if (g_str_equal (profile, profiles[i].name))
      preset = &profiles[i].options;
  if (profile != NULL && preset == NULL)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "set_printoptions: no profile '%s': default, short or full",
                   profile);
      return FALSE;
    }

  G_LOCK (print_options);
  if (preset != NULL)
    print_options = *preset;
  if (precision >= 0)
    print_options.precision = precision;
  if (threshold >= 0)
    print_options.threshold = threshold;
  if (edgeitems >= 0)
    print_options.edgeitems = edgeitems;
  if (linewidth >= 0)
    print_options.linewidth = linewidth;
  print_options.sci_mode = sci_mode;
  G_UNLOCK (print_options);
  return TRUE;
}
