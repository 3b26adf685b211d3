# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tensor as Python knows objects: operators, properties, numbers, iteration, copying. Put on the plain class itself, so that
a call costs no more than it must."""
from copy import deepcopy
from math import prod

from gi.repository import GLib

from . import Device, Dtype, Tensor, calls, coerce, construct, errors, indexing, typelib

_NUMBERS = frozenset((int, float, bool))
_FAILURES = (TypeError, ValueError, OverflowError, GLib.Error)

# What Python calls its operators, and which operations they are.
BINARY = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "floordiv": "floor_divide", "mod": "remainder",
          "pow": "pow", "matmul": "matmul", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
          "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift"}
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
UNARY = {"neg": "neg", "pos": "positive", "abs": "abs", "invert": "bitwise_not"}
COMMUTATIVE = frozenset(("add", "mul", "and", "or", "xor"))


class Size(tuple):
    """The sizes of a tensor's dimensions."""
    __slots__ = ()

    def numel(self):
        """How many elements a tensor of this shape has."""
        return prod(self)

    def __repr__(self):
        return f"Size({list(self)})"

    def __getitem__(self, key):
        item = tuple.__getitem__(self, key)
        return Size(item) if key.__class__ is slice else item

    def __add__(self, other):
        return Size(tuple.__add__(self, tuple(other)))


def _operation(name):
    """The tensor method called `name`, built at the first call."""
    return lambda *args, **kwargs: getattr(Tensor, name)(*args, **kwargs)


# -- operators -----------------------------------------------------------------------------------------------------

def _operator(name, operation, kind=""):
    """An operator's function. The plain bindings are looked up at the first use."""
    def first(self, other):
        tensor, number = calls.binary(operation, kind)
        if tensor is None and number is None:
            return NotImplemented

        def function(self, other):
            try:
                if other.__class__ is Tensor:
                    return tensor(self, other)
                if other.__class__ in _NUMBERS and number is not None:
                    return number(self, other)
            except GLib.Error as error:
                raise errors.translate(error) from None
            except OverflowError:
                return getattr(self, operation + kind)(other)
            return NotImplemented if operation == "matmul" else _operand(self, other, function)

        function.__name__ = function.__qualname__ = name
        setattr(Tensor, name, function)
        return function(self, other)

    first.__name__ = first.__qualname__ = name
    return first


def _operand(self, other, function):
    """An operand that is neither tensor nor plain number: a scalar or an array of NumPy's, or not ours."""
    if getattr(other, "shape", ()) and hasattr(other, "__array__"):
        return function(self, construct.as_tensor(other))
    try:
        other = coerce.number(other)
    except TypeError:
        return NotImplemented
    return function(self, other)


def _reflected(name, python_name):
    operation = BINARY[python_name]
    plain = _operation(operation)
    if python_name in COMMUTATIVE:
        def commuted(self, other):
            if self.__class__ is not Tensor:
                raise TypeError(f"descriptor '{name}' for 'Tensor' objects doesn't apply to a '{type(self).__name__}' object")
            return getattr(self, f"__{python_name}__")(other)
        return commuted
    if python_name == "truediv":
        return lambda self, other: self.reciprocal() * other

    def function(self, other):
        if other.__class__ is Tensor:
            return plain(other, self)
        if other.__class__ not in _NUMBERS:
            return _operand(self, other, function)
        if python_name == "sub":
            return self.rsub(other)
        return calls_by_name(operation)(other, self)

    def calls_by_name(operation):
        built = calls.build(operation)
        if not any(row.args[0].type in ("Scalar", "Tensor|Scalar") for row in calls.registry.rows()[operation]):
            return lambda number, tensor: built(construct.tensor(number, device=tensor.device), tensor)
        return built
    return function


def _install_operators():
    for python_name, operation in BINARY.items():
        setattr(Tensor, f"__{python_name}__", _operator(f"__{python_name}__", operation))
        setattr(Tensor, f"__i{python_name}__", _operator(f"__i{python_name}__", operation, "_"))
        if python_name != "matmul":
            setattr(Tensor, f"__r{python_name}__", _reflected(f"__r{python_name}__", python_name))
    del Tensor.__imatmul__  # a @= b makes a new tensor
    for name in COMPARISONS:
        setattr(Tensor, f"__{name}__", _operator(f"__{name}__", name))
    for python_name, operation in UNARY.items():
        setattr(Tensor, f"__{python_name}__", _operation(operation))


# -- indexing and iteration ----------------------------------------------------------------------------------------

