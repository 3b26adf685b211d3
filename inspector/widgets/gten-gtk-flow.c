/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How gradients flowed in the passes of a run, as one image: a row per node in the order in which
 * they run, a column per pass, colour by the logarithm of the root of the mean square. Nodes whose
 * gradients vanish, explode or are not finite have a sign at the left. */
#include "gten-gtk-flow.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "gten-gtk-color-scale-private.h"
#include "gten-gtk-theme-private.h"

#define FLOW_TYPE  "(a(ssy)atad)"
#define MARGIN     18.0           /* at the left, for signs */
#define LEGEND     20.0
#define HEIGHT     150
#define LOW        -8.0           /* decades that colours run between */
#define HIGH       2.0

typedef enum
{
  MARK_NONE,
  MARK_VANISHING,
  MARK_EXPLODING,
  MARK_NOT_FINITE,
} Mark;

typedef struct
{
  char  *name;
  char  *site;
  guint8 mark;
} Row;

struct _GtenGtkFlow
{
  GtkWidget   parent_instance;

  GArray     *rows;
  guint64    *passes;
  double     *cells;              /* by row */
  guint       n_passes;
  guint       selected;           /* row, or GTEN_GTK_NO_NODE */
  guint       cursor;             /* column */
  GdkTexture *texture;
  const GtenGtkPalette *palette;
};

G_DEFINE_FINAL_TYPE (GtenGtkFlow, gten_gtk_flow, GTK_TYPE_WIDGET)

enum { CHOSEN, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
clear_row (gpointer data)
{
  Row *row = data;

  g_free (row->name);
  g_free (row->site);
}

static GtenGtkColor
map_cell (const GtenGtkPalette *palette, double value)
{
  GtenGtkColorScale scale = { palette, GTEN_GTK_COLORMAP_VIRIDIS, GTEN_GTK_RANGE_EXTREMES, LOW, HIGH };

  if (isnan (value))
    return palette->card;
  if (isinf (value))
    return value > 0 ? palette->nan : palette->text;
  return gten_gtk_color_scale_map (&scale, value);
}

/* -- the picture ------------------------------------------------------------------------------- */

static GdkTexture *
make_texture (GtenGtkFlow *self, guint width, guint height, const GtenGtkPalette *palette)
{
  guint32 *pixels = g_new (guint32, (gsize) width * height);
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, (gsize) width * height * sizeof *pixels);

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        guint row = (guint64) y * self->rows->len / height, column = (guint64) x * self->n_passes / width;

        pixels[(gsize) y * width + x] = 0xff000000u | map_cell (palette, self->cells[(gsize) row * self->n_passes + column]);
      }
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, (gsize) width * sizeof *pixels);
}

