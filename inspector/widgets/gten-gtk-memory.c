/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How memory came and went by operation: a step per entry, as high as the bytes that were used after
 * it; the change is coloured by operation. The entry under the pointer is named; a click chooses the node that was
 * recorded there. */
#include "gten-gtk-memory.h"

#include "gten-gtk-theme-private.h"

#include <glib/gi18n-lib.h>

#define MAX_ENTRIES   16384
#define HEIGHT        180
#define LEAST         3.0        /* height of a change */

typedef struct
{
  GQuark  device, op;
  gint64  bytes;
  guint64 used;
  guint64 node;
} Entry;

struct _GtenGtkMemory
{
  GtkWidget parent_instance;

  GArray   *entries;
  guint64   last;         /* number of the last entry that came */
  guint     cursor;
};

G_DEFINE_FINAL_TYPE (GtenGtkMemory, gten_gtk_memory, GTK_TYPE_WIDGET)

enum { NODE_CHOSEN, N_SIGNALS };

static guint signals[N_SIGNALS];

/* Colours that are told apart by lightness as well as by hue, after Okabe and Ito. */
static GtenGtkColor
find_color (GQuark op, const GtenGtkPalette *palette)
{
  static const GtenGtkColor colors[] = { 0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0xf0e442 };

  return op == 0 ? palette->hatch : colors[g_str_hash (g_quark_to_string (op)) % G_N_ELEMENTS (colors)];
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GtenGtkMemory *self = GTEN_GTK_MEMORY (widget);
  const GtenGtkPalette *palette = gten_gtk_widget_palette (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), step;
  guint n = self->entries->len;
  guint64 greatest = 1;
  cairo_t *cr;

  if (n == 0)
    return;
  for (guint i = 0; i < n; i++)
    greatest = MAX (greatest, g_array_index (self->entries, Entry, i).used);
  step = width / n;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  for (guint i = 0; i < n; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);
      double top = height - (double) entry->used / greatest * (height - LEAST);
      double change = MAX ((double) ABS (entry->bytes) / greatest * (height - LEAST), LEAST);

      gten_gtk_set_color (cr, palette->states[GTEN_GTK_STATE_READY], 0.18);
      cairo_rectangle (cr, i * step, top, MAX (step, 0.6), height - top);
      cairo_fill (cr);
      /* What came is at the top of what is used, what went is above it. */
      gten_gtk_set_color (cr, find_color (entry->op, palette), entry->bytes < 0 ? 0.25 : 1);
      cairo_rectangle (cr, i * step, entry->bytes < 0 ? top - change : top, MAX (step, 0.6), change);
      cairo_fill (cr);
    }
  if (self->cursor < n)
    {
      gten_gtk_set_color (cr, palette->selection, 1);
      cairo_rectangle (cr, (self->cursor + 0.5) * step - 1, 0, 2, height);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
  if (gtk_widget_has_visible_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0, width, height);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : HEIGHT;
}

static char *
describe (GtenGtkMemory *self, guint index)
{
  const Entry *entry = &g_array_index (self->entries, Entry, index);
  g_autofree char *bytes = g_format_size_full (ABS (entry->bytes), G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *used = g_format_size_full (entry->used, G_FORMAT_SIZE_IEC_UNITS);

  return g_strdup_printf (entry->bytes < 0 ? _ ("%s: %s freed, %s used after it, on %s") : _ ("%s: %s taken, %s used after it, on %s"),
                          entry->op != 0 ? g_quark_to_string (entry->op) : _ ("between operations"),
                          bytes, used, g_quark_to_string (entry->device));
}

static guint
pick (GtenGtkMemory *self, double x)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  return self->entries->len == 0 || width == 0 || x < 0 || x >= width ? G_MAXUINT : MIN (x * self->entries->len / width, self->entries->len - 1);
}

static gboolean
query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  GtenGtkMemory *self = GTEN_GTK_MEMORY (widget);
  guint index = keyboard ? self->cursor : pick (self, x);
  g_autofree char *text = NULL;

  if (index >= self->entries->len)
    return FALSE;
  text = describe (self, index);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
