# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads the op registry: rows by public name, their schemas parsed, their forms told apart."""
import re
from collections import namedtuple

from . import typelib

Arg = namedtuple("Arg", "type name default required keyword_only")
Form = namedtuple("Form", "symbol args scalars")  # scalars: those of args that are taken as numbers

_methods = dict(vars(typelib.Tensor))  # the plain ones, before ours come in front of them
_rows = None


class Row:
    """One row of the op table, with one schema and its forms."""

    def __init__(self, op):
        self.op = op
        self.name = op.get_name()
        self.is_method = op.is_method()
        self._texts = op.get_forms()
        self._args = None

    @property
    def schema(self):
        return self.op.get_schema()

    @property
    def args(self):
        self._parse()
        return self._args

    @property
    def result(self):
        self._parse()
        return self._result

    @property
    def is_public(self):
        """Helpers of formulas have no forms."""
        return bool(self._texts)

    def _parse(self):
        if self._args is not None:
            return
        arguments, self._result = re.fullmatch(r"\s*\w+\((.*)\)\s*->\s*(.+?)\s*", self.schema, re.S).groups()
        self._args = []
        keyword_only = False
        for text in _split(arguments):
            if text == "*":
                keyword_only = True
                continue
            kind, name, _, default = re.fullmatch(r"(\S+)\s+(\w+)\s*(=\s*(.*))?", text, re.S).groups()
            self._args.append(Arg(kind, name, None if default is None else _literal(default), default is None,
                                  keyword_only))

    def forms(self, kind):
        """The forms of one kind: "" (functional), "_" (in place) or "out"; fewest arguments first."""
        forms = []
        for text in self._texts:
            symbol, _, arguments = text.partition("|")
            names = arguments.split()
            its_kind = "out" if symbol.endswith("_out") else \
                "_" if symbol.endswith("_") and not self.name.endswith("_") else ""
            if its_kind == kind:
                forms.append(Form(symbol, tuple(name.rstrip("=") for name in names),
                                  frozenset(name[:-1] for name in names if name.endswith("="))))
        return sorted(forms, key=lambda form: len(form.args))

    def function(self, form):
        """The plain binding of `form`."""
        return _methods[form.symbol] if self.is_method else getattr(typelib, form.symbol)

    def result_names(self):
        """The names of several results, or None where there is one."""
        if not self.result.startswith("("):
            return None
        return [text.split()[-1] for text in _split(self.result[1:-1])]


def _split(text):
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [part for part in (*parts, text[start:].strip()) if part]


def _literal(text):
    return eval(text, {"__builtins__": {}, "inf": float("inf")})  # the table's own; ast costs a millisecond of the import


def rows():
    """All rows by public name: {"pow": [Row, Row, ...]}."""
    global _rows
    if _rows is None:
        _rows = {}
        ops = typelib.Op.get_all()
        get_item = type(ops).get_item
        for i in range(len(ops)):
            row = Row(get_item(ops, i))
            if row.is_public:
                _rows.setdefault(row.name, []).append(row)
    return _rows


def plain_names():
    """The C names of forms that have another name here: add_scalar is add."""
    symbols = {text.partition("|")[0] for rows_ in rows().values() for row in rows_ for text in row.op.get_forms()}
    return {symbol for symbol in symbols if find(symbol)[0] is None}


def find(name):
    """The rows and the kind ("" or "_") that the Python name `name` stands for, or (None, "")."""
    table = rows()
    if name in table:
        return table[name], ""
    if name.endswith("_"):
        found = [row for row in table.get(name[:-1], ()) if row.forms("_")]
        if found:
            return found, "_"
    return None, ""