static void
draw_mark (cairo_t *cr, Mark mark, double y, const GtenGtkPalette *palette)
{
  double x = MARGIN / 2, r = 4;

  cairo_new_path (cr);
  if (mark == MARK_NOT_FINITE)
    {
      gten_gtk_set_color (cr, palette->nan, 1);
      cairo_set_line_width (cr, 2);
      cairo_move_to (cr, x - r, y - r);
      cairo_line_to (cr, x + r, y + r);
      cairo_move_to (cr, x + r, y - r);
      cairo_line_to (cr, x - r, y + r);
      cairo_stroke (cr);
      return;
    }
  gten_gtk_set_color (cr, mark == MARK_EXPLODING ? palette->states[GTEN_GTK_STATE_RUNNING] : palette->states[GTEN_GTK_STATE_READY], 1);
  r = mark == MARK_EXPLODING ? -r : r;
  cairo_move_to (cr, x - r, y - r * 0.7);
  cairo_line_to (cr, x + r, y - r * 0.7);
  cairo_line_to (cr, x, y + r * 0.9);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
snapshot_legend (GtkWidget *widget, GtkSnapshot *snapshot, double y, const GtenGtkPalette *palette)
{
  const struct { double value; const char *label; } ends[] = { { LOW, "10⁻⁸" }, { HIGH, "10²" } };
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  double x = MARGIN;
  const double bar = 120;
  GdkRGBA ink;
  int width, height;
  cairo_t *cr;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  ink.alpha *= 0.7;
  for (guint i = 0; i < 2; i++)
    {
      pango_layout_set_text (layout, ends[i].label, -1);
      pango_layout_get_pixel_size (layout, &width, &height);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y + (LEGEND - height) / 2));
      gtk_snapshot_append_layout (snapshot, layout, &ink);
      gtk_snapshot_restore (snapshot);
      if (i == 0)
        {
          x += width + 6;
          cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (x, y, bar, LEGEND));
          for (int k = 0; k < bar; k++)
            {
              gten_gtk_set_color (cr, map_cell (palette, LOW + (HIGH - LOW) * k / bar), 1);
              cairo_rectangle (cr, x + k, y + LEGEND / 2 - 4, 1, 8);
              cairo_fill (cr);
            }
          cairo_destroy (cr);
          x += bar + 6;
        }
    }
  x += width + 16;
  pango_layout_set_text (layout, _ ("root of the mean square of each gradient, by node and pass"), -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y + (LEGEND - height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  gtk_snapshot_restore (snapshot);
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkFlow *self = GTEN_GTK_FLOW (widget);
  const GtenGtkPalette *palette = gten_gtk_widget_palette (widget);
  double width = gtk_widget_get_width (widget) - MARGIN, height = gtk_widget_get_height (widget) - LEGEND;
  int factor = gtk_widget_get_scale_factor (widget);
  cairo_t *cr;

  if (self->rows->len == 0 || self->n_passes == 0 || width < 1 || height < 1)
    return;
  if (self->texture == NULL || self->palette != palette)
    {
      g_clear_object (&self->texture);
      self->texture = make_texture (self, width * factor, height * factor, palette);
      self->palette = palette;
    }
  gtk_snapshot_append_texture (snapshot, self->texture, &GRAPHENE_RECT_INIT (MARGIN, 0, width, height));
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width + MARGIN, height));
  for (guint i = 0; i < self->rows->len; i++)
    {
      Mark mark = g_array_index (self->rows, Row, i).mark;

      if (mark != MARK_NONE && mark <= MARK_NOT_FINITE)
        draw_mark (cr, mark, (i + 0.5) * height / self->rows->len, palette);
    }
  if (self->selected < self->rows->len)
    {
      double row = height / self->rows->len, column = width / self->n_passes;

      gten_gtk_set_color (cr, palette->selection, 1);
      cairo_set_line_width (cr, 1.5);
      cairo_rectangle (cr, MARGIN, self->selected * row, width, row);
      if (gtk_widget_has_visible_focus (widget))
        cairo_rectangle (cr, MARGIN + self->cursor * column, self->selected * row, MAX (column, 2), row);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
  snapshot_legend (widget, snapshot, height, palette);
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  g_clear_object (&GTEN_GTK_FLOW (widget)->texture);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : 80;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 400 : HEIGHT;
}

/* -- input ------------------------------------------------------------------------------------- */

static gboolean
pick (GtenGtkFlow *self, double x, double y, guint *row, guint *column)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - MARGIN, height = gtk_widget_get_height (GTK_WIDGET (self)) - LEGEND;

  if (self->rows->len == 0 || self->n_passes == 0 || x < 0 || y < 0 || x >= width + MARGIN || y >= height)
    return FALSE;
  *row = MIN (y / height * self->rows->len, self->rows->len - 1);
  *column = MIN (MAX (x - MARGIN, 0) / width * self->n_passes, self->n_passes - 1);
  return TRUE;
}

