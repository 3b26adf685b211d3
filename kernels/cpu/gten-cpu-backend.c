/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CPU's table. */
#include "gten-cpu-private.h"

#include <string.h>
#include <unistd.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

static int
gten_cpu_n_devices (void)
{
  return 1;
}

static GtenKStatus
gten_cpu_device_info (int device, GtenKDeviceInfo *info)
{
  const long pages = sysconf (_SC_PHYS_PAGES), page = sysconf (_SC_PAGESIZE);

  memset (info, 0, sizeof *info);
  strcpy (info->name, "CPU");
  info->total_memory = pages > 0 && page > 0 ? (uint64_t) pages * (uint64_t) page : 0;
#ifdef __x86_64__
  unsigned int words[12];

  for (unsigned int part = 0; part < 3; part++)
    if (!__get_cpuid (0x80000002 + part, &words[4 * part], &words[4 * part + 1], &words[4 * part + 2],
                      &words[4 * part + 3]))
      return GTEN_K_OK;
  memcpy (info->name, words, sizeof words);
  info->name[sizeof words] = '\0';
#endif
  return GTEN_K_OK;
}

static const char *
gten_cpu_last_error (void)
{
  return "";
}

static GtenKStatus
gten_cpu_synchronize (int device)
{
  return GTEN_K_OK;
}

static GtenKStatus
gten_cpu_move (int device, void *to, const void *from, size_t n_bytes)
{
  if (n_bytes > 0)
    memcpy (to, from, n_bytes);
  return GTEN_K_OK;
}

static GtenKBlock
gten_cpu_block (GtenKPointwise kernel, GtenKCompute compute)
{
  return gten_instruction_set->blocks[kernel][compute];
}

const GtenBackend *
gten_cpu_backend (void)
{
  static const GtenBackend backend = {
    .abi = GTEN_KERNELS_ABI,
    .struct_size = sizeof (GtenBackend),
    .name = "cpu",
    .n_devices = gten_cpu_n_devices,
    .device_info = gten_cpu_device_info,
    .last_error = gten_cpu_last_error,
    .synchronize = gten_cpu_synchronize,
    .alloc = gten_cpu_alloc,
    .free = gten_cpu_free,
    .trim = gten_cpu_trim,
    .cached = gten_cpu_cached,
    .upload = gten_cpu_move,
    .download = gten_cpu_move,
    .block = gten_cpu_block,
    .run = gten_cpu_run,
    .reduce = gten_cpu_reduce,
    .arg_reduce = gten_cpu_arg_reduce,
    .scan = gten_cpu_scan,
    .sort = gten_cpu_sort,
    .sort_workspace = gten_cpu_sort_workspace,
    .softmax = gten_cpu_softmax,
    .softmax_backward = gten_cpu_softmax_backward,
    .gather = gten_cpu_gather,
    .scatter = gten_cpu_scatter,
    .index = gten_cpu_index,
    .index_put = gten_cpu_index_put,
    .nonzero = gten_cpu_nonzero,
    .matmul = gten_cpu_matmul,
    .random = gten_cpu_random,
    .randperm = gten_cpu_randperm,
    .range = gten_cpu_range,
    .triangle = gten_cpu_triangle,
    .factor = gten_cpu_factor,
    .unfold = gten_cpu_unfold,
    .fold = gten_cpu_fold,
    .depthwise = gten_cpu_depthwise,
    .max_pool = gten_cpu_max_pool,
    .resample = gten_cpu_resample,
  };

  return &backend;
}
