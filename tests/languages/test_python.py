#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Python: pytorch.txt is a session recorded with PyTorch, and here it is ours; the rest is what PyTorch has no word for.

    test_python.py SESSION"""
import doctest
import gc
import inspect
import io
import pickle
import re
import sys
import traceback
import unittest
import warnings
import weakref
import zipfile

import gi

gi.require_version("GTensor", "1.0")
from gi.repository import GLib, GObject, GTensor as gt

session = sys.argv.pop(1)


class Checker(doctest.OutputChecker):
    """Output is the same but for the name of the module and the addresses of objects."""

    def check_output(self, want, got, flags):
        want, got = (re.sub(r"torch\.return_types\.|torch\.|0x[0-9a-f]+", "", text) for text in (want, got))
        return super().check_output(want, got, flags)


class Refusals(unittest.TestCase):
    def test_constructed_objects(self):
        self.assertEqual(repr(GObject.new(gt.Tensor)), "tensor([])")
        self.assertEqual(gt.rand(2, generator=GObject.new(gt.Generator)).shape, (2,))

    def test_lists_that_hold_themselves(self):
        endless = []
        endless.append(endless)
        with self.assertRaisesRegex(ValueError, "too many dimensions 'list'"):
            gt.tensor(endless)
        file = io.BytesIO()
        gt.save(endless, file)
        again = gt.load(file)
        self.assertIs(again[0], again)

    def test_exceptions_survive_the_end_of_shared_memory(self):
        import numpy
        for make in (lambda: gt.tensor(numpy.ones(3)), lambda: gt.frombuffer(bytearray(8), dtype=gt.float32),
                     lambda: gt.ones(3).__dlpack__(), lambda: gt.ones(3).__dlpack__(max_version=(1, 0))):
            with self.assertRaises(KeyError):
                [make(), {}["x"]]

    def test_numbers_that_do_not_fit(self):
        x = gt.zeros(2, dtype=gt.int8)
        for call in (lambda: gt.full((2,), 300, dtype=gt.int8), lambda: x.fill_(300), lambda: x.masked_fill(gt.ones(2).bool(), 300),
                     lambda: x.index_fill(0, gt.tensor([0]), 300), lambda: x.scatter(0, gt.tensor([0]), 300),
                     lambda: gt.where(gt.ones(2).bool(), x, 300), lambda: gt.nn.functional.pad(x, (1, 1), value=300),
                     lambda: x.__setitem__(0, float("inf"))):
            with self.assertRaisesRegex(RuntimeError, "value cannot be converted to type int8_t without overflow"):
                call()
        self.assertEqual(gt.full((1,), -3, dtype=gt.uint8).tolist(), [253])
        self.assertEqual(gt.full((1,), 1e6, dtype=gt.half).tolist(), [float("inf")])

    def test_values_that_have_no_meaning(self):
        functional, nan = gt.nn.functional, float("nan")
        scores = gt.randn(4, 1, 3).log_softmax(2)
        for message, call in (
                ("to - 1 is out of bounds for signed char", lambda: gt.randint(0, 300, (2,), dtype=gt.int8)),
                ("from is out of bounds for unsigned char", lambda: gt.zeros(2, dtype=gt.uint8).random_(-1, 3)),
                ("normal expects all elements of std >= 0.0", lambda: gt.normal(gt.zeros(2), gt.tensor([-1.0, 1.0]))),
                ("from is out of bounds for float", lambda: gt.zeros(2).uniform_(1e39, 1e40)),
                ("invalid Poisson rate", lambda: gt.poisson(gt.tensor([nan]))),
                ("target_lengths to have value at least 0",
                 lambda: functional.ctc_loss(scores, gt.tensor([[1, 2]]), gt.tensor([4]), gt.tensor([-1]))),
                ("input_lengths to have value at least 0",
                 lambda: functional.ctc_loss(scores, gt.tensor([[1, 2]]), gt.tensor([-4]), gt.tensor([1]))),
                ("offsets must not", lambda: functional.embedding_bag(gt.tensor([0, 1, 1]), gt.ones(3, 2), gt.tensor([0, 2, 1]))),
                ("-1 norm on an empty tensor", lambda: gt.linalg.vector_norm(gt.zeros(0), -1)),
                ("negative values for beta", lambda: functional.smooth_l1_loss(gt.zeros(2), gt.ones(2), beta=-1))):
            with self.subTest(message), self.assertRaisesRegex(RuntimeError, message):
                call()
        with self.assertRaises(gt.linalg.LinAlgError):
            gt.linalg.cholesky(gt.full((2, 2), nan))
        with self.assertRaisesRegex(RuntimeError, "not finite"):
            gt.linalg.lstsq(gt.full((2, 2), nan), gt.ones(2, 2))
        with self.assertRaises(IndexError):
            gt.zeros(2)[-2**63]
        with self.assertRaises(ValueError):
            functional.cross_entropy(gt.ones(3, 2), gt.tensor([0]))


class Spellings(unittest.TestCase):
    def test_axis(self):
        x = gt.tensor([[3.0, 1.0], [2.0, 4.0]])
        for name in ("max", "softmax", "cumsum", "squeeze", "unsqueeze", "unbind", "argmax", "sum"):
            for ours, wanted in zip(getattr(x, name)(axis=0), getattr(x, name)(dim=0)):
                self.assertTrue(gt.equal(ours, wanted))
        self.assertEqual(x.select(axis=1, index=0).tolist(), [3.0, 2.0])
        with self.assertRaisesRegex(TypeError, r"select\(\) missing 1 required positional argument: 'index'"):
            x.select(0)
        self.assertIs(inspect.signature(gt.unsqueeze).parameters["dim"].default, inspect.Parameter.empty)

    def test_numbers_first(self):
        x = gt.tensor([2.0, 4.0])
        self.assertEqual(gt.mul(2, x).tolist(), [4.0, 8.0])
        self.assertEqual(gt.sub(1, x).tolist(), [-1.0, -3.0])
        self.assertEqual(gt.sub(1, x, alpha=2).tolist(), [-3.0, -7.0])
        self.assertEqual(gt.div(2, x).tolist(), [1.0, 0.5])
        self.assertEqual(gt.div(9, x, rounding_mode="floor").tolist(), [4.0, 2.0])
        self.assertEqual(gt.add(1, gt.tensor(1, dtype=gt.int8)).dtype, gt.int8)
        with self.assertRaises(TypeError):
            gt.maximum(2, x)

    def test_small_things(self):
        import copy
        x = gt.ones(2, requires_grad=True)
        x.grad, x.note = gt.ones(2), [1]
        twin = copy.deepcopy(x)
        self.assertEqual(twin.note, [1])
        self.assertIsNot(twin.note, x.note)
        del x.grad
        self.assertIsNone(x.grad)
        generator = gt.Generator().manual_seed(3)
        self.assertTrue(gt.equal(gt.rand(3, generator=copy.deepcopy(generator)), gt.rand(3, generator=generator)))
        view = gt.arange(12.0).reshape(3, 4).T[1:]
        again = pickle.loads(pickle.dumps(view))
        self.assertTrue(gt.equal(again, view))
        self.assertEqual((again.stride(), again.storage_offset()), (view.stride(), view.storage_offset()))
        self.assertTrue(pickle.loads(pickle.dumps(gt.ones(2, requires_grad=True) * 2)).requires_grad)
        self.assertEqual(pickle.loads(pickle.dumps(gt.zeros(0, 3))).shape, (0, 3))
        self.assertEqual(gt.zeros(0, 2**62).shape, (0, 2**62))
        self.assertEqual(gt.block_diag().shape, (1, 0))
        with self.assertRaisesRegex(RuntimeError, "only supports Tensor or scalar"):
            "a" in x
        with self.assertRaisesRegex(TypeError, "invalid dtype object"):
            gt.set_default_dtype("float32")


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

        for function in (gt.ones, gt.softmax, gt.Tensor.argmax):
            self.assertNotIn("options", inspect.signature(function).parameters)
        self.assertEqual(list(inspect.signature(gt.ones).parameters), ["size", "dtype", "device", "out", "requires_grad"])

    def test_names_offered(self):
        self.assertLessEqual({"add", "add_", "sum", "shape", "register_hook"}, set(dir(gt.ones(2))))
        self.assertLessEqual({"add", "float32", "linalg", "tensor", "Tensor"}, set(dir(gt)))
        for names in (dir(gt), dir(gt.ones(2))):
            self.assertFalse({"add_scalar", "sum_dim", "add_out"} & set(names))

    def test_a_traceback_names_the_error(self):
        with self.assertRaises(RuntimeError) as caught:
            gt.ones(2) + gt.ones(3)
        self.assertTrue(traceback.format_exception_only(caught.exception)[0].startswith("gi.repository.GTensor.Error: The size"))
        copy = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((type(copy), str(copy)), (type(caught.exception), str(caught.exception)))

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
        self.assertIs(gt.nn.functional.gelu, gt.gelu)
        self.assertIs(gt.autograd.Function, gt.Function)
        with self.assertRaises(AttributeError):
            gt.linalg.nonsense
        with self.assertRaises(AttributeError):
            gt.nonsense


class Program(unittest.TestCase):
    def test_random_state(self):
        gt.manual_seed(3)
        self.assertEqual(gt.initial_seed(), 3)
        state = gt.get_rng_state()
        self.assertEqual((state.dtype, state.numel()), (gt.uint8, 5056))
        numbers = gt.rand(3)
        gt.set_rng_state(state)
        self.assertTrue(numbers.equal(gt.rand(3)))
        self.assertEqual(gt.seed(), gt.default_generator.initial_seed())

    def test_threads(self):
        before = gt.get_num_threads()
        gt.set_num_threads(1)
        self.assertEqual((gt.get_num_threads(), gt.ones(10 ** 6).sum().item()), (1, 10 ** 6))
        gt.set_num_threads(before)
        self.assertEqual(gt.get_num_threads(), before)
        with self.assertRaises(RuntimeError):
            gt.set_num_threads(0)

    def test_version(self):
        self.assertRegex(gt.__version__, r"^\d+\.\d+\.\d+$")
        self.assertEqual((gt.typename(3), gt.typename(gt.device)), ("int", "gi.repository.GTensor.Device"))


class Hooks(unittest.TestCase):
    def setUp(self):
        self.x = gt.ones(2, requires_grad=True)
        self.y = self.x * 2
        self.seen = []

    def test_before_and_after(self):
        before = self.y.grad_fn.register_prehook(lambda grads: self.seen.append(grads[0].tolist()))
        after = self.y.grad_fn.register_hook(lambda inputs, outputs: self.seen.append((inputs[0].tolist(), inputs[1], outputs[0].tolist())))
        self.y.register_hook(lambda grad: grad * 5)
        self.y.sum().backward(retain_graph=True)
        self.assertEqual(self.seen, [[5, 5], ([10, 10], None, [5, 5])])
        before.remove()
        after.remove()
        self.y.sum().backward()
        self.assertEqual((len(self.seen), self.x.grad.tolist()), (2, [20, 20]))

    def test_gradients_are_replaced(self):
        self.y.grad_fn.register_prehook(lambda grads: (grads[0] * 10,))
        self.y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] + 1, None))
        self.y.sum().backward()
        self.assertEqual(self.x.grad.tolist(), [21, 21])

    def test_leaves_and_several_outputs(self):
        leaf = self.y.grad_fn.next_functions[0][0]
        leaf.register_hook(lambda inputs, outputs: self.seen.append((inputs, outputs[0].tolist())))
        leaf.register_prehook(lambda grads: (grads[0] + 1,))
        first, _ = self.y.unbind(0)
        first.grad_fn.register_hook(lambda inputs, outputs: self.seen.append((inputs[0].tolist(), outputs[1])))
        first.backward()
        self.assertEqual(self.seen, [([1, 0], None), ((), [3, 1])])
        self.assertEqual(self.x.grad.tolist(), [3, 1])

    def test_no_gradient_is_left(self):
        self.y.grad_fn.register_prehook(lambda grads: (None,))
        self.y.sum().backward()
        self.assertIsNone(self.x.grad)

    def test_what_hooks_must_return(self):
        for text, result in (("expected tuple, but hook returned 'Tensor'", self.x), ("incorrect number of values", (self.x, None, None))):
            handle = self.y.grad_fn.register_hook(lambda inputs, outputs: result)
            with self.assertRaisesRegex((TypeError, RuntimeError), text):
                self.y.sum().backward(retain_graph=True)
            handle.remove()

    def test_hooks_on_nodes_are_freed(self):
        def hook(*grads):
            return None
        reference = weakref.ref(hook)
        self.y.grad_fn.register_hook(hook)
        del hook
        self.y = None
        gc.collect()
        self.assertIsNone(reference())


class Derivatives(unittest.TestCase):
    def test_jacobian(self):
        x = gt.tensor([1., 2.])
        jacobian = gt.autograd.functional.jacobian
        self.assertEqual(jacobian(lambda x: x ** 2, x).tolist(), [[2, 0], [0, 4]])
        self.assertEqual([matrix.tolist() for matrix in jacobian(lambda x: (x ** 2, x.sum()), x)], [[[2, 0], [0, 4]], [1, 1]])
        (a, b), (c, d) = jacobian(lambda x, y: (x * y, x), (x, x))
        self.assertEqual([matrix.tolist() for matrix in (a, b, c, d)],
                         [[[1, 0], [0, 2]], [[1, 0], [0, 2]], [[1, 0], [0, 1]], [[0, 0], [0, 0]]])
        self.assertEqual(jacobian(lambda x: gt.ones(2), x).tolist(), [[0, 0], [0, 0]])
        with self.assertRaisesRegex(RuntimeError, "does not require gradients"):
            jacobian(lambda x: gt.ones(2), x, strict=True)

    def test_hessian(self):
        x = gt.tensor([1., 2.])
        hessian = gt.autograd.functional.hessian
        self.assertEqual(hessian(lambda x: (x ** 3).sum(), x).tolist(), [[6, 0], [0, 12]])
        (a, b), (c, d) = hessian(lambda x, y: (x * y ** 2).sum(), (x, x))
        self.assertEqual([matrix.tolist() for matrix in (a, b, c, d)],
                         [[[0, 0], [0, 0]], [[2, 0], [0, 4]], [[2, 0], [0, 4]], [[2, 0], [0, 4]]])

    def test_gradcheck(self):
        class Bad(gt.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2

            @staticmethod
            def backward(ctx, grad):
                return grad * 3

        x = gt.rand(3, dtype=gt.float64, requires_grad=True)
        self.assertTrue(gt.autograd.gradcheck(gt.sin, x))
        self.assertTrue(gt.autograd.gradgradcheck(gt.sin, (x,)))
        self.assertTrue(gt.autograd.gradgradcheck(gt.matmul, (x, x)))
        self.assertFalse(gt.autograd.gradcheck(Bad.apply, (x,), raise_exception=False))
        with self.assertRaisesRegex(gt.autograd.GradcheckError, "Jacobian mismatch for output 0 with respect to input 0"):
            gt.autograd.gradcheck(Bad.apply, (x,))


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

    def test_names_and_refusals_as_in_pytorch(self):
        x, functional = gt.ones(2, 2), gt.nn.functional
        columns = functional.unfold(gt.arange(16.0).reshape(1, 1, 4, 4), 3, 1, 1)
        self.assertEqual(tuple(columns.shape), (1, 9, 16))
        self.assertEqual(tuple(functional.fold(columns, 4, 3, 1, 1).shape), (1, 1, 4, 4))
        self.assertEqual(x.get_device(), -1)
        with self.assertRaisesRegex(TypeError, "unsupported operand type.s. for @: 'Tensor' and 'int'"):
            x @ 3
        with self.assertRaisesRegex(TypeError, "unsupported operand type.s. for @: 'int' and 'Tensor'"):
            3 @ x
        with self.assertRaisesRegex(TypeError, "does not support deleting items"):
            del x[0]
        with self.assertRaisesRegex(TypeError, "unexpected keyword argument 'names'"):
            gt.ones(2, names=["a"])
        w = gt.ones(2, requires_grad=True)
        jacobian, = gt.autograd.grad(w * gt.tensor([2., 3.]), w, gt.eye(2), is_grads_batched=True)
        self.assertEqual(jacobian.tolist(), [[2, 0], [0, 3]])
        with self.assertRaisesRegex(AssertionError, "Padding_idx must be within num_embeddings"):
            functional.embedding(gt.tensor([0]), x, padding_idx=5)
        with self.assertRaisesRegex(RuntimeError, "fewer operands were provided"):
            gt.einsum("ij,jk->ik", x)
        with self.assertRaisesRegex(RuntimeError, "more operands were provided"):
            gt.einsum("ij", x, x)

    def test_files_are_pytorch_s_and_run_nothing(self):
        base = gt.arange(12.0)
        kept = {"rows": base.reshape(3, 4)[1:], "list": [base[::2], 1, 2.5, "text", None, (True, b"x")], "half": gt.ones(2, dtype=gt.bfloat16),
                "empty": gt.zeros(0, 3), "leaf": gt.rand(2, 2).requires_grad_(), "size": gt.ones(2, 3).shape, "dtype": gt.float16}
        file = io.BytesIO()
        gt.save(kept, file)
        read = gt.load(io.BytesIO(file.getvalue()), map_location="cpu")
        self.assertEqual(list(read), list(kept))
        for name in ("rows", "half", "empty", "leaf"):
            self.assertTrue(gt.equal(read[name], kept[name]))
            self.assertEqual((read[name].dtype, read[name].requires_grad), (kept[name].dtype, kept[name].requires_grad))
        self.assertEqual(read["list"][1:], kept["list"][1:])
        self.assertEqual((read["size"], read["dtype"]), (kept["size"], kept["dtype"]))
        read["rows"][0, 0] = 100.0
        self.assertEqual(read["list"][0].tolist(), [0.0, 2.0, 100.0, 6.0, 8.0, 10.0])
        archive = zipfile.ZipFile(file, "w")
        archive.writestr("archive/data.pkl", pickle.dumps(print, 2))
        archive.close()
        with self.assertRaisesRegex(pickle.UnpicklingError, "print"):
            gt.load(file)
        with self.assertRaisesRegex(TypeError, "cannot save object objects"):
            gt.save(object(), io.BytesIO())
        self.assertRaises(FileNotFoundError, gt.load, "/there/is/no/such/file")

    def test_warnings(self):
        x = gt.rand(2, 3)
        for call, text in ((lambda: gt.nn.functional.mse_loss(x, x[0]), "Using a target size"), (lambda: gt.ones(1).std(), "degrees of freedom"),
                           (lambda: gt.add(x, x, out=gt.empty(5)), "was resized"), (lambda: gt.tensor(x), "To copy construct"),
                           (lambda: gt.nn.functional.softmax(x), "Implicit dimension")):
            with self.assertWarnsRegex(UserWarning, text) as seen:
                call()
            self.assertEqual(seen.filename, __file__)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertRaisesRegex(UserWarning, "Using a target size", gt.nn.functional.mse_loss, x, x[0])
            gt.nn.functional.mse_loss(x, x)

    def test_errors_of_linear_algebra(self):
        self.assertTrue(issubclass(gt.linalg.LinAlgError, RuntimeError))
        self.assertRaisesRegex(gt.linalg.LinAlgError, "singular", gt.linalg.inv, gt.ones(2, 2))
        self.assertRaisesRegex(gt.linalg.LinAlgError, "not positive-definite", gt.linalg.cholesky, -gt.ones(2, 2))

    def test_numbers_take_the_dtype_first(self):
        half = gt.tensor([8.5, 8.375, -1.0], dtype=gt.bfloat16)
        self.assertEqual((8.396163642458497 - half).tolist(), [-0.125, 0.0, 9.375])
        self.assertEqual((half == 8.396163642458497).tolist(), [False, True, False])
        self.assertEqual((half * 8.396163642458497).tolist(), [71.5, 70.5, -8.375])
        small = gt.tensor([0, 3, 255], dtype=gt.uint8)
        self.assertEqual((small >= -3).tolist(), [False, False, True])
        self.assertEqual((small // gt.tensor(-3, dtype=gt.int8)).tolist(), [0, 0, 1])
        for number in (2**31, -2**31 - 1, 2**63 - 1, -2**63):
            x = gt.tensor([0])
            self.assertEqual(((x + number).item(), gt.full((1,), number).item(), (x < number).item()), (number, number, number > 0))
            x[0] = number
            self.assertEqual((x.item(), x.fill_(number).item(), gt.sub(x, number).item(), x.clamp(max=number).item()),
                             (number, number, 0, number))
        self.assertRaisesRegex(RuntimeError, "without overflow", lambda: gt.tensor([0]) + 2**63)
        self.assertTrue(gt.equal(gt.ones(2), gt.ones(2, dtype=gt.int64)))
        self.assertRaises(NotImplementedError, lambda: ~half)
        self.assertRaises(NotImplementedError, gt.nn.functional.gelu, small)

    def test_forms_of_calls(self):
        functional, x, y = gt.nn.functional, gt.rand(2, 3), gt.rand(3, 4)
        self.assertTrue(gt.equal(gt.einsum(x, [0, 1], y, [1, 2], [0, 2]), gt.einsum("ij,jk->ik", x, y)))
        self.assertTrue(gt.equal(gt.einsum(x, [..., 1], [...]), x.sum(1)))
        z = x - 0.5
        self.assertIs(functional.relu(z, True), z)
        self.assertGreaterEqual(z.min().item(), 0)
        self.assertEqual(functional.dropout(x, 1.0, True, True).tolist(), [[0.0] * 3] * 2)
        self.assertEqual(gt.frombuffer(bytearray(b"\1\2\3\4"), dtype=gt.int16, offset=2).tolist(), [1027])
        self.assertEqual(gt.arange(3.0).apply_(lambda value: value * 2).tolist(), [0.0, 2.0, 4.0])
        self.assertEqual(tuple(functional.fractional_max_pool2d(gt.rand(1, 2, 7, 8), 2, output_ratio=(0.5, 0.5)).shape), (1, 2, 3, 4))

    def test_properties_are_gobject_properties(self):
        x = gt.ones(2, requires_grad=True)
        self.assertIsInstance(x, GObject.Object)
        self.assertTrue(x.props.requires_grad)
        self.assertIs(x.get_property("grad-fn"), None)


if __name__ == "__main__":
    unittest.main(verbosity=2)
