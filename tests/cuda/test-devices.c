/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CUDA devices from C: streams, events, memory, copies, faults, passes. On a GPU, or on the
 * emulation, which runs what is on a stream only when something waits for it: whoever forgets to wait is
 * found out. */

#include "test-cuda.h"

/* -- devices ------------------------------------------------------------------------------------- */

static gpointer
current_device_cb (gpointer unused)
{
  return GINT_TO_POINTER (gten_cuda_current_device ());
}

static void
test_devices (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenDevice) plain = gten_device_new ("cuda", &error);
  g_autoptr (GVariant) properties = gten_device_get_properties (plain, &error);
  const char *name;
  guint64 free, total;

  g_assert_no_error (error);
  g_assert_true (gten_cuda_is_available ());
  g_assert_true (plain == cuda (0));
  g_assert_true (g_variant_lookup (properties, "name", "&s", &name));
  g_assert_cmpstr (name, ==, gten_device_get_description (plain));
  g_assert_cmpint (gten_cuda_is_emulated (), ==, strstr (name, "Emulated") != NULL);
  g_assert_true (gten_device_get_memory_info (plain, &free, &total, &error));
  g_assert_cmpuint (free, <=, total);
  g_assert_false (gten_device_get_memory_info (gten_device_get_cpu (), &free, &total, &error));
  assert_error (error, GTEN_ERROR_UNSUPPORTED, "memory_info");

  g_assert_false (gten_cuda_set_device (gten_cuda_device_count (), &error));
  assert_error (error, GTEN_ERROR_DEVICE, "CUDA error: invalid device ordinal");
  g_assert_true (gten_cuda_set_device (-1, &error));
  g_assert_cmpint (gten_cuda_current_device (), ==, 0);
  if (gten_cuda_device_count () > 1)
    {
      g_assert_true (gten_cuda_set_device (1, &error));
      g_clear_object (&plain);
      plain = gten_device_new ("cuda", &error);
      g_assert_true (plain == cuda (1));
      g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (g_thread_new (NULL, current_device_cb, NULL))), ==, 0);
      g_assert_true (gten_cuda_set_device (0, &error));
    }

  gten_set_default_device (cuda (0));
  g_autoptr (GtenTensor) x = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT32, NULL, &error);
  gten_set_default_device (NULL);
  assert_text (x, "tensor([1., 1.], device='cuda:0')");
  g_assert_null (gten_tensor_get_data (x));
}

