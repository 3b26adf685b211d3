# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tensors from Python's data, and Python's data from tensors."""
import threading
from array import array
from math import prod

from gi.repository import GLib

from . import Dtype, Tensor, coerce, errors, typelib

INT64 = Dtype.INT64
# How the elements of a dtype are packed; the two halves go through float.
CODES = {Dtype.UINT8: "B", Dtype.INT8: "b", Dtype.INT16: "h", Dtype.INT32: "i", Dtype.INT64: "q", Dtype.FLOAT32: "f",
         Dtype.FLOAT64: "d", Dtype.BOOL: "B"}
_from_bytes, _from_doubles = Tensor.new_from_bytes, Tensor.new_from_doubles
_NUMBERS = frozenset((int, float, bool))
_MAX_DIMS = 64


class _Default(threading.local):
    """Where this thread makes new tensors if no device is named: None for the CPU, and what it was outside of with blocks."""
    device = None

    def __init__(self):
        self.outer = []


default = _Default()


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """tensor(data, *, dtype=None, device=None, requires_grad=False) -> Tensor

    A new tensor with a copy of `data`: numbers, nested sequences of numbers, NumPy arrays, tensors. The dtype follows the
    data where it is not given: bool, int64, or the default dtype."""
    try:
        dtype = coerce.dtype(dtype)
    except TypeError:
        raise TypeError(f"tensor(): argument 'dtype' must be dtype, not {type(dtype).__name__}") from None
    if isinstance(data, Tensor):
        errors.warn("To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
                    "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).")
        made = data.detach().clone()
    elif hasattr(data, "__array_interface__") or hasattr(data, "__array__"):
        made = _from_array(data)
    else:
        made = _from_sequence(data, dtype)
    if device is None and not isinstance(data, Tensor):
        device = default.device
    if dtype is not None or device is not None:
        made = made.to(device=device, dtype=dtype)
    if pin_memory:
        made = made.pin_memory()
    return made.requires_grad_(True) if requires_grad else made


def as_tensor(data, dtype=None, device=None):
    """as_tensor(data, dtype=None, device=None) -> Tensor

    A tensor of `data` that shares its memory where it can."""
    if not isinstance(data, Tensor):
        if not (hasattr(data, "__array_interface__") and getattr(data, "shape", ())):
            return tensor(data, dtype=dtype, device=device)
        from . import exchange
        data = exchange.from_numpy(data)
    return data if dtype is None and device is None else data.to(device=device, dtype=dtype)


def _from_array(data):
    from . import exchange
    import numpy
    return exchange.from_numpy(numpy.array(data, order="C"))


def _from_sequence(data, dtype):
    inner, depth = data, 0
    while isinstance(inner, (list, tuple)) and len(inner):
        inner, depth = inner[0], depth + 1
        if depth > _MAX_DIMS:
            raise ValueError(f"too many dimensions '{type(inner).__name__}'")
    shape, level = [], [data]
    while level and isinstance(level[0], (list, tuple, range)):
        length = len(level[0])
        for item in level:
            if not isinstance(item, (list, tuple, range)):
                raise TypeError("not a sequence")
            if len(item) != length:
                raise ValueError(f"expected sequence of length {length} at dim {len(shape)} (got {len(item)})"
                                 if shape else f"expected sequence of length {length} (got {len(item)})")
        shape.append(length)
        level = [element for item in level for element in item]
    kinds = set(map(type, level))
    if not kinds <= _NUMBERS:
        level, numpy_data = _plain(level, len(shape), data)
        if numpy_data is not None:
            return _from_array(numpy_data)
        kinds = set(map(type, level))
    if dtype is None:
        dtype = typelib.get_default_dtype() if float in kinds or not kinds else INT64 if int in kinds else Dtype.BOOL
    return pack(level, dtype, shape)


def _plain(level, n_dims, data):
    """The elements as plain numbers; or, where NumPy's scalars decide the dtype, the data as a whole for NumPy."""
    if all(type(item).__module__ == "numpy" for item in level):
        return level, data
    plain = []
    for item in level:
        if isinstance(item, Tensor) and item.numel() != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        try:
            plain.append(item.item() if isinstance(item, Tensor) else coerce.number(item))
        except TypeError:
            if isinstance(item, (list, tuple)):
                raise ValueError(f"expected a number at dim {n_dims}, got a sequence") from None
            if isinstance(item, str) and n_dims == 0:
                raise TypeError(f"new(): invalid data type '{type(item).__name__}'") from None
            if isinstance(item, str):
                raise ValueError(f"too many dimensions '{type(item).__name__}'") from None
            if item is None:
                raise RuntimeError("Could not infer dtype of NoneType") from None
            raise RuntimeError(f"Could not infer dtype of {type(item).__name__}") from None
    return plain, None


def pack(values, dtype, shape):
    """A tensor of a flat list of numbers."""
    code = CODES.get(dtype)
    try:
        if code is None:
            return _from_doubles(values, dtype, shape)
        if dtype == Dtype.BOOL:
            values = [bool(value) for value in values]
        elif code not in "fd":
            wraps = code == "B"  # an integer below zero
            values = [value + 256 if wraps and type(value) is int and -256 < value < 0 else int(value) for value in values]
        return _from_bytes(GLib.Bytes.new(array(code, values).tobytes()), dtype, shape)
    except (OverflowError, ValueError):
        if any(type(value) is int and not -2**63 <= value < 2**63 for value in values):
            raise ValueError("Overflow when unpacking long long") from None
        raise RuntimeError(f"value cannot be converted to type {dtype!r} without overflow") from None
    except GLib.Error as error:
        raise errors.translate(error) from None


def tolist(self):
    """tolist() -> list or number

    The elements as nested lists of Python's numbers; a number for a 0-d tensor."""
    dtype, shape = self.get_dtype(), self.get_shape()
    if not shape:
        return self.item()
    if dtype not in CODES:
        self, dtype = self.to(Dtype.FLOAT32), Dtype.FLOAT32
    try:
        data = self.detach().get_bytes().get_data()
    except GLib.Error as error:
        raise errors.translate(error) from None
    flat = array(CODES[dtype], data).tolist()
    if dtype == Dtype.BOOL:
        flat = list(map(bool, flat))
    for i in range(len(shape) - 1, 0, -1):
        length = shape[i]
        flat = [flat[j * length:(j + 1) * length] for j in range(prod(shape[:i]))]
    return flat
