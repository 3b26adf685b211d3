# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs every case on both sides in turn and prints the ratio of each, ours / PyTorch's: smaller is better.

Without --torch, a Python that has torch, only our times are printed. Both sides are asked in turn, for short rounds, and the
shortest of each counts, since machines are noisy."""
import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from families import FAMILIES

HERE = Path(__file__).resolve().parent

# case, program, what it is, the ratio to reach
CASES = [
    ("add-2x2", "c", "a + b, 2×2, from C", 0.5),
    ("add-2x2-grad", "c", "a + b, 2×2, with gradient, from C", 0.5),
    ("add-operator", "python", "a + b, 2×2, from Python", 1.3),
    ("add-method", "python", "a.add(b), 2×2, from Python", 1.0),
    ("tour", "c", "the tour forward and backward, from C", 0.2),
    ("tour", "python", "the tour forward and backward, from Python", 0.5),
    ("mlp", "c", "training step 64-128-10, batch 32, from C", 0.6),
    ("add-2^20", "c", "add, 2^20 float32", 1.0),
    ("mul-2^20", "c", "mul, 2^20 float32", 1.0),
    ("sum-2^20", "c", "sum, 2^20 float32", 1.0),
    ("add-2^24", "c", "add, 2^24 float32", 0.5),
    ("mul-2^24", "c", "mul, 2^24 float32", 0.5),
    ("sum-2^24", "c", "sum, 2^24 float32", 1.0),
    ("exp-2^20", "c", "exp, 2^20 float32", 0.5),
    ("log-2^20", "c", "log, 2^20 float32", 0.5),
    ("tanh-2^20", "c", "tanh, 2^20 float32", 0.5),
    ("sigmoid-2^20", "c", "sigmoid, 2^20 float32", 0.5),
    ("chain-2^24", "c", "(x * 3) / (x - 1), 2^24 float32", 0.5),
    ("softmax-1024x1024", "c", "softmax, 1024×1024 float32", 1.0),
    *((f"matmul-{n}", "c", f"matmul, {n}×{n} float32", 1.0) for n in (64, 128, 256, 512, 1024, 2048)),
    ("first-result", "process", "first import to first result, Python: time", 0.1),
    ("first-result", "memory", "first import to first result, Python: memory", 0.1),
]
FAMILY_REACH = 1.0
NOISE = 1.05                # of the machine: less is no difference
FAMILY_BAR = 1.5            # a line between the two needs a reason
ROUNDS = 15
SECONDS = 0.5               # a side's rounds of one case take about as long
LEAST_ROUNDS = 3


def own_environment():
    """The machine's, where a bundle brings libraries and a Python of its own."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    if "GTENSOR_BUNDLE_OUTSIDE" in env:
        env["LD_LIBRARY_PATH"] = env["GTENSOR_BUNDLE_OUTSIDE"]
    return env


def build_torch_program(torch_python, folder):
    """The C++ side, compiled against the peer's own headers; made again when its source changes."""
    program, source = folder / "bench-torch", HERE / "bench-torch.cpp"
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    script = "import torch, os; print(os.path.dirname(torch.__file__)); print(int(torch.compiled_with_cxx11_abi()))"
    env = own_environment()
    root, abi = subprocess.run([torch_python, "-c", script], check=True, capture_output=True, text=True, env=env).stdout.split()
    on_cuda = ["-ltorch_cuda", "-lc10_cuda"] if (Path(root) / "lib" / "libtorch_cuda.so").exists() else []
    print("Compiling the C++ side of the comparison ...", file=sys.stderr)
    subprocess.run(
        ["g++", "-O2", "-std=c++20", f"-D_GLIBCXX_USE_CXX11_ABI={abi}", "-I", f"{root}/include",
         "-I", f"{root}/include/torch/csrc/api/include", source, "-o", program, "-L", f"{root}/lib",
         f"-Wl,-rpath,{root}/lib", "-Wl,--no-as-needed", "-ltorch", "-ltorch_cpu", "-lc10", *on_cuda], check=True,
        env=env)
    return program


class Side:
    """One library: a program that answers for as long as it is asked, for C and for Python."""

    def __init__(self, commands):
        self.commands, self.programs = commands, {}

    def ask(self, name, kind):
        """Seconds of one iteration; of a whole process; or its peak memory in bytes."""
        command = self.commands[kind]
        if kind in ("process", "memory"):
            return whole_process([*command, name], kind)
        program = self.programs.get(kind)
        if program is None:
            program = self.programs[kind] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        program.stdin.write(f"{name}\n")
        program.stdin.flush()
        answer = program.stdout.readline()
        if not answer:
            del self.programs[kind]
            raise RuntimeError(f"{name} failed: {program.wait()}")
        return float(answer)

    def close(self):
        for program in self.programs.values():
            program.stdin.close()
            program.wait()


def whole_process(command, kind):
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise subprocess.CalledProcessError(status, command)
    return time.perf_counter() - start if kind == "process" else usage.ru_maxrss * 1024


def measure(sides, name, kind):
    """The least of each side."""
    rounds, start = [], time.perf_counter()
    while len(rounds) < LEAST_ROUNDS or (len(rounds) < ROUNDS and time.perf_counter() - start < len(sides) * SECONDS):
        rounds.append([side.ask(name, kind) for side in sides])
    return [min(times) for times in zip(*rounds)]


def text(value, kind):
    if kind == "memory":
        return f"{value / 1e6:.1f} MB"
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")):
        if value * factor >= 1:
            break
    return f"{value * factor:.3g} {unit}"


def verdict(ratio, reach, reason):
    if ratio <= reach * NOISE:
        return ""
    return f"  {reason}" if reason and ratio <= FAMILY_BAR else "  missed"


def chosen_cases(words):
    """Family, name, kind, description, ratio to reach, and why more may be."""
    cases = [("overview", *case, "") for case in CASES]
    for family, lines in FAMILIES.items():
        cases += [(family, line[0], "python", line[0], FAMILY_REACH, line[3] if len(line) > 3 else "") for line in lines]
    return [case for case in cases if not words or case[0] in words or case[1] in words]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", default="", help="a Python that can import torch")
    parser.add_argument("--program", type=Path, default=Path(os.environ.get("GTENSOR_BENCH", "bench")))
    parser.add_argument("cases", nargs="*", help="only these cases or families")
    arguments = parser.parse_args()
    ours = ["/usr/bin/python3", HERE / "bench.py", "gtensor"]
    sides = [Side({"c": [arguments.program], "python": ours, "process": ours, "memory": ours})]
    if arguments.torch:
        theirs = [arguments.torch, HERE / "bench.py", "torch"]
        program = build_torch_program(arguments.torch, arguments.program.parent)
        sides.append(Side({"c": [program], "python": theirs, "process": theirs, "memory": theirs}))

    missed, last = 0, None
    for family, name, kind, what, reach, reason in chosen_cases(arguments.cases):
        if family != last:
            print(f"\n{family:48} {'ours':>10}" + (f" {'PyTorch':>10} {'ratio':>7} {'reach':>7}" if arguments.torch else ""))
            last = family
        times = measure(sides, name, kind)
        line = f"{what:48} " + " ".join(f"{text(value, kind):>10}" for value in times)
        if arguments.torch:
            ratio = times[0] / times[1]
            said = verdict(ratio, reach, reason)
            missed += said == "  missed"
            line += f" {ratio:7.3f} {reach:7.2f}{said}"
        print(line, flush=True)
    for side in sides:
        side.close()
    if arguments.torch:
        print(f"\n{missed} missed")


if __name__ == "__main__":
    main()
