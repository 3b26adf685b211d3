# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyTorch's side of opinfo.py: runs the samples of PyTorch's operator tests and writes them down with their results.

A line of JSON on standard input asks for one operator, {"op": index, "dtypes": [...], "limit": n, "file": path}; a pickle of plain
Python values is written to `file` and a line of JSON answers. Tensors are bytes of storage with sizes, strides and offset."""
import json
import pickle
import random
import sys
import warnings

import numpy as np
import torch

DTYPES = {getattr(torch, name): name for name in ("float64", "float32", "float16", "bfloat16", "uint8", "int8", "int16", "int32",
                                                  "int64", "bool")}
SEED, SEED_OF_WRAPPER = 5, 42
UNDEFINED = {"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "empty_permuted", "resize_", "resize_as_"}


class Unsupported(Exception):
    """A sample that has no meaning here: complex or sparse tensors, other devices, functions."""


class Encoder:
    """Turns values into plain ones. The same tensor becomes the same number."""

    def __init__(self):
        self.tensors, self.numbers, self.kept = [], {}, []

    def tensor(self, value, again=False):
        if id(value) in self.numbers and not again:
            return self.numbers[id(value)]
        if type(value) not in (torch.Tensor, torch.nn.Parameter) or value.dtype not in DTYPES or value.layout != torch.strided \
                or value.device.type != "cpu":
            raise Unsupported(f"a tensor of {value.dtype}, {value.layout}, {value.device}")
        plain = value.detach()
        n = 0 if 0 in plain.shape else 1 + sum((size - 1) * stride for size, stride in zip(plain.shape, plain.stride()))
        elements = torch.as_strided(plain, (n,), (1,), plain.storage_offset()) if n else plain.new_empty(0)
        data = elements.clone().view(torch.uint8).numpy().tobytes() if n else b""
        self.tensors.append((DTYPES[value.dtype], tuple(value.shape), tuple(value.stride()), data,
                             value.requires_grad and value.is_leaf))
        self.numbers.setdefault(id(value), len(self.tensors) - 1)
        self.kept.append(value)
        return len(self.tensors) - 1

    def encode(self, value, again=False):
        """The value, plain. `again`: what a call returned, which may be an input with new elements."""
        if isinstance(value, torch.Tensor):
            return "tensor", self.tensor(value, again)
        if value is None or isinstance(value, (bool, int, float, str)):
            return "plain", value
        if isinstance(value, (list, tuple)):
            return "list" if isinstance(value, list) else "tuple", [self.encode(item, again) for item in value]
        if isinstance(value, dict):
            return "dict", {key: self.encode(item, again) for key, item in value.items()}
        if isinstance(value, torch.dtype) and value in DTYPES:
            return "dtype", DTYPES[value]
        if isinstance(value, torch.device) and value.type == "cpu":
            return "device", "cpu"
        if isinstance(value, (torch.memory_format, torch.layout)):
            return "format", str(value).removeprefix("torch.")
        if isinstance(value, slice):
            return "slice", [self.encode(item) for item in (value.start, value.stop, value.step)]
        if value is Ellipsis:
            return "ellipsis", None
        if isinstance(value, np.generic):
            return "plain", value.item()
        raise Unsupported(f"a {type(value).__name__}")


def seed():
    torch.manual_seed(SEED)
    random.seed(SEED)
    np.random.seed(SEED)


def seeds_itself(op):
    """Whether PyTorch's test calls the operator after a manual_seed() of its own."""
    return "wrapper_set_seed" in getattr(getattr(op.op, "__code__", None), "co_names", ())


def outcome(encoder, function):
    """What a call returns or raises."""
    seed()
    try:
        value = function()
    except Unsupported:
        raise
    except Exception as error:
        kind = next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
        return {"error": (kind, str(error))}, None
    return {"value": encoder.encode(value, again=True)}, value


def leaves(value):
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, dict):
        return leaves(list(value.values()))
    return [value] if isinstance(value, torch.Tensor) else []


def same(a, b):
    a, b = leaves(a), leaves(b)
    return len(a) == len(b) and all(torch.equal(x.nan_to_num(), y.nan_to_num()) for x, y in zip(a, b))


def call(op, input, args, kwargs):
    return op.op(input, *args, **kwargs)


