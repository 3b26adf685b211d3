#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Python: pytorch.txt is a session recorded with PyTorch, and here it is ours; the rest is what PyTorch has no word for.

    test_python.py SESSION"""
import doctest
import gc
import inspect
import re
import sys
import unittest
import weakref

import gi

gi.require_version("GTensor", "1.0")
from gi.repository import GLib, GObject, GTensor as gt

session = sys.argv.pop(1)


class Checker(doctest.OutputChecker):
    """Output is the same but for the name of the module and the addresses of objects."""

    def check_output(self, want, got, flags):
        want, got = (re.sub(r"torch\.return_types\.|torch\.|0x[0-9a-f]+", "", text) for text in (want, got))
        return super().check_output(want, got, flags)


class Session(unittest.TestCase):
    def test_session(self):
        with open(session, encoding="utf-8") as file:
            test = doctest.DocTestParser().get_doctest(file.read(), {"torch": gt}, "pytorch.txt", session, 0)
        runner = doctest.DocTestRunner(Checker(), verbose=False)
        runner.run(test)
        self.assertEqual(runner.failures, 0)


class Objects(unittest.TestCase):
    def test_identity(self):
        x = gt.ones(2, requires_grad=True)
        self.assertIs((x * 2).grad_fn.next_functions[0][0].variable, x)
        self.assertIs(gt.add(x, 1).device, gt.device("cpu"))

    def test_tensors_are_freed(self):
        x = gt.ones(2, requires_grad=True)
        y = (x * 2).sum()
        references = [weakref.ref(item) for item in (x, y, y.grad_fn)]
        y.backward()
        del x, y
        gc.collect()
        self.assertEqual([reference() for reference in references], [None] * 3)

    def test_hooks_are_freed(self):
        x = gt.ones(2, requires_grad=True)
        handle = x.register_hook(lambda grad: None)
        reference = weakref.ref(x)
        handle.remove()
        del x, handle
        gc.collect()
        self.assertIsNone(reference())

    def test_custom_functions_are_freed(self):
        class Twice(gt.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * 2

            @staticmethod
            def backward(ctx, grad):
                return grad * 2

        x = gt.ones(2, requires_grad=True)
        y = Twice.apply(x)
        references = [weakref.ref(item) for item in (x, y, y.grad_fn)]
        y.sum().backward()
        del x, y
        gc.collect()
        self.assertEqual([reference() for reference in references], [None] * 3)

    def test_numpy_operands(self):
        import numpy as np
        tensor, array = gt.arange(3.), np.arange(3.)
        for result in (tensor + array, array + tensor):
            self.assertEqual((result.tolist(), result.dtype), ([0, 2, 4], gt.float64))
        self.assertEqual((tensor == array).tolist(), [True] * 3)
        self.assertIsInstance(np.sin(tensor), gt.Tensor)
        tensor += array
        self.assertEqual(tensor.dtype, gt.float32)

    def test_setup_context(self):
        class Square(gt.Function):
            @staticmethod
            def forward(x):
                return x * x

            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.save_for_backward(*inputs)

            @staticmethod
            def backward(ctx, grad):
                return 2 * grad * ctx.saved_tensors[0]

        x = gt.tensor([3.], requires_grad=True)
        self.assertEqual(gt.autograd.grad(Square.apply(x), x)[0].tolist(), [6])

    def test_numpy_lifetimes(self):
        import numpy as np
        array = np.ones(1000)
        reference = weakref.ref(array)
        view = gt.from_numpy(array)[1:]
        del array
        gc.collect()
        self.assertIsNotNone(reference())
        del view
        gc.collect()
        self.assertIsNone(reference())
        tensor = gt.ones(1000)
        reference = weakref.ref(tensor)
        array = tensor.numpy()
        del tensor
        gc.collect()
        self.assertEqual(array.sum(), 1000)
        shared = gt.from_dlpack(array)
        del array
        gc.collect()
        self.assertEqual(shared.sum().item(), 1000)

    def test_an_unused_capsule_frees_its_tensor(self):
        for versioned in (None, (1, 0)):
            capsule = gt.ones(10).__dlpack__(max_version=versioned)
            self.assertIn("dltensor", repr(capsule))
            del capsule
        gc.collect()
        capsule = gt.ones(3).__dlpack__()
        self.assertEqual(gt.from_dlpack(capsule).tolist(), [1, 1, 1])
        with self.assertRaises(TypeError):
            gt.from_dlpack(capsule)


class Errors(unittest.TestCase):
    def test_every_error_is_a_glib_error(self):
        for kind, call in ((RuntimeError, lambda: gt.ones(2) + gt.ones(3)), (IndexError, lambda: gt.ones(2)[5]),
                           (RuntimeError, lambda: gt.ones(2, device="cuda") if not gt.cuda.is_available() else gt.device("toaster"))):
            with self.assertRaises(kind) as caught:
                call()
            self.assertIsInstance(caught.exception, GLib.Error)
            self.assertEqual(str(caught.exception), caught.exception.message)

    def test_nothing_crashes(self):
        x = gt.ones(2)
        calls = [
            (gt.add, None, None), (x.add, None), (x.add, object()), (x.__getitem__, object()), (x.__getitem__, 1.5), (gt.zeros, None),
            (gt.zeros, -1), (gt.cat, []), (gt.cat, [None]), (gt.tensor, "text"), (gt.tensor, object()), (x.view, "x"),
            (gt.zeros, 2 ** 40, 2 ** 40), (gt.tensor, [2 ** 70]), (x.backward,), (gt.Backward, x), (gt.from_dlpack, 3),
            (x.to, "nowhere"), (x.to, 3.5), (x.sum, "x"), (x.max, 1, 2, 3, 4), (x.sum, 2.5), (gt.device, 1.5), (gt.set_default_dtype, 3),
            (gt.autograd.grad, [x], [x]), (x.register_hook, None), (gt.stack, [x, 1]), (x.expand, -5), (x.__setitem__, 0, "a"),
        ]
        for call, *args in calls:
            with self.subTest(call=call, args=args), self.assertRaises((TypeError, ValueError, RuntimeError, IndexError)):
                call(*args)
        with self.assertRaises(TypeError):
            x.sum(nonsense=1)
        with self.assertRaisesRegex(TypeError, r"sum\(\): argument 'dim' \(position 1\) must be tuple of ints, not float"):
            x.sum(1.5)


class Names(unittest.TestCase):
    def test_signatures(self):
        self.assertEqual(list(inspect.signature(gt.add).parameters), ["input", "other", "alpha", "out"])
        self.assertEqual(inspect.signature(gt.add).parameters["alpha"].default, 1)
        self.assertEqual(list(inspect.signature(gt.Tensor.add).parameters)[:2], ["self", "other"])
        self.assertIn("add(Tensor self, Tensor|Scalar other", gt.add.__doc__)

    def test_every_operation_has_a_function(self):
        names = {op.get_name() for op in gt.Op.get_all() if op.get_forms()}
        self.assertGreater(len(names), 130)
        for name in names:
            found = getattr(gt, name)
            self.assertTrue(callable(found) or isinstance(found, gt.dtype), name)
            self.assertIn(name, dir(gt))

    def test_nested_names(self):
        import gi.repository.GTensor.nn.functional as functional
        self.assertIs(functional.relu, gt.relu)
        self.assertIs(gt.nn.functional.softmax, gt.softmax)
        self.assertIs(gt.autograd.Function, gt.Function)
        with self.assertRaises(AttributeError):
            gt.linalg.nonsense
        with self.assertRaises(AttributeError):
            gt.nonsense


class Steps(unittest.TestCase):
    def test_a_pass_in_steps(self):
        x = gt.ones(2, 2, requires_grad=True)
        backward = gt.Backward((x * x).sum())
        contributions = []
        backward.connect("contribution", lambda _, source, target, number, grad: contributions.append(target.name))
        self.assertEqual([node.name for node in backward], ["SumBackward0", "MulBackward0", "AccumulateGrad"])
        self.assertTrue(backward.is_finished())
        self.assertIn("AccumulateGrad", contributions)
        self.assertEqual(x.grad.tolist(), [[2.0, 2.0], [2.0, 2.0]])

    def test_an_error_in_a_step(self):
        class Bad(gt.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2

            @staticmethod
            def backward(ctx, grad):
                return grad[5]

        x = gt.ones(2, requires_grad=True)
        with self.assertRaises(IndexError):
            list(gt.Backward(Bad.apply(x).sum()))
        (x * 2).sum().backward()  # nothing is left behind
        self.assertEqual(x.grad.tolist(), [2.0, 2.0])

    def test_post_accumulate_hook(self):
        x, seen = gt.ones(2, requires_grad=True), []
        handle = x.register_post_accumulate_grad_hook(lambda tensor: seen.append(tensor.grad.tolist()))
        x.sum().backward()
        handle.remove()
        x.sum().backward()
        self.assertEqual(seen, [[1.0, 1.0]])

    def test_properties_are_gobject_properties(self):
        x = gt.ones(2, requires_grad=True)
        self.assertIsInstance(x, GObject.Object)
        self.assertTrue(x.props.requires_grad)
        self.assertIs(x.get_property("grad-fn"), None)


if __name__ == "__main__":
    unittest.main(verbosity=2)
