# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our side of opinfo.py: `opinfo_worker.py FILE FIRST` runs the samples of one operator, from number FIRST on, and compares with what
PyTorch did. Prints {"begin": n} before a sample and {"end": n, "dtype": ..., "checks": [[category, what differs or ""], ...]} after it."""
import builtins
import json
import pickle
import sys
import types
import warnings

import gi
import numpy as np
from gi.repository import GLib

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt  # noqa: E402

# Relative and absolute tolerance of results; of gradients ten times that. PyTorch rounds between the steps of a sum or a product in
# float16 and bfloat16 where this library does not: there the absolute tolerance is of the largest element.
TOLERANCES = {"float64": (1e-7, 1e-7), "float32": (1e-5, 2e-5), "float16": (2e-3, 1e-3), "bfloat16": (1.6e-2, 1e-2)}
# Results that are determined up to a sign.
UP_TO_SIGN = {"svd", "linalg.svd", "linalg.eigh"}
# Which of several equal elements is meant is not said; dtypes of few values have many.
TIES = {"sort", "argsort", "msort", "topk", "kthvalue", "mode"}

# Operators whose test calls something else than the function of their name.
CALLS = {
    "where": lambda self, condition, other, **kwargs: gt.where(condition, self, other, **kwargs),
    "polygamma": lambda x, n, **kwargs: gt.polygamma(n, x, **kwargs),
    "special.polygamma": lambda x, n, **kwargs: gt.special.polygamma(n, x, **kwargs),
    "einsum": lambda tensors, equation: gt.einsum(equation, tensors),
    "nn.functional.embedding": lambda weight, indices, **kwargs: gt.nn.functional.embedding(indices, weight, **kwargs),
    "nn.functional.embedding_bag": lambda weight, indices, **kwargs: gt.nn.functional.embedding_bag(indices, weight, **kwargs),
    "normal": lambda mean, std, **kwargs: gt.normal(mean, std, **kwargs),
    ("normal", "number_mean"): lambda std, mean, *args, **kwargs: gt.normal(mean, std, *args, **kwargs),
    ("linalg.lstsq", "grad_oriented"): lambda a, b, driver: gt.linalg.lstsq(a, b, driver=driver)[:2],
    ("linalg.pinv", "singular"): lambda a, b: gt.linalg.pinv(a @ b.mT),
    "expand": lambda self, shape: self.expand(shape),
    "to": lambda self, *args, **kwargs: self.to(*args, **kwargs),
    **{name: (lambda name: lambda self: getattr(self, name))(name) for name in ("T", "mT")},
    **{name: (lambda name: lambda self, *args: getattr(self.clone(), name)(*args))(name) for name in
       ("resize_", "resize_as_", "zero_")},
    **{name: (lambda name: lambda self, *args, **kwargs: getattr(self, name + "_")(*args, **kwargs))(name) for name in
       ("cauchy", "exponential", "geometric", "log_normal", "uniform")},
    ("normal", "in_place"): lambda self, *args, **kwargs: self.normal_(*args, **kwargs),
}


def resolve(name, variant):
    """Our function for an operator of PyTorch's tests, or None."""
    last = name.rpartition(".")[2]
    found = gt
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, gt.Dtype):
        found = getattr(gt.Tensor, name)
    function = found or "." not in name and (getattr(gt.Tensor, last, None) or getattr(gt.Tensor, last + "_", None))
    if not function or isinstance(function, types.ModuleType):
        return None
    return CALLS.get((name, variant)) or CALLS.get(name) or function


class Decoder:
    def __init__(self, tensors):
        self.tensors, self.made = tensors, {}

    def array(self, number):
        dtype, shape, strides, data, _ = self.tensors[number]
        flat = np.frombuffer(data, dtype="uint16" if dtype == "bfloat16" else dtype)
        if dtype == "bfloat16":
            flat = (flat.astype(np.uint32) << 16).view(np.float32)
        if flat.size == 0:
            return np.zeros(shape, flat.dtype)
        return np.lib.stride_tricks.as_strided(flat, shape, [stride * flat.itemsize for stride in strides], writeable=False)

    def tensor(self, number):
        if number not in self.made:
            dtype, shape, strides, data, requires_grad = self.tensors[number]
            dtype = getattr(gt, dtype)
            n = len(data) // dtype.itemsize
            tensor = gt.Tensor.new_from_bytes(GLib.Bytes.new(data), dtype, [n]) if n else gt.empty(shape, dtype=dtype)
            if n:
                tensor = tensor.as_strided(shape, strides)
            self.made[number] = tensor.requires_grad_() if requires_grad else tensor
        return self.made[number]

    def decode(self, value):
        kind, value = value
        if kind == "tensor":
            return self.tensor(value)
        if kind in ("list", "tuple"):
            return [self.decode(item) for item in value] if kind == "list" else tuple(self.decode(item) for item in value)
        if kind == "dict":
            return {key: self.decode(item) for key, item in value.items()}
        if kind == "dtype":
            return getattr(gt, value)
        if kind == "device":
            return gt.device("cpu")
        if kind == "format":
            return getattr(gt, value, value)
        if kind == "slice":
            return slice(*map(self.decode, value))
        return Ellipsis if kind == "ellipsis" else value


