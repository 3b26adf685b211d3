/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor as the image that it may be: the last three dimensions as height, width and channels or
 * as channels, height and width, whichever have one to four channels; else the last two in gray.
 * One channel is gray, two are gray and opacity, three colour, four colour and opacity. Bytes run
 * from 0 to 255, other numbers from 0 to 1 where all lie between, else from the least to the
 * greatest. */
#include "gten-gtk-image.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "gten-gtk-slice.h"
#include "gten-gtk-tensor-private.h"
#include "gten-gtk-theme-private.h"

#define MAX_SCALE    24
#define MAX_SIZE     320
#define MAX_CHANNELS 4
#define MAX_READ     4          /* pixels looked at along each side of one on the screen */

typedef struct
{
  gsize  n_dims;                /* that make the image: 2 or 3 */
  gint64 width, height, n_channels;
  gint64 x_stride, y_stride, channel_stride;
} Form;

struct _GtenGtkImage
{
  GtenGtkTensorWidget parent_instance;

  GtenGtkTensor *tensor;
  guint          age;           /* of the tensor when it was last looked at */
  gint64        *at;            /* index along the dimensions before those of the image */
  gsize          n_at;
  GdkTexture    *texture;
  GtenGtkTensor *channels[MAX_CHANNELS];     /* where a sample is here: slices that pictures are asked of */
  GtenGtkQuestion *pictures[MAX_CHANNELS];
  double         x, y, width, height;
};

G_DEFINE_FINAL_TYPE (GtenGtkImage, gten_gtk_image, GTEN_GTK_TYPE_TENSOR_WIDGET)

