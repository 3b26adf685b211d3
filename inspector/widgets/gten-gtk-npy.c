/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* NumPy's file format (NEP 1): eight bytes of magic and version, the length of a header, the header
 * as the text of a Python dictionary, and the elements. The header is matched as a whole against
 * what NumPy writes and never evaluated; whatever does not match, or does not add up to the size of
 * the file, is refused. */
#include "gten-gtk-npy.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "gten-gtk-tensor-private.h"

#define MAGIC         "\x93NUMPY"
#define MAGIC_SIZE    6
#define ALIGNMENT     64
#define MAX_HEADER    65536
#define MAX_DIMS      64
#define MAX_FILE      ((guint64) 4 << 30)

static const struct { GtenDtype dtype; const char *descr; } descriptions[] = {
  { GTEN_DTYPE_BOOL, "|b1" }, { GTEN_DTYPE_UINT8, "|u1" }, { GTEN_DTYPE_INT8, "|i1" }, { GTEN_DTYPE_INT16, "<i2" },
  { GTEN_DTYPE_INT32, "<i4" }, { GTEN_DTYPE_INT64, "<i8" }, { GTEN_DTYPE_FLOAT16, "<f2" }, { GTEN_DTYPE_FLOAT32, "<f4" },
  { GTEN_DTYPE_FLOAT64, "<f8" },
};

static const char *
describe_dtype (GtenDtype dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (descriptions); i++)
    if (descriptions[i].dtype == dtype)
      return descriptions[i].descr;
  return NULL;
}

/* The format has no bfloat16: its values fit into float32. */
static GBytes *
widen (GtenGtkTensor *self)
{
  float *values = g_new (float, self->n_values + 1);

  for (guint64 i = 0; i < self->n_values; i++)
    values[i] = gten_gtk_tensor_get_value (self, i);
  return g_bytes_new_take (values, self->n_values * sizeof *values);
}

/**
 * gten_gtk_tensor_to_npy:
 * @self: a tensor, all of whose values are known
 * @error: return location for an error
 *
 * Makes the contents of a `.npy` file. bfloat16 becomes float32, which NumPy has.
 *
 * Returns: (transfer full) (nullable): the bytes
 */
