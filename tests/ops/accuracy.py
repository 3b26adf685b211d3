# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How exact float32 is: the largest error of every element-wise operation over its whole range, and of reductions of many elements.

    accuracy.py check             few points, prints TAP: part of the tests
    accuracy.py [ROW ...]         2^20 points and more, prints the table
    accuracy.py --write-docs      and writes it to libgtensor/docs/accuracy.md; --mpmath PYTHON, which has mpmath, checks float64, too

Points are bit patterns of float32 in equal steps, so that every exponent, both signs, subnormal numbers, infinities and NaN are
among them. The true value is that of the operation in float64; an error is told in units of the last place (ulp) of float32.
"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import gi
import numpy as np

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt  # noqa: E402

import samples as table  # noqa: E402

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "libgtensor" / "docs" / "accuracy.md"
SPECIAL_HEADER = HERE.parents[1] / "kernels" / "cpu" / "gten-special.h"
BAR, SPECIAL_BAR = 2.0, 4.0
N_POINTS, N_CHECKED_POINTS = 1 << 20, 1 << 14
N_REDUCED = 10_000_000

# Rows above the bar, and why that is as it should be.
CANCELS = "a sum of rounded terms, which may cancel"
UNDERFLOWS = "below -87 a factor, exp(x), is subnormal and has few digits"
REASONS = {
    "addcmul": CANCELS, "addcdiv": CANCELS, "lerp": CANCELS, "logaddexp": CANCELS, "logaddexp2": CANCELS,
    "ldexp": "the power of two overflows before the product, as in PyTorch", "silu": UNDERFLOWS, "mish": UNDERFLOWS,
    "lgamma": "near its zeros below 0 terms cancel",
}

# The functions of mpmath that float64 is compared with.
MPMATH = {
    "exp": "exp(x)", "exp2": "mpf(2) ** x", "expm1": "expm1(x)", "log": "log(x)", "log2": "log(x, 2)", "log10": "log10(x)",
    "log1p": "log1p(x)", "sin": "sin(x)", "cos": "cos(x)", "tan": "tan(x)", "asin": "asin(x)", "acos": "acos(x)", "atan": "atan(x)",
    "sinh": "sinh(x)", "cosh": "cosh(x)", "tanh": "tanh(x)", "asinh": "asinh(x)", "acosh": "acosh(x)", "atanh": "atanh(x)",
    "erf": "erf(x)", "erfc": "erfc(x)", "erfinv": "erfinv(x)", "lgamma": "log(fabs(gamma(x)))", "digamma": "digamma(x)",
    "sqrt": "sqrt(x)", "rsqrt": "1 / sqrt(x)", "sigmoid": "1 / (1 + exp(-x))", "i0": "besseli(0, x)", "special_i1": "besseli(1, x)",
    "special_i0e": "besseli(0, x) * exp(-fabs(x))", "special_i1e": "besseli(1, x) * exp(-fabs(x))",
    "special_bessel_j0": "besselj(0, x)", "special_bessel_j1": "besselj(1, x)", "special_erfcx": "exp(x * x) * erfc(x)",
    "special_log_ndtr": "log(erfc(-x / sqrt(2)) / 2)", "special_ndtr": "erfc(-x / sqrt(2)) / 2",
    "special_ndtri": "sqrt(2) * erfinv(2 * x - 1)", "special_entr": "-x * log(x)", "sinc": "sinpi(x) / (pi * x)",
}
N_EXACT = 200
EXACT_RANGE = (-30.0, 30.0)


def spread(n):
    """Every 2^32 / n-th bit pattern, and what is special."""
    patterns = (np.arange(n, dtype=np.uint64) * ((1 << 32) // n) + 1).astype(np.uint32)
    special = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, np.inf, -np.inf, np.nan], np.float32)
    limits = np.finfo(np.float32)
    edges = np.array([limits.max, -limits.max, limits.tiny, -limits.tiny, 1e-45, -1e-45], np.float32)
    near = np.concatenate([np.nextafter(np.concatenate([special[:7], edges]), np.float32(to)) for to in (-np.inf, np.inf)])
    return np.concatenate([patterns.view(np.float32), special, edges, near])


def operands(count, n):
    """Of one operand all points; of several, points in any order, half of them of moderate size."""
    points = spread(n)
    if count == 1:
        return [points]
    random = np.random.Generator(np.random.PCG64(1))
    result = []
    for _ in range(count):
        moderate = np.exp2(random.uniform(-12, 12, len(points))) * np.where(random.random(len(points)) < 0.5, -1, 1)
        result.append(np.where(np.arange(len(points)) % 2 == 0, random.permutation(points), moderate.astype(np.float32)))
    return result


