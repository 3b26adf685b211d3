/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The graph of a pass, as bytes that are a variant: an inspector that attaches waits for it, and a builder would make a
 * dozen objects per node first. The form is that of GLib's serialised variants: members follow each other, each at its
 * alignment, and a container ends with the ends of its members of variable size, the last one of a tuple excepted, in as
 * few bytes each as hold them; those of a tuple backwards. */

#include "inspect/gten-inspect-private.h"

#include "autograd/gten-observer-private.h"
#include "device/gten-device.h"
#include "ops/gten-op.h"

#include <string.h>

typedef struct
{
  GByteArray *bytes;
  GtenDevice *device;       /* the last that was written, and its name */
  char       *place;
} Writer;

/* -- the form ----------------------------------------------------------------------------------- */

static void
align (Writer *self, guint to)
{
  static const guint8 zeros[8];

  g_byte_array_append (self->bytes, zeros, -self->bytes->len & (to - 1));
}

static void
put (Writer *self, gconstpointer data, guint n_bytes)
{
  align (self, n_bytes);
  g_byte_array_append (self->bytes, data, n_bytes);
}

static void
put_uint64 (Writer *self, guint64 value)
{
  put (self, &value, sizeof value);
}

static void
put_uint32 (Writer *self, guint32 value)
{
  put (self, &value, sizeof value);
}

/* Returns where it ends. */
static gsize
put_string (Writer *self, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    text = "";
  if (!g_utf8_validate (text, -1, NULL))
    text = valid = g_utf8_make_valid (text, -1);
  g_byte_array_append (self->bytes, (const guint8 *) text, strlen (text) + 1);
  return self->bytes->len;
}

static void
put_end (Writer *self, gsize end, guint width)
{
  guint8 bytes[8];

  for (guint i = 0; i < width; i++)
    bytes[i] = end >> 8 * i;
  g_byte_array_append (self->bytes, bytes, width);
}

/* Ends a container that began at `begin`. */
static void
put_ends (Writer *self, gsize begin, const gsize *ends, gsize n, gboolean backwards)
{
  gsize body = self->bytes->len - begin;
  guint width = body + n <= G_MAXUINT8 ? 1 : body + 2 * n <= G_MAXUINT16 ? 2 : body + 4 * n <= G_MAXUINT32 ? 4 : 8;

  for (gsize i = 0; i < n; i++)
    put_end (self, ends[backwards ? n - 1 - i : i] - begin, width);
}

/* -- nodes -------------------------------------------------------------------------------------- */

static const char *
name_device (Writer *self, GtenDevice *device)
{
  if (device != self->device)
    {
      g_free (self->place);
      self->place = gten_device_to_string (device);
      self->device = device;
    }
  return self->place;
}

/* (axss): shape, dtype and device. */
static void
put_output (Writer *self, GtenNode *node, guint output, GtenDevice *device)
{
  gsize n_dims = 0, begin = self->bytes->len, ends[2];
  const gint64 *sizes = gten_node_get_output_shape (node, output, &n_dims);

  g_byte_array_append (self->bytes, (const guint8 *) sizes, n_dims * sizeof *sizes);
  ends[0] = self->bytes->len;
  ends[1] = put_string (self, gten_dtype_get_name (gten_node_get_output_dtype (node, output)));
  put_string (self, name_device (self, device));
  put_ends (self, begin, ends, G_N_ELEMENTS (ends), TRUE);
}

/* (tstssyuta(axss)) */
static void
put_node (Writer *self, GtenBackward *pass, GtenNode *node)
{
  GtenOp *op = gten_node_get_op (node);
  GtenTensor *variable = gten_node_get_variable (node);
  GtenDevice *device = variable != NULL ? gten_tensor_get_device (variable) : gten_device_get_cpu ();
  guint arrived = 0, expected = 0, n_outputs = gten_node_get_n_outputs (node);
  guint8 state = gten_backward_get_state (pass, node, &arrived, &expected);
  g_autofree gsize *outputs = g_new (gsize, n_outputs + 1);
  gsize begin = self->bytes->len, outputs_begin, ends[3];

  put_uint64 (self, gten_node_get_id (node));
  ends[0] = put_string (self, gten_node_get_name (node));
  put_uint64 (self, gten_node_get_sequence (node));
  ends[1] = put_string (self, op != NULL ? gten_op_get_name (op) : NULL);
  ends[2] = put_string (self, gten_node_get_creation_site (node));
  put (self, &state, sizeof state);
  put_uint32 (self, arrived);
  put_uint64 (self, variable != NULL ? gten_tensor_get_id (variable) : 0);
  outputs_begin = self->bytes->len;
  for (guint i = 0; i < n_outputs; i++)
    {
      align (self, 8);
      put_output (self, node, i, device);
      outputs[i] = self->bytes->len;
    }
  put_ends (self, outputs_begin, outputs, n_outputs, FALSE);
  put_ends (self, begin, ends, G_N_ELEMENTS (ends), TRUE);
}

/* -- the graph ---------------------------------------------------------------------------------- */

static void
put_edges (Writer *self, const GPtrArray *nodes)
{
  g_autoptr (GHashTable) positions = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < nodes->len; i++)
    g_hash_table_insert (positions, g_ptr_array_index (nodes, i), GUINT_TO_POINTER (i));
  for (guint i = 0; i < nodes->len; i++)
    {
      GtenNode *node = g_ptr_array_index (nodes, i);

      for (guint input = 0; input < gten_node_get_n_inputs (node); input++)
        {
          guint output = 0;
          GtenNode *next = gten_node_get_next_function (node, input, &output);
          gpointer position;

          if (next == NULL || !g_hash_table_lookup_extended (positions, next, NULL, &position))
            continue;
          put_uint32 (self, i);
          put_uint32 (self, input);
          put_uint32 (self, GPOINTER_TO_UINT (position));
          put_uint32 (self, output);
        }
    }
}

GVariant *
gten_inspect_graph (GtenBackward *pass)
{
  g_autoptr (GPtrArray) nodes = gten_backward_get_nodes (pass);
  g_autofree gsize *ends = g_new (gsize, nodes->len + 1);
  g_autoptr (GBytes) bytes = NULL;
  Writer self = { .bytes = g_byte_array_new () };
  gsize nodes_end;

  for (guint i = 0; i < nodes->len; i++)
    {
      align (&self, 8);
      put_node (&self, pass, g_ptr_array_index (nodes, i));
      ends[i] = self.bytes->len;
    }
  put_ends (&self, 0, ends, nodes->len, FALSE);
  nodes_end = self.bytes->len;
  align (&self, 4);
  put_edges (&self, nodes);
  put_ends (&self, 0, &nodes_end, 1, TRUE);
  g_free (self.place);
  bytes = g_byte_array_free_to_bytes (self.bytes);
  return g_variant_new_from_bytes (G_VARIANT_TYPE (GTEN_INSPECT_GRAPH), bytes, TRUE);
}
