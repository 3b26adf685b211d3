/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor three ways: as colours, as a distribution, as numbers. */
#include "gten-gtk-tensor-view.h"

#include "gten-gtk-heatmap.h"
#include "gten-gtk-histogram.h"
#include "gten-gtk-values.h"

struct _GtenGtkTensorView
{
  GtkWidget      parent_instance;

  GtenGtkTensor *tensor;
  GtkWidget     *switcher;
  GtkWidget     *stack;
  GtkWidget     *heatmap;
  GtkWidget     *histogram;
  GtkWidget     *values;
  GtkWidget     *unknown;
  GtkWidget     *summary;
  char          *page;          /* that a tensor whose values are known is shown on */
};

G_DEFINE_FINAL_TYPE (GtenGtkTensorView, gten_gtk_tensor_view, GTK_TYPE_WIDGET)

enum { PROP_TENSOR = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

static void
values_cb (GtenGtkTensorView *self)
{
  gboolean known = self->tensor != NULL && gten_gtk_tensor_get_values (self->tensor) != NULL;
  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (self->stack));
  g_autofree char *summary = self->tensor != NULL ? gten_gtk_tensor_summarize (self->tensor) : NULL;
  g_autofree char *text = NULL;

  if (g_strcmp0 (page, "unknown") != 0)
    {
      g_free (self->page);
      self->page = g_strdup (page);
    }
  gtk_widget_set_visible (self->switcher, known);
  gtk_label_set_text (GTK_LABEL (self->unknown), self->tensor != NULL && gten_gtk_tensor_get_note (self->tensor) != NULL
                                                   ? gten_gtk_tensor_get_note (self->tensor) : "Not computed yet");
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), known ? self->page : "unknown");
  if (known && gten_gtk_tensor_is_sample (self->tensor))
    text = g_strdup_printf ("%s; a sample of the elements is shown", summary);
  gtk_label_set_text (GTK_LABEL (self->summary),
                      text != NULL ? text : summary != NULL ? summary : "");
  gtk_widget_set_visible (self->summary, summary != NULL);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TENSOR)
    g_value_set_object (value, GTEN_GTK_TENSOR_VIEW (object)->tensor);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TENSOR)
    gten_gtk_tensor_view_set_tensor (GTEN_GTK_TENSOR_VIEW (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
dispose (GObject *object)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (object);
  GtkWidget *child;

  if (self->tensor != NULL)
    g_signal_handlers_disconnect_by_data (self->tensor, self);
  g_clear_object (&self->tensor);
  g_clear_pointer (&self->page, g_free);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (gten_gtk_tensor_view_parent_class)->dispose (object);
}

static void
gten_gtk_tensor_view_class_init (GtenGtkTensorViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;

  /**
   * GtenGtkTensorView:tensor:
   *
   * The tensor that is shown.
   */
  properties[PROP_TENSOR] = g_param_spec_object ("tensor", NULL, NULL, GTEN_GTK_TYPE_TENSOR,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (GTEN_GTK_TYPE_HEATMAP);
  g_type_ensure (GTEN_GTK_TYPE_HISTOGRAM);
  g_type_ensure (GTEN_GTK_TYPE_VALUES);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gtensor/Gtk/gten-gtk-tensor-view.ui");
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, switcher);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, stack);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, heatmap);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, histogram);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, values);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, unknown);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, summary);
  gtk_widget_class_set_css_name (widget_class, "tensorview");
}

static void
gten_gtk_tensor_view_init (GtenGtkTensorView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_bind_property (self, "tensor", self->heatmap, "tensor", G_BINDING_DEFAULT);
  g_object_bind_property (self, "tensor", self->histogram, "tensor", G_BINDING_DEFAULT);
  g_object_bind_property (self, "tensor", self->values, "tensor", G_BINDING_DEFAULT);
  values_cb (self);
}

/**
 * gten_gtk_tensor_view_new:
 *
 * Returns: (transfer full): a view without a tensor
 */
GtkWidget *
gten_gtk_tensor_view_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_TENSOR_VIEW, NULL);
}

/**
 * gten_gtk_tensor_view_get_tensor:
 * @self: a view
 *
 * Returns: (transfer none) (nullable): the tensor that is shown
 */
GtenGtkTensor *
gten_gtk_tensor_view_get_tensor (GtenGtkTensorView *self)
{
  return self->tensor;
}

/**
 * gten_gtk_tensor_view_set_tensor:
 * @self: a view
 * @tensor: (nullable): a tensor
 *
 * Shows another tensor.
 */
void
gten_gtk_tensor_view_set_tensor (GtenGtkTensorView *self, GtenGtkTensor *tensor)
{
  if (self->tensor == tensor)
    return;
  if (self->tensor != NULL)
    g_signal_handlers_disconnect_by_data (self->tensor, self);
  g_set_object (&self->tensor, tensor);
  if (tensor != NULL)
    {
      g_signal_connect_swapped (tensor, "notify::summary", G_CALLBACK (values_cb), self);
      g_signal_connect_swapped (tensor, "notify::note", G_CALLBACK (values_cb), self);
      gten_gtk_tensor_want (tensor);
    }
  values_cb (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TENSOR]);
}
