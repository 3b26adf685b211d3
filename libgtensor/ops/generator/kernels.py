# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The list of kernels and their scalar expressions, for kernels/.

gten-scalar.h says what the lines of gten-cpu-blocks.inc mean and which names an expression may use.
"""

import re

from .schema import Table

HEAD = """/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* {what} Generated from the op table; do not edit. */
"""

COMPUTES = {
    "default": ("FLOAT32", "FLOAT64", "INT64"),
    "number": ("FLOAT32", "FLOAT64", "INT64"),
    "sum": ("FLOAT32", "FLOAT64", "INT64"),
    "compare": ("FLOAT32", "FLOAT64", "INT64"),
    "logical": ("FLOAT32", "FLOAT64", "INT64"),
    "float": ("FLOAT32", "FLOAT64"),
    "floating": ("FLOAT32", "FLOAT64"),
    "integral": ("INT64",),
}
# Names that stand for another value in each compute type.
BOUNDS = {
    "FLOAT32": {"LOWEST": "-(T) INFINITY", "HIGHEST": "(T) INFINITY"},
    "FLOAT64": {"LOWEST": "-(T) INFINITY", "HIGHEST": "(T) INFINITY"},
    "INT64": {"LOWEST": "INT64_MIN", "HIGHEST": "INT64_MAX"},
}
REDUCE_KEYS = {"init", "map", "step", "combine", "finish"}
INPUT_NAMES = "abcdef"


def typed(expression, compute):
    """0.5 alone would make a float expression a double one."""
    for name, value in BOUNDS[compute].items():
        expression = re.sub(rf"\b{name}\b", value, expression)
    return re.sub(r"(?<![\w.])(\d+\.\d*(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?![\w.])", r"(T) \1", expression)


def parameters(row, *expressions):
    """The arguments that are not tensors and that the expressions name: the kernel's parameters."""
    words = set(re.findall(r"[A-Za-z_]\w*", " ".join(expressions)))
    names = [a.name for a in row.values if a.name in words]
    if len(names) > 4:
        row.fail("a kernel has at most four parameters")
    return names


def kernel_parameters(row):
    if row.kind == "scalar":
        return parameters(row, row.keys["scalar"])
    if row.kind == "reduce":
        return parameters(row, *row.keys["reduce"].values())
    return []


def enum_name(row):
    prefix = "GTEN_K_" if row.kind == "scalar" else "GTEN_K_REDUCE_"
    return prefix + row.original.upper()


def write_list(table: Table):
    """gten-kernel-list.h"""
    lines = [HEAD.format(what="The kernels that the op table asks for."), "#pragma once", "", "typedef enum", "{"]
    lines += [f"  {enum_name(row)}," for row in table.originals("scalar")]
    lines += ["  GTEN_K_N_POINTWISE,", "} GtenKPointwise;", "", "typedef enum", "{"]
    lines += [f"  {enum_name(row)}," for row in table.originals("reduce")]
    lines += ["  GTEN_K_N_REDUCE,", "} GtenKReduce;"]
    return "\n".join(lines) + "\n"


def scalar_lines(row):
    expression = " ".join(row.keys["scalar"].split())
    arity = len(row.tensors)
    if arity > len(INPUT_NAMES):
        row.fail(f"a kernel has at most {len(INPUT_NAMES)} inputs")
    known = {"x"} if arity == 1 else set(INPUT_NAMES[:arity])
    for name in re.findall(r"(?<![\w.])[a-fx](?!\w|\s*\()", expression):
        if name not in known and name not in {a.name for a in row.values}:
            row.fail(f"the expression names {name!r}, but the inputs are {', '.join(sorted(known))}")
    macro = "GTEN_BLOCK_BOOL" if row.promote in ("compare", "logical") else "GTEN_BLOCK"
    names = ", ".join(kernel_parameters(row))
    for compute in COMPUTES[row.promote]:
        yield f"{macro} ({compute}, {row.name.upper()}, {arity}, ({names}), {typed(expression, compute)})"


def is_narrow(row, expression):
    """Whether the narrow integers, computed in their own types, get the low bits of what int64 gets: sums, products and
    bits do, and so do choices between inputs, if nothing was computed before."""
    tokens = re.findall(r"\w+|[<>=!]=|\S", expression)
    inputs = {"x", *INPUT_NAMES, "0", "1"}
    return set(tokens) <= {*inputs, *kernel_parameters(row), *"+-*&|^~()", "square"} or set(tokens) <= {
        *inputs, *"()&|,?:<>", "<=", ">=", "==", "!=", "max", "min", "relu", "abs"} - set(kernel_parameters(row))


def narrow_lines(row):
    expression = " ".join(row.keys["scalar"].split())
    if "INT64" in COMPUTES[row.promote] and is_narrow(row, expression):
        macro = "GTEN_NARROW_BOOL" if row.promote in ("compare", "logical") else "GTEN_NARROW"
        names = ", ".join(kernel_parameters(row))
        yield f"{macro} ({row.name.upper()}, {len(row.tensors)}, ({names}), {expression})"


def reduce_lines(row):
    parts = row.keys["reduce"]
    if unknown := set(parts) - REDUCE_KEYS:
        row.fail(f"reduce has no part {', '.join(sorted(unknown))}")
    if "init" not in parts or "step" not in parts:
        row.fail("reduce needs init and step")
    parts = {"map": "x", "combine": parts["step"], "finish": "acc", **parts}
    names = ", ".join(kernel_parameters(row))
    for compute in COMPUTES[row.promote]:
        expressions = ", ".join(typed(parts[part], compute) for part in ("init", "map", "step", "combine", "finish"))
        yield f"GTEN_REDUCE ({compute}, {row.name.upper()}, ({names}), {expressions})"


def write_blocks(table: Table):
    """gten-cpu-blocks.inc"""
    lines = [HEAD.format(what="The scalar expressions of the kernels.")]
    for row in table.originals("scalar"):
        lines += scalar_lines(row)
    for row in table.originals("reduce"):
        lines += reduce_lines(row)
    lines += ["#ifdef GTEN_NARROW"]
    for row in table.originals("scalar"):
        lines += narrow_lines(row)
    lines += ["#endif"]
    return "\n".join(lines) + "\n"
