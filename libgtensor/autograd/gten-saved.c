/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a node keeps for its backward function, and how graphs are freed. Everything a node lets go
 * of goes through gten_unref_later(), because a saved tensor may be the last to hold the nodes
 * before it. */

#include "autograd/gten-node-private.h"

#include "ops/gten-run-private.h"

#include <string.h>

/* -- freeing in a loop: a chain of a million nodes must not recurse a million times --------------- */

static __thread struct
{
  gpointer *objects;
  gsize     n_objects;
  gsize     n_allocated;
  gboolean  draining;
  gpointer  first[32];
} deferred __attribute__ ((tls_model ("initial-exec")));

void
gten_unref_later (gpointer object)
{
  if (object == NULL)
    return;
  if (deferred.n_allocated == 0)
    {
      deferred.objects = deferred.first;
      deferred.n_allocated = G_N_ELEMENTS (deferred.first);
    }
  if (deferred.n_objects == deferred.n_allocated)
    {
      gpointer *grown = g_new (gpointer, deferred.n_allocated * 2);

      memcpy (grown, deferred.objects, deferred.n_objects * sizeof (gpointer));
      if (deferred.objects != deferred.first)
        g_free (deferred.objects);
      deferred.objects = grown;
      deferred.n_allocated *= 2;
    }
  deferred.objects[deferred.n_objects++] = object;
}

void
gten_unref_deferred (void)
{
  if (deferred.n_objects == 0 || deferred.draining)
    return;

  deferred.draining = TRUE;
  while (deferred.n_objects > 0)
    gten_object_drop (deferred.objects[--deferred.n_objects]);
  deferred.draining = FALSE;
  if (deferred.n_allocated > G_N_ELEMENTS (deferred.first))
    {
      g_free (deferred.objects);
      deferred.n_allocated = 0;
    }
}

/* -- saved tensors ------------------------------------------------------------------------------- */

void
gten_node_save (GtenNode *self, guint i, GtenTensor *tensor, gint version, int output_nr)
{
  GtenTensor *kept;

  if (output_nr < 0)
    kept = g_object_ref (tensor);
  else
    kept = gten_tensor_new_strided (tensor->storage, tensor->dtype, tensor->n_dims, gten_sizes (tensor),
                                    gten_strides (tensor), tensor->offset);
  gten_node_private (self)->saved[i] = (GtenSaved) { kept, version, output_nr };
}

static void
set_modified_error (GError **error, GtenNode *maker, guint output_nr, GtenTensor *tensor,
                    gint version)
{
  g_autofree char *shape = gten_shape_to_string (tensor->n_dims, gten_sizes (tensor));
  g_autofree char *which = NULL;

  if (maker != NULL)
    {
      g_autofree char *name = gten_node_forward_name (maker);

      which = g_strdup_printf (", which is output %u of %s,", output_nr, name);
    }
  g_set_error (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
               "one of the variables needed for gradient computation has been modified by an inplace operation: "
               "[%sTensor %s]%s is at version %d; expected version %d instead. Hint: enable anomaly detection to "
               "find the operation that failed to compute its gradient, with set_detect_anomaly(True).",
               gten_dtype_title (tensor->dtype), shape, which != NULL ? which : "", gten_version (tensor), version);
}

GtenTensor *
gten_node_unpack (GtenNode *self, guint i, GError **error)
{
  GtenNodePrivate *priv = gten_node_private (self);

  if (error != NULL && *error != NULL)
    return NULL; /* the first error stays */

  gten_spin_lock (&priv->lock);
  gboolean released = priv->released;
  GtenSaved saved = priv->saved[i];
  if (saved.tensor != NULL)
    g_object_ref (saved.tensor);
  gten_spin_unlock (&priv->lock);

  if (released)
    {
      g_set_error_literal (error, GTEN_ERROR, GTEN_ERROR_AUTOGRAD,
                           "Trying to backward through the graph a second time (or directly access saved tensors "
                           "after they have already been freed). Saved intermediate values of the graph are freed "
                           "when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to "
                           "backward through the graph a second time or if you need to access saved tensors after "
                           "calling backward.");
      return NULL;
    }
  if (saved.tensor == NULL)
    return NULL;

  g_autoptr (GtenTensor) tensor = saved.tensor;

  if (saved.version != GTEN_ANY_VERSION && gten_version (tensor) != saved.version)
    {
      GtenNode *maker = saved.output_nr >= 0 ? self : tensor->autograd != NULL ? tensor->autograd->grad_fn : NULL;
      guint output_nr = saved.output_nr >= 0       ? (guint) saved.output_nr
                        : tensor->autograd != NULL ? tensor->autograd->output_nr
                                                   : 0;

      set_modified_error (error, maker, output_nr, tensor, saved.version);
      return NULL;
    }
  if (saved.output_nr < 0 || gten_grad_mode_off)
    return g_steal_pointer (&tensor);

  /* The alias has no history; who differentiates again needs the result with its own. */
  GtenTensor *result = gten_tensor_new_strided (tensor->storage, tensor->dtype, tensor->n_dims, gten_sizes (tensor),
                                                gten_strides (tensor), tensor->offset);
  GtenAutograd *autograd = gten_autograd_ensure (result);
  autograd->grad_fn = g_object_ref (self);
  autograd->output_nr = saved.output_nr;
  return result;
}

void
gten_node_release (GtenNode *self)
{
  GtenNodePrivate *priv = gten_node_private (self);

  if (priv->inner != NULL)
    gten_node_release (priv->inner);
  if (priv->n_saved == 0)
    return;

  gten_spin_lock (&priv->lock);
  for (guint i = 0; i < priv->n_saved; i++)
    {
      if (priv->saved[i].tensor == NULL)
        continue;
      priv->released = TRUE;
      gten_unref_later (g_steal_pointer (&priv->saved[i].tensor));
    }
  gten_spin_unlock (&priv->lock);
  gten_unref_deferred ();
}
