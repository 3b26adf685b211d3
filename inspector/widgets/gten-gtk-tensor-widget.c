/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What all widgets that show one tensor have in common: the tensor, and being told of its news.
 * A subclass gets the tensor in `tensor_changed` and need hold no reference to it. */
#include "gten-gtk-tensor-widget.h"

typedef struct
{
  GtenGtkTensor *tensor;
} GtenGtkTensorWidgetPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GtenGtkTensorWidget, gten_gtk_tensor_widget, GTK_TYPE_WIDGET)

enum { PROP_TENSOR = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

static void
gten_gtk_tensor_widget_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TENSOR)
    g_value_set_object (value, gten_gtk_tensor_widget_get_tensor (GTEN_GTK_TENSOR_WIDGET (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gten_gtk_tensor_widget_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TENSOR)
    gten_gtk_tensor_widget_set_tensor (GTEN_GTK_TENSOR_WIDGET (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gten_gtk_tensor_widget_dispose (GObject *object)
{
  GtenGtkTensorWidgetPrivate *priv = gten_gtk_tensor_widget_get_instance_private (GTEN_GTK_TENSOR_WIDGET (object));

  if (priv->tensor != NULL)
    g_signal_handlers_disconnect_by_data (priv->tensor, object);
  g_clear_object (&priv->tensor);
  G_OBJECT_CLASS (gten_gtk_tensor_widget_parent_class)->dispose (object);
}

static void
gten_gtk_tensor_widget_class_init (GtenGtkTensorWidgetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = gten_gtk_tensor_widget_get_property;
  object_class->set_property = gten_gtk_tensor_widget_set_property;
  object_class->dispose = gten_gtk_tensor_widget_dispose;

  /**
   * GtenGtkTensorWidget:tensor: (attributes org.gtk.Property.get=gten_gtk_tensor_widget_get_tensor org.gtk.Property.set=gten_gtk_tensor_widget_set_tensor)
   *
   * The tensor that is shown.
   */
  properties[PROP_TENSOR] = g_param_spec_object ("tensor", NULL, NULL, GTEN_GTK_TYPE_TENSOR,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
gten_gtk_tensor_widget_init (GtenGtkTensorWidget *self)
{
}

static void
changed_cb (GtenGtkTensorWidget *self)
{
  GtenGtkTensorWidgetPrivate *priv = gten_gtk_tensor_widget_get_instance_private (self);

  GTEN_GTK_TENSOR_WIDGET_GET_CLASS (self)->tensor_changed (self, priv->tensor);
  /* What was known may have been forgotten. */
  if (priv->tensor != NULL)
    gten_gtk_tensor_want (priv->tensor);
}

/**
 * gten_gtk_tensor_widget_get_tensor: (attributes org.gtk.Method.get_property=tensor)
 * @self: a widget
 *
 * Returns: (transfer none) (nullable): the tensor that is shown
 */
GtenGtkTensor *
gten_gtk_tensor_widget_get_tensor (GtenGtkTensorWidget *self)
{
  GtenGtkTensorWidgetPrivate *priv = gten_gtk_tensor_widget_get_instance_private (self);

  return priv->tensor;
}

/**
 * gten_gtk_tensor_widget_set_tensor: (attributes org.gtk.Method.set_property=tensor)
 * @self: a widget
 * @tensor: (nullable): a tensor
 *
 * Shows another tensor, and asks for its values if they are unknown.
 */
void
gten_gtk_tensor_widget_set_tensor (GtenGtkTensorWidget *self, GtenGtkTensor *tensor)
{
  GtenGtkTensorWidgetPrivate *priv = gten_gtk_tensor_widget_get_instance_private (self);

  if (priv->tensor == tensor)
    return;
  if (priv->tensor != NULL)
    g_signal_handlers_disconnect_by_data (priv->tensor, self);
  g_set_object (&priv->tensor, tensor);
  if (tensor != NULL)
    g_signal_connect_swapped (tensor, "notify", G_CALLBACK (changed_cb), self);
  changed_cb (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TENSOR]);
}
