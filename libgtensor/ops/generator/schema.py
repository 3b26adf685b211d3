# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The rows of the op table, read and checked.

A Row is one table of a TOML file; libgtensor/docs/adding-an-op.md defines the keys. What is wrong with a row is
an OpError that names the file, the row and the reason.
"""

import ast
import copy
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

TENSOR_TYPES = ("Tensor", "Tensor?", "Tensor|Scalar", "Tensor[]", "Tensor?[]")
LIST_TYPES = ("Tensor[]", "Tensor?[]", "int[]", "int[]?")   # two C parameters, the second a length
VALUE_TYPES = ("Scalar", "Scalar?", "int", "int?", "int[]", "int[]?", "float", "float?", "bool", "str", "str?", "DType?",
               "Device?", "Generator?")
KINDS = ("scalar", "reduce", "view", "compose", "run")
PROMOTES = ("default", "float", "compare", "logical", "integral", "floating", "number", "sum")
KEYS = {"schema", "doc", "samples", "node", "promote", "promote_from", "none", "check", "grad", "saves", "inplace", "out", "internal",
        "alias", "domain", "records", "args", "plain", "nonempty", "geometry", "anywhere", "example", "messages", "kernel_name", *KINDS}

# What the operators of formulas and of the languages are called.
OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.FloorDiv: "floor_divide", ast.Mod: "remainder",
    ast.Pow: "pow", ast.MatMult: "matmul", ast.BitAnd: "bitwise_and", ast.BitOr: "bitwise_or", ast.BitXor: "bitwise_xor",
    ast.LShift: "bitwise_left_shift", ast.RShift: "bitwise_right_shift", ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt",
    ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.USub: "neg", ast.Invert: "bitwise_not",
}


class OpError(Exception):
    """A mistake in the op table."""


@dataclass
class Argument:
    name: str
    type: str
    default: object = None
    has_default: bool = False
    keyword_only: bool = False

    @property
    def is_tensor(self):
        return self.type in TENSOR_TYPES

    @property
    def is_list(self):
        return self.type in LIST_TYPES

    @property
    def is_tensor_list(self):
        return self.is_tensor and self.is_list

    @property
    def is_optional(self):
        return self.type.endswith("?")


@dataclass
class Row:
    file: str
    family: str
    name: str                   # the row's name, the stem of the C names
    public: str                 # the name before the parenthesis of the schema
    schema: str
    keys: dict
    arguments: list
    results: list               # (type, name) pairs; the name is "result" where the schema gives none
    kind: str
    promote: str
    original: str               # the row that an alias stands for, else the row's own name
    gradients: dict = field(default_factory=dict)   # name -> formula

    @property
    def tensors(self):
        """In the order of GtenCall.tensors: a list is spread out behind the others."""
        return sorted((a for a in self.arguments if a.is_tensor), key=lambda a: a.is_list)

    @property
    def values(self):
        return [a for a in self.arguments if not a.is_tensor]

    @property
    def is_method(self):
        return bool(self.arguments) and self.arguments[0].name == "self" and self.arguments[0].type == "Tensor"

    @property
    def in_place_only(self):
        return self.name.endswith("_")

    @property
    def has_in_place(self):
        return self.in_place_only or bool(self.keys.get("inplace"))

    @property
    def has_out(self):
        return self.keys.get("out", self.kind != "view" and not self.in_place_only and not self.returns_list
                             and bool(self.results) and self.results[0][0] == "Tensor")

    @property
    def returns_list(self):
        return bool(self.results) and self.results[0][0] == "Tensor[]"

    @property
    def internal(self):
        return bool(self.keys.get("internal"))

    @property
    def stem(self):
        return self.name.rstrip("_")

    @property
    def differentiable(self):
        return "grad" in self.keys

    @property
    def records(self):
        """The operations it is made of record themselves."""
        return (self.kind == "compose" and not self.differentiable) or bool(self.keys.get("records"))

    @property
    def node_name(self):
        if not self.differentiable:
            return None
        return self.keys.get("node", camel_case(self.public.rstrip("_")) + "Backward0")

    def fail(self, reason):
        raise OpError(f"{self.file}: [{self.name}]: {reason}")


def camel_case(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def parse_default(text, fail):
    text = text.strip()
    if text in ("inf", "-inf"):
        return float(text)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        fail(f"the default {text!r} is not a literal")


def split_arguments(text):
    """Splits at the commas that are in no bracket."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def parse_schema(schema, fail):
    """Returns the public name, the arguments and the results."""
    match = re.fullmatch(r"\s*(\w+)\s*\((.*)\)\s*->\s*(.+?)\s*", schema, re.DOTALL)
    if not match:
        fail(f"the schema {schema!r} does not read as NAME(ARGUMENTS) -> RESULT")
    name, arguments_text, results_text = match.groups()

    arguments, keyword_only = [], False
    for part in split_arguments(arguments_text):
        if part == "*":
            keyword_only = True
            continue
        match = re.fullmatch(r"(\S+)\s+(\w+)\s*(?:=\s*(.+))?", part)
        if not match:
            fail(f"the argument {part!r} does not read as TYPE NAME or TYPE NAME=DEFAULT")
        type_name, argument_name, default = match.groups()
        if type_name not in TENSOR_TYPES + VALUE_TYPES:
            fail(f"the argument {argument_name!r} has the unknown type {type_name!r}")
        if any(a.name == argument_name for a in arguments):
            fail(f"two arguments are called {argument_name!r}")
        has_default = default is not None
        arguments.append(Argument(argument_name, type_name, parse_default(default, fail) if has_default else None,
                                  has_default, keyword_only))

    results_text = results_text.strip()
    if results_text == "()":
        results = []
    elif results_text.startswith("("):
        results = []
        for part in split_arguments(results_text[1:-1]):
            match = re.fullmatch(r"(Tensor)\s+(\w+)", part)
            if not match:
                fail(f"the result {part!r} does not read as Tensor NAME")
            results.append(match.groups())
        if len(results) > 4:
            fail("there are more than four results")
    elif results_text in ("Tensor", "Tensor[]", "bool"):
        results = [(results_text, "result")]
    else:
        fail(f"the result {results_text!r} is unknown")
    return name, arguments, results


