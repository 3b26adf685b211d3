# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyTorch's types and nested names over the flat ones: dtypes, devices, gt.linalg.norm, gt.nn.functional.relu, gt.cuda."""
import sys
import types

from . import Device, Dtype, Tensor, autograd, coerce, construct, cuda, derivatives, errors, functions, typelib

_DTYPES = [Dtype(value) for value in range(int(Dtype.NONE) + 1, int(Dtype.BOOL) + 1)]
DTYPE_NAMES = {**{Dtype.get_name(dtype): dtype for dtype in _DTYPES},
               **{name: Dtype.from_name(name) for name in ("short", "int", "long", "half", "float", "double")}}
_BITS = {Dtype.FLOAT16: (5, 10), Dtype.BFLOAT16: (8, 7), Dtype.FLOAT32: (8, 23), Dtype.FLOAT64: (11, 52)}


# -- dtypes --------------------------------------------------------------------------------------------------------

class finfo:
    """The limits of a floating dtype."""

    def __init__(self, dtype=None):
        dtype = typelib.get_default_dtype() if dtype is None else dtype
        if dtype not in _BITS:
            raise TypeError(f"torch.finfo() requires a floating point input type. Use torch.iinfo to handle '{dtype!r}'")
        exponent, mantissa = _BITS[dtype]
        top = 2 ** (exponent - 1)
        self.dtype, self.bits = repr(dtype), 8 * dtype.itemsize
        self.eps, self.resolution = 2.0 ** -mantissa, 10.0 ** -int(mantissa * 0.30103)
        self.max = (2 - self.eps) * 2.0 ** (top - 1)
        self.min, self.tiny = -self.max, 2.0 ** (2 - top)
        self.smallest_normal = self.tiny

    def __repr__(self):
        return (f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
                f"smallest_normal={self.tiny:g}, tiny={self.tiny:g}, dtype={self.dtype})")


class iinfo:
    """The limits of an integer dtype."""

    def __init__(self, dtype):
        if dtype.is_floating_point or dtype == Dtype.BOOL:
            raise TypeError(f"torch.iinfo() requires an integer input type, not '{dtype!r}'")
        self.dtype, self.bits = repr(dtype), 8 * dtype.itemsize
        self.min, self.max = (-2 ** (self.bits - 1), 2 ** (self.bits - 1) - 1) if dtype.is_signed else (0, 2 ** self.bits - 1)

    def __repr__(self):
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"


def _category(dtype):
    return 2 if dtype.is_floating_point else 0 if dtype == Dtype.BOOL else 1


def can_cast(from_, to):
    """can_cast(from_, to) -> bool

    Whether type promotion may convert one dtype to another."""
    return _category(from_) <= _category(to)


def result_type(tensor1, tensor2):
    """result_type(tensor1, tensor2) -> dtype

    The dtype of an operation on two tensors or numbers."""
    kinds = []
    for operand in (tensor1, tensor2):
        if isinstance(operand, Tensor):
            kinds.append((0 if operand.dim() else 1, operand.dtype))
        else:
            operand = coerce.number(operand)
            kinds.append((2, Dtype.BOOL if type(operand) is bool else Dtype.INT64 if type(operand) is int
                          else typelib.get_default_dtype()))
    (first, a), (second, b) = sorted(kinds)
    if first < second:  # what has dimensions decides, unless the other is of a higher kind
        return a if _category(b) <= _category(a) else b
    return typelib.promote_types(a, b)


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None):
    """set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None)

    How tensors print, for all of the program; what is not given stays."""
    threshold = 2**63 - 1 if threshold == float("inf") else threshold
    numbers = [-1 if value is None else int(value) for value in (precision, threshold, edgeitems, linewidth)]
    errors.checked(typelib.set_printoptions)(*numbers, profile, -1 if sci_mode is None else int(sci_mode))


def set_default_dtype(d):
    """set_default_dtype(d)

    Which floating dtype new tensors have where none is given."""
    try:
        errors.checked(typelib.set_default_dtype)(coerce.dtype(d))
    except TypeError:
        raise TypeError("invalid dtype object: only floating-point types are supported as the default type") from None


def manual_seed(seed):
    """manual_seed(seed) -> Generator

    Starts the random numbers of all devices anew."""
    return typelib.manual_seed(int(seed) % 2**64)


