/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the inspector takes, in milliseconds, a line "NAME VALUE" for each: layout, canvas, window and
 * steps. Run by bench-inspector, which knows what it may take.
 *   bench CHAIN [PART]       the program with many nodes; one part alone */
#include "graphs.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "gten-gtk-graph-private.h"
#include "gten-gtk-graph-view-private.h"
#include "inspector-application.h"
#include "inspector-program.h"
#include "inspector-window.h"

#define N_FRAMES 40
#define N_KEYS   30
#define N_STEPS  1500

static const char *chain;

static void
say (const char *name, double value)
{
  g_print ("%s %.3f\n", name, value);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

/* -- layout ------------------------------------------------------------------------------------ */

static void
bench_layouts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (graphs); i++)
    {
      g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, 2 * sizeof (guint32));
      g_autofree char *name = g_strdup_printf ("layout-%s", graphs[i].name);
      GtenGtkLayoutInput input;
      double times[5];

      describe (&graphs[i], edges, &input);
      for (guint k = 0; k < G_N_ELEMENTS (times); k++)
        {
          gint64 start = g_get_monotonic_time ();

          gten_gtk_layout_free (gten_gtk_layout_new (&input, NULL));
          times[k] = (g_get_monotonic_time () - start) / 1000.0;
        }
      say (name, median (times, G_N_ELEMENTS (times)));
      clear_input (&input);
    }
}

/* -- the canvas -------------------------------------------------------------------------------- */

static GtenGtkGraph *
make_graph (const char *name, guint n)
{
  const Graph shape = { name, build_network, n, 0 };
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, 2 * sizeof (guint32));
  g_autofree guint32 (*rows)[4] = NULL;
  GtenGtkGraph *graph = g_object_new (GTEN_GTK_TYPE_GRAPH, NULL);
  GtenGtkLayoutInput input;

  describe (&shape, edges, &input);
  rows = g_malloc0 (sizeof *rows * (input.n_edges + 1));
  for (guint e = 0; e < input.n_edges; e++)
    {
      rows[e][0] = input.user[e];
      rows[e][2] = input.input[e];
    }
  gten_gtk_graph_set_edges (graph, input.n_nodes, rows, input.n_edges);
  for (guint i = 0; i < input.n_nodes; i++)
    {
      static const gint64 shape[] = { 4, 4 };
      GtenGtkNode *node = gten_gtk_node_new (i + 1, i, "MulBackward0");

      gten_gtk_node_set_origin (node, "mul", NULL, input.is_leaf[i]);
      gten_gtk_node_set_output (node, GTEN_DTYPE_FLOAT32, shape, 2);
      gten_gtk_graph_take_node (graph, node, GTEN_GTK_STATE_PENDING, 0);
    }
  clear_input (&input);
  return graph;
}

/* The processor time of this thread, in milliseconds: what a frame costs while others are busy. */
static double
get_work (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

typedef struct
{
  gint64 start;
  double work_before;
  double last, work;     /* milliseconds that the last frame took, and that this thread worked on it */
  guint  n_frames;
} Frames;

static void
before_paint_cb (GdkFrameClock *clock, Frames *frames)
{
  frames->start = g_get_monotonic_time ();
  frames->work_before = get_work ();
}

static void
after_paint_cb (GdkFrameClock *clock, Frames *frames)
{
  frames->last = (g_get_monotonic_time () - frames->start) / 1000.0;
  frames->work = get_work () - frames->work_before;
  frames->n_frames++;
}

static void
watch_frames (GtkWidget *widget, Frames *frames)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);

  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), frames);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), frames);
}

static void
wait_for_frame (Frames *frames)
{
  guint n_frames = frames->n_frames;

  while (frames->n_frames == n_frames)
    g_main_context_iteration (NULL, TRUE);
}

/* All zooms from the whole of the graph to single nodes, and selections that move the view. */
static void
bench_frames (void)
{
  g_autoptr (GtenGtkGraph) graph = NULL;
  GtkWidget *window = gtk_window_new (), *view = gten_gtk_graph_view_new ();
  double zooms[N_FRAMES], pans[N_FRAMES], zoom_work[N_FRAMES], pan_work[N_FRAMES];
  Frames frames = { 0 };
  gint64 start = g_get_monotonic_time ();

  graph = make_graph ("network", 100000);
  say ("graph-100k", (g_get_monotonic_time () - start) / 1000.0);
  gten_gtk_graph_ensure_layout (graph);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  gtk_window_set_default_size (GTK_WINDOW (window), 1400, 860);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  gten_gtk_graph_view_set_graph (GTEN_GTK_GRAPH_VIEW (view), graph);
  while (!gtk_widget_get_mapped (view))
    g_main_context_iteration (NULL, TRUE);
  watch_frames (view, &frames);
  gten_gtk_graph_view_fit (GTEN_GTK_GRAPH_VIEW (view));
  wait_for_frame (&frames);
  for (guint i = 0; i < N_FRAMES; i++)
    {
      gten_gtk_graph_view_zoom (GTEN_GTK_GRAPH_VIEW (view), i < N_FRAMES / 2 ? 1.4 : 1 / 1.4);
      wait_for_frame (&frames);
      zooms[i] = frames.last;
      zoom_work[i] = frames.work;
    }
  for (guint i = 0; i < 14; i++)
    gten_gtk_graph_view_zoom (GTEN_GTK_GRAPH_VIEW (view), 1.4);
  for (guint i = 0; i < N_FRAMES; i++)
    {
      gten_gtk_graph_view_set_selected (GTEN_GTK_GRAPH_VIEW (view), i * 2477 % 100000);
      wait_for_frame (&frames);
      pans[i] = frames.last;
      pan_work[i] = frames.work;
    }
  say ("frame-zoom-100k", median (zooms, N_FRAMES));
  say ("frame-pan-100k", median (pans, N_FRAMES));
  say ("frame-zoom-100k-work", median (zoom_work, N_FRAMES));
  say ("frame-zoom-100k-work-worst", zoom_work[N_FRAMES - 1]);
  say ("frame-pan-100k-work", median (pan_work, N_FRAMES));
  say ("frame-pan-100k-work-worst", pan_work[N_FRAMES - 1]);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* -- the window -------------------------------------------------------------------------------- */

static void
spin (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (200);
}

static InspectorOffer *
find_offer (int pid)
{
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (InspectorOffers) offers = inspector_offers_new ();
      InspectorOffer *offer = inspector_offers_find (offers, pid, NULL);

      if (offer != NULL)
        return g_object_ref (offer);
      spin (10);
    }
  g_error ("The program does not offer itself");
}