GBytes *
gten_gtk_tensor_to_npy (GtenGtkTensor *self, GError **error)
{
  GtenDtype dtype = self->dtype == GTEN_DTYPE_BFLOAT16 ? GTEN_DTYPE_FLOAT32 : self->dtype;
  const char *descr = describe_dtype (dtype);
  g_autoptr (GString) header = g_string_new (NULL);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GBytes) values = NULL;
  guint16 length;

  if (self->values == NULL || self->is_sample || descr == NULL)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, _ ("The values of “%s” are not all here"),
                   self->name != NULL ? self->name : _ ("the tensor"));
      return NULL;
    }
  values = self->dtype == GTEN_DTYPE_BFLOAT16 ? widen (self) : g_bytes_ref (self->values);
  g_string_append_printf (header, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (gsize i = 0; i < self->n_dims; i++)
    g_string_append_printf (header, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", self->shape[i]);
  g_string_append (header, self->n_dims == 1 ? ",), }" : "), }");
  while ((MAGIC_SIZE + 4 + header->len + 1) % ALIGNMENT != 0)
    g_string_append_c (header, ' ');
  g_string_append_c (header, '\n');
  length = GUINT16_TO_LE (header->len);
  g_byte_array_append (file, (const guint8 *) MAGIC "\x01\x00", MAGIC_SIZE + 2);
  g_byte_array_append (file, (const guint8 *) &length, sizeof length);
  g_byte_array_append (file, (const guint8 *) header->str, header->len);
  g_byte_array_append (file, g_bytes_get_data (values, NULL),
                       self->n_values * gten_dtype_get_size (dtype));
  return g_byte_array_free_to_bytes (g_steal_pointer (&file));
}

/**
 * gten_gtk_tensor_save_npy:
 * @self: a tensor, all of whose values are known
 * @path: (type filename): the file
 * @error: return location for an error
 *
 * Writes a `.npy` file.
 *
 * Returns: %TRUE, or %FALSE with an error
 */
gboolean
gten_gtk_tensor_save_npy (GtenGtkTensor *self, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = gten_gtk_tensor_to_npy (self, error);

  return bytes != NULL && g_file_set_contents (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

/* -- reading ----------------------------------------------------------------------------------- */

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, _ ("Not a .npy file that can be compared: %s"), why);
  return FALSE;
}

static gboolean
parse_shape (const char *text, gint64 *shape, gsize *n_dims, GError **error)
{
  *n_dims = 0;
  while (*text != '\0')
    {
      char *end;
      gint64 size = g_ascii_strtoll (text, &end, 10);

      if (end == text)
        break;
      if (*n_dims == MAX_DIMS || size < 0)
        return refuse (error, _ ("its shape is out of bounds"));
      shape[(*n_dims)++] = size;
      text = end + strspn (end, ", ");
    }
  return *text == '\0' || refuse (error, _ ("its shape is malformed"));
}

static gboolean
parse_header (const char *header, GtenDtype *dtype, gint64 *shape, gsize *n_dims, GError **error)
{
  g_autoptr (GRegex) regex
    = g_regex_new ("\\A\\{\\s*'descr':\\s*'([<|=]?[a-z][0-9]+)',\\s*'fortran_order':\\s*(True|False),\\s*"
                   "'shape':\\s*\\(([0-9, ]*)\\),?\\s*\\}\\s*\\z", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *descr = NULL;
  g_autofree char *order = NULL;
  g_autofree char *sizes = NULL;

  if (!g_regex_match (regex, header, 0, &match))
    return refuse (error, _ ("its header is not one of plain numbers"));
  descr = g_match_info_fetch (match, 1);
  order = g_match_info_fetch (match, 2);
  sizes = g_match_info_fetch (match, 3);
  *dtype = GTEN_DTYPE_NONE;
  for (guint i = 0; i < G_N_ELEMENTS (descriptions); i++)
    if (g_str_equal (descriptions[i].descr + 1, descr + strspn (descr, "<|=")))
      *dtype = descriptions[i].dtype;
  if (*dtype == GTEN_DTYPE_NONE)
    return refuse (error, _ ("its dtype has no counterpart"));
  if (!parse_shape (sizes, shape, n_dims, error))
    return FALSE;
  return g_str_equal (order, "False") || *n_dims < 2
         || refuse (error, _ ("it is in Fortran order"));
}

/**
 * gten_gtk_tensor_new_from_npy:
 * @name: (nullable): what the tensor is called
 * @bytes: the contents of a `.npy` file
 * @error: return location for an error
 *
 * Reads a `.npy` file of little-endian numbers in C order.
 *
 * Returns: (transfer full) (nullable): the tensor
 */
GtenGtkTensor *
gten_gtk_tensor_new_from_npy (const char *name, GBytes *bytes, GError **error)
{
  gsize size, begin, length, n_dims;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree char *header = NULL;
  g_autoptr (GtenGtkTensor) tensor = NULL;
  g_autoptr (GBytes) values = NULL;
  gint64 shape[MAX_DIMS];
  guint64 n_bytes;
  GtenDtype dtype;

  if (size < MAGIC_SIZE + 4 || memcmp (data, MAGIC, MAGIC_SIZE) != 0 || data[MAGIC_SIZE] < 1
      || data[MAGIC_SIZE] > 3)
    {
      refuse (error, _ ("it does not begin as one"));
      return NULL;
    }
  begin = MAGIC_SIZE + (data[MAGIC_SIZE] == 1 ? 4 : 6);
  length = data[MAGIC_SIZE + 2] | data[MAGIC_SIZE + 3] << 8;
  if (begin == MAGIC_SIZE + 6 && size >= begin)
    length |= (gsize) data[MAGIC_SIZE + 4] << 16 | (gsize) data[MAGIC_SIZE + 5] << 24;
  if (size < begin || length > MAX_HEADER || length > size - begin)
    {
      refuse (error, _ ("its header is longer than it"));
      return NULL;
    }
  header = g_strndup ((const char *) data + begin, length);
  if (!parse_header (header, &dtype, shape, &n_dims, error))
    return NULL;
  n_bytes = gten_dtype_get_size (dtype);
  for (gsize i = 0; i < n_dims; i++)
    if (!g_uint64_checked_mul (&n_bytes, n_bytes, shape[i]))
      {
        refuse (error, _ ("its shape is out of bounds"));
        return NULL;
      }
  if (n_bytes != size - begin - length)
    {
      refuse (error, _ ("it has not as many elements as its shape says"));
      return NULL;
    }
  tensor = gten_gtk_tensor_new (name, dtype, shape, n_dims);
  values = g_bytes_new_from_bytes (bytes, begin + length, n_bytes);
  /* Elements are read where they lie, which need not be aligned there. */
  if ((gsize) g_bytes_get_data (values, NULL) % ALIGNMENT != 0)
    {
      GBytes *aligned = g_bytes_new (g_bytes_get_data (values, NULL), n_bytes);

      g_bytes_unref (values);
      values = aligned;
    }
  gten_gtk_tensor_set_values (tensor, values);
  return g_steal_pointer (&tensor);
}

/**
 * gten_gtk_tensor_load_npy:
 * @path: (type filename): the file
 * @error: return location for an error
 *
 * Reads a `.npy` file.
 *
 * Returns: (transfer full) (nullable): the tensor, called after the file
 */
GtenGtkTensor *
gten_gtk_tensor_load_npy (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = g_path_get_basename (path);
  GStatBuf info;
  char *contents;
  gsize length;

  if (g_stat (path, &info) != 0 || !S_ISREG (info.st_mode) || (guint64) info.st_size > MAX_FILE)
    {
      refuse (error, _ ("it is no regular file of 4 GiB or less"));
      return NULL;
    }
  if (!g_file_get_contents (path, &contents, &length, error))
    return NULL;
  bytes = g_bytes_new_take (contents, length);
  return gten_gtk_tensor_new_from_npy (name, bytes, error);
}