def call(row, sample, arrays):
    it = iter(arrays)
    made = {}
    for data in sample.tensors:
        if id(data) not in made:
            made[id(data)] = gt.from_numpy(next(it))
    args, kwargs = table.replace(sample.args, lambda data: made[id(data)]), table.replace(sample.kwargs, lambda data: made[id(data)])
    return table.results_of(table.resolve(gt, row.public)(*args, **kwargs))[0]


def errors(got, true):
    """In units of the last place of float32. What overflows counts as the next power of two."""
    limits = np.finfo(np.float32)
    with np.errstate(all="ignore"):
        true = np.asarray(true, np.float64)
        _, exponent = np.frexp(true)
        unit = np.ldexp(1.0, np.clip(exponent - 24, -149, 104))
        bounded = [np.where(np.isinf(v), np.copysign(2.0**128, v), np.clip(v, -2.0**128, 2.0**128)) for v in (got, true)]
        unit = np.where(abs(true) > limits.max, 2.0**104, unit)
        error = abs(bounded[0] - bounded[1]) / unit
    either = np.isnan(got) | np.isnan(true)
    return np.where(either, np.where(np.isnan(got) & np.isnan(true), 0, np.inf), error)


def measured_rows():
    """The rows of one scalar expression that give floating results, with the sample that says how each is called."""
    for row in table.public_rows():
        if row.kind != "scalar" or row.promote not in ("default", "float", "floating", "number") or row.in_place_only:
            continue
        found = table.samples(row)
        if found and all(data.array.dtype == np.float64 for data in found[0].tensors) and found[0].tensors:
            yield row, found[0]


def worst(row, sample, n):
    """The largest error, and where it is."""
    arrays = operands(len(sample.tensors), n)
    got = call(row, sample, arrays)
    true = call(row, sample, [a.astype(np.float64) for a in arrays])
    if got.dtype != gt.float32:
        return None
    with np.errstate(all="ignore"):
        error = errors(got.numpy().astype(np.float64), true.numpy())
    at = int(np.argmax(error))
    return float(error[at]), tuple(float(a[at]) for a in arrays)


def special_functions():
    return set(re.findall(r"^gten_(\w+)_f64 \(", SPECIAL_HEADER.read_text(), re.MULTILINE))


def bar(row, special):
    words = set(re.findall(r"\w+", row.keys["scalar"]))
    return SPECIAL_BAR if row.family == "special" or words & (special | {"lgamma"}) else BAR


def exact_errors(python, names):
    """Of float64 against mpmath: the largest relative error of some points each."""
    points = np.random.Generator(np.random.PCG64(2)).uniform(*EXACT_RANGE, N_EXACT)
    script = f"""
import json
from mpmath import *
mp.dps = 40
points = {[float(x) for x in points]!r}
for name, text in {({n: MPMATH[n] for n in names})!r}.items():
    values = []
    for x in points:
        try:
            y = eval(text, globals(), {{"x": mpf(x)}})
            values.append(float(y) if isinstance(y, mpf) and isfinite(y) else None)
        except (ValueError, ZeroDivisionError, OverflowError, libmp.ComplexResult):
            values.append(None)
    print(json.dumps((name, values)))
"""
    output = subprocess.run([python, "-c", script], check=True, capture_output=True, text=True).stdout
    result = {}
    for line in output.splitlines():
        name, values = json.loads(line)
        known = np.array([v is not None for v in values])
        true = np.array([v if v is not None else 1 for v in values])
        got = table.resolve(gt, name)(gt.from_numpy(points)).numpy()
        with np.errstate(all="ignore"):
            relative = abs(got - true) / np.maximum(abs(true), np.finfo(np.float64).tiny)
        result[name] = float(np.max(relative[known & (abs(true) < 1e300)], initial=0))
    return result


