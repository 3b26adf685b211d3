# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The second look at a call that did not fit: converts the arguments that PyTorch would convert, chooses among overloads, and
explains in PyTorch's words what is wrong."""
from operator import index

from gi.repository import GObject

from . import Device, Dtype, Tensor, errors, signatures, typelib

_NAMES = {**signatures.NAMES, "Tensor|Scalar": "Tensor"}
ALIASES = {"axis": "dim", "keepdims": "keepdim"}     # NumPy's names of arguments
# Functions whose first operand may be a number.
_NUMBER_FIRST = frozenset(("add", "sub", "subtract", "mul", "multiply", "div", "divide", "true_divide", "floor_divide"))
_PYTHON_DTYPES = {float: Dtype.FLOAT64, int: Dtype.INT64, bool: Dtype.BOOL}


def device(value):
    """A device from a device, its name, or the index of a CUDA device."""
    if isinstance(value, Device):
        return value
    if type(value) is int:
        value = f"cuda:{value}"
    if not isinstance(value, str):
        raise TypeError
    try:
        return Device.new(value)
    except RuntimeError as error:
        raise errors.translate(error) from None


def dtype(value):
    """A dtype from a dtype, a Python type or a NumPy dtype; None stays None."""
    if value is None or isinstance(value, Dtype):
        return value
    if value in _PYTHON_DTYPES:
        return _PYTHON_DTYPES[value]
    name = getattr(value, "name", None) or getattr(value, "__name__", None)
    found = Dtype.from_name(name) if type(value).__module__.startswith("numpy") and isinstance(name, str) else 0
    if not found:
        raise TypeError
    return found


def wide(value):
    """A number as the bindings take it, which would refuse an integer of more than 32 bits as it is."""
    if type(value) is not int or -2**31 <= value < 2**31:
        return value
    if not -2**63 <= value < 2**63:
        raise RuntimeError("value cannot be converted to type int64_t without overflow")
    return GObject.Value(GObject.TYPE_INT64, value)


