/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Making tensors, what they are, and how they end. */

#include <gtensor/gtensor.h>

static const float six[] = { 1, 2, 3, 4, 5, 6 };

static void
test_new (void)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = gten_tensor_new_from_data (six, GTEN_DTYPE_FLOAT32, GTEN_SIZES (2, 3), &error);
  const gint64 *shape, *stride;
  gsize n_dims;

  g_assert_no_error (error);
  g_assert_cmpint (gten_tensor_get_dtype (x), ==, GTEN_DTYPE_FLOAT32);
  g_assert_true (gten_tensor_get_device (x) == gten_device_get_cpu ());
  g_assert_cmpint (gten_tensor_dim (x), ==, 2);
  g_assert_cmpint (gten_tensor_numel (x), ==, 6);
  shape = gten_tensor_get_shape (x, &n_dims);
  g_assert_cmpuint (n_dims, ==, 2);
  g_assert_cmpint (shape[0], ==, 2);
  g_assert_cmpint (shape[1], ==, 3);
  stride = gten_tensor_get_stride (x, &n_dims);
  g_assert_cmpint (stride[0], ==, 3);
  g_assert_cmpint (stride[1], ==, 1);
  g_assert_cmpint (gten_tensor_get_size (x, -1, &error), ==, 3);
  g_assert_cmpint (gten_tensor_storage_offset (x), ==, 0);
  g_assert_cmpint (gten_tensor_element_size (x), ==, 4);
  g_assert_true (gten_tensor_is_contiguous (x));
  g_assert_true (gten_tensor_is_leaf (x));
  g_assert_cmpuint (gten_tensor_get_version (x), ==, 0);
  g_assert_cmpuint (gten_tensor_data_ptr (x) % 64, ==, 0);
  g_assert_cmpmem (gten_tensor_get_data (x), sizeof six, six, sizeof six);

  g_assert_cmpint (gten_tensor_get_size (x, 5, &error), ==, -1);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_INDEX);
  g_assert_cmpstr (error->message, ==,
                   "Dimension out of range (expected to be in range of [-2, 1], but got 5)");
  g_assert_finalize_object (x);
}

static void
test_constructed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) empty = g_object_new (GTEN_TYPE_TENSOR, NULL);
  g_autofree char *text = gten_tensor_to_string (empty);

  g_assert_cmpstr (text, ==, "tensor([])");
  g_assert_null (gten_ones (GTEN_SIZES (2), (GtenDtype) 999, NULL, &error));
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_DTYPE);
}

static void
test_zero_dims (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_tensor_new_from_data (six, GTEN_DTYPE_FLOAT32, NULL, 0, &error);
  g_autoptr (GtenTensor) none = gten_tensor_new_from_data (NULL, GTEN_DTYPE_INT8, GTEN_SIZES (3, 0),
                                                           &error);

  g_assert_no_error (error);
  g_assert_cmpint (gten_tensor_dim (x), ==, 0);
  g_assert_cmpint (gten_tensor_numel (x), ==, 1);
  g_assert_cmpint (gten_tensor_numel (none), ==, 0);
  g_assert_cmpuint (gten_tensor_data_ptr (none), ==, 0);
  g_assert_cmpint (gten_tensor_get_size (x, 0, &error), ==, -1);
  g_assert_cmpstr (error->message, ==, "Dimension specified as 0 but tensor has no dimensions");
}

static void
test_bad_shapes (void)
{
  static const gint64 many[65] = { 0 };
  static const struct
  {
    gsize       n_size;
    gint64      size[2];
    gint        code;
    const char *message;
  } rows[] = {
    { 2, { -1, 2 }, GTEN_ERROR_SHAPE, "Trying to create tensor with negative dimension -1: [-1, 2]" },
    { 2, { G_GINT64_CONSTANT (1) << 40, G_GINT64_CONSTANT (1) << 40 }, GTEN_ERROR_MEMORY,
      "Storage size calculation overflowed with sizes=[1099511627776, 1099511627776]" },
    { 1, { G_MAXINT64 / 4 }, GTEN_ERROR_MEMORY,
      "Storage size calculation overflowed with sizes=[2305843009213693951]" },
    { 1, { G_GINT64_CONSTANT (1) << 58 }, GTEN_ERROR_MEMORY,
      "[enforce fail] cpu: not enough memory: you tried to allocate 2305843009213693952 bytes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GtenTensor) x = gten_empty (rows[i].size, rows[i].n_size, GTEN_DTYPE_FLOAT64, NULL,
                                             &error);

      g_assert_null (x);
      g_assert_error (error, GTEN_ERROR, rows[i].code);
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }

  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_tensor_new_from_data (six, GTEN_DTYPE_FLOAT32, many, 65, &error);
  g_assert_null (x);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE);
  g_clear_error (&error);
  x = gten_tensor_new_from_data (six, GTEN_DTYPE_NONE, GTEN_SIZES (6), &error);
  g_assert_null (x);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_DTYPE);
}