def make_row(path, family, name, keys, original=None):
    row = Row(path.name, family, name, name, "", keys, [], [], "", keys.get("promote", "default"), original or name)
    for key in keys:
        if key not in KEYS:
            row.fail(f"unknown key {key!r}")
    for key in ("schema", "doc"):
        if not isinstance(keys.get(key), str):
            row.fail(f"the key {key!r} is missing")
    row.schema = " ".join(keys["schema"].split())
    row.public, row.arguments, row.results = parse_schema(row.schema, row.fail)

    kinds = [kind for kind in KINDS if kind in keys]
    if len(kinds) != 1:
        row.fail(f"exactly one of {', '.join(KINDS)} says how it is computed, not {', '.join(kinds) or 'none'}")
    row.kind = kinds[0]
    if row.promote not in PROMOTES:
        row.fail(f"promote = {row.promote!r} is none of {', '.join(PROMOTES)}")
    names = {a.name for a in row.arguments}
    for argument in keys.get("promote_from", []):
        if argument not in names:
            row.fail(f"promote_from names {argument!r}, which is no argument")
    if row.has_in_place and not (row.arguments and row.arguments[0].type.startswith("Tensor")):
        row.fail("an operation in place needs a tensor as its first argument")
    if sum(a.is_tensor_list for a in row.arguments) > 1:
        row.fail("there is more than one list of tensors")
    if row.internal and row.keys.get("alias"):
        row.fail("an internal row has no aliases")

    gradients = keys.get("grad", {})
    if isinstance(gradients, dict):
        tensor_names = {a.name for a in row.tensors}
        for argument in gradients:
            if argument not in tensor_names:
                row.fail(f"a gradient is given for {argument!r}, which is no tensor argument")
        row.gradients = gradients
    return row


def alias_row(path, row, public):
    """The same operation under another of PyTorch's names."""
    keys = copy.copy(row.keys)
    del keys["alias"]
    keys["schema"] = re.sub(r"^\s*\w+", public, keys["schema"])
    keys.setdefault("node", row.node_name) if row.differentiable else None
    name = public + row.name[len(row.public):] if row.name.startswith(row.public) else public
    return make_row(path, row.family, name, keys, row.name)


class Table:
    """All rows, by row name and by public name."""

    def __init__(self, paths):
        self.rows, self.by_name, self.by_public = [], {}, {}
        for path in map(Path, paths):
            try:
                tables = tomllib.loads(path.read_text(encoding="utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise OpError(f"{path.name}: {error}") from None
            for name, keys in tables.items():
                row = make_row(path, path.stem, name, keys)
                self.add(row)
                for public in keys.get("alias", []):
                    self.add(alias_row(path, row, public))

    def add(self, row):
        if row.name in self.by_name:
            row.fail(f"{self.by_name[row.name].file} has a row of that name already")
        self.rows.append(row)
        self.by_name[row.name] = row
        self.by_public.setdefault(row.public, []).append(row)

    def originals(self, kind):
        return [row for row in self.rows if row.kind == kind and row.original == row.name]

    @property
    def families(self):
        return list(dict.fromkeys(row.family for row in self.rows))