static char *
describe_cell (GtenGtkFlow *self, guint index, guint column)
{
  const char *const marks[] = { "", _ (", vanishing"), _ (", exploding"), _ (", not finite") };
  const Row *row = &g_array_index (self->rows, Row, index);
  double value = self->cells[(gsize) index * self->n_passes + column];
  g_autofree char *size = isnan (value)   ? g_strdup (_ ("did not run"))
                          : isinf (value) ? g_strdup (value > 0 ? _ ("not finite") : _ ("zero"))
                                          : gten_gtk_format_number (pow (10, value));

  return g_strdup_printf (_ ("Pass %lu, node %u %s: %s%s%s%s"), (gulong) self->passes[column], index + 1, row->name, size,
                          marks[MIN (row->mark, MARK_NOT_FINITE)], *row->site != '\0' ? "\n" : "", row->site);
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  GtenGtkFlow *self = GTEN_GTK_FLOW (widget);
  g_autofree char *text = NULL;
  guint row, column;

  if (keyboard || !pick (self, x, y, &row, &column))
    return FALSE;
  text = describe_cell (self, row, column);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
choose (GtenGtkFlow *self)
{
  g_autofree char *text = NULL;

  if (self->selected >= self->rows->len || self->cursor >= self->n_passes)
    return;
  text = describe_cell (self, self->selected, self->cursor);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[CHOSEN], 0, self->selected, self->passes[self->cursor]);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, GtenGtkFlow *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (pick (self, x, y, &self->selected, &self->cursor))
    choose (self);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers, GtenGtkFlow *self)
{
  guint n = self->rows->len;

  if (n == 0 || self->n_passes == 0 || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (self->selected >= n)
    self->selected = 0;
  switch (key)
    {
    case GDK_KEY_Up:
      self->selected -= self->selected > 0;
      break;
    case GDK_KEY_Down:
      self->selected += self->selected + 1 < n;
      break;
    case GDK_KEY_Left:
      self->cursor -= self->cursor > 0;
      break;
    case GDK_KEY_Right:
      self->cursor += self->cursor + 1 < self->n_passes;
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  choose (self);
  return GDK_EVENT_STOP;
}

/* -- the object -------------------------------------------------------------------------------- */

static void
finalize (GObject *object)
{
  GtenGtkFlow *self = GTEN_GTK_FLOW (object);

  g_array_unref (self->rows);
  g_free (self->passes);
  g_free (self->cells);
  g_clear_object (&self->texture);
  G_OBJECT_CLASS (gten_gtk_flow_parent_class)->finalize (object);
}

static void
gten_gtk_flow_class_init (GtenGtkFlowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget_class->snapshot = snapshot;
  widget_class->size_allocate = size_allocate;
  widget_class->measure = measure;
  widget_class->query_tooltip = query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "flow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  /**
   * GtenGtkFlow::chosen:
   * @self: the image
   * @node: place of a node in the order
   * @pass: number of a pass
   *
   * A cell was clicked, or gone to with the arrow keys.
   */
  signals[CHOSEN] = g_signal_new ("chosen", GTEN_GTK_TYPE_FLOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_UINT, G_TYPE_UINT64);
}

static void
gten_gtk_flow_init (GtenGtkFlow *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_clear_func (self->rows, clear_row);
  self->selected = G_MAXUINT;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Flow of gradients over passes"), -1);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
}

/**
 * gten_gtk_flow_new:
 *
 * Returns: (transfer full): an empty image
 */
GtkWidget *
gten_gtk_flow_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_FLOW, NULL);
}

/**
 * gten_gtk_flow_clear:
 * @self: an image
 *
 * Forgets all passes.
 */
