/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The random streams against values recorded from PyTorch's CPU generator. */
#include "test-kernels.h"

/* FNV-1a of all bytes of an array. */
static guint64
hash_of (const TestArray *self)
{
  gsize n_bytes = (gsize) test_count (self) * gten_k_dtype_size (self->array.dtype);
  guint64 hash = 0xcbf29ce484222325;

  for (gsize i = 0; i < n_bytes; i++)
    hash = (hash ^ ((const guint8 *) self->array.data)[i]) * 0x100000001b3;
  return hash;
}

/* The first, middle and last of n values, and the hash of all; 0 where the C library's sine or
 * logarithm decides the last bit. Integers' parameters are exact as doubles. */
static const struct
{
  GtenKRandom kind;
  GtenKDtype  dtype;
  double      params[2];
  guint64     seed;
  int64_t     n;
  double      values[3];
  guint64     hash;
} streams[] = {
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 1, { 0.49625658988952637, 0.49625658988952637, 0.49625658988952637 }, 0xa9231c5d75015352 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 2, { 0.49625658988952637, 0.7682217955589294, 0.7682217955589294 }, 0x04340d18799c8382 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 15, { 0.49625658988952637, 0.8964447379112244, 0.2938884496688843 }, 0x416854df90ce0382 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 16, { 0.49625658988952637, 0.455627977848053, 0.518521785736084 }, 0x355f338c445c75f8 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 17, { 0.49625658988952637, 0.455627977848053, 0.6976675987243652 }, 0xfd08c14cc4f53331 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 31, { 0.49625658988952637, 0.518521785736084, 0.3051000237464905 }, 0xd7d01b4fb6f0de2f },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 100, { 0.49625658988952637, 0.8197803497314453, 0.21209025382995605 }, 0x6fdb1de1771ac15e },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 1000, { 0.49625658988952637, 0.03686016798019409, 0.40386343002319336 }, 0xfd45d9e8345f8403 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { 0, 1 }, 0, 4096, { 0.49625658988952637, 0.23869848251342773, 0.06358897686004639 }, 0x0846edc97a390521 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 1, { 0.05815448596142969, 0.05815448596142969, 0.05815448596142969 }, 0x5d1b2a2625a790e7 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 2, { 0.05815448596142969, 0.06291016742457756, 0.06291016742457756 }, 0xeabcdf2ca1d3116c },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 15, { 0.05815448596142969, 0.9287525814574296, 0.3775329552705594 }, 0xdfd25a4018fb9c14 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 16, { 0.05815448596142969, 0.08354336875286783, 0.6124365889937913 }, 0x1ba9d002426e6560 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 17, { 0.05815448596142969, 0.08354336875286783, 0.088109784914571 }, 0x6a69022c3f71fd14 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 31, { 0.05815448596142969, 0.6124365889937913, 0.2518552209413236 }, 0xc3edb73ee332f227 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 100, { 0.05815448596142969, 0.709319516317736, 0.9616452225299865 }, 0x8d29b8698bdb457f },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 1000, { 0.05815448596142969, 0.8351998483257075, 0.4198258024695729 }, 0x632246c6521c0366 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { 0, 1 }, 42, 4096, { 0.05815448596142969, 0.16626768727310204, 0.010045541688877724 }, 0xdbddabacbc10ba8d },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT16, { 0, 1 }, 4294967301, 1, { 0.830078125, 0.830078125, 0.830078125 }, 0x096b0607b5f4cb4b },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT16, { 0, 1 }, 4294967301, 17, { 0.830078125, 0.03326416015625, 0.98095703125 }, 0x4aa56d6937c43bb4 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT16, { 0, 1 }, 4294967301, 1000, { 0.830078125, 0.3427734375, 0.58837890625 }, 0xdaf54e9294040001 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_BFLOAT16, { 0, 1 }, 0, 1, { 0.49609375, 0.49609375, 0.49609375 }, 0x0a9d0a07b6f8ebad },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_BFLOAT16, { 0, 1 }, 0, 17, { 0.49609375, 0.455078125, 0.69921875 }, 0x712c6827d4af8ea4 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_BFLOAT16, { 0, 1 }, 0, 1000, { 0.49609375, 0.036865234375, 0.404296875 }, 0x363b93d6e45ef087 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { -3.25, 7.75 }, 42, 1, { 6.454961776733398, 6.454961776733398, 6.454961776733398 }, 0x3e1b0d9e625ba5f2 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { -3.25, 7.75 }, 42, 17, { 6.454961776733398, 7.098485946655273, 6.489871978759766 }, 0xca9b2fb6d6b77bc3 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT32, { -3.25, 7.75 }, 42, 1000, { 6.454961776733398, 0.9180933237075806, -2.9237728118896484 }, 0x0e246246f6bb4d0c },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { -3.25, 7.75 }, 4294967301, 1, { 3.8121650729090346, 3.8121650729090346, 3.8121650729090346 }, 0xc7aa3e7f6f98345e },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { -3.25, 7.75 }, 4294967301, 17, { 3.8121650729090346, 6.071575116648795, 0.6366426038975497 }, 0xe739befdde609459 },
  { GTEN_K_RANDOM_UNIFORM, GTEN_K_FLOAT64, { -3.25, 7.75 }, 4294967301, 1000, { 3.8121650729090346, 4.1274211358059665, -1.7688058418679886 }, 0x50177217059824a4 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 1, { 1.5409960746765137, 1.5409960746765137, 1.5409960746765137 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 2, { 1.5409960746765137, -0.293428897857666, -0.293428897857666 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 15, { 1.5409960746765137, 0.8380263447761536, -1.0711873769760132 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 16, { -1.1258398294448853, 0.32227492332458496, -0.2472781538963318 }, 0x28d49f8f92bf21d6 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 17, { -1.1258398294448853, 0.46809640526771545, 0.9318265914916992 }, 0x9151e09be6bcf07a },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 31, { -1.1258398294448853, -0.1116093322634697, -1.4688938856124878 }, 0x3e39671abab4a234 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 100, { -1.1258398294448853, 1.0553574562072754, 0.23291829228401184 }, 0x6b680134d3d69e1b },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 1000, { -1.1258398294448853, -0.16421619057655334, -0.5861721038818359 }, 0x31ae67821ca5077e },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { 0, 1 }, 0, 4096, { -1.1258398294448853, 0.6656972765922546, 0.6019821166992188 }, 0x93ccede981ed51b7 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 1, { 0.33669035438385886, 0.33669035438385886, 0.33669035438385886 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 2, { 0.33669035438385886, 0.1288094051365897, 0.1288094051365897 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 15, { 0.33669035438385886, -0.6379970567672183, -0.9889598811465726 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 16, { 0.2995562877502637, 0.17347640142361004, -1.4920727283504345 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 17, { 0.2995562877502637, 0.038435238263354446, 0.2494118796915765 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 31, { 0.2995562877502637, -0.664142915806146, 0.5717787885763634 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 100, { 0.2995562877502637, -1.108152357089335, -0.9591633938060772 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 1000, { 0.2995562877502637, 0.6965634921004461, -0.31288123226120956 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT64, { 0, 1 }, 42, 4096, { 0.2995562877502637, 0.11782530162434772, 0.026058442391582896 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT16, { 0, 1 }, 4294967301, 1, { -0.48681640625, -0.48681640625, -0.48681640625 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT16, { 0, 1 }, 4294967301, 17, { 1.8427734375, -0.1497802734375, 1.7470703125 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT16, { 0, 1 }, 4294967301, 1000, { 1.8427734375, 0.106689453125, 0.69091796875 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_BFLOAT16, { 0, 1 }, 0, 1, { 1.5390625, 1.5390625, 1.5390625 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_BFLOAT16, { 0, 1 }, 0, 17, { -1.125, 1.8515625, -0.84375 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_BFLOAT16, { 0, 1 }, 0, 1000, { -1.125, -0.1640625, 0.8671875 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { -2.5, 3.75 }, 42, 1, { -1.2374111413955688, -1.2374111413955688, -1.2374111413955688 }, 0 },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { -2.5, 3.75 }, 42, 17, { 4.7259321212768555, -1.1655253171920776, -3.661475419998169 }, 0x01a3ab08e23e59dc },
  { GTEN_K_RANDOM_NORMAL, GTEN_K_FLOAT32, { -2.5, 3.75 }, 42, 1000, { 4.7259321212768555, -5.322202682495117, -5.700454235076904 }, 0xe0b0026b47486f13 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { -5, 100 }, 4294967301, 1, { 66, 66, 66 }, 0xa56f4886f9cb5647 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { -5, 100 }, 4294967301, 17, { 66, 28, 13 }, 0x9bae7977214141e7 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { -5, 100 }, 4294967301, 1000, { 66, 65, 94 }, 0x384576276a131f40 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT32, { -5, 100 }, 0, 1, { 69.0, 69.0, 69.0 }, 0x2beb1c6b7c308960 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT32, { -5, 100 }, 0, 17, { 69.0, 62.0, 76.0 }, 0x1f7b860f48df8e7c },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT32, { -5, 100 }, 0, 1000, { 69.0, 47.0, 20.0 }, 0x6759b219d846027c },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_FLOAT32, { -5, 100 }, 42, 1, { 52.0, 52.0, 52.0 }, 0x4c82947f9d43e59f },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_FLOAT32, { -5, 100 }, 42, 17, { 52.0, 65.0, 15.0 }, 0x3d07cba1656cdc3f },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_FLOAT32, { -5, 100 }, 42, 1000, { 52.0, 27.0, 78.0 }, 0x9b80da659aad0938 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { 0, 268435456 }, 4294967301, 1, { 236996814, 236996814, 236996814 }, 0x9376c8e3d2f679ad },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { 0, 268435456 }, 4294967301, 17, { 236996814, 229011660, 243075218 }, 0xb5c30dd6f33d9bb5 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { 0, 268435456 }, 4294967301, 1000, { 236996814, 240048750, 260085596 }, 0xb486f5069d53e70e },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { -4611686018427387904, 4611686018427387904 }, 0, 1, { -3711235831533098449, -3711235831533098449, -3711235831533098449 }, 0x4638beeacf47b240 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { -4611686018427387904, 4611686018427387904 }, 0, 17, { -3711235831533098449, 3941382327821454732, -4238722382689922096 }, 0x03ff2f367437f671 },
  { GTEN_K_RANDOM_INTEGER, GTEN_K_INT64, { -4611686018427387904, 4611686018427387904 }, 0, 1000, { -3711235831533098449, 1113829636889652458, -1344008663083224907 }, 0x40de368aea3d7871 },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_FLOAT32, { 0.25 }, 42, 1, { 1.0, 1.0, 1.0 }, 0x4b72477f9c5c2f98 },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_FLOAT32, { 0.25 }, 42, 17, { 1.0, 1.0, 1.0 }, 0x8519988bc4facf25 },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_FLOAT32, { 0.25 }, 42, 1000, { 1.0, 0.0, 0.0 }, 0x3786d9ca15e33a25 },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_BOOL, { 0.25 }, 4294967301, 1, { 0.0, 0.0, 0.0 }, 0xaf63bd4c8601b7df },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_BOOL, { 0.25 }, 4294967301, 17, { 0.0, 0.0, 0.0 }, 0xb6a91bf780a9d9b9 },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_BOOL, { 0.25 }, 4294967301, 1000, { 0.0, 0.0, 1.0 }, 0xdeea3b74cf6b3cd5 },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_UINT8, { 0.25 }, 0, 1, { 0.0, 0.0, 0.0 }, 0xaf63bd4c8601b7df },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_UINT8, { 0.25 }, 0, 17, { 0.0, 0.0, 0.0 }, 0xf9d74f3a9ebf1bcd },
  { GTEN_K_RANDOM_BERNOULLI, GTEN_K_UINT8, { 0.25 }, 0, 1000, { 0.0, 0.0, 0.0 }, 0x9824638f1507bfdd },
  { GTEN_K_RANDOM_EXPONENTIAL, GTEN_K_FLOAT32, { 2.5 }, 42, 1, { 0.023965606465935707, 0.023965606465935707, 0.023965606465935707 }, 0 },
  { GTEN_K_RANDOM_EXPONENTIAL, GTEN_K_FLOAT32, { 2.5 }, 42, 17, { 0.023965606465935707, 0.03489621356129646, 0.03689426928758621 }, 0 },
  { GTEN_K_RANDOM_EXPONENTIAL, GTEN_K_FLOAT32, { 2.5 }, 42, 1000, { 0.023965606465935707, 0.7212086915969849, 0.2177707552909851 }, 0 },
  { GTEN_K_RANDOM_EXPONENTIAL, GTEN_K_FLOAT64, { 2.5 }, 4294967301, 1, { 0.41090568456623555, 0.41090568456623555, 0.41090568456623555 }, 0 },
  { GTEN_K_RANDOM_EXPONENTIAL, GTEN_K_FLOAT64, { 2.5 }, 4294967301, 17, { 0.41090568456623555, 0.7520157954440576, 0.1743683731315212 }, 0 },
  { GTEN_K_RANDOM_EXPONENTIAL, GTEN_K_FLOAT64, { 2.5 }, 4294967301, 1000, { 0.41090568456623555, 0.44428364286746796, 0.057850347456607956 }, 0 },
};

