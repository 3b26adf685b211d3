/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which slice of a tensor is shown: a dimension that runs down, one that runs across, and a slider
 * for each of the others. Nothing is shown for tensors of two dimensions or less. What was chosen
 * stays for the next tensor of as many dimensions. */
#include "gten-gtk-axes.h"

#include "gten-gtk-slice.h"

#include <glib/gi18n-lib.h>

#define MAX_DIMS 64

struct _GtenGtkAxes
{
  GtenGtkTensorWidget parent_instance;

  GtenGtkTensor *tensor;
  gsize          n_dims;            /* that the widgets are made for */
  gint64         sizes[MAX_DIMS];
  gint64         at[MAX_DIMS];
  guint          down, across;
  gboolean       quiet;
};

G_DEFINE_FINAL_TYPE (GtenGtkAxes, gten_gtk_axes, GTEN_GTK_TYPE_TENSOR_WIDGET)

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void rebuild (GtenGtkAxes *self);

static gboolean
rebuild_cb (gpointer data)
{
  rebuild (data);
  g_signal_emit (data, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
axis_cb (GtkDropDown *drop_down, GParamSpec *pspec, GtenGtkAxes *self)
{
  gboolean is_down = g_object_get_data (G_OBJECT (drop_down), "gten-gtk-down") != NULL;
  guint *chosen = is_down ? &self->down : &self->across, *other = is_down ? &self->across : &self->down;
  guint axis = gtk_drop_down_get_selected (drop_down);

  if (self->quiet || axis == *chosen || axis >= self->n_dims)
    return;
  /* The two change places rather than be the same. */
  if (axis == *other)
    *other = *chosen;
  *chosen = axis;
  /* Not while the widget that says so is being looked at. */
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, rebuild_cb, g_object_ref (self), g_object_unref);
}

static void
slider_cb (GtkRange *slider, GtenGtkAxes *self)
{
  gsize axis = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (slider), "gten-gtk-axis"));
  gint64 at = gtk_range_get_value (slider) + 0.5;

  if (self->quiet || self->at[axis] == at)
    return;
  self->at[axis] = at;
  g_signal_emit (self, signals[CHANGED], 0);
}

static char *
format_place_cb (GtkScale *scale, double value, gpointer data)
{
  GtenGtkAxes *self = data;
  gsize axis = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (scale), "gten-gtk-axis"));

  return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) (value + 0.5) * gten_gtk_tensor_get_step (self->tensor, axis));
}

static GtkWidget *
make_axis (GtenGtkAxes *self, const char *text, guint selected, gboolean is_down)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label = gtk_label_new (text), *drop_down;
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (gsize i = 0; i < self->n_dims; i++)
    {
      g_autofree char *name = g_strdup_printf ("%" G_GSIZE_FORMAT " (%" G_GINT64_FORMAT ")", i, self->sizes[i]);
      gtk_string_list_append (names, name);
    }
  drop_down = gtk_drop_down_new (G_LIST_MODEL (g_object_ref (names)), NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (drop_down), selected);
  if (is_down)
    g_object_set_data (G_OBJECT (drop_down), "gten-gtk-down", self);
  g_signal_connect (drop_down, "notify::selected", G_CALLBACK (axis_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  is_down ? _ ("Dimension that runs down") : _ ("Dimension that runs across"), -1);
  gtk_widget_set_hexpand (drop_down, TRUE);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), drop_down);
  gtk_widget_set_hexpand (box, TRUE);
  return box;
}

static GtkWidget *
make_slider (GtenGtkAxes *self, gsize axis)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label, *slider;
  g_autofree char *text = g_strdup_printf (_ ("Dimension %u"), (guint) axis);

  label = gtk_label_new (text);
  slider = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, MAX (self->sizes[axis] - 1, 1), 1);
  g_object_set_data (G_OBJECT (slider), "gten-gtk-axis", GSIZE_TO_POINTER (axis));
  gtk_range_set_value (GTK_RANGE (slider), self->at[axis]);
  gtk_scale_set_draw_value (GTK_SCALE (slider), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (slider), GTK_POS_RIGHT);
  gtk_scale_set_format_value_func (GTK_SCALE (slider), format_place_cb, self, NULL);
  gtk_widget_set_sensitive (slider, self->sizes[axis] > 1);
  gtk_widget_set_hexpand (slider, TRUE);
  g_signal_connect (slider, "value-changed", G_CALLBACK (slider_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (slider), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), slider);
  return box;
}

