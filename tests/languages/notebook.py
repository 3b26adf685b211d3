#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a notebook that was recorded with PyTorch, cell by cell, without Jupyter; the import is all that changes. What a cell prints
must be what PyTorch printed, but for the name of the module and the addresses of objects.

    notebook.py NOTEBOOK"""
import ast
import contextlib
import io
import json
import re
import sys

import gi

gi.require_version("GTensor", "1.0")


def run(source, namespace):
    """What a cell prints, and the text of its last expression."""
    lines = ("" if line.startswith("%") else line for line in source.split("\n"))
    source = re.sub(r"^import torch$", "from gi.repository import GTensor as torch", "\n".join(lines), flags=re.M)
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), namespace)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace) if last else None
    return printed.getvalue(), "" if value is None else repr(value)


def recorded(cell):
    """The same two texts as they were recorded."""
    printed = "".join("".join(output["text"]) for output in cell["outputs"] if output["output_type"] == "stream")
    value = "".join("".join(output["data"]["text/plain"]) for output in cell["outputs"]
                    if output["output_type"] == "execute_result")
    return printed, value


def plain(text):
    return re.sub(r"0x[0-9a-f]+", "0x", text.replace("torch.return_types.", "").replace("torch.", ""))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
    print(f"1..{len(cells)}")
    namespace, failed = {}, 0
    for number, cell in enumerate(cells, 1):
        source = "".join(cell["source"])
        try:
            got = run(source, namespace)
        except Exception as error:
            got = ("", f"{type(error).__name__}: {error}")
        expected = recorded(cell)
        # a cell that ends in a call whose result is of no interest has no recorded value
        same = plain(got[0]) == plain(expected[0]) and (plain(got[1]) == plain(expected[1]) or not expected[1])
        failed += not same
        print(f"{'ok' if same else 'not ok'} {number} - {source.strip().splitlines()[-1]}")
        if not same:
            for title, texts in (("cell", (source,)), ("expected", expected), ("got", got)):
                print("\n".join(f"# {title}: {line}" for text in texts for line in text.splitlines()))
    return failed > 0


sys.exit(main())
