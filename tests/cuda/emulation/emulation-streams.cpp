/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams, events and graphs. */

#include "emulation-queue.h"

/* An event may outlive the capture in which it was recorded. */
static std::set<Capture *> captures;

/* -- streams ----------------------------------------------------------------------------------------------------------*/

cudaError_t
cudaStreamCreateWithPriority (cudaStream_t *stream, unsigned flags, int priority)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  *stream = new CUstream_st ();
  (*stream)->device = current_device;
  (*stream)->flags = flags;
  (*stream)->priority = std::max (-5, std::min (0, priority));
  add_stream (*stream);
  return cudaSuccess;
}

cudaError_t
cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags)
{
  return cudaStreamCreateWithPriority (stream, flags, 0);
}

cudaError_t
cudaStreamCreate (cudaStream_t *stream)
{
  return cudaStreamCreateWithPriority (stream, cudaStreamDefault, 0);
}

cudaError_t
cudaStreamDestroy (cudaStream_t stream)
{
  GtenEmulationCall call;

  if (!is_alive (stream))
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  run_stream (stream);
  remove_stream (stream);
  delete stream;
  return cudaSuccess;
}

cudaError_t
cudaStreamSynchronize (cudaStream_t stream)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  if (!is_alive (stream_of (stream)))
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  return wait_for (stream_of (stream));
}

/* Not ready when there is something to do, which is done then. */
cudaError_t
cudaStreamQuery (cudaStream_t stream)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);
  bool              ready;
  cudaError_t       error;

  if (call.failed ())
    return call.error ();
  ready = self->queue.empty ();
  error = wait_for (self);
  return error != cudaSuccess ? error : ready ? cudaSuccess : gten_emulation_fail (cudaErrorNotReady);
}

cudaError_t
cudaStreamWaitEvent (cudaStream_t stream, cudaEvent_t event, unsigned)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream), *other = event->stream;
  const uint64_t    place = event->place;

  if (call.failed ())
    return call.error ();
  if (event->capture != nullptr && captures.count (event->capture) == 0)
    return gten_emulation_fail (cudaErrorCapturedEvent);
  if (event->capture != nullptr && (self->capture == nullptr || self->capture == event->capture)
      && self != &device_of (self->device)->legacy)
    {
      self->capture = event->capture;
      self->capture->streams.insert (self);
    }
  else if (event->capture != nullptr || (self->capture != nullptr && other != nullptr))
    {
      for (Capture *capture : { event->capture, self->capture })
        if (capture != nullptr)
          capture->invalid = true;
      return gten_emulation_fail (cudaErrorStreamCaptureIsolation);
    }
  else if (other != nullptr && other != self && is_alive (other))
    queue_work (self, [=] {
      if (is_alive (other))
        run_until (other, place);
    });
  return cudaSuccess;
}

cudaError_t
cudaStreamGetPriority (cudaStream_t stream, int *priority)
{
  *priority = stream_of (stream)->priority;
  return cudaSuccess;
}

cudaError_t
cudaStreamGetFlags (cudaStream_t stream, unsigned *flags)
{
  *flags = stream_of (stream)->flags;
  return cudaSuccess;
}

cudaError_t
cudaStreamGetDevice (cudaStream_t stream, int *device)
{
  *device = stream_of (stream)->device;
  return cudaSuccess;
}

cudaError_t
cudaLaunchHostFunc (cudaStream_t stream, cudaHostFn_t function, void *data)
{
  return gten_emulation_enqueue (stream, [=] { function (data); });
}

/* -- events -----------------------------------------------------------------------------------------------------------*/

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  *event = new CUevent_st ();
  (*event)->flags = flags;
  return cudaSuccess;
}

cudaError_t
cudaEventCreate (cudaEvent_t *event)
{
  return cudaEventCreateWithFlags (event, cudaEventDefault);
}

cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  GtenEmulationCall call;

  /* What would note the time in it may still be queued. */
  if (event->stream != nullptr && is_alive (event->stream) && event->capture == nullptr)
    run_until (event->stream, event->place);
  delete event;
  return cudaSuccess;
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t stream)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);

  if (call.failed ())
    return call.error ();
  event->stream = self;
  event->capture = self->capture;
  event->time = 0;
  if (self->capture == nullptr)
    {
      event->place = self->n_queued + 1;
      queue_work (self, [event] { event->time = now (); });
    }
  return cudaSuccess;
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  if (event->capture != nullptr)
    {
      if (captures.count (event->capture) > 0)
        event->capture->invalid = true;
      return gten_emulation_fail (cudaErrorCapturedEvent);
    }
  if (event->stream == nullptr || !is_alive (event->stream))
    return cudaSuccess;
  run_until (event->stream, event->place);
  return device_of (event->stream->device)->fault;
}

