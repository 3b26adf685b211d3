/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor five ways: as colours, as an image, as a distribution, as lines, as numbers; a slice of it
 * where it has more than two dimensions. Everything can be copied as text and saved, and a tensor
 * can be pinned, so that others are compared with it. */
#include "gten-gtk-tensor-view.h"

#include "gten-gtk-axes.h"
#include "gten-gtk-compare-view.h"
#include "gten-gtk-format.h"
#include "gten-gtk-heatmap.h"
#include "gten-gtk-histogram.h"
#include "gten-gtk-image.h"
#include "gten-gtk-line.h"
#include "gten-gtk-npy.h"
#include "gten-gtk-slice.h"
#include "gten-gtk-values.h"

#include <glib/gi18n-lib.h>

struct _GtenGtkTensorView
{
  GtenGtkTensorWidget parent_instance;

  GtenGtkColormap colormap;
  GtenGtkRange    range;
  gboolean        common_range;
  char           *title;
  GtenGtkTensor  *slice;
  GtenGtkTensor  *copied, *saved;   /* whose values are waited for */
  GtenGtkFormat   format;
  GtkFileChooserNative *chooser;
  char           *page;             /* that a tensor whose values are known is shown on */

  GtkWidget      *known;
  GtkWidget      *axes;
  GtkWidget      *stack;
  GtkWidget      *heatmap;
  GtkWidget      *image;
  GtkWidget      *histogram;
  GtkWidget      *line;
  GtkWidget      *values;
  GtkWidget      *unknown;
  GtkWidget      *summary;
  GtkWidget      *message;
  GtkWidget      *compare;
};

G_DEFINE_FINAL_TYPE (GtenGtkTensorView, gten_gtk_tensor_view, GTEN_GTK_TYPE_TENSOR_WIDGET)

enum { PROP_COLORMAP = 1, PROP_RANGE, PROP_COMMON_RANGE, PROP_TITLE, N_PROPS };

static GParamSpec *properties[N_PROPS];

static GtenGtkTensor *
get_tensor (GtenGtkTensorView *self)
{
  return gten_gtk_tensor_widget_get_tensor (GTEN_GTK_TENSOR_WIDGET (self));
}

static void
show_message (GtenGtkTensorView *self, const char *text)
{
  gtk_label_set_text (GTK_LABEL (self->message), text != NULL ? text : "");
  gtk_widget_set_visible (self->message, text != NULL);
}

static void
slice_cb (GtenGtkTensorView *self)
{
  GtenGtkTensor *tensor = get_tensor (self);
  GtkWidget *const shows_slice[] = { self->heatmap, self->line, self->values };
  gsize n_at;
  const gint64 *at = gten_gtk_axes_get_place (GTEN_GTK_AXES (self->axes), &n_at);

  g_clear_object (&self->slice);
  self->slice = gten_gtk_axes_make_slice (GTEN_GTK_AXES (self->axes));
  g_object_set (self->heatmap, "reference", self->common_range && self->slice != tensor ? tensor : NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shows_slice); i++)
    gten_gtk_tensor_widget_set_tensor (GTEN_GTK_TENSOR_WIDGET (shows_slice[i]), self->slice);
  gten_gtk_image_set_place (GTEN_GTK_IMAGE (self->image), at, n_at);
}

/* -- copying and saving ------------------------------------------------------------------------ */

static void
copy_text (GtenGtkTensorView *self, GtenGtkTensor *tensor, GtenGtkFormat format)
{
  g_autofree char *text = gten_gtk_tensor_format (tensor, format);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

/* What was asked for when only a sample was here. */
static void
whole_cb (GtenGtkTensor *tensor, GParamSpec *pspec, GtenGtkTensorView *self)
{
  if (gten_gtk_tensor_get_values (tensor) == NULL || gten_gtk_tensor_is_sample (tensor))
    return;
  if (tensor == self->copied)
    copy_text (self, tensor, self->format);
  g_signal_handlers_disconnect_by_func (tensor, whole_cb, self);
  g_clear_object (&self->copied);
}

static void
copy_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (widget);
  GtenGtkTensor *tensor = get_tensor (self);
  g_auto (GStrv) words = g_strsplit (g_variant_get_string (parameter, NULL), ":", 2);
  g_autoptr (GEnumClass) formats = g_type_class_ref (GTEN_GTK_TYPE_FORMAT);
  GEnumValue *format = words[0] != NULL && words[1] != NULL ? g_enum_get_value_by_nick (formats, words[1]) : NULL;

  if (tensor == NULL || self->slice == NULL || format == NULL)
    return;
  if (g_str_equal (words[0], "slice"))
    copy_text (self, self->slice, format->value);
  else if (gten_gtk_tensor_want_whole (tensor))
    copy_text (self, tensor, format->value);
  else
    {
      self->format = format->value;
      g_set_object (&self->copied, tensor);
      g_signal_connect_object (tensor, "notify::values", G_CALLBACK (whole_cb), self, 0);
    }
}

