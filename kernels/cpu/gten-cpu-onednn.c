/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Convolutions and products of bfloat16 by oneDNN, which is loaded when the first large one comes.
 *
 * oneDNN works in one thread at a time, as BLAS does: parts of the work are what our threads take. Parts are
 * samples, or slices of channels where samples are few; they depend on the sizes alone, so that results are the
 * same for any number of threads. A plan is what oneDNN compiles for one part; plans are kept. Its arrays may lie in
 * blocks, into which and out of which a part's own arrays are copied.
 *
 * What oneDNN has no compiled code for, small work, and machines without it take the other kernels. */
#include "gten-cpu-onednn.h"

#ifdef GTEN_HAVE_ONEDNN

#include <dlfcn.h>
#include <dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_PRODUCTS (1 << 22)   /* multiplications that are worth the calls */
#define LEAST_HALVES   (1 << 20)   /* the same, of bfloat16 */
#define LEAST_STRIP    128         /* rows of a product */
#define MOST_PLANS     64
#define MOST_PARTS     8
#define LEAST_SLICE    32          /* channels */
#define SLICE_UNIT     16
#define MOST_SUMS      (16 << 20)  /* elements of the gradients of weights that parts sum */

#define LIBRARY_NAME_(major) "libdnnl.so." #major
#define LIBRARY_NAME(major)  LIBRARY_NAME_ (major)

#define EACH_FUNCTION(X)                                                                           \
  X (engine_create) X (stream_create) X (stream_destroy) X (memory_desc_init_by_strides)           \
  X (memory_desc_init_by_tag) X (memory_desc_equal) X (memory_desc_get_size) X (memory_create)     \
  X (memory_destroy) X (dilated_convolution_forward_desc_init)                                     \
  X (dilated_convolution_backward_data_desc_init) X (dilated_convolution_backward_weights_desc_init) \
  X (matmul_desc_init) X (primitive_desc_create) X (primitive_desc_destroy) X (primitive_desc_query) \
  X (primitive_desc_query_md) X (primitive_attr_create) X (primitive_attr_destroy)                 \
  X (primitive_attr_set_scratchpad_mode) X (primitive_create) X (primitive_destroy)                \
  X (primitive_execute) X (reorder_primitive_desc_create)

/* -- the library ---------------------------------------------------------------------------------------*/

static struct
{
#define ENTRY(NAME) __typeof__ (&dnnl_##NAME) NAME;
  EACH_FUNCTION (ENTRY)
#undef ENTRY
  int         (*get_threads) (void);      /* OpenMP's, of the calling thread */
  void        (*set_threads) (int);
  dnnl_engine_t engine;
  bool          is_there;
} dnnl;

static void
load (void)
{
  void *library = dlopen (LIBRARY_NAME (DNNL_VERSION_MAJOR), RTLD_NOW | RTLD_LOCAL);

  if (library == NULL)
    return;
#define LOAD(NAME)                                                                                 \
  dnnl.NAME = (__typeof__ (dnnl.NAME)) dlsym (library, "dnnl_" #NAME);                             \
  if (dnnl.NAME == NULL)                                                                           \
    return;
  EACH_FUNCTION (LOAD)
#undef LOAD
  dnnl.get_threads = (int (*) (void)) dlsym (library, "omp_get_max_threads");
  dnnl.set_threads = (void (*) (int)) dlsym (library, "omp_set_num_threads");
  dnnl.is_there = dnnl.get_threads != NULL && dnnl.set_threads != NULL
                  && dnnl.engine_create (&dnnl.engine, dnnl_cpu, 0) == dnnl_success;
}

static bool
is_there (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, load);
  return dnnl.is_there;
}

/* -- plans ---------------------------------------------------------------------------------------------*/

enum { FIRST, SECOND, THIRD, N_ARRAYS };  /* x, w and y of a convolution; a, b and c of a product */
enum { PRODUCT = 3 };                     /* beside the directions of a convolution */

