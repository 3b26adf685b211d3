/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an inspector sees: nodes, tensors and devices as variants. Tensors are measured
 * and thinned out by ordinary operations, so the same code serves every device. */

#include "inspect/gten-inspect-private.h"

#include "autograd/gten-observer-private.h"
#include "device/gten-device.h"
#include "ops/gten-op.h"
#include "ops/gten-ops.h"

#include <string.h>

/* -- tensors ------------------------------------------------------------------------------------ */

/* Every step-th element along each dimension, the longest dimensions thinned out first, so that at most max_bytes remain. */
static GtenTensor *
thin_out (GtenTensor *tensor, guint64 max_bytes, gint64 *steps, GError **error)
{
  g_autoptr (GtenTensor) sample = g_object_ref (tensor);
  guint64 itemsize = gten_tensor_element_size (tensor);

  for (gint64 i = 0; i < gten_tensor_dim (tensor); i++)
    steps[i] = 1;
  while (gten_tensor_numel (sample) * itemsize > MAX (max_bytes, itemsize))
    {
      gsize n_dims;
      const gint64 *sizes = gten_tensor_get_shape (sample, &n_dims);
      gsize longest = 0;
      GtenTensor *thinner;

      for (gsize i = 1; i < n_dims; i++)
        if (sizes[i] > sizes[longest])
          longest = i;
      thinner = gten_tensor_slice_dim (sample, longest, GTEN_NONE, GTEN_NONE, 2, error);
      if (thinner == NULL)
        return NULL;
      steps[longest] *= 2;
      g_set_object (&sample, thinner);
      g_object_unref (thinner);
    }
  return g_steal_pointer (&sample);
}

static GVariant *
sizes_variant (const gint64 *sizes, gsize n_dims)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_INT64, sizes, n_dims, sizeof *sizes);
}

static GVariant *
describe_tensor (GtenTensor *tensor, GtenTensor *sample, const gint64 *steps)
{
  GVariantBuilder builder;
  g_autofree char *device = gten_device_to_string (gten_tensor_get_device (tensor));
  g_autofree char *text = gten_tensor_to_string (tensor);
  gsize n_dims, n_sample_dims;
  const gint64 *sizes = gten_tensor_get_shape (tensor, &n_dims);
  const gint64 *sample_sizes = gten_tensor_get_shape (sample, &n_sample_dims);
  GtenMeasures measures = gten_measure (tensor, TRUE);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "shape", sizes_variant (sizes, n_dims));
  g_variant_builder_add (&builder, "{sv}", "dtype",
                         g_variant_new_string (gten_dtype_get_name (gten_tensor_get_dtype (tensor))));
  g_variant_builder_add (&builder, "{sv}", "device", g_variant_new_string (device));
  g_variant_builder_add (&builder, "{sv}", "step", sizes_variant (steps, n_dims));
  g_variant_builder_add (&builder, "{sv}", "sample", sizes_variant (sample_sizes, n_sample_dims));
  g_variant_builder_add (&builder, "{sv}", "statistics", gten_measures_to_variant (&measures));
  g_variant_builder_add (&builder, "{sv}", "text", g_variant_new_string (text));
  return g_variant_builder_end (&builder);
}

/* -- nodes -------------------------------------------------------------------------------------- */

GtenNode *
gten_inspect_find_node (GtenBackward *pass, guint64 id, GError **error)
{
  g_autoptr (GPtrArray) nodes = gten_backward_get_nodes (pass);

  for (guint i = 0; i < nodes->len; i++)
    if (gten_node_get_id (g_ptr_array_index (nodes, i)) == id)
      return g_ptr_array_index (nodes, i);
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "The pass has no node %" G_GUINT64_FORMAT, id);
  return NULL;
}

static GtenTensor *
find_now (GtenBackward *pass, GtenNode *node, const char *which, GError **error)
{
  GtenTensor *variable = gten_node_get_variable (node);
  GtenTensor *tensor = NULL;
  guint64 output;

  if (g_str_has_prefix (which, "saved:"))
    return gten_node_get_saved (node, which + strlen ("saved:"), error);
  if (g_str_has_prefix (which, "gradient:")
      && g_ascii_string_to_unsigned (which + strlen ("gradient:"), 10, 0, G_MAXUINT, &output, NULL))
    tensor = gten_backward_get_gradient (pass, node, output);
  else if (g_str_has_prefix (which, "root:")
           && g_ascii_string_to_unsigned (which + strlen ("root:"), 10, 0, G_MAXUINT, &output, NULL))
    tensor = gten_backward_get_root (pass, node, output);
  else if (g_str_equal (which, "variable"))
    tensor = variable;
  else if (g_str_equal (which, "variable-gradient") && variable != NULL)
    tensor = gten_tensor_get_grad (variable);
  if (tensor == NULL)
    g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "%s has no tensor \"%s\" now", gten_node_get_name (node),
                 which);
  return tensor != NULL ? g_object_ref (tensor) : NULL;
}