static void
bench_window (void)
{
  g_autoptr (GtkApplication) application = inspector_application_new (NULL, NULL, FALSE);
  InspectorWindow *window;
  GtkWidget *view;
  GtkLabel *sentence;
  Frames frames = { 0 };
  double attaches[5], keys[N_KEYS], key_work[N_KEYS];
  GPid pid = 0;

  g_application_register (G_APPLICATION (application), NULL, NULL);
  window = inspector_window_new (application);
  gtk_window_present (GTK_WINDOW (window));
  spin (300);
  watch_frames (GTK_WIDGET (window), &frames);
  view = GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (window), INSPECTOR_TYPE_WINDOW, "graph_view"));
  sentence = GTK_LABEL (gtk_widget_get_template_child (GTK_WIDGET (window), INSPECTOR_TYPE_WINDOW, "sentence"));
  for (guint i = 0; i < G_N_ELEMENTS (attaches); i++)
    {
      const char *command[] = { chain, "10000", NULL };
      g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "GTENSOR_INSPECT", "wait", TRUE);
      g_autoptr (InspectorOffer) offer = NULL;
      g_autoptr (GtenGtkGraph) before = NULL;
      GtenGtkGraph *graph;
      gint64 start;

      g_set_object (&before, gten_gtk_graph_view_get_graph (GTEN_GTK_GRAPH_VIEW (view)));
      if (pid != 0)
        kill (pid, SIGKILL);
      g_spawn_async (NULL, (char **) command, environment, G_SPAWN_DEFAULT, NULL, NULL, &pid, NULL);
      offer = find_offer (pid);
      spin (400);       /* until it waits in its pass */
      start = g_get_monotonic_time ();
      inspector_window_attach (window, offer);
      do
        {
          spin (1);
          graph = gten_gtk_graph_view_get_graph (GTEN_GTK_GRAPH_VIEW (view));
        }
      while (graph == NULL || graph == before || !gten_gtk_graph_view_is_ready (GTEN_GTK_GRAPH_VIEW (view)));
      attaches[i] = (g_get_monotonic_time () - start) / 1000.0;
    }
  say ("attach-10k", median (attaches, G_N_ELEMENTS (attaches)));
  spin (500);
  for (guint i = 0; i < N_KEYS; i++)
    {
      g_autofree char *before = g_strdup (gtk_label_get_text (sentence));
      gint64 start = g_get_monotonic_time ();
      double work = get_work ();

      g_action_group_activate_action (G_ACTION_GROUP (window), "step", NULL);
      while (g_str_equal (before, gtk_label_get_text (sentence)))
        g_main_context_iteration (NULL, TRUE);
      do
        wait_for_frame (&frames);
      while (!gten_gtk_graph_view_is_ready (GTEN_GTK_GRAPH_VIEW (view)));
      keys[i] = (g_get_monotonic_time () - start) / 1000.0;
      key_work[i] = get_work () - work;
      spin (60);
    }
  say ("step-10k", median (keys, N_KEYS));
  say ("step-10k-work", median (key_work, N_KEYS));
  kill (pid, SIGKILL);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* -- steps ------------------------------------------------------------------------------------- */

static void
wait_for_stop (InspectorProgram *program)
{
  while (inspector_program_get_state (program) != INSPECTOR_STATE_STOPPED)
    g_main_context_iteration (NULL, TRUE);
}

static void
bench_steps (void)
{
  const char *command[] = { chain, "4000", NULL };
  g_autoptr (InspectorProgram) program = inspector_program_new (TRUE);
  gint64 start;

  inspector_program_start (program, command, NULL);
  wait_for_stop (program);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < N_STEPS; i++)
    {
      inspector_program_resume (program, "over", NULL);
      wait_for_stop (program);
    }
  say ("steps-per-second", N_STEPS * 1e6 / (g_get_monotonic_time () - start));
  inspector_program_quit (program);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*run) (void); gboolean needs_display; } parts[] = {
    { "layout", bench_layouts, FALSE }, { "steps", bench_steps, FALSE },
    { "frames", bench_frames, TRUE }, { "window", bench_window, TRUE },
  };
  gboolean has_display = gtk_init_check ();

  chain = argv[1];
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if ((argc < 3 || g_str_equal (argv[2], parts[i].name)) && (has_display || !parts[i].needs_display))
      parts[i].run ();
  return 0;
}
