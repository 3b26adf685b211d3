# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds the Python function of an operation from its rows: PyTorch's call forms and defaults over the plain bindings.

A function is written as source text for its own schema and compiled when it is first asked for, so that a call costs little
more than the plain binding. What does not fit at the first try goes to coerce.recover(), which converts what
PyTorch would convert, or explains what is wrong."""
from collections import namedtuple
from keyword import iskeyword
from operator import index

from gi.repository import GLib, GObject

from . import Device, NONE_INT, Tensor, coerce, errors, registry

_NUMBERS = frozenset((int, float, bool, GObject.Value))
_FAILURES = (TypeError, ValueError, OverflowError, GLib.Error)
_MISSING = object()
_IGNORED = frozenset(("layout", "pin_memory", "memory_format", "non_blocking"))
_VARIADIC = frozenset(("block_diag", "broadcast_tensors", "cartesian_prod", "chain_matmul", "einsum", "meshgrid"))
# Functions that PyTorch's nn.functional can also run in place.
_INPLACE = frozenset(("alpha_dropout", "celu", "dropout", "dropout1d", "dropout2d", "dropout3d", "elu", "feature_alpha_dropout",
                      "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "relu", "relu6", "rrelu", "selu", "silu", "threshold"))


class Call:
    """A row as one of its kinds, as method or as function: what coerce needs to know about the Python function."""

    def __init__(self, row, kind, method):
        self.row, self.kind, self.method = row, kind, method
        self.name = row.name if kind != "_" else row.name + "_"
        self.args = row.args
        positional = [arg for arg in self.args if not arg.keyword_only and not (row.is_method and arg.name == "self")]
        # sizes may be given one by one where nothing else is positional, and so may the tensors of a few functions
        one_by_one = len(positional) == 1 and positional[0].type == "int[]" or self.name in _VARIADIC
        self.spread = positional[-1].name if one_by_one else None
        self.creates = any(arg.type == "Device?" for arg in self.args)
        self.ignores = _IGNORED if self.creates or row.op.get_family() == "convert" else ()
        self.changes = self.name in _INPLACE and not method
        self.options = self.spread or self.ignores or any(arg.name in ("dim", "keepdim", "reduction") for arg in self.args)
        self.python_names = ["input" if arg.name == "self" and not method else arg.name + "_" * iskeyword(arg.name)
                             for arg in self.args]
        self.overloads = [self]
        self.function = _compile(self)


def build(name, method=False):
    """The Python function called `name`, or None if no row has that name."""
    rows, kind = registry.find(name)
    if rows is None:
        return None
    if method:
        rows = [row for row in rows if row.is_method] or rows
    calls = [Call(row, kind, method) for row in rows if row.forms(kind)]
    if not calls:
        return None
    for call in calls:
        call.overloads = calls
    return calls[0].function if len(calls) == 1 else _overloaded(name, calls)


def binary(name, kind=""):
    """The plain bindings of a binary operation: the one that takes a tensor and the one that takes a number, or None."""
    tensor = number = None
    for row in registry.rows().get(name, ()):
        if not row.is_method or [arg.name for arg in row.args][:1] != ["self"]:
            continue
        for form in row.forms(kind):
            if len(form.args) != 2:
                continue
            type_ = next(arg.type for arg in row.args if arg.name == form.args[1])
            if form.scalars or type_ == "Scalar":
                number = number or row.function(form)
            elif type_ in ("Tensor", "Tensor|Scalar"):
                tensor = tensor or row.function(form)
    return tensor, number


# -- one row -------------------------------------------------------------------------------------------------------

def _compile(call):
    row, kind = call.row, call.kind
    scope = {"_Tensor": Tensor, "_NUMBERS": _NUMBERS, "_FAILURES": _FAILURES, "_index": index, "_call": call,
             "_recover": coerce.recover, "_device": coerce.device, "_rest": _rest, "_in_place": _in_place, "_NAN": float("nan"),
             "_Device": Device, "_TENSORS": frozenset((Tensor,)), "_NONE_INT": NONE_INT, "_MISSING": _MISSING, "_missing": _missing}
    names = dict(zip((arg.name for arg in call.args), call.python_names))
    has_out = kind == "" and bool(row.forms("out"))

    # the parameters
    parameters, keyword_only, late = [], [], []
    for arg in call.args:
        name = names[arg.name]
        if arg.name == call.spread:
            parameters.append("*" + name)
            continue
        scope["_D_" + name] = arg.default
        text = name if arg.required else f"{name}=_D_{name}"
        if arg.required and not arg.keyword_only and (late or arg.name == "dim"):
            late.append(name)  # it may be called otherwise, as axis is
        (keyword_only if arg.keyword_only else parameters).append(text)
    parameters += ["inplace=False"] * call.changes
    keyword_only += ["out=None"] * has_out + ["requires_grad=False"] * call.creates
    if keyword_only and not call.spread:
        parameters.append("*")
    parameters += keyword_only + ["**options"] * bool(call.options)

    shown = parameters
    parameters = [f"{text}=_MISSING" if text in late else text for text in parameters]
    body = []
    values = ", ".join(names[arg.name] for arg in call.args)
    extras = [f"{name}={name}" for name, there in (("out", has_out), ("requires_grad", call.creates)) if there]
    if call.changes:
        body.append(f"if inplace: return _in_place(_call, ({values},))")
    if call.options:
        body.append(f"if options: return _rest(_call, ({values},), options{''.join(', ' + text for text in extras)})")
    if late:
        body.append(f"if {late[-1]} is _MISSING: raise _missing(_call, {late}, ({', '.join(late)},))")
    body.append("try:")
    for arg in call.args:
        body += ["    " + line for line in _conversion(arg, names[arg.name], call)]
    if has_out:
        body.append("    if out is not None:")
        body += _choice(call, "out", names, scope, "        ")
    body += _choice(call, kind, names, scope, "    ")
    body += ["except _FAILURES as error:",
             f"    return _recover(_call, error, ({values},){''.join(', ' + text for text in extras)})"]

    source = f"def function({', '.join(parameters)}):\n" + "\n".join("    " + line for line in body)
    if call.options:  # what inspect.signature() shows: the schema's arguments alone
        source += f"\ndef documented({', '.join(shown[:-1])}): pass\nfunction.__wrapped__ = documented"
    exec(compile(source, f"<GTensor.{call.name}>", "exec"), scope)
    function = scope["function"]
    function.__name__ = function.__qualname__ = call.name
    function.__module__ = "gi.repository.GTensor"
    function.__doc__ = describe([row])
    return function


def _conversion(arg, name, call):
    """Lines that turn what Python has into what the binding takes, or raise TypeError."""
    kind = arg.type
    if arg.name == call.spread and kind == "Tensor[]":
        return [f"if len({name}) == 1 and {name}[0].__class__ is not _Tensor: {name} = {name}[0]",
                f"if not _TENSORS.issuperset(map(type, {name})): raise TypeError"]
    if arg.name == call.spread:
        return [f"if len({name}) == 1 and {name}[0].__class__ is not int: {name} = {name}[0]", f"{name} = [*map(_index, {name})]"]
    if kind in ("int[]", "int[]?"):
        if arg.default is not None or kind == "int[]":
            return [f"{name} = [{name}] if {name}.__class__ is int else [*map(_index, {name})]"]
        return [f"if {name} is not None: {name} = [{name}] if {name}.__class__ is int else [*map(_index, {name})]"]
    if kind == "Tensor[]":
        return [f"if {name}.__class__ is _Tensor or not _TENSORS.issuperset(map(type, {name})): raise TypeError"]
    if kind == "Tensor?[]":
        return [f"if {name}.__class__ is _Tensor: raise TypeError"]
    if kind == "int":
        return [f"if {name}.__class__ is not int: raise TypeError"]
    if kind == "int?":
        return [f"if {name} is not None and {name}.__class__ is not int: raise TypeError"]
    if kind == "Device?":
        return [f"if {name} is not None and {name}.__class__ is not _Device: {name} = _device({name})"]
    return []


def _choice(call, kind, names, scope, indent):
    """Lines that pick the form with the fewest arguments that takes all that is not a default, and call it."""
    forms = call.row.forms(kind)
    lines = []
    variants = list(dict.fromkeys(form.scalars for form in forms))
    unions = [arg.name for arg in call.args if arg.type == "Tensor|Scalar"]
    tensors = {arg.name for arg in call.args if arg.type.startswith("Tensor")}
    for scalars in variants:
        if scalars and scalars >= tensors:
            continue  # numbers alone, which PyTorch refuses
        its_forms = [form for form in forms if form.scalars == scalars]
        inner = indent
        if unions:
            tests = [f"{names[name]}.__class__ " + ("in _NUMBERS" if name in scalars else "is _Tensor") for name in unions]
            lines.append(f"{indent}if {' and '.join(tests)}:")
            inner += "    "
        for form in its_forms:
            missing = [arg for arg in call.args if arg.name not in form.args]
            tests = [f"{names[arg.name]} is _D_{names[arg.name]}" for arg in missing if names[arg.name]]
            text = _invoke(call, form, kind, names, scope)
            if tests and form is not its_forms[-1]:
                lines.append(f"{inner}if {' and '.join(tests)}: {text}")
            else:
                lines.append(f"{inner}{text}")
                break
    if unions:
        lines.append(f"{indent}raise TypeError")
    return lines


def _invoke(call, form, kind, names, scope):
    types = {arg.name: arg.type for arg in call.args}
    symbol = "_C_" + form.symbol
    scope[symbol] = call.row.function(form)
    values = []
    for name in form.args:
        text = names.get(name, name)
        if types.get(name) == "DType?":
            text = f"0 if {text} is None else {text}"
        elif types.get(name) == "int?":
            text = f"_NONE_INT if {text} is None else {text}"
        elif types.get(name) == "float?":
            text = f"_NAN if {text} is None else {text}"
        values.append(text)
    results = call.row.result_names()
    if kind == "out" and "out" not in form.args:
        count = len(results) if results else 1
        values += ["out"] if count == 1 else ["*out"]
    text = f"{symbol}({', '.join(values)})"
    if kind == "out":
        return f"{text}; return out"
    if results:
        scope["_Results"] = _results(call.name, results)
        return f"return _Results._make({text})"
    if call.row.result == "Tensor[]":
        return f"return tuple({text})"
    if call.creates:
        return f"result = {text}; return result if not requires_grad else result.requires_grad_(True)"
    return f"return {text}"


def _results(name, fields):
    kind = namedtuple(name, fields, module="gi.repository.GTensor")
    kind.__repr__ = lambda self: f"{name}(" + ",".join(f"\n{field}={value!r}" for field, value in zip(fields, self)) + ")"
    return kind


def _rest(call, values, options, **extras):
    """A call with keywords beyond the schema's: NumPy's names, or options that have no meaning here."""
    given = {}
    pin_memory = call.creates and options.get("pin_memory", False)
    if "reduction" in call.python_names and not {"size_average", "reduce"}.isdisjoint(options):
        given |= _reduction(options.pop("size_average", None), options.pop("reduce", None))
    for name, value in options.items():
        name = coerce.ALIASES.get(name, name)
        if name == call.spread:
            values = tuple(value if arg.name == name else old for arg, old in zip(call.args, values))
        elif name in call.python_names:
            given[name] = value
        elif name not in call.ignores:
            raise TypeError(f"{call.name}() got an unexpected keyword argument '{name}'")
    if pin_memory:
        return coerce.again(call, values, {**extras, **given}).pin_memory()
    return coerce.again(call, values, {**extras, **given})


def _missing(call, names, values):
    names = [f"'{name}'" for name, value in zip(names, values) if value is _MISSING]
    return TypeError(f"{call.name}() missing {len(names)} required positional argument{'s' * (len(names) > 1)}: {' and '.join(names)}")


def _reduction(size_average, reduce):
    """What older programs say instead of `reduction`."""
    if size_average is None and reduce is None:
        return {}
    reduction = "none" if reduce is not None and not reduce else "sum" if size_average is not None and not size_average else "mean"
    errors.warn(f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.")
    return {"reduction": reduction}


def _in_place(call, values):
    own = call.row.forms("_") and Call(call.row, "_", call.method)
    return coerce.again(own, values, {}) if own else values[0].copy_(coerce.again(call, values, {}))


# -- several rows of one name --------------------------------------------------------------------------------------

def _overloaded(name, calls):
    """One function over rows of the same name, chosen by the types of the arguments."""
    chosen = {}

    def function(*args, **kwargs):
        key = (*map(type, args), None, *kwargs, *map(type, kwargs.values()))
        call = chosen.get(key)
        if call is None:
            call = coerce.select(calls, args, kwargs)
            if list not in key and tuple not in key:
                chosen[key] = call
        return call(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__module__ = "gi.repository.GTensor"
    function.__doc__ = describe([call.row for call in calls])
    return function


def describe(rows):
    """The documentation of rows that share a name."""
    schemas = "\n".join(row.schema for row in rows)
    docs = dict.fromkeys(row.op.get_doc() for row in rows)
    gradients = [text for row in rows for text in row.op.get_gradients() or ()]
    return "\n\n".join([schemas, *docs, *(["Gradients: " + "; ".join(gradients)] if gradients else [])])