/* All that a part depends on. */
typedef struct
{
  int64_t     kind, n_dims, n_sizes[N_ARRAYS];
  dnnl_dims_t sizes[N_ARRAYS], strides[N_ARRAYS];
  dnnl_dims_t stride, padding, end_padding, dilation;
} Key;

typedef struct
{
  Key                key;
  bool               is_supported;
  int                output, n_users;
  uint64_t           last_use;
  int                args[N_ARRAYS];
  dnnl_memory_desc_t user[N_ARRAYS], own[N_ARRAYS];
  dnnl_primitive_t   primitive, reorders[N_ARRAYS];   /* NULL: the array is used as it lies */
  size_t             own_bytes[N_ARRAYS], n_scratch_bytes;
} Plan;

static Plan plans[MOST_PLANS];
static int n_plans;
static uint64_t n_uses;
static pthread_mutex_t plans_lock = PTHREAD_MUTEX_INITIALIZER;

static dnnl_status_t
describe (Plan *self, dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *description)
{
  const Key *key = &self->key;
  const dnnl_data_type_t type = key->kind == PRODUCT ? dnnl_bf16 : dnnl_f32;
  dnnl_memory_desc_t any[N_ARRAYS];
  dnnl_convolution_desc_t forward, backward;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_matmul_desc_t product;
  dnnl_status_t status = dnnl_success;

  for (int i = 0; i < N_ARRAYS && status == dnnl_success; i++)
    {
      status = dnnl.memory_desc_init_by_strides (&self->user[i], (int) key->n_sizes[i], key->sizes[i], type, key->strides[i]);
      if (status == dnnl_success)
        status = dnnl.memory_desc_init_by_tag (&any[i], (int) key->n_sizes[i], key->sizes[i], type, dnnl_format_tag_any);
    }
  if (status != dnnl_success)
    return status;
  if (key->kind == PRODUCT)
    {
      status = dnnl.matmul_desc_init (&product, &self->user[FIRST], &self->user[SECOND], NULL, &self->user[THIRD]);
      return status != dnnl_success ? status : dnnl.primitive_desc_create (description, &product, attributes, dnnl.engine, NULL);
    }
  status = dnnl.dilated_convolution_forward_desc_init (&forward, dnnl_forward_training, dnnl_convolution_direct, &any[FIRST],
                                                       &any[SECOND], NULL, &any[THIRD], key->stride, key->dilation, key->padding,
                                                       key->end_padding);
  if (status == dnnl_success)
    status = dnnl.primitive_desc_create (&hint, &forward, attributes, dnnl.engine, NULL);
  if (status != dnnl_success || key->kind == GTEN_K_CONVOLUTION_FORWARD)
    {
      *description = hint;
      return status;
    }
  if (key->kind == GTEN_K_CONVOLUTION_TO_INPUT)
    status = dnnl.dilated_convolution_backward_data_desc_init (&backward, dnnl_convolution_direct, &any[FIRST], &any[SECOND],
                                                               &any[THIRD], key->stride, key->dilation, key->padding,
                                                               key->end_padding);
  else
    status = dnnl.dilated_convolution_backward_weights_desc_init (&backward, dnnl_convolution_direct, &any[FIRST], &any[SECOND],
                                                                  NULL, &any[THIRD], key->stride, key->dilation, key->padding,
                                                                  key->end_padding);
  if (status == dnnl_success)
    status = dnnl.primitive_desc_create (description, &backward, attributes, dnnl.engine, hint);
  dnnl.primitive_desc_destroy (hint);
  return status;
}

static void
keep_scratch_size (Plan *self, dnnl_primitive_desc_t description)
{
  const size_t n_bytes = dnnl.memory_desc_get_size (dnnl.primitive_desc_query_md (description, dnnl_query_scratchpad_md, 0));

  self->n_scratch_bytes = GTEN_MAX (self->n_scratch_bytes, n_bytes);
}