static void
set_params (GtenKRandom kind, const double *from, GtenKScalar *params)
{
  for (int i = 0; i < 2; i++)
    if (kind == GTEN_K_RANDOM_INTEGER)
      params[i].i = (int64_t) from[i];
    else
      params[i].f = from[i];
}

static void
test_streams (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (streams); s++)
    {
      g_autoptr (TestArray) out = test_array_new (streams[s].dtype, 1, &streams[s].n, NULL);
      const int64_t at[] = { 0, streams[s].n / 2, streams[s].n - 1 };
      GtenKGenerator generator;
      GtenKScalar params[GTEN_K_MAX_PARAMS] = { 0 };

      set_params (streams[s].kind, streams[s].params, params);
      gten_k_generator_seed (&generator, streams[s].seed);
      g_assert_cmpint (gten_cpu_backend ()->random (0, &generator, streams[s].kind, params, &out->array), ==,
                       GTEN_K_OK);
      for (int i = 0; i < 3; i++)
        {
          double expected = streams[s].values[i];
          double epsilon = streams[s].hash != 0 || !test_is_float (streams[s].dtype) ? 0
                           : streams[s].dtype == GTEN_K_FLOAT64                      ? 1e-14
                           : streams[s].dtype == GTEN_K_FLOAT32                      ? 1e-6
                                                                                     : 1e-2;

          g_assert_cmpfloat (fabs (test_get (out, at[i]) - expected), <=,
                             epsilon * fabs (expected));
        }
      if (streams[s].hash != 0)
        g_assert_cmphex (hash_of (out), ==, streams[s].hash);
    }
}

