# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyTorch's torch.cuda over the library's devices, streams, events and graphs."""
import gc
import threading
from collections import OrderedDict
from types import SimpleNamespace

from . import Device, coerce, errors, typelib

Stream, Event, CUDAGraph = typelib.Stream, typelib.Event, typelib.CudaGraph


def _device(device=None):
    """The CUDA device that is meant: the current one where none is named."""
    device = coerce.device("cuda" if device is None else device)
    if device.get_kind() != "cuda":
        raise ValueError(f"Expected a cuda device, but got: {device}")
    return device


def _of_device(method, doc):
    method = errors.checked(method)

    def function(device=None):
        return method(_device(device))
    function.__doc__ = doc
    return function


# -- devices -------------------------------------------------------------------------------------------------------

def current_device():
    """current_device() -> int

    The index of the device that "cuda" means in this thread."""
    return _device().get_index()


def set_device(device):
    """set_device(device)

    Chooses the device that "cuda" means in this thread."""
    if isinstance(device, int):
        errors.checked(typelib.cuda_set_device)(device)
    else:
        errors.checked(typelib.cuda_set_device)(_device(device).get_index())


class device:
    """with device(index): "cuda" means another device."""

    def __init__(self, device):
        self.idx = device if device is None or isinstance(device, int) else _device(device).get_index()

    def __enter__(self):
        self.prev_idx = typelib.cuda_current_device()
        if self.idx is not None:
            set_device(self.idx)
        return self

    def __exit__(self, *_):
        set_device(self.prev_idx)


class device_of(device):
    """with device_of(tensor): "cuda" means the tensor's device."""

    def __init__(self, obj):
        super().__init__(obj.device.get_index() if obj.is_cuda else None)


class _Properties(SimpleNamespace):
    """What the hardware says of itself."""

    def __repr__(self):
        return (f"_CudaDeviceProperties(name='{self.name}', major={self.major}, minor={self.minor}, "
                f"total_memory={self.total_memory // 2**20}MB, multi_processor_count={self.multi_processor_count}, uuid={self.uuid}, "
                f"pci_bus_id={self.pci_bus_id}, pci_device_id={self.pci_device_id}, pci_domain_id={self.pci_domain_id}, "
                f"L2_cache_size={self.L2_cache_size // 2**20}MB)")


def get_device_properties(device=None):
    """get_device_properties(device=None)

    What the hardware says of itself: name, major, minor, total_memory, multi_processor_count and others."""
    if isinstance(device, int) and not 0 <= device < typelib.cuda_device_count():
        raise AssertionError("Invalid device id")
    return _Properties(**errors.checked(Device.get_properties)(_device(device)).unpack())


def get_device_name(device=None):
    """get_device_name(device=None) -> str"""
    return get_device_properties(device).name


def get_device_capability(device=None):
    """get_device_capability(device=None) -> (int, int)"""
    properties = get_device_properties(device)
    return properties.major, properties.minor


def is_bf16_supported(including_emulation=True):
    """is_bf16_supported() -> bool"""
    return typelib.cuda_is_available() and (including_emulation or get_device_capability()[0] >= 8)


# -- memory --------------------------------------------------------------------------------------------------------

def memory_stats(device=None):
    """memory_stats(device=None) -> dict

    What became of the device's memory so far, by PyTorch's names."""
    if not typelib.cuda_is_available():
        return OrderedDict()
    return OrderedDict(sorted(_device(device).get_memory_stats().unpack().items()))


def _stat(name, doc):
    def function(device=None):
        return memory_stats(device).get(name, 0)
    function.__doc__ = doc
    return function


def mem_get_info(device=None):
    """mem_get_info(device=None) -> (int, int)

    How many bytes of the device nobody uses, and how many it has."""
    return tuple(errors.checked(Device.get_memory_info)(_device(device)))[-2:]


def empty_cache():
    """empty_cache()

    Gives memory that no tensor uses back to the driver."""
    if typelib.cuda_is_available():
        for index in range(typelib.cuda_device_count()):
            _device(index).trim()


def memory_summary(device=None, abbreviated=False):
    """memory_summary(device=None) -> str

    The statistics as a table."""
    stats = memory_stats(device)
    width = max(map(len, stats), default=0)
    return "\n".join(f"{name:<{width}}  {value:>16,}" for name, value in stats.items())


