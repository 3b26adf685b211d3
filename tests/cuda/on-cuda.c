/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CUDA's table for arrays of the host: each entry copies what it is given to the device, calls the module, and
 * copies everything back. The device's buffers have not one byte more than the arrays. */
#include <dlfcn.h>
#include <glib.h>
#include <string.h>

#include "gten-kernels.h"

#define MAX_BUFFERS 16

typedef struct
{
  void  *host, *device;
  size_t n_bytes;
} Buffer;

static const GtenBackend *cuda;
static Buffer buffers[MAX_BUFFERS];
static int n_buffers;

/* -- arrays ----------------------------------------------------------------------------------------*/

/* The same memory given twice is one buffer. */
static void *
on_device (const void *host, size_t n_bytes)
{
  Buffer *buffer = &buffers[n_buffers];

  if (host == NULL || n_bytes == 0)
    return NULL;
  for (int i = 0; i < n_buffers; i++)
    if (buffers[i].host == host && buffers[i].n_bytes >= n_bytes)
      return buffers[i].device;
  g_assert_cmpint (n_buffers, <, MAX_BUFFERS);
  *buffer = (Buffer) { (void *) host, cuda->alloc (0, n_bytes), n_bytes };
  g_assert_nonnull (buffer->device);
  g_assert_cmpint (cuda->upload (0, buffer->device, host, n_bytes), ==, GTEN_K_OK);
  n_buffers++;
  return buffer->device;
}

static size_t
extent (GtenKDtype dtype, int n_dims, const int64_t *sizes, const int64_t *strides)
{
  int64_t last = 0;

  for (int d = 0; d < n_dims; d++)
    {
      if (sizes[d] == 0)
        return 0;
      last += (sizes[d] - 1) * strides[d];
    }
  return (size_t) (last + 1) * gten_k_dtype_size (dtype);
}

static GtenKArray
array_on_device (const GtenKArray *array)
{
  GtenKArray there = *array;

  there.data = on_device (array->data, extent (array->dtype, array->n_dims, array->sizes, array->strides));
  return there;
}

/* An array that need not be given. */
static const GtenKArray *
maybe_on_device (const GtenKArray *array, GtenKArray *there)
{
  if (array == NULL)
    return NULL;
  *there = array_on_device (array);
  return there;
}

static GtenKOperand
operand_on_device (const GtenKOperand *operand, int n_dims, const int64_t *sizes)
{
  GtenKOperand there = *operand;

  if (operand->data != NULL)
    there.data = on_device (operand->data, extent (operand->dtype, n_dims, sizes, operand->strides));
  return there;
}

static GtenKProgram
program_on_device (const GtenKProgram *program)
{
  GtenKProgram there = *program;

  for (int i = 0; i < program->n_outputs; i++)
    there.outputs[i] = operand_on_device (&program->outputs[i], program->n_dims, program->sizes);
  for (int i = 0; i < program->n_inputs; i++)
    there.inputs[i] = operand_on_device (&program->inputs[i], program->n_dims, program->sizes);
  return there;
}

/* Copies everything back. What the device says only once it has been waited for is the call's, too. */
static GtenKStatus
done (GtenKStatus status, GtenKFault *fault)
{
  GtenKStatus later = cuda->synchronize (0);
  const char *op;
  GtenKFault unwanted;

  if (later == GTEN_K_EARLIER_FAULT)
    later = cuda->take_fault (0, fault != NULL ? fault : &unwanted, &op);
  if (later == GTEN_K_DEVICE_FAULT)
    g_error ("%s", cuda->last_error ());
  for (int i = 0; i < n_buffers; i++)
    {
      g_assert_cmpint (cuda->download (0, buffers[i].host, buffers[i].device, buffers[i].n_bytes), ==, GTEN_K_OK);
      cuda->free (0, buffers[i].device, buffers[i].n_bytes);
    }
  n_buffers = 0;
  return status != GTEN_K_OK ? status : later;
}

/* -- entries ---------------------------------------------------------------------------------------*/

