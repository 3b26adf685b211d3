/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gten-gtk-tiles-private.h"

#include <math.h>

#define SIZE       256
#define MAX_TILES  256        /* 64 MiB at scale 1 */
#define AT_ONCE_US 5000       /* of a frame in which pieces are drawn in the main thread */
#define COLLECT_US 8000       /* of a frame after which no more is collected */
#define N_THREADS  2

typedef struct
{
  int              column, row;
  cairo_surface_t *image;     /* NULL until it was drawn */
  GdkTexture      *texture;   /* the same, where the renderer keeps it on a GPU */
  gboolean         under_way;
  guint            epoch;     /* of the marks when its contents were collected */
  guint32          clock;     /* of the graph then, or later if nothing in the piece has changed since */
  guint            selected, hovered;
  guint            seen;      /* frame */
} Tile;

struct _GtenGtkTiles
{
  gatomicrefcount       ref_count;         /* the widget's, and one per piece under way */
  GtkWidget            *widget;            /* NULL when it is gone */
  GHashTable           *tiles;             /* Tile, by itself */
  GHashTable           *before;            /* those of another zoom, or NULL */
  double                zoom, before_zoom;
  int                   scale;
  const GtenGtkPalette *palette;
  const GtenGtkLayout  *layout;
  guint                 epoch, frame, generation;
  gboolean              ready;
  guint                 late;              /* there is more to draw */
};

/* A piece on its way through another thread. */
typedef struct
{
  GtenGtkTiles    *tiles;
  guint            generation;
  int              column, row, scale;
  double           zoom, x, y;             /* of the layout, at the piece's corner */
  cairo_surface_t *shapes;                 /* a recording */
  GArray          *labels;
  cairo_surface_t *image;
} Job;

/* -- pieces ------------------------------------------------------------------------------------ */

static guint
hash_tile (gconstpointer tile)
{
  return (guint) ((const Tile *) tile)->column * 2654435761u ^ (guint) ((const Tile *) tile)->row;
}

static gboolean
equal_tiles (gconstpointer a, gconstpointer b)
{
  const Tile *x = a, *y = b;

  return x->column == y->column && x->row == y->row;
}

static void
free_tile (gpointer data)
{
  Tile *tile = data;

  g_clear_pointer (&tile->image, cairo_surface_destroy);
  g_clear_object (&tile->texture);
  g_free (tile);
}

static GHashTable *
new_table (void)
{
  return g_hash_table_new_full (hash_tile, equal_tiles, NULL, free_tile);
}

static void
unref (GtenGtkTiles *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->tiles);
  g_clear_pointer (&self->before, g_hash_table_unref);
  g_free (self);
}

static gboolean
is_old (gpointer key, gpointer value, gpointer self)
{
  return ((Tile *) value)->seen != ((GtenGtkTiles *) self)->frame && !((Tile *) value)->under_way;
}

/* -- drawing ----------------------------------------------------------------------------------- */

static void
free_job (Job *job)
{
  cairo_surface_destroy (job->shapes);
  g_array_unref (job->labels);
  g_clear_pointer (&job->image, cairo_surface_destroy);
  unref (job->tiles);
  g_free (job);
}

/* In any thread. */
static void
draw (Job *job)
{
  cairo_t *cr;

  job->image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, SIZE * job->scale, SIZE * job->scale);
  cairo_surface_set_device_scale (job->image, job->scale, job->scale);
  cr = cairo_create (job->image);
  cairo_set_source_surface (cr, job->shapes, 0, 0);
  cairo_paint (cr);
  cairo_scale (cr, job->zoom, job->zoom);
  cairo_translate (cr, -job->x, -job->y);
  gten_gtk_labels_draw (job->labels, cr);
  cairo_destroy (cr);
  cairo_surface_flush (job->image);
}

static void
take_image (Tile *tile, Job *job)
{
  g_clear_pointer (&tile->image, cairo_surface_destroy);
  g_clear_object (&tile->texture);
  tile->image = g_steal_pointer (&job->image);
}

static gboolean
drawn_cb (gpointer data)
{
  Job *job = data;
  GtenGtkTiles *self = job->tiles;
  Tile key = { .column = job->column, .row = job->row };
  Tile *tile = self->widget != NULL && job->generation == self->generation ? g_hash_table_lookup (self->tiles, &key) : NULL;

  if (tile != NULL)
    {
      tile->under_way = FALSE;
      take_image (tile, job);
      gtk_widget_queue_draw (self->widget);
    }
  free_job (job);
  return G_SOURCE_REMOVE;
}

