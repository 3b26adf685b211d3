/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CUDA graphs from C: what is captured and replayed, and what others may do meanwhile. */

#include "test-cuda.h"

/* A stream of its own, current until the end of the block. */
typedef GtenStream CurrentStream;

static CurrentStream *
other_stream (void)
{
  g_autoptr (GError) error = NULL;
  GtenStream *stream = gten_stream_new (cuda (0), 0, &error);

  g_assert_no_error (error);
  gten_stream_make_current (stream);
  return stream;
}

static void
leave_stream (CurrentStream *stream)
{
  gten_stream_make_current (gten_stream_get_default (cuda (0), NULL));
  g_object_unref (stream);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurrentStream, leave_stream)

static void
begin (GtenCudaGraph *graph)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (gten_cuda_graph_capture_begin (graph, NULL, &error));
  g_assert_no_error (error);
}

static void
end (GtenCudaGraph *graph)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (gten_cuda_graph_capture_end (graph, &error));
  g_assert_no_error (error);
}

static GtenTensor *
draw (GtenGenerator *generator)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *drawn = gten_rand_generator (GTEN_SIZES (MANY), generator, GTEN_DTYPE_FLOAT32, cuda (0), &error);

  g_assert_no_error (error);
  return drawn;
}

static void
assert_same (GtenTensor *a, GtenTensor *b)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (gten_tensor_equal (a, b, &error));
  g_assert_no_error (error);
}

/* -- capture and replay -------------------------------------------------------------------------- */

static void
test_graph (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  g_autoptr (GtenCudaGraph) graph = gten_cuda_graph_new ();
  g_autoptr (GtenTensor) x = count_up (MANY, device);
  g_autoptr (GtenTensor) y = NULL, noise = NULL, first = NULL, second = NULL, other = NULL;

  g_assert_false (gten_cuda_graph_replay (graph, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Called CUDAGraph::replay without a preceding successful capture.");
  g_assert_false (gten_cuda_graph_capture_begin (graph, NULL, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "CUDA graphs must be captured on a non-default stream.");

  gten_manual_seed (1);
  {
    g_autoptr (CurrentStream) stream = other_stream ();
    g_autoptr (GtenTensor) part = NULL;

    begin (graph);
    g_assert_true (gten_cuda_is_current_stream_capturing ());
    part = gten_tensor_mul_scalar (x, GTEN_VALUE (3), &error);
    y = gten_tensor_add_scalar (part, GTEN_VALUE (1), &error);
    g_clear_object (&part);   /* memory that is given back inside is the graph's own afterwards */
    noise = gten_rand (GTEN_SIZES (MANY), GTEN_DTYPE_FLOAT32, device, &error);
    end (graph);
    g_assert_no_error (error);
  }
  other = gten_full (GTEN_SIZES (MANY), GTEN_VALUE (-1), GTEN_DTYPE_FLOAT32, device, &error);

  g_assert_true (gten_cuda_graph_replay (graph, &error));
  assert_line (y, 3, 1);
  first = gten_tensor_clone (noise, &error);
  g_assert_nonnull (gten_tensor_mul_scalar_ (x, GTEN_VALUE (2), &error));
  g_assert_true (gten_cuda_graph_replay (graph, &error));
  assert_line (y, 6, 1);
  assert_line (other, 0, -1);
  second = gten_tensor_clone (noise, &error);
  g_assert_false (gten_tensor_equal (first, second, &error));

  /* The numbers are those that the operation draws without a graph. */
  gten_manual_seed (1);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GtenTensor) drawn = gten_rand (GTEN_SIZES (MANY), GTEN_DTYPE_FLOAT32, device, &error);

      g_assert_true (gten_tensor_equal (drawn, i == 0 ? first : second, &error));
    }
  g_assert_no_error (error);
}

/* What waits for the device cannot be captured, and breaks nothing but the capture. */
static void
test_broken_capture (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  g_autoptr (GtenCudaGraph) graph = gten_cuda_graph_new ();
  GtenTensor *x = count_up (4, device);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GtenTensor) sum = NULL, y = NULL;

  {
    g_autoptr (CurrentStream) stream = other_stream ();

    begin (graph);
    sum = gten_tensor_sum (x, &error);
    g_assert_no_error (error);
    g_assert_false (gten_tensor_item (sum, &value, &error));
    g_assert_nonnull (error);
    g_clear_error (&error);
    g_object_unref (x);   /* memory from before, freed inside */
    gten_cuda_graph_capture_end (graph, NULL);
    g_assert_false (gten_cuda_is_current_stream_capturing ());
    gten_cuda_graph_reset (graph);
  }
  y = count_up (4, device);
  assert_line (y, 1, 0);
}

