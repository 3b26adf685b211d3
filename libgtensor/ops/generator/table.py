# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The rows as GtenOpInfo: what the one path, autograd and the registry read."""

import ast

from . import fronts, kernels
from .expression import c_string
from .forms import forms
from .kernels import HEAD


PARAMETER_TYPES = {
    "Scalar": "GTEN_PARAM_SCALAR", "float": "GTEN_PARAM_FLOAT", "int": "GTEN_PARAM_INT", "bool": "GTEN_PARAM_INT",
}


def string_list(items):
    return f"(const char *const[]) {{ {''.join(c_string(item) + ', ' for item in items)}NULL }}"


def bits(row, items, chosen):
    return sum(1 << i for i, item in enumerate(items) if item.name in chosen)


def promotion(row):
    """Which tensors and which other arguments decide the dtype."""
    chosen = set(row.keys.get("promote_from", [a.name for a in row.tensors]))
    return bits(row, row.tensors, chosen), bits(row, row.values, chosen)


def argument_index(row, name):
    return next((i for i, a in enumerate(row.values) if a.name == name), -1)


def info_fields(row, original, node_name):
    gradients = [f"{name}: {' '.join(formula.split())}" for name, formula in row.gradients.items()]
    formula = fronts.formula_text(row)
    fields = {
        "row_name": c_string(row.name), "name": c_string(row.public), "family": c_string(row.family),
        "schema": c_string(row.schema), "doc": c_string(row.keys["doc"]), "formula": c_string(formula) if formula else "NULL",
        "node_name": c_string(node_name) if node_name else "NULL", "gradients": string_list(gradients),
        "forms": string_list([form.text for form in forms(row)]), "tensor_names": string_list([a.name for a in row.tensors]),
        "arg_names": string_list([a.name for a in row.values]), "arg_types": string_list([a.type for a in row.values]),
        "result_names": string_list([name for _, name in row.results]),
        "kind": "GTEN_OP_" + ("COMPOSE" if row.records else "RUN" if row.kind == "compose" else row.kind.upper()),
        "promote": f"GTEN_PROMOTE_{row.promote.upper()}", "n_results": len(row.results),
        "n_named_tensors": len(row.tensors), "n_args": len(row.values),
        "is_method": int(row.is_method), "internal": int(row.internal),
    }
    fields["run"] = {"scalar": "gten_run_pointwise", "reduce": "gten_run_reduce", "compose": f"compose_{original.name}",
                     "run": f"gten_run_{row.keys.get('run')}", "view": f"gten_view_{row.keys.get('view')}"}[row.kind]
    if row.kind in ("scalar", "reduce"):
        names = kernels.kernel_parameters(row)
        kinds = [row.values[argument_index(row, name)].type for name in names]
        fields |= {"kernel": kernels.enum_name(row), "n_params": len(names)}
        if names:
            missing = row.keys.get("none", {})
            fields["params"] = "{ %s }" % ", ".join(str(argument_index(row, name)) for name in names)
            fields["param_types"] = "{ %s }" % ", ".join(PARAMETER_TYPES[kind.removesuffix("?")] for kind in kinds)
            fields["missing"] = "{ %s }" % ", ".join(fronts.c_float(float(missing.get(name, 0))) for name in names)
    fields["dim_arg"] = argument_index(row, "dim")
    fields["keepdim_arg"] = argument_index(row, "keepdim")
    fields["dtype_arg"] = argument_index(row, "dtype")
    fields["dim_is_list"] = int(any(a.name == "dim" and a.type.startswith("int[") for a in row.values))
    fields["geometry"] = int(bool(row.keys.get("geometry")))
    fields["anywhere"] = int(bool(row.keys.get("anywhere")))
    fields["nonempty"] = int(bool(row.keys.get("nonempty")))
    if "messages" in row.keys:
        fields["messages"] = "{ %s }" % ", ".join(c_string(message) for message in row.keys["messages"])
    fields["kernel_name"] = c_string(row.keys.get("kernel_name", f"{original.public}_cpu"))
    fields["optional"] = sum(1 << i for i, a in enumerate(row.tensors) if a.type in ("Tensor?", "Tensor?[]"))
    fields["promote_from"], fields["promote_args"] = promotion(row)
    if "check" in row.keys:
        fields["check"] = f"gten_check_{row.keys['check']}"
    if isinstance(row.keys.get("grad"), str):
        saves = row.keys.get("saves", [])
        fields["gradient"] = f"gten_gradient_{row.keys['grad']}"
        fields["differentiable"] = sum(1 << i for i, _ in enumerate(row.tensors))
        fields["saves_inputs"] = bits(row, row.tensors, saves)
        fields["saves_results"] = sum(1 << i for i, (_, name) in enumerate(row.results) if name in saves)
    elif row.gradients:
        uses = original.uses
        fields["gradient"] = f"gradient_{original.name}"
        fields["differentiable"] = bits(row, row.tensors, {n for n, f in row.gradients.items() if f.strip() != "None"})
        for key, place in (("saves_inputs", 0), ("saves_results", 1)):
            value = 0
            for use in uses:
                value |= use[place]
            fields[key] = value
        fields["uses"] = f"uses_{original.name}"
        fields["constant_results"] = constant_results(row)
    return fields


def constant_results(row):
    """A bit for each of several results through which no gradient flows: no formula names its gradient."""
    if len(row.results) < 2:
        return 0
    named = {i for formula in row.gradients.values() for i in fronts.gradients_in(ast.parse(formula.strip(), mode="eval"))}
    return sum(1 << i for i in range(len(row.results)) if i not in named)


def info(table, row):
    """The definitions of the row's GtenOpInfo."""
    original = table.by_name[row.original]
    lines = []
    if row is original and row.gradients:
        pairs = ", ".join(f"{{ {inputs}, {results} }}" for inputs, results in row.uses)
        lines += [f"static const guint32 uses_{row.name}[][2] = {{ {pairs} }};", ""]
    nodes = row.keys.get("node")
    nodes = nodes if isinstance(nodes, list) else [row.node_name]
    for i, node in enumerate(nodes):
        suffix = f"_{i}" if i else ""
        static = "static " if i else ""
        lines.append(f"{static}const GtenOpInfo gten_info_{row.name}{suffix} = {{")
        lines += [f"  .{key} = {value}," for key, value in info_fields(row, original, node).items()]
        lines += ["};", ""]
    return lines


def write_table(table):
    """gten-op-table.c"""
    lines = [HEAD.format(what="The op table."), '#include "ops/gten-ops-private.h"', "", "const GtenOpInfo *const gten_op_infos[] = {"]
    lines += [f"  &gten_info_{row.name}," for row in table.rows]
    lines += ["};", "", "const guint gten_n_op_infos = G_N_ELEMENTS (gten_op_infos);", ""]
    return "\n".join(lines)