static void
channel_cb (GtenGtkImage *self)
{
  g_clear_object (&self->texture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
forget_channels (GtenGtkImage *self)
{
  for (guint c = 0; c < MAX_CHANNELS; c++)
    {
      if (self->channels[c] != NULL)
        g_signal_handlers_disconnect_by_data (self->channels[c], self);
      g_clear_object (&self->channels[c]);
      g_clear_object (&self->pictures[c]);
    }
}

static gboolean
find_form (GtenGtkTensor *tensor, Form *form)
{
  gint64 size[3];
  gsize n_dims;

  gten_gtk_tensor_get_shape (tensor, &n_dims);
  if (n_dims < 2)
    return FALSE;
  for (gsize i = 0; i < MIN (n_dims, 3); i++)
    size[i] = gten_gtk_tensor_get_size (tensor, n_dims - MIN (n_dims, 3) + i);
  if (n_dims > 2 && size[2] >= 1 && size[2] <= MAX_CHANNELS)
    *form = (Form) { 3, size[1], size[0], size[2], size[2], size[1] * size[2], 1 };
  else if (n_dims > 2 && size[0] >= 1 && size[0] <= MAX_CHANNELS)
    *form = (Form) { 3, size[2], size[1], size[0], 1, size[2], size[1] * size[2] };
  else
    {
      gint64 height = gten_gtk_tensor_get_size (tensor, n_dims - 2), width = gten_gtk_tensor_get_size (tensor, n_dims - 1);

      *form = (Form) { 2, width, height, 1, 1, width, 0 };
    }
  return form->width > 0 && form->height > 0;
}

/* The first element of the image, in row-major order. */
static guint64
find_offset (GtenGtkImage *self, const Form *form)
{
  guint64 offset = 0, image = form->width * form->height * form->n_channels;
  gsize n_dims;

  gten_gtk_tensor_get_shape (self->tensor, &n_dims);
  for (gsize i = 0; i + form->n_dims < n_dims; i++)
    {
      gint64 size = gten_gtk_tensor_get_size (self->tensor, i);

      offset = offset * size + (i < self->n_at ? CLAMP (self->at[i], 0, size - 1) : 0);
    }
  return offset * image;
}

static void
find_range (GtenGtkTensor *tensor, double *low, double *high)
{
  GtenGtkStatistics s;

  *low = 0;
  *high = gten_gtk_tensor_get_dtype (tensor) == GTEN_DTYPE_UINT8 ? 255 : 1;
  if (gten_gtk_tensor_get_dtype (tensor) == GTEN_DTYPE_UINT8 || !gten_gtk_tensor_get_statistics (tensor, &s)
      || !isfinite (s.minimum) || (s.minimum >= 0 && s.maximum <= 1))
    return;
  *low = s.minimum;
  *high = s.maximum > s.minimum ? s.maximum : s.minimum + 1;
}

/* One channel of one pixel of the screen, from 0 to 255: the mean of what falls on it. */
static guint
mix_channel (GtenGtkImage *self, const Form *form, guint64 first, gint64 x, gint64 end_x, gint64 y,
             gint64 end_y, double low, double high)
{
  gint64 step_x = MAX (1, (end_x - x) / MAX_READ), step_y = MAX (1, (end_y - y) / MAX_READ);
  double sum = 0;
  guint n = 0;

  for (gint64 j = y; j < end_y; j += step_y)
    for (gint64 i = x; i < end_x; i += step_x)
      {
        double value = gten_gtk_tensor_get_value (self->tensor, first + i * form->x_stride + j * form->y_stride);

        sum += isnan (value) ? 0 : CLAMP ((value - low) / (high - low), 0, 1);
        n++;
      }
  return sum / n * 255 + 0.5;
}

/* One channel of the image as a slice whose columns run across. */
static GtenGtkTensor *
slice_channel (GtenGtkImage *self, const Form *form, gint64 channel)
{
  gsize n_dims;
  g_autofree gint64 *at = NULL;
  gboolean channels_last = form->channel_stride == 1;
  int down, across;

  gten_gtk_tensor_get_shape (self->tensor, &n_dims);
  at = g_new0 (gint64, n_dims);
  for (gsize i = 0; i + form->n_dims < n_dims && i < self->n_at; i++)
    at[i] = CLAMP (self->at[i], 0, gten_gtk_tensor_get_size (self->tensor, i) - 1);
  across = n_dims - (form->n_dims == 3 && channels_last ? 2 : 1);
  down = across - 1;
  if (form->n_dims == 3)
    at[channels_last ? n_dims - 1 : n_dims - 3] = channel;
  return gten_gtk_tensor_slice (self->tensor, down, across, at, n_dims);
}

/* Where a sample is here, a picture of all elements of each channel is asked for, one size at a time. */
static void
ask (GtenGtkImage *self, const Form *form, guint width, guint height)
{
  if (!gten_gtk_tensor_is_sample (self->tensor))
    return;
  for (gint64 c = 0; c < form->n_channels; c++)
    {
      if (self->channels[c] == NULL)
        {
          self->channels[c] = slice_channel (self, form, c);
          g_signal_connect_swapped (self->channels[c], "notify::values", G_CALLBACK (channel_cb), self);
        }
      if (self->pictures[c] == NULL || gten_gtk_question_is_answered (self->pictures[c]))
        g_set_object (&self->pictures[c], gten_gtk_tensor_ask_picture (self->channels[c], width, height, "mean"));
    }
}

/* The pictures of all channels if they are here, all of one size. */
static gboolean
find_pictures (GtenGtkImage *self, const Form *form, const float **pixels, guint *width, guint *height)
{
  for (gint64 c = 0; c < form->n_channels; c++)
    {
      pixels[c] = self->pictures[c] != NULL ? gten_gtk_question_get_pixels (self->pictures[c], &width[c], &height[c]) : NULL;
      if (pixels[c] == NULL || width[c] != width[0] || height[c] != height[0])
        return FALSE;
    }
  return TRUE;
}

static guint
to_byte (double value, double low, double high)
{
  return isnan (value) ? 0 : CLAMP ((value - low) / (high - low), 0, 1) * 255 + 0.5;
}

static GdkTexture *
make_texture (GtenGtkImage *self, const Form *form)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  guint width = MAX (1, self->width * factor), height = MAX (1, self->height * factor);
  guint8 *pixels = g_malloc ((gsize) width * height * 4);
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, (gsize) width * height * 4);
  guint64 offset = find_offset (self, form);
  gboolean has_alpha = form->n_channels % 2 == 0, is_color = form->n_channels > 2;
  double low, high;
  const float *pictures[MAX_CHANNELS];
  guint columns[MAX_CHANNELS], rows[MAX_CHANNELS];
  gboolean is_whole;

  ask (self, form, width, height);
  is_whole = find_pictures (self, form, pictures, columns, rows);
  find_range (self->tensor, &low, &high);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        guint8 *pixel = pixels + ((gsize) y * width + x) * 4;
        gint64 column = x * form->width / width, row = y * form->height / height;
        gint64 end_column = MAX (column + 1, (x + 1) * form->width / width), end_row = MAX (row + 1, (y + 1) * form->height / height);
        guint channels[MAX_CHANNELS] = { 0 };

        for (gint64 c = 0; c < form->n_channels; c++)
          channels[c] = is_whole ? to_byte (pictures[c][(gsize) (y * rows[0] / height) * columns[0] + x * columns[0] / width], low, high)
                                 : mix_channel (self, form, offset + c * form->channel_stride, column, end_column, row, end_row, low, high);
        for (guint i = 0; i < 3; i++)
          pixel[i] = channels[is_color ? i : 0];
        pixel[3] = has_alpha ? channels[form->n_channels - 1] : 255;
      }
  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8A8, bytes, (gsize) width * 4);
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkImage *self = GTEN_GTK_IMAGE (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), scale;
  Form form;

  if (self->tensor == NULL || gten_gtk_tensor_get_values (self->tensor) == NULL
      || !find_form (self->tensor, &form))
    return;
  if (self->texture == NULL)
    {
      scale = MIN (MIN (width / form.width, height / form.height), MAX_SCALE);
      scale = scale >= 1 ? floor (scale) : scale;
      self->width = MAX (1, floor (form.width * scale));
      self->height = MAX (1, floor (form.height * scale));
      self->x = floor ((width - self->width) / 2);
      self->y = floor ((height - self->height) / 2);
      self->texture = make_texture (self, &form);
    }
  gtk_snapshot_append_texture (snapshot, self->texture,
                               &GRAPHENE_RECT_INIT (self->x, self->y, self->width, self->height));
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  g_clear_object (&GTEN_GTK_IMAGE (widget)->texture);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  GtenGtkImage *self = GTEN_GTK_IMAGE (widget);
  Form form;

  *minimum = *natural = 120;
  if (self->tensor != NULL && find_form (self->tensor, &form))
    *natural = CLAMP ((orientation == GTK_ORIENTATION_HORIZONTAL ? form.width : form.height) * MAX_SCALE, 120, MAX_SIZE);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural;
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  GtenGtkImage *self = GTEN_GTK_IMAGE (widget);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *place = NULL;
  guint64 first;
  Form form;

  if (keyboard || self->texture == NULL || x < self->x || y < self->y || x >= self->x + self->width
      || y >= self->y + self->height || !find_form (self->tensor, &form))
    return FALSE;
  first = find_offset (self, &form) + (gint64) ((x - self->x) * form.width / self->width) * form.x_stride
          + (gint64) ((y - self->y) * form.height / self->height) * form.y_stride;
  place = gten_gtk_tensor_format_index (self->tensor, first);
  g_string_append_printf (text, "%s ", place);
  for (gint64 c = 0; c < form.n_channels; c++)
    {
      g_autofree char *value = gten_gtk_tensor_format_value (self->tensor, first + c * form.channel_stride);
      g_string_append_printf (text, " %s", value);
    }
  gtk_tooltip_set_text (tooltip, text->str);
  return TRUE;
}

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GtenGtkImage *self = GTEN_GTK_IMAGE (widget);

  if (tensor != self->tensor || (tensor != NULL && tensor->age != self->age))
    forget_channels (self);
  self->age = tensor != NULL ? tensor->age : 0;
  self->tensor = tensor;
  g_clear_object (&self->texture);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
