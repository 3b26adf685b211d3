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
    .upload = gten_cpu_move,
    .download = gten_cpu_move,
    .block = gten_cpu_block,
#define FILL(ENTRY) .ENTRY = gten_cpu_##ENTRY,
    GTEN_CPU_EACH_ENTRY (FILL)
#undef FILL
  };

  return &backend;
}
