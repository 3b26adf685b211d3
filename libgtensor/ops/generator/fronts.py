# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The C functions of the rows: public forms, the one function behind them, gradients and compositions.

Of each row ROW there is `gten_apply_ROW`, which takes every argument of the schema; numbers are GtenScalars. Formulas call
it. The public forms are thin wrappers of it.
"""

import ast
import re

from . import kernels
from .expression import ABSENT, ARGUMENT_TYPES, Compiler, Value, c_float, c_string, default_value, names_in
from .forms import C_TYPES, c_name, documentation, extra_name, forms, out_name, parameters, return_type
from .kernels import HEAD

PROLOGUE = """
#define GTEN_NO_NUMBER_MACROS
#include "ops/gten-ops.h"
#include "ops/gten-ops-private.h"

#include "autograd/gten-autograd-private.h"
#include "ops/gten-formula-private.h"
"""


# -- the function behind the forms ---------------------------------------------------------------------------------


def apply_parameters(row):
    for argument in row.arguments:
        name, kind = c_name(argument.name), argument.type
        yield {"Scalar": "GtenScalar ", "Scalar?": "const GtenScalar *"}.get(kind, C_TYPES[kind]) + name
        if argument.is_list:
            yield f"gsize n_{argument.name}"


def apply_outs(row):
    return [f"GtenTensor **{extra_name(row, name)}" for _, name in row.results[1:]]


def apply_prototype(row):
    first = row.results[0][0] if row.results else "none"
    kind = {"Tensor": "GtenTensor *", "Tensor[]": "GPtrArray *", "bool": "gboolean ", "none": "gboolean "}[first]
    return kind, f"gten_apply_{row.name}", [*apply_parameters(row), *apply_outs(row), "GError **error"]


def declare(kind, name, parameter_list, end):
    return f"{kind}{name} ({', '.join(parameter_list)}){end}"


def define(kind, name, parameter_list):
    return [kind.strip(), f"{name} ({', '.join(parameter_list)})"]


def argument_initialiser(argument):
    name, kind = c_name(argument.name), argument.type
    given = {"int?": f"{name} != GTEN_NONE", "int[]?": f"{name} != NULL", "float?": f"!isnan ({name})", "Scalar?": f"{name} != NULL",
             "str?": f"{name} != NULL", "DType?": f"{name} != GTEN_DTYPE_NONE", "Device?": f"{name} != NULL",
             "Generator?": f"{name} != NULL"}.get(kind, "TRUE")
    if kind == "Scalar?":
        return f"{{ .scalar = {name} != NULL ? *{name} : gten_scalar_int (0), .given = {given} }}"
    if kind in ("int[]", "int[]?"):
        return f"{{ .ints = {name}, .n = n_{argument.name}, .given = {given} }}"
    member = ARGUMENT_TYPES[kind.removesuffix("?")][1]
    return f"{{ .{member} = {name}, .given = {given} }}"


def info_expression(row):
    """A row may have two nodes: the second if its last Tensor|Scalar is a number, or else if its first option is given."""
    if not isinstance(row.keys.get("node"), list):
        return f"&gten_info_{row.name}"
    either = [a for a in row.arguments if a.type == "Tensor|Scalar"]
    if either:
        condition = f"{c_name(either[-1].name)} != NULL && {c_name(either[-1].name)}->wrapped"
    else:
        option = next(a for a in row.arguments if a.has_default)
        condition = argument_initialiser(option).split(".given = ")[1].removesuffix(" }")
    return f"{condition} ? &gten_info_{row.name}_1 : &gten_info_{row.name}"


def call_function(row):
    """static gboolean call_ROW (...): fills the rest of a GtenCall."""
    lines = ["static inline gboolean",
             f"call_{row.name} ({', '.join([*apply_parameters(row), 'GtenCall *call', 'GError **error'])})", "{"]
    names = [c_name(a.name) for a in row.tensors]
    if row.tensors and row.tensors[-1].is_list:
        name = names.pop()
        count = f"{len(names)} + n_{name}" if names else f"n_{name}"
        if names:
            lines.append(f"  g_autofree GtenTensor **tensors = g_new (GtenTensor *, {count});")
        tensors, n_tensors = ("tensors" if names else name), count
    elif names:
        lines.append(f"  GtenTensor *tensors[] = {{ {', '.join(names)} }};")
        tensors, n_tensors = "tensors", len(names)
    else:
        tensors, n_tensors = "NULL", 0
    if row.values:
        lines.append("  const GtenArg args[] = {")
        lines += [f"    {argument_initialiser(argument)}," for argument in row.values]
        lines.append("  };")
    lines.append("")
    if tensors == "tensors" and row.tensors[-1].is_list:
        lines += [f"  tensors[{i}] = {name};" for i, name in enumerate(names)]
        last = c_name(row.tensors[-1].name)
        lines.append(f"  for (gsize i = 0; i < n_{last}; i++)")
        lines.append(f"    tensors[{len(names)} + i] = {last}[i];")
    for argument in row.values:
        if argument.type.startswith("DType"):
            lines += [f"  if (!gten_call_check_dtype ({c_name(argument.name)}, error))", "    return FALSE;"]
    lines += [f"  call->op = {info_expression(row)};", f"  call->tensors = {tensors};", f"  call->n_tensors = {n_tensors};"]
    if row.values:
        lines.append("  call->args = args;")
    lines += ["  return gten_call (call, error);", "}", ""]
    return lines


def call_arguments(row):
    for argument in row.arguments:
        yield c_name(argument.name)
        if argument.is_list:
            yield f"n_{argument.name}"


def apply_function(row):
    kind, name, parameter_list = apply_prototype(row)
    lines = [*define(kind, name, parameter_list), "{", "  GtenCall call = { 0 };", ""]
    arguments = ", ".join([*call_arguments(row), "&call", "error"])
    if not row.results:
        lines.append(f"  return call_{row.name} ({arguments});")
    elif row.results[0][0] == "bool":
        lines.append(f"  return call_{row.name} ({arguments}) && gten_call_truth (&call, error);")
    elif row.returns_list:
        lines.append(f"  return call_{row.name} ({arguments}) ? call.list : NULL;")
    elif len(row.results) == 1:
        value = "g_object_ref (self)" if row.in_place_only else "call.results[0]"
        if row.in_place_only:
            lines[-2:] = [f"  GtenCall call = {{ .results = {{ {c_name(row.arguments[0].name)} }}, .in_place = TRUE }};", ""]
        lines.append(f"  return call_{row.name} ({arguments}) ? {value} : NULL;")
    else:
        lines += [f"  if (!call_{row.name} ({arguments}))", "    return NULL;"]
        for index, (_, result) in list(enumerate(row.results))[1:]:
            lines.append(f"  gten_give (&call, {index}, {extra_name(row, result)});")
        lines.append("  return call.results[0];")
    return lines + ["}", ""]


# -- public forms --------------------------------------------------------------------------------------------------


def public_function(form, formula):
    row = form.row
    lines = [documentation(form, formula), *define(return_type(form), form.c_name, [p for p, _ in parameters(form)]), "{"]
    taken = {a.name for a in form.arguments}
    zero = "FALSE" if return_type(form).startswith("gboolean") else "NULL"
    checks, arguments = [], []
    for argument in row.arguments:
        name, kind = c_name(argument.name), argument.type
        if argument.name not in taken:
            arguments.append(default_code(argument))
            continue
        if argument.name in form.scalars:
            lines.append(f"  g_autoptr (GtenWrapped) {name}_tensor = gten_wrap_value ({name}, {c_string(row.public)}, "
                         f"{c_string(argument.name)}, error);")
            checks.append(f"{name}_tensor == NULL")
            arguments.append(f"{name}_tensor")
        elif kind == "Scalar":
            lines.append(f"  GtenScalar {name}_number;")
            checks.append(f"!gten_read_number ({name}, {c_string(row.public)}, {c_string(argument.name)}, &{name}_number, error)")
            arguments.append(f"{name}_number")
        elif kind == "Scalar?":
            lines.append(f"  GtenScalar {name}_number;")
            checks.append(f"({name} != NULL && !gten_read_number ({name}, {c_string(row.public)}, {c_string(argument.name)}, "
                          f"&{name}_number, error))")
            arguments.append(f"{name} != NULL ? &{name}_number : NULL")
        else:
            arguments.append(name)
            if argument.is_list:
                arguments.append(f"n_{argument.name}")
    results = {"new": None, "in_place": [c_name(row.arguments[0].name)],
               "out": [out_name(row, i) for i in range(len(row.results))]}[form.mode]
    if results:
        flag = "in_place" if form.mode == "in_place" else "out"
        lines.append(f"  GtenCall call = {{ .results = {{ {', '.join(results)} }}, .{flag} = TRUE }};")
    if len(lines) > lines.index("{") + 1:
        lines.append("")
    if checks:
        joined = "\n      || ".join(checks)
        lines += [f"  if ({joined})", f"    return {zero};"]
    if results:
        lines.append(f"  return call_{row.name} ({', '.join([*arguments, '&call', 'error'])}) ? {results[0]} : NULL;")
    else:
        outs = [extra_name(row, name) for _, name in row.results[1:]]
        lines.append(f"  return gten_apply_{row.name} ({', '.join([*arguments, *outs, 'error'])});")
    return lines + ["}", ""]


def default_code(argument):
    value = default_value(argument)
    kind = argument.type
    if value.type == "none":
        return ABSENT[kind]
    if kind in ("Scalar", "Scalar?"):
        member = {"int": "GTEN_SCALAR_INT, { .i = %s }", "float": "GTEN_SCALAR_FLOAT, { .f = %s }",
                  "bool": "GTEN_SCALAR_BOOL, { .i = %s }"}[value.type]
        return ("&" if kind == "Scalar?" else "") + "(GtenScalar) { %s }" % (member % value.code)
    if kind.startswith("int["):
        if value.type == "int":
            return f"(const gint64[]) {{ {value.code} }}, 1"
        return f"{value.code}, {value.length}"
    return value.code


# -- formulas ------------------------------------------------------------------------------------------------------


def value_of_argument(row, argument, args):
    """A schema argument that is no tensor, read from the GtenArgs of a call or a node."""
    index = row.values.index(argument)
    kind, member = ARGUMENT_TYPES[argument.type.removesuffix("?")]
    code = f"{args}[{index}].{member}"
    if kind == "dtype":
        code = f"(GtenDtype) {code}"
    return Value(kind, code, length=f"{args}[{index}].n", absent=f"!{args}[{index}].given" if argument.is_optional else "")


def gradient_function(table, row):
    """static gboolean gradient_ROW (...), and what it needs saved: (lines, uses) with uses[i] = (inputs, results)."""
    names = {a.name: value_of_argument(row, a, "args") for a in row.values}
    tensor_names = [a.name for a in row.tensors]
    result_names = [name for _, name in row.results]
    for index, argument in enumerate(row.tensors):
        names[argument.name] = Value("tensor", "", input=index)
    if row.returns_list:
        names["grads"] = Value("tensors", "grads", "gten_node_get_n_outputs (node)")
    elif len(row.results) == 1:
        names["grad"] = Value("tensor", "grads[0]")
    body, uses = [], [(0, 0)] * len(row.tensors)
    uses_args = False
    for index, argument in enumerate(row.tensors):
        formula = row.gradients.get(argument.name)
        if formula is None:
            continue
        compiler = Compiler(table, row, names)
        tree = compiler.parse(formula)
        saved = names_in(tree, set(tensor_names) | set(result_names))
        inputs = sum(1 << i for i, name in enumerate(tensor_names) if name in saved)
        results = sum(1 << i for i, name in enumerate(result_names) if name in saved and name not in tensor_names)
        uses[index] = inputs, results
        needs = "gten_needs_list" if argument.is_list else "gten_node_needs_input"
        condition = f"if ({needs} (node, {index}))"
        with compiler.block(condition):
            fetch_saved(compiler, row, names, inputs, results)
            fetch_gradients(compiler, row, tree)
            value = compiler.visit(tree)
            if value.type == "tensors" and argument.is_list:
                compiler.need(value)
                compiler.emit(f"gten_give_list (node, {index}, {value.code}, {value.length}, grad_inputs);")
            elif value.type == "tensor":
                compiler.emit(f"grad_inputs[{index}] = {compiler.take(value)};")
                if not value.absent:
                    compiler.emit(f"if (grad_inputs[{index}] == NULL)")
                    compiler.emit("  return FALSE;")
            elif value.type != "none":
                row.fail(f"the gradient of {argument.name!r} is a {value.type}, not a tensor")
        if value.type != "none":
            uses_args = uses_args or any("args[" in line for line in compiler.lines)
            body += compiler.lines
    lines = ["static gboolean", f"gradient_{row.name} (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error)",
             "{"]
    if uses_args:
        lines += ["  const GtenArg *args = gten_node_args (node);", ""]
    if len(row.results) == 1 and not row.returns_list:
        lines += ["  if (grads[0] == NULL)", "    return TRUE;"]
    return lines + body + ["  return TRUE;", "}", ""], uses


def fetch_saved(compiler, row, names, inputs, results):
    for i, argument in enumerate(row.tensors):
        if inputs >> i & 1:
            if argument.is_list:
                row.fail(f"a formula cannot name the elements of the list {argument.name!r}")
            variable = c_name(argument.name)
            compiler.emit(f"g_autoptr (GtenTensor) {variable} = gten_node_saved_input (node, {i}, error);")
            absent = f"{variable} == NULL" if argument.type == "Tensor?" else ""
            compiler.names[argument.name] = Value("tensor", variable, owned=not absent, absent=absent, block=compiler.blocks)
            if argument.type != "Tensor?":
                compiler.names[argument.name].input = -1
    for i, (_, name) in enumerate(row.results):
        if results >> i & 1:
            variable = name if name == "result" else f"result_{name}"
            compiler.emit(f"g_autoptr (GtenTensor) {variable} = gten_node_saved_result (node, {i}, error);")
            compiler.names[name] = Value("tensor", variable, owned=True, block=compiler.blocks)


def fetch_gradients(compiler, row, tree):
    """Of several results some may have got no gradient: zeros stand for it, unless the formula asks `grads[i] is None`."""
    if row.returns_list:
        if any(isinstance(n, ast.Name) and n.id == "grads" for n in ast.walk(tree)):
            compiler.emit("g_autoptr (GPtrArray) all = gten_all_gradients (node, grads, error);")
            compiler.emit("if (all == NULL)")
            compiler.emit("  return FALSE;")
            compiler.names["grads"] = Value("tensors", "(GtenTensor **) all->pdata", "all->len")
    elif len(row.results) > 1:
        used = gradients_in(tree)
        tested = {i for node in ast.walk(tree) if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.IsNot))
                  for i in gradients_in(node.left)}
        parts = {}
        for i in used:
            if i in tested:
                parts[i] = Value("tensor", f"grads[{i}]", absent=f"grads[{i}] == NULL")
                continue
            compiler.emit(f"g_autoptr (GtenTensor) grad_{i} = gten_gradient_or_zeros (node, grads, {i}, error);")
            parts[i] = Value("tensor", f"grad_{i}", owned=True, block=compiler.blocks)
        compiler.names["grads"] = Value("results", parts=parts)


def gradients_in(tree):
    """The i of each grads[i] that an expression names."""
    return sorted({n.slice.value for n in ast.walk(tree)
                   if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name) and n.value.id == "grads"
                   and isinstance(n.slice, ast.Constant)})


def compose_function(table, row):
    """static gboolean compose_ROW (GtenCall *call, GError **error)"""
    names = {a.name: value_of_argument(row, a, "args") for a in row.values}
    for index, argument in enumerate(row.tensors):
        if argument.is_list:
            names[argument.name] = Value("tensors", f"(call->tensors + {index})", f"(call->n_tensors - {index})")
        else:
            absent = f"{c_name(argument.name)} == NULL" if argument.type == "Tensor?" else ""
            names[argument.name] = Value("tensor", c_name(argument.name), absent=absent)
    compiler = Compiler(table, row, names)
    tree = compiler.parse(row.keys["compose"])
    compiler.blocks = (0,)
    if isinstance(tree, ast.Tuple):
        values = [compiler.visit(element) for element in tree.elts]
    else:
        values = [compiler.visit(tree)]
        if values[0].type == "results":
            values = list(values[0].parts.values())
    if row.returns_list:
        name = values[0].code.removesuffix("->pdata").removeprefix("(GtenTensor **) ")
        compiler.emit(f"call->list = g_steal_pointer (&{name});")
        compiler.emit("return call->list != NULL;")
    elif row.results[0][0] == "bool" and values[0].type == "bool":
        compiler.emit(f"return gten_call_give_truth (call, {values[0].code}, error);")
    else:
        if len(values) != len(row.results) or any(value.type != "tensor" for value in values):
            row.fail(f"the formula does not give {len(row.results)} tensors")
        gives = [f"gten_call_give (call, {i}, {compiler.take(value)}, error)" for i, value in enumerate(values)]
        compiler.emit(f"return {' && '.join(gives)};")
    text = "\n".join(compiler.lines)
    lines = ["static gboolean", f"compose_{row.name} (GtenCall *call, GError **error)", "{"]
    if "args[" in text:
        lines.append("  const GtenArg *args = call->args;")
    for index, argument in enumerate(row.tensors):
        if not argument.is_list:
            name = c_name(argument.name)
            lines.append(f"  GtenTensor *{name} G_GNUC_UNUSED = call->tensors[{index}];")
    return lines + [""] + compiler.lines + ["}", ""]


# -- files ---------------------------------------------------------------------------------------------------------


def write_family(table, family, info):
    rows = [row for row in table.rows if row.family == family]
    lines = [HEAD.format(what=f"The operations of the family {family}.").rstrip(), PROLOGUE]
    for row in rows:
        if row.original == row.name:
            lines += row_functions(table, row)
        lines += info(row)
        lines += call_function(row) + apply_function(row)
        for form in forms(row):
            lines += public_function(form, formula_text(row))
    return "\n".join(lines)


def row_functions(table, row):
    lines = []
    if isinstance(row.keys.get("grad"), dict):
        function, row.uses = gradient_function(table, row)
        lines += function
    if row.kind == "compose":
        lines += compose_function(table, row)
    return lines


def formula_text(row):
    if row.kind == "reduce":
        parts = row.keys["reduce"]
        text = f"acc = {parts['init']}; acc = {parts['step']}"
        if "map" in parts:
            text = re.sub(r"\bx\b", lambda _: f"({parts['map']})", text)
        return text + (f"; {parts['finish']}" if "finish" in parts else "")
    text = row.keys[row.kind] if row.kind in ("scalar", "compose") else None
    return " ".join(text.split()) if text else None


def write_header(table):
    """gten-ops.h"""
    lines = [HEAD.format(what="The operations."), "#pragma once", "", '#include "core/gten-types.h"', "", "G_BEGIN_DECLS", ""]
    macros = []
    seen = {}
    for family in table.families:
        lines += [f"/* {family} */", ""]
        for row in table.rows:
            if row.family != family:
                continue
            for form in forms(row):
                if form.c_name in seen:
                    row.fail(f"the function {form.c_name} is also that of [{seen[form.c_name]}]")
                seen[form.c_name] = row.name
                lines.append(declare("GTEN_API " + return_type(form), form.c_name, [p for p, _ in parameters(form)], ";"))
                if form.takes_numbers:
                    macros += number_macro(form)
        lines.append("")
    lines += ["/* In C, any number will do where a GValue is expected. */",
              "#ifndef __GI_SCANNER__", "#if !defined __cplusplus && !defined GTEN_NO_NUMBER_MACROS", "", *macros, "",
              "#endif", "#endif", "", "G_END_DECLS", ""]
    return "\n".join(lines)


def number_macro(form):
    """Two macros where GTEN_SIZES may give two arguments at once: the second sees them."""
    names, values = [], []
    for argument in form.arguments:
        name = c_name(argument.name)
        names.append(name)
        values.append(f"GTEN_VALUE ({name})" if form.is_number(argument) else f"({name})")
        if argument.is_list:
            names.append(f"n_{argument.name}")
            values.append(f"(n_{argument.name})")
    for declaration, _ in parameters(form)[len(names):]:
        name = declaration.split("*")[-1].split(" ")[-1]
        names.append(name)
        values.append(f"({name})")
    target = f"({form.c_name}) ({', '.join(values)})"
    if any(a.type.startswith("int[") for a in form.arguments):
        return [f"#define {form.c_name}(...) {form.c_name}_number (__VA_ARGS__)",
                f"#define {form.c_name}_number({', '.join(names)}) {target}"]
    return [f"#define {form.c_name}({', '.join(names)}) {target}"]


def write_private_header(table):
    """gten-ops-private.h"""
    lines = [HEAD.format(what="The functions behind the public ones: every argument, numbers as GtenScalars."), "#pragma once", "",
             '#include "ops/gten-call-private.h"', "", "G_BEGIN_DECLS", ""]
    for row in table.rows:
        lines.append(declare(*apply_prototype(row), ";"))
    lines.append("")
    for row in table.rows:
        lines.append(f"extern const GtenOpInfo gten_info_{row.name};")
    lines.append("")
    for kind in ("run", "view"):
        for name in dict.fromkeys(row.keys[kind] for row in table.rows if row.kind == kind):
            lines.append(f"gboolean gten_{kind}_{name} (GtenCall *call, GError **error);")
    for name in dict.fromkeys(row.keys["check"] for row in table.rows if "check" in row.keys):
        lines.append(f"gboolean gten_check_{name} (const GtenCall *call, GtenDtype dtype, GError **error);")
    for name in dict.fromkeys(row.keys["grad"] for row in table.rows if isinstance(row.keys.get("grad"), str)):
        lines.append(f"gboolean gten_gradient_{name} (GtenNode *node, GtenTensor **grads, GtenTensor **grad_inputs, GError **error);")
    return "\n".join(lines + ["", "G_END_DECLS", ""])