def reductions(n):
    """Relative errors of many elements, against float64."""
    random = np.random.Generator(np.random.PCG64(3))
    inputs = {"uniform in [0, 1)": random.random(n, np.float32), "normal": random.standard_normal(n, np.float32)}
    operations = {
        "sum": lambda x: x.sum(), "mean": lambda x: x.mean(), "norm": lambda x: x.norm(), "var": lambda x: x.var(),
        "logsumexp": lambda x: x.logsumexp(0), "softmax": lambda x: x.softmax(0), "cumsum": lambda x: x.cumsum(0),
        "sum of columns": lambda x: x.reshape(-1, 1000).sum(0), "sum of rows": lambda x: x.reshape(1000, -1).sum(1),
    }
    for name, operation in operations.items():
        for kind, array in inputs.items():
            x = gt.from_numpy(array)
            got, true = operation(x).to(gt.float64).numpy(), operation(x.to(gt.float64)).numpy()
            scale = np.max(abs(true)) if name != "softmax" else np.maximum(abs(true), 1e-300)
            if kind == "normal" and name in ("sum", "mean", "cumsum", "sum of columns", "sum of rows"):  # what cancels counts
                scale = np.max(operation(abs(x).to(gt.float64)).numpy())
            yield name, kind, float(np.max(abs(got - true) / scale))


REDUCTION_BAR = 2.0 ** -20


def check():
    special, rows = special_functions(), list(measured_rows())
    found = list(reductions(N_REDUCED // 100))
    print(f"1..{len(rows) + len(found)}")
    failed = number = 0
    for row, sample in rows:
        number += 1
        result = worst(row, sample, N_CHECKED_POINTS)
        good = result is None or result[0] <= bar(row, special) or row.name in REASONS
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {row.name}" + (f": {result[0]:.2f} ulp at {result[1]}" if result else ""))
    for name, kind, error in found:
        number += 1
        failed += error > REDUCTION_BAR
        print(f"{'ok' if error <= REDUCTION_BAR else 'not ok'} {number} - {name}, {kind}: {error:.1e}", flush=True)
    return failed > 0


HEAD = """Title: Accuracy

How far float32 results are from the true ones, measured by `tests/ops/accuracy.py --write-docs`, which wrote this page: {points:,} points
and more of each element-wise operation, in equal steps of the bit pattern, so that every exponent, both signs, subnormal numbers,
infinities and NaN are among them; of operations on several tensors as many random tuples. The unit is the last place (ulp) of the true
value, which is that of the operation in float64; `float64` is the largest relative error of that against mpmath at {exact} points of
[{low:g}, {high:g}]. The bar is {bar:g} ulp, {special_bar:g} for special functions. Measured with the instruction set `{instructions}`.

| operation | largest error in ulp | at | float64 | |
|---|---|---|---|---|
"""

REDUCED_HEAD = """
## Reductions

Of {n:,} float32 elements, against the same in float64: the largest error relative to the result, or, of sums of numbers of both signs, to
the sum of their magnitudes. The precision of float32 is 6e-08.

| operation | elements | relative error |
|---|---|---|
"""


def instruction_set():
    flags = Path("/proc/cpuinfo").read_text()
    return "x86-64-v4" if "avx512vl" in flags else "x86-64-v3" if "avx2" in flags else "baseline"


def main():
    if sys.argv[1:] == ["check"]:
        return check()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--mpmath", default="", help="a Python that can import mpmath")
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()

    rows = [pair for pair in measured_rows() if not arguments.rows or pair[0].name in arguments.rows]
    names = [row.name for row, _ in rows if row.name in MPMATH]
    exact = exact_errors(arguments.mpmath, names) if arguments.mpmath else {}
    special, lines, missed = special_functions(), [], 0
    for row, sample in rows:
        result = worst(row, sample, N_POINTS)
        if result is None:
            continue
        error, at = result
        note = REASONS.get(row.name, "")
        missed += error > bar(row, special) and not note
        places = ", ".join(f"{x:.9g}" for x in at)
        checked = f"{exact[row.name]:.0e}" if row.name in exact else ""
        lines.append(f"| {row.name} | {error:.2f} | {places if error > 0 else ''} | {checked} | {note} |")
        print(lines[-1] + ("  MISSED" if error > bar(row, special) and not note else ""), flush=True)
    text = HEAD.format(points=N_POINTS, exact=N_EXACT, low=EXACT_RANGE[0], high=EXACT_RANGE[1], bar=BAR, special_bar=SPECIAL_BAR,
                       instructions=instruction_set()) + "\n".join(lines) + "\n"
    if not arguments.rows:
        text += REDUCED_HEAD.format(n=N_REDUCED)
        for name, kind, error in reductions(N_REDUCED):
            print(name, kind, f"{error:.1e}")
            text += f"| {name} | {kind} | {error:.0e} |\n"
    if arguments.write_docs:
        DOCUMENT.write_text(text)
    print(f"{missed} above the bar")
    return missed > 0


if __name__ == "__main__":
    sys.exit(main())