_get_item, _set_item, _set_item_scalar = Tensor.get_item, Tensor.set_item, Tensor.set_item_scalar


def _getitem(self, key):
    try:
        return _get_item(self, *indexing.text(key))
    except GLib.Error as error:
        raise errors.translate(error) from None


def _setitem(self, key, value):
    text, tensors = indexing.text(key)
    try:
        if value.__class__ in _NUMBERS:
            _set_item_scalar(self, text, tensors, coerce.wide(value))
        else:
            if value.__class__ is not Tensor:
                value = construct.tensor(value, dtype=self.get_dtype(), device=self.device)
            _set_item(self, text, tensors, value)
    except GLib.Error as error:
        raise errors.translate(error) from None


def _delitem(self, key):
    raise TypeError("Tensor does not support deleting items")


def _len(self):
    shape = self.get_shape()
    if not shape:
        raise TypeError("len() of a 0-d tensor")
    return shape[0]


def _iter(self):
    if self.dim() == 0:
        raise TypeError("iteration over a 0-d tensor")
    return iter(self.unbind(0))


def _contains(self, element):
    if not isinstance(element, Tensor) and type(element) not in _NUMBERS:
        raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}.")
    return bool((self == element).any())


# -- numbers -------------------------------------------------------------------------------------------------------

_item = Tensor.item


def item(self):
    """item() -> number

    The element of a tensor that has just one, as Python's number."""
    try:
        return _item(self)[1]
    except GLib.Error as error:
        raise errors.translate(error) from None


def _bool(self):
    count = self.numel()
    if count != 1:
        raise RuntimeError(f"Boolean value of Tensor with {'no values' if count == 0 else 'more than one value'} is ambiguous")
    return bool(item(self))


def _index(self):
    if self.numel() != 1 or self.get_dtype().is_floating_point or self.get_dtype() == Dtype.BOOL and self.dim():
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(item(self))


def _format(self, spec):
    return format(item(self), spec) if self.dim() == 0 else object.__format__(self, spec)


# -- copying -------------------------------------------------------------------------------------------------------

def _deepcopy(self, memo):
    if not self.is_leaf:
        raise RuntimeError("Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.")
    if id(self) in memo:
        return memo[id(self)]
    copy = self.detach().clone()
    if self.requires_grad:
        copy.requires_grad_(True)
    if self.grad is not None:
        copy.grad = _deepcopy(self.grad.detach(), memo)
    memo[id(self)] = copy
    copy.__dict__.update(deepcopy(self.__dict__, memo))
    return copy


def _copy(self):
    copy = self.detach()
    return copy.requires_grad_(True) if self.requires_grad and self.is_leaf else copy


def extent(tensor):
    """Where in its storage a tensor ends."""
    if not tensor.numel():
        return tensor.storage_offset()
    return tensor.storage_offset() + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.stride())) + 1


