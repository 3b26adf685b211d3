# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""GTensor for Python: PyTorch's spelling over the typelib.

Functions of operations are made from the op registry when they are first asked for; see _gtensor/. All names of
the plain bindings stay reachable."""
import sys

from gi.overrides._gtensor import Tensor, Dtype, Device, autograd, calls, construct, errors, exchange, names, registry, \
    tensor as _tensor, typelib

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
    return sorted({*vars(self), *registry.rows(), *dir(typelib)})


def _install_methods():
    rows = registry.rows()
    plain = set(vars(Tensor))
    for name in (name for name, its_rows in rows.items() if any(row.is_method for row in its_rows)):
        for spelling in (name, name + "_"):
            if spelling == name or spelling in plain and spelling not in rows:
                setattr(Tensor, spelling, _Method(spelling))


_install_methods()
for part in (names, _tensor, exchange, autograd):
    part.install()
type(_module).__getattr__, type(_module).__dir__ = _find, _names

Size, tensor, as_tensor, from_numpy, from_dlpack = \
    _tensor.Size, construct.tensor, construct.as_tensor, exchange.from_numpy, exchange.from_dlpack
asarray = as_tensor
dtype, device = Dtype, Device
Error, GTensorError = typelib.Error, errors.Error
no_grad, enable_grad, set_grad_enabled, inference_mode, Function = \
    autograd.no_grad, autograd.enable_grad, autograd.set_grad_enabled, autograd.inference_mode, autograd.Function
finfo, iinfo, can_cast, result_type, set_printoptions, set_default_dtype, manual_seed, is_tensor, is_floating_point, numel = \
    names.finfo, names.iinfo, names.can_cast, names.result_type, names.set_printoptions, names.set_default_dtype, \
    names.manual_seed, names.is_tensor, names.is_floating_point, names.numel
inf, nan, pi, e, newaxis = float("inf"), float("nan"), 3.141592653589793, 2.718281828459045, None
strided, contiguous_format, preserve_format = "strided", "contiguous_format", "preserve_format"
globals().update(names.DTYPE_NAMES)
globals().update(names.namespaces(_module))

__all__ = [name for name in globals() if not name.startswith("_")
           and name not in ("sys", "autograd_module", "calls", "construct", "errors", "exchange", "names", "registry", "typelib",
                            "part")]
