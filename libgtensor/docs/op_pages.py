# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The manual's page of each operation, out of its rows of the op table and of the library itself.

    op_pages.py FOLDER CONFIG IN    writes FOLDER/op-NAME.md, FOLDER/operations.md and, from IN, gi-docgen's CONFIG with all of them
    op_pages.py --check             makes every page and writes none; prints TAP: part of the tests

Dtypes, errors and the example's result are what the library answers while the page is made, so that none of them can grow old.
"""
import sys
from pathlib import Path

import gi
import numpy as np

gi.require_version("GTensor", "1.0")
from gi.repository import GLib, GTensor as gt  # noqa: E402

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "ops"))
import samples as table  # noqa: E402
from generator import forms, fronts  # noqa: E402

DTYPES = ["float32", "float64", "float16", "bfloat16", "uint8", "int8", "int16", "int32", "int64", "bool"]
FUNCTIONAL = ("nn", "conv", "pool", "loss", "norm", "attention", "resample")
# What an argument without a default is in the example of a row that has no samples.
VALUES = {"Scalar": 3, "float": 0.5, "int": 3, "int[]": [2, 3], "bool": True, "str": "mean", "DType?": None, "Tensor?": None}
FAR_DIM = 99


# -- the example ---------------------------------------------------------------------------------------------------

def sample_of(row):
    """The first of the row's samples, or one that follows from its arguments alone."""
    found = table.samples(row)
    if found:
        return found[0]
    source, args = table.Source(row, "example"), []
    if row.family == "random":  # probabilities
        source.low, source.high = table.DOMAINS["unit"]
    for argument in row.arguments:
        if argument.has_default or argument.keyword_only:
            continue
        args.append(source.t(2, 3) if argument.type == "Tensor" else VALUES.get(argument.type))
    return table.Sample(row, "example", tuple(args), {})


def place(row):
    """What stands before the parenthesis of a call, as text and as function; a text that ends in a point is a method's."""
    name = row.public
    for prefix in ("linalg", "special"):
        nested = name.removeprefix(f"{prefix}_")
        if nested != name and hasattr(getattr(gt, prefix), nested):
            return f"gt.{prefix}.{nested}", getattr(getattr(gt, prefix), nested)
    if row.family in FUNCTIONAL and hasattr(gt.nn.functional, name):
        return f"gt.nn.functional.{name}", getattr(gt.nn.functional, name)
    if not row.in_place_only and callable(getattr(gt, name, None)):
        return f"gt.{name}", getattr(gt, name)
    return f".{name}", getattr(gt.Tensor, name)


def literal(array):
    text = repr(np.round(array, 2).tolist() if array.dtype == np.float64 else array.tolist())
    return text if array.dtype in (np.float64, np.int64, np.bool_) else f"{text}, dtype=gt.{array.dtype}"


