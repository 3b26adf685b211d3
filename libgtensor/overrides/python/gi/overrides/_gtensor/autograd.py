# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Autograd as PyTorch programs write it: backward with keywords, grad modes, hooks with handles, functions of the user's, nodes and
passes as Python objects."""
import functools
import threading

from gi.repository import GLib

from . import Tensor, calls, errors, typelib

Backward, Node = typelib.Backward, typelib.Node
_FLAGS = {(retain, create, unused): typelib.BackwardFlags(retain | create << 1 | unused << 2)
          for retain in (0, 1) for create in (0, 1) for unused in (0, 1)}
_set_grad_enabled, _is_grad_enabled = typelib.set_grad_enabled, typelib.is_grad_enabled
_tensor_backward, _add_hook, _remove_hook = Tensor.backward, Tensor.add_hook, Tensor.remove_hook


# -- modes ---------------------------------------------------------------------------------------------------------

class _Mode:
    """A grad mode: a context manager, and a decorator."""

    def __init__(self, enabled):
        self._enabled, self._previous = enabled, []

    def __enter__(self):
        self._previous.append(_set_grad_enabled(self._enabled))

    def __exit__(self, *exc):
        _set_grad_enabled(self._previous.pop())

    def __call__(self, function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with type(self)._again(self):
                return function(*args, **kwargs)
        return wrapped

    def _again(self):
        return _Mode(self._enabled)


class no_grad(_Mode):
    """Context manager and decorator: operations are not recorded."""

    def __new__(cls, function=None):
        return super().__new__(cls) if function is None else _Mode(False)(function)

    def __init__(self):
        super().__init__(False)


class inference_mode(_Mode):
    """Context manager and decorator: operations are not recorded."""

    def __new__(cls, mode=True):
        return _Mode(False)(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode=True):
        super().__init__(not mode)


class enable_grad(_Mode):
    """Context manager and decorator: operations are recorded."""

    def __new__(cls, function=None):
        return super().__new__(cls) if function is None else _Mode(True)(function)

    def __init__(self):
        super().__init__(True)


class set_grad_enabled(_Mode):
    """Turns recording on or off, at once; as a context manager until the end of the block."""

    def __init__(self, mode):
        super().__init__(bool(mode))
        self._before = _set_grad_enabled(self._enabled)

    def __enter__(self):
        self._previous.append(self._before)

    def __call__(self, function):
        _set_grad_enabled(self._before)
        return super().__call__(function)


class detect_anomaly:
    """Context manager: a backward pass looks for NaN and tells where the forward operation was."""

    def __init__(self, check_nan=True):
        self._previous = None

    def __enter__(self):
        self._previous = typelib.set_anomaly_enabled(True)

    def __exit__(self, *exc):
        typelib.set_anomaly_enabled(self._previous)


class set_detect_anomaly(detect_anomaly):
    """Turns the search for NaN on or off, at once; as a context manager until the end of the block."""

    def __init__(self, mode, check_nan=True):
        self._previous = typelib.set_anomaly_enabled(bool(mode))

    def __enter__(self):
        pass


# -- passes --------------------------------------------------------------------------------------------------------

def _flags(retain_graph, create_graph, allow_unused=False):
    retain_graph = create_graph if retain_graph is None else retain_graph
    return _FLAGS[bool(retain_graph), bool(create_graph), bool(allow_unused)]


def _tensors(value):
    if value is None:
        return []
    return [value] if isinstance(value, Tensor) else list(value)


def _run(call, *args):
    """Runs a pass; what hooks and functions of the user's raised comes out of it."""
    try:
        result = call(*args)
    except GLib.Error as error:
        raise errors.translate(error) from None
    errors.raise_kept()
    return result


