/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the emulation share. */
#pragma once

#include "cuda_runtime.h"

#include <mutex>

#define GTEN_EMULATION_DEVICES 2

/* Every call of the runtime holds the one lock, and fails where the current device has failed. */
class GtenEmulationCall
{
public:
  GtenEmulationCall ();

  bool        failed () const { return fault != cudaSuccess; }
  cudaError_t error () const { return fault; }

private:
  std::unique_lock<std::recursive_mutex> lock;
  cudaError_t                            fault;
};

/* What kernels may be given at once, which is less where cutting is tested. */
int64_t gten_emulation_most_elements (void);

/* Notes the error that cudaGetLastError gives, and returns it. */
cudaError_t gten_emulation_fail (cudaError_t error);

/* Runs a grid; false if a thread trapped. */
bool gten_emulation_run_grid (dim3 grid, dim3 block, const std::function<void ()> &thread);

/* Queues work of a library in a stream; memory of its device may be touched while it runs. */
cudaError_t gten_emulation_enqueue (cudaStream_t stream, std::function<void ()> run);

/* Runs all that is queued anywhere. */
void gten_emulation_run_all (void);

/* -- memory -----------------------------------------------------------------------------------------------------------*/

/* Between the two, a device's memory may be touched. */
void  gten_emulation_open          (int device);
void  gten_emulation_close         (void);
size_t gten_emulation_total        (int device);
char *gten_emulation_take          (int device, size_t n_bytes, bool pooled);
void  gten_emulation_prepare       (char *data, size_t n_bytes);
void  gten_emulation_give          (void *data);
/* A device gives up what its pool keeps beyond the threshold. */
void  gten_emulation_release       (int device);
bool  gten_emulation_is_allocation (const void *data);
int   gten_emulation_device_of     (const void *data, size_t n_bytes);
bool  gten_emulation_is_of_device  (const void *data);
bool  gten_emulation_is_pinned     (const void *data);
