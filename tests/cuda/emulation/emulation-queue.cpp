/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The queues, and who works them off. */

#include "emulation-queue.h"

#include <time.h>

#define MOST_QUEUED 4096

thread_local int current_device;

namespace
{

std::recursive_mutex     mutex;
Device                   devices[GTEN_EMULATION_DEVICES];
std::set<CUstream_st *>  streams;
int                      n_launches;
thread_local cudaError_t last_error;
int                      opened;  /* how many runs are inside one another */

} // namespace

Device *
device_of (int index)
{
  Device *self = &devices[index];

  if (!self->started)
    {
      self->started = true;
      self->legacy.device = index;
      streams.insert (&self->legacy);
    }
  return self;
}

/* Each thread's own, for ever. */
static CUstream_st *
per_thread_stream (int device)
{
  static thread_local CUstream_st *own[GTEN_EMULATION_DEVICES];

  if (own[device] == nullptr)
    {
      own[device] = new CUstream_st ();
      own[device]->device = device;
      streams.insert (own[device]);
    }
  return own[device];
}

CUstream_st *
stream_of (cudaStream_t stream)
{
  if (stream == nullptr || stream == cudaStreamLegacy)
    return &device_of (current_device)->legacy;
  if (stream == cudaStreamPerThread)
    return per_thread_stream (current_device);
  return stream;
}

bool
is_alive (CUstream_st *stream)
{
  return streams.count (stream) > 0;
}

void
add_stream (CUstream_st *stream)
{
  streams.insert (stream);
}

void
remove_stream (CUstream_st *stream)
{
  streams.erase (stream);
}

double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec * 1e-6;
}

void
run_until (CUstream_st *stream, uint64_t place)
{
  opened++;
  while (stream->n_done < place && !stream->queue.empty ())
    {
      Work work = std::move (stream->queue.front ());

      stream->queue.pop_front ();
      if (device_of (work.device)->fault == cudaSuccess)
        {
          gten_emulation_open (work.device);
          if (device_of (work.device)->peers)
            for (int other = 0; other < GTEN_EMULATION_DEVICES; other++)
              gten_emulation_open (other);
          work.run ();
        }
      stream->n_done++;
    }
  if (--opened == 0)
    gten_emulation_close ();
}

void
run_stream (CUstream_st *stream)
{
  run_until (stream, stream->n_queued);
}

void
run_device (int device)
{
  for (CUstream_st *stream : std::vector<CUstream_st *> (streams.begin (), streams.end ()))
    if (stream->device == device && stream->capture == nullptr)
      run_stream (stream);
  gten_emulation_release (device);
}

static bool
is_blocking (void)
{
  static const char *text = getenv ("CUDA_LAUNCH_BLOCKING");

  return text != nullptr && strcmp (text, "1") == 0;
}

void
queue_work (CUstream_st *stream, std::function<void ()> run)
{
  if (stream->capture != nullptr)
    {
      stream->capture->graph->works.push_back ({ stream->device, std::move (run) });
      return;
    }
  /* The legacy stream and those that did not decline wait for each other. */
  if (stream == &device_of (stream->device)->legacy)
    {
      for (CUstream_st *other : std::vector<CUstream_st *> (streams.begin (), streams.end ()))
        if (other != stream && other->device == stream->device && !(other->flags & cudaStreamNonBlocking)
            && other->capture == nullptr)
          run_stream (other);
    }
  else if (!(stream->flags & cudaStreamNonBlocking))
    run_stream (&device_of (stream->device)->legacy);
  stream->queue.push_back ({ stream->device, std::move (run) });
  stream->n_queued++;
  if (is_blocking () || stream->queue.size () > MOST_QUEUED)
    run_stream (stream);
}

cudaError_t
wait_for (CUstream_st *stream)
{
  if (stream->capture != nullptr)
    {
      stream->capture->invalid = true;
      return gten_emulation_fail (cudaErrorStreamCaptureUnsupported);
    }
  run_stream (stream);
  gten_emulation_release (stream->device);
  return device_of (stream->device)->fault;
}

bool
is_capturing (int device)
{
  for (CUstream_st *stream : streams)
    if (stream->device == device && stream->capture != nullptr)
      return true;
  return false;
}

bool
break_captures (int device)
{
  for (CUstream_st *stream : streams)
    if (stream->device == device && stream->capture != nullptr)
      stream->capture->invalid = true;
  return is_capturing (device);
}

/* GTENSOR_EMULATED_DEVICE=n: no other device is to be used. */
static void
make_context (int device)
{
  static const char *only = getenv ("GTENSOR_EMULATED_DEVICE");

  if (only != nullptr && atoi (only) != device)
    {
      fprintf (stderr, "CUDA emulation: device %d is used\n", device);
      abort ();
    }
  device_of (device)->has_context = true;
}

/* The first call makes the context. */
GtenEmulationCall::GtenEmulationCall () : lock (mutex), fault (device_of (current_device)->fault)
{
  if (!device_of (current_device)->has_context)
    make_context (current_device);
}

/* GTENSOR_EMULATED_ELEMENTS=n: kernels take no more at once. */
int64_t
gten_emulation_most_elements (void)
{
  static const char *text = getenv ("GTENSOR_EMULATED_ELEMENTS");

  return text != nullptr ? atoll (text) : INT32_MAX;
}

cudaError_t
gten_emulation_fail (cudaError_t error)
{
  return last_error = error;
}

void
gten_emulation_run_all (void)
{
  for (int device = 0; device < GTEN_EMULATION_DEVICES; device++)
    run_device (device);
}

cudaError_t
gten_emulation_enqueue (cudaStream_t stream, std::function<void ()> run)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  queue_work (stream_of (stream), std::move (run));
  return cudaSuccess;
}

/* GTENSOR_EMULATED_FAULT=n: the n-th launch fails on the device. */
cudaError_t
gten_emulation_launch (const cudaLaunchConfig_t *config, const void *kernel, std::function<void ()> thread)
{
  static const char *fault = getenv ("GTENSOR_EMULATED_FAULT");
  const dim3         grid = config->gridDim, block = config->blockDim;
  const uint64_t     n_threads = (uint64_t) block.x * block.y * block.z;
  GtenEmulationCall  call;
  CUstream_st       *stream;
  bool               fails;

  if (call.failed ())
    return call.error ();
  stream = stream_of (config->stream);
  if (n_threads == 0 || n_threads > 1024 || block.z > 64 || grid.x == 0 || grid.y == 0 || grid.z == 0
      || grid.x > INT32_MAX || grid.y > 65535 || grid.z > 65535)
    return gten_emulation_fail (cudaErrorInvalidConfiguration);
  if (!is_alive (stream) || stream->device != current_device)
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  fails = ++n_launches == (fault != nullptr ? atoi (fault) : 0);
  queue_work (stream, [=] {
    Device *device = device_of (stream->device);

    if (fails)
      device->fault = cudaErrorLaunchFailure;
    else if (!gten_emulation_run_grid (grid, block, thread))
      device->fault = cudaErrorAssert;
  });
  return cudaSuccess;
}

cudaError_t
cudaPeekAtLastError (void)
{
  const std::lock_guard<std::recursive_mutex> guard (mutex);
  const cudaError_t fault = device_of (current_device)->fault;

  return fault != cudaSuccess ? fault : last_error;
}

cudaError_t
cudaGetLastError (void)
{
  cudaError_t error = cudaPeekAtLastError ();

  last_error = cudaSuccess;
  return error;
}