cudaError_t
cudaEventQuery (cudaEvent_t event)
{
  GtenEmulationCall call;
  const bool        ready = event->stream == nullptr || !is_alive (event->stream) || event->stream->n_done >= event->place;
  cudaError_t       error = cudaEventSynchronize (event);

  return error != cudaSuccess ? error : ready ? cudaSuccess : gten_emulation_fail (cudaErrorNotReady);
}

cudaError_t
cudaEventElapsedTime (float *milliseconds, cudaEvent_t from, cudaEvent_t to)
{
  GtenEmulationCall call;

  if (from->stream == nullptr || to->stream == nullptr
      || ((from->flags | to->flags) & cudaEventDisableTiming))
    return gten_emulation_fail (cudaErrorInvalidResourceHandle);
  if (from->time == 0 || to->time == 0)
    return gten_emulation_fail (cudaErrorNotReady);
  *milliseconds = (float) (to->time - from->time);
  return cudaSuccess;
}

/* -- graphs -----------------------------------------------------------------------------------------------------------*/

cudaError_t
cudaStreamBeginCapture (cudaStream_t stream, cudaStreamCaptureMode)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);

  if (call.failed ())
    return call.error ();
  if (stream == nullptr || stream == cudaStreamLegacy || self->capture != nullptr)
    return gten_emulation_fail (cudaErrorStreamCaptureUnsupported);
  self->capture = new Capture ();
  captures.insert (self->capture);
  self->capture->graph = new CUgraph_st ();
  self->capture->origin = self;
  self->capture->streams.insert (self);
  return cudaSuccess;
}

cudaError_t
cudaStreamEndCapture (cudaStream_t stream, cudaGraph_t *graph)
{
  GtenEmulationCall call;
  CUstream_st      *self = stream_of (stream);
  Capture          *capture = self->capture;
  bool              invalid;

  *graph = nullptr;
  if (capture == nullptr || capture->origin != self)
    return gten_emulation_fail (cudaErrorInvalidValue);
  for (CUstream_st *member : capture->streams)
    member->capture = nullptr;
  invalid = capture->invalid;
  if (invalid)
    cudaGraphDestroy (capture->graph);
  else
    *graph = capture->graph;
  captures.erase (capture);
  delete capture;
  return invalid ? gten_emulation_fail (cudaErrorStreamCaptureInvalidated) : cudaSuccess;
}

cudaError_t
cudaStreamIsCapturing (cudaStream_t stream, cudaStreamCaptureStatus *status)
{
  GtenEmulationCall call;
  const Capture    *capture = stream_of (stream)->capture;

  *status = capture == nullptr ? cudaStreamCaptureStatusNone
            : capture->invalid ? cudaStreamCaptureStatusInvalidated
                               : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t
cudaThreadExchangeStreamCaptureMode (cudaStreamCaptureMode *mode)
{
  static thread_local cudaStreamCaptureMode own;

  std::swap (own, *mode);
  return cudaSuccess;
}

cudaError_t
cudaGraphGetNodes (cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *n_nodes)
{
  *n_nodes = graph->works.size ();
  return cudaSuccess;
}

cudaError_t
cudaGraphInstantiateWithFlags (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  *exec = new CUgraphExec_st ();
  (*exec)->works = graph->works;
  return cudaSuccess;
}

cudaError_t
cudaGraphInstantiate (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
  return cudaGraphInstantiateWithFlags (exec, graph, flags);
}

cudaError_t
cudaGraphUpload (cudaGraphExec_t, cudaStream_t)
{
  return cudaSuccess;
}

cudaError_t
cudaGraphLaunch (cudaGraphExec_t exec, cudaStream_t stream)
{
  GtenEmulationCall call;

  if (call.failed ())
    return call.error ();
  for (const Work &work : exec->works)
    queue_work (stream_of (stream), work.run);
  return cudaSuccess;
}

cudaError_t
cudaGraphExecDestroy (cudaGraphExec_t exec)
{
  delete exec;
  return cudaSuccess;
}

cudaError_t
cudaGraphDestroy (cudaGraph_t graph)
{
  GtenEmulationCall call;

  gten_emulation_run_all ();
  for (void *data : graph->freed)
    {
      gten_emulation_open (gten_emulation_device_of (data, 0));
      gten_emulation_give (data);
    }
  gten_emulation_close ();
  delete graph;
  return cudaSuccess;
}
