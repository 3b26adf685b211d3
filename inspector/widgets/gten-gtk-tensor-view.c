/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor three ways: as colours, as a distribution, as numbers. */
#include "gten-gtk-tensor-view.h"

#include "gten-gtk-heatmap.h"
#include "gten-gtk-histogram.h"
#include "gten-gtk-values.h"

struct _GtenGtkTensorView
{
  GtenGtkTensorWidget parent_instance;

  GtkWidget     *switcher;
  GtkWidget     *stack;
  GtkWidget     *heatmap;
  GtkWidget     *histogram;
  GtkWidget     *values;
  GtkWidget     *unknown;
  GtkWidget     *summary;
  char          *page;          /* that a tensor whose values are known is shown on */
};

G_DEFINE_FINAL_TYPE (GtenGtkTensorView, gten_gtk_tensor_view, GTEN_GTK_TYPE_TENSOR_WIDGET)

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (widget);
  gboolean known = tensor != NULL && gten_gtk_tensor_get_values (tensor) != NULL;
  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (self->stack));
  g_autofree char *summary = tensor != NULL ? gten_gtk_tensor_summarize (tensor) : NULL;
  g_autofree char *text = NULL;

  if (g_strcmp0 (page, "unknown") != 0)
    {
      g_free (self->page);
      self->page = g_strdup (page);
    }
  gtk_widget_set_visible (self->switcher, known);
  gtk_label_set_text (GTK_LABEL (self->unknown), tensor != NULL && gten_gtk_tensor_get_note (tensor) != NULL
                                                   ? gten_gtk_tensor_get_note (tensor) : "Not computed yet");
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), known ? self->page : "unknown");
  if (known && gten_gtk_tensor_is_sample (tensor))
    text = g_strdup_printf ("%s; a sample of the elements is shown", summary);
  gtk_label_set_text (GTK_LABEL (self->summary),
                      text != NULL ? text : summary != NULL ? summary : "");
  gtk_widget_set_visible (self->summary, summary != NULL);
}

static void
dispose (GObject *object)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (object);
  GtkWidget *child;

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
  GtenGtkTensorWidgetClass *tensor_class = GTEN_GTK_TENSOR_WIDGET_CLASS (klass);

  object_class->dispose = dispose;
  tensor_class->tensor_changed = tensor_changed;

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
  tensor_changed (GTEN_GTK_TENSOR_WIDGET (self), NULL);
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