def seed():
    """seed() -> int

    Starts the random numbers anew from a seed that cannot be predicted."""
    return typelib.Generator.get_default().seed()


def initial_seed():
    """initial_seed() -> int

    The seed of the present random numbers."""
    return typelib.Generator.get_default().get_initial_seed()


def get_rng_state():
    """get_rng_state() -> Tensor

    The state of the random numbers, as bytes."""
    return typelib.Generator.get_default().get_state()


def set_rng_state(new_state):
    """set_rng_state(new_state)

    Goes back to a state that get_rng_state() gave."""
    typelib.Generator.get_default().set_state(new_state)


def set_num_threads(number, /):
    """set_num_threads(number)

    How many threads of the CPU work on one operation."""
    if type(number) is not int:
        raise RuntimeError(f"set_num_threads expects an int, but got {type(number).__name__}")
    errors.checked(typelib.set_num_threads)(number)


def typename(obj):
    """typename(obj) -> str

    The name of an object's type; a tensor's says its dtype."""
    if isinstance(obj, Tensor):
        return obj.type()
    kind = obj if isinstance(obj, type) else type(obj)
    module = "" if kind.__module__ == "builtins" else kind.__module__ + "."
    return module + kind.__qualname__


def is_tensor(obj):
    """is_tensor(obj) -> bool"""
    return isinstance(obj, Tensor)


def is_floating_point(input):
    """is_floating_point(input) -> bool"""
    return input.dtype.is_floating_point


def is_complex(input):
    """is_complex(input) -> bool"""
    return False


def is_signed(input):
    """is_signed(input) -> bool"""
    return input.dtype.is_signed


def is_same_size(input, other):
    """is_same_size(input, other) -> bool"""
    return input.shape == other.shape


def get_device(input):
    """get_device(input) -> int

    The number of the CUDA device, or -1 on the CPU."""
    return input.get_device()


def is_nonzero(input):
    """is_nonzero(input) -> bool

    Whether the element of a tensor that has just one is not zero."""
    return bool(input)


def numel(input):
    """numel(input) -> int"""
    return input.numel()


# -- devices -------------------------------------------------------------------------------------------------------

def _new_device(cls, type=None, index=None):
    if isinstance(type, Device):
        return type
    if isinstance(type, int):
        type, index = "cuda", type
    if not isinstance(type, str):
        raise TypeError(f"device(): argument 'type' must be str, not {type.__class__.__name__}")
    return coerce.device(type if index is None else f"{type}:{index}")


def set_default_device(device):
    """set_default_device(device)

    Where this thread makes new tensors if no device is named; None is the CPU."""
    device = None if device is None else coerce.device(device)
    typelib.set_default_device(device)
    construct.default.device = None if device is None or device.get_kind() == "cpu" else device


def get_default_device():
    """get_default_device() -> device

    Where this thread makes new tensors if no device is named."""
    return typelib.get_default_device()


def _enter_device(self):
    construct.default.outer.append(get_default_device())
    set_default_device(self)
    return self


def _exit_device(self, *_):
    set_default_device(construct.default.outer.pop())


def get_float32_matmul_precision():
    """get_float32_matmul_precision() -> str

    How precise products of float32 matrices are on CUDA devices."""
    return typelib.get_float32_matmul_precision()


def set_float32_matmul_precision(precision):
    """set_float32_matmul_precision(precision)

    "highest" for float32's own precision, "high" or "medium" if factors may be rounded to TensorFloat-32."""
    errors.checked(typelib.set_float32_matmul_precision)(precision)


class _Matmul:
    """torch.backends.cuda.matmul."""
    allow_tf32 = property(lambda self: get_float32_matmul_precision() != "highest",
                          lambda self, value: set_float32_matmul_precision("high" if value else "highest"))


def _new_generator(cls, device="cpu"):
    return errors.checked(cls.new)(coerce.device(device))


_state, _to_state = typelib.Generator.get_state, errors.checked(typelib.Generator.set_state)


def _copy_generator(self, memo):
    copy = memo[id(self)] = typelib.Generator(self.device)
    copy.manual_seed(self.initial_seed())
    copy.set_state(self.get_state())
    return copy


def _get_state(self):
    """get_state() -> Tensor

    The state, as bytes."""
    state = _state(self)
    return Tensor.new_from_bytes(state, Dtype.UINT8, [state.get_size()])


