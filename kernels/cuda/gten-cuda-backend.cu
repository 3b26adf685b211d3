/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CUDA's table. */
#include "gten-cuda-private.h"

#ifdef GTEN_CUDA_EMULATED
#define IS_EMULATED true
#else
#define IS_EMULATED false
#endif

/* Without a driver there is no device, and last_error says why. */
static int
n_devices (void)
{
  int n = 0;

  gten_cuda_status ();
  if (!gten_cuda_check (cudaGetDeviceCount (&n)))
    n = 0;
  gten_cuda_status ();
  return n;
}

static GtenKStatus
device_info (int device, GtenKDeviceInfo *info)
{
  cudaDeviceProp properties;

  gten_cuda_status ();
  if (!gten_cuda_check (cudaGetDeviceProperties (&properties, device)))
    return gten_cuda_status ();
  memset (info, 0, sizeof *info);
  memcpy (info->name, properties.name, sizeof info->name - 1);
  info->total_memory = properties.totalGlobalMem;
  info->major = properties.major;
  info->minor = properties.minor;
  info->n_multiprocessors = properties.multiProcessorCount;
  info->warp_size = properties.warpSize;
  info->threads_per_multiprocessor = properties.maxThreadsPerMultiProcessor;
  info->threads_per_block = properties.maxThreadsPerBlock;
  info->l2_cache = (uint64_t) properties.l2CacheSize;
  info->shared_memory_per_block = properties.sharedMemPerBlock;
  info->integrated = properties.integrated != 0;
  memcpy (info->uuid, &properties.uuid, sizeof info->uuid);
  info->pci_domain = properties.pciDomainID;
  info->pci_bus = properties.pciBusID;
  info->pci_device = properties.pciDeviceID;
  return GTEN_K_OK;
}

static GtenBackend
make_backend (void)
{
  GtenBackend self = {};

  self.abi = GTEN_KERNELS_ABI;
  self.struct_size = sizeof (GtenBackend);
  self.name = "cuda";
  self.emulated = IS_EMULATED;
  self.n_devices = n_devices;
  self.device_info = device_info;
  self.last_error = gten_cuda_last_error;
  self.synchronize = gten_cuda_synchronize;
  self.alloc = gten_cuda_alloc;
  self.free = gten_cuda_free;
  self.trim = gten_cuda_trim;
  self.cached = gten_cuda_cached;
  self.upload = gten_cuda_upload;
  self.download = gten_cuda_download;
  self.run = gten_cuda_run;
  self.reduce = gten_cuda_reduce;
  self.arg_reduce = gten_cuda_arg_reduce;
  self.scan = gten_cuda_scan;
  self.sort = gten_cuda_sort;
  self.sort_workspace = gten_cuda_sort_workspace;
  self.softmax = gten_cuda_softmax;
  self.softmax_backward = gten_cuda_softmax_backward;
  self.gather = gten_cuda_gather;
  self.scatter = gten_cuda_scatter;
  self.index = gten_cuda_index;
  self.index_put = gten_cuda_index_put;
  self.nonzero = gten_cuda_nonzero;
  self.matmul = gten_cuda_matmul;
  self.random = gten_cuda_random;
  self.randperm = gten_cuda_randperm;
  self.range = gten_cuda_range;
  self.triangle = gten_cuda_triangle;
  self.factor = gten_cuda_factor;
  self.unfold = gten_cuda_unfold;
  self.fold = gten_cuda_fold;
  self.max_pool = gten_cuda_max_pool;
  self.resample = gten_cuda_resample;
  self.set_stream = gten_cuda_set_stream;
  self.stream_new = gten_cuda_stream_new;
  self.stream_query = gten_cuda_stream_query;
  self.stream_synchronize = gten_cuda_stream_synchronize;
  self.stream_wait = gten_cuda_stream_wait;
  self.event_new = gten_cuda_event_new;
  self.event_free = gten_cuda_event_free;
  self.event_record = gten_cuda_event_record;
  self.event_query = gten_cuda_event_query;
  self.event_synchronize = gten_cuda_event_synchronize;
  self.event_elapsed = gten_cuda_event_elapsed;
  self.copy = gten_cuda_copy;
  self.host_alloc = gten_cuda_host_alloc;
  self.host_free = gten_cuda_host_free;
  self.memory = gten_cuda_memory;
  self.graph_begin = gten_cuda_graph_begin;
  self.graph_end = gten_cuda_graph_end;
  self.graph_replay = gten_cuda_graph_replay;
  self.graph_free = gten_cuda_graph_free;
  self.begin = gten_cuda_begin;
  self.take_fault = gten_cuda_take_fault;
  return self;
}

extern "C" __attribute__ ((visibility ("default"))) const GtenBackend *
gten_backend (void)
{
  static const GtenBackend backend = make_backend ();

  return &backend;
}
