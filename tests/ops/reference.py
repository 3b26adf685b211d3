# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyTorch's results on the samples of the op table, recorded and compared.

    reference.py record     with a Python that has torch: writes reference.json
    reference.py check      compares ours with what was recorded, and prints TAP
"""
import json
import sys
from pathlib import Path

import numpy as np

import samples as table

ONE_BY_ONE = {"block_diag", "broadcast_tensors", "cartesian_prod"}  # which take their tensors so
UP_TO_SIGN = {"svd", "linalg_svd", "linalg_eigh"}                    # vectors whose direction is not determined
FILE = Path(__file__).resolve().parent / "reference.json"


def describe(module, value):
    if not isinstance(value, module.Tensor):
        return value if isinstance(value, (bool, int, float)) else str(value)
    value = value.detach()
    dtype = str(value.dtype).removeprefix("torch.")
    plain = value.to(module.float64).numpy().reshape(-1)
    exact = dtype in ("float64", "float32", "float16", "bfloat16")
    return {"dtype": dtype, "shape": list(value.shape),
            "values": [float(f"{x:.9g}") if exact else int(x) for x in plain.tolist()]}


def run(module, sample):
    """Results and gradients, or the text of the error, of a sample in float32."""

    def make(data):
        array = np.array(data.given, dtype=np.float32 if data.array.dtype == np.float64 else data.array.dtype)
        tensor = module.from_numpy(array)
        if array.dtype == np.float32:
            tensor.requires_grad_()
        made.append(tensor)
        return tensor

    made = []
    args, kwargs = table.replace(sample.args, make), table.replace(sample.kwargs, make)
    if sample.row.in_place_only:
        args = (args[0].clone(), *args[1:])
    if sample.row.public in ONE_BY_ONE:
        args = args[0]
    module.manual_seed(11)
    try:
        results = table.results_of(table.resolve(module, sample.row.public)(*args, **kwargs))
    except (AttributeError, TypeError):  # PyTorch has it under no name, or calls it otherwise
        return None
    except Exception as error:
        text = str(error).splitlines()[0]
        # what PyTorch has given up, or refuses to differentiate, says nothing about the values
        return None if "deprecated" in text or "not differentiable with respect to" in text else {"error": text}
    if sample.row.public in UP_TO_SIGN:
        return {"results": [describe(module, r.abs()) for r in results]}
    record = {"results": [describe(module, r) for r in results]}
    floating = [r for r in results if isinstance(r, module.Tensor) and r.requires_grad]
    if floating:
        name = getattr(floating[0].grad_fn, "name", None)
        name = (name() if callable(name) else name or "").removeprefix("torch::autograd::").replace("NotImplemented", "")
        # composed operations end in nodes of their parts, and overloads are numbered as PyTorch lists them
        stem = sample.row.public.replace("_", "")
        if sample.row.node_name and name and ("node" in sample.row.keys or name.lower().startswith(stem)):
            exact = "node" in sample.row.keys and isinstance(sample.args[0], table.Data)
            record["node"] = name if exact else name.rstrip("0123456789")
        leaves = [t for t in made if t.requires_grad]
        total = sum(r.sum() * (k + 1) for k, r in enumerate(results) if any(r is f for f in floating))
        try:
            gradients = module.autograd.grad(total, leaves, allow_unused=True)
        except Exception:  # PyTorch has no derivative for it
            return record
        described = [None if g is None else describe(module, g) for g in gradients]
        if any(g is not None and any(abs(x) > 1e-5 for x in g["values"]) for g in described):
            record["gradients"] = described
    return record


def record():
    import torch

    torch.set_num_threads(1)
    lines = {}
    for row in table.public_rows():
        for sample in table.samples(row):
            result = run(torch, sample)
            if result is not None:
                lines[f"{row.name}({sample.label})"] = result
    body = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in lines.items())
    FILE.write_text(json.dumps({"torch": torch.__version__})[:-1] + ",\n" + body + "}\n")
    print(f"{len(lines)} calls recorded")


def differences(got, expected, path=""):
    """What differs, as a text, or None."""
    if isinstance(expected, dict) and "values" in expected:
        if not isinstance(got, dict):
            return f"{path}: {got} instead of a tensor"
        for key in ("dtype", "shape"):
            if got[key] != expected[key]:
                return f"{path}: {key} {got[key]} instead of {expected[key]}"
        tolerance = {"float64": 1e-9, "float16": 2e-3, "bfloat16": 1e-2}.get(expected["dtype"], 2e-5)
        if not np.allclose(got["values"], expected["values"], rtol=tolerance, atol=tolerance, equal_nan=True):
            return f"{path}: {got['values']} instead of {expected['values']}"
        return None
    if isinstance(got, dict) and isinstance(expected, dict):  # PyTorch has no derivative for some
        got = {key: value for key, value in got.items() if key in expected or key not in ("gradients", "node")}
    if isinstance(expected, (dict, list)):
        if type(got) is not type(expected) or len(got) != len(expected):
            return f"{path}: {got} instead of {expected}"
        for key in expected if isinstance(expected, dict) else range(len(expected)):
            if isinstance(expected, dict) and key not in got:
                return f"{path}: {got} instead of {expected}"
            text = differences(got[key], expected[key], f"{path}/{key}")
            if text:
                return text
        return None
    return None if got == expected else f"{path}: {got!r} instead of {expected!r}"


def check():
    import gi

    gi.require_version("GTensor", "1.0")
    from gi.repository import GTensor as gt

    recorded = json.loads(FILE.read_text())
    pairs = [(row, sample) for row in table.public_rows() for sample in table.samples(row)]
    pairs = [(row, sample) for row, sample in pairs if f"{row.name}({sample.label})" in recorded]
    print(f"1..{len(pairs)}")
    failed = 0
    for number, (row, sample) in enumerate(pairs, 1):
        key = f"{row.name}({sample.label})"
        try:
            text = differences(run(gt, sample), recorded[key])
        except Exception as error:
            text = repr(error)
        print(f"{'not ok' if text else 'ok'} {number} - {key}")
        if text:
            failed += 1
            print("\n".join(f"# {line}" for line in text.splitlines()))
    return failed > 0


if __name__ == "__main__":
    sys.exit({"record": record, "check": check}[sys.argv[1]]())
