# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""CUDA kernels at sizes and in layouts that the op table's samples do not reach, against the CPU's. Prints TAP."""
import json
import os
import sys
import traceback
from pathlib import Path

import gi
import numpy as np

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt  # noqa: E402

RANDOM = np.random.Generator(np.random.PCG64(3))


def normal(*sizes, dtype=np.float32):
    return gt.from_numpy(np.asarray(RANDOM.standard_normal(sizes), dtype=dtype))


def integers(bound, *sizes):
    return gt.from_numpy(RANDOM.integers(0, bound, sizes))


def there(x):
    return x.to("cuda")


def same(got, expected, tolerance=0.0):
    assert got.device.type == "cuda" and got.dtype == expected.dtype and got.shape == expected.shape, (got, expected)
    a, b = got.cpu().to(gt.float64).numpy(), expected.to(gt.float64).numpy()
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def tensors_are_made_there():
    like, integer = normal(3, 4), integers(5, 3, 4)
    for make in (lambda device: gt.zeros(2, 3, device=device), lambda device: gt.ones(4, dtype=gt.bool, device=device),
                 lambda device: gt.full((2, 2), 7, device=device), lambda device: gt.arange(10, device=device),
                 lambda device: gt.arange(1, 2, 0.125, device=device), lambda device: gt.linspace(-1, 1, 7, device=device),
                 lambda device: gt.logspace(0, 2, 5, dtype=gt.float64, device=device), lambda device: gt.eye(3, 5, device=device),
                 lambda device: gt.tril_indices(4, 3, 1, device=device), lambda device: gt.triu_indices(4, 3, -1, device=device),
                 lambda device: gt.scalar_tensor(2.5, device=device), lambda device: gt.zeros_like(like, device=device),
                 lambda device: gt.ones_like(integer.to(device)), lambda device: gt.full_like(like.to(device), 3),
                 lambda device: like.to(device).new_zeros(2), lambda device: integer.to(device).new_full((2,), 9),
                 lambda device: gt.tensor([[1, 2], [3, 4]], device=device)):
        same(make("cuda"), make("cpu"), 1e-6)
    weights = gt.tensor([0.0, 3.0, 1.0], device="cuda")
    for x, dtype in ((gt.rand_like(like, device="cuda"), gt.float32), (gt.randn_like(there(like)), gt.float32),
                     (gt.randint_like(there(integer), 9), gt.int64), (gt.normal(there(like), 2.0), gt.float32),
                     (gt.normal(0.0, 1.0, (3,), device="cuda"), gt.float32), (gt.bernoulli(weights / 3), gt.float32),
                     (gt.multinomial(weights, 2), gt.int64), (there(like).geometric_(0.5), gt.float32),
                     (there(like).log_normal_(), gt.float32), (there(like).cauchy_(), gt.float32),
                     (there(integer).random_(2, 5), gt.int64), (gt.nn.functional.dropout(there(like), 0.5), gt.float32)):
        assert x.device.type == "cuda" and x.dtype == dtype and bool(x.isfinite().all())
    assert sorted(gt.multinomial(weights, 2).tolist()) == [1, 2]


def random_numbers_are_pytorchs():
    """What PyTorch gives on a GPU with seed 0, from its documentation and forums."""
    known = {gt.rand: [0.3990, 0.5167, 0.0249, 0.9401],
             gt.randn: [-0.9247, -0.4253, -2.6438, 0.1452, -0.1209, -0.5797, -0.6229, -0.3284, -1.0745, -0.3631]}
    for function, expected in known.items():
        gt.manual_seed(0)
        np.testing.assert_allclose(function(len(expected), device="cuda").cpu().numpy(), expected, atol=5e-5)
    gt.manual_seed(0)  # the first of Philox's numbers, from its authors' table of known answers
    assert gt.randint(1 << 27, (1,), device="cuda").item() == 0x6627e8d5 % (1 << 27)


def random_numbers_are_distributed():
    gt.manual_seed(1)
    n = 20000
    for dtype in (gt.float32, gt.float64, gt.float16, gt.bfloat16):
        x = gt.empty(n, dtype=dtype, device="cuda")
        for fill, mean, deviation in ((lambda: x.uniform_(-1, 3), 1, 4 / 12 ** 0.5), (lambda: x.normal_(2, 3), 2, 3),
                                      (lambda: x.exponential_(0.5), 2, 2), (lambda: x.bernoulli_(0.25), 0.25, 0.1875 ** 0.5)):
            values = fill().cpu().to(gt.float64).numpy()
            assert abs(values.mean() - mean) < 0.1 and abs(values.std() - deviation) < 0.1, (dtype, values.mean(), values.std())
    assert gt.randint(3, 9, (n,), device="cuda").unique().tolist() == [3, 4, 5, 6, 7, 8]
    strided = gt.zeros(200, 100, device="cuda").t()[::2]
    gt.manual_seed(2)
    strided.normal_()
    gt.manual_seed(2)
    assert gt.equal(strided.t().contiguous(), gt.randn(200, 50, device="cuda"))