def _set_state(self, new_state):
    """set_state(new_state) -> Generator

    Goes back to a state that get_state() gave."""
    _to_state(self, new_state.get_bytes() if isinstance(new_state, Tensor) else new_state)
    return self


def _device_repr(self):
    index = "" if self.get_kind() == "cpu" else f", index={self.get_index()}"
    return f"device(type='{self.get_kind()}'{index})"


# -- nested names --------------------------------------------------------------------------------------------------

class Namespace(types.ModuleType):
    """Names below another, found under their flat names: norm of linalg is linalg_norm, relu of nn.functional is relu. Some of
    special are plain names, too, but what linalg and fft share with the plain names means something else there."""

    def __init__(self, top, name, prefix, **members):
        super().__init__(f"gi.repository.GTensor.{name}")
        self.__path__ = []
        self._top, self._prefix = top, prefix
        self.__dict__.update(members)
        sys.modules[self.__name__] = self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        for flat in (self._prefix + name,) if self._prefix in ("linalg_", "fft_") else (self._prefix + name, name):
            try:
                found = getattr(self._top, flat)
            except AttributeError:
                continue
            self.__dict__[name] = found
            return found
        raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")

    def __dir__(self):
        return sorted({*self.__dict__, *(name[len(self._prefix):] for name in dir(self._top) if name.startswith(self._prefix))})


def namespaces(top):
    """The nested namespaces over `top`, the module."""
    functional = Namespace(top, "nn.functional", "", **functions.NN_FUNCTIONS)
    grads = {name: getattr(autograd, name) for name in
             ("grad", "backward", "Function", "no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "detect_anomaly",
              "set_detect_anomaly")}
    grads.update(derivatives.CHECKS)
    function = types.SimpleNamespace(Function=autograd.Function, once_differentiable=autograd.once_differentiable)
    return {
        "nn": Namespace(top, "nn", "", functional=functional),
        "linalg": Namespace(top, "linalg", "linalg_", LinAlgError=errors.LinAlgError), "special": Namespace(top, "special", "special_"),
        "fft": Namespace(top, "fft", "fft_"), "random": Namespace(top, "random", ""),
        "cuda": Namespace(top, "cuda", "cuda_", **cuda.MEMBERS),
        "backends": Namespace(top, "backends", "backends_", cuda=types.SimpleNamespace(
            matmul=_Matmul(), is_built=lambda: True)),
        "autograd": Namespace(top, "autograd", "autograd_", **grads, function=function,
                              functional=Namespace(top, "autograd.functional", "autograd_", **derivatives.FUNCTIONAL)),
    }


def install():
    """Gives dtypes and devices PyTorch's attributes and printed forms."""
    names, sizes, floating, signed = Dtype.get_name, Dtype.get_size, Dtype.is_floating_point, Dtype.is_signed
    errors.install()
    Dtype.__repr__ = Dtype.__str__ = lambda self: names(self)
    Dtype.__reduce__ = lambda self: (Dtype, (int(self),))
    Dtype.itemsize = property(lambda self: sizes(self), doc="Bytes per element.")
    Dtype.is_floating_point = property(lambda self: floating(self), doc="Whether it holds fractions.")
    Dtype.is_signed = property(lambda self: signed(self), doc="Whether it holds negative numbers.")
    Dtype.is_complex = False
    Device.__new__, Device.__init__ = staticmethod(_new_device), lambda self, *args, **kwargs: None
    Device.__repr__, Device.__str__ = _device_repr, Device.to_string
    Device.__enter__, Device.__exit__ = _enter_device, _exit_device
    Device.__reduce__ = lambda self: (coerce.device, (str(self),))
    Device.type = property(Device.get_kind, doc="cpu or cuda.")
    Device.index = property(lambda self: None if self.get_kind() == "cpu" else self.get_index(), doc="Its number, or None.")
    Generator = typelib.Generator
    Generator.__new__, Generator.__init__ = staticmethod(_new_generator), lambda self, *args, **kwargs: None
    seed = Generator.manual_seed
    Generator.manual_seed = lambda self, value: (seed(self, int(value) % 2**64), self)[1]
    Generator.initial_seed = Generator.get_initial_seed
    Generator.get_state, Generator.set_state, Generator.__deepcopy__ = _get_state, _set_state, _copy_generator
    Generator.set_offset = errors.checked(Generator.set_offset)
    Generator.device = property(Generator.get_device, doc="Where it makes numbers.")
