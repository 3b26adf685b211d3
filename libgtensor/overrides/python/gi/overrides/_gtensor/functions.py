# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyTorch's functions whose results or arguments depend on flags, over operations that each have one meaning."""
from functools import cache

from . import Tensor, calls


@cache
def _operation(name):
    return calls.build(name)


def _each(name):
    def function(*tensors):
        if len(tensors) == 1 and isinstance(tensors[0], Tensor):
            return _operation(name)(tensors[0])
        tensors = tensors[0] if len(tensors) == 1 else tensors
        return tuple(_operation(name)(tensor) for tensor in tensors)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(*tensors) -> Tensor or tuple of Tensors\n\nEach tensor with as many dimensions at least."
    return function


atleast_1d, atleast_2d, atleast_3d = map(_each, ("atleast_1d", "atleast_2d", "atleast_3d"))


def nonzero(input, *, out=None, as_tuple=False):
    """nonzero(input, *, out=None, as_tuple=False) -> Tensor or tuple of Tensors

    The indices of the elements that are not zero: one row per element, or one tensor per dimension."""
    return _operation("where")(input) if as_tuple else _operation("nonzero")(input, out=out)


def _parts(results, return_inverse, return_counts):
    output, inverse, counts = results
    parts = [output, *[inverse] * return_inverse, *[counts] * return_counts]
    return output if len(parts) == 1 else tuple(parts)


def unique(input, sorted=True, return_inverse=False, return_counts=False):
    """unique(input, sorted=True, return_inverse=False, return_counts=False) -> Tensor or tuple of Tensors

    The different elements; with flags also where each element went and how often each occurs."""
    if not return_inverse and not return_counts:
        return _operation("unique")(input, sorted)
    return _parts(_operation("unique2")(input, sorted, return_inverse, return_counts), return_inverse, return_counts)


def unique_consecutive(input, return_inverse=False, return_counts=False):
    """unique_consecutive(input, return_inverse=False, return_counts=False) -> Tensor or tuple of Tensors

    The elements without those that equal the one before; with flags also where each element went and how long each run is."""
    if not return_inverse and not return_counts:
        return _operation("unique_consecutive")(input)
    return _parts(_operation("unique_consecutive2")(input, return_inverse, return_counts), return_inverse, return_counts)


def tensordot(a, b, dims=2, out=None):
    """tensordot(a, b, dims=2, out=None) -> Tensor

    Products summed over the last dimensions of one and the first of the other, or over pairs of dimensions."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, (list, tuple)):
        first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
        return _operation("tensordot")(a, b, first, second, out=out)
    return _operation("tensordot")(a, b, dims, out=out)


FUNCTIONS = {function.__name__: function for function in
             (atleast_1d, atleast_2d, atleast_3d, nonzero, unique, unique_consecutive, tensordot)}


def install():
    """Methods of the same names, where PyTorch has them."""
    for name in ("nonzero", "unique", "unique_consecutive"):
        setattr(Tensor, name, FUNCTIONS[name])