/* What may not meet, in PyTorch's words. */
static void
test_meeting (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) here = gten_ones (GTEN_SIZES (2, 2), GTEN_DTYPE_FLOAT32, NULL, &error);
  g_autoptr (GtenTensor) there = gten_ones (GTEN_SIZES (2, 2), GTEN_DTYPE_FLOAT32, cuda (0), &error);
  g_autoptr (GtenTensor) number = gten_full (GTEN_SIZES (), GTEN_VALUE (2), GTEN_DTYPE_FLOAT32, NULL, &error);
  g_autoptr (GtenTensor) index = gten_zeros (GTEN_SIZES (1), GTEN_DTYPE_INT64, NULL, &error);
  g_autoptr (GtenTensor) sum = NULL, row = NULL;

  g_assert_null (gten_tensor_add (there, here, &error));
  assert_error (error, GTEN_ERROR_DEVICE,
                "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!");
  g_assert_null (gten_tensor_add (here, there, &error));
  assert_error (error, GTEN_ERROR_DEVICE,
                "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!");
  g_assert_null (gten_tensor_mm (there, here, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Expected all tensors to be on the same device, but got mat2 is on cpu, different from other "
                                          "tensors on cuda:0 (when checking argument in method wrapper_CUDA_mm)");
  g_assert_false (gten_tensor_mm_out (there, there, here, &error) != NULL);
  assert_error (error, GTEN_ERROR_DEVICE, "Expected out tensor to have device cuda:0, but got cpu instead");
  g_assert_null (gten_tensor_add_ (number, there, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "found at least two devices, cuda:0 and cpu!");

  sum = gten_tensor_add (there, number, &error);
  g_assert_no_error (error);
  assert_line (sum, 0, 3);
  row = gten_tensor_get_item (there, "?", &index, 1, &error);
  g_assert_no_error (error);
  assert_text (row, "tensor([[1., 1.]], device='cuda:0')");

  g_autoptr (GtenTensor) far = gten_zeros (GTEN_SIZES (1), GTEN_DTYPE_INT64, cuda (0), &error);
  g_assert_null (gten_tensor_get_item (here, "?", &far, 1, &error));
  assert_error (error, GTEN_ERROR_DEVICE,
                "indices should be either on cpu or on the same device as the indexed tensor (cpu)");
}

/* -- streams and events -------------------------------------------------------------------------- */

static gpointer
current_stream_cb (gpointer device)
{
  return gten_stream_get_current (device, NULL);
}

static void
test_streams (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  GtenStream *standard = gten_stream_get_default (device, &error);
  g_autoptr (GtenStream) stream = gten_stream_new (device, 0, &error);
  g_autoptr (GtenStream) urgent = gten_stream_new (NULL, -1, &error);
  g_autoptr (GtenStream) same = gten_stream_new_external (gten_stream_get_address (stream), device, &error);
  g_autoptr (GtenEvent) event = gten_event_new (FALSE);
  g_autoptr (GtenTensor) x = count_up (MANY, device);
  g_autoptr (GtenTensor) y = NULL, z = NULL;

  g_assert_no_error (error);
  g_assert_true (gten_stream_get_current (NULL, &error) == standard);
  g_assert_cmpuint (gten_stream_get_address (standard), ==, 0);
  g_assert_cmpuint (gten_stream_get_address (same), ==, gten_stream_get_address (stream));
  g_assert_cmpint (gten_stream_get_priority (urgent), ==, -1);
  g_assert_true (gten_stream_get_device (stream) == device);
  g_assert_true (gten_event_query (event, &error));
  g_assert_true (gten_event_wait (event, stream, &error));

  g_assert_true (gten_stream_wait_stream (stream, standard, &error));
  gten_stream_make_current (stream);
  g_assert_true (gten_stream_get_current (device, &error) == stream);
  g_assert_true (g_thread_join (g_thread_new (NULL, current_stream_cb, device)) == standard);
  y = gten_tensor_mul_scalar (x, GTEN_VALUE (2), &error);
  g_assert_true (gten_event_record (event, NULL, &error));
  gten_stream_make_current (standard);
  g_assert_true (gten_event_wait (event, NULL, &error));
  z = gten_tensor_add_scalar (y, GTEN_VALUE (1), &error);
  gten_tensor_record_stream (y, standard);
  assert_line (z, 2, 1);
  g_assert_true (gten_event_query (event, &error));
  g_assert_true (gten_stream_query (stream, &error));
  g_assert_true (gten_stream_synchronize (stream, &error));
  g_assert_true (gten_device_synchronize (device, &error));
  g_assert_no_error (error);

  g_assert_null (gten_stream_new (gten_device_get_cpu (), 0, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Expected a cuda device, but got: cpu");
}

static void
test_events (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenEvent) start = gten_event_new (TRUE), end = gten_event_new (TRUE), plain = gten_event_new (FALSE);
  g_autoptr (GtenTensor) x = count_up (MANY, cuda (0));

  gten_event_elapsed_time (start, plain, &error);
  assert_error (error, GTEN_ERROR_VALUE, "enable_timing=True");
  gten_event_elapsed_time (start, end, &error);
  assert_error (error, GTEN_ERROR_VALUE, "Both events must be recorded before calculating elapsed time.");
  g_assert_null (gten_event_get_device (start));
  g_assert_true (gten_event_record (start, NULL, &error));
  for (guint i = 0; i < 10; i++)
    g_assert_nonnull (gten_tensor_add_scalar_ (x, GTEN_VALUE (1), &error));
  g_assert_true (gten_event_record (end, NULL, &error));
  g_assert_true (gten_event_synchronize (end, &error));
  g_assert_cmpfloat (gten_event_elapsed_time (start, end, &error), >=, 0);
  g_assert_no_error (error);
  g_assert_true (gten_event_get_device (start) == cuda (0));
  if (gten_cuda_device_count () > 1)
    {
      g_assert_false (gten_event_record (start, gten_stream_get_default (cuda (1), &error), &error));
      assert_error (error, GTEN_ERROR_DEVICE, "Event device 0 does not match recording stream's device 1.");
    }
}

/* -- memory -------------------------------------------------------------------------------------- */

static guint64
statistic (GtenDevice *device, const char *name)
{
  g_autoptr (GVariant) statistics = gten_device_get_memory_stats (device);
  guint64 value;

  g_assert_true (g_variant_lookup (statistics, name, "t", &value));
  return value;
}

static void
test_memory (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  const guint64 before = gten_device_get_used_memory (device), n_before = statistic (device, "allocation.all.allocated");

  gten_device_reset_peak_memory (device);
  {
    g_autoptr (GtenTensor) x = gten_empty (GTEN_SIZES (1 << 20), GTEN_DTYPE_FLOAT32, device, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (gten_device_get_used_memory (device), ==, before + (4 << 20));
    g_assert_cmpuint (statistic (device, "allocated_bytes.all.current"), ==, before + (4 << 20));
    g_assert_cmpuint (gten_tensor_data_ptr (x) % 64, ==, 0);
  }
  g_assert_cmpuint (gten_device_get_used_memory (device), ==, before);
  g_assert_cmpuint (statistic (device, "allocated_bytes.all.peak"), ==, before + (4 << 20));
  g_assert_cmpuint (statistic (device, "allocation.all.allocated"), ==, n_before + 1);
  g_assert_cmpuint (statistic (device, "reserved_bytes.all.current"), >=, before);
  g_assert_true (gten_device_synchronize (device, &error));
  gten_device_trim (device);
  g_assert_cmpuint (gten_device_get_cached_memory (device), <, 4 << 20);
}

/* Sizes are named, and the program goes on. */
static void
test_out_of_memory (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  const guint64 n_failures = statistic (device, "num_ooms");
  g_autoptr (GtenTensor) x = count_up (MANY, device);

  g_assert_null (gten_empty (GTEN_SIZES ((gint64) 1 << 48), GTEN_DTYPE_FLOAT32, device, &error));
  assert_error (error, GTEN_ERROR_MEMORY, "CUDA out of memory. Tried to allocate 1048576.00 GiB. GPU 0 has a total capacity of ");
  g_assert_cmpuint (statistic (device, "num_ooms"), ==, n_failures + 1);
  g_assert_cmpuint (statistic (device, "num_alloc_retries"), >=, 1);
  assert_line (x, 1, 0);
}

/* Memory that is freed while another stream still reads it is not written before that is done. */
static void
test_memory_on_streams (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  GtenStream *standard = gten_stream_get_default (device, &error);
  g_autoptr (GtenStream) stream = gten_stream_new (device, 0, &error);

  /* Freed by a thread whose stream has used it, then by one that was told of the use. */
  for (guint told = 0; told < 2; told++)
    {
      GtenTensor *x = count_up (MANY, device);
      g_autoptr (GtenTensor) read = NULL, other = NULL;

      g_assert_true (gten_stream_wait_stream (stream, standard, &error));
      gten_stream_make_current (stream);
      read = gten_tensor_add_scalar (x, GTEN_VALUE (1), &error);
      if (!told)
        g_clear_object (&x);
      gten_stream_make_current (standard);
      if (told)
        gten_tensor_record_stream (x, stream);
      g_clear_object (&x);
      other = gten_full (GTEN_SIZES (MANY), GTEN_VALUE (-7), GTEN_DTYPE_FLOAT32, device, &error);
      g_assert_true (gten_stream_synchronize (standard, &error));  /* what is written comes first, if it may */
      g_assert_true (gten_stream_synchronize (stream, &error));
      assert_line (read, 1, 1);
      g_assert_no_error (error);
    }
}

/* -- copies -------------------------------------------------------------------------------------- */

static void
test_copies (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0), *cpu = gten_device_get_cpu (), *last = cuda (gten_cuda_device_count () - 1);
  g_autoptr (GtenTensor) x = count_up (6, cpu);
  g_autoptr (GtenTensor) matrix = gten_tensor_reshape (x, GTEN_SIZES (2, 3), &error);
  g_autoptr (GtenTensor) turned = gten_tensor_t (matrix, &error);
  g_autoptr (GtenTensor) there = gten_tensor_to_non_blocking (turned, device, GTEN_DTYPE_INT32, FALSE, FALSE, &error);
  g_autoptr (GtenTensor) same = gten_tensor_to_non_blocking (there, device, GTEN_DTYPE_NONE, FALSE, FALSE, &error);
  g_autoptr (GtenTensor) copy = gten_tensor_to_non_blocking (there, device, GTEN_DTYPE_NONE, FALSE, TRUE, &error);
  g_autoptr (GtenTensor) peer = gten_tensor_to_non_blocking (there, last, GTEN_DTYPE_NONE, FALSE, FALSE, &error);
  g_autoptr (GtenTensor) back = gten_tensor_to_non_blocking (peer, cpu, GTEN_DTYPE_FLOAT64, FALSE, FALSE, &error);
  g_autoptr (GtenTensor) rows = gten_zeros (GTEN_SIZES (4, 3), GTEN_DTYPE_FLOAT32, device, &error);
  g_autoptr (GtenTensor) every_other = gten_tensor_get_item (rows, "::2", NULL, 0, &error);
  g_autoptr (GtenTensor) line = count_up (3, cpu);

  g_assert_no_error (error);
  g_assert_true (same == there);
  g_assert_false (gten_tensor_shares_storage (copy, there));
  assert_text (there, "tensor([[0, 3],\n        [1, 4],\n        [2, 5]], device='cuda:0', dtype=int32)");
  assert_text (back, "tensor([[0., 3.],\n        [1., 4.],\n        [2., 5.]], dtype=float64)");
  g_assert_nonnull (gten_tensor_copy_ (every_other, line, &error));
  assert_text (rows, "tensor([[0., 1., 2.],\n        [0., 0., 0.],\n        [0., 1., 2.],\n        [0., 0., 0.]], device='cuda:0')");
}

/* Memory from which another device still copies is not written before that is done. */
static void
test_two_devices (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *first = cuda (0), *second;
  GtenTensor *x;
  g_autoptr (GtenTensor) there = NULL, other = NULL, back = NULL;

  if (gten_cuda_device_count () < 2)
    {
      g_test_skip ("there is one device");
      return;
    }
  second = cuda (1);
  x = count_up (MANY, first);
  there = gten_tensor_to_non_blocking (x, second, GTEN_DTYPE_NONE, TRUE, FALSE, &error);
  g_object_unref (x);
  other = gten_full (GTEN_SIZES (MANY), GTEN_VALUE (-7), GTEN_DTYPE_FLOAT32, first, &error);
  g_assert_true (gten_stream_synchronize (gten_stream_get_default (first, &error), &error));
  assert_line (there, 1, 0);
  g_assert_null (gten_tensor_add (there, other, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Expected all tensors to be on the same device, but found at least two devices, cuda:1 and "
                                          "cuda:0!");
  back = gten_tensor_add_scalar (there, GTEN_VALUE (1), &error);   /* while cuda:0 is current */
  g_assert_true (gten_tensor_get_device (back) == second);
  assert_line (back, 1, 1);
  g_assert_nonnull (gten_tensor_copy_ (other, there, &error));
  assert_line (other, 1, 0);
  g_assert_no_error (error);
}

/* Runs a test in a process of its own, with a variable for the emulation; FALSE in this one. */
static gboolean
is_emulated_process (const char *name, const char *value)
{
  if (g_test_subprocess ())
    return g_setenv (name, value, TRUE);
  if (!gten_cuda_is_emulated ())
    {
      g_test_skip ("this is a GPU");
      return FALSE;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  return FALSE;
}

/* Whoever uses one device leaves the memory of the others alone. */
static void
test_no_context_elsewhere (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device;

  if (!is_emulated_process ("GTENSOR_EMULATED_DEVICE", "1"))
    return;
  device = cuda (1);

  g_autoptr (GtenTensor) x = count_up (16, device);
  g_autoptr (GtenTensor) matrix = gten_tensor_reshape (x, GTEN_SIZES (4, 4), &error);
  g_autoptr (GtenTensor) product = gten_tensor_matmul (matrix, matrix, &error);
  g_autoptr (GtenTensor) host = gten_tensor_to_non_blocking (product, gten_device_get_cpu (), GTEN_DTYPE_NONE, TRUE, FALSE, &error);
  g_autoptr (GtenTensor) pinned = gten_tensor_pin_memory (host, &error);
  g_autoptr (GtenEvent) event = gten_event_new (TRUE);

  g_assert_true (gten_event_record (event, gten_stream_get_default (device, &error), &error));
  g_clear_object (&event);
  g_assert_true (gten_device_synchronize (device, &error));
  gten_device_trim (device);
  g_assert_no_error (error);
}

/* A device that has failed is not said to be full. */
static void
test_failed_device (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device;

  if (!is_emulated_process ("GTENSOR_EMULATED_FAULT", "1"))
    return;
  device = cuda (0);

  g_autoptr (GtenTensor) x = gten_full (GTEN_SIZES (MANY), GTEN_VALUE (1), GTEN_DTYPE_FLOAT32, device, &error);

  g_assert_false (gten_device_synchronize (device, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "unspecified launch failure");
  g_assert_null (gten_empty (GTEN_SIZES (MANY * 100), GTEN_DTYPE_FLOAT32, device, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "unspecified launch failure");
}

static void
test_pinned (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0), *cpu = gten_device_get_cpu ();
  g_autoptr (GtenTensor) x = count_up (MANY, cpu);
  g_autoptr (GtenTensor) pinned = gten_tensor_pin_memory (x, &error);
  g_autoptr (GtenTensor) same = gten_tensor_pin_memory (pinned, &error);
  g_autoptr (GtenTensor) there = gten_tensor_to_non_blocking (pinned, device, GTEN_DTYPE_NONE, TRUE, FALSE, &error);
  g_autoptr (GtenTensor) back = NULL;

  g_assert_no_error (error);
  g_assert_true (same == pinned);
  g_assert_true (gten_tensor_is_pinned (pinned));
  g_assert_false (gten_tensor_is_pinned (x));
  g_assert_null (gten_tensor_pin_memory (there, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "only dense CPU tensors can be pinned");

  /* Memory that a copy still reads is not handed out again. */
  g_clear_object (&same);
  g_clear_object (&pinned);
  pinned = gten_tensor_pin_memory (x, &error);
  g_assert_nonnull (gten_tensor_fill_ (pinned, -1, &error));
  assert_line (there, 1, 0);

  back = gten_tensor_to_non_blocking (there, cpu, GTEN_DTYPE_NONE, TRUE, FALSE, &error);
  g_assert_true (gten_tensor_is_pinned (back));
  g_assert_true (gten_device_synchronize (device, &error));
  assert_line (back, 1, 0);

  /* Once the copies are done it is. */
  const guint64 address = gten_tensor_data_ptr (back);

  g_clear_object (&back);
  back = gten_tensor_pin_memory (x, &error);
  g_assert_cmpuint (gten_tensor_data_ptr (back), ==, address);
}

static void
test_dlpack (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = count_up (5, cuda (0));
  guint64 managed = gten_tensor_to_dlpack (x, TRUE, &error);
  g_autoptr (GtenTensor) y = gten_tensor_new_from_dlpack (managed, TRUE, &error);

  g_assert_no_error (error);
  g_assert_true (gten_tensor_get_device (y) == cuda (0));
  g_assert_cmpuint (gten_tensor_data_ptr (y), ==, gten_tensor_data_ptr (x));
  g_assert_nonnull (gten_tensor_mul_scalar_ (y, GTEN_VALUE (3), &error));
  assert_line (x, 3, 0);
}

/* -- faults -------------------------------------------------------------------------------------- */

/* What a kernel finds is told by the next call that looks, with the operation's name. */
static void
test_faults (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  g_autoptr (GtenTensor) x = count_up (4, device);
  g_autoptr (GtenTensor) index = gten_full (GTEN_SIZES (1), GTEN_VALUE (9), GTEN_DTYPE_INT64, device, &error);
  g_autoptr (GtenTensor) bad = gten_tensor_index_select (x, 0, index, &error);
  g_autoptr (GtenTensor) good = NULL;

  if (error == NULL)
    g_assert_false (gten_device_synchronize (device, &error));
  assert_error (error, GTEN_ERROR_INDEX, "index 9 is out of bounds for dimension 0 with size 4 (in index_select");
  g_assert_true (gten_device_synchronize (device, &error));
  good = gten_tensor_add_scalar (x, GTEN_VALUE (1), &error);
  g_assert_no_error (error);
  assert_line (good, 1, 1);
}

/* -- random numbers ------------------------------------------------------------------------------ */

static void
test_random (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  g_autoptr (GtenGenerator) generator = gten_generator_new (device, &error), wrong = gten_generator_new (NULL, &error);
  g_autoptr (GtenTensor) a = NULL, b = NULL, c = NULL, d = NULL;
  g_autoptr (GBytes) state = NULL;

  gten_manual_seed (5);
  gten_generator_manual_seed (generator, 5);
  a = gten_rand (GTEN_SIZES (MANY), GTEN_DTYPE_FLOAT32, device, &error);
  b = gten_rand_generator (GTEN_SIZES (MANY), generator, GTEN_DTYPE_FLOAT32, device, &error);
  g_assert_true (gten_tensor_equal (a, b, &error));
  g_assert_cmpuint (gten_generator_get_offset (generator), >, 0);
  g_assert_cmpuint (gten_generator_get_offset (generator) % 4, ==, 0);

  state = gten_generator_get_state (generator);
  g_assert_cmpuint (g_bytes_get_size (state), ==, 16);
  c = gten_rand_generator (GTEN_SIZES (MANY), generator, GTEN_DTYPE_FLOAT32, device, &error);
  g_assert_false (gten_tensor_equal (b, c, &error));
  g_assert_true (gten_generator_set_state (generator, state, &error));
  d = gten_rand_generator (GTEN_SIZES (MANY), generator, GTEN_DTYPE_FLOAT32, device, &error);
  g_assert_true (gten_tensor_equal (c, d, &error));
  g_assert_no_error (error);

  g_assert_null (gten_rand_generator (GTEN_SIZES (1), wrong, GTEN_DTYPE_FLOAT32, device, &error));
  assert_error (error, GTEN_ERROR_DEVICE, "Expected a 'cuda' device type for generator but found 'cpu'");
  g_assert_false (gten_generator_set_offset (generator, 3, &error));
  assert_error (error, GTEN_ERROR_VALUE, "offset must be a multiple of 4");
}

/* -- passes -------------------------------------------------------------------------------------- */

static void
test_backward (void)
{
  g_autoptr (GError) error = NULL;
  GtenDevice *device = cuda (0);
  GtenStream *standard = gten_stream_get_default (device, &error);
  g_autoptr (GtenStream) stream = gten_stream_new (device, 0, &error);
  g_autoptr (GtenTensor) x = count_up (MANY, device);
  g_autoptr (GtenTensor) scale = gten_full (GTEN_SIZES (), GTEN_VALUE (3), GTEN_DTYPE_FLOAT32, NULL, &error);
  g_autoptr (GtenTensor) host = gten_ones (GTEN_SIZES (MANY), GTEN_DTYPE_FLOAT32, NULL, &error);
  g_autoptr (GtenTensor) moved = NULL, product = NULL, both = NULL, loss = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  gten_tensor_set_requires_grad (x, TRUE);
  gten_tensor_set_requires_grad (scale, TRUE);
  gten_tensor_set_requires_grad (host, TRUE);

  /* Forward partly on another stream; a number and a tensor of the CPU take part. */
  g_assert_true (gten_stream_wait_stream (stream, standard, &error));
  gten_stream_make_current (stream);
  product = gten_tensor_mul (x, scale, &error);
  gten_stream_make_current (standard);
  g_assert_true (gten_stream_wait_stream (standard, stream, &error));
  moved = gten_tensor_to_non_blocking (host, device, GTEN_DTYPE_NONE, FALSE, FALSE, &error);
  both = gten_tensor_mul (product, moved, &error);
  loss = gten_tensor_sum (both, &error);
  g_assert_true (gten_tensor_backward (loss, NULL, GTEN_BACKWARD_DEFAULT, &error));
  g_assert_no_error (error);

  assert_line (gten_tensor_get_grad (x), 0, 3);
  assert_line (gten_tensor_get_grad (host), 3, 0);
  g_assert_true (gten_tensor_get_device (gten_tensor_get_grad (host)) == gten_device_get_cpu ());
  g_assert_true (gten_tensor_get_device (gten_tensor_get_grad (scale)) == gten_device_get_cpu ());
  g_assert_true (gten_tensor_item (gten_tensor_get_grad (scale), &value, &error));
  g_assert_cmpfloat (g_value_get_double (&value), ==, (double) MANY * (MANY - 1) / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cuda/devices", test_devices);
  g_test_add_func ("/cuda/meeting", test_meeting);
  g_test_add_func ("/cuda/streams", test_streams);
  g_test_add_func ("/cuda/events", test_events);
  g_test_add_func ("/cuda/memory", test_memory);
  g_test_add_func ("/cuda/out-of-memory", test_out_of_memory);
  g_test_add_func ("/cuda/memory-on-streams", test_memory_on_streams);
  g_test_add_func ("/cuda/copies", test_copies);
  g_test_add_func ("/cuda/two-devices", test_two_devices);
  g_test_add_func ("/cuda/no-context-elsewhere", test_no_context_elsewhere);
  g_test_add_func ("/cuda/failed-device", test_failed_device);
  g_test_add_func ("/cuda/pinned", test_pinned);
  g_test_add_func ("/cuda/dlpack", test_dlpack);
  g_test_add_func ("/cuda/faults", test_faults);
  g_test_add_func ("/cuda/random", test_random);
  g_test_add_func ("/cuda/backward", test_backward);
  return g_test_run ();
}