# -- streams and events --------------------------------------------------------------------------------------------

def _new_stream(cls, device=None, priority=0, **_):
    return errors.checked(cls.new)(_device(device), priority)


class _Entered(threading.local):
    """What this thread goes back to."""

    def __init__(self):
        self.stack = []


_entered = _Entered()


def _enter_stream(self):
    _entered.stack.append((typelib.cuda_current_device(), current_stream(self.get_device())))
    set_stream(self)
    return self


def _exit_stream(self, *_):
    index, outer = _entered.stack.pop()
    outer.make_current()
    set_device(index)


def ExternalStream(stream_ptr, device=None):
    """ExternalStream(stream_ptr, device=None) -> Stream

    The stream object for another library's cudaStream_t."""
    return errors.checked(Stream.new_external)(stream_ptr, _device(device))


def _record_event(self, event=None):
    event = Event() if event is None else event
    event.record(self)
    return event


current_stream = _of_device(Stream.get_current, "current_stream(device=None) -> Stream\n\nWhere this thread's operations go.")
default_stream = _of_device(Stream.get_default, "default_stream(device=None) -> Stream\n\nThe stream that all threads share.")


def set_stream(stream):
    """set_stream(stream)

    Sends this thread's operations on the stream's device to it, and makes its device the current one."""
    if stream is not None:
        set_device(stream.get_device().get_index())
        stream.make_current()


class stream:
    """with stream(s): this thread's operations go to the stream; None changes nothing."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        if self.stream is not None:
            _enter_stream(self.stream)

    def __exit__(self, *_):
        if self.stream is not None:
            _exit_stream(self.stream)


def _new_event(cls, enable_timing=False, blocking=False, interprocess=False, external=False):
    return cls.new(enable_timing)


# -- graphs --------------------------------------------------------------------------------------------------------

class _Pool:
    """Stands for the memory of the first graph that is captured with it."""
    graph = None


def graph_pool_handle():
    """graph_pool_handle()

    Something by which graphs can share memory, given to each of them as `pool`."""
    return _Pool()


_capture_begin, _capture_end = errors.checked(CUDAGraph.capture_begin), errors.checked(CUDAGraph.capture_end)


def _begin(self, pool=None, capture_error_mode="global"):
    """capture_begin(pool=None)

    Notes down what this thread does on its current stream from now on."""
    self._pool = pool if isinstance(pool, _Pool) else _Pool()
    _capture_begin(self, pool.graph if isinstance(pool, _Pool) else pool)
    self._pool.graph = self._pool.graph or self


def _new_graph(cls, keep_graph=False):
    return cls.new()


def _pool(self):
    """pool()

    What other graphs take as `pool` to share this one's memory."""
    return self._pool


class graph:
    """with graph(g): what is done inside is captured in the CUDAGraph g, on a stream of its own."""

    _stream = None

    def __init__(self, cuda_graph, pool=None, stream=None, capture_error_mode="global"):
        if stream is None:
            stream = graph._stream = graph._stream or Stream()
        self.cuda_graph, self.pool, self.capture_stream = cuda_graph, pool, stream

    def __enter__(self):
        synchronize()
        gc.collect()
        empty_cache()
        self.capture_stream.__enter__()
        try:
            self.cuda_graph.capture_begin(self.pool)
        except BaseException:
            self.capture_stream.__exit__()
            raise

    def __exit__(self, *_):
        try:
            self.cuda_graph.capture_end()
        finally:
            self.capture_stream.__exit__()


def synchronize(device=None):
    """synchronize(device=None)

    Waits until all work on the device is done."""
    errors.checked(Device.synchronize)(_device(device))


# -- random numbers ------------------------------------------------------------------------------------------------

def _generator(device="cuda"):
    return _device(device).get_default_generator()


def _all_generators():
    return [_generator(index) for index in range(typelib.cuda_device_count())]


def manual_seed(seed):
    """manual_seed(seed)

    Starts the random numbers of the current device anew; without CUDA nothing happens."""
    if typelib.cuda_is_available():
        _generator().manual_seed(seed)


def manual_seed_all(seed):
    """manual_seed_all(seed)

    Starts the random numbers of all CUDA devices anew."""
    for generator in _all_generators():
        generator.manual_seed(seed)