def leaves(value):
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def plain(tensor):
    tensor = tensor.detach()
    return (tensor.to(gt.float64) if tensor.dtype.is_floating_point else tensor).numpy()


def differs(got, expected, decoder, loose=1, values=True, up_to_sign=False, ties=False):
    """What differs between our results and encoded ones, or ""."""
    kind, value = expected
    if kind in ("list", "tuple"):
        if not isinstance(got, (list, tuple)):
            return f"{type(got).__name__} instead of {len(value)} results"
        if len(got) != len(value):
            return f"{len(got)} results instead of {len(value)}"
        found = (differs(a, b, decoder, loose, values, up_to_sign, ties) for a, b in zip(got, value))
        return next(filter(None, found), "")
    if kind != "tensor":
        expected = decoder.decode(expected)
        same = got == expected or got != got and expected != expected or isinstance(expected, float) and np.isclose(got, expected, 1e-5)
        return "" if same else f"{got!r} instead of {expected!r}"
    dtype, shape = decoder.tensors[value][:2]
    if not isinstance(got, gt.Tensor):
        return f"{got!r} instead of a tensor"
    if repr(got.dtype).removeprefix("torch.") != dtype:
        return f"dtype {got.dtype} instead of {dtype}"
    if tuple(got.shape) != shape:
        return f"shape {tuple(got.shape)} instead of {shape}"
    if not values or ties and dtype == "int64":
        return ""
    ours, theirs = plain(got), decoder.array(value)
    if ours.shape != shape:
        return f"numpy shape {ours.shape} instead of {shape}"
    if dtype not in TOLERANCES:
        wrong = ours != theirs
        return f"values {short(ours[wrong])} instead of {short(theirs[wrong])} ({wrong.sum()} of {wrong.size})" if wrong.any() else ""
    if up_to_sign:
        ours, theirs = abs(ours), abs(theirs)
    relative, absolute = (loose * tolerance for tolerance in TOLERANCES[dtype])
    if dtype in ("float16", "bfloat16"):
        absolute *= max(1, np.max(abs(theirs), where=np.isfinite(theirs), initial=0))
    with np.errstate(all="ignore"):
        close = np.isclose(ours, theirs.astype(np.float64), relative, absolute, equal_nan=True)
    if close.all():
        return ""
    return f"values {short(ours[~close])} instead of {short(theirs[~close])} ({(~close).sum()} of {close.size})"


def short(array):
    return " ".join(f"{x:.7g}" if isinstance(x, float) else str(x) for x in array.reshape(-1)[:4].tolist())


def complaint(error):
    return f"{type(error).__name__}: {error}"


def check_error(function, expected):
    """Checks of a call that has to raise: that it does, and that the text is PyTorch's."""
    kind, message = expected
    try:
        got = function()
    except Exception as error:
        good = isinstance(error, getattr(builtins, kind))
        text = str(error)
        return [["error", ""], ["message", "" if good and text == message else f"{complaint(error)!r} instead of {kind}: {message!r}"]]
    return [["error", f"{type(got).__name__} instead of {kind}: {message!r}"]]