def permutations_hold_every_number():
    for n in (1, 2, 1000, 100000):
        assert gt.equal(gt.randperm(n, device="cuda").sort()[0], gt.arange(n, device="cuda"))


def sorts_are_stable():
    for x in (normal(3, 5000), integers(50, 4, 3000), integers(2, 2, 100).to(gt.bool), normal(7, 33).to(gt.float16),
              normal(3000, 2, dtype=np.float64), integers(100, 3, 2500).to(gt.uint8), normal(1, 1)):
        if x.dtype.is_floating_point:
            x.view(-1)[::17] = float("nan")
            x.view(-1)[::5] = 0.0
            x.view(-1)[::10] = -0.0
        for dim in (0, 1):
            for descending in (False, True):
                for got, expected in zip(gt.sort(there(x), stable=True, dim=dim, descending=descending),
                                         gt.sort(x, stable=True, dim=dim, descending=descending)):
                    same(got, expected)
    x = integers(1000000, 2, 4000)
    for got, expected in zip(there(x).topk(7), x.topk(7)):
        same(got, expected)


def scans_of_long_lines():
    x = integers(7, 100000)
    same(there(x).cumsum(0), x.cumsum(0))
    for x, dim in ((normal(100000), 0), (normal(3, 9001), 1), (normal(5000, 3), 0), (normal(4, 40, 600), 1)):
        for name in ("cummax", "cummin"):
            for got, expected in zip(getattr(there(x), name)(dim), getattr(x, name)(dim)):
                same(got, expected)
        same(there(x).logcumsumexp(dim), x.logcumsumexp(dim), 1e-4)
        same(there(x).argmax(dim), x.argmax(dim))
        same(there(x).min(dim)[1], x.min(dim)[1])


def softmax_of_all_lengths():
    for n in (1, 7, 31, 100, 256, 257, 2048, 2100, 9000):
        for dtype in (gt.float32, gt.float64, gt.bfloat16):
            x = normal(3, n).to(dtype)
            x[1, 0] = float("-inf") if n > 1 else 0.0
            for dim in (0, 1):
                for name in ("softmax", "log_softmax"):
                    results = []
                    for y in (there(x).requires_grad_(), x.clone().requires_grad_()):
                        z = getattr(y, name)(dim)
                        weight = gt.arange(3.0, device=y.device).to(dtype)[:, None]
                        results.append((z.detach(), gt.autograd.grad((z * weight).nan_to_num(0, 0, 0).sum(), [y])[0].nan_to_num(0, 0, 0)))
                    for got, expected in zip(*results):
                        same(got, expected, 2e-2 if dtype == gt.bfloat16 else 1e-5)


def positions_are_found():
    for x in (normal(70, 3, 11) > 1, normal(10000).relu(), gt.zeros(5), gt.tensor(3.0), normal(0, 4)):
        same(there(x).nonzero(), x.nonzero())


def accumulation_is_the_same_each_time():
    x, index, more, values = normal(50, 9), integers(50, 4000), integers(9, 4000), normal(4000)
    first = there(x).index_put((there(index), there(more)), there(values), True)
    same(first, x.index_put((index, more), values, True), 1e-4)
    assert gt.equal(first, there(x).index_put((there(index), there(more)), there(values), True))
    same(there(x)[:, there(more)], x[:, more])
    same(there(x).index_put((there(index[:20]),), there(values[:9])), x.index_put((index[:20],), values[:9]))


def scatters_of_every_dtype():
    index = integers(6, 40, 3)
    for dtype in ("uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"):
        x, source = integers(9, 6, 3).to(getattr(gt, dtype)), integers(3, 40, 3).to(getattr(gt, dtype))
        for reduce in ("sum", "prod", "amax", "amin", "mean"):
            same(there(x).scatter_reduce(0, there(index), there(source), reduce),
                 x.scatter_reduce(0, index, source, reduce), 1e-2)
        same(there(x).gather(0, there(index)), x.gather(0, index))