static void
test_from_numbers (void)
{
  static const double doubles[] = { 1.5, -2.5, 3e9 };
  static const gint64 integers[] = { 1, 0, -1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) a = gten_tensor_new_from_doubles (doubles, 3, GTEN_DTYPE_NONE,
                                                           GTEN_SIZES (3), &error);
  g_autoptr (GtenTensor) b = gten_tensor_new_from_integers (integers, 3, GTEN_DTYPE_NONE,
                                                            GTEN_SIZES (3, 1), &error);
  g_autoptr (GtenTensor) c = gten_tensor_new_from_integers (integers, 3, GTEN_DTYPE_BOOL,
                                                            GTEN_SIZES (3), &error);

  g_assert_no_error (error);
  g_assert_cmpint (gten_tensor_get_dtype (a), ==, GTEN_DTYPE_FLOAT32);
  g_assert_cmpfloat (((float *) gten_tensor_get_data (a))[1], ==, -2.5);
  g_assert_cmpint (gten_tensor_get_dtype (b), ==, GTEN_DTYPE_INT64);
  g_assert_cmpmem (gten_tensor_get_data (c), 3, "\1\0\1", 3);

  g_autoptr (GtenTensor) bad = gten_tensor_new_from_doubles (doubles, 3, GTEN_DTYPE_NONE, GTEN_SIZES (2, 2), &error);
  g_assert_null (bad);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, "shape '[2, 2]' is invalid for input of size 3");
}

static void
test_from_bytes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (six, sizeof six);
  g_autoptr (GtenTensor) x = gten_tensor_new_from_bytes (bytes, GTEN_DTYPE_FLOAT32, GTEN_SIZES (6),
                                                         &error);
  g_autoptr (GBytes) again = gten_tensor_get_bytes (x, &error);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (bytes, again));
  g_assert_true (gten_tensor_get_data (x) != (gpointer) six);

  g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 0, 7);
  g_autoptr (GtenTensor) bad = gten_tensor_new_from_bytes (part, GTEN_DTYPE_FLOAT32, GTEN_SIZES (1),
                                                           &error);
  g_assert_null (bad);
  g_assert_cmpstr (error->message, ==, "buffer size (7) must be a multiple of element size (4)");
}

static void
count_cb (gpointer owner)
{
  *(guint *) owner += 1;
}

static void
test_from_address (void)
{
  float   memory[6] = { 0, 1, 2, 3, 4, 5 };
  guint   n_released = 0;
  guint64 address = GPOINTER_TO_SIZE (memory);
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = NULL, bad = NULL;
  g_autofree char *text = NULL;

  x = gten_tensor_new_from_address (address, GTEN_DTYPE_FLOAT32, GTEN_SIZES (3, 2), GTEN_SIZES (1, 3), count_cb,
                                    &n_released, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gten_tensor_data_ptr (x), ==, address);
  g_assert_false (gten_tensor_is_contiguous (x));
  memory[3] = 7;
  text = gten_tensor_to_string (x);
  g_assert_cmpstr (text, ==, "tensor([[0., 7.],\n        [1., 4.],\n        [2., 5.]])");

  /* The memory is used as long as any tensor views it. */
  g_autoptr (GtenTensor) view = gten_tensor_detach (x, &error);
  g_assert_true (gten_tensor_shares_storage (view, x));
  g_clear_object (&x);
  g_assert_cmpuint (n_released, ==, 0);
  g_clear_object (&view);
  g_assert_cmpuint (n_released, ==, 1);

  bad = gten_tensor_new_from_address (address, GTEN_DTYPE_FLOAT32, GTEN_SIZES (2), GTEN_SIZES (-1),
                                      NULL, NULL, &error);
  g_assert_null (bad);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_VALUE);
  g_clear_error (&error);
  bad = gten_tensor_new_from_address (address + 1, GTEN_DTYPE_FLOAT32, GTEN_SIZES (2), NULL, 0,
                                      NULL, NULL, &error);
  g_assert_null (bad);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_VALUE);
  g_clear_error (&error);
  bad = gten_tensor_new_from_address (address, GTEN_DTYPE_FLOAT32, GTEN_SIZES (G_MAXINT64 / 8, 2),
                                      GTEN_SIZES (G_MAXINT64 / 8, 1), NULL, NULL, &error);
  g_assert_null (bad);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_MEMORY);
}