static GtenKStatus
run (int device, const GtenKProgram *program)
{
  const GtenKProgram there = program_on_device (program);

  return done (cuda->run (0, &there), program->fault);
}

static GtenKStatus
reduce (int device, const GtenKReduction *reduction)
{
  const GtenKArray *input = &reduction->input;
  GtenKReduction there = *reduction;
  GtenKProgram prologue;
  int64_t sizes[GTEN_K_MAX_DIMS];

  for (int d = 0; d < input->n_dims; d++)
    sizes[d] = reduction->out_strides[d] == 0 ? 1 : input->sizes[d];
  there.input = array_on_device (input);
  there.out = on_device (reduction->out, extent (reduction->out_dtype, input->n_dims, sizes, reduction->out_strides));
  if (reduction->prologue != NULL)
    {
      prologue = program_on_device (reduction->prologue);
      there.prologue = &prologue;
    }
  return done (cuda->reduce (0, &there), NULL);
}

static GtenKStatus
arg_reduce (int device, GtenKArgReduce kind, const GtenKArray *input, int dim, const GtenKArray *values,
            const GtenKArray *indices)
{
  const GtenKArray in = array_on_device (input);
  GtenKArray v, i;

  return done (cuda->arg_reduce (0, kind, &in, dim, maybe_on_device (values, &v), maybe_on_device (indices, &i)), NULL);
}

static GtenKStatus
scan (int device, GtenKScan kind, const GtenKArray *input, int dim, const GtenKArray *out, const GtenKArray *indices)
{
  const GtenKArray in = array_on_device (input), o = array_on_device (out);
  GtenKArray i;

  return done (cuda->scan (0, kind, &in, dim, &o, maybe_on_device (indices, &i)), NULL);
}

static GtenKStatus
sort (int device, const GtenKArray *input, int dim, bool descending, bool stable, int64_t k, const GtenKArray *values,
      const GtenKArray *indices, void *workspace)
{
  const GtenKArray in = array_on_device (input);
  const size_t n_bytes = cuda->sort_workspace (&in, dim);
  void *space = n_bytes > 0 ? cuda->alloc (0, n_bytes) : NULL;
  GtenKArray v, i;
  GtenKStatus status = cuda->sort (0, &in, dim, descending, stable, k, maybe_on_device (values, &v),
                                   maybe_on_device (indices, &i), space);

  if (space != NULL)
    cuda->free (0, space, n_bytes);
  return done (status, NULL);
}

static size_t
sort_workspace (const GtenKArray *input, int dim)
{
  return 1;
}

static GtenKStatus
softmax (int device, bool log, const GtenKArray *input, int dim, const GtenKArray *out)
{
  const GtenKArray in = array_on_device (input), o = array_on_device (out);

  return done (cuda->softmax (0, log, &in, dim, &o), NULL);
}

static GtenKStatus
softmax_backward (int device, bool log, const GtenKArray *grad, const GtenKArray *result, int dim, const GtenKArray *out)
{
  const GtenKArray g = array_on_device (grad), r = array_on_device (result), o = array_on_device (out);

  return done (cuda->softmax_backward (0, log, &g, &r, dim, &o), NULL);
}

static GtenKStatus
gather (int device, const GtenKArray *input, int dim, const GtenKArray *index, const GtenKArray *out, GtenKFault *fault)
{
  const GtenKArray in = array_on_device (input), i = array_on_device (index), o = array_on_device (out);

  return done (cuda->gather (0, &in, dim, &i, &o, fault), fault);
}

static GtenKStatus
scatter (int device, GtenKScatter kind, const GtenKArray *out, int dim, const GtenKArray *index, const GtenKArray *src,
         GtenKScalar value, GtenKFault *fault)
{
  const GtenKArray o = array_on_device (out), i = array_on_device (index);
  GtenKArray s;

  return done (cuda->scatter (0, kind, &o, dim, &i, maybe_on_device (src, &s), value, fault), fault);
}

