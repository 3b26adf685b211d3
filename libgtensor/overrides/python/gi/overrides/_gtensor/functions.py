# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyTorch's functions whose results or arguments depend on flags, over operations that each have one meaning."""
from functools import cache

from . import Tensor, calls, errors


@cache
def _operation(name):
    return calls.build(name)


def _each(name):
    def function(*tensors):
        if len(tensors) == 1 and isinstance(tensors[0], Tensor):
            return _operation(name)(tensors[0])
        tensors = tensors[0] if len(tensors) == 1 else tensors
        return tuple(_operation(name)(tensor) for tensor in tensors)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(*tensors) -> Tensor or tuple of Tensors\n\nEach tensor with as many dimensions at least."
    return function


atleast_1d, atleast_2d, atleast_3d = map(_each, ("atleast_1d", "atleast_2d", "atleast_3d"))


def nonzero(input, *, out=None, as_tuple=False):
    """nonzero(input, *, out=None, as_tuple=False) -> Tensor or tuple of Tensors

    The indices of the elements that are not zero: one row per element, or one tensor per dimension."""
    return _operation("where")(input) if as_tuple else _operation("nonzero")(input, out=out)


def _parts(results, return_inverse, return_counts):
    output, inverse, counts = results
    parts = [output, *[inverse] * return_inverse, *[counts] * return_counts]
    return output if len(parts) == 1 else tuple(parts)


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None) -> Tensor or tuple of Tensors

    The different elements, or slices along a dimension; with flags also where each went and how often each occurs."""
    if dim is not None:
        return _parts(_operation("unique_dim")(input, dim, sorted, return_inverse, return_counts), return_inverse, return_counts)
    if not return_inverse and not return_counts:
        return _operation("unique")(input, sorted)
    return _parts(_operation("unique2")(input, sorted, return_inverse, return_counts), return_inverse, return_counts)


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """unique_consecutive(input, return_inverse=False, return_counts=False, dim=None) -> Tensor or tuple of Tensors

    The elements, or slices along a dimension, without those that equal the one before; with flags also where each went and how
    long each run is."""
    if dim is not None:
        return _parts(_operation("unique_dim_consecutive")(input, dim, return_inverse, return_counts), return_inverse, return_counts)
    if not return_inverse and not return_counts:
        return _operation("unique_consecutive")(input)
    return _parts(_operation("unique_consecutive2")(input, return_inverse, return_counts), return_inverse, return_counts)


def tensordot(a, b, dims=2, out=None):
    """tensordot(a, b, dims=2, out=None) -> Tensor

    Products summed over the last dimensions of one and the first of the other, or over pairs of dimensions."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, (list, tuple)):
        first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
        return _operation("tensordot")(a, b, first, second, out=out)
    return _operation("tensordot")(a, b, dims, out=out)


def _with_indices(name, adaptive):
    arguments = "output_size" if adaptive else "kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False"

    def function(input, *args, return_indices=False, **kwargs):
        if len(args) > (1 if adaptive else 5):
            *args, return_indices = args
        return _operation(name + "_with_indices" if return_indices else name)(input, *args, **kwargs)

    def sized(input, output_size, return_indices=False):
        return function(input, _sizes(input, output_size), return_indices=return_indices)
    chosen = sized if adaptive else function
    chosen.__name__ = chosen.__qualname__ = name
    chosen.__doc__ = f"{name}(input, {arguments}, return_indices=False) -> Tensor or tuple of Tensors\n\n" \
                     "The largest element of each window; with the flag also where in its image it lies."
    return chosen


def _sizes(input, sizes):
    """None stands for the input's own size."""
    if not isinstance(sizes, (list, tuple)):
        return sizes
    return [own if size is None else size for size, own in zip(sizes, input.shape[-len(sizes):])] if None in sizes else sizes


def _adaptive_mean(name):
    def function(input, output_size, *, out=None):
        return _operation(name)(input, _sizes(input, output_size), out=out)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(input, output_size) -> Tensor\n\nThe means of windows, as many as the output size says."
    return function


