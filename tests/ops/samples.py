# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The inputs on which each row of the op table is tested.

A row's key `samples` lists calls as text, for example `samples = ["t(3, 4), 1, i(4, 3, 2)"]`, where t(SIZES) is a float tensor
from the row's domain, i(BOUND, SIZES) an int64 tensor of numbers below BOUND, b(SIZES) a bool tensor, s(SIZES) an int64
tensor of 1 and -1, spd(SIZES) symmetric positive-definite matrices, low(SIZES) lower triangular ones, pivots(N) those of an LU
factorization and edges(N) numbers in ascending order. A row without that key
gets samples that follow from its schema. The numbers depend on the row and the place alone, so that what was
recorded elsewhere can be compared.
"""
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

OPS = Path(__file__).resolve().parents[2] / "libgtensor" / "ops"
sys.path.insert(0, str(OPS))
sys.dont_write_bytecode = True
from generator.schema import Table  # noqa: E402

DOMAINS = {"any": (-2.0, 2.0), "positive": (0.2, 3.0), "unit": (0.05, 0.95), "nonzero": (-2.0, 2.0)}

# What an argument without a default gets where a row gives no samples.
SCALARS = {"Scalar": 1.5, "float": 0.5, "int": 1, "bool": True}


@dataclass
class Data:
    """The elements of a tensor argument, before a library makes a tensor of them."""

    array: np.ndarray
    symmetric: bool = False  # what a library gets is the mean of it and its transpose
    triangular: bool = False  # what a library gets is its lower triangle

    def __add__(self, number):
        return Data(self.array + number)

    @property
    def given(self):
        if self.symmetric:
            return (self.array + np.swapaxes(self.array, -1, -2)) / 2
        return np.tril(self.array) if self.triangular else self.array


@dataclass
class Sample:
    row: object
    label: str
    args: tuple
    kwargs: dict

    @property
    def tensors(self):
        return [a for a in flat((self.args, self.kwargs)) if isinstance(a, Data)]


def flat(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in flat(item)]
    return [value]


def replace(value, make):
    """The same structure with make(data) in place of each Data."""
    if isinstance(value, Data):
        return make(value)
    if isinstance(value, dict):
        return {key: replace(item, make) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(replace(item, make) for item in value)
    return value


class Source:
    """Draws the elements of one sample."""

    def __init__(self, row, label):
        self.random = np.random.Generator(np.random.PCG64(zlib.crc32(f"{row.name}/{label}".encode())))
        domain = row.keys.get("domain", "any")
        self.nonzero = domain == "nonzero"
        self.least, self.most = DOMAINS[domain] if domain in DOMAINS else map(float, domain.strip("()").split(","))

    def t(self, *sizes):
        values = self.least + (self.most - self.least) * self.random.random(sizes)
        if self.nonzero:
            values = np.where(abs(values) < 0.2, values + np.where(values < 0, -0.3, 0.3), values)
        return Data(np.asarray(values))

    def i(self, bound, *sizes):
        return Data(np.asarray((self.random.random(sizes) * bound).astype(np.int64)))

    def s(self, *sizes):
        return Data(np.where(self.random.random(sizes) < 0.5, -1, 1).astype(np.int64))

    def b(self, *sizes):
        return Data(np.asarray(self.random.random(sizes) < 0.5))

    def spd(self, *sizes):
        values = self.random.random((*sizes, sizes[-1]))
        return Data(values @ np.swapaxes(values, -1, -2) + np.diag(np.arange(1.0, sizes[-1] + 1)), symmetric=True)


    def low(self, *sizes):
        return Data(self.t(*sizes, sizes[-1]).array, triangular=True)

    def pivots(self, n):
        return Data(np.asarray(np.minimum(np.arange(1, n + 1) + self.random.integers(0, 2, n), n), np.int32))

    def edges(self, n):
        return Data(np.linspace(self.least, self.most, n))


def from_text(row, text):
    source = Source(row, text)
    names = {name: getattr(source, name) for name in ("t", "i", "b", "s", "spd", "low", "pivots", "edges")}
    names |= {"call": lambda *args, **kwargs: (args, kwargs), "inf": float("inf")}
    args, kwargs = eval(f"call({text})", names)  # texts come from the op table, not from users
    return Sample(row, text, args, kwargs)


def from_schema(row):
    """Every tensor of one shape, of shapes that broadcast, and of no dimension at all, as far as the kind of the row goes."""
    shapes = [[(2, 3)] * 6]
    if row.kind == "scalar":
        shapes += [[(3, 1), (4,), (2, 1, 1), (1,), (4,), ()], [()] * 6, [(0, 3)] * 6]
    elif row.kind == "reduce":
        shapes += [[()] * 6, [(4, 1, 3)] * 6]
    for number, sizes in enumerate(shapes):
        source = Source(row, str(number))
        make = source.t
        if row.promote == "integral":
            make = lambda *s: source.i(8, *s)  # noqa: E731
        args, tensors = [], iter(sizes)
        for argument in row.arguments:
            if argument.has_default or argument.keyword_only:
                continue
            if argument.type == "Tensor[]":
                args.append([make(*next(tensors)), make(*next(tensors))])
            elif argument.is_tensor:
                logical = argument.name in ("condition", "mask")
                args.append(source.b(*next(tensors)) if logical else make(*next(tensors)))
            elif argument.type in SCALARS:
                args.append(SCALARS[argument.type])
            elif argument.type.endswith("?"):
                args.append(None)
            else:
                return
        yield Sample(row, f"#{number}", tuple(args), {})


def samples(row):
    if "samples" in row.keys:
        return [from_text(row, text) for text in row.keys["samples"]]
    if row.family in ("create", "random"):
        return []
    return list(from_schema(row))


def table():
    return Table(sorted(OPS.glob("*.toml")))


def public_rows():
    return [row for row in table().rows if not row.internal and row.original == row.name]


def resolve(module, name):
    """The function of a flat name: linalg_norm is linalg.norm where a library nests."""
    if name == "unfold":  # what nn.functional calls so is im2col
        return module.Tensor.unfold
    functional = module.nn.functional
    if isinstance(getattr(module.Tensor, name, None), property) or type(getattr(module.Tensor, name, None)).__name__ == "getset_descriptor":
        return lambda tensor: getattr(tensor, name)
    for place, attribute in ((functional, name), (module, name), (module.linalg, name.removeprefix("linalg_")),
                             (module.special, name.removeprefix("special_")), (module.Tensor, name)):
        function = getattr(place, attribute, None)
        if callable(function):
            return function
    raise AttributeError(f"there is no function {name}")


def results_of(value):
    """A flat list of the tensors and numbers that a call returned."""
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in results_of(item)]
    return [value]