/* A tensor's next life knows nothing of the one before. */
static void
test_revival (void)
{
  g_autoptr (GError) error = NULL;
  GtenTensor *x = gten_ones (GTEN_SIZES (2, 2, 1, 1, 1, 2), GTEN_DTYPE_FLOAT64, NULL, &error);
  guint64     id = gten_tensor_get_id (x);
  guint       n_updates = 0;

  g_signal_connect_swapped (x, "grad-updated", G_CALLBACK (count_cb), &n_updates);
  gten_tensor_set_requires_grad (x, TRUE);
  g_object_unref (x);

  for (guint i = 0; i < 3; i++)
    {
      x = gten_ones (GTEN_SIZES (3), GTEN_DTYPE_FLOAT32, NULL, &error);
      g_assert_no_error (error);
      g_assert_false (gten_tensor_get_requires_grad (x));
      g_assert_null (gten_tensor_get_grad (x));
      g_assert_cmpuint (gten_tensor_get_id (x), !=, id);
      g_assert_cmpint (gten_tensor_dim (x), ==, 1);
      g_assert_null (g_object_get_data (G_OBJECT (x), "mine"));
      g_signal_emit_by_name (x, "grad-updated", x);
      g_assert_cmpuint (n_updates, ==, 0);
      g_object_set_data (G_OBJECT (x), "mine", &n_updates);
      g_object_unref (x);
    }

  x = gten_ones (GTEN_SIZES (3), GTEN_DTYPE_FLOAT32, NULL, &error);
  g_object_run_dispose (G_OBJECT (x));
  g_assert_cmpint (gten_tensor_numel (x), ==, 3);
  g_assert_finalize_object (x);
}

static gpointer
free_in_thread (gpointer data)
{
  g_autoptr (GPtrArray) tensors = data;

  return NULL;
}

static void
test_threads (void)
{
  for (guint i = 0; i < 20; i++)
    {
      GPtrArray *tensors = g_ptr_array_new_with_free_func (g_object_unref);

      for (guint j = 0; j < 500; j++)
        g_ptr_array_add (tensors, gten_ones (GTEN_SIZES (4), GTEN_DTYPE_FLOAT32, NULL, NULL));
      g_thread_join (g_thread_new ("frees", free_in_thread, tensors));
    }
}

static void
test_properties (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) x = gten_tensor_new_from_data (six, GTEN_DTYPE_FLOAT32, GTEN_SIZES (2, 3),
                                                        &error);
  g_autoptr (GVariant) shape = NULL;
  g_autoptr (GtenDevice) device = NULL;
  g_autoptr (GtenNode) grad_fn = NULL;
  g_autofree char *text = NULL;
  GtenDtype dtype;
  gboolean  requires_grad, is_leaf;

  g_object_set (x, "requires-grad", TRUE, NULL);
  g_object_get (x, "dtype", &dtype, "device", &device, "shape", &shape, "requires-grad", &requires_grad, "is-leaf",
                &is_leaf, "grad-fn", &grad_fn, NULL);
  g_assert_cmpint (dtype, ==, GTEN_DTYPE_FLOAT32);
  g_assert_true (device == gten_device_get_cpu ());
  text = g_variant_print (shape, FALSE);
  g_assert_cmpstr (text, ==, "[2, 3]");
  g_assert_true (requires_grad);
  g_assert_true (is_leaf);
  g_assert_null (grad_fn);
}

static void
test_memory (void)
{
  GtenDevice *cpu = gten_device_get_cpu ();
  guint64     before = gten_device_get_used_memory (cpu);
  g_autoptr (GError) error = NULL;
  GtenTensor *small = gten_empty (GTEN_SIZES (3), GTEN_DTYPE_FLOAT32, NULL, &error);
  GtenTensor *large = gten_empty (GTEN_SIZES (1 << 20), GTEN_DTYPE_FLOAT32, NULL, &error);

  g_assert_cmpuint (gten_device_get_used_memory (cpu) - before, ==, 12 + (4 << 20));
  g_assert_cmpuint (gten_device_get_peak_memory (cpu), >=, before + 12 + (4 << 20));
  g_object_unref (large);
  g_object_unref (small);
  g_assert_cmpuint (gten_device_get_used_memory (cpu), ==, before);
  gten_device_trim (cpu);
  g_assert_cmpuint (gten_device_get_cached_memory (cpu), ==, 0);
  gten_device_reset_peak_memory (cpu);
  g_assert_cmpuint (gten_device_get_peak_memory (cpu), ==, before);
}

static void
test_broadcast (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtenTensor) a = gten_ones (GTEN_SIZES (2, 3), GTEN_DTYPE_FLOAT32, NULL, &error);
  g_autoptr (GtenTensor) b = gten_ones (GTEN_SIZES (2), GTEN_DTYPE_FLOAT32, NULL, &error);
  g_autoptr (GtenTensor) sum = gten_tensor_add (a, b, &error);

  g_assert_null (sum);
  g_assert_error (error, GTEN_ERROR, GTEN_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/new", test_new);
  g_test_add_func ("/tensor/constructed", test_constructed);
  g_test_add_func ("/tensor/zero-dims", test_zero_dims);
  g_test_add_func ("/tensor/bad-shapes", test_bad_shapes);
  g_test_add_func ("/tensor/from-numbers", test_from_numbers);
  g_test_add_func ("/tensor/from-bytes", test_from_bytes);
  g_test_add_func ("/tensor/from-address", test_from_address);
  g_test_add_func ("/tensor/revival", test_revival);
  g_test_add_func ("/tensor/threads", test_threads);
  g_test_add_func ("/tensor/properties", test_properties);
  g_test_add_func ("/tensor/memory", test_memory);
  g_test_add_func ("/tensor/broadcast", test_broadcast);
  return g_test_run ();
}