def tensor_backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
    """backward(gradient=None, retain_graph=None, create_graph=False, inputs=None)

    Computes the gradient of this tensor with respect to the leaves, and adds it to their grad."""
    if gradient is not None and not isinstance(gradient, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if inputs is not None:
        return backward([self], [gradient] if gradient is not None else None, retain_graph, create_graph, inputs=inputs)
    _run(_tensor_backward, self, gradient, _flags(retain_graph, create_graph))


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, *, inputs=None)

    Adds the gradients of several tensors to the leaves, or to `inputs` alone."""
    tensors, gradients = _tensors(tensors), _gradients(tensors, grad_tensors)
    if inputs is None:
        _run(Backward.new_full, tensors, gradients, [], _flags(retain_graph, create_graph)).run()
        return
    inputs = _tensors(inputs)
    if not inputs:
        raise RuntimeError("'inputs' argument to 'backward()' cannot be empty.")
    found = grad(tensors, inputs, gradients, retain_graph, create_graph, allow_unused=True)
    for leaf, gradient in zip(inputs, found):
        if gradient is not None:
            leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient


def _gradients(tensors, gradients):
    """One gradient per output where any is given; ones stand for those left out."""
    tensors, gradients = _tensors(tensors), _tensors(gradients)
    if any(gradient is None for gradient in gradients):
        if all(gradient is None for gradient in gradients):
            return []
        return [tensor.new_ones(tensor.shape) if gradient is None else gradient for tensor, gradient in zip(tensors, gradients)]
    return gradients


def _batched_grad(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads):
    """One pass for each entry of the first dimension of `grad_outputs`; the gradients are stacked."""
    if any(gradient is None or gradient.dim() == 0 for gradient in grad_outputs):
        raise RuntimeError("is_grads_batched=True needs gradients with a first dimension for each output")
    batches = list(zip(*grad_outputs))
    passes = [grad(outputs, inputs, batch, retain_graph or create_graph or i + 1 < len(batches), create_graph,
                   allow_unused=allow_unused, materialize_grads=materialize_grads) for i, batch in enumerate(batches)]
    return tuple(None if found[0] is None else calls.build("stack")(found) for found in zip(*passes))


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None,
         is_grads_batched=False, materialize_grads=False):
    """grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=None,
    materialize_grads=False) -> tuple of Tensors

    The gradients of `outputs` with respect to `inputs`, which are not accumulated anywhere."""
    inputs = _tensors(inputs)
    if is_grads_batched:
        return _batched_grad(_tensors(outputs), inputs, _tensors(grad_outputs), retain_graph, create_graph, allow_unused, materialize_grads)
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    found = tuple(_run(typelib.autograd_grad, _tensors(outputs), inputs, _gradients(outputs, grad_outputs),
                       _flags(retain_graph, create_graph, allow_unused)))
    if materialize_grads:
        found = tuple(item if item is not None else leaf.new_zeros(leaf.shape) for item, leaf in zip(found, inputs))
    return found


def _new_backward(cls, root, gradient=None, *, retain_graph=False, create_graph=False, inputs=None):
    """Backward(root, gradient=None, *, retain_graph=False, create_graph=False, inputs=None)

    A backward pass that is run step by step: iterating runs it and gives each node that ran."""
    flags = _flags(retain_graph, create_graph)
    if inputs is None and isinstance(root, Tensor):
        return _run(cls.new, root, gradient, flags)
    return _run(cls.new_full, _tensors(root), _tensors(gradient), _tensors(inputs), flags)


def _steps(self):
    step, node = Backward.step, Backward.get_node
    while step(self):
        yield node(self)


def _raising(call):
    """`call`, which runs a pass or a part of it, with what the user's code raised coming out of it."""
    @functools.wraps(call)
    def wrapped(*args):
        return _run(call, *args)
    return wrapped


# -- hooks ---------------------------------------------------------------------------------------------------------

class RemovableHandle:
    """Removes a hook; also at the end of a with block."""

    def __init__(self, remove):
        self._remove = remove

    def remove(self):
        """Removes the hook. Doing so again does nothing."""
        if self._remove is not None:
            self._remove()
            self._remove = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()


def register_hook(self, hook):
    """register_hook(hook) -> RemovableHandle

    Calls `hook` with the gradient of this tensor when it is known; what it returns, if not None, replaces the gradient."""
    def call(gradient, *data):
        try:
            result = hook(gradient)
            if result is not None and not isinstance(result, Tensor):
                raise TypeError(f"hook's return value must be a Tensor or None, not {type(result).__name__}")
            return result
        except BaseException as error:
            errors.keep(error)
            return None

    number = _run(_add_hook, self, call)
    return RemovableHandle(lambda: _remove_hook(self, number))