static dnnl_status_t
make_reorder (Plan *self, int i, dnnl_primitive_attr_t attributes)
{
  const bool is_output = i == self->output;
  dnnl_primitive_desc_t description;
  dnnl_status_t status;

  if (dnnl.memory_desc_equal (&self->user[i], &self->own[i]))
    return dnnl_success;
  status = dnnl.reorder_primitive_desc_create (&description, is_output ? &self->own[i] : &self->user[i], dnnl.engine,
                                               is_output ? &self->user[i] : &self->own[i], dnnl.engine, attributes);
  if (status != dnnl_success)
    return status;
  keep_scratch_size (self, description);
  self->own_bytes[i] = dnnl.memory_desc_get_size (&self->own[i]);
  status = dnnl.primitive_create (&self->reorders[i], description);
  dnnl.primitive_desc_destroy (description);
  return status;
}

static void
plan_clear (Plan *self)
{
  for (int i = 0; i < N_ARRAYS; i++)
    if (self->reorders[i] != NULL)
      dnnl.primitive_destroy (self->reorders[i]);
  if (self->primitive != NULL)
    dnnl.primitive_destroy (self->primitive);
  memset (self, 0, sizeof *self);
}

static void
plan_make (Plan *self, const Key *key)
{
  static const int outputs[] = { THIRD, FIRST, SECOND, THIRD };
  const dnnl_query_t queries[N_ARRAYS]
      = { key->kind == GTEN_K_CONVOLUTION_TO_INPUT ? dnnl_query_diff_src_md : dnnl_query_src_md,
          key->kind == GTEN_K_CONVOLUTION_TO_WEIGHT ? dnnl_query_diff_weights_md : dnnl_query_weights_md,
          key->kind == GTEN_K_CONVOLUTION_FORWARD || key->kind == PRODUCT ? dnnl_query_dst_md : dnnl_query_diff_dst_md };
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t description = NULL;
  const char *name = "";

  self->key = *key;
  self->output = outputs[key->kind];
  self->args[FIRST] = key->kind == GTEN_K_CONVOLUTION_TO_INPUT ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC;
  self->args[SECOND] = key->kind == GTEN_K_CONVOLUTION_TO_WEIGHT ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS;
  self->args[THIRD] = key->kind == GTEN_K_CONVOLUTION_FORWARD || key->kind == PRODUCT ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST;
  if (dnnl.primitive_attr_create (&attributes) != dnnl_success)
    return;
  dnnl.primitive_attr_set_scratchpad_mode (attributes, dnnl_scratchpad_mode_user);
  if (describe (self, attributes, &description) == dnnl_success)
    {
      dnnl.primitive_desc_query (description, dnnl_query_impl_info_str, 0, &name);
      self->is_supported = (strncmp (name, "jit", 3) == 0 || strncmp (name, "brg", 3) == 0
                            || (key->kind == PRODUCT && strcmp (name, "gemm:jit") == 0))
                           && dnnl.primitive_create (&self->primitive, description) == dnnl_success;
      keep_scratch_size (self, description);
      for (int i = 0; i < N_ARRAYS && self->is_supported; i++)
        {
          self->own[i] = *dnnl.primitive_desc_query_md (description, queries[i], 0);
          self->is_supported = make_reorder (self, i, attributes) == dnnl_success;
        }
      dnnl.primitive_desc_destroy (description);
    }
  dnnl.primitive_attr_destroy (attributes);
}

/* The plan, made on first need; the one that was not used for longest goes. NULL if there is none. */
static Plan *
plan_take (const Key *key)
{
  Plan *plan = NULL, *oldest = NULL;

  pthread_mutex_lock (&plans_lock);
  for (int i = 0; i < n_plans && plan == NULL; i++)
    if (memcmp (&plans[i].key, key, sizeof *key) == 0)
      plan = &plans[i];
    else if (plans[i].n_users == 0 && (oldest == NULL || plans[i].last_use < oldest->last_use))
      oldest = &plans[i];
  if (plan == NULL && (n_plans < MOST_PLANS || oldest != NULL))
    {
      plan = n_plans < MOST_PLANS ? &plans[n_plans++] : oldest;
      const int n_threads = dnnl.get_threads ();

      plan_clear (plan);
      dnnl.set_threads (1);
      plan_make (plan, key);
      dnnl.set_threads (n_threads);
    }
  if (plan != NULL && !plan->is_supported)
    {
      plan->last_use = ++n_uses;
      plan = NULL;
    }
  if (plan != NULL)
    {
      plan->last_use = ++n_uses;
      plan->n_users++;
    }
  pthread_mutex_unlock (&plans_lock);
  return plan;
}

