# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""save() and load(): tensors, and numbers, texts, lists, tuples and dictionaries of them, in the format of PyTorch's files, a ZIP
archive of a pickle and one file per storage. Reading runs nothing of the file's: names beyond those listed here are refused."""
import io
import pickle
import zipfile
from collections import OrderedDict

from gi.repository import GLib

from . import Device, Dtype, Tensor, coerce, errors
from .tensor import Size, extent

_STORAGES = {Dtype.FLOAT64: "DoubleStorage", Dtype.FLOAT32: "FloatStorage", Dtype.FLOAT16: "HalfStorage", Dtype.BFLOAT16: "BFloat16Storage",
             Dtype.INT64: "LongStorage", Dtype.INT32: "IntStorage", Dtype.INT16: "ShortStorage", Dtype.INT8: "CharStorage",
             Dtype.UINT8: "ByteStorage", Dtype.BOOL: "BoolStorage"}
_PLAIN = (type(None), bool, int, float, str, bytes)
_from_bytes = errors.checked(Tensor.new_from_bytes)


# -- writing -------------------------------------------------------------------------------------------------------

class _Global:
    """A name of PyTorch's, which need not be there."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class _Storage:
    """The part of a storage that the tensors of one file reach."""

    def __init__(self, key, tensor):
        self.key, self.tensor = key, tensor
        self.begin = self.end = tensor.storage_offset()

    def cover(self, tensor):
        self.begin, self.end = min(self.begin, tensor.storage_offset()), max(self.end, extent(tensor))

    def data(self):
        if self.end == self.begin:
            return b""
        return self.tensor.as_strided([self.end - self.begin], [1], self.begin).cpu().get_bytes().get_data()


def _identity(tensor):
    """What tensors of one storage have in common."""
    return tensor.data_ptr() - tensor.storage_offset() * tensor.element_size(), tensor.dtype, str(tensor.device)


class _Writer(pickle._Pickler):  # in Python, since names that do not exist here are written
    dispatch = dict(pickle._Pickler.dispatch)

    def __init__(self, file):
        super().__init__(file, protocol=2)
        self.storages, self.seen = {}, set()

    def cover(self, obj):
        """Finds the storages before anything is written, and what cannot be."""
        if isinstance(obj, Tensor):
            tensor = obj.detach()
            self.storages.setdefault(_identity(tensor), _Storage(str(len(self.storages)), tensor)).cover(tensor)
        elif isinstance(obj, (dict, list, tuple, set)) and id(obj) in self.seen:
            return  # it may hold itself
        elif isinstance(obj, dict):
            self.seen.add(id(obj))
            for key, value in obj.items():
                self.cover(key)
                self.cover(value)
        elif isinstance(obj, (list, tuple, set)):
            self.seen.add(id(obj))
            for item in obj:
                self.cover(item)
        elif not isinstance(obj, (*_PLAIN, Dtype, Device)):
            raise TypeError(f"save(): cannot save {type(obj).__name__} objects: only tensors, numbers, texts, and lists, tuples and "
                            "dictionaries of them")

    def persistent_id(self, obj):
        if not isinstance(obj, _Storage):
            return None
        kind = _Global("torch", _STORAGES[obj.tensor.dtype])
        return "storage", kind, obj.key, str(obj.tensor.device), obj.end - obj.begin

    def reducer_override(self, obj):
        if isinstance(obj, Tensor):
            tensor = obj.detach()
            storage = self.storages[_identity(tensor)]
            return _Global("torch._utils", "_rebuild_tensor_v2"), (storage, tensor.storage_offset() - storage.begin, tuple(tensor.shape),
                                                                   tuple(tensor.stride()), obj.requires_grad, OrderedDict())
        if isinstance(obj, Device):
            return _Global("torch", "device"), (obj.type,) if obj.index is None else (obj.type, obj.index)
        if isinstance(obj, tuple) and type(obj) is not tuple:
            return _Global("torch", "Size"), (tuple(obj),)
        return NotImplemented

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Dtype):
            obj = _Global("torch", Dtype.get_name(obj))
        if isinstance(obj, _Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        else:
            super().save(obj, save_persistent_id)

    def save_reduce(self, func, args, *rest, obj=None, **options):
        if not isinstance(func, _Global):
            return super().save_reduce(func, args, *rest, obj=obj, **options)
        self.save(func)
        self.save(args)
        self.write(pickle.REDUCE)
        if obj is not None:
            self.memoize(obj)


def write(obj, f):
    pickled = io.BytesIO()
    writer = _Writer(pickled)
    writer.cover(obj)
    writer.dump(obj)
    with zipfile.ZipFile(f, "w") as archive:
        archive.writestr("archive/data.pkl", pickled.getvalue())
        archive.writestr("archive/byteorder", "little")
        for storage in writer.storages.values():
            archive.writestr(f"archive/data/{storage.key}", storage.data())
        archive.writestr("archive/version", "3\n")


# -- reading -------------------------------------------------------------------------------------------------------

def _rebuild(storage, offset, size, stride, requires_grad=False, *unused):
    tensor = storage.as_strided(list(size), list(stride), offset)
    return tensor.requires_grad_() if requires_grad else tensor


def _device(kind, index=None):
    return coerce.device(kind if index is None else f"{kind}:{index}")


def _known():
    """What a file may name."""
    known = {("torch._utils", "_rebuild_tensor_v2"): _rebuild, ("torch._utils", "_rebuild_tensor"): _rebuild,
             ("torch._utils", "_rebuild_parameter"): lambda data, requires_grad, hooks: data.requires_grad_(requires_grad),
             ("torch", "Size"): Size, ("torch", "device"): _device, ("collections", "OrderedDict"): OrderedDict,
             ("_codecs", "encode"): lambda text, encoding: text.encode("latin1"),
             ("builtins", "set"): set, ("__builtin__", "set"): set}
    known.update({("torch", name): dtype for dtype, name in _STORAGES.items()})
    known.update({("torch", Dtype.get_name(dtype)): dtype for dtype in _STORAGES})
    return known


class _Reader(pickle.Unpickler):
    def __init__(self, file, archive, folder, place):
        super().__init__(file, encoding="utf-8")
        self.archive, self.folder, self.place, self.known, self.storages = archive, folder, place, _known(), {}

    def find_class(self, module, name):
        found = self.known.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"load(): the file asks for {module}.{name}, which is not among what it may hold: tensors, "
                                         "numbers, texts, and lists, tuples and dictionaries of them")
        return found

    def persistent_load(self, pid):
        kind, dtype, key, location, _ = pid
        if kind != "storage" or not isinstance(dtype, Dtype):
            raise pickle.UnpicklingError(f"load(): the file refers to {kind!r}, not to a storage")
        if key not in self.storages:
            data = self.archive.read(f"{self.folder}/data/{key}")
            tensor = _from_bytes(GLib.Bytes.new(data), dtype, [len(data) // dtype.itemsize])
            device = self.place(location)
            self.storages[key] = tensor if device.type == "cpu" else tensor.to(device)
        return self.storages[key]


def _placing(map_location):
    if map_location is None:
        return _device
    if isinstance(map_location, dict):
        return lambda location: coerce.device(map_location.get(location, location))
    try:
        device = coerce.device(map_location)
    except TypeError:
        raise TypeError(f"load(): argument 'map_location' must be a device, its name or a dictionary of names, not "
                        f"{type(map_location).__name__}") from None
    return lambda location: device


def read(f, map_location, weights_only):
    if not weights_only:
        raise NotImplementedError("load(): weights_only=False is not supported: nothing in a file is run")
    if not hasattr(f, "read"):
        with open(f, "rb") as file:
            return read(file, map_location, weights_only)
    if not zipfile.is_zipfile(f):
        raise RuntimeError("load(): this is not a file that save() wrote: it is no ZIP archive")
    with zipfile.ZipFile(f) as archive:
        names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(names) != 1:
            raise RuntimeError("load(): the archive does not hold just one data.pkl")
        folder = names[0].rpartition("/")[0]
        if f"{folder}/byteorder" in archive.namelist() and archive.read(f"{folder}/byteorder") != b"little":
            raise RuntimeError("load(): the file is in another byte order")
        with archive.open(names[0]) as file:
            return _Reader(file, archive, folder, _placing(map_location)).load()