static void
draw_in_thread (gpointer data, gpointer unused)
{
  Job *job = data;

  draw (job);
  g_idle_add_full (G_PRIORITY_DEFAULT, drawn_cb, job, NULL);
}

static GThreadPool *
get_threads (void)
{
  static GThreadPool *threads;       /* one for all views */

  if (threads == NULL)
    threads = g_thread_pool_new (draw_in_thread, NULL, N_THREADS, FALSE, NULL);
  return threads;
}

static GtenGtkView
view_of (const GtenGtkView *view, const Tile *tile)
{
  GtenGtkView part = *view;

  part.x = tile->column * (SIZE / view->zoom);
  part.y = tile->row * (SIZE / view->zoom);
  part.width = part.height = SIZE;
  return part;
}

static Job *
collect (GtenGtkTiles *self, Tile *tile, GtenGtkGraph *graph, const GtenGtkLayout *layout, const GtenGtkView *view)
{
  GtenGtkView part = view_of (view, tile);
  cairo_rectangle_t extents = { 0, 0, SIZE, SIZE };
  Job *job = g_new0 (Job, 1);
  cairo_t *cr;

  *job = (Job) { self, self->generation, tile->column, tile->row, self->scale, view->zoom, part.x, part.y,
                 cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, &extents), gten_gtk_labels_new (), NULL };
  g_atomic_ref_count_inc (&self->ref_count);
  part.labels = job->labels;
  cr = cairo_create (job->shapes);
  gten_gtk_paint_graph (cr, graph, layout, &part);
  cairo_destroy (cr);
  tile->epoch = self->epoch;
  tile->clock = graph->clock;
  tile->selected = view->selected;
  tile->hovered = view->hovered;
  return job;
}

/* -- what is up to date ------------------------------------------------------------------------ */

static gboolean
is_in (const GtenGtkLayout *layout, guint box, const GtenGtkView *part)
{
  const double margin = 14;
  const GtenGtkBox *b;

  if (box >= layout->n_nodes)
    return FALSE;
  b = &layout->boxes[box];
  return b->x - margin <= part->x + part->width / part->zoom && b->x + b->width + margin >= part->x
         && b->y - margin <= part->y + part->height / part->zoom && b->y + b->height + margin >= part->y;
}

static gboolean
has_box_changed (const Tile *tile, GtenGtkGraph *graph, const GtenGtkArrangement *arrangement, guint box)
{
  if (arrangement == NULL)
    return graph->changed_at[box] > tile->clock;
  for (guint node = arrangement->node[box], count = 0; count < arrangement->n_nodes[box]; node++)
    if (arrangement->item[node] == box)
      {
        if (graph->changed_at[node] > tile->clock)
          return TRUE;
        count++;
      }
  return FALSE;
}

/* Whether a node or the user of an edge that the piece shows has changed since it was drawn. */
static gboolean
has_changed (Tile *tile, GtenGtkGraph *graph, const GtenGtkLayout *layout, const GtenGtkView *part)
{
  g_autoptr (GArray) boxes = NULL;
  g_autoptr (GArray) routes = NULL;

  if (tile->clock == graph->clock)
    return FALSE;
  boxes = g_array_new (FALSE, FALSE, sizeof (guint));
  routes = g_array_new (FALSE, FALSE, sizeof (guint));
  gten_gtk_find_visible (layout, part, boxes, gten_gtk_shows_density (part->zoom) ? NULL : routes);
  for (guint i = 0; i < boxes->len; i++)
    if (has_box_changed (tile, graph, part->arrangement, g_array_index (boxes, guint, i)))
      return TRUE;
  for (guint i = 0; i < routes->len; i++)
    {
      guint route = g_array_index (routes, guint, i), edge = part->arrangement != NULL ? part->arrangement->edge[route] : route;

      if (graph->changed_at[graph->user[edge]] > tile->clock)
        return TRUE;
    }
  tile->clock = graph->clock;
  return FALSE;
}