dispose (GObject *object)
{
  GtenGtkImage *self = GTEN_GTK_IMAGE (object);

  forget_channels (self);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->at, g_free);
  G_OBJECT_CLASS (gten_gtk_image_parent_class)->dispose (object);
}

static void
gten_gtk_image_class_init (GtenGtkImageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  GTEN_GTK_TENSOR_WIDGET_CLASS (klass)->tensor_changed = tensor_changed;
  widget_class->snapshot = snapshot;
  widget_class->size_allocate = size_allocate;
  widget_class->measure = measure;
  widget_class->query_tooltip = query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "tensorimage");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gten_gtk_image_init (GtenGtkImage *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Image"), -1);
}

/**
 * gten_gtk_image_new:
 *
 * Returns: (transfer full): an image without a tensor
 */
GtkWidget *
gten_gtk_image_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_IMAGE, NULL);
}

/**
 * gten_gtk_image_set_place:
 * @self: an image
 * @at: (array length=n_at): index along each dimension before those of the image
 * @n_at: how many
 *
 * Chooses one of several images in a tensor.
 */
void
gten_gtk_image_set_place (GtenGtkImage *self, const gint64 *at, gsize n_at)
{
  g_free (self->at);
  self->at = g_memdup2 (at, n_at * sizeof *at);
  self->n_at = n_at;
  forget_channels (self);
  g_clear_object (&self->texture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * gten_gtk_image_can_show:
 * @tensor: a tensor
 *
 * Returns: whether the tensor can be looked at as an image: it has two dimensions or more
 */
gboolean
gten_gtk_image_can_show (GtenGtkTensor *tensor)
{
  Form form;

  return find_form (tensor, &form);
}

/**
 * gten_gtk_image_get_n_dims:
 * @tensor: a tensor
 *
 * Returns: how many of its dimensions, from the last, make one image: 2, or 3 with channels; 0 if
 *   none do
 */
gsize
gten_gtk_image_get_n_dims (GtenGtkTensor *tensor)
{
  Form form;

  return find_form (tensor, &form) ? form.n_dims : 0;
}