def rebuild(data, dtype, shape, device, requires_grad, stride, offset):
    """Makes a tensor again from what pickle kept."""
    dtype = Dtype.from_name(dtype)
    made = Tensor.new_from_bytes(GLib.Bytes.new(data), dtype, [len(data) // dtype.itemsize])
    made = (made if device == "cpu" else made.to(device)).as_strided(shape, stride, offset)
    return made.requires_grad_(True) if requires_grad else made


def _reduce(self, protocol):
    tensor, data, offset = self.detach(), b"", 0
    if tensor.numel():
        data, offset = tensor.as_strided([extent(tensor)], [1], 0).cpu().get_bytes().get_data(), tensor.storage_offset()
    return rebuild, (data, repr(self.dtype), list(tensor.shape), str(self.device), self.requires_grad, list(tensor.stride()), offset)


# -- what it is ----------------------------------------------------------------------------------------------------

_get_size = errors.checked(Tensor.get_size, "size")


def size(self, dim=None):
    """size(dim=None) -> Size or int

    The sizes of all dimensions, or of one."""
    return Size(self.get_shape()) if dim is None else _get_size(self, dim)


def stride(self, dim=None):
    """stride(dim=None) -> tuple or int

    For each dimension, or for one, how many elements lie between one index and the next."""
    strides = tuple(self.get_stride())
    if dim is None:
        return strides
    _get_size(self, dim)
    return strides[dim]


def to(self, *args, **kwargs):
    """to(dtype), to(device, dtype=None), to(other) -> Tensor; all with non_blocking=False, copy=False

    The tensor with another dtype or on another device; itself if it is that already and no copy is asked for."""
    dtype, device, copy = kwargs.pop("dtype", None), kwargs.pop("device", None), kwargs.pop("copy", False)
    other, non_blocking = kwargs.pop("other", None), kwargs.pop("non_blocking", False)
    kwargs.pop("memory_format", None)
    if kwargs:
        raise TypeError(f"to() got an unexpected keyword argument '{next(iter(kwargs))}'")
    flags = []
    for arg in args:
        if isinstance(arg, Tensor):
            other = arg
        elif isinstance(arg, (bool, type(None))):
            flags.append(arg)
        elif isinstance(arg, (Device, str)) or type(arg) is int:
            device = arg
        else:
            dtype = arg
    if other is not None:
        dtype, device = other.get_dtype(), other.device
    non_blocking, copy = non_blocking or bool(flags and flags[0]), copy or len(flags) > 1 and bool(flags[1])
    try:
        dtype = coerce.dtype(dtype)
    except TypeError:
        raise TypeError(f"to(): argument 'dtype' must be dtype, not {type(dtype).__name__}") from None
    return _to(self, dtype=dtype, device=device, non_blocking=bool(non_blocking), copy=copy)


def _to(self, **kwargs):
    global _to
    _to = calls.build("to", method=True)
    return _to(self, **kwargs)


def type_(self, dtype=None):
    """type(dtype=None) -> str or Tensor

    The dtype's name, or the tensor with another dtype."""
    return repr(self.dtype) if dtype is None else self.to(dtype)


def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    """new_tensor(data, *, dtype=None, device=None, requires_grad=False) -> Tensor

    A tensor of `data` with the dtype and device of this one, unless others are given."""
    return construct.tensor(data, dtype=dtype or self.get_dtype(), device=device or self.device, requires_grad=requires_grad)


def _new(cls, *args, dtype=None, device=None):
    """The old constructor: sizes make an uninitialised tensor, a sequence one of the default dtype."""
    dtype = dtype or typelib.get_default_dtype()
    if len(args) == 1 and type(args[0]) is not int:
        return construct.tensor(args[0], dtype=dtype, device=device)
    return calls.build("empty")(*args or (0,), dtype=dtype, device=device)


def _set_data(self, data):
    try:
        Tensor.set_data(self, data)
    except GLib.Error as error:
        raise errors.translate(error) from None


def retain_grad(self):
    """retain_grad()

    Keeps the gradient of this intermediate in grad."""
    _retain_grad(self)


_retain_grad = errors.checked(Tensor.retain_grad)
_pin_memory, _is_pinned = errors.checked(Tensor.pin_memory), Tensor.is_pinned
_set_grad, _detach = errors.checked(Tensor.set_grad), Tensor.detach
_synchronize = errors.checked(Device.synchronize)
_to_string, _requires_grad_ = Tensor.to_string, Tensor.requires_grad_


def _assign_requires_grad(self, value):
    try:
        _requires_grad_(self, bool(value))
    except GLib.Error as error:
        raise errors.translate(error) from None


def requires_grad_(self, requires_grad=True):
    """requires_grad_(requires_grad=True) -> Tensor

    Changes in place whether gradients of this leaf are kept."""
    _assign_requires_grad(self, requires_grad)
    return self


def _repr(self):
    if self.is_cuda:
        _synchronize(self.device)  # an index that is out of bounds is an error, not a text
    return _to_string(self)


def _device_index(self):
    """get_device() -> int

    The number of the CUDA device, or -1 on the CPU."""
    return -1 if self.is_cpu else self.device.get_index()


def _new_like(self, *args):
    """new(*sizes) or new(data) -> Tensor

    A tensor of the same dtype and device."""
    if len(args) == 1 and not isinstance(args[0], (int, Size)):
        return self.new_tensor(args[0])
    return self.new_empty(*args) if args else self.new_empty([0])


def _place(self):
    return self.data_ptr(), self.dtype, self.shape, self.stride()


def apply_(self, callable):
    """apply_(callable) -> Tensor

    Replaces each element by what a function of Python makes of it, one by one."""
    return self.map_(self, lambda value, _: callable(value))


def map_(self, tensor, callable):
    """map_(tensor, callable) -> Tensor

    Replaces each element by what a function of Python makes of it and of the tensor's, one by one."""
    if self.requires_grad:
        raise TypeError("map_ is only implemented on tensors that don't require grad")
    other = tensor.expand_as(self).reshape(-1).tolist()
    values = [callable(a, b) for a, b in zip(self.reshape(-1).tolist(), other)]
    return self.copy_(construct.tensor(values, dtype=self.dtype).reshape(self.shape))


def _attribute(name):
    """A property that is an operation without arguments, such as T."""
    return property(lambda self: calls.build(name, method=True)(self), doc=name)


def install():
    """Puts all this on the tensor's class."""
    _install_operators()
    members = {
        "get_device": _device_index, "__delitem__": _delitem,
        "__getitem__": _getitem, "__setitem__": _setitem, "__len__": _len, "__iter__": _iter, "__contains__": _contains,
        "__bool__": _bool, "__int__": lambda self: int(item(self)), "__float__": lambda self: float(item(self)),
        "__index__": _index, "__format__": _format, "__repr__": _repr, "__str__": _repr,
        "__hash__": object.__hash__, "__copy__": _copy, "__deepcopy__": _deepcopy, "__reduce_ex__": _reduce,
        "__reversed__": lambda self: self.flip(list(range(self.dim()))),
        "__new__": staticmethod(_new), "__init__": lambda self, *args, **kwargs: None, "__array_priority__": 1000,
        "item": item, "tolist": construct.tolist, "size": size, "stride": stride, "to": to, "type": type_,
        "new_tensor": new_tensor, "retain_grad": retain_grad, "requires_grad_": requires_grad_,
        "where": lambda self, condition, other: calls.build("where")(condition, self, other),
        "cpu": lambda self, memory_format=None: self.to("cpu"),
        "cuda": lambda self, device=None, non_blocking=False, memory_format=None:
            self.to("cuda" if device is None else device, non_blocking=non_blocking),
        "nelement": Tensor.numel, "ndimension": Tensor.dim,
        "is_floating_point": lambda self: self.get_dtype().is_floating_point,
        "is_signed": lambda self: self.get_dtype().is_signed,
        "is_complex": lambda self: False,
        "shape": property(lambda self: Size(self.get_shape()), doc="The size of each dimension."),
        "dtype": property(Tensor.get_dtype, doc="The type of the elements."),
        "device": property(Tensor.get_device, doc="Where the elements are."),
        "ndim": property(Tensor.dim, doc="The number of dimensions."),
        "itemsize": property(Tensor.element_size, doc="Bytes per element."),
        "nbytes": property(lambda self: self.numel() * self.element_size(), doc="Bytes of all elements."),
        "requires_grad": property(Tensor.get_requires_grad, _assign_requires_grad, doc="Whether gradients are recorded."),
        "is_leaf": property(Tensor.is_leaf, doc="Whether no recorded operation made it."),
        "grad": property(Tensor.get_grad, _set_grad, lambda self: _set_grad(self, None), doc="The accumulated gradient, or None."),
        "grad_fn": property(Tensor.get_grad_fn, doc="The node of the operation that made it, or None."),
        "retains_grad": property(Tensor.get_retains_grad, doc="Whether an intermediate keeps its gradient."),
        "output_nr": property(Tensor.get_output_nr, doc="Which output of its operation it is."),
        "data": property(_detach, _set_data, doc="The same elements, without history."),
        "is_cuda": property(lambda self: self.device.get_kind() == "cuda", doc="Whether it is on a CUDA device."),
        "is_cpu": property(lambda self: self.device.get_kind() == "cpu", doc="Whether it is on the CPU."),
        "pin_memory": lambda self, device=None: _pin_memory(self),
        "is_pinned": lambda self, device=None: _is_pinned(self),
        "layout": property(lambda self: "strided", doc="How the elements lie in memory."),
        **{name: property(lambda self: False, doc="Never: tensors here are dense, and not that.") for name in
           ("is_sparse", "is_sparse_csr", "is_quantized", "is_nested", "is_meta", "is_mps", "is_xpu")},
        "is_conj": lambda self: False, "is_neg": lambda self: False, "is_inference": lambda self: False,
        "is_nonzero": _bool, "is_same_size": lambda self, other: self.shape == other.shape,
        "to_dense": lambda self, dtype=None: self if dtype is None else self.to(dtype), "new": _new_like,
        "is_set_to": lambda self, tensor: _place(self) == _place(tensor),
        "apply_": apply_, "map_": map_, "name": None,
        "_version": property(Tensor.get_version, doc="How often its storage was changed in place."),
    }
    for name in ("detach", "detach_"):
        members[name] = errors.checked(getattr(Tensor, name))
    for name in ("T", "mT", "H", "mH"):
        members[name] = _attribute(name)
    for name, member in members.items():
        setattr(Tensor, name, member)
