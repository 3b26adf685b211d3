# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Tensor expressions, compiled to C.

Formulas are Python expressions (libgtensor/docs/adding-an-op.md says which). Each call of a row becomes one statement
that keeps its result in an owned variable; an operation that gets NULL gives NULL and leaves the error alone, so that
a failure is looked for once, where the value is used by C or at the end. Numbers stay C values.
"""

import ast
import contextlib
import math
from dataclasses import dataclass, field

from .schema import OPERATORS

DTYPES = ("uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "bool")
NUMBERS = ("int", "float", "bool", "scalar")
FACTS = ("sizes", "size", "dim", "numel", "dtype", "device")
C_OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "/", ast.Mod: "%", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<",
    ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.And: "&&", ast.Or: "||",
}
C_FUNCTIONS = {"sqrt": 1, "exp": 1, "log": 1, "pow": 2}
CONSTANTS = {"inf": "G_MAXDOUBLE * 2", "nan": "(G_MAXDOUBLE * 2 * 0)", "pi": "G_PI"}

# How a value of a schema type is read from a GtenArg.
ARGUMENT_TYPES = {
    "int": ("int", "i"), "float": ("float", "f"), "bool": ("bool", "i"), "str": ("str", "s"), "DType": ("dtype", "i"),
    "Device": ("device", "object"), "Generator": ("generator", "object"), "Scalar": ("scalar", "scalar"),
    "int[]": ("ints", "ints"),
}


@dataclass
class Value:
    """What a part of a formula is in C."""
    type: str                   # tensor, tensors, results, int, float, bool, scalar, ints, dtype, device, generator, str, none
    code: str = ""
    length: str = ""            # of ints and tensors
    absent: str = ""            # C condition under which it is None; empty: it never is
    owned: bool = False         # a variable of this function holds the reference
    parts: dict = field(default_factory=dict)   # of results: name -> Value
    block: tuple = ()           # the blocks in which the variable is visible
    input: int = -1             # a tensor argument that is known to the node by its geometry


def names_in(expression, tensor_names):
    """The tensors whose elements a formula needs, facts apart."""
    found = set()

    class Visitor(ast.NodeVisitor):
        def visit_Call(self, node):
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr in FACTS and isinstance(function.value, ast.Name):
                for argument in node.args:
                    self.visit(argument)
            else:
                self.generic_visit(node)

        def visit_Attribute(self, node):
            if not (node.attr in FACTS and isinstance(node.value, ast.Name)):
                self.generic_visit(node)

        def visit_Name(self, node):
            if node.id in tensor_names:
                found.add(node.id)

    Visitor().visit(expression)
    return found


class Compiler:
    """Compiles the formulas of one C function of a row."""

    def __init__(self, table, row, names):
        self.table, self.row, self.names = table, row, dict(names)
        self.lines, self.count, self.blocks = [], 0, (0,)
        self.n_blocks = 0

    # -- writing -------------------------------------------------------------------------------------------------

    def emit(self, text):
        self.lines.append("  " * (2 * len(self.blocks) - 1) + text)

    @contextlib.contextmanager
    def block(self, head):
        indent = "  " * (2 * len(self.blocks) - 1)
        if head:
            self.lines.append(indent + head)
        self.lines.append(indent + "  {")
        self.n_blocks += 1
        self.blocks += (self.n_blocks,)
        yield
        self.blocks = self.blocks[:-1]
        self.lines.append(indent + "  }")

    def variable(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def fail(self, node, reason):
        self.row.fail(f"in {ast.unparse(node)!r}: {reason}")

    def parse(self, text):
        try:
            return ast.parse(" ".join(text.split()), mode="eval").body
        except SyntaxError as error:
            self.row.fail(f"the formula {text!r} does not parse: {error.msg}")

    # -- values --------------------------------------------------------------------------------------------------

    def visit(self, node):
        method = getattr(self, "visit_" + type(node).__name__, None)
        if method is None:
            self.fail(node, "this kind of expression is not supported")
        return method(node)

    def visit_Constant(self, node):
        return constant(node.value) or self.fail(node, "this constant is not supported")

    def visit_Name(self, node):
        if node.id in self.names:
            value = self.names[node.id]
            if value.block and value.block != self.blocks[:len(value.block)]:
                self.fail(node, "the name is bound in another branch")
            return value
        if node.id in DTYPES:
            return Value("dtype", f"GTEN_DTYPE_{node.id.upper()}")
        if node.id in CONSTANTS:
            return Value("float", f"({CONSTANTS[node.id]})")
        self.fail(node, f"unknown name {node.id!r}")

    def visit_NamedExpr(self, node):
        value = self.visit(node.value)
        self.names[node.target.id] = Value(**{**value.__dict__, "block": self.blocks})
        return value

    def visit_List(self, node):
        values = [self.visit(element) for element in node.elts]
        if values and all(value.type == "tensor" for value in values):
            return Value("tensors", f"(GtenTensor *[]) {{ {', '.join(v.code for v in values)} }}", str(len(values)))
        if any(value.type not in ("int", "bool") for value in values):
            self.fail(node, "a list holds integers, or tensors")
        items = ", ".join(value.code for value in values) or "0"
        return Value("ints", f"(const gint64[]) {{ {items} }}", str(len(values)))

    visit_Tuple = visit_List

    def visit_Attribute(self, node):
        if node.attr == "dtype" or node.attr == "device":
            return self.fact(node, self.visit(node.value), node.attr, [])
        value = self.visit(node.value)
        if value.type == "results" and node.attr in value.parts:
            return value.parts[node.attr]
        self.fail(node, f"there is no attribute {node.attr!r}")

    def visit_Subscript(self, node):
        value, index = self.visit(node.value), self.visit(node.slice)
        if index.type != "int":
            self.fail(node, "an index is an integer")
        if value.type == "results":
            parts = value.parts if int(index.code) in value.parts else dict(enumerate(value.parts.values()))
            if int(index.code) not in parts:
                self.fail(node, "there are not so many results")
            return parts[int(index.code)]
        if value.type == "tensors":
            self.need(value)
            return Value("tensor", f"{value.length and value.code}[{index.code}]")
        if value.type == "ints":
            return Value("int", f"({value.code})[{index.code}]")
        self.fail(node, "this has no elements")

    # -- C values ------------------------------------------------------------------------------------------------

    def number(self, value):
        """A C expression that computes."""
        return f"gten_scalar_to_double (&{value.code})" if value.type == "scalar" else value.code

    def visit_BinOp(self, node):
        left, right = self.visit(node.left), self.visit(node.right)
        operator = type(node.op)
        if left.type not in NUMBERS or right.type not in NUMBERS:
            return self.call(node, OPERATORS[operator], [left, right], {})
        a, b = self.number(left), self.number(right)
        integers = all(value.type in ("int", "bool") for value in (left, right))
        if operator is ast.Div:
            return Value("float", f"((double) {a} / {b})")
        if operator is ast.Pow:
            return Value("float", f"pow ({a}, {b})")
        if operator not in C_OPERATORS:
            self.fail(node, "this operator is not for numbers")
        return Value("int" if integers else "float", f"({a} {C_OPERATORS[operator]} {b})")

    def visit_UnaryOp(self, node):
        value = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return Value("bool", f"!({self.truth(node, value)})")
        if value.type not in NUMBERS:
            return self.call(node, OPERATORS[type(node.op)], [value], {})
        if not isinstance(node.op, ast.USub):
            self.fail(node, "this operator is not for numbers")
        if isinstance(node.operand, ast.Constant):
            return Value(value.type, "-" + value.code)
        return Value("int" if value.type in ("int", "bool") else "float", f"-({self.number(value)})")

    def visit_Compare(self, node):
        if len(node.ops) != 1:
            self.fail(node, "comparisons are not chained")
        operator, left = node.ops[0], self.visit(node.left)
        right = self.visit(node.comparators[0])
        if isinstance(operator, (ast.Is, ast.IsNot)):
            if right.type != "none" or not left.absent:
                self.fail(node, "`is` compares something optional with None")
            return Value("bool", left.absent if isinstance(operator, ast.Is) else f"!({left.absent})")
        if left.type in ("tensor", "results") or right.type in ("tensor", "results"):
            return self.call(node, OPERATORS[type(operator)], [left, right], {})
        if left.type == right.type == "str":
            return Value("bool", f"g_strcmp0 ({left.code}, {right.code}) {C_OPERATORS[type(operator)]} 0")
        if left.type == right.type == "dtype" or (left.type in NUMBERS and right.type in NUMBERS):
            return Value("bool", f"({self.number(left)} {C_OPERATORS[type(operator)]} {self.number(right)})")
        self.fail(node, f"a {left.type} and a {right.type} do not compare")

    def truth(self, node, value):
        if value.type not in ("bool", "int"):
            self.fail(node, f"a {value.type} is no condition")
        return value.code

    def visit_BoolOp(self, node):
        parts = [f"({self.truth(node, self.visit(part))})" for part in node.values]
        return Value("bool", f"({f' {C_OPERATORS[type(node.op)]} '.join(parts)})")

    def visit_IfExp(self, node):
        test = self.truth(node.test, self.visit(node.test))
        kinds = {}
        saved = self.lines, self.count, dict(self.names)
        for branch in (node.body, node.orelse):     # once only to learn the types
            self.lines = []
            kinds[branch] = self.visit(branch)
        pure = not self.lines and kinds[node.body].type in NUMBERS
        self.lines, self.count, self.names = saved
        body, orelse = kinds[node.body], kinds[node.orelse]
        if pure and orelse.type in NUMBERS:
            kind = "int" if body.type == orelse.type == "int" else "bool" if body.type == orelse.type == "bool" else "float"
            return Value(kind, f"({test} ? {self.number(body)} : {self.number(orelse)})")
        types = {body.type, orelse.type} - {"none"}
        if types != {"tensor"}:
            self.fail(node, "both sides of a condition are tensors, or both are numbers")
        result = self.variable("t")
        self.emit(f"g_autoptr (GtenTensor) {result} = NULL;")
        for head, branch in ((f"if ({test})", node.body), ("else", node.orelse)):
            with self.block(head):
                value = self.visit(branch)
                if value.type != "none":
                    self.emit(f"{result} = {self.take(value)};")
                    if "none" in (body.type, orelse.type) or body.absent or orelse.absent:
                        self.emit(f"if ({result} == NULL)")
                        self.emit("  return FALSE;")
        optional = "none" in (body.type, orelse.type) or body.absent or orelse.absent
        return Value("tensor", result, owned=True, absent=f"{result} == NULL" if optional else "")

    # -- tensors -------------------------------------------------------------------------------------------------

    def take(self, value):
        """The reference as an expression that gives it away."""
        return f"g_steal_pointer (&{value.code})" if value.owned and not value.block else f"gten_ref_or_null ({value.code})"

    def need(self, value):
        """From here on C code reads what is behind the pointer."""
        if value.owned:
            pointer = value.code.removesuffix("->pdata").removeprefix("(GtenTensor **) ")
            self.emit(f"if ({pointer} == NULL)")
            self.emit("  return FALSE;")

    def fact(self, node, value, name, arguments):
        if value.type != "tensor":
            self.fail(node, f"only a tensor has {name}")
        if value.input >= 0:
            return self.fact_of_input(node, value.input, name, arguments)
        self.need(value)
        code = value.code
        if name == "sizes":
            return Value("ints", f"gten_sizes ({code})", f"{code}->n_dims")
        if name == "size":
            return Value("int", f"gten_fact_size ({code}->n_dims, gten_sizes ({code}), {arguments[0].code})")
        return {
            "dim": Value("int", f"(gint64) {code}->n_dims"),
            "numel": Value("int", f"{code}->numel"),
            "dtype": Value("dtype", f"(GtenDtype) {code}->dtype"),
            "device": Value("device", f"{code}->storage->device"),
        }[name]

    def fact_of_input(self, node, index, name, arguments):
        if name == "dtype":
            return Value("dtype", f"gten_node_input_dtype (node, {index})")
        if name == "device":
            return Value("device", f"gten_node_input_device (node, {index})")
        sizes, length = self.variable("sizes"), self.variable("n_dims")
        self.emit(f"guint {length};")
        self.emit(f"const gint64 *{sizes} = gten_node_input_sizes (node, {index}, &{length});")
        return {
            "sizes": lambda: Value("ints", sizes, length),
            "size": lambda: Value("int", f"gten_fact_size ({length}, {sizes}, {arguments[0].code})"),
            "dim": lambda: Value("int", f"(gint64) {length}"),
            "numel": lambda: Value("int", f"gten_fact_numel ({length}, {sizes})"),
        }[name]()

    def visit_Call(self, node):
        keywords = {keyword.arg: self.visit(keyword.value) for keyword in node.keywords}
        function = node.func
        if isinstance(function, ast.Attribute):
            owner = self.visit(function.value)
            arguments = [self.visit(argument) for argument in node.args]
            if function.attr in FACTS:
                return self.fact(node, owner, function.attr, arguments)
            return self.call(node, function.attr, [owner, *arguments], keywords)
        if not isinstance(function, ast.Name):
            self.fail(node, "this cannot be called")
        arguments = [self.visit(argument) for argument in node.args]
        numbers = all(argument.type in NUMBERS for argument in arguments)
        if function.id == "wrapped" and len(arguments) == 1 and numbers:
            return self.wrap(arguments[0])
        if function.id in C_FUNCTIONS and numbers and len(arguments) == C_FUNCTIONS[function.id]:
            return Value("float", f"{function.id} ({', '.join(map(self.number, arguments))})")
        if function.id in ("max", "min") and numbers and len(arguments) == 2:
            kind = "int" if all(a.type == "int" for a in arguments) else "float"
            return Value(kind, f"{function.id.upper()} ({', '.join(map(self.number, arguments))})")
        return self.call(node, function.id, arguments, keywords)

    def wrap(self, value):
        """A number as a 0-d tensor that does not decide the dtype."""
        name = self.variable("w")
        self.emit(f"g_autoptr (GtenWrapped) {name} = gten_wrap ({self.scalar(value)});")
        return Value("tensor", name)

    def scalar(self, value):
        return {"scalar": "{}", "int": "gten_scalar_int ({})", "float": "gten_scalar_float ({})",
                "bool": "gten_scalar_bool ({})"}[value.type].format(value.code)

    # -- calls of rows -------------------------------------------------------------------------------------------

    def call(self, node, name, arguments, keywords):
        rows = [row for row in self.table.by_public.get(name, []) if not row.in_place_only]
        if name in self.table.by_name and self.table.by_name[name] not in rows:
            rows.append(self.table.by_name[name])
        if not rows:
            self.fail(node, f"there is no row {name!r}")
        best = None
        for row in rows:
            bound = bind(row, arguments, keywords)
            if bound is None:
                continue
            cost = sum(convertible(value, argument) for argument, value in bound)
            if cost < IMPOSSIBLE and (best is None or cost < best[0]):
                best = cost, row, bound
        if best is None:
            types = ", ".join([value.type for value in arguments] + [f"{k}={v.type}" for k, v in keywords.items()])
            self.fail(node, f"no row {name!r} takes ({types})")
        _, row, bound = best
        return self.emit_call(node, row, [self.convert(node, value, argument) for argument, value in bound])

    def emit_call(self, node, row, codes):
        function = f"gten_apply_{row.name}"
        if row.results[0][0] == "bool":
            result = self.variable("b")
            self.emit(f"const gboolean {result} = {function} ({', '.join(codes + ['error'])});")
            return Value("bool", result)
        result = self.variable("t")
        if row.returns_list:
            self.emit(f"g_autoptr (GPtrArray) {result} = {function} ({', '.join(codes + ['error'])});")
            return Value("tensors", f"(GtenTensor **) {result}->pdata", f"{result}->len", owned=True)
        if len(row.results) == 1:
            self.emit(f"g_autoptr (GtenTensor) {result} = {function} ({', '.join(codes + ['error'])});")
            return Value("tensor", result, owned=True)
        names = [f"{result}_{name}" for _, name in row.results]
        for name in names[1:]:
            self.emit(f"g_autoptr (GtenTensor) {name} = NULL;")
        outs = [f"&{name}" for name in names[1:]]
        self.emit(f"g_autoptr (GtenTensor) {names[0]} = {function} ({', '.join(codes + outs + ['error'])});")
        return Value("results", parts={part: Value("tensor", name, owned=True)
                                       for (_, part), name in zip(row.results, names)})

    def convert(self, node, value, argument):
        """The C argument (or two, joined by a comma) for a parameter of a row."""
        kind = argument.type
        if value.type == "none":
            return ABSENT[kind]
        if kind in ("Tensor", "Tensor?", "Tensor|Scalar"):
            return (value if value.type == "tensor" else self.wrap(value)).code
        if argument.is_tensor_list:
            if value.owned:
                self.need(value)
            return f"{value.code}, {value.length}"
        if kind in ("int[]", "int[]?"):
            if value.type == "int" and value.absent:
                return f"{value.absent} ? NULL : (const gint64[]) {{ {value.code} }}, {value.absent} ? 0 : 1"
            if value.type == "int":
                return f"(const gint64[]) {{ {value.code} }}, 1"
            return f"{value.code}, {value.length}"
        if kind == "Scalar":
            return self.scalar(value)
        if kind == "Scalar?":
            if value.type == "scalar":
                return f"{value.absent} ? NULL : &{value.code}" if value.absent else f"&{value.code}"
            name = self.variable("scalar")
            self.emit(f"const GtenScalar {name} = {self.scalar(value)};")
            return f"&{name}"
        if kind in ("int", "int?", "float", "float?") and value.type == "scalar":
            return f"gten_scalar_to_{'int' if kind.startswith('int') else 'double'} (&{value.code})"
        return value.code


IMPOSSIBLE = 1000
ABSENT = {
    "Tensor?": "NULL", "Scalar?": "NULL", "int?": "GTEN_NONE", "int[]?": "NULL, 0", "float?": "NAN", "str?": "NULL",
    "DType?": "GTEN_DTYPE_NONE", "Device?": "NULL", "Generator?": "NULL",
}
# What each schema type takes, and how willingly.
TAKES = {
    "Tensor": {"tensor": 0, "int": 10, "float": 10, "bool": 10, "scalar": 10},
    "Tensor|Scalar": {"tensor": 0, "int": 1, "float": 1, "bool": 1, "scalar": 1},
    "Tensor[]": {"tensors": 0},
    "Tensor?[]": {"tensors": 0},
    "Scalar": {"int": 0, "float": 0, "bool": 0, "scalar": 0},
    "int": {"int": 0, "bool": 1, "scalar": 2},
    "int[]": {"ints": 0, "int": 1},
    "float": {"float": 0, "int": 1, "scalar": 1},
    "bool": {"bool": 0, "int": 1},
    "str": {"str": 0},
    "DType": {"dtype": 0},
    "Device": {"device": 0},
    "Generator": {"generator": 0},
}


def convertible(value, argument):
    if value.type == "none":
        return 0 if argument.is_optional else IMPOSSIBLE
    return TAKES[argument.type.removesuffix("?")].get(value.type, IMPOSSIBLE)


def bind(row, arguments, keywords):
    """Pairs the parameters of a row with values, or returns None if they do not fit."""
    positional = [a for a in row.arguments if not a.keyword_only]
    if len(arguments) > len(positional) or set(keywords) - {a.name for a in row.arguments}:
        return None
    given = dict(zip((a.name for a in positional), arguments))
    if set(given) & set(keywords):
        return None
    given |= keywords
    pairs = []
    for argument in row.arguments:
        if argument.name in given:
            pairs.append((argument, given[argument.name]))
        elif argument.has_default:
            pairs.append((argument, default_value(argument)))
        elif argument.is_optional:
            pairs.append((argument, Value("none")))
        else:
            return None
    return pairs


def default_value(argument):
    value = argument.default
    return constant(value) or Value("ints", f"(const gint64[]) {{ {', '.join(map(str, value)) or '0'} }}", str(len(value)))


def constant(value):
    """A literal of Python's, or None if it is none of these."""
    if value is None:
        return Value("none")
    if isinstance(value, bool):
        return Value("bool", "TRUE" if value else "FALSE")
    if isinstance(value, int):
        return Value("int", str(value))
    if isinstance(value, float):
        return Value("float", c_float(value))
    if isinstance(value, str):
        return Value("str", c_string(value))
    return None


def c_float(value):
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return repr(value)


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