static void
plan_release (Plan *self)
{
  pthread_mutex_lock (&plans_lock);
  self->n_users--;
  pthread_mutex_unlock (&plans_lock);
}

/* -- one part ------------------------------------------------------------------------------------------*/

/* Where a thread works: its stream, and memory for arrays in blocks. */
typedef struct
{
  const Plan   *plan;
  dnnl_stream_t stream;
  int           n_threads;              /* that OpenMP would take */
  char         *memory, *own[N_ARRAYS], *scratch;
  size_t        n_bytes;
} Desk;

static size_t
aligned (size_t n_bytes)
{
  return (n_bytes + 63) / 64 * 64;
}

static bool
desk_open (Desk *self, const Plan *plan)
{
  *self = (Desk) { .plan = plan, .n_threads = dnnl.get_threads (), .n_bytes = aligned (plan->n_scratch_bytes) + 64 };
  for (int i = 0; i < N_ARRAYS; i++)
    self->n_bytes += aligned (plan->own_bytes[i]);
  self->memory = self->scratch = gten_cpu_alloc (0, self->n_bytes);
  if (self->memory == NULL)
    return false;
  self->own[FIRST] = self->scratch + aligned (plan->n_scratch_bytes);
  for (int i = 1; i < N_ARRAYS; i++)
    self->own[i] = self->own[i - 1] + aligned (plan->own_bytes[i - 1]);
  dnnl.set_threads (1);
  if (dnnl.stream_create (&self->stream, dnnl.engine, dnnl_stream_default_flags) == dnnl_success)
    return true;
  dnnl.set_threads (self->n_threads);
  gten_cpu_free (0, self->memory, self->n_bytes);
  return false;
}

static void
desk_close (Desk *self)
{
  dnnl.stream_destroy (self->stream);
  dnnl.set_threads (self->n_threads);
  gten_cpu_free (0, self->memory, self->n_bytes);
}

static bool
execute (const Desk *self, dnnl_primitive_t primitive, int n, const int *args, const dnnl_memory_desc_t *const *descriptions,
         void *const *data)
{
  const dnnl_dims_t n_scratch = { (int64_t) self->plan->n_scratch_bytes };
  dnnl_exec_arg_t arguments[N_ARRAYS + 1];
  dnnl_memory_desc_t scratch;
  int made = 0;
  bool done = dnnl.memory_desc_init_by_tag (&scratch, 1, n_scratch, dnnl_u8, dnnl_a) == dnnl_success;

  for (; made < n + 1 && done; made += done)
    {
      arguments[made].arg = made < n ? args[made] : DNNL_ARG_SCRATCHPAD;
      done = dnnl.memory_create (&arguments[made].memory, made < n ? descriptions[made] : &scratch, dnnl.engine,
                                 made < n ? data[made] : self->scratch) == dnnl_success;
    }
  done = done && dnnl.primitive_execute (primitive, self->stream, n + 1, arguments) == dnnl_success;
  for (int i = 0; i < made; i++)
    dnnl.memory_destroy (arguments[i].memory);
  return done;
}

static bool
reorder (const Desk *self, int i, void *user, void *own)
{
  const bool is_output = i == self->plan->output;
  const dnnl_memory_desc_t *const descriptions[] = { is_output ? &self->plan->own[i] : &self->plan->user[i],
                                                     is_output ? &self->plan->user[i] : &self->plan->own[i] };

  return execute (self, self->plan->reorders[i], 2, (const int[]) { DNNL_ARG_FROM, DNNL_ARG_TO }, descriptions,
                  (void *const[]) { is_output ? own : user, is_output ? user : own });
}

