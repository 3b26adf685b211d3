/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

#include "gten-gtk-tensor.h"

G_BEGIN_DECLS

#define GTEN_GTK_TYPE_TENSOR_WIDGET (gten_gtk_tensor_widget_get_type ())
GTEN_API G_DECLARE_DERIVABLE_TYPE (GtenGtkTensorWidget, gten_gtk_tensor_widget, GTEN_GTK, TENSOR_WIDGET, GtkWidget)

/* properties: tensor */

/**
 * GtenGtkTensorWidgetClass:
 * @tensor_changed: another tensor is shown (or %NULL), or there is news of the same
 */
struct _GtenGtkTensorWidgetClass
{
  GtkWidgetClass parent_class;

  void (*tensor_changed) (GtenGtkTensorWidget *self, GtenGtkTensor *tensor);

  /*< private >*/
  gpointer padding[8];
};

GTEN_API GtenGtkTensor *gten_gtk_tensor_widget_get_tensor (GtenGtkTensorWidget *self);
GTEN_API void           gten_gtk_tensor_widget_set_tensor (GtenGtkTensorWidget *self,
                                                           GtenGtkTensor *tensor);

G_END_DECLS