static void
remove_children (GtenGtkAxes *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
}

static void
rebuild (GtenGtkAxes *self)
{
  GtkWidget *row;

  self->quiet = TRUE;
  remove_children (self);
  gtk_widget_set_visible (GTK_WIDGET (self), self->n_dims > 2);
  if (self->n_dims > 2)
    {
      row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
      gtk_box_append (GTK_BOX (row), make_axis (self, _ ("Down"), self->down, TRUE));
      gtk_box_append (GTK_BOX (row), make_axis (self, _ ("Across"), self->across, FALSE));
      gtk_widget_set_parent (row, GTK_WIDGET (self));
      for (gsize i = 0; i < self->n_dims; i++)
        if (i != self->down && i != self->across)
          gtk_widget_set_parent (make_slider (self, i), GTK_WIDGET (self));
    }
  self->quiet = FALSE;
}

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GtenGtkAxes *self = GTEN_GTK_AXES (widget);
  gboolean is_new;
  gsize n_dims = 0;

  self->tensor = tensor;
  if (tensor != NULL)
    gten_gtk_tensor_get_shape (tensor, &n_dims);
  n_dims = MIN (n_dims, MAX_DIMS);
  is_new = n_dims != self->n_dims;
  if (is_new)
    {
      self->down = n_dims > 1 ? n_dims - 2 : 0;
      self->across = n_dims > 0 ? n_dims - 1 : 0;
      memset (self->at, 0, sizeof self->at);
    }
  self->n_dims = n_dims;
  for (gsize i = 0; i < n_dims; i++)
    {
      gint64 size = gten_gtk_tensor_get_size (tensor, i);

      is_new |= size != self->sizes[i];
      self->sizes[i] = size;
      self->at[i] = CLAMP (self->at[i], 0, MAX (size - 1, 0));
    }
  if (is_new)
    rebuild (self);
}

static void
dispose (GObject *object)
{
  remove_children (GTEN_GTK_AXES (object));
  G_OBJECT_CLASS (gten_gtk_axes_parent_class)->dispose (object);
}

static void
gten_gtk_axes_class_init (GtenGtkAxesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  GTEN_GTK_TENSOR_WIDGET_CLASS (klass)->tensor_changed = tensor_changed;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "axes");

  /**
   * GtenGtkAxes::changed:
   * @self: the axes
   *
   * Another slice was chosen.
   */
  signals[CHANGED] = g_signal_new ("changed", GTEN_GTK_TYPE_AXES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gten_gtk_axes_init (GtenGtkAxes *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

/**
 * gten_gtk_axes_new:
 *
 * Returns: (transfer full): axes without a tensor
 */
GtkWidget *
gten_gtk_axes_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_AXES, NULL);
}

/**
 * gten_gtk_axes_make_slice:
 * @self: axes
 *
 * Returns: (transfer full) (nullable): the slice that is chosen; the tensor itself where it has two
 *   dimensions or less
 */
GtenGtkTensor *
gten_gtk_axes_make_slice (GtenGtkAxes *self)
{
  if (self->tensor == NULL)
    return NULL;
  return self->n_dims <= 2 ? g_object_ref (self->tensor)
                           : gten_gtk_tensor_slice (self->tensor, self->down, self->across, self->at, self->n_dims);
}

/**
 * gten_gtk_axes_get_place:
 * @self: axes
 * @n_dims: (out): number of dimensions
 *
 * Returns: (array length=n_dims): the place that is chosen in each dimension of what is here
 */
const gint64 *
gten_gtk_axes_get_place (GtenGtkAxes *self, gsize *n_dims)
{
  *n_dims = self->n_dims;
  return self->at;
}