/* The 10000th number of the reference implementation, seeded by its default. */
static void
test_generator (void)
{
  const int64_t size = 10000;
  g_autoptr (TestArray) out = test_array_new (GTEN_K_INT64, 1, &size, NULL);
  GtenKScalar params[GTEN_K_MAX_PARAMS] = { { .i = 0 }, { .i = 1 << 27 } };
  GtenKGenerator generator;

  gten_k_generator_seed (&generator, 5489);
  gten_cpu_backend ()->random (0, &generator, GTEN_K_RANDOM_INTEGER, params, &out->array);
  g_assert_cmpint ((gint64) test_get (out, 9999), ==, 4123659995 % (1 << 27));
}

/* The halves of a pair are kept from one call to the next; memory's order counts, not the
 * index's. */
static void
test_layouts_share_a_stream (void)
{
  const int64_t size = 12, sizes[] = { 4, 3 }, strides[] = { 1, 4 };
  g_autoptr (TestArray) line = test_array_new (GTEN_K_FLOAT64, 1, &size, NULL);
  g_autoptr (TestArray) one = test_array_new (GTEN_K_FLOAT64, 0, NULL, NULL);
  g_autoptr (TestArray) matrix = test_array_new (GTEN_K_FLOAT64, 2, sizes, strides);
  GtenKScalar params[GTEN_K_MAX_PARAMS] = { { .f = 0 }, { .f = 1 } };
  GtenKGenerator generator;

  gten_k_generator_seed (&generator, 3);
  gten_cpu_backend ()->random (0, &generator, GTEN_K_RANDOM_NORMAL, params, &line->array);
  gten_k_generator_seed (&generator, 3);
  gten_cpu_backend ()->random (0, &generator, GTEN_K_RANDOM_NORMAL, params, &matrix->array);
  for (int64_t i = 0; i < size; i++)
    g_assert_cmpfloat (((double *) line->array.data)[i], ==, ((double *) matrix->array.data)[i]);
  gten_k_generator_seed (&generator, 3);
  for (int64_t i = 0; i < size; i++)
    {
      gten_cpu_backend ()->random (0, &generator, GTEN_K_RANDOM_NORMAL, params, &one->array);
      g_assert_cmpfloat (test_get (line, i), ==, test_get (one, 0));
    }
}

