# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Python's indices as the text that the library's own indexing reads: x[0, ::2, None, mask] is "0, ::2, None, ?"."""
from operator import index

from . import Tensor, construct


def _bound(value):
    return "" if value is None else str(index(value))


def text(key):
    """The index text of `key`, and the tensors that stand for its question marks."""
    if key.__class__ is int:
        return str(key), []
    if key.__class__ is not tuple:
        key = (key,)
    parts, tensors = [], []
    for item in key:
        kind = item.__class__
        if kind is int or item is None or kind is bool:
            parts.append(str(item))
        elif kind is slice:
            parts.append(f"{_bound(item.start)}:{_bound(item.stop)}:{_bound(item.step)}")
        elif item is Ellipsis:
            parts.append("...")
        elif kind is Tensor:
            parts.append("?")
            tensors.append(item)
        elif kind in (list, tuple, range) or getattr(item, "shape", ()) and hasattr(item, "__array__"):
            parts.append("?")
            tensors.append(_indices(item))
        elif hasattr(item, "__index__"):
            parts.append(str(index(item)))
        elif kind is str:
            raise TypeError("new(): invalid data type 'str'")
        else:
            raise IndexError("only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
                             f"(got {kind.__name__})")
    return ", ".join(parts), tensors


def _indices(item):
    """A tensor of indices from a list; an empty one selects nothing."""
    if hasattr(item, "__len__") and len(item) == 0:
        return construct.tensor([], dtype=construct.INT64)
    return construct.as_tensor(item)
