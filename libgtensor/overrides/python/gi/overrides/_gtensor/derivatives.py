# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Derivatives of functions, by the graph: jacobian and hessian; and the graph's own checked against differences."""
from . import Tensor, autograd, calls


class GradcheckError(RuntimeError):
    """A gradient that differs from the difference quotient."""
    __module__ = "gi.repository.GTensor.autograd"


# -- Jacobian matrices ---------------------------------------------------------------------------------------------

def _tuple(value, where, name):
    items = value if isinstance(value, (list, tuple)) else (value,)
    if not all(isinstance(item, Tensor) for item in items):
        raise TypeError(f"The {where} given to {name} must be either a Tensor or a tuple of Tensors but the given {where} has type "
                        f"{type(value)}.")
    return tuple(items)


def _rows(output, inputs, create_graph):
    """For each input, the derivatives of each element of `output`, which come first; None where there is none."""
    if not output.requires_grad:
        return [None] * len(inputs)
    flat, size = output.reshape(-1), list(output.shape)
    found = [autograd.grad(flat[i], inputs, retain_graph=True, create_graph=create_graph, allow_unused=True)
             for i in range(flat.numel())]
    stack = calls.build("stack")
    return [None if not found or all(item is None for item in column) else
            stack([like.new_zeros(like.shape) if item is None else item for item in column]).reshape(size + list(like.shape))
            for like, column in zip(inputs, zip(*found))] or [None] * len(inputs)


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """jacobian(func, inputs, create_graph=False, strict=False) -> Tensor or tuples of Tensors

    The derivatives of each element of each output of `func` by each element of each input."""
    given = _tuple(inputs, "inputs", "jacobian")
    with autograd.enable_grad():
        leaves = [item.view_as(item) if create_graph and item.requires_grad else item.detach().requires_grad_(True)
                  for item in given]
        result = func(*leaves)
        outputs = _tuple(result, "outputs of the user-provided function", "jacobian")
        matrices = []
        for number, output in enumerate(outputs):
            if strict and not output.requires_grad:
                raise RuntimeError(f"Output {number} of the user-provided function does not require gradients. The outputs must be "
                                   "computed in a differentiable manner from the input when running in strict mode.")
            row = _rows(output, leaves, create_graph)
            for place, matrix in enumerate(row):
                if strict and matrix is None:
                    raise RuntimeError(f"Output {number} of the user-provided function is independent of input {place}. "
                                       "This is not allowed in strict mode.")
            row = tuple(output.new_zeros(list(output.shape) + list(leaf.shape)) if matrix is None else matrix
                        for leaf, matrix in zip(leaves, row))
            matrices.append(row if isinstance(inputs, (list, tuple)) else row[0])
    return tuple(matrices) if isinstance(result, (list, tuple)) else matrices[0]


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """hessian(func, inputs, create_graph=False, strict=False) -> Tensor or tuples of Tensors

    The second derivatives of `func`, which returns a single element, by each pair of elements of the inputs."""
    _tuple(inputs, "inputs", "hessian")

    def gradient(*args):
        result = func(*args)
        if not isinstance(result, Tensor):
            raise RuntimeError("The function given to hessian should return a single Tensor")
        if result.numel() != 1:
            raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
        found = autograd.grad(result.reshape([]), args, create_graph=True, materialize_grads=True)
        return found if isinstance(inputs, (list, tuple)) else found[0]

    return jacobian(gradient, inputs, create_graph=create_graph, strict=strict)


# -- checks --------------------------------------------------------------------------------------------------------

def _differences(func, inputs, number, output, eps):
    """The derivatives of an output by one input as quotients: a row per element of the input."""
    input, rows = inputs[number], []
    with autograd.no_grad():
        flat = input.detach().reshape(-1)
        for i in range(flat.numel()):
            ends = []
            for step in (eps, -eps):
                moved = flat.clone()
                moved[i] += step
                moved = moved.reshape(input.shape)
                args = [moved if item is input else item for item in inputs]  # an input may be given twice
                ends.append(_outputs(func, args)[output].detach().clone())
            rows.append(((ends[0] - ends[1]) / (2 * eps)).reshape(-1))
    return calls.build("stack")(rows)


def _outputs(func, inputs):
    result = func(*inputs)
    return tuple(result) if isinstance(result, (list, tuple)) else (result,)


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, nondet_tol=0.0, check_undefined_grad=True,
              check_grad_dtypes=False, check_batched_grad=False, check_forward_ad=False, check_backward_ad=True, fast_mode=False):
    """gradcheck(func, inputs, *, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True) -> bool

    Whether the gradients of `func` agree with difference quotients at `inputs`, which should be float64."""
    inputs = tuple(inputs) if isinstance(inputs, (list, tuple)) else (inputs,)
    numbers = [i for i, item in enumerate(inputs) if isinstance(item, Tensor) and item.requires_grad]
    if not numbers:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.")
    outputs = _outputs(func, inputs)
    for place, output in enumerate(outputs):
        if not isinstance(output, Tensor) or not output.dtype.is_floating_point:
            continue
        rows = _rows(output, [inputs[i] for i in numbers], False)
        for number, found in zip(numbers, rows):
            numerical = _differences(func, inputs, number, place, eps)
            count = inputs[number].numel()
            analytical = numerical * 0 if found is None else found.detach().reshape(output.numel(), count).t()
            if numerical.allclose(analytical, rtol=rtol, atol=atol):
                continue
            if not raise_exception:
                return False
            raise GradcheckError(f"Jacobian mismatch for output {place} with respect to input {number},\n"
                                 f"numerical:{numerical}\nanalytical:{analytical}\n")
    return True


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, gen_non_contig_grad_outputs=False,
                  raise_exception=True, **options):
    """gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True) -> bool

    Whether the gradients of the gradients of `func` agree with difference quotients."""
    inputs = tuple(inputs) if isinstance(inputs, (list, tuple)) else (inputs,)
    outputs = [item for item in _outputs(func, inputs) if item.requires_grad]
    if grad_outputs is None:
        grad_outputs = [item.detach().clone().uniform_(-1, 1).requires_grad_(True) for item in outputs]
    grad_outputs = tuple(grad_outputs) if isinstance(grad_outputs, (list, tuple)) else (grad_outputs,)

    def gradients(*args):
        args, weights = args[:len(inputs)], args[len(inputs):]
        leaves = {}
        for item, old in zip(args, inputs):
            if isinstance(item, Tensor) and old.requires_grad and not item.requires_grad:
                leaves[id(item)] = item.detach().requires_grad_(True)
        args = [leaves.get(id(item), item) for item in args]
        with autograd.enable_grad():
            wanted = [item for item in args if isinstance(item, Tensor) and item.requires_grad]
            found = [item for item in _outputs(func, args) if item.requires_grad]
            return autograd.grad(found, wanted, weights, create_graph=True, materialize_grads=True)

    return gradcheck(gradients, inputs + grad_outputs, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception)


FUNCTIONAL = {"jacobian": jacobian, "hessian": hessian}
CHECKS = {"gradcheck": gradcheck, "gradgradcheck": gradgradcheck, "GradcheckError": GradcheckError}