/* Every dtype and layout: in range, and UNSUPPORTED where a distribution makes no sense. */
static void
check_ranges (GtenKDtype dtype, const TestLayout *layout, int dim)
{
  static const double params_of[][2] = { { -2, 2 }, { 0, 1 }, { 0, 2 }, { 0.5, 0 }, { 1, 0 } };
  g_autoptr (TestArray) out = test_array_of (dtype, layout);
  GtenKGenerator generator;

  if (test_layout_is_expanded (layout))
    return;
  gten_k_generator_seed (&generator, 1);
  for (GtenKRandom kind = GTEN_K_RANDOM_UNIFORM; kind <= GTEN_K_RANDOM_EXPONENTIAL; kind++)
    {
      bool integers = kind == GTEN_K_RANDOM_INTEGER || kind == GTEN_K_RANDOM_BERNOULLI;
      GtenKScalar params[GTEN_K_MAX_PARAMS] = { 0 };
      GtenKStatus status;

      set_params (kind, params_of[kind], params);
      status = gten_cpu_backend ()->random (0, &generator, kind, params, &out->array);
      g_assert_cmpint (status, ==,
                       integers || test_is_float (dtype) ? GTEN_K_OK : GTEN_K_UNSUPPORTED);
      for (int64_t p = 0; status == GTEN_K_OK && p < test_count (out); p++)
        {
          double x = test_get (out, p);

          if (integers)
            g_assert_true (x == 0 || x == 1);
          else if (kind == GTEN_K_RANDOM_UNIFORM)
            g_assert_true (x >= -2 && x < 2);
          else
            g_assert_true (isfinite (x) && (kind != GTEN_K_RANDOM_EXPONENTIAL || x >= 0));
        }
    }
}