def matrices_are_factored():
    for m, n in ((5, 5), (40, 30), (30, 40), (1, 3), (70, 70)):
        a = normal(2, m, n, dtype=np.float64)
        on = there(a)
        q, r = gt.linalg.qr(on)
        same(q @ r, a, 1e-10)
        for full in (False, True):
            u, s, vh = gt.linalg.svd(on, full_matrices=full)
            k = min(m, n)
            same((u[..., :k] * s[..., None, :]) @ vh[..., :k, :], a, 1e-10)
            same(u.transpose(-1, -2) @ u, gt.eye(u.shape[-1], dtype=gt.float64).expand(2, -1, -1), 1e-10)
            same(vh @ vh.transpose(-1, -2), gt.eye(vh.shape[-2], dtype=gt.float64).expand(2, -1, -1), 1e-10)
        b = normal(2, m, 3, dtype=np.float64)
        same(gt.linalg.lstsq(on, there(b))[0], gt.linalg.lstsq(a, b, driver="gels")[0], 1e-8)
        if m == n:
            symmetric = a + a.transpose(-1, -2)
            values, vectors = gt.linalg.eigh(there(symmetric))
            same(values, gt.linalg.eigvalsh(symmetric), 1e-10)
            same((vectors * values[..., None, :]) @ vectors.transpose(-1, -2), symmetric, 1e-10)
            same(gt.linalg.solve(on, there(b)), gt.linalg.solve(a, b), 1e-8)
            positive = a @ a.transpose(-1, -2) + gt.eye(n, dtype=gt.float64)
            same(gt.linalg.cholesky(there(positive)), gt.linalg.cholesky(positive), 1e-9)
            same(gt.linalg.det(on), gt.linalg.det(a), 1e-6)
    for factor in (lambda x: gt.linalg.svd(x, full_matrices=False), lambda x: gt.linalg.eigh(x + x.t())):
        gradients = []
        for device in ("cpu", "cuda"):  # of what does not depend on the vectors' signs
            x = (gt.arange(16.0, dtype=gt.float64) ** 2).sin().reshape(4, 4).to(device).requires_grad_()
            parts = factor(x)
            vectors = parts[0] if len(parts) == 3 else parts[1]
            values = parts[1] if len(parts) == 3 else parts[0]
            gradients += gt.autograd.grad(((vectors ** 2 * values.exp()).sum(0) * values).sum() + (vectors[0] ** 2 * values).sum(), [x])
        same(gradients[1], gradients[0].cpu(), 1e-9)
    rank_one = gt.ones(4, 4, dtype=gt.float64)
    u, s, vh = gt.linalg.svd(there(rank_one))
    same((u * s) @ vh, rank_one, 1e-12)
    same(u.t() @ u, gt.eye(4, dtype=gt.float64), 1e-12)


def factors_know_no_size():
    """Elements whose squares overflow or vanish, and singular values that lie far apart."""
    for size in (1.0, 1e30, 1e-30, 3e37, 1e-37):
        a = normal(6, 4)
        tall, wide, square = a * size, (a * size).t().contiguous(), (a[:4] + a[:4].t()) * size
        for x in (tall, wide):
            s = gt.linalg.svdvals(there(x))
            same(s / size, gt.linalg.svdvals(x) / size, 1e-4)
            q, r = gt.linalg.qr(there(x))
            same(q.t() @ q, gt.eye(4), 1e-5)
            same((q @ (r / size)), x / size, 1e-5)
        values, vectors = gt.linalg.eigh(there(square))
        same(values / size, gt.linalg.eigvalsh(square) / size, 1e-4)
        same((vectors * (values / size)) @ vectors.t(), square / size, 1e-5)
        same(gt.linalg.lstsq(there(tall), there(tall @ gt.ones(4, 1)))[0], gt.ones(4, 1), 1e-3)
    columns = gt.tensor([[1.0, 1e-14], [1.0, 2e-14], [0.0, 1e-14]])
    u, s, vh = gt.linalg.svd(there(columns), full_matrices=False)
    same(s[:1], gt.tensor([2.0]).sqrt(), 1e-6)
    same((u * s) @ vh, columns, 1e-6)
    same(u.t() @ u, gt.eye(2), 1e-5)