static gboolean
is_up_to_date (GtenGtkTiles *self, Tile *tile, GtenGtkGraph *graph, const GtenGtkLayout *layout, const GtenGtkView *view)
{
  GtenGtkView part = view_of (view, tile);

  if (tile->epoch != self->epoch)
    return FALSE;
  if (tile->selected != view->selected && (is_in (layout, tile->selected, &part) || is_in (layout, view->selected, &part)))
    return FALSE;
  if (tile->hovered != view->hovered && (is_in (layout, tile->hovered, &part) || is_in (layout, view->hovered, &part)))
    return FALSE;
  return !has_changed (tile, graph, layout, &part);
}

/* -- a frame ----------------------------------------------------------------------------------- */

/* Pieces of one zoom fit no other, but stand in for them. */
static void
prepare (GtenGtkTiles *self, const GtenGtkLayout *layout, const GtenGtkView *view)
{
  int scale = gtk_widget_get_scale_factor (self->widget);

  if (self->layout != layout || self->scale != scale)
    gten_gtk_tiles_forget (self);
  if (self->palette != view->palette)
    self->epoch++;
  if (self->zoom != view->zoom && g_hash_table_size (self->tiles) > 0)
    {
      if (self->ready || self->before == NULL)
        {
          g_clear_pointer (&self->before, g_hash_table_unref);
          self->before = g_steal_pointer (&self->tiles);
          self->before_zoom = self->zoom;
        }
      else
        g_clear_pointer (&self->tiles, g_hash_table_unref);
      self->tiles = new_table ();
      self->generation++;
    }
  self->layout = layout;
  self->scale = scale;
  self->palette = view->palette;
  self->zoom = view->zoom;
  self->frame++;
}

static Tile *
find_tile (GtenGtkTiles *self, int column, int row)
{
  Tile key = { .column = column, .row = row };
  Tile *tile = g_hash_table_lookup (self->tiles, &key);

  if (tile == NULL)
    {
      tile = g_new0 (Tile, 1);
      tile->column = column;
      tile->row = row;
      g_hash_table_add (self->tiles, tile);
    }
  tile->seen = self->frame;
  return tile;
}

/* What is asked for while a widget is drawn is taken for done. */
static gboolean
late_cb (gpointer data)
{
  GtenGtkTiles *self = data;

  self->late = 0;
  gtk_widget_queue_draw (self->widget);
  return G_SOURCE_REMOVE;
}

/* Draws what is missing or out of date, as far as a frame has time for it; the rest is left to other threads, and what does
 * not even get there to the next frame. */
static void
renew (GtenGtkTiles *self, Tile *tile, GtenGtkGraph *graph, const GtenGtkLayout *layout, const GtenGtkView *view, gint64 begun)
{
  gint64 elapsed = g_get_monotonic_time () - begun;
  Job *job;

  if (tile->under_way || (tile->image != NULL && is_up_to_date (self, tile, graph, layout, view)))
    return;
  if (elapsed > COLLECT_US)
    {
      self->ready = FALSE;
      if (self->late == 0)
        self->late = g_idle_add_full (G_PRIORITY_DEFAULT, late_cb, self, NULL);
      return;
    }
  job = collect (self, tile, graph, layout, view);
  if (elapsed < AT_ONCE_US)
    {
      draw (job);
      take_image (tile, job);
      free_job (job);
      return;
    }
  tile->under_way = TRUE;
  g_thread_pool_push (get_threads (), job, NULL);
}

typedef struct
{
  GtkSnapshot *snapshot;
  cairo_t     *cr;           /* NULL where a GPU draws */
} Canvas;

/* Cairo is given its own surface: of a texture GTK would make a copy each time. */
static void
append (const Canvas *canvas, Tile *tile, const graphene_rect_t *place)
{
  if (canvas->cr == NULL)
    {
      if (tile->texture == NULL)
        {
          int stride = cairo_image_surface_get_stride (tile->image), height = cairo_image_surface_get_height (tile->image);
          g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (tile->image), (gsize) stride * height,
                                                                 (GDestroyNotify) cairo_surface_destroy,
                                                                 cairo_surface_reference (tile->image));

          tile->texture = gdk_memory_texture_new (cairo_image_surface_get_width (tile->image), height, GDK_MEMORY_DEFAULT, bytes, stride);
        }
      gtk_snapshot_append_texture (canvas->snapshot, tile->texture, place);
      return;
    }
  cairo_save (canvas->cr);
  cairo_rectangle (canvas->cr, place->origin.x, place->origin.y, place->size.width, place->size.height);
  cairo_translate (canvas->cr, place->origin.x, place->origin.y);
  cairo_scale (canvas->cr, place->size.width / SIZE, place->size.height / SIZE);
  cairo_set_source_surface (canvas->cr, tile->image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (canvas->cr), CAIRO_FILTER_NEAREST);
  cairo_set_operator (canvas->cr, CAIRO_OPERATOR_SOURCE);
  cairo_fill (canvas->cr);
  cairo_restore (canvas->cr);
}