def check(name, function, sample):
    """All checks of one sample."""
    def attempt(category, action):
        try:
            checks.append([category, action()])
        except Exception as error:
            checks.append([category, complaint(error)])

    def parts():
        decoder = Decoder(sample["tensors"])
        return decoder, decoder.decode(sample["input"]), decoder.decode(sample["args"]), decoder.decode(sample["kwargs"])

    def run_error():
        _, input, args, kwargs = parts()
        return function(input, *args, **kwargs)

    checks = []
    gt.manual_seed(sample.get("seed", 0))
    expected = sample.get("function", sample)
    if "error" in expected:
        return check_error(run_error, expected["error"])
    decoder, input, args, kwargs = parts()
    expected = expected["value"]
    last = name.rpartition(".")[2]
    random, values = sample["random"], not (sample["random"] or sample["undefined"])
    options = {"values": values, "up_to_sign": name in UP_TO_SIGN,
               "ties": name in TIES and sample["dtype"] not in ("float32", "float64")}
    results = None

    def run():
        nonlocal results
        results = function(input, *args, **kwargs)
        return differs(results, expected, decoder, **options)

    attempt("function", run)
    if results is None:
        return checks
    if random:
        attempt("stream", lambda: differs(results, expected, decoder, 1))

    if sample.get("method") and name not in CALLS:
        def method():
            _, input, args, kwargs = parts()
            return differs(getattr(input, last)(*args, **kwargs), expected, decoder, **options)
        attempt("method", method)

    inplace = sample.get("inplace")
    if inplace:
        def call_inplace():
            _, input, args, kwargs = parts()
            before = input.detach().clone()
            method = getattr(before, last if last.endswith("_") else last + "_", None)
            after = method(*args, **kwargs) if method else function(before, *args, **kwargs, inplace=True)
            return before, after
        if "error" in inplace:
            checks.extend(check_error(call_inplace, inplace["error"]))
        else:
            def run_inplace():
                before, after = call_inplace()
                return "not self" if after is not before else differs(after, inplace["value"], decoder, **options)
            attempt("in place", run_inplace)

    if sample.get("out"):
        def out():
            _, input, args, kwargs = parts()
            made = [gt.empty(r.shape, dtype=r.dtype) for r in leaves(results) if isinstance(r, gt.Tensor)]
            with gt.no_grad():
                got = function(input, *args, **kwargs, out=made[0] if isinstance(results, gt.Tensor) else tuple(made))
            wrong = differs(got, expected, decoder, **options)
            return wrong or ("" if all(a is b for a, b in zip(leaves(got), made)) else "out= is not what is returned")
        attempt("out", out)

    gradient = sample.get("grad")
    if gradient and name not in UP_TO_SIGN and not random and not options["ties"]:
        def grad():
            floating = [r for r in leaves(results) if isinstance(r, gt.Tensor)]
            which = [i for i, r in enumerate(floating) if r.requires_grad]
            if "error" in gradient:
                return ""
            if which != gradient["which"]:
                return f"results {which} require gradients instead of {gradient['which']}"
            inputs = [decoder.tensor(number) for number in gradient["inputs"]]
            got = gt.autograd.grad([floating[i] for i in which], inputs, decoder.decode(gradient["weights"]), allow_unused=True)
            for a, b in zip(got, gradient["gradients"][1]):
                if a is None or b == ("plain", None):
                    nonzero = a is not None and plain(a).any() or a is None and b[0] == "tensor" and decoder.array(b[1]).any()
                    wrong = "None instead of a gradient, or a gradient instead of None" if nonzero else ""
                else:
                    wrong = differs(a, b, decoder, 10)
                if wrong:
                    return wrong
            return ""
        attempt("gradient", grad)
    return checks


def describe(sample):
    """The call as a text."""
    def text(value):
        kind, value = value
        if kind == "tensor":
            dtype, shape, strides = sample["tensors"][value][:3]
            return f"{dtype}{list(shape)}" + (f"/{list(strides)}" if strides else "")
        if kind in ("list", "tuple"):
            return "[" + ", ".join(map(text, value)) + "]"
        if kind == "dict":
            return ", ".join(f"{key}={text(item)}" for key, item in value.items())
        return repr(value) if kind == "plain" else f"{kind} {value}"
    return "; ".join(filter(None, (text(sample["input"]), text(sample["args"])[1:-1], text(sample["kwargs"]))))


def main():
    warnings.simplefilter("ignore")
    with open(sys.argv[1], "rb") as file:
        data = pickle.load(file)
    function = resolve(data["name"], data["variant"])
    everything = data["samples"] + data["errors"]
    for number in range(int(sys.argv[2]), len(everything)):
        sample = everything[number]
        print(json.dumps({"begin": number}), flush=True)
        checks = check(data["name"], function, sample)
        print(json.dumps({"end": number, "dtype": sample.get("dtype", "errors"), "call": describe(sample), "checks": checks}), flush=True)
    print(json.dumps({"done": True}), flush=True)


if __name__ == "__main__":
    main()
