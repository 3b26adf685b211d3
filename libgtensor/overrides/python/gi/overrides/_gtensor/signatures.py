# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What PyTorch says of arguments that no overload takes: its signatures, made from the rows, each with what does not fit."""
from itertools import product

NAMES = {"Scalar": "Number", "Tensor[]": "tuple of Tensors", "Tensor?[]": "tuple of Tensors", "int[]": "tuple of ints",
         "float[]": "tuple of floats", "DType": "torch.dtype", "Device": "torch.device", "Generator": "torch.Generator"}
# Functions that take a number for a tensor, where others have an overload for it.
_NUMBERS_AS_TENSORS = frozenset(name + end for end in ("", "_") for name in (
    "add", "sub", "subtract", "mul", "multiply", "div", "divide", "true_divide", "floor_divide"))


class _Signature:
    """One overload: texts like "int dim" and "bool keepdim = False", as many of which are required as `least` says."""

    def __init__(self, parameters):
        self.parts = []
        # PyTorch lists tensors before numbers, and a number in an earlier place first.
        kinds = [kind for kind, name, _, _ in reversed(parameters) if name != "out"]
        self.rank = [kind != "Tensor" for kind in kinds] if {"Tensor", "Number"}.issuperset(kinds) else []
        self.least = sum(default is None for _, _, default, _ in parameters)
        self.most = len(parameters)
        for kind, name, default, keyword_only in parameters:
            if keyword_only and "*" not in self.parts:
                self.parts.append("*")
            self.parts.append(f"{kind} {name}" + (f" = {default}" if default is not None else ""))

    def __str__(self):
        return f"({', '.join(self.parts)})"

    def mismatch(self, args, kwargs):
        """The types of what was given, if there are as many as parts here, with marks at those that a part does not name."""
        given = [(None, value) for value in args] + list(kwargs.items())
        if len(given) != max(len(self.parts), 1):
            return ""
        parts = self.parts or [""]
        names = {part.partition(" = ")[0].rpartition(" ")[2] for part in parts[len(args):]}
        unknown = [name for name in kwargs if name not in names]
        if unknown:
            return f"      didn't match because some of the keywords were incorrect: {', '.join(unknown)}\n"
        texts = []
        for (name, value), part in zip(given, parts):
            kind = type(value).__name__
            texts.append((f"{name}=" if name else "") + (kind if part.rpartition(" ")[0] == kind else f"!{kind}!"))
        return f"      didn't match because some of the arguments have invalid types: ({', '.join(texts)})\n"


def _default(arg):
    if arg.required:
        return None
    value = arg.default
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple)):
        return str(value[0]) if len(value) == 1 else "{" + ", ".join(map(str, value)) + "}"
    return str(value)


def _parameters(call):
    """Lists of (type, name, default, keyword_only): one for each choice of tensors and numbers."""
    unions = [arg.name for arg in call.args if arg.type == "Tensor|Scalar"]
    choices = [("Tensor",) * len(unions)] if call.name in _NUMBERS_AS_TENSORS \
        else [kinds[::-1] for kinds in product(("Tensor", "Number"), repeat=len(unions))]
    alone = len(unions) == sum(arg.type.startswith("Tensor") for arg in call.args)
    for kinds in choices:
        if alone and unions and "Tensor" not in kinds:
            continue
        chosen = dict(zip(unions, kinds))
        parameters = []
        for arg, name in zip(call.args, call.python_names):
            kind = arg.type.removesuffix("?") if arg.type != "Tensor?[]" else arg.type
            kind = chosen.get(arg.name) or NAMES.get(kind, kind)
            if call.method and arg.name == "self" and kind == "Tensor":
                continue
            parameters.append((kind, "self" if arg.name == "self" and kind != "Tensor" else name, _default(arg), arg.keyword_only))
            if call.creates and arg.type == "DType?":
                parameters.append(("torch.layout", "layout", "None", True))
            if arg.type == "Device?":
                parameters.append(("bool", "pin_memory", "False", True))
        if call.creates:
            parameters.append(("bool", "requires_grad", "False", True))
        if call.kind == "" and not call.method and call.row.forms("out"):
            names = call.row.result_names()
            out = "Tensor" if not names or len(names) == 1 else "tuple of Tensors", "out", "None", True
            first = next((i for i, part in enumerate(parameters) if part[3]), len(parameters))
            parameters.insert(first if call.creates else len(parameters), out)
        yield parameters


def invalid(calls, args, kwargs):
    """The error of arguments that none of the overloads takes, or None if one of them alone could have been meant."""
    signatures = [_Signature(parameters) for call in calls for parameters in _parameters(call)]
    if len({len(signature.rank) for signature in signatures}) == 1:
        signatures.sort(key=lambda signature: signature.rank)
    count = len(args) + len(kwargs)
    if sum(s.least <= count <= s.most for s in signatures) == 1 or len(signatures) == 1:
        return None
    got = ", ".join([type(arg).__name__ for arg in args] + [f"{key}={type(value).__name__}" for key, value in kwargs.items()])
    listed = "".join(f" * {signature}\n{signature.mismatch(args, kwargs)}" for signature in signatures)
    return TypeError(f"{calls[0].name}() received an invalid combination of arguments - got ({got}), but expected one of:\n{listed}")