_POOLING = [_with_indices(f"{kind}{n}d", kind != "max_pool") for kind in ("max_pool", "adaptive_max_pool") for n in (1, 2, 3)] \
    + [_adaptive_mean(f"adaptive_avg_pool{n}d") for n in (2, 3)]


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False,
                                      reduction="mean"):
    """triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, \
reduction="mean") -> Tensor

    How much the anchor's distance from the positive exceeds that from the negative less the margin."""
    if distance_function is None:
        return _operation("triplet_margin_with_distance_loss")(anchor, positive, negative, margin=margin, swap=swap,
                                                               reduction=reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    near, far = distance_function(anchor, positive), distance_function(anchor, negative)
    if swap:
        far = _operation("minimum")(far, distance_function(positive, negative))
    loss = (near - far + margin).clamp_min(0)
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, antialias=False):
    """interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, \
antialias=False) -> Tensor

    The image in another size, given itself or as a factor."""
    if isinstance(scale_factor, (list, tuple)):
        if len(scale_factor) != input.dim() - 2:
            raise ValueError(
                "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of "
                f"{list(input.shape[2:])} and scale_factor of shape {tuple(scale_factor)}. Please provide input tensor in "
                "(N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.")
        if size is not None:
            raise ValueError("only one of size or scale_factor should be defined")
    if align_corners is not None and (mode == "area" or mode.startswith("nearest")):
        raise ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear")
    if isinstance(scale_factor, (list, tuple)):
        scales = [None] * (3 - len(scale_factor)) + [float(scale) for scale in scale_factor]
        return _operation("interpolate_scales")(input, *scales, mode, bool(align_corners), bool(recompute_scale_factor), antialias)
    return _operation("interpolate")(input, size, scale_factor, mode, bool(align_corners), bool(recompute_scale_factor), antialias)


def broadcast_shapes(*shapes):
    """broadcast_shapes(*shapes) -> Size

    The shape that tensors of these shapes have together."""
    shapes = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    result = [1] * max(map(len, shapes), default=0)
    for number, shape in enumerate(shapes):
        for place in range(-1, -len(shape) - 1, -1):
            if shape[place] < 0:
                raise RuntimeError(f"Trying to create tensor with negative dimension ({shape[place]}): ({shape[place]})")
            if shape[place] == 1 or shape[place] == result[place]:
                continue
            if result[place] != 1:
                raise RuntimeError(f"Attempting to broadcast a dimension of length {shape[place]} at {place}! Mismatching argument at "
                                   f"index {number} had {shape}; but expected shape should be broadcastable to {result}")
            result[place] = shape[place]
    return _operation("empty")([0]).shape.__class__(result)


def gradient(input, *, spacing=1, dim=None, edge_order=1):
    """gradient(input, *, spacing=1, dim=None, edge_order=1) -> tuple of Tensors

    Derivatives along dimensions by central differences; spacing is a number, or for each dimension a number or coordinates."""
    dim = [dim] if isinstance(dim, int) else dim
    if isinstance(spacing, (list, tuple)):
        count = input.dim() if dim is None else len(dim)
        if len(spacing) != count:
            raise RuntimeError("torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the "
                               f"same length, but got a spacing argument of length {len(spacing)} and a dim argument of length {count}.")
        kind = {"dtype": input.dtype} if input.is_floating_point() else {}
        spacing = [value if isinstance(value, Tensor) else _operation("scalar_tensor")(value, **kind) for value in spacing]
    return tuple(_operation("gradient")(input, spacing=spacing, dim=dim, edge_order=edge_order))


def histogram(input, bins, *, range=None, weight=None, density=False, out=None):
    """histogram(input, bins, *, range=None, weight=None, density=False, out=None) -> (Tensor hist, Tensor bin_edges)

    How many elements, or how much weight, falls into each of a number of equal parts of the range, or between edges."""
    if isinstance(bins, Tensor):
        return _operation("histogram")(input, bins, weight=weight, density=density, out=out)
    if range is not None and not isinstance(range, Tensor):
        range = _operation("stack")([_operation("scalar_tensor")(end, dtype=input.dtype) for end in range])
    return _operation("histogram")(input, bins, range=range, weight=weight, density=density, out=out)


def unravel_index(indices, shape):
    """unravel_index(indices, shape) -> tuple of Tensors

    Positions in a flattened tensor of a shape as one index for each dimension."""
    return tuple(_operation("unravel_index")(indices, [shape] if isinstance(shape, int) else list(shape)))


def lu(input, pivot=True, get_infos=False, out=None):
    """lu(input, pivot=True, get_infos=False, out=None) -> (Tensor LU, Tensor pivots) or (Tensor LU, Tensor pivots, Tensor infos)

    The LU factorization with partial pivoting, packed: U and, below its diagonal, L."""
    if get_infos:
        return _operation("linalg_lu_factor_ex")(input, pivot=pivot, out=out)
    return _operation("lu")(input, pivot, out=out)


def searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None, out=None):
    """searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None, out=None) -> Tensor

    Where values would be inserted into sorted sequences, before their equals or, on the right side, behind them. A sorter says in
    which order the elements of a sequence are sorted."""
    if side not in (None, "left", "right"):
        raise RuntimeError(f"side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError("side and right can't be set to opposites, got side of left while right was True")
    if sorter is not None:
        if sorter.shape != sorted_sequence.shape:
            raise RuntimeError(f"boundary and sorter must have the same size, but got boundary tensor {list(sorted_sequence.shape)}and got "
                               f"sorter tensor {list(sorter.shape)}")
        sorted_sequence = sorted_sequence.gather(-1, sorter)
    return _operation("searchsorted")(sorted_sequence, input, out_int32=out_int32, right=right or side == "right", out=out)


def polygamma(self, n):
    """polygamma(n) -> Tensor

    The n-th derivative of digamma. The function takes n first."""
    return _operation("polygamma")(n, self)


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """unfold(input, kernel_size, dilation=1, padding=0, stride=1) -> Tensor

    The blocks of images as columns. The tensor's method of this name is another operation."""
    return _operation("im2col")(input, kernel_size, dilation, padding, stride)


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1) -> Tensor

    Images of the sums of blocks that are given as columns."""
    return _operation("col2im")(input, output_size, kernel_size, dilation, padding, stride)


def embedding(input, weight, padding_idx=None, *args, **kwargs):
    """embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False) -> Tensor

    The rows of the weight that the indices name."""
    if padding_idx is not None and not -len(weight) <= padding_idx < len(weight):
        raise AssertionError("Padding_idx must be within num_embeddings")
    return _operation("embedding")(input, weight, padding_idx, *args, **kwargs)


def _implicit(name):
    def function(input, dim=None, _stacklevel=3, dtype=None, **out):
        if dim is None:
            errors.warn(f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.")
            dim = 0 if input.dim() in (0, 1, 3) else 1
        return _operation(name)(input, dim, dtype, **out)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(input, dim=None, dtype=None) -> Tensor\n\nThe operation of this name along a dimension, which should be given."
    return function


def kl_div(input, target, reduction="mean", log_target=False):
    """kl_div(input, target, reduction="mean", log_target=False) -> Tensor

    Kullback-Leibler divergence of log probabilities from the target's probabilities."""
    if reduction == "mean":
        errors.warn("reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the "
                    "batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in "
                    "the next major release.")
    return _operation("kl_div")(input, target, reduction=reduction, log_target=log_target)


def _fractional(n, with_indices):
    row = f"fractional_max_pool{n}d_with_indices"
    name = row if with_indices else f"fractional_max_pool{n}d"

    def function(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None,
                 random_samples=None):
        if output_size is None and output_ratio is None:
            raise ValueError(f"fractional_max_pool{n}d requires specifying either an output_size or an output_ratio")
        if output_size is None:
            ratios = output_ratio if isinstance(output_ratio, (list, tuple)) else [output_ratio] * n
            output_size = [int(size * ratio) for size, ratio in zip(input.shape[-n:], ratios)]
        found = _operation(row)(input, kernel_size, output_size, random_samples if _random_samples is None else _random_samples)
        return found if return_indices or with_indices else found[0]

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None) -> Tensor " \
                       "or tuple of Tensors\n\nThe largest elements of windows at random distances, as many as the output size says."
    return function


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None) -> Tensor

    interpolate under its older name."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def einsum(*args):
    """einsum(equation, *operands) or einsum(operand, sublist, operand, sublist, ..., [sublist]) -> Tensor

    Products summed over the letters, or numbers of sublists, that the result does not have."""
    if args and isinstance(args[0], str):
        return _operation("einsum")(*args)
    if len(args) < 2:
        raise ValueError("einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list")
    texts = [_subscripts(sublist) for sublist in args[1::2]]
    equation = ",".join(texts)
    operands = args[0::2]
    if len(args) % 2:
        equation, operands = f"{equation}->{_subscripts(args[-1])}", operands[:-1]
    return _operation("einsum")(equation, *operands)


def _subscripts(sublist):
    text = ""
    for number in sublist:
        if number is not Ellipsis and not 0 <= number < 52:
            raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
        text += "..." if number is Ellipsis else chr(65 + number) if number < 26 else chr(71 + number)
    return text


# What nn.functional has under names that mean something else, or take more, than the plain ones.
NN_FUNCTIONS = {function.__name__: function for function in
                (unfold, fold, embedding, kl_div, upsample, *map(_implicit, ("softmax", "log_softmax", "softmin")),
                 *(_fractional(n, with_indices) for n in (2, 3) for with_indices in (False, True)))}
FUNCTIONS = {function.__name__: function for function in
             (atleast_1d, atleast_2d, atleast_3d, nonzero, unique, unique_consecutive, tensordot, interpolate,
              triplet_margin_with_distance_loss, broadcast_shapes, gradient, histogram, unravel_index, lu, searchsorted, einsum, *_POOLING)}


def install():
    """Methods of the same names, where PyTorch has them."""
    for name in ("nonzero", "unique", "unique_consecutive", "histogram", "lu"):
        setattr(Tensor, name, FUNCTIONS[name])
    Tensor.polygamma = polygamma