void
gten_gtk_flow_clear (GtenGtkFlow *self)
{
  g_array_set_size (self->rows, 0);
  g_clear_pointer (&self->passes, g_free);
  g_clear_pointer (&self->cells, g_free);
  self->n_passes = 0;
  g_clear_object (&self->texture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * gten_gtk_flow_set_variant:
 * @self: an image
 * @variant: the flow, of the type that the debug service sends
 * @error: return location for an error
 *
 * Shows a variant of type `(a(ssy)atad)`; org.gtensor.Inspect1 says what is in it.
 *
 * Returns: %TRUE, or %FALSE with an error
 */
gboolean
gten_gtk_flow_set_variant (GtenGtkFlow *self, GVariant *variant, GError **error)
{
  g_autoptr (GVariant) rows = NULL;
  g_autoptr (GVariant) passes = NULL;
  g_autoptr (GVariant) cells = NULL;
  gsize n_rows, n_passes, n_cells;
  const guint64 *numbers;
  const double *values;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (FLOW_TYPE)) || !g_variant_is_normal_form (variant))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, _ ("The flow is malformed"));
      return FALSE;
    }
  rows = g_variant_get_child_value (variant, 0);
  passes = g_variant_get_child_value (variant, 1);
  cells = g_variant_get_child_value (variant, 2);
  n_rows = g_variant_n_children (rows);
  numbers = g_variant_get_fixed_array (passes, &n_passes, sizeof *numbers);
  values = g_variant_get_fixed_array (cells, &n_cells, sizeof *values);
  if (n_rows > G_MAXUINT || n_passes > G_MAXUINT || n_cells != n_rows * n_passes)
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, "The flow has %" G_GSIZE_FORMAT " cells, not %" G_GSIZE_FORMAT " by %" G_GSIZE_FORMAT,
                   n_cells, n_rows, n_passes);
      return FALSE;
    }
  gten_gtk_flow_clear (self);
  for (gsize i = 0; i < n_rows; i++)
    {
      Row row;

      g_variant_get_child (rows, i, "(ssy)", &row.name, &row.site, &row.mark);
      g_array_append_val (self->rows, row);
    }
  self->passes = g_memdup2 (numbers, n_passes * sizeof *numbers);
  self->cells = g_memdup2 (values, n_cells * sizeof *values);
  self->n_passes = n_passes;
  self->cursor = n_passes > 0 ? n_passes - 1 : 0;
  return TRUE;
}

/**
 * gten_gtk_flow_get_n_rows:
 * @self: an image
 *
 * Returns: how many nodes are shown
 */
guint
gten_gtk_flow_get_n_rows (GtenGtkFlow *self)
{
  return self->rows->len;
}

/**
 * gten_gtk_flow_get_n_passes:
 * @self: an image
 *
 * Returns: how many passes are shown
 */
guint
gten_gtk_flow_get_n_passes (GtenGtkFlow *self)
{
  return self->n_passes;
}

/**
 * gten_gtk_flow_set_selected:
 * @self: an image
 * @node: place of a node in the order
 *
 * Marks a node.
 */
void
gten_gtk_flow_set_selected (GtenGtkFlow *self, guint node)
{
  if (self->selected == node)
    return;
  self->selected = node;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * gten_gtk_flow_describe:
 * @self: an image
 *
 * Returns: (transfer full): in words what is wrong with the flow, such as "3 nodes vanishing"
 */
char *
gten_gtk_flow_describe (GtenGtkFlow *self)
{
  GString *text = g_string_new (NULL);
  guint counts[MARK_NOT_FINITE + 1] = { 0 };

  for (guint i = 0; i < self->rows->len; i++)
    counts[MIN (g_array_index (self->rows, Row, i).mark, MARK_NOT_FINITE)]++;
  g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "%u pass", "%u passes", self->n_passes), self->n_passes);
  if (counts[MARK_VANISHING] > 0)
    g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, ", %u gradient vanishes", ", %u gradients vanish", counts[MARK_VANISHING]), counts[MARK_VANISHING]);
  if (counts[MARK_EXPLODING] > 0)
    g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, ", %u gradient explodes", ", %u gradients explode", counts[MARK_EXPLODING]), counts[MARK_EXPLODING]);
  if (counts[MARK_NOT_FINITE] > 0)
    g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, ", %u gradient is not finite", ", %u gradients are not finite", counts[MARK_NOT_FINITE]),
                            counts[MARK_NOT_FINITE]);
  return g_string_free (text, FALSE);
}
