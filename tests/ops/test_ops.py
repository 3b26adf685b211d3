# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every row of the op table, on its samples: strided against contiguous, float32 against float64, functional against in place and
out=, gradients against central differences in float64, once and twice. Prints TAP, a line per row.

    test_ops.py [--device DEVICE] [ROW...]

On a device, values and gradients in every floating dtype are compared with the CPU's instead. A row that has no kernel there is
skipped if it says so."""
import argparse
import sys
import traceback

import gi
import numpy as np

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt  # noqa: E402

import samples as table  # noqa: E402

STEP = 1e-6
TOLERANCE = 2e-5       # of a derivative by central differences, relative to its size
TOLERANCE_TWICE = 2e-4


def tensor(data, dtype=None, requires_grad=False, strided=False):
    array = data.given
    if dtype is not None and array.dtype == np.float64:
        array = array.astype(dtype)
    if strided and array.ndim > 0:  # every second element of a transposed, larger array
        wide = np.zeros(tuple(2 * n for n in array.T.shape), array.dtype)
        wide[tuple(slice(None, None, 2) for _ in array.shape)] = array.T
        result = gt.from_numpy(wide)[tuple(slice(None, None, 2) for _ in array.shape)].permute(*reversed(range(array.ndim)))
    else:
        result = gt.from_numpy(np.array(array))
    if requires_grad and array.dtype in (np.float32, np.float64):
        result.requires_grad_()
    return result


def call(sample, make):
    function = table.resolve(gt, sample.row.public)
    args, kwargs = table.replace(sample.args, make), table.replace(sample.kwargs, make)
    if sample.row.in_place_only:
        args = (args[0].clone(), *args[1:])
    return table.results_of(function(*args, **kwargs))


def values(results):
    return [r.detach().cpu().to(gt.float64).numpy() if isinstance(r, gt.Tensor) else np.asarray(r) for r in results]


def same(got, expected, tolerance, what):
    assert len(got) == len(expected), f"{what}: {len(got)} results instead of {len(expected)}"
    for a, b in zip(got, expected):
        assert a.shape == b.shape, f"{what}: shape {a.shape} instead of {b.shape}"
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=what)


def check_forms(sample):
    row = sample.row
    plain = values(call(sample, tensor))
    same(values(call(sample, lambda data: tensor(data, strided=True))), plain, 1e-12, "strided inputs")
    if row.promote != "integral":
        same(values(call(sample, lambda data: tensor(data, dtype=np.float32))), plain, 1e-4, "float32")
    if row.has_out and len(plain) == 1 and isinstance(call(sample, tensor)[0], gt.Tensor):
        out = gt.empty(0, dtype=call(sample, tensor)[0].dtype)
        function = table.resolve(gt, row.public)
        args, kwargs = table.replace(sample.args, tensor), table.replace(sample.kwargs, tensor)
        assert function(*args, **kwargs, out=out) is out, "out= is not returned"
        same(values([out]), plain, 1e-12, "out=")
    if row.keys.get("inplace") and row.is_method and row.kind != "view" and sample.args[0].array.shape == plain[0].shape:
        args, kwargs = table.replace(sample.args, tensor), table.replace(sample.kwargs, tensor)
        result = call(sample, tensor)[0]
        if result.dtype == args[0].dtype:
            before = args[0]
            after = getattr(before, row.public.rstrip("_") + "_")(*args[1:], **kwargs)
            assert after is before, "the form in place does not return self"
            same(values([before]), plain, 1e-12, "in place")


def weighted(results, weights):
    """A number that depends on all floating results."""
    floating = [r for r in results if isinstance(r, gt.Tensor) and r.requires_grad]
    return sum((r * gt.from_numpy(w)).sum() for r, w in zip(floating, weights))


def check_gradients(sample, twice):
    """The gradient of a weighted sum of the results, against central differences of it; or, twice, that of
    a weighted sum of the gradients."""
    random = np.random.Generator(np.random.PCG64(7))
    inputs = [data for data in sample.tensors if data.array.dtype == np.float64 and data.array.size]
    if not inputs:
        return False
    made = {}

    def make(data):
        if id(data) not in made:
            made[id(data)] = tensor(data, requires_grad=True)
        return made[id(data)]

    probe = call(sample, make)
    floating = [r for r in probe if isinstance(r, gt.Tensor) and r.requires_grad]
    if not floating or any(r.dtype != gt.float64 for r in floating):
        return False
    weights = [np.asarray(random.random(tuple(r.shape)) + 0.5) for r in floating]
    inner = [np.asarray(random.random(data.array.shape) + 0.5) for data in inputs]

    def value(create_graph=False):
        """The function that is differentiated, at the present inputs."""
        made.clear()
        total = weighted(call(sample, make), weights)
        if not twice:
            return total
        wanted = [made[id(data)] for data in inputs]
        first = gt.autograd.grad(total, wanted, create_graph=True, allow_unused=True)
        return sum((g * gt.from_numpy(w)).sum() for g, w in zip(first, inner) if g is not None)

    total = value()
    if not isinstance(total, gt.Tensor) or not total.requires_grad:
        return False  # linear: the second derivative is zero
    wanted = [made[id(data)] for data in inputs]
    analytic = gt.autograd.grad(total, wanted, allow_unused=True)
    tolerance = TOLERANCE_TWICE if twice else TOLERANCE
    for data, gradient in zip(inputs, analytic):
        got = np.zeros(data.array.shape) if gradient is None else gradient.detach().numpy()
        got = np.tril(got) if data.triangular else got
        expected = np.zeros(data.array.shape)
        for position in np.ndindex(*data.array.shape):
            kept = data.array[position]
            sides = []
            for step in (STEP, -STEP):
                data.array[position] = kept + step
                side = value()
                sides.append(side.item() if isinstance(side, gt.Tensor) else float(side))
            data.array[position] = kept
            expected[position] = (sides[0] - sides[1]) / (2 * STEP)
        assert got.shape == expected.shape, f"gradient of shape {got.shape} for an input of shape {expected.shape}"
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance,
                                   err_msg=f"{'second' if twice else 'first'} derivative")
    return True


# PyTorch's gradient is not the derivative; reference.py looks at it.
OTHER_GRADIENTS = {"ctc_loss", "ctc_loss_lengths"}
# What is not determined by its definition, or not the same on a device; tests/cuda/test_kernels.py looks at these.
UNDETERMINED = {"linalg_svd": "singular vectors have no sign", "svd": "singular vectors have no sign",
                "linalg_eigh": "eigenvectors have no sign", "linalg_lstsq": "there is another solver by default"}
DTYPES = {"float64": 1e-9, "float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}  # and how near they come to the CPU's


def run_on(device, sample, dtype, strided):
    """The results, and the gradients of a weighted sum of them, computed on a device from what is there."""
    leaves = []

    def make(data):
        made = tensor(data, strided=strided)
        if data.array.dtype == np.float64:
            made = made.to(getattr(gt, dtype))
        made = made.to(device)
        if data.array.dtype == np.float64:
            leaves.append(made.requires_grad_())
        return made

    results = call(sample, make)
    floating = [r for r in results if isinstance(r, gt.Tensor) and r.requires_grad]
    if not floating or not leaves:
        return results, []
    random = np.random.Generator(np.random.PCG64(7))
    weights = [gt.from_numpy(np.asarray(random.random(tuple(r.shape)) + 0.5)).to(r.dtype).to(device) for r in floating]
    total = sum((r * w).sum() for r, w in zip(floating, weights))
    return results, [g for g in gt.autograd.grad(total, leaves, allow_unused=True) if g is not None]


def check_on(device, sample):
    """What was compared, as a text."""
    done = []
    is_random = any(argument.type == "Generator?" or argument.name == "random_samples" for argument in sample.row.arguments)
    for dtype, tolerance in DTYPES.items():
        for strided in (False, True):
            try:
                expected, gradients = run_on("cpu", sample, dtype, strided)
            except Exception:
                continue  # the CPU's own business
            got, ours = run_on(device, sample, dtype, strided)
            for a, b in zip([*got, *ours], [*expected, *gradients]):
                if isinstance(b, gt.Tensor):
                    assert a.device.type == "cuda" and a.dtype == b.dtype, f"{a.dtype} on {a.device} instead of {b.dtype}"
            if is_random:
                assert [tuple(r.shape) for r in got] == [tuple(r.shape) for r in expected], "shapes"
            else:
                what = f"{dtype}{', strided' if strided else ''}"
                same(values(got), values(expected), tolerance, what)
                same(values(ours), values(gradients), tolerance, f"gradients, {what}")
            done += [dtype, "gradient"] if gradients else [dtype]
    if sample.row.has_out and len(got := call(sample, lambda data: tensor(data).to(device))) == 1 and isinstance(got[0], gt.Tensor):
        out = gt.empty(0, dtype=got[0].dtype, device=device)
        function = table.resolve(gt, sample.row.public)
        args, kwargs = (table.replace(part, lambda data: tensor(data).to(device)) for part in (sample.args, sample.kwargs))
        assert function(*args, **kwargs, out=out) is out, "out= is not returned"
        if not is_random:
            same(values([out]), values(got), 1e-9, "out=")
    return done


def samples(row):
    """What is made of nothing, or drawn, is compared with recorded results alone."""
    return [] if row.family in ("create", "random") else table.samples(row)


def check_row_on(device, row):
    """What was compared, as a text, or why the row was skipped."""
    if row.name in UNDETERMINED:
        return f" # SKIP {UNDETERMINED[row.name]}"
    done = []
    for sample in samples(row):
        try:
            done += check_on(device, sample)
        except Exception as error:
            if "has no kernel on" in str(error):
                return f" # SKIP {error}"
            raise AssertionError(f"{row.name}({sample.label}): {error}") from error
    return ": " + " ".join(dict.fromkeys(done)) if done else " # SKIP no samples"


def check_row(row):
    """What was done, as a text."""
    done = []
    for sample in samples(row):
        try:
            check_forms(sample)
            done.append("forms")
            if row.name not in OTHER_GRADIENTS and check_gradients(sample, twice=False):
                done.append("gradient")
                if check_gradients(sample, twice=True):
                    done.append("second")
        except Exception as error:
            raise AssertionError(f"{row.name}({sample.label}): {error}") from error
    return ": " + " ".join(dict.fromkeys(done)) if done else " # SKIP no samples"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device")
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()
    wanted = arguments.rows
    rows = [row for row in table.public_rows() if not wanted or row.name in wanted]
    print(f"1..{len(rows)}")
    failed = 0
    for number, row in enumerate(rows, 1):
        try:
            done = check_row_on(arguments.device, row) if arguments.device else check_row(row)
            print(f"ok {number} - {row.name}{done}", flush=True)
        except Exception as error:
            failed += 1
            print(f"not ok {number} - {row.name}")
            text = traceback.format_exc() if wanted else str(error)
            print("\n".join(f"# {line}" for line in text.splitlines() if line.strip()), flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
