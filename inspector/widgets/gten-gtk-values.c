/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tensor as a table of numbers. Cells are no widgets: only what is visible is formatted and
 * drawn, so a million rows cost no more than a page. Arrow keys move the cursor, Ctrl+C copies the
 * number under it. */
#include "gten-gtk-values.h"

#include "gten-gtk-slice.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "gten-gtk-theme-private.h"

#define CELL_WIDTH  82
#define CELL_HEIGHT 26
#define HEAD_WIDTH  56
#define PADDING     6

struct _GtenGtkValues
{
  GtenGtkTensorWidget parent_instance;

  GtenGtkTensor *tensor;
  GtkAdjustment *adjustments[2];       /* across, down */
  gint64         row, column;          /* of the cursor */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GtenGtkValues, gten_gtk_values, GTEN_GTK_TYPE_TENSOR_WIDGET, G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

enum { PROP_HADJUSTMENT = 1, PROP_VADJUSTMENT, PROP_HSCROLL_POLICY, PROP_VSCROLL_POLICY };

static gint64
get_n_rows (GtenGtkValues *self)
{
  return self->tensor != NULL && gten_gtk_tensor_get_values (self->tensor) != NULL ? gten_gtk_tensor_get_n_rows (self->tensor) : 0;
}

static gint64
get_n_columns (GtenGtkValues *self)
{
  return get_n_rows (self) > 0 ? gten_gtk_tensor_get_n_columns (self->tensor) : 0;
}

/* How many elements of the tensor lie from one column, or row, to the next. Rows of several dimensions are counted. */
static gint64
get_step (GtenGtkValues *self, gboolean across)
{
  gsize n_dims;

  gten_gtk_tensor_get_shape (self->tensor, &n_dims);
  if (across ? n_dims == 0 : n_dims != 2)
    return 1;
  return gten_gtk_tensor_get_step (self->tensor, across ? n_dims - 1 : 0);
}

static double
get_scroll (GtenGtkValues *self, guint axis)
{
  return self->adjustments[axis] != NULL ? gtk_adjustment_get_value (self->adjustments[axis]) : 0;
}

static void
configure (GtenGtkValues *self)
{
  double sizes[2] = { (double) get_n_columns (self) * CELL_WIDTH,
                      (double) get_n_rows (self) * CELL_HEIGHT };
  double pages[2] = { gtk_widget_get_width (GTK_WIDGET (self)) - HEAD_WIDTH,
                      gtk_widget_get_height (GTK_WIDGET (self)) - CELL_HEIGHT };
  double steps[2] = { CELL_WIDTH, CELL_HEIGHT };

  for (guint i = 0; i < 2; i++)
    if (self->adjustments[i] != NULL)
      gtk_adjustment_configure (self->adjustments[i], MIN (get_scroll (self, i), MAX (sizes[i] - pages[i], 0)), 0,
                                MAX (sizes[i], pages[i]), steps[i], MAX (pages[i] * 0.9, 1), MAX (pages[i], 1));
}

static void
tensor_changed (GtenGtkTensorWidget *widget, GtenGtkTensor *tensor)
{
  GtenGtkValues *self = GTEN_GTK_VALUES (widget);

  self->tensor = tensor;
  configure (self);
  self->row = CLAMP (self->row, 0, MAX (get_n_rows (self) - 1, 0));
  self->column = CLAMP (self->column, 0, MAX (get_n_columns (self) - 1, 0));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  configure (GTEN_GTK_VALUES (widget));
}

static void
snapshot_cell (GtkSnapshot *snapshot, PangoLayout *layout, const char *text, double right, double y,
               GtenGtkColor color)
{
  GdkRGBA ink = { (color >> 16 & 255) / 255.f, (color >> 8 & 255) / 255.f, (color & 255) / 255.f,
                  1 };
  int width, height;

  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (right - PADDING - width,
                                                y + (CELL_HEIGHT - height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  gtk_snapshot_restore (snapshot);
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkValues *self = GTEN_GTK_VALUES (widget);
  const GtenGtkPalette *palette = gten_gtk_widget_palette (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double left = get_scroll (self, 0), top = get_scroll (self, 1);
  gint64 n_rows = get_n_rows (self), n_columns = get_n_columns (self);
  gint64 first_row = top / CELL_HEIGHT, last_row = MIN (n_rows - 1, (top + height) / CELL_HEIGHT);
  gint64 first_column = left / CELL_WIDTH, last_column = MIN (n_columns - 1, (left + width) / CELL_WIDTH);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  GdkRGBA shade = { 0.5f, 0.5f, 0.5f, 0.12f };

  if (n_rows == 0 || n_columns == 0)
    return;
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (HEAD_WIDTH, CELL_HEIGHT, width - HEAD_WIDTH,
                                               height - CELL_HEIGHT));
  if (gtk_widget_has_focus (widget))
    gtk_snapshot_append_color (snapshot, &(GdkRGBA) { 0.21f, 0.52f, 0.89f, 0.3f },
                               &GRAPHENE_RECT_INIT (HEAD_WIDTH + self->column * CELL_WIDTH - left,
                                                    CELL_HEIGHT + self->row * CELL_HEIGHT - top, CELL_WIDTH, CELL_HEIGHT));
  for (gint64 r = first_row; r <= last_row; r++)
    for (gint64 c = first_column; c <= last_column; c++)
      {
        guint64 index = r * n_columns + c;
        g_autofree char *text = gten_gtk_tensor_format_value (self->tensor, index);

        snapshot_cell (snapshot, layout, text, HEAD_WIDTH + (c + 1) * CELL_WIDTH - left, CELL_HEIGHT + r * CELL_HEIGHT - top,
                       isfinite (gten_gtk_tensor_get_value (self->tensor, index)) ? palette->text : palette->nan);
      }
  gtk_snapshot_pop (snapshot);

  gtk_snapshot_append_color (snapshot, &shade, &GRAPHENE_RECT_INIT (0, 0, width, CELL_HEIGHT));
  gtk_snapshot_append_color (snapshot, &shade,
                             &GRAPHENE_RECT_INIT (0, CELL_HEIGHT, HEAD_WIDTH,
                                                  height - CELL_HEIGHT));
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (HEAD_WIDTH, 0, width - HEAD_WIDTH, CELL_HEIGHT));
  for (gint64 c = first_column; c <= last_column; c++)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, c * get_step (self, TRUE));
      snapshot_cell (snapshot, layout, text, HEAD_WIDTH + (c + 1) * CELL_WIDTH - left, 0,
                     palette->dim);
    }
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (0, CELL_HEIGHT, HEAD_WIDTH, height - CELL_HEIGHT));
  for (gint64 r = first_row; r <= last_row; r++)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, r * get_step (self, FALSE));
      snapshot_cell (snapshot, layout, text, HEAD_WIDTH, CELL_HEIGHT + r * CELL_HEIGHT - top,
                     palette->dim);
    }
  gtk_snapshot_pop (snapshot);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 5 * CELL_HEIGHT;
}

