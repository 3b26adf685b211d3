/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tensors as text that can be pasted elsewhere: every digit that it takes to read the same number
 * again. */
#include "gten-gtk-format.h"

#include <math.h>
#include <string.h>

#include "gten-gtk-tensor-private.h"

G_DEFINE_ENUM_TYPE (GtenGtkFormat, gten_gtk_format,
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_FORMAT_TEXT, "text"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_FORMAT_TSV, "tsv"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_FORMAT_PYTHON, "python"),
                    G_DEFINE_ENUM_VALUE (GTEN_GTK_FORMAT_C, "c"))

/* How a language writes what has no digits, and where rows begin and end. */
typedef struct
{
  const char *nan, *infinity, *minus_infinity, *yes, *no;
  const char *open, *close, *between, *between_rows;
} Syntax;

static const Syntax syntaxes[] = {
  [GTEN_GTK_FORMAT_TEXT]   = { "nan", "inf", "-inf", "True", "False", "", "", "  ", "\n" },
  [GTEN_GTK_FORMAT_TSV]    = { "nan", "inf", "-inf", "1", "0", "", "", "\t", "\n" },
  [GTEN_GTK_FORMAT_PYTHON] = { "float('nan')", "float('inf')", "float('-inf')", "True", "False", "[", "]", ", ", ",\n" },
  [GTEN_GTK_FORMAT_C]      = { "NAN", "INFINITY", "-INFINITY", "true", "false", "{ ", " }", ", ", ",\n" },
};

static char *
format_exactly (GtenGtkTensor *self, guint64 index, const Syntax *syntax)
{
  double value = gten_gtk_tensor_get_value (self, index);
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (self->dtype == GTEN_DTYPE_BOOL)
    return g_strdup (value != 0 ? syntax->yes : syntax->no);
  if (isnan (value))
    return g_strdup (syntax->nan);
  if (isinf (value))
    return g_strdup (value > 0 ? syntax->infinity : syntax->minus_infinity);
  if (self->dtype == GTEN_DTYPE_INT64)
    return gten_gtk_tensor_format_value (self, index);
  g_ascii_formatd (text, sizeof text, self->dtype == GTEN_DTYPE_FLOAT64 ? "%.17g" : "%.9g", value);
  /* A literal of a floating dtype is one, in every language. */
  if (gten_dtype_is_floating_point (self->dtype) && strpbrk (text, ".e") == NULL)
    return g_strconcat (text, ".0", NULL);
  return g_strdup (text);
}

static void
append (GtenGtkTensor *self, GString *text, const Syntax *syntax, gsize dim, guint64 *index,
        gsize width)
{
  gboolean last = dim + 1 >= self->n_dims;

  if (dim == self->n_dims)
    {
      g_autofree char *number = format_exactly (self, (*index)++, syntax);

      g_string_append_printf (text, "%*s", (int) width, number);
      return;
    }
  g_string_append (text, syntax->open);
  for (gint64 i = 0; i < self->sample[dim]; i++)
    {
      if (i > 0)
        g_string_append (text, last ? syntax->between : syntax->between_rows);
      if (i > 0 && !last && *syntax->open != '\0')
        g_string_append_printf (text, "%*s", (int) ((dim + 1) * strlen (syntax->open)), "");
      /* Between matrices of text there is an empty line. */
      if (i > 0 && dim + 2 < self->n_dims && *syntax->open == '\0')
        g_string_append_c (text, '\n');
      append (self, text, syntax, dim + 1, index, width);
    }
  g_string_append (text, syntax->close);
}

/**
 * gten_gtk_tensor_format:
 * @self: a tensor whose values are known
 * @format: how
 *
 * Writes what is here of a tensor as text.
 *
 * Returns: (transfer full): the text
 */
char *
gten_gtk_tensor_format (GtenGtkTensor *self, GtenGtkFormat format)
{
  GString *text = g_string_new (NULL);
  const Syntax *syntax = &syntaxes[format];
  guint64 index = 0;
  gsize width = 0;

  if (self->values == NULL)
    return g_string_free (text, FALSE);
  if (format == GTEN_GTK_FORMAT_TEXT)
    for (guint64 i = 0; i < self->n_values; i++)
      {
        g_autofree char *number = format_exactly (self, i, syntax);
        width = MAX (width, strlen (number));
      }
  append (self, text, syntax, 0, &index, width);
  return g_string_free (text, FALSE);
}
