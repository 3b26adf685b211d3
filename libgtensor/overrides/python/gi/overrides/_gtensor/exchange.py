# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sharing memory without a copy: NumPy, the array interface, DLPack. NumPy is imported when it is first needed."""
from gi.repository import GLib, GObject

from . import Dtype, Tensor, cuda, errors, typelib

_NUMPY = {Dtype.UINT8: "|u1", Dtype.INT8: "|i1", Dtype.INT16: "<i2", Dtype.INT32: "<i4", Dtype.INT64: "<i8",
          Dtype.FLOAT16: "<f2", Dtype.FLOAT32: "<f4", Dtype.FLOAT64: "<f8", Dtype.BOOL: "|b1"}
_DTYPES = {name: dtype for dtype, name in _NUMPY.items()}
_CPU, _CUDA = 1, 2  # DLDeviceType
_from_address = Tensor.new_from_address_of


def _check_cpu(self):
    if self.device.get_kind() != "cpu":
        raise TypeError(f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to "
                        "host memory first.")


def array_interface(self):
    """NumPy's description of the memory; only there for tensors on the CPU whose dtype NumPy knows."""
    dtype = self.get_dtype()
    if dtype not in _NUMPY or self.device.get_kind() != "cpu" or self.get_requires_grad():
        raise AttributeError("__array_interface__")
    itemsize = self.element_size()
    return {"version": 3, "typestr": _NUMPY[dtype], "shape": tuple(self.get_shape()), "data": (self.data_ptr(), False),
            "strides": tuple(stride * itemsize for stride in self.get_stride())}


def array(self, dtype=None, copy=None):
    """The tensor as a NumPy array, for numpy.asarray()."""
    made = numpy(self)
    return made if dtype is None else made.astype(dtype, copy=False)


def wrapped(self, array, context=None, return_scalar=False):
    """The tensor that a function of NumPy's makes of tensors."""
    return from_numpy(array)


def numpy(self, *, force=False):
    """numpy(*, force=False) -> numpy.ndarray

    An array that shares the tensor's memory, which lives as long as the array does."""
    import numpy as np
    if force:
        self = self.detach().cpu()
    _check_cpu(self)
    if self.get_requires_grad():
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    if self.get_dtype() not in _NUMPY:
        raise TypeError("Got unsupported ScalarType BFloat16")
    if self.numel() == 0:
        return np.empty(tuple(self.get_shape()), _NUMPY[self.get_dtype()])
    return np.array(self.detach(), copy=False)


