# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The public C functions of a row: their names, parameters and documentation.

A Form is one function. It takes some of the schema's arguments, each as it is or (a `Tensor|Scalar`) as a number, and
returns new results, changes `self` in place, or writes into `out` tensors.
"""

from dataclasses import dataclass

C_TYPES = {
    "Tensor": "GtenTensor *", "Tensor?": "GtenTensor *", "Tensor|Scalar": "GtenTensor *", "Tensor[]": "GtenTensor **",
    "Tensor?[]": "GtenTensor **",
    "Scalar": "const GValue *", "Scalar?": "const GValue *", "int": "gint64 ", "int?": "gint64 ", "int[]": "const gint64 *",
    "int[]?": "const gint64 *", "float": "double ", "float?": "double ", "bool": "gboolean ", "str": "const char *",
    "str?": "const char *", "DType?": "GtenDtype ", "Device?": "GtenDevice *", "Generator?": "GtenGenerator *",
}
C_WORDS = {"default", "float", "double", "int", "char", "short", "long", "signed", "unsigned", "register", "static", "auto"}

ARGUMENT_DOCS = {
    "self": "a tensor",
    "input": "a tensor",
    "other": "the second operand",
    "dim": "the dimension",
    "keepdim": "whether reduced dimensions stay, with size one",
    "dtype": "the dtype of the result",
    "device": "the device of the result",
    "generator": "the generator that is drawn from",
    "alpha": "a factor for the second operand",
    "size": "the size of each dimension",
    "out": "the tensor that takes the result; it is resized if its shape differs",
    "value": "a number",
    "index": "indices",
}
TYPE_DOCS = {
    "Tensor": "a tensor", "Tensor?": "a tensor, or %NULL", "Tensor|Scalar": "a tensor", "Tensor[]": "tensors", "Tensor?[]": "tensors, %NULL for none",
    "Scalar": "a number", "Scalar?": "a number, or %NULL", "int": "an integer", "int?": "an integer, or %GTEN_NONE",
    "int[]": "integers", "int[]?": "integers, or %NULL", "float": "a number", "float?": "a number, or NaN for none",
    "bool": "whether to do so", "str": "a word", "str?": "a word, or %NULL", "DType?": "a dtype, or %GTEN_DTYPE_NONE",
    "Device?": "a device, or %NULL", "Generator?": "a generator, or %NULL",
}


@dataclass
class Form:
    row: object
    arguments: list             # of the schema, those it takes
    scalars: frozenset          # names of Tensor|Scalar arguments taken as numbers
    mode: str                   # "new", "in_place" or "out"
    symbol: str                 # the typelib name: "add_scalar_"

    @property
    def c_name(self):
        return ("gten_tensor_" if self.row.is_method else "gten_") + self.symbol

    @property
    def takes_numbers(self):
        return any(self.is_number(argument) for argument in self.arguments)

    def is_number(self, argument):
        return argument.name in self.scalars or argument.type in ("Scalar", "Scalar?")

    @property
    def text(self):
        """What GtenOp tells of it."""
        names = (a.name + ("=" if a.name in self.scalars else "") for a in self.arguments)
        return f"{self.symbol}|{' '.join(names)}"


def c_name(name):
    return name + "_" if name in C_WORDS else name


def is_kept(row, argument):
    """Creation keeps dtype and device in its plain form."""
    names = {a.type for a in row.arguments}
    return argument.type in ("DType?", "Device?") and {"DType?", "Device?"} <= names


def subsets(names):
    """The choices of arguments taken as numbers, with the suffixes of their functions."""
    if not names:
        return [("", frozenset())]
    choices = [("", frozenset()), ("_scalar", frozenset(names))]
    if len(names) > 1:
        choices += [(f"_scalar_{name}", frozenset([name])) for name in names]
    return choices


def forms(row):
    if row.internal:
        return []
    dropped = [a for a in row.arguments if a.has_default and not is_kept(row, a)] if row.keys.get("plain", True) else []
    plain = [a for a in row.arguments if a not in dropped]
    variants = [("", plain)]
    if dropped:
        variants.append((f"_{dropped[0].name}", row.arguments))
    either = [a.name for a in row.arguments if a.type == "Tensor|Scalar"]
    result = []
    for scalar_suffix, scalars in subsets(either):
        for suffix, arguments in variants:
            name = row.stem + scalar_suffix + suffix
            if not row.in_place_only:
                result.append(Form(row, arguments, scalars, "new", name))
            if row.has_in_place and row.arguments[0].name not in scalars:
                result.append(Form(row, arguments, scalars, "in_place", name + "_"))
        if row.has_out:
            result.append(Form(row, row.arguments, scalars, "out", f"{row.stem}{scalar_suffix}_out"))
    return result


def parameters(form):
    """(C declaration, documentation) pairs, in order."""
    result = []
    for argument in form.arguments:
        name, kind = c_name(argument.name), argument.type
        number = argument.name in form.scalars
        c_type = C_TYPES["Scalar"] if number else C_TYPES[kind]
        text = form.row.keys.get("args", {}).get(argument.name)
        text = text or (TYPE_DOCS["Scalar"] if number else None)
        if not text and argument.name in ARGUMENT_DOCS and not argument.is_list and "?" not in kind:
            text = ARGUMENT_DOCS[argument.name]
        text = text or (dims_doc(argument) if argument.name == "dim" else None) or TYPE_DOCS[kind]
        notes = []
        if kind in ("Tensor?", "Scalar?", "int[]?", "str?", "Device?", "Generator?"):
            notes.append("(nullable)")
        if argument.is_list:
            notes.append(f"(array length=n_{argument.name})")
        result.append((c_type + name, f"@{name}: {' '.join(notes)}{': ' if notes else ''}{text}"))
        if argument.is_list:
            result.append((f"gsize n_{argument.name}", f"@n_{argument.name}: how many there are"))
    if form.mode == "out":
        for index, (_, name) in enumerate(form.row.results):
            name = out_name(form.row, index)
            result.append((f"GtenTensor *{name}", f"@{name}: {ARGUMENT_DOCS['out']}"))
    elif form.mode == "new" and len(form.row.results) > 1:
        for _, name in form.row.results[1:]:
            name = extra_name(form.row, name)
            result.append((f"GtenTensor **{name}", f"@{name}: (out) (optional) (transfer full): a further result"))
    result.append(("GError **error", "@error: return location for an error"))
    return result


def out_name(row, index):
    return "out" if len(row.results) == 1 else f"out_{row.results[index][1]}"


def extra_name(row, name):
    """A result may have the name of an argument."""
    return f"result_{name}" if any(a.name == name for a in row.arguments) else c_name(name)


def dims_doc(argument):
    return {"int[]?": "the dimensions, or %NULL for all", "int[]": "the dimensions",
            "int?": "the dimension, or %GTEN_NONE for all"}.get(argument.type)


def return_type(form):
    kind = form.row.results[0][0] if form.row.results else "none"
    return {"Tensor": "GtenTensor *", "Tensor[]": "GPtrArray *", "bool": "gboolean ", "none": "gboolean "}[kind]


def returns_doc(form):
    kind = form.row.results[0][0] if form.row.results else "none"
    if form.mode == "in_place":
        return "Returns: (transfer none): @self, or %NULL on error"
    if form.mode == "out":
        return f"Returns: (transfer none): @{out_name(form.row, 0)}, or %NULL on error"
    return {
        "Tensor": "Returns: (transfer full): a tensor, or %NULL on error",
        "Tensor[]": "Returns: (transfer container) (element-type GtenTensor): the tensors, or %NULL on error",
        "bool": "Returns: whether it is so; %FALSE on error",
        "none": "Returns: %FALSE on error",
    }[kind]


DTYPE_DOCS = {
    "float": "Integers and bools compute in, and give, the default floating dtype.",
    "compare": "The result is bool.",
    "logical": "The result is bool.",
    "integral": "Takes integers and bools; raises %GTEN_ERROR_DTYPE for floating dtypes.",
    "floating": "Takes floating dtypes; raises %GTEN_ERROR_DTYPE for integers.",
}


def documentation(form, formula):
    """The gtk-doc comment."""
    row = form.row
    paragraphs = [row.keys["doc"] if form.mode != "in_place" or row.in_place_only else f"{row.keys['doc']} In place."]
    if formula:
        paragraphs.append("Each element is `%s`." % formula if row.kind == "scalar" else f"Computed as `{formula}`.")
    if row.promote in DTYPE_DOCS and row.kind in ("scalar", "reduce"):
        paragraphs.append(DTYPE_DOCS[row.promote])
    if len(row.tensors) > 1 and row.kind == "scalar":
        paragraphs.append("The shapes broadcast; raises %GTEN_ERROR_SHAPE if they do not fit.")
    elif row.kind == "reduce":
        paragraphs.append("Raises %GTEN_ERROR_INDEX if a dimension is out of range.")
    lines = [f"{form.c_name}:", *(text for _, text in parameters(form))]
    for paragraph in paragraphs:
        lines += ["", *wrap(paragraph)]
    lines += ["", returns_doc(form)]
    body = "\n".join(f" * {line}".rstrip() for line in lines)
    return "/**\n" + body.replace("*/", "* /") + "\n */"


def wrap(text, width=110):
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return lines + [line]