static void
test_misuse (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenCudaGraph) graph = gten_cuda_graph_new (), other = gten_cuda_graph_new ();
  g_autoptr (CurrentStream) stream = other_stream ();
  g_autoptr (GtenStream) third = gten_stream_new (cuda (0), 0, &error);
  g_autoptr (GtenTensor) x = count_up (MANY, cuda (0)), y = NULL;

  g_assert_false (gten_cuda_graph_capture_begin (graph, other, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Called CUDAGraph::pool() without a preceding successful capture.");
  begin (graph);
  g_assert_false (gten_cuda_graph_capture_begin (other, NULL, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "This thread captures a graph already.");
  y = gten_tensor_mul_scalar (x, GTEN_VALUE (3), &error);
  gten_stream_make_current (third);
  g_assert_false (gten_cuda_graph_capture_end (graph, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Capture must end on the same stream it began on.");
  gten_stream_make_current (stream);
  end (graph);
  g_assert_true (gten_cuda_graph_replay (graph, &error));
  g_assert_no_error (error);
  assert_line (y, 3, 0);
  g_assert_true (gten_cuda_graph_capture_begin (other, graph, &error));
  end (other);
}

/* -- random numbers ------------------------------------------------------------------------------ */

static void
test_generators (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenCudaGraph) graph = gten_cuda_graph_new ();
  g_autoptr (GtenGenerator) mine = gten_generator_new (cuda (0), &error), strange = gten_generator_new (cuda (0), &error);
  g_autoptr (GtenGenerator) wrong = gten_generator_new (NULL, &error), plain = gten_generator_new (cuda (0), &error);
  g_autoptr (CurrentStream) stream = other_stream ();
  g_autoptr (GtenTensor) drawn = NULL;

  g_assert_false (gten_cuda_graph_register_generator_state (graph, wrong, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Expected a cuda device, but got: cpu");
  g_assert_true (gten_cuda_graph_register_generator_state (graph, mine, &error));
  begin (graph);
  drawn = draw (mine);
  g_assert_null (gten_rand_generator (GTEN_SIZES (2), strange, GTEN_DTYPE_FLOAT32, cuda (0), &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Attempt to increase offset for a CUDA generator not in capture mode.");
  g_assert_false (gten_cuda_graph_register_generator_state (graph, strange, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "before the graph is captured");
  end (graph);

  /* Each replay draws on, and what the graph drew was drawn from the generator. */
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GtenTensor) expected = draw (plain);

      g_assert_true (gten_cuda_graph_replay (graph, &error));
      assert_same (drawn, expected);
    }
  g_assert_cmpuint (gten_generator_get_offset (mine), ==, gten_generator_get_offset (plain));
  g_assert_cmpuint (gten_generator_get_offset (strange), ==, 0);
}

/* -- other threads ------------------------------------------------------------------------------- */

typedef struct
{
  GtenTensor *of_stream, *used_by_stream, *drawn;
} Given;

/* What waits for a device, frees, allocates and draws while another thread captures. */
static gpointer
disturb_cb (gpointer data)
{
  Given *given = data;
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  g_autoptr (GtenTensor) matrix = gten_eye (40, GTEN_DTYPE_FLOAT32, device, &error);
  g_autoptr (GtenTensor) product = gten_tensor_matmul (matrix, matrix, &error);
  g_autoptr (GtenTensor) pinned = NULL, host = gten_ones (GTEN_SIZES (8), GTEN_DTYPE_FLOAT32, NULL, &error);

  g_assert_no_error (error);
  g_assert_false (gten_cuda_is_current_stream_capturing ());
  g_assert_true (gten_device_synchronize (device, &error));
  g_clear_object (&given->of_stream);
  g_clear_object (&given->used_by_stream);
  gten_device_trim (device);
  pinned = gten_tensor_pin_memory (host, &error);
  given->drawn = draw (gten_device_get_default_generator (device));
  g_assert_true (gten_device_synchronize (device, &error));
  g_assert_no_error (error);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  g_autoptr (GtenCudaGraph) graph = gten_cuda_graph_new ();
  g_autoptr (GtenTensor) x = count_up (MANY, device), used = count_up (MANY, device);
  g_autoptr (CurrentStream) stream = other_stream ();
  g_autoptr (GtenTensor) y = NULL, noise = NULL, expected = NULL, next = NULL;
  Given given = { count_up (MANY, device), g_steal_pointer (&used), NULL };

  gten_tensor_record_stream (given.used_by_stream, stream);
  gten_manual_seed (7);
  expected = draw (gten_device_get_default_generator (device));
  next = draw (gten_device_get_default_generator (device));
  gten_manual_seed (7);
  begin (graph);
  y = gten_tensor_mul_scalar (x, GTEN_VALUE (2), &error);
  g_thread_join (g_thread_new (NULL, disturb_cb, &given));
  noise = draw (gten_device_get_default_generator (device));
  end (graph);

  /* The other thread drew as if there were no capture, the replay after it. */
  assert_same (given.drawn, expected);
  g_assert_true (gten_cuda_graph_replay (graph, &error));
  assert_line (y, 2, 0);
  assert_same (noise, next);
  g_assert_no_error (error);
  g_object_unref (given.drawn);
}

/* -- graphs that nobody ends --------------------------------------------------------------------- */

static gpointer
drop_cb (gpointer graph)
{
  g_object_unref (graph);
  return NULL;
}

static gpointer
begin_cb (gpointer graph)
{
  g_autoptr (GtenStream) stream = other_stream ();

  begin (graph);
  return NULL;
}

static void
test_dropped (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CurrentStream) stream = other_stream ();
  g_autoptr (GtenTensor) x = count_up (MANY, cuda (0)), y = NULL;
  GtenCudaGraph *graph = gten_cuda_graph_new ();

  /* By the thread that captures it: the capture is over. */
  begin (graph);
  g_object_add_weak_pointer (G_OBJECT (graph), (gpointer *) &graph);
  g_object_unref (graph);
  g_assert_null (graph);
  g_assert_false (gten_cuda_is_current_stream_capturing ());
  y = gten_tensor_add_scalar (x, GTEN_VALUE (1), &error);
  assert_line (y, 1, 1);
  g_clear_object (&y);

  /* By another one: the capture goes on. */
  graph = gten_cuda_graph_new ();
  begin (graph);
  g_thread_join (g_thread_new (NULL, drop_cb, graph));
  g_assert_true (gten_cuda_is_current_stream_capturing ());
  g_object_ref (graph);
  y = gten_tensor_add_scalar (x, GTEN_VALUE (2), &error);
  end (graph);
  g_assert_true (gten_cuda_graph_replay (graph, &error));
  assert_line (y, 1, 2);
  g_assert_finalize_object (graph);

  /* With its thread. */
  graph = gten_cuda_graph_new ();
  g_thread_join (g_thread_new (NULL, begin_cb, graph));
  g_assert_false (gten_cuda_graph_capture_end (graph, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "This thread does not capture the graph.");
  begin (graph);
  end (graph);
  g_assert_finalize_object (graph);
}

/* Pinned memory that a captured copy reads stays as long as the graph. */
static void
test_pinned (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CurrentStream) stream = other_stream ();
  g_autoptr (GtenCudaGraph) graph = gten_cuda_graph_new ();
  g_autoptr (GtenTensor) x = count_up (MANY, NULL), there = gten_zeros (GTEN_SIZES (MANY), GTEN_DTYPE_FLOAT32, cuda (0), &error);
  g_autoptr (GtenTensor) pinned = gten_tensor_pin_memory (x, &error), other = NULL;

  begin (graph);
  g_assert_nonnull (gten_tensor_copy_non_blocking_ (there, pinned, TRUE, &error));
  g_assert_no_error (error);
  end (graph);
  g_clear_object (&pinned);
  other = gten_tensor_pin_memory (x, &error);
  g_assert_nonnull (gten_tensor_fill_ (other, -1, &error));
  g_assert_true (gten_cuda_graph_replay (graph, &error));
  assert_line (there, 1, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cuda/graph/replay", test_graph);
  g_test_add_func ("/cuda/graph/broken-capture", test_broken_capture);
  g_test_add_func ("/cuda/graph/misuse", test_misuse);
  g_test_add_func ("/cuda/graph/generators", test_generators);
  g_test_add_func ("/cuda/graph/threads", test_threads);
  g_test_add_func ("/cuda/graph/dropped", test_dropped);
  g_test_add_func ("/cuda/graph/pinned", test_pinned);
  return g_test_run ();
}