GtenTensor *
gten_inspect_find_tensor (GtenBackward *pass, GtenJournal *journal, guint64 id, const char *which, GError **error)
{
  GtenNode *node = gten_inspect_find_node (pass, id, error);
  const char *at = strchr (which, '@');
  g_autofree char *word = NULL;
  guint64 step;

  if (node == NULL)
    return NULL;
  if (at == NULL)
    return find_now (pass, node, which, error);
  if (!g_ascii_string_to_unsigned (at + 1, 10, 0, G_MAXUINT, &step, error))
    return NULL;
  if (journal == NULL)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_VALUE, "No journal of this pass is kept");
      return NULL;
    }
  word = g_strndup (which, at - which);
  return gten_journal_find (journal, pass, node, word, step, error);
}

GVariant *
gten_inspect_tensor (GtenTensor *tensor, guint64 max_bytes, GBytes **elements, GError **error)
{
  g_autofree gint64 *steps = g_new (gint64, gten_tensor_dim (tensor) + 1);
  gboolean recording = gten_set_grad_enabled (FALSE);
  g_autoptr (GtenTensor) sample = thin_out (tensor, max_bytes, steps, error);

  *elements = sample != NULL ? gten_tensor_get_bytes (sample, error) : NULL;
  gten_set_grad_enabled (recording);
  return *elements != NULL ? describe_tensor (tensor, sample, steps) : NULL;
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static guint64
count_saved_bytes (GtenNode *node)
{
  g_auto (GStrv) names = gten_node_is_released (node) ? NULL : gten_node_get_saved_names (node);
  guint64 n_bytes = 0;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GtenTensor) saved = gten_node_get_saved (node, names[i], NULL);

      if (saved != NULL)
        n_bytes += gten_tensor_numel (saved) * gten_tensor_element_size (saved);
    }
  return n_bytes;
}

GVariant *
gten_inspect_saved_bytes (GtenBackward *pass)
{
  g_autoptr (GPtrArray) nodes = gten_backward_get_nodes (pass);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(tt)"));
  for (guint i = 0; i < nodes->len; i++)
    g_variant_builder_add (&list, "(tt)", gten_node_get_id (nodes->pdata[i]), count_saved_bytes (nodes->pdata[i]));
  return g_variant_builder_end (&list);
}

GVariant *
gten_inspect_node (GtenBackward *pass, guint64 id, GError **error)
{
  GtenNode *node = gten_inspect_find_node (pass, id, error);
  GtenOp *op = node != NULL ? gten_node_get_op (node) : NULL;
  GVariantBuilder builder, inputs;
  g_autofree char *arguments = NULL;
  g_auto (GStrv) saved = NULL;

  if (node == NULL)
    return NULL;
  arguments = gten_node_describe_args (node);
  saved = gten_node_get_saved_names (node);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "name", g_variant_new_string (gten_node_get_name (node)));
  if (op != NULL)
    {
      g_auto (GStrv) gradients = gten_op_get_gradients (op);

      g_variant_builder_add (&builder, "{sv}", "op", g_variant_new_string (gten_op_get_name (op)));
      g_variant_builder_add (&builder, "{sv}", "schema", g_variant_new_string (gten_op_get_schema (op)));
      g_variant_builder_add (&builder, "{sv}", "doc", g_variant_new_string (gten_op_get_doc (op)));
      g_variant_builder_add (&builder, "{sv}", "formula",
                             g_variant_new_string (or_empty (gten_op_get_formula (op))));
      g_variant_builder_add (&builder, "{sv}", "gradients",
                             g_variant_new_strv ((const char *const *) gradients, -1));
    }
  g_variant_builder_add (&builder, "{sv}", "arguments", g_variant_new_string (or_empty (arguments)));
  g_variant_builder_add (&builder, "{sv}", "site",
                         g_variant_new_string (or_empty (gten_node_get_creation_site (node))));
  g_variant_builder_init (&inputs, G_VARIANT_TYPE ("at"));
  for (guint i = 0; i < gten_node_get_n_inputs (node); i++)
    {
      GtenNode *next = gten_node_get_next_function (node, i, NULL);

      g_variant_builder_add (&inputs, "t", next != NULL ? gten_node_get_id (next) : 0);
    }
  g_variant_builder_add (&builder, "{sv}", "inputs", g_variant_builder_end (&inputs));
  g_variant_builder_add (&builder, "{sv}", "saved", g_variant_new_strv ((const char *const *) saved, -1));
  g_variant_builder_add (&builder, "{sv}", "released", g_variant_new_boolean (gten_node_is_released (node)));
  if (gten_node_is_released (node))
    g_variant_builder_add (&builder, "{sv}", "released-by", g_variant_new_uint64 (gten_releases_find (node)));
  g_variant_builder_add (&builder, "{sv}", "saved-bytes", g_variant_new_uint64 (count_saved_bytes (node)));
  if (gten_node_get_variable (node) != NULL)
    gten_writers_describe (gten_node_get_variable (node), &builder);
  return g_variant_builder_end (&builder);
}

/* -- devices ------------------------------------------------------------------------------------ */

GVariant *
gten_inspect_devices (void)
{
  GListModel *devices = gten_device_get_all ();
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" GTEN_INSPECT_DEVICE));
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (GtenDevice) device = g_list_model_get_item (devices, i);

      g_variant_builder_add (&list, GTEN_INSPECT_DEVICE, gten_device_get_name (device),
                             or_empty (gten_device_get_description (device)),
                             gten_device_get_total_memory (device), gten_device_get_used_memory (device),
                             gten_device_get_peak_memory (device), gten_device_get_cached_memory (device));
    }
  return g_variant_builder_end (&list);
}
