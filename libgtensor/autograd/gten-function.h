/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "autograd/gten-node.h"

G_BEGIN_DECLS

#define GTEN_TYPE_FUNCTION (gten_function_get_type ())
GTEN_API G_DECLARE_DERIVABLE_TYPE (GtenFunction, gten_function, GTEN, FUNCTION, GtenNode)

/**
 * GtenFunctionClass:
 * @forward: computes the outputs from the inputs, without recording
 *
 * A differentiable operation written by a user. Override `forward` and [vfunc@Node.backward]; one
 * object is one application. Its node name is the type's name with "Backward" appended, unless set.
 */
struct _GtenFunctionClass
{
  GtenNodeClass parent_class;

  GPtrArray *(*forward) (GtenFunction *self, GPtrArray *inputs, GError **error);

  /*< private >*/
  gpointer padding[8];
};

GTEN_API GPtrArray *gten_function_apply                 (GtenFunction *self, GtenTensor **inputs, gsize n_inputs,
                                                         GError **error);
GTEN_API void       gten_function_set_name              (GtenFunction *self, const char *name);
GTEN_API void       gten_function_save_for_backward     (GtenFunction *self, GtenTensor **tensors,
                                                         gsize n_tensors);
GTEN_API GPtrArray *gten_function_get_saved_tensors     (GtenFunction *self, GError **error);
GTEN_API void       gten_function_mark_dirty            (GtenFunction *self, GtenTensor **tensors,
                                                         gsize n_tensors);
GTEN_API void       gten_function_mark_non_differentiable (GtenFunction *self, GtenTensor **tensors,
                                                           gsize n_tensors);
GTEN_API void       gten_function_set_materialize_grads (GtenFunction *self, gboolean materialize);
GTEN_API gboolean   gten_function_needs_input_grad      (GtenFunction *self, guint input);

G_END_DECLS