/* What was seen at the zoom before, larger or smaller. */
static void
append_before (GtenGtkTiles *self, const Canvas *canvas, const graphene_rect_t *bounds, double x, double y)
{
  double size = SIZE * self->zoom / self->before_zoom;
  GHashTableIter iter;
  Tile *tile;

  g_hash_table_iter_init (&iter, self->before);
  while (g_hash_table_iter_next (&iter, (gpointer *) &tile, NULL))
    {
      graphene_rect_t place = GRAPHENE_RECT_INIT (tile->column * size - x, tile->row * size - y, size, size);

      if (tile->image != NULL && graphene_rect_intersection (&place, bounds, NULL))
        append (canvas, tile, &place);
    }
}

void
gten_gtk_tiles_snapshot (GtenGtkTiles *self, GtkSnapshot *snapshot, GtenGtkGraph *graph, const GtenGtkLayout *layout,
                         const GtenGtkView *view)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, view->width, view->height);
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (self->widget));
  gboolean is_cairo = renderer != NULL && GSK_IS_CAIRO_RENDERER (renderer), is_complete = TRUE;
  Canvas canvas = { snapshot, is_cairo ? gtk_snapshot_append_cairo (snapshot, &bounds) : NULL };
  gint64 begun = g_get_monotonic_time ();
  double x, y;

  prepare (self, layout, view);
  /* In whole pixels of the device, so that pieces are shown as they were drawn. */
  x = round (view->x * view->zoom * self->scale) / self->scale;
  y = round (view->y * view->zoom * self->scale) / self->scale;
  self->ready = TRUE;
  for (int row = floor (y / SIZE); row * SIZE < y + view->height; row++)
    for (int column = floor (x / SIZE); column * SIZE < x + view->width; column++)
      {
        Tile *tile = find_tile (self, column, row);

        renew (self, tile, graph, layout, view, begun);
        self->ready &= !tile->under_way;
        is_complete &= tile->image != NULL;
      }
  if (is_complete)
    g_clear_pointer (&self->before, g_hash_table_unref);
  else if (self->before != NULL)
    append_before (self, &canvas, &bounds, x, y);
  for (int row = floor (y / SIZE); row * SIZE < y + view->height; row++)
    for (int column = floor (x / SIZE); column * SIZE < x + view->width; column++)
      {
        Tile *tile = find_tile (self, column, row);

        if (tile->image != NULL)
          append (&canvas, tile, &GRAPHENE_RECT_INIT (column * SIZE - x, row * SIZE - y, SIZE, SIZE));
      }
  if (canvas.cr != NULL)
    cairo_destroy (canvas.cr);
  if (g_hash_table_size (self->tiles) > MAX_TILES)
    g_hash_table_foreach_remove (self->tiles, is_old, self);
}

/* -- the whole --------------------------------------------------------------------------------- */

GtenGtkTiles *
gten_gtk_tiles_new (GtkWidget *widget)
{
  GtenGtkTiles *self = g_new0 (GtenGtkTiles, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->widget = widget;
  self->tiles = new_table ();
  self->epoch = 1;
  return self;
}

void
gten_gtk_tiles_free (GtenGtkTiles *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->late, g_source_remove);
  self->widget = NULL;
  unref (self);
}

void
gten_gtk_tiles_outdate (GtenGtkTiles *self)
{
  self->epoch++;
}

void
gten_gtk_tiles_forget (GtenGtkTiles *self)
{
  g_hash_table_remove_all (self->tiles);
  g_clear_pointer (&self->before, g_hash_table_unref);
  self->layout = NULL;
  self->generation++;
}

gboolean
gten_gtk_tiles_is_ready (GtenGtkTiles *self)
{
  return self->ready;
}