def shown(value, names):
    if isinstance(value, table.Data):
        return names[id(value)]
    if isinstance(value, (list, tuple)):
        inner = ", ".join(shown(item, names) for item in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    return repr(value)


def plain(data):
    return (data.array + np.swapaxes(data.array, -1, -2)) / 2 if data.symmetric else data.array


def is_sampled(row):
    return row.keys.get("samples") != [] and "example" not in row.keys


def has_example(row):
    return "example" in row.keys or is_sampled(row)


def example(row):
    """The lines of a program and what it prints."""
    if "example" in row.keys:
        return row.keys["example"], run(row.keys["example"])
    sample = sample_of(row)
    tensors = list({id(data): data for data in sample.tensors}.values())
    names = {id(data): name for data, name in zip(tensors, "x" if len(tensors) == 1 else "abcdef")}
    lines = [f"{names[id(data)]} = gt.tensor({literal(plain(data))})" for data in tensors]
    if any(argument.type == "Generator?" for argument in row.arguments):
        lines.insert(0, "gt.manual_seed(0)")
    text, _ = place(row)
    args = [shown(value, names) for value in sample.args] + [f"{key}={shown(value, names)}" for key, value in sample.kwargs.items()]
    call = f"{args.pop(0)}{text}" if text.startswith(".") else text
    lines.append(f"print({call}({', '.join(args)}))")
    return lines, run(lines)


def run(lines):
    printed = []
    gt.manual_seed(0)
    exec("\n".join(lines), {"gt": gt, "print": lambda value: printed.append(str(value)), "inf": float("inf"), "nan": float("nan")})
    return "\n".join(printed)


# -- what the library answers ----------------------------------------------------------------------------------------

def outcome(row, sample, dtype=None, **changes):
    """The results' dtypes, or the error's message."""
    def make(data):
        array = plain(data)
        tensor = gt.from_numpy(np.array(array))
        return tensor.to(getattr(gt, dtype)) if dtype and array.dtype == np.float64 else tensor

    args, kwargs = list(table.replace(sample.args, make)), table.replace(sample.kwargs, make)
    positions = [argument.name for argument in row.arguments if not argument.keyword_only]
    for name, value in changes.items():
        if name in positions[:len(args)]:
            args[positions.index(name)] = value
        else:
            kwargs[name] = value
    try:
        results = table.results_of(place(row)[1](*args, **kwargs))
    except (GLib.Error, RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        return None, str(getattr(error, "message", error)).splitlines()[0]
    return [str(r.dtype).removeprefix("torch.").removeprefix("GTensor.") for r in results if isinstance(r, gt.Tensor)], None


def dtypes(row):
    """A text, and the message with which other dtypes are refused."""
    sample = sample_of(row)
    if not is_sampled(row) or not any(data.array.dtype == np.float64 for data in sample.tensors):
        return "", {}
    kept, changed, refused = [], [], {}
    for dtype in DTYPES:
        found, message = outcome(row, sample, dtype)
        if found is None:
            refused.setdefault(message, []).append(dtype)
        elif not found or found[0] == dtype:
            kept.append(dtype)
        else:
            changed.append(f"{dtype} (the result is {found[0]})")
    return ", ".join(kept + changed), refused


def errors(row, refused):
    lines = [f"{', '.join(names)}: `{message}`" for message, names in refused.items()]
    if not is_sampled(row):
        return lines
    dim = next((a for a in row.arguments if a.name in ("dim", "dims") and a.type.rstrip("?") in ("int", "int[]")), None)
    if dim is not None:
        message = outcome(row, sample_of(row), **{dim.name: FAR_DIM if dim.type.startswith("int") and "[" not in dim.type else [FAR_DIM]})[1]
        if message:
            lines.append(f"a dimension out of range: `{message}`")
    tensors = [a for a in row.arguments if a.type in ("Tensor", "Tensor|Scalar")]
    if row.kind == "scalar" and len(tensors) == 2:
        sample = sample_of(row)
        misfit = [table.Source(row, "misfit").t(3), table.Source(row, "misfit").t(4)]
        rest = [value for value in sample.args[2:]]
        message = outcome(row, table.Sample(row, "misfit", (*misfit, *rest), {}))[1]
        if message:
            lines.append(f"shapes that do not broadcast: `{message}`")
    return lines


# -- signatures ----------------------------------------------------------------------------------------------------

def c_signatures(row):
    lines = []
    for form in forms.forms(row):
        parameters = ", ".join(text for text, _ in forms.parameters(form))
        lines.append(f"{forms.return_type(form)}{form.c_name} ({parameters});")
    return lines


def python_signatures(name, rows):
    text, function = place(rows[0])
    lines = []
    for row in rows:
        parts, star = [], False
        for argument in row.arguments:
            if argument.keyword_only and not star:
                parts.append("*")
                star = True
            shown_name = "input" if argument.name == "self" and not text.startswith(".") else argument.name
            parts.append(f"{shown_name}={argument.default!r}" if argument.has_default else shown_name)
        if text.startswith("."):
            parts = parts[1:]
        parts += ["*"] * (row.has_out and not star) + ["out=None"] * row.has_out
        lines.append(f"{'Tensor' if text.startswith('.') else ''}{text}({', '.join(parts)})")
        if row.is_method and not text.startswith("."):
            lines.append(f"Tensor.{name}{'()' if len(row.arguments) == 1 else '(...)'}")
        if row.keys.get("inplace"):
            lines.append(f"Tensor.{name.rstrip('_')}_(...)")
    return list(dict.fromkeys(lines))


def javascript_signatures(rows):
    lines = []
    for row in rows:
        head, *tail = row.stem.split("_")
        camel = head + "".join(part.capitalize() for part in tail) + "_" * row.in_place_only
        arguments = list(row.arguments)
        prefix = "gt."
        if row.is_method:
            prefix = "tensor."
            arguments = arguments[1:]
        parts = [a.name for a in arguments if not a.has_default]
        options = [a.name.split("_")[0] + "".join(p.capitalize() for p in a.name.split("_")[1:]) for a in arguments if a.has_default]
        parts += [f"{{{', '.join(options)}}}"] if options else []
        lines.append(f"{prefix}{camel}({', '.join(parts)})")
    return list(dict.fromkeys(lines))


# -- the page --------------------------------------------------------------------------------------------------------

def node_text(row):
    return "` or `".join(row.node_name) if isinstance(row.node_name, list) else row.node_name


def fenced(language, lines):
    return [f"```{language}", *lines, "```", ""]


def page(name, rows):
    """The page of a public name."""
    lines = [f"Title: {name}", "", rows[0].keys["doc"], ""]
    lines += ["## Signatures", "", *fenced("c", [line for row in rows for line in c_signatures(row)])]
    lines += fenced("python", python_signatures(name, rows)) + fenced("javascript", javascript_signatures(rows))
    formula = next((text for text in map(fronts.formula_text, rows) if text), None)
    if formula:
        lines += ["## Formula", "", f"`{formula}`", ""]
    gradients = [(node_text(row), key, " ".join(text.split())) for row in rows for key, text in row.gradients.items()]
    if gradients:
        lines += ["## Gradient", "", *(f"- `{node}`, with respect to {key}: `{text}`" for node, key, text in gradients), ""]
    elif any(row.records for row in rows):
        lines += ["## Gradient", "", "Through the operations that it is made of.", ""]
    elif any(row.differentiable for row in rows):
        lines += ["## Gradient", "", f"`{next(node_text(row) for row in rows if row.differentiable)}`, in C.", ""]
    else:
        lines += ["## Gradient", "", "None.", ""]
    taken, refused = dtypes(rows[0])
    if taken:
        lines += ["## Dtypes", "", taken, ""]
    found = errors(rows[0], refused)
    if found:
        lines += ["## Errors", "", *(f"- {text}" for text in found), ""]
    if not has_example(rows[0]):
        return "\n".join(lines)
    program, printed = example(rows[0])
    lines += ["## Example", "", *fenced("python", ["from gi.repository import GTensor as gt", "", *program])]
    lines += fenced("text", printed.splitlines())
    return "\n".join(lines)


def pages():
    """Name and rows of every page: an alias has its own."""
    grouped = {}
    for row in table.table().rows:
        if not row.internal:
            grouped.setdefault(row.public, []).append(row)
    return sorted(grouped.items())


def check():
    found, failed = pages(), 0
    print(f"1..{len(found)}")
    for number, (name, rows) in enumerate(found, 1):
        try:
            page(name, rows)
            print(f"ok {number} - {name}" + ("" if has_example(rows[0]) else " # SKIP no example"))
        except Exception as error:
            failed += 1
            print(f"not ok {number} - {name}: {type(error).__name__}: {error}", flush=True)
    return failed > 0


def write(folder, config, template):
    folder.mkdir(parents=True, exist_ok=True)
    names, index, family = ["operations.md"], ["Title: Operations", ""], None
    for name, rows in sorted(pages(), key=lambda item: (item[1][0].family, item[0])):
        if rows[0].family != family:
            family = rows[0].family
            index += ["", f"## {family}", ""]
        names.append(f"op-{name}.md")
        index.append(f"- [{name}](op-{name}.html): {rows[0].keys['doc']}")
        (folder / names[-1]).write_text(page(name, rows), encoding="utf-8")
    (folder / "operations.md").write_text("\n".join(index) + "\n", encoding="utf-8")
    listed = "".join(f', "{name}"' for name in names)
    config.write_text(template.read_text(encoding="utf-8").replace("]\ncontent_images", f"{listed}]\ncontent_images"), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["--check"] else write(*map(Path, sys.argv[1:])))