def register_post_accumulate_grad_hook(self, hook):
    """register_post_accumulate_grad_hook(hook) -> RemovableHandle

    Calls `hook` with this leaf after a gradient was added to its grad."""
    def call(tensor, gradient):
        try:
            hook(tensor)
        except BaseException as error:
            errors.keep(error)

    number = self.connect("grad-updated", call)
    return RemovableHandle(lambda: self.disconnect(number))


def _checked_hook(hook):
    """`hook`, which sees tuples of gradients and gives a tuple in place of the first of them, or None."""
    def call(*gradients):
        try:
            result = hook(*map(tuple, gradients))
            if result is None:
                return None
            if not isinstance(result, tuple):
                raise TypeError(f"expected tuple, but hook returned '{type(result).__name__}'")
            if len(result) != len(gradients[0]):
                raise RuntimeError(f"hook '{getattr(hook, '__name__', type(hook).__name__)}' has returned an incorrect number of "
                                   f"values (got {len(result)}, but expected {len(gradients[0])})")
            if not all(item is None or isinstance(item, Tensor) for item in result):
                raise TypeError("expected Tensors or None from a hook")
            return list(result)
        except BaseException as error:
            errors.keep(error)
            return None
    return call


def node_register_hook(self, fn):
    """register_hook(fn) -> RemovableHandle

    Calls fn(grad_inputs, grad_outputs) when a pass has run this node; a tuple that it returns replaces grad_inputs."""
    call = _checked_hook(fn)
    number = Node.add_hook(self, lambda inputs, outputs, *data: call(inputs, outputs))
    return RemovableHandle(lambda: self.remove_hook(number))


def node_register_prehook(self, fn):
    """register_prehook(fn) -> RemovableHandle

    Calls fn(grad_outputs) before a pass runs this node; a tuple that it returns replaces grad_outputs."""
    call = _checked_hook(fn)
    number = Node.add_prehook(self, lambda outputs, *data: call(outputs))
    return RemovableHandle(lambda: self.remove_hook(number))


# -- nodes ---------------------------------------------------------------------------------------------------------

class _Name(str):
    """A node's name: a property here, a method in PyTorch, and both work."""
    __slots__ = ()
    __call__ = str.__str__


_node_name, _next_function, _get_saved = Node.get_name, Node.get_next_function, Node.get_saved


def _next_functions(self):
    """The next nodes, each with the number of its output that the gradient belongs to; None where no gradient is wanted."""
    edges = (_next_function(self, i) for i in range(self.get_n_inputs()))
    return tuple((node, number if node is not None else 0) for node, number in edges)


def _metadata(self):
    if not hasattr(self, "_python_metadata"):
        self._python_metadata = {}
    return self._python_metadata


def _node_attribute(self, name):
    """_saved_NAME: a tensor that the node keeps."""
    if name.startswith("_saved_") and name[7:] in self.get_saved_names():
        return _run(_get_saved, self, name[7:])
    raise AttributeError(f"'{_node_name(self)}' object has no attribute '{name}'")


# -- functions of the user's ---------------------------------------------------------------------------------------