def get_rng_state(device="cuda"):
    """get_rng_state(device="cuda") -> Tensor"""
    return _generator(device).get_state()


def set_rng_state(new_state, device="cuda"):
    """set_rng_state(new_state, device="cuda")"""
    _generator(device).set_state(new_state)


MEMBERS = {
    "current_device": current_device, "set_device": set_device, "device": device, "device_of": device_of,
    "get_device_properties": get_device_properties, "get_device_name": get_device_name,
    "get_device_capability": get_device_capability, "is_bf16_supported": is_bf16_supported, "synchronize": synchronize,
    "init": lambda: _device() and None, "is_initialized": typelib.cuda_is_available,
    "memory_stats": memory_stats, "mem_get_info": mem_get_info, "empty_cache": empty_cache, "memory_summary": memory_summary,
    "memory_allocated": _stat("allocated_bytes.all.current", "memory_allocated(device=None) -> int\n\nBytes that tensors use."),
    "max_memory_allocated": _stat("allocated_bytes.all.peak", "max_memory_allocated(device=None) -> int\n\nThe most they used at once."),
    "memory_reserved": _stat("reserved_bytes.all.current", "memory_reserved(device=None) -> int\n\nBytes in use and kept for later."),
    "max_memory_reserved": _stat("reserved_bytes.all.peak", "max_memory_reserved(device=None) -> int\n\nThe most there were at once."),
    "reset_peak_memory_stats": _of_device(Device.reset_peak_memory, "reset_peak_memory_stats(device=None)"),
    "OutOfMemoryError": errors.OutOfMemoryError,
    "Stream": Stream, "ExternalStream": ExternalStream, "Event": Event, "current_stream": current_stream,
    "default_stream": default_stream, "set_stream": set_stream, "stream": stream, "StreamContext": stream,
    "CUDAGraph": CUDAGraph, "graph": graph, "graph_pool_handle": graph_pool_handle,
    "manual_seed": manual_seed, "manual_seed_all": manual_seed_all, "get_rng_state": get_rng_state, "set_rng_state": set_rng_state,
    "seed": lambda: _generator().seed() if typelib.cuda_is_available() else None,
    "seed_all": lambda: [generator.seed() for generator in _all_generators()] and None,
    "initial_seed": lambda: _generator().initial_seed(),
    "get_rng_state_all": lambda: [generator.get_state() for generator in _all_generators()],
    "set_rng_state_all": lambda states: [generator.set_state(state) for generator, state in zip(_all_generators(), states)] and None,
}


def install():
    """Gives streams, events and graphs PyTorch's constructors and names."""
    Stream.__new__, Stream.__init__ = staticmethod(_new_stream), lambda self, *args, **kwargs: None
    Event.__new__, Event.__init__ = staticmethod(_new_event), lambda self, *args, **kwargs: None
    CUDAGraph.__new__, CUDAGraph.__init__ = staticmethod(_new_graph), lambda self, *args, **kwargs: None
    for cls, names in ((Stream, ("query", "synchronize", "wait_event", "wait_stream")),
                       (Event, ("query", "synchronize", "elapsed_time")), (CUDAGraph, ("replay", "register_generator_state"))):
        for name in names:
            setattr(cls, name, errors.checked(getattr(cls, name)))
    record, wait = errors.checked(Event.record), errors.checked(Event.wait)
    Event.record = lambda self, stream=None: record(self, stream) and None
    Event.wait = lambda self, stream=None: wait(self, stream) and None
    Event.device = property(Event.get_device, doc="Where it was recorded, or None.")
    Stream.__enter__, Stream.__exit__, Stream.record_event = _enter_stream, _exit_stream, _record_event
    Stream.device = property(Stream.get_device, doc="The device that it works on.")
    Stream.cuda_stream = property(Stream.get_address, doc="The cudaStream_t, as a number.")
    Stream.priority = property(Stream.get_priority, doc="-1 if its work goes before others', or else 0.")
    Stream.__repr__ = lambda self: f"<torch.cuda.Stream device={self.get_device()} cuda_stream={hex(self.get_address())}>"
    CUDAGraph.capture_begin, CUDAGraph.capture_end, CUDAGraph.pool = _begin, lambda self: _capture_end(self) and None, _pool
