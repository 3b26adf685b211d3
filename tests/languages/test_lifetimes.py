# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What goes through the binding is freed, and once: memory stays level however often a thing is done.

    test_lifetimes.py [TURNS]     turns per case, 3000 unless told
"""

import array
import gc
import sys
import threading
import unittest
import weakref

import gi
import numpy
from gi.repository import GObject

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt      # noqa: E402

TURNS = int(sys.argv.pop()) if len(sys.argv) > 1 and sys.argv[-1].isdigit() else 3000
LEVEL = 400                     # bytes per turn that count as a leak; the smallest object is smaller, but not what it holds
cpu = gt.Device.get_cpu()


class Double(gt.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * 2, y * 3

    @staticmethod
    def backward(ctx, grad_x, grad_y):
        x, y = ctx.saved_tensors
        return grad_x * x, None


def failing(where):
    class Fails(gt.Function):
        @staticmethod
        def forward(ctx, x):
            if where == "forward":
                raise KeyError("in forward")
            return x.clone()

        @staticmethod
        def backward(ctx, grad):
            raise KeyError("in backward")
    return Fails


FAILING = {where: failing(where) for where in ("forward", "backward")}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def leaf(n=64):
    return gt.ones(n, requires_grad=True)


# -- one turn of each case -----------------------------------------------------------------------------

def nodes():
    x = leaf()
    one = gt.Backward((x * x).sum())
    one.get_nodes()
    one.run()
    one.get_nodes()


def functions_of_nodes():
    y = (leaf() * leaf()).sum()
    y.grad_fn.get_next_functions()
    y.grad_fn.next_functions
    y.grad_fn.get_saved_names()


def node_backward():
    x = leaf(2)
    node = (x * x).grad_fn
    node.backward([gt.ones(2)])


def autograd_grad():
    x, y = leaf(), leaf()
    gt.autograd.grad((x * x).sum(), [x, y], allow_unused=True)


def input_gradients():
    x, y = leaf(), leaf()
    one = gt.Backward.new_full([(x * x).sum()], [], [x, y], gt.BackwardFlags(4))
    one.run()
    one.get_input_gradients()


def function():
    x, y = leaf(), leaf()
    a, b = Double.apply(x, y)
    (a + b).sum().backward()


def function_unused():
    Double.apply(leaf(), leaf())


def function_fails_forward():
    try:
        FAILING["forward"].apply(leaf())
    except KeyError:
        return
    raise AssertionError


def function_fails_backward():
    try:
        FAILING["backward"].apply(leaf()).sum().backward()
    except KeyError:
        return
    raise AssertionError


def lists():
    parts = leaf().split(16)
    gt.cat(parts).sum().backward()
    gt.meshgrid(gt.ones(3), gt.ones(4))
    gt.stack([gt.ones(3)] * 4)


def several_results():
    leaf().sort()
    leaf().max(0)
    leaf().topk(3)


def hooks():
    x = leaf()
    x.register_hook(lambda grad: grad * 2)
    y = x * 2
    y.register_hook(lambda grad: grad * 2)
    y.retain_grad()
    y.sum().backward()


def hook_fails():
    x = leaf()
    x.register_hook(lambda grad: 1 / 0)
    try:
        x.sum().backward()
    except ZeroDivisionError:
        return
    raise AssertionError


def hook_removed():
    x = leaf()
    x.register_hook(lambda grad: None).remove()
    x.sum().backward()


def signals():
    x = leaf()
    x.connect("grad-updated", lambda *_: None)
    x.connect("notify::grad", lambda *_: None)
    x.sum().backward()
    one = gt.Backward((x * x).sum())
    one.connect("contribution", lambda *_: None)
    one.connect("stepped", lambda *_: None)
    one.run()


def errors():
    for call in (lambda: gt.ones(2) + gt.ones(3), lambda: gt.ones(2)[7], lambda: gt.ones(2).view(3)):
        try:
            call()
        except (RuntimeError, IndexError):
            pass


def from_numpy():
    gt.from_numpy(numpy.zeros(64)).sum().item()


def to_numpy():
    gt.ones(64).numpy().sum()


def dlpack():
    gt.from_dlpack(gt.ones(64))
    numpy.from_dlpack(gt.ones(64))
    gt.from_dlpack(numpy.ones(64))
    gt.ones(64).__dlpack__()


def buffers():
    gt.tensor(list(range(64))).tolist()
    gt.frombuffer(array.array("d", range(64)), dtype=gt.float64) if hasattr(gt, "frombuffer") else None


def indexing():
    x = gt.ones(8, 8)
    x[1:, 0], x[x > 0], x[gt.tensor([0, 1])]
    x[0] = 3
    x[x > 2] = gt.zeros(8)


def properties():
    x = leaf()
    x.sum().backward()
    x.grad, x.grad_fn, x.shape, x.dtype, x.device, x.props.grad, x.props.shape
    x.grad = None
    x.data, x.T, repr(x)


def gobject_ways():
    x = leaf()
    x.weak_ref(lambda: None)
    x.attribute = x.shape
    x.freeze_notify()
    gt.ones(3).bind_property("requires-grad", x, "requires-grad", GObject.BindingFlags.DEFAULT)
    gt.ones(3).run_dispose()
    (leaf() * 2).grad_fn.run_dispose()


CASES = [value for value in list(globals().values())
         if callable(value) and getattr(value, "__module__", "") == __name__ and getattr(value, "__code__", None) is not None
         and value.__code__.co_argcount == 0 and value.__name__ not in ("resident",)]


class Level(unittest.TestCase):
    """Memory stays level."""

    def test_cases(self):
        for case in CASES:
            with self.subTest(case=case.__name__):
                for _ in range(TURNS // 10):
                    case()
                gc.collect()
                used, before = cpu.get_used_memory(), resident()
                for _ in range(TURNS):
                    case()
                gc.collect()
                self.assertLess(cpu.get_used_memory() - used, 10_000)
                self.assertLess((resident() - before) / TURNS, LEVEL + 2e6 / TURNS)


class Cycles(unittest.TestCase):
    """Cycles through Python are collected, as far as its collector sees them."""

    def collected(self, make):
        gc.collect()
        reference = weakref.ref(make())
        gc.collect()
        self.assertIsNone(reference())

    def test_tensor_with_attributes(self):
        def make():
            x = leaf()
            x.itself = x
            return x
        self.collected(make)

    def test_graph(self):
        def make():
            x = leaf()
            x.history = (x * 2).sum()
            return x
        make()      # through C, which the collector does not see: only that nothing breaks
        gc.collect()

    def test_context(self):
        def make():
            y, z = Double.apply(leaf(), leaf())
            return y
        self.collected(make)


class Revival(unittest.TestCase):
    """A tensor that lost its last reference is used again: nothing of its last life shows."""

    def many(self, make):
        for _ in range(300):
            make()
        gc.collect()
        return [gt.ones(2, requires_grad=True) for _ in range(300)]

    def test_handlers(self):
        seen = []

        def make():
            x = gt.ones(2, requires_grad=True)
            x.connect("grad-updated", lambda *_: seen.append(1))
            x.connect("notify", lambda *_: seen.append(2))
        for x in self.many(make):
            x.sum().backward()
        self.assertEqual(seen, [])

    def test_frozen_notifications(self):
        seen = []

        def make():
            gt.ones(2).freeze_notify()
        for x in self.many(make):
            x.connect("notify::grad", lambda *_: seen.append(1))
            x.sum().backward()
        self.assertEqual(len(seen), 300)

    def test_attributes_and_hooks(self):
        def make():
            x = gt.ones(2, requires_grad=True)
            x.mark = 1
            x.register_hook(lambda grad: grad * 100)
            x.retain_grad()
        for x in self.many(make):
            self.assertFalse(hasattr(x, "mark"))
            x.sum().backward()
            self.assertEqual(x.grad.tolist(), [1, 1])
            self.assertIsNone(x.grad_fn)

    def test_weak_references(self):
        gone = []

        def make():
            x = gt.ones(2)
            x.weak_ref(lambda: gone.append(1))
        self.many(make)
        self.assertEqual(len(gone), 300)

    def test_ids(self):
        ids = [gt.ones(2).get_id() for _ in range(1000)]
        self.assertEqual(len(set(ids)), 1000)
        ids = [(leaf(2) * 2).grad_fn.get_id() for _ in range(1000)]
        self.assertEqual(len(set(ids)), 1000)

    def test_nodes(self):
        seen = []

        def make():
            node = (leaf(2) * 2).grad_fn
            node.connect("about-to-run", lambda *_: seen.append(1))
            node.connect("backward-done", lambda *_: seen.append(1))
        for x in self.many(make):
            (x * 2).sum().backward()
        self.assertEqual(seen, [])

    def test_other_threads(self):
        kept = [leaf(4) * 2 for _ in range(1000)]

        def drop():
            while True:
                try:
                    kept.pop()
                except IndexError:
                    return
                leaf(4).sum().backward()
        threads = [threading.Thread(target=drop) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((leaf(4) * 2).tolist(), [2] * 4)


class Threads(unittest.TestCase):
    def run_all(self, work, n=2):
        caught = []

        def guarded(k):
            try:
                work(k)
            except BaseException as error:
                caught.append(error)
        threads = [threading.Thread(target=guarded, args=(k,)) for k in range(n)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(caught, [])

    def test_two_passes(self):
        def work(k):
            for _ in range(300):
                x, y = leaf(16), leaf(16)
                a, b = Double.apply(x, y)
                (a * b).sum().backward()
                self.assertEqual(x.grad.shape, (16,))
        self.run_all(work)

    def test_one_leaf(self):
        x = leaf(16)

        def work(k):
            for _ in range(300):
                (x * 2).sum().backward()
        self.run_all(work)
        self.assertEqual(x.grad.tolist(), [1200.0] * 16)

    def test_grad_mode(self):
        def work(k):
            for _ in range(300):
                with gt.set_grad_enabled(k % 2 == 0):
                    self.assertEqual((leaf(2) * 2).requires_grad, k % 2 == 0)
        self.run_all(work)

    def test_errors_stay_in_their_thread(self):
        def work(k):
            for _ in range(200):
                kind = KeyError if k else ZeroDivisionError
                x = leaf(2)

                def hook(grad):
                    raise kind("here")
                x.register_hook(hook)
                with self.assertRaises(kind):
                    x.sum().backward()
        self.run_all(work)


class Exceptions(unittest.TestCase):
    """Type and text arrive at the caller."""

    def test_function(self):
        for where, call in (("forward", lambda f: f.apply(leaf())), ("backward", lambda f: f.apply(leaf()).sum().backward())):
            with self.subTest(where=where), self.assertRaises(KeyError) as caught:
                call(FAILING[where])
            self.assertEqual(caught.exception.args, (f"in {where}",))

    def test_hook(self):
        x = leaf()
        x.register_hook(lambda grad: [][0])
        with self.assertRaisesRegex(IndexError, "list index out of range"):
            (x * 2).sum().backward()
        with self.assertRaisesRegex(IndexError, "list index out of range"):
            gt.autograd.grad((x * 2).sum(), x)

    def test_a_step_within_a_step(self):
        x = leaf()
        one = gt.Backward((x * 2).sum())
        x.register_hook(lambda grad: one.step() and None)
        with self.assertRaisesRegex(RuntimeError, "a step of this backward pass is running"):
            one.run()

    def test_out_requires_grad(self):
        with self.assertRaisesRegex(RuntimeError, "out=... arguments don't support automatic differentiation"):
            gt.add(gt.ones(2), gt.ones(2), out=gt.ones(2, requires_grad=True))
        with gt.no_grad():
            gt.add(gt.ones(2), gt.ones(2), out=gt.ones(2, requires_grad=True))

    def test_as_strided_keeps_no_version(self):
        x = gt.ones(4, requires_grad=True)
        y = x * 1
        z = y.as_strided([2], [2])
        with gt.no_grad():
            y.mul_(2)
        z.sum().backward()
        self.assertEqual(x.grad.tolist(), [1, 0, 1, 0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