/* Arrays of the part as they lie with the user; NULL: the one of this desk in blocks holds it already, or, of the
 * output, is to keep it. */
static bool
run_part (const Desk *self, void *const *user)
{
  const Plan *plan = self->plan;
  const dnnl_memory_desc_t *const descriptions[] = { &plan->own[FIRST], &plan->own[SECOND], &plan->own[THIRD] };
  void *data[N_ARRAYS];

  for (int i = 0; i < N_ARRAYS; i++)
    {
      data[i] = plan->reorders[i] == NULL && user[i] != NULL ? user[i] : self->own[i];
      if (plan->reorders[i] != NULL && user[i] != NULL && i != plan->output && !reorder (self, i, user[i], data[i]))
        return false;
    }
  if (!execute (self, plan->primitive, N_ARRAYS, plan->args, descriptions, data))
    return false;
  return plan->reorders[plan->output] == NULL || user[plan->output] == NULL
         || reorder (self, plan->output, user[plan->output], data[plan->output]);
}

/* -- convolutions ----------------------------------------------------------------------------------------*/

typedef struct
{
  const GtenKConvolution *convolution;
  Plan                   *plan;
  int64_t                 n_slices, n_chunks;    /* of channels; of samples whose gradients of weights are summed */
  int64_t                 strides[N_ARRAYS];     /* elements of a sample; of the weights, 0 */
  int64_t                 slices[N_ARRAYS];      /* elements from a slice to the next */
  char                   *shared;                /* of each slice: the weights in blocks, or of each chunk and slice their sums */
  int                     has_failed;
} Work;

static int64_t
slices_of (int64_t n_samples, int64_t n_channels)
{
  for (int64_t n = GTEN_MIN (MOST_PARTS / n_samples, n_channels / LEAST_SLICE); n > 1; n--)
    if (n_channels % n == 0 && n_channels / n % SLICE_UNIT == 0)
      return n;
  return 1;
}

static void
put_array (Key *key, int i, int n_leading, const int64_t *leading, const int64_t *leading_strides, const int64_t *sizes)
{
  const int first = 3 - (int) key->n_dims;
  int64_t stride = 1;

  key->n_sizes[i] = n_leading + key->n_dims;
  memcpy (key->sizes[i], leading, n_leading * sizeof *leading);
  memcpy (key->strides[i], leading_strides, n_leading * sizeof *leading);
  for (int d = 2; d >= first; d--)
    {
      key->sizes[i][n_leading + d - first] = sizes[d];
      key->strides[i][n_leading + d - first] = stride;
      stride *= sizes[d];
    }
}

static void
put_windows (Key *key, const GtenKWindows *w)
{
  const int first = 3 - (int) key->n_dims;

  for (int d = first; d < 3; d++)
    {
      const int64_t end = (w->count[d] - 1) * w->stride[d] + (w->kernel[d] - 1) * w->dilation[d] + 1;

      key->stride[d - first] = w->stride[d];
      key->padding[d - first] = w->padding[d];
      key->end_padding[d - first] = GTEN_MAX (end - w->size[d] - w->padding[d], 0);
      key->dilation[d - first] = w->dilation[d] - 1;
    }
}

