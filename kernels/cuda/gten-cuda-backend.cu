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
#define FILL(ENTRY) self.ENTRY = gten_cuda_##ENTRY;
  GTEN_CUDA_EACH_ENTRY (FILL)
#undef FILL
  return self;
}

extern "C" __attribute__ ((visibility ("default"))) const GtenBackend *
gten_backend (void)
{
  static const GtenBackend backend = make_backend ();

  return &backend;
}