def from_numpy(data):
    """from_numpy(ndarray) -> Tensor

    A tensor that shares the array's memory, which lives as long as any tensor on it does."""
    interface = getattr(data, "__array_interface__", None)
    if interface is None or not hasattr(type(data), "ctypes"):  # a scalar of NumPy's has memory for a moment only
        raise TypeError(f"expected np.ndarray (got {type(data).__name__})")
    name = interface["typestr"]
    dtype = _DTYPES.get(name)
    if dtype is None:
        if name.startswith(">"):
            raise ValueError("given numpy array has byte order different from the native byte order. Conversion between byte "
                             "orders is currently not supported.")
        kind = getattr(getattr(data, "dtype", None), "type", None)
        kind = name if kind is None else f"{kind.__module__}.{kind.__name__}"
        raise TypeError(f"can't convert np.ndarray of type {kind}. The only supported types are: float64, float32, float16, int64, "
                        "int32, int16, int8, uint8, and bool.")
    shape, strides, itemsize = list(interface["shape"]), interface.get("strides"), int(name[2:])
    if strides is not None:
        if any(stride < 0 for stride in strides):
            raise ValueError("At least one stride in the given numpy array is negative, and tensors with negative strides are "
                             "not currently supported. (You can probably work around this by making a copy of your array "
                             " with array.copy().) ")
        if any(stride % itemsize for stride in strides):
            raise ValueError("given numpy array strides not a multiple of the element byte size. Copy the numpy array to "
                             "reallocate the memory.")
        strides = [stride // itemsize for stride in strides]
    try:
        return _from_address(interface["data"][0], dtype, shape, strides, _owner(data))
    except GLib.Error as error:
        raise errors.translate(error) from None


def _owner(data):
    """A value that keeps `data` alive. No Python runs when it ends, which may be while an exception is on its way."""
    return GObject.Value(GObject.TYPE_PYOBJECT, data)


# -- DLPack --------------------------------------------------------------------------------------------------------

def _capsules():
    """Python's capsule functions, which have no spelling in Python itself."""
    import ctypes
    api = ctypes.pythonapi
    api.PyCapsule_New.restype, api.PyCapsule_New.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    api.PyCapsule_IsValid.restype, api.PyCapsule_IsValid.argtypes = ctypes.c_int, (ctypes.py_object, ctypes.c_char_p)
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = ctypes.py_object, ctypes.c_char_p
    api.PyCapsule_SetName.argtypes = ctypes.py_object, ctypes.c_char_p
    return api


class _Kinds:
    """The two kinds of capsule: name, name once it is used, whether versioned. Names must outlive capsules."""
    PLAIN = b"dltensor", b"used_dltensor", False
    VERSIONED = b"dltensor_versioned", b"used_dltensor_versioned", True


_destructor = None


def _capsule_destructor():
    """Frees what a capsule that nobody used points to; no function of Python's, which an exception on its way would disturb."""
    global _destructor
    if _destructor is None:
        import ctypes
        addresses = [ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value
                     for name in ("PyCapsule_IsValid", "PyCapsule_GetPointer")]
        _destructor = ctypes.c_void_p(typelib.dlpack_get_capsule_destructor(*addresses))
    return _destructor


def dlpack(self, *, stream=None, max_version=None, dl_device=None, copy=None):
    """A DLPack capsule over the tensor's memory."""
    if self.get_requires_grad():
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    if dl_device is not None and tuple(dl_device) != dlpack_device(self):
        raise BufferError(f"cannot export a tensor on {self.device} to another device")
    _wait_in(self, stream)
    if copy:
        self = self.clone()
    name, _, versioned = _Kinds.VERSIONED if max_version is not None and max_version[0] >= 1 else _Kinds.PLAIN
    try:
        address = self.to_dlpack(versioned)
    except GLib.Error as error:
        raise errors.translate(error) from None
    return _capsules().PyCapsule_New(address, name, _capsule_destructor())


def _wait_in(self, stream):
    """Lets the consumer's stream wait for what this thread has enqueued."""
    if self.device.get_kind() == "cpu":
        if stream not in (None, -1):
            raise AssertionError("stream should be None on cpu.")
        return
    if stream is not None and type(stream) is not int:
        raise TypeError("stream must be ``int`` or ``none``")
    if stream == 2:
        raise BufferError("per-thread default stream is not supported.")
    if stream == -1:
        return
    device = self.device
    own, consumer = cuda.current_stream(device), cuda.default_stream(device)
    if stream not in (None, 0, 1):
        consumer = cuda.ExternalStream(stream, device)
    if consumer is not own:
        consumer.wait_stream(own)


def dlpack_device(self):
    """(device type, index), in DLPack's numbers."""
    device = self.device
    return (_CUDA, max(device.get_index(), 0)) if device.get_kind() == "cuda" else (_CPU, 0)


def _capsule(source):
    """The producer is told on which stream its tensor is going to be used: CUDA's number 1 is the default one."""
    kind, index = source.__dlpack_device__() if hasattr(source, "__dlpack_device__") else (_CPU, 0)
    if kind != _CUDA:
        return source.__dlpack__()
    return source.__dlpack__(stream=cuda.current_stream(index).get_address() or 1)


def from_dlpack(source, *, device=None, copy=None):
    """from_dlpack(source, *, device=None, copy=None) -> Tensor

    A tensor that shares memory with any object that offers DLPack, or with a capsule."""
    made = _from_capsule(_capsule(source) if hasattr(source, "__dlpack__") else source)
    if device is None and not copy:
        return made
    moved = made.to(device=device, copy=bool(copy))
    if copy is False and moved is not made:
        raise ValueError(f"cannot move (i.e. copy) tensor from {made.device} to {moved.device} without copying.")
    return moved


def _from_capsule(capsule):
    api = _capsules()
    for name, used, versioned in (_Kinds.VERSIONED, _Kinds.PLAIN):
        if api.PyCapsule_IsValid(capsule, name):
            try:
                made = Tensor.new_from_dlpack(api.PyCapsule_GetPointer(capsule, name), versioned)
            except GLib.Error as error:
                raise errors.translate(error) from None
            api.PyCapsule_SetName(capsule, used)
            return made
    raise TypeError("from_dlpack(): expected an object with __dlpack__, or a DLPack capsule that was not used before")


def install():
    """Puts the protocols on the tensor's class."""
    Tensor.__array_interface__ = property(array_interface)
    Tensor.__array__, Tensor.__array_wrap__ = array, wrapped
    Tensor.__dlpack__, Tensor.__dlpack_device__ = dlpack, dlpack_device
    Tensor.numpy = numpy


# -- files and buffers ---------------------------------------------------------------------------------------------

def save(obj, f):
    """save(obj, f)

    Writes a tensor, or lists, tuples and dictionaries of tensors, numbers and texts, to a file: a path, or an object with write().
    Tensors that share memory share it again when they are read. PyTorch reads these files, too."""
    from . import files
    files.write(obj, f)


def load(f, map_location=None, *, weights_only=True):
    """load(f, map_location=None, *, weights_only=True) -> object

    What save(), or PyTorch's, wrote to a file: a path, or an object with read() and seek(). Tensors come back where they were, or on
    the device that `map_location` names, or names for each. Nothing in the file is run."""
    from . import files
    return files.read(f, map_location, weights_only)


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False) -> Tensor

    A tensor that shares the memory of an object with Python's buffer protocol, from a byte on."""
    with memoryview(buffer) as view:
        n_bytes, itemsize = view.nbytes, dtype.itemsize
        address, keep = _address(buffer, view.readonly)
    if not n_bytes or not count:
        raise ValueError(f"both buffer length ({n_bytes}) and count ({count}) must not be 0")
    if not 0 <= offset < n_bytes:
        raise ValueError(f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({n_bytes} bytes) minus 1")
    if count < 0 and (n_bytes - offset) % itemsize:
        raise ValueError(f"buffer length ({n_bytes - offset} bytes) after offset ({offset} bytes) must be a multiple of element size "
                         f"({itemsize})")
    count = (n_bytes - offset) // itemsize if count < 0 else count
    if offset + count * itemsize > n_bytes:
        raise ValueError(f"requested buffer length ({count} * {itemsize} bytes) after offset ({offset} bytes) must not be greater than "
                         f"actual buffer length ({n_bytes} bytes)")
    try:
        made = _from_address(address + offset, dtype, [count], None, _owner(keep))
    except GLib.Error as error:
        raise errors.translate(error) from None
    return made.requires_grad_() if requires_grad else made


def _address(buffer, readonly):
    """Where a buffer begins, and what keeps it there."""
    import ctypes
    if readonly:
        import numpy
        array = numpy.frombuffer(buffer, numpy.uint8)
        return array.__array_interface__["data"][0], array
    array = (ctypes.c_char * 0).from_buffer(buffer)
    return ctypes.addressof(array), array