/* A part is one sample, or one slice of its channels. */
static void
work_init (Work *self, Key *key, const GtenKConvolution *c)
{
  const GtenKWindows *w = c->windows;
  const int64_t image = gten_volume (w->size), kernel = gten_volume (w->kernel), count = gten_volume (w->count);
  const bool slices_input = c->direction == GTEN_K_CONVOLUTION_TO_INPUT;
  const int64_t n_slices = c->groups == 1 ? slices_of (c->n_samples, slices_input ? c->n_channels : c->n_kernels) : 1;
  const int64_t n_channels = c->n_channels / (slices_input ? n_slices : 1), n_kernels = c->n_kernels / (slices_input ? 1 : n_slices);
  const int64_t depth = c->n_channels / c->groups, n_weights = c->n_kernels * depth * kernel;

  *self = (Work) { .convolution = c, .n_slices = n_slices, .n_chunks = 1,
                   .strides = { c->n_channels * image, 0, c->n_kernels * count },
                   .slices = { slices_input ? n_channels * image : 0, slices_input ? n_channels * kernel : n_kernels * depth * kernel,
                               slices_input ? 0 : n_kernels * count } };
  if (c->direction == GTEN_K_CONVOLUTION_TO_WEIGHT)
    self->n_chunks = GTEN_MAX (1, GTEN_MIN (GTEN_MIN (c->n_samples, MOST_PARTS), MOST_SUMS / n_weights));
  memset (key, 0, sizeof *key);
  key->kind = c->direction;
  key->n_dims = w->size[0] > 1 || w->kernel[0] > 1 || w->count[0] > 1 || w->padding[0] > 0 ? 3
                : w->size[1] > 1 || w->kernel[1] > 1 || w->count[1] > 1 || w->padding[1] > 0 ? 2 : 1;
  put_array (key, FIRST, 2, (const int64_t[]) { 1, n_channels }, (const int64_t[]) { n_channels * image, image }, w->size);
  put_array (key, THIRD, 2, (const int64_t[]) { 1, n_kernels }, (const int64_t[]) { n_kernels * count, count }, w->count);
  if (c->groups == 1)
    put_array (key, SECOND, 2, (const int64_t[]) { n_kernels, n_channels }, (const int64_t[]) { depth * kernel, kernel }, w->kernel);
  else
    put_array (key, SECOND, 3, (const int64_t[]) { c->groups, n_kernels / c->groups, depth },
               (const int64_t[]) { n_kernels / c->groups * depth * kernel, depth * kernel, kernel }, w->kernel);
  put_windows (key, w);
}

static void *
part_at (const Work *self, int i, int64_t sample, int64_t slice)
{
  void *const arrays[] = { self->convolution->x, self->convolution->w, self->convolution->y };

  return (float *) arrays[i] + sample * self->strides[i] + slice * self->slices[i];
}

/* Weights in blocks, which all samples use. */
static void
share_weights_work (void *data, int thread, int n_threads)
{
  Work *self = data;
  const int64_t end = gten_share (self->n_slices, thread + 1, n_threads);
  Desk desk;

  if (!desk_open (&desk, self->plan))
    {
      self->has_failed = true;
      return;
    }
  for (int64_t slice = gten_share (self->n_slices, thread, n_threads); slice < end; slice++)
    if (!reorder (&desk, SECOND, part_at (self, SECOND, 0, slice), self->shared + slice * (int64_t) aligned (self->plan->own_bytes[SECOND])))
      self->has_failed = true;
  desk_close (&desk);
}

static void
sample_work (void *data, int thread, int n_threads)
{
  Work *self = data;
  const int64_t n = self->convolution->n_samples * self->n_slices, end = gten_share (n, thread + 1, n_threads);
  Desk desk;

  if (!desk_open (&desk, self->plan))
    {
      self->has_failed = true;
      return;
    }
  for (int64_t part = gten_share (n, thread, n_threads); part < end; part++)
    {
      const int64_t sample = part / self->n_slices, slice = part % self->n_slices;
      void *user[N_ARRAYS] = { part_at (self, FIRST, sample, slice), part_at (self, SECOND, sample, slice),
                               part_at (self, THIRD, sample, slice) };

      if (self->shared != NULL)
        {
          desk.own[SECOND] = self->shared + slice * (int64_t) aligned (self->plan->own_bytes[SECOND]);
          user[SECOND] = NULL;
        }
      if (!run_part (&desk, user))
        self->has_failed = true;
    }
  desk_close (&desk);
}

static void
add_to (float *sums, const float *from, int64_t n)
{
  const GtenKBlock add = gten_instruction_set->blocks[GTEN_K_ADD][GTEN_K_COMPUTE_FLOAT32];
  const GtenKScalar params[GTEN_K_MAX_PARAMS] = { { .f = 1 } };

  for (int64_t at = 0; at < n; at += GTEN_K_BLOCK)
    add ((size_t) GTEN_MIN (n - at, GTEN_K_BLOCK), sums + at, (const void *const[]) { sums + at, from + at }, params);
}