def number(value):
    """A plain number from a number, a NumPy scalar or a tensor of one element."""
    if type(value) in (int, float, bool, GObject.Value):
        return value
    if isinstance(value, Tensor):
        if value.dim() == 0:
            return value.item()
        raise TypeError
    if isinstance(value, (bool, int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == () and value.dtype.kind in "biuf":
        return value.item()
    raise TypeError


def _takes_number(call, values):
    """Whether the number before the other operand stands for a tensor."""
    return call.name in _NUMBER_FIRST and len(values) > 1 and isinstance(values[1], Tensor) and type(values[0]) in (int, float, bool)


def _number_first(number, other):
    from . import construct, names
    return construct.tensor(number, dtype=names.result_type(number, other), device=other.device)


def _integer(value):
    if type(value) is int:
        return value
    if isinstance(value, (bool, float, str)):
        raise TypeError
    return index(value)


def _convert(kind, value):
    """`value` as the schema's type `kind`; the same object if it is one already. Raises TypeError."""
    if kind.endswith("?"):
        if value is None:
            return None
        kind = kind[:-1]
    if kind == "Tensor":
        if isinstance(value, Tensor):
            return value
    elif kind == "Tensor|Scalar":
        return value if isinstance(value, Tensor) else number(value)
    elif kind == "Tensor[]":
        if isinstance(value, (list, tuple)) and all(isinstance(item, Tensor) for item in value):
            return value
    elif kind == "Tensor?[]":
        if isinstance(value, (list, tuple)) and all(item is None or isinstance(item, Tensor) for item in value):
            return value
    elif kind in ("Scalar", "float"):
        return number(value)
    elif kind == "int":
        return _integer(value)
    elif kind == "int[]":
        if type(value) is list and all(type(item) is int for item in value):
            return value
        if isinstance(value, Tensor) and value.dim() == 1 and not value.get_dtype().is_floating_point:
            return value.tolist()
        if isinstance(value, Tensor) or not hasattr(value, "__iter__"):
            return [_integer(value)]
        return [_integer(item) for item in value]
    elif kind == "bool":
        if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
            return bool(value) if type(value) is not bool else value
    elif kind == "str":
        if isinstance(value, str):
            return value
    elif kind == "DType":
        return dtype(value)
    elif kind == "Device":
        return device(value)
    elif isinstance(value, typelib.Generator):
        return value
    raise TypeError


def _given(call, values):
    """The arguments of a call, as they were given: those that have their defaults were not."""
    args, kwargs = [], {}
    for arg, name, value in zip(call.args, call.python_names, values):
        if call.method and arg.name == "self" or not arg.required and value is arg.default:
            continue
        if arg.keyword_only or kwargs:
            kwargs[name] = value
        elif arg.name == call.spread and isinstance(value, tuple):
            args += value
        else:
            args.append(value)
    return args, kwargs


def _complain(call, position, arg, values):
    error = signatures.invalid(call.overloads, *_given(call, values))
    if error:
        return error
    value = values[position]
    kind = arg.type.rstrip("?")
    offset = 0 if call.method and call.row.is_method else 1
    where = "" if arg.keyword_only else f" (position {position + offset})"
    what = f"{call.name}(): argument '{call.python_names[position]}'{where} must be {_NAMES.get(kind, kind)}"
    if kind in ("int[]", "Tensor[]") and isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            try:
                _convert(kind[:-2], item)
            except TypeError:
                if kind == "Tensor[]":
                    return TypeError(f"expected Tensor as element {i} in argument 0, but got {type(item).__name__}")
                if i > 0:
                    return TypeError(f"{call.name}(): argument '{call.python_names[position]}' failed to unpack the object at pos {i + 1} "
                                     f'with error "type must be tuple of ints,but got {type(item).__name__}"')
                return TypeError(f"{what}, but found element of type {type(item).__name__} at pos {i}")
    return TypeError(f"{what}, not {'NoneType' if value is None else type(value).__name__}")


def recover(call, error, values, **extras):
    """Calls again with converted arguments, or raises what is wrong with them, or `error`."""
    given = {name: value for name, value in extras.items() if value is not None and value is not False}
    if call.name == "view" and isinstance(values[-1], Dtype):
        return values[0].view_dtype(values[-1])
    if isinstance(error, OverflowError):
        widened = [wide(value) if "Scalar" in arg.type else value for arg, value in zip(call.args, values)]
        if any(new is not old for new, old in zip(widened, values)):
            return again(call, widened, given)
    if _takes_number(call, values):
        return again(call, (_number_first(*values[:2]), *values[1:]), given)
    converted = []
    for i, (arg, value) in enumerate(zip(call.args, values)):
        try:
            if arg.name == call.spread and isinstance(value, (list, tuple)) and len(value) == 1 \
                    and isinstance(value[0], (list, tuple)):
                value = value[0]
            same = not arg.required and value is arg.default
            converted.append(value if same else _convert(arg.type, value))
        except TypeError:
            raise _complain(call, i, arg, values) from None
    if all(new is old for new, old in zip(converted, values)):
        if not error.args:
            error = signatures.invalid(call.overloads, *_given(call, values)) or error
        raise errors.translate(error) from None
    return again(call, converted, given)


def again(call, values, extras):
    """Calls the function of `call` with one value per argument of the schema; `extras` go by name and win."""
    args, kwargs = [], dict(extras)
    for arg, name, value in zip(call.args, call.python_names, values):
        if name in extras and name != call.spread:
            continue
        if arg.name == call.spread:
            args += value if isinstance(value, (list, tuple)) else [value]
        elif arg.keyword_only or kwargs.keys() & set(call.python_names):
            kwargs[name] = value
        else:
            args.append(value)
    return call.function(*args, **{name: value for name, value in kwargs.items()})


# -- overloads ----------------------------------------------------------------------------------------------------

def _bind(call, args, kwargs):
    """The values of the schema's arguments, by name, or None where the names or the number do not fit."""
    positional = [(arg, name) for arg, name in zip(call.args, call.python_names) if not arg.keyword_only]
    if call.spread and len(args) > len(positional):
        args = (*args[:len(positional) - 1], args[len(positional) - 1:])
    if len(args) > len(positional):
        return None
    bound = {arg.name: value for (arg, _), value in zip(positional, args)}
    by_name = dict(zip(call.python_names, call.args))
    for name, value in kwargs.items():
        name = ALIASES.get(name, name)
        if name == "out" and call.row.forms("out") or name == "requires_grad" and call.creates \
                or name in call.ignores and name not in by_name:
            continue
        if name not in by_name or by_name[name].name in bound:
            return None
        bound[by_name[name].name] = value
    if any(arg.required and arg.name not in bound for arg in call.args):
        return None
    return bound


def select(calls, args, kwargs):
    """The function of the first overload that takes the arguments as they are, or else of the first that can convert them."""
    bindings = [(call, bound) for call in calls if (bound := _bind(call, args, kwargs)) is not None]
    for exact in (True, False):
        for call, bound in bindings:
            types = {arg.name: arg.type for arg in call.args}
            if not exact and not call.method and _takes_number(call, args):
                bound = {**bound, "self": args[1]}
            try:
                for key, value in bound.items():
                    converted = _convert(types[key], value)
                    if exact and converted is not value and not isinstance(value, (list, tuple)):
                        raise TypeError
            except TypeError:
                continue
            return call.function
    given = args[1:] if calls[0].method else args
    error = signatures.invalid(calls, given, kwargs)
    if error is None or len(bindings) == 1:
        return (bindings[0][0] if bindings else calls[0]).function  # it says what is wrong
    raise error