static GtenKIndexing
indexing_on_device (const GtenKIndexing *indexing, GtenKArray *indices)
{
  GtenKIndexing there = *indexing;

  there.self = array_on_device (&indexing->self);
  there.value = array_on_device (&indexing->value);
  for (int i = 0; i < indexing->n_indexed; i++)
    indices[i] = array_on_device (&indexing->indices[i]);
  there.indices = indices;
  return there;
}

static GtenKStatus
take_indexed (int device, const GtenKIndexing *indexing, GtenKFault *fault)
{
  GtenKArray indices[GTEN_K_MAX_DIMS];
  const GtenKIndexing there = indexing_on_device (indexing, indices);

  return done (cuda->index (0, &there, fault), fault);
}

static GtenKStatus
index_put (int device, const GtenKIndexing *indexing, bool accumulate, GtenKFault *fault)
{
  GtenKArray indices[GTEN_K_MAX_DIMS];
  const GtenKIndexing there = indexing_on_device (indexing, indices);

  return done (cuda->index_put (0, &there, accumulate, fault), fault);
}

static GtenKStatus
nonzero (int device, const GtenKArray *input, int64_t *count, const GtenKArray *out)
{
  const GtenKArray in = array_on_device (input);
  GtenKArray o;

  return done (cuda->nonzero (0, &in, count, maybe_on_device (out, &o)), NULL);
}

static GtenKStatus
matmul (int device, const GtenKMatmul *matmul)
{
  const int64_t a[] = { matmul->batch, matmul->m, matmul->k }, b[] = { matmul->batch, matmul->k, matmul->n },
                c[] = { matmul->batch, matmul->m, matmul->n };
  GtenKMatmul there = *matmul;

  there.a = on_device (matmul->a, extent (matmul->dtype, 3, a, matmul->a_strides));
  there.b = on_device (matmul->b, extent (matmul->dtype, 3, b, matmul->b_strides));
  there.c = on_device (matmul->c, extent (matmul->dtype, 3, c, matmul->c_strides));
  return done (cuda->matmul (0, &there), NULL);
}

static GtenKStatus
range (int device, GtenKScalar start, GtenKScalar step, const GtenKScalar *symmetric_end, const GtenKArray *out)
{
  const GtenKArray o = array_on_device (out);

  return done (cuda->range (0, start, step, symmetric_end, &o), NULL);
}

static GtenKStatus
triangle (int device, bool upper, int64_t diagonal, const GtenKArray *input, const GtenKArray *out)
{
  const GtenKArray in = array_on_device (input), o = array_on_device (out);

  return done (cuda->triangle (0, upper, diagonal, &in, &o), NULL);
}

/* -- the table -------------------------------------------------------------------------------------*/

const GtenBackend *test_cuda_table (void);

const GtenBackend *
test_cuda_table (void)
{
  static const GtenBackend table = {
    .abi = GTEN_KERNELS_ABI,
    .struct_size = sizeof (GtenBackend),
    .name = "cuda",
    .run = run,
    .reduce = reduce,
    .arg_reduce = arg_reduce,
    .scan = scan,
    .sort = sort,
    .sort_workspace = sort_workspace,
    .softmax = softmax,
    .softmax_backward = softmax_backward,
    .gather = gather,
    .scatter = scatter,
    .index = take_indexed,
    .index_put = index_put,
    .nonzero = nonzero,
    .matmul = matmul,
    .range = range,
    .triangle = triangle,
  };
  g_autofree char *path = g_build_filename (g_getenv ("GTENSOR_BACKEND_PATH"), "libgtensor-cuda.so", NULL);
  GtenBackendEntry entry;
  void *module;

  if (cuda != NULL)
    return &table;
  module = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (module == NULL)
    g_error ("%s", dlerror ());
  entry = (GtenBackendEntry) dlsym (module, "gten_backend");
  g_assert_nonnull (entry);
  cuda = entry ();
  if (cuda->n_devices () == 0)
    {
      g_print ("1..0 # SKIP %s\n", cuda->last_error ());
      exit (0);
    }
  return &table;
}