/* Where a chunk sums the gradients of a slice of the weights, as the user has them. */
static float *
sums_at (const Work *self, int64_t chunk, int64_t slice)
{
  return chunk == 0 ? part_at (self, SECOND, 0, slice)
                    : (float *) self->shared + ((chunk - 1) * self->n_slices + slice) * self->slices[SECOND];
}

static void
chunk_work (void *data, int thread, int n_threads)
{
  Work *self = data;
  const int64_t n_parts = self->n_chunks * self->n_slices, last = gten_share (n_parts, thread + 1, n_threads);
  const int64_t n = self->slices[SECOND];
  float *own = gten_cpu_alloc (0, n * sizeof *own);
  Desk desk;

  if (own == NULL || !desk_open (&desk, self->plan))
    {
      gten_cpu_free (0, own, own == NULL ? 0 : n * sizeof *own);
      self->has_failed = true;
      return;
    }
  for (int64_t part = gten_share (n_parts, thread, n_threads); part < last; part++)
    {
      const int64_t chunk = part / self->n_slices, slice = part % self->n_slices;
      const int64_t first = gten_share (self->convolution->n_samples, (int) chunk, (int) self->n_chunks);
      const int64_t end = gten_share (self->convolution->n_samples, (int) chunk + 1, (int) self->n_chunks);

      for (int64_t sample = first; sample < end; sample++)
        {
          float *to = sample == first ? sums_at (self, chunk, slice) : own;

          if (!run_part (&desk, (void *const[]) { part_at (self, FIRST, sample, slice), to, part_at (self, THIRD, sample, slice) }))
            self->has_failed = true;
          if (sample > first)
            add_to (sums_at (self, chunk, slice), own, n);
        }
    }
  desk_close (&desk);
  gten_cpu_free (0, own, n * sizeof *own);
}

GtenKStatus
gten_cpu_convolution (int device, const GtenKConvolution *c)
{
  const int64_t n_weights = c->n_kernels * (c->n_channels / c->groups) * gten_volume (c->windows->kernel);
  const bool to_weight = c->direction == GTEN_K_CONVOLUTION_TO_WEIGHT;
  int64_t n_parts;
  size_t n_bytes;
  Work self;
  Key key;

  if (c->dtype != GTEN_K_FLOAT32
      || (double) c->n_samples * (double) n_weights * (double) gten_volume (c->windows->count) < LEAST_PRODUCTS
      || (c->groups > 1 && c->n_samples == 1) || !is_there ())
    return GTEN_K_UNSUPPORTED;
  work_init (&self, &key, c);
  self.plan = plan_take (&key);
  if (self.plan == NULL)
    return GTEN_K_UNSUPPORTED;
  n_parts = (to_weight ? self.n_chunks : c->n_samples) * self.n_slices;
  n_bytes = to_weight ? (size_t) ((self.n_chunks - 1) * n_weights) * sizeof (float)
                      : aligned (self.plan->own_bytes[SECOND]) * (size_t) self.n_slices;
  if (n_bytes > 0)
    {
      self.shared = gten_cpu_alloc (0, n_bytes);
      if (self.shared == NULL)
        {
          plan_release (self.plan);
          return GTEN_K_OUT_OF_MEMORY;
        }
      if (!to_weight)
        gten_parallel_parts (self.n_slices, n_weights, 1, share_weights_work, &self);
    }
  gten_parallel_parts (n_parts, n_parts * GTEN_PARALLEL_ELEMENTS, 1, to_weight ? chunk_work : sample_work, &self);
  for (int64_t chunk = 1; to_weight && chunk < self.n_chunks; chunk++)
    add_to (c->w, sums_at (&self, chunk, 0), n_weights);
  if (n_bytes > 0)
    gten_cpu_free (0, self.shared, n_bytes);
  plan_release (self.plan);
  return self.has_failed ? GTEN_K_OUT_OF_MEMORY : GTEN_K_OK;
}