choose (GtenGtkMemory *self)
{
  g_autofree char *text = NULL;
  const Entry *entry;

  if (self->cursor >= self->entries->len)
    return;
  text = describe (self, self->cursor);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  entry = &g_array_index (self->entries, Entry, self->cursor);
  if (entry->node != 0)
    g_signal_emit (self, signals[NODE_CHOSEN], 0, entry->node);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, GtenGtkMemory *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->cursor = pick (self, x);
  choose (self);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers, GtenGtkMemory *self)
{
  guint n = self->entries->len;

  if (n == 0 || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0 || (key != GDK_KEY_Left && key != GDK_KEY_Right))
    return GDK_EVENT_PROPAGATE;
  if (self->cursor >= n)
    self->cursor = n - 1;
  else if (key == GDK_KEY_Left)
    self->cursor -= self->cursor > 0;
  else
    self->cursor += self->cursor + 1 < n;
  choose (self);
  return GDK_EVENT_STOP;
}

static void
finalize (GObject *object)
{
  g_array_unref (GTEN_GTK_MEMORY (object)->entries);
  G_OBJECT_CLASS (gten_gtk_memory_parent_class)->finalize (object);
}

static void
gten_gtk_memory_class_init (GtenGtkMemoryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  widget_class->snapshot = snapshot;
  widget_class->measure = measure;
  widget_class->query_tooltip = query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "memory");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  /**
   * GtenGtkMemory::node-chosen:
   * @self: the timeline
   * @id: the number of a node in its program
   *
   * An entry was chosen of an operation that recorded a node.
   */
  signals[NODE_CHOSEN] = g_signal_new ("node-chosen", GTEN_GTK_TYPE_MEMORY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                       G_TYPE_UINT64);
}

static void
gten_gtk_memory_init (GtenGtkMemory *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  self->cursor = G_MAXUINT;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Memory by operation"), -1);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
}

/**
 * gten_gtk_memory_new:
 *
 * Returns: (transfer full): an empty timeline
 */
GtkWidget *
gten_gtk_memory_new (void)
{
  return g_object_new (GTEN_GTK_TYPE_MEMORY, NULL);
}

/**
 * gten_gtk_memory_clear:
 * @self: a timeline
 *
 * Forgets all entries.
 */
void
gten_gtk_memory_clear (GtenGtkMemory *self)
{
  g_array_set_size (self->entries, 0);
  self->last = 0;
  self->cursor = G_MAXUINT;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * gten_gtk_memory_add_variant:
 * @self: a timeline
 * @variant: entries, of the type that the debug service sends
 * @error: return location for an error
 *
 * Appends the entries of a variant of type `a(txssxtt)`; org.gtensor.Inspect1 says what is in it.
 *
 * Returns: %TRUE, or %FALSE with an error
 */
gboolean
gten_gtk_memory_add_variant (GtenGtkMemory *self, GVariant *variant, GError **error)
{
  GVariantIter iter;
  guint64 number, used, node;
  gint64 time, bytes;
  const char *device, *op;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (GTEN_INSPECT_TIMELINE)) || !g_variant_is_normal_form (variant))
    {
      g_set_error (error, GTEN_ERROR, GTEN_ERROR_IO, _ ("The timeline is malformed"));
      return FALSE;
    }
  g_variant_iter_init (&iter, variant);
  while (g_variant_iter_next (&iter, "(tx&s&sxtt)", &number, &time, &device, &op, &bytes, &used, &node))
    {
      Entry entry = { g_quark_from_string (device), *op != '\0' ? g_quark_from_string (op) : 0, bytes, used, node };

      if (number <= self->last)
        continue;
      self->last = number;
      g_array_append_val (self->entries, entry);
    }
  if (self->entries->len > MAX_ENTRIES)
    g_array_remove_range (self->entries, 0, self->entries->len - MAX_ENTRIES);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

/**
 * gten_gtk_memory_get_last:
 * @self: a timeline
 *
 * Returns: the number of its last entry, from which on others are to be asked for; 0 if there is none
 */
guint64
gten_gtk_memory_get_last (GtenGtkMemory *self)
{
  return self->last;
}

/**
 * gten_gtk_memory_get_n_entries:
 * @self: a timeline
 *
 * Returns: how many entries are shown
 */
guint
gten_gtk_memory_get_n_entries (GtenGtkMemory *self)
{
  return self->entries->len;
}