static void
write_file (GtenGtkTensorView *self)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autoptr (GError) error = NULL;

  if (path != NULL && !gten_gtk_tensor_save_npy (self->saved, path, &error))
    show_message (self, error->message);
}

static void
save_response_cb (GtenGtkTensorView *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    write_file (self);
  g_clear_object (&self->saved);
  g_clear_object (&self->chooser);
}

static void
save_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (widget);
  GtenGtkTensor *tensor = get_tensor (self);
  g_autofree char *name = NULL;

  if (tensor == NULL || self->chooser != NULL)
    return;
  /* They come while a file is being chosen. */
  gten_gtk_tensor_want_whole (tensor);
  g_set_object (&self->saved, tensor);
  name = g_strdup_printf ("%s.npy", gten_gtk_tensor_get_name (tensor) != NULL ? gten_gtk_tensor_get_name (tensor) : "tensor");
  self->chooser = gtk_file_chooser_native_new (_ ("Save the Tensor"), GTK_WINDOW (gtk_widget_get_root (widget)),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_swapped (self->chooser, "response", G_CALLBACK (save_response_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* -- comparing --------------------------------------------------------------------------------- */

static void
pin_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (widget);
  GtenGtkTensor *tensor = get_tensor (self);
  g_autoptr (GtenGtkTensor) copy = NULL;

  if (tensor == NULL || gten_gtk_tensor_get_values (tensor) == NULL)
    return;
  copy = gten_gtk_tensor_copy (tensor, self->title != NULL ? self->title : gten_gtk_tensor_get_name (tensor));
  gten_gtk_tensor_view_set_pinned (self, copy);
}

static void
unpin_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gten_gtk_tensor_view_set_pinned (GTEN_GTK_TENSOR_VIEW (widget), NULL);
}

static void
open_response_cb (GtenGtkTensorView *self, int response)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autoptr (GtenGtkTensor) tensor = NULL;
  g_autoptr (GError) error = NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    {
      tensor = gten_gtk_tensor_load_npy (path, &error);
      show_message (self, tensor == NULL ? error->message : NULL);
      if (tensor != NULL)
        gten_gtk_tensor_view_set_pinned (self, tensor);
      /* The file has all the elements. */
      if (tensor != NULL && get_tensor (self) != NULL)
        gten_gtk_tensor_want_whole (get_tensor (self));
    }
  g_clear_object (&self->chooser);
}