def gradients(encoder, results, inputs):
    """Weights of the results and the gradients of their weighted sum."""
    which = [i for i, r in enumerate(leaves(results)) if r.requires_grad]
    floating = [leaves(results)[i] for i in which]
    wanted = [t for t in inputs if t.requires_grad]
    if not floating or not wanted:
        return None
    generator = torch.Generator().manual_seed(11)
    weights = [(torch.rand(r.shape, generator=generator, dtype=torch.float64) + 0.5).to(r.dtype) for r in floating]
    try:
        found = torch.autograd.grad(floating, wanted, weights, allow_unused=True)
    except Exception as error:
        return None if "not implemented" in str(error) or "not differentiable" in str(error) else {"error": str(error)}
    return {"which": which, "weights": encoder.encode(weights), "inputs": [encoder.tensor(t) for t in wanted], "gradients": encoder.encode(list(found))}


def describe(op, dtype, sample, gradient):
    """A sample with its results in all forms, as plain values."""
    encoder = Encoder()
    input, args, kwargs = sample.input, sample.args, sample.kwargs
    record = {"input": encoder.encode(input), "args": encoder.encode(args), "kwargs": encoder.encode(kwargs), "dtype": DTYPES[dtype]}
    inputs = list(encoder.kept)
    record["function"], results = outcome(encoder, lambda: call(op, input, args, kwargs))
    record["seed"] = SEED_OF_WRAPPER if seeds_itself(op) else SEED
    if "error" in record["function"]:
        return {**record, "tensors": encoder.tensors}
    record["undefined"] = op.name in UNDEFINED
    torch.manual_seed(SEED + 1)
    record["random"] = seeds_itself(op) or not record["undefined"] and not same(results, call(op, input, args, kwargs))
    record["method"] = op.method_variant is not None and isinstance(input, torch.Tensor)
    if gradient and not record["undefined"]:
        record["grad"] = gradients(encoder, results, inputs)
    if op.inplace_variant is not None and not sample.broadcasts_input and isinstance(input, torch.Tensor):
        record["inplace"], _ = outcome(encoder, lambda: op.inplace_variant(input.detach().clone(), *args, **kwargs))
    outs = leaves(results)
    if op.supports_out and outs and not op.name.startswith("_"):
        made = [torch.empty_like(r.detach()) for r in outs]
        try:
            with torch.no_grad():
                call(op, input, args, {**kwargs, "out": made[0] if isinstance(results, torch.Tensor) else tuple(made)})
            record["out"] = True
        except Exception:
            record["out"] = False
    record["tensors"] = encoder.tensors
    return record


def chosen(samples, limit):
    """At most `limit` of the samples, evenly."""
    samples = list(samples)
    if not limit or len(samples) <= limit:
        return samples
    return [samples[i * len(samples) // limit] for i in range(limit)]


def samples(op, dtypes, limit):
    records, skipped, broken = [], 0, []
    supported = op.supported_dtypes("cpu")
    with_gradient = op.supported_backward_dtypes("cpu") if op.supports_autograd else ()
    for dtype in [d for d in DTYPES if d in supported and DTYPES[d] in dtypes]:
        gradient = dtype in with_gradient and dtype.is_floating_point
        seed()
        try:
            made = chosen(op.sample_inputs("cpu", dtype, requires_grad=gradient), limit)
        except Exception as error:
            broken.append(f"{DTYPES[dtype]}: {error}")
            continue
        for sample in made:
            try:
                records.append(describe(op, dtype, sample, gradient))
            except Unsupported:
                skipped += 1
    return records, skipped, broken


def errors(op):
    records, skipped = [], 0
    seed()
    try:
        made = list(op.error_inputs("cpu")) if op.error_inputs_func else []
    except Exception:
        made = []
    for item in made:
        sample, encoder = item.sample_input, Encoder()
        try:
            record = {"input": encoder.encode(sample.input), "args": encoder.encode(sample.args), "kwargs": encoder.encode(sample.kwargs)}
            got, _ = outcome(encoder, lambda: call(op, sample.input, sample.args, sample.kwargs))
        except Unsupported:
            skipped += 1
            continue
        if "error" in got and "single memory location" not in got["error"][1]:  # how inputs share memory is not written down
            records.append({**record, "error": got["error"], "tensors": encoder.tensors})
    return records, skipped


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    from torch.testing._internal.common_methods_invocations import op_db

    listed = [{"index": i, "name": op.name, "variant": op.variant_test_name} for i, op in enumerate(op_db)]
    print(json.dumps({"torch": torch.__version__, "ops": listed}), flush=True)
    for line in sys.stdin:
        wish = json.loads(line)
        op = op_db[wish["op"]]
        records, skipped, broken = samples(op, wish["dtypes"], wish["limit"])
        error_records, more = errors(op)
        with open(wish["file"], "wb") as file:
            pickle.dump({"name": op.name, "variant": op.variant_test_name, "samples": records, "errors": error_records,
                         "skipped": skipped + more, "broken": broken}, file)
        print(json.dumps({"calls": len(records) + len(error_records)}), flush=True)


if __name__ == "__main__":
    main()
