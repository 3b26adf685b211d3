# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""GTensor for Python: PyTorch's spelling over the typelib.

Functions of operations are made from the op registry when they are first asked for; see _gtensor/. All names of
the plain bindings stay reachable."""
import sys

from gi.overrides._gtensor import Device, Dtype, Tensor, autograd, calls, construct, cuda, errors, exchange, functions, names, registry, \
    sites, tensor as methods, typelib

_module = sys.modules["gi.repository.GTensor"]


class _Method:
    """A tensor method that is built when it is first asked for."""
    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name

    def __get__(self, instance, owner):
        function = calls.build(self.name, method=True)
        setattr(Tensor, self.name, function)
        return function if instance is None else function.__get__(instance, owner)


def _find(self, name):
    """An operation by its public name, or else what the typelib has."""
    found = None if name.startswith("__") else calls.build(name)
    if found is None:
        return getattr(typelib, name)
    setattr(self, name, found)
    return found


def _names(self):
    return sorted({*vars(self), *registry.rows(), *dir(typelib)} - registry.plain_names())


def _tensor_names(self):
    return sorted({*object.__dir__(self)} - registry.plain_names())


def _install_methods():
    rows = registry.rows()
    plain = set(vars(Tensor))
    for name, its_rows in rows.items():
        if any(row.is_method for row in its_rows):
            setattr(Tensor, name, _Method(name))
            if name + "_" in plain and name + "_" not in rows:
                setattr(Tensor, name + "_", _Method(name + "_"))


_install_methods()
for _part in (names, methods, exchange, autograd, functions, cuda, sites):
    _part.install()
type(_module).__getattr__, type(_module).__dir__ = _find, _names
Tensor.__dir__ = _tensor_names

_members = {
    "Tensor": Tensor, "Dtype": Dtype, "dtype": Dtype, "Device": Device, "device": Device, "Size": methods.Size,
    "tensor": construct.tensor, "as_tensor": construct.as_tensor, "asarray": construct.as_tensor,
    "from_numpy": exchange.from_numpy, "from_dlpack": exchange.from_dlpack, "frombuffer": exchange.frombuffer,
    "save": exchange.save, "load": exchange.load, "detach": Tensor.detach,
    "OutOfMemoryError": errors.OutOfMemoryError, "Function": autograd.Function, "no_grad": autograd.no_grad, "enable_grad": autograd.enable_grad,
    "set_grad_enabled": autograd.set_grad_enabled, "inference_mode": autograd.inference_mode,
    "inf": float("inf"), "nan": float("nan"), "pi": 3.141592653589793, "e": 2.718281828459045, "newaxis": None,
    "__version__": typelib.get_version(), "default_generator": typelib.Generator.get_default(),
    "strided": "strided", "contiguous_format": "contiguous_format", "preserve_format": "preserve_format",
    **{name: getattr(names, name) for name in ("finfo", "iinfo", "can_cast", "result_type", "set_printoptions", "set_default_dtype", "set_default_device", "get_default_device",
                                               "get_float32_matmul_precision", "set_float32_matmul_precision",
                                               "manual_seed", "seed", "initial_seed", "get_rng_state", "set_rng_state",
                                               "set_num_threads", "typename", "is_tensor", "is_floating_point", "is_complex",
                                               "is_nonzero", "is_signed", "is_same_size", "get_device", "numel")},
    **functions.FUNCTIONS, **names.DTYPE_NAMES, **names.namespaces(_module),
}
globals().update(_members)
__all__ = list(_members)