class _Context(typelib.Function):
    """One application of a Function: the node of the graph, and the ctx of forward and backward."""
    __gtype_name__ = "GTensorPythonFunction"
    __module__ = "GTensor"  # PyGObject gives classes of override modules no type of their own

    def prepare(self, function, args):
        self._function, self._args, self._kept = function, args, []
        self._positions = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]

    def do_forward(self, inputs):
        try:
            args = list(self._args)
            for position, tensor in zip(self._positions, inputs):
                args[position] = tensor
            if self._function.setup_context is Function.setup_context:
                outputs = self._function.forward(self, *args)
            else:
                outputs = self._function.forward(*args)
                self._function.setup_context(self, tuple(args), outputs)
            self._args = len(args)
            self._single = isinstance(outputs, Tensor)
            return [outputs] if self._single else list(outputs)
        except BaseException as error:
            raise _failure(error) from None

    def do_backward(self, grad_outputs):
        try:
            grads = self._function.backward(self, *grad_outputs)
            grads = grads if isinstance(grads, (tuple, list)) else (grads,)
            name = self._function.__name__ + "Backward"
            while len(grads) > self._args and grads[-1] is None:
                grads = grads[:-1]
            if len(grads) != self._args:
                raise RuntimeError(f"function {name} returned an incorrect number of gradients (expected {self._args}, got "
                                   f"{len(grads)})")
            for i, gradient in enumerate(grads):
                if gradient is not None and i not in self._positions:
                    raise RuntimeError(f"function {name} returned a gradient different from None at position {i + 1}, but the "
                                       "corresponding forward input was not a Variable")
                if gradient is not None and not isinstance(gradient, Tensor):
                    raise TypeError(f"expected Variable or None (got {type(gradient).__name__})")
            return [grads[i] for i in self._positions]
        except BaseException as error:
            raise _failure(error) from None

    def save_for_backward(self, *tensors):
        """Keeps tensors for backward, where saved_tensors gives them back, checked for changes in place."""
        self._kept = [tensor is not None for tensor in tensors]
        typelib.Function.save_for_backward(self, [tensor for tensor in tensors if tensor is not None])

    @property
    def saved_tensors(self):
        """What save_for_backward() was given."""
        tensors = iter(_run(typelib.Function.get_saved_tensors, self))
        return tuple(next(tensors) if there else None for there in self._kept)

    @property
    def needs_input_grad(self):
        """For each argument of forward, whether its gradient is wanted."""
        count = self._args if isinstance(self._args, int) else len(self._args)
        numbers = {position: i for i, position in enumerate(self._positions)}
        return tuple(i in numbers and typelib.Function.needs_input_grad(self, numbers[i]) for i in range(count))

    def mark_dirty(self, *tensors):
        """Says which inputs forward changed in place."""
        typelib.Function.mark_dirty(self, list(tensors))

    def mark_non_differentiable(self, *tensors):
        """Says which outputs have no gradient."""
        typelib.Function.mark_non_differentiable(self, list(tensors))


def _failure(error):
    """What C is told when the user's code raised; the exception itself waits for the call that ran it."""
    if not isinstance(error, GLib.Error) or isinstance(error, errors.Error):
        errors.keep(error)
    return GLib.Error(str(error), errors.DOMAIN, int(typelib.Error.AUTOGRAD))


_apply = typelib.Function.apply


class Function:
    """An operation with a gradient of the user's own: subclass it with the static methods forward(ctx, ...) and
    backward(ctx, *grad_outputs), and call apply(). Where setup_context(ctx, inputs, output) is given, forward has no ctx."""

    @staticmethod
    def forward(ctx, *args):
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx, inputs, output):
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError("You must implement either the backward or vjp method for your custom autograd.Function to use "
                                  "it with backward mode AD.")

    @classmethod
    def apply(cls, *args):
        """Computes forward on `args` and records the operation."""
        context = _Context()
        context.set_name(cls.__name__ + "Backward")
        context.prepare(cls, args)
        outputs = _run(_apply, context, [args[i] for i in context._positions])
        return outputs[0] if context._single else tuple(outputs)


def once_differentiable(backward):
    """Decorator for a backward that cannot itself be differentiated."""
    @functools.wraps(backward)
    def wrapped(ctx, *grad_outputs):
        with no_grad():
            return backward(ctx, *grad_outputs)
    return wrapped


def install():
    """Puts all this on the plain classes."""
    Tensor.backward, Tensor.register_hook = tensor_backward, register_hook
    Tensor.register_post_accumulate_grad_hook = register_post_accumulate_grad_hook
    Backward.__new__ = staticmethod(_new_backward)
    Backward.__init__ = lambda self, *args, **kwargs: None
    Backward.__iter__ = _steps
    for name in ("step", "run", "run_to"):
        setattr(Backward, name, _raising(getattr(Backward, name)))
    Node.name = property(lambda self: _Name(_node_name(self)), doc="PyTorch's name of the node.")
    Node.next_functions = property(_next_functions, doc=_next_functions.__doc__)
    Node.metadata = property(_metadata, doc="A dictionary for the user.")
    Node.variable = property(Node.get_variable, doc="The leaf of an AccumulateGrad, else None.")
    Node.register_hook, Node.register_prehook = node_register_hook, node_register_prehook
    Node.__getattr__ = _node_attribute
    Node.__repr__ = Node.__str__ = lambda self: f"<{_node_name(self)} object at {id(self):#x}>"