def what_is_cut_is_whole():
    """What a launch does not take at once, which the emulation can be asked to say of little: GTENSOR_EMULATED_ELEMENTS."""
    nn = gt.nn.functional
    x, y = normal(5, 6, 7), normal(5, 6, 7)
    turned = x.permute(2, 0, 1)
    for function in (lambda x: x + 1, lambda x: x.permute(2, 0, 1).contiguous(), lambda x: x.to(gt.float16), lambda x: x.sum(1),
                     lambda x: x.sum(0), lambda x: x.sum((0, 2)), lambda x: x.amax(2), lambda x: x.argmax(0), lambda x: x.cumsum(1),
                     lambda x: x.softmax(2), lambda x: x.softmax(0), lambda x: x.sort(1)[0], lambda x: x.sort(2)[1],
                     lambda x: gt.tril(x), lambda x: gt.triu(x, 2), lambda x: gt.tril(x, -1), lambda x: gt.triu(x.permute(2, 0, 1), -2),
                     lambda x: gt.nonzero(x > 0), lambda x: gt.nonzero(x.permute(1, 2, 0) > 0.5), lambda x: x[x > 0],
                     lambda x: nn.unfold(x[None], (2, 3), padding=1), lambda x: nn.max_pool2d(x[None], 2, 1, return_indices=True)[1],
                     lambda x: nn.interpolate(x[None], size=(9, 11), mode="bilinear"), lambda x: gt.eye(40, device=x.device)):
        same(function(there(x)), function(x), 1e-5)
    columns = normal(1, 8, 30)
    same(nn.fold(there(columns), (6, 7), (2, 2)), nn.fold(columns, (6, 7), (2, 2)), 1e-5)
    long = normal(5, 3000)
    same(there(long).sort(1)[0], long.sort(1)[0])
    same(there(long).sort(1, descending=True)[1], long.sort(1, descending=True)[1])
    rows, columns = integers(5, 9, 4), integers(7, 9, 4)
    same(there(x)[there(rows)], x[rows])
    same(there(x)[there(rows), :, there(columns)], x[rows, :, columns])
    same(there(turned)[there(columns), there(rows)], turned[columns, rows])
    for values in (normal(9, 4, 6), normal(9, 1, 6)):
        on, off = there(x).clone(), x.clone()
        on.permute(0, 2, 1).index_put_((there(rows), there(columns)), there(values.expand(9, 4, 6)), accumulate=True)
        off.permute(0, 2, 1).index_put_((rows, columns), values.expand(9, 4, 6), accumulate=True)
        same(on, off, 1e-5)
    index = integers(6, 5, 6, 7)
    same(there(x).gather(1, there(index)), x.gather(1, index))
    same(there(x).scatter_add(1, there(index), there(y)), x.scatter_add(1, index, y), 1e-5)


def bad_indices_are_told_of():
    x = gt.ones(5, device="cuda")
    for call in (lambda: x[gt.tensor([5], device="cuda")], lambda: x.gather(0, gt.tensor([-1], device="cuda"))):
        try:
            call()
            gt.cuda.synchronize()
        except Exception as error:
            assert "out of bounds" in str(error), error
        else:
            raise AssertionError("nothing was said of an index out of range")
    assert x.sum().item() == 5  # and the program goes on


def bad_values_are_told_of():
    good = gt.full((3, 700), 0.5)
    bad = good.clone()
    bad[2, 699] = float("nan")
    zero = gt.zeros(3, 700, dtype=gt.int32)
    loss = gt.nn.functional.binary_cross_entropy
    for call, text in ((lambda: loss(there(bad), there(good)), "all elements of input should be between 0 and 1"),
                       (lambda: loss(there(good), there(bad) + 1), "all elements of target should be between 0 and 1"),
                       (lambda: there(zero) // there(zero), "ZeroDivisionError")):
        try:
            call()
            gt.cuda.synchronize()
        except Exception as error:
            assert str(error).startswith(text), error
        else:
            raise AssertionError("nothing was said of a bad value")
    same(loss(there(good), there(good)), loss(good, good), 1e-6)


def what_has_no_kernel_says_so():
    a = gt.ones(3, 2, device="cuda")
    try:
        gt.linalg.lstsq(a, a, driver="gelsd")
    except Exception as error:
        assert "lstsq" in str(error) and "cuda" in str(error).lower(), error
    else:
        raise AssertionError("gelsd ran without a kernel")


def the_emulation_is_not_installed():
    if not gt.cuda_is_emulated():
        return
    assert "Emulated" in gt.cuda.get_device_name()
    folder = Path(os.environ["GTENSOR_BACKEND_PATH"]).resolve()
    installed = json.loads((folder.parents[1] / "meson-info" / "intro-installed.json").read_text())
    assert installed and not [path for path in installed if Path(path).resolve().is_relative_to(folder)]


def main():
    tests = [test for test in globals().values() if callable(test) and getattr(test, "__module__", "") == "__main__"
             and test not in (normal, integers, there, same, main)]
    wanted = [test for test in tests if not sys.argv[1:] or test.__name__ in sys.argv[1:]]
    print(f"1..{len(wanted)}")
    failed = 0
    for number, test in enumerate(wanted, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {test.__name__}\n" + "\n".join(f"# {line}" for line in traceback.format_exc().splitlines()),
                  flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
