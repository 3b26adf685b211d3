# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Every function of the typelib survives arguments it was not made for.

Functions, arguments and types are read from the typelib, so what is added is tested. Arguments are drawn from lists of
what is unusual: empty, huge, negative, not a number, of another dtype or shape, overlapping, missing. A call may fail,
with a message; it may not crash, hang, warn or fail without a word. Calls run in processes of their own, which say each
call before they make it: what was said last is what killed one.

    test_misuse.py [--calls N] [--seed N] [PATTERN]     N calls per function that takes arguments
"""

import argparse
import fnmatch
import os
import random
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time

import gi
import gi._gi
from gi.module import get_introspection_module

gi.require_version("GTensor", "1.0")
GTensor = get_introspection_module("GTensor")   # as the typelib has it, without overrides
from gi.repository import GLib, GObject         # noqa: E402

SANITIZED = "LD_PRELOAD" in os.environ
SECONDS_PER_CALL = 300 if SANITIZED else 30
MEMORY = 3 << 30
OUT = 1                                         # GI_DIRECTION_OUT
SETTERS = ("Tensor.set_requires_grad",)         # of properties, which can only warn
TROUBLE = re.compile("CRITICAL|ERROR|WARNING|SUMMARY|runtime error")  # the last two are the sanitizers'
SMALL = 100_000                                 # elements that are read and differentiated

# -- what arguments are drawn from ------------------------------------------------------------------

BIG = 2**63 - 1
SIZES = ([], [0], [1], [3], [2, 3], [3, 2], [2, 0, 3], [1, 1], [2, 3, 4], [1, 2, 3, 4], [1] * 64)
INTEGERS = (0, 1, 2, 3, 4, 7, -1, -2, -3, -5, 63, 64, 65, 127, 255, 256, 2**31 - 1, 2**31, -2**31, 2**32, 2**40, -2**40, BIG,
            BIG - 1, -BIG, -BIG - 1)
NUMBERS = (0.0, 1.0, -1.0, 0.5, 2.0, -0.0, 1e-3, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), float("nan"))
LISTS = ([], [0], [1], [-1], [2], [-1, 3], [3, -1], [2, 3], [0, 1], [1, 0], [0, 0], [-1, -1], [0, -2], [2, 3, 4], [0, 1, 2],
         [2, 0, 1], [1, 1, 1], [0, 3], [-2, 1], [1] * 64, [1] * 65, [2] * 64, [0] * 70, list(range(64)), [BIG], [-BIG - 1],
         [BIG, BIG], [2**32, 2**32], [2**31, 0], [2**62, 2, 0], [3, 1, 1], [-7, 2], [1, 2, 3, 4], [2, 2], [1, 1, 0, 0, 2, 2])
TEXTS = ("", "mean", "sum", "none", "cpu", "cuda", "cuda:0", "cpu:7", "cuda:99999999999999999999", "meta", "ij", "xy", "ij,jk->ik",
         "i->", "->", "ii", "...,...", "a" * 300, "ij,j", "%s%n", "float32", "0", "...", "0, 1", ":", "1:0:-1", "::0", "?", "?, ?",
         "None", "..., ...", "-1", "True", "9223372036854775808", "[", "1:2:3:4", "reflect", "circular", "constant", "replicate",
         "tanh", "floor", "trunc", "left", "right", "fro", "nuc", "reduced", "\u2028é", "amax", "prod", "multiply", "linear",
         "full", "default")
DTYPES = tuple(range(11))


def dtype(value):
    return GTensor.Dtype(value)


def tensor(draw):
    """A tensor and what to call it."""
    size = draw.choice(SIZES)
    kind = dtype(draw.choice((8, 8, 8, 8, 9, 9, 6, 7, 5, 5, 4, 3, 2, 1, 10)))
    n = 1
    for s in size:
        n *= s
    values = [draw.choice((0, 1, -1, 2, 3, 0.5, float("nan"), float("inf"), 1e30, 255, -128)) for _ in range(n)] \
        if draw.random() < 0.5 else [float(i % 7) for i in range(n)]
    made = GTensor.Tensor.new_from_doubles(values, kind, size)
    text = f"{kind.value_nick}{size}"
    if kind.value_nick.find("float") >= 0 and draw.random() < 0.4:
        made.requires_grad_(True)
        text += ".requires_grad"
        if draw.random() < 0.5:
            made = made.clone()
            text += ".clone"
    for _ in range(draw.choice((0, 0, 1, 1, 2))):
        try:
            made, text = draw.choice((
                lambda: (made.transpose(0, -1), text + ".transpose"),
                lambda: (made.expand([2, *made.get_shape()]), text + ".expand"),
                lambda: (made.narrow(0, 1, 1), text + ".narrow"),
                lambda: (made.unsqueeze(0), text + ".unsqueeze"),
                lambda: (made.select(0, 0), text + ".select"),
                lambda: (made.detach(), text + ".detach"),
            ))()
        except (GLib.Error, TypeError):
            pass
    return made, text


def loss(draw):
    made = GTensor.Tensor.new_from_doubles([1, 2, 3, 4, 5, 6], dtype(9), [2, 3]).requires_grad_(True)
    return made.mul(made).sum()


def backward_pass(draw):
    return GTensor.Backward.new(loss(draw), None, GTensor.BackwardFlags(draw.choice((0, 1, 2, 3)))), "Backward(loss)"


def node(draw):
    made = loss(draw).get_grad_fn()
    while draw.random() < 0.5 and made.get_next_functions():
        made = draw.choice(made.get_next_functions())
    return made, made.get_name()


class Misused(GTensor.Function):
    """A function whose forward returns its inputs, or something else."""

    def do_forward(self, inputs):
        return inputs

    def do_backward(self, grads):
        return grads


def function(draw):
    made = Misused()
    if draw.random() < 0.5:
        made.apply([loss(draw)])
    return made, "Misused()"


def scalar(draw):
    choices = [(GObject.Value(GObject.TYPE_INT64, i), str(i)) for i in (0, 1, -1, 2, 7, 2**40, BIG, -BIG - 1)]
    choices += [(GObject.Value(GObject.TYPE_DOUBLE, f), str(f)) for f in NUMBERS]
    choices += [(GObject.Value(GObject.TYPE_BOOLEAN, True), "True"), (GObject.Value(GObject.TYPE_UINT64, 2**64 - 1), "2**64-1"),
                (GObject.Value(GObject.TYPE_STRING, "text"), "'text'"), (GObject.Value(), "Value()"),
                (GObject.Value(GObject.TYPE_OBJECT, None), "Value(Object)"), (1, "1"), (0.5, "0.5"), (True, "True"), (2**63, "2**63"),
                ("text", "'text'")]
    return draw.choice(choices)


def hook(draw):
    def answer(*arguments):
        return draw.choice((None, arguments[0]))
    return answer, "hook"


def device(draw):
    return GTensor.Device.get_cpu(), "cpu"


def generator(draw):
    return GTensor.Generator.new(GTensor.Device.get_cpu()), "Generator(cpu)"


def stream(draw):
    try:
        return GTensor.Stream.get_default(None), "Stream()"
    except GLib.Error:                   # of no device
        return None, "None"


OBJECTS = {
    "Tensor": tensor, "Backward": backward_pass, "Node": node, "Function": function, "Value": scalar, "GradHook": hook,
    "NodeHook": hook, "NodePrehook": hook, "SiteFunction": lambda draw: (lambda *data: "program.py:1", "site"),
    "WarningFunction": lambda draw: (lambda *data: True, "warning"),
    "Stream": stream, "Event": lambda draw: (GTensor.Event.new(draw.random() < 0.5), "Event()"),
    "CudaGraph": lambda draw: (GTensor.CudaGraph.new(), "CudaGraph()"),
    "Device": device, "Generator": generator, "DestroyNotify": lambda draw: (None, "None"),
    "Bytes": lambda draw: (lambda n: (GLib.Bytes.new(bytes(n)), f"Bytes({n})"))(draw.choice((0, 1, 3, 4, 24, 4096))),
    "Dtype": lambda draw: (lambda n: (dtype(n), f"dtype {n}"))(draw.choice(DTYPES)),
    "BackwardFlags": lambda draw: (lambda n: (GTensor.BackwardFlags(n), f"flags {n}"))(draw.choice((0, 1, 2, 4, 7, 255))),
    "Op": lambda draw: (GTensor.Op.lookup("add"), "add"),
    "Error": lambda draw: (0, "0"),
}


def whole(lowest, highest):
    choices = [i for i in INTEGERS if lowest <= i <= highest]

    def draw_one(draw):
        value = draw.choice(choices)
        return value, str(value)
    return draw_one


def one_of(values):
    def draw_one(draw):
        value = draw.choice(values)
        return value, repr(value)
    return draw_one


PLAIN = {
    "gint64": whole(-BIG - 1, BIG), "gint32": whole(-2**31, 2**31 - 1), "guint32": whole(0, 2**32 - 1), "guint64": whole(0, 2**64 - 1),
    "gdouble": one_of(NUMBERS), "gboolean": one_of((False, True)), "utf8": one_of(TEXTS), "void": one_of((0,)),
}


# -- functions of the typelib -----------------------------------------------------------------------

class Argument:
    def __init__(self, info):
        self.name = info.get_name()
        self.nullable = info.may_be_null()
        kind = info.get_type()
        self.is_tensor = is_tensor(kind)
        self.draw_value = drawer(self.name, kind)

    def draw(self, draw, before):
        if self.nullable and draw.random() < 0.15:
            return None, "None"
        if self.is_tensor and before and draw.random() < 0.15:
            return draw.choice(before)
        return self.draw_value(draw)


def is_tensor(kind):
    return kind.get_tag_as_string() == "interface" and kind.get_interface().get_name() == "Tensor"


def drawer(name, kind):
    tag = kind.get_tag_as_string()
    if name == "address":       # of memory: only what is none
        return one_of((0,))
    if tag == "interface":
        return OBJECTS[kind.get_interface().get_name()]
    if tag == "array":
        element = kind.get_param_type(0)
        element_tag = element.get_tag_as_string()
        if element_tag == "gint64":
            return one_of(LISTS)
        if element_tag == "gdouble":
            return one_of(([], [1.0], [0.0, float("nan")], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], list(NUMBERS)))
        draw_element = drawer(name, element)

        def draw_list(draw):
            first = draw_element(draw)
            elements = [first if draw.random() < 0.4 else draw_element(draw)
                        for _ in range(draw.choice((0, 1, 1, 2, 2, 3, 70)))]
            if elements and draw.random() < 0.1:
                elements[draw.randrange(len(elements))] = None, "None"
            return [value for value, _ in elements], "[" + ", ".join(text for _, text in elements[:4]) + f"; {len(elements)}]"
        return draw_list
    return PLAIN[tag]


class Callable:
    def __init__(self, name, info, owner):
        self.name = name
        self.info = info
        self.owner = OBJECTS[owner] if owner is not None and info.is_method() else None
        infos = info.get_arguments()
        hidden = {info.get_return_type().get_array_length()}
        for argument in infos:
            hidden |= {argument.get_closure(), argument.get_destroy(), argument.get_type().get_array_length()}
        self.arguments = [Argument(argument) for i, argument in enumerate(infos)
                          if i not in hidden and argument.get_direction() != OUT]
        returns = info.get_return_type()
        self.must_return = info.can_throw_gerror() and not info.may_return_null() and is_tensor(returns)

    def calls(self, n):
        return n if self.arguments else min(n, 8) if self.owner else 1

    def draw(self, draw):
        """The arguments of one call, and the call as text."""
        drawn = []
        if self.owner is not None:
            drawn.append(self.owner(draw))
        for argument in self.arguments:
            tensors = [one for one in drawn if isinstance(one[0], GTensor.Tensor)]
            drawn.append(argument.draw(draw, tensors))
        return [value for value, _ in drawn], f"{self.name}({', '.join(text for _, text in drawn)})"


def callables(pattern):
    repository = gi._gi.Repository.get_default()
    found = []
    for info in repository.get_infos("GTensor"):
        if isinstance(info, gi._gi.FunctionInfo):
            found.append(Callable(info.get_name(), info, None))
        elif isinstance(info, (gi._gi.ObjectInfo, gi._gi.EnumInfo)):
            for method in info.get_methods():
                found.append(Callable(f"{info.get_name()}.{method.get_name()}", method, info.get_name()))
    return [one for one in found if fnmatch.fnmatch(one.name, pattern) and one.name not in SETTERS]


# -- a process that makes calls ---------------------------------------------------------------------

def look_at(result):
    """What came back can be used: printed, read, differentiated."""
    for one in result if isinstance(result, (tuple, list)) else [result]:
        if isinstance(one, GTensor.Tensor):
            one.to_string()
            if one.get_requires_grad() and 0 < one.numel() < SMALL:
                one.sum().backward(None, GTensor.BackwardFlags(0))


def has_none(argument):
    return argument is None or isinstance(argument, list) and None in argument


def complaint(call, arguments):
    """What is wrong with how a call failed, or None."""
    try:
        result = call.info(*arguments)
    except GLib.Error as error:
        return None if error.message else "an error without a message"
    except (TypeError, ValueError, OverflowError):
        return None             # refused by the binding
    if result is None and call.must_return and not any(has_none(one) for one in arguments):
        return "failed without an error"
    try:
        look_at(result)
    except GLib.Error as error:
        return None if error.message else "an error without a message, from the result"
    return None


def work(options):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody listens any more
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for i, call in enumerate(callables(options.pattern)):
        if i < options.first or i % options.step != options.first % options.step:
            continue
        draw = random.Random(f"{options.seed} {call.name}")
        n_calls = call.calls(options.calls)
        for _ in range(n_calls):
            arguments, text = call.draw(draw)
            os.write(1, f"call {i} {text}\n".encode())
            wrong = complaint(call, arguments)
            if wrong is not None:
                os.write(1, f"wrong {i} {wrong}\n".encode())
            GTensor.set_grad_enabled(True)
            GTensor.set_anomaly_enabled(False)
            GTensor.set_default_dtype(dtype(8))
        os.write(1, f"done {i} {n_calls}\n".encode())


# -- the process that watches -----------------------------------------------------------------------

class Worker:
    def __init__(self, options, first, step):
        self.options, self.step = options, step
        self.errors = tempfile.TemporaryFile()
        self.start(first)

    def start(self, first):
        self.at, self.text, self.bytes, self.heard = first, "", b"", time.monotonic()
        environment = {**os.environ, "G_DEBUG": "fatal-warnings", "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1",
                       "OPENBLAS_NUM_THREADS": "1"}
        self.errors.seek(0)
        self.errors.truncate()
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--work", "--first", str(first), "--step", str(self.step), "--seed", str(self.options.seed),
             "--calls", str(self.options.calls), self.options.pattern],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, env=environment)

    def last_error(self):
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return next((line for line in reversed(lines) if TROUBLE.search(line)), lines[-1] if lines else "")


class Report:
    def __init__(self, names):
        self.names = names
        self.wrong = {}
        self.n_calls = 0

    def add_wrong(self, i, text):
        self.wrong.setdefault(i, []).append(text)

    def print(self):
        for i, name in enumerate(self.names):
            wrong = self.wrong.get(i, [])
            print(f"{'not ok' if wrong else 'ok'} {i + 1} - {name}")
            for text in wrong:
                print("#   " + text)
        print(f"# {self.n_calls} calls")
        print(f"1..{len(self.names)}")
        return 1 if self.wrong else 0


def listen(worker, report):
    """Takes in what a worker said; FALSE when it has ended."""
    data = os.read(worker.process.stdout.fileno(), 1 << 16)
    worker.heard = time.monotonic()
    *lines, worker.bytes = (worker.bytes + data).split(b"\n")
    for line in lines:
        word, i, rest = line.decode(errors="replace").split(" ", 2)
        i = int(i)
        if word == "call":
            worker.at, worker.text = i, rest
        elif word == "wrong":
            report.add_wrong(i, f"{rest}: {worker.text}")
        else:
            report.n_calls += int(rest)
            worker.at, worker.text = i + worker.step, ""
    return bool(data)


def watch(options):
    names = [call.name for call in callables(options.pattern)]
    report = Report(names)
    step = min(options.jobs, max(1, len(names)))
    workers = [Worker(options, first, step) for first in range(step)]
    while workers:
        ready, _, _ = select.select([worker.process.stdout for worker in workers], [], [], 1)
        for worker in list(workers):
            hung = False
            if worker.process.stdout in ready:
                if listen(worker, report):
                    continue
            elif time.monotonic() - worker.heard < SECONDS_PER_CALL:
                continue
            else:
                hung = True
                worker.process.kill()
            status = worker.process.wait()
            if status == 0 and not hung:
                workers.remove(worker)
                continue
            why = "hangs" if hung else f"ended by {'signal' if status < 0 else 'status'} {abs(status)}"
            report.add_wrong(min(worker.at, len(names) - 1), f"{why}: {worker.text} {worker.last_error()}")
            if worker.at + step < len(names):
                worker.start(worker.at + step)
            else:
                workers.remove(worker)
    return report.print()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=12)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("--work", action="store_true")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("pattern", nargs="?", default="*")
    options = parser.parse_args()
    return work(options) if options.work else watch(options)


if __name__ == "__main__":
    sys.exit(main())
