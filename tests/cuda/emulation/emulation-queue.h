/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams as lists of what is still to be done, worked off by whoever waits; with CUDA_LAUNCH_BLOCKING=1 at
 * once. */
#pragma once

#include "emulation-private.h"

#include <deque>
#include <set>
#include <vector>

struct Work
{
  int                    device;
  std::function<void ()> run;
};

struct Capture
{
  CUgraph_st           *graph;
  CUstream_st          *origin;
  std::set<CUstream_st *> streams;
  bool                  invalid;
};

struct CUgraph_st
{
  std::vector<Work>   works;
  std::set<void *>    taken;      /* by the work, which alone may free it */
  std::vector<void *> freed;      /* by the work: it may go once the graph goes */
};

struct CUgraphExec_st
{
  std::vector<Work> works;
};

struct CUstream_st
{
  int              device;
  unsigned         flags;
  int              priority;
  std::deque<Work> queue;
  uint64_t         n_queued, n_done;
  Capture         *capture;
};

struct CUevent_st
{
  unsigned     flags;
  CUstream_st *stream;            /* NULL: not recorded */
  uint64_t     place;             /* all that was queued up to it */
  Capture     *capture;
  double       time;
};

struct Device
{
  CUstream_st legacy;
  cudaError_t fault;
  bool        peers;
  bool        started;
  bool        has_context;
};

extern thread_local int current_device;

Device      *device_of    (int index);
/* What a handle stands for on the current device. */
CUstream_st *stream_of    (cudaStream_t stream);
bool         is_alive     (CUstream_st *stream);
void         add_stream   (CUstream_st *stream);
void         remove_stream (CUstream_st *stream);
bool         is_capturing (int device);
/* What asks for more of a device than its streams one by one spoils all captures there; false if there are none. */
bool         break_captures (int device);
/* Milliseconds. */
double       now          (void);

void         queue_work   (CUstream_st *stream, std::function<void ()> run);
/* Work after a device's failure is dropped. */
void         run_until    (CUstream_st *stream, uint64_t place);
void         run_stream   (CUstream_st *stream);
void         run_device   (int device);
/* To wait for a stream that is being captured spoils the capture. */
cudaError_t  wait_for     (CUstream_st *stream);