static void
compare_file_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (widget);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  if (self->chooser != NULL)
    return;
  gtk_file_filter_set_name (filter, _ ("NumPy arrays"));
  gtk_file_filter_add_suffix (filter, "npy");
  self->chooser = gtk_file_chooser_native_new (_ ("Compare With a File"), GTK_WINDOW (gtk_widget_get_root (widget)),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Compare"), _ ("_Cancel"));
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  g_signal_connect_swapped (self->chooser, "response", G_CALLBACK (open_response_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* -- the object -------------------------------------------------------------------------------- */

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (widget);
  gboolean known = tensor != NULL && gten_gtk_tensor_get_values (tensor) != NULL;
  GtkWidget *const shows_all[] = { self->axes, self->image, self->histogram, self->compare };
  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (self->stack));
  g_autofree char *summary = tensor != NULL ? gten_gtk_tensor_summarize (tensor) : NULL;
  g_autofree char *text = NULL;

  if (g_strcmp0 (page, "unknown") != 0)
    {
      g_free (self->page);
      self->page = g_strdup (page);
    }
  for (guint i = 0; i < G_N_ELEMENTS (shows_all); i++)
    gten_gtk_tensor_widget_set_tensor (GTEN_GTK_TENSOR_WIDGET (shows_all[i]), tensor);
  slice_cb (self);
  gtk_widget_set_visible (self->known, known);
  gtk_stack_page_set_visible (gtk_stack_get_page (GTK_STACK (self->stack), self->image), known && gten_gtk_image_can_show (tensor));
  gtk_label_set_text (GTK_LABEL (self->unknown), tensor != NULL && gten_gtk_tensor_get_note (tensor) != NULL
                                                   ? gten_gtk_tensor_get_note (tensor) : _ ("Not computed yet"));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), known ? self->page : "unknown");
  if (known && gten_gtk_tensor_is_sample (tensor))
    text = g_strdup_printf (_ ("%s; lines and values are those of a sample"), summary);
  gtk_label_set_text (GTK_LABEL (self->summary),
                      text != NULL ? text : summary != NULL ? summary : "");
  gtk_widget_set_visible (self->summary, summary != NULL);
  show_message (self, NULL);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (object);

  switch (id)
    {
    case PROP_COLORMAP:
      g_value_set_enum (value, self->colormap);
      break;
    case PROP_RANGE:
      g_value_set_enum (value, self->range);
      break;
    case PROP_COMMON_RANGE:
      g_value_set_boolean (value, self->common_range);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (object);

  switch (id)
    {
    case PROP_COLORMAP:
      self->colormap = g_value_get_enum (value);
      break;
    case PROP_RANGE:
      self->range = g_value_get_enum (value);
      break;
    case PROP_COMMON_RANGE:
      self->common_range = g_value_get_boolean (value);
      slice_cb (self);
      break;
    case PROP_TITLE:
      g_free (self->title);
      self->title = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
dispose (GObject *object)
{
  GtenGtkTensorView *self = GTEN_GTK_TENSOR_VIEW (object);
  GtkWidget *child;

  g_clear_pointer (&self->page, g_free);
  g_clear_pointer (&self->title, g_free);
  g_clear_object (&self->slice);
  g_clear_object (&self->copied);
  g_clear_object (&self->saved);
  g_clear_object (&self->chooser);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (gten_gtk_tensor_view_parent_class)->dispose (object);
}

static void
gten_gtk_tensor_view_class_init (GtenGtkTensorViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  GTEN_GTK_TENSOR_WIDGET_CLASS (klass)->tensor_changed = tensor_changed;

  /**
   * GtenGtkTensorView:colormap:
   *
   * The colours of numbers.
   */
  properties[PROP_COLORMAP] = g_param_spec_enum ("colormap", NULL, NULL, GTEN_GTK_TYPE_COLORMAP,
                                                 GTEN_GTK_COLORMAP_DIVERGING, flags);
  /**
   * GtenGtkTensorView:range:
   *
   * The numbers that colours run between.
   */
  properties[PROP_RANGE] = g_param_spec_enum ("range", NULL, NULL, GTEN_GTK_TYPE_RANGE, GTEN_GTK_RANGE_SYMMETRIC, flags);
  /**
   * GtenGtkTensorView:common-range:
   *
   * Whether a number has the same colour in all slices.
   */
  properties[PROP_COMMON_RANGE] = g_param_spec_boolean ("common-range", NULL, NULL, TRUE, flags);
  /**
   * GtenGtkTensorView:title:
   *
   * What the tensor is called once it is pinned; %NULL for its name.
   */
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_install_property_action (widget_class, "tensor.colormap", "colormap");
  gtk_widget_class_install_property_action (widget_class, "tensor.range", "range");
  gtk_widget_class_install_property_action (widget_class, "tensor.common-range", "common-range");
  gtk_widget_class_install_action (widget_class, "tensor.copy", "s", copy_cb);
  gtk_widget_class_install_action (widget_class, "tensor.save", NULL, save_cb);
  gtk_widget_class_install_action (widget_class, "tensor.pin", NULL, pin_cb);
  gtk_widget_class_install_action (widget_class, "tensor.unpin", NULL, unpin_cb);
  gtk_widget_class_install_action (widget_class, "tensor.compare-file", NULL, compare_file_cb);

  g_type_ensure (GTEN_GTK_TYPE_AXES);
  g_type_ensure (GTEN_GTK_TYPE_COMPARE_VIEW);
  g_type_ensure (GTEN_GTK_TYPE_HEATMAP);
  g_type_ensure (GTEN_GTK_TYPE_HISTOGRAM);
  g_type_ensure (GTEN_GTK_TYPE_IMAGE);
  g_type_ensure (GTEN_GTK_TYPE_LINE);
  g_type_ensure (GTEN_GTK_TYPE_VALUES);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gtensor/Gtk/gten-gtk-tensor-view.ui");
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, known);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, axes);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, stack);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, heatmap);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, image);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, histogram);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, line);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, values);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, unknown);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, summary);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, message);
  gtk_widget_class_bind_template_child (widget_class, GtenGtkTensorView, compare);
  gtk_widget_class_bind_template_callback (widget_class, slice_cb);
  gtk_widget_class_set_css_name (widget_class, "tensorview");
}

static void
gten_gtk_tensor_view_init (GtenGtkTensorView *self)
{
  self->common_range = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_bind_property (self, "colormap", self->heatmap, "colormap", G_BINDING_DEFAULT);
  g_object_bind_property (self, "range", self->heatmap, "range", G_BINDING_DEFAULT);
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

/**
 * gten_gtk_tensor_view_get_slice:
 * @self: a view
 *
 * Returns: (transfer none) (nullable): the slice that is shown; the tensor where it has two
 *   dimensions or less
 */
GtenGtkTensor *
gten_gtk_tensor_view_get_slice (GtenGtkTensorView *self)
{
  return self->slice;
}

/**
 * gten_gtk_tensor_view_get_pinned:
 * @self: a view
 *
 * Returns: (transfer none) (nullable): what the tensor is compared with
 */
GtenGtkTensor *
gten_gtk_tensor_view_get_pinned (GtenGtkTensorView *self)
{
  return gten_gtk_compare_view_get_other (GTEN_GTK_COMPARE_VIEW (self->compare));
}

/**
 * gten_gtk_tensor_view_set_pinned:
 * @self: a view
 * @pinned: (nullable): a tensor to compare with
 *
 * Compares what is shown with another tensor, or with none.
 */
void
gten_gtk_tensor_view_set_pinned (GtenGtkTensorView *self, GtenGtkTensor *pinned)
{
  gten_gtk_compare_view_set_other (GTEN_GTK_COMPARE_VIEW (self->compare), pinned);
}