static void
move_cursor (GtenGtkValues *self, gint64 row, gint64 column)
{
  self->row = CLAMP (row, 0, MAX (get_n_rows (self) - 1, 0));
  self->column = CLAMP (column, 0, MAX (get_n_columns (self) - 1, 0));
  if (self->adjustments[0] != NULL)
    gtk_adjustment_clamp_page (self->adjustments[0], self->column * CELL_WIDTH,
                               (self->column + 1) * CELL_WIDTH);
  if (self->adjustments[1] != NULL)
    gtk_adjustment_clamp_page (self->adjustments[1], self->row * CELL_HEIGHT,
                               (self->row + 1) * CELL_HEIGHT);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers,
        GtenGtkValues *self)
{
  gint64 page = MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) / CELL_HEIGHT - 2);

  if (get_n_rows (self) == 0)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
      move_cursor (self, self->row, self->column - 1);
      break;
    case GDK_KEY_Right:
      move_cursor (self, self->row, self->column + 1);
      break;
    case GDK_KEY_Up:
      move_cursor (self, self->row - 1, self->column);
      break;
    case GDK_KEY_Down:
      move_cursor (self, self->row + 1, self->column);
      break;
    case GDK_KEY_Page_Up:
      move_cursor (self, self->row - page, self->column);
      break;
    case GDK_KEY_Page_Down:
      move_cursor (self, self->row + page, self->column);
      break;
    case GDK_KEY_Home:
      move_cursor (self, modifiers & GDK_CONTROL_MASK ? 0 : self->row, 0);
      break;
    case GDK_KEY_End:
      move_cursor (self, modifiers & GDK_CONTROL_MASK ? G_MAXINT64 : self->row, G_MAXINT64);
      break;
    case GDK_KEY_c:
      if (modifiers & GDK_CONTROL_MASK)
        {
          g_autofree char *text = gten_gtk_tensor_format_value (self->tensor, self->row * get_n_columns (self) + self->column);
          gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
          break;
        }
      return GDK_EVENT_PROPAGATE;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  return GDK_EVENT_STOP;
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, GtenGtkValues *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (x > HEAD_WIDTH && y > CELL_HEIGHT)
    move_cursor (self, (y - CELL_HEIGHT + get_scroll (self, 1)) / CELL_HEIGHT,
                 (x - HEAD_WIDTH + get_scroll (self, 0)) / CELL_WIDTH);
}

static void
set_adjustment (GtenGtkValues *self, guint axis, GtkAdjustment *adjustment)
{
  if (self->adjustments[axis] == adjustment)
    return;
  if (self->adjustments[axis] != NULL)
    g_signal_handlers_disconnect_by_data (self->adjustments[axis], self);
  g_clear_object (&self->adjustments[axis]);
  if (adjustment != NULL)
    {
      self->adjustments[axis] = g_object_ref_sink (adjustment);
      g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (gtk_widget_queue_draw),
                                self);
      configure (self);
    }
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GtenGtkValues *self = GTEN_GTK_VALUES (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->adjustments[id - PROP_HADJUSTMENT]);
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, GTK_SCROLL_MINIMUM);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GtenGtkValues *self = GTEN_GTK_VALUES (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
    case PROP_VADJUSTMENT:
      set_adjustment (self, id - PROP_HADJUSTMENT, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
dispose (GObject *object)
{
  GtenGtkValues *self = GTEN_GTK_VALUES (object);

  set_adjustment (self, 0, NULL);
  set_adjustment (self, 1, NULL);
  G_OBJECT_CLASS (gten_gtk_values_parent_class)->dispose (object);
}

static void
gten_gtk_values_class_init (GtenGtkValuesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GtenGtkTensorWidgetClass *tensor_class = GTEN_GTK_TENSOR_WIDGET_CLASS (klass);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  tensor_class->tensor_changed = tensor_changed;
  widget_class->snapshot = snapshot;
  widget_class->size_allocate = size_allocate;
  widget_class->measure = measure;
  gtk_widget_class_set_css_name (widget_class, "values");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TABLE);

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
}

static void
gten_gtk_values_init (GtenGtkValues *self)
{
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Values"),
                                  -1);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

/**
 * gten_gtk_values_new:
 *
 * Returns: (transfer full): a table without a tensor
 */
GtkWidget *
gten_gtk_values_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_VALUES, NULL);
}