static const struct
{
  guint64 seed;
  int64_t n, first;
  guint64 hash;
} permutations[] = {
  { 0, 1, 0, 0xa8c7f832281a39c5 },
  { 0, 2, 0, 0x692558b056101a44 },
  { 0, 17, 7, 0x6002ed018cd8ea15 },
  { 0, 1000, 44, 0x01f56afb98c57ed9 },
  { 42, 1, 0, 0xa8c7f832281a39c5 },
  { 42, 2, 0, 0x692558b056101a44 },
  { 42, 17, 13, 0x64eb2dd9b05bfaf5 },
  { 42, 1000, 542, 0xac050cc352041a61 },
  { 7, 1, 0, 0xa8c7f832281a39c5 },
  { 7, 2, 1, 0x392209f14dea4c24 },
  { 7, 17, 9, 0x9b1137222a76a2b5 },
  { 7, 1000, 615, 0x63c31b93bb6ed61d },
};

static void
test_permutations (void)
{
  const int64_t strides[] = { 1, 3 };

  for (gsize s = 0; s < G_N_ELEMENTS (permutations); s++)
    for (gsize t = 0; t < G_N_ELEMENTS (strides); t++)
      {
        int64_t n = permutations[s].n;
        g_autoptr (TestArray) out = test_array_new (GTEN_K_INT64, 1, &n, &strides[t]);
        GtenKGenerator generator;

        gten_k_generator_seed (&generator, permutations[s].seed);
        g_assert_cmpint (gten_cpu_backend ()->randperm (0, &generator, n, &out->array), ==,
                         GTEN_K_OK);
        g_assert_cmpint ((gint64) test_get (out, 0), ==, permutations[s].first);
        if (strides[t] == 1)
          g_assert_cmphex (hash_of (out), ==, permutations[s].hash);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/random/generator", test_generator);
  g_test_add_func ("/kernels/random/streams", test_streams);
  g_test_add_func ("/kernels/random/layouts", test_layouts_share_a_stream);
  TEST_EACH ("/kernels/random/ranges", check_ranges);
  g_test_add_func ("/kernels/random/permutations", test_permutations);
  return g_test_run ();
}