/* -- products of bfloat16 --------------------------------------------------------------------------------*/

typedef struct
{
  const GtenKMatmul *matmul;
  Plan              *plan;
  int64_t            n_strips;   /* of rows, of each product */
  int                has_failed;
} Products;

static void
products_work (void *data, int thread, int n_threads)
{
  Products *self = data;
  const GtenKMatmul *m = self->matmul;
  const int64_t n = m->batch * self->n_strips, end = gten_share (n, thread + 1, n_threads);
  Desk desk;

  if (!desk_open (&desk, self->plan))
    {
      self->has_failed = true;
      return;
    }
  for (int64_t part = gten_share (n, thread, n_threads); part < end; part++)
    {
      const int64_t i = part / self->n_strips, row = part % self->n_strips * (m->m / self->n_strips);
      void *const user[N_ARRAYS] = { (uint16_t *) m->a + i * m->a_strides[0] + row * m->a_strides[1],
                                     (uint16_t *) m->b + i * m->b_strides[0],
                                     (uint16_t *) m->c + i * m->c_strides[0] + row * m->c_strides[1] };

      if (!run_part (&desk, user))
        self->has_failed = true;
    }
  desk_close (&desk);
}

static bool
has_instructions (void)
{
#ifdef __x86_64__
  return __builtin_cpu_supports ("avx512bf16");
#else
  return false;
#endif
}

static bool
is_row_major (const int64_t *strides, int64_t n_columns)
{
  return strides[2] == 1 && strides[1] >= n_columns;
}

GtenKStatus
gten_onednn_product (const GtenKMatmul *m)
{
  Products self = { .matmul = m, .n_strips = 1 };
  Key key;

  if (m->dtype != GTEN_K_BFLOAT16 || m->alpha != 1 || m->beta != 0
      || (double) m->m * (double) m->n * (double) m->k < LEAST_HALVES || !is_row_major (m->a_strides, m->k)
      || !is_row_major (m->c_strides, m->n)
      || !(is_row_major (m->b_strides, m->n) || (m->b_strides[1] == 1 && m->b_strides[2] >= m->k)) || !has_instructions ()
      || !is_there ())
    return GTEN_K_UNSUPPORTED;
  for (int64_t n = GTEN_MIN (MOST_PARTS, m->m / LEAST_STRIP); n > 1 && self.n_strips == 1; n--)
    if (m->m % n == 0)
      self.n_strips = n;
  memset (&key, 0, sizeof key);
  key.kind = PRODUCT;
  key.n_sizes[FIRST] = key.n_sizes[SECOND] = key.n_sizes[THIRD] = 2;
  key.sizes[FIRST][0] = key.sizes[THIRD][0] = m->m / self.n_strips;
  key.sizes[FIRST][1] = key.sizes[SECOND][0] = m->k;
  key.sizes[SECOND][1] = key.sizes[THIRD][1] = m->n;
  memcpy (key.strides[FIRST], m->a_strides + 1, 2 * sizeof (int64_t));
  memcpy (key.strides[SECOND], m->b_strides + 1, 2 * sizeof (int64_t));
  memcpy (key.strides[THIRD], m->c_strides + 1, 2 * sizeof (int64_t));
  self.plan = plan_take (&key);
  if (self.plan == NULL)
    return GTEN_K_UNSUPPORTED;
  gten_parallel_parts (m->batch * self.n_strips, m->batch * self.n_strips * GTEN_PARALLEL_ELEMENTS, 1, products_work, &self);
  plan_release (self.plan);
  return self.has_failed ? GTEN_K_OUT_OF_MEMORY : GTEN_K_OK;
}

#else

GtenKStatus
gten_cpu_convolution (int device, const GtenKConvolution *c)
{
  return GTEN_K_UNSUPPORTED;
}

GtenKStatus
gten_onednn_product (const GtenKMatmul *m)
{
  return GTEN_K_UNSUPPORTED;
}

#endif
